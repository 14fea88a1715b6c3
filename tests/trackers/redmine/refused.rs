//! What is refused before it is sent, because Redmine would drop it with a good answer.

use super::*;
use deskside::backend::Error;
use deskside::domain::change::Handover;
use deskside::domain::state::{State, Verb};

#[tokio::test]
async fn a_status_that_the_workflow_forbids_is_refused_with_what_is_allowed() {
    let fake = Fake::start();
    fake.world(|world| world.issues.get_mut(&seed::STORIED).unwrap().status = 10);
    let close = Change::Move { verb: Verb::Close, from: State::Resolved, to: State::Closed };
    let error = fake.apply("pia.public", seed::STORIED, vec![close.clone()]).await.unwrap_err();
    assert!(matches!(&error, Error::Forbidden(why) if why.contains("Pending")), "{error:?}");
    assert_eq!(fake.server.asked("PUT", "").len(), 0);
    let stored = fake.apply("sam.desk", seed::STORIED, vec![close]).await.unwrap();
    assert_eq!((stored.ticket.state, stored.dropped), (State::Closed, vec![]));
}

#[tokio::test]
async fn who_may_only_write_notes_changes_nothing() {
    let fake = Fake::start();
    let title = set(Field::Title, Value::text("Mine"));
    let error = fake.apply("omar.notes", seed::INCIDENT, vec![title]).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    assert_eq!(fake.server.asked("PUT", "").len(), 0);
    fake.apply("omar.notes", seed::INCIDENT, vec![say(Audience::Public, "Seen.")]).await.unwrap();
    let desk = fake.desk_of("reed.only");
    desk.schema().await.unwrap();
    assert!(!desk.capabilities().write && !desk.capabilities().create);
}

#[tokio::test]
async fn a_group_and_a_person_are_one_place() {
    let fake = Fake::start();
    let both = vec![
        set(Field::Group, Value::name("Network")),
        Change::Handover { step: Handover::Accept { by: name("sam.desk") } },
    ];
    let error = fake.apply("sam.desk", seed::INCIDENT, both).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    let stored =
        fake.apply("sam.desk", seed::INCIDENT, vec![set(Field::Group, Value::name("Field Engineering"))]).await;
    assert_eq!(stored.unwrap().ticket.get(&Field::Group), Some(&Value::name("Field Engineering")));
}

#[tokio::test]
async fn a_field_without_a_place_and_a_value_without_one() {
    let fake = Fake::start();
    let refused = [
        (set(Field::Supplier, Value::name("ACME")), "supplier"),
        (set(Field::Category, Value::name("Gardening")), "Gardening"),
        (set(Field::Caller, Value::name("who.is.this")), "who.is.this"),
        (set(Field::PriorityOverride, Value::Number(9)), "9"),
    ];
    for (change, word) in refused {
        let error = fake.apply("sam.desk", seed::INCIDENT, vec![change]).await.unwrap_err();
        assert!(
            matches!(&error, Error::Invalid { .. } | Error::Unsupported(_)) && error.to_string().contains(word),
            "{error}"
        );
    }
    let late = Value::Time("2026-12-01T22:30:00Z".parse().unwrap());
    let error = fake.apply("sam.desk", seed::CHANGE, vec![set(Field::PlannedStart, late)]).await.unwrap_err();
    assert!(error.to_string().contains("days without a time"), "{error}");
    assert_eq!(fake.server.asked("PUT", "").len(), 0);
    let day = Value::Time("2026-12-01T00:00:00Z".parse().unwrap());
    let stored = fake.apply("sam.desk", seed::CHANGE, vec![set(Field::PlannedStart, day)]).await.unwrap();
    assert_eq!(stored.dropped, vec![]);
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_not_sent_twice() {
    use crate::fake::proxy::{Fault, Proxy};
    let fake = Fake::start();
    let proxy = Proxy::before(fake.server.address);
    let desk = desk(redmine(&proxy.url(), "sam.desk", stock(), Scope::default()));
    desk.schema().await.unwrap();
    proxy.on("PUT", "/issues", 1, Fault::CutAfter);
    desk.apply(&op(on(seed::INCIDENT), None, vec![say(Audience::Public, "Once.")])).await.unwrap();
    let changes = vec![
        Change::Create { kind: Kind::Request, state: State::Submitted, opened: Timestamp::now() },
        set(Field::Title, Value::text("A chair")),
        set(Field::Caller, Value::name("rita.caller")),
    ];
    proxy.on("POST", "/issues.json", 1, Fault::CutAfter);
    desk.apply(&op(Target::New(Kind::Request), None, changes)).await.unwrap();
    let once = TicketId::new(&seed::INCIDENT.to_string());
    assert_eq!(fake.truth(&once).await.unwrap().public, ["Once."]);
    assert_eq!(fake.titled("A chair").await.len(), 1);
}

#[tokio::test]
async fn a_small_site_without_custom_fields() {
    let fake = Fake::start();
    let mut mapping = stock();
    mapping.lay(toml::from_str(include_str!("custom-plain.toml")).unwrap());
    let scope = Scope { groups: vec![name("Network")], page: 20, ..Scope::default() };
    let tracker = redmine(&fake.server.url(), "sam.desk", mapping, scope);
    fake.world(|world| world.issues.get_mut(&seed::STORIED).unwrap().category = Some(3));
    let (rows, cursor) = walk(&tracker).await;
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["2"]);
    assert_eq!(
        (text(&rows[0], &Field::Caller).as_str(), text(&rows[0], &Field::Group).as_str()),
        ("rita.caller", "Network")
    );
    assert_eq!(text(&rows[0], &Field::Custom(name("x.impact"))), "2 - Medium");
    // It goes to another team: it leaves what is copied.
    let elsewhere = vec![set(Field::Group, Value::name("Access")), say(Audience::Internal, "Not ours.")];
    let desk = desk(tracker);
    let stored = desk.apply(&op(on(seed::STORIED), None, elsewhere)).await.unwrap();
    assert_eq!(stored.dropped, vec![]);
    let delta = desk.pull(Some(&cursor)).await.unwrap();
    assert!(delta.removed.iter().any(|id| id.as_str() == "2") && delta.changed.is_empty());
    let caller = vec![set(Field::Caller, Value::name("fay.field"))];
    let error = desk.apply(&op(on(seed::STORIED), None, caller)).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
}

#[tokio::test]
async fn a_group_that_is_not_there_copies_nothing() {
    let fake = Fake::start();
    let of = |group: &str| Scope { groups: vec![name(group)], page: 20, ..Scope::default() };
    let tracker = redmine(&fake.server.url(), "sam.desk", stock(), of("Gardeners"));
    let error = tracker.page(None).await.unwrap_err();
    assert!(matches!(&error, Error::Unexpected(why) if why.contains("Gardeners")), "{error:?}");
    let tracker = redmine(&fake.server.url(), "sam.desk", stock(), of("Network"));
    assert_eq!(walk(&tracker).await.0.len(), 1);
}
