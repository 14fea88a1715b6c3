//! Two instances that are not as iTop is shipped: other states, fields, classes and zones.

use deskside::backend::http::tracker::{Part, Setup, Tracker};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::mapping::Mapping;
use deskside::domain::state::{State, Verb};
use jiff::tz::TimeZone;

use super::{Bench, name, setup, stock, wanted};
use crate::fake::itop::{Row, Sort, clean};
use crate::trackers::acts::walk;
use crate::trackers::site::Site as _;

fn laid(over: &str) -> Mapping {
    let mut mapping = stock();
    mapping.lay(toml::from_str::<Mapping>(over).unwrap());
    mapping
}

/// A hospital in New York: renamed states, one more of them, a location and a ward on each incident.
fn hospital() -> (Bench, Setup) {
    let mut desk = clean();
    let zone = TimeZone::get("America/New_York").unwrap();
    let incident = desk.classes.get_mut("Incident").unwrap();
    incident.attributes.insert("location_id".into(), Sort::Key("Location"));
    incident.attributes.insert("ward".into(), Sort::Text);
    for row in &mut incident.rows {
        for state in [&mut row.from, &mut row.to] {
            if state == "pending" {
                *state = "waiting_ward".into();
            }
        }
    }
    desk.zone = zone.clone();
    desk.objects.push(crate::fake::itop::Object {
        class: "Location".into(),
        key: 7,
        fields: [("name".to_owned(), "Pier 4".to_owned())].into(),
        ..Default::default()
    });
    let mapping = laid(include_str!("custom-hospital.toml"));
    (Bench::with(desk), Setup { zone, ..setup(mapping) })
}

#[tokio::test]
async fn a_site_with_renamed_states_and_fields_of_its_own() {
    let (bench, setup) = hospital();
    let itop = bench.as_user("ada", "s3cret:of ada", &bench.address(), setup);
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("VPN drops")).await.unwrap();
    let parts = vec![
        Part::Field(Field::Location, Some(Value::name("Pier 4"))),
        Part::Field(Field::Custom(name("x.ward")), Some(Value::name("B2"))),
        Part::Field(Field::HoldReason, Some(Value::name("caller"))),
        Part::Step(Verb::Hold, State::OnHold),
    ];
    for write in itop.plan(&on, &wanted(parts)).await.unwrap() {
        itop.send(&on, &write).await.unwrap();
    }
    let now = itop.glance(&on.id).await.unwrap();
    assert_eq!((now.state, now.native_state.as_str()), (State::OnHold, "waiting_ward"));
    assert_eq!(now.fields.get(&Field::Location), Some(&Value::name("Pier 4")));
    assert_eq!(now.fields.get(&Field::Custom(name("x.ward"))), Some(&Value::name("B2")));
    assert_eq!(now.fields.get(&Field::HoldReason), Some(&Value::name("caller")));
    assert_eq!(bench.fake.asked("core/apply_stimulus")[0]["fields"]["pending_reason"], "Ward to call back");
    // It wrote its times in its own zone.
    let lag = jiff::Timestamp::now().duration_since(now.updated);
    assert!(lag.abs() < jiff::SignedDuration::from_mins(1), "{lag:?}");
}

#[tokio::test]
async fn a_state_that_nobody_mapped_is_the_nearest_of_ours() {
    let (bench, setup) = hospital();
    let id = bench.id("VPN drops");
    bench
        .fake
        .desk()
        .objects
        .iter_mut()
        .filter(|object| object.text("title") == "VPN drops")
        .for_each(|object| object.set("status", "at_ward"));
    let itop = bench.as_user("ada", "s3cret:of ada", &bench.address(), setup);
    let on = itop.glance(&id).await.unwrap();
    assert_eq!((on.state, on.native_state.as_str()), (State::Assigned, "at_ward"));
    assert!(itop.plan(&on, &wanted(vec![Part::Step(Verb::Resolve, State::Resolved)])).await.is_err());
}

/// A small desk: incidents and one sort of change, no requests, no problems; urgency the other way round.
#[tokio::test]
async fn a_small_site_with_two_classes_and_its_values_the_other_way_round() {
    let mut desk = clean();
    desk.zone = TimeZone::get("Asia/Kolkata").unwrap();
    for class in ["UserRequest", "Problem", "NormalChange", "EmergencyChange"] {
        desk.classes.remove(class);
        desk.objects.retain(|object| object.class != class);
    }
    for code in ["parent_problem_id", "escalation_flag", "escalation_reason", "servicesubcategory_id"] {
        desk.classes.get_mut("Incident").unwrap().attributes.remove(code);
    }
    let bench = Bench::with(desk);
    let mapping = laid(include_str!("custom-small.toml"));
    assert_eq!(mapping.kinds.keys().copied().collect::<Vec<_>>(), [Kind::Incident, Kind::Change]);
    let setup = Setup { zone: TimeZone::get("Asia/Kolkata").unwrap(), ..setup(mapping) };
    let itop = bench.as_user("ada", "s3cret:of ada", &bench.address(), setup);
    let capabilities = itop.capabilities();
    assert_eq!((capabilities.problems, capabilities.changes), (false, true));
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = itop.page(cursor.as_ref()).await.unwrap();
        rows.extend(page.records);
        cursor = Some(page.next);
        if !page.more {
            break;
        }
    }
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| &row.id).collect();
    let classes = ["Incident", "RoutineChange"];
    let there = bench.fake.desk().objects.iter().filter(|object| classes.contains(&object.class.as_str())).count();
    assert_eq!(ids.len(), there - 1);
    let on = itop.whole(&bench.id("Screen flickers #2")).await.unwrap();
    assert_eq!(on.fields.get(&Field::Urgency), Some(&Value::Number(1)));
    for write in itop.plan(&on, &wanted(vec![Part::Field(Field::Urgency, Some(Value::Number(3)))])).await.unwrap() {
        itop.send(&on, &write).await.unwrap();
    }
    assert_eq!(bench.fake.asked("core/update")[0]["fields"]["urgency"], "1");
}

/// iTop set up for "simple" tickets and changes: requests only, with the incidents among them, and one class of change. What
/// the stock mapping names beside that is noticed; the changes are named in the site's own file.
#[tokio::test]
async fn a_site_with_simple_tickets_and_changes() {
    let mut desk = clean();
    for class in ["Incident", "Problem", "NormalChange", "EmergencyChange", "RoutineChange"] {
        desk.classes.remove(class);
        desk.objects.retain(|object| object.class != class);
    }
    let request = desk.classes.get_mut("UserRequest").unwrap();
    for code in ["parent_incident_id", "parent_problem_id"] {
        request.attributes.remove(code);
    }
    let change = desk.classes.get_mut("Change").unwrap();
    change.is_abstract = false;
    for code in
        ["reason", "fallback", "impact", "supervisor_id", "supervisor_group_id", "manager_id", "manager_group_id"]
    {
        change.attributes.remove(code);
    }
    for (code, sort) in [
        ("reject_reason", Sort::Text),
        ("fallback_plan", Sort::Text),
        ("approval_date", Sort::Time),
        ("changemanager_id", Sort::Key("Person")),
    ] {
        change.attributes.insert(code.into(), sort);
    }
    let row = |from: &str, stimulus, to: &str, wants| Row { from: from.into(), stimulus, to: to.into(), wants };
    change.rows = vec![
        row("new", "ev_assign", "assigned", &[]),
        row("assigned", "ev_plan", "planned", &["start_date", "end_date", "fallback_plan"]),
        row("planned", "ev_approve", "approved", &[]),
        row("planned", "ev_reject", "rejected", &["reject_reason"]),
        row("rejected", "ev_reopen", "assigned", &[]),
        row("approved", "ev_finish", "closed", &[]),
    ];
    let bench = Bench::with(desk);
    // With the stock mapping alone, what is there is read all the same.
    let (rows, _) = walk(&bench.as_ada()).await;
    assert!(!rows.is_empty() && rows.iter().all(|row| row.kind == Kind::Request));
    let itop = bench.as_user("ada", "s3cret:of ada", &bench.address(), setup(laid(include_str!("custom-simple.toml"))));
    itop.schema().await.unwrap();
    walk(&itop).await;
    bench.fake.server.forget();
    itop.whole(&bench.id("A second screen")).await.unwrap();
    assert!(bench.fake.server.seen().len() <= 2, "{:?}", bench.fake.operations());
    // A change goes its simple way.
    let title = Part::Field(Field::Title, Some(Value::text("New switch")));
    let id = itop.create(Kind::Change, &wanted(vec![title])).await.unwrap();
    let at = |text: &str| Some(Value::Time(text.parse().unwrap()));
    let ways: [(Vec<Part>, &str); 4] = [
        (
            vec![
                Part::Field(Field::Group, Some(Value::name("Service Desk"))),
                Part::Field(Field::Custom(name("x.manager")), Some(Value::name("Grace Murray"))),
                Part::Owner(name("Ada Byron")),
                Part::Step(Verb::Assign, State::Assigned),
            ],
            "assigned",
        ),
        (
            vec![
                Part::Field(Field::PlannedStart, at("2026-12-01T20:00:00Z")),
                Part::Field(Field::PlannedEnd, at("2026-12-01T22:00:00Z")),
                Part::Field(Field::BackOut, Some(Value::text("Put the old one back."))),
                Part::Step(Verb::Authorize, State::Authorize),
            ],
            "planned",
        ),
        (vec![Part::Step(Verb::Approve, State::Scheduled)], "approved"),
        (vec![Part::Step(Verb::Close, State::Closed)], "closed"),
    ];
    for (parts, reached) in ways {
        let on = itop.glance(&id).await.unwrap();
        for write in itop.plan(&on, &wanted(parts)).await.unwrap() {
            itop.send(&on, &write).await.unwrap();
        }
        assert_eq!(itop.glance(&id).await.unwrap().native_state.as_str(), reached);
    }
    // What the stock mapping names and this site does not have is refused by name.
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let new = wanted(vec![Part::Field(Field::Title, Some(Value::text("No")))]);
    let error = itop.create(Kind::Incident, &new).await.unwrap_err().to_string();
    assert!(error.contains("no class Incident"), "{error}");
}
