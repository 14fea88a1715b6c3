//! The adapter for Jira: against a fake of both products, one test for each trap, and documented answers read.

use std::sync::{Arc, Mutex};

use deskside::backend::http::client::{Client, Credential, Proxies, Secret, Site as Address, Source};
use deskside::backend::http::jira::view::glance;
use deskside::backend::http::jira::{Jira, document, envelope, wire};
use deskside::backend::http::tracker::{Part, Scope, Sent, Setup, Tracker, Wanted};
use deskside::backend::{Cursor, Error};
use deskside::domain::change::{Audience, Change, Link, LinkKind, OpKey};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::mapping::Mapping;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::sla::Metric;
use deskside::domain::state::{State, Verb};
use deskside::domain::summary::GlanceState;
use deskside::text::Clean;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::fake::jira::{Shared, TOKEN, World, router};
use crate::fake::server::Server;

fn stock() -> Mapping {
    toml::from_str(include_str!("../../../config/trackers/jira.toml")).unwrap()
}

struct Fake {
    server: Server,
    world: Shared,
}

impl Fake {
    fn start(cloud: bool) -> Self {
        let world = World::new(cloud, Timestamp::now() - SignedDuration::from_hours(5));
        let world = Arc::new(Mutex::new(world));
        Self { server: Server::start(router(Arc::clone(&world))), world }
    }

    fn adapter(&self, token: &str) -> Jira {
        let mut site = Address::new(&self.server.url()).unwrap();
        site.credential = Credential::Bearer(Source::Given(Secret::new(token)));
        site.proxies = Proxies::None;
        site.limits.per_second = 1000.0;
        site.limits.burst = 1000;
        site.envelope = envelope;
        let scope = Scope { page: 10, ..Scope::default() };
        Jira::new(Client::new(site).unwrap(), Setup { mapping: Arc::new(stock()), scope, zone: TimeZone::UTC })
    }

    fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap())
    }
}

fn wanted(parts: Vec<Part>) -> Wanted {
    Wanted { key: OpKey("k".into()), me: Name::new("sam"), at: Timestamp::now(), parts }
}

async fn walk(jira: &Jira) -> (Vec<String>, Cursor) {
    let (mut all, mut at) = (Vec::new(), None);
    loop {
        let page = jira.page(at.as_ref()).await.unwrap();
        all.extend(page.records.iter().map(|record| record.id.to_string()));
        if !page.more {
            return (all, page.next);
        }
        at = Some(page.next);
    }
}

/// Does it and gives the outcome of each write.
async fn carry_out(jira: &Jira, id: &str, parts: Vec<Part>) -> Result<Vec<Sent>, Error> {
    let on = jira.glance(&TicketId::new(id)).await?;
    let mut sent = Vec::new();
    for write in jira.plan(&on, &wanted(parts)).await? {
        sent.push(jira.send(&on, &write).await?);
    }
    Ok(sent)
}

#[tokio::test]
async fn a_full_walk_is_complete_though_pages_are_short() {
    for cloud in [true, false] {
        let fake = Fake::start(cloud);
        let (mut all, _) = walk(&fake.adapter(TOKEN)).await;
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 20, "cloud: {cloud}");
    }
}

#[tokio::test]
async fn only_the_search_that_the_product_has_is_asked() {
    let (cloud, center) = (Fake::start(true), Fake::start(false));
    walk(&cloud.adapter(TOKEN)).await;
    walk(&center.adapter(TOKEN)).await;
    assert!(cloud.server.asked("POST", "/rest/api/2/search").is_empty());
    assert!(center.server.asked("POST", "/rest/api/3/search/jql").is_empty());
}

#[tokio::test]
async fn a_delta_in_minutes_of_another_zone_gives_what_is_new_once() {
    for cloud in [true, false] {
        let fake = Fake::start(cloud);
        let jira = fake.adapter(TOKEN);
        let (_, mut at) = walk(&jira).await;
        fake.world(|world| world.issue("SD-7").unwrap().updated = Timestamp::now());
        let mut news = Vec::new();
        for _ in 0..12 {
            let page = jira.page(Some(&at)).await.unwrap();
            news.extend(page.records.iter().map(|record| record.id.to_string()));
            at = page.next;
        }
        assert_eq!(news.iter().filter(|id| *id == "SD-7").count(), 1, "cloud: {cloud}: {news:?}");
    }
}

#[tokio::test]
async fn rows_and_records_have_the_same_revision() {
    let fake = Fake::start(false);
    let jira = fake.adapter(TOKEN);
    let page = jira.page(None).await.unwrap();
    let whole = jira.whole(&page.records[0].id).await.unwrap();
    assert_eq!(whole.revision, page.records[0].revision);
    assert_eq!(whole.kind, Kind::Incident);
    assert_eq!(whole.fields.get(&Field::Impact), Some(&Value::Number(2)));
}

#[tokio::test]
async fn opening_a_ticket_takes_at_most_three_requests() {
    let fake = Fake::start(true);
    let jira = fake.adapter(TOKEN);
    jira.schema().await.unwrap();
    fake.server.forget();
    jira.whole(&TicketId::new("SD-3")).await.unwrap();
    assert!(fake.server.seen().len() <= 3);
}

#[tokio::test]
async fn a_wrong_log_in_that_is_answered_with_200_is_not_signed_in() {
    let fake = Fake::start(false);
    let error = fake.adapter("wrong").schema().await.unwrap_err();
    assert!(matches!(error, Error::Unauthenticated(_)), "{error:?}");
    fake.server.assert_never_saw("right-token");
}

#[tokio::test]
async fn a_note_is_never_left_to_jiras_default_which_is_public() {
    for cloud in [true, false] {
        let fake = Fake::start(cloud);
        let jira = fake.adapter(TOKEN);
        let say = |audience, text: &str| Part::Say(audience, Clean::body(text));
        carry_out(&jira, "SD-2", vec![say(Audience::Internal, "inside"), say(Audience::Public, "outside")])
            .await
            .unwrap();
        let held = fake.world(|world| world.issue("SD-2").unwrap().comments.clone());
        assert_eq!(held, [("inside".to_owned(), false), ("outside".to_owned(), true)]);
        let whole = jira.whole(&TicketId::new("SD-2")).await.unwrap();
        let said: Vec<Audience> = whole
            .history
            .unwrap()
            .iter()
            .filter_map(|entry| match entry.change {
                Change::Say { audience, .. } => Some(audience),
                _ => None,
            })
            .collect();
        assert_eq!(said, [Audience::Internal, Audience::Public], "cloud: {cloud}");
    }
}

#[tokio::test]
async fn nobody_is_replied_to_where_there_is_no_request() {
    let fake = Fake::start(true);
    fake.world(|world| world.issue("SD-4").unwrap().fields["customfield_10010"] = serde_json::Value::Null);
    let part = Part::Say(Audience::Public, Clean::body("hello"));
    let error = carry_out(&fake.adapter(TOKEN), "SD-4", vec![part]).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
}

#[tokio::test]
async fn a_transition_is_found_by_where_it_leads_since_names_are_not_unique() {
    let fake = Fake::start(true);
    let jira = fake.adapter(TOKEN);
    carry_out(&jira, "SD-5", vec![Part::Step(Verb::Start, State::InProgress)]).await.unwrap();
    assert_eq!(jira.glance(&TicketId::new("SD-5")).await.unwrap().state, State::InProgress);
    let forbidden = carry_out(&jira, "SD-5", vec![Part::Step(Verb::Cancel, State::Cancelled)]).await.unwrap_err();
    assert!(matches!(&forbidden, Error::Forbidden(why) if why.contains("Completed")), "{forbidden:?}");
}

#[tokio::test]
async fn what_the_screen_of_a_step_wants_is_asked_for_and_sent_with_the_step() {
    let fake = Fake::start(false);
    let jira = fake.adapter(TOKEN);
    let resolve = Part::Step(Verb::Resolve, State::Resolved);
    let error = carry_out(&jira, "SD-6", vec![resolve.clone()]).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "resolution_code"), "{error:?}");
    let code = Part::Field(Field::ResolutionCode, Some(Value::name("Done")));
    carry_out(&jira, "SD-6", vec![code, resolve]).await.unwrap();
    let sent = fake.server.asked("POST", "/rest/api/2/issue/SD-6/transitions");
    assert!(sent[0].text().contains(r#""resolution":{"id":"10000"}"#), "{}", sent[0].text());
    assert_eq!(jira.glance(&TicketId::new("SD-6")).await.unwrap().state, State::Resolved);
}

#[tokio::test]
async fn people_are_accounts_on_cloud_and_log_ins_on_data_center() {
    for (cloud, name, wire) in [(true, "Full fay", r#""accountId":"account-fay""#), (false, "fay", r#""name":"fay""#)] {
        let fake = Fake::start(cloud);
        carry_out(&fake.adapter(TOKEN), "SD-8", vec![Part::Owner(Name::new(name))]).await.unwrap();
        let sent = fake.server.asked("PUT", "/rest/api/2/issue/SD-8");
        assert!(sent[0].text().contains(wire), "{}", sent[0].text());
    }
}

#[tokio::test]
async fn a_value_that_the_screen_does_not_offer_is_refused_by_name() {
    let fake = Fake::start(true);
    let error = carry_out(&fake.adapter(TOKEN), "SD-8", vec![Part::Field(Field::Impact, Some(Value::Number(9)))]).await;
    assert!(matches!(error.unwrap_err(), Error::Invalid { field, .. } if field == "impact"));
    assert!(fake.server.asked("PUT", "/rest/api/2/issue/SD-8").is_empty());
}

#[tokio::test]
async fn a_conflicting_update_is_a_clash() {
    let fake = Fake::start(false);
    fake.world(|world| world.collide = true);
    let sent = carry_out(&fake.adapter(TOKEN), "SD-9", vec![Part::Field(Field::Impact, Some(Value::Number(3)))]).await;
    assert_eq!(sent.unwrap(), [Sent::Clash]);
}

#[tokio::test]
async fn the_inward_issue_is_the_subject_of_the_outward_phrase() {
    let fake = Fake::start(true);
    let link = Link { how: LinkKind::ProblemIs, other: TicketId::new("SD-2") };
    carry_out(&fake.adapter(TOKEN), "SD-1", vec![Part::Link(link)]).await.unwrap();
    // SD-2 causes SD-1.
    fake.world(|world| {
        assert_eq!(world.links[0]["inwardIssue"]["key"], "SD-2");
        assert_eq!(world.links[0]["outwardIssue"]["key"], "SD-1");
    });
}

#[tokio::test]
async fn a_new_ticket_is_a_request_of_its_caller_and_is_found_again() {
    let fake = Fake::start(false);
    let jira = fake.adapter(TOKEN);
    walk(&jira).await;
    let title = Part::Field(Field::Title, Some(Value::text("Printer on fire")));
    let wanted = wanted(vec![title, Part::Field(Field::Caller, Some(Value::name("rita")))]);
    let made = jira.create(Kind::Incident, &wanted).await.unwrap();
    let sent = fake.server.asked("POST", "/rest/servicedeskapi/request");
    assert!(sent[0].text().contains(r#""raiseOnBehalfOf":"rita""#), "{}", sent[0].text());
    assert_eq!(jira.find(Kind::Incident, &wanted).await.unwrap(), [made]);
}

#[tokio::test]
async fn a_ticket_that_is_not_there_is_not_found() {
    let fake = Fake::start(true);
    let error = fake.adapter(TOKEN).whole(&TicketId::new("SD-999")).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error:?}");
}

#[test]
fn both_forms_of_refusals_are_read() {
    let one = br#"{"errorMessages":[],"errors":{"summary":"You must specify a summary of the issue."}}"#;
    assert_eq!(wire::refusal(one).unwrap().0, "summary");
    let other = br#"{"errorMessage":"Not here","i18nErrorMessage":{"i18nKey":"sd.x"}}"#;
    assert_eq!(wire::refusal(other).unwrap().1, "Not here");
    assert!(wire::refusal(b"Client must be authenticated").is_none());
}

#[test]
fn a_clock_that_stands_shows_what_is_left_and_no_instant() {
    let sla = serde_json::json!({ "name": "Time to resolution", "ongoingCycle": {
        "breachTime": { "epochMillis": 1 }, "paused": true, "remainingTime": { "millis": -5 } } });
    let shown = glance(&serde_json::from_value(sla).unwrap(), Metric::Resolution).unwrap();
    assert_eq!((shown.state, shown.due, shown.left), (GlanceState::Paused, None, Some(-5)));
    assert!(glance(&wire::Sla::default(), Metric::Resolution).is_none());
}

#[test]
fn a_document_reads_as_plain_text() {
    let adf = serde_json::json!({ "type": "doc", "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": "One" }, { "type": "hardBreak" }, { "type": "text", "text": "two" }] },
        { "type": "bulletList", "content": [{ "type": "listItem", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "point" }] }] }] },
        { "type": "unheardOf", "content": [{ "type": "text", "text": "rest" }] },
    ] });
    assert_eq!(document(&adf), "One\ntwo\n- point\nrest");
}

#[test]
fn the_documented_answers_are_read() {
    let Ok(files) = std::fs::read_dir("../shared/trackers/jira/samples") else {
        eprintln!("left out: there are no samples beside this project");
        return;
    };
    let mut read = 0;
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let sample: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let body = sample["body"].clone();
        let known = match &name[..2] {
            "01" | "14" | "19" => serde_json::from_value::<wire::Issues>(body).map(|page| !page.issues.is_empty()),
            "02" | "16" => serde_json::from_value::<wire::Issue>(body).map(|issue| issue.time("updated").is_some()),
            "03" | "17" | "20" => {
                serde_json::from_value::<wire::Transitions>(body).map(|all| !all.transitions.is_empty())
            }
            "04" | "21" => serde_json::from_value::<wire::Comments>(body)
                .map(|all| all.comments[0].is_public() || name.starts_with("21")),
            "10" => serde_json::from_value::<wire::Values<wire::Approval>>(body).map(|all| !all.values.is_empty()),
            "09" => serde_json::from_value::<wire::Values<wire::Sla>>(body).map(|all| !all.values.is_empty()),
            _ => continue,
        };
        assert!(known.unwrap_or_else(|error| panic!("{name}: {error}")), "{name}");
        read += 1;
    }
    assert!(read >= 10);
}
