//! The writes that an act takes: one PUT for all that can be put, then words among us, then words to the customer. Pure,
//! but for what `mod` reads beforehand.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::facts::{NOBODY, Place, Site};
use super::map;
use super::put::{Put, computed, matrix, set};
use crate::backend::http::client::{Request, segment};
use crate::backend::http::tracker::{Part, Record, Wanted, Write};
use crate::backend::{Error, Result};
use crate::domain::change::{Audience, Link};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::mapping::StepMap;
use crate::domain::state::{State, Verb};

/// Where calls go.
pub const REST: &str = "REST/2.0";

/// The writes, and the approval that a step takes where there is one.
pub fn plan(site: &Site, on: &Record, wanted: &Wanted, approval: Option<&str>) -> Result<Vec<Write>> {
    let path = format!("{REST}/ticket/{}", segment(on.id.as_str()));
    let mut writes = Vec::new();
    let mut put = Put::default();
    let (mut say, mut last) = (Vec::new(), None);
    let alone = !wanted.parts.iter().any(|part| !matches!(part, Part::Owner(_) | Part::Say(..)));
    for part in &wanted.parts {
        match part {
            Part::Field(field, value) => set(site, on.kind, field, value.as_ref(), wanted, &mut put)?,
            Part::Owner(name) if *name == wanted.me && (alone || on.owner.is_some()) => {
                // Of RT's writes only this lets one of two win.
                let way = if on.owner.is_none() { "take" } else { "steal" };
                let request = Request::put(format!("{path}/{way}")).json(&json!({}))?;
                writes.push(Write { carries: vec![part.clone()], request });
                continue;
            }
            Part::Owner(name) => {
                let owner = if name.is_empty() { NOBODY } else { name.as_str() };
                if owner != NOBODY && !site.knows(owner) {
                    return Err(Error::invalid("owner", format!("{owner} has no log-in on this tracker.")));
                }
                put.body.insert("Owner".into(), owner.into());
            }
            Part::Link(held) => {
                let key = key_of(held)?;
                put.many(&format!("Add{}", key.0), held.other.as_str().into());
            }
            Part::Unlink(held) => unlink(on, held, &mut put)?,
            Part::Step(verb, to) => {
                let step = step(site, on, *verb, *to, wanted)?;
                if let (Some("approval"), Some(id)) = (step.via.as_deref(), approval) {
                    say.push(decide(id, *verb, part, wanted)?);
                    continue;
                }
                if is_doubtful(on, &step.to) {
                    let status = json!({ "Status": step.to });
                    last = Some(Write { carries: vec![part.clone()], request: Request::put(&path).json(&status)? });
                    continue;
                }
                put.body.insert("Status".into(), step.to.as_str().into());
            }
            Part::Say(audience, words) => {
                say.push(word(&path, on, *audience, words, part)?);
                continue;
            }
        }
        put.carries.push(part.clone());
    }
    computed(site, on, wanted, &mut put);
    if !put.body.is_empty() {
        writes.push(Write { carries: put.carries, request: Request::put(&path).json(&Json::Object(put.body))? });
    }
    writes.extend(last);
    guard(on, &mut writes);
    writes.extend(say);
    Ok(writes)
}

/// Whether RT may well refuse this step: it does not offer it, or the ticket depends on another one. Then it goes by
/// itself, and is looked at before any words go out that tell of it.
pub fn is_doubtful(on: &Record, to: &str) -> bool {
    let offered = on.native.get("next").and_then(Json::as_array);
    let offered = offered.into_iter().flatten().filter_map(Json::as_str).any(|next| next.eq_ignore_ascii_case(to));
    let links = on.native.get("links").and_then(Json::as_array);
    !offered || links.into_iter().flatten().any(|link| link[0].as_str() == Some("depends-on"))
}

/// The first PUT is refused when somebody else wrote since the record was read. On words RT answers 412 whatever is sent.
fn guard(on: &Record, writes: &mut [Write]) {
    let tag = on.native.get("etag").and_then(Json::as_str);
    if let (Some(tag), Some(first)) = (tag, writes.first_mut()) {
        first.request.headers.push(("If-Match".into(), tag.to_owned()));
    }
}

/// The step of the site's workflow that this is: of several that lead to the same state of ours, the one whose state says
/// what is wanted with it.
fn step<'s>(site: &'s Site, on: &Record, verb: Verb, to: State, wanted: &Wanted) -> Result<&'s StepMap> {
    let map = site.setup.mapping.kind(on.kind);
    let native = on.native_state.as_str();
    let all: Vec<&StepMap> = map.into_iter().flat_map(|map| &map.steps).filter(|step| step.verb == verb).collect();
    let mut fits: Vec<&StepMap> =
        all.iter().copied().filter(|step| step.from.iter().any(|from| from.eq_ignore_ascii_case(native))).collect();
    fits.retain(|step| site.setup.mapping.state(on.kind, &step.to).is_none_or(|is| is == to));
    for part in &wanted.parts {
        let Part::Field(field, Some(value)) = part else { continue };
        if site.place(on.kind, field) != Place::Status || value.as_flag() == Some(false) {
            continue;
        }
        let state = site.setup.mapping.to_native(on.kind, field, value);
        fits.retain(|step| step.to.eq_ignore_ascii_case(&state));
        if fits.is_empty() {
            return Err(Error::invalid(field.name(), format!("{value} is no {} of this tracker.", field.name())));
        }
    }
    let no = || Error::Unsupported(format!("there is no step to {verb} a ticket that is {native} on this tracker."));
    fits.first().copied().ok_or_else(no)
}

/// An approval is a ticket of its own: deciding on that moves the change.
fn decide(id: &str, verb: Verb, part: &Part, wanted: &Wanted) -> Result<Write> {
    let path = format!("{REST}/ticket/{}", segment(id));
    let request = if verb == Verb::Reject || verb == Verb::Revert {
        let why = wanted
            .parts
            .iter()
            .find_map(|part| if let Part::Say(_, words) = part { Some(words.as_str()) } else { None });
        let why = why.unwrap_or("Rejected.");
        Request::post(format!("{path}/correspond"))
            .json(&json!({ "Content": why, "ContentType": "text/plain", "Status": "rejected" }))?
    } else {
        Request::put(path).json(&json!({ "Status": "resolved" }))?
    };
    Ok(Write { carries: vec![part.clone()], request })
}

/// Words. What RT does not offer on this ticket is refused here: it must never end on the other side.
fn word(path: &str, on: &Record, audience: Audience, words: &str, part: &Part) -> Result<Write> {
    if words.trim().is_empty() {
        return Err(Error::invalid("text", "There are no words to send."));
    }
    let (way, what) = match audience {
        Audience::Public => ("correspond", "reply on"),
        Audience::Internal => ("comment", "write internal notes on"),
    };
    if on.native.get("full") == Some(&Json::Bool(true)) && !may(on, way) {
        return Err(Error::Forbidden(format!("you may not {what} {}", on.id)));
    }
    let body = json!({ "Content": words, "ContentType": "text/plain" });
    Ok(Write { carries: vec![part.clone()], request: Request::post(format!("{path}/{way}")).json(&body)? })
}

/// Whether RT offers this to the user on this ticket.
pub fn may(on: &Record, way: &str) -> bool {
    let offered = on.native.get("may").and_then(Json::as_array);
    offered.into_iter().flatten().any(|held| held.as_str() == Some(way))
}

fn key_of(link: &Link) -> Result<(&'static str, &'static str)> {
    map::link_key(link.how).ok_or_else(|| {
        Error::Unsupported("duplicates are merged on this tracker, which cannot be undone; merge them there.".into())
    })
}

/// A relation may stand either way round: the one that is there is removed.
fn unlink(on: &Record, link: &Link, put: &mut Put) -> Result<()> {
    let (key, rel) = key_of(link)?;
    let other = link.other.as_str();
    let held = on.native.get("links").and_then(Json::as_array);
    let held = |wanted: &str| {
        held.into_iter().flatten().any(|pair| pair[0].as_str() == Some(wanted) && pair[1].as_str() == Some(other))
    };
    let key = if rel == "refers-to" && !held(rel) && held("referred-to-by") { "ReferredToBy" } else { key };
    put.many(&format!("Delete{key}"), other.into());
    Ok(())
}

/// A new ticket with all that one request takes. What RT would drop without a word stays out; it follows, and is refused
/// aloud.
///
/// # Errors
/// The kind is held nowhere.
pub fn create(site: &Site, kind: Kind, wanted: &Wanted) -> Result<Request> {
    let Some(queue) = site.queues(kind).first().copied() else {
        return Err(Error::Unsupported(format!("there is no queue for a {kind} on this tracker.")));
    };
    let mut put = Put::default();
    for part in &wanted.parts {
        match part {
            Part::Field(Field::Description, Some(words)) => {
                put.body.insert("Content".into(), words.to_string().into());
                put.body.insert("ContentType".into(), "text/plain".into());
            }
            Part::Field(field, value @ Some(_)) => match set(site, kind, field, value.as_ref(), wanted, &mut put) {
                Err(Error::Invalid { field, reason }) if field == "title" => {
                    return Err(Error::Invalid { field, reason });
                }
                _ => {}
            },
            Part::Owner(name) if site.knows(name) => {
                put.body.insert("Owner".into(), name.as_str().into());
            }
            _ => {}
        }
    }
    if !put.body.contains_key("Priority") {
        let level = |field| wanted.field(&field).and_then(Value::as_number);
        if let Some(number) = matrix(site, kind, level(Field::Impact), level(Field::Urgency)) {
            put.body.insert("Priority".into(), number.into());
        }
    }
    put.body.insert("Queue".into(), queue.into());
    Request::post(format!("{REST}/ticket")).json(&Json::Object(put.body))
}

/// Fields of choice, with what they offer.
pub fn choices(site: &Site, field: &Field) -> Vec<String> {
    let mut all: BTreeMap<String, ()> = BTreeMap::new();
    let mut ordered = Vec::new();
    for kind in site.setup.mapping.kinds.keys() {
        let Place::Custom(name) = site.place(*kind, field) else { continue };
        for choice in site.custom(&name).into_iter().flat_map(|custom| &custom.choices) {
            let ours = site.setup.mapping.to_ours(*kind, field, choice).to_owned();
            if all.insert(ours.clone(), ()).is_none() {
                ordered.push(ours);
            }
        }
    }
    ordered
}
