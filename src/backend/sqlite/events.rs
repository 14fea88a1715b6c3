//! Events in the file: written once, never changed, read in the order of their places.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::backend::sqlite::names::{Names, Numbers};
use crate::backend::sqlite::rows::instant;
use crate::domain::change::{Event, OpKey};
use crate::domain::name::TicketId;
use crate::domain::ticket::Ticket;

/// The place of the last event.
pub fn last(db: &Connection) -> rusqlite::Result<u64> {
    let last: Option<i64> = db.prepare_cached("SELECT max(seq) FROM event")?.query_row([], |row| row.get(0))?;
    Ok(last.unwrap_or_default().cast_unsigned())
}

pub fn write(db: &Connection, event: &Event, ticket: i64, act: i64, numbers: &mut Numbers) -> rusqlite::Result<()> {
    let change = serde_json::to_string(&event.change).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    db.prepare_cached(
        "INSERT INTO event(seq, ticket, actor, at, stored, act, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        event.seq.cast_signed(),
        ticket,
        numbers.of(db, &event.actor)?,
        event.at.as_millisecond(),
        event.stored.as_millisecond(),
        act,
        change
    ])?;
    Ok(())
}

/// The ticket with its timeline.
pub fn ticket(db: &Connection, id: &TicketId, names: &mut Names) -> rusqlite::Result<Option<Ticket>> {
    let found = db
        .prepare_cached("SELECT n FROM ticket WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get::<_, i64>(0))
        .optional()?;
    let Some(n) = found else { return Ok(None) };
    let mut find = db.prepare_cached(
        "SELECT e.seq, e.actor, e.at, e.stored, act.key, e.change FROM event e JOIN act ON act.id = e.act \
         WHERE e.ticket = ?1 ORDER BY e.seq",
    )?;
    let mut rows = find.query([n])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(read(row, names, db)?);
    }
    Ok(Ticket::from_events(id.clone(), events))
}

/// Every ticket's events, ticket by ticket in the order of their making; those done before `until` where it is given.
pub fn each(
    db: &Connection,
    names: &mut Names,
    until: Option<Timestamp>,
    mut visit: impl FnMut(TicketId, Vec<Event>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    names.refresh(db)?;
    let mut find = db.prepare(
        "SELECT e.seq, e.actor, e.at, e.stored, act.key, e.change, e.ticket, t.id \
         FROM ticket t JOIN event e ON e.ticket = t.n JOIN act ON act.id = e.act \
         WHERE e.at < ?1 ORDER BY t.n, e.seq",
    )?;
    let mut rows = find.query([until.map_or(i64::MAX, Timestamp::as_millisecond)])?;
    let mut held: Option<(i64, TicketId, Vec<Event>)> = None;
    while let Some(row) = rows.next()? {
        let (event, n) = (read(row, names, db)?, row.get::<_, i64>(6)?);
        match &mut held {
            Some((number, _, events)) if *number == n => events.push(event),
            _ => {
                let id = TicketId::new(row.get_ref(7)?.as_str()?);
                if let Some((_, id, events)) = held.replace((n, id, vec![event])) {
                    visit(id, events)?;
                }
            }
        }
    }
    held.map_or(Ok(()), |(_, id, events)| visit(id, events))
}

fn read(row: &Row<'_>, names: &mut Names, db: &Connection) -> rusqlite::Result<Event> {
    let change = row.get_ref(5)?.as_str()?;
    Ok(Event {
        seq: row.get::<_, i64>(0)?.cast_unsigned(),
        actor: names.get(db, row.get(1)?)?,
        at: instant(row.get(2)?, 2)?,
        stored: instant(row.get(3)?, 3)?,
        op: OpKey(row.get(4)?),
        change: serde_json::from_str(change)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(5, Type::Text, e.into()))?,
    })
}
