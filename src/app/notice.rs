//! Sentences for the user, one at a time, in the last line but one.

use crate::text::Clean;

/// A sentence: what happened, and what one can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub tone: Tone,
    pub text: Clean,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    Done,
    /// A key could not act; nothing happened.
    Refused,
    /// Something went wrong that needs a look.
    Trouble,
}

impl Notice {
    pub fn done(text: impl AsRef<str>) -> Self {
        Self { tone: Tone::Done, text: Clean::line(text.as_ref()) }
    }

    pub fn refused(text: impl AsRef<str>) -> Self {
        Self { tone: Tone::Refused, text: Clean::line(text.as_ref()) }
    }

    /// There is nothing further in that direction.
    pub fn edge(by: isize) -> Self {
        Self::refused(if by < 0 { "This is the beginning." } else { "This is the end." })
    }

    pub fn trouble(text: impl AsRef<str>) -> Self {
        Self { tone: Tone::Trouble, text: Clean::line(text.as_ref()) }
    }
}
