//! A console without a screen: the same model, driven by a command line instead of keys. What it asks for is done at
//! once, one thing after the other, until nothing is left to do.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::runtime::Runtime;

use crate::app::effect::{Effect, Effects, Keep, Room};
use crate::app::message::Message;
use crate::app::model::{Model, Start};
use crate::app::pending;
use crate::app::update::update;
use crate::backend::{Backend, Cursor, Error};
use crate::cli::place::Place;
use crate::cli::settings::Places;
use crate::cli::{open, print, settings};
use crate::domain::change::Op;
use crate::domain::name::TicketId;
use crate::domain::ticket::Ticket;
use crate::runtime;
use crate::store::{Store, Write};
use crate::text::Clean;

/// What of a run stays in the user's local state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It only looks.
    Nothing,
    /// Acts are kept until they are answered, and for undo, as the console keeps them.
    Acts,
}

/// A model with its desk.
#[derive(Debug)]
pub struct Session {
    pub model: Model,
    /// What became of every act that was sent, in order.
    pub answers: Vec<Answer>,
    desk: Arc<dyn Backend>,
    store: Option<Store>,
    cursor: Option<Cursor>,
    runtime: Runtime,
}

/// What became of one act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The ticket as the desk names it.
    pub ticket: String,
    pub title: String,
    pub ending: Ending,
}

/// How an act ended; what is not done says why in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    Done,
    Refused(String),
    Conflict(String),
}

impl Session {
    /// Opens the desk that is meant and reads all of it.
    pub fn open(place: &Place, places: &Places, keeping: Keeping) -> Result<Self> {
        let named = place.desk(places)?;
        let mut settings = settings::load(&places.config)?;
        // Nobody sits there who could recall a reply.
        settings.recall = Duration::ZERO;
        let look = place.look(&named);
        let opened = open::open(&named.which, settings, look)?;
        let has_state = open::state_file(&places.state, &opened.profile).exists();
        let (store, kept) = if has_state || keeping == Keeping::Acts {
            let (store, kept) = open::state(&places.state, &opened.profile)?;
            (Some(store), kept)
        } else {
            (None, Vec::new())
        };
        let now = opened.now();
        let mut model = Model::new(Start {
            now,
            zone: opened.zone,
            size: (80, 24),
            settings: opened.settings,
            capabilities: opened.desk.capabilities(),
            session: runtime::session_name(now),
            name: Clean::line(&opened.name),
            read_only: look.read_only,
            as_of: opened.as_of,
        });
        model.headless = true;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // All at once: one that is away keeps nobody waiting for the others.
        let asked = opened.copies.iter().map(|(_, copy)| copy.catch_up());
        let caught_up = runtime.block_on(futures_util::future::join_all(asked));
        for ((name, copy), caught_up) in opened.copies.iter().zip(caught_up) {
            if let Err(error) = caught_up {
                let as_of = copy.health().as_of.map_or("nothing was copied yet".to_owned(), |at| format!("as of {at}"));
                print::note(&format!("{name}: {error} What follows is its copy, {as_of}."));
            }
        }
        let mut session = Self { model, answers: Vec::new(), desk: opened.desk, store, cursor: None, runtime };
        session.read()?;
        // The outbox is not touched: a console may hold a reply there that its user can still recall.
        let kept = kept.into_iter().filter_map(|(room, key, value)| Some((Room::parse(&room)?, key, value)));
        let kept =
            kept.filter(|(room, ..)| matches!(room, Room::Snooze | Room::Journal | Room::Link | Room::Mute)).collect();
        session.take(Message::Kept(kept))?;
        if keeping == Keeping::Nothing {
            session.store = None;
        }
        Ok(session)
    }

    /// Who works here, and every row.
    fn read(&mut self) -> Result<()> {
        let schema = self.runtime.block_on(self.desk.schema())?;
        self.take(Message::Schema(Box::new(Ok(schema))))?;
        self.pull()
    }

    fn pull(&mut self) -> Result<()> {
        loop {
            let delta = self.runtime.block_on(self.desk.pull(self.cursor.as_ref()))?;
            self.cursor = Some(delta.next.clone());
            let more = delta.more;
            self.take(Message::Delta(Ok(delta)))?;
            if !more {
                return Ok(());
            }
        }
    }

    /// The ticket of that id, in whatever case it was written.
    pub fn find(&self, id: &str) -> Option<TicketId> {
        let as_written = TicketId::new(id);
        let upper = || TicketId::new(&as_written.as_str().to_uppercase());
        let is_there = |id: &TicketId| self.model.table.row(id).is_some();
        Some(as_written.clone()).filter(is_there).or_else(|| Some(upper()).filter(is_there))
    }

    /// The ticket of that id with its timeline.
    pub fn ticket(&mut self, id: &str) -> Result<Ticket> {
        let id = self.find(id).ok_or_else(|| anyhow!("{}", Error::NotFound(TicketId::new(id))))?;
        let ticket = self.runtime.block_on(self.desk.get(&id))?;
        self.model.keep_opened(ticket.clone());
        Ok(ticket)
    }

    fn take(&mut self, message: Message) -> Result<()> {
        let effects = update(&mut self.model, message);
        self.drive(effects)
    }

    fn add_file(&mut self, ticket: TicketId, from: &str) -> Effects {
        let done = match runtime::files::read(from) {
            Ok(file) => match self.runtime.block_on(self.desk.attach(&ticket, &file)) {
                Ok(()) => Ok(format!("{} is on {ticket} now.", file.name)),
                Err(error) => Err(format!("{} was not added to {ticket}: {error}", file.name)),
            },
            Err(why) => Err(why),
        };
        let clean = |text: String| Clean::line(&text);
        update(&mut self.model, Message::FileMoved(ticket, done.map(clean).map_err(clean)))
    }

    /// Does what the model asks for, and what it asks for then.
    pub fn drive(&mut self, effects: Effects) -> Result<()> {
        let mut left = VecDeque::from(effects.0);
        while let Some(effect) = left.pop_front() {
            match effect {
                Effect::Send(op) => left.extend(self.send(op).0),
                Effect::Load(id) => {
                    let ticket = self.runtime.block_on(self.desk.get(&id));
                    left.extend(update(&mut self.model, Message::Loaded(id, Box::new(ticket))).0);
                }
                Effect::Keep(keep) => self.keep(keep),
                Effect::Pull => self.pull()?,
                Effect::SaveText { name, to, text } => {
                    let said = crate::runtime::files::save(&to, &name, text.as_bytes());
                    let said = said.map(|path| format!("Written to {}.", path.display()));
                    left.extend(update(&mut self.model, Message::Written(said)).0);
                }
                Effect::AddFile { ticket, from } => left.extend(self.add_file(ticket, &from).0),
                // What is for a screen and its user.
                Effect::Presence(_)
                | Effect::Learn(_)
                | Effect::Watch(_)
                | Effect::Search(..)
                | Effect::ListFiles(_)
                | Effect::SaveFile { .. }
                | Effect::Edit { .. }
                | Effect::Copy(_)
                | Effect::Suspend
                | Effect::Redraw
                | Effect::Quit => {}
            }
        }
        Ok(())
    }

    fn send(&mut self, op: Op) -> Effects {
        let waiting = self.model.pending.acts.iter().find(|waiting| waiting.op.key == op.key);
        let title = waiting.map(|waiting| waiting.title.clone()).unwrap_or_default();
        let answer = self.runtime.block_on(self.desk.apply(&op));
        let ticket = match &answer {
            Ok(stored) => stored.ticket.id.to_string(),
            Err(_) => pending::target_name(&op.target),
        };
        let (done, conflict) = (answer.is_ok(), matches!(answer, Err(Error::Conflict { .. })));
        let effects = update(&mut self.model, Message::Answered(op.key, Box::new(answer)));
        // The sentence that the screen would show.
        let said = self.model.notice.as_ref().map(|notice| notice.text.to_string()).unwrap_or_default();
        let ending = match (done, conflict) {
            (true, _) => Ending::Done,
            (false, true) => Ending::Conflict(said),
            (false, false) => Ending::Refused(said),
        };
        self.answers.push(Answer { ticket, title, ending });
        effects
    }

    fn keep(&self, keep: Keep) {
        let Some(store) = &self.store else { return };
        let (room, key, value) = match keep {
            Keep::Put { room, key, value } => (room, key, Some(value)),
            Keep::Drop { room, key } => (room, key, None),
        };
        store.write(Write { room: room.as_str(), key, value });
    }
}
