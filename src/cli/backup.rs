//! `deskside backup`: copies that can be trusted.

use std::path::PathBuf;

use anyhow::Result;

use crate::backend::sqlite::{Verified, verify};
use crate::cli::exit::Exit;
use crate::cli::place::Place;
use crate::cli::settings::Places;
use crate::cli::{open, print, settings};

/// Copy a desk and check the copy, or check a backup.
///
/// Others may go on working meanwhile. To restore, while no console is open: remove the desk's file and the `-wal` and
/// `-shm` beside it, which a console that was killed leaves behind and which would be taken for a part of the backup, and
/// copy the backup to its place.
#[derive(Debug, Clone, clap::Args)]
pub struct BackupArgs {
    /// The file to write, or with --check the one to check; what is there already is never overwritten
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Check a backup, or a desk: sound pages, readable events, and rows that say what the events and the desk's rules say
    #[arg(long)]
    pub check: bool,
}

pub fn run(args: &BackupArgs, place: &Place, places: &Places) -> Result<Exit> {
    let file = &args.file;
    if args.check {
        print::text(&format!("{} is sound: {}.", file.display(), holds(verify(file)?)))?;
        return Ok(Exit::Done);
    }
    let settings = settings::load(&places.config)?;
    // Reading is all that a copy needs.
    let desk = open::sqlite(&place.file(places)?, &settings, true)?;
    desk.backup(file)?;
    let copy = holds(verify(file)?);
    print::text(&format!("{} is a checked copy of {}: {copy}.", file.display(), desk.path().display()))?;
    Ok(Exit::Done)
}

/// What a checked file holds, in words.
pub fn holds(verified: Verified) -> String {
    let Verified { tickets, events, bytes } = verified;
    format!("{tickets} tickets, {events} events, {} kB", bytes.div_ceil(1024))
}
