//! Escalation: the seven kinds and what each must record, rules that propose one, and ladders that climb with time.

mod patterns;
mod propose;
mod rules;

use crate::domain::change::{Escalation, EscalationKind, Party};
use crate::domain::directory::Directory;
use crate::domain::field::Field;
use crate::domain::refusal::Refusal;
use crate::domain::ticket::Ticket;
pub use patterns::{Direction, Pass, bounces, direction, passes, returns};
pub use propose::{Progress, Proposal, progress, propose};
pub use rules::{At, ClockFacts, Rule, Rules, Rung, When, Whom, next_line};

/// What must be written beside the reason, in the words of a form; nothing where the reason is all.
pub const fn asks(kind: EscalationKind) -> Option<&'static str> {
    match kind {
        EscalationKind::Functional => Some("What was tried so far?"),
        EscalationKind::Hierarchical => Some("What do you expect: to know, or to act?"),
        EscalationKind::Problem => Some("What is the evidence?"),
        EscalationKind::Major => Some("What is the impact on the business?"),
        EscalationKind::Supplier => Some("What is the supplier's reference?"),
        EscalationKind::TimeBased | EscalationKind::Exception => None,
    }
}

/// Whether this escalation may be recorded: it says what its kind must say, and to whom it can go.
pub fn check(ticket: &Ticket, asked: &Escalation, directory: &Directory) -> Result<(), Refusal> {
    let no = |rule, message: &str, way_out: &str| Err(Refusal::new(rule, &ticket.id, message, way_out));
    if asked.kind != EscalationKind::Exception && !ticket.state.is_open() {
        return no("only open records are escalated", "It is at its end.", "Reopen it first, or raise a new one.");
    }
    if asked.reason.trim().is_empty() {
        return no("escalation needs a reason", "No reason was given.", "Say why in a few words.");
    }
    if let Some(question) = asks(asked.kind).filter(|_| asked.detail.trim().is_empty()) {
        return no("an escalation records what its kind asks", "Something is missing.", question);
    }
    known(ticket, &asked.to, directory)?;
    match (asked.kind, &asked.to) {
        (EscalationKind::Functional, Party::Group(group)) if &**group == ticket.text(&Field::Group) => {
            no("functional escalation goes to others", "It is in that group already.", "Choose another group.")
        }
        (EscalationKind::Hierarchical, Party::Group(_)) => no(
            "hierarchical escalation goes to a person",
            "A group has no authority.",
            "Name the manager who is to know or to act.",
        ),
        (EscalationKind::Supplier, _) if ticket.text(&Field::Supplier).is_empty() => {
            let refusal = Refusal::new(
                "supplier escalation names the supplier",
                &ticket.id,
                "No supplier was named.",
                "Set `supplier` in the same act.",
            );
            Err(refusal.on(Field::Supplier))
        }
        (EscalationKind::TimeBased, _) if asked.step.is_none() => no(
            "a ladder has steps",
            "A time-based escalation belongs to a step of a ladder.",
            "Escalate by hand to a group or a manager instead.",
        ),
        _ if asked.step.as_ref().is_some_and(|step| taken(ticket, step)) => {
            no("each step once", "That step was taken already.", "Wait for the next step, or escalate by hand.")
        }
        _ => Ok(()),
    }
}

/// Whether that step of a ladder was taken before.
pub fn taken(ticket: &Ticket, step: &crate::domain::change::LadderStep) -> bool {
    ticket.escalations.iter().any(|e| e.escalation.step.as_ref() == Some(step))
}

fn known(ticket: &Ticket, to: &Party, directory: &Directory) -> Result<(), Refusal> {
    let (unknown, meant) = match to {
        Party::Person(name) => (
            !directory.people.is_empty() && directory.person(name).is_none(),
            crate::domain::nearest::nearest(name, directory.people.iter().map(|p| &*p.login)),
        ),
        Party::Group(name) => (
            !directory.groups.is_empty() && directory.group(name).is_none(),
            crate::domain::nearest::nearest(name, directory.groups.iter().map(|g| &*g.name)),
        ),
    };
    if !unknown {
        return Ok(());
    }
    let way_out = meant.map_or_else(|| "Choose one from the list.".into(), |name| format!("Did you mean {name}?"));
    Err(Refusal::new("names are known", &ticket.id, format!("The desk does not know `{}`.", to.name()), way_out))
}
