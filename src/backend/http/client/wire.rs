//! From a request to an answer: pace, signature, redirects, limits, counters. Decides nothing about what an answer means.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode, Url};
use tokio::sync::{OnceCell, SemaphorePermit};

use super::fault;
use super::fill::fill;
use super::keys::{Cookies, Pass};
use super::pace::Pace;
use super::reply::{Head, Reply};
use super::request::{Body, Request, Sort};
use super::setup;
use super::site::{Envelope, Limits, Site};
use crate::backend::{Error, Result};

/// The line to one site.
#[derive(Debug)]
pub(super) struct Wire {
    /// Made for the first request.
    http: OnceCell<reqwest::Client>,
    cookies: Option<Arc<Cookies>>,
    site: Site,
    pace: Pace,
    counts: Tally,
    skew: Mutex<Option<SignedDuration>>,
}

/// What went over the line so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Every request that went out, also for signing in and after redirects.
    pub requests: u64,
    /// Of these, writes.
    pub writes: u64,
    /// Bytes of bodies out, as far as they are known beforehand.
    pub sent: u64,
    /// Bytes of bodies in, unpacked.
    pub received: u64,
}

#[derive(Debug, Default)]
struct Tally {
    requests: AtomicU64,
    writes: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

/// An answer whose body is still coming. It keeps its turn until it is read.
pub(super) struct Coming<'a> {
    pub head: Head,
    response: reqwest::Response,
    wire: &'a Wire,
    _turn: SemaphorePermit<'a>,
}

/// Redirects that are followed.
const HOPS: usize = 5;
/// Of an answer that is no success, more than that is not looked at.
const BAD_NEWS: u64 = 1 << 20;

impl Wire {
    pub fn new(site: Site, cookies: Option<Arc<Cookies>>) -> Result<Self> {
        setup::check(&site.tls)?;
        let pace = Pace::new(&site.limits);
        Ok(Self { http: OnceCell::new(), cookies, site, pace, counts: Tally::default(), skew: Mutex::default() })
    }

    async fn http(&self) -> Result<&reqwest::Client> {
        self.http.get_or_try_init(|| async { setup::client(&self.site, self.cookies.clone()) }).await
    }

    pub fn site(&self) -> &Site {
        &self.site
    }

    pub fn host(&self) -> &str {
        self.site.base.host_str().unwrap_or_default()
    }

    pub fn envelope(&self) -> Envelope {
        self.site.envelope
    }

    pub fn skew(&self) -> Option<SignedDuration> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn limits(&self) -> &Limits {
        &self.site.limits
    }

    pub fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            requests: read(&self.counts.requests),
            writes: read(&self.counts.writes),
            sent: read(&self.counts.sent),
            received: read(&self.counts.received),
        }
    }

    /// Sends it and reads the whole answer, within the limit.
    pub async fn exchange(&self, request: &Request, pass: &Pass) -> Result<Reply> {
        let coming = self.open(request, pass, Some(self.site.limits.request)).await?;
        coming.whole(request.limit.unwrap_or(self.site.limits.max_body)).await
    }

    /// Sends it and hands over the answer when its head is there. `limit` holds for the whole exchange.
    pub async fn open(&self, request: &Request, pass: &Pass, limit: Option<Duration>) -> Result<Coming<'_>> {
        let turn = self.pace.turn().await?;
        let mut url = self.site.url(&request.path, &request.query)?;
        let mut trusted = true;
        for hop in 0..=HOPS {
            if hop > 0 {
                self.pace.spend().await?;
            }
            self.may_go(&url, hop)?;
            trusted &= self.site.is_home(&url) || pass.foreign && hop == 0;
            if !trusted && !matches!(request.body, Body::None) {
                return Err(Error::Unexpected(format!(
                    "A request with a body is meant for {url}, which is not {}.",
                    self.host()
                )));
            }
            let response = self.once(request, &url, pass, trusted, limit).await?;
            let head = self.noted(request, &url, &response);
            match onward(&head)? {
                Some(next) => url = next,
                None => return Ok(Coming { head, response, wire: self, _turn: turn }),
            }
        }
        Err(Error::Unexpected(format!("{} sends every request on to another address, without an end.", self.host())))
    }

    fn may_go(&self, url: &Url, hop: usize) -> Result<()> {
        if self.site.may_go_to(url) {
            return Ok(());
        }
        let host = url.host_str().unwrap_or_default();
        let how = if hop > 0 { "was sent on to" } else { "is meant for" };
        Err(Error::Unexpected(format!("A request {how} {host} unencrypted, and was not sent.")))
    }

    /// One request to one address. Where the address is not the site's own, nothing goes along but what is asked for.
    async fn once(
        &self,
        request: &Request,
        url: &Url,
        pass: &Pass,
        trusted: bool,
        limit: Option<Duration>,
    ) -> Result<reqwest::Response> {
        let mut out = self.http().await?.request(request.method.clone(), url.clone());
        if let Some(limit) = limit {
            out = out.timeout(limit);
        }
        out = out.headers(headers(request, pass, trusted)?);
        if trusted {
            let (filled, bytes) = fill(out, &request.body, &pass.fields).await?;
            out = filled;
            self.counts.sent.fetch_add(bytes, Ordering::Relaxed);
        }
        self.counts.requests.fetch_add(1, Ordering::Relaxed);
        if request.sort == Sort::Write {
            self.counts.writes.fetch_add(1, Ordering::Relaxed);
        }
        let start = Instant::now();
        let answer = out.send().await;
        let ms = start.elapsed().as_millis();
        let (method, path) = (&request.method, url.path());
        match answer {
            Ok(response) => {
                tracing::debug!("{method} {path}: {} after {ms} ms", response.status().as_u16());
                Ok(response)
            }
            Err(error) => {
                let error = fault::broken(&error, url, request.sort);
                tracing::debug!("{method} {path}: {error} ({ms} ms)");
                Err(error)
            }
        }
    }

    /// What an answer tells beside itself: the site's clock, and the pause that it asks for.
    fn noted(&self, request: &Request, url: &Url, response: &reqwest::Response) -> Head {
        let accept = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("accept"));
        let head = Head {
            status: response.status(),
            url: url.clone(),
            method: request.method.clone(),
            sort: request.sort,
            wants_page: accept.is_some_and(|(_, media)| media.contains("html") || media.contains("*/*")),
            headers: response.headers().clone(),
        };
        if !self.site.is_home(url) {
            return head;
        }
        let now = Timestamp::now();
        if let Some(date) = head.date() {
            // The header leaves the fraction of its second out: half of one on average.
            let theirs = date + SignedDuration::from_millis(500);
            *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(theirs.duration_since(now));
        }
        if matches!(head.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
            && let Some(pause) = head.retry_after(now)
        {
            self.pace.hold(pause, crate::backend::layers::jitter());
        }
        head
    }
}

impl Coming<'_> {
    /// Reads the whole body. Of a bad answer what came is enough.
    pub async fn whole(mut self, limit: u64) -> Result<Reply> {
        let good = self.head.status.is_success();
        let limit = if good { limit } else { limit.min(BAD_NEWS) };
        let mut body = Vec::new();
        loop {
            match self.piece().await {
                Ok(None) => break,
                Ok(Some(piece)) if body.len() as u64 + piece.len() as u64 <= limit => body.extend_from_slice(&piece),
                Ok(Some(_)) if good => return Err(fault::senseless(&self.head, &too_large(limit))),
                Err(error) if good => return Err(error),
                Ok(Some(_)) | Err(_) => break,
            }
        }
        Ok(Reply { head: self.head, body })
    }

    /// Writes the body to a file of at most so many bytes, and tells how many there were.
    pub async fn save(mut self, file: fs::File, limit: u64) -> Result<u64> {
        use tokio::io::AsyncWriteExt as _;
        let broken = |error: std::io::Error| Error::Unexpected(format!("The file cannot be written: {error}."));
        let mut file = tokio::fs::File::from_std(file);
        let mut bytes = 0;
        while let Some(piece) = self.piece().await? {
            bytes += piece.len() as u64;
            if bytes > limit {
                return Err(fault::senseless(&self.head, &too_large(limit)));
            }
            file.write_all(&piece).await.map_err(broken)?;
        }
        file.sync_all().await.map_err(broken)?;
        Ok(bytes)
    }

    async fn piece(&mut self) -> Result<Option<impl AsRef<[u8]> + std::ops::Deref<Target = [u8]> + use<>>> {
        match self.response.chunk().await {
            Ok(piece) => {
                let length = piece.as_ref().map_or(0, |piece| piece.len() as u64);
                self.wire.counts.received.fetch_add(length, Ordering::Relaxed);
                Ok(piece)
            }
            Err(error) => {
                let why = fault::cut(&error, &self.head);
                Err(fault::lost(self.head.sort, why))
            }
        }
    }
}

fn too_large(limit: u64) -> String {
    format!("it is larger than {} kB, and was cut off there", limit.div_ceil(1000))
}

/// Where a read is sent on to. Writes are not: nobody knows what became of them on the way.
fn onward(head: &Head) -> Result<Option<Url>> {
    let moves = matches!(head.status.as_u16(), 301 | 302 | 303 | 307 | 308);
    if !moves || head.sort != Sort::Read || !matches!(head.method, Method::GET | Method::HEAD) {
        return Ok(None);
    }
    let Some(to) = head.headers.get(LOCATION).and_then(|to| to.to_str().ok()) else { return Ok(None) };
    let Ok(next) = head.url.join(to) else { return Ok(None) };
    if fault::is_sign_in(&next) || !matches!(next.scheme(), "http" | "https") {
        return Ok(None);
    }
    if head.url.scheme() == "https" && next.scheme() == "http" {
        let host = next.host_str().unwrap_or_default();
        return Err(Error::Unexpected(format!(
            "{} was sent on to {host} unencrypted, and was not sent.",
            head.asked()
        )));
    }
    Ok(Some(next))
}

fn headers(request: &Request, pass: &Pass, trusted: bool) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in &request.headers {
        if !trusted && !name.eq_ignore_ascii_case("accept") {
            continue;
        }
        let wrong = |_| Error::Unexpected(format!("The header {name} cannot be sent."));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong(()))?;
        headers.insert(name, HeaderValue::from_str(value).map_err(|_| wrong(()))?);
    }
    if trusted {
        headers.extend(pass.headers.clone());
    }
    Ok(headers)
}
