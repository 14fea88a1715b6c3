//! Mine and theirs, change by change: what merges by itself, and what must be asked. Pure.

use super::Conflict;
use crate::domain::change::{Change, Handover};
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle;
use crate::domain::name::Name;
use crate::domain::state::State;
use crate::domain::ticket::Ticket;
use crate::text::spaced;

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

pub(super) enum One {
    Go,
    /// It stands there already.
    Moot,
    Clash(Clash),
    Lost,
}

impl What {
    /// What it is called in a sentence.
    pub fn name(&self) -> String {
        match self {
            Self::Field { field, .. } => spaced(field.name()),
            Self::State { .. } => "state".into(),
            Self::Owner { .. } => "owner".into(),
        }
    }
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

pub(super) fn one(change: &Change, owner: Option<&Name>, theirs: &Ticket) -> One {
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

pub(super) fn clash(what: What, send: Option<Change>) -> One {
    // Where mine cannot be had there is nothing to choose.
    let choice = send.is_none().then_some(Side::Theirs);
    One::Clash(Clash { what, send, choice })
}

pub(super) fn handover(step: &Handover, change: &Change, owner: Option<&Name>, theirs: &Ticket) -> One {
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
