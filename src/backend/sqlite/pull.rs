//! Reading the list: a first screen at once, then everything, then what changed.

use rusqlite::Connection;

use crate::backend::sqlite::names::Names;
use crate::backend::sqlite::place::{PAGE, Place};
use crate::backend::sqlite::{events, meta, rows};
use crate::backend::{Cursor, Delta};
use crate::domain::summary::Summary;

/// Rows of the first page: a screen full, best due first, and a screen full of the user's own and their groups'.
const FIRST: usize = 60;
/// How many of the best due are looked through for the user's own before the first page goes without more of them.
const LOOK: i64 = 2_000;

/// One page, out of one snapshot of the file. None when the cursor cannot be followed.
/// `own` tells which tickets the user's first screen would show.
pub fn pull(
    db: &Connection,
    names: &mut Names,
    since: Option<&Cursor>,
    own: impl Fn(&Summary) -> bool,
) -> rusqlite::Result<Option<Delta>> {
    let tx = db.unchecked_transaction()?;
    let era = meta::era(&tx)?;
    let head = events::last(&tx)?.cast_signed();
    let place = match since.map(|cursor| Place::read(cursor, &era)) {
        Some(None) => return Ok(None),
        Some(Some(Place::Up { after })) if after > head => return Ok(None),
        Some(place) => place,
        None => None,
    };
    let (changed, next) = match place {
        None => first(&tx, names, head, own)?,
        Some(Place::Down { head, below }) => down(&tx, names, head, below)?,
        Some(Place::Up { after }) => up(&tx, names, after)?,
    };
    let more = match next {
        Place::Down { .. } => true,
        Place::Up { after } => matches!(place, Some(Place::Up { .. })) && after < head && !changed.is_empty(),
    };
    Ok(Some(Delta { changed, removed: Vec::new(), next: next.write(&era), more }))
}

fn first(
    db: &Connection,
    names: &mut Names,
    head: i64,
    own: impl Fn(&Summary) -> bool,
) -> rusqlite::Result<(Vec<Summary>, Place)> {
    names.refresh(db)?;
    let sql = format!("SELECT {} FROM ticket WHERE open = 1 ORDER BY rank LIMIT ?1", rows::COLUMNS);
    let mut find = db.prepare_cached(&sql)?;
    let mut found = find.query([LOOK])?;
    let (mut page, mut owned) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        if page.len() >= FIRST && owned >= FIRST {
            break;
        }
        let row = rows::read(row, names, db)?;
        let mine = owned < FIRST && own(&row);
        owned += usize::from(mine);
        if mine || page.len() < FIRST {
            page.push(row);
        }
    }
    Ok((page, Place::Down { head, below: i64::MAX }))
}

fn down(db: &Connection, names: &mut Names, head: i64, below: i64) -> rusqlite::Result<(Vec<Summary>, Place)> {
    names.refresh(db)?;
    let sql = format!("SELECT {}, n FROM ticket WHERE n < ?1 ORDER BY n DESC LIMIT ?2", rows::COLUMNS);
    let mut find = db.prepare_cached(&sql)?;
    let mut found = find.query([below, PAGE])?;
    let (mut page, mut lowest) = (Vec::new(), below);
    while let Some(row) = found.next()? {
        lowest = row.get(rows::AFTER)?;
        page.push(rows::read(row, names, db)?);
    }
    let last = i64::try_from(page.len()).is_ok_and(|len| len < PAGE);
    Ok((page, if last { Place::Up { after: head } } else { Place::Down { head, below: lowest } }))
}

fn up(db: &Connection, names: &mut Names, after: i64) -> rusqlite::Result<(Vec<Summary>, Place)> {
    let sql = format!("SELECT {} FROM ticket WHERE revision > ?1 ORDER BY revision LIMIT ?2", rows::COLUMNS);
    let changed = rows::select(db, names, &sql, &[&after, &PAGE])?;
    let after = changed.last().map_or(after, |row| row.revision.0.cast_signed());
    Ok((changed, Place::Up { after }))
}

/// Every row that was touched after this place in the log.
pub fn since(db: &Connection, names: &mut Names, after: i64) -> rusqlite::Result<Vec<Summary>> {
    let sql = format!("SELECT {} FROM ticket WHERE revision > ?1 ORDER BY revision", rows::COLUMNS);
    rows::select(db, names, &sql, &[&after])
}
