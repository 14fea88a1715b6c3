//! May this step of an approval be taken, and what does it come to?

use super::Draft;
use crate::domain::approval::{Approval, ApprovalStep, Stage, Standing, Verdict};
use crate::domain::change::Change;
use crate::domain::refusal::{Refusal, Sort};
use crate::text::Clean;

impl Draft<'_> {
    pub(super) fn approval(&mut self, step: &ApprovalStep) -> Result<(), Refusal> {
        let by_policy = self.asked_by_policy(step)?;
        let step = by_policy.as_ref().unwrap_or(step);
        match step {
            ApprovalStep::Ask { stages, .. } => self.may_ask(stages)?,
            ApprovalStep::Vote { verdict, words } => self.may_vote(*verdict, words)?,
            ApprovalStep::Remind => drop(self.waiting()?),
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
    fn count(&mut self) {
        let Some(approval) = self.ticket.approval.as_ref() else { return };
        let before = (approval.stage, approval.standing);
        let (stage, standing) = approval.counted(&self.rules.directory);
        if (stage, standing) != before {
            self.record(Change::Approval { step: ApprovalStep::Turn { stage, standing, reason: Clean::default() } });
            self.change_refused(standing);
        }
    }

    /// Nobody needs to answer any more while, or because, the ticket is not worked on.
    pub(super) fn no_longer_asked(&mut self, reason: &str) {
        if let Ok(stage) = self.waiting().map(|held| held.stage) {
            let (standing, reason) = (Standing::NotNeeded, Clean::line(reason));
            self.record(Change::Approval { step: ApprovalStep::Turn { stage, standing, reason } });
        }
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

    fn waiting(&self) -> Result<&Approval, Refusal> {
        self.ticket.approval.as_ref().filter(|held| held.standing == Standing::Waiting).ok_or_else(|| {
            self.no("an approval that waits", "No approval is being waited for.", "Look at its timeline.")
        })
    }

    fn may_vote(&self, verdict: Verdict, words: &Clean) -> Result<(), Refusal> {
        const RULE: &str = "nobody approves their own";
        let approval = self.waiting()?;
        if approval.barred.contains(self.who) {
            let message = "Who asked for it or carries it out does not count as an approver.";
            return Err(self.no(RULE, message, "Leave it to those who are asked.").sorted(Sort::Authority));
        }
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
