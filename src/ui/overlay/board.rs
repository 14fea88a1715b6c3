//! The boards of changes: what is in the way and free times, the calendar by week and month, the agenda.

use jiff::ToSpan;
use jiff::civil::Date;
use ratatui::layout::{Position, Rect};

use crate::app::model::Model;
use crate::app::rfc::board::{Days, Slots, day_span, monday, on_day};
use crate::app::rfc::{self, Meeting};
use crate::domain::lifecycle;
use crate::domain::lifecycle::changes::words;
use crate::domain::rfc::Span;
use crate::domain::rfc::window::Force;
use crate::domain::table::Row;
use crate::text::{spaced, wrap};
use crate::ui::paint::Canvas;
use crate::ui::theme::Theme;

pub fn slots(canvas: &mut Canvas, model: &Model, board: &Slots, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let title = format!("In the way of {}", board.ticket);
    let inside = canvas.frame(body, false, theme.head, &title, "enter takes the time, esc closes");
    let mut y = inside.y;
    if board.conflicts.is_empty() {
        canvas.put(inside.x, y, inside.width, "Nothing is in the way as it is planned.", theme.good);
        y += 1;
    }
    let most = (inside.height / 2).max(3);
    for conflict in board.conflicts.iter().take(usize::from(most)) {
        let style = if conflict.blocks { theme.bad } else { theme.warn };
        let line = format!("{} {}, {}", conflict.kind.number(), words(conflict), time(model, conflict.when));
        canvas.put(inside.x, y, inside.width, &line, style);
        y += 1;
    }
    let count = format!("{} free times within 90 days", board.free.len());
    canvas.put(inside.x, y, inside.width, &count, theme.dim);
    y += 1;
    let room = usize::from(inside.bottom().saturating_sub(y));
    let top = board.cursor.saturating_sub(room.saturating_sub(1));
    for ((at, slot), y) in board.free.iter().enumerate().skip(top).zip(y..inside.bottom()) {
        let here = at == board.cursor;
        canvas.put(inside.x, y, 1, if here { theme.glyphs.cursor } else { " " }, theme.accent);
        canvas.put(
            inside.x + 2,
            y,
            inside.width - 2,
            &time(model, *slot),
            if here { theme.strong } else { theme.plain },
        );
    }
    None
}

/// A stretch of time in the desk's zone; its day once.
fn time(model: &Model, span: Span) -> String {
    let local = |at: jiff::Timestamp| at.to_zoned(model.zone.clone());
    let (start, end) = (local(span.start), local(span.end));
    let last = if start.date() == end.date() { "%H:%M" } else { "%a %d %b %H:%M" };
    format!("{} to {}", start.strftime("%a %d %b %Y %H:%M"), end.strftime(last))
}

pub fn days(canvas: &mut Canvas, model: &Model, days: &Days, body: Rect) -> Option<Position> {
    if days.month { month(canvas, model, days, body) } else { week(canvas, model, days, body) }
}

fn week(canvas: &mut Canvas, model: &Model, days: &Days, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let first = monday(days.day);
    let title = format!("Changes, week of {}", first.strftime("%d %B %Y"));
    let inside = canvas.frame(body, false, theme.head, &title, "h and l days, J and K weeks, v month, enter opens");
    let mut lines: Vec<(String, ratatui::style::Style, bool)> = Vec::new();
    let mut at = 0;
    for day in (0..7).map(|n| first.saturating_add(n.days())) {
        let here = day == days.day;
        let mark = if day == model.now.to_zoned(model.zone.clone()).date() { " (today)" } else { "" };
        let found = on_day(model, day);
        let style = if here { theme.strong } else { theme.dim };
        let count = if found.is_empty() { String::new() } else { format!("  {}", found.len()) };
        if here {
            at = lines.len();
        }
        lines.push((format!("{}{mark}{count}", day.strftime("%a %d %b")), style, here && found.is_empty()));
        for (name, hard) in freezes(model, day) {
            let style = if hard { theme.bad } else { theme.warn };
            lines.push((format!("    {} {name}", if hard { "FREEZE" } else { "freeze (warns)" }), style, false));
        }
        for (nth, (row, when)) in found.iter().enumerate() {
            let chosen = here && nth == days.cursor.min(found.len() - 1);
            if chosen {
                at = lines.len();
            }
            let style = if chosen { theme.strong } else { theme.plain };
            lines.push((entry(model, *row, *when, day), style, chosen));
        }
    }
    let room = usize::from(inside.height);
    let top = at.saturating_sub(room.saturating_sub(1)).max((at + 3).saturating_sub(room));
    for ((text, style, chosen), y) in lines.iter().skip(top).zip(inside.y..inside.bottom()) {
        canvas.put(inside.x, y, 1, if *chosen { theme.glyphs.cursor } else { " " }, theme.accent);
        canvas.put(inside.x + 2, y, inside.width - 2, text, *style);
    }
    None
}

/// One change of a day: when, which, how risky, how it stands.
fn entry(model: &Model, row: Row, when: Span, day: Date) -> String {
    let local = |at: jiff::Timestamp| at.to_zoned(model.zone.clone());
    let (start, end) = (local(when.start), local(when.end));
    let clock = |at: &jiff::Zoned| {
        if at.date() == day { at.strftime("%H:%M").to_string() } else { at.strftime("%d/%m ").to_string() }
    };
    let table = &model.table;
    let risk = risk(model, row);
    format!(
        "  {}-{} {} {} {risk}  {}",
        clock(&start),
        clock(&end),
        table.id(row),
        lifecycle::words(table.state(row)),
        table.title(row)
    )
}

fn risk(model: &Model, row: Row) -> String {
    model.table.course(row).and_then(|course| course.risk).map(|risk| spaced(&risk)).unwrap_or_default()
}

/// The freezes of a day, the hard ones marked.
fn freezes(model: &Model, day: Date) -> Vec<(String, bool)> {
    let found = rfc::frozen(model, day_span(model, day));
    found.into_iter().map(|(window, _)| (window.name.to_string(), window.force == Force::Hard)).collect()
}

fn month(canvas: &mut Canvas, model: &Model, days: &Days, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let title = format!("Changes, {}", days.day.strftime("%B %Y"));
    let inside =
        canvas.frame(body, false, theme.head, &title, "h j k l days, J and K months, v week, enter opens the week");
    let wide = (inside.width / 7).max(6);
    for (column, name) in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().enumerate() {
        canvas.put(inside.x + wide * column as u16, inside.y, wide, name, theme.dim);
    }
    let first = monday(days.day.first_of_month());
    for week in 0..6_i64 {
        let y = inside.y + 1 + 2 * week as u16;
        for column in 0..7_i64 {
            let day = first.saturating_add((7 * week + column).days());
            if y + 1 < inside.bottom() && (day.month() == days.day.month()) {
                let place = Rect::new(inside.x + wide * column as u16, y, wide, 2);
                cell(canvas, model, day, day == days.day, place, theme);
            }
        }
    }
    None
}

fn cell(canvas: &mut Canvas, model: &Model, day: Date, here: bool, place: Rect, theme: Theme) {
    let today = day == model.now.to_zoned(model.zone.clone()).date();
    let style = if here || today { theme.strong } else { theme.plain };
    let sign = if here { theme.glyphs.cursor } else { " " };
    canvas.put(place.x, place.y, 1, sign, theme.accent);
    canvas.put(place.x + 1, place.y, place.width - 1, &format!("{:>2}", day.day()), style);
    let frozen = freezes(model, day);
    let style = if frozen.iter().any(|(_, hard)| *hard) { theme.bad } else { theme.warn };
    if !frozen.is_empty() {
        canvas.put(place.x + 4, place.y, place.width.saturating_sub(4), "freeze", style);
    }
    let count = on_day(model, day).len();
    if count > 0 {
        let words = format!("{count} change{}", if count == 1 { "" } else { "s" });
        canvas.put(place.x + 1, place.y + 1, place.width - 1, &words, theme.accent);
    }
}

pub fn meeting(canvas: &mut Canvas, model: &Model, meeting: &Meeting, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let days = model.settings.changes.horizon_days();
    let title = format!("Agenda: {} changes within {days} days", meeting.items.len());
    let below = "a approves, x rejects, d defers, m minutes, enter opens, esc closes";
    let inside = canvas.frame(body, false, theme.head, &title, below);
    if meeting.items.is_empty() {
        canvas.put(inside.x, inside.y, inside.width, "No change waits for the board.", theme.dim);
        return None;
    }
    let room = inside.width.saturating_sub(4);
    let of = |id| model.table.row(id).map(|row| standing(model, id, row)).unwrap_or_default();
    let standings: Vec<String> = meeting.items.iter().map(of).collect();
    let told: Vec<Vec<&str>> = standings.iter().map(|standing| wrap(standing, room as usize)).collect();
    let mut y = inside.y;
    let top = first(&told, meeting.cursor, inside.height as usize);
    for (at, (id, told)) in meeting.items.iter().zip(&told).enumerate().skip(top) {
        let Some(row) = model.table.row(id) else { continue };
        let here = at == meeting.cursor;
        let head = format!("{id} {}  {}", risk(model, row), model.table.title(row));
        let planned = model.table.course(row).and_then(|course| course.planned());
        let when = planned.map(|span| time(model, span)).unwrap_or_default();
        if y + 2 + told.len() as u16 > inside.bottom() && !here {
            break;
        }
        canvas.put(inside.x, y, 1, if here { theme.glyphs.cursor } else { " " }, theme.accent);
        canvas.put(inside.x + 2, y, inside.width - 2, &head, if here { theme.strong } else { theme.plain });
        for text in std::iter::once(when.as_str()).chain(told.iter().copied()) {
            y += 1;
            if y < inside.bottom() {
                canvas.put(inside.x + 4, y, room, text, theme.dim);
            }
        }
        y += 1;
    }
    None
}

/// The first item shown, so that the one under the cursor is on the screen: each takes two lines and its standing.
fn first(told: &[Vec<&str>], cursor: usize, height: usize) -> usize {
    let lines =
        |from: usize| told[from..].iter().take(cursor + 1 - from).map(|standing| 2 + standing.len()).sum::<usize>();
    (0..=cursor.min(told.len().saturating_sub(1))).find(|from| lines(*from) <= height).unwrap_or(cursor)
}

/// Who is asked, who has voted, what is in the way.
fn standing(model: &Model, id: &crate::domain::name::TicketId, row: Row) -> String {
    let Some(ticket) = model.ticket(id) else { return "Reading its approval.".into() };
    let mut parts: Vec<String> = match &ticket.approval {
        None => vec!["nobody was asked".into()],
        Some(held) => {
            let votes = held.votes.iter().map(|vote| format!("{} {}", model.display(&vote.by), vote.verdict));
            let asked = held.current().map(|stage| {
                let of: Vec<&str> = stage.of.iter().map(|party| model.display(party.name())).collect();
                format!("{}: asked {}", stage.name, of.join(", "))
            });
            asked.into_iter().chain([spaced(held.standing.as_str())]).chain(votes).collect()
        }
    };
    let way = rfc::conflicts(model, ticket).len();
    if way > 0 {
        parts.push(format!("{way} in the way"));
    }
    parts.push(model.display(model.table.owner(row)).to_owned());
    parts.join("; ")
}
