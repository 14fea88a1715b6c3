//! What a desk has agreed on: its people and groups, its priority matrix, its periods. Every rule reads it here.

use jiff::{SignedDuration, Timestamp};

use crate::domain::directory::Directory;
use crate::domain::priority::Matrix;

/// The agreements of one desk, as its configuration gives them.
#[derive(Debug, Clone)]
pub struct Rules {
    pub directory: Directory,
    pub matrix: Matrix,
    pub periods: Periods,
}

/// How long things may take or must wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periods {
    /// How long after its resolution a ticket may be reopened.
    pub reopen: SignedDuration,
    /// How long a resolved ticket waits for its caller before it may be closed without a word.
    pub close: SignedDuration,
    /// How long a resolved problem is watched for new incidents before it may be closed.
    pub verify: SignedDuration,
    /// How long before its planned start a change may begin.
    pub grace: SignedDuration,
    /// How far a console's clock may run ahead of the desk's.
    pub skew: SignedDuration,
}

const DAY: i64 = 24;

impl Default for Periods {
    /// Seven days hold five working days.
    fn default() -> Self {
        Self {
            reopen: SignedDuration::from_hours(7 * DAY),
            close: SignedDuration::from_hours(7 * DAY),
            verify: SignedDuration::from_hours(14 * DAY),
            grace: SignedDuration::from_mins(15),
            skew: SignedDuration::from_mins(5),
        }
    }
}

impl Rules {
    /// The rules as they ship, over these people and groups.
    pub fn standard(directory: Directory) -> Self {
        Self { directory, matrix: Matrix::standard(), periods: Periods::default() }
    }
}

/// Whether `period` has passed since `start`; the instant itself counts as passed.
pub fn passed(start: Timestamp, period: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(start) >= period
}
