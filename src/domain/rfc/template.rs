//! Standard changes: only from a template that was authorised for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::field::{Field, Value};
use crate::domain::name::Name;
use crate::domain::ticket::Ticket;

/// A change that was thought through and approved once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub name: Name,
    pub title: String,
    pub description: String,
    pub reason: String,
    pub plan: String,
    pub back_out: String,
    pub test_plan: String,
    /// Who authorised it, for the record.
    pub authorised_by: Name,
    /// The last day on which it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Name>,
    /// The steps, each a task.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
}

/// What a template settles: edited, it is no longer what was authorised.
const SETTLED: [Field; 3] = [Field::Plan, Field::BackOut, Field::TestPlan];

impl Template {
    /// What a change made from it begins with.
    pub fn fields(&self) -> Vec<(Field, Value)> {
        let text = |field, text: &str| (field, Value::text(text));
        let name = |field, name: &Name| (field, Value::Name(name.clone()));
        let mut found = vec![
            text(Field::Title, &self.title),
            text(Field::Description, &self.description),
            text(Field::Reason, &self.reason),
            text(Field::Plan, &self.plan),
            text(Field::BackOut, &self.back_out),
            text(Field::TestPlan, &self.test_plan),
            name(Field::Template, &self.name),
            (Field::ChangeType, Value::name("standard")),
            (Field::Risk, Value::name("low")),
        ];
        let others = [(Field::Category, &self.category), (Field::Service, &self.service), (Field::Group, &self.group)];
        found.extend(others.into_iter().filter_map(|(field, held)| Some((field, Value::Name(held.clone()?)))));
        found
    }

    /// The first of the plans that is not as it was authorised.
    pub fn differs(&self, change: &Ticket) -> Option<Field> {
        let wanted = self.fields();
        SETTLED.into_iter().find(|field| {
            let held = wanted.iter().find(|(name, _)| name == field).map(|(_, value)| value);
            held.and_then(Value::as_str).map(str::trim) != Some(change.text(field).trim())
        })
    }
}
