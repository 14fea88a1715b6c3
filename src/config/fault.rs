//! What is wrong with a file of settings, said so that its author can go and mend it. All faults of a file are
//! collected before any is reported.

use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::config::locate::Keys;
use crate::text::Clean;

/// One thing wrong in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub file: Clean,
    /// Counted from 1; 0 when it concerns the whole file.
    pub line: usize,
    /// Where in the file, in its own words: `playbook.vpn.set.group`. Empty when the line says it all.
    pub key: Clean,
    /// What is wrong and what would be allowed.
    pub message: Clean,
}

/// Everything wrong with the files that were read; never empty as an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(pub Vec<Fault>);

/// A file as it was read: its name for messages, and its text.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl<'a> Source<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text }
    }

    /// The file's TOML as `T`; unknown keys and wrong shapes come with their line and key.
    pub fn toml<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map(|span| span.start);
            let line = at.map_or(0, |at| self.line(at));
            let keys = Keys::of(self.text);
            self.fault(line, at.and_then(|at| keys.at(at)).unwrap_or_default(), error.message())
        })
    }

    /// The line, counted from 1, that holds the byte at this offset.
    pub fn line(&self, offset: usize) -> usize {
        let upto = offset.min(self.text.len());
        1 + memchr::memchr_iter(b'\n', &self.text.as_bytes()[..upto]).count()
    }

    pub fn fault(&self, line: usize, key: &str, message: &str) -> Fault {
        Fault { file: Clean::line(self.file), line, key: Clean::line(key), message: Clean::line(message) }
    }

    /// A fault at the place that a span of the file's TOML points at.
    pub fn fault_at(&self, span: &Range<usize>, key: &str, message: &str) -> Fault {
        self.fault(self.line(span.start), key, message)
    }
}

impl Faults {
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// What was read well; what was not is one more fault.
    pub fn good<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.push(fault)).ok()
    }

    /// `value` when nothing was found wrong.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        if !self.key.is_empty() {
            write!(f, " {}:", self.key)?;
        }
        write!(f, " {}", self.message)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
impl std::error::Error for Faults {}
