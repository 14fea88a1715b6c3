//! A picker: one choice out of a list.

use super::found::Found;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::overlay::Overlay;
use crate::app::text_form::TextForm;
use crate::app::{choices, keys, subject};
use crate::command::args::{Arg, Args};
use crate::command::table::Command;

/// One choice out of a list, found as one types.
#[derive(Debug)]
pub struct Picker {
    pub command: &'static Command,
    pub args: Args,
    pub arg: &'static Arg,
    /// What it is for, in words.
    pub about: String,
    pub text: TextForm,
    pub found: Found,
    pub cursor: usize,
}

pub(super) fn pick(model: &mut Model, command: &'static Command, args: Args, arg: &'static Arg) -> Effects {
    let found = Found::all(choices::of(model, arg.kind));
    let about = subject::title(model, command, &args);
    let picker = Picker { command, args, arg, about, text: TextForm::line(""), found, cursor: 0 };
    model.overlays.push(Overlay::Picker(picker));
    Effects::none()
}

/// Takes what the picker's cursor is on, or the text itself where any text will do.
pub fn choose(model: &mut Model) -> Effects {
    let Some(Overlay::Picker(picker)) = model.overlays.last() else { return Effects::none() };
    let typed = picker.text.text();
    let value = match picker.found.at(picker.cursor) {
        Some(choice) => choice.value.clone(),
        None if choices::takes_any(picker.arg.kind) && !typed.is_empty() => typed.to_string(),
        None => return model.refuse(format!("Nothing here is called `{typed}`. Backspace widens, Esc leaves.")),
    };
    answer(model, value)
}

pub(super) fn answer(model: &mut Model, value: String) -> Effects {
    let Some(Overlay::Picker(picker)) = model.overlays.pop() else { return Effects::none() };
    let args = picker.args.with(picker.arg.name, value);
    keys::run(model, picker.command, &args)
}
