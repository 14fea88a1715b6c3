//! Files of this computer, as users name them: saved for their eyes alone and over nothing, read within a bound.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::backend::Upload;
use crate::text::Clean;

/// No larger file is sent, in bytes.
const MOST: u64 = 50_000_000;

/// A path as it was typed; `~/` is the home of the user.
fn place(typed: &str) -> PathBuf {
    match (typed.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(typed),
    }
}

/// Writes a file that was not there before, readable by this user alone. Into a folder, under the name that it has.
///
/// # Errors
/// In words: something is there already, or the disk refuses. Nothing half-written is left.
pub fn save(typed: &str, name: &Clean, bytes: &[u8]) -> Result<PathBuf, String> {
    let mut path = place(typed);
    if path.is_dir() {
        // The desk's name for it is no path.
        let plain: String = name.chars().map(|c| if matches!(c, '/' | '\\' | '\0') { '_' } else { c }).collect();
        let plain = plain.trim_start_matches('.');
        path.push(if plain.is_empty() { "file" } else { plain });
    }
    let said = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            format!("{} is there already and was left as it is; give another path.", path.display())
        }
        _ => format!("{} cannot be written: {error}", path.display()),
    };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(said)?;
    if let Err(error) = file.write_all(bytes).and_then(|()| file.sync_all()) {
        let _ = std::fs::remove_file(&path);
        return Err(said(error));
    }
    Ok(path)
}

/// Reads a file to be added.
///
/// # Errors
/// In words: it is not there, not a file, or larger than [`MOST`].
pub fn read(typed: &str) -> Result<Upload, String> {
    let path = place(typed);
    let said = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let about = std::fs::metadata(&path).map_err(said)?;
    if !about.is_file() {
        return Err(format!("{} is not a file.", path.display()));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&path).map_err(said)?;
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(said)?;
    if bytes.len() as u64 > MOST {
        return Err(format!("{} is larger than {} MB; desks do not take that.", path.display(), MOST / 1_000_000));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Upload { name: Clean::line(&name), media_type: media_type(&path).to_owned(), bytes })
}

/// What sort of file it is, by the end of its name.
fn media_type(path: &Path) -> &'static str {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default();
    match end.as_str() {
        "txt" | "log" | "md" => "text/plain",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "json" => "application/json",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}
