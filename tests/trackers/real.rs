//! What real servers under the promises have in common: one turn at a time, on clean data.

use std::path::Path;
use std::process::Command;

use deskside::backend::Backend as _;
use deskside::backend::http::remote::Remote;
use deskside::domain::change::Target;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use serde_json::Value as Json;
use tokio::sync::{Mutex, MutexGuard};

use super::acts::{op, set};
use super::site::{Fixture, Site};

static TURNS: Mutex<()> = Mutex::const_new(());

/// While this is held nobody else writes to a real server.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "it is held, not read")] MutexGuard<'static, ()>);

impl Turn {
    pub async fn take() -> Self {
        Self(TURNS.lock().await)
    }
}

/// What the fakes are asked and a real server is not.
const NOT_ASKED: [(&str, &str); 3] = [
    ("faults", "a real server does not answer late, wrongly or with another clock because a test wants it"),
    ("flush", "two hundred kills with two acts each would take longer than all else together"),
    ("traps", "each is a state of the fake that is set by hand; those that a server has by itself are in `live`"),
];

pub fn say_what_is_left_out<S: Site>() {
    if let Some(why) = S::absent() {
        println!("skipped: {why}");
        return;
    }
    for (what, why) in NOT_ASKED.iter().chain(S::UNABLE) {
        println!("left out: {what}: {why}");
    }
}

/// The server in that folder has its seeded data again.
pub fn cleaned(kind: &str, folder: &str) {
    let reset = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live").join(kind).join("reset");
    let done = Command::new(reset).args(["--dir", folder]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// An incident of the service desk that nobody has.
pub async fn unowned(desk: &Remote) -> TicketId {
    let changes = vec![
        set(Field::Title, Value::text("Nobody has this one yet")),
        set(Field::Description, Value::text("Since noon.")),
        set(Field::Caller, Value::name("rita.caller")),
        set(Field::Group, Value::name("Service Desk")),
    ];
    desk.apply(&op(Target::New(Kind::Incident), None, changes)).await.unwrap().ticket.id
}

/// What is seeded on every real server, with that incident.
pub fn fixture(seeded: impl Fn(&str) -> TicketId, incident: &TicketId, in_scope: usize, agent: &str) -> Fixture {
    Fixture {
        incident: incident.clone(),
        storied: seeded("HISTORY"),
        others: vec![
            (Kind::Request, seeded("REQUEST")),
            (Kind::Problem, seeded("PROBLEM")),
            (Kind::Change, seeded("CHANGE")),
        ],
        hostile: seeded("HOSTILE"),
        in_scope,
        group: "Service Desk".into(),
        other_group: "Network".into(),
        agent: agent.into(),
        colleague: "ned.net".into(),
        caller: "rita.caller".into(),
        category: Some("Network".into()),
    }
}

/// The numbers in a list of records.
pub fn all_of(records: &Json, key: &str) -> Vec<TicketId> {
    let number = |one: &Json| one[key].as_str().map_or_else(|| one[key].to_string(), str::to_owned);
    records.as_array().into_iter().flatten().map(|one| TicketId::new(&number(one))).collect()
}
