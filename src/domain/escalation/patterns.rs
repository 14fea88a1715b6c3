//! What a ticket's way through the groups shows: ping-pong, passing on without a word, and whether a pass went up a
//! line or only sideways.

use jiff::Timestamp;

use crate::domain::change::{Change, OpKey};
use crate::domain::directory::Directory;
use crate::domain::field::{Field, Value};
use crate::domain::name::Name;
use crate::domain::ticket::Ticket;

/// One pass from a group to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    pub at: Timestamp,
    pub by: Name,
    pub from: Name,
    pub to: Name,
    /// Words came with it, in the same act.
    pub explained: bool,
}

/// Where a pass went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To a higher line: a functional escalation.
    Up,
    /// To another group of the same line: a reassignment.
    Sideways,
    Down,
    /// The directory does not know both groups.
    Unknown,
}

/// The passes of a ticket from group to group, oldest first. Needs its timeline.
pub fn passes(ticket: &Ticket) -> Vec<Pass> {
    let mut found = Vec::new();
    let mut held: Option<Name> = None;
    for event in &ticket.timeline {
        let Change::Set { field: Field::Group, to, .. } = &event.change else { continue };
        let to = to.as_ref().and_then(Value::as_str).map(Name::new);
        if let (Some(from), Some(to)) = (&held, &to)
            && from != to
        {
            found.push(Pass {
                at: event.at,
                by: event.actor.clone(),
                from: from.clone(),
                to: to.clone(),
                explained: explained(ticket, &event.op),
            });
        }
        held = to.or(held);
    }
    found
}

/// How often the ticket came back to a group that had it before another: ping-pong.
pub fn returns(ticket: &Ticket) -> usize {
    let passes = passes(ticket);
    (0..passes.len()).filter(|i| passes[..=*i].iter().any(|earlier| earlier.from == passes[*i].to)).count()
}

/// The passes that came without a word.
pub fn bounces(ticket: &Ticket) -> Vec<Pass> {
    passes(ticket).into_iter().filter(|pass| !pass.explained).collect()
}

/// Whether passing from one group to another goes up a line.
pub fn direction(from: &str, to: &str, directory: &Directory) -> Direction {
    match (directory.group(from).map(|g| g.line), directory.group(to).map(|g| g.line)) {
        (Some(from), Some(to)) if to > from => Direction::Up,
        (Some(from), Some(to)) if to < from => Direction::Down,
        (Some(_), Some(_)) => Direction::Sideways,
        _ => Direction::Unknown,
    }
}

/// An escalation, an offer with its reason, or a note of the same act counts as a word.
fn explained(ticket: &Ticket, op: &OpKey) -> bool {
    ticket
        .timeline
        .iter()
        .filter(|event| event.op == *op)
        .any(|event| matches!(event.change, Change::Say { .. } | Change::Escalate { .. } | Change::Handover { .. }))
}
