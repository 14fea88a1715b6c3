//! A promise as it is written down: for which tickets, how long, measured how. Checks itself; measures nothing.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::duration;
use crate::domain::calendar::Fault;
use crate::domain::kind::Kind;
use crate::domain::state::HoldReason;
use crate::named_enum;

/// One promise. Definitions of the same clock are alternatives: kind and priority say which of them applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Names it in messages and explanations; a user's definition of the same name replaces the shipped one.
    pub name: String,
    /// What is measured.
    pub metric: Metric,
    /// The clock that it sets, when a ticket has several of one metric; else named after the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// Kinds of ticket it holds for; all when empty.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Priorities it holds for, 1 (highest) to 9; all when empty.
    #[serde(default)]
    pub priorities: Vec<u8>,
    /// How long it may take, in open time of the calendar.
    pub target: Target,
    /// Name of the calendar.
    pub calendar: String,
    /// Hold reasons that pause it. Left out: caller and scheduled, none for a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Vec<HoldReason>>,
    /// From when it runs.
    #[serde(default)]
    pub start: Start,
    /// Percentages of the target that are events.
    #[serde(default = "thresholds")]
    pub thresholds: Vec<u16>,
    /// Percentage from which it is at risk.
    #[serde(default = "at_risk")]
    pub at_risk: u16,
    /// What a new priority does to it while it runs.
    #[serde(default)]
    pub retarget: Retarget,
    /// Whether a retroactive retarget to this definition keeps earlier pauses.
    #[serde(default = "yes")]
    pub retro_pause: bool,
    /// What reopening does to it.
    #[serde(default)]
    pub reopen: Reopen,
    /// For update clocks: from what the next word is owed.
    #[serde(default)]
    pub since: Since,
}

named_enum! {
    /// What a clock measures.
    pub enum Metric {
        /// Until the first answer of a human.
        Response = "response",
        /// Until it is resolved.
        Resolution = "resolution",
        /// Until the caller hears something.
        Update = "update",
        /// Until it is resolved, promised by one team to another.
        Ola = "ola",
    }
}

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Milliseconds of open time.
    Within(i64),
    /// Settled case by case: no clock. Written `none`.
    ByAgreement,
}

named_enum! {
    /// From when a clock runs.
    #[derive(Default)]
    pub enum Start {
        /// Since the caller first spoke.
        #[default]
        OpenedAt = "opened_at",
        /// Since it was registered.
        CreatedAt = "created_at",
    }
}

named_enum! {
    /// What a new priority does to a running clock.
    #[derive(Default)]
    pub enum Retarget {
        /// Same start, new target; may be late at once.
        #[default]
        Retro = "retro",
        /// A new clock from the moment of the change.
        Restart = "restart",
        /// As `retro` when that is due earlier; else nothing changes.
        StricterOnly = "stricter_only",
    }
}

named_enum! {
    /// What reopening does to a clock that was stopped.
    #[derive(Default)]
    pub enum Reopen {
        /// R1: it goes on; the time in between does not count.
        #[default]
        Continue = "continue",
        /// R2: it goes on as if it had never stopped.
        ElapsedThrough = "elapsed_through",
        /// R3: it stays met or breached, and a second one starts.
        NewCycle = "new_cycle",
    }
}

named_enum! {
    /// From what an update clock counts.
    #[derive(Default)]
    pub enum Since {
        /// Mode A: since the last public update, while the ticket is open.
        #[default]
        LastUpdate = "last_update",
        /// Mode B: since the last message of the caller that nobody has answered.
        LastMessage = "last_message",
        /// Mode B, where writing again does not buy the desk time: since the first such message.
        FirstMessage = "first_message",
    }
}

impl Definition {
    /// What is wrong with it taken alone; keys are relative to the definition.
    pub fn validate(&self) -> Result<(), Fault> {
        if self.name.trim().is_empty() {
            return Err(Fault::new("name", "is empty; give the definition a name"));
        }
        if let Some(odd) = self.priorities.iter().find(|p| !(1..=9).contains(*p)) {
            return Err(Fault::new("priorities", format!("{odd} is not a priority; priorities are 1 to 9")));
        }
        if let Some(odd) = self.thresholds.iter().find(|t| !(1..=1000).contains(*t)) {
            return Err(Fault::new("thresholds", format!("{odd} is not a percentage from 1 to 1000")));
        }
        if !(1..=100).contains(&self.at_risk) {
            return Err(Fault::new("at_risk", format!("{} is not a percentage from 1 to 100", self.at_risk)));
        }
        if self.metric != Metric::Update && self.since != Since::default() {
            return Err(Fault::new("since", format!("only an update clock has it; this is a {} clock", self.metric)));
        }
        Ok(())
    }

    /// Whether it is the promise for such a ticket.
    pub fn applies(&self, kind: Kind, priority: Option<u8>) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&kind);
        kind && (self.priorities.is_empty() || priority.is_some_and(|p| self.priorities.contains(&p)))
    }

    /// Whether waiting for this pauses it.
    pub fn pauses(&self, reason: HoldReason) -> bool {
        match &self.pause {
            Some(reasons) => reasons.contains(&reason),
            None => self.metric != Metric::Response && matches!(reason, HoldReason::Caller | HoldReason::Scheduled),
        }
    }

    /// The clock that it sets.
    pub fn clock_name(&self) -> &str {
        self.clock.as_deref().unwrap_or(self.metric.as_str())
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Within(ms) => f.write_str(&duration::show(*ms)),
            Target::ByAgreement => f.write_str("none"),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::str::FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        match text.trim() {
            "none" => Ok(Target::ByAgreement),
            text => duration::parse(text).map(Target::Within).map_err(|e| format!("{e}, or \"none\" for by agreement")),
        }
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Target, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

fn thresholds() -> Vec<u16> {
    vec![50, 75, 90, 100]
}

fn at_risk() -> u16 {
    75
}

fn yes() -> bool {
    true
}
