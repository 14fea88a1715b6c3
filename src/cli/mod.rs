//! The subcommands: thin, each calls what the panes call. May use everything; takes no domain decisions.

pub mod backup;
pub mod change;
pub mod check;
pub mod connect;
pub mod doctor;
pub mod evaluate;
pub mod exit;
mod first;
pub mod import;
pub mod list;
pub mod man;
pub mod new;
pub mod new_desk;
pub mod open;
pub mod perform;
pub mod place;
pub mod print;
pub mod radar;
pub mod records;
pub mod reference;
pub mod row;
pub mod rules;
pub mod sample;
pub mod schema;
pub mod session;
pub mod settings;
pub mod show;
pub mod sla;
mod talk;
pub mod trackers;
mod trail;

use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use jiff::Timestamp;

use crate::cli::exit::Exit;
use crate::cli::place::Place;
use crate::cli::settings::Places;
use crate::runtime::console::{self, Launch};
use crate::runtime::log;
use crate::text::Clean;

/// A keyboard-driven service-desk console for the terminal.
///
/// Without a subcommand the console opens: on the desk that was named, else on the one that opened last; the first time
/// it offers the sample desk, a new desk and an import.
#[derive(Debug, Parser)]
#[command(name = "deskside", version, after_help = exit::CODES, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be asked for without the console.
#[derive(Debug, Subcommand)]
pub enum Command {
    List(list::ListArgs),
    Show(show::ShowArgs),
    /// Register a ticket
    New(new::NewArgs),
    Do(perform::DoArgs),
    /// What the clocks of a ticket read, and why
    #[command(subcommand)]
    Sla(SlaCommand),
    /// Changes: what is in the way, free times, the calendar, the agenda and the minutes
    #[command(subcommand)]
    Change(change::ChangeCommand),
    /// Make a desk in a file; you become its manager
    NewDesk(new_desk::NewDeskArgs),
    Connect(connect::ConnectArgs),
    Import(import::ImportArgs),
    Evaluate(evaluate::EvaluateArgs),
    Radar(radar::RadarArgs),
    Backup(backup::BackupArgs),
    Records(records::RecordsArgs),
    Rules(rules::RulesArgs),
    Keys(reference::KeysArgs),
    Commands(reference::CommandsArgs),
    /// The settings: check them, find them, read what they may say
    #[command(subcommand)]
    Config(ConfigCommand),
    Doctor(doctor::DoctorArgs),
    /// The sample desk in a file, for trials and benches
    #[command(hide = true)]
    Sample(sample::SampleArgs),
    /// Completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual page, or that of one subcommand
    Man {
        /// The subcommand
        subcommand: Option<String>,
    },
}

/// About clocks.
#[derive(Debug, Subcommand)]
pub enum SlaCommand {
    Explain(sla::ExplainArgs),
}

/// About settings.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Every fault in every file
    Check,
    /// Where the files are looked for, and which are there
    Path,
    /// What each file may say
    Schema,
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refused(&error).into(),
    };
    run(&cli).unwrap_or_else(|error| exit::of(&error)).into()
}

/// Help and version are answers; everything else is wrong usage, told with what was written gone through the gate.
fn refused(error: &clap::Error) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        drop(error.print());
        return Exit::Done;
    }
    let text = error.render().to_string();
    print::fault(&Clean::body(text.trim_start_matches("error: ").trim_end()));
    Exit::Usage
}

fn run(cli: &Cli) -> Result<Exit> {
    let Some(command) = &cli.command else { return start(&cli.place) };
    let places = Places::find()?;
    let place = &cli.place;
    match command {
        Command::List(args) => list::run(args, place, &places),
        Command::Show(args) => show::run(args, place, &places),
        Command::New(args) => new::run(args, place, &places),
        Command::Do(args) => perform::run(args, place, &places),
        Command::Sla(SlaCommand::Explain(args)) => explain(args, place, &places),
        Command::Change(command) => change::run(command, place, &places),
        Command::NewDesk(args) => new_desk::run(args, &places),
        Command::Connect(args) => connect::run(args, &places),
        Command::Import(args) => bring(args, place, &places),
        Command::Radar(args) => radar::run(args, place, &places),
        Command::Evaluate(args) => evaluate::run(args, place, &places),
        Command::Records(args) => records::run(args, place, &places),
        Command::Rules(args) => rules::run(args, place, &places),
        Command::Backup(args) => backup::run(args, place, &places),
        Command::Keys(args) => reference::keys(args, &places),
        Command::Commands(args) => reference::commands(args),
        Command::Config(which) => check::run(*which, &places),
        Command::Doctor(args) => doctor::run(args, place, &places),
        Command::Sample(args) => made(args, place, &places),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "deskside", &mut script);
            print::made(&script)?;
            Ok(Exit::Done)
        }
        Command::Man { subcommand } => man::run(subcommand.as_deref()),
    }
}

/// The console. What only subcommands need is not touched on this way.
fn start(place: &Place) -> Result<Exit> {
    let places = Places::find()?;
    let settings = settings::load(&places.config)?;
    let Some(named) = first::desk(place, &places, &settings)? else { return Ok(Exit::Done) };
    let look = place.look(&named);
    let opened = open::open(&named.which, settings, look)?;
    let mut store = open::state(&places.state, &opened.profile)?;
    store.1.retain(|kept| open::belongs(&opened, kept));
    console::run(Launch {
        desk: opened.desk,
        settings: opened.settings,
        store: Some(store),
        zone: opened.zone,
        name: Clean::line(&opened.name),
        read_only: look.read_only,
        as_of: opened.as_of,
        greeting: None,
        log: log::start(&places.state),
    })?;
    Ok(Exit::Done)
}

/// `sla explain`: with a ticket the clocks of a desk, without one those that the arguments describe.
fn explain(args: &sla::ExplainArgs, place: &Place, places: &Places) -> Result<Exit> {
    let text = if let Some(id) = &args.ticket {
        let mut session = session::Session::open(place, places, session::Keeping::Nothing)?;
        let ticket = session.ticket(id)?;
        let facts = crate::domain::facts::facts(&ticket, &session.model.settings.matrix);
        let settings = session.model.settings.clone();
        sla::run_ticket(args, ticket.id.as_str(), &facts, &settings.sla, session.model.now)?
    } else {
        let policy = crate::config::sla::load(Some(&places.config))?;
        sla::run(args, &policy, Timestamp::now())?
    };
    print::text(&text)?;
    Ok(Exit::Done)
}

/// `import`: what the log becomes is the importer's to decide.
fn bring(args: &import::ImportArgs, place: &Place, places: &Places) -> Result<Exit> {
    let settings = settings::load(&places.config)?;
    let db = if args.dry_run { place.db.clone() } else { Some(place.file(places)?) };
    if place.read_only || place.as_of.is_some() {
        return Err(exit::Usage::error("An import writes; leave --read-only and --as-of out."));
    }
    let outcome = import::run(args, db.as_deref(), open::options(&settings, false))?;
    print::text(&outcome.to_string())?;
    Ok(Exit::Done)
}

/// `sample`: a desk to try things on.
fn made(args: &sample::SampleArgs, place: &Place, places: &Places) -> Result<Exit> {
    let settings = settings::load(&places.config)?;
    let Some(db) = &place.db else {
        return Err(exit::Usage::error("Say which file to make: --db FILE."));
    };
    let loaded = sample::run(args, db, open::options(&settings, false))?;
    print::text(&format!("{} tickets, {} events.", loaded.tickets, loaded.events))?;
    Ok(Exit::Done)
}
