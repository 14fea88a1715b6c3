//! What is learnt of a site when the adapter signs in: who is who, and which fields take what.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;

use crate::backend::http::tracker::Setup;
use crate::backend::http::words::own_field;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::Name;

/// A site as it was found.
#[derive(Debug, Clone)]
pub struct Facts {
    pub me: Name,
    /// In which dates of custom fields and searches are read.
    pub zone: TimeZone,
    /// Log-ins by the number that histories tell.
    pub people: HashMap<String, Name>,
    pub groups: BTreeMap<String, Name>,
    /// Names of custom roles by number.
    pub roles: BTreeMap<String, String>,
    /// Custom fields of tickets by number.
    pub fields: BTreeMap<String, CustomField>,
}

/// What a custom field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomField {
    pub name: String,
    /// `Select`, `Freeform`, `Text`, `DateTime`, …
    pub sort: String,
    pub many: bool,
    /// Empty where it is free.
    pub choices: Vec<String>,
}

/// Where a field of ours is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Not at all.
    Nowhere,
    /// A column of the ticket itself.
    Core(String),
    Custom(String),
    Role(String),
    /// The state says it: "pending" means that it waits for the caller.
    Status,
}

/// The mapping, the scope and what was learnt: all that reading a ticket takes.
#[derive(Debug, Clone)]
pub struct Site {
    pub setup: Setup,
    pub facts: Facts,
}

impl Site {
    /// Where this field of that kind is.
    pub fn place(&self, kind: Kind, field: &Field) -> Place {
        let Some(native) = self.setup.mapping.field(kind, field) else {
            return self.unmapped(field);
        };
        match native.split_once(':') {
            Some(("cf", name)) => Place::Custom(name.trim().into()),
            Some(("role", name)) => Place::Role(name.trim().into()),
            _ if native == "Status" => Place::Status,
            _ => Place::Core(native.into()),
        }
    }

    /// A field of the site that nobody mapped is called by its own name.
    fn unmapped(&self, field: &Field) -> Place {
        let found = self.facts.fields.values().find(|custom| own_field(&custom.name) == *field);
        found.map_or(Place::Nowhere, |custom| Place::Custom(custom.name.clone()))
    }

    /// The queues that hold this kind, the one for new tickets first.
    pub fn queues(&self, kind: Kind) -> Vec<&str> {
        let place = self.setup.mapping.kind(kind).map_or("", |map| map.place.as_str());
        place.split('|').map(str::trim).filter(|queue| !queue.is_empty()).collect()
    }

    pub fn kind_of(&self, queue: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| self.queues(*kind).iter().any(|held| held.eq_ignore_ascii_case(queue)))
    }

    pub fn custom(&self, name: &str) -> Option<&CustomField> {
        self.facts.fields.values().find(|custom| custom.name.eq_ignore_ascii_case(name))
    }

    /// How a custom role is called on the wire.
    pub fn role_key(&self, name: &str) -> Option<String> {
        let mut roles = self.facts.roles.iter();
        roles.find(|(_, held)| held.eq_ignore_ascii_case(name)).map(|(id, _)| format!("RT::CustomRole-{id}"))
    }

    /// The role that the group is kept in, as it is called on the wire.
    pub fn group_role(&self) -> Option<String> {
        let kinds = self.setup.mapping.kinds.keys();
        kinds.map(|kind| self.place(*kind, &Field::Group)).find_map(|place| match place {
            Place::Role(name) => self.role_key(&name),
            _ => None,
        })
    }

    /// Whether rows need custom fields: the site says so, or the group is kept in one.
    pub fn rich_rows(&self) -> bool {
        let said = self.setup.says("rows", "full");
        let kinds = self.setup.mapping.kinds.keys();
        said || kinds.map(|kind| self.place(*kind, &Field::Group)).any(|place| matches!(place, Place::Custom(_)))
    }

    pub fn person(&self, id: &str) -> Option<&Name> {
        self.facts.people.get(id).filter(|login| ***login != *NOBODY)
    }

    pub fn knows(&self, login: &str) -> bool {
        self.facts.people.values().any(|held| **held == *login)
    }

    pub fn group_id(&self, name: &str) -> Option<&str> {
        self.facts.groups.iter().find(|(_, held)| held.eq_ignore_ascii_case(name)).map(|(id, _)| id.as_str())
    }
}

/// Who owns what nobody owns.
pub const NOBODY: &str = "Nobody";
/// Who speaks for RT itself.
pub const SYSTEM: &str = "RT_System";
