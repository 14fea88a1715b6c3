//! `views.toml`: saved views as they are written. Panes and columns are words here; `cli` gives them their meaning.

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};
use crate::domain::query::Query;

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/views.toml", text: include_str!("../../config/views.toml") };

/// A view as it is written, its query read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub name: String,
    pub panes: Vec<String>,
    pub text: String,
    pub query: Query,
    pub columns: Vec<String>,
    /// File and line, for messages.
    pub file: String,
    pub line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    view: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    #[serde(default)]
    panes: Vec<String>,
    query: Spanned<String>,
    #[serde(default)]
    columns: Vec<String>,
}

/// The views of these files in order; a later one of the same name takes the place of the earlier.
pub fn load(sources: &[Source]) -> Result<Vec<Row>, Faults> {
    let (mut rows, mut faults): (Vec<Row>, Faults) = Default::default();
    for source in sources {
        let Some(file) = faults.good(source.toml::<File>()) else { continue };
        for entry in file.view {
            let query = match Query::parse(entry.query.get_ref()) {
                Ok(query) => query,
                Err(error) => {
                    let key = format!("view.{}.query", entry.name.get_ref());
                    faults.push(source.fault_at(&entry.query.span(), &key, &error.to_string()));
                    continue;
                }
            };
            let row = Row {
                line: source.line(entry.name.span().start),
                name: entry.name.into_inner(),
                panes: entry.panes,
                text: entry.query.into_inner(),
                query,
                columns: entry.columns,
                file: source.file.into(),
            };
            match rows.iter_mut().find(|held| held.name == row.name) {
                Some(held) => *held = row,
                None => rows.push(row),
            }
        }
    }
    faults.or(rows)
}
