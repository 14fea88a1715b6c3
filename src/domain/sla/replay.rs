//! From marks to clocks: which promise holds, when it runs, pauses, stops, and begins again.
//!
//! One [`Tracker`] takes the marks of a ticket in order; [`evaluate`] is that over all of them.

use jiff::Timestamp;

use super::clock::Clock;
use super::cycle::Doing;
use super::facts::{Facts, Mark, MarkKind};
use super::policy::{Policy, Rule};
use super::run::{self, Run};
use crate::domain::kind::Kind;
use crate::domain::state::HoldReason;

/// Every clock of a ticket, in the order of the policy; without the present time.
///
/// A clock of which no definition ever applied is not in it. Marks are taken in the order of (time, sequence).
pub fn evaluate(policy: &Policy, facts: &Facts) -> Vec<Clock> {
    let marks = facts.ordered();
    let mut tracker = Tracker::new(policy, facts.opened, facts.created);
    for mark in marks.iter() {
        tracker.push(mark);
    }
    tracker.into_clocks()
}

/// The clocks of a ticket so far, taking one mark after the other.
#[derive(Debug, Clone)]
pub struct Tracker<'p> {
    runs: Vec<Run<'p>>,
    ticket: Ticket,
}

/// What every clock needs to know of the ticket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) opened: Timestamp,
    pub(super) created: Timestamp,
    pub(super) kind: Kind,
    pub(super) priority: Option<u8>,
    pub(super) hold: Option<HoldReason>,
    /// Resolved, closed or cancelled.
    pub(super) over: bool,
    /// The first and the last message of the caller that nobody answered.
    pub(super) unanswered: Option<(Timestamp, Timestamp)>,
}

impl<'p> Tracker<'p> {
    /// A ticket of which nothing is known but when it came.
    pub fn new(policy: &'p Policy, opened: Timestamp, created: Timestamp) -> Tracker<'p> {
        let (kind, priority, hold, over, unanswered) = (Kind::Incident, None, None, false, None);
        let ticket = Ticket { opened, created, kind, priority, hold, over, unanswered };
        let runs = policy.slots.iter().map(|slot| Run::new(slot, opened)).collect();
        Tracker { runs, ticket }
    }

    /// The next mark. Marks are to come in order; one that is late counts from the last turn of each clock.
    pub fn push(&mut self, mark: &Mark) {
        let reply_due = self.ticket.take(mark);
        for run in &mut self.runs {
            run.take(&self.ticket, mark, reply_due);
        }
    }

    /// The clocks as they stand.
    pub fn clocks(&self) -> Vec<Clock> {
        self.clone().into_clocks()
    }

    /// The clocks as they stand.
    pub fn into_clocks(self) -> Vec<Clock> {
        let Tracker { runs, ticket } = self;
        runs.into_iter().filter_map(|run| run.finish(&ticket)).collect()
    }
}

impl Ticket {
    /// Takes what the mark says of the ticket; whether it is the first unanswered message.
    fn take(&mut self, mark: &Mark) -> bool {
        match mark.what {
            MarkKind::Kind(kind) => self.kind = kind,
            MarkKind::Priority(priority) => self.priority = Some(priority),
            MarkKind::Hold(reason) => self.hold = Some(reason),
            MarkKind::Resume => self.hold = None,
            MarkKind::Resolved | MarkKind::Closed | MarkKind::Cancelled => (self.hold, self.over) = (None, true),
            MarkKind::Reopened if self.over => (self.hold, self.over) = (None, false),
            MarkKind::PublicUpdate => self.unanswered = None,
            MarkKind::CallerMessage => {
                let first = self.unanswered.map_or(mark.at, |(first, _)| first);
                let was = self.unanswered.replace((first, mark.at));
                return was.is_none();
            }
            MarkKind::Reopened | MarkKind::Responded => {}
        }
        false
    }

    pub(super) fn doing(&self, rule: &Rule) -> Doing {
        self.hold.map_or(Doing::Active, |reason| run::held(rule, reason))
    }
}
