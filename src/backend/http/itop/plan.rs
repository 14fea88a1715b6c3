//! From the parts of an act to the fewest requests that carry them: fields, state and words in one where that can be.
//!
//! State moves by stimuli only, although iTop would take a plain write of it. What iTop's own pages ask for and its REST
//! does not (an agent, a team, a service) is asked for here.

use serde_json::{Map, Value as Json, json};

use super::map::{self, Native};
use super::model;
use super::names::NONE;
use super::{Itop, oql, wire};
use crate::backend::http::tracker::{Part, Record, Wanted, Write};
use crate::backend::{Error, Result};
use crate::domain::change::{Audience, Link, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::mapping::StepMap;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::Verb;
use crate::text::Clean;

/// What is said of every change in iTop's own history.
pub(super) const COMMENT: &str = "deskside";

/// One request in the making.
#[derive(Debug, Default)]
struct Draft {
    stimulus: Option<String>,
    fields: Map<String, Json>,
    carries: Vec<Part>,
}

impl Itop {
    /// See `Tracker::plan`.
    pub(super) async fn planned(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        let native = Native::of(on);
        let mut main = Draft::default();
        let mut first = None;
        let (mut after, mut says) = (Vec::new(), Vec::new());
        for part in &wanted.parts {
            match part {
                Part::Field(Field::Asset, value) => {
                    self.item(on, &native, part, value.as_ref(), &mut main, &mut after).await?
                }
                Part::Field(field, value) => {
                    self.put(on.kind, &native, field, value.as_ref(), &mut main.fields).await?;
                    main.carries.push(part.clone());
                }
                Part::Owner(_) | Part::Step(..) => {}
                Part::Link(link) => self.link(on, &native, link, part, &mut main, &mut after).await?,
                Part::Unlink(link) => self.unlink(on, link, part, &mut main, &mut after).await?,
                Part::Say(audience, text) => says.push((log(on.kind, *audience)?, text, part)),
            }
        }
        self.moves(on, &native, wanted, &mut main, &mut first).await?;
        let mut writes = Vec::new();
        // Words go with the rest, but last of all where there is more to do: then they are not said too early.
        let together = after.is_empty();
        let mut later = Vec::new();
        for (log, text, part) in says {
            if together && !main.fields.contains_key(log) {
                main.fields.insert(log.into(), entry(text));
                main.carries.push(part.clone());
            } else {
                later.push(Draft {
                    fields: Map::from_iter([(log.into(), entry(text))]),
                    carries: vec![part.clone()],
                    stimulus: None,
                });
            }
        }
        let guarded = !main.carries.is_empty() && !main.carries.iter().all(|part| matches!(part, Part::Say(..)));
        for (n, draft) in first.into_iter().chain(Some(main)).enumerate() {
            // An owner who owns it already: nothing to do.
            if draft.stimulus.is_some() || !draft.fields.is_empty() {
                writes.push(self.request(&native, draft, guarded && n == 0 && writes.is_empty())?);
            }
        }
        writes.extend(after);
        for draft in later {
            writes.push(self.request(&native, draft, false)?);
        }
        Ok(writes)
    }

    /// The step, the owner, and what they take.
    async fn moves(
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
        self.stands(on, native, step, main, &agent)?;
        main.stimulus = step.via.clone();
        main.carries.extend(moved.cloned());
        if main.stimulus.is_none() {
            let why = format!("the mapping names no stimulus for {verb} from {state}.");
            return Err(Error::Unsupported(why));
        }
        Ok(())
    }

    fn step_of(&self, kind: Kind, class: &str, state: &str, verb: Verb) -> Option<&StepMap> {
        let steps = &self.setup.mapping.kind(kind)?.steps;
        steps.iter().find(|step| {
            let from = step.from.iter().any(|from| from.eq_ignore_ascii_case(state));
            step.verb == verb && from && model::has_step(class, step.via.as_deref().unwrap_or_default(), state)
        })
    }

    /// Everything that this step wants is there: iTop enforces a part of it only, its own pages all.
    fn stands(&self, on: &Record, native: &Native, step: &StepMap, main: &Draft, agent: &str) -> Result<()> {
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
    fn assigned(&self, agent: &str, team: &str, name: &Name) -> Result<Map<String, Json>> {
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
    fn belongs(&self, agent: &str, team: &str, name: Option<&Name>) -> Result<()> {
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

    async fn item(
        &self,
        on: &Record,
        native: &Native,
        part: &Part,
        value: Option<&Value>,
        main: &mut Draft,
        after: &mut Vec<Write>,
    ) -> Result<()> {
        let Some(attribute) = model::attribute(&self.setup.mapping, on.kind, &native.class, &Field::Asset) else {
            return Err(no_place(&Field::Asset, on.kind));
        };
        let wanted = value.and_then(Value::as_str).unwrap_or_default();
        let number = if wanted.is_empty() { None } else { Some(self.key_of("FunctionalCI", wanted, "asset").await?) };
        let manual = native.items.iter().filter(|(_, _, impact)| impact != "computed");
        let held: Vec<&(String, String, String)> = manual.collect();
        match number {
            // One more link: replacing the whole set would take away what others add meanwhile.
            Some(number) if held.is_empty() => {
                let fields = json!({ "ticket_id": native.key, "functionalci_id": number, "impact_code": "manual" });
                let operation = create("lnkFunctionalCIToTicket", &fields, "id");
                after.push(Write { carries: vec![part.clone()], request: wire::send(&operation)? });
            }
            number => {
                let kept = held.iter().skip(1).map(|(number, ..)| number.clone());
                let all = number.into_iter().chain(kept);
                let set: Vec<Json> = all.map(|ci| json!({ "functionalci_id": ci, "impact_code": "manual" })).collect();
                main.fields.insert(attribute.to_owned(), Json::Array(set));
                main.carries.push(part.clone());
            }
        }
        Ok(())
    }

    async fn link(
        &self,
        on: &Record,
        native: &Native,
        link: &Link,
        part: &Part,
        main: &mut Draft,
        after: &mut Vec<Write>,
    ) -> Result<()> {
        let (other, kind) = self.placed(&link.other).await?;
        if other.key == native.key {
            return Err(Error::invalid("link", format!("{} cannot be linked to itself.", on.id)));
        }
        if let Some(code) = forward(on.kind, kind, link.how) {
            if let Some(held) = native.parent(code).filter(|held| *held != other.key) {
                let held = native.parents.iter().find(|(_, key, _)| key == held).map(|(_, _, id)| id.as_str());
                let held = held.unwrap_or("another ticket");
                return Err(Error::invalid(
                    "link",
                    format!("{} hangs on {held} already; iTop keeps one only. Unlink that first.", on.id),
                ));
            }
            if link.how == LinkKind::ChildOf {
                self.no_circle(&other.class, &other.key, code, &native.key).await?;
            }
            main.fields.insert(code.into(), json!(other.key));
            main.carries.push(part.clone());
            return Ok(());
        }
        let Some(code) = forward(kind, on.kind, link.how.inverse()) else { return Err(no_link(link, on.kind)) };
        let fields = json!({ code: native.key });
        let operation = update(&other.class, json!(other.key), &fields, code);
        after.push(Write { carries: vec![part.clone()], request: wire::send(&operation)? });
        Ok(())
    }

    async fn unlink(
        &self,
        on: &Record,
        link: &Link,
        part: &Part,
        main: &mut Draft,
        after: &mut Vec<Write>,
    ) -> Result<()> {
        let (other, kind) = self.placed(&link.other).await?;
        if let Some(code) = forward(on.kind, kind, link.how) {
            main.fields.insert(code.into(), json!(0));
            main.carries.push(part.clone());
            return Ok(());
        }
        let Some(code) = forward(kind, on.kind, link.how.inverse()) else { return Err(no_link(link, on.kind)) };
        let operation = update(&other.class, json!(other.key), &json!({ code: 0 }), code);
        after.push(Write { carries: vec![part.clone()], request: wire::send(&operation)? });
        Ok(())
    }

    /// iTop refuses a ticket as its own parent, but not as its grandparent.
    async fn no_circle(&self, class: &str, key: &str, code: &str, me: &str) -> Result<()> {
        let found = self.get(class, &json!(key), &[code], 1).await?;
        let above = found.objects.0.first().map(|object| object.text(code)).unwrap_or_default();
        if above == me { Err(Error::invalid("link", "That one is a child of this one already.")) } else { Ok(()) }
    }

    /// The request of a draft. Guarded, it fits only the ticket as it was when it was last read: that narrows the race,
    /// and does not close it.
    fn request(&self, native: &Native, draft: Draft, guarded: bool) -> Result<Write> {
        let guarded = guarded && !native.last_update.is_empty();
        let key = if guarded {
            let (class, id, at) = (&native.class, oql::quote(&native.key), oql::quote(&native.last_update));
            json!(format!("SELECT {class} WHERE id = {id} AND last_update = {at}"))
        } else {
            json!(native.key)
        };
        let mut output = vec!["status", "last_update"];
        output.extend(["public_log", "private_log"].into_iter().filter(|log| draft.fields.contains_key(*log)));
        let output = output.join(",");
        let fields = Json::Object(draft.fields);
        let operation = match &draft.stimulus {
            Some(stimulus) => json!({
                "operation": "core/apply_stimulus", "class": native.class, "key": key, "stimulus": stimulus,
                "comment": COMMENT, "fields": fields, "output_fields": output,
            }),
            None => update(&native.class, key, &fields, &output),
        };
        Ok(Write { carries: draft.carries, request: wire::send(&operation)? })
    }
}

pub(super) fn update(class: &str, key: Json, fields: &Json, output: &str) -> Json {
    json!({
        "operation": "core/update", "class": class, "key": key, "comment": COMMENT, "fields": fields,
        "output_fields": output,
    })
}

pub(super) fn create(class: &str, fields: &Json, output: &str) -> Json {
    json!({ "operation": "core/create", "class": class, "comment": COMMENT, "fields": fields, "output_fields": output })
}

/// Whether iTop's own pages want an agent with this step.
fn wants_agent(step: &StepMap) -> bool {
    step.verb == Verb::Assign || step.verb != Verb::Assess && step.needs.contains(&Field::Group)
}

/// A log's entry as plain text: a bare string would be taken for HTML and lose its lines.
pub(super) fn entry(text: &Clean) -> Json {
    json!({ "add_item": { "message": text.as_str(), "format": "text" } })
}

/// Where these words go. What has no place for the caller's eyes never goes among us instead, nor the other way round.
pub(super) fn log(kind: Kind, audience: Audience) -> Result<&'static str> {
    match audience {
        Audience::Internal => Ok("private_log"),
        Audience::Public if model::has_public_log(kind) => Ok("public_log"),
        Audience::Public => {
            let why = format!("a {kind} has no words to the caller in iTop. Write an internal note instead.");
            Err(Error::Unsupported(why))
        }
    }
}

/// The attribute by which a ticket of one kind points so at one of another.
fn forward(from: Kind, to: Kind, how: LinkKind) -> Option<&'static str> {
    let codes = model::parents(from).iter();
    codes.filter(|(code, kind)| *kind == to && map::link_of(from, code) == Some(how)).map(|(code, _)| *code).next()
}

pub(super) fn no_place(field: &Field, kind: Kind) -> Error {
    Error::invalid(field.name(), format!("iTop has no place for {} on a {kind}.", field.name()))
}

fn no_link(link: &Link, kind: Kind) -> Error {
    let how = link.how.as_str().replace('_', " ");
    Error::Unsupported(format!("iTop has no link “{how}” from a {kind} to {}.", link.other))
}

fn no_step(on: &Record, verb: Verb) -> Error {
    let why = format!("iTop does not offer {verb} for {}, which is {} there.", on.id, on.native_state);
    Error::invalid("state", why)
}

/// So that callers of [`Itop::placed`] need not know where it comes from.
pub(super) fn not_found(id: &TicketId) -> Error {
    Error::NotFound(id.clone())
}
