//! The whole console without a terminal: the model, a real desk in memory, a local store in a map, and a picture after
//! each key, all on one thread and at a time of our choosing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use deskside::app::effect::{Effect, Effects, Keep, Room, Watching};
use deskside::app::message::Message;
use deskside::app::model::{Model, Start};
use deskside::app::overlay::Overlay;
use deskside::app::settings::Settings;
use deskside::app::update::update;
use deskside::backend::embedded::{Clock, History};
use deskside::backend::memory::Memory;
use deskside::backend::sample::{self, Sample};
use deskside::backend::{Backend, Capabilities, Cursor, Delta, Error, Presence, Result, Schema, Stored};
use deskside::cli::{open, settings};
use deskside::command::key::Key;
use deskside::domain::change::{Change, Op, OpKey, Target};
use deskside::domain::directory::Directory;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::lifecycle;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::suggest::{self, Example, Index};
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use deskside::ui::{self, Theme};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// A Wednesday morning in winter: London is at UTC.
pub const NOW: &str = "2026-11-25T10:30:00Z";

/// What ships, with no file of the user's over it.
pub static SETTINGS: LazyLock<Arc<Settings>> =
    LazyLock::new(|| Arc::new(settings::load(std::path::Path::new("/nonexistent/deskside")).unwrap()));

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| sample::generate(7, NOW.parse().unwrap(), 500).unwrap());

/// A desk at which several consoles can sit, with the one clock they all go by.
#[derive(Debug)]
pub struct World {
    now: Arc<AtomicI64>,
    memory: Memory,
    runtime: tokio::runtime::Runtime,
    acts: std::cell::Cell<u64>,
}

impl World {
    /// Some 500 tickets of the sample desk.
    pub fn sample() -> Self {
        Self::with(SAMPLE.directory.clone(), SAMPLE.tickets.clone())
    }

    /// Its first few tickets, for what is tried a thousand times.
    pub fn small() -> Self {
        let open = |(_, events): &&(TicketId, Vec<_>)| events.len() < 12;
        let mut few: History = SAMPLE.tickets.iter().rev().filter(open).take(60).cloned().collect();
        few.reverse();
        Self::with(SAMPLE.directory.clone(), few)
    }

    /// The sample desk's people and things, and not one ticket.
    pub fn empty() -> Self {
        Self::with(SAMPLE.directory.clone(), Vec::new())
    }

    pub fn with(directory: Directory, history: History) -> Self {
        let start: Timestamp = NOW.parse().unwrap();
        let now = Arc::new(AtomicI64::new(start.as_millisecond()));
        let held = Arc::clone(&now);
        let clock = Clock::from_fn(move || Timestamp::from_millisecond(held.load(Ordering::Relaxed)).unwrap());
        let rules = open::rules(&SETTINGS, Directory::default());
        let memory = Memory::new(Name::new("nobody"), directory, history, rules, clock);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self { now, memory, runtime, acts: std::cell::Cell::new(0) }
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now.load(Ordering::Relaxed)).unwrap()
    }

    /// A console of that person, as large as most terminals.
    pub fn console(&self, who: &str) -> Desk<'_> {
        Desk::open(self, who, BTreeMap::new(), (120, 40))
    }

    /// The console of the sample desk's engineer.
    pub fn me(&self) -> Desk<'_> {
        self.console(sample::ME)
    }

    /// The record as the desk has it.
    pub fn ticket(&self, id: &str) -> Ticket {
        self.runtime.block_on(self.memory.get(&TicketId::new(id))).unwrap()
    }

    /// Somebody does this without a console of ours; the desk must take it.
    pub fn does(&self, who: &str, target: Target, changes: Vec<Change>) -> Stored {
        self.tries(who, target, changes).unwrap()
    }

    pub fn tries(&self, who: &str, target: Target, changes: Vec<Change>) -> Result<Stored> {
        self.acts.set(self.acts.get() + 1);
        let key = OpKey(format!("world-{}", self.acts.get()));
        let op = Op { key, target, expect: None, at: self.now(), changes, again: false, desk: None };
        self.runtime.block_on(self.memory.console(Name::new(who)).apply(&op))
    }

    /// Registers a ticket with these fields and the usual rest.
    pub fn register(&self, kind: Kind, title: &str, fields: &[(Field, Value)]) -> String {
        let set = |field: &Field, to: &Value| Change::Set { field: field.clone(), from: None, to: Some(to.clone()) };
        let mut changes = vec![
            Change::Create { kind, state: lifecycle::initial(kind), opened: self.now() },
            set(&Field::Title, &Value::text(title)),
            set(&Field::Caller, &Value::name(&customer())),
            set(&Field::Impact, &Value::Number(3)),
            set(&Field::Urgency, &Value::Number(2)),
        ];
        if kind == Kind::Problem {
            let sort = [(Field::Trigger, "incident"), (Field::Level, "operational"), (Field::Domain, "system")];
            let free = sort.into_iter().filter(|(field, _)| fields.iter().all(|(given, _)| given != field));
            changes.extend(free.map(|(field, word)| set(&field, &Value::name(word))));
        }
        changes.extend(fields.iter().map(|(field, to)| set(field, to)));
        self.does(sample::ME, Target::New(kind), changes).ticket.id.to_string()
    }

    /// A colleague changes one field.
    pub fn sets(&self, who: &str, id: &str, field: Field, to: Value) {
        let change = Change::Set { field, from: None, to: Some(to) };
        self.does(who, Target::Ticket(TicketId::new(id)), vec![change]);
    }
}

/// A customer of the sample desk who has an address.
pub fn customer() -> String {
    let found = SAMPLE.directory.people.iter().find(|p| p.level.is_none() && p.roles.is_empty() && p.email.is_some());
    found.unwrap().login.to_string()
}

pub fn directory() -> &'static Directory {
    &SAMPLE.directory
}

/// What the desk shall answer instead of doing it.
#[derive(Debug, Clone)]
pub enum Fault {
    Offline,
    Refuse(&'static str),
    Doubtful,
    SignedOut,
    /// It was deleted on its tracker.
    Gone,
    /// It was moved, or merged into that one.
    Moved(String),
    /// Somebody else changes the same just before.
    Overtaken(&'static str),
    /// Somebody else changes something else just before.
    Beside(&'static str),
}

/// What goes wrong next; with an id, only for that ticket.
type Faults = VecDeque<(Option<String>, Fault)>;

/// A console's own line to the desk, on which things can go wrong.
#[derive(Debug)]
struct Line {
    desk: Memory,
    faults: Arc<Mutex<Faults>>,
}

#[async_trait]
impl Backend for Line {
    fn capabilities(&self) -> Capabilities {
        self.desk.capabilities()
    }

    async fn schema(&self) -> Result<Schema> {
        self.desk.schema().await
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        self.desk.pull(since).await
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        self.desk.get(id).await
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        let fault = {
            let mut faults = self.faults.lock().unwrap();
            let mine = |(id, _): &(Option<String>, Fault)| match (id, &op.target) {
                (None, _) => true,
                (Some(id), Target::Ticket(target)) => target.as_str() == id,
                _ => false,
            };
            faults.iter().position(mine).and_then(|at| faults.remove(at))
        };
        match fault {
            None => self.desk.apply(op).await,
            Some((_, Fault::Offline)) => Err(Error::Offline("the line is down.".into())),
            Some((_, Fault::Refuse(why))) => Err(Error::invalid("", why)),
            Some((_, Fault::Doubtful)) => Err(Error::Doubtful("the answer was lost.".into())),
            Some((_, Fault::SignedOut)) => Err(Error::Unauthenticated("the token has run out.".into())),
            Some((id, Fault::Gone)) => Err(Error::NotFound(TicketId::new(&id.unwrap_or_default()))),
            Some((id, Fault::Moved(to))) => {
                Err(Error::Moved { id: TicketId::new(&id.unwrap_or_default()), to: TicketId::new(&to) })
            }
            Some((_, fault @ (Fault::Overtaken(who) | Fault::Beside(who)))) => {
                let Target::Ticket(id) = op.target.clone() else { panic!("a new ticket cannot be overtaken") };
                let beside = (Field::Location, Value::name(&format!("Leeds {}", op.key.0.len())));
                let same = op.changes.iter().find_map(third).filter(|_| matches!(fault, Fault::Overtaken(_)));
                let (field, to) = same.unwrap_or(beside);
                let change = Change::Set { field, from: None, to: Some(to) };
                let key = OpKey(format!("overtakes {}", op.key.0));
                let first = Op {
                    key,
                    target: Target::Ticket(id),
                    expect: None,
                    at: op.at,
                    changes: vec![change],
                    again: false,
                    desk: None,
                };
                self.desk.console(Name::new(who)).apply(&first).await.unwrap();
                self.desk.apply(op).await
            }
        }
    }

    async fn changed(&self) -> Result<()> {
        self.desk.changed().await
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        self.desk.presence(open).await
    }
}

/// A value that is neither what stood there nor what is wanted.
fn third(change: &Change) -> Option<(Field, Value)> {
    match change {
        Change::Set { field: field @ (Field::Impact | Field::Urgency), from, to: Some(to) } => {
            let other = (1..=3).map(Value::Number).find(|value| value != to && Some(value) != from.as_ref());
            other.map(|value| (field.clone(), value))
        }
        Change::Set { field: Field::Resolution, .. } => Some((Field::Resolution, Value::text("Theirs."))),
        _ => None,
    }
}

/// One console at work.
#[derive(Debug)]
pub struct Desk<'w> {
    pub world: &'w World,
    pub model: Model,
    line: Line,
    cursor: Option<Cursor>,
    pub kept: BTreeMap<(Room, String), String>,
    pub theme: Theme,
    /// Everything that was asked of the world, in order.
    pub asked: Vec<Effect>,
    /// Answers are kept back until `answer`, as on a slow line.
    pub slow: bool,
    waiting: VecDeque<Effect>,
    /// Draw after each key, as one who types no faster than the screen.
    pub draws: bool,
    /// Keys pressed so far.
    pub keys: usize,
}

impl<'w> Desk<'w> {
    fn open(world: &'w World, who: &str, kept: BTreeMap<(Room, String), String>, size: (u16, u16)) -> Self {
        static RUNS: AtomicI64 = AtomicI64::new(0);
        let line = Line { desk: world.memory.console(Name::new(who)), faults: Arc::default() };
        let model = Model::new(Start {
            now: world.now(),
            zone: TimeZone::get("Europe/London").unwrap(),
            size,
            settings: SETTINGS.clone(),
            capabilities: line.capabilities(),
            session: format!("run{}", RUNS.fetch_add(1, Ordering::Relaxed)),
            name: Clean::line("sample desk"),
            read_only: false,
            as_of: None,
        });
        let mut desk = Self {
            world,
            model,
            line,
            cursor: None,
            kept,
            theme: Theme::new(true),
            asked: Vec::new(),
            slow: false,
            waiting: VecDeque::new(),
            draws: true,
            keys: 0,
        };
        let schema = world.runtime.block_on(desk.line.schema());
        desk.take(Message::Schema(Box::new(schema)));
        desk.look();
        let rows = desk.kept.iter().map(|((room, key), value)| (*room, key.clone(), value.clone())).collect();
        desk.take(Message::Kept(rows));
        desk.draw();
        desk
    }

    /// The same person sits down again after the program was killed: only the local store is left.
    pub fn restarted(self) -> Self {
        let (who, size) = (self.model.me.to_string(), self.model.size);
        let Self { world, kept, .. } = self;
        Self::open(world, &who, kept, size)
    }

    pub fn sized(mut self, width: u16, height: u16) -> Self {
        self.resize(width, height);
        self
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.take(Message::Resize(width, height));
        self.draw();
    }

    /// The next act on that ticket (on any, when none is named) meets this.
    pub fn fails(&self, id: Option<&str>, fault: Fault) {
        self.line.faults.lock().unwrap().push_back((id.map(str::to_owned), fault));
    }

    /// Presses keys: letters one by one, `<enter>` for those that have a name.
    pub fn press(&mut self, script: &str) -> &mut Self {
        for key in keys(script) {
            self.key(key);
        }
        self
    }

    /// Types text as it is, spaces included.
    pub fn write(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.key(match c {
                ' ' => "space".parse().unwrap(),
                '\n' => "enter".parse().unwrap(),
                '-' => "-".parse().unwrap(),
                c => c.to_string().parse().unwrap(),
            });
        }
        self
    }

    pub fn key(&mut self, key: Key) {
        self.keys += 1;
        self.take(Message::Tick(self.world.now()));
        self.take(Message::Key(key));
        if self.draws {
            self.draw();
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.take(Message::Paste(text.into()));
        self.draw();
    }

    /// Lets time pass for everybody, and this console notice it.
    pub fn wait(&mut self, seconds: i64) {
        let now = self.world.now() + SignedDuration::from_secs(seconds);
        self.world.now.store(now.as_millisecond(), Ordering::Relaxed);
        self.take(Message::Tick(now));
        self.draw();
    }

    /// The desk says that something changed: this console reads it.
    pub fn look(&mut self) {
        loop {
            let delta = self.world.runtime.block_on(self.line.pull(self.cursor.as_ref()));
            let more = delta.as_ref().is_ok_and(|delta| delta.more);
            if let Ok(delta) = &delta {
                self.cursor = Some(delta.next.clone());
            }
            self.take(Message::Delta(delta));
            if !more {
                break;
            }
        }
        self.draw();
    }

    pub fn take(&mut self, message: Message) {
        let effects = update(&mut self.model, message);
        self.start(effects);
    }

    fn start(&mut self, effects: Effects) {
        for effect in effects.0 {
            self.asked.push(effect.clone());
            let is_remote = matches!(effect, Effect::Load(_) | Effect::Send(_) | Effect::Learn(_) | Effect::Watch(_));
            if self.slow && is_remote { self.waiting.push_back(effect) } else { self.one(effect) }
        }
    }

    /// The slow line answers what it was asked.
    pub fn answer(&mut self) {
        while let Some(effect) = self.waiting.pop_front() {
            self.one(effect);
        }
        self.draw();
    }

    fn one(&mut self, effect: Effect) {
        let runtime = &self.world.runtime;
        let message = match effect {
            Effect::Load(id) => {
                let ticket = runtime.block_on(self.line.get(&id));
                Message::Loaded(id, Box::new(ticket))
            }
            Effect::Send(op) => {
                let answer = runtime.block_on(self.line.apply(&op));
                Message::Answered(op.key, Box::new(answer))
            }
            Effect::Presence(open) => match runtime.block_on(self.line.presence(open.as_ref())) {
                Ok(presence) => Message::Presence(presence),
                Err(_) => return,
            },
            Effect::Learn(rows) => {
                let mut index = Index::build(rows.iter().map(Example::of), suggest::Settings::default());
                index.calibrate(rows.iter().map(Example::of));
                Message::Learnt(Box::new(index))
            }
            Effect::Watch(Watching::Read(sweep)) if sweep.is_over() => Message::Watched(Box::new(sweep.radar())),
            Effect::Watch(watching) => Message::Watch(watching),
            Effect::Pull => return self.look(),
            Effect::Keep(Keep::Put { room, key, value }) => return drop(self.kept.insert((room, key), value)),
            Effect::Keep(Keep::Drop { room, key }) => return drop(self.kept.remove(&(room, key))),
            Effect::Search(..)
            | Effect::ListFiles(_)
            | Effect::SaveFile { .. }
            | Effect::SaveText { .. }
            | Effect::AddFile { .. } => return,
            Effect::Edit { .. } | Effect::Copy(_) | Effect::Suspend | Effect::Redraw | Effect::Quit => return,
        };
        self.take(message);
    }

    /// One picture, as the loop makes it.
    pub fn draw(&mut self) -> Buffer {
        self.picture().0
    }

    /// The picture, and where the terminal's cursor stands in it.
    pub fn picture(&mut self) -> (Buffer, Option<Position>) {
        let (width, height) = self.model.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let shown = ui::view(&mut buffer, &self.model, &self.theme);
        self.model.frames += 1;
        if let Some(detail) = &mut self.model.detail {
            detail.lines = shown.lines.unwrap_or(detail.lines);
        }
        (buffer, shown.cursor)
    }

    /// The words on the screen, line by line.
    pub fn screen(&mut self) -> String {
        text(&self.draw())
    }

    /// What the console last said.
    pub fn said(&self) -> &str {
        self.model.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    /// The ticket that a key acts on now.
    pub fn here(&self) -> String {
        self.model.current().map(|row| self.model.table.id(row).to_owned()).unwrap_or_default()
    }

    /// Opens the ticket of that id, by keys.
    pub fn open_ticket(&mut self, id: &str) -> &mut Self {
        self.look();
        self.press(":").write(&format!("show {id}")).press("<enter>");
        assert_eq!(self.here(), id, "{}", self.said());
        self
    }

    /// The record as the desk has it.
    pub fn stored(&self, id: &str) -> Ticket {
        self.world.ticket(id)
    }

    pub fn overlay(&self) -> Option<&Overlay> {
        self.model.overlays.last()
    }

    /// How many acts were handed to the desk.
    pub fn sent(&self) -> usize {
        self.asked.iter().filter(|effect| matches!(effect, Effect::Send(_))).count()
    }

    /// What is kept in one room of the local store.
    pub fn room(&self, room: Room) -> Vec<(&str, &str)> {
        self.kept
            .iter()
            .filter(|((held, _), _)| *held == room)
            .map(|((_, key), value)| (key.as_str(), value.as_str()))
            .collect()
    }

    /// Keys pressed since the last call.
    pub fn counted(&mut self) -> usize {
        std::mem::take(&mut self.keys)
    }
}

/// A script as keys: letters one by one, `<name>` for the others, white space for the eye.
pub fn keys(script: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    for word in script.split_whitespace() {
        match word.strip_prefix('<').and_then(|word| word.strip_suffix('>')).filter(|word| !word.is_empty()) {
            Some(name) => keys.push(name.parse().unwrap()),
            None => keys.extend(word.chars().map(|c| c.to_string().parse::<Key>().unwrap())),
        }
    }
    keys
}

/// The words of a picture, without the blanks at the ends of lines.
pub fn text(buffer: &Buffer) -> String {
    let mut lines = Vec::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in buffer.area.left()..buffer.area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = deskside::text::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// Somebody of the sample desk who holds that role.
pub fn with_role(role: &str) -> String {
    let wanted = deskside::domain::directory::Role::parse(role).unwrap();
    let found = SAMPLE.directory.people.iter().find(|person| person.roles.contains(&wanted));
    found.unwrap().login.to_string()
}
