//! Values and moments out of what was typed.

use jiff::Timestamp;

use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::command::args::Args;
use crate::domain::field::{Field, Shape, Value};
use crate::domain::when;
use crate::text::Clean;

/// Reads a field's value from text; empty text is no value.
pub fn value(model: &Model, field: &Field, text: &str) -> Result<Option<Value>, String> {
    shaped(model, field.shape(), field.name(), text)
}

/// The same of an answer that goes by that name; what is wrong with it is said by it.
pub fn shaped(model: &Model, shape: Shape, name: &str, text: &str) -> Result<Option<Value>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let value = match shape {
        Shape::Text => Value::Text(Clean::line(text)),
        Shape::Lines => Value::Text(Clean::body(text)),
        Shape::Name => Value::name(text),
        Shape::Number => {
            Value::Number(text.trim().parse().map_err(|_| format!("`{name}` is a number, not `{text}`."))?)
        }
        Shape::Time => Value::Time(when::parse(text, model.now, &model.zone).map_err(|e| format!("`{name}`: {e}"))?),
        Shape::Flag => match text.trim() {
            "yes" | "true" | "1" | "y" => Value::Flag(true),
            "no" | "false" | "0" | "n" => Value::Flag(false),
            other => return Err(format!("`{name}` is yes or no, not `{other}`.")),
        },
    };
    Ok(Some(value))
}

/// A moment out of an argument, past or ahead; what is wrong with it is said by the argument's name.
pub fn time(model: &Model, args: &Args, name: &str) -> Result<Option<Timestamp>, String> {
    let value = shaped(model, Shape::Time, name, args.text(name))?;
    Ok(value.and_then(|value| value.as_time()))
}

/// A moment ahead out of an argument; what cannot be read is said.
pub(crate) fn moment(model: &mut Model, args: &Args, name: &str) -> Result<Option<Timestamp>, ()> {
    let Some(text) = args.get(name) else { return Ok(None) };
    when::parse_ahead(text, model.now, &model.zone)
        .map(Some)
        .map_err(|error| model.say(Notice::refused(error.to_string())))
}
