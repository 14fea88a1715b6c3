//! The tables of a desk's file, and the steps from one version of them to the next.
//!
//! Each step runs in a transaction of its own after a copy of the file was put beside it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::backend::sqlite::{backup, problem};
use crate::backend::{Error, Result};

/// Tells a desk's file from other SQLite files: "Desk" in ASCII.
const APPLICATION: i32 = 0x4465_736b;

/// `STEPS[n]` leads from version n to version n + 1. Steps that were released are never edited.
const STEPS: &[&str] = &[RECORDS, PRESENCE, TRAIL];

/// Events are the truth; `ticket` is derived from them and can be made again at any time.
const RECORDS: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE directory(part TEXT, place INTEGER, record TEXT NOT NULL, PRIMARY KEY(part, place)) STRICT, WITHOUT ROWID;
CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE act(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, ticket INTEGER NOT NULL, others TEXT) STRICT;
CREATE TABLE event(
  seq INTEGER PRIMARY KEY,
  ticket INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  at INTEGER NOT NULL,
  stored INTEGER NOT NULL,
  act INTEGER NOT NULL,
  change TEXT NOT NULL
) STRICT;
CREATE INDEX event_ticket ON event(ticket, seq);
CREATE TABLE ticket(
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  number INTEGER,
  open INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  falls_due INTEGER,
  revision INTEGER NOT NULL,
  title TEXT NOT NULL,
  cells BLOB NOT NULL
) STRICT;
CREATE INDEX ticket_rank ON ticket(rank) WHERE open = 1;
CREATE INDEX ticket_falls_due ON ticket(falls_due) WHERE falls_due IS NOT NULL;
CREATE INDEX ticket_revision ON ticket(revision);
CREATE INDEX ticket_number ON ticket(kind, number);
";

/// Who has what open. Rows of consoles that are gone mean nothing and are swept by the next writer.
const PRESENCE: &str = "
CREATE TABLE presence(
  console TEXT PRIMARY KEY,
  who TEXT NOT NULL,
  host TEXT NOT NULL,
  process INTEGER NOT NULL,
  ticket TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Who changed which record of the desk when, from what and to what, each as JSON; none where it was not there before
/// or is not there any more.
const TRAIL: &str = "
CREATE TABLE trail(
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  part TEXT NOT NULL,
  record TEXT NOT NULL,
  was TEXT,
  becomes TEXT
) STRICT;
";

/// The version that this program writes.
pub const VERSION: usize = STEPS.len();

/// How the tables of a file compare with those of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was ever written to it.
    Empty,
    Current,
    Older(usize),
}

/// Looks at the version; an alien or newer file is an error that says so.
pub fn standing(db: &Connection, path: &Path) -> Result<Standing> {
    let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (
        pragma("application_id").map_err(|e| problem(path, e))?,
        pragma("user_version").map_err(|e| problem(path, e))?,
    );
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if application != i64::from(APPLICATION) {
        let tables: i64 =
            db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(|e| problem(path, e))?;
        if tables == 0 && application == 0 {
            return Ok(Standing::Empty);
        }
        return Err(Error::Unexpected(format!(
            "{} is a database of another program, not a desk. Name another file.",
            path.display()
        )));
    }
    match version {
        VERSION => Ok(Standing::Current),
        older if older < VERSION => Ok(Standing::Older(older)),
        newer => Err(Error::Unexpected(format!(
            "{} was written by a newer deskside (its tables have version {newer}, this program knows up to {VERSION}). \
             Use the newer program; nothing was changed.",
            path.display()
        ))),
    }
}

/// The version of the tables in this file, which is not changed by the look.
pub fn version_of(path: &Path) -> Result<usize> {
    let open = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let db = open.map_err(|e| problem(path, e))?;
    Ok(match standing(&db, path)? {
        Standing::Empty => 0,
        Standing::Current => VERSION,
        Standing::Older(version) => version,
    })
}

/// Takes every step that is still missing. A file with records is copied first; returns where the copy lies.
pub fn migrate(db: &mut Connection, path: &Path) -> Result<Option<PathBuf>> {
    let (from, copy) = match standing(db, path)? {
        Standing::Current => return Ok(None),
        Standing::Empty => (0, None),
        Standing::Older(from) => {
            let copy = beside(path, &format!("before-version-{VERSION}"));
            backup::copy(db, &copy)?;
            (from, Some(copy))
        }
    };
    for version in from..VERSION {
        step(db, version).map_err(|e| problem(path, e))?;
    }
    Ok(copy)
}

fn step(db: &mut Connection, from: usize) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let held: usize = tx.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?.try_into().unwrap_or(0);
    // Another console may have taken the step while this one waited for the lock.
    if held == from {
        tx.execute_batch(STEPS.get(from).copied().unwrap_or_default())?;
        tx.pragma_update(None, "user_version", i64::try_from(from + 1).unwrap_or(i64::MAX))?;
        tx.pragma_update(None, "application_id", APPLICATION)?;
    }
    tx.commit()
}

/// The log that SQLite keeps beside the file.
pub fn beside_log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// `desk.db` with `.word` behind it.
pub fn beside(path: &Path, word: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(word);
    name.into()
}
