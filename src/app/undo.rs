//! Taking things back: a reply that has not gone yet is recalled, an act that was stored is answered by its inverse.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::counts;
use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::pending::{self, Waiting};
use crate::app::{acts, drafts, lists, ties, triage, way_back};
use crate::backend::Stored;
use crate::command::table::{Command, Scope, always, any};
use crate::domain::act::Act;
use crate::domain::change::{Audience, Change, Target};
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle;
use crate::domain::name::TicketId;
use crate::text::spaced;

/// Taking things back.
pub const COMMANDS: &[Command] = &[Command {
    id: "undo",
    title: "Undo",
    doc: "Recall a reply that has not gone yet, or take back the last act.",
    scope: Scope::Global,
    keys: &["u"],
    args: &[],
    needs: any,
    available: always,
    run: |m, _| undo(m),
}];

/// What was stored and could be undone, the newest last.
#[derive(Debug, Default)]
pub struct Journal(Vec<Entry>);

/// One stored act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub ticket: TicketId,
    pub title: String,
    /// What takes it back, in order; or the reason why nothing does.
    pub inverse: Result<Vec<Change>, String>,
    /// Acts that were one key are undone by one key.
    pub batch: Option<String>,
    pub key: String,
    /// When it was done.
    #[serde(default)]
    pub at: Timestamp,
}

/// How far back one can go.
const DEPTH: usize = 100;

impl Journal {
    /// An entry of an earlier session.
    pub fn restore(&mut self, value: &str) {
        self.0.extend(serde_json::from_str::<Entry>(value));
        self.0.sort_by_key(|entry| (entry.at, number(&entry.key)));
    }

    fn push(&mut self, entry: Entry) -> Option<Entry> {
        self.0.push(entry);
        (self.0.len() > DEPTH).then(|| self.0.remove(0))
    }
}

/// The place of an act among those of its run: `…-12` is 12.
pub fn number(key: &str) -> u64 {
    key.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Remembers a stored act with what would undo it.
pub fn journal(model: &mut Model, waiting: &Waiting, stored: &Stored) -> Effects {
    if waiting.title.starts_with("undo") {
        return Effects::none();
    }
    let entry = Entry {
        ticket: stored.ticket.id.clone(),
        title: waiting.title.clone(),
        inverse: way_back::of(model, waiting, stored),
        batch: waiting.batch.clone(),
        key: waiting.op.key.0.clone(),
        at: waiting.op.at,
    };
    kept(model, entry)
}

/// Remembers what was done here alone, with what takes it back.
pub fn note(model: &mut Model, ticket: &TicketId, title: &str, back: Vec<Change>) -> Effects {
    let (key, at) = (model.mint().0, model.now);
    let entry = Entry { ticket: ticket.clone(), title: title.to_owned(), inverse: Ok(back), batch: None, key, at };
    kept(model, entry)
}

fn kept(model: &mut Model, entry: Entry) -> Effects {
    let kept = Effects::put(Room::Journal, entry.key.clone(), serde_json::to_string(&entry).unwrap_or_default());
    match model.journal.push(entry) {
        Some(old) => kept.and(Effects::drop(Room::Journal, old.key)),
        None => kept,
    }
}

/// Why a change back would write over what somebody did since.
fn overtaken(model: &Model, entry: &Entry) -> Option<String> {
    let row = model.table.row(&entry.ticket)?;
    let (ticket, opened) = (acts::ticket(model, row), model.ticket(&entry.ticket).is_some());
    let changes = entry.inverse.as_ref().ok()?;
    changes.iter().find_map(|change| match change {
        Change::Set { field, from, .. } => {
            let known = opened || ticket.get(field).is_some();
            (known && ticket.get(field) != from.as_ref()).then(|| format!("{} was changed since", spaced(field.name())))
        }
        Change::Move { from, .. } => {
            (ticket.state != *from).then(|| format!("it is {} meanwhile", lifecycle::words(ticket.state)))
        }
        _ => None,
    })
}

/// Takes back the last thing done.
pub fn undo(model: &mut Model) -> Effects {
    if let Some((waiting, effects)) = pending::recall(model) {
        return effects.and(recalled(model, &waiting));
    }
    let Some(last) = model.journal.0.pop() else {
        return model.refuse("There is nothing to undo.");
    };
    let mut entries = vec![last];
    while let Some(batch) = &entries[0].batch
        && model.journal.0.last().is_some_and(|entry| entry.batch.as_ref() == Some(batch))
    {
        entries.extend(model.journal.0.pop());
    }
    take_back(model, entries)
}

/// Takes back the last thing that this user did to this ticket.
pub fn undo_on(model: &mut Model, id: &TicketId) -> Effects {
    let Some(at) = model.journal.0.iter().rposition(|entry| entry.ticket == *id) else {
        return model.refuse(format!("There is nothing of yours to undo on {id}"));
    };
    let entry = model.journal.0.remove(at);
    take_back(model, vec![entry])
}

fn take_back(model: &mut Model, entries: Vec<Entry>) -> Effects {
    let mut effects = Effects::none();
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for entry in entries {
        effects = effects.and(Effects::drop(Room::Journal, entry.key.clone()));
        if let Some(why) = overtaken(model, &entry) {
            refused.push(format!("{} {}: {why}", entry.title, entry.ticket));
            continue;
        }
        match entry.inverse {
            Ok(changes) => {
                let (ties, mut changes) = ties::apart(&entry.ticket, changes);
                // Why it was opened again is for those who keep notes.
                if !model.homes.of(entry.ticket.as_str()).capabilities.internal_notes {
                    changes.retain(|change| !matches!(change, Change::Say { .. }));
                }
                effects = effects.and(ties::keep(model, &entry.ticket, &ties));
                if !changes.is_empty() {
                    let act = Act::new(format!("undo {}", entry.title), []);
                    let (_, more) = pending::start(model, Target::Ticket(entry.ticket.clone()), &act, changes);
                    effects = effects.and(more);
                }
                done.push(entry.ticket.to_string());
            }
            Err(why) => refused.push(format!("{} {}: {why}", entry.title, entry.ticket)),
        }
    }
    model.say(match (done.is_empty(), refused.is_empty()) {
        (true, _) => Notice::refused(format!("Cannot be undone: {}.", refused.join("; "))),
        (false, true) => Notice::done(format!("Undone on {}.", done.join(", "))),
        (false, false) => Notice::done(format!("Undone on {}; not: {}.", done.join(", "), refused.join("; "))),
    });
    counts::mark_stale(model);
    effects
}

/// A recalled act is gone, its words are drafts again.
pub fn recalled(model: &mut Model, waiting: &Waiting) -> Effects {
    let mut effects = keep_texts(model, waiting);
    let what = pending::target_name(&waiting.op.target);
    if let Target::Ticket(id) = &waiting.op.target {
        effects = effects.and(triage::refused(model, id, waiting));
    }
    model
        .say(Notice::done(format!("Recalled: {what} {}. Nothing was sent; the text is a draft again.", waiting.title)));
    counts::mark_stale(model);
    effects
}

/// Puts the words of an act that did not happen back where they were typed; those that were typed nowhere, where they
/// could have been.
pub fn keep_texts(model: &mut Model, waiting: &Waiting) -> Effects {
    keep_texts_on(model, waiting, &waiting.op.target)
}

/// The same where its ticket goes by another name now.
pub fn keep_texts_on(model: &mut Model, waiting: &Waiting, on: &Target) -> Effects {
    let (before, target) = (pending::target_name(&waiting.op.target), pending::target_name(on));
    let mut effects = Effects::none();
    for (key, text) in &waiting.words {
        let place = key.strip_prefix(&format!("{before}/"));
        let key = place.map_or_else(|| key.clone(), |place| format!("{target}/{place}"));
        effects = effects.and(drafts::give_back(model, key, text));
    }
    for change in &waiting.op.changes {
        let (place, text) = match change {
            Change::Say { audience: Audience::Public, text } => ("reply/text".to_owned(), text),
            Change::Say { audience: Audience::Internal, text } => ("note/text".to_owned(), text),
            Change::Set { field: Field::Resolution, to: Some(Value::Text(text)), .. } => {
                ("resolve/notes".to_owned(), text)
            }
            Change::Set { field, to: Some(Value::Text(text)), .. } => (format!("step/{}", field.name()), text),
            _ => continue,
        };
        if waiting.words.iter().any(|(_, typed)| typed == text) {
            continue;
        }
        let key = match &waiting.op.target {
            Target::Ticket(_) => format!("{target}/{place}"),
            Target::New(_) => format!("desk/new/{}", place.rsplit('/').next().unwrap_or_default()),
        };
        effects = effects.and(drafts::give_back(model, key, text));
    }
    effects
}

/// Brings back tickets that were put aside, before their time.
pub fn wake_now(model: &mut Model) -> Effects {
    let meant: Vec<TicketId> = model.targets().iter().map(|row| TicketId::new(model.table.id(*row))).collect();
    let woken: Vec<TicketId> = meant.into_iter().filter(|id| model.snoozed.remove(id).is_some()).collect();
    if woken.is_empty() {
        return model.refuse("This was not put aside; the view `snoozed` of the pane Work shows what was.");
    }
    let names: Vec<&str> = woken.iter().map(TicketId::as_str).collect();
    model.say(Notice::done(format!("Back again: {}", names.join(", "))));
    model.list_mut().made_from = Some(u64::MAX);
    counts::mark_stale(model);
    model.counts.forget();
    counts::count(model);
    woken.iter().map(|id| Effects::drop(Room::Snooze, id.as_str())).collect()
}

/// Snoozed tickets whose time has come are let in again.
pub fn wake(model: &mut Model) -> Effects {
    let awake: Vec<TicketId> = model
        .snoozed
        .keys()
        .filter(|id| model.table.row(id).is_some_and(|row| !lists::is_asleep(model, row)))
        .cloned()
        .collect();
    for id in &awake {
        model.snoozed.remove(id);
    }
    if !awake.is_empty() {
        lists::remake_if_idle(model);
        model.counts.forget();
        counts::count(model);
    }
    awake.iter().map(|id| Effects::drop(Room::Snooze, id.as_str())).collect()
}
