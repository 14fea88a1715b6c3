//! Rows into the copy, and out of it page by page: a first screen at once, then everything, then what changed.

use rusqlite::{Connection, OptionalExtension, params};

use crate::backend::sqlite::names::{Names, Numbers};
use crate::backend::sqlite::place::{PAGE, Place};
use crate::backend::sqlite::rows;
use crate::backend::{Cursor, Delta};
use crate::domain::name::TicketId;
use crate::domain::summary::Summary;
use crate::store::mirror::tables::{self, ERA, HEAD};

/// Rows of the first page: a screen full, best due first.
const FIRST: i64 = 60;

/// The place of the last change.
pub fn head(db: &Connection) -> rusqlite::Result<i64> {
    Ok(tables::get(db, HEAD)?.unwrap_or_default())
}

/// One page, out of one snapshot of the file, and up to which change it has told everything; no such place in the
/// middle of reading all. None when the cursor cannot be followed.
pub fn pull(
    db: &Connection,
    names: &mut Names,
    since: Option<&Cursor>,
) -> rusqlite::Result<Option<(Delta, Option<i64>)>> {
    let tx = db.unchecked_transaction()?;
    let era: String = tables::get(&tx, ERA)?.unwrap_or_default();
    let head = head(&tx)?;
    let place = match since.map(|cursor| Place::read(cursor, &era)) {
        Some(None) => return Ok(None),
        Some(Some(Place::Up { after })) if after > head => return Ok(None),
        Some(place) => place,
        None => None,
    };
    let (changed, removed, next, more, told) = match place {
        None => {
            let sql = format!("SELECT {} FROM ticket WHERE open = 1 ORDER BY rank LIMIT ?1", rows::COLUMNS);
            let next = Place::Down { head, below: i64::MAX };
            (rows::select(&tx, names, &sql, &[&FIRST])?, Vec::new(), next, true, Some(head))
        }
        Some(Place::Down { head, below }) => {
            let (changed, next) = down(&tx, names, head, below)?;
            (changed, Vec::new(), next, matches!(next, Place::Down { .. }), None)
        }
        Some(Place::Up { after }) => {
            let (changed, removed, to) = up(&tx, names, after, head)?;
            (changed, removed, Place::Up { after: to }, to < head, Some(to))
        }
    };
    Ok(Some((Delta { changed, removed, next: next.write(&era), more }, told)))
}

fn down(db: &Connection, names: &mut Names, head: i64, below: i64) -> rusqlite::Result<(Vec<Summary>, Place)> {
    names.refresh(db)?;
    let from: Option<i64> = db
        .prepare_cached("SELECT min(n) FROM (SELECT n FROM ticket WHERE n < ?1 ORDER BY n DESC LIMIT ?2)")?
        .query_row([below, PAGE], |row| row.get(0))?;
    let Some(from) = from else { return Ok((Vec::new(), Place::Up { after: head })) };
    let sql = format!("SELECT {} FROM ticket WHERE n >= ?1 AND n < ?2 ORDER BY n DESC", rows::COLUMNS);
    let changed = rows::select(db, names, &sql, &[&from, &below])?;
    let last = i64::try_from(changed.len()).is_ok_and(|len| len < PAGE);
    Ok((changed, if last { Place::Up { after: head } } else { Place::Down { head, below: from } }))
}

fn up(
    db: &Connection,
    names: &mut Names,
    after: i64,
    head: i64,
) -> rusqlite::Result<(Vec<Summary>, Vec<TicketId>, i64)> {
    let last: Option<i64> = db
        .prepare_cached("SELECT seq FROM ticket WHERE seq > ?1 ORDER BY seq LIMIT 1 OFFSET ?2")?
        .query_row([after, PAGE - 1], |row| row.get(0))
        .optional()?;
    let to = last.unwrap_or(head);
    let sql = format!("SELECT {} FROM ticket WHERE seq > ?1 AND seq <= ?2 ORDER BY seq", rows::COLUMNS);
    let changed = rows::select(db, names, &sql, &[&after, &to])?;
    let mut find = db.prepare_cached("SELECT id FROM gone WHERE seq > ?1 AND seq <= ?2 ORDER BY seq")?;
    let removed = find.query_map([after, to], |row| Ok(TicketId::new(row.get_ref(0)?.as_str()?)))?;
    Ok((changed, removed.collect::<rusqlite::Result<_>>()?, to))
}

/// The row of one ticket and the place of its last change.
pub fn row(db: &Connection, names: &mut Names, id: &TicketId) -> rusqlite::Result<Option<(Summary, i64)>> {
    let sql = format!("SELECT {}, seq FROM ticket WHERE id = ?1", rows::COLUMNS);
    let mut find = db.prepare_cached(&sql)?;
    find.query_row([id.as_str()], |row| Ok((rows::read(row, names, db)?, row.get("seq")?))).optional()
}

pub fn is_listed(db: &Connection, id: &TicketId) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM ticket WHERE id = ?1")?.exists([id.as_str()])
}

/// Other tickets with the title of one of these, opened at the same moment: one look through the table for all of them.
pub fn twins(db: &Connection, names: &mut Names, new: &[&Summary]) -> rusqlite::Result<Vec<TicketId>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let titles: Vec<&str> = new.iter().map(|row| row.title.as_str()).collect();
    let titles = serde_json::to_string(&titles).unwrap_or_default();
    let sql = format!("SELECT {} FROM ticket WHERE title IN (SELECT value FROM json_each(?1))", rows::COLUMNS);
    names.refresh(db)?;
    let like = rows::select(db, names, &sql, &[&titles])?;
    let is_new = |row: &Summary| new.iter().any(|new| new.id == row.id);
    let is_twin = |row: &Summary| new.iter().any(|new| new.opened == row.opened && new.title == row.title);
    Ok(like.into_iter().filter(|row| !is_new(row) && is_twin(row)).map(|row| row.id).collect())
}

/// One transaction that changes rows. Each change takes the next place.
#[derive(Debug)]
pub struct Writing<'a> {
    db: &'a Connection,
    numbers: Numbers,
    head: i64,
}

/// What became of a row that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    Same,
    Changed,
    /// Somebody wrote this ticket while the answer with this row was on its way: which is newer cannot be told.
    Raced,
}

impl<'a> Writing<'a> {
    pub fn new(db: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self { db, numbers: Numbers::default(), head: head(db)? })
    }

    /// Takes the row when it says something new. `asked` is where the changes stood when the desk was asked for it;
    /// none when it is the newest there can be.
    pub fn put(&mut self, row: &Summary, asked: Option<i64>) -> rusqlite::Result<Put> {
        let (db, id) = (self.db, row.id.as_str());
        let cells = rows::pack(db, row, &mut self.numbers)?;
        let revision = row.revision.0.cast_signed();
        let mut find = db.prepare_cached("SELECT seq, revision, title, cells FROM ticket WHERE id = ?1")?;
        let held = find.query_row([id], |held| {
            let same = held.get::<_, i64>(1)? == revision
                && held.get_ref(2)?.as_str()? == row.title.as_str()
                && held.get_ref(3)?.as_blob()? == cells;
            Ok((held.get::<_, i64>(0)?, same))
        });
        let seq = match held.optional()? {
            Some((_, true)) => return Ok(Put::Same),
            Some((seq, false)) => Some(seq),
            None => self.gone(id)?,
        };
        if asked.zip(seq).is_some_and(|(asked, seq)| seq > asked) {
            return Ok(Put::Raced);
        }
        self.head += 1;
        db.prepare_cached(
            "INSERT INTO ticket(id, open, rank, seq, revision, title, cells) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT(id) DO UPDATE SET open = ?2, rank = ?3, seq = ?4, revision = ?5, title = ?6, cells = ?7",
        )?
        .execute(params![
            id,
            row.state.is_open(),
            rows::rank(row),
            self.head,
            revision,
            row.title.as_str(),
            cells
        ])?;
        db.prepare_cached("DELETE FROM gone WHERE id = ?1")?.execute([id])?;
        // Its links or words may be others now although its revision is the same.
        db.prepare_cached("UPDATE body SET fetched = 0 WHERE id = ?1")?.execute([id])?;
        Ok(Put::Changed)
    }

    /// Takes the ticket off the list. `asked` as for [`Self::put`].
    pub fn remove(&mut self, id: &TicketId, asked: Option<i64>) -> rusqlite::Result<Put> {
        let held = self
            .db
            .prepare_cached("SELECT seq FROM ticket WHERE id = ?1")?
            .query_row([id.as_str()], |row| row.get::<_, i64>(0));
        let Some(seq) = held.optional()? else { return Ok(Put::Same) };
        if asked.is_some_and(|asked| seq > asked) {
            return Ok(Put::Raced);
        }
        self.head += 1;
        self.db.prepare_cached("DELETE FROM ticket WHERE id = ?1")?.execute([id.as_str()])?;
        self.db
            .prepare_cached("INSERT INTO gone(id, seq) VALUES (?1, ?2) ON CONFLICT(id) DO UPDATE SET seq = ?2")?
            .execute(params![id.as_str(), self.head])?;
        Ok(Put::Changed)
    }

    fn gone(&self, id: &str) -> rusqlite::Result<Option<i64>> {
        self.db.prepare_cached("SELECT seq FROM gone WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()
    }

    /// Writes down how far the changes have come; without this they belong to no place.
    pub fn finish(self) -> rusqlite::Result<i64> {
        if head(self.db)? != self.head {
            tables::set(self.db, HEAD, self.head)?;
        }
        Ok(self.head)
    }
}
