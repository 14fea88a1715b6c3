//! A site with a proxy before it and a count of what is asked, and the acts that promises are tried with.

use std::net::ToSocketAddrs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use deskside::backend::http::evidence::words;
use deskside::backend::http::remote::Remote;
use deskside::backend::http::tracker::{Page, Record, Sent, Tracker, Wanted, Write};
use deskside::backend::layers::Guarded;
use deskside::backend::{Attachment, Backend, Capabilities, Cursor, Found, Lookup, Result, Schema, Stored, Upload};
use deskside::domain::change::{Audience, Change, Handover, Op, OpKey, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::{Kind, Revision};
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::{State, Verb};
use deskside::domain::summary::Summary;
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use jiff::{SignedDuration, Timestamp};

use super::site::{Fixture, Site, Who};
use crate::fake::proxy::Proxy;

pub type Desk = Guarded<Remote>;

/// What a promise is tried on.
pub struct Bench<S> {
    pub site: S,
    pub fixture: Fixture,
    /// None where there is no line.
    proxy: Option<Proxy>,
    path: String,
    calls: Arc<Calls>,
}

/// How often an adapter was asked.
#[derive(Debug, Default)]
pub struct Calls {
    all: AtomicUsize,
    writes: AtomicUsize,
    pages: AtomicUsize,
}

impl<S: Site> Bench<S> {
    pub async fn new() -> Self {
        let site = S::new().await;
        let fixture = site.fixture();
        let address = site.address();
        let place = address.strip_prefix("http://").unwrap_or_default();
        let (host, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
        let proxy = (!host.is_empty()).then(|| {
            let mut all = host.to_socket_addrs().unwrap();
            Proxy::before(all.find(std::net::SocketAddr::is_ipv4).unwrap())
        });
        let path = path.to_owned();
        Self { site, fixture, proxy, path, calls: Arc::default() }
    }

    pub fn proxy(&self) -> &Proxy {
        self.proxy.as_ref().expect("a tracker without a line has no faults of the line")
    }

    /// The adapter by itself, through the proxy.
    pub fn adapter(&self, who: Who) -> Box<dyn Tracker> {
        let address = self.proxy.as_ref().map(|proxy| format!("{}{}", proxy.url(), self.path));
        let inner = self.site.adapter(who, &address.unwrap_or_default());
        Box::new(Counted { inner, calls: Arc::clone(&self.calls) })
    }

    /// A desk as the console has it, but for what tries again.
    pub fn desk(&self, who: Who) -> Desk {
        let rules = crate::backends::bench::rules();
        Guarded::new(Remote::new(self.adapter(who), rules, Duration::from_secs(60)), false)
    }

    /// One that was used a little: it is signed in and has read what it reads once.
    pub async fn warm(&self, who: Who) -> Desk {
        let desk = self.desk(who);
        desk.schema().await.unwrap();
        desk.get(&self.fixture.storied).await.unwrap();
        self.forget();
        desk
    }

    pub fn forget(&self) {
        if let Some(proxy) = &self.proxy {
            proxy.forget();
        }
        for count in [&self.calls.all, &self.calls.writes, &self.calls.pages] {
            count.store(0, Ordering::SeqCst);
        }
    }

    /// Requests since they were forgotten.
    pub fn requests(&self) -> usize {
        self.proxy.as_ref().map_or_else(|| self.calls.all.load(Ordering::SeqCst), |proxy| proxy.seen().len())
    }

    /// What was asked, for messages.
    pub fn asked(&self) -> String {
        let seen = self.proxy.iter().flat_map(Proxy::seen);
        seen.map(|passed| format!("\n  {} {}", passed.method, passed.path)).collect()
    }

    pub fn writes(&self) -> usize {
        self.calls.writes.load(Ordering::SeqCst)
    }

    pub fn pages(&self) -> usize {
        self.calls.pages.load(Ordering::SeqCst)
    }

    /// A new incident of my own.
    pub async fn incident(&self, desk: &Desk, title: &str) -> Stored {
        self.create(desk, Kind::Incident, title).await
    }

    pub async fn create(&self, desk: &Desk, kind: Kind, title: &str) -> Stored {
        desk.apply(&self.new_op(kind, title)).await.unwrap_or_else(|error| panic!("new {kind}: {error}"))
    }

    pub fn new_op(&self, kind: Kind, title: &str) -> Op {
        let mut changes = vec![
            set(Field::Title, Value::text(title)),
            set(Field::Description, Value::text("It was tried twice.")),
            set(Field::Caller, Value::Name(self.fixture.caller.clone())),
        ];
        changes.extend(self.site.fields_of_new(kind).into_iter().map(|(field, value)| set(field, value)));
        Op { target: Target::New(kind), ..op(&"".into(), None, changes) }
    }

    /// How often the tracker itself has these words: `(public, internal)`.
    pub async fn said(&self, id: &TicketId, text: &str) -> (usize, usize) {
        let truth = self.site.truth(id).await.expect("the ticket is there");
        let count = |all: &[String]| all.iter().filter(|held| words(held).contains(&words(text))).count();
        (count(&truth.public), count(&truth.internal))
    }

    /// No words that anybody could read hold a secret.
    pub fn assert_no_secret(&self, words: &str) {
        for secret in self.site.secrets() {
            assert!(!words.contains(&secret), "a secret stands in: {words}");
        }
    }
}

/// Whether this promise is left out here; says so.
pub fn is_left_out<S: Site>(promise: &str) -> bool {
    if let Some(why) = S::absent() {
        println!("skipped: {why}");
        return true;
    }
    let why = S::UNABLE.iter().find(|(name, _)| *name == promise).map(|(_, why)| why);
    if let Some(why) = why {
        println!("left out: {promise}: {why}");
    }
    why.is_some()
}

pub fn op(id: &TicketId, expect: Option<Revision>, changes: Vec<Change>) -> Op {
    let (key, at) = (OpKey(uuid::Uuid::new_v4().to_string()), Timestamp::now());
    Op { key, target: Target::Ticket(id.clone()), expect, at, changes, again: false, desk: None }
}

/// The same act once more, as a console that does not know what became of it sends it.
pub fn again(op: &Op) -> Op {
    Op { again: true, ..op.clone() }
}

pub fn set(field: Field, to: Value) -> Change {
    Change::Set { field, from: None, to: Some(to) }
}

pub fn title(text: &str) -> Change {
    set(Field::Title, Value::text(text))
}

pub fn group(name: &Name) -> Change {
    set(Field::Group, Value::Name(name.clone()))
}

pub fn note(text: &str) -> Change {
    Change::Say { audience: Audience::Internal, text: Clean::body(text) }
}

pub fn reply(text: &str) -> Change {
    Change::Say { audience: Audience::Public, text: Clean::body(text) }
}

pub fn take(who: &Name) -> Change {
    Change::Handover { step: Handover::Accept { by: who.clone() } }
}

pub fn step(verb: Verb, from: State, to: State) -> Change {
    Change::Move { verb, from, to }
}

/// Words that stand nowhere else.
pub fn fresh(what: &str) -> String {
    format!("{what} {}", uuid::Uuid::new_v4().simple())
}

/// What the ticket's timeline says, in words.
pub fn told(ticket: &Ticket, text: &str) -> Vec<(Audience, Name)> {
    let text = words(text);
    let said = ticket.timeline.iter().filter_map(|event| match &event.change {
        Change::Say { audience, text: held } if words(held).contains(&text) => Some((*audience, event.actor.clone())),
        _ => None,
    });
    said.collect()
}

/// Follows the cursor to its end.
pub async fn everything(desk: &dyn Backend, since: Option<&Cursor>) -> (Vec<Summary>, Cursor) {
    let (mut rows, mut at) = (Vec::new(), since.cloned());
    for _ in 0..1_000 {
        let delta = desk.pull(at.as_ref()).await.unwrap();
        rows.extend(delta.changed);
        at = Some(delta.next.clone());
        if !delta.more {
            return (rows, delta.next);
        }
    }
    panic!("a pull without end");
}

/// What it can do, as it knows once it was asked who I am.
pub async fn can(desk: &Desk) -> Capabilities {
    desk.schema().await.unwrap();
    desk.capabilities()
}

pub fn close_to(left: Timestamp, right: Timestamp, apart: SignedDuration) -> bool {
    left.duration_since(right).abs() <= apart
}

/// An adapter whose calls are counted.
#[derive(Debug)]
struct Counted {
    inner: Box<dyn Tracker>,
    calls: Arc<Calls>,
}

impl Counted {
    fn count(&self) -> &dyn Tracker {
        self.calls.all.fetch_add(1, Ordering::SeqCst);
        self.inner.as_ref()
    }

    fn count_write(&self) -> &dyn Tracker {
        self.calls.writes.fetch_add(1, Ordering::SeqCst);
        self.count()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Tracker for Counted {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn schema(&self) -> Result<Schema> {
        self.count().schema().await
    }

    async fn page(&self, since: Option<&Cursor>) -> Result<Page> {
        self.calls.pages.fetch_add(1, Ordering::SeqCst);
        self.count().page(since).await
    }

    async fn glance(&self, id: &TicketId) -> Result<Record> {
        self.count().glance(id).await
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        self.count().whole(id).await
    }

    async fn learn_of(&self, others: &[&TicketId]) -> Result<()> {
        self.inner.learn_of(others).await
    }

    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        self.inner.plan(on, wanted).await
    }

    async fn send(&self, on: &Record, write: &Write) -> Result<Sent> {
        self.count_write().send(on, write).await
    }

    async fn create(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        self.count_write().create(kind, wanted).await
    }

    async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        self.count().find(kind, wanted).await
    }

    fn clock_ahead(&self) -> Option<SignedDuration> {
        self.inner.clock_ahead()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        self.count().search(wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        self.count().attachments(id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        self.count().download(id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        self.count_write().attach(id, file).await
    }
}
