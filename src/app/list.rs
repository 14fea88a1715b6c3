//! A list of tickets: which rows, in which order, and where the cursor is. Rows are pinned: what arrives never moves
//! the row under the cursor, and never changes which ticket a key will act on.

use crate::app::counts::Followed;
use crate::domain::query::{Query, SortKey};
use crate::domain::table::Row;

/// The rows of one pane under one view.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Which of the pane's views.
    pub view: usize,
    /// What was typed to narrow it; empty for all of the view.
    pub filter: String,
    /// The order chosen on the screen, instead of the view's.
    pub sort: Vec<SortKey>,
    /// What the view alone holds, in order; the filter narrows this.
    pub base: Vec<Row>,
    /// What is shown, in order.
    pub rows: Vec<Row>,
    /// Rows that have come since and wait to be let in.
    pub fresh: usize,
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// The table's generation that `base` was made from; none before the first time.
    pub made_from: Option<u64>,
    /// What the view alone would hold now; `base` follows it only when the user lets it.
    pub followed: Followed,
    /// The part of a half-typed filter that could not be read yet.
    pub unread: Option<String>,
    /// The query that `rows` stands for, for narrowing as one types on.
    pub narrowed: Option<Query>,
}

impl List {
    pub fn current(&self) -> Option<Row> {
        self.rows.get(self.cursor).copied()
    }

    /// Puts the cursor on that row of the list, and the row on the screen.
    pub fn go(&mut self, to: usize, height: usize) {
        self.cursor = to.min(self.rows.len().saturating_sub(1));
        self.scroll(height);
    }

    /// Moves the window as little as needed to hold the cursor.
    pub fn scroll(&mut self, height: usize) {
        let height = height.max(1);
        let last = self.rows.len().saturating_sub(height);
        self.top = self.top.min(last).min(self.cursor);
        if self.cursor >= self.top + height {
            self.top = self.cursor + 1 - height;
        }
    }

    /// The cursor on this row if the list still has it, else where it was.
    pub fn pin(&mut self, row: Option<Row>, height: usize) {
        let at = row.and_then(|row| self.rows.iter().position(|held| *held == row));
        self.go(at.unwrap_or(self.cursor), height);
    }

    pub fn visible(&self, height: usize) -> &[Row] {
        let end = (self.top + height).min(self.rows.len());
        self.rows.get(self.top..end).unwrap_or_default()
    }
}
