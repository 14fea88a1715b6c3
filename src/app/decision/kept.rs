//! What stands on the decision bar is kept with each key, as drafts are: a session that is left, cut off, or has its
//! decision refused shows it again.

use serde::{Deserialize, Serialize};

use crate::app::drafts;
use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::pending::Waiting;
use crate::domain::act::Act;
use crate::domain::name::TicketId;

/// A decision as it is stored, with the drafts that go with it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Kept {
    act: Act,
    drafts: Vec<String>,
}

fn place(id: &TicketId) -> String {
    format!("decision/{id}")
}

/// Keeps what stands on the bar.
pub(super) fn keep(model: &mut Model) -> Effects {
    let Some((id, act)) = model.triage.as_ref().and_then(|t| Some((t.current.clone()?, t.decision.clone()))) else {
        return Effects::none();
    };
    if act.is_empty() {
        return forget(model, &id);
    }
    let own = format!("{id}/");
    let drafts = model.handed.iter().filter(|key| key.starts_with(&own)).cloned().collect();
    put(model, &id, &Kept { act, drafts })
}

fn put(model: &mut Model, id: &TicketId, kept: &Kept) -> Effects {
    let value = serde_json::to_string(kept).unwrap_or_default();
    model.sessions.insert(place(id), value.clone());
    Effects::put(Room::Session, place(id), value)
}

pub(super) fn forget(model: &mut Model, id: &TicketId) -> Effects {
    match model.sessions.remove(&place(id)) {
        Some(_) => Effects::drop(Room::Session, place(id)),
        None => Effects::none(),
    }
}

/// What was decided of the ticket on the screen and never sent stands on the bar again.
pub fn restore(model: &mut Model) {
    let Some(id) = model.triage.as_ref().and_then(|triage| triage.current.clone()) else { return };
    let kept = model.sessions.get(&place(&id)).and_then(|kept| serde_json::from_str::<Kept>(kept).ok());
    let Some(kept) = kept else { return };
    if let Some(triage) = &mut model.triage {
        triage.decision = kept.act;
    }
    drafts::hand_over(model, kept.drafts);
    model.say(Notice::done(format!("What was decided for {id} stands on the line again; `enter` sends it.")));
}

/// Forgets what was decided for tickets that are open no more.
pub fn prune(model: &mut Model) -> Effects {
    let is_open = |key: &str| {
        let row = key.strip_prefix("decision/").map(|id| model.table.row(&TicketId::new(id)));
        row.is_none_or(|row| row.is_some_and(|row| model.table.state(row).is_open()))
    };
    let stale: Vec<String> = model.sessions.keys().filter(|key| !is_open(key)).cloned().collect();
    for key in &stale {
        model.sessions.remove(key);
    }
    stale.into_iter().map(|key| Effects::drop(Room::Session, key)).collect()
}

/// An act of a session did not happen: it is decided again from where it stood.
pub fn give_back(model: &mut Model, id: &TicketId, waiting: &Waiting) -> Effects {
    let Some(act) = waiting.act.clone() else { return Effects::none() };
    let drafts = waiting.words.iter().map(|(key, _)| key.clone()).collect();
    let effects = put(model, id, &Kept { act, drafts });
    let is_here = model.triage.as_ref().is_some_and(|t| t.current.as_ref() == Some(id) && t.decision.is_empty());
    if is_here {
        restore(model);
    }
    effects
}
