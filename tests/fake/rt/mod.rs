//! A Request Tracker 5 that is none: what its REST 2.0 answers, with what it does silently and what it does oddly.

#![expect(clippy::result_large_err, reason = "a refusal is the answer itself, as axum has it")]

pub mod read;
pub mod seed;
pub mod sql;
pub mod world;
pub mod write;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

use world::World;

/// The world behind the routes.
pub type Shared = Arc<Mutex<World>>;

/// A request as the routes see it.
#[derive(Debug)]
pub struct Asked {
    pub who: u64,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str, or: usize) -> usize {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or(or)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn json(&self) -> Result<Json, Response> {
        let text = std::str::from_utf8(&self.body).map_err(|_| broken())?;
        serde_json::from_str(text).map_err(|error| said(400, &format!("JSON parse error: {error}\n")))
    }
}

/// The token of that user.
pub fn token(who: u64) -> String {
    format!("1-{who}-{}", "5a".repeat(16))
}

pub fn router(world: Shared) -> Router {
    Router::new().fallback(handle).with_state(world)
}

pub fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap()
}

pub fn ok(value: &Json) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=\"utf-8\"")], value.to_string()).into_response()
}

pub fn said(status: u16, words: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], json!({ "message": words }).to_string())
        .into_response()
}

/// What RT answers when it falls over: often nothing at all.
pub fn broken() -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

async fn handle(State(world): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 64 << 20).await.unwrap_or_default().to_vec();
    let auth = parts.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let who = auth.strip_prefix("token 1-").and_then(|rest| rest.split('-').next()).and_then(|id| id.parse().ok());
    let Some(who) = who.filter(|who| auth == format!("token {}", token(*who))) else {
        let browser = parts.headers.contains_key("cookie");
        let sent = (StatusCode::FOUND, [(header::LOCATION, "/")], "Login required").into_response();
        return if browser { sent } else { said(401, "Unauthorized") };
    };
    let url = reqwest::Url::parse(&format!("http://rt{}", parts.uri)).unwrap();
    let query = url.query_pairs().into_owned().collect();
    let asked = Asked { who, query, headers: parts.headers, body };
    let path: Vec<String> = url.path_segments().unwrap().skip(2).map(str::to_owned).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    if url.path().starts_with("/REST/2.0/") {
        let mut answer = route(&world, &parts.method, &path, &asked);
        let now = lock(&world).now();
        let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        answer.headers_mut().insert(header::DATE, date.parse().unwrap());
        return answer;
    }
    said(404, "Not Found")
}

fn route(world: &Shared, method: &Method, path: &[&str], asked: &Asked) -> Response {
    let id = path.get(1).and_then(|id| id.parse::<u64>().ok());
    let writes = matches!(*method, Method::POST | Method::PUT);
    if writes && asked.header("content-type").is_none() {
        return said(415, "Unsupported Media Type");
    }
    match (method.as_str(), path, id) {
        ("GET", ["tickets"], _) => read::tickets(world, asked),
        ("GET", ["transactions"], _) => read::transactions(world, asked),
        ("GET", ["ticket", _], Some(id)) => read::ticket(world, asked, id),
        ("GET", ["ticket", _, "history"], Some(id)) => read::history(world, asked, id),
        ("GET", ["ticket", _, "attachments"], Some(id)) => read::attachments(world, asked, id),
        ("GET", ["attachment", _], Some(id)) => read::attachment(world, id),
        ("POST", ["users" | "groups" | "customroles" | "customfields" | "articles"], _) => {
            read::catalogue(world, path[0], asked)
        }
        ("GET", ["assets"], _) => read::assets(asked),
        ("GET", ["user", login], _) => read::user(world, asked, login),
        ("GET", ["group", _], Some(id)) => read::group(id),
        ("GET", ["customfield", _], Some(id)) => read::field(world, id),
        ("POST", ["ticket"], _) => write::make(world, asked),
        ("PUT", ["ticket", _], Some(id)) => write::put(world, asked, id),
        ("PUT", ["ticket", _, way @ ("take" | "steal" | "untake")], Some(id)) => write::take(world, asked, id, way),
        ("POST", ["ticket", _, way @ ("comment" | "correspond")], Some(id)) => write::say(world, asked, id, way),
        ("POST", ["ticket", _], _) => said(409, "Resource already exists; use PUT to update"),
        ("DELETE", ["ticket", _], _) => broken(),
        ("PATCH", ..) => said(501, "Not Implemented"),
        _ => said(404, "Not Found"),
    }
}
