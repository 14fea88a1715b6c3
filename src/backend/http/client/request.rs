//! One request as an adapter writes it down. It can be sent twice: nothing in it is used up.

use std::fmt;
use std::path::PathBuf;

use reqwest::Method;
use serde::Serialize;

use crate::backend::{Error, Result};

/// A request.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    /// Below the site's address, or a whole address that the tracker gave.
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub sort: Sort,
    /// Bytes of the answer; the site's limit when there is none.
    pub limit: Option<u64>,
}

/// Whether the desk may be another one afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// May be asked again, redirected, and given up without harm.
    Read,
    /// When its answer is lost, nobody knows whether it was done: [`Error::Doubtful`].
    Write,
}

/// What is sent along.
#[derive(Clone, Default)]
pub enum Body {
    #[default]
    None,
    Json(String),
    Form(Vec<(String, String)>),
    Multipart(Vec<Part>),
    Bytes {
        media: String,
        bytes: Vec<u8>,
    },
    /// A file, read while it is sent.
    File {
        media: String,
        path: PathBuf,
    },
}

/// One part of a form with files.
#[derive(Clone)]
pub enum Part {
    Text { name: String, text: String },
    Bytes { name: String, file: String, media: String, bytes: Vec<u8> },
}

impl Request {
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let sort =
            if matches!(method, Method::GET | Method::HEAD | Method::OPTIONS) { Sort::Read } else { Sort::Write };
        let (query, headers) = (Vec::new(), Vec::new());
        Self { method, path: path.into(), query, headers, body: Body::None, sort, limit: None }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    pub fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path)
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// One more parameter of the address, escaped as it must be.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With this as JSON.
    ///
    /// # Errors
    /// It cannot be written as JSON: a map whose keys are no words.
    pub fn json(self, value: &impl Serialize) -> Result<Self> {
        let text = serde_json::to_string(value)
            .map_err(|error| Error::Unexpected(format!("This cannot be written as JSON: {error}.")))?;
        Ok(self.body(Body::Json(text)))
    }

    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// A POST that changes nothing: a search, a batch of reads.
    #[must_use]
    pub fn reading(mut self) -> Self {
        self.sort = Sort::Read;
        self
    }

    /// A GET that changes something.
    #[must_use]
    pub fn writing(mut self) -> Self {
        self.sort = Sort::Write;
        self
    }

    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }
}

impl Part {
    /// Bytes of what it carries.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text { text, .. } => text.len(),
            Self::Bytes { bytes, .. } => bytes.len(),
        }
    }
}

/// What is asked, without what is said: parameters and bodies hold passwords and customers' words.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split(['?', '#']).next().unwrap_or_default();
        write!(f, "Request({:?} {} {path}, {:?})", self.sort, self.method, self.body)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no body"),
            Self::Json(text) => write!(f, "{} bytes of JSON", text.len()),
            Self::Form(fields) => write!(f, "a form of {} fields", fields.len()),
            Self::Multipart(parts) => write!(f, "a form of {parts:?}"),
            Self::Bytes { media, bytes } => write!(f, "{} bytes of {media}", bytes.len()),
            Self::File { media, path } => write!(f, "the file {} as {media}", path.display()),
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { name, .. } | Self::Bytes { name, .. } => write!(f, "{name} of {} bytes", self.size()),
        }
    }
}

/// Words as one segment of a path: whatever could end it or climb out of it is escaped.
pub fn segment(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for byte in words.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
