//! May this step of an approval be taken, and what does it come to?

use super::Draft;
use crate::domain::approval::{Approval, ApprovalStep, Stage, Standing, Verdict};
use crate::domain::change::Change;
use crate::domain::name::Name;
use crate::domain::refusal::{Refusal, Sort};
use crate::text::Clean;

impl Draft<'_> {
    pub(super) fn approval(&mut self, step: &ApprovalStep) -> Result<(), Refusal> {
        let by_policy = self.asked_by_policy(step)?;
        let step = by_policy.as_ref().unwrap_or(step);
        match step {
            ApprovalStep::Ask { stages, expires, barred } => {
                let asked = self.request_asks(stages, *expires, barred)?;
                if let ApprovalStep::Ask { stages, .. } = &asked {
                    self.may_ask(stages)?;
                }
                self.record(Change::Approval { step: asked });
                return Ok(());
            }
            ApprovalStep::Vote { verdict, words } => {
                if self.decides() {
                    return self.decide_alone(*verdict, words);
                }
                self.may_vote(*verdict, words)?;
            }
            ApprovalStep::Hear { of, verdict, words } => self.may_hear(of, *verdict, words)?,
            ApprovalStep::Remind => drop(self.waiting()?),
            ApprovalStep::Escalate | ApprovalStep::Turn { .. } if self.falls_due(step) => {}
            ApprovalStep::Escalate | ApprovalStep::Turn { .. } => {
                let message = "The desk itself does this, when it is time or when the votes are counted.";
                return Err(self.no("approvals count themselves", message, "Leave it out."));
            }
        }
        self.record(Change::Approval { step: step.clone() });
        self.count();
        Ok(())
    }

    /// Takes the votes together; what they come to is recorded.
    pub(super) fn count(&mut self) {
        let Some(approval) = self.ticket.approval.as_ref() else { return };
        let before = (approval.stage, approval.standing);
        let (stage, standing) = approval.counted(&self.rules.directory);
        if (stage, standing) != before {
            self.turn(stage, standing, Clean::default());
            self.change_refused(standing);
        }
    }

    /// The approval comes to this; what hangs on it follows.
    pub(super) fn turn(&mut self, stage: u8, standing: Standing, reason: Clean) {
        self.record(Change::Approval { step: ApprovalStep::Turn { stage, standing, reason } });
        self.request_turns(standing);
    }

    /// The time for it has come, so it is the desk that does it.
    fn falls_due(&self, step: &ApprovalStep) -> bool {
        let wanted = Change::Approval { step: step.clone() };
        super::sweep::due(&self.ticket, self.now, self.rules).contains(&wanted)
    }

    /// Nobody needs to answer any more while, or because, the ticket is not worked on.
    pub(super) fn no_longer_asked(&mut self, reason: &str) {
        if let Ok(stage) = self.waiting().map(|held| held.stage) {
            let (standing, reason) = (Standing::NotNeeded, Clean::line(reason));
            self.record(Change::Approval { step: ApprovalStep::Turn { stage, standing, reason } });
        }
    }

    /// Those whose answer was not needed while it was held are asked anew.
    pub(super) fn asked_again(&mut self) {
        let Some(held) = self.ticket.approval.as_ref().filter(|held| held.standing == Standing::NotNeeded) else {
            return;
        };
        let left = held.expires.map(|at| at.duration_since(held.asked));
        let expires = left.and_then(|left| self.op.at.checked_add(left).ok());
        let (stages, barred) = (held.stages.clone(), held.barred.clone());
        self.record(Change::Approval { step: ApprovalStep::Ask { stages, expires, barred } });
    }

    fn may_ask(&self, stages: &[Stage]) -> Result<(), Refusal> {
        const RULE: &str = "approval needs an approver";
        if self.ticket.approval.as_ref().is_some_and(|held| held.standing == Standing::Waiting) {
            return Err(self.no(RULE, "Its approval is asked for already.", "Wait for the answers, or remind them."));
        }
        if stages.is_empty() {
            return Err(self.no(RULE, "Nobody is named who could approve it.", "Name who approves."));
        }
        stages.iter().flat_map(|stage| stage.of.iter().chain(&stage.then)).try_for_each(|party| self.party(Some(party)))
    }

    pub(super) fn waiting(&self) -> Result<&Approval, Refusal> {
        self.ticket.approval.as_ref().filter(|held| held.standing == Standing::Waiting).ok_or_else(|| {
            self.no("an approval that waits", "No approval is being waited for.", "Look at its timeline.")
        })
    }

    fn unbarred(&self) -> Result<&Approval, Refusal> {
        let approval = self.waiting()?;
        if approval.barred.contains(self.who) {
            let message = "Who asked for it or carries it out does not count as an approver.";
            let refusal = self.no("nobody approves their own", message, "Leave it to those who are asked.");
            return Err(refusal.sorted(Sort::Authority));
        }
        Ok(approval)
    }

    /// Only of those who have no hands here: colleagues answer for themselves.
    fn may_hear(&self, of: &Name, verdict: Verdict, words: &Clean) -> Result<(), Refusal> {
        const RULE: &str = "colleagues answer for themselves";
        let approval = self.unbarred()?;
        let directory = &self.rules.directory;
        if directory.is_staff(of) {
            let message = format!("{} works here and answers without you.", directory.display(of));
            return Err(self.no(RULE, message, "Remind them.").sorted(Sort::Authority));
        }
        if !approval.asks(of, directory) {
            let message = format!("{} is not asked, or has answered already.", directory.display(of));
            return Err(self.no("approval", message, "Look who is asked."));
        }
        if words.trim().is_empty() {
            let message = format!("It is {verdict} by {} without a word.", directory.display(of));
            return Err(self.no("what was heard is written down", message, "Say how and when they answered."));
        }
        Ok(())
    }

    fn may_vote(&self, verdict: Verdict, words: &Clean) -> Result<(), Refusal> {
        let approval = self.unbarred()?;
        if !approval.asks(self.who, &self.rules.directory) {
            let asked = approval.current().map(|stage| stage.of.iter().map(|party| party.name().to_string()));
            let asked = asked.map(|names| names.collect::<Vec<_>>().join(", ")).unwrap_or_default();
            let message = "You are not asked, or have answered already.";
            return Err(self.no("approval", message, format!("Asked are: {asked}.")).sorted(Sort::Authority));
        }
        if verdict == Verdict::Rejected && words.trim().is_empty() {
            return Err(self.no("a no says why", "It is rejected without a word.", "Say why."));
        }
        Ok(())
    }
}
