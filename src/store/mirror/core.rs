//! What all parts of a copy share: the file, the desk behind it, and what the console was told last.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, watch};

use crate::backend::sqlite::lock;
use crate::backend::sqlite::watch::Watch;
use crate::backend::{Backend, Capabilities, Cursor, Delta, Error, Health, Line, Result, Schema};
use crate::domain::name::TicketId;
use crate::store::mirror::file::File;
use crate::store::mirror::records::Words;
use crate::store::mirror::{Options, is_well};

/// The shared part of a copy.
#[derive(Debug)]
pub struct Core {
    pub desk: Arc<dyn Backend>,
    pub file: File,
    pub options: Options,
    /// Counts what a waiting console should look at.
    pub stir: watch::Sender<u64>,
    /// Rung when something was asked for.
    bell: Notify,
    asked: Mutex<Asked>,
    /// Tickets that are listed and may no longer be there under that name; a look at everything would find them too.
    doubted: Mutex<BTreeSet<TicketId>>,
    doubts: Notify,
    shown: Mutex<Shown>,
    told: Mutex<Told>,
    /// Apart from `stir`: that a desk is still away is no news to a console.
    pub tries: watch::Sender<Tries>,
    watch: Mutex<Option<Arc<Watch>>>,
    /// Readers of pages and tickets take turns, as they share the names; who waits holds no thread.
    turn: Arc<Semaphore>,
    held: Mutex<Held>,
    remembered: Option<Capabilities>,
    /// The desk has answered since this was opened.
    answered: AtomicBool,
    /// It said who and what there is, to somebody else than the part that keeps the copy up to date.
    schema_known: AtomicBool,
}

/// What somebody wants of the part that looks at the desk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// The user wants to see the desk as it is.
    pub look: bool,
    /// A row seems to be out of date.
    pub quietly: bool,
    pub full: bool,
}

/// The state of the copy as this console knows it.
#[derive(Debug, Default)]
struct Shown {
    head: i64,
    line: Line,
    as_of: Option<Timestamp>,
    schemas: u64,
    asked: u64,
}

/// What the console was told last.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    head: i64,
    line: Line,
    schemas: u64,
}

/// How often it was tried to look at the desk, and how that ended.
#[derive(Debug, Clone, Default)]
pub struct Tries {
    pub done: u64,
    pub failed: u64,
    pub error: Option<Error>,
}

/// Tickets that stay listed whatever the scope is.
#[derive(Debug, Default)]
struct Held {
    open: Option<TicketId>,
    named: BTreeSet<TicketId>,
}

impl Core {
    pub fn open(path: &Path, desk: Arc<dyn Backend>, options: Options) -> Result<Self> {
        let file = File::open(path, &options.of)?;
        let words = file.words()?;
        let line = match (&words.line, words.state.complete) {
            (_, false) => Line::Loading { rows: words.rows },
            (Some(line), true) if !file.is_mine() => line.clone(),
            (_, true) => Line::Refreshing,
        };
        let shown = Shown {
            head: words.head,
            line: line.clone(),
            as_of: words.state.as_of,
            schemas: words.schemas,
            asked: words.asked,
        };
        let remembered = file.capabilities()?;
        Ok(Self {
            desk,
            file,
            options,
            stir: watch::Sender::new(0),
            bell: Notify::new(),
            asked: Mutex::default(),
            doubted: Mutex::default(),
            doubts: Notify::new(),
            told: Mutex::new(Told { head: 0, line, schemas: words.schemas }),
            shown: Mutex::new(shown),
            tries: watch::Sender::default(),
            watch: Mutex::default(),
            turn: Arc::new(Semaphore::new(1)),
            held: Mutex::default(),
            remembered,
            answered: AtomicBool::new(false),
            schema_known: AtomicBool::new(false),
        })
    }

    /// Reads a page or a ticket when those before are done, also those that nobody waits for any more.
    pub async fn reading<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        self.blocking(move |core| {
            let _until_done = turn;
            work(core)
        })
        .await
    }

    /// Work that waits for the disk stays off the thread that serves the screen.
    pub async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let core = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&core)).await;
        done.unwrap_or_else(|e| Err(Error::Unexpected(format!("The local copy could not be worked on: {e}."))))
    }

    pub fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    pub fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        let (delta, told) = self.file.pull(since)?;
        if let Some(head) = told {
            lock(&self.told).head = head;
        }
        Ok(delta)
    }

    pub fn watch(&self) -> Result<Arc<Watch>> {
        let mut watch = lock(&self.watch);
        if let Some(watch) = watch.as_ref() {
            return Ok(Arc::clone(watch));
        }
        let new = Arc::new(self.file.watch()?);
        *watch = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Reads what the file says of itself: another console may have written it.
    pub async fn look_around(self: &Arc<Self>) -> Result<()> {
        let words = self.blocking(|core| core.file.words()).await?;
        if self.heard(&words) {
            self.ask(|asked| asked.look = true);
        }
        Ok(())
    }

    /// Takes over what the file says; true when another console asks for a look.
    fn heard(&self, words: &Words) -> bool {
        let mine = self.file.is_mine();
        let mut shown = lock(&self.shown);
        let asks = mine && words.asked > shown.asked;
        (shown.head, shown.schemas, shown.asked) = (words.head, words.schemas, words.asked);
        if !mine {
            if let Some(line) = &words.line {
                shown.line = line.clone();
            }
            if words.state.as_of > shown.as_of {
                self.tries.send_modify(|tries| tries.done += 1);
            }
        }
        shown.as_of = words.state.as_of;
        asks
    }

    /// Whether the console should look: rows or the line to the desk are others than it was told.
    pub fn has_news(&self) -> bool {
        let (shown, mut told) = (lock(&self.shown), lock(&self.told));
        let now = Told { head: told.head, line: shown.line.clone(), schemas: shown.schemas };
        let news = shown.head != told.head || now != *told;
        *told = now;
        news
    }

    pub fn health(&self) -> Health {
        let shown = lock(&self.shown);
        Health {
            line: shown.line.clone(),
            as_of: shown.as_of,
            doubtful: self.desk.health().doubtful,
            schema: shown.schemas,
        }
    }

    /// Shows how the line to the desk stands, here and in other consoles.
    pub async fn show(self: &Arc<Self>, line: Line) {
        if lock(&self.shown).line == line {
            return;
        }
        lock(&self.shown).line = line.clone();
        if let Err(error) = self.blocking(move |core| core.file.set_line(&line)).await {
            tracing::warn!(%error, "other consoles are not told how the line stands");
        }
        self.stir();
    }

    pub fn line(&self) -> Line {
        lock(&self.shown).line.clone()
    }

    /// Something in the copy is new.
    pub fn stir(&self) {
        self.stir.send_modify(|count| *count += 1);
    }

    pub fn ask(&self, what: impl FnOnce(&mut Asked)) {
        what(&mut lock(&self.asked));
        self.bell.notify_one();
    }

    /// A row seems to be out of date; where the desk is away, its next answer brings it anyway.
    pub fn ask_quietly(&self) {
        if is_well(&self.line()) {
            self.ask(|asked| asked.quietly = true);
        }
    }

    /// These are looked at next.
    pub fn doubt(&self, ids: impl IntoIterator<Item = TicketId>) {
        let mut doubted = lock(&self.doubted);
        doubted.extend(ids);
        if !doubted.is_empty() {
            self.doubts.notify_one();
        }
    }

    /// Resolves when a ticket is to be looked at.
    pub async fn is_in_doubt(&self) {
        while lock(&self.doubted).is_empty() {
            self.doubts.notified().await;
        }
    }

    pub fn doubted(&self) -> Option<TicketId> {
        lock(&self.doubted).pop_first()
    }

    /// The desk answered somebody: when it was away it no longer is.
    pub async fn answered(self: &Arc<Self>) {
        if !is_well(&self.line()) {
            self.ask(|asked| asked.look = true);
        }
        self.answered_in_turn().await;
    }

    /// It answered the part that keeps the copy up to date, which goes on by itself.
    pub async fn answered_in_turn(self: &Arc<Self>) {
        if self.answered.swap(true, Ordering::Relaxed) || self.options.read_only {
            return;
        }
        let can = self.desk.capabilities();
        if let Err(error) = self.blocking(move |core| core.file.set_capabilities(&can)).await {
            tracing::warn!(%error, "what the desk can do is not remembered");
        }
    }

    /// Resolves when something is asked for.
    pub async fn is_asked(&self) {
        loop {
            let Asked { look, quietly, full } = *lock(&self.asked);
            if look || quietly || full {
                return;
            }
            self.bell.notified().await;
        }
    }

    pub fn take_asked(&self) -> Asked {
        std::mem::take(&mut *lock(&self.asked))
    }

    /// As the desk says, or as it said last while it has not answered; what is only looked at is no answer of the desk's.
    pub fn capabilities(&self) -> Capabilities {
        let now = self.desk.capabilities();
        let can = if self.answered.load(Ordering::Relaxed) { now } else { self.remembered.unwrap_or(now) };
        let (write, create) = (can.write && !self.options.read_only, can.create && !self.options.read_only);
        Capabilities { write, create, ..can }
    }

    /// True once after the desk was asked at the console's wish.
    pub fn take_schema_known(&self) -> bool {
        self.schema_known.swap(false, Ordering::Relaxed)
    }

    pub async fn learn_schema(self: &Arc<Self>, schema: &Schema) {
        self.schema_known.store(true, Ordering::Relaxed);
        let schema = schema.clone();
        let kept = self.blocking(move |core| core.file.set_schema(&schema)).await;
        if let Err(error) = kept {
            tracing::warn!(%error, "who and what there is on the desk is not remembered");
        }
        self.stir();
    }

    /// A look at the desk is complete.
    pub fn done(&self) {
        self.tries.send_modify(|tries| (tries.done, tries.error) = (tries.done + 1, None));
    }

    pub fn failed(&self, error: Error) {
        self.tries.send_modify(|tries| (tries.failed, tries.error) = (tries.failed + 1, Some(error)));
    }

    pub fn hold(&self, ids: impl IntoIterator<Item = TicketId>) {
        lock(&self.held).named = ids.into_iter().collect();
    }

    pub fn opened(&self, open: Option<&TicketId>) {
        lock(&self.held).open = open.cloned();
    }

    pub fn is_held(&self, id: &TicketId) -> bool {
        let held = lock(&self.held);
        held.open.as_ref() == Some(id) || held.named.contains(id)
    }
}
