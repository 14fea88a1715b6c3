//! Whole tickets: from the copy while they are young, from the desk otherwise, and acts on them.

use std::sync::Arc;
use std::time::Duration;

use crate::backend::{Error, Result, Stored};
use crate::domain::change::Op;
use crate::domain::name::TicketId;
use crate::domain::ticket::Ticket;
use crate::store::mirror::core::Core;
use crate::store::mirror::records::Known;

/// The ticket as it was fetched when its row has not changed since and it is young; from the desk otherwise; when the
/// desk is away, as much as the copy knows.
pub async fn get(core: &Arc<Core>, id: &TicketId) -> Result<Ticket> {
    let wanted = id.clone();
    let known = core.reading(move |core| core.file.known(&wanted)).await?;
    if let Some(ticket) = young(core, &known) {
        return Ok(ticket);
    }
    match core.desk.get(id).await {
        Ok(ticket) => {
            core.answered().await;
            if known.row.as_ref().is_some_and(|(row, _)| row.revision != ticket.revision) {
                core.ask_quietly();
            }
            let (fetched, kept) = (core.now().as_millisecond(), ticket.clone());
            note(core.blocking(move |core| core.file.keep(&kept, fetched, known.head)).await);
            Ok(ticket)
        }
        Err(error @ (Error::NotFound(_) | Error::Moved { .. })) => {
            core.answered().await;
            let id = id.clone();
            note(core.blocking(move |core| core.file.lost(&id, known.head)).await);
            core.stir();
            Err(error)
        }
        Err(error @ (Error::Forbidden(_) | Error::Unsupported(_))) => Err(error),
        Err(error) => {
            core.ask_quietly();
            tracing::debug!(%error, "{id} is shown as the copy has it");
            as_known(known).ok_or(error)
        }
    }
}

fn young(core: &Core, known: &Known) -> Option<Ticket> {
    let ((row, _), (ticket, fetched)) = (known.row.as_ref()?, known.body.as_ref()?);
    let is_young = is_young(core, *fetched);
    (is_young && row.revision == ticket.revision).then(|| ticket.clone())
}

/// Whether what was fetched then (in ms since 1970) is still believed.
pub fn is_young(core: &Core, fetched: i64) -> bool {
    let age = core.now().as_millisecond().saturating_sub(fetched);
    u64::try_from(age).is_ok_and(|age| Duration::from_millis(age) < core.options.pace.lifetime)
}

/// The whole ticket with its newer row laid over it, or what the row alone knows.
fn as_known(known: Known) -> Option<Ticket> {
    match (known.body, known.row) {
        (Some((mut ticket, _)), Some((row, _))) => {
            if ticket.revision != row.revision {
                ticket.lay(&row);
            }
            Some(ticket)
        }
        (Some((ticket, _)), None) => Some(ticket),
        (None, Some((row, _))) => Some(Ticket::of_row(&row)),
        (None, None) => None,
    }
}

/// The desk does the act; what it left behind is in the copy before this returns.
pub async fn apply(core: &Arc<Core>, op: &Op) -> Result<Stored> {
    let mut answer = core.desk.apply(op).await;
    let stored = match &answer {
        Ok(stored) => stored.clone(),
        Err(Error::Conflict { theirs, .. }) => Stored::clone(theirs),
        Err(Error::NotFound(id) | Error::Moved { id, .. }) => {
            core.doubt([id.clone()]);
            return answer;
        }
        Err(_) => return answer,
    };
    core.answered().await;
    let fetched = core.now().as_millisecond();
    // The act is done whether it can be kept here or not: the next look at the desk brings it.
    let listed = core.blocking(move |core| core.file.stored(&stored, fetched)).await;
    if let (Ok(stored), Ok(listed)) = (&mut answer, &listed) {
        stored.also.retain(|row| listed.contains(&row.id));
    }
    note(listed);
    core.stir();
    answer
}

fn note<T>(kept: Result<T>) {
    if let Err(error) = kept {
        tracing::warn!(%error, "the copy falls behind");
    }
}
