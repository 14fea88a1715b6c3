//! One test for each thing that ServiceNow does without a word, or not as one would think.

use deskside::backend::http::tracker::Tracker as _;
use deskside::backend::{Backend as _, Error};
use deskside::domain::change::{Audience, Change, Link, LinkKind, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::state::{State, Verb};
use deskside::domain::summary::GlanceState;

use super::{Fake, adapter, agent, apply, desk, elsewhere, held, laid, op, say, scope, set, step, titled, walk, with};
use crate::fake::servicenow::{INCIDENTS, PASSWORD};

#[tokio::test]
async fn rights_hide_rows_after_the_limit_was_applied() {
    let fake = Fake::new();
    let ids: Vec<String> = fake
        .world()
        .rows("incident")
        .iter()
        .filter(|row| row["short_description"].starts_with("Ticket"))
        .map(|row| row["sys_id"].clone())
        .take(45)
        .collect();
    fake.world().hidden.extend(ids);
    let (all, _) = walk(&agent(&fake)).await;
    let mut found: Vec<_> =
        all.iter().filter(|record| record.id.as_str().starts_with("INC")).map(|record| record.id.clone()).collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), INCIDENTS + 2 - 45);
}

#[tokio::test]
async fn many_rows_of_one_second_are_all_found_and_none_twice() {
    let fake = Fake::new();
    let at = crate::fake::servicenow::world::World::ago(500);
    for row in fake.world().tables.get_mut("incident").unwrap() {
        row.insert("sys_updated_on".into(), at.clone());
    }
    let (all, _) = walk(&agent(&fake)).await;
    let mut ids: Vec<_> = all.iter().map(|record| record.id.clone()).collect();
    let told = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), told), (INCIDENTS + 7, INCIDENTS + 7));
}

#[tokio::test]
async fn without_a_count_a_walk_ends_after_two_empty_pages() {
    let fake = Fake::new();
    fake.world().uncounted = true;
    let (all, _) = walk(&agent(&fake)).await;
    assert_eq!(all.len(), INCIDENTS + 7);
}

#[tokio::test]
async fn an_empty_list_of_the_first_version_is_404() {
    let fake = Fake::new();
    fake.world().version_one = true;
    fake.world().tables.get_mut("sc_task").unwrap().clear();
    let (all, _) = walk(&agent(&fake)).await;
    assert_eq!(all.len(), INCIDENTS + 6);
}

#[tokio::test]
async fn a_condition_that_is_ignored_makes_no_other_ticket_of_this_one() {
    let fake = Fake::new();
    // Nothing carries this number; the fake drops the condition when the column does not exist.
    for row in fake.world().tables.get_mut("incident").unwrap() {
        row.remove("number");
    }
    let gone = agent(&fake).whole(&"INC0010001".into()).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
}

#[tokio::test]
async fn a_caret_in_a_name_ends_no_condition() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    let refused = apply(&fake, &id, vec![set(Field::Group, Value::name("x^ORname=Network"))]).await;
    assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "group"), "{refused:?}");
}

#[tokio::test]
async fn a_change_that_may_not_move_is_refused_with_the_conditions_before_anything_is_written() {
    let fake = Fake::new();
    let id = titled(&fake, "Replace VPN concentrator firmware");
    elsewhere(&fake, &id, &[("assignment_group", "")], "fay.field");
    let refused = apply(
        &fake,
        &id,
        vec![set(Field::Reason, Value::text("because")), step(Verb::Assess, State::New, State::Assess)],
    )
    .await;
    assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "state"), "{refused:?}");
    assert_eq!(held(&fake, &id, "justification"), "");
}

#[tokio::test]
async fn a_change_moves_by_the_change_api_with_all_that_goes_with_it() {
    let fake = Fake::new();
    let id = titled(&fake, "Replace VPN concentrator firmware");
    let stored = apply(
        &fake,
        &id,
        vec![
            set(Field::Plan, Value::text("Swap it.")),
            step(Verb::Assess, State::New, State::Assess),
            say(Audience::Internal, "Off we go."),
        ],
    )
    .await
    .unwrap();
    assert_eq!((stored.ticket.state, stored.dropped.as_slice()), (State::Assess, &[][..]));
    assert_eq!(fake.server.asked("PATCH", "sn_chg_rest").len(), 1);
    assert!(fake.server.asked("PATCH", "/table/").is_empty());
}

/// Conditions are told of changes with a model only.
#[tokio::test]
async fn a_change_without_a_model_moves_by_the_change_api_too() {
    let fake = Fake::new();
    fake.world().typed_changes = true;
    let id = titled(&fake, "Replace VPN concentrator firmware");
    let stored = apply(&fake, &id, vec![step(Verb::Assess, State::New, State::Assess)]).await.unwrap();
    assert_eq!((stored.ticket.state, stored.dropped.as_slice()), (State::Assess, &[][..]));
    assert_eq!(fake.server.asked("PATCH", "sn_chg_rest").len(), 1);
    let refused = apply(&fake, &id, vec![step(Verb::Implement, State::Scheduled, State::Implement)]).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_state_that_did_not_move_with_200_is_told() {
    let fake = Fake::new();
    let id = titled(&fake, "Replace VPN concentrator firmware");
    fake.world().no_change_api = true;
    elsewhere(&fake, &id, &[("assignment_group", "")], "fay.field");
    let stored =
        apply(&fake, &id, vec![step(Verb::Assess, State::New, State::Assess), set(Field::Plan, Value::text("Swap."))])
            .await
            .unwrap();
    assert_eq!(stored.dropped.iter().map(|dropped| dropped.what.as_str()).collect::<Vec<_>>(), ["assess"]);
    assert_eq!(stored.ticket.state, State::New);
}

#[tokio::test]
async fn a_problem_that_only_the_form_can_move_is_told() {
    let fake = Fake::new();
    fake.world().frozen_problems = true;
    let id = titled(&fake, "VPN gateway loses its mind");
    let stored = apply(&fake, &id, vec![step(Verb::Assess, State::New, State::Assess)]).await.unwrap();
    assert_eq!(stored.dropped.len(), 1, "{:?}", stored.dropped);
}

#[tokio::test]
async fn a_read_only_column_that_is_dropped_with_200_is_told() {
    let fake = Fake::new();
    fake.world().read_only.insert("category".into());
    let id = titled(&fake, "Ticket 3: the printer hums");
    let stored = apply(&fake, &id, vec![set(Field::Category, Value::name("software"))]).await.unwrap();
    assert_eq!(stored.dropped[0].what.as_str(), "category");
}

#[tokio::test]
async fn the_priority_is_computed_and_cannot_be_set() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    let refused = apply(&fake, &id, vec![set(Field::PriorityOverride, Value::Number(5))]).await;
    assert!(matches!(refused, Err(Error::Unsupported(_))), "{refused:?}");
    let stored = apply(&fake, &id, vec![set(Field::Impact, Value::Number(1)), set(Field::Urgency, Value::Number(1))])
        .await
        .unwrap();
    assert!(stored.dropped.is_empty());
    assert_eq!(held(&fake, &id, "priority"), "1");
}

#[tokio::test]
async fn a_data_policy_names_its_fields_and_nothing_is_stored() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    let refused =
        apply(&fake, &id, vec![step(Verb::Resolve, State::New, State::Resolved), say(Audience::Public, "Done.")]).await;
    assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field.contains("Resolution code")), "{refused:?}");
    assert!(fake.world().rows("sys_journal_field").iter().all(|said| said["value"] != "Done."));
}

#[tokio::test]
async fn a_business_rule_says_no_without_its_reason() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    elsewhere(&fake, &id, &[("state", "6"), ("close_code", "Duplicate"), ("close_notes", "x")], "fay.field");
    let refused = apply(&fake, &id, vec![step(Verb::Close, State::Resolved, State::Closed)]).await;
    assert!(matches!(&refused, Err(Error::Invalid { reason, .. }) if reason.contains("Check close")), "{refused:?}");
}

#[tokio::test]
async fn waiting_for_the_caller_wants_words_to_the_caller() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    let hold = || vec![set(Field::HoldReason, Value::name("caller")), step(Verb::Hold, State::New, State::OnHold)];
    let refused = apply(&fake, &id, hold()).await;
    assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "Additional comments"), "{refused:?}");
    let mut changes = hold();
    changes.push(say(Audience::Public, "Which one is it?"));
    let stored = apply(&fake, &id, changes).await.unwrap();
    assert_eq!((stored.ticket.state, stored.summary.glance.state), (State::OnHold, GlanceState::Paused));
}

#[tokio::test]
async fn an_unreadable_journal_is_an_empty_list_and_the_text_stands_for_it() {
    let fake = Fake::new();
    fake.world().unreadable.insert("sys_journal_field".into());
    let tracker = agent(&fake);
    tracker.schema().await.unwrap();
    let record = tracker.whole(&titled(&fake, "VPN drops every ten minutes")).await.unwrap();
    let said: Vec<_> =
        record.history.unwrap().into_iter().filter(|entry| matches!(entry.change, Change::Say { .. })).collect();
    assert_eq!(said.iter().map(|entry| entry.who.as_str()).collect::<Vec<_>>(), ["fay.field", "fay.field"]);
    // The text is in this user's zone; the journal in UTC.
    fake.world().unreadable.clear();
    let read = tracker.whole(&record.id).await.unwrap().history.unwrap();
    let at: Vec<_> =
        read.iter().filter(|entry| matches!(entry.change, Change::Say { .. })).map(|entry| entry.at).collect();
    assert_eq!(said.iter().map(|entry| entry.at).collect::<Vec<_>>(), at);
}

#[tokio::test]
async fn html_in_a_journal_is_read_as_text() {
    let fake = Fake::new();
    let id = super::titled(&fake, "\u{1b}]0;owned\u{7}\u{1b}[31mred\u{202e}txt.exe <b>bold</b>");
    let record = agent(&fake).whole(&id).await.unwrap();
    let words: Vec<String> = record
        .history
        .unwrap()
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Say { audience: Audience::Public, text } => Some(text.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(words, ["bold plain"]);
}

#[tokio::test]
async fn notes_and_replies_go_where_they_belong_in_one_request() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    let stored = apply(
        &fake,
        &id,
        vec![
            set(Field::Category, Value::name("software")),
            step(Verb::Start, State::New, State::InProgress),
            say(Audience::Internal, "For us."),
            say(Audience::Public, "For you."),
        ],
    )
    .await
    .unwrap();
    assert_eq!(stored.dropped, []);
    let writes: Vec<_> = fake.server.seen().into_iter().filter(|seen| seen.method == "PATCH").collect();
    assert_eq!(writes.len(), 1);
    let body: serde_json::Value = serde_json::from_slice(&writes[0].body).unwrap();
    assert_eq!((&body["work_notes"], &body["comments"]), (&"For us.".into(), &"For you.".into()));
    assert!(!writes[0].query.contains("input_display_value"));
}

#[tokio::test]
async fn an_earlier_create_is_found_by_its_correlation() {
    let fake = Fake::new();
    let make =
        op(Target::New(deskside::domain::kind::Kind::Incident), None, vec![set(Field::Title, Value::text("Twice?"))]);
    let first = desk(agent(&fake)).apply(&make).await.unwrap();
    let again = desk(agent(&fake)).apply(&deskside::domain::change::Op { again: true, ..make.clone() }).await.unwrap();
    assert_eq!(first.ticket.id, again.ticket.id);
    assert_eq!(held(&fake, &first.ticket.id, "correlation_id"), make.key.0);
}

#[tokio::test]
async fn a_request_is_ordered_from_the_catalogue() {
    let fake = Fake::new();
    let kind = deskside::domain::kind::Kind::Request;
    let title = || set(Field::Title, Value::text("A laptop for Omar"));
    let refused = desk(agent(&fake)).apply(&op(Target::New(kind), None, vec![title()])).await;
    assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "catalog_item"), "{refused:?}");
    let make = op(Target::New(kind), None, vec![title(), set(Field::CatalogItem, Value::name("Standard laptop"))]);
    let stored = desk(agent(&fake)).apply(&make).await.unwrap();
    assert!(stored.ticket.id.as_str().starts_with("RITM"));
    assert_eq!(held(&fake, &stored.ticket.id, "short_description"), "A laptop for Omar");
    assert!(fake.server.asked("POST", "/table/sc_req_item").is_empty(), "a row of its own would start no flow");
    let again = desk(agent(&fake)).apply(&deskside::domain::change::Op { again: true, ..make }).await.unwrap();
    assert_eq!(again.ticket.id, stored.ticket.id);
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_not_made_again() {
    let fake = Fake::new();
    let make = |item: &str| {
        let changes =
            vec![set(Field::Title, Value::text("A laptop for Omar")), set(Field::CatalogItem, Value::name(item))];
        op(Target::New(Kind::Request), None, changes)
    };
    let orders = |fake: &Fake| fake.server.asked("POST", "/order_now").len();
    let first = make("Standard laptop");
    let stored = desk(agent(&fake)).apply(&first).await.unwrap();
    // Killed before it could be marked as ours.
    for row in fake.world().tables.get_mut("sc_req_item").unwrap() {
        row.insert("correlation_id".into(), String::new());
    }
    let before = orders(&fake);
    let again = deskside::domain::change::Op { again: true, ..first };
    let answer = desk(agent(&fake)).apply(&again).await;
    let said = |why: &String| why.contains(stored.ticket.id.as_str());
    assert!(matches!(&answer, Err(Error::Doubtful(why)) if said(why)), "{answer:?}");
    assert_eq!(orders(&fake), before);
    // An order that was never made before is made.
    desk(agent(&fake)).apply(&make("Standard laptop")).await.unwrap();
    assert_eq!(orders(&fake), before + 1);
}

#[tokio::test]
async fn lists_that_nobody_counts_are_read_to_their_end() {
    let fake = Fake::new();
    {
        let mut world = fake.world();
        world.uncounted = true;
        let users = world.tables.get_mut("sys_user").unwrap();
        let one = users[0].clone();
        users.extend((0..1_100).map(|n| {
            let mut row = one.clone();
            row.insert("sys_id".into(), format!("{n:032x}"));
            row.insert("user_name".into(), format!("person.{n}"));
            row.insert("name".into(), format!("Person {n}"));
            row
        }));
    }
    let schema = agent(&fake).schema().await.unwrap();
    assert!(schema.directory.people.len() > 1_100, "{}", schema.directory.people.len());
}

#[tokio::test]
async fn what_a_batch_did_not_serve_is_sent_again() {
    let fake = Fake::new();
    fake.world().serves = Some(2);
    let tracker = agent(&fake);
    let id = titled(&fake, "VPN drops every ten minutes");
    let record = tracker.whole(&id).await.unwrap();
    assert!(record.clock.is_some() && !record.history.unwrap().is_empty());
}

#[tokio::test]
async fn without_the_batch_api_each_read_is_a_request() {
    let fake = Fake::new();
    fake.world().no_batch = true;
    let tracker = agent(&fake);
    let (all, _) = walk(&tracker).await;
    assert_eq!(all.len(), INCIDENTS + 7);
    fake.server.forget();
    tracker.whole(&all[0].id).await.unwrap();
    assert_eq!(fake.server.seen().len(), 3, "{:?}", fake.server.seen());
}

#[tokio::test]
async fn a_deletion_is_told_where_the_trail_may_be_read() {
    let fake = Fake::new();
    let tracker = agent(&fake);
    let (all, next) = walk(&tracker).await;
    let gone = &all[3].id;
    let (table, key) = {
        let world = fake.world();
        let row = world.by("task", "number", gone.as_str()).unwrap();
        (row["sys_class_name"].clone(), row["sys_id"].clone())
    };
    fake.world().delete(&table, &key, "sam.desk").unwrap();
    let page = tracker.page(Some(&next)).await.unwrap();
    assert_eq!(page.gone, std::slice::from_ref(gone));
    fake.world().unreadable.insert("sys_audit_delete".into());
    assert_eq!(tracker.page(Some(&next)).await.unwrap().gone, []);
}

#[tokio::test]
async fn changes_are_asked_for_with_an_overlap() {
    let fake = Fake::new();
    let tracker = agent(&fake);
    let (_, next) = walk(&tracker).await;
    let id = titled(&fake, "Ticket 3: the printer hums");
    elsewhere(&fake, &id, &[("short_description", "New words")], "fay.field");
    let page = tracker.page(Some(&next)).await.unwrap();
    let row = page.records.iter().find(|record| record.id == id).unwrap();
    let whole = tracker.whole(&id).await.unwrap();
    assert_eq!(row.revision, whole.revision);
    // The same second is asked for again: nothing that was stored late is lost.
    assert!(tracker.page(Some(&page.next)).await.unwrap().records.iter().any(|record| record.id == id));
}

#[tokio::test]
async fn a_ticket_that_left_the_groups_is_gone() {
    let fake = Fake::new();
    let groups = deskside::backend::http::tracker::Scope { groups: vec!["Network".into()], ..scope() };
    let tracker = adapter(&fake.server.url(), "sam.desk", PASSWORD, laid(""), groups);
    let (all, next) = walk(&tracker).await;
    let id = titled(&fake, "VPN drops every ten minutes");
    assert!(all.iter().any(|record| record.id == id) && all.len() < 10);
    let desk = fake.world().key("sys_user_group", "Service Desk");
    elsewhere(&fake, &id, &[("assignment_group", &desk)], "fay.field");
    assert!(tracker.page(Some(&next)).await.unwrap().gone.contains(&id));
}

#[tokio::test]
async fn clocks_do_not_touch_their_tickets_and_are_read_by_themselves() {
    let fake = Fake::new();
    let (all, _) = walk(&agent(&fake)).await;
    let id = titled(&fake, "Ticket 3: the printer hums");
    let row = all.iter().find(|record| record.id == id).unwrap();
    assert_eq!(row.clock.unwrap().state, GlanceState::Running);
    let tracker = with(&fake, "[site]\nsla = \"false\"");
    assert_eq!(tracker.whole(&id).await.unwrap().clock, None);
}

#[tokio::test]
async fn links_are_seen_from_both_ends_and_one_column_holds_one() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    let problem = titled(&fake, "VPN gateway loses its mind");
    let link = |other| Change::Link { link: Link { how: LinkKind::ProblemIs, other } };
    let stored = apply(&fake, &id, vec![link(problem.clone())]).await.unwrap();
    assert_eq!(stored.dropped, []);
    let record = agent(&fake).whole(&problem).await.unwrap();
    assert!(record.links.unwrap().contains(&Link { how: LinkKind::ProblemOf, other: id.clone() }));
    let other = titled(&fake, "VPN drops every ten minutes");
    let back = Change::Link { link: Link { how: LinkKind::ProblemOf, other: other.clone() } };
    assert_eq!(apply(&fake, &problem, vec![back]).await.unwrap().dropped, []);
    assert_eq!(held(&fake, &other, "problem_id.number"), problem.as_str());
}

#[tokio::test]
async fn an_approval_moves_a_change_and_a_rejection_wants_a_reason() {
    let fake = Fake::new();
    let id = titled(&fake, "Awaits approval");
    let no = apply(&fake, &id, vec![step(Verb::Reject, State::Authorize, State::New)]).await;
    assert!(matches!(&no, Err(Error::Invalid { field, .. }) if field == "note"), "{no:?}");
    let stored = apply(&fake, &id, vec![step(Verb::Schedule, State::Authorize, State::Scheduled)]).await.unwrap();
    assert_eq!(stored.ticket.state, State::Scheduled);
    let again = apply(
        &fake,
        &titled(&fake, "Replace VPN concentrator firmware"),
        vec![step(Verb::Schedule, State::New, State::Scheduled)],
    )
    .await;
    assert!(again.is_err());
}

#[tokio::test]
async fn a_change_that_is_held_stands_on_hold() {
    let fake = Fake::new();
    let id = titled(&fake, "Awaits approval");
    elsewhere(&fake, &id, &[("on_hold", "true"), ("on_hold_reason", "Freeze")], "fay.field");
    let record = agent(&fake).whole(&id).await.unwrap();
    assert_eq!(record.state, State::OnHold);
}

#[tokio::test]
async fn a_problem_that_is_nobodys_does_not_move() {
    let fake = Fake::new();
    fake.world().owned_problems = true;
    let id = titled(&fake, "VPN gateway loses its mind");
    elsewhere(&fake, &id, &[("assigned_to", "")], "fay.field");
    let refused = apply(&fake, &id, vec![step(Verb::Assess, State::New, State::Assess)]).await;
    assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "Assigned to"), "{refused:?}");
}

#[tokio::test]
async fn a_ticket_that_changed_its_class_is_found_in_its_new_table() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    let tracker = agent(&fake);
    let before = tracker.whole(&id).await.unwrap();
    {
        let mut world = fake.world();
        let rows = world.tables.get_mut("incident").unwrap();
        let at = rows.iter().position(|row| row["number"] == id.as_str()).unwrap();
        let mut row = rows.remove(at);
        row.insert("sys_class_name".into(), "problem".into());
        row.insert("state".into(), "101".into());
        world.tables.get_mut("problem").unwrap().push(row);
    }
    let after = tracker.whole(&id).await.unwrap();
    assert_eq!((before.kind, after.kind, after.state), (Kind::Incident, Kind::Problem, State::New));
}

/// The parameters of each read of a table, without batches.
async fn asked_of_tables(fake: &Fake) -> Vec<String> {
    let tracker = with(fake, "[site]\nbatch = \"false\"");
    let (all, _) = walk(&tracker).await;
    tracker.whole(&all[0].id).await.unwrap();
    fake.server.asked("GET", "/api/now/table/").into_iter().map(|seen| seen.query).collect()
}

#[tokio::test]
async fn a_shown_value_alone_loses_the_key_so_both_are_asked_for() {
    let asked = asked_of_tables(&Fake::new()).await;
    assert!(!asked.is_empty());
    for query in asked {
        assert!(query.contains("sysparm_display_value=all"), "{query}");
        assert!(query.contains("sysparm_exclude_reference_link=true"), "{query}");
    }
}

#[tokio::test]
async fn a_long_question_breaks_the_links_to_other_pages_so_none_are_asked_for() {
    let lists: Vec<String> = asked_of_tables(&Fake::new()).await;
    let lists: Vec<&String> = lists.iter().filter(|query| query.contains("sysparm_limit")).collect();
    assert!(!lists.is_empty());
    for query in lists {
        assert!(query.contains("sysparm_suppress_pagination_header=true"), "{query}");
    }
}

#[tokio::test]
async fn an_order_that_is_not_total_drops_rows_so_it_ends_with_the_key() {
    let mut ordered = 0;
    for query in asked_of_tables(&Fake::new()).await {
        let query = query.replace("%5E", "^");
        let Some((_, order)) = query.split_once("^ORDERBY") else { continue };
        // Of a journal the order of the table is likelier than that of random keys.
        if query.contains("element_id") {
            continue;
        }
        ordered += 1;
        assert!(order.split('&').next().unwrap().ends_with("sys_id"), "{query}");
    }
    assert!(ordered > 4, "{ordered}");
}

#[tokio::test]
async fn not_every_key_has_thirty_two_letters() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    for row in fake.world().tables.get_mut("incident").unwrap().iter_mut().filter(|row| row["number"] == id.as_str()) {
        row.insert("opened_by".into(), "glide.maint".into());
    }
    let record = agent(&fake).whole(&id).await.unwrap();
    assert_eq!(&*record.registrar, "glide.maint");
}

#[tokio::test]
async fn state_is_written_and_its_twin_follows_by_a_rule() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    let stored = apply(&fake, &id, vec![step(Verb::Start, State::New, State::InProgress)]).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), stored.ticket.state), (&[][..], State::InProgress));
    let sent: Vec<String> = fake.server.asked("PATCH", "").iter().map(|seen| seen.text()).collect();
    assert!(!sent.is_empty() && sent.iter().all(|text| !text.contains("incident_state")), "{sent:?}");
}

#[tokio::test]
async fn the_answer_to_a_write_is_the_only_proof_and_never_left_out() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    apply(&fake, &id, vec![set(Field::Title, Value::text("Proof"))]).await.unwrap();
    let writes = fake.server.asked("PATCH", "");
    assert!(!writes.is_empty() && writes.iter().all(|seen| seen.header("x-no-response-body").is_none()));
    assert!(
        writes.iter().all(|seen| !seen.query.contains("sysparm_input_display_value")),
        "stored values, times in UTC"
    );
}

#[tokio::test]
async fn what_was_deleted_and_what_may_not_be_read_are_one_to_it() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    let key = fake.world().by("task", "number", id.as_str()).unwrap()["sys_id"].clone();
    fake.world().hidden.insert(key);
    let error = agent(&fake).whole(&id).await.unwrap_err();
    assert_eq!(error, Error::NotFound(id));
}

#[tokio::test]
async fn a_record_of_another_class_keeps_its_history() {
    let fake = Fake::new();
    let id = titled(&fake, "Ticket 3: the printer hums");
    elsewhere(&fake, &id, &[("short_description", "It hums louder")], "fay.field");
    let key = fake.world().key("incident", id.as_str());
    fake.world().reclassify("incident", &key, "problem", "101");
    let record = agent(&fake).whole(&id).await.unwrap();
    let renamed = |change: &Change| matches!(change, Change::Set { field: Field::Title, .. });
    assert!(record.kind == Kind::Problem && record.history.unwrap().iter().any(|entry| renamed(&entry.change)));
}

#[tokio::test]
async fn markup_of_a_problem_is_read_as_text_and_written_as_markup() {
    let fake = Fake::new();
    let id = titled(&fake, "VPN gateway loses its mind");
    elsewhere(&fake, &id, &[("workaround", "<p>Restart <b>it</b>.</p>")], "fay.field");
    let record = agent(&fake).whole(&id).await.unwrap();
    assert_eq!(record.fields.get(&Field::Workaround), Some(&Value::text("Restart it.")));
    let stored = apply(&fake, &id, vec![set(Field::Workaround, Value::text("a < b\nc"))]).await.unwrap();
    assert_eq!(stored.dropped, []);
    let kept = held(&fake, &id, "workaround");
    assert!(kept.contains("a &lt; b") && kept.contains("<br/>"), "{kept}");
}

#[tokio::test]
async fn a_second_factor_is_told_as_such() {
    use axum::http::StatusCode;
    let page = || async { (StatusCode::UNAUTHORIZED, [("X-MFA_TOKEN", "invalid")], "") };
    let server = crate::fake::server::Server::start(axum::Router::new().fallback(page));
    let tracker = adapter(&server.url(), "sam.desk", PASSWORD, laid(""), scope());
    let error = tracker.schema().await.unwrap_err();
    assert!(matches!(&error, Error::Unauthenticated(why) if why.contains("second factor")), "{error:?}");
}
