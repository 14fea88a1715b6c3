//! Asks a [`Source`] for its secret. What goes wrong is told without a word of what was read.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, Uid};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use zeroize::Zeroizing;

use super::keyring;
use crate::backend::http::client::credential::Source;
use crate::backend::http::client::secret::Secret;
use crate::backend::http::client::site::Limits;
use crate::backend::{Error, Result};

/// Bytes; longer is no token.
const LONGEST: u64 = 64 << 10;

/// A secret, and what should be said about the place where it was.
#[derive(Debug)]
pub(super) struct Found {
    pub secret: Secret,
    pub warning: Option<String>,
}

/// Asks the source, which has that long to answer.
pub(super) async fn read(source: &Source, limit: Duration) -> Result<Found> {
    let mut warning = None;
    let secret = match source {
        Source::Given(secret) => Ok(secret.clone()),
        Source::Command(words) => command(words, limit).await,
        Source::Environment(name) => {
            std::env::var(name).map(|words| first_line(&words)).map_err(|_| "is not set".to_owned())
        }
        Source::Keyring(name) => keyring::get(name, limit).await,
        Source::File(path) => {
            warning = Some(format!(
                "The secret in {} lies there unencrypted. `token_cmd` or the system's keyring keep it safer.",
                path.display()
            ));
            file(path)
        }
    };
    match secret {
        Ok(secret) if secret.is_empty() => Err(no(source, "gave nothing")),
        Ok(secret) => Ok(Found { secret, warning }),
        Err(why) => Err(no(source, &why)),
    }
}

impl Source {
    /// Keeps a secret in this place: in a keyring's entry, or in a file that only its owner may read.
    ///
    /// # Errors
    /// The place cannot be written, or is none that could be.
    pub async fn keep(&self, secret: &Secret) -> Result<()> {
        let kept = match self {
            Self::Keyring(name) => keyring::set(name, secret, Limits::default().secret).await,
            Self::File(path) => write(path, secret),
            Self::Given(_) | Self::Command(_) | Self::Environment(_) => {
                return Err(Error::Unsupported(format!("the {} cannot be written.", self.name())));
            }
        };
        kept.map_err(|why| Error::Unexpected(format!("The {} {why}.", self.name())))
    }
}

fn no(source: &Source, why: &str) -> Error {
    Error::Unauthenticated(format!("the {} {why}.", source.name()))
}

/// The first line of what a shell command prints. It has no terminal to ask on, and a limit of time.
async fn command(words: &str, limit: Duration) -> Result<Secret, String> {
    let mut child = Command::new("/bin/sh")
        .args(["-c", words])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    let mut said = Zeroizing::new(Vec::new());
    let run = async {
        if let Some(out) = child.stdout.take() {
            out.take(LONGEST).read_to_end(&mut said).await.map_err(|error| format!("cannot be read: {error}"))?;
        }
        child.wait().await.map_err(|error| format!("cannot be waited for: {error}"))
    };
    let status = tokio::time::timeout(limit, run).await;
    let Ok(status) = status else {
        // The shell and what it started.
        let _ = group.map(|group| killpg(group, Signal::SIGKILL));
        return Err(format!("did not end within {} s", limit.as_secs()));
    };
    match status? {
        status if status.success() => {
            let words = std::str::from_utf8(&said).map_err(|_| "did not print text".to_owned())?;
            Ok(first_line(words))
        }
        status => Err(match status.code() {
            Some(code) => format!("failed with exit code {code}; run it by hand to see why"),
            None => "was killed".to_owned(),
        }),
    }
}

/// A file that nobody else may read.
fn file(path: &Path) -> Result<Secret, String> {
    let open = OpenOptions::new().read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path);
    let file = open.map_err(|error| format!("cannot be read: {error}"))?;
    let about = file.metadata().map_err(|error| format!("cannot be read: {error}"))?;
    if !about.is_file() {
        return Err("is no plain file".into());
    }
    if about.mode() & 0o077 != 0 {
        return Err(format!("may be read by others, so it is not used; run `chmod 600 {}`", path.display()));
    }
    if about.uid() != Uid::effective().as_raw() {
        return Err("belongs to somebody else, so it is not used".into());
    }
    let mut words = Zeroizing::new(String::new());
    file.take(LONGEST).read_to_string(&mut words).map_err(|error| format!("cannot be read: {error}"))?;
    Ok(first_line(&words))
}

/// Whole or not at all: beside the file first, then in its place.
fn write(path: &Path, secret: &Secret) -> Result<(), String> {
    let beside = path.with_extension("new");
    let written = || -> std::io::Result<()> {
        let _ = fs::remove_file(&beside);
        let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(secret.expose().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().map_err(|error| format!("cannot be written: {error}"))
}

pub(super) fn first_line(words: &str) -> Secret {
    Secret::new(words.lines().next().unwrap_or_default().trim())
}

/// RFC 4648, 4.
pub(super) fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let mut whole = [0; 3];
        whole[..three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes([0, whole[0], whole[1], whole[2]]);
        for at in 0..4 {
            let index = (bits >> (18 - 6 * at)) & 63;
            out.push(if at <= three.len() { char::from(SIGNS[index as usize]) } else { '=' });
        }
    }
    out
}
