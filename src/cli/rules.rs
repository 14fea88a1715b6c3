//! `deskside rules`: the promises, calendars and priority matrix of a desk, as TOML: read, changed in an editor, put
//! back.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::app::settings::Settings;
use crate::backend::embedded::{Agreement, Rules};
use crate::cli::exit::Exit;
use crate::cli::place::Place;
use crate::cli::settings::Places;
use crate::cli::{open, print, settings};
use crate::config::Source;
use crate::domain::directory::Directory;

/// The promises, calendars and priority matrix of a desk, as TOML; or put others in their place.
///
/// A desk is made with those of whoever makes it; from then on they are the desk's, and everybody who opens it reads the
/// same clocks, whatever their own settings say. `deskside rules > rules.toml`, change it, `deskside rules rules.toml`;
/// or `deskside rules --mine`. Only a manager of the desk may. Every row is made anew, and `deskside records --history`
/// tells of it. Consoles that are open show the new rows at once, and explain clocks by the new rules when they are opened
/// again.
#[derive(Debug, Clone, clap::Args)]
pub struct RulesArgs {
    /// The rules to put in place of those that the desk has
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Put those of your own settings in place: sla.toml, calendars and priority.toml over what ships
    #[arg(long, conflicts_with = "file")]
    pub mine: bool,
}

pub fn run(args: &RulesArgs, place: &Place, places: &Places) -> Result<Exit> {
    let settings = settings::load(&places.config)?;
    let path = place.file(places)?;
    let Some(new) = wanted(args, &settings)? else {
        let desk = open::sqlite(&path, &settings, true)?;
        let text = Agreement::of(&desk.agreed()?).text()?;
        print::text(&format!("# The rules of this desk, version {}.\n{text}", desk.rules_version()?))?;
        return Ok(Exit::Done);
    };
    if place.read_only || place.as_of.is_some() {
        bail!("This is read-only; leave --read-only and --as-of out to change the rules.");
    }
    let desk = open::sqlite(&path, &settings, false)?;
    let differ = Agreement::of(&desk.agreed()?).differences(&Agreement::of(&new));
    if !desk.set_rules(&new)? {
        print::text(&format!("{} has these rules already.", path.display()))?;
        return Ok(Exit::Done);
    }
    let version = desk.rules_version()?;
    print::text(&format!("{} has rules of version {version}; new are: {}.", path.display(), differ.join(", ")))?;
    Ok(Exit::Done)
}

fn wanted(args: &RulesArgs, settings: &Settings) -> Result<Option<Rules>> {
    if args.mine {
        return Ok(Some(open::rules(settings, Directory::default())));
    }
    let Some(file) = &args.file else { return Ok(None) };
    let name = file.display().to_string();
    let text = fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
    let agreement: Agreement = Source::new(&name, &text).toml()?;
    Ok(Some(agreement.rules().map_err(|what| anyhow!("{name}: {what}"))?))
}
