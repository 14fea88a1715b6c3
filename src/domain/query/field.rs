//! The fields, flags and groups of states that a query may name: one list each, read by the parser, the printer, the
//! completion and the help.

use crate::domain::table::{NameColumn, NumberColumn, TimeColumn};
use crate::domain::waits;

/// A field of a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    Id,
    Title,
    Kind,
    State,
    Hold,
    Sla,
    Number(NumberColumn),
    Name(NameColumn),
    /// When something happened.
    Past(TimeColumn),
    /// How long ago something happened.
    Age(TimeColumn),
    /// When the running clock is due.
    Due,
    /// When the caller is owed the next word.
    Update,
    /// When a problem is looked at again.
    Review,
    /// A field that few tickets have, by the name under which a row keeps it.
    Rare(&'static str),
    /// For whom it waits: a word of [`crate::domain::waits`].
    Waits(&'static str),
    /// A field that only this desk has, in lower case and with its `x.`.
    Custom(Box<str>),
}

/// A field as it is written and explained.
#[derive(Debug, Clone)]
pub struct FieldDoc {
    pub key: Key,
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub help: &'static str,
}

const fn row(key: Key, name: &'static str, aliases: &'static [&'static str], help: &'static str) -> FieldDoc {
    FieldDoc { key, name, aliases, help }
}

/// Every field but the custom ones.
pub const FIELDS: &[FieldDoc] = &[
    row(Key::Kind, "kind", &["type"], "incident, request, problem, change"),
    row(Key::Id, "id", &["number"], "part of the identifier; `=` for all of it"),
    row(Key::Title, "title", &["subject"], "part of the title"),
    row(Key::State, "state", &["s"], "a state, or open (not resolved), active (not closed or cancelled)"),
    row(Key::Number(NumberColumn::Priority), "priority", &["p"], "1 to 5, also p<=2, p:1..2"),
    row(Key::Number(NumberColumn::Impact), "impact", &["i"], "1 to 3"),
    row(Key::Number(NumberColumn::Urgency), "urgency", &["u"], "1 to 3"),
    row(Key::Name(NameColumn::Category), "category", &["cat", "c"], "the beginning of a part of the path"),
    row(Key::Name(NameColumn::Group), "group", &["g", "queue"], "part of the name, mine, or none"),
    row(Key::Name(NameColumn::Owner), "owner", &["o"], "a log-in, or me"),
    row(Key::Name(NameColumn::Offered), "offered", &[], "to whom it is offered; me is also my groups"),
    row(Key::Name(NameColumn::Caller), "caller", &[], "part of the name, or me"),
    row(Key::Name(NameColumn::Service), "service", &["svc"], "part of the name"),
    row(Key::Name(NameColumn::Asset), "asset", &["ci"], "part of the tag"),
    row(Key::Name(NameColumn::Location), "location", &["loc"], "part of the name"),
    row(Key::Name(NameColumn::Channel), "channel", &[], "how it came"),
    row(Key::Rare("level"), "level", &[], "of a problem: operational, tactical, strategic"),
    row(Key::Rare("domain"), "domain", &[], "of a problem: system, process, service"),
    row(Key::Rare("trigger"), "trigger", &[], "of a problem: incident, trend, supplier, proactive"),
    row(Key::Rare("workaround_given"), "workaround", &[], "of an incident: given, accepted, declined, or none"),
    row(Key::Name(NameColumn::Desk), "desk", &["tracker", "profile"], "where it lives; part of the profile's name"),
    row(Key::Hold, "hold", &[], "why it waits"),
    row(Key::Sla, "sla", &["clock"], "breached, at_risk, running, paused, met, none"),
    row(Key::Due, "breach", &["due"], "time to breach: breach<2h, breach<0, due:today"),
    row(Key::Update, "update", &[], "time to the next word to the caller: update<1h"),
    row(Key::Review, "review", &[], "time to the next look at a problem: review<0 is overdue"),
    row(Key::Age(TimeColumn::Opened), "age", &[], "since it was opened: age>3d"),
    row(Key::Age(TimeColumn::Updated), "idle", &[], "since it was touched: idle>1w"),
    row(Key::Past(TimeColumn::Opened), "opened", &[], "a day, a range a..b, today, or <2h ago"),
    row(Key::Past(TimeColumn::Updated), "updated", &[], "as opened"),
    row(Key::Past(TimeColumn::Responded), "responded", &[], "as opened, or none"),
    row(Key::Past(TimeColumn::Resolved), "resolved", &[], "as opened, or none"),
    row(Key::Past(TimeColumn::Closed), "closed", &[], "as opened, or none"),
    row(Key::Waits(waits::APPROVER), "approver", &[], "who is asked to approve it; me is also my groups"),
    row(
        Key::Waits(waits::APPROVAL),
        "approval",
        &[],
        "waiting, approved, rejected, expired, void, not_needed, or none",
    ),
    row(Key::Waits(waits::TASK), "task", &[], "who has an open task on it; me is also my groups"),
    row(Key::Waits(waits::PROPOSAL), "proposal", &[], "who may answer a proposal on it; me"),
    row(Key::Waits(waits::PROPOSED), "proposed", &[], "whose proposal waits on it; me"),
    row(Key::Number(NumberColumn::Reopens), "reopens", &[], "how often it was opened again"),
    row(Key::Number(NumberColumn::Reassignments), "reassignments", &["bounces"], "how often its group changed"),
    row(Key::Number(NumberColumn::Links), "links", &[], "how many links it holds"),
];

impl Key {
    /// The field of that name; a hyphen and an underscore are the same.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_lowercase().replace('-', "_");
        if name.len() > 2 && name.starts_with("x.") {
            return Some(Self::Custom(name.into()));
        }
        let known = |field: &&FieldDoc| field.name == name || field.aliases.contains(&name.as_str());
        FIELDS.iter().find(known).map(|field| field.key.clone())
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Custom(name) => name,
            known => FIELDS.iter().find(|field| field.key == *known).map_or("", |field| field.name),
        }
    }
}

/// What a ticket is, asked by one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// I have accepted it.
    Mine,
    /// Nobody has accepted it.
    Unowned,
    /// Its group is one of mine.
    Team,
    /// It is offered to somebody who has not answered.
    Offered,
    /// It is open and its clock is past its target.
    Overdue,
    /// The caller spoke last.
    Awaiting,
    /// I am asked to approve it and have not answered.
    Approving,
    /// A task on it is mine or my group's.
    Tasked,
    /// I may answer a proposal that waits on it.
    Answering,
    /// I do not want to see it now.
    Snoozed,
    Major,
    Escalated,
    Overridden,
    KnownError,
}

/// `(flag, its name, other names, what it says)`.
pub const FLAGS: &[(Flag, &str, &[&str], &str)] = &[
    (Flag::Mine, "mine", &["me"], "I have accepted it"),
    (Flag::Unowned, "unowned", &["unassigned"], "nobody has accepted it"),
    (Flag::Team, "team", &[], "its group is one of mine"),
    (Flag::Offered, "offered", &[], "it is offered to somebody"),
    (Flag::Overdue, "overdue", &[], "it is open and past its target"),
    (Flag::Awaiting, "awaiting", &[], "the caller spoke last"),
    (Flag::Approving, "approving", &[], "I am asked to approve it"),
    (Flag::Tasked, "tasked", &[], "a task on it is mine or my group's"),
    (Flag::Answering, "answering", &[], "a proposal on it waits for me"),
    (Flag::Snoozed, "snoozed", &[], "I have put it off"),
    (Flag::Major, "major", &[], "it is a major incident"),
    (Flag::Escalated, "escalated", &[], "it was escalated"),
    (Flag::Overridden, "overridden", &[], "its priority was set by hand"),
    (Flag::KnownError, "known_error", &[], "it is a known error"),
];

impl Flag {
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.to_lowercase().replace('-', "_");
        let known = FLAGS.iter().find(|(_, name, others, _)| *name == word || others.contains(&word.as_str()));
        known.map(|(flag, ..)| *flag)
    }

    pub fn name(self) -> &'static str {
        FLAGS.iter().find(|(flag, ..)| *flag == self).map_or("", |(_, name, ..)| name)
    }
}
