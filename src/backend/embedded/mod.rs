//! The engine that the embedded desks share: from an op to stored events.
//!
//! Idempotency key, revision, rules, events, fold, summary happen here and only here; a desk brings a [`Log`] and
//! makes the calls of one op one transaction. Knows neither files nor tasks.

mod agreement;
pub mod clock;
mod decide;
mod rules;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::backend::{Error, Result, Stored};
use crate::domain::change::{Change, Event, Op, OpKey, Target};
use crate::domain::desk;
use crate::domain::kind::{Kind, Revision};
use crate::domain::name::{Name, TicketId};
use crate::domain::rfc::Planned;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;
pub use agreement::{Agreement, Unsound};
pub use clock::{Clock, whole_ms};
pub use rules::Rules;

/// What happened, by ticket, in the order in which it happened: what samples and importers make and desks load.
pub type History = Vec<(TicketId, Vec<Event>)>;

/// Where a desk keeps its events, as the engine sees it in the middle of one transaction.
pub trait Log: fmt::Debug {
    /// The tickets that the act of this key changed, its own first; none when the key is new.
    fn act(&mut self, key: &OpKey) -> Result<Option<Vec<TicketId>>>;

    /// The ticket with its timeline.
    fn ticket(&mut self, id: &TicketId) -> Result<Option<Ticket>>;

    /// The rows of what was touched after this place in the log.
    fn since(&mut self, seq: u64) -> Result<Vec<Summary>>;

    /// The changes that are planned and not made yet.
    fn booked(&mut self) -> Result<Vec<Planned>>;

    /// The next free identifier of this kind.
    fn name_ticket(&mut self, kind: Kind) -> Result<TicketId>;

    /// The place that the next event takes.
    fn next_seq(&mut self) -> Result<u64>;

    /// Stores the events of the timeline from `new` on, and the summary of the ticket after them.
    fn store(&mut self, ticket: &Ticket, new: usize, summary: &Summary) -> Result<()>;
}

/// Who does what falls due by itself.
pub const DESK: &str = "desk";
/// What falls due at once is done in portions, so that others get their turn in between.
pub const PORTION: usize = 50;

/// One act: who does it and when, under which rules.
#[derive(Debug)]
pub struct Act<'a> {
    pub rules: &'a Rules,
    pub who: &'a Name,
    pub now: Timestamp,
}

impl Act<'_> {
    /// Does the op, or says why not; what it returns is as stored. After an error nothing may be kept of it.
    pub fn apply(&self, log: &mut dyn Log, op: &Op) -> Result<Stored> {
        self.admit()?;
        self.perform(log, op)
    }

    fn perform(&self, log: &mut dyn Log, op: &Op) -> Result<Stored> {
        if let Some(tickets) = log.act(&op.key)? {
            return self.stored_before(log, &tickets);
        }
        let before = match &op.target {
            Target::Ticket(id) => self.before(log, id, op)?,
            Target::New(kind) => Ticket::blank(log.name_ticket(*kind)?, *kind, self.who.clone(), op.at),
        };
        let decision = decide::decide(self, log, &before, op)?;
        let (ticket, summary) = self.append(log, op, before, decision.changes)?;
        let mut also = Vec::new();
        for (id, changes) in decision.others {
            let other = log.ticket(&id)?.ok_or(Error::NotFound(id))?;
            also.push(self.append(log, op, other, changes)?.1);
        }
        Ok(Stored { ticket, summary, also, dropped: Vec::new() })
    }

    /// Whether this user may write here.
    ///
    /// Staff may. A desk without people yet takes anybody, so that the first one can set it up.
    pub fn admit(&self) -> Result<()> {
        if self.rules.directory().people.is_empty() {
            return Ok(());
        }
        match self.rules.directory().person(self.who) {
            Some(person) if person.level.is_some() || !person.roles.is_empty() => Ok(()),
            Some(_) => Err(Error::Forbidden(format!(
                "{} is a customer of this desk, not one of its staff. Ask a manager of the desk for a level.",
                self.who
            ))),
            None => Err(Error::Forbidden(format!(
                "{} is nobody that this desk knows. Ask a manager of the desk to add you to its people.",
                self.who
            ))),
        }
    }

    fn stored_before(&self, log: &mut dyn Log, tickets: &[TicketId]) -> Result<Stored> {
        let mut found = Vec::new();
        for id in tickets {
            found.push(log.ticket(id)?.ok_or_else(|| Error::NotFound(id.clone()))?);
        }
        let mut found = found.into_iter();
        let ticket = found.next().ok_or_else(|| Error::Unexpected("An act was stored without its ticket.".into()))?;
        let also = found.map(|other| self.rules.summary(&other)).collect();
        Ok(Stored { summary: self.rules.summary(&ticket), ticket, also, dropped: Vec::new() })
    }

    /// The ticket as it stands, when it still is what the writer saw.
    fn before(&self, log: &mut dyn Log, id: &TicketId, op: &Op) -> Result<Ticket> {
        let ticket = log.ticket(id)?.ok_or_else(|| Error::NotFound(id.clone()))?;
        if op.expect.is_none_or(|seen| seen == ticket.revision) { Ok(ticket) } else { Err(self.conflict(ticket)) }
    }

    /// Somebody was quicker; `theirs` is what they made of it.
    fn conflict(&self, theirs: Ticket) -> Error {
        let who = theirs.timeline.last().map_or("", |event| &event.actor);
        let who = self.rules.directory().display(who).to_owned();
        let summary = self.rules.summary(&theirs);
        Error::Conflict {
            theirs: Box::new(Stored { ticket: theirs, summary, also: Vec::new(), dropped: Vec::new() }),
            who,
        }
    }

    fn append(
        &self,
        log: &mut dyn Log,
        op: &Op,
        mut ticket: Ticket,
        changes: Vec<Change>,
    ) -> Result<(Ticket, Summary)> {
        let new = ticket.timeline.len();
        if changes.is_empty() && new > 0 {
            // Everything stood already as asked.
            let summary = self.rules.summary(&ticket);
            return Ok((ticket, summary));
        }
        for (seq, change) in (log.next_seq()?..).zip(changes) {
            let change = as_it_stood(&ticket, change);
            let at = whole_ms(op.at.min(self.now));
            let event = Event { seq, actor: self.who.clone(), at, stored: self.now, op: op.key.clone(), change };
            ticket.apply(&event);
            ticket.revision = Revision(seq);
            ticket.timeline.push(event);
        }
        let summary = self.rules.summary(&ticket);
        log.store(&ticket, new, &summary)?;
        Ok((ticket, summary))
    }
}

/// Does what has fallen due on this ticket by itself, in the name of the desk; none when nothing has or
/// nothing came of it. The key tells what it was done to, so of several consoles that see it fall due one does it.
pub fn fall_due(rules: &Rules, now: Timestamp, log: &mut dyn Log, id: &TicketId) -> Result<Option<Stored>> {
    let Some(ticket) = log.ticket(id)? else { return Ok(None) };
    let Some(due) = rules.falls_due(&ticket).filter(|due| *due <= now) else { return Ok(None) };
    let op = Op {
        key: OpKey(format!("due-{id}-{}", ticket.revision.0)),
        target: Target::Ticket(id.clone()),
        expect: Some(ticket.revision),
        // When it fell due, though nobody's console may have been there to see it; but in its turn.
        at: due.max(ticket.updated).min(now),
        changes: desk::due(&ticket, due, &rules.agreed),
        again: false,
        desk: None,
    };
    let who = Name::new(DESK);
    let stored = Act { rules, who: &who, now }.perform(log, &op)?;
    Ok((stored.ticket.revision != ticket.revision).then_some(stored))
}

/// How long until somebody has to look again at what falls due. What the rules refuse now is tried again later.
pub fn next_look(next: Option<Timestamp>, now: Timestamp, refused: bool) -> Duration {
    const LATER: Duration = Duration::from_secs(600);
    let Some(next) = next else { return Duration::MAX };
    // A millisecond more than none: what lies a fraction ahead is not due yet.
    let wait = u64::try_from(next.duration_since(now).as_millis() + 1).map_or(Duration::ZERO, Duration::from_millis);
    if refused { wait.max(LATER) } else { wait }
}

/// The log tells what really stood there, not what the writer believed.
fn as_it_stood(ticket: &Ticket, change: Change) -> Change {
    match change {
        Change::Set { field, to, .. } => Change::Set { from: ticket.get(&field).cloned(), field, to },
        Change::Move { verb, to, .. } => Change::Move { verb, from: ticket.state, to },
        other => other,
    }
}

/// The highest number among identifiers of this kind: `INC-4183` is 4183.
pub fn number_of(kind: Kind, id: &str) -> Option<u64> {
    id.strip_prefix(kind.prefix())?.strip_prefix('-')?.parse().ok()
}
