//! What goes over the wire: cells that come as text, number, flag or pair; rows; times; refusals; batches.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::backend::Error;
use crate::backend::http::client::{Reply, Said};

/// One field of a row: what is stored and what people are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    pub value: String,
    pub shown: String,
}

impl Cell {
    fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { shown: text.clone(), value: text }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyCell)
    }
}

struct AnyCell;

impl<'de> Visitor<'de> for AnyCell {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or a pair of display_value and value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell::plain(text))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Cell, E> {
        Ok(Cell::plain(flag.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Cell, E> {
        Ok(Cell::plain(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Cell, E> {
        Ok(Cell::plain(number.to_string()))
    }

    /// The Change API writes states as `-4.0`.
    fn visit_f64<E>(self, number: f64) -> Result<Cell, E> {
        // Written without its fraction where it has none.
        Ok(Cell::plain((number + 0.0).to_string()))
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::default())
    }

    fn visit_none<E>(self) -> Result<Cell, E> {
        Ok(Cell::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        let (mut value, mut shown, mut link) = (None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "value" => value = Some(map.next_value::<Cell>()?.value),
                "display_value" => shown = Some(map.next_value::<Cell>()?.value),
                "link" => link = Some(map.next_value::<Cell>()?.value),
                _ => drop(map.next_value::<serde::de::IgnoredAny>()?),
            }
        }
        // A reference in display mode has its key at the end of its address only.
        let value = value.or_else(|| link?.rsplit('/').next().map(str::to_owned));
        let shown = shown.or_else(|| value.clone()).unwrap_or_default();
        Ok(Cell { value: value.unwrap_or_else(|| shown.clone()), shown })
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
        let mut all = Vec::new();
        while let Some(cell) = seq.next_element::<Cell>()? {
            all.push(cell.value);
        }
        Ok(Cell::plain(all.join(",")))
    }
}

/// A record as a table gives it: unreadable fields are missing or empty, which is the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Row(pub BTreeMap<String, Cell>);

impl Row {
    pub fn value(&self, column: &str) -> &str {
        self.0.get(column).map_or("", |cell| &cell.value)
    }

    pub fn shown(&self, column: &str) -> &str {
        self.0.get(column).map_or("", |cell| if cell.shown.is_empty() { &cell.value } else { &cell.shown })
    }

    pub fn is(&self, column: &str) -> bool {
        self.value(column).eq_ignore_ascii_case("true") || self.value(column) == "1"
    }

    pub fn time(&self, column: &str) -> Option<Timestamp> {
        utc(self.value(column))
    }
}

/// Rows of a table. An answer of v1 to an empty list is 404, of later ones an empty list.
#[derive(Debug, Default, Deserialize)]
pub struct Rows {
    #[serde(default)]
    pub result: Vec<Row>,
}

/// One record.
#[derive(Debug, Deserialize)]
pub struct One {
    pub result: Row,
}

/// A stored time: UTC, whole seconds.
pub fn utc(text: &str) -> Option<Timestamp> {
    zoned(text, &TimeZone::UTC)
}

/// A time as it is shown in that zone.
pub fn zoned(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let time =
        ["%Y-%m-%d %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m-%d-%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"]
            .iter()
            .find_map(|form| DateTime::strptime(form, text).ok())
            .or_else(|| DateTime::strptime("%Y-%m-%d", text).ok())
            .or_else(|| {
                jiff::civil::Date::strptime("%Y-%m-%d", text)
                    .ok()
                    .map(|date| date.to_datetime(jiff::civil::Time::midnight()))
            })?;
    time.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// A time as it is stored.
pub fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A length of time, stored as an offset from 1970; in ms.
pub fn length(text: &str) -> Option<i64> {
    utc(text).map(|at| at.as_millisecond())
}

#[derive(Debug, Deserialize)]
struct Refused {
    error: Option<Words>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    Both { message: Option<String>, detail: Option<String> },
    One(String),
}

/// What an instance says in an answer.
pub fn envelope(reply: &Reply) -> Said {
    if reply.head.header("X-MFA_TOKEN").is_some_and(|told| told == "invalid") {
        return Said::Error(Error::Unauthenticated(
            "ServiceNow wants a second factor of this account. Sign in by OAuth or with an API key instead.".into(),
        ));
    }
    said(reply.head.status.as_u16(), &reply.body)
}

/// The same for an item of a batch.
pub fn said(status: u16, body: &[u8]) -> Said {
    let good = (200..300).contains(&status);
    // Good answers are long; a refusal in one says so.
    if good
        && !body.windows(9).any(|some| some == br#""failure""#)
        && !body.windows(7).any(|some| some == br#""error""#)
    {
        return Said::Nothing;
    }
    let Ok(Refused { error: Some(words) }) = serde_json::from_slice(body) else { return Said::Nothing };
    let (message, detail) = match words {
        Words::Both { message, detail } => (message.unwrap_or_default(), detail.unwrap_or_default()),
        Words::One(message) => (message, String::new()),
    };
    let both = format!("{message} {detail}");
    if both.contains("maximum execution time exceeded") {
        return Said::Error(Error::Offline(
            "The instance gave up, the question took it too long. Ask for fewer rows with `page`.".into(),
        ));
    }
    if status == 401 || status == 429 || status == 503 {
        return Said::Nothing;
    }
    if let Some((_, fields)) = both.split_once("fields are mandatory:") {
        let fields = fields.trim().trim_end_matches('.');
        let reason = format!("ServiceNow does not take it without: {fields}.");
        return Said::Error(Error::Invalid { field: fields.to_owned(), reason: line(&reason) });
    }
    if let Some((_, rest)) = both.split_once("aborted by Business Rule '") {
        let rule = rest.split(['^', '\'']).next().unwrap_or_default();
        let reason = format!(
            "The instance's own rule \"{rule}\" refused it. Its reason is not handed on; the form in the browser shows it."
        );
        return Said::Error(Error::Invalid { field: String::new(), reason: line(&reason) });
    }
    let reason = match (message.as_str(), detail.as_str()) {
        (message, "") => message.to_owned(),
        ("Operation Failed" | "", detail) => detail.to_owned(),
        (message, detail) => format!("{message}: {detail}"),
    };
    match status {
        200..300 => Said::Error(Error::Unexpected(format!("ServiceNow: {}.", line(&reason)))),
        _ if reason.is_empty() => Said::Nothing,
        _ => Said::Words { field: String::new(), reason },
    }
}

fn line(text: &str) -> String {
    crate::backend::http::client::short(text)
}

/// What an item of a batch, or any answer, means that was refused.
pub fn refusal(status: u16, body: &[u8]) -> Error {
    let words = match said(status, body) {
        Said::Error(error) => return error,
        Said::Words { reason, .. } => line(&reason),
        Said::Nothing => format!("{status}"),
    };
    match status {
        401 => Error::Unauthenticated(words),
        403 => Error::Forbidden(words),
        400 | 413 | 415 | 422 => Error::Invalid { field: String::new(), reason: words },
        429 => Error::RateLimited { after: None },
        408 | 502..=504 => Error::Offline(words),
        _ => Error::Unexpected(format!("ServiceNow answered with {status}: {words}.")),
    }
}

/// Several requests in one.
#[derive(Debug, Serialize)]
pub struct Batch {
    pub batch_request_id: String,
    pub rest_requests: Vec<Item>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Item {
    pub id: String,
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<Header>,
    pub exclude_response_headers: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    pub name: String,
    #[serde(default)]
    pub value: String,
}

#[derive(Debug, Default, Deserialize)]
pub struct Served {
    #[serde(default)]
    pub serviced_requests: Vec<ServedItem>,
    #[serde(default)]
    pub unserviced_requests: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct ServedItem {
    pub id: String,
    #[serde(default)]
    pub body: String,
    pub status_code: u16,
    #[serde(default)]
    pub headers: Vec<Header>,
}

/// What may come next for a change.
#[derive(Debug, Default, Deserialize)]
pub struct NextStates {
    #[serde(default)]
    pub available_states: Vec<Cell>,
    /// Of changes with a model only: others are told nothing of conditions.
    #[serde(default, deserialize_with = "where_told")]
    pub state_transitions: Vec<Vec<Transition>>,
}

/// Nothing, whatever stands there instead of it.
fn where_told<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    let told = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(told).unwrap_or_default())
}

#[derive(Debug, Deserialize)]
pub struct Transition {
    #[serde(default)]
    pub to_state: Cell,
    #[serde(default)]
    pub transition_available: bool,
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

#[derive(Debug, Deserialize)]
pub struct Condition {
    #[serde(default)]
    pub passed: bool,
    #[serde(default)]
    pub condition: ConditionName,
}

#[derive(Debug, Default, Deserialize)]
pub struct ConditionName {
    #[serde(default)]
    pub name: Cell,
}
