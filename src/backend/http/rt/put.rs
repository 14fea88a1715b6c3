//! Fields in the body of a PUT or of a new ticket. What RT would drop without a word, or break on, is refused here.

use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use super::facts::{Place, Site};
use super::wire::stamp;
use crate::backend::http::tracker::{Part, Record, Wanted};
use crate::backend::{Error, Result};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;

/// RT cuts longer subjects without a word.
pub(super) const LONGEST_TITLE: usize = 200;

/// The body of a PUT or of a new ticket, as it grows.
#[derive(Debug, Default)]
pub struct Put {
    pub body: Map<String, Json>,
    pub carries: Vec<Part>,
}

impl Put {
    /// A key below another: a custom field, a member of a role.
    fn under(&mut self, group: &str, key: &str, value: Json) {
        let held = self.body.entry(group).or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(held) = held {
            held.insert(key.to_owned(), value);
        }
    }

    pub(super) fn many(&mut self, key: &str, value: Json) {
        let held = self.body.entry(key).or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(held) = held {
            held.push(value);
        }
    }
}

/// Puts one field where it belongs.
///
/// # Errors
/// This tracker has no place for it, or RT would drop or break on this value.
pub fn set(
    site: &Site,
    kind: Kind,
    field: &Field,
    value: Option<&Value>,
    wanted: &Wanted,
    put: &mut Put,
) -> Result<()> {
    let words = value.map(|value| site.setup.mapping.to_native(kind, field, value));
    match site.place(kind, field) {
        Place::Nowhere if *field == Field::PriorityReason => Ok(()),
        Place::Nowhere => Err(Error::Unsupported(format!("{} is kept nowhere on this tracker.", field.name()))),
        // Chosen with the step; alone it is the state's affair.
        Place::Status if wanted.step().is_some() || value.is_none() => Ok(()),
        Place::Status => {
            Err(Error::Unsupported(format!("{} follows from the state on this tracker; take the step.", field.name())))
        }
        Place::Core(key) => core(site, field, &key, value, words, put),
        Place::Custom(name) => custom(site, field, &name, value, words, put),
        Place::Role(name) => role(site, field, &name, words, put),
    }
}

pub(super) fn core(
    site: &Site,
    field: &Field,
    key: &str,
    value: Option<&Value>,
    words: Option<String>,
    put: &mut Put,
) -> Result<()> {
    let words = words.unwrap_or_default();
    match key {
        "Subject" if words.len() > LONGEST_TITLE => {
            return Err(Error::invalid("title", format!("A title has at most {LONGEST_TITLE} bytes on this tracker.")));
        }
        "Content" => {
            return Err(Error::Unsupported("the description of a ticket cannot be changed on this tracker.".into()));
        }
        // Without an override RT shows what `computed` makes of impact and urgency.
        "Priority" if words.is_empty() => return Ok(()),
        "Priority" => {
            let number: i64 = words
                .parse()
                .map_err(|_| Error::invalid(field.name(), format!("{words} is no priority of this tracker.")))?;
            put.body.insert(key.into(), number.into());
            return Ok(());
        }
        "Requestor" if !words.is_empty() && !words.contains('@') && !site.knows(&words) => {
            return Err(Error::invalid(
                field.name(),
                format!("{words} is not known on this tracker; give an e-mail address."),
            ));
        }
        "Requestor" => {
            put.body.insert(key.into(), if words.is_empty() { json!([]) } else { json!([words]) });
            return Ok(());
        }
        _ => {}
    }
    let words = match (field.shape(), value.and_then(Value::as_time)) {
        (Shape::Time, Some(at)) => stamp(at, &TimeZone::UTC),
        (Shape::Time, None) => "1970-01-01 00:00:00".into(),
        _ => words,
    };
    put.body.insert(key.into(), words.into());
    Ok(())
}

pub(super) fn custom(
    site: &Site,
    field: &Field,
    name: &str,
    value: Option<&Value>,
    words: Option<String>,
    put: &mut Put,
) -> Result<()> {
    let known = site.custom(name);
    let Some(words) = words.filter(|words| !words.is_empty()) else {
        let none = if known.is_some_and(|known| known.many) { json!([]) } else { Json::Null };
        put.under("CustomFields", name, none);
        return Ok(());
    };
    let words = match value.and_then(Value::as_time) {
        // Another rule than that of RT's own dates: in the user's zone.
        Some(at) => stamp(at, &site.facts.zone),
        None => words,
    };
    let Some(known) = known else {
        put.under("CustomFields", name, words.into());
        return Ok(());
    };
    let parts: Vec<&str> = if known.many { words.split(',').map(str::trim).collect() } else { vec![&words] };
    if let Some(wrong) = parts
        .iter()
        .find(|part| !known.choices.is_empty() && !known.choices.iter().any(|choice| choice.eq_ignore_ascii_case(part)))
    {
        return Err(Error::invalid(field.name(), format!("{wrong} is none of: {}.", known.choices.join(", "))));
    }
    put.under("CustomFields", name, if known.many { json!(parts) } else { words.as_str().into() });
    Ok(())
}

/// RT breaks on names that it does not know.
pub(super) fn role(site: &Site, field: &Field, name: &str, words: Option<String>, put: &mut Put) -> Result<()> {
    let words = words.unwrap_or_default();
    let member = if words.is_empty() {
        json!([])
    } else if let Some(id) = site.group_id(&words) {
        json!(id)
    } else if site.knows(&words) {
        json!(words)
    } else {
        return Err(Error::invalid(field.name(), format!("There is no {words} on this tracker.")));
    };
    put.under("CustomRoles", name, member);
    Ok(())
}

/// RT computes no priority: where the site gives a matrix, a new impact or urgency brings its number along.
pub(super) fn computed(site: &Site, on: &Record, wanted: &Wanted, put: &mut Put) {
    let touched = |part: &Part| {
        matches!(part, Part::Field(Field::Impact | Field::Urgency, _) | Part::Field(Field::PriorityOverride, None))
    };
    if put.body.contains_key("Priority") || !wanted.parts.iter().any(touched) {
        return;
    }
    let level = |field: &Field| {
        let set = wanted.parts.iter().any(|part| matches!(part, Part::Field(held, _) if held == field));
        let value = if set { wanted.field(field) } else { on.fields.get(field) };
        value.and_then(Value::as_number)
    };
    if let Some(number) = matrix(site, on.kind, level(&Field::Impact), level(&Field::Urgency)) {
        put.body.insert("Priority".into(), number.into());
    }
}

/// RT's number for an impact and an urgency; none where the site gives no matrix.
pub(super) fn matrix(site: &Site, kind: Kind, impact: Option<i64>, urgency: Option<i64>) -> Option<i64> {
    let rows = site.setup.mapping.site.get("matrix")?;
    let row = rows.split(';').nth(usize::try_from(impact?).ok()?.checked_sub(1)?)?;
    let level = row.split_whitespace().nth(usize::try_from(urgency?).ok()?.checked_sub(1)?)?;
    let native = site.setup.mapping.to_native(kind, &Field::PriorityOverride, &Value::Number(level.parse().ok()?));
    native.parse().ok()
}
