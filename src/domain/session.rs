//! A triage session: one ticket of a view after the other. What is next, what is left, how fast it goes.
//!
//! Plain data that outlives the console: it is stored after every step and taken up again after a dropped line. What
//! colleagues do, and whether a snooze is over, is asked of the caller, who knows the desk.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::name::{Name, TicketId};
use crate::domain::wake::Snooze;
use crate::text::Clean;

/// A pause longer than this between two tickets is a break; of it only this much counts for the pace.
const BREAK: SignedDuration = SignedDuration::from_mins(10);

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The name of the view, and what it asks; together they say what to load again.
    pub view: Clean,
    pub query: Clean,
    /// The tickets of the view in its order, as last seen.
    order: Vec<TicketId>,
    done: BTreeSet<TicketId>,
    skipped: BTreeMap<TicketId, Skip>,
    snoozed: BTreeMap<TicketId, Snooze>,
    /// The ticket on the screen.
    current: Option<TicketId>,
    pub started: Timestamp,
    /// The last act, and how much work lies before it without the breaks, in ms.
    last: Timestamp,
    worked: i64,
}

/// A ticket that was passed over, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    pub reason: Clean,
    pub at: Timestamp,
}

/// How a ticket stands that might come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    Free,
    /// A colleague has it open.
    With(Name),
    /// It has left the view: somebody dealt with it.
    Gone,
}

/// What a session needs to know of the desk.
pub trait Desk {
    fn presence(&self, id: &TicketId) -> Presence;
    fn is_awake(&self, id: &TicketId, snooze: &Snooze) -> bool;
}

/// Where a session goes from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Ticket(TicketId),
    /// Nothing free: so many are open at colleagues, so many are snoozed.
    Waiting {
        with_others: usize,
        asleep: usize,
    },
    /// Everything is done or skipped.
    Finished,
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    pub done: usize,
    /// Neither done nor skipped, snoozed ones included.
    pub left: usize,
    pub skipped: usize,
    pub snoozed: usize,
    /// Tickets in an hour of work; none before the second one.
    pub per_hour: Option<f64>,
    /// When the rest is done at that pace, without breaks.
    pub finish: Option<Timestamp>,
}

/// A skip needs a reason: leads read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A skip needs a reason; say why somebody else should look at it.")]
pub struct NoReason;

impl Session {
    pub fn start(view: Clean, query: Clean, order: Vec<TicketId>, now: Timestamp) -> Self {
        Self {
            view,
            query,
            order,
            done: BTreeSet::new(),
            skipped: BTreeMap::new(),
            snoozed: BTreeMap::new(),
            current: None,
            started: now,
            last: now,
            worked: 0,
        }
    }

    /// Takes it up again: the time since the last act was a break. The ticket that was on the screen is still current.
    pub fn resume(&mut self, order: Vec<TicketId>, now: Timestamp) {
        self.last = now;
        self.reorder(order);
    }

    /// The view was loaded anew: tickets may have come, gone, or moved. What was decided stays decided.
    pub fn reorder(&mut self, order: Vec<TicketId>) {
        self.order = order;
    }

    pub fn current(&self) -> Option<&TicketId> {
        self.current.as_ref()
    }

    pub fn order(&self) -> &[TicketId] {
        &self.order
    }

    /// Passed-over tickets with their reasons.
    pub fn skipped(&self) -> &BTreeMap<TicketId, Skip> {
        &self.skipped
    }

    pub fn snoozed(&self) -> &BTreeMap<TicketId, Snooze> {
        &self.snoozed
    }

    pub fn is_done(&self, id: &TicketId) -> bool {
        self.done.contains(id)
    }

    /// Goes to the next ticket and makes it current.
    pub fn advance(&mut self, desk: &impl Desk) -> Next {
        let next = self.peek(desk);
        self.current = if let Next::Ticket(id) = &next { Some(id.clone()) } else { None };
        next
    }

    /// Puts this ticket on the screen out of order; a decision about it is open again.
    pub fn go_to(&mut self, id: &TicketId) {
        self.forget(id);
        self.current = Some(id.clone());
    }

    /// What comes after the current ticket, so that it can be loaded beforehand.
    pub fn peek(&self, desk: &impl Desk) -> Next {
        self.upcoming(desk).next().cloned().map_or_else(|| self.rest(desk), Next::Ticket)
    }

    /// The free tickets in the order in which they will come: on from the current one, then round from the beginning.
    pub fn upcoming<'a>(&'a self, desk: &'a impl Desk) -> impl Iterator<Item = &'a TicketId> {
        let place = self.current.as_ref().and_then(|id| self.order.iter().position(|held| held == id));
        let (before, after) = match place {
            Some(place) => (&self.order[..place], &self.order[place + 1..]),
            None => (&self.order[..0], &self.order[..]),
        };
        let free = |id: &&TicketId| self.is_open(id) && self.is_up(id, desk) && desk.presence(id) == Presence::Free;
        after.iter().chain(before).filter(free)
    }

    /// The ticket was decided.
    pub fn done(&mut self, id: &TicketId, now: Timestamp) {
        self.work(now);
        self.forget(id);
        self.done.insert(id.clone());
    }

    /// The ticket is left to others.
    pub fn skip(&mut self, id: &TicketId, reason: Clean, now: Timestamp) -> Result<(), NoReason> {
        if reason.trim().is_empty() {
            return Err(NoReason);
        }
        self.work(now);
        self.forget(id);
        self.skipped.insert(id.clone(), Skip { reason, at: now });
        Ok(())
    }

    /// The ticket comes back later.
    pub fn snooze(&mut self, id: &TicketId, snooze: Snooze) {
        self.work(snooze.since);
        self.forget(id);
        self.snoozed.insert(id.clone(), snooze);
    }

    /// Takes back what was decided about the ticket: it is left to do again.
    pub fn reopen(&mut self, id: &TicketId) {
        self.forget(id);
    }

    pub fn progress(&self, now: Timestamp, desk: &impl Desk) -> Progress {
        let left = self.left(desk).count();
        let done = self.done.len();
        let hours = self.worked as f64 / 3_600_000.0;
        let per_hour = (done > 1 && hours > 0.0).then(|| done as f64 / hours);
        let finish = per_hour.filter(|_| left > 0).and_then(|pace| {
            let ms = left as f64 / pace * 3_600_000.0;
            now.checked_add(SignedDuration::from_millis(ms as i64)).ok()
        });
        let asleep = |(id, snooze): &(&TicketId, &Snooze)| !desk.is_awake(id, snooze);
        Progress {
            done,
            left,
            skipped: self.skipped.len(),
            snoozed: self.snoozed.iter().filter(asleep).count(),
            per_hour,
            finish,
        }
    }

    /// Why there is no next ticket. The current one still counts as something to do.
    fn rest(&self, desk: &impl Desk) -> Next {
        let (mut with_others, mut asleep) = (0, 0);
        for id in self.left(desk).filter(|id| self.current.as_ref() != Some(*id)) {
            if !self.is_up(id, desk) {
                asleep += 1;
            } else if matches!(desk.presence(id), Presence::With(_)) {
                with_others += 1;
            }
        }
        if with_others + asleep == 0 { Next::Finished } else { Next::Waiting { with_others, asleep } }
    }

    fn left<'a>(&'a self, desk: &'a impl Desk) -> impl Iterator<Item = &'a TicketId> {
        self.order.iter().filter(|id| self.is_open(id) && desk.presence(id) != Presence::Gone)
    }

    fn is_open(&self, id: &TicketId) -> bool {
        !self.done.contains(id) && !self.skipped.contains_key(id)
    }

    fn is_up(&self, id: &TicketId, desk: &impl Desk) -> bool {
        self.snoozed.get(id).is_none_or(|snooze| desk.is_awake(id, snooze))
    }

    fn forget(&mut self, id: &TicketId) {
        self.done.remove(id);
        self.skipped.remove(id);
        self.snoozed.remove(id);
    }

    fn work(&mut self, now: Timestamp) {
        let gap = now.duration_since(self.last).clamp(SignedDuration::ZERO, BREAK);
        self.worked = self.worked.saturating_add(i64::try_from(gap.as_millis()).unwrap_or(0));
        self.last = self.last.max(now);
    }
}
