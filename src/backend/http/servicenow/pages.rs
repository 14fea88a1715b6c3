//! Pages of rows from several tables in one batch, and where each of them stands.
//!
//! Ordered by the time of the last write and the key. Rights hide rows after the limit was applied, so a short page says
//! nothing: how many match is what counts. A walk goes on from the last time it saw, by which nothing is lost when rows
//! move; where a whole page is of one second, or hidden, it goes on by number of rows.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::calls::{Ask, Got};
use super::columns::{tables, wanted};
use super::map::updated;
use super::query::Query;
use super::wire::{Row, stamp};
use crate::backend::http::tracker::Setup;
use crate::backend::{Cursor, Error, Result};

/// Changes are asked for again from so long before the last one: a clock of seconds, and writes that are stored late.
const OVERLAP: SignedDuration = SignedDuration::from_secs(120);

/// Where a walk stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    version: u8,
    /// Everything, newest first; else changes, oldest first.
    full: bool,
    /// The latest write that was seen.
    latest: Option<Timestamp>,
    /// From where changes are asked for when this walk is over: the latest write as it began.
    since: Option<Timestamp>,
    /// Deletions were asked for.
    deletions: bool,
    tables: Vec<Table>,
}

/// Where it stands in one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Table {
    name: String,
    over: bool,
    key: Option<Timestamp>,
    /// Rows of just that second that were handed over.
    at_key: Vec<String>,
    offset: usize,
    /// Empty pages one after the other, where nobody says how many rows there are.
    empty: u8,
}

/// Where rows of deleted records are told; few may read it.
const DELETED: &str = "sys_audit_delete";

impl Place {
    pub fn read(since: Option<&Cursor>, setup: &Setup) -> Result<Self> {
        let Some(cursor) = since else { return Ok(Self::begin(setup, true, None)) };
        let place: Self = cursor.read()?;
        let names = tables(setup);
        let ours = place.tables.len() == names.len()
            && place.tables.iter().all(|held| names.iter().any(|(_, name)| *name == held.name));
        if place.version == 1 && ours { Ok(place) } else { Err(Error::CursorExpired) }
    }

    fn begin(setup: &Setup, full: bool, since: Option<Timestamp>) -> Self {
        let key = since.map(|at| at.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN));
        let table =
            |name: &str| Table { name: name.to_owned(), over: false, key, at_key: Vec::new(), offset: 0, empty: 0 };
        let tables = tables(setup).into_iter().map(|(_, name)| table(name)).collect();
        Self { version: 1, full, latest: since, since, deletions: full, tables }
    }

    /// What is asked for next: a page of each table that is not over.
    pub fn asks(&self, setup: &Setup) -> Vec<Ask> {
        let kinds = tables(setup);
        let mut asks: Vec<Ask> = self
            .tables
            .iter()
            .filter(|table| !table.over)
            .filter_map(|table| {
                let kind = kinds.iter().find(|(_, name)| *name == table.name)?.0;
                let query = self.query(setup, table);
                Some(
                    Ask::rows(
                        &table.name,
                        &table.name,
                        &query,
                        &wanted(setup, kind, &table.name, false),
                        setup.scope.page,
                    )
                    .offset(table.offset),
                )
            })
            .collect();
        if let (false, Some(since)) = (self.deletions, self.since) {
            let names = self.tables.iter().map(|table| table.name.as_str());
            let from = stamp(since.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN));
            let query = Query::new()
                .any("tablename", names)
                .and(format!("sys_created_on>={from}"))
                .order("^ORDERBYsys_created_on^ORDERBYsys_id");
            let fields = ["sys_id", "tablename", "documentkey", "display_value", "sys_created_on"];
            asks.push(Ask::rows(DELETED, DELETED, &query.to_string(), &fields, 1000));
        }
        asks
    }

    fn query(&self, setup: &Setup, table: &Table) -> String {
        let (compare, order) = if self.full { ("<=", "ORDERBYDESC") } else { (">=", "ORDERBY") };
        let mut query = Query::new();
        if self.full {
            query =
                query.and(format!("active=true^ORclosed_at>=javascript:gs.daysAgoStart({})", setup.scope.closed_days));
            if !setup.scope.groups.is_empty() {
                query = query
                    .any("assignment_group.name", setup.scope.groups.iter().map(crate::domain::name::Name::as_str));
            }
        }
        if let Some(key) = table.key {
            query = query.and(format!("sys_updated_on{compare}{}", stamp(key)));
        }
        query.order(&format!("^{order}sys_updated_on^{order}sys_id")).within(setup.scope.query.as_deref())
    }

    /// Takes over what the tables gave; hands back the rows that are new to this walk, with their tables.
    ///
    /// A full walk goes through all tables at one pace, the newest first: rows that are older than where the slowest of
    /// them stands wait for a later page.
    ///
    /// # Errors
    /// A table was not answered.
    pub fn took(&mut self, setup: &Setup, mut got: HashMap<String, Result<Got>>) -> Result<Vec<(String, Row)>> {
        let full = self.full;
        let before = self.tables.clone();
        let mut taken: Vec<Vec<Row>> = Vec::new();
        for table in &mut self.tables {
            taken.push(match got.remove(&table.name) {
                Some(answer) => {
                    let answer = answer?;
                    self.latest = self.latest.max(answer.rows.iter().filter_map(updated).max());
                    table.took(full, setup.scope.page, answer)
                }
                None => Vec::new(),
            });
        }
        let slowest = self.tables.iter().filter(|table| full && !table.over).filter_map(|table| table.key).max();
        let mut rows = Vec::new();
        for ((table, before), taken) in self.tables.iter_mut().zip(before).zip(taken) {
            let all = taken.len();
            let kept: Vec<Row> =
                taken.into_iter().filter(|row| slowest.is_none_or(|slowest| updated(row) >= Some(slowest))).collect();
            if kept.len() < all {
                table.wait(before, slowest, &kept);
            }
            rows.extend(kept.into_iter().map(|row| (table.name.clone(), row)));
        }
        if full {
            rows.sort_by_key(|(_, row)| std::cmp::Reverse(updated(row)));
        }
        Ok(rows)
    }

    /// The deletions that were told, by key and number.
    pub fn deleted(&mut self, got: Result<Got>) -> Vec<(String, String)> {
        self.deletions = true;
        let from = self.since.and_then(|since| since.checked_sub(OVERLAP).ok());
        let fits = |row: &Row| {
            let ours = self.tables.iter().any(|table| table.name == row.value("tablename"));
            ours && row.time("sys_created_on") >= from
        };
        let rows = got.map(|got| got.rows).unwrap_or_default();
        rows.iter()
            .filter(|row| fits(row))
            .map(|row| (row.value("documentkey").to_owned(), row.value("display_value").to_owned()))
            .collect()
    }

    /// From when on changes are asked for; none in a full walk.
    pub fn from(&self) -> Option<Timestamp> {
        self.since.filter(|_| !self.full).map(|since| since.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN))
    }

    /// Whether this walk is over, and where to go on. `date` is the instance's clock.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn next(mut self, setup: &Setup, date: Option<Timestamp>) -> Result<(Cursor, bool)> {
        // A site without a ticket has told no time but this.
        self.latest = self.latest.or(date);
        let more = self.tables.iter().any(|table| !table.over);
        let next = if more { self } else { Self::begin(setup, false, self.latest) };
        Ok((Cursor::write(&next)?, more))
    }

    /// Whether a row that was asked for by its change is in scope still.
    pub fn keeps(&self, setup: &Setup, row: &Row) -> bool {
        setup.scope.takes(row.shown("assignment_group"))
    }

    pub fn is_full(&self) -> bool {
        self.full
    }
}

impl Table {
    /// Takes over its page; hands back the rows that are new.
    fn took(&mut self, full: bool, limit: usize, got: Got) -> Vec<Row> {
        let times = || got.rows.iter().filter_map(updated);
        let last = if full { times().min() } else { times().max() };
        self.empty = if got.rows.is_empty() { self.empty + 1 } else { 0 };
        self.over = match got.total {
            Some(total) => self.offset + limit >= total,
            None => self.empty > 1,
        };
        let known = std::mem::take(&mut self.at_key);
        self.at_key = at(&got.rows, last);
        match last {
            Some(last) if self.key != Some(last) => (self.key, self.offset) = (Some(last), 0),
            // Nothing beyond this second, or nothing to be seen: on by number of rows.
            _ => {
                self.offset += limit;
                self.at_key.extend(known.iter().cloned());
            }
        }
        got.rows.into_iter().filter(|row| !known.iter().any(|id| id == row.value("sys_id"))).collect()
    }

    /// Only these of its rows were handed over: it goes on behind them.
    fn wait(&mut self, before: Self, slowest: Option<Timestamp>, kept: &[Row]) {
        if kept.is_empty() {
            *self = before;
            return;
        }
        let mut at_key = at(kept, slowest);
        if before.key == slowest {
            at_key.extend(before.at_key);
        }
        *self = Self { name: before.name, over: false, key: slowest, at_key, offset: 0, empty: 0 };
    }
}

/// Keys of the rows of that second.
fn at(rows: &[Row], second: Option<Timestamp>) -> Vec<String> {
    let fits = |row: &&Row| second.is_some() && updated(row) == second;
    rows.iter().filter(fits).map(|row| row.value("sys_id").to_owned()).collect()
}

/// Where deletions stand among the answers.
pub const DELETIONS: &str = DELETED;
