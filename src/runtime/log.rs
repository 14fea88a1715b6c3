//! What goes wrong inside, as lines in one file of the user's: panics, and writes that failed with nobody to tell.
//!
//! Never a ticket's words. The screen is not its place, and a file that cannot be opened stops nothing.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;

/// A log larger than this begins anew, in bytes.
const LIMIT: u64 = 1 << 20;

/// Writes warnings and worse to `deskside.log` in this folder from now on. Returns where that is, if it can be written.
pub fn start(folder: &Path) -> Option<PathBuf> {
    let path = folder.join("deskside.log");
    DirBuilder::new().recursive(true).mode(0o700).create(folder).ok()?;
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path).ok()?;
    if file.metadata().is_ok_and(|about| about.len() > LIMIT) {
        file.set_len(0).ok()?;
    }
    let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_ansi(false);
    lines.with_writer(Mutex::new(file)).try_init().ok()?;
    Some(path)
}
