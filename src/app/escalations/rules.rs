//! What the rules say of a ticket now: what they propose, and how far its ladders were climbed.

use std::collections::BTreeMap;

use crate::app::model::Model;
use crate::domain::change::{Change, EscalationKind, Event, Party};
use crate::domain::escalation::{self, At, ClockFacts, Progress, Proposal, Rule};
use crate::domain::field::Field;
use crate::domain::name::Name;
use crate::domain::sla::{self, Metric};
use crate::domain::ticket::Ticket;

/// What the rules propose for this ticket now, those on their way left out. Needs its timeline.
pub fn proposals(model: &Model, ticket: &Ticket) -> Vec<Proposal> {
    let ticket = with_pending(model, ticket);
    let facts = clock_facts(model, &ticket);
    escalation::propose(&model.settings.escalation, &ticket, &facts, &model.directory, model.now)
}

/// How far a rule of several steps has come with a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    pub rule: Name,
    pub steps: usize,
    pub progress: Progress,
    /// From when on the next step is due, and to whom it would go.
    pub next: Option<(At, Party)>,
}

/// The ladders that apply to this ticket or have been climbed. Needs its timeline.
pub fn ladders(model: &Model, ticket: &Ticket) -> Vec<Ladder> {
    let ticket = with_pending(model, ticket);
    let facts = clock_facts(model, &ticket);
    let rules = model.settings.escalation.0.iter().filter(|rule| rule.kind == EscalationKind::TimeBased);
    rules.filter_map(|rule| ladder(model, &ticket, &facts, rule)).collect()
}

fn ladder(model: &Model, ticket: &Ticket, facts: &ClockFacts, rule: &Rule) -> Option<Ladder> {
    let progress = escalation::progress(rule, ticket);
    let applies = ticket.state.is_open() && rule.when.holds(ticket, facts, &model.directory);
    if !applies && progress == Progress::Untouched {
        return None;
    }
    let above = match progress {
        Progress::Untouched => Some(0),
        Progress::Climbing(top) => Some(usize::from(top)),
        Progress::Acknowledged => None,
    };
    let rung = above.filter(|_| applies).and_then(|above| rule.rungs.get(above));
    let next = rung.and_then(|rung| Some((rung.at, rung.to.party(ticket, &model.directory)?)));
    Some(Ladder { rule: rule.name.clone(), steps: rule.rungs.len(), progress, next })
}

/// The ticket with the escalations that are on their way to the desk.
fn with_pending(model: &Model, ticket: &Ticket) -> Ticket {
    let mut shown = ticket.clone();
    for waiting in model.pending.named(ticket.id.as_str()) {
        let told = waiting.op.changes.iter();
        for change in told.filter(|c| matches!(c, Change::Escalate { .. } | Change::Acknowledge { .. })) {
            shown.apply(&Event::tried(&model.me, waiting.op.at, change.clone()));
        }
    }
    shown
}

fn clock_facts(model: &Model, ticket: &Ticket) -> ClockFacts {
    let by_hand = ticket.number(&Field::PriorityOverride).and_then(|n| u8::try_from(n).ok());
    let priority = by_hand.unwrap_or_else(|| model.settings.matrix.priority(ticket.impact(), ticket.urgency()));
    let facts = crate::domain::facts::facts(ticket, &model.settings.matrix);
    let runs = |clock: &sla::Clock| clock.started_at.is_some() && clock.stopped_at.is_none();
    let clocks = sla::evaluate(&model.settings.sla, &facts);
    let percents = clocks.iter().filter(|clock| runs(clock)).filter_map(|clock| {
        let reading = clock.at(model.now);
        let tenths = reading.percent().tenths().filter(|_| reading.paused_for.is_none())?;
        Some((clock.metric(), u32::try_from(tenths / 10).ok()?))
    });
    ClockFacts { priority, percents: percents.collect::<BTreeMap<Metric, u32>>() }
}
