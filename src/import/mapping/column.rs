//! One column of a mapping: where a value comes from and what becomes of its text. Written short (`"impact"`, `21`,
//! `["a", "b"]`) or as a table.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

use crate::domain::directory::Level;
use crate::named_enum;

/// A value of a ticket and the columns of the file that it is made of.
#[derive(Debug, Clone)]
pub struct Column {
    /// Where in the mapping's text it stands, in bytes.
    pub offset: usize,
    pub from: Vec<Ref>,
    /// Between the parts when there are several; parts that are missing are left out.
    pub join: String,
    /// A text around the parts, `Symptom {3} in {1}`, instead of joining them.
    pub text: Option<String>,
    pub prefix: String,
    pub values: BTreeMap<String, String>,
    pub other: Other,
    pub take: Take,
    pub missing: Missing,
    pub after: After,
    /// For a person: the name to show, made of the parts like `text`.
    pub display: Option<String>,
    /// For a person: staff of the desk have a level.
    pub level: Option<Level>,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ref {
    /// By its header; `category#2` is the second of that name.
    Name(String),
    /// By its place, counted from 1.
    Place(usize),
    /// `#row`: the number of the row, for files whose rows say nothing else of themselves.
    Row,
}

/// How a mapping writes [`Ref::Row`].
const ROW: &str = "#row";

named_enum! {
    /// What to do with a value that the table of values does not hold.
    #[derive(Default)]
    pub enum Other { #[default] Keep = "keep", Missing = "missing", Report = "report" }
}

named_enum! {
    /// Which row of a case wins.
    #[derive(Default)]
    pub enum Take { #[default] Last = "last", First = "first", Max = "max", Min = "min" }
}

named_enum! {
    /// Whether a missing value empties what an earlier row said.
    #[derive(Default)]
    pub enum Missing { #[default] Clear = "clear", Keep = "keep" }
}

named_enum! {
    /// From when on a value was known: logs write what came out at the end into every row.
    #[derive(Default)]
    pub enum After { #[default] Opened = "opened", Resolved = "resolved", Closed = "closed" }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    from: Refs,
    #[serde(default = "space")]
    join: String,
    text: Option<String>,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    values: BTreeMap<String, Scalar>,
    #[serde(default)]
    other: Other,
    #[serde(default)]
    take: Take,
    #[serde(default)]
    missing: Missing,
    #[serde(default)]
    after: After,
    display: Option<String>,
    level: Option<Level>,
}

fn space() -> String {
    " ".into()
}

#[derive(Default)]
struct Refs(Vec<Ref>);

struct Scalar(String);

/// What stands in the file, before its place is noted.
struct Form(Table);

impl Table {
    fn of(from: Refs) -> Self {
        Self {
            from,
            join: space(),
            text: None,
            prefix: String::new(),
            values: BTreeMap::new(),
            other: Other::Keep,
            take: Take::Last,
            missing: Missing::Clear,
            after: After::Opened,
            display: None,
            level: None,
        }
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<Form>::deserialize(from)?;
        let offset = spanned.span().start;
        let Form(table) = spanned.into_inner();
        if table.from.0.is_empty() && table.text.is_none() {
            return Err(de::Error::custom("no column is named; write `from = \"HEADER\"`, or a fixed `text`"));
        }
        Ok(Self {
            offset,
            from: table.from.0,
            join: table.join,
            text: table.text,
            prefix: table.prefix,
            values: table.values.into_iter().map(|(key, value)| (key, value.0)).collect(),
            other: table.other,
            take: table.take,
            missing: table.missing,
            after: table.after,
            display: table.display,
            level: table.level,
        })
    }
}

/// Reads one reference or several; a table only where `TABLE` says so.
struct FormVisitor;

impl<'de> Visitor<'de> for FormVisitor {
    type Value = Form;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header, the number of a column, a list of them, or a table with `from`")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Form, E> {
        RefsVisitor.visit_str(name).map(|refs| Form(Table::of(refs)))
    }

    fn visit_i64<E: de::Error>(self, place: i64) -> Result<Form, E> {
        RefsVisitor.visit_i64(place).map(|refs| Form(Table::of(refs)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Form, A::Error> {
        RefsVisitor.visit_seq(seq).map(|refs| Form(Table::of(refs)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Form, A::Error> {
        Table::deserialize(MapAccessDeserializer::new(map)).map(Form)
    }
}

struct RefsVisitor;

impl<'de> Visitor<'de> for RefsVisitor {
    type Value = Refs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header, the number of a column, or a list of them")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Refs, E> {
        Ok(Refs(vec![if name == ROW { Ref::Row } else { Ref::Name(name.to_owned()) }]))
    }

    fn visit_i64<E: de::Error>(self, place: i64) -> Result<Refs, E> {
        match usize::try_from(place) {
            Ok(place) if place > 0 => Ok(Refs(vec![Ref::Place(place)])),
            _ => Err(E::custom(format!("columns are counted from 1, so {place} is none"))),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Refs, A::Error> {
        let mut all = Vec::new();
        while let Some(Refs(refs)) = seq.next_element()? {
            all.extend(refs);
        }
        Ok(Refs(all))
    }
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FormVisitor)
    }
}

impl<'de> Deserialize<'de> for Refs {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(RefsVisitor)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true or false")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Scalar, E> {
        Ok(Scalar(flag.to_string()))
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Place(place) => write!(f, "{place}"),
            Self::Row => f.write_str(ROW),
        }
    }
}
