//! For whose hands a ticket waits: its approval, its tasks, what colleagues propose on it.

use jiff::Timestamp;

use crate::app::model::Model;
use crate::domain::approval::{Approval, Standing, Verdict};
use crate::domain::change::Party;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::proposal::{Proposal, ProposalState};
use crate::domain::task::{Task, TaskSort, TaskState};
use crate::domain::ticket::Ticket;
use crate::text::spaced;
use crate::ui::cells;
use crate::ui::lines::{Line, Role};
use crate::ui::timeline;

/// In short for the preview, whole for the open ticket.
pub fn lines(model: &Model, ticket: &Ticket, whole: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    for held in ticket.proposals.iter().filter(|held| held.state == ProposalState::Waiting) {
        lines.extend(proposal(model, ticket, held));
    }
    // A change shows both with its plan.
    if ticket.kind != Kind::Change {
        if let Some(approval) = &ticket.approval {
            lines.extend(standing(model, approval, whole));
        }
        lines.extend(tasks(model, ticket, whole));
    }
    if let Some(until) = ticket.time(&Field::AccessUntil).filter(|_| !ticket.state.is_final()) {
        lines.push(vec![("Given until ".into(), Role::Dim), (moment(model, until), Role::Plain)]);
    }
    lines
}

fn moment(model: &Model, at: Timestamp) -> String {
    cells::instant(at.as_millisecond(), model)
}

fn proposal(model: &Model, ticket: &Ticket, held: &Proposal) -> Vec<Line> {
    let what: Vec<String> = held.changes.iter().filter_map(|change| timeline::sentence(model, change)).collect();
    let mut lines = vec![vec![
        (format!("Proposal {} ", held.number), Role::Warn),
        (format!("by {}: ", model.display(&held.by)), Role::Dim),
        (what.join("; "), Role::Strong),
        (format!(" ({})", held.reason), Role::Plain),
    ]];
    let moved = held.stale(ticket);
    if !moved.is_empty() {
        lines.push(vec![(format!("  It has moved on since: {}", moved.join(", ")), Role::Bad)]);
    }
    lines
}

fn standing(model: &Model, approval: &Approval, whole: bool) -> Vec<Line> {
    let role = match approval.standing {
        Standing::Waiting | Standing::NotNeeded => Role::Warn,
        Standing::Approved => Role::Good,
        Standing::Rejected | Standing::Expired | Standing::Void => Role::Bad,
    };
    let mut head: Line = vec![("Approval ".into(), Role::Dim), (spaced(approval.standing.as_str()), role)];
    if let Some(stage) = approval.current() {
        let names: Vec<&str> = stage.of.iter().map(|party| model.display(party.name())).collect();
        let (at, of) = (u16::from(approval.stage) + 1, approval.stages.len());
        head.push((format!(", stage {at} of {of} ({}): {}", stage.name, stage.enough.words()), Role::Plain));
        head.push((names.join(", "), Role::Strong));
        head.push((format!(", asked {}", moment(model, approval.since)), Role::Dim));
        head.extend(approval.reminded.map(|at| (format!(", reminded {}", moment(model, at)), Role::Dim)));
        head.extend(approval.expires.map(|at| (format!(", until {}", moment(model, at)), Role::Dim)));
    }
    let mut lines = vec![head];
    for vote in approval.votes.iter().filter(|_| whole) {
        let role = if vote.verdict == Verdict::Approved { Role::Good } else { Role::Bad };
        let heard = vote.heard_by.as_ref().map(|by| format!(", written down by {}", model.display(by)));
        let words = if vote.words.is_empty() { String::new() } else { format!(": {}", vote.words) };
        lines.push(vec![
            (format!("  {} ", vote.verdict), role),
            (format!("by {}{}{words}", model.display(&vote.by), heard.unwrap_or_default()), Role::Plain),
        ]);
    }
    lines
}

fn tasks(model: &Model, ticket: &Ticket, whole: bool) -> Vec<Line> {
    // Preventive actions stand on the page of the problem.
    let tasks: Vec<&Task> = ticket.tasks.iter().filter(|task| task.asked.sort != TaskSort::Prevent).collect();
    if tasks.is_empty() {
        return Vec::new();
    }
    let count = |state| tasks.iter().filter(|task| task.state == state).count();
    let mut head: Line = vec![
        ("Tasks ".into(), Role::Dim),
        (format!("{} of {} done", count(TaskState::Done), tasks.len()), Role::Strong),
    ];
    for (state, role) in [(TaskState::Failed, Role::Bad), (TaskState::Skipped, Role::Dim)] {
        let n = count(state);
        head.extend((n > 0).then(|| (format!(", {n} {state}"), role)));
    }
    let next = tasks.iter().filter(|task| !task.is_over()).min_by_key(|task| task.asked.due.unwrap_or(Timestamp::MAX));
    if let Some(next) = next.filter(|_| !whole) {
        head.push((format!(", next {} {}", next.number, next.asked.title), Role::Plain));
        head.push((format!(" ({})", about(model, ticket, next)), due_role(model, next)));
    }
    let mut lines = vec![head];
    if whole {
        lines.extend(tasks.into_iter().map(|task| one(model, ticket, task)));
    }
    lines
}

/// One task: its sign, number and title, whose it is, by when, what came of it.
fn one(model: &Model, ticket: &Ticket, task: &Task) -> Line {
    let (sign, role) = match task.state {
        TaskState::Open => (" ", Role::Plain),
        TaskState::Doing => (">", Role::Warn),
        TaskState::Done => ("x", Role::Good),
        TaskState::Failed => ("!", Role::Bad),
        TaskState::Skipped => ("-", Role::Dim),
    };
    let role_of_title = if task.is_over() { Role::Dim } else { Role::Plain };
    let mut line: Line = vec![
        (format!("  [{sign}] "), role),
        (format!("{} {}", task.number, task.asked.title), role_of_title),
        (format!("  {}", about(model, ticket, task)), due_role(model, task)),
    ];
    if !task.words.is_empty() {
        line.push((format!(": {}", task.words), Role::Plain));
    }
    line
}

fn about(model: &Model, ticket: &Ticket, task: &Task) -> String {
    let who = task.asked.to.as_ref().map_or(&ticket.owner, Party::name);
    let mut parts = Vec::new();
    match (&task.by, task.ended) {
        (Some(by), Some(at)) => parts.push(format!("{} by {} {}", task.state, model.display(by), moment(model, at))),
        _ => {
            parts.push(model.display(who).to_owned());
            parts.extend(task.asked.due.map(|due| format!("due {}", moment(model, due))));
        }
    }
    match &task.signed {
        Some((by, _)) => parts.push(format!("signed by {}", model.display(by))),
        None if task.asked.four_eyes && task.state == TaskState::Done => {
            parts.push("waits for a second signature".into())
        }
        None if task.asked.four_eyes => parts.push("four eyes".into()),
        None => {}
    }
    parts.join(", ")
}

fn due_role(model: &Model, task: &Task) -> Role {
    let late = !task.is_over() && task.asked.due.is_some_and(|due| due < model.now);
    if late { Role::Bad } else { Role::Dim }
}
