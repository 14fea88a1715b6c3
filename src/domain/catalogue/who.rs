//! Whom the catalogue names: by name, by role, or by what they are to the request.

use serde::{Deserialize, Serialize};

use crate::domain::change::Party;
use crate::domain::directory::{Directory, Role};
use crate::domain::field::Field;
use crate::domain::name::Name;
use crate::domain::ticket::Ticket;
use crate::text::spaced;

/// Somebody who approves or does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The caller's; else whom the request names as approver.
    LineManager,
    /// The group that owns the request's service.
    ServiceOwner,
    /// The group that the request is in.
    Queue,
    /// The manager of that group.
    ManagerOfGroup,
    Group(Name),
    Person(Name),
    Role(Role),
}

/// What one may write.
pub const CHOICES: &str =
    "line_manager, service_owner, queue, manager_of_group, group:NAME, person:LOGIN, role:ROLE (a manager role)";

impl Who {
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None => match text.trim() {
                "line_manager" => Some(Self::LineManager),
                "service_owner" => Some(Self::ServiceOwner),
                "queue" => Some(Self::Queue),
                "manager_of_group" => Some(Self::ManagerOfGroup),
                _ => None,
            },
            Some((_, name)) if name.trim().is_empty() => None,
            Some(("group", name)) => Some(Self::Group(Name::new(name.trim()))),
            Some(("person", name)) => Some(Self::Person(Name::new(name.trim()))),
            Some(("role", name)) => Role::parse(name).map(Self::Role),
            Some(_) => None,
        }
    }

    /// Who that is for this ticket; nobody where the desk does not know.
    pub fn parties(&self, ticket: &Ticket, directory: &Directory) -> Vec<Party> {
        let person = |login: &Name| vec![Party::Person(login.clone())];
        let queue = || Some(ticket.text(&Field::Group)).filter(|group| !group.is_empty());
        match self {
            Self::LineManager => {
                let caller = directory.login_of(ticket.text(&Field::Caller)).and_then(|login| directory.person(login));
                let named = || directory.login_of(ticket.text(&Field::Approver));
                named().or_else(|| caller.and_then(|caller| caller.manager.as_ref())).map(person).unwrap_or_default()
            }
            Self::ServiceOwner => {
                let service = directory.services.iter().find(|held| *held.name == *ticket.text(&Field::Service));
                service.map(|held| vec![Party::Group(held.owner_group.clone())]).unwrap_or_default()
            }
            Self::Queue => queue().map(|group| vec![Party::Group(Name::new(group))]).unwrap_or_default(),
            Self::ManagerOfGroup => {
                queue().and_then(|group| directory.group(group)).map(|group| person(&group.manager)).unwrap_or_default()
            }
            Self::Group(name) => vec![Party::Group(name.clone())],
            Self::Person(login) => person(login),
            Self::Role(role) => {
                let held = directory.people.iter().filter(|person| person.roles.contains(role));
                held.map(|person| Party::Person(person.login.clone())).collect()
            }
        }
    }

    /// Why nobody was found, as a sentence with the way out.
    pub fn nobody(&self, ticket: &Ticket) -> String {
        match self {
            Self::LineManager => {
                let caller = ticket.text(&Field::Caller);
                format!("Nobody knows who {caller}'s line manager is. Name the approver in `approver`.")
            }
            Self::ServiceOwner => "It names no service whose owner could be asked. Set `service`.".into(),
            Self::Queue | Self::ManagerOfGroup => "It is in no group. Set `group`.".into(),
            Self::Group(_) | Self::Person(_) => format!("`{self}` is not known here."),
            Self::Role(role) => format!("Nobody here is {}.", spaced(role.as_str())),
        }
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LineManager => f.write_str("line_manager"),
            Self::ServiceOwner => f.write_str("service_owner"),
            Self::Queue => f.write_str("queue"),
            Self::ManagerOfGroup => f.write_str("manager_of_group"),
            Self::Group(name) => write!(f, "group:{name}"),
            Self::Person(login) => write!(f, "person:{login}"),
            Self::Role(role) => write!(f, "role:{role}"),
        }
    }
}

impl Serialize for Who {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("`{}` is nobody; write one of {CHOICES}", text.escape_debug()))
        })
    }
}
