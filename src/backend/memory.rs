//! The desk in memory: the reference for what a desk promises, and the home of the sample desk.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::backend::embedded::{Act, Clock, History, Log, PORTION, Rules, fall_due, next_look, number_of};
use crate::backend::{Backend, Capabilities, Cursor, Delta, Error, Presence, Result, Schema, Stored};
use crate::domain::change::{Event, Op, OpKey};
use crate::domain::directory::Directory;
use crate::domain::kind::{Kind, Revision};
use crate::domain::name::{Name, TicketId};
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// Rows of the first page: a screen full, best due first.
const FIRST: usize = 60;
/// Rows of every later page.
const PAGE: usize = 2_000;

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

#[derive(Debug)]
struct Records {
    rules: Arc<Rules>,
    tickets: Vec<(Ticket, Summary)>,
    by_id: HashMap<TicketId, usize>,
    by_revision: BTreeMap<Revision, usize>,
    acts: HashMap<OpKey, Vec<TicketId>>,
    numbers: HashMap<Kind, u64>,
    seq: u64,
    present: BTreeMap<u64, Presence>,
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
        Ok(Schema { me: self.me.clone(), directory: self.records().rules.directory().clone() })
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

impl Records {
    fn new(rules: Rules) -> Self {
        Self {
            rules: Arc::new(rules),
            tickets: Vec::new(),
            by_id: HashMap::new(),
            by_revision: BTreeMap::new(),
            acts: HashMap::new(),
            numbers: HashMap::new(),
            seq: 0,
            present: BTreeMap::new(),
        }
    }

    /// One act: kept whole when it succeeds, else not at all.
    fn write<T>(&mut self, act: impl FnOnce(&mut Draft<'_>, &Rules) -> Result<T>) -> Result<T> {
        let rules = Arc::clone(&self.rules);
        let mut draft = Draft { records: self, written: Vec::new(), named: None };
        let done = act(&mut draft, &rules)?;
        draft.commit();
        Ok(done)
    }

    fn fallen(&self, now: Timestamp) -> Vec<TicketId> {
        let fallen = |ticket: &Ticket| self.rules.falls_due(ticket).is_some_and(|due| due <= now);
        let tickets = self.tickets.iter().map(|(ticket, _)| ticket);
        tickets.filter(|ticket| fallen(ticket)).map(|ticket| ticket.id.clone()).take(PORTION).collect()
    }

    fn find(&self, id: &TicketId) -> Option<&(Ticket, Summary)> {
        self.by_id.get(id).and_then(|at| self.tickets.get(*at))
    }

    /// Takes the events of one ticket as they happened and gives them their places in the log.
    fn load(&mut self, id: TicketId, mut events: Vec<Event>) {
        for event in &mut events {
            self.seq += 1;
            event.seq = self.seq;
            let known = self.acts.entry(event.op.clone()).or_default();
            if !known.contains(&id) {
                known.push(id.clone());
            }
        }
        if let Some(ticket) = Ticket::from_events(id, events) {
            let summary = self.rules.summary(&ticket);
            self.put(ticket, summary);
        }
    }

    fn put(&mut self, ticket: Ticket, summary: Summary) {
        if let Some(number) = number_of(ticket.kind, ticket.id.as_str()) {
            let highest = self.numbers.entry(ticket.kind).or_default();
            *highest = number.max(*highest);
        }
        let revision = ticket.revision;
        let at = match self.by_id.get(&ticket.id) {
            Some(at) => *at,
            None => self.tickets.len(),
        };
        if let Some(slot) = self.tickets.get_mut(at) {
            self.by_revision.remove(&slot.0.revision);
            *slot = (ticket, summary);
        } else {
            self.by_id.insert(ticket.id.clone(), at);
            self.tickets.push((ticket, summary));
        }
        self.by_revision.insert(revision, at);
    }

    fn pull(&self, place: Option<&Place>) -> Result<Delta> {
        match place {
            None => Ok(self.first()),
            Some(Place::Down { head, below }) => Ok(self.down(*head, *below)),
            Some(Place::Up { after }) => self.up(*after),
        }
    }

    fn first(&self) -> Delta {
        let mut open: Vec<&Summary> = self.rows().filter(|row| row.state.is_open()).collect();
        open.sort_by_key(|row| (row.glance.due.unwrap_or(i64::MAX), std::cmp::Reverse(row.revision)));
        open.truncate(FIRST);
        let next = Place::Down { head: self.seq, below: self.tickets.len() };
        page(open.into_iter().cloned().collect(), &next)
    }

    fn rows(&self) -> impl Iterator<Item = &Summary> {
        self.tickets.iter().map(|(_, summary)| summary)
    }

    fn down(&self, head: u64, below: usize) -> Delta {
        let below = below.min(self.tickets.len());
        let from = below.saturating_sub(PAGE);
        let rows = self.rows().skip(from).take(below - from).cloned().collect::<Vec<_>>();
        let next = if from == 0 { Place::Up { after: head } } else { Place::Down { head, below: from } };
        page(rows.into_iter().rev().collect(), &next)
    }

    fn up(&self, after: u64) -> Result<Delta> {
        if after > self.seq {
            return Err(Error::CursorExpired);
        }
        let later = self.by_revision.range(Revision(after + 1)..);
        let rows: Vec<Summary> =
            later.take(PAGE).filter_map(|(_, at)| self.tickets.get(*at)).map(|(_, row)| row.clone()).collect();
        let after = rows.last().map_or(after, |row| row.revision.0);
        let more = self.by_revision.range(Revision(after + 1)..).next().is_some();
        Ok(Delta { changed: rows, removed: Vec::new(), next: Place::Up { after }.write(), more })
    }
}

fn page(changed: Vec<Summary>, next: &Place) -> Delta {
    Delta { changed, removed: Vec::new(), next: next.write(), more: matches!(next, Place::Down { .. }) }
}

/// What a cursor of this desk says.
#[derive(Debug)]
enum Place {
    /// Reading everything, from the newest ticket down; `head` is where the log stood at the beginning.
    Down { head: u64, below: usize },
    /// Reading what changed after this place in the log.
    Up { after: u64 },
}

impl Place {
    fn write(&self) -> Cursor {
        Cursor(match self {
            Self::Down { head, below } => format!("down {head} {below}"),
            Self::Up { after } => format!("up {after}"),
        })
    }

    fn read(cursor: &Cursor) -> Result<Self> {
        let mut words = cursor.0.split(' ');
        let (how, mut number) = (words.next(), || words.next().and_then(|word| word.parse::<u64>().ok()));
        match (how, number(), number()) {
            (Some("down"), Some(head), Some(below)) => {
                Ok(Self::Down { head, below: usize::try_from(below).unwrap_or(usize::MAX) })
            }
            (Some("up"), Some(after), None) => Ok(Self::Up { after }),
            _ => Err(Error::CursorExpired),
        }
    }
}

/// One act on the records: nothing of it shows before `commit`.
#[derive(Debug)]
struct Draft<'a> {
    records: &'a mut Records,
    written: Vec<(Ticket, Summary)>,
    named: Option<(Kind, u64)>,
}

impl Draft<'_> {
    fn commit(self) {
        for (ticket, summary) in self.written {
            self.records.seq = self.records.seq.max(ticket.revision.0);
            // An act that left everything as it was left nothing to remember.
            if let Some(event) = ticket.timeline.last() {
                let touched = self.records.acts.entry(event.op.clone()).or_default();
                if !touched.contains(&ticket.id) {
                    touched.push(ticket.id.clone());
                }
            }
            self.records.put(ticket, summary);
        }
        if let Some((kind, number)) = self.named {
            self.records.numbers.insert(kind, number);
        }
    }
}

impl Log for Draft<'_> {
    fn act(&mut self, key: &OpKey) -> Result<Option<Vec<TicketId>>> {
        Ok(self.records.acts.get(key).cloned())
    }

    fn ticket(&mut self, id: &TicketId) -> Result<Option<Ticket>> {
        let written = self.written.iter().rev().find(|(ticket, _)| ticket.id == *id);
        Ok(written.or_else(|| self.records.find(id)).map(|(ticket, _)| ticket.clone()))
    }

    fn name_ticket(&mut self, kind: Kind) -> Result<TicketId> {
        let number = self.records.numbers.get(&kind).copied().unwrap_or_default() + 1;
        self.named = Some((kind, number));
        Ok(TicketId::new(&format!("{}-{number}", kind.prefix())))
    }

    fn next_seq(&mut self) -> Result<u64> {
        let drafted = self.written.iter().map(|(ticket, _)| ticket.revision.0).max();
        Ok(drafted.unwrap_or_default().max(self.records.seq) + 1)
    }

    fn store(&mut self, ticket: &Ticket, _new: usize, summary: &Summary) -> Result<()> {
        self.written.push((ticket.clone(), summary.clone()));
        Ok(())
    }
}
