//! What a step asks for, so that a form can ask for it before the rules do.

use super::{Guard, Step, choices, problem, step, steps};
use crate::domain::change::LinkKind;
use crate::domain::directory::Directory;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::state::Verb;
use crate::domain::ticket::Ticket;
use crate::domain::workflow::Workflow;

/// One thing that a step asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub ask: Ask,
    /// What to say to who has to give it.
    pub why: &'static str,
    /// What it can be; free where this is empty.
    pub choices: Vec<Name>,
    pub when: When,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    Field(Field),
    /// Words to the caller.
    Public,
    /// Words among us.
    Note,
    Link(LinkKind),
}

/// When it must be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    Always,
    /// Good to have; the step goes without.
    Advised,
    /// Only when that field holds that value.
    If(Field, &'static str),
}

/// What this verb asks for with the ticket as it stands, in the order of a form. Fields that are set already are left
/// out. Empty as well when the verb is no step from here: `check` says so.
pub fn needs(verb: Verb, ticket: &Ticket, directory: &Directory) -> Vec<Need> {
    let mut found = match &ticket.workflow {
        Some(workflow) => of_workflow(workflow, verb, ticket, directory),
        None => of_lifecycle(verb, ticket, directory),
    };
    found.retain(|need| match &need.ask {
        Ask::Field(Field::Service) => ticket.get(&Field::Service).or(ticket.get(&Field::Asset)).is_none(),
        Ask::Field(Field::Fix) => {
            let linked = ticket.links.iter().any(|link| link.how == LinkKind::FixedBy);
            ticket.get(&Field::Fix).is_none() && !linked
        }
        Ask::Field(Field::Prevention) => {
            ticket.get(&Field::Prevention).is_none() && problem::preventive(ticket).next().is_none()
        }
        Ask::Field(Field::ReviewRecord) => ticket.get(&Field::ReviewRecord).is_none() && problem::is_major(ticket),
        Ask::Field(field) => ticket.get(field).is_none(),
        Ask::Link(how) => !ticket.links.iter().any(|link| link.how == *how),
        Ask::Public | Ask::Note => true,
    });
    found
}

fn of_lifecycle(verb: Verb, ticket: &Ticket, directory: &Directory) -> Vec<Need> {
    let row = step(ticket, verb).or_else(|| steps(ticket.kind).iter().find(|s| s.verb == verb));
    row.map(|row| of_step(row, ticket.kind, directory)).unwrap_or_default()
}

fn of_workflow(workflow: &Workflow, verb: Verb, ticket: &Ticket, directory: &Directory) -> Vec<Need> {
    let way = workflow.way(ticket.kind, ticket.state, verb);
    let need = |field: &Field| Need {
        ask: Ask::Field(field.clone()),
        why: "The tracker asks for it with this step.",
        choices: choices::choices(field, ticket.kind, directory),
        when: When::Always,
    };
    way.into_iter().flat_map(|way| &way.needs).map(need).collect()
}

fn of_step(row: &Step, kind: Kind, directory: &Directory) -> Vec<Need> {
    let mut found: Vec<Need> = Vec::new();
    for guard in row.guards {
        for need in of_guard(*guard, kind, directory) {
            if !found.iter().any(|held| held.ask == need.ask) {
                found.push(need);
            }
        }
    }
    found
}

fn of_guard(guard: Guard, kind: Kind, directory: &Directory) -> Vec<Need> {
    let field = |field: &Field, why, when| Need {
        ask: Ask::Field(field.clone()),
        why,
        choices: choices::choices(field, kind, directory),
        when,
    };
    let other = |ask, why, when| Need { ask, why, choices: Vec::new(), when };
    let mut found: Vec<Need> = guard.asks().iter().map(|(f, why)| field(f, *why, When::Always)).collect();
    let waits = |reason| When::If(Field::HoldReason, reason);
    let because = |reason| When::If(Field::CancelReason, reason);
    match guard {
        Guard::HoldReason => {
            found.push(other(Ask::Public, "Tell the caller what you wait for.", waits("caller")));
            found.push(other(Ask::Link(LinkKind::ProblemIs), "Link the problem.", waits("problem")));
            found.push(other(Ask::Link(LinkKind::FixedBy), "Link the change.", waits("change")));
        }
        Guard::WakeLater => {
            found.push(field(&Field::WakeAt, "Say when it comes back by itself.", When::Advised));
        }
        Guard::CancelReason => {
            found.push(other(
                Ask::Link(LinkKind::DuplicateOf),
                "Link the one that it duplicates.",
                because(choices::DUPLICATE),
            ));
        }
        Guard::Note => found.push(other(Ask::Note, "Say why it goes back.", When::Always)),
        Guard::OwnerOrGroup => found.push(field(&Field::Group, "Take it, or give it to a group.", When::Advised)),
        Guard::Resolution => found.push(field(&Field::Category, "Check the category.", When::Advised)),
        Guard::Prevented => {
            let why = "List preventive actions first, or say why none is needed.";
            found.push(field(&Field::Prevention, why, When::Always));
        }
        Guard::MajorReviewed => found.push(field(&Field::ReviewRecord, "Write what the review found.", When::Always)),
        Guard::Fix => found.push(field(&Field::Fix, "Write down the fix, or link the change.", When::Always)),
        Guard::Planned => {
            found.push(field(&Field::Service, "Say what it touches: a service or an asset.", When::Always))
        }
        Guard::Reviewed => found.push(field(&Field::Resolution, "Write what the review found.", When::Advised)),
        _ => {}
    }
    found
}
