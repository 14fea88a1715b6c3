//! `profiles/NAME.toml`: a desk under a name.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};

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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: Spanned<String>,
    path: Option<Spanned<String>>,
    #[serde(default)]
    read_only: bool,
}

/// Trackers that are reached over the network: known by name, so that the refusal can say what is the matter.
const REMOTE: &[&str] =
    &["servicenow", "jira", "zendesk", "freshservice", "zammad", "glpi", "otobo", "itop", "rt", "redmine"];

/// The profile that this file describes. A relative path is taken from the file's folder, `~/` is `home`.
pub fn load(source: Source, folder: &Path, home: &Path) -> Result<Profile, Faults> {
    let file: File = source.toml()?;
    let read_only = file.read_only;
    let fault =
        |at: &Spanned<String>, key: &str, message: &str| Faults::from(source.fault_at(&at.span(), key, message));
    match (file.kind.get_ref().as_str(), &file.path) {
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
        (remote, _) if REMOTE.contains(&remote) => {
            let message = format!(
                "`{remote}` is a tracker on the network, which this version cannot open yet; use sqlite or demo."
            );
            Err(fault(&file.kind, "kind", &message))
        }
        (other, _) => Err(fault(&file.kind, "kind", &format!("`{other}` is not one of: sqlite, demo."))),
    }
}
