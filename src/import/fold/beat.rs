//! A row of a case with its times read: what can make a row bad is found here, before anything is written of it.

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::import::mapping::{Cell, Plan};
use crate::import::row::{Bad, Row};

/// One row in the life of a ticket.
#[derive(Debug)]
pub struct Beat<'r> {
    pub row: &'r Row,
    pub at: Timestamp,
    pub opened: Option<Timestamp>,
    pub responded: Option<Timestamp>,
    pub resolved: Option<Timestamp>,
    pub closed: Option<Timestamp>,
}

impl<'r> Beat<'r> {
    pub fn read(plan: &Plan<'_>, row: &'r Row) -> Result<Self, Bad> {
        let time = |cell: &Option<Cell<'_>>| cell.as_ref().map_or(Ok(None), |cell| time(plan, cell, row));
        let at = time(&plan.at)?;
        let opened = time(&plan.opened)?;
        let (responded, resolved, closed) = (time(&plan.responded)?, time(&plan.resolved)?, time(&plan.closed)?);
        // A row without a time of its own tells the whole life of its ticket: it was written at the end of it.
        let Some(at) = at.or_else(|| [opened, responded, resolved, closed].into_iter().flatten().max()) else {
            let cell = plan.at.as_ref().or(plan.opened.as_ref());
            return Err(Bad::new(row.line, format!("{}: it has no time", cell.map_or("times", |cell| &cell.key))));
        };
        Ok(Self { row, at, opened, responded, resolved, closed })
    }
}

fn time(plan: &Plan<'_>, cell: &Cell<'_>, row: &Row) -> Result<Option<Timestamp>, Bad> {
    let text = cell.text(row).map_err(|reason| Bad::new(row.line, reason))?;
    let Some(text) = text else { return Ok(None) };
    plan.times.parse(&text).map(Some).ok_or_else(|| {
        let say = format!("{}: `{text}` is no time as the mapping has it ({})", cell.key, plan.times.expected());
        Bad::new(row.line, say)
    })
}

/// Puts the rows of a case in the order that the mapping asks for; the file's order between equals.
pub fn sort(plan: &Plan<'_>, beats: &mut [Beat<'_>]) {
    if plan.order.is_empty() {
        return;
    }
    beats.sort_by_cached_key(|beat| plan.order.iter().map(|cell| Key::of(plan, cell, beat.row)).collect::<Vec<_>>());
}

/// What a row is ordered by: numbers before times before words, what is missing first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Missing,
    Number(Total),
    Time(Timestamp),
    Text(String),
}

#[derive(Debug, PartialEq)]
struct Total(f64);

impl Eq for Total {}

impl PartialOrd for Total {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Total {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Key {
    fn of(plan: &Plan<'_>, cell: &Cell<'_>, row: &Row) -> Self {
        match cell.text(row) {
            Ok(Some(text)) => match (text.parse(), plan.times.parse(&text)) {
                (Ok(number), _) => Self::Number(Total(number)),
                (_, Some(at)) => Self::Time(at),
                _ => Self::Text(text.into_owned()),
            },
            _ => Self::Missing,
        }
    }
}
