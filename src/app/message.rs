//! What happened outside the model: input, time, answers. Plain data.

use jiff::Timestamp;

use crate::app::effect::{Room, Watching};
use crate::backend::{self, Attachment, Delta, Found, Health, Presence, Schema, Stored};
use crate::command::key::Key;
use crate::domain::change::OpKey;
use crate::domain::name::{Name, TicketId};
use crate::domain::radar::Radar;
use crate::domain::suggest::Index;
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// It happened.
#[derive(Debug)]
pub enum Message {
    Key(Key),
    Paste(String),
    Resize(u16, u16),
    Focus(bool),
    /// The present time, sent when something shown may have changed by it.
    Tick(Timestamp),
    /// What the local store held at the start.
    Kept(Vec<(Room, String, String)>),
    Schema(Box<backend::Result<Schema>>),
    Delta(backend::Result<Delta>),
    /// How each desk stands, by profile; without a name where there is only one.
    Health(Vec<(Name, Health)>),
    Loaded(TicketId, Box<backend::Result<Ticket>>),
    Answered(OpKey, Box<backend::Result<Stored>>),
    Presence(Vec<Presence>),
    Learnt(Box<Index>),
    /// The radar goes on with this.
    Watch(Watching),
    Watched(Box<Radar>),
    Files(TicketId, backend::Result<Vec<Attachment>>),
    /// A file was saved or added, in a sentence; or why it was not.
    FileMoved(TicketId, Result<Clean, Clean>),
    /// A text was written to a file, in a sentence; or why it was not.
    Written(Result<String, String>),
    Found(u64, backend::Result<Vec<Found>>),
    Edited(EditToken, Result<Clean, String>),
    /// Something outside failed that the user should know of.
    Trouble(String),
}

/// Which text field waits for the editor's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EditToken(pub u64);
