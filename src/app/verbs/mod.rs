//! The commands that act on tickets. Each makes an act and hands it to [`acts::submit`](crate::app::acts::submit), which
//! knows whether it goes out, into a preview, or into the decision bar. One file per kind of act.

pub mod aside;
pub mod fields;
pub mod links;
pub mod owner;
mod read;
pub mod repeat;
pub mod steps;
pub mod words;

use crate::app::acts::has_target;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args};
use crate::command::table::{Command, Scope, writes};

pub use self::owner::party;
pub use self::read::value;

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

/// Impact and urgency go from 1, the worst, to 3.
pub const SCALE: ArgKind = ArgKind::Number { min: 1, max: 3 };
