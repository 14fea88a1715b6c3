//! The desk's own rules of escalation, as data: when each applies, to whom it goes, in which steps.

use std::collections::BTreeMap;

use crate::domain::change::{EscalationKind, Party};
use crate::domain::directory::{Directory, Role};
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::ownership;
use crate::domain::sla::Metric;
use crate::domain::ticket::Ticket;

/// All rules of a desk, in the order of its file. Each is looked at by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(pub Vec<Rule>);

/// One rule: what it proposes, when, to whom. The rungs of a ladder have conditions and targets of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub name: Name,
    pub kind: EscalationKind,
    /// Why, as the proposal says it.
    pub reason: String,
    pub when: When,
    /// One rung for a plain rule, several for a time-based ladder, lowest first.
    pub rungs: Vec<Rung>,
}

/// The conditions of a rule; all of those given must hold, and an empty list does not ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    pub kinds: Vec<Kind>,
    pub priorities: Vec<u8>,
    pub groups: Vec<Name>,
    /// The line of the group that holds it.
    pub lines: Vec<u8>,
    pub vip: Option<bool>,
    pub critical_service: Option<bool>,
    pub major: Option<bool>,
    /// At least so many.
    pub reopens: Option<u32>,
    /// How often it came back to a group that had it before.
    pub ping_pong: Option<u32>,
    /// How often it was passed on without a word.
    pub bounces: Option<u32>,
    pub children: Option<u32>,
}

/// One step: from when on, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    pub at: At,
    pub to: Whom,
}

/// From when on a rung is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// As soon as the conditions hold.
    Once,
    /// That share of a clock's target is used, in whole percent.
    Percent(Metric, u32),
    /// Nobody has accepted it for so long, in milliseconds since it opened or came to its group.
    Unaccepted(i64),
}

/// To whom a rung goes, as the rule says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    Owner,
    /// The group of the next higher line, or its manager where there is none.
    NextLine,
    ManagerOfGroup,
    Group(Name),
    Person(Name),
    Role(Role),
}

/// What a ticket's clocks and the matrix say about it at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClockFacts {
    /// As it counts.
    pub priority: u8,
    /// How much of its target each clock has used, in whole percent, rounded down. Paused and ended ones are left out.
    pub percents: BTreeMap<Metric, u32>,
}

impl When {
    /// Whether all conditions hold.
    pub fn holds(&self, ticket: &Ticket, facts: &ClockFacts, directory: &Directory) -> bool {
        let one_of = |list: &[Name], text: &str| list.is_empty() || list.iter().any(|name| &**name == text);
        let at_least = |wanted: Option<u32>, has: usize| wanted.is_none_or(|n| has >= n as usize);
        let is = |wanted: Option<bool>, has: bool| wanted.is_none_or(|w| w == has);
        let group = ticket.text(&Field::Group);
        let line = directory.group(group).map(|g| g.line);
        let caller = ticket.text(&Field::Caller);
        let vip = directory.people.iter().any(|p| p.vip && (&*p.login == caller || &*p.name == caller));
        let critical = directory.services.iter().any(|s| s.critical && &*s.name == ticket.text(&Field::Service));
        let children = ticket.links.iter().filter(|l| l.how == crate::domain::change::LinkKind::ParentOf).count();
        (self.kinds.is_empty() || self.kinds.contains(&ticket.kind))
            && (self.priorities.is_empty() || self.priorities.contains(&facts.priority))
            && one_of(&self.groups, group)
            && (self.lines.is_empty() || line.is_some_and(|line| self.lines.contains(&line)))
            && is(self.vip, vip)
            && is(self.critical_service, critical)
            && is(self.major, ticket.flag(&Field::Major))
            && at_least(self.reopens, ticket.reopens as usize)
            && at_least(self.children, children)
            && at_least(self.ping_pong, super::patterns::returns(ticket))
            && at_least(self.bounces, super::patterns::bounces(ticket).len())
    }
}

impl Whom {
    /// The party that is meant on this desk; none where the desk has nobody of that sort.
    pub fn party(&self, ticket: &Ticket, directory: &Directory) -> Option<Party> {
        let manager = || ownership::responsible(ticket, directory).cloned().map(Party::Person);
        match self {
            Self::Owner => Some(Party::Person(ticket.owner.clone())),
            Self::NextLine => next_line(ticket, directory).map(Party::Group).or_else(manager),
            Self::ManagerOfGroup => manager(),
            Self::Group(name) => Some(Party::Group(name.clone())),
            Self::Person(name) => Some(Party::Person(name.clone())),
            Self::Role(role) => {
                directory.people.iter().find(|p| p.roles.contains(role)).map(|p| Party::Person(p.login.clone()))
            }
        }
    }
}

/// The group of the next higher line: the one that owns the service or the category where it is of that line,
/// otherwise the first by name.
pub fn next_line(ticket: &Ticket, directory: &Directory) -> Option<Name> {
    let line = directory.group(ticket.text(&Field::Group)).map_or(1, |group| group.line);
    let next = directory.groups.iter().map(|g| g.line).filter(|l| *l > line).min()?;
    let service = directory.services.iter().find(|s| &*s.name == ticket.text(&Field::Service)).map(|s| &s.owner_group);
    let category =
        directory.categories.iter().find(|c| &*c.name == ticket.text(&Field::Category)).and_then(|c| c.group.as_ref());
    let of_line = |name: &&Name| directory.group(name).is_some_and(|g| g.line == next);
    service
        .filter(of_line)
        .or(category.filter(of_line))
        .or_else(|| directory.groups.iter().filter(|g| g.line == next).map(|g| &g.name).min())
        .cloned()
}
