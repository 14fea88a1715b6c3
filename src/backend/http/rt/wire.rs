//! What goes over the wire of Request Tracker's REST 2.0, as loose as it comes: ids are words here and numbers there, an
//! invisible field is `""`, an unset date is the year 1970.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::backend::http::client::{Reply, Said, parse};
use crate::backend::{Error, Result};

/// A page of anything. What is counted is none where RT cannot count.
#[derive(Debug, Default, Deserialize)]
pub struct List {
    #[serde(default)]
    pub items: Vec<Object>,
    #[serde(default)]
    pub total: Option<f64>,
}

/// Anything that RT hands out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Object(pub Map<String, Value>);

/// One custom field of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custom {
    pub id: String,
    pub name: String,
    pub values: Vec<String>,
}

/// One of `_hyperlinks`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hyper {
    pub rel: String,
    pub sort: String,
    pub id: String,
    /// Of a step: the state that it leads to.
    pub to: String,
}

impl Object {
    /// A word or a number; empty where there is nothing, or something else.
    pub fn text(&self, key: &str) -> String {
        self.0.get(key).map(plain).unwrap_or_default()
    }

    pub fn id(&self) -> String {
        self.text("id")
    }

    /// What an object stands there for, or the word itself.
    pub fn reference(&self, key: &str) -> String {
        match self.0.get(key) {
            Some(Value::Object(held)) => held.get("id").map(plain).unwrap_or_default(),
            Some(Value::Array(many)) => many.first().and_then(|one| one.get("id")).map(plain).unwrap_or_default(),
            Some(other) => plain(other),
            None => String::new(),
        }
    }

    /// A word of an object that stands there: the name of a queue.
    pub fn within(&self, key: &str, inner: &str) -> String {
        self.0.get(key).and_then(|held| held.get(inner)).map(plain).unwrap_or_default()
    }

    /// The people or groups that stand there: one, many or none.
    pub fn members(&self, key: &str) -> Vec<Self> {
        match self.0.get(key) {
            Some(Value::Object(one)) => vec![Self(one.clone())],
            Some(Value::Array(many)) => many.iter().filter_map(|one| one.as_object().cloned().map(Self)).collect(),
            _ => Vec::new(),
        }
    }

    /// A time; none where it is not set.
    pub fn time(&self, key: &str) -> Option<Timestamp> {
        time(&self.text(key), &TimeZone::UTC)
    }

    pub fn customs(&self) -> Option<Vec<Custom>> {
        let Some(Value::Array(all)) = self.0.get("CustomFields") else { return None };
        Some(all.iter().filter_map(custom).collect())
    }

    pub fn hypers(&self) -> Option<Vec<Hyper>> {
        let Some(Value::Array(all)) = self.0.get("_hyperlinks") else { return None };
        let word = |one: &Value, key: &str| one.get(key).map(plain).unwrap_or_default();
        let hyper =
            |one| Hyper { rel: word(one, "ref"), sort: word(one, "type"), id: word(one, "id"), to: word(one, "to") };
        Some(all.iter().map(hyper).collect())
    }
}

fn custom(one: &Value) -> Option<Custom> {
    let values = one.get("values")?.as_array()?;
    // A file in a field is an object with its name.
    let value = |value: &Value| value.get("filename").map_or_else(|| plain(value), plain);
    Some(Custom {
        id: one.get("id").map(plain).unwrap_or_default(),
        name: one.get("name").map(plain)?,
        values: values.iter().map(value).filter(|words| !words.is_empty()).collect(),
    })
}

pub fn plain(value: &Value) -> String {
    match value {
        Value::String(words) => words.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

/// A time as RT writes it: `2026-11-22T05:09:09Z`, in histories `2026-11-22 05:09:09`; 1970 means that it is not set.
pub fn time(words: &str, zone: &TimeZone) -> Option<Timestamp> {
    let at = words.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = words.trim().parse().ok()?;
        civil.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
    })?;
    (at.as_second() > 86_400).then_some(at)
}

/// The only form of a time that RT takes everywhere.
pub fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A time so long ago, at least, as searches understand it. The number has three digits at most: four are taken for a
/// year or an hour, and match nothing or everything.
pub fn ago(seconds: i64) -> String {
    let units = [(1, "seconds"), (60, "minutes"), (3600, "hours"), (86_400, "days")];
    for (unit, name) in units {
        // Rounded up: rather too much than too little.
        let count = seconds.max(1).div_euclid(unit) + i64::from(seconds.rem_euclid(unit) != 0);
        if count <= 999 {
            return format!("{count} {name} ago");
        }
    }
    "1970-01-02 00:00:00".into()
}

/// Words in a search.
pub fn quoted(words: &str) -> String {
    format!("'{}'", words.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// What RT's own refusals mean. A broken server's are not its own: what it did before it broke must be looked for.
pub fn envelope(reply: &Reply) -> Said {
    let status = reply.head.status.as_u16();
    if (300..400).contains(&status) && reply.body.starts_with(b"Login required") {
        return Said::Error(Error::Unauthenticated("Request Tracker asks to log in.".into()));
    }
    if !(400..500).contains(&status) {
        return Said::Nothing;
    }
    match message(&reply.body) {
        Some(reason) => Said::Words { field: String::new(), reason },
        None => Said::Nothing,
    }
}

/// The server's own files and lines are nobody's business.
fn message(body: &[u8]) -> Option<String> {
    let said: Value = parse(body).ok()?;
    let words = said.get("message")?.as_str()?;
    let end = words.find(" at /").unwrap_or(words.len());
    words.get(..end).map(|words| words.trim().to_owned()).filter(|words| !words.is_empty())
}

/// The sentences with which RT answers a write, in the user's language: what was done and what was refused alike.
pub fn sentences(reply: &Reply) -> Result<Vec<String>> {
    let said: Value = parse(&reply.body).map_err(Error::Doubtful)?;
    Ok(said.as_array().into_iter().flatten().map(plain).filter(|words| !words.is_empty()).collect())
}
