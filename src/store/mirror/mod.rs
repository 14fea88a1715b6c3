//! A copy of a desk that is slow or often away, in one file on this computer: lists and tickets come from the copy, so
//! the network is never on the path of a key.
//!
//! It starts nothing by itself. What keeps it up to date ([`sync`]) goes on while somebody waits in
//! [`Backend::changed`], which is where the console spends its life; when that wait is given up, the request under way
//! stays as it is and goes on with the next wait. The file holds nothing that the desk does not have: it may be lost.

mod core;
mod file;
mod page;
mod records;
mod sync;
mod tables;
mod tickets;
mod wait;

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::backend::embedded::Clock;
use crate::backend::{
    Attachment, Backend, Capabilities, Cursor, Delta, Error, Found, Health, Line, Lookup, Presence, Result, Schema,
    Stored, Upload,
};
use crate::domain::change::Op;
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;
use crate::store::mirror::core::Core;

/// What a copy holds, as its file says, without opening it as a copy of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peek {
    pub rows: usize,
    /// When it last agreed with its desk.
    pub as_of: Option<Timestamp>,
    /// Everything was read at least once.
    pub complete: bool,
}

/// Looks into the file of a copy and changes nothing.
///
/// # Errors
/// It cannot be read, or is no copy.
pub fn peek(path: &Path) -> Result<Peek> {
    file::peek(path)
}

/// How often a desk is asked, and how long what it said is believed.
#[derive(Clone, Copy)]
pub struct Pace {
    /// From one look at what changed to the next.
    pub poll: Duration,
    /// The desk is not looked at again sooner than this, whatever it says of itself.
    pub least: Duration,
    /// From one look at everything to the next: it finds what no delta tells of.
    pub full: Duration,
    /// Between two requests of a look at everything that nobody waits for.
    pub gap: Duration,
    /// An opened ticket is not fetched again for so long while its row stays the same.
    pub lifetime: Duration,
    /// Waits while the desk is away: the first, and the longest; each is twice the one before.
    pub away: (Duration, Duration),
    /// From 0 to 1: how much of half a wait is added, so that consoles do not come back all at once.
    pub jitter: fn() -> f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(30),
            least: Duration::from_secs(5),
            full: Duration::from_secs(6 * 3600),
            gap: Duration::from_secs(1),
            lifetime: Duration::from_secs(600),
            away: (Duration::from_secs(5), Duration::from_secs(300)),
            jitter: wait::of_this_console,
        }
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pace(every {:?}, all every {:?})", self.poll, self.full)
    }
}

/// How a copy is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which desk, user and scope this is a copy of. A file that is a copy of something else is emptied first.
    pub of: String,
    pub clock: Clock,
    pub pace: Pace,
    /// This console only looks, whatever the user may do there.
    pub read_only: bool,
}

/// A desk as its copy in a file shows it.
pub struct Mirror {
    core: Arc<Core>,
    /// What keeps the copy up to date: goes on while somebody waits for changes.
    sync: Mutex<Pin<Box<dyn Future<Output = Infallible> + Send>>>,
}

impl fmt::Debug for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mirror").field(&self.core).finish()
    }
}

impl Mirror {
    /// Opens the copy in this file, made for this user alone where it is new. The desk is not asked for anything yet.
    /// A damaged file is set aside and filled anew, see [`Self::notice`].
    ///
    /// # Errors
    /// The folder or the file cannot be made or read.
    pub fn open(path: &Path, desk: Arc<dyn Backend>, options: Options) -> Result<Self> {
        let core = Arc::new(Core::open(path, desk, options)?);
        let sync = Mutex::new(Box::pin(sync::run(Arc::clone(&core))) as Pin<Box<_>>);
        Ok(Self { core, sync })
    }

    /// What the user should know of the file: that it was damaged, where it lies now, and that nothing is lost.
    pub fn notice(&self) -> Option<&str> {
        self.core.file.notice.as_deref()
    }

    /// The desk that this is a copy of.
    pub fn desk(&self) -> &Arc<dyn Backend> {
        &self.core.desk
    }

    /// How many tickets the copy holds.
    pub async fn len(&self) -> Result<usize> {
        self.core.blocking(|core| core.file.count()).await
    }

    /// These tickets stay listed when the desk's scope no longer has them: the user has them open or acts on them.
    pub fn hold(&self, ids: impl IntoIterator<Item = TicketId>) {
        self.core.hold(ids);
    }

    /// Looks at everything as soon as may be, not only every few hours.
    pub fn look_at_everything(&self) {
        self.core.ask(|asked| asked.full = true);
    }

    /// Asks the desk now and waits until the copy agrees with it: for programs that show one answer and end.
    ///
    /// # Errors
    /// The desk could not be asked; the copy holds what it held.
    pub async fn catch_up(&self) -> Result<()> {
        let mut tries = self.core.tries.subscribe();
        let before = tries.borrow_and_update().clone();
        self.refresh().await?;
        loop {
            let now = tries.borrow_and_update().clone();
            if now.done > before.done {
                // Whoever waited for this sees how the line stands now.
                self.core.has_news();
                return Ok(());
            }
            if now.failed > before.failed {
                return Err(now.error.unwrap_or_else(|| Error::Offline("It does not answer.".into())));
            }
            if !self.core.file.is_mine() && !is_well(&self.core.line()) {
                return Err(Error::Offline(
                    "Another console keeps the local copy, and the desk does not answer it.".into(),
                ));
            }
            tokio::select! {
                _ = tries.changed() => {}
                // Another console may do it.
                () = tokio::time::sleep(Duration::from_millis(200)) => self.core.look_around().await?,
                never = self.keep_up() => match never {},
            }
        }
    }

    /// Goes on with keeping the copy up to date for as long as somebody waits.
    async fn keep_up(&self) -> Infallible {
        self.sync.lock().await.as_mut().await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Mirror {
    /// The desk's own; what it could do the last time until it has answered anything.
    fn capabilities(&self) -> Capabilities {
        self.core.capabilities()
    }

    /// What the desk said the last time, at once; it is asked again behind that, and [`Health::schema`] tells of news.
    async fn schema(&self) -> Result<Schema> {
        if let Some(held) = self.core.blocking(|core| core.file.schema()).await? {
            return Ok(held);
        }
        let schema = self.core.desk.schema().await?;
        self.core.learn_schema(&schema).await;
        Ok(schema)
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        let since = since.cloned();
        self.core.reading(move |core| core.pull(since.as_ref())).await
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        tickets::get(&self.core, id).await
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        tickets::apply(&self.core, op).await
    }

    async fn changed(&self) -> Result<()> {
        let watch = self.core.blocking(Core::watch).await?;
        let mut stir = self.core.stir.subscribe();
        loop {
            stir.borrow_and_update();
            let version = watch.version(self.core.file.path())?;
            self.core.look_around().await?;
            if self.core.has_news() {
                return Ok(());
            }
            tokio::select! {
                _ = stir.changed() => {}
                moved = watch.moved_from(version, self.core.file.path()) => moved?,
                never = self.keep_up() => match never {},
            }
        }
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        self.core.opened(open);
        self.core.desk.presence(open).await
    }

    async fn refresh(&self) -> Result<()> {
        self.core.ask(|asked| asked.look = true);
        if self.core.file.is_mine() { Ok(()) } else { self.core.blocking(|core| core.file.ask_the_other()).await }
    }

    fn health(&self) -> Health {
        self.core.health()
    }

    fn healths(&self) -> Vec<(Name, Health)> {
        Vec::new()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        self.core.desk.search(wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        self.core.desk.attachments(id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        self.core.desk.download(id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        self.core.desk.attach(id, file).await
    }
}

/// Whether nothing is wrong between the copy and its desk.
fn is_well(line: &Line) -> bool {
    matches!(line, Line::Fresh | Line::Refreshing | Line::Loading { .. })
}
