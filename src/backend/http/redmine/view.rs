//! From Redmine's words to ours: an issue as a [`Record`], with everything that was read of it.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::people::People;
use super::site::{Site, listed};
use super::wire::{CustomField, Issue, Relation, plain};
use crate::backend::http::tracker::{Record, revision};
use crate::backend::http::words::{at_work, is_yes, own_field, same};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::{Kind, Revision};
use crate::domain::mapping::Mapping;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::State;

/// What was learned from answers, beside the site's own lists.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    pub people: People,
    /// The custom fields of each tracker, by name: only issues tell them to everybody.
    pub fields: HashMap<u64, BTreeMap<String, Custom>>,
    pub kinds: HashMap<u64, Kind>,
}

/// A custom field as an issue shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    pub id: u64,
    pub multiple: bool,
}

/// Everything that is needed to read an issue.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub mapping: &'a Mapping,
    pub zone: &'a TimeZone,
    pub site: &'a Site,
    pub learned: &'a Learned,
}

/// What is needed again to write an issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Native {
    pub project: u64,
    pub tracker: u64,
    pub status: u64,
    pub assigned: Option<u64>,
    pub parent: Option<u64>,
    pub mine: bool,
    /// Where this user may move it; none where it was not asked.
    pub allowed: Option<Vec<u64>>,
    pub fields: BTreeMap<String, Custom>,
    pub relations: Vec<Relation>,
}

impl View<'_> {
    pub fn kind(&self, issue: &Issue) -> Option<Kind> {
        self.mapping.kind_at(&issue.tracker.name)
    }

    /// The issue in our words; none when its tracker is not mapped.
    pub fn record(&self, issue: &Issue) -> Option<Record> {
        let kind = self.kind(issue)?;
        let native = &issue.status;
        let state = self.mapping.state(kind, &native.name).unwrap_or(if native.is_closed {
            State::Closed
        } else {
            at_work(kind)
        });
        let author = issue.author.clone().unwrap_or_default();
        let registrar = self.learned.people.called(&author);
        let mut record = Record::new(TicketId::new(&issue.id.to_string()), kind, state, issue.created_on, registrar);
        record.native_state = Name::new(&native.name);
        record.revision = stamp(issue);
        record.updated = issue.updated_on;
        record.owner = self.owner(issue);
        record.priority = issue.priority.as_ref().and_then(|priority| self.rank(kind, &priority.name));
        record.closed = issue.closed_on.filter(|_| state.is_final());
        record.resolved = issue.closed_on.filter(|_| state == State::Rejected);
        for (field, value) in self.fields(kind, issue) {
            record.fields.insert(field, value);
        }
        record.links = self.links(kind, issue);
        record.history = issue.journals.as_ref().map(|journals| self.history(kind, issue, journals));
        record.native = serde_json::to_value(self.native(issue)).unwrap_or(Json::Null);
        Some(record)
    }

    fn native(&self, issue: &Issue) -> Native {
        Native {
            project: issue.project.id,
            tracker: issue.tracker.id,
            status: issue.status.id,
            assigned: issue.assigned_to.as_ref().map(|who| who.id),
            parent: issue.parent.map(|parent| parent.id),
            mine: issue.author.as_ref().is_some_and(|author| self.learned.people.is_me(author.id)),
            allowed: issue.allowed_statuses.as_ref().map(|all| all.iter().map(|status| status.id).collect()),
            fields: customs(&issue.custom_fields),
            relations: issue.relations.clone().unwrap_or_default(),
        }
    }

    /// The person who is assigned; a group is none.
    fn owner(&self, issue: &Issue) -> Option<Name> {
        let assigned = issue.assigned_to.as_ref().filter(|who| self.learned.people.group(who.id).is_none())?;
        Some(self.learned.people.called(assigned))
    }

    pub fn rank(&self, kind: Kind, priority: &str) -> Option<u8> {
        self.mapping.to_ours(kind, &Field::PriorityOverride, priority).parse().ok()
    }

    fn fields(&self, kind: Kind, issue: &Issue) -> Vec<(Field, Value)> {
        let mapped = self.mapping.fields_of(kind);
        let mut read = Vec::new();
        for (field, native) in &mapped {
            let raw = self.raw(issue, native);
            if **field == Field::PriorityOverride || raw.is_empty() {
                continue;
            }
            let tells = *native != "status" || self.mapping.to_ours(kind, field, &raw) != raw;
            let value = self.ours(kind, field, native, &raw).filter(|value| tells && !is_blank(value));
            read.extend(value.map(|value| ((*field).clone(), value)));
        }
        for custom in &issue.custom_fields {
            let known =
                mapped.values().any(|native| native.strip_prefix("cf:").is_some_and(|name| same(name, &custom.name)));
            let words = custom.words();
            if !known && !words.is_empty() {
                let native = format!("cf:{}", custom.name);
                let field = own_field(&custom.name);
                let value = self.ours(kind, &field, &native, &words);
                read.extend(value.filter(|value| !is_blank(value)).map(|value| (field, value)));
            }
        }
        read
    }

    /// What the issue has in that place, as Redmine spells it.
    pub(super) fn raw(&self, issue: &Issue, native: &str) -> String {
        let name = |named: &Option<super::wire::Named>| named.as_ref().map(|one| one.name.clone()).unwrap_or_default();
        match native {
            "subject" => issue.subject.clone(),
            "description" => issue.description.clone(),
            "priority" => name(&issue.priority),
            "category" => name(&issue.category),
            "version" => name(&issue.fixed_version),
            "status" => issue.status.name.clone(),
            "author" => {
                issue.author.as_ref().map(|who| self.learned.people.called(who).to_string()).unwrap_or_default()
            }
            "assigned_to" => {
                let group = issue.assigned_to.as_ref().and_then(|who| self.learned.people.group(who.id));
                group.map(Name::to_string).unwrap_or_default()
            }
            "due_date" => issue.due_date.clone().unwrap_or_default(),
            "start_date" => issue.start_date.clone().unwrap_or_default(),
            other => {
                let wanted = other.strip_prefix("cf:").unwrap_or(other);
                let custom = issue.custom_fields.iter().find(|custom| same(&custom.name, wanted));
                custom.map(CustomField::words).unwrap_or_default()
            }
        }
    }

    /// A value of theirs in our words; none where it makes no sense as one.
    pub fn ours(&self, kind: Kind, field: &Field, native: &str, raw: &str) -> Option<Value> {
        if raw.is_empty() {
            return None;
        }
        if self.holds_people(native) {
            let login = raw.parse().ok().and_then(|id| self.learned.people.login(id)).cloned();
            return Some(Value::Name(login.unwrap_or_else(|| Name::new(raw))));
        }
        if self.holds_names(native) {
            let people = &self.learned.people;
            let login = people.number(raw).and_then(|id| people.login(id)).cloned();
            return Some(Value::Name(login.unwrap_or_else(|| Name::new(raw))));
        }
        let words = self.mapping.to_ours(kind, field, raw);
        Some(match field.shape() {
            Shape::Text | Shape::Lines => Value::text(words),
            Shape::Name if matches!(field, Field::Custom(_)) && words.trim().contains('\n') => Value::text(words),
            Shape::Name => Value::name(words),
            Shape::Number => Value::Number(words.parse().ok()?),
            Shape::Time => Value::Time(self.time(words)?),
            Shape::Flag => Value::Flag(is_yes(words)),
        })
    }

    /// Custom fields of the format "User" hold numbers.
    pub fn holds_people(&self, native: &str) -> bool {
        native.strip_prefix("cf:").is_some_and(|name| listed(self.mapping, "user_fields").any(|one| same(one, name)))
    }

    /// Custom fields of text in which people stand by their full names.
    pub fn holds_names(&self, native: &str) -> bool {
        native.strip_prefix("cf:").is_some_and(|name| listed(self.mapping, "name_fields").any(|one| same(one, name)))
    }

    /// A day is its first moment in the site's zone.
    fn time(&self, words: &str) -> Option<Timestamp> {
        if let Ok(day) = words.parse::<Date>() {
            return day.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp());
        }
        words.parse().ok()
    }
}

/// Blank for people: no words, or no.
fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(str::is_empty) || value.as_flag() == Some(false)
}

pub fn customs(fields: &[CustomField]) -> BTreeMap<String, Custom> {
    let one = |field: &CustomField| {
        let multiple = field.multiple || field.value.is_array();
        (field.name.clone(), Custom { id: field.id, multiple })
    };
    fields.iter().map(one).collect()
}

/// Made of all that lists and single issues both show: the clock ticks in seconds, and several writes fit into one.
fn stamp(issue: &Issue) -> Revision {
    let values: Vec<(u64, String)> = issue.custom_fields.iter().map(|field| (field.id, plain(&field.value))).collect();
    let id = |named: &Option<super::wire::Named>| named.as_ref().map(|one| one.id);
    let standing = (issue.project.id, issue.tracker.id, issue.status.id, id(&issue.priority), id(&issue.assigned_to));
    let about = (id(&issue.category), id(&issue.fixed_version), issue.parent.map(|one| one.id), issue.is_private);
    let words = (&issue.subject, &issue.description, &issue.start_date, &issue.due_date, issue.closed_on);
    revision(&format!("{}|{standing:?}|{about:?}|{words:?}|{values:?}", issue.updated_on))
}
