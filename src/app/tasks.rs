//! The tasks of a ticket: started, ended, signed by a second person.

use crate::app::acts::{self, has_target};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args};
use crate::command::table::{Command, Scope};
use crate::domain::act::{Act, Step};
use crate::domain::task::{TaskNumber, TaskState, TaskStep};
use crate::text::Clean;

const ENDS: &[&str] = &["done", "failed", "skipped"];
const NUMBER: Arg = Arg::required("number", ArgKind::Number { min: 1, max: 999 }, "Number of the task");

const fn row(
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    args: &'static [Arg],
    run: fn(&mut Model, &Args) -> Effects,
) -> Command {
    Command { id, title, doc, scope: Scope::Ticket, keys, args, needs: keeps, available: has_target, run }
}

const fn keeps(can: &Capabilities) -> bool {
    can.write && can.tasks
}

/// The tasks of a ticket.
pub const COMMANDS: &[Command] = &[
    row("task-start", "Start a task", "A task of the ticket is begun.", &["m b"], &[NUMBER], |m, a| {
        take(m, "task started", TaskStep::Start { number: number(a) })
    }),
    row(
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
    row("task-reopen", "Open a task again", "A task that has ended is open again.", &["m r"], &[NUMBER], |m, a| {
        take(m, "task open again", TaskStep::Reopen { number: number(a) })
    }),
    row("task-sign", "Sign a task", "As the second person: it was done as it says.", &["m g"], &[NUMBER], |m, a| {
        take(m, "task signed", TaskStep::Sign { number: number(a) })
    }),
];

fn number(args: &Args) -> TaskNumber {
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
