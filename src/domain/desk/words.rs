//! Words within an act, and what the caller's words set in motion.

use super::Draft;
use crate::domain::change::{Audience, Change, LinkKind};
use crate::domain::lifecycle::{self, Says};
use crate::domain::major::MajorStep;
use crate::domain::name::Name;
use crate::domain::refusal::Refusal;
use crate::domain::state::{HoldReason, State, Verb};
use crate::text::Clean;

/// The sorts of words that these changes bring.
pub(super) fn brought(changes: &[Change]) -> Says {
    let mut says = Says::default();
    for change in changes {
        match change {
            Change::Say { text, .. } | Change::Heard { text, .. } if text.trim().is_empty() => {}
            Change::Say { audience: Audience::Public, .. } => says.public = true,
            Change::Say { audience: Audience::Internal, .. } => says.internal = true,
            Change::Heard { .. } => says.heard = true,
            _ => {}
        }
    }
    says
}

impl Draft<'_> {
    pub(super) fn say(&mut self, audience: Audience, text: &Clean) -> Result<(), Refusal> {
        if text.trim().is_empty() {
            let (message, way_out) = ("The text is empty.", "Write something, or leave the words out.");
            return Err(self.no("words say something", message, way_out));
        }
        self.record(Change::Say { audience, text: text.clone() });
        if audience == Audience::Public {
            self.tell_children(text);
        }
        Ok(())
    }

    /// What the callers of a major incident are told, the callers of its children are told too.
    fn tell_children(&mut self, said: &Clean) {
        let told = |c: &Change| matches!(c, Change::Major { step: MajorStep::Tell { text, .. } } if text == said);
        if self.op.changes.iter().any(told) {
            let children = self.ticket.links.iter().filter(|link| link.how == LinkKind::ParentOf);
            for child in children {
                self.others.tell(&child.other, said);
            }
        }
    }

    pub(super) fn hear(&mut self, from: &Name, text: &Clean) -> Result<(), Refusal> {
        if text.trim().is_empty() {
            return Err(self.no("words say something", "The text is empty.", "Write down what the caller said."));
        }
        self.record(Change::Heard { from: from.clone(), text: text.clone() });
        Ok(())
    }

    /// A ticket that waits for its caller goes on when the caller speaks.
    pub(super) fn resume_when_heard(&mut self) -> Result<(), Refusal> {
        let waits = self.ticket.state == State::OnHold
            && lifecycle::held(&self.ticket, &crate::domain::field::Field::HoldReason) == HoldReason::Caller.as_str();
        if self.says.heard && waits { self.step(Verb::Resume, None) } else { Ok(()) }
    }
}
