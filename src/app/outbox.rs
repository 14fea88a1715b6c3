//! What was done here and has not reached its desk: which ticket, what, since when, why not yet. And how each desk stands.

use jiff::Timestamp;

use crate::app::counts;
use crate::app::effect::{Effect, Effects};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::pending::{self, Waiting};
use crate::app::{conflict, detail, drafts, keys, undo};
use crate::backend::several::names;
/// Plain data, for those who draw it.
pub use crate::backend::{Health, Line};
use crate::command::args::Args;
use crate::command::table::{self, Command, Scope, row};
use crate::domain::change::{Audience, Change, OpKey, Target};
use crate::domain::field::Field;
use crate::domain::name::{Name, TicketId};

/// The outbox, as it lies over the panes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outbox {
    /// The act under the cursor, and where it was last.
    pub at: Option<OpKey>,
    pub cursor: usize,
    /// It was asked whether this one is to be dropped, or written anew.
    asked: Option<(OpKey, &'static str)>,
}

/// How the desks stand, as it lies over the panes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Desks {
    pub top: usize,
}

/// Why an act has not reached its desk yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    OnItsWay,
    /// It may be recalled until then.
    Held(Timestamp),
    /// One before it, on the same ticket, comes first.
    Before,
    Conflict(String),
    /// The desk's words, and when it is tried again; none where only the user can say so.
    Trouble(String, Option<Timestamp>),
    Next,
}

/// Why this one waits.
pub fn why(model: &Model, waiting: &Waiting) -> Why {
    if let Some(conflict) = &waiting.clash {
        return Why::Conflict(model.display(&conflict.who).to_owned());
    }
    if waiting.sent {
        return Why::OnItsWay;
    }
    if let Some(trouble) = &waiting.trouble {
        return Why::Trouble(trouble.clone(), waiting.held_until.filter(|at| *at != Timestamp::MAX));
    }
    let before = model.pending.acts.iter().take_while(|held| held.op.key != waiting.op.key);
    if matches!(waiting.op.target, Target::Ticket(_)) && before.into_iter().any(|w| w.op.target == waiting.op.target) {
        return Why::Before;
    }
    match waiting.held_until {
        Some(until) if until > model.now => Why::Held(until),
        _ => Why::Next,
    }
}

/// How many acts wait for that desk.
pub fn waiting_for(model: &Model, profile: &Name) -> usize {
    let of = |waiting: &&Waiting| match &waiting.op.target {
        Target::Ticket(id) => names::profile(id.as_str()).unwrap_or_default() == &**profile,
        Target::New(_) => waiting.op.desk.as_deref().unwrap_or_default() == &**profile,
    };
    let all = profile.is_empty();
    model.pending.acts.iter().filter(|waiting| all || of(waiting)).count()
}

/// What waits, and how the desks stand.
pub const COMMANDS: &[Command] = &[
    row("outbox", "Outbox", "What was done here and has not reached its desk.", Scope::Global, &["g o"], |m, _| {
        open(m)
    }),
    row("desks", "Desks", "How each desk stands: reached, signed in, as of when.", Scope::Global, &["g d"], |m, _| {
        m.overlays.push(Overlay::Desks(Desks::default()));
        Effects::none()
    }),
    row("outbox-open", "Open", "Open the ticket, or choose in a conflict.", Scope::Outbox, &["enter"], |m, _| go(m)),
    row("outbox-down", "Down", "The next act.", Scope::Outbox, &["j", "down"], |m, _| step(m, 1)),
    row("outbox-up", "Up", "The act before.", Scope::Outbox, &["k", "up"], |m, _| step(m, -1)),
    row("outbox-retry", "Retry", "Try this one now.", Scope::Outbox, &["r"], |m, _| retry(m)),
    row("outbox-retry-all", "Retry all", "Try all of them now.", Scope::Outbox, &["R"], |m, _| retry_all(m)),
    row("outbox-edit", "Edit", "Take it back and write its words anew.", Scope::Outbox, &["e"], |m, _| edit(m)),
    row("outbox-drop", "Drop", "Take it back; its words are drafts again.", Scope::Outbox, &["d", "del"], |m, _| {
        discard(m)
    }),
    row(
        "outbox-close",
        "Close",
        "Close; what waits goes on waiting.",
        Scope::Outbox,
        &["esc", "q", "ctrl-c"],
        |m, _| {
            m.overlays.pop();
            Effects::none()
        },
    ),
];

fn open(model: &mut Model) -> Effects {
    let at = model.pending.acts.first().map(|waiting| waiting.op.key.clone());
    model.overlays.push(Overlay::Outbox(Outbox { at, cursor: 0, asked: None }));
    Effects::none()
}

/// The place of the act under the cursor: it stays on its act when others leave.
pub fn cursor(model: &Model, outbox: &Outbox) -> usize {
    let acts = &model.pending.acts;
    let found = outbox.at.as_ref().and_then(|key| acts.iter().position(|waiting| waiting.op.key == *key));
    found.unwrap_or(outbox.cursor).min(acts.len().saturating_sub(1))
}

/// The act under the cursor. One that has gone meanwhile is no longer meant.
fn current(model: &mut Model) -> Option<usize> {
    let Some(Overlay::Outbox(outbox)) = model.overlays.last() else { return None };
    let at = cursor(model, outbox);
    let is_there = |key: &OpKey| model.pending.acts.iter().any(|waiting| waiting.op.key == *key);
    if model.pending.is_empty() {
        model.say(Notice::refused("Nothing waits: all that was done here has reached its desk. Esc closes."));
        return None;
    }
    if outbox.at.as_ref().is_some_and(|key| !is_there(key)) {
        put_cursor(model, at);
        model.say(Notice::refused("That one has gone out meanwhile."));
        return None;
    }
    Some(at)
}

fn put_cursor(model: &mut Model, at: usize) {
    let key = model.pending.acts.get(at).map(|waiting| waiting.op.key.clone());
    if let Some(Overlay::Outbox(outbox)) = model.overlays.last_mut() {
        (outbox.at, outbox.cursor) = (key, at);
    }
}

fn step(model: &mut Model, by: isize) -> Effects {
    let Some(at) = current(model) else { return Effects::none() };
    let to = at.saturating_add_signed(by).min(model.pending.len().saturating_sub(1));
    if to == at {
        model.say(Notice::edge(by));
    }
    put_cursor(model, to);
    Effects::none()
}

fn go(model: &mut Model) -> Effects {
    let Some(at) = current(model) else { return Effects::none() };
    let Some(waiting) = model.pending.acts.get(at) else { return Effects::none() };
    let (key, target, clashes) = (waiting.op.key.clone(), waiting.op.target.clone(), waiting.clash.is_some());
    match target {
        _ if clashes => conflict::show(model, key),
        Target::New(kind) => model.say(Notice::refused(format!("The {kind} has no name yet; `e` writes it anew."))),
        Target::Ticket(_) if model.triage.is_some() => {
            model.say(Notice::refused("A triage session goes on; leave it first."));
        }
        Target::Ticket(id) => {
            model.overlays.pop();
            return detail::open(model, &id);
        }
    }
    Effects::none()
}

fn retry(model: &mut Model) -> Effects {
    let Some(at) = current(model) else { return Effects::none() };
    let Some(waiting) = model.pending.acts.get(at) else { return Effects::none() };
    match why(model, waiting) {
        Why::OnItsWay => model.say(Notice::refused("It is on its way; its answer is awaited.")),
        Why::Conflict(_) => model.say(Notice::refused("Choose what stands first: enter shows both.")),
        Why::Before => model.say(Notice::refused("One before it on the same ticket comes first.")),
        Why::Held(_) | Why::Trouble(..) | Why::Next => {
            if let Some(waiting) = model.pending.acts.get_mut(at) {
                waiting.held_until = None;
            }
            model.say(Notice::done("It goes out now."));
            return pending::flush(model).and(Effect::Pull);
        }
    }
    Effects::none()
}

fn retry_all(model: &mut Model) -> Effects {
    if current(model).is_none() {
        return Effects::none();
    }
    model.say(Notice::done("What can go out goes out now."));
    pending::retry(model).and(Effect::Pull)
}

/// Asks once, in words, before an act is taken back; true once it was asked.
fn is_sure(model: &mut Model, at: usize, key: &'static str, what: &str) -> bool {
    let Some(waiting) = model.pending.acts.get(at) else { return false };
    if waiting.sent {
        model.say(Notice::refused("It is on its way; wait for its answer."));
        return false;
    }
    let (act, title, doubtful) = (waiting.op.key.clone(), waiting.title.clone(), waiting.doubtful);
    let name = pending::target_name(&waiting.op.target);
    let Some(Overlay::Outbox(outbox)) = model.overlays.last_mut() else { return false };
    if outbox.asked.as_ref() == Some(&(act.clone(), key)) {
        return true;
    }
    outbox.asked = Some((act, key));
    let stored = if doubtful { " The desk may have stored it already: look there first." } else { "" };
    model.say(Notice::refused(format!("{what} {name} ({title})? `{key}` once more does it.{stored}")));
    false
}

fn discard(model: &mut Model) -> Effects {
    let Some(at) = current(model) else { return Effects::none() };
    if !is_sure(model, at, "d", "Drop") {
        return Effects::none();
    }
    let Some((waiting, effects)) = take(model, at) else { return Effects::none() };
    let name = pending::target_name(&waiting.op.target);
    let words = if gone(model, &waiting).is_some() { "" } else { "; its words are drafts again" };
    model.say(Notice::done(format!("Dropped: {name} {}. Nothing was sent{words}.", waiting.title)));
    effects.and(pending::flush(model))
}

/// The ticket of an act, where it is no longer listed.
fn gone(model: &Model, waiting: &Waiting) -> Option<TicketId> {
    match &waiting.op.target {
        Target::Ticket(id) if model.table.row(id).is_none() => Some(id.clone()),
        _ => None,
    }
}

fn take(model: &mut Model, at: usize) -> Option<(Waiting, Effects)> {
    let key = model.pending.acts.get(at)?.op.key.clone();
    let (waiting, effects) = pending::withdraw(model, &key)?;
    let effects = effects.and(undo::keep_texts(model, &waiting));
    counts::mark_stale(model);
    put_cursor(model, at.min(model.pending.len().saturating_sub(1)));
    Some((waiting, effects))
}

/// The command that an act was written with, and with which it is written anew.
fn written_with(waiting: &Waiting) -> Option<&'static Command> {
    if matches!(waiting.op.target, Target::New(_)) {
        return table::find("new");
    }
    let named = waiting.words.iter().find_map(|(place, _)| place.split('/').nth(1));
    let said = waiting.op.changes.iter().find_map(|change| match change {
        Change::Say { audience: Audience::Public, .. } => Some("reply"),
        Change::Say { audience: Audience::Internal, .. } => Some("note"),
        Change::Set { field: Field::Resolution, .. } => Some("resolve"),
        _ => None,
    });
    table::find(named.or(said)?)
}

fn edit(model: &mut Model) -> Effects {
    let Some(at) = current(model) else { return Effects::none() };
    let Some(waiting) = model.pending.acts.get(at) else { return Effects::none() };
    let Some(command) = written_with(waiting) else {
        return model.refuse("It has no words to write anew: drop it with `d`, and do it again.");
    };
    if model.triage.is_some() {
        return model.refuse("A triage session goes on; leave it first.");
    }
    if let Some(id) = gone(model, waiting) {
        model.say(Notice::refused(format!(
            "{id} is not on this desk: its words stand here. `r` tries once more, `d` drops them."
        )));
        return Effects::none();
    }
    if !is_sure(model, at, "e", "Take back and write anew") {
        return Effects::none();
    }
    let Some((waiting, effects)) = take(model, at) else { return Effects::none() };
    model.overlays.pop();
    let (opened, args) = match &waiting.op.target {
        Target::New(kind) => (Effects::none(), Args::default().with("kind", kind.as_str())),
        Target::Ticket(id) => {
            let own = own_drafts(model, &waiting, id.as_str());
            (own.and(detail::open(model, id)), Args::default())
        }
    };
    effects.and(opened).and(keys::run(model, command, &args)).and(pending::flush(model))
}

/// What was written for several is from now on written for this one.
fn own_drafts(model: &mut Model, waiting: &Waiting, id: &str) -> Effects {
    let mut effects = Effects::none();
    for (place, text) in &waiting.words {
        if let Some(rest) = place.strip_prefix("marked/") {
            effects = effects.and(drafts::drop_at(model, place));
            effects = effects.and(drafts::give_back(model, format!("{id}/{rest}"), text));
        }
    }
    effects
}

/// Moves the window over the desks.
pub fn scroll(model: &mut Model, by: isize) -> Effects {
    let count = model.desk.health.len();
    let Some(Overlay::Desks(desks)) = model.overlays.last_mut() else { return Effects::none() };
    let to = desks.top.saturating_add_signed(by).min(count.saturating_sub(1));
    if to == desks.top {
        model.say(Notice::edge(by));
    } else {
        desks.top = to;
    }
    Effects::none()
}
