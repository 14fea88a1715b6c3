//! Effects become work: the only place that spawns. Every job ends in a message.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::SendError;
use tokio::task::{AbortHandle, JoinSet};

use crate::app::effect::{Keep, Room, Watching};
use crate::app::message::Message;
use crate::backend::{Backend, Cursor, Error, Health, Lookup, Retry};
use crate::domain::change::Op;
use crate::domain::name::{Name, TicketId};
use crate::domain::suggest::{Example, Index, Settings};
use crate::domain::summary::Summary;
use crate::runtime::files;
use crate::store::{Store, Write};
use crate::text::Clean;

/// What is under way.
#[derive(Debug)]
pub struct Jobs {
    desk: Arc<dyn Backend>,
    messages: Sender<Message>,
    store: Option<Store>,
    /// Writes: never cancelled, seen to their answers at the end.
    writes: JoinSet<()>,
    /// Reads: beyond a few, the oldest gives way to the newest.
    reads: VecDeque<AbortHandle>,
    look: Arc<Notify>,
    presence: Option<AbortHandle>,
    lookup: Option<AbortHandle>,
}

/// How many tickets are fetched at once.
const READS: usize = 4;

/// A question is asked when nobody has typed for so long.
const PAUSE: Duration = Duration::from_millis(150);

/// Who only passes through a ticket is not there: telling costs the desk a write, and every other console a look.
const STAYS: Duration = Duration::from_millis(100);

impl Jobs {
    pub fn new(desk: Arc<dyn Backend>, messages: Sender<Message>, store: Option<Store>) -> Self {
        let jobs = Self {
            desk,
            messages,
            store,
            writes: JoinSet::new(),
            reads: VecDeque::new(),
            look: Arc::default(),
            presence: None,
            lookup: None,
        };
        let (desk, messages, look) = (jobs.desk.clone(), jobs.messages.clone(), jobs.look.clone());
        tokio::spawn(follow(desk, messages, look));
        let (desk, messages) = (jobs.desk.clone(), jobs.messages.clone());
        tokio::spawn(async move {
            let schema = desk.schema().await;
            let _ = messages.send(Message::Schema(Box::new(schema))).await;
        });
        jobs
    }

    /// Looks for changes now, not at the next sign of one.
    pub fn pull(&self) {
        self.look.notify_one();
    }

    pub fn load(&mut self, id: TicketId) {
        self.reads.retain(|read| !read.is_finished());
        if self.reads.len() >= READS
            && let Some(oldest) = self.reads.pop_front()
        {
            oldest.abort();
        }
        let (desk, messages) = (self.desk.clone(), self.messages.clone());
        let task = tokio::spawn(async move {
            let ticket = desk.get(&id).await;
            let _ = messages.send(Message::Loaded(id, Box::new(ticket))).await;
        });
        self.reads.push_back(task.abort_handle());
    }

    pub fn send(&mut self, op: Op) {
        let (desk, messages) = (self.desk.clone(), self.messages.clone());
        while self.writes.try_join_next().is_some() {}
        self.writes.spawn(async move {
            let answer = desk.apply(&op).await;
            let _ = messages.send(Message::Answered(op.key, Box::new(answer))).await;
        });
    }

    pub fn presence(&mut self, open: Option<TicketId>) {
        if let Some(before) = self.presence.take() {
            before.abort();
        }
        let (desk, messages) = (self.desk.clone(), self.messages.clone());
        let task = tokio::spawn(async move {
            tokio::time::sleep(STAYS).await;
            if let Ok(presence) = desk.presence(open.as_ref()).await {
                let _ = messages.send(Message::Presence(presence)).await;
            }
        });
        self.presence = Some(task.abort_handle());
    }

    /// Looks something up once the user has paused; the one before is given up.
    pub fn search(&mut self, token: u64, wanted: Lookup) {
        if let Some(before) = self.lookup.take() {
            before.abort();
        }
        let (desk, messages) = (self.desk.clone(), self.messages.clone());
        let task = tokio::spawn(async move {
            tokio::time::sleep(PAUSE).await;
            let found = desk.search(&wanted).await;
            let _ = messages.send(Message::Found(token, found)).await;
        });
        self.lookup = Some(task.abort_handle());
    }

    pub fn list_files(&self, ticket: TicketId) {
        let (desk, messages) = (self.desk.clone(), self.messages.clone());
        tokio::spawn(async move {
            let list = desk.attachments(&ticket).await;
            let _ = messages.send(Message::Files(ticket, list)).await;
        });
    }

    pub fn save_file(&self, ticket: TicketId, file: Name, name: Clean, to: String) {
        let (desk, messages) = (self.desk.clone(), self.messages.clone());
        tokio::spawn(async move {
            let said = match desk.download(&ticket, &file).await {
                Ok(bytes) => {
                    blocking(move || {
                        let size = bytes.len();
                        files::save(&to, &name, &bytes).map(|path| format!("Saved {} ({size} bytes).", path.display()))
                    })
                    .await
                }
                Err(error) => Err(format!("{name} cannot be fetched: {error}")),
            };
            let _ = messages.send(moved(ticket, said)).await;
        });
    }

    pub fn save_text(&self, name: Clean, to: String, text: Clean) {
        let messages = self.messages.clone();
        tokio::spawn(async move {
            let said = blocking(move || files::save(&to, &name, text.as_bytes())).await;
            let _ = messages.send(Message::Written(said.map(|path| format!("Written to {}.", path.display())))).await;
        });
    }

    /// A write like any other: seen to its answer at the end.
    pub fn add_file(&mut self, ticket: TicketId, from: String) {
        let (desk, messages) = (self.desk.clone(), self.messages.clone());
        self.writes.spawn(async move {
            let said = match blocking(move || files::read(&from)).await {
                Ok(file) => match desk.attach(&ticket, &file).await {
                    Ok(()) => Ok(format!("{} is on {ticket} now.", file.name)),
                    Err(error) => Err(format!("{} was not added to {ticket}: {error}", file.name)),
                },
                Err(why) => Err(why),
            };
            let _ = messages.send(moved(ticket, said)).await;
        });
    }

    pub fn keep(&self, keep: Keep) {
        let Some(store) = &self.store else { return };
        let (room, key, value): (Room, String, Option<String>) = match keep {
            Keep::Put { room, key, value } => (room, key, Some(value)),
            Keep::Drop { room, key } => (room, key, None),
        };
        store.write(Write { room: room.as_str(), key, value });
    }

    /// Waits a moment until all that was handed to the local store is on disk, and says if it is not.
    pub fn settle(&self) -> Option<String> {
        const PATIENCE: Duration = Duration::from_millis(500);
        let store = self.store.as_ref()?;
        if store.settle(PATIENCE) {
            return None;
        }
        Some(store.fault().unwrap_or_else(|| "the disk has not answered yet".into()))
    }

    /// What went wrong with the local store since this was asked last.
    pub fn fault(&self) -> Option<String> {
        self.store.as_ref()?.fault()
    }

    /// Learns from what the desk resolved, away from the keys.
    pub fn learn(&self, rows: Vec<Summary>) {
        let messages = self.messages.clone();
        tokio::task::spawn_blocking(move || {
            let mut index = Index::build(rows.iter().map(Example::of), Settings::default());
            index.calibrate(rows.iter().map(Example::of));
            let _ = messages.blocking_send(Message::Learnt(Box::new(index)));
        });
    }

    /// Brings the radar's work back after what waits already; what needs no desk is done away from the keys.
    pub fn watch(&self, watching: Watching) {
        let messages = self.messages.clone();
        tokio::task::spawn_blocking(move || {
            let message = match watching {
                Watching::Read(sweep) if sweep.is_over() => Message::Watched(Box::new(sweep.radar())),
                other => Message::Watch(other),
            };
            let _ = messages.blocking_send(message);
        });
    }

    /// Waits for a write that is on its way; false when there is none. Its answer is among the messages then.
    pub async fn written(&mut self) -> bool {
        self.writes.join_next().await.is_some()
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(error.to_string()))
}

fn moved(ticket: TicketId, said: Result<String, String>) -> Message {
    let clean = |text: String| Clean::line(&text);
    Message::FileMoved(ticket, said.map(clean).map_err(clean))
}

/// Says how each desk stands, where that is not as it was said last.
async fn tell(
    desk: &Arc<dyn Backend>,
    messages: &Sender<Message>,
    told: &mut Vec<(Name, Health)>,
) -> Result<(), SendError<Message>> {
    let several = desk.healths();
    let now = if several.is_empty() { vec![(Name::new(""), desk.health())] } else { several };
    if now == *told {
        return Ok(());
    }
    told.clone_from(&now);
    messages.send(Message::Health(now)).await
}

/// Pulls page by page, then again whenever the desk says that it changed.
async fn follow(desk: Arc<dyn Backend>, messages: Sender<Message>, look: Arc<Notify>) {
    let mut cursor: Option<Cursor> = None;
    let mut schemas = desk.health().schema;
    let mut told = vec![(Name::new(""), Health::default())];
    loop {
        if tell(&desk, &messages, &mut told).await.is_err() {
            return;
        }
        let now = desk.health().schema;
        if now != schemas {
            schemas = now;
            let schema = desk.schema().await;
            if messages.send(Message::Schema(Box::new(schema))).await.is_err() {
                return;
            }
        }
        let delta = desk.pull(cursor.as_ref()).await;
        let (go_on, pause) = match &delta {
            Ok(delta) => {
                cursor = Some(delta.next.clone());
                (delta.more, None)
            }
            Err(Error::CursorExpired) => {
                cursor = None;
                (true, None)
            }
            Err(error) => match error.retry() {
                Retry::After(wait) => (false, Some(wait)),
                Retry::Never => (false, None),
            },
        };
        if messages.send(Message::Delta(delta)).await.is_err() || tell(&desk, &messages, &mut told).await.is_err() {
            return;
        }
        if go_on {
            continue;
        }
        tokio::select! {
            () = look.notified() => {
                if let Err(error) = desk.refresh().await {
                    tracing::debug!(%error, "the desk was not asked anew");
                }
            }
            () = tokio::time::sleep(pause.unwrap_or(Duration::MAX)), if pause.is_some() => {}
            changed = desk.changed(), if pause.is_none() => {
                if changed.is_err() {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
            }
        }
    }
}
