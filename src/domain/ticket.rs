//! A ticket: the fold of its events. [`Ticket::apply`] is the only place where an event becomes state; stores, the
//! pending edits of the console and views of the past all go through it.
//!
//! It never refuses: whether something may happen is asked of `lifecycle` and `ownership` before.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::approval::{self, Approval};
use crate::domain::change::{Audience, Change, Escalation, Event, Handover, Link, Mark, Party};
use crate::domain::field::{Field, Value};
use crate::domain::kind::{Kind, Revision};
use crate::domain::major::{self, Major};
use crate::domain::name::{Name, TicketId};
use crate::domain::proposal::{self, Proposal};
use crate::domain::state::State;
use crate::domain::task::{self, Task};
use crate::domain::workflow::Workflow;

/// A ticket as it stands, with its timeline where that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub kind: Kind,
    pub state: State,
    pub revision: Revision,
    /// When the caller first spoke; may precede `created`.
    pub opened: Timestamp,
    /// When the desk stored the first event.
    pub created: Timestamp,
    pub updated: Timestamp,
    /// Answers for the ticket. Never nobody while it is open: the registrar until somebody accepts.
    pub owner: Name,
    /// Somebody has accepted it; before that the owner is only its registrar.
    pub accepted: bool,
    pub offer: Option<Offer>,
    pub fields: BTreeMap<Field, Value>,
    pub links: Vec<Link>,
    pub escalations: Vec<Escalated>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub major: Option<Major>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<Proposal>,
    pub responded: Option<Timestamp>,
    pub resolved: Option<Timestamp>,
    pub closed: Option<Timestamp>,
    /// The last words of the desk to the caller, and of the caller to the desk.
    pub last_public: Option<Timestamp>,
    pub last_heard: Option<Timestamp>,
    pub reopens: u32,
    pub reassignments: u32,
    pub timeline: Vec<Event>,
    /// The workflow of the tracker that it lives in; none where the console's own lifecycles hold.
    #[serde(skip)]
    pub workflow: Option<Arc<Workflow>>,
}

/// A hand-over that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub by: Name,
    pub to: Party,
    pub at: Timestamp,
    pub expires: Option<Timestamp>,
}

/// An escalation with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalated {
    pub at: Timestamp,
    pub by: Name,
    pub escalation: Escalation,
    pub acknowledged: Option<Timestamp>,
}

impl Ticket {
    /// An empty ticket that its first event, a `Create`, will fill.
    pub fn blank(id: TicketId, kind: Kind, registrar: Name, opened: Timestamp) -> Self {
        Self {
            id,
            kind,
            state: State::New,
            revision: Revision::default(),
            opened,
            created: opened,
            updated: opened,
            owner: registrar,
            accepted: false,
            offer: None,
            fields: BTreeMap::new(),
            links: Vec::new(),
            escalations: Vec::new(),
            tasks: Vec::new(),
            approval: None,
            major: None,
            proposals: Vec::new(),
            responded: None,
            resolved: None,
            closed: None,
            last_public: None,
            last_heard: None,
            reopens: 0,
            reassignments: 0,
            timeline: Vec::new(),
            workflow: None,
        }
    }

    /// The ticket that these events make, in the order given; none when they do not begin with a `Create`. Its
    /// revision is the place of the last one.
    pub fn from_events(id: TicketId, events: Vec<Event>) -> Option<Self> {
        let first = events.first()?;
        let Change::Create { kind, opened, .. } = first.change else { return None };
        let mut ticket = Self::blank(id, kind, first.actor.clone(), opened);
        for event in events {
            ticket.apply(&event);
            ticket.revision = Revision(event.seq);
            ticket.timeline.push(event);
        }
        Some(ticket)
    }

    /// The ticket as it stood when `t` began: what was done at `t` itself has not happened yet. None before it was
    /// opened.
    pub fn as_of(id: TicketId, events: Vec<Event>, t: Timestamp) -> Option<Self> {
        Self::from_events(id, events.into_iter().filter(|event| event.at < t).collect())
    }

    /// What this event does to the ticket. Total: it takes whatever happened. Does not touch the timeline.
    pub fn apply(&mut self, event: &Event) {
        self.updated = self.updated.max(event.at);
        match &event.change {
            Change::Create { kind, state, opened } => {
                (self.kind, self.state, self.opened, self.created) = (*kind, *state, *opened, event.stored);
                self.owner = event.actor.clone();
            }
            Change::Set { field, to, .. } => self.set(field, to.as_ref()),
            Change::Move { from, to, .. } => self.step(*from, *to, event.at),
            Change::Say { audience: Audience::Public, .. } => {
                self.last_public = Some(event.at);
                self.respond(event.at);
            }
            Change::Say { audience: Audience::Internal, .. } => {}
            Change::Heard { .. } => self.last_heard = Some(event.at),
            Change::Link { link } => {
                if !self.links.contains(link) {
                    self.links.push(link.clone());
                }
            }
            Change::Unlink { link } => self.links.retain(|held| held != link),
            Change::Handover { step } => self.hand_over(step, event),
            Change::Escalate { escalation } => self.escalations.push(Escalated {
                at: event.at,
                by: event.actor.clone(),
                escalation: escalation.clone(),
                acknowledged: None,
            }),
            Change::Acknowledge { kind } => {
                for held in self.escalations.iter_mut().filter(|e| e.escalation.kind == *kind) {
                    held.acknowledged.get_or_insert(event.at);
                }
            }
            Change::Task { step } => task::apply(&mut self.tasks, step, &event.actor, event.at),
            Change::Approval { step } => approval::apply(&mut self.approval, step, &event.actor, event.at),
            Change::Major { step } => major::apply(&mut self.major, step, &event.actor, event.at),
            Change::Proposal { step } => proposal::apply(&mut self.proposals, step, &event.actor, event.at),
            Change::Stamp { mark, to } => self.stamp(*mark, to.as_ref()),
        }
    }

    fn stamp(&mut self, mark: Mark, to: Option<&Value>) {
        let time = to.and_then(Value::as_time);
        let count = to.and_then(Value::as_number).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        match mark {
            Mark::Responded => self.responded = time,
            Mark::Resolved => self.resolved = time,
            Mark::Closed => self.closed = time,
            Mark::Reopens => self.reopens = count,
            Mark::Reassignments => self.reassignments = count,
        }
    }

    fn set(&mut self, field: &Field, to: Option<&Value>) {
        if *field == Field::Group && self.fields.get(field).is_some_and(|held| Some(held) != to) {
            self.reassignments += 1;
        }
        match to {
            Some(value) => self.fields.insert(field.clone(), value.clone()),
            None => self.fields.remove(field),
        };
    }

    fn step(&mut self, from: State, to: State, at: Timestamp) {
        self.state = to;
        if to.is_open() {
            if !from.is_open() {
                self.reopens += 1;
                self.resolved = None;
                self.closed = None;
            }
        } else {
            self.offer = None;
        }
        match to {
            State::Resolved | State::Fulfilled => self.resolved = Some(at),
            State::Closed | State::Cancelled => self.closed = Some(at),
            _ => {}
        }
        if matches!(to, State::InProgress | State::InFulfilment | State::Resolved | State::Fulfilled) {
            self.respond(at);
        }
        if from == State::OnHold {
            self.fields.remove(&Field::HoldReason);
            self.fields.remove(&Field::WakeAt);
        }
    }

    fn respond(&mut self, at: Timestamp) {
        self.responded.get_or_insert(at);
    }

    fn hand_over(&mut self, step: &Handover, event: &Event) {
        match step {
            Handover::Offer { to, expires, .. } => {
                self.offer = Some(Offer { by: event.actor.clone(), to: to.clone(), at: event.at, expires: *expires });
            }
            Handover::Accept { by } => {
                self.own(by);
                self.respond(event.at);
            }
            Handover::Force { to, .. } => self.own(to),
            Handover::Absent { acting, .. } => self.own(acting),
            Handover::Decline { .. } | Handover::Withdraw { .. } | Handover::Expire => self.offer = None,
        }
    }

    fn own(&mut self, by: &Name) {
        self.owner = by.clone();
        self.accepted = true;
        self.offer = None;
    }

    pub fn get(&self, field: &Field) -> Option<&Value> {
        self.fields.get(field)
    }

    /// The words of a text or name field; empty when it is not set.
    pub fn text(&self, field: &Field) -> &str {
        self.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn number(&self, field: &Field) -> Option<i64> {
        self.get(field).and_then(Value::as_number)
    }

    pub fn time(&self, field: &Field) -> Option<Timestamp> {
        self.get(field).and_then(Value::as_time)
    }

    /// Whether it is said to be so; not said is no.
    pub fn flag(&self, field: &Field) -> bool {
        self.get(field).and_then(Value::as_flag).unwrap_or_default()
    }

    pub fn title(&self) -> &str {
        self.text(&Field::Title)
    }

    /// 1 (all of the organisation) to 3 (one person); 3 when nobody said.
    pub fn impact(&self) -> u8 {
        level(self.said(&Field::Impact))
    }

    /// 1 (now) to 3 (when it suits); 3 when nobody said.
    pub fn urgency(&self) -> u8 {
        level(self.said(&Field::Urgency))
    }

    /// Impact or urgency as somebody said it; 0 when nobody did.
    pub fn said(&self, field: &Field) -> u8 {
        self.number(field).and_then(|n| u8::try_from(n).ok()).unwrap_or(0)
    }
}

/// An impact or urgency as it counts where nobody said any (0): the lowest.
pub const fn level(said: u8) -> u8 {
    if said == 0 { 3 } else { said }
}
