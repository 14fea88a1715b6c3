//! One ticket in full: who, what, until when; its timeline, fields, clocks and links.

use ratatui::layout::Rect;

use crate::app::acts;
use crate::app::detail::{Detail, Tab};
use crate::app::model::Model;
use crate::app::ties;
use crate::domain::change::Link;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::TicketId;
use crate::domain::priority::Priority;
use crate::domain::table::{Row, Trait};
use crate::domain::ticket::{Ticket, level};
use crate::text::{spaced, width};
use crate::ui::facts::{facts, untold};
use crate::ui::lines::{Line, Role, draw_line, fold, words};
use crate::ui::paint::Canvas;
use crate::ui::{clocks, escalations, major, problem, rfc, timeline, work};

/// Draws the open ticket. Returns how many lines it has.
pub fn draw(canvas: &mut Canvas, model: &Model, detail: &Detail, area: Rect) -> usize {
    let theme = canvas.theme;
    let Some(row) = model.table.row(&detail.id) else {
        let gone = format!(
            "{} is no longer listed here: it was deleted, moved or merged, or it left what you see. Esc goes back.",
            detail.id
        );
        canvas.put(1, area.y, area.width, &gone, theme.dim);
        return 0;
    };
    canvas.rule(area, area.y, theme.glyphs.rule, theme.dim, "");
    let tabs = tabs(canvas, detail, model.table.kind(row), area);
    let words = format!(" {} {} ", detail.id, standing(model, row));
    let room = area.width.saturating_sub(tabs + 3);
    let words = if width(&words) > room as usize { format!(" {} {} ", detail.id, brief(model, row)) } else { words };
    canvas.put(area.x + 1, area.y, room, &words, theme.dim);
    let lines = lines(model, detail, area.width.saturating_sub(2));
    let room = area.height.saturating_sub(1) as usize;
    let top = detail.top.min(lines.len().saturating_sub(1));
    for (at, line) in lines.iter().skip(top).take(room).enumerate() {
        draw_line(canvas, line, 1, area.y + 1 + at as u16, area.width.saturating_sub(2));
    }
    lines.len()
}

/// The pages, at the right end. Returns the cells that they take.
fn tabs(canvas: &mut Canvas, detail: &Detail, kind: Kind, area: Rect) -> u16 {
    let theme = canvas.theme;
    let names: Vec<String> =
        Tab::of(kind).map(|tab| if tab == detail.tab { format!("[{tab}]") } else { format!(" {tab} ") }).collect();
    let text = names.join("");
    canvas.put_right(area.x, area.y, area.width.saturating_sub(1), &text, theme.accent);
    u16::try_from(width(&text)).unwrap_or(area.width)
}

/// The priority and the state alone, for a narrow screen.
fn brief(model: &Model, row: Row) -> String {
    format!("P{} {}", model.table.priority(row), state(model, row))
}

fn state(model: &Model, row: Row) -> String {
    match model.table.hold(row) {
        Some(reason) => format!("on hold ({reason})"),
        None => lifecycle::words(model.table.state(row)),
    }
}

/// Priority with its derivation, and the state.
pub fn standing(model: &Model, row: Row) -> String {
    let table = &model.table;
    let (mut levels, mut priority) = (table.said(row), table.priority(row));
    let mut by_hand = table.is(row, Trait::Overridden);
    if let Some(ticket) = untold(model, row).filter(|_| levels.contains(&0)) {
        let of_ticket = [Field::Impact, Field::Urgency].map(|field| ticket.said(&field));
        levels = [0, 1].map(|at| if levels[at] == 0 { of_ticket[at] } else { levels[at] });
        let [impact, urgency] = levels.map(level);
        let counts =
            Priority { computed: model.settings.matrix.priority(impact, urgency), ..model.settings.matrix.of(ticket) };
        (priority, by_hand) = (counts.effective(), counts.by_hand.is_some());
    }
    let by_hand = if by_hand { ", by hand" } else { "" };
    let [impact, urgency] = levels.map(|level| if level == 0 { "-".to_owned() } else { level.to_string() });
    format!("P{priority} (impact {impact} x urgency {urgency}{by_hand}) {}", state(model, row))
}

/// What the preview shows: the facts in short, then the newest words.
pub fn summary_lines(model: &Model, row: Row, width: u16) -> Vec<Line> {
    let mut lines = facts(model, row, width);
    lines.extend(tied(model, model.table.id(row), width));
    let opened = model.ticket(&TicketId::new(model.table.id(row)));
    match opened {
        Some(ticket) => {
            lines.extend(words(ticket.text(&Field::Description), width, "", Role::Plain));
            lines.extend(proposed(model, row, ticket, width));
            lines.extend(waits(model, ticket, width, false));
            lines.extend(timeline::lines(model, ticket, width, true));
        }
        None => lines.push(vec![("Reading its words.".into(), Role::Dim)]),
    }
    lines
}

/// Every line of the open ticket, on its present page.
fn lines(model: &Model, detail: &Detail, width: u16) -> Vec<Line> {
    let Some(row) = model.table.row(&detail.id) else { return Vec::new() };
    let mut lines = facts(model, row, width);
    let Some(ticket) = model.ticket(&detail.id) else {
        lines.push(vec![("Reading its words.".into(), Role::Dim)]);
        return lines;
    };
    lines.extend(proposed(model, row, ticket, width));
    lines.extend(waits(model, ticket, width, true));
    lines.push(Vec::new());
    lines.extend(page(model, row, ticket, detail.tab, width, detail.link));
    lines
}

/// One page of a ticket.
fn page(model: &Model, row: Row, ticket: &Ticket, tab: Tab, width: u16, link: usize) -> Vec<Line> {
    match tab {
        Tab::Timeline => {
            let mut lines = words(ticket.text(&Field::Description), width, "", Role::Plain);
            if !lines.is_empty() {
                lines.push(Vec::new());
            }
            lines.extend(timeline::lines(model, ticket, width, false));
            lines
        }
        Tab::Analysis => problem::lines(model, row, ticket, width),
        Tab::Fields => fields(model, row, width),
        Tab::Clocks => {
            let ladders = escalations::ladders(model, ticket).into_iter().flat_map(|line| fold(line, width));
            clocks::lines(model, ticket).into_iter().chain(ladders).collect()
        }
        Tab::Links => links(model, ticket, link),
    }
}

/// A ticket without a screen: its standing and facts, then the pages that have something to say, each under its name.
pub fn plain(model: &Model, row: Row, ticket: &Ticket, width: u16) -> Vec<(String, Vec<String>)> {
    let text = |lines: Vec<Line>| -> Vec<String> {
        let line = |line: Line| line.into_iter().map(|(text, _)| text).collect::<String>().trim_end().to_owned();
        lines.into_iter().map(line).collect()
    };
    let head = format!("{} {}", model.table.id(row), standing(model, row));
    let seen = [facts(model, row, width), proposed(model, row, ticket, width), waits(model, ticket, width, true)];
    let mut parts = vec![(head, text(seen.concat()))];
    for tab in Tab::of(ticket.kind) {
        let has = tab != Tab::Links || !ties::links(model, ticket).is_empty();
        if has {
            parts.push((tab.to_string(), text(page(model, row, ticket, tab, width, usize::MAX))));
        }
    }
    parts
}

/// For whose hands it waits: approvals, tasks, proposals.
fn waits(model: &Model, ticket: &Ticket, width: u16, whole: bool) -> Vec<Line> {
    work::lines(model, ticket, whole).into_iter().flat_map(|line| fold(line, width)).collect()
}

/// What catches the eye before the timeline: a major incident, what the rules propose, known errors, changes near by.
fn proposed(model: &Model, row: Row, ticket: &Ticket, width: u16) -> Vec<Line> {
    let facet = major::lines(model, row, ticket).into_iter();
    let also = escalations::lines(model, ticket).into_iter().chain(problem::offered(model, ticket));
    facet.chain(also).chain(rfc::lines(model, ticket)).flat_map(|line| fold(line, width)).collect()
}

fn fields(model: &Model, row: Row, width: u16) -> Vec<Line> {
    let ticket = acts::ticket(model, row);
    let mut lines = Vec::new();
    for (field, value) in &ticket.fields {
        let text = timeline::value_words(model, field, value);
        let mut body = words(&text, width, "                    ", Role::Plain).into_iter();
        let first = body.next().and_then(|line| line.into_iter().next()).map(|(text, _)| text.trim_start().to_owned());
        lines.push(vec![(format!("{:<20}", field.name()), Role::Dim), (first.unwrap_or_default(), Role::Plain)]);
        lines.extend(body);
    }
    lines
}

fn links(model: &Model, ticket: &Ticket, chosen: usize) -> Vec<Line> {
    let links = ties::links(model, ticket);
    if links.is_empty() {
        return vec![vec![("No links. `l` adds one.".into(), Role::Dim)]];
    }
    let line = |(at, (link, here)): (usize, &(Link, bool))| {
        let role = if at == chosen { Role::Chosen } else { Role::Plain };
        let mut line = vec![
            (format!("{:<14}", spaced(link.how.as_str())), Role::Dim),
            (format!("{} {}", link.other, title(model, link)), role),
        ];
        if *here {
            line.push((" (kept here)".into(), Role::Dim));
        }
        line
    };
    links.iter().enumerate().map(line).collect()
}

fn title<'a>(model: &'a Model, link: &Link) -> &'a str {
    model.table.row(&link.other).map_or("", |row| model.table.title(row))
}

/// What it has to do with tickets of other desks, which their trackers cannot say.
fn tied(model: &Model, id: &str, room: u16) -> Vec<Line> {
    let line = |link: &Link| {
        let how = spaced(link.how.as_str());
        vec![
            (format!("Here linked: {how} "), Role::Dim),
            (format!("{} {}", link.other, title(model, link)), Role::Plain),
        ]
    };
    model.ties.of(id).flat_map(|link| fold(line(link), room)).collect()
}
