//! What a clock needs to know of a ticket: two instants and marks. No ticket, no words, no people.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::domain::kind::Kind;
use crate::domain::state::HoldReason;

/// What happened to a ticket, as far as clocks care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// When the caller first spoke.
    pub opened: Timestamp,
    /// When it was registered; may be later.
    pub created: Timestamp,
    /// In any order.
    pub marks: Vec<Mark>,
}

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When it was done.
    pub at: Timestamp,
    /// The order among marks of the same instant.
    pub seq: u64,
    /// What it was.
    pub what: MarkKind,
}

/// What a mark says. The first ones of a ticket are its kind and its priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// It is of this kind now; without any such mark it is an incident.
    Kind(Kind),
    /// It has this priority now, 1 (highest) to 9.
    Priority(u8),
    /// It waits from now on, or waits for something else.
    Hold(HoldReason),
    /// It waits no longer.
    Resume,
    /// The first answer of a human, or the acceptance.
    Responded,
    /// Resolved, or fulfilled.
    Resolved,
    /// Back in work, whether it was resolved, closed or cancelled.
    Reopened,
    /// Closed; when it was not resolved before, that is when it was.
    Closed,
    /// Withdrawn: its clocks do not count.
    Cancelled,
    /// The desk told the caller something.
    PublicUpdate,
    /// The caller told the desk something.
    CallerMessage,
}

impl Facts {
    /// The marks by time, those of one instant by their sequence.
    pub fn ordered(&self) -> Cow<'_, [Mark]> {
        let key = |mark: &Mark| (mark.at, mark.seq);
        if self.marks.is_sorted_by_key(key) {
            return Cow::Borrowed(&self.marks);
        }
        let mut marks = self.marks.clone();
        marks.sort_by_key(key);
        Cow::Owned(marks)
    }

    /// What was known at `now`: without the marks after it.
    pub fn as_of(&self, now: Timestamp) -> Facts {
        let marks = self.marks.iter().copied().filter(|mark| mark.at <= now).collect();
        Facts { marks, ..*self }
    }
}
