//! A ticket in one line: what lists, queries and views need of it, without its words and its timeline.

use jiff::Timestamp;

use crate::domain::change::{LinkKind, Party};
use crate::domain::facts::facts;
use crate::domain::field::{Field, Value};
use crate::domain::kind::{Kind, Revision};
use crate::domain::lifecycle::{ChangeType, choices};
use crate::domain::name::{Name, TicketId};
use crate::domain::priority::Matrix;
use crate::domain::promise;
use crate::domain::rfc::Span;
use crate::domain::sla::{self, Metric, Policy};
use crate::domain::state::{HoldReason, State};
use crate::domain::ticket::{Offer, Ticket};
use crate::text::Clean;

/// What a row of a list shows and a query asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub id: TicketId,
    pub kind: Kind,
    pub state: State,
    pub revision: Revision,
    pub title: Clean,
    /// 0 when nobody said; see [`crate::domain::ticket::level`].
    pub impact: u8,
    pub urgency: u8,
    /// As it counts: the override where there is one.
    pub priority: u8,
    pub priority_overridden: bool,
    pub category: Option<Name>,
    pub group: Option<Name>,
    /// Log-in of the owner.
    pub owner: Name,
    pub accepted: bool,
    /// A person or a group to whom it is offered.
    pub offered_to: Option<Name>,
    pub caller: Option<Name>,
    pub service: Option<Name>,
    pub asset: Option<Name>,
    pub location: Option<Name>,
    pub channel: Option<Name>,
    pub hold: Option<HoldReason>,
    pub opened: Timestamp,
    pub updated: Timestamp,
    pub responded: Option<Timestamp>,
    pub resolved: Option<Timestamp>,
    pub closed: Option<Timestamp>,
    /// The clock that breaches next.
    pub glance: Glance,
    /// When the caller is owed the next word.
    pub update_due: Option<Timestamp>,
    /// When a problem is looked at again: by the cadence of its level while it is open, then when its fix or its risk
    /// is judged.
    pub review: Option<Timestamp>,
    /// The caller spoke last and nobody answered.
    pub awaits_reply: bool,
    pub reopens: u32,
    pub reassignments: u32,
    pub links: u32,
    pub escalated: bool,
    pub major: bool,
    pub known_error: bool,
    /// The tracker's lists do not tell its fields of choice: those that are missing here may be set.
    pub shallow: bool,
    /// The change that brought this about.
    pub caused_by: Option<TicketId>,
    /// When a change is and was made, and how it went; none for the other kinds.
    pub course: Option<Course>,
    /// Fields that few tickets have: those of this desk alone as `(x.name, value)`, those of [`RARE`] by their names.
    /// And for whom it waits, by the words of [`crate::domain::waits`].
    pub custom: Vec<(Name, Name)>,
}

/// How the clock that matters most stands, without the present time: `now` decides whether it is at risk or breached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Glance {
    pub state: GlanceState,
    /// What it measures.
    pub metric: Option<Metric>,
    /// When its target is used up if it runs on, in ms since 1970.
    pub due: Option<i64>,
    /// After this it is breached: `due`, or when its calendar next opens (met on the boundary, so a night does not count).
    pub late: Option<i64>,
    /// From when on it is at risk.
    pub risk: Option<i64>,
    /// What is left of it while it is paused, in ms of its calendar; negative when overdue.
    pub left: Option<i64>,
}

/// Where the clock that matters most stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum GlanceState {
    /// No target applies.
    #[default]
    None,
    Running,
    Paused,
    Met,
    Breached,
}

/// The course of a change, times in whole milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub of: ChangeType,
    pub risk: Option<Name>,
    pub outcome: Option<Name>,
    /// As it is planned.
    pub starts: Option<Timestamp>,
    pub ends: Option<Timestamp>,
    /// As it was.
    pub began: Option<Timestamp>,
    pub ended: Option<Timestamp>,
}

impl Course {
    fn of(ticket: &Ticket) -> Self {
        let name = |field| Some(ticket.text(&field)).filter(|text| !text.is_empty()).map(Name::new);
        let time = |field| ticket.time(&field).map(whole_ms);
        Self {
            of: ChangeType::of(ticket),
            risk: name(Field::Risk),
            outcome: name(Field::Outcome),
            starts: time(Field::PlannedStart),
            ends: time(Field::PlannedEnd),
            began: time(Field::ActualStart),
            ended: time(Field::ActualEnd),
        }
    }

    pub fn planned(&self) -> Option<Span> {
        self.starts.zip(self.ends).and_then(|(start, end)| Span::new(start, end))
    }

    fn values(&self) -> impl Iterator<Item = (Field, Option<Value>)> {
        let time = |at: Option<Timestamp>| at.map(Value::Time);
        let name = |name: &Option<Name>| name.clone().map(Value::Name);
        [
            (Field::ChangeType, Some(Value::name(self.of.as_str()))),
            (Field::Risk, name(&self.risk)),
            (Field::Outcome, name(&self.outcome)),
            (Field::PlannedStart, time(self.starts)),
            (Field::PlannedEnd, time(self.ends)),
            (Field::ActualStart, time(self.began)),
            (Field::ActualEnd, time(self.ended)),
        ]
        .into_iter()
    }
}

impl Summary {
    /// The row of this ticket under these promises, its times in whole milliseconds. Needs the timeline.
    pub fn of(ticket: &Ticket, policy: &Policy, matrix: &Matrix) -> Self {
        let name = |field| Some(ticket.text(&field)).filter(|text| !text.is_empty()).map(Name::new);
        let flag = |field| ticket.flag(&field);
        let priority = matrix.of(ticket);
        let clocks = sla::evaluate(policy, &facts(ticket, matrix));
        Self {
            id: ticket.id.clone(),
            kind: ticket.kind,
            state: ticket.state,
            revision: ticket.revision,
            title: Clean::line(ticket.title()),
            impact: ticket.said(&Field::Impact),
            urgency: ticket.said(&Field::Urgency),
            priority: priority.effective(),
            priority_overridden: priority.by_hand.is_some(),
            category: name(Field::Category),
            group: name(Field::Group),
            owner: ticket.owner.clone(),
            accepted: ticket.accepted,
            offered_to: ticket.offer.as_ref().map(|offer| offer.to.name().clone()),
            caller: name(Field::Caller),
            service: name(Field::Service),
            asset: name(Field::Asset),
            location: name(Field::Location),
            channel: name(Field::Channel),
            hold: (ticket.state == State::OnHold).then(|| HoldReason::parse(ticket.text(&Field::HoldReason))).flatten(),
            opened: whole_ms(ticket.opened),
            updated: whole_ms(ticket.updated),
            responded: ticket.responded.map(whole_ms),
            resolved: ticket.resolved.map(whole_ms),
            closed: ticket.closed.map(whole_ms),
            glance: sla::glance(&clocks),
            update_due: update_due(ticket, &clocks).map(whole_ms),
            review: review(ticket).map(whole_ms),
            awaits_reply: ticket.state.is_open() && ticket.last_heard > ticket.last_public,
            reopens: ticket.reopens,
            reassignments: ticket.reassignments,
            links: u32::try_from(ticket.links.len()).unwrap_or(u32::MAX),
            escalated: !ticket.escalations.is_empty(),
            major: flag(Field::Major),
            known_error: flag(Field::KnownError),
            shallow: false,
            caused_by: ticket.links.iter().find(|link| link.how == LinkKind::CausedBy).map(|link| link.other.clone()),
            course: (ticket.kind == Kind::Change).then(|| Course::of(ticket)),
            custom: custom(ticket),
        }
    }
}

/// The earliest of what somebody promised and what the desk owes anyway.
fn update_due(ticket: &Ticket, clocks: &[sla::Clock]) -> Option<Timestamp> {
    if !ticket.state.is_open() {
        return None;
    }
    let by_clock = clocks.iter().filter(|clock| clock.metric() == Metric::Update).filter_map(|clock| clock.due).min();
    // What is promised and not yet said stays due whatever the time is.
    let promised = ticket.get(&Field::PromisedUpdate).and_then(|_| promise::next_due(ticket, Timestamp::MAX));
    promised.into_iter().chain(by_clock).min()
}

/// The fields of problems, and of incidents that hang on one, that rows keep beside those of a desk alone.
pub const RARE: [Field; 4] = [Field::Level, Field::Domain, Field::Trigger, Field::WorkaroundGiven];

fn review(ticket: &Ticket) -> Option<Timestamp> {
    let borne = || ticket.text(&Field::Outcome) == choices::RISK_ACCEPTED;
    match ticket.state {
        _ if ticket.kind != Kind::Problem => None,
        state if state.is_open() => ticket.time(&Field::NextReview),
        State::Closed if !borne() => None,
        State::Cancelled => None,
        _ => ticket.time(&Field::ReviewDate),
    }
}

/// What lists tell even where they are shallow.
const fn is_told(field: &Field) -> bool {
    use Field::{Caller, Group, HoldReason, PriorityOverride, Title};
    matches!(field, Title | Group | Caller | HoldReason | PriorityOverride)
}

fn custom(ticket: &Ticket) -> Vec<(Name, Name)> {
    ticket
        .fields
        .iter()
        .filter_map(|(field, value)| match field {
            Field::Custom(name) => Some((name.clone(), Name::new(&value.to_string()))),
            field if RARE.contains(field) => Some((Name::new(field.name()), Name::new(&value.to_string()))),
            _ => None,
        })
        .collect()
}

/// The instant without what is below a millisecond: as rows keep it.
fn whole_ms(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

impl Ticket {
    /// A ticket that knows what its row knows: enough to apply changes to, without words and timeline.
    pub fn of_row(row: &Summary) -> Self {
        let mut ticket = Self::blank(row.id.clone(), row.kind, row.owner.clone(), row.opened);
        ticket.lay(row);
        ticket
    }

    /// Lays what a row knows over this ticket: the row may be newer, or show acts that are under way.
    pub fn lay(&mut self, row: &Summary) {
        (self.state, self.accepted, self.updated) = (row.state, row.accepted, row.updated);
        (self.owner, self.revision) = (row.owner.clone(), row.revision);
        (self.responded, self.resolved, self.closed) = (row.responded, row.resolved, row.closed);
        for (field, value) in row.values() {
            match value {
                Some(value) => self.fields.insert(field, value),
                None => self.fields.remove(&field),
            };
        }
        let held = self.offer.as_ref().map(|offer| offer.to.name());
        if held != row.offered_to.as_ref() {
            let offer = |to: &Name| Offer {
                by: row.owner.clone(),
                to: Party::Person(to.clone()),
                at: row.updated,
                expires: None,
            };
            self.offer = row.offered_to.as_ref().map(offer);
        }
    }
}

impl Summary {
    /// The fields that a row knows, with their values. What is not set in a shallow row is not known, and left out.
    pub fn values(&self) -> Vec<(Field, Option<Value>)> {
        let name = |name: &Option<Name>| name.clone().map(Value::Name);
        let level = |level: u8| (level > 0).then_some(Value::Number(level.into()));
        let mut values = vec![
            (Field::Title, Some(Value::Text(self.title.clone()))),
            (Field::Impact, level(self.impact)),
            (Field::Urgency, level(self.urgency)),
            (Field::PriorityOverride, if self.priority_overridden { level(self.priority) } else { None }),
            (Field::Category, name(&self.category)),
            (Field::Group, name(&self.group)),
            (Field::Caller, name(&self.caller)),
            (Field::Service, name(&self.service)),
            (Field::Asset, name(&self.asset)),
            (Field::Location, name(&self.location)),
            (Field::Channel, name(&self.channel)),
            (Field::HoldReason, self.hold.map(|hold| Value::name(hold.as_str()))),
            (Field::Major, self.major.then_some(Value::Flag(true))),
            (Field::KnownError, self.known_error.then_some(Value::Flag(true))),
        ];
        values.extend(self.course.iter().flat_map(Course::values));
        let field = |name: &Name| Field::parse(name).unwrap_or_else(|| Field::Custom(name.clone()));
        let waits = |name: &Name| crate::domain::waits::ALL.contains(&name.as_str());
        let custom = self.custom.iter().filter(|(name, _)| !waits(name));
        values.extend(custom.map(|(name, value)| (field(name), Some(Value::Name(value.clone())))));
        if self.kind == Kind::Problem && self.state.is_open() {
            values.push((Field::NextReview, self.review.map(Value::Time)));
        }
        if self.shallow {
            values.retain(|(field, value)| value.is_some() || is_told(field));
        }
        values
    }
}
