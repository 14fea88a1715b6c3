//! Taking in a whole history: imports, the sample desk. One transaction, and nothing that is there already twice.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::backend::Result;
use crate::backend::embedded::{Rules, whole_ms};
use crate::backend::sqlite::log::Writing;
use crate::backend::sqlite::names::Names;
use crate::backend::sqlite::{Desk, events, meta, problem};
use crate::domain::change::{Event, OpKey};
use crate::domain::directory::Directory;
use crate::domain::name::TicketId;
use crate::domain::ticket::Ticket;

/// What a load brought in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Tickets that the desk did not have.
    pub tickets: u64,
    /// Events that were added, to new tickets and to others.
    pub events: u64,
    /// Events of acts that the desk had already.
    pub known: u64,
    /// Tickets without a first event that creates them; none of theirs was taken.
    pub headless: u64,
}

/// A load under way, in one transaction.
#[derive(Debug)]
pub(super) struct Load<'a> {
    tx: &'a Connection,
    desk: &'a Desk,
    rules: &'a Rules,
    log: Writing<'a>,
    seq: u64,
    /// The last act before this load: later ones are of its own making, and may touch several tickets.
    acts: i64,
    loaded: Loaded,
}

/// Loads what `work` brings; nothing stays of it when that fails.
pub(super) fn load(desk: &Desk, work: impl FnOnce(&mut Load<'_>) -> Result<()>) -> Result<Loaded> {
    let loaded = desk.write(|tx| {
        let acts = tx.query_row("SELECT coalesce(max(id), 0) FROM act", [], |row| row.get(0))?;
        let rules = desk.rules(tx)?;
        let (log, seq) = (Writing::new(tx, &desk.path, &rules), events::last(tx)?);
        let mut load = Load { tx, desk, rules: &rules, log, seq, acts, loaded: Loaded::default() };
        Ok(work(&mut load).map(|()| load.loaded))
    })?;
    desk.settle()?;
    Ok(loaded)
}

impl Load<'_> {
    /// Adds what the desk does not have of this ticket's events, and returns how many those are.
    pub(super) fn ticket(&mut self, id: TicketId, events: Vec<Event>) -> Result<u64> {
        let before = self.loaded.events;
        self.add(id, events).map_err(|e| problem(&self.desk.path, e))?;
        Ok(self.loaded.events - before)
    }

    /// Adds the people, groups and other records that the desk does not have.
    pub(super) fn directory(&mut self, directory: &Directory) -> Result<()> {
        let merge = || {
            let before = meta::directory(self.tx)?;
            let mut merged = before.clone();
            let came = merged.merge(directory);
            if came { meta::set_directory(self.tx, self.desk.by(), &before, &merged) } else { Ok(()) }
        };
        merge().map_err(|e| problem(&self.desk.path, e))
    }

    fn add(&mut self, id: TicketId, events: Vec<Event>) -> rusqlite::Result<()> {
        let (all, mut new) = (events.len(), self.unknown(events)?);
        self.loaded.known += (all - new.len()) as u64;
        if new.is_empty() {
            return Ok(());
        }
        let first = self.seq + 1;
        for (event, seq) in new.iter_mut().zip(first..) {
            *event = Event { seq, at: whole_ms(event.at), stored: whole_ms(event.stored), ..event.clone() };
        }
        let held = events::ticket(self.tx, &id, &mut Names::default())?;
        let known = held.is_some();
        let timeline = held.map_or_else(Vec::new, |ticket| ticket.timeline);
        let before = timeline.len();
        let Some(ticket) = Ticket::from_events(id, timeline.into_iter().chain(new).collect()) else {
            self.loaded.headless += 1;
            return Ok(());
        };
        self.seq = ticket.revision.0;
        self.log.put(&ticket, before, &self.rules.summary(&ticket))?;
        self.loaded.events += (ticket.timeline.len() - before) as u64;
        self.loaded.tickets += u64::from(!known);
        Ok(())
    }

    /// The events whose acts the desk does not have. All events of an act come together, so the first one decides.
    fn unknown(&self, events: Vec<Event>) -> rusqlite::Result<Vec<Event>> {
        let mut has = self.tx.prepare_cached("SELECT 1 FROM act WHERE key = ?1 AND id <= ?2")?;
        let mut known: HashMap<OpKey, bool> = HashMap::new();
        let mut new = Vec::with_capacity(events.len());
        for event in events {
            let is_known = match known.get(&event.op) {
                Some(is_known) => *is_known,
                None => {
                    let is_known = has.query_row(params![event.op.0, self.acts], |_| Ok(())).optional()?.is_some();
                    known.insert(event.op.clone(), is_known);
                    is_known
                }
            };
            if !is_known {
                new.push(event);
            }
        }
        Ok(new)
    }
}
