//! What the rows of a desk are made with, as text: its promises, their calendars, its priority matrix. A record of the
//! desk like its people, so that everybody who opens it reads the same clocks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::backend::embedded::Rules;
use crate::domain::calendar::{self, Calendar};
use crate::domain::catalogue::Item;
use crate::domain::gate::Gates;
use crate::domain::priority::{Matrix, MatrixError};
use crate::domain::rfc::Practice;
use crate::domain::rules::Watch;
use crate::domain::sla::{Definition, Policy};

/// The rules of a desk as they are written down, complete in themselves.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Impact in rows, urgency in columns.
    pub matrix: Vec<Vec<u8>>,
    /// How often problems are looked at, in days.
    #[serde(default)]
    pub problems: Watch,
    #[serde(default)]
    pub definition: Vec<Definition>,
    #[serde(default)]
    pub calendar: BTreeMap<String, calendar::Rules>,
    #[serde(default)]
    pub changes: Practice,
    /// Which acts ask for a level or a role; as they ship where nothing is said.
    #[serde(default)]
    pub gate: Gates,
    /// What can be asked for.
    #[serde(default)]
    pub item: Vec<Item>,
}

/// Why an agreement cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    #[error("matrix: {0}")]
    Matrix(MatrixError),
    #[error("{0}.")]
    Policy(calendar::Fault),
    #[error("calendar {0}: {1}.")]
    Calendar(String, calendar::Fault),
    #[error("{0}")]
    Text(String),
}

impl Agreement {
    /// What these rules say.
    pub fn of(rules: &Rules) -> Self {
        Self {
            matrix: rules.agreed.matrix.rows().to_vec(),
            problems: rules.agreed.periods.watch(),
            definition: rules.policy.rules().iter().map(|rule| rule.definition.clone()).collect(),
            gate: rules.directory().gates.clone(),
            item: rules.directory().catalogue.clone(),
            calendar: rules.policy.calendars().iter().map(|(name, held)| (name.clone(), (&**held).into())).collect(),
            changes: rules.changes().clone(),
        }
    }

    /// The rules that it describes, over no people yet.
    pub fn rules(self) -> Result<Rules, Unsound> {
        let matrix = Matrix::new(self.matrix).map_err(Unsound::Matrix)?;
        let mut calendars = BTreeMap::new();
        for (name, rules) in self.calendar {
            let calendar = Calendar::new(rules).map_err(|fault| Unsound::Calendar(name.clone(), fault))?;
            calendars.insert(name, calendar);
        }
        let policy = Policy::new(self.definition, calendars).map_err(Unsound::Policy)?;
        let rules = Rules::of(policy, matrix).watching(self.problems).with_changes(self.changes);
        Ok(rules.with(self.item, self.gate))
    }

    /// As TOML.
    pub fn text(&self) -> Result<String, Unsound> {
        toml::to_string(self).map_err(|error| Unsound::Text(error.to_string()))
    }

    /// Of TOML.
    pub fn read(text: &str) -> Result<Self, Unsound> {
        toml::from_str(text).map_err(|error| Unsound::Text(error.to_string()))
    }

    /// Every part by what it is and what it is called, for comparing two of them.
    pub fn parts(&self) -> BTreeMap<(String, String), Json> {
        let part = |part: &str, name: &str, value: Json| ((part.to_owned(), name.to_owned()), value);
        let mut parts = BTreeMap::from([
            part("matrix", "priority", Json::from(self.matrix.clone())),
            part("problems", "watch", json(&self.problems)),
        ]);
        parts.extend(self.definition.iter().map(|held| part("definition", &held.name, json(held))));
        parts.extend(self.gate.0.iter().map(|held| part("gate", held.act.as_str(), json(held))));
        parts.extend(self.item.iter().map(|held| part("item", &held.name, json(held))));
        parts.extend(self.calendar.iter().map(|(name, held)| part("calendar", name, json(held))));
        let changes = &self.changes;
        parts.extend(changes.question.iter().map(|held| part("risk question", &held.name, json(held))));
        parts.extend(changes.condition.iter().map(|held| part("risk rule", &held.name, json(held))));
        parts.extend(changes.policy.iter().map(|held| part("approval policy", &held.name, json(held))));
        parts.extend(changes.template.iter().map(|held| part("template", &held.name, json(held))));
        parts.extend(changes.window.iter().map(|held| part("window", &held.name, json(held))));
        if *changes != Practice::default() {
            parts.extend([
                part("changes", "warnings", json(&changes.warns)),
                part("changes", "horizon", json(&changes.horizon)),
            ]);
        }
        parts
    }

    /// The parts in which the two differ, by name.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let (ours, theirs) = (self.parts(), other.parts());
        let mut names: Vec<&(String, String)> = ours.keys().chain(theirs.keys()).collect();
        names.sort();
        names.dedup();
        let differs = |name: &&&(String, String)| ours.get(**name) != theirs.get(**name);
        names.iter().filter(differs).map(|(part, name)| format!("{part} {name}")).collect()
    }
}

/// What cannot be written as JSON is no part of any agreement.
fn json(value: &impl Serialize) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}
