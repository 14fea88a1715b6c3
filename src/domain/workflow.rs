//! The steps that a tracker's own workflow has, told in the console's states and verbs.
//!
//! The tracker is the authority on its tickets: what stands here is what is offered, not what is allowed. The lifecycles
//! of the embedded desks are in `lifecycle`.

use serde::{Deserialize, Serialize};

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::state::{State, Verb};

/// What a tracker's tickets can do next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// In the order in which menus show them.
    pub ways: Vec<Way>,
    /// The fields that it has a place for beside those that every ticket has, by kind.
    #[serde(default)]
    pub fields: BTreeMap<Kind, BTreeSet<Field>>,
}

/// One step: by this verb, from any of these states, to that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    pub kind: Kind,
    pub verb: Verb,
    pub from: Vec<State>,
    pub to: State,
    /// What the tracker will not do it without.
    pub needs: Vec<Field>,
}

impl Workflow {
    /// The steps that a ticket of this kind in this state can take.
    pub fn from(&self, kind: Kind, state: State) -> impl Iterator<Item = &Way> {
        self.ways.iter().filter(move |way| way.kind == kind && way.from.contains(&state))
    }

    /// Whether a ticket of this kind has a place for the field: it is mapped, or a step asks for it.
    pub fn holds(&self, kind: Kind, field: &Field) -> bool {
        self.fields.get(&kind).is_some_and(|fields| fields.contains(field))
            || self.ways.iter().any(|way| way.kind == kind && way.needs.contains(field))
    }

    /// The step that this verb means there.
    pub fn way(&self, kind: Kind, state: State, verb: Verb) -> Option<&Way> {
        self.from(kind, state).find(|way| way.verb == verb)
    }
}
