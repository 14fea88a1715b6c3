//! The radar for repeat incidents as it lies over the panes: what was found, with the evidence, and what one does about
//! it: raise a problem with the whole set, attach the set to a problem that is there, mute it.

pub mod watch;

use jiff::tz::TimeZone;

use crate::app::effect::{Effects, Room};
use crate::app::model::{Loading, Model};
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::pane::Pane;
use crate::app::{acts, detail, lists, problems, verbs};
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Scope, Why, row};
use crate::domain::act::{Act, Step};
use crate::domain::change::LinkKind;
use crate::domain::name::TicketId;
use crate::domain::radar::Mute;
/// Plain data, for those who draw it.
pub use crate::domain::radar::{Evidence, Finding};
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;

/// The findings, as they lie over the panes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    pub findings: Vec<Finding>,
    /// The finding under the cursor, and where it was last.
    at: Option<String>,
    pub cursor: usize,
    /// How far its tickets were scrolled.
    pub top: usize,
}

const UNTIL: Arg = Arg::required("until", ArgKind::When, "Mute until (2d, mon 9:00)");
const WHY: Arg = Arg::required("reason", ArgKind::Text, "Why");
const TO: Arg = Arg::required("to", ArgKind::From(Source::Problems), "Problem or known error");

/// The radar.
pub const COMMANDS: &[Command] = &[
    Command {
        available: can_open,
        ..row(
            "radar",
            "Radar",
            "What keeps coming back: repeat incidents with the evidence.",
            Scope::Global,
            &["g R", "f7"],
            |m, _| open(m),
        )
    },
    row("radar-down", "Down", "The next finding.", Scope::Radar, &["j", "down"], |m, _| step(m, 1)),
    row("radar-up", "Up", "The finding before.", Scope::Radar, &["k", "up"], |m, _| step(m, -1)),
    row("radar-tickets-down", "Tickets", "Further down its tickets.", Scope::Radar, &["J", "pgdn"], |m, _| {
        scroll(m, 5)
    }),
    row("radar-tickets-up", "Tickets up", "Back up its tickets.", Scope::Radar, &["K", "pgup"], |m, _| scroll(m, -5)),
    Command {
        available: has_finding,
        ..row(
            "radar-mark",
            "Mark all",
            "Close the radar with the tickets of this finding marked.",
            Scope::Radar,
            &["enter"],
            |m, _| mark(m),
        )
    },
    Command {
        needs: |can| can.write && can.problems && can.links,
        available: can_act,
        ..row(
            "radar-raise",
            "Raise problem",
            "Raise a problem over all its tickets: linked, evidence copied.",
            Scope::Radar,
            &["p"],
            |m, _| raise(m),
        )
    },
    Command {
        needs: |can| can.write && can.links,
        available: can_act,
        args: &[TO],
        ..row(
            "radar-attach",
            "Attach",
            "Attach all its tickets to a problem or known error that is there.",
            Scope::Radar,
            &["a"],
            attach,
        )
    },
    Command {
        available: has_finding,
        args: &[UNTIL, WHY],
        ..row("radar-mute", "Mute", "Not to be told until a date, with a reason.", Scope::Radar, &["m"], mute)
    },
    Command {
        available: has_finding,
        ..row("radar-unmute", "Unmute", "Tell it again.", Scope::Radar, &["u"], |m, _| unmute(m))
    },
    row("radar-close", "Close", "Close the radar.", Scope::Radar, &["esc", "q", "ctrl-c"], |m, _| {
        m.overlays.pop();
        Effects::none()
    }),
];

fn can_open(model: &Model) -> Result<(), Why> {
    if model.triage.is_some() {
        return Why::no("A triage session goes on; leave it first, it keeps its place.");
    }
    if model.desk.loading != Loading::All {
        return Why::no("The desk is still being read; try again in a moment.");
    }
    Ok(())
}

fn has_finding(model: &Model) -> Result<(), Why> {
    if chosen(model).is_none() { Why::no("There is no finding here. Esc closes the radar.") } else { Ok(()) }
}

fn can_act(model: &Model) -> Result<(), Why> {
    has_finding(model)?;
    acts::can_write(model)
}

/// The finding under the cursor.
pub fn chosen(model: &Model) -> Option<&Finding> {
    let view = model.overlays.iter().rev().find_map(|held| match held {
        Overlay::Radar(view) => Some(view),
        _ => None,
    })?;
    view.findings.get(view.cursor)
}

/// Shows at once what was found last. What is to be read and counted comes as messages: no key waits for it.
fn open(model: &mut Model) -> Effects {
    let view = View { findings: model.watch.found.clone(), ..View::default() };
    model.overlays.push(Overlay::Radar(view));
    watch::begin(model)
}

fn step(model: &mut Model, by: isize) -> Effects {
    let Some(Overlay::Radar(view)) = model.overlays.last_mut() else { return Effects::none() };
    let to = view.cursor.saturating_add_signed(by).min(view.findings.len().saturating_sub(1));
    if to == view.cursor {
        model.say(Notice::edge(by));
        return Effects::none();
    }
    (view.cursor, view.top) = (to, 0);
    view.at = view.findings.get(to).map(|finding| finding.key.clone());
    Effects::none()
}

fn scroll(model: &mut Model, by: isize) -> Effects {
    let Some(Overlay::Radar(view)) = model.overlays.last_mut() else { return Effects::none() };
    let last = view.findings.get(view.cursor).map_or(0, |finding| finding.tickets.len().saturating_sub(1));
    let to = view.top.saturating_add_signed(by).min(last);
    if to == view.top {
        model.say(Notice::edge(by));
    } else {
        view.top = to;
    }
    Effects::none()
}

/// The rows of the finding's tickets that are still there.
fn rows(model: &Model, finding: &Finding) -> Vec<Row> {
    finding.tickets.iter().filter_map(|id| model.table.row(id)).collect()
}

/// Closes the radar over the incidents with its tickets marked; how many there are.
fn take(model: &mut Model) -> Option<(usize, Effects)> {
    let rows = rows(model, chosen(model)?);
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Radar(_)));
    let closed = if model.detail.is_some() { detail::close(model) } else { Effects::none() };
    let shown = if model.pane == Pane::Incidents { Effects::none() } else { lists::show_pane(model, Pane::Incidents) };
    model.marks = rows.iter().copied().collect();
    let first = model.list().rows.iter().position(|row| model.marks.contains(row));
    let gone = first.map_or_else(Effects::none, |at| lists::go(model, at));
    Some((rows.len(), closed.and(shown).and(gone)))
}

fn mark(model: &mut Model) -> Effects {
    let Some((count, effects)) = take(model) else { return Effects::none() };
    model.say(Notice::done(format!("{count} tickets are marked; a key acts on all of them, Esc unmarks.")));
    effects
}

fn raise(model: &mut Model) -> Effects {
    let Some(finding) = chosen(model).cloned() else { return Effects::none() };
    if let Some((problem, _)) = &finding.evidence.problem
        && model.watch.warned.as_ref() != Some(problem)
    {
        model.watch.warned = Some(problem.clone());
        return model.refuse(format!(
            "{problem} is open on the same already: `a` attaches the set to it; `p` once more raises another."
        ));
    }
    let incidents: Vec<Ticket> = rows(model, &finding).into_iter().map(|row| acts::ticket(model, row)).collect();
    let evidence = format!("Found by the radar: {}. {}", finding.why.join("; "), said(&finding.evidence));
    let args = Args::default().with("title", &finding.label).with("evidence", &evidence);
    problems::raise_over(model, &incidents, &args)
        .unwrap_or_else(|| model.refuse("None of its incidents is on the desk any more."))
}

fn attach(model: &mut Model, args: &Args) -> Effects {
    let problem = TicketId::new(args.text("to"));
    if model.table.row(&problem).is_none() {
        return model.refuse(format!("{problem} is not on this desk."));
    }
    let Some((_, effects)) = take(model) else { return Effects::none() };
    let act = Act::new(format!("attached to {problem}"), [Step::Link(LinkKind::ProblemIs, problem)]);
    effects.and(acts::submit(model, act))
}

fn mute(model: &mut Model, args: &Args) -> Effects {
    let Some(key) = chosen(model).map(|finding| finding.key.clone()) else { return Effects::none() };
    let Ok(Some(until)) = verbs::moment(model, args, "until") else { return Effects::none() };
    let mute = Mute { until, reason: args.text("reason").to_owned() };
    let value = serde_json::to_string(&mute).unwrap_or_default();
    model.watch.mutes.insert(key.clone(), mute);
    watch::mark_muted(model);
    model.say(Notice::done(format!("Muted until {}; it stands at the end.", day(until, &model.zone))));
    Effects::put(Room::Mute, key, value)
}

fn unmute(model: &mut Model) -> Effects {
    let Some(key) = chosen(model).map(|finding| finding.key.clone()) else { return Effects::none() };
    if model.watch.mutes.remove(&key).is_none() {
        return model.refuse("It is not muted; `m` mutes it.");
    }
    watch::mark_muted(model);
    model.say(Notice::done("It is told again."));
    Effects::drop(Room::Mute, key)
}

/// A day as it is written in sentences.
pub fn day(at: jiff::Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %d %b %H:%M").to_string()
}

/// The evidence in a sentence.
pub fn said(evidence: &Evidence) -> String {
    let plural = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let mut parts = vec![
        format!("{} ({} open)", plural(evidence.tickets, "ticket"), evidence.open),
        plural(evidence.callers, "caller"),
        plural(evidence.assets, "asset"),
        format!("{} in the time before", evidence.before),
        format!("{} hours lost", evidence.minutes_lost / 60),
    ];
    if evidence.reopened > 0.0 {
        parts.push(format!("{:.0} % reopened", evidence.reopened * 100.0));
    }
    if let Some((problem, what)) = &evidence.problem {
        parts.push(format!("{problem} on the same {what}"));
    }
    if let Some((change, days)) = &evidence.change {
        let when = match usize::try_from(*days).unwrap_or(0) {
            0 => "on the day of the newest".to_owned(),
            days => format!("{} before the newest", plural(days, "day")),
        };
        parts.push(format!("{change} touched its asset {when}"));
    }
    format!("{}.", parts.join(", "))
}
