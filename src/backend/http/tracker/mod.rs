//! What an adapter does for its tracker, and the plain data in which it does it.
//!
//! An adapter maps: calls, wire, words. What all trackers share is not here but in `remote`: conflicts, lost answers,
//! half-done acts, reading back, timelines, rows.

mod record;
mod wanted;

use crate::backend::http::words::same;
use crate::backend::{Attachment, Capabilities, Cursor, Found, Guard, Lookup, Result, Schema, Upload};
use crate::domain::directory::Directory;
use crate::domain::kind::Kind;
use crate::domain::mapping::Mapping;
use crate::domain::name::{Name, TicketId};
use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::fmt;
use std::sync::Arc;

pub use record::{Entry, Page, Record, revision};
pub use wanted::{Part, Sent, Wanted, Write};

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

    /// Learns what it takes to read links to these tickets, before a record is judged by them: nothing, where a link says by
    /// itself what it means. Reading a record alone may leave that to the next page.
    async fn learn_of(&self, _others: &[&TicketId]) -> Result<()> {
        Ok(())
    }

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
