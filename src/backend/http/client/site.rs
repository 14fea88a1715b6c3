//! What a profile says about the place where a tracker is: its address, who signs in, how far to trust it.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use super::credential::Credential;
use super::reply::Reply;
use crate::backend::{Error, Result};

/// The place of a tracker.
#[derive(Debug, Clone)]
pub struct Site {
    /// Everything is asked for below this address.
    pub base: Url,
    pub credential: Credential,
    pub tls: Tls,
    pub limits: Limits,
    /// Unencrypted requests to other machines; the profile must say so.
    pub plain_http: bool,
    pub proxies: Proxies,
    /// How this tracker writes down what it refuses.
    pub envelope: Envelope,
}

impl Site {
    /// A site with nothing but an address.
    ///
    /// # Errors
    /// It is no address of a web server, or it holds a password.
    pub fn new(address: &str) -> Result<Self> {
        Ok(Self {
            base: base(address)?,
            credential: Credential::None,
            tls: Tls::default(),
            limits: Limits::default(),
            plain_http: false,
            proxies: Proxies::default(),
            envelope: |_| Said::Nothing,
        })
    }

    /// Whether requests may go there at all.
    ///
    /// # Errors
    /// They would go over the network unencrypted without the profile's word for it.
    pub fn check(&self) -> Result<()> {
        if self.may_go_to(&self.base) {
            return Ok(());
        }
        let host = self.base.host_str().unwrap_or_default();
        Err(Error::invalid(
            "address",
            format!(
                "{host} would be spoken to unencrypted. Use https, or set plain_http = true in the profile (connect --plain-http)."
            ),
        ))
    }

    /// Unencrypted only to this machine, unless the profile says so.
    pub(super) fn may_go_to(&self, url: &Url) -> bool {
        url.scheme() == "https" || url.scheme() == "http" && (self.plain_http || is_loopback(url))
    }

    /// The address of a path below the base, or of a whole address as the tracker gave it.
    pub(super) fn url(&self, path: &str, query: &[(String, String)]) -> Result<Url> {
        let whole = path.starts_with("https://") || path.starts_with("http://");
        let below = |path: &str| self.base.join(&format!("./{}", path.trim_start_matches('/')));
        let mut url = if whole { Url::parse(path) } else { below(path) }
            .map_err(|error| Error::Unexpected(format!("{path} is no address: {error}.")))?;
        if !whole && !url.path().starts_with(self.base.path()) {
            return Err(Error::Unexpected(format!("{path} leads out of {}.", self.base)));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// Whether credentials may go there: scheme, host and port are the site's own.
    pub(super) fn is_home(&self, url: &Url) -> bool {
        self.base.origin() == url.origin()
    }
}

/// An address that is none of a tracker's own: where tokens are given.
///
/// # Errors
/// It is no https or http address.
pub fn elsewhere(address: &str) -> Result<Url> {
    let url = Url::parse(address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| Error::invalid("token_url", format!("{address} is no address: it must begin with https://.")))
}

fn base(address: &str) -> Result<Url> {
    let wrong = |why: String| Error::invalid("address", format!("{address} is no address of a tracker: {why}."));
    let address = address.trim();
    // `host:8080/` would be read as an address of the scheme `host`.
    if !address.starts_with("https://") && !address.starts_with("http://") {
        return Err(wrong("it must begin with https://".into()));
    }
    let mut url = Url::parse(address).map_err(|error| wrong(error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        let why = "The address holds a user or a password. Leave them out; the credential has a place of its own.";
        return Err(Error::invalid("address", why));
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Who is trusted beside the system's own authorities, and what we show of ourselves. Files are PEM.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// More authorities, those of the site.
    pub ca: Option<PathBuf>,
    /// Our certificate with its chain.
    pub client_cert: Option<PathBuf>,
    /// Its key, when it is not in the same file.
    pub client_key: Option<PathBuf>,
}

/// How much is asked of a site and taken from it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// From there until the answer is whole; for a download, between two pieces of it.
    pub request: Duration,
    /// Until a command or a keyring has given a secret; people type there.
    pub secret: Duration,
    /// Bytes of an answer, unpacked.
    pub max_body: u64,
    /// Requests under way at once.
    pub concurrent: usize,
    /// Requests per second, over time.
    pub per_second: f64,
    /// Requests that may go at once after a pause.
    pub burst: u32,
    /// When a site asks for a pause longer than this, it is not waited for but handed on.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(60),
            secret: Duration::from_secs(60),
            max_body: 16 << 20,
            concurrent: 4,
            per_second: 10.0,
            burst: 20,
            patience: Duration::from_secs(10),
        }
    }
}

/// Through what the requests go.
#[derive(Debug, Clone, Default)]
pub enum Proxies {
    /// `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
    #[default]
    Environment,
    None,
}

/// Reads a tracker's own way of refusing. Asked about every answer, those with a good status too.
pub type Envelope = fn(&Reply) -> Said;

/// What a tracker says in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Nothing beyond its status.
    Nothing,
    /// Why it refused, and the field that it names (or ""). The status says what sort of refusal it is.
    Words { field: String, reason: String },
    /// It is this, whatever the status says: a refusal with 200, a conflict with 422.
    Error(Error),
}
