//! What is silent or odd in Redmine, one test for each, named after it.

use super::*;
use crate::trackers::acts::step;
use deskside::backend::http::tracker::{Entry, Part, Wanted};
use deskside::backend::{Error, Lookup, Sort, Upload};
use deskside::domain::change::{Handover, Link, LinkKind};
use deskside::domain::state::{State, Verb};

fn id(number: u64) -> TicketId {
    TicketId::new(&number.to_string())
}

#[test]
fn the_shipped_mapping_and_the_german_one_are_whole() {
    for mapping in [stock(), german()] {
        let workflow = mapping.workflow();
        for (kind, map) in &mapping.kinds {
            for one in &map.steps {
                assert!(map.state(&one.to).is_some(), "{kind} {} leads to {}", one.verb, one.to);
                assert!(one.from.iter().all(|from| map.state(from).is_some()), "{kind} {}", one.verb);
            }
            assert!(workflow.ways.iter().any(|way| way.kind == *kind));
        }
    }
}

#[tokio::test]
async fn default_only_open_issues_so_every_list_names_a_status() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    let (all, cursor) = walk(&tracker).await;
    tracker.page(Some(&cursor)).await.unwrap();
    assert!(all.iter().any(|record| record.id == id(seed::CLOSED) && record.state == State::Closed));
    for seen in fake.server.asked("GET", "/issues.json") {
        assert!(seen.query.contains("op%5Bstatus_id%5D"), "{}", seen.query);
    }
}

#[tokio::test]
async fn paging_is_capped_at_100_and_rows_move_while_they_are_read() {
    let fake = Fake::start();
    fake.world(|world| {
        for number in 1000..1250 {
            world.put(number, 1, "One of many", 500);
        }
    });
    let scope = Scope { page: 1000, ..Scope::default() };
    let tracker = redmine(&fake.server.url(), "sam.desk", stock(), scope);
    let first = tracker.page(None).await.unwrap();
    assert_eq!(first.records.len(), 100);
    // A deleted row would move all later ones up by one, and an offset would miss one.
    fake.world(|world| world.issues.remove(&1249));
    let (mut all, mut at) = (first.records, first.next);
    loop {
        let page = tracker.page(Some(&at)).await.unwrap();
        all.extend(page.records);
        at = page.next;
        if !page.more {
            break;
        }
    }
    let ids: std::collections::BTreeSet<_> = all.iter().map(|record| record.id.clone()).collect();
    assert_eq!((ids.len(), all.len()), (seed::IN_SCOPE + 250, seed::IN_SCOPE + 250));
}

#[tokio::test]
async fn bad_filters_are_ignored_so_rows_are_looked_at() {
    let fake = Fake::start();
    let scope = Scope { query: Some("bogus=1&category_id=!*".into()), page: 20, ..Scope::default() };
    let tracker = redmine(&fake.server.url(), "sam.desk", stock(), scope);
    assert_eq!(walk(&tracker).await.0.len(), seed::IN_SCOPE);
    let asked = fake.server.asked("GET", "/issues.json").pop().unwrap().query;
    assert!(asked.contains("f%5B%5D=bogus") && asked.contains("op%5Bcategory_id%5D=%21*"), "{asked}");
}

#[tokio::test]
async fn delta_has_seconds_and_overlaps_by_one() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    let (_, cursor) = walk(&tracker).await;
    // In the same second as the newest that was seen, and not seen then.
    fake.world(|world| {
        let newest = world.issues.values().map(|issue| issue.updated).max().unwrap();
        world.issues.get_mut(&seed::REQUEST).unwrap().updated = newest;
    });
    let page = tracker.page(Some(&cursor)).await.unwrap();
    assert!(page.records.iter().any(|record| record.id == id(seed::REQUEST)));
    assert!(!page.more);
    let again = tracker.page(Some(&page.next)).await.unwrap();
    assert_eq!(again.next, page.next, "nothing moves while nothing happens");
}

#[tokio::test]
async fn delta_goes_on_within_a_second_that_is_fuller_than_a_page() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    let (_, mut at) = walk(&tracker).await;
    fake.world(|world| world.issues.values_mut().for_each(|issue| issue.updated = now()));
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..9 {
        let page = tracker.page(Some(&at)).await.unwrap();
        seen.extend(page.records.into_iter().map(|record| record.id));
        at = page.next;
        if !page.more {
            assert_eq!(seen.len(), seed::IN_SCOPE);
            return;
        }
    }
    panic!("it does not end");
}

#[tokio::test]
async fn private_notes_bump_the_stamp_and_relations_do_not() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    let before = tracker.whole(&id(seed::STORIED)).await.unwrap();
    fake.world(|world| world.relate(7, seed::STORIED, &serde_json::json!({ "issue_to_id": seed::PROBLEM })).is_ok());
    let related = tracker.whole(&id(seed::STORIED)).await.unwrap();
    assert_eq!(related.revision, before.revision);
    // A full walk or an opened ticket shows it.
    assert_eq!(related.links.unwrap(), vec![Link { how: LinkKind::ProblemIs, other: id(seed::PROBLEM) }]);
    fake.elsewhere(&id(seed::STORIED), Elsewhere::Note("Psst.".into())).await;
    assert_ne!(tracker.whole(&id(seed::STORIED)).await.unwrap().revision, before.revision);
}

#[tokio::test]
async fn rows_and_records_have_one_revision() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    for row in walk(&tracker).await.0 {
        let whole = tracker.whole(&row.id).await.unwrap();
        assert_eq!((&row.id, row.revision), (&whole.id, whole.revision));
        assert_eq!((row.state, &row.owner, &row.fields), (whole.state, &whole.owner, &whole.fields));
    }
}

#[tokio::test]
async fn two_writes_in_one_second_have_two_revisions() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    let before = tracker.glance(&id(seed::INCIDENT)).await.unwrap();
    fake.world(|world| {
        let issue = world.issues.get_mut(&seed::INCIDENT).unwrap();
        issue.subject = "Laptop boots, slowly".into();
    });
    let after = tracker.glance(&id(seed::INCIDENT)).await.unwrap();
    assert_eq!(before.updated, after.updated);
    assert_ne!(before.revision, after.revision);
}

#[tokio::test]
async fn one_request_reads_a_ticket_with_everything() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    tracker.schema().await.unwrap();
    fake.server.forget();
    let record = tracker.whole(&id(seed::STORIED)).await.unwrap();
    assert_eq!(fake.server.seen().len(), 1);
    assert_eq!(record.owner, Some(name("fay.field")));
    assert_eq!(text(&record, &Field::Caller), "rita.caller");
    assert_eq!(record.fields.get(&Field::Impact), Some(&Value::Number(2)));
    let changes: Vec<Change> = record.history.unwrap().into_iter().map(|entry: Entry| entry.change).collect();
    let accepted = Change::Handover { step: Handover::Accept { by: name("fay.field") } };
    let heard = Change::Heard { from: name("rita.caller"), text: Clean::body("Still the same.") };
    let expected = [
        accepted,
        step(Verb::Start, State::New, State::InProgress),
        say(Audience::Internal, "Looked at the concentrator's log."),
        heard,
        say(Audience::Public, "Please try again."),
    ];
    assert_eq!(changes, expected);
}

#[tokio::test]
async fn update_answers_204_without_a_body_and_carries_all_in_one_put() {
    let fake = Fake::start();
    let changes = vec![
        set(Field::Title, Value::text("Laptop boots")),
        set(Field::Impact, Value::Number(1)),
        Change::Handover { step: Handover::Accept { by: name("sam.desk") } },
        step(Verb::Start, State::New, State::InProgress),
        say(Audience::Internal, "It was the battery."),
        say(Audience::Public, "Try it now."),
    ];
    let stored = fake.apply("sam.desk", seed::INCIDENT, changes).await.unwrap();
    assert_eq!(stored.dropped, vec![]);
    assert_eq!(fake.server.asked("PUT", "").len(), 2, "a second note needs a second PUT");
    let truth = fake.truth(&id(seed::INCIDENT)).await.unwrap();
    assert_eq!((truth.title.as_str(), truth.state.as_str()), ("Laptop boots", "In Progress"));
    assert_eq!(truth.owner.as_deref(), Some("sam.desk"));
    assert_eq!(
        (truth.internal, truth.public),
        (vec!["It was the battery.".to_owned()], vec!["Try it now.".to_owned()])
    );
}

#[tokio::test]
async fn silent_drop_of_what_redmine_derives_is_said() {
    let fake = Fake::start();
    // The priority of an issue with children is theirs: 204, and nothing happens.
    let changes =
        vec![set(Field::PriorityOverride, Value::Number(1)), set(Field::Title, Value::text("Branch office is online"))];
    let stored = fake.apply("sam.desk", seed::PARENT, changes).await.unwrap();
    assert_eq!(stored.dropped.iter().map(|one| one.what.as_str()).collect::<Vec<_>>(), ["priority_override"]);
    assert_eq!(stored.summary.title.as_str(), "Branch office is online");
}

#[tokio::test]
async fn content_type_is_json_or_nothing_happens() {
    let fake = Fake::start();
    fake.apply("sam.desk", seed::INCIDENT, vec![say(Audience::Public, "Hello.")]).await.unwrap();
    let seen = fake.server.asked("PUT", "/issues/1.json").pop().unwrap();
    assert!(seen.header("content-type").unwrap().starts_with("application/json"));
    assert_eq!(fake.truth(&id(seed::INCIDENT)).await.unwrap().public, ["Hello."]);
}

#[tokio::test]
async fn work_note_without_the_right_would_be_public_so_it_is_refused() {
    let fake = Fake::start();
    let desk = fake.desk_of("pia.public");
    desk.schema().await.unwrap();
    assert!(!desk.capabilities().internal_notes);
    let changes = vec![say(Audience::Internal, "The customer is difficult.")];
    let error = desk.apply(&op(on(seed::INCIDENT), None, changes)).await.unwrap_err();
    assert!(matches!(&error, Error::Forbidden(why) if why.contains("public")), "{error:?}");
    fake.server.assert_never_saw("difficult");
    // The same on a new ticket: it is not made at all.
    let changes = vec![
        Change::Create { kind: Kind::Incident, state: State::New, opened: Timestamp::now() },
        set(Field::Title, Value::text("New one")),
        say(Audience::Internal, "The customer is difficult."),
    ];
    let error = desk.apply(&op(Target::New(Kind::Incident), None, changes)).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    assert_eq!(fake.titled("New one").await, vec![]);
}

#[tokio::test]
async fn work_note_that_became_public_after_all_is_told() {
    let fake = Fake::start();
    let desk = fake.desk_of("sam.desk");
    desk.schema().await.unwrap();
    // The right was lost since it was read.
    fake.world(|world| world.outspoken = true);
    let stored = desk.apply(&op(on(seed::INCIDENT), None, vec![say(Audience::Internal, "Between us.")])).await.unwrap();
    assert_eq!(stored.dropped.len(), 1, "{:?}", stored.dropped);
    assert_eq!(stored.dropped[0].what, name("internal note"));
    assert!(stored.dropped[0].why.contains("public"), "{}", stored.dropped[0].why);
    let record = fake.adapter_of("sam.desk").whole(&id(seed::INCIDENT)).await.unwrap();
    assert_eq!(record.history.unwrap().pop().unwrap().change, say(Audience::Public, "Between us."));
}

#[tokio::test]
async fn lock_a_refusal_without_a_reason_is_a_conflict() {
    let fake = Fake::start();
    let desk = fake.desk_of("sam.desk");
    let seen = desk.get(&id(seed::STORIED)).await.unwrap().revision;
    let act = |expect| op(on(seed::STORIED), expect, vec![set(Field::Title, Value::text("Mine"))]);
    fake.world(|world| world.clashes = 1);
    let error = desk.apply(&act(Some(seen))).await.unwrap_err();
    let Error::Conflict { theirs, who } = error else { panic!("{error:?}") };
    assert_eq!((theirs.summary.id.as_str(), who.as_str()), ("2", "fay.field"));
    // What does not depend on what was seen goes onto whatever stands there.
    fake.world(|world| world.clashes = 1);
    assert_eq!(desk.apply(&act(None)).await.unwrap().ticket.title(), "Mine");
}

#[tokio::test]
async fn lock_version_is_never_shown_so_the_record_is_compared() {
    let fake = Fake::start();
    let desk = fake.desk_of("sam.desk");
    let seen = desk.get(&id(seed::STORIED)).await.unwrap();
    fake.elsewhere(&id(seed::STORIED), Elsewhere::Title("Theirs".into())).await;
    fake.server.forget();
    let act = op(on(seed::STORIED), Some(seen.revision), vec![set(Field::Title, Value::text("Mine"))]);
    assert!(matches!(desk.apply(&act).await.unwrap_err(), Error::Conflict { .. }));
    assert_eq!(fake.server.asked("PUT", "").len(), 0);
}

#[tokio::test]
async fn errors_are_localised_sentences_without_keys() {
    let fake = Fake::start();
    fake.world(|world| {
        world.refuse = Some(vec!["Asset ist nicht gültig".into(), "Betreff muss ausgefüllt werden".into()])
    });
    let changes = vec![set(Field::Asset, Value::name("??")), set(Field::Title, Value::text("x"))];
    let error = fake.apply("sam.desk", seed::INCIDENT, changes).await.unwrap_err();
    let Error::Invalid { field, reason } = error else { panic!("{error:?}") };
    assert_eq!(field, "asset");
    assert!(reason.contains("Asset ist nicht gültig") && reason.contains("Betreff"), "{reason}");
}

#[tokio::test]
async fn forbidden_and_missing_have_no_body() {
    let fake = Fake::start();
    let nobody = fake.adapter_of("nora.none");
    let error = nobody.whole(&id(seed::INCIDENT)).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    let error = fake.adapter_of("sam.desk").whole(&id(99999)).await.unwrap_err();
    assert_eq!(error, Error::NotFound(id(99999)));
    let error = fake.adapter_of("sam.desk").whole(&TicketId::new("../users")).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)));
    let error = fake.adapter_of("wrong").schema().await.unwrap_err();
    assert!(matches!(error, Error::Unauthenticated(_)), "{error:?}");
}

#[tokio::test]
async fn relations_are_stored_normalised_and_read_from_both_ends() {
    let fake = Fake::start();
    let link = |how, other| Link { how, other: id(other) };
    let links = [
        link(LinkKind::DuplicatedBy, 12),
        link(LinkKind::FixedBy, seed::CHANGE),
        link(LinkKind::Follows, 16),
        link(LinkKind::ProblemIs, seed::PROBLEM),
        link(LinkKind::RelatesTo, 20),
        link(LinkKind::ChildOf, seed::PARENT),
        link(LinkKind::ParentOf, 24),
    ];
    let changes = links.iter().map(|link| Change::Link { link: link.clone() }).collect();
    let stored = fake.apply("sam.desk", seed::STORIED, changes).await.unwrap();
    assert_eq!(stored.dropped, vec![]);
    let tracker = fake.adapter_of("sam.desk");
    for held in &links {
        let other = tracker.whole(&held.other).await.unwrap();
        let back = Link { how: held.how.inverse(), other: id(seed::STORIED) };
        assert!(other.links.unwrap().contains(&back), "{held:?}");
    }
    // Once more: they are there, nothing is sent.
    fake.server.forget();
    let changes: Vec<Change> = links[..2].iter().map(|link| Change::Link { link: link.clone() }).collect();
    fake.apply("sam.desk", seed::STORIED, changes).await.unwrap();
    assert_eq!(fake.server.asked("POST", "").len(), 0);
    let changes = links.iter().map(|link| Change::Unlink { link: link.clone() }).collect();
    let stored = fake.apply("sam.desk", seed::STORIED, changes).await.unwrap();
    assert_eq!((stored.dropped, stored.ticket.links), (vec![], vec![]));
}

#[tokio::test]
async fn attachments_are_uploaded_and_hung_on_by_a_token() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    let bytes = vec![0, 159, 146, 150];
    let file = Upload { name: Clean::line("Prüf & Co.txt"), media_type: "text/plain".into(), bytes: bytes.clone() };
    tracker.attach(&id(seed::INCIDENT), &file).await.unwrap();
    let held = tracker.attachments(&id(seed::INCIDENT)).await.unwrap();
    assert_eq!((held[0].name.as_str(), held[0].size), ("Prüf & Co.txt", Some(4)));
    assert_eq!(tracker.download(&id(seed::INCIDENT), &held[0].key).await.unwrap(), bytes);
}

#[tokio::test]
async fn metadata_for_administrators_is_taken_from_elsewhere() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    let schema = tracker.schema().await.unwrap();
    for forbidden in ["/custom_fields", "/groups", "/users.json"] {
        assert_eq!(fake.server.asked("GET", forbidden).len(), 0);
    }
    assert_eq!(schema.me, name("sam.desk"));
    assert_eq!(schema.directory.person("rita.caller").unwrap().level, None);
    assert!(schema.directory.person("fay.field").unwrap().level.is_some());
    assert!(schema.directory.group("Network").is_some());
    assert_eq!(schema.directory.categories.len(), 4);
    fake.server.forget();
    // A new ticket, the first thing that is done: the numbers of the fields come from another ticket.
    let changes = vec![
        Change::Create { kind: Kind::Incident, state: State::New, opened: Timestamp::now() },
        set(Field::Title, Value::text("No dial tone")),
        set(Field::Caller, Value::name("rita.caller")),
        set(Field::Impact, Value::Number(3)),
        set(Field::Category, Value::name("Hardware")),
        say(Audience::Public, "We look into it."),
    ];
    let stored = desk(tracker).apply(&op(Target::New(Kind::Incident), None, changes)).await.unwrap();
    assert_eq!(stored.dropped, vec![]);
    assert_eq!(stored.ticket.get(&Field::Impact), Some(&Value::Number(3)));
    assert_eq!(fake.truth(&stored.summary.id).await.unwrap().public, ["We look into it."]);
}

#[tokio::test]
async fn search_finds_issues_and_wiki_pages() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    tracker.schema().await.unwrap();
    let look = |sort, words: &str| Lookup { sort, words: Clean::line(words), limit: 10 };
    let names =
        |found: Vec<deskside::backend::Found>| found.into_iter().map(|one| one.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(tracker.search(&look(Sort::Tickets, "VPN drops")).await.unwrap()), ["2", "4"]);
    assert_eq!(names(tracker.search(&look(Sort::Knowledge, "VPN")).await.unwrap()), ["KB0002_VPN_drops"]);
    assert_eq!(names(tracker.search(&look(Sort::People, "lindq")).await.unwrap()), ["fay.field"]);
    assert!(matches!(tracker.search(&look(Sort::Assets, "LT")).await.unwrap_err(), Error::Unsupported(_)));
}

#[tokio::test]
async fn paging_never_asks_for_nought_which_would_be_twenty_five() {
    let fake = Fake::start();
    let scope = Scope { page: 0, ..Scope::default() };
    let tracker = redmine(&fake.server.url(), "sam.desk", stock(), scope);
    let page = tracker.page(None).await.unwrap();
    assert_eq!((page.records.len(), page.more), (1, true));
}

#[tokio::test]
async fn create_tells_the_number_and_its_location_is_not_followed() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    tracker.schema().await.unwrap();
    fake.server.forget();
    let parts = vec![Part::Field(Field::Title, Some(Value::text("A new one")))];
    let wanted = Wanted { key: OpKey("new".into()), me: "sam.desk".into(), at: Timestamp::now(), parts };
    let made = tracker.create(Kind::Incident, &wanted).await.unwrap();
    assert_eq!(fake.titled("A new one").await, std::slice::from_ref(&made));
    assert!(fake.server.asked("GET", &format!("/issues/{made}")).is_empty());
}

#[tokio::test]
async fn etag_if_match_is_ignored_so_none_is_sent() {
    let fake = Fake::start();
    let changes = vec![set(Field::Title, Value::text("Mine")), say(Audience::Internal, "Between us.")];
    fake.apply("sam.desk", seed::STORIED, changes).await.unwrap();
    let writes = fake.server.asked("PUT", "/issues/");
    assert!(!writes.is_empty() && writes.iter().all(|seen| seen.header("if-match").is_none()));
}

#[tokio::test]
async fn relations_the_same_pair_again_is_a_circle_to_redmine() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    let record = tracker.whole(&id(seed::STORIED)).await.unwrap();
    let link = Link { how: LinkKind::RelatesTo, other: id(20) };
    let parts = vec![Part::Link(link)];
    let wanted = Wanted { key: OpKey("again".into()), me: "sam.desk".into(), at: Timestamp::now(), parts };
    let writes = tracker.plan(&record, &wanted).await.unwrap();
    // A colleague was quicker.
    fake.world(|world| world.relate(7, seed::STORIED, &serde_json::json!({ "issue_to_id": 20 })).is_ok());
    let error = tracker.send(&record, &writes[0]).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { reason, .. } if reason.contains("circular")), "{error:?}");
    // Read again, it is there already and nothing is to be done.
    let now = tracker.whole(&id(seed::STORIED)).await.unwrap();
    assert!(tracker.plan(&now, &wanted).await.unwrap().is_empty());
}

#[tokio::test]
async fn bad_addresses_without_json_at_their_end_are_never_asked() {
    let fake = Fake::start();
    let tracker = fake.adapter_of("sam.desk");
    tracker.schema().await.unwrap();
    walk(&tracker).await;
    tracker.whole(&id(seed::STORIED)).await.unwrap();
    let words = Lookup { sort: Sort::Tickets, words: Clean::line("VPN"), limit: 5 };
    tracker.search(&words).await.unwrap();
    for seen in fake.server.seen() {
        assert!(seen.path.ends_with(".json"), "{}", seen.path);
    }
}
