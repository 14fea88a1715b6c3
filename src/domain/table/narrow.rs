//! A column of numbers that are mostly small, as those of names are: two bytes a row, and four more on the pages of the
//! few that are not.

use super::paged::Paged;

/// Stands for a number that is kept in `wide`.
const WIDE: u16 = u16::MAX;

/// A number per row. Rows that were never set read as 0.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrow {
    small: Paged<u16>,
    wide: Paged<u32>,
}

impl Narrow {
    pub fn get(&self, row: usize) -> u32 {
        match self.small.get(row) {
            WIDE => self.wide.get(row),
            small => u32::from(small),
        }
    }

    pub fn set(&mut self, row: usize, value: u32) {
        let small = u16::try_from(value).unwrap_or(WIDE);
        self.small.set(row, small);
        self.wide.set(row, if small == WIDE { value } else { 0 });
    }

    pub fn bytes(&self) -> usize {
        self.small.bytes() + self.wide.bytes()
    }
}
