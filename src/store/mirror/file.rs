//! The file of a copy: opened, locked, read and written. One console keeps it up to date; the others read, and store
//! what their own acts left behind.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, ffi, params};

use crate::backend::sqlite::names::Names;
use crate::backend::sqlite::{beside, beside_log, lock, watch};
use crate::backend::{Capabilities, Cursor, Delta, Error, Line, Result, Schema, Stored};
use crate::domain::name::TicketId;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;
use crate::store::mirror::page::{self, Put, Writing};
use crate::store::mirror::sync::State;
use crate::store::mirror::tables::{self, Standing};

/// The open file.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    /// What the user should know of it.
    pub notice: Option<String>,
    /// Whoever holds the lock of this file keeps the copy up to date.
    lock: fs::File,
    mine: AtomicBool,
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Option<Connection>>,
    names: Mutex<Names>,
}

/// What the copy says of itself, in one look.
#[derive(Debug, Clone, Default)]
pub struct Words {
    pub head: i64,
    pub rows: usize,
    pub state: State,
    pub line: Option<Line>,
    /// Counts how often another console asked for a look at the desk.
    pub asked: u64,
    pub schemas: u64,
}

/// What the copy knows of one ticket.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub head: i64,
    pub row: Option<(Summary, i64)>,
    /// The whole ticket and when it was fetched, in ms since 1970.
    pub body: Option<(Ticket, i64)>,
}

/// The part that a page has in a look at everything.
#[derive(Debug, Clone, Copy)]
pub struct Walked {
    pub first: bool,
    /// Set on its last page: what was not met and has not changed since this place is suspect.
    pub ended: Option<i64>,
}

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landed {
    Stored {
        news: bool,
    },
    /// Somebody wrote one of these tickets meanwhile; nothing was stored, ask again.
    Raced,
}

impl File {
    pub fn open(path: &Path, of: &str) -> Result<Self> {
        let wrong = |error| Error::Unexpected(format!("The local copy {} cannot be made: {error}.", path.display()));
        make(path).map_err(wrong)?;
        let lock = private().open(beside(path, "lock")).map_err(wrong)?;
        let mine = lock.try_lock().is_ok();
        let marked = mine && beside(path, "damaged").exists();
        let (db, notice) = match if marked { Err(None) } else { ready(path, of, mine) } {
            Ok(db) => (db, None),
            Err(why) if mine && why.as_ref().is_none_or(is_damage) => {
                let notice = set_aside(path).map_err(wrong)?;
                tracing::warn!("{notice}");
                (ready(path, of, mine).map_err(|e| refused(path, e))?, Some(notice))
            }
            Err(why) => return Err(refused(path, why)),
        };
        Ok(Self {
            path: path.to_owned(),
            notice,
            lock,
            mine: AtomicBool::new(mine),
            readers: Mutex::new(vec![db]),
            writer: Mutex::default(),
            names: Mutex::default(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this console keeps the copy up to date.
    pub fn is_mine(&self) -> bool {
        self.mine.load(Ordering::Relaxed)
    }

    /// Takes over when the console that kept the copy up to date is gone.
    pub fn take_over(&self) -> bool {
        let mine = self.is_mine() || self.lock.try_lock().is_ok();
        self.mine.store(mine, Ordering::Relaxed);
        mine
    }

    pub fn watch(&self) -> Result<watch::Watch> {
        watch::Watch::new(self.connect()?, &self.path)
    }

    fn connect(&self) -> Result<Connection> {
        connect(&self.path).map_err(|e| self.problem(&e))
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let idle = lock(&self.readers).pop();
        let db = idle.map_or_else(|| self.connect(), Ok)?;
        let found = work(&db).map_err(|e| self.problem(&e));
        lock(&self.readers).push(db);
        found
    }

    /// One transaction, kept when `work` returns `Some`.
    fn write<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<Option<T>>) -> Result<Option<T>> {
        let mut writer = lock(&self.writer);
        let db = match writer.as_mut() {
            Some(db) => db,
            None => writer.insert(self.connect()?),
        };
        let done = (|| {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&tx)?;
            if done.is_some() {
                tx.commit()?;
                watch::ring(&self.path);
            }
            Ok(done)
        })();
        done.map_err(|e| self.problem(&e))
    }

    fn problem(&self, error: &rusqlite::Error) -> Error {
        let path = self.path.display();
        match error.sqlite_error_code() {
            Some(ffi::ErrorCode::DatabaseBusy | ffi::ErrorCode::DatabaseLocked) => {
                Error::Offline(format!("The local copy {path} is held by another program for longer than 5 s."))
            }
            Some(ffi::ErrorCode::DiskFull) => Error::Unexpected(format!(
                "The disk is full; nothing more is kept in the local copy {path}. Make room."
            )),
            Some(ffi::ErrorCode::NotADatabase | ffi::ErrorCode::DatabaseCorrupt) => {
                // The next start sees the mark; this one cannot take the file away from under its own feet.
                if let Err(error) = fs::write(beside(&self.path, "damaged"), "") {
                    tracing::warn!(%error, "the damaged copy could not be marked");
                }
                Error::Unexpected(format!(
                    "The local copy {path} is damaged. Start again: it is then set aside and filled anew from the desk."
                ))
            }
            _ => Error::Unexpected(format!("The local copy {path}: {error}.")),
        }
    }

    /// The place of the last change.
    pub fn head(&self) -> Result<i64> {
        self.read(page::head)
    }

    pub fn count(&self) -> Result<usize> {
        self.read(rows)
    }

    pub fn words(&self) -> Result<Words> {
        self.read(|db| {
            let state: State = tables::load(db, tables::SYNC)?.unwrap_or_default();
            Ok(Words {
                head: page::head(db)?,
                // Counting is only worth its while where it is shown.
                rows: if state.complete { 0 } else { rows(db)? },
                state,
                line: tables::load(db, tables::LINE)?,
                asked: tables::load(db, tables::ASKED)?.unwrap_or_default(),
                schemas: tables::load(db, tables::SCHEMAS)?.unwrap_or_default(),
            })
        })
    }

    /// A page of the copy, and up to which change it has told everything.
    pub fn pull(&self, since: Option<&Cursor>) -> Result<(Delta, Option<i64>)> {
        self.read(|db| page::pull(db, &mut lock(&self.names), since))?.ok_or(Error::CursorExpired)
    }

    pub fn known(&self, id: &TicketId) -> Result<Known> {
        self.read(|db| {
            let body = db
                .prepare_cached("SELECT ticket, fetched FROM body WHERE id = ?1")?
                .query_row([id.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)));
            let body = body.optional()?;
            let body = body.and_then(|(text, fetched)| Some((serde_json::from_str(&text).ok()?, fetched)));
            let row = page::row(db, &mut lock(&self.names), id)?;
            Ok(Known { head: page::head(db)?, row, body })
        })
    }

    /// Keeps a page of the desk together with the place up to which it leads: both or nothing.
    pub fn land(&self, delta: &Delta, asked: Option<i64>, state: &State, walked: Option<Walked>) -> Result<Landed> {
        let landed = self.write(|tx| {
            let mut writing = Writing::new(tx)?;
            let mut news = false;
            let mut walk = tx.prepare_cached("INSERT OR IGNORE INTO walked(id) VALUES (?1)")?;
            if walked.is_some_and(|walked| walked.first) {
                tx.execute_batch("DELETE FROM walked; DELETE FROM suspect;")?;
            }
            for row in &delta.changed {
                match writing.put(row, asked)? {
                    Put::Raced => return Ok(None),
                    put => news |= put == Put::Changed,
                }
                if walked.is_some() {
                    walk.execute([row.id.as_str()])?;
                }
            }
            for id in &delta.removed {
                match writing.remove(id, asked)? {
                    Put::Raced => return Ok(None),
                    put => news |= put == Put::Changed,
                }
                tx.prepare_cached("DELETE FROM body WHERE id = ?1")?.execute([id.as_str()])?;
            }
            if let Some(from) = walked.and_then(|walked| walked.ended) {
                tx.prepare_cached(
                    "INSERT OR REPLACE INTO suspect SELECT id, seq FROM ticket
                     WHERE seq <= ?1 AND id NOT IN (SELECT id FROM walked)",
                )?
                .execute([from])?;
                tx.execute_batch("DELETE FROM walked")?;
            }
            writing.finish()?;
            tables::put(tx, tables::SYNC, state)?;
            Ok(Some(Landed::Stored { news }))
        })?;
        Ok(landed.unwrap_or(Landed::Raced))
    }

    /// Keeps where the looks at the desk stand, when no page came with it.
    pub fn set_state(&self, state: &State) -> Result<()> {
        self.write(|tx| tables::put(tx, tables::SYNC, state).map(Some)).map(drop)
    }

    pub fn set_line(&self, line: &Line) -> Result<()> {
        self.write(|tx| tables::put(tx, tables::LINE, line).map(Some)).map(drop)
    }

    /// Tells the console that keeps the copy up to date that somebody wants to see the desk as it is now.
    pub fn ask_the_other(&self) -> Result<()> {
        self.write(|tx| {
            let asked: u64 = tables::load(tx, tables::ASKED)?.unwrap_or_default();
            tables::put(tx, tables::ASKED, &(asked + 1)).map(Some)
        })
        .map(drop)
    }

    /// Keeps a fetched ticket, unless it was written here while it was on its way.
    pub fn keep(&self, ticket: &Ticket, fetched: i64, asked: i64) -> Result<()> {
        self.write(|tx| {
            let seq = tx
                .prepare_cached("SELECT seq FROM ticket WHERE id = ?1")?
                .query_row([ticket.id.as_str()], |row| row.get::<_, i64>(0))
                .optional()?;
            if seq.is_none_or(|seq| seq <= asked) {
                put_body(tx, ticket, fetched)?;
            }
            Ok(Some(()))
        })
        .map(drop)
    }

    /// Keeps what an act left behind: the ticket, its row, and the rows that changed with it.
    pub fn stored(&self, stored: &Stored, fetched: i64) -> Result<()> {
        self.write(|tx| {
            let mut writing = Writing::new(tx)?;
            writing.put(&stored.summary, None)?;
            let mut listed = tx.prepare_cached("SELECT 1 FROM ticket WHERE id = ?1")?;
            for row in &stored.also {
                // What was out of scope stays so.
                if listed.exists([row.id.as_str()])? {
                    writing.put(row, None)?;
                }
            }
            writing.finish()?;
            put_body(tx, &stored.ticket, fetched).map(Some)
        })
        .map(drop)
    }

    /// The desk no longer has this ticket, or no longer shows it. True when it was listed.
    pub fn lost(&self, id: &TicketId, asked: i64) -> Result<bool> {
        let put = self.write(|tx| {
            let mut writing = Writing::new(tx)?;
            let put = writing.remove(id, Some(asked))?;
            writing.finish()?;
            if put != Put::Raced {
                tx.prepare_cached("DELETE FROM body WHERE id = ?1")?.execute([id.as_str()])?;
            }
            Ok(Some(put))
        })?;
        Ok(put == Some(Put::Changed))
    }

    /// The next ticket that a look at everything did not meet, with the place of its last change.
    pub fn suspect(&self) -> Result<Option<(TicketId, i64)>> {
        self.read(|db| {
            db.prepare_cached("SELECT id, seq FROM suspect ORDER BY id LIMIT 1")?
                .query_row([], |row| Ok((TicketId::new(row.get_ref(0)?.as_str()?), row.get(1)?)))
                .optional()
        })
    }

    /// This ticket was looked at. It leaves the list unless it changed meanwhile or is to `stay`. True when it left.
    pub fn cleared(&self, id: &TicketId, seq: i64, stay: bool) -> Result<bool> {
        let put = self.write(|tx| {
            let mut writing = Writing::new(tx)?;
            let put = if stay { Put::Same } else { writing.remove(id, Some(seq))? };
            writing.finish()?;
            tx.prepare_cached("DELETE FROM suspect WHERE id = ?1")?.execute([id.as_str()])?;
            Ok(Some(put))
        })?;
        Ok(put == Some(Put::Changed))
    }

    pub fn schema(&self) -> Result<Option<Schema>> {
        self.read(|db| tables::load(db, tables::SCHEMA))
    }

    pub fn set_schema(&self, schema: &Schema) -> Result<()> {
        self.write(|tx| {
            if tables::put(tx, tables::SCHEMA, schema)? {
                let count: u64 = tables::load(tx, tables::SCHEMAS)?.unwrap_or_default();
                tables::put(tx, tables::SCHEMAS, &(count + 1))?;
            }
            Ok(Some(()))
        })
        .map(drop)
    }

    pub fn capabilities(&self) -> Result<Option<Capabilities>> {
        self.read(|db| tables::load(db, tables::CAPABILITIES))
    }

    pub fn set_capabilities(&self, can: &Capabilities) -> Result<()> {
        self.write(|tx| tables::put(tx, tables::CAPABILITIES, can).map(Some)).map(drop)
    }
}

fn rows(db: &Connection) -> rusqlite::Result<usize> {
    let count: i64 = db.prepare_cached("SELECT count(*) FROM ticket")?.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

fn put_body(db: &Connection, ticket: &Ticket, fetched: i64) -> rusqlite::Result<()> {
    let text = serde_json::to_string(ticket).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    db.prepare_cached(
        "INSERT INTO body(id, fetched, ticket) VALUES (?1, ?2, ?3) ON CONFLICT(id) DO UPDATE SET fetched = ?2, ticket = ?3",
    )?
    .execute(params![ticket.id.as_str(), fetched, text])?;
    Ok(())
}

/// Why a file cannot be used; nothing where it was marked as damaged before.
type Why = Option<Fault>;

#[derive(Debug)]
enum Fault {
    Sql(rusqlite::Error),
    Alien,
    Other,
}

/// A file that is unfit to be read is only a copy: it is set aside and filled anew.
fn is_damage(fault: &Fault) -> bool {
    match fault {
        Fault::Alien => true,
        Fault::Other => false,
        Fault::Sql(error) => matches!(
            error.sqlite_error_code(),
            Some(ffi::ErrorCode::NotADatabase | ffi::ErrorCode::DatabaseCorrupt) | None
        ),
    }
}

fn refused(path: &Path, why: Why) -> Error {
    let path = path.display();
    match why {
        Some(Fault::Other) => Error::Unexpected(format!(
            "The local copy {path} is one of another desk, user or scope, and another console uses it. Close that one first."
        )),
        Some(Fault::Sql(error)) => Error::Unexpected(format!("The local copy {path} cannot be opened: {error}.")),
        Some(Fault::Alien) | None => Error::Unexpected(format!(
            "The local copy {path} cannot be read and another console uses it. Close that one first."
        )),
    }
}

/// The folder and the file, for this user alone.
fn make(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        // Opening and closing it would drop the locks that this process has on it through SQLite.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => drop(made?),
    }
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.set_prepared_statement_cache_capacity(32);
    // It is only a copy: what a power cut takes comes again.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "journal_size_limit", 16_000_000)?;
    Ok(db)
}

/// A connection to sound tables; reads a first screen, so that damage shows now and not on a key.
fn ready(path: &Path, of: &str, mine: bool) -> Result<Connection, Why> {
    let open = || {
        let mut db = connect(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        let standing = tables::prepare(&mut db, of, mine)?;
        if standing == Standing::Sound {
            page::pull(&db, &mut Names::default(), None)?;
        }
        Ok((db, standing))
    };
    match open() {
        Ok((db, Standing::Sound)) => Ok(db),
        Ok((_, Standing::Alien)) => Err(Some(Fault::Alien)),
        Ok((_, Standing::Other)) => Err(Some(Fault::Other)),
        Err(error) => Err(Some(Fault::Sql(error))),
    }
}

/// Moves an unfit file out of the way and makes a new one.
fn set_aside(path: &Path) -> io::Result<String> {
    let aside = beside(path, "unfit");
    fs::rename(path, &aside)?;
    let mut shared = path.as_os_str().to_owned();
    shared.push("-shm");
    for rest in [beside_log(path), PathBuf::from(shared), beside(path, "damaged")] {
        match fs::remove_file(&rest) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    make(path)?;
    Ok(format!(
        "The local copy {} could not be read. It is set aside as {} and filled anew from the desk; nothing of yours was in it.",
        path.display(),
        aside.display()
    ))
}
