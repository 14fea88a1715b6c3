//! The engine's view of one writing transaction.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use crate::backend::Result;
use crate::backend::embedded::{Log, Rules};
use crate::backend::sqlite::events;
use crate::backend::sqlite::names::{Names, Numbers};
use crate::backend::sqlite::{problem, pull, rows};
use crate::domain::change::OpKey;
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
use crate::domain::rfc::Planned;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// One writing transaction. What is not committed by its owner never happened.
#[derive(Debug)]
pub struct Writing<'a> {
    db: &'a Connection,
    path: &'a Path,
    rules: &'a Rules,
    numbers: Numbers,
    /// Names that were committed before; those of this transaction must not stay known after a rollback.
    names: Names,
}

impl<'a> Writing<'a> {
    pub fn new(db: &'a Connection, path: &'a Path, rules: &'a Rules) -> Self {
        Self { db, path, rules, numbers: Numbers::default(), names: Names::default() }
    }

    fn try_act(&mut self, key: &OpKey) -> rusqlite::Result<Option<Vec<TicketId>>> {
        let mut find = self.db.prepare_cached("SELECT ticket, others FROM act WHERE key = ?1")?;
        let held = find.query_row([&key.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?)));
        let Some((ticket, others)) = held.optional()? else { return Ok(None) };
        let others = others.unwrap_or_default();
        let numbers = std::iter::once(ticket).chain(others.split_whitespace().filter_map(|n| n.parse().ok()));
        let mut id = self.db.prepare_cached("SELECT id FROM ticket WHERE n = ?1")?;
        numbers
            .map(|n| id.query_row([n], |row| Ok(TicketId::new(row.get_ref(0)?.as_str()?))))
            .collect::<rusqlite::Result<_>>()
            .map(Some)
    }

    fn try_booked(&mut self) -> rusqlite::Result<Vec<Planned>> {
        let sql = format!("SELECT {} FROM ticket WHERE open = 1 AND kind = ?1", rows::COLUMNS);
        let mut find = self.db.prepare_cached(&sql)?;
        let mut found = find.query([Kind::Change.as_str()])?;
        let mut booked = Vec::new();
        while let Some(row) = found.next()? {
            let row = rows::read(row, &mut self.names, self.db)?;
            booked.extend(Planned::of_row(&row).filter(|change| change.is_active() && change.span.is_some()));
        }
        Ok(booked)
    }

    /// The number of this act, written down when it is new, and that it touched this ticket.
    fn act_number(&mut self, key: &OpKey, ticket: i64) -> rusqlite::Result<i64> {
        let held = self
            .db
            .prepare_cached("SELECT id FROM act WHERE key = ?1")?
            .query_row([&key.0], |row| row.get::<_, i64>(0))
            .optional()?;
        let Some(id) = held else {
            return self
                .db
                .prepare_cached("INSERT INTO act(key, ticket) VALUES (?1, ?2)")?
                .insert(params![key.0, ticket]);
        };
        self.db
            .prepare_cached("UPDATE act SET others = coalesce(others || ' ', '') || ?2 WHERE id = ?1 AND ticket <> ?2")?
            .execute([id, ticket])?;
        Ok(id)
    }

    /// Adds the events of the timeline from `new` on, which end in this summary.
    pub fn put(&mut self, ticket: &Ticket, new: usize, summary: &Summary) -> rusqlite::Result<()> {
        let events = ticket.timeline.get(new..).unwrap_or_default();
        let ticket = rows::write(self.db, summary, self.rules.falls_due(ticket), &mut self.numbers)?;
        let mut act: Option<(&OpKey, i64)> = None;
        for event in events {
            let number = match act {
                Some((key, number)) if *key == event.op => number,
                _ => self.act_number(&event.op, ticket)?,
            };
            act = Some((&event.op, number));
            events::write(self.db, event, ticket, number, &mut self.numbers)?;
        }
        Ok(())
    }
}

impl Log for Writing<'_> {
    fn act(&mut self, key: &OpKey) -> Result<Option<Vec<TicketId>>> {
        self.try_act(key).map_err(|e| problem(self.path, e))
    }

    fn ticket(&mut self, id: &TicketId) -> Result<Option<Ticket>> {
        events::ticket(self.db, id, &mut self.names).map_err(|e| problem(self.path, e))
    }

    fn since(&mut self, seq: u64) -> Result<Vec<Summary>> {
        let after = i64::try_from(seq).unwrap_or(i64::MAX);
        pull::since(self.db, &mut self.names, after).map_err(|e| problem(self.path, e))
    }

    fn booked(&mut self) -> Result<Vec<Planned>> {
        self.try_booked().map_err(|e| problem(self.path, e))
    }

    fn name_ticket(&mut self, kind: Kind) -> Result<TicketId> {
        let highest: Option<i64> = self
            .db
            .prepare_cached("SELECT max(number) FROM ticket WHERE kind = ?1")
            .and_then(|mut find| find.query_row([kind.as_str()], |row| row.get(0)))
            .map_err(|e| problem(self.path, e))?;
        Ok(TicketId::new(&format!("{}-{}", kind.prefix(), highest.unwrap_or(0) + 1)))
    }

    fn next_seq(&mut self) -> Result<u64> {
        let last = events::last(self.db).map_err(|e| problem(self.path, e))?;
        Ok(last + 1)
    }

    fn store(&mut self, ticket: &Ticket, new: usize, summary: &Summary) -> Result<()> {
        self.put(ticket, new, summary).map_err(|e| problem(self.path, e))
    }
}
