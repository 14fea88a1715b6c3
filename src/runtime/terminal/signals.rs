//! Signals that concern the whole program. A new size is an [`Input`](super::Input), not one of these.

use std::io;

use tokio::signal::unix::{self, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End, keeping what is not stored yet: the session ends or the machine goes down.
    Stop,
    /// The line is gone: end likewise, but nobody is there to see anything.
    HangUp,
    /// The program was stopped and goes on: the terminal must be taken again.
    Resumed,
}

/// The stream of signals. While it lives, ctrl-c and ctrl-\ of a child on the terminal do not end the console.
#[derive(Debug)]
pub struct Signals {
    terminate: unix::Signal,
    hang_up: unix::Signal,
    resume: unix::Signal,
    interrupt: unix::Signal,
    quit: unix::Signal,
}

impl Signals {
    /// Starts to listen. Needs a tokio runtime with its I/O driver.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            resume: signal(SignalKind::from_raw(nix::libc::SIGCONT))?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// The next signal. Cancelling loses nothing.
    pub async fn next(&mut self) -> Signal {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Signal::Stop,
                _ = self.hang_up.recv() => return Signal::HangUp,
                _ = self.resume.recv() => return Signal::Resumed,
                // In raw mode the keyboard sends neither of these to us.
                _ = self.interrupt.recv() => {}
                _ = self.quit.recv() => {}
            }
        }
    }
}
