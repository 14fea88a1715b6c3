//! The clock that matters most, small enough for every row of a list.

use super::clock::{Clock, ClockState};
use super::definition::Metric;
use crate::domain::calendar::millis;
use crate::domain::summary::{Glance, GlanceState};

/// Of the response and the resolution clock the one that is due next: running ones first, then paused ones by what is
/// left; else how the resolution ended.
pub fn glance(clocks: &[Clock]) -> Glance {
    let promised = || clocks.iter().filter(|c| matches!(c.metric(), Metric::Response | Metric::Resolution));
    let running = promised().filter(|c| c.state == ClockState::Running);
    if let Some((clock, due)) = running.filter_map(|c| Some((c, c.due?))).min_by_key(|(_, due)| *due) {
        let late = clock.calendar().next_open(due).ok();
        return Glance {
            state: GlanceState::Running,
            metric: Some(clock.metric()),
            due: Some(millis(due)),
            late: late.map(millis),
            risk: clock.risk_at.map(millis),
            left: None,
        };
    }
    let paused = promised().filter(|c| c.state == ClockState::Paused).filter_map(|c| Some((c, left(c)?)));
    if let Some((clock, left)) = paused.min_by_key(|(_, left)| *left) {
        let (state, metric) = (GlanceState::Paused, Some(clock.metric()));
        return Glance { state, metric, left: Some(left), ..Glance::default() };
    }
    let over = |c: &&Clock| matches!(c.state, ClockState::Met | ClockState::Breached);
    match promised().filter(over).max_by_key(|c| c.metric()) {
        Some(clock) => {
            let state = if clock.any_late() { GlanceState::Breached } else { GlanceState::Met };
            Glance { state, metric: Some(clock.metric()), ..Glance::default() }
        }
        None => Glance::default(),
    }
}

/// What is left of a paused clock; it does not depend on the present.
fn left(clock: &Clock) -> Option<i64> {
    let paused_from = clock.cycle.as_ref()?.stretches.last()?.from;
    Some(clock.at(paused_from).remaining_ms)
}
