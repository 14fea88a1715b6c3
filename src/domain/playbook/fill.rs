//! Where the value of a field comes from, and text read as the value of a field.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::field::{Field, Shape, Value};
use crate::domain::name::Name;
use crate::domain::when;

/// What a playbook puts into a field, a link or a snooze.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fill {
    Fixed(String),
    /// The answer to the prompt of that name, as it is.
    Answer(Name),
    /// Words to be filled in.
    Template(String),
}

impl Fill {
    /// `{{ prompt.NAME }}` alone is the answer itself; other braces make a template.
    pub fn read(text: &str) -> Self {
        let inner = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
        let name = inner.and_then(|inner| inner.strip_prefix("prompt."));
        match name.filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_')) {
            Some(name) => Self::Answer(Name::new(name)),
            None if text.contains("{{") || text.contains("{%") => Self::Template(text.to_owned()),
            None => Self::Fixed(text.to_owned()),
        }
    }

    /// The text where it is known beforehand.
    pub fn fixed(&self) -> Option<&str> {
        if let Self::Fixed(text) = self { Some(text) } else { None }
    }
}

/// The text as a value of this field; what it takes where it is none. Times are phrases as `domain::when` reads them.
pub fn read_value(field: &Field, text: &str, now: Timestamp, zone: &TimeZone) -> Result<Value, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err("There is nothing here; give it a value.".into());
    }
    match field.shape() {
        Shape::Text | Shape::Lines => Ok(Value::text(trimmed)),
        Shape::Name => Ok(Value::name(trimmed)),
        Shape::Number => number(field, trimmed),
        Shape::Time => when::parse(trimmed, now, zone).map(Value::Time).map_err(|error| error.to_string()),
        Shape::Flag => match trimmed.to_lowercase().as_str() {
            "yes" | "true" => Ok(Value::Flag(true)),
            "no" | "false" => Ok(Value::Flag(false)),
            _ => Err(format!("`{}` is neither yes nor no.", trimmed.escape_debug())),
        },
    }
}

fn number(field: &Field, text: &str) -> Result<Value, String> {
    let allowed = match field {
        Field::Impact | Field::Urgency => 1..=3,
        Field::PriorityOverride => 1..=5,
        _ => i64::MIN..=i64::MAX,
    };
    let number = text.parse::<i64>().map_err(|_| format!("`{}` is no number.", text.escape_debug()))?;
    if allowed.contains(&number) {
        return Ok(Value::Number(number));
    }
    Err(format!("{number} is not between {} and {}.", allowed.start(), allowed.end()))
}
