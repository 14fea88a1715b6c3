//! What a tracker has: its records with their history, page by page, in our words.

use crate::backend::{Cursor, Error, Result};
use crate::domain::change::{Change, Link};
use crate::domain::field::{Field, Value};
use crate::domain::kind::{Kind, Revision};
use crate::domain::name::{Name, TicketId};
use crate::domain::state::State;
use crate::domain::summary::Glance;
use crate::text::Clean;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

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

/// A revision made of any text that changes with the record: FNV-1a.
pub fn revision(stamp: &str) -> Revision {
    let hash = stamp
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    Revision(hash)
}
