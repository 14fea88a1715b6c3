//! From text to query. Scans and descends in one; every error knows its column.
//!
//! ```text
//! query  = either
//! either = all { ("or" | "|") all }
//! all    = item { ["and"] item }
//! item   = ("-" | "!" | "not") item | "(" either ")" | "sort:" keys | field op values | flag | word | "phrase"
//! op     = ":" | "=" | "!=" | "<" | "<=" | ">" | ">="
//! ```

use super::ast::{Expr, Op, Query, SortKey};
use super::error::{QueryError, nearest};
use super::field::{FIELDS, Flag, Key};
use super::head::{Head, Piece, is_end, split_field, unknown};
use super::value;

/// Nobody nests deeper by hand, and the stack is finite.
const DEEPEST: usize = 64;

/// What was understood of a query that is still being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partial {
    pub query: Query,
    /// The last term, which was left out, and what it lacks.
    pub unfinished: Option<QueryError>,
}

impl Query {
    /// The query that the text says; an empty text takes everything.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        Parser::new(text, false).query().map(|partial| partial.query)
    }

    /// As [`Query::parse`], but the last term may be unfinished: then it is left out. What is wrong before it is an
    /// error all the same.
    pub fn parse_partial(text: &str) -> Result<Partial, QueryError> {
        Parser::new(text, true).query()
    }
}

impl std::str::FromStr for Query {
    type Err = QueryError;
    fn from_str(text: &str) -> Result<Self, QueryError> {
        Self::parse(text)
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    sort: Vec<SortKey>,
    /// The end of the text may be unfinished.
    typing: bool,
    unfinished: Option<QueryError>,
}

type Parsed<T> = Result<T, QueryError>;

impl Parser {
    fn new(text: &str, typing: bool) -> Self {
        let chars = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { chars, at: 0, depth: 0, sort: Vec::new(), typing, unfinished: None }
    }

    fn query(mut self) -> Parsed<Partial> {
        let filter = self.either()?;
        self.skip_space();
        if self.at < self.chars.len() {
            return Err(QueryError::new(self.at, self.at + 1, "there is no `(` that this `)` would close"));
        }
        Ok(Partial { query: Query { filter, sort: self.sort }, unfinished: self.unfinished })
    }

    fn either(&mut self) -> Parsed<Option<Expr>> {
        let mut list = Vec::new();
        let mut after_or = false;
        loop {
            let from = self.start();
            let all = self.all()?;
            let nothing = self.at == from;
            let or = self.take_or();
            if nothing && (or || after_or) {
                let side = if after_or { "after" } else { "before" };
                self.forgive(QueryError::new(from, self.at, format!("a term is missing {side} `or`")))?;
            }
            match all {
                Some(Expr::Or(more)) => list.extend(more),
                Some(expr) => list.push(expr),
                None => {}
            }
            if !or {
                return Ok(if list.len() > 1 { Some(Expr::Or(list)) } else { list.pop() });
            }
            after_or = true;
        }
    }

    fn all(&mut self) -> Parsed<Option<Expr>> {
        let mut list = Vec::new();
        loop {
            self.skip_space();
            let from = self.at;
            match self.peek() {
                None | Some(')' | '|') => break,
                Some(_) if self.sees_word("or") => break,
                Some(_) if self.sees_word("and") => {
                    self.at += 3;
                    self.skip_space();
                    if list.is_empty() && self.sort.is_empty() {
                        self.forgive(QueryError::new(from, from + 3, "a term is missing before `and`"))?;
                    } else if self.peek().is_none_or(|c| c == ')' || c == '|')
                        || self.sees_word("or")
                        || self.sees_word("and")
                    {
                        self.forgive(QueryError::new(from, self.at, "a term is missing after `and`"))?;
                    }
                }
                Some(_) => match self.item()? {
                    Some(Expr::And(more)) => list.extend(more),
                    Some(expr) => list.push(expr),
                    None => {}
                },
            }
        }
        Ok(if list.len() > 1 { Some(Expr::And(list)) } else { list.pop() })
    }

    fn item(&mut self) -> Parsed<Option<Expr>> {
        let from = self.start();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(QueryError::new(from, from + 1, format!("this is nested deeper than {DEEPEST} times")));
        }
        let item = match self.peek() {
            Some('-') if self.chars.get(from + 1).is_some_and(|c| c.is_whitespace()) => {
                self.at += 1;
                Ok(Some(Expr::Word("-".into())))
            }
            Some('-' | '!') => {
                self.at += 1;
                self.negated(from)
            }
            Some(_) if self.sees_word("not") => {
                self.at += 3;
                self.negated(from)
            }
            Some('(') => {
                self.at += 1;
                self.group(from)
            }
            Some('"') => self.phrase(),
            _ => self.term().or_else(|error| self.forgive(error).map(|()| None)),
        };
        self.depth -= 1;
        item
    }

    fn phrase(&mut self) -> Parsed<Option<Expr>> {
        let piece = self.quoted()?;
        if piece.text.is_empty() {
            self.forgive(QueryError::new(piece.from, piece.to, "there is nothing in these quotes"))?;
            return Ok(None);
        }
        Ok(Some(Expr::Word(piece.text.into())))
    }

    fn negated(&mut self, from: usize) -> Parsed<Option<Expr>> {
        self.skip_space();
        let sorted = self.sort.len();
        let expr = match self.peek() {
            None | Some(')' | '|') => None,
            Some(_) => self.item()?,
        };
        if self.sort.len() > sorted {
            return Err(QueryError::new(from, self.at, "an order cannot be negated; write sort:-key to turn it round"));
        }
        if expr.is_none() && self.unfinished.is_none() {
            self.forgive(QueryError::new(from, self.at, "a term is missing after the negation"))?;
        }
        Ok(expr.map(|expr| Expr::Not(Box::new(expr))))
    }

    fn group(&mut self, from: usize) -> Parsed<Option<Expr>> {
        let sorted = self.sort.len();
        let expr = self.either()?;
        if self.sort.len() > sorted {
            return Err(QueryError::new(from, self.at, "sort: belongs outside the parentheses"));
        }
        self.skip_space();
        if self.peek() == Some(')') {
            self.at += 1;
        } else if !self.typing {
            return Err(QueryError::new(from, from + 1, "this `(` is not closed; a `)` was expected"));
        }
        if expr.is_none() && self.unfinished.is_none() {
            self.forgive(QueryError::new(from, self.at, "there is nothing in the parentheses"))?;
        }
        Ok(expr)
    }

    /// A word, a flag, or a field with values.
    fn term(&mut self) -> Parsed<Option<Expr>> {
        let from = self.at;
        let word = self.run(|c| !is_end(c));
        let Some((name, op, negated, length)) = split_field(&word.text) else {
            let flag = Flag::parse(&word.text).map(Expr::Flag);
            return Ok(Some(flag.unwrap_or_else(|| Expr::Word(word.text.into()))));
        };
        let head = Head::parse(name).ok_or_else(|| unknown(name, &word))?;
        self.at = from + length;
        let expr = match head {
            Head::Sort => return self.sort(op).map(|()| None),
            Head::Is => value::is(op, &self.values("is")?)?,
            Head::Field(key) => value::clause(&key, op, &self.values(key.name())?)?,
            Head::Flag(flag) => value::flag(flag, op, &self.values(flag.name())?)?,
        };
        Ok(Some(if negated { Expr::Not(Box::new(expr)) } else { expr }))
    }

    /// `a,"b c",d`: at least one.
    fn values(&mut self, field: &str) -> Parsed<Vec<Piece>> {
        let mut list = Vec::new();
        loop {
            let piece = match self.peek() {
                Some('"') => self.quoted()?,
                _ => self.run(|c| !is_end(c) && c != ','),
            };
            if piece.text.is_empty() && !piece.quoted {
                let expected = value::expected(field);
                let message = format!("a value is missing here; expected {expected}");
                return Err(QueryError::new(piece.from, piece.to, message));
            }
            list.push(piece);
            if self.peek() != Some(',') {
                return Ok(list);
            }
            self.at += 1;
        }
    }

    fn sort(&mut self, op: Op) -> Parsed<()> {
        let at = self.at;
        if op.is_order() {
            return Err(QueryError::new(at - 1, at, "expected sort:key"));
        }
        for piece in self.values("sort")? {
            let (descending, name) = match piece.text.strip_prefix('-') {
                Some(name) => (true, name),
                None => (false, piece.text.as_str()),
            };
            let key = Key::parse(name).ok_or_else(|| {
                let known = FIELDS.iter().map(|field| field.name);
                QueryError::new(piece.from, piece.to, format!("`{name}` is nothing to sort by"))
                    .meaning(nearest(name, known))
            })?;
            self.sort.push(SortKey { key, descending });
        }
        Ok(())
    }

    /// While somebody types, what is wrong at the very end is only unfinished.
    fn forgive(&mut self, error: QueryError) -> Parsed<()> {
        if !self.typing || error.end() < self.chars.len() {
            return Err(error);
        }
        self.at = self.chars.len();
        self.unfinished.get_or_insert(error);
        Ok(())
    }

    fn quoted(&mut self) -> Parsed<Piece> {
        let from = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '"' => return Ok(Piece { text, quoted: true, from, to: self.at }),
                '\\' => {
                    text.extend(self.peek());
                    self.at = (self.at + 1).min(self.chars.len());
                }
                c => text.push(c),
            }
        }
        if self.typing {
            return Ok(Piece { text, quoted: true, from, to: self.at });
        }
        Err(QueryError::new(from, self.at, "this quote is not closed; a `\"` was expected"))
    }

    fn run(&mut self, part: impl Fn(char) -> bool) -> Piece {
        let from = self.at;
        while self.peek().is_some_and(&part) {
            self.at += 1;
        }
        Piece { text: self.chars[from..self.at].iter().collect(), quoted: false, from, to: self.at }
    }

    fn take_or(&mut self) -> bool {
        self.skip_space();
        let length = match self.peek() {
            Some('|') => 1,
            _ if self.sees_word("or") => 2,
            _ => return false,
        };
        self.at += length;
        true
    }

    /// The keyword stands here as a word of its own.
    fn sees_word(&self, keyword: &str) -> bool {
        let rest = &self.chars[self.at..];
        let length = rest.iter().position(|c| is_end(*c)).unwrap_or(rest.len());
        length == keyword.len() && rest.iter().zip(keyword.chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b))
    }

    fn start(&mut self) -> usize {
        self.skip_space();
        self.at
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
}
