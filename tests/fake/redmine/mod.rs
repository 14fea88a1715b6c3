//! A Redmine 5 that is none: what its REST interface answers, with every silence of the real one.

pub mod seed;
pub mod world;
pub mod write;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use world::{CATEGORIES, GROUPS, Issue, PEOPLE, PRIORITIES, STATUSES, TRACKERS, World, may, permissions, role};
use write::End;

/// The world behind the routes.
pub type Shared = Arc<Mutex<World>>;

pub fn router(world: Shared) -> Router {
    Router::new()
        .route("/users/current.json", get(me))
        .route("/users/{id}", get(user))
        .route("/roles/{id}", get(one_role))
        .route("/projects/{id}", get(project))
        .route("/projects/{id}/memberships.json", get(members))
        .route("/projects/{id}/search.json", get(search))
        .route("/search.json", get(search_all))
        .route("/issue_statuses.json", get(statuses))
        .route("/trackers.json", get(trackers))
        .route("/enumerations/issue_priorities.json", get(priorities))
        .route("/issues.json", get(list).post(create))
        .route("/issues/{id}", get(show).put(update))
        .route("/issues/{id}/relations.json", post(relate))
        .route("/relations/{id}", axum::routing::delete(unrelate))
        .route("/uploads.json", post(upload))
        .route("/attachments/download/{id}", get(download))
        .with_state(world)
}

/// The key of a person is the log-in, or `key-of-` and the log-in where it must be told from that.
fn who(headers: &HeaderMap) -> Result<u64, Box<Response>> {
    let key = headers.get("x-redmine-api-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let key = key.strip_prefix("key-of-").unwrap_or(key);
    let known = PEOPLE.iter().find(|one| one.1 == key).map(|one| one.0);
    let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"Redmine API\"")];
    known.ok_or_else(|| Box::new((StatusCode::UNAUTHORIZED, challenge).into_response()))
}

fn ok(value: Json) -> Response {
    axum::Json(value).into_response()
}

fn empty(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap().into_response()
}

fn end(end: End) -> Response {
    match end {
        End::Done => empty(204),
        End::Forbidden => empty(403),
        End::Refused(errors) => {
            (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(json!({ "errors": errors }))).into_response()
        }
    }
}

fn number(path: &str) -> u64 {
    path.trim_end_matches(".json").parse().unwrap_or(0)
}

fn parameters(query: Option<String>) -> Vec<(String, String)> {
    let url = format!("http://fake/?{}", query.unwrap_or_default());
    reqwest::Url::parse(&url).unwrap().query_pairs().into_owned().collect()
}

fn one(all: &[(String, String)], name: &str) -> String {
    all.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

fn named(all: &[(u64, &str)]) -> Json {
    all.iter().map(|one| json!({ "id": one.0, "name": one.1 })).collect()
}

async fn me(headers: HeaderMap) -> Response {
    match who(&headers) {
        Ok(id) => ok(json!({ "user": about(id, true) })),
        Err(no) => *no,
    }
}

fn about(id: u64, with: bool) -> Json {
    let Some(one) = PEOPLE.iter().find(|one| one.0 == id) else { return Json::Null };
    let mut user = json!({ "id": one.0, "login": one.1, "firstname": one.2, "lastname": one.3, "admin": false });
    if with && one.4 != 0 {
        let role = json!({ "id": one.4, "name": "role" });
        user["memberships"] = json!([{ "id": 1, "project": { "id": 1, "name": "Service Desk" }, "roles": [role] }]);
    }
    user
}

async fn user(headers: HeaderMap, Path(id): Path<String>) -> Response {
    match (who(&headers), about(number(&id), false)) {
        (Err(no), _) => *no,
        (_, Json::Null) => empty(404),
        (Ok(_), user) => ok(json!({ "user": user })),
    }
}

async fn one_role(Path(id): Path<String>) -> Response {
    ok(json!({ "role": { "id": number(&id), "name": "role", "permissions": permissions(number(&id)) } }))
}

async fn project(headers: HeaderMap, Path(id): Path<String>) -> Response {
    match who(&headers) {
        Err(no) => *no,
        Ok(_) if id != "service-desk.json" => empty(404),
        Ok(user) if role(user) == 0 => empty(403),
        Ok(_) => ok(json!({ "project": {
            "id": 1, "name": "Service Desk", "identifier": "service-desk",
            "trackers": named(&TRACKERS), "issue_categories": named(&CATEGORIES),
        } })),
    }
}

async fn members(headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let user = match who(&headers) {
        Ok(user) if role(user) != 0 => user,
        Ok(_) => return empty(403),
        Err(no) => return *no,
    };
    let _ = user;
    let people = PEOPLE
        .iter()
        .filter(|one| one.4 != 0)
        .map(|one| json!({ "user": world::principal(one.0), "roles": [{ "id": one.4, "name": "role" }] }));
    let groups =
        GROUPS.iter().map(|one| json!({ "group": world::principal(one.0), "roles": [{ "id": 3, "name": "role" }] }));
    let all: Vec<Json> = people.chain(groups).collect();
    let skip = one(&parameters(query), "offset").parse().unwrap_or(0);
    ok(json!({ "memberships": all.iter().skip(skip).collect::<Vec<_>>(), "total_count": all.len() }))
}

async fn statuses() -> Response {
    let all: Vec<Json> = STATUSES.iter().map(|one| json!({ "id": one.0, "name": one.1, "is_closed": one.2 })).collect();
    ok(json!({ "issue_statuses": all }))
}

async fn trackers() -> Response {
    ok(json!({ "trackers": named(&TRACKERS) }))
}

async fn priorities() -> Response {
    ok(json!({ "issue_priorities": named(&PRIORITIES) }))
}

/// Filters that are not known are ignored; without one on the status, only open issues are shown.
fn fits(issue: &Issue, user: u64, all: &[(String, String)]) -> bool {
    let open = STATUSES.iter().any(|one| one.0 == issue.status && !one.2);
    let fields: Vec<&str> = all.iter().filter(|(key, _)| key == "f[]").map(|(_, value)| value.as_str()).collect();
    let values = |field: &str| {
        let key = format!("v[{field}][]");
        all.iter().filter(|(name, _)| *name == key).map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let has = |field: &str, held: Option<u64>| {
        values(field).iter().flat_map(|value| value.split(',')).any(|value| match value {
            "me" => held == Some(user),
            value => held.is_some_and(|held| held.to_string() == value),
        })
    };
    let time = |field: &str| {
        values(field)
            .first()
            .and_then(|value| value.parse().ok().or_else(|| format!("{value}T00:00:00Z").parse().ok()))
            .unwrap_or(Timestamp::MIN)
    };
    let one_fits = |field: &str| match (field, one(all, &format!("op[{field}]")).as_str()) {
        ("status_id", "o") => open,
        ("status_id", "c") => !open,
        ("status_id", "*") => true,
        ("status_id", _) => has("status_id", Some(issue.status)),
        ("project_id", _) => has("project_id", Some(1)),
        ("tracker_id", _) => has("tracker_id", Some(issue.tracker)),
        ("author_id", _) => has("author_id", Some(issue.author)),
        ("member_of_group", _) => has("member_of_group", issue.assigned),
        ("issue_id", "<=") => values("issue_id")[0].parse::<u64>().is_ok_and(|top| issue.id <= top),
        ("issue_id", _) => has("issue_id", Some(issue.id)),
        ("updated_on", ">=") => issue.updated >= time("updated_on"),
        ("created_on", ">=") => issue.created >= time("created_on"),
        ("closed_on", ">=") => issue.closed.is_some_and(|closed| closed >= time("closed_on")),
        _ => true,
    };
    (fields.contains(&"status_id") || open) && fields.iter().all(|field| one_fits(field))
}

async fn list(State(world): State<Shared>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let user = match who(&headers) {
        Ok(user) => user,
        Err(no) => return *no,
    };
    let all = parameters(query);
    let world = world.lock().unwrap();
    let mut found: Vec<&Issue> =
        world.issues.values().filter(|issue| world.visible(user, issue) && fits(issue, user, &all)).collect();
    match one(&all, "sort").as_str() {
        "updated_on:desc,id:desc" => found.sort_by_key(|issue| std::cmp::Reverse((issue.updated, issue.id))),
        "updated_on:asc,id:asc" => found.sort_by_key(|issue| (issue.updated, issue.id)),
        _ => found.sort_by_key(|issue| std::cmp::Reverse(issue.id)),
    }
    // Capped without a word; what makes no sense is 25.
    let limit = one(&all, "limit").parse::<i64>().unwrap_or(25);
    let limit = if limit <= 0 { 25 } else { usize::try_from(limit).unwrap().min(100) };
    let skip = one(&all, "offset").parse().unwrap_or(0);
    let page: Vec<Json> = found.iter().skip(skip).take(limit).map(|issue| world.show(user, issue, "")).collect();
    ok(json!({ "issues": page, "total_count": found.len(), "offset": skip, "limit": limit }))
}

async fn show(
    State(world): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let user = match who(&headers) {
        Ok(user) => user,
        Err(no) => return *no,
    };
    let world = world.lock().unwrap();
    match world.issues.get(&number(&id)) {
        None => empty(404),
        Some(issue) if !world.visible(user, issue) => empty(403),
        Some(issue) => ok(json!({ "issue": world.show(user, issue, &one(&parameters(query), "include")) })),
    }
}

/// The body of a write: nothing where the media type is wrong, 400 where it is no JSON.
fn body(headers: &HeaderMap, bytes: &Bytes) -> Result<Json, Box<Response>> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    if !media.starts_with("application/json") {
        return Err(Box::new(empty(204)));
    }
    serde_json::from_slice(bytes).map_err(|_| Box::new(empty(400)))
}

async fn update(State(world): State<Shared>, headers: HeaderMap, Path(id): Path<String>, bytes: Bytes) -> Response {
    let (user, wanted) = match (who(&headers), body(&headers, &bytes)) {
        (Ok(user), Ok(wanted)) => (user, wanted),
        (Err(no), _) | (_, Err(no)) => return *no,
    };
    let mut world = world.lock().unwrap();
    match world.issues.get(&number(&id)) {
        None => empty(404),
        Some(issue) if !world.visible(user, issue) => empty(403),
        Some(_) => end(world.update(user, number(&id), &wanted["issue"])),
    }
}

async fn create(State(world): State<Shared>, headers: HeaderMap, bytes: Bytes) -> Response {
    let (user, wanted) = match (who(&headers), body(&headers, &bytes)) {
        (Ok(user), Ok(wanted)) => (user, wanted),
        (Err(no), _) | (_, Err(no)) => return *no,
    };
    let mut world = world.lock().unwrap();
    match world.create(user, &wanted["issue"]) {
        Ok(id) => {
            let issue = world.issues.get(&id).unwrap();
            let made = json!({ "issue": world.show(user, issue, "") });
            (StatusCode::CREATED, [(header::LOCATION, format!("/issues/{id}"))], axum::Json(made)).into_response()
        }
        Err(no) => end(no),
    }
}

async fn relate(State(world): State<Shared>, headers: HeaderMap, Path(id): Path<String>, bytes: Bytes) -> Response {
    let (user, wanted) = match (who(&headers), body(&headers, &bytes)) {
        (Ok(user), Ok(wanted)) => (user, wanted),
        (Err(no), _) | (_, Err(no)) => return *no,
    };
    match world.lock().unwrap().relate(user, number(&id), &wanted["relation"]) {
        Ok(made) => (StatusCode::CREATED, axum::Json(made)).into_response(),
        Err(no) => end(no),
    }
}

async fn unrelate(State(world): State<Shared>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    match who(&headers) {
        Err(no) => *no,
        Ok(user) if !may(user, "manage_issue_relations") => empty(403),
        Ok(_) => {
            world.lock().unwrap().relations.retain(|one| one.0 != number(&id));
            empty(204)
        }
    }
}

async fn upload(State(world): State<Shared>, headers: HeaderMap, bytes: Bytes) -> Response {
    let octets = headers.get(header::CONTENT_TYPE).is_some_and(|media| media == "application/octet-stream");
    match who(&headers) {
        Err(no) => *no,
        Ok(_) if !octets => empty(406),
        Ok(_) => {
            let mut world = world.lock().unwrap();
            let token = format!("{}.token", world.number());
            world.uploads.insert(token.clone(), bytes.to_vec());
            (StatusCode::CREATED, axum::Json(json!({ "upload": { "id": 1, "token": token } }))).into_response()
        }
    }
}

async fn download(State(world): State<Shared>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if let Err(no) = who(&headers) {
        return *no;
    }
    let world = world.lock().unwrap();
    let file = world.issues.values().flat_map(|issue| &issue.files).find(|file| file.0 == number(&id));
    file.map_or_else(|| empty(404), |file| file.2.clone().into_response())
}

async fn search_all(state: State<Shared>, headers: HeaderMap, query: RawQuery) -> Response {
    search(state, headers, Path("all".into()), query).await
}

/// Issues, and one page of the wiki.
async fn search(
    State(world): State<Shared>,
    headers: HeaderMap,
    Path(_): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let user = match who(&headers) {
        Ok(user) => user,
        Err(no) => return *no,
    };
    let all = parameters(query);
    let words = one(&all, "q").to_lowercase();
    let world = world.lock().unwrap();
    let mut results: Vec<Json> = Vec::new();
    if !one(&all, "issues").is_empty() {
        let found = world.issues.values().filter(|issue| world.visible(user, issue));
        results.extend(found.filter(|issue| issue.subject.to_lowercase().contains(&words)).map(|issue| {
            json!({ "id": issue.id, "title": format!("Issue #{}: {}", issue.id, issue.subject), "type": "issue",
                "url": format!("http://elsewhere.example/issues/{}", issue.id), "description": issue.description })
        }));
    }
    if !one(&all, "wiki_pages").is_empty() && may(user, "view_wiki_pages") && "vpn drops".contains(&words) {
        results.push(json!({ "id": 2, "title": "Wiki: KB0002_VPN_drops", "type": "wiki-page",
            "url": "http://elsewhere.example/wiki/KB0002_VPN_drops", "description": "h1. VPN drops\n\nUpdate the client." }));
    }
    ok(json!({ "results": results, "total_count": results.len(), "offset": 0, "limit": 25 }))
}
