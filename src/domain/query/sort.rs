//! The order of rows. Each row gets one number that says where it stands, so that comparing two is comparing numbers;
//! what does not fit into the number is looked at only where numbers are equal. The identifier decides last.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::ast::SortKey;
use super::field::Key;
use super::leaf::is_past;
use super::rank::{prefix, ranks, title_ranks};
use crate::domain::summary::GlanceState;
use crate::domain::table::{NameColumn, NumberColumn, Row, Symbol, Table, TimeColumn};

/// Brings rows into the order of the keys; without any, into the order `due`: what is past its target first, the
/// longest time before the shorter, then what runs by when it is due, then what else is open and then what is done, by
/// priority and by when it was opened. Rows without a value come last, whichever way round.
pub fn sort(table: &Table, rows: &mut [Row], keys: &[SortKey], now: Timestamp) {
    let all = rows.len();
    sort_first(table, rows, keys, now, all);
}

/// As [`sort`], but only the first `count` rows are in order; the others follow in any.
pub fn sort_first(table: &Table, rows: &mut [Row], keys: &[SortKey], now: Timestamp, count: usize) {
    let default = [SortKey { key: Key::Due, descending: false }];
    let keys = if keys.is_empty() { &default } else { keys };
    let order = Order::new(table, rows, keys, now.as_millisecond());
    let mut places: Vec<Place> = rows.iter().map(|row| order.place(*row)).collect();
    let compare = |a: &Place, b: &Place| a.number.cmp(&b.number).then_with(|| order.compare(a, b));
    let count = count.min(places.len());
    if count > 0 && count < places.len() {
        places.select_nth_unstable_by(count - 1, compare);
    }
    places[..count].sort_unstable_by(compare);
    for (row, place) in rows.iter_mut().zip(places) {
        *row = place.row;
    }
}

/// Where a row stands.
struct Place {
    number: u128,
    id: u64,
    row: Row,
}

struct Order<'a> {
    table: &'a Table,
    keys: Vec<Encoder>,
    /// How many of the keys are wholly in the number.
    packed: usize,
}

impl<'a> Order<'a> {
    fn new(table: &'a Table, rows: &[Row], keys: &[SortKey], now: i64) -> Self {
        let keys: Vec<Encoder> = keys.iter().map(|sort| Encoder::new(sort, table, rows, now)).collect();
        let (mut room, mut packed) = (128, 0);
        for key in &keys {
            if !key.is_exact() || key.bits() > room {
                break;
            }
            room -= key.bits();
            packed += 1;
        }
        Self { table, keys, packed }
    }

    fn place(&self, row: Row) -> Place {
        let mut number = 0;
        let mut room: u32 = 128;
        // The first key that is not wholly in the number helps with as much as fits.
        for key in &self.keys[..self.keys.len().min(self.packed + 1)] {
            let code = u128::from(key.encode(self.table, row));
            let bits = key.bits().min(room);
            number = number << (bits - 1) << 1 | code >> (key.bits() - bits);
            room -= bits;
            if room == 0 {
                break;
            }
        }
        Place { number, id: id_code(self.table.id(row)), row }
    }

    /// Rows with the same number.
    fn compare(&self, a: &Place, b: &Place) -> Ordering {
        let rest = &self.keys[self.packed..];
        let by_keys = rest.iter().map(|key| key.compare(self.table, a.row, b.row)).find(|order| order.is_ne());
        by_keys.unwrap_or_else(|| a.id.cmp(&b.id).then_with(|| self.table.id(a.row).cmp(self.table.id(b.row))))
    }
}

/// How one key becomes a number.
struct Encoder {
    column: Column,
    descending: bool,
}

enum Column {
    Due(i64),
    Time(TimeColumn),
    /// The longer ago, the greater.
    Age(TimeColumn),
    Number(NumberColumn),
    Kind,
    State,
    Hold,
    Sla(i64),
    /// A name by its rank among the names of these rows.
    Name(NameColumn, Vec<u32>),
    /// The field, and the ranks of its values.
    Custom(Vec<Symbol>, Vec<u32>),
    /// By row: its rank among the titles of these rows.
    Title(Vec<u32>),
    Id,
}

/// Wide enough for a time of the table, and for none.
const TIME_BITS: u32 = 50;
const ZERO_TIME: i64 = 1 << 48;

impl Encoder {
    fn new(sort: &SortKey, table: &Table, rows: &[Row], now: i64) -> Self {
        let column = match &sort.key {
            Key::Id => Column::Id,
            Key::Title => Column::Title(title_ranks(table, rows)),
            Key::Kind => Column::Kind,
            Key::State => Column::State,
            Key::Hold => Column::Hold,
            Key::Sla => Column::Sla(now),
            Key::Due => Column::Due(now),
            Key::Update => Column::Time(TimeColumn::UpdateDue),
            Key::Review => Column::Time(TimeColumn::Review),
            Key::Past(column) => Column::Time(*column),
            Key::Age(column) => Column::Age(*column),
            Key::Number(column) => Column::Number(*column),
            Key::Name(column) => {
                let used = rows.iter().filter_map(|row| table.symbol(*row, *column));
                Column::Name(*column, ranks(table, used, false))
            }
            Key::Custom(_) | Key::Rare(_) | Key::Waits(_) => {
                let name = match &sort.key {
                    Key::Rare(name) | Key::Waits(name) => name,
                    key => key.name(),
                };
                let names = table.names();
                let key: Vec<Symbol> = names.symbols().filter(|s| names.folded(*s) == name.as_bytes()).collect();
                let used = rows.iter().filter_map(|row| custom(table, *row, &key));
                Column::Custom(key.clone(), ranks(table, used, true))
            }
        };
        Self { column, descending: sort.descending }
    }

    fn bits(&self) -> u32 {
        match self.column {
            Column::Due(_) => 60,
            Column::Time(_) | Column::Age(_) => TIME_BITS,
            Column::Number(_) => 17,
            Column::Kind | Column::State | Column::Hold | Column::Sla(_) => 6,
            Column::Name(..) | Column::Custom(..) | Column::Title(_) => 32,
            Column::Id => 64,
        }
    }

    /// Equal numbers are equal values.
    fn is_exact(&self) -> bool {
        !matches!(self.column, Column::Id)
    }

    /// The value as a number of so many bits, the highest for none.
    fn encode(&self, table: &Table, row: Row) -> u64 {
        let none = u64::MAX >> (64 - self.bits());
        let Some(code) = self.value(table, row) else { return none };
        if self.descending { (none - 1).saturating_sub(code) } else { code.min(none - 1) }
    }

    fn value(&self, table: &Table, row: Row) -> Option<u64> {
        Some(match &self.column {
            Column::Due(now) => due_code(table, row, *now),
            Column::Time(column) => time_code(table.time(row, *column)?),
            Column::Age(column) => time_code(-table.time(row, *column)?),
            Column::Number(column) => u64::from(table.number(row, *column)),
            Column::Kind => table.kind(row) as u64,
            Column::State => table.state(row) as u64,
            Column::Hold => table.hold(row)? as u64,
            Column::Sla(now) => match (is_past(table.glance(row), *now), table.clock(row)) {
                (true, _) | (_, GlanceState::Breached) => 0,
                (_, GlanceState::Running) => 1,
                (_, GlanceState::Paused) => 2,
                (_, GlanceState::Met) => 3,
                (_, GlanceState::None) => return None,
            },
            Column::Name(column, ranks) => u64::from(ranks[table.symbol(row, *column)?.0 as usize]),
            Column::Custom(key, ranks) => u64::from(ranks[custom(table, row, key)?.0 as usize]),
            Column::Title(ranks) => u64::from(ranks[row.0 as usize]),
            Column::Id => id_code(table.id(row)),
        })
    }

    fn compare(&self, table: &Table, a: Row, b: Row) -> Ordering {
        let by_code = self.encode(table, a).cmp(&self.encode(table, b));
        if self.is_exact() || by_code.is_ne() {
            return by_code;
        }
        let by_id = table.id(a).cmp(table.id(b));
        if self.descending { by_id.reverse() } else { by_id }
    }
}

fn time_code(ms: i64) -> u64 {
    u64::try_from(ms.saturating_add(ZERO_TIME)).unwrap_or(0)
}

/// Past its target, running, otherwise open, done: in two bits; then when, or priority and when it was opened.
fn due_code(table: &Table, row: Row, now: i64) -> u64 {
    let opened = || {
        let opened = time_code(table.time(row, TimeColumn::Opened).unwrap_or_default());
        u64::from(table.priority(row)) << TIME_BITS | opened
    };
    if !table.state(row).is_open() {
        return 3 << 58 | opened();
    }
    let glance = table.glance(row);
    // A paused clock that is overdue stays overdue by as much.
    let due = match glance.state {
        GlanceState::Running => glance.due,
        GlanceState::Paused => glance.left.filter(|left| *left < 0).map(|left| now.saturating_add(left)),
        GlanceState::None | GlanceState::Met | GlanceState::Breached => None,
    };
    match due {
        Some(due) if is_past(glance, now) => time_code(due),
        Some(due) => 1 << 58 | time_code(due),
        None => 2 << 58 | opened(),
    }
}

fn custom(table: &Table, row: Row, key: &[Symbol]) -> Option<Symbol> {
    table.custom_symbols(row).iter().find(|(name, _)| key.contains(name)).map(|(_, value)| *value)
}

/// The letters before the number, then the number: `INC-9` before `INC-10`.
fn id_code(id: &str) -> u64 {
    let id = id.as_bytes();
    let digits = id.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let (head, tail) = id.split_at(id.len() - digits);
    let number = if digits <= 9 && head.len() <= 4 {
        tail.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    } else {
        u64::from(u32::MAX)
    };
    prefix(head) & !u64::from(u32::MAX) | number
}
