//! What somebody had before the eyes when they began to write or to decide. A colleague's change meanwhile is told
//! before anything is sent over it, and a text never reaches another ticket than the one it was begun for.

use jiff::Timestamp;

use crate::app::model::Model;
use crate::domain::change::{Audience, Change};
use crate::domain::kind::Revision;
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;
use crate::text::spaced;

/// The tickets that are meant, as they stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen(Vec<Before>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Before {
    id: TicketId,
    revision: Revision,
    /// The last event that was known, where the timeline was.
    last: Option<u64>,
    at: Timestamp,
}

/// What is otherwise than it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Differs {
    /// Other tickets are meant now: nothing may go to them.
    Other(String),
    /// A colleague was here.
    Changed(String),
}

/// What the user sees now of the tickets that are meant.
pub fn look(model: &Model) -> Seen {
    let before = |row| {
        let id = TicketId::new(model.table.id(row));
        let last = model.ticket(&id).and_then(|ticket| ticket.timeline.iter().map(|event| event.seq).max());
        Before { id, revision: model.table.revision(row), last, at: model.now }
    };
    Seen(model.targets().into_iter().map(before).collect())
}

/// What a colleague changed since; of a text to the caller only what bears on such a text. Several tickets show it in
/// their preview.
pub fn differs(model: &Model, seen: &Seen, is_reply: bool) -> Option<Differs> {
    let ids: Vec<&str> = model.targets().into_iter().map(|row| model.table.id(row)).collect();
    if !seen.0.iter().map(|before| before.id.as_str()).eq(ids.iter().copied()) {
        let begun: Vec<&str> = seen.0.iter().take(3).map(|before| before.id.as_str()).collect();
        let begun = begun.join(", ");
        return Some(Differs::Other(format!("This was begun for {begun}; go back there, it is kept as a draft.")));
    }
    let [before] = seen.0.as_slice() else { return None };
    let row = model.table.row(&before.id)?;
    if model.table.revision(row) == before.revision {
        return None;
    }
    let known = model.ticket(&before.id).filter(|ticket| ticket.revision == model.table.revision(row));
    let Some(ticket) = known else {
        return Some(Differs::Changed(format!("{} was changed meanwhile; look again.", before.id)));
    };
    theirs(model, ticket, before, is_reply).map(Differs::Changed)
}

/// In words what others did to it since.
fn theirs(model: &Model, ticket: &Ticket, before: &Before, is_reply: bool) -> Option<String> {
    let since = |seq: u64, stored: Timestamp| before.last.map_or(stored > before.at, |last| seq > last);
    let foreign = ticket.timeline.iter().filter(|event| event.actor != model.me && since(event.seq, event.stored));
    let told: Vec<(&Name, String)> =
        foreign.filter_map(|event| Some((&event.actor, words(&event.change, is_reply)?))).collect();
    let who = model.display(told.last()?.0);
    let mut what: Vec<String> = told.into_iter().map(|(_, words)| words).collect();
    what.dedup();
    Some(format!("{who} changed {} meanwhile: {}.", ticket.id, what.join(", ")))
}

fn words(change: &Change, is_reply: bool) -> Option<String> {
    use crate::domain::field::Field;
    match change {
        Change::Set { field, to, .. } if !is_reply || *field == Field::Caller => Some(match to {
            Some(to) => format!("{} {}", spaced(field.name()), crate::text::one_line(&to.to_string())),
            None => format!("no {}", spaced(field.name())),
        }),
        Change::Move { to, .. } => Some(lifecycle::words(*to).to_owned()),
        Change::Say { audience: Audience::Public, .. } => Some("a reply to the caller".to_owned()),
        Change::Heard { .. } => Some("the caller wrote".to_owned()),
        Change::Handover { .. } if !is_reply => Some("ownership".to_owned()),
        _ => None,
    }
}
