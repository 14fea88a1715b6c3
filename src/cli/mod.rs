//! The subcommands: thin, each calls what the panes call. May use everything; takes no domain decisions.

pub mod import;
pub mod open;
pub mod settings;
pub mod sla;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Parser;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::open::Which;
use crate::cli::settings::Places;
use crate::runtime::console::{self, Launch};
use crate::text::Clean;

/// A keyboard-driven service-desk console for the terminal.
#[derive(Debug, Parser)]
#[command(name = "deskside", version)]
pub struct Cli {
    /// The sample desk: some 2,000 made-up tickets, in memory
    #[arg(long, global = true, conflicts_with = "db")]
    pub demo: bool,
    /// The desk in this file
    #[arg(long, global = true, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// Change nothing
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Show the desk as it stood at that moment; read-only
    #[arg(long, global = true, value_name = "TIME")]
    pub as_of: Option<String>,
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deskside: {}", Clean::line(&format!("{error:#}")));
            ExitCode::from(1)
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let places = Places::find()?;
    let settings = Arc::new(settings::load(&places.config)?);
    let zone = TimeZone::system();
    let as_of = cli.as_of.as_deref().map(|text| moment(text, &zone)).transpose()?;
    let which = match &cli.db {
        Some(path) => Which::File(path.clone()),
        None => Which::Demo,
    };
    let opened = open::open(&which, &settings, cli.read_only, as_of)?;
    let store = open::state(&places.state, &opened.profile)?;
    console::run(Launch {
        desk: opened.desk,
        settings,
        store: Some(store),
        zone,
        name: Clean::line(&opened.name),
        read_only: cli.read_only,
        as_of,
        greeting: None,
    })
}

/// A moment on the command line; without an offset it is read in the system's zone.
pub fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local: jiff::civil::DateTime =
        text.parse().with_context(|| format!("`{text}` is no moment; write 2016-04-01T00:00 or 2016-04-01T00:00Z."))?;
    Ok(local.to_zoned(zone.clone())?.timestamp())
}
