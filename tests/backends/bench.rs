//! A clean desk for a promise to be tried on: a small staff, a few tickets, and other consoles on the same desk.

use std::path::PathBuf;

use deskside::backend::Backend;
use deskside::backend::embedded::{Clock, History, Rules};
use deskside::backend::memory::Memory;
use deskside::backend::poor::{LEAST, Poor};
use deskside::backend::sqlite::{Options, Share, Sqlite};
use deskside::domain::change::{Change, Event, Op, OpKey, Target};
use deskside::domain::directory::{Directory, Group, Level, Person, Role};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::{Kind, Revision};
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::State;
use jiff::Timestamp;

/// What a promise is tried on.
pub trait Bench: Sized {
    /// A desk with this history, seen by `ana`, an engineer.
    fn with(history: History) -> Self;
    fn desk(&self) -> &dyn Backend;
    /// Another console on the same desk.
    fn second(&self, who: &str) -> Box<dyn Backend>;

    fn new() -> Self {
        Self::with(tickets(12))
    }
}

pub struct InMemory(pub Memory);

impl Bench for InMemory {
    fn with(history: History) -> Self {
        Self(Memory::new("ana".into(), staff(), history, rules(), Clock::fixed(NOW)))
    }

    fn desk(&self) -> &dyn Backend {
        &self.0
    }

    fn second(&self, who: &str) -> Box<dyn Backend> {
        Box::new(self.0.console(who.into()))
    }
}

pub struct SqliteFile {
    desk: Sqlite,
    pub path: PathBuf,
    _place: tempfile::TempDir,
}

impl SqliteFile {
    pub fn sqlite(&self) -> &Sqlite {
        &self.desk
    }
}

impl Bench for SqliteFile {
    fn with(history: History) -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("desk.db");
        let desk = Sqlite::create(&path, Share::Private, staff(), options("ana")).unwrap();
        desk.bulk_load(&Directory::default(), history).unwrap();
        Self { desk, path, _place: place }
    }

    fn desk(&self) -> &dyn Backend {
        &self.desk
    }

    fn second(&self, who: &str) -> Box<dyn Backend> {
        Box::new(Sqlite::open(&self.path, options(who)).unwrap())
    }
}

pub const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

pub fn rules() -> Rules {
    let policy = deskside::config::sla::load(None).unwrap();
    Rules::of(policy, deskside::domain::priority::Matrix::standard())
}

pub fn options(who: &str) -> Options {
    Options { rules: rules(), clock: Clock::fixed(NOW), me: who.into(), read_only: false }
}

/// Ana and Ben are engineers, Mia manages, Cem is a customer.
pub fn staff() -> Directory {
    let person = |login: &str, level: Option<Level>, roles: Vec<Role>| Person {
        level,
        groups: level.map(|_| vec!["Service Desk".into()]).unwrap_or_default(),
        roles,
        ..Person::named(login.into(), Name::new(&format!("{} Example", login.to_uppercase())))
    };
    Directory {
        people: vec![
            person("ana", Some(Level::Engineer), vec![]),
            person("ben", Some(Level::Engineer), vec![]),
            person("mia", Some(Level::Lead), vec![Role::ServiceDeskManager]),
            person("cem", None, vec![]),
        ],
        groups: vec![Group { name: "Service Desk".into(), line: 1, manager: "mia".into() }],
        ..Directory::default()
    }
}

/// So many open incidents, an hour apart, each made by `ana` in one act.
pub fn tickets(count: u64) -> History {
    (1..=count)
        .map(|n| {
            let at = NOW - jiff::SignedDuration::from_hours(i64::try_from(count - n + 1).unwrap());
            let op = OpKey(format!("fixture-{n}"));
            let event = |change| Event { seq: 0, actor: "ana".into(), at, stored: at, op: op.clone(), change };
            let set = |field, to| event(Change::Set { field, from: None, to: Some(to) });
            let events = vec![
                event(Change::Create { kind: Kind::Incident, state: State::New, opened: at }),
                set(Field::Title, Value::text(&format!("Printer {n} prints stripes"))),
                set(Field::Caller, Value::name("cem")),
                set(Field::Impact, Value::Number(2)),
                set(Field::Urgency, Value::Number(2)),
                set(Field::Group, Value::name("Service Desk")),
            ];
            (id(n), events)
        })
        .collect()
}

pub fn id(n: u64) -> TicketId {
    TicketId::new(&format!("INC-{n}"))
}

/// An op with a key of its own.
pub fn op(n: u64, expect: Option<Revision>, changes: Vec<Change>) -> Op {
    let key = OpKey(uuid::Uuid::new_v4().to_string());
    Op { key, target: Target::Ticket(id(n)), expect, at: NOW, changes, again: false, desk: None }
}

pub fn set(field: Field, to: Value) -> Change {
    Change::Set { field, from: None, to: Some(to) }
}

pub fn title(text: &str) -> Change {
    set(Field::Title, Value::text(text))
}

/// The least that a desk may offer.
pub struct AsPoor(Poor<Memory>);

impl Bench for AsPoor {
    fn with(history: History) -> Self {
        Self(Poor::new(InMemory::with(history).0, LEAST))
    }

    fn desk(&self) -> &dyn Backend {
        &self.0
    }

    fn second(&self, who: &str) -> Box<dyn Backend> {
        Box::new(Poor::new(self.0.inner().console(who.into()), LEAST))
    }
}
