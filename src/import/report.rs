//! What an import read, made of it, and could not use.

use std::collections::BTreeMap;
use std::fmt;

use crate::import::row::Bad;
use crate::text::Clean;

/// Bad rows kept with their reasons; further ones are only counted.
const KEPT: usize = 200;
/// Bad rows in the printed summary.
const SHOWN: usize = 20;

/// The outcome of an import.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub rows: u64,
    pub cases: usize,
    /// What the log amounts to, whether the desk knew it or not.
    pub events: usize,
    /// Rows by the log's own names of states.
    pub states: BTreeMap<String, u64>,
    /// Of these the names that the mapping does not list.
    pub unknown: BTreeMap<String, u64>,
    pub bad_rows: usize,
    /// The first bad rows, by line.
    pub bad: Vec<Bad>,
    /// Cases whose rows go back in time.
    pub backwards: Vec<String>,
    /// Keys of the mapping that found nothing in any row.
    pub never: Vec<String>,
}

impl Report {
    pub fn bad(&mut self, bad: Bad) {
        self.bad_rows += 1;
        if self.bad.len() < KEPT {
            self.bad.push(bad);
        }
    }

    pub fn first_bad(&self) -> Option<&Bad> {
        self.bad.first()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rows    {}", self.rows)?;
        writeln!(f, "cases   {}", self.cases)?;
        writeln!(f, "events  {}", self.events)?;
        if !self.states.is_empty() {
            writeln!(f, "rows by state")?;
        }
        for (name, count) in &self.states {
            let mark =
                if self.unknown.contains_key(name) { "  (not in the mapping; the state before it stays)" } else { "" };
            writeln!(f, "  {count:>9}  {}{mark}", Clean::line(name))?;
        }
        if let Some(first) = self.backwards.first() {
            let count = self.backwards.len();
            writeln!(f, "cases whose times go back: {count}, the first {}", Clean::line(first))?;
        }
        for key in &self.never {
            writeln!(f, "no row had a value for {key}")?;
        }
        writeln!(f, "bad rows {}", self.bad_rows)?;
        for Bad { line, reason } in self.bad.iter().take(SHOWN) {
            writeln!(f, "  line {line}: {}", Clean::line(reason))?;
        }
        if self.bad_rows > SHOWN {
            writeln!(f, "  and {} more", self.bad_rows - SHOWN.min(self.bad.len()))?;
        }
        Ok(())
    }
}
