//! Escalations of a ticket in lines: what is proposed, how it was passed about, how far its ladders have come.

use crate::app::escalations::{self, Ladder};
use crate::app::model::Model;
use crate::domain::escalation::{At, Progress, bounces, returns};
use crate::domain::sla::duration;
use crate::domain::ticket::Ticket;
use crate::text::spaced;
use crate::ui::cells;
use crate::ui::lines::{Line, Role};

/// What is proposed and what catches the eye; nothing for most tickets.
pub fn lines(model: &Model, ticket: &Ticket) -> Vec<Line> {
    let mut lines: Vec<Line> = passed_about(ticket).into_iter().collect();
    for proposal in escalations::proposals(model, ticket) {
        // A tracker does not always tell who is responsible.
        let to = Some(model.display(proposal.to.name())).filter(|to| !to.is_empty());
        lines.push(vec![
            (format!("Proposed: escalate ({})", spaced(proposal.kind.as_str())), Role::Warn),
            (to.map(|to| format!(" to {to}")).unwrap_or_default(), Role::Strong),
            (format!(": {}", proposal.reason), Role::Plain),
        ]);
    }
    lines
}

fn passed_about(ticket: &Ticket) -> Option<Line> {
    let times = |n: usize| if n == 1 { "once".to_owned() } else { format!("{n} times") };
    let (back, silent) = (returns(ticket), bounces(ticket).len());
    let mut words = Vec::new();
    if back > 0 {
        words.push(format!("bounced back {}", times(back)));
    }
    if silent > 0 {
        words.push(format!("passed on without a word {}", times(silent)));
    }
    let text = format!("Between groups: {}", words.join(", "));
    (!words.is_empty()).then(|| vec![(text, Role::Warn)])
}

/// The ladders and the escalations that were made, for the page of the clocks.
pub fn ladders(model: &Model, ticket: &Ticket) -> Vec<Line> {
    let mut lines: Vec<Line> = escalations::ladders(model, ticket).iter().map(|ladder| one(model, ladder)).collect();
    for held in &ticket.escalations {
        let answer = match held.acknowledged {
            Some(at) => format!("acknowledged {}", cells::instant(at.as_millisecond(), model)),
            None => "not acknowledged".into(),
        };
        let made = &held.escalation;
        lines.push(vec![
            (format!("{} ", cells::instant(held.at.as_millisecond(), model)), Role::Dim),
            (format!("escalated ({}) to ", spaced(made.kind.as_str())), Role::Plain),
            (model.display(made.to.name()).to_owned(), Role::Strong),
            (format!(", {answer}: {}", made.reason), Role::Plain),
        ]);
    }
    if !lines.is_empty() {
        lines.insert(0, Vec::new());
        lines.insert(1, vec![("Escalations".into(), Role::Strong)]);
    }
    lines
}

fn one(model: &Model, ladder: &Ladder) -> Line {
    let (stands, role) = match ladder.progress {
        Progress::Untouched => (format!("no step of {} taken", ladder.steps), Role::Plain),
        Progress::Climbing(top) => (format!("step {top} of {} taken", ladder.steps), Role::Warn),
        Progress::Acknowledged => ("stopped by acknowledgement".into(), Role::Good),
    };
    let next = ladder.next.as_ref().map_or_else(String::new, |(at, to)| {
        let when = match at {
            At::Once => "at once".into(),
            At::Percent(metric, percent) => format!("at {percent} % of its {metric} time"),
            At::Unaccepted(ms) => format!("when nobody has taken it for {}", duration::show(*ms)),
        };
        format!(", next {when} to {}", model.display(to.name()))
    });
    vec![(format!("Ladder `{}`: ", ladder.rule), Role::Dim), (stands, role), (next, Role::Plain)]
}
