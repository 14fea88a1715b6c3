//! Tries again what may go through later, as [`Error::retry`](crate::backend::Error::retry) says and not otherwise.
//!
//! Writes may be sent again because their key makes them one act.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::backend::{
    Attachment, Backend, Capabilities, Cursor, Delta, Error, Found, Health, Lookup, Presence, Result, Retry, Schema,
    Stored, Upload,
};
use crate::domain::change::Op;
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;

/// How long one waits for a desk before the error is handed on.
#[derive(Clone, Copy)]
pub struct Patience {
    /// Attempts in all.
    pub attempts: u32,
    /// A wait longer than this is not waited: the caller may have better to do.
    pub longest: Duration,
    /// From 0 to 1: how much of half the wait is added, so that consoles do not come back all at once.
    pub jitter: fn() -> f64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempts: 3, longest: Duration::from_secs(10), jitter }
    }
}

/// Two consoles come to the same place in a millisecond rarely enough.
pub fn jitter() -> f64 {
    let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
    f64::from(u32::try_from(high >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Patience({} attempts, {:?} at most)", self.attempts, self.longest)
    }
}

/// A desk that is asked again.
#[derive(Debug)]
pub struct Retrying<B> {
    desk: B,
    patience: Patience,
}

impl<B> Retrying<B> {
    pub fn new(desk: B, patience: Patience) -> Self {
        Self { desk, patience }
    }

    fn tries(&self) -> Tries {
        Tries { made: 0, patience: self.patience }
    }
}

/// The attempts at one request.
#[derive(Debug)]
struct Tries {
    made: u32,
    patience: Patience,
}

impl Tries {
    /// Waits before the next attempt, or gives the error back when there is to be none.
    async fn after(&mut self, error: Error) -> Result<()> {
        self.made += 1;
        let Retry::After(wait) = error.retry() else { return Err(error) };
        if self.made >= self.patience.attempts || wait > self.patience.longest {
            return Err(error);
        }
        tokio::time::sleep(wait + wait.mul_f64((self.patience.jitter)().clamp(0.0, 1.0) / 2.0)).await;
        Ok(())
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<B: Backend> Backend for Retrying<B> {
    fn capabilities(&self) -> Capabilities {
        self.desk.capabilities()
    }

    async fn schema(&self) -> Result<Schema> {
        let mut tries = self.tries();
        loop {
            match self.desk.schema().await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        let mut tries = self.tries();
        loop {
            match self.desk.pull(since).await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        let mut tries = self.tries();
        loop {
            match self.desk.get(id).await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        let mut tries = self.tries();
        let mut op = Cow::Borrowed(op);
        loop {
            if tries.made > 0 {
                op.to_mut().again = true;
            }
            match self.desk.apply(&op).await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    async fn changed(&self) -> Result<()> {
        let mut tries = self.tries();
        loop {
            match self.desk.changed().await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        let mut tries = self.tries();
        loop {
            match self.desk.presence(open).await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
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
        let mut tries = self.tries();
        loop {
            match self.desk.search(wanted).await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        let mut tries = self.tries();
        loop {
            match self.desk.attachments(id).await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        let mut tries = self.tries();
        loop {
            match self.desk.download(id, file).await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    /// A file has no key that would make two of it one: it is sent once.
    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        self.desk.attach(id, file).await
    }
}
