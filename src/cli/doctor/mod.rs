//! `deskside doctor`: a report to paste into a question. It holds no ticket, no name of a person but one's own log-in's
//! standing, and paths only below `~`.

mod tracker;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;

use crate::app::effect::Room;
use crate::app::settings::Settings;
use crate::backend::embedded::Agreement;
use crate::backend::sqlite::{Sqlite, VERSION, verify, version_of, whoami};
use crate::cli::exit::Exit;
use crate::cli::open::{self, Which};
use crate::cli::place::Place;
use crate::cli::settings::Places;
use crate::cli::{backup, check, print, settings};
use crate::domain::directory::Directory;
use crate::runtime::terminal::Terminal;
use crate::store::Store;

/// A report on this installation and its desk, to paste into a question; it holds no ticket and no secret.
///
/// The exit code is 1 when something is wrong.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct DoctorArgs {
    /// Make every row of the desk's list anew from the events first
    #[arg(long)]
    pub rebuild: bool,
}

/// The report as it grows.
struct Report<'a> {
    places: &'a Places,
    text: String,
    wrong: usize,
}

impl Report<'_> {
    fn section(&mut self, name: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&format!("{name}\n"));
    }

    fn line(&mut self, name: &str, what: impl AsRef<str>) {
        let what = self.hide(what.as_ref());
        self.text.push_str(&format!("  {name:<14}{what}\n"));
    }

    fn wrong(&mut self, name: &str, what: impl AsRef<str>) {
        self.wrong += 1;
        let what = format!("WRONG: {}", what.as_ref());
        self.line(name, what);
    }

    fn path(&mut self, name: &str, path: &Path) {
        self.line(name, path.display().to_string());
    }

    /// Home folders have people's names in them.
    fn hide(&self, text: &str) -> String {
        let home = self.places.home.display().to_string();
        if home.len() > 1 { text.replace(&home, "~") } else { text.to_owned() }
    }
}

pub fn run(args: &DoctorArgs, place: &Place, places: &Places) -> Result<Exit> {
    let mut report = Report { places, text: String::new(), wrong: 0 };
    program(&mut report);
    terminal(&mut report);
    config(&mut report);
    match place.named(places) {
        Err(error) => {
            report.section("Desk");
            report.wrong("named", format!("{error:#}"));
        }
        Ok(None) => {
            report.section("Desk");
            report.line("none", "neither named nor remembered; --db FILE names one");
        }
        Ok(Some(named)) => desk(&mut report, &named.which, args.rebuild),
    }
    report.section("In short");
    let verdict = match report.wrong {
        0 => "nothing is wrong".to_owned(),
        1 => "one thing is wrong".to_owned(),
        many => format!("{many} things are wrong"),
    };
    report.line("verdict", verdict);
    print::text(&report.text)?;
    Ok(if report.wrong == 0 { Exit::Done } else { Exit::Failed })
}

fn program(report: &mut Report<'_>) {
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    report.section("Program");
    report.line("version", format!("deskside {} ({build})", env!("CARGO_PKG_VERSION")));
    report.line("system", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    let zone = open::system_zone();
    report.line("time zone", zone.iana_name().unwrap_or("unnamed; UTC where the system says nothing"));
    let now = Timestamp::now();
    report.line("clock", now.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S %:z").to_string());
    report.line("tables", format!("version {VERSION}"));
}

fn terminal(report: &mut Report<'_>) {
    report.section("Terminal");
    let get = |name: &str| std::env::var(name).ok();
    for name in ["TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "DESKSIDE_ASCII"] {
        if let Some(value) = get(name) {
            report.line(name, value);
        }
    }
    match ratatui::crossterm::terminal::size() {
        Ok((columns, rows)) => report.line("size", format!("{columns}x{rows}")),
        Err(_) => report.line("size", "unknown: no terminal is attached"),
    }
    match Terminal::from_env(get) {
        Ok(terminal) => {
            let yes = |flag: bool| if flag { "yes" } else { "no" };
            report.line("colours", format!("{:?}", terminal.color));
            report.line("symbols", format!("unicode {}, UTF-8 {}", yes(terminal.unicode), yes(terminal.utf8)));
            report.line("abilities", format!("scroll {}, sync {}", yes(terminal.scroll), yes(terminal.sync)));
            report.line("between", format!("{:?}, remote {}", terminal.multiplexer, yes(terminal.remote)));
        }
        Err(error) => report.line("console", format!("cannot run here: {error}")),
    }
}

fn config(report: &mut Report<'_>) {
    let places = report.places;
    report.section("Settings");
    report.path("folder", &places.config);
    for file in check::files(&places.config) {
        report.path("file", &file);
    }
    let faults = check::faults(places);
    if faults.is_empty() {
        report.line("faults", "none");
    }
    faults.iter().for_each(|fault| report.wrong("fault", fault));
    report.path("local state", &places.state);
    report.path("desks", &places.data);
}

fn desk(report: &mut Report<'_>, which: &Which, rebuild: bool) {
    report.section("Desk");
    let profile = match which {
        Which::Demo => {
            report.line("kind", "the sample desk, in memory");
            "demo".to_owned()
        }
        Which::File(path) => {
            report.line("kind", "a file");
            report.path("file", path);
            file(report, path, rebuild);
            open::profile(path)
        }
        Which::Trackers(profiles) => {
            report.line("kind", "trackers");
            for profile in profiles {
                tracker::examine(report, profile);
            }
            "trackers".to_owned()
        }
    };
    state(report, &profile);
}

fn file(report: &mut Report<'_>, path: &Path, rebuild: bool) {
    match fs::metadata(path) {
        Err(error) => {
            report.wrong("file", format!("{error}. `deskside new-desk` makes a desk."));
            return;
        }
        Ok(about) => {
            report.line("permissions", format!("{:o}", about.permissions().mode() & 0o7777));
            report.line("size", format!("{} kB", about.len().div_ceil(1024)));
        }
    }
    let log = path.with_file_name(format!("{}-wal", path.file_name().unwrap_or_default().to_string_lossy()));
    if let Ok(about) = fs::metadata(log) {
        report.line("log", format!("{} kB beside it", about.len().div_ceil(1024)));
    }
    match version_of(path) {
        Ok(version) if version == VERSION => report.line("tables", format!("version {version}, as this program's")),
        Ok(version) => report.line("tables", format!("version {version}; opening it brings them to {VERSION}")),
        Err(error) => report.wrong("tables", error.to_string()),
    }
    // With settings that cannot be read the desk is looked at all the same, under those that ship.
    let settings = settings::load(&report.places.config).or_else(|_| settings::load(Path::new("")));
    match settings.and_then(|settings| opened(report, path, &settings, rebuild)) {
        Ok(()) => {}
        Err(error) => report.wrong("opening", format!("{error:#}")),
    }
    match verify(path) {
        Ok(verified) => {
            report.line("contents", backup::holds(verified));
            report.line("integrity", "sound; every row says what its events say");
        }
        Err(error) => report.wrong("integrity", error.to_string()),
    }
}

fn opened(report: &mut Report<'_>, path: &Path, settings: &Settings, rebuild: bool) -> Result<()> {
    let desk: Sqlite = open::sqlite(path, settings, !rebuild)?;
    if rebuild {
        let count = desk.rebuild()?;
        report.line("rebuilt", format!("{count} rows"));
    }
    let zone = desk.zone()?.unwrap_or_else(|| "none of its own; the system's".into());
    report.line("zone", zone);
    rules(report, &desk, settings)?;
    people(report, &desk.directory()?);
    Ok(())
}

/// Which rules count here, and whether this user's own say something else.
fn rules(report: &mut Report<'_>, desk: &Sqlite, settings: &Settings) -> Result<()> {
    let own = Agreement::of(&open::rules(settings, Directory::default()));
    let differ = Agreement::of(&desk.agreed()?).differences(&own);
    let version = desk.rules_version()?;
    if differ.is_empty() {
        report.line("rules", format!("version {version}; your own settings say the same"));
        return Ok(());
    }
    report.line(
        "rules",
        format!(
            "version {version}; your own settings differ in {}. Here the desk's count; a manager puts others in place \
             with `deskside rules`.",
            differ.join(", ")
        ),
    );
    Ok(())
}

fn people(report: &mut Report<'_>, directory: &Directory) {
    let Directory { people, groups, services, assets, categories, .. } = directory;
    let (staff, all) = (people.iter().filter(|person| person.level.is_some()).count(), people.len());
    report.line(
        "records",
        format!(
            "{all} people ({staff} staff), {} groups, {} services, {} assets, {} categories",
            groups.len(),
            services.len(),
            assets.len(),
            categories.len()
        ),
    );
    let me = whoami().0;
    match directory.person(&me) {
        Some(person) => {
            let level = person.level.map_or("no level", |level| level.as_str());
            let roles: Vec<&str> = person.roles.iter().map(|role| role.as_str()).collect();
            let roles = if roles.is_empty() { "no manager role".to_owned() } else { roles.join(", ") };
            report.line("you", format!("known here: {level}, {roles}, {} groups", person.groups.len()));
        }
        None => report.line("you", "not among the people of this desk; a manager adds you"),
    }
}

fn state(report: &mut Report<'_>, profile: &str) {
    let path = open::state_file(&report.places.state, profile);
    report.section("Local state");
    if !path.exists() {
        report.line("file", "none yet");
        return;
    }
    report.path("file", &path);
    match Store::open(&path, &[]) {
        Err(error) => report.wrong("opening", error.to_string()),
        Ok((_, kept)) => {
            let mut rooms: BTreeMap<&str, usize> = BTreeMap::new();
            for (room, ..) in &kept {
                *rooms.entry(room).or_default() += 1;
            }
            let count = |room: Room| rooms.get(room.as_str()).copied().unwrap_or_default();
            let all: Vec<String> = Room::ALL.iter().map(|room| format!("{} {}", count(*room), room.as_str())).collect();
            report.line("holds", all.join(", "));
            if count(Room::Outbox) > 0 {
                report.line("outbox", "acts that the desk has not answered; the next console sends them");
            }
        }
    }
}
