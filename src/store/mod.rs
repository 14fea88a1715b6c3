//! This user's local state: a small SQLite file, one value per key in named rooms: drafts, outbox, journal, sessions.
//! Copies of other desks are in [`mirror`], in files of their own.
//!
//! Knows nothing of what the values mean. Writes are handed to one thread, so that no key waits for the disk.

pub mod mirror;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, params};

/// Why the local state could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "The local state {path} cannot be opened: {source}. Mend or move the file; drafts and unsent acts are in it."
    )]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("The folder {path} for local state cannot be made: {source}.")]
    Folder { path: PathBuf, source: std::io::Error },
}

/// One write: a value, or none to take it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    pub room: &'static str,
    pub key: String,
    pub value: Option<String>,
}

/// A value with its room and key.
pub type Kept = (String, String, String);

/// What the writer is asked.
#[derive(Debug)]
enum Order {
    Write(Write),
    /// Say when everything before this is on disk.
    Tell(Sender<()>),
}

/// What has gathered: of several writes to one key only the last.
type Batch = BTreeMap<(&'static str, String), Option<String>>;

/// Why the last write failed, until somebody asks.
type Fault = Arc<Mutex<Option<String>>>;

/// The open file and its writer.
#[derive(Debug)]
pub struct Store {
    orders: Option<Sender<Order>>,
    fault: Fault,
    writer: Option<JoinHandle<()>>,
    /// Held while the program lives; the system lets go of it whatever way it ends.
    _lock: fs::File,
}

impl Store {
    /// Opens the file, made for this user alone where it is new, and reads what is in it. Of several programs on one
    /// file only the first gets the `exclusive` rooms: what the others find there is still the first one's business.
    pub fn open(path: &Path, exclusive: &[&str]) -> Result<(Self, Vec<Kept>), StoreError> {
        if let Some(folder) = path.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|source| StoreError::Folder { path: folder.into(), source })?;
        }
        // SQLite would make it readable for others.
        let made = fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        drop(made.map_err(|source| StoreError::Folder { path: path.into(), source })?);
        let wrong = |source| StoreError::Open { path: path.into(), source };
        let db = Connection::open(path).map_err(wrong)?;
        prepare(&db).map_err(wrong)?;
        let mut kept = read(&db).map_err(wrong)?;
        let lock = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.with_extension("lock"));
        let lock = lock.map_err(|source| StoreError::Folder { path: path.into(), source })?;
        if lock.try_lock().is_err() {
            kept.retain(|(room, ..)| !exclusive.contains(&room.as_str()));
        }
        let (orders, inbox) = mpsc::channel();
        let fault = Fault::default();
        let told = fault.clone();
        let writer = std::thread::Builder::new().name("store".into()).spawn(move || write_all(db, &inbox, &told)).ok();
        Ok((Self { orders: Some(orders), fault, writer, _lock: lock }, kept))
    }

    /// Hands a write over; it is on disk a moment later.
    pub fn write(&self, write: Write) {
        if let Some(orders) = &self.orders {
            // The writer ends only with the store.
            let _ = orders.send(Order::Write(write));
        }
    }

    /// Waits until all that was handed over is on disk, but not longer than `patience`. False when it is not there.
    pub fn settle(&self, patience: Duration) -> bool {
        let Some(orders) = &self.orders else { return false };
        let (tell, told) = mpsc::channel();
        orders.send(Order::Tell(tell)).is_ok() && told.recv_timeout(patience).is_ok()
    }

    /// Why the last write failed; each fault is told once. What could not be written is tried again.
    pub fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits until everything is on disk.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.orders = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.end();
    }
}

/// Of the one table that there is.
const VERSION: i64 = 1;

fn prepare(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "wal")?;
    // A text is safe from a killed program at once, from a power cut within the next checkpoint.
    db.pragma_update(None, "synchronous", "normal")?;
    // Writing waits for the disk, so it is done the first time only.
    if db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? == VERSION {
        return Ok(());
    }
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS kept (room TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
         PRIMARY KEY (room, key)) WITHOUT ROWID;",
    )?;
    db.pragma_update(None, "user_version", VERSION)
}

fn read(db: &Connection) -> rusqlite::Result<Vec<Kept>> {
    let mut rows = db.prepare("SELECT room, key, value FROM kept ORDER BY room, key")?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

/// A write that failed is tried again after this, with all that has come since.
const AGAIN: Duration = Duration::from_secs(1);

/// Writes what has gathered in one transaction, until the store is closed.
fn write_all(mut db: Connection, inbox: &Receiver<Order>, fault: &Fault) {
    let (mut batch, mut waiting) = (Batch::new(), Vec::new());
    let mut troubled = false;
    loop {
        let first = if batch.is_empty() {
            inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            inbox.recv_timeout(AGAIN)
        };
        let over = matches!(first, Err(RecvTimeoutError::Disconnected));
        for order in first.into_iter().chain(inbox.try_iter()) {
            match order {
                Order::Write(write) => drop(batch.insert((write.room, write.key), write.value)),
                Order::Tell(tell) => waiting.push(tell),
            }
        }
        match put(&mut db, &batch) {
            Ok(()) => {
                batch.clear();
                troubled = false;
                for tell in waiting.drain(..) {
                    let _ = Sender::send(&tell, ());
                }
            }
            Err(error) => {
                if !troubled {
                    tracing::error!(%error, "the local state could not be written");
                    *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
                }
                troubled = true;
                // Who waits learns that it is not there: their ends are dropped.
                waiting.clear();
            }
        }
        if over {
            return;
        }
    }
}

fn put(db: &mut Connection, batch: &Batch) -> rusqlite::Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let act = db.transaction()?;
    for ((room, key), value) in batch {
        match value {
            Some(value) => act
                .prepare_cached("INSERT INTO kept VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = ?3")?
                .execute(params![room, key, value])?,
            None => act.prepare_cached("DELETE FROM kept WHERE room = ?1 AND key = ?2")?.execute(params![room, key])?,
        };
    }
    act.commit()
}
