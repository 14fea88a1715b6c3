//! The fields that only this desk has: lists of pairs, for the rows that have any.

use super::names::{Names, Place, Symbol};
use crate::domain::name::Name;

/// The custom fields of all rows. Most desks have none: then this is empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Custom {
    /// Where a row's list begins in `pairs`: 0 for no list. As long as the last row that has one.
    starts: Vec<u32>,
    /// Lists, each after a pair whose second half is its length.
    pairs: Vec<(Symbol, Symbol)>,
    garbage: usize,
}

impl Custom {
    pub fn of(&self, row: usize) -> &[(Symbol, Symbol)] {
        let start = self.starts.get(row).map_or(0, |start| *start as usize);
        if start == 0 {
            return &[];
        }
        &self.pairs[start..start + self.pairs[start - 1].1.0 as usize]
    }

    pub fn set(&mut self, row: usize, list: &[(Name, Name)], names: &mut Names) {
        let held = self.of(row).len();
        if held == 0 && list.is_empty() {
            return;
        }
        let fresh: Vec<_> = list
            .iter()
            .map(|(name, value)| (names.intern(name, Place::CustomName), names.intern(value, Place::CustomValue)))
            .collect();
        if self.of(row) == fresh {
            return;
        }
        // With the pair before it.
        self.garbage += if held == 0 { 0 } else { held + 1 };
        self.lay(row, &fresh);
        if self.garbage > 1024 && self.garbage > self.pairs.len() / 2 {
            self.compact();
        }
    }

    fn lay(&mut self, row: usize, list: &[(Symbol, Symbol)]) {
        if self.starts.len() <= row {
            self.starts.resize(row + 1, 0);
        }
        self.starts[row] = 0;
        if list.is_empty() {
            return;
        }
        let length = u32::try_from(list.len()).unwrap_or(u32::MAX);
        self.pairs.push((Symbol(0), Symbol(length)));
        self.starts[row] = u32::try_from(self.pairs.len()).unwrap_or(0);
        self.pairs.extend_from_slice(list);
    }

    fn compact(&mut self) {
        let mut fresh = Self::default();
        for row in 0..self.starts.len() {
            fresh.lay(row, self.of(row));
        }
        *self = fresh;
    }

    pub fn bytes(&self) -> usize {
        self.starts.capacity() * 4 + self.pairs.capacity() * 8
    }
}
