//! A tracker as a copy meets it: pages, cursors with overlap, a scope, a line that breaks on demand. It counts calls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use deskside::backend::embedded::Clock;
use deskside::backend::{Backend, Capabilities, Cursor, Delta, Error, Line, Presence, Result, Schema, Stored};
use deskside::domain::change::{Change, Op, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Revision;
use deskside::domain::name::TicketId;
use deskside::domain::summary::Summary;
use deskside::domain::ticket::Ticket;
use deskside::store::mirror::{Mirror, Options, Pace};
use deskside::text::Clean;
use tokio::time::timeout;

use crate::backends::bench::{NOW, id, rules, staff, tickets};

#[derive(Debug)]
pub struct Desk(Mutex<Inside>);

#[derive(Debug)]
pub struct Inside {
    pub rows: BTreeMap<u64, Summary>,
    pub out_of_scope: BTreeSet<u64>,
    /// Who changed, in order; what is removed or changes quietly leaves no trace.
    log: Vec<u64>,
    era: u32,
    pub page: usize,
    /// Every answer from now on.
    pub fault: Option<Error>,
    /// So many more pages, then it is away.
    pub cut_after: Option<u32>,
    /// Every answer takes so long.
    pub slow: Duration,
    pub calls: Calls,
    pub can: Capabilities,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    pub pulls: u32,
    /// Walks that were begun.
    pub walks: u32,
    pub gets: u32,
    pub schemas: u32,
}

/// How many changes a delta tells again.
const OVERLAP: usize = 2;

impl Desk {
    pub fn new(count: u64) -> Arc<Self> {
        let rules = rules();
        let rows = tickets(count).into_iter().enumerate().map(|(n, (id, mut events))| {
            events.iter_mut().enumerate().for_each(|(at, event)| event.seq = at as u64 + 1);
            (n as u64 + 1, rules.summary(&Ticket::from_events(id, events).unwrap()))
        });
        Arc::new(Self(Mutex::new(Inside {
            rows: rows.collect(),
            out_of_scope: BTreeSet::new(),
            log: Vec::new(),
            era: 1,
            page: 10,
            fault: None,
            cut_after: None,
            slow: Duration::ZERO,
            calls: Calls::default(),
            can: Capabilities::FULL,
        })))
    }

    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    pub fn calls(&self) -> Calls {
        self.inside().calls
    }

    pub fn away(&self) {
        self.inside().fault = Some(Error::Offline("The line is cut.".into()));
    }

    pub fn back(&self) {
        let mut inside = self.inside();
        (inside.fault, inside.cut_after) = (None, None);
    }

    /// Somebody else changes the title.
    pub fn retitle(&self, n: u64, title: &str) {
        self.inside().change(n, title);
    }

    pub fn add(&self) -> u64 {
        let mut inside = self.inside();
        let n = inside.rows.keys().next_back().copied().unwrap_or(0) + 1;
        let Some(mut row) = inside.rows.values().next().cloned() else { return 0 };
        row.id = id(n);
        inside.rows.insert(n, row);
        inside.log.push(n);
        n
    }

    /// Its links change, which no delta tells.
    pub fn link_quietly(&self, n: u64) {
        if let Some(row) = self.inside().rows.get_mut(&n) {
            row.links += 1;
        }
    }

    /// It no longer knows any cursor that it gave.
    pub fn forget(&self) {
        self.inside().era += 1;
    }

    /// What a perfect copy holds.
    pub fn listed(&self) -> BTreeMap<TicketId, Summary> {
        self.inside().listed().map(|(_, row)| (row.id.clone(), row.clone())).collect()
    }

    async fn answer(&self) -> Result<()> {
        let slow = self.inside().slow;
        tokio::time::sleep(slow).await;
        self.inside().fault.clone().map_or(Ok(()), Err)
    }
}

impl Inside {
    fn listed(&self) -> impl DoubleEndedIterator<Item = (u64, &Summary)> {
        self.rows.iter().filter(|(n, _)| !self.out_of_scope.contains(n)).map(|(n, row)| (*n, row))
    }

    pub fn change(&mut self, n: u64, title: &str) {
        if let Some(row) = self.rows.get_mut(&n) {
            row.title = Clean::line(title);
            row.revision = Revision(row.revision.0 + 1);
            self.log.push(n);
        }
    }

    fn walk(&self, mark: usize, below: u64) -> Delta {
        let page: Vec<(u64, &Summary)> = self.listed().rev().filter(|(n, _)| *n < below).take(self.page).collect();
        let more = page.len() == self.page;
        let last = page.last().map_or(0, |(n, _)| *n);
        let next = if more { format!("{} walk {mark} {last}", self.era) } else { format!("{} log {mark} 0", self.era) };
        let changed = page.into_iter().map(|(_, row)| row.clone()).collect();
        Delta { changed, removed: Vec::new(), next: Cursor(next), more }
    }

    fn delta(&self, from: usize) -> Delta {
        let to = (from + self.page).min(self.log.len());
        let told: BTreeSet<u64> = self.log[from.saturating_sub(OVERLAP)..to].iter().copied().collect();
        let changed = self.listed().filter(|(n, _)| told.contains(n)).map(|(_, row)| row.clone()).collect();
        let next = Cursor(format!("{} log {to} 0", self.era));
        Delta { changed, removed: Vec::new(), next, more: to < self.log.len() }
    }
}

#[async_trait]
impl Backend for Desk {
    fn capabilities(&self) -> Capabilities {
        self.inside().can
    }

    async fn schema(&self) -> Result<Schema> {
        self.inside().calls.schemas += 1;
        self.answer().await?;
        Ok(Schema { me: "ana".into(), directory: staff(), workflow: None, members: Vec::new() })
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        {
            let mut inside = self.inside();
            inside.calls.pulls += 1;
            inside.calls.walks += u32::from(since.is_none());
            match inside.cut_after {
                Some(0) => inside.fault = Some(Error::Offline("The line is cut.".into())),
                Some(left) => inside.cut_after = Some(left - 1),
                None => {}
            }
        }
        self.answer().await?;
        let inside = self.inside();
        let Some(cursor) = since else { return Ok(inside.walk(inside.log.len(), u64::MAX)) };
        let words: Vec<&str> = cursor.0.split(' ').collect();
        let [era, how, mark, below] = words.as_slice() else { return Err(Error::CursorExpired) };
        if *era != inside.era.to_string() {
            return Err(Error::CursorExpired);
        }
        let mark = mark.parse().unwrap();
        Ok(if *how == "walk" { inside.walk(mark, below.parse().unwrap()) } else { inside.delta(mark) })
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        self.inside().calls.gets += 1;
        self.answer().await?;
        let inside = self.inside();
        let row = inside.rows.values().find(|row| row.id == *id).ok_or_else(|| Error::NotFound(id.clone()))?;
        let mut ticket = Ticket::of_row(row);
        ticket.fields.insert(Field::Description, Value::text("All of it"));
        Ok(ticket)
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        self.answer().await?;
        let (Target::Ticket(id), [Change::Set { to: Some(Value::Text(title)), .. }]) = (&op.target, &*op.changes)
        else {
            return Err(Error::Unsupported("only titles change here.".into()));
        };
        let mut inside = self.inside();
        let n = inside.rows.iter().find(|(_, row)| row.id == *id).map(|(n, _)| *n);
        let n = n.ok_or_else(|| Error::NotFound(id.clone()))?;
        inside.change(n, title.as_str());
        let summary = inside.rows[&n].clone();
        Ok(Stored { ticket: Ticket::of_row(&summary), summary, also: Vec::new(), dropped: Vec::new() })
    }

    async fn changed(&self) -> Result<()> {
        std::future::pending().await
    }

    async fn presence(&self, _: Option<&TicketId>) -> Result<Vec<Presence>> {
        self.answer().await?;
        Ok(Vec::new())
    }
}

/// Quick, and the same each time.
pub fn pace() -> Pace {
    Pace {
        poll: Duration::from_millis(20),
        least: Duration::from_millis(1),
        gap: Duration::ZERO,
        away: (Duration::from_millis(5), Duration::from_millis(20)),
        jitter: || 0.0,
        ..Pace::default()
    }
}

/// Asks only when it is told to.
pub fn patient() -> Pace {
    Pace { poll: Duration::from_secs(3600), ..pace() }
}

pub fn open(path: &Path, desk: &Arc<Desk>, pace: Pace) -> Mirror {
    let options = Options { of: "ana at the tracker".into(), clock: Clock::fixed(NOW), pace, read_only: false };
    Mirror::open(path, Arc::clone(desk) as Arc<dyn Backend>, options).unwrap()
}

/// All rows of the copy, as a console reads them at its start.
pub async fn rows(mirror: &Mirror) -> BTreeMap<TicketId, Summary> {
    let (mut rows, mut at) = (BTreeMap::new(), None);
    loop {
        let delta = mirror.pull(at.as_ref()).await.unwrap();
        rows.extend(delta.changed.into_iter().map(|row| (row.id.clone(), row)));
        delta.removed.iter().for_each(|id| drop(rows.remove(id)));
        at = Some(delta.next);
        if !delta.more {
            return rows;
        }
    }
}

/// Lets the copy work as a waiting console does, until this holds.
pub async fn until(mirror: &Mirror, what: &str, mut holds: impl FnMut(&Mirror) -> bool) {
    for _ in 0..1_000 {
        if holds(mirror) {
            return;
        }
        if let Ok(told) = timeout(Duration::from_millis(10), mirror.changed()).await {
            told.unwrap();
            rows(mirror).await;
        }
    }
    panic!("it never came to this: {what}; {:?}", mirror.health());
}

pub async fn until_fresh(mirror: &Mirror) {
    until(mirror, "fresh", |mirror| mirror.health().line == Line::Fresh).await;
}

/// Waits until the copy holds what the desk lists.
pub async fn until_same(mirror: &Mirror, desk: &Desk) {
    for _ in 0..1_000 {
        if rows(mirror).await == desk.listed() {
            return;
        }
        if let Ok(told) = timeout(Duration::from_millis(10), mirror.changed()).await {
            told.unwrap();
        }
    }
    let (held, listed) = (rows(mirror).await, desk.listed());
    let only = |here: &BTreeMap<TicketId, Summary>, there: &BTreeMap<TicketId, Summary>| {
        let other = here.iter().filter(|(id, row)| there.get(id) != Some(row));
        other.map(|(id, row)| format!("{id} {} {:?} {}", row.title, row.revision, row.links)).collect::<Vec<_>>()
    };
    assert_eq!(only(&held, &listed), only(&listed, &held), "the copy and the desk; {:?}", mirror.health());
}

/// Waits until there is nothing more to be told.
pub async fn until_quiet(mirror: &Mirror) {
    rows(mirror).await;
    while timeout(Duration::from_millis(60), mirror.changed()).await.is_ok() {
        rows(mirror).await;
    }
}
