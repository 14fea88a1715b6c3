//! The tables of a mapping's file, as serde reads them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de};

use crate::domain::calendar::zone;
use crate::domain::change::LinkKind;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::state::{HoldReason, State};
use crate::import::mapping::{Column, Format};
use crate::named_enum;

/// The tables of a mapping's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Part of the key of every imported act: the same log under the same name is the same acts.
    pub name: String,
    pub file: FileFormat,
    pub time: TimeFormat,
    pub case: Case,
    #[serde(default)]
    pub times: TimeColumns,
    pub state: Option<States>,
    #[serde(default)]
    pub people: People,
    #[serde(default)]
    pub figures: Figures,
    #[serde(default)]
    pub fields: BTreeMap<Field, Column>,
    #[serde(default)]
    pub links: BTreeMap<LinkKind, Column>,
    #[serde(default)]
    pub groups: Groups,
}

/// How the bytes of the file are to be read. Compression is seen from the bytes themselves.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFormat {
    pub format: Shape,
    #[serde(default)]
    pub encoding: Encoding,
    #[serde(default = "comma")]
    pub delimiter: Delimiter,
    /// The first row names the columns.
    #[serde(default = "yes")]
    pub header: bool,
    /// The file inside an archive that holds several.
    pub member: Option<String>,
    /// Texts that stand for nothing.
    #[serde(default)]
    pub missing: Vec<String>,
}

named_enum! {
    /// What sort of file it is.
    pub enum Shape { Csv = "csv", Xes = "xes" }
}

named_enum! {
    /// How its bytes are letters.
    #[derive(Default)]
    pub enum Encoding { #[default] Utf8 = "utf_8", Latin1 = "latin_1" }
}

/// The byte between two columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiter(pub u8);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeFormat {
    /// Of times that do not say theirs.
    #[serde(default = "utc")]
    pub zone: Zone,
    /// Tried in this order.
    pub formats: Vec<Format>,
}

/// A time zone by its name.
#[derive(Debug, Clone)]
pub struct Zone(pub TimeZone);

/// What is one ticket.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub id: Column,
    /// Before the identifier; the kind's own (`INC-`) unless given.
    pub prefix: Option<String>,
    /// The kind of every ticket, or of those that `kind_by` does not tell.
    pub kind: Option<Kind>,
    pub kind_by: Option<Column>,
    /// The rows of a case follow each other: the import then holds one case at a time.
    #[serde(default)]
    pub grouped: bool,
    /// Columns that order the rows of a case; the order of the file decides between equals.
    #[serde(default)]
    pub order: Vec<Column>,
}

/// When things happened.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeColumns {
    /// When the row was written. A file with one row for each ticket may have none.
    pub at: Option<Column>,
    /// The first row's time where there is none.
    pub opened: Option<Column>,
    pub responded: Option<Column>,
    /// Where these are given they win over the rows' states, and their absence too.
    pub resolved: Option<Column>,
    pub closed: Option<Column>,
}

/// The states of the log and ours.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct States {
    pub column: Column,
    pub names: BTreeMap<String, Ours>,
    /// What a name that is not listed does.
    #[serde(default)]
    pub unknown: Unknown,
    /// The state in which tickets are opened; that of their kind unless given.
    pub first: Option<State>,
    /// A field that keeps the log's own name of the state, row by row.
    pub keep: Option<Field>,
    /// Of several rows in a row that say resolved or closed, the one that counts.
    #[serde(default)]
    pub repeats: Repeats,
    #[serde(default)]
    pub responded: Responded,
}

/// One of our states, with the reason when it waits: `on_hold:caller`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ours {
    pub state: State,
    pub hold: Option<HoldReason>,
}

named_enum! {
    /// What an unknown state does: nothing (and is counted), what its name says among our states, or the row is bad.
    #[derive(Default)]
    pub enum Unknown { #[default] Keep = "keep", AsGiven = "as_given", Report = "report" }
}

named_enum! {
    /// Which of several equal rows counts.
    #[derive(Default)]
    pub enum Repeats { #[default] First = "first", Last = "last" }
}

named_enum! {
    /// What the first response is: the first row in another state than the first one, or what the desk's own rules say.
    #[derive(Default)]
    pub enum Responded { #[default] Leaving = "leaving", Desk = "desk" }
}

/// Who did what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Who wrote the row.
    pub actor: Option<Column>,
    pub opener: Option<Column>,
    pub owner: Option<Column>,
    /// Stands in where the log names nobody, and manages the groups.
    #[serde(default = "nobody")]
    pub nobody: String,
}

/// Figures that the log gives itself; they win over what its rows would make.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    pub priority: Option<Column>,
    pub reopens: Option<Column>,
    pub reassignments: Option<Column>,
}

/// What the log does not say of its groups.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// The line of groups whose names end so; all others are the first.
    #[serde(default)]
    pub lines: BTreeMap<String, u8>,
}

const fn yes() -> bool {
    true
}

const fn comma() -> Delimiter {
    Delimiter(b',')
}

const fn utc() -> Zone {
    Zone(TimeZone::UTC)
}

fn nobody() -> String {
    "import".into()
}

impl Default for People {
    fn default() -> Self {
        Self { actor: None, opener: None, owner: None, nobody: nobody() }
    }
}

impl<'de> Deserialize<'de> for Delimiter {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        match text.as_bytes() {
            b"tab" => Ok(Self(b'\t')),
            [one] => Ok(Self(*one)),
            _ => Err(de::Error::custom(format!(
                "`{}` is no delimiter; allowed is one character such as `,` or `;`, or `tab`",
                text.escape_debug()
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(from)?;
        zone(&name).map(Self).ok_or_else(|| {
            let say = format!("`{}` is no time zone; write for example UTC or Europe/Lisbon", name.escape_debug());
            de::Error::custom(say)
        })
    }
}

impl<'de> Deserialize<'de> for Ours {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let (state, hold) = text.split_once(':').map_or((&*text, None), |(state, hold)| (state, Some(hold)));
        let none = |word: &str, choices: String| {
            de::Error::custom(format!("`{}` is not one of: {choices}", word.escape_debug()))
        };
        let ours = State::parse(state).ok_or_else(|| none(state, State::choices()))?;
        let hold = match hold {
            Some(hold) => Some(HoldReason::parse(hold).ok_or_else(|| none(hold, HoldReason::choices()))?),
            None => None,
        };
        Ok(Self { state: ours, hold })
    }
}
