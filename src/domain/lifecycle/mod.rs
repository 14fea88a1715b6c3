//! The lifecycles of the four kinds: tables of steps, each with the guards that it asks for.
//!
//! The tables are data; [`check`] is the only judge of a step and [`needs`] says beforehand what a step will ask.
//! Sources: ServiceNow's state models of incident, problem and change, iTop's incident and change templates.

pub mod changes;
pub mod choices;
mod guard;
mod needs;
pub mod problem;
mod tables;

use crate::domain::change::Change;
use crate::domain::directory::Directory;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::records::Records;
use crate::domain::refusal::Refusal;
use crate::domain::rules::Rules;
use crate::domain::state::{State, Verb};
use crate::domain::ticket::Ticket;
use crate::text::spaced;
pub use choices::{ChangeType, choices};
pub use guard::Guard;
pub(crate) use guard::wants_review;
pub use needs::{Ask, Need, When, needs};

/// One row of a lifecycle.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub verb: Verb,
    pub from: &'static [State],
    pub to: To,
    pub guards: &'static [Guard],
    /// The types of change that know this step; all where it is empty.
    pub only: &'static [ChangeType],
}

/// Where a step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    State(State),
    /// Back to where it stood before it came into its present state; to this one where nobody knows.
    Before(State),
}

/// What the guards of a step look at: the ticket with the rest of the act already done.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    /// The fields, links and earlier steps of the act are in it.
    pub ticket: &'a Ticket,
    pub who: &'a Name,
    pub now: jiff::Timestamp,
    /// Words that the act brings with it.
    pub says: Says,
    /// The act also accepts the ownership.
    pub accepts: bool,
    pub rules: &'a Rules,
    pub related: &'a dyn Records,
}

/// Which words come with an act.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Says {
    pub public: bool,
    pub internal: bool,
    pub heard: bool,
}

impl std::fmt::Debug for Act<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Act").field("ticket", &self.ticket.id).field("who", self.who).finish_non_exhaustive()
    }
}

/// The steps of a kind, in the order in which menus show them.
pub fn steps(kind: Kind) -> &'static [Step] {
    match kind {
        Kind::Incident => tables::INCIDENT,
        Kind::Request => tables::REQUEST,
        Kind::Problem => tables::PROBLEM,
        Kind::Change => tables::CHANGE,
    }
}

/// The state of a new ticket of that kind.
pub const fn initial(kind: Kind) -> State {
    match kind {
        Kind::Request => State::Submitted,
        Kind::Incident | Kind::Problem | Kind::Change => State::New,
    }
}

/// The state in which that kind is being worked on.
pub const fn working(kind: Kind) -> State {
    match kind {
        Kind::Incident => State::InProgress,
        Kind::Request => State::InFulfilment,
        Kind::Problem => State::RootCause,
        Kind::Change => State::Implement,
    }
}

/// The step that this verb means for the ticket as it stands, if there is one.
pub fn step(ticket: &Ticket, verb: Verb) -> Option<&'static Step> {
    let of = ChangeType::of(ticket);
    steps(ticket.kind)
        .iter()
        .find(|s| s.verb == verb && s.from.contains(&ticket.state) && (s.only.is_empty() || s.only.contains(&of)))
}

/// The steps that `who` can take with the ticket as it stands, given what [`needs`] asks for, and where they lead.
pub fn offers(ticket: &Ticket, who: &Name, directory: &Directory) -> Vec<(Verb, State)> {
    match &ticket.workflow {
        Some(workflow) => workflow.from(ticket.kind, ticket.state).map(|way| (way.verb, way.to)).collect(),
        None => verbs(ticket, who, directory).into_iter().map(|step| (step.verb, target(step, ticket))).collect(),
    }
}

/// The step that leads this ticket from one state back to another, if there is one.
pub fn back(ticket: &Ticket, from: State, to: State) -> Option<Verb> {
    if let Some(workflow) = &ticket.workflow {
        return workflow.from(ticket.kind, from).find(|way| way.to == to).map(|way| way.verb);
    }
    let there = Ticket { state: from, ..ticket.clone() };
    let steps = steps(ticket.kind).iter().filter(|step| step.from.contains(&from));
    steps.filter(|step| target(step, &there) == to).map(|step| step.verb).next()
}

/// The same among the console's own lifecycles.
pub fn verbs(ticket: &Ticket, who: &Name, directory: &Directory) -> Vec<&'static Step> {
    let of = ChangeType::of(ticket);
    steps(ticket.kind)
        .iter()
        .filter(|s| s.from.contains(&ticket.state) && (s.only.is_empty() || s.only.contains(&of)))
        .filter(|s| s.guards.iter().all(|guard| guard.opens(ticket, who, directory)))
        .collect()
}

/// Where this step would lead the ticket.
pub fn target(step: &Step, ticket: &Ticket) -> State {
    match step.to {
        To::State(state) => state,
        To::Before(otherwise) => ticket
            .timeline
            .iter()
            .rev()
            .find_map(|event| match event.change {
                Change::Move { from, to, .. } if to == ticket.state => Some(from),
                _ => None,
            })
            .unwrap_or(otherwise),
    }
}

/// The change that takes this step from where the ticket stands; none when there is no such step.
pub fn make_move(ticket: &Ticket, verb: Verb) -> Option<Change> {
    let to = match &ticket.workflow {
        Some(workflow) => workflow.way(ticket.kind, ticket.state, verb)?.to,
        None => target(step(ticket, verb)?, ticket),
    };
    Some(Change::Move { verb, from: ticket.state, to })
}

/// Whether the step may be taken, and where it leads; otherwise the first rule that says no.
pub fn check(act: &Act<'_>, verb: Verb) -> Result<State, Refusal> {
    let step = step(act.ticket, verb).ok_or_else(|| no_such_step(act.ticket, verb))?;
    for guard in step.guards {
        guard.check(act)?;
    }
    Ok(target(step, act.ticket))
}

fn no_such_step(ticket: &Ticket, verb: Verb) -> Refusal {
    let of = ChangeType::of(ticket);
    let open: Vec<&str> = steps(ticket.kind)
        .iter()
        .filter(|s| s.from.contains(&ticket.state) && (s.only.is_empty() || s.only.contains(&of)))
        .map(|s| s.verb.as_str())
        .collect();
    let way_out = match (ticket.state, open.is_empty()) {
        (State::Closed | State::Cancelled, _) if ticket.kind != Kind::Problem => {
            format!("Raise a new {} that follows it.", ticket.kind)
        }
        (_, true) => format!("Raise a new {} that follows it.", ticket.kind),
        (state, false) => format!("From {} one can: {}.", words(state), open.join(", ")),
    };
    let what = match (verb, ticket.kind) {
        (Verb::Record, _) => "is for imports only".to_owned(),
        (_, Kind::Change) => format!("is no step of a {of} change that is {}", words(ticket.state)),
        (_, kind) => format!("is no step of {} {kind} that is {}", article(kind), words(ticket.state)),
    };
    Refusal::new("lifecycle", &ticket.id, format!("`{verb}` {what}."), way_out)
}

/// A state as people read it.
pub fn words(state: State) -> String {
    spaced(state.as_str())
}

const fn article(kind: Kind) -> &'static str {
    if matches!(kind, Kind::Incident) { "an" } else { "a" }
}

/// The choice of that field that the ticket holds, in its one spelling.
pub(crate) fn held(ticket: &Ticket, field: &Field) -> String {
    choices::fold(ticket.text(field))
}
