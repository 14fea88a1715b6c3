//! The connections to a desk's file: one for writing, as many for reading as read at once, one to listen with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, ffi};
use tokio::sync::Semaphore;

use crate::backend::embedded::{Act, Agreement, Rules};
use crate::backend::sqlite::trail::By;
use crate::backend::sqlite::{Options, events, log, meta, names, place, presence, pull, watch};
use crate::backend::{Cursor, Delta, Error, Presence, Result, Stored};
use crate::domain::change::Op;
use crate::domain::name::TicketId;
use crate::domain::summary::Summary;

#[derive(Debug)]
pub(super) struct Desk {
    pub(super) path: PathBuf,
    pub(super) options: Options,
    /// The fingerprint of this console's own rules.
    pub(super) own: String,
    pub(super) console: presence::Console,
    /// Readers that nobody uses just now.
    pub(super) readers: Mutex<Vec<Connection>>,
    /// Readers of pages and tickets take turns, as they share the names; who waits holds no thread.
    pub(super) turn: Arc<Semaphore>,
    /// Opened by the first write.
    pub(super) writer: Mutex<Option<Connection>>,
    pub(super) names: Mutex<names::Names>,
    /// The rules over the directory as they were last read, with the versions of both.
    pub(super) standing: Mutex<Option<(Versions, Arc<Rules>)>>,
    pub(super) watch: Mutex<Option<Arc<watch::Watch>>>,
    pub(super) seen: Mutex<Seen>,
    pub(super) present: Mutex<bool>,
}

/// Of the rules and of the directory.
type Versions = (Option<i64>, i64);

/// Where the file stood when it was last pulled.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) head: u64,
    pub(super) version: Option<i64>,
}

/// What a write must outlive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lasting {
    /// It waits for the disk.
    PowerCut,
    /// It means nothing once the programs are gone that it tells of.
    Program,
}

impl Desk {
    pub(super) fn new(path: PathBuf, options: Options) -> Self {
        Self {
            path,
            own: options.rules.fingerprint(),
            options,
            console: presence::Console::here(),
            readers: Mutex::default(),
            turn: Arc::new(Semaphore::new(1)),
            writer: Mutex::default(),
            names: Mutex::default(),
            standing: Mutex::default(),
            watch: Mutex::default(),
            seen: Mutex::default(),
            present: Mutex::new(false),
        }
    }

    pub(super) fn problem(&self, error: rusqlite::Error) -> Error {
        problem(&self.path, error)
    }

    pub(super) fn connect(&self) -> Result<Connection> {
        let mode =
            if self.options.read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
        let open = || {
            let db = Connection::open_with_flags(&self.path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            db.busy_timeout(Duration::from_secs(5))?;
            db.set_prepared_statement_cache_capacity(64);
            // In kilobytes. The system keeps the file's pages too; a console need not hold them twice for each reader.
            db.pragma_update(None, "cache_size", -512)?;
            Ok(db)
        };
        open().map_err(|e| self.problem(e))
    }

    /// Reads with a connection that no writer holds up.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let idle = lock(&self.readers).pop();
        let db = idle.map_or_else(|| self.connect(), Ok)?;
        let found = work(&db).map_err(|e| self.problem(e));
        self.give_back(db);
        found
    }

    /// Reads a page or a ticket, with the names that are known already.
    pub(super) fn read_named<T>(
        &self,
        work: impl FnOnce(&Connection, &mut names::Names) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.read(|db| work(db, &mut lock(&self.names)))
    }

    pub(super) fn give_back(&self, reader: Connection) {
        lock(&self.readers).push(reader);
    }

    /// One transaction. It is kept when `work` returns `Ok(Ok(…))`, and only then.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<Result<T>>) -> Result<T> {
        self.write_as(Lasting::PowerCut, work)
    }

    fn write_as<T>(
        &self,
        lasting: Lasting,
        work: impl FnOnce(&Connection) -> rusqlite::Result<Result<T>>,
    ) -> Result<T> {
        if self.options.read_only {
            return Err(Error::Forbidden("this desk is open for reading only.".into()));
        }
        let mut writer = lock(&self.writer);
        let db = match writer.as_mut() {
            Some(db) => db,
            None => writer.insert(self.connect_writer()?),
        };
        let done = (|| {
            if lasting == Lasting::Program {
                db.pragma_update(None, "synchronous", "NORMAL")?;
            }
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&tx)?;
            if done.is_ok() {
                tx.commit()?;
                watch::ring(&self.path);
            }
            Ok(done)
        })();
        if lasting == Lasting::Program {
            db.pragma_update(None, "synchronous", "FULL").map_err(|e| self.problem(e))?;
        }
        done.map_err(|e| self.problem(e))?
    }

    pub(super) fn connect_writer(&self) -> Result<Connection> {
        let db = self.connect()?;
        // FULL: what was stored survives a power cut too.
        let set = db.pragma_update(None, "synchronous", "FULL").and_then(|()| {
            db.pragma_update(None, "cache_size", -2_000)?;
            // A log that an import has blown up shrinks again.
            db.pragma_update(None, "journal_size_limit", 16_000_000)
        });
        set.map_err(|e| self.problem(e))?;
        Ok(db)
    }

    /// After a large load: folds the log into the file, and lets SQLite look at how the tables have grown.
    pub(super) fn settle(&self) -> Result<()> {
        let writer = lock(&self.writer);
        let Some(db) = writer.as_ref() else { return Ok(()) };
        // Readers may hold the log back; then a later one folds it.
        let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        busy.and_then(|_| db.execute_batch("PRAGMA optimize")).map_err(|e| self.problem(e))
    }

    /// The desk's rules over the directory, both as they stand.
    pub(super) fn rules(&self, db: &Connection) -> rusqlite::Result<Arc<Rules>> {
        let version = (meta::rules_version(db)?, meta::directory_version(db)?);
        let mut held = lock(&self.standing);
        if let Some((of, rules)) = held.as_ref()
            && *of == version
        {
            return Ok(Arc::clone(rules));
        }
        let rules = Arc::new(self.agreed(db)?.over(meta::directory(db)?));
        *held = Some((version, Arc::clone(&rules)));
        Ok(rules)
    }

    /// The desk's rules. They are not read where they are this console's own, which is the usual case.
    pub(super) fn agreed(&self, db: &Connection) -> rusqlite::Result<Rules> {
        if meta::fingerprint(db)?.as_ref() == Some(&self.own) {
            return Ok(self.options.rules.clone());
        }
        let Some(text) = meta::rules_text(db)? else { return Ok(self.options.rules.clone()) };
        Agreement::read(&text)
            .and_then(Agreement::rules)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, e.into()))
    }

    /// Who does something to the records of the desk, and when.
    pub(super) fn by(&self) -> By<'_> {
        By { who: &self.options.me, at: self.options.clock.now() }
    }

    pub(super) fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        let watch = lock(&self.watch).clone();
        let version = watch.map(|watch| watch.version(&self.path)).transpose()?;
        let (head, delta) = self.read_named(|db, names| {
            // Only the first page asks whose a ticket is; it does not wait for the whole directory.
            let me = if since.is_none() { meta::person(db, &self.options.me)? } else { None };
            let groups = me.map(|me| me.groups).unwrap_or_default();
            let own = |row: &Summary| {
                row.owner == self.options.me || row.group.as_ref().is_some_and(|group| groups.contains(group))
            };
            Ok((events::last(db)?, pull::pull(db, names, since, own)?))
        })?;
        // What happens while everything is read comes with the first pull after it, so `changed` must tell of it.
        if !since.is_some_and(place::is_midway) {
            *lock(&self.seen) = Seen { head, version };
        }
        delta.ok_or(Error::CursorExpired)
    }

    pub(super) fn apply(&self, op: &Op) -> Result<Stored> {
        let now = self.options.clock.now();
        self.write(|tx| {
            let rules = self.rules(tx)?;
            let mut log = log::Writing::new(tx, &self.path, &rules);
            let act = Act { rules: &rules, who: &self.options.me, now };
            Ok(act.apply(&mut log, op))
        })
    }

    pub(super) fn watch(&self) -> Result<Arc<watch::Watch>> {
        let mut watch = lock(&self.watch);
        if let Some(watch) = watch.as_ref() {
            return Ok(Arc::clone(watch));
        }
        let new = Arc::new(watch::Watch::new(self.connect()?, &self.path)?);
        *watch = Some(Arc::clone(&new));
        Ok(new)
    }

    pub(super) fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        let (me, now) = (&self.options.me, self.options.clock.now());
        let mine = self.read(|db| presence::mine(db, &self.console))?;
        // Saying the same again would wake every other console for nothing.
        if mine.as_deref() != open.map(TicketId::as_str) && !self.options.read_only {
            self.write_as(Lasting::Program, |tx| presence::say(tx, &self.console, me, open, now).map(Ok))?;
            *lock(&self.present) = open.is_some();
        }
        self.read(|db| presence::others(db, &self.console, me, now))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if *lock(&self.present) {
            let (me, now) = (self.options.me.clone(), self.options.clock.now());
            // Nobody is left to tell; the row means nothing anyway once this process is gone.
            drop(self.write_as(Lasting::Program, |tx| presence::say(tx, &self.console, &me, None, now).map(Ok)));
        }
    }
}

/// Nothing half-done stays behind these locks, so a panic elsewhere does not spoil them.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a database error means to a caller.
pub(super) fn problem(path: &Path, error: rusqlite::Error) -> Error {
    let path = path.display();
    match error.sqlite_error_code() {
        Some(ffi::ErrorCode::DatabaseBusy | ffi::ErrorCode::DatabaseLocked) => {
            Error::Offline(format!("{path} is held by another program for longer than 5 s."))
        }
        Some(ffi::ErrorCode::ReadOnly | ffi::ErrorCode::PermissionDenied) => {
            Error::Forbidden(format!("this user may not write {path}."))
        }
        Some(ffi::ErrorCode::CannotOpen) => Error::Offline(format!("{path} cannot be opened.")),
        Some(ffi::ErrorCode::DiskFull) => {
            Error::Unexpected(format!("The disk is full; nothing was stored in {path}. Make room and try again."))
        }
        Some(ffi::ErrorCode::NotADatabase) => {
            Error::Unexpected(format!("{path} is not a desk's file. Name another file."))
        }
        Some(ffi::ErrorCode::DatabaseCorrupt) => Error::Unexpected(format!(
            "{path} is damaged ({error}). Restore the newest backup: while no console is open, remove this file and the -wal and -shm beside it, and copy it here."
        )),
        _ => Error::Unexpected(format!("{path}: {error}.")),
    }
}
