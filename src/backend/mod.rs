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
pub mod sqlite;

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::change::Op;
use crate::domain::directory::Directory;
use crate::domain::name::{Name, TicketId};
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;
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
}

/// What one act left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub ticket: Ticket,
    pub summary: Summary,
    /// Other tickets that the act changed with it: children, the other ends of links.
    pub also: Vec<Summary>,
}

/// Somebody else has a ticket open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    pub who: Name,
    pub ticket: TicketId,
}

/// Who I am on this desk and what its pickers offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    pub me: Name,
    pub directory: Directory,
}

/// A place in a desk's log of changes; made and read by the desk alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    pub problems: bool,
    pub changes: bool,
    /// Who else has a ticket open.
    pub presence: bool,
    /// How well a stale write is caught.
    pub guard: Guard,
}

/// How well a desk catches a write that was based on an old revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
        problems: true,
        changes: true,
        presence: true,
        guard: Guard::Atomic,
    };
}
