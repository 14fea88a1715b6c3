//! What falls due by itself on the tickets of a file: done by the console that is there when its time comes.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::backend::embedded::{Act, PORTION, fall_due, next_look};
use crate::backend::sqlite::log::Writing;
use crate::backend::sqlite::{Desk, rows};
use crate::backend::{Error, Result};
use crate::domain::name::TicketId;

/// When to look again.
#[derive(Debug, Clone, Copy)]
pub struct Swept {
    pub wait: Duration,
}

/// Does what has fallen due, each ticket in a transaction of its own.
pub fn sweep(desk: &Desk) -> Result<Swept> {
    let (rules, now) = (desk.read(|db| desk.rules(db))?, desk.options.clock.now());
    let mine = Act { rules: &rules, who: &desk.options.me, now };
    if desk.options.read_only || mine.admit().is_err() {
        return Ok(Swept { wait: Duration::MAX });
    }
    let (mut stuck, due) = (false, desk.read(|db| fallen(db, now))?);
    for id in due {
        let done = desk.write(|tx| Ok(fall_due(&rules, now, &mut Writing::new(tx, &desk.path, &rules), &id)));
        match done {
            Ok(Some(_)) | Err(Error::Conflict { .. }) => {}
            Ok(None) => stuck = true,
            Err(error @ (Error::Offline(_) | Error::Unexpected(_))) => return Err(error),
            Err(error) => {
                tracing::warn!("{id}: what has fallen due cannot be done: {error}");
                stuck = true;
            }
        }
    }
    let next = desk.read(next)?;
    Ok(Swept { wait: next_look(next, now, stuck) })
}

fn fallen(db: &Connection, now: Timestamp) -> rusqlite::Result<Vec<TicketId>> {
    let mut find = db.prepare_cached("SELECT id FROM ticket WHERE falls_due <= ?1 ORDER BY falls_due LIMIT ?2")?;
    let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
    let ids = find.query_map([now.as_millisecond(), portion], |row| Ok(TicketId::new(row.get_ref(0)?.as_str()?)))?;
    ids.collect()
}

fn next(db: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let mut find =
        db.prepare_cached("SELECT falls_due FROM ticket WHERE falls_due IS NOT NULL ORDER BY falls_due LIMIT 1")?;
    let ms: Option<i64> = find.query_row([], |row| row.get(0)).optional()?;
    ms.map(|ms| rows::instant(ms, 0)).transpose()
}
