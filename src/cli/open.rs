//! Opening a desk: the sample desk, a file, or either of them as it stood in the past.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;

use crate::app::effect::Room;
use crate::app::settings::Settings;
use crate::backend::Backend;
use crate::backend::embedded::{Clock, Rules};
use crate::backend::layers::{self, Patience};
use crate::backend::memory::Memory;
use crate::backend::sample;
use crate::backend::sqlite::{Options, Sqlite, whoami};
use crate::domain::directory::Directory;
use crate::domain::name::Name;
use crate::domain::rules;

/// Which desk is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    Demo,
    File(PathBuf),
}

/// An open desk.
#[derive(Debug)]
pub struct Opened {
    pub desk: Arc<dyn Backend>,
    /// What the local state of this desk is filed under.
    pub profile: String,
    pub name: String,
    /// The file behind it, for what only a file can do.
    pub file: Option<Sqlite>,
    /// The clock that this desk goes by.
    pub now: Timestamp,
}

/// The sample desk is the same for everybody.
const SEED: u64 = 1;

/// Opens a desk; `as_of` shows it as it stood then, read-only.
pub fn open(which: &Which, settings: &Settings, read_only: bool, as_of: Option<Timestamp>) -> Result<Opened> {
    let now = as_of.unwrap_or_else(Timestamp::now);
    match which {
        Which::Demo => demo(settings, read_only, as_of, now),
        Which::File(path) => file(path, settings, read_only, as_of, now),
    }
}

fn demo(settings: &Settings, read_only: bool, as_of: Option<Timestamp>, now: Timestamp) -> Result<Opened> {
    let sample = sample::generate(SEED, Timestamp::now(), sample::TICKETS)?;
    let rules = rules(settings, Directory::default());
    let (clock, history) = match as_of {
        Some(at) => (Clock::fixed(at), until(sample.tickets, at)),
        None => (Clock::system(), sample.tickets),
    };
    let desk = Memory::new(Name::new(sample::ME), sample.directory, history, rules, clock);
    let desk = Arc::new(layers::wrap(desk, read_only || as_of.is_some(), Patience::default()));
    Ok(Opened { desk, profile: "demo".into(), name: "sample desk".into(), file: None, now })
}

fn until(history: crate::backend::embedded::History, at: Timestamp) -> crate::backend::embedded::History {
    history
        .into_iter()
        .map(|(id, events)| (id, events.into_iter().filter(|event| event.at < at).collect::<Vec<_>>()))
        .filter(|(_, events)| !events.is_empty())
        .collect()
}

fn file(path: &Path, settings: &Settings, read_only: bool, as_of: Option<Timestamp>, now: Timestamp) -> Result<Opened> {
    if !path.exists() {
        bail!(
            "There is no desk at {}. `deskside new-desk {}` makes one, `deskside import` fills one.",
            path.display(),
            path.display()
        );
    }
    let (me, _) = whoami();
    let options = Options {
        rules: rules(settings, Directory::default()),
        clock: Clock::system(),
        me: me.clone(),
        read_only: read_only || as_of.is_some(),
    };
    let sqlite = Sqlite::open(path, options)?;
    let profile = profile(path);
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let desk: Arc<dyn Backend> = match as_of {
        Some(at) => {
            let directory = Directory::clone(&sqlite.directory()?);
            let history = sqlite.history(Some(at))?;
            let past = Memory::new(me, directory, history, rules(settings, Directory::default()), Clock::fixed(at));
            Arc::new(layers::wrap(past, true, Patience::default()))
        }
        None => Arc::new(layers::wrap(sqlite.clone(), read_only, Patience::default())),
    };
    Ok(Opened { desk, profile, name, file: Some(sqlite), now })
}

/// The rules of an embedded desk, from the settings.
pub fn rules(settings: &Settings, directory: Directory) -> Rules {
    let calendar = settings.sla.calendars().get("uk").map(|calendar| calendar.as_ref().clone());
    let agreed = rules::Rules { matrix: settings.matrix.clone(), calendar, ..rules::Rules::standard(directory) };
    Rules::new(settings.sla.as_ref().clone(), agreed)
}

/// A name for the local state of a file: its path, in characters that a file name takes.
fn profile(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' };
    path.to_string_lossy().chars().map(plain).collect::<String>().trim_matches('_').to_owned()
}

/// The local state of a profile.
pub fn state(folder: &Path, profile: &str) -> Result<(crate::store::Store, Vec<crate::store::Kept>)> {
    let path = folder.join(format!("{profile}.state"));
    crate::store::Store::open(&path, &[Room::Outbox.as_str()])
        .with_context(|| format!("The local state of {profile} cannot be used."))
}
