//! Refuses what the desk does not offer before it reaches the desk.

use async_trait::async_trait;

use crate::backend::{
    Attachment, Backend, Capabilities, Cursor, Delta, Error, Found, Health, Lookup, Presence, Result, Schema, Sort,
    Stored, Upload,
};
use crate::domain::change::Op;
use crate::domain::name::{Name, TicketId};
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

impl<B: Backend> Guarded<B> {
    /// A tracker that was not asked yet who we are there says that nothing may be written: it is asked before that is
    /// taken for an answer.
    async fn know(&self) -> Result<()> {
        if !self.read_only && !self.desk.capabilities().write {
            self.desk.schema().await?;
        }
        Ok(())
    }

    fn files(&self) -> Result<()> {
        if self.desk.capabilities().attachments {
            return Ok(());
        }
        Err(Error::Unsupported("it keeps no files.".into()))
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
        self.know().await?;
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

    fn healths(&self) -> Vec<(Name, Health)> {
        self.desk.healths()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let can = self.capabilities();
        let (has, what) = match wanted.sort {
            Sort::People => (can.people_search, "people"),
            Sort::Assets => (can.asset_search, "assets"),
            Sort::Knowledge => (can.knowledge_search, "knowledge"),
            Sort::Tickets => (can.ticket_search, "tickets"),
        };
        if !has {
            return Err(Error::Unsupported(format!("its {what} cannot be searched.")));
        }
        self.desk.search(wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        self.files()?;
        self.desk.attachments(id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        self.files()?;
        self.desk.download(id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        self.know().await?;
        self.files()?;
        if !self.capabilities().write {
            return Err(Error::Forbidden("this desk is open for reading only.".into()));
        }
        self.desk.attach(id, file).await
    }
}
