//! Through the lifecycle: held, resumed, resolved, reopened, closed, cancelled, any other step.

use super::ACT;
use super::read::{moment, value};
use crate::app::acts;
use crate::app::ask;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::Command;
use crate::domain::act::{Act, Step};
use crate::domain::change::{Audience, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle;
use crate::domain::name::TicketId;
use crate::domain::state::{HoldReason, Verb};
use crate::text::{Clean, spaced};

/// Through the lifecycle.
pub const COMMANDS: &[Command] = &[
    ACT.row(
        "hold",
        "Hold",
        "Put it on hold with a reason; waiting for the caller needs a public text.",
        &["h"],
        &[
            Arg::required(
                "reason",
                ArgKind::Choice(&["caller", "vendor", "change", "problem", "parts", "scheduled"]),
                "Waiting for",
            ),
            Arg::asked("text", ArgKind::Lines, "Text (public when waiting for the caller)"),
            Arg::asked("until", ArgKind::When, "Wake it at (2h, tomorrow 9:00)"),
            Arg::optional("link", ArgKind::From(Source::Tickets), "The change or problem"),
        ],
        hold,
    ),
    ACT.row("resume", "Resume", "Take it off hold.", &["w"], &[], |m, _| {
        acts::submit(m, Act::new("resumed", [Step::Do(Verb::Resume)]))
    }),
    ACT.row(
        "resolve",
        "Resolve",
        "Resolve it: code, what was done, verified with the user or not.",
        &["x"],
        &[
            CODE,
            Arg::required("verified", ArgKind::Choice(VERIFIED), "Verified with the user"),
            SOLUTION,
            Arg::optional("reply", ArgKind::Text, "Tell the caller"),
        ],
        |m, a| resolve(m, a, false),
    ),
    ACT.row(
        "first-contact",
        "First contact",
        "Resolve it at first contact: the caller is still on the line and has seen it work.",
        &["X"],
        &[CODE, SOLUTION],
        |m, a| resolve(m, a, true),
    ),
    ACT.row(
        "reopen",
        "Reopen",
        "Reopen it, with a reason.",
        &["O"],
        &[Arg::required("reason", ArgKind::Text, "Why")],
        reopen,
    ),
    ACT.row("close", "Close", "Close what is resolved and confirmed.", &["Z"], &[], |m, _| {
        acts::submit(m, Act::new("closed", [Step::Do(Verb::Close)]))
    }),
    ACT.row(
        "cancel",
        "Cancel",
        "Cancel it, with a reason.",
        &["Q"],
        &[
            Arg::required("reason", ArgKind::From(Source::CancelReasons), "Why"),
            Arg::optional("of", ArgKind::From(Source::Tickets), "Duplicate of"),
        ],
        cancel,
    ),
    ACT.row(
        "step",
        "Next state",
        "Move it through its lifecycle by any step that its state offers.",
        &["m s"],
        &[
            Arg::required("verb", ArgKind::From(Source::Verbs), "Step"),
            Arg::optional("fields", ArgKind::Fields, "What the step needs"),
        ],
        step,
    ),
];

const CODE: Arg = Arg::required("code", ArgKind::From(Source::ResolutionCodes), "Resolution code");

const VERIFIED: &[&str] = &["yes", "no", "na"];

const SOLUTION: Arg = Arg::required("notes", ArgKind::Lines, "What was done");

fn hold(model: &mut Model, args: &Args) -> Effects {
    let reason = args.text("reason");
    let Ok(until) = moment(model, args, "until") else { return Effects::none() };
    let text = Clean::body(args.text("text"));
    if HoldReason::parse(reason) == Some(HoldReason::Caller) && text.trim().is_empty() {
        return model.refuse("Waiting for the caller needs words to the caller: write in the text what you need.");
    }
    let mut steps = vec![Step::Do(Verb::Hold), Step::Set(Field::HoldReason, Some(Value::name(reason)))];
    steps.extend(until.map(|at| Step::Set(Field::WakeAt, Some(Value::Time(at)))));
    if let Some(link) = args.get("link") {
        let how = if reason == "problem" { LinkKind::ProblemIs } else { LinkKind::FixedBy };
        steps.push(Step::Link(how, TicketId::new(link)));
    }
    let audience =
        if HoldReason::parse(reason) == Some(HoldReason::Caller) { Audience::Public } else { Audience::Internal };
    if !text.is_empty() {
        steps.push(Step::Say(audience, text));
    }
    acts::submit(model, Act::new(format!("on hold ({reason})"), steps))
}

fn resolve(model: &mut Model, args: &Args, first_contact: bool) -> Effects {
    let verified = if first_contact { "yes" } else { args.text("verified") };
    let mut steps = vec![
        Step::Set(Field::ResolutionCode, Some(Value::name(args.text("code")))),
        Step::Set(Field::Resolution, Some(Value::text(args.text("notes")))),
        Step::Set(Field::Verified, Some(Value::name(verified))),
        Step::Do(Verb::Resolve),
    ];
    if first_contact {
        steps.insert(0, Step::Take);
        steps.push(Step::Set(Field::FirstContact, Some(Value::Flag(true))));
    }
    if let Some(reply) = args.get("reply") {
        steps.push(Step::Say(Audience::Public, Clean::body(reply)));
    }
    let title = if first_contact { "resolved at first contact" } else { "resolved" };
    acts::submit(model, Act::new(title, steps))
}

fn reopen(model: &mut Model, args: &Args) -> Effects {
    let reason = Clean::body(args.text("reason"));
    acts::submit(model, Act::new("reopened", [Step::Do(Verb::Reopen), Step::Say(Audience::Internal, reason)]))
}

fn cancel(model: &mut Model, args: &Args) -> Effects {
    if args.text("reason") == lifecycle::choices::DUPLICATE && args.get("of").is_none() {
        let merge = model.settings.keymap.key_of("merge", &model.scopes());
        return model.refuse(format!("A duplicate names the other ticket: `{merge}` merges it into that one."));
    }
    let mut steps =
        vec![Step::Set(Field::CancelReason, Some(Value::text(args.text("reason")))), Step::Do(Verb::Cancel)];
    steps.extend(args.get("of").map(|of| Step::Link(LinkKind::DuplicateOf, TicketId::new(of))));
    acts::submit(model, Act::new("cancelled", steps))
}

/// A step of the lifecycle. What it needs and was not given is asked in a form.
fn step(model: &mut Model, args: &Args) -> Effects {
    let Some(verb) = Verb::parse(args.text("verb")) else {
        return model.refuse(format!("There is no step `{}`.", args.text("verb")));
    };
    let Some(row) = model.targets().first().copied() else { return Effects::none() };
    let ticket = acts::ticket(model, row);
    let needs = lifecycle::needs(verb, &ticket, &model.home().directory);
    if let Some(effects) = ask::for_step(model, args, &needs) {
        return effects;
    }
    let mut steps = vec![Step::Do(verb)];
    for (name, text) in args.iter().filter(|(name, _)| !matches!(*name, "verb" | "fields" | "public" | "note")) {
        let Some(field) = Field::parse(name) else { continue };
        match value(model, &field, text) {
            Ok(value) => steps.push(Step::Set(field, value)),
            Err(reason) => return model.refuse(reason),
        }
    }
    steps.extend(args.get("public").map(|text| Step::Say(Audience::Public, Clean::body(text))));
    steps.extend(args.get("note").map(|text| Step::Say(Audience::Internal, Clean::body(text))));
    acts::submit(model, Act::new(spaced(verb.as_str()), steps))
}
