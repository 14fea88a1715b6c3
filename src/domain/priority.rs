//! Priority from impact and urgency. The matrix is the desk's; a priority set by hand stands beside the computed one
//! and never replaces it.

use crate::domain::field::Field;
use crate::domain::ticket::Ticket;

/// Impact in rows, urgency in columns, both counted from 1 (highest). Monotone and without holes by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    rows: Vec<Vec<u8>>,
}

/// The priority of a ticket with both of its sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    pub computed: u8,
    /// Set by hand, with a reason.
    pub by_hand: Option<u8>,
}

/// Why a table of numbers is no priority matrix. Rows and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatrixError {
    Empty,
    /// A row that is not as long as the first.
    Hole {
        row: usize,
        has: usize,
        wants: usize,
    },
    /// Priorities are 1 to 9.
    Range {
        row: usize,
        column: usize,
        value: u8,
    },
    /// A higher impact or urgency would lower the priority.
    NotMonotone {
        row: usize,
        column: usize,
    },
}

impl Matrix {
    /// The usual three by three: `impact + urgency - 1`.
    pub fn standard() -> Self {
        Self { rows: (1..=3).map(|impact| (1..=3).map(|urgency| impact + urgency - 1).collect()).collect() }
    }

    /// A matrix of these rows, the highest impact first and in each the highest urgency first.
    pub fn new(rows: Vec<Vec<u8>>) -> Result<Self, MatrixError> {
        let wants = rows.first().map_or(0, Vec::len);
        if wants == 0 {
            return Err(MatrixError::Empty);
        }
        for (r, row) in rows.iter().enumerate() {
            if row.len() != wants {
                return Err(MatrixError::Hole { row: r + 1, has: row.len(), wants });
            }
            for (c, &value) in row.iter().enumerate() {
                let above = r.checked_sub(1).and_then(|r| rows[r].get(c)).copied().unwrap_or(0);
                let left = c.checked_sub(1).map_or(0, |c| row[c]);
                if !(1..=9).contains(&value) {
                    return Err(MatrixError::Range { row: r + 1, column: c + 1, value });
                }
                if value < above.max(left) {
                    return Err(MatrixError::NotMonotone { row: r + 1, column: c + 1 });
                }
            }
        }
        Ok(Self { rows })
    }

    /// The rows, as [`Matrix::new`] takes them.
    pub fn rows(&self) -> &[Vec<u8>] {
        &self.rows
    }

    /// The priority of an impact and an urgency. Values beyond the matrix count as its nearest edge.
    pub fn priority(&self, impact: u8, urgency: u8) -> u8 {
        let at = |value: u8, len: usize| usize::from(value.max(1)).min(len) - 1;
        let row = &self.rows[at(impact, self.rows.len())];
        row[at(urgency, row.len())]
    }

    /// How many impacts there are.
    pub fn impacts(&self) -> u8 {
        u8::try_from(self.rows.len()).unwrap_or(u8::MAX)
    }

    /// How many urgencies there are.
    pub fn urgencies(&self) -> u8 {
        u8::try_from(self.rows[0].len()).unwrap_or(u8::MAX)
    }

    /// The lowest priority there is, as a number the greatest.
    pub fn lowest(&self) -> u8 {
        self.rows.iter().flatten().copied().max().unwrap_or(1)
    }

    /// The priority of a ticket: computed, and by hand where somebody set it.
    pub fn of(&self, ticket: &Ticket) -> Priority {
        Priority {
            computed: self.priority(ticket.impact(), ticket.urgency()),
            by_hand: ticket.number(&Field::PriorityOverride).and_then(|n| u8::try_from(n).ok()),
        }
    }
}

impl Default for Matrix {
    fn default() -> Self {
        Self::standard()
    }
}

impl Priority {
    /// As it counts: by hand where there is one.
    pub fn effective(self) -> u8 {
        self.by_hand.unwrap_or(self.computed)
    }
}

impl std::fmt::Display for MatrixError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("The matrix has no rows; give one row of priorities for each impact."),
            Self::Hole { row, has, wants } => {
                write!(f, "Row {row} has {has} priorities where the first has {wants}; every row needs as many.")
            }
            Self::Range { row, column, value } => {
                write!(f, "Row {row}, column {column} is {value}; priorities are 1 (highest) to 9.")
            }
            Self::NotMonotone { row, column } => write!(
                f,
                "Row {row}, column {column} is higher than its neighbour of higher impact or urgency; priorities fall from the top left."
            ),
        }
    }
}

impl std::error::Error for MatrixError {}
