//! What the rules propose for a ticket now: who is to be told or asked, and why. Only proposes; a person or the desk
//! records it, and what was recorded is not proposed again.

use jiff::Timestamp;

use super::rules::{At, ClockFacts, Rule, Rules, Rung};
use crate::domain::change::{Change, EscalationKind, LadderStep, Party};
use crate::domain::directory::Directory;
use crate::domain::field::Field;
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// An escalation that a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub kind: EscalationKind,
    pub to: Party,
    pub reason: Clean,
    /// Which rung of which rule: recorded with the escalation, so that it is taken once.
    pub step: LadderStep,
}

/// How far a rule has come with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Untouched,
    /// The number of the highest rung that was taken, counted from 1.
    Climbing(u8),
    /// Somebody answered for it: it climbs no further.
    Acknowledged,
}

/// What the rules propose now, in their order; at most one rung of each. A ladder that was not looked at for long
/// goes straight to its highest rung that is due.
///
/// A ladder stops when somebody acknowledges it, and when the ticket comes to a group that its rule does not name.
pub fn propose(
    rules: &Rules,
    ticket: &Ticket,
    facts: &ClockFacts,
    directory: &Directory,
    now: Timestamp,
) -> Vec<Proposal> {
    if !ticket.state.is_open() {
        return Vec::new();
    }
    rules
        .0
        .iter()
        .filter(|rule| rule.when.holds(ticket, facts, directory))
        .filter_map(|rule| next(rule, ticket, facts, directory, now))
        .collect()
}

/// How far this rule has come with the ticket.
pub fn progress(rule: &Rule, ticket: &Ticket) -> Progress {
    let taken = ticket.escalations.iter().filter(|e| e.escalation.step.as_ref().is_some_and(|s| s.rule == rule.name));
    let mut top = 0;
    for escalated in taken {
        if escalated.acknowledged.is_some() {
            return Progress::Acknowledged;
        }
        top = top.max(escalated.escalation.step.as_ref().map_or(0, |s| s.number));
    }
    if top == 0 { Progress::Untouched } else { Progress::Climbing(top) }
}

fn next(rule: &Rule, ticket: &Ticket, facts: &ClockFacts, directory: &Directory, now: Timestamp) -> Option<Proposal> {
    let top = match progress(rule, ticket) {
        Progress::Untouched => 0,
        Progress::Climbing(top) => top,
        Progress::Acknowledged => return None,
    };
    let (below, rung) = rule.rungs.iter().enumerate().rfind(|(_, rung)| due(rung.at, ticket, facts, now))?;
    let number = u8::try_from(below + 1).ok()?;
    if number <= top {
        return None;
    }
    let to = rung.to.party(ticket, directory)?;
    let here = matches!(&to, Party::Group(group) if group.as_str() == ticket.text(&Field::Group));
    if here && rule.kind == EscalationKind::Functional {
        return None;
    }
    Some(Proposal {
        kind: rule.kind,
        to,
        reason: Clean::line(&reason(rule, rung, facts)),
        step: LadderStep { rule: rule.name.clone(), number },
    })
}

fn due(at: At, ticket: &Ticket, facts: &ClockFacts, now: Timestamp) -> bool {
    match at {
        At::Once => true,
        At::Percent(metric, percent) => facts.percents.get(&metric).is_some_and(|used| *used >= percent),
        At::Unaccepted(ms) => !ticket.accepted && now.duration_since(arrived(ticket)).as_millis() >= i128::from(ms),
    }
}

/// When the ticket came to where it waits now.
fn arrived(ticket: &Ticket) -> Timestamp {
    let moved = ticket.timeline.iter().rev().find_map(|event| match &event.change {
        Change::Set { field: Field::Group, .. } => Some(event.at),
        _ => None,
    });
    moved.map_or(ticket.opened, |at| at.max(ticket.opened))
}

fn reason(rule: &Rule, rung: &Rung, facts: &ClockFacts) -> String {
    let why = match rung.at {
        At::Once => String::new(),
        At::Percent(metric, _) => {
            let used = facts.percents.get(&metric).copied().unwrap_or_default();
            format!(" {used} % of its {metric} time is used.")
        }
        At::Unaccepted(ms) => format!(" Nobody has taken it for {}.", crate::domain::sla::duration::show(ms)),
    };
    format!("{}{why}", rule.reason)
}
