//! The commands that act on tickets. Each makes an act and hands it to [`acts::submit`], which knows whether it goes
//! out, into a preview, or into the decision bar.

use crate::app::acts::{self, can_write, has_target};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::{ask, create, undo};
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Scope, Why, always, any, writes};
use crate::domain::act::{Act, Step};
use crate::domain::change::{Audience, LinkKind, Party};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{HoldReason, Verb};
use crate::domain::wake::Wake;
use crate::domain::when;
use crate::text::Clean;

const fn act(
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    args: &'static [Arg],
    run: fn(&mut Model, &Args) -> Effects,
) -> Command {
    Command { id, title, doc, scope: Scope::Ticket, keys, args, needs: writes, available: has_target, run }
}

const fn needing(command: Command, needs: fn(&Capabilities) -> bool) -> Command {
    Command { needs, ..command }
}

const fn handover(can: &Capabilities) -> bool {
    can.write && can.handover
}

const fn links(can: &Capabilities) -> bool {
    can.write && can.links
}

const fn notes(can: &Capabilities) -> bool {
    can.write && can.internal_notes
}

const SCALE: ArgKind = ArgKind::Number { min: 1, max: 3 };
const CODE: Arg = Arg::required("code", ArgKind::From(Source::ResolutionCodes), "Resolution code");
const VERIFIED: &[&str] = &["yes", "no", "na"];
const SOLUTION: Arg = Arg::required("notes", ArgKind::Lines, "What was done");

/// Acting on tickets.
pub const COMMANDS: &[Command] = &[
    act("take", "Take", "Accept the ticket: you own it and work on it.", &["t"], &[], |m, _| {
        acts::submit(m, Act::new("taken", [Step::Take]))
    }),
    needing(
        act(
            "offer",
            "Offer",
            "Offer the ticket to a person or a group; you own it until they accept.",
            &["o"],
            &[
                Arg::required("to", ArgKind::From(Source::Parties), "Offer to"),
                Arg::asked("reason", ArgKind::Text, "Why"),
                Arg::optional("expires", ArgKind::When, "Until when"),
            ],
            offer,
        ),
        writes,
    ),
    needing(
        act("accept", "Accept", "Accept what is offered to you or your group.", &["A"], &[], |m, _| {
            acts::submit(m, Act::new("accepted", [Step::Accept]))
        }),
        handover,
    ),
    needing(
        act(
            "decline",
            "Decline",
            "Decline what is offered to you, with a reason.",
            &["D"],
            &[Arg::required("reason", ArgKind::Text, "Why not")],
            decline,
        ),
        handover,
    ),
    needing(
        act("withdraw", "Withdraw", "Withdraw your offer.", &["W"], &[], |m, _| {
            acts::submit(m, Act::new("offer withdrawn", [Step::Withdraw]))
        }),
        handover,
    ),
    needing(
        act(
            "force",
            "Force",
            "A manager gives the ticket to somebody, with a reason.",
            &["F"],
            &[
                Arg::required("to", ArgKind::From(Source::Staff), "Give to"),
                Arg::required("reason", ArgKind::Text, "Why"),
            ],
            force,
        ),
        writes,
    ),
    needing(
        act(
            "stand-in",
            "Stand in",
            "Its owner is away: the deputy, or the responsible manager, becomes its acting owner.",
            &["m a"],
            &[],
            |m, _| acts::submit(m, Act::new("in the hands of who stands in", [Step::StandIn])),
        ),
        handover,
    ),
    act(
        "group",
        "Group",
        "Route the ticket to a group.",
        &["f g"],
        &[Arg::required("to", ArgKind::From(Source::Groups), "Group")],
        |m, a| acts::submit(m, route(a)),
    ),
    act(
        "impact",
        "Impact",
        "Set the impact: 1 all or a site, 2 a department, 3 one person.",
        &["f i"],
        &[Arg::required("level", SCALE, "Impact")],
        |m, a| number(m, a, Field::Impact),
    ),
    act(
        "urgency",
        "Urgency",
        "Set the urgency: 1 now, 2 soon, 3 when it suits.",
        &["f u"],
        &[Arg::required("level", SCALE, "Urgency")],
        |m, a| number(m, a, Field::Urgency),
    ),
    act(
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
    act(
        "category",
        "Category",
        "Set the category.",
        &["f c"],
        &[Arg::required("to", ArgKind::From(Source::Categories), "Category")],
        |m, a| name(m, a, Field::Category),
    ),
    act(
        "service",
        "Service",
        "Set the service.",
        &["f s"],
        &[Arg::required("to", ArgKind::From(Source::Services), "Service")],
        |m, a| name(m, a, Field::Service),
    ),
    act(
        "asset",
        "Asset",
        "Set the asset it is about.",
        &["f a"],
        &[Arg::required("to", ArgKind::From(Source::Assets), "Asset")],
        |m, a| name(m, a, Field::Asset),
    ),
    act(
        "location",
        "Location",
        "Set the location.",
        &["f l"],
        &[Arg::required("to", ArgKind::From(Source::Locations), "Location")],
        |m, a| name(m, a, Field::Location),
    ),
    act(
        "caller",
        "Caller",
        "Set who called.",
        &["f r"],
        &[Arg::required("to", ArgKind::From(Source::People), "Caller")],
        |m, a| name(m, a, Field::Caller),
    ),
    act(
        "title",
        "Title",
        "Give the ticket another title.",
        &["f t"],
        &[Arg::required("to", ArgKind::Text, "Title")],
        |m, a| set_text(m, a, Field::Title, "title set"),
    ),
    act(
        "promise",
        "Promise",
        "Promise the caller the next word by a time.",
        &["f d"],
        &[Arg::required("by", ArgKind::When, "Next word by")],
        promise,
    ),
    act(
        "set",
        "Set field",
        "Set any field: `set cause_category hardware`; an empty value clears it.",
        &["f f"],
        &[Arg::required("field", ArgKind::From(Source::Fields), "Field"), Arg::asked("value", ArgKind::Text, "Value")],
        set,
    ),
    act(
        "reply",
        "Reply",
        "Write to the caller. PUBLIC.",
        &["r"],
        &[Arg::required("text", ArgKind::Lines, "Reply to the caller")],
        |m, a| say(m, a, Audience::Public),
    ),
    needing(
        act(
            "note",
            "Note",
            "Write an internal note; only the desk reads it.",
            &["n"],
            &[Arg::required("text", ArgKind::Lines, "Internal note")],
            |m, a| say(m, a, Audience::Internal),
        ),
        notes,
    ),
    act(
        "canned",
        "Canned reply",
        "Send a canned public reply.",
        &["a"],
        &[Arg::required("name", ArgKind::From(Source::Templates), "Reply")],
        |m, a| {
            acts::submit(m, Act::new(format!("reply `{}`", a.text("name")), [Step::Canned(Name::new(a.text("name")))]))
        },
    ),
    act(
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
    act("resume", "Resume", "Take it off hold.", &["w"], &[], |m, _| {
        acts::submit(m, Act::new("resumed", [Step::Do(Verb::Resume)]))
    }),
    act(
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
    act(
        "first-contact",
        "First contact",
        "Resolve it at first contact: the caller is still on the line and has seen it work.",
        &["X"],
        &[CODE, SOLUTION],
        |m, a| resolve(m, a, true),
    ),
    act(
        "reopen",
        "Reopen",
        "Reopen it, with a reason.",
        &["O"],
        &[Arg::required("reason", ArgKind::Text, "Why")],
        reopen,
    ),
    act("close", "Close", "Close what is resolved and confirmed.", &["Z"], &[], |m, _| {
        acts::submit(m, Act::new("closed", [Step::Do(Verb::Close)]))
    }),
    act(
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
    act(
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
    needing(
        act(
            "link",
            "Link",
            "Link it to another ticket.",
            &["l"],
            &[
                Arg::required("to", ArgKind::From(Source::Tickets), "Link to"),
                Arg::optional(
                    "how",
                    ArgKind::Choice(&[
                        "relates_to",
                        "child_of",
                        "parent_of",
                        "problem_is",
                        "problem_of",
                        "fixed_by",
                        "fixes",
                        "caused_by",
                        "caused",
                        "follows",
                        "duplicate_of",
                    ]),
                    "How",
                ),
            ],
            link,
        ),
        links,
    ),
    needing(
        act(
            "unlink",
            "Unlink",
            "Take a link away.",
            &["L"],
            &[Arg::required("to", ArgKind::From(Source::Tickets), "Unlink from")],
            unlink,
        ),
        links,
    ),
    needing(
        act(
            "merge",
            "Merge",
            "Merge it as a duplicate into another ticket; `unmerge` reverses it.",
            &["m m"],
            &[Arg::required("into", ArgKind::From(Source::Tickets), "Duplicate of")],
            create::merge,
        ),
        links,
    ),
    needing(act("unmerge", "Unmerge", "Bring a merged duplicate back.", &["m u"], &[], create::unmerge), links),
    needing(
        act(
            "raise-problem",
            "Raise problem",
            "Raise a problem from these incidents: linked, evidence copied.",
            &["m p"],
            &[Arg::optional("title", ArgKind::Text, "Title of the problem")],
            create::raise_problem,
        ),
        |can| can.write && can.problems && can.links,
    ),
    needing(
        act(
            "raise-change",
            "Raise change",
            "Raise a change from this problem or incident.",
            &["m c"],
            &[Arg::optional("title", ArgKind::Text, "Title of the change")],
            create::raise_change,
        ),
        |can| can.write && can.changes && can.links,
    ),
    act(
        "convert",
        "Convert",
        "Make a request of this incident, or an incident of this request.",
        &["m v"],
        &[],
        create::convert,
    ),
    act(
        "snooze",
        "Snooze",
        "Put it aside for yourself until a time, a reply, or a percentage of its SLA: `2h`, `mon 9:00`, `reply`, `75%`.",
        &["z"],
        &[Arg::required("until", ArgKind::Text, "Until (2h, tomorrow 9:00, reply, 75%)")],
        snooze,
    ),
    act("wake", "Wake", "Bring back what you put aside.", &["m z"], &[], |m, _| undo::wake_now(m)),
    act(
        "heard",
        "Heard",
        "Write down what the caller said; a ticket that waited for it resumes.",
        &["H"],
        &[Arg::required("text", ArgKind::Lines, "What the caller said")],
        |m, a| {
            let text = Clean::body(a.text("text"));
            acts::submit(m, Act::new("caller heard", [Step::Heard(text)]))
        },
    ),
    Command {
        id: "repeat",
        title: "Repeat",
        doc: "Do the last thing again, on this ticket or on all marked.",
        scope: Scope::Ticket,
        keys: &["."],
        args: &[],
        needs: writes,
        available: can_repeat,
        run: repeat,
    },
    Command {
        id: "new",
        title: "New",
        doc: "Register a ticket.",
        scope: Scope::Global,
        keys: &["N"],
        args: &[
            Arg::required("kind", ArgKind::Choice(&["incident", "request", "problem", "change"]), "Kind"),
            Arg::asked("desk", ArgKind::From(Source::Desks), "Desk"),
            Arg::required("title", ArgKind::Text, "Title"),
            Arg::required("caller", ArgKind::From(Source::People), "Caller"),
            Arg::asked("impact", SCALE, "Impact, 1 to 3"),
            Arg::asked("urgency", SCALE, "Urgency, 1 to 3"),
            Arg::asked("category", ArgKind::From(Source::Categories), "Category"),
            Arg::asked("description", ArgKind::Lines, "Description"),
            Arg::optional("fields", ArgKind::Fields, "Any other field"),
        ],
        needs: |can| can.write && can.create,
        available: can_write,
        run: create::register,
    },
    Command {
        id: "undo",
        title: "Undo",
        doc: "Recall a reply that has not gone yet, or take back the last act.",
        scope: Scope::Global,
        keys: &["u"],
        args: &[],
        needs: any,
        available: always,
        run: |m, _| undo::undo(m),
    },
];

fn offer(model: &mut Model, args: &Args) -> Effects {
    let to = party(model, args.text("to"));
    let Ok(expires) = moment(model, args, "expires") else { return Effects::none() };
    acts::submit(
        model,
        Act::new(format!("offered to {}", to.name()), [Step::Offer(to, Clean::line(args.text("reason")), expires)]),
    )
}

/// A group of that name, else a person.
pub fn party(model: &Model, name: &str) -> Party {
    if model.directory.group(name).is_some() { Party::Group(Name::new(name)) } else { Party::Person(Name::new(name)) }
}

fn decline(model: &mut Model, args: &Args) -> Effects {
    acts::submit(model, Act::new("declined", [Step::Decline(Clean::line(args.text("reason")))]))
}

fn force(model: &mut Model, args: &Args) -> Effects {
    let (to, reason) = (Name::new(args.text("to")), Clean::line(args.text("reason")));
    acts::submit(model, Act::new(format!("given to {to}"), [Step::Force(to, reason)]))
}

fn route(args: &Args) -> Act {
    let group = Name::new(args.text("to"));
    Act::new(format!("routed to {group}"), [Step::Route(group)])
}

fn number(model: &mut Model, args: &Args, field: Field) -> Effects {
    let value = args.number("level").map(Value::Number);
    let title = format!("{} {}", field.name(), args.text("level"));
    acts::submit(model, Act::new(title, [Step::Set(field, value)]))
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

fn name(model: &mut Model, args: &Args, field: Field) -> Effects {
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
        model.say(Notice::refused(format!("There is no field `{}`.", args.text("field"))));
        return Effects::none();
    };
    match value(model, &field, args.text("value")) {
        Ok(value) => acts::submit(model, Act::new(format!("{} set", field.name()), [Step::Set(field, value)])),
        Err(reason) => {
            model.say(Notice::refused(reason));
            Effects::none()
        }
    }
}

/// Reads a field's value from text; empty text is no value.
pub fn value(model: &Model, field: &Field, text: &str) -> Result<Option<Value>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let value = match field.shape() {
        Shape::Text => Value::Text(Clean::line(text)),
        Shape::Lines => Value::Text(Clean::body(text)),
        Shape::Name => Value::name(text),
        Shape::Number => {
            Value::Number(text.trim().parse().map_err(|_| format!("{} is a number, not `{text}`.", field.name()))?)
        }
        Shape::Time => {
            Value::Time(when::parse(text, model.now, &model.zone).map_err(|e| format!("{}: {e}", field.name()))?)
        }
        Shape::Flag => match text.trim() {
            "yes" | "true" | "1" | "y" => Value::Flag(true),
            "no" | "false" | "0" | "n" => Value::Flag(false),
            other => return Err(format!("{} is yes or no, not `{other}`.", field.name())),
        },
    };
    Ok(Some(value))
}

/// A moment out of an argument; what cannot be read is said.
fn moment(model: &mut Model, args: &Args, name: &str) -> Result<Option<jiff::Timestamp>, ()> {
    let Some(text) = args.get(name) else { return Ok(None) };
    match when::parse_ahead(text, model.now, &model.zone) {
        Ok(at) => Ok(Some(at)),
        Err(error) => {
            model.say(Notice::refused(error.to_string()));
            Err(())
        }
    }
}

fn say(model: &mut Model, args: &Args, audience: Audience) -> Effects {
    let title = if audience == Audience::Public { "reply" } else { "internal note" };
    acts::submit(model, Act::new(title, [Step::Say(audience, Clean::body(args.text("text")))]))
}

fn hold(model: &mut Model, args: &Args) -> Effects {
    let reason = args.text("reason");
    let Ok(until) = moment(model, args, "until") else { return Effects::none() };
    let text = Clean::body(args.text("text"));
    if HoldReason::parse(reason) == Some(HoldReason::Caller) && text.trim().is_empty() {
        model
            .say(Notice::refused("Waiting for the caller needs words to the caller: write in the text what you need."));
        return Effects::none();
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
        model.say(Notice::refused(format!("A duplicate names the other ticket: `{merge}` merges it into that one.")));
        return Effects::none();
    }
    let mut steps =
        vec![Step::Set(Field::CancelReason, Some(Value::text(args.text("reason")))), Step::Do(Verb::Cancel)];
    steps.extend(args.get("of").map(|of| Step::Link(LinkKind::DuplicateOf, TicketId::new(of))));
    acts::submit(model, Act::new("cancelled", steps))
}

/// A step of the lifecycle. What it needs and was not given is asked in a form.
fn step(model: &mut Model, args: &Args) -> Effects {
    let Some(verb) = Verb::parse(args.text("verb")) else {
        model.say(Notice::refused(format!("There is no step `{}`.", args.text("verb"))));
        return Effects::none();
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
            Err(reason) => {
                model.say(Notice::refused(reason));
                return Effects::none();
            }
        }
    }
    steps.extend(args.get("public").map(|text| Step::Say(Audience::Public, Clean::body(text))));
    steps.extend(args.get("note").map(|text| Step::Say(Audience::Internal, Clean::body(text))));
    acts::submit(model, Act::new(verb.as_str().replace('_', " "), steps))
}

fn link(model: &mut Model, args: &Args) -> Effects {
    let other = TicketId::new(args.text("to"));
    let how = args.get("how").and_then(LinkKind::parse).unwrap_or_else(|| usual_link(model, &other));
    acts::submit(model, Act::new(format!("linked to {other}"), [Step::Link(how, other)]))
}

/// The link one usually means between two kinds.
fn usual_link(model: &Model, other: &TicketId) -> LinkKind {
    use crate::domain::kind::Kind::{Change, Incident, Problem};
    let this = model.targets().first().map(|row| model.table.kind(*row));
    let that = model.table.row(other).map(|row| model.table.kind(row));
    match (this, that) {
        (Some(Incident), Some(Problem)) => LinkKind::ProblemIs,
        (Some(Problem), Some(Incident)) => LinkKind::ProblemOf,
        (Some(Incident | Problem), Some(Change)) => LinkKind::FixedBy,
        (Some(Change), Some(Incident | Problem)) => LinkKind::Fixes,
        _ => LinkKind::RelatesTo,
    }
}

fn unlink(model: &mut Model, args: &Args) -> Effects {
    let other = TicketId::new(args.text("to"));
    let held = model.targets().first().and_then(|row| {
        let id = TicketId::new(model.table.id(*row));
        model.ticket(&id)?.links.iter().find(|link| link.other == other).map(|link| link.how)
    });
    match held {
        Some(how) => acts::submit(model, Act::new(format!("unlinked from {other}"), [Step::Unlink(how, other)])),
        None => {
            model.say(Notice::refused(format!("It has no link to {other} that is known here; open it first.")));
            Effects::none()
        }
    }
}

fn snooze(model: &mut Model, args: &Args) -> Effects {
    match Wake::parse(args.text("until"), model.now, &model.zone) {
        Ok(wake) => acts::submit(model, Act { title: "put aside".into(), steps: Vec::new(), snooze: Some(wake) }),
        Err(error) => {
            model.say(Notice::refused(error.to_string()));
            Effects::none()
        }
    }
}

fn can_repeat(model: &Model) -> Result<(), Why> {
    if model.last.is_none() {
        return Why::no("Nothing was done yet that could be repeated.");
    }
    has_target(model)
}

fn repeat(model: &mut Model, _: &Args) -> Effects {
    match model.last.clone() {
        Some(act) => acts::submit(model, act),
        None => Effects::none(),
    }
}
