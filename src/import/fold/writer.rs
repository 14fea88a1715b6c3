//! Writes the events of one ticket and keeps the ticket that they make, so that only real changes are written.

use jiff::Timestamp;

use crate::domain::change::{Change, Event, Mark, OpKey};
use crate::domain::field::{Field, Value};
use crate::domain::name::Name;
use crate::domain::state::{State, Verb};
use crate::domain::ticket::Ticket;

/// The events of one ticket so far.
#[derive(Debug)]
pub struct Writer {
    pub ticket: Ticket,
    pub events: Vec<Event>,
    pub actor: Name,
    /// The act that the next events belong to.
    pub op: OpKey,
    pub at: Timestamp,
    /// No row has answered the caller yet.
    pub unanswered: bool,
    /// When the other desk wrote it down.
    pub stored: Timestamp,
}

impl Writer {
    pub fn new(ticket: Ticket, actor: Name, op: OpKey, stored: Timestamp) -> Self {
        let at = ticket.opened;
        Self { ticket, events: Vec::new(), actor, op, at, unanswered: true, stored }
    }

    pub fn write(&mut self, change: Change) {
        self.write_at(self.at, change);
    }

    pub fn write_at(&mut self, at: Timestamp, change: Change) {
        let (actor, op) = (self.actor.clone(), self.op.clone());
        let event = Event { seq: 0, actor, at, stored: self.stored, op, change };
        self.ticket.apply(&event);
        self.events.push(event);
    }

    pub fn set(&mut self, field: &Field, to: Option<Value>) {
        if self.ticket.get(field) != to.as_ref() {
            self.note(field, to);
        }
    }

    /// As `set`, but also when nothing changes.
    pub fn note(&mut self, field: &Field, to: Option<Value>) {
        let from = self.ticket.get(field).cloned();
        self.write(Change::Set { field: field.clone(), from, to });
    }

    pub fn step(&mut self, at: Timestamp, to: State) {
        if self.ticket.state != to {
            self.write_at(at, Change::Move { verb: Verb::Record, from: self.ticket.state, to });
        }
    }

    pub fn stamp_time(&mut self, mark: Mark, to: Option<Timestamp>) {
        let held = match mark {
            Mark::Responded => self.ticket.responded,
            Mark::Resolved => self.ticket.resolved,
            Mark::Closed => self.ticket.closed,
            Mark::Reopens | Mark::Reassignments => return,
        };
        if held != to {
            self.write(Change::Stamp { mark, to: to.map(Value::Time) });
        }
    }

    pub fn stamp_count(&mut self, mark: Mark, to: i64) {
        let held = match mark {
            Mark::Reopens => self.ticket.reopens,
            Mark::Reassignments => self.ticket.reassignments,
            Mark::Responded | Mark::Resolved | Mark::Closed => return,
        };
        if i64::from(held) != to {
            self.write(Change::Stamp { mark, to: Some(Value::Number(to)) });
        }
    }
}
