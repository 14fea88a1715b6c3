//! What a desk has agreed on for its changes.

use serde::{Deserialize, Serialize};

use crate::domain::name::Name;
use crate::domain::rfc::approve::Policy;
use crate::domain::rfc::conflict::ConflictKind;
use crate::domain::rfc::risk::{Condition, Question};
use crate::domain::rfc::template::Template;
use crate::domain::rfc::window::Window;

/// Questions, policies, windows and templates. Without any, a change is weighed and approved by the fields that name
/// its risk and its approver.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// Conflicts that warn and need no override.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warns: Vec<ConflictKind>,
    /// How many days a meeting looks ahead; 14 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub question: Vec<Question>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub condition: Vec<Condition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<Policy>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub template: Vec<Template>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub window: Vec<Window>,
}

impl Practice {
    pub fn template(&self, name: &str) -> Option<&Template> {
        self.template.iter().find(|held| &*held.name == name)
    }

    /// How far a meeting of the approvers looks ahead, in days.
    pub fn horizon_days(&self) -> i64 {
        self.horizon.map_or(14, i64::from)
    }

    /// The names of the templates, for pickers.
    pub fn templates(&self) -> impl Iterator<Item = &Name> {
        self.template.iter().map(|held| &held.name)
    }
}
