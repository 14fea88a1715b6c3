//! A problem in lines: what is known of it and what is done about it; and for an incident, which known errors fit it.

use crate::app::model::Model;
use crate::app::problems::known;
use crate::domain::change::LinkKind;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{self, problem};
use crate::domain::state::State;
use crate::domain::table::{Row, TimeColumn};
use crate::domain::task::{Task, TaskState};
use crate::domain::ticket::Ticket;
use crate::ui::cells;
use crate::ui::lines::{Line, Role, words};

/// The known errors that fit an incident, with why; nothing for most.
pub fn offered(model: &Model, ticket: &Ticket) -> Vec<Line> {
    let Some(row) = model.table.row(&ticket.id) else { return Vec::new() };
    let key = model.settings.keymap.key_of("known", &model.scopes());
    let offers = known::offers(model, row);
    let line = |(at, offer): (usize, &known::Offer)| {
        let (id, title) = (model.table.id(offer.row), model.table.title(offer.row));
        let take = if at == 0 { format!(" `{key}` takes it.") } else { String::new() };
        vec![
            ("Known error ".to_owned(), Role::Warn),
            (format!("{id} {title}"), Role::Strong),
            (format!(" ({}).{take}", offer.why), Role::Plain),
        ]
    };
    offers.iter().enumerate().map(line).collect()
}

/// The page of the analysis.
pub fn lines(model: &Model, row: Row, ticket: &Ticket, width: u16) -> Vec<Line> {
    let mut page = Page { lines: Vec::new(), width };
    let field = |field: &Field| ticket.text(field);
    page.line(&[
        ("Trigger ", field(&Field::Trigger)),
        ("Level ", field(&Field::Level)),
        ("Lies in ", field(&Field::Domain)),
    ]);
    review(&mut page, model, row, ticket);
    page.head("Five whys", "whys");
    page.numbered(field(&Field::Whys));
    page.head("Cause tree", "cause-tree");
    page.tree(field(&Field::CauseTree));
    page.head("Evidence", "evidence");
    page.listed(field(&Field::Evidence));
    page.head("Root cause", "cause");
    page.line(&[("Category ", field(&Field::CauseCategory))]);
    page.text(field(&Field::Cause));
    let known = ticket.flag(&Field::KnownError);
    page.head(if known { "Workaround of a known error" } else { "Workaround" }, "known-error");
    page.text(field(&Field::Workaround));
    incidents(&mut page, model, ticket);
    page.head("Fix", "fix-plan");
    page.text(field(&Field::Fix));
    changes(&mut page, model, ticket);
    page.head("Preventive actions", "prevent");
    for task in problem::preventive(ticket) {
        action(&mut page, model, task);
    }
    page.text(field(&Field::Prevention));
    risk(&mut page, model, ticket);
    if problem::is_major(ticket) || !field(&Field::ReviewRecord).is_empty() {
        page.head("Review of a major problem", "review-record");
        page.text(field(&Field::ReviewRecord));
    }
    page.end()
}

struct Page {
    lines: Vec<Line>,
    width: u16,
}

impl Page {
    fn line(&mut self, pairs: &[(&str, &str)]) {
        let given = pairs.iter().filter(|(_, value)| !value.is_empty());
        let line: Line = given
            .flat_map(|(label, value)| [((*label).to_owned(), Role::Dim), (format!("{value}   "), Role::Plain)])
            .collect();
        if !line.is_empty() {
            self.lines.push(line);
        }
    }

    /// A part, and the command that writes it.
    fn head(&mut self, title: &str, command: &str) {
        self.lines.push(Vec::new());
        self.lines.push(vec![(title.to_owned(), Role::Strong), (format!("  {command}"), Role::Dim)]);
    }

    fn text(&mut self, text: &str) {
        self.lines.extend(words(text, self.width, "  ", Role::Plain));
    }

    fn numbered(&mut self, text: &str) {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        for (at, line) in lines.enumerate() {
            self.hang(&format!("  {}. ", at + 1), line.trim());
        }
    }

    fn listed(&mut self, text: &str) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            self.hang("  - ", line.trim());
        }
    }

    /// The first line after the sign, the rest set in as far.
    fn hang(&mut self, sign: &str, text: &str) {
        let mut lines = words(text, self.width, &" ".repeat(sign.len()), Role::Plain);
        if let Some((first, _)) = lines.first_mut().and_then(|line| line.first_mut()) {
            first.replace_range(..sign.len(), sign);
        }
        self.lines.extend(lines);
    }

    /// Lines that are set in hang under the line that they are set in from.
    fn tree(&mut self, text: &str) {
        for (sign, line) in branches(text) {
            self.hang(&format!("  {sign}"), &line);
        }
    }

    fn end(mut self) -> Vec<Line> {
        // A part of which nothing is known says so.
        let heads = |line: &Line| line.first().is_some_and(|(_, role)| *role == Role::Strong) && line.len() == 2;
        let mut at = 0;
        while at < self.lines.len() {
            let bare = self.lines.get(at + 1).is_none_or(Vec::is_empty);
            if bare && let Some(line) = self.lines.get_mut(at).filter(|line| heads(line)) {
                line.insert(1, (": nothing yet".to_owned(), Role::Dim));
            }
            at += 1;
        }
        self.lines
    }
}

/// The lines of a tree, each with the branch that it hangs on.
pub fn branches(text: &str) -> Vec<(String, String)> {
    let depth = |line: &str| {
        line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 2 } else { 1 }).sum::<usize>()
    };
    let rows: Vec<(usize, &str)> =
        text.lines().filter(|line| !line.trim().is_empty()).map(|line| (depth(line), line.trim())).collect();
    // The depths above a line, however far each was set in.
    let mut above: Vec<usize> = Vec::new();
    let mut levels = Vec::new();
    for (depth, _) in &rows {
        above.retain(|held| held < depth);
        levels.push(above.len());
        above.push(*depth);
    }
    let more = |from: usize, level: usize| {
        let rest = levels.get(from + 1..).unwrap_or_default();
        rest.iter().take_while(|next| **next >= level).any(|next| *next == level)
    };
    rows.iter()
        .zip(&levels)
        .enumerate()
        .map(|(at, ((_, line), level))| {
            let mut sign = String::new();
            for step in 1..*level {
                sign.push_str(if more(at, step) { "|  " } else { "   " });
            }
            if *level > 0 {
                sign.push_str(if more(at, *level) { "|- " } else { "`- " });
            }
            (sign, (*line).to_owned())
        })
        .collect()
}

fn review(page: &mut Page, model: &Model, row: Row, ticket: &Ticket) {
    let moment = |at: jiff::Timestamp| cells::instant(at.as_millisecond(), model);
    let mut line: Line = Vec::new();
    if let Some(at) = ticket.time(&Field::Reviewed) {
        line.extend([("Reviewed ".to_owned(), Role::Dim), (format!("{}   ", moment(at)), Role::Plain)]);
    }
    if let Some(at) = model.table.time(row, TimeColumn::Review) {
        let late = at < model.now.as_millisecond();
        let (what, role) = match (ticket.state, late) {
            (State::Resolved, true) => ("Verification was over ", Role::Good),
            (State::Resolved, false) => ("Verified until ", Role::Plain),
            (_, true) => ("Review overdue since ", Role::Bad),
            (_, false) => ("Next review ", Role::Plain),
        };
        line.extend([(what.to_owned(), Role::Dim), (cells::instant(at, model), role)]);
    }
    if !line.is_empty() {
        page.lines.push(line);
    }
}

/// How many incidents hang on it, and what became of the workaround.
fn incidents(page: &mut Page, model: &Model, ticket: &Ticket) {
    let links = ticket.links.iter().filter(|link| link.how == LinkKind::ProblemOf);
    let rows: Vec<Row> = links.filter_map(|link| model.table.row(&link.other)).collect();
    let open = rows.iter().filter(|row| model.table.state(**row).is_open()).count();
    let given = |word: &str| {
        let held = rows
            .iter()
            .filter(|row| model.table.rare(**row, Field::WorkaroundGiven.name()).is_some_and(|h| &**h == word));
        held.count()
    };
    if rows.is_empty() {
        return;
    }
    let text = format!(
        "  {} incidents, {open} open; workaround accepted by {}, declined by {}, not answered by {}",
        rows.len(),
        given("accepted"),
        given("declined"),
        given("given")
    );
    page.lines.extend(words(text.trim_start(), page.width, "  ", Role::Dim));
}

fn changes(page: &mut Page, model: &Model, ticket: &Ticket) {
    for link in ticket.links.iter().filter(|link| link.how == LinkKind::FixedBy) {
        let Some(row) = model.table.row(&link.other) else { continue };
        let state = lifecycle::words(model.table.state(row));
        page.hang("  - ", &format!("{} {state}: {}", link.other, model.table.title(row)));
    }
}

fn action(page: &mut Page, model: &Model, task: &Task) {
    let who = task.asked.to.as_ref().map(|to| format!(" {}", model.display(to.name()))).unwrap_or_default();
    let due = task.asked.due.map(|due| cells::instant(due.as_millisecond(), model)).unwrap_or_default();
    let stands = match (&task.effect, task.state) {
        (Some(effect), _) if effect.worked => format!("helps: {}", effect.words),
        (Some(effect), _) => format!("does not help: {}", effect.words),
        (None, TaskState::Done) => "done, its effect not looked at".to_owned(),
        (None, state) if task.asked.due.is_some_and(|due| due < model.now) && !state.is_ended() => {
            format!("{state}, overdue since {due}")
        }
        (None, state) => format!("{state}, by {due}"),
    };
    page.hang(&format!("  {}. ", task.number), &format!("{}{who} ({stands})", task.asked.title));
}

fn risk(page: &mut Page, model: &Model, ticket: &Ticket) {
    let reason = ticket.text(&Field::Reason);
    if ticket.kind != Kind::Problem || reason.is_empty() {
        return;
    }
    page.head("Risk", "accept-risk");
    page.text(reason);
    let author = problem::risk_author(ticket).map_or("", |author| model.display(author));
    let until =
        ticket.time(&Field::ReviewDate).map(|at| cells::instant(at.as_millisecond(), model)).unwrap_or_default();
    let accepted = ticket.text(&Field::Outcome) == lifecycle::choices::RISK_ACCEPTED;
    let stands = if accepted {
        format!(
            "put forward by {author}, accepted by {}, looked at again {until}",
            model.display(ticket.text(&Field::Approver))
        )
    } else {
        format!("put forward by {author}, waits for somebody else; looked at again {until}")
    };
    page.lines.extend(words(&stands, page.width, "  ", Role::Dim));
}
