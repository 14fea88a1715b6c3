//! A real Redmine under the promises of all trackers, where the environment names its stock site as
//! `tests/live/redmine/up` prints it.

use std::env::{var, vars};

use async_trait::async_trait;
use deskside::backend::http::tracker::{Scope, Tracker};
use deskside::domain::name::TicketId;
use serde_json::{Value as Json, json};

use super::{desk, redmine, stock};
use crate::trackers::api::{Api, escaped};
use crate::trackers::real::{Turn, all_of, cleaned, fixture, unowned};
use crate::trackers::site::{Elsewhere, Fixture, Site, Truth, Who};

/// Its seeded data, and an incident of a group's.
struct Real {
    url: String,
    admin: Api,
    incident: TicketId,
    in_scope: usize,
    /// One after the other, as there is one server.
    _turn: Turn,
}

fn given(name: &str) -> String {
    var(format!("REDMINE_{name}")).unwrap_or_else(|_| panic!("REDMINE_{name} is not set"))
}

fn seeded(name: &str) -> TicketId {
    TicketId::new(&given(&format!("ISSUE_{name}")))
}

fn scope() -> Scope {
    Scope { closed_days: 3_650, page: 10, ..Scope::default() }
}

impl Real {
    fn put(&self, who: &Api, id: &TicketId, wanted: &Json) {
        let (status, said) = who.ask("PUT", &format!("/issues/{id}.json"), Some(&json!({ "issue": wanted })));
        assert!(status == 204, "{wanted}: {status} {said}");
    }

    /// Who or what has that number, of those whose numbers are in the environment under that name.
    fn named(sort: &str, number: &str) -> Option<String> {
        let prefix = format!("REDMINE_{sort}_");
        vars()
            .find(|(name, value)| name.starts_with(&prefix) && value == number)
            .map(|(name, _)| name[prefix.len()..].to_owned())
    }

    fn group(&self, number: &str) -> Option<String> {
        Self::named("GROUP", number)?;
        self.admin.get(&format!("/groups/{number}.json"))["group"]["name"].as_str().map(str::to_owned)
    }
}

#[async_trait]
impl Site for Real {
    const UNABLE: &'static [(&'static str, &'static str)] = &[(
        "the_newest_come_first",
        "Redmine cannot ask for open tickets and lately closed ones at once: each sort comes newest first, the open ones before",
    )];

    fn absent() -> Option<String> {
        var("REDMINE_URL").is_err().then(|| "REDMINE_URL names no Redmine; see tests/live/README.md".into())
    }

    async fn new() -> Self {
        let turn = Turn::take().await;
        cleaned("redmine", &given("DIR"));
        let (url, admin) = (given("URL"), Api::redmine(&given("URL"), &given("KEY_DESKADMIN")));
        let desk = desk(redmine(&url, &given("KEY_SAM_DESK"), stock(), scope()));
        let incident = unowned(&desk).await;
        let found = admin.get("/issues.json?status_id=*&limit=1");
        let in_scope = usize::try_from(found["total_count"].as_u64().unwrap()).unwrap();
        Self { url, admin, incident, in_scope, _turn: turn }
    }

    fn address(&self) -> String {
        self.url.clone()
    }

    fn adapter(&self, who: Who, address: &str) -> Box<dyn Tracker> {
        let key = match who {
            Who::Agent => given("KEY_SAM_DESK"),
            Who::Colleague => given("KEY_NED_NET"),
            Who::Reader => given("KEY_REED_ONLY"),
            Who::Nobody => given("KEY_NORA_NONE"),
            Who::Wrong => format!("{}0", given("KEY_SAM_DESK")),
        };
        Box::new(redmine(address, &key, stock(), scope()))
    }

    fn fixture(&self) -> Fixture {
        fixture(seeded, &self.incident, self.in_scope, "sam.desk")
    }

    async fn truth(&self, id: &TicketId) -> Option<Truth> {
        let (status, body) = self.admin.ask("GET", &format!("/issues/{id}.json?include=journals,attachments"), None);
        if status != 200 {
            return None;
        }
        let issue = &body["issue"];
        let words = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        let assigned = issue["assigned_to"]["id"].to_string();
        let said = |private: bool| {
            let notes = issue["journals"].as_array().into_iter().flatten();
            let notes =
                notes.filter(|one| one["private_notes"].as_bool() == Some(private)).map(|one| words(&one["notes"]));
            notes.filter(|notes| !notes.is_empty()).collect()
        };
        Some(Truth {
            title: words(&issue["subject"]),
            state: words(&issue["status"]["name"]),
            owner: Self::named("USER", &assigned).map(|name| name.to_lowercase().replacen('_', ".", 1)),
            group: self.group(&assigned),
            public: said(false),
            internal: said(true),
            attachments: issue["attachments"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|one| words(&one["filename"]))
                .collect(),
        })
    }

    async fn titled(&self, title: &str) -> Vec<TicketId> {
        let found = self.admin.get(&format!("/issues.json?status_id=*&limit=100&subject={}", escaped(title)));
        all_of(&found["issues"], "id")
    }

    async fn elsewhere(&self, id: &TicketId, what: Elsewhere) {
        let ned = Api::redmine(&self.url, &given("KEY_NED_NET"));
        match what {
            Elsewhere::Title(title) => self.put(&ned, id, &json!({ "subject": title })),
            Elsewhere::Note(words) => self.put(&ned, id, &json!({ "notes": words, "private_notes": true })),
            Elsewhere::Reply(words) => self.put(&ned, id, &json!({ "notes": words })),
            Elsewhere::Take => self.put(&ned, id, &json!({ "assigned_to_id": given("USER_NED_NET") })),
            Elsewhere::Resolve => self.put(&ned, id, &json!({ "status_id": given("STATUS_RESOLVED") })),
            Elsewhere::Delete => {
                let (status, said) = self.admin.ask("DELETE", &format!("/issues/{id}.json"), None);
                assert!(status == 204, "{status} {said}");
            }
        }
    }

    fn secrets(&self) -> Vec<String> {
        ["SAM_DESK", "NED_NET", "REED_ONLY", "NORA_NONE"].map(|who| given(&format!("KEY_{who}"))).into()
    }
}

tracker_suite!(live_promises, Real, on a real server);
