//! Changes on the console: what is in their way, what lies near an incident, and the commands that only they have.
//!
//! Everything is read from the rows that are here, so that it is the same on every desk.

mod acts;
pub mod board;
pub mod meeting;
mod raise;

use jiff::SignedDuration;

use crate::app::acts as on;
use crate::app::model::Model;
use crate::domain::approval::Standing;
use crate::domain::change::Party;
use crate::domain::kind::Kind;
use crate::domain::lifecycle::changes::makers;
use crate::domain::name::Name;
use crate::domain::rfc::near::{self, Near};
use crate::domain::rfc::score::Record;
use crate::domain::rfc::{Board, Conflict, Planned, Span, Window, slots};
use crate::domain::state::State;
use crate::domain::summary::Summary;
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;

pub use acts::{COMMANDS, asked, begun};
pub use board::{Days, Slots};
pub use meeting::Meeting;

/// The rows of changes.
pub fn rows(model: &Model) -> impl Iterator<Item = Row> {
    model.table.courses().map(|(row, _)| row)
}

/// The changes that are planned and may be in another one's way.
pub fn booked(model: &Model) -> Vec<Planned> {
    let open = rows(model).filter(|row| model.table.state(*row).is_open());
    open.filter_map(|row| Planned::of_row(&model.table.summary(row)))
        .filter(|change| change.is_active() && change.span.is_some())
        .collect()
}

/// Whom a change needs beside its maker: who carries out its steps, and who was asked by name and has not answered.
fn people(change: &Ticket) -> Vec<Name> {
    let mut found = makers(change);
    if let Some(held) = change.approval.as_ref().filter(|held| held.standing == Standing::Waiting) {
        let later = held.stages.iter().skip(usize::from(held.stage));
        found.extend(later.flat_map(|stage| &stage.of).filter_map(|party| match party {
            Party::Person(login) => Some(login.clone()).filter(|_| !held.votes.iter().any(|vote| vote.by == *login)),
            Party::Group(_) => None,
        }));
    }
    found
}

/// What stands in the way of this change, as it is planned.
pub fn conflicts(model: &Model, change: &Ticket) -> Vec<Conflict> {
    let Some(planned) = Planned::of(change) else { return Vec::new() };
    let Some(span) = planned.span.filter(|_| planned.is_active()) else { return Vec::new() };
    let (practice, booked) = (&model.settings.changes, booked(model));
    let board = Board::new(&model.directory, &practice.window, &booked, &practice.warns, span);
    // One person who stands for several stages is missed once.
    board.conflicts(&planned, span, &people(change))
}

/// When else this change could be made, from now on; nothing while it has no window.
pub fn free(model: &Model, change: &Ticket, most: usize) -> Vec<Span> {
    let Some(planned) = Planned::of(change) else { return Vec::new() };
    let (practice, booked) = (&model.settings.changes, booked(model));
    let ahead = slots::ahead(model.now);
    let board = Board::new(&model.directory, &practice.window, &booked, &practice.warns, ahead);
    slots::next(&board, &planned, &people(change), model.now, most)
}

/// The changes that may have to do with this incident, the nearest first.
pub fn near(model: &Model, row: Row) -> Vec<Near> {
    let incident = model.table.summary(row);
    let opened = incident.opened.as_millisecond();
    let reach = i64::try_from(near::RECENT.as_millis()).unwrap_or(i64::MAX);
    // Most changes are long over: their times say so before anything else is read.
    let recent = |(row, [starts, ends, began, ended]): (Row, [Option<i64>; 4])| {
        let (start, end) = (began.or(starts), ended.or(ends));
        let lately = || end.is_some_and(|end| end + reach >= opened) || model.table.state(row) == State::Implement;
        (start.is_some_and(|start| start <= opened) && lately()).then_some(row)
    };
    let changes: Vec<Summary> = model.table.courses().filter_map(recent).map(|row| model.table.summary(row)).collect();
    near::changes(&incident, changes.iter(), &model.directory, model.now)
}

/// The freezes that held when this incident came.
pub fn freezes(model: &Model, row: Row) -> Vec<(&Window, Span)> {
    near::freezes(&model.table.summary(row), &model.settings.changes.window, &model.directory)
}

/// How well the changes of a group went, with the incidents that they caused.
pub fn record(model: &Model, group: &str) -> Record {
    let mut record = Record::default();
    let of = |row: Row| model.table.group(row) == Some(group);
    for row in rows(model).filter(|row| of(*row)) {
        record.take(&model.table.summary(row));
    }
    let caused = model.table.caused().filter(|row| {
        let change = model.table.caused_by(*row).and_then(|id| model.table.row(&id));
        change.is_some_and(of)
    });
    caused.for_each(|row| record.take(&model.table.summary(row)));
    record
}

/// The freezes that overlap a stretch of time, each with its time.
pub fn frozen(model: &Model, span: Span) -> Vec<(&Window, Span)> {
    use crate::domain::rfc::window::WindowKind;
    let freezes = model.settings.changes.window.iter().filter(|window| window.kind == WindowKind::Freeze);
    let mut found: Vec<_> =
        freezes.flat_map(|window| window.times(span).into_iter().map(move |when| (window, when))).collect();
    found.sort_by_key(|(_, when)| when.start);
    found
}

/// The change that is meant: the one that is open, or under the cursor.
fn meant(model: &Model) -> Option<Ticket> {
    let row = model.targets().first().copied()?;
    Some(on::ticket(model, row)).filter(|ticket| ticket.kind == Kind::Change)
}

/// So many days from now.
fn days(model: &Model, count: i64) -> Span {
    Span::lasting(model.now, SignedDuration::from_hours(24 * count))
}
