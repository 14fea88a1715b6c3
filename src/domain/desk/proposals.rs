//! May this proposal be made or answered?

use super::Draft;
use crate::domain::proposal::ProposalStep;
use crate::domain::refusal::Refusal;

impl Draft<'_> {
    pub(super) fn proposal(&mut self, _step: &ProposalStep) -> Result<(), Refusal> {
        Err(self.no("proposals", "This desk does not keep proposals.", "Write a note."))
    }
}
