//! Asking for what a command lacks: a picker for one choice, a text for one text, a form for several. Every text that
//! is typed here is a draft at once.
//!
//! | File | What it does |
//! | --- | --- |
//! | `questions` | what there is to ask, and in which of the three ways |
//! | `picker` | one choice out of a list |
//! | `form` | several answers: opened, gone through |
//! | `send` | the answers checked, the command run |
//! | `typing` | characters, pasted text and the cursor, in a picker and in a field alike |
//! | `found` | what fits what was typed |

mod form;
mod found;
mod picker;
mod questions;
mod send;
mod typing;

use crate::app::model::Model;
use crate::app::{catalogue, radar, rfc};
use crate::command::args::Args;
use crate::command::table::{Command, Scope};

pub use self::form::{Form, FormField, draft_field, enter_field, next_field};
pub use self::found::Found;
pub use self::picker::{Picker, choose};
pub use self::questions::{Asking, for_playbook, for_questions, for_risk, for_step, more, wanted};
pub use self::send::send_form;
pub use self::typing::{add_choices, asked_now, choose_next, pasted, typed};

/// Which tickets are meant, in a few words.
pub fn about(model: &Model) -> String {
    match model.targets().as_slice() {
        [] => String::new(),
        [row] => format!("{} {}", model.table.id(*row), model.table.title(*row)),
        many => format!("{} marked tickets", many.len()),
    }
}

/// What a command is about: its tickets, or nothing where it is about the list or the desk.
fn about_of(model: &Model, command: &Command, args: &Args) -> String {
    if command.id == "request" {
        return catalogue::about(model, args);
    }
    if command.scope == Scope::Board {
        return rfc::meeting::about(model);
    }
    if command.scope == Scope::Radar {
        return radar::about(model);
    }
    let elsewhere = matches!(command.scope, Scope::Global | Scope::List) && command.id != "exception";
    if elsewhere { String::new() } else { about(model) }
}
