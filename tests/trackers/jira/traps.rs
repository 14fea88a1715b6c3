//! What a Jira does without a word, one test for each trap.

use std::collections::BTreeSet;

use deskside::backend::http::tracker::{Part, Sent, Tracker as _};
use deskside::backend::{Backend as _, Cursor, Error};
use deskside::domain::change::{Audience, Change, Link, LinkKind};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::{State, Verb};
use deskside::domain::summary::GlanceState;
use deskside::text::Clean;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::{adapter, called, carry_out, desk, field, laid, sam, set, setup, stock, titled, token, walk, wanted, with};
use crate::fake::jira::{Fake, INCIDENTS, words};
use crate::trackers::bench::{note, op, reply};

const BOTH: [bool; 2] = [true, false];

fn said(audience: Audience, text: &str) -> Part {
    Part::Say(audience, Clean::body(text))
}

fn give(field: Field, to: Value) -> Part {
    Part::Field(field, Some(to))
}

fn hum(fake: &Fake) -> TicketId {
    titled(fake, "Ticket 3: the printer hums")
}

/// The body of the last request that went there.
fn sent(fake: &Fake, method: &str, path: &str) -> Json {
    let all = fake.server.asked(method, path);
    let last = all.last().unwrap_or_else(|| panic!("nothing was sent to {path}"));
    serde_json::from_slice(&last.body).unwrap()
}

// Two products, and who signs in.

#[tokio::test]
async fn only_the_calls_that_the_product_has_are_made() {
    let (cloud, center) = (Fake::new(true), Fake::new(false));
    walk(&sam(&cloud)).await;
    walk(&sam(&center)).await;
    let old: Vec<String> = cloud.server.asked("", "/rest/api/2").iter().map(|seen| seen.path.clone()).collect();
    assert!(old.iter().all(|path| path.ends_with("myself") || path.ends_with("serverInfo")), "{old:?}");
    assert!(center.server.asked("", "/rest/api/3").is_empty());
    assert!(cloud.server.asked("", "/rest/api/3/search").iter().all(|seen| seen.path.ends_with("/jql")));
}

#[tokio::test]
async fn a_site_with_a_path_of_its_own_is_asked_below_it() {
    let fake = Fake::new(false);
    let address = format!("{}/jira", fake.server.url());
    let jira = adapter(&address, false, "sam.desk", &token("sam.desk"), setup(stock()));
    assert_eq!(walk(&jira).await.0.len(), INCIDENTS + 6);
    assert!(fake.server.seen().iter().all(|seen| seen.path.starts_with("/jira/rest/")));
}

#[tokio::test]
async fn a_wrong_log_in_that_is_answered_with_200_is_not_signed_in() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let jira = adapter(&fake.server.url(), cloud, "sam.desk", "wrong", setup(stock()));
        assert!(matches!(jira.schema().await, Err(Error::Unauthenticated(_))));
        // It gets lists of fields with a good status, and a header beside them.
        let jira = sam(&fake);
        jira.schema().await.unwrap();
        fake.world().users.retain(|user| user.login != "sam.desk");
        let answer = jira.page(None).await;
        assert!(matches!(answer, Err(Error::Unauthenticated(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_captcha_is_told_as_what_it_is() {
    let fake = Fake::new(false);
    fake.world().tricks.captcha = true;
    let answer = sam(&fake).schema().await;
    assert!(matches!(&answer, Err(Error::Unauthenticated(why)) if why.contains("CAPTCHA")), "{answer:?}");
    assert_eq!(fake.server.seen().len(), 1, "it is not tried again");
}

#[tokio::test]
async fn people_are_accounts_on_cloud_and_log_ins_on_data_center() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let jira = sam(&fake);
        carry_out(&jira, &hum(&fake), vec![Part::Owner(called(cloud, "fay.field"))]).await.unwrap();
        let body = sent(&fake, "PUT", "/issue/");
        let key = if cloud { "accountId" } else { "name" };
        assert_eq!(body["fields"]["assignee"][key], fake.world().account("fay.field").as_str());
        assert_eq!(field(&fake, &hum(&fake), "assignee"), "fay.field");
    }
}

#[tokio::test]
async fn of_two_people_of_one_name_each_can_be_named() {
    let fake = Fake::new(true);
    let mut twin = fake.world().user("fay.field").unwrap().clone();
    (twin.login, twin.mail) = ("fay.fields".into(), "fay.fields@acme.test".into());
    fake.world().users.push(twin);
    let schema = sam(&fake).schema().await.unwrap();
    let names: Vec<&str> = schema.directory.people.iter().map(|one| one.login.as_str()).collect();
    let fays: Vec<&&str> = names.iter().filter(|name| name.starts_with("Fay Field")).collect();
    assert_eq!(fays.len(), 2, "{names:?}");
    assert_ne!(fays[0], fays[1]);
}

#[tokio::test]
async fn a_short_page_of_people_is_not_the_last() {
    let fake = Fake::new(true);
    let schema = sam(&fake).schema().await.unwrap();
    for login in ["sam.desk", "fay.field", "ned.net"] {
        assert!(schema.directory.person(&called(true, login)).is_some(), "{login}");
    }
}

// Searches.

#[tokio::test]
async fn a_short_page_of_issues_is_not_the_last() {
    for (cloud, cap) in [(true, 1), (true, 3), (false, 4), (false, 1000)] {
        let fake = Fake::new(cloud);
        fake.world().tricks.cap = cap;
        let all: BTreeSet<TicketId> = walk(&sam(&fake)).await.0.into_iter().map(|record| record.id).collect();
        assert_eq!(all.len(), INCIDENTS + 6, "cloud: {cloud}, cap: {cap}");
    }
}

#[tokio::test]
async fn a_search_of_cloud_gives_nothing_but_numbers_unless_fields_are_named() {
    let fake = Fake::new(true);
    let (all, _) = walk(&sam(&fake)).await;
    assert!(all.iter().all(|record| !record.fields.is_empty() && record.fields.contains_key(&Field::Title)));
    assert!(
        all.iter().all(|record| !record.fields.contains_key(&Field::Description)),
        "long texts are left out of rows"
    );
}

#[tokio::test]
async fn types_are_asked_for_by_number_since_sites_refuse_names_in_brackets() {
    let fake = Fake::new(true);
    walk(&sam(&fake)).await;
    let jql = sent(&fake, "POST", "/search/jql")["jql"].as_str().unwrap().to_owned();
    assert!(jql.contains("issuetype in (10110, 10111, 10112, 10113)"), "{jql}");
}

#[tokio::test]
async fn a_token_that_is_too_old_begins_the_walk_anew() {
    let fake = Fake::new(true);
    let jira = sam(&fake);
    let page = jira.page(None).await.unwrap();
    fake.world().tricks.stale_tokens = true;
    assert_eq!(jira.page(Some(&page.next)).await.unwrap_err(), Error::CursorExpired);
}

#[tokio::test]
async fn dates_are_minutes_in_the_zone_of_the_account() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let jira = sam(&fake);
        let (_, mut at) = walk(&jira).await;
        let id = hum(&fake);
        set(&mut fake.world(), id.as_str(), "summary", "Changed just now".into(), "fay.field");
        let mut news = Vec::new();
        for _ in 0..12 {
            let page = jira.page(Some(&at)).await.unwrap();
            news.extend(page.records.into_iter().map(|record| record.id));
            at = page.next;
        }
        assert_eq!(news.iter().filter(|held| **held == id).count(), 1, "cloud: {cloud}: {news:?}");
    }
}

#[tokio::test]
async fn an_hour_that_comes_twice_loses_nothing() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        // 02:58 for the first time; three minutes later it is 02:01 for the second.
        let first: Timestamp = "2026-10-25T00:58:00Z".parse().unwrap();
        for issue in &mut fake.world().issues {
            (issue.created, issue.updated) =
                (first - SignedDuration::from_hours(1), first - SignedDuration::from_hours(1));
        }
        let id = hum(&fake);
        fake.world().issue_mut(id.as_str()).unwrap().updated = first;
        let jira = sam(&fake);
        let (_, at) = walk(&jira).await;
        fake.world().issue_mut(id.as_str()).unwrap().updated = first + SignedDuration::from_mins(3);
        let (mut at, mut news) = (at, Vec::new());
        for _ in 0..12 {
            let page = jira.page(Some(&at)).await.unwrap();
            news.extend(page.records.into_iter().filter(|record| record.updated > first).map(|record| record.id));
            at = page.next;
        }
        assert_eq!(news, [id], "cloud: {cloud}");
    }
}

#[tokio::test]
async fn a_minute_with_more_changes_than_a_page_is_read_over_pages() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let jira = sam(&fake);
        let (_, mut at) = walk(&jira).await;
        let ids: Vec<TicketId> = (1..=20).map(|n| titled(&fake, &format!("Ticket {n}: the printer hums"))).collect();
        for id in &ids {
            set(&mut fake.world(), id.as_str(), "summary", format!("{id} at once").into(), "fay.field");
        }
        let mut met = BTreeSet::new();
        loop {
            let page = jira.page(Some(&at)).await.unwrap();
            met.extend(page.records.into_iter().map(|record| record.id));
            at = page.next;
            if !page.more {
                break;
            }
        }
        assert!(ids.iter().all(|id| met.contains(id)), "cloud: {cloud}: {met:?}");
    }
}

/// What I wrote is asked for by its number; what others wrote comes with the overlap of a later look.
#[tokio::test]
async fn searches_of_cloud_lag_behind_and_nothing_is_lost_by_it() {
    let fake = Fake::new(true);
    let jira = sam(&fake);
    let (_, at) = walk(&jira).await;
    fake.world().tricks.lag = true;
    let (mine, theirs) = (hum(&fake), titled(&fake, "Ticket 5: the printer hums"));
    carry_out(&jira, &mine, vec![give(Field::Title, Value::text("Mine"))]).await.unwrap();
    set(&mut fake.world(), theirs.as_str(), "summary", "Theirs".into(), "fay.field");
    // Something newer is known at once, so that the cursor moves on.
    let other = titled(&fake, "Ticket 6: the printer hums");
    set(&mut fake.world(), other.as_str(), "summary", "Newest".into(), "fay.field");
    fake.world().issue_mut(other.as_str()).unwrap().stale = None;
    let page = jira.page(Some(&at)).await.unwrap();
    let ids: Vec<&TicketId> = page.records.iter().map(|record| &record.id).collect();
    assert!(ids.contains(&&mine) && ids.contains(&&other) && !ids.contains(&&theirs), "{ids:?}");
    fake.world().reindex();
    let page = jira.page(Some(&page.next)).await.unwrap();
    assert_eq!(page.records.iter().map(|record| &record.id).collect::<Vec<_>>(), [&theirs]);
}

#[tokio::test]
async fn a_new_ticket_that_searches_do_not_know_yet_is_found_by_its_key() {
    let fake = Fake::new(true);
    let jira = sam(&fake);
    walk(&jira).await;
    fake.world().tricks.lag = true;
    let act =
        wanted(true, vec![give(Field::Title, Value::text("Fire")), give(Field::Caller, Value::name("Rita Caller"))]);
    let made = jira.create(Kind::Incident, &act).await.unwrap();
    assert_eq!(jira.find(Kind::Incident, &act).await.unwrap(), [made]);
    let other = wanted(true, vec![give(Field::Title, Value::text("Water"))]);
    assert!(jira.find(Kind::Incident, &other).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_walk_by_offsets_loses_no_row_that_slips_forward() {
    let fake = Fake::new(false);
    fake.world().tricks.cap = 6;
    let jira = sam(&fake);
    let (mut met, mut at, mut gone) = (BTreeSet::new(), None::<Cursor>, Vec::new());
    loop {
        let page = jira.page(at.as_ref()).await.unwrap();
        met.extend(page.records.iter().map(|record| record.id.clone()));
        if !page.more {
            break;
        }
        at = Some(page.next);
        if gone.len() < 4 {
            // Two that were read go away.
            let ids: Vec<TicketId> = page.records.iter().take(2).map(|record| record.id.clone()).collect();
            fake.world().issues.retain(|issue| !ids.iter().any(|id| issue.key == id.as_str()));
            gone.extend(ids);
        }
    }
    let there = fake.world().issues.iter().filter(|issue| issue.sort != "10199").count() - 1;
    assert_eq!(met.iter().filter(|id| !gone.contains(id)).count(), there);
}

/// Cloud looks through up to a thousand people and leaves out those who cannot be assigned, so that a page says nothing of
/// where the next one begins; and a right that a site does not know refuses the question for all of them.
#[tokio::test]
async fn people_and_rights_are_asked_for_as_every_cloud_knows_them() {
    let fake = Fake::new(true);
    let schema = sam(&fake).schema().await.unwrap();
    assert!(schema.directory.people.iter().filter(|person| person.level.is_some()).count() > 1);
    let asked = fake.server.asked("GET", "/user/assignable/search");
    assert!(asked.len() <= 2 && asked.iter().all(|seen| seen.query.contains("query=")), "{asked:?}");
    let rights = fake.server.asked("GET", "/mypermissions");
    assert!(rights.iter().all(|seen| !seen.query.contains("SERVICEDESK")), "{rights:?}");
}

#[tokio::test]
async fn a_moved_issue_answers_to_its_old_key_and_is_not_taken_for_it() {
    let fake = Fake::new(true);
    let jira = sam(&fake);
    let id = hum(&fake);
    jira.whole(&id).await.unwrap();
    fake.world().rename(id.as_str(), "SD-4711");
    assert_eq!(jira.whole(&id).await.unwrap_err(), Error::Moved { id, to: "SD-4711".into() });
    assert_eq!(jira.whole(&"SD-4711".into()).await.unwrap().id.as_str(), "SD-4711");
}

#[tokio::test]
async fn without_a_name_every_service_project_with_types_of_ours_is_read() {
    let fake = Fake::new(true);
    assert_eq!(walk(&with(&fake, laid("[site]\nproject = \"SD\""))).await.0.len(), INCIDENTS + 6);
    let jql = sent(&fake, "POST", "/search/jql")["jql"].clone();
    walk(&sam(&fake)).await;
    assert_eq!(sent(&fake, "POST", "/search/jql")["jql"], jql, "there is one");
    let other = "[kinds.incident]\nplace = \"A\"\n[kinds.request]\nplace = \"B\"\n[kinds.problem]\nplace = \"C\"\n[kinds.change]\nplace = \"D\"";
    let answer = with(&fake, laid(other)).schema().await;
    assert!(matches!(&answer, Err(Error::Forbidden(why)) if why.contains("place")), "{answer:?}");
}

#[tokio::test]
async fn a_project_that_is_not_there_or_not_mine_is_said_and_not_searched() {
    let fake = Fake::new(true);
    let mut mapping = stock();
    mapping.site.insert("project".into(), "NOPE".into());
    let answer = with(&fake, mapping).page(None).await;
    assert!(matches!(&answer, Err(Error::Forbidden(why)) if why.contains("NOPE")), "{answer:?}");
}

// Fields, screens and steps.

#[tokio::test]
async fn a_field_that_is_on_no_screen_is_refused_before_anything_is_written() {
    let fake = Fake::new(true);
    fake.world().types[0].shown.retain(|id| id != "customfield_10005");
    let parts = vec![give(Field::Title, Value::text("New")), give(Field::Urgency, Value::Number(1))];
    let error = carry_out(&sam(&fake), &hum(&fake), parts).await.unwrap_err();
    assert!(matches!(&error, Error::Unsupported(why) if why.contains("urgency")), "{error:?}");
    assert!(fake.server.asked("PUT", "").is_empty());
}

#[tokio::test]
async fn a_value_that_the_screen_does_not_offer_is_refused_by_name() {
    let fake = Fake::new(true);
    let error = carry_out(&sam(&fake), &hum(&fake), vec![give(Field::Impact, Value::Number(9))]).await;
    assert!(matches!(error.unwrap_err(), Error::Invalid { field, .. } if field == "impact"));
    assert!(fake.server.asked("PUT", "").is_empty());
}

#[tokio::test]
async fn a_transition_is_found_by_where_it_leads_since_names_are_not_unique() {
    let fake = Fake::new(true);
    let jira = sam(&fake);
    let id = hum(&fake);
    for (verb, to) in [(Verb::Start, State::InProgress), (Verb::Hold, State::OnHold), (Verb::Resume, State::InProgress)]
    {
        carry_out(&jira, &id, vec![Part::Step(verb, to)]).await.unwrap();
        assert_eq!(jira.glance(&id).await.unwrap().state, to, "{verb}");
    }
    let starts: Vec<(String, String)> = {
        let world = fake.world();
        let steps = world.types[0].steps.iter().filter(|step| step.name == "Investigate");
        steps.map(|step| (step.id.clone(), step.to.clone())).collect()
    };
    assert_eq!(starts.len(), 2, "two transitions of one name");
}

#[tokio::test]
async fn a_step_that_the_workflow_does_not_have_is_refused_with_those_that_it_has() {
    let fake = Fake::new(true);
    fake.world().types[0].steps.retain(|step| step.name != "Cancel");
    let error =
        carry_out(&sam(&fake), &hum(&fake), vec![Part::Step(Verb::Cancel, State::Cancelled)]).await.unwrap_err();
    assert!(matches!(&error, Error::Forbidden(why) if why.contains("Completed")), "{error:?}");
}

#[tokio::test]
async fn what_the_screen_of_a_step_wants_is_asked_for_and_sent_with_the_step() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let (jira, id) = (sam(&fake), hum(&fake));
        let resolve = Part::Step(Verb::Resolve, State::Resolved);
        let error = carry_out(&jira, &id, vec![resolve.clone()]).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid { field, .. } if field == "resolution_code"), "{error:?}");
        let code = give(Field::ResolutionCode, Value::name("Duplicate"));
        carry_out(&jira, &id, vec![code, resolve]).await.unwrap();
        assert!(sent(&fake, "POST", "/transitions")["fields"]["resolution"]["id"].is_string());
        assert!(fake.server.asked("PUT", "").is_empty(), "a resolution is on no edit screen");
        assert_eq!(jira.glance(&id).await.unwrap().state, State::Resolved);
        // A step without a screen is sent without fields.
        carry_out(&jira, &id, vec![Part::Step(Verb::Reopen, State::InProgress)]).await.unwrap();
        assert_eq!(sent(&fake, "POST", "/transitions").as_object().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn screens_that_are_not_told_beside_an_issue_are_asked_for() {
    let fake = Fake::new(false);
    fake.world().tricks.plain_expand = true;
    let error =
        carry_out(&sam(&fake), &hum(&fake), vec![Part::Step(Verb::Resolve, State::Resolved)]).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "resolution_code"), "{error:?}");
}

#[tokio::test]
async fn what_a_validator_wants_is_told_in_its_own_words() {
    let fake = Fake::new(true);
    fake.world().tricks.validator = Some(("Work in progress".into(), "A component must be chosen first.".into()));
    let error =
        carry_out(&sam(&fake), &hum(&fake), vec![Part::Step(Verb::Start, State::InProgress)]).await.unwrap_err();
    assert!(
        matches!(&error, Error::Invalid { reason, .. } if reason.contains("A component must be chosen")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_conflicting_update_is_a_clash() {
    let fake = Fake::new(false);
    fake.world().tricks.collide = 1;
    let sent = carry_out(&sam(&fake), &hum(&fake), vec![give(Field::Impact, Value::Number(3))]).await;
    assert_eq!(sent.unwrap(), [Sent::Clash]);
}

#[tokio::test]
async fn what_jira_took_without_keeping_it_is_said() {
    let fake = Fake::new(true);
    fake.world().tricks.drops = vec!["customfield_10004".into()];
    let change = Change::Set { field: Field::Impact, from: None, to: Some(Value::Number(3)) };
    let stored = desk(&fake).apply(&op(&hum(&fake), None, vec![change])).await.unwrap();
    assert_eq!(stored.dropped.iter().map(|part| part.what.as_str()).collect::<Vec<_>>(), ["impact"]);
}

#[tokio::test]
async fn done_without_a_resolution_is_closed_all_the_same() {
    let fake = Fake::new(true);
    let (jira, id) = (sam(&fake), titled(&fake, "A laptop"));
    carry_out(&jira, &id, vec![Part::Step(Verb::Cancel, State::Cancelled)]).await.unwrap();
    let record = jira.glance(&id).await.unwrap();
    assert_eq!((record.state, record.resolved), (State::Cancelled, None));
    assert_eq!(field(&fake, &id, "resolution"), Json::Null);
}

#[tokio::test]
async fn of_two_fields_of_one_name_the_one_that_the_project_shows_is_meant() {
    let fake = Fake::new(true);
    {
        let mut world = fake.world();
        let mut twin = world.field("customfield_10004").unwrap().clone();
        twin.id = "customfield_10000".into();
        world.fields.insert(0, twin);
    }
    carry_out(&sam(&fake), &hum(&fake), vec![give(Field::Impact, Value::Number(3))]).await.unwrap();
    assert!(sent(&fake, "PUT", "/issue/")["fields"]["customfield_10004"].is_object());
}

#[tokio::test]
async fn service_desk_fields_go_by_their_sort_since_names_are_translated() {
    let fake = Fake::new(true);
    for field in &mut fake.world().fields {
        if field.id == "customfield_10010" {
            field.name = "Kundenanfragetyp".into();
        }
    }
    // It is known for a request, so it can be replied to; and its clock is told with its row.
    let (jira, id) = (sam(&fake), hum(&fake));
    carry_out(&jira, &id, vec![said(Audience::Public, "hello")]).await.unwrap();
    let (rows, _) = walk(&jira).await;
    let row = rows.iter().find(|record| record.id == id).unwrap();
    assert!(matches!(row.clock.unwrap().state, GlanceState::Running | GlanceState::Breached), "{:?}", row.clock);
}

// Words, and who reads them.

#[tokio::test]
async fn a_note_is_never_left_to_jiras_default_which_is_public() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let (jira, id) = (sam(&fake), hum(&fake));
        carry_out(&jira, &id, vec![said(Audience::Internal, "inside"), said(Audience::Public, "outside")])
            .await
            .unwrap();
        let held: Vec<(String, bool)> = {
            let world = fake.world();
            world.issue(id.as_str()).unwrap().comments.iter().map(|said| (words(&said.body), said.public)).collect()
        };
        assert_eq!(held, [("inside".to_owned(), false), ("outside".to_owned(), true)]);
        let whole = jira.whole(&id).await.unwrap();
        let told = whole.history.unwrap().into_iter().filter_map(|entry| match entry.change {
            Change::Say { audience, .. } => Some(audience),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), [Audience::Internal, Audience::Public], "cloud: {cloud}");
    }
}

#[tokio::test]
async fn a_note_that_jira_made_public_is_cried_out() {
    let fake = Fake::new(true);
    fake.world().tricks.deaf = true;
    let error = carry_out(&sam(&fake), &hum(&fake), vec![said(Audience::Internal, "inside")]).await.unwrap_err();
    assert!(matches!(&error, Error::Unexpected(why) if why.contains("PUBLIC")), "{error:?}");
}

#[tokio::test]
async fn nobody_is_replied_to_where_there_is_no_request() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let id = titled(&fake, "VPN gateway loses its mind");
        let error = carry_out(&sam(&fake), &id, vec![said(Audience::Public, "hello")]).await.unwrap_err();
        assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
        // A note is kept, and inside, even if the issue becomes a request one day.
        carry_out(&sam(&fake), &id, vec![said(Audience::Internal, "inside")]).await.unwrap();
        assert!(!fake.world().issue(id.as_str()).unwrap().comments[0].public);
    }
}

#[tokio::test]
async fn of_many_comments_the_newest_are_read() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let id = hum(&fake);
        let number = fake.world().issue(id.as_str()).unwrap().number;
        for n in 0..150 {
            let body = fake.world().rich(&format!("word {n}"));
            fake.world().say(number, "fay.field", body, true);
        }
        let jira = sam(&fake);
        jira.schema().await.unwrap();
        fake.server.forget();
        let history = jira.whole(&id).await.unwrap().history.unwrap();
        assert_eq!(fake.server.seen().len(), 3);
        let told: Vec<String> = history
            .iter()
            .filter_map(
                |entry| if let Change::Say { text, .. } = &entry.change { Some(text.to_string()) } else { None },
            )
            .collect();
        assert_eq!((told.len(), told.last().map(String::as_str)), (150, Some("word 149")), "cloud: {cloud}");
    }
}

#[tokio::test]
async fn what_looks_like_markup_in_a_new_tickets_words_is_put_right() {
    let fake = Fake::new(true);
    let text = "Set *all* of {{x}} &amp; restart\n- one\n- two";
    let mut act = crate::trackers::bench::op(&"".into(), None, Vec::new());
    act.target = deskside::domain::change::Target::New(Kind::Incident);
    act.changes = vec![
        Change::Set { field: Field::Title, from: None, to: Some(Value::text("Markup")) },
        Change::Set { field: Field::Description, from: None, to: Some(Value::text(text)) },
        Change::Set { field: Field::Caller, from: None, to: Some(Value::name("Rita Caller")) },
    ];
    let stored = desk(&fake).apply(&act).await.unwrap();
    assert_eq!(stored.dropped, []);
    let id = titled(&fake, "Markup");
    assert_eq!(words(&field(&fake, &id, "description")), text, "the service desk had made markup of it");
    assert_eq!(fake.server.asked("POST", "/rest/servicedeskapi/request").len(), 1);
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_before_anything_is_sent() {
    let fake = Fake::new(true);
    let long = "x".repeat(32_768);
    for part in
        [said(Audience::Public, &long), said(Audience::Internal, &long), give(Field::Description, Value::text(&long))]
    {
        let parts = vec![give(Field::Title, Value::text("New")), part];
        let error = carry_out(&sam(&fake), &hum(&fake), parts).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid { reason, .. } if reason.contains("file")), "{error:?}");
    }
    let writes = fake.server.seen().into_iter().filter(|seen| seen.method == "PUT" || seen.path.ends_with("/comment"));
    assert_eq!(writes.count(), 0);
    carry_out(&sam(&fake), &hum(&fake), vec![said(Audience::Public, &long[1..])]).await.unwrap();
}

/// The comment goes with the step where its screen takes one, with the fields where work goes on, and last by itself where
/// the customer is told that it is over.
#[tokio::test]
async fn words_to_the_customer_never_come_before_what_they_tell() {
    let fake = Fake::new(true);
    let (jira, id) = (sam(&fake), hum(&fake));
    let order = |fake: &Fake| -> Vec<String> {
        let writes =
            fake.server.seen().into_iter().filter(|seen| seen.method != "GET" && !seen.path.contains("search"));
        writes
            .map(|seen| {
                format!(
                    "{} {}{}",
                    seen.method,
                    seen.path.rsplit('/').next().unwrap(),
                    if seen.text().contains("\"doc\"") { " words" } else { "" }
                )
            })
            .collect()
    };
    let title = |text: &str| give(Field::Title, Value::text(text));
    let start = vec![title("a"), Part::Step(Verb::Start, State::InProgress), said(Audience::Public, "We look at it.")];
    fake.server.forget();
    carry_out(&jira, &id, start).await.unwrap();
    assert_eq!(order(&fake), [format!("PUT {id} words"), "POST transitions".into()]);
    let code = give(Field::ResolutionCode, Value::name("Done"));
    let resolve = vec![title("b"), code, Part::Step(Verb::Resolve, State::Resolved), said(Audience::Public, "Done.")];
    fake.server.forget();
    carry_out(&jira, &id, resolve.clone()).await.unwrap();
    assert_eq!(order(&fake), [format!("PUT {id}"), "POST transitions words".into()]);
    for step in &mut fake.world().types[0].steps {
        step.screen.retain(|(id, _)| id != "comment");
    }
    carry_out(&jira, &id, vec![Part::Step(Verb::Reopen, State::InProgress)]).await.unwrap();
    let mut resolve = resolve;
    resolve[0] = title("c");
    fake.server.forget();
    carry_out(&jira, &id, resolve).await.unwrap();
    assert_eq!(order(&fake), [format!("PUT {id}"), "POST transitions".into(), "POST comment words".into()]);
    assert!(fake.world().issue(id.as_str()).unwrap().comments.iter().all(|said| said.public));
}

// Links, new tickets, approvals.

#[tokio::test]
async fn the_inward_issue_is_the_subject_of_the_outward_phrase() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let (id, problem) = (hum(&fake), titled(&fake, "VPN gateway loses its mind"));
        let link = Link { how: LinkKind::ProblemIs, other: problem.clone() };
        let jira = sam(&fake);
        carry_out(&jira, &id, vec![Part::Link(link.clone())]).await.unwrap();
        let body = sent(&fake, "POST", "/issueLink");
        // The problem causes the incident.
        assert_eq!(
            (&body["inwardIssue"]["key"], &body["outwardIssue"]["key"]),
            (&problem.as_str().into(), &id.as_str().into())
        );
        let back = Link { how: LinkKind::ProblemOf, other: id.clone() };
        assert_eq!(jira.glance(&id).await.unwrap().links, Some(vec![link]));
        assert_eq!(jira.glance(&problem).await.unwrap().links, Some(vec![back]));
    }
}

#[tokio::test]
async fn a_link_that_is_there_is_not_made_twice() {
    let fake = Fake::new(true);
    let (id, other) = (hum(&fake), titled(&fake, "Ticket 5: the printer hums"));
    let link = Part::Link(Link { how: LinkKind::RelatesTo, other });
    carry_out(&sam(&fake), &id, vec![link.clone()]).await.unwrap();
    assert_eq!(carry_out(&sam(&fake), &id, vec![link]).await.unwrap(), []);
    assert_eq!(fake.world().links.len(), 1);
}

#[tokio::test]
async fn a_new_ticket_is_a_request_of_its_caller_and_is_found_again() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let jira = sam(&fake);
        walk(&jira).await;
        let act = wanted(
            cloud,
            vec![
                give(Field::Title, Value::text("Printer on fire")),
                give(Field::Caller, Value::Name(called(cloud, "rita.caller"))),
            ],
        );
        let made = jira.create(Kind::Incident, &act).await.unwrap();
        assert_eq!(
            sent(&fake, "POST", "/rest/servicedeskapi/request")["raiseOnBehalfOf"],
            fake.world().account("rita.caller").as_str()
        );
        assert_eq!(field(&fake, &made, "customfield_10010"), "25", "without a request type no customer would see it");
        assert_eq!(jira.find(Kind::Incident, &act).await.unwrap(), [made]);
    }
}

#[tokio::test]
async fn where_there_is_no_request_type_a_plain_issue_is_made() {
    let fake = Fake::new(true);
    let act =
        wanted(true, vec![give(Field::Title, Value::text("Leak")), give(Field::Description, Value::text("a *b*"))]);
    let made = sam(&fake).create(Kind::Problem, &act).await.unwrap();
    assert_eq!(words(&field(&fake, &made, "description")), "a *b*");
    assert!(fake.server.asked("POST", "/rest/servicedeskapi/request").is_empty());
}

#[tokio::test]
async fn lists_of_the_service_desk_are_read_to_their_end() {
    let fake = Fake::new(true);
    {
        let mut world = fake.world();
        let mut all: Vec<_> = (100..230).map(|n| (n.to_string(), format!("Form {n}"), "10199".to_owned())).collect();
        all.append(&mut world.request_types);
        world.request_types = all;
    }
    let act = wanted(true, vec![give(Field::Title, Value::text("Last form"))]);
    let made = sam(&fake).create(Kind::Incident, &act).await.unwrap();
    assert_eq!(field(&fake, &made, "customfield_10010"), "25");
}

#[tokio::test]
async fn a_short_page_of_types_or_of_fields_is_not_the_last() {
    for cloud in [true, false] {
        let fake = Fake::new(cloud);
        let all = sam(&fake);
        let schema_of_all = all.schema().await.unwrap();
        fake.world().tricks.listed = 2;
        let capped = sam(&fake);
        let schema = capped.schema().await.unwrap();
        assert_eq!(capped.capabilities(), all.capabilities(), "cloud: {cloud}");
        assert_eq!(schema.directory.categories, schema_of_all.directory.categories);
        assert_eq!(schema.workflow, schema_of_all.workflow);
        let act =
            wanted(cloud, vec![give(Field::Title, Value::text("Short pages")), give(Field::Impact, Value::Number(1))]);
        capped.create(Kind::Incident, &act).await.unwrap();
    }
}

#[tokio::test]
async fn an_approval_is_answered_and_not_stepped_over() {
    for cloud in BOTH {
        for (verb, to, decision) in
            [(Verb::Approve, State::Approved, Some(true)), (Verb::Reject, State::Rejected, Some(false))]
        {
            let fake = Fake::new(cloud);
            let (jira, id) = (sam(&fake), titled(&fake, "Access to the vault"));
            carry_out(&jira, &id, vec![Part::Step(verb, to)]).await.unwrap();
            assert_eq!(fake.world().issue(id.as_str()).unwrap().approvals[0].decision, decision);
            // The answer moved it.
            assert_eq!(jira.glance(&id).await.unwrap().state, to);
        }
    }
}

#[tokio::test]
async fn an_approval_of_others_is_not_mine_to_give() {
    let fake = Fake::new(true);
    let id = titled(&fake, "Access to the vault");
    fake.world().issue_mut(id.as_str()).unwrap().approvals[0].by = vec!["fay.field".into()];
    let error = carry_out(&sam(&fake), &id, vec![Part::Step(Verb::Approve, State::Approved)]).await.unwrap_err();
    assert!(matches!(&error, Error::Forbidden(why) if why.contains("somebody else")), "{error:?}");
}

// Histories.

#[tokio::test]
async fn of_a_long_history_cloud_puts_only_the_newest_beside_the_issue() {
    let fake = Fake::new(true);
    let id = hum(&fake);
    for n in 0..130 {
        set(&mut fake.world(), id.as_str(), "summary", json!(format!("Title {n}")), "fay.field");
    }
    let jira = sam(&fake);
    jira.schema().await.unwrap();
    fake.server.forget();
    let history = jira.whole(&id).await.unwrap().history.unwrap();
    assert_eq!((history.len(), fake.server.seen().len()), (130, 3));
    assert!(history.is_sorted_by_key(|entry| entry.at));
}

#[tokio::test]
async fn a_customers_words_are_heard_and_an_agents_are_said() {
    for cloud in BOTH {
        let fake = Fake::new(cloud);
        let whole = sam(&fake).whole(&titled(&fake, "VPN drops every ten minutes")).await.unwrap();
        let heard: Vec<Name> = whole
            .history
            .unwrap()
            .into_iter()
            .filter_map(|entry| if let Change::Heard { from, .. } = entry.change { Some(from) } else { None })
            .collect();
        assert_eq!(heard, [called(cloud, "rita.caller")], "cloud: {cloud}");
    }
}

/// A note must not become a reply by being sent again, nor twice.
#[tokio::test]
async fn a_note_and_a_reply_sent_again_stay_one_each() {
    let fake = Fake::new(true);
    let id = hum(&fake);
    let act = op(&id, None, vec![reply("outside"), note("inside")]);
    desk(&fake).apply(&act).await.unwrap();
    desk(&fake).apply(&crate::trackers::bench::again(&act)).await.unwrap();
    let world = fake.world();
    let held = world.issue(id.as_str()).unwrap().comments.iter().map(|said| said.public).collect::<Vec<_>>();
    assert_eq!(held, [false, true]);
}
