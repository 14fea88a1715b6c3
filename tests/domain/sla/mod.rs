//! The SLA clocks: the worked examples by number, the promises of every clock, the rest case by case.

mod cases;
mod examples;
mod properties;

use deskside::domain::calendar::Calendar;
use deskside::domain::sla::{Clock, Definition, Facts, Mark, MarkKind, Policy, evaluate};
use jiff::Timestamp;
use jiff::civil::DateTime;

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

/// `2026-03-10 16:00` in London, `… Europe/Paris` elsewhere, `…Z` in UTC.
pub fn at(text: &str) -> Timestamp {
    if let Ok(t) = text.parse() {
        return t;
    }
    let (local, zone) = match text.rsplit_once(' ') {
        Some((local, zone)) if zone.contains(|c: char| c.is_alphabetic()) => (local, zone),
        _ => (text, "Europe/London"),
    };
    local.parse::<DateTime>().unwrap().in_tz(zone).unwrap().timestamp()
}

pub fn calendar(toml: &str) -> Calendar {
    toml::from_str(toml).unwrap_or_else(|e| panic!("{e}"))
}

pub fn uk() -> Calendar {
    calendar(include_str!("../../../config/calendars/uk.toml"))
}

pub fn always() -> Calendar {
    calendar(include_str!("../../../config/calendars/always.toml"))
}

/// The same spans on the days given, such as `mon tue`.
pub fn hours(zone: &str, days: &str, spans: &[&str]) -> Calendar {
    let spans: Vec<String> = spans.iter().map(|s| format!("'{s}'")).collect();
    let rows: Vec<String> = days.split(' ').map(|day| format!("{day} = [{}]", spans.join(","))).collect();
    calendar(&format!("zone = '{zone}'\n[hours]\n{}", rows.join("\n")))
}

pub const WORKDAYS: &str = "mon tue wed thu fri";
pub const EVERY_DAY: &str = "mon tue wed thu fri sat sun";

pub fn definition(toml: &str) -> Definition {
    toml::from_str(toml).unwrap_or_else(|e| panic!("{e}"))
}

/// A policy of these definitions over `uk`, `always` and `here`.
pub fn policy(definitions: &[&str], here: Calendar) -> Policy {
    let calendars = [("uk", uk()), ("always", always()), ("here", here)];
    let calendars = calendars.into_iter().map(|(name, c)| (name.to_owned(), c)).collect();
    Policy::new(definitions.iter().map(|d| definition(d)).collect(), calendars).unwrap_or_else(|e| panic!("{e}"))
}

pub fn facts(opened: &str, marks: &[(&str, MarkKind)]) -> Facts {
    let mark = |(seq, (t, what)): (usize, &(&str, MarkKind))| Mark { at: at(t), seq: seq as u64, what: *what };
    Facts { opened: at(opened), created: at(opened), marks: marks.iter().enumerate().map(mark).collect() }
}

/// A resolution clock in one calendar for every ticket.
pub fn resolution(calendar: Calendar, target: &str, opened: &str, marks: &[(&str, MarkKind)]) -> Clock {
    one(calendar, &format!("name = 'it'\nmetric = 'resolution'\ncalendar = 'here'\ntarget = '{target}'"), opened, marks)
}

/// The only clock of a policy of one definition.
pub fn one(calendar: Calendar, definition: &str, opened: &str, marks: &[(&str, MarkKind)]) -> Clock {
    let mut clocks = evaluate(&policy(&[definition], calendar), &facts(opened, marks));
    assert_eq!(clocks.len(), 1);
    clocks.remove(0)
}
