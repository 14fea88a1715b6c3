//! A write that a colleague's came before. What both can have goes again by itself; the rest is asked, field by field.
//!
//! Words and links are added to whatever stands there, a change that they made too needs no second one, and a field that
//! they left alone takes mine. Only where both changed the same differently somebody has to choose.

mod merge;
mod met;

use crate::app::counts;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::pending::{self, Waiting};
use crate::app::{acts, triage, undo};
use crate::command::table::{Command, Family, Scope, always, any};
use crate::domain::change::{Change, OpKey, Target};
use crate::domain::name::TicketId;

pub use self::merge::{Clash, Merge, Side, What, chosen, merge};
pub use self::met::{met, race};

/// An act that waits for a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Who wrote first.
    pub who: String,
    pub go: Vec<Change>,
    pub clashes: Vec<Clash>,
}

/// The choice, as it lies over the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosing {
    pub key: OpKey,
    pub cursor: usize,
    /// The picture it first appears in; keys typed before it was seen choose nothing.
    opened: u64,
}

/// Lays the choice over the panes.
pub fn show(model: &mut Model, key: OpKey) {
    let opened = model.frames;
    model.overlays.push(Overlay::Conflict(Choosing { key, cursor: 0, opened }));
}

/// The act of the choice that lies open.
pub fn open_act<'a>(model: &'a Model, choosing: &Choosing) -> Option<(&'a Waiting, &'a Conflict)> {
    let waiting = model.pending.acts.iter().find(|waiting| waiting.op.key == choosing.key)?;
    Some((waiting, waiting.clash.as_deref()?))
}

const CONFLICT: Family = Family { scope: Scope::Conflict, needs: any, available: always };

/// Choosing between mine and theirs.
pub const COMMANDS: &[Command] = &[
    CONFLICT.key("choose-mine", "Mine", "Mine stands, in this row.", &["m"], |m, _| choose(m, Side::Mine, false)),
    CONFLICT
        .key("choose-theirs", "Theirs", "Theirs stands, in this row.", &["t"], |m, _| choose(m, Side::Theirs, false)),
    CONFLICT
        .key("choose-all-mine", "All mine", "Mine stands, in every row.", &["M"], |m, _| choose(m, Side::Mine, true)),
    CONFLICT.key("choose-all-theirs", "All theirs", "Theirs stands, in every row.", &["T"], |m, _| {
        choose(m, Side::Theirs, true)
    }),
    CONFLICT.key("conflict-down", "Down", "The next row.", &["j", "down"], |m, _| step(m, 1)),
    CONFLICT.key("conflict-up", "Up", "The row before.", &["k", "up"], |m, _| step(m, -1)),
    CONFLICT.key("conflict-send", "Send", "Send what was chosen.", &["enter", "ctrl-s"], |m, _| send(m)),
    CONFLICT.key("conflict-draft", "To drafts", "Send nothing; the words are drafts again.", &["d"], |m, _| draft(m)),
    CONFLICT.key(
        "conflict-leave",
        "Later",
        "Choose later; it waits in the outbox.",
        &["esc", "q", "ctrl-c"],
        |m, _| leave(m),
    ),
];

/// The choice that lies open, if it was seen already and is still one.
fn seen(model: &mut Model) -> Option<Choosing> {
    let Some(Overlay::Conflict(choosing)) = model.overlays.last() else { return None };
    let choosing = choosing.clone();
    if choosing.opened == model.frames {
        model.say(Notice::refused("Look at it first: this key was typed before the choice was shown."));
        return None;
    }
    if open_act(model, &choosing).is_none() {
        model.overlays.pop();
        model.say(Notice::refused("This is settled meanwhile."));
        return None;
    }
    Some(choosing)
}

fn conflict_mut<'a>(model: &'a mut Model, key: &OpKey) -> Option<&'a mut Conflict> {
    model.pending.acts.iter_mut().find(|waiting| waiting.op.key == *key)?.clash.as_deref_mut()
}

fn choose(model: &mut Model, side: Side, all: bool) -> Effects {
    let Some(choosing) = seen(model) else { return Effects::none() };
    let Some(conflict) = conflict_mut(model, &choosing.key) else { return Effects::none() };
    let last = conflict.clashes.len().saturating_sub(1);
    let mut refused = false;
    for (at, clash) in conflict.clashes.iter_mut().enumerate() {
        if all || at == choosing.cursor {
            if side == Side::Mine && clash.send.is_none() {
                refused = true;
            } else {
                clash.choice = Some(side);
            }
        }
    }
    if refused {
        model.say(Notice::refused("From where they left it no step leads to yours; theirs stands."));
    } else if !all && choosing.cursor < last {
        return step(model, 1);
    } else {
        model.say(Notice::done("Chosen. Enter sends it."));
    }
    Effects::none()
}

fn step(model: &mut Model, by: isize) -> Effects {
    let Some(choosing) = seen(model) else { return Effects::none() };
    let count = open_act(model, &choosing).map_or(0, |(_, conflict)| conflict.clashes.len());
    let to = choosing.cursor.saturating_add_signed(by).min(count.saturating_sub(1));
    if to == choosing.cursor {
        model.say(Notice::edge(by));
    } else if let Some(Overlay::Conflict(choosing)) = model.overlays.last_mut() {
        choosing.cursor = to;
    }
    Effects::none()
}

fn send(model: &mut Model) -> Effects {
    let Some(choosing) = seen(model) else { return Effects::none() };
    let Some(changes) = open_act(model, &choosing).and_then(|(_, conflict)| chosen(conflict)) else {
        return model.refuse("Choose in every row first: `m` mine, `t` theirs, `M` and `T` for all.");
    };
    model.overlays.pop();
    if changes.is_empty() {
        return give_up(model, &choosing.key, "Theirs stands; nothing was sent.");
    }
    let Some(at) = model.pending.acts.iter().position(|waiting| waiting.op.key == choosing.key) else {
        return Effects::none();
    };
    let Some(waiting) = model.pending.acts.get_mut(at) else { return Effects::none() };
    (waiting.clash, waiting.merges, waiting.held_until) = (None, 0, None);
    waiting.op.changes = changes;
    let target = waiting.op.target.clone();
    let title = waiting.title.clone();
    if let Target::Ticket(id) = &target {
        let (id, revision) = (id.clone(), newest(model, id));
        if let Some(waiting) = model.pending.acts.get_mut(at).filter(|waiting| waiting.op.expect.is_some()) {
            waiting.op.expect = revision.or(waiting.op.expect);
        }
        pending::settle(model, &id);
    }
    model.say(Notice::done(format!("{}: {title}, as chosen.", pending::target_name(&target))));
    pending::keep(model, at).and(pending::flush(model))
}

/// The revision that the user has chosen on.
fn newest(model: &Model, id: &TicketId) -> Option<crate::domain::kind::Revision> {
    model.table.row(id).map(|row| acts::ticket(model, row).revision)
}

fn draft(model: &mut Model) -> Effects {
    let Some(choosing) = seen(model) else { return Effects::none() };
    model.overlays.pop();
    give_up(model, &choosing.key, "Nothing was sent; your words are drafts again.")
}

/// Takes the act out of the outbox; its words are drafts again.
fn give_up(model: &mut Model, key: &OpKey, said: &str) -> Effects {
    let Some((waiting, effects)) = pending::withdraw(model, key) else { return Effects::none() };
    let mut effects = effects.and(undo::keep_texts(model, &waiting));
    if let Target::Ticket(id) = &waiting.op.target {
        effects = effects.and(triage::refused(model, id, &waiting));
    }
    model.say(Notice::done(said));
    counts::mark_stale(model);
    effects.and(pending::flush(model))
}

fn leave(model: &mut Model) -> Effects {
    model.overlays.pop();
    let key = model.settings.keymap.key_of("outbox", &[Scope::Global]);
    model.say(Notice::done(format!("It waits in the outbox; `{key}` shows it.")));
    Effects::none()
}
