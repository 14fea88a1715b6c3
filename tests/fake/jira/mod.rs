//! A Jira Service Management that is none, as Cloud or as Data Center: searches in minutes of the account's zone, short
//! pages by token or capped pages by offset, comments that are public unless somebody says otherwise.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

pub const ZONE: &str = "Europe/Berlin";
pub const TOKEN: &str = "right-token";
/// However many rows are asked for.
const CAP: usize = 7;

/// An issue with its words.
#[derive(Debug, Clone)]
pub struct Issue {
    pub number: u64,
    pub fields: Json,
    pub updated: Timestamp,
    pub comments: Vec<(String, bool)>,
}

/// Everything that there is.
#[derive(Debug)]
pub struct World {
    pub cloud: bool,
    pub issues: Vec<Issue>,
    pub links: Vec<Json>,
    /// The next edit collides.
    pub collide: bool,
}

pub type Shared = Arc<Mutex<World>>;

impl World {
    pub fn new(cloud: bool, begin: Timestamp) -> Self {
        let issues = (1..=20).map(|number| {
            let at = begin + SignedDuration::from_millis(i64::try_from(number).unwrap() * 1100);
            let fields = json!({
                "summary": format!("Ticket {number}"), "description": "Since Monday.",
                "status": status("Open"), "issuetype": { "id": "10010", "name": "[System] Incident" },
                "priority": { "id": "3", "name": "Medium" }, "assignee": null, "issuelinks": [],
                "reporter": user(cloud, "rita"), "creator": user(cloud, "sam"), "created": stamp(at),
                "customfield_10004": { "id": "1", "value": "Significant / Large" },
                "customfield_10010": { "requestType": { "id": "25" } },
            });
            Issue { number, fields, updated: at, comments: Vec::new() }
        });
        Self { cloud, issues: issues.collect(), links: Vec::new(), collide: false }
    }

    pub fn issue(&mut self, key: &str) -> Option<&mut Issue> {
        let number: u64 = key.strip_prefix("SD-")?.parse().ok()?;
        self.issues.iter_mut().find(|issue| issue.number == number)
    }

    fn search(&self, asked: &Json) -> Response {
        let jql = asked["jql"].as_str().unwrap_or_default();
        let zone = TimeZone::get(ZONE).unwrap();
        let after = |name: &str| {
            let (_, rest) = jql.split_once(&format!("{name} >= \"2"))?;
            let at: DateTime = format!("2{}:00", rest.split('"').next()?).replace(' ', "T").parse().ok()?;
            Some(at.to_zoned(zone.clone()).unwrap().timestamp())
        };
        let mut found: Vec<&Issue> = self.issues.iter().collect();
        if let Some(from) = after("updated") {
            found.retain(|issue| issue.updated >= from);
        }
        found.sort_by_key(|issue| (issue.updated, issue.number));
        if jql.contains("DESC") {
            found.reverse();
        }
        let start = match self.cloud {
            true => asked["nextPageToken"].as_str().map_or(0, |token| token.parse().unwrap()),
            false => asked["startAt"].as_u64().unwrap_or(0) as usize,
        };
        let rows = CAP.min(asked["maxResults"].as_u64().unwrap_or(50) as usize);
        let total = found.len();
        let page: Vec<Json> = found.into_iter().skip(start).take(rows).map(|issue| shown(issue, false)).collect();
        let end = start + page.len();
        if self.cloud {
            let mut body = json!({ "issues": page, "isLast": end >= total });
            if end < total {
                body["nextPageToken"] = end.to_string().into();
            }
            return axum::Json(body).into_response();
        }
        axum::Json(json!({ "issues": page, "startAt": start, "maxResults": rows, "total": total })).into_response()
    }
}

pub fn stamp(at: Timestamp) -> String {
    at.to_zoned(TimeZone::get(ZONE).unwrap()).strftime("%Y-%m-%dT%H:%M:%S%.3f%z").to_string()
}

fn user(cloud: bool, name: &str) -> Json {
    let full = format!("Full {name}");
    match cloud {
        true => json!({ "accountId": format!("account-{name}"), "displayName": full, "timeZone": ZONE }),
        false => json!({ "name": name, "key": name, "displayName": full, "timeZone": ZONE }),
    }
}

fn status(name: &str) -> Json {
    let category = if matches!(name, "Completed" | "Closed" | "Canceled") { "done" } else { "indeterminate" };
    json!({ "id": name.len().to_string(), "name": name, "statusCategory": { "key": category } })
}

fn shown(issue: &Issue, history: bool) -> Json {
    let mut fields = issue.fields.clone();
    fields["updated"] = stamp(issue.updated).into();
    let mut all =
        json!({ "id": (10100 + issue.number).to_string(), "key": format!("SD-{}", issue.number), "fields": fields });
    if history {
        all["changelog"] = json!({ "total": 0, "histories": [] });
    }
    all
}

/// All calls, told apart by their paths.
pub fn router(world: Shared) -> Router {
    Router::new().route("/{*path}", any(call)).with_state(world)
}

fn no(status: u16, words: &str) -> Response {
    let body = json!({ "errorMessages": [words], "errors": {} });
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

fn may(headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|held| held == format!("Bearer {TOKEN}").as_str())
}

async fn call(State(world): State<Shared>, Path(path): Path<String>, asked: Request) -> Response {
    if !may(asked.headers()) {
        // A wrong log-in is answered with good data of nobody.
        let nobody = axum::Json(json!({ "displayName": "Anonymous" }));
        return ([("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")], nobody).into_response();
    }
    let (parts, body) = asked.into_parts();
    let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
    let said: Json = serde_json::from_slice(&body).unwrap_or_default();
    let mut world = world.lock().unwrap();
    let cloud = world.cloud;
    let steps: Vec<&str> = path.trim_start_matches("rest/").split('/').collect();
    let get = parts.method == Method::GET;
    let resolution = json!({ "required": true, "name": "Resolution", "schema": { "type": "resolution" },
        "allowedValues": [{ "id": "10000", "name": "Done" }] });
    let choices = json!([{ "id": "1", "value": "Significant / Large" }, { "id": "2", "value": "Moderate / Limited" }]);
    let impact = json!({ "fieldId": "customfield_10004", "name": "Impact", "schema": { "type": "option" }, "allowedValues": choices });
    let text = |name: &str| json!({ "fieldId": name, "name": name, "required": true, "schema": { "type": "string" } });
    let ok = |body: Json| axum::Json(body).into_response();
    match steps.as_slice() {
        ["api", "2", "myself"] => ok(user(cloud, "sam")),
        ["api", "2", "serverInfo"] => ok(json!({ "deploymentType": if cloud { "Cloud" } else { "Server" } })),
        ["api", "2", "field"] => ok(json!([
            { "id": "summary", "name": "Summary" }, { "id": "description", "name": "Description" },
            { "id": "priority", "name": "Priority" }, { "id": "reporter", "name": "Reporter" },
            { "id": "resolution", "name": "Resolution" }, { "id": "components", "name": "Components" },
            { "id": "customfield_10004", "name": "Impact", "custom": true, "schema": { "type": "option" } },
            { "id": "customfield_10010", "name": "Kundenanfragetyp", "custom": true,
              "schema": { "custom": "com.atlassian.servicedesk:vp-origin" } },
            { "id": "customfield_10030", "name": "Time to resolution", "custom": true,
              "schema": { "custom": "com.atlassian.servicedesk:sd-sla-field" } },
        ])),
        ["api", "2", "issueLinkType"] => ok(
            json!({ "issueLinkTypes": [{ "id": "1", "name": "Problem/Incident" }, { "id": "2", "name": "Relates" }] }),
        ),
        ["api", "2", "mypermissions"] => {
            let names =
                ["BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "LINK_ISSUES", "TRANSITION_ISSUES"];
            let all = names.iter().map(|name| ((*name).to_owned(), json!({ "havePermission": true })));
            ok(json!({ "permissions": all.collect::<serde_json::Map<_, _>>() }))
        }
        ["api", "2", "issue", "createmeta", "SD", "issuetypes"] => {
            ok(json!({ if cloud { "issueTypes" } else { "values" }: [{ "id": "10010", "name": "[System] Incident" }] }))
        }
        ["api", "2", "issue", "createmeta", "SD", "issuetypes", _] => {
            ok(json!({ if cloud { "fields" } else { "values" }: [text("summary"), text("description"), impact] }))
        }
        ["api", "2", "user", "assignable", "search"] => {
            match parts.uri.query().unwrap_or_default().contains("startAt=0") {
                true => ok(json!([user(cloud, "sam"), user(cloud, "fay")])),
                false => ok(json!([])),
            }
        }
        ["servicedeskapi", "servicedesk"] => {
            ok(json!({ "values": [{ "id": "1", "projectKey": "SD" }], "isLastPage": true }))
        }
        ["servicedeskapi", "servicedesk", _, "requesttype"] => ok(
            json!({ "values": [{ "id": "25", "name": "Report a problem", "issueTypeId": "10010" }], "isLastPage": true }),
        ),
        ["servicedeskapi", "servicedesk", _, "requesttype", _, "field"] => ok(json!({
            "canRaiseOnBehalfOf": true,
            "requestTypeFields": [{ "fieldId": "summary", "jiraSchema": { "type": "string" } }],
        })),
        ["servicedeskapi", "request"] => {
            let number = world.issues.len() as u64 + 1;
            let mut fields = world.issues[0].fields.clone();
            fields["summary"] = said["requestFieldValues"]["summary"].clone();
            fields["created"] = stamp(Timestamp::now()).into();
            world.issues.push(Issue { number, fields, updated: Timestamp::now(), comments: Vec::new() });
            (StatusCode::CREATED, axum::Json(json!({ "issueId": "1", "issueKey": format!("SD-{number}") })))
                .into_response()
        }
        ["api", "3", "search", "jql"] if cloud => world.search(&said),
        ["api", "2", "search"] if !cloud => world.search(&said),
        [_, "2", "search"] => no(410, "The requested API has been removed."),
        ["api", "2", "issueLink"] => {
            world.links.push(said);
            StatusCode::CREATED.into_response()
        }
        ["servicedeskapi", "request", key, "comment"] => match world.issue(key) {
            None => no(404, "Issue does not exist or you do not have permission to see it."),
            Some(issue) => {
                let public = said["public"].as_bool().unwrap_or(true);
                issue.comments.push((said["body"].as_str().unwrap().to_owned(), public));
                (StatusCode::CREATED, axum::Json(json!({ "id": "1", "public": public }))).into_response()
            }
        },
        ["api", "2", "issue", key, rest @ ..] => {
            if world.collide && parts.method == Method::PUT {
                return no(409, "There was a conflicting update");
            }
            let Some(issue) = world.issue(key) else {
                return no(404, "Issue does not exist or you do not have permission to see it.");
            };
            match rest {
                [] if get => ok(shown(issue, true)),
                [] => {
                    for (name, value) in said["fields"].as_object().unwrap() {
                        issue.fields[name] = value.clone();
                    }
                    issue.updated = Timestamp::now();
                    StatusCode::NO_CONTENT.into_response()
                }
                ["editmeta"] => ok(json!({ "fields": { "summary": text("summary"), "customfield_10004": impact,
                    "assignee": { "name": "Assignee", "schema": { "type": "user" } } } })),
                ["transitions"] if get => ok(json!({ "transitions": [
                    { "id": "761", "name": "Go", "to": status("Completed"), "fields": { "resolution": resolution } },
                    { "id": "871", "name": "Go", "to": status("Work in progress"), "fields": {} },
                ] })),
                ["transitions"] => {
                    let to = if said["transition"]["id"] == "761" { "Completed" } else { "Work in progress" };
                    issue.fields["status"] = status(to);
                    issue.updated = Timestamp::now();
                    StatusCode::NO_CONTENT.into_response()
                }
                ["comment"] => {
                    let all = issue.comments.iter().zip(1..).map(|((text, public), id)| {
                        // Only Cloud says it in a word; Data Center by a property.
                        let property = json!([{ "key": "sd.public.comment", "value": { "internal": !public } }]);
                        let mut one = json!({ "id": id.to_string(), "body": text, "author": user(cloud, "sam"), "created": stamp(Timestamp::now()), "properties": property });
                        if cloud {
                            one["jsdPublic"] = (*public).into();
                        }
                        one
                    });
                    let all: Vec<Json> = all.collect();
                    ok(json!({ "total": all.len(), "comments": all }))
                }
                _ => no(404, "no such call"),
            }
        }
        _ => no(404, "no such call"),
    }
}
