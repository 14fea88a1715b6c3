//! Identifiers and titles, all in one arena: a search is one sweep over it.

use std::collections::HashMap;

use memchr::memchr;

use super::bits::Bits;
use super::fold::Needle;

/// A record is `id\ntitle\n`. What is looked for has no newline, so it is never found across two.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    plain: String,
    starts: Vec<u32>,
    /// Rows whose text changed after it was laid down.
    changed: HashMap<u32, Box<str>>,
}

/// Fewer changed rows than this are not worth a rebuild.
const FEW: usize = 1024;

impl Texts {
    /// Adds the text of the next row.
    pub fn push(&mut self, id: &str, title: &str) {
        let row = u32::try_from(self.starts.len()).unwrap_or(u32::MAX);
        let start = u32::try_from(self.plain.len()).unwrap_or(u32::MAX);
        grow(&mut self.starts, 1);
        self.starts.push(start);
        if self.plain.len() + id.len() + title.len() + 2 > u32::MAX as usize {
            self.changed.insert(row, apart(id, title));
            return;
        }
        let more = id.len() + title.len() + 2;
        if self.plain.capacity() - self.plain.len() < more {
            self.plain.reserve_exact(more.max(self.plain.len() / 8));
        }
        for part in [id, "\n", title, "\n"] {
            self.plain.push_str(part);
        }
    }

    /// Gives a row another text.
    pub fn set(&mut self, row: u32, id: &str, title: &str) {
        if self.title(row) == title && self.id(row) == id {
            return;
        }
        self.changed.insert(row, apart(id, title));
        if self.changed.len() > FEW.max(self.starts.len() / 8) {
            self.rebuild();
        }
    }

    /// Lays all texts down again in the order of their rows.
    fn rebuild(&mut self) {
        let mut fresh = Self::default();
        fresh.reserve(self.starts.len(), self.plain.len());
        for row in (0..).take(self.starts.len()) {
            fresh.push(self.id(row), self.title(row));
        }
        *self = fresh;
    }

    pub fn reserve(&mut self, rows: usize, bytes: usize) {
        self.starts.reserve_exact(rows);
        self.plain.reserve_exact(bytes);
    }

    /// How many rows have a text.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    fn span(&self, row: u32) -> (usize, usize) {
        let row = row as usize;
        let end = self.starts.get(row + 1).map_or(self.plain.len(), |next| *next as usize);
        (self.starts[row] as usize, end)
    }

    /// `id\ntitle\n`.
    pub fn record(&self, row: u32) -> &str {
        if !self.changed.is_empty()
            && let Some(record) = self.changed.get(&row)
        {
            return record;
        }
        let (start, end) = self.span(row);
        &self.plain[start..end]
    }

    pub fn id(&self, row: u32) -> &str {
        let record = self.record(row);
        &record[..cut(record.as_bytes())]
    }

    pub fn title(&self, row: u32) -> &str {
        let record = self.record(row);
        &record[cut(record.as_bytes()) + 1..record.len() - 1]
    }

    /// Adds the rows whose text contains this to `found`.
    pub fn find(&self, word: &Needle, found: &mut Bits) {
        // The empty word is found even in nothing.
        if self.starts.is_empty() {
            return;
        }
        let (mut from, mut row) = (0, 0);
        while let Some(hit) = word.find(&self.plain, from) {
            row = self.row_at(row, hit);
            found.insert(u32::try_from(row).unwrap_or(u32::MAX));
            row += 1;
            let Some(next) = self.starts.get(row) else { break };
            from = *next as usize;
        }
        for (row, record) in &self.changed {
            if word.is_in(record) {
                found.insert(*row);
            } else {
                found.remove(*row);
            }
        }
    }

    /// The row whose text stands at this place, which is not before row `from`: looks near first.
    fn row_at(&self, from: usize, place: usize) -> usize {
        let after = &self.starts[from..];
        let mut reach = 1;
        while after.get(reach).is_some_and(|start| *start as usize <= place) {
            reach *= 2;
        }
        let near = &after[..after.len().min(reach + 1)];
        from + near.partition_point(|start| *start as usize <= place).max(1) - 1
    }

    pub fn bytes(&self) -> usize {
        let changed: usize = self.changed.values().map(|record| record.len() + 48).sum();
        self.plain.capacity() + self.starts.capacity() * 4 + changed
    }
}

/// Makes room an eighth at a time: doubling would leave up to half of a large arena unused.
fn grow<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 8));
    }
}

fn apart(id: &str, title: &str) -> Box<str> {
    format!("{id}\n{title}\n").into()
}

fn cut(record: &[u8]) -> usize {
    memchr(b'\n', record).unwrap_or(0)
}
