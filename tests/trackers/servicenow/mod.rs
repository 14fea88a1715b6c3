//! The adapter for ServiceNow: against a fake that does without a word what the real one does without a word.

mod mapping;
mod traps;
mod wire;
mod work;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deskside::backend::http::client::{Client, Credential, Limits, Proxies, Secret, Site as Address, Source};
use deskside::backend::http::servicenow::{ServiceNow, envelope};
use deskside::backend::http::tracker::{Scope, Setup, Tracker};
use deskside::backend::{Backend as _, Result, Schema, Stored};
use deskside::domain::change::{Change, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::mapping::Mapping;
use deskside::domain::name::TicketId;
use deskside::domain::state::State;
use jiff::tz::TimeZone;

pub use super::acts::{desk, op, say, set, step, walk};
use super::site::{Elsewhere, Fixture, Site, Truth, Who, likely};
use crate::fake::servicenow::world::{Row, TASKS};
use crate::fake::servicenow::{Fake, INCIDENTS, PASSWORD};

pub fn stock() -> Mapping {
    toml::from_str(include_str!("../../../config/trackers/servicenow.toml")).unwrap()
}

pub fn laid(over: &str) -> Mapping {
    let mut mapping = stock();
    mapping.lay(toml::from_str(over).unwrap());
    mapping
}

/// The adapter at that address, as that person.
pub fn adapter(address: &str, user: &str, password: &str, mapping: Mapping, scope: Scope) -> ServiceNow {
    let mut site = Address::new(address).unwrap();
    site.credential = Credential::Basic { user: user.into(), password: Source::Given(Secret::new(password)) };
    site.proxies = Proxies::None;
    let (connect, request) = (Duration::from_secs(1), Duration::from_secs(2));
    site.limits = Limits { connect, request, per_second: 1000.0, burst: 1000, ..Limits::default() };
    site.envelope = envelope;
    ServiceNow::new(Client::new(site).unwrap(), Setup { mapping: Arc::new(mapping), scope, zone: TimeZone::UTC })
}

pub fn scope() -> Scope {
    Scope { page: 20, ..Scope::default() }
}

pub fn agent(fake: &Fake) -> ServiceNow {
    adapter(&fake.server.url(), "sam.desk", PASSWORD, stock(), scope())
}

pub fn with(fake: &Fake, over: &str) -> ServiceNow {
    adapter(&fake.server.url(), "sam.desk", PASSWORD, laid(over), scope())
}

pub async fn apply(fake: &Fake, id: &TicketId, changes: Vec<Change>) -> Result<Stored> {
    desk(agent(fake)).apply(&op(Target::Ticket(id.clone()), None, changes)).await
}

/// The number of the ticket with that title.
pub fn titled(fake: &Fake, title: &str) -> TicketId {
    let world = fake.world();
    let row = TASKS.iter().find_map(|table| world.by(table, "short_description", title));
    TicketId::new(&row.unwrap_or_else(|| panic!("no {title}"))["number"])
}

/// A column of a ticket, as it is stored.
pub fn held(fake: &Fake, id: &TicketId, column: &str) -> String {
    let world = fake.world();
    world.walk(world.by("task", "number", id.as_str()).unwrap(), column).unwrap()
}

/// Writes behind everybody's back.
pub fn elsewhere(fake: &Fake, id: &TicketId, values: &[(&str, &str)], user: &str) {
    let mut world = fake.world();
    let row = world.by("task", "number", id.as_str()).unwrap();
    let (table, key) = (row["sys_class_name"].clone(), row["sys_id"].clone());
    let values: Row = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    world.update(&table, &key, &values, user).unwrap();
}

/// Without the steps that are somebody's yes or no: they take an approval that waits, and have tests of their own.
const NO_APPROVALS: &str = r#"
[kinds.change]
steps = [
    { verb = "assess", from = ["-5"], to = "-4" },
    { verb = "implement", from = ["-2"], to = "-1" },
    { verb = "review", from = ["-1"], to = "0" },
    { verb = "close", from = ["0"], to = "3", needs = ["outcome", "resolution"] },
    { verb = "cancel", from = ["-5", "-4", "-3", "-2", "-1", "on_hold"], to = "4" },
]
"#;

#[async_trait]
impl Site for Fake {
    const LEADS_ON: bool = false;

    async fn new() -> Self {
        Self::new()
    }

    fn address(&self) -> String {
        self.server.url()
    }

    fn adapter(&self, who: Who, address: &str) -> Box<dyn Tracker> {
        let (user, password) = match who {
            Who::Agent => ("sam.desk", PASSWORD),
            Who::Colleague => ("fay.field", PASSWORD),
            Who::Reader => ("reed.only", PASSWORD),
            Who::Nobody => ("nora.none", PASSWORD),
            Who::Wrong => ("sam.desk", "wrong"),
        };
        Box::new(adapter(address, user, password, laid(NO_APPROVALS), scope()))
    }

    fn fixture(&self) -> Fixture {
        let hostile = {
            let world = self.world();
            let row =
                world.rows("incident").into_iter().find(|row| row["short_description"].contains("owned")).unwrap();
            TicketId::new(&row["number"])
        };
        Fixture {
            incident: titled(self, "Ticket 3: the printer hums"),
            storied: titled(self, "VPN drops every ten minutes"),
            others: vec![
                (Kind::Request, titled(self, "A laptop")),
                (Kind::Problem, titled(self, "VPN gateway loses its mind")),
                (Kind::Change, titled(self, "Replace VPN concentrator firmware")),
            ],
            hostile,
            // Two incidents and five others beside the many.
            in_scope: INCIDENTS + 7,
            group: "Service Desk".into(),
            other_group: "Network".into(),
            agent: "sam.desk".into(),
            colleague: "fay.field".into(),
            caller: "rita.caller".into(),
            category: Some("hardware".into()),
        }
    }

    fn secrets(&self) -> Vec<String> {
        vec![PASSWORD.into()]
    }

    fn fields_of_new(&self, kind: Kind) -> Vec<(Field, Value)> {
        match kind {
            Kind::Request => vec![(Field::CatalogItem, Value::name("Standard laptop"))],
            Kind::Change => vec![(Field::Group, Value::name("Network"))],
            Kind::Incident | Kind::Problem => Vec::new(),
        }
    }

    /// Closing is not for agents; changes go on by others' approvals.
    fn beyond_reach(&self) -> Vec<(Kind, State)> {
        let others =
            [State::Assess, State::Authorize, State::Scheduled, State::Implement, State::Review, State::OnHold];
        let changes = others.into_iter().map(|state| (Kind::Change, state));
        changes.chain([(Kind::Incident, State::Resolved)]).collect()
    }

    fn value(&self, field: &Field, schema: &Schema) -> Value {
        // To wait for the caller takes words to the caller.
        if *field == Field::HoldReason { Value::name("vendor") } else { likely(field, schema, &self.fixture()) }
    }

    async fn truth(&self, id: &TicketId) -> Option<Truth> {
        let world = self.world();
        let row = world.by("task", "number", id.as_str())?;
        let words = |element: &str| {
            let all = world.rows("sys_journal_field").into_iter();
            all.filter(|said| said["element_id"] == row["sys_id"] && said["element"] == element)
                .map(|said| said["value"].clone())
                .collect()
        };
        let some = |path: &str| world.walk(row, path).filter(|value| !value.is_empty());
        let files = world.rows("sys_attachment").into_iter().filter(|file| file["table_sys_id"] == row["sys_id"]);
        Some(Truth {
            title: row["short_description"].clone(),
            state: row["state"].clone(),
            owner: some("assigned_to.user_name"),
            group: some("assignment_group.name"),
            public: words("comments"),
            internal: words("work_notes"),
            attachments: files.map(|file| file["file_name"].clone()).collect(),
        })
    }

    async fn titled(&self, title: &str) -> Vec<TicketId> {
        let world = self.world();
        world
            .rows("task")
            .into_iter()
            .filter(|row| row["short_description"] == title)
            .map(|row| TicketId::new(&row["number"]))
            .collect()
    }

    async fn elsewhere(&self, id: &TicketId, what: Elsewhere) {
        let fay = self.world().key("sys_user", "fay.field");
        let write = |values: &[(&str, &str)]| elsewhere(self, id, values, "fay.field");
        match what {
            Elsewhere::Title(title) => write(&[("short_description", &title)]),
            Elsewhere::Note(text) => write(&[("work_notes", &text)]),
            Elsewhere::Reply(text) => write(&[("comments", &text)]),
            Elsewhere::Take => write(&[("assigned_to", &fay)]),
            Elsewhere::Resolve => {
                write(&[("state", "6"), ("close_code", "Solution provided"), ("close_notes", "Done.")])
            }
            Elsewhere::Delete => {
                let mut world = self.world();
                let row = world.by("task", "number", id.as_str()).unwrap();
                let (table, key) = (row["sys_class_name"].clone(), row["sys_id"].clone());
                world.delete(&table, &key, "fay.field").unwrap();
            }
        }
    }

    async fn moves(&self, id: &TicketId) -> Option<TicketId> {
        let mut world = self.world();
        let key = world.key("incident", id.as_str());
        world.row_mut("incident", &key).unwrap().insert("number".into(), "INC0994711".into());
        world.touch("incident", &key);
        Some(TicketId::new("INC0994711"))
    }

    /// The same key and the same number in another table.
    async fn turns(&self, id: &TicketId) -> Option<Kind> {
        let mut world = self.world();
        let key = world.key("incident", id.as_str());
        world.reclassify("incident", &key, "problem", "101");
        Some(Kind::Problem)
    }
}

tracker_suite!(suite, Fake);
