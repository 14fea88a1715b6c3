//! Changes that are raised from nothing: from a template, and after the fact.

use jiff::Timestamp;

use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::{pending, verbs};
use crate::command::args::Args;
use crate::domain::act::Act;
use crate::domain::change::{Change, Target};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::task::{Asked, TaskSort, TaskStep};
use crate::text::Clean;

/// Both times of a span; a fault is told.
fn span(model: &mut Model, args: &Args, names: (&str, &str)) -> Option<(Timestamp, Timestamp)> {
    match (verbs::time(model, args, names.0), verbs::time(model, args, names.1)) {
        (Ok(start), Ok(end)) => match start.zip(end).filter(|(start, end)| start < end) {
            Some(span) => Some(span),
            None => {
                model.say(Notice::refused("It ends before it begins; give a later end."));
                None
            }
        },
        (Err(why), _) | (_, Err(why)) => {
            model.say(Notice::refused(why));
            None
        }
    }
}

fn given(args: &Args, changes: &mut Vec<Change>) {
    for (name, field) in [("asset", Field::Asset), ("service", Field::Service)] {
        if let Some(value) = args.get(name) {
            changes.retain(|change| !matches!(change, Change::Set { field: held, .. } if *held == field));
            changes.push(Change::set(field, Value::name(value)));
        }
    }
}

pub(super) fn standard(model: &mut Model, args: &Args) -> Effects {
    let Some(template) = model.settings.clone().changes.template(args.text("template")).cloned() else {
        let known: Vec<String> = model.settings.changes.templates().map(|name| format!("\"{name}\"")).collect();
        let message = format!("There is no template `{}`; there are {}.", args.text("template"), known.join(", "));
        return model.refuse(message);
    };
    let Some((start, end)) = span(model, args, ("from", "to")) else { return Effects::none() };
    let kind = Kind::Change;
    let mut changes = vec![Change::Create { kind, state: lifecycle::initial(kind), opened: model.now }];
    changes.extend(template.fields().into_iter().map(|(field, value)| Change::set(field, value)));
    if let Some(title) = args.get("title") {
        changes.retain(|change| !matches!(change, Change::Set { field: Field::Title, .. }));
        changes.push(Change::set(Field::Title, Value::text(title)));
    }
    given(args, &mut changes);
    changes.push(Change::set(Field::PlannedStart, Value::Time(start)));
    changes.push(Change::set(Field::PlannedEnd, Value::Time(end)));
    for step in &template.steps {
        let title = Clean::line(step);
        let asked = Asked { sort: TaskSort::Implement, title, to: None, due: None, four_eyes: false };
        changes.push(Change::Task { step: TaskStep::Add(asked) });
    }
    let act = Act::new("standard change raised", []);
    let (_, effects) = pending::start(model, Target::New(kind), &act, changes);
    model.say(Notice::done(format!("A standard change is being raised from `{}`.", template.name)));
    effects
}

pub(super) fn unauthorised(model: &mut Model, args: &Args) -> Effects {
    let Some((start, end)) = span(model, args, ("began", "ended")) else { return Effects::none() };
    let kind = Kind::Change;
    let mut changes = vec![
        Change::Create { kind, state: lifecycle::initial(kind), opened: model.now },
        Change::set(Field::ChangeType, Value::name("retrospective")),
        Change::set(Field::Title, Value::text(args.text("title"))),
        Change::set(Field::Description, Value::text(args.text("description"))),
        Change::set(Field::Reason, Value::text(args.text("reason"))),
        Change::set(Field::ActualStart, Value::Time(start)),
        Change::set(Field::ActualEnd, Value::Time(end)),
    ];
    given(args, &mut changes);
    let act = Act::new("unauthorised change recorded", []);
    let (_, effects) = pending::start(model, Target::New(kind), &act, changes);
    model.say(Notice::done("The change is being recorded; it is approved and reviewed afterwards."));
    effects
}
