//! What works against one profile: reached how, as whom, with which clock, rights and limits; what of it is not mapped;
//! how old its copy is and what waits for it.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::Timestamp;

use super::Report;
use crate::app::effect::Room;
use crate::app::pending::Waiting;
use crate::backend::http::client::Client;
use crate::backend::{Capabilities, Delta, Schema, registry};
use crate::cli::trackers::{self, Profiled};
use crate::cli::{connect, open, settings};
use crate::domain::directory::Directory;
use crate::store::Store;
use crate::store::mirror::{self, Peek};

/// What the tracker said when it was asked.
struct Asked {
    client: Client,
    can: Capabilities,
    may: String,
    schema: Schema,
    /// The first page of what is in scope.
    page: Delta,
    took: Duration,
}

/// Reports on one profile.
pub fn examine(report: &mut Report<'_>, profile: &Profiled) {
    let tracker = &profile.tracker;
    report.section(&format!("Profile {}", profile.name));
    report.line("kind", tracker.kind.as_str());
    report.line("address", &tracker.address);
    report.line("zone", tracker.zone.iana_name().unwrap_or("unknown"));
    report.line("read-only", if profile.read_only { "yes, by the profile" } else { "no" });
    copy(report, profile);
    outbox(report, profile);
    match ask(report, profile) {
        Ok(asked) => told(report, profile, &asked),
        Err(error) => report.wrong("reached", format!("{error:#}")),
    }
}

fn ask(report: &Report<'_>, profile: &Profiled) -> Result<Asked> {
    let tracker = &profile.tracker;
    let (client, setup) = trackers::reach(tracker)?;
    let settings = settings::load(&report.places.config)?;
    let rules = open::rules(&settings, Directory::default());
    let desk = registry::tracker(tracker.kind.as_str(), client.clone(), setup, rules, profile.read_only)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let began = Instant::now();
    let schema = runtime.block_on(desk.schema())?;
    let took = began.elapsed();
    let page = runtime.block_on(desk.pull(None))?;
    Ok(Asked { client, can: desk.capabilities(), may: connect::abilities(desk.as_ref()), schema, page, took })
}

fn told(report: &mut Report<'_>, profile: &Profiled, asked: &Asked) {
    let Asked { client, schema, .. } = asked;
    report.line("reached", format!("yes, in {} ms", asked.took.as_millis()));
    encrypted(report, profile);
    match client.skew() {
        Some(skew) if skew.abs().as_secs() > 60 => {
            report.wrong("clock", format!("the tracker's is {} s off ours; set both by NTP", skew.as_secs()));
        }
        Some(skew) => report.line("clock", format!("{} s off ours", skew.as_secs())),
        None => report.line("clock", "the tracker does not tell its time"),
    }
    if let Some(wrong) = trackers::wrong_zone(&profile.tracker, &asked.page.changed, jiff::Timestamp::now()) {
        report.wrong("zone", wrong);
    }
    report.line("signed in as", schema.directory.display(&schema.me));
    report.line("may", &asked.may);
    report.line("may not", missing(&asked.can, profile.read_only));
    let directory = &schema.directory;
    report.line("people", format!("{}, {} groups", directory.people.len(), directory.groups.len()));
    unmapped(report, &asked.page);
    let (limits, counts) = (client.limits(), client.counts());
    report.line(
        "limits",
        format!(
            "asked every {} s, at most {} requests a second ({} at once after a pause), an answer is waited for {} s",
            profile.tracker.poll.as_secs(),
            limits.per_second,
            limits.burst,
            limits.request.as_secs()
        ),
    );
    report.line("requests", format!("{} for this report, {} bytes", counts.requests, counts.received));
    for warning in client.warnings() {
        report.line("warning", warning);
    }
}

fn encrypted(report: &mut Report<'_>, profile: &Profiled) {
    let tls = &profile.tracker.tls;
    if !profile.tracker.address.starts_with("https") {
        let why = if profile.tracker.plain_http { "; the profile allows it" } else { ", to this computer" };
        report.line("encrypted", format!("no, plain http{why}"));
        return;
    }
    let roots = if tls.ca.is_some() { "the site's own authority" } else { "the system's authorities" };
    let ours = if tls.client_cert.is_some() { ", with a certificate of ours" } else { "" };
    report.line("encrypted", format!("yes, its certificate checked by {roots}{ours}"));
}

/// What is not offered there, in the words of the commands that are refused.
fn missing(can: &Capabilities, read_only: bool) -> String {
    let all = [
        (can.write || read_only, "change tickets: your rights there are for reading only"),
        (can.create || !can.write, "register new ones"),
        (can.internal_notes, "write internal notes"),
        (can.links, "link them"),
        (can.handover, "offer and accept (tickets are assigned)"),
        (can.escalations, "record escalations (they become notes)"),
        (can.problems, "keep problems"),
        (can.changes, "keep changes"),
        (can.attachments, "keep files"),
        (can.presence, "see who has a ticket open"),
    ];
    let not: Vec<&str> = all.iter().filter(|(can, _)| !can).map(|(_, what)| *what).collect();
    if not.is_empty() { "nothing is missing".into() } else { not.join(", ") }
}

/// States and fields of the site that its profile has no words for.
fn unmapped(report: &mut Report<'_>, page: &Delta) {
    const STATE: &str = "x.state";
    let custom = || page.changed.iter().flat_map(|row| &row.custom);
    let listed = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
    let states: BTreeSet<&str> = custom().filter(|(name, _)| name.as_str() == STATE).map(|(_, s)| s.as_str()).collect();
    let count = page.changed.len();
    if states.is_empty() {
        report.line("states", format!("all of {count} tickets are mapped"));
    } else {
        report.wrong("states", format!("not mapped: {}; name them in [mapping.kinds] of the profile", listed(states)));
    }
    let fields: BTreeSet<&str> = custom().map(|(name, _)| name.as_str()).filter(|name| *name != STATE).collect();
    if fields.is_empty() {
        report.line("fields", format!("all of {count} tickets have a place here"));
    } else {
        let names = listed(fields);
        report.line("fields", format!("not mapped, shown as they are: {names}; [mapping.fields] gives them a place"));
    }
}

/// The copy of the tracker on this computer.
fn copy(report: &mut Report<'_>, profile: &Profiled) {
    let file = report.places.state.join("copies").join(format!("{}.db", profile.name));
    let Ok(about) = fs::metadata(&file) else {
        report.line("copy", "none yet; it is made when the console opens");
        return;
    };
    let size = about.len().div_ceil(1024);
    match mirror::peek(&file) {
        Ok(Peek { rows, as_of, complete }) => {
            let age = as_of.map(|at| Timestamp::now().duration_since(at).as_secs() / 60);
            let age = age.map_or("never in full".to_owned(), |minutes| format!("{minutes} min ago"));
            let first = if complete { "" } else { "; its first load is not done" };
            report.line("copy", format!("{rows} tickets, {size} kB, last agreed with the tracker {age}{first}"));
        }
        Err(error) => report.wrong("copy", format!("{size} kB that cannot be read: {error}")),
    }
}

/// What was done here and has not reached this tracker.
fn outbox(report: &mut Report<'_>, profile: &Profiled) {
    let path = open::state_file(&report.places.state, open::TRACKERS);
    if !path.exists() {
        report.line("outbox", "empty");
        return;
    }
    let kept = match Store::open(&path, &[]) {
        Ok((_, kept)) => kept,
        Err(error) => {
            report.wrong("outbox", error.to_string());
            return;
        }
    };
    let acts = kept.iter().filter(|(room, ..)| room == Room::Outbox.as_str());
    let waiting: Vec<Waiting> = acts.filter_map(|(.., value)| serde_json::from_str(value).ok()).collect();
    let own = waiting.iter().filter(|waiting| open::profile_of(waiting).as_deref() == Some(profile.name.as_str()));
    match own
        .map(|waiting| waiting.op.at)
        .fold((0, None::<Timestamp>), |(count, first), at| (count + 1, Some(first.map_or(at, |first| first.min(at)))))
    {
        (0, _) => report.line("outbox", "empty"),
        (count, first) => {
            let since = first.map(|at| Timestamp::now().duration_since(at).as_secs() / 60).unwrap_or_default();
            report.line("outbox", format!("{count} acts wait, the first for {since} min; the next console sends them"));
        }
    }
}
