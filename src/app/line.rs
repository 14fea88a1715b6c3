//! One line at the foot of the screen: `:` for commands, `/` to filter, and the jump to any ticket.

use crate::app::ask::Found;
use crate::app::choices::{self, Choice};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::text_form::TextForm;
use crate::app::{detail, keys, layout, lists};
use crate::command::key::Key;
use crate::command::{keymap, table};
use crate::domain::name::TicketId;
use crate::domain::query::Query;

/// What the line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Command,
    Filter,
    Jump,
}

/// A line being typed, with what could complete it.
#[derive(Debug)]
pub struct Line {
    pub purpose: Purpose,
    pub text: TextForm,
    pub found: Found,
    pub cursor: usize,
    /// What stood there before, for Esc.
    before: String,
}

pub fn open(model: &mut Model, purpose: Purpose) -> Effects {
    let before = if purpose == Purpose::Filter { model.list().filter.clone() } else { String::new() };
    let text = TextForm::line(&before);
    let mut line = Line { purpose, text, found: Found::default(), cursor: 0, before };
    line.found = candidates(model, &line);
    model.overlays.push(Overlay::Line(line));
    Effects::none()
}

pub fn typed(model: &mut Model, key: Key) -> Option<Effects> {
    let Some(Overlay::Line(line)) = model.overlays.last_mut() else { return None };
    if !line.text.press(key) {
        return None;
    }
    Some(changed(model))
}

pub fn pasted(model: &mut Model, text: &str) -> Effects {
    if let Some(Overlay::Line(line)) = model.overlays.last_mut() {
        line.text.paste(text);
    }
    changed(model)
}

/// The text is another: the list follows the filter, the candidates follow the line.
fn changed(model: &mut Model) -> Effects {
    let Some(Overlay::Line(mut line)) = model.overlays.pop() else { return Effects::none() };
    line.cursor = 0;
    match line.purpose {
        Purpose::Filter => {
            model.list_mut().filter = line.text.raw();
            lists::apply_filter(model);
            let height = layout::of(model).list_height();
            model.list_mut().go(0, height);
            lists::note_move(model);
        }
        Purpose::Jump => line.found.narrow(&line.text.raw()),
        Purpose::Command => line.found = candidates(model, &line),
    }
    model.overlays.push(Overlay::Line(line));
    Effects::none()
}

/// What the line could go on with.
fn candidates(model: &Model, line: &Line) -> Found {
    match line.purpose {
        Purpose::Filter => Found::default(),
        Purpose::Jump => Found::all(choices::everywhere(model)),
        Purpose::Command => command_candidates(model, &line.text.raw()),
    }
}

/// Commands while the first word is typed, then the choices of the argument that is being typed.
fn command_candidates(model: &Model, text: &str) -> Found {
    let Some((name, rest)) = text.split_once(' ') else {
        let mut found = Found::all(
            table::all()
                .filter(|command| !command.scope.is_overlay() && table::can_run(command, model).is_ok())
                .map(|command| {
                    let key = model.settings.keymap.heard(command.id, &model.scopes()).unwrap_or_default();
                    Choice { value: command.id.into(), label: format!("{key:<6} {}", command.doc) }
                })
                .collect(),
        );
        found.narrow(text);
        return found;
    };
    let Some(command) = table::find(name) else { return Found::default() };
    let word = rest.rsplit(' ').next().unwrap_or_default();
    let position = rest.split(' ').filter(|word| !word.contains(':')).count().saturating_sub(1);
    let (arg, typed) = match word.split_once(':') {
        Some((name, typed)) => (command.args.iter().find(|arg| arg.name == name), typed),
        None => (command.args.get(position), word),
    };
    let Some(arg) = arg else { return Found::default() };
    let mut found = Found::all(choices::of(model, arg.kind));
    found.narrow(typed);
    found
}

/// Tab: takes the candidate into the line.
pub fn complete(model: &mut Model) -> Effects {
    let Some(Overlay::Line(line)) = model.overlays.last_mut() else { return Effects::none() };
    if line.purpose == Purpose::Filter {
        return complete_filter(model);
    }
    let Some(choice) = line.found.at(line.cursor).cloned() else {
        return model.refuse("Nothing completes this.");
    };
    let text = line.text.raw();
    let value = if choice.value.contains(' ') { format!("\"{}\"", choice.value) } else { choice.value };
    let kept = text.rfind([' ', ':']).map_or("", |at| &text[..=at]);
    line.text = TextForm::line_as_is(&format!("{kept}{value} "));
    changed(model)
}

/// Tab in a filter: field names, values and names that the desk uses.
fn complete_filter(model: &mut Model) -> Effects {
    let Some(Overlay::Line(line)) = model.overlays.last() else { return Effects::none() };
    let text = line.text.raw();
    let candidates = crate::domain::query::complete(&text, text.chars().count(), &model.table);
    let Some(first) = candidates.into_iter().next() else {
        return model.refuse("Nothing completes this. `group:`, `owner:me`, `breach<2h` are examples.");
    };
    if let Some(Overlay::Line(line)) = model.overlays.last_mut() {
        line.text =
            TextForm::line_as_is(&format!("{}{}", text.chars().take(first.from).collect::<String>(), first.text));
    }
    changed(model)
}

/// Moves among the candidates; in a filter, in the list.
pub fn next(model: &mut Model, by: isize) -> Effects {
    let Some(Overlay::Line(line)) = model.overlays.last_mut() else { return Effects::none() };
    if line.purpose == Purpose::Filter {
        let to = model.list().cursor.saturating_add_signed(by);
        return lists::go(model, to);
    }
    let len = line.found.fits.len();
    let to = line.cursor.saturating_add_signed(by).min(len.saturating_sub(1));
    if to == line.cursor {
        model.say(Notice::edge(by));
    } else {
        line.cursor = to;
    }
    Effects::none()
}

/// Enter: runs the command, keeps the filter, or jumps.
pub fn enter(model: &mut Model) -> Effects {
    let Some(Overlay::Line(line)) = model.overlays.pop() else { return Effects::none() };
    match line.purpose {
        Purpose::Filter => {
            if let Err(error) = Query::parse(&line.text.raw()) {
                model.say(Notice::refused(error.to_string()));
                model.overlays.push(Overlay::Line(line));
            }
            Effects::none()
        }
        Purpose::Jump => match line.found.at(line.cursor) {
            Some(choice) => detail::open(model, &TicketId::new(&choice.value)),
            None => model.refuse("No ticket is called that."),
        },
        Purpose::Command => command(model, &line),
    }
}

fn command(model: &mut Model, line: &Line) -> Effects {
    let text = line.text.raw();
    if text.trim().is_empty() {
        return Effects::none();
    }
    match keymap::parse_line(&text) {
        Ok((command, _)) if command.scope.is_overlay() => {
            let place = command.scope.as_str();
            model.refuse(format!("`{}` is a key of the {place}; it does nothing here.", command.id))
        }
        Ok((command, args)) => {
            let effects = keys::run(model, command, &args);
            // Words that are asked about once more stay where they were typed.
            if model.is_refused() && !model.looked.is_empty() && model.overlays.is_empty() {
                open_again(model, &text);
            }
            effects
        }
        Err(fault) => {
            model.say(Notice::refused(fault));
            open_again(model, &text);
            Effects::none()
        }
    }
}

fn open_again(model: &mut Model, text: &str) {
    let mut again = Line {
        purpose: Purpose::Command,
        text: TextForm::line(text),
        found: Found::default(),
        cursor: 0,
        before: String::new(),
    };
    again.found = candidates(model, &again);
    model.overlays.push(Overlay::Line(again));
}

/// Esc: everything as it was before the line was opened.
pub fn leave(model: &mut Model) -> Effects {
    let Some(Overlay::Line(line)) = model.overlays.pop() else { return Effects::none() };
    if line.purpose == Purpose::Filter && line.before != line.text.raw() {
        let pinned = model.list().current();
        model.list_mut().filter.clone_from(&line.before);
        model.list_mut().narrowed = None;
        lists::apply_filter(model);
        let height = layout::of(model).list_height();
        model.list_mut().pin(pinned, height);
    }
    Effects::none()
}
