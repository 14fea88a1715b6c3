//! `profiles/NAME.toml`: a desk under a name.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};
use crate::config::trackers::{self, CredentialTable, ScopeTable, TlsTable, Tracker, TrackerKind};
use crate::domain::mapping::Mapping;

/// A desk under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub desk: Desk,
    pub read_only: bool,
}

/// Where the tickets of a profile lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Desk {
    Demo,
    File(PathBuf),
    Tracker(Box<Tracker>),
}

/// What may stand in a profile; which of it must, its kind says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub kind: Spanned<String>,
    pub path: Option<Spanned<String>>,
    #[serde(default)]
    pub read_only: bool,
    pub address: Option<Spanned<String>>,
    pub plain_http: Option<bool>,
    pub zone: Option<Spanned<String>>,
    pub poll_seconds: Option<u64>,
    pub patience_seconds: Option<u64>,
    pub credential: Option<CredentialTable>,
    pub tls: Option<TlsTable>,
    pub scope: Option<ScopeTable>,
    pub mapping: Option<Mapping>,
}

impl File {
    /// The first key that only a tracker has.
    fn of_tracker(&self) -> Option<&'static str> {
        let keys = [
            (self.address.is_some(), "address"),
            (self.plain_http.is_some(), "plain_http"),
            (self.zone.is_some(), "zone"),
            (self.poll_seconds.is_some(), "poll_seconds"),
            (self.patience_seconds.is_some(), "patience_seconds"),
            (self.credential.is_some(), "credential"),
            (self.tls.is_some(), "tls"),
            (self.scope.is_some(), "scope"),
            (self.mapping.is_some(), "mapping"),
        ];
        keys.into_iter().find(|(is_there, _)| *is_there).map(|(_, key)| key)
    }
}

/// Trackers that are known by name and cannot be opened yet, so that the refusal can say what is the matter.
const OTHERS: &[&str] = &["zendesk", "freshservice", "zammad", "glpi", "otobo"];

/// The profile that this file describes. A relative path is taken from the file's folder, `~/` is `home`.
pub fn load(source: Source, folder: &Path, home: &Path) -> Result<Profile, Faults> {
    let file: File = source.toml()?;
    let read_only = file.read_only;
    let fault =
        |at: &Spanned<String>, key: &str, message: &str| Faults::from(source.fault_at(&at.span(), key, message));
    let kind = file.kind.get_ref().as_str();
    if let Some(of) = TrackerKind::parse(kind) {
        let tracker = trackers::read(&source, of, file, folder, home)?;
        return Ok(Profile { desk: Desk::Tracker(Box::new(tracker)), read_only });
    }
    if let Some(key) = file.of_tracker() {
        let message = format!("A desk of kind {kind} has no `{key}`; remove it.");
        return Err(fault(&file.kind, key, &message));
    }
    match (kind, &file.path) {
        ("demo", None) => Ok(Profile { desk: Desk::Demo, read_only }),
        ("demo", Some(path)) => Err(fault(path, "path", "The sample desk lies in memory and has no path; remove it.")),
        ("sqlite", Some(path)) if path.get_ref().trim().is_empty() => {
            Err(fault(path, "path", "There is no path in it; write the desk's file."))
        }
        ("sqlite", Some(path)) => {
            let path = match path.get_ref().strip_prefix("~/") {
                Some(below) => home.join(below),
                None => folder.join(path.get_ref()),
            };
            Ok(Profile { desk: Desk::File(path), read_only })
        }
        ("sqlite", None) => Err(fault(&file.kind, "kind", "A desk of this kind needs `path`, the desk's file.")),
        (other, _) if OTHERS.contains(&other) => {
            let known = TrackerKind::choices();
            let message = format!("`{other}` is a tracker that this version cannot open; it opens {known}.");
            Err(fault(&file.kind, "kind", &message))
        }
        (other, _) => {
            let known = TrackerKind::choices();
            Err(fault(&file.kind, "kind", &format!("`{other}` is not one of: sqlite, demo, {known}.")))
        }
    }
}
