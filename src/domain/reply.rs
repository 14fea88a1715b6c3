//! Canned words to a caller: what a template may speak of, and what sending one does to the ticket. Rendering itself
//! is in `config::template`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::change::{Audience, Change, LinkKind};
use crate::domain::directory::Directory;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::{MARK, Name};
use crate::domain::ticket::Ticket;
use crate::domain::when;
use crate::text::Clean;

/// A canned reply as it was loaded and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The name of its file: `ask-details`.
    pub name: Name,
    pub title: Clean,
    /// The digit that picks it.
    pub key: Option<u8>,
    /// The kinds of ticket that it suits; all where it is empty.
    pub kinds: Vec<Kind>,
    /// When the caller is promised the next word, as `domain::when` reads it.
    pub promise: Option<Clean>,
    pub template: String,
}

/// Words ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub text: Clean,
    pub promised: Option<Timestamp>,
}

/// What a template may speak of, and what it is: the one list for checks, messages and help.
pub const KNOWN: &[(&str, &str)] = &[
    ("caller.name", "the caller's full name"),
    ("caller.first_name", "the caller's first name"),
    ("me.name", "your full name"),
    ("me.first_name", "your first name"),
    ("ticket.id", "the ticket's number"),
    ("ticket.title", "its title"),
    ("ticket.kind", "incident, request, problem or change"),
    ("ticket.category", "its category"),
    ("ticket.service", "the service it is about"),
    ("ticket.asset", "the asset it is about"),
    ("ticket.location", "where it is"),
    ("ticket.opened", "when it was opened"),
    ("ticket.resolution", "how it was solved"),
    ("group", "the group that has it"),
    ("owner", "the full name of who answers for it"),
    ("due", "when it is to be solved"),
    ("promised", "when the caller is to hear next"),
    ("workaround", "the workaround"),
    ("problem", "the number of the problem behind it"),
    ("change", "the number of the change that cures it"),
    ("supplier", "the supplier that has it"),
    ("supplier_reference", "the supplier's number for it"),
    ("desk", "the name of the desk"),
    ("now", "the present time"),
];

/// What is known about one ticket, under the names of [`KNOWN`] and `prompt.NAME`. What is not known is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, String>);

/// Everything that words to a caller may draw on.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// With the pending changes of this act already applied.
    pub ticket: &'a Ticket,
    pub directory: &'a Directory,
    /// The log-in of who writes.
    pub me: &'a str,
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    /// When the resolution is due.
    pub due: Option<Timestamp>,
    /// What its desk is called here: tickets carry it in front where there are several desks.
    pub desk: Option<&'a str>,
}

impl Telling<'_> {
    /// The number by which a caller knows the ticket.
    fn number<'i>(&self, id: &'i str) -> &'i str {
        let own = self.desk.and_then(|desk| id.strip_prefix(desk)?.strip_prefix(MARK));
        own.unwrap_or(id)
    }
}

impl Reply {
    pub fn suits(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

impl Composed {
    /// What sending it does: the words, and the promise in them.
    pub fn changes(&self, ticket: &Ticket) -> Vec<Change> {
        let mut changes = vec![Change::Say { audience: Audience::Public, text: self.text.clone() }];
        changes.extend(self.promised.map(|at| Change::Set {
            field: Field::PromisedUpdate,
            from: ticket.get(&Field::PromisedUpdate).cloned(),
            to: Some(Value::Time(at)),
        }));
        changes
    }
}

impl Facts {
    pub fn of(telling: &Telling) -> Self {
        let Telling { ticket, directory, me, now, zone, due, .. } = *telling;
        let mut facts = Self::default();
        let time = |at: Timestamp| when::phrase(at, now, zone);
        let other = |how| ticket.links.iter().find(|link| link.how == how).map_or("", |link| link.other.as_str());
        let linked = |how| telling.number(other(how));
        facts.person("caller", directory.display(ticket.text(&Field::Caller)));
        facts.person("me", directory.display(me));
        facts.set("ticket.id", telling.number(ticket.id.as_str()));
        facts.set("ticket.title", ticket.title());
        facts.set("ticket.kind", ticket.kind.as_str());
        for (name, field) in [
            ("ticket.category", Field::Category),
            ("ticket.service", Field::Service),
            ("ticket.asset", Field::Asset),
            ("ticket.location", Field::Location),
            ("ticket.resolution", Field::Resolution),
            ("group", Field::Group),
            ("workaround", Field::Workaround),
            ("supplier", Field::Supplier),
            ("supplier_reference", Field::SupplierReference),
        ] {
            facts.set(name, ticket.text(&field));
        }
        facts.set("ticket.opened", &time(ticket.opened));
        facts.set("owner", directory.display(&ticket.owner));
        facts.set("problem", linked(LinkKind::ProblemIs));
        facts.set("change", linked(LinkKind::FixedBy));
        facts.set("desk", &directory.name);
        facts.set("now", &time(now));
        facts.set("due", &due.map(time).unwrap_or_default());
        // A promise that has passed is none.
        let promised = ticket.time(&Field::PromisedUpdate).filter(|at| *at > now);
        facts.set("promised", &promised.map(time).unwrap_or_default());
        facts
    }

    /// An example of everything, to try templates with.
    pub fn sample() -> Self {
        Self(KNOWN.iter().map(|(name, what)| ((*name).to_owned(), (*what).to_owned())).collect())
    }

    /// Says something under this name; an empty text unsays it.
    pub fn set(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn person(&mut self, role: &str, name: &str) {
        self.set(&format!("{role}.name"), name);
        self.set(&format!("{role}.first_name"), name.split_whitespace().next().unwrap_or_default());
    }
}
