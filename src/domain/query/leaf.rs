//! What a compiled query asks of one row, each question against one or few columns.

use super::ast::SlaTest;
use super::probe::Chosen;
use crate::domain::summary::{Glance, GlanceState};
use crate::domain::table::{Bits, NameColumn, Needle, NumberColumn, Place, Row, Table, TimeColumn, Trait};

/// The columns of names in which a bare word is looked for, beside identifier and title.
const SEARCHED: [NameColumn; 5] =
    [NameColumn::Caller, NameColumn::Owner, NameColumn::Group, NameColumn::Category, NameColumn::Asset];

/// One question.
#[derive(Debug, Clone)]
pub(super) enum Leaf {
    /// A bit per kind.
    Kind(u8),
    /// A bit per state.
    State(u32),
    /// A bit per reason, and the highest for none.
    Hold(u8),
    Trait(Trait),
    Number(NumberColumn, Vec<(i64, i64)>),
    Time(Times),
    Sla(Vec<SlaTest>, i64),
    /// Open and past its target.
    Overdue(i64),
    Name {
        column: NameColumn,
        chosen: Chosen,
        or_none: bool,
    },
    Custom {
        key: Chosen,
        value: Chosen,
        or_none: bool,
    },
    Id(Texts),
    Title(Texts),
    Word(Word),
    Rows(Bits),
}

/// A point in time within one of some spans, both ends included.
#[derive(Debug, Clone)]
pub(super) struct Times {
    pub column: TimeColumn,
    pub spans: Vec<(i64, i64)>,
    pub or_none: bool,
}

/// One of these stands somewhere in a text, or is all of it.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    pub any: Vec<Needle>,
    pub exact: bool,
}

impl Texts {
    fn fit(&self, text: &str) -> bool {
        self.any.iter().any(|needle| if self.exact { needle.equals(text) } else { needle.is_in(text) })
    }
}

/// A bare word.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub part: Needle,
    pub names: Chosen,
}

impl Leaf {
    pub fn fits(&self, table: &Table, row: Row) -> bool {
        let names = table.names();
        match self {
            Self::Kind(kinds) => kinds >> table.kind(row) as u8 & 1 == 1,
            Self::State(states) => states >> table.state(row) as u32 & 1 == 1,
            Self::Hold(reasons) => reasons >> table.hold(row).map_or(7, |reason| reason as u8) & 1 == 1,
            Self::Trait(which) => table.is(row, *which),
            Self::Number(column, ranges) => within(ranges, i64::from(table.number(row, *column))),
            Self::Time(times) => match times.read(table, row) {
                Some(time) => within(&times.spans, time),
                None => times.or_none,
            },
            Self::Sla(tests, now) => {
                let glance = table.glance(row);
                tests.iter().any(|test| stands(glance, *test, *now))
            }
            Self::Overdue(now) => table.state(row).is_open() && is_past(table.glance(row), *now),
            Self::Name { column, chosen, or_none } => match table.symbol(row, *column) {
                Some(symbol) => chosen.has(symbol, names),
                None => *or_none,
            },
            Self::Custom { key, value, or_none } => {
                let mut held = table.custom_symbols(row).iter().filter(|(name, _)| key.has(*name, names)).peekable();
                (*or_none && held.peek().is_none()) || held.any(|(_, held)| value.has(*held, names))
            }
            Self::Id(texts) => texts.fit(table.id(row)),
            Self::Title(texts) => texts.fit(table.title(row)),
            Self::Word(word) => {
                word.part.is_in(table.record(row))
                    || word.columns(table).any(|column| word.names_fit(table, row, column))
            }
            Self::Rows(rows) => rows.contains(row.0),
        }
    }

    /// Takes those out of `rows` that do not fit.
    pub fn reduce(&self, table: &Table, rows: &mut Bits) {
        match self {
            Self::Word(word) => word.reduce(table, rows),
            Self::Rows(wanted) => rows.intersect(wanted),
            _ => rows.retain(|row| self.fits(table, Row(row))),
        }
    }

    /// How long it takes a row, roughly: cheap questions are asked first.
    pub fn cost(&self) -> u32 {
        match self {
            Self::Rows(_) => 0,
            Self::Kind(_) | Self::State(_) | Self::Hold(_) | Self::Trait(_) => 1,
            Self::Number(..) | Self::Name { .. } | Self::Time(_) => 2,
            Self::Sla(..) | Self::Overdue(_) | Self::Custom { .. } => 4,
            Self::Word(_) => 8,
            Self::Id(_) | Self::Title(_) => 20,
        }
    }
}

impl Times {
    fn read(&self, table: &Table, row: Row) -> Option<i64> {
        // Only a clock that runs comes to be due.
        if self.column == TimeColumn::Due && table.clock(row) != GlanceState::Running {
            return None;
        }
        table.time(row, self.column)
    }
}

impl Word {
    /// The columns in which one of the names was ever seen.
    fn columns(&self, table: &Table) -> impl Iterator<Item = NameColumn> + use<> {
        let may_stand = self.names.may_stand(table.names());
        SEARCHED.into_iter().filter(move |column| may_stand(Place::Column(*column)))
    }

    fn names_fit(&self, table: &Table, row: Row, column: NameColumn) -> bool {
        table.symbol(row, column).is_some_and(|symbol| self.names.has(symbol, table.names()))
    }

    fn reduce(&self, table: &Table, rows: &mut Bits) {
        let columns: Vec<NameColumn> = self.columns(table).collect();
        let named = |row| columns.iter().any(|column| self.names_fit(table, row, *column));
        // One sweep over all texts is quicker than many small searches.
        if rows.count() < table.slots() / 16 {
            rows.retain(|row| self.part.is_in(table.record(Row(row))) || named(Row(row)));
            return;
        }
        let mut found = Bits::with_len(table.slots());
        table.find_text(&self.part, &mut found);
        if columns.is_empty() {
            rows.intersect(&found);
        } else {
            rows.retain(|row| found.contains(row) || named(Row(row)));
        }
    }
}

fn within(ranges: &[(i64, i64)], value: i64) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&value))
}

/// How the clock stands at `now` (ms since 1970). Breached is only what has *less* than nothing left.
pub(super) fn stands(glance: Glance, test: SlaTest, now: i64) -> bool {
    let running = glance.state == GlanceState::Running && !is_past(glance, now);
    match test {
        SlaTest::Breached => glance.state == GlanceState::Breached || is_past(glance, now),
        SlaTest::AtRisk => running && glance.risk.is_some_and(|risk| risk <= now),
        SlaTest::Running => running,
        SlaTest::Paused => glance.state == GlanceState::Paused,
        SlaTest::Met => glance.state == GlanceState::Met,
        SlaTest::None => glance.state == GlanceState::None,
    }
}

/// A clock that runs or waits is past its target.
pub(super) fn is_past(glance: Glance, now: i64) -> bool {
    match glance.state {
        GlanceState::Running => glance.late.or(glance.due).is_some_and(|late| late < now),
        GlanceState::Paused => glance.left.is_some_and(|left| left < 0),
        GlanceState::None | GlanceState::Met | GlanceState::Breached => false,
    }
}
