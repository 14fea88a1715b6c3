//! A query as data. Equal queries are written the same way (`print`).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::field::{Flag, Key};
use crate::domain::kind::Kind;
use crate::domain::state::{HoldReason, State};
use crate::named_enum;

/// What a list shows and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// None takes everything.
    pub filter: Option<Expr>,
    /// Empty leaves the order to who asks.
    pub sort: Vec<SortKey>,
}

/// What must hold of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    /// These letters stand in the identifier, the title, or the name of caller, owner, group, category or asset.
    Word(Box<str>),
    Flag(Flag),
    Clause(Clause),
}

/// A field against values, of which one must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    pub key: Key,
    pub op: Op,
    pub values: Vec<Value>,
}

/// How a field is compared. `!=` is the negation of `=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `:`, which is kind: part of a name, some time on that day.
    Has,
    /// `=`, which is exact.
    Is,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Op {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Has => ":",
            Self::Is => "=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    pub const fn is_order(self) -> bool {
        !matches!(self, Self::Has | Self::Is)
    }
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `none`: the field is not set.
    None,
    /// `me`; of a group, `mine`.
    Me,
    Text(Box<str>),
    Texts(Option<Box<str>>, Option<Box<str>>),
    Kind(Kind),
    State(StateTest),
    Hold(HoldReason),
    Sla(SlaTest),
    Number(i64),
    Numbers(Option<i64>, Option<i64>),
    Time(When),
    Times(Option<When>, Option<When>),
}

/// One state, or a group of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateTest {
    One(State),
    /// Not resolved, fulfilled, closed, rejected or cancelled.
    Open,
    /// Not closed or cancelled.
    Active,
}

named_enum! {
    /// How the clock of a ticket stands now.
    pub enum SlaTest {
        /// Past its target: running, paused or ended so.
        Breached = "breached",
        /// Running, past its warning, not past its target.
        AtRisk = "at_risk",
        /// Running and not past its target.
        Running = "running",
        Paused = "paused",
        Met = "met",
        None = "none",
    }
}

/// A point in time, a day or longer, or a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Now,
    Today,
    Yesterday,
    Tomorrow,
    Year(i16),
    Month(i16, i8),
    Day(Date),
    /// A minute by the clock of the zone; a second where there are seconds.
    Clock(DateTime),
    Instant(Timestamp),
    /// Milliseconds: since, or until.
    Span(i64),
}

/// One key of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    pub key: Key,
    pub descending: bool,
}

impl Query {
    /// The words that a row was found by: to show where they stand.
    pub fn words(&self) -> Vec<&str> {
        let mut words = Vec::new();
        if let Some(filter) = &self.filter {
            filter.collect_words(&mut words);
        }
        words
    }

    /// The rows may differ at another time, though no ticket changes.
    pub fn depends_on_now(&self) -> bool {
        self.filter.as_ref().is_some_and(Expr::depends_on_now)
            || self.sort.iter().any(|sort| matches!(sort.key, Key::Due | Key::Sla))
    }
}

impl Expr {
    fn collect_words<'a>(&'a self, words: &mut Vec<&'a str>) {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().for_each(|expr| expr.collect_words(words)),
            Self::Word(word) => words.push(word),
            Self::Not(_) | Self::Flag(_) | Self::Clause(_) => {}
        }
    }

    fn depends_on_now(&self) -> bool {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().any(Self::depends_on_now),
            Self::Not(expr) => expr.depends_on_now(),
            Self::Word(_) => false,
            Self::Flag(flag) => matches!(flag, Flag::Overdue),
            Self::Clause(clause) => clause.values.iter().any(|value| match value {
                Value::Sla(_) => true,
                Value::Time(when) => when.is_relative(),
                Value::Times(from, to) => [from, to].into_iter().flatten().any(When::is_relative),
                _ => false,
            }),
        }
    }
}

impl When {
    fn is_relative(&self) -> bool {
        matches!(self, Self::Now | Self::Today | Self::Yesterday | Self::Tomorrow | Self::Span(_))
    }
}
