//! Who may: the acts that ask for a level or a manager role. What a gate is about is said here; whom it lets through is
//! agreed on by the desk ([`Gates`]). Everything that has no gate is open to all staff of the desk.

use serde::{Deserialize, Serialize};

use crate::domain::change::{Change, EscalationKind, Handover};
use crate::domain::directory::{Directory, Level, Person, Role};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{self, Guard};
use crate::domain::major::{Major, MajorStep};
use crate::domain::name::{Name, TicketId};
use crate::domain::proposal;
use crate::domain::refusal::{Refusal, Sort};
use crate::domain::state::Verb;
use crate::domain::ticket::Ticket;
use crate::named_enum;
use crate::text::spaced;

/// The rule that a gate's "no" cites.
pub const RULE: &str = "level gate";

named_enum! {
    /// An act that not everybody may do.
    pub enum Gate {
        Resolve = "resolve",
        /// To authority, a problem, a major incident or a supplier. Asking for help and telling of an exception are
        /// everybody's.
        Escalate = "escalate",
        ImplementChange = "implement_change",
        /// Weighing anew what somebody else has taken.
        Reprioritise = "reprioritise",
        RaiseProblem = "raise_problem",
        RaiseChange = "raise_change",
        KnownError = "known_error",
        DeclareMajor = "declare_major",
        CloseMajor = "close_major",
        ForceHandover = "force_handover",
        AcceptRisk = "accept_risk",
        CloseProblem = "close_problem",
        Reanalyse = "reanalyse",
        ScheduleChange = "schedule_change",
        AnnotateClosed = "annotate_closed",
    }
}

/// Whom a gate lets through: that level and above, or one of those roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    pub act: Gate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
}

/// What a desk has agreed on for each gate; one that is not named is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gates(pub Vec<Pass>);

impl Default for Gates {
    fn default() -> Self {
        Self::standard()
    }
}

impl Gates {
    /// As they ship in `config/levels.toml`; a test holds the two together.
    pub fn standard() -> Self {
        use Level::{Engineer, Lead, Senior};
        use Role::{ChangeManager, IncidentManager, ProblemManager};
        let pass = |act, level, roles: &[Role]| Pass { act, level, roles: roles.to_vec() };
        Self(vec![
            pass(Gate::Resolve, Some(Engineer), Role::ALL),
            pass(Gate::Escalate, Some(Engineer), Role::ALL),
            pass(Gate::ImplementChange, Some(Engineer), &[ChangeManager]),
            pass(Gate::Reprioritise, Some(Senior), Role::ALL),
            pass(Gate::RaiseProblem, Some(Senior), Role::ALL),
            pass(Gate::RaiseChange, Some(Senior), Role::ALL),
            pass(Gate::KnownError, Some(Senior), &[ProblemManager]),
            pass(Gate::DeclareMajor, Some(Lead), &[IncidentManager]),
            pass(Gate::CloseMajor, None, &[IncidentManager]),
            pass(Gate::ForceHandover, None, Role::ALL),
            pass(Gate::AcceptRisk, None, &[ProblemManager]),
            pass(Gate::CloseProblem, None, &[ProblemManager]),
            pass(Gate::Reanalyse, None, &[ProblemManager]),
            pass(Gate::ScheduleChange, Some(Lead), &[ChangeManager]),
            pass(Gate::AnnotateClosed, Some(Engineer), Role::ALL),
        ])
    }

    pub fn is_standard(&self) -> bool {
        *self == Self::standard()
    }

    fn of(&self, gate: Gate) -> Option<&Pass> {
        self.0.iter().find(|pass| pass.act == gate)
    }
}

impl Pass {
    fn fits(&self, person: &Person) -> bool {
        person.level.zip(self.level).is_some_and(|(held, wanted)| held >= wanted)
            || self.roles.iter().any(|role| person.roles.contains(role))
            || self.level.is_none() && self.roles.is_empty()
    }

    /// Who may, in words.
    fn words(&self) -> String {
        let named = |role: &Role| format!("the {}", spaced(role.as_str()));
        let level = match self.level {
            Some(Level::Principal) => vec!["a principal".to_owned()],
            Some(Level::Lead) => vec!["a lead".to_owned(), "a principal".to_owned()],
            Some(level @ (Level::Engineer | Level::Associate)) => vec![format!("an {level} and above")],
            Some(level) => vec![format!("a {level} and above")],
            None => Vec::new(),
        };
        let roles: Vec<String> = if Role::ALL.iter().all(|role| self.roles.contains(role)) {
            vec!["a manager".to_owned()]
        } else {
            self.roles.iter().map(named).collect()
        };
        let mut all = level;
        all.extend(roles);
        match all.pop() {
            None => String::new(),
            Some(last) if all.is_empty() => last,
            Some(last) => format!("{} or {last}", all.join(", ")),
        }
    }
}

impl Gate {
    /// What it guards, in words.
    const fn act(self) -> &'static str {
        match self {
            Self::Resolve => "resolving",
            Self::Escalate => "escalating to others than the next line",
            Self::ImplementChange => "implementing a change",
            Self::Reprioritise => "weighing anew what somebody else has taken",
            Self::RaiseProblem => "raising a problem",
            Self::RaiseChange => "raising a change",
            Self::KnownError => "declaring a known error",
            Self::DeclareMajor => "declaring a major incident",
            Self::CloseMajor => "closing a major incident",
            Self::ForceHandover => "forcing a hand-over",
            Self::AcceptRisk => "accepting a risk",
            Self::CloseProblem => "closing a problem",
            Self::Reanalyse => "analysing a problem again",
            Self::ScheduleChange => "scheduling an authorized change",
            Self::AnnotateClosed => "adding to a closed record",
        }
    }

    /// Whether this person may. A gate that nobody on the desk could pass is open: a desk of one must be able to work.
    pub fn passes(self, who: &str, directory: &Directory) -> bool {
        let Some(pass) = directory.gates.of(self) else { return true };
        directory.person(who).is_some_and(|person| pass.fits(person))
            || !directory.people.iter().any(|person| pass.fits(person))
    }

    /// Refuses with the name of who may.
    pub fn check(self, who: &Name, directory: &Directory, record: &TicketId) -> Result<(), Refusal> {
        let Some(pass) = directory.gates.of(self).filter(|_| !self.passes(who, directory)) else { return Ok(()) };
        let holders: Vec<&str> =
            directory.people.iter().filter(|p| pass.fits(p)).take(3).map(|p| p.name.as_str()).collect();
        Err(Refusal::new(
            RULE,
            record,
            format!("{} is for {}, and {} is none of these.", self.act(), pass.words(), directory.display(who)),
            format!("Ask {}.", holders.join(", ")),
        )
        .sorted(Sort::Level))
    }

    /// The gates that this change asks of `who` on the ticket as it stands.
    pub fn of_change(change: &Change, ticket: &Ticket, who: &Name) -> Vec<Self> {
        let one = |gate: Self, asks: bool| if asks { vec![gate] } else { Vec::new() };
        let flag = |value: &Option<Value>| value.as_ref().and_then(Value::as_flag) == Some(true);
        match change {
            Change::Create { kind: Kind::Problem, .. } => vec![Self::RaiseProblem],
            Change::Create { kind: Kind::Change, .. } => vec![Self::RaiseChange],
            Change::Set { field: Field::Major, .. } => vec![Self::DeclareMajor],
            Change::Major { step: MajorStep::Accept | MajorStep::Reject { .. } | MajorStep::Demote { .. } } => {
                vec![Self::DeclareMajor]
            }
            Change::Major { step: MajorStep::Close } => vec![Self::CloseMajor],
            Change::Set { field: Field::KnownError, to, .. } => one(Self::KnownError, flag(to)),
            Change::Set { field: Field::Impact | Field::Urgency | Field::PriorityOverride, .. } => {
                one(Self::Reprioritise, ticket.accepted && ticket.owner != *who && ticket.state.is_open())
            }
            Change::Handover { step: Handover::Force { .. } } => vec![Self::ForceHandover],
            Change::Escalate { escalation } => {
                let everybodys = matches!(escalation.kind, EscalationKind::Functional | EscalationKind::Exception);
                one(Self::Escalate, !everybodys)
            }
            Change::Move { verb, .. } => lifecycle::step(ticket, *verb).map_or_else(Vec::new, |step| {
                let gates = step.guards.iter().filter_map(|guard| match guard {
                    Guard::Gate(gate) => Some(*gate),
                    Guard::Confirmed => Some(Self::CloseMajor).filter(|_| flag(&ticket.get(&Field::Major).cloned())),
                    _ => None,
                });
                let live = ticket.major.as_ref().is_some_and(Major::is_live);
                gates.chain((live && *verb == Verb::Cancel).then_some(Self::DeclareMajor)).collect()
            }),
            _ => Vec::new(),
        }
    }

    /// The gates that an act of these changes asks of `who`: on the ticket, or on the new record that it raises.
    pub fn of_act(changes: &[Change], ticket: &Ticket, who: &Name) -> Vec<Self> {
        let new =
            proposal::raises(changes).map(|kind| Ticket::blank(TicketId::new("new"), kind, who.clone(), ticket.opened));
        let on = new.as_ref().unwrap_or(ticket);
        changes.iter().flat_map(|change| Self::of_change(change, on, who)).collect()
    }

    /// Everybody of the desk who passes all gates that these changes ask for, but for those who are left out.
    pub fn entitled<'a>(
        changes: &'a [Change],
        ticket: &'a Ticket,
        directory: &'a Directory,
        but: &'a Name,
    ) -> impl Iterator<Item = &'a Name> {
        let staff = directory.people.iter().filter(|person| person.level.is_some() || !person.roles.is_empty());
        staff.map(|person| &person.login).filter(move |login| {
            *login != but && Self::of_act(changes, ticket, login).into_iter().all(|gate| gate.passes(login, directory))
        })
    }
}
