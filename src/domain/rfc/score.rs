//! The success score of a team, a model or a template: points for each change that was made, less for each incident
//! that one caused.

use crate::domain::kind::Kind;
use crate::domain::lifecycle::choices::fold;
use crate::domain::state::State;
use crate::domain::summary::Summary;

/// Changes that were made, by how they went, and the incidents that they caused, by priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Record {
    pub successful: u32,
    pub with_issues: u32,
    /// Done in part, backed out or failed.
    pub unsuccessful: u32,
    /// Of priority 1, 2 and 3; lesser ones cost nothing.
    pub caused: [u32; 3],
}

impl Record {
    /// +3 successful, −2 with issues, −5 unsuccessful, −10, −5 and −2 for each incident of priority 1, 2 and 3.
    pub fn score(&self) -> i64 {
        let [first, second, third] = self.caused.map(i64::from);
        3 * i64::from(self.successful)
            - 2 * i64::from(self.with_issues)
            - 5 * i64::from(self.unsuccessful)
            - 10 * first
            - 5 * second
            - 2 * third
    }

    pub fn made(&self) -> u32 {
        self.successful + self.with_issues + self.unsuccessful
    }

    /// Takes a row into the record, where it is a change that came to its end or an incident that a change caused.
    /// Cancelled and rejected changes never count. Whether it belongs to the team is the caller's to say.
    pub fn take(&mut self, row: &Summary) {
        match row.kind {
            Kind::Change if matches!(row.state, State::Review | State::Closed) => {
                let outcome = row.course.as_ref().and_then(|course| course.outcome.as_deref()).map(fold);
                match outcome.as_deref() {
                    Some("successful") => self.successful += 1,
                    Some("successful_with_issues") => self.with_issues += 1,
                    Some(_) => self.unsuccessful += 1,
                    None => {}
                }
            }
            Kind::Incident if row.caused_by.is_some() => self.caused(row.priority),
            _ => {}
        }
    }

    pub fn caused(&mut self, priority: u8) {
        if let Some(count) = usize::from(priority).checked_sub(1).and_then(|at| self.caused.get_mut(at)) {
            *count += 1;
        }
    }
}
