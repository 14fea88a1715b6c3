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
use crate::domain::table::Row;

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
        [row] => named(model, *row),
        many => format!("{} marked tickets", many.len()),
    }
}

/// A ticket in a few words.
pub fn named(model: &Model, row: Row) -> String {
    format!("{} {}", model.table.id(row), model.table.title(row))
}
