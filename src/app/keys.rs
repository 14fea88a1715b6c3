//! From a key to a command: counts, sequences, text, and a word for every key that means nothing.

use crate::app::effect::{Effect, Effects};
use crate::app::model::Model;
use crate::app::overlay::Overlay;
use crate::app::{ask, compose, files, help, layout, line};
use crate::command::args::Args;
use crate::command::key::{Code, Key, Keys};
use crate::command::keymap::Resolution;
use crate::command::table::{self, Command, Scope};

/// What one key does.
pub fn press(model: &mut Model, key: Key) -> Effects {
    if !(is_writing(model) && key.is_letter() && model.is_in_trouble()) {
        // Who is in the middle of a word has not read yet what went wrong elsewhere.
        model.notice = None;
    }
    if layout::of(model).is_too_small() {
        return unseen(model, key);
    }
    let scopes = model.scopes();
    if takes_count(model, key, &scopes) {
        return Effects::none();
    }
    model.typed.keys.push(key);
    let pressed = model.typed.keys.clone();
    let settings = model.settings.clone();
    match settings.keymap.resolve(&pressed, &scopes) {
        Resolution::Run(binding) => {
            model.typed.keys.clear();
            run(model, binding.command, &binding.args)
        }
        Resolution::Pending(_) => Effects::none(),
        Resolution::None => {
            model.typed = crate::app::model::Typed::default();
            unbound(model, key, &Keys(pressed), &scopes)
        }
    }
}

/// A key in a window too small to show anything: nothing is done that cannot be seen, but no letter is lost.
fn unseen(model: &mut Model, key: Key) -> Effects {
    if let Some(effects) = everywhere(model, key, true) {
        return effects;
    }
    let letter = key.is_letter();
    if is_writing(model) {
        return if letter { text(model, key).unwrap_or_default() } else { Effects::none() };
    }
    if letter && key.code == Code::Char('q') { Effect::Quit.into() } else { Effects::none() }
}

/// A text lies open that letters go into.
pub fn is_writing(model: &Model) -> bool {
    model.scopes().first().is_some_and(|scope| scope.takes_text())
}

/// A key for the text that lies open; none where it means nothing to it.
fn text(model: &mut Model, key: Key) -> Option<Effects> {
    match model.overlays.last() {
        Some(Overlay::Line(_)) => line::typed(model, key),
        Some(Overlay::Picker(_) | Overlay::Form(_)) => {
            let typed = ask::typed(model, key)?;
            Some(typed.and(files::beyond(model)))
        }
        Some(Overlay::Compose(_)) => compose::typed(model, key),
        Some(Overlay::Help(_)) => help::typed(model, key),
        _ => None,
    }
}

/// Runs a command if it can act; says why when it cannot. The count that was typed before is used up.
pub fn run(model: &mut Model, command: &'static Command, args: &Args) -> Effects {
    if let Err(why) = table::can_run(command, model) {
        model.typed.count = None;
        return model.refuse(why.0);
    }
    let effects = match ask::wanted(model, command, args) {
        Some(effects) => effects,
        None => (command.run)(model, args),
    };
    model.typed.count = None;
    effects
}

/// Digits before a key in lists and tickets: `5 j`.
fn takes_count(model: &mut Model, key: Key, scopes: &[Scope]) -> bool {
    let counts = matches!(scopes.first(), Some(Scope::List | Scope::Detail));
    let Code::Char(c) = key.code else { return false };
    let Some(digit) = c.to_digit(10) else { return false };
    if !counts || key.ctrl || key.alt || !model.typed.keys.is_empty() || (digit == 0 && model.typed.count.is_none()) {
        return false;
    }
    let count = model.typed.count.unwrap_or(0).saturating_mul(10).saturating_add(digit);
    model.typed.count = Some(count.min(999_999));
    true
}

/// No key is silent: text goes into the text, the rest is answered in words.
fn unbound(model: &mut Model, key: Key, pressed: &Keys, scopes: &[Scope]) -> Effects {
    let is_text = scopes.first().is_some_and(|scope| scope.takes_text());
    if let Some(effects) = everywhere(model, key, is_text) {
        return effects;
    }
    if is_text
        && pressed.0.len() == 1
        && let Some(effects) = text(model, key)
    {
        return effects;
    }
    let hint = if is_text { "Esc leaves." } else { "`?` lists the keys." };
    model.refuse(format!("`{pressed}` does nothing here. {hint}"))
}

/// The keys that hold whatever lies open: those that the terminal itself may need, and help where `?` is no text.
fn everywhere(model: &mut Model, key: Key, is_text: bool) -> Option<Effects> {
    let settings = model.settings.clone();
    let Resolution::Run(binding) = settings.keymap.resolve(&[key], &[Scope::Global]) else { return None };
    let holds = matches!(binding.command.id, "redraw" | "suspend") || (!is_text && binding.command.id == "help");
    holds.then(|| run(model, binding.command, &binding.args))
}

/// Text pasted into whatever is being typed; never taken for commands.
pub fn paste(model: &mut Model, text: &str) -> Effects {
    model.notice = None;
    match model.overlays.last() {
        Some(Overlay::Line(_)) => line::pasted(model, text),
        Some(Overlay::Picker(_) | Overlay::Form(_)) => ask::pasted(model, text).and(files::beyond(model)),
        Some(Overlay::Compose(_)) => compose::pasted(model, text),
        _ => model.refuse("There is no text here to paste into. `r` replies, `n` notes, `/` filters."),
    }
}
