//! The desk in memory: the reference for what a desk promises, and the home of the sample desk.

mod records;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::backend::embedded::{Act, Clock, History, Rules, fall_due, next_look};
use crate::backend::memory::records::{Draft, Place, Records};
use crate::backend::{Backend, Capabilities, Cursor, Delta, Error, Presence, Result, Schema, Stored};
use crate::domain::change::Op;
use crate::domain::directory::Directory;
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;

/// A console's view of a desk in memory. Consoles of one desk come from [`Memory::console`].
#[derive(Debug)]
pub struct Memory {
    me: Name,
    console: u64,
    desk: Arc<Shared>,
    at_rest: bool,
    /// The generation at the last pull.
    seen: AtomicU64,
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    consoles: AtomicU64,
    /// Counts what happened, for `changed`.
    generation: watch::Sender<u64>,
    records: Mutex<Records>,
}

impl Memory {
    /// A desk that holds this history; `me` is who works at this console.
    pub fn new(me: Name, directory: Directory, history: History, rules: Rules, clock: Clock) -> Self {
        let mut records = Records::new(rules.over(directory));
        for (id, events) in history {
            records.load(id, events);
        }
        let desk = Shared {
            clock,
            consoles: AtomicU64::new(1),
            generation: watch::Sender::new(0),
            records: Mutex::new(records),
        };
        Self { me, console: 0, desk: Arc::new(desk), at_rest: false, seen: AtomicU64::new(0) }
    }

    /// Another console on the same desk.
    pub fn console(&self, me: Name) -> Self {
        let console = self.desk.consoles.fetch_add(1, Ordering::Relaxed);
        let seen = AtomicU64::new(*self.desk.generation.borrow());
        Self { me, console, desk: Arc::clone(&self.desk), at_rest: self.at_rest, seen }
    }

    /// Nothing falls due by itself any more: a desk of the past stands as it stood.
    #[must_use]
    pub fn at_rest(mut self) -> Self {
        self.at_rest = true;
        self
    }

    /// Does what falls due by itself when its time comes.
    async fn keep_time(&self) -> Result<()> {
        loop {
            let wait = if self.at_rest { Duration::MAX } else { self.sweep() };
            tokio::time::sleep(wait).await;
        }
    }

    /// Does what has fallen due, and says when to look again.
    fn sweep(&self) -> Duration {
        let now = self.desk.clock.now();
        let mut records = self.records();
        let rules = Arc::clone(&records.rules);
        let (mut done, mut stuck) = (false, false);
        for id in records.fallen(now) {
            match records.write(|draft, rules| fall_due(rules, now, draft, &id)) {
                Ok(Some(_)) => done = true,
                Ok(None) => stuck = true,
                Err(error) => {
                    tracing::warn!("{id}: what has fallen due cannot be done: {error}");
                    stuck = true;
                }
            }
        }
        let next = records.tickets.iter().filter_map(|(ticket, _)| rules.falls_due(ticket)).min();
        drop(records);
        if done {
            self.announce();
        }
        next_look(next, now, stuck)
    }

    /// A half-done act never stays, so a panic of another thread leaves sound records behind.
    fn records(&self) -> MutexGuard<'_, Records> {
        self.desk.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self) {
        self.desk.generation.send_modify(|generation| *generation += 1);
    }
}

#[async_trait]
impl Backend for Memory {
    fn capabilities(&self) -> Capabilities {
        Capabilities::FULL
    }

    async fn schema(&self) -> Result<Schema> {
        Ok(Schema {
            me: self.me.clone(),
            directory: self.records().rules.directory().clone(),
            workflow: None,
            members: Vec::new(),
        })
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        let generation = *self.desk.generation.borrow();
        let place = since.map(Place::read).transpose()?;
        let delta = self.records().pull(place.as_ref())?;
        // What happens while everything is read comes with the first pull after it, so `changed` must tell of it.
        if !matches!(place, Some(Place::Down { .. })) {
            self.seen.store(generation, Ordering::Relaxed);
        }
        Ok(delta)
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        self.records().find(id).map(|(ticket, _)| ticket.clone()).ok_or_else(|| Error::NotFound(id.clone()))
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        let now = self.desk.clock.now();
        let act = |draft: &mut Draft<'_>, rules: &Rules| Act { rules, who: &self.me, now }.apply(draft, op);
        let stored = self.records().write(act)?;
        self.announce();
        Ok(stored)
    }

    async fn changed(&self) -> Result<()> {
        let mut generation = self.desk.generation.subscribe();
        let seen = self.seen.load(Ordering::Relaxed);
        let news = generation.wait_for(|now| *now != seen);
        tokio::select! {
            news = news => news.map(drop).map_err(|_| Error::Offline("The desk was closed.".into())),
            never = self.keep_time() => never,
        }
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        let mut records = self.records();
        let mine = open.map(|ticket| Presence { who: self.me.clone(), ticket: ticket.clone() });
        let moved = records.present.get(&self.console) != mine.as_ref();
        match mine {
            Some(mine) => records.present.insert(self.console, mine),
            None => records.present.remove(&self.console),
        };
        let others = records.present.values().filter(|one| one.who != self.me).cloned().collect();
        drop(records);
        if moved {
            self.announce();
        }
        Ok(others)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.records().present.remove(&self.console).is_some() {
            self.announce();
        }
    }
}
