//! What a command is about: the tickets that are meant, what is chosen on a board, or the desk. By it a form is headed, and
//! the drafts of one thing do not stand in the form of the next.

use crate::app::model::Model;
use crate::app::{ask, catalogue, radar, rfc};
use crate::command::args::Args;
use crate::command::table::{Command, Scope};

/// What a command is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The tickets that are meant.
    Tickets,
    /// What is chosen on a board: by what name its drafts are kept, and what it is called.
    Chosen {
        key: String,
        title: String,
    },
    Desk,
}

/// What the command is about here and now.
pub fn of(model: &Model, command: &Command) -> Subject {
    let chosen = match command.scope {
        // A word to the supervisor can be said from anywhere, but it is about one ticket.
        Scope::Global if command.id == "exception" => return Subject::Tickets,
        // The minutes are those of the whole meeting.
        Scope::Board if command.id == "agenda-document" => None,
        Scope::Global => None,
        Scope::Board => rfc::meeting::chosen(model).map(|row| (model.table.id(row).to_owned(), ask::named(model, row))),
        Scope::Radar => radar::chosen(model).map(|finding| (finding.key.clone(), finding.label.clone())),
        _ => return Subject::Tickets,
    };
    chosen.map_or(Subject::Desk, |(key, title)| Subject::Chosen { key, title })
}

/// The same in a few words, for the head of a form; none where there is nothing to name.
pub fn title(model: &Model, command: &Command, args: &Args) -> String {
    match of(model, command) {
        Subject::Chosen { title, .. } => title,
        Subject::Desk if command.id == "request" => catalogue::about(model, args),
        Subject::Tickets if command.scope != Scope::List => ask::about(model),
        Subject::Tickets | Subject::Desk => String::new(),
    }
}
