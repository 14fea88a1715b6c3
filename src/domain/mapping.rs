//! How a site's tracker spells what the console knows: containers, states, steps, fields and values of each kind.
//!
//! Plain data, read from `config/trackers/*.toml` with a site's own file laid over it. Nothing here knows a tracker: what
//! a native name means (a queue, a class, a custom field) is the adapter's to say.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::state::{State, Verb};
use crate::domain::workflow::{Way, Workflow};

/// The `place` of a kind that a site does not hold although the shipped mapping says so.
pub const NOWHERE: &str = "-";

/// The mapping of one site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// The kinds that this tracker holds; one that is missing is not offered.
    pub kinds: BTreeMap<Kind, KindMap>,
    /// Fields that all kinds spell alike: ours to theirs.
    pub fields: BTreeMap<Field, String>,
    /// Values by field: ours to theirs, `"1" = "High"`. Numbers, names and flags are written as text.
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
    /// Settings that only this tracker has: `project = "service-desk"`.
    pub site: BTreeMap<String, String>,
}

/// How one kind of ticket is held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KindMap {
    /// The queue, tracker, class, table or issue type that holds it; `-` in a site's own file where none does.
    pub place: String,
    /// Native states and what they are to us; in the order in which the tracker's workflow has them.
    pub states: Vec<StateMap>,
    /// The steps that are offered.
    pub steps: Vec<StepMap>,
    /// Fields that only this kind spells so.
    pub fields: BTreeMap<Field, String>,
    /// Values that only this kind spells so.
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
}

/// A native state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateMap {
    pub native: String,
    pub is: State,
}

/// A step that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepMap {
    pub verb: Verb,
    /// Native states.
    pub from: Vec<String>,
    /// The native state that it leads to.
    pub to: String,
    /// What the tracker calls the step, where it calls it something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// What must be set with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Field>,
}

impl Mapping {
    pub fn kind(&self, kind: Kind) -> Option<&KindMap> {
        self.kinds.get(&kind)
    }

    /// The kind that this place holds.
    pub fn kind_at(&self, place: &str) -> Option<Kind> {
        self.kinds.iter().find(|(_, map)| map.place.eq_ignore_ascii_case(place)).map(|(kind, _)| *kind)
    }

    /// What a native state is to us; none when the site has a state that nobody mapped.
    pub fn state(&self, kind: Kind, native: &str) -> Option<State> {
        self.kind(kind)?.state(native)
    }

    /// The step of that verb from that native state.
    pub fn step(&self, kind: Kind, native: &str, verb: Verb) -> Option<&StepMap> {
        let mut steps = self.kind(kind)?.steps.iter();
        steps.find(|step| step.verb == verb && step.from.iter().any(|from| from.eq_ignore_ascii_case(native)))
    }

    /// What the tracker calls this field.
    pub fn field(&self, kind: Kind, field: &Field) -> Option<&str> {
        let own = self.kind(kind).and_then(|map| map.fields.get(field));
        own.or_else(|| self.fields.get(field)).map(String::as_str).filter(|native| !native.is_empty())
    }

    /// Every field of this kind with the tracker's name for it.
    pub fn fields_of(&self, kind: Kind) -> BTreeMap<&Field, &str> {
        let own = self.kind(kind).into_iter().flat_map(|map| &map.fields);
        let all = self.fields.iter().chain(own).map(|(field, native)| (field, native.as_str()));
        let mut all: BTreeMap<&Field, &str> = all.collect();
        all.retain(|_, native| !native.is_empty());
        all
    }

    /// The values of a field that the mapping names, in our spelling, of all kinds together.
    pub fn values_of(&self, field: &Field) -> BTreeSet<Name> {
        let kinds = self.kinds.values().filter_map(|kind| kind.values.get(field));
        let all = kinds.chain(self.values.get(field)).flat_map(BTreeMap::keys);
        all.map(|value| Name::new(value)).collect()
    }

    /// Whether other kinds may have that value, and this one may not.
    pub fn is_of_another_kind(&self, kind: Kind, field: &Field, ours: &Value) -> bool {
        let ours = ours.to_string();
        let here = self.spellings(kind, field).is_some_and(|values| !values.contains_key(&ours));
        here && self.values_of(field).contains(&Name::new(&ours))
    }

    /// The tracker's spelling of each value of a field that the mapping names for this kind, by ours.
    pub fn spellings(&self, kind: Kind, field: &Field) -> Option<&BTreeMap<String, String>> {
        self.kind(kind).and_then(|map| map.values.get(field)).or_else(|| self.values.get(field))
    }

    /// The tracker's spelling of our value; our own where nothing is mapped.
    pub fn to_native(&self, kind: Kind, field: &Field, ours: &Value) -> String {
        let plain = ours.to_string();
        let plain = match ours {
            Value::Flag(flag) => flag.to_string(),
            _ => plain,
        };
        self.spellings(kind, field).and_then(|values| values.get(&plain)).cloned().unwrap_or(plain)
    }

    /// Our spelling of the tracker's value, as text; the tracker's own where nothing is mapped.
    pub fn to_ours<'a>(&'a self, kind: Kind, field: &Field, native: &'a str) -> &'a str {
        let values = self.spellings(kind, field);
        let known = values.and_then(|values| values.iter().find(|(_, theirs)| theirs.eq_ignore_ascii_case(native)));
        known.map_or(native, |(ours, _)| ours.as_str())
    }

    /// What is offered, in our words.
    pub fn workflow(&self) -> Workflow {
        let ways = self.kinds.iter().flat_map(|(kind, map)| map.steps.iter().filter_map(|step| map.way(*kind, step)));
        let fields = |kind: &Kind| self.fields_of(*kind).into_keys().cloned().collect();
        Workflow { ways: ways.collect(), fields: self.kinds.keys().map(|kind| (*kind, fields(kind))).collect() }
    }

    /// Lays a site's own file over the shipped one: what it names replaces, what it does not name stays.
    pub fn lay(&mut self, over: Self) {
        for (kind, map) in over.kinds {
            match self.kinds.get_mut(&kind) {
                Some(held) => held.lay(map),
                None => {
                    self.kinds.insert(kind, map);
                }
            }
        }
        self.kinds.retain(|_, map| map.place != NOWHERE);
        self.fields.extend(over.fields);
        self.values.extend(over.values);
        self.site.extend(over.site);
    }
}

impl KindMap {
    pub fn state(&self, native: &str) -> Option<State> {
        self.states.iter().find(|state| state.native.eq_ignore_ascii_case(native)).map(|state| state.is)
    }

    /// The native states that are this to us.
    pub fn natives(&self, ours: State) -> impl Iterator<Item = &str> {
        self.states.iter().filter(move |state| state.is == ours).map(|state| state.native.as_str())
    }

    fn way(&self, kind: Kind, step: &StepMap) -> Option<Way> {
        let from = step.from.iter().filter_map(|native| self.state(native)).collect();
        Some(Way { kind, verb: step.verb, from, to: self.state(&step.to)?, needs: step.needs.clone() })
    }

    fn lay(&mut self, over: Self) {
        if !over.place.is_empty() {
            self.place = over.place;
        }
        if !over.states.is_empty() {
            self.states = over.states;
        }
        if !over.steps.is_empty() {
            self.steps = over.steps;
        }
        self.fields.extend(over.fields);
        self.values.extend(over.values);
    }
}
