//! What only changes have, and what few rows have: kept by row, so that it costs the others nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::moments::Moment;
use super::names::{Names, Place, Symbol};
use crate::domain::lifecycle::ChangeType;
use crate::domain::name::{Name, TicketId};
use crate::domain::summary::{Course, Summary};

/// The courses of changes, and which change caused which row.
#[derive(Debug, Clone, Default)]
pub(super) struct Courses {
    held: BTreeMap<u32, Cell>,
    causes: BTreeMap<u32, Symbol>,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    of: ChangeType,
    /// Symbols plus one; 0 for none.
    risk: u32,
    outcome: u32,
    /// Starts, ends, began, ended.
    times: [Moment; 4],
}

/// About what an entry of the tree takes, its share of the nodes with it.
const ENTRY: usize = 60;

impl Courses {
    pub fn set(&mut self, row: u32, from: &Summary, names: &mut Names) {
        match &from.caused_by {
            Some(id) => {
                let symbol = names.intern(&Name::new(id.as_str()), Place::CustomValue);
                self.causes.insert(row, symbol);
            }
            None => drop(self.causes.remove(&row)),
        }
        let Some(course) = &from.course else {
            self.held.remove(&row);
            return;
        };
        let mut symbol =
            |name: &Option<Name>| name.as_ref().map_or(0, |name| names.intern(name, Place::CustomValue).0 + 1);
        let (risk, outcome) = (symbol(&course.risk), symbol(&course.outcome));
        let times = [course.starts, course.ends, course.began, course.ended];
        let times = times.map(|at| Moment::new(at.map(Timestamp::as_millisecond)));
        self.held.insert(row, Cell { of: course.of, risk, outcome, times });
    }

    pub fn caused_by(&self, row: u32, names: &Names) -> Option<TicketId> {
        self.causes.get(&row).map(|symbol| TicketId::new(names.name(*symbol)))
    }

    /// The rows that a change caused.
    pub fn caused(&self) -> impl Iterator<Item = u32> {
        self.causes.keys().copied()
    }

    /// The times of every change, in the order of the rows.
    pub fn times(&self) -> impl Iterator<Item = (u32, [Option<i64>; 4])> {
        self.held.iter().map(|(row, cell)| (*row, cell.times.map(Moment::get)))
    }

    pub fn course(&self, row: u32, names: &Names) -> Option<Course> {
        let cell = self.held.get(&row)?;
        let name = |symbol: u32| symbol.checked_sub(1).map(|symbol| names.name(Symbol(symbol)).clone());
        let [starts, ends, began, ended] =
            cell.times.map(|at| at.get().and_then(|ms| Timestamp::from_millisecond(ms).ok()));
        Some(Course { of: cell.of, risk: name(cell.risk), outcome: name(cell.outcome), starts, ends, began, ended })
    }

    pub fn bytes(&self) -> usize {
        self.held.len() * ENTRY + self.causes.len() * 12
    }
}
