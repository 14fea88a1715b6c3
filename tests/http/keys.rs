//! Signing requests: the schemes, a key that is no longer taken, sessions by cookie.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use deskside::backend::Error;
use deskside::backend::http::client::{Body, Client, Credential, Login, Request, Secret, Source};

use super::site;
use crate::fake::server::Server;

/// The value of `Authorization` that the fake takes.
type Taken = Arc<Mutex<String>>;

async fn guarded(State(taken): State<Taken>, headers: HeaderMap) -> Response {
    let shown = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if shown == *taken.lock().unwrap() {
        return "7".into_response();
    }
    // A server that says our own words back.
    (StatusCode::UNAUTHORIZED, format!("\"{shown}\" is not known here")).into_response()
}

fn tracker(takes: &str) -> (Server, Taken) {
    let taken = Arc::new(Mutex::new(takes.to_owned()));
    let router = Router::new().route("/x", get(guarded).post(guarded)).with_state(Arc::clone(&taken));
    (Server::start(router), taken)
}

fn client(server: &Server, credential: Credential) -> Client {
    let mut site = site(&server.url());
    site.limits.request = Duration::from_secs(5);
    site.credential = credential;
    Client::new(site).unwrap()
}

fn given(words: &str) -> Source {
    Source::Given(Secret::new(words))
}

/// A command that prints what stands in a file, and counts how often it was run.
fn from_file(folder: &Path, words: &str) -> (Source, PathBuf, PathBuf) {
    let (path, runs) = (folder.join("words"), folder.join("runs"));
    std::fs::write(&path, words).unwrap();
    std::fs::write(&runs, "").unwrap();
    (Source::Command(format!("echo x >> {}; cat {}", runs.display(), path.display())), path, runs)
}

#[tokio::test]
async fn every_scheme_is_signed_as_its_servers_want_it() {
    let header = |name: &str, prefix: &str| Credential::Header {
        name: name.into(),
        prefix: prefix.into(),
        value: given("k3y-of-ada"),
    };
    for (credential, name, value) in [
        (Credential::Bearer(given("k3y-of-ada")), "authorization", "Bearer k3y-of-ada"),
        (header("Authorization", "token "), "authorization", "token k3y-of-ada"),
        (header("X-Redmine-API-Key", ""), "x-redmine-api-key", "k3y-of-ada"),
        // RFC 7617, 2.1, and the example of 2.
        (Credential::Basic { user: "test".into(), password: given("123£") }, "authorization", "Basic dGVzdDoxMjPCow=="),
        (
            Credential::Basic { user: "Aladdin".into(), password: given("open sesame") },
            "authorization",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
    ] {
        let (server, _) = tracker("");
        client(&server, credential).send(Request::get("x")).await.unwrap();
        assert_eq!(server.seen()[0].header(name), Some(value));
    }
    let (server, _) = tracker("");
    client(&server, Credential::None).send(Request::get("x")).await.unwrap();
    assert_eq!(server.seen()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_key_that_is_no_longer_taken_is_asked_for_anew_once() {
    let folder = tempfile::tempdir().unwrap();
    let (source, path, runs) = from_file(folder.path(), "first-key");
    let (server, taken) = tracker("Bearer first-key");
    let client = client(&server, Credential::Bearer(source));
    let ask = || client.json::<u64>(Request::post("x"));
    for _ in 0..3 {
        ask().await.unwrap();
    }
    assert_eq!(std::fs::read(&runs).unwrap(), b"x\n", "kept while it is taken");
    *taken.lock().unwrap() = "Bearer second-key".into();
    std::fs::write(&path, "second-key").unwrap();
    server.forget();
    assert_eq!(ask().await.unwrap().body, 7);
    assert_eq!(server.seen().len(), 2);
    // The same once more would only count as another failed log-in.
    *taken.lock().unwrap() = "Bearer third-key".into();
    server.forget();
    let error: Error = ask().await.unwrap_err().into();
    assert!(matches!(error, Error::Unauthenticated(_)), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn of_many_who_are_refused_at_once_one_asks_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (source, path, runs) = from_file(folder.path(), "first-key");
    let (server, taken) = tracker("Bearer first-key");
    let client = client(&server, Credential::Bearer(source));
    client.good(Request::get("x")).await.unwrap();
    *taken.lock().unwrap() = "Bearer second-key".into();
    std::fs::write(&path, "second-key").unwrap();
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let client = client.clone();
        all.spawn(async move { client.good(Request::get("x")).await.unwrap() });
    }
    all.join_all().await;
    assert_eq!(std::fs::read(&runs).unwrap(), b"x\nx\n");
}

#[tokio::test]
async fn a_server_that_says_a_secret_back_is_not_quoted() {
    for credential in
        [Credential::Bearer(given("hunter22")), Credential::Basic { user: "ada".into(), password: given("hunter22") }]
    {
        let (server, _) = tracker("nothing");
        let failure = client(&server, credential).good(Request::get("x")).await.unwrap_err();
        let said = format!("{failure} {failure:?} {:?}", failure.error);
        assert!(said.contains("is not known here"), "{said}");
        assert!(!said.contains("hunter22") && !said.contains("YWRhOmh1bnRlcjIy"), "{said}");
    }
}

#[tokio::test]
async fn what_the_user_typed_takes_the_place_of_the_profiles() {
    let (server, taken) = tracker("Bearer old");
    let client = client(&server, Credential::Bearer(given("old")));
    client.good(Request::get("x")).await.unwrap();
    *taken.lock().unwrap() = "Bearer new".into();
    let failure = client.good(Request::post("x")).await.unwrap_err();
    assert!(matches!(failure.error, Error::Unauthenticated(_)));
    client.sign_in(Secret::new("new")).await;
    client.good(Request::post("x")).await.unwrap();
}

/// Sessions by cookie: `/login` gives one, `/x` wants it, `/out` ends all of them.
fn with_sessions() -> Server {
    type Live = Arc<Mutex<Vec<String>>>;
    async fn log_in(State(live): State<Live>, body: String) -> Response {
        if body != "user=ada&pass=hunter22" {
            return (AppendHeaders([("content-type", "text/html")]), PAGE).into_response();
        }
        let mut live = live.lock().unwrap();
        let cookie = format!("sid{}", live.len());
        live.push(cookie.clone());
        (StatusCode::FOUND, AppendHeaders([("set-cookie", format!("S={cookie}; HttpOnly")), ("location", "/".into())]))
            .into_response()
    }
    async fn wanted(State(live): State<Live>, headers: HeaderMap) -> Response {
        let cookie = headers.get("cookie").map(|value| value.to_str().unwrap()).unwrap_or_default();
        if live.lock().unwrap().iter().any(|live| cookie == format!("S={live}")) {
            return "7".into_response();
        }
        (AppendHeaders([("content-type", "text/html")]), PAGE).into_response()
    }
    async fn out(State(live): State<Live>) {
        live.lock().unwrap().iter_mut().for_each(|cookie| cookie.push_str("-ended"));
    }
    const PAGE: &str = "<html><form><input type=password name=pass></form></html>";
    let router =
        Router::new().route("/login", post(log_in)).route("/x", get(wanted).post(wanted)).route("/out", post(out));
    Server::start(router.with_state(Live::default()))
}

fn session(server: &Server, password: &str) -> Client {
    let request = |user: &str, password: &Secret| {
        let fields = vec![("user".into(), user.into()), ("pass".into(), password.expose().into())];
        Request::post("login").body(Body::Form(fields))
    };
    let login = Login { user: "ada".into(), password: given(password), request };
    client(server, Credential::Session(Box::new(login)))
}

#[tokio::test]
async fn a_session_is_begun_kept_and_begun_again() {
    let server = with_sessions();
    let client = session(&server, "hunter22");
    for _ in 0..2 {
        assert_eq!(client.json::<u64>(Request::get("x")).await.unwrap().body, 7);
    }
    assert_eq!(server.asked("POST", "/login").len(), 1);
    client.send(Request::post("out")).await.unwrap();
    assert_eq!(client.json::<u64>(Request::post("x")).await.unwrap().body, 7);
    assert_eq!(server.asked("POST", "/login").len(), 2);
}

#[tokio::test]
async fn a_password_that_is_not_taken_begins_no_session() {
    let server = with_sessions();
    let error: Error = session(&server, "wrong-one").json::<u64>(Request::get("x")).await.unwrap_err().into();
    assert!(matches!(&error, Error::Unauthenticated(why) if why.contains("ada")), "{error}");
    assert!(!error.to_string().contains("wrong-one"));
    assert!(server.asked("", "/x").is_empty());
}

#[tokio::test]
async fn cookies_stay_at_home() {
    let (server, other) = (with_sessions(), Server::start(super::tracker()));
    let client = session(&server, "hunter22");
    client.good(Request::get("x")).await.unwrap();
    client.good(Request::get(format!("{}/ticket/7", other.url()))).await.unwrap();
    assert_eq!(other.seen()[0].header("cookie"), None);
}
