//! From what went wrong between us and a tracker to the contract's [`Error`]; the only place where that is decided.

use jiff::Timestamp;
use reqwest::{StatusCode, Url};

use super::line;
use super::reply::{Head, Reply};
use super::request::Sort;
use super::site::{Envelope, Said};
use crate::backend::Error;
use crate::domain::name::TicketId;

/// Why there is no good answer, with the bad one where there was any.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    pub error: Error,
    pub reply: Option<Box<Reply>>,
}

impl Failure {
    pub fn status(&self) -> Option<StatusCode> {
        self.reply.as_ref().map(|reply| reply.head.status)
    }

    /// The error, where "not found" means this ticket.
    pub fn missing(self, id: &TicketId) -> Error {
        let gone = matches!(self.status(), Some(StatusCode::NOT_FOUND | StatusCode::GONE));
        if gone { Error::NotFound(id.clone()) } else { self.error }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, reply: None }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// What an answer means that came whole.
///
/// # Errors
/// Whatever is no success.
pub(super) fn judge(reply: &Reply, envelope: Envelope) -> Result<(), Error> {
    let said = envelope(reply);
    if let Said::Error(error) = said {
        return Err(error);
    }
    let head = &reply.head;
    if asks_to_sign_in(reply) {
        return Err(Error::Unauthenticated(full(reply, &said)));
    }
    if head.status.is_success() {
        return Ok(());
    }
    Err(match head.status.as_u16() {
        403 => Error::Forbidden(full(reply, &said)),
        400 | 413 | 415 | 422 => refused(reply, said),
        429 => Error::RateLimited { after: head.retry_after(Timestamp::now()) },
        503 => match head.retry_after(Timestamp::now()) {
            Some(after) => Error::RateLimited { after: Some(after) },
            None => Error::Offline(full(reply, &said)),
        },
        408 => Error::Offline(full(reply, &said)),
        // A gateway that lost the server behind it.
        502 | 504 if head.sort == Sort::Read => Error::Offline(full(reply, &said)),
        300..=399 => Error::Unexpected(redirected(head)),
        // A server that broke in the middle of a write may have stored it. One that says so in its own words has decided.
        500..=599 if head.sort == Sort::Write && said == Said::Nothing => Error::Doubtful(full(reply, &said)),
        _ => Error::Unexpected(full(reply, &said)),
    })
}

/// Whether the answer means "sign in first": by its status, by sending us to a page for it, or by being that page.
pub(super) fn asks_to_sign_in(reply: &Reply) -> bool {
    let head = &reply.head;
    if head.status == StatusCode::UNAUTHORIZED {
        return true;
    }
    if head.status.is_redirection() {
        return head.location().is_some_and(|to| head.url.join(to).is_ok_and(|url| is_sign_in(&url)));
    }
    let page = !head.wants_page && line::is_page(&head.media(), &reply.body);
    page && (head.status.is_success() || head.status == StatusCode::FORBIDDEN) && line::asks_for_a_password(&reply.body)
}

/// Whether an address is one where people sign in: a word of its path says so.
pub(super) fn is_sign_in(url: &Url) -> bool {
    const WORDS: [&str; 9] = ["login", "logon", "signin", "sso", "saml", "saml2", "adfs", "oauth", "oauth2"];
    let path = url.path().to_ascii_lowercase().replace("sign_in", "signin").replace("sign-in", "signin");
    path.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word) || word.ends_with("login"))
}

/// The connection failed us, before or after the request was out.
pub(super) fn broken(error: &reqwest::Error, url: &Url, sort: Sort) -> Error {
    let host = url.host_str().unwrap_or_default();
    let why = if error.is_timeout() {
        format!("{host} did not answer in time.")
    } else {
        format!("{host}: {}", sentence(&line::short(&cause(error))))
    };
    if error.is_builder() {
        return Error::Unexpected(why);
    }
    if error.is_connect() { Error::Offline(hint(why)) } else { lost(sort, why) }
}

/// Why an answer ended before its end.
pub(super) fn cut(error: &reqwest::Error, head: &Head) -> String {
    let how = if error.is_timeout() {
        "did not come whole in time".into()
    } else {
        format!("was cut: {}", line::short(&cause(error)))
    };
    format!("The answer to {} {}", head.asked(), sentence(&how))
}

/// The answer did not come, or not whole.
pub(super) fn lost(sort: Sort, why: String) -> Error {
    match sort {
        Sort::Read => Error::Offline(why),
        Sort::Write => Error::Doubtful(why),
    }
}

/// A good answer that makes no sense.
pub(super) fn senseless(head: &Head, why: &str) -> Error {
    let why = format!("The answer to {} is not what was expected: {}", head.asked(), sentence(why));
    match head.sort {
        Sort::Read => Error::Unexpected(why),
        Sort::Write => Error::Doubtful(why),
    }
}

fn refused(reply: &Reply, said: Said) -> Error {
    match said {
        Said::Words { field, reason } => Error::Invalid { field, reason: sentence(&line::short(&reason)) },
        _ => Error::Invalid { field: String::new(), reason: full(reply, &Said::Nothing) },
    }
}

/// What was asked, the status, and the server's reason in one line.
fn full(reply: &Reply, said: &Said) -> String {
    let head = &reply.head;
    let gist = match said {
        Said::Words { reason, .. } => line::short(reason),
        _ => line::gist(&head.media(), &reply.body),
    };
    let status = head.status.to_string();
    let status = status.trim_end_matches(" <unknown status code>");
    let start = format!("{} was answered with {status}", head.asked());
    if gist.is_empty() { format!("{start}.") } else { format!("{start}: {}", sentence(&gist)) }
}

fn redirected(head: &Head) -> String {
    let to = head.location().map(line::short).unwrap_or_default();
    let to = to.split(['?', '#']).next().unwrap_or_default();
    format!(
        "{} was sent on to {to} ({}), which is not followed. If the tracker has moved, put its address into the profile.",
        head.asked(),
        head.status.as_u16(),
    )
}

fn sentence(words: &str) -> String {
    let ends = words.ends_with(['.', '!', '?', '…']);
    if ends { words.to_owned() } else { format!("{words}.") }
}

/// The innermost reason: the outer ones only say that something failed.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    let words = inner.to_string();
    words.split(" (os error").next().unwrap_or_default().to_owned()
}

/// What a person can do about a certificate.
fn hint(why: String) -> String {
    if why.contains("certificate") {
        return format!("{why} If the site has an authority of its own, name its file as `ca` in the profile.");
    }
    why
}
