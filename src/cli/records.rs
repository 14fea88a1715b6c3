//! `deskside records`: the people, groups, categories and codes of a desk, as TOML: read, changed in an editor, put back.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::cli::exit::Exit;
use crate::cli::new_desk;
use crate::cli::place::Place;
use crate::cli::settings::Places;
use crate::cli::{open, print, settings, trail};
use crate::config::Source;
use crate::domain::directory::Directory;

/// The people, groups, categories and codes of a desk, as TOML; or put back what was changed in it.
///
/// `deskside records > desk.toml`, change it, `deskside records desk.toml`. Only a manager of the desk may, and somebody
/// must stay one. A person has `login`, `name`, `level` (associate, engineer, senior, lead, principal; customers have
/// none), `groups`, `roles` (service_desk_manager, incident_manager, problem_manager, change_manager), `department`,
/// `location`, `phone`, `email`, `vip`, `absent_until`, `deputy`; a group `name`, `line`, `manager`; a category `name`,
/// `group`. Every change is kept with who made it and when; `--history` tells them all, the oldest first. With `--json`
/// that is a list of `at`, `by`, `part` (as in the TOML; `desk` for its name and zone; `definition`, `calendar` and
/// `matrix` for its rules), `record` (its log-in, tag or name), `from` and `to` (the record, or null).
#[derive(Debug, Clone, clap::Args)]
pub struct RecordsArgs {
    /// The records to put in place of those that the desk has
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Who changed which record when, from what and to what; of the rules too
    #[arg(long, conflicts_with = "file")]
    pub history: bool,
    /// Print the history as JSON
    #[arg(long, requires = "history")]
    pub json: bool,
}

pub fn run(args: &RecordsArgs, place: &Place, places: &Places) -> Result<Exit> {
    let settings = settings::load(&places.config)?;
    let path = place.file(places)?;
    if args.history {
        let desk = open::sqlite(&path, &settings, true)?;
        let trail = desk.trail()?;
        if args.json {
            print::made(trail::json(&trail)?.as_bytes())?;
        } else {
            print::text(&trail::text(&trail, &open::zone(&desk)?))?;
        }
        return Ok(Exit::Done);
    }
    let Some(file) = &args.file else {
        let desk = open::sqlite(&path, &settings, true)?;
        print::text(&toml::to_string_pretty(&desk.directory()?)?)?;
        return Ok(Exit::Done);
    };
    if place.read_only || place.as_of.is_some() {
        bail!("This is read-only; leave --read-only and --as-of out to change the records.");
    }
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let new = new_desk::records(Source::new(&file.display().to_string(), &text))?;
    sound(&new).map_err(|what| anyhow::anyhow!("{}: {what}", file.display()))?;
    let desk = open::sqlite(&path, &settings, false)?;
    let changed = desk.directory()? != new;
    let told = format!("{} people, {} groups, {} categories", new.people.len(), new.groups.len(), new.categories.len());
    if changed {
        desk.edit_directory(|directory| *directory = new)?;
    }
    print::text(&format!("{} has {told}{}.", path.display(), if changed { "" } else { ", as before" }))?;
    Ok(Exit::Done)
}

/// Whether a desk can live with these records: somebody manages it, and what they name is there.
fn sound(records: &Directory) -> Result<(), String> {
    if records.people.iter().all(|person| person.roles.is_empty()) {
        return Err("Nobody has a role, so nobody could change the records again; give somebody one.".into());
    }
    for person in &records.people {
        if let Some(group) = person.groups.iter().find(|group| records.group(group).is_none()) {
            return Err(format!("{} is in `{group}`, which is no group of the desk.", person.login));
        }
    }
    let twice = records
        .people
        .iter()
        .enumerate()
        .find(|(at, person)| records.people.iter().take(*at).any(|before| before.login == person.login));
    match twice {
        Some((_, person)) => Err(format!("There are two people with the log-in {}.", person.login)),
        None => Ok(()),
    }
}
