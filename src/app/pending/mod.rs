//! This user's acts that the desk has not answered. What is shown = what the desk said + these.
//!
//! One act per ticket is under way at a time; the next one gets the revision that the one before produced. A public
//! reply waits a while before it goes, so that it can be recalled.
//!
//! | File | What it does |
//! | --- | --- |
//! | `start` | takes an act in: from the keyboard, or from the local store after a restart |
//! | `send` | lets it go, holds it, takes it back |
//! | `answer` | what the desk said to it, or that it said nothing |
//! | `shown` | lays it over what the desk said |

mod answer;
mod send;
mod shown;
mod start;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::conflict::Conflict;
use crate::app::drafts::Words;
use crate::domain::act::Act;
use crate::domain::change::{Change, Op, Target};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::summary::Summary;

pub use self::answer::answered;
pub use self::send::{flush, keep, recall, release, retry, withdraw};
pub use self::shown::{accept, forget, learn, predict, settle};
pub use self::start::{admit, join, start, start_from, start_on};

/// Acts on their way, oldest first, and the desk's own words on the tickets they change.
#[derive(Debug, Default)]
pub struct Pending {
    pub acts: Vec<Waiting>,
    /// What the desk last said of tickets that have acts under way.
    known: BTreeMap<TicketId, Summary>,
}

/// An act on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub op: Op,
    pub title: String,
    /// It may be recalled until then.
    pub held_until: Option<Timestamp>,
    /// Acts that were one key share this.
    #[serde(default)]
    pub batch: Option<String>,
    /// The drafts that it took along, to be given back if it does not happen.
    #[serde(default)]
    pub words: Words,
    /// What was wanted, to be decided again if it does not happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// Whom the user saw as the reader of its public words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<Name>,
    /// Whom the user saw as the ticket's owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Name>,
    #[serde(skip)]
    pub sent: bool,
    /// It was sent and the desk did not answer: it may have been stored.
    #[serde(skip)]
    pub tried: bool,
    /// Why it could not be sent yet.
    #[serde(skip)]
    pub trouble: Option<String>,
    /// How often it was sent without an answer, since the start.
    #[serde(skip)]
    pub tries: u32,
    /// The desk may have stored it, for all that is known.
    #[serde(skip)]
    pub doubtful: bool,
    /// How often it went again beside somebody else's change.
    #[serde(skip)]
    pub merges: u8,
    /// Somebody changed the same: it waits for a choice.
    #[serde(skip)]
    pub clash: Option<Box<Conflict>>,
}

impl Waiting {
    /// Somebody typed words that would be lost with it.
    pub fn has_words(&self) -> bool {
        !self.words.is_empty() || self.op.changes.iter().any(|change| matches!(change, Change::Say { .. }))
    }

    /// It has not left yet.
    pub fn can_be_recalled(&self) -> bool {
        !self.sent && !self.tried && (self.held_until.is_some() || self.clash.is_some())
    }
}

impl Pending {
    /// How many acts wait for an answer.
    pub fn len(&self) -> usize {
        self.acts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    pub fn of<'a>(&'a self, id: &'a TicketId) -> impl Iterator<Item = &'a Waiting> {
        self.acts.iter().filter(move |waiting| waiting.op.target == Target::Ticket(id.clone()))
    }

    /// The acts on the ticket of that id.
    pub fn named<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Waiting> {
        self.acts
            .iter()
            .filter(move |waiting| matches!(&waiting.op.target, Target::Ticket(held) if held.as_str() == id))
    }

    pub fn has(&self, id: &str) -> bool {
        self.named(id).next().is_some()
    }

    /// The row as the desk last told it, where acts of this user lie over it.
    pub fn before(&self, id: &TicketId) -> Option<&Summary> {
        self.known.get(id)
    }

    /// The next moment at which a held act must go.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.acts.iter().filter(|waiting| !waiting.sent).filter_map(|waiting| waiting.held_until).min()
    }
}

/// The kind and identifier of a target, for messages.
pub fn target_name(target: &Target) -> String {
    match target {
        Target::Ticket(id) => id.to_string(),
        Target::New(kind) => new_name(*kind),
    }
}

fn new_name(kind: Kind) -> String {
    format!("new {kind}")
}
