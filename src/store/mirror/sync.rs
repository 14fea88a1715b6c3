//! Keeping a copy up to date: what is asked of the desk, when, and what an answer means.
//!
//! One loop that never ends, one request at a time. Its place is kept in the file with every page, so that it goes on
//! where it was after a kill: a first load, the looks at what changed, and now and then a slow second look at
//! everything, which finds what no delta tells of.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::backend::{Cursor, Delta, Error, Line, Result};
use crate::domain::name::TicketId;
use crate::store::mirror::core::Core;
use crate::store::mirror::records::{Landed, Walked};
use crate::store::mirror::tickets;

/// Where the looks at the desk stand: kept in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// From where the next delta goes on; none before everything was read.
    pub cursor: Option<Cursor>,
    /// A look at everything that is under way.
    pub walk: Option<Walk>,
    /// Everything was read at least once.
    pub complete: bool,
    /// When the copy last agreed with the desk.
    pub as_of: Option<Timestamp>,
    /// When the last look at everything began.
    pub full: Option<Timestamp>,
}

/// A look at everything, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// Its next page; none for the first.
    pub at: Option<Cursor>,
    /// Where the copy's changes stood when it began.
    pub from: i64,
    pub began: Timestamp,
}

/// How often an answer is asked for again because a ticket in it was written meanwhile.
const RACES: u32 = 3;
/// How soon the desk is asked again who and what there is, when it did not say.
const LATER: Duration = Duration::from_secs(600);

/// Whether to go on at once.
enum Went {
    On,
    Idle,
}

/// The part that keeps a copy up to date, at its place.
pub struct Sync {
    pub(super) core: Arc<Core>,
    state: State,
    /// The next look at what changed.
    pub(super) due: Instant,
    /// The last complete one.
    pub(super) looked: Option<Instant>,
    /// When the pages of the present delta began to be asked for.
    pub(super) began: Option<Timestamp>,
    /// No request of a look at everything before this.
    pub(super) next_page: Instant,
    /// A look at everything was asked for.
    full: bool,
    /// When to ask who and what there is.
    pub(super) schema: Instant,
    pub(super) failures: u32,
    races: u32,
    /// Where the copy's changes stood when the desk was asked first, while it does not answer: older is only more careful.
    asked: Option<i64>,
}

/// Keeps the copy up to date while it is polled.
pub async fn run(core: Arc<Core>) -> Infallible {
    let pace = core.options.pace;
    let state = loop {
        match core.blocking(|core| Ok(core.file.take_over().then(|| core.file.words()))).await {
            Ok(Some(Ok(words))) => break words.state,
            Ok(None) => {}
            Ok(Some(Err(error))) | Err(error) => tracing::warn!(%error, "the copy is not kept up to date"),
        }
        // Another console does it; this one takes over when that one is gone.
        sleep(pace.poll).await;
    };
    let now = Instant::now();
    let mut sync = Sync {
        core,
        state,
        due: now,
        looked: None,
        began: None,
        next_page: now,
        full: false,
        schema: now,
        failures: 0,
        races: 0,
        asked: None,
    };
    // What the file says of the line is what a console said that is gone.
    let line = if sync.state.complete { Line::Refreshing } else { Line::Loading { rows: 0 } };
    if let Err(error) = sync.core.blocking(move |core| core.file.set_line(&line)).await {
        tracing::warn!(%error, "other consoles are not told how the line stands");
    }
    loop {
        match sync.step().await {
            Ok(Went::On) => (sync.failures, sync.asked) = (0, None),
            Ok(Went::Idle) => sync.idle().await,
            Err(error) => sync.pause(error).await,
        }
    }
}

impl Sync {
    async fn step(&mut self) -> Result<Went> {
        let now = Instant::now();
        self.hear(now).await;
        if self.state.cursor.is_none() {
            return self.walk().await;
        }
        if self.due <= now {
            return self.delta().await;
        }
        if let Some(id) = self.core.doubted() {
            let went = self.ask_whether_it_is_there(&id).await;
            if matches!(went, Err(Error::Offline(_) | Error::RateLimited { .. } | Error::Unauthenticated(_))) {
                self.core.doubt([id]);
            }
            return self.in_background(went);
        }
        if self.next_page <= now {
            if self.state.walk.is_some() || self.is_full_due() {
                self.next_page = now + self.core.options.pace.gap;
                let went = self.walk().await;
                return self.in_background(went);
            }
            if let Some((id, seq)) = self.core.blocking(|core| core.file.suspect()).await? {
                self.next_page = now + self.core.options.pace.gap;
                let went = self.look_at(id, seq).await;
                return self.in_background(went);
            }
            self.next_page = self.due;
        }
        if self.schema <= now {
            self.ask_schema().await;
            return Ok(Went::On);
        }
        Ok(Went::Idle)
    }

    /// What nobody waits for must not make the desk look as if it were away: it is tried again later.
    fn in_background(&mut self, went: Result<Went>) -> Result<Went> {
        match went {
            Err(error @ (Error::Offline(_) | Error::RateLimited { .. } | Error::Unauthenticated(_))) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the look at everything waits");
                self.next_page = Instant::now() + LATER;
                Ok(Went::On)
            }
            went => went,
        }
    }

    async fn hear(&mut self, now: Instant) {
        let asked = self.core.take_asked();
        if asked.look || asked.quietly || asked.full {
            // What was done before they asked is among what they want to be looked at.
            self.asked = None;
        }
        if asked.look || asked.quietly {
            self.due = now;
        }
        if asked.full {
            (self.full, self.next_page) = (true, now);
        }
        if asked.look {
            if let Err(error) = self.core.desk.refresh().await {
                tracing::debug!(%error, "the desk was not asked anew");
            }
            if self.state.complete {
                self.core.show(Line::Refreshing).await;
            }
        }
    }

    /// One page of what changed.
    async fn delta(&mut self) -> Result<Went> {
        let began = *self.began.get_or_insert_with(|| self.core.now());
        let asked = self.head().await?;
        let cursor = self.state.cursor.clone();
        let page = match self.core.desk.pull(cursor.as_ref()).await {
            Err(Error::CursorExpired) => return self.lose_place().await,
            page => page?,
        };
        // A desk that promises more and gives nothing new would be asked for ever.
        let more = page.more && cursor.as_ref() != Some(&page.next);
        let as_of = if more { self.state.as_of } else { Some(began) };
        let state = State { cursor: Some(page.next.clone()), as_of, ..self.state.clone() };
        if !self.land(page, asked, state, None).await? {
            return Ok(Went::On);
        }
        if !more {
            self.began = None;
            let now = Instant::now();
            self.looked = Some(now);
            self.due = now + self.core.options.pace.poll;
            self.core.look_around().await?;
            self.core.show(Line::Fresh).await;
            self.core.done();
        }
        Ok(Went::On)
    }

    /// The desk no longer knows where we were: everything is read again, and the list stays as it is meanwhile.
    async fn lose_place(&mut self) -> Result<Went> {
        let state = State { cursor: None, walk: None, ..self.state.clone() };
        self.keep(state).await?;
        self.began = None;
        self.core.show(Line::Refreshing).await;
        Ok(Went::On)
    }

    /// One page of everything.
    async fn walk(&mut self) -> Result<Went> {
        let asked = self.head().await?;
        let began = self.core.now();
        let walk = self.state.walk.clone().unwrap_or(Walk { at: None, from: asked, began });
        let page = match self.core.desk.pull(walk.at.as_ref()).await {
            Err(Error::CursorExpired) if walk.at.is_some() => {
                let state = State { walk: None, ..self.state.clone() };
                self.keep(state).await?;
                return Ok(Went::On);
            }
            page => page?,
        };
        let more = page.more && walk.at.as_ref() != Some(&page.next);
        let first = self.state.cursor.is_none();
        let walked = Walked { first: walk.at.is_none(), ended: (!more).then_some(walk.from) };
        let state = if more {
            State { walk: Some(Walk { at: Some(page.next.clone()), ..walk }), ..self.state.clone() }
        } else {
            let cursor = self.state.cursor.clone().or_else(|| Some(page.next.clone()));
            let full = Some(walk.began);
            State { cursor, walk: None, complete: true, full, as_of: self.state.as_of.max(full) }
        };
        if !self.land(page, asked, state, Some(walked)).await? {
            return Ok(Went::On);
        }
        if !more {
            // What was not met is looked at next.
            self.next_page = Instant::now();
        }
        if walked.first {
            // Whoever asks for one from now on wants another: this one has passed the newest tickets.
            self.full = false;
        }
        if first && !more {
            // What happened while it was read comes with a delta at once.
            self.due = Instant::now();
            self.core.show(Line::Refreshing).await;
        } else if !self.state.complete {
            let rows = self.core.blocking(|core| core.file.count()).await?;
            self.core.show(Line::Loading { rows }).await;
        }
        Ok(Went::On)
    }

    /// A look at everything did not meet this ticket: it is gone, or no longer in scope.
    async fn look_at(&mut self, id: TicketId, seq: i64) -> Result<Went> {
        let asked = self.head().await?;
        let wanted = id.clone();
        let known = self.core.blocking(move |core| core.file.known(&wanted)).await?;
        let stay = match self.core.desk.get(&id).await {
            Ok(ticket) => {
                let opened = known.body.is_some_and(|(_, fetched)| tickets::is_young(&self.core, fetched));
                if opened {
                    let fetched = self.core.now().as_millisecond();
                    self.core.blocking(move |core| core.file.keep(&ticket, fetched, asked)).await?;
                }
                opened || self.core.is_held(&id)
            }
            // It is not shown to us any more, which to us is the same.
            Err(Error::NotFound(_) | Error::Moved { .. } | Error::Forbidden(_)) => false,
            Err(error) => return Err(error),
        };
        if self.core.blocking(move |core| core.file.cleared(&id, seq, stay)).await? {
            self.core.stir();
        }
        Ok(Went::On)
    }

    /// A ticket that came under another name has left the old one, for all that its desk says.
    async fn ask_whether_it_is_there(&mut self, id: &TicketId) -> Result<Went> {
        let asked = self.head().await?;
        match self.core.desk.get(id).await {
            Err(Error::NotFound(_) | Error::Moved { .. } | Error::Forbidden(_)) => {
                let id = id.clone();
                if self.core.blocking(move |core| core.file.lost(&id, asked)).await? {
                    self.core.stir();
                }
                Ok(Went::On)
            }
            answer => answer.map(|_| Went::On),
        }
    }

    async fn ask_schema(&mut self) {
        if self.core.take_schema_known() {
            self.schema = Instant::now() + self.core.options.pace.full;
            return;
        }
        match self.core.desk.schema().await {
            Ok(schema) => {
                self.schema = Instant::now() + self.core.options.pace.full;
                self.core.learn_schema(&schema).await;
                self.core.take_schema_known();
            }
            Err(error) => {
                self.schema = Instant::now() + LATER;
                tracing::debug!(%error, "the desk did not say who and what there is");
            }
        }
    }

    /// Keeps a page with the place that it leads to. False when a ticket in it was written meanwhile.
    async fn land(&mut self, page: Delta, asked: i64, state: State, walked: Option<Walked>) -> Result<bool> {
        // After some tries the answer counts: the next look brings what it overwrites.
        let asked = (self.races < RACES).then_some(asked);
        let kept = state.clone();
        match self.core.blocking(move |core| core.file.land(&page, asked, &kept, walked)).await? {
            Landed::Raced => {
                self.races += 1;
                Ok(false)
            }
            Landed::Stored { news, twins } => {
                (self.races, self.state) = (0, state);
                self.core.doubt(twins);
                if news {
                    self.core.stir();
                }
                self.core.answered_in_turn().await;
                Ok(true)
            }
        }
    }

    async fn keep(&mut self, state: State) -> Result<()> {
        let kept = state.clone();
        self.core.blocking(move |core| core.file.set_state(&kept)).await?;
        self.state = state;
        Ok(())
    }

    /// Where the copy's changes stand.
    async fn head(&mut self) -> Result<i64> {
        if let Some(asked) = self.asked {
            return Ok(asked);
        }
        let head = self.core.blocking(|core| core.file.head()).await?;
        self.asked = Some(head);
        Ok(head)
    }

    fn is_full_due(&self) -> bool {
        let every = SignedDuration::try_from(self.core.options.pace.full).unwrap_or(SignedDuration::MAX);
        self.full || self.state.full.is_none_or(|at| self.core.now().duration_since(at) >= every)
    }
}
