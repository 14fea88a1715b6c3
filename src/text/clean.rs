//! [`Clean`]: text without anything that a terminal would obey or that would hide from its reader.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::gate::{self, Form};

/// Text that passed the gate: no control characters but newline, nothing invisible, no unbounded stacks of marks.
///
/// Cheap to clone. Deserialising is a way through the gate too, so stored text is cleaned again when it is read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Clean(Arc<str>);

impl Clean {
    /// Text of one line: newlines and tabs become single spaces, both ends are trimmed.
    pub fn line(raw: &str) -> Self {
        let plain = gate::is_plain(raw) && !raw.starts_with(' ') && !raw.ends_with(' ');
        if plain { Self(raw.into()) } else { Self(gate::pass(raw, Form::Line).into()) }
    }

    /// Text of several lines: newlines stay, a tab becomes four spaces, other line breaks become newlines.
    pub fn body(raw: &str) -> Self {
        let plain = raw.split('\n').all(gate::is_plain);
        if plain { Self(raw.into()) } else { Self(gate::pass(raw, Form::Body).into()) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The text for a cell of a CSV file: what a spreadsheet would take for a formula begins with an apostrophe
/// (`=`, `+`, `-`, `@`, also in their full width, as OWASP's page on CSV injection lists them). Quoting is the writer's.
pub fn csv_cell(text: &Clean) -> Cow<'_, str> {
    match text.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}

impl<'de> Deserialize<'de> for Clean {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_text(from, Self::body)
    }
}

/// Reads text and makes something of it, without a copy in between: desks are read by the thousand records.
pub(crate) fn read_text<'de, D: Deserializer<'de>, T>(from: D, make: fn(&str) -> T) -> Result<T, D::Error> {
    from.deserialize_str(Reader(make))
}

/// Takes text as it lies there.
struct Reader<T>(fn(&str) -> T);

impl<T> Visitor<'_> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(text))
    }
}

impl From<Clean> for Arc<str> {
    fn from(text: Clean) -> Self {
        text.0
    }
}

impl std::ops::Deref for Clean {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
