//! [`Table`]: up to a million tickets in one line each, kept in columns so that a filter reads only what it asks for.
//!
//! Built from [`Summary`]s and gives them back as they were (times to the millisecond, which is how summaries have
//! them; counts up to 65,535). A row keeps its number as long as the table lives: a ticket that was removed and comes
//! back has its old row. Knows no clock and decides nothing; what is asked of it is in `query`.

mod bits;
mod columns;
mod courses;
mod custom;
mod fold;
mod moments;
mod names;
mod narrow;
mod paged;
mod texts;
mod written;

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use jiff::Timestamp;

pub use bits::Bits;
pub use columns::{NameColumn, NumberColumn, TimeColumn, Trait};
pub use fold::{Needle, fold};
pub use names::{Names, Place, Symbol};

use crate::domain::kind::{Kind, Revision};
use crate::domain::name::{self, Name, TicketId};
use crate::domain::state::{HoldReason, State};
use crate::domain::summary::{Course, Glance, GlanceState, Summary};
use crate::text::Clean;
use columns::Columns;
use courses::Courses;
use custom::Custom;
use texts::Texts;
use written::Written;

/// The number of a row of one table. The accessors of a table take the rows that this table gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(pub u32);

impl Row {
    fn at(self) -> usize {
        self.0 as usize
    }
}

/// Tickets in columns.
#[derive(Debug, Clone, Default)]
pub struct Table {
    columns: Columns,
    texts: Texts,
    names: Names,
    custom: Custom,
    courses: Courses,
    alive: Bits,
    len: usize,
    by_id: HashTable<u32>,
    hasher: DefaultHashBuilder,
    written: Written,
    /// The desks whose tickets are here, where there are several.
    desks: Vec<(Name, Symbol)>,
}

impl Table {
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty table with room for so many tickets with titles of the usual length.
    pub fn with_capacity(rows: usize) -> Self {
        let mut table = Self::default();
        table.reserve(rows);
        table
    }

    /// Makes room for so many more tickets.
    pub fn reserve(&mut self, rows: usize) {
        self.texts.reserve(rows, rows * 64);
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.by_id.reserve(rows, |row| hasher.hash_one(texts.id(*row)));
    }

    /// Adds the ticket, or replaces what is known of it.
    pub fn upsert(&mut self, summary: &Summary) -> Row {
        let id = summary.id.as_str();
        let hash = self.hasher.hash_one(id);
        let found = self.by_id.find(hash, |row| self.texts.id(*row) == id).copied();
        let row = match found {
            Some(row) => {
                self.texts.set(row, id, &summary.title);
                row
            }
            None => self.append(hash, summary),
        };
        self.columns.set(row as usize, summary, &mut self.names);
        self.custom.set(row as usize, &summary.custom, &mut self.names);
        self.courses.set(row, summary, &mut self.names);
        if !self.desks.is_empty() {
            self.columns.set_desk(row as usize, desk_of(&self.desks, id));
        }
        if !self.alive.contains(row) {
            self.alive.insert(row);
            self.len += 1;
        }
        self.written.note(Row(row));
        Row(row)
    }

    /// From now on a ticket whose identifier begins with the name of one of these desks lives there; with none of them
    /// all live together. Tickets that are here already are told apart too.
    pub fn divide<'a>(&mut self, desks: impl IntoIterator<Item = &'a Name>) {
        let place = Place::Column(NameColumn::Desk);
        let desks: Vec<_> = desks.into_iter().map(|name| (name.clone(), self.names.intern(name, place))).collect();
        if desks == self.desks {
            return;
        }
        self.desks = desks;
        self.written.all();
        for row in (0..).take(self.texts.len()) {
            self.columns.set_desk(row as usize, desk_of(&self.desks, self.texts.id(row)));
        }
    }

    fn append(&mut self, hash: u64, summary: &Summary) -> u32 {
        let row = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(summary.id.as_str(), &summary.title);
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.by_id.insert_unique(hash, row, |row| hasher.hash_one(texts.id(*row)));
        row
    }

    /// Takes the ticket out; the row that it had.
    pub fn remove(&mut self, id: &TicketId) -> Option<Row> {
        let row = self.row(id)?;
        self.alive.remove(row.0);
        self.len -= 1;
        self.written.note(row);
        Some(row)
    }

    pub fn row(&self, id: &TicketId) -> Option<Row> {
        self.find(id.as_str())
    }

    /// The row of the ticket with exactly this identifier.
    pub fn find(&self, id: &str) -> Option<Row> {
        let row = *self.by_id.find(self.hasher.hash_one(id), |row| self.texts.id(*row) == id)?;
        self.contains(Row(row)).then_some(Row(row))
    }

    /// The row holds a ticket that was not removed.
    pub fn contains(&self, row: Row) -> bool {
        self.alive.contains(row.0)
    }

    /// How many tickets there are.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many rows were ever given; every row's number is below.
    pub fn slots(&self) -> usize {
        self.texts.len()
    }

    /// The rows in the order in which their tickets came.
    pub fn iter(&self) -> impl Iterator<Item = Row> {
        self.alive.iter().map(Row)
    }

    /// The set of rows that hold a ticket.
    pub fn alive(&self) -> &Bits {
        &self.alive
    }

    /// Grows with every write.
    pub fn generation(&self) -> u64 {
        self.written.generation()
    }

    /// The rows that were written since that generation, as often as they were; none where that is too long ago to
    /// tell, and everything may have changed.
    pub fn written_since(&self, generation: u64) -> Option<&[Row]> {
        self.written.since(generation)
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The memory that the table has reserved, in bytes.
    pub fn bytes(&self) -> usize {
        self.columns.bytes()
            + self.texts.bytes()
            + self.names.bytes()
            + self.custom.bytes()
            + self.courses.bytes()
            + self.alive.bytes()
            + self.by_id.capacity() * 8 / 7 * 5
    }
}

fn desk_of(desks: &[(Name, Symbol)], id: &str) -> Option<Symbol> {
    let profile = name::desk(id)?;
    desks.iter().find(|(name, _)| &**name == profile).map(|(_, symbol)| *symbol)
}

/// What stands in a row.
impl Table {
    /// The ticket in one line, as it was put in.
    pub fn summary(&self, row: Row) -> Summary {
        let name = |column| self.name(row, column).cloned();
        let time = |column| self.time(row, column).and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let [impact, urgency] = self.said(row);
        let count = |column| u32::from(self.number(row, column));
        Summary {
            id: TicketId::new(self.id(row)),
            kind: self.kind(row),
            state: self.state(row),
            revision: self.revision(row),
            title: Clean::body(self.title(row)),
            impact,
            urgency,
            priority: self.priority(row),
            priority_overridden: self.is(row, Trait::Overridden),
            category: name(NameColumn::Category),
            group: name(NameColumn::Group),
            owner: name(NameColumn::Owner).unwrap_or_else(|| Name::new("")),
            accepted: self.is(row, Trait::Accepted),
            offered_to: name(NameColumn::Offered),
            caller: name(NameColumn::Caller),
            service: name(NameColumn::Service),
            asset: name(NameColumn::Asset),
            location: name(NameColumn::Location),
            channel: name(NameColumn::Channel),
            hold: self.hold(row),
            opened: time(TimeColumn::Opened).unwrap_or_default(),
            updated: time(TimeColumn::Updated).unwrap_or_default(),
            responded: time(TimeColumn::Responded),
            resolved: time(TimeColumn::Resolved),
            closed: time(TimeColumn::Closed),
            glance: self.glance(row),
            update_due: time(TimeColumn::UpdateDue),
            review: time(TimeColumn::Review),
            awaits_reply: self.is(row, Trait::AwaitsReply),
            reopens: count(NumberColumn::Reopens),
            reassignments: count(NumberColumn::Reassignments),
            links: count(NumberColumn::Links),
            escalated: self.is(row, Trait::Escalated),
            major: self.is(row, Trait::Major),
            known_error: self.is(row, Trait::KnownError),
            caused_by: self.caused_by(row),
            course: self.course(row),
            shallow: self.is(row, Trait::Shallow),
            custom: self.custom(row).map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }

    /// The course of a change; none for the other kinds.
    pub fn course(&self, row: Row) -> Option<Course> {
        self.courses.course(row.0, &self.names)
    }

    /// The change that brought this about.
    pub fn caused_by(&self, row: Row) -> Option<TicketId> {
        self.courses.caused_by(row.0, &self.names)
    }

    /// Every change, in the order of the rows, with when it starts and ends as planned, and began and ended: milliseconds
    /// since 1970.
    pub fn courses(&self) -> impl Iterator<Item = (Row, [Option<i64>; 4])> {
        self.courses.times().map(|(row, times)| (Row(row), times)).filter(|(row, _)| self.contains(*row))
    }

    /// The rows that some change brought about.
    pub fn caused(&self) -> impl Iterator<Item = Row> {
        self.courses.caused().map(Row).filter(|row| self.contains(*row))
    }

    pub fn id(&self, row: Row) -> &str {
        self.texts.id(row.0)
    }

    /// The title, which passed the gate.
    pub fn title(&self, row: Row) -> &str {
        self.texts.title(row.0)
    }

    pub fn kind(&self, row: Row) -> Kind {
        self.columns.small(row.at()).kind
    }

    pub fn state(&self, row: Row) -> State {
        self.columns.small(row.at()).state
    }

    pub fn revision(&self, row: Row) -> Revision {
        self.columns.revision(row.at())
    }

    pub fn hold(&self, row: Row) -> Option<HoldReason> {
        self.columns.small(row.at()).hold
    }

    pub fn clock(&self, row: Row) -> GlanceState {
        self.columns.small(row.at()).clock
    }

    pub fn glance(&self, row: Row) -> Glance {
        Glance {
            state: self.clock(row),
            metric: self.columns.small(row.at()).metric,
            due: self.time(row, TimeColumn::Due),
            late: self.time(row, TimeColumn::Late),
            risk: self.time(row, TimeColumn::Risk),
            left: self.time(row, TimeColumn::Left),
        }
    }

    /// The identifier as its own desk has it.
    pub fn own_id(&self, row: Row) -> &str {
        let id = self.id(row);
        match self.symbol(row, NameColumn::Desk) {
            Some(_) => id.split_once(name::MARK).map_or(id, |(_, own)| own),
            None => id,
        }
    }

    pub fn name(&self, row: Row, column: NameColumn) -> Option<&Name> {
        self.symbol(row, column).map(|symbol| self.names.name(symbol))
    }

    pub fn symbol(&self, row: Row, column: NameColumn) -> Option<Symbol> {
        self.columns.symbol(row.at(), column)
    }

    /// Milliseconds since 1970 (for `Left`, a span in milliseconds).
    pub fn time(&self, row: Row, column: TimeColumn) -> Option<i64> {
        self.columns.time(row.at(), column)
    }

    /// Impact and urgency as somebody said them; 0 when nobody did.
    pub fn said(&self, row: Row) -> [u8; 2] {
        self.columns.said(row.at())
    }

    pub fn number(&self, row: Row, column: NumberColumn) -> u16 {
        self.columns.number(row.at(), column)
    }

    pub fn is(&self, row: Row, which: Trait) -> bool {
        self.columns.small(row.at()).is(which)
    }

    /// A field that few tickets have, by the name under which rows keep it.
    pub fn rare(&self, row: Row, field: &str) -> Option<&Name> {
        self.custom(row).find(|(name, _)| name.as_str() == field).map(|(_, value)| value)
    }

    /// The fields that few tickets have.
    pub fn custom(&self, row: Row) -> impl Iterator<Item = (&Name, &Name)> {
        self.custom.of(row.at()).iter().map(|(name, value)| (self.names.name(*name), self.names.name(*value)))
    }

    /// The same as symbols.
    pub fn custom_symbols(&self, row: Row) -> &[(Symbol, Symbol)] {
        self.custom.of(row.at())
    }

    pub fn priority(&self, row: Row) -> u8 {
        u8::try_from(self.number(row, NumberColumn::Priority)).unwrap_or(u8::MAX)
    }

    pub fn category(&self, row: Row) -> Option<&str> {
        self.name(row, NameColumn::Category).map(Name::as_str)
    }

    pub fn group(&self, row: Row) -> Option<&str> {
        self.name(row, NameColumn::Group).map(Name::as_str)
    }

    pub fn owner(&self, row: Row) -> &str {
        self.name(row, NameColumn::Owner).map_or("", Name::as_str)
    }

    pub fn caller(&self, row: Row) -> Option<&str> {
        self.name(row, NameColumn::Caller).map(Name::as_str)
    }

    /// Identifier and title, with a newline behind each.
    pub fn record(&self, row: Row) -> &str {
        self.texts.record(row.0)
    }

    /// Adds the rows whose identifier or title contains this to `found`; also removed ones.
    pub fn find_text(&self, word: &Needle, found: &mut Bits) {
        self.texts.find(word, found);
    }
}
