//! From arguments to what the engine is asked: facts, policy, suppositions.

use std::path::Path;

use anyhow::{Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{ExplainArgs, local};
use crate::config;
use crate::domain::calendar::Calendar;
use crate::domain::sla::{
    Definition, Facts, Mark, MarkKind, Metric, Policy, Reopen, Retarget, Since, Start, Target, WhatIf, evaluate,
};
use crate::domain::state::HoldReason;
use crate::text::Clean;

/// A clock of its own.
pub(super) struct Alone {
    pub(super) policy: Policy,
    pub(super) facts: Facts,
    pub(super) at: Option<Timestamp>,
    pub(super) notes: Vec<String>,
}

/// The clocks of a ticket.
pub(super) struct About {
    pub(super) facts: Facts,
    pub(super) suppose: Vec<WhatIf>,
    pub(super) at: Timestamp,
    pub(super) notes: Vec<String>,
}

pub(super) fn alone(policy: &Policy, calendar: &str, target: &str, from: &str, args: &ExplainArgs) -> Result<Alone> {
    let (name, calendar) = find(policy, calendar)?;
    let zone = calendar.zone().clone();
    let target = match target.parse() {
        Ok(Target::Within(ms)) => Target::Within(ms),
        Ok(Target::ByAgreement) => bail!("--target: write a length of time such as 8h or 1h30m."),
        Err(problem) => bail!("--target: {problem}."),
    };
    let mut notes = Vec::new();
    let opened = local::instant("--from", from, &zone, &mut notes)?;
    let mut facts = Facts { opened, created: opened, marks: Vec::new() };
    for (from, to) in pauses(args, &zone, &mut notes)? {
        let mut mark = |at, what| facts.marks.push(Mark { at, seq: facts.marks.len() as u64, what });
        mark(from, MarkKind::Hold(HoldReason::Scheduled));
        if let Some(to) = to {
            mark(to, MarkKind::Resume);
        }
    }
    let at = args.at.as_ref().map(|at| local::instant("--at", at, &zone, &mut notes)).transpose()?;
    let policy = Policy::single(definition(name, target), calendar)?;
    Ok(Alone { policy, facts, at, notes })
}

pub(super) fn about(policy: &Policy, facts: &Facts, args: &ExplainArgs, now: Timestamp) -> Result<About> {
    let mut notes = Vec::new();
    let other = args.calendar.as_ref().map(|text| find(policy, text)).transpose()?;
    let zone = other.as_ref().map_or_else(|| zone_of(policy, facts), |(_, calendar)| calendar.zone().clone());
    let at = args.at.as_ref().map(|at| local::instant("--at", at, &zone, &mut notes)).transpose()?.unwrap_or(now);
    let mut suppose = Vec::new();
    for (from, to) in pauses(args, &zone, &mut notes)? {
        suppose.push(WhatIf::Pause { reason: HoldReason::Caller, from, to });
    }
    suppose.extend(args.priority.map(|to| WhatIf::Priority { to, at }));
    suppose.extend(other.map(|(name, calendar)| WhatIf::Calendar { name, calendar }));
    Ok(About { facts: facts.as_of(at), suppose, at, notes })
}

/// The zone in which a ticket's local times are read: that of its first clock, UTC without any.
fn zone_of(policy: &Policy, facts: &Facts) -> TimeZone {
    evaluate(policy, facts).first().map_or(TimeZone::UTC, |clock| clock.calendar().zone().clone())
}

/// A calendar of the policy by name, else the file of one; with the name that explanations use.
fn find(policy: &Policy, text: &str) -> Result<(String, Calendar)> {
    if let Some(calendar) = policy.calendars().get(text) {
        return Ok((text.to_owned(), calendar.as_ref().clone()));
    }
    let path = Path::new(text);
    if !path.exists() {
        let known: Vec<&str> = policy.calendars().keys().map(String::as_str).collect();
        let text = Clean::line(text);
        bail!("--calendar: {:?} is neither a calendar ({}) nor a file.", text.as_str(), known.join(", "));
    }
    let name = path.file_stem().map_or_else(|| text.into(), |stem| stem.to_string_lossy());
    Ok((Clean::line(&name).as_str().to_owned(), config::sla::calendar_file(path)?))
}

/// The pauses in order; those that overlap as one.
fn pauses(args: &ExplainArgs, zone: &TimeZone, notes: &mut Vec<String>) -> Result<Vec<(Timestamp, Option<Timestamp>)>> {
    let mut all: Vec<_> = args.pause.iter().map(|text| local::interval(text, zone, notes)).collect::<Result<_>>()?;
    all.sort();
    let mut merged: Vec<(Timestamp, Option<Timestamp>)> = Vec::new();
    for (from, to) in all {
        match merged.last_mut() {
            Some((_, end)) if end.is_none_or(|end| from <= end) => {
                *end = end.zip(to).map(|(a, b)| a.max(b));
            }
            _ => merged.push((from, to)),
        }
    }
    Ok(merged)
}

fn definition(calendar: String, target: Target) -> Definition {
    Definition {
        name: "command line".to_owned(),
        metric: Metric::Resolution,
        clock: None,
        kinds: Vec::new(),
        priorities: Vec::new(),
        target,
        calendar,
        pause: None,
        start: Start::OpenedAt,
        thresholds: Vec::new(),
        at_risk: 75,
        retarget: Retarget::Retro,
        retro_pause: true,
        reopen: Reopen::Continue,
        since: Since::LastUpdate,
    }
}
