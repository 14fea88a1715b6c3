//! The seam to the rules: what an op becomes on an embedded desk.

use crate::backend::Result;
use crate::backend::embedded::{Act, Log};
use crate::domain::change::{Change, Link, Op, Target};
use crate::domain::name::TicketId;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// The rules of the desk.
#[derive(Debug, Clone, Default)]
pub struct Rules {}

impl Rules {
    pub fn summary(&self, ticket: &Ticket) -> Summary {
        Summary::of(ticket)
    }
}

/// What is to be stored on the ticket, and on others with it.
#[derive(Debug)]
pub struct Decision {
    pub changes: Vec<Change>,
    pub others: Vec<(TicketId, Vec<Change>)>,
}

/// What the op becomes.
pub fn decide(_act: &Act<'_>, _log: &mut dyn Log, before: Option<&Ticket>, op: &Op) -> Result<Decision> {
    let mut others = Vec::new();
    if let (Some(before), Target::Ticket(_)) = (before, &op.target) {
        for change in &op.changes {
            let back = |link: &Link| Link { how: link.how.inverse(), other: before.id.clone() };
            match change {
                Change::Link { link } => others.push((link.other.clone(), vec![Change::Link { link: back(link) }])),
                Change::Unlink { link } => others.push((link.other.clone(), vec![Change::Unlink { link: back(link) }])),
                _ => {}
            }
        }
    }
    Ok(Decision { changes: op.changes.clone(), others })
}
