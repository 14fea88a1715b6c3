//! One ticket in full: who, what, until when; its timeline, fields, clocks and links.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::acts;
use crate::app::detail::{Detail, Tab};
use crate::app::model::Model;
use crate::app::ties;
use crate::domain::change::{Change, Handover, Link};
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::TicketId;
use crate::domain::table::{NameColumn, Row, TimeColumn, Trait};
use crate::domain::ticket::Ticket;
use crate::text::{width, wrap};
use crate::ui::paint::Canvas;
use crate::ui::theme::Theme;
use crate::ui::{cells, clocks, escalations, major, problem, rfc, timeline, work};

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

/// Draws the open ticket. Returns how many lines it has.
pub fn draw(canvas: &mut Canvas, model: &Model, detail: &Detail, area: Rect) -> usize {
    let theme = canvas.theme;
    let Some(row) = model.table.row(&detail.id) else {
        canvas.put(1, area.y, area.width, "This ticket is gone.", theme.dim);
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
    let (mut levels, mut priority) = (table.said(row), table.priority(row));
    let mut by_hand = table.is(row, Trait::Overridden);
    // What the list does not tell, the ticket itself does.
    let untold = table.is(row, Trait::Shallow) && levels == [0, 0];
    if let Some(ticket) = model.ticket(&TicketId::new(table.id(row))).filter(|_| untold) {
        let counts = model.settings.matrix.of(ticket);
        levels = [Field::Impact, Field::Urgency].map(|field| ticket.said(&field));
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
    let opened = model.ticket(&crate::domain::name::TicketId::new(model.table.id(row)));
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

/// Title, people, asset, clocks: what one wants to know with the caller on the line.
fn facts(model: &Model, row: Row, width: u16) -> Vec<Line> {
    let table = &model.table;
    let name = |column| table.name(row, column).map(|name| name.to_string()).unwrap_or_default();
    let mut lines: Vec<Line> = vec![vec![(table.title(row).to_owned(), Role::Strong)]];
    let caller = table.caller(row).map(|login| person(model, login)).unwrap_or_else(|| "unknown".into());
    let owner = if table.is(row, Trait::Accepted) { owner(model, row) } else { "nobody yet".into() };
    let group = name(NameColumn::Group);
    let (asset, service, category) = (asset(model, row), name(NameColumn::Service), name(NameColumn::Category));
    let people = [("Caller", caller.as_str()), ("Group", &group), ("Owner", &owner)];
    let things = [("Asset", asset.as_str()), ("Service", &service), ("Category", &category)];
    let pairs = people.into_iter().chain(things).filter(|(_, value)| !value.is_empty());
    let pieces = pairs.flat_map(|(label, value)| [(format!("{label} "), Role::Dim), (value.to_owned(), Role::Plain)]);
    lines.extend(flow(pieces.collect(), width));
    lines.extend(flow(times(model, row), width));
    if let Some(to) = table.name(row, NameColumn::Offered) {
        let from = format!(" by {}{}", model.display(table.owner(row)), offered_why(model, row));
        lines.push(vec![
            ("Offered to ".into(), Role::Dim),
            (model.display(to).to_owned(), Role::Warn),
            (from, Role::Dim),
        ]);
    }
    if model.homes.is_for_reading(table.id(row)) {
        lines.push(vec![("Its desk is read-only here.".into(), Role::Warn)]);
    }
    let looking: Vec<&str> =
        model.presence.iter().filter(|p| p.ticket.as_str() == table.id(row)).map(|p| model.display(&p.who)).collect();
    if !looking.is_empty() {
        lines.push(vec![(format!("Also looking: {}", looking.join(", ")), Role::Warn)]);
    }
    lines.extend(rfc::beside(model, row).into_iter().flat_map(|line| fold(line, width)));
    lines.extend(model.pending.named(table.id(row)).map(|waiting| pending(model, waiting)));
    lines.retain(|line| !line.is_empty());
    lines
}

/// The owner, and who would stand in while the owner is away.
fn owner(model: &Model, row: Row) -> String {
    let login = model.table.owner(row);
    let person = model.directory.person(login);
    let is_away = person.and_then(|person| person.absent_until).is_some_and(|until| until > model.now);
    let away = if is_away && login != model.me.as_str() { " (away)" } else { "" };
    format!("{}{away}", model.display(login))
}

/// What was said with the open offer, where the timeline is known.
fn offered_why(model: &Model, row: Row) -> String {
    let ticket = model.ticket(&crate::domain::name::TicketId::new(model.table.id(row)));
    let offers = ticket.into_iter().flat_map(|ticket| ticket.timeline.iter().rev());
    let reason = offers.filter_map(|event| match &event.change {
        Change::Handover { step: Handover::Offer { reason, .. } } => Some(reason.to_string()),
        _ => None,
    });
    reason.take(1).filter(|reason| !reason.is_empty()).map(|reason| format!(": {reason}")).collect()
}

fn pending(model: &Model, waiting: &crate::app::pending::Waiting) -> Line {
    let left = waiting.held_until.map(|until| until.duration_since(model.now).as_secs().max(0));
    let text = match (waiting.sent, left) {
        (false, Some(left)) => {
            let key = model.settings.keymap.key_of("undo", &model.scopes());
            format!("{}: goes in {left} s, `{key}` recalls it", waiting.title)
        }
        _ => format!("{}: on its way", waiting.title),
    };
    vec![(text, Role::Warn)]
}

/// Breaks a line of labels and values where the next pair would not fit.
fn flow(pieces: Line, room: u16) -> Vec<Line> {
    const BETWEEN: usize = 3;
    let mut lines: Vec<Line> = Vec::new();
    let mut used = 0;
    for pair in pieces.chunks(2) {
        let wide: usize = pair.iter().map(|(text, _)| width(text)).sum();
        match lines.last_mut().filter(|_| used + BETWEEN + wide <= room as usize) {
            Some(line) => {
                line.push((" ".repeat(BETWEEN), Role::Plain));
                line.extend_from_slice(pair);
                used += BETWEEN + wide;
            }
            None => {
                lines.push(pair.to_vec());
                used = wide;
            }
        }
    }
    lines.into_iter().flat_map(|line| fold(line, room)).collect()
}

/// Breaks a line between words, its pieces keeping their roles; what follows is set in.
fn fold(line: Line, room: u16) -> Vec<Line> {
    const INDENT: usize = 2;
    let (mut lines, mut used): (Vec<Line>, usize) = (vec![Vec::new()], 0);
    for (text, role) in line {
        for word in text.split_inclusive(' ') {
            let wide = width(word.trim_end());
            if used + wide > room as usize && used > INDENT {
                lines.push(vec![(" ".repeat(INDENT), Role::Plain)]);
                used = INDENT;
            }
            used += width(word);
            let Some(line) = lines.last_mut() else { continue };
            match line.last_mut().filter(|(_, last)| *last == role) {
                Some((before, _)) => before.push_str(word),
                None => line.push((word.to_owned(), role)),
            }
        }
    }
    for line in &mut lines {
        if let Some((last, _)) = line.last_mut() {
            last.truncate(last.trim_end().len());
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

/// Opened, due or over, and when the caller must hear something; a label and a value each.
fn times(model: &Model, row: Row) -> Line {
    let table = &model.table;
    let mut line = Vec::new();
    let mut pair = |label: &str, value: String, role| line.extend([(format!("{label} "), Role::Dim), (value, role)]);
    let moment = |at: i64| cells::instant(at, model);
    if let Some(opened) = table.time(row, TimeColumn::Opened) {
        pair("Opened", moment(opened), Role::Plain);
    }
    let glance = table.glance(row);
    if let Some(due) = glance.due {
        let role = match cells::heat(&glance, model.now) {
            cells::Heat::Breached => Role::Bad,
            cells::Heat::Risk => Role::Warn,
            _ => Role::Plain,
        };
        let what = glance.metric.map(|metric| metric.as_str()).unwrap_or("sla");
        let left = cells::clock(&glance, model.now);
        let left = match left.strip_prefix('-') {
            Some(late) => format!("{late} ago"),
            None if due > model.now.as_millisecond() => format!("in {left}"),
            None => left,
        };
        pair(&format!("{what} due"), format!("{} ({left})", moment(due)), role);
    }
    if let Some(due) = table.time(row, TimeColumn::UpdateDue) {
        let late = due < model.now.as_millisecond();
        pair("Next word to the caller", moment(due), if late { Role::Bad } else { Role::Plain });
    }
    if let Some(due) = table.time(row, TimeColumn::Review) {
        let late = due < model.now.as_millisecond();
        pair("Next review", moment(due), if late { Role::Bad } else { Role::Plain });
    }
    if let Some(given) = table.rare(row, Field::WorkaroundGiven.name()) {
        pair("Workaround", given.to_string(), Role::Plain);
    }
    for (label, column) in [("Resolved", TimeColumn::Resolved), ("Closed", TimeColumn::Closed)] {
        if let Some(at) = table.time(row, column) {
            pair(label, moment(at), Role::Plain);
        }
    }
    line
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

/// Text in lines of at most that width; none where there is no text.
pub fn words(text: &str, width: u16, indent: &str, role: Role) -> Vec<Line> {
    if text.is_empty() {
        return Vec::new();
    }
    let room = (width as usize).saturating_sub(indent.len()).max(10);
    text.split('\n').flat_map(|line| wrap(line, room)).map(|line| vec![(format!("{indent}{line}"), role)]).collect()
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
            (format!("{:<14}", link.how.as_str().replace('_', " ")), Role::Dim),
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
        let how = link.how.as_str().replace('_', " ");
        vec![
            (format!("Here linked: {how} "), Role::Dim),
            (format!("{} {}", link.other, title(model, link)), Role::Plain),
        ]
    };
    model.ties.of(id).flat_map(|link| fold(line(link), room)).collect()
}
