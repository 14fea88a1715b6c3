//! A write that a colleague's came before. What both can have goes again by itself; the rest is asked, field by field.
//!
//! Words and links are added to whatever stands there, a change that they made too needs no second one, and a field that
//! they left alone takes mine. Only where both changed the same differently somebody has to choose.

use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::pending::{self, Waiting};
use crate::app::{acts, lists, triage, undo};
use crate::backend::{Error, Stored};
use crate::command::args::Args;
use crate::command::table::{Command, Scope, always, any};
use crate::domain::change::{Change, Handover, OpKey, Target};
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::State;
use crate::domain::ticket::Ticket;

/// What becomes of an act on a record that is another by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// These go again; nothing where it all stands there already.
    Clear(Vec<Change>),
    /// These go again, with what is chosen for each of the others.
    Ask(Vec<Change>, Vec<Clash>),
    /// The ticket changed hands first: what was meant for its owner means nothing now.
    Lost,
}

/// One thing that both changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    pub what: What,
    /// What is sent if mine is to stand; none where theirs leaves no way to it.
    pub send: Option<Change>,
    pub choice: Option<Side>,
}

/// What both changed: as it was, as I want it, as they made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Field { field: Field, base: Option<Value>, mine: Option<Value>, theirs: Option<Value> },
    State { base: State, mine: State, theirs: State },
    Owner { base: Name, mine: Name, theirs: Name },
}

/// Whose value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Mine,
    Theirs,
}

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

/// Lays the changes of an act over the record as a colleague left it. `owner` is whom the user saw as its owner.
pub fn merge(changes: &[Change], owner: Option<&Name>, theirs: &Ticket) -> Merge {
    let (mut go, mut clashes) = (Vec::new(), Vec::new());
    for change in changes {
        match one(change, owner, theirs) {
            One::Go => go.push(change.clone()),
            One::Moot => {}
            One::Clash(clash) => clashes.push(clash),
            One::Lost => return Merge::Lost,
        }
    }
    if clashes.is_empty() { Merge::Clear(go) } else { Merge::Ask(go, clashes) }
}

enum One {
    Go,
    /// It stands there already.
    Moot,
    Clash(Clash),
    Lost,
}

fn one(change: &Change, owner: Option<&Name>, theirs: &Ticket) -> One {
    match change {
        Change::Set { field, from, to } => {
            let there = theirs.get(field);
            if there == to.as_ref() {
                return One::Moot;
            }
            if there == from.as_ref() {
                return One::Go;
            }
            let (base, mine, there) = (from.clone(), to.clone(), there.cloned());
            let send = Change::Set { field: field.clone(), from: there.clone(), to: mine.clone() };
            clash(What::Field { field: field.clone(), base, mine, theirs: there }, Some(send))
        }
        Change::Move { to, .. } if theirs.state == *to => One::Moot,
        Change::Move { from, .. } if theirs.state == *from => One::Go,
        Change::Move { verb, from, to } => {
            let send = lifecycle::make_move(theirs, *verb);
            clash(What::State { base: *from, mine: *to, theirs: theirs.state }, send)
        }
        Change::Link { link } if theirs.links.contains(link) => One::Moot,
        Change::Unlink { link } if !theirs.links.contains(link) => One::Moot,
        Change::Handover { step } => handover(step, change, owner, theirs),
        _ => One::Go,
    }
}

fn clash(what: What, send: Option<Change>) -> One {
    // Where mine cannot be had there is nothing to choose.
    let choice = send.is_none().then_some(Side::Theirs);
    One::Clash(Clash { what, send, choice })
}

fn handover(step: &Handover, change: &Change, owner: Option<&Name>, theirs: &Ticket) -> One {
    let changed_hands = owner.is_some_and(|owner| *owner != theirs.owner);
    match step {
        Handover::Accept { by } if theirs.owner == *by && theirs.accepted => One::Moot,
        Handover::Accept { .. } if theirs.accepted && theirs.offer.is_none() => One::Lost,
        Handover::Offer { to, .. } if theirs.offer.as_ref().is_some_and(|offer| offer.to == *to) => One::Moot,
        Handover::Offer { .. } | Handover::Withdraw { .. } if changed_hands => One::Lost,
        Handover::Decline { .. } | Handover::Withdraw { .. } if theirs.offer.is_none() => One::Moot,
        Handover::Force { to, .. } | Handover::Absent { acting: to, .. } if theirs.owner == *to => One::Moot,
        Handover::Force { to, .. } | Handover::Absent { acting: to, .. } if changed_hands => {
            let base = owner.unwrap_or(&theirs.owner).clone();
            clash(What::Owner { base, mine: to.clone(), theirs: theirs.owner.clone() }, Some(change.clone()))
        }
        _ => One::Go,
    }
}

/// The changes that go once everything is chosen; none while something is not.
pub fn chosen(conflict: &Conflict) -> Option<Vec<Change>> {
    let mut changes = conflict.go.clone();
    for clash in &conflict.clashes {
        match clash.choice? {
            Side::Mine => changes.extend(clash.send.clone()),
            Side::Theirs => {}
        }
    }
    Some(changes)
}

/// So often an act goes again by itself; then it is told.
const TRIES: u8 = 5;

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
fn moot(model: &mut Model, at: usize, theirs: Stored, who: &str) -> Effects {
    let waiting = model.pending.acts.remove(at);
    let (id, name) = (theirs.ticket.id.clone(), model.display(who).to_owned());
    crate::app::bulk::note_outcome(model, &waiting.op.key, &waiting, &Ok(theirs.clone()));
    pending::accept(model, theirs);
    pending::settle(model, &id);
    model.say(Notice::done(format!("{id}: {name} has done the same meanwhile ({}).", waiting.title)));
    Effects::drop(Room::Outbox, waiting.op.key.0.clone()).and(pending::flush(model))
}

/// What they left alone goes again, on what they left.
fn again(model: &mut Model, at: usize, changes: Vec<Change>, theirs: Stored, who: &str) -> Effects {
    let (id, name) = (theirs.ticket.id.clone(), model.display(who).to_owned());
    if let Some(waiting) = model.pending.acts.get_mut(at) {
        waiting.op.changes = changes;
        waiting.sent = false;
        waiting.merges += 1;
    }
    let title = model.pending.acts.get(at).map(|waiting| waiting.title.clone()).unwrap_or_default();
    pending::accept(model, theirs);
    pending::settle(model, &id);
    model.say(Notice::done(format!("{id}: {title}, beside what {name} changed meanwhile.")));
    pending::keep(model, at).and(pending::flush(model))
}

/// Both changed the same: it waits in the outbox for a choice.
fn ask(model: &mut Model, at: usize, conflict: Conflict, theirs: Stored) -> Effects {
    let (id, name) = (theirs.ticket.id.clone(), model.display(&conflict.who).to_owned());
    let what: Vec<String> = conflict.clashes.iter().map(|clash| clash.what.name()).collect();
    let Some(waiting) = model.pending.acts.get_mut(at) else { return Effects::none() };
    waiting.sent = false;
    waiting.clash = Some(Box::new(conflict));
    let key = waiting.op.key.clone();
    pending::accept(model, theirs);
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

/// Lays the choice over the panes.
pub fn show(model: &mut Model, key: OpKey) {
    let opened = model.frames;
    model.overlays.push(Overlay::Conflict(Choosing { key, cursor: 0, opened }));
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

impl What {
    /// What it is called in a sentence.
    pub fn name(&self) -> String {
        match self {
            Self::Field { field, .. } => field.name().replace('_', " "),
            Self::State { .. } => "state".into(),
            Self::Owner { .. } => "owner".into(),
        }
    }
}

/// The act of the choice that lies open.
pub fn open_act<'a>(model: &'a Model, choosing: &Choosing) -> Option<(&'a Waiting, &'a Conflict)> {
    let waiting = model.pending.acts.iter().find(|waiting| waiting.op.key == choosing.key)?;
    Some((waiting, waiting.clash.as_deref()?))
}

const fn row(
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    run: fn(&mut Model, &Args) -> Effects,
) -> Command {
    Command { id, title, doc, scope: Scope::Conflict, keys, args: &[], needs: any, available: always, run }
}

/// Choosing between mine and theirs.
pub const COMMANDS: &[Command] = &[
    row("choose-mine", "Mine", "Mine stands, in this row.", &["m"], |m, _| choose(m, Side::Mine, false)),
    row("choose-theirs", "Theirs", "Theirs stands, in this row.", &["t"], |m, _| choose(m, Side::Theirs, false)),
    row("choose-all-mine", "All mine", "Mine stands, in every row.", &["M"], |m, _| choose(m, Side::Mine, true)),
    row("choose-all-theirs", "All theirs", "Theirs stands, in every row.", &["T"], |m, _| {
        choose(m, Side::Theirs, true)
    }),
    row("conflict-down", "Down", "The next row.", &["j", "down"], |m, _| step(m, 1)),
    row("conflict-up", "Up", "The row before.", &["k", "up"], |m, _| step(m, -1)),
    row("conflict-send", "Send", "Send what was chosen.", &["enter", "ctrl-s"], |m, _| send(m)),
    row("conflict-draft", "To drafts", "Send nothing; the words are drafts again.", &["d"], |m, _| draft(m)),
    row("conflict-leave", "Later", "Choose later; it waits in the outbox.", &["esc", "q", "ctrl-c"], |m, _| leave(m)),
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
        model.say(Notice::refused("Choose in every row first: `m` mine, `t` theirs, `M` and `T` for all."));
        return Effects::none();
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
    lists::mark_stale(model);
    effects.and(pending::flush(model))
}

fn leave(model: &mut Model) -> Effects {
    model.overlays.pop();
    let key = model.settings.keymap.key_of("outbox", &[Scope::Global]);
    model.say(Notice::done(format!("It waits in the outbox; `{key}` shows it.")));
    Effects::none()
}
