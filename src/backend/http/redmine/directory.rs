//! Who and what pickers choose from, as far as everybody may know it.

use std::collections::BTreeSet;

use super::view::View;
use crate::domain::directory::{Category, Directory, Group, Service};
use crate::domain::field::Field;
use crate::domain::name::Name;
use crate::text::Clean;

impl View<'_> {
    pub fn directory(&self) -> Directory {
        let (site, learned) = (self.site, self.learned);
        // What a list may hold, Redmine tells administrators only: the mapping names it.
        let named: BTreeSet<Name> = match self.mapping.values_of(&Field::Group) {
            // Where groups are values of a field, the mapping names them.
            named if !named.is_empty() => named,
            _ => learned.people.groups().cloned().collect(),
        };
        let categories: BTreeSet<Name> =
            site.projects.iter().flat_map(|one| &one.categories).map(|one| Name::new(&one.name)).collect();
        Directory {
            name: Clean::line(&site.projects.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")),
            people: learned.people.people().cloned().collect(),
            groups: named.into_iter().map(Group::named).collect(),
            categories: categories.into_iter().map(Category::named).collect(),
            services: self.mapping.values_of(&Field::Service).into_iter().map(Service::named).collect(),
            resolution_codes: self.mapping.values_of(&Field::ResolutionCode).into_iter().collect(),
            ..Directory::default()
        }
    }
}
