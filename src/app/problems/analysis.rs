//! What one finds out about a problem and does about it.

use super::{PROBLEM, meant, works};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::tasks::number;
use crate::app::verbs::{moment, time};
use crate::app::{acts, ask};
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Family};
use crate::domain::act::{Act, Step};
use crate::domain::change::{Audience, LinkKind, Party};
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle::problem;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{State, Verb};
use crate::domain::task::{Asked, TaskSort, TaskState, TaskStep};
use crate::text::Clean;

const NUMBER: Arg = Arg::required("number", ArgKind::Number { min: 1, max: 99 }, "Action");
const REASON: Arg = Arg::required("reason", ArgKind::Lines, "Why it is borne");
const REVIEW: Arg = Arg::required("review", ArgKind::When, "Looked at again (90d, 1 mar)");

const ACTION: Family = Family { needs: keeps_actions, ..PROBLEM };

const fn keeps_actions(can: &Capabilities) -> bool {
    works(can) && can.tasks
}

/// What one finds out, and does about it.
pub const COMMANDS: &[Command] = &[
    PROBLEM.row(
        "whys",
        "Five whys",
        "Write down why, and why that: one answer a line.",
        &["b w"],
        &[Arg::required("text", ArgKind::Lines, "Why, one answer a line")],
        |m, a| text(m, a, Field::Whys, "whys written"),
    ),
    PROBLEM.row(
        "cause-tree",
        "Cause tree",
        "Write the tree of causes: one a line, set in by two spaces under what it brings about.",
        &["b t"],
        &[Arg::required("text", ArgKind::Lines, "Causes, set in under what they bring about")],
        |m, a| text(m, a, Field::CauseTree, "cause tree written"),
    ),
    PROBLEM.row(
        "evidence",
        "Evidence",
        "Write the list of evidence: one piece a line.",
        &["b e"],
        &[Arg::required("text", ArgKind::Lines, "Evidence, one piece a line")],
        |m, a| text(m, a, Field::Evidence, "evidence written"),
    ),
    PROBLEM.row(
        "cause",
        "Root cause",
        "Record the cause with its category and the evidence that shows it.",
        &["b c"],
        &[
            Arg::required("category", ArgKind::Text, "Category (hardware, software, process, supplier)"),
            Arg::required("text", ArgKind::Lines, "Cause"),
            Arg::required("evidence", ArgKind::Lines, "Evidence"),
        ],
        cause,
    ),
    PROBLEM.row(
        "known-error",
        "Known error",
        "Declare a known error, with the workaround; its incidents are offered it from then on.",
        &["b k"],
        &[Arg::required("workaround", ArgKind::Lines, "Workaround")],
        known_error,
    ),
    PROBLEM.row(
        "fix-plan",
        "Fix plan",
        "Plan the fix in words or by a change, and go on to fixing.",
        &["b f"],
        &[Arg::required("text", ArgKind::Lines, "Fix"), Arg::asked("change", ArgKind::From(Source::Tickets), "Change")],
        fix,
    ),
    PROBLEM.row(
        "accept-risk",
        "Accept risk",
        "Put a risk forward with a reason and a review date; whoever else may, accepts it with the same key.",
        &["b r"],
        &[
            Arg::optional("reason", ArgKind::Lines, "Why it is borne"),
            Arg::optional("review", ArgKind::When, "Looked at again"),
        ],
        accept_risk,
    ),
    ACTION.row(
        "prevent",
        "Preventive action",
        "List an action that keeps the problem from coming back, with its date.",
        &["b a"],
        &[
            Arg::required("title", ArgKind::Text, "Action"),
            Arg::required("due", ArgKind::When, "Done by"),
            Arg::asked("to", ArgKind::From(Source::Staff), "Who (the owner where nobody is named)"),
        ],
        prevent,
    ),
    ACTION.row(
        "prevented",
        "Action done",
        "A preventive action is done.",
        &["b d"],
        &[NUMBER, Arg::asked("words", ArgKind::Text, "What came of it")],
        prevented,
    ),
    ACTION.row(
        "effect",
        "Effect",
        "Say whether a preventive action that is done helps.",
        &["b x"],
        &[
            NUMBER,
            Arg::required("worked", ArgKind::Choice(&["yes", "no"]), "It helps"),
            Arg::required("words", ArgKind::Text, "What was seen"),
        ],
        effect,
    ),
    PROBLEM.row(
        "reviewed",
        "Reviewed",
        "Write down how a problem stands; the next review follows by its level.",
        &["b v"],
        &[Arg::required("text", ArgKind::Lines, "How it stands"), Arg::optional("next", ArgKind::When, "Next review")],
        reviewed,
    ),
    PROBLEM.row(
        "review-record",
        "Review record",
        "Write what the review of a major problem found; without it the problem does not close.",
        &["b m"],
        &[Arg::required("text", ArgKind::Lines, "What went well, what did not, what is to be done")],
        |m, a| text(m, a, Field::ReviewRecord, "review written"),
    ),
];

fn text(model: &mut Model, args: &Args, field: Field, title: &str) -> Effects {
    acts::submit(model, Act::new(title, [Step::Set(field, Some(Value::text(args.text("text"))))]))
}

fn cause(model: &mut Model, args: &Args) -> Effects {
    let lines = |name: &str| Some(Value::text(args.text(name)));
    let steps = [
        Step::Set(Field::CauseCategory, Some(Value::name(args.text("category")))),
        Step::Set(Field::Evidence, lines("evidence")),
        Step::Set(Field::Cause, lines("text")),
    ];
    acts::submit(model, Act::new("cause recorded", steps))
}

fn known_error(model: &mut Model, args: &Args) -> Effects {
    let steps = [
        Step::Set(Field::Workaround, Some(Value::text(args.text("workaround")))),
        Step::Set(Field::KnownError, Some(Value::Flag(true))),
    ];
    acts::submit(model, Act::new("known error declared", steps))
}

fn fix(model: &mut Model, args: &Args) -> Effects {
    let mut steps = vec![Step::Set(Field::Fix, Some(Value::text(args.text("text"))))];
    steps.extend(args.get("change").map(|id| Step::Link(LinkKind::FixedBy, TicketId::new(id))));
    if model.targets().iter().all(|row| model.table.state(*row) == State::RootCause) {
        steps.push(Step::Do(Verb::PlanFix));
    }
    acts::submit(model, Act::new("fix planned", steps))
}

/// The same key for both: who puts it forward, and who else accepts it.
fn accept_risk(model: &mut Model, args: &Args) -> Effects {
    let ticket = match meant(model) {
        Ok(ticket) => ticket,
        Err(effects) => return effects,
    };
    let ahead = ticket.time(&Field::ReviewDate).is_some_and(|at| at > model.now);
    let put_forward = ahead && !ticket.text(&Field::Reason).is_empty();
    let by_me = problem::risk_author(&ticket).is_none_or(|author| *author == model.me);
    if put_forward && !by_me && args.get("reason").is_none() {
        return acts::submit(model, Act::new("risk accepted", [Step::Do(Verb::AcceptRisk)]));
    }
    if put_forward && by_me && args.get("reason").is_none() {
        return model.refuse("You put this risk forward; somebody else who may has to accept it.");
    }
    if let Some(effects) = ask::more(model, "accept-risk", args, &[REASON, REVIEW]) {
        return effects;
    }
    let Ok(Some(until)) = moment(model, args, "review") else { return Effects::none() };
    let steps = [
        Step::Set(Field::Reason, Some(Value::text(args.text("reason")))),
        Step::Set(Field::ReviewDate, Some(Value::Time(until))),
        Step::Say(
            Audience::Internal,
            Clean::body("Put forward to be borne as a risk; somebody else has to accept it."),
        ),
    ];
    acts::submit(model, Act::new("risk put forward", steps))
}

fn prevent(model: &mut Model, args: &Args) -> Effects {
    let Ok(due) = moment(model, args, "due") else { return Effects::none() };
    let asked = Asked {
        sort: TaskSort::Prevent,
        title: Clean::line(args.text("title")),
        to: args.get("to").map(|login| Party::Person(Name::new(login))),
        due,
        four_eyes: false,
    };
    acts::submit(model, Act::new("preventive action listed", [Step::Task(TaskStep::Add(asked))]))
}

fn prevented(model: &mut Model, args: &Args) -> Effects {
    let step = TaskStep::End { number: number(args), how: TaskState::Done, words: Clean::line(args.text("words")) };
    acts::submit(model, Act::new(format!("action {} done", number(args)), [Step::Task(step)]))
}

fn effect(model: &mut Model, args: &Args) -> Effects {
    let worked = args.text("worked") == "yes";
    let step = TaskStep::Check { number: number(args), worked, words: Clean::line(args.text("words")) };
    let title = format!("action {} {}", number(args), if worked { "helps" } else { "does not help" });
    acts::submit(model, Act::new(title, [Step::Task(step)]))
}

fn reviewed(model: &mut Model, args: &Args) -> Effects {
    let mut steps = vec![
        Step::Set(Field::Reviewed, Some(Value::Time(model.now))),
        Step::Say(Audience::Internal, Clean::body(args.text("text"))),
    ];
    match time(model, args, "next") {
        Ok(next) => steps.extend(next.map(|next| Step::Set(Field::NextReview, Some(Value::Time(next))))),
        Err(reason) => return model.refuse(reason),
    }
    acts::submit(model, Act::new("reviewed", steps))
}
