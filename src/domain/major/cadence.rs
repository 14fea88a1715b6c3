//! When words are due to whom: from the actual send, without catching up.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{Major, MajorState};
use crate::domain::name::Name;
use crate::text::Clean;

/// Who is kept informed, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    pub name: Name,
    /// Who they are, for whoever writes.
    pub who: Clean,
    /// By priority, from 1 on; the last one holds for all below it.
    pub every: Vec<SignedDuration>,
    /// What they are told goes to the callers, in public.
    pub callers: bool,
}

/// What stands in a text before anything is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub initial: Clean,
    pub update: Clean,
    pub restored: Clean,
    pub resolved: Clean,
}

impl Words {
    /// The words that fit how the incident stands and what these people know of it.
    pub fn fitting(&self, major: &Major, is_resolved: bool, audience: Option<&Name>) -> &Clean {
        let told = |word: &super::Word| audience.is_none_or(|name| word.audience == *name) && !word.text.is_empty();
        match () {
            () if is_resolved => &self.resolved,
            () if major.restored.is_some() => &self.restored,
            () if major.words.iter().any(told) => &self.update,
            () => &self.initial,
        }
    }
}

/// How the desk keeps people informed of a major incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    pub audiences: Vec<Audience>,
    pub words: Words,
    /// Working days from the resolution until the review is owed.
    pub review_days: u8,
    /// The calendar by which they are counted.
    pub review_calendar: Name,
}

/// How an audience stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub audience: Name,
    pub at: Timestamp,
    /// How often they were told; what was left out does not count.
    pub sent: usize,
    pub skipped: bool,
}

impl Audience {
    /// How often they are told something of an incident of that priority.
    pub fn every(&self, priority: u8) -> Option<SignedDuration> {
        let at = usize::from(priority.saturating_sub(1)).min(self.every.len().saturating_sub(1));
        self.every.get(at).copied()
    }

    /// When these people are owed the next words; nothing unless it is an accepted major incident.
    ///
    /// From the actual send: words at 10:02 with 30 minutes make 10:32, however late they were. A skip adds one period to
    /// what was due (10:30 makes 11:02), or counts from itself where that is past already.
    pub fn due(&self, major: &Major, priority: u8) -> Option<Due> {
        let start = major.accepted.filter(|_| major.state == MajorState::Accepted)?;
        let every = self.every(priority)?;
        let words: Vec<_> = major.words.iter().filter(|word| word.audience == self.name).collect();
        // The first words are owed at once.
        let mut at = start;
        for word in &words {
            let skipped = word.text.is_empty();
            let from = if skipped && after(at, every) > word.at { at } else { word.at };
            at = after(from, every);
        }
        let sent = words.iter().filter(|word| !word.text.is_empty()).count();
        Some(Due { audience: self.name.clone(), at, sent, skipped: words.last().is_some_and(|w| w.text.is_empty()) })
    }
}

impl Default for Cadence {
    /// Nobody is kept informed.
    fn default() -> Self {
        Self { audiences: Vec::new(), words: Words::default(), review_days: 5, review_calendar: Name::new("uk") }
    }
}

/// That long after an instant.
pub fn after(at: Timestamp, every: SignedDuration) -> Timestamp {
    at.saturating_add(every).unwrap_or(Timestamp::MAX)
}

impl Cadence {
    /// All audiences of a major incident, the most urgent first.
    pub fn due(&self, major: &Major, priority: u8) -> Vec<Due> {
        let mut due: Vec<Due> = self.audiences.iter().filter_map(|audience| audience.due(major, priority)).collect();
        due.sort_by_key(|due| due.at);
        due
    }
}
