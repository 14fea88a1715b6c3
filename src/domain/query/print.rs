//! Queries as text, in one way each: what is printed parses to the same query.

use std::fmt::{self, Display};

use super::ast::{Clause, Expr, Query, SortKey, StateTest, Value};
use super::field::{Flag, Key};
use crate::domain::table::NameColumn;

impl Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(filter) = &self.filter {
            filter.fmt(f)?;
        }
        for (at, sort) in self.sort.iter().enumerate() {
            f.write_str(match (at, &self.filter) {
                (0, Some(_)) => " sort:",
                (0, None) => "sort:",
                _ => ",",
            })?;
            sort.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.key.name())
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(list) => join(f, list, " ", |expr| matches!(expr, Self::And(_) | Self::Or(_))),
            Self::Or(list) => join(f, list, " or ", |expr| matches!(expr, Self::Or(_))),
            Self::Not(expr) if matches!(**expr, Self::And(_) | Self::Or(_) | Self::Not(_)) => write!(f, "-({expr})"),
            Self::Not(expr) => write!(f, "-{expr}"),
            Self::Word(word) => write_word(f, word, is_keyword(word) || Flag::parse(word).is_some()),
            Self::Flag(flag) => f.write_str(flag.name()),
            Self::Clause(clause) => clause.fmt(f),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, list: &[Expr], between: &str, grouped: fn(&Expr) -> bool) -> fmt::Result {
    for (at, expr) in list.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        if grouped(expr) { write!(f, "({expr})")? } else { expr.fmt(f)? }
    }
    Ok(())
}

impl Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.key.name(), self.op.as_str())?;
        for (at, value) in self.values.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            write_value(f, &self.key, value)?;
        }
        Ok(())
    }
}

fn write_value(f: &mut fmt::Formatter<'_>, key: &Key, value: &Value) -> fmt::Result {
    match value {
        Value::None => f.write_str("none"),
        Value::Me if *key == Key::Name(NameColumn::Group) => f.write_str("mine"),
        Value::Me => f.write_str("me"),
        Value::Text(text) => write_word(f, text, is_keyword(text) || is_special(text)),
        Value::Texts(from, to) => write_range(f, from.as_deref(), to.as_deref(), |f, text| f.write_str(text)),
        Value::Kind(kind) => kind.fmt(f),
        Value::State(StateTest::One(state)) => state.fmt(f),
        Value::State(StateTest::Open) => f.write_str("open"),
        Value::State(StateTest::Active) => f.write_str("active"),
        Value::Hold(reason) => reason.fmt(f),
        Value::Sla(test) => test.fmt(f),
        Value::Number(n) => n.fmt(f),
        Value::Numbers(from, to) => write_range(f, from.as_ref(), to.as_ref(), |f, n| n.fmt(f)),
        Value::Time(when) => when.fmt(f),
        Value::Times(from, to) => write_range(f, from.as_ref(), to.as_ref(), |f, when| when.fmt(f)),
    }
}

fn write_range<T: ?Sized>(
    f: &mut fmt::Formatter<'_>,
    from: Option<&T>,
    to: Option<&T>,
    write: fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    from.map_or(Ok(()), |from| write(f, from))?;
    f.write_str("..")?;
    to.map_or(Ok(()), |to| write(f, to))
}

/// Values that mean something else when they are not quoted.
fn is_special(text: &str) -> bool {
    text.contains("..") || ["none", "me", "mine"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

pub(super) fn is_keyword(word: &str) -> bool {
    ["or", "and", "not"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

/// A word, in quotes where it would be read as something else.
fn write_word(f: &mut fmt::Formatter<'_>, word: &str, special: bool) -> fmt::Result {
    f.write_str(&quoted(word, special))
}

/// The word as it is written in a query; `special` when its letters alone mean something else.
pub(super) fn quoted(word: &str, special: bool) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./@#+&%~*'".contains(c);
    if !special && !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}
