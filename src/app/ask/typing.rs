//! Characters, pasted text and the cursor, in a picker and in a field of a form alike.

use super::form::{draft_field, next_field};
use super::found::Found;
use super::picker::answer;
use crate::app::choices::{self, Choice};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::text_form::TextForm;
use crate::command::args::ArgKind;
use crate::command::key::{Code, Key};
use crate::domain::name::Name;
use crate::text::Clean;

/// A character typed into the topmost picker or form.
pub fn typed(model: &mut Model, key: Key) -> Option<Effects> {
    match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => {
            if let Some(choice) = instant(picker.arg.kind, &picker.found, &picker.text, key) {
                return Some(answer(model, choice));
            }
            let taken = picker.text.press(key);
            picker.found.narrow(&picker.text.raw());
            picker.cursor = 0;
            taken.then(Effects::none)
        }
        Some(Overlay::Form(form)) => {
            let field = form.fields.get_mut(form.focus)?;
            if let Some(choice) = instant(field.kind, &field.found, &field.text, key) {
                field.text.set(&choice);
                field.found.narrow(&choice);
                return Some(next_field(model, 1));
            }
            if std::mem::take(&mut field.offered) && key.is_letter() {
                field.text.set("");
            }
            if !field.text.press(key) {
                return None;
            }
            field.found.narrow(&field.text.raw());
            (field.cursor, field.moved) = (0, false);
            form.fault = None;
            Some(draft_field(model))
        }
        _ => None,
    }
}

pub fn pasted(model: &mut Model, text: &str) -> Effects {
    match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => {
            picker.text.paste(text);
            picker.found.narrow(&picker.text.raw());
            Effects::none()
        }
        Some(Overlay::Form(form)) => {
            if let Some(field) = form.fields.get_mut(form.focus) {
                field.text.paste(text);
                field.found.narrow(&field.text.raw());
            }
            draft_field(model)
        }
        _ => Effects::none(),
    }
}

/// Short lists are chosen by their digit, as long as nothing was typed.
fn instant(kind: ArgKind, found: &Found, text: &TextForm, key: Key) -> Option<String> {
    let Code::Char(c) = key.code else { return None };
    if !text.is_empty() || key.ctrl || key.alt || !choices::is_short(kind, found.choices.len()) {
        return None;
    }
    let digit = usize::try_from(c.to_digit(10)?).ok()?;
    let at = match kind {
        ArgKind::Number { .. } => {
            return found.choices.iter().find(|choice| choice.value == c.to_string()).map(|c| c.value.clone());
        }
        _ => digit.checked_sub(1)?,
    };
    found.choices.get(at).map(|choice| choice.value.clone())
}

/// Moves the cursor among the choices.
pub fn choose_next(model: &mut Model, by: isize) -> Effects {
    let (cursor, len) = match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => (&mut picker.cursor, picker.found.fits.len()),
        Some(Overlay::Form(form)) => match form.fields.get_mut(form.focus) {
            Some(field) => {
                field.moved = true;
                (&mut field.cursor, field.found.fits.len())
            }
            None => return Effects::none(),
        },
        _ => return Effects::none(),
    };
    let to = cursor.saturating_add_signed(by).min(len.saturating_sub(1));
    if to == *cursor {
        let edge = if len == 0 { Notice::refused("There is nothing to choose from here.") } else { Notice::edge(by) };
        model.say(edge);
    } else {
        *cursor = to;
    }
    Effects::none()
}

/// What the open picker or field lists, and what was typed to find in it.
pub fn asked_now(model: &Model) -> Option<(ArgKind, Clean)> {
    match model.overlays.last()? {
        Overlay::Picker(picker) => Some((picker.arg.kind, picker.text.text())),
        Overlay::Form(form) => form.fields.get(form.focus).map(|field| (field.kind, field.text.text())),
        _ => None,
    }
}

/// What was found elsewhere can be chosen too, after what fits here.
pub fn add_choices(model: &mut Model, rows: &[(Name, Clean)]) {
    let (found, text) = match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => (&mut picker.found, picker.text.raw()),
        Some(Overlay::Form(form)) => match form.fields.get_mut(form.focus) {
            Some(field) => (&mut field.found, field.text.raw()),
            None => return,
        },
        _ => return,
    };
    let before = found.choices.len();
    for (name, title) in rows {
        if found.choices.iter().all(|choice| choice.value != **name) {
            found.choices.push(Choice { value: name.to_string(), label: title.to_string() });
        }
    }
    if found.choices.len() == before {
        return;
    }
    // What the cursor is on stays where it is: what came later comes after it.
    let kept = found.fits.clone();
    found.narrow(&text);
    let news: Vec<usize> = found.fits.iter().copied().filter(|at| !kept.contains(at)).collect();
    // The desk found them by its own lights; they are offered even where the letters do not show why.
    let unfit = (before..found.choices.len()).filter(|at| !news.contains(at));
    found.fits = kept.into_iter().chain(news.iter().copied()).chain(unfit).collect();
}
