//! Which rows were written lately, so that who has counted something can count on instead of anew.

use super::Row;

/// So many of the newest writes are known one by one.
const MOST: usize = 512;

/// The newest writes, each a generation of the table.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    /// The generation before the first of `rows`.
    from: u64,
    rows: Vec<Row>,
}

impl Written {
    pub fn generation(&self) -> u64 {
        self.from + self.rows.len() as u64
    }

    /// This row was written.
    pub fn note(&mut self, row: Row) {
        if self.rows.len() == MOST {
            self.from = self.generation();
            self.rows.clear();
        }
        self.rows.push(row);
    }

    /// Any row may have been written.
    pub fn all(&mut self) {
        self.from = self.generation() + 1;
        self.rows.clear();
    }

    pub fn since(&self, generation: u64) -> Option<&[Row]> {
        let known = generation.checked_sub(self.from)?;
        self.rows.get(usize::try_from(known).ok()?..)
    }
}
