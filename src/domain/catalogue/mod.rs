//! The catalogue: what can be asked for, which questions go with it, who approves it and what is done for it. Plain data
//! with the arithmetic over it; what a desk does with it is asked of `desk`.

mod span;
mod who;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::approval::{Enough, OnReject, Stage};
use crate::domain::change::Party;
use crate::domain::directory::Directory;
use crate::domain::field::{Field, Value};
use crate::domain::name::Name;
use crate::domain::task::{Asked, TaskSort};
use crate::domain::ticket::Ticket;
use crate::named_enum;
use crate::text::Clean;
pub use span::Span;
pub use who::Who;

/// One thing that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub name: Name,
    /// What one gets, in a line, for whoever picks it.
    pub about: Clean,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<u8>,
    /// Something that is given for a time: the form asks until when, and then it is taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub access: bool,
    /// How long its approval may wait for an answer; the desk's own period where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Span>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub question: Vec<Question>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approval: Vec<Policy>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub task: Vec<Errand>,
}

named_enum! {
    /// What sort of answer a question takes.
    pub enum Answer {
        Text = "text",
        Lines = "lines",
        Number = "number",
        Choice = "choice",
        YesNo = "yes_no",
        Person = "person",
        Asset = "asset",
        /// A moment that lies ahead.
        Date = "date",
    }
}

/// A question of an item's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// A field of tickets, or the name of one that only this item has.
    pub name: Name,
    pub ask: Clean,
    #[serde(rename = "type")]
    pub kind: Answer,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Name>,
    /// Of a number, the least and the greatest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// What stands in the form before anything is typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Name>,
}

/// A stage of an item's approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub name: Name,
    pub of: Vec<Who>,
    #[serde(default = "any_of_them")]
    pub enough: Enough,
    #[serde(default = "stops")]
    pub on_reject: OnReject,
    /// After so long somebody else is asked as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Who>,
}

const fn any_of_them() -> Enough {
    Enough::Any
}

const fn stops() -> OnReject {
    OnReject::Stop
}

/// A step of an item's checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errand {
    pub title: Clean,
    /// The ticket's owner where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Who>,
    /// So long after its fulfilment began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Span>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub four_eyes: bool,
}

/// The item that this ticket asks for, where the desk's catalogue has it.
pub fn item_of<'a>(ticket: &Ticket, directory: &'a Directory) -> Option<&'a Item> {
    item(directory, ticket.text(&Field::CatalogItem))
}

/// The item of that name.
pub fn item<'a>(directory: &'a Directory, name: &str) -> Option<&'a Item> {
    directory.catalogue.iter().find(|item| item.name.eq_ignore_ascii_case(name))
}

impl Question {
    /// Where the answer is kept: a field of tickets of that name, else one that only this desk has.
    pub fn field(&self) -> Field {
        Field::parse(&self.name).unwrap_or_else(|| Field::Custom(Name::new(&format!("x.{}", self.name))))
    }

    /// What is wrong with this answer to it, in words.
    pub fn fault(&self, given: Option<&Value>, now: Timestamp, directory: &Directory) -> Option<String> {
        let label = &self.ask;
        let Some(given) = given.filter(|value| value.as_str().is_none_or(|text| !text.trim().is_empty())) else {
            return (!self.optional).then(|| format!("`{label}` is not answered."));
        };
        let text = given.to_string();
        let wrong = |wants: String| Some(format!("`{label}` cannot be `{text}`: give {wants}."));
        match self.kind {
            Answer::Text | Answer::Lines => None,
            Answer::YesNo if ["yes", "no"].contains(&text.as_str()) => None,
            Answer::YesNo => wrong("yes or no".into()),
            Answer::Choice if self.choices.iter().any(|choice| choice.eq_ignore_ascii_case(&text)) => None,
            Answer::Choice => wrong(format!("one of {}", names(&self.choices))),
            Answer::Person if directory.login_of(&text).is_some() => None,
            Answer::Person => wrong("somebody whom the desk knows".into()),
            Answer::Asset if directory.assets.iter().any(|asset| asset.tag.eq_ignore_ascii_case(&text)) => None,
            Answer::Asset => wrong("the tag of something that the desk knows".into()),
            Answer::Number => self.number_fault(&text).and_then(wrong),
            Answer::Date => {
                let at = given.as_time().or_else(|| text.parse().ok());
                match at {
                    Some(at) if at > now => None,
                    Some(_) => Some(format!("`{label}` is past: give a time that lies ahead.")),
                    None => wrong("a time that lies ahead".into()),
                }
            }
        }
    }

    fn number_fault(&self, text: &str) -> Option<String> {
        let fits = |n: &i64| self.min.is_none_or(|min| *n >= min) && self.max.is_none_or(|max| *n <= max);
        if text.trim().parse::<i64>().is_ok_and(|n| fits(&n)) {
            return None;
        }
        Some(match (self.min, self.max) {
            (Some(min), Some(max)) => format!("a number from {min} to {max}"),
            (Some(min), None) => format!("a number from {min} on"),
            (None, Some(max)) => format!("a number up to {max}"),
            (None, None) => "a number".into(),
        })
    }
}

fn names(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}

impl Item {
    /// The questions of its form: its own, and until when, where it is given for a time.
    pub fn questions(&self) -> Vec<Question> {
        let until = Question {
            name: Name::new(Field::AccessUntil.name()),
            ask: Clean::line("Until when"),
            kind: Answer::Date,
            optional: false,
            choices: Vec::new(),
            min: None,
            max: None,
            default: None,
        };
        let said = |question: &Question| question.field() == Field::AccessUntil;
        let more = (self.access && !self.question.iter().any(said)).then_some(until);
        self.question.iter().cloned().chain(more).collect()
    }

    /// The first answer that is missing or wrong, and its field.
    pub fn fault(&self, ticket: &Ticket, now: Timestamp, directory: &Directory) -> Option<(Field, String)> {
        self.questions().iter().find_map(|question| {
            let field = question.field();
            let fault = question.fault(ticket.get(&field), now, directory)?;
            Some((field, fault))
        })
    }

    /// The stages of its approval for this ticket; those whom nobody can name are an error in words.
    pub fn stages(&self, ticket: &Ticket, now: Timestamp, directory: &Directory) -> Result<Vec<Stage>, String> {
        let stage = |policy: &Policy| {
            let mut of: Vec<Party> = Vec::new();
            for who in &policy.of {
                let found = who.parties(ticket, directory);
                if found.is_empty() {
                    return Err(who.nobody(ticket));
                }
                let asked = found.into_iter().map(|party| present(party, now, directory));
                of.extend(asked.filter(|party| !of.contains(party)).collect::<BTreeSet<_>>());
            }
            Ok(Stage {
                name: policy.name.clone(),
                of,
                enough: policy.enough,
                on_reject: policy.on_reject,
                patience: policy.patience.map(Span::minutes),
                then: policy.then.as_ref().and_then(|who| who.parties(ticket, directory).into_iter().next()),
            })
        };
        self.approval.iter().map(stage).collect()
    }

    /// What is to be done for it once it is begun.
    pub fn tasks(&self, ticket: &Ticket, begun: Timestamp, directory: &Directory) -> Vec<Asked> {
        let task = |errand: &Errand| Asked {
            sort: TaskSort::Fulfil,
            title: errand.title.clone(),
            to: errand.to.as_ref().and_then(|who| who.parties(ticket, directory).into_iter().next()),
            due: errand.due.and_then(|due| begun.checked_add(due.duration()).ok()),
            four_eyes: errand.four_eyes,
        };
        self.task.iter().map(task).collect()
    }

    /// How long its approval may wait.
    pub fn patience(&self, otherwise: SignedDuration) -> SignedDuration {
        self.expires.map_or(otherwise, Span::duration)
    }
}

/// Who is away is asked by way of the deputy.
fn present(party: Party, now: Timestamp, directory: &Directory) -> Party {
    let Party::Person(login) = &party else { return party };
    let away = directory.person(login).filter(|person| person.absent_until.is_some_and(|until| until > now));
    away.and_then(|person| person.deputy.clone()).map_or(party, Party::Person)
}
