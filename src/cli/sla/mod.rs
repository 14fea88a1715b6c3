//! `deskside sla explain`: what a clock reads and why, for a ticket or for times given on the command line.

mod ask;
mod json;
mod local;
mod table;

use anyhow::{Result, bail};
use jiff::Timestamp;

use crate::domain::sla::{Clock, Facts, Policy, evaluate, explain, what_if};

pub use table::{Told, render};

/// Every interval that a clock counted or did not, with the rule; also without a ticket.
///
/// With a ticket, the options say what to suppose; without one, what to measure.
///
/// With `--json` a clock is an object of
/// `definition`, `metric`, `calendar`, `zone` (texts), `state` (`not_started`, `running`, `paused`, `at_risk`,
/// `breached`, `met`, `cancelled`), `at` (the instant of the reading), `started_at`, `stopped_at`, `due`,
/// `breached_since` (instants or null), `target_ms`, `used_ms`, `paused_ms`, `remaining_ms` (negative when overdue;
/// all open time of the calendar), `elapsed_ms` (on the wall), `percent` (of the target, rounded down to tenths; null
/// for a target of nothing), `cycle` (from 1), `retroactive` (bool), `warnings`, `notes` (sentences), and `intervals`,
/// each with `from`, `to`, `ms`, `counted` (`counted`, `paused`, `closed`, `holiday`, `before_start`,
/// `between_resolve_and_reopen`, `earlier_cycle`, `after_stop`), `reason` (of a pause, or null) and `rule` (text).
/// The `ms` of the counted intervals add up to `used_ms`, those of the paused ones to `paused_ms`. Instants are
/// RFC 3339 with the offset of the calendar's zone. Without a ticket that object is the answer; for a ticket it is
/// `{"ticket": ID, "clocks": [...]}`. Fields may be added, none is renamed or removed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ExplainArgs {
    /// The ticket whose clocks to explain; without it, --calendar, --target and --from say what to measure
    #[arg(value_name = "ID")]
    pub ticket: Option<String>,
    /// A calendar by name, or the file of one; with a ticket: as if it were measured in it
    #[arg(long, value_name = "NAME|FILE", required_unless_present = "ticket")]
    pub calendar: Option<String>,
    /// How long it may take in open time, such as 8h or 1h30m
    #[arg(long, value_name = "LENGTH", required_unless_present = "ticket", conflicts_with = "ticket")]
    pub target: Option<String>,
    /// When the clock starts, such as 2026-03-10T09:00; local times are read in the calendar's zone
    #[arg(long, value_name = "TIME", required_unless_present = "ticket", conflicts_with = "ticket")]
    pub from: Option<String>,
    /// A time of waiting that pauses the clock; may be repeated, and end with .. when it still lasts
    #[arg(long, value_name = "A..B")]
    pub pause: Vec<String>,
    /// With a ticket: as if it got this priority at the time of the reading
    #[arg(long, value_name = "1-9", requires = "ticket", value_parser = clap::value_parser!(u8).range(1..=9))]
    pub priority: Option<u8>,
    /// When to read the clock, with every interval until then; when it is left out, now (or when it is due if it starts
    /// in the future), and the table ends where the clock stopped and leaves out what it repeats after the decision
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A clock of the answer with the instant at which it is read.
#[derive(Debug)]
struct Answer {
    clock: Clock,
    at: Timestamp,
    /// How times were understood.
    notes: Vec<String>,
    /// Nobody said when to read it, so what is far from what it decides need not be told.
    brief: bool,
}

/// The answer without a ticket. Errors say what to write instead.
pub fn run(args: &ExplainArgs, policy: &Policy, now: Timestamp) -> Result<String> {
    let (Some(calendar), Some(target), Some(from)) = (&args.calendar, &args.target, &args.from) else {
        bail!("Give a ticket, or --calendar, --target and --from.");
    };
    let question = ask::alone(policy, calendar, target, from, args)?;
    let mut clocks = evaluate(&question.policy, &question.facts);
    let Some(clock) = clocks.pop() else { bail!("There is no clock with a target of {target}.") };
    let at = question.at.unwrap_or_else(|| if question.facts.opened <= now { now } else { end_of(&clock, now) });
    let answer = Answer { clock, at, notes: question.notes, brief: args.at.is_none() };
    Ok(if args.json { json::one(&answer)? } else { text(&answer) })
}

/// The answer for a ticket: every clock that its facts and what the arguments suppose give.
pub fn run_ticket(args: &ExplainArgs, id: &str, facts: &Facts, policy: &Policy, now: Timestamp) -> Result<String> {
    let question = ask::about(policy, facts, args, now)?;
    let clocks = what_if(policy, &question.facts, &question.suppose);
    let at = question.at;
    let notes = question.notes;
    let answers: Vec<_> =
        clocks.into_iter().map(|clock| Answer { clock, at, notes: notes.clone(), brief: args.at.is_none() }).collect();
    if args.json {
        return json::ticket(id, &answers);
    }
    if answers.is_empty() {
        return Ok(format!("{id} has no clock: nothing is promised for its kind and priority.\n"));
    }
    Ok(answers.iter().map(text).collect::<Vec<_>>().join("\n"))
}

fn text(answer: &Answer) -> String {
    let rows = explain(&answer.clock, answer.at);
    let told = if answer.brief { table::brief(&answer.clock, &rows) } else { Told::all(&rows) };
    let mut text = render(&answer.clock, told, answer.at, answer.clock.calendar().zone());
    for note in &answer.notes {
        text.push_str(&format!("Note: {note}\n"));
    }
    text
}

/// Where the story of a clock that starts in the future ends.
fn end_of(clock: &Clock, now: Timestamp) -> Timestamp {
    clock.due.or(clock.started_at).unwrap_or(now)
}
