//! The last thing again, here or on all marked tickets.

use crate::app::acts::{self, has_target};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::command::args::Args;
use crate::command::table::{Command, Scope, Why, writes};

/// The last thing again.
pub const COMMANDS: &[Command] = &[Command {
    id: "repeat",
    title: "Repeat",
    doc: "Do the last thing again, on this ticket or on all marked.",
    scope: Scope::Ticket,
    keys: &["."],
    args: &[],
    needs: writes,
    available: can_repeat,
    run: repeat,
}];

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
