//! How a subcommand ends, as its exit code tells it to scripts.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::text::Clean;

/// The exit codes, as help and the man page state them.
pub const CODES: &str = "\
Exit codes:
  0  done
  1  something was refused or failed; of several tickets, at least one
  2  the command line is wrong: an option, a command, a query or a time that cannot be read
  3  somebody else was quicker: nothing else went wrong, look and try again";

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    Failed,
    Usage,
    Conflict,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Conflict => 3,
        })
    }
}

/// What was written on the command line cannot be meant; the sentence says what can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage(pub String);

impl Usage {
    pub fn error(text: impl Into<String>) -> anyhow::Error {
        Self(text.into()).into()
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Says what went wrong, and how that ends. A reader that has gone away (`| head`) is no fault and is not told.
pub fn of(error: &anyhow::Error) -> Exit {
    let pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(pipe) {
        return Exit::Done;
    }
    super::print::fault(&Clean::body(&format!("{error:#}")));
    if error.chain().any(|cause| cause.is::<Usage>()) { Exit::Usage } else { Exit::Failed }
}
