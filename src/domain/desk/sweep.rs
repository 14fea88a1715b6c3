//! What falls due by itself: offers that run out, wake-ups, closing after the waiting time.

use jiff::Timestamp;

use super::Rules;
use crate::domain::change::{Change, Handover};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::ownership::ran_out;
use crate::domain::rules::passed;
use crate::domain::state::{State, Verb};
use crate::domain::ticket::Ticket;

/// The changes that are due on a ticket without anybody's act. A desk puts them into an op of its own and asks
/// [`super::decide`] as for any other. Major incidents and problems are never closed by time.
pub fn due(ticket: &Ticket, now: Timestamp, rules: &Rules) -> Vec<Change> {
    let mut found = Vec::new();
    if ticket.state == State::OnHold && ticket.time(&Field::WakeAt).is_some_and(|at| at <= now) {
        found.extend(lifecycle::make_move(ticket, Verb::Resume));
    }
    let served = matches!(ticket.kind, Kind::Incident | Kind::Request);
    let major = ticket.get(&Field::Major).and_then(Value::as_flag) == Some(true);
    let waited = ticket.resolved.is_some_and(|at| passed(at, rules.periods.close, now));
    if served && !major && waited && matches!(ticket.state, State::Resolved | State::Fulfilled) {
        found.extend(lifecycle::make_move(ticket, Verb::Close));
    }
    if ticket.state.is_open() && ticket.offer.as_ref().is_some_and(|offer| ran_out(offer, now)) {
        found.push(Change::Handover { step: Handover::Expire });
    }
    found
}
