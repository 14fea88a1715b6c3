//! Proposals: acts above one's level, which wait on the ticket for somebody who may do them. One to raise a problem or a
//! change waits on the record that it is raised from. How their steps fold; who may answer is asked of `gate`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::change::Change;
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;
use crate::named_enum;
use crate::text::{Clean, spaced};

/// The place of a proposal on its ticket, from 1 on.
pub type ProposalNumber = u16;

named_enum! {
    pub enum ProposalState { Waiting = "waiting", Accepted = "accepted", Amended = "amended", Declined = "declined", Withdrawn = "withdrawn" }
}

/// An act that waits for somebody who may do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub number: ProposalNumber,
    pub by: Name,
    pub at: Timestamp,
    pub changes: Vec<Change>,
    pub reason: Clean,
    pub state: ProposalState,
    pub answered: Option<(Name, Timestamp)>,
    pub words: Clean,
}

/// What happens to a proposal. Whoever accepts one does its changes, as they stand or amended, in the same act; for one
/// that raises a record, that is the act which raises it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalStep {
    /// It gets the next number.
    Make {
        changes: Vec<Change>,
        reason: Clean,
    },
    Answer {
        number: ProposalNumber,
        how: ProposalState,
        words: Clean,
    },
    /// On the record that is raised: it comes of that proposal of another record, which is answered by it.
    Raise {
        from: TicketId,
        number: ProposalNumber,
        /// Who proposed it.
        by: Name,
        how: ProposalState,
        words: Clean,
    },
}

/// The kind of record that these changes raise; none where they are changes of the record itself.
pub fn raises(changes: &[Change]) -> Option<Kind> {
    changes.iter().find_map(|change| if let Change::Create { kind, .. } = change { Some(*kind) } else { None })
}

/// Takes a step into the proposals of a ticket. Total: an answer to none is passed over.
pub fn apply(proposals: &mut Vec<Proposal>, step: &ProposalStep, who: &Name, at: Timestamp) {
    match step {
        ProposalStep::Make { changes, reason } => {
            let number = proposals.last().map_or(1, |held| held.number.saturating_add(1));
            proposals.push(Proposal {
                number,
                by: who.clone(),
                at,
                changes: changes.clone(),
                reason: reason.clone(),
                state: ProposalState::Waiting,
                answered: None,
                words: Clean::default(),
            });
        }
        ProposalStep::Answer { number, how, words } => {
            if let Some(held) = proposals.iter_mut().find(|held| held.number == *number) {
                held.state = *how;
                held.answered = Some((who.clone(), at));
                held.words = words.clone();
            }
        }
        ProposalStep::Raise { .. } => {}
    }
}

impl Proposal {
    /// What is not as it was when this was proposed, in words: `priority is 2 now`.
    pub fn stale(&self, ticket: &Ticket) -> Vec<String> {
        if raises(&self.changes).is_some() {
            return Vec::new();
        }
        let moved = |change: &Change| match change {
            Change::Set { field, from, to } => {
                let held = ticket.get(field);
                let same = held == from.as_ref() || held == to.as_ref();
                let now = held.map_or_else(|| "empty".to_owned(), |value| value.to_string());
                (!same).then(|| format!("{} is {now} now", spaced(field.name())))
            }
            Change::Move { from, .. } if *from != ticket.state => {
                Some(format!("it is {} now", spaced(ticket.state.as_str())))
            }
            _ => None,
        };
        self.changes.iter().filter_map(moved).collect()
    }
}

impl ProposalStep {
    /// In words; what it holds is shown beside it.
    pub fn words(&self, name: &dyn Fn(&str) -> String) -> String {
        match self {
            Self::Make { reason, .. } => format!("proposed: {reason}"),
            Self::Answer { number, how, words } if words.is_empty() => format!("proposal {number} {how}"),
            Self::Answer { number, how, words } => format!("proposal {number} {how}: {words}"),
            Self::Raise { from, number, by, how, words } => {
                let words = if words.is_empty() { String::new() } else { format!(": {words}") };
                format!("raised as proposal {number} of {from} by {} was {how}{words}", name(by))
            }
        }
    }
}
