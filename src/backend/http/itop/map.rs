//! From an iTop ticket to a record: states, fields, words. Pure.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::model::{self, Sort};
use super::names::{NONE, Names};
use super::time;
use super::wire::{self, Object};
use crate::backend::http::assemble::tracker_speaks;
use crate::backend::http::tracker::{Entry, Record, revision};
use crate::backend::http::words::is_yes;
use crate::domain::change::{Audience, Change, Link, LinkKind};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;
use crate::domain::mapping::Mapping;
use crate::domain::name::{Name, TicketId};
use crate::domain::sla::Metric;
use crate::domain::state::{State, Verb};
use crate::domain::summary::{Glance, GlanceState};
use crate::text::{Clean, from_html};

/// What a write needs of a ticket, in iTop's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Native {
    pub class: String,
    pub key: String,
    pub last_update: String,
    pub org: String,
    pub team: String,
    pub agent: String,
    pub service: String,
    /// Keys of the tickets that it hangs on, by attribute.
    pub parents: Vec<(String, String, TicketId)>,
    /// Numbers, names and impact codes of its configuration items.
    pub items: Vec<(String, String, String)>,
}

impl Native {
    pub fn of(record: &Record) -> Self {
        record.native().unwrap_or_default()
    }

    pub fn parent(&self, attribute: &str) -> Option<&str> {
        self.parents.iter().find(|(code, ..)| code == attribute).map(|(_, key, _)| key.as_str())
    }
}

/// How a site is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    pub mapping: &'a Mapping,
    pub zone: &'a TimeZone,
}

impl Reading<'_> {
    /// The record of this ticket; its history where the logs were asked for.
    pub fn record(self, object: &Object, kind: Kind, names: &mut Names) -> Record {
        let at = |attribute: &str| time::read(object.text(attribute), self.zone);
        let updated = at("last_update");
        // A change's start is the one that is planned.
        let opened = if kind == Kind::Change { at("creation_date") } else { at("start_date") };
        let opened = opened.or(updated).unwrap_or(Timestamp::UNIX_EPOCH);
        let status = object.text("status");
        let state = self.state(kind, status, object);
        let id = names.ticket(&object.class, &object.key, object.text("ref"));
        let mut record = Record::new(id, kind, state, opened, tracker_speaks());
        record.native_state = Name::new(status);
        record.revision = revision(&stamp(object));
        record.updated = updated.unwrap_or(opened).max(opened);
        let agent = object.text("agent_id");
        record.owner = is_set(agent).then(|| names.person(agent, object.text("agent_id_friendlyname")));
        record.priority = object.text("priority").parse().ok().filter(|level| (1..=5).contains(level));
        self.fields(object, &mut record, names);
        record.responded = at("assignment_date");
        record.resolved = at("resolution_date").filter(|_| !state.is_open());
        record.closed = at("close_date").filter(|_| state.is_final());
        record.clock = self.clock(object, kind, state);
        if object.fields.contains_key("private_log") {
            self.words(object, &mut record, names);
        }
        record.native = serde_json::to_value(native(object)).unwrap_or_default();
        record
    }

    /// Our state; for one that nobody mapped, the nearest that its operational status tells.
    fn state(self, kind: Kind, status: &str, object: &Object) -> State {
        self.mapping.state(kind, status).unwrap_or_else(|| match object.text("operational_status") {
            "closed" => State::Closed,
            "resolved" if kind == Kind::Request => State::Fulfilled,
            "resolved" => State::Resolved,
            _ if is_set(object.text("agent_id")) => State::Assigned,
            _ => crate::domain::lifecycle::initial(kind),
        })
    }

    fn fields(self, object: &Object, record: &mut Record, names: &mut Names) {
        let mapping = self.mapping;
        for (field, attribute) in mapping.fields_of(record.kind) {
            let value = match model::sort(mapping, attribute) {
                Sort::Class => Some(Value::name(mapping.to_ours(record.kind, field, &object.class))),
                Sort::Items => asset(object),
                Sort::Key(class) => self.pointed(object, attribute, &class, names),
                sort => self.value(record, field, object.text(attribute), &sort),
            };
            if let Some(value) = value.filter(|value| !value.to_string().trim().is_empty()) {
                record.fields.insert(field.clone(), value);
            }
        }
        // Defaults lie: both stand on tickets that nobody has resolved or put on hold.
        if record.state.is_open() && record.fields.get(&Field::ResolutionCode).is_some_and(is_default_code) {
            record.fields.remove(&Field::ResolutionCode);
        }
        if record.state != State::OnHold {
            record.fields.remove(&Field::HoldReason);
        }
    }

    fn pointed(self, object: &Object, attribute: &str, class: &str, names: &mut Names) -> Option<Value> {
        let number = object.text(attribute);
        if !is_set(number) {
            return None;
        }
        let friendly = object.text(&format!("{attribute}_friendlyname"));
        let name = if class == "Person" { names.person(number, friendly) } else { Name::new(friendly) };
        Some(Value::Name(name))
    }

    fn value(self, record: &Record, field: &Field, text: &str, sort: &Sort) -> Option<Value> {
        if text.is_empty() {
            return None;
        }
        let html = || from_html(text);
        let ours = || self.mapping.to_ours(record.kind, field, text);
        Some(match (field.shape(), sort) {
            (Shape::Time, _) => Value::Time(time::read(text, self.zone)?),
            // As it stands: urgency has a fourth level there, which is the lowest here, too, and which undoing gives back.
            (Shape::Number, _) => Value::Number(ours().parse().ok()?),
            (Shape::Flag, _) => Value::Flag(is_yes(ours())),
            (Shape::Text | Shape::Lines, Sort::Html) => Value::Text(html()),
            (Shape::Text | Shape::Lines, _) => Value::Text(Clean::body(text)),
            (Shape::Name, Sort::Html) => Value::name(&html()),
            (Shape::Name, _) => Value::name(ours()),
        })
    }

    /// iTop's own clock: the deadline that comes next. It tells none for what has no agreement, waits, or was in time.
    fn clock(self, object: &Object, kind: Kind, state: State) -> Option<Glance> {
        if !model::has_public_log(kind) {
            return None;
        }
        let due = |attribute: &str| time::read(object.text(attribute), self.zone).map(Timestamp::as_millisecond);
        let ran_out = |attribute: &str| object.text(attribute) == "yes";
        let running = |metric, due| Glance {
            state: GlanceState::Running,
            metric: Some(metric),
            due: Some(due),
            late: Some(due),
            ..Glance::default()
        };
        if !state.is_open() {
            let late = ran_out("sla_ttr_passed");
            let breached =
                Glance { state: GlanceState::Breached, metric: Some(Metric::Resolution), ..Glance::default() };
            return Some(if late { breached } else { Glance::default() });
        }
        if state == State::OnHold {
            let state = GlanceState::Paused;
            return Some(Glance { state, metric: Some(Metric::Resolution), ..Glance::default() });
        }
        // The first deadline stays where it was when the ticket was taken too late.
        let taken = !object.text("assignment_date").is_empty();
        let response = due("tto_escalation_deadline").filter(|_| !taken).map(|due| (due, Metric::Response));
        let resolution = due("ttr_escalation_deadline").map(|due| (due, Metric::Resolution));
        let next = response.into_iter().chain(resolution).min_by_key(|(due, _)| *due);
        Some(next.map_or_else(Glance::default, |(due, metric)| running(metric, due)))
    }

    /// Both logs and the dates of its states: audit trails are for administrators only.
    fn words(self, object: &Object, record: &mut Record, names: &Names) {
        let caller = record.fields.get(&Field::Caller).and_then(Value::as_str).map(Name::new);
        let mut history = steps(record, |attribute| time::read(object.text(attribute), self.zone));
        for (log, audience) in [("public_log", Audience::Public), ("private_log", Audience::Internal)] {
            let entries = object.fields.get(log).and_then(|log| log.get("entries")).and_then(Json::as_array);
            for (n, entry) in entries.into_iter().flatten().enumerate() {
                let part = |name: &str| entry.get(name).and_then(Json::as_str).unwrap_or_default();
                let Some(at) = time::read(part("date"), self.zone) else { continue };
                let (who, text) = (names.writer(part("user_login")), Clean::body(part("message").trim_end()));
                let me = names.me.as_ref().is_some_and(|me| me.name == who);
                let heard = audience == Audience::Public && !me && caller.as_ref() == Some(&who);
                let newest = if heard { &mut record.last_heard } else { &mut record.last_public };
                if audience == Audience::Public {
                    *newest = (*newest).max(Some(at));
                }
                let change =
                    if heard { Change::Heard { from: who.clone(), text } } else { Change::Say { audience, text } };
                history.push(Entry { act: Name::new(&format!("{log} {}", n + 1)), at, who, change });
            }
        }
        history.sort_by_key(|entry| entry.at);
        record.history = Some(history);
    }
}

/// A key that points at something.
pub fn is_set(key: &str) -> bool {
    !key.is_empty() && key != NONE
}

/// What changes with every write. The time alone would not do: two writes may fall into one second. Derived figures are
/// left out, because they change by themselves.
fn stamp(object: &Object) -> String {
    const WRITTEN: [&str; 12] = [
        "last_update",
        "status",
        "ref",
        "title",
        "team_id",
        "agent_id",
        "caller_id",
        "impact",
        "urgency",
        "service_id",
        "servicesubcategory_id",
        "pending_reason",
    ];
    WRITTEN.map(|attribute| object.text(attribute)).join("\u{1f}")
}

fn is_default_code(code: &Value) -> bool {
    code.as_str() == Some("assistance")
}

fn native(object: &Object) -> Native {
    let own = |attribute: &str| object.text(attribute).to_owned();
    let codes = object.fields.keys().filter(|code| code.starts_with("parent_") || *code == "related_change_id");
    let codes: Vec<String> = codes.filter(|code| code.ends_with("_id")).cloned().collect();
    let mut parents = Vec::new();
    for code in codes.into_iter().filter(|code| is_set(object.text(code))) {
        let id = TicketId::new(object.text(&format!("{code}_friendlyname")));
        parents.push((code.clone(), own(&code), id));
    }
    Native {
        class: object.class.clone(),
        key: object.key.clone(),
        last_update: own("last_update"),
        org: own("org_id"),
        team: own("team_id"),
        agent: own("agent_id"),
        service: own("service_id"),
        parents,
        items: items(object),
    }
}

/// The first configuration item that is hit.
fn asset(object: &Object) -> Option<Value> {
    let hit = items(object).into_iter().find(|(_, _, impact)| impact != NOT_HIT);
    hit.map(|(_, name, _)| Value::name(&name))
}

/// What iTop notes of an item that somebody has taken out of its analysis.
pub const NOT_HIT: &str = "not_impacted";

/// The configuration items, those that somebody named before those that iTop computed from them.
fn items(object: &Object) -> Vec<(String, String, String)> {
    let list = object.fields.get("functionalcis_list").and_then(Json::as_array);
    let one = |link: &Json| {
        let part = |name: &str| link.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        (part("functionalci_id"), part("functionalci_id_friendlyname"), part("impact_code"))
    };
    let mut all: Vec<_> = list.into_iter().flatten().map(one).collect();
    all.sort_by_key(|(_, _, impact)| impact == "computed");
    all
}

/// The steps that the dates tell of; whatever lies between is not known.
fn steps(record: &Record, at: impl Fn(&str) -> Option<Timestamp>) -> Vec<Entry> {
    let mut reached = crate::domain::lifecycle::initial(record.kind);
    let working = match record.kind {
        Kind::Request => State::InFulfilment,
        Kind::Problem => State::RootCause,
        Kind::Incident | Kind::Change => State::Assigned,
    };
    let done = if record.kind == Kind::Request { State::Fulfilled } else { State::Resolved };
    let over = !record.state.is_open();
    let told = [
        ("assignment_date", Verb::Assign, working, true),
        ("last_pending_date", Verb::Hold, State::OnHold, record.state == State::OnHold),
        ("resolution_date", if done == State::Fulfilled { Verb::Fulfil } else { Verb::Resolve }, done, over),
        ("close_date", Verb::Close, State::Closed, record.state == State::Closed),
    ];
    let mut all = Vec::new();
    for (attribute, verb, to, counts) in told {
        let Some(at) = at(attribute).filter(|_| counts && to != reached) else { continue };
        let change = Change::Move { verb, from: reached, to };
        // Who owns it took it, as far as anybody can tell.
        let who = record.owner.clone().filter(|_| verb == Verb::Assign).unwrap_or_else(|| record.registrar.clone());
        all.push(Entry { act: attribute.into(), at, who, change });
        reached = to;
    }
    all
}

/// The link that an attribute of this kind of ticket is.
pub fn link_of(kind: Kind, attribute: &str) -> Option<LinkKind> {
    Some(match (kind, attribute) {
        (_, "parent_problem_id") => LinkKind::ProblemIs,
        (_, "parent_change_id" | "related_change_id") => LinkKind::FixedBy,
        (Kind::Incident | Kind::Request, "parent_incident_id" | "parent_request_id") => LinkKind::ChildOf,
        (Kind::Change, "parent_id") => LinkKind::ChildOf,
        _ => return None,
    })
}

/// The tickets that this one hangs on.
pub fn forward(record: &Record) -> Vec<Link> {
    let native = Native::of(record);
    let one = |(code, _, other): &(String, String, TicketId)| {
        Some(Link { how: link_of(record.kind, code)?, other: other.clone() })
    };
    native.parents.iter().filter_map(one).collect()
}

/// How a ticket that hangs on this one is linked to it.
pub const fn backward(kind: Kind, other: Kind) -> LinkKind {
    match (kind, other) {
        (Kind::Problem, _) => LinkKind::ProblemOf,
        (Kind::Change, Kind::Change) | (Kind::Incident | Kind::Request, _) => LinkKind::ParentOf,
        (Kind::Change, _) => LinkKind::Fixes,
    }
}

/// Attributes by which other classes point at a ticket of this kind.
pub const fn pointing_at(kind: Kind) -> &'static [(Kind, &'static str)] {
    match kind {
        Kind::Incident => &[(Kind::Incident, "parent_incident_id"), (Kind::Request, "parent_incident_id")],
        Kind::Request => &[(Kind::Request, "parent_request_id")],
        Kind::Problem => &[(Kind::Incident, "parent_problem_id"), (Kind::Request, "parent_problem_id")],
        Kind::Change => &[
            (Kind::Incident, "parent_change_id"),
            (Kind::Request, "parent_change_id"),
            (Kind::Problem, "related_change_id"),
            (Kind::Change, "parent_id"),
        ],
    }
}

/// The text of an attribute of a found object, cleaned to one line.
pub fn line(object: &Object, attribute: &str) -> Clean {
    Clean::line(wire::text(&object.fields, attribute))
}
