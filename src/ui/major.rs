//! The major facet of an incident in lines: how it stands, who does what, what is due to whom.

use crate::app::major;
use crate::app::model::Model;
use crate::domain::major::review::PARTS;
use crate::domain::major::{LineSort, Major, MajorState};
use crate::domain::rules::working_days;
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;
use crate::text::spaced;
use crate::ui::cells;
use crate::ui::lines::{Line, Role};

/// Newest lines of the log that stand above the timeline.
const LOG: usize = 4;

/// Nothing for all but major incidents and candidates.
pub fn lines(model: &Model, row: Row, ticket: &Ticket) -> Vec<Line> {
    let Some(facet) = &ticket.major else { return Vec::new() };
    let mut lines = vec![standing(model, facet)];
    if !facet.is_live() {
        return lines;
    }
    lines.extend(review(model, ticket, facet));
    lines.push(vec![
        ("Impact ".into(), Role::Dim),
        (facet.impact.to_string(), Role::Plain),
        ("  because ".into(), Role::Dim),
        (facet.reason.to_string(), Role::Plain),
    ]);
    lines.extend(people(model, facet));
    lines.extend(due(model, row, ticket));
    lines.extend(facet.log.iter().rev().take(LOG).map(|held| {
        let role = if held.sort == LineSort::Decision { Role::Strong } else { Role::Plain };
        vec![
            (
                format!("{} {:<10} ", cells::instant(held.at.as_millisecond(), model), spaced(held.sort.as_str())),
                Role::Dim,
            ),
            (held.text.to_string(), role),
        ]
    }));
    lines
}

fn standing(model: &Model, facet: &Major) -> Line {
    let role = if facet.state == MajorState::Accepted { Role::Bad } else { Role::Warn };
    let by = format!(" by {}", model.display(&facet.by));
    let mut line =
        vec![("MAJOR INCIDENT ".into(), role), (facet.state.as_str().to_owned(), Role::Strong), (by, Role::Dim)];
    if let Some(at) = facet.restored {
        line.push(("  service restored ".into(), Role::Dim));
        line.push((cells::instant(at.as_millisecond(), model), Role::Good));
    }
    line
}

/// When the review is owed, once the incident is resolved.
fn review(model: &Model, ticket: &Ticket, facet: &Major) -> Option<Line> {
    let missing = PARTS.iter().filter(|part| !facet.review.contains_key(**part)).count();
    let resolved = ticket.resolved.filter(|_| facet.state == MajorState::Accepted && missing > 0)?;
    let cadence = &model.settings.cadence;
    let calendar = model.settings.sla.calendars().get(&*cadence.review_calendar);
    let due = working_days(calendar.map(|held| &**held), resolved, cadence.review_days);
    let role = if due < model.now { Role::Bad } else { Role::Warn };
    let text = format!("{} of {} parts missing", missing, PARTS.len());
    Some(vec![
        ("Review due ".into(), Role::Dim),
        (format!("{} ({text})", cells::instant(due.as_millisecond(), model)), role),
    ])
}

fn people(model: &Model, facet: &Major) -> Vec<Line> {
    let name = |login: &str| model.display(login).to_owned();
    let mut line: Line = Vec::new();
    for (role, who) in &facet.roles {
        let who: Vec<String> = who.iter().map(|login| name(login)).collect();
        line.push((format!("{} ", spaced(role.as_str())), Role::Dim));
        line.push((format!("{}  ", who.join(", ")), Role::Plain));
    }
    if !facet.bridge.is_empty() {
        line.push(("bridge ".into(), Role::Dim));
        let there: Vec<String> =
            facet.present.iter().filter(|held| held.left.is_none()).map(|held| name(&held.who)).collect();
        let there = if there.is_empty() { String::new() } else { format!(" ({})", there.join(", ")) };
        line.push((format!("{}{there}", facet.bridge), Role::Plain));
    }
    let mut lines: Vec<Line> = if line.is_empty() { Vec::new() } else { vec![line] };
    if let Some(one) = facet.overloaded() {
        lines.push(vec![(format!("{} holds every role; share them.", name(one)), Role::Warn)]);
    }
    lines
}

fn due(model: &Model, row: Row, ticket: &Ticket) -> Vec<Line> {
    let line = |due: crate::domain::major::cadence::Due| {
        let at = cells::instant(due.at.as_millisecond(), model);
        let minutes = due.at.duration_since(model.now).as_mins();
        let (left, role) = match minutes {
            late if due.at < model.now => (format!("OVERDUE by {} min", -late), Role::Bad),
            soon if soon < 10 => (format!("in {soon} min"), Role::Warn),
            later => (format!("in {later} min"), Role::Plain),
        };
        let skipped = if due.skipped { ", skipped once" } else { "" };
        vec![
            (format!("Words to {} ", due.audience), Role::Dim),
            (format!("due {at} ({left})"), role),
            (format!("  sent ({}x){skipped}", due.sent), Role::Dim),
        ]
    };
    major::due(model, row, ticket).into_iter().map(line).collect()
}
