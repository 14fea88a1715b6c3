//! Requests: what the catalogue asks of their form, who approves them, what is done for them, and what follows from each.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Draft;
use crate::domain::approval::{ApprovalStep, Enough, OnReject, Stage, Standing, Verdict};
use crate::domain::catalogue::{self, Item};
use crate::domain::change::{Change, Party};
use crate::domain::directory::Role;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{self, choices};
use crate::domain::name::Name;
use crate::domain::refusal::{Refusal, Sort};
use crate::domain::state::{State, Verb};
use crate::domain::task::{TaskSort, TaskStep};
use crate::text::Clean;

impl Draft<'_> {
    /// What the catalogue knows of the request; none for other kinds.
    fn item(&self) -> Option<&Item> {
        catalogue::item_of(&self.ticket, &self.rules.directory).filter(|_| self.ticket.kind == Kind::Request)
    }

    /// What an item says of its requests where nobody says otherwise; names that this desk does not know are left out.
    pub(super) fn item_defaults(&self, kind: Kind) -> Vec<(Field, Value)> {
        let directory = &self.rules.directory;
        let asked = self.op.changes.iter().find_map(|change| match change {
            Change::Set { field: Field::CatalogItem, to: Some(to), .. } => to.as_str(),
            _ => None,
        });
        let item = asked.and_then(|name| catalogue::item(directory, name)).filter(|_| kind == Kind::Request);
        let Some(item) = item else { return Vec::new() };
        let names = [(Field::Category, &item.category), (Field::Group, &item.group), (Field::Service, &item.service)];
        let known = |field: &Field, name: &Name| {
            let known = choices::known(field, directory);
            known.is_empty() || known.contains(&name)
        };
        let named = names.into_iter().filter_map(|(field, name)| Some((field, name.as_ref()?)));
        let mut found: Vec<(Field, Value)> = named
            .filter(|(field, name)| known(field, name))
            .map(|(field, name)| (field, Value::Name(name.clone())))
            .collect();
        for (field, weight) in [(Field::Impact, item.impact), (Field::Urgency, item.urgency)] {
            found.extend(weight.map(|weight| (field, Value::Number(weight.into()))));
        }
        found
    }

    /// A request says what its item asks, unless it is a draft.
    pub(super) fn form_is_filled(&self) -> Result<(), Refusal> {
        if self.ticket.state == State::Draft {
            return Ok(());
        }
        let Some(item) = self.item() else { return Ok(()) };
        match item.fault(&self.ticket, self.now, &self.rules.directory) {
            None => Ok(()),
            Some((field, fault)) => {
                let way_out = format!("Answer it in `{}`.", field.name());
                Err(self.no("the form of the item", fault, way_out).on(field))
            }
        }
    }

    /// Who approves, until when, and whose word never counts: of a request the desk says it, not who asks.
    pub(super) fn request_asks(
        &self,
        stages: &[Stage],
        expires: Option<Timestamp>,
        barred: &BTreeSet<Name>,
    ) -> Result<ApprovalStep, Refusal> {
        if self.ticket.kind != Kind::Request {
            return Ok(ApprovalStep::Ask { stages: stages.to_vec(), expires, barred: barred.clone() });
        }
        let periods = &self.rules.periods;
        let span = self.item().map_or(periods.approval, |item| item.patience(periods.approval));
        let expires = expires.or_else(|| self.now.checked_add(span).ok());
        let barred: BTreeSet<Name> = barred.iter().cloned().chain(self.own()).collect();
        let stages = self.policy()?.unwrap_or_else(|| stages.to_vec());
        for stage in &stages {
            let (left, all) = (stage.voters(&self.rules.directory, &barred).len(), stage.of.len());
            if left == 0 || stage.wanted(left) > left {
                let message = format!(
                    "Of the {all} who are asked as `{}`, {left} may answer: nobody approves their own.",
                    stage.name
                );
                let way_out = "Name another approver in `approver`.";
                return Err(self.no("nobody approves their own", message, way_out).on(Field::Approver));
            }
        }
        Ok(ApprovalStep::Ask { stages, expires, barred })
    }

    /// Who asked for it: the caller and who registered it.
    fn own(&self) -> impl Iterator<Item = Name> {
        let caller = self.ticket.text(&Field::Caller);
        let caller = self.rules.directory.login_of(caller).cloned();
        let registrar = self.ticket.timeline.first().map(|event| event.actor.clone());
        caller.into_iter().chain(registrar)
    }

    /// The stages that the item asks for; else its one approver, or the deputy; none where neither is said.
    fn policy(&self) -> Result<Option<Vec<Stage>>, Refusal> {
        let directory = &self.rules.directory;
        if let Some(item) = self.item().filter(|item| !item.approval.is_empty()) {
            let stages = item.stages(&self.ticket, self.now, directory);
            return stages.map(Some).map_err(|why| {
                let (message, way_out) = why.split_once(". ").unwrap_or((&why, "Name the approver in `approver`."));
                self.no("approval needs an approver", format!("{message}."), way_out).on(Field::Approver)
            });
        }
        let Some(approver) = directory.login_of(self.ticket.text(&Field::Approver)) else { return Ok(None) };
        let deputy = directory.person(approver).and_then(|person| person.deputy.clone());
        let of = std::iter::once(approver.clone()).chain(deputy).map(Party::Person).collect();
        Ok(Some(vec![Stage {
            name: Name::new("Approver"),
            of,
            enough: Enough::Any,
            on_reject: OnReject::Stop,
            patience: None,
            then: None,
        }]))
    }

    /// A step that decides on what is being asked is an answer to it; what the answers come to moves the request.
    pub(super) fn step_is_vote(&mut self, verb: Verb) -> Result<bool, Refusal> {
        let verdict = match verb {
            Verb::Approve => Verdict::Approved,
            Verb::Reject => Verdict::Rejected,
            _ => return Ok(false),
        };
        if self.ticket.kind != Kind::Request || self.waiting().is_err() {
            return Ok(false);
        }
        let words = self.op.changes.iter().find_map(|change| match change {
            Change::Say { text, .. } => Some(Clean::line(text)),
            _ => None,
        });
        self.approval(&ApprovalStep::Vote { verdict, words: words.unwrap_or_default() })?;
        Ok(true)
    }

    /// A service desk manager who is not asked decides alone, but never on what is their own.
    pub(super) fn decides(&self) -> bool {
        let directory = &self.rules.directory;
        self.ticket.kind == Kind::Request
            && directory.has_role(self.who, Role::ServiceDeskManager)
            && self.waiting().is_ok_and(|held| !held.barred.contains(self.who) && !held.asks(self.who, directory))
    }

    pub(super) fn decide_alone(&mut self, verdict: Verdict, words: &Clean) -> Result<(), Refusal> {
        if verdict == Verdict::Rejected && words.trim().is_empty() {
            return Err(self.no("a no says why", "It is rejected without a word.", "Say why."));
        }
        let stage = self.waiting()?.stage;
        self.record(Change::Approval { step: ApprovalStep::Vote { verdict, words: words.clone() } });
        let standing = if verdict == Verdict::Approved { Standing::Approved } else { Standing::Rejected };
        self.turn(stage, standing, Clean::line("decided by the service desk manager"));
        Ok(())
    }

    /// The answer that completes it moves the request.
    pub(super) fn request_turns(&mut self, standing: Standing) {
        let verb = match standing {
            Standing::Approved => Verb::Approve,
            Standing::Rejected => Verb::Reject,
            _ => return,
        };
        if self.ticket.kind != Kind::Request || self.ticket.state != State::WaitingForApproval {
            return;
        }
        if let Some(change) = lifecycle::make_move(&self.ticket, verb) {
            self.record(change);
            self.others.follow(&self.ticket, verb);
        }
    }

    /// What a step of a request brings with it: who approves is asked, the checklist is laid out, the form is read.
    pub(super) fn request_moves(&mut self, verb: Verb) -> Result<(), Refusal> {
        if self.ticket.kind != Kind::Request {
            return Ok(());
        }
        match verb {
            Verb::Resume => {
                self.asked_again();
                Ok(())
            }
            Verb::Submit => self.form_is_filled(),
            Verb::Authorize => {
                self.approval(&ApprovalStep::Ask { stages: Vec::new(), expires: None, barred: BTreeSet::new() })
            }
            Verb::Start => {
                self.checklist();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The steps of the item, once.
    fn checklist(&mut self) {
        if self.ticket.tasks.iter().any(|task| task.asked.sort == TaskSort::Fulfil) {
            return;
        }
        let directory = &self.rules.directory;
        let known = |party: &Party| match party {
            Party::Person(login) => directory.person(login).is_some(),
            Party::Group(name) => directory.group(name).is_some(),
        };
        let mut asked = self.item().map(|item| item.tasks(&self.ticket, self.now, directory)).unwrap_or_default();
        for task in &mut asked {
            task.to = task.to.take().filter(known);
        }
        for task in asked {
            self.record(Change::Task { step: TaskStep::Add(task) });
        }
    }

    /// The refusal of an act that is somebody else's to do.
    pub(super) fn not_yours(&self, rule: &'static str, message: impl Into<String>, way_out: &str) -> Refusal {
        self.no(rule, message, way_out).sorted(Sort::Authority)
    }
}
