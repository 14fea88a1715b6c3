//! May this proposal be made or answered, and what does it come to?
//!
//! A proposal is an act above one's level, kept on its ticket. Whoever may do it accepts it, and it is done in the same
//! act under that person's rights; both names stay in the record.

use super::{Draft, Related, Rules, decide};
use crate::domain::change::{Change, Op};
use crate::domain::gate::{self, Gate};
use crate::domain::name::Name;
use crate::domain::proposal::{Proposal, ProposalNumber, ProposalState, ProposalStep};
use crate::domain::refusal::{Refusal, Sort};
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// The act with what it accepts written out; none where it accepts nothing.
pub(super) fn written_out(before: &Ticket, op: &Op) -> Option<Op> {
    let number = accepted(op)?;
    let held = before.proposals.iter().find(|held| held.number == number)?;
    let changes = held.changes.iter().chain(&op.changes).cloned().collect();
    Some(Op { changes, ..op.clone() })
}

fn accepted(op: &Op) -> Option<ProposalNumber> {
    op.changes.iter().find_map(|change| match change {
        Change::Proposal { step: ProposalStep::Answer { number, how: ProposalState::Accepted, .. } } => Some(*number),
        _ => None,
    })
}

/// The ticket is not as it was when this was proposed, or what was proposed is no longer possible: said so.
pub(super) fn told(before: &Ticket, op: &Op, refusal: Refusal) -> Refusal {
    let moved = refusal.sort != Sort::Authority && !OWN.contains(&refusal.rule);
    match accepted(op).filter(|_| moved) {
        Some(number) => Refusal {
            message: format!("Proposal {number} no longer fits. {}", refusal.message),
            way_out: format!("{} Or amend it, or decline it.", refusal.way_out),
            record: before.id.clone(),
            ..refusal
        },
        None => refusal,
    }
}

const WAITS: &str = "a proposal that waits";
const STALE: &str = "a proposal is for what it saw";
const FOUR_EYES: &str = "nobody accepts their own";
const OWN: [&str; 3] = [WAITS, STALE, FOUR_EYES];

impl Draft<'_> {
    pub(super) fn proposal(&mut self, step: &ProposalStep) -> Result<(), Refusal> {
        match step {
            ProposalStep::Make { changes, .. } => self.may_make(changes)?,
            ProposalStep::Answer { number, how, words } => self.may_answer(*number, *how, words)?,
        }
        self.record(Change::Proposal { step: step.clone() });
        Ok(())
    }

    /// What one may do oneself is done; what nobody may do, or what breaks another rule, is no proposal.
    fn may_make(&self, changes: &[Change]) -> Result<(), Refusal> {
        const RULE: &str = "a proposal is above one's level";
        let alone = self.op.changes.iter().all(|change| matches!(change, Change::Proposal { .. }));
        let plain = |change: &Change| !matches!(change, Change::Proposal { .. } | Change::Create { .. });
        if !alone || changes.is_empty() || !changes.iter().all(plain) {
            let message = "A proposal holds changes of this record, and comes alone.";
            return Err(self.no(RULE, message, "Propose one act at a time."));
        }
        match self.tried(self.who, changes) {
            Ok(()) => Err(self.no(RULE, "You may do this yourself.", "Do it.")),
            Err(refusal) if refusal.rule != gate::RULE => Err(refusal),
            Err(_) => self.somebody_may(changes),
        }
    }

    fn somebody_may(&self, changes: &[Change]) -> Result<(), Refusal> {
        let directory = &self.rules.directory;
        let mut first = None;
        for login in Gate::entitled(changes, &self.ticket, directory, self.who) {
            match self.tried(login, changes) {
                Ok(()) => return Ok(()),
                Err(refusal) => first = first.or(Some(refusal)),
            }
        }
        Err(first.unwrap_or_else(|| {
            self.no(
                "a proposal finds somebody",
                "Nobody on this desk may do this either.",
                "Ask a manager of the desk.",
            )
        }))
    }

    /// The act as if that person did it now; nothing is kept of it.
    fn tried(&self, who: &Name, changes: &[Change]) -> Result<(), Refusal> {
        let op = Op { changes: changes.to_vec(), ..self.op.clone() };
        let (rules, related): (&Rules, Related<'_>) = (self.rules, self.related);
        decide(&self.ticket, &op, who, self.now, rules, related).map(drop)
    }

    fn may_answer(&self, number: ProposalNumber, how: ProposalState, words: &Clean) -> Result<(), Refusal> {
        let held = self.ticket.proposals.iter().find(|held| held.number == number);
        let Some(held) = held.filter(|held| held.state == ProposalState::Waiting) else {
            let message = match held {
                None => format!("It has no proposal {number}."),
                Some(held) => format!("Proposal {number} is {}.", held.state),
            };
            return Err(self.no(WAITS, message, "Look at its timeline."));
        };
        let mine = held.by == *self.who;
        match how {
            ProposalState::Waiting => {
                Err(self.no(WAITS, "That is no answer.", "Accept, amend, decline or withdraw it."))
            }
            ProposalState::Withdrawn if mine => Ok(()),
            ProposalState::Withdrawn => {
                let by = self.rules.directory.display(&held.by);
                Err(self.not_yours(WAITS, format!("Proposal {number} is by {by}."), "Accept, amend or decline it."))
            }
            _ if mine => {
                let message = "It is your own proposal.";
                Err(self.not_yours(FOUR_EYES, message, "Leave it to those who may, or withdraw it."))
            }
            ProposalState::Accepted => Ok(()),
            ProposalState::Amended => self.amends(),
            ProposalState::Declined => self.declines(held, words),
        }
    }

    /// Something else is done in its place, in the same act.
    fn amends(&self) -> Result<(), Refusal> {
        let does = |change: &Change| !matches!(change, Change::Proposal { .. } | Change::Say { .. });
        if self.op.changes.iter().any(does) {
            return Ok(());
        }
        Err(self.no(
            "an amended proposal is done",
            "Nothing is done in its place.",
            "Say what is to be done, or decline it.",
        ))
    }

    /// By somebody who could have accepted it, with a reason.
    fn declines(&self, held: &Proposal, words: &Clean) -> Result<(), Refusal> {
        let directory = &self.rules.directory;
        for gate in held.changes.iter().flat_map(|change| Gate::of_change(change, &self.ticket, self.who)) {
            gate.check(self.who, directory, &self.ticket.id)?;
        }
        if words.trim().is_empty() {
            return Err(self.no("a no says why", "It is declined without a word.", "Say why."));
        }
        Ok(())
    }

    /// What is accepted is what was seen: whatever moved on since is said, and nothing is done.
    pub(super) fn still_fits(&self) -> Result<(), Refusal> {
        let Some(number) = accepted(self.op) else { return Ok(()) };
        let Some(held) = self.ticket.proposals.iter().find(|held| held.number == number) else { return Ok(()) };
        if held.state != ProposalState::Waiting {
            return Err(self.no(WAITS, format!("Proposal {number} is {}.", held.state), "Look at its timeline."));
        }
        let moved = held.stale(&self.ticket);
        if moved.is_empty() {
            return Ok(());
        }
        let message = format!("It has moved on since proposal {number} was made: {}.", moved.join(", "));
        Err(self.no(STALE, message, "Amend it, or decline it."))
    }
}
