//! One row per command. Keymap, footer, help, palette, the command line and the man page are read from these rows.

use std::fmt;

use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::backend::Capabilities;
use crate::command::args::{Arg, Args};

/// A wish that can be uttered by key, by `:` line, by `deskside do` and by config.
pub struct Command {
    /// As it is written on the `:` line: `resolve`.
    pub id: &'static str,
    /// Two or three words for the footer.
    pub title: &'static str,
    /// A sentence for the help.
    pub doc: &'static str,
    pub scope: Scope,
    /// The keys that it has where nobody says otherwise.
    pub keys: &'static [&'static str],
    pub args: &'static [Arg],
    /// What the desk must be able to do.
    pub needs: fn(&Capabilities) -> bool,
    /// Why it cannot act here and now, and what would help.
    pub available: fn(&Model) -> Result<(), Why>,
    pub run: fn(&mut Model, &Args) -> Effects,
}

/// Where the keys of a command are heard. Inner scopes come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Global,
    /// Wherever one ticket or the marked ones are meant: lists and the open ticket.
    Ticket,
    List,
    Detail,
    Triage,
    Picker,
    Form,
    Compose,
    Line,
    Dialog,
    Outbox,
    Conflict,
    Files,
    /// Boards of changes.
    Board,
    Radar,
    Help,
}

impl Scope {
    pub const ALL: &'static [Self] = &[
        Self::Global,
        Self::Ticket,
        Self::List,
        Self::Detail,
        Self::Triage,
        Self::Picker,
        Self::Form,
        Self::Compose,
        Self::Line,
        Self::Dialog,
        Self::Outbox,
        Self::Conflict,
        Self::Files,
        Self::Board,
        Self::Radar,
        Self::Help,
    ];

    /// The name of its table in `keys.toml`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Ticket => "ticket",
            Self::List => "list",
            Self::Detail => "detail",
            Self::Triage => "triage",
            Self::Picker => "picker",
            Self::Form => "form",
            Self::Compose => "compose",
            Self::Line => "line",
            Self::Dialog => "dialog",
            Self::Outbox => "outbox",
            Self::Conflict => "conflict",
            Self::Files => "files",
            Self::Board => "board",
            Self::Radar => "radar",
            Self::Help => "help",
        }
    }

    /// What lies over the panes; its commands mean nothing where it is not open.
    pub const fn is_overlay(self) -> bool {
        matches!(
            self,
            Self::Picker
                | Self::Form
                | Self::Compose
                | Self::Line
                | Self::Dialog
                | Self::Outbox
                | Self::Conflict
                | Self::Files
                | Self::Board
                | Self::Radar
                | Self::Help
        )
    }

    /// Plain characters are text here, not commands.
    pub const fn takes_text(self) -> bool {
        matches!(self, Self::Picker | Self::Form | Self::Compose | Self::Line | Self::Help)
    }
}

/// Why a command cannot act, as a sentence with the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why(pub String);

impl Why {
    pub fn no(reason: impl Into<String>) -> Result<(), Self> {
        Err(Self(reason.into()))
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("id", &self.id).field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// A row without arguments that asks nothing of the desk and is always offered.
pub const fn row(
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    scope: Scope,
    keys: &'static [&'static str],
    run: fn(&mut Model, &Args) -> Effects,
) -> Command {
    Command { id, title, doc, scope, keys, args: &[], needs: any, available: always, run }
}

/// What the rows of one family share: where they mean something, what they need of the desk, when they are offered.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    pub scope: Scope,
    pub needs: fn(&Capabilities) -> bool,
    pub available: fn(&Model) -> Result<(), Why>,
}

impl Family {
    /// One of its rows.
    pub const fn row(
        &self,
        id: &'static str,
        title: &'static str,
        doc: &'static str,
        keys: &'static [&'static str],
        args: &'static [Arg],
        run: fn(&mut Model, &Args) -> Effects,
    ) -> Command {
        let Self { scope, needs, available } = *self;
        Command { id, title, doc, scope, keys, args, needs, available, run }
    }

    /// One without arguments.
    pub const fn key(
        &self,
        id: &'static str,
        title: &'static str,
        doc: &'static str,
        keys: &'static [&'static str],
        run: fn(&mut Model, &Args) -> Effects,
    ) -> Command {
        self.row(id, title, doc, keys, &[], run)
    }
}

/// A desk can always do this.
pub const fn any(_: &Capabilities) -> bool {
    true
}

/// The desk must take writes.
pub const fn writes(can: &Capabilities) -> bool {
    can.write
}

/// Nothing is in the way.
pub fn always(_: &Model) -> Result<(), Why> {
    Ok(())
}

/// Every command there is.
pub fn all() -> impl Iterator<Item = &'static Command> {
    crate::app::COMMANDS.iter().flat_map(|rows| rows.iter())
}

/// The command of that name.
pub fn find(id: &str) -> Option<&'static Command> {
    all().find(|command| command.id == id)
}

/// Whether it can act here and now; the one question asked before it is offered and before it runs.
pub fn can_run(command: &Command, model: &Model) -> Result<(), Why> {
    if !(command.needs)(&model.home().capabilities) {
        // Where the console itself is the obstacle, there is a way out.
        crate::app::acts::can_write(model)?;
        if let Some(why) = model.why_for_reading() {
            return Why::no(why);
        }
        return Why::no(format!("This desk does not offer it: {}", command.title.to_lowercase()));
    }
    (command.available)(model)
}
