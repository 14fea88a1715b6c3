//! `config/replies/*.txt`: canned words to callers. A file is a head of TOML between two lines of `---`, then the
//! template. Later layers replace earlier replies of the same name and take over their keys.

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Fault, Faults, Source};
use crate::config::template::{self, Unfilled};
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::reply::{Composed, Facts, Reply, Telling};
use crate::domain::when;
use crate::text::Clean;

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$(Source {
            file: concat!("config/replies/", $name, ".txt"),
            text: include_str!(concat!("../../config/replies/", $name, ".txt")),
        }),+]
    };
}

/// What ships.
pub const SHIPPED: &[Source<'static>] = shipped![
    "ack",
    "ack-outage",
    "ask-details",
    "workaround",
    "on-my-way",
    "resolved",
    "waiting-vendor",
    "delay",
    "cancel",
    "duplicate",
    "known-problem",
    "no-answer",
    "password-reset",
    "joiner-ready",
];

/// Every canned reply, those with a key first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replies {
    list: Vec<Reply>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    title: Spanned<String>,
    key: Option<Spanned<u8>>,
    #[serde(default)]
    kinds: Vec<Kind>,
    promise: Option<Spanned<String>>,
}

/// The replies of these layers, what ships first, with every fault in them.
pub fn load(layers: &[&[Source]]) -> Result<Replies, Faults> {
    let mut faults = Faults::default();
    let mut list: Vec<Reply> = Vec::new();
    for layer in layers {
        let mut fresh: Vec<Reply> = Vec::new();
        for source in *layer {
            match read(*source) {
                Ok((reply, line)) => {
                    if let Some(other) = fresh.iter().find(|held| held.key.is_some() && held.key == reply.key) {
                        let message = format!("The key is taken by `{}`; choose another digit.", other.name);
                        faults.push(source.fault(line, "key", &message));
                    }
                    fresh.push(reply);
                }
                Err(found) => faults.0.extend(found.0),
            }
        }
        list.retain(|held| !fresh.iter().any(|reply| reply.name == held.name));
        for held in &mut list {
            held.key = held.key.filter(|key| !fresh.iter().any(|reply| reply.key == Some(*key)));
        }
        list.extend(fresh);
    }
    list.sort_by_key(|reply| (reply.key.is_none(), reply.key, reply.name.clone()));
    faults.or(Replies { list })
}

impl Replies {
    pub fn iter(&self) -> impl Iterator<Item = &Reply> {
        self.list.iter()
    }

    pub fn get(&self, name: &str) -> Option<&Reply> {
        self.list.iter().find(|reply| &*reply.name == name)
    }

    /// The reply on that digit: `1` is the standard acknowledgement.
    pub fn on_key(&self, key: u8) -> Option<&Reply> {
        self.list.iter().find(|reply| reply.key == Some(key))
    }
}

/// The words of this reply for one ticket, and the promise that they make.
pub fn compose(reply: &Reply, telling: &Telling) -> Result<Composed, Unfilled> {
    compose_with(reply, telling, Facts::of(telling))
}

/// The same where some facts are known already: the answers to prompts.
pub fn compose_with(reply: &Reply, telling: &Telling, mut facts: Facts) -> Result<Composed, Unfilled> {
    let promised = match &reply.promise {
        Some(phrase) => {
            let at = when::parse_ahead(phrase, telling.now, telling.zone);
            let at = at.map_err(|error| Unfilled::Broken(error.to_string()))?;
            facts.set("promised", &when::phrase(at, telling.now, telling.zone));
            Some(at)
        }
        None => None,
    };
    Ok(Composed { text: template::render(&reply.template, &facts)?, promised })
}

/// A reply, and the line of its key.
fn read(source: Source) -> Result<(Reply, usize), Faults> {
    let (head, body, first) = split(source)?;
    // Lines of the head are lines of the file: its first line stands for the opening mark.
    let padded = format!("\n{head}");
    let inner = Source::new(source.file, &padded);
    let head: Head = inner.toml()?;
    let mut faults = Faults::default();
    if head.title.get_ref().trim().is_empty() {
        faults.push(inner.fault_at(&head.title.span(), "title", "It is empty; say what the reply is for."));
    }
    if let Some(key) = head.key.as_ref().filter(|key| *key.get_ref() > 9) {
        faults.push(inner.fault_at(&key.span(), "key", "A key is one digit, 0 to 9."));
    }
    if let Some(promise) = &head.promise
        && let Err(error) = when::parse_ahead(promise.get_ref(), jiff::Timestamp::UNIX_EPOCH, &jiff::tz::TimeZone::UTC)
    {
        faults.push(inner.fault_at(&promise.span(), "promise", &error.to_string()));
    }
    if body.trim().is_empty() {
        faults.push(source.fault(first, "", "There are no words after the head; write the reply there."));
    }
    for mistake in template::check(body, &[]) {
        faults.push(source.fault(first + mistake.line - 1, "", &mistake.message));
    }
    let line = head.key.as_ref().map_or(0, |key| inner.line(key.span().start));
    let reply = Reply {
        name: Name::new(stem(source.file)),
        title: Clean::line(head.title.get_ref()),
        key: head.key.map(Spanned::into_inner),
        kinds: head.kinds,
        promise: head.promise.map(|promise| Clean::line(promise.get_ref())),
        template: body.to_owned(),
    };
    faults.or((reply, line))
}

/// Head, body, and the line on which the body begins.
fn split<'a>(source: Source<'a>) -> Result<(&'a str, &'a str, usize), Fault> {
    let lost = |line| {
        source.fault(
            line,
            "",
            "A reply begins with a head between two lines of `---`: title, and perhaps key, kinds, promise.",
        )
    };
    let rest = source.text.strip_prefix("---\n").ok_or_else(|| lost(1))?;
    let end = rest.find("\n---\n").ok_or_else(|| lost(1))?;
    let body_at = source.text.len() - rest.len() + end + "\n---\n".len();
    Ok((&rest[..end], &source.text[body_at..], source.line(body_at)))
}

fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
