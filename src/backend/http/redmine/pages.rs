//! Pages of issues: a full walk by descending number, then what changed since.
//!
//! Redmine ignores filters that it does not know, caps the limit at 100 without a word, shows open issues only unless it
//! is told otherwise, and moves rows between pages while they are read. So the walk goes by number and not by offset, and
//! the end is where the server's own count says so.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::site::{ROWS, Site, number};
use super::wire::Issues;
use crate::backend::http::client::Request;
use crate::backend::http::tracker::{Record, Scope};
use crate::backend::{Cursor, Result};
use crate::domain::field::{Field, Value};
use crate::domain::mapping::Mapping;

/// Where we are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A full walk: `below` is the last number seen, `since` the newest stamp when it began.
    Walk { closed: bool, below: Option<u64>, since: Timestamp },
    /// What changed at `from` or later; `skip` rows of it were read.
    Since { from: Timestamp, skip: usize },
}

/// The clock ticks in seconds: what happened later in the same one must be seen.
const TICK: SignedDuration = SignedDuration::from_secs(1);

impl Place {
    /// # Errors
    /// `CursorExpired` for a cursor that is not ours.
    pub fn read(cursor: &Cursor) -> Result<Self> {
        cursor.read()
    }

    pub fn cursor(&self) -> Result<Cursor> {
        Cursor::write(self)
    }

    /// After the newest stamp that was seen.
    pub fn after(newest: Timestamp) -> Self {
        Self::Since { from: newest.saturating_sub(TICK).unwrap_or(Timestamp::MIN), skip: 0 }
    }

    /// Where to go on after this page, and whether at once.
    pub fn next(&self, page: &Issues, scope: &Scope) -> (Self, bool) {
        let got = page.issues.len();
        match self {
            Self::Walk { closed, since, .. } => match page.issues.last() {
                Some(last) if page.total_count > got as u64 => {
                    (Self::Walk { closed: *closed, below: Some(last.id), since: *since }, true)
                }
                _ if !closed && scope.closed_days > 0 => {
                    (Self::Walk { closed: true, below: None, since: *since }, true)
                }
                _ => (Self::after(*since), false),
            },
            Self::Since { from, skip } => {
                let newest = page.issues.iter().map(|issue| issue.updated_on).max();
                let newest = newest.map_or(*from, |newest| newest.max(*from));
                if got > 0 && page.total_count > (*skip + got) as u64 {
                    // Rows move to the end when they change: go on from a stamp where there is a new one.
                    let moved = newest > *from;
                    let skip = if moved { 0 } else { *skip + got };
                    return (Self::Since { from: newest, skip }, true);
                }
                match Self::after(newest) {
                    Self::Since { from: later, .. } if later > *from => (Self::Since { from: later, skip: 0 }, false),
                    _ => (Self::Since { from: *from, skip: 0 }, false),
                }
            }
        }
    }

    /// The request for this page.
    pub fn request(&self, scope: &Scope, mapping: &Mapping, site: &Site, groups: &[u64]) -> Request {
        let mut filters = in_scope(scope, mapping, site, groups);
        let sort = match self {
            Self::Walk { closed: false, .. } => {
                filters.push(Filter::new("status_id", "o", []));
                "id:desc"
            }
            Self::Walk { since, .. } => {
                let days = SignedDuration::from_hours(24 * i64::from(scope.closed_days));
                let first = since.saturating_sub(days).unwrap_or(Timestamp::UNIX_EPOCH);
                let first = first.max(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%d").to_string();
                filters.push(Filter::new("status_id", "c", []));
                filters.push(Filter::new("closed_on", ">=", [first]));
                "id:desc"
            }
            Self::Since { from, .. } => {
                let from = from.max(&Timestamp::UNIX_EPOCH).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                filters.push(Filter::new("status_id", "*", []));
                filters.push(Filter::new("updated_on", ">=", [from]));
                "updated_on:asc,id:asc"
            }
        };
        if let Self::Walk { below: Some(below), .. } = self {
            filters.push(Filter::new("issue_id", "<=", [below.saturating_sub(1).to_string()]));
        }
        let skip = if let Self::Since { skip, .. } = self { *skip } else { 0 };
        asked(filters).query("sort", sort).query("limit", scope.page.clamp(1, ROWS)).query("offset", skip)
    }
}

/// The newest stamp there is, whatever its status: one row.
pub fn newest(scope: &Scope, mapping: &Mapping, site: &Site, groups: &[u64]) -> Request {
    let mut filters = in_scope(scope, mapping, site, groups);
    filters.push(Filter::new("status_id", "*", []));
    asked(filters).query("sort", "updated_on:desc,id:desc").query("limit", 1)
}

/// One condition in Redmine's own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub field: String,
    pub operator: String,
    pub values: Vec<String>,
}

impl Filter {
    pub fn new(field: &str, operator: &str, values: impl IntoIterator<Item = String>) -> Self {
        Self { field: field.to_owned(), operator: operator.to_owned(), values: values.into_iter().collect() }
    }
}

/// Issues under these conditions. The long form: it is the only one that takes several projects.
pub fn asked(filters: Vec<Filter>) -> Request {
    let mut request = Request::get("issues.json").query("set_filter", 1);
    for filter in filters {
        request = request.query("f[]", &filter.field).query(&format!("op[{}]", filter.field), &filter.operator);
        for value in &filter.values {
            request = request.query(&format!("v[{}][]", filter.field), value);
        }
    }
    request
}

fn in_scope(scope: &Scope, mapping: &Mapping, site: &Site, groups: &[u64]) -> Vec<Filter> {
    let mut filters = vec![places(site)];
    let trackers = mapping.kinds.values().filter_map(|kind| number(&site.trackers, &kind.place));
    filters.push(Filter::new("tracker_id", "=", trackers.map(|id| id.to_string())));
    if !groups.is_empty() {
        filters.push(Filter::new("member_of_group", "=", groups.iter().map(u64::to_string)));
    }
    filters.extend(scope.query.iter().flat_map(|query| query.split('&')).filter_map(own));
    filters
}

pub fn places(site: &Site) -> Filter {
    Filter::new("project_id", "=", site.projects.iter().map(|project| project.id.to_string()))
}

/// Whether a group is the assignee here. Such a group counts with its members: who takes a ticket takes it from the group. A
/// group in a field is looked at in the rows instead, so that a ticket that leaves it is seen to leave.
pub fn assigns_groups(mapping: &Mapping) -> bool {
    let native = mapping.kinds.keys().find_map(|kind| mapping.field(*kind, &Field::Group));
    native == Some("assigned_to")
}

/// Whether a row is of the groups that are asked for, as far as it tells.
pub fn of_scope(record: &Record, scope: &Scope, mapping: &Mapping) -> bool {
    let told = mapping.field(record.kind, &Field::Group).is_some_and(|native| native != "assigned_to");
    let group = record.fields.get(&Field::Group).and_then(Value::as_str).unwrap_or_default();
    !told || scope.takes(group)
}

/// `field=value` as Redmine's addresses have it: an operator may stand before the value, `|` between several.
fn own(condition: &str) -> Option<Filter> {
    let (field, value) = condition.split_once('=')?;
    let (field, value) = (field.trim(), value.trim());
    const OPERATORS: [&str; 10] = ["><", ">=", "<=", "!*", "!~", "!", "~", "=", "*", "o"];
    let bare = |operator: &str| matches!(operator, "*" | "!*" | "o");
    let operator = OPERATORS.iter().find(|one| if bare(one) { value == **one } else { value.starts_with(**one) });
    let operator = operator.copied().unwrap_or("=");
    let rest = value.strip_prefix(operator).unwrap_or(value);
    let values = rest.split('|').filter(|value| !value.is_empty()).map(str::to_owned);
    Some(Filter::new(field, operator, values))
}
