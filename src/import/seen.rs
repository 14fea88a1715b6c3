//! Everybody and everything that a log names, collected on the way into the directory of the desk.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::directory::{Asset, Category, Directory, Group, Level, Person, Service};
use crate::domain::field::Field;
use crate::domain::name::Name;
use crate::domain::ticket::Ticket;
use crate::import::mapping::Mapping;

/// What was named so far.
#[derive(Debug, Default)]
pub struct Seen {
    people: HashMap<Name, Person>,
    named: HashMap<Field, BTreeSet<Name>>,
    /// How many tickets of a category ended in which group; and so for services.
    categories: BTreeMap<Name, BTreeMap<Name, usize>>,
    services: BTreeMap<Name, BTreeMap<Name, usize>>,
}

impl Seen {
    /// Somebody was named; staff when a level comes with them.
    pub fn person(&mut self, login: &Name, display: Option<String>, level: Option<Level>) {
        let person = self.people.entry(login.clone()).or_insert_with(|| {
            Person::named(login.clone(), display.as_deref().map_or_else(|| login.clone(), Name::new))
        });
        person.level = person.level.max(level);
    }

    pub fn knows(&self, login: &str) -> bool {
        self.people.contains_key(login)
    }

    /// Somebody worked for a group.
    pub fn member(&mut self, login: &str, group: &Name) {
        if let Some(person) = self.people.get_mut(login)
            && let Err(place) = person.groups.binary_search(group)
        {
            person.groups.insert(place, group.clone());
        }
    }

    /// A value of a field that pickers choose from.
    pub fn value(&mut self, field: &Field, name: &Name) {
        let listed = [
            Field::Group,
            Field::Asset,
            Field::Location,
            Field::Channel,
            Field::ResolutionCode,
            Field::Supplier,
            Field::CatalogItem,
        ];
        if listed.contains(field) {
            let held = self.named.entry(field.clone()).or_default();
            if !held.contains(name) {
                held.insert(name.clone());
            }
        }
    }

    /// A ticket as the log left it.
    pub fn ticket(&mut self, ticket: &Ticket) {
        let name = |field: &Field| ticket.get(field).and_then(|value| value.as_str()).map(Name::new);
        let group = name(&Field::Group);
        for (field, counts) in [(Field::Category, &mut self.categories), (Field::Service, &mut self.services)] {
            let Some(held) = name(&field) else { continue };
            let groups = counts.entry(held).or_default();
            if let Some(group) = &group {
                *groups.entry(group.clone()).or_default() += 1;
            }
        }
    }

    pub fn directory(mut self, mapping: &Mapping) -> Directory {
        let log = &mapping.log;
        let manager = Name::new(&log.people.nobody);
        self.person(&manager, None, None);
        let group = |name: Name| {
            let ending = log.groups.lines.iter().find(|(ending, _)| name.ends_with(ending.as_str()));
            Group { line: ending.map_or(1, |(_, line)| *line), manager: manager.clone(), name }
        };
        let asset = |tag: Name| Asset {
            model: tag.clone(),
            tag,
            user: None,
            location: None,
            state: Name::new("in use"),
            warranty_until: None,
            parents: Vec::new(),
            services: Vec::new(),
        };
        let mut take = |field: Field| self.named.remove(&field).unwrap_or_default().into_iter();
        let service = |(name, groups): (Name, BTreeMap<Name, usize>)| Service {
            name,
            owner_group: most(groups).unwrap_or_else(|| Name::new("")),
            critical: false,
        };
        let mut people: Vec<Person> = self.people.into_values().collect();
        people.sort_by(|a, b| a.login.cmp(&b.login));
        Directory {
            name: crate::text::Clean::line(&log.name),
            groups: take(Field::Group).map(group).collect(),
            services: self.services.into_iter().map(service).collect(),
            assets: take(Field::Asset).map(asset).collect(),
            categories: self
                .categories
                .into_iter()
                .map(|(name, groups)| Category { name, group: most(groups) })
                .collect(),
            locations: take(Field::Location).collect(),
            channels: take(Field::Channel).collect(),
            resolution_codes: take(Field::ResolutionCode).collect(),
            suppliers: take(Field::Supplier).collect(),
            catalog_items: take(Field::CatalogItem).collect(),
            people,
            ..Directory::default()
        }
    }
}

/// The name that was counted most often; the first of equals.
fn most(counts: BTreeMap<Name, usize>) -> Option<Name> {
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(name, _)| name)
}
