//! The commands that only changes have, and the one by which an incident names its cause.

use super::{meant, near, raise};
use crate::app::acts::{self, has_target};
use crate::app::ask;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Family, Scope, Why};
use crate::domain::act::{Act, Step};
use crate::domain::approval::ApprovalStep;
use crate::domain::change::{LinkKind, Party};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::rfc::gates::{self, ReleaseGate};
use crate::domain::rfc::risk::Answers;
use crate::domain::state::{State, Verb};
use crate::domain::table::Row;
use crate::domain::task::{Asked, TaskSort, TaskStep};
use crate::text::{Clean, spaced};

const CHANGE: Family = Family { scope: Scope::Ticket, needs: changes, available: is_change };

const fn changes(can: &Capabilities) -> bool {
    can.write && can.changes
}

/// What the embedded desks keep of a change and trackers have no place for.
const fn kept(can: &Capabilities) -> bool {
    can.write && can.changes && can.approvals
}

const GATES: &[&str] = &["conflicts", "freeze", "approvals", "evidence"];
const SORTS: &[&str] = &["implement", "test", "back_out"];
const WORDS: Arg = Arg::required("text", ArgKind::Lines, "In words");

/// What is done with changes.
pub const COMMANDS: &[Command] = &[
    Command {
        needs: kept,
        ..CHANGE.row(
            "risk",
            "Risk",
            "Answer the questions of risk; the highest of the methods counts.",
            &["c r"],
            &[Arg::optional("answers", ArgKind::Answers, "users:1 service:2 …")],
            risk,
        )
    },
    CHANGE.row("plan", "Plan", "Write the steps of the implementation.", &["c p"], &[WORDS], |m, a| {
        text(m, a, Field::Plan)
    }),
    CHANGE.row("back-out", "Way back", "Write the way back.", &["c b"], &[WORDS], |m, a| text(m, a, Field::BackOut)),
    CHANGE.row("test-plan", "Test plan", "Write how success is seen.", &["c t"], &[WORDS], |m, a| {
        text(m, a, Field::TestPlan)
    }),
    CHANGE.row("tried", "Tried before", "Write what was tried before, and how it went.", &["c e"], &[WORDS], |m, a| {
        text(m, a, Field::Evidence)
    }),
    Command {
        needs: |can| can.write && can.changes && can.tasks,
        ..CHANGE.row(
            "change-step",
            "Change step",
            "Add a step to the change: of its making, its test or its way back; a second person may have to sign it.",
            &["c k"],
            &[
                Arg::required("sort", ArgKind::Choice(SORTS), "Of what"),
                Arg::required("title", ArgKind::Text, "What is to be done"),
                Arg::asked("to", ArgKind::From(Source::Staff), "Who; the owner where nobody is named"),
                Arg::asked("signed", ArgKind::Choice(&["no", "yes"]), "A second person signs"),
            ],
            add_step,
        )
    },
    Command {
        needs: |can| can.write && can.approvals,
        available: is_approved,
        ..CHANGE.row(
            "ask-approval",
            "Ask approval",
            "Ask those who approve such a change or request, as its policy says; again where nobody answered in time.",
            &["c a"],
            &[],
            |m, _| ask_approval(m),
        )
    },
    Command {
        needs: kept,
        ..CHANGE.row(
            "override",
            "Override",
            "Override a gate of the release, with a reason; by one who may.",
            &["c o"],
            &[Arg::required("gate", ArgKind::Choice(GATES), "Gate"), Arg::required("reason", ArgKind::Text, "Why")],
            overrule,
        )
    },
    Command {
        needs: |can| can.write && can.links,
        available: has_target,
        ..CHANGE.row(
            "caused-by",
            "Caused by change",
            "Say that a change brought this incident about: the nearest of those beside it, or another.",
            &["i"],
            &[Arg::optional("change", ArgKind::From(Source::Tickets), "The change")],
            caused_by,
        )
    },
    Command {
        needs: |can| can.create && can.write && can.changes && can.approvals,
        available: acts::can_write,
        scope: Scope::Global,
        ..CHANGE.row(
            "standard-change",
            "Standard change",
            "Raise a standard change from a template that was authorised for good.",
            &["c n"],
            &[
                Arg::required("template", ArgKind::From(Source::ChangeTemplates), "Template"),
                Arg::required("from", ArgKind::When, "It begins"),
                Arg::required("to", ArgKind::When, "It ends"),
                Arg::asked("title", ArgKind::Text, "Title, where it is another"),
                Arg::asked("asset", ArgKind::From(Source::Assets), "Asset"),
                Arg::asked("service", ArgKind::From(Source::Services), "Service"),
            ],
            raise::standard,
        )
    },
    Command {
        needs: |can| can.create && can.write && can.changes,
        available: acts::can_write,
        scope: Scope::Global,
        ..CHANGE.row(
            "unauthorised-change",
            "Unauthorised change",
            "Record a change that was made before anybody asked: it is approved and reviewed afterwards.",
            &["c u"],
            &[
                Arg::required("title", ArgKind::Text, "What was changed"),
                Arg::required("description", ArgKind::Lines, "What was found"),
                Arg::required("reason", ArgKind::Text, "Why it was made"),
                Arg::required("began", ArgKind::When, "It began"),
                Arg::required("ended", ArgKind::When, "It ended"),
                Arg::asked("asset", ArgKind::From(Source::Assets), "Asset"),
                Arg::asked("service", ArgKind::From(Source::Services), "Service"),
            ],
            raise::unauthorised,
        )
    },
];

fn is_change(model: &Model) -> Result<(), Why> {
    has_target(model)?;
    match model.targets().iter().all(|row| model.table.kind(*row) == Kind::Change) {
        true => Ok(()),
        false => Why::no("This is for changes. `raise-change` raises one from a problem or an incident."),
    }
}

fn is_approved(model: &Model) -> Result<(), Why> {
    has_target(model)?;
    match model.targets().iter().all(|row| matches!(model.table.kind(*row), Kind::Change | Kind::Request)) {
        true => Ok(()),
        false => Why::no("Changes and requests are approved; a problem or an incident is not."),
    }
}

/// What stands in the text of a command before anything is typed: the plan that there is.
pub fn begun(model: &Model, command: &str) -> Option<String> {
    let field = match command {
        "plan" => Field::Plan,
        "back-out" => Field::BackOut,
        "test-plan" => Field::TestPlan,
        "tried" => Field::Evidence,
        _ => return None,
    };
    meant(model).map(|change| change.text(&field).to_owned()).filter(|text| !text.is_empty())
}

fn text(model: &mut Model, args: &Args, field: Field) -> Effects {
    let title = format!("{} written", spaced(field.name()));
    acts::submit(model, Act::new(title, [Step::Set(field, Some(Value::text(args.text("text"))))]))
}

/// The points given so far, those of an earlier try first.
pub fn asked(model: &Model) -> Vec<(String, Option<u8>)> {
    let held = meant(model).map(|change| change.text(&Field::RiskAnswers).to_owned()).unwrap_or_default();
    let questions = &model.settings.changes.question;
    let answers = Answers::read(&held, questions).unwrap_or_default();
    questions.iter().map(|question| (question.name.to_string(), answers.of(&question.name))).collect()
}

fn ask_approval(model: &mut Model) -> Effects {
    let too_early = |row: &Row| matches!(model.table.state(*row), State::New | State::Draft);
    let targets = model.targets();
    // Of a request the step that asks is its own, the first time.
    if targets.iter().all(|row| model.table.state(*row) == State::Submitted) {
        return acts::submit(model, Act::new("approval asked", [Step::Do(Verb::Authorize)]));
    }
    if let [row] = targets.as_slice()
        && too_early(row)
    {
        let id = model.table.id(*row).to_owned();
        let key = model.settings.keymap.key_of("step", &model.scopes());
        return model
            .refuse(format!("{id} is new, and approval is asked for when it is assessed; `{key}` takes that step."));
    }
    let ask = ApprovalStep::Ask { stages: Vec::new(), expires: None, barred: Default::default() };
    acts::submit(model, Act::new("approval asked", [Step::Approval(ask)]))
}

fn risk(model: &mut Model, args: &Args) -> Effects {
    let questions = model.settings.clone().changes.question.clone();
    if questions.is_empty() {
        return model.refuse("This desk has no questions of risk; `set risk` says how risky it is.");
    }
    if questions.iter().any(|question| args.get(&question.name).is_none()) {
        return ask::for_risk(model, args, &questions);
    }
    let answers: Vec<String> =
        questions.iter().map(|question| format!("{}={}", question.name, args.text(&question.name))).collect();
    match Answers::read(&answers.join(" "), &questions) {
        Ok(answers) => {
            let sum = answers.sum();
            let band = spaced(crate::domain::rfc::risk::band(sum).as_str());
            let step = Step::Set(Field::RiskAnswers, Some(Value::text(&answers.text())));
            acts::submit(model, Act::new(format!("risk answered: {sum} points, {band}"), [step]))
        }
        Err(why) => model.refuse(format!("The risk cannot be counted: {why}.")),
    }
}

fn add_step(model: &mut Model, args: &Args) -> Effects {
    let Some(sort) = TaskSort::parse(args.text("sort")) else { return Effects::none() };
    let to = args.get("to").map(|login| Party::Person(Name::new(login)));
    let (title, four_eyes) = (Clean::line(args.text("title")), args.get("signed") == Some("yes"));
    let step = TaskStep::Add(Asked { sort, title, to, due: None, four_eyes });
    acts::submit(model, Act::new("step added", [Step::Task(step)]))
}

fn overrule(model: &mut Model, args: &Args) -> Effects {
    let Some((gate, change)) = ReleaseGate::parse(args.text("gate")).zip(meant(model)) else {
        return model.refuse(format!("A gate is one of: {}.", ReleaseGate::choices()));
    };
    let text = gates::with(change.text(&Field::Override), gate, args.text("reason"));
    let step = Step::Set(Field::Override, Some(Value::text(&text)));
    acts::submit(model, Act::new(format!("{gate} overridden"), [step]))
}

fn caused_by(model: &mut Model, args: &Args) -> Effects {
    let Some(row) = model.targets().first().copied() else { return Effects::none() };
    let named = args.get("change").map(TicketId::new);
    let nearest = || near(model, row).into_iter().next().map(|near| near.id);
    let Some(change) = named.or_else(nearest) else {
        let id = model.table.id(row).to_owned();
        let message = format!("No change lies near {id}; `:caused-by CHG-1` names one.");
        return model.refuse(message);
    };
    if model.table.row(&change).is_some_and(|row| model.table.kind(row) != Kind::Change) {
        return model.refuse(format!("{change} is no change."));
    }
    let title = format!("caused by {change}");
    acts::submit(model, Act::new(title, [Step::Link(LinkKind::CausedBy, change)]))
}
