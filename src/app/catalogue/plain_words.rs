//! What is asked for from the catalogue on a desk that keeps no catalogue: all of it goes along in words that people read
//! there, and what the desk cannot keep is said before it is sent.

use jiff::Timestamp;

use crate::app::homes::Home;
use crate::app::model::Model;
use crate::domain::catalogue::{Errand, Item, Policy, Who};
use crate::domain::change::Party;
use crate::domain::field::{Field, Value};
use crate::domain::ticket::Ticket;

/// Whether the desk keeps what belongs to an item: its fields, its approval, its checklist.
pub const fn keeps(home: &Home) -> bool {
    home.capabilities.approvals && home.capabilities.tasks
}

/// What of the item the desk cannot keep, by name; nothing where it keeps the catalogue.
pub fn lacks(item: &Item, home: &Home) -> Vec<&'static str> {
    let parts = [
        (!item.approval.is_empty(), "approval"),
        (!item.task.is_empty(), "checklist"),
        (item.access, "taking it back"),
    ];
    parts.into_iter().filter(|(has, _)| *has && !keeps(home)).map(|(_, part)| part).collect()
}

/// The same as a sentence for whoever fills in the form.
pub fn warning(item: &Item, home: &Home) -> Option<String> {
    let lacks = lacks(item, home);
    let (last, others) = lacks.split_last()?;
    let all = if others.is_empty() { (*last).to_owned() } else { format!("{} and {last}", others.join(", ")) };
    Some(format!("This desk keeps no catalogue: {all} go along as words, and are seen to in the tracker itself."))
}

/// The request in words: what is asked for and all answers, who is to approve it, what is to be done for it. `draft` holds
/// the answers as they were understood, with its caller, approver, group and service, and a category that has no other
/// place.
pub fn description(model: &Model, item: &Item, draft: &Ticket, more: &str) -> String {
    let caller = draft.text(&Field::Caller);
    let mut lines = vec![item.name.to_string(), format!("For whom: {}", person(model, caller))];
    for question in item.questions() {
        let field = question.field();
        lines.extend(draft.get(&field).map(|value| format!("{}: {}", question.ask, words(model, value))));
    }
    lines.extend(draft.get(&Field::Category).map(|category| format!("Category: {category}")));
    if !more.trim().is_empty() {
        lines.extend([String::new(), more.trim().to_owned()]);
    }
    section(&mut lines, "To be approved:", item.approval.iter().map(|policy| approval(model, policy, draft)));
    let until = draft.time(&Field::AccessUntil).map(|at| format!("- [ ] Take it back by {}", moment(model, at)));
    let errands = item.task.iter().map(|errand| task(model, errand, draft));
    section(&mut lines, "To be done:", errands.chain(until));
    lines.join("\n")
}

fn section(lines: &mut Vec<String>, head: &str, all: impl Iterator<Item = String>) {
    let all: Vec<String> = all.collect();
    if !all.is_empty() {
        lines.extend([String::new(), head.to_owned()]);
        lines.extend(all);
    }
}

/// A stage with those who are asked; in the words of the catalogue where nobody of them is known here.
fn approval(model: &Model, policy: &Policy, draft: &Ticket) -> String {
    let of: Vec<String> = policy.of.iter().map(|who| named(model, who, draft)).collect();
    format!("- {}: {}{}", policy.name, policy.enough.words(), of.join(", "))
}

fn task(model: &Model, errand: &Errand, draft: &Ticket) -> String {
    let to = errand.to.as_ref().map(|who| named(model, who, draft));
    let due = errand.due.map(|due| format!("within {due}"));
    let signed = errand.four_eyes.then(|| "signed by a second person".to_owned());
    let about: Vec<String> = to.into_iter().chain(due).chain(signed).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    format!("- [ ] {}{about}", errand.title)
}

fn named(model: &Model, who: &Who, draft: &Ticket) -> String {
    let parties = who.parties(draft, &model.directory);
    let approver = draft.text(&Field::Approver);
    if parties.is_empty() {
        let is_said = *who == Who::LineManager && !approver.is_empty();
        return if is_said { approver.to_owned() } else { who.to_string().replace(['_', ':'], " ") };
    }
    let name = |party: &Party| match party {
        Party::Person(login) => person(model, login),
        Party::Group(name) => name.to_string(),
    };
    parties.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// By name and login: another desk may know only one of them.
fn person(model: &Model, login: &str) -> String {
    match model.directory.display(login) {
        name if name == login => name.to_owned(),
        name => format!("{name} ({login})"),
    }
}

fn words(model: &Model, value: &Value) -> String {
    match value {
        Value::Time(at) => moment(model, *at),
        Value::Name(name) => person(model, name),
        other => other.to_string(),
    }
}

/// With the zone: who reads it may sit elsewhere.
fn moment(model: &Model, at: Timestamp) -> String {
    at.to_zoned(model.zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}
