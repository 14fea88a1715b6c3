//! Texts that were typed and not sent. Each keystroke is handed to the local store. A text leaves the drafts when it has
//! become part of an act, which then carries it: an act that is refused or recalled gives it back.

use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::app::subject::{self, Subject};
use crate::command::table;
use crate::domain::change::Target;
use crate::text::Clean;

/// Words that an act has taken out of the drafts, with the places they stood in.
pub type Words = Vec<(String, Clean)>;

/// Where the draft of a text is kept: per what it is about, command and field.
pub fn key(model: &Model, command: &str, field: &str) -> String {
    let subject = table::find(command).map_or(Subject::Tickets, |command| subject::of(model, command));
    let place = match (subject, model.targets().as_slice()) {
        (Subject::Chosen { key, .. }, _) => key,
        (Subject::Desk, _) | (Subject::Tickets, []) => "desk".to_owned(),
        (Subject::Tickets, [row]) => model.table.id(*row).to_owned(),
        (Subject::Tickets, _) => "marked".to_owned(),
    };
    format!("{place}/{command}/{field}")
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
    if model.drafts.get(&key) == Some(text) {
        return Effects::none();
    }
    model.drafts.insert(key.clone(), text.clone());
    Effects::put(Room::Draft, key, text.as_str())
}

/// Takes a draft away.
pub fn drop_at(model: &mut Model, key: &str) -> Effects {
    match model.drafts.remove(key) {
        Some(_) => Effects::drop(Room::Draft, key),
        None => Effects::none(),
    }
}

/// These drafts were sent off by the user: the act that they become takes them along.
pub fn hand_over(model: &mut Model, keys: impl IntoIterator<Item = String>) {
    model.handed.extend(keys);
}

/// An act for that target starts: the handed words leave the drafts with it.
pub fn spend(model: &mut Model, target: &Target) -> (Words, Effects) {
    let own = match target {
        Target::Ticket(id) => format!("{id}/"),
        Target::New(_) => "desk/".to_owned(),
    };
    let mine = |key: &String| key.starts_with(&own) || key.starts_with("marked/");
    let (spent, rest): (Vec<String>, Vec<String>) = std::mem::take(&mut model.handed).into_iter().partition(mine);
    model.handed = rest;
    let (mut words, mut effects) = (Vec::new(), Effects::none());
    for key in spent {
        if let Some(text) = model.drafts.get(&key).cloned() {
            effects = effects.and(drop_at(model, &key));
            words.push((key, text));
        }
    }
    (words, effects)
}

/// The words of an act that did not happen are drafts again. What was begun in their place meanwhile follows them.
pub fn give_back(model: &mut Model, key: String, text: &Clean) -> Effects {
    let both = match model.drafts.get(&key) {
        Some(begun) if begun != text => Clean::body(&format!("{text}\n\n{begun}")),
        _ => text.clone(),
    };
    keep_at(model, key, &both)
}
