//! The adapter for iTop against a fake one, and what real ones sent.

mod connect;
mod custom;
mod family;
mod samples;
mod steps;
mod traps;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deskside::backend::Schema;
use deskside::backend::http::adapters;
use deskside::backend::http::client::{Client, Limits, Proxies, Secret, Site as Place, Source};
use deskside::backend::http::itop::{Itop, sign_in};
use deskside::backend::http::tracker::{Part, Scope, Setup, Tracker, Wanted};
use deskside::domain::change::OpKey;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::mapping::Mapping;
use deskside::domain::name::{Name, TicketId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::site::{Elsewhere, Fixture, Site, Truth, Who, likely};
use crate::fake::itop::{Desk, Entry, Itop as Fake};

/// The stock data model.
pub fn stock() -> Mapping {
    toml::from_str(include_str!("../../../config/trackers/itop.toml")).unwrap()
}

/// A fake with the adapter for it.
#[derive(Debug)]
pub struct Bench {
    pub fake: Fake,
}

impl Bench {
    pub fn with(desk: Desk) -> Self {
        Self { fake: Fake::with(desk) }
    }

    pub fn as_ada(&self) -> Itop {
        self.as_user("ada", "s3cret:of ada", &self.fake.server.url(), setup(stock()))
    }

    pub fn as_user(&self, user: &str, password: &str, address: &str, setup: Setup) -> Itop {
        let mut site = Place::new(address).unwrap();
        site.proxies = Proxies::None;
        site.limits = Limits {
            connect: Duration::from_secs(1),
            request: Duration::from_secs(2),
            per_second: 1000.0,
            burst: 1000,
            patience: Duration::from_millis(50),
            ..Limits::default()
        };
        site.credential = sign_in(user, Source::Given(Secret::new(password)));
        adapters::find("itop").unwrap().prepare(&mut site);
        Itop::new(Client::new(site).unwrap(), setup)
    }

    /// The identifier of the ticket with that title.
    pub fn id(&self, title: &str) -> TicketId {
        let desk = self.fake.desk();
        let found = desk.objects.iter().find(|object| object.text("title").starts_with(title)).unwrap();
        TicketId::new(found.text("ref"))
    }
}

pub fn setup(mapping: Mapping) -> Setup {
    let scope = Scope { closed_days: 30, page: 10, ..Scope::default() };
    Setup { mapping: Arc::new(mapping), scope, zone: TimeZone::get("Europe/Paris").unwrap() }
}

/// An act of Ada's, now.
pub fn wanted(parts: Vec<Part>) -> Wanted {
    Wanted { key: OpKey("k-1".into()), me: "Ada Byron".into(), at: Timestamp::now(), parts }
}

#[async_trait]
impl Site for Bench {
    const UNABLE: &'static [(&'static str, &'static str)] = &[
        ("the_newest_come_first", "iTop sorts nothing and lists class after class: the newest come first on each page"),
        (
            "a_stale_write_is_a_conflict_with_theirs_and_who",
            "who changed a field stands in an audit trail that agents may not read; see trap_27",
        ),
        (
            "every_kind_is_made_and_every_offered_step_is_taken",
            "three sorts of change share one table, and none of them has all of its steps; each goes its way in steps.rs",
        ),
        ("links_show_at_both_ends", "iTop has parents, problems and changes, but no loose relation; see trap_30"),
    ];

    async fn new() -> Self {
        Self { fake: Fake::start() }
    }

    fn address(&self) -> String {
        self.fake.server.url()
    }

    fn adapter(&self, who: Who, address: &str) -> Box<dyn Tracker> {
        let (user, password) = match who {
            Who::Agent => ("ada", "s3cret:of ada"),
            Who::Colleague => ("grace", "s3cret-of-grace"),
            Who::Reader => ("rea", "s3cret-of-rea"),
            Who::Nobody => ("nora", "s3cret-of-nora"),
            Who::Wrong => ("ada", "not-her-s3cret"),
        };
        Box::new(Self::as_user(self, user, password, address, setup(stock())))
    }

    fn fixture(&self) -> Fixture {
        let others = [
            (Kind::Request, self.id("A second screen")),
            (Kind::Problem, self.id("Concentrator restarts")),
            (Kind::Change, self.id("New concentrator")),
        ];
        let desk = self.fake.desk();
        let tickets = desk.objects.iter().filter(|object| !object.text("ref").is_empty());
        let in_scope = tickets.filter(|object| object.text("title") != "Long ago").count();
        drop(desk);
        Fixture {
            incident: self.id("Laptop will not wake"),
            storied: self.id("VPN drops"),
            others: others.to_vec(),
            hostile: self.id("Hostile"),
            in_scope,
            group: "Service Desk".into(),
            other_group: "Applications L3".into(),
            agent: "Ada Byron".into(),
            colleague: "Grace Murray".into(),
            caller: "Fay Caller03".into(),
            category: Some("Laptop broken".into()),
        }
    }

    fn secrets(&self) -> Vec<String> {
        let desk = self.fake.desk();
        desk.accounts.iter().map(|account| account.password.to_owned()).collect()
    }

    fn value(&self, field: &Field, schema: &Schema) -> Value {
        match field.name() {
            "service" => Value::name("Computers"),
            "x.supervisor_group" | "x.manager_group" => Value::name("Service Desk"),
            "x.supervisor" | "x.manager" => Value::name("Grace Murray"),
            "x.acceptance_date" | "x.approval_date" => Value::name("2026-12-01 10:00:00"),
            _ => likely(field, schema, &self.fixture()),
        }
    }

    async fn truth(&self, id: &TicketId) -> Option<Truth> {
        let desk = self.fake.desk();
        let object = desk.by_ref(id.as_str())?;
        let named =
            |class: &str, code: &str| Some(desk.named(class, object.text(code))).filter(|name| !name.is_empty());
        let log = |log: &str| object.logs.get(log).into_iter().flatten().map(|entry| entry.message.clone()).collect();
        let key = object.key.to_string();
        let files = desk.objects.iter().filter(|file| file.class == "Attachment" && file.text("item_id") == key);
        Some(Truth {
            title: object.text("title").into(),
            state: object.text("status").into(),
            owner: named("Person", "agent_id"),
            group: named("Team", "team_id"),
            public: log("public_log"),
            internal: log("private_log"),
            attachments: files.map(|file| file.text("filename").to_owned()).collect(),
        })
    }

    async fn titled(&self, title: &str) -> Vec<TicketId> {
        let desk = self.fake.desk();
        let found =
            desk.objects.iter().filter(|object| object.text("title") == title && !object.text("ref").is_empty());
        found.map(|object| TicketId::new(object.text("ref"))).collect()
    }

    async fn elsewhere(&self, id: &TicketId, what: Elsewhere) {
        let mut desk = self.fake.desk();
        // She acts in a second of her own: iTop counts whole ones.
        desk.ahead += SignedDuration::from_secs(1);
        let now = desk.now();
        let (class, key) = desk.by_ref(id.as_str()).map(|object| (object.class.clone(), object.key)).unwrap();
        if what == Elsewhere::Delete {
            desk.objects.retain(|object| object.class != class || object.key != key);
            return;
        }
        let object = desk.find_mut(&class, key).unwrap();
        object.set("last_update", &now);
        let mut say = |log: &str, words: &str| {
            let entry = Entry { date: now.clone(), user: "Grace Murray".into(), message: words.into() };
            object.logs.entry(log.into()).or_default().push(entry);
        };
        match what {
            Elsewhere::Title(title) => object.set("title", &title),
            Elsewhere::Note(words) => say("private_log", &words),
            Elsewhere::Reply(words) => say("public_log", &words),
            Elsewhere::Take => {
                object.set("status", "assigned");
                object.set("agent_id", "46");
                object.set("assignment_date", &now);
            }
            Elsewhere::Resolve => {
                object.set("status", "resolved");
                object.set("solution", "<p>Turned off and on.</p>");
                object.set("resolution_date", &now);
                object.set("operational_status", "resolved");
            }
            Elsewhere::Delete => {}
        }
    }
}

/// A name, for short.
pub fn name(words: &str) -> Name {
    Name::new(words)
}

tracker_suite!(suite, Bench);
