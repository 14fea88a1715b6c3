//! When one query takes nothing that another left out: then the rows found before are enough to look through.

use super::ast::{Clause, Expr, Op, Query, Value};
use super::field::Key;
use crate::domain::table::fold;

impl Query {
    /// Every row that this query takes was taken by the earlier one too (asked at the same time, of the same table). A
    /// no may be wrong, a yes never is.
    pub fn narrows(&self, earlier: &Self) -> bool {
        match (&self.filter, &earlier.filter) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(now), Some(before)) => implies(now, before),
        }
    }
}

fn implies(new: &Expr, old: &Expr) -> bool {
    if new == old {
        return true;
    }
    match (new, old) {
        (_, Expr::And(list)) => list.iter().all(|old| implies(new, old)),
        (Expr::Or(list), _) => list.iter().all(|new| implies(new, old)),
        (_, Expr::Or(list)) if list.iter().any(|old| implies(new, old)) => true,
        (Expr::And(list), _) => list.iter().any(|new| implies(new, old)),
        (Expr::Not(new), Expr::Not(old)) => implies(old, new),
        (Expr::Word(new), Expr::Word(old)) => contains(new, old),
        (Expr::Clause(new), Expr::Clause(old)) => longer(new, old),
        _ => false,
    }
}

/// The clause asks for the same field and more letters.
fn longer(new: &Clause, old: &Clause) -> bool {
    let textual = matches!(new.key, Key::Id | Key::Title | Key::Name(_));
    let (Op::Has, Op::Has, [Value::Text(text)], [Value::Text(part)]) = (new.op, old.op, &*new.values, &*old.values)
    else {
        return false;
    };
    textual && new.key == old.key && fold(text).starts_with(&fold(part))
}

fn contains(text: &str, part: &str) -> bool {
    memchr::memmem::find(&fold(text), &fold(part)).is_some()
}
