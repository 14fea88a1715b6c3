//! The adapter for Jira, Cloud and Data Center: against a fake of both, and what real ones sent.

mod custom;
mod live;
mod samples;
mod traps;
mod work;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deskside::backend::embedded::Rules;
use deskside::backend::http::client::{Client, Credential, Limits, Proxies, Secret, Site as Address, Source};
use deskside::backend::http::jira::{Jira, envelope};
use deskside::backend::http::remote::Remote;
use deskside::backend::http::tracker::{Part, Scope, Sent, Setup, Tracker, Wanted};
use deskside::backend::{Error, Schema};
use deskside::domain::change::OpKey;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::mapping::Mapping;
use deskside::domain::name::{Name, TicketId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

pub use super::acts::walk;
use super::site::{Elsewhere, Fixture, Site, Truth, Who, likely};
use crate::fake::jira::world::Entry;
use crate::fake::jira::{Fake, INCIDENTS, PASSWORD, World, words};

/// The template's mapping.
pub fn stock() -> Mapping {
    toml::from_str(include_str!("../../../config/trackers/jira.toml")).unwrap()
}

/// That mapping with a site's own file laid over it.
pub fn laid(over: &str) -> Mapping {
    let mut mapping = stock();
    mapping.lay(toml::from_str::<Mapping>(over).unwrap());
    mapping
}

pub fn setup(mapping: Mapping) -> Setup {
    Setup { mapping: Arc::new(mapping), scope: Scope { page: 10, ..Scope::default() }, zone: TimeZone::UTC }
}

/// The adapter as that user has it: by mail and token on Cloud, by a personal access token on Data Center.
pub fn adapter(address: &str, cloud: bool, user: &str, token: &str, setup: Setup) -> Jira {
    within(Duration::from_secs(2), address, cloud, user, token, setup)
}

/// The adapter, answered within that time: what other programs stand between takes longer.
pub fn within(request: Duration, address: &str, cloud: bool, user: &str, token: &str, setup: Setup) -> Jira {
    let mut site = Address::new(address).unwrap();
    let secret = Source::Given(Secret::new(token));
    site.credential = match cloud {
        true => Credential::Basic { user: format!("{user}@acme.test"), password: secret },
        false => Credential::Bearer(secret),
    };
    site.proxies = Proxies::None;
    site.limits = Limits {
        connect: Duration::from_secs(1),
        request,
        per_second: 1000.0,
        burst: 1000,
        patience: Duration::from_millis(50),
        ..Limits::default()
    };
    site.envelope = envelope;
    Jira::new(Client::new(site).unwrap(), setup)
}

pub fn token(user: &str) -> String {
    format!("token-of-{user}-7f3a")
}

/// Sam's adapter for this fake.
pub fn sam(fake: &Fake) -> Jira {
    with(fake, stock())
}

pub fn with(fake: &Fake, mapping: Mapping) -> Jira {
    adapter(&fake.server.url(), fake.world().cloud, "sam.desk", &token("sam.desk"), setup(mapping))
}

pub fn rules() -> Rules {
    crate::backends::bench::rules()
}

/// Sam's desk.
pub fn desk(fake: &Fake) -> Remote {
    Remote::new(Box::new(sam(fake)), rules(), Duration::from_secs(60))
}

/// What somebody is called here.
pub fn called(cloud: bool, login: &str) -> Name {
    let full: Vec<String> = login
        .split('.')
        .map(|part| {
            let (first, rest) = part.split_at(1);
            first.to_uppercase() + rest
        })
        .collect();
    if cloud { Name::new(&full.join(" ")) } else { Name::new(login) }
}

pub fn wanted(cloud: bool, parts: Vec<Part>) -> Wanted {
    Wanted { key: OpKey("k".into()), me: called(cloud, "sam.desk"), at: Timestamp::now(), parts }
}

/// Plans and sends; what came of each write.
pub async fn carry_out(jira: &Jira, id: &TicketId, parts: Vec<Part>) -> Result<Vec<Sent>, Error> {
    jira.schema().await?;
    let on = jira.glance(id).await?;
    let mut sent = Vec::new();
    for write in jira.plan(&on, &wanted(true, parts)).await? {
        sent.push(jira.send(&on, &write).await?);
    }
    Ok(sent)
}

/// The key of the ticket with that title.
pub fn titled(fake: &Fake, title: &str) -> TicketId {
    let world = fake.world();
    let found = world.titled(title).first().map(|issue| TicketId::new(&issue.key));
    found.unwrap_or_else(|| panic!("no {title}"))
}

/// A field of an issue as it is shown to version 2.
pub fn field(fake: &Fake, id: &TicketId, key: &str) -> Json {
    fake.world().issue(id.as_str()).unwrap().fields.get(key).cloned().unwrap_or_default()
}

/// Somebody sets a field behind everybody's back.
pub fn set(world: &mut World, key: &str, field: &str, value: Json, by: &str) {
    let number = world.issue(key).unwrap().number;
    let (id, at) = (world.fresh(), world.touch(number));
    let account = |value: &Json| value.as_str().map(|login| world.account(login));
    let held = world.issue(key).unwrap().fields.get(field).cloned().unwrap_or_default();
    let ends = if field == "assignee" { (account(&held), account(&value)) } else { (None, None) };
    let item = json!({ "field": field, "fieldtype": "jira", "fieldId": field, "from": ends.0, "fromString": held,
        "to": ends.1, "toString": value });
    let issue = world.issue_mut(key).unwrap();
    issue.fields.insert(field.into(), value);
    issue.log.push(Entry { id, by: by.into(), at, items: vec![item] });
}

/// A fake of Cloud or of Data Center.
#[derive(Debug)]
pub struct Bench<const CLOUD: bool> {
    fake: Fake,
}

#[async_trait]
impl<const CLOUD: bool> Site for Bench<CLOUD> {
    const LONGEST_TEXT: Option<usize> = if CLOUD { Some(32_767) } else { None };

    async fn new() -> Self {
        Self { fake: Fake::new(CLOUD) }
    }

    fn address(&self) -> String {
        self.fake.server.url()
    }

    fn adapter(&self, who: Who, address: &str) -> Box<dyn Tracker> {
        let user = match who {
            Who::Agent | Who::Wrong => "sam.desk",
            Who::Colleague => "fay.field",
            Who::Reader => "reed.only",
            Who::Nobody => "nora.none",
        };
        let token = if who == Who::Wrong { "wrong-token".into() } else { token(user) };
        Box::new(adapter(address, CLOUD, user, &token, setup(stock())))
    }

    fn fixture(&self) -> Fixture {
        let id = |title: &str| titled(&self.fake, title);
        let hostile = {
            let world = self.fake.world();
            let all = world.issues.iter();
            let mut evil = all.filter(|issue| issue.fields["summary"].as_str().unwrap().contains("evil"));
            TicketId::new(&evil.next().unwrap().key)
        };
        Fixture {
            incident: id("Ticket 3: the printer hums"),
            storied: id("VPN drops every ten minutes"),
            others: vec![
                (Kind::Request, id("A laptop")),
                (Kind::Problem, id("VPN gateway loses its mind")),
                (Kind::Change, id("Replace VPN concentrator firmware")),
            ],
            hostile,
            in_scope: INCIDENTS + 6,
            group: "Service Desk".into(),
            other_group: "Network".into(),
            agent: called(CLOUD, "sam.desk"),
            colleague: called(CLOUD, "fay.field"),
            caller: called(CLOUD, "rita.caller"),
            category: Some("Network".into()),
        }
    }

    fn secrets(&self) -> Vec<String> {
        let all = ["sam.desk", "fay.field", "reed.only", "nora.none"];
        all.iter().map(|user| token(user)).chain([PASSWORD.to_owned(), "wrong-token".to_owned()]).collect()
    }

    fn value(&self, field: &Field, schema: &Schema) -> Value {
        likely(field, schema, &self.fixture())
    }

    async fn truth(&self, id: &TicketId) -> Option<Truth> {
        let world = self.fake.world();
        let issue = world.issues.iter().find(|issue| issue.key == id.as_str())?;
        let said = |public: bool| {
            let all = issue.comments.iter().filter(|said| said.public == public);
            all.map(|said| words(&said.body)).collect()
        };
        let owner = issue.fields.get("assignee").and_then(Json::as_str);
        let group = issue.fields.get("customfield_10006").and_then(Json::as_str);
        let groups = &world.field("customfield_10006").unwrap().choices;
        let files = world.files.iter().filter(|file| file.issue == Some(issue.number));
        Some(Truth {
            title: issue.fields["summary"].as_str().unwrap().to_owned(),
            state: world.status(&issue.status).1.clone(),
            owner: owner.map(|login| called(CLOUD, login).to_string()),
            group: groups.iter().find(|one| Some(one.0.as_str()) == group).map(|one| one.1.clone()),
            public: said(true),
            internal: said(false),
            attachments: files.map(|file| file.name.clone()).collect(),
        })
    }

    async fn titled(&self, title: &str) -> Vec<TicketId> {
        self.fake.world().titled(title).iter().map(|issue| TicketId::new(&issue.key)).collect()
    }

    async fn elsewhere(&self, id: &TicketId, what: Elsewhere) {
        let mut world = self.fake.world();
        let number = world.issue(id.as_str()).unwrap().number;
        let by = "fay.field";
        match what {
            Elsewhere::Title(title) => set(&mut world, id.as_str(), "summary", title.into(), by),
            Elsewhere::Note(text) | Elsewhere::Reply(text) if text.is_empty() => {}
            Elsewhere::Note(text) => {
                let body = world.rich(&text);
                world.say(number, by, body, false);
            }
            Elsewhere::Reply(text) => {
                let body = world.rich(&text);
                world.say(number, by, body, true);
            }
            Elsewhere::Take => set(&mut world, id.as_str(), "assignee", by.into(), by),
            Elsewhere::Resolve => {
                let done = world.field("resolution").unwrap().choices[0].0.clone();
                set(&mut world, id.as_str(), "resolution", done.into(), by);
                let (from, to) =
                    (world.issue(id.as_str()).unwrap().status.clone(), world.status_named("Completed").clone());
                let from = world.status(&from).clone();
                let (entry, at) = (world.fresh(), world.touch(number));
                let item = json!({ "field": "status", "fieldtype": "jira", "fieldId": "status", "from": from.0,
                    "fromString": from.1, "to": to.0, "toString": to.1 });
                let issue = world.issue_mut(id.as_str()).unwrap();
                (issue.status, issue.done) = (to.0, Some(at));
                issue.log.push(Entry { id: entry, by: by.into(), at, items: vec![item] });
            }
            Elsewhere::Delete => world.issues.retain(|issue| issue.number != number),
        }
    }

    async fn moves(&self, id: &TicketId) -> Option<TicketId> {
        let to = TicketId::new("SD-4711");
        self.fake.world().rename(id.as_str(), to.as_str());
        Some(to)
    }

    async fn turns(&self, id: &TicketId) -> Option<Kind> {
        let mut world = self.fake.world();
        let problem = world.titled("VPN gateway loses its mind")[0].sort.clone();
        let number = world.issue(id.as_str()).unwrap().number;
        world.touch(number);
        world.issue_mut(id.as_str()).unwrap().sort = problem;
        Some(Kind::Problem)
    }
}

tracker_suite!(cloud, Bench<true>);
tracker_suite!(data_center, Bench<false>);
