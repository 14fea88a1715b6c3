//! iTop 3 over its REST/JSON services: one address, form fields, an envelope whose code counts and not the status.
//!
//! The stock data model is in `config/trackers/itop.toml` and `model`; iTop cannot be asked for it. What a class of this
//! instance does not have is noticed and left out.

mod calls;
mod files;
mod links;
pub mod map;
pub mod model;
pub mod names;
pub mod oql;
mod page;
mod plan;
mod schema;
mod search;
mod steps;
mod tickets;
pub mod time;
mod values;
pub mod wire;
mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::SignedDuration;
use tokio::sync::Semaphore;

use crate::backend::http::client::{Client, Credential, Source};
use crate::backend::http::held::hold;
use crate::backend::http::tracker::{Page, Record, Sent, Setup, Tracker, Wanted, Write};
use crate::backend::{Attachment, Capabilities, Cursor, Error, Found, Lookup, Result, Schema, Upload};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::text::Clean;
use names::Names;
pub use wire::envelope;

/// Words whose log entry was not seen yet: the log, the words, how often they were written.
type Unseen = (&'static str, Clean, usize);

/// Requests under way at once: each is signed in anew there, which costs it 45 ms of a processor.
pub const AT_ONCE: usize = 2;

/// What this instance does not have, though the stock model does.
#[derive(Debug, Default)]
struct Absent {
    classes: BTreeSet<String>,
    /// By class.
    attributes: BTreeMap<String, BTreeSet<String>>,
}

/// An iTop.
#[derive(Debug)]
pub struct Itop {
    client: Client,
    setup: Setup,
    turns: Semaphore,
    /// Two entries in one log at one time lose one of them, so we write one thing after the other.
    writing: tokio::sync::Mutex<()>,
    names: Mutex<Names>,
    /// Words that were sent and not yet seen: the log, the words, how often they should stand there.
    unseen: Mutex<HashMap<TicketId, Vec<Unseen>>>,
    /// What this iTop turned out not to have.
    absent: Mutex<Absent>,
    /// What files are called: iTop tells it with their content only.
    files: Mutex<BTreeMap<String, files::Known>>,
}

impl Itop {
    pub fn new(client: Client, setup: Setup) -> Self {
        Self {
            client,
            setup,
            turns: Semaphore::new(AT_ONCE),
            writing: tokio::sync::Mutex::default(),
            names: Mutex::default(),
            unseen: Mutex::default(),
            absent: Mutex::default(),
            files: Mutex::default(),
        }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        hold(&self.names)
    }
}

/// Signs requests as iTop takes it best: a Basic header loses what follows a colon in the password, and is taken for
/// another sort of log-in behind some servers.
pub fn sign_in(user: &str, password: Source) -> Credential {
    Credential::Form {
        user_field: "auth_user".into(),
        user: user.to_owned(),
        password_field: "auth_pwd".into(),
        password,
    }
}

/// Signs requests with a token of the module `authent-token`.
pub fn token(value: Source) -> Credential {
    Credential::Header { name: "Auth-Token".into(), prefix: String::new(), value }
}

#[async_trait]
impl Tracker for Itop {
    fn capabilities(&self) -> Capabilities {
        self.setup.capabilities()
    }

    async fn schema(&self) -> Result<Schema> {
        self.told().await
    }

    async fn page(&self, since: Option<&Cursor>) -> Result<Page> {
        self.paged(since).await
    }

    async fn glance(&self, id: &TicketId) -> Result<Record> {
        self.restored(self.read(id).await?).await
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        let mut record = self.restored(self.read(id).await?).await?;
        let mut links = map::forward(&record);
        match self.hanging(&record).await {
            Ok(more) => links.extend(more),
            // A customised model may lack one of the classes or attributes.
            Err(Error::Invalid { reason, .. }) => tracing::warn!("Links of {id} are not whole: {reason}"),
            Err(error) => return Err(error),
        }
        links.sort();
        links.dedup();
        record.links = Some(links);
        Ok(record)
    }

    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        self.planned(on, wanted).await
    }

    async fn send(&self, on: &Record, write: &Write) -> Result<Sent> {
        self.sent(on, write).await
    }

    async fn create(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        self.created(kind, wanted).await
    }

    async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        self.made_before(kind, wanted).await
    }

    fn clock_ahead(&self) -> Option<SignedDuration> {
        self.client.skew()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        self.searched(wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        self.listed(id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        self.fetched(id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        self.added(id, file).await
    }
}
