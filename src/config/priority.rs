//! `priority.toml`: the matrix of impact and urgency.

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};
use crate::domain::priority::{Matrix, MatrixError};

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/priority.toml", text: include_str!("../../config/priority.toml") };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    matrix: Spanned<Vec<Spanned<Vec<u8>>>>,
}

/// The matrix that this file describes; the fault names the row.
pub fn load(source: Source) -> Result<Matrix, Faults> {
    let file: File = source.toml()?;
    let rows = file.matrix.get_ref().iter().map(|row| row.get_ref().clone()).collect();
    Matrix::new(rows).map_err(|error| {
        let row = match error {
            MatrixError::Empty => None,
            MatrixError::Hole { row, .. } | MatrixError::Range { row, .. } | MatrixError::NotMonotone { row, .. } => {
                file.matrix.get_ref().get(row - 1)
            }
        };
        let span = row.map_or(file.matrix.span(), Spanned::span);
        source.fault_at(&span, "matrix", &error.to_string()).into()
    })
}
