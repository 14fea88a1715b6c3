//! One run of a clock: what it did from its start to its stop, and what of that counts under its rule.
//!
//! The stretches say what the ticket was doing, without gaps; the calendar comes in only when something is measured.
//! So a retarget is nothing but another rule over the same stretches.

use std::sync::Arc;

use jiff::Timestamp;

use super::clock::Crossing;
use super::policy::Rule;
use crate::domain::state::HoldReason;

/// One run of a clock from a start to a stop.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    pub(super) number: u32,
    pub(super) rule: Arc<Rule>,
    /// In order, the first at the start; each lasts until the next one begins.
    pub(super) stretches: Vec<Stretch>,
    pub(super) stop: Option<(Timestamp, Stop)>,
    /// Thresholds crossed under what held before.
    pub(super) fired: Vec<Crossing>,
    /// Since when the rule and the stretches are what they are: nothing was known to be crossed earlier.
    pub(super) known_from: Timestamp,
    /// Late already before `known_from`.
    pub(super) late_before: bool,
    /// Stopped before its start, as records say at times; taken for its start.
    pub(super) stopped_early: bool,
}

/// Why a cycle came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// A human answered.
    Answered,
    /// The ticket was resolved, fulfilled or closed.
    Resolved,
    /// The ticket was cancelled.
    Cancelled,
    /// Nothing is promised any more for what the ticket is now.
    NoPromise,
    /// A new cycle took its place before this one was over.
    Replaced,
}

/// How a cycle ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It runs or is paused.
    Open,
    /// In time; exactly on target is in time.
    Met,
    /// Too late.
    Breached,
    /// Does not count.
    Cancelled,
    /// In time so far when another took its place.
    Replaced,
}

/// What the ticket is doing, from an instant on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: Timestamp,
    pub(super) what: Doing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Active,
    Held(HoldReason, Effect),
    /// After a stop.
    Stopped,
    /// Between a stop and a reopening, not counted.
    Between,
    /// Between a stop and a reopening, counted.
    Through,
}

/// What a hold does to the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Pauses,
    /// The definition does not list the reason.
    RunsOn,
    /// It paused an earlier definition; the one that took over does not keep that.
    Dropped,
}

impl Doing {
    pub(super) fn counts(self) -> bool {
        matches!(self, Doing::Active | Doing::Through | Doing::Held(_, Effect::RunsOn | Effect::Dropped))
    }

    pub(super) fn pauses(self) -> bool {
        matches!(self, Doing::Held(_, Effect::Pauses))
    }
}

impl Cycle {
    /// A cycle that begins to run at `from`, after `before` others.
    pub(super) fn new(before: usize, rule: &Arc<Rule>, from: Timestamp, what: Doing) -> Cycle {
        Cycle {
            number: u32::try_from(before + 1).unwrap_or(u32::MAX),
            rule: Arc::clone(rule),
            stretches: vec![Stretch { from, what }],
            stop: None,
            fired: Vec::new(),
            known_from: from,
            late_before: false,
            stopped_early: false,
        }
    }

    /// Counting up from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// When it began to run.
    pub fn started_at(&self) -> Timestamp {
        self.stretches.first().map_or(self.known_from, |s| s.from)
    }

    /// When it stopped, and why.
    pub fn stopped(&self) -> Option<(Timestamp, Stop)> {
        self.stop
    }

    /// The promise in force at its end.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Open time that counted up to `now`, in milliseconds.
    pub fn used(&self, now: Timestamp) -> i64 {
        self.measure(now, Doing::counts)
    }

    /// Open time of pauses up to `now`, in milliseconds.
    pub fn paused(&self, now: Timestamp) -> i64 {
        self.measure(now, Doing::pauses)
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        match self.stop {
            None => Outcome::Open,
            Some((_, Stop::Cancelled | Stop::NoPromise)) => Outcome::Cancelled,
            Some((at, _)) if self.used(at) > self.rule.target => Outcome::Breached,
            Some((_, Stop::Replaced)) => Outcome::Replaced,
            Some(_) => Outcome::Met,
        }
    }

    pub(super) fn doing_at(&self, now: Timestamp) -> Option<Doing> {
        let after = self.stretches.partition_point(|s| s.from <= now);
        after.checked_sub(1).and_then(|i| self.stretches.get(i)).map(|s| s.what)
    }

    /// The stretches with their ends; the last has none.
    pub(super) fn spans(&self) -> impl Iterator<Item = (Stretch, Option<Timestamp>)> {
        let ends = self.stretches.iter().skip(1).map(|s| Some(s.from)).chain(std::iter::once(None));
        self.stretches.iter().copied().zip(ends)
    }

    /// The earliest instant at which `ms` are used; for 0 the first open instant that counts. None when it never
    /// comes to that: paused, stopped before, or nothing opens.
    pub(super) fn reach(&self, ms: i64) -> Option<Timestamp> {
        let calendar = &self.rule.calendar;
        let mut left = ms;
        for (stretch, end) in self.spans().filter(|(s, _)| s.what.counts()) {
            let Some(end) = end else {
                return calendar.add(stretch.from, left).ok();
            };
            let here = calendar.business(stretch.from, end);
            if here > 0 && here >= left {
                return calendar.add(stretch.from, left).ok();
            }
            left -= here;
        }
        None
    }

    /// The instant at which this percentage of the target is used.
    pub(super) fn reach_percent(&self, percent: u16) -> Option<Timestamp> {
        let share = i128::from(self.rule.target) * i128::from(percent);
        i64::try_from((share + 99) / 100).ok().and_then(|ms| self.reach(ms))
    }

    /// Every threshold it crosses before `before`, each once; a threshold that a change carried it over is crossed
    /// when that change was made.
    pub(super) fn crossings(&self, before: Option<Timestamp>) -> Vec<Crossing> {
        let mut all = self.fired.clone();
        let end = [before, self.stop.map(|(at, _)| at)].into_iter().flatten().min();
        for &percent in &self.rule.definition.thresholds {
            if all.iter().any(|c| c.percent == percent) {
                continue;
            }
            let Some(since) = self.reach_percent(percent) else { continue };
            let at = since.max(self.known_from);
            if end.is_none_or(|end| at < end) {
                all.push(Crossing { percent, at, cycle: self.number, retroactive: since < self.known_from });
            }
        }
        all.retain(|crossing| before.is_none_or(|end| crossing.at < end));
        all.sort_by_key(|c| (c.at, c.percent));
        all
    }

    /// Writes down what was crossed up to `at`, before something changes retroactively.
    pub(super) fn settle(&mut self, at: Timestamp) {
        self.fired = self.crossings(Some(at));
        self.late_before = self.used(at) > self.rule.target;
        self.known_from = at;
    }

    /// From `at` on the ticket does this. An instant before the last stretch is taken for its beginning.
    pub(super) fn turn(&mut self, at: Timestamp, what: Doing) {
        if let Some(last) = self.stretches.last_mut()
            && last.from >= at
        {
            last.what = what;
        } else {
            self.stretches.push(Stretch { from: at, what });
        }
        if let [.., before, last] = self.stretches.as_slice()
            && before.what == last.what
        {
            self.stretches.pop();
        }
    }

    /// What it measures is over, whether or not anything was promised then.
    pub(super) fn is_stopped(&self) -> bool {
        self.stretches.last().is_some_and(|s| s.what == Doing::Stopped)
    }

    /// Stops it, at its start at the earliest.
    pub(super) fn end(&mut self, at: Timestamp, why: Stop) {
        self.stopped_early = at < self.started_at();
        let at = at.max(self.started_at());
        self.turn(at, Doing::Stopped);
        self.stop = Some((at, why));
    }

    /// What it did since it stopped is `meanwhile`; from `at` on it is active again.
    pub(super) fn resume(&mut self, at: Timestamp, meanwhile: Doing) {
        if let Some(last) = self.stretches.last_mut()
            && last.what == Doing::Stopped
        {
            last.what = meanwhile;
        }
        self.turn(at, Doing::Active);
    }

    fn measure(&self, now: Timestamp, which: fn(Doing) -> bool) -> i64 {
        let measured = self.spans().filter(|(s, _)| which(s.what) && s.from < now);
        let calendar = &self.rule.calendar;
        measured.map(|(s, end)| calendar.business(s.from, end.map_or(now, |e| e.min(now)))).sum()
    }
}
