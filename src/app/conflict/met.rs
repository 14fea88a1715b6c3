//! A stale write came back: merged and sent again, moot, asked about, or lost to who was quicker.

use super::merge::{Merge, merge};
use super::{Conflict, show};
use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::pending::{self, Waiting};
use crate::backend::{Error, Stored};
use crate::command::table::Scope;
use crate::domain::change::{Change, Handover};
use crate::domain::field::{Field, Value};
use crate::domain::name::Name;
use crate::domain::ticket::Ticket;

/// So often an act goes again by itself; then it is told.
pub(super) const TRIES: u8 = 5;

/// An act met somebody else's. Either it is dealt with here, or it is refused like any other.
pub fn met(model: &mut Model, at: usize, theirs: Box<Stored>, who: &str) -> Result<Effects, Error> {
    let refuse = |theirs| Err(Error::Conflict { theirs, who: who.to_owned() });
    let Some(waiting) = model.pending.acts.get(at) else { return refuse(theirs) };
    let mut record = theirs.ticket.clone();
    record.workflow.clone_from(&model.homes.of(record.id.as_str()).workflow);
    let caller = record.get(&Field::Caller).and_then(Value::as_str).map(Name::new);
    let strayed = waiting.reader.as_ref().zip(caller.as_ref()).is_some_and(|(then, now)| then != now);
    if strayed || waiting.merges >= TRIES {
        return refuse(theirs);
    }
    match merge(&waiting.op.changes, waiting.owner.as_ref(), &record) {
        Merge::Lost => refuse(theirs),
        Merge::Clear(changes) if changes.is_empty() => Ok(moot(model, at, *theirs, who)),
        Merge::Clear(changes) => Ok(again(model, at, changes, *theirs, who)),
        // A session and a bulk act have their own places for what is to be decided once more.
        Merge::Ask(..) if model.triage.is_some() || model.headless || waiting.batch.is_some() => refuse(theirs),
        Merge::Ask(go, clashes) => Ok(ask(model, at, Conflict { who: who.to_owned(), go, clashes }, *theirs)),
    }
}

/// They did the same.
pub(super) fn moot(model: &mut Model, at: usize, theirs: Stored, who: &str) -> Effects {
    let waiting = model.pending.acts.remove(at);
    let (id, name) = (theirs.ticket.id.clone(), model.display(who).to_owned());
    crate::app::bulk::note_outcome(model, &waiting, &Ok(theirs.clone()), "");
    pending::accept(model, theirs, None);
    pending::settle(model, &id);
    model.say(Notice::done(format!("{id}: {name} has done the same meanwhile ({}).", waiting.title)));
    Effects::drop(Room::Outbox, waiting.op.key.0.clone()).and(pending::flush(model))
}

/// What they left alone goes again, on what they left.
pub(super) fn again(model: &mut Model, at: usize, changes: Vec<Change>, theirs: Stored, who: &str) -> Effects {
    let (id, name) = (theirs.ticket.id.clone(), model.display(who).to_owned());
    if let Some(waiting) = model.pending.acts.get_mut(at) {
        waiting.op.changes = changes;
        waiting.sent = false;
        waiting.merges += 1;
    }
    let title = model.pending.acts.get(at).map(|waiting| waiting.title.clone()).unwrap_or_default();
    pending::accept(model, theirs, None);
    pending::settle(model, &id);
    model.say(Notice::done(format!("{id}: {title}, beside what {name} changed meanwhile.")));
    pending::keep(model, at).and(pending::flush(model))
}

/// Both changed the same: it waits in the outbox for a choice.
pub(super) fn ask(model: &mut Model, at: usize, conflict: Conflict, theirs: Stored) -> Effects {
    let (id, name) = (theirs.ticket.id.clone(), model.display(&conflict.who).to_owned());
    let what: Vec<String> = conflict.clashes.iter().map(|clash| clash.what.name()).collect();
    let Some(waiting) = model.pending.acts.get_mut(at) else { return Effects::none() };
    waiting.sent = false;
    waiting.clash = Some(Box::new(conflict));
    let key = waiting.op.key.clone();
    pending::accept(model, theirs, None);
    pending::settle(model, &id);
    let is_here = model.current().is_some_and(|row| model.table.id(row) == id.as_str());
    let outbox = model.settings.keymap.key_of("outbox", &[Scope::Global]);
    let how = if is_here && model.overlays.is_empty() && model.typed.keys.is_empty() {
        show(model, key);
        "Choose what stands.".to_owned()
    } else {
        format!("Yours waits: `{outbox}` shows both.")
    };
    let what = what.join(", ");
    model.say(Notice::trouble(format!("{name} changed the same of {id} meanwhile ({what}). {how}")));
    Effects::none()
}

/// Why an act came too late, in words that blame nobody; none where it is not about hands.
pub fn race(model: &Model, waiting: &Waiting, theirs: &Ticket) -> Option<String> {
    if merge(&waiting.op.changes, waiting.owner.as_ref(), theirs) != Merge::Lost {
        return None;
    }
    let (id, owner) = (&theirs.id, model.display(&theirs.owner));
    let accepts = |change: &Change| matches!(change, Change::Handover { step: Handover::Accept { .. } });
    Some(if waiting.op.changes.iter().any(accepts) {
        format!("{owner} took {id} a moment before you, and has it now. Nothing of yours was changed on it.")
    } else {
        format!("{id} is in the hands of {owner} meanwhile: it is no longer yours to hand over.")
    })
}
