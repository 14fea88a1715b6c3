//! A summary as a row of integers, and back. Enums are stored as their place in `ALL`; the fingerprint of the rules
//! covers those lists, so a program with other lists makes the rows anew.

use jiff::Timestamp;
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, Row, params};

use crate::backend::embedded::number_of;
use crate::backend::sqlite::names::{Names, Numbers};
use crate::domain::kind::{Kind, Revision};
use crate::domain::name::{Name, TicketId};
use crate::domain::sla::Metric;
use crate::domain::state::{HoldReason, State};
use crate::domain::summary::{Glance, GlanceState, Summary};
use crate::text::Clean;

/// The columns that [`read`] takes, in its order.
pub const COLUMNS: &str = "id, revision, title, kind, state, hold, impact, urgency, priority, flags, owner, caller, \
    category, team, service, asset, location, channel, offered, opened, updated, responded, resolved, closed, clock, \
    metric, due, late, risk, remaining, update_due, reopens, reassignments, links, custom";

const CLOCKS: [GlanceState; 5] =
    [GlanceState::None, GlanceState::Running, GlanceState::Paused, GlanceState::Met, GlanceState::Breached];

const OVERRIDDEN: i64 = 1;
const ACCEPTED: i64 = 2;
const AWAITS_REPLY: i64 = 4;
const ESCALATED: i64 = 8;
const MAJOR: i64 = 16;
const KNOWN_ERROR: i64 = 32;

/// Reads the columns from left to right.
struct Cells<'a, 'r> {
    row: &'a Row<'r>,
    next: usize,
    names: &'a mut Names,
    db: &'a Connection,
}

/// The row as a summary; `row` selects [`COLUMNS`].
pub fn read(row: &Row<'_>, names: &mut Names, db: &Connection) -> rusqlite::Result<Summary> {
    let mut cells = Cells { row, next: 0, names, db };
    let c = &mut cells;
    let id = TicketId::new(c.text()?);
    let revision = Revision(c.int()?.cast_unsigned());
    let title = Clean::line(c.text()?);
    let kind = c.choice(Kind::ALL)?;
    let state = c.choice(State::ALL)?;
    let hold = c.maybe_choice(HoldReason::ALL)?;
    let (impact, urgency, priority, flags) = (c.small()?, c.small()?, c.small()?, c.int()?);
    let owner = c.name()?.unwrap_or_else(|| Name::new(""));
    let (caller, category, group, service) = (c.name()?, c.name()?, c.name()?, c.name()?);
    let (asset, location, channel, offered_to) = (c.name()?, c.name()?, c.name()?, c.name()?);
    let (opened, updated) = (c.time()?, c.time()?);
    let (responded, resolved, closed) = (c.maybe_time()?, c.maybe_time()?, c.maybe_time()?);
    let (clock, metric) = (c.choice(&CLOCKS)?, c.maybe_choice(Metric::ALL)?);
    let glance = Glance { state: clock, metric, due: c.maybe()?, late: c.maybe()?, risk: c.maybe()?, left: c.maybe()? };
    let update_due = c.maybe_time()?;
    let (reopens, reassignments, links) = (c.count()?, c.count()?, c.count()?);
    let custom = c.custom()?;
    Ok(Summary {
        id,
        kind,
        state,
        revision,
        title,
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
        updated,
        responded,
        resolved,
        closed,
        glance,
        update_due,
        awaits_reply: flags & AWAITS_REPLY != 0,
        reopens,
        reassignments,
        links,
        escalated: flags & ESCALATED != 0,
        major: flags & MAJOR != 0,
        known_error: flags & KNOWN_ERROR != 0,
        custom,
    })
}

impl<'a> Cells<'a, '_> {
    fn cell(&mut self) -> rusqlite::Result<ValueRef<'a>> {
        self.next += 1;
        self.row.get_ref(self.next - 1)
    }

    fn text(&mut self) -> rusqlite::Result<&'a str> {
        Ok(self.cell()?.as_str()?)
    }

    fn maybe(&mut self) -> rusqlite::Result<Option<i64>> {
        Ok(self.cell()?.as_i64_or_null()?)
    }

    fn int(&mut self) -> rusqlite::Result<i64> {
        Ok(self.cell()?.as_i64()?)
    }

    fn small(&mut self) -> rusqlite::Result<u8> {
        Ok(u8::try_from(self.int()?).unwrap_or(u8::MAX))
    }

    fn count(&mut self) -> rusqlite::Result<u32> {
        Ok(u32::try_from(self.int()?).unwrap_or(u32::MAX))
    }

    fn choice<T: Copy>(&mut self, all: &[T]) -> rusqlite::Result<T> {
        let column = self.next;
        let n = self.int()?;
        let held = usize::try_from(n).ok().and_then(|n| all.get(n)).copied();
        held.ok_or(rusqlite::Error::IntegralValueOutOfRange(column, n))
    }

    fn maybe_choice<T: Copy>(&mut self, all: &[T]) -> rusqlite::Result<Option<T>> {
        Ok(self.maybe()?.and_then(|n| all.get(usize::try_from(n).ok()?).copied()))
    }

    fn name(&mut self) -> rusqlite::Result<Option<Name>> {
        match self.maybe()? {
            Some(id) => self.names.get(self.db, id).map(Some),
            None => Ok(None),
        }
    }

    fn time(&mut self) -> rusqlite::Result<Timestamp> {
        let n = self.int()?;
        instant(n, self.next - 1)
    }

    fn maybe_time(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        match self.maybe()? {
            Some(n) => instant(n, self.next - 1).map(Some),
            None => Ok(None),
        }
    }

    fn custom(&mut self) -> rusqlite::Result<Vec<(Name, Name)>> {
        let Some(bytes) = self.cell()?.as_blob_or_null()? else { return Ok(Vec::new()) };
        let mut pairs = Vec::with_capacity(bytes.len() / 8);
        for pair in bytes.chunks_exact(8) {
            let number = |at: usize| pair.iter().skip(at).take(4).rev().fold(0, |n, byte| n << 8 | i64::from(*byte));
            pairs.push((self.names.get(self.db, number(0))?, self.names.get(self.db, number(4))?));
        }
        Ok(pairs)
    }
}

/// The instant of so many milliseconds since 1970.
pub fn instant(ms: i64, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(ms)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, e.into()))
}

/// Writes the row of this summary and returns its number. A new ticket gets the next one.
pub fn write(db: &Connection, row: &Summary, numbers: &mut Numbers) -> rusqlite::Result<i64> {
    let mut name = |name: &Option<Name>| name.as_ref().map(|name| numbers.of(db, name)).transpose();
    let names = [&row.caller, &row.category, &row.group, &row.service, &row.asset, &row.location, &row.channel];
    let [caller, category, group, service, asset, location, channel] = {
        let mut ids = [None; 7];
        for (id, held) in ids.iter_mut().zip(names) {
            *id = name(held)?;
        }
        ids
    };
    let offered = name(&row.offered_to)?;
    let owner = numbers.of(db, &row.owner)?;
    let custom = custom_blob(db, row, numbers)?;
    let glance = &row.glance;
    let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
    let mut put = db.prepare_cached(WRITE)?;
    put.query_row(
        params![
            row.id.as_str(),
            number_of(row.kind, row.id.as_str()).and_then(|n| i64::try_from(n).ok()),
            row.state.is_open(),
            rank(row),
            row.revision.0.cast_signed(),
            row.title.as_str(),
            place(Kind::ALL, row.kind),
            place(State::ALL, row.state),
            row.hold.map(|hold| place(HoldReason::ALL, hold)),
            row.impact,
            row.urgency,
            row.priority,
            flags(row),
            owner,
            caller,
            category,
            group,
            service,
            asset,
            location,
            channel,
            offered,
            row.opened.as_millisecond(),
            row.updated.as_millisecond(),
            ms(row.responded),
            ms(row.resolved),
            ms(row.closed),
            place(&CLOCKS, glance.state),
            glance.metric.map(|metric| place(Metric::ALL, metric)),
            glance.due,
            glance.late,
            glance.risk,
            glance.left,
            ms(row.update_due),
            row.reopens,
            row.reassignments,
            row.links,
            custom,
        ],
        |row| row.get(0),
    )
}

/// An update leaves the number and the identifier alone.
const WRITE: &str = "
INSERT INTO ticket(id, number, open, rank, revision, title, kind, state, hold, impact, urgency, priority, flags, owner,
  caller, category, team, service, asset, location, channel, offered, opened, updated, responded, resolved, closed,
  clock, metric, due, late, risk, remaining, update_due, reopens, reassignments, links, custom)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
  ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38)
ON CONFLICT(id) DO UPDATE SET number = ?2, open = ?3, rank = ?4, revision = ?5, title = ?6, kind = ?7, state = ?8,
  hold = ?9, impact = ?10, urgency = ?11, priority = ?12, flags = ?13, owner = ?14, caller = ?15, category = ?16,
  team = ?17, service = ?18, asset = ?19, location = ?20, channel = ?21, offered = ?22, opened = ?23, updated = ?24,
  responded = ?25, resolved = ?26, closed = ?27, clock = ?28, metric = ?29, due = ?30, late = ?31,
  risk = ?32, remaining = ?33, update_due = ?34, reopens = ?35, reassignments = ?36, links = ?37, custom = ?38
RETURNING n";

/// The order of the first screen: what is due first; what has no due time last.
fn rank(row: &Summary) -> i64 {
    row.glance.due.unwrap_or(i64::MAX)
}

fn flags(row: &Summary) -> i64 {
    let bits = [
        (row.priority_overridden, OVERRIDDEN),
        (row.accepted, ACCEPTED),
        (row.awaits_reply, AWAITS_REPLY),
        (row.escalated, ESCALATED),
        (row.major, MAJOR),
        (row.known_error, KNOWN_ERROR),
    ];
    bits.iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum()
}

fn place<T: PartialEq>(all: &[T], value: T) -> Option<i64> {
    all.iter().position(|one| *one == value).and_then(|at| i64::try_from(at).ok())
}

/// Pairs of the numbers of a field and of its value, four bytes each, the low one first.
fn custom_blob(db: &Connection, row: &Summary, numbers: &mut Numbers) -> rusqlite::Result<Option<Vec<u8>>> {
    if row.custom.is_empty() {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(row.custom.len() * 8);
    for (field, value) in &row.custom {
        for name in [field, value] {
            let id = numbers.of(db, name)?;
            let small = u32::try_from(id).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, id))?;
            bytes.extend(small.to_le_bytes());
        }
    }
    Ok(Some(bytes))
}
