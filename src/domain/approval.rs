//! Approvals: stages, who may vote in each, and when a stage is through. Pure arithmetic over votes; that a requester or
//! an implementer never counts is said by `barred`, which whoever asks has to fill.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::change::Party;
use crate::domain::directory::Directory;
use crate::domain::name::Name;
use crate::named_enum;
use crate::text::{Clean, spaced};

/// How many of those asked must say yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enough {
    All,
    Any,
    /// This many.
    AtLeast(u8),
    /// This percentage of those asked, rounded up.
    Quorum(u8),
}

impl Enough {
    /// Before the names of those who are asked; nothing where any of them will do.
    pub fn words(self) -> String {
        match self {
            Self::Any => String::new(),
            Self::All => "all of ".into(),
            Self::AtLeast(n) => format!("{n} of "),
            Self::Quorum(percent) => format!("{percent} % of "),
        }
    }
}

named_enum! {
    /// What one "no" does.
    pub enum OnReject {
        /// The whole approval has failed.
        Stop = "stop",
        /// It goes back to the stage before; from the first, it has failed.
        Return = "return",
    }
}

/// One stage: those who are asked at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    pub name: Name,
    pub of: Vec<Party>,
    pub enough: Enough,
    pub on_reject: OnReject,
    /// Minutes after which it is escalated; never where none is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<u32>,
    /// Who is asked as well when patience is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Party>,
}

named_enum! {
    pub enum Verdict { Approved = "approved", Rejected = "rejected" }
}

/// A vote as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    pub stage: u8,
    pub by: Name,
    pub verdict: Verdict,
    pub words: Clean,
    pub at: Timestamp,
    /// Who wrote it down, where somebody answered who does not work here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_by: Option<Name>,
}

named_enum! {
    /// How an approval stands.
    pub enum Standing {
        Waiting = "waiting",
        Approved = "approved",
        Rejected = "rejected",
        Expired = "expired",
        /// What was approved is not what stands there now.
        Void = "void",
        /// Nobody needs to answer while the ticket is on hold.
        NotNeeded = "not_needed",
    }
}

/// The approval of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub by: Name,
    pub asked: Timestamp,
    pub expires: Option<Timestamp>,
    pub stages: Vec<Stage>,
    /// The stage that is being asked, from 0 on.
    pub stage: u8,
    /// When that stage was asked.
    pub since: Timestamp,
    pub votes: Vec<Vote>,
    pub standing: Standing,
    /// When it ended.
    pub ended: Option<Timestamp>,
    pub reminded: Option<Timestamp>,
    pub escalated: bool,
    /// Their votes never count.
    pub barred: BTreeSet<Name>,
}

/// What happens to an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalStep {
    /// The stages as they were when it was asked: a policy that changes later changes no approval under way.
    Ask {
        stages: Vec<Stage>,
        expires: Option<Timestamp>,
        barred: BTreeSet<Name>,
    },
    Vote {
        verdict: Verdict,
        words: Clean,
    },
    /// What somebody answered by phone or mail who does not work here, written down by a colleague.
    Hear {
        of: Name,
        verdict: Verdict,
        words: Clean,
    },
    Remind,
    /// Patience is over: the next party is asked as well.
    Escalate,
    /// What the votes, the time or an edit made of it; the desk records it, never a person.
    Turn {
        stage: u8,
        standing: Standing,
        reason: Clean,
    },
}

impl Stage {
    /// Everybody who may vote here, groups read out.
    pub fn voters<'a>(&'a self, directory: &'a Directory, barred: &BTreeSet<Name>) -> Vec<&'a Name> {
        let mut found = BTreeSet::new();
        for party in &self.of {
            match party {
                Party::Person(login) => drop(found.insert(login)),
                Party::Group(group) => found.extend(members(directory, group)),
            }
        }
        found.into_iter().filter(|login| !barred.contains(*login)).collect()
    }

    /// How many of that many voters must say yes; never none.
    pub fn wanted(&self, voters: usize) -> usize {
        match self.enough {
            Enough::All => voters,
            Enough::Any => 1,
            Enough::AtLeast(n) => usize::from(n),
            Enough::Quorum(percent) => (voters * usize::from(percent)).div_ceil(100),
        }
        .max(1)
    }
}

fn members<'a>(directory: &'a Directory, group: &Name) -> impl Iterator<Item = &'a Name> {
    let of = group.clone();
    directory.people.iter().filter(move |person| person.groups.contains(&of)).map(|person| &person.login)
}

impl Approval {
    pub fn current(&self) -> Option<&Stage> {
        self.stages.get(usize::from(self.stage)).filter(|_| self.standing == Standing::Waiting)
    }

    /// Whether this person is asked now and has not answered.
    pub fn asks(&self, who: &Name, directory: &Directory) -> bool {
        let voted = self.votes.iter().any(|vote| vote.stage == self.stage && vote.by == *who);
        !voted && self.current().is_some_and(|stage| stage.voters(directory, &self.barred).contains(&who))
    }

    /// What stands once the votes so far are counted: the next stage, or an end, or the same.
    pub fn counted(&self, directory: &Directory) -> (u8, Standing) {
        let same = (self.stage, self.standing);
        let Some(stage) = self.current() else { return same };
        let voters = stage.voters(directory, &self.barred);
        let of = |verdict| {
            self.votes
                .iter()
                .filter(|vote| vote.stage == self.stage && vote.verdict == verdict && voters.contains(&&vote.by))
                .count()
        };
        let (yes, no, wanted) = (of(Verdict::Approved), of(Verdict::Rejected), stage.wanted(voters.len()));
        if yes >= wanted {
            let next = self.stage + 1;
            return if usize::from(next) < self.stages.len() {
                (next, Standing::Waiting)
            } else {
                (self.stage, Standing::Approved)
            };
        }
        // A "no" that leaves enough others who may still say yes decides nothing.
        if no == 0 || voters.len() - no >= wanted {
            return same;
        }
        match stage.on_reject {
            OnReject::Return if self.stage > 0 => (self.stage - 1, Standing::Waiting),
            OnReject::Stop | OnReject::Return => (self.stage, Standing::Rejected),
        }
    }
}

/// Takes a step into the approval of a ticket. Total: a step without an approval is passed over.
pub fn apply(held: &mut Option<Approval>, step: &ApprovalStep, who: &Name, at: Timestamp) {
    if let ApprovalStep::Ask { stages, expires, barred } = step {
        *held = Some(Approval {
            by: who.clone(),
            asked: at,
            expires: *expires,
            stages: stages.clone(),
            stage: 0,
            since: at,
            votes: Vec::new(),
            standing: Standing::Waiting,
            ended: None,
            reminded: None,
            escalated: false,
            barred: barred.clone(),
        });
    } else if let Some(approval) = held {
        approval.take(step, who, at);
    }
}

impl Approval {
    fn take(&mut self, step: &ApprovalStep, who: &Name, at: Timestamp) {
        match step {
            ApprovalStep::Ask { .. } => {}
            ApprovalStep::Vote { verdict, words } => self.vote(who, *verdict, words, at, None),
            ApprovalStep::Hear { of, verdict, words } => self.vote(of, *verdict, words, at, Some(who)),
            ApprovalStep::Remind => self.reminded = Some(at),
            ApprovalStep::Escalate => {
                self.escalated = true;
                if let Some(stage) = self.stages.get_mut(usize::from(self.stage)) {
                    stage.of.extend(stage.then.clone().filter(|party| !stage.of.contains(party)));
                }
            }
            ApprovalStep::Turn { stage, standing, .. } => self.turn(*stage, *standing, at),
        }
    }

    fn vote(&mut self, by: &Name, verdict: Verdict, words: &Clean, at: Timestamp, heard_by: Option<&Name>) {
        let (stage, by, words, heard_by) = (self.stage, by.clone(), words.clone(), heard_by.cloned());
        self.votes.push(Vote { stage, by, verdict, words, at, heard_by });
    }

    fn turn(&mut self, stage: u8, standing: Standing, at: Timestamp) {
        if stage < self.stage {
            self.votes.retain(|vote| vote.stage < stage);
        }
        if stage != self.stage {
            (self.stage, self.since, self.reminded, self.escalated) = (stage, at, None, false);
        }
        self.standing = standing;
        self.ended = (standing != Standing::Waiting).then_some(at);
    }
}

impl ApprovalStep {
    /// In words, with people called as `name` calls them.
    pub fn words(&self, name: &dyn Fn(&str) -> String) -> String {
        let because = |words: &Clean| if words.is_empty() { String::new() } else { format!(": {words}") };
        match self {
            Self::Ask { stages, .. } => {
                let asked: Vec<String> =
                    stages.iter().flat_map(|stage| &stage.of).map(|party| name(party.name())).collect();
                format!("approval asked of {}", asked.join(", "))
            }
            Self::Vote { verdict, words } => format!("{verdict}{}", because(words)),
            Self::Hear { of, verdict, words } => format!("{verdict} by {}{}", name(of), because(words)),
            Self::Remind => "approvers reminded".into(),
            Self::Escalate => "approval escalated".into(),
            Self::Turn { stage, standing: Standing::Waiting, reason } => {
                format!("approval goes to stage {}{}", u16::from(*stage) + 1, because(reason))
            }
            Self::Turn { standing, reason, .. } => {
                format!("approval {}{}", spaced(standing.as_str()), because(reason))
            }
        }
    }
}
