//! May this step of the major facet be taken? Source: the candidate, accept, demote and close rules of ServiceNow's major
//! incident management.

use super::Draft;
use crate::domain::change::{Change, Handover, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::gate::Gate;
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::major::review::PARTS;
use crate::domain::major::{Major, MajorState, MajorStep};
use crate::domain::ownership;
use crate::domain::refusal::Refusal;
use crate::domain::state::{HoldReason, State, Verb};
use crate::text::Clean;

const ACCEPTED: &str = "a major incident was accepted";

impl Draft<'_> {
    pub(super) fn facet(&mut self, step: &MajorStep) -> Result<(), Refusal> {
        match step {
            MajorStep::Propose { reason, impact } => self.may_propose(reason, impact)?,
            MajorStep::Accept => return self.accept_major(),
            MajorStep::Reject { reason } => self.may_reject(reason)?,
            MajorStep::Demote { reason } => return self.demote(reason),
            MajorStep::Close => self.may_close_major()?,
            MajorStep::Appoint { who, .. } => {
                self.live()?;
                who.iter().try_for_each(|login| self.person(login))?;
            }
            MajorStep::Bridge { .. } => drop(self.live()?),
            MajorStep::Join { who } | MajorStep::Leave { who } => {
                self.live()?;
                self.person(who)?;
            }
            MajorStep::Tell { audience, text } => {
                self.of_audience(audience)?;
                self.worded(text, "Nothing is said.", "Write what they are to know.")?;
            }
            MajorStep::Skip { audience } => self.may_skip(audience)?,
            MajorStep::Write { text, .. } => {
                self.unclosed()?;
                self.worded(text, "The line is empty.", "Write what happened.")?;
            }
            MajorStep::Restored { at } => self.may_restore(*at)?,
            MajorStep::Review { part, text } => self.may_review(part, text)?,
        }
        self.record(Change::Major { step: step.clone() });
        Ok(())
    }

    /// The mark by hand is the facet in short: set, it is proposed and accepted at once; taken away, it is demoted.
    pub(super) fn declared(&mut self) -> Result<(), Refusal> {
        let by_steps = |c: &Change| matches!(c, Change::Major { step: MajorStep::Accept | MajorStep::Demote { .. } });
        if self.op.changes.iter().any(by_steps) {
            return Ok(());
        }
        let marked = self.ticket.flag(&Field::Major);
        let state = self.ticket.major.as_ref().filter(|held| held.is_live()).map(|held| held.state);
        match (marked, state) {
            (true, None) if self.ticket.kind == Kind::Incident && self.ticket.state.is_open() => {
                let (reason, impact) = (Clean::line("Declared by hand."), Clean::line("Not said yet."));
                self.record(Change::Major { step: MajorStep::Propose { reason, impact } });
                self.accept_major()
            }
            (true, Some(MajorState::Proposed)) => self.accept_major(),
            (false, Some(MajorState::Accepted)) => {
                self.end_major(&Clean::line("Its mark was taken away."));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn may_propose(&self, reason: &Clean, impact: &Clean) -> Result<(), Refusal> {
        const RULE: &str = "a candidate has a reason and an impact";
        let ticket = &self.ticket;
        if ticket.kind != Kind::Incident {
            let message = format!("A {} is no major incident.", ticket.kind);
            return Err(self.no("major incidents are incidents", message, "Raise an incident for it."));
        }
        let child = ticket.links.iter().any(|link| link.how == LinkKind::ChildOf);
        if child || !ticket.state.is_open() {
            let message = "A major incident is open and nobody's child.";
            let way_out = "Propose the parent, or raise a new one.";
            return Err(self.no("major incidents are open parents", message, way_out));
        }
        if let Some(held) = ticket.major.as_ref().filter(|held| held.is_live()) {
            return Err(self.no("proposed once", format!("It is {} already.", held.state), "Go on with it."));
        }
        if reason.trim().is_empty() || impact.trim().is_empty() {
            let message = "It does not say why, or what it costs the business.";
            return Err(self.no(RULE, message, "Give the reason and the impact on the business."));
        }
        Ok(())
    }

    /// The one who accepts owns it from then on.
    fn accept_major(&mut self) -> Result<(), Refusal> {
        Gate::DeclareMajor.check(self.who, &self.rules.directory, &self.ticket.id)?;
        self.standing(MajorState::Proposed)?;
        if !self.ticket.state.is_open() {
            return Err(self.no("major incidents are open parents", "It is open no more.", "Reopen it first."));
        }
        let waits = lifecycle::held(&self.ticket, &Field::HoldReason) == HoldReason::Caller.as_str();
        if self.ticket.state == State::OnHold && waits {
            let message = "A major incident does not wait for its caller.";
            return Err(self.no("hold needs a reason", message, "Resume it first."));
        }
        self.record(Change::Major { step: MajorStep::Accept });
        self.flag(true);
        let step = Handover::Accept { by: self.who.clone() };
        let brings = |c: &Change| matches!(c, Change::Handover { step: Handover::Accept { .. } });
        let takes = !self.op.changes.iter().any(brings) && (self.ticket.owner != *self.who || !self.ticket.accepted);
        if takes && ownership::check(&self.ticket, &step, self.who, self.now, &self.rules.directory).is_ok() {
            self.record(Change::Handover { step });
        } else if takes {
            // Somebody else's: the manager of the incident takes it over, and both names stand in the record.
            let reason = Clean::line(ACCEPTED);
            let step = Handover::Force { by: self.who.clone(), to: self.who.clone(), reason };
            self.record(Change::Handover { step });
        }
        Ok(())
    }

    fn may_reject(&self, reason: &Clean) -> Result<(), Refusal> {
        Gate::DeclareMajor.check(self.who, &self.rules.directory, &self.ticket.id)?;
        self.standing(MajorState::Proposed)?;
        self.worded(reason, "It is rejected without a word.", "Say why.")
    }

    fn demote(&mut self, reason: &Clean) -> Result<(), Refusal> {
        Gate::DeclareMajor.check(self.who, &self.rules.directory, &self.ticket.id)?;
        self.standing(MajorState::Accepted)?;
        self.worded(reason, "It is demoted without a word.", "Say why.")?;
        self.end_major(reason);
        Ok(())
    }

    /// The incident stays as it is; its facet ends.
    fn end_major(&mut self, reason: &Clean) {
        self.record(Change::Major { step: MajorStep::Demote { reason: reason.clone() } });
        self.flag(false);
    }

    /// A cancelled incident takes its facet along, which is only for those who may end it; one that is closed has been
    /// reviewed.
    pub(super) fn facet_follows(&mut self, verb: Verb) -> Result<(), Refusal> {
        let Some(state) = self.ticket.major.as_ref().filter(|held| held.is_live()).map(|held| held.state) else {
            return Ok(());
        };
        match (verb, state) {
            (Verb::Cancel, _) => {
                Gate::DeclareMajor.check(self.who, &self.rules.directory, &self.ticket.id)?;
                self.end_major(&Clean::line("The incident was cancelled."));
            }
            (Verb::Close, MajorState::Accepted) => self.facet(&MajorStep::Close)?,
            (Verb::Resolve, MajorState::Accepted) => {
                let at = self.op.at;
                if self.ticket.major.as_ref().is_some_and(|held| held.restored.is_none()) {
                    self.record(Change::Major { step: MajorStep::Restored { at } });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn may_close_major(&self) -> Result<(), Refusal> {
        Gate::CloseMajor.check(self.who, &self.rules.directory, &self.ticket.id)?;
        let held = self.standing(MajorState::Accepted)?;
        if self.ticket.state.is_open() {
            return Err(self.no("a major incident is resolved first", "It is still open.", "Resolve it first."));
        }
        let missing: Vec<&str> = PARTS.iter().copied().filter(|part| !held.review.contains_key(*part)).collect();
        if !missing.is_empty() {
            let message = format!("Its review says nothing yet of: {}.", missing.join(", "));
            return Err(self.no("a review before the end", message, "Write the review; `major-review` does it."));
        }
        Ok(())
    }

    /// Once only: words that were left out are owed the next time.
    fn may_skip(&self, audience: &str) -> Result<(), Refusal> {
        let held = self.of_audience(audience)?;
        if held.words.iter().rev().find(|word| &*word.audience == audience).is_some_and(|word| word.text.is_empty()) {
            let message = format!("The last words to {audience} were left out already.");
            return Err(self.no("skip once", message, "Tell them something, if only that nothing is new."));
        }
        Ok(())
    }

    fn of_audience(&self, audience: &str) -> Result<&Major, Refusal> {
        if audience.trim().is_empty() {
            return Err(self.no("words have readers", "It is not said to whom.", "Name the audience."));
        }
        self.standing(MajorState::Accepted)
    }

    fn may_restore(&self, at: jiff::Timestamp) -> Result<(), Refusal> {
        self.live()?;
        if at > self.now.max(self.op.at) || at < self.ticket.opened {
            let message = "The service ran again between the first call and now.";
            return Err(self.no("a past instant", message, "Give another time."));
        }
        Ok(())
    }

    fn may_review(&self, part: &str, text: &Clean) -> Result<(), Refusal> {
        self.standing(MajorState::Accepted)?;
        if !PARTS.contains(&part) {
            let message = format!("A review has no part `{part}`.");
            return Err(self.no("the parts of a review", message, format!("Choose one of {}.", PARTS.join(", "))));
        }
        self.worded(text, "The part is empty.", "Write it.")
    }

    fn live(&self) -> Result<&Major, Refusal> {
        self.ticket.major.as_ref().filter(|held| held.is_live()).ok_or_else(|| {
            self.no("a major incident", "It is no major incident, nor proposed as one.", "Propose it first.")
        })
    }

    /// Accepted or ended by rejection: the log stays open until the facet is closed.
    fn unclosed(&self) -> Result<(), Refusal> {
        match &self.ticket.major {
            Some(held) if held.state != MajorState::Closed => Ok(()),
            _ => self.live().map(drop),
        }
    }

    fn standing(&self, wanted: MajorState) -> Result<&Major, Refusal> {
        let held = self.live()?;
        if held.state == wanted {
            return Ok(held);
        }
        let way_out = match wanted {
            MajorState::Proposed => "It is accepted or rejected once.",
            _ => "Accept it first.",
        };
        Err(self.no("the states of a major incident", format!("It is {}, not {wanted}.", held.state), way_out))
    }

    fn person(&self, login: &str) -> Result<(), Refusal> {
        if self.rules.directory.person(login).is_some() {
            return Ok(());
        }
        let message = format!("`{login}` is nobody of this desk.");
        Err(self.no("known to the desk", message, "Choose somebody whom it knows."))
    }

    fn worded(&self, text: &Clean, message: &str, way_out: &str) -> Result<(), Refusal> {
        if text.trim().is_empty() { Err(self.no("words", message, way_out)) } else { Ok(()) }
    }

    fn flag(&mut self, on: bool) {
        let from = self.ticket.get(&Field::Major).cloned();
        let to = on.then_some(Value::Flag(true));
        if from != to {
            self.record(Change::Set { field: Field::Major, from, to });
        }
    }
}
