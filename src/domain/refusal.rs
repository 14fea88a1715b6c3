//! A rule's "no": which rule, about which record, and what to do instead. Never a bare error.

use std::fmt;

use crate::domain::field::Field;
use crate::domain::name::TicketId;

/// Why an act is not done. Prints as plain sentences that name the record, the way out and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The short name of the rule, such as "hold needs a reason".
    pub rule: &'static str,
    pub record: TicketId,
    /// The field that the rule is about, where it is about one.
    pub field: Option<Field>,
    pub sort: Sort,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to do instead, as a sentence.
    pub way_out: String,
}

/// What sort of "no" it is: a missing thing, a missing right, a level that is too low, or somebody who was quicker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Rule,
    Authority,
    /// Others may, and it can be put to them.
    Level,
    Race,
}

impl Refusal {
    pub fn new(rule: &'static str, record: &TicketId, message: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self {
            rule,
            record: record.clone(),
            field: None,
            sort: Sort::Rule,
            message: message.into(),
            way_out: way_out.into(),
        }
    }

    #[must_use]
    pub fn on(mut self, field: Field) -> Self {
        self.field = Some(field);
        self
    }

    #[must_use]
    pub fn sorted(mut self, sort: Sort) -> Self {
        self.sort = sort;
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {} (Rule: {}.)", self.record, self.message, self.way_out, self.rule)
    }
}

impl std::error::Error for Refusal {}
