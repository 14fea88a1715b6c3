//! The desk in a file: one SQLite database that several consoles of several users on one host share.
//!
//! Writers take turns on a connection of their own; readers have theirs, so a list never waits for a writer. Events
//! are the truth and are only ever added; the `ticket` table is derived from them. One op is one transaction.

mod backup;
mod bulk;
mod cells;
mod desk;
mod door;
mod due;
mod events;
mod log;
mod meta;
pub(crate) mod names;
pub(crate) mod place;
mod presence;
mod pull;
pub(crate) mod rows;
mod schema;
mod trail;
pub(crate) mod watch;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;

use crate::backend::embedded::{Clock, History, Rules};
pub(crate) use crate::backend::sqlite::desk::lock;
use crate::backend::sqlite::desk::{Desk, problem};
use crate::backend::{Backend, Capabilities, Cursor, Delta, Error, Presence, Result, Schema, Stored};
use crate::domain::change::{Event, Op};
use crate::domain::directory::{Directory, Level, Person, Role};
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;
pub use backup::{Verified, verify};
pub use bulk::Loaded;
pub use door::{Share, whoami};
pub use schema::{VERSION, version_of};
pub(crate) use schema::{beside, beside_log};
pub use trail::Edit;

/// How a desk's file is opened.
#[derive(Debug, Clone)]
pub struct Options {
    pub rules: Rules,
    pub clock: Clock,
    /// Who works at this console: the operating system's user, see [`whoami`].
    pub me: Name,
    pub read_only: bool,
}

/// A console's view of a desk in a file.
#[derive(Debug, Clone)]
pub struct Sqlite(Arc<Desk>);

impl Sqlite {
    /// Opens the desk in this file; older tables are brought up to date first, and rows that other rules made are
    /// made anew.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        let path = door::check(path)?;
        let read_only = options.read_only || !door::may_write(&path);
        let desk = Desk::new(path, Options { read_only, ..options });
        let mut reader = desk.connect()?;
        match schema::standing(&reader, &desk.path)? {
            schema::Standing::Current => {}
            _ if read_only => {
                return Err(Error::Unexpected(format!(
                    "The tables of {} are older than this program and it may not write them. Open it once for writing.",
                    desk.path.display()
                )));
            }
            _ => {
                if let Some(copy) = schema::migrate(&mut reader, &desk.path)? {
                    tracing::info!("the tables were brought up to date; the file as it was is {}", copy.display());
                }
            }
        }
        desk.give_back(reader);
        let this = Self(Arc::new(desk));
        if !read_only {
            this.settle()?;
        }
        Ok(this)
    }

    /// A file of an older version gets the rules of whoever opens it first, as those of the desk; rows that an older
    /// program has made of its rules are made anew.
    fn settle(&self) -> Result<()> {
        let desk = &self.0;
        if desk.read(meta::rules_version)?.is_none() {
            desk.write(|tx| {
                // Another console may have done it while this one waited for its turn.
                let missing = meta::rules_version(tx)?.is_none();
                if missing { meta::set_rules(tx, desk.by(), None, &desk.options.rules).map(Ok) } else { Ok(Ok(())) }
            })?;
        }
        let made_by = desk.read(meta::fingerprint)?;
        if made_by.as_ref() == Some(&desk.own) {
            return Ok(());
        }
        if made_by != Some(desk.read(|db| desk.agreed(db))?.fingerprint()) {
            self.rebuild()?;
        }
        Ok(())
    }

    /// Makes a new desk. Its first user becomes its manager and lead.
    pub fn create(path: &Path, share: Share, mut directory: Directory, options: Options) -> Result<Self> {
        door::make(path, share)?;
        let (login, name) = whoami();
        if directory.person(&options.me).is_none() {
            let name = if login == options.me { name } else { options.me.clone() };
            directory.people.insert(0, founder(options.me.clone(), name, &directory));
        }
        let path = door::check(path)?;
        let mut db = Connection::open(&path).map_err(|e| problem(&path, e))?;
        // Several consoles read while one writes; stays a property of the file.
        db.pragma_update(None, "journal_mode", "WAL").map_err(|e| problem(&path, e))?;
        schema::migrate(&mut db, &path)?;
        let founded = (|| {
            let tx = db.transaction()?;
            meta::found(&tx)?;
            let by = trail::By { who: &options.me, at: options.clock.now() };
            meta::set_directory(&tx, by, &Directory::default(), &directory)?;
            meta::set_rules(&tx, by, None, &options.rules)?;
            meta::remake(&tx, &options.rules.fingerprint())?;
            tx.commit()
        })();
        founded.map_err(|e| problem(&path, e))?;
        drop(db);
        Self::open(&path, options)
    }

    /// Copies the desk to a new file while others work, and checks the copy.
    pub fn backup(&self, to: &Path) -> Result<Verified> {
        self.0.read(|db| Ok(backup::copy(db, to)))?
    }

    /// Makes every derived row anew from the events, under the present rules. Returns how many tickets there are.
    pub fn rebuild(&self) -> Result<u64> {
        let desk = &self.0;
        desk.write(|tx| rebuild(tx, &*desk.rules(tx)?).map(Ok))
    }

    /// The rules of the desk over its people: what its rows are made with, whoever opens it.
    pub fn rules(&self) -> Result<Arc<Rules>> {
        self.0.read(|db| self.0.rules(db))
    }

    /// The same without its people, which takes no time.
    pub fn agreed(&self) -> Result<Rules> {
        self.0.read(|db| self.0.agreed(db))
    }

    /// How often the rules of the desk were set, the first time included.
    pub fn rules_version(&self) -> Result<i64> {
        Ok(self.0.read(meta::rules_version)?.unwrap_or_default())
    }

    /// Puts these rules in the place of the desk's and makes every row anew; says whether they differ at all. Only a
    /// manager of the desk may.
    pub fn set_rules(&self, rules: &Rules) -> Result<bool> {
        let desk = &self.0;
        desk.write(|tx| {
            let before = desk.rules(tx)?;
            if let Err(refusal) = manages(&desk.options.me, before.directory(), "rules") {
                return Ok(Err(refusal));
            }
            let rules = rules.over(before.directory().clone());
            if rules.fingerprint() == before.fingerprint() {
                return Ok(Ok(false));
            }
            meta::set_rules(tx, desk.by(), Some(&before), &rules)?;
            rebuild(tx, &rules)?;
            Ok(Ok(true))
        })
    }

    /// Who changed which record of the desk, its rules included: the oldest change first.
    pub fn trail(&self) -> Result<Vec<Edit>> {
        self.0.read(trail::read)
    }

    /// The tickets as they stood when `t` began, one after the other in the order of their making.
    pub fn as_of(&self, t: Timestamp, mut visit: impl FnMut(Ticket)) -> Result<()> {
        self.0.read(|db| {
            events::each(db, &mut names::Names::default(), Some(t), |id, events| {
                Ticket::from_events(id, events).into_iter().for_each(&mut visit);
                Ok(())
            })
        })
    }

    /// Everything that happened (before `until`), ticket by ticket.
    pub fn history(&self, until: Option<Timestamp>) -> Result<History> {
        let mut history = Vec::new();
        self.0.read(|db| {
            events::each(db, &mut names::Names::default(), until, |id, events| {
                history.push((id, events));
                Ok(())
            })
        })?;
        Ok(history)
    }

    pub fn directory(&self) -> Result<Directory> {
        Ok(self.rules()?.directory().clone())
    }

    /// The name of the time zone of this desk, if it has one of its own: that of the log it was filled from.
    pub fn zone(&self) -> Result<Option<String>> {
        self.0.read(meta::zone)
    }

    /// Gives the desk a time zone of its own.
    pub fn set_zone(&self, name: &str) -> Result<()> {
        self.0.write(|tx| meta::set_zone(tx, self.0.by(), name).map(Ok))
    }

    /// Changes the people, groups and other records of the desk. Only its managers may, or anybody while it has no
    /// people.
    pub fn edit_directory(&self, edit: impl FnOnce(&mut Directory)) -> Result<()> {
        let me = &self.0.options.me;
        self.0.write(|tx| {
            let before = meta::directory(tx)?;
            if let Err(refusal) = manages(me, &before, "records") {
                return Ok(Err(refusal));
            }
            let mut directory = before.clone();
            edit(&mut directory);
            meta::set_directory(tx, self.0.by(), &before, &directory)?;
            Ok(Ok(()))
        })
    }

    /// Takes a whole history at once, and what its directory knows that this desk does not. Acts that the desk has
    /// already are skipped: loading twice adds nothing.
    pub fn bulk_load(
        &self,
        directory: &Directory,
        history: impl IntoIterator<Item = (TicketId, Vec<Event>)>,
    ) -> Result<Loaded> {
        bulk::load(&self.0, |load| {
            load.directory(directory)?;
            history.into_iter().try_for_each(|(id, events)| load.ticket(id, events).map(drop))
        })
    }

    /// How it was opened; read-only where the file allows no more.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// Where the file really lies.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Does what falls due by itself when its time comes; whichever console is there first does it for all. What it
    /// does is a commit like any other, and is heard of as such.
    async fn keep_time(&self) -> Result<()> {
        loop {
            let done = self.blocking(due::sweep).await?;
            tokio::time::sleep(done.wait).await;
        }
    }

    /// Reads a page or a ticket when those before are done, also those that nobody waits for any more.
    async fn reading<T: Send + 'static>(&self, work: impl FnOnce(&Desk) -> Result<T> + Send + 'static) -> Result<T> {
        let turn = Arc::clone(&self.0.turn).acquire_owned().await;
        self.blocking(move |desk| {
            let _until_done = turn;
            work(desk)
        })
        .await
    }

    /// Work that waits for the disk stays off the threads that serve the screen.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Desk) -> Result<T> + Send + 'static) -> Result<T> {
        let desk = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&desk)).await;
        done.unwrap_or_else(|e| Err(Error::Unexpected(format!("The desk's file could not be worked on: {e}."))))
    }
}

/// Whether they may change what the desk stands on: its managers may, and anybody while it has no people.
fn manages(me: &Name, directory: &Directory, what: &str) -> Result<()> {
    let manager = directory.person(me).is_some_and(|person| !person.roles.is_empty());
    if directory.people.is_empty() || manager {
        return Ok(());
    }
    Err(Error::Forbidden(format!("{me} is no manager of this desk. Ask one of its managers to change its {what}.")))
}

/// Makes every row anew under these rules, and says how many there are.
fn rebuild(tx: &Connection, rules: &Rules) -> rusqlite::Result<u64> {
    let (mut names, mut numbers, mut count) = (names::Names::default(), names::Numbers::default(), 0);
    events::each(tx, &mut names, None, |id, events| {
        if let Some(ticket) = Ticket::from_events(id, events) {
            rows::write(tx, &rules.summary(&ticket), rules.falls_due(&ticket), &mut numbers)?;
            count += 1;
        }
        Ok(())
    })?;
    meta::remake(tx, &rules.fingerprint())?;
    Ok(count)
}

fn founder(login: Name, name: Name, directory: &Directory) -> Person {
    Person {
        level: Some(Level::Lead),
        groups: directory.groups.iter().map(|group| group.name.clone()).collect(),
        roles: vec![Role::ServiceDeskManager],
        ..Person::named(login, name)
    }
}

#[async_trait]
impl Backend for Sqlite {
    fn capabilities(&self) -> Capabilities {
        Capabilities { write: !self.0.options.read_only, create: !self.0.options.read_only, ..Capabilities::FULL }
    }

    async fn schema(&self) -> Result<Schema> {
        self.blocking(|desk| {
            let rules = desk.read(|db| desk.rules(db))?;
            Ok(Schema {
                me: desk.options.me.clone(),
                directory: rules.directory().clone(),
                workflow: None,
                members: Vec::new(),
            })
        })
        .await
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        let since = since.cloned();
        self.reading(move |desk| desk.pull(since.as_ref())).await
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        let id = id.clone();
        self.reading(move |desk| {
            desk.read_named(|db, names| events::ticket(db, &id, names))?.ok_or_else(|| Error::NotFound(id.clone()))
        })
        .await
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        let op = op.clone();
        self.blocking(move |desk| desk.apply(&op)).await
    }

    async fn changed(&self) -> Result<()> {
        let (watch, now) = self
            .blocking(|desk| {
                let watch = desk.watch()?;
                let now = watch.version(&desk.path)?;
                Ok((watch, now))
            })
            .await?;
        let seen = *lock(&self.0.seen);
        if seen.version.is_none() && self.0.read(events::last)? != seen.head {
            return Ok(());
        }
        let moved = watch.moved_from(seen.version.unwrap_or(now), &self.0.path);
        tokio::select! {
            moved = moved => moved,
            never = self.keep_time() => never,
        }
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        let open = open.cloned();
        self.blocking(move |desk| desk.presence(open.as_ref())).await
    }
}
