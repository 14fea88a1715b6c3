//! May this step of the major facet be taken?

use super::Draft;
use crate::domain::major::MajorStep;
use crate::domain::refusal::Refusal;

impl Draft<'_> {
    pub(super) fn facet(&mut self, _step: &MajorStep) -> Result<(), Refusal> {
        Err(self.no("major incidents", "This desk does not keep the facet.", "Write a note."))
    }
}
