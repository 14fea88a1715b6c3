//! A clock and its intervals as text for a terminal or a pipe: no colour, no widths beyond what is in it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::sla::{Clock, ClockState, Interval, Reading, Verdict, duration};
use crate::text::Clean;

/// The intervals that are told: the first ones, and after those left out the last one.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    first: &'a [Interval],
    left_out: usize,
    last: &'a [Interval],
}

impl<'a> Told<'a> {
    pub fn all(intervals: &'a [Interval]) -> Self {
        Self { first: intervals, left_out: 0, last: &[] }
    }
}

/// So many intervals are told at most before some are left out.
const MOST: usize = 40;
/// And so many after the one in which the target was passed.
const AFTER: usize = 3;

/// What a reader wants who did not say until when: not what follows the stop, and of years of days only those until the
/// target was passed.
pub fn brief<'a>(clock: &Clock, intervals: &'a [Interval]) -> Told<'a> {
    let until = intervals.iter().rposition(|row| row.counted != Verdict::AfterStop).map_or(0, |last| last + 1);
    let told = intervals.get(..until).unwrap_or_default();
    if told.len() <= MOST {
        return Told::all(told);
    }
    let passed = clock.due.and_then(|due| told.iter().position(|row| row.to >= due));
    let first = passed.map_or(MOST, |at| at + 1 + AFTER).min(MOST);
    let ((first, rest), last) = (told.split_at(first), told.len() - 1);
    match rest.len() {
        0 | 1 => Told::all(told),
        many => Told { first, left_out: many - 1, last: told.get(last..).unwrap_or_default() },
    }
}

/// What the clock reads at `now`, and the intervals that explain it, with times in `zone`.
pub fn render(clock: &Clock, told: Told<'_>, now: Timestamp, zone: &TimeZone) -> String {
    let reading = clock.at(now);
    let mut lines = vec![heading(clock, zone)];
    if !told.first.is_empty() {
        lines.push(String::new());
        let rows: Vec<&Interval> = told.first.iter().chain(told.last).collect();
        let mut table = table(&rows, zone);
        if told.left_out > 0 {
            let many = told.left_out;
            let gap = format!("... {many} more intervals; --at TIME tells all until then, --json all until now ...");
            table.insert(told.first.len() + 1, gap);
        }
        lines.extend(table);
    }
    lines.push(String::new());
    for (name, value) in figures(clock, &reading, now, zone) {
        lines.push(format!("{name:<10} {value}"));
    }
    lines.extend(clock.warnings.iter().map(|warning| format!("Warning: {warning}")));
    let lines: Vec<String> = lines.iter().map(|line| Clean::line(line).as_str().trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

fn heading(clock: &Clock, zone: &TimeZone) -> String {
    let definition = clock.definition();
    let (target, zone) = (duration::show(clock.target_ms), zone.iana_name().unwrap_or("UTC"));
    format!("{} ({}): {target} in {}, times in {zone}", definition.name, definition.metric, definition.calendar)
}

fn figures(clock: &Clock, reading: &Reading, now: Timestamp, zone: &TimeZone) -> Vec<(&'static str, String)> {
    let show = duration::show;
    let state = match (reading.breached_since, reading.paused_for) {
        (Some(since), _) if clock.retroactive => format!("{} since {}, retroactive", reading.state, long(since, zone)),
        (Some(since), _) => format!("{} since {}", reading.state, long(since, zone)),
        (None, Some(reason)) => format!("{} ({reason})", reading.state),
        (None, None) => reading.state.to_string(),
    };
    let overdue = if reading.remaining_ms < 0 { " (overdue)" } else { "" };
    let due = match clock.due {
        Some(due) => long(due, zone),
        None if clock.state == ClockState::Paused => "not while it is paused".to_owned(),
        None => "none".to_owned(),
    };
    vec![
        ("At", long(now, zone)),
        ("State", state),
        ("Used", format!("{} ({} of {})", show(reading.used_ms), reading.percent(), show(reading.target_ms))),
        ("Paused", show(reading.paused_ms)),
        ("Remaining", format!("{}{overdue}", show(reading.remaining_ms))),
        ("Elapsed", format!("{} on the wall", show(reading.elapsed_ms))),
        ("Due", due),
    ]
}

fn table(intervals: &[&Interval], zone: &TimeZone) -> Vec<String> {
    let head = ["From", "To", "Length", "Counted", "Rule"].map(str::to_owned);
    let offset = |t: Timestamp| zone.to_offset(t);
    let one = intervals.iter().all(|row| intervals.first().is_some_and(|first| offset(row.to) == offset(first.from)));
    let time = |t: Timestamp| if one { short(t, zone) } else { long(t, zone) };
    let rows = intervals.iter().map(|row| {
        let counted = match row.counted {
            Verdict::Counted => "yes",
            _ => "no",
        };
        [time(row.from), time(row.to), duration::show(row.ms), counted.to_owned(), row.rule.clone()]
    });
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (from, to, length, counted) = (width(0), width(1), width(2), width(3));
    let line = |[a, b, c, d, e]: &[String; 5]| format!("{a:<from$}  {b:<to$}  {c:>length$}  {d:<counted$}  {e}");
    rows.iter().map(line).collect()
}

/// `Tue 2026-03-10 09:00 +00:00`.
fn long(t: Timestamp, zone: &TimeZone) -> String {
    format!("{} {}", short(t, zone), t.to_zoned(zone.clone()).strftime("%:z"))
}

/// `Tue 2026-03-10 09:00`; seconds only where there are any, and no parts of them.
fn short(t: Timestamp, zone: &TimeZone) -> String {
    let zoned = t.to_zoned(zone.clone());
    let seconds = if zoned.second() == 0 { "" } else { ":%S" };
    zoned.strftime(&format!("%a %Y-%m-%d %H:%M{seconds}")).to_string()
}
