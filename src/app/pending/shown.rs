//! What a row shows: the desk's word, and over it the acts that it has not answered.

use jiff::Timestamp;

use super::Waiting;
use crate::app::conflict::{Merge, merge};
use crate::app::counts;
use crate::app::model::Model;
use crate::backend::Stored;
use crate::domain::change::{Change, Event, Target};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Revision;
use crate::domain::name::{Name, TicketId};
use crate::domain::priority::Matrix;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// The record as stored, and what changed with it. `base` is the revision that the stored act was checked against; none
/// where nothing was checked, or somebody else's change is in it too.
pub fn accept(model: &mut Model, stored: Stored, base: Option<Revision>) {
    carry(model, &stored, base);
    let ticket = stored.ticket;
    learn(model, stored.summary);
    for other in stored.also {
        let changed = other.id.clone();
        learn(model, other);
        model.opened.retain(|held| held.id != changed || held.id == ticket.id);
    }
    model.keep_opened(ticket);
}

/// Whoever waits behind goes on from this revision, but where that would write over what a colleague changed between: such
/// an act keeps its own, and the desk answers it with the conflict.
fn carry(model: &mut Model, stored: &Stored, base: Option<Revision>) {
    let mut record = stored.ticket.clone();
    let target = Target::Ticket(record.id.clone());
    for waiting in model.pending.acts.iter_mut().filter(|waiting| waiting.op.target == target) {
        let op = &mut waiting.op;
        let is_next = base.is_some() && op.expect == base;
        let fits = || matches!(merge(&op.changes, waiting.owner.as_ref(), &record), Merge::Clear(_));
        if op.expect.is_some() && (is_next || fits()) {
            op.expect = Some(stored.summary.revision);
        }
        lay(&mut record, &op.changes, &model.me, op.at);
    }
}

/// A row as the desk has it: from an answer or from a pull.
pub fn learn(model: &mut Model, summary: Summary) {
    let id = summary.id.clone();
    if model.pending.of(&id).next().is_some() {
        model.pending.known.insert(id.clone(), summary);
        show(model, &id);
    } else {
        model.pending.known.remove(&id);
        model.table.upsert(&summary);
    }
}

/// The desk lists it no more: what is under way on it must not bring its row back.
pub fn forget(model: &mut Model, id: &TicketId) {
    model.pending.known.remove(id);
    model.table.remove(id);
}

/// Shows the desk's word again with whatever is still under way.
pub fn settle(model: &mut Model, id: &TicketId) {
    if model.pending.of(id).next().is_none()
        && let Some(known) = model.pending.known.remove(id)
    {
        model.table.upsert(&known);
    } else {
        show(model, id);
    }
    counts::mark_stale(model);
}

/// Lays the pending acts of a ticket over what the desk said of it.
pub(super) fn show(model: &mut Model, id: &TicketId) {
    let Some(known) = model.pending.known.get(id).cloned() else { return };
    let acts: Vec<&Waiting> = model.pending.of(id).filter(|waiting| waiting.clash.is_none()).collect();
    let shown = acts.iter().fold(known, |summary, waiting| {
        predict(&summary, &waiting.op.changes, &model.me, waiting.op.at, &model.settings.matrix)
    });
    model.table.upsert(&shown);
}

/// What a row will look like once these changes are stored, by the same rules that the desk applies.
pub fn predict(row: &Summary, changes: &[Change], me: &Name, at: Timestamp, matrix: &Matrix) -> Summary {
    let mut ticket = Ticket::of_row(row);
    lay(&mut ticket, changes, me, at);
    let name = |field: &Field| match ticket.get(field) {
        Some(Value::Name(name)) => Some(name.clone()),
        Some(Value::Text(text)) => Some(Name::new(text)),
        _ => None,
    };
    let over = ticket.number(&Field::PriorityOverride).and_then(|n| u8::try_from(n).ok());
    let mut shown = row.clone();
    shown.state = ticket.state;
    shown.title = crate::text::Clean::line(ticket.title());
    (shown.impact, shown.urgency) = (ticket.said(&Field::Impact), ticket.said(&Field::Urgency));
    shown.priority = over.unwrap_or_else(|| matrix.priority(ticket.impact(), ticket.urgency()));
    shown.priority_overridden = over.is_some();
    shown.category = name(&Field::Category);
    shown.group = name(&Field::Group);
    shown.caller = name(&Field::Caller);
    shown.service = name(&Field::Service);
    shown.asset = name(&Field::Asset);
    shown.location = name(&Field::Location);
    shown.channel = name(&Field::Channel);
    shown.hold = name(&Field::HoldReason).and_then(|name| crate::domain::state::HoldReason::parse(&name));
    shown.owner = ticket.owner.clone();
    shown.accepted = ticket.accepted;
    shown.offered_to = ticket.offer.as_ref().map(|offer| offer.to.name().clone());
    shown.updated = ticket.updated;
    shown.responded = ticket.responded;
    shown.resolved = ticket.resolved;
    shown.closed = ticket.closed;
    shown.awaits_reply = row.awaits_reply && ticket.last_public.is_none();
    shown.escalated = row.escalated || !ticket.escalations.is_empty();
    shown
}

fn lay(ticket: &mut Ticket, changes: &[Change], me: &Name, at: Timestamp) {
    for change in changes {
        ticket.apply(&Event::tried(me, at, change.clone()));
    }
}
