//! How a term begins: a field with its operator, a flag, a word.

use super::ast::Op;
use super::error::{QueryError, nearest};
use super::field::{FIELDS, FLAGS, Flag, Key};

/// A piece of the text, from the character `from` on; quoted pieces without their quotes.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub text: String,
    pub quoted: bool,
    pub from: usize,
    pub to: usize,
}

/// What may stand before an operator.
pub(super) enum Head {
    Sort,
    Is,
    Field(Key),
    Flag(Flag),
}

impl Head {
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "sort" | "order" => Some(Self::Sort),
            "is" => Some(Self::Is),
            _ => Key::parse(name).map(Self::Field).or_else(|| Flag::parse(name).map(Self::Flag)),
        }
    }
}

/// The whole word is wrong, though its beginning tells: whoever types it has not finished it.
pub(super) fn unknown(name: &str, word: &Piece) -> QueryError {
    let known = FIELDS.iter().map(|field| field.name).chain(FLAGS.iter().map(|(_, name, ..)| *name)).chain(["sort"]);
    let message = format!("`{name}` is no field; to search for the words, put them in quotes");
    QueryError::new(word.from, word.to, message).meaning(nearest(name, known))
}

/// What ends a word.
pub(super) fn is_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '|' | '"')
}

/// A word that begins with a name and an operator: the name, the operator, whether it is negated, and how many
/// characters both take.
pub(super) fn split_field(word: &str) -> Option<(&str, Op, bool, usize)> {
    let at = word.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))?;
    let (name, rest) = word.split_at(at);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let operators = [
        ("!=", Op::Is, true),
        ("<=", Op::AtMost, false),
        (">=", Op::AtLeast, false),
        ("<", Op::Less, false),
        (">", Op::More, false),
        ("=", Op::Is, false),
        (":", Op::Has, false),
    ];
    let (text, op, negated) = operators.into_iter().find(|(text, ..)| rest.starts_with(text))?;
    Some((name, op, negated, at + text.len()))
}
