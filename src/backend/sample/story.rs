//! The telling of one ticket: acts in the order of time, each a few changes. What a change found there comes from
//! `Ticket::apply`, so no event contradicts the one before it.

use jiff::Timestamp;

use crate::backend::sample::days::Seconds;
use crate::backend::sample::rng::Rng;
use crate::backend::sample::slots::Slots;
use crate::domain::approval::ApprovalStep;
use crate::domain::change::{
    Audience, Change, Escalation, EscalationKind, Event, Handover, LadderStep, Link, OpKey, Party,
};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;
use crate::domain::major::MajorStep;
use crate::domain::name::{Name, TicketId};
use crate::domain::proposal::ProposalStep;
use crate::domain::state::{State, Verb};
use crate::domain::task::TaskStep;
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// One ticket while it is told.
#[derive(Debug)]
pub(super) struct Story<'a> {
    pub(super) ticket: Ticket,
    pub(super) rng: Rng,
    pub(super) slots: Slots<'a>,
    pub(super) events: Vec<Event>,
    /// Nothing happens later than this.
    now: Seconds,
    at: Timestamp,
    second: Seconds,
    actor: Name,
    key: OpKey,
    acts: u32,
    /// Where the events of the present act begin.
    begun: usize,
    used: Vec<*const str>,
}

/// A link that another ticket's act may have made: `(when, by whom, key of the act, link)`.
#[derive(Debug, Clone)]
pub(super) struct Tie {
    pub(super) at: Seconds,
    pub(super) actor: Name,
    pub(super) key: OpKey,
    pub(super) link: Link,
}

impl<'a> Story<'a> {
    /// Begins with the `Create`, by whom registered it.
    pub(super) fn begin(
        id: TicketId,
        kind: Kind,
        state: State,
        times: (Seconds, Seconds, Seconds),
        registrar: &Name,
        (rng, slots): (Rng, Slots<'a>),
    ) -> Self {
        let (opened, created, now) = times;
        let opened = stamp(opened);
        let mut story = Self {
            ticket: Ticket::blank(id, kind, registrar.clone(), opened),
            rng,
            slots,
            events: Vec::with_capacity(24),
            now,
            at: opened,
            second: 0,
            actor: registrar.clone(),
            key: OpKey(String::new()),
            acts: 0,
            begun: 0,
            used: Vec::new(),
        };
        story.act(created, registrar);
        story.push(Change::Create { kind, state, opened });
        story
    }

    /// A new act: never before the last one, never after now.
    pub(super) fn act(&mut self, at: Seconds, actor: &Name) {
        self.arrange();
        self.second = at.min(self.now).max(self.second);
        self.at = stamp(self.second);
        if self.actor != *actor {
            self.actor = actor.clone();
        }
        self.acts += 1;
        self.key = OpKey(format!("sample-{}-{}", self.ticket.id, self.acts));
    }

    /// The events of an act stand in the order in which a desk records them.
    fn arrange(&mut self) {
        if let Some(act) = self.events.get_mut(self.begun..) {
            act.sort_by_key(|event| rank(&event.change));
        }
        self.begun = self.events.len();
    }

    /// When the last act was.
    pub(super) fn last(&self) -> Seconds {
        self.second
    }

    fn push(&mut self, change: Change) {
        let event =
            Event { seq: 0, actor: self.actor.clone(), at: self.at, stored: self.at, op: self.key.clone(), change };
        self.ticket.apply(&event);
        // Who registered it is asked of its first event.
        if matches!(event.change, Change::Create { .. }) {
            self.ticket.timeline.push(event.clone());
        }
        self.events.push(event);
    }

    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    pub(super) fn approval(&mut self, step: ApprovalStep) {
        self.push(Change::Approval { step });
    }

    pub(super) fn propose(&mut self, changes: Vec<Change>, reason: &str) {
        let reason = Clean::line(reason);
        self.push(Change::Proposal { step: ProposalStep::Make { changes, reason } });
    }

    pub(super) fn task(&mut self, step: TaskStep) {
        self.push(Change::Task { step });
    }

    pub(super) fn set(&mut self, field: Field, to: Value) {
        let to = match (field.shape(), to) {
            (Shape::Text | Shape::Lines, Value::Name(name)) => Value::text(&name),
            (_, to) => to,
        };
        let from = self.ticket.get(&field).cloned();
        if from.as_ref() != Some(&to) {
            self.push(Change::Set { field, from, to: Some(to) });
        }
    }

    pub(super) fn clear(&mut self, field: Field) {
        if let Some(from) = self.ticket.get(&field).cloned() {
            self.push(Change::Set { field, from: Some(from), to: None });
        }
    }

    pub(super) fn name(&mut self, field: Field, value: &Name) {
        self.set(field, Value::Name(value.clone()));
    }

    pub(super) fn word(&mut self, field: Field, value: &str) {
        self.set(field, Value::name(value));
    }

    pub(super) fn time(&mut self, field: Field, value: Seconds) {
        self.set(field, Value::Time(stamp(value)));
    }

    pub(super) fn number(&mut self, field: Field, value: u32) {
        self.set(field, Value::Number(i64::from(value)));
    }

    /// A text with its slots filled, as a field of one line.
    pub(super) fn line(&mut self, field: Field, text: &str) {
        let text = self.slots.fill(text, &mut self.rng);
        self.set(field, Value::Text(Clean::line(&text)));
    }

    /// A title begins with a capital, whatever fills its first slot.
    pub(super) fn title(&mut self, text: &str) {
        let text = self.slots.fill(text, &mut self.rng);
        let mut rest = text.chars();
        let text: String = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect();
        self.set(Field::Title, Value::Text(Clean::line(&text)));
    }

    pub(super) fn text(&mut self, field: Field, text: &str) {
        let text = self.slots.fill(text, &mut self.rng);
        self.set(field, Value::text(&text));
    }

    pub(super) fn say(&mut self, audience: Audience, text: &str) {
        let text = Clean::body(&self.slots.fill(text, &mut self.rng));
        self.push(Change::Say { audience, text });
    }

    pub(super) fn note(&mut self, text: &str) {
        self.say(Audience::Internal, text);
    }

    pub(super) fn reply(&mut self, text: &str) {
        self.say(Audience::Public, text);
    }

    pub(super) fn heard(&mut self, from: &Name, text: &str) {
        let text = Clean::body(&self.slots.fill(text, &mut self.rng));
        self.push(Change::Heard { from: from.clone(), text });
    }

    /// What was said last, on one line.
    pub(super) fn said(&self) -> Clean {
        match self.events.last().map(|event| &event.change) {
            Some(Change::Say { text, .. }) => Clean::line(text),
            _ => Clean::default(),
        }
    }

    /// A step; one that leads nowhere is no step.
    pub(super) fn go(&mut self, verb: Verb, to: State) {
        let from = self.ticket.state;
        if from != to {
            self.push(Change::Move { verb, from, to });
        }
    }

    pub(super) fn accept(&mut self, by: &Name) {
        if !self.ticket.accepted || self.ticket.owner != *by {
            self.push(Change::Handover { step: Handover::Accept { by: by.clone() } });
        }
    }

    pub(super) fn offer(&mut self, to: Party, reason: &str, expires: Option<Seconds>) {
        let reason = Clean::line(&self.slots.fill(reason, &mut self.rng));
        self.push(Change::Handover { step: Handover::Offer { to, reason, expires: expires.map(stamp) } });
    }

    pub(super) fn handover(&mut self, step: Handover) {
        self.push(Change::Handover { step });
    }

    pub(super) fn escalate(&mut self, kind: EscalationKind, to: Party, reason: &str, detail: &str) {
        let reason = Clean::line(&self.slots.fill(reason, &mut self.rng));
        let detail = Clean::body(&self.slots.fill(detail, &mut self.rng));
        // The rung that goes to the manager of the group at three quarters of the time.
        let step = (kind == EscalationKind::TimeBased)
            .then(|| LadderStep { rule: Name::new("resolution running out"), number: 2 });
        self.push(Change::Escalate { escalation: Escalation { kind, to, reason, detail, step } });
    }

    pub(super) fn major(&mut self, step: MajorStep) {
        self.push(Change::Major { step });
    }

    /// A text of the sample with its gaps filled.
    pub(super) fn filled(&mut self, text: &str) -> Clean {
        Clean::line(&self.slots.fill(text, &mut self.rng))
    }

    pub(super) fn acknowledge(&mut self, kind: EscalationKind) {
        self.push(Change::Acknowledge { kind });
    }

    /// One of these texts, none of them twice in a ticket while there are others.
    pub(super) fn one_of(&mut self, texts: &'a [String]) -> Option<&'a str> {
        let start = self.rng.below(texts.len());
        let fresh = (0..texts.len())
            .filter_map(|step| texts.get((start + step) % texts.len()))
            .find(|text| !self.used.contains(&std::ptr::from_ref::<str>(text.as_str())));
        let chosen = fresh.or_else(|| texts.get(start))?;
        self.used.push(std::ptr::from_ref::<str>(chosen.as_str()));
        Some(chosen)
    }

    /// Like `one_of`, but silent when all were used.
    pub(super) fn fresh(&mut self, texts: &'a [String]) -> Option<&'a str> {
        let all_used = texts.iter().all(|text| self.used.contains(&std::ptr::from_ref::<str>(text.as_str())));
        if all_used { None } else { self.one_of(texts) }
    }

    /// The events, with the ties to other tickets put in where they belong in time.
    pub(super) fn end(mut self, ties: &[Tie]) -> (TicketId, Vec<Event>) {
        self.arrange();
        let mut events = self.events;
        let first = events.first().map_or(self.second, |event| event.at.as_second());
        for tie in ties {
            let at = stamp(tie.at.min(self.now).max(first));
            let place = events.partition_point(|event| event.at <= at).max(1);
            let change = Change::Link { link: tie.link.clone() };
            let event = Event { seq: 0, actor: tie.actor.clone(), at, stored: at, op: tie.key.clone(), change };
            events.insert(place, event);
        }
        (self.ticket.id, events)
    }
}

/// Fields, links, state, ownership, escalations, words.
fn rank(change: &Change) -> u8 {
    match change {
        Change::Create { .. } | Change::Stamp { .. } => 0,
        Change::Set { .. } => 1,
        Change::Link { .. } | Change::Unlink { .. } => 2,
        // What an act does to tasks stands before its step, what the step brings after it: as they were told.
        Change::Task { .. } | Change::Approval { .. } | Change::Major { .. } | Change::Proposal { .. } => 3,
        Change::Move { .. } => 3,
        Change::Handover { .. } => 4,
        Change::Escalate { .. } | Change::Acknowledge { .. } => 5,
        Change::Say { .. } | Change::Heard { .. } => 6,
    }
}

/// Whole seconds as an instant; far outside of time there is only its edge.
pub(super) fn stamp(second: Seconds) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
