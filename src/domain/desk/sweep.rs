//! What falls due by itself: offers that run out, wake-ups, closing after the waiting time, approvals that nobody answers,
//! what was given for a time.

use jiff::Timestamp;

use super::Rules;
use crate::domain::approval::{Approval, ApprovalStep, Standing};
use crate::domain::change::{Change, Handover, Party};
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::Name;
use crate::domain::state::{State, Verb};
use crate::domain::task::{Asked, TaskSort, TaskStep};
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// The changes that are due on a ticket without anybody's act. A desk puts them into an op of its own and asks
/// [`super::decide`] as for any other. Major incidents and problems are never closed by time.
pub fn due(ticket: &Ticket, now: Timestamp, rules: &Rules) -> Vec<Change> {
    ahead(ticket, rules).into_iter().filter(|(at, _)| *at <= now).map(|(_, change)| change).collect()
}

/// When the next change falls due on this ticket, if nobody does anything before.
pub fn falls_due(ticket: &Ticket, rules: &Rules) -> Option<Timestamp> {
    ahead(ticket, rules).into_iter().map(|(at, _)| at).min()
}

/// What will happen by itself, each with its time.
fn ahead(ticket: &Ticket, rules: &Rules) -> Vec<(Timestamp, Change)> {
    let mut found = Vec::new();
    if ticket.state == State::OnHold
        && let Some(at) = ticket.time(&Field::WakeAt)
    {
        found.extend(lifecycle::make_move(ticket, Verb::Resume).map(|change| (at, change)));
    }
    let served = matches!(ticket.kind, Kind::Incident | Kind::Request);
    let major = ticket.flag(&Field::Major);
    if served
        && !major
        && matches!(ticket.state, State::Resolved | State::Fulfilled)
        && let Some(at) = closes(ticket, rules)
    {
        found.extend(lifecycle::make_move(ticket, Verb::Close).map(|change| (at, change)));
    }
    if ticket.state.is_open()
        && let Some(at) = ticket.offer.as_ref().and_then(|offer| offer.expires)
    {
        found.push((at, Change::Handover { step: Handover::Expire }));
    }
    if let Some(approval) = ticket.approval.as_ref().filter(|held| held.standing == Standing::Waiting) {
        found.extend(unanswered(approval, rules).into_iter().map(|(at, step)| (at, Change::Approval { step })));
    }
    found.extend(taken_back(ticket, rules));
    found
}

/// After its waiting time, but never before what it gave is taken back.
fn closes(ticket: &Ticket, rules: &Rules) -> Option<Timestamp> {
    let at = ticket.resolved.and_then(|at| at.checked_add(rules.periods.close).ok())?;
    if ticket.time(&Field::AccessUntil).is_none() {
        return Some(at);
    }
    let mut taken = ticket.tasks.iter().filter(|task| task.asked.sort == TaskSort::Revoke).peekable();
    taken.peek()?;
    taken.try_fold(at, |last, task| task.ended.filter(|_| task.is_over()).map(|ended| last.max(ended)))
}

/// Nobody answers: they are reminded, somebody else is asked as well, and in the end it counts as no answer.
fn unanswered(approval: &Approval, rules: &Rules) -> Vec<(Timestamp, ApprovalStep)> {
    let mut found = Vec::new();
    let stage = approval.stage;
    let reminded = approval.reminded.unwrap_or(approval.since).max(approval.since);
    if let Ok(at) = reminded.checked_add(rules.periods.remind)
        && approval.expires.is_none_or(|expires| at < expires)
    {
        found.push((at, ApprovalStep::Remind));
    }
    let patience = approval.current().filter(|stage| stage.then.is_some()).and_then(|stage| stage.patience);
    let tired = patience.map(|minutes| jiff::SignedDuration::from_mins(minutes.into()));
    if let Some(at) = tired.filter(|_| !approval.escalated).and_then(|wait| approval.since.checked_add(wait).ok()) {
        found.push((at, ApprovalStep::Escalate));
    }
    if let Some(at) = approval.expires {
        let (standing, reason) = (Standing::Expired, Clean::line("nobody answered in time"));
        // An approval that has run out is neither reminded nor escalated any more.
        found.retain(|(other, _)| *other < at);
        found.push((at, ApprovalStep::Turn { stage, standing, reason }));
    }
    found
}

/// What a request gave for a time is to be taken back from that time on.
fn taken_back(ticket: &Ticket, rules: &Rules) -> Option<(Timestamp, Change)> {
    let until = ticket.time(&Field::AccessUntil)?;
    let given = ticket.kind == Kind::Request && ticket.state == State::Fulfilled;
    if !given || ticket.tasks.iter().any(|task| task.asked.sort == TaskSort::Revoke) {
        return None;
    }
    let item = Some(ticket.text(&Field::CatalogItem)).filter(|item| !item.is_empty()).unwrap_or(ticket.title());
    let caller = rules.directory.display(ticket.text(&Field::Caller));
    let group = Some(ticket.text(&Field::Group)).filter(|name| rules.directory.group(name).is_some());
    let asked = Asked {
        sort: TaskSort::Revoke,
        title: Clean::line(&format!("Take back from {caller}: {item}")),
        to: group.map(|name| Party::Group(Name::new(name))),
        due: Some(until),
        four_eyes: false,
    };
    Some((until, Change::Task { step: TaskStep::Add(asked) }))
}
