//! Pages of rows from several tables in one batch, and where each of them stands.
//!
//! Ordered by the time of the last write and the key. Rights hide rows after the limit was applied, so a short page says
//! nothing: how many match is what counts. A walk goes on from the last time it saw, by which nothing is lost when rows
//! move; where a whole page is of one second, or hidden, it goes on by number of rows.

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
        let place: Self = serde_json::from_str(&cursor.0).map_err(|_| Error::CursorExpired)?;
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

    /// Takes over what a table gave; hands back the rows that are new to this walk.
    pub fn took(&mut self, setup: &Setup, name: &str, got: Got) -> Vec<Row> {
        let full = self.full;
        let Some(table) = self.tables.iter_mut().find(|table| table.name == name) else { return Vec::new() };
        let times = || got.rows.iter().filter_map(updated);
        let last = if full { times().min() } else { times().max() };
        self.latest = self.latest.max(times().max());
        table.empty = if got.rows.is_empty() { table.empty + 1 } else { 0 };
        table.over = match got.total {
            Some(total) => table.offset + setup.scope.page >= total,
            None => table.empty > 1,
        };
        let known = std::mem::take(&mut table.at_key);
        let ids = got
            .rows
            .iter()
            .filter(|row| last.is_some() && updated(row) == last)
            .map(|row| row.value("sys_id").to_owned());
        table.at_key = ids.collect();
        match last {
            Some(last) if table.key != Some(last) => (table.key, table.offset) = (Some(last), 0),
            // Nothing beyond this second, or nothing to be seen: on by number of rows.
            _ => {
                table.offset += setup.scope.page;
                table.at_key.extend(known.iter().cloned());
            }
        }
        got.rows.into_iter().filter(|row| !known.iter().any(|id| id == row.value("sys_id"))).collect()
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

    pub fn tables(&self) -> Vec<String> {
        self.tables.iter().filter(|table| !table.over).map(|table| table.name.clone()).collect()
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
        let text = serde_json::to_string(&next)
            .map_err(|error| Error::Unexpected(format!("The cursor cannot be written: {error}.")))?;
        Ok((Cursor(text), more))
    }

    /// Whether a row that was asked for by its change is in scope still.
    pub fn keeps(&self, setup: &Setup, row: &Row) -> bool {
        setup.scope.groups.is_empty()
            || setup.scope.groups.iter().any(|group| group.as_str() == row.shown("assignment_group"))
    }

    pub fn is_full(&self) -> bool {
        self.full
    }
}

/// Where deletions stand among the answers.
pub const DELETIONS: &str = DELETED;
