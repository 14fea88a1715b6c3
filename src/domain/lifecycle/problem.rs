//! The guards that only problems know: who accepts a risk, what keeps it from coming back, whether a fix has held.

use super::guard::{Guard, blank, linked};
use super::{Act, held};
use crate::domain::change::{Change, LinkKind};
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::refusal::Refusal;
use crate::domain::rules::passed;
use crate::domain::state::{State, Verb};
use crate::domain::summary::Summary;
use crate::domain::task::{Task, TaskSort, TaskState};
use crate::domain::ticket::Ticket;
use jiff::Timestamp;

/// The problem is, or brought about, a major one.
pub fn is_major(ticket: &Ticket) -> bool {
    ticket.flag(&Field::Major)
}

/// The actions that are to keep it from coming back.
pub fn preventive(ticket: &Ticket) -> impl Iterator<Item = &Task> {
    ticket.tasks.iter().filter(|task| task.asked.sort == TaskSort::Prevent)
}

/// Who wrote down why the risk is to be borne: nobody accepts what they put forward themselves.
pub fn risk_author(ticket: &Ticket) -> Option<&Name> {
    ticket.timeline.iter().rev().find_map(|event| match &event.change {
        Change::Set { field: Field::Reason, to: Some(_), .. } => Some(&event.actor),
        _ => None,
    })
}

pub(super) fn risk(act: &Act<'_>) -> Result<(), Refusal> {
    let t = act.ticket;
    let author = risk_author(t).unwrap_or(&t.owner);
    if author == act.who {
        let message = "You put this risk forward, so you cannot accept it.";
        return Err(no(Guard::RiskAccepted, act, message, "Somebody else who may has to accept it."));
    }
    if t.time(&Field::ReviewDate).is_some_and(|at| at > act.now) {
        return Ok(());
    }
    let message = "The review date lies in the past.";
    Err(no(Guard::RiskAccepted, act, message, "Give a later one.").on(Field::ReviewDate))
}

/// Preventive actions are listed before the end, or it is said why none is needed.
pub(super) fn prevented(act: &Act<'_>) -> Result<(), Refusal> {
    if preventive(act.ticket).next().is_some() || !blank(act.ticket, &Field::Prevention) {
        return Ok(());
    }
    let message = "No preventive action is listed.";
    let way_out = "List what keeps it from coming back (`prevent`), or say in `prevention` why nothing is needed.";
    Err(no(Guard::Prevented, act, message, way_out).on(Field::Prevention))
}

/// Each preventive action has come to its end, and somebody saw that it helps.
pub(super) fn effects_seen(act: &Act<'_>) -> Result<(), Refusal> {
    let helps = |task: &Task| task.effect.as_ref().is_some_and(|effect| effect.worked);
    for task in preventive(act.ticket) {
        let number = task.number;
        let later = preventive(act.ticket).any(|other| other.number > number && helps(other));
        let (message, way_out) = match (&task.effect, task.state) {
            _ if !task.is_over() => (format!("Preventive action {number} is {}.", task.state), "End it first."),
            (None, TaskState::Done) => {
                (format!("Nobody has looked whether preventive action {number} helps."), "Look, and say so (`effect`).")
            }
            (Some(effect), _) if !effect.worked && !later => {
                let message = format!("Preventive action {number} did not help.");
                (message, "List another one and see it through, or analyse it again.")
            }
            _ => continue,
        };
        return Err(no(Guard::EffectsSeen, act, &message, way_out));
    }
    Ok(())
}

/// A major problem leaves a review behind.
pub(super) fn major_reviewed(act: &Act<'_>) -> Result<(), Refusal> {
    let major = is_major(act.ticket) || linked(act, Kind::Incident).any(|incident| is_major(&incident));
    if !major || !blank(act.ticket, &Field::ReviewRecord) {
        return Ok(());
    }
    let message = "It is a major problem and there is no review of it.";
    let way_out = "Write in `review_record` what went well, what did not, and what is to be done.";
    Err(no(Guard::MajorReviewed, act, message, way_out).on(Field::ReviewRecord))
}

/// The verification is over, and nothing of its kind has come in meanwhile.
pub(super) fn fix_held(act: &Act<'_>) -> Result<(), Refusal> {
    let t = act.ticket;
    let since = t.resolved.unwrap_or(t.updated);
    let rule = |message: String, way_out: &str| Err(no(Guard::FixHeld, act, &message, way_out));
    let again = linked(act, Kind::Incident).find(|incident| {
        incident.opened > since
            || linked_at(t, &incident.id) > Some(since) && incident.resolved.is_none_or(|at| at > since)
    });
    if let Some(again) = again {
        let message = format!("{} came in after the fix.", again.id);
        return rule(message, "Analyse it again, or unlink what is something else.");
    }
    let looked = t.time(&Field::Reviewed).map_or(since, |at| at.max(since));
    let rows = act.related.since(resolved_seq(t));
    if let Some((row, why)) = rows.iter().filter(|row| row.opened > looked).find_map(|row| Some((row, alike(t, row)?)))
    {
        let message = format!("{} came in after the fix, about the same {why}.", row.id);
        return rule(message, "Analyse it again, or review it (`reviewed`) and note why that is something else.");
    }
    let over = match t.time(&Field::ReviewDate) {
        Some(until) => act.now >= until,
        None => passed(since, act.rules.periods.verify, act.now),
    };
    if over {
        return Ok(());
    }
    let refusal = no(
        Guard::FixHeld,
        act,
        "The time of verification is not over.",
        "Wait until it is over, or set an earlier review date.",
    );
    Err(refusal.on(Field::ReviewDate))
}

/// In what an incident that is not linked matches a problem: its asset, or its key of category and service.
pub fn alike(problem: &Ticket, row: &Summary) -> Option<&'static str> {
    if row.kind != Kind::Incident || row.state == State::Cancelled {
        return None;
    }
    if problem.links.iter().any(|link| link.other == row.id) {
        return None;
    }
    let same = |field: &Field, of: &Option<Name>| {
        let held = problem.text(field);
        !held.is_empty() && of.as_deref() == Some(held)
    };
    let service = row.service.is_none() || blank(problem, &Field::Service) || same(&Field::Service, &row.service);
    if same(&Field::Asset, &row.asset) {
        Some("asset")
    } else if same(&Field::Category, &row.category) && service {
        Some("category and service")
    } else {
        None
    }
}

fn linked_at(ticket: &Ticket, other: &TicketId) -> Option<Timestamp> {
    ticket.timeline.iter().rev().find_map(|event| match &event.change {
        Change::Link { link } if link.other == *other => Some(event.at),
        _ => None,
    })
}

/// The place in the log at which it was last resolved.
fn resolved_seq(ticket: &Ticket) -> u64 {
    let resolves = |change: &Change| matches!(change, Change::Move { verb: Verb::Resolve, .. });
    ticket.timeline.iter().rev().find(|event| resolves(&event.change)).map_or(u64::MAX, |event| event.seq)
}

/// It was cancelled in favour of that one.
pub fn survivor(ticket: &Ticket) -> Option<&TicketId> {
    let is_duplicate = held(ticket, &Field::CancelReason) == super::choices::DUPLICATE;
    let link = ticket.links.iter().find(|link| link.how == LinkKind::DuplicateOf)?;
    is_duplicate.then_some(&link.other)
}

fn no(guard: Guard, act: &Act<'_>, message: &str, way_out: &str) -> Refusal {
    Refusal::new(guard.rule(), &act.ticket.id, message, way_out)
}
