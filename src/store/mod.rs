//! This user's local state: a small SQLite file, one value per key in named rooms: drafts, outbox, journal, sessions.
//!
//! Knows nothing of what the values mean. Writes are handed to one thread, so that no key waits for the disk.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

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

/// The open file and its writer.
#[derive(Debug)]
pub struct Store {
    writes: Option<Sender<Write>>,
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
        let (writes, inbox) = mpsc::channel();
        let writer = std::thread::Builder::new().name("store".into()).spawn(move || write_all(db, &inbox)).ok();
        Ok((Self { writes: Some(writes), writer, _lock: lock }, kept))
    }

    /// Hands a write over; it is on disk a moment later.
    pub fn write(&self, write: Write) {
        if let Some(writes) = &self.writes {
            // The writer ends only with the store.
            let _ = writes.send(write);
        }
    }

    /// Waits until everything is on disk.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.writes = None;
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

fn prepare(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "wal")?;
    // A text is safe from a killed program at once, from a power cut within the next checkpoint.
    db.pragma_update(None, "synchronous", "normal")?;
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS kept (room TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
         PRIMARY KEY (room, key)) WITHOUT ROWID;
         PRAGMA user_version = 1;",
    )
}

fn read(db: &Connection) -> rusqlite::Result<Vec<Kept>> {
    let mut rows = db.prepare("SELECT room, key, value FROM kept ORDER BY room, key")?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

/// Writes what has gathered in one transaction; of several writes to one key only the last.
fn write_all(mut db: Connection, inbox: &Receiver<Write>) {
    while let Ok(first) = inbox.recv() {
        let mut batch = BTreeMap::new();
        for write in std::iter::once(first).chain(inbox.try_iter()) {
            batch.insert((write.room, write.key), write.value);
        }
        if let Err(error) = put(&mut db, &batch) {
            tracing::error!(%error, "the local state could not be written");
        }
    }
}

fn put(db: &mut Connection, batch: &BTreeMap<(&'static str, String), Option<String>>) -> rusqlite::Result<()> {
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
