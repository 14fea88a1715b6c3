//! A row of a log, reduced to the columns that its mapping asks for.

/// The cells of one row, in the order of the plan's slots.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// The line of the file where it begins, counted from 1.
    pub line: u64,
    text: String,
    ends: Vec<u32>,
}

impl Row {
    pub fn at(line: u64) -> Self {
        Self { line, ..Self::default() }
    }

    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// The cell of this slot, trimmed; empty where the row has none.
    pub fn get(&self, slot: usize) -> &str {
        let end = self.ends.get(slot).map_or(0, |end| *end as usize);
        let start = slot.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.text.get(start..end).unwrap_or_default().trim()
    }
}

/// A row that could not be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    pub line: u64,
    pub reason: String,
}

impl Bad {
    pub fn new(line: u64, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}
