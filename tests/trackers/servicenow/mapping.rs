//! Two customised instances, told by their files alone.

use deskside::backend::http::tracker::{Part, Tracker as _, Wanted};
use deskside::domain::change::OpKey;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::state::{State, Verb};
use jiff::Timestamp;

use super::{Fake, elsewhere, held, laid, stock, titled, walk, with};

const GERMAN: &str = include_str!("custom-german.toml");
const OLD: &str = include_str!("custom-old.toml");

fn wanted(parts: Vec<Part>) -> Wanted {
    Wanted { key: OpKey("k".into()), me: "sam.desk".into(), at: Timestamp::now(), parts }
}

#[test]
fn every_step_leads_from_states_and_to_a_state_that_the_mapping_knows() {
    for mapping in [stock(), laid(GERMAN), laid(OLD)] {
        for (kind, map) in &mapping.kinds {
            for step in &map.steps {
                for native in step.from.iter().chain([&step.to]) {
                    assert!(map.state(native).is_some(), "{kind} {} {native}", step.verb);
                }
            }
        }
        let steps: usize = mapping.kinds.values().map(|map| map.steps.len()).sum();
        assert_eq!(mapping.workflow().ways.len(), steps);
    }
}

#[tokio::test]
async fn a_german_instance_is_told_by_its_file() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    elsewhere(&fake, &id, &[("state", "11"), ("u_stoergrad", "taktisch"), ("u_ext_ref", "HL-7")], "fay.field");
    let tracker = with(&fake, GERMAN);
    tracker.schema().await.unwrap();
    let record = tracker.whole(&id).await.unwrap();
    assert_eq!(record.state, State::Assigned);
    assert_eq!(record.fields.get(&Field::Level), Some(&Value::name("tactical")));
    assert_eq!(record.fields.get(&Field::SupplierReference), Some(&Value::text("HL-7")));
    let parts =
        vec![Part::Field(Field::Level, Some(Value::name("operational"))), Part::Step(Verb::Start, State::InProgress)];
    let writes = tracker.plan(&record, &wanted(parts)).await.unwrap();
    assert_eq!(writes.len(), 1);
    tracker.send(&record, &writes[0]).await.unwrap();
    assert_eq!(
        ["state", "u_stoergrad", "u_vorgang"].map(|column| held(&fake, &id, column)),
        ["2", "betrieblich", "begonnen"]
    );
    assert!(fake.server.asked("", "batch").is_empty(), "its file says that it has no Batch API");
}

#[tokio::test]
async fn an_instance_of_before_madrid_is_told_by_its_file() {
    let fake = Fake::new();
    let id = titled(&fake, "VPN gateway loses its mind");
    elsewhere(&fake, &id, &[("state", "2"), ("u_kern", "Heat"), ("workaround", "Restart it.")], "fay.field");
    let tracker = with(&fake, OLD);
    let record = tracker.whole(&id).await.unwrap();
    assert_eq!((record.kind, record.state), (Kind::Problem, State::RootCause));
    assert_eq!(record.fields.get(&Field::Cause), Some(&Value::text("Heat")));
    let (all, _) = walk(&tracker).await;
    assert!(all.iter().any(|record| record.id.as_str().starts_with("SCTASK")));
    assert!(!all.iter().any(|record| record.id.as_str().starts_with("RITM")), "requests are tasks only there");
    assert!(fake.server.asked("", "task_sla").is_empty());
}

#[tokio::test]
async fn a_state_that_nobody_mapped_is_shown_by_its_own_name() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    fake.world().put(
        "sys_choice",
        &[
            ("name", "incident"),
            ("element", "state"),
            ("value", "5"),
            ("label", "Awaiting Evidence"),
            ("inactive", "false"),
            ("language", "en"),
        ],
    );
    elsewhere(&fake, &id, &[("state", "5")], "fay.field");
    let record = super::agent(&fake).whole(&id).await.unwrap();
    assert_eq!((record.state, record.native_state.as_str()), (State::InProgress, "Awaiting Evidence"));
}
