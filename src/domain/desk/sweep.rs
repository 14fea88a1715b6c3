//! What falls due by itself: offers that run out, wake-ups, closing after the waiting time.

use jiff::Timestamp;

use super::Rules;
use crate::domain::change::{Change, Handover};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::state::{State, Verb};
use crate::domain::ticket::Ticket;

/// The changes that are due on a ticket without anybody's act. A desk puts them into an op of its own and asks
/// [`super::decide`] as for any other. Major incidents and problems are never closed by time.
pub fn due(ticket: &Ticket, now: Timestamp, rules: &Rules) -> Vec<Change> {
    ahead(ticket, rules).into_iter().filter(|(at, _)| *at <= now).map(|(_, change)| change).collect()
}

/// When the next change falls due on this ticket, if nobody does anything before.
pub fn falls_due(ticket: &Ticket, rules: &Rules) -> Option<Timestamp> {
    ahead(ticket, rules).into_iter().map(|(at, _)| at).min()
}

/// What will happen by itself, each with its time.
fn ahead(ticket: &Ticket, rules: &Rules) -> Vec<(Timestamp, Change)> {
    let mut found = Vec::new();
    if ticket.state == State::OnHold
        && let Some(at) = ticket.time(&Field::WakeAt)
    {
        found.extend(lifecycle::make_move(ticket, Verb::Resume).map(|change| (at, change)));
    }
    let served = matches!(ticket.kind, Kind::Incident | Kind::Request);
    let major = ticket.get(&Field::Major).and_then(Value::as_flag) == Some(true);
    if served
        && !major
        && matches!(ticket.state, State::Resolved | State::Fulfilled)
        && let Some(at) = ticket.resolved.and_then(|at| at.checked_add(rules.periods.close).ok())
    {
        found.extend(lifecycle::make_move(ticket, Verb::Close).map(|change| (at, change)));
    }
    if ticket.state.is_open()
        && let Some(at) = ticket.offer.as_ref().and_then(|offer| offer.expires)
    {
        found.push((at, Change::Handover { step: Handover::Expire }));
    }
    found
}
