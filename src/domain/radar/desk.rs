//! What a desk says of a finding beyond its tickets: a problem on the same, a change on one of its assets. Its problems
//! and changes are sorted into drawers once, so that a finding looks into few.

use std::collections::{BTreeSet, HashMap};

use super::counting::DAY;
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
use crate::domain::state::State;
use crate::domain::suggest::words::split;
use crate::domain::table::{NameColumn, Row, Symbol, Table, TimeColumn, Trait};

/// The problems that are not over and the changes of a desk.
pub(super) struct Desk<'t> {
    table: &'t Table,
    by_word: HashMap<String, Vec<Row>>,
    by_asset: HashMap<Symbol, Vec<Row>>,
    by_sort: HashMap<(Symbol, Symbol), Vec<Row>>,
    /// By asset: when a change touched it.
    changes: HashMap<Symbol, Vec<(i64, Row)>>,
}

impl<'t> Desk<'t> {
    pub(super) fn of(table: &'t Table) -> Self {
        let mut desk = Self {
            table,
            by_word: HashMap::new(),
            by_asset: HashMap::new(),
            by_sort: HashMap::new(),
            changes: HashMap::new(),
        };
        for row in table.iter() {
            match table.kind(row) {
                Kind::Problem if table.state(row).is_open() || table.is(row, Trait::KnownError) => desk.file(row),
                Kind::Change if table.state(row) != State::Cancelled => {
                    let at = table.time(row, TimeColumn::Closed).or_else(|| table.time(row, TimeColumn::Updated));
                    if let Some((asset, at)) = table.symbol(row, NameColumn::Asset).zip(at) {
                        desk.changes.entry(asset).or_default().push((at, row));
                    }
                }
                _ => {}
            }
        }
        desk
    }

    fn file(&mut self, row: Row) {
        for word in words(self.table.title(row)) {
            self.by_word.entry(word).or_default().push(row);
        }
        let symbol = |column| self.table.symbol(row, column);
        if let Some(asset) = symbol(NameColumn::Asset) {
            self.by_asset.entry(asset).or_default().push(row);
        }
        if let Some(sort) = symbol(NameColumn::Service).zip(symbol(NameColumn::Category)) {
            self.by_sort.entry(sort).or_default().push(row);
        }
    }

    /// The problem that shares most with these tickets: the asset of most of them, two telling words of their
    /// name, or their service and category; of several the newest.
    pub(super) fn problem(
        &self,
        rows: &[Row],
        label: &str,
        tells: impl Fn(&str) -> bool,
    ) -> Option<(TicketId, String)> {
        let most = |column| {
            let mut counts: HashMap<Symbol, usize> = HashMap::new();
            rows.iter()
                .filter_map(|row| self.table.symbol(*row, column))
                .for_each(|n| *counts.entry(n).or_default() += 1);
            counts.into_iter().find(|(_, count)| count * 2 > rows.len()).map(|(symbol, _)| symbol)
        };
        let newest = |rows: &[Row]| {
            let row = rows.iter().max_by_key(|row| (self.table.time(**row, TimeColumn::Opened), **row))?;
            Some((TicketId::new(self.table.id(*row)), *row))
        };
        let name = |symbol: Symbol| self.table.names().name(symbol).as_str();
        if let Some(asset) = most(NameColumn::Asset)
            && let Some((id, _)) = self.by_asset.get(&asset).and_then(|rows| newest(rows))
        {
            return Some((id, format!("asset {}", name(asset))));
        }
        let wanted = words(label);
        let mut sharing: HashMap<Row, Vec<&str>> = HashMap::new();
        for word in wanted.iter().filter(|word| tells(word)) {
            self.by_word.get(word).into_iter().flatten().for_each(|row| sharing.entry(*row).or_default().push(word));
        }
        let alike: Vec<Row> = sharing.iter().filter(|(_, words)| words.len() >= 2).map(|(row, _)| *row).collect();
        if let Some((id, row)) = newest(&alike) {
            return Some((id, format!("words {}", sharing[&row].join(" "))));
        }
        let sort = most(NameColumn::Service).zip(most(NameColumn::Category))?;
        let (id, _) = self.by_sort.get(&sort).and_then(|rows| newest(rows))?;
        Some((id, format!("service {}, category {}", name(sort.0), name(sort.1))))
    }

    /// The last change on one of the tickets' assets, touched `days` before the first of them or later, and how many
    /// days before the newest.
    pub(super) fn change(&self, rows: &[Row], days: i64) -> Option<(TicketId, i64)> {
        let times = || rows.iter().filter_map(|row| self.table.time(*row, TimeColumn::Opened));
        let (first, newest) = (times().min()?, times().max()?);
        let assets: BTreeSet<Symbol> =
            rows.iter().filter_map(|row| self.table.symbol(*row, NameColumn::Asset)).collect();
        let touched = assets.iter().filter_map(|asset| self.changes.get(asset)).flatten();
        let near = touched.filter(|(at, _)| *at >= first - days * DAY && *at <= newest);
        let (at, row) = near.max()?;
        Some((TicketId::new(self.table.id(*row)), (newest - at) / DAY))
    }
}

fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    split(text, |word| _ = words.insert(word.to_owned()));
    words
}
