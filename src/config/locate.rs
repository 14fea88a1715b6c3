//! Which key of a TOML text stands where: for faults that must name both key and line.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Every key of a text by its path, with where it and its value stand.
///
/// Paths are dotted (`hours.mon`); an entry of an array of tables goes by its name, `definition "P1 response".target`,
/// or its number, `definition[2].target`.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<(String, Range<usize>, Range<usize>)>);

impl Keys {
    /// The keys of a text; none when it is not TOML.
    pub fn of(text: &str) -> Keys {
        let mut keys = Keys::default();
        if let Ok(table) = DeTable::parse(text) {
            keys.table("", table.get_ref());
        }
        keys
    }

    /// The path of the innermost key at this offset.
    pub fn at(&self, offset: usize) -> Option<&str> {
        // Inner keys come after the ones that hold them.
        let holds =
            |(_, key, value): &&(String, _, Range<usize>)| range_holds(key, offset) || range_holds(value, offset);
        self.0.iter().rev().find(holds).map(|(path, ..)| path.as_str())
    }

    /// Where this key stands, or the nearest one that would hold it.
    pub fn offset(&self, path: &str) -> Option<usize> {
        self.offset_in(path, &(0..usize::MAX))
    }

    /// The same in one part of the text, where two entries may go by one name.
    pub fn offset_in(&self, path: &str, part: &Range<usize>) -> Option<usize> {
        let within = |held: &str| path.strip_prefix(held).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let inside = |key: &Range<usize>| range_holds(part, key.start);
        let held =
            self.0.iter().filter(|(held, key, _)| within(held) && inside(key)).max_by_key(|(held, ..)| held.len());
        held.map(|(_, key, _)| key.start)
    }

    fn table(&mut self, under: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = match under {
                "" => key.get_ref().to_string(),
                under => format!("{under}.{}", key.get_ref()),
            };
            self.0.push((path.clone(), key.span(), value.span()));
            self.value(&path, value);
        }
    }

    fn value(&mut self, path: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(path, table),
            DeValue::Array(array) => {
                for (number, entry) in array.iter().enumerate() {
                    if let DeValue::Table(table) = entry.get_ref() {
                        let name = table.iter().find_map(|(key, value)| name(key.get_ref(), value.get_ref()));
                        let path = name.map_or(format!("{path}[{}]", number + 1), |name| format!("{path} {name:?}"));
                        self.0.push((path.clone(), entry.span(), entry.span()));
                        self.table(&path, table);
                    }
                }
            }
            _ => {}
        }
    }
}

fn name<'a>(key: &str, value: &'a DeValue<'_>) -> Option<&'a str> {
    match value {
        DeValue::String(text) if key == "name" => Some(text),
        _ => None,
    }
}

fn range_holds(range: &Range<usize>, offset: usize) -> bool {
    range.start <= offset && offset < range.end
}
