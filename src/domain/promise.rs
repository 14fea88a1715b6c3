//! Words promised to a caller: by when somebody said they would hear, and whether they did.
//!
//! Each promise is judged by itself. Moving it without telling the caller does not keep it, and the message that makes
//! a promise is not the one that keeps it.

use jiff::Timestamp;

use crate::domain::change::{Audience, Change, Event};
use crate::domain::field::{Field, Value};
use crate::domain::name::Name;
use crate::domain::ticket::Ticket;

/// One promised update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    pub by: Name,
    /// When the promise was made.
    pub made: Timestamp,
    /// By when the caller was to hear something; met exactly is kept.
    pub due: Timestamp,
    pub outcome: Outcome,
}

/// How a promise ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The caller heard, or the ticket was resolved, at this time.
    Kept(Timestamp),
    /// Nobody spoke in time; when the caller heard after all, if at all.
    Missed(Option<Timestamp>),
    /// There is still time.
    Pending,
}

/// Every promise of the ticket in the order they were made, as it stands at `now`. Needs the timeline.
pub fn promises(ticket: &Ticket, now: Timestamp) -> Vec<Promise> {
    let mut events: Vec<&Event> = ticket.timeline.iter().filter(|event| event.at <= now).collect();
    events.sort_by_key(|event| (event.at, event.seq));
    let made = events.iter().enumerate().filter_map(|(place, event)| Some((place, *event, due(&event.change)?)));
    made.map(|(place, event, due)| {
        let later = &events[place + 1..];
        let word = later.iter().find(|word| word.op != event.op && reaches_caller(&word.change)).map(|word| word.at);
        let outcome = match word {
            Some(at) if at <= due => Outcome::Kept(at),
            _ if now <= due => Outcome::Pending,
            late => Outcome::Missed(late),
        };
        Promise { by: event.actor.clone(), made: event.at, due, outcome }
    })
    .collect()
}

/// When the caller is to hear next by promise; none when nothing is outstanding. A missed promise that nobody has
/// made good stays due.
pub fn next_due(ticket: &Ticket, now: Timestamp) -> Option<Timestamp> {
    promises(ticket, now)
        .into_iter()
        .filter(|promise| matches!(promise.outcome, Outcome::Pending | Outcome::Missed(None)))
        .map(|promise| promise.due)
        .min()
}

fn due(change: &Change) -> Option<Timestamp> {
    match change {
        Change::Set { field: Field::PromisedUpdate, to: Some(Value::Time(due)), .. } => Some(*due),
        _ => None,
    }
}

/// Words to the caller, or the end of the matter, of which the caller is told.
fn reaches_caller(change: &Change) -> bool {
    match change {
        Change::Say { audience: Audience::Public, .. } => true,
        Change::Move { from, to, .. } => from.is_open() && !to.is_open(),
        _ => false,
    }
}
