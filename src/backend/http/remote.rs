//! A desk made of a tracker: what is the same for every tracker that keeps no keys of acts, no revisions and no promises.
//!
//! A write is checked against what the user saw, sent in as few requests as the adapter needs, read back and compared.
//! What was dropped is said; what may have been stored is looked for before it is sent again.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use crate::backend::embedded::Rules;
use crate::backend::http::assemble::assemble;
use crate::backend::http::tracker::{Part, Record, Sent, Tracker, Wanted, Write};
use crate::backend::{
    Attachment, Backend, Capabilities, Cursor, Delta, Dropped, Error, Found, Guard, Lookup, Presence, Result, Schema,
    Stored, Upload,
};
use crate::domain::change::{Audience, Change, Op, Target};
use crate::domain::field::{Field, Value};
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// A tracker as a desk.
pub struct Remote {
    tracker: Box<dyn Tracker>,
    rules: Rules,
    me: Mutex<Option<Name>>,
    /// Records as they were last read: what a write needs of them need not be read again.
    seen: Mutex<HashMap<TicketId, Record>>,
    poll: Duration,
}

/// How many records are remembered.
const REMEMBERED: usize = 256;
/// How far the clocks of console and tracker may be apart when words are looked for.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

impl Remote {
    /// `rules` give the clocks and the matrix by which rows are made.
    pub fn new(tracker: Box<dyn Tracker>, rules: Rules, poll: Duration) -> Self {
        Self { tracker, rules, me: Mutex::default(), seen: Mutex::default(), poll }
    }

    async fn me(&self) -> Result<Name> {
        if let Some(me) = self.known_me() {
            return Ok(me);
        }
        Ok(self.schema().await?.me)
    }

    fn known_me(&self) -> Option<Name> {
        self.me.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, record: &Record) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED && !seen.contains_key(&record.id) {
            seen.clear();
        }
        seen.insert(record.id.clone(), record.clone());
    }

    fn remembered(&self, id: &TicketId) -> Option<Record> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
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

    /// The record to write on, as the user saw it.
    async fn base(&self, id: &TicketId, op: &Op, wanted: &Wanted) -> Result<Record> {
        let held = self.remembered(id);
        if !op.again
            && self.tracker.capabilities().guard == Guard::Atomic
            && let Some(held) = held.filter(|held| op.expect.is_none_or(|seen| seen == held.revision))
        {
            // The tracker itself refuses a stale write.
            return Ok(held);
        }
        let now = if op.again { self.whole(id).await? } else { self.tracker.glance(id).await? };
        let stale = op.expect.is_some_and(|seen| seen != now.revision);
        let ours = op.again && wanted.parts.iter().any(|part| was_done(&now, part, wanted));
        if stale && !ours { Err(self.conflict(id).await) } else { Ok(now) }
    }

    async fn write(&self, id: &TicketId, op: &Op, wanted: &Wanted) -> Result<Stored> {
        let base = self.base(id, op, wanted).await?;
        let left: Vec<Part> = if op.again {
            wanted.parts.iter().filter(|part| !was_done(&base, part, wanted)).cloned().collect()
        } else {
            wanted.parts.clone()
        };
        self.carry_out(base, &wanted.only(left)).await
    }

    /// Plans, sends, reads back and compares.
    async fn carry_out(&self, base: Record, wanted: &Wanted) -> Result<Stored> {
        if wanted.parts.is_empty() {
            let now = self.whole(&base.id).await?;
            return Ok(self.stored(&now, Vec::new()));
        }
        let writes = self.tracker.plan(&base, wanted).await?;
        let mut refused = None;
        let mut done = 0;
        for write in &writes {
            match self.one(&base, write, wanted).await {
                Ok(()) => done += 1,
                // Nothing of the act is stored: it is refused as a whole.
                Err(error) if done == 0 => return Err(error),
                // It can be taken up again where it stopped.
                Err(error @ (Error::Offline(_) | Error::Doubtful(_) | Error::RateLimited { .. })) => return Err(error),
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        let unsent = writes.into_iter().skip(done).flat_map(|write| write.carries).collect::<Vec<_>>();
        self.read_back(&base, wanted, refused.map(|error| (error, unsent))).await
    }

    /// One write; where its answer is lost, what it should have done is looked for.
    async fn one(&self, base: &Record, write: &Write, wanted: &Wanted) -> Result<()> {
        match self.tracker.send(base, write).await {
            Ok(Sent::Taken) => Ok(()),
            Ok(Sent::Clash) => Err(self.conflict(&base.id).await),
            Err(Error::Doubtful(why)) => match self.whole(&base.id).await {
                Ok(now) if write.carries.iter().all(|part| was_done(&now, part, wanted)) => Ok(()),
                // It may still be on its way.
                _ => Err(Error::Doubtful(why)),
            },
            Err(error) => Err(error),
        }
    }

    async fn read_back(&self, base: &Record, wanted: &Wanted, refused: Option<(Error, Vec<Part>)>) -> Result<Stored> {
        // It is stored: a desk that cannot be read now must not make the act look undone.
        let mut now = match self.tracker.glance(&base.id).await {
            Ok(now) => now,
            Err(error) => return Err(stored_but(error)),
        };
        let (error, unsent) = refused.map_or((None, Vec::new()), |(error, unsent)| (Some(error), unsent));
        let mut dropped = Vec::new();
        for part in &wanted.parts {
            let why = if unsent.contains(part) {
                error.as_ref().map(|error| format!("The rest of the act was stored, this was not: {error}"))
            } else if is_there(&now, part, wanted) {
                None
            } else {
                Some(format!("The tracker took it without a word and did not store it: {} is unchanged.", part.name()))
            };
            dropped.extend(why.map(|why| Dropped { what: part.name(), why: Clean::line(&why) }));
        }
        self.remember(&now);
        if now.history.is_none() {
            now.history = base.history.clone();
        }
        Ok(self.stored(&now, dropped))
    }

    async fn make(&self, op: &Op, kind: crate::domain::kind::Kind, wanted: &Wanted) -> Result<Stored> {
        let before = if op.again { self.tracker.find(kind, wanted).await?.into_iter().next() } else { None };
        let id = match before {
            Some(id) => id,
            None => match self.tracker.create(kind, wanted).await {
                Ok(id) => id,
                Err(Error::Doubtful(why)) => {
                    let made = self.tracker.find(kind, wanted).await.unwrap_or_default();
                    made.into_iter().next().ok_or(Error::Doubtful(why))?
                }
                Err(error) => return Err(error),
            },
        };
        // The ticket is there: what goes wrong from here on must not make a second one.
        let now = self.whole(&id).await.map_err(stored_but)?;
        let left: Vec<Part> = wanted.parts.iter().filter(|part| !was_done(&now, part, wanted)).cloned().collect();
        if left.is_empty() {
            return Ok(self.stored(&now, Vec::new()));
        }
        match self.carry_out(now.clone(), &wanted.only(left.clone())).await {
            Err(error @ (Error::Offline(_) | Error::Doubtful(_) | Error::RateLimited { .. })) => Err(stored_but(error)),
            Err(error) => {
                let why = Clean::line(&format!("The ticket was made without it: {error}"));
                let dropped = left.iter().map(|part| Dropped { what: part.name(), why: why.clone() }).collect();
                Ok(self.stored(&now, dropped))
            }
            stored => stored,
        }
    }
}

/// An error after something was stored: the act is looked for before anything of it is sent again.
fn stored_but(error: Error) -> Error {
    match error {
        Error::Offline(why) => Error::Doubtful(why),
        Error::RateLimited { .. } => {
            Error::Doubtful("The tracker asked to slow down before it could be read back.".into())
        }
        other => other,
    }
}

/// Whether the record holds what this part wants. Words that cannot be seen are taken to be there.
fn is_there(record: &Record, part: &Part, wanted: &Wanted) -> bool {
    match part {
        Part::Say(..) if record.history.is_none() => true,
        Part::Link(_) | Part::Unlink(_) if record.links.is_none() => true,
        part => was_done(record, part, wanted),
    }
}

/// Whether this part can be seen to be done.
fn was_done(record: &Record, part: &Part, wanted: &Wanted) -> bool {
    match part {
        Part::Field(Field::PriorityOverride, Some(value)) => {
            value.as_number() == record.priority.map(i64::from) || same(record, &Field::PriorityOverride, Some(value))
        }
        // Without an override the tracker computes; what it shows then is its own affair.
        Part::Field(Field::PriorityOverride, None) => true,
        Part::Field(field, value) => same(record, field, value.as_ref()),
        Part::Step(_, to) => record.state == *to,
        Part::Owner(name) => record.owner.as_ref() == Some(name),
        Part::Link(link) => record.links.iter().flatten().any(|held| held == link),
        Part::Unlink(link) => record.links.as_ref().is_some_and(|links| !links.contains(link)),
        Part::Say(audience, text) => was_said(record, *audience, text, wanted),
    }
}

fn same(record: &Record, field: &Field, wanted: Option<&Value>) -> bool {
    match (record.fields.get(field), wanted) {
        (None, None) => true,
        (None, Some(value)) => value.as_flag() == Some(false) || words(&value.to_string()).is_empty(),
        (Some(held), None) => held.as_flag() == Some(false),
        (Some(Value::Time(held)), Some(Value::Time(value))) => held.as_second() == value.as_second(),
        (Some(held), Some(value)) => held == value || words(&held.to_string()) == words(&value.to_string()),
    }
}

/// Words by me, since the act was done, that are the same but for white space: trackers wrap and trim.
fn was_said(record: &Record, audience: Audience, text: &Clean, wanted: &Wanted) -> bool {
    let since = wanted.at.saturating_sub(SKEW).unwrap_or(Timestamp::MIN);
    let text = words(text);
    record.history.iter().flatten().any(|entry| {
        entry.at >= since
            && entry.who == wanted.me
            && matches!(&entry.change, Change::Say { audience: a, text: held } if *a == audience && words(held) == text)
    })
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
        *self.me.lock().unwrap_or_else(PoisonError::into_inner) = Some(schema.me.clone());
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
        let me = self.me().await?;
        let wanted = Wanted::of(op, &me)?;
        match &op.target {
            Target::Ticket(id) => self.write(id, op, &wanted).await,
            Target::New(kind) => self.make(op, *kind, &wanted).await,
        }
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
