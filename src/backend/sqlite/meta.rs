//! What a file says of itself: which desk it is, its rules and those that made its rows, and its directory.

use std::collections::BTreeMap;

use rusqlite::types::{FromSql, Type};
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use crate::backend::embedded::{Agreement, Rules};
use crate::backend::sqlite::trail::{self, By};
use crate::domain::directory::{Directory, Person};
use crate::domain::gate::Gates;
use crate::domain::name::Name;
use crate::text::Clean;

const DESK: &str = "desk";
const MAKING: &str = "making";
const FINGERPRINT: &str = "fingerprint";
const DIRECTORY: &str = "directory";
const NAME: &str = "name";
const ZONE: &str = "zone";
const RULES: &str = "rules";
const RULES_VERSION: &str = "rules version";

fn get<T: FromSql>(db: &Connection, key: &str) -> rusqlite::Result<Option<T>> {
    db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()
}

fn set(db: &Connection, key: &str, value: impl ToSql) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO meta(key, value) VALUES (?1, ?2) ON CONFLICT(key) DO UPDATE SET value = ?2")?
        .execute(params![key, value])?;
    Ok(())
}

/// Gives a new desk its identity.
pub fn found(db: &Connection) -> rusqlite::Result<()> {
    set(db, DESK, uuid::Uuid::new_v4().simple().to_string())
}

/// The desk and the making of its rows: cursors of another era lead nowhere.
pub fn era(db: &Connection) -> rusqlite::Result<String> {
    let desk: String = get(db, DESK)?.unwrap_or_default();
    let making: i64 = get(db, MAKING)?.unwrap_or_default();
    Ok(format!("{desk} {making}"))
}

/// The rules that made the rows.
pub fn fingerprint(db: &Connection) -> rusqlite::Result<Option<String>> {
    get(db, FINGERPRINT)
}

/// The rows were made anew, by these rules: every cursor given before is void.
pub fn remake(db: &Connection, fingerprint: &str) -> rusqlite::Result<()> {
    let making: i64 = get(db, MAKING)?.unwrap_or_default();
    set(db, MAKING, making + 1)?;
    set(db, FINGERPRINT, fingerprint)
}

/// Counts the changes of the rules; none in a file that has no rules of its own yet.
pub fn rules_version(db: &Connection) -> rusqlite::Result<Option<i64>> {
    get(db, RULES_VERSION)
}

/// The rules of the desk as text.
pub fn rules_text(db: &Connection) -> rusqlite::Result<Option<String>> {
    get(db, RULES)
}

/// Puts rules in the place of those that the desk has, which are `before`. The rows are still those of the old ones.
pub fn set_rules(db: &Connection, by: By<'_>, before: Option<&Rules>, rules: &Rules) -> rusqlite::Result<()> {
    let agreement = Agreement::of(rules);
    let text = agreement.text().map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    set(db, RULES, text)?;
    set(db, RULES_VERSION, rules_version(db)?.unwrap_or_default() + 1)?;
    let before = before.map(|rules| Agreement::of(rules).parts()).unwrap_or_default();
    trail::write(db, by, &before, &agreement.parts())
}

/// The time zone in which the desk's times are read and shown, by its name; none where each console takes its own.
pub fn zone(db: &Connection) -> rusqlite::Result<Option<String>> {
    get(db, ZONE)
}

pub fn set_zone(db: &Connection, by: By<'_>, name: &str) -> rusqlite::Result<()> {
    let part = |name: String| trail::Parts::from([(("desk".to_owned(), ZONE.to_owned()), name.into())]);
    trail::write(db, by, &zone(db)?.map(part).unwrap_or_default(), &part(name.to_owned()))?;
    set(db, ZONE, name)
}

/// Counts the changes of the directory, so that one need not read it to know that it is the same.
pub fn directory_version(db: &Connection) -> rusqlite::Result<i64> {
    Ok(get(db, DIRECTORY)?.unwrap_or_default())
}

/// The directory: one record to a row, so that a person is added without writing all others again.
pub fn directory(db: &Connection) -> rusqlite::Result<Directory> {
    let mut find = db.prepare("SELECT part, record FROM directory ORDER BY part, place")?;
    let mut rows = find.query([])?;
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (part, record) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        let list = parts.entry(part.to_owned()).or_default();
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(record);
    }
    let parts: Vec<String> = parts.into_iter().map(|(part, list)| format!("\"{part}\":[{list}]")).collect();
    let mut directory: Directory = serde_json::from_str(&format!("{{{}}}", parts.join(",")))
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(1, Type::Text, e.into()))?;
    directory.name = Clean::line(&get::<String>(db, NAME)?.unwrap_or_default());
    Ok(directory)
}

/// One person's record, found without reading those of all others.
pub fn person(db: &Connection, login: &Name) -> rusqlite::Result<Option<Person>> {
    let wrong = |e: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, e.into());
    // As `set_directory` writes it. A name that only ends like this one is told apart when it is read.
    let mark = format!("\"login\":{}", serde_json::to_string(login).map_err(wrong)?);
    let mut find = db.prepare("SELECT record FROM directory WHERE part = 'people' AND instr(record, ?1) > 0")?;
    let mut rows = find.query([mark])?;
    while let Some(row) = rows.next()? {
        let person: Person = serde_json::from_str(row.get_ref(0)?.as_str()?).map_err(wrong)?;
        if person.login == *login {
            return Ok(Some(person));
        }
    }
    Ok(None)
}

/// Writes the records that differ from `before`, which is what the desk has, and that they did.
pub fn set_directory(db: &Connection, by: By<'_>, before: &Directory, directory: &Directory) -> rusqlite::Result<()> {
    // What is agreed on is kept with the rules.
    let plain = |held: &Directory| Directory { catalogue: Vec::new(), gates: Gates::default(), ..held.clone() };
    let (before, directory) = (&plain(before), &plain(directory));
    trail::write(db, by, &trail::parts(before)?, &trail::parts(directory)?)?;
    let value = serde_json::to_value(directory).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    set(db, NAME, directory.name.as_str())?;
    let mut put = db.prepare(
        "INSERT INTO directory(part, place, record) VALUES (?1, ?2, ?3) \
         ON CONFLICT(part, place) DO UPDATE SET record = ?3 WHERE record <> ?3",
    )?;
    for (part, list) in value.as_object().into_iter().flatten() {
        let Some(list) = list.as_array() else { continue };
        for (place, record) in list.iter().enumerate() {
            put.execute(params![part, i64::try_from(place).ok(), record.to_string()])?;
        }
        db.execute(
            "DELETE FROM directory WHERE part = ?1 AND place >= ?2",
            params![part, i64::try_from(list.len()).ok()],
        )?;
    }
    set(db, DIRECTORY, directory_version(db)? + 1)
}
