//! The help: every command with its keys as they are now, found as one types.

use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::text_form::TextForm;
use crate::command::key::Key;
use crate::command::table::{self, Command, Scope};

/// The help page.
#[derive(Debug)]
pub struct Help {
    pub text: TextForm,
    pub rows: Vec<HelpRow>,
    pub top: usize,
    scopes: Vec<Scope>,
}

/// One command of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpRow {
    pub scope: Scope,
    pub keys: String,
    pub id: &'static str,
    pub doc: &'static str,
    /// Why it cannot act here and now.
    pub why: Option<String>,
}

/// Opens the help; what can be done here comes first.
pub fn open(model: &mut Model) -> Effects {
    let scopes = model.scopes();
    let rows = rows(model, &scopes, "");
    model.overlays.push(Overlay::Help(Help { text: TextForm::line(""), rows, top: 0, scopes }));
    Effects::none()
}

/// The rows of the help whose key, name or sentence holds the text.
pub fn rows(model: &Model, scopes: &[Scope], text: &str) -> Vec<HelpRow> {
    let text = text.to_lowercase();
    let mut commands: Vec<&'static Command> = table::all().collect();
    commands.sort_by_key(|command| scopes.iter().position(|scope| *scope == command.scope).unwrap_or(usize::MAX));
    commands
        .into_iter()
        .map(|command| HelpRow {
            scope: command.scope,
            keys: keys_of(model, command),
            id: command.id,
            doc: command.doc,
            why: table::can_run(command, model).err().map(|why| why.0),
        })
        .filter(|row| text.is_empty() || format!("{} {} {}", row.keys, row.id, row.doc).to_lowercase().contains(&text))
        .collect()
}

/// All keys of a command as they are bound now.
pub fn keys_of(model: &Model, command: &Command) -> String {
    let bindings = model.settings.keymap.of(command.scope).iter();
    let keys: Vec<String> = bindings.filter(|b| b.command.id == command.id).map(|b| b.keys.to_string()).collect();
    keys.join(", ")
}

pub fn typed(model: &mut Model, key: Key) -> Option<Effects> {
    let Some(Overlay::Help(help)) = model.overlays.last_mut() else { return None };
    if !help.text.press(key) {
        return None;
    }
    let (text, scopes) = (help.text.raw(), help.scopes.clone());
    let found = rows(model, &scopes, &text);
    if let Some(Overlay::Help(help)) = model.overlays.last_mut() {
        (help.rows, help.top) = (found, 0);
    }
    Some(Effects::none())
}

pub fn scroll(model: &mut Model, by: isize) -> Effects {
    let Some(Overlay::Help(help)) = model.overlays.last_mut() else { return Effects::none() };
    let to = help.top.saturating_add_signed(by).min(help.rows.len().saturating_sub(1));
    if to == help.top {
        model.say(Notice::edge(by));
    } else {
        help.top = to;
    }
    Effects::none()
}
