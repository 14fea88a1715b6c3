//! `deskside import`: a log of another service desk into the desk in a file.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::backend::sqlite::{Loaded, Options, Share, Sqlite};
use crate::domain::change::Event;
use crate::domain::directory::Directory;
use crate::domain::name::TicketId;
use crate::domain::priority::Matrix;
use crate::import::mapping::Mapping;
use crate::import::{self, DryRun, Progress, Report, Settings, Sink};

/// Bring a log of another service desk into a desk.
///
/// The exit code is 0 when the file was read, with or without bad rows, which are counted and told with
/// their lines; 1 when the mapping is wrong, when no row could be used, or when the file breaks off.
#[derive(Debug, Clone, clap::Args)]
pub struct ImportArgs {
    /// The log: CSV or XES, plain, gzip, or in a zip archive
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How its columns become tickets: uci498, vinst-problems, or a TOML file of your own
    #[arg(long, value_name = "NAME|FILE")]
    pub mapping: String,
    /// Read and count everything, change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What an import did.
#[derive(Debug)]
pub struct Outcome {
    pub report: Report,
    /// None when it was dry.
    pub loaded: Option<Loaded>,
}

/// Tickets that wait for the desk while the file is read on.
const AHEAD: usize = 256;
/// A person reads no faster.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Imports into the desk of this file, which is made when there is none. Errors are sentences for people.
pub fn run(args: &ImportArgs, db: Option<&Path>, options: Options) -> Result<Outcome> {
    let mapping = Mapping::find(&args.mapping)?;
    let mut line = Line::new();
    if args.dry_run {
        let settings = Settings { mapping: &mapping, matrix: &options.rules.agreed.matrix };
        let report = import::run(&args.file, &settings, &mut DryRun, &mut |progress| line.tell(progress))?;
        line.clear();
        return Ok(Outcome { report, loaded: None });
    }
    let db = db.ok_or_else(|| anyhow!("Say where to: --db FILE, an existing desk or a new one; or --dry-run."))?;
    // A file that cannot be read leaves no new desk behind.
    std::fs::File::open(&args.file).map_err(|error| anyhow!("{} cannot be read: {error}.", args.file.display()))?;
    let desk = if db.exists() {
        Sqlite::open(db, options)?
    } else {
        Sqlite::create(db, Share::Private, Directory::default(), options)?
    };
    let matrix = desk.agreed()?.agreed.matrix;
    let outcome = load(&desk, &args.file, &mapping, &matrix, &mut |progress| line.tell(progress));
    line.clear();
    // A desk that is filled from a log keeps the log's hours, unless it has its own.
    if outcome.is_ok()
        && desk.zone()?.is_none()
        && let Some(zone) = mapping.log.time.zone.0.iana_name()
    {
        desk.set_zone(zone)?;
    }
    outcome
}

/// Reads the file and fills the desk at the same time.
pub fn load(
    desk: &Sqlite,
    file: &Path,
    mapping: &Mapping,
    matrix: &Matrix,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Outcome> {
    let (to, from) = sync_channel(AHEAD);
    let (read, loaded) = thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut sink = Ahead { to, directory: None };
            let read = import::run(file, &Settings { mapping, matrix }, &mut sink, progress);
            (read, sink.directory)
        });
        let loaded = desk.bulk_load(&Directory::default(), from);
        (reader.join(), loaded)
    });
    let loaded = loaded?;
    let (read, directory) = read.map_err(|_| anyhow!("The import stopped within itself; what was read is kept."))?;
    if let Some(directory) = directory {
        desk.bulk_load(&directory, None)?;
    }
    Ok(Outcome { report: read?, loaded: Some(loaded) })
}

/// Hands tickets to the thread that stores them.
struct Ahead {
    to: SyncSender<(TicketId, Vec<Event>)>,
    directory: Option<Directory>,
}

impl Sink for Ahead {
    fn ticket(&mut self, id: TicketId, events: Vec<Event>) -> Result<(), String> {
        self.to.send((id, events)).map_err(|_| "It stopped taking them.".to_owned())
    }

    fn directory(&mut self, directory: Directory) -> Result<(), String> {
        self.directory = Some(directory);
        Ok(())
    }
}

/// One line of progress on a terminal; nothing where nobody watches.
struct Line {
    watched: bool,
    told: Option<Instant>,
    width: usize,
}

impl Line {
    fn new() -> Self {
        Self { watched: std::io::stderr().is_terminal(), told: None, width: 0 }
    }

    fn tell(&mut self, progress: Progress) {
        if !self.watched || self.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let Progress { share, rows, cases } = progress;
        let text = format!("{:3.0} %  {rows} rows  {cases} tickets", share * 100.0);
        self.width = self.width.max(text.len());
        self.write(&format!("\r{text:<width$}", width = self.width));
    }

    fn clear(&self) {
        if self.told.is_some() {
            self.write(&format!("\r{:width$}\r", "", width = self.width));
        }
    }

    /// Progress that cannot be shown is no reason to stop.
    fn write(&self, text: &str) {
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)?;
        match self.loaded {
            None => writeln!(f, "a dry run: nothing was stored"),
            Some(Loaded { tickets, events, known, .. }) => {
                writeln!(f, "new on the desk: {tickets} tickets, {events} events; known already: {known} events")
            }
        }
    }
}
