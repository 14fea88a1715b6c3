//! The files of a ticket: which there are, one of them saved here, one from here added. And looking beyond what is here:
//! knowledge, and people and assets that no picker lists.

use crate::app::effect::{Effect, Effects};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::{acts, ask};
use crate::backend::{self, Attachment, Capabilities, Lookup, Sort};
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Scope, Why, row};
use crate::domain::name::{Name, TicketId};
use crate::text::Clean;

/// The files of one ticket, as they lie over the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    pub ticket: TicketId,
    /// None until the desk has answered.
    pub list: Option<Vec<Attachment>>,
    pub cursor: usize,
}

/// What was found beyond the desk's tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knowledge {
    pub words: Clean,
    /// None until the desk has answered.
    pub found: Option<Vec<backend::Found>>,
    pub cursor: usize,
    asked: u64,
}

/// Where a file of this computer lies, or is to lie.
pub const PATH: Arg = Arg::required("path", ArgKind::Text, "Path on this computer");
const WORDS: Arg = Arg::required("words", ArgKind::Text, "Look for");

const fn keeps_files(can: &Capabilities) -> bool {
    can.attachments
}

const fn takes_files(can: &Capabilities) -> bool {
    can.attachments && can.write
}

/// Files, and looking beyond.
pub const COMMANDS: &[Command] = &[
    Command {
        needs: keeps_files,
        available: has_one,
        ..row("files", "Files", "The files of the ticket: list, save, add.", Scope::Ticket, &["m f"], |m, _| open(m))
    },
    Command {
        needs: takes_files,
        available: acts::has_target,
        args: &[PATH],
        ..row("attach", "Attach", "Add a file from this computer to the ticket.", Scope::Ticket, &[], attach)
    },
    Command {
        needs: |can| can.knowledge_search,
        args: &[WORDS],
        ..row("knowledge", "Knowledge", "Look for articles that say how.", Scope::Global, &["g k"], look)
    },
    Command {
        args: &[PATH],
        ..row(
            "file-save",
            "Save",
            "Save the file under a path; nothing is overwritten.",
            Scope::Files,
            &["enter", "s"],
            save,
        )
    },
    Command {
        needs: takes_files,
        available: acts::can_write,
        args: &[PATH],
        ..row("file-add", "Add", "Add a file from this computer.", Scope::Files, &["a"], attach)
    },
    row("file-down", "Down", "The next file.", Scope::Files, &["j", "down"], |m, _| step(m, 1)),
    row("file-up", "Up", "The file before.", Scope::Files, &["k", "up"], |m, _| step(m, -1)),
    row("file-close", "Close", "Close the files.", Scope::Files, &["esc", "q", "ctrl-c"], |m, _| {
        m.overlays.pop();
        Effects::none()
    }),
];

fn has_one(model: &Model) -> Result<(), Why> {
    match model.targets().as_slice() {
        [_] => Ok(()),
        [] => Why::no("There is no ticket here whose files could be listed."),
        _ => Why::no("Files are listed for one ticket; clear the marks with Esc."),
    }
}

/// The ticket whose files lie open, else the one that is meant.
fn ticket(model: &Model) -> Option<TicketId> {
    match model.overlays.last() {
        Some(Overlay::Files(files)) => Some(files.ticket.clone()),
        _ => model.targets().first().map(|row| TicketId::new(model.table.id(*row))),
    }
}

fn open(model: &mut Model) -> Effects {
    let Some(ticket) = ticket(model) else { return Effects::none() };
    model.overlays.push(Overlay::Files(Files { ticket: ticket.clone(), list: None, cursor: 0 }));
    Effect::ListFiles(ticket).into()
}

/// The desk has told which files there are.
pub fn listed(model: &mut Model, ticket: &TicketId, list: backend::Result<Vec<Attachment>>) -> Effects {
    let list = match list {
        Ok(list) => list,
        Err(error) => {
            model.say(Notice::trouble(format!("The files of {ticket} cannot be listed: {error}")));
            return Effects::none();
        }
    };
    for overlay in &mut model.overlays {
        if let Overlay::Files(files) = overlay
            && files.ticket == *ticket
        {
            files.cursor = files.cursor.min(list.len().saturating_sub(1));
            files.list = Some(list.clone());
        }
    }
    Effects::none()
}

fn step(model: &mut Model, by: isize) -> Effects {
    let Some(Overlay::Files(files)) = model.overlays.last_mut() else { return Effects::none() };
    let count = files.list.as_ref().map_or(0, Vec::len);
    let to = files.cursor.saturating_add_signed(by).min(count.saturating_sub(1));
    if to == files.cursor {
        model.say(Notice::edge(by));
    } else {
        files.cursor = to;
    }
    Effects::none()
}

fn save(model: &mut Model, args: &Args) -> Effects {
    let Some(Overlay::Files(files)) = model.overlays.last() else { return Effects::none() };
    let Some(file) = files.list.as_ref().and_then(|list| list.get(files.cursor)) else {
        return model.refuse("There is no file here to save.");
    };
    let effect = Effect::SaveFile {
        ticket: files.ticket.clone(),
        file: file.key.clone(),
        name: file.name.clone(),
        to: args.text("path").to_owned(),
    };
    let name = file.name.clone();
    model.say(Notice::done(format!("{name} is being fetched.")));
    effect.into()
}

fn attach(model: &mut Model, args: &Args) -> Effects {
    let Some(ticket) = ticket(model) else { return Effects::none() };
    let from = args.text("path").to_owned();
    model.say(Notice::done(format!("{from} is being added to {ticket}")));
    Effect::AddFile { ticket, from }.into()
}

/// A file was saved, or added; or why it was not.
pub fn moved(model: &mut Model, ticket: &TicketId, done: Result<Clean, Clean>) -> Effects {
    let is_open = model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Files(f) if f.ticket == *ticket));
    match done {
        Ok(text) => {
            model.say(Notice::done(text.as_str()));
            if is_open { Effect::ListFiles(ticket.clone()).into() } else { Effects::none() }
        }
        Err(text) => {
            model.say(Notice::trouble(text.as_str()));
            Effects::none()
        }
    }
}

/// Answers beyond these are not asked for.
const MOST: usize = 50;

fn search(model: &mut Model, sort: Sort, words: Clean) -> (u64, Effects) {
    model.lookups += 1;
    let token = model.lookups;
    (token, Effect::Search(token, Lookup { sort, words, limit: MOST }).into())
}

fn look(model: &mut Model, args: &Args) -> Effects {
    let words = Clean::line(args.text("words"));
    let (asked, effects) = search(model, Sort::Knowledge, words.clone());
    model.overlays.push(Overlay::Knowledge(Knowledge { words, found: None, cursor: 0, asked }));
    effects
}

/// Asks the desk for what the open picker or field may not list, where it can be asked. The newest question counts.
pub fn beyond(model: &mut Model) -> Effects {
    /// Fewer letters find everything.
    const LEAST: usize = 3;
    let Some((kind, words)) = ask::asked_now(model) else { return Effects::none() };
    let can = model.home().capabilities;
    let sort = match kind {
        ArgKind::From(Source::People) if can.people_search => Sort::People,
        ArgKind::From(Source::Assets) if can.asset_search => Sort::Assets,
        _ => return Effects::none(),
    };
    if words.chars().count() < LEAST {
        return Effects::none();
    }
    search(model, sort, words).1
}

/// A document in Markdown, to where the arguments say on this computer; the answer says where it was written.
pub fn document(name: &str, args: &Args, text: &str) -> Effects {
    Effect::SaveText { name: Clean::line(name), to: args.text("path").to_owned(), text: Clean::body(text) }.into()
}

/// What was found, unless something else was asked since.
pub fn found(model: &mut Model, token: u64, found: backend::Result<Vec<backend::Found>>) -> Effects {
    if token != model.lookups {
        return Effects::none();
    }
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            model.say(Notice::trouble(format!("Nothing could be looked up: {error}")));
            return Effects::none();
        }
    };
    match model.overlays.last_mut() {
        Some(Overlay::Knowledge(knowledge)) if knowledge.asked == token => knowledge.found = Some(found),
        Some(Overlay::Picker(_) | Overlay::Form(_)) => {
            let rows = found.into_iter().map(|found| (found.name, found.title)).collect::<Vec<(Name, Clean)>>();
            ask::add_choices(model, &rows);
        }
        _ => {}
    }
    Effects::none()
}

/// The next article.
pub fn scroll(model: &mut Model, by: isize) -> Effects {
    let Some(Overlay::Knowledge(knowledge)) = model.overlays.last_mut() else { return Effects::none() };
    let count = knowledge.found.as_ref().map_or(0, Vec::len);
    let to = knowledge.cursor.saturating_add_signed(by).min(count.saturating_sub(1));
    if to == knowledge.cursor {
        model.say(Notice::edge(by));
    } else {
        knowledge.cursor = to;
    }
    Effects::none()
}
