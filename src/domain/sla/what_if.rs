//! The clocks of a ticket if something were otherwise. The facts themselves stay as they are.

use std::borrow::Cow;

use jiff::Timestamp;

use super::clock::Clock;
use super::facts::{Facts, Mark, MarkKind};
use super::policy::Policy;
use super::replay::evaluate;
use crate::domain::calendar::Calendar;
use crate::domain::state::HoldReason;

/// Something that is not so, or not yet.
#[derive(Debug, Clone)]
pub enum WhatIf {
    /// It gets another priority at an instant.
    Priority {
        /// 1 (highest) to 9.
        to: u8,
        /// When; now, as a rule.
        at: Timestamp,
    },
    /// It waits from an instant on, whatever else it does then.
    Pause {
        /// For what; a clock whose definition does not list that runs on.
        reason: HoldReason,
        /// From when.
        from: Timestamp,
        /// Until when; none: it still waits.
        to: Option<Timestamp>,
    },
    /// Every promise is measured in this calendar.
    Calendar {
        /// Its name in explanations.
        name: String,
        /// The calendar.
        calendar: Calendar,
    },
}

/// The clocks under all these suppositions together; [`super::explain()`] accounts for each of them.
pub fn what_if(policy: &Policy, facts: &Facts, suppose: &[WhatIf]) -> Vec<Clock> {
    let (mut policy, mut facts) = (Cow::Borrowed(policy), facts.clone());
    for supposition in suppose {
        match supposition {
            WhatIf::Priority { to, at } => add(&mut facts, *at, MarkKind::Priority(*to)),
            WhatIf::Pause { reason, from, to } => pause(&mut facts, *reason, *from, *to),
            WhatIf::Calendar { name, calendar } => policy = Cow::Owned(policy.in_calendar(name, calendar)),
        }
    }
    evaluate(&policy, &facts)
}

/// After everything else that happened at `at`.
fn add(facts: &mut Facts, at: Timestamp, what: MarkKind) {
    let seq = facts.marks.iter().map(|mark| mark.seq + 1).max().unwrap_or(0);
    facts.marks.push(Mark { at, seq, what });
}

fn pause(facts: &mut Facts, reason: HoldReason, from: Timestamp, to: Option<Timestamp>) {
    // What the ticket waits for once the supposed pause is over.
    let mut after = None;
    for mark in facts.ordered().iter().filter(|mark| to.is_none_or(|to| mark.at <= to)) {
        match mark.what {
            MarkKind::Hold(reason) => after = Some(reason),
            MarkKind::Resume | MarkKind::Resolved | MarkKind::Closed | MarkKind::Cancelled => after = None,
            _ => {}
        }
    }
    let inside = |mark: &Mark| from <= mark.at && to.is_none_or(|to| mark.at <= to);
    facts.marks.retain(|mark| !(inside(mark) && matches!(mark.what, MarkKind::Hold(_) | MarkKind::Resume)));
    add(facts, from, MarkKind::Hold(reason));
    if let Some(to) = to {
        add(facts, to, after.map_or(MarkKind::Resume, MarkKind::Hold));
    }
}
