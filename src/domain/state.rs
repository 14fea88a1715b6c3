//! The states of the four kinds and the verbs that lead from one to the next. The tables and guards are in
//! `lifecycle`.

use crate::named_enum;

named_enum! {
    /// Every state of every kind; `lifecycle` says which kind knows which.
    pub enum State {
        Draft = "draft",
        New = "new",
        Submitted = "submitted",
        WaitingForApproval = "waiting_for_approval",
        Approved = "approved",
        Rejected = "rejected",
        Assigned = "assigned",
        InProgress = "in_progress",
        InFulfilment = "in_fulfilment",
        OnHold = "on_hold",
        Assess = "assess",
        RootCause = "root_cause",
        FixInProgress = "fix_in_progress",
        Authorize = "authorize",
        Scheduled = "scheduled",
        Implement = "implement",
        Review = "review",
        Resolved = "resolved",
        Fulfilled = "fulfilled",
        Closed = "closed",
        Cancelled = "cancelled",
    }
}

impl State {
    /// Somebody still has to do something: not resolved, fulfilled, closed, rejected or cancelled.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Resolved | Self::Fulfilled | Self::Closed | Self::Cancelled | Self::Rejected)
    }

    /// The record has come to its end: closed or cancelled.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled)
    }
}

named_enum! {
    /// What one does to move a ticket from state to state.
    pub enum Verb {
        Register = "register",
        Submit = "submit",
        Approve = "approve",
        Reject = "reject",
        Assign = "assign",
        Start = "start",
        Hold = "hold",
        Resume = "resume",
        Resolve = "resolve",
        Fulfil = "fulfil",
        Reopen = "reopen",
        Close = "close",
        Cancel = "cancel",
        Assess = "assess",
        Confirm = "confirm",
        PlanFix = "plan_fix",
        AcceptRisk = "accept_risk",
        Reanalyse = "reanalyse",
        Authorize = "authorize",
        Schedule = "schedule",
        Implement = "implement",
        Review = "review",
        Revert = "revert",
        /// A state that came from elsewhere (an import, another tracker) and not by a verb of ours.
        Record = "record",
    }
}

named_enum! {
    /// Why a ticket waits.
    pub enum HoldReason {
        Caller = "caller",
        Vendor = "vendor",
        Change = "change",
        Problem = "problem",
        Parts = "parts",
        Scheduled = "scheduled",
    }
}
