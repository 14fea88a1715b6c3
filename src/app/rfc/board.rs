//! Two boards over the panes: what is in the way of one change with the next free times, and the calendar of all
//! changes by week or month.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::{conflicts, free, meant, rows};
use crate::app::acts as on;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::{acts, detail};
use crate::command::table::{Command, Family, Scope, Why, always, any};
use crate::domain::act::{Act, Step};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
use crate::domain::rfc::{Conflict, Span};
use crate::domain::state::State;
use crate::domain::table::Row;

/// What is in the way of one change, and when else it could be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    pub ticket: TicketId,
    pub conflicts: Vec<Conflict>,
    pub free: Vec<Span>,
    pub cursor: usize,
}

/// The calendar of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The day under the cursor.
    pub day: Date,
    /// Which of the day's changes is chosen, in the week.
    pub cursor: usize,
    pub month: bool,
}

const BOARD: Family = Family { scope: Scope::Board, needs: any, available: always };

const fn of_days(command: Command) -> Command {
    Command { available: in_days, ..command }
}

/// What opens the boards, and what can be done on them.
pub const COMMANDS: &[Command] = &[
    Command {
        scope: Scope::Ticket,
        available: is_planned,
        ..BOARD.key(
            "slots",
            "In the way",
            "What is in the way of the change, and the next free times; `enter` takes one.",
            &["c s"],
            |m, _| open_slots(m),
        )
    },
    Command {
        scope: Scope::Global,
        available: outside,
        ..BOARD.key("calendar", "Change calendar", "The changes and freezes of a week or a month.", &["c c"], |m, _| {
            let day = today(m);
            m.overlays.push(Overlay::Days(Days { day, cursor: 0, month: false }));
            Effects::none()
        })
    },
    BOARD.key("board-down", "Down", "The next one.", &["j", "down"], |m, _| step(m, 1)),
    BOARD.key("board-up", "Up", "The one before.", &["k", "up"], |m, _| step(m, -1)),
    of_days(BOARD.key("board-next", "Next day", "The next day.", &["l", "right"], |m, _| go(m, 1))),
    of_days(BOARD.key("board-before", "Day before", "The day before.", &["h", "left"], |m, _| go(m, -1))),
    of_days(BOARD.key("board-later", "Next week", "A week, or a month, later.", &["J", "pgdn"], |m, _| leap(m, 1))),
    of_days(
        BOARD.key("board-earlier", "Week before", "A week, or a month, earlier.", &["K", "pgup"], |m, _| leap(m, -1)),
    ),
    of_days(BOARD.key("board-month", "Week or month", "Show the month, or the week.", &["v"], |m, _| {
        if let Some(Overlay::Days(days)) = m.overlays.last_mut() {
            days.month = !days.month;
        }
        Effects::none()
    })),
    of_days(BOARD.key("board-today", "Today", "Back to today.", &["t"], |m, _| {
        let day = today(m);
        if let Some(Overlay::Days(days)) = m.overlays.last_mut() {
            (days.day, days.cursor) = (day, 0);
        }
        Effects::none()
    })),
    BOARD.key("board-take", "Take it", "Take the free time, or open the change.", &["enter"], |m, _| take(m)),
    BOARD.key("board-close", "Close", "Close the board.", &["esc", "q", "ctrl-c"], |m, _| {
        m.overlays.pop();
        Effects::none()
    }),
];

pub(super) fn outside(model: &Model) -> Result<(), Why> {
    match model.triage {
        Some(_) => Why::no("A triage session goes on; leave it first."),
        None => Ok(()),
    }
}

fn in_days(model: &Model) -> Result<(), Why> {
    match model.overlays.last() {
        Some(Overlay::Days(_)) => Ok(()),
        _ => Why::no("This board has no days; `j` and `k` choose."),
    }
}

fn is_planned(model: &Model) -> Result<(), Why> {
    acts::has_target(model)?;
    match meant(model) {
        Some(_) => Ok(()),
        None => Why::no("This is for changes."),
    }
}

/// The board of one change; none while it has no window.
pub fn slots_of(model: &Model, change: &crate::domain::ticket::Ticket) -> Slots {
    let free = free(model, change, crate::domain::rfc::slots::MOST);
    Slots { ticket: change.id.clone(), conflicts: conflicts(model, change), free, cursor: 0 }
}

fn open_slots(model: &mut Model) -> Effects {
    let Some(change) = meant(model) else { return Effects::none() };
    let board = slots_of(model, &change);
    if change.time(&Field::PlannedStart).zip(change.time(&Field::PlannedEnd)).is_none() {
        let message =
            format!("{} has no window yet: `set planned_start` and `set planned_end` give it one.", change.id);
        return model.refuse(message);
    }
    model.overlays.push(Overlay::Slots(board));
    Effects::none()
}

fn today(model: &Model) -> Date {
    model.now.to_zoned(model.zone.clone()).date()
}

fn step(model: &mut Model, by: isize) -> Effects {
    let count = match model.overlays.last() {
        Some(Overlay::Slots(board)) => board.free.len(),
        Some(Overlay::Days(days)) if days.month => return go(model, 7 * by as i64),
        Some(Overlay::Days(days)) => on_day(model, days.day).len(),
        Some(Overlay::Meeting(meeting)) => meeting.items.len(),
        _ => 0,
    };
    let cursor = match model.overlays.last_mut() {
        Some(Overlay::Slots(board)) => &mut board.cursor,
        Some(Overlay::Days(days)) => &mut days.cursor,
        Some(Overlay::Meeting(meeting)) => &mut meeting.cursor,
        _ => return Effects::none(),
    };
    let to = cursor.saturating_add_signed(by).min(count.saturating_sub(1));
    if to != *cursor {
        *cursor = to;
        return Effects::none();
    }
    if matches!(model.overlays.last(), Some(Overlay::Days(_))) {
        return go(model, by as i64);
    }
    model.say(Notice::edge(by));
    Effects::none()
}

fn go(model: &mut Model, by: i64) -> Effects {
    if let Some(Overlay::Days(days)) = model.overlays.last_mut() {
        days.day = days.day.saturating_add(by.days());
        days.cursor = 0;
    }
    Effects::none()
}

fn leap(model: &mut Model, by: i64) -> Effects {
    let Some(Overlay::Days(days)) = model.overlays.last_mut() else { return Effects::none() };
    days.cursor = 0;
    days.day = days.day.saturating_add(if days.month { by.months() } else { by.weeks() });
    Effects::none()
}

/// The stretch of a local day.
pub fn day_span(model: &Model, day: Date) -> Span {
    let start = |day: Date| day.to_zoned(model.zone.clone()).map(|day| day.timestamp()).unwrap_or(model.now);
    Span { start: start(day), end: start(day.tomorrow().unwrap_or(day)) }
}

/// When a change is, for the calendar: as it was made, else as it is planned.
pub fn when(model: &Model, row: Row) -> Option<Span> {
    let course = model.table.course(row)?;
    let (start, end) = (course.began.or(course.starts)?, course.ended.or(course.ends)?);
    Span::new(start, end)
}

/// The changes of a day, in the order of their times; cancelled ones are left out.
pub fn on_day(model: &Model, day: Date) -> Vec<(Row, Span)> {
    let span = day_span(model, day);
    let mut found: Vec<(Row, Span)> = rows(model)
        .filter(|row| model.table.state(*row) != State::Cancelled)
        .filter_map(|row| Some((row, when(model, row)?)))
        .filter(|(_, when)| when.overlaps(&span))
        .collect();
    found.sort_by(|a, b| (a.1.start, model.table.id(a.0)).cmp(&(b.1.start, model.table.id(b.0))));
    found
}

fn take(model: &mut Model) -> Effects {
    match model.overlays.last_mut() {
        Some(Overlay::Slots(board)) => {
            let board = board.clone();
            take_slot(model, &board)
        }
        Some(Overlay::Days(days)) if days.month => {
            days.month = false;
            Effects::none()
        }
        Some(Overlay::Days(days)) => {
            let days = *days;
            let found = on_day(model, days.day);
            let found = found.get(days.cursor.min(found.len().saturating_sub(1)));
            let found = found.map(|(row, _)| TicketId::new(model.table.id(*row)));
            leave_for(model, found, "No change is planned on that day.")
        }
        Some(Overlay::Meeting(meeting)) => {
            let found = meeting.items.get(meeting.cursor).cloned();
            leave_for(model, found, "There is nothing on the agenda.")
        }
        _ => Effects::none(),
    }
}

fn leave_for(model: &mut Model, found: Option<TicketId>, otherwise: &str) -> Effects {
    match found {
        Some(id) => {
            model.overlays.pop();
            detail::open(model, &id)
        }
        None => model.refuse(otherwise),
    }
}

/// The change gets the free time under the cursor.
fn take_slot(model: &mut Model, board: &Slots) -> Effects {
    let Some(slot) = board.free.get(board.cursor).copied() else {
        return model.refuse("There is no free time within ninety days.");
    };
    if let Err(why) = acts::can_write(model) {
        return model.refuse(why.0);
    }
    let Some(row) = model.table.row(&board.ticket) else { return Effects::none() };
    if model.table.kind(row) != Kind::Change {
        return Effects::none();
    }
    model.overlays.pop();
    let words = |at: Timestamp| at.to_zoned(model.zone.clone()).strftime("%a %d %b %H:%M").to_string();
    let title = format!("planned for {}", words(slot.start));
    let set = |field, at| Step::Set(field, Some(Value::Time(at)));
    let steps = [set(Field::PlannedStart, slot.start), set(Field::PlannedEnd, slot.end)];
    on::send(model, row, &Act::new(title, steps))
}

/// The Monday of the week of a day.
pub fn monday(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
}
