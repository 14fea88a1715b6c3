//! A clock of a ticket, and what it reads at an instant.
//!
//! Everything that does not depend on the present is a field; the rest is [`Clock::at`].

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::cycle::{Cycle, Outcome, Stop};
use super::definition::{Definition, Metric};
use super::policy::Rule;
use super::reading::{Reading, ReadingState};
use crate::domain::calendar::{Calendar, millis};
use crate::domain::state::HoldReason;
use crate::named_enum;

/// One clock of one ticket: its current cycle, and those before.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    /// As of the last mark; whether it is at risk or breached while it runs is a matter of the instant.
    pub state: ClockState,
    /// Open time it may use, in milliseconds.
    pub target_ms: i64,
    /// Start of the current cycle; none while there is nothing to count from.
    pub started_at: Option<Timestamp>,
    /// When the current cycle stopped.
    pub stopped_at: Option<Timestamp>,
    /// When the target is used up: for a running clock if it runs on, for a stopped one if it had. None while paused
    /// with time left, when cancelled, and when its calendar never opens.
    pub due: Option<Timestamp>,
    /// When it is at risk, while it runs.
    pub risk_at: Option<Timestamp>,
    /// When it became late, if that is known without the present time: it stopped late, or a change made it late.
    pub breached_at: Option<Timestamp>,
    /// It was late at once when a change of priority, a late registration or a reopening took effect.
    pub retroactive: bool,
    /// What people should know before they trust it.
    pub warnings: Vec<Warning>,
    pub(super) opened: Timestamp,
    pub(super) rule: Arc<Rule>,
    pub(super) cycle: Option<Cycle>,
    pub(super) past: Vec<Cycle>,
}

named_enum! {
    /// Where a clock stands as of the last mark.
    pub enum ClockState {
        NotStarted = "not_started",
        Running = "running",
        Paused = "paused",
        Met = "met",
        Breached = "breached",
        Cancelled = "cancelled",
    }
}

/// A threshold that a clock crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing {
    /// Of the target.
    pub percent: u16,
    /// When it happened; for a retroactive one, when it became known.
    pub at: Timestamp,
    /// In which cycle.
    pub cycle: u32,
    /// A change carried the clock over it.
    pub retroactive: bool,
}

/// What makes a clock doubtful.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The calendar has no open time left; the clock does not start.
    NeverOpens {
        /// Its name.
        calendar: String,
    },
    /// The record says that it ended before it began; taken as ended at its start.
    StoppedBeforeStart,
}

impl Clock {
    pub(super) fn new(opened: Timestamp, cycle: Cycle, past: Vec<Cycle>) -> Clock {
        let mut clock = Clock::idle(opened, Arc::clone(&cycle.rule));
        let target = cycle.rule.target;
        clock.started_at = Some(cycle.started_at());
        clock.stopped_at = cycle.stop.map(|(at, _)| at);
        if cycle.stopped_early {
            clock.warnings.push(Warning::StoppedBeforeStart);
        }
        let open = if cycle.stretches.last().is_some_and(|s| s.what.pauses()) {
            ClockState::Paused
        } else {
            ClockState::Running
        };
        clock.state = match cycle.outcome() {
            _ if clock.never_opens(&cycle) => ClockState::NotStarted,
            Outcome::Open => open,
            Outcome::Met | Outcome::Replaced => ClockState::Met,
            Outcome::Breached => ClockState::Breached,
            Outcome::Cancelled => ClockState::Cancelled,
        };
        let over = |at| cycle.used(at) > target;
        match clock.state {
            ClockState::NotStarted | ClockState::Cancelled => {}
            ClockState::Met => clock.due = clock.stopped_at.and_then(|at| if_it_ran_on(&cycle, at)),
            ClockState::Breached => {
                clock.due = cycle.reach(target);
                clock.breached_at = clock.due;
                clock.retroactive = !cycle.late_before && over(cycle.known_from);
            }
            ClockState::Running | ClockState::Paused => {
                clock.due = cycle.reach(target);
                if clock.due.is_some_and(|due| due <= cycle.known_from) && over(cycle.known_from) {
                    clock.breached_at = clock.due;
                    clock.retroactive = !cycle.late_before;
                }
            }
        }
        if clock.state == ClockState::Running {
            clock.risk_at = cycle.reach_percent(cycle.rule.definition.at_risk);
        }
        clock.cycle = Some(cycle);
        clock.past = past;
        clock
    }

    /// A clock with nothing to count from.
    pub(super) fn idle(opened: Timestamp, rule: Arc<Rule>) -> Clock {
        Clock {
            state: ClockState::NotStarted,
            target_ms: rule.target,
            started_at: None,
            stopped_at: None,
            due: None,
            risk_at: None,
            breached_at: None,
            retroactive: false,
            warnings: Vec::new(),
            opened,
            rule,
            cycle: None,
            past: Vec::new(),
        }
    }

    fn never_opens(&mut self, cycle: &Cycle) -> bool {
        let never = cycle.rule.calendar.next_open(cycle.started_at()).is_err();
        if never {
            self.warnings.push(Warning::NeverOpens { calendar: cycle.rule.definition.calendar.clone() });
        }
        never
    }

    /// The promise in force.
    pub fn definition(&self) -> &Definition {
        &self.rule.definition
    }

    /// The calendar in which it is measured.
    pub fn calendar(&self) -> &Calendar {
        &self.rule.calendar
    }

    /// What it measures.
    pub fn metric(&self) -> Metric {
        self.rule.definition.metric
    }

    /// All cycles, the current one last.
    pub fn cycles(&self) -> impl DoubleEndedIterator<Item = &Cycle> {
        self.past.iter().chain(&self.cycle)
    }

    /// Whether any of its cycles that are over was late: what reports count.
    pub fn any_late(&self) -> bool {
        self.cycles().any(|cycle| cycle.outcome() == Outcome::Breached)
    }

    /// What it shows at `now`. For an instant before the last mark take the clock of [`super::Facts::as_of`]: a later
    /// change of priority is not undone here.
    pub fn at(&self, now: Timestamp) -> Reading {
        let (used_ms, paused_ms, elapsed_ms) = match (&self.cycle, self.state) {
            (None, _) | (_, ClockState::NotStarted) => (0, 0, 0),
            (Some(cycle), _) => {
                let end = cycle.stop.map_or(now, |(at, _)| at.min(now));
                let elapsed = millis(end) - millis(cycle.started_at());
                (cycle.used(end), cycle.paused(end), elapsed.max(0))
            }
        };
        let remaining_ms = self.target_ms - used_ms;
        let paused_for = self.paused_for(now);
        let state = self.state_at(now, used_ms, paused_for.is_some());
        let breached_since =
            self.cycle.as_ref().filter(|_| remaining_ms < 0).and_then(|cycle| cycle.reach(self.target_ms));
        let target_ms = self.target_ms;
        Reading { state, paused_for, target_ms, used_ms, paused_ms, remaining_ms, elapsed_ms, breached_since }
    }

    fn state_at(&self, now: Timestamp, used: i64, paused: bool) -> ReadingState {
        let started = self.started_at.is_some_and(|start| start <= now);
        let stopped = self.stopped_at.is_some_and(|stop| stop <= now);
        match self.state {
            ClockState::NotStarted => ReadingState::NotStarted,
            _ if !started => ReadingState::NotStarted,
            ClockState::Cancelled if stopped => ReadingState::Cancelled,
            _ if used > self.target_ms => ReadingState::Breached,
            _ if stopped => ReadingState::Met,
            _ if paused => ReadingState::Paused,
            _ if self.share(used) >= i128::from(self.definition().at_risk) => ReadingState::AtRisk,
            _ => ReadingState::Running,
        }
    }

    /// Percent of the target, rounded down.
    fn share(&self, used: i64) -> i128 {
        match i128::from(self.target_ms) {
            0 => 100,
            target => i128::from(used) * 100 / target,
        }
    }

    fn paused_for(&self, now: Timestamp) -> Option<HoldReason> {
        let cycle = self.cycle.as_ref().filter(|_| self.stopped_at.is_none_or(|stop| now < stop))?;
        match cycle.doing_at(now) {
            Some(super::cycle::Doing::Held(reason, super::cycle::Effect::Pauses)) => Some(reason),
            _ => None,
        }
    }

    /// The thresholds crossed in `[from, to)`, each once in a cycle, in order.
    ///
    /// Consecutive intervals give each of them once. A pause does not make them fire again; a change that carries the
    /// clock over several of them makes all of them fire, at the moment of the change.
    pub fn crossings(&self, from: Timestamp, to: Timestamp) -> Vec<Crossing> {
        if self.state == ClockState::NotStarted {
            return Vec::new();
        }
        let mut all: Vec<Crossing> = self.cycles().flat_map(|cycle| cycle.crossings(Some(to))).collect();
        all.retain(|crossing| from <= crossing.at);
        all.sort_by_key(|crossing| (crossing.at, crossing.cycle, crossing.percent));
        all
    }
}

/// When a stopped cycle would have been due.
fn if_it_ran_on(cycle: &Cycle, stop: Timestamp) -> Option<Timestamp> {
    let left = cycle.rule.target - cycle.used(stop);
    match (left, cycle.stop) {
        (0, _) => cycle.reach(cycle.rule.target),
        (_, Some((_, Stop::Replaced))) => None,
        (left, _) => cycle.rule.calendar.add(stop, left).ok(),
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::NeverOpens { calendar } => {
                write!(f, "The clock does not start: calendar {calendar:?} never opens. Give it hours.")
            }
            Warning::StoppedBeforeStart => {
                f.write_str("The record says that this ended before it began; it is counted as ended at its start.")
            }
        }
    }
}
