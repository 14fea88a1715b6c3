//! What the console is told of a site: the steps and fields that it has, its people and its choices.

use std::collections::BTreeSet;

use super::Jira;
use super::site::Site;
use crate::domain::directory::{Category, Directory, Group, Service};
use crate::domain::field::Field;
use crate::domain::name::Name;
use crate::domain::workflow::Workflow;
use crate::text::Clean;

impl Jira {
    /// The steps and fields of the mapping that this site has.
    pub(super) fn offered(&self, site: &Site) -> Workflow {
        let mapping = &self.setup.mapping;
        let mut flow = mapping.workflow();
        flow.ways.retain(|way| site.holds(way.kind));
        for (kind, fields) in &mut flow.fields {
            fields.retain(|field| mapping.field(*kind, field).is_some_and(|native| site.field(native).is_some()));
        }
        flow
    }

    pub(super) fn directory(&self, site: &Site) -> Directory {
        let names = |field: &Field| -> Vec<Name> {
            let natives = self.setup.mapping.kinds.keys().filter_map(|kind| self.setup.mapping.field(*kind, field));
            let all: BTreeSet<String> = natives.flat_map(|native| site.choices(native)).collect();
            all.iter().map(|name| Name::new(name)).collect()
        };
        let keys = site.projects.iter().map(|project| project.key.as_str()).collect::<Vec<_>>().join(", ");
        let service = |name: Name| Service { name, owner_group: Name::new(""), critical: false };
        Directory {
            name: Clean::line(&keys),
            people: self.people().all().cloned().collect(),
            groups: names(&Field::Group)
                .into_iter()
                .map(|name| Group { name, line: 1, manager: Name::new("") })
                .collect(),
            categories: names(&Field::Category).into_iter().map(|name| Category { name, group: None }).collect(),
            services: names(&Field::Service).into_iter().map(service).collect(),
            resolution_codes: names(&Field::ResolutionCode),
            ..Directory::default()
        }
    }
}
