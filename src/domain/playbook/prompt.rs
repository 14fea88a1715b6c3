//! The questions that a playbook asks before it is played, and what counts as an answer.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::directory::Directory;
use crate::domain::field::{Field, Shape, Value};
use crate::domain::name::{Name, TicketId};
use crate::domain::nearest::nearest;
use crate::domain::when;
use crate::named_enum;
use crate::text::Clean;

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Under which its answer is known: `prompt.NAME`.
    pub name: Name,
    /// What stands before the line.
    pub label: Clean,
    pub kind: PromptKind,
    /// For a choice: what one can choose.
    pub choices: Vec<Name>,
    /// For a number: the least and the greatest.
    pub range: (i64, i64),
    pub optional: bool,
    /// Stands in the line already.
    pub default: Option<Clean>,
}

named_enum! {
    /// What sort of answer is asked for.
    pub enum PromptKind {
        Text = "text",
        Number = "number",
        Choice = "choice",
        Person = "person",
        Group = "group",
        Ticket = "ticket",
        Date = "date",
    }
}

/// An answer that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub value: Value,
    /// As templates say it: a person's full name, a time in words.
    pub text: String,
}

/// What answers are checked against.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    pub directory: &'a Directory,
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    pub exists: &'a dyn Fn(&TicketId) -> bool,
}

impl Prompt {
    /// The answer that was typed; none where it may be left empty. Otherwise what is wrong and what would do.
    pub fn answer(&self, typed: &str, asking: &Asking) -> Result<Option<Answer>, String> {
        let typed = typed.trim();
        if typed.is_empty() {
            return if self.optional { Ok(None) } else { Err(format!("{} needs an answer.", self.label)) };
        }
        match self.kind {
            PromptKind::Text => Ok(Answer::plain(Value::text(typed))),
            PromptKind::Number => self.number(typed),
            PromptKind::Choice => {
                let names = self.choices.iter().map(Name::as_str);
                pick(typed, names, "choice").map(|name| Answer::plain(Value::name(name)))
            }
            PromptKind::Group => {
                let names = asking.directory.groups.iter().map(|group| group.name.as_str());
                pick(typed, names, "group").map(|name| Answer::plain(Value::name(name)))
            }
            PromptKind::Person => person(typed, asking.directory),
            PromptKind::Ticket => ticket(typed, asking),
            PromptKind::Date => {
                let at = when::parse_ahead(typed, asking.now, asking.zone).map_err(|error| error.to_string())?;
                let text = when::phrase(at, asking.now, asking.zone);
                Ok(Answer { value: Value::Time(at), text })
            }
        }
        .map(Some)
    }

    fn number(&self, typed: &str) -> Result<Answer, String> {
        let (least, most) = self.range;
        match typed.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Answer::plain(Value::Number(number))),
            _ if self.range == (i64::MIN, i64::MAX) => Err(format!("`{}` is no number.", typed.escape_debug())),
            _ => Err(format!("`{}` is no number from {least} to {most}.", typed.escape_debug())),
        }
    }
}

impl PromptKind {
    /// Whether its answers fit fields of this shape as they are.
    pub const fn fits(self, shape: Shape) -> bool {
        match self {
            Self::Text | Self::Choice => !matches!(shape, Shape::Time | Shape::Number | Shape::Flag),
            Self::Person | Self::Group | Self::Ticket => matches!(shape, Shape::Name | Shape::Text | Shape::Lines),
            Self::Number => matches!(shape, Shape::Number | Shape::Text | Shape::Lines),
            Self::Date => matches!(shape, Shape::Time | Shape::Text | Shape::Lines),
        }
    }
}

impl Answer {
    fn plain(value: Value) -> Self {
        let text = value.to_string();
        Self { value, text }
    }

    /// The answer as a value of this field.
    pub(super) fn for_field(&self, field: &Field) -> Result<Value, String> {
        match (field.shape(), &self.value) {
            (Shape::Text | Shape::Lines, _) => Ok(Value::text(&self.text)),
            (Shape::Name, Value::Name(_))
            | (Shape::Time, Value::Time(_))
            | (Shape::Number, Value::Number(_))
            | (Shape::Flag, Value::Flag(_)) => Ok(self.value.clone()),
            (Shape::Name, Value::Text(text)) => Ok(Value::name(text)),
            (shape, _) => Err(format!("`{}` does not fit a field of {shape:?}.", self.text)),
        }
    }
}

/// The name that was meant: the same letters, or the only one that begins so.
fn pick<'a>(typed: &str, names: impl Iterator<Item = &'a str> + Clone, what: &str) -> Result<&'a str, String> {
    let lower = typed.to_lowercase();
    if let Some(same) = names.clone().find(|name| name.to_lowercase() == lower) {
        return Ok(same);
    }
    let mut begin = names.clone().filter(|name| name.to_lowercase().starts_with(&lower));
    if let (Some(only), None) = (begin.next(), begin.next()) {
        return Ok(only);
    }
    let hint = nearest(typed, names.clone()).map_or(String::new(), |name| format!(" Did you mean `{name}`?"));
    let known: Vec<&str> = names.collect();
    Err(format!("`{}` is no {what}; known are {}.{hint}", typed.escape_debug(), known.join(", ")))
}

fn person(typed: &str, directory: &Directory) -> Result<Answer, String> {
    let found = match directory.person(typed) {
        Some(person) => person,
        None => {
            let names = directory.people.iter().map(|person| person.name.as_str());
            let lower = typed.to_lowercase();
            let mut named = directory.people.iter().filter(|person| person.name.to_lowercase().contains(&lower));
            match (named.next(), named.next()) {
                (Some(only), None) => only,
                (Some(first), Some(second)) => {
                    let same = "Several people are called so";
                    return Err(format!("{same}: {}, {}; give the log-in.", first.login, second.login));
                }
                (None, _) => {
                    let hint = nearest(typed, names).map_or(String::new(), |name| format!(" Did you mean `{name}`?"));
                    return Err(format!("`{}` is nobody here; give a log-in or a name.{hint}", typed.escape_debug()));
                }
            }
        }
    };
    Ok(Answer { value: Value::Name(found.login.clone()), text: found.name.to_string() })
}

fn ticket(typed: &str, asking: &Asking) -> Result<Answer, String> {
    let id = TicketId::new(&typed.to_uppercase());
    if (asking.exists)(&id) {
        return Ok(Answer { value: Value::name(id.as_str()), text: id.to_string() });
    }
    Err(format!("`{}` is no ticket here; give a number such as INC-812.", typed.escape_debug()))
}

impl std::fmt::Debug for Asking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking").field("now", &self.now).finish_non_exhaustive()
    }
}
