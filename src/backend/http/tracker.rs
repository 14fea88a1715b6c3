//! What an adapter does for its tracker, and the plain data in which it does it.
//!
//! An adapter maps: calls, wire, words. What all trackers share is not here but in `remote`: conflicts, lost answers,
//! half-done acts, reading back, timelines, rows.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use crate::backend::http::client::Request;
use crate::backend::http::words::same;
use crate::backend::{Attachment, Capabilities, Cursor, Error, Found, Guard, Lookup, Result, Schema, Upload};
use crate::domain::change::{Audience, Change, Handover, Link, Op, OpKey, Target};
use crate::domain::directory::Directory;
use crate::domain::field::{Field, Value};
use crate::domain::kind::{Kind, Revision};
use crate::domain::mapping::Mapping;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{State, Verb};
use crate::domain::summary::Glance;
use crate::text::Clean;

/// A tracker as its adapter speaks to it. Knows nothing of rows, mirrors and consoles.
#[async_trait]
pub trait Tracker: fmt::Debug + Send + Sync + 'static {
    /// What can be done here. Before `schema` was read it may say that nothing can be written, but never more than can be.
    fn capabilities(&self) -> Capabilities;

    /// Signs in; reads who I am, complete lists of people and groups, the choices, and the steps that are offered.
    async fn schema(&self) -> Result<Schema>;

    /// One page: everything in scope, newest first, when there is no cursor; else what may have changed since, with an
    /// overlap of at least the clock's resolution. Rows carry core fields only. One request, where the tracker lets it.
    async fn page(&self, since: Option<&Cursor>) -> Result<Page>;

    /// The record as it stands, with its history only where that costs nothing more: one request.
    async fn glance(&self, id: &TicketId) -> Result<Record>;

    /// The record with its history: at most three requests.
    async fn whole(&self, id: &TicketId) -> Result<Record>;

    /// The writes that these parts take on that record: as few as can be, fields first, then the state, then words to the
    /// customer. May read (choices, next states), must not write.
    ///
    /// # Errors
    /// `Invalid` or `Unsupported` for a part that the tracker has no place for: then nothing is written at all.
    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>>;

    /// Sends one write. A good answer may still have dropped a part; that is found by reading back.
    async fn send(&self, on: &Record, write: &Write) -> Result<Sent>;

    /// Makes the ticket with as many of the parts as one request takes; the rest follows by `plan`.
    async fn create(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId>;

    /// Tickets of mine that an earlier `create` of this act may have made, the likeliest first: by a key that the tracker
    /// keeps, else by title, caller and time.
    async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>>;

    /// How far the tracker's clock is ahead of ours, where its answers tell: [`Client::skew`].
    ///
    /// [`Client::skew`]: crate::backend::http::client::Client::skew
    fn clock_ahead(&self) -> Option<SignedDuration> {
        None
    }

    /// Looks beyond the scope; sorts that the capabilities do not name are never asked for.
    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>>;

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>>;

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>>;

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()>;
}

/// How a site is to be read: what an adapter is made with, beside its client.
#[derive(Debug, Clone)]
pub struct Setup {
    pub mapping: Arc<Mapping>,
    pub scope: Scope,
    /// The zone of times that the tracker writes without one.
    pub zone: TimeZone,
}

impl Setup {
    /// What a tracker can do that holds these kinds, where nothing is in the way: an adapter takes away what its tracker
    /// does not have, or this user may not. Ownership is assigned on all of them, and none has our escalations, tasks, approvals in stages and proposals.
    pub fn capabilities(&self) -> Capabilities {
        Capabilities {
            write: true,
            create: true,
            atomic_batch: false,
            internal_notes: true,
            links: true,
            handover: false,
            escalations: false,
            tasks: false,
            approvals: false,
            majors: false,
            proposals: false,
            problems: self.mapping.kind(Kind::Problem).is_some(),
            changes: self.mapping.kind(Kind::Change).is_some(),
            presence: false,
            attachments: true,
            people_search: true,
            asset_search: true,
            knowledge_search: true,
            ticket_search: true,
            guard: Guard::CheckThenWrite,
        }
    }

    /// What the console is told when it has signed in.
    pub fn schema(&self, me: Name, directory: Directory) -> Schema {
        Schema { me, directory, workflow: Some(Arc::new(self.mapping.workflow())), members: Vec::new() }
    }

    /// Whether the mapping's `[site]` has this setting at this value.
    pub fn says(&self, setting: &str, value: &str) -> bool {
        self.mapping.site.get(setting).is_some_and(|said| said == value)
    }
}

/// Which tickets are copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Open tickets, and those closed within so many days.
    pub closed_days: u32,
    /// Of these groups only; of all where it is empty.
    pub groups: Vec<Name>,
    /// A condition in the tracker's own language, laid over the rest.
    pub query: Option<String>,
    /// Rows asked for at once.
    pub page: usize,
}

impl Scope {
    /// Whether tickets of this group are copied.
    pub fn takes(&self, group: &str) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|wanted| same(wanted, group))
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self { closed_days: 30, groups: Vec::new(), query: None, page: 100 }
    }
}

/// One page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub records: Vec<Record>,
    /// Known to be gone: deleted, merged into another.
    pub gone: Vec<TicketId>,
    /// Where to go on. With the last page of a full walk: from where changes are asked for, as it was when the walk began.
    pub next: Cursor,
    pub more: bool,
}

/// A ticket as the tracker has it, in our words.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub id: TicketId,
    pub kind: Kind,
    pub state: State,
    /// The state as the tracker spells it.
    pub native_state: Name,
    /// Made of what changes with every write, and the same in rows, glances and whole records.
    pub revision: Revision,
    pub opened: Timestamp,
    pub updated: Timestamp,
    /// Who made it, or speaks for the tracker.
    pub registrar: Name,
    /// Nobody owns it where this is none.
    pub owner: Option<Name>,
    /// The priority that the tracker shows, 1 the highest; none where it has none.
    pub priority: Option<u8>,
    pub fields: BTreeMap<Field, Value>,
    /// Fields of choice were not read: lists of this tracker do not tell them.
    pub shallow: bool,
    /// None where they were not read.
    pub links: Option<Vec<Link>>,
    pub responded: Option<Timestamp>,
    pub resolved: Option<Timestamp>,
    pub closed: Option<Timestamp>,
    pub last_public: Option<Timestamp>,
    pub last_heard: Option<Timestamp>,
    /// The tracker's own clock, where it tells: it is shown instead of ours.
    pub clock: Option<Glance>,
    /// What happened, oldest first; none where it was not read.
    pub history: Option<Vec<Entry>>,
    /// What the adapter needs again to write: a class, a version, an entity tag. Not shown.
    pub native: serde_json::Value,
}

impl Record {
    /// A record with what every record has.
    pub fn new(id: TicketId, kind: Kind, state: State, opened: Timestamp, registrar: Name) -> Self {
        Self {
            id,
            kind,
            state,
            native_state: Name::new(state.as_str()),
            revision: Revision::default(),
            shallow: false,
            opened,
            updated: opened,
            registrar,
            owner: None,
            priority: None,
            fields: BTreeMap::new(),
            links: None,
            responded: None,
            resolved: None,
            closed: None,
            last_public: None,
            last_heard: None,
            clock: None,
            history: None,
            native: serde_json::Value::Null,
        }
    }

    /// What its adapter keeps in it.
    ///
    /// # Errors
    /// The record was not read from such a tracker.
    pub fn native<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.native.clone())
            .map_err(|error| Error::Unexpected(format!("{} was not read from this tracker: {error}.", self.id)))
    }

    /// Sets a text field; nothing when it is empty.
    pub fn set_text(&mut self, field: Field, words: &str) {
        let words = Clean::body(words);
        if !words.is_empty() {
            self.fields.insert(field, Value::Text(words));
        }
    }

    /// Sets a name field; nothing when it is empty.
    pub fn set_name(&mut self, field: Field, words: &str) {
        let name = Name::new(words);
        if !name.is_empty() {
            self.fields.insert(field, Value::Name(name));
        }
    }
}

/// Something that happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The tracker's name for the act that it belongs to; entries of one act stand together.
    pub act: Name,
    pub at: Timestamp,
    pub who: Name,
    pub change: Change,
}

/// One part of an act, as a tracker sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Field(Field, Option<Value>),
    /// A step to that state.
    Step(Verb, State),
    Owner(Name),
    Link(Link),
    Unlink(Link),
    Say(Audience, Clean),
}

impl Part {
    /// What it is called in messages.
    pub fn name(&self) -> Name {
        match self {
            Self::Field(field, _) => Name::new(field.name()),
            Self::Step(verb, _) => Name::new(verb.as_str()),
            Self::Owner(_) => "owner".into(),
            Self::Link(_) | Self::Unlink(_) => "link".into(),
            Self::Say(Audience::Public, _) => "public reply".into(),
            Self::Say(Audience::Internal, _) => "internal note".into(),
        }
    }
}

/// An act in parts: in the order fields, owner, links, step, internal notes, public words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub key: OpKey,
    pub me: Name,
    /// When the user did it.
    pub at: Timestamp,
    pub parts: Vec<Part>,
}

impl Wanted {
    /// The parts of this op.
    ///
    /// # Errors
    /// `Unsupported` for what no tracker has a place for.
    pub fn of(op: &Op, me: &Name) -> Result<Self> {
        let new = matches!(op.target, Target::New(_));
        let mut parts = Vec::new();
        for change in &op.changes {
            parts.extend(part(change, new)?);
        }
        parts.sort_by_key(turn);
        Ok(Self { key: op.key.clone(), me: me.clone(), at: op.at, parts })
    }

    /// The same act with these parts only.
    #[must_use]
    pub fn only(&self, parts: Vec<Part>) -> Self {
        Self { parts, ..self.clone() }
    }

    pub fn field(&self, wanted: &Field) -> Option<&Value> {
        self.parts.iter().find_map(|part| match part {
            Part::Field(field, value) if field == wanted => value.as_ref(),
            _ => None,
        })
    }

    /// The words of a field; empty where it is not set.
    pub fn text(&self, wanted: &Field) -> &str {
        self.field(wanted).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn owner(&self) -> Option<&Name> {
        self.parts.iter().find_map(|part| if let Part::Owner(name) = part { Some(name) } else { None })
    }

    pub fn step(&self) -> Option<(Verb, State)> {
        self.parts.iter().find_map(|part| if let Part::Step(verb, to) = part { Some((*verb, *to)) } else { None })
    }
}

fn part(change: &Change, new: bool) -> Result<Option<Part>> {
    let no = |why: &str| Err(Error::Unsupported(format!("{why}.")));
    Ok(Some(match change {
        Change::Create { .. } => return Ok(None),
        Change::Set { field, to, .. } => Part::Field(field.clone(), to.clone()),
        // A new ticket stands where its tracker puts it; further steps are taken from there.
        Change::Move { verb: Verb::Register | Verb::Submit, .. } if new => return Ok(None),
        Change::Move { verb, to, .. } => Part::Step(*verb, *to),
        Change::Say { audience, text } => Part::Say(*audience, text.clone()),
        Change::Heard { from, text } => Part::Say(Audience::Internal, Clean::body(&format!("{from} said: {text}"))),
        Change::Link { link } => Part::Link(link.clone()),
        Change::Unlink { link } => Part::Unlink(link.clone()),
        Change::Handover { step: Handover::Accept { by } } => Part::Owner(by.clone()),
        Change::Handover { step: Handover::Force { to, .. } } => Part::Owner(to.clone()),
        Change::Handover { .. } => return no("tickets are assigned here, not offered and accepted"),
        Change::Escalate { .. } | Change::Acknowledge { .. } => return no("escalations are not recorded here"),
        Change::Task { .. } => return no("it keeps no tasks inside a ticket"),
        Change::Approval { .. } => return no("approvals are given in the tracker itself"),
        Change::Major { .. } => return no("it keeps no log of a major incident"),
        Change::Proposal { .. } => return no("it keeps no proposals"),
        Change::Stamp { .. } => return no("figures of a ticket are the tracker's own here"),
    }))
}

fn turn(part: &Part) -> u8 {
    match part {
        Part::Field(..) => 0,
        Part::Owner(_) => 1,
        Part::Link(_) | Part::Unlink(_) => 2,
        Part::Step(..) => 3,
        Part::Say(Audience::Internal, _) => 4,
        Part::Say(Audience::Public, _) => 5,
    }
}

/// One request that writes, and what it carries.
#[derive(Debug, Clone)]
pub struct Write {
    pub carries: Vec<Part>,
    pub request: Request,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A good answer.
    Taken,
    /// The tracker says that somebody else wrote first.
    Clash,
}

/// A revision made of any text that changes with the record: FNV-1a.
pub fn revision(stamp: &str) -> Revision {
    let hash = stamp
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    Revision(hash)
}
