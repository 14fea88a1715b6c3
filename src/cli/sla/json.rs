//! The same answer for programs. The form is promised at [`super::ExplainArgs`].

use anyhow::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Answer;
use crate::domain::sla::{Interval, Verdict, explain};
use crate::domain::state::HoldReason;
use crate::text::Clean;

#[derive(Serialize)]
struct ClockJson {
    definition: Clean,
    metric: String,
    calendar: Clean,
    zone: String,
    state: String,
    at: String,
    started_at: Option<String>,
    stopped_at: Option<String>,
    due: Option<String>,
    breached_since: Option<String>,
    target_ms: i64,
    used_ms: i64,
    paused_ms: i64,
    remaining_ms: i64,
    elapsed_ms: i64,
    percent: Option<f64>,
    cycle: u32,
    retroactive: bool,
    warnings: Vec<String>,
    notes: Vec<String>,
    intervals: Vec<IntervalJson>,
}

#[derive(Serialize)]
struct IntervalJson {
    from: String,
    to: String,
    ms: i64,
    counted: &'static str,
    reason: Option<HoldReason>,
    rule: Clean,
}

#[derive(Serialize)]
struct TicketJson {
    ticket: Clean,
    clocks: Vec<ClockJson>,
}

pub(super) fn one(answer: &Answer) -> Result<String> {
    Ok(serde_json::to_string_pretty(&clock(answer))? + "\n")
}

pub(super) fn ticket(id: &str, answers: &[Answer]) -> Result<String> {
    let ticket = TicketJson { ticket: Clean::line(id), clocks: answers.iter().map(clock).collect() };
    Ok(serde_json::to_string_pretty(&ticket)? + "\n")
}

fn clock(answer: &Answer) -> ClockJson {
    let Answer { clock, at, notes, .. } = answer;
    let (definition, zone, reading) = (clock.definition(), clock.calendar().zone(), clock.at(*at));
    let time = |t: Timestamp| show(t, zone);
    ClockJson {
        definition: Clean::line(&definition.name),
        metric: definition.metric.to_string(),
        calendar: Clean::line(&definition.calendar),
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        state: reading.state.to_string(),
        at: time(*at),
        started_at: clock.started_at.map(time),
        stopped_at: clock.stopped_at.map(time),
        due: clock.due.map(time),
        breached_since: reading.breached_since.map(time),
        target_ms: reading.target_ms,
        used_ms: reading.used_ms,
        paused_ms: reading.paused_ms,
        remaining_ms: reading.remaining_ms,
        elapsed_ms: reading.elapsed_ms,
        percent: reading.percent().tenths().map(|tenths| tenths as f64 / 10.0),
        cycle: clock.cycles().last().map_or(1, |cycle| cycle.number()),
        retroactive: clock.retroactive,
        warnings: clock.warnings.iter().map(ToString::to_string).collect(),
        notes: notes.clone(),
        intervals: explain(clock, *at).iter().map(|row| interval(row, zone)).collect(),
    }
}

fn interval(row: &Interval, zone: &TimeZone) -> IntervalJson {
    let reason = match row.counted {
        Verdict::Paused(reason) => Some(reason),
        _ => None,
    };
    let (from, to) = (show(row.from, zone), show(row.to, zone));
    IntervalJson { from, to, ms: row.ms, counted: row.counted.as_str(), reason, rule: Clean::line(&row.rule) }
}

fn show(t: Timestamp, zone: &TimeZone) -> String {
    t.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
}
