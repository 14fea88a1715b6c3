//! A desk made of a tracker: what is the same for every tracker that keeps no keys of acts, no revisions and no promises.
//!
//! A write is checked against what the user saw, sent in as few requests as the adapter needs, read back and compared.
//! What was dropped is said; what may have been stored is looked for before it is sent again.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;

use crate::backend::embedded::Rules;
use crate::backend::http::assemble::assemble;
use crate::backend::http::evidence::{Claims, Evidence, as_done, as_entries, why_missing};
use crate::backend::http::held::hold;
use crate::backend::http::tracker::{Part, Record, Sent, Tracker, Wanted, Write};
use crate::backend::{
    Attachment, Backend, Capabilities, Cursor, Delta, Dropped, Error, Found, Guard, Lookup, Presence, Result, Schema,
    Stored, Upload,
};
use crate::domain::change::{Link, Op, Target};
use crate::domain::kind::Kind;
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
    claims: Mutex<Claims>,
    poll: Duration,
}

/// How many records are remembered.
const REMEMBERED: usize = 256;
/// How often what only adds is tried again when somebody else's write came between.
const CLASHES: usize = 4;

/// What became of an act.
#[expect(clippy::large_enum_variant, reason = "it lives for one return")]
enum Went {
    Stored(Stored),
    /// Somebody else wrote first, and nothing of the act is stored.
    Clash,
}

/// Why the rest of an act was not sent.
struct Stopped {
    why: Error,
    unsent: Vec<Part>,
}

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

    /// The record to write on, and what of the act is to be written, once it is sure that the user saw it so.
    async fn base(&self, id: &TicketId, op: &Op, wanted: &Wanted) -> Result<(Record, Vec<Part>)> {
        if op.again {
            // Something of it may be stored: only an answer that tells of that decides.
            let now = self.whole(id).await.map_err(not_an_answer)?;
            let left = self.left(&now, wanted, &wanted.parts);
            let stale = op.expect.is_some_and(|seen| seen != now.revision);
            let ours = self.judge(&now, wanted, |evidence| evidence.is_ours(&left));
            return if stale && !ours { Err(self.conflict(id).await) } else { Ok((now, left)) };
        }
        let held = self.remembered(id).filter(|held| op.expect.is_none_or(|seen| seen == held.revision));
        if let (Guard::Atomic, Some(held)) = (self.tracker.capabilities().guard, held) {
            // The tracker itself refuses a stale write.
            return Ok((held, wanted.parts.clone()));
        }
        let now = self.tracker.glance(id).await?;
        let stale = op.expect.is_some_and(|seen| seen != now.revision);
        if stale { Err(self.conflict(id).await) } else { Ok((now, wanted.parts.clone())) }
    }

    async fn write(&self, id: &TicketId, op: &Op, wanted: &Wanted) -> Result<Stored> {
        let (mut base, mut left) = self.base(id, op, wanted).await?;
        for _ in 0..CLASHES {
            match self.carry_out(&base, &wanted.only(left)).await? {
                Went::Stored(stored) => return Ok(stored),
                Went::Clash if op.expect.is_some() => break,
                // What only adds goes onto whatever stands there by now.
                Went::Clash => base = self.whole(id).await?,
            }
            left = self.left(&base, wanted, &wanted.parts);
        }
        Err(self.conflict(id).await)
    }

    /// Plans, sends, reads back and compares.
    async fn carry_out(&self, base: &Record, wanted: &Wanted) -> Result<Went> {
        if wanted.parts.is_empty() {
            let now = self.whole(&base.id).await.map_err(not_an_answer)?;
            return Ok(Went::Stored(self.stored(&now, Vec::new())));
        }
        let writes = self.tracker.plan(base, wanted).await?;
        let mut stopped = None;
        for (done, write) in writes.iter().enumerate() {
            let why = match self.one(base, write, wanted).await {
                Ok(Sent::Taken) => continue,
                Ok(Sent::Clash) if done == 0 => return Ok(Went::Clash),
                Ok(Sent::Clash) => self.conflict(&base.id).await,
                // Nothing of the act is stored: it is refused as a whole.
                Err(error) if done == 0 => return Err(error),
                Err(error) => error,
            };
            if is_for_later(&why) {
                // It can be taken up again where it stopped.
                return Err(why);
            }
            let unsent = writes.iter().skip(done).flat_map(|write| write.carries.clone()).collect();
            stopped = Some(Stopped { why, unsent });
            break;
        }
        self.read_back(base, wanted, stopped).await.map(Went::Stored)
    }

    /// One write; where its answer is lost, what it should have done is looked for.
    async fn one(&self, base: &Record, write: &Write, wanted: &Wanted) -> Result<Sent> {
        match self.tracker.send(base, write).await {
            Err(Error::Doubtful(why)) => match self.whole(&base.id).await {
                Ok(now) if self.left(&now, wanted, &write.carries).is_empty() => Ok(Sent::Taken),
                // It may still be on its way.
                _ => Err(Error::Doubtful(why)),
            },
            sent => sent,
        }
    }

    /// From here on something is stored: no error may make the act look undone.
    async fn read_back(&self, base: &Record, wanted: &Wanted, stopped: Option<Stopped>) -> Result<Stored> {
        let unsent = stopped.as_ref().map_or(&[][..], |stopped| &stopped.unsent);
        let sent: Vec<Part> = wanted.parts.iter().filter(|part| !unsent.contains(part)).cloned().collect();
        let mut dropped = Vec::new();
        let (now, missing) = match self.as_it_stands(base, &sent).await {
            Ok(now) => {
                let missing = self.judge(&now, wanted, |evidence| evidence.missing(&sent));
                (now, missing)
            }
            // It was moved to where this user sees nothing, or merged: the tracker said yes, and that is all one knows.
            Err(Error::Forbidden(_) | Error::NotFound(_)) => {
                let history = self.remembered(&base.id).and_then(|held| held.history);
                let history = base.history.clone().or(history).map(|mut history| {
                    history.extend(as_entries(base, base, wanted, &sent));
                    history
                });
                (Record { history, ..as_done(base, &sent) }, Vec::new())
            }
            Err(error) => return Err(stored_but(error)),
        };
        for part in &wanted.parts {
            let why = match &stopped {
                Some(Stopped { why, unsent }) if unsent.contains(part) => {
                    Clean::line(&format!("The rest of the act was stored, this was not: {why}"))
                }
                _ if missing.contains(part) => why_missing(&now, part),
                _ => continue,
            };
            dropped.push(Dropped { what: part.name(), why });
        }
        let stored: Vec<Part> = sent.into_iter().filter(|part| !missing.contains(part)).collect();
        hold(&self.claims).said(&now, wanted, &stored);
        let now = self.with_history(now, base, wanted, &stored);
        self.remember(&now);
        Ok(self.stored(&now, dropped))
    }

    /// The record after a write: in one request where its history up to that write is known.
    async fn as_it_stands(&self, base: &Record, sent: &[Part]) -> Result<Record> {
        let held = self.remembered(&base.id).filter(|held| held.revision == base.revision);
        if held.is_none_or(|held| held.history.is_none()) {
            return self.tracker.whole(&base.id).await;
        }
        let now = self.tracker.glance(&base.id).await?;
        // Words that left no trace are looked for themselves.
        let untouched = now.history.is_none() && now.revision == base.revision;
        if untouched && sent.iter().any(|part| matches!(part, Part::Say(..))) {
            return self.tracker.whole(&base.id).await;
        }
        Ok(now)
    }

    /// What was not read again is what was known, and what has just been stored.
    fn with_history(&self, mut now: Record, base: &Record, wanted: &Wanted, stored: &[Part]) -> Record {
        let held = self.remembered(&base.id).filter(|held| held.revision == base.revision);
        let Some(held) = held else { return now };
        if now.history.is_none() {
            let mut history = held.history.unwrap_or_default();
            history.extend(as_entries(base, &now, wanted, stored));
            now.history = Some(history);
        }
        if now.links.is_none() {
            now.links = as_done(&held_links(base, held.links), stored).links;
        }
        now
    }

    async fn make(&self, op: &Op, kind: Kind, wanted: &Wanted) -> Result<Stored> {
        let before = if op.again { self.find(kind, wanted).await.map_err(not_an_answer)? } else { None };
        let id = match before {
            Some(id) => id,
            None => match self.tracker.create(kind, wanted).await {
                Ok(id) => id,
                Err(Error::Doubtful(why)) => {
                    self.find(kind, wanted).await.unwrap_or_default().ok_or(Error::Doubtful(why))?
                }
                Err(error) => return Err(error),
            },
        };
        hold(&self.claims).made(&id, &wanted.key);
        // The ticket is there: what goes wrong from here on must not make a second one.
        let mut now = self.whole(&id).await.map_err(|error| made_but(&id, error))?;
        for _ in 0..CLASHES {
            let left = self.left(&now, wanted, &wanted.parts);
            let said: Vec<Part> = wanted.parts.iter().filter(|part| !left.contains(part)).cloned().collect();
            if left.is_empty() {
                hold(&self.claims).said(&now, wanted, &said);
                return Ok(self.stored(&now, Vec::new()));
            }
            match self.carry_out(&now, &wanted.only(left.clone())).await {
                Ok(Went::Stored(stored)) => return Ok(stored),
                Ok(Went::Clash) => now = self.whole(&id).await.map_err(|error| made_but(&id, error))?,
                Err(error) if is_for_later(&error) => return Err(stored_but(error)),
                Err(error) => {
                    let why = Clean::line(&format!("The ticket was made without it: {error}"));
                    let dropped = left.iter().map(|part| Dropped { what: part.name(), why: why.clone() }).collect();
                    return Ok(self.stored(&now, dropped));
                }
            }
        }
        Err(Error::Doubtful(format!("{id} was made, and others keep changing it; the rest of the act waits.")))
    }

    /// The ticket that an earlier try of this act made.
    async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Option<TicketId>> {
        let found = self.tracker.find(kind, wanted).await?;
        let claims = hold(&self.claims);
        Ok(found.into_iter().find(|id| !claims.is_anothers(id, &wanted.key)))
    }
}

fn held_links(base: &Record, links: Option<Vec<Link>>) -> Record {
    Record { links: links.or_else(|| base.links.clone()), ..base.clone() }
}

/// Whether the act stays in the outbox: it is not refused, and may go through later.
fn is_for_later(error: &Error) -> bool {
    matches!(error, Error::Offline(_) | Error::Doubtful(_) | Error::RateLimited { .. } | Error::Unauthenticated(_))
}

/// An error after something was stored: the act is looked for before anything of it is sent again.
fn stored_but(error: Error) -> Error {
    match error {
        Error::Offline(why) => Error::Doubtful(why),
        other => not_an_answer(other),
    }
}

/// The same after a ticket was made: that it cannot be read does not unmake it.
fn made_but(id: &TicketId, error: Error) -> Error {
    match error {
        Error::Forbidden(_) | Error::NotFound(_) => {
            Error::Doubtful(format!("{id} was made and cannot be read: {error}"))
        }
        other => stored_but(other),
    }
}

/// An error while one looks for an act that may be stored: one that cannot be read does not mean that it is refused.
fn not_an_answer(error: Error) -> Error {
    match error {
        Error::Unexpected(why) | Error::Invalid { reason: why, .. } | Error::Unsupported(why) => Error::Doubtful(why),
        Error::Forbidden(why) => Error::Forbidden(format!("{why} What was sent before may be stored.")),
        other => other,
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
