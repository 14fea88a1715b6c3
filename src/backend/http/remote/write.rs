//! A write on a ticket that is there: checked against what the user saw, planned, sent, read back and compared.
//!
//! From the first request that was taken on, no error may make the act look undone.

use super::faults::{is_for_later, not_an_answer, stored_but};
use super::{CLASHES, Remote};
use crate::backend::http::assemble::assemble;
use crate::backend::http::evidence::{as_done, as_entries, why_missing};
use crate::backend::http::held::hold;
use crate::backend::http::tracker::{Part, Record, Sent, Wanted, Write};
use crate::backend::{Dropped, Error, Guard, Result, Stored};
use crate::domain::change::{Link, Op};
use crate::domain::name::TicketId;
use crate::domain::summary::Summary;
use crate::text::Clean;

/// What became of an act.
#[expect(clippy::large_enum_variant, reason = "it lives for one return")]
pub(super) enum Went {
    Stored(Stored),
    /// Somebody else wrote first, and nothing of the act is stored.
    Clash,
}

/// Why the rest of an act was not sent.
pub(super) struct Stopped {
    why: Error,
    unsent: Vec<Part>,
}

impl Remote {
    pub(super) async fn write(&self, id: &TicketId, op: &Op, wanted: &Wanted) -> Result<Stored> {
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

    /// The record to write on, and what of the act is to be written, once it is sure that the user saw it so.
    pub(super) async fn base(&self, id: &TicketId, op: &Op, wanted: &Wanted) -> Result<(Record, Vec<Part>)> {
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

    /// Plans, sends, reads back and compares.
    pub(super) async fn carry_out(&self, base: &Record, wanted: &Wanted) -> Result<Went> {
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
    pub(super) async fn one(&self, base: &Record, write: &Write, wanted: &Wanted) -> Result<Sent> {
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
    pub(super) async fn read_back(&self, base: &Record, wanted: &Wanted, stopped: Option<Stopped>) -> Result<Stored> {
        let unsent = stopped.as_ref().map_or(&[][..], |stopped| &stopped.unsent);
        let sent: Vec<Part> = wanted.parts.iter().filter(|part| !unsent.contains(part)).cloned().collect();
        let mut dropped = Vec::new();
        let (now, missing) = match self.as_it_stands(base, &sent).await {
            Ok(now) => {
                let missing = self.judge(&now, wanted, |evidence| evidence.missing(&sent));
                (now, missing)
            }
            // It was moved to where this user sees nothing, or merged: the tracker said yes, and that is all one knows.
            Err(Error::Forbidden(_) | Error::NotFound(_) | Error::Moved { .. }) => {
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
    pub(super) async fn as_it_stands(&self, base: &Record, sent: &[Part]) -> Result<Record> {
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
    pub(super) fn with_history(&self, mut now: Record, base: &Record, wanted: &Wanted, stored: &[Part]) -> Record {
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

    /// The rows at the other ends of links that were made or taken away. One that cannot be read now comes with the next
    /// look at the tracker.
    pub(super) async fn other_ends(&self, stored: &Stored, wanted: &Wanted) -> Vec<Summary> {
        let mut rows: Vec<Summary> = Vec::new();
        for part in &wanted.parts {
            let (Part::Link(link) | Part::Unlink(link)) = part else { continue };
            let is_new = link.other != stored.ticket.id && rows.iter().all(|row| row.id != link.other);
            if !is_new || stored.dropped.iter().any(|dropped| dropped.what == part.name()) {
                continue;
            }
            match self.whole(&link.other).await {
                Ok(other) => rows.push(assemble(&other, &self.rules).1),
                Err(error) => tracing::debug!(%error, "the other end of a link is not read"),
            }
        }
        rows
    }
}

pub(super) fn held_links(base: &Record, links: Option<Vec<Link>>) -> Record {
    Record { links: links.or_else(|| base.links.clone()), ..base.clone() }
}
