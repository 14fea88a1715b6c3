//! Copies of a desk that can be trusted: made while others write, checked before they are called a backup.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use crate::backend::embedded::{Agreement, Rules};
use crate::backend::sqlite::names::Names;
use crate::backend::sqlite::schema::{self, Standing};
use crate::backend::sqlite::{door, events, meta, problem, rows};
use crate::backend::{Error, Result};
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// What a checked file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub tickets: u64,
    pub events: u64,
    pub bytes: u64,
}

/// Pages copied between two looks at who else wants the file.
const PAGES: i32 = 2_000;

/// Copies the desk to a new file and checks the copy. What already stands at `to` is never touched.
pub fn copy(db: &Connection, to: &Path) -> Result<Verified> {
    if to.exists() {
        return Err(Error::Unexpected(format!(
            "{} exists already; nothing was copied. Name another file.",
            to.display()
        )));
    }
    let part = schema::beside(to, "part");
    let made = write(db, &part).and_then(|()| verify_tables(&part)).and_then(|verified| {
        fs::rename(&part, to).map_err(|e| Error::Unexpected(format!("{} cannot be written: {e}.", to.display())))?;
        Ok(verified)
    });
    if made.is_err() && part.exists() {
        // The first error says what went wrong; a left-over part file is not worth a second one.
        drop(fs::remove_file(&part));
    }
    made
}

fn write(db: &Connection, part: &Path) -> Result<()> {
    if part.exists() {
        fs::remove_file(part).map_err(|e| Error::Unexpected(format!("{} is in the way: {e}.", part.display())))?;
    }
    door::make(part, door::Share::Private)?;
    let mut to = Connection::open(part).map_err(|e| problem(part, e))?;
    let backup = Backup::new(db, &mut to).map_err(|e| problem(part, e))?;
    backup.run_to_completion(PAGES, Duration::from_millis(1), None).map_err(|e| problem(part, e))?;
    drop(backup);
    // A copy is one file, whole in itself.
    to.pragma_update(None, "journal_mode", "DELETE").map_err(|e| problem(part, e))?;
    to.close().map_err(|(_, e)| problem(part, e))
}

/// Checks a desk's file from the pages up: the database is sound and of a version that this program reads.
fn verify_tables(path: &Path) -> Result<Verified> {
    let db = open(path)?;
    check(&db, path)
}

fn open(path: &Path) -> Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|e| problem(path, e))?;
    // Reading alone cannot take over what a killed console left in the log beside the file.
    db.busy_timeout(Duration::from_secs(5)).map_err(|e| problem(path, e))?;
    Ok(db)
}

fn check(db: &Connection, path: &Path) -> Result<Verified> {
    if schema::standing(db, path)? == Standing::Empty {
        return Err(Error::Unexpected(format!("{} is empty: there is no desk in it.", path.display())));
    }
    let verdict: String =
        db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(|e| problem(path, e))?;
    if verdict != "ok" {
        return Err(Error::Unexpected(format!(
            "{} is damaged ({verdict}). Restore the newest backup: while no console is open, remove this file and the -wal and -shm beside it, and copy it here.",
            path.display()
        )));
    }
    let count = |table: &str| {
        db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
            .map(i64::cast_unsigned)
            .map_err(|e| problem(path, e))
    };
    let bytes = fs::metadata(path).map_or(0, |about| about.len());
    Ok(Verified { tickets: count("ticket")?, events: count("event")?, bytes })
}

/// Checks a desk's file whole: sound pages, readable events, and rows that say what the events say, their clocks and
/// priorities by the desk's own rules. Rows that another version of the program made are compared without these: they
/// are made anew when the desk is opened.
pub fn verify(path: &Path) -> Result<Verified> {
    let db = open(path)?;
    let verified = check(&db, path)?;
    if schema::standing(&db, path)? != Standing::Current {
        return Ok(verified);
    }
    let (mut names, mut shown, mut wrong) = (Names::default(), Names::default(), None);
    let rules = rules(&db, path)?;
    let sql = format!("SELECT {} FROM ticket WHERE id = ?1", rows::COLUMNS);
    let mut row = db.prepare(&sql).map_err(|e| problem(path, e))?;
    events::each(&db, &mut names, None, |id, events| {
        let held: Summary = row.query_row([id.as_str()], |row| rows::read(row, &mut shown, &db))?;
        let folded = Ticket::from_events(id.clone(), events);
        wrong =
            wrong.take().or_else(|| Some((id, folded.map_or(Some(EVENTS), |t| disagrees(&held, &t, rules.as_ref()))?)));
        Ok(())
    })
    .map_err(|e| problem(path, e))?;
    match wrong {
        None => Ok(verified),
        Some((id, what)) => Err(Error::Unexpected(format!(
            "{}: the list's row of {id} is not what {what} say. `deskside doctor --rebuild` makes the rows anew.",
            path.display()
        ))),
    }
}

/// The rules of the desk, where they are those that made the rows.
fn rules(db: &Connection, path: &Path) -> Result<Option<Rules>> {
    let sql = |e| problem(path, e);
    let Some(text) = meta::rules_text(db).map_err(sql)? else { return Ok(None) };
    let read = Agreement::read(&text).and_then(Agreement::rules);
    let rules = read.map_err(|e| {
        Error::Unexpected(format!("{}: the desk's rules cannot be read: {e} Restore a backup.", path.display()))
    })?;
    let made = meta::fingerprint(db).map_err(sql)?;
    Ok((made == Some(rules.fingerprint())).then_some(rules))
}

const EVENTS: &str = "its events";

/// By what a row is not as it should be: what the events alone decide, then what they decide by the desk's rules.
fn disagrees(row: &Summary, ticket: &Ticket, rules: Option<&Rules>) -> Option<&'static str> {
    let agrees = row.revision == ticket.revision
        && row.state == ticket.state
        && row.owner == ticket.owner
        && row.accepted == ticket.accepted
        && row.title.as_str() == ticket.title().trim();
    if !agrees {
        return Some(EVENTS);
    }
    let made = rules?.summary(ticket);
    let clocks = |row: &Summary| (row.glance, row.update_due, row.priority, row.priority_overridden);
    (clocks(row) != clocks(&made)).then_some("its events and the desk's rules")
}
