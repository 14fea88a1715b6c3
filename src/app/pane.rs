//! The five panes, the columns of their tables, and the views that are their tabs.

use crate::domain::kind::Kind;
use crate::domain::query::Query;
use crate::named_enum;

named_enum! {
    /// A pane of the console.
    pub enum Pane {
        /// Every kind: what needs me now.
        Work = "work",
        Incidents = "incidents",
        Requests = "requests",
        Problems = "problems",
        Changes = "changes",
    }
}

impl Pane {
    /// The one kind it holds; none for Work, which holds all.
    pub const fn kind(self) -> Option<Kind> {
        match self {
            Self::Work => None,
            Self::Incidents => Some(Kind::Incident),
            Self::Requests => Some(Kind::Request),
            Self::Problems => Some(Kind::Problem),
            Self::Changes => Some(Kind::Change),
        }
    }

    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Incident => Self::Incidents,
            Kind::Request => Self::Requests,
            Kind::Problem => Self::Problems,
            Kind::Change => Self::Changes,
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Work => "Work",
            Self::Incidents => "Incidents",
            Self::Requests => "Requests",
            Self::Problems => "Problems",
            Self::Changes => "Changes",
        }
    }
}

named_enum! {
    /// A column of a list. The mark and the cursor are always there.
    pub enum Column {
        Sla = "sla",
        Id = "id",
        Title = "title",
        State = "state",
        Priority = "priority",
        Impact = "impact",
        Urgency = "urgency",
        Category = "category",
        Group = "group",
        Owner = "owner",
        Caller = "caller",
        Service = "service",
        Asset = "asset",
        Location = "location",
        Channel = "channel",
        Level = "level",
        Domain = "domain",
        Trigger = "trigger",
        Workaround = "workaround",
        Review = "review",
        /// Where it lives, among several desks.
        Desk = "desk",
        Age = "age",
        Idle = "idle",
        Opened = "opened",
        Updated = "updated",
        Update = "update",
        Reopens = "reopens",
        Links = "links",
    }
}

/// A saved query with its columns: a tab.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub name: String,
    pub panes: Vec<Pane>,
    /// As it was written.
    pub text: String,
    pub query: Query,
    pub columns: Vec<Column>,
}
