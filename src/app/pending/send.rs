//! What may go, what is held, what is taken back before it went.

use super::shown::settle;
use super::start::target_caller;
use super::{Waiting, target_name};
use crate::app::effect::{Effect, Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::undo;
use crate::domain::change::{Op, OpKey, Target};

/// Sends what may go: the first act of each ticket, when its time to be recalled is over.
pub fn flush(model: &mut Model) -> Effects {
    let now = model.now;
    let mut busy: Vec<Target> = Vec::new();
    let mut effects = misdirected(model);
    for waiting in &mut model.pending.acts {
        let target = waiting.op.target.clone();
        let first = matches!(target, Target::New(_)) || !busy.contains(&target);
        busy.push(target);
        if first && !waiting.sent && waiting.clash.is_none() && waiting.held_until.is_none_or(|until| until <= now) {
            waiting.sent = true;
            effects = effects.and(Effect::Send(Op { again: waiting.tried, ..waiting.op.clone() }));
        }
    }
    effects
}

/// Takes back held replies whose caller is another by now: the words were not written for that reader.
fn misdirected(model: &mut Model) -> Effects {
    let strayed = |waiting: &Waiting| {
        let reader = waiting.reader.as_ref();
        let now = target_caller(&model.table, &waiting.op.target);
        waiting.can_be_recalled() && reader.zip(now.as_ref()).is_some_and(|(then, now)| then != now)
    };
    let Some(at) = model.pending.acts.iter().position(strayed) else { return Effects::none() };
    let (waiting, effects) = take_back(model, at);
    let what = target_name(&waiting.op.target);
    let effects = effects.and(undo::recalled(model, &waiting));
    model.say(Notice::trouble(format!(
        "Not sent ({} {what}): its caller is another person now. The text is a draft again; look who reads it.",
        waiting.title
    )));
    effects
}

/// Nobody will recall what is held any more: it goes now.
pub fn release(model: &mut Model) -> Effects {
    for waiting in &mut model.pending.acts {
        waiting.held_until = None;
    }
    flush(model)
}

/// The user wants it to be tried now: what waits for a better moment goes, but for replies that may be recalled.
pub fn retry(model: &mut Model) -> Effects {
    for waiting in model.pending.acts.iter_mut().filter(|waiting| waiting.tried && !waiting.sent) {
        waiting.held_until = None;
    }
    flush(model)
}

/// Takes back the newest act that has not gone yet.
pub fn recall(model: &mut Model) -> Option<(Waiting, Effects)> {
    let at = model.pending.acts.iter().rposition(Waiting::can_be_recalled)?;
    Some(take_back(model, at))
}

/// Takes one act out that is not on its way.
pub fn withdraw(model: &mut Model, key: &OpKey) -> Option<(Waiting, Effects)> {
    let at = model.pending.acts.iter().position(|waiting| waiting.op.key == *key && !waiting.sent)?;
    Some(take_back(model, at))
}

/// Keeps an act as it stands now.
pub fn keep(model: &Model, at: usize) -> Effects {
    let Some(waiting) = model.pending.acts.get(at) else { return Effects::none() };
    Effects::put(Room::Outbox, waiting.op.key.0.clone(), serde_json::to_string(waiting).unwrap_or_default())
}

fn take_back(model: &mut Model, at: usize) -> (Waiting, Effects) {
    let waiting = model.pending.acts.remove(at);
    if let Target::Ticket(id) = &waiting.op.target {
        settle(model, id);
    }
    let key = waiting.op.key.0.clone();
    (waiting, Effects::drop(Room::Outbox, key))
}
