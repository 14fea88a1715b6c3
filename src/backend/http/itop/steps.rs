//! Steps and owners: which stimulus it is, and what iTop's own pages want with it (an agent, a team, a service) though its
//! REST does not.

use serde_json::{Map, Value as Json, json};

use super::map::{self, Native};
use super::names::NONE;
use super::plan::Draft;
use super::{Itop, model, time};
use crate::backend::http::tracker::{Part, Record, Wanted};
use crate::backend::{Error, Result};
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::mapping::StepMap;
use crate::domain::name::Name;
use crate::domain::state::Verb;

impl Itop {
    /// The step, the owner, and what they take.
    pub(super) async fn moves(
        &self,
        on: &Record,
        native: &Native,
        wanted: &Wanted,
        main: &mut Draft,
        first: &mut Option<Draft>,
    ) -> Result<()> {
        let owner = wanted.parts.iter().find(|part| matches!(part, Part::Owner(_)));
        let moved = wanted.parts.iter().find(|part| matches!(part, Part::Step(..)));
        let team = main.fields.get("team_id").and_then(Json::as_str).unwrap_or(&native.team).to_owned();
        let mut agent = native.agent.clone();
        let mut who = Map::new();
        if let Some(Part::Owner(name)) = owner {
            agent = self.person(name).await?;
            who = self.assigned(&agent, &team, name)?;
        } else if let (Some(Part::Step(verb, _)), false) = (moved, map::is_set(&agent)) {
            // iTop assigns to persons: who takes the step and names nobody takes the ticket.
            let step = self.step_of(on.kind, &native.class, on.native_state.as_str(), *verb);
            let me = self.names().me.clone().and_then(|me| Some((me.person?, me.name)));
            if let (true, Some((person, name))) = (step.is_some_and(wants_agent) && map::is_set(&team), me) {
                who = self.assigned(&person, &team, &name)?;
                agent = person;
            }
        } else if team != native.team && map::is_set(&agent) && map::is_set(&team) && moved.is_none() {
            self.belongs(&agent, &team, on.owner.as_ref())?;
        }
        let state = on.native_state.as_str();
        let assign = self.step_of(on.kind, &native.class, state, Verb::Assign);
        let Some(Part::Step(verb, to)) = moved else {
            let Some(part) = owner else { return Ok(()) };
            main.carries.push(part.clone());
            if agent == native.agent && !who.contains_key("team_id") && team == native.team {
                return Ok(());
            }
            if !on.state.is_open() {
                let why = format!("{} is {state} in iTop and is not handed over any more. Open it again first.", on.id);
                return Err(Error::invalid("owner", why));
            }
            main.fields.extend(who);
            // Where iTop has no stimulus for it, as while it waits, the agent is a field like others.
            if let Some(step) = assign {
                self.stands(on, native, step, main, &agent)?;
                main.stimulus = step.via.clone();
            }
            return Ok(());
        };
        let step = match self.step_of(on.kind, &native.class, state, *verb) {
            Some(step) => step,
            // Somebody takes it and goes on at once: two stimuli.
            None if owner.is_some() && assign.is_some() => {
                let Some(assign) = assign else { return Ok(()) };
                let Some(step) = self.step_of(on.kind, &native.class, &assign.to, *verb) else {
                    return Err(no_step(on, *verb));
                };
                let mut draft = Draft {
                    stimulus: assign.via.clone(),
                    fields: who.clone(),
                    carries: owner.cloned().into_iter().collect(),
                };
                if let Some(team) = main.fields.remove("team_id") {
                    draft.fields.insert("team_id".into(), team);
                }
                *first = Some(draft);
                step
            }
            None => return Err(no_step(on, *verb)),
        };
        if self.setup.mapping.state(on.kind, &step.to).is_some_and(|reached| reached != *to) {
            return Err(no_step(on, *verb));
        }
        if first.is_none() {
            main.fields.extend(who);
            main.carries.extend(owner.cloned());
        }
        self.dated(on.kind, step, wanted, main);
        self.stands(on, native, step, main, &agent)?;
        main.stimulus = step.via.clone();
        main.carries.extend(moved.cloned());
        if main.stimulus.is_none() {
            let why = format!("the mapping names no stimulus for {verb} from {state}.");
            return Err(Error::Unsupported(why));
        }
        Ok(())
    }

    /// The date that a step is to tell of itself, where nobody said another: when it was taken.
    fn dated(&self, kind: Kind, step: &StepMap, wanted: &Wanted, main: &mut Draft) {
        let via = step.via.as_deref().unwrap_or_default();
        let named = self.setup.mapping.site.get(&format!("date.{kind}.{via}"));
        if let Some(attribute) = named.filter(|attribute| !attribute.is_empty()) {
            let at = || json!(time::write(wanted.at, &self.setup.zone));
            main.fields.entry(attribute.as_str()).or_insert_with(at);
        }
    }

    pub(super) fn step_of(&self, kind: Kind, class: &str, state: &str, verb: Verb) -> Option<&StepMap> {
        let steps = &self.setup.mapping.kind(kind)?.steps;
        steps.iter().find(|step| {
            let from = step.from.iter().any(|from| from.eq_ignore_ascii_case(state));
            step.verb == verb && from && model::has_step(class, step.via.as_deref().unwrap_or_default(), state)
        })
    }

    /// Everything that this step wants is there: iTop enforces a part of it only, its own pages all.
    pub(super) fn stands(&self, on: &Record, native: &Native, step: &StepMap, main: &Draft, agent: &str) -> Result<()> {
        let via = step.via.as_deref().unwrap_or_default();
        for field in &step.needs {
            let Some(attribute) = model::attribute(&self.setup.mapping, on.kind, &native.class, field) else {
                continue;
            };
            let set = main.fields.get(attribute).is_some_and(|value| !matches!(value.as_str(), Some("" | NONE)));
            let held = on.fields.contains_key(field) && !main.fields.contains_key(attribute);
            if !set && !held {
                let why = format!("iTop does not take {via} without {}. Set it with the step.", field.name());
                return Err(Error::invalid(field.name(), why));
            }
        }
        if wants_agent(step) && !map::is_set(agent) {
            let why = format!("iTop assigns to a person: {via} wants an owner. Name one with the step.");
            return Err(Error::invalid("owner", why));
        }
        Ok(())
    }

    /// The fields that hand it to this agent; the team is theirs.
    pub(super) fn assigned(&self, agent: &str, team: &str, name: &Name) -> Result<Map<String, Json>> {
        let mut fields = Map::from_iter([("agent_id".to_owned(), json!(agent))]);
        if map::is_set(team) {
            self.belongs(agent, team, Some(name))?;
            return Ok(fields);
        }
        let names = self.names();
        match names.teams_of(agent).as_slice() {
            [only] => {
                fields.insert("team_id".into(), json!(only));
                Ok(fields)
            }
            _ => Err(Error::invalid(
                "group",
                format!("iTop assigns to a team and one of its members. Say which team {name} takes it for."),
            )),
        }
    }

    /// iTop itself takes anybody for any team, which its own pages would then refuse to save.
    pub(super) fn belongs(&self, agent: &str, team: &str, name: Option<&Name>) -> Result<()> {
        let names = self.names();
        let known = names.members.get(team).is_some_and(|members| !members.is_empty());
        if !known || names.is_member(team, agent) {
            return Ok(());
        }
        let (who, team) = (name.map_or("the owner", Name::as_str), names.team_name(team));
        Err(Error::invalid(
            "owner",
            format!("{who} is not in {team}. iTop assigns to a team and one of its members: name both."),
        ))
    }
}

/// Whether iTop's own pages want an agent with this step.
pub(super) fn wants_agent(step: &StepMap) -> bool {
    step.verb == Verb::Assign || step.verb != Verb::Assess && step.needs.contains(&Field::Group)
}

pub(super) fn no_step(on: &Record, verb: Verb) -> Error {
    let why = format!("iTop does not offer {verb} for {}, which is {} there.", on.id, on.native_state);
    Error::invalid("state", why)
}
