//! `deskside radar`: what keeps coming back, by the code that fills the screen.

use anyhow::Result;
use serde::Serialize;

use crate::app::radar::{self, Finding};
use crate::cli::exit::Exit;
use crate::cli::place::Place;
use crate::cli::print;
use crate::cli::session::{Keeping, Session};
use crate::cli::settings::Places;
use crate::domain::radar::Radar;

/// What keeps coming back: repeat incidents with the evidence.
///
/// With `--json` an array of objects of `key`, `label`, `why` (sentences), `score`, `tickets` (ids, the newest first),
/// `open`, `callers`, `assets`, `before` (counts), `minutes_lost`, `reopened` (share), `problem` and `change` (ids or
/// null) and `muted_until` (or null).
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct RadarArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct FindingJson<'a> {
    key: &'a str,
    label: &'a str,
    why: &'a [String],
    score: f64,
    tickets: Vec<&'a str>,
    open: usize,
    callers: usize,
    assets: usize,
    before: usize,
    minutes_lost: i64,
    reopened: f64,
    problem: Option<&'a str>,
    change: Option<&'a str>,
    muted_until: Option<String>,
}

impl<'a> FindingJson<'a> {
    fn of(finding: &'a Finding) -> Self {
        let evidence = &finding.evidence;
        Self {
            key: &finding.key,
            label: &finding.label,
            why: &finding.why,
            score: finding.score,
            tickets: finding.tickets.iter().map(|id| id.as_str()).collect(),
            open: evidence.open,
            callers: evidence.callers,
            assets: evidence.assets,
            before: evidence.before,
            minutes_lost: evidence.minutes_lost,
            reopened: evidence.reopened,
            problem: evidence.problem.as_ref().map(|(id, _)| id.as_str()),
            change: evidence.change.as_ref().map(|(id, _)| id.as_str()),
            muted_until: finding.muted.as_ref().map(|mute| mute.until.to_string()),
        }
    }
}

pub fn run(args: &RadarArgs, place: &Place, places: &Places) -> Result<Exit> {
    let session = Session::open(place, places, Keeping::Nothing)?;
    let model = &session.model;
    let findings = Radar::of(&model.table, (*model.settings.radar).clone(), model.now).findings(
        &model.table,
        &model.watch.mutes,
        model.now,
    );
    if args.json {
        let list: Vec<FindingJson> = findings.iter().map(FindingJson::of).collect();
        let mut text = serde_json::to_string_pretty(&list)?;
        text.push('\n');
        print::made(text.as_bytes())?;
        return Ok(Exit::Done);
    }
    if findings.is_empty() {
        print::note("Nothing comes back more often than it used to.");
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    for finding in &findings {
        let muted =
            finding.muted.as_ref().map(|mute| format!("  (muted until {})", radar::day(mute.until, &model.zone)));
        text.push_str(&format!("{:>5.0}  {}{}\n", finding.score, finding.label, muted.unwrap_or_default()));
        text.push_str(&format!("       {}.\n       {}\n", finding.why.join("; "), radar::said(&finding.evidence)));
        let ids: Vec<&str> = finding.tickets.iter().take(8).map(|id| id.as_str()).collect();
        let more = finding.tickets.len().saturating_sub(ids.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!("       {}{more}\n\n", ids.join(", ")));
    }
    print::text(text.trim_end())?;
    Ok(Exit::Done)
}
