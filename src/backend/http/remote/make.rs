//! A new ticket: made once, whatever becomes of the answer, and then given what its making did not take.

use super::faults::{is_for_later, not_an_answer, stored_but};
use super::write::Went;
use super::{CLASHES, Remote};
use crate::backend::http::held::hold;
use crate::backend::http::tracker::{Part, Wanted};
use crate::backend::{Dropped, Error, Result, Stored};
use crate::domain::change::Op;
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
use crate::text::Clean;

impl Remote {
    pub(super) async fn make(&self, op: &Op, kind: Kind, wanted: &Wanted) -> Result<Stored> {
        let before = if op.again { self.find(kind, wanted).await.map_err(not_an_answer)? } else { None };
        let id = match before {
            Some(id) => id,
            None => match self.tracker.create(kind, wanted).await {
                Ok(id) => id,
                Err(Error::Doubtful(why)) => {
                    self.find(kind, wanted).await.unwrap_or_default().ok_or(Error::Doubtful(why))?
                }
                Err(error) => return Err(error),
            },
        };
        hold(&self.claims).made(&id, &wanted.key);
        // The ticket is there: what goes wrong from here on must not make a second one.
        let mut now = self.whole(&id).await.map_err(|error| made_but(&id, error))?;
        for _ in 0..CLASHES {
            let left = self.left(&now, wanted, &wanted.parts);
            let said: Vec<Part> = wanted.parts.iter().filter(|part| !left.contains(part)).cloned().collect();
            if left.is_empty() {
                hold(&self.claims).said(&now, wanted, &said);
                return Ok(self.stored(&now, Vec::new()));
            }
            match self.carry_out(&now, &wanted.only(left.clone())).await {
                Ok(Went::Stored(stored)) => return Ok(stored),
                Ok(Went::Clash) => now = self.whole(&id).await.map_err(|error| made_but(&id, error))?,
                Err(error) if is_for_later(&error) => return Err(stored_but(error)),
                Err(error) => {
                    let why = Clean::line(&format!("The ticket was made without it: {error}"));
                    let dropped = left.iter().map(|part| Dropped { what: part.name(), why: why.clone() }).collect();
                    return Ok(self.stored(&now, dropped));
                }
            }
        }
        Err(Error::Doubtful(format!("{id} was made, and others keep changing it; the rest of the act waits.")))
    }

    /// The ticket that an earlier try of this act made.
    pub(super) async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Option<TicketId>> {
        let found = self.tracker.find(kind, wanted).await?;
        let claims = hold(&self.claims);
        Ok(found.into_iter().find(|id| !claims.is_anothers(id, &wanted.key)))
    }
}

/// The same after a ticket was made: that it cannot be read does not unmake it.
pub(super) fn made_but(id: &TicketId, error: Error) -> Error {
    match error {
        Error::Forbidden(_) | Error::NotFound(_) | Error::Moved { .. } => {
            Error::Doubtful(format!("{id} was made and cannot be read: {error}"))
        }
        other => stored_but(other),
    }
}
