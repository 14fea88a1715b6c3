//! A decision in words, and whom its words reach.

use crate::app::model::Model;
use crate::domain::act::{Act, Step};
use crate::domain::change::Audience;
use crate::domain::field::Field;
use crate::text::{one_line, spaced};

/// The decision bar in words, step by step.
pub fn bar(model: &Model, act: &Act) -> Vec<String> {
    let caller = caller(model, act);
    let mut words: Vec<String> = act.steps.iter().map(|step| word(model, step, &caller)).collect();
    words.extend(act.snooze.map(|wake| format!("put aside {}", wake.phrase(model.now, &model.zone))));
    words
}

/// Who reads public words of this act: whom it makes the caller, else who is.
fn caller(model: &Model, act: &Act) -> String {
    let login = named_caller(act).or_else(|| model.current().and_then(|row| model.table.caller(row)));
    login.map_or("the caller".into(), |login| model.directory.display(login).to_owned())
}

/// Whom an act makes the caller.
pub fn named_caller(act: &Act) -> Option<&str> {
    act.steps.iter().rev().find_map(|step| match step {
        Step::Set(Field::Caller, Some(value)) => value.as_str(),
        _ => None,
    })
}

fn word(model: &Model, step: &Step, caller: &str) -> String {
    match step {
        Step::Set(field, Some(value)) => format!("{} {}", field.name(), one_line(&value.to_string())),
        Step::Set(field, None) => format!("no {}", field.name()),
        Step::Do(verb) => spaced(verb.as_str()),
        Step::Say(Audience::Public, text) => format!("PUBLIC to {}: \"{}\"", caller, one_line(text)),
        Step::Say(Audience::Internal, text) => format!("note \"{}\"", one_line(text)),
        Step::Play(name, _) => format!("playbook {name}"),
        Step::Canned(name) => format!("PUBLIC reply \"{name}\" to {}", caller),
        Step::Heard(_) => "caller heard".into(),
        Step::Link(_, other) => format!("link {other}"),
        Step::Unlink(_, other) => format!("unlink {other}"),
        Step::Take => "take".into(),
        Step::Route(group) => format!("group {group}"),
        Step::Offer(to, ..) => format!("offer to {}", model.display(to.name())),
        Step::Accept => "accept".into(),
        Step::Decline(_) => "decline".into(),
        Step::Withdraw => "withdraw the offer".into(),
        Step::Force(to, _) => format!("give to {}", model.display(to)),
        Step::StandIn => "stand in for its owner".into(),
        Step::Escalate(escalation) => format!("escalate to {}", model.display(escalation.to.name())),
        Step::Proposed => "escalate as proposed".into(),
        Step::Task(step) => step.words(&|login| model.display(login).to_owned()),
        Step::Approval(step) => step.words(&|login| model.display(login).to_owned()),
        Step::Major(step) => step.words(&|login| model.display(login).to_owned()),
        Step::Proposal(step) => step.words(&|login| model.display(login).to_owned()),
        Step::Give(give) => format!("workaround of {}", give.problem),
        Step::Acknowledge(kind) => format!("acknowledge {kind}"),
    }
}
