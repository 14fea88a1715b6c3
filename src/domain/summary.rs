//! A ticket in one line: what lists, queries and views need of it, without its words and its timeline.

use jiff::Timestamp;

use crate::domain::kind::{Kind, Revision};
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{HoldReason, State};
use crate::text::Clean;

/// What a row of a list shows and a query asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub id: TicketId,
    pub kind: Kind,
    pub state: State,
    pub revision: Revision,
    pub title: Clean,
    pub impact: u8,
    pub urgency: u8,
    /// As it counts: the override where there is one.
    pub priority: u8,
    pub priority_overridden: bool,
    pub category: Option<Name>,
    pub group: Option<Name>,
    /// Log-in of the owner.
    pub owner: Name,
    pub accepted: bool,
    /// A person or a group to whom it is offered.
    pub offered_to: Option<Name>,
    pub caller: Option<Name>,
    pub service: Option<Name>,
    pub asset: Option<Name>,
    pub location: Option<Name>,
    pub channel: Option<Name>,
    pub hold: Option<HoldReason>,
    pub opened: Timestamp,
    pub updated: Timestamp,
    pub responded: Option<Timestamp>,
    pub resolved: Option<Timestamp>,
    pub closed: Option<Timestamp>,
    /// The clock that breaches next.
    pub glance: Glance,
    /// When the caller is owed the next word.
    pub update_due: Option<Timestamp>,
    /// The caller spoke last and nobody answered.
    pub awaits_reply: bool,
    pub reopens: u32,
    pub reassignments: u32,
    pub links: u32,
    pub escalated: bool,
    pub major: bool,
    pub known_error: bool,
    /// Fields that only this desk has: `(x.name, value)`.
    pub custom: Vec<(Name, Name)>,
}

/// How the clock that matters most stands, without the present time: `now` decides whether it is at risk or breached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Glance {
    pub state: GlanceState,
    /// When its target is used up if it runs on, in ms since 1970.
    pub due: Option<i64>,
    /// After this it is breached: `due`, or when its calendar next opens (met on the boundary, so a night does not count).
    pub late: Option<i64>,
    /// From when on it is at risk.
    pub risk: Option<i64>,
    /// What is left of it while it is paused, in ms of its calendar; negative when overdue.
    pub left: Option<i64>,
}

/// Where the clock that matters most stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum GlanceState {
    /// No target applies.
    #[default]
    None,
    Running,
    Paused,
    Met,
    Breached,
}
