//! Where a reader of a file of rows stands: of a desk, or of a copy of one. `era` tells one file, and one making of its
//! rows, from another.

use crate::backend::Cursor;

/// Rows of a page after the first: what is read and not yet taken in stays in memory for good, on every thread that
/// read it.
pub const PAGE: i64 = 250;

/// What a cursor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Reading everything, from the newest ticket down; `head` is where the log stood at the beginning.
    Down { head: i64, below: i64 },
    /// Reading what changed after this place in the log.
    Up { after: i64 },
}

impl Place {
    pub fn write(self, era: &str) -> Cursor {
        Cursor(match self {
            Self::Down { head, below } => format!("{era} down {head} {below}"),
            Self::Up { after } => format!("{era} up {after}"),
        })
    }

    /// None for a cursor of another file, of rows made by other rules, or one that makes no sense.
    pub fn read(cursor: &Cursor, era: &str) -> Option<Self> {
        let mut words = cursor.0.strip_prefix(era)?.strip_prefix(' ')?.split(' ');
        let (how, mut number) = (words.next()?, || words.next()?.parse::<i64>().ok());
        match (how, number(), number()) {
            ("down", Some(head), Some(below)) => Some(Self::Down { head, below }),
            ("up", Some(after), None) => Some(Self::Up { after }),
            _ => None,
        }
    }
}

/// Whether this cursor is in the middle of reading everything.
pub fn is_midway(cursor: &Cursor) -> bool {
    cursor.0.split(' ').nth(2) == Some("down")
}
