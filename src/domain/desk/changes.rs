//! What an act does to a change beside what it asks for: its risk is counted, an edit makes its approval void, a held
//! one is asked again, a review after the fact becomes a task.

use jiff::SignedDuration;

use super::Draft;
use crate::domain::approval::{ApprovalStep, Standing};
use crate::domain::change::{Audience, Change, Party};
use crate::domain::directory::Level;
use crate::domain::field::{Field, Value};
use crate::domain::gate::Gate;
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{ChangeType, wants_review};
use crate::domain::refusal::{Refusal, Sort};
use crate::domain::rfc::risk::{Answers, Risk, assess};
use crate::domain::rfc::{approve, gates};
use crate::domain::state::{State, Verb};
use crate::domain::task::{Asked, TaskSort, TaskStep};
use crate::text::{Clean, spaced};

/// What the task of a review after the fact says.
const REVIEW: &str = "Post-implementation review";

impl Draft<'_> {
    /// What the fields of a change must say together, and what follows from an edit.
    pub(super) fn change_agrees(&mut self) -> Result<(), Refusal> {
        if self.ticket.kind != Kind::Change {
            return Ok(());
        }
        self.weigh()?;
        self.overrides()?;
        self.edited();
        self.after_the_fact();
        Ok(())
    }

    fn edits(&self, wanted: &Field) -> bool {
        self.op.changes.iter().any(|c| matches!(c, Change::Set { field, .. } if field == wanted))
    }

    /// The risk follows the answers; one set by hand may be higher, never lower.
    fn weigh(&mut self) -> Result<(), Refusal> {
        let practice = &self.rules.changes;
        let answers = self.ticket.text(&Field::RiskAnswers);
        let given = self.edits(&Field::RiskAnswers);
        if given && !answers.is_empty() {
            Answers::read(answers, &practice.question).map_err(|why| {
                let message = format!("The answers cannot be read: {why}.");
                self.no("risk is asked, not guessed", message, "Answer each question with 0 to 3 (`risk`).")
                    .on(Field::RiskAnswers)
            })?;
        }
        if !given && !self.edits(&Field::Risk) && !self.edits(&Field::Service) && !self.edits(&Field::ChangeType) {
            return Ok(());
        }
        let assessed = assess(&self.ticket, &practice.question, &practice.condition, &self.rules.directory);
        let (Some(counted), held) = (assessed.risk(), Risk::parse(self.ticket.text(&Field::Risk))) else {
            return Ok(());
        };
        if held.is_none() && !given {
            return Ok(());
        }
        if self.edits(&Field::Risk) && held.is_some_and(|held| held < counted) {
            let message = format!("Its risk is {} as it was answered.", spaced(counted.as_str()));
            let way_out = "Answer the questions anew (`risk`); the highest of the methods counts.";
            return Err(self.no("the highest risk counts", message, way_out).on(Field::Risk));
        }
        let follows = given && !self.edits(&Field::Risk);
        if held.is_none_or(|held| held < counted || follows && held != counted) {
            let from = self.ticket.get(&Field::Risk).cloned();
            self.record(Change::Set { field: Field::Risk, from, to: Some(Value::name(counted.as_str())) });
        }
        Ok(())
    }

    /// A gate is overridden by one who may schedule changes and neither asked for this one nor makes it.
    fn overrides(&self) -> Result<(), Refusal> {
        let text = self.ticket.text(&Field::Override);
        if !self.edits(&Field::Override) || text.is_empty() {
            return Ok(());
        }
        const RULE: &str = "an override has a reason and an authority";
        gates::read(text).map_err(|why| {
            let message = format!("The overrides cannot be read: {why}.");
            self.no(RULE, message, "Say which gate and why (`override`).").on(Field::Override)
        })?;
        let directory = &self.rules.directory;
        Gate::ScheduleChange.check(self.who, directory, &self.ticket.id)?;
        if approve::is_votable(&self.ticket, directory) && approve::barred(&self.ticket, directory).contains(self.who) {
            let message = "Who asked for a change or makes it does not override its gates.";
            return Err(self.no(RULE, message, "Ask another who may.").on(Field::Override).sorted(Sort::Authority));
        }
        Ok(())
    }

    /// What was approved or overridden is not what stands there now.
    fn edited(&mut self) {
        let before = [State::New, State::Assess, State::Authorize, State::Scheduled, State::OnHold];
        if !before.contains(&self.ticket.state) {
            return;
        }
        let what = self.changes.iter().find_map(|change| match change {
            Change::Set { field, .. } if approve::APPROVED.contains(field) => Some(field.name().to_owned()),
            _ => None,
        });
        let Some(what) = what else { return };
        let reason = Clean::line(&format!("{} was changed", spaced(&what)));
        let held = self.ticket.approval.as_ref().map(|held| (held.stage, held.standing));
        if let Some((stage, Standing::Waiting | Standing::Approved | Standing::NotNeeded)) = held {
            let standing = Standing::Void;
            self.record(Change::Approval { step: ApprovalStep::Turn { stage, standing, reason } });
        }
        if !self.edits(&Field::Override) {
            self.clear(&[Field::Override]);
        }
    }

    /// What was done before anybody asked is looked at afterwards.
    fn after_the_fact(&mut self) {
        if self.ticket.state == State::New && ChangeType::of(&self.ticket) == ChangeType::Retrospective {
            self.review_task();
        }
    }

    fn review_task(&mut self) {
        if self.ticket.tasks.iter().any(|task| task.asked.sort == TaskSort::FollowUp) {
            return;
        }
        let asked =
            Asked { sort: TaskSort::FollowUp, title: Clean::line(REVIEW), to: None, due: None, four_eyes: false };
        self.record(Change::Task { step: TaskStep::Add(asked) });
    }

    /// A step that somebody under supervision carries out is signed by a second person.
    pub(super) fn supervised(&self, step: &TaskStep) -> Option<TaskStep> {
        let TaskStep::Add(asked) = step else { return None };
        let is_step = matches!(asked.sort, TaskSort::Implement | TaskSort::Test | TaskSort::BackOut);
        let maker = match &asked.to {
            Some(Party::Person(login)) => login,
            Some(Party::Group(_)) => return None,
            None => &self.ticket.owner,
        };
        let level = self.rules.directory.person(maker).and_then(|person| person.level);
        let learns = self.ticket.kind == Kind::Change && is_step && level == Some(Level::Associate);
        (learns && !asked.four_eyes).then(|| TaskStep::Add(Asked { four_eyes: true, ..asked.clone() }))
    }

    /// What follows from a step of a change.
    pub(super) fn change_moved(&mut self, verb: Verb) {
        if self.ticket.kind != Kind::Change {
            return;
        }
        match verb {
            Verb::Resume => self.asked_again(),
            Verb::Implement if self.ticket.get(&Field::ActualStart).is_none() => {
                let to = Some(Value::Time(self.op.at));
                self.record(Change::Set { field: Field::ActualStart, from: None, to });
            }
            Verb::Review if wants_review(&self.ticket) => self.review_task(),
            _ => {}
        }
    }

    /// A change is approved as its policy says, whatever was asked for.
    pub(super) fn asked_by_policy(&self, step: &ApprovalStep) -> Result<Option<ApprovalStep>, Refusal> {
        if self.ticket.kind != Kind::Change || !matches!(step, ApprovalStep::Ask { .. }) {
            return Ok(None);
        }
        const RULE: &str = "approval by policy";
        let (t, directory) = (&self.ticket, &self.rules.directory);
        if ChangeType::of(t) == ChangeType::Standard {
            let message = "A standard change was approved with its template.";
            return Err(self.no(RULE, message, "Schedule it."));
        }
        if !matches!(t.state, State::Assess | State::Authorize | State::Scheduled) {
            let message = format!("It is {}, and approval is asked for when it is assessed.", spaced(t.state.as_str()));
            let way_out = if t.state == State::New { "Take the next step first (`step`)." } else { "Leave it out." };
            return Err(self.no(RULE, message, way_out));
        }
        let policies = &self.rules.changes.policy;
        let stages = approve::stages(policies, t, directory);
        if stages.is_empty() {
            let message = "Nobody could vote on it who neither asked for it nor makes it.";
            return Err(self.no(RULE, message, "Name who approves.").on(Field::Approver));
        }
        let lasts = approve::policy(policies, t).and_then(|policy| policy.expires);
        let expires = lasts.and_then(|minutes| self.op.at.checked_add(SignedDuration::from_mins(minutes.into())).ok());
        Ok(Some(ApprovalStep::Ask { stages, expires, barred: approve::barred(t, directory) }))
    }

    /// A change that its approvers refuse goes back to its beginning, with their words.
    pub(super) fn change_refused(&mut self, standing: Standing) {
        let at = self.ticket.state;
        let back = matches!(at, State::Assess | State::Authorize);
        if self.ticket.kind == Kind::Change && standing == Standing::Rejected && back {
            self.record(Change::Move { verb: Verb::Reject, from: at, to: State::New });
            let text = Clean::line("Rejected by its approvers.");
            self.record(Change::Say { audience: Audience::Internal, text });
        }
    }
}
