//! The one decision that the embedded desks ask for: may this act be done, what exactly is recorded, and what does it
//! do to other tickets.
//!
//! Pure. A desk looks up the ticket, asks [`decide`], stores what comes back in one transaction, and checks revisions
//! and keys itself. Imports do not come through here: they record what happened elsewhere.

mod approvals;
pub mod build;
mod changes;
mod effects;
mod fields;
mod links;
mod majors;
mod problems;
mod proposals;
mod register;
mod requests;
mod sweep;
mod tasks;
mod words;

use jiff::Timestamp;

use crate::domain::change::{Change, Event, Handover, Op, Target};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{self, Act, Says};
use crate::domain::name::{Name, TicketId};
use crate::domain::records::Records;
use crate::domain::refusal::Refusal;
pub use crate::domain::rules::{Periods, Rules};
use crate::domain::state::{State, Verb};
use crate::domain::ticket::Ticket;
use crate::domain::{escalation, ownership};
use crate::text::spaced;
pub use sweep::{due, falls_due};

/// What an allowed act does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// As they are recorded on the ticket, in this order; empty when everything stands already as asked.
    pub changes: Vec<Change>,
    /// What happens to other tickets with it: the other ends of links, children, what waited for this one.
    pub others: Vec<(TicketId, Vec<Change>)>,
}

/// The other tickets of the desk.
pub type Related<'a> = &'a dyn Records;

/// Decides on one act of `who`.
///
/// `before` is the ticket as stored, with its timeline; for `Target::New` it is a `Ticket::blank` that carries the id
/// which the desk is going to give. Within an act the order is fixed: fields, links, tasks and approvals, state, ownership, escalations,
/// words; each rule sees what the rest of the act brings. All or nothing.
///
/// # Errors
/// The first rule that says no. Revisions, idempotency and unknown targets are the desk's own to check.
pub fn decide(
    before: &Ticket,
    op: &Op,
    who: &Name,
    now: Timestamp,
    rules: &Rules,
    related: Related<'_>,
) -> Result<Decision, Refusal> {
    let written = proposals::written_out(before, op, related);
    let op = written.as_ref().unwrap_or(op);
    let mut desk = Draft::new(before, op, who, now, rules, related);
    let done = match op.target {
        Target::New(kind) => desk.may_raise(kind).and_then(|()| desk.register(kind)).and_then(|()| desk.run()),
        Target::Ticket(_) => desk.run(),
    };
    match (done, &op.target) {
        (Ok(()), _) => Ok(desk.finish()),
        (Err(refusal), Target::New(kind)) => Err(Refusal { record: TicketId::new(&format!("new {kind}")), ..refusal }),
        (Err(refusal), _) => Err(proposals::told(before, op, refusal)),
    }
}

/// An act under way: the ticket as it would stand, and what is going to be recorded.
struct Draft<'a> {
    op: &'a Op,
    who: &'a Name,
    now: Timestamp,
    rules: &'a Rules,
    related: Related<'a>,
    ticket: Ticket,
    says: Says,
    /// The group that it was in when the act began.
    group: Option<Value>,
    changes: Vec<Change>,
    others: effects::Others<'a>,
}

impl<'a> Draft<'a> {
    fn new(before: &Ticket, op: &'a Op, who: &'a Name, now: Timestamp, rules: &'a Rules, related: Related<'a>) -> Self {
        Self {
            op,
            who,
            now,
            rules,
            related,
            ticket: before.clone(),
            says: words::brought(&op.changes),
            group: before.get(&Field::Group).cloned(),
            changes: Vec::new(),
            others: effects::Others::new(&before.id, op, who, now, rules, related),
        }
    }

    fn run(&mut self) -> Result<(), Refusal> {
        let op = self.op;
        if op.at.duration_since(self.now) > self.rules.periods.skew {
            let message = "It is said to have been done in the future.";
            return Err(self.no("acts lie in the past", message, "Set the clock of this computer right."));
        }
        let created = op.changes.iter().any(|c| matches!(c, Change::Create { .. }));
        if created && matches!(op.target, Target::Ticket(_)) {
            return Err(self.no("a record begins once", "It exists already.", "Leave the creation out."));
        }
        self.still_fits()?;
        self.thaw()?;
        self.gated()?;
        for change in &op.changes {
            if let Change::Set { field, to, .. } = change {
                self.set(field, to.clone())?;
            }
        }
        self.declared()?;
        self.fields_agree()?;
        self.change_agrees()?;
        if matches!(op.target, Target::New(_)) {
            self.form_is_filled()?;
        }
        for change in &op.changes {
            match change {
                Change::Link { link } => self.link(link)?,
                Change::Unlink { link } => self.unlink(link),
                _ => {}
            }
        }
        for change in &op.changes {
            match change {
                Change::Task { step } => self.task(step)?,
                Change::Approval { step } => self.approval(step)?,
                Change::Major { step } => self.facet(step)?,
                Change::Proposal { step } => self.proposal(step)?,
                _ => {}
            }
        }
        // Who takes it and ends it in one act takes it while it is open; otherwise a step may open it first.
        let ends = op.changes.iter().any(|c| matches!(c, Change::Move { to, .. } if !to.is_open()));
        if ends {
            self.ownership()?;
        }
        for change in &op.changes {
            if let Change::Move { verb, to, .. } = change {
                self.step(*verb, Some(*to))?;
            }
        }
        self.resume_when_heard()?;
        if !ends {
            self.ownership()?;
        }
        for change in &op.changes {
            match change {
                Change::Escalate { escalation } => self.escalate(escalation)?,
                Change::Acknowledge { kind } => self.acknowledge(*kind)?,
                _ => {}
            }
        }
        for change in &op.changes {
            match change {
                Change::Say { audience, text } => self.say(*audience, text)?,
                Change::Heard { from, text } => self.hear(from, text)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(self) -> Decision {
        Decision { changes: self.changes, others: self.others.finish() }
    }

    fn no(&self, rule: &'static str, message: impl Into<String>, way_out: impl Into<String>) -> Refusal {
        Refusal::new(rule, &self.ticket.id, message, way_out)
    }

    /// Takes a change into the act; from here on every rule sees it done.
    fn record(&mut self, change: Change) {
        record(&mut self.ticket, change.clone(), self.op, self.who, self.now);
        self.changes.push(change);
    }

    fn act(&self) -> Act<'_> {
        Act {
            ticket: &self.ticket,
            who: self.who,
            now: self.now,
            says: self.says,
            accepts: self
                .op
                .changes
                .iter()
                .any(|c| matches!(c, Change::Handover { step: Handover::Accept { .. } | Handover::Force { .. } })),
            rules: self.rules,
            related: self.related,
        }
    }

    /// One step of the lifecycle with all that follows from it.
    fn step(&mut self, verb: Verb, wanted: Option<State>) -> Result<(), Refusal> {
        let from = self.ticket.state;
        let to = lifecycle::check(&self.act(), verb)?;
        if self.step_is_vote(verb)? {
            return Ok(());
        }
        if let Some(other) = wanted.filter(|wanted| *wanted != to) {
            let message = format!("`{verb}` leads to {}, not to {}.", lifecycle::words(to), lifecycle::words(other));
            return Err(self.no("lifecycle", message, "Look at it again: it may have moved meanwhile."));
        }
        if from == State::Cancelled {
            self.take_links_back();
            self.no_more_duplicate();
        }
        let again = matches!(verb, Verb::Reopen | Verb::Reanalyse);
        if again {
            self.clear(&[Field::ResolutionCode, Field::Resolution, Field::Verified, Field::CancelReason]);
        }
        if self.ticket.kind == Kind::Problem {
            self.problem_step(verb);
        }
        self.record(Change::Move { verb, from, to });
        self.facet_follows(verb)?;
        if matches!(verb, Verb::Hold | Verb::Cancel | Verb::Revert | Verb::Reject) {
            self.no_longer_asked(&lifecycle::words(to));
        }
        self.change_moved(verb);
        self.request_moves(verb)?;
        if again {
            for step in ownership::on_reopen(&self.ticket, self.now, &self.rules.directory) {
                self.record(Change::Handover { step });
            }
        }
        self.others.follow(&self.ticket, verb);
        Ok(())
    }

    /// Empties what belonged to the end that is taken back, unless this act sets it anew.
    fn clear(&mut self, fields: &[Field]) {
        for field in fields {
            let anew =
                self.op.changes.iter().any(|c| matches!(c, Change::Set { field: f, to: Some(_), .. } if f == field));
            if let Some(from) = self.ticket.get(field).cloned().filter(|_| !anew) {
                self.record(Change::Set { field: field.clone(), from: Some(from), to: None });
            }
        }
    }

    fn ownership(&mut self) -> Result<(), Refusal> {
        let op = self.op;
        for change in &op.changes {
            let Change::Handover { step } = change else { continue };
            let stale = self.ticket.offer.as_ref().is_some_and(|offer| ownership::ran_out(offer, self.now));
            if stale && matches!(step, Handover::Offer { .. } | Handover::Force { .. } | Handover::Absent { .. }) {
                self.hand_over(&Handover::Expire)?;
            }
            self.hand_over(step)?;
        }
        Ok(())
    }

    fn hand_over(&mut self, step: &Handover) -> Result<(), Refusal> {
        let directory = &self.rules.directory;
        ownership::check(&self.ticket, step, self.who, self.now, directory)?;
        let notice = ownership::notice(&self.ticket, step, directory);
        self.record(Change::Handover { step: step.clone() });
        if let Some(escalation) = notice {
            self.record(Change::Escalate { escalation });
        }
        Ok(())
    }

    fn escalate(&mut self, asked: &crate::domain::change::Escalation) -> Result<(), Refusal> {
        // It may go to its new group in the same act: what counts is where it comes from.
        let mut seen = self.ticket.clone();
        match &self.group {
            Some(group) => drop(seen.fields.insert(Field::Group, group.clone())),
            None => drop(seen.fields.remove(&Field::Group)),
        }
        escalation::check(&seen, asked, &self.rules.directory)?;
        self.record(Change::Escalate { escalation: asked.clone() });
        Ok(())
    }

    fn acknowledge(&mut self, kind: crate::domain::change::EscalationKind) -> Result<(), Refusal> {
        let waits = |e: &&crate::domain::ticket::Escalated| e.escalation.kind == kind;
        match self.ticket.escalations.iter().rev().find(waits) {
            None => Err(self.no(
                "acknowledge what was escalated",
                format!("There is no {} escalation to answer.", spaced(kind.as_str())),
                "Look at its timeline.",
            )),
            Some(held) if held.acknowledged.is_some() => Ok(()),
            Some(_) => {
                self.record(Change::Acknowledge { kind });
                Ok(())
            }
        }
    }
}

/// Applies a change as the event that it is going to be.
fn record(ticket: &mut Ticket, change: Change, op: &Op, who: &Name, now: Timestamp) {
    let seq = ticket.timeline.last().map_or(0, |event| event.seq) + 1;
    let event = Event { seq, actor: who.clone(), at: op.at, stored: now, op: op.key.clone(), change };
    ticket.apply(&event);
    ticket.timeline.push(event);
}
