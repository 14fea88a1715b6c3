//! What is read from a copy's file and written into it: pages with the place that they lead to, whole tickets, and what
//! the copy remembers of its desk.

use rusqlite::{Connection, OptionalExtension, params};

use crate::backend::sqlite::lock;
use crate::backend::{Capabilities, Cursor, Delta, Error, Line, Result, Schema, Stored};
use crate::domain::name::TicketId;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;
use crate::store::mirror::file::File;
use crate::store::mirror::page::{self, Put, Writing};
use crate::store::mirror::sync::State;
use crate::store::mirror::tables;

/// What the copy says of itself, in one look.
#[derive(Debug, Clone, Default)]
pub struct Words {
    pub head: i64,
    pub rows: usize,
    pub state: State,
    pub line: Option<Line>,
    /// Counts how often another console asked for a look at the desk.
    pub asked: u64,
    pub schemas: u64,
}

/// What the copy knows of one ticket.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub head: i64,
    pub row: Option<(Summary, i64)>,
    /// The whole ticket and when it was fetched, in ms since 1970.
    pub body: Option<(Ticket, i64)>,
}

/// The part that a page has in a look at everything.
#[derive(Debug, Clone, Copy)]
pub struct Walked {
    pub first: bool,
    /// Set on its last page: what was not met and has not changed since this place is suspect.
    pub ended: Option<i64>,
}

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landed {
    Stored {
        news: bool,
        /// Listed tickets that are like new ones of the page, opened at the same moment under the same title: a ticket
        /// that was moved comes under another name, and no delta says that it left the old one.
        twins: Vec<TicketId>,
    },
    /// Somebody wrote one of these tickets meanwhile; nothing was stored, ask again.
    Raced,
}

impl File {
    /// The place of the last change.
    pub fn head(&self) -> Result<i64> {
        self.read(page::head)
    }

    pub fn count(&self) -> Result<usize> {
        self.read(rows)
    }

    pub fn words(&self) -> Result<Words> {
        self.read(|db| {
            let state: State = tables::load(db, tables::SYNC)?.unwrap_or_default();
            Ok(Words {
                head: page::head(db)?,
                // Counting is only worth its while where it is shown.
                rows: if state.complete { 0 } else { rows(db)? },
                state,
                line: tables::load(db, tables::LINE)?,
                asked: tables::load(db, tables::ASKED)?.unwrap_or_default(),
                schemas: tables::load(db, tables::SCHEMAS)?.unwrap_or_default(),
            })
        })
    }

    /// A page of the copy, and up to which change it has told everything.
    pub fn pull(&self, since: Option<&Cursor>) -> Result<(Delta, Option<i64>)> {
        self.read(|db| page::pull(db, &mut lock(&self.names), since))?.ok_or(Error::CursorExpired)
    }

    pub fn known(&self, id: &TicketId) -> Result<Known> {
        self.read(|db| {
            let body = db
                .prepare_cached("SELECT ticket, fetched FROM body WHERE id = ?1")?
                .query_row([id.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)));
            let body = body.optional()?;
            let body = body.and_then(|(text, fetched)| Some((serde_json::from_str(&text).ok()?, fetched)));
            let row = page::row(db, &mut lock(&self.names), id)?;
            Ok(Known { head: page::head(db)?, row, body })
        })
    }

    /// Keeps a page of the desk together with the place up to which it leads: both or nothing.
    pub fn land(&self, delta: &Delta, asked: Option<i64>, state: &State, walked: Option<Walked>) -> Result<Landed> {
        let landed = self.write(|tx| {
            let mut writing = Writing::new(tx)?;
            let (mut news, mut new) = (false, Vec::new());
            let listed = state.complete && walked.is_none();
            let mut walk = tx.prepare_cached("INSERT OR IGNORE INTO walked(id) VALUES (?1)")?;
            if walked.is_some_and(|walked| walked.first) {
                tx.execute_batch("DELETE FROM walked; DELETE FROM suspect;")?;
            }
            for row in &delta.changed {
                if listed && !page::is_listed(tx, &row.id)? {
                    new.push(row);
                }
                match writing.put(row, asked)? {
                    Put::Raced => return Ok(None),
                    put => news |= put == Put::Changed,
                }
                if walked.is_some() {
                    walk.execute([row.id.as_str()])?;
                }
            }
            for id in &delta.removed {
                match writing.remove(id, asked)? {
                    Put::Raced => return Ok(None),
                    put => news |= put == Put::Changed,
                }
                tx.prepare_cached("DELETE FROM body WHERE id = ?1")?.execute([id.as_str()])?;
            }
            if let Some(from) = walked.and_then(|walked| walked.ended) {
                tx.prepare_cached(
                    "INSERT OR REPLACE INTO suspect SELECT id, seq FROM ticket
                     WHERE seq <= ?1 AND id NOT IN (SELECT id FROM walked)",
                )?
                .execute([from])?;
                tx.execute_batch("DELETE FROM walked")?;
            }
            writing.finish()?;
            tables::put(tx, tables::SYNC, state)?;
            let twins = page::twins(tx, &mut lock(&self.names), &new)?;
            Ok(Some(Landed::Stored { news, twins }))
        })?;
        Ok(landed.unwrap_or(Landed::Raced))
    }

    /// Keeps where the looks at the desk stand, when no page came with it.
    pub fn set_state(&self, state: &State) -> Result<()> {
        self.write(|tx| tables::put(tx, tables::SYNC, state).map(Some)).map(drop)
    }

    pub fn set_line(&self, line: &Line) -> Result<()> {
        self.write(|tx| tables::put(tx, tables::LINE, line).map(Some)).map(drop)
    }

    /// Tells the console that keeps the copy up to date that somebody wants to see the desk as it is now.
    pub fn ask_the_other(&self) -> Result<()> {
        self.write(|tx| {
            let asked: u64 = tables::load(tx, tables::ASKED)?.unwrap_or_default();
            tables::put(tx, tables::ASKED, &(asked + 1)).map(Some)
        })
        .map(drop)
    }

    /// Keeps a fetched ticket, unless it was written here while it was on its way.
    pub fn keep(&self, ticket: &Ticket, fetched: i64, asked: i64) -> Result<()> {
        self.write(|tx| {
            let seq = tx
                .prepare_cached("SELECT seq FROM ticket WHERE id = ?1")?
                .query_row([ticket.id.as_str()], |row| row.get::<_, i64>(0))
                .optional()?;
            if seq.is_none_or(|seq| seq <= asked) {
                put_body(tx, ticket, fetched)?;
            }
            Ok(Some(()))
        })
        .map(drop)
    }

    /// Keeps what an act left behind: the ticket, its row, and the rows that changed with it. Which of these are listed.
    pub fn stored(&self, stored: &Stored, fetched: i64) -> Result<Vec<TicketId>> {
        self.write(|tx| {
            let mut writing = Writing::new(tx)?;
            writing.put(&stored.summary, None)?;
            let mut among = Vec::new();
            for row in &stored.also {
                // What was out of scope stays so.
                if page::is_listed(tx, &row.id)? {
                    writing.put(row, None)?;
                    among.push(row.id.clone());
                }
            }
            writing.finish()?;
            put_body(tx, &stored.ticket, fetched)?;
            Ok(Some(among))
        })
        .map(Option::unwrap_or_default)
    }

    /// The desk no longer has this ticket, or no longer shows it. True when it was listed.
    pub fn lost(&self, id: &TicketId, asked: i64) -> Result<bool> {
        let put = self.write(|tx| {
            let mut writing = Writing::new(tx)?;
            let put = writing.remove(id, Some(asked))?;
            writing.finish()?;
            if put != Put::Raced {
                tx.prepare_cached("DELETE FROM body WHERE id = ?1")?.execute([id.as_str()])?;
            }
            Ok(Some(put))
        })?;
        Ok(put == Some(Put::Changed))
    }

    /// The next ticket that a look at everything did not meet, with the place of its last change.
    pub fn suspect(&self) -> Result<Option<(TicketId, i64)>> {
        self.read(|db| {
            db.prepare_cached("SELECT id, seq FROM suspect ORDER BY id LIMIT 1")?
                .query_row([], |row| Ok((TicketId::new(row.get_ref(0)?.as_str()?), row.get(1)?)))
                .optional()
        })
    }

    /// This ticket was looked at. It leaves the list unless it changed meanwhile or is to `stay`. True when it left.
    pub fn cleared(&self, id: &TicketId, seq: i64, stay: bool) -> Result<bool> {
        let put = self.write(|tx| {
            let mut writing = Writing::new(tx)?;
            let put = if stay { Put::Same } else { writing.remove(id, Some(seq))? };
            writing.finish()?;
            tx.prepare_cached("DELETE FROM suspect WHERE id = ?1")?.execute([id.as_str()])?;
            Ok(Some(put))
        })?;
        Ok(put == Some(Put::Changed))
    }

    pub fn schema(&self) -> Result<Option<Schema>> {
        self.read(|db| tables::load(db, tables::SCHEMA))
    }

    pub fn set_schema(&self, schema: &Schema) -> Result<()> {
        self.write(|tx| {
            if tables::put(tx, tables::SCHEMA, schema)? {
                let count: u64 = tables::load(tx, tables::SCHEMAS)?.unwrap_or_default();
                tables::put(tx, tables::SCHEMAS, &(count + 1))?;
            }
            Ok(Some(()))
        })
        .map(drop)
    }

    pub fn capabilities(&self) -> Result<Option<Capabilities>> {
        self.read(|db| tables::load(db, tables::CAPABILITIES))
    }

    pub fn set_capabilities(&self, can: &Capabilities) -> Result<()> {
        self.write(|tx| tables::put(tx, tables::CAPABILITIES, can).map(Some)).map(drop)
    }
}

fn rows(db: &Connection) -> rusqlite::Result<usize> {
    let count: i64 = db.prepare_cached("SELECT count(*) FROM ticket")?.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

fn put_body(db: &Connection, ticket: &Ticket, fetched: i64) -> rusqlite::Result<()> {
    let text = serde_json::to_string(ticket).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    db.prepare_cached(
        "INSERT INTO body(id, fetched, ticket) VALUES (?1, ?2, ?3) ON CONFLICT(id) DO UPDATE SET fetched = ?2, ticket = ?3",
    )?
    .execute(params![ticket.id.as_str(), fetched, text])?;
    Ok(())
}
