//! The values behind an operator, read by what their field takes.

use super::ast::{Clause, Expr, Op, SlaTest, StateTest, Value, When};
use super::error::{QueryError, nearest};
use super::field::{FIELDS, FLAGS, Flag, Key};
use super::head::Piece;
use super::when;
use crate::domain::approval::Standing;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::state::{HoldReason, State};
use crate::domain::table::NameColumn;
use crate::domain::waits;

type Parsed<T> = Result<T, QueryError>;

/// The field compared with the values; with an order there is one value.
pub(super) fn clause(key: &Key, op: Op, pieces: &[Piece]) -> Parsed<Expr> {
    let ordered = matches!(
        key,
        Key::Number(_) | Key::Past(_) | Key::Age(_) | Key::Due | Key::Update | Key::Review | Key::Custom(_)
    );
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return Err(QueryError::new(0, 0, "a value is missing"));
    };
    if op.is_order() && !ordered {
        let message = format!("`{}` has no order; expected `:` or `=`, not `{}`", key.name(), op.as_str());
        return Err(QueryError::new(first.from.saturating_sub(op.as_str().len()), first.to, message));
    }
    if op.is_order() && pieces.len() > 1 {
        let message = format!("one value was expected after `{}`, not a list", op.as_str());
        return Err(QueryError::new(first.from, last.to, message));
    }
    let values: Vec<Value> = pieces.iter().map(|piece| value(key, op, piece)).collect::<Parsed<_>>()?;
    // Only of texts does `=` say something else than `:`.
    let textual = matches!(key, Key::Id | Key::Title | Key::Name(_) | Key::Rare(_) | Key::Waits(_) | Key::Custom(_));
    let op = if op == Op::Is && !textual { Op::Has } else { op };
    Ok(Expr::Clause(Clause { key: key.clone(), op, values }))
}

fn value(key: &Key, op: Op, piece: &Piece) -> Parsed<Value> {
    let text = piece.text.as_str();
    let timed = matches!(key, Key::Past(_) | Key::Due | Key::Update | Key::Review);
    let unset = timed || matches!(key, Key::Name(_) | Key::Rare(_) | Key::Waits(_) | Key::Hold | Key::Custom(_));
    if unset && !piece.quoted && !op.is_order() && text.eq_ignore_ascii_case("none") {
        return Ok(Value::None);
    }
    let found = match key {
        Key::Id | Key::Title | Key::Rare(_) => Some(Value::Text(text.into())),
        Key::Name(column) => Some(name(*column, piece)),
        Key::Waits(word) => Some(waits(word, piece)),
        Key::Custom(_) => return custom(op, piece),
        Key::Kind => kind(text).map(Value::Kind),
        Key::State => state(text).map(Value::State),
        Key::Hold => HoldReason::parse(text).map(Value::Hold),
        Key::Sla => SlaTest::parse(text).map(Value::Sla),
        Key::Number(_) => {
            return range(op, piece, number, Value::Number, Value::Numbers).ok_or_else(|| wrong(key, piece));
        }
        Key::Age(_) => range(op, piece, span, Value::Time, Value::Times),
        Key::Past(_) | Key::Due | Key::Update | Key::Review => range(op, piece, When::parse, Value::Time, Value::Times),
    };
    found.ok_or_else(|| wrong(key, piece))
}

fn wrong(key: &Key, piece: &Piece) -> QueryError {
    let message = format!("`{}` is nothing that `{}` takes; expected {}", piece.text, key.name(), expected(key.name()));
    QueryError::new(piece.from, piece.to, message).meaning(nearest(&piece.text, choices(key)))
}

/// The words that a field takes, where these are few.
pub(super) fn choices(key: &Key) -> Vec<&'static str> {
    match key {
        Key::Kind => Kind::ALL.iter().map(|kind| kind.as_str()).collect(),
        Key::State => ["open", "active"].into_iter().chain(State::ALL.iter().map(|state| state.as_str())).collect(),
        Key::Hold => HoldReason::ALL.iter().map(|reason| reason.as_str()).chain(["none"]).collect(),
        Key::Sla => SlaTest::ALL.iter().map(|test| test.as_str()).collect(),
        Key::Past(_) => vec!["today", "yesterday", "none"],
        Key::Due | Key::Update | Key::Review => vec!["today", "tomorrow", "none"],
        Key::Name(NameColumn::Owner | NameColumn::Offered | NameColumn::Caller) => vec!["me", "none"],
        Key::Name(NameColumn::Group) => vec!["mine", "none"],
        Key::Name(_) => vec!["none"],
        Key::Rare(name) => rare(name).into_iter().chain(["none"]).collect(),
        Key::Waits(waits::APPROVAL) => Standing::ALL.iter().map(|standing| standing.as_str()).chain(["none"]).collect(),
        Key::Waits(_) => vec!["me", "none"],
        _ => Vec::new(),
    }
}

/// What the rules fix for a field that few tickets have.
fn rare(name: &str) -> Vec<&'static str> {
    let kind = if name == "workaround_given" { Kind::Incident } else { Kind::Problem };
    Field::parse(name).and_then(|field| lifecycle::choices::fixed(&field, kind)).unwrap_or_default()
}

/// What a field takes, for messages.
pub(super) fn expected(field: &str) -> String {
    match Key::parse(field) {
        Some(Key::Number(_)) => "a number, or a range such as 1..2".to_owned(),
        Some(Key::Age(_)) => "a length of time such as 30m, 2h, 3d or 1w".to_owned(),
        Some(Key::Past(_) | Key::Due | Key::Update | Key::Review) => when::EXAMPLES.to_owned(),
        Some(key @ (Key::Kind | Key::State | Key::Hold | Key::Sla)) => choices(&key).join(", "),
        Some(Key::Custom(_)) => "a text or a number".to_owned(),
        Some(key) => FIELDS.iter().find(|row| row.key == key).map_or("a text", |row| row.help).to_owned(),
        None if field == "sort" => "fields with commas between, each with - before it to turn it round".to_owned(),
        None if field == "is" => FLAGS.iter().map(|(_, name, ..)| *name).collect::<Vec<_>>().join(", "),
        None => "yes or no".to_owned(),
    }
}

fn name(column: NameColumn, piece: &Piece) -> Value {
    let me = match column {
        NameColumn::Owner | NameColumn::Offered | NameColumn::Caller => piece.text.eq_ignore_ascii_case("me"),
        NameColumn::Group => ["me", "mine"].iter().any(|word| piece.text.eq_ignore_ascii_case(word)),
        _ => false,
    };
    if me && !piece.quoted { Value::Me } else { Value::Text(piece.text.as_str().into()) }
}

fn waits(word: &str, piece: &Piece) -> Value {
    let me = word != waits::APPROVAL && !piece.quoted && piece.text.eq_ignore_ascii_case("me");
    if me { Value::Me } else { Value::Text(piece.text.as_str().into()) }
}

fn custom(op: Op, piece: &Piece) -> Parsed<Value> {
    match piece.text.split_once("..") {
        Some((from, to)) if !piece.quoted && !op.is_order() => {
            if from.is_empty() && to.is_empty() {
                return Err(QueryError::new(
                    piece.from,
                    piece.to,
                    "a range needs at least one end, such as 1.. or ..5",
                ));
            }
            let end = |text: &str| (!text.is_empty()).then(|| text.into());
            Ok(Value::Texts(end(from), end(to)))
        }
        _ => Ok(Value::Text(piece.text.as_str().into())),
    }
}

/// `a`, and without an order also `a..b`, `a..`, `..b`.
fn range<T>(
    op: Op,
    piece: &Piece,
    read: fn(&str) -> Option<T>,
    one: fn(T) -> Value,
    two: fn(Option<T>, Option<T>) -> Value,
) -> Option<Value> {
    let Some((from, to)) = piece.text.split_once("..") else { return read(&piece.text).map(one) };
    if op.is_order() || (from.is_empty() && to.is_empty()) {
        return None;
    }
    let end = |text: &str| if text.is_empty() { Some(None) } else { read(text).map(Some) };
    Some(two(end(from)?, end(to)?))
}

/// `3`, `P3`.
fn number(text: &str) -> Option<i64> {
    text.strip_prefix(['p', 'P']).unwrap_or(text).parse().ok()
}

fn span(text: &str) -> Option<When> {
    When::parse(text).filter(|when| matches!(when, When::Span(_)))
}

/// `incident`, `incidents`, `inc`.
fn kind(text: &str) -> Option<Kind> {
    let text = text.to_lowercase();
    let named = |kind: &&Kind| kind.as_str() == text.trim_end_matches('s') || kind.prefix().eq_ignore_ascii_case(&text);
    Kind::ALL.iter().find(named).copied()
}

fn state(text: &str) -> Option<StateTest> {
    match text.to_lowercase().as_str() {
        "open" => Some(StateTest::Open),
        "active" => Some(StateTest::Active),
        name => State::parse(name).map(StateTest::One),
    }
}

/// `major:yes`, `major:no`.
pub(super) fn flag(flag: Flag, op: Op, pieces: &[Piece]) -> Parsed<Expr> {
    let yes = |piece: &Piece| match piece.text.to_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    };
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return Err(QueryError::new(0, 0, "a value is missing"));
    };
    match yes(first) {
        Some(yes) if pieces.len() == 1 && !op.is_order() => {
            Ok(if yes { Expr::Flag(flag) } else { Expr::Not(Box::new(Expr::Flag(flag))) })
        }
        _ => Err(QueryError::new(first.from, last.to, format!("`{}` is yes or no", flag.name()))),
    }
}

/// `is:mine`, `is:open`: a flag or a group of states, of which one must fit.
pub(super) fn is(op: Op, pieces: &[Piece]) -> Parsed<Expr> {
    let known = || FLAGS.iter().map(|(_, name, ..)| *name).chain(["open", "active"]);
    let one = |piece: &Piece| {
        if let Some(flag) = Flag::parse(&piece.text).filter(|_| !op.is_order()) {
            return Ok(Expr::Flag(flag));
        }
        let test = match piece.text.to_lowercase().as_str() {
            "open" if !op.is_order() => StateTest::Open,
            "active" if !op.is_order() => StateTest::Active,
            _ => {
                let message = format!("`{}` is nothing that a ticket is; expected {}", piece.text, expected("is"));
                return Err(QueryError::new(piece.from, piece.to, message).meaning(nearest(&piece.text, known())));
            }
        };
        Ok(Expr::Clause(Clause { key: Key::State, op: Op::Has, values: vec![Value::State(test)] }))
    };
    let mut list: Vec<Expr> = pieces.iter().map(one).collect::<Parsed<_>>()?;
    match list.pop() {
        Some(last) if list.is_empty() => Ok(last),
        Some(last) => {
            list.push(last);
            Ok(Expr::Or(list))
        }
        None => Err(QueryError::new(0, 0, "a value is missing")),
    }
}
