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
        let named: BTreeSet<Name> = match self.values(&Field::Group) {
            // Where groups are values of a field, the mapping names them.
            named if !named.is_empty() => named,
            _ => learned.people.groups().cloned().collect(),
        };
        let group = |name: Name| Group { name, line: 1, manager: Name::new("") };
        let categories: BTreeSet<Name> =
            site.projects.iter().flat_map(|one| &one.categories).map(|one| Name::new(&one.name)).collect();
        let service = |name: Name| Service { name, owner_group: Name::new(""), critical: false };
        Directory {
            name: Clean::line(&site.projects.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")),
            people: learned.people.people().cloned().collect(),
            groups: named.into_iter().map(group).collect(),
            categories: categories.into_iter().map(|name| Category { name, group: None }).collect(),
            services: self.values(&Field::Service).into_iter().map(service).collect(),
            resolution_codes: self.values(&Field::ResolutionCode).into_iter().collect(),
            ..Directory::default()
        }
    }

    /// The values that the mapping names: what a list may hold, Redmine tells administrators only.
    fn values(&self, field: &Field) -> BTreeSet<Name> {
        let kinds = self.mapping.kinds.values().filter_map(|kind| kind.values.get(field));
        let all = kinds.chain(self.mapping.values.get(field)).flat_map(|values| values.keys());
        all.map(|value| Name::new(value)).collect()
    }
}
