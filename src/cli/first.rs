//! The first run: what to open when nobody has said. A plain numbered question on the terminal, before the console.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::app::settings::Settings;
use crate::cli::connect::{self, ConnectArgs};
use crate::cli::exit::Usage;
use crate::cli::import::{self, ImportArgs};
use crate::cli::open::{self, Which};
use crate::cli::place::{self, Named, Place};
use crate::cli::settings::Places;
use crate::cli::talk::{self, Talk};
use crate::cli::{new_desk, print};

/// The desk that was named or remembered, else what the user chooses; none when that is to leave.
pub fn desk(place: &Place, places: &Places, settings: &Settings) -> Result<Option<Named>> {
    match place.named(places)? {
        Some(named) if is_there(&named.which) || is_meant(place) => return Ok(Some(named)),
        Some(Named { which: Which::File(path), .. }) => {
            print::note(&format!("The desk that was opened last is gone: {}.", path.display()));
        }
        _ => {}
    }
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Err(Usage::error(
            "Say which desk: --demo, --db FILE or --profile NAME. `deskside new-desk FILE` makes one, `deskside import` \
             fills one; without a terminal, `deskside list` prints what is in it.",
        ));
    }
    let which = talk::here(|talk| ask(talk, places, settings))?;
    Ok(which.map(|which| Named { which, read_only: false }))
}

fn is_there(which: &Which) -> bool {
    !matches!(which, Which::File(path) if !path.exists())
}

/// Somebody named this very desk: when it is not there, that is an error and no reason to ask.
fn is_meant(place: &Place) -> bool {
    let by_option = place.demo || place.db.is_some() || place.profile.is_some();
    by_option || std::env::var_os("DESKSIDE_DB").is_some_and(|path| !path.is_empty())
}

const OFFER: &str = "
deskside has no desk yet. What shall it open?

  1  the sample desk: some 2,000 made-up tickets; nothing of it is kept
  2  a new desk of your own
  3  an import: a log of another service desk
  4  a tracker on the network: Request Tracker, Redmine, iTop, ServiceNow, Jira
  q  nothing
";

fn ask(talk: &mut Talk<'_>, places: &Places, settings: &Settings) -> Result<Option<Which>> {
    talk.say(OFFER)?;
    loop {
        let Some(answer) = talk.answer("1, 2, 3, 4 or q: ")? else { return Ok(None) };
        let tried = match answer.as_str() {
            "1" => return Ok(Some(Which::Demo)),
            "2" => new(talk, places, settings),
            "3" => bring(talk, places, settings),
            "4" => match connect::connect(&ConnectArgs::default(), places, talk) {
                Ok((_, name)) => return Ok(Some(place::profiled(places, &name)?.which)),
                Err(error) => Err(error),
            },
            "q" => return Ok(None),
            _ => continue,
        };
        match tried {
            Ok(Some(path)) => return Ok(Some(Which::File(path))),
            Ok(None) => return Ok(None),
            Err(error) => talk.say(&format!("{error:#}"))?,
        }
    }
}

/// The file of a desk, the usual one when nothing is written.
fn file(talk: &mut Talk<'_>, places: &Places) -> Result<Option<PathBuf>> {
    let usual = places.data.join("desk.db");
    let question = format!("The desk's file [{}]: ", usual.display());
    let Some(text) = talk.answer(&question)? else { return Ok(None) };
    Ok(Some(if text.is_empty() { usual } else { at_home(&text, places) }))
}

fn at_home(text: &str, places: &Places) -> PathBuf {
    text.strip_prefix("~/").map_or_else(|| PathBuf::from(text), |below| places.home.join(below))
}

fn new(talk: &mut Talk<'_>, places: &Places, settings: &Settings) -> Result<Option<PathBuf>> {
    let Some(path) = file(talk, places)? else { return Ok(None) };
    if path.exists() {
        // It is a desk, or the door says what it is instead.
        open::sqlite(&path, settings, false)?;
        place::remember(places, &path)?;
    } else {
        new_desk::usual(&path, places, settings)?;
    }
    Ok(Some(path))
}

fn bring(talk: &mut Talk<'_>, places: &Places, settings: &Settings) -> Result<Option<PathBuf>> {
    let Some(log) = talk.answer("The log (CSV or XES, also packed): ")? else { return Ok(None) };
    let log = at_home(&log, places);
    if !log.is_file() {
        bail!("{} is no file.", log.display());
    }
    let Some(mapping) = talk.answer("Its mapping (uci498, vinst-problems, or a TOML file of your own): ")? else {
        return Ok(None);
    };
    let Some(path) = file(talk, places)? else { return Ok(None) };
    make_room(&path)?;
    let args = ImportArgs { file: log, mapping, dry_run: false };
    let outcome = import::run(&args, Some(&path), open::options(settings, false))?;
    talk.say(&outcome.to_string())?;
    place::remember(places, &path)?;
    Ok(Some(path))
}

fn make_room(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(())
}
