//! What the ticket says of itself: group, impact, urgency, names, title, any field.

use super::read::{moment, value};
use super::{ACT, SCALE};
use crate::app::acts;
use crate::app::ask;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::problems;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::Command;
use crate::domain::act::{Act, Step};
use crate::domain::change::Audience;
use crate::domain::field::{Field, Value};
use crate::domain::name::Name;
use crate::domain::when;
use crate::text::Clean;

/// What the ticket says of itself.
pub const COMMANDS: &[Command] = &[
    ACT.row(
        "group",
        "Group",
        "Route the ticket to a group.",
        &["f g"],
        &[Arg::required("to", ArgKind::From(Source::Groups), "Group")],
        |m, a| acts::submit(m, route(a)),
    ),
    ACT.row(
        "impact",
        "Impact",
        "Set the impact: 1 all or a site, 2 a department, 3 one person.",
        &["f i"],
        &[Arg::required("level", SCALE, "Impact"), WHY],
        |m, a| number(m, a, Field::Impact),
    ),
    ACT.row(
        "urgency",
        "Urgency",
        "Set the urgency: 1 now, 2 soon, 3 when it suits.",
        &["f u"],
        &[Arg::required("level", SCALE, "Urgency"), WHY],
        |m, a| number(m, a, Field::Urgency),
    ),
    ACT.row(
        "priority",
        "Priority",
        "Set the priority by hand beside the computed one, with a reason; 0 takes it away.",
        &["f p"],
        &[
            Arg::required("level", ArgKind::Number { min: 0, max: 5 }, "Priority"),
            Arg::required("reason", ArgKind::Text, "Why"),
        ],
        priority,
    ),
    ACT.row(
        "category",
        "Category",
        "Set the category.",
        &["f c"],
        &[Arg::required("to", ArgKind::From(Source::Categories), "Category")],
        |m, a| name(m, a, Field::Category),
    ),
    ACT.row(
        "service",
        "Service",
        "Set the service.",
        &["f s"],
        &[Arg::required("to", ArgKind::From(Source::Services), "Service")],
        |m, a| name(m, a, Field::Service),
    ),
    ACT.row(
        "asset",
        "Asset",
        "Set the asset it is about.",
        &["f a"],
        &[Arg::required("to", ArgKind::From(Source::Assets), "Asset")],
        |m, a| name(m, a, Field::Asset),
    ),
    ACT.row(
        "location",
        "Location",
        "Set the location.",
        &["f l"],
        &[Arg::required("to", ArgKind::From(Source::Locations), "Location")],
        |m, a| name(m, a, Field::Location),
    ),
    ACT.row(
        "caller",
        "Caller",
        "Set who called.",
        &["f r"],
        &[Arg::required("to", ArgKind::From(Source::People), "Caller")],
        |m, a| name(m, a, Field::Caller),
    ),
    ACT.row(
        "title",
        "Title",
        "Give the ticket another title.",
        &["f t"],
        &[Arg::required("to", ArgKind::Text, "Title")],
        |m, a| set_text(m, a, Field::Title, "title set"),
    ),
    ACT.row(
        "promise",
        "Promise",
        "Promise the caller the next word by a time.",
        &["f d"],
        &[Arg::required("by", ArgKind::When, "Next word by")],
        promise,
    ),
    ACT.row(
        "set",
        "Set field",
        "Set any field: `set cause_category hardware`; an empty value clears it.",
        &["f f"],
        &[Arg::required("field", ArgKind::From(Source::Fields), "Field"), Arg::asked("value", ArgKind::Text, "Value")],
        set,
    ),
];

/// Asked where a problem that is under way is weighed anew.
const WHY: Arg = Arg::optional("reason", ArgKind::Text, "Why it is weighed anew");

fn route(args: &Args) -> Act {
    let group = Name::new(args.text("to"));
    Act::new(format!("routed to {group}"), [Step::Route(group)])
}

pub(super) fn number(model: &mut Model, args: &Args, field: Field) -> Effects {
    let value = args.number("level").map(Value::Number);
    if problems::weighs_anew(model) {
        const REASON: Arg = Arg::required("reason", ArgKind::Text, "Why it is weighed anew");
        if let Some(effects) =
            ask::more(model, if field == Field::Impact { "impact" } else { "urgency" }, args, &[REASON])
        {
            return effects;
        }
    }
    let title = format!("{} {}", field.name(), args.text("level"));
    let reason = args.get("reason").map(|reason| Step::Say(Audience::Internal, Clean::body(reason)));
    acts::submit(model, Act::new(title, std::iter::once(Step::Set(field, value)).chain(reason)))
}

fn priority(model: &mut Model, args: &Args) -> Effects {
    let level = args.number("level").filter(|n| *n > 0);
    let reason = level.map(|_| Value::text(args.text("reason")));
    let title = level.map_or("priority as computed".into(), |n| format!("priority {n} by hand"));
    acts::submit(
        model,
        Act::new(
            title,
            [Step::Set(Field::PriorityOverride, level.map(Value::Number)), Step::Set(Field::PriorityReason, reason)],
        ),
    )
}

pub(super) fn name(model: &mut Model, args: &Args, field: Field) -> Effects {
    let to = args.text("to");
    let title = format!("{} {to}", field.name());
    let mut steps = vec![Step::Set(field.clone(), Some(Value::name(to)))];
    if field == Field::Category && model.triage.is_none() {
        // A category has its usual group; a ticket that nobody owns yet goes there.
        let unowned = model.targets().iter().all(|row| !model.table.summary(*row).accepted);
        let group = model.directory.categories.iter().find(|c| &*c.name == to).and_then(|c| c.group.clone());
        steps.extend(group.filter(|_| unowned).map(Step::Route));
    }
    acts::submit(model, Act::new(title, steps))
}

fn set_text(model: &mut Model, args: &Args, field: Field, title: &str) -> Effects {
    acts::submit(model, Act::new(title, [Step::Set(field, Some(Value::Text(Clean::line(args.text("to")))))]))
}

fn promise(model: &mut Model, args: &Args) -> Effects {
    let Ok(Some(at)) = moment(model, args, "by") else { return Effects::none() };
    let words = when::phrase(at, model.now, &model.zone);
    acts::submit(
        model,
        Act::new(format!("next word promised by {words}"), [Step::Set(Field::PromisedUpdate, Some(Value::Time(at)))]),
    )
}

fn set(model: &mut Model, args: &Args) -> Effects {
    let Some(field) = Field::parse(args.text("field")) else {
        return model.refuse(format!("There is no field `{}`.", args.text("field")));
    };
    match value(model, &field, args.text("value")) {
        Ok(value) => acts::submit(model, Act::new(format!("{} set", field.name()), [Step::Set(field, value)])),
        Err(reason) => model.refuse(reason),
    }
}
