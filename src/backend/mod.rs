//! Where tickets live: the contract that every desk keeps, and the desks.
//!
//! May use `domain`, `text` and a client crate of its own. Knows neither the screen nor the console's model.

pub mod embedded;
pub mod error;
pub mod health;
pub mod http;
pub mod layers;
pub mod memory;
mod permit;
pub mod poor;
pub mod registry;
pub mod sample;
pub mod several;
pub mod sqlite;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::change::Op;
use crate::domain::directory::Directory;
use crate::domain::name::{Name, TicketId};
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;
use crate::domain::workflow::Workflow;
use crate::text::Clean;
pub use error::{Error, Result, Retry};
pub use health::{Health, Line};

/// A desk: the authority on its tickets.
///
/// Shared between tasks, hence `&self`; small, because every method is a promise that each desk must keep.
#[async_trait]
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// What can be done here, as wrapped and as signed in.
    fn capabilities(&self) -> Capabilities;

    /// Who I am here, and who and what there is to choose from.
    async fn schema(&self) -> Result<Schema>;

    /// One page of what changed since the cursor; everything, newest first, when there is none.
    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta>;

    /// The record with its timeline.
    async fn get(&self, id: &TicketId) -> Result<Ticket>;

    /// Does the act and returns the record AS STORED. The same key twice is one act.
    async fn apply(&self, op: &Op) -> Result<Stored>;

    /// Resolves when the desk has probably changed since it was last pulled. One that cannot tell waits for its
    /// polling interval.
    async fn changed(&self) -> Result<()>;

    /// Says that I have this ticket open (or nothing), and tells who else has what open.
    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>>;

    /// The user wants to see the desk as it is now: a copy in between asks it without waiting for its interval, and
    /// tries again what it had given up. Returns at once; [`Self::changed`] tells of what comes of it.
    async fn refresh(&self) -> Result<()> {
        Ok(())
    }

    /// How well what is shown agrees with where the tickets live. Whenever it changes, [`Self::changed`] resolves.
    fn health(&self) -> Health {
        Health::default()
    }

    /// The same for each desk that this one is made of, by profile.
    fn healths(&self) -> Vec<(Name, Health)> {
        Vec::new()
    }

    /// Looks beyond what is pulled: people, assets, knowledge, tickets out of scope.
    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let _ = wanted;
        Err(Error::Unsupported("it hands over everything that it has; there is nothing to look for beyond.".into()))
    }

    /// The files of this ticket, without their content.
    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        let _ = id;
        Err(no_files())
    }

    /// The content of one file.
    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        let _ = (id, file);
        Err(no_files())
    }

    /// Adds a file to the ticket.
    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        let _ = (id, file);
        Err(no_files())
    }
}

fn no_files() -> Error {
    Error::Unsupported("it keeps no files.".into())
}

/// What to look for beyond the pulled tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    pub sort: Sort,
    pub words: Clean,
    /// At most so many answers.
    pub limit: usize,
}

/// What sort of thing is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    People,
    Assets,
    Knowledge,
    Tickets,
}

/// An answer to a [`Lookup`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What stands in a field when this is chosen: a log-in, an asset's tag, an article's or a ticket's identifier.
    pub name: Name,
    pub title: Clean,
    /// The words of an article, the particulars of a person or an asset.
    pub text: Clean,
}

/// A file on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What the desk calls it by.
    pub key: Name,
    pub name: Clean,
    pub media_type: Clean,
    /// In bytes, where the desk says so.
    pub size: Option<u64>,
    pub at: Option<jiff::Timestamp>,
    pub by: Name,
}

/// A file to be added.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    pub name: Clean,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({:?}, {}, {} bytes)", self.name, self.media_type, self.bytes.len())
    }
}

/// What one act left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub ticket: Ticket,
    pub summary: Summary,
    /// Other tickets that the act changed with it: children, the other ends of links.
    pub also: Vec<Summary>,
    /// What of the act the desk did not store although it answered with success, or refused after the rest was stored.
    pub dropped: Vec<Dropped>,
}

/// A part of an act that is not in the record as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// A field's name, a verb, `public reply`, `internal note`, `link`, `owner`.
    pub what: Name,
    /// A sentence for people.
    pub why: Clean,
}

/// Somebody else has a ticket open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    pub who: Name,
    pub ticket: TicketId,
}

/// Who I am on this desk and what its pickers offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    pub me: Name,
    pub directory: Directory,
    /// The steps of a tracker's own workflow; none where the console's own lifecycles hold.
    pub workflow: Option<Arc<Workflow>>,
    /// The desks that this one is made of, where it is several.
    #[serde(default)]
    pub members: Vec<Member>,
}

/// One desk among several, in the names that it has there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The profile; its tickets are called `name:…`.
    pub name: Name,
    pub capabilities: Capabilities,
    pub schema: Schema,
}

/// A place in a desk's log of changes; made and read by the desk alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

impl Cursor {
    /// A place as its desk writes it down.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(place: &impl Serialize) -> Result<Self> {
        let text = serde_json::to_string(place);
        text.map(Self).map_err(|error| Error::Unexpected(format!("The cursor cannot be written: {error}.")))
    }

    /// The place that was written.
    ///
    /// # Errors
    /// `CursorExpired` for one that this desk did not write, or wrote in another version.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.0).map_err(|_| Error::CursorExpired)
    }
}

/// One page of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    pub changed: Vec<Summary>,
    pub removed: Vec<TicketId>,
    /// Where to go on: at once when `more`, later otherwise.
    pub next: Cursor,
    pub more: bool,
}

/// What a desk can do. What is off is greyed with its reason, and refused by the `Guarded` wrapper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Anything may be written at all.
    pub write: bool,
    pub create: bool,
    /// An op of several changes is stored whole or not at all.
    pub atomic_batch: bool,
    pub internal_notes: bool,
    pub links: bool,
    /// The offer-and-accept protocol of ownership.
    pub handover: bool,
    pub escalations: bool,
    /// Tasks inside a ticket.
    #[serde(default)]
    pub tasks: bool,
    /// Approvals in stages, voted on here.
    #[serde(default)]
    pub approvals: bool,
    /// The major facet of an incident: roles, words by cadence, log.
    #[serde(default)]
    pub majors: bool,
    /// Acts above one's level wait on the ticket for somebody who may do them.
    #[serde(default)]
    pub proposals: bool,
    pub problems: bool,
    pub changes: bool,
    /// Who else has a ticket open.
    pub presence: bool,
    /// Files on tickets: listed, saved, added.
    pub attachments: bool,
    /// People beyond the directory, assets, knowledge and tickets beyond the scope can be looked for.
    pub people_search: bool,
    pub asset_search: bool,
    pub knowledge_search: bool,
    pub ticket_search: bool,
    /// How well a stale write is caught.
    pub guard: Guard,
}

/// How well a desk catches a write that was based on an old revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Guard {
    None,
    CheckThenWrite,
    Atomic,
}

impl Capabilities {
    /// Everything, as the embedded desks have it.
    pub const FULL: Self = Self {
        write: true,
        create: true,
        atomic_batch: true,
        internal_notes: true,
        links: true,
        handover: true,
        escalations: true,
        tasks: true,
        approvals: true,
        majors: true,
        proposals: true,
        problems: true,
        changes: true,
        presence: true,
        attachments: false,
        people_search: false,
        asset_search: false,
        knowledge_search: false,
        ticket_search: false,
        guard: Guard::Atomic,
    };
}
