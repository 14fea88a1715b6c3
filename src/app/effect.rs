//! What the model asks of the world. Plain data; `runtime` does it and answers with messages.

use crate::app::message::EditToken;
use crate::backend::Lookup;
use crate::domain::change::Op;
use crate::domain::name::{Name, TicketId};
use crate::domain::radar::Sweep;
use crate::domain::summary::Summary;
use crate::text::Clean;

/// Please do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Fetch the record with its timeline. The newest request wins.
    Load(TicketId),
    /// Write this act. Never cancelled; one at a time per ticket.
    Send(Op),
    /// Look for what others changed, now.
    Pull,
    /// Tell the desk which ticket is open here.
    Presence(Option<TicketId>),
    /// Keep something in this user's local store.
    Keep(Keep),
    /// Learn from the desk's resolved tickets, for suggestions.
    Learn(Vec<Summary>),
    /// Bring this back when the keys have had their turn; make a radar of a desk that was read.
    Watch(Watching),
    /// Hand text to the user's editor.
    Edit {
        token: EditToken,
        text: Clean,
    },
    /// Put text on the clipboard of the terminal.
    Copy(Clean),
    /// List the files of this ticket.
    ListFiles(TicketId),
    /// Fetch a file and write it to a path of this computer where nothing is yet.
    SaveFile {
        ticket: TicketId,
        file: Name,
        name: Clean,
        to: String,
    },
    /// Write a text to a path of this computer where nothing is yet; into that folder under `name`.
    SaveText {
        name: Clean,
        to: String,
        text: Clean,
    },
    /// Add a file of this computer.
    AddFile {
        ticket: TicketId,
        from: String,
    },
    /// Look beyond what is here. The newest request wins.
    Search(u64, Lookup),
    Suspend,
    Redraw,
    Quit,
}

/// What the radar has to do, a bit at a time.
#[derive(Debug, Clone, PartialEq)]
pub enum Watching {
    /// Read on through the rows of the desk.
    Read(Box<Sweep>),
    /// Look what the radar finds now.
    Find,
}

/// A write to the local store: one value in one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    Put { room: Room, key: String, value: String },
    Drop { room: Room, key: String },
}

/// The rooms of the local store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Room {
    /// Unsent texts, by ticket and field.
    Draft,
    /// Acts that were done here and not yet answered by the desk.
    Outbox,
    /// Acts that were answered, for undo.
    Journal,
    /// The triage session of a view.
    Session,
    /// Tickets put aside by this user.
    Snooze,
    /// Links between tickets of different desks.
    Link,
    /// What the user chose on the screen: columns, sort, pane.
    Choice,
    /// What the radar is not to tell until a date.
    Mute,
}

impl Room {
    pub const ALL: &'static [Self] =
        &[Self::Draft, Self::Outbox, Self::Journal, Self::Session, Self::Snooze, Self::Link, Self::Choice, Self::Mute];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Outbox => "outbox",
            Self::Journal => "journal",
            Self::Session => "session",
            Self::Snooze => "snooze",
            Self::Link => "link",
            Self::Choice => "choice",
            Self::Mute => "mute",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|room| room.as_str() == name)
    }
}

/// A list of effects that must not be dropped.
#[must_use = "effects do nothing until the runtime starts them"]
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects(pub Vec<Effect>);

impl Effects {
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    pub fn put(room: Room, key: impl Into<String>, value: impl Into<String>) -> Self {
        Effect::Keep(Keep::Put { room, key: key.into(), value: value.into() }).into()
    }

    pub fn drop(room: Room, key: impl Into<String>) -> Self {
        Effect::Keep(Keep::Drop { room, key: key.into() }).into()
    }
}

impl From<Effect> for Effects {
    fn from(effect: Effect) -> Self {
        Self(vec![effect])
    }
}

impl FromIterator<Effect> for Effects {
    fn from_iter<T: IntoIterator<Item = Effect>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl FromIterator<Effects> for Effects {
    fn from_iter<T: IntoIterator<Item = Self>>(iter: T) -> Self {
        Self(iter.into_iter().flat_map(|effects| effects.0).collect())
    }
}
