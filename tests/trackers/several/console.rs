//! A console over any desk, without a terminal: what the loop does with messages and effects, step by step and in real
//! time. Copies are kept up to date while it waits, as they are in the program.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deskside::app::effect::{Effect, Effects, Keep, Room};
use deskside::app::message::Message;
use deskside::app::model::{Model, Start};
use deskside::app::update::update;
use deskside::backend::{Backend, Cursor, Error, Health};
use deskside::domain::change::Op;
use deskside::domain::name::{Name, TicketId};
use deskside::text::Clean;
use deskside::ui::{self, Theme};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::task::JoinSet;

use crate::screens::desk::{SETTINGS, keys, text};

/// What is left of a console after a kill: the local state.
pub type Kept = BTreeMap<(Room, String), String>;

pub struct Console {
    pub model: Model,
    pub kept: Kept,
    /// The acts that went out to a desk.
    pub sent: Vec<Op>,
    desk: Arc<dyn Backend>,
    cursor: Option<Cursor>,
    told: Vec<(Name, Health)>,
    schemas: u64,
    /// The time that it shows; the present time where none is given.
    at: Option<Timestamp>,
    jobs: JoinSet<Message>,
}

/// Longer than any time limit of the lines in these tests.
const PATIENCE: Duration = Duration::from_secs(30);

impl Console {
    /// At 80x24, with that local state.
    pub async fn open(desk: Arc<dyn Backend>, kept: Kept) -> Self {
        Self::at(desk, kept, None, false).await
    }

    pub async fn at(desk: Arc<dyn Backend>, kept: Kept, at: Option<Timestamp>, read_only: bool) -> Self {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let now = at.unwrap_or_else(Timestamp::now);
        let model = Model::new(Start {
            now,
            zone: TimeZone::get("Europe/London").unwrap(),
            size: (80, 24),
            settings: SETTINGS.clone(),
            capabilities: desk.capabilities(),
            session: format!("{:012x}-several{}", now.as_millisecond(), RUNS.fetch_add(1, Ordering::Relaxed)),
            name: Clean::line("rt, redmine"),
            read_only,
            as_of: None,
        });
        let schemas = desk.health().schema;
        let (cursor, told, jobs) = (None, Vec::new(), JoinSet::new());
        let mut console = Self { model, kept, sent: Vec::new(), desk, cursor, told, schemas, at, jobs };
        let desk = Arc::clone(&console.desk);
        console.jobs.spawn(async move { Message::Schema(Box::new(desk.schema().await)) });
        console.look().await;
        let rows = console.kept.iter().map(|((room, key), value)| (*room, key.clone(), value.clone())).collect();
        console.take(Message::Kept(rows));
        console
    }

    /// Keys as in `screens`, each with its picture; what they ask for is answered before this returns.
    pub async fn press(&mut self, script: &str) -> &mut Self {
        for key in keys(script) {
            self.one_key(key).await;
        }
        self
    }

    /// Text as it is.
    pub async fn write(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let key = if c == ' ' { "space".parse() } else { c.to_string().parse() };
            self.one_key(key.unwrap()).await;
        }
        self
    }

    async fn one_key(&mut self, key: deskside::command::key::Key) {
        self.tick();
        self.take(Message::Key(key));
        self.answers().await;
        self.screen();
    }

    /// A key whose answers are not waited for.
    pub fn key(&mut self, script: &str) {
        for key in keys(script) {
            self.tick();
            self.take(Message::Key(key));
            self.screen();
        }
    }

    fn tick(&mut self) {
        self.take(Message::Tick(self.at.unwrap_or_else(Timestamp::now)));
    }

    /// Takes what is under way to its end.
    pub async fn answers(&mut self) {
        while let Some(message) = self.jobs.join_next().await {
            self.take(message.unwrap());
        }
    }

    /// Looks at the desk once, as the loop does when it says that something changed.
    pub async fn look(&mut self) {
        let now = self.desk.healths();
        if now != self.told {
            self.told.clone_from(&now);
            self.take(Message::Health(now));
        }
        if self.desk.health().schema != self.schemas {
            self.schemas = self.desk.health().schema;
            let schema = self.desk.schema().await;
            self.take(Message::Schema(Box::new(schema)));
        }
        loop {
            let delta = self.desk.pull(self.cursor.as_ref()).await;
            let mut more = false;
            match &delta {
                Ok(delta) => (self.cursor, more) = (Some(delta.next.clone()), delta.more),
                Err(Error::CursorExpired) => (self.cursor, more) = (None, true),
                Err(_) => {}
            }
            self.take(Message::Delta(delta));
            if !more {
                return;
            }
        }
    }

    /// Lives on until that is so.
    pub async fn until(&mut self, what: &str, so: impl Fn(&mut Self) -> bool) -> &mut Self {
        let began = Instant::now();
        loop {
            self.tick();
            self.look().await;
            while let Some(message) = self.jobs.try_join_next() {
                self.take(message.unwrap());
            }
            if so(self) {
                return self;
            }
            if began.elapsed() > PATIENCE {
                panic!("{what}: {:?}\n{}\n{}", self.told.clone(), self.said(), self.screen());
            }
            let _ = tokio::time::timeout(Duration::from_millis(100), self.desk.changed()).await;
        }
    }

    /// Lives on until that stands on the screen.
    pub async fn shows(&mut self, words: &str) -> &mut Self {
        self.until(words, |console| console.screen().contains(words)).await
    }

    fn take(&mut self, message: Message) {
        let effects = update(&mut self.model, message);
        self.start(effects);
    }

    fn start(&mut self, Effects(effects): Effects) {
        for effect in effects {
            let desk = Arc::clone(&self.desk);
            match effect {
                Effect::Load(id) => drop(self.jobs.spawn(async move {
                    let ticket = desk.get(&id).await;
                    Message::Loaded(id, Box::new(ticket))
                })),
                Effect::Send(op) => {
                    self.sent.push(op.clone());
                    self.jobs.spawn(async move {
                        let answer = desk.apply(&op).await;
                        Message::Answered(op.key, Box::new(answer))
                    });
                }
                Effect::Pull => drop(self.jobs.spawn(async move {
                    let _ = desk.refresh().await;
                    Message::Presence(Vec::new())
                })),
                Effect::Keep(Keep::Put { room, key, value }) => drop(self.kept.insert((room, key), value)),
                Effect::Keep(Keep::Drop { room, key }) => drop(self.kept.remove(&(room, key))),
                _ => {}
            }
        }
    }

    /// The words on the screen.
    pub fn screen(&mut self) -> String {
        let (width, height) = self.model.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let shown = ui::view(&mut buffer, &self.model, &Theme::new(true));
        self.model.frames += 1;
        if let Some(detail) = &mut self.model.detail {
            detail.lines = shown.lines.unwrap_or(detail.lines);
        }
        text(&buffer)
    }

    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.take(Message::Resize(width, height));
        self
    }

    /// The first line of the screen.
    pub fn head(&mut self) -> String {
        self.screen().lines().next().unwrap_or_default().to_owned()
    }

    pub fn said(&self) -> String {
        self.model.notice.as_ref().map(|notice| notice.text.to_string()).unwrap_or_default()
    }

    pub fn has(&self, id: &str) -> bool {
        self.model.table.row(&TicketId::new(id)).is_some()
    }

    /// Opens a ticket by keys.
    pub async fn open_ticket(&mut self, id: &str) -> &mut Self {
        self.press(":").await.write(&format!("show {id}")).await.press("<enter>").await;
        let here = self.model.detail.as_ref().map(|detail| detail.id.to_string());
        assert_eq!(here.as_deref(), Some(id), "{}", self.said());
        self
    }

    /// Shows every ticket of the pane that fits this, the first one chosen.
    pub async fn filter(&mut self, query: &str) -> &mut Self {
        self.press("<esc> <esc>").await.line("view all").await;
        self.press("/").await.write(query).await.press("<enter> gg").await
    }

    /// Types a command on the `:` line.
    pub async fn line(&mut self, command: &str) -> &mut Self {
        self.press(":").await.write(command).await.press("<enter>").await
    }

    /// Killed: nothing that was under way comes to its end here.
    pub fn killed(self) -> Kept {
        self.kept
    }
}
