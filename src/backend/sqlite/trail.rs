//! The trail of a desk's records: who changed a person, a group, a promise when, from what and to what. Only added to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::Value as Json;

use crate::backend::sqlite::rows::instant;
use crate::domain::directory::Directory;
use crate::domain::name::Name;

/// One record that was added, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub at: Timestamp,
    pub who: Name,
    /// `people`, `groups` and so on, as `deskside records` names them; `definition`, `calendar`, `matrix` of the rules.
    pub part: String,
    /// Its log-in, name or tag.
    pub record: String,
    /// None where it was not there before.
    pub from: Option<Json>,
    /// None where it is not there any more.
    pub to: Option<Json>,
}

/// Who changes records, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    pub who: &'a Name,
    pub at: Timestamp,
}

/// Records by part and name.
pub type Parts = BTreeMap<(String, String), Json>;

/// Writes down what differs.
pub fn write(db: &Connection, by: By<'_>, before: &Parts, after: &Parts) -> rusqlite::Result<()> {
    let mut add =
        db.prepare_cached("INSERT INTO trail(at, who, part, record, was, becomes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    for name in after.keys().chain(gone) {
        let (from, to) = (before.get(name), after.get(name));
        if from != to {
            let [from, to] = [from, to].map(|record| record.map(Json::to_string));
            add.execute(params![by.at.as_millisecond(), by.who.as_str(), name.0, name.1, from, to])?;
        }
    }
    Ok(())
}

/// The whole trail, the oldest first.
pub fn read(db: &Connection) -> rusqlite::Result<Vec<Edit>> {
    let mut find = db.prepare("SELECT at, who, part, record, was, becomes FROM trail ORDER BY seq")?;
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    let edits = find.query_map([], |row| {
        Ok(Edit {
            at: instant(row.get(0)?, 0)?,
            who: Name::new(row.get_ref(1)?.as_str()?),
            part: row.get(2)?,
            record: row.get(3)?,
            from: json(row.get(4)?),
            to: json(row.get(5)?),
        })
    })?;
    edits.collect()
}

/// The records of a directory. A list of plain names has them as its records.
pub fn parts(directory: &Directory) -> rusqlite::Result<Parts> {
    let value = serde_json::to_value(directory).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    let mut parts = Parts::new();
    for (part, held) in value.as_object().into_iter().flatten() {
        match held {
            Json::Array(list) => {
                let named = |record: &Json| ((part.clone(), key(record)), record.clone());
                parts.extend(list.iter().map(named));
            }
            one if one.as_str() != Some("") => {
                parts.insert(("desk".to_owned(), part.clone()), one.clone());
            }
            _ => {}
        }
    }
    Ok(parts)
}

/// What a record goes by.
fn key(record: &Json) -> String {
    let named = ["login", "tag", "name"].into_iter().find_map(|field| record.get(field));
    named.unwrap_or(record).as_str().unwrap_or_default().to_owned()
}
