//! What goes over the wire, as Jira 2/3 and its service desk write it. Nothing here is in our words yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::adf;
use crate::backend::Error;
use crate::backend::http::client::{Reply, Said, short};

/// An issue. Its fields differ from site to site and may be absent, null, a text or a tree.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Issue {
    pub id: String,
    pub key: String,
    pub fields: Map<String, Json>,
    pub changelog: Option<Changelog>,
    /// The edit screen, and the steps that can be taken: where they were asked for.
    pub editmeta: Option<Edit>,
    pub transitions: Option<Vec<Transition>>,
}

impl Issue {
    pub fn field(&self, key: &str) -> &Json {
        self.fields.get(key).unwrap_or(&Json::Null)
    }

    pub fn time(&self, key: &str) -> Option<Timestamp> {
        instant(self.field(key).as_str()?)
    }

    pub fn user(&self, key: &str) -> Option<User> {
        serde_json::from_value(self.field(key).clone()).ok()
    }

    /// A member of a field that is a thing: the name of the status.
    pub fn part(&self, key: &str, member: &str) -> &str {
        self.field(key)[member].as_str().unwrap_or_default()
    }
}

/// `2026-06-02T10:00:00.123+0200`: the offset has no colon.
pub fn instant(words: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", words).ok().or_else(|| words.parse().ok())
}

/// What a field shows, in one text: the name or value of a thing, the words of a document, several joined by commas.
pub fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(all) => all.iter().map(plain).filter(|one| !one.is_empty()).collect::<Vec<_>>().join(", "),
        Json::Object(thing) if thing.get("type").is_some_and(|sort| sort == "doc") => adf::text(value),
        Json::Object(thing) => {
            let own =
                ["value", "name", "displayName", "key", "objectId"].iter().find_map(|key| thing.get(*key)?.as_str());
            let child = thing.get("child").map(plain).filter(|child| !child.is_empty());
            let own = own.unwrap_or_default().to_owned();
            child.map_or(own.clone(), |child| format!("{own} / {child}"))
        }
        other => other.to_string(),
    }
}

/// A person: `accountId` on Cloud, `name` (the log-in) and `key` on Data Center.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct User {
    pub account_id: Option<String>,
    pub name: Option<String>,
    pub key: Option<String>,
    pub display_name: Option<String>,
    pub email_address: Option<String>,
    pub account_type: Option<String>,
    pub time_zone: Option<String>,
}

impl User {
    /// What names this person in requests.
    pub fn number(&self) -> &str {
        let full = |name: &'_ &String| !name.is_empty();
        let cloud = self.account_id.as_ref().filter(full);
        cloud.or_else(|| self.name.as_ref().filter(full)).map(String::as_str).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Changelog {
    pub total: u64,
    pub histories: Vec<History>,
}

/// One act in an issue's history.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct History {
    pub id: String,
    pub author: Option<User>,
    pub created: String,
    pub items: Vec<Item>,
}

/// One change within it: numbers or keys in `from` and `to`, words beside them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Item {
    pub field: String,
    pub field_id: Option<String>,
    pub from: Option<String>,
    pub from_string: Option<String>,
    pub to: Option<String>,
    #[serde(rename = "toString")]
    pub to_words: Option<String>,
}

/// A page of a search: Cloud says `isLast` and gives a token, Data Center counts.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Issues {
    pub issues: Vec<Issue>,
    pub is_last: Option<bool>,
    pub next_page_token: Option<String>,
    pub total: Option<u64>,
    pub start_at: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Comments {
    pub comments: Vec<Comment>,
    pub total: u64,
}

/// Words on an issue.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Comment {
    pub id: String,
    pub author: Option<User>,
    pub body: Json,
    pub created: String,
    /// Cloud only; Data Center tells by a property.
    pub jsd_public: Option<bool>,
    pub properties: Vec<Property>,
    /// For a role or a group only: no customer reads it.
    pub visibility: Option<Json>,
}

impl Comment {
    /// Whether customers can read it.
    pub fn is_public(&self) -> bool {
        let internal = |one: &Property| one.key == "sd.public.comment" && one.value["internal"].as_bool() == Some(true);
        self.jsd_public != Some(false) && self.visibility.is_none() && !self.properties.iter().any(internal)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Property {
    pub key: String,
    pub value: Json,
}

/// A field of the site.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Field {
    pub id: String,
    pub name: String,
    pub untranslated_name: Option<String>,
    pub custom: bool,
    pub schema: Schema,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Schema {
    #[serde(rename = "type")]
    pub sort: String,
    pub items: Option<String>,
    pub custom: Option<String>,
    pub system: Option<String>,
}

/// A field as a screen has it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Screen {
    pub required: bool,
    pub name: String,
    pub schema: Schema,
    pub has_default_value: bool,
    pub allowed_values: Option<Vec<Json>>,
    /// In lists of what may be created.
    pub field_id: Option<String>,
    pub key: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Edit {
    pub fields: BTreeMap<String, Screen>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Transitions {
    pub transitions: Vec<Transition>,
}

/// A step that this user can take on that issue now.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Transition {
    pub id: String,
    pub name: String,
    pub to: Named,
    pub is_available: Option<bool>,
    /// Its screen; none where it was not told.
    pub fields: Option<BTreeMap<String, Screen>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Named {
    pub id: String,
    pub name: String,
}

/// A page of the service desk.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Values<T> {
    #[serde(default = "Vec::new")]
    pub values: Vec<T>,
    #[serde(default, rename = "isLastPage")]
    pub is_last_page: Option<bool>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Desk {
    pub id: String,
    pub project_key: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RequestType {
    pub id: String,
    pub name: String,
    pub issue_type_id: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RequestFields {
    pub request_type_fields: Vec<RequestField>,
    pub can_raise_on_behalf_of: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RequestField {
    pub field_id: String,
    pub required: bool,
    pub visible: Option<bool>,
    pub jira_schema: Schema,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Approval {
    pub id: String,
    pub final_decision: String,
    pub can_answer_approval: bool,
}

/// The clocks of one promise.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Sla {
    pub name: String,
    pub completed_cycles: Vec<Cycle>,
    pub ongoing_cycle: Option<Cycle>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Cycle {
    pub breach_time: Option<Moment>,
    pub breached: bool,
    pub paused: bool,
    pub within_calendar_hours: Option<bool>,
    pub remaining_time: Option<Span>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Moment {
    pub epoch_millis: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Span {
    pub millis: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LinkTypes {
    #[serde(rename = "issueLinkTypes")]
    pub all: Vec<Named>,
}

/// What came of something that was made: an issue or a request.
#[derive(Debug, Clone, Deserialize)]
pub struct Made {
    #[serde(alias = "issueKey")]
    pub key: String,
}

/// What Jira's own refusals mean. A wrong log-in may be answered as if nobody had signed in: the header tells.
pub fn envelope(reply: &Reply) -> Said {
    let reason = reply.head.header("x-seraph-loginreason").unwrap_or_default().to_ascii_uppercase();
    if reason.contains("DENIED") || reply.head.header("x-authentication-denied-reason").is_some() {
        let why = "Jira wants a CAPTCHA after failed log-ins. Sign in with a browser once, then try again.";
        return Said::Error(Error::Unauthenticated(why.into()));
    }
    if reason.contains("FAILED") {
        return Said::Error(Error::Unauthenticated(
            "Jira did not accept the user name and the password or token.".into(),
        ));
    }
    if reply.head.status.is_success() {
        return Said::Nothing;
    }
    refusal(&reply.body).map_or(Said::Nothing, |(field, reason)| Said::Words { field, reason })
}

/// The field that a refusal names, and its words; both forms that there are.
pub fn refusal(body: &[u8]) -> Option<(String, String)> {
    let said: Json = serde_json::from_slice(body).ok()?;
    let mut words: Vec<String> = said["errorMessages"].as_array().into_iter().flatten().map(plain).collect();
    words.extend(said["errorMessage"].as_str().map(str::to_owned));
    let mut field = String::new();
    for (name, why) in said["errors"].as_object().into_iter().flatten() {
        if field.is_empty() {
            field.clone_from(name);
        }
        words.push(plain(why));
    }
    words.retain(|one| !one.trim().is_empty());
    (!words.is_empty()).then(|| (field, short(&words.join(" "))))
}
