//! One clock on its way through the marks: attach, turn, retarget, stop, reopen, begin again.
//!
//! The order of questions is that of 4.3: is something promised, does it stop, does it pause, does it run.

use std::sync::Arc;

use jiff::Timestamp;

use super::clock::Clock;
use super::cycle::{Cycle, Doing, Effect, Stop, Stretch};
use super::definition::{Metric, Reopen, Retarget, Since, Start};
use super::facts::{Mark, MarkKind};
use super::policy::{Rule, Slot};
use super::replay::Ticket;
use crate::domain::state::HoldReason;

/// One clock on its way.
#[derive(Debug, Clone)]
pub(super) struct Run<'p> {
    slot: &'p Slot,
    past: Vec<Cycle>,
    cycle: Option<Cycle>,
    /// What happened before a promise applied.
    early: Vec<Stretch>,
    early_stop: Option<(Timestamp, Stop)>,
    /// The start of a cycle that waits for a promise; else the ticket's.
    begins: Option<Timestamp>,
}

impl<'p> Run<'p> {
    pub(super) fn new(slot: &'p Slot, opened: Timestamp) -> Run<'p> {
        let early = vec![Stretch { from: opened, what: Doing::Active }];
        Run { slot, past: Vec::new(), cycle: None, early, early_stop: None, begins: None }
    }

    /// Counts from the caller's messages rather than from the ticket's start.
    fn answers(&self) -> bool {
        self.slot.metric == Metric::Update && self.slot.since != Since::LastUpdate
    }

    pub(super) fn take(&mut self, ticket: &Ticket, mark: &Mark, first_message: bool) {
        let at = mark.at;
        if self.cycle.is_none() && !matches!(mark.what, MarkKind::Kind(_) | MarkKind::Priority(_)) {
            // Promises that hold whatever the priority do not wait for it.
            self.reconsider(ticket, at);
        }
        match mark.what {
            MarkKind::Kind(_) | MarkKind::Priority(_) => self.reconsider(ticket, at),
            MarkKind::Hold(_) | MarkKind::Resume => self.turn(ticket, at),
            MarkKind::Responded if self.slot.metric == Metric::Response => self.stop(at, Stop::Answered),
            MarkKind::Responded => {}
            MarkKind::Resolved | MarkKind::Closed => self.stop(at, Stop::Resolved),
            MarkKind::Cancelled => self.stop(at, Stop::Cancelled),
            MarkKind::Reopened => self.reopen(ticket, at),
            MarkKind::PublicUpdate if self.answers() => self.stop(at, Stop::Answered),
            MarkKind::PublicUpdate if self.slot.metric == Metric::Update && !ticket.over => {
                self.again(ticket, at, Stop::Answered);
            }
            MarkKind::PublicUpdate => {}
            MarkKind::CallerMessage if self.answers() && !ticket.over => {
                if first_message || self.slot.since == Since::LastMessage {
                    self.again(ticket, at, Stop::Replaced);
                }
            }
            MarkKind::CallerMessage => {}
        }
    }

    /// Kind or priority may have changed.
    fn reconsider(&mut self, ticket: &Ticket, at: Timestamp) {
        let rule = self.slot.rule(ticket.kind, ticket.priority);
        let Some(cycle) = &mut self.cycle else {
            if let Some(rule) = rule
                && !self.answers()
            {
                self.attach(ticket, rule, at);
            }
            return;
        };
        match (cycle.stop, rule) {
            // The promise was dropped, and the ticket went on without; now there is one again, as if it had always
            // been there.
            (Some((_, Stop::NoPromise)), Some(rule)) if !cycle.is_stopped() => {
                cycle.stop = None;
                cycle.known_from = at;
                adopt(cycle, ticket, rule, at);
            }
            (Some(_), _) => {}
            (None, None) if cycle.rule.definition.retarget == Retarget::StricterOnly => {}
            (None, None) => {
                cycle.settle(at);
                cycle.stop = Some((at, Stop::NoPromise));
            }
            (None, Some(rule)) if Arc::ptr_eq(rule, &cycle.rule) => {}
            (None, Some(rule)) => match rule.definition.retarget {
                Retarget::Retro => retarget(cycle, ticket, rule, at),
                Retarget::StricterOnly if stricter(cycle, rule, at) => retarget(cycle, ticket, rule, at),
                Retarget::StricterOnly => {}
                Retarget::Restart => self.again(ticket, at, Stop::Replaced),
            },
        }
    }

    /// The first promise that applies; it may have begun to run long ago.
    fn attach(&mut self, ticket: &Ticket, rule: &Arc<Rule>, at: Timestamp) {
        let start = self.begins.unwrap_or(match rule.definition.start {
            Start::OpenedAt => ticket.opened,
            Start::CreatedAt => ticket.created,
        });
        let mut stretches = std::mem::take(&mut self.early);
        while stretches.get(1).is_some_and(|second| second.from <= start) {
            stretches.remove(0);
        }
        for stretch in &mut stretches {
            if let Doing::Held(reason, _) = stretch.what {
                stretch.what = held(rule, reason);
            }
        }
        if let Some(first) = stretches.first_mut() {
            first.from = start;
        }
        let mut cycle = Cycle::new(self.past.len(), rule, start, Doing::Active);
        (cycle.stretches, cycle.known_from) = (stretches, at.max(start));
        if let Some((at, why)) = self.early_stop.take() {
            cycle.stop = Some((at.max(start), why));
            cycle.stopped_early = at < start;
        }
        self.cycle = Some(cycle);
    }

    fn turn(&mut self, ticket: &Ticket, at: Timestamp) {
        if ticket.over || self.early_stop.is_some() {
            return;
        }
        match &mut self.cycle {
            Some(cycle) => {
                let what = ticket.doing(&cycle.rule);
                // Without a promise the stretches go on: there may be one again.
                if matches!(cycle.stop, None | Some((_, Stop::NoPromise))) {
                    cycle.turn(at, what);
                }
            }
            None => {
                let what = ticket.hold.map_or(Doing::Active, |reason| Doing::Held(reason, Effect::Pauses));
                self.turn_early(at, what);
            }
        }
    }

    fn turn_early(&mut self, at: Timestamp, what: Doing) {
        match self.early.last_mut() {
            Some(last) if last.from >= at => last.what = what,
            _ => self.early.push(Stretch { from: at, what }),
        }
    }

    fn stop(&mut self, at: Timestamp, why: Stop) {
        match &mut self.cycle {
            Some(cycle) if cycle.stop.is_none() => cycle.end(at, why),
            Some(cycle) if matches!(cycle.stop, Some((_, Stop::NoPromise))) => cycle.turn(at, Doing::Stopped),
            Some(_) => {}
            None if self.early_stop.is_none() => {
                self.turn_early(at, Doing::Stopped);
                self.early_stop = Some((at, why));
            }
            None => {}
        }
    }

    fn reopen(&mut self, ticket: &Ticket, at: Timestamp) {
        let Some(cycle) = &mut self.cycle else {
            if !matches!(self.early_stop, None | Some((_, Stop::Answered))) {
                self.early_stop = None;
                if let Some(last) = self.early.last_mut() {
                    last.what = Doing::Between;
                }
                self.turn_early(at, Doing::Active);
            }
            if self.answers() && ticket.unanswered.is_some() {
                self.again(ticket, at, Stop::Replaced);
            }
            return;
        };
        match (cycle.stop, self.slot.metric) {
            (Some((_, Stop::NoPromise)), _) => cycle.resume(at, Doing::Between),
            (Some((_, Stop::Cancelled)), Metric::Response | Metric::Resolution | Metric::Ola) => {
                cycle.stop = None;
                cycle.resume(at, Doing::Between);
            }
            // Somebody did answer, once and for all.
            (_, Metric::Response) => {}
            (Some((_, Stop::Resolved)), Metric::Resolution | Metric::Ola) => match cycle.rule.definition.reopen {
                Reopen::Continue => {
                    cycle.stop = None;
                    cycle.resume(at, Doing::Between);
                }
                Reopen::ElapsedThrough => elapse(cycle, at),
                Reopen::NewCycle => self.again(ticket, at, Stop::Replaced),
            },
            (Some((_, Stop::Resolved | Stop::Cancelled)), Metric::Update) if !self.answers() => {
                self.again(ticket, at, Stop::Replaced);
            }
            (Some(_), Metric::Update) if self.answers() && ticket.unanswered.is_some() => {
                self.again(ticket, at, Stop::Replaced);
            }
            _ => {}
        }
        self.reconsider(ticket, at);
    }

    /// A new cycle from `at`; the one before ends with `why` unless it has ended already.
    fn again(&mut self, ticket: &Ticket, at: Timestamp, why: Stop) {
        // Records hold words from before the beginning at times.
        let begun = self.cycle.as_ref().map_or(ticket.opened, Cycle::started_at);
        let at = at.max(begun);
        if let Some(mut cycle) = self.cycle.take() {
            if cycle.stop.is_none() {
                cycle.end(at, why);
            }
            self.past.push(cycle);
        }
        match self.slot.rule(ticket.kind, ticket.priority) {
            Some(rule) => self.cycle = Some(Cycle::new(self.past.len(), rule, at, ticket.doing(rule))),
            None => {
                let what = ticket.hold.map_or(Doing::Active, |reason| Doing::Held(reason, Effect::Pauses));
                self.early = vec![Stretch { from: at, what }];
                self.begins = Some(at);
            }
        }
    }

    pub(super) fn finish(mut self, ticket: &Ticket) -> Option<Clock> {
        if self.cycle.is_none() && self.past.is_empty() && !self.answers() {
            self.reconsider(ticket, ticket.opened);
        }
        let cycle = self.cycle.take().or_else(|| self.past.pop());
        match cycle {
            Some(cycle) => Some(Clock::new(ticket.opened, cycle, self.past)),
            None => {
                let rule = self.slot.rule(ticket.kind, ticket.priority).filter(|_| !ticket.over)?;
                Some(Clock::idle(ticket.opened, Arc::clone(rule)))
            }
        }
    }
}

/// What a wait does to a clock under this rule.
pub(super) fn held(rule: &Rule, reason: HoldReason) -> Doing {
    let effect = if rule.definition.pauses(reason) { Effect::Pauses } else { Effect::RunsOn };
    Doing::Held(reason, effect)
}

/// Same start, same stretches, another promise.
fn retarget(cycle: &mut Cycle, ticket: &Ticket, rule: &Arc<Rule>, at: Timestamp) {
    cycle.settle(at);
    adopt(cycle, ticket, rule, at);
}

fn adopt(cycle: &mut Cycle, ticket: &Ticket, rule: &Arc<Rule>, at: Timestamp) {
    if !rule.definition.retro_pause {
        for stretch in &mut cycle.stretches {
            if let Doing::Held(_, effect @ Effect::Pauses) = &mut stretch.what {
                *effect = Effect::Dropped;
            }
        }
    }
    cycle.rule = Arc::clone(rule);
    cycle.turn(at, ticket.doing(rule));
}

/// Whether the same stretches would be due earlier under this rule, were the clock to run from `at` on.
fn stricter(cycle: &Cycle, rule: &Arc<Rule>, at: Timestamp) -> bool {
    let due = |rule: &Arc<Rule>| {
        let under = Cycle { rule: Arc::clone(rule), ..cycle.clone() };
        let left = rule.target - under.used(at);
        match left {
            ..=0 => Some(at),
            left => rule.calendar.add(at, left).ok(),
        }
    };
    match (due(rule), due(&cycle.rule)) {
        (Some(new), Some(old)) => new < old,
        (new, _) => new.is_some(),
    }
}

/// R2: goes on as if it had never stopped; what it crossed meanwhile is known from now on.
fn elapse(cycle: &mut Cycle, at: Timestamp) {
    if let Some((stopped, _)) = cycle.stop {
        cycle.settle(stopped);
        cycle.known_from = at;
    }
    cycle.stop = None;
    cycle.resume(at, Doing::Through);
}
