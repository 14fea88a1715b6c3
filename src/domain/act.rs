//! An act before it meets a ticket: steps that are the same for every ticket they are meant for, and how they bind to
//! one. Keys, playbooks, `.` and bulk acts all speak in acts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::approval::ApprovalStep;
use crate::domain::change::{Audience, Change, Escalation, EscalationKind, Handover, Link, LinkKind, Party};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::lifecycle::choices::GIVEN;
use crate::domain::major::MajorStep;
use crate::domain::name::{Name, TicketId};
use crate::domain::playbook::Answers;
use crate::domain::proposal::ProposalStep;
use crate::domain::state::Verb;
use crate::domain::task::TaskStep;
use crate::domain::ticket::Ticket;
use crate::domain::wake::Wake;
use crate::text::Clean;

/// One thing to do, whatever the ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Set(Field, Option<Value>),
    Do(Verb),
    Say(Audience, Clean),
    /// A canned public reply, written out for each ticket by itself before the act is bound.
    Canned(Name),
    /// A playbook with its answers, planned for each ticket by itself before the act is bound.
    Play(Name, Answers),
    Heard(Clean),
    Link(LinkKind, TicketId),
    Unlink(LinkKind, TicketId),
    /// Accept it, and start work where the lifecycle has a start.
    Take,
    /// To a group: its queue, and an offer where somebody owns it already.
    Route(Name),
    /// To a person, who must accept.
    Offer(Party, Clean, Option<Timestamp>),
    Accept,
    Decline(Clean),
    Withdraw,
    Force(Name, Clean),
    /// Whoever stands in for an owner who is away, found out before the act is bound.
    StandIn,
    Escalate(Escalation),
    Acknowledge(EscalationKind),
    Task(TaskStep),
    Approval(ApprovalStep),
    Major(MajorStep),
    Proposal(ProposalStep),
    /// A workaround for the incidents of a problem, each with its own reader.
    Give(Give),
    /// What the rules of escalation propose first for each ticket, found out before the act is bound.
    Proposed,
}

/// A workaround on its way to incidents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Give {
    pub problem: TicketId,
    pub text: Clean,
    /// Who reads it, by incident; one that is not here gets nothing.
    pub to: BTreeMap<TicketId, Audience>,
}

/// What a user wants done, in steps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Act {
    /// What it is called in notices: `resolve`, `take`.
    pub title: String,
    pub steps: Vec<Step>,
    /// Put aside afterwards, for this user alone.
    pub snooze: Option<Wake>,
}

impl Act {
    pub fn new(title: impl Into<String>, steps: impl IntoIterator<Item = Step>) -> Self {
        Self { title: title.into(), steps: steps.into_iter().collect(), snooze: None }
    }

    /// Nothing would come of it.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.snooze.is_none()
    }

    /// It holds words that somebody typed to, or heard from, one caller: they rarely suit another.
    pub fn speaks_to_one(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Say(Audience::Public, _) | Step::Heard(_)))
    }

    /// Something in it reaches the customer.
    pub fn is_public(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Say(Audience::Public, _) | Step::Canned(_)))
            || self.gives().is_some_and(|give| give.to.values().any(|to| *to == Audience::Public))
    }

    /// The workaround that it gives, if it gives one.
    pub fn gives(&self) -> Option<&Give> {
        self.steps.iter().find_map(|step| if let Step::Give(give) = step { Some(give) } else { None })
    }

    /// It only adds, so that no revision needs to be expected.
    pub fn only_adds(&self) -> bool {
        self.steps.iter().all(|step| {
            matches!(step, Step::Say(..) | Step::Heard(_) | Step::Link(..) | Step::Escalate(_) | Step::Acknowledge(_))
        })
    }

    /// The changes that this act makes on that ticket. A step that would change nothing is left out; one that the
    /// ticket's lifecycle does not have is an error in words.
    pub fn bind(&self, on: &Ticket, me: &Name) -> Result<Vec<Change>, String> {
        let mut changes = Vec::new();
        for step in &self.steps {
            bind_step(step, on, me, &mut changes)?;
        }
        Ok(changes)
    }
}

fn bind_step(step: &Step, on: &Ticket, me: &Name, out: &mut Vec<Change>) -> Result<(), String> {
    let handover = |step| Change::Handover { step };
    match step {
        Step::Set(field, to) => out.extend(set(on, field, to.as_ref())),
        Step::Do(verb) => out.push(movement(on, *verb)?),
        Step::Say(audience, text) => out.push(Change::Say { audience: *audience, text: text.clone() }),
        Step::Canned(name) | Step::Play(name, _) => return Err(format!("`{name}` was not written out.")),
        Step::Heard(text) => {
            let caller = on.get(&Field::Caller).and_then(Value::as_str).unwrap_or("caller");
            out.push(Change::Heard { from: Name::new(caller), text: text.clone() });
        }
        Step::Link(how, other) => out.push(Change::Link { link: Link { how: *how, other: other.clone() } }),
        Step::Unlink(how, other) => out.push(Change::Unlink { link: Link { how: *how, other: other.clone() } }),
        Step::Take => {
            if on.owner != *me || !on.accepted {
                out.push(handover(Handover::Accept { by: me.clone() }));
            }
            out.extend(lifecycle::make_move(on, Verb::Start));
        }
        Step::Route(group) => {
            let change = set(on, &Field::Group, Some(&Value::Name(group.clone())));
            if change.is_some() && on.accepted && on.state.is_open() {
                let reason = Clean::line("routed");
                out.extend(change);
                out.push(handover(Handover::Offer { to: Party::Group(group.clone()), reason, expires: None }));
            } else {
                out.extend(change);
            }
        }
        Step::Offer(to, reason, expires) => {
            out.push(handover(Handover::Offer { to: to.clone(), reason: reason.clone(), expires: *expires }));
        }
        Step::Accept => out.push(handover(Handover::Accept { by: me.clone() })),
        Step::Decline(reason) => out.push(handover(Handover::Decline { by: me.clone(), reason: reason.clone() })),
        Step::Withdraw => out.push(handover(Handover::Withdraw { by: me.clone() })),
        Step::Force(to, reason) => {
            out.push(handover(Handover::Force { by: me.clone(), to: to.clone(), reason: reason.clone() }));
        }
        Step::Escalate(escalation) => out.push(Change::Escalate { escalation: escalation.clone() }),
        Step::StandIn => return Err("Who stands in was not found out.".into()),
        Step::Proposed => return Err("What is proposed was not found out.".into()),
        Step::Task(step) => out.push(Change::Task { step: step.clone() }),
        Step::Approval(step) => out.push(Change::Approval { step: step.clone() }),
        Step::Major(step) => out.push(Change::Major { step: step.clone() }),
        Step::Proposal(step) => out.push(Change::Proposal { step: step.clone() }),
        Step::Give(give) => out.extend(handed(give, on)?),
        Step::Acknowledge(kind) => out.push(Change::Acknowledge { kind: *kind }),
    }
    Ok(())
}

/// The workaround on one incident: nothing for one that is left out, a word for one that needs it no more.
fn handed(give: &Give, on: &Ticket) -> Result<Vec<Change>, String> {
    let Some(audience) = give.to.get(&on.id).copied() else { return Ok(Vec::new()) };
    if on.kind != Kind::Incident || !on.state.is_open() {
        return Err(format!("{} is {} and needs no workaround.", on.id, lifecycle::words(on.state)));
    }
    let words = match audience {
        Audience::Public => format!(
            "We are working on the cause of what you reported. Until it is removed, this helps:\n\n{}\n\nPlease tell us \
             if it does not work for you.",
            give.text
        ),
        Audience::Internal => format!("Workaround of {}: {}", give.problem, give.text),
    };
    let mut changes: Vec<Change> =
        set(on, &Field::Workaround, Some(&Value::Text(give.text.clone()))).into_iter().collect();
    if audience == Audience::Public {
        changes.extend(set(on, &Field::WorkaroundGiven, Some(&Value::name(GIVEN[0]))));
    }
    changes.push(Change::Say { audience, text: Clean::body(&words) });
    Ok(changes)
}

fn set(on: &Ticket, field: &Field, to: Option<&Value>) -> Option<Change> {
    let from = on.get(field);
    (from != to).then(|| Change::Set { field: field.clone(), from: from.cloned(), to: to.cloned() })
}

fn movement(on: &Ticket, verb: Verb) -> Result<Change, String> {
    lifecycle::make_move(on, verb).ok_or_else(|| {
        format!("{} is {} and cannot be moved by `{verb}` from there.", on.id, lifecycle::words(on.state))
    })
}
