//! Who may: the acts that ask for a level or a manager role. One table; everything that is not in it is open to all
//! staff of the desk.

use crate::domain::directory::{Directory, Level, Person, Role};
use crate::domain::name::{Name, TicketId};
use crate::domain::refusal::{Refusal, Sort};

/// An act that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    DeclareMajor,
    CloseMajor,
    ForceHandover,
    AcceptRisk,
    CloseProblem,
    Reanalyse,
    ScheduleChange,
    AnnotateClosed,
}

/// `(gate, its level and above, or one of its roles, what it guards in words, who may in words)`
type Row = (Gate, Option<Level>, &'static [Role], &'static str, &'static str);

const GATES: &[Row] = &[
    (
        Gate::DeclareMajor,
        Some(Level::Lead),
        &[Role::IncidentManager],
        "declaring a major incident",
        "a lead, a principal or the incident manager",
    ),
    (Gate::CloseMajor, None, &[Role::IncidentManager], "closing a major incident", "the incident manager"),
    (Gate::ForceHandover, None, Role::ALL, "forcing a hand-over", "a manager"),
    (Gate::AcceptRisk, None, &[Role::ProblemManager], "accepting a risk", "the problem manager"),
    (Gate::CloseProblem, None, &[Role::ProblemManager], "closing a problem", "the problem manager"),
    (Gate::Reanalyse, None, &[Role::ProblemManager], "analysing a problem again", "the problem manager"),
    (
        Gate::ScheduleChange,
        Some(Level::Lead),
        &[Role::ChangeManager],
        "scheduling an authorized change",
        "a lead, a principal or the change manager",
    ),
    (
        Gate::AnnotateClosed,
        Some(Level::Engineer),
        Role::ALL,
        "adding to a closed record",
        "an engineer and above, or a manager",
    ),
];

impl Gate {
    /// Whether this person may. A gate that nobody on the desk could pass is open: a desk of one must be able to work.
    pub fn passes(self, who: &str, directory: &Directory) -> bool {
        directory.person(who).is_some_and(|person| self.fits(person))
            || !directory.people.iter().any(|person| self.fits(person))
    }

    /// Refuses with the name of who may.
    pub fn check(self, who: &Name, directory: &Directory, record: &TicketId) -> Result<(), Refusal> {
        if self.passes(who, directory) {
            return Ok(());
        }
        let Some((.., act, may)) = GATES.iter().find(|(gate, ..)| *gate == self) else { return Ok(()) };
        let holders: Vec<&str> =
            directory.people.iter().filter(|p| self.fits(p)).take(3).map(|p| p.name.as_str()).collect();
        Err(Refusal::new(
            "level gate",
            record,
            format!("{act} is for {may}, and {} is none of these.", directory.display(who)),
            format!("Ask {}.", holders.join(", ")),
        )
        .sorted(Sort::Authority))
    }

    fn fits(self, person: &Person) -> bool {
        GATES.iter().find(|(gate, ..)| *gate == self).is_none_or(|(_, level, roles, ..)| {
            person.level.zip(*level).is_some_and(|(held, wanted)| held >= wanted)
                || roles.iter().any(|role| person.roles.contains(role))
        })
    }
}
