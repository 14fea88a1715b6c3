//! The tables of a copy, what it says of itself, and the steps from one version to the next.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::backend::sqlite::rows;

/// Tells a copy from other SQLite files: "Copy" in ASCII.
const APPLICATION: i32 = 0x436f_7079;

/// `STEPS[n]` leads from version n to version n + 1. Steps that were released are never edited.
const STEPS: &[&str] = &[COPY];

/// `ticket.seq` and `gone.seq` are the places in the copy's own order of changes: its cursor. `body` holds whole
/// tickets as they were fetched. `walked` is what a look at everything has met so far, `suspect` what it did not meet.
const COPY: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE ticket(
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  open INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  title TEXT NOT NULL,
  cells BLOB NOT NULL
) STRICT;
CREATE INDEX ticket_rank ON ticket(rank) WHERE open = 1;
CREATE INDEX ticket_seq ON ticket(seq);
CREATE TABLE gone(id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX gone_seq ON gone(seq);
CREATE TABLE body(id TEXT PRIMARY KEY, fetched INTEGER NOT NULL, ticket TEXT NOT NULL) STRICT;
CREATE TABLE walked(id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE suspect(id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";

pub const ERA: &str = "era";
const FORMAT: &str = "format";
const OF: &str = "of";
pub const HEAD: &str = "head";
pub const SYNC: &str = "sync";
pub const LINE: &str = "line";
pub const ASKED: &str = "asked";
pub const SCHEMA: &str = "schema";
pub const SCHEMAS: &str = "schemas";
pub const CAPABILITIES: &str = "capabilities";

/// How a file compares with what this program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Sound,
    /// Of another program, or of a newer one.
    Alien,
    /// A copy of another desk, which somebody else uses just now.
    Other,
}

/// Brings the tables up to date, and empties a copy of another desk or with rows that this program reads differently,
/// if it may.
pub fn prepare(db: &mut Connection, of: &str, may_empty: bool) -> rusqlite::Result<Standing> {
    let (application, version) = versions(db)?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let new = tables == 0 && application == 0;
    if (!new && application != APPLICATION) || version > STEPS.len() {
        return Ok(Standing::Alien);
    }
    if version < STEPS.len() {
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another console may have taken the steps while this one waited for the lock.
        for step in STEPS.get(versions(&tx)?.1..).unwrap_or_default() {
            tx.execute_batch(step)?;
        }
        tx.pragma_update(None, "user_version", i64::try_from(STEPS.len()).unwrap_or(i64::MAX))?;
        tx.pragma_update(None, "application_id", APPLICATION)?;
        tx.commit()?;
    }
    if is_of(db, of)? {
        return Ok(Standing::Sound);
    }
    if !may_empty {
        return Ok(Standing::Other);
    }
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if !is_of(&tx, of)? {
        // Names stay: a number that was given out never changes its name.
        tx.execute_batch(
            "DELETE FROM ticket; DELETE FROM gone; DELETE FROM body; DELETE FROM walked; DELETE FROM suspect;
             DELETE FROM meta;",
        )?;
        set(&tx, ERA, uuid::Uuid::new_v4().simple().to_string())?;
        set(&tx, OF, of)?;
        set(&tx, FORMAT, rows::format())?;
    }
    tx.commit()?;
    Ok(Standing::Sound)
}

fn versions(db: &Connection) -> rusqlite::Result<(i32, usize)> {
    let application = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((application, usize::try_from(version).unwrap_or(usize::MAX)))
}

fn is_of(db: &Connection, of: &str) -> rusqlite::Result<bool> {
    let (held, format): (Option<String>, Option<String>) = (get(db, OF)?, get(db, FORMAT)?);
    Ok(held.as_deref() == Some(of) && format == Some(rows::format()))
}

pub fn get<T: FromSql>(db: &Connection, key: &str) -> rusqlite::Result<Option<T>> {
    db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()
}

pub fn set(db: &Connection, key: &str, value: impl ToSql) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO meta(key, value) VALUES (?1, ?2) ON CONFLICT(key) DO UPDATE SET value = ?2")?
        .execute(params![key, value])?;
    Ok(())
}

/// A value that was written by [`put`]; what makes no sense any more counts as never written.
pub fn load<T: DeserializeOwned>(db: &Connection, key: &str) -> rusqlite::Result<Option<T>> {
    Ok(get::<String>(db, key)?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Writes a value unless it stands there already; tells whether it did.
pub fn put<T: Serialize>(db: &Connection, key: &str, value: &T) -> rusqlite::Result<bool> {
    let text = serde_json::to_string(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    let same = get::<String>(db, key)?.is_some_and(|held| held == text);
    if !same {
        set(db, key, text)?;
    }
    Ok(!same)
}
