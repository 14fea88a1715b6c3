//! `major.toml`: who is kept informed of a major incident, and how often.

use jiff::SignedDuration;
use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};
use crate::domain::major::cadence::{Audience, Cadence, Words};
use crate::domain::name::Name;
use crate::domain::sla::duration;
use crate::text::Clean;

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/major.toml", text: include_str!("../../config/major.toml") };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    review_days: u8,
    review_calendar: String,
    words: Words,
    #[serde(default)]
    audience: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    who: String,
    every: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    callers: bool,
}

/// The cadence that this file describes, with every fault in it.
pub fn load(source: Source) -> Result<Cadence, Faults> {
    let file: File = source.toml()?;
    let mut faults = Faults::default();
    let mut cadence = Cadence {
        audiences: Vec::new(),
        words: file.words,
        review_days: file.review_days,
        review_calendar: Name::new(&file.review_calendar),
    };
    for entry in &file.audience {
        let name = Name::new(entry.name.get_ref());
        if name.trim().is_empty() || cadence.audiences.iter().any(|held| held.name == name) {
            let message = format!("`{name}` is empty or stands there twice; give another name.");
            faults.push(source.fault_at(&entry.name.span(), "name", &message));
        }
        let mut every = Vec::new();
        for text in entry.every.get_ref() {
            match duration::parse(text.get_ref()).ok().filter(|length| *length > 0) {
                Some(length) => every.push(SignedDuration::from_millis(length)),
                None => {
                    let message = format!("`{}` is no length of time; write it as `30m`.", text.get_ref());
                    faults.push(source.fault_at(&text.span(), "every", &message));
                }
            }
        }
        if entry.every.get_ref().is_empty() {
            faults.push(source.fault_at(&entry.every.span(), "every", "Say how often, such as [\"30m\", \"60m\"]."));
        }
        cadence.audiences.push(Audience { name, who: Clean::line(&entry.who), every, callers: entry.callers });
    }
    faults.or(cadence)
}
