//! What happened to a ticket, in sentences.

use crate::app::model::Model;
use crate::domain::change::{Audience, Change, Event, Handover};
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle;
use crate::domain::ticket::Ticket;
use crate::text::{one_line, spaced, wrap};
use crate::ui::cells;
use crate::ui::lines::{Line, Role, words};

/// What happened, newest first; in short, only the words.
pub fn lines(model: &Model, ticket: &Ticket, width: u16, short: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let events: Vec<&Event> = ticket.timeline.iter().rev().collect();
    let mut at = 0;
    while at < events.len() {
        // The changes of one act stand together.
        let op = &events[at].op;
        let end = events[at..].iter().position(|event| event.op != *op).map_or(events.len(), |n| at + n);
        lines.extend(one_act(model, &events[at..end], width, short));
        at = end;
    }
    lines
}

fn one_act(model: &Model, events: &[&Event], width: u16, short: bool) -> Vec<Line> {
    let Some(first) = events.first() else { return Vec::new() };
    let begins = events.iter().any(|event| matches!(event.change, Change::Create { .. }));
    let when = cells::instant(first.at.as_millisecond(), model);
    let who = model.display(&first.actor).to_owned();
    let mut lines: Vec<Line> = Vec::new();
    let mut rest: Vec<String> = Vec::new();
    for event in events.iter().rev() {
        match &event.change {
            Change::Say { audience, text } => {
                let (label, role) = match audience {
                    Audience::Public => ("PUBLIC", Role::Public),
                    Audience::Internal => ("internal", Role::Internal),
                };
                lines.push(vec![
                    (format!("{when} "), Role::Dim),
                    (format!("{label} "), role),
                    (who.clone(), Role::Strong),
                ]);
                lines.extend(words(text, width, "  ", Role::Plain));
            }
            Change::Heard { from, text } => {
                let caller = model.display(from).to_owned();
                lines.push(vec![
                    (format!("{when} "), Role::Dim),
                    ("from the caller ".into(), Role::Good),
                    (caller, Role::Strong),
                ]);
                lines.extend(words(text, width, "  ", Role::Plain));
            }
            // A new ticket's words stand above.
            Change::Set { field: Field::Title | Field::Description, .. } if begins => {}
            other => rest.extend(sentence(model, other)),
        }
    }
    if !rest.is_empty() && !short {
        let text = format!("{when} {who}: {}", rest.join("; "));
        let room = (width as usize).max(10);
        let mut wrapped = wrap(&text, room).into_iter();
        lines.extend(wrapped.next().map(|line| vec![(line.to_owned(), Role::Dim)]));
        let rest: Vec<&str> = wrapped.collect();
        lines.extend(words(&rest.join(" "), width, "  ", Role::Dim).into_iter().filter(|_| !rest.is_empty()));
    }
    lines
}

/// A change in words.
pub fn sentence(model: &Model, change: &Change) -> Option<String> {
    let words = |field: &Field, value: &Value| crate::text::one_line(&value_words(model, field, value)).into_owned();
    let name = |login: &str| model.display(login).to_owned();
    // A field of the desk's own is named without its mark.
    let named = |field: &Field| spaced(field.name().trim_start_matches("x."));
    Some(match change {
        Change::Create { kind, opened, .. } => {
            format!("registered ({kind}), opened {}", cells::instant(opened.as_millisecond(), model))
        }
        Change::Set { field, from: None, to: Some(to) } => format!("{} {}", named(field), words(field, to)),
        Change::Set { field, from: Some(from), to: Some(to) } => {
            format!("{} {} to {}", named(field), words(field, from), words(field, to))
        }
        Change::Set { field, to: None, .. } => format!("{} cleared", named(field)),
        Change::Move { from, to, .. } => format!("{} to {}", lifecycle::words(*from), lifecycle::words(*to)),
        Change::Link { link } => format!("{} {}", spaced(link.how.as_str()), link.other),
        Change::Unlink { link } => format!("no longer {} {}", spaced(link.how.as_str()), link.other),
        Change::Handover { step } => handover(model, step),
        Change::Escalate { escalation } => {
            format!(
                "escalated ({}) to {}: {}",
                spaced(escalation.kind.as_str()),
                model.display(escalation.to.name()),
                escalation.reason
            )
        }
        Change::Acknowledge { kind } => format!("answers for the {} escalation", spaced(kind.as_str())),
        Change::Task { step } => one_line(&step.words(&name)).into_owned(),
        Change::Approval { step } => one_line(&step.words(&name)).into_owned(),
        Change::Major { step } => one_line(&step.words(&name)).into_owned(),
        Change::Proposal { step } => one_line(&step.words(&name)).into_owned(),
        Change::Say { .. } | Change::Heard { .. } | Change::Stamp { .. } => return None,
    })
}

/// A field's value as people read it: moments in the user's zone, people by their names.
pub fn value_words(model: &Model, field: &Field, value: &Value) -> String {
    match value {
        Value::Time(at) => cells::instant(at.as_millisecond(), model),
        Value::Name(login) if matches!(field, Field::Caller | Field::Approver) => {
            model.directory.display(login).to_owned()
        }
        other => other.to_string(),
    }
}

fn handover(model: &Model, step: &Handover) -> String {
    let name = |login: &str| model.display(login).to_owned();
    match step {
        Handover::Offer { to, reason, .. } => format!("offered to {}: {reason}", name(to.name())),
        Handover::Accept { by } => format!("accepted by {}", name(by)),
        Handover::Decline { by, reason } => format!("declined by {}: {reason}", name(by)),
        Handover::Withdraw { by } => format!("offer withdrawn by {}", name(by)),
        Handover::Expire => "offer ran out".into(),
        Handover::Force { by, to, reason } => format!("given to {} by {}: {reason}", name(to), name(by)),
        Handover::Absent { owner, acting } => format!("{} is away, {} acts as owner", name(owner), name(acting)),
    }
}
