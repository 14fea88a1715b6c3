//! What a clock shows at an instant, and shares of a target.

use std::fmt;

use jiff::Timestamp;

use crate::domain::state::HoldReason;
use crate::named_enum;

/// What a clock shows at an instant. All milliseconds are open time of its calendar unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Breached only when less than nothing is left.
    pub state: ReadingState,
    /// What it waits for, when it is paused (it may be breached as well).
    pub paused_for: Option<HoldReason>,
    /// The target.
    pub target_ms: i64,
    /// Open time used.
    pub used_ms: i64,
    /// Open time of pauses.
    pub paused_ms: i64,
    /// Open time left; negative when overdue.
    pub remaining_ms: i64,
    /// Time on the wall since the start of the cycle, pauses and closed hours included.
    pub elapsed_ms: i64,
    /// Since when it is late; none while it is not.
    pub breached_since: Option<Timestamp>,
}

named_enum! {
    /// Where a clock stands at an instant.
    pub enum ReadingState {
        NotStarted = "not_started",
        Running = "running",
        Paused = "paused",
        AtRisk = "at_risk",
        Breached = "breached",
        Met = "met",
        Cancelled = "cancelled",
    }
}

/// An exact share, shown in percent, rounded down to tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent {
    /// The part.
    pub part: i64,
    /// The whole; 0 when there is none to speak of.
    pub whole: i64,
}

impl Reading {
    /// Share of the target that is used.
    pub fn percent(&self) -> Percent {
        Percent { part: self.used_ms, whole: self.target_ms }
    }

    /// Share of the target that has passed on the wall.
    pub fn elapsed_percent(&self) -> Percent {
        Percent { part: self.elapsed_ms, whole: self.target_ms }
    }
}

impl Percent {
    /// Tenths of a percent, rounded down, so that 99.95 % is never shown as 100 %. None of no whole.
    pub fn tenths(self) -> Option<i64> {
        let tenths = (i128::from(self.part) * 1000).checked_div_euclid(i128::from(self.whole))?;
        i64::try_from(tenths).ok()
    }
}

/// `99.9 %`, or `n/a`.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tenths() {
            Some(tenths) => f.pad(&format!("{}.{} %", tenths / 10, tenths % 10)),
            None => f.pad("n/a"),
        }
    }
}
