//! A Jira Service Management that is none, as Cloud or as Data Center: what its documentation says and what clients met,
//! down to what it does without a word.

mod agent;
mod contract;
mod jql;
mod platform;
mod rules;
mod seed;
mod show;
pub mod world;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use serde_json::{Value as Json, json};

use super::server::Server;
pub use seed::{INCIDENTS, Names, stock};
pub use world::{PASSWORD, PROJECT, World, words};
use world::{Right, User};

type Shared = Arc<Mutex<World>>;

/// One instance that listens.
#[derive(Debug)]
pub struct Fake {
    pub server: Server,
    /// Where Cloud keeps its files.
    pub media: Server,
    world: Shared,
}

impl Fake {
    pub fn new(cloud: bool) -> Self {
        Self::of(stock(cloud, &Names::default()))
    }

    pub fn of(world: World) -> Self {
        let world = Arc::new(Mutex::new(world));
        let (server, media) = (Server::start(router(Arc::clone(&world))), Server::start(router(Arc::clone(&world))));
        {
            let mut held = world.lock().unwrap();
            // Sites tell another address than the one that they are reached by.
            held.base = "https://jira.acme.test".into();
            held.media = media.url();
        }
        Self { server, media, world }
    }

    /// What it holds, to be looked at and changed behind everybody's back.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

/// A request, taken apart.
#[derive(Debug)]
pub struct Asked {
    pub method: String,
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str, or: usize) -> usize {
        self.param(name).and_then(|text| text.parse().ok()).unwrap_or(or)
    }

    /// Clients write lists with commas, or the parameter again and again.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let all = self.query.iter().filter(|(held, _)| held == name).flat_map(|(_, value)| value.split(','));
        let all: Vec<String> = all.map(|one| one.trim().to_owned()).collect();
        (!all.is_empty()).then_some(all)
    }

    pub fn says(&self, name: &str, value: &str) -> bool {
        self.param(name).is_some_and(|held| held.eq_ignore_ascii_case(value))
    }

    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// An answer.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Said {
    pub fn json(status: u16, body: &Json) -> Self {
        let headers = vec![("content-type".into(), "application/json;charset=UTF-8".into())];
        Self { status, headers, body: body.to_string().into_bytes() }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub fn no(status: u16, words: &str) -> Self {
        Self::json(status, &json!({ "errorMessages": [words], "errors": {} }))
    }

    fn text(status: u16, words: &str) -> Self {
        let headers = vec![("content-type".into(), "text/html;charset=UTF-8".into())];
        Self { status, headers, body: words.into() }
    }
}

fn router(world: Shared) -> Router {
    Router::new().fallback(serve_one).with_state(world)
}

async fn serve_one(State(world): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let asked = Asked {
        method: parts.method.to_string(),
        // A site may have a path of its own before all others.
        path: parts.uri.path().trim_start_matches("/jira").trim_start_matches('/').split('/').map(unescape).collect(),
        query: pairs(parts.uri.query().unwrap_or_default()),
        headers: headers.collect(),
        body: to_bytes(body, 256 << 20).await.unwrap_or_default().to_vec(),
    };
    let said = answer(&mut world.lock().unwrap(), &asked);
    let mut response = Response::builder().status(said.status);
    for (name, value) in said.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(said.body)).unwrap()
}

/// Who asks: nobody in particular where no log-in comes along; an error where it is wrong.
fn viewer(world: &World, asked: &Asked) -> Result<Option<User>, ()> {
    let held = asked.header("authorization");
    if held.is_empty() {
        return Ok(None);
    }
    if let Some(token) = held.strip_prefix("Bearer ") {
        return world.users.iter().find(|user| user.token == token).cloned().map(Some).ok_or(());
    }
    let pair = held.strip_prefix("Basic ").and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
    let pair = pair.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let (name, password) = pair.split_once(':').unwrap_or_default();
    let known = world.users.iter().find(|user| {
        let named = if world.cloud { user.mail == name } else { user.login == name };
        named && (password == user.token || !world.cloud && password == PASSWORD)
    });
    known.cloned().map(Some).ok_or(())
}

fn answer(world: &mut World, asked: &Asked) -> Said {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    if let ["media", id] = path.as_slice() {
        return file(world, id);
    }
    // Clients that we only check the fake with may ask for more.
    if let Some(why) = contract::refuses(asked).filter(|_| !world.tricks.documented) {
        return Said::no(400, &why);
    }
    let who = viewer(world, asked);
    let reason = match (&who, world.tricks.captcha) {
        (_, true) => Some("AUTHENTICATION_DENIED"),
        (Err(()), _) => Some("AUTHENTICATED_FAILED"),
        _ => None,
    };
    // A wrong log-in is answered as nobody's: often with 200, and with a header that tells.
    let nobody = User {
        login: String::new(),
        name: "Anonymous".into(),
        mail: String::new(),
        token: String::new(),
        right: Right::Nobody,
    };
    let viewer = who.ok().flatten();
    let anonymous = viewer.is_none();
    let viewer = viewer.unwrap_or(nobody);
    let mut said = match path.as_slice() {
        ["rest", "api", _, "myself"] if anonymous => {
            Said::text(401, "Client must be authenticated to access this resource.")
        }
        ["rest", "api", "3", ..] if !world.cloud => {
            Said::text(404, "<html><title>Oops, you've found a dead link.</title></html>")
        }
        ["rest", "api", "2" | "3", "serverInfo"] => {
            let kind = if world.cloud { "Cloud" } else { "Server" };
            let version = if world.cloud { "1001.0.0-SNAPSHOT" } else { "9.12.7" };
            Said::json(
                200,
                &json!({ "baseUrl": world.base, "deploymentType": kind, "version": version,
                "versionNumbers": [if world.cloud { 1001 } else { 9 }, 12, 7], "buildNumber": 100_270, "serverTitle": "Jira" }),
            )
        }
        ["rest", "api", version @ ("2" | "3"), ..] => platform::answer(world, asked, &viewer, *version == "3"),
        ["rest", "servicedeskapi", ..] => agent::answer(world, asked, &viewer),
        ["secure", "attachment", id, ..] if viewer.right != Right::Nobody && !world.cloud => file(world, id),
        _ => Said::text(404, "<html><title>Oops, you've found a dead link.</title></html>"),
    };
    said.headers.extend(reason.map(|reason| ("x-seraph-loginreason".to_owned(), reason.to_owned())));
    if world.tricks.captcha {
        let why = "CAPTCHA_CHALLENGE; login-url=https://jira.acme.test/login.jsp";
        said.headers.push(("x-authentication-denied-reason".into(), why.into()));
    }
    said
}

fn file(world: &World, id: &str) -> Said {
    match world.files.iter().find(|file| file.id.to_string() == id) {
        Some(file) => {
            Said { status: 200, headers: vec![("content-type".into(), file.media.clone())], body: file.bytes.clone() }
        }
        None => Said::text(404, "There is no such file."),
    }
}

/// `%20` and its like as the letters that they are.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let hex = hex.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        out.push(hex.unwrap_or(bytes[at]));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let one = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescape(&name.replace('+', " ")), unescape(&value.replace('+', " ")))
    };
    text.split('&').filter(|pair| !pair.is_empty()).map(one).collect()
}

/// Name, file name, media type and bytes of each part of a form.
fn form(asked: &Asked) -> Vec<(String, String, String, Vec<u8>)> {
    let Some((_, boundary)) = asked.header("content-type").split_once("boundary=") else { return Vec::new() };
    let text: String = asked.body.iter().map(|byte| char::from(*byte)).collect();
    let latin = |text: &str| String::from_utf8_lossy(&text.chars().map(|c| c as u8).collect::<Vec<_>>()).into_owned();
    let mut parts = Vec::new();
    for part in text.split(&format!("--{}", boundary.trim_matches('"'))) {
        let Some((head, body)) = part.split_once("\r\n\r\n") else { continue };
        let named = |name: &str| {
            let (_, rest) = head.split_once(&format!(" {name}=\""))?;
            let rest = rest.replace("\\\"", "\u{1}");
            Some(latin(rest.split('"').next()?).replace('\u{1}', "\"").replace("%22", "\""))
        };
        let media = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-type: ").map(str::to_owned));
        let body = body.strip_suffix("\r\n").unwrap_or(body);
        let body: Vec<u8> = body.chars().map(|c| c as u8).collect();
        let media = media.unwrap_or_else(|| "application/octet-stream".into());
        parts.push((named("name").unwrap_or_default(), named("filename").unwrap_or_default(), media, body));
    }
    parts
}

/// The fake alone, for other programs: on `JIRA_FAKE_PORT` (any free one where it is 0; not at all where it is not set) as
/// `JIRA_FAKE_KIND` (`cloud` or `dc`), until its standard input ends. Prints `JIRA_URL=…` and what else
/// `tests/live/jira/clients` reads.
#[test]
fn serve() {
    let Ok(port) = std::env::var("JIRA_FAKE_PORT") else {
        println!("skipped: JIRA_FAKE_PORT names no port to serve on");
        return;
    };
    let cloud = std::env::var("JIRA_FAKE_KIND").is_ok_and(|kind| kind == "cloud");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let mut world = stock(cloud, &Names::default());
        (world.base, world.media) = (address.clone(), address.clone());
        world.tricks.documented = true;
        let (kind, user, password) = if cloud {
            ("cloud", "sam.desk@acme.test", seed::token("sam.desk"))
        } else {
            ("dc", "sam.desk", PASSWORD.to_owned())
        };
        let waiting = world.issues.iter().find(|one| one.approvals.iter().any(|held| held.decision.is_none())).unwrap();
        println!("JIRA_URL={address}\nJIRA_KIND={kind}\nJIRA_USER={user}\nJIRA_PASSWORD={password}");
        println!("JIRA_PROJECT={PROJECT}\nJIRA_TYPE={}\nJIRA_APPROVAL={}", world.types[0].name, waiting.key);
        println!("JIRA_TOKEN={}", seed::token("sam.desk"));
        let ended = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        let served = axum::serve(listener, router(Arc::new(Mutex::new(world)))).with_graceful_shutdown(async move {
            let _ = ended.await;
        });
        served.await.unwrap();
    });
}
