//! Changes in lines: beside an incident what may have caused it, in a change how it stands.

use jiff::Timestamp;

use crate::app::model::Model;
use crate::app::rfc;
use crate::domain::approval::{Approval, Standing, Verdict};
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::lifecycle::ChangeType;
use crate::domain::lifecycle::changes::words;
use crate::domain::rfc::gates;
use crate::domain::rfc::near::{Course, Near};
use crate::domain::rfc::window::Force;
use crate::domain::state::State;
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;
use crate::text::spaced;
use crate::ui::cells;
use crate::ui::lines::{Line, Role};

/// How many changes are told beside an incident; the others are in the calendar.
const BESIDE: usize = 3;

/// What a row says of changes, without its words.
pub fn beside(model: &Model, row: Row) -> Vec<Line> {
    if model.table.kind(row) != Kind::Incident {
        return Vec::new();
    }
    let near = rfc::near(model, row);
    let key = model.settings.keymap.key_of("caused-by", &model.scopes());
    let linked = model.table.summary(row).caused_by.is_some();
    let mut lines: Vec<Line> = near.iter().take(BESIDE).map(|near| one(model, near)).collect();
    if near.len() > BESIDE {
        lines.push(vec![(format!("and {} more changes near it", near.len() - BESIDE), Role::Dim)]);
    }
    if let Some(line) = lines.first_mut().filter(|_| !linked) {
        line.push((format!(" (`{key}`: caused by it)"), Role::Dim));
    }
    for (window, when) in rfc::freezes(model, row) {
        let until = moment(model, when.end);
        lines.push(vec![("Freeze ".into(), Role::Warn), (format!("{} until {until}", window.name), Role::Plain)]);
    }
    lines
}

fn one(model: &Model, near: &Near) -> Line {
    let title = model.table.row(&near.id).map(|row| model.table.title(row).to_owned()).unwrap_or_default();
    let (start, end) = (moment(model, near.when.start), moment(model, near.when.end));
    let (when, role) = match near.course {
        Course::Running => (format!("was being made ({start} to {end})"), Role::Bad),
        Course::Done => (format!("made {start} to {end}"), Role::Warn),
    };
    vec![
        ("Change ".into(), role),
        (near.id.to_string(), Role::Strong),
        (format!(" on {}, {when}: {title}", near.why), Role::Plain),
    ]
}

fn moment(model: &Model, at: Timestamp) -> String {
    cells::moment(at.as_millisecond(), model)
}

/// How a change stands: type, risk, window, approvals, what is in the way, its steps, its team's record.
pub fn lines(model: &Model, ticket: &Ticket) -> Vec<Line> {
    if ticket.kind != Kind::Change {
        return Vec::new();
    }
    let mut lines = vec![head(model, ticket)];
    lines.extend(ticket.approval.as_ref().into_iter().flat_map(|held| approval(model, held)));
    let hidden = matches!(ticket.state, State::Review | State::Closed | State::Cancelled);
    for conflict in rfc::conflicts(model, ticket).iter().filter(|_| !hidden) {
        let (label, role) = if conflict.blocks { ("In the way: ", Role::Bad) } else { ("Beside: ", Role::Warn) };
        let when = format!(", {} to {}", moment(model, conflict.when.start), moment(model, conflict.when.end));
        lines.push(vec![(label.into(), role), (words(conflict), Role::Plain), (when, Role::Dim)]);
    }
    for (window, when) in frozen_now(model).into_iter().filter(|_| ticket.state == State::Scheduled) {
        lines.push(vec![
            ("Freeze ".into(), Role::Warn),
            (format!("{window} until {}", moment(model, when)), Role::Plain),
        ]);
    }
    for (gate, reason) in gates::read(ticket.text(&Field::Override)).unwrap_or_default() {
        lines.push(vec![(format!("Overridden, {gate}: "), Role::Warn), (reason.to_owned(), Role::Plain)]);
    }
    lines.extend(ticket.tasks.iter().map(|task| step(model, task)));
    lines.extend(record(model, ticket));
    lines
}

fn head(model: &Model, ticket: &Ticket) -> Line {
    let of = ChangeType::of(ticket);
    let risk = ticket.text(&Field::Risk);
    let risky = matches!(risk, "high" | "very_high");
    let mut line = vec![
        ("Change ".into(), Role::Dim),
        (of.to_string(), if of == ChangeType::Normal { Role::Plain } else { Role::Warn }),
        (", risk ".into(), Role::Dim),
        (if risk.is_empty() { "not said".into() } else { spaced(risk) }, if risky { Role::Bad } else { Role::Plain }),
    ];
    let times = |start: Field, end: Field| Some((ticket.time(&start)?, ticket.time(&end)));
    let span = |(start, end): (Timestamp, Option<Timestamp>)| match end {
        Some(end) => format!("{} to {}", moment(model, start), moment(model, end)),
        None => format!("{} on", moment(model, start)),
    };
    if let Some(planned) = times(Field::PlannedStart, Field::PlannedEnd) {
        line.extend([(", planned ".into(), Role::Dim), (span(planned), Role::Plain)]);
    }
    if let Some(actual) = times(Field::ActualStart, Field::ActualEnd) {
        line.extend([(", made ".into(), Role::Dim), (span(actual), Role::Plain)]);
    }
    let outcome = ticket.text(&Field::Outcome);
    if !outcome.is_empty() {
        let role = if outcome == "successful" { Role::Good } else { Role::Bad };
        line.extend([(", ".into(), Role::Dim), (spaced(outcome), role)]);
    }
    line
}

/// One line for each stage, with who voted and who is still asked.
fn approval(model: &Model, held: &Approval) -> Vec<Line> {
    let standing = match held.standing {
        Standing::Approved => Role::Good,
        Standing::Waiting => Role::Warn,
        _ => Role::Bad,
    };
    let mut lines = vec![vec![
        ("Approval ".into(), Role::Dim),
        (spaced(held.standing.as_str()), standing),
        (held.expires.map(|at| format!(", until {}", moment(model, at))).unwrap_or_default(), Role::Dim),
    ]];
    for (at, stage) in held.stages.iter().enumerate() {
        let votes = held.votes.iter().filter(|vote| usize::from(vote.stage) == at);
        let yes = |verdict| if verdict == Verdict::Approved { "yes" } else { "no" };
        let told: Vec<String> =
            votes.map(|vote| format!("{} {}", model.display(&vote.by), yes(vote.verdict))).collect();
        let voters = stage.voters(&model.directory, &held.barred);
        let wanted = stage.wanted(voters.len());
        let asked: Vec<&str> = stage.of.iter().map(|party| model.display(party.name())).collect();
        let now = if held.standing == Standing::Waiting && usize::from(held.stage) == at { "asked now: " } else { "" };
        lines.push(vec![
            (format!("  {} ", stage.name), Role::Strong),
            (format!("{wanted} of {}", voters.len()), Role::Plain),
            (format!(", {now}{}", asked.join(", ")), Role::Dim),
            (if told.is_empty() { String::new() } else { format!("; {}", told.join(", ")) }, Role::Plain),
        ]);
    }
    lines
}

fn step(model: &Model, task: &crate::domain::task::Task) -> Line {
    use crate::domain::task::TaskState as S;
    let role = match task.state {
        S::Done => Role::Good,
        S::Failed => Role::Bad,
        S::Doing => Role::Warn,
        S::Open | S::Skipped => Role::Plain,
    };
    let times = match (task.started, task.ended) {
        (Some(start), Some(end)) => format!(" {} to {}", moment(model, start), moment(model, end)),
        (Some(start), None) => format!(" since {}", moment(model, start)),
        _ => String::new(),
    };
    let by = task.by.as_ref().map(|login| format!(" by {}", model.display(login))).unwrap_or_default();
    let signed = match (&task.signed, task.asked.four_eyes) {
        (Some((login, _)), _) => format!(", signed by {}", model.display(login)),
        (None, true) => ", a second person signs".into(),
        (None, false) => String::new(),
    };
    let words = if task.words.is_empty() { String::new() } else { format!(": {}", task.words) };
    vec![
        (format!("Step {} ", task.number), Role::Dim),
        (format!("{} ", task.state), role),
        (format!("{} ({})", task.asked.title, spaced(task.asked.sort.as_str())), Role::Plain),
        (format!("{times}{by}{signed}{words}"), Role::Dim),
    ]
}

fn frozen_now(model: &Model) -> Vec<(String, Timestamp)> {
    let instant = crate::domain::rfc::Span::lasting(model.now, jiff::SignedDuration::from_secs(1));
    let hard = rfc::frozen(model, instant).into_iter().filter(|(window, _)| window.force == Force::Hard);
    hard.map(|(window, when)| (window.name.to_string(), when.end)).collect()
}

/// How well the changes of its group went.
fn record(model: &Model, ticket: &Ticket) -> Option<Line> {
    let group = Some(ticket.text(&Field::Group)).filter(|group| !group.is_empty())?;
    let record = rfc::record(model, group);
    let caused: u32 = record.caused.iter().sum();
    (record.made() > 0).then(|| {
        vec![
            (format!("Success score of {group} "), Role::Dim),
            (record.score().to_string(), if record.score() < 0 { Role::Bad } else { Role::Good }),
            (
                format!(
                    " ({} of {} successful, {} with issues, {caused} incidents caused)",
                    record.successful,
                    record.made(),
                    record.with_issues
                ),
                Role::Dim,
            ),
        ]
    })
}
