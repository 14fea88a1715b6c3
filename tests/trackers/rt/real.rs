//! A real Request Tracker under the promises of all trackers, where the environment names its stock site as
//! `tests/live/rt5/up` prints it.

use std::env::var;
use std::time::Duration;

use async_trait::async_trait;
use deskside::backend::http::remote::Remote;
use deskside::backend::http::tracker::{Scope, Tracker};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::state::State;
use serde_json::{Value as Json, json};

use super::live::rules;
use super::{stock, within};
use crate::trackers::api::{Api, escaped, rt};
use crate::trackers::real::{Turn, all_of, cleaned, fixture, unowned};
use crate::trackers::site::{Elsewhere, Fixture, Site, Truth, Who};

/// Its seeded data, and an incident of nobody's.
struct Real {
    url: String,
    root: Api,
    incident: TicketId,
    in_scope: usize,
    /// One after the other, as there is one server.
    _turn: Turn,
}

fn token(who: &str) -> String {
    var(format!("RT5_TOKEN_{who}")).unwrap_or_else(|_| panic!("RT5_TOKEN_{who} is not set"))
}

fn seeded(name: &str) -> TicketId {
    TicketId::new(&var(format!("RT5_TICKET_{name}")).unwrap_or_else(|_| panic!("RT5_TICKET_{name} is not set")))
}

fn adapter(url: &str, token: &str, answer: Duration) -> impl Tracker {
    within(answer, url, token, stock(), Scope { closed_days: 3_650, page: 10, ..Scope::default() }, "UTC")
}

/// It was made an hour ago: what is new is asked for with some seconds of overlap.
fn aged(id: &TicketId) {
    let file = std::path::Path::new(&var("RT5_DIR").unwrap()).join("rt.sqlite");
    let sql = format!(
        "UPDATE Tickets SET Created=datetime(Created,'-1 hour'), LastUpdated=datetime(LastUpdated,'-1 hour') WHERE id={id};
         UPDATE Transactions SET Created=datetime(Created,'-1 hour') WHERE ObjectType='RT::Ticket' AND ObjectId={id};"
    );
    let done =
        std::process::Command::new("sqlite3").args(["-cmd", ".timeout 10000"]).arg(file).arg(sql).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

const LONG: Duration = Duration::from_secs(60);

impl Real {
    fn colleague(&self) -> Api {
        Api::rt(&self.url, &token("NED_NET"))
    }

    /// Refusals are said in an answer that is good otherwise.
    fn put(&self, who: &Api, id: &TicketId, wanted: &Json) {
        let (status, said) = who.ask("PUT", &format!("/REST/2.0/ticket/{id}"), Some(wanted));
        assert!(status == 200 && !said.to_string().contains("enied"), "{wanted}: {status} {said}");
    }

    fn say(&self, id: &TicketId, how: &str, words: &str) {
        let body = json!({ "Content": words, "ContentType": "text/plain" });
        let (status, said) = self.colleague().ask("POST", &format!("/REST/2.0/ticket/{id}/{how}"), Some(&body));
        assert!(status == 201, "{status} {said}");
    }
}

#[async_trait]
impl Site for Real {
    const UNABLE: &'static [(&'static str, &'static str)] = &[(
        "the_newest_come_first",
        "Request Tracker is walked by number, and the dates of the seeded tickets do not follow their numbers",
    )];

    fn absent() -> Option<String> {
        if var("RT5_SITE").as_deref() == Ok("custom") {
            return Some("RT5_SITE is the customised one; the promises are spelt for the stock site".into());
        }
        var("RT5_URL").is_err().then(|| "RT5_URL names no Request Tracker; see tests/live/README.md".into())
    }

    async fn new() -> Self {
        let turn = Turn::take().await;
        cleaned("rt5", &var("RT5_DIR").unwrap());
        let (url, root) = (var("RT5_URL").unwrap(), Api::rt(&var("RT5_URL").unwrap(), &token("ROOT")));
        let desk = Remote::new(Box::new(adapter(&url, &token("SAM_DESK"), LONG)), rules(), LONG);
        let incident = unowned(&desk).await;
        aged(&incident);
        let found = root.get("/REST/2.0/tickets?query=id%3E0&per_page=1");
        let in_scope = usize::try_from(found["total"].as_u64().unwrap()).unwrap();
        Self { url, root, incident, in_scope, _turn: turn }
    }

    fn address(&self) -> String {
        self.url.clone()
    }

    fn adapter(&self, who: Who, address: &str) -> Box<dyn Tracker> {
        let token = match who {
            // She may close what she resolved.
            Who::Agent => token("INES_INCIDENT"),
            Who::Colleague => token("NED_NET"),
            Who::Reader => token("REED_ONLY"),
            Who::Nobody => token("NORA_NONE"),
            Who::Wrong => format!("{}0", token("INES_INCIDENT")),
        };
        Box::new(adapter(address, &token, LONG))
    }

    fn fixture(&self) -> Fixture {
        fixture(seeded, &self.incident, self.in_scope, "ines.incident")
    }

    async fn truth(&self, id: &TicketId) -> Option<Truth> {
        let seen = rt::seen(&self.root, id.as_str()).filter(|seen| seen.state != "deleted")?;
        Some(Truth {
            title: seen.title,
            state: seen.state,
            owner: seen.owner,
            group: seen.group,
            public: seen.public,
            internal: seen.internal,
            attachments: rt::files(&self.root, id.as_str()),
        })
    }

    async fn titled(&self, title: &str) -> Vec<TicketId> {
        let query = escaped(&format!("Subject = '{title}'"));
        let found = self.root.get(&format!("/REST/2.0/tickets?query={query}&per_page=100"));
        all_of(&found["items"], "id")
    }

    async fn elsewhere(&self, id: &TicketId, what: Elsewhere) {
        let ned = self.colleague();
        match what {
            Elsewhere::Title(title) => self.put(&ned, id, &json!({ "Subject": title })),
            Elsewhere::Note(words) => self.say(id, "comment", &words),
            Elsewhere::Reply(words) => self.say(id, "correspond", &words),
            Elsewhere::Take => self.put(&ned, id, &json!({ "Owner": "ned.net" })),
            Elsewhere::Resolve => {
                for status in ["assigned", "in progress", "resolved"] {
                    self.put(&ned, id, &json!({ "Status": status }));
                }
            }
            Elsewhere::Delete => self.put(&self.root, id, &json!({ "Status": "deleted" })),
        }
    }

    fn secrets(&self) -> Vec<String> {
        ["INES_INCIDENT", "NED_NET", "REED_ONLY", "NORA_NONE"].map(token).into()
    }

    fn beyond_reach(&self) -> Vec<(Kind, State)> {
        // Ines asks for approvals; Cora gives them.
        [State::Authorize, State::Scheduled, State::Implement, State::Review, State::Closed]
            .map(|state| (Kind::Change, state))
            .into()
    }
}

tracker_suite!(live_promises, Real, on a real server);
