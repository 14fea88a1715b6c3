//! What is asked of RT's search, and where it goes on. Pure.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::facts::{Place, Site};
use super::wire::{ago, quoted};
use crate::backend::http::tracker::Scope;
use crate::domain::field::Field;
use crate::domain::kind::Kind;

/// Seconds by which changes are asked for once more: clocks of a second, and writes that were under way.
pub const OVERLAP: i64 = 30;
/// Seconds after which it is asked what vanished although nothing else happened.
pub const LOOK: i64 = 300;

/// Where a walk or a following stands. Times are the server's own; `seen` is the newest transaction that was known when
/// it began, nought where none could be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// Everything, newest first: tickets below this number are left.
    Walk { since: i64, below: u64, seen: u64 },
    /// What changed since; tickets above this number are left, of those up to `until`.
    Follow {
        since: i64,
        until: i64,
        above: u64,
        seen: u64,
        /// When it was last asked what vanished.
        #[serde(default)]
        looked: i64,
    },
}

/// The columns of a row. Custom fields cost ten times the rest, links twenty times.
pub fn columns(site: &Site) -> Vec<(String, String)> {
    let mut fields: Vec<String> = [
        "Subject",
        "Status",
        "Priority",
        "Queue",
        "Owner",
        "Requestor",
        "Creator",
        "Created",
        "LastUpdated",
        "LastUpdatedBy",
        "Started",
        "Resolved",
        "Due",
        "Told",
        "SLA",
    ]
    .map(String::from)
    .to_vec();
    let mut more = vec![("fields[Queue]".to_owned(), "Name".to_owned())];
    if let Some(role) = site.group_role() {
        more.push((format!("fields[{role}]"), "Name".into()));
        fields.push(role);
    }
    if site.rich_rows() {
        fields.push("CustomFields".into());
    }
    more.push(("fields".into(), fields.join(",")));
    more
}

/// The tickets with these numbers.
pub fn numbers(ids: impl Iterator<Item = impl Display>) -> String {
    ids.map(|id| format!("id = {id}")).collect::<Vec<_>>().join(" OR ")
}

/// The tickets of the queues that are ours.
pub fn queues(site: &Site) -> String {
    let all = Kind::ALL.iter().flat_map(|kind| site.queues(*kind));
    let all: Vec<String> = all.map(|queue| format!("Queue = {}", quoted(queue))).collect();
    if all.is_empty() { "id = 0".into() } else { format!("({})", all.join(" OR ")) }
}

/// Open ones, and those closed of late; of these groups; under the site's own condition.
pub fn scope(site: &Site, scope: &Scope) -> String {
    let days = ago(i64::from(scope.closed_days) * 86_400);
    let mut all = vec![queues(site), format!("(Status = '__Active__' OR LastUpdated > '{days}')")];
    let groups: Vec<String> = scope.groups.iter().filter_map(|group| in_group(site, group)).collect();
    if !groups.is_empty() {
        all.push(format!("({})", groups.join(" OR ")));
    }
    all.extend(scope.query.as_ref().filter(|query| !query.trim().is_empty()).map(|query| format!("({query})")));
    all.join(" AND ")
}

/// What makes tickets vanish from every search.
pub fn vanished(seen: u64) -> String {
    format!(
        "id > {seen} AND ObjectType = 'RT::Ticket' AND ((Type = 'Status' AND NewValue = 'deleted') OR (Type = 'AddLink' AND \
         Field = 'MergedInto'))"
    )
}

fn in_group(site: &Site, group: &str) -> Option<String> {
    let mut kinds = site.setup.mapping.kinds.keys();
    kinds.find_map(|kind| match site.place(*kind, &Field::Group) {
        Place::Role(name) => Some(format!("'CustomRole.{{{}}}.Name' = {}", name.replace('\'', "\\'"), quoted(group))),
        Place::Custom(name) => Some(format!("'CF.{{{}}}' = {}", name.replace('\'', "\\'"), quoted(group))),
        _ => None,
    })
}
