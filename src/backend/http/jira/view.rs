//! From Jira's words to ours: an issue as a [`Record`], with everything that was read of it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::people::People;
use super::site::Site;
use super::wire::{Comment, Issue, Sla, instant, plain};
use crate::backend::http::tracker::{Record, revision};
use crate::backend::http::words::{own_field, same};
use crate::backend::{Error, Result};
use crate::domain::change::{Link, LinkKind};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;
use crate::domain::mapping::Mapping;
use crate::domain::name::{Name, TicketId};
use crate::domain::sla::Metric;
use crate::domain::state::State;
use crate::domain::summary::{Glance, GlanceState};

/// Everything that is needed to read an issue.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub mapping: &'a Mapping,
    pub zone: &'a TimeZone,
    pub site: &'a Site,
    pub people: &'a People,
}

/// What is needed again to write an issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Native {
    pub id: String,
    pub project: String,
    /// It came by a request type: customers see it.
    pub request: bool,
    /// Jira's numbers of the links.
    pub links: Vec<(String, Link)>,
}

impl Native {
    /// # Errors
    /// The record was not read from a Jira.
    pub fn of(record: &Record) -> Result<Self> {
        serde_json::from_value(record.native.clone())
            .map_err(|error| Error::Unexpected(format!("{} was not read from this Jira: {error}.", record.id)))
    }
}

/// What every record is made of, beside what the mapping names.
const CORE: [&str; 14] = [
    "summary",
    "status",
    "issuetype",
    "project",
    "priority",
    "assignee",
    "reporter",
    "creator",
    "created",
    "updated",
    "resolution",
    "resolutiondate",
    "issuelinks",
    "parent",
];

impl View<'_> {
    /// The fields to ask for. Long texts are left out of rows.
    pub fn wanted(&self, rows: bool) -> Vec<String> {
        let mut all: Vec<String> = CORE.iter().map(|one| (*one).to_owned()).collect();
        let mapped = self.mapping.kinds.keys().flat_map(|kind| self.mapping.fields_of(*kind));
        let short = mapped.filter(|(field, _)| !rows || field.shape() != Shape::Lines);
        all.extend(short.filter_map(|(_, native)| self.site.field(native)).map(|field| field.id.clone()));
        let sorts = ["sd-sla-field", ":vp-origin"];
        all.extend(sorts.iter().flat_map(|sort| self.site.of_sort(sort)).map(|field| field.id.clone()));
        if !rows {
            all.extend(["subtasks", "attachment"].map(str::to_owned));
            let types = self.site.projects.iter().flat_map(|project| project.types.values());
            let custom = types.flat_map(|one| one.fields.keys()).filter(|id| id.starts_with("customfield_"));
            all.extend(custom.cloned());
        }
        all.sort();
        all.dedup();
        all
    }

    pub fn kind(&self, issue: &Issue) -> Option<Kind> {
        let (name, id) = (issue.part("issuetype", "name"), issue.part("issuetype", "id"));
        self.mapping.kind_at(name).or_else(|| self.mapping.kind_at(id)).or_else(|| {
            let types = self.site.projects.iter().flat_map(|project| &project.types);
            types.into_iter().find(|(_, one)| !id.is_empty() && one.id == id).map(|(kind, _)| *kind)
        })
    }

    /// The issue in our words; none when its type is not mapped.
    pub fn record(&self, issue: &Issue, comments: Option<&[Comment]>) -> Option<Record> {
        let kind = self.kind(issue)?;
        let native = issue.part("status", "name");
        let category = issue.field("status")["statusCategory"]["key"].as_str().unwrap_or_default();
        let state = self.mapping.state(kind, native).unwrap_or_else(|| nearest(kind, category));
        let maker = issue.user("creator").or_else(|| issue.user("reporter"));
        let registrar =
            maker.map_or_else(crate::backend::http::assemble::tracker_speaks, |who| self.people.called(&who));
        let opened = issue.time("created")?;
        let mut record = Record::new(TicketId::new(&issue.key), kind, state, opened, registrar);
        record.native_state = Name::new(native);
        record.updated = issue.time("updated").unwrap_or(opened);
        record.owner =
            issue.user("assignee").filter(|who| !who.number().is_empty()).map(|who| self.people.called(&who));
        record.revision = self.stamp(issue);
        let priority = issue.part("priority", "name");
        record.priority = self.mapping.to_ours(kind, &Field::PriorityOverride, priority).parse().ok();
        let done = issue.time("resolutiondate");
        record.resolved = done.filter(|_| !state.is_open());
        record.closed = done.filter(|_| state.is_final());
        self.fields(kind, issue, &mut record);
        let links = self.links(issue);
        record.links = links.as_ref().map(|links| links.iter().map(|(_, link)| link.clone()).collect());
        record.clock = self.clock(issue);
        record.history = comments.map(|comments| self.history(kind, issue, comments));
        let request = self.site.of_sort(":vp-origin").any(|field| !issue.field(&field.id).is_null());
        let project = issue.key.rsplit_once('-').map(|(project, _)| project.to_owned()).unwrap_or_default();
        let native = Native { id: issue.id.clone(), project, request, links: links.unwrap_or_default() };
        record.native = serde_json::to_value(native).unwrap_or(Json::Null);
        Some(record)
    }

    /// Made of what rows and single issues both show and show alike: on Cloud one has documents where the other has texts.
    fn stamp(&self, issue: &Issue) -> crate::domain::kind::Revision {
        let who = issue.user("assignee").unwrap_or_default();
        let ms = issue.time("updated").map(Timestamp::as_millisecond);
        let about = (issue.part("status", "id"), issue.part("priority", "id"), issue.part("summary", ""));
        revision(&format!("{ms:?}|{}|{about:?}|{}", who.number(), issue.field("summary")))
    }

    fn fields(&self, kind: Kind, issue: &Issue, record: &mut Record) {
        let mapped = self.mapping.fields_of(kind);
        let mut known: Vec<&str> = Vec::new();
        for (field, native) in &mapped {
            let Some(id) = self.site.field(native).map(|field| field.id.as_str()) else { continue };
            known.push(id);
            if **field == Field::PriorityOverride {
                continue;
            }
            if let Some(value) = self.ours(kind, field, issue.field(id)) {
                record.fields.insert((*field).clone(), value);
            }
        }
        let special = |field: &super::wire::Field| {
            let sort = field.schema.custom.as_deref().unwrap_or_default();
            sort.contains("servicedesk") || sort.contains("greenhopper") || sort.contains("devsummary")
        };
        let own = self.site.fields.iter().filter(|field| field.custom && !special(field));
        for field in own.filter(|field| !known.contains(&field.id.as_str())) {
            let words = plain(issue.field(&field.id));
            if !words.is_empty() {
                let value = if words.contains('\n') { Value::text(&words) } else { Value::name(&words) };
                record.fields.insert(own_field(&field.name), value);
            }
        }
    }

    /// A value of theirs in our words; none where it makes no sense as one.
    pub fn ours(&self, kind: Kind, field: &Field, raw: &Json) -> Option<Value> {
        let person = raw.get("accountId").is_some() || raw.get("displayName").is_some();
        let words = match serde_json::from_value(raw.clone()) {
            Ok(user) if person => self.people.called(&user).to_string(),
            _ => plain(raw),
        };
        if words.trim().is_empty() {
            return None;
        }
        let words = self.mapping.to_ours(kind, field, &words);
        Some(match field.shape() {
            Shape::Text | Shape::Lines => Value::text(words),
            Shape::Name => Value::name(words),
            Shape::Number => Value::Number(words.parse::<f64>().ok()? as i64),
            Shape::Time => Value::Time(self.time(words)?),
            Shape::Flag => Value::Flag(matches!(words.to_lowercase().as_str(), "1" | "true" | "yes")),
        })
    }

    /// A day is its first moment in the site's zone.
    fn time(&self, words: &str) -> Option<Timestamp> {
        match words.parse::<Date>() {
            Ok(day) if words.len() == 10 => day.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp()),
            _ => instant(words),
        }
    }

    /// The links with Jira's numbers; none where they were not read.
    fn links(&self, issue: &Issue) -> Option<Vec<(String, Link)>> {
        let held = issue.field("issuelinks").as_array()?;
        let to = |how, key: &str| Link { how, other: TicketId::new(key) };
        let mut links = Vec::new();
        for one in held {
            // On A, an outward issue B says "A <outward> B", an inward one "A <inward> B".
            let (way, other) = match (one["outwardIssue"]["key"].as_str(), one["inwardIssue"]["key"].as_str()) {
                (Some(key), _) => ("out", key),
                (_, Some(key)) => ("in", key),
                _ => continue,
            };
            let how = self.how(way, one["type"]["name"].as_str().unwrap_or_default());
            links.push((plain(&one["id"]), to(how, other)));
        }
        let parent = issue.field("parent")["key"].as_str();
        links.extend(parent.map(|key| (String::new(), to(LinkKind::ChildOf, key))));
        let subtasks = issue.field("subtasks").as_array().into_iter().flatten().filter_map(|one| one["key"].as_str());
        links.extend(subtasks.map(|key| (String::new(), to(LinkKind::ParentOf, key))));
        Some(links)
    }

    /// What a link of that type is to the issue at this end of it.
    fn how(&self, way: &str, sort: &str) -> LinkKind {
        let mapped = LinkKind::ALL.iter().find_map(|how| {
            let (held, name) = self.link_sort(*how)?;
            same(name, sort).then(|| if held == way { *how } else { how.inverse() })
        });
        mapped.unwrap_or(LinkKind::RelatesTo)
    }

    /// How the mapping spells a link: `out` or `in`, and the type.
    fn link_sort(&self, how: LinkKind) -> Option<(&str, &str)> {
        self.mapping.site.get(&format!("link.{how}"))?.split_once(' ')
    }

    /// The type of a link and whether this ticket is the subject of the outward phrase.
    pub fn link_type(&self, how: LinkKind) -> Option<(&str, bool)> {
        let there = self.link_sort(how).map(|(way, sort)| (sort, way == "out"));
        there.or_else(|| self.link_sort(how.inverse()).map(|(way, sort)| (sort, way != "out")))
    }

    /// The clock of the site that runs out next.
    fn clock(&self, issue: &Issue) -> Option<Glance> {
        let read = |id: &str| serde_json::from_value::<Sla>(issue.field(id).clone()).ok();
        let all = self.site.of_sort("sd-sla-field").filter_map(|field| Some((read(&field.id)?, field)));
        let glances = all.filter_map(|(sla, field)| {
            let name = if sla.name.is_empty() { &field.name } else { &sla.name };
            glance(&sla, metric(name))
        });
        let order = |glance: &Glance| match glance.state {
            GlanceState::Breached | GlanceState::Running => (0, glance.due.unwrap_or(i64::MAX)),
            GlanceState::Paused => (1, glance.left.unwrap_or(i64::MAX)),
            _ => (2, 0),
        };
        glances.min_by_key(order)
    }
}

fn metric(name: &str) -> Metric {
    if name.to_lowercase().contains("response") { Metric::Response } else { Metric::Resolution }
}

/// A promise of the service desk as we show it. What is left counts only while the clock stands; no cycle, no clock.
pub fn glance(sla: &Sla, metric: Metric) -> Option<Glance> {
    let metric = Some(metric);
    let Some(cycle) = &sla.ongoing_cycle else {
        let last = sla.completed_cycles.last()?;
        let state = if last.breached { GlanceState::Breached } else { GlanceState::Met };
        return Some(Glance { state, metric, ..Glance::default() });
    };
    let left = cycle.remaining_time.map(|span| span.millis);
    if cycle.paused || cycle.within_calendar_hours == Some(false) {
        return Some(Glance { state: GlanceState::Paused, metric, left, ..Glance::default() });
    }
    let due = cycle.breach_time.map(|at| at.epoch_millis);
    let state = if cycle.breached { GlanceState::Breached } else { GlanceState::Running };
    Some(Glance { state, metric, due, late: due, risk: None, left: None })
}

/// What a status that nobody mapped is nearest to: its category is all that is the same everywhere.
fn nearest(kind: Kind, category: &str) -> State {
    match (category, kind) {
        ("done", _) => State::Closed,
        ("new", Kind::Request) => State::Submitted,
        ("new", _) => State::New,
        (_, Kind::Incident) => State::InProgress,
        (_, Kind::Request) => State::InFulfilment,
        (_, Kind::Problem) => State::Assess,
        (_, Kind::Change) => State::Implement,
    }
}
