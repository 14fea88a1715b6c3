//! The way from a desk to its radar: what matters of its rows is copied out some rows at a time, so that no key waits
//! for it; the rest needs no desk and can be done on the side.

use jiff::Timestamp;

use super::counting::DAY;
use super::{Radar, Rules, Sighting};
use crate::domain::kind::Kind;
use crate::domain::table::{Row, Table, TimeColumn};

/// The incidents of a desk that matter, as far as they were read.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    rules: Rules,
    /// Milliseconds since 1970; what was opened before matters no more.
    from: i64,
    /// The first row that was not looked at.
    next: u32,
    is_over: bool,
    seen: Vec<Sighting>,
}

impl Sweep {
    /// Looked at in one go, at most.
    pub const SLICE: u32 = 2_000;

    pub fn new(rules: Rules, now: Timestamp) -> Self {
        let from = now.as_millisecond() - i64::from(rules.reach_days()) * DAY;
        Self { rules, from, next: 0, is_over: false, seen: Vec::new() }
    }

    /// Reads the next rows; how many it looked at.
    pub fn step(&mut self, table: &Table) -> u32 {
        let slots = u32::try_from(table.slots()).unwrap_or(u32::MAX);
        let end = self.next.saturating_add(Self::SLICE).min(slots);
        let matters = |row: &Row| {
            table.contains(*row)
                && table.kind(*row) == Kind::Incident
                && table.time(*row, TimeColumn::Opened).is_some_and(|time| time >= self.from)
        };
        let rows = (self.next..end).map(Row).filter(matters);
        self.seen.extend(rows.filter_map(|row| Sighting::of(&table.summary(row), &self.rules)));
        let looked = end.saturating_sub(self.next);
        (self.next, self.is_over) = (end, end == slots);
        looked
    }

    /// How many rows it looked at.
    pub const fn looked(&self) -> u32 {
        self.next
    }

    /// Every row was looked at.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// The radar that has seen what was read, in the order of its time.
    pub fn radar(mut self) -> Radar {
        self.seen.sort_by(|a, b| a.opened.cmp(&b.opened).then_with(|| a.id.cmp(&b.id)));
        Radar::new(self.seen, self.rules)
    }
}

impl Radar {
    /// The radar of a desk as it stands, all at once: for those who can wait.
    pub fn of(table: &Table, rules: Rules, now: Timestamp) -> Self {
        let mut sweep = Sweep::new(rules, now);
        while !sweep.is_over() {
            sweep.step(table);
        }
        sweep.radar()
    }
}
