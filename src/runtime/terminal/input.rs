//! What the user does at the terminal, read without a thread: keys, pastes, a new size, focus.
//!
//! All that has come is read at once, so a held key on a slow line becomes one batch and one frame. While nobody awaits
//! [`Inputs::next`], nothing is read: an editor started meanwhile gets all of its keys.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use nix::fcntl::OFlag;
use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::abilities::Terminal;
use super::decode::Decoder;
use super::setup;
use crate::command::key::Key;

/// One thing that the user did. Pasted text is as it came: it must pass the text gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    Paste(String),
    /// Columns, rows.
    Resize(u16, u16),
    FocusGained,
    FocusLost,
}

/// The stream of inputs.
#[derive(Debug)]
pub struct Inputs {
    /// Not a pipe, but tokio's pipe end reads any descriptor that can be waited on.
    tty: Receiver,
    resized: Signal,
    decoder: Decoder,
    ready: VecDeque<Input>,
    /// How long a lone escape byte may be the beginning of something.
    patience: Duration,
}

/// On a line, one key's sequence may come in two packets.
const PATIENCE_REMOTE: Duration = Duration::from_millis(25);
/// A sequence that began and does not end is given up after this.
const PATIENCE: Duration = Duration::from_millis(100);

impl Inputs {
    /// Opens the terminal for reading. Needs a tokio runtime with its I/O driver.
    pub fn open(terminal: &Terminal) -> io::Result<Self> {
        Ok(Self {
            tty: Receiver::from_file_unchecked(open_tty()?)?,
            resized: signal(SignalKind::window_change())?,
            decoder: Decoder::default(),
            ready: VecDeque::new(),
            patience: if terminal.remote { PATIENCE_REMOTE } else { Duration::ZERO },
        })
    }

    /// The next input. Cancelling loses nothing. An error means that the terminal is gone.
    pub async fn next(&mut self) -> io::Result<Input> {
        loop {
            if let Some(input) = self.ready.pop_front() {
                return Ok(input);
            }
            let wait = if self.decoder.is_lone_escape() { self.patience } else { PATIENCE };
            tokio::select! {
                biased;
                ready = self.tty.readable() => {
                    ready?;
                    self.read()?;
                }
                _ = self.resized.recv() => {
                    let size = setup::size();
                    return Ok(Input::Resize(size.width, size.height));
                }
                () = tokio::time::sleep(wait), if self.decoder.is_waiting() => self.decoder.give_up(&mut self.ready),
            }
        }
    }

    /// An input that is there already, without waiting: drain with it before drawing.
    pub fn ready(&mut self) -> Option<Input> {
        if self.ready.is_empty() {
            // An error shows again in `next`, which can report it.
            let _ = self.read();
        }
        self.ready.pop_front()
    }

    /// Takes what is there, which may be nothing.
    fn read(&mut self) -> io::Result<()> {
        let mut bytes = [0; 4096];
        let count = match self.tty.try_read(&mut bytes) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal was closed")),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        self.decoder.feed(&bytes[..count], &mut self.ready);
        // A near terminal sends a sequence whole, so a lone escape byte is the Esc key; unless the buffer cut it off.
        if self.patience.is_zero() && self.decoder.is_lone_escape() && count < bytes.len() {
            self.decoder.give_up(&mut self.ready);
        }
        Ok(())
    }
}

/// The terminal under its own open description: non-blocking there, while the shell's stays as it is.
fn open_tty() -> io::Result<File> {
    let open = |path: PathBuf| {
        let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)
    };
    // Not everywhere can `/dev/tty` be waited on, so the device's own name comes first.
    let named = nix::unistd::ttyname(io::stdin()).or_else(|_| nix::unistd::ttyname(io::stdout()));
    match named.map_err(io::Error::from).and_then(open) {
        Ok(tty) => Ok(tty),
        Err(_) => open(PathBuf::from("/dev/tty")),
    }
}
