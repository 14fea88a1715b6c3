//! Hearing of what other consoles wrote, without asking again and again: the kernel tells when the log beside the
//! desk's file grows, and SQLite tells whether that was a commit of somebody else.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nix::fcntl::AT_FDCWD;
use nix::sys::stat::{UtimensatFlags, utimensat};
use nix::sys::time::TimeSpec;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use rusqlite::Connection;
use tokio::sync::watch;

use crate::backend::Result;
use crate::backend::sqlite::{problem, schema};

/// Waits after a sign of life. The log is written before the commit can be seen (a busy disk may take seconds to make
/// it durable), so a sign is followed by several looks, then by quiet. Consoles [`ring`] when their commit can be seen;
/// the looks are for other programs that write to the file.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(15), Duration::from_millis(60), Duration::from_millis(250), Duration::from_millis(1_000)];
/// How often the file is looked at where it cannot be watched.
const POLL: Duration = Duration::from_secs(2);

/// An eye on the file.
#[derive(Debug)]
pub struct Watch {
    /// Used for `data_version` alone, which counts the commits of every other connection.
    db: Mutex<Connection>,
    signs: watch::Sender<u64>,
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Begins to watch the log of this file; `db` is a connection for this alone.
    pub fn new(db: Connection, path: &Path) -> Result<Self> {
        // The first read makes sure that there is a log to be watched; it stays while a connection is open.
        version(&db).map_err(|e| problem(path, e))?;
        let signs = watch::Sender::new(0_u64);
        let heard = signs.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                heard.send_modify(|count| *count += 1);
            }
        });
        let log = schema::beside_log(path);
        let watcher =
            watcher.and_then(|mut watcher| watcher.watch(&log, RecursiveMode::NonRecursive).map(|()| watcher));
        if let Err(error) = &watcher {
            tracing::warn!("{} cannot be watched ({error}); it is looked at every 2 s.", log.display());
        }
        Ok(Self { db: Mutex::new(db), signs, watcher: watcher.ok() })
    }

    /// Changes whenever another connection has committed.
    pub fn version(&self, path: &Path) -> Result<i64> {
        let db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        version(&db).map_err(|e| problem(path, e))
    }

    /// Resolves when the version is no longer `seen`.
    pub async fn moved_from(&self, seen: i64, path: &Path) -> Result<()> {
        let mut signs = self.signs.subscribe();
        loop {
            if self.version(path)? != seen {
                return Ok(());
            }
            if self.watcher.is_none() {
                tokio::time::sleep(POLL).await;
                continue;
            }
            // The sender lives as long as this.
            if signs.changed().await.is_err() {
                return std::future::pending().await;
            }
            for wait in LOOKS {
                tokio::time::sleep(wait).await;
                if self.version(path)? != seen {
                    return Ok(());
                }
            }
        }
    }
}

/// Tells the other consoles that a commit can be seen now. A file that cannot be touched keeps them waiting for their
/// next look, no more.
pub fn ring(path: &Path) {
    let (log, now) = (schema::beside_log(path), TimeSpec::UTIME_NOW);
    if let Err(error) = utimensat(AT_FDCWD, &log, &now, &now, UtimensatFlags::FollowSymlink) {
        tracing::debug!("{} cannot be touched: {error}", log.display());
    }
}

fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "data_version", |row| row.get(0))
}
