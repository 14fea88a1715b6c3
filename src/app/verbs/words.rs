//! Words to the caller and to the desk.

use super::{ACT, needing, notes};
use crate::app::acts;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::Command;
use crate::domain::act::{Act, Step};
use crate::domain::change::Audience;
use crate::domain::name::Name;
use crate::text::Clean;

/// Words to the caller and to the desk.
pub const COMMANDS: &[Command] = &[
    ACT.row(
        "reply",
        "Reply",
        "Write to the caller. PUBLIC.",
        &["r"],
        &[Arg::required("text", ArgKind::Lines, "Reply to the caller")],
        |m, a| say(m, a, Audience::Public),
    ),
    needing(
        ACT.row(
            "note",
            "Note",
            "Write an internal note; only the desk reads it.",
            &["n"],
            &[Arg::required("text", ArgKind::Lines, "Internal note")],
            |m, a| say(m, a, Audience::Internal),
        ),
        notes,
    ),
    ACT.row(
        "canned",
        "Canned reply",
        "Send a canned public reply.",
        &["a"],
        &[Arg::required("name", ArgKind::From(Source::Templates), "Reply")],
        |m, a| {
            acts::submit(m, Act::new(format!("reply `{}`", a.text("name")), [Step::Canned(Name::new(a.text("name")))]))
        },
    ),
];

fn say(model: &mut Model, args: &Args, audience: Audience) -> Effects {
    let title = if audience == Audience::Public { "reply" } else { "internal note" };
    acts::submit(model, Act::new(title, [Step::Say(audience, Clean::body(args.text("text")))]))
}
