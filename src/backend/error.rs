//! What can go wrong with a desk. Each error says what the caller may do next; [`Error::retry`] alone decides whether
//! to try again.

use std::time::Duration;

use crate::backend::Stored;
use crate::domain::name::TicketId;
use crate::domain::refusal::{Refusal, Sort};

/// The result of asking a desk.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a desk did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Somebody else wrote first; theirs is the record as it stands now.
    #[error("{} was changed meanwhile by {who}.", theirs.summary.id)]
    Conflict { theirs: Box<Stored>, who: String },
    #[error("There is no {0} on this desk.")]
    NotFound(TicketId),
    /// Its tracker moved it, or merged it into another: nothing is done under the old name.
    #[error("{id} is {to} now: it was moved, or merged, on its tracker.")]
    Moved { id: TicketId, to: TicketId },
    #[error("You are not signed in: {0}")]
    Unauthenticated(String),
    #[error("You may not do that: {0}")]
    Forbidden(String),
    /// A gate of the desk lets others do it: it can be proposed to them.
    #[error("You may not do that: {0}")]
    AboveLevel(String),
    /// A rule of the desk says no; `field` names what it is about.
    #[error("{reason}")]
    Invalid { field: String, reason: String },
    #[error("The desk asks to slow down.")]
    RateLimited { after: Option<Duration> },
    #[error("The desk cannot be reached: {0}")]
    Offline(String),
    /// A write went out and its answer was lost: look for it before it is sent again.
    #[error("It is not known whether the desk stored that: {0}")]
    Doubtful(String),
    #[error("This desk cannot do that: {0}")]
    Unsupported(String),
    /// The cursor is too old or not of this desk: pull everything.
    #[error("The desk no longer knows where we were; everything is read again.")]
    CursorExpired,
    #[error("{0}")]
    Unexpected(String),
}

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request may go through later.
    After(Duration),
    /// Only a person can change the outcome.
    Never,
}

impl Error {
    /// Whether the same request may be sent again, and when. What may have been stored is never sent again as it is.
    pub fn retry(&self) -> Retry {
        match self {
            Self::RateLimited { after } => Retry::After(after.unwrap_or(Duration::from_secs(30))),
            Self::Offline(_) => Retry::After(Duration::from_secs(5)),
            _ => Retry::Never,
        }
    }

    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into() }
    }
}

/// A rule's "no" as a desk answers it. The rule, the record and the way out are in the sentence.
impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal.sort {
            Sort::Authority => Self::Forbidden(refusal.to_string()),
            Sort::Level => Self::AboveLevel(refusal.to_string()),
            Sort::Rule | Sort::Race => Self::Invalid {
                field: refusal.field.as_ref().map_or("", |field| field.name()).to_owned(),
                reason: refusal.to_string(),
            },
        }
    }
}
