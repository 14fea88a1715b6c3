//! Links between tickets of different desks. No tracker knows of another: such a link is this user's own, is kept in the
//! local state and nothing of it is sent.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::backend::several::names;
use crate::domain::act::{Act, Step};
use crate::domain::change::{Change, Link};
use crate::domain::name::TicketId;
use crate::domain::ticket::Ticket;

/// The links by ticket, each under both of its ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ties(BTreeMap<TicketId, BTreeSet<Link>>);

/// A link as it is kept: once, from the end that comes first.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    of: TicketId,
    link: Link,
}

impl Kept {
    fn new(of: &TicketId, link: &Link) -> Self {
        if *of <= link.other {
            return Self { of: of.clone(), link: link.clone() };
        }
        Self { of: link.other.clone(), link: back(of, link) }
    }

    fn key(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The same link from its other end.
fn back(of: &TicketId, link: &Link) -> Link {
    Link { how: link.how.inverse(), other: of.clone() }
}

impl Ties {
    /// A link of an earlier session.
    pub fn restore(&mut self, value: &str) {
        if let Ok(Kept { of, link }) = serde_json::from_str(value) {
            self.insert(&of, &link);
        }
    }

    /// The links that this ticket has with others elsewhere.
    pub fn of(&self, id: &str) -> impl Iterator<Item = &Link> {
        self.0.get(&TicketId::new(id)).into_iter().flatten()
    }

    /// How many there are.
    pub fn count(&self, id: &str) -> usize {
        if self.0.is_empty() { 0 } else { self.of(id).count() }
    }

    fn insert(&mut self, of: &TicketId, link: &Link) -> bool {
        self.0.entry(link.other.clone()).or_default().insert(back(of, link));
        self.0.entry(of.clone()).or_default().insert(link.clone())
    }

    fn remove(&mut self, of: &TicketId, link: &Link) -> bool {
        for (end, link) in [(&link.other, &back(of, link)), (of, link)] {
            let Some(held) = self.0.get_mut(end) else { return false };
            if !held.remove(link) {
                return false;
            }
            if held.is_empty() {
                self.0.remove(end);
            }
        }
        true
    }
}

/// A link to a ticket of another desk, made or taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tie {
    Add(Link),
    Remove(Link),
}

impl Tie {
    /// The change as one between desks; none where it stays on the ticket's own.
    fn of(id: &TicketId, change: &Change) -> Option<Self> {
        let far = |link: &Link| names::profile(link.other.as_str()) != names::profile(id.as_str());
        match change {
            Change::Link { link } if far(link) => Some(Self::Add(link.clone())),
            Change::Unlink { link } if far(link) => Some(Self::Remove(link.clone())),
            _ => None,
        }
    }

    /// What takes it back.
    pub fn inverse(&self) -> Change {
        match self {
            Self::Add(link) => Change::Unlink { link: link.clone() },
            Self::Remove(link) => Change::Link { link: link.clone() },
        }
    }
}

/// What of these changes is between desks, and what goes to the ticket's own.
pub fn apart(id: &TicketId, changes: Vec<Change>) -> (Vec<Tie>, Vec<Change>) {
    let (mut ties, mut own) = (Vec::new(), Vec::new());
    for change in changes {
        match Tie::of(id, &change) {
            Some(tie) => ties.push(tie),
            None => own.push(change),
        }
    }
    (ties, own)
}

/// Leaves out what stands so already.
///
/// # Errors
/// Why such a link would not hold what it seems to.
pub fn fit(model: &Model, ticket: &Ticket, act: &Act, ties: Vec<Tie>) -> Result<Vec<Tie>, String> {
    let held: Vec<&Link> = model.ties.of(ticket.id.as_str()).collect();
    let moves = act.steps.iter().any(|step| matches!(step, Step::Do(_)));
    let mut fit = Vec::new();
    for tie in ties {
        match &tie {
            Tie::Add(link) if moves => {
                return Err(format!(
                    "{} and {} live on different desks, which know nothing of each other: no step can rest on that. \
                     Link the two by themselves, which is kept here, and name it in a note.",
                    ticket.id, link.other
                ));
            }
            Tie::Add(link) if model.table.row(&link.other).is_none() => {
                return Err(format!("{} is on none of the desks that are open here.", link.other));
            }
            Tie::Add(link) if held.contains(&link) => {}
            Tie::Remove(link) if !held.contains(&link) => {}
            _ => fit.push(tie),
        }
    }
    Ok(fit)
}

/// Keeps what was linked or unlinked of this ticket.
pub fn keep(model: &mut Model, id: &TicketId, ties: &[Tie]) -> Effects {
    let mut effects = Effects::none();
    for tie in ties {
        effects = effects.and(match tie {
            Tie::Add(link) if model.ties.insert(id, link) => {
                let key = Kept::new(id, link).key();
                Effects::put(Room::Link, key.clone(), key)
            }
            Tie::Remove(link) if model.ties.remove(id, link) => Effects::drop(Room::Link, Kept::new(id, link).key()),
            _ => Effects::none(),
        });
    }
    effects
}

/// Every link of a ticket: its desk's, then those that are kept here alone, which are marked so.
pub fn links(model: &Model, ticket: &Ticket) -> Vec<(Link, bool)> {
    let own = ticket.links.iter().map(|link| (link.clone(), false));
    own.chain(model.ties.of(ticket.id.as_str()).map(|link| (link.clone(), true))).collect()
}
