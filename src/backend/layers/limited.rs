//! Bounds how much is asked of a desk at once.

use async_trait::async_trait;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::backend::{
    Attachment, Backend, Capabilities, Cursor, Delta, Error, Found, Health, Lookup, Presence, Result, Schema, Stored,
    Upload,
};
use crate::domain::change::Op;
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;

/// A desk with so many requests under way at most; the others wait for their turn.
#[derive(Debug)]
pub struct Limited<B> {
    desk: B,
    turns: Semaphore,
}

impl<B> Limited<B> {
    pub fn new(desk: B, in_flight: usize) -> Self {
        Self { desk, turns: Semaphore::new(in_flight.max(1)) }
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        self.turns.acquire().await.map_err(|_| Error::Offline("The desk was closed.".into()))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<B: Backend> Backend for Limited<B> {
    fn capabilities(&self) -> Capabilities {
        self.desk.capabilities()
    }

    async fn schema(&self) -> Result<Schema> {
        let _turn = self.turn().await?;
        self.desk.schema().await
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        let _turn = self.turn().await?;
        self.desk.pull(since).await
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        let _turn = self.turn().await?;
        self.desk.get(id).await
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        let _turn = self.turn().await?;
        self.desk.apply(op).await
    }

    /// Waits for others and not for an answer, so it takes nobody's turn.
    async fn changed(&self) -> Result<()> {
        self.desk.changed().await
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        let _turn = self.turn().await?;
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
        let _turn = self.turn().await?;
        self.desk.search(wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        let _turn = self.turn().await?;
        self.desk.attachments(id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        let _turn = self.turn().await?;
        self.desk.download(id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        let _turn = self.turn().await?;
        self.desk.attach(id, file).await
    }
}
