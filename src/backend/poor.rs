//! A desk with abilities switched off: what the console meets at a tracker that can do less. It refuses what it does
//! not offer, takes acts change by change where it has no batches, and catches stale writes only as well as it says.

use async_trait::async_trait;

use crate::backend::{
    Attachment, Backend, Capabilities, Cursor, Delta, Error, Found, Guard, Health, Lookup, Presence, Result, Schema,
    Stored, Upload,
};
use crate::domain::change::{Audience, Change, Op, OpKey, Target};
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;

/// A desk of which only some abilities are left.
#[derive(Debug)]
pub struct Poor<B> {
    desk: B,
    capabilities: Capabilities,
}

impl<B> Poor<B> {
    pub fn new(desk: B, capabilities: Capabilities) -> Self {
        Self { desk, capabilities }
    }

    pub fn inner(&self) -> &B {
        &self.desk
    }
}

/// As little as a tracker may offer: fields, steps and public words of tickets that exist.
pub const LEAST: Capabilities = Capabilities {
    write: true,
    create: false,
    atomic_batch: false,
    internal_notes: false,
    links: false,
    handover: false,
    escalations: false,
    tasks: false,
    approvals: false,
    majors: false,
    proposals: false,
    problems: false,
    changes: false,
    presence: false,
    attachments: false,
    people_search: false,
    asset_search: false,
    knowledge_search: false,
    ticket_search: false,
    guard: Guard::None,
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<B: Backend> Backend for Poor<B> {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    async fn schema(&self) -> Result<Schema> {
        self.desk.schema().await
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        self.desk.pull(since).await
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        self.desk.get(id).await
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        self.capabilities.permit(op)?;
        let unguarded = self.capabilities.guard == Guard::None;
        let expect = if unguarded { None } else { op.expect };
        if self.capabilities.atomic_batch || op.changes.len() < 2 || matches!(op.target, Target::New(_)) {
            return self.desk.apply(&Op { expect, ..op.clone() }).await;
        }
        self.piecemeal(&Op { expect, ..op.clone() }).await
    }

    async fn changed(&self) -> Result<()> {
        self.desk.changed().await
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        if !self.capabilities.presence {
            return Err(Error::Unsupported("it does not know who has a ticket open.".into()));
        }
        self.desk.presence(open).await
    }

    async fn refresh(&self) -> Result<()> {
        self.desk.refresh().await
    }

    fn health(&self) -> Health {
        self.desk.health()
    }

    fn healths(&self) -> Vec<(Name, Health)> {
        self.desk.healths()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        self.desk.search(wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        self.desk.attachments(id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        self.desk.download(id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        self.desk.attach(id, file).await
    }
}

impl<B: Backend> Poor<B> {
    /// One change after the other: fields, then the state, then words. Each has a key of its own, so the same act
    /// sent again takes up where it stopped.
    async fn piecemeal(&self, op: &Op) -> Result<Stored> {
        let mut changes: Vec<&Change> = op.changes.iter().collect();
        changes.sort_by_key(|change| turn(change));
        let (mut expect, mut done, mut also) = (op.expect, None::<Stored>, Vec::new());
        for (n, change) in changes.into_iter().enumerate() {
            let part = Op {
                key: OpKey(format!("{}/{n}", op.key.0)),
                target: op.target.clone(),
                expect,
                at: op.at,
                changes: vec![change.clone()],
                again: op.again,
                desk: op.desk.clone(),
            };
            match self.desk.apply(&part).await {
                Ok(stored) => {
                    expect = expect.map(|_| stored.ticket.revision);
                    also.extend(stored.also.iter().cloned());
                    done = Some(stored);
                }
                Err(error) => return Err(half_done(n, op.changes.len(), error)),
            }
        }
        let stored = done.ok_or_else(|| Error::Unexpected("The act holds no change.".into()))?;
        Ok(Stored { also, ..stored })
    }
}

fn turn(change: &Change) -> u8 {
    match change {
        Change::Move { .. } => 1,
        Change::Say { audience: Audience::Internal, .. } => 2,
        Change::Say { audience: Audience::Public, .. } => 3,
        _ => 0,
    }
}

fn half_done(done: usize, of: usize, error: Error) -> Error {
    match error {
        Error::Invalid { field, reason } if done > 0 => {
            Error::Invalid { field, reason: format!("{reason} {done} of {of} changes were stored before it.") }
        }
        other => other,
    }
}
