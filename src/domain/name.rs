//! Short names: of people, groups, categories, services, assets, tickets.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::text::{Clean, read_text};

/// The name of something the desk can point at, as its records spell it: one clean line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(Arc<str>);

/// The identifier of a ticket as people say it on the phone: `INC-4183`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketId(Name);

impl Name {
    pub fn new(raw: &str) -> Self {
        Self(Clean::line(raw).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TicketId {
    pub fn new(raw: &str) -> Self {
        Self(Name::new(raw))
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// What separates the desk from the ticket, where several desks are one queue: `rt:4183`.
pub const MARK: char = ':';

/// The desk in such an identifier. Whether it means one is for those to say who know that there are several.
pub fn desk(id: &str) -> Option<&str> {
    id.split_once(MARK).map(|(desk, _)| desk)
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_text(from, Self::new)
    }
}

impl From<&str> for Name {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<&str> for TicketId {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl std::ops::Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
