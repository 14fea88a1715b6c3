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
use crate::backend::Capabilities;
use crate::command::args::ArgKind;
use crate::command::table::{Command, Family, Scope, writes};

pub use self::owner::party;
pub(crate) use self::read::moment;
pub use self::read::{shaped, time, value};

const ACT: Family = Family { scope: Scope::Ticket, needs: writes, available: has_target };

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
