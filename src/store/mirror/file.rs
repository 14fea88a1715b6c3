//! The file of a copy: found fit, locked, connected to. One console keeps it up to date; the others read, and store
//! what their own acts left behind.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior, ffi};

use crate::backend::sqlite::names::Names;
use crate::backend::sqlite::{beside, beside_log, lock, watch};
use crate::backend::{Error, Result};
use crate::store::mirror::sync::State;
use crate::store::mirror::tables::{self, Standing};
use crate::store::mirror::{Peek, page};

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
    pub(super) names: Mutex<Names>,
}

/// What the file at this path holds.
pub fn peek(path: &Path) -> Result<Peek> {
    let read = || -> rusqlite::Result<Peek> {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let state: State = tables::load(&db, tables::SYNC)?.unwrap_or_default();
        let rows: i64 = db.query_row("SELECT count(*) FROM ticket", [], |row| row.get(0))?;
        let rows = usize::try_from(rows).unwrap_or_default();
        Ok(Peek { rows, as_of: state.as_of, complete: state.complete })
    };
    read().map_err(|error| Error::Unexpected(format!("{error}.")))
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

    /// Whole pages of rows are written at once, which wants more room than reading does.
    fn connect_writer(&self) -> Result<Connection> {
        let db = self.connect()?;
        db.pragma_update(None, "cache_size", -2_000).map_err(|e| self.problem(&e))?;
        Ok(db)
    }

    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let idle = lock(&self.readers).pop();
        let db = idle.map_or_else(|| self.connect(), Ok)?;
        let found = work(&db).map_err(|e| self.problem(&e));
        lock(&self.readers).push(db);
        found
    }

    /// One transaction, kept when `work` returns `Some`.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<Option<T>>) -> Result<Option<T>> {
        let mut writer = lock(&self.writer);
        let db = match writer.as_mut() {
            Some(db) => db,
            None => writer.insert(self.connect_writer()?),
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
    // In kilobytes. The system keeps the file's pages too; a console need not hold them twice for each reader.
    db.pragma_update(None, "cache_size", -512)?;
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
