//! The dictionary of names: a row holds small numbers, one `Name` in memory serves all rows that share it.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use crate::domain::name::Name;

/// Names by number, for readers. A number never changes its name, so this never goes stale.
#[derive(Debug, Default)]
pub struct Names {
    known: Vec<Option<Name>>,
    /// Everything up to this number was read.
    read: i64,
}

impl Names {
    /// Reads what is new in the dictionary, when many rows are about to be read.
    pub fn refresh(&mut self, db: &Connection) -> rusqlite::Result<()> {
        let mut all = db.prepare_cached("SELECT id, text FROM name WHERE id > ?1 ORDER BY id")?;
        let mut rows = all.query([self.read])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let name = Name::new(row.get_ref(1)?.as_str()?);
            self.keep(id, &name);
            self.read = id;
        }
        Ok(())
    }

    pub fn get(&mut self, db: &Connection, id: i64) -> rusqlite::Result<Name> {
        let at = usize::try_from(id).unwrap_or(usize::MAX);
        if let Some(Some(name)) = self.known.get(at) {
            return Ok(name.clone());
        }
        let mut one = db.prepare_cached("SELECT text FROM name WHERE id = ?1")?;
        let name = one.query_row([id], |row| Ok(Name::new(row.get_ref(0)?.as_str()?)))?;
        self.keep(id, &name);
        Ok(name)
    }

    fn keep(&mut self, id: i64, name: &Name) {
        let Ok(at) = usize::try_from(id) else { return };
        if self.known.len() <= at {
            self.known.resize(at + 1, None);
        }
        if let Some(slot) = self.known.get_mut(at) {
            *slot = Some(name.clone());
        }
    }
}

/// Numbers by name, for the length of one writing transaction: a rollback takes back the numbers it gave.
#[derive(Debug, Default)]
pub struct Numbers(HashMap<Name, i64>);

impl Numbers {
    /// The number of this name, given now when it has none.
    pub fn of(&mut self, db: &Connection, name: &Name) -> rusqlite::Result<i64> {
        if let Some(id) = self.0.get(name) {
            return Ok(*id);
        }
        let held = db
            .prepare_cached("SELECT id FROM name WHERE text = ?1")?
            .query_row([name.as_str()], |row| row.get(0))
            .optional()?;
        let id = match held {
            Some(id) => id,
            None => db.prepare_cached("INSERT INTO name(text) VALUES (?1)")?.insert([name.as_str()])?,
        };
        self.0.insert(name.clone(), id);
        Ok(id)
    }
}
