//! What a desk in memory holds: tickets with their rows, and how a list is read from them page by page.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use crate::backend::embedded::{Log, PORTION, Rules, number_of};
use crate::backend::{Cursor, Delta, Error, Presence, Result};
use crate::domain::change::{Event, OpKey};
use crate::domain::kind::{Kind, Revision};
use crate::domain::name::TicketId;
use crate::domain::rfc::Planned;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// Rows of the first page: a screen full, best due first.
const FIRST: usize = 60;
/// Rows of every later page.
const PAGE: usize = 2_000;

#[derive(Debug)]
pub(super) struct Records {
    pub(super) rules: Arc<Rules>,
    pub(super) tickets: Vec<(Ticket, Summary)>,
    pub(super) by_id: HashMap<TicketId, usize>,
    pub(super) by_revision: BTreeMap<Revision, usize>,
    pub(super) acts: HashMap<OpKey, Vec<TicketId>>,
    pub(super) numbers: HashMap<Kind, u64>,
    pub(super) seq: u64,
    pub(super) present: BTreeMap<u64, Presence>,
}

impl Records {
    pub(super) fn new(rules: Rules) -> Self {
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
    pub(super) fn write<T>(&mut self, act: impl FnOnce(&mut Draft<'_>, &Rules) -> Result<T>) -> Result<T> {
        let rules = Arc::clone(&self.rules);
        let mut draft = Draft { records: self, written: Vec::new(), named: None };
        let done = act(&mut draft, &rules)?;
        draft.commit();
        Ok(done)
    }

    pub(super) fn fallen(&self, now: Timestamp) -> Vec<TicketId> {
        let fallen = |ticket: &Ticket| self.rules.falls_due(ticket).is_some_and(|due| due <= now);
        let tickets = self.tickets.iter().map(|(ticket, _)| ticket);
        tickets.filter(|ticket| fallen(ticket)).map(|ticket| ticket.id.clone()).take(PORTION).collect()
    }

    pub(super) fn find(&self, id: &TicketId) -> Option<&(Ticket, Summary)> {
        self.by_id.get(id).and_then(|at| self.tickets.get(*at))
    }

    /// Takes the events of one ticket as they happened and gives them their places in the log.
    pub(super) fn load(&mut self, id: TicketId, mut events: Vec<Event>) {
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

    pub(super) fn put(&mut self, ticket: Ticket, summary: Summary) {
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

    pub(super) fn pull(&self, place: Option<&Place>) -> Result<Delta> {
        match place {
            None => Ok(self.first()),
            Some(Place::Down { head, below }) => Ok(self.down(*head, *below)),
            Some(Place::Up { after }) => self.up(*after),
        }
    }

    pub(super) fn first(&self) -> Delta {
        let mut open: Vec<&Summary> = self.rows().filter(|row| row.state.is_open()).collect();
        open.sort_by_key(|row| (row.glance.due.unwrap_or(i64::MAX), std::cmp::Reverse(row.revision)));
        open.truncate(FIRST);
        let next = Place::Down { head: self.seq, below: self.tickets.len() };
        page(open.into_iter().cloned().collect(), &next)
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Summary> {
        self.tickets.iter().map(|(_, summary)| summary)
    }

    pub(super) fn down(&self, head: u64, below: usize) -> Delta {
        let below = below.min(self.tickets.len());
        let from = below.saturating_sub(PAGE);
        let rows = self.rows().skip(from).take(below - from).cloned().collect::<Vec<_>>();
        let next = if from == 0 { Place::Up { after: head } } else { Place::Down { head, below: from } };
        page(rows.into_iter().rev().collect(), &next)
    }

    pub(super) fn up(&self, after: u64) -> Result<Delta> {
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
pub(super) enum Place {
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

    pub(super) fn read(cursor: &Cursor) -> Result<Self> {
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
pub(super) struct Draft<'a> {
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

    fn since(&mut self, seq: u64) -> Result<Vec<Summary>> {
        let later = self.records.by_revision.range(Revision(seq.saturating_add(1))..);
        Ok(later.filter_map(|(_, at)| self.records.tickets.get(*at)).map(|(_, row)| row.clone()).collect())
    }

    fn booked(&mut self) -> Result<Vec<Planned>> {
        let planned = self.records.rows().filter_map(Planned::of_row);
        Ok(planned.filter(|change| change.is_active() && change.span.is_some()).collect())
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
