//! `deskside connect`: where a tracker is and who signs in there, asked for, tried, and written down as a profile.
//!
//! A secret that is typed here goes into the system's keyring or a file of the user's own, never into the profile.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::tz::TimeZone;
use toml::{Table, Value};

use crate::backend::http::client::{Secret, Site, Source as Kept};
use crate::backend::{Backend, Error, Schema};
use crate::cli::exit::{Exit, Usage};
use crate::cli::settings::Places;
use crate::cli::talk::{self, Talk};
use crate::cli::trackers::{self, Profiled};
use crate::cli::{place, print, settings};
use crate::config::Source;
use crate::config::profiles::{self, Desk};
use crate::config::trackers::{Scheme, Tracker, TrackerKind};
use crate::text::Clean;

/// Connect a tracker: asks what is not said here, tries it, and writes a profile
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ConnectArgs {
    /// What the profile is called; its tickets are NAME:…, so keep it short
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// rt, redmine, itop, servicenow or jira
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Where it is: https://…
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,
    /// How requests are signed: basic, bearer, token, header, client_credentials, refresh, password or none
    #[arg(long, value_name = "SCHEME")]
    pub scheme: Option<String>,
    /// Who signs in, where the scheme needs a name
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// The secret is the first line that this command prints
    #[arg(long, value_name = "COMMAND", group = "secret")]
    pub token_cmd: Option<String>,
    /// The secret is in this environment variable
    #[arg(long, value_name = "VARIABLE", group = "secret")]
    pub env: Option<String>,
    /// The secret is in the system's keyring, under this name
    #[arg(long, value_name = "ENTRY", group = "secret")]
    pub keyring: Option<String>,
    /// The secret is in this file, which nobody else may read
    #[arg(long, value_name = "FILE", group = "secret")]
    pub file: Option<PathBuf>,
    /// The site's own certificate authority, as PEM
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// It is spoken to without TLS; to this computer that needs no word
    #[arg(long)]
    pub plain_http: bool,
    /// The zone of times that the tracker writes without one
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Copy open tickets and those closed within so many days
    #[arg(long, value_name = "DAYS")]
    pub closed_days: Option<u32>,
    /// Copy the tickets of these groups only
    #[arg(long, value_name = "GROUP,…", value_delimiter = ',')]
    pub groups: Vec<String>,
    /// Nothing is ever written to it
    #[arg(long)]
    pub look_only: bool,
    /// Put it in the place of a profile of that name
    #[arg(long)]
    pub replace: bool,
}

/// The folder of typed secrets, among the settings, where there is no keyring.
pub const SECRETS: &str = "secrets";

/// What iTop's installer proposes.
const ITOP_ZONE: &str = "Europe/Paris";

/// What has been found out so far.
struct Answers {
    name: String,
    kind: TrackerKind,
    profile: Table,
}

pub fn run(args: &ConnectArgs, places: &Places) -> Result<Exit> {
    let (path, name) = talk::here(|talk| connect(args, places, talk))?;
    print::text(&format!("{} is written. `deskside --profile {name}` opens it; so does `deskside`.", path.display()))?;
    Ok(Exit::Done)
}

/// Asks, tries, writes; the profile's file and name.
pub(super) fn connect(args: &ConnectArgs, places: &Places, talk: &mut Talk<'_>) -> Result<(PathBuf, String)> {
    let folder = places.config.join("profiles");
    let mut answers = ask(args, &folder, talk)?;
    let schema = let_in(args, &mut answers, &folder, places, talk)?;
    scope(args, &mut answers, &schema, talk)?;
    let path = file(&folder, &answers.name);
    write(&path, &answers)?;
    place::remember_profiles(places, &answers.name)?;
    Ok((path, answers.name))
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.toml"))
}

/// A name that a profile may have; one that is taken only to be replaced.
fn free(name: &str, folder: &Path, replace: bool) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(Usage::error(format!("`{name}` is no name for a profile: letters, digits, - and _ only.")));
    }
    let path = file(folder, name);
    if path.exists() && !replace {
        let message = format!("There is a profile {} already; --replace puts this one in its place.", path.display());
        return Err(Usage::error(message));
    }
    Ok(name.to_owned())
}

/// An address that requests may go to.
fn reachable(address: &str, plain_http: bool) -> Result<String> {
    let mut site = Site::new(address)?;
    site.plain_http = plain_http;
    site.check()?;
    Ok(address.to_owned())
}

fn ask(args: &ConnectArgs, folder: &Path, talk: &mut Talk<'_>) -> Result<Answers> {
    let kinds = TrackerKind::choices();
    let kind = talk.good(args.kind.as_ref(), (&format!("Which tracker ({kinds}): "), "--kind"), |kind| {
        let wrong = || Usage::error(format!("`{kind}` is no tracker that can be opened; there are {kinds}."));
        TrackerKind::parse(kind).ok_or_else(wrong)
    })?;
    let usual = kind.to_string();
    let or_usual = |name: &str| free(if name.is_empty() { &usual } else { name }, folder, args.replace);
    let name = match &args.name {
        None if !talk.asks => or_usual("")?,
        given => talk.good(given.as_ref(), (&format!("A short name for it [{kind}]: "), "a name"), or_usual)?,
    };
    let question = ("Its address (https://…): ", "--address");
    let address = talk.good(args.address.as_ref(), question, |address| reachable(address, args.plain_http))?;
    let mut profile = Table::new();
    profile.insert("kind".into(), Value::String(kind.to_string()));
    profile.insert("address".into(), Value::String(address));
    if args.look_only {
        profile.insert("read_only".into(), Value::Boolean(true));
    }
    if args.plain_http {
        profile.insert("plain_http".into(), Value::Boolean(true));
    }
    let zone = match &args.zone {
        // It writes times without one and tells it nowhere.
        None if talk.asks && kind == TrackerKind::Itop => {
            Some(talk.good(None, (&format!("Its time zone [{ITOP_ZONE}]: "), "--zone"), zone)?)
        }
        zone => zone.clone(),
    };
    profile.extend(zone.map(|zone| ("zone".to_owned(), Value::String(zone))));
    let mut credential = Table::new();
    let user = match &args.user {
        Some(user) => Some(user.clone()),
        None if talk.asks && args.scheme.is_none() && !has_source(args) => {
            Some(talk.need(None, "Your user name there (empty for a token or key): ", "--user")?)
        }
        None => None,
    };
    let texts = [
        ("scheme", args.scheme.clone()),
        ("user", user.filter(|user| !user.is_empty())),
        ("token_cmd", args.token_cmd.clone()),
        ("env", args.env.clone()),
        ("keyring", args.keyring.clone()),
        ("file", args.file.as_ref().map(|path| path.display().to_string())),
    ];
    for (key, text) in texts {
        credential.extend(text.map(|text| (key.to_owned(), Value::String(text))));
    }
    profile.insert("credential".into(), Value::Table(credential));
    if let Some(ca) = &args.ca {
        let ca = fs::canonicalize(ca).with_context(|| format!("{} cannot be read", ca.display()))?;
        let tls = Table::from_iter([("ca".to_owned(), Value::String(ca.display().to_string()))]);
        profile.insert("tls".into(), Value::Table(tls));
    }
    Ok(Answers { name, kind, profile })
}

fn zone(name: &str) -> Result<String> {
    let name = if name.is_empty() { ITOP_ZONE } else { name };
    match TimeZone::get(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => bail!("`{name}` is no time zone, as Europe/Paris is one."),
    }
}

fn has_source(args: &ConnectArgs) -> bool {
    args.token_cmd.is_some() || args.env.is_some() || args.keyring.is_some() || args.file.is_some()
}

fn needs_secret(args: &ConnectArgs) -> bool {
    args.scheme.as_deref().and_then(Scheme::parse) != Some(Scheme::None)
}

fn credential(profile: &Table) -> Option<&Table> {
    profile.get("credential").and_then(Value::as_table)
}

fn has_secret(profile: &Table) -> bool {
    ["token_cmd", "env", "keyring", "file"].iter().any(|key| credential(profile).is_some_and(|c| c.contains_key(*key)))
}

/// Signs in. A secret that is typed now and not taken is asked for again.
fn let_in(
    args: &ConnectArgs,
    answers: &mut Answers,
    folder: &Path,
    places: &Places,
    talk: &mut Talk<'_>,
) -> Result<Schema> {
    let is_typed = !has_secret(&answers.profile) && needs_secret(args);
    loop {
        if is_typed {
            keep_secret(answers, places, talk)?;
        }
        let tracker = read(answers, folder, places)?;
        let profiled = Profiled { name: answers.name.clone(), tracker, read_only: args.look_only };
        match try_out(&profiled, places, talk) {
            Err(error) if is_typed && matches!(error.downcast_ref(), Some(Error::Unauthenticated(_))) => {
                talk.say(&Clean::line(&format!("{error:#}")))?;
            }
            tried => return tried,
        }
    }
}

/// A secret that nobody said the place of is typed now, and kept where only its owner can read it.
fn keep_secret(answers: &mut Answers, places: &Places, talk: &mut Talk<'_>) -> Result<()> {
    if !talk.asks {
        return Err(Usage::error("Say where the secret is: --token-cmd, --env, --keyring or --file."));
    }
    let typed = talk.hidden("Password, token or key (not shown): ")?;
    if typed.is_empty() {
        bail!("Without it nobody is let in; no profile was written.");
    }
    let secret = Secret::new(typed);
    let entry = format!("{}-{}", answers.kind, answers.name);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let place = match runtime.block_on(Kept::Keyring(entry.clone()).keep(&secret)) {
        Ok(()) => ("keyring", entry),
        Err(error) => {
            let path = places.config.join(SECRETS).join(&answers.name);
            if let Some(folder) = path.parent() {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            runtime.block_on(Kept::File(path.clone()).keep(&secret))?;
            let words = format!("{error} The secret is in {} now, which only you may read.", path.display());
            talk.say(&Clean::line(&words))?;
            ("file", path.display().to_string())
        }
    };
    if let Some(Value::Table(credential)) = answers.profile.get_mut("credential") {
        credential.insert(place.0.into(), Value::String(place.1));
    }
    Ok(())
}

/// The profile as it will be read later: what is wrong in it is said now.
fn read(answers: &Answers, folder: &Path, places: &Places) -> Result<Tracker> {
    let text = toml::to_string(&answers.profile)?;
    let profile = profiles::load(Source::new("the profile", &text), folder, &places.home)?;
    match profile.desk {
        Desk::Tracker(tracker) => Ok(*tracker),
        Desk::Demo | Desk::File(_) => bail!("{} is no tracker.", answers.kind),
    }
}

/// Signs in and says who one is there and what one may do.
fn try_out(profiled: &Profiled, places: &Places, talk: &mut Talk<'_>) -> Result<Schema> {
    let settings = settings::load(&places.config)?;
    let desk = trackers::direct(profiled, &settings, profiled.read_only)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    talk.say(&format!("Trying {} …", profiled.tracker.address))?;
    let schema = runtime.block_on(desk.schema()).context("It did not let us in; no profile was written")?;
    let first = runtime.block_on(desk.pull(None)).context("Its tickets cannot be read; no profile was written")?;
    let groups = schema.directory.groups.len();
    let people = schema.directory.people.len();
    let me = schema.directory.display(&schema.me).to_owned();
    let more = if first.more { "more than " } else { "" };
    let lines = [
        format!("You are {me} ({}).", schema.me),
        format!("There are {people} people, {groups} groups and {more}{} tickets in scope.", first.changed.len()),
        format!("You may {}.", abilities(desk.as_ref())),
    ];
    for text in lines {
        talk.say(&Clean::line(&text))?;
    }
    if let Some(wrong) = trackers::wrong_zone(&profiled.tracker, &first.changed, jiff::Timestamp::now()) {
        talk.say(&format!("Watch out: {wrong}. Say --zone, with --replace."))?;
    }
    Ok(schema)
}

/// What can be done there, in words.
pub fn abilities(desk: &dyn Backend) -> String {
    let can = desk.capabilities();
    let all = [
        (can.write, "change tickets"),
        (can.create, "register new ones"),
        (can.internal_notes, "write internal notes"),
        (can.links, "link them"),
        (can.problems, "keep problems"),
        (can.changes, "keep changes"),
        (can.attachments, "keep files"),
        (can.knowledge_search, "search its knowledge"),
        (can.asset_search, "look up assets"),
    ];
    let can: Vec<&str> = all.iter().filter(|(can, _)| *can).map(|(_, what)| *what).collect();
    if can.is_empty() { "read only".into() } else { can.join(", ") }
}

/// Proposes what to copy.
fn scope(args: &ConnectArgs, answers: &mut Answers, schema: &Schema, talk: &mut Talk<'_>) -> Result<()> {
    let mine = schema.directory.person(&schema.me).map(|person| person.groups.clone()).unwrap_or_default();
    let mut groups = args.groups.clone();
    if talk.asks && groups.is_empty() && args.closed_days.is_none() && !mine.is_empty() {
        let names = mine.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let question = format!("Copy the tickets of [a]ll groups, or of [m]y own ({names}) only? [a]: ");
        if talk.line(&Clean::line(&question))?.eq_ignore_ascii_case("m") {
            groups = mine.iter().map(|name| name.as_str().to_owned()).collect();
        }
    }
    let mut table = Table::new();
    table.insert("closed_days".into(), Value::Integer(args.closed_days.unwrap_or(30).into()));
    if !groups.is_empty() {
        table.insert("groups".into(), Value::Array(groups.into_iter().map(Value::String).collect()));
    }
    answers.profile.insert("scope".into(), Value::Table(table));
    Ok(())
}

fn write(path: &Path, answers: &Answers) -> Result<()> {
    let wrong = || format!("{} cannot be written", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(wrong)?;
    }
    let text = toml::to_string(&answers.profile)?;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.as_mut().map_err(|error| io::Error::new(error.kind(), error.to_string())).with_context(wrong)?;
    file.with_context(wrong)?.write_all(text.as_bytes()).with_context(wrong)
}
