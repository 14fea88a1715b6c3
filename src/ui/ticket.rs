//! One ticket in full: who, what, until when; its timeline, fields, clocks and links.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::acts;
use crate::app::detail::{Detail, Tab};
use crate::app::model::Model;
use crate::domain::change::{Audience, Change, Event, Handover};
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle;
use crate::domain::promise::{self, Outcome, Promise};
use crate::domain::sla::{self, ReadingState};
use crate::domain::table::{NameColumn, NumberColumn, Row, TimeColumn, Trait};
use crate::domain::ticket::Ticket;
use crate::text::{width, wrap};
use crate::ui::paint::Canvas;
use crate::ui::theme::Theme;
use crate::ui::{cells, escalations};

/// A line: pieces with their roles. Roles become styles when the line is drawn.
pub type Line = Vec<(String, Role)>;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Plain,
    Dim,
    Strong,
    Public,
    Internal,
    Warn,
    Bad,
    Good,
    Chosen,
}

impl Role {
    const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Plain => theme.plain,
            Self::Dim => theme.dim,
            Self::Strong => theme.strong,
            Self::Public => theme.public,
            Self::Internal => theme.internal,
            Self::Warn => theme.warn,
            Self::Bad => theme.bad,
            Self::Good => theme.good,
            Self::Chosen => theme.chosen,
        }
    }
}

pub fn draw(canvas: &mut Canvas, model: &Model, detail: &Detail, area: Rect) {
    let theme = canvas.theme;
    let Some(row) = model.table.row(&detail.id) else {
        canvas.put(1, area.y, area.width, "This ticket is gone.", theme.dim);
        return;
    };
    canvas.rule(area, area.y, theme.glyphs.rule, theme.dim, "");
    let tabs = tabs(canvas, detail, area);
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
}

/// The pages, at the right end. Returns the cells that they take.
fn tabs(canvas: &mut Canvas, detail: &Detail, area: Rect) -> u16 {
    let theme = canvas.theme;
    let names: Vec<String> =
        Tab::ALL.iter().map(|tab| if *tab == detail.tab { format!("[{tab}]") } else { format!(" {tab} ") }).collect();
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

pub fn draw_line(canvas: &mut Canvas, line: &Line, x: u16, y: u16, width: u16) {
    let theme = canvas.theme;
    let right = x + width;
    // What is chosen has a sign too, for who sees no styles.
    if x > 0 && line.iter().any(|(_, role)| *role == Role::Chosen) {
        canvas.put(x - 1, y, 1, theme.glyphs.cursor, theme.accent);
    }
    let mut x = x;
    for (text, role) in line {
        x += canvas.put(x, y, right.saturating_sub(x), text, role.style(&theme));
    }
}

/// Priority with its derivation, and the state.
pub fn standing(model: &Model, row: Row) -> String {
    let table = &model.table;
    let (impact, urgency) = (table.number(row, NumberColumn::Impact), table.number(row, NumberColumn::Urgency));
    let by_hand = if table.is(row, Trait::Overridden) { ", by hand" } else { "" };
    format!("P{} (impact {impact} x urgency {urgency}{by_hand}) {}", table.priority(row), state(model, row))
}

/// What the preview shows: the facts in short, then the newest words.
pub fn summary_lines(model: &Model, row: Row, width: u16) -> Vec<Line> {
    let mut lines = facts(model, row, width);
    let opened = model.ticket(&crate::domain::name::TicketId::new(model.table.id(row)));
    match opened {
        Some(ticket) => {
            lines.extend(escalations::lines(model, ticket));
            lines.extend(words(ticket.text(&Field::Description), width, "", Role::Plain));
            lines.extend(timeline(model, ticket, width, true));
        }
        None => lines.push(vec![("Reading its words.".into(), Role::Dim)]),
    }
    lines
}

/// Title, people, asset, clocks: what one wants to know with the caller on the line.
fn facts(model: &Model, row: Row, width: u16) -> Vec<Line> {
    let table = &model.table;
    let name = |column| table.name(row, column).map(|name| name.to_string()).unwrap_or_default();
    let mut lines: Vec<Line> = vec![vec![(table.title(row).to_owned(), Role::Strong)]];
    let caller = table.caller(row).map(|login| person(model, login)).unwrap_or_else(|| "unknown".into());
    let owner =
        if table.is(row, Trait::Accepted) { model.display(table.owner(row)).to_owned() } else { "nobody yet".into() };
    let group = name(NameColumn::Group);
    lines.extend(pairs(&[("Caller", &caller), ("Group", &group), ("Owner", &owner)], width));
    let (asset, service, category) = (asset(model, row), name(NameColumn::Service), name(NameColumn::Category));
    lines.extend(pairs(&[("Asset", &asset), ("Service", &service), ("Category", &category)], width));
    lines.extend(flow(times(model, row), width));
    if let Some(to) = table.name(row, NameColumn::Offered) {
        lines.push(vec![("Offered to ".into(), Role::Dim), (model.display(to).to_owned(), Role::Warn)]);
    }
    let looking: Vec<&str> =
        model.presence.iter().filter(|p| p.ticket.as_str() == table.id(row)).map(|p| model.display(&p.who)).collect();
    if !looking.is_empty() {
        lines.push(vec![(format!("Also looking: {}", looking.join(", ")), Role::Warn)]);
    }
    lines.extend(model.pending.named(table.id(row)).map(|waiting| pending(model, waiting)));
    lines.retain(|line| !line.is_empty());
    lines
}

fn pending(model: &Model, waiting: &crate::app::pending::Waiting) -> Line {
    let left = waiting.held_until.map(|until| until.duration_since(model.now).as_secs().max(0));
    let text = match (waiting.sent, left) {
        (false, Some(left)) => format!("{}: goes in {left} s, `u` recalls it", waiting.title),
        _ => format!("{}: on its way", waiting.title),
    };
    vec![(text, Role::Warn)]
}

fn pairs(pairs: &[(&str, &str)], width: u16) -> Vec<Line> {
    let mut line = Vec::new();
    for (label, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        line.push((format!("{label} "), Role::Dim));
        line.push((format!("{value}   "), Role::Plain));
    }
    flow(line, width)
}

/// Breaks a line of labels and values where the next pair would not fit.
fn flow(pieces: Line, width: u16) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut used = 0;
    for pair in pieces.chunks(2) {
        let wide: usize = pair.iter().map(|(text, _)| crate::text::width(text.trim_end()) + 1).sum();
        if used > 0 && used + wide > width as usize {
            used = 0;
        }
        if used == 0 {
            lines.push(Vec::new());
        }
        used += pair.iter().map(|(text, _)| crate::text::width(text)).sum::<usize>();
        if let Some(line) = lines.last_mut() {
            line.extend_from_slice(pair);
        }
    }
    lines
}

/// A person with what helps to reach them.
fn person(model: &Model, login: &str) -> String {
    let Some(person) = model.directory.person(login) else { return login.to_owned() };
    let mut parts = vec![person.name.to_string()];
    parts.extend(person.department.as_ref().map(|d| d.to_string()));
    parts.extend(person.location.as_ref().map(|l| l.to_string()));
    parts.extend(person.phone.as_ref().map(|p| format!("tel. {p}")));
    if person.vip {
        parts.push("VIP".into());
    }
    parts.join(", ")
}

fn asset(model: &Model, row: Row) -> String {
    let Some(tag) = model.table.name(row, NameColumn::Asset) else { return String::new() };
    match model.directory.assets.iter().find(|asset| asset.tag == *tag) {
        Some(asset) => format!("{tag} ({})", asset.model),
        None => tag.to_string(),
    }
}

fn times(model: &Model, row: Row) -> Line {
    let table = &model.table;
    let glance = table.glance(row);
    let heat = cells::heat(&glance, model.now);
    let role = match heat {
        cells::Heat::Breached => Role::Bad,
        cells::Heat::Risk => Role::Warn,
        _ => Role::Plain,
    };
    let opened = table.time(row, TimeColumn::Opened).map(|at| cells::moment(at, model)).unwrap_or_default();
    let mut line: Line = vec![("Opened ".into(), Role::Dim), (format!("{opened}   "), Role::Plain)];
    if let Some(due) = glance.due {
        let what = glance.metric.map(|metric| metric.as_str()).unwrap_or("sla");
        line.push((format!("{what} due "), Role::Dim));
        let left = cells::clock(&glance, model.now);
        let left = match left.strip_prefix('-') {
            Some(late) => format!("{late} ago"),
            None if due > model.now.as_millisecond() => format!("in {left}"),
            None => left,
        };
        line.push((format!("{} ({left})   ", cells::moment(due, model)), role));
    }
    if let Some(due) = table.time(row, TimeColumn::UpdateDue) {
        let late = due < model.now.as_millisecond();
        line.push(("Next word to the caller ".into(), Role::Dim));
        line.push((cells::moment(due, model), if late { Role::Bad } else { Role::Plain }));
    }
    line
}

/// Every line of the open ticket, on its present page.
pub fn lines(model: &Model, detail: &Detail, width: u16) -> Vec<Line> {
    let Some(row) = model.table.row(&detail.id) else { return Vec::new() };
    let mut lines = facts(model, row, width);
    let Some(ticket) = model.ticket(&detail.id) else {
        lines.push(vec![("Reading its words.".into(), Role::Dim)]);
        return lines;
    };
    lines.extend(escalations::lines(model, ticket));
    lines.push(Vec::new());
    lines.extend(page(model, row, ticket, detail.tab, width, detail.link));
    lines
}

/// One page of a ticket.
fn page(model: &Model, row: Row, ticket: &Ticket, tab: Tab, width: u16, link: usize) -> Vec<Line> {
    match tab {
        Tab::Timeline => {
            let mut lines = words(ticket.text(&Field::Description), width, "", Role::Plain);
            lines.push(Vec::new());
            lines.extend(timeline(model, ticket, width, false));
            lines
        }
        Tab::Fields => fields(model, row, width),
        Tab::Clocks => [clocks(model, ticket), escalations::ladders(model, ticket)].concat(),
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
    let mut parts = vec![(head, text([facts(model, row, width), escalations::lines(model, ticket)].concat()))];
    for tab in Tab::ALL {
        let has = *tab != Tab::Links || !ticket.links.is_empty();
        if has {
            parts.push((tab.to_string(), text(page(model, row, ticket, *tab, width, usize::MAX))));
        }
    }
    parts
}

fn words(text: &str, width: u16, indent: &str, role: Role) -> Vec<Line> {
    let room = (width as usize).saturating_sub(indent.len()).max(10);
    text.split('\n').flat_map(|line| wrap(line, room)).map(|line| vec![(format!("{indent}{line}"), role)]).collect()
}

/// What happened, newest first; in short, only the words.
fn timeline(model: &Model, ticket: &Ticket, width: u16, short: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let events: Vec<&Event> = ticket.timeline.iter().rev().collect();
    let mut at = 0;
    while at < events.len() {
        // The changes of one act stand together.
        let op = &events[at].op;
        let end = events[at..].iter().position(|event| event.op != *op).map_or(events.len(), |n| at + n);
        lines.extend(one_act(model, &events[at..end], width, short));
        at = end;
    }
    lines
}

fn one_act(model: &Model, events: &[&Event], width: u16, short: bool) -> Vec<Line> {
    let Some(first) = events.first() else { return Vec::new() };
    let when = cells::moment(first.at.as_millisecond(), model);
    let who = model.display(&first.actor).to_owned();
    let mut lines: Vec<Line> = Vec::new();
    let mut rest: Vec<String> = Vec::new();
    for event in events.iter().rev() {
        match &event.change {
            Change::Say { audience, text } => {
                let (label, role) = match audience {
                    Audience::Public => ("PUBLIC", Role::Public),
                    Audience::Internal => ("internal", Role::Internal),
                };
                lines.push(vec![
                    (format!("{when} "), Role::Dim),
                    (format!("{label} "), role),
                    (who.clone(), Role::Strong),
                ]);
                lines.extend(words(text, width, "  ", Role::Plain));
            }
            Change::Heard { from, text } => {
                let caller = model.display(from).to_owned();
                lines.push(vec![
                    (format!("{when} "), Role::Dim),
                    ("from the caller ".into(), Role::Good),
                    (caller, Role::Strong),
                ]);
                lines.extend(words(text, width, "  ", Role::Plain));
            }
            other => rest.extend(sentence(model, other)),
        }
    }
    if !rest.is_empty() && !short {
        let text = format!("{when} {who}: {}", rest.join("; "));
        let room = (width as usize).max(10);
        let mut wrapped = wrap(&text, room).into_iter();
        lines.extend(wrapped.next().map(|line| vec![(line.to_owned(), Role::Dim)]));
        let rest: Vec<&str> = wrapped.collect();
        lines.extend(words(&rest.join(" "), width, "  ", Role::Dim).into_iter().filter(|_| !rest.is_empty()));
    }
    lines
}

/// A change in words.
pub fn sentence(model: &Model, change: &Change) -> Option<String> {
    let words = |value: &Value| match value {
        Value::Time(at) => cells::moment(at.as_millisecond(), model),
        other => crate::text::one_line(&other.to_string()).into_owned(),
    };
    let named = |field: &Field| field.name().replace('_', " ");
    Some(match change {
        Change::Create { kind, opened, .. } => {
            format!("registered ({kind}), opened {}", cells::moment(opened.as_millisecond(), model))
        }
        Change::Set { field, from: None, to: Some(to) } => format!("{} {}", named(field), words(to)),
        Change::Set { field, from: Some(from), to: Some(to) } => {
            format!("{} {} to {}", named(field), words(from), words(to))
        }
        Change::Set { field, to: None, .. } => format!("{} cleared", named(field)),
        Change::Move { from, to, .. } => format!("{} to {}", lifecycle::words(*from), lifecycle::words(*to)),
        Change::Link { link } => format!("{} {}", link.how.as_str().replace('_', " "), link.other),
        Change::Unlink { link } => format!("no longer {} {}", link.how.as_str().replace('_', " "), link.other),
        Change::Handover { step } => handover(model, step),
        Change::Escalate { escalation } => {
            format!(
                "escalated ({}) to {}: {}",
                escalation.kind.as_str().replace('_', " "),
                model.display(escalation.to.name()),
                escalation.reason
            )
        }
        Change::Acknowledge { kind } => format!("answers for the {} escalation", kind.as_str().replace('_', " ")),
        Change::Say { .. } | Change::Heard { .. } | Change::Stamp { .. } => return None,
    })
}

fn handover(model: &Model, step: &Handover) -> String {
    let name = |login: &str| model.display(login).to_owned();
    match step {
        Handover::Offer { to, reason, .. } => format!("offered to {}: {reason}", name(to.name())),
        Handover::Accept { by } => format!("accepted by {}", name(by)),
        Handover::Decline { by, reason } => format!("declined by {}: {reason}", name(by)),
        Handover::Withdraw { by } => format!("offer withdrawn by {}", name(by)),
        Handover::Expire => "offer ran out".into(),
        Handover::Force { by, to, reason } => format!("given to {} by {}: {reason}", name(to), name(by)),
        Handover::Absent { owner, acting } => format!("{} is away, {} acts as owner", name(owner), name(acting)),
    }
}

fn fields(model: &Model, row: Row, width: u16) -> Vec<Line> {
    let ticket = acts::ticket(model, row);
    let mut lines = Vec::new();
    for (field, value) in &ticket.fields {
        let text = match value {
            crate::domain::field::Value::Time(at) => cells::moment(at.as_millisecond(), model),
            other => other.to_string(),
        };
        let mut body = words(&text, width, "                    ", Role::Plain).into_iter();
        let first = body.next().and_then(|line| line.into_iter().next()).map(|(text, _)| text.trim_start().to_owned());
        lines.push(vec![(format!("{:<20}", field.name()), Role::Dim), (first.unwrap_or_default(), Role::Plain)]);
        lines.extend(body);
    }
    lines
}

fn clocks(model: &Model, ticket: &Ticket) -> Vec<Line> {
    let facts = crate::domain::facts::facts(ticket, &model.settings.matrix);
    let mut lines = Vec::new();
    for clock in sla::evaluate(&model.settings.sla, &facts) {
        let reading = clock.at(model.now);
        let role = match reading.state {
            ReadingState::Breached => Role::Bad,
            ReadingState::AtRisk => Role::Warn,
            _ => Role::Plain,
        };
        let due =
            clock.due.map(|due| format!("due {}", cells::moment(due.as_millisecond(), model))).unwrap_or_default();
        lines.push(vec![
            (format!("{:<12}", clock.metric()), Role::Strong),
            (format!("{:<12}", reading.state), role),
            (
                format!(
                    "used {} of {}, {}   ",
                    cells::span(reading.used_ms),
                    cells::span(reading.target_ms),
                    left(reading.remaining_ms)
                ),
                Role::Plain,
            ),
            (due, Role::Plain),
        ]);
        for interval in sla::explain(&clock, model.now) {
            let from = cells::moment(interval.from.as_millisecond(), model);
            let to = cells::moment(interval.to.as_millisecond(), model);
            lines.push(vec![
                (format!("  {from:>12} to {to:<12} {:>7} ", cells::span(interval.ms)), Role::Dim),
                (interval.rule.to_string(), Role::Dim),
            ]);
        }
    }
    if lines.is_empty() {
        lines.push(vec![("No clock runs on this ticket.".into(), Role::Dim)]);
    }
    lines.extend(promise::promises(ticket, model.now).iter().map(|held| promised(model, held)));
    lines
}

fn left(ms: i64) -> String {
    if ms < 0 { format!("over by {}", cells::span(-ms)) } else { format!("left {}", cells::span(ms)) }
}

/// A word that the caller was promised, and what became of it.
fn promised(model: &Model, held: &Promise) -> Line {
    let moment = |at: jiff::Timestamp| cells::moment(at.as_millisecond(), model);
    let (word, role) = match held.outcome {
        Outcome::Kept(at) => (format!("kept {}", moment(at)), Role::Good),
        Outcome::Missed(Some(at)) => (format!("missed, told {}", moment(at)), Role::Bad),
        Outcome::Missed(None) => ("missed".to_owned(), Role::Bad),
        Outcome::Pending => ("to be kept".to_owned(), Role::Warn),
    };
    let who = model.display(&held.by);
    vec![
        ("promise     ".into(), Role::Strong),
        (format!("{who} promised the next word by {}: ", moment(held.due)), Role::Plain),
        (word, role),
    ]
}

fn links(model: &Model, ticket: &Ticket, chosen: usize) -> Vec<Line> {
    if ticket.links.is_empty() {
        return vec![vec![("No links. `l` adds one.".into(), Role::Dim)]];
    }
    ticket
        .links
        .iter()
        .enumerate()
        .map(|(at, link)| {
            let title = model.table.row(&link.other).map(|row| model.table.title(row).to_owned()).unwrap_or_default();
            let role = if at == chosen { Role::Chosen } else { Role::Plain };
            vec![
                (format!("{:<14}", link.how.as_str().replace('_', " ")), Role::Dim),
                (format!("{} {title}", link.other), role),
            ]
        })
        .collect()
}
