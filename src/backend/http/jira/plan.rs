//! From parts of an act to Jira's requests: fields in one, a step in one, each word in one or along with them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::adf;
use super::history::person;
use super::site::desk_api;
use super::view::{Native, View};
use super::wire::{Approval, Schema, Screen, Transition, plain};
use crate::backend::http::client::{Request, segment};
use crate::backend::http::tracker::{Part, Record, Wanted, Write};
use crate::backend::http::words::{own_field, same};
use crate::backend::{Error, Result};
use crate::domain::change::{Audience, Link, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::state::{State, Verb};

/// What Jira was asked before a plan is made.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The edit screen.
    pub edit: BTreeMap<String, Screen>,
    pub transitions: Vec<Transition>,
    pub approvals: Vec<Approval>,
}

/// Fields as they are to be, and the parts that they come from.
#[derive(Debug, Clone, Default)]
struct Draft {
    fields: Map<String, Json>,
    /// Words to the customer that go along.
    words: Vec<Json>,
    carries: Vec<Part>,
}

impl Draft {
    /// What public words go along with: a step whose screen takes them, or the fields, unless the step ends the work, which
    /// must have happened before the customer is told of it. Nothing where they go by themselves.
    fn for_words<'d>(
        step: Option<&Transition>,
        wanted: &Wanted,
        edit: &'d mut Self,
        with_step: &'d mut Self,
    ) -> Option<&'d mut Self> {
        if step.and_then(|one| one.fields.as_ref()).is_some_and(|screen| screen.contains_key("comment")) {
            return Some(with_step);
        }
        let goes_on = wanted.step().is_some_and(|(_, to)| to.is_open());
        (goes_on && !edit.fields.is_empty()).then_some(edit)
    }

    /// Nothing that is empty is said: a transition without a screen takes no fields.
    fn body(&self) -> Json {
        let mut body = json!({});
        if !self.fields.is_empty() {
            body["fields"] = Json::Object(self.fields.clone());
        }
        if !self.words.is_empty() {
            body["update"] = json!({ "comment": self.words });
        }
        body
    }
}

/// The longest text that Cloud takes. Data Center's limit is its site's own, and told by a refusal.
const LONGEST: usize = 32_767;

impl View<'_> {
    /// The writes that these parts take on that record.
    ///
    /// # Errors
    /// `Invalid`, `Forbidden` or `Unsupported` for what Jira has no place for.
    pub fn writes(&self, on: &Record, wanted: &Wanted, asked: &Asked) -> Result<Vec<Write>> {
        let native = Native::of(on)?;
        let key = on.id.as_str();
        let step = wanted.step().map(|step| self.step_to(on, step, wanted, asked)).transpose()?;
        let transition =
            step.as_ref().and_then(|step| if let Step::Transition(one) = step { Some(*one) } else { None });
        let screen = transition.and_then(|one| one.fields.as_ref());
        let (mut edit, mut with_step, mut links, mut words) =
            (Draft::default(), Draft::default(), Vec::new(), Vec::new());
        let mut writes = Vec::new();
        for part in &wanted.parts {
            match part {
                Part::Field(field, value) => {
                    let Some((id, onto, shown)) = self.place(on, field, value.as_ref(), screen, &asked.edit)? else {
                        continue;
                    };
                    let value = self.native(on.kind, field, value.as_ref(), shown)?;
                    let draft = if onto { &mut with_step } else { &mut edit };
                    draft.fields.insert(id, value);
                    draft.carries.push(part.clone());
                }
                Part::Owner(name) => {
                    let who = person(self.account("owner", name)?, self.site.cloud);
                    if asked.edit.contains_key("assignee") {
                        edit.fields.insert("assignee".into(), who);
                        edit.carries.push(part.clone());
                    } else {
                        let request = Request::put(self.site.issue(key, "/assignee")).json(&who)?;
                        writes.push(Write { carries: vec![part.clone()], request });
                    }
                }
                Part::Link(link) => links.extend(self.link(on, part, link)?),
                Part::Unlink(link) => links.extend(self.unlink(&native, part, link)?),
                Part::Step(..) => with_step.carries.push(part.clone()),
                Part::Say(audience, text) => {
                    self.may_say(&native, *audience, text)?;
                    let along = *audience == Audience::Public && transition.is_some();
                    let with = along.then(|| Draft::for_words(transition, wanted, &mut edit, &mut with_step)).flatten();
                    match with {
                        Some(draft) => {
                            draft.words.push(json!({ "add": { "body": self.rich(text) } }));
                            draft.carries.push(part.clone());
                        }
                        None => words.push(self.say(on, &native, part, (*audience, text))?),
                    }
                }
            }
        }
        if !edit.fields.is_empty() {
            let request = Request::put(self.site.issue(key, "")).json(&edit.body())?;
            writes.insert(0, Write { carries: edit.carries, request });
        }
        writes.extend(links);
        if let Some(step) = step {
            let request = match step {
                Step::Answer(approval, decision) => {
                    let path =
                        format!("rest/servicedeskapi/request/{}/approval/{}", segment(key), segment(&approval.id));
                    desk_api(Request::post(path)).json(&json!({ "decision": decision }))?
                }
                Step::Transition(one) => {
                    self.complete(on.kind, one, &with_step.fields)?;
                    let mut body = with_step.body();
                    body["transition"] = json!({ "id": one.id });
                    Request::post(self.site.issue(key, "/transitions")).json(&body)?
                }
            };
            writes.push(Write { carries: with_step.carries, request });
        }
        writes.extend(words);
        Ok(writes)
    }

    /// Where a field is written: its key, whether with the step, and how the screen shows it. Nothing where nothing is to do.
    fn place<'s>(
        &self,
        on: &Record,
        field: &Field,
        value: Option<&Value>,
        step: Option<&'s BTreeMap<String, Screen>>,
        edit: &'s BTreeMap<String, Screen>,
    ) -> Result<Option<(String, bool, &'s Screen)>> {
        if value.is_none() && (!on.fields.contains_key(field) || *field == Field::PriorityOverride) {
            return Ok(None);
        }
        let Some(id) = self.key_of(on.kind, field) else {
            return Err(Error::Unsupported(format!("this Jira has no place for {}.", field.name())));
        };
        if let Some(shown) = step.and_then(|screen| screen.get(&id)) {
            return Ok(Some((id, true, shown)));
        }
        match edit.get(&id) {
            Some(shown) => Ok(Some((id, false, shown))),
            None => Err(Error::Unsupported(format!(
                "Jira shows {} on no screen of this ticket now, so it cannot be set.",
                field.name()
            ))),
        }
    }

    /// Jira's key of our field; `x.` fields go by the name that they have there.
    pub fn key_of(&self, kind: Kind, field: &Field) -> Option<String> {
        if let Some(native) = self.mapping.field(kind, field) {
            return self.site.field(native).map(|field| field.id.clone());
        }
        let own = |held: &&super::wire::Field| held.custom && own_field(&held.name) == *field;
        self.site.fields.iter().find(own).map(|field| field.id.clone())
    }

    /// Our name of Jira's field.
    pub fn named(&self, kind: Kind, key: &str) -> String {
        let mapped = self.mapping.fields_of(kind).into_iter();
        let mut ours = mapped.filter(|(_, native)| self.site.field(native).is_some_and(|field| field.id == key));
        ours.next().map_or_else(|| key.to_owned(), |(field, _)| field.name().to_owned())
    }

    /// A value as that screen takes it.
    ///
    /// # Errors
    /// `Invalid` where it is none of the values that the screen offers.
    pub fn native(&self, kind: Kind, field: &Field, value: Option<&Value>, shown: &Screen) -> Result<Json> {
        let list = shown.schema.sort == "array";
        let Some(value) = value else { return Ok(if list { json!([]) } else { Json::Null }) };
        let words = self.mapping.to_native(kind, field, value);
        let sort = if list { shown.schema.items.as_deref().unwrap_or("string") } else { shown.schema.sort.as_str() };
        let one = |words: &str| -> Result<Json> {
            if let Some(allowed) = shown.allowed_values.as_ref().filter(|all| !all.is_empty()) {
                let found = allowed.iter().find(|one| same(&plain(one), words));
                let found = found.ok_or_else(|| {
                    let all = allowed.iter().map(plain).collect::<Vec<_>>().join(", ");
                    Error::invalid(
                        field.name(),
                        format!("Jira has no `{words}` for {}. It offers: {all}.", field.name()),
                    )
                })?;
                return Ok(found.get("id").map_or_else(|| json!(words), |id| json!({ "id": id })));
            }
            Ok(match sort {
                _ if self.site.cloud && is_rich(&shown.schema) => {
                    short_enough(field.name(), words)?;
                    adf::of_text(words)
                }
                "user" => person(self.account(field.name(), words)?, self.site.cloud),
                "number" => {
                    let number: Option<f64> = words.parse().ok();
                    json!(number.ok_or_else(|| Error::invalid(field.name(), format!("`{words}` is no number.")))?)
                }
                "option" => json!({ "value": words }),
                "priority" | "resolution" | "component" | "version" | "group" => json!({ "name": words }),
                _ => json!(words),
            })
        };
        Ok(match (value.as_time(), sort) {
            (Some(at), "date") => json!(self.day(field, at)?),
            (Some(at), _) => json!(stamp(at)),
            _ if list => Json::Array(words.split(',').map(str::trim).map(one).collect::<Result<_>>()?),
            _ => one(&words)?,
        })
    }

    /// A day in the site's zone: this field has no time.
    fn day(&self, field: &Field, at: Timestamp) -> Result<String> {
        let zoned = at.to_zoned(self.zone.clone());
        if zoned.start_of_day().is_ok_and(|first| first.timestamp() == at) {
            return Ok(zoned.date().to_string());
        }
        let why = format!("This field keeps days without a time; {at} has one. Give the day only.");
        Err(Error::invalid(field.name(), why))
    }

    pub fn account(&self, field: &str, name: &str) -> Result<&str> {
        let known = self.people.number(name);
        known.ok_or_else(|| Error::invalid(field, format!("This Jira knows nobody called `{name}`.")))
    }

    /// The transition that leads where the step leads, as this issue has it now: names and numbers are no guide.
    fn step_to<'s>(
        &self,
        on: &Record,
        (verb, to): (Verb, State),
        wanted: &Wanted,
        asked: &'s Asked,
    ) -> Result<Step<'s>> {
        let decision = match verb {
            Verb::Approve => Some("approve"),
            Verb::Reject => Some("decline"),
            _ => None,
        };
        let pending = asked.approvals.iter().find(|one| one.final_decision.eq_ignore_ascii_case("pending"));
        if let (Some(decision), Some(approval)) = (decision, pending) {
            if approval.can_answer_approval {
                return Ok(Step::Answer(approval, decision));
            }
            return Err(Error::Forbidden(format!("{} waits for the approval of somebody else.", on.id)));
        }
        let held = self.mapping.field(on.kind, &Field::HoldReason) == Some("status");
        let reason = wanted.field(&Field::HoldReason).filter(|_| held && to == State::OnHold);
        let reason = reason.map(|reason| self.mapping.to_native(on.kind, &Field::HoldReason, reason));
        let step = self.mapping.step(on.kind, &on.native_state, verb);
        if step.is_none() && self.mapping.state(on.kind, &on.native_state).is_some() {
            let why = format!("the profile's mapping has no step {verb} from {}.", on.native_state);
            return Err(Error::Unsupported(why));
        }
        let mapped = step.map(|step| step.to.as_str()).filter(|name| self.mapping.state(on.kind, name) == Some(to));
        let mut names: Vec<&str> = reason.as_deref().or(mapped).into_iter().collect();
        if names.is_empty() {
            names.extend(self.mapping.kind(on.kind).into_iter().flat_map(|kind| kind.natives(to)));
        }
        let offered = asked.transitions.iter().filter(|one| one.is_available != Some(false));
        let fitting: Vec<&Transition> =
            offered.clone().filter(|one| names.iter().any(|name| same(name, &one.to.name))).collect();
        let via = step.and_then(|step| step.via.as_deref());
        let chosen = fitting.iter().find(|one| via.is_some_and(|via| same(via, &one.name))).or_else(|| fitting.first());
        chosen.map(|one| Step::Transition(one)).ok_or_else(|| {
            let others = offered.map(|one| one.to.name.as_str()).collect::<Vec<_>>().join(", ");
            let others = if others.is_empty() { "nothing else".into() } else { others };
            let name = names.first().map_or_else(|| to.to_string(), |name| (*name).to_owned());
            Error::Forbidden(format!(
                "Jira's workflow does not let you move {} from {} to {name}. You may move it to: {others}.",
                on.id, on.native_state
            ))
        })
    }

    /// What the screen of a step will not go without.
    fn complete(&self, kind: Kind, step: &Transition, fields: &Map<String, Json>) -> Result<()> {
        let missing = step.fields.iter().flatten().find(|(key, shown)| {
            shown.required && !shown.has_default_value && !fields.contains_key(*key) && *key != "comment"
        });
        let Some((key, shown)) = missing else { return Ok(()) };
        let field = self.named(kind, key);
        let all = shown.allowed_values.iter().flatten().map(plain).collect::<Vec<_>>().join(", ");
        let all = if all.is_empty() { String::new() } else { format!(" It offers: {all}.") };
        Err(Error::invalid(&field, format!("Jira wants {} with the step {}.{all}", shown.name, step.name)))
    }

    /// Whether anybody would read it, and Jira take it.
    fn may_say(&self, native: &Native, audience: Audience, text: &str) -> Result<()> {
        if audience == Audience::Public && !native.request {
            let why =
                "it has no request type in Jira, so no customer sees it: there is nobody to reply to. Write a note.";
            return Err(Error::Unsupported(why.into()));
        }
        if self.site.cloud { short_enough("text", text) } else { Ok(()) }
    }

    /// Words as this product keeps them.
    fn rich(&self, words: &str) -> Json {
        if self.site.cloud { adf::of_text(words) } else { words.into() }
    }

    /// Words to the customer or a note. Who reads them is always said: without it Jira tells the customer. Cloud takes
    /// documents by its platform only; its service desk would read words as wiki markup.
    fn say(&self, on: &Record, native: &Native, part: &Part, (audience, text): (Audience, &str)) -> Result<Write> {
        let carries = vec![part.clone()];
        let public = audience == Audience::Public;
        if native.request && !self.site.cloud {
            let path = format!("rest/servicedeskapi/request/{}/comment", segment(on.id.as_str()));
            let request = desk_api(Request::post(path)).json(&json!({ "body": text, "public": public }))?;
            return Ok(Write { carries, request });
        }
        let property = json!({ "key": "sd.public.comment", "value": { "internal": !public } });
        let body = json!({ "body": self.rich(text), "properties": [property] });
        let request = Request::post(self.site.issue(on.id.as_str(), "/comment")).json(&body)?;
        Ok(Write { carries, request })
    }

    fn link(&self, on: &Record, part: &Part, link: &Link) -> Result<Option<Write>> {
        if on.links.iter().flatten().any(|held| held == link) {
            return Ok(None);
        }
        if matches!(link.how, LinkKind::ChildOf | LinkKind::ParentOf) {
            return Err(Error::Unsupported("parents are set in Jira itself.".into()));
        }
        let Some((sort, subject)) = self.link_type(link.how) else {
            return Err(Error::Unsupported(format!("the profile's mapping has no link type for {}.", link.how)));
        };
        let known = self.site.link_types.iter().find(|one| same(&one.name, sort));
        let sort = known.ok_or_else(|| Error::Unsupported(format!("this Jira has no link type `{sort}`.")))?;
        let (here, there) = (on.id.as_str(), link.other.as_str());
        // What is sent as `inwardIssue` is the subject of the outward phrase.
        let (subject, object) = if subject { (here, there) } else { (there, here) };
        let body = json!({ "type": { "name": sort.name }, "inwardIssue": { "key": subject }, "outwardIssue": { "key": object } });
        Ok(Some(Write { carries: vec![part.clone()], request: Request::post(self.site.api("issueLink")).json(&body)? }))
    }

    fn unlink(&self, native: &Native, part: &Part, link: &Link) -> Result<Option<Write>> {
        let Some((number, _)) = native.links.iter().find(|(_, held)| held == link) else { return Ok(None) };
        if number.is_empty() {
            return Err(Error::Unsupported("parents are set in Jira itself.".into()));
        }
        let request = Request::delete(self.site.api(&format!("issueLink/{}", segment(number))));
        Ok(Some(Write { carries: vec![part.clone()], request }))
    }
}

/// What a step is to Jira.
enum Step<'s> {
    Transition(&'s Transition),
    Answer(&'s Approval, &'static str),
}

/// Whether a field holds a document on Cloud.
pub fn is_rich(schema: &Schema) -> bool {
    let area = schema.custom.as_deref().is_some_and(|custom| custom.ends_with(":textarea"));
    area || schema.system.as_deref().is_some_and(|system| matches!(system, "description" | "environment"))
}

fn short_enough(field: &str, words: &str) -> Result<()> {
    let long = words.chars().count();
    if long <= LONGEST {
        return Ok(());
    }
    let why = format!("Jira takes at most {LONGEST} letters in one text; these are {long}. Add it as a file.");
    Err(Error::invalid(field, why))
}

/// An instant as Jira takes it.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}
