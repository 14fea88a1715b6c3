//! `deskside new-desk`: a desk in a file, with groups, categories and codes to start from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::app::settings::Settings;
use crate::backend::sqlite::{Share, Sqlite, whoami};
use crate::cli::exit::Exit;
use crate::cli::settings::Places;
use crate::cli::{open, place, print, settings};
use crate::config::{Faults, Source};
use crate::domain::directory::Directory;
use crate::text::Clean;

/// What a new desk knows unless somebody says otherwise.
pub const SHIPPED: Source<'static> =
    Source { file: "config/new-desk.toml", text: include_str!("../../config/new-desk.toml") };

/// `deskside new-desk`.
#[derive(Debug, Clone, clap::Args)]
pub struct NewDeskArgs {
    /// The file to make; what is there already is never touched
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What the desk is called on the screen
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Everybody in the file's group may work on it; otherwise only you
    #[arg(long)]
    pub shared: bool,
    /// Start from the people, groups, categories and codes in this file, which has the form of config/new-desk.toml
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,
}

pub fn run(args: &NewDeskArgs, places: &Places) -> Result<Exit> {
    let settings = settings::load(&places.config)?;
    let mut directory = match &args.records {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
            records(Source::new(&path.display().to_string(), &text))?
        }
        None => records(SHIPPED)?,
    };
    if let Some(name) = &args.name {
        directory.name = Clean::line(name);
    }
    let share = if args.shared { Share::Group } else { Share::Private };
    let desk = make(&args.file, share, directory, &settings)?;
    let path = desk.path().display();
    print::text(&format!("{path} is a new desk, and {} its manager. `deskside --db {path}` opens it.", whoami().0))?;
    Ok(Exit::Done)
}

/// Makes the desk that the first run offers: with what ships, and from now on the one that opens.
pub fn usual(file: &Path, places: &Places, settings: &Settings) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    make(file, Share::Private, records(SHIPPED)?, settings)?;
    place::remember(places, file)
}

fn make(file: &Path, share: Share, mut directory: Directory, settings: &Settings) -> Result<Sqlite> {
    let (founder, _) = whoami();
    for group in directory.groups.iter_mut().filter(|group| group.manager.is_empty()) {
        group.manager = founder.clone();
    }
    Ok(Sqlite::create(file, share, directory, open::options(settings, false))?)
}

/// The records that this file holds.
pub fn records(source: Source) -> Result<Directory, Faults> {
    Ok(source.toml::<Directory>()?)
}
