//! What came back: status, the headers that adapters ask for, and the body as bytes.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url};

use super::request::Sort;

/// An answer without its body.
#[derive(Clone)]
pub struct Head {
    pub status: StatusCode,
    /// Where it came from in the end.
    pub url: Url,
    pub(super) method: Method,
    pub(super) sort: Sort,
    /// A page was asked for, so one is no surprise.
    pub(super) wants_page: bool,
    pub(super) headers: HeaderMap,
}

/// An answer as it came, whatever its status.
#[derive(Clone)]
pub struct Reply {
    pub head: Head,
    pub body: Vec<u8>,
}

/// A good answer, understood.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    pub head: Head,
    pub body: T,
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn etag(&self) -> Option<&str> {
        self.header("etag")
    }

    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// The media type without its parameters, in small letters.
    pub fn media(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The site's clock when it answered, in whole seconds.
    pub fn date(&self) -> Option<Timestamp> {
        self.header("date").and_then(http_date)
    }

    /// The address behind `rel` of a Link header (RFC 8288).
    pub fn link(&self, rel: &str) -> Option<String> {
        let mut lines = self.headers.get_all("link").iter().filter_map(|value| value.to_str().ok());
        lines.find_map(|line| linked(line, rel))
    }

    /// How long to stay away (RFC 9110, 10.2.3): seconds, or until an instant by the site's own clock.
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let words = self.header("retry-after")?.trim();
        if let Ok(seconds) = words.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds.clamp(0.0, A_DAY)).ok();
        }
        let wait = http_date(words)?.duration_since(self.date().unwrap_or(now)).as_secs_f64();
        Duration::try_from_secs_f64(wait.clamp(0.0, A_DAY)).ok()
    }

    /// The request as people may read it: without its parameters, which may hold anything.
    pub(super) fn asked(&self) -> String {
        format!("{} {}", self.method, self.url.path())
    }
}

/// An address stands in angles and may hold commas; its parameters follow until the next address.
fn linked(line: &str, rel: &str) -> Option<String> {
    line.split('<').skip(1).find_map(|one| {
        let (target, parameters) = one.split_once('>')?;
        let named = parameters.split([';', ',']).any(|part| {
            let words = part.trim().strip_prefix("rel=").unwrap_or_default();
            words.trim_matches('"').split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(rel))
        });
        named.then(|| target.to_owned())
    })
}

/// A longer pause than this is a mistake.
const A_DAY: f64 = 86_400.0;

fn http_date(words: &str) -> Option<Timestamp> {
    rfc2822::parse(words.trim()).ok().map(|zoned| zoned.timestamp())
}

/// Headers may hold cookies, bodies anybody's data: neither is printed.
impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({} {})", self.asked(), self.status)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({} {}, {} bytes)", self.head.asked(), self.head.status, self.body.len())
    }
}
