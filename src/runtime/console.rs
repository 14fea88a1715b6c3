//! The loop: take what is ready, change the model, start what it asks for, draw once.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::mpsc::{self, Receiver};

use crate::app::effect::{Effect, Effects, Keep, Room};
use crate::app::message::Message;
use crate::app::model::{Loading, Model, Start};
use crate::app::notice::Notice;
use crate::app::settings::Settings;
use crate::app::{pending, update};
use crate::backend::Backend;
use crate::runtime::editor;
use crate::runtime::jobs::Jobs;
use crate::runtime::terminal::{Input, Inputs, Screen, Session, Signal, Signals, Terminal, setup};
use crate::store::{Kept, Store};
use crate::text::Clean;
use crate::ui::{self, Theme};

/// What a console is started with.
#[derive(Debug)]
pub struct Launch {
    pub desk: Arc<dyn Backend>,
    pub settings: Arc<Settings>,
    /// The local state and what was in it; none for a console that keeps nothing.
    pub store: Option<(Store, Vec<Kept>)>,
    pub zone: TimeZone,
    pub name: Clean,
    pub read_only: bool,
    pub as_of: Option<Timestamp>,
    /// Shown first thing.
    pub greeting: Option<String>,
    /// Where the details of a panic are.
    pub log: Option<PathBuf>,
}

/// How long the first picture waits for the first rows.
const FIRST_ROWS: Duration = Duration::from_millis(20);
/// How long a picture waits for a ticket that was asked for.
const ANSWER: Duration = Duration::from_millis(4);
/// While pages of tickets come in, a picture is drawn once in so long.
const BETWEEN_PAGES: Duration = Duration::from_millis(50);
/// How long the end waits for the answers to what is on its way.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// The console with its terminal.
struct Console {
    model: Model,
    jobs: Jobs,
    session: Session,
    screen: Screen<File>,
    theme: Theme,
    messages: Receiver<Message>,
    over: bool,
    /// A ticket was asked for since the last picture.
    asked: bool,
    /// When the last picture was drawn, and whether a page came in after it.
    drawn: Instant,
    behind: bool,
    /// It suspended itself, and the signal that continued it has not been seen yet.
    suspended: bool,
}

/// Runs the console until the user leaves.
pub fn run(launch: Launch) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(start(launch));
    // Blocking work that nobody waits for must not hold the prompt back.
    runtime.shutdown_timeout(Duration::from_millis(200));
    result
}

async fn start(launch: Launch) -> anyhow::Result<()> {
    let terminal = Terminal::detect()?;
    let (sender, messages) = mpsc::channel(1024);
    let told = sender.clone();
    setup::install_panic_hook(launch.log.clone(), move |fault| _ = told.try_send(Message::Trouble(fault)));
    let (store, kept) = launch.store.map_or((None, Vec::new()), |(store, kept)| (Some(store), kept));
    let jobs = Jobs::new(launch.desk.clone(), sender, store);
    // The desk is read while the terminal is taken.
    tokio::task::yield_now().await;
    let session = Session::enter(terminal)?;
    let size = crate::runtime::terminal::size();
    let screen = Screen::new(session.out()?, size, *session.terminal());
    let theme = Theme::new(session.terminal().unicode);
    let model = Model::new(Start {
        now: launch.as_of.unwrap_or_else(Timestamp::now),
        zone: launch.zone,
        size: (size.width, size.height),
        settings: launch.settings,
        capabilities: launch.desk.capabilities(),
        session: crate::runtime::session_name(Timestamp::now()),
        name: launch.name,
        read_only: launch.read_only,
        as_of: launch.as_of,
    });
    let mut console = Console {
        model,
        jobs,
        session,
        screen,
        theme,
        messages,
        over: false,
        asked: false,
        drawn: Instant::now(),
        behind: false,
        suspended: false,
    };
    console.first_rows().await;
    let rows: Vec<(Room, String, String)> =
        kept.into_iter().filter_map(|(room, key, value)| Some((Room::parse(&room)?, key, value))).collect();
    console.take(Message::Kept(rows));
    if let (None, Some(greeting)) = (&console.model.notice, launch.greeting) {
        console.model.say(Notice::done(greeting));
    }
    let inputs = Inputs::open(console.session.terminal())?;
    let signals = Signals::listen()?;
    let name = format!("deskside {}", console.model.desk.name);
    console.session.set_title(&Clean::line(&name))?;
    console.run(inputs, signals).await
}

impl Console {
    /// Waits a moment for the first page, so that the first picture already shows tickets.
    async fn first_rows(&mut self) {
        let until = tokio::time::Instant::now() + FIRST_ROWS;
        while self.model.desk.loading == Loading::Nothing || self.model.me.is_empty() {
            match tokio::time::timeout_at(until, self.messages.recv()).await {
                Ok(Some(message)) => self.take(message),
                _ => return,
            }
        }
    }

    async fn run(mut self, mut inputs: Inputs, mut signals: Signals) -> anyhow::Result<()> {
        let mut end = Ok(());
        let mut news = true;
        while !self.over {
            if news && let Err(error) = self.draw() {
                // Mostly the line has dropped and its signal is still on the way: what is under way is seen to its end.
                self.leave();
                end = Err(error);
                break;
            }
            #[cfg(debug_assertions)]
            provoke(self.model.frames);
            let wake = update::next_wake(&self.model).map(|at| at.duration_since(self.model.now));
            let wake = wake.and_then(|wait| Duration::try_from(wait).ok()).unwrap_or(Duration::from_secs(60));
            let wake = if self.behind { wake.min(BETWEEN_PAGES) } else { wake };
            news = true;
            tokio::select! {
                biased;
                signal = signals.next() => if let Err(error) = self.signal(signal) {
                    self.leave();
                    end = Err(error);
                },
                input = inputs.next() => {
                    self.tick();
                    match input {
                        Ok(input) => self.input(input),
                        Err(_) => self.leave(),
                    }
                }
                message = self.messages.recv() => if let Some(message) = message {
                    news = self.tick() | self.is_news(&message);
                    self.take(message);
                },
                () = tokio::time::sleep(wake) => { self.tick(); }
            }
            // Whatever has come meanwhile belongs into the same picture.
            while let Some(input) = inputs.ready() {
                news = true;
                self.input(input);
            }
            while let Ok(message) = self.messages.try_recv() {
                news |= self.is_news(&message);
                self.take(message);
            }
            if std::mem::take(&mut self.asked) {
                news = true;
                self.answer().await;
            }
        }
        self.session.leave();
        self.see_out().await;
        match end {
            Err(error) if !is_gone(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Takes the answers to what is on its way, and sends what waited for them; but not for ever: what is not answered
    /// stays in the outbox.
    async fn see_out(&mut self) {
        let until = tokio::time::Instant::now() + LAST_ANSWERS;
        loop {
            while let Ok(message) = self.messages.try_recv() {
                self.take(message);
            }
            tokio::select! {
                biased;
                Some(message) = self.messages.recv() => self.take(message),
                () = tokio::time::sleep_until(until) => return,
                more = self.jobs.written() => if !more {
                    return;
                },
            }
        }
    }

    /// Whether a picture is due for this now: pages after the first come faster than anybody reads.
    fn is_news(&mut self, message: &Message) -> bool {
        let news = update::is_news(&self.model, message);
        let more = matches!(message, Message::Delta(Ok(delta)) if delta.more);
        let first = self.model.desk.loading == Loading::Nothing;
        if news && more && !first && self.drawn.elapsed() < BETWEEN_PAGES {
            self.behind = true;
            return false;
        }
        news
    }

    /// A ticket that was asked for mostly comes within a millisecond: then it is in the first picture after the key.
    async fn answer(&mut self) {
        let until = tokio::time::Instant::now() + ANSWER;
        while let Ok(Some(message)) = tokio::time::timeout_at(until, self.messages.recv()).await {
            let come = matches!(message, Message::Loaded(..));
            self.take(message);
            if come {
                return;
            }
        }
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let (model, theme) = (&self.model, &self.theme);
        let mut lines = None;
        self.screen.draw(|buffer| {
            let shown = ui::view(buffer, model, theme);
            lines = shown.lines;
            shown.cursor
        })?;
        self.model.frames += 1;
        (self.drawn, self.behind) = (Instant::now(), false);
        if let Some(detail) = &mut self.model.detail {
            detail.lines = lines.unwrap_or(detail.lines);
        }
        Ok(())
    }

    /// Tells the time. Whether something shown has changed by it.
    fn tick(&mut self) -> bool {
        let due = update::next_wake(&self.model);
        self.take(Message::Tick(Timestamp::now()));
        due.is_some_and(|due| due <= self.model.now)
    }

    fn input(&mut self, input: Input) {
        self.take(match input {
            Input::Key(key) => Message::Key(key),
            Input::Paste(text) => Message::Paste(text),
            Input::Resize(width, height) => Message::Resize(width, height),
            Input::FocusGained => Message::Focus(true),
            Input::FocusLost => Message::Focus(false),
        });
    }

    fn signal(&mut self, signal: Signal) -> std::io::Result<()> {
        match signal {
            Signal::Stop | Signal::HangUp => self.leave(),
            // The terminal was taken again when the suspension returned; doing so twice would swallow the next keys.
            Signal::Resumed if self.suspended => self.suspended = false,
            Signal::Resumed => {
                let size = self.session.resumed()?;
                self.resized(size);
            }
        }
        Ok(())
    }

    fn take(&mut self, message: Message) {
        let effects = update::update(&mut self.model, message);
        self.start(effects);
    }

    fn start(&mut self, effects: Effects) {
        // An act that the screen shows as done is on disk before: no kill may take it back.
        let acts = effects.0.iter().any(|effect| matches!(effect, Effect::Keep(Keep::Put { room: Room::Outbox, .. })));
        for effect in effects.0 {
            if let Err(error) = self.one(effect) {
                self.model.say(Notice::trouble(error.to_string()));
            }
        }
        let fault = if acts { self.jobs.settle() } else { self.jobs.fault() };
        if let Some(fault) = fault {
            self.model.say(Notice::trouble(format!(
                "What you type and do is not kept on this machine: {fault}. Make room or mend it; until then a kill loses it."
            )));
        }
    }

    fn one(&mut self, effect: Effect) -> anyhow::Result<()> {
        match effect {
            Effect::Load(id) => {
                self.asked = true;
                self.jobs.load(id);
            }
            Effect::Send(op) => self.jobs.send(op),
            Effect::Pull => self.jobs.pull(),
            Effect::Presence(open) => self.jobs.presence(open),
            Effect::Keep(keep) => self.jobs.keep(keep),
            Effect::Learn(rows) => self.jobs.learn(rows),
            Effect::Watch(watching) => self.jobs.watch(watching),
            Effect::ListFiles(ticket) => self.jobs.list_files(ticket),
            Effect::SaveText { name, to, text } => self.jobs.save_text(name, to, text),
            Effect::SaveFile { ticket, file, name, to } => self.jobs.save_file(ticket, file, name, to),
            Effect::AddFile { ticket, from } => self.jobs.add_file(ticket, from),
            Effect::Search(token, wanted) => self.jobs.search(token, wanted),
            Effect::Edit { token, text } => {
                let edited = editor::edit(&mut self.session, &text);
                let size = crate::runtime::terminal::size();
                self.resized(size);
                self.take(Message::Edited(token, edited));
            }
            Effect::Copy(text) => self.session.copy(&text)?,
            Effect::Suspend => {
                self.suspended = true;
                let size = self.session.suspend()?;
                self.resized(size);
            }
            Effect::Redraw => self.screen.resize(ratatui::layout::Size::new(self.model.size.0, self.model.size.1)),
            Effect::Quit => self.leave(),
        }
        Ok(())
    }

    /// The terminal may have another size now, and shows something else.
    fn resized(&mut self, size: ratatui::layout::Size) {
        self.screen.resize(size);
        self.model.size = (size.width, size.height);
        self.take(Message::Resize(size.width, size.height));
    }

    /// Leaves; a reply that could still be recalled goes now, since nobody is there to recall it.
    fn leave(&mut self) {
        let effects = pending::release(&mut self.model);
        self.over = true;
        self.start(effects);
    }
}

/// What the system says of a terminal that hung up.
fn is_gone(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(nix::libc::EIO)
}

/// A fault on request, for the tests of what a panic leaves; not in what is shipped.
#[cfg(debug_assertions)]
fn provoke(frames: u64) {
    let asked = std::env::var("DESKSIDE_PANIC").unwrap_or_default();
    assert_ne!(asked, "console", "asked for by DESKSIDE_PANIC");
    if frames == 1 {
        tokio::spawn(async move { assert_ne!(asked, "job", "asked for by DESKSIDE_PANIC") });
    }
}
