//! Who approves a change: policies of stages by type and risk, made into the stages of an approval; whose vote never
//! counts; what makes an approval void.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::approval::{Approval, Enough, OnReject, Stage, Standing, Verdict};
use crate::domain::change::Party;
use crate::domain::directory::{Directory, Role};
use crate::domain::field::Field;
use crate::domain::lifecycle::ChangeType;
use crate::domain::name::Name;
use crate::domain::rfc::risk::Risk;
use crate::domain::task::TaskSort;
use crate::domain::ticket::Ticket;
use crate::named_enum;

/// Stages for some changes. The first policy that fits counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub name: Name,
    /// All where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<ChangeType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
    /// Minutes after which an approval that nobody finished has run out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u32>,
    pub stages: Vec<Asked>,
}

named_enum! {
    /// Which step a stage comes before.
    pub enum Before { Authorize = "authorize", Schedule = "schedule" }
}

/// A stage as a policy asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub name: Name,
    #[serde(default = "schedule")]
    pub before: Before,
    /// `group`, `service`, `manager`, `approver`, `role:ROLE`, `person:LOGIN`, `group:NAME`.
    pub of: Vec<String>,
    pub enough: Enough,
    #[serde(default = "stop")]
    pub on_reject: OnReject,
    /// Minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
}

const fn schedule() -> Before {
    Before::Schedule
}

const fn stop() -> OnReject {
    OnReject::Stop
}

/// Whom a policy means, in the words that it may use.
pub const WHOM: &str = "group, service, manager, approver, role:ROLE, person:LOGIN, group:NAME";

/// Whether a policy may say this.
pub fn is_whom(text: &str) -> bool {
    match text.split_once(':') {
        None => matches!(text, "group" | "service" | "manager" | "approver"),
        Some(("role", role)) => Role::parse(role).is_some(),
        Some(("person" | "group", name)) => !name.trim().is_empty(),
        Some(_) => false,
    }
}

/// The parties that are meant, on this change.
fn whom(text: &str, change: &Ticket, directory: &Directory) -> Vec<Party> {
    let person = |name: &str| Party::Person(Name::new(name));
    let known = |name: &str| directory.group(name).map(|group| Party::Group(group.name.clone()));
    let group = change.text(&Field::Group);
    match text.split_once(':') {
        None if text == "group" => known(group).into_iter().collect(),
        None if text == "service" => {
            let service = change.text(&Field::Service);
            let held = directory.services.iter().find(|held| &*held.name == service);
            held.and_then(|held| known(&held.owner_group)).into_iter().collect()
        }
        None if text == "manager" => directory
            .group(group)
            .map(|group| person(&group.manager))
            .filter(|held| !held.name().is_empty())
            .into_iter()
            .collect(),
        None if text == "approver" => {
            Some(change.text(&Field::Approver)).filter(|name| !name.is_empty()).map(person).into_iter().collect()
        }
        Some(("role", role)) => {
            let role = Role::parse(role);
            let holds = |p: &&crate::domain::directory::Person| role.is_some_and(|role| p.roles.contains(&role));
            directory.people.iter().filter(holds).map(|held| Party::Person(held.login.clone())).collect()
        }
        Some(("person", name)) => directory.person(name.trim()).map(|held| person(&held.login)).into_iter().collect(),
        Some(("group", name)) => known(name.trim()).into_iter().collect(),
        _ => Vec::new(),
    }
}

impl Policy {
    fn fits(&self, change: &Ticket) -> bool {
        let risk = Risk::parse(change.text(&Field::Risk));
        (self.types.is_empty() || self.types.contains(&ChangeType::of(change)))
            && (self.risks.is_empty() || risk.is_some_and(|risk| self.risks.contains(&risk)))
    }
}

/// The policy that this change stands under.
pub fn policy<'a>(policies: &'a [Policy], change: &Ticket) -> Option<&'a Policy> {
    policies.iter().find(|policy| policy.fits(change))
}

/// The stages that this change is approved in: as its policy says, else the one approver that it names. A stage that
/// nobody could vote in is left out.
pub fn stages(policies: &[Policy], change: &Ticket, directory: &Directory) -> Vec<Stage> {
    let barred = barred(change, directory);
    let Some(policy) = policy(policies, change) else {
        let of = whom("approver", change, directory);
        let one = Stage {
            name: Name::new("Approver"),
            of,
            enough: Enough::All,
            on_reject: OnReject::Stop,
            patience: None,
            then: None,
        };
        return Some(one).filter(|stage| !stage.voters(directory, &barred).is_empty()).into_iter().collect();
    };
    let stage = |asked: &Asked| Stage {
        name: asked.name.clone(),
        of: asked.of.iter().flat_map(|text| whom(text, change, directory)).collect(),
        enough: asked.enough,
        on_reject: asked.on_reject,
        patience: asked.patience,
        then: asked.then.as_ref().and_then(|text| whom(text, change, directory).into_iter().next()),
    };
    policy.stages.iter().map(stage).filter(|stage| !stage.voters(directory, &barred).is_empty()).collect()
}

/// Those whose vote never counts on this change: who asked for it, who answers for it, who carries out its steps.
pub fn barred(change: &Ticket, directory: &Directory) -> BTreeSet<Name> {
    let caller = change.text(&Field::Caller);
    let asked = directory.people.iter().find(|p| &*p.login == caller || &*p.name == caller);
    let mut found = BTreeSet::from([change.owner.clone()]);
    found.extend(asked.map(|person| person.login.clone()));
    if let Some(registrar) = change.timeline.first() {
        found.insert(registrar.actor.clone());
    }
    let carried = change.tasks.iter().filter(|task| task.asked.sort != TaskSort::FollowUp);
    for task in carried {
        found.extend(task.by.clone());
        if let Some(Party::Person(login)) = &task.asked.to {
            found.insert(login.clone());
        }
    }
    found
}

/// Whether somebody on this desk could vote on it at all: a desk of one must be able to work.
pub fn is_votable(change: &Ticket, directory: &Directory) -> bool {
    let barred = barred(change, directory);
    directory.people.iter().any(|p| (p.level.is_some() || !p.roles.is_empty()) && !barred.contains(&p.login))
}

/// How many of these stages are through, by votes that still count: nobody's who has become its maker since.
pub fn passed(approval: &Approval, change: &Ticket, directory: &Directory) -> usize {
    let mut barred = barred(change, directory);
    barred.extend(approval.barred.iter().cloned());
    let through = |(at, stage): &(usize, &Stage)| {
        let voters = stage.voters(directory, &barred);
        let yes = approval.votes.iter().filter(|vote| {
            usize::from(vote.stage) == *at && vote.verdict == Verdict::Approved && voters.contains(&&vote.by)
        });
        yes.count() >= stage.wanted(voters.len())
    };
    approval.stages.iter().enumerate().take_while(through).count()
}

/// How many of the stages come before that a change is authorized.
pub fn peers(policies: &[Policy], change: &Ticket, approval: &Approval) -> usize {
    let Some(policy) = policy(policies, change) else { return 0 };
    let first = policy.stages.iter().filter(|stage| stage.before == Before::Authorize);
    first.filter(|asked| approval.stages.iter().any(|stage| stage.name == asked.name)).count()
}

/// It still holds: all of its stages are through.
pub fn holds(approval: &Approval, change: &Ticket, directory: &Directory) -> bool {
    approval.standing == Standing::Approved && passed(approval, change, directory) >= approval.stages.len()
}

/// What an approval is about: whoever edits one of these has something else than was approved.
pub const APPROVED: &[Field] = &[
    Field::Asset,
    Field::Service,
    Field::PlannedStart,
    Field::PlannedEnd,
    Field::Plan,
    Field::BackOut,
    Field::TestPlan,
    Field::Risk,
];
