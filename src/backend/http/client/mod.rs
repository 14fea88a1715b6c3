//! What every tracker sends its requests through: signed, paced, limited, and with every fault told as the contract's
//! [`Error`](crate::backend::Error).
//!
//! Knows HTTP and no tracker. A secret leaves it in a request to the site and nowhere else.

mod credential;
mod fault;
mod fill;
mod json;
mod keys;
mod line;
mod pace;
mod reply;
mod request;
mod secret;
mod setup;
mod site;
mod wire;

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Url;
use serde::de::DeserializeOwned;

use crate::backend::{Error, Result};
pub use credential::{Credential, Grant, Login, OAuth, Source};
pub use fault::Failure;
pub use json::parse;
pub use keys::oauth::{Device, Tokens};
use keys::{Cookies, Keys, Pass};
pub use line::{gist, short};
pub use pace::Bucket;
pub use reply::{Answer, Head, Reply};
pub use request::{Body, Part, Request, Sort, segment};
pub use reqwest::{Method, StatusCode};
pub use secret::Secret;
pub use site::{Envelope, Limits, Proxies, Said, Site, Tls, elsewhere};
pub use wire::Counts;
use wire::Wire;

/// The way to one site. Cheap to clone; clones share the pace, the keys and the counters.
#[derive(Debug, Clone)]
pub struct Client {
    wire: Arc<Wire>,
    keys: Arc<Keys>,
}

impl Client {
    /// Nothing is sent and no secret is asked for yet.
    ///
    /// # Errors
    /// The site is unencrypted without its profile's word for it, or a file of its TLS cannot be used.
    pub fn new(site: Site) -> Result<Self> {
        site.check()?;
        let cookies = Arc::new(Cookies::new(site.base.clone()));
        let session = matches!(site.credential, Credential::Session(_));
        let keys = Arc::new(Keys::new(site.credential.clone(), site.limits.secret, Arc::clone(&cookies)));
        let wire = Arc::new(Wire::new(site, session.then_some(cookies))?);
        Ok(Self { wire, keys })
    }

    /// A good answer, read as JSON. An empty body reads as `null`.
    ///
    /// # Errors
    /// Every status that is no success, and what cannot be read as a `T`.
    pub async fn json<T: DeserializeOwned>(&self, request: Request) -> Result<Answer<T>, Failure> {
        let reply = self.good(request).await?;
        self.read(reply)
    }

    /// A good answer as bytes.
    ///
    /// # Errors
    /// Every status that is no success.
    pub async fn good(&self, request: Request) -> Result<Reply, Failure> {
        let reply = self.send(request).await?;
        self.check(reply)
    }

    /// Any answer that came whole, whatever its status.
    ///
    /// # Errors
    /// None came, or the site asked for a pause before.
    pub async fn send(&self, request: Request) -> Result<Reply> {
        let pass = self.keys.pass(&self.wire).await?;
        let reply = self.wire.exchange(&request, &pass).await?;
        match self.second(&reply, &pass).await? {
            Some(pass) => self.wire.exchange(&request, &pass).await,
            None => Ok(reply),
        }
    }

    /// Whether this answer is a good one.
    ///
    /// # Errors
    /// It is not: by the site's envelope, or by its status.
    pub fn check(&self, reply: Reply) -> Result<Reply, Failure> {
        match fault::judge(&reply, self.wire.envelope()) {
            Ok(()) => Ok(reply),
            Err(error) => Err(self.failure(error, reply)),
        }
    }

    /// Reads an answer as JSON.
    ///
    /// # Errors
    /// It is none, or not of that shape; the place in it is told.
    pub fn read<T: DeserializeOwned>(&self, reply: Reply) -> Result<Answer<T>, Failure> {
        let blank = reply.body.iter().all(u8::is_ascii_whitespace);
        let text: &[u8] = if blank { b"null" } else { &reply.body };
        match parse(text) {
            Ok(body) => Ok(Answer { head: reply.head, body }),
            Err(why) => {
                let page = line::is_page(&reply.head.media(), &reply.body);
                let gist = || format!("a page instead of data: {}", gist("text/html", &reply.body));
                let why = if page { gist() } else { why };
                Err(self.failure(fault::senseless(&reply.head, &why), reply))
            }
        }
    }

    /// Saves a good answer as a new file that only its owner may read, and tells its length. There is no file when it
    /// could not be had whole. The time limit holds between two pieces, so large files may take their time.
    ///
    /// # Errors
    /// Every status that is no success; a file is there already; it is longer than `limit` bytes.
    pub async fn download(&self, request: Request, to: &Path, limit: u64) -> Result<u64, Failure> {
        let accepts = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept"));
        let request = if accepts { request } else { request.header("accept", "*/*") };
        let pass = self.keys.pass(&self.wire).await?;
        let mut coming = self.wire.open(&request, &pass, None).await?;
        if !coming.head.status.is_success() {
            let reply = coming.whole(u64::MAX).await?;
            let Some(pass) = self.second(&reply, &pass).await? else { return Err(self.bad(reply)) };
            coming = self.wire.open(&request, &pass, None).await?;
        }
        if !coming.head.status.is_success() {
            return Err(self.bad(coming.whole(u64::MAX).await?));
        }
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
        let file =
            file.map_err(|error| Error::invalid("file", format!("{} cannot be written: {error}.", to.display())))?;
        // Dropped half-way, it takes the file with it.
        let half = Half(Some(to));
        let bytes = coming.save(file, limit).await?;
        half.keep();
        Ok(bytes)
    }

    /// A secret that was just typed takes the place of the profile's until the end.
    pub async fn sign_in(&self, secret: Secret) {
        self.keys.replace(secret).await;
    }

    /// Asks for a code with which a person lets this program in. The credential of the site is not used.
    ///
    /// # Errors
    /// The server gives none.
    pub async fn ask_device(&self, oauth: &OAuth, at: &Url) -> Result<Device> {
        keys::oauth::begin(oauth, at, None, &self.wire).await
    }

    /// Waits until the person has done so. The refresh token is the caller's to keep.
    ///
    /// # Errors
    /// They refused, or took too long.
    pub async fn await_device(&self, oauth: &OAuth, device: &Device) -> Result<Tokens> {
        keys::oauth::wait(oauth, device, None, &self.wire).await
    }

    pub fn site(&self) -> &Site {
        self.wire.site()
    }

    /// How far the site's clock is ahead of ours, to about a second; nothing before the first answer.
    pub fn skew(&self) -> Option<SignedDuration> {
        self.wire.skew()
    }

    /// What is kept to of time, size and pace.
    pub fn limits(&self) -> &Limits {
        self.wire.limits()
    }

    pub fn counts(&self) -> Counts {
        self.wire.counts()
    }

    /// What should be said about where the secrets were.
    pub fn warnings(&self) -> Vec<String> {
        self.keys.warnings()
    }

    /// Another signature when this one was refused and there is another.
    async fn second(&self, reply: &Reply, pass: &Pass) -> Result<Option<Pass>> {
        // Some trackers say so in an answer with a good status.
        let says_so = || matches!((self.wire.envelope())(reply), Said::Error(Error::Unauthenticated(_)));
        if !(fault::asks_to_sign_in(reply) || says_so()) || !self.keys.renew(pass).await? {
            return Ok(None);
        }
        Ok(Some(self.keys.pass(&self.wire).await?))
    }

    fn failure(&self, error: Error, reply: Reply) -> Failure {
        Failure { error: self.keys.blot(error), reply: Some(Box::new(reply)) }
    }

    fn bad(&self, reply: Reply) -> Failure {
        match self.check(reply) {
            Err(failure) => failure,
            Ok(reply) => fault::senseless(&reply.head, "it holds nothing").into(),
        }
    }
}

/// A file that is not whole yet.
struct Half<'a>(Option<&'a Path>);

impl Half<'_> {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Half<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.0 {
            let _ = fs::remove_file(path);
        }
    }
}
