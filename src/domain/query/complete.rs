//! What could stand where somebody types: fields, flags, the words a field takes, names that the table knows.

use super::ast::Op;
use super::field::{FIELDS, FLAGS, Key};
use super::head::split_field;
use super::print::{is_keyword, quoted};
use super::value::choices;
use crate::domain::table::{Place, Symbol, Table, fold};

/// Names beyond this are not offered: one more letter finds them sooner.
const MOST: usize = 50;

/// A way to go on: these characters, counted from 0, replaced by that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub from: usize,
    pub to: usize,
    pub text: String,
    /// What it means; empty for names.
    pub help: &'static str,
}

/// The candidates for the term at the cursor (characters before it), best first. A candidate ends in the operator where
/// a value comes next.
pub fn complete(text: &str, cursor: usize, table: &Table) -> Vec<Candidate> {
    let before: Vec<char> = text.chars().take(cursor).collect();
    let cursor = before.len();
    let from = term_start(&before);
    let term: String = before[from..].iter().collect();
    match split_field(&term) {
        Some((name, op, _, length)) => values(name, op, &before[from + length..], cursor, table),
        None => heads(&term, from, cursor),
    }
}

/// Where the term before the cursor begins; spaces within quotes are part of it.
fn term_start(before: &[char]) -> usize {
    let (mut start, mut quoted) = (0, false);
    for (at, c) in before.iter().enumerate() {
        let opens = at == start && matches!(c, '-' | '!');
        match c {
            '"' => quoted = !quoted,
            c if !quoted && (c.is_whitespace() || matches!(c, '(' | ')' | '|') || opens) => start = at + 1,
            _ => {}
        }
    }
    start
}

/// Fields and flags.
fn heads(typed: &str, from: usize, to: usize) -> Vec<Candidate> {
    let typed = typed.to_lowercase();
    let fields = FIELDS.iter().map(|field| (field.name, field.aliases, ":", field.help));
    let flags = FLAGS.iter().map(|(_, name, others, help)| (*name, *others, "", *help));
    let sort = ("sort", &[][..], ":", "the order: due, -opened, priority");
    let mut found: Vec<_> = fields
        .chain([sort])
        .chain(flags)
        .filter_map(|(name, aliases, tail, help)| {
            let rank = if name.starts_with(&typed) {
                0
            } else if aliases.contains(&typed.as_str()) {
                1
            } else {
                return None;
            };
            Some((rank, Candidate { from, to, text: format!("{name}{tail}"), help }))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

fn values(name: &str, op: Op, typed: &[char], cursor: usize, table: &Table) -> Vec<Candidate> {
    let last = typed.iter().rposition(|c| *c == ',').map_or(0, |comma| comma + 1);
    let value: String = typed[last..].iter().filter(|c| **c != '"').collect();
    let from = cursor - (typed.len() - last);
    let candidate = |text: String, help| Candidate { from, to: cursor, text, help };
    if name.eq_ignore_ascii_case("sort") {
        let (turn, value) = value.strip_prefix('-').map_or(("", value.as_str()), |value| ("-", value));
        let known = FIELDS.iter().filter(|field| field.name.starts_with(&value.to_lowercase()));
        return known.map(|field| candidate(format!("{turn}{}", field.name), field.help)).collect();
    }
    if name.eq_ignore_ascii_case("is") {
        let known = FLAGS.iter().filter(|(_, name, ..)| name.starts_with(&value.to_lowercase()));
        return known.map(|(_, name, _, help)| candidate((*name).to_owned(), *help)).collect();
    }
    let Some(key) = Key::parse(name).filter(|_| !op.is_order()) else { return Vec::new() };
    let words = choices(&key).into_iter().filter(|word| word.starts_with(&value.to_lowercase()));
    let mut found: Vec<Candidate> = words.map(|word| candidate(word.to_owned(), "")).collect();
    found.extend(names(&key, &value, table).map(|name| candidate(name, "")));
    found
}

/// The names seen in the column of the field that contain what was typed, those that begin so first.
fn names(key: &Key, typed: &str, table: &Table) -> impl Iterator<Item = String> {
    let names = table.names();
    let typed = fold(typed);
    let part = memchr::memmem::Finder::new(&typed);
    let mut found: Vec<(usize, &[u8], Symbol)> = match key {
        Key::Name(column) => names
            .symbols()
            .filter(|symbol| names.is_used(*symbol, Place::Column(*column)))
            .filter_map(|symbol| Some((part.find(names.folded(symbol))?.min(1), names.folded(symbol), symbol)))
            .collect(),
        _ => Vec::new(),
    };
    found.sort_unstable();
    found.truncate(MOST);
    found.into_iter().map(|(_, _, symbol)| written(names.name(symbol)))
}

fn written(name: &str) -> String {
    let special = is_keyword(name) || ["me", "mine", "none"].iter().any(|word| name.eq_ignore_ascii_case(word));
    quoted(name, special)
}
