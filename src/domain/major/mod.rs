//! The major facet of an incident, beside its state: what is known of a major incident and how its steps fold into it.
//! Who may take which step is asked of `desk::majors`, when words are due of the cadence.

pub mod cadence;
pub mod review;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::name::Name;
use crate::named_enum;
use crate::text::{Clean, spaced};

named_enum! {
    /// How the facet stands. Rejected, demoted and closed are ends; an incident may be proposed anew.
    pub enum MajorState {
        Proposed = "proposed",
        Accepted = "accepted",
        Rejected = "rejected",
        Demoted = "demoted",
        Closed = "closed",
    }
}

named_enum! {
    pub enum MajorRole {
        IncidentManager = "incident_manager",
        Communications = "communications",
        Scribe = "scribe",
        TechnicalLead = "technical_lead",
    }
}

named_enum! {
    /// What a line of the log is.
    pub enum LineSort { Fact = "fact", Decision = "decision", Hypothesis = "hypothesis", RuledOut = "ruled_out", Confirmed = "confirmed" }
}

/// A line of the log, by the scribe or whoever writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: Timestamp,
    pub by: Name,
    pub sort: LineSort,
    pub text: Clean,
}

/// Words that went out to an audience, or were left out once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub at: Timestamp,
    pub by: Name,
    pub audience: Name,
    /// Empty where it was skipped.
    pub text: Clean,
}

/// Somebody on the bridge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    pub who: Name,
    pub joined: Timestamp,
    pub left: Option<Timestamp>,
}

/// A major incident as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Major {
    pub state: MajorState,
    pub by: Name,
    pub proposed: Timestamp,
    pub reason: Clean,
    /// What it costs the business.
    pub impact: Clean,
    pub accepted: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub roles: BTreeMap<MajorRole, Vec<Name>>,
    pub bridge: Clean,
    pub present: Vec<Presence>,
    pub words: Vec<Word>,
    pub log: Vec<LogLine>,
    /// When the service ran again, which may be long before the incident is resolved.
    pub restored: Option<Timestamp>,
    /// The parts of the review that were written, by their headings.
    pub review: BTreeMap<Name, Clean>,
}

/// What happens to the facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MajorStep {
    Propose {
        reason: Clean,
        impact: Clean,
    },
    Accept,
    Reject {
        reason: Clean,
    },
    Demote {
        reason: Clean,
    },
    Close,
    Appoint {
        role: MajorRole,
        who: Vec<Name>,
    },
    Bridge {
        at: Clean,
    },
    Join {
        who: Name,
    },
    Leave {
        who: Name,
    },
    /// Words went out to this audience.
    Tell {
        audience: Name,
        text: Clean,
    },
    /// The next words to this audience are left out once.
    Skip {
        audience: Name,
    },
    Write {
        sort: LineSort,
        text: Clean,
    },
    Restored {
        at: Timestamp,
    },
    Review {
        part: Name,
        text: Clean,
    },
}

/// Takes a step into the facet. Total: a step without a facet is passed over.
pub fn apply(held: &mut Option<Major>, step: &MajorStep, who: &Name, at: Timestamp) {
    if let MajorStep::Propose { reason, impact } = step {
        *held = Some(Major {
            state: MajorState::Proposed,
            by: who.clone(),
            proposed: at,
            reason: reason.clone(),
            impact: impact.clone(),
            accepted: None,
            ended: None,
            roles: BTreeMap::new(),
            bridge: Clean::default(),
            present: Vec::new(),
            words: Vec::new(),
            log: Vec::new(),
            restored: None,
            review: BTreeMap::new(),
        });
    } else if let Some(major) = held {
        major.take(step, who, at);
    }
}

impl Major {
    /// One person holds several roles, which no one can do well; says who.
    pub fn overloaded(&self) -> Option<&Name> {
        let mut all = self.roles.values().flatten();
        let first = all.next()?;
        (self.roles.values().filter(|who| !who.is_empty()).count() > 1 && all.all(|who| who == first)).then_some(first)
    }

    /// Who owes the words: who leads the communications and who manages the incident; its owner where nobody does.
    pub fn speakers<'a>(&'a self, owner: &'a Name) -> Vec<&'a Name> {
        let of = |role| self.roles.get(&role).into_iter().flatten();
        let named: Vec<&Name> = of(MajorRole::Communications).chain(of(MajorRole::IncidentManager)).collect();
        if named.is_empty() { vec![owner] } else { named }
    }

    /// It is being weighed or worked on.
    pub fn is_live(&self) -> bool {
        matches!(self.state, MajorState::Proposed | MajorState::Accepted)
    }

    fn take(&mut self, step: &MajorStep, who: &Name, at: Timestamp) {
        match step {
            MajorStep::Propose { .. } => {}
            MajorStep::Accept => (self.state, self.accepted) = (MajorState::Accepted, Some(at)),
            MajorStep::Reject { .. } => self.end(MajorState::Rejected, at),
            MajorStep::Demote { .. } => self.end(MajorState::Demoted, at),
            MajorStep::Close => self.end(MajorState::Closed, at),
            MajorStep::Appoint { role, who } => drop(self.roles.insert(*role, who.clone())),
            MajorStep::Bridge { at } => self.bridge = at.clone(),
            MajorStep::Join { who } => {
                self.present.push(Presence { who: who.clone(), joined: at, left: None });
            }
            MajorStep::Leave { who } => {
                for held in self.present.iter_mut().filter(|held| held.who == *who) {
                    held.left.get_or_insert(at);
                }
            }
            MajorStep::Tell { audience, text } => self.word(at, who, audience, text.clone()),
            MajorStep::Skip { audience } => self.word(at, who, audience, Clean::default()),
            MajorStep::Write { sort, text } => {
                self.log.push(LogLine { at, by: who.clone(), sort: *sort, text: text.clone() });
            }
            MajorStep::Restored { at } => self.restored = Some(*at),
            MajorStep::Review { part, text } => drop(self.review.insert(part.clone(), text.clone())),
        }
    }

    fn end(&mut self, state: MajorState, at: Timestamp) {
        (self.state, self.ended) = (state, Some(at));
    }

    fn word(&mut self, at: Timestamp, who: &Name, audience: &Name, text: Clean) {
        self.words.push(Word { at, by: who.clone(), audience: audience.clone(), text });
    }
}

impl MajorStep {
    /// In words, with people called as `name` calls them.
    pub fn words(&self, name: &dyn Fn(&str) -> String) -> String {
        match self {
            Self::Propose { reason, impact } => format!("proposed as a major incident: {reason} ({impact})"),
            Self::Accept => "accepted as a major incident".into(),
            Self::Reject { reason } => format!("no major incident: {reason}"),
            Self::Demote { reason } => format!("no longer a major incident: {reason}"),
            Self::Close => "major incident closed".into(),
            Self::Appoint { role, who } => {
                let who: Vec<String> = who.iter().map(|login| name(login)).collect();
                format!("{}: {}", spaced(role.as_str()), if who.is_empty() { "nobody".into() } else { who.join(", ") })
            }
            Self::Bridge { at } => format!("bridge: {at}"),
            Self::Join { who } => format!("{} joined the bridge", name(who)),
            Self::Leave { who } => format!("{} left the bridge", name(who)),
            Self::Tell { audience, text } => format!("told {audience}: {text}"),
            Self::Skip { audience } => format!("skipped the next words to {audience}"),
            Self::Write { sort, text } => format!("{}: {text}", spaced(sort.as_str())),
            Self::Restored { at } => format!("service restored at {at}"),
            Self::Review { part, .. } => format!("review written: {part}"),
        }
    }
}
