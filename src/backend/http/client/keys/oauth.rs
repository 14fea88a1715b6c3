//! Tokens by OAuth 2: client credentials, refresh, password (RFC 6749), and by a device code (RFC 8628).

use std::time::{Duration, Instant};

use reqwest::Url;
use serde::Deserialize;

use super::{Pass, basic};
use crate::backend::http::client::credential::{Grant, OAuth};
use crate::backend::http::client::fault;
use crate::backend::http::client::line;
use crate::backend::http::client::reply::Reply;
use crate::backend::http::client::request::{Body, Request};
use crate::backend::http::client::secret::Secret;
use crate::backend::http::client::site::Said;
use crate::backend::http::client::wire::Wire;
use crate::backend::{Error, Result};

/// A token is renewed this long before it ends, so that none ends on its way.
const EARLY: Duration = Duration::from_secs(30);

/// What a token endpoint gives.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: Secret,
    /// To be kept: it is what signs in next time.
    pub refresh: Option<Secret>,
    pub until: Option<Instant>,
}

/// What a person needs to let this program in with a browser.
#[derive(Debug, Clone)]
pub struct Device {
    /// To be typed there.
    pub user_code: String,
    /// Where.
    pub address: String,
    /// The same with the code in it, for a link.
    pub complete: Option<String>,
    pub(in super::super) until: Instant,
    interval: Duration,
    code: Secret,
}

#[derive(Deserialize)]
struct TokenWire {
    access_token: Secret,
    refresh_token: Option<Secret>,
    expires_in: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct DeviceWire {
    device_code: Secret,
    user_code: String,
    verification_uri: Option<String>,
    /// As it was called in the drafts.
    verification_url: Option<String>,
    verification_uri_complete: Option<String>,
    expires_in: u64,
    interval: Option<u64>,
}

#[derive(Deserialize)]
struct RefusalWire {
    error: String,
    error_description: Option<String>,
}

/// Asks for a token on the grounds of the profile. `secret` is that of the grant.
pub async fn token(oauth: &OAuth, client: Option<&Secret>, secret: &Secret, wire: &Wire) -> Result<Tokens> {
    let mut form = match &oauth.grant {
        Grant::ClientCredentials => vec![("grant_type", "client_credentials")],
        Grant::Refresh(_) => vec![("grant_type", "refresh_token"), ("refresh_token", secret.expose())],
        Grant::Password { user, .. } => {
            vec![("grant_type", "password"), ("username", user), ("password", secret.expose())]
        }
    };
    if !oauth.scope.is_empty() {
        form.push(("scope", &oauth.scope));
    }
    let reply = wire.exchange(&request(oauth, &oauth.token_url, form, client), &Pass::foreign()).await?;
    tokens(&reply)
}

/// Asks for a code that a person types into a browser.
pub async fn begin(oauth: &OAuth, at: &Url, client: Option<&Secret>, wire: &Wire) -> Result<Device> {
    let form = if oauth.scope.is_empty() { Vec::new() } else { vec![("scope", oauth.scope.as_str())] };
    let reply = wire.exchange(&request(oauth, at, form, client), &Pass::foreign()).await?;
    let device: DeviceWire = good(&reply)?;
    let address = device.verification_uri.or(device.verification_url).unwrap_or_default();
    Ok(Device {
        user_code: line::short(&device.user_code),
        address: line::short(&address),
        complete: device.verification_uri_complete.map(|words| line::short(&words)),
        until: Instant::now() + Duration::from_secs(device.expires_in.min(86_400)),
        interval: Duration::from_secs(device.interval.unwrap_or(5).clamp(1, 300)),
        code: device.device_code,
    })
}

/// Waits until the person has let us in.
pub async fn wait(oauth: &OAuth, device: &Device, client: Option<&Secret>, wire: &Wire) -> Result<Tokens> {
    let mut interval = device.interval;
    loop {
        tokio::time::sleep(interval).await;
        if Instant::now() >= device.until {
            return Err(Error::Unauthenticated("the code was not entered in time. Ask for a new one.".into()));
        }
        let form =
            vec![("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", device.code.expose())];
        let reply = wire.exchange(&request(oauth, &oauth.token_url, form, client), &Pass::foreign()).await?;
        match refusal(&reply).as_ref().map(|refusal| refusal.error.as_str()) {
            Some("authorization_pending") => {}
            Some("slow_down") => interval += Duration::from_secs(5),
            _ => return tokens(&reply),
        }
    }
}

/// It may be asked again without harm, so a lost answer is no doubt.
fn request<'a>(oauth: &'a OAuth, at: &Url, mut form: Vec<(&'a str, &'a str)>, client: Option<&'a Secret>) -> Request {
    let mut request = Request::post(at.as_str()).reading();
    match client {
        Some(secret) if oauth.client_in_header => {
            request = request.header("authorization", basic(&oauth.client_id, secret));
        }
        Some(secret) => form.extend([("client_id", oauth.client_id.as_str()), ("client_secret", secret.expose())]),
        None => form.push(("client_id", &oauth.client_id)),
    }
    request.body(Body::Form(form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
}

fn tokens(reply: &Reply) -> Result<Tokens> {
    let wire: TokenWire = good(reply)?;
    let seconds = wire.expires_in.and_then(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok()));
    let lives = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds.clamp(0.0, 1e9)).ok());
    let until = lives.map(|lives| Instant::now() + lives.saturating_sub(EARLY));
    Ok(Tokens { access: wire.access_token, refresh: wire.refresh_token.filter(|token| !token.is_empty()), until })
}

fn refusal(reply: &Reply) -> Option<RefusalWire> {
    if reply.head.status.is_success() { None } else { serde_json::from_slice(&reply.body).ok() }
}

fn good<T: for<'de> Deserialize<'de>>(reply: &Reply) -> Result<T> {
    if let Some(refusal) = refusal(reply) {
        let words = refusal.error_description.unwrap_or(refusal.error);
        return Err(Error::Unauthenticated(format!("the server for tokens says: {}", line::short(&words))));
    }
    fault::judge(reply, |_| Said::Nothing)?;
    // Not the parser's own words: they may quote a token.
    serde_json::from_slice(&reply.body).map_err(|_| fault::senseless(&reply.head, "it is no token"))
}
