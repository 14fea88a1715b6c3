//! From a tracker's record to the console's ticket and row: its history where it was read, what stands in it in any case.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::backend::embedded::Rules;
use crate::backend::http::tracker::{Entry, Record};
use crate::domain::change::{Change, Event, Handover, Mark, OpKey};
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle;
use crate::domain::name::Name;
use crate::domain::priority::Matrix;
use crate::domain::state::Verb;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// The ticket with a timeline that leads to it, and its row.
pub fn assemble(record: &Record, rules: &Rules) -> (Ticket, Summary) {
    let ticket = ticket(record, &rules.agreed.matrix);
    let mut row = rules.summary(&ticket);
    if let Some(clock) = record.clock {
        row.glance = clock;
    }
    row.shallow = record.shallow;
    (ticket, row)
}

fn ticket(record: &Record, matrix: &Matrix) -> Ticket {
    let mut ticket = Ticket::blank(record.id.clone(), record.kind, record.registrar.clone(), record.opened);
    for (seq, entry) in (1..).zip(timeline(record)) {
        let event = event(seq, entry);
        ticket.apply(&event);
        ticket.timeline.push(event);
    }
    stand(&mut ticket, record);
    by_hand(&mut ticket, record.priority, matrix);
    ticket
}

/// The record is what counts, whatever its history tells: parts of it may be hidden from this user.
fn stand(ticket: &mut Ticket, record: &Record) {
    (ticket.state, ticket.revision, ticket.updated) = (record.state, record.revision, record.updated);
    (ticket.owner, ticket.accepted) = match &record.owner {
        Some(owner) => (owner.clone(), true),
        None => (record.registrar.clone(), false),
    };
    ticket.offer = None;
    ticket.fields = record.fields.clone();
    if let Some(links) = &record.links {
        ticket.links = links.clone();
    }
    let open = record.state.is_open();
    ticket.resolved = if open { None } else { record.resolved.or(ticket.resolved).or(record.closed) };
    ticket.closed =
        if record.state.is_final() { record.closed.or(ticket.closed).or(Some(record.updated)) } else { None };
    ticket.responded = record.responded.or(ticket.responded);
    ticket.last_public = record.last_public.or(ticket.last_public);
    ticket.last_heard = record.last_heard.or(ticket.last_heard);
}

/// The tracker's own priority stands as one set by hand where our matrix would make another.
fn by_hand(ticket: &mut Ticket, shown: Option<u8>, matrix: &Matrix) {
    let Some(shown) = shown else { return };
    ticket.fields.remove(&Field::PriorityOverride);
    if matrix.of(ticket).effective() != shown {
        ticket.fields.insert(Field::PriorityOverride, Value::Number(shown.into()));
    }
}

/// What happened, begun and ended so that it leads to the record: the clocks are read from it.
fn timeline(record: &Record) -> Vec<Entry> {
    let history = record.history.as_deref().unwrap_or_default();
    let begin = |change| Entry { act: "created".into(), at: record.opened, who: record.registrar.clone(), change };
    let end = |at: Timestamp, change| Entry { act: "as it stands".into(), at, who: record.registrar.clone(), change };
    let state = first_state(record, history);
    let mut all = vec![begin(Change::Create { kind: record.kind, state, opened: record.opened })];
    all.extend(initial(record, history).map(begin));
    all.extend(history.iter().filter(|entry| !matches!(entry.change, Change::Create { .. })).cloned());
    let reached = all.iter().rev().find_map(|entry| match entry.change {
        Change::Move { to, .. } => Some(to),
        _ => None,
    });
    let from = reached.unwrap_or(state);
    if from != record.state {
        let at = record.closed.or(record.resolved).filter(|_| !record.state.is_open()).unwrap_or(record.updated);
        all.push(end(at, Change::Move { verb: Verb::Record, from, to: record.state }));
    }
    if let (Some(owner), false) = (&record.owner, history.iter().any(is_ownership)) {
        let at = record.responded.unwrap_or(record.updated);
        all.push(end(at, Change::Handover { step: Handover::Accept { by: owner.clone() } }));
    }
    let figures =
        [(Mark::Responded, record.responded), (Mark::Resolved, record.resolved), (Mark::Closed, record.closed)];
    for (mark, at) in figures {
        if let Some(at) = at {
            all.push(end(record.updated, Change::Stamp { mark, to: Some(Value::Time(at)) }));
        }
    }
    all
}

fn is_ownership(entry: &Entry) -> bool {
    matches!(entry.change, Change::Handover { .. })
}

/// The state in which it began: from where its first step led, else a new ticket's.
fn first_state(record: &Record, history: &[Entry]) -> crate::domain::state::State {
    let first = history.iter().find_map(|entry| match entry.change {
        Change::Move { from, .. } => Some(from),
        Change::Create { state, .. } => Some(state),
        _ => None,
    });
    first.unwrap_or_else(|| lifecycle::initial(record.kind))
}

/// The fields as they were at the beginning: what the first change of each replaced, and what was never changed.
fn initial<'r>(record: &'r Record, history: &'r [Entry]) -> impl Iterator<Item = Change> + use<'r> {
    let set = |field: &Field, to: &Value| Change::Set { field: field.clone(), from: None, to: Some(to.clone()) };
    let mut seen = BTreeSet::new();
    let mut begun = Vec::new();
    for entry in history {
        if let Change::Set { field, from, .. } = &entry.change
            && seen.insert(field)
            && let Some(from) = from
        {
            begun.push(set(field, from));
        }
    }
    let never = record.fields.iter().filter(|(field, _)| !seen.contains(field)).map(|(field, value)| set(field, value));
    begun.extend(never.collect::<Vec<_>>());
    begun.into_iter()
}

fn event(seq: u64, entry: Entry) -> Event {
    let Entry { act, at, who, change } = entry;
    Event { seq, actor: who, at, stored: at, op: OpKey(act.as_str().to_owned()), change }
}

/// The name under which a tracker without people in its history speaks.
pub fn tracker_speaks() -> Name {
    "tracker".into()
}
