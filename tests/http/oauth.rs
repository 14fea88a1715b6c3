//! Tokens: got, kept, renewed, rotated, refused.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use deskside::backend::Error;
use deskside::backend::http::client::{Client, Credential, Grant, OAuth, Request, Secret, Source};
use reqwest::Url;
use serde_json::json;

use super::site;
use crate::fake::server::Server;

/// A server for tokens and the tracker behind it.
#[derive(Debug, Default)]
struct Issuer {
    given: usize,
    /// Seconds that a token lives.
    lives: u64,
    /// Each refresh token is good for one use.
    rotates: bool,
    refresh: String,
    refuses: bool,
    /// Answers before a device is let in.
    pending: usize,
}

type Shared = Arc<Mutex<Issuer>>;

async fn token(State(issuer): State<Shared>, body: String) -> Response {
    let mut issuer = issuer.lock().unwrap();
    if issuer.pending > 0 && body.contains("device_code=d3vice") {
        issuer.pending -= 1;
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "authorization_pending"}))).into_response();
    }
    let stale = body.contains("refresh_token=") && !body.contains(&format!("refresh_token={}", issuer.refresh));
    if issuer.refuses || stale {
        let words = json!({"error": "invalid_grant", "error_description": format!("{body} is stale")});
        return (StatusCode::BAD_REQUEST, Json(words)).into_response();
    }
    issuer.given += 1;
    let mut answer = json!({"access_token": format!("access-{}", issuer.given), "expires_in": issuer.lives});
    if issuer.rotates {
        issuer.refresh = format!("refresh-{}", issuer.given);
        answer["refresh_token"] = issuer.refresh.clone().into();
    }
    Json(answer).into_response()
}

async fn guarded(State(issuer): State<Shared>, headers: HeaderMap) -> Response {
    let newest = format!("Bearer access-{}", issuer.lock().unwrap().given);
    let shown = headers.get("authorization").is_some_and(|value| value == &newest);
    if shown { "7".into_response() } else { StatusCode::UNAUTHORIZED.into_response() }
}

async fn device() -> Response {
    Json(json!({"device_code": "d3vice", "user_code": "WDJB-MJHT", "verification_uri": "https://id/device",
        "expires_in": 60, "interval": 1}))
    .into_response()
}

fn issuer(state: Issuer) -> (Server, Shared) {
    let shared = Arc::new(Mutex::new(state));
    let router = Router::new()
        .route("/token", post(token))
        .route("/device", post(device))
        .route("/x", get(guarded))
        .with_state(Arc::clone(&shared));
    (Server::start(router), shared)
}

fn oauth(server: &Server, grant: Grant) -> OAuth {
    OAuth {
        token_url: Url::parse(&format!("{}/token", server.url())).unwrap(),
        client_id: "deskside".into(),
        client_secret: Some(Source::Given(Secret::new("cl13nt/secret"))),
        client_in_header: false,
        scope: "tickets read".into(),
        grant,
    }
}

fn client(server: &Server, oauth: OAuth) -> Client {
    let mut site = site(&server.url());
    site.limits.request = Duration::from_secs(5);
    site.credential = Credential::OAuth(Box::new(oauth));
    Client::new(site).unwrap()
}

async fn ask(client: &Client) -> Result<u64, Error> {
    Ok(client.json::<u64>(Request::get("x")).await?.body)
}

#[tokio::test]
async fn a_token_is_got_once_and_kept() {
    let (server, _) = issuer(Issuer { lives: 3600, ..Issuer::default() });
    let client = client(&server, oauth(&server, Grant::ClientCredentials));
    for _ in 0..3 {
        ask(&client).await.unwrap();
    }
    let asked = server.asked("POST", "/token");
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].text(),
        "grant_type=client_credentials&scope=tickets%20read&client_id=deskside&client_secret=cl13nt%2Fsecret"
    );
}

#[tokio::test]
async fn the_clients_secret_may_go_in_a_header() {
    let (server, _) = issuer(Issuer { lives: 3600, ..Issuer::default() });
    let mut oauth = oauth(&server, Grant::Password { user: "ada".into(), password: Source::Given(Secret::new("pw")) });
    oauth.client_in_header = true;
    ask(&client(&server, oauth)).await.unwrap();
    let asked = &server.asked("POST", "/token")[0];
    assert_eq!(asked.text(), "grant_type=password&username=ada&password=pw&scope=tickets%20read");
    assert!(asked.header("authorization").unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_when_it_is_refused() {
    let (server, state) = issuer(Issuer { lives: 10, ..Issuer::default() });
    let client = client(&server, oauth(&server, Grant::ClientCredentials));
    // It lives for less than the time it takes to be renewed in good time.
    ask(&client).await.unwrap();
    ask(&client).await.unwrap();
    assert_eq!(server.asked("POST", "/token").len(), 2);
    state.lock().unwrap().lives = 3600;
    ask(&client).await.unwrap();
    // The server forgets it.
    state.lock().unwrap().given += 1;
    assert_eq!(ask(&client).await.unwrap(), 7);
    assert_eq!(server.asked("POST", "/token").len(), 4);
}

#[tokio::test]
async fn a_refresh_token_that_is_replaced_is_kept_where_the_old_one_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("refresh");
    std::fs::write(&path, "refresh-0\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let rotating = Issuer { lives: 10, rotates: true, refresh: "refresh-0".into(), ..Issuer::default() };
    let (server, _) = issuer(rotating);
    let grant = || Grant::Refresh(Source::File(path.clone()));
    let first = client(&server, oauth(&server, grant()));
    ask(&first).await.unwrap();
    ask(&first).await.unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "refresh-2\n");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // After a restart too.
    ask(&client(&server, oauth(&server, grant()))).await.unwrap();
}

#[tokio::test]
async fn a_refusal_is_told_without_what_was_sent() {
    let (server, state) = issuer(Issuer { refuses: true, ..Issuer::default() });
    let grant = Grant::Refresh(Source::Given(Secret::new("r3fresh")));
    let error = ask(&client(&server, oauth(&server, grant))).await.unwrap_err();
    let said = error.to_string();
    assert!(matches!(error, Error::Unauthenticated(_)) && said.contains("is stale"), "{said}");
    assert!(!said.contains("r3fresh") && !said.contains("cl13nt"), "{said}");
    assert_eq!(state.lock().unwrap().given, 0);
    assert!(server.asked("", "/x").is_empty());
}

#[tokio::test]
async fn a_device_is_let_in_by_a_person() {
    let (server, _) = issuer(Issuer { lives: 3600, pending: 1, rotates: true, ..Issuer::default() });
    let client = Client::new(site(&server.url())).unwrap();
    let mut oauth = oauth(&server, Grant::ClientCredentials);
    oauth.client_secret = None;
    let at = Url::parse(&format!("{}/device", server.url())).unwrap();
    let device = client.ask_device(&oauth, &at).await.unwrap();
    assert_eq!((device.user_code.as_str(), device.address.as_str()), ("WDJB-MJHT", "https://id/device"));
    assert!(!format!("{device:?}").contains("d3vice"));
    let tokens = client.await_device(&oauth, &device).await.unwrap();
    assert_eq!(tokens.refresh.as_ref().map(Secret::expose), Some("refresh-1"));
    assert!(!format!("{tokens:?}").contains("access-1"));
    assert_eq!(server.asked("POST", "/token").len(), 2);
}
