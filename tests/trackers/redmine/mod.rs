//! The adapter for Redmine: against a fake that keeps every silence of the real one, and against real servers.

mod live;
mod real;
mod refused;
mod session;
mod traps;

tracker_suite!(suite, Fake);

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deskside::backend::http::client::{Client, Credential, Limits, Proxies, Secret, Site as Address, Source};
use deskside::backend::http::redmine::{Redmine, envelope};
use deskside::backend::http::remote::Remote;
use deskside::backend::http::tracker::{Record, Scope, Setup, Tracker};
use deskside::backend::{Backend as _, Result, Stored};
use deskside::domain::change::{Audience, Change, OpKey, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::mapping::Mapping;
use deskside::domain::name::{Name, TicketId};
use deskside::text::Clean;
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use super::acts::{desk, op, say, set, walk};
use super::site::{Elsewhere, Fixture, Site, Truth, Who};
use crate::fake::redmine::world::{GROUPS, PEOPLE, STATUSES, World, now};
use crate::fake::redmine::{Shared, router, seed};
use crate::fake::server::Server;

pub fn stock() -> Mapping {
    toml::from_str(include_str!("../../../config/trackers/redmine.toml")).unwrap()
}

/// The German site, laid over what ships.
pub fn german() -> Mapping {
    let mut mapping = stock();
    mapping.lay(toml::from_str(include_str!("custom-german.toml")).unwrap());
    mapping
}

/// The adapter at that address, as whoever has that key.
pub fn redmine(address: &str, key: &str, mapping: Mapping, scope: Scope) -> Redmine {
    let mut site = Address::new(address).unwrap();
    let value = Source::Given(Secret::new(key));
    site.credential = Credential::Header { name: "X-Redmine-API-Key".into(), prefix: String::new(), value };
    site.proxies = Proxies::None;
    let (connect, request) =
        (Duration::from_secs(1), Duration::from_secs(if address.contains("127") { 20 } else { 2 }));
    site.limits = Limits { connect, request, per_second: 1000.0, burst: 1000, ..Limits::default() };
    site.envelope = envelope;
    Redmine::new(Client::new(site).unwrap(), Setup { mapping: Arc::new(mapping), scope, zone: TimeZone::UTC })
}

pub fn on(id: u64) -> Target {
    Target::Ticket(TicketId::new(&id.to_string()))
}

/// The fake with its tickets.
#[derive(Debug)]
pub struct Fake {
    pub server: Server,
    pub world: Shared,
}

impl Fake {
    pub fn start() -> Self {
        let world = Shared::new(std::sync::Mutex::new(seed::world()));
        Self { server: Server::start(router(Shared::clone(&world))), world }
    }

    pub fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap())
    }

    pub fn adapter_of(&self, key: &str) -> Redmine {
        redmine(&self.server.url(), key, stock(), Scope { page: 20, ..Scope::default() })
    }

    pub fn desk_of(&self, key: &str) -> Remote {
        desk(self.adapter_of(key))
    }

    pub async fn apply(&self, key: &str, id: u64, changes: Vec<Change>) -> Result<Stored> {
        self.desk_of(key).apply(&op(on(id), None, changes)).await
    }
}

fn number(id: &TicketId) -> u64 {
    id.as_str().parse().unwrap()
}

const COLLEAGUE: u64 = 7;

#[async_trait]
impl Site for Fake {
    const UNABLE: &'static [(&'static str, &'static str)] = &[(
        "the_newest_come_first",
        "Redmine cannot ask for open tickets and lately closed ones at once: each sort comes newest first, the open ones before",
    )];

    async fn new() -> Self {
        Self::start()
    }

    fn address(&self) -> String {
        self.server.url()
    }

    fn adapter(&self, who: Who, address: &str) -> Box<dyn Tracker> {
        let key = match who {
            Who::Agent => "sam.desk",
            Who::Colleague => "fay.field",
            Who::Reader => "reed.only",
            Who::Nobody => "nora.none",
            Who::Wrong => "wrong",
        };
        // The group has a field of its own, so that group and owner stand side by side.
        let mut mapping = stock();
        mapping.fields.insert(Field::Group, "cf:Team".into());
        let teams = GROUPS.iter().map(|one| (one.1.to_owned(), one.1.to_owned()));
        mapping.values.insert(Field::Group, teams.collect());
        Box::new(redmine(address, key, mapping, Scope { page: 20, ..Scope::default() }))
    }

    fn fixture(&self) -> Fixture {
        let id = |number: u64| TicketId::new(&number.to_string());
        Fixture {
            incident: id(seed::INCIDENT),
            storied: id(seed::STORIED),
            others: vec![
                (Kind::Request, id(seed::REQUEST)),
                (Kind::Problem, id(seed::PROBLEM)),
                (Kind::Change, id(seed::CHANGE)),
            ],
            hostile: id(seed::HOSTILE),
            in_scope: seed::IN_SCOPE,
            group: "Network".into(),
            other_group: "Field Engineering".into(),
            agent: "sam.desk".into(),
            colleague: "fay.field".into(),
            caller: "rita.caller".into(),
            category: Some("Software".into()),
        }
    }

    async fn truth(&self, id: &TicketId) -> Option<Truth> {
        self.world(|world| {
            let issue = world.issues.get(&number(id))?;
            let login = |who: u64| PEOPLE.iter().find(|one| one.0 == who).map(|one| one.1.to_owned());
            let said = |private: bool| {
                let notes = issue.journals.iter().filter(|one| one.private == private && !one.notes.is_empty());
                notes.map(|one| one.notes.clone()).collect()
            };
            let group = issue.fields.get(&13).filter(|name| !name.is_empty()).cloned();
            Some(Truth {
                title: issue.subject.clone(),
                state: STATUSES.iter().find(|one| one.0 == issue.status).unwrap().1.to_owned(),
                owner: issue.assigned.and_then(login),
                group,
                public: said(false),
                internal: said(true),
                attachments: issue.files.iter().map(|file| file.1.clone()).collect(),
            })
        })
    }

    async fn titled(&self, title: &str) -> Vec<TicketId> {
        self.world(|world| {
            let found = world.issues.values().filter(|issue| issue.subject == title);
            found.map(|issue| TicketId::new(&issue.id.to_string())).collect()
        })
    }

    async fn elsewhere(&self, id: &TicketId, what: Elsewhere) {
        use serde_json::json;
        let wanted = match what {
            Elsewhere::Title(title) => json!({ "subject": title }),
            Elsewhere::Note(text) => json!({ "notes": text, "private_notes": true }),
            Elsewhere::Reply(text) => json!({ "notes": text }),
            Elsewhere::Take => json!({ "assigned_to_id": COLLEAGUE }),
            Elsewhere::Resolve => json!({ "status_id": 10 }),
            Elsewhere::Delete => {
                self.world(|world| world.issues.remove(&number(id)));
                return;
            }
        };
        self.world(|world| {
            world.update(COLLEAGUE, number(id), &wanted);
            // The clock has seconds only; somebody else's write is not always in a second of its own.
            let issue = world.issues.get_mut(&number(id)).unwrap();
            issue.updated = issue.updated.max(now());
        });
    }

    async fn turns(&self, id: &TicketId) -> Option<Kind> {
        self.world(|world| {
            let issue = world.issues.get_mut(&number(id)).unwrap();
            (issue.tracker, issue.updated) = (3, now());
            issue.lock += 1;
        });
        Some(Kind::Problem)
    }
}

fn text(record: &Record, field: &Field) -> String {
    record.fields.get(field).map(ToString::to_string).unwrap_or_default()
}

fn name(words: &str) -> Name {
    Name::new(words)
}
