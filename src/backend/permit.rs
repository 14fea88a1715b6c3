//! What a desk's capabilities allow of an op. Asked by the console's guard before a desk is reached, and by desks that
//! lack something.

use crate::backend::{Capabilities, Error, Result};
use crate::domain::change::{Audience, Change, Handover, LinkKind, Op, Target};
use crate::domain::kind::Kind;

impl Capabilities {
    /// Whether every change of this op is something that the desk can do.
    ///
    /// # Errors
    /// `Unsupported`, or `Forbidden` where nothing may be written at all, naming what is missing.
    pub fn permit(&self, op: &Op) -> Result<()> {
        if !self.write {
            return Err(Error::Forbidden("this desk is open for reading only.".into()));
        }
        if let Target::New(kind) = op.target {
            need(self.create, "new tickets are made elsewhere")?;
            self.permit_kind(kind)?;
        }
        op.changes.iter().try_for_each(|change| self.permit_change(change))
    }

    fn permit_kind(&self, kind: Kind) -> Result<()> {
        match kind {
            Kind::Incident | Kind::Request => Ok(()),
            Kind::Problem => need(self.problems, "it has no problem records"),
            Kind::Change => need(self.changes, "it has no change records"),
        }
    }

    fn permit_change(&self, change: &Change) -> Result<()> {
        match change {
            Change::Create { kind, .. } => self.permit_kind(*kind),
            Change::Say { audience: Audience::Internal, .. } => need(self.internal_notes, "it has no internal notes"),
            Change::Link { link } | Change::Unlink { link } => {
                need(self.links, "it has no links between tickets")?;
                match link.how {
                    LinkKind::ProblemIs => self.permit_kind(Kind::Problem),
                    LinkKind::FixedBy | LinkKind::CausedBy => self.permit_kind(Kind::Change),
                    _ => Ok(()),
                }
            }
            Change::Handover { step } => match step {
                // Taking a ticket and giving it to somebody is assignment, which every desk knows.
                Handover::Accept { .. } | Handover::Force { .. } => Ok(()),
                Handover::Offer { .. }
                | Handover::Decline { .. }
                | Handover::Withdraw { .. }
                | Handover::Expire
                | Handover::Absent { .. } => need(self.handover, "tickets are assigned, not offered and accepted"),
            },
            Change::Escalate { .. } | Change::Acknowledge { .. } => {
                need(self.escalations, "it does not record escalations")
            }
            Change::Task { .. } => need(self.tasks, "it keeps no tasks inside a ticket"),
            Change::Approval { .. } => need(self.approvals, "approvals are given in the tracker itself"),
            Change::Major { .. } => need(self.majors, "it keeps no log of a major incident"),
            Change::Proposal { .. } => need(self.proposals, "it keeps no proposals"),
            Change::Set { .. }
            | Change::Move { .. }
            | Change::Say { audience: Audience::Public, .. }
            | Change::Heard { .. }
            | Change::Stamp { .. } => Ok(()),
        }
    }
}

fn need(has: bool, why: &str) -> Result<()> {
    if has { Ok(()) } else { Err(Error::Unsupported(format!("{why}."))) }
}
