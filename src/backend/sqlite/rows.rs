//! A summary as a row, and back. Enums are stored as their place in `ALL`, names as numbers; the fingerprint of the
//! rules covers those lists, so a program with other lists makes the rows anew.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, ToSql, params};

use crate::backend::embedded::number_of;
use crate::backend::sqlite::cells::{Packer, Unpacker};
use crate::backend::sqlite::names::{Names, Numbers};
use crate::domain::kind::{Kind, Revision};
use crate::domain::lifecycle::ChangeType;
use crate::domain::name::{Name, TicketId};
use crate::domain::sla::Metric;
use crate::domain::state::{HoldReason, State};
use crate::domain::summary::{Course, Glance, GlanceState, Summary};
use crate::text::Clean;

/// The columns that [`read`] takes, in its order.
pub const COLUMNS: &str = "id, title, revision, cells";
const CELLS: usize = 3;
/// The place of a column that is asked for after these.
pub const AFTER: usize = 4;

const CLOCKS: [GlanceState; 5] =
    [GlanceState::None, GlanceState::Running, GlanceState::Paused, GlanceState::Met, GlanceState::Breached];

/// Differs between programs that read the cells of a row differently.
pub fn format() -> String {
    format!("3 {:?}", (Kind::ALL, State::ALL, HoldReason::ALL, Metric::ALL, ChangeType::ALL, CLOCKS))
}

const OVERRIDDEN: i64 = 1;
const ACCEPTED: i64 = 2;
const AWAITS_REPLY: i64 = 4;
const ESCALATED: i64 = 8;
const MAJOR: i64 = 16;
const KNOWN_ERROR: i64 = 32;
const SHALLOW: i64 = 64;

/// The row as a summary; `row` selects [`COLUMNS`].
pub fn read(row: &Row<'_>, names: &mut Names, db: &Connection) -> rusqlite::Result<Summary> {
    let mut cells = Cells { cells: Unpacker::new(row.get_ref(CELLS)?.as_blob()?), names, db, opened: 0 };
    let c = &mut cells;
    let (kind, state, hold) = (c.choice(Kind::ALL)?, c.choice(State::ALL)?, c.maybe_choice(HoldReason::ALL));
    let (impact, urgency, priority, flags) = (c.small(), c.small(), c.small(), c.int());
    let owner = c.name()?.unwrap_or_else(|| Name::new(""));
    let (caller, category, group, service) = (c.name()?, c.name()?, c.name()?, c.name()?);
    let (asset, location, channel, offered_to) = (c.name()?, c.name()?, c.name()?, c.name()?);
    c.opened = c.int();
    let (opened, updated) = (instant(c.opened, CELLS)?, c.time()?);
    let (responded, resolved, closed) = (c.time()?, c.time()?, c.time()?);
    let (clock, metric) = (c.choice(&CLOCKS)?, c.maybe_choice(Metric::ALL));
    let glance =
        Glance { state: clock, metric, due: c.later(), late: c.later(), risk: c.later(), left: c.cells.next() };
    let (update_due, review) = (c.time()?, c.time()?);
    let (reopens, reassignments, links) = (c.count(), c.count(), c.count());
    let caused_by = c.name()?.map(|name| TicketId::new(&name));
    let course = if kind == Kind::Change { Some(c.course()?) } else { None };
    Ok(Summary {
        id: TicketId::new(row.get_ref(0)?.as_str()?),
        kind,
        state,
        revision: Revision(row.get_ref(2)?.as_i64()?.cast_unsigned()),
        title: Clean::line(row.get_ref(1)?.as_str()?),
        impact,
        urgency,
        priority,
        priority_overridden: flags & OVERRIDDEN != 0,
        category,
        group,
        owner,
        accepted: flags & ACCEPTED != 0,
        offered_to,
        caller,
        service,
        asset,
        location,
        channel,
        hold,
        opened,
        updated: updated.unwrap_or(opened),
        responded,
        resolved,
        closed,
        glance,
        update_due,
        review,
        awaits_reply: flags & AWAITS_REPLY != 0,
        reopens,
        reassignments,
        links,
        escalated: flags & ESCALATED != 0,
        major: flags & MAJOR != 0,
        known_error: flags & KNOWN_ERROR != 0,
        caused_by,
        course,
        shallow: flags & SHALLOW != 0,
        custom: c.custom()?,
    })
}

/// Reads the cells in the order in which [`pack`] writes them.
struct Cells<'a> {
    cells: Unpacker<'a>,
    names: &'a mut Names,
    db: &'a Connection,
    /// Other times are told from this one, which keeps them short.
    opened: i64,
}

impl Cells<'_> {
    fn int(&mut self) -> i64 {
        self.cells.next().unwrap_or_default()
    }

    fn small(&mut self) -> u8 {
        u8::try_from(self.int()).unwrap_or(u8::MAX)
    }

    fn count(&mut self) -> u32 {
        u32::try_from(self.int()).unwrap_or(u32::MAX)
    }

    fn choice<T: Copy>(&mut self, all: &[T]) -> rusqlite::Result<T> {
        let n = self.int();
        let held = usize::try_from(n).ok().and_then(|n| all.get(n)).copied();
        held.ok_or(rusqlite::Error::IntegralValueOutOfRange(CELLS, n))
    }

    fn maybe_choice<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::try_from(self.cells.next()?).ok()?).copied()
    }

    fn name(&mut self) -> rusqlite::Result<Option<Name>> {
        match self.cells.next() {
            Some(id) => self.names.get(self.db, id).map(Some),
            None => Ok(None),
        }
    }

    fn later(&mut self) -> Option<i64> {
        self.cells.next().map(|after| self.opened.wrapping_add(after))
    }

    fn time(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        self.later().map(|ms| instant(ms, CELLS)).transpose()
    }

    fn course(&mut self) -> rusqlite::Result<Course> {
        let of = self.maybe_choice(ChangeType::ALL).unwrap_or(ChangeType::Normal);
        let (risk, outcome) = (self.name()?, self.name()?);
        let (starts, ends, began, ended) = (self.time()?, self.time()?, self.time()?, self.time()?);
        Ok(Course { of, risk, outcome, starts, ends, began, ended })
    }

    fn custom(&mut self) -> rusqlite::Result<Vec<(Name, Name)>> {
        let mut pairs = Vec::new();
        while !self.cells.is_empty() {
            let (field, value) = (self.name()?, self.name()?);
            pairs.extend(field.zip(value));
        }
        Ok(pairs)
    }
}

/// The instant of so many milliseconds since 1970.
pub fn instant(ms: i64, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(ms)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, e.into()))
}

/// An update leaves the ticket's number alone.
const WRITE: &str = "
INSERT INTO ticket(id, kind, number, open, rank, revision, title, cells, falls_due)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT(id) DO UPDATE SET kind = ?2, number = ?3, open = ?4, rank = ?5, revision = ?6, title = ?7, cells = ?8,
  falls_due = ?9
RETURNING n";

/// Writes the row of this summary and returns its number. A new ticket gets the next one. `falls_due` is when
/// something happens to the ticket by itself.
pub fn write(
    db: &Connection,
    row: &Summary,
    falls_due: Option<Timestamp>,
    numbers: &mut Numbers,
) -> rusqlite::Result<i64> {
    let cells = pack(db, row, numbers)?;
    let number = number_of(row.kind, row.id.as_str()).and_then(|n| i64::try_from(n).ok());
    let revision = row.revision.0.cast_signed();
    db.prepare_cached(WRITE)?.query_row(
        params![
            row.id.as_str(),
            row.kind.as_str(),
            number,
            row.state.is_open(),
            rank(row),
            revision,
            row.title.as_str(),
            cells,
            falls_due.map(Timestamp::as_millisecond)
        ],
        |row| row.get(0),
    )
}

/// The order of the first screen: what is due first; what has no due time last.
pub fn rank(row: &Summary) -> i64 {
    row.glance.due.unwrap_or(i64::MAX)
}

/// The numbers of a row in one value: the same row makes the same value in one file.
pub fn pack(db: &Connection, row: &Summary, numbers: &mut Numbers) -> rusqlite::Result<Vec<u8>> {
    let mut cells = Packer::default();
    let opened = row.opened.as_millisecond();
    let after = |at: Option<i64>| at.map(|at| at.wrapping_sub(opened));
    let since = |at: Option<Timestamp>| after(at.map(Timestamp::as_millisecond));
    let glance = &row.glance;
    let hold = row.hold.and_then(|hold| place(HoldReason::ALL, hold));
    for small in [place(Kind::ALL, row.kind), place(State::ALL, row.state), hold] {
        cells.put(small);
    }
    for small in [row.impact, row.urgency, row.priority] {
        cells.put(Some(small.into()));
    }
    cells.put(Some(flags(row)));
    let (asset, location) = (&row.asset, &row.location);
    let others = [&row.caller, &row.category, &row.group, &row.service, asset, location, &row.channel, &row.offered_to];
    for name in std::iter::once(Some(&row.owner)).chain(others.map(Option::as_ref)) {
        cells.put(name.map(|name| numbers.of(db, name)).transpose()?);
    }
    cells.put(Some(opened));
    for time in [Some(row.updated), row.responded, row.resolved, row.closed] {
        cells.put(since(time));
    }
    let metric = glance.metric.and_then(|metric| place(Metric::ALL, metric));
    let (update_due, review) = (since(row.update_due), since(row.review));
    let clock = [place(&CLOCKS, glance.state), metric, after(glance.due), after(glance.late), after(glance.risk)];
    for number in clock.into_iter().chain([glance.left, update_due, review]) {
        cells.put(number);
    }
    for count in [row.reopens, row.reassignments, row.links] {
        cells.put(Some(count.into()));
    }
    let caused_by = row.caused_by.as_ref().map(|id| Name::new(id.as_str()));
    cells.put(caused_by.map(|name| numbers.of(db, &name)).transpose()?);
    if row.kind == Kind::Change {
        let course = row.course.as_ref();
        cells.put(course.and_then(|course| place(ChangeType::ALL, course.of)));
        for name in [course.and_then(|course| course.risk.as_ref()), course.and_then(|course| course.outcome.as_ref())]
        {
            cells.put(name.map(|name| numbers.of(db, name)).transpose()?);
        }
        let times = course.map_or([None; 4], |course| [course.starts, course.ends, course.began, course.ended]);
        for time in times {
            cells.put(since(time));
        }
    }
    for name in row.custom.iter().flat_map(|(field, value)| [field, value]) {
        cells.put(Some(numbers.of(db, name)?));
    }
    Ok(cells.finish())
}

fn flags(row: &Summary) -> i64 {
    let bits = [
        (row.priority_overridden, OVERRIDDEN),
        (row.accepted, ACCEPTED),
        (row.awaits_reply, AWAITS_REPLY),
        (row.escalated, ESCALATED),
        (row.major, MAJOR),
        (row.known_error, KNOWN_ERROR),
        (row.shallow, SHALLOW),
    ];
    bits.iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum()
}

fn place<T: PartialEq>(all: &[T], value: T) -> Option<i64> {
    all.iter().position(|one| *one == value).and_then(|at| i64::try_from(at).ok())
}

/// All rows that this finds.
pub fn select(db: &Connection, names: &mut Names, sql: &str, params: &[&dyn ToSql]) -> rusqlite::Result<Vec<Summary>> {
    let mut find = db.prepare_cached(sql)?;
    let mut found = find.query(params)?;
    let mut page = Vec::new();
    while let Some(row) = found.next()? {
        page.push(read(row, names, db)?);
    }
    Ok(page)
}
