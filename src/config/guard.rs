//! `guard.toml`: what makes a public reply ask once more.

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};
use crate::domain::audience::{Guard, Phrase};

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/guard.toml", text: include_str!("../../config/guard.toml") };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    words: Vec<Spanned<String>>,
    #[serde(default)]
    hosts: Vec<Spanned<String>>,
    #[serde(default)]
    tickets: Vec<Spanned<String>>,
}

/// The guard that this file describes, with every fault in it.
pub fn load(source: Source) -> Result<Guard, Faults> {
    let file: File = source.toml()?;
    let mut faults = Faults::default();
    let mut guard = Guard::default();
    for word in &file.words {
        match Phrase::new(word.get_ref()) {
            Some(phrase) => guard.phrases.push(phrase),
            None => faults.push(source.fault_at(&word.span(), "words", "There is no word in it; remove it.")),
        }
    }
    for host in &file.hosts {
        let ending = host.get_ref().to_ascii_lowercase();
        if ending.len() > 1 && ending.starts_with('.') && ending.is_ascii() {
            guard.hosts.push(ending);
        } else {
            let message = format!("`{}` is no ending of host names; write it as `.corp`.", host.get_ref());
            faults.push(source.fault_at(&host.span(), "hosts", &message));
        }
    }
    for prefix in &file.tickets {
        let letters = prefix.get_ref();
        if !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_alphabetic()) {
            guard.tickets.push(letters.to_ascii_uppercase());
        } else {
            let message = format!("`{letters}` is not made of letters; write it as `INC`.");
            faults.push(source.fault_at(&prefix.span(), "tickets", &message));
        }
    }
    faults.or(guard)
}
