//! From rows to records: states, fields, links, and what a record is written with again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::columns::{Column, Sort, may_point, pointers};
use super::facts::Facts;
use super::wire::{Row, stamp};
use crate::backend::http::assemble::tracker_speaks;
use crate::backend::http::tracker::{Record, Setup, revision};
use crate::backend::http::words::{at_work, is_yes, named};
use crate::domain::change::{Link, LinkKind};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::State;
use crate::text::from_html;

/// Where a ticket is, and what of it a write needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Native {
    pub table: String,
    pub sys_id: String,
    /// The stored state, with ` on hold` behind it for a change that is held.
    pub state: String,
    /// Columns that point at other tickets, and the numbers that they hold.
    pub links: Vec<(String, String)>,
}

impl Native {
    pub fn of(record: &Record) -> Self {
        record.native().unwrap_or_default()
    }
}

/// A change that is held stands in no state of its own: the mapping calls it so.
pub const HELD: &str = "on_hold";

/// One row as a record; none for a row without its number, or of a table that is not ours.
pub fn record(setup: &Setup, facts: &Facts, kind: Kind, table: &str, row: &Row) -> Option<Record> {
    let number = row.value("number");
    if number.is_empty() || row.value("sys_id").is_empty() {
        return None;
    }
    let opened = row.time("opened_at").or_else(|| row.time("sys_created_on"))?;
    let registrar = person(row, "opened_by", facts).or_else(|| named(row.value("sys_created_by")));
    let native = if kind == Kind::Change && row.is("on_hold") { HELD } else { row.value("state") };
    let state = state(setup, kind, native, row.is("active"));
    let mut record = Record::new(TicketId::new(number), kind, state, opened, registrar.unwrap_or_else(tracker_speaks));
    record.native_state = Name::new(if native == HELD { "On Hold" } else { row.shown("state") });
    record.revision = revision(&format!("{} {}", row.value("sys_mod_count"), row.value("sys_updated_on")));
    record.updated = row.time("sys_updated_on").unwrap_or(opened);
    record.owner = person(row, "assigned_to", facts);
    record.priority = row.value("priority").parse().ok().filter(|priority| (1..=5).contains(priority));
    record.resolved = row.time("resolved_at");
    record.closed = row.time("closed_at");
    for (field, native) in setup.mapping.fields_of(kind) {
        if let Some(value) = value(setup, facts, kind, field, Column::of(field, native), row) {
            record.fields.insert(field.clone(), value);
        }
    }
    let own: Vec<(String, String, LinkKind)> = pointers(setup, table)
        .iter()
        .filter(|pointer| !row.value(pointer.column).is_empty())
        .map(|pointer| (pointer.column.to_owned(), row.shown(pointer.column).to_owned(), pointer.how))
        .collect();
    record.links = Some(own.iter().map(|(_, other, how)| Link { how: *how, other: TicketId::new(other) }).collect());
    let native = Native {
        table: table.to_owned(),
        sys_id: row.value("sys_id").to_owned(),
        state: native.to_owned(),
        links: own.into_iter().map(|(column, other, _)| (column, other)).collect(),
    };
    record.native = serde_json::to_value(native).unwrap_or_default();
    Some(record)
}

/// The nearest of our states to one that nobody mapped.
fn state(setup: &Setup, kind: Kind, native: &str, active: bool) -> State {
    setup.mapping.state(kind, native).unwrap_or(if active { at_work(kind) } else { State::Closed })
}

/// The log-in of whom a column points at.
pub fn person(row: &Row, column: &str, facts: &Facts) -> Option<Name> {
    let login = named(row.value(&format!("{column}.user_name")));
    let key = row.value(column);
    let told = login.or_else(|| facts.login_of(key).cloned()).or_else(|| named(row.shown(column)));
    // Who is no user has a name for a key: `glide.maint`.
    told.or_else(|| named(key).filter(|key| key.contains('.')))
}

fn value(setup: &Setup, facts: &Facts, kind: Kind, field: &Field, column: Column<'_>, row: &Row) -> Option<Value> {
    let stored = row.value(column.name);
    if stored.is_empty() {
        return None;
    }
    match column.sort {
        Sort::User => return person(row, column.name, facts).map(Value::Name),
        Sort::Group | Sort::Record(_) => return named(row.shown(column.name)).map(Value::Name),
        Sort::Plain | Sort::Html => {}
    }
    ours(setup, kind, field, column, stored)
}

/// A stored value in our words.
pub fn ours(setup: &Setup, kind: Kind, field: &Field, column: Column<'_>, stored: &str) -> Option<Value> {
    let plain = setup.mapping.to_ours(kind, field, stored);
    match field.shape() {
        Shape::Number => plain.parse().ok().map(Value::Number),
        Shape::Flag => Some(Value::Flag(is_yes(plain))),
        Shape::Time => super::wire::utc(plain).map(Value::Time),
        Shape::Name => named(plain).map(Value::Name),
        Shape::Text | Shape::Lines if column.sort == Sort::Html => {
            Some(Value::Text(from_html(plain))).filter(|value| !value.to_string().is_empty())
        }
        Shape::Text | Shape::Lines => Some(Value::text(plain)).filter(|value| !value.to_string().is_empty()),
    }
}

/// Our value as it is stored; references are looked up before.
pub fn stored(setup: &Setup, kind: Kind, field: &Field, column: Column<'_>, value: &Value) -> String {
    match value {
        Value::Time(at) => stamp(*at),
        Value::Text(text) if column.sort == Sort::Html => crate::text::to_html(text),
        value => setup.mapping.to_native(kind, field, value),
    }
}

/// The other ends of links: tickets of that table whose columns hold this record's key.
pub fn pointing(setup: &Setup, to: &Native, kind: Kind, table: &str, rows: &[Row]) -> Vec<Link> {
    let mut links = Vec::new();
    for pointer in pointers(setup, table).iter().filter(|pointer| may_point(pointer, table, &to.table, kind)) {
        // A condition may have been ignored: only rows that do point here count.
        let here = rows.iter().filter(|row| row.value(pointer.column) == to.sys_id && row.value("sys_id") != to.sys_id);
        links.extend(here.map(|row| Link { how: pointer.how.inverse(), other: TicketId::new(row.value("number")) }));
    }
    links
}

/// When the record was written last, as far as rows tell.
pub fn updated(row: &Row) -> Option<Timestamp> {
    row.time("sys_updated_on")
}
