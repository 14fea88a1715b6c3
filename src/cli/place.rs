//! Which desk is meant: options, the environment, or the desk that was opened last without being named.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::cli::exit::Usage;
use crate::cli::open::{Look, Which};
use crate::cli::settings::Places;
use crate::cli::trackers::Profiled;
use crate::config::Source;
use crate::config::profiles::{self, Desk, Profile};
use crate::domain::name::MARK;

/// The options that every subcommand takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Which desk")]
pub struct Place {
    /// The sample desk: some 2,000 made-up tickets, in memory
    #[arg(long, global = true)]
    pub demo: bool,
    /// The desk in this file; so does the variable DESKSIDE_DB
    #[arg(long, global = true, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// The desk that profiles/NAME.toml describes; several trackers with commas between them are one queue
    #[arg(long, global = true, value_name = "NAME,…")]
    pub profile: Option<String>,
    /// Change nothing
    #[arg(long, global = true)]
    pub read_only: bool,
    /// The desk as it stood when that moment began, read-only; local times are read in the desk's zone if its log had
    /// one, else in the system's
    #[arg(long, global = true, value_name = "TIME")]
    pub as_of: Option<String>,
}

/// A desk that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub which: Which,
    /// Whether the profile says so.
    pub read_only: bool,
}

impl Place {
    /// The desk that was named here or in the environment, else the remembered one; none when there is neither.
    pub fn named(&self, places: &Places) -> Result<Option<Named>> {
        let named = usize::from(self.demo) + usize::from(self.db.is_some()) + usize::from(self.profile.is_some());
        if named > 1 {
            return Err(Usage::error("One desk at a time: --demo, --db FILE or --profile NAME."));
        }
        let plain = |which| Some(Named { which, read_only: false });
        if self.demo {
            return Ok(plain(Which::Demo));
        }
        if let Some(path) = &self.db {
            return Ok(plain(Which::File(path.clone())));
        }
        if let Some(names) = &self.profile {
            return Ok(Some(profiled(places, names)?));
        }
        if let Some(path) = std::env::var_os("DESKSIDE_DB").filter(|path| !path.is_empty()) {
            return Ok(plain(Which::File(path.into())));
        }
        let Some(path) = remembered(places)? else { return Ok(None) };
        match path.to_str().and_then(|text| text.strip_prefix(PROFILES)) {
            Some(names) => Ok(Some(profiled(places, names)?)),
            None => Ok(plain(Which::File(path))),
        }
    }

    /// The desk that a subcommand works on.
    pub fn desk(&self, places: &Places) -> Result<Named> {
        self.named(places)?.ok_or_else(|| {
            Usage::error(
                "Say which desk: --demo, --db FILE, --profile NAME or the variable DESKSIDE_DB. \
                 `deskside new-desk FILE` makes one.",
            )
        })
    }

    /// The file of the desk, for what only a desk in a file can do.
    pub fn file(&self, places: &Places) -> Result<PathBuf> {
        match self.desk(places)?.which {
            Which::File(path) => Ok(path),
            Which::Demo => Err(Usage::error("The sample desk lies in memory; name a desk in a file with --db FILE.")),
            Which::Trackers(_) => Err(Usage::error("A tracker is no file; name a desk in a file with --db FILE.")),
        }
    }

    pub fn look(&self, named: &Named) -> Look<'_> {
        Look { read_only: self.read_only || named.read_only, as_of: self.as_of.as_deref() }
    }
}

/// Stands in the memory before the names of profiles.
const PROFILES: &str = "profile:";

/// The desk of a profile, or of several trackers.
pub fn profiled(places: &Places, names: &str) -> Result<Named> {
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let mut trackers = Vec::new();
    for name in &names {
        let Profile { desk, read_only } = profile(places, name)?;
        let which = match desk {
            Desk::Tracker(tracker) => {
                trackers.push(Profiled { name: (*name).to_owned(), tracker: *tracker, read_only });
                continue;
            }
            Desk::Demo => Which::Demo,
            Desk::File(path) => Which::File(path),
        };
        if names.len() > 1 {
            let message = format!("`{name}` is no tracker; several profiles at once are several trackers.");
            return Err(Usage::error(message));
        }
        return Ok(Named { which, read_only });
    }
    if trackers.is_empty() {
        return Err(Usage::error("There is no name after --profile."));
    }
    Ok(Named { which: Which::Trackers(trackers), read_only: false })
}

/// From now on these profiles open when nothing is named.
pub fn remember_profiles(places: &Places, names: &str) -> Result<()> {
    keep(places, &format!("{PROFILES}{names}"))
}

/// The profile of that name; the error says which there are.
pub fn profile(places: &Places, name: &str) -> Result<Profile> {
    let folder = places.config.join("profiles");
    let path = folder.join(format!("{name}.toml"));
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', MARK]);
    let text = match if plain { fs::read_to_string(&path) } else { Err(io::ErrorKind::NotFound.into()) } {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let known: Vec<String> = names(&folder).collect();
            let known = if known.is_empty() { "there is none yet".to_owned() } else { known.join(", ") };
            return Err(Usage::error(format!("There is no profile `{name}` in {}: {known}.", folder.display())));
        }
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    Ok(profiles::load(Source::new(&path.display().to_string(), &text), &folder, &places.home)?)
}

/// The profiles that there are.
pub fn names(folder: &Path) -> impl Iterator<Item = String> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut names: Vec<String> = entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names.into_iter()
}

/// Where the path of the desk is kept that opens when none is named.
fn memory(places: &Places) -> PathBuf {
    places.state.join("default-desk")
}

fn remembered(places: &Places) -> Result<Option<PathBuf>> {
    let memory = memory(places);
    match fs::read_to_string(&memory) {
        Ok(text) => Ok(Some(text.trim_end_matches('\n')).filter(|text| !text.is_empty()).map(PathBuf::from)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", memory.display())),
    }
}

/// From now on this desk opens when none is named.
pub fn remember(places: &Places, desk: &Path) -> Result<()> {
    let desk = desk.canonicalize().unwrap_or_else(|_| desk.to_owned());
    keep(places, &desk.display().to_string())
}

fn keep(places: &Places, text: &str) -> Result<()> {
    let wrong = || format!("{} cannot be written", places.state.display());
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&places.state).with_context(wrong)?;
    fs::write(memory(places), format!("{text}\n")).with_context(wrong)
}
