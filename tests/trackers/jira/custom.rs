//! Two instances that are not as the template makes them, told by their files alone.

use deskside::backend::http::tracker::{Part, Tracker as _};
use deskside::backend::{Backend as _, Error};
use deskside::domain::change::{Audience, Link, LinkKind};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::Name;
use deskside::domain::state::{State, Verb};
use deskside::text::Clean;

use super::{called, carry_out, field, laid, rules, stock, titled, walk, wanted, with};
use crate::fake::jira::world::{Field as Custom, Sort};
use crate::fake::jira::{Fake, INCIDENTS, Names, stock as clean};
use crate::trackers::bench::{op, set, step};

const GERMAN: &str = include_str!("custom-german.toml");
const OLD: &str = include_str!("custom-old.toml");

fn german() -> Fake {
    let mut world = clean(
        true,
        &Names(vec![
            ("[System] Incident", "Störung"),
            ("[System] Service request", "Serviceanfrage"),
            ("[System] Problem", "Problem"),
            ("[System] Change", "Änderung"),
            ("Open", "Offen"),
            ("Work in progress", "In Arbeit"),
            ("Pending", "Wartet"),
            ("Completed", "Gelöst"),
            ("Closed", "Geschlossen"),
            ("Canceled", "Abgebrochen"),
            ("Highest", "Kritisch"),
            ("High", "Hoch"),
            ("Medium", "Mittel"),
            ("Low", "Niedrig"),
            ("Lowest", "Gering"),
            ("Impact", "Auswirkung"),
            ("Extensive / Widespread", "Flächendeckend"),
            ("Significant / Large", "Erheblich"),
            ("Moderate / Limited", "Begrenzt"),
            ("Urgency", "Dringlichkeit"),
            ("Critical", "Sofort"),
            ("Support group", "Zuständiges Team"),
            ("Pending reason", "Grund"),
            ("Awaiting caller", "Wartet auf Kunden"),
            ("Awaiting vendor", "Wartet auf Lieferanten"),
            ("Summary", "Zusammenfassung"),
            ("Request Type", "Kundenanfragetyp"),
            ("Done", "Erledigt"),
        ]),
    );
    let text = Some("com.atlassian.jira.plugin.system.customfieldtypes:textfield");
    for (id, name) in [("customfield_10101", "Externe Referenz"), ("customfield_10102", "Gebäude")] {
        let own = Custom {
            id: id.into(),
            name: name.into(),
            english: None,
            sort: Sort::Line,
            kind: "string",
            custom: text,
            choices: Vec::new(),
        };
        world.fields.push(own);
        world.types.iter_mut().for_each(|one| one.shown.push(id.into()));
    }
    Fake::of(world)
}

fn old() -> Fake {
    let mut world = clean(
        false,
        &Names(vec![
            ("[System] Incident", "Incident"),
            ("[System] Service request", "Service Request"),
            ("[System] Problem", "Problem"),
            ("[System] Change", "Change"),
            ("Open", "WAITING"),
            ("Work in progress", "DOING"),
            ("Pending", "PAUSED"),
            ("Completed", "FIXED"),
            ("Highest", "P1"),
            ("High", "P2"),
            ("Medium", "P3"),
            ("Low", "P4"),
            ("Lowest", "P5"),
            ("Problem/Incident", "Causes"),
        ]),
    );
    world.types.retain(|one| one.name != "Problem");
    world.issues.retain(|issue| issue.sort != "10112");
    world.fields.retain(|field| field.name != "Support group");
    world.request_types.insert(0, ("7".into(), "Ask a question".into(), "10110".into()));
    world.request_types.push(("8".into(), "Something is broken".into(), "10110".into()));
    Fake::of(world)
}

fn give(field: Field, to: Value) -> Part {
    Part::Field(field, Some(to))
}

#[test]
fn every_step_leads_from_states_and_to_a_state_that_the_mapping_knows() {
    for mapping in [stock(), laid(GERMAN), laid(OLD)] {
        for (kind, map) in mapping.kinds.iter().filter(|(kind, _)| **kind == Kind::Incident) {
            for step in &map.steps {
                for native in step.from.iter().chain([&step.to]) {
                    assert!(map.state(native).is_some(), "{kind} {} {native}", step.verb);
                }
            }
        }
    }
    let steps: usize = stock().kinds.values().map(|map| map.steps.len()).sum();
    assert_eq!(stock().workflow().ways.len(), steps);
}

#[tokio::test]
async fn a_german_site_is_told_by_its_file() {
    let fake = german();
    let jira = with(&fake, laid(GERMAN));
    let id = titled(&fake, "Ticket 3: the printer hums");
    let (all, _) = walk(&jira).await;
    assert_eq!(all.len(), INCIDENTS + 6);
    let record = jira.whole(&id).await.unwrap();
    assert_eq!((record.state, record.native_state.as_str(), record.priority), (State::New, "Offen", Some(3)));
    assert_eq!(record.fields.get(&Field::Impact), Some(&Value::Number(2)), "by its English name");
    assert_eq!(record.fields.get(&Field::Group), Some(&Value::name("Service Desk")));
    let parts = vec![
        give(Field::PriorityOverride, Value::Number(1)),
        give(Field::Urgency, Value::Number(1)),
        give(Field::SupplierReference, Value::text("HL-7")),
        give(Field::Custom(Name::new("x.gebäude")), Value::name("Haus 4")),
        give(Field::HoldReason, Value::name("vendor")),
        Part::Step(Verb::Hold, State::OnHold),
        Part::Say(Audience::Internal, Clean::body("Lieferant ruft zurück")),
    ];
    carry_out(&jira, &id, parts).await.unwrap();
    let now = jira.glance(&id).await.unwrap();
    assert_eq!((now.state, now.native_state.as_str(), now.priority), (State::OnHold, "Wartet", Some(1)));
    assert_eq!(now.fields.get(&Field::Urgency), Some(&Value::Number(1)));
    assert_eq!(now.fields.get(&Field::HoldReason), Some(&Value::name("vendor")));
    assert_eq!(now.fields.get(&Field::SupplierReference), Some(&Value::text("HL-7")));
    assert_eq!(now.fields.get(&Field::Custom(Name::new("x.gebäude"))), Some(&Value::name("Haus 4")));
    assert_eq!(field(&fake, &id, "customfield_10101"), "HL-7");
}

#[tokio::test]
async fn a_german_site_makes_and_resolves_tickets_in_its_words() {
    let fake = german();
    let desk = deskside::backend::http::remote::Remote::new(
        Box::new(with(&fake, laid(GERMAN))),
        rules(),
        std::time::Duration::from_secs(60),
    );
    let mut act = op(&"".into(), None, Vec::new());
    act.target = deskside::domain::change::Target::New(Kind::Incident);
    act.changes = vec![
        set(Field::Title, Value::text("Drucker brennt")),
        set(Field::Caller, Value::name("Rita Caller")),
        set(Field::Impact, Value::Number(1)),
    ];
    let made = desk.apply(&act).await.unwrap();
    assert_eq!(made.dropped, []);
    let code = desk.schema().await.unwrap().directory.resolution_codes[0].clone();
    let done = vec![set(Field::ResolutionCode, Value::Name(code)), step(Verb::Resolve, State::New, State::Resolved)];
    let stored = desk.apply(&op(&made.ticket.id, Some(made.summary.revision), done)).await.unwrap();
    assert_eq!((stored.dropped, stored.ticket.state), (vec![], State::Resolved));
    let world = fake.world();
    assert_eq!(world.status(&world.issue(made.ticket.id.as_str()).unwrap().status).1, "Gelöst");
}

#[tokio::test]
async fn an_old_data_center_is_told_by_its_file() {
    let fake = old();
    let jira = with(&fake, laid(OLD));
    let id = titled(&fake, "Ticket 3: the printer hums");
    let schema = jira.schema().await.unwrap();
    let flow = schema.workflow.unwrap();
    let can = jira.capabilities();
    assert_eq!((can.problems, can.changes, flow.holds(Kind::Incident, &Field::Group)), (false, true, false));
    let (all, _) = walk(&jira).await;
    assert_eq!(all.len(), INCIDENTS + 5, "all but the problem");
    let record = jira.whole(&id).await.unwrap();
    assert_eq!((record.state, record.native_state.as_str(), record.priority), (State::New, "WAITING", Some(3)));
    let parts = vec![give(Field::PriorityOverride, Value::Number(2)), Part::Step(Verb::Start, State::InProgress)];
    carry_out(&jira, &id, parts).await.unwrap();
    let now = jira.glance(&id).await.unwrap();
    assert_eq!((now.state, now.native_state.as_str(), now.priority), (State::InProgress, "DOING", Some(2)));
    let group = carry_out(&jira, &id, vec![give(Field::Group, Value::name("Network"))]).await;
    assert!(matches!(group, Err(Error::Unsupported(_))), "{group:?}");
    let made = jira
        .create(
            Kind::Incident,
            &wanted(
                false,
                vec![
                    give(Field::Title, Value::text("By name")),
                    give(Field::Caller, Value::Name(called(false, "rita.caller"))),
                ],
            ),
        )
        .await
        .unwrap();
    assert_eq!(field(&fake, &made, "customfield_10010"), "8", "by the form that its file names");
    let link = Link { how: LinkKind::ProblemIs, other: made };
    carry_out(&jira, &id, vec![Part::Link(link.clone())]).await.unwrap();
    assert_eq!(jira.glance(&id).await.unwrap().links, Some(vec![link]));
}

#[tokio::test]
async fn a_state_that_nobody_mapped_is_the_nearest_by_its_category_and_is_shown_by_its_name() {
    let fake = Fake::new(true);
    let id = titled(&fake, "Ticket 3: the printer hums");
    let escalated = fake.world().status_named("Escalated").0.clone();
    fake.world().issue_mut(id.as_str()).unwrap().status = escalated.clone();
    fake.world().types[0].steps[3].from.push(escalated);
    let jira = with(&fake, stock());
    let record = jira.whole(&id).await.unwrap();
    assert_eq!((record.state, record.native_state.as_str()), (State::InProgress, "Escalated"));
    // What Jira's own workflow allows from there can be done.
    let parts = vec![give(Field::ResolutionCode, Value::name("Done")), Part::Step(Verb::Resolve, State::Resolved)];
    carry_out(&jira, &id, parts).await.unwrap();
    assert_eq!(jira.glance(&id).await.unwrap().state, State::Resolved);
}
