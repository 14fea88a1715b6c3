//! What an error means for an act: whether it is refused, waits, or may be stored.

use crate::backend::Error;

/// Whether the act stays in the outbox: it is not refused, and may go through later.
pub(super) fn is_for_later(error: &Error) -> bool {
    matches!(error, Error::Offline(_) | Error::Doubtful(_) | Error::RateLimited { .. } | Error::Unauthenticated(_))
}

/// An error after something was stored: the act is looked for before anything of it is sent again.
pub(super) fn stored_but(error: Error) -> Error {
    match error {
        Error::Offline(why) => Error::Doubtful(why),
        other => not_an_answer(other),
    }
}

/// An error while one looks for an act that may be stored: one that cannot be read does not mean that it is refused.
pub(super) fn not_an_answer(error: Error) -> Error {
    match error {
        Error::Unexpected(why) | Error::Invalid { reason: why, .. } | Error::Unsupported(why) => Error::Doubtful(why),
        Error::Forbidden(why) => Error::Forbidden(format!("{why} What was sent before may be stored.")),
        other => other,
    }
}
