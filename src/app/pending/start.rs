//! An act begins: it is shown at once and kept before anything is sent.

use super::Waiting;
use super::send::flush;
use super::shown::show;
use crate::app::drafts;
use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::backend::several::names;
use crate::domain::act::Act;
use crate::domain::change::{Audience, Change, Op, OpKey, Target};
use crate::domain::field::Field;
use crate::domain::kind::Revision;
use crate::domain::name::Name;
use crate::domain::table::Table;

/// Starts an act on one ticket: shows it at once, keeps it, and sends it unless it may still be recalled.
pub fn start(model: &mut Model, target: Target, act: &Act, changes: Vec<Change>) -> (OpKey, Effects) {
    let seen = match &target {
        Target::Ticket(id) => model.table.row(id).map(|row| model.table.revision(row)),
        Target::New(_) => None,
    };
    start_from(model, target, act, changes, seen)
}

/// The same, from the revision that the user saw.
pub fn start_from(
    model: &mut Model,
    target: Target,
    act: &Act,
    changes: Vec<Change>,
    seen: Option<Revision>,
) -> (OpKey, Effects) {
    // What grows out of a ticket is born where that lives.
    let desk = match &target {
        Target::New(_) => changes.iter().find_map(|change| match change {
            Change::Link { link } => names::profile(link.other.as_str()).map(Name::new),
            _ => None,
        }),
        Target::Ticket(_) => None,
    };
    start_on(model, target, act, changes, seen, desk)
}

/// The same for a new ticket, on the desk that was chosen for it.
pub fn start_on(
    model: &mut Model,
    target: Target,
    act: &Act,
    changes: Vec<Change>,
    seen: Option<Revision>,
    desk: Option<Name>,
) -> (OpKey, Effects) {
    let key = model.mint();
    let expect = seen.filter(|_| !act.only_adds());
    let public = changes.iter().any(|change| matches!(change, Change::Say { audience: Audience::Public, .. }));
    let delay = jiff::SignedDuration::try_from(model.settings.recall).unwrap_or_default();
    let held_until = (public && !delay.is_zero()).then(|| model.now.checked_add(delay).unwrap_or(model.now));
    let (words, spent) = drafts::spend(model, &target);
    // The act itself may name another caller.
    let named = changes.iter().rev().find_map(|change| match change {
        Change::Set { field: Field::Caller, to: Some(to), .. } => to.as_str().map(Name::new),
        _ => None,
    });
    let reader = named.or_else(|| target_caller(&model.table, &target)).filter(|_| public);
    let owner = target_owner(&model.table, &target);
    let op = Op { key: key.clone(), target, expect, at: model.now, changes, again: false, desk };
    let title = act.title.clone();
    let wanted = (!act.is_empty()).then(|| act.clone());
    let waiting = Waiting {
        op,
        title,
        held_until,
        batch: None,
        words,
        act: wanted,
        reader,
        owner,
        sent: false,
        tried: false,
        trouble: None,
        tries: 0,
        doubtful: false,
        merges: 0,
        clash: None,
    };
    model.looked.clear();
    // First into the outbox, then out of the drafts: whatever happens in between, the words are somewhere.
    let effects = admit(model, waiting).and(spent);
    (key, effects.and(flush(model)))
}

/// Makes an act part of a batch, which is undone as one.
pub fn join(model: &mut Model, key: &OpKey, batch: &OpKey) {
    for waiting in model.pending.acts.iter_mut().filter(|waiting| waiting.op.key == *key) {
        waiting.batch = Some(batch.0.clone());
    }
}

/// Takes an act into the pending ones: from the keyboard, or from the local store after a restart.
pub fn admit(model: &mut Model, waiting: Waiting) -> Effects {
    let kept = serde_json::to_string(&waiting).unwrap_or_default();
    let key = waiting.op.key.0.clone();
    if let Target::Ticket(id) = waiting.op.target.clone() {
        if let (Some(row), false) = (model.table.row(&id), model.pending.known.contains_key(&id)) {
            model.pending.known.insert(id.clone(), model.table.summary(row));
        }
        model.pending.acts.push(waiting);
        show(model, &id);
    } else {
        model.pending.acts.push(waiting);
    }
    Effects::put(Room::Outbox, key, kept)
}

fn target_owner(table: &Table, target: &Target) -> Option<Name> {
    let Target::Ticket(id) = target else { return None };
    table.row(id).map(|row| Name::new(table.owner(row)))
}

pub(super) fn target_caller(table: &Table, target: &Target) -> Option<Name> {
    let Target::Ticket(id) = target else { return None };
    table.row(id).and_then(|row| table.caller(row)).map(Name::new)
}
