//! May this proposal be made or answered, and what does it come to?
//!
//! A proposal is an act above one's level, kept on its ticket. Whoever may do it accepts it, and it is done in the same
//! act under that person's rights; both names stay in the record. One to raise a problem or a change is kept on a record
//! that it is linked to, and the act that raises it answers it there.

use super::{Draft, Related, Rules, decide};
use crate::domain::change::{Change, Op, Target};
use crate::domain::gate::Gate;
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::proposal::{Proposal, ProposalNumber, ProposalState, ProposalStep, raises};
use crate::domain::refusal::{Refusal, Sort};
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// The act with what it accepts written out; none where it accepts nothing.
pub(super) fn written_out(before: &Ticket, op: &Op, related: Related<'_>) -> Option<Op> {
    let raised = raised(op).filter(|raised| raised.how == ProposalState::Accepted);
    let from = raised.as_ref().and_then(|raised| related.ticket(raised.from));
    let number = raised.map(|raised| raised.number).or_else(|| accepted(op))?;
    let held = from.as_ref().unwrap_or(before).proposals.iter().find(|held| held.number == number)?;
    // What raises another record is done by raising it, never here.
    if raises(&held.changes).is_some() != from.is_some() {
        return None;
    }
    // A new record says nothing but what was proposed of it, and words.
    let plain = |change: &&Change| from.is_none() || matches!(change, Change::Proposal { .. } | Change::Say { .. });
    let changes = held.changes.iter().chain(op.changes.iter().filter(plain)).cloned().collect();
    Some(Op { changes, ..op.clone() })
}

fn accepted(op: &Op) -> Option<ProposalNumber> {
    op.changes.iter().find_map(|change| match change {
        Change::Proposal { step: ProposalStep::Answer { number, how: ProposalState::Accepted, .. } } => Some(*number),
        _ => None,
    })
}

/// The proposal of another record that a new one comes of.
struct Raised<'a> {
    from: &'a TicketId,
    number: ProposalNumber,
    how: ProposalState,
}

fn raised(op: &Op) -> Option<Raised<'_>> {
    op.changes.iter().find_map(|change| match change {
        Change::Proposal { step: ProposalStep::Raise { from, number, how, .. } } => {
            Some(Raised { from, number: *number, how: *how })
        }
        _ => None,
    })
}

/// The ticket is not as it was when this was proposed, or what was proposed is no longer possible: said so.
pub(super) fn told(before: &Ticket, op: &Op, refusal: Refusal) -> Refusal {
    let of_it = matches!(refusal.sort, Sort::Rule | Sort::Race);
    let moved = of_it && !OWN.contains(&refusal.rule);
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
            ProposalStep::Raise { from, number, how, words, .. } => {
                let by = self.proposed_by(from, *number)?;
                let (from, number, how, words) = (from.clone(), *number, *how, words.clone());
                let answer = ProposalStep::Answer { number, how, words: words.clone() };
                self.others.record(&from, Change::Proposal { step: answer });
                self.record(Change::Proposal { step: ProposalStep::Raise { from, number, by, how, words } });
                return Ok(());
            }
        }
        self.record(Change::Proposal { step: step.clone() });
        Ok(())
    }

    /// What one may do oneself is done; what nobody may do, or what breaks another rule, is no proposal.
    fn may_make(&self, changes: &[Change]) -> Result<(), Refusal> {
        const RULE: &str = "a proposal is above one's level";
        let alone = self.op.changes.iter().all(|change| matches!(change, Change::Proposal { .. }));
        let nested = changes.iter().any(|change| matches!(change, Change::Proposal { .. }));
        if !alone || changes.is_empty() || nested {
            let message = "A proposal holds changes of this record, or what is to be raised from it, and comes alone.";
            return Err(self.no(RULE, message, "Propose one act at a time."));
        }
        let joins = |change: &Change| matches!(change, Change::Link { link } if link.other == self.ticket.id);
        if raises(changes).is_some() && !changes.iter().any(joins) {
            let message = "What is to be raised has nothing to do with this record.";
            return Err(self.no(RULE, message, "Propose it on a record that it is linked to."));
        }
        match self.tried(self.who, changes) {
            Ok(()) => Err(self.no(RULE, "You may do this yourself.", "Do it.")),
            Err(refusal) if refusal.sort != Sort::Level => Err(refusal),
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
        let (rules, related): (&Rules, Related<'_>) = (self.rules, self.related);
        let op = Op { changes: changes.to_vec(), ..self.op.clone() };
        match raises(changes) {
            None => decide(&self.ticket, &op, who, self.now, rules, related).map(drop),
            Some(kind) => {
                let blank = Ticket::blank(TicketId::new("new"), kind, who.clone(), op.at);
                let op = Op { target: Target::New(kind), expect: None, ..op };
                decide(&blank, &op, who, self.now, rules, related).map(drop)
            }
        }
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
            ProposalState::Accepted | ProposalState::Amended => {
                self.is_of_this(held).and_then(|()| if how == ProposalState::Amended { self.amends() } else { Ok(()) })
            }
            ProposalState::Declined => self.declines(held, words),
        }
    }

    /// What raises another record is answered by raising it.
    fn is_of_this(&self, held: &Proposal) -> Result<(), Refusal> {
        let Some(kind) = raises(&held.changes) else { return Ok(()) };
        let message = format!("Proposal {} is to raise a {kind}.", held.number);
        Err(self.no("a proposal to raise is answered by raising", message, format!("Raise the {kind} from it.")))
    }

    /// A new record that comes of a proposal: one that waits, to raise such a record, of somebody else.
    pub(super) fn may_raise(&self, kind: Kind) -> Result<(), Refusal> {
        let Some(raised) = raised(self.op) else { return Ok(()) };
        let Raised { from, number, how } = raised;
        let source = self.related.ticket(from);
        let held = source.iter().flat_map(|ticket| &ticket.proposals).find(|held| held.number == number);
        let Some(held) = held.filter(|held| raises(&held.changes) == Some(kind)) else {
            let message = format!("{from} has no proposal {number} to raise a {kind}.");
            return Err(self.no(WAITS, message, "Look at its timeline."));
        };
        if held.state != ProposalState::Waiting {
            let message = format!("Proposal {number} of {from} is {}.", held.state);
            return Err(self.no(WAITS, message, "Look at its timeline."));
        }
        if held.by == *self.who {
            let message = "It is your own proposal.";
            return Err(self.not_yours(FOUR_EYES, message, "Leave it to those who may, or withdraw it."));
        }
        if matches!(how, ProposalState::Accepted | ProposalState::Amended) {
            return Ok(());
        }
        Err(self.no(WAITS, format!("What is {how} raises nothing."), "Accept or amend it."))
    }

    /// Whose proposal a new record comes of; an existing one comes of none.
    fn proposed_by(&self, from: &TicketId, number: ProposalNumber) -> Result<Name, Refusal> {
        let source = self.related.ticket(from).filter(|_| matches!(self.op.target, Target::New(_)));
        let held = source.and_then(|ticket| ticket.proposals.into_iter().find(|held| held.number == number));
        held.map(|held| held.by).ok_or_else(|| {
            self.no(WAITS, "Only a new record comes of a proposal to raise one.", "Answer the proposal where it is.")
        })
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
        for gate in Gate::of_act(&held.changes, &self.ticket, self.who) {
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
