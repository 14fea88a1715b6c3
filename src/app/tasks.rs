//! The tasks of a ticket: added, given, dated, started, ended, signed by a second person.

use crate::app::acts::{self, has_target};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::verbs;
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Family, Scope};
use crate::domain::act::{Act, Step};
use crate::domain::kind::Kind;
use crate::domain::task::{Asked, TaskNumber, TaskSort, TaskState, TaskStep};
use crate::text::Clean;

const ENDS: &[&str] = &["done", "failed", "skipped"];
const NUMBER: Arg = Arg::required("number", ArgKind::Number { min: 1, max: 999 }, "Number of the task");

const TASK: Family = Family { scope: Scope::Ticket, needs: keeps, available: has_target };

const fn keeps(can: &Capabilities) -> bool {
    can.write && can.tasks
}

/// The tasks of a ticket.
pub const COMMANDS: &[Command] = &[
    TASK.row(
        "task-add",
        "Add a task",
        "Add a task to the ticket: what is to be done, by whom, by when.",
        &["m t"],
        &[
            Arg::required("title", ArgKind::Text, "What is to be done"),
            Arg::asked("to", ArgKind::From(Source::Parties), "Who; the owner where nobody is named"),
            Arg::asked("due", ArgKind::When, "By when"),
            Arg::asked("signed", ArgKind::Choice(&["no", "yes"]), "A second person signs"),
        ],
        add,
    ),
    TASK.row(
        "task-give",
        "Give a task",
        "A task of the ticket is somebody else's to do.",
        &["m w"],
        &[NUMBER, Arg::required("to", ArgKind::From(Source::Parties), "Give to")],
        |m, a| {
            let to = Some(verbs::party(m, a.text("to")));
            take(m, "task given", TaskStep::Give { number: number(a), to })
        },
    ),
    TASK.row(
        "task-date",
        "Date a task",
        "Say by when a task of the ticket is to be done.",
        &["m l"],
        &[NUMBER, Arg::required("due", ArgKind::When, "By when (2h, tomorrow 9:00, fri)")],
        date,
    ),
    TASK.row("task-start", "Start a task", "A task of the ticket is begun.", &["m b"], &[NUMBER], |m, a| {
        take(m, "task started", TaskStep::Start { number: number(a) })
    }),
    TASK.row(
        "task-end",
        "End a task",
        "A task of the ticket is done, has failed or is left out; what is not done says why.",
        &["m d"],
        &[
            NUMBER,
            Arg::required("how", ArgKind::Choice(ENDS), "How it ended"),
            Arg::asked("words", ArgKind::Text, "What came of it"),
        ],
        end,
    ),
    TASK.row(
        "task-reopen",
        "Open a task again",
        "A task that has ended is open again.",
        &["m r"],
        &[NUMBER],
        |m, a| take(m, "task open again", TaskStep::Reopen { number: number(a) }),
    ),
    TASK.row(
        "task-sign",
        "Sign a task",
        "As the second person: it was done as it says.",
        &["m g"],
        &[NUMBER],
        |m, a| take(m, "task signed", TaskStep::Sign { number: number(a) }),
    ),
];

/// The number of the task that is meant.
pub fn number(args: &Args) -> TaskNumber {
    args.number("number").and_then(|number| TaskNumber::try_from(number).ok()).unwrap_or_default()
}

fn take(model: &mut Model, title: &str, step: TaskStep) -> Effects {
    acts::submit(model, Act::new(title, [Step::Task(step)]))
}

fn end(model: &mut Model, args: &Args) -> Effects {
    let Some(how) = TaskState::parse(args.text("how")) else { return Effects::none() };
    let step = TaskStep::End { number: number(args), how, words: Clean::line(args.text("words")) };
    take(model, "task ended", step)
}

fn date(model: &mut Model, args: &Args) -> Effects {
    let Ok(due) = verbs::moment(model, args, "due") else { return Effects::none() };
    take(model, "task dated", TaskStep::Date { number: number(args), due })
}

/// What a task added to such a ticket is part of.
const fn sort_of(kind: Kind) -> TaskSort {
    match kind {
        Kind::Request | Kind::Incident => TaskSort::Fulfil,
        Kind::Problem => TaskSort::Prevent,
        Kind::Change => TaskSort::Implement,
    }
}

fn add(model: &mut Model, args: &Args) -> Effects {
    let Ok(due) = verbs::moment(model, args, "due") else { return Effects::none() };
    let Some(kind) = model.targets().first().map(|row| model.table.kind(*row)) else { return Effects::none() };
    let (title, four_eyes) = (Clean::line(args.text("title")), args.get("signed") == Some("yes"));
    let to = args.get("to").map(|to| verbs::party(model, to));
    take(model, "task added", TaskStep::Add(Asked { sort: sort_of(kind), title, to, due, four_eyes }))
}
