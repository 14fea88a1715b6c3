//! What goes over the wire: one address, a form with JSON in it, an envelope with a code of its own.
//!
//! Knows shapes, not meanings: everything of the model is text, `objects` stands in the order of the answer.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::backend::http::client::{Body, Reply, Request, Said, StatusCode, short};
use crate::backend::{Error, Result};

/// Versions 1.0 to 1.4 answer alike; 1.3 is what every 2.x and 3.x knows.
const VERSION: &str = "1.3";

/// The attributes of an object: lists and logs as iTop writes them, all else as text.
pub type Fields = Map<String, Value>;

/// An answer.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Answer {
    #[serde(default)]
    pub code: i64,
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub objects: Objects,
}

/// What was found or written, in the order of the answer, which is the only order there is.
#[derive(Debug, Clone, Default)]
pub struct Objects(pub Vec<Object>);

/// One object.
#[derive(Debug, Clone, Deserialize)]
pub struct Object {
    #[serde(default)]
    pub code: i64,
    /// The concrete class, whatever class was asked for.
    pub class: String,
    #[serde(deserialize_with = "text_or_number")]
    pub key: String,
    #[serde(default, deserialize_with = "scalars_as_text")]
    pub fields: Fields,
}

impl Answer {
    /// The total behind "Found: N".
    pub fn found(&self) -> Option<usize> {
        self.message.as_deref()?.strip_prefix("Found: ")?.trim().parse().ok()
    }
}

impl Object {
    /// An attribute as text; "" where it is unset or was not asked for.
    pub fn text(&self, attribute: &str) -> &str {
        text(&self.fields, attribute)
    }
}

/// An attribute as text; "" where it is unset, null or no text.
pub fn text<'f>(fields: &'f Fields, attribute: &str) -> &'f str {
    fields.get(attribute).and_then(Value::as_str).unwrap_or_default()
}

/// A request that asks. It may be sent again.
pub fn ask(operation: &Value) -> Result<Request> {
    Ok(send(operation)?.reading())
}

/// A request that writes.
pub fn send(operation: &Value) -> Result<Request> {
    let text = serde_json::to_string(operation)
        .map_err(|error| Error::Unexpected(format!("This cannot be written as JSON: {error}.")))?;
    let form = vec![("version".to_owned(), VERSION.to_owned()), ("json_data".to_owned(), text)];
    Ok(Request::post("webservices/rest.php").body(Body::Form(form)))
}

/// What iTop says in an answer: its code counts, not the status, which is 200 for nearly every refusal.
pub fn envelope(reply: &Reply) -> Said {
    let status = reply.head.status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let words = maintenance(&reply.body);
        return words.map_or(Said::Nothing, |words| Said::Words { field: String::new(), reason: words });
    }
    let Ok(head) = serde_json::from_slice::<Head>(&reply.body) else { return Said::Nothing };
    match head.code {
        Some(code) if code != 0 => Said::Error(refusal(code, &head.message.unwrap_or_default())),
        _ => Said::Nothing,
    }
}

/// The beginning of an answer, for judging it without reading it all into memory.
#[derive(Deserialize)]
struct Head {
    code: Option<i64>,
    message: Option<String>,
}

/// Whether this is the answer to a write whose key, with the time of the last change in it, fits nothing any more.
pub fn is_stale(message: &str) -> bool {
    bare(message).starts_with("No item found for query")
}

/// Whether the object is not there, or is none that this user may see. What one of its attributes points at says the same
/// behind the name of the attribute, and is another matter.
pub fn is_gone(message: &str) -> bool {
    bare(message).starts_with("Invalid object ")
}

/// Some refusals say that they are one, others do not.
fn bare(message: &str) -> &str {
    message.strip_prefix("Error: ").unwrap_or(message)
}

/// The attribute that this class does not have, where that is the reason.
pub fn unknown_attribute(message: &str) -> Option<&str> {
    let rest = message.split_once("invalid attribute code '")?.1;
    rest.split_once('\'').map(|(code, _)| code)
}

/// The class that this iTop does not have, where that is the reason: the one that was named, or one in a query.
pub fn unknown_class(message: &str) -> Option<&str> {
    // Some releases have a quote too many at the end.
    if let Some(named) = message.trim_end_matches('\'').strip_suffix("' is not a valid class") {
        return named.rsplit_once('\'').map(|(_, class)| class);
    }
    let rest = message.split_once("Unknown class - found '")?.1;
    rest.split_once('\'').map(|(class, _)| class)
}

fn refusal(code: i64, message: &str) -> Error {
    let said = bare(message);
    // A second copy of the text follows there.
    let said = said.split("issues =").next().unwrap_or(said).trim().trim_end_matches([',', ' ']);
    let sentence = sentence(&short(said));
    match code {
        1 if said.contains("Invalid login") => Error::Unauthenticated(
            "iTop refused the log-in. It says the same for a wrong password, an unknown or disabled user and a token \
             that is not allowed."
                .into(),
        ),
        1 => Error::Forbidden(sentence),
        // No name or no password came along.
        5 | 6 => Error::Unauthenticated(sentence),
        100 => refused(said, sentence),
        2..=13 => Error::Unexpected(format!("iTop did not understand the request (code {code}): {sentence}")),
        // A fault of its database comes with the database's own number and statement.
        _ => Error::Unexpected(format!("iTop failed with code {code}: {sentence}")),
    }
}

/// Everything that is wrong with what was asked has one code and differs in prose only.
fn refused(said: &str, sentence: String) -> Error {
    if let Some(class) = unknown_class(said) {
        return Error::Unsupported(format!("this iTop has no class {class}."));
    }
    if said.contains("Invalid stimulus") {
        return Error::invalid("state", format!("iTop does not take this step: {sentence}"));
    }
    if let Some((_, fields)) = said.split_once("applying the stimulus:") {
        let field = fields.split([',', '.']).next().unwrap_or_default().trim();
        return Error::invalid(
            field,
            format!("iTop does not take this step without {}.", fields.trim().trim_end_matches('.')),
        );
    }
    if let Some((_, rest)) = said.split_once("Unexpected value for attribute '") {
        let field = rest.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(code, _)| code);
        return Error::invalid(field, sentence);
    }
    Error::invalid(attribute_before(said).unwrap_or_default(), sentence)
}

/// The attribute whose value was not taken, which stands before the reason: `agent_id: Invalid object Person::45`.
fn attribute_before(said: &str) -> Option<&str> {
    let (code, _) = said.split_once(": ")?;
    let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (!code.is_empty() && code.bytes().all(is_code)).then_some(code)
}

fn sentence(words: &str) -> String {
    if words.ends_with(['.', '!', '?', '…']) { words.to_owned() } else { format!("{words}.") }
}

/// Maintenance has an envelope of its own.
fn maintenance(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Page {
        data: Vec<Head>,
    }
    let page: Page = serde_json::from_slice(body).ok()?;
    page.data.into_iter().find_map(|head| head.message)
}

impl<'de> Deserialize<'de> for Objects {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Objects;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("objects by class and key, or null")
            }

            fn visit_unit<E>(self) -> Result<Objects, E> {
                Ok(Objects::default())
            }

            /// PHP writes an empty map as a list.
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Objects, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Objects::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Objects, A::Error> {
                let mut all = Vec::new();
                while let Some((_, object)) = map.next_entry::<IgnoredAny, Object>()? {
                    all.push(object);
                }
                Ok(Objects(all))
            }
        }
        from.deserialize_any(InOrder)
    }
}

/// Keys are text, but nobody promises it.
fn text_or_number<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

/// Almost everything of the model is text; durations are numbers, and marks yes or no.
fn scalars_as_text<'de, D: Deserializer<'de>>(from: D) -> Result<Fields, D::Error> {
    let mut fields = Fields::deserialize(from)?;
    for value in fields.values_mut() {
        match value {
            Value::Number(number) => *value = Value::String(number.to_string()),
            Value::Bool(mark) => *value = Value::String(if *mark { "yes" } else { "no" }.into()),
            _ => {}
        }
    }
    Ok(fields)
}
