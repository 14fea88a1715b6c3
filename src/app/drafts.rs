//! Texts that were typed and not sent. Each keystroke is handed to the local store; nothing is dropped before the desk
//! has answered.

use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::command::table::{self, Scope};
use crate::text::Clean;

/// Where the draft of a text is kept: per ticket, command and field.
pub fn key(model: &Model, command: &str, field: &str) -> String {
    let is_global = table::find(command).is_some_and(|command| command.scope == Scope::Global);
    let target = match model.targets().as_slice() {
        _ if is_global => "desk".to_owned(),
        [] => "desk".to_owned(),
        [row] => model.table.id(*row).to_string(),
        _ => "marked".to_owned(),
    };
    format!("{target}/{command}/{field}")
}

pub fn find(model: &Model, command: &str, field: &str) -> Option<String> {
    model.drafts.get(&key(model, command, field)).map(|text| text.to_string())
}

/// Keeps a draft as it stands now; an empty one is no draft.
pub fn keep(model: &mut Model, command: &str, field: &str, text: &Clean) -> Effects {
    let key = key(model, command, field);
    keep_at(model, key, text)
}

pub fn keep_at(model: &mut Model, key: String, text: &Clean) -> Effects {
    if text.is_empty() {
        return drop_at(model, &key);
    }
    model.drafts.insert(key.clone(), text.clone());
    Effects::put(Room::Draft, key, text.as_str())
}

pub fn drop_at(model: &mut Model, key: &str) -> Effects {
    match model.drafts.remove(key) {
        Some(_) => Effects::drop(Room::Draft, key),
        None => Effects::none(),
    }
}

/// The texts are part of an act now, which the outbox keeps.
pub fn sent(model: &mut Model, command: &str, fields: &[&str]) -> Effects {
    if model.notice.as_ref().is_some_and(|notice| notice.tone != crate::app::notice::Tone::Done) {
        return Effects::none();
    }
    fields
        .iter()
        .map(|field| {
            let key = key(model, command, field);
            drop_at(model, &key)
        })
        .collect()
}
