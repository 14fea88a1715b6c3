//! A query fitted to a table: names become sets of symbols, times become milliseconds, cheap questions come first.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ast::Query;
use super::fit::Compiler;
use super::leaf::Leaf;
use crate::domain::name::Name;
use crate::domain::table::{Bits, Row, Table};

/// What the words of a query mean now and to whom.
#[derive(Debug, Clone)]
pub struct Context {
    pub now: Timestamp,
    pub me: Option<Name>,
    pub my_groups: Vec<Name>,
    /// In which days begin and end.
    pub zone: TimeZone,
    /// Rows that the user has put off.
    pub snoozed: Bits,
}

impl Context {
    /// Nobody in particular, in UTC.
    pub fn at(now: Timestamp) -> Self {
        Self { now, me: None, my_groups: Vec::new(), zone: TimeZone::UTC, snoozed: Bits::default() }
    }
}

/// A query that is ready to be asked of one table. It stays right when the table changes; the time it was asked at
/// stays the same.
#[derive(Debug, Clone)]
pub struct Compiled {
    node: Node,
}

/// Below this part of the rows, candidates are asked one by one.
const FEW: usize = 8;

#[derive(Debug, Clone)]
pub(super) enum Node {
    All,
    Nothing,
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Leaf(Leaf),
}

impl Query {
    pub fn compile(&self, table: &Table, context: &Context) -> Compiled {
        let node = self.filter.as_ref().map_or(Node::All, |filter| Compiler { table, context }.expr(filter));
        Compiled { node }
    }
}

impl Compiled {
    pub fn matches(&self, table: &Table, row: Row) -> bool {
        table.contains(row) && self.node.fits(table, row)
    }

    /// Those of the candidates that match, in their order.
    pub fn filter(&self, table: &Table, candidates: &[Row]) -> Vec<Row> {
        if candidates.len() < table.slots() / FEW {
            return candidates.iter().copied().filter(|row| self.matches(table, *row)).collect();
        }
        let mut rows = Bits::with_len(table.slots());
        candidates.iter().for_each(|row| rows.insert(row.0));
        rows.intersect(table.alive());
        self.node.reduce(table, &mut rows);
        candidates.iter().copied().filter(|row| rows.contains(row.0)).collect()
    }

    /// All rows that match, in the order of their numbers.
    pub fn rows(&self, table: &Table) -> Vec<Row> {
        let found = self.bits(table);
        let mut rows = Vec::with_capacity(found.count());
        rows.extend(found.iter().map(Row));
        rows
    }

    /// How many rows match.
    pub fn count(&self, table: &Table) -> usize {
        self.bits(table).count()
    }

    /// All rows that match, as a set.
    pub fn bits(&self, table: &Table) -> Bits {
        let mut rows = table.alive().clone();
        self.node.reduce(table, &mut rows);
        rows
    }
}

impl Node {
    fn fits(&self, table: &Table, row: Row) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::And(list) => list.iter().all(|node| node.fits(table, row)),
            Self::Or(list) => list.iter().any(|node| node.fits(table, row)),
            Self::Not(node) => !node.fits(table, row),
            Self::Leaf(leaf) => leaf.fits(table, row),
        }
    }

    /// Takes those out of `rows` that do not fit.
    fn reduce(&self, table: &Table, rows: &mut Bits) {
        match self {
            Self::All => {}
            Self::Nothing => *rows = Bits::default(),
            Self::And(list) => list.iter().for_each(|node| node.reduce(table, rows)),
            Self::Or(list) => {
                let mut open = std::mem::take(rows);
                for node in list {
                    let mut found = open.clone();
                    node.reduce(table, &mut found);
                    open.subtract(&found);
                    rows.unite(&found);
                }
            }
            Self::Not(node) => {
                let mut found = rows.clone();
                node.reduce(table, &mut found);
                rows.subtract(&found);
            }
            Self::Leaf(leaf) => leaf.reduce(table, rows),
        }
    }

    pub fn cost(&self) -> u32 {
        match self {
            Self::All | Self::Nothing => 0,
            Self::And(list) | Self::Or(list) => list.iter().map(Self::cost).sum(),
            Self::Not(node) => node.cost(),
            Self::Leaf(leaf) => leaf.cost(),
        }
    }
}
