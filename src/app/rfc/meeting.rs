//! The meeting of those who approve changes: its agenda, a decision by key for each item, and the minutes.

use super::board::outside;
use super::days;
use crate::app::acts as on;
use crate::app::effect::{Effect, Effects};
use crate::app::files;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args};
use crate::command::table::{Command, Family, Scope, Why, any};
use crate::domain::act::{Act, Step};
use crate::domain::approval::{ApprovalStep, Verdict};
use crate::domain::change::{Audience, Change};
use crate::domain::field::Field;
use crate::domain::lifecycle::changes::words;
use crate::domain::name::TicketId;
use crate::domain::state::State;
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;
use crate::text::{Clean, spaced};

/// The agenda, as it lies over the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    pub items: Vec<TicketId>,
    pub cursor: usize,
}

const MEETING: Family = Family { scope: Scope::Board, needs: any, available: in_meeting };

const fn votes(can: &Capabilities) -> bool {
    can.write && can.approvals
}

/// The meeting and what is decided in it.
pub const COMMANDS: &[Command] = &[
    Command {
        scope: Scope::Global,
        available: outside,
        ..MEETING.row(
            "agenda",
            "Agenda",
            "The changes that wait for the board, planned within its horizon.",
            &["c m"],
            &[],
            open,
        )
    },
    Command {
        needs: votes,
        ..MEETING.row("agenda-approve", "Approve", "Approve the change under the cursor.", &["a"], &[], |m, _| {
            decide(m, Verdict::Approved, "")
        })
    },
    Command {
        needs: votes,
        ..MEETING.row(
            "agenda-reject",
            "Reject",
            "Reject the change under the cursor, with a reason.",
            &["x"],
            &[Arg::required("reason", ArgKind::Text, "Why")],
            |m, a| decide(m, Verdict::Rejected, a.text("reason")),
        )
    },
    Command {
        needs: |can| can.write && can.internal_notes,
        ..MEETING.row(
            "agenda-defer",
            "Defer",
            "Leave the decision to the next meeting, with a reason.",
            &["d"],
            &[Arg::required("reason", ArgKind::Text, "Why")],
            defer,
        )
    },
    MEETING.row("agenda-minutes", "Minutes", "Copy the minutes of today as Markdown.", &["m"], &[], |m, _| {
        let text = minutes(m);
        m.say(Notice::done("The minutes are on the clipboard."));
        Effect::Copy(Clean::body(&text)).into()
    }),
    MEETING.row(
        "agenda-document",
        "Minutes as a document",
        "Write the minutes of today as Markdown to a file of this computer; nothing is overwritten.",
        &["e"],
        &[files::PATH],
        |m, a| {
            let date = m.now.to_zoned(m.zone.clone()).strftime("%Y-%m-%d");
            files::document(&format!("change-meeting-{date}.md"), a, &minutes(m))
        },
    ),
];

fn in_meeting(model: &Model) -> Result<(), Why> {
    match model.overlays.last() {
        Some(Overlay::Meeting(_)) => Ok(()),
        _ => Why::no("No agenda lies open; `agenda` opens it."),
    }
}

/// The changes that wait for the board with a window within its horizon, the earliest first.
pub fn items(model: &Model) -> Vec<TicketId> {
    let ahead = days(model, model.settings.changes.horizon_days());
    let planned = model.table.courses().filter_map(|(row, [starts, ..])| Some((starts?, row)));
    let mut found: Vec<(i64, Row)> = planned
        .filter(|(starts, row)| model.table.state(*row) == State::Authorize && *starts < ahead.end.as_millisecond())
        .collect();
    found.sort_by_key(|(starts, row)| (*starts, *row));
    found.into_iter().map(|(_, row)| TicketId::new(model.table.id(row))).collect()
}

fn open(model: &mut Model, _: &Args) -> Effects {
    let items = items(model);
    let unread = items.iter().filter(|id| model.ticket(id).is_none());
    let effects = unread.map(|id| Effects::from(Effect::Load(id.clone()))).collect();
    model.overlays.push(Overlay::Meeting(Meeting { items, cursor: 0 }));
    effects
}

/// The change on the agenda that is decided on.
pub fn chosen(model: &Model) -> Option<Row> {
    let meeting = model.overlays.iter().rev().find_map(|held| match held {
        Overlay::Meeting(meeting) => Some(meeting),
        _ => None,
    })?;
    model.table.row(meeting.items.get(meeting.cursor)?)
}

fn current(model: &mut Model) -> Option<Row> {
    let found = chosen(model);
    if found.is_none() {
        model.say(Notice::refused("There is nothing on the agenda to decide on."));
    }
    found
}

fn decide(model: &mut Model, verdict: Verdict, why: &str) -> Effects {
    let Some(row) = current(model) else { return Effects::none() };
    let id = TicketId::new(model.table.id(row));
    let asked = model.ticket(&id).and_then(|ticket| ticket.approval.as_ref());
    if model.ticket(&id).is_some() && !asked.is_some_and(|held| held.asks(&model.me, &model.directory)) {
        return model.refuse(format!("{id}: you are not asked now; its line says who is."));
    }
    let step = ApprovalStep::Vote { verdict, words: Clean::line(why) };
    on::send(model, row, &Act::new(verdict.as_str(), [Step::Approval(step)]))
}

fn defer(model: &mut Model, args: &Args) -> Effects {
    let Some(row) = current(model) else { return Effects::none() };
    let text = Clean::line(&format!("{DEFERRED}: {}", args.text("reason")));
    on::send(model, row, &Act::new("deferred", [Step::Say(Audience::Internal, text)]))
}

const DEFERRED: &str = "Deferred to the next meeting";

/// What of the day the minutes tell: the votes, what they came to, what was deferred, overridden and scheduled.
fn told(model: &Model, ticket: &Ticket) -> Vec<String> {
    let today = |at: jiff::Timestamp| {
        let day = |at: jiff::Timestamp| at.to_zoned(model.zone.clone()).date();
        day(at) == day(model.now)
    };
    let name = |login: &str| model.directory.display(login).to_owned();
    let events = ticket.timeline.iter().filter(|event| today(event.at));
    events
        .filter_map(|event| {
            let who = name(&event.actor);
            match &event.change {
                Change::Approval { step: step @ (ApprovalStep::Vote { .. } | ApprovalStep::Turn { .. }) } => {
                    Some(format!("{who}: {}", step.words(&name)))
                }
                Change::Say { text, .. } if text.starts_with(DEFERRED) => Some(format!("{who}: {text}")),
                Change::Set { field: Field::Override, to: Some(value), .. } => {
                    Some(format!("{who}: overridden, {}", value.as_str().unwrap_or_default().replace('\n', "; ")))
                }
                Change::Move { to, .. } => Some(format!("{who}: now {}", spaced(to.as_str()))),
                _ => None,
            }
        })
        .collect()
}

/// The minutes of today as Markdown, from the events of the changes: those on the agenda, and those decided on today.
/// Changes that were not read here are named without their words.
pub fn minutes(model: &Model) -> String {
    let date = model.now.to_zoned(model.zone.clone()).strftime("%Y-%m-%d").to_string();
    let agenda = items(model);
    let decided = model.opened.iter().filter(|ticket| {
        ticket.kind == crate::domain::kind::Kind::Change
            && !agenda.contains(&ticket.id)
            && !told(model, ticket).is_empty()
    });
    let all: Vec<TicketId> = agenda.iter().cloned().chain(decided.map(|ticket| ticket.id.clone())).collect();
    let mut text = format!("# Change meeting, {date}\n");
    if all.is_empty() {
        text.push_str("\nNothing was on the agenda.\n");
    }
    for id in all {
        let Some(row) = model.table.row(&id) else { continue };
        text.push_str(&format!("\n## {id} {}\n\n", model.table.title(row)));
        let course = model.table.course(row);
        let at = |at: jiff::Timestamp| at.to_zoned(model.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        if let Some(span) = course.as_ref().and_then(|course| course.planned()) {
            text.push_str(&format!("- Window: {} to {}\n", at(span.start), at(span.end)));
        }
        let risk = course.and_then(|course| course.risk).map(|risk| spaced(&risk));
        text.push_str(&format!("- Risk: {}\n", risk.unwrap_or_else(|| "not said".into())));
        let Some(ticket) = model.ticket(&id) else { continue };
        for conflict in super::conflicts(model, ticket) {
            text.push_str(&format!("- In the way: {}\n", words(&conflict)));
        }
        let lines = told(model, ticket);
        if lines.is_empty() {
            text.push_str("- No decision\n");
        }
        for line in lines {
            text.push_str(&format!("- {line}\n"));
        }
    }
    text
}
