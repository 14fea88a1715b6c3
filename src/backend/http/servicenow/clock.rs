//! The instance's own clocks: of the targets of a task the one that matters most.
//!
//! Stored percentages are written at times of their own and are not used: `planned_end_time` tells when a clock runs out.

use std::collections::HashMap;

use super::wire::{Row, length};
use crate::domain::sla::Metric;
use crate::domain::summary::{Glance, GlanceState};

/// Columns read of `task_sla`.
pub const COLUMNS: &[&str] = &[
    "sys_id",
    "task",
    "sla",
    "sla.target",
    "sla.type",
    "stage",
    "active",
    "has_breached",
    "start_time",
    "end_time",
    "planned_end_time",
    "business_time_left",
    "time_left",
    "sys_updated_on",
];

/// The clock of this task: a running one first, the one that is due next; then a paused one; else how the last one ended.
pub fn glance(task: &str, rows: &[Row]) -> Option<Glance> {
    let own: Vec<&Row> = rows.iter().filter(|row| row.value("task") == task && promised(row)).collect();
    let running = own
        .iter()
        .filter(|row| stage(row) == Stage::Running)
        .filter_map(|row| Some((row, row.time("planned_end_time")?)));
    if let Some((row, due)) = running.min_by_key(|(_, due)| *due) {
        let due = due.as_millisecond();
        // At risk when three quarters of it are gone, as by our own rules.
        let risk = row.time("start_time").map(|start| due - (due - start.as_millisecond()) / 4);
        return Some(Glance {
            state: GlanceState::Running,
            metric: Some(metric(row)),
            due: Some(due),
            late: Some(due),
            risk,
            left: None,
        });
    }
    let left = |row: &Row| length(row.value("business_time_left")).or_else(|| length(row.value("time_left")));
    let paused = own.iter().filter(|row| stage(row) == Stage::Paused).filter_map(|row| Some((row, left(row)?)));
    if let Some((row, left)) = paused.min_by_key(|(_, left)| *left) {
        return Some(Glance {
            state: GlanceState::Paused,
            metric: Some(metric(row)),
            left: Some(left),
            ..Glance::default()
        });
    }
    let over =
        own.iter().filter(|row| stage(row) == Stage::Over).max_by_key(|row| (metric(row), row.time("end_time")))?;
    let state = if over.is("has_breached") { GlanceState::Breached } else { GlanceState::Met };
    Some(Glance { state, metric: Some(metric(over)), ..Glance::default() })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    Paused,
    Over,
    Cancelled,
}

/// Old engines say `breached` of one that still runs, and `achieved`.
fn stage(row: &Row) -> Stage {
    match row.value("stage") {
        "in_progress" | "breached" => Stage::Running,
        "paused" => Stage::Paused,
        "completed" | "achieved" => Stage::Over,
        "cancelled" => Stage::Cancelled,
        _ if row.is("active") => Stage::Running,
        _ => Stage::Over,
    }
}

/// What was promised to the customer; between teams and to suppliers are others' affairs.
fn promised(row: &Row) -> bool {
    let sort = row.value("sla.type");
    sort.is_empty() || sort.eq_ignore_ascii_case("SLA")
}

fn metric(row: &Row) -> Metric {
    let target = row.value("sla.target");
    let words = if target.is_empty() { row.shown("sla") } else { target };
    if words.to_ascii_lowercase().contains("response") { Metric::Response } else { Metric::Resolution }
}

/// The clocks of open tickets, kept for the session: they change without their tickets and are read by their own times.
#[derive(Debug, Default)]
pub struct Clocks {
    /// They were read once.
    pub loaded: bool,
    tasks: HashMap<String, HashMap<String, Row>>,
}

impl Clocks {
    pub fn learn(&mut self, rows: Vec<Row>) {
        for row in rows.into_iter().filter(|row| !row.value("task").is_empty()) {
            let task = self.tasks.entry(row.value("task").to_owned()).or_default();
            task.insert(row.value("sys_id").to_owned(), row);
        }
    }

    pub fn of(&self, task: &str) -> Option<Glance> {
        let rows: Vec<Row> = self.tasks.get(task)?.values().cloned().collect();
        glance(task, &rows)
    }
}
