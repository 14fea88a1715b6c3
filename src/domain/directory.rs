//! Who and what the desk knows: people, groups, services, assets, categories, the codes one chooses from.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::catalogue::Item;
use crate::domain::gate::Gates;
use crate::domain::name::Name;
use crate::named_enum;
use crate::text::Clean;

named_enum! {
    /// The five levels of the role, in rising order.
    pub enum Level {
        Associate = "associate",
        Engineer = "engineer",
        Senior = "senior",
        Lead = "lead",
        Principal = "principal",
    }
}

named_enum! {
    /// The manager roles beside the engineers.
    pub enum Role {
        ServiceDeskManager = "service_desk_manager",
        IncidentManager = "incident_manager",
        ProblemManager = "problem_manager",
        ChangeManager = "change_manager",
    }
}

/// A member of staff or a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The log-in name: on the embedded desk, the operating system's.
    pub login: Name,
    pub name: Name,
    /// Staff of the desk have a level; customers have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Name>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Name>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub vip: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<Name>,
    /// The log-in of who approves what this person asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Name>,
}

impl Person {
    /// Somebody of whom no more is known.
    pub const fn named(login: Name, name: Name) -> Self {
        Self {
            login,
            name,
            level: None,
            groups: Vec::new(),
            roles: Vec::new(),
            department: None,
            location: None,
            phone: None,
            email: None,
            vip: false,
            absent_until: None,
            deputy: None,
            manager: None,
        }
    }
}

/// A group of engineers: a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub name: Name,
    /// 1 is the first line.
    pub line: u8,
    /// The responsible manager's log-in.
    pub manager: Name,
}

impl Group {
    /// A first line that nobody is responsible for, as far as is known.
    pub fn named(name: Name) -> Self {
        Self { name, line: 1, manager: "".into() }
    }
}

/// A service that customers use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub name: Name,
    pub owner_group: Name,
    #[serde(default)]
    pub critical: bool,
}

impl Service {
    /// A service that nobody owns, as far as is known.
    pub fn named(name: Name) -> Self {
        Self { name, owner_group: "".into(), critical: false }
    }
}

/// A piece of equipment or software that the desk looks after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    pub tag: Name,
    pub model: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Name>,
    pub state: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warranty_until: Option<Timestamp>,
    /// The tags of what it is part of, or cannot work without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Name>,
    /// The services that need it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Name>,
}

/// A category: a path such as `network/vpn`, and the group that it usually goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Name>,
}

impl Category {
    /// A category without a usual group.
    pub const fn named(name: Name) -> Self {
        Self { name, group: None }
    }
}

/// Everything that pickers choose from and rules look up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    #[serde(default)]
    pub name: Clean,
    #[serde(default)]
    pub people: Vec<Person>,
    #[serde(default)]
    pub groups: Vec<Group>,
    #[serde(default)]
    pub services: Vec<Service>,
    #[serde(default)]
    pub assets: Vec<Asset>,
    #[serde(default)]
    pub categories: Vec<Category>,
    #[serde(default)]
    pub locations: Vec<Name>,
    #[serde(default)]
    pub channels: Vec<Name>,
    #[serde(default)]
    pub resolution_codes: Vec<Name>,
    #[serde(default)]
    pub suppliers: Vec<Name>,
    #[serde(default)]
    pub catalog_items: Vec<Name>,
    /// What can be asked for, with its form, its approvers and its checklist: agreed on like the promises.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub catalogue: Vec<Item>,
    /// Which acts ask for a level or a role; agreed on like the promises.
    #[serde(default, skip_serializing_if = "Gates::is_standard")]
    pub gates: Gates,
}

impl Directory {
    pub fn person(&self, login: &str) -> Option<&Person> {
        self.people.iter().find(|person| &*person.login == login)
    }

    /// The full name where it is known, the log-in otherwise.
    pub fn display<'a>(&'a self, login: &'a str) -> &'a str {
        self.person(login).map_or(login, |person| &person.name)
    }

    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| &*group.name == name)
    }

    pub fn asset(&self, tag: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| &*asset.tag == tag)
    }

    /// What this asset is part of, as far as it is known.
    pub fn parents(&self, asset: &Asset) -> Vec<&Asset> {
        if asset.parents.is_empty() {
            return Vec::new();
        }
        self.assets.iter().filter(|held| asset.parents.contains(&held.tag)).collect()
    }

    /// The parts of this asset.
    pub fn children(&self, asset: &Asset) -> Vec<&Asset> {
        self.assets.iter().filter(|held| held.parents.contains(&asset.tag)).collect()
    }

    pub fn is_member(&self, login: &str, group: &str) -> bool {
        self.person(login).is_some_and(|person| person.groups.iter().any(|held| &**held == group))
    }

    /// Works on the desk, and does not only call it.
    pub fn is_staff(&self, login: &str) -> bool {
        self.person(login).is_some_and(|person| person.level.is_some() || !person.roles.is_empty())
    }

    /// The log-in behind a log-in or a full name, where the desk knows it.
    pub fn login_of(&self, name: &str) -> Option<&Name> {
        let named = |person: &&Person| &*person.login == name || &*person.name == name;
        self.person(name).or_else(|| self.people.iter().find(named)).map(|person| &person.login)
    }

    pub fn has_role(&self, login: &str, role: Role) -> bool {
        self.person(login).is_some_and(|person| person.roles.contains(&role))
    }

    /// Takes over what the other one knows and this one does not; what both know stays. Says whether anything came.
    pub fn merge(&mut self, other: &Self) -> bool {
        fn add<T: Clone>(ours: &mut Vec<T>, theirs: &[T], key: impl Fn(&T) -> Name) -> bool {
            let mut known: HashSet<Name> = ours.iter().map(&key).collect();
            let before = ours.len();
            ours.extend(theirs.iter().filter(|one| known.insert(key(one))).cloned());
            ours.len() > before
        }
        let named = self.name.is_empty() && !other.name.is_empty();
        if named {
            self.name = other.name.clone();
        }
        // No short cut: every list takes its part.
        named
            | add(&mut self.people, &other.people, |person| person.login.clone())
            | add(&mut self.groups, &other.groups, |group| group.name.clone())
            | add(&mut self.services, &other.services, |service| service.name.clone())
            | add(&mut self.assets, &other.assets, |asset| asset.tag.clone())
            | add(&mut self.categories, &other.categories, |category| category.name.clone())
            | add(&mut self.locations, &other.locations, Name::clone)
            | add(&mut self.channels, &other.channels, Name::clone)
            | add(&mut self.resolution_codes, &other.resolution_codes, Name::clone)
            | add(&mut self.suppliers, &other.suppliers, Name::clone)
            | add(&mut self.catalog_items, &other.catalog_items, Name::clone)
    }
}
