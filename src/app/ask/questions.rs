//! What a command, a step of the lifecycle or a playbook needs beside what was given, and how that is asked for.

use super::form::{open_form, question, show_form};
use super::picker::pick;
use crate::app::choices::{self, Choice};
use crate::app::compose;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::rfc;
use crate::command::args::{Arg, ArgKind, Args, Need, Source};
use crate::command::table::{self, Command};
use crate::domain::field::{Field, Shape};
use crate::domain::lifecycle::{Ask, Need as StepNeed, When};
use crate::domain::playbook::{Prompt, PromptKind};
use crate::domain::rfc::risk::{MOST, Question};

/// Opens whatever asks for what is missing; none when nothing is.
pub fn wanted(model: &mut Model, command: &'static Command, args: &Args) -> Option<Effects> {
    let missing = args.missing(command);
    if missing.is_empty() {
        return None;
    }
    if model.headless {
        let names: Vec<String> = missing.iter().map(|arg| describe(model, arg)).collect();
        return Some(model.refuse(format!("{} needs {}.", command.id, names.join(" and "))));
    }
    let asked: Vec<Arg> =
        command.args.iter().filter(|arg| arg.need != Need::Optional && args.get(arg.name).is_none()).copied().collect();
    // Where there is one desk, or one that takes new tickets, nobody is asked which.
    let asked: Vec<Arg> = asked
        .into_iter()
        .filter(|arg| arg.kind != ArgKind::From(Source::Desks) || model.homes.creators().count() > 1)
        .map(|arg| if arg.kind == ArgKind::From(Source::Desks) { Arg { need: Need::Required, ..arg } } else { arg })
        .collect();
    if let ([only], true) = (missing.as_slice(), asked.len() == 1) {
        if only.kind == ArgKind::Lines {
            return Some(compose::open(model, command, args.clone(), only));
        }
        if choices::is_choice(only.kind) {
            return Some(pick(model, command, args.clone(), only));
        }
    }
    Some(open_form(model, command, args.clone(), asked))
}

/// What an argument takes, for messages.
fn describe(model: &Model, arg: &Arg) -> String {
    match arg.kind {
        ArgKind::Number { min, max } => format!("{} ({min} to {max})", arg.name),
        ArgKind::Choice(list) => format!("{} (one of {})", arg.name, list.join(", ")),
        kind if choices::is_choice(kind) => {
            let known: Vec<String> = choices::of(model, kind).into_iter().take(8).map(|choice| choice.value).collect();
            if known.is_empty() { arg.name.to_owned() } else { format!("{} (such as {})", arg.name, known.join(", ")) }
        }
        _ => arg.name.to_owned(),
    }
}

/// Asks for what turned out to be needed beside what was given; none when that is there.
pub fn more(model: &mut Model, command: &str, args: &Args, wanted: &[Arg]) -> Option<Effects> {
    let command = table::find(command)?;
    let missing: Vec<&Arg> =
        wanted.iter().filter(|arg| arg.need == Need::Required && args.get(arg.name).is_none()).collect();
    if missing.is_empty() {
        return None;
    }
    if model.headless {
        let names: Vec<String> = missing.iter().map(|arg| format!("{} ({})", arg.name, arg.ask)).collect();
        return Some(model.refuse(format!("{} needs {}", command.id, names.join(" and "))));
    }
    let asked = wanted.iter().filter(|arg| args.get(arg.name).is_none()).copied().collect();
    Some(open_form(model, command, args.clone(), asked))
}

/// Asks for what a step of the lifecycle needs; none when everything that must be there is.
pub fn for_step(model: &mut Model, args: &Args, needs: &[StepNeed]) -> Option<Effects> {
    let command = table::find("step")?;
    let name = |need: &StepNeed| match &need.ask {
        Ask::Field(field) => Some(field.name().to_owned()),
        Ask::Public => Some("public".to_owned()),
        Ask::Note => Some("note".to_owned()),
        Ask::Link(_) => None,
    };
    let open: Vec<(String, &StepNeed)> =
        needs.iter().filter_map(|need| Some((name(need)?, need))).filter(|(name, _)| !args.has(name)).collect();
    let missing: Vec<&String> =
        open.iter().filter(|(_, need)| need.when == When::Always).map(|(name, _)| name).collect();
    if missing.is_empty() {
        return None;
    }
    if model.headless {
        let names: Vec<String> = missing.iter().map(|name| format!("{name}:…")).collect();
        return Some(model.refuse(format!("{} needs {}", args.text("verb"), names.join(" "))));
    }
    let fields = open
        .iter()
        .map(|(name, need)| {
            let kind = match &need.ask {
                Ask::Field(field) => field_kind(field, !need.choices.is_empty()),
                _ => ArgKind::Lines,
            };
            let must = if need.when == When::Always { Need::Required } else { Need::Asked };
            let choices = if need.choices.is_empty() {
                choices::of(model, kind)
            } else {
                need.choices.iter().map(|c| Choice { value: c.to_string(), label: String::new() }).collect()
            };
            question(model, command, args, (name, need.why, kind, must), choices)
        })
        .collect();
    Some(show_form(model, command, args.clone(), fields))
}

/// How a field is asked for.
fn field_kind(field: &Field, has_choices: bool) -> ArgKind {
    match (field, field.shape()) {
        _ if has_choices => ArgKind::Choice(&[]),
        (Field::Asset, _) => ArgKind::From(Source::Assets),
        (Field::Service, _) => ArgKind::From(Source::Services),
        (Field::Approver, _) => ArgKind::From(Source::Staff),
        (_, Shape::Lines) => ArgKind::Lines,
        (_, Shape::Time) => ArgKind::When,
        _ => ArgKind::Text,
    }
}

/// Asks the questions of risk; a digit answers each.
pub fn for_risk(model: &mut Model, args: &Args, questions: &[Question]) -> Effects {
    let Some(command) = table::find("risk") else { return Effects::none() };
    if model.headless {
        let names: Vec<String> = questions.iter().map(|question| format!("{}:0..3", question.name)).collect();
        return model.refuse(format!("risk needs {}.", names.join(" ")));
    }
    let held = rfc::asked(model);
    let kind = ArgKind::Number { min: 0, max: i64::from(MOST) };
    let fields = questions
        .iter()
        .map(|one| {
            let choice = |(points, label): (usize, &String)| Choice { value: points.to_string(), label: label.clone() };
            let choices = one.answers.iter().enumerate().map(choice).collect();
            let mut field = question(model, command, args, (&one.name, &one.ask, kind, Need::Required), choices);
            let before = held.iter().find(|(name, _)| *name == *one.name).and_then(|(_, points)| *points);
            if let Some(points) = before.filter(|_| field.text.is_empty()) {
                field.text.set(&points.to_string());
                field.offered = true;
            }
            field
        })
        .collect();
    show_form(model, command, args.clone(), fields)
}

/// Asks what a playbook asks.
pub fn for_playbook(model: &mut Model, args: &Args, prompts: &[Prompt]) -> Effects {
    let Some(command) = table::find("play") else { return Effects::none() };
    let fields = prompts
        .iter()
        .map(|prompt| {
            let kind = match prompt.kind {
                PromptKind::Text => ArgKind::Text,
                PromptKind::Number | PromptKind::Choice => ArgKind::Choice(&[]),
                PromptKind::Person => ArgKind::From(Source::People),
                PromptKind::Group => ArgKind::From(Source::Groups),
                PromptKind::Ticket => ArgKind::From(Source::Tickets),
                PromptKind::Date => ArgKind::When,
            };
            let kind = if prompt.kind == PromptKind::Number { ArgKind::Text } else { kind };
            let need = if prompt.optional { Need::Asked } else { Need::Required };
            let choices = if prompt.choices.is_empty() {
                choices::of(model, kind)
            } else {
                prompt.choices.iter().map(|c| Choice { value: c.to_string(), label: String::new() }).collect()
            };
            let mut field = question(model, command, args, (&prompt.name, &prompt.label, kind, need), choices);
            if let Some(default) = prompt.default.as_ref().filter(|_| field.text.is_empty()) {
                field.text.set(default);
            }
            field
        })
        .collect();
    show_form(model, command, args.clone(), fields)
}

/// A question that is not known beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    pub name: String,
    pub ask: String,
    pub kind: ArgKind,
    pub need: Need,
    pub choices: Vec<String>,
    /// What stands there before anything is typed.
    pub default: Option<String>,
}

/// Asks these questions in one form of that command.
pub fn for_questions(model: &mut Model, command: &'static Command, args: &Args, asked: &[Asking]) -> Effects {
    let fields = asked
        .iter()
        .map(|asked| {
            let choices = if asked.choices.is_empty() {
                choices::of(model, asked.kind)
            } else {
                asked.choices.iter().map(|c| Choice { value: c.clone(), label: String::new() }).collect()
            };
            let mut field = question(model, command, args, (&asked.name, &asked.ask, asked.kind, asked.need), choices);
            if let Some(default) = asked.default.as_ref().filter(|_| field.text.is_empty()) {
                field.text.set(default);
                field.found.narrow(default);
                field.offered = true;
            }
            field
        })
        .collect();
    show_form(model, command, args.clone(), fields)
}
