//! What would take a stored act back: on our own desks from the events that it left, on trackers, which keep no keys of
//! acts, from what stood there before and what stands there now.

use std::sync::Arc;

use crate::app::model::Model;
use crate::app::pending::Waiting;
use crate::backend::Stored;
use crate::domain::change::{Audience, Change, Handover, Target};
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle;
use crate::domain::name::Name;
use crate::domain::state::{State, Verb};
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;
use crate::domain::workflow::Workflow;
use crate::text::{Clean, spaced};

/// What would take an act back, or why nothing does.
pub fn of(model: &Model, waiting: &Waiting, stored: &Stored) -> Result<Vec<Change>, String> {
    match &model.homes.of(stored.ticket.id.as_str()).workflow {
        Some(workflow) => there(model, waiting, stored, workflow),
        None => here(waiting, stored),
    }
}

/// On a desk of ours: read from the events that the act left.
fn here(waiting: &Waiting, stored: &Stored) -> Result<Vec<Change>, String> {
    let ticket = &stored.ticket;
    let mut back = Vec::new();
    for event in ticket.timeline.iter().rev().filter(|event| event.op == waiting.op.key) {
        match &event.change {
            Change::Set { field, from, to } => {
                back.push(Change::Set { field: field.clone(), from: to.clone(), to: from.clone() });
            }
            Change::Move { from, to, .. } => match lifecycle::back(ticket, *to, *from) {
                Some(verb) => back.push(Change::Move { verb, from: *to, to: *from }),
                None => return Err(no_step(*to, *from)),
            },
            Change::Link { link } => back.push(Change::Unlink { link: link.clone() }),
            Change::Unlink { link } => back.push(Change::Link { link: link.clone() }),
            Change::Handover { step: Handover::Offer { .. } } => {
                back.push(Change::Handover { step: Handover::Withdraw { by: event.actor.clone() } });
            }
            other => return Err(stays(other).into()),
        }
    }
    fit(&mut back, ticket);
    if back.is_empty() { Err("nothing was changed by it".into()) } else { Ok(back) }
}

const NOTES: &str = "notes stay";
const REGISTERED: &str = "a registered ticket is cancelled, not undone";

/// Why this is not taken back by itself.
const fn stays(change: &Change) -> &'static str {
    match change {
        Change::Say { audience: Audience::Public, .. } => "the customer has been told",
        Change::Say { .. } | Change::Heard { .. } => NOTES,
        Change::Handover { .. } => "ownership changes hands only by offer and acceptance",
        Change::Create { .. } => REGISTERED,
        Change::Stamp { .. } => "a log's own figures stay",
        Change::Task { .. } => "a task is taken up again instead",
        Change::Approval { .. } => "those who approve have been asked or have answered",
        Change::Major { .. } => "the log of a major incident stays",
        Change::Proposal { .. } => "a proposal is answered or withdrawn",
        Change::Escalate { .. } | Change::Acknowledge { .. } => "people have been told",
        Change::Set { .. } | Change::Move { .. } | Change::Link { .. } | Change::Unlink { .. } => {
            "nothing was changed by it"
        }
    }
}

/// What a step back brings about by itself is left out, what it asks for is added.
fn fit(back: &mut Vec<Change>, ticket: &Ticket) {
    let steps = |wanted: Verb| move |change: &Change| matches!(change, Change::Move { verb, .. } if *verb == wanted);
    if back.iter().any(steps(Verb::Resume)) {
        let waits = |field: &Field| matches!(field, Field::HoldReason | Field::WakeAt);
        back.retain(|change| !matches!(change, Change::Set { field, .. } if waits(field)));
    }
    if back.iter().any(steps(Verb::Reopen)) {
        let text = Clean::line(&format!("{} was undone.", lifecycle::words(ticket.state)));
        back.push(Change::Say { audience: Audience::Internal, text });
    }
}

fn no_step(from: State, to: State) -> String {
    format!("the lifecycle has no step from {} back to {}", lifecycle::words(from), lifecycle::words(to))
}

/// What a row says of its ticket: where it is not set there, it was not set.
const IN_ROWS: [Field; 10] = [
    Field::Title,
    Field::Impact,
    Field::Urgency,
    Field::Category,
    Field::Group,
    Field::Caller,
    Field::Service,
    Field::Asset,
    Field::Location,
    Field::Channel,
];

/// The ticket as it stood before an act, as far as that is known here.
struct Then {
    row: Summary,
    ticket: Ticket,
    /// Its words were known too.
    whole: bool,
}

impl Then {
    fn of(model: &Model, waiting: &Waiting) -> Option<Self> {
        let Target::Ticket(id) = &waiting.op.target else { return None };
        let row = model.pending.before(id)?.clone();
        let opened = model.ticket(id);
        let mut ticket = opened.cloned().unwrap_or_else(|| Ticket::of_row(&row));
        // What it has nothing of has a value in its row all the same.
        if ticket.revision != row.revision {
            ticket.lay(&row);
        }
        Some(Self { row, ticket, whole: opened.is_some() })
    }

    /// What stood in the field.
    fn field(&self, field: &Field) -> Result<Option<Value>, String> {
        if *field == Field::PriorityOverride {
            // There every priority is set by somebody.
            return Ok(Some(Value::Number(self.row.priority.into())));
        }
        let was = self.ticket.get(field).cloned();
        if was.is_none() && !self.whole && !IN_ROWS.contains(field) {
            return Err(format!("what stood in {} is not known here", spaced(field.name())));
        }
        Ok(was)
    }
}

/// On a tracker. A note of the act stays where there is something else to take back.
fn there(model: &Model, waiting: &Waiting, stored: &Stored, workflow: &Arc<Workflow>) -> Result<Vec<Change>, String> {
    let Some(then) = Then::of(model, waiting) else {
        return Err(REGISTERED.into());
    };
    let was_dropped = |what: &str| stored.dropped.iter().any(|dropped| &*dropped.what == what);
    let (mut back, mut notes) = (Vec::new(), false);
    for change in waiting.op.changes.iter().rev() {
        match change {
            Change::Set { field, .. } if was_dropped(field.name()) => {}
            Change::Set { field, .. } => back.extend(field_back(&then, stored, field)?),
            Change::Move { verb, .. } if was_dropped(verb.as_str()) => {}
            Change::Move { .. } => back.extend(step_back(&then, stored, workflow)?),
            Change::Link { .. } | Change::Unlink { .. } if was_dropped("link") => {}
            Change::Link { link } => back.push(Change::Unlink { link: link.clone() }),
            Change::Unlink { link } => back.push(Change::Link { link: link.clone() }),
            Change::Handover { .. } if was_dropped("owner") => {}
            Change::Handover { step: Handover::Accept { .. } | Handover::Force { .. } } => {
                back.extend(owner_back(&then, stored, &model.me)?);
            }
            Change::Say { audience: Audience::Internal, .. } | Change::Heard { .. } => notes = true,
            other => return Err(stays(other).into()),
        }
    }
    match (back.is_empty(), notes) {
        (false, _) => Ok(back),
        (true, true) => Err(NOTES.into()),
        (true, false) => Err("nothing was changed by it".into()),
    }
}

fn field_back(then: &Then, stored: &Stored, field: &Field) -> Result<Option<Change>, String> {
    let (was, now) = (then.field(field)?, stored.ticket.get(field).cloned());
    let same = match field {
        Field::PriorityOverride => then.row.priority == stored.summary.priority,
        _ => was == now,
    };
    Ok((!same).then(|| Change::Set { field: field.clone(), from: now, to: was }))
}

fn step_back(then: &Then, stored: &Stored, workflow: &Arc<Workflow>) -> Result<Option<Change>, String> {
    let (from, to) = (stored.ticket.state, then.ticket.state);
    if from == to {
        return Ok(None);
    }
    let way = workflow.from(stored.ticket.kind, from).find(|way| way.to == to).ok_or_else(|| no_step(from, to))?;
    let lacks = way.needs.iter().find(|field| stored.ticket.get(field).is_none());
    match lacks {
        Some(field) => Err(format!(
            "the step back to {} asks for {}, which nobody can say for you",
            lifecycle::words(to),
            spaced(field.name())
        )),
        None => Ok(Some(Change::Move { verb: way.verb, from, to })),
    }
}

fn owner_back(then: &Then, stored: &Stored, me: &Name) -> Result<Option<Change>, String> {
    if then.ticket.accepted && then.ticket.owner == stored.ticket.owner {
        return Ok(None);
    }
    if !then.ticket.accepted {
        return Err("nobody owned it before, and what was taken is handed over, not left".into());
    }
    let step = Handover::Force { by: me.clone(), to: then.ticket.owner.clone(), reason: Clean::line("") };
    Ok(Some(Change::Handover { step }))
}
