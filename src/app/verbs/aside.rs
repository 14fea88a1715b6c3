//! Put aside for oneself, and brought back: by time, by hand, by what the caller said.

use super::ACT;
use crate::app::acts;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::undo;
use crate::command::args::{Arg, ArgKind, Args};
use crate::command::table::Command;
use crate::domain::act::{Act, Step};
use crate::domain::wake::Wake;
use crate::text::Clean;

/// Put aside, and brought back.
pub const COMMANDS: &[Command] = &[
    ACT.row(
        "snooze",
        "Snooze",
        "Put it aside for yourself until a time, a reply, or a percentage of its SLA: `2h`, `mon 9:00`, `reply`, `75%`.",
        &["z"],
        &[Arg::required("until", ArgKind::Text, "Until (2h, tomorrow 9:00, reply, 75%)")],
        snooze,
    ),
    ACT.row("wake", "Wake", "Bring back what you put aside.", &["m z"], &[], |m, _| undo::wake_now(m)),
    ACT.row(
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
];

fn snooze(model: &mut Model, args: &Args) -> Effects {
    match Wake::parse(args.text("until"), model.now, &model.zone) {
        Ok(wake) => acts::submit(model, Act { title: "put aside".into(), steps: Vec::new(), snooze: Some(wake) }),
        Err(error) => model.refuse(error.to_string()),
    }
}
