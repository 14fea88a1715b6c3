//! Who has which ticket open. A row is written only when something moves, and counts while its process lives, so
//! nobody has to say again and again that they are still there.

use std::fs;

use jiff::{SignedDuration, Timestamp};
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use rusqlite::{Connection, OptionalExtension, params};

use crate::backend::Presence;
use crate::domain::name::{Name, TicketId};

/// The present of a console whose process cannot be asked (it runs on another host) is believed this long.
const BELIEVED: SignedDuration = SignedDuration::from_hours(12);

/// This console among all that have the file open.
#[derive(Debug, Clone)]
pub struct Console {
    pub id: String,
    host: String,
    process: u32,
}

impl Console {
    pub fn here() -> Self {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            id: uuid::Uuid::new_v4().simple().to_string(),
            host: host.trim().to_owned(),
            process: std::process::id(),
        }
    }
}

/// What this console has said last, as the file has it.
pub fn mine(db: &Connection, console: &Console) -> rusqlite::Result<Option<String>> {
    db.prepare_cached("SELECT ticket FROM presence WHERE console = ?1")?
        .query_row([&console.id], |row| row.get(0))
        .optional()
}

/// Says, within a writing transaction, what this console has open, and sweeps the rows of consoles that are gone.
pub fn say(
    db: &Connection,
    console: &Console,
    who: &Name,
    open: Option<&TicketId>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    for gone in rows(db)?.into_iter().filter(|row| !row.is_there(console, now)) {
        db.execute("DELETE FROM presence WHERE console = ?1", [gone.console])?;
    }
    match open {
        Some(ticket) => db.execute(
            "INSERT INTO presence(console, who, host, process, ticket, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT(console) DO UPDATE SET ticket = ?5, since = ?6",
            params![console.id, who.as_str(), console.host, console.process, ticket.as_str(), now.as_millisecond()],
        )?,
        None => db.execute("DELETE FROM presence WHERE console = ?1", [&console.id])?,
    };
    Ok(())
}

/// What the others have open.
pub fn others(db: &Connection, console: &Console, me: &Name, now: Timestamp) -> rusqlite::Result<Vec<Presence>> {
    let there = rows(db)?.into_iter().filter(|row| row.who != me.as_str() && row.is_there(console, now));
    Ok(there.map(|row| Presence { who: Name::new(&row.who), ticket: TicketId::new(&row.ticket) }).collect())
}

#[derive(Debug)]
struct Row {
    console: String,
    who: String,
    host: String,
    process: i32,
    ticket: String,
    since: i64,
}

impl Row {
    fn is_there(&self, here: &Console, now: Timestamp) -> bool {
        let age = SignedDuration::from_millis(now.as_millisecond() - self.since);
        if self.host != here.host {
            return age < BELIEVED;
        }
        // A process of another user answers "not permitted", which also says that it is there.
        !matches!(kill(Pid::from_raw(self.process), None), Err(Errno::ESRCH))
    }
}

fn rows(db: &Connection) -> rusqlite::Result<Vec<Row>> {
    let mut find =
        db.prepare_cached("SELECT console, who, host, process, ticket, since FROM presence ORDER BY since")?;
    let rows = find.query_map([], |row| {
        Ok(Row {
            console: row.get(0)?,
            who: row.get(1)?,
            host: row.get(2)?,
            process: row.get(3)?,
            ticket: row.get(4)?,
            since: row.get(5)?,
        })
    })?;
    rows.collect()
}
