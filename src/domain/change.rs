//! What can happen to a ticket. A [`Change`] is one thing, an [`Op`] one act of one user, an [`Event`] a change that
//! did happen. State is always derived from events.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::approval::ApprovalStep;
use crate::domain::field::{Field, Value};
use crate::domain::kind::{Kind, Revision};
use crate::domain::major::MajorStep;
use crate::domain::name::{Name, TicketId};
use crate::domain::proposal::ProposalStep;
use crate::domain::state::{State, Verb};
use crate::domain::task::TaskStep;
use crate::named_enum;
use crate::text::Clean;

/// One thing that changes on a ticket. A new action is a new variant, which the compiler carries to every backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The first event of every ticket.
    Create {
        kind: Kind,
        state: State,
        opened: Timestamp,
    },
    /// `from` is what the writer saw; a backend replaces it by what stood there.
    Set {
        field: Field,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Value>,
    },
    /// A step through the lifecycle. Reasons, codes and notes are `Set`s and `Say`s of the same op.
    Move {
        verb: Verb,
        from: State,
        to: State,
    },
    /// Words. Public ones reach the caller.
    Say {
        audience: Audience,
        text: Clean,
    },
    /// Words that came from the caller.
    Heard {
        from: Name,
        text: Clean,
    },
    Link {
        link: Link,
    },
    Unlink {
        link: Link,
    },
    /// The ownership protocol, one step.
    Handover {
        step: Handover,
    },
    Escalate {
        escalation: Escalation,
    },
    /// Somebody answers for an escalation; its ladder stops.
    Acknowledge {
        kind: EscalationKind,
    },
    /// A task inside the ticket, one step.
    Task {
        step: TaskStep,
    },
    /// Who approves, one step.
    Approval {
        step: ApprovalStep,
    },
    /// The major facet of an incident, one step.
    Major {
        step: MajorStep,
    },
    /// An act above one's level, one step.
    Proposal {
        step: ProposalStep,
    },
    /// A figure that another tracker or a log gives itself, where its steps alone would make another: it wins.
    Stamp {
        mark: Mark,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Value>,
    },
}

named_enum! {
    /// What a ticket counts of itself and a log may know better.
    pub enum Mark {
        Responded = "responded",
        Resolved = "resolved",
        Closed = "closed",
        Reopens = "reopens",
        Reassignments = "reassignments",
    }
}

named_enum! {
    /// Who reads what was said.
    pub enum Audience { Public = "public", Internal = "internal" }
}

named_enum! {
    /// How one ticket stands to another, read from the ticket that holds the link.
    pub enum LinkKind {
        /// This one is a child of the other.
        ChildOf = "child_of",
        ParentOf = "parent_of",
        DuplicateOf = "duplicate_of",
        DuplicatedBy = "duplicated_by",
        /// This incident has its cause in that problem.
        ProblemIs = "problem_is",
        ProblemOf = "problem_of",
        /// That change is to cure this one.
        FixedBy = "fixed_by",
        Fixes = "fixes",
        /// That change brought this incident about.
        CausedBy = "caused_by",
        Caused = "caused",
        Follows = "follows",
        FollowedBy = "followed_by",
        RelatesTo = "relates_to",
    }
}

impl LinkKind {
    /// The same link seen from its other end.
    pub const fn inverse(self) -> Self {
        match self {
            Self::ChildOf => Self::ParentOf,
            Self::ParentOf => Self::ChildOf,
            Self::DuplicateOf => Self::DuplicatedBy,
            Self::DuplicatedBy => Self::DuplicateOf,
            Self::ProblemIs => Self::ProblemOf,
            Self::ProblemOf => Self::ProblemIs,
            Self::FixedBy => Self::Fixes,
            Self::Fixes => Self::FixedBy,
            Self::CausedBy => Self::Caused,
            Self::Caused => Self::CausedBy,
            Self::Follows => Self::FollowedBy,
            Self::FollowedBy => Self::Follows,
            Self::RelatesTo => Self::RelatesTo,
        }
    }
}

/// A link from the ticket that holds it to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    pub how: LinkKind,
    pub other: TicketId,
}

/// To whom a ticket is offered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    Person(Name),
    Group(Name),
}

impl Party {
    pub fn name(&self) -> &Name {
        match self {
            Self::Person(name) | Self::Group(name) => name,
        }
    }
}

/// One step of the hand-over of ownership. The owner stays until somebody accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    Offer {
        to: Party,
        reason: Clean,
        expires: Option<Timestamp>,
    },
    /// Also how somebody takes a ticket that nobody has accepted yet: without an offer before it.
    Accept {
        by: Name,
    },
    Decline {
        by: Name,
        reason: Clean,
    },
    Withdraw {
        by: Name,
    },
    Expire,
    /// A manager decides, with a reason.
    Force {
        by: Name,
        to: Name,
        reason: Clean,
    },
    /// The owner is away and has no deputy: the responsible manager acts as owner.
    Absent {
        owner: Name,
        acting: Name,
    },
}

named_enum! {
    /// The seven kinds of escalation.
    pub enum EscalationKind {
        Functional = "functional",
        Hierarchical = "hierarchical",
        TimeBased = "time_based",
        Problem = "problem",
        Major = "major",
        Supplier = "supplier",
        Exception = "exception",
    }
}

/// An escalation as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    pub kind: EscalationKind,
    pub to: Party,
    pub reason: Clean,
    /// What was tried before, what is expected, the supplier's reference: as the kind asks.
    pub detail: Clean,
    /// The rule and step that proposed it, for time-based ladders: each step is taken once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<LadderStep>,
}

/// A step of a time-based ladder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LadderStep {
    pub rule: Name,
    pub number: u8,
}

impl Change {
    /// A field of a record that is being made: nothing stood there before.
    pub const fn set(field: Field, to: Value) -> Self {
        Self::Set { field, from: None, to: Some(to) }
    }
}

/// A change that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The place in the desk's log; orders events of the same instant.
    pub seq: u64,
    pub actor: Name,
    /// When it was done.
    pub at: Timestamp,
    /// When the desk stored it.
    pub stored: Timestamp,
    /// The act that it belongs to.
    pub op: OpKey,
    pub change: Change,
}

impl Event {
    /// A change that no desk has stored: what a ticket would be like with it.
    pub fn tried(by: &Name, at: Timestamp, change: Change) -> Self {
        Self { seq: 0, actor: by.clone(), at, stored: at, op: OpKey(String::new()), change }
    }
}

/// Made when the key is pressed; survives retries and restarts, so that an act is stored once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpKey(pub String);

/// What an op is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Ticket(TicketId),
    /// A ticket that does not exist yet; the backend names it.
    New(Kind),
}

/// One act of one user: assign, set a priority and reply may be one op.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Op {
    pub key: OpKey,
    pub target: Target,
    /// The revision that the user saw; none for what only adds.
    pub expect: Option<Revision>,
    /// When the user did it, which may be long before it is stored.
    pub at: Timestamp,
    pub changes: Vec<Change>,
    /// It may have been sent before without an answer: a desk that has no memory for keys looks for it first.
    #[serde(skip)]
    pub again: bool,
    /// The desk that a new ticket goes to, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<Name>,
}
