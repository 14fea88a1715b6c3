//! What the desk answered to an act: stored, partly stored, refused, or nothing yet.

use jiff::Timestamp;

use super::Waiting;
use super::send::flush;
use super::shown::{accept, settle};
use crate::app::conflict;
use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::{bulk, detail, proposals, triage, undo};
use crate::backend::{self, Dropped, Error, Stored};
use crate::command::table::Scope;
use crate::domain::change::{OpKey, Target};
use crate::domain::name::TicketId;

/// The desk has answered.
pub fn answered(model: &mut Model, key: &OpKey, answer: backend::Result<Stored>) -> Effects {
    let Some(at) = model.pending.acts.iter().position(|waiting| waiting.op.key == *key) else {
        return Effects::none();
    };
    let waiting = model.pending.acts.get(at);
    if let Err(error) = &answer
        && let Some(stay) = waiting.and_then(|waiting| Stay::of(error, waiting))
    {
        let doubtful = matches!(error, Error::Doubtful(_));
        return stays(model, at, stay, doubtful, &error.to_string());
    }
    let answer = match answer {
        Err(Error::Conflict { theirs, who }) => match conflict::met(model, at, theirs, &who) {
            Ok(effects) => return effects,
            Err(error) => Err(error),
        },
        other => other,
    };
    let waiting = model.pending.acts.remove(at);
    let mut effects = Effects::drop(Room::Outbox, key.0.clone());
    let way_out = answer.as_ref().err().and_then(|error| proposals::met(model, &waiting, error)).unwrap_or_default();
    bulk::note_outcome(model, &waiting, &answer, &way_out);
    match answer {
        Ok(stored) => {
            effects = effects.and(undo::journal(model, &waiting, &stored)).and(dropped(model, &waiting, &stored));
            let id = stored.ticket.id.clone();
            accept(model, stored, waiting.op.expect);
            if matches!(waiting.op.target, Target::New(_)) {
                effects = effects.and(born(model, &id, &waiting.title));
            }
        }
        Err(error) => {
            effects = effects.and(refused(model, &waiting, error, &way_out));
        }
    }
    effects.and(flush(model))
}

/// How long an act waits in the outbox before it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stay {
    For(jiff::SignedDuration),
    /// Only the user can mend it: until he asks for it.
    UntilAsked,
    /// Its ticket is gone, and nowhere else could its words be read again.
    Gone,
}

impl Stay {
    /// None for an error that is an answer: the act was refused.
    fn of(error: &Error, waiting: &Waiting) -> Option<Self> {
        /// A write whose answer was lost may still be on its way.
        const DOUBT: jiff::SignedDuration = jiff::SignedDuration::from_secs(20);
        match error {
            Error::Offline(_) | Error::RateLimited { .. } => Some(match error.retry() {
                backend::Retry::After(wait) => Self::For(jiff::SignedDuration::try_from(wait).unwrap_or_default()),
                backend::Retry::Never => Self::UntilAsked,
            }),
            Error::Doubtful(_) => Some(Self::For(DOUBT)),
            Error::Unauthenticated(_) => Some(Self::UntilAsked),
            Error::NotFound(id) if waiting.op.target == Target::Ticket(id.clone()) && waiting.has_words() => {
                Some(Self::Gone)
            }
            _ => None,
        }
    }
}

/// The act stays in the outbox and is sent again when the desk can be reached.
fn stays(model: &mut Model, at: usize, stay: Stay, doubtful: bool, why: &str) -> Effects {
    let Some(waiting) = model.pending.acts.get_mut(at) else { return Effects::none() };
    (waiting.sent, waiting.tried) = (false, true);
    waiting.tries += 1;
    waiting.doubtful |= doubtful;
    let is_known = waiting.tries > 1 && waiting.trouble.as_deref() == Some(why);
    waiting.trouble = Some(why.to_owned());
    let when = match stay {
        Stay::For(wait) => {
            waiting.held_until = model.now.checked_add(wait).ok();
            "and sent again".to_owned()
        }
        Stay::UntilAsked => {
            waiting.held_until = Some(Timestamp::MAX);
            format!("until you sign in and press `{}`", model.settings.keymap.key_of("refresh", &[Scope::List]))
        }
        Stay::Gone => {
            waiting.held_until = Some(Timestamp::MAX);
            "in the outbox, where its words can be read: it was deleted, or you may no longer see it".to_owned()
        }
    };
    // The outbox shows how often it was tried; saying it each time would write over what else there is to say.
    if !is_known {
        model.say(Notice::trouble(format!("{why} What you did is kept {when}.")));
    }
    Effects::none()
}

/// What the desk did not store is said; words among it are drafts again.
fn dropped(model: &mut Model, waiting: &Waiting, stored: &Stored) -> Effects {
    let Some(first) = stored.dropped.first() else { return Effects::none() };
    let words = |part: &Dropped| matches!(&*part.what, "public reply" | "internal note");
    let effects = if stored.dropped.iter().any(words) { undo::keep_texts(model, waiting) } else { Effects::none() };
    let more = stored.dropped.len() - 1;
    let more = if more > 0 { format!(" And {more} more of the same act.") } else { String::new() };
    model.say(Notice::trouble(format!("{}: {} was not stored. {}{more}", stored.ticket.id, first.what, first.why)));
    effects
}

/// A new ticket has its name: it is said, and shown unless something else is being done.
fn born(model: &mut Model, id: &TicketId, title: &str) -> Effects {
    let idle = model.overlays.is_empty() && model.triage.is_none() && model.detail.is_none();
    let effects = if idle { detail::open(model, id) } else { Effects::none() };
    model.say(Notice::done(format!("{title}: {id}")));
    effects
}

fn refused(model: &mut Model, waiting: &Waiting, error: Error, way_out: &str) -> Effects {
    let what = match &waiting.op.target {
        Target::Ticket(id) => format!("{} {id}", waiting.title),
        Target::New(kind) => format!("new {kind}"),
    };
    let moved = match &error {
        Error::Moved { id, to } if waiting.op.target == Target::Ticket(id.clone()) => Some(to.clone()),
        _ => None,
    };
    let on = moved.clone().map_or_else(|| waiting.op.target.clone(), Target::Ticket);
    let mut effects = undo::keep_texts_on(model, waiting, &on);
    if let Error::Conflict { theirs, who } = error {
        let id = theirs.summary.id.clone();
        let lost = conflict::race(model, waiting, &theirs.ticket);
        accept(model, *theirs, None);
        settle(model, &id);
        let effects = effects.and(triage::refused(model, &id, waiting));
        if let Some(lost) = lost {
            model.say(Notice::trouble(lost));
            return effects;
        }
        let again = again(model, &id, waiting);
        model.say(Notice::trouble(format!("Not done ({what}): {who} changed {id} meanwhile. {again}")));
        return effects;
    }
    let is_decided = model.triage.is_some() && waiting.act.is_some() && waiting.batch.is_none();
    if let Target::Ticket(id) = &waiting.op.target {
        settle(model, id);
        effects = effects.and(triage::refused(model, id, waiting));
    }
    let kept = match moved {
        Some(to) => format!(" Go to {to} and do it there; what you wrote is its draft."),
        None if is_decided => " What was decided stands on its line again.".to_owned(),
        None if waiting.words.is_empty() => String::new(),
        None => " Your words are drafts again.".to_owned(),
    };
    model.say(Notice::trouble(format!("Not done ({what}): {error}{kept}{way_out}")));
    effects
}

/// How to do again what a colleague's change came before.
fn again(model: &mut Model, id: &TicketId, waiting: &Waiting) -> String {
    let is_here = model.current().is_some_and(|row| model.table.id(row) == id.as_str());
    if model.triage.is_some() {
        let when = if is_here { "Look" } else { "It comes up again" };
        return format!("{when}; what was decided stands on its line.");
    }
    match waiting.act.clone().filter(|_| waiting.batch.is_none()) {
        // The key repeats what was last done, which may have been something else since.
        Some(act) if is_here => {
            model.last = Some(act);
            "Theirs is shown now; look, then do it again with `.`".to_owned()
        }
        _ => format!("Go to {id}, look at theirs and do it again; your words are kept as drafts."),
    }
}
