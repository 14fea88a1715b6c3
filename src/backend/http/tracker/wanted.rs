//! What a tracker is asked to write: an act in parts, and the requests that carry them.

use crate::backend::http::client::Request;
use crate::backend::{Error, Result};
use crate::domain::change::{Audience, Change, Handover, Link, Op, OpKey, Target};
use crate::domain::field::{Field, Value};
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{State, Verb};
use crate::text::Clean;
use jiff::Timestamp;

/// One part of an act, as a tracker sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Field(Field, Option<Value>),
    /// A step to that state.
    Step(Verb, State),
    Owner(Name),
    Link(Link),
    Unlink(Link),
    Say(Audience, Clean),
}

impl Part {
    /// What it is called in messages.
    pub fn name(&self) -> Name {
        match self {
            Self::Field(field, _) => Name::new(field.name()),
            Self::Step(verb, _) => Name::new(verb.as_str()),
            Self::Owner(_) => "owner".into(),
            Self::Link(_) | Self::Unlink(_) => "link".into(),
            Self::Say(Audience::Public, _) => "public reply".into(),
            Self::Say(Audience::Internal, _) => "internal note".into(),
        }
    }
}

/// An act in parts: in the order fields, owner, links, step, internal notes, public words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub key: OpKey,
    pub me: Name,
    /// When the user did it.
    pub at: Timestamp,
    pub parts: Vec<Part>,
}

impl Wanted {
    /// The parts of this op.
    ///
    /// # Errors
    /// `Unsupported` for what no tracker has a place for.
    pub fn of(op: &Op, me: &Name) -> Result<Self> {
        let new = matches!(op.target, Target::New(_));
        let mut parts = Vec::new();
        for change in &op.changes {
            parts.extend(part(change, new)?);
        }
        parts.sort_by_key(turn);
        Ok(Self { key: op.key.clone(), me: me.clone(), at: op.at, parts })
    }

    /// The same act with these parts only.
    #[must_use]
    pub fn only(&self, parts: Vec<Part>) -> Self {
        Self { parts, ..self.clone() }
    }

    pub fn field(&self, wanted: &Field) -> Option<&Value> {
        self.parts.iter().find_map(|part| match part {
            Part::Field(field, value) if field == wanted => value.as_ref(),
            _ => None,
        })
    }

    /// The words of a field; empty where it is not set.
    pub fn text(&self, wanted: &Field) -> &str {
        self.field(wanted).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn owner(&self) -> Option<&Name> {
        self.parts.iter().find_map(|part| if let Part::Owner(name) = part { Some(name) } else { None })
    }

    /// The tickets to which links are made or taken away.
    pub fn linked(&self) -> Vec<&TicketId> {
        let links = self.parts.iter().filter_map(|part| match part {
            Part::Link(link) | Part::Unlink(link) => Some(&link.other),
            _ => None,
        });
        links.collect()
    }

    pub fn step(&self) -> Option<(Verb, State)> {
        self.parts.iter().find_map(|part| if let Part::Step(verb, to) = part { Some((*verb, *to)) } else { None })
    }
}

fn part(change: &Change, new: bool) -> Result<Option<Part>> {
    let no = |why: &str| Err(Error::Unsupported(format!("{why}.")));
    Ok(Some(match change {
        Change::Create { .. } => return Ok(None),
        Change::Set { field, to, .. } => Part::Field(field.clone(), to.clone()),
        // A new ticket stands where its tracker puts it; further steps are taken from there.
        Change::Move { verb: Verb::Register | Verb::Submit, .. } if new => return Ok(None),
        Change::Move { verb, to, .. } => Part::Step(*verb, *to),
        Change::Say { audience, text } => Part::Say(*audience, text.clone()),
        Change::Heard { from, text } => Part::Say(Audience::Internal, Clean::body(&format!("{from} said: {text}"))),
        Change::Link { link } => Part::Link(link.clone()),
        Change::Unlink { link } => Part::Unlink(link.clone()),
        Change::Handover { step: Handover::Accept { by } } => Part::Owner(by.clone()),
        Change::Handover { step: Handover::Force { to, .. } } => Part::Owner(to.clone()),
        Change::Handover { .. } => return no("tickets are assigned here, not offered and accepted"),
        Change::Escalate { .. } | Change::Acknowledge { .. } => return no("escalations are not recorded here"),
        Change::Task { .. } => return no("it keeps no tasks inside a ticket"),
        Change::Approval { .. } => return no("approvals are given in the tracker itself"),
        Change::Major { .. } => return no("it keeps no log of a major incident"),
        Change::Proposal { .. } => return no("it keeps no proposals"),
        Change::Stamp { .. } => return no("figures of a ticket are the tracker's own here"),
    }))
}

fn turn(part: &Part) -> u8 {
    match part {
        Part::Field(..) => 0,
        Part::Owner(_) => 1,
        Part::Link(_) | Part::Unlink(_) => 2,
        Part::Step(..) => 3,
        Part::Say(Audience::Internal, _) => 4,
        Part::Say(Audience::Public, _) => 5,
    }
}

/// One request that writes, and what it carries.
#[derive(Debug, Clone)]
pub struct Write {
    pub carries: Vec<Part>,
    pub request: Request,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A good answer.
    Taken,
    /// The tracker says that somebody else wrote first.
    Clash,
}
