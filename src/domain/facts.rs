//! What the clocks need to know of a ticket, read out of its timeline.
//!
//! Events of one act count together: a hold and its reason, an impact and an urgency are one step of the clocks,
//! whatever their order. Where a log gives its own figures ([`Change::Stamp`]), they win over the steps.

use std::iter::Peekable;

use jiff::Timestamp;

use crate::domain::change::{Audience, Change, Event, Mark as Figure};
use crate::domain::field::{Field, Value};
use crate::domain::priority::Matrix;
use crate::domain::sla::{Facts, Mark, MarkKind};
use crate::domain::state::{HoldReason, State};
use crate::domain::ticket::Ticket;

/// The marks of this ticket. Needs its timeline.
pub fn facts(ticket: &Ticket, matrix: &Matrix) -> Facts {
    let mut reader = Reader { matrix, marks: Vec::new(), standing: Standing::new(), responded: ticket.responded };
    let mut events = ticket.timeline.iter().peekable();
    while let Some(act) = next_act(&mut events) {
        reader.act(&act);
    }
    let mut marks = reader.marks;
    stamped(ticket, &mut marks);
    for (seq, mark) in (0..).zip(&mut marks) {
        mark.seq = seq;
    }
    Facts { opened: ticket.opened, created: ticket.created, marks }
}

fn next_act<'e>(events: &mut Peekable<std::slice::Iter<'e, Event>>) -> Option<Vec<&'e Event>> {
    let first = events.next()?;
    let mut act = vec![first];
    while let Some(event) = events.next_if(|event| event.op == first.op && event.at == first.at) {
        act.push(event);
    }
    Some(act)
}

/// The log's own figures: when it says that nothing was resolved, nothing was.
fn stamped(ticket: &Ticket, marks: &mut Vec<Mark>) {
    let figures =
        [(Figure::Resolved, MarkKind::Resolved, ticket.resolved), (Figure::Closed, MarkKind::Closed, ticket.closed)];
    for (figure, what, at) in figures {
        let is_given =
            ticket.timeline.iter().any(|event| matches!(event.change, Change::Stamp { mark, .. } if mark == figure));
        if !is_given {
            continue;
        }
        let last = marks.iter().rposition(|mark| mark.what == what);
        match (last, at) {
            (Some(last), Some(at)) => {
                if let Some(mark) = marks.get_mut(last) {
                    mark.at = at;
                }
            }
            (Some(last), None) => {
                marks.remove(last);
            }
            (None, Some(at)) => marks.push(Mark { at, seq: 0, what }),
            (None, None) => {}
        }
    }
}

/// What the clocks look at, as it stands between two acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    state: State,
    impact: Option<i64>,
    urgency: Option<i64>,
    by_hand: Option<i64>,
    reason: Option<HoldReason>,
}

impl Standing {
    fn new() -> Self {
        Self { state: State::New, impact: None, urgency: None, by_hand: None, reason: None }
    }

    fn priority(&self, matrix: &Matrix) -> u8 {
        let small = |n: i64| u8::try_from(n).ok();
        let level = |n: Option<i64>| n.and_then(small).unwrap_or(3);
        self.by_hand.and_then(small).unwrap_or_else(|| matrix.priority(level(self.impact), level(self.urgency)))
    }

    /// Why it waits; a wait whose reason nobody gave is for the caller.
    fn hold(&self) -> Option<HoldReason> {
        (self.state == State::OnHold).then(|| self.reason.unwrap_or(HoldReason::Caller))
    }

    fn set(&mut self, field: &Field, to: Option<&Value>) {
        let number = to.and_then(Value::as_number);
        match field {
            Field::Impact => self.impact = number,
            Field::Urgency => self.urgency = number,
            Field::PriorityOverride => self.by_hand = number,
            Field::HoldReason => self.reason = to.and_then(Value::as_str).and_then(HoldReason::parse),
            _ => {}
        }
    }
}

struct Reader<'a> {
    matrix: &'a Matrix,
    marks: Vec<Mark>,
    standing: Standing,
    /// When the ticket was answered, until that is marked.
    responded: Option<Timestamp>,
}

impl Reader<'_> {
    fn act(&mut self, act: &[&Event]) {
        let Some(first) = act.first() else { return };
        let (at, before, is_first) = (first.at, self.standing, self.marks.is_empty());
        let mut steps = Vec::new();
        for event in act {
            self.event(event, &mut steps);
        }
        let (after, priority) = (self.standing, self.standing.priority(self.matrix));
        if is_first && let Change::Create { kind, .. } = first.change {
            self.mark(at, MarkKind::Kind(kind));
        }
        if is_first || priority != before.priority(self.matrix) {
            self.mark(at, MarkKind::Priority(priority));
        }
        if let Some(answered) = self.responded.take_if(|answered| *answered <= at) {
            self.mark(answered, MarkKind::Responded);
        }
        for step in steps {
            self.mark(at, step);
        }
        match after.hold() {
            Some(reason) if before.hold() != Some(reason) => self.mark(at, MarkKind::Hold(reason)),
            None if before.hold().is_some() && after.state.is_open() => self.mark(at, MarkKind::Resume),
            _ => {}
        }
    }

    fn mark(&mut self, at: Timestamp, what: MarkKind) {
        self.marks.push(Mark { at, seq: 0, what });
    }

    fn event(&mut self, event: &Event, steps: &mut Vec<MarkKind>) {
        match &event.change {
            Change::Create { state, .. } => self.standing.state = *state,
            Change::Set { field, to, .. } => self.standing.set(field, to.as_ref()),
            Change::Move { from, to, .. } => {
                self.standing.state = *to;
                if *from == State::OnHold {
                    // As the fold of the ticket does it: a wait that is over leaves no reason behind.
                    self.standing.reason = None;
                }
                steps.extend(step(*from, *to));
            }
            Change::Say { audience: Audience::Public, .. } => steps.push(MarkKind::PublicUpdate),
            Change::Heard { .. } => steps.push(MarkKind::CallerMessage),
            Change::Say { audience: Audience::Internal, .. }
            | Change::Link { .. }
            | Change::Unlink { .. }
            | Change::Handover { .. }
            | Change::Escalate { .. }
            | Change::Acknowledge { .. }
            | Change::Task { .. }
            | Change::Approval { .. }
            | Change::Major { .. }
            | Change::Proposal { .. }
            | Change::Stamp { .. } => {}
        }
    }
}

fn step(from: State, to: State) -> Option<MarkKind> {
    match to {
        State::Resolved | State::Fulfilled => Some(MarkKind::Resolved),
        State::Closed => Some(MarkKind::Closed),
        // A refused request is withdrawn as a cancelled one is: nobody owes its caller anything.
        State::Cancelled | State::Rejected => Some(MarkKind::Cancelled),
        _ if !from.is_open() => Some(MarkKind::Reopened),
        _ => None,
    }
}
