//! `keys.toml`: the user's keys, layer by layer. Whether the commands exist is for the keymap to say.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::config::fault::{Fault, Faults, Source};

/// What ships.
pub const SHIPPED: Source<'static> = Source { file: "config/keys.toml", text: include_str!("../../config/keys.toml") };

/// A binding as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub scope: String,
    pub keys: String,
    pub line: String,
    /// File and line, for messages.
    pub place: String,
    /// It is what ships, not the user's.
    pub ships: bool,
}

/// The bindings of these files, in order.
pub fn load(sources: &[Source]) -> Result<Vec<Row>, Faults> {
    let mut rows = Vec::new();
    for source in sources {
        rows.extend(read(*source)?);
    }
    Ok(rows)
}

fn read(source: Source) -> Result<Vec<Row>, Fault> {
    let scopes: BTreeMap<String, BTreeMap<Spanned<String>, String>> = source.toml()?;
    let mut rows = Vec::new();
    for (scope, keys) in scopes {
        for (key, line) in keys {
            let place = format!("{}:{} [{scope}] \"{}\"", source.file, source.line(key.span().start), key.get_ref());
            rows.push(Row {
                scope: scope.clone(),
                keys: key.into_inner(),
                line,
                place,
                ships: source.file == SHIPPED.file,
            });
        }
    }
    Ok(rows)
}
