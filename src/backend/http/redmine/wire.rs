//! What goes over the wire, as Redmine 5 writes it. Nothing here is in our words yet.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

use crate::backend::http::client::{Reply, Said, short};

/// Something with a number and a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    pub id: u64,
    pub name: String,
}

/// A list that may be missing or null.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(from)?.unwrap_or_default())
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(from)?.unwrap_or_default())
}

/// An issue, in a list or alone.
#[derive(Debug, Clone, Deserialize)]
pub struct Issue {
    pub id: u64,
    pub project: Named,
    pub tracker: Named,
    pub status: Status,
    pub priority: Option<Named>,
    pub author: Option<Named>,
    pub assigned_to: Option<Named>,
    pub category: Option<Named>,
    pub fixed_version: Option<Named>,
    pub parent: Option<Only>,
    #[serde(default, deserialize_with = "text")]
    pub subject: String,
    #[serde(default, deserialize_with = "text")]
    pub description: String,
    pub start_date: Option<String>,
    pub due_date: Option<String>,
    #[serde(default)]
    pub is_private: bool,
    #[serde(default, deserialize_with = "list")]
    pub custom_fields: Vec<CustomField>,
    pub created_on: Timestamp,
    pub updated_on: Timestamp,
    pub closed_on: Option<Timestamp>,
    /// Missing in lists, and where they were not asked for.
    pub journals: Option<Vec<Journal>>,
    pub relations: Option<Vec<Relation>>,
    pub children: Option<Vec<Child>>,
    pub attachments: Option<Vec<Attachment>>,
    pub allowed_statuses: Option<Vec<Named>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Only {
    pub id: u64,
}

/// A child of an issue, with what it is.
#[derive(Debug, Clone, Deserialize)]
pub struct Child {
    pub id: u64,
    pub tracker: Option<Named>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Status {
    pub id: u64,
    pub name: String,
    #[serde(default)]
    pub is_closed: bool,
}

/// A custom field with its value: text, a list of texts, or null.
#[derive(Debug, Clone, Deserialize)]
pub struct CustomField {
    pub id: u64,
    pub name: String,
    #[serde(default)]
    pub multiple: bool,
    #[serde(default)]
    pub value: Json,
}

impl CustomField {
    /// The value in one text; several are separated by commas.
    pub fn words(&self) -> String {
        plain(&self.value)
    }
}

/// A JSON value as words.
pub fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(all) => all.iter().map(plain).filter(|one| !one.is_empty()).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// One entry of an issue's history: words, changes, or both.
#[derive(Debug, Clone, Deserialize)]
pub struct Journal {
    pub id: u64,
    pub user: Option<Named>,
    #[serde(default, deserialize_with = "text")]
    pub notes: String,
    pub created_on: Timestamp,
    #[serde(default)]
    pub private_notes: bool,
    #[serde(default, deserialize_with = "list")]
    pub details: Vec<Detail>,
}

/// One change within an entry; `name` is an attribute, a custom field's number, a sort of relation, an attachment's number.
#[derive(Debug, Clone, Deserialize)]
pub struct Detail {
    #[serde(default, deserialize_with = "text")]
    pub property: String,
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    #[serde(default)]
    pub old_value: Json,
    #[serde(default)]
    pub new_value: Json,
}

/// A relation as it is stored: for some sorts with its ends swapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    pub id: u64,
    pub issue_id: u64,
    pub issue_to_id: u64,
    pub relation_type: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Attachment {
    pub id: u64,
    #[serde(default, deserialize_with = "text")]
    pub filename: String,
    pub filesize: Option<u64>,
    #[serde(default, deserialize_with = "text")]
    pub content_type: String,
    #[serde(default, deserialize_with = "text")]
    pub content_url: String,
    pub author: Option<Named>,
    pub created_on: Option<Timestamp>,
}

/// A page of issues. `limit` is what the server made of the limit that was asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct Issues {
    pub issues: Vec<Issue>,
    #[serde(default)]
    pub total_count: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct OneIssue {
    pub issue: Issue,
}

/// The signed-in user, or another one.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    pub id: u64,
    #[serde(default, deserialize_with = "text")]
    pub login: String,
    #[serde(default, deserialize_with = "text")]
    pub firstname: String,
    #[serde(default, deserialize_with = "text")]
    pub lastname: String,
    pub mail: Option<String>,
    #[serde(default)]
    pub admin: bool,
    #[serde(default, deserialize_with = "list")]
    pub memberships: Vec<Membership>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct OneUser {
    pub user: User,
}

/// Who belongs to a project, and as what.
#[derive(Debug, Clone, Deserialize)]
pub struct Membership {
    pub project: Option<Named>,
    pub user: Option<Named>,
    pub group: Option<Named>,
    #[serde(default, deserialize_with = "list")]
    pub roles: Vec<Named>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Memberships {
    pub memberships: Vec<Membership>,
    #[serde(default)]
    pub total_count: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Role {
    #[serde(default, deserialize_with = "list")]
    pub permissions: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct OneRole {
    pub role: Role,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Statuses {
    pub issue_statuses: Vec<Status>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Trackers {
    pub trackers: Vec<Named>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Priorities {
    pub issue_priorities: Vec<Named>,
}

/// A project with its trackers and categories.
#[derive(Debug, Clone, Deserialize)]
pub struct Project {
    pub id: u64,
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    #[serde(default, deserialize_with = "list")]
    pub trackers: Vec<Named>,
    #[serde(default, deserialize_with = "list")]
    pub issue_categories: Vec<Named>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct OneProject {
    pub project: Project,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Uploaded {
    pub upload: Token,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Token {
    pub token: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Hits {
    #[serde(default, deserialize_with = "list")]
    pub results: Vec<Hit>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Hit {
    pub id: u64,
    #[serde(default, deserialize_with = "text")]
    pub title: String,
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub sort: String,
    #[serde(default, deserialize_with = "text")]
    pub url: String,
    #[serde(default, deserialize_with = "text")]
    pub description: String,
}

/// What Redmine says when it refuses: a list of sentences in the user's language.
#[derive(Debug, Clone, Deserialize)]
pub struct Refusals {
    #[serde(deserialize_with = "list")]
    pub errors: Vec<Json>,
}

/// The sentences of a refusal; none where it is no such answer.
pub fn refusals(reply: &Reply) -> Option<Vec<String>> {
    let said: Refusals = serde_json::from_slice(&reply.body).ok()?;
    Some(said.errors.iter().map(plain).filter(|one| !one.is_empty()).collect())
}

/// What Redmine's own refusals mean.
pub fn envelope(reply: &Reply) -> Said {
    if reply.head.status.is_success() {
        return Said::Nothing;
    }
    match refusals(reply) {
        Some(said) if !said.is_empty() => Said::Words { field: String::new(), reason: short(&said.join(". ")) },
        // An empty list is a clash, which only a write to an issue can tell: see `calls`.
        _ => Said::Nothing,
    }
}
