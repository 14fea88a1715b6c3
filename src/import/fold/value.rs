//! Texts of a log as values of our fields.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use crate::domain::field::{Field, Shape, Value};
use crate::domain::name::Name;
use crate::import::mapping::Times;
use crate::text::Clean;

/// One copy of each name, however often a log says it.
#[derive(Debug, Default)]
pub struct Names(HashMap<Box<str>, Name>);

impl Names {
    pub fn get(&mut self, text: &str) -> Name {
        if let Some(name) = self.0.get(text) {
            return name.clone();
        }
        let name = Name::new(text);
        self.0.insert(text.into(), name.clone());
        name
    }
}

/// The value that the text is for this field, or why it is none.
pub fn of(field: &Field, text: &str, names: &mut Names, times: &Times) -> Result<Value, Cow<'static, str>> {
    match field.shape() {
        Shape::Name => Ok(Value::Name(names.get(text))),
        Shape::Text => Ok(Value::Text(Clean::line(text))),
        Shape::Lines => Ok(Value::Text(Clean::body(text))),
        Shape::Number => number(text).map(Value::Number).ok_or_else(|| format!("`{text}` holds no number").into()),
        Shape::Time => match times.parse(text) {
            Some(at) => Ok(Value::Time(at)),
            None => Err(format!("`{text}` is no time as the mapping has it ({})", times.expected()).into()),
        },
        Shape::Flag => flag(text).map(Value::Flag).ok_or_else(|| format!("`{text}` is neither true nor false").into()),
    }
}

/// The first number in the text: `1 - Critical` is 1, `P2` is 2.
pub fn number(text: &str) -> Option<i64> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let digits = &text[start..];
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let number: i64 = digits[..end].parse().ok()?;
    let negative = text[..start].ends_with('-') && text[..start].trim_end_matches('-').trim().is_empty();
    Some(if negative { -number } else { number })
}

/// Which of two values is the greater one; texts that are numbers compare as such.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    }
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "1" => Some(true),
        "false" | "no" | "n" | "f" | "0" => Some(false),
        _ => None,
    }
}
