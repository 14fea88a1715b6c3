//! A fake iTop 3.2: one address, every trap that a client can see.

mod children;
mod desk;
mod model;
mod oql;
mod seed;
mod verbs;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use super::server::Server;
pub use desk::{Account, Desk, Entry, Object, Rights, Row, Sort};

/// A running one.
#[derive(Debug)]
pub struct Itop {
    pub server: Server,
    desk: Arc<Mutex<Desk>>,
}

impl Itop {
    pub fn start() -> Self {
        Self::with(seed::desk())
    }

    pub fn with(desk: Desk) -> Self {
        let desk = Arc::new(Mutex::new(desk));
        let router = Router::new()
            .route("/webservices/rest.php", post(rest))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&desk));
        Self { server: Server::start(router), desk }
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap()
    }

    /// The operations that were asked for.
    pub fn operations(&self) -> Vec<Value> {
        let seen = self.server.seen();
        seen.iter().map(|seen| serde_json::from_str(&form(&seen.text(), "json_data")).unwrap_or(Value::Null)).collect()
    }

    pub fn asked(&self, operation: &str) -> Vec<Value> {
        self.operations().into_iter().filter(|one| one["operation"] == operation).collect()
    }
}

/// A clean desk, for those who want another one.
pub fn clean() -> Desk {
    seed::desk()
}

async fn rest(State(desk): State<Arc<Mutex<Desk>>>, headers: HeaderMap, body: String) -> Response {
    let mut desk = desk.lock().unwrap();
    desk.loads += 1;
    if desk.maintenance {
        let page = json!({ "data": [{ "code": 100, "message": "This application is currently under maintenance." }], "scripts": [] });
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "application/json")], page.to_string())
            .into_response();
    }
    let body = if body.len() > desk.post_max { String::new() } else { body };
    let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.to_str().unwrap().contains("form"));
    let answer = match (log_in(&desk, &headers, &body), is_form) {
        (Err(words), _) => json!({ "code": 1, "message": words }),
        (Ok(_), false) => json!({ "code": 3, "message": "Error: Missing parameter 'json_data'" }),
        (Ok(account), true) => match serde_json::from_str::<Value>(&form(&body, "json_data")) {
            Ok(operation) if !form(&body, "version").is_empty() => verbs::carry_out(&mut desk, &account, &operation),
            Ok(_) => json!({ "code": 2, "message": "Error: Missing parameter 'version'" }),
            Err(_) => json!({ "code": 4, "message": "Error: Invalid JSON" }),
        },
    };
    if answer == Value::Null {
        let page = "<p>iTop: An error occurred, check server error log for more information.</p>\n";
        return (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/html; charset=UTF-8")], page)
            .into_response();
    }
    // Slashes are escaped, every answer has a cookie of its own, and any page may read it.
    let text = verbs::ordered(&answer).replace('/', "\\/");
    let cookie = format!("itop-{}=x; path=/", desk.loads);
    let head = [
        ("content-type", "application/json".to_owned()),
        ("set-cookie", cookie),
        ("access-control-allow-origin", "*".into()),
    ];
    (head.map(|(name, value)| (name, value)), text).into_response()
}

fn log_in(desk: &Desk, headers: &HeaderMap, body: &str) -> Result<Account, &'static str> {
    const NO: &str = "Error: Invalid login";
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let basic = basic.and_then(|words| words.strip_prefix("Basic ")).map(|_| "basic");
    let (user, password) = match (form(body, "auth_user"), headers.get("auth-token"), basic) {
        // Local accounts fail where the server in front says who it is; what follows a colon is lost in any case.
        (user, _, _) if !user.is_empty() => (user, form(body, "auth_pwd")),
        (_, Some(token), _) if token == "t0ken-of-ada" => ("ada".into(), "s3cret:of ada".into()),
        _ => return Err(NO),
    };
    let account = desk.accounts.iter().find(|one| one.login == user && one.password == password).ok_or(NO)?;
    match account.rights {
        Rights::NoRest => Err(
            "Error: This user is not authorized to use the web services. (The profile REST Services User is required to access \
             the REST web services)",
        ),
        Rights::Portal => Err("Error: Portal user is not allowed"),
        _ => Ok(account.clone()),
    }
}

/// A field of a form.
fn form(body: &str, wanted: &str) -> String {
    let raw = body.split('&').find_map(|pair| pair.split_once('=').filter(|(name, _)| *name == wanted));
    let Some((_, raw)) = raw else { return String::new() };
    let mut out = Vec::new();
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                out.push(u8::from_str_radix(&digits, 16).unwrap_or(b'?'));
            }
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).unwrap_or_default()
}
