//! The secrets of a running client: asked for once, kept in memory, forgotten when the tracker no longer takes them.

mod cookies;
mod keyring;
pub(super) mod oauth;
mod source;

use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::credential::{Credential, Grant, Login, OAuth, Source};
use super::fault;
use super::request::segment;
use super::secret::Secret;
use super::wire::Wire;
use crate::backend::{Error, Result};
pub(super) use cookies::Cookies;

/// The credential of a client and what it has brought so far.
#[derive(Debug)]
pub(super) struct Keys {
    credential: Credential,
    /// For a source to answer.
    limit: Duration,
    cookies: Arc<Cookies>,
    held: tokio::sync::Mutex<Held>,
    warnings: Lock<Vec<String>>,
    /// What must not appear in any message.
    known: Lock<Vec<Secret>>,
}

#[derive(Debug, Default)]
struct Held {
    /// Goes up with each secret, so that of many who were refused at once only the first asks again.
    generation: u64,
    key: Option<Key>,
    /// The refresh token that replaced the one in the profile.
    refresh: Option<Secret>,
    /// Typed in after the one from the source was refused.
    typed: Option<Secret>,
}

#[derive(Debug, Clone)]
enum Key {
    Static(Secret),
    Token {
        access: Secret,
        until: Option<Instant>,
    },
    /// The cookie is in the jar.
    Session,
}

/// What signs one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Pass {
    pub generation: u64,
    pub headers: HeaderMap,
    /// Fields that go into forms.
    pub fields: Vec<(String, Secret)>,
    /// May take what it carries to another host: a server for tokens.
    pub foreign: bool,
}

impl Pass {
    pub fn foreign() -> Self {
        Self { foreign: true, ..Self::default() }
    }
}

impl Keys {
    pub fn new(credential: Credential, limit: Duration, cookies: Arc<Cookies>) -> Self {
        Self { credential, limit, cookies, held: Default::default(), warnings: Lock::default(), known: Lock::default() }
    }

    /// The signature for the next request; signs in first where that is needed.
    pub async fn pass(&self, wire: &Wire) -> Result<Pass> {
        if matches!(self.credential, Credential::None) {
            return Ok(Pass::default());
        }
        let mut held = self.held.lock().await;
        let key = match held.key.clone().filter(Key::lives) {
            Some(key) => key,
            None => {
                let key = self.fetch(&mut held, wire).await?;
                held.generation += 1;
                held.key = Some(key.clone());
                key
            }
        };
        let (headers, fields) = (self.headers(&key)?, self.fields(&key));
        Ok(Pass { generation: held.generation, headers, fields, foreign: false })
    }

    /// The tracker refused this signature. Whether there is another to try.
    pub async fn renew(&self, refused: &Pass) -> Result<bool> {
        let mut held = self.held.lock().await;
        if held.generation != refused.generation {
            return Ok(held.key.is_some());
        }
        match held.key.take() {
            None => Ok(false),
            Some(Key::Token { .. }) => Ok(true),
            Some(Key::Session) => {
                self.cookies.forget();
                Ok(true)
            }
            // The same password once more would only count as one more failed log-in.
            Some(Key::Static(old)) => {
                held.typed = None;
                let Some(source) = self.source() else { return Ok(false) };
                let new = self.read(source).await?;
                let other = new != old;
                held.generation += u64::from(other);
                held.key = Some(Key::Static(new));
                Ok(other)
            }
        }
    }

    /// A password that the user has just typed takes the place of the one from the profile until the end.
    pub async fn replace(&self, secret: Secret) {
        let mut held = self.held.lock().await;
        self.cookies.forget();
        held.generation += 1;
        self.know(&secret);
        (held.key, held.refresh, held.typed) = (None, None, Some(secret));
    }

    pub fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn source(&self) -> Option<&Source> {
        match &self.credential {
            Credential::None => None,
            Credential::Basic { password: source, .. }
            | Credential::Form { password: source, .. }
            | Credential::Bearer(source)
            | Credential::Header { value: source, .. } => Some(source),
            Credential::Session(login) => Some(&login.password),
            Credential::OAuth(oauth) => match &oauth.grant {
                Grant::ClientCredentials => oauth.client_secret.as_ref(),
                Grant::Refresh(source) | Grant::Password { password: source, .. } => Some(source),
            },
        }
    }

    async fn fetch(&self, held: &mut Held, wire: &Wire) -> Result<Key> {
        let secret = match (&held.typed, &held.refresh, self.source()) {
            (Some(typed), ..) => typed.clone(),
            (None, Some(refresh), _) => refresh.clone(),
            (None, None, Some(source)) => self.read(source).await?,
            (None, None, None) => Secret::new(""),
        };
        match &self.credential {
            Credential::OAuth(oauth) => self.token(held, oauth, secret, wire).await,
            Credential::Session(login) => self.log_in(login, &secret, wire).await,
            _ => Ok(Key::Static(secret)),
        }
    }

    async fn token(&self, held: &mut Held, oauth: &OAuth, secret: Secret, wire: &Wire) -> Result<Key> {
        let client = match (&oauth.grant, &oauth.client_secret) {
            (Grant::ClientCredentials, _) => Some(secret.clone()),
            (_, Some(source)) => Some(self.read(source).await?),
            (_, None) => None,
        };
        let tokens = match oauth::token(oauth, client.as_ref(), &secret, wire).await {
            Ok(tokens) => tokens,
            Err(error) => {
                // A rotated token that is refused makes room for the one in the profile, which may be newer by now.
                held.refresh = None;
                return Err(self.blot(error));
            }
        };
        tokens.refresh.iter().chain([&tokens.access]).for_each(|secret| self.know(secret));
        if let (Some(new), Grant::Refresh(source)) = (&tokens.refresh, &oauth.grant)
            && *new != secret
        {
            if let Err(error) = source.keep(new).await {
                self.warn(format!("The new token to sign in with next time was not kept: {error}"));
            }
            (held.refresh, held.typed) = (Some(new.clone()), None);
        }
        Ok(Key::Token { access: tokens.access, until: tokens.until })
    }

    async fn log_in(&self, login: &Login, password: &Secret, wire: &Wire) -> Result<Key> {
        self.cookies.forget();
        let request = (login.request)(&login.user, password);
        let reply = wire.exchange(&request, &Pass::default()).await?;
        let head = &reply.head;
        let refused = fault::asks_to_sign_in(&reply) || head.status.is_client_error();
        if refused || self.cookies.is_empty() && !head.status.is_server_error() {
            return Err(Error::Unauthenticated(format!(
                "{} did not take the password of {}.",
                wire.host(),
                login.user
            )));
        }
        if !head.status.is_redirection() {
            fault::judge(&reply, wire.envelope()).map_err(|error| self.blot(error))?;
        }
        Ok(Key::Session)
    }

    async fn read(&self, source: &Source) -> Result<Secret> {
        let found = source::read(source, self.limit).await?;
        found.warning.into_iter().for_each(|warning| self.warn(warning));
        self.know(&found.secret);
        Ok(found.secret)
    }

    fn warn(&self, warning: String) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    /// A server may say our own words back to us: a secret among them is blotted out.
    pub fn blot(&self, error: Error) -> Error {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let blot = |words: String| known.iter().fold(words, |words, secret| words.replace(secret.expose(), "…"));
        match error {
            Error::Unauthenticated(words) => Error::Unauthenticated(blot(words)),
            Error::Forbidden(words) => Error::Forbidden(blot(words)),
            Error::Invalid { field, reason } => Error::Invalid { field: blot(field), reason: blot(reason) },
            Error::Offline(words) => Error::Offline(blot(words)),
            Error::Doubtful(words) => Error::Doubtful(blot(words)),
            Error::Unsupported(words) => Error::Unsupported(blot(words)),
            Error::Unexpected(words) => Error::Unexpected(blot(words)),
            other => other,
        }
    }

    /// The newest few: older ones are no longer taken anywhere.
    fn know(&self, secret: &Secret) {
        const KEPT: usize = 12;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // As it is, and as forms write it.
        for secret in [secret.clone(), Secret::new(segment(secret.expose()))] {
            if secret.expose().len() >= SHORTEST && !known.contains(&secret) {
                known.push(secret);
            }
        }
        let old = known.len().saturating_sub(KEPT);
        known.drain(..old);
    }

    fn fields(&self, key: &Key) -> Vec<(String, Secret)> {
        match (&self.credential, key) {
            (Credential::Form { user_field, user, password_field, .. }, Key::Static(secret)) => {
                vec![(user_field.clone(), Secret::new(user.clone())), (password_field.clone(), secret.clone())]
            }
            _ => Vec::new(),
        }
    }

    fn headers(&self, key: &Key) -> Result<HeaderMap> {
        let (name, words) = match (&self.credential, key) {
            (_, Key::Token { access, .. }) => (AUTHORIZATION, format!("Bearer {}", access.expose())),
            (Credential::Basic { user, .. }, Key::Static(secret)) => {
                let words = basic(user, secret);
                self.know(&Secret::new(words.trim_start_matches("Basic ")));
                (AUTHORIZATION, words)
            }
            (Credential::Bearer(_), Key::Static(secret)) => (AUTHORIZATION, format!("Bearer {}", secret.expose())),
            (Credential::Header { name, prefix, .. }, Key::Static(secret)) => {
                let name = HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| Error::invalid("credential", format!("{name} is no name of a header.")))?;
                (name, format!("{prefix}{}", secret.expose()))
            }
            _ => return Ok(HeaderMap::new()),
        };
        let words = zeroize::Zeroizing::new(words);
        let mut value = HeaderValue::from_str(&words).map_err(|_| {
            let from = self.source().map(Source::name).unwrap_or_default();
            Error::Unauthenticated(format!("what the {from} gave cannot be sent as a password or token."))
        })?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(name, value)]))
    }
}

/// Fewer letters would be found in any sentence.
const SHORTEST: usize = 4;

impl Key {
    fn lives(&self) -> bool {
        match self {
            Self::Token { until: Some(until), .. } => Instant::now() < *until,
            _ => true,
        }
    }
}

/// RFC 7617, in UTF-8.
fn basic(user: &str, password: &Secret) -> String {
    let plain = zeroize::Zeroizing::new(format!("{user}:{}", password.expose()));
    format!("Basic {}", source::base64(plain.as_bytes()))
}
