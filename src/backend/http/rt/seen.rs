//! What was seen of tickets and is not told again: of which kind they are, how they began, and by which tag they stood.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Mutex;

use crate::backend::http::held::hold;
use crate::backend::http::tracker::revision;
use crate::domain::kind::{Kind, Revision};
use crate::domain::name::TicketId;
use crate::text::Clean;

/// Descriptions that are kept: of the tickets that were opened last.
const DESCRIBED: usize = 256;
/// Tickets whose kind is kept; a desk has fewer.
const KNOWN: usize = 500_000;

/// Memory of one session; what is forgotten is asked again.
#[derive(Debug, Default)]
pub struct Seen {
    kinds: Mutex<HashMap<String, Kind>>,
    asked: Mutex<HashSet<String>>,
    described: Mutex<HashMap<TicketId, Clean>>,
    stood: Mutex<HashMap<TicketId, Stood>>,
    untold: Mutex<BTreeSet<Untold>>,
}

/// A link of a ticket that was read, to one whose kind nobody told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Untold {
    pub of: TicketId,
    pub kind: Kind,
    /// As RT calls it.
    pub rel: String,
    pub other: String,
}

/// A ticket as it was read alone.
#[derive(Debug, Clone)]
struct Stood {
    /// Of what lists show too.
    core: Revision,
    tag: String,
    told: Revision,
}

impl Seen {
    pub fn kind(&self, id: &str) -> Option<Kind> {
        hold(&self.kinds).get(id).copied()
    }

    pub fn is_a(&self, id: &TicketId, kind: Kind) {
        let mut kinds = hold(&self.kinds);
        if kinds.len() >= KNOWN {
            kinds.clear();
        }
        kinds.insert(id.as_str().to_owned(), kind);
    }

    /// Whether its kind is known, or was asked for in vain.
    pub fn asked(&self, id: &str) -> bool {
        self.kind(id).is_some() || hold(&self.asked).contains(id)
    }

    pub fn were_asked(&self, ids: &[&str]) {
        let mut asked = hold(&self.asked);
        if asked.len() >= KNOWN {
            asked.clear();
        }
        asked.extend(ids.iter().map(|id| (*id).to_owned()));
    }

    pub fn miss(&self, one: Untold) {
        let mut untold = hold(&self.untold);
        if untold.len() < KNOWN {
            untold.insert(one);
        }
    }

    /// At most so many of the links that were missed.
    pub fn missed(&self, most: usize) -> Vec<Untold> {
        hold(&self.untold).iter().take(most).cloned().collect()
    }

    pub fn miss_no_more(&self, told: &[Untold]) {
        let mut untold = hold(&self.untold);
        untold.retain(|one| !told.contains(one));
    }

    /// What is known of it by now makes it another ticket than the one that was read.
    pub fn reread(&self, id: &TicketId) {
        if let Some(stood) = hold(&self.stood).get_mut(id) {
            stood.told = revision(&format!("{}\u{1f}{}", stood.core.0, stood.told.0));
        }
    }

    pub fn description(&self, id: &TicketId) -> Option<Clean> {
        hold(&self.described).get(id).cloned()
    }

    pub fn describe(&self, id: &TicketId, words: &Clean) {
        let mut described = hold(&self.described);
        if described.len() >= DESCRIBED && !described.contains_key(id) {
            described.clear();
        }
        described.insert(id.clone(), words.clone());
    }

    /// The revision of a row: that of the ticket as it was read alone, where the row shows the same.
    pub fn row(&self, id: &TicketId, core: Revision) -> Revision {
        hold(&self.stood).get(id).filter(|stood| stood.core == core).map_or(core, |stood| stood.told)
    }

    /// The revision of a ticket that is read alone: another one when its tag tells of a write that rows do not show.
    pub fn alone(&self, id: &TicketId, row: Revision, tag: &str) -> Revision {
        let mut stood = hold(&self.stood);
        if stood.len() >= KNOWN {
            stood.clear();
        }
        let told = match stood.get(id) {
            Some(held) if held.told == row && held.tag != tag => {
                revision(&format!("{}{}\u{1f}{tag}", held.core.0, row.0))
            }
            _ => row,
        };
        let core = stood.get(id).filter(|held| held.told == row).map_or(row, |held| held.core);
        stood.insert(id.clone(), Stood { core, tag: tag.to_owned(), told });
        told
    }
}
