//! What lies over the panes: a stack, the topmost hears the keys.

use crate::app::ask::{Form, Picker};
use crate::app::bulk::{Outcomes, Preview};
use crate::app::compose::Compose;
use crate::app::conflict::Choosing;
use crate::app::files::{Files, Knowledge};
use crate::app::help::Help;
use crate::app::line::Line;
use crate::app::outbox::{Desks, Outbox};
use crate::app::radar;
use crate::app::rfc::{Days, Meeting, Slots};
use crate::command::table::Scope;

/// One layer over the panes.
#[derive(Debug)]
pub enum Overlay {
    /// The `:` line, the filter and the jump: one line with candidates.
    Line(Line),
    Picker(Picker),
    Form(Form),
    Compose(Compose),
    /// What a bulk act would change, before it does.
    Preview(Preview),
    /// What a bulk act did, record by record.
    Outcomes(Outcomes),
    Help(Help),
    /// What has not reached its desk.
    Outbox(Outbox),
    /// How the desks stand.
    Desks(Desks),
    /// Mine or theirs, field by field.
    Conflict(Choosing),
    /// The files of one ticket.
    Files(Files),
    /// What keeps coming back.
    Radar(radar::View),
    /// Articles that were found.
    Knowledge(Knowledge),
    /// What is in the way of a change, and free times.
    Slots(Slots),
    /// The calendar of changes.
    Days(Days),
    /// The agenda of those who approve changes.
    Meeting(Meeting),
}

impl Overlay {
    pub const fn scope(&self) -> Scope {
        match self {
            Self::Line(_) => Scope::Line,
            Self::Picker(_) => Scope::Picker,
            Self::Form(_) => Scope::Form,
            Self::Compose(_) => Scope::Compose,
            Self::Preview(_) | Self::Outcomes(_) | Self::Desks(_) | Self::Knowledge(_) => Scope::Dialog,
            Self::Help(_) => Scope::Help,
            Self::Outbox(_) => Scope::Outbox,
            Self::Conflict(_) => Scope::Conflict,
            Self::Files(_) => Scope::Files,
            Self::Slots(_) | Self::Days(_) | Self::Meeting(_) => Scope::Board,
            Self::Radar(_) => Scope::Radar,
        }
    }
}
