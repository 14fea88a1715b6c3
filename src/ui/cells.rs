//! The words of a row's cells: ages, clocks, names. Pure; widths are in cells.

use jiff::Timestamp;
use ratatui::style::Style;

use crate::app::model::Model;
use crate::app::pane::Column;
use crate::domain::lifecycle;
use crate::domain::summary::{Glance, GlanceState};
use crate::domain::table::{NameColumn, NumberColumn, Row, TimeColumn};
use crate::ui::theme::Theme;

/// How urgent a clock looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heat {
    None,
    Running,
    Risk,
    Breached,
    Paused,
    Met,
}

/// What a clock looks like at this moment. Breached means: what is left is below nothing.
pub fn heat(glance: &Glance, now: Timestamp) -> Heat {
    let now = now.as_millisecond();
    match glance.state {
        GlanceState::None => Heat::None,
        GlanceState::Met => Heat::Met,
        GlanceState::Breached => Heat::Breached,
        GlanceState::Paused => Heat::Paused,
        GlanceState::Running if glance.late.or(glance.due).is_some_and(|late| now > late) => Heat::Breached,
        GlanceState::Running if glance.risk.is_some_and(|risk| now >= risk) => Heat::Risk,
        GlanceState::Running => Heat::Running,
    }
}

/// The sign and style of a clock.
pub fn sign(heat: Heat, theme: &Theme) -> (&'static str, Style) {
    let g = &theme.glyphs;
    match heat {
        Heat::None => (g.none, theme.plain),
        Heat::Running => (g.running, theme.plain),
        Heat::Risk => (g.risk, theme.warn),
        Heat::Breached => (g.breached, theme.bad),
        Heat::Paused => (g.paused, theme.dim),
        Heat::Met => (g.met, theme.good),
    }
}

/// The time to breach, in words of at most eight cells: `0:12`, `-1:05`, `3 d`, `paused`.
pub fn clock(glance: &Glance, now: Timestamp) -> String {
    match (glance.state, glance.due) {
        (GlanceState::Running, Some(due)) => span(due - minute(now)),
        (GlanceState::Paused, _) => "paused".into(),
        (GlanceState::Met, _) => "met".into(),
        (GlanceState::Breached, _) => "missed".into(),
        _ => String::new(),
    }
}

/// A length of time: hours and minutes below a day, days from there on; negative with a minus.
pub fn span(ms: i64) -> String {
    let minutes = ms.div_euclid(60_000);
    let (sign, minutes) = if minutes < 0 { ("-", -minutes) } else { ("", minutes) };
    match minutes {
        0..1_440 => format!("{sign}{}", hours(minutes * 60_000)),
        _ => format!("{sign}{} d", minutes / 1_440),
    }
}

/// A length of time in hours and minutes however long it is, for lengths that are counted up or against each other.
pub fn hours(ms: i64) -> String {
    let minutes = ms.div_euclid(60_000);
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// Clocks move once a minute, all together.
fn minute(now: Timestamp) -> i64 {
    let ms = now.as_millisecond();
    ms - ms.rem_euclid(60_000)
}

/// A moment in the user's zone: the time today, else the day.
pub fn moment(ms: i64, model: &Model) -> String {
    let Ok(at) = Timestamp::from_millisecond(ms) else { return String::new() };
    let at = at.to_zoned(model.zone.clone());
    let now = model.now.to_zoned(model.zone.clone());
    if at.date() == now.date() {
        at.strftime("%H:%M").to_string()
    } else if at.year() == now.year() {
        at.strftime("%d %b %H:%M").to_string()
    } else {
        at.strftime("%Y-%m-%d").to_string()
    }
}

/// A moment in the user's zone, always with the time of day: for the pages of a ticket, where there is room.
pub fn instant(ms: i64, model: &Model) -> String {
    let Ok(at) = Timestamp::from_millisecond(ms) else { return String::new() };
    let at = at.to_zoned(model.zone.clone());
    if at.year() == model.now.to_zoned(model.zone.clone()).year() {
        return moment(ms, model);
    }
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Title of a column and how wide it wants to be; zero takes what is left.
pub const fn head(column: Column) -> (&'static str, u16) {
    match column {
        Column::Sla => ("SLA", 7),
        Column::Id => ("Id", 10),
        Column::Title => ("Title", 0),
        Column::State => ("State", 12),
        Column::Priority => ("P", 2),
        Column::Impact => ("I", 1),
        Column::Urgency => ("U", 1),
        Column::Category => ("Category", 16),
        Column::Group => ("Group", 14),
        Column::Owner => ("Owner", 12),
        Column::Caller => ("Caller", 14),
        Column::Service => ("Service", 14),
        Column::Asset => ("Asset", 10),
        Column::Location => ("Location", 12),
        Column::Channel => ("Channel", 8),
        Column::Level => ("Level", 11),
        Column::Domain => ("Domain", 7),
        Column::Trigger => ("Trigger", 9),
        Column::Workaround => ("Workaround", 10),
        Column::Review => ("Review", 7),
        Column::Desk => ("Desk", 8),
        Column::Age => ("Age", 6),
        Column::Idle => ("Idle", 6),
        Column::Opened => ("Opened", 12),
        Column::Updated => ("Updated", 12),
        Column::Update => ("Update", 7),
        Column::Reopens => ("Re", 2),
        Column::Links => ("Lk", 2),
    }
}

/// The words of one cell.
pub fn text(model: &Model, row: Row, column: Column) -> String {
    let table = &model.table;
    let name = |column| table.name(row, column).map(|name| name.to_string()).unwrap_or_default();
    let since = |column| table.time(row, column).map(|at| span(minute(model.now) - at)).unwrap_or_default();
    let until = |column| table.time(row, column).map(|at| span(at - minute(model.now))).unwrap_or_default();
    let rare = |field| table.rare(row, field).map(|name| name.to_string()).unwrap_or_default();
    match column {
        Column::Sla => clock(&table.glance(row), model.now),
        Column::Id => table.id(row).to_owned(),
        Column::Title => table.title(row).to_owned(),
        Column::State => state(model, row),
        Column::Priority => format!("P{}", table.priority(row)),
        Column::Impact => table.number(row, NumberColumn::Impact).to_string(),
        Column::Urgency => table.number(row, NumberColumn::Urgency).to_string(),
        Column::Category => name(NameColumn::Category),
        Column::Group => name(NameColumn::Group),
        Column::Owner => owner(model, row),
        Column::Caller => table.caller(row).map(|login| model.directory.display(login).to_owned()).unwrap_or_default(),
        Column::Service => name(NameColumn::Service),
        Column::Asset => name(NameColumn::Asset),
        Column::Location => name(NameColumn::Location),
        Column::Channel => name(NameColumn::Channel),
        Column::Level => rare("level"),
        Column::Domain => rare("domain"),
        Column::Trigger => rare("trigger"),
        Column::Workaround => rare("workaround_given"),
        Column::Review => until(TimeColumn::Review),
        Column::Desk => name(NameColumn::Desk),
        Column::Age => since(TimeColumn::Opened),
        Column::Idle => since(TimeColumn::Updated),
        Column::Opened => table.time(row, TimeColumn::Opened).map(|at| moment(at, model)).unwrap_or_default(),
        Column::Updated => table.time(row, TimeColumn::Updated).map(|at| moment(at, model)).unwrap_or_default(),
        Column::Update => until(TimeColumn::UpdateDue),
        Column::Reopens => table.number(row, NumberColumn::Reopens).to_string(),
        Column::Links => {
            let own = usize::from(table.number(row, NumberColumn::Links));
            (own + model.ties.count(table.id(row))).to_string()
        }
    }
}

fn state(model: &Model, row: Row) -> String {
    let words = lifecycle::words(model.table.state(row));
    match model.table.hold(row) {
        Some(reason) => format!("hold: {reason}"),
        None => words,
    }
}

fn owner(model: &Model, row: Row) -> String {
    use crate::domain::table::Trait;
    if !model.table.is(row, Trait::Accepted) {
        return String::from("-");
    }
    short(model.display(model.table.owner(row)))
}

/// `Rosalind Osei` as `R. Osei`.
fn short(name: &str) -> String {
    match name.split_once(' ') {
        Some((first, rest)) => format!("{}. {rest}", first.chars().next().unwrap_or_default()),
        None => name.to_owned(),
    }
}
