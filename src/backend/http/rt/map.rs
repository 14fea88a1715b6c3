//! From a ticket as RT hands it out to a record. Pure.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::facts::{NOBODY, Place, SYSTEM, Site};
use super::wire::{Custom, Hyper, Object, time};
use crate::backend::http::assemble::tracker_speaks;
use crate::backend::http::tracker::{Record, revision};
use crate::backend::http::words::{at_work, is_yes, own_field};
use crate::domain::change::{Link, LinkKind};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::sla::Metric;
use crate::domain::state::State;
use crate::domain::summary::{Glance, GlanceState};
use crate::text::Clean;

/// The kind of another ticket, where it is known.
pub type KindOf<'k> = &'k dyn Fn(&str) -> Option<Kind>;

/// The record; none when its queue holds nothing of ours, or the queue may not be seen.
pub fn record(site: &Site, ticket: &Object, kind_of: KindOf<'_>) -> Option<Record> {
    let kind = site.kind_of(&ticket.within("Queue", "Name"))?;
    let native = ticket.text("Status");
    let state = state(site, kind, &native, ticket);
    let opened = ticket.time("Created")?;
    let mut record =
        Record::new(TicketId::new(&ticket.id()), kind, state, opened, person(&ticket.reference("Creator")));
    record.native_state = Name::new(&native);
    record.shallow = ticket.customs().is_none();
    record.updated = ticket.time("LastUpdated").unwrap_or(opened);
    record.revision = revision(&core(ticket));
    record.owner =
        Some(ticket.reference("Owner")).filter(|owner| !owner.is_empty() && owner != NOBODY).map(|o| Name::new(&o));
    record.resolved = ticket.time("Resolved").filter(|_| !state.is_open());
    record.last_public = ticket.time("Told");
    record.responded = [ticket.time("Started"), ticket.time("Told")].into_iter().flatten().min();
    record.clock = clock(ticket, state, opened);
    fields(site, kind, ticket, &mut record);
    let hypers = ticket.hypers();
    record.links = hypers.as_ref().map(|all| all.iter().filter_map(|hyper| link(kind, hyper, kind_of)).collect());
    let may = hypers.iter().flatten().map(|hyper| hyper.rel.as_str());
    let may: Vec<&str> = may.filter(|rel| matches!(*rel, "comment" | "correspond" | "lifecycle")).collect();
    let next = hypers.iter().flatten().filter(|hyper| hyper.rel == "lifecycle").map(|hyper| hyper.to.as_str());
    let next: Vec<&str> = next.collect();
    let held = hypers.iter().flatten().filter(|hyper| hyper.sort == "ticket" && hyper.rel != "self");
    let held: Vec<(&str, &str)> = held.map(|hyper| (hyper.rel.as_str(), hyper.id.as_str())).collect();
    record.native = json!({ "may": may, "next": next, "links": held, "full": hypers.is_some() });
    Some(record)
}

/// What a ticket shows alike in lists and alone, and what changes with most writes.
pub fn core(ticket: &Object) -> String {
    let dates = ["LastUpdated", "Due", "Resolved", "Told", "Started"];
    let dates = dates.map(|key| ticket.time(key).map_or(0, Timestamp::as_second).to_string());
    let words = ["Subject", "Status", "Priority", "SLA"].map(|key| ticket.text(key));
    let whose = ["Owner", "Queue", "LastUpdatedBy"].map(|key| ticket.reference(key));
    [dates.join("\u{1f}"), words.join("\u{1f}"), whose.join("\u{1f}")].join("\u{1f}")
}

fn person(login: &str) -> Name {
    if login.is_empty() || login == SYSTEM { tracker_speaks() } else { Name::new(login) }
}

/// A state that nobody mapped: over when RT says so, at work otherwise.
fn state(site: &Site, kind: Kind, native: &str, ticket: &Object) -> State {
    let over = ticket.time("Resolved").is_some();
    site.setup.mapping.state(kind, native).unwrap_or(match (kind, over) {
        (Kind::Incident | Kind::Problem, true) => State::Resolved,
        (Kind::Request, true) => State::Fulfilled,
        (Kind::Change, true) => State::Closed,
        (kind, false) => at_work(kind),
    })
}

/// RT keeps a due date and moves it itself; while its clock stands still there is none.
fn clock(ticket: &Object, state: State, opened: Timestamp) -> Option<Glance> {
    let metric = Some(Metric::Resolution);
    let Some(due) = ticket.time("Due") else {
        let stands = state == State::OnHold && !ticket.text("SLA").is_empty();
        return stands.then(|| Glance { state: GlanceState::Paused, metric, ..Glance::default() });
    };
    let ended = ticket.time("Resolved").filter(|_| !state.is_open());
    let how = match ended {
        Some(at) if at <= due => GlanceState::Met,
        Some(_) => GlanceState::Breached,
        None if state.is_open() => GlanceState::Running,
        None => GlanceState::Met,
    };
    let ms = due.as_millisecond();
    let quarter = due.duration_since(opened).max(SignedDuration::ZERO) / 4;
    let risk = due.saturating_sub(quarter).map_or(ms, Timestamp::as_millisecond);
    Some(Glance { state: how, metric, due: Some(ms), late: Some(ms), risk: Some(risk), left: None })
}

fn fields(site: &Site, kind: Kind, ticket: &Object, record: &mut Record) {
    let customs = ticket.customs().unwrap_or_default();
    let mut known: Vec<String> = Vec::new();
    for field in site.setup.mapping.fields_of(kind).into_keys() {
        let words = match site.place(kind, field) {
            Place::Nowhere => continue,
            Place::Status => {
                said_by_state(site, kind, field, record);
                continue;
            }
            Place::Core(key) => core_words(field, &key, ticket),
            Place::Custom(name) => {
                let words = customs.iter().find(|custom| custom.name.eq_ignore_ascii_case(&name)).map(joined);
                known.push(name.to_lowercase());
                words.unwrap_or_default()
            }
            Place::Role(name) => role(site, &name, ticket),
        };
        put(site, kind, field, &words, record);
    }
    for custom in customs.iter().filter(|custom| !known.contains(&custom.name.to_lowercase())) {
        record.set_name(own_field(&custom.name), &joined(custom));
    }
}

fn joined(custom: &Custom) -> String {
    custom.values.join(", ")
}

fn core_words(field: &Field, key: &str, ticket: &Object) -> String {
    match field.shape() {
        Shape::Time => ticket.time(key).map(|at| at.to_string()).unwrap_or_default(),
        _ => ticket.reference(key),
    }
}

fn role(site: &Site, name: &str, ticket: &Object) -> String {
    let key = site.role_key(name).unwrap_or_default();
    let Some(one) = ticket.members(&key).into_iter().next() else { return String::new() };
    if one.text("type") != "group" {
        return one.id();
    }
    let named = one.text("Name");
    if named.is_empty() { site.facts.groups.get(&one.id()).map_or(String::new(), ToString::to_string) } else { named }
}

/// A field that the state tells: why it waits, whether its error is known.
fn said_by_state(site: &Site, kind: Kind, field: &Field, record: &mut Record) {
    let native = record.native_state.clone();
    let words = site.setup.mapping.to_ours(kind, field, &native);
    if words != native.as_str() {
        put(site, kind, field, words, record);
    }
}

/// Sets a field to what stands there in RT's words; nothing when it is empty or makes no sense.
fn put(site: &Site, kind: Kind, field: &Field, words: &str, record: &mut Record) {
    if *field == Field::PriorityOverride {
        record.priority = priority(site, kind, words);
    } else if let Some(value) = value(site, kind, field, words) {
        record.fields.insert(field.clone(), value);
    }
}

/// What stands there in RT's words, as a value of ours.
pub fn value(site: &Site, kind: Kind, field: &Field, words: &str) -> Option<Value> {
    if words.is_empty() {
        return None;
    }
    let ours = site.setup.mapping.to_ours(kind, field, words);
    match field.shape() {
        Shape::Text => Some(Value::Text(Clean::line(ours))),
        Shape::Lines => Some(Value::Text(Clean::body(ours))),
        Shape::Name => Some(Value::Name(Name::new(ours))),
        Shape::Number => ours.parse().ok().map(Value::Number),
        Shape::Time => time(ours, &site.facts.zone).map(Value::Time),
        Shape::Flag => Some(Value::Flag(is_yes(ours))),
    }
}

/// The level whose number is nearest: RT's priorities are any numbers.
pub fn priority(site: &Site, kind: Kind, words: &str) -> Option<u8> {
    let number: i64 = words.parse().ok()?;
    let level = |ours: u8| {
        let native = site.setup.mapping.to_native(kind, &Field::PriorityOverride, &Value::Number(ours.into()));
        native.parse::<i64>().ok().map(|native| (native.abs_diff(number), ours))
    };
    let mapped = site.setup.mapping.values.contains_key(&Field::PriorityOverride)
        || site.setup.mapping.kind(kind).is_some_and(|map| map.values.contains_key(&Field::PriorityOverride));
    // Nought is what RT gives a ticket that nobody weighed.
    let levels = (1..=5).filter_map(level).filter(|(away, ours)| mapped && (number != 0 || *away == 0) && *ours < 6);
    let spelled = |ours: u8| {
        site.setup.mapping.to_native(kind, &Field::PriorityOverride, &Value::Number(ours.into())) != ours.to_string()
    };
    levels.filter(|(away, ours)| spelled(*ours) || *away == 0).min().map(|(_, ours)| ours)
}

/// How a link of RT is called here; the other end's kind decides what a reference means.
fn link(kind: Kind, hyper: &Hyper, kind_of: KindOf<'_>) -> Option<Link> {
    if hyper.sort != "ticket" {
        return None;
    }
    let how = how(kind, &hyper.rel, kind_of(&hyper.id))?;
    Some(Link { how, other: TicketId::new(&hyper.id) })
}

/// The same by the name of the relation.
pub fn how(kind: Kind, rel: &str, other: Option<Kind>) -> Option<LinkKind> {
    use Kind::{Change, Incident, Problem, Request};
    Some(match (rel, kind, other) {
        ("refers-to", Incident, Some(Problem)) => LinkKind::ProblemIs,
        ("referred-to-by", Problem, Some(Incident)) => LinkKind::ProblemOf,
        ("refers-to", Incident | Problem | Request, Some(Change)) => LinkKind::CausedBy,
        ("referred-to-by", Change, Some(Incident | Problem | Request)) => LinkKind::Caused,
        ("refers-to" | "referred-to-by", ..) => LinkKind::RelatesTo,
        ("depends-on", Incident | Problem | Request, Some(Change)) => LinkKind::FixedBy,
        ("depended-on-by", Change, Some(Incident | Problem | Request)) => LinkKind::Fixes,
        ("depends-on", ..) => LinkKind::Follows,
        ("depended-on-by", ..) => LinkKind::FollowedBy,
        ("parent", ..) => LinkKind::ChildOf,
        ("child", ..) => LinkKind::ParentOf,
        _ => return None,
    })
}

/// Whether it takes the kind of the other end to say what this relation is.
pub fn is_told_by_kind(kind: Kind, rel: &str) -> bool {
    Kind::ALL.iter().any(|other| how(kind, rel, Some(*other)) != how(kind, rel, None))
}

/// The keys with which RT adds and removes such a link; none for what it does not know.
pub const fn link_key(how: LinkKind) -> Option<(&'static str, &'static str)> {
    Some(match how {
        LinkKind::ProblemIs | LinkKind::CausedBy | LinkKind::RelatesTo => ("RefersTo", "refers-to"),
        LinkKind::ProblemOf | LinkKind::Caused => ("ReferredToBy", "referred-to-by"),
        LinkKind::FixedBy | LinkKind::Follows => ("DependsOn", "depends-on"),
        LinkKind::Fixes | LinkKind::FollowedBy => ("DependedOnBy", "depended-on-by"),
        LinkKind::ChildOf => ("MemberOf", "parent"),
        LinkKind::ParentOf => ("Members", "child"),
        LinkKind::DuplicateOf | LinkKind::DuplicatedBy => return None,
    })
}
