//! Opening a desk: the sample desk, a file, or either of them as it stood in the past.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::app::effect::Room;
use crate::app::pending::Waiting;
use crate::app::settings::Settings;
use crate::backend::Backend;
use crate::backend::embedded::{Clock, Rules};
use crate::backend::registry::{self, View};
use crate::backend::sample;
use crate::backend::several::names;
use crate::backend::sqlite::{Options, Sqlite, whoami};
use crate::cli::exit::Usage;
use crate::cli::settings::Places;
use crate::cli::trackers::{self, Profiled};
use crate::domain::calendar;
use crate::domain::change::Target;
use crate::domain::directory::Directory;
use crate::store::mirror::Mirror;

/// Which desk is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    Demo,
    File(PathBuf),
    /// Trackers, as their profiles describe them: one queue over all of them.
    Trackers(Vec<Profiled>),
}

/// How it is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look<'a> {
    pub read_only: bool,
    /// The past moment, as it was written.
    pub as_of: Option<&'a str>,
}

/// An open desk.
#[derive(Debug)]
pub struct Opened {
    pub desk: Arc<dyn Backend>,
    /// This user's settings, with the promises and the matrix of the desk in the place of their own.
    pub settings: Arc<Settings>,
    /// What the local state of this desk is filed under.
    pub profile: String,
    pub name: String,
    /// The file behind it, for what only a file can do.
    pub file: Option<Sqlite>,
    /// The copies of trackers, by profile.
    pub copies: Vec<(String, Arc<Mirror>)>,
    /// The zone in which its times are read and shown: its own where it has one, else the system's.
    pub zone: TimeZone,
    /// The past moment that is shown.
    pub as_of: Option<Timestamp>,
}

impl Opened {
    /// The moment that is looked at.
    pub fn now(&self) -> Timestamp {
        self.as_of.unwrap_or_else(Timestamp::now)
    }
}

/// The sample desk is the same for everybody.
const SEED: u64 = 1;

/// What its local state is filed under.
const DEMO: &str = "demo";

/// Opens a desk.
pub fn open(which: &Which, settings: Settings, look: Look<'_>) -> Result<Opened> {
    match which {
        Which::Demo => demo(settings, look),
        Which::File(path) => file(path, settings, look),
        Which::Trackers(profiles) => several(profiles, settings, look),
    }
}

fn demo(settings: Settings, look: Look<'_>) -> Result<Opened> {
    let zone = system_zone();
    let as_of = look.as_of.map(|text| moment(text, &zone)).transpose()?;
    let view = View { read_only: look.read_only, as_of };
    let rules = rules(&settings, Directory::default());
    let made = made(&Places::find()?.state);
    let desk = registry::demo((SEED, made, sample::TICKETS), view, rules, Clock::system())?;
    let settings = Arc::new(settings);
    Ok(Opened {
        desk,
        settings,
        profile: DEMO.into(),
        name: "sample desk".into(),
        file: None,
        copies: Vec::new(),
        zone,
        as_of,
    })
}

/// When the sample desk was made up. It stays the same desk for some hours, so that a draft, an id on paper or a second
/// command still mean the same ticket; then it is made anew around the present, and what was kept of the old one goes.
fn made(state: &Path) -> Timestamp {
    const LASTS: SignedDuration = SignedDuration::from_hours(4);
    let now = Timestamp::now();
    let note = state.join("demo.made");
    let before = fs::read_to_string(&note).ok().and_then(|text| text.trim().parse::<Timestamp>().ok());
    if let Some(before) = before.filter(|before| *before <= now && now.duration_since(*before) < LASTS) {
        return before;
    }
    let file = state_file(state, DEMO);
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{ending}", file.display()));
    }
    // Where nothing can be kept there is nothing to keep apart either.
    let _ = fs::create_dir_all(state);
    let _ = fs::write(&note, now.to_string());
    now
}

fn file(path: &Path, settings: Settings, look: Look<'_>) -> Result<Opened> {
    let sqlite = sqlite(path, &settings, look.read_only || look.as_of.is_some())?;
    let zone = zone(&sqlite)?;
    let as_of = look.as_of.map(|text| moment(text, &zone)).transpose()?;
    let desk = registry::file(&sqlite, View { read_only: look.read_only, as_of })?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let settings = Arc::new(of_desk(settings, &sqlite)?);
    Ok(Opened { desk, settings, profile: profile(path), name, file: Some(sqlite), copies: Vec::new(), zone, as_of })
}

/// What the local state of acts on trackers is filed under. It is one for all of them: a user has one outbox.
pub const TRACKERS: &str = "trackers";

fn several(profiles: &[Profiled], settings: Settings, look: Look<'_>) -> Result<Opened> {
    if look.as_of.is_some() {
        return Err(Usage::error("A tracker shows its present only; --as-of works on desks in files."));
    }
    let opened = trackers::open(profiles, &settings, &Places::find()?.state, look.read_only)?;
    let name = profiles.iter().map(|profile| profile.name.as_str()).collect::<Vec<_>>().join(", ");
    Ok(Opened {
        desk: opened.desk,
        settings: Arc::new(settings),
        profile: TRACKERS.into(),
        name,
        file: None,
        copies: opened.copies,
        zone: system_zone(),
        as_of: None,
    })
}

/// Whether what was kept belongs to one of the desks that stand open: acts on others wait for theirs.
pub fn belongs(opened: &Opened, (room, _, value): &crate::store::Kept) -> bool {
    if opened.copies.is_empty() || room != Room::Outbox.as_str() {
        return true;
    }
    let Ok(waiting) = serde_json::from_str::<Waiting>(value) else { return true };
    profile_of(&waiting).is_none_or(|profile| opened.copies.iter().any(|(name, _)| *name == profile))
}

/// The profile of the desk that an act goes to, where it says so.
pub fn profile_of(waiting: &Waiting) -> Option<String> {
    match &waiting.op.target {
        Target::Ticket(id) => names::profile(id.as_str()).map(str::to_owned),
        Target::New(_) => waiting.op.desk.as_ref().map(|name| name.as_str().to_owned()),
    }
}

fn of_desk(settings: Settings, desk: &Sqlite) -> Result<Settings> {
    let Rules { policy, agreed } = desk.agreed()?;
    let (catalogue, gates) = (agreed.directory.catalogue, agreed.directory.gates);
    Ok(Settings { sla: policy, matrix: agreed.matrix, changes: agreed.changes, catalogue, gates, ..settings })
}

/// The desk of this file by itself.
pub fn sqlite(path: &Path, settings: &Settings, read_only: bool) -> Result<Sqlite> {
    Ok(Sqlite::open(path, options(settings, read_only))?)
}

/// How this user opens a file.
pub fn options(settings: &Settings, read_only: bool) -> Options {
    Options { rules: rules(settings, Directory::default()), clock: Clock::system(), me: whoami().0, read_only }
}

/// The zone in which the desk's times are read and shown.
pub fn zone(file: &Sqlite) -> Result<TimeZone> {
    match file.zone()? {
        Some(name) => calendar::zone(&name)
            .with_context(|| format!("This desk keeps the hours of `{name}`, which is no time zone known here.")),
        None => Ok(system_zone()),
    }
}

/// The zone of this machine. Where its file says which one that is, the others are not looked at.
pub fn system_zone() -> TimeZone {
    const FILE: &str = "/etc/localtime";
    let of_file = || {
        let path = fs::read_link(FILE).ok()?;
        let (_, name) = path.to_str()?.split_once("zoneinfo/")?;
        TimeZone::tzif(name, &fs::read(FILE).ok()?).ok()
    };
    let told_otherwise = std::env::var_os("TZ").is_some();
    if told_otherwise { None } else { of_file() }.unwrap_or_else(TimeZone::system)
}

/// The rules of an embedded desk, from the settings.
pub fn rules(settings: &Settings, directory: Directory) -> Rules {
    let rules = Rules::of(settings.sla.as_ref().clone(), settings.matrix.clone()).watching(settings.watch);
    let rules = rules.with_changes(settings.changes.as_ref().clone());
    rules.with(settings.catalogue.clone(), settings.gates.clone()).over(directory)
}

/// A moment on the command line; without an offset it is read in the zone.
pub fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local: jiff::civil::DateTime = text.parse().map_err(|_| {
        Usage::error(format!("`{text}` is no moment; write 2016-04-01T00:00, 2016-04-01 or 2016-04-01T00:00Z."))
    })?;
    Ok(local.to_zoned(zone.clone())?.timestamp())
}

/// A name for the local state of a file: its path, in characters that a file name takes.
pub fn profile(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' };
    path.to_string_lossy().chars().map(plain).collect::<String>().trim_matches('_').to_owned()
}

/// Where the local state of a profile lies.
pub fn state_file(folder: &Path, profile: &str) -> PathBuf {
    folder.join(format!("{profile}.state"))
}

/// The local state of a profile.
pub fn state(folder: &Path, profile: &str) -> Result<(crate::store::Store, Vec<crate::store::Kept>)> {
    let opened = crate::store::Store::open(&state_file(folder, profile), &[Room::Outbox.as_str()]);
    let (store, mut kept) = opened.with_context(|| format!("The local state of {profile} cannot be used."))?;
    if profile == DEMO {
        // Its acts ended with the program that did them: there is nothing to undo.
        kept.retain(|(room, ..)| room != Room::Journal.as_str());
    }
    Ok((store, kept))
}
