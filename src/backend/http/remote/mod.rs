//! A desk made of a tracker: what is the same for every tracker that keeps no keys of acts, no revisions and no promises.
//!
//! A write is checked against what the user saw, sent in as few requests as the adapter needs, read back and compared.
//! What was dropped is said; what may have been stored is looked for before it is sent again.

mod faults;
mod make;
mod write;

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;

use self::faults::not_an_answer;
use crate::backend::embedded::Rules;
use crate::backend::http::assemble::assemble;
use crate::backend::http::evidence::{Claims, Evidence};
use crate::backend::http::held::hold;
use crate::backend::http::tracker::{Part, Record, Tracker, Wanted};
use crate::backend::{
    Attachment, Backend, Capabilities, Cursor, Delta, Dropped, Error, Found, Lookup, Presence, Result, Schema, Stored,
    Upload,
};
use crate::domain::change::{Op, Target};
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;

/// A tracker as a desk.
pub struct Remote {
    tracker: Box<dyn Tracker>,
    rules: Rules,
    me: Mutex<Option<Name>>,
    /// Records as they were last read: what a write needs of them need not be read again.
    seen: Mutex<HashMap<TicketId, Record>>,
    claims: Mutex<Claims>,
    poll: Duration,
}

/// How many records are remembered.
const REMEMBERED: usize = 256;
/// How often what only adds is tried again when somebody else's write came between.
const CLASHES: usize = 4;

impl Remote {
    /// `rules` give the clocks and the matrix by which rows are made.
    pub fn new(tracker: Box<dyn Tracker>, rules: Rules, poll: Duration) -> Self {
        let (me, seen, claims) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { tracker, rules, me, seen, claims, poll }
    }

    async fn me(&self) -> Result<Name> {
        if let Some(me) = self.known_me() {
            return Ok(me);
        }
        Ok(self.schema().await?.me)
    }

    fn known_me(&self) -> Option<Name> {
        hold(&self.me).clone()
    }

    fn remember(&self, record: &Record) {
        let mut seen = hold(&self.seen);
        if seen.len() >= REMEMBERED && !seen.contains_key(&record.id) {
            seen.clear();
        }
        seen.insert(record.id.clone(), record.clone());
    }

    fn remembered(&self, id: &TicketId) -> Option<Record> {
        hold(&self.seen).get(id).cloned()
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        let record = self.tracker.whole(id).await?;
        self.remember(&record);
        Ok(record)
    }

    fn stored(&self, record: &Record, dropped: Vec<Dropped>) -> Stored {
        let (ticket, summary) = assemble(record, &self.rules);
        Stored { ticket, summary, also: Vec::new(), dropped }
    }

    fn judge<T>(&self, record: &Record, wanted: &Wanted, ask: impl FnOnce(Evidence<'_>) -> T) -> T {
        let claims = hold(&self.claims);
        ask(Evidence { record, wanted, claims: &claims, ahead: self.tracker.clock_ahead() })
    }

    fn left(&self, record: &Record, wanted: &Wanted, parts: &[Part]) -> Vec<Part> {
        self.judge(record, wanted, |evidence| evidence.left(parts))
    }

    /// Somebody was quicker: theirs is what stands there now.
    async fn conflict(&self, id: &TicketId) -> Error {
        let theirs = match self.whole(id).await {
            Ok(theirs) => theirs,
            Err(error) => return error,
        };
        let me = self.known_me();
        let history = theirs.history.iter().flatten().rev();
        let who = history.map(|entry| &entry.who).find(|who| Some(*who) != me.as_ref()).cloned();
        let who = who.map_or_else(|| "somebody".to_owned(), |who| who.as_str().to_owned());
        Error::Conflict { theirs: Box::new(self.stored(&theirs, Vec::new())), who }
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("tracker", &self.tracker).finish_non_exhaustive()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Remote {
    fn capabilities(&self) -> Capabilities {
        self.tracker.capabilities()
    }

    async fn schema(&self) -> Result<Schema> {
        let schema = self.tracker.schema().await?;
        *hold(&self.me) = Some(schema.me.clone());
        Ok(schema)
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        let page = self.tracker.page(since).await?;
        let changed = page.records.iter().map(|record| assemble(record, &self.rules).1).collect();
        Ok(Delta { changed, removed: page.gone, next: page.next, more: page.more })
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        let record = self.whole(id).await?;
        Ok(assemble(&record, &self.rules).0)
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        let me = self.me().await.map_err(|error| if op.again { not_an_answer(error) } else { error })?;
        let wanted = Wanted::of(op, &me)?;
        let known = self.tracker.learn_of(&wanted.linked()).await;
        known.map_err(|error| if op.again { not_an_answer(error) } else { error })?;
        let mut stored = match &op.target {
            Target::Ticket(id) => self.write(id, op, &wanted).await?,
            Target::New(kind) => self.make(op, *kind, &wanted).await?,
        };
        stored.also = self.other_ends(&stored, &wanted).await;
        Ok(stored)
    }

    /// A tracker cannot tell; it is time to ask again.
    async fn changed(&self) -> Result<()> {
        tokio::time::sleep(self.poll).await;
        Ok(())
    }

    async fn presence(&self, _open: Option<&TicketId>) -> Result<Vec<Presence>> {
        Err(Error::Unsupported("it does not know who has a ticket open.".into()))
    }

    async fn refresh(&self) -> Result<()> {
        Ok(())
    }

    fn health(&self) -> crate::backend::Health {
        crate::backend::Health::default()
    }

    fn healths(&self) -> Vec<(Name, crate::backend::Health)> {
        Vec::new()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        self.tracker.search(wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        self.tracker.attachments(id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        self.tracker.download(id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        self.tracker.attach(id, file).await
    }
}
