//! How well what a desk shows agrees with where its tickets live: plain data for the status line.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a desk stands. One that has nothing between itself and its tickets is always fresh.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    pub line: Line,
    /// When everything was last known to agree with the desk; none where there is no copy, or it never was complete.
    pub as_of: Option<Timestamp>,
    /// Acts of which nobody can say whether the desk stored them.
    pub doubtful: usize,
    /// Counts how often the answer of `schema` has changed: it is worth asking again.
    pub schema: u64,
}

/// What goes on between the console and where the tickets live.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Line {
    #[default]
    Fresh,
    /// The first look at everything is under way: so many rows are here.
    Loading { rows: usize },
    /// The desk is being asked what changed.
    Refreshing,
    /// It cannot be reached, or its answers make no sense; what is shown is as it stood.
    Offline { since: Timestamp, why: String },
    /// Only the user can mend this; nothing is asked until then.
    SignedOut { why: String },
    /// The desk asked to slow down.
    Slowed { until: Timestamp },
}
