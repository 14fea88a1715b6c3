//! The history that an index is built from: copied out of the table in one go, so that the building can be done on the
//! side.

use std::cmp::Reverse;

use super::Example;
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::State;
use crate::domain::table::{NameColumn, NumberColumn, Row, Table, TimeColumn};

/// A ticket that is over, as far as an index cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    id: TicketId,
    text: Box<str>,
    caller: Option<Name>,
    asset: Option<Name>,
    service: Option<Name>,
    location: Option<Name>,
    channel: Option<Name>,
    category: Option<Name>,
    group: Option<Name>,
    impact: u8,
    urgency: u8,
    opened: i64,
}

/// The newest incidents and requests that came to a good end, at most so many, in order of their rows. What was
/// cancelled is no example, and what is open has not been decided.
pub fn past(table: &Table, most: usize) -> Vec<Past> {
    let over = |row: &Row| {
        matches!(table.kind(*row), Kind::Incident | Kind::Request)
            && matches!(table.state(*row), State::Resolved | State::Fulfilled | State::Closed)
    };
    let mut rows: Vec<Row> = table.iter().filter(over).collect();
    if rows.len() > most {
        rows.select_nth_unstable_by_key(most, |row| Reverse(table.time(*row, TimeColumn::Opened)));
        rows.truncate(most);
        rows.sort_unstable();
    }
    rows.into_iter().map(|row| Past::of(table, row)).collect()
}

impl Past {
    fn of(table: &Table, row: Row) -> Self {
        let name = |column| table.name(row, column).cloned();
        let number = |column| u8::try_from(table.number(row, column)).unwrap_or(0);
        Self {
            id: TicketId::new(table.id(row)),
            text: table.title(row).into(),
            caller: name(NameColumn::Caller),
            asset: name(NameColumn::Asset),
            service: name(NameColumn::Service),
            location: name(NameColumn::Location),
            channel: name(NameColumn::Channel),
            category: name(NameColumn::Category),
            group: name(NameColumn::Group),
            impact: number(NumberColumn::Impact),
            urgency: number(NumberColumn::Urgency),
            opened: table.time(row, TimeColumn::Opened).unwrap_or_default(),
        }
    }

    /// When its caller first spoke, in milliseconds since 1970.
    pub fn opened(&self) -> i64 {
        self.opened
    }

    pub fn example(&self) -> Example<'_> {
        Example {
            id: Some(&self.id),
            text: &self.text,
            caller: self.caller.as_deref(),
            asset: self.asset.as_deref(),
            service: self.service.as_deref(),
            location: self.location.as_deref(),
            channel: self.channel.as_deref(),
            category: self.category.as_ref(),
            group: self.group.as_ref(),
            impact: Some(self.impact),
            urgency: Some(self.urgency),
        }
    }
}
