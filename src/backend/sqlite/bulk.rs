//! Taking in a whole history: imports, the sample desk. One transaction, and nothing that is there already twice.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::backend::Result;
use crate::backend::embedded::whole_ms;
use crate::backend::sqlite::log::Writing;
use crate::backend::sqlite::names::Names;
use crate::backend::sqlite::{Desk, events, meta};
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

pub(super) fn load(
    desk: &Desk,
    directory: &Directory,
    history: impl IntoIterator<Item = (TicketId, Vec<Event>)>,
) -> Result<Loaded> {
    desk.write(|tx| {
        let mut merged = meta::directory(tx)?;
        if merged.merge(directory) {
            meta::set_directory(tx, &merged)?;
        }
        let mut load = Load {
            tx,
            desk,
            log: Writing::new(tx, &desk.path),
            seq: events::last(tx)?,
            acts: tx.query_row("SELECT coalesce(max(id), 0) FROM act", [], |row| row.get(0))?,
            loaded: Loaded::default(),
        };
        for (id, events) in history {
            load.ticket(id, events)?;
        }
        Ok(Ok(load.loaded))
    })
}

#[derive(Debug)]
struct Load<'a> {
    tx: &'a Connection,
    desk: &'a Desk,
    log: Writing<'a>,
    seq: u64,
    /// The last act before this load: later ones are of its own making, and may touch several tickets.
    acts: i64,
    loaded: Loaded,
}

impl Load<'_> {
    fn ticket(&mut self, id: TicketId, events: Vec<Event>) -> rusqlite::Result<()> {
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
        let added = ticket.timeline.get(before..).unwrap_or_default();
        self.log.put(added, &self.desk.options.rules.summary(&ticket))?;
        self.loaded.events += added.len() as u64;
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
