//! Refuses what the desk does not offer before it reaches the desk.

use async_trait::async_trait;

use crate::backend::{Backend, Capabilities, Cursor, Delta, Error, Health, Presence, Result, Schema, Stored};
use crate::domain::change::Op;
use crate::domain::name::TicketId;
use crate::domain::ticket::Ticket;

/// A desk that is asked only for what it can do.
#[derive(Debug)]
pub struct Guarded<B> {
    desk: B,
    read_only: bool,
}

impl<B> Guarded<B> {
    /// `read_only` switches every write off, whatever the desk allows.
    pub fn new(desk: B, read_only: bool) -> Self {
        Self { desk, read_only }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<B: Backend> Backend for Guarded<B> {
    fn capabilities(&self) -> Capabilities {
        let offered = self.desk.capabilities();
        let write = offered.write && !self.read_only;
        Capabilities { write, create: offered.create && write, ..offered }
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
        self.capabilities().permit(op)?;
        self.desk.apply(op).await
    }

    async fn changed(&self) -> Result<()> {
        self.desk.changed().await
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        if !self.capabilities().presence {
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
}
