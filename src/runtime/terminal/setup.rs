//! Taking the terminal over and giving it back: at start and end, for an editor, at ctrl-z, after a panic.
//!
//! Whatever happens, the user gets the terminal back as it was: by [`Session`]'s drop, or by the panic hook.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{FlushArg, tcflush};
use nix::unistd::Pid;
use ratatui::crossterm::terminal;
use ratatui::layout::Size;

use super::abilities::{NoTerminal, Terminal};
use super::clipboard::{self, CopyError};
use crate::text::Clean;

/// Why the terminal could not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(transparent)]
    NoTerminal(#[from] NoTerminal),
    #[error("the terminal cannot be put into raw mode ({0}); check that deskside runs in the foreground of a terminal")]
    Terminal(#[from] io::Error),
}

/// The terminal in the console's hands: raw, on the alternate screen. Dropping it gives the terminal back.
///
/// After [`Session::suspend`], [`Session::with_child`] and [`Session::resumed`] the screen must be resized to the size
/// they return, which also draws it whole.
#[derive(Debug)]
pub struct Session {
    terminal: Terminal,
    out: File,
    title: Option<Clean>,
}

/// Who holds the terminal, for the panic hook: a panic in some job must not tear the screen down.
static HOLDER: Mutex<Option<(ThreadId, Terminal)>> = Mutex::new(None);

impl Terminal {
    /// The terminal at standard output.
    pub fn detect() -> Result<Self, NoTerminal> {
        if !io::stdout().is_terminal() {
            return Err(NoTerminal::NotATerminal);
        }
        Self::from_env(|name| std::env::var(name).ok())
    }
}

impl Session {
    /// Takes the terminal over. The calling thread is the one whose panic gives it back.
    pub fn enter(terminal: Terminal) -> Result<Self, SetupError> {
        let out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let mut session = Self { terminal, out, title: None };
        session.take()?;
        Ok(session)
    }

    pub fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// A way to the terminal for a `Screen`: unbuffered, so that a frame is one write.
    pub fn out(&self) -> io::Result<File> {
        self.out.try_clone()
    }

    /// Sets the window's title, where there is one; the same title again sends nothing.
    pub fn set_title(&mut self, title: &Clean) -> io::Result<()> {
        if !self.terminal.title || self.title.as_ref() == Some(title) {
            return Ok(());
        }
        self.title = Some(title.clone());
        self.out.write_all(&title_sequence(title))
    }

    /// Copies text to the user's clipboard through the terminal (OSC 52). Whether the terminal took it cannot be known.
    pub fn copy(&mut self, text: &Clean) -> Result<(), CopyError> {
        let bytes = clipboard::sequence(text, self.terminal.multiplexer)?;
        Ok(self.out.write_all(&bytes)?)
    }

    /// Stops the program as ctrl-z does, terminal given back; returns when it is continued, terminal taken again.
    pub fn suspend(&mut self) -> io::Result<Size> {
        self.give_back();
        // The whole foreground group stops, as it does at a terminal's own ctrl-z: a wrapper script stops with us.
        kill(Pid::from_raw(0), Signal::SIGTSTP)?;
        self.take_again()
    }

    /// Runs a program that needs the terminal (an editor, a pager) and waits for it.
    pub fn with_child(&mut self, command: &mut Command) -> io::Result<(ExitStatus, Size)> {
        self.give_back();
        let status = command.status();
        let size = self.take_again()?;
        Ok((status?, size))
    }

    /// The program was stopped from outside and continued: the shell has changed the terminal meanwhile.
    pub fn resumed(&mut self) -> io::Result<Size> {
        terminal::disable_raw_mode()?;
        self.take_again()
    }

    /// Gives the terminal back for good; dropping does so too.
    pub fn leave(&mut self) {
        self.give_back();
    }

    fn take_again(&mut self) -> io::Result<Size> {
        self.take()?;
        // What was typed for somebody else is not for the desk.
        let _ = tcflush(io::stdin(), FlushArg::TCIFLUSH);
        if let Some(title) = self.title.take() {
            self.set_title(&title)?;
        }
        Ok(size())
    }

    fn take(&mut self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        *HOLDER.lock().unwrap_or_else(PoisonError::into_inner) = Some((thread::current().id(), self.terminal));
        if self.terminal.title {
            self.out.write_all(TITLE_SAVE)?;
        }
        self.out.write_all(TAKE)
    }

    fn give_back(&mut self) {
        if HOLDER.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            give_back(&mut self.out, &self.terminal);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// Alternate screen, no cursor, bracketed paste, focus reports.
const TAKE: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1004h";
/// All of that undone, and whatever a frame that was cut short may have left: update bracket, scroll region, style.
const GIVE_BACK: &[u8] = b"\x1b[?2026l\x1b[r\x1b[m\x1b[?1004l\x1b[?2004l\x1b[?1049l\x1b[?25h";
const TITLE_SAVE: &[u8] = b"\x1b[22;2t";
const TITLE_RESTORE: &[u8] = b"\x1b[23;2t";
const TITLE_LIMIT: usize = 120;

fn give_back(out: &mut impl Write, terminal: &Terminal) {
    // The terminal may be gone (a dropped line): then nothing is left to be put right.
    let _ = out.write_all(GIVE_BACK);
    if terminal.title {
        let _ = out.write_all(TITLE_RESTORE);
    }
    let _ = out.flush();
    let _ = terminal::disable_raw_mode();
}

fn title_sequence(title: &Clean) -> Vec<u8> {
    // `Clean` may hold newlines, and a title is no place for one.
    let text: String = title.chars().filter(|c| !c.is_control()).take(TITLE_LIMIT).collect();
    format!("\x1b]2;{text}\x07").into_bytes()
}

/// Columns and rows of the terminal; 80 by 24 where it does not say.
pub fn size() -> Size {
    match terminal::size() {
        Ok((width, height)) if width > 0 && height > 0 => Size { width, height },
        _ => Size { width: 80, height: 24 },
    }
}

/// From now on a panic of who holds the terminal gives it back first, and every panic is written to the log. One in a
/// job ends only that job, and is told to who goes on. `log` is where the user finds the details.
pub fn install_panic_hook(log: Option<PathBuf>, tell: impl Fn(String) + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |panic| {
        let trace = std::backtrace::Backtrace::force_capture();
        tracing::error!(%panic, %trace, "panic");
        let details = log.as_ref().map(|log| format!(" Details are in {}.", log.display())).unwrap_or_default();
        // `try_lock`: the panic may have come while the lock was held.
        let held = HOLDER.try_lock().map(|holder| *holder).ok().flatten();
        match held {
            Some((thread, _)) if thread != thread::current().id() || tokio::task::try_id().is_some() => {
                tell(format!(
                    "A part of deskside stopped at a fault of its own. Leave and start it again: what you typed is kept.{details}"
                ));
                return;
            }
            Some((_, terminal)) => {
                give_back(&mut io::stdout(), &terminal);
                if let Ok(mut holder) = HOLDER.try_lock() {
                    *holder = None;
                }
            }
            None => {}
        }
        // Not `eprintln!`: where the terminal is gone, that would panic once more.
        let _ = writeln!(io::stderr(), "deskside stopped at a fault of its own: {panic}.{details}");
    }));
}
