//! The tables themselves: one row per verb and place to go.

use super::{ChangeType, Guard as G, Step, To};
use crate::domain::gate::Gate;
use crate::domain::state::{State as S, Verb as V};

const fn row(verb: V, from: &'static [S], to: S, guards: &'static [G]) -> Step {
    Step { verb, from, to: To::State(to), guards, only: &[] }
}

const fn back(verb: V, from: &'static [S], otherwise: S, guards: &'static [G]) -> Step {
    Step { verb, from, to: To::Before(otherwise), guards, only: &[] }
}

const fn only(types: &'static [ChangeType], step: Step) -> Step {
    Step { only: types, ..step }
}

pub(super) const INCIDENT: &[Step] = &[
    row(V::Assign, &[S::New], S::Assigned, &[G::OwnerOrGroup]),
    row(V::Start, &[S::New, S::Assigned], S::InProgress, &[G::OwnerOrGroup]),
    row(V::Hold, &[S::New, S::Assigned, S::InProgress], S::OnHold, &[G::HoldReason, G::WakeLater]),
    row(V::Resume, &[S::OnHold], S::InProgress, &[]),
    row(
        V::Resolve,
        &[S::New, S::Assigned, S::InProgress, S::OnHold],
        S::Resolved,
        &[G::Gate(Gate::Resolve), G::Resolution, G::Verified],
    ),
    row(V::Reopen, &[S::Resolved], S::InProgress, &[G::Note, G::ReopenWindow]),
    back(V::Reopen, &[S::Cancelled], S::InProgress, &[G::WasDuplicate]),
    row(V::Close, &[S::Resolved], S::Closed, &[G::Confirmed]),
    row(V::Cancel, &[S::New, S::Assigned, S::InProgress, S::OnHold], S::Cancelled, &[G::CancelReason]),
];

/// A request without an approver needs no approval and is started at once.
pub(super) const REQUEST: &[Step] = &[
    row(V::Submit, &[S::Draft], S::Submitted, &[]),
    row(V::Authorize, &[S::Submitted], S::WaitingForApproval, &[G::Approver]),
    row(V::Approve, &[S::WaitingForApproval], S::Approved, &[G::FourEyes]),
    row(V::Reject, &[S::WaitingForApproval], S::Rejected, &[G::FourEyes, G::Note]),
    row(V::Revert, &[S::Rejected], S::Draft, &[]),
    row(V::Start, &[S::Submitted], S::InFulfilment, &[G::NoApproval, G::OwnerOrGroup]),
    row(V::Start, &[S::Approved], S::InFulfilment, &[G::OwnerOrGroup]),
    row(
        V::Hold,
        &[S::Submitted, S::WaitingForApproval, S::Approved, S::InFulfilment],
        S::OnHold,
        &[G::HoldReason, G::WakeLater],
    ),
    back(V::Resume, &[S::OnHold], S::InFulfilment, &[]),
    row(V::Fulfil, &[S::InFulfilment], S::Fulfilled, &[G::TasksOver, G::Outcome, G::Verified]),
    row(V::Reopen, &[S::Fulfilled], S::InFulfilment, &[G::Note, G::ReopenWindow]),
    back(V::Reopen, &[S::Cancelled], S::Submitted, &[G::WasDuplicate]),
    row(V::Close, &[S::Fulfilled], S::Closed, &[G::TakenBack, G::Confirmed]),
    row(
        V::Cancel,
        &[S::Draft, S::Submitted, S::WaitingForApproval, S::Approved, S::Rejected, S::InFulfilment, S::OnHold],
        S::Cancelled,
        &[G::CancelReason],
    ),
];

pub(super) const PROBLEM: &[Step] = &[
    row(V::Assess, &[S::New], S::Assess, &[]),
    row(V::Confirm, &[S::Assess], S::RootCause, &[G::Weighed]),
    row(V::PlanFix, &[S::RootCause], S::FixInProgress, &[G::Fix]),
    row(V::Resolve, &[S::FixInProgress], S::Resolved, &[G::Outcome, G::Prevented]),
    row(V::AcceptRisk, &[S::RootCause, S::FixInProgress], S::Closed, &[G::Gate(Gate::AcceptRisk), G::RiskAccepted]),
    row(
        V::Close,
        &[S::Resolved],
        S::Closed,
        &[G::Gate(Gate::CloseProblem), G::FixHeld, G::EffectsSeen, G::MajorReviewed],
    ),
    row(V::Reanalyse, &[S::Resolved, S::Closed], S::RootCause, &[G::Gate(Gate::Reanalyse), G::Note]),
    back(V::Reopen, &[S::Cancelled], S::New, &[G::WasDuplicate]),
    row(V::Cancel, &[S::New, S::Assess, S::RootCause, S::FixInProgress], S::Cancelled, &[G::CancelReason]),
];

use ChangeType::{Emergency, Normal, Retrospective, Standard};

pub(super) const CHANGE: &[Step] = &[
    only(&[Normal], row(V::Assess, &[S::New], S::Assess, &[G::Planned, G::Answered])),
    only(&[Normal], row(V::Authorize, &[S::Assess], S::Authorize, &[G::Planned, G::Answered, G::PeersApprove])),
    only(&[Emergency, Retrospective], row(V::Authorize, &[S::New], S::Authorize, &[G::Described])),
    only(
        &[Normal, Emergency],
        row(
            V::Schedule,
            &[S::Authorize],
            S::Scheduled,
            &[G::Window, G::Approved, G::Free, G::Gate(Gate::ScheduleChange)],
        ),
    ),
    only(&[Standard], row(V::Schedule, &[S::New], S::Scheduled, &[G::Described, G::Window, G::FromTemplate, G::Free])),
    only(
        &[Normal, Emergency],
        row(
            V::Implement,
            &[S::Scheduled],
            S::Implement,
            &[G::Gate(Gate::ImplementChange), G::StartReached, G::Approved, G::Thawed, G::Tried],
        ),
    ),
    only(
        &[Standard],
        row(
            V::Implement,
            &[S::Scheduled],
            S::Implement,
            &[G::Gate(Gate::ImplementChange), G::StartReached, G::FromTemplate, G::Thawed],
        ),
    ),
    row(V::Review, &[S::Implement], S::Review, &[G::Done]),
    only(&[Retrospective], row(V::Review, &[S::Authorize], S::Review, &[G::Approved, G::Done])),
    row(V::Close, &[S::Review], S::Closed, &[G::Reviewed, G::TasksEnded]),
    row(V::Reject, &[S::Assess, S::Authorize], S::New, &[G::Note]),
    only(&[Normal], row(V::Revert, &[S::Assess], S::New, &[])),
    only(&[Emergency], row(V::Revert, &[S::Authorize], S::New, &[])),
    row(
        V::Hold,
        &[S::New, S::Assess, S::Authorize, S::Scheduled, S::Implement],
        S::OnHold,
        &[G::HoldReason, G::WakeLater],
    ),
    back(V::Resume, &[S::OnHold], S::New, &[]),
    back(V::Reopen, &[S::Cancelled], S::New, &[G::WasDuplicate]),
    row(
        V::Cancel,
        &[S::New, S::Assess, S::Authorize, S::Scheduled, S::Implement, S::OnHold],
        S::Cancelled,
        &[G::CancelReason],
    ),
];
