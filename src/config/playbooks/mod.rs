//! `playbooks.toml`: read and checked as a whole, so that no key fails when it is pressed. Names of groups and
//! categories differ from desk to desk: [`Playbook::lacks`] says what a desk does not have.

mod check;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use self::check::Check;
use crate::config::fault::{Faults, Source};
use crate::config::replies::{self, Replies};
use crate::config::template;
use crate::domain::directory::Directory;
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::playbook::{Playbook, PromptKind, Writer};
use crate::domain::reply::{Composed, Facts, Telling};
use crate::domain::state::Verb;
use crate::text::Clean;

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/playbooks.toml", text: include_str!("../../../config/playbooks.toml") };

/// Every playbook, those with a key first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Playbooks {
    list: Vec<Playbook>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    playbook: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    title: Spanned<String>,
    key: Option<Spanned<u8>>,
    #[serde(default)]
    kinds: Vec<Kind>,
    when: Option<Spanned<String>>,
    #[serde(default)]
    ask: Vec<Question>,
    #[serde(default)]
    set: BTreeMap<String, Spanned<toml::Value>>,
    #[serde(default)]
    link: BTreeMap<String, Spanned<String>>,
    note: Option<Spanned<String>>,
    /// The name of a canned reply.
    reply: Option<Spanned<String>>,
    /// Or words of its own.
    say: Option<Spanned<String>>,
    step: Option<Spanned<Verb>>,
    snooze: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    name: Spanned<String>,
    label: String,
    kind: PromptKind,
    #[serde(default)]
    choices: Vec<Name>,
    min: Option<i64>,
    max: Option<i64>,
    #[serde(default)]
    optional: bool,
    default: Option<Spanned<String>>,
}

/// The playbooks of these files, what ships first, with every fault in them; later ones replace earlier ones of the
/// same name and take over their keys. With a directory, names that the desk does not have are faults in all files but
/// the one that ships.
pub fn load(sources: &[Source], replies: &Replies, directory: Option<&Directory>) -> Result<Playbooks, Faults> {
    let mut faults = Faults::default();
    let mut list: Vec<Playbook> = Vec::new();
    for source in sources {
        let Some(file) = faults.good(source.toml::<File>()) else { continue };
        let directory = directory.filter(|_| source.text != SHIPPED.text);
        let mut fresh: Vec<Playbook> = Vec::new();
        for entry in &file.playbook {
            let mut check = Check { source: *source, entry, replies, directory, faults: &mut faults };
            let playbook = check.playbook();
            check.unlike(&playbook, &fresh);
            fresh.push(playbook);
        }
        list.retain(|held| !fresh.iter().any(|playbook| playbook.name == held.name));
        for held in &mut list {
            held.key = held.key.filter(|key| !fresh.iter().any(|playbook| playbook.key == Some(*key)));
        }
        list.extend(fresh);
    }
    list.sort_by_key(|playbook| (playbook.key.is_none(), playbook.key, playbook.name.clone()));
    faults.or(Playbooks { list })
}

impl Playbooks {
    pub fn iter(&self) -> impl Iterator<Item = &Playbook> {
        self.list.iter()
    }

    pub fn get(&self, name: &str) -> Option<&Playbook> {
        self.list.iter().find(|playbook| &*playbook.name == name)
    }

    pub fn on_key(&self, key: u8) -> Option<&Playbook> {
        self.list.iter().find(|playbook| playbook.key == Some(key))
    }
}

impl Writer for Replies {
    fn fill(&self, template: &str, facts: &Facts) -> Result<Clean, String> {
        template::render(template, facts).map_err(|error| error.to_string())
    }

    fn canned(&self, name: &Name, telling: &Telling, facts: Facts) -> Result<Composed, String> {
        let reply = self.get(name).ok_or_else(|| format!("There is no reply `{name}`; choose another playbook."))?;
        replies::compose_with(reply, telling, facts).map_err(|error| error.to_string())
    }
}
