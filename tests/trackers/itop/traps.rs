//! One test for each trap that iTop has for a client. The numbers are those of the notes on it.

use deskside::backend::http::itop::{model, oql, wire};
use deskside::backend::http::tracker::{Part, Record, Sent, Tracker, Wanted};
use deskside::backend::{Cursor, Error, Lookup, Sort, Upload};
use deskside::domain::change::{Audience, Change, Link, LinkKind};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::state::{State, Verb};
use deskside::domain::summary::GlanceState;
use deskside::text::Clean;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::samples::made_of;
use super::{Bench, name, setup, stock, wanted};
use crate::fake::itop::{Entry, clean};
use crate::fake::proxy::{Fault, Proxy};
use crate::trackers::acts::walk;
use crate::trackers::site::{Elsewhere, Site as _, Who};

async fn bench() -> Bench {
    Bench::with(clean())
}

/// Plans and sends all of it.
async fn act(itop: &impl Tracker, on: &Record, wanted: &Wanted) -> Result<(), Error> {
    for write in itop.plan(on, wanted).await? {
        assert_eq!(itop.send(on, &write).await?, Sent::Taken);
    }
    Ok(())
}

/// Every row that one question for changes brings.
async fn poll(itop: &impl Tracker, cursor: &Cursor) -> (Vec<Record>, Vec<TicketId>, Cursor) {
    let (mut rows, mut gone, mut cursor) = (Vec::new(), Vec::new(), cursor.clone());
    loop {
        let page = itop.page(Some(&cursor)).await.unwrap();
        rows.extend(page.records);
        gone.extend(page.gone);
        cursor = page.next;
        if !page.more {
            return (rows, gone, cursor);
        }
    }
}

fn set(field: Field, value: Value) -> Part {
    Part::Field(field, Some(value))
}

fn say(audience: Audience, words: &str) -> Part {
    Part::Say(audience, Clean::body(words))
}

#[tokio::test]
async fn trap_01_the_code_counts_and_not_the_status() {
    let bench = bench().await;
    let wrong = bench.adapter(Who::Wrong, &bench.address());
    assert!(matches!(wrong.page(None).await, Err(Error::Unauthenticated(_))));
    let norest = bench.as_user("norest", "s3cret-of-norest", &bench.address(), setup(stock()));
    let error = norest.page(None).await.unwrap_err();
    assert!(matches!(&error, Error::Forbidden(why) if why.contains("REST Services User")), "{error}");
    let portal = bench.as_user("portal", "s3cret-of-portal", &bench.address(), setup(stock()));
    assert!(matches!(portal.page(None).await, Err(Error::Forbidden(_))));
    bench.fake.desk().maintenance = true;
    let error = bench.as_ada().page(None).await.unwrap_err();
    assert!(matches!(&error, Error::Offline(why) if why.contains("under maintenance")), "{error}");
}

#[tokio::test]
async fn trap_01_a_log_in_that_did_not_come_along_is_no_fault_of_the_request() {
    for code in [5, 6] {
        let text = format!("{{\"code\":{code},\"message\":\"Error: Missing parameter 'auth_user'\"}}");
        let error = made_of((200, "application/json".into(), text), true).await.unwrap_err();
        assert!(matches!(error, Error::Unauthenticated(_)), "{error}");
    }
}

#[tokio::test]
async fn trap_02_a_password_with_a_colon_goes_as_a_field_of_the_form() {
    let bench = bench().await;
    bench.as_ada().schema().await.unwrap();
    for seen in bench.fake.server.seen() {
        assert_eq!(seen.header("authorization"), None);
        assert!(seen.text().contains("auth_user=ada&auth_pwd=s3cret%3Aof%20ada"), "{}", seen.text());
        assert_eq!((seen.query.as_str(), seen.header("content-type")), ("", Some("application/x-www-form-urlencoded")));
    }
}

#[tokio::test]
async fn trap_03_no_header_that_a_front_server_would_take_for_another_log_in() {
    let bench = bench().await;
    bench.fake.desk().remote_user = true;
    walk(&bench.as_ada()).await;
    assert!(bench.fake.server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn trap_04_cookies_are_left_alone_and_an_idle_poll_is_one_request() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let (_, cursor) = walk(&itop).await;
    let (_, _, cursor) = poll(&itop, &cursor).await;
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    let (_, _, cursor) = poll(&itop, &cursor).await;
    bench.fake.server.forget();
    let (rows, gone, _) = poll(&itop, &cursor).await;
    assert_eq!((rows.len(), gone.len(), bench.fake.server.seen().len()), (0, 0, 1));
    assert!(bench.fake.server.seen().iter().all(|seen| seen.header("cookie").is_none()));
}

#[tokio::test]
async fn trap_05_few_requests_since_each_is_signed_in_anew() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    assert!(bench.fake.server.seen().len() <= 6, "{}", bench.fake.server.seen().len());
    bench.fake.server.forget();
    let (rows, _) = walk(&itop).await;
    // Pages of ten: one walk of each of six classes.
    let pages = bench.fake.server.seen().len();
    assert!(pages <= rows.len() / 9 + 6, "{pages} for {} rows", rows.len());
    bench.fake.server.forget();
    itop.glance(&bench.id("VPN drops")).await.unwrap();
    assert_eq!(bench.fake.server.seen().len(), 1);
    bench.fake.server.forget();
    itop.whole(&bench.id("VPN drops")).await.unwrap();
    assert_eq!(bench.fake.server.seen().len(), 2);
}

#[tokio::test]
async fn trap_05_a_glance_at_a_ticket_never_seen_is_one_request_too() {
    let bench = bench().await;
    bench.as_ada().glance(&bench.id("VPN drops")).await.unwrap();
    assert_eq!(bench.fake.server.seen().len(), 1);
}

#[tokio::test]
async fn trap_06_null_is_an_empty_answer() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let id = TicketId::new("I-999999");
    assert_eq!(itop.glance(&id).await.unwrap_err(), Error::NotFound(id));
    for text in
        [r#"{"code":0,"message":null,"objects":null}"#, r#"{"code":0,"objects":[]}"#, r#"{"code":0,"objects":{}}"#]
    {
        assert!(serde_json::from_str::<wire::Answer>(text).unwrap().objects.0.is_empty());
    }
}

#[test]
fn trap_07_objects_keep_the_order_of_the_answer() {
    let text = r#"{"code":0,"message":"Found: 3","objects":{"I::9":{"class":"I","key":"9","fields":{}},
        "I::10":{"class":"I","key":"10","fields":{}},"I::1":{"class":"I","key":"1","fields":{}}}}"#;
    let answer: wire::Answer = serde_json::from_str(text).unwrap();
    let keys: Vec<&str> = answer.objects.0.iter().map(|object| object.key.as_str()).collect();
    assert_eq!((keys, answer.found()), (vec!["9", "10", "1"], Some(3)));
}

#[tokio::test]
async fn trap_08_the_client_sorts_the_newest_first_whatever_order_a_class_has() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let mut cursor = None;
    loop {
        let page = itop.page(cursor.as_ref()).await.unwrap();
        let opened: Vec<Timestamp> = page.records.iter().map(|record| record.opened).collect();
        assert!(opened.windows(2).all(|pair| pair[0] >= pair[1]), "{opened:?}");
        cursor = Some(page.next);
        if !page.more {
            break;
        }
    }
    let queries: Vec<String> = bench.fake.asked("core/get").iter().map(|one| one["key"].to_string()).collect();
    assert!(queries.iter().all(|query| !query.contains("ORDER") && !query.contains("LIMIT")));
}

#[tokio::test]
async fn trap_09_a_ticket_made_meanwhile_shifts_nothing_out_of_the_walk() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let wanted = bench.fixture().in_scope;
    let (mut seen, mut cursor) = (std::collections::BTreeSet::new(), None);
    loop {
        let page = itop.page(cursor.as_ref()).await.unwrap();
        seen.extend(page.records.into_iter().map(|record| record.id));
        cursor = Some(page.next);
        if !page.more {
            break;
        }
        // Three at the top of the list, and the one at its bottom is gone: pages by number would shift.
        let mut desk = bench.fake.desk();
        let model = desk.objects.iter().find(|object| object.class == "Incident").unwrap().clone();
        for _ in 0..3 {
            let mut new = model.clone();
            (new.key, _) = (desk.next_key("Ticket"), ());
            let reference = desk.next_ref("Incident");
            new.set("ref", &reference);
            new.set("title", "Made meanwhile");
            desk.objects.push(new);
        }
    }
    let desk = bench.fake.desk();
    let before = desk.objects.iter().filter(|object| {
        !object.text("ref").is_empty() && !matches!(object.text("title"), "Made meanwhile" | "Long ago")
    });
    let missed: Vec<&str> =
        before.map(|object| object.text("ref")).filter(|id| !seen.contains(&TicketId::new(id))).collect();
    assert!(missed.is_empty(), "{missed:?}");
    assert!(seen.len() >= wanted);
}

#[tokio::test]
async fn trap_09_a_class_out_of_the_order_of_its_references_is_read_whole() {
    let mut desk = clean();
    // References are writable: order and numbers part.
    let incidents = desk.objects.iter_mut().filter(|object| object.class == "Incident");
    for (n, object) in incidents.enumerate() {
        object.set("ref", if n % 3 == 0 { "I-000007" } else { "I-000009" });
    }
    let wanted = desk.objects.iter().filter(|object| !object.text("ref").is_empty()).count() - 1;
    let bench = Bench::with(desk);
    let (rows, _) = walk(&bench.as_ada()).await;
    let ids: std::collections::BTreeSet<TicketId> = rows.into_iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), wanted);
}

#[tokio::test]
async fn trap_10_limits_and_pages_are_positive() {
    let bench = bench().await;
    walk(&bench.as_ada()).await;
    for one in bench.fake.asked("core/get").iter().filter(|one| !one["limit"].is_null() || !one["page"].is_null()) {
        assert!(one["limit"].as_u64() > Some(0) && one["page"].as_u64() > Some(0), "{one}");
    }
}

#[tokio::test]
async fn trap_11_no_star_and_only_what_the_named_class_has() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let (_, cursor) = walk(&itop).await;
    poll(&itop, &cursor).await;
    itop.schema().await.unwrap();
    for (_, id) in bench.fixture().others {
        itop.whole(&id).await.unwrap();
    }
    assert_eq!(bench.fake.desk().faults, Vec::<String>::new());
    for one in bench.fake.asked("core/get") {
        let output = one["output_fields"].as_str().unwrap();
        assert!(
            !output.contains('*') && !output.contains("child_") && !output.contains("related_incident"),
            "{output}"
        );
        if one["class"] == "Ticket" {
            assert!(!output.split(',').any(|code| matches!(code, "status" | "priority")), "{output}");
        }
        // Files and link sets never come with lists.
        let key = one["key"].as_str().unwrap_or_default();
        assert!(!(key.contains(" IN ") && output.contains("_list")), "{one}");
    }
}

#[tokio::test]
async fn trap_11_nothing_is_asked_for_that_the_stock_model_lacks() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let (_, cursor) = walk(&itop).await;
    poll(&itop, &cursor).await;
    let titles = ["VPN drops", "A key", "Concentrator restarts", "New concentrator", "Patch it", "Weekly restart"];
    for id in titles.map(|title| bench.id(title)) {
        itop.whole(&id).await.unwrap();
        itop.attachments(&id).await.unwrap();
        itop.search(&Lookup { sort: Sort::Tickets, words: Clean::line(id.as_str()), limit: 5 }).await.unwrap();
    }
    for sort in [Sort::People, Sort::Assets, Sort::Knowledge] {
        itop.search(&Lookup { sort, words: Clean::line("a"), limit: 5 }).await.unwrap();
    }
    for kind in Kind::ALL.iter().copied() {
        itop.find(kind, &wanted(vec![set(Field::Title, Value::text("A key"))])).await.unwrap();
    }
    assert_eq!(bench.fake.desk().refused, Vec::<String>::new());
    // What the mapping names can be written, too.
    let (mapping, desk) = (stock(), bench.fake.desk());
    for (kind, class) in model::all_classes(&mapping) {
        for (field, _) in mapping.fields_of(kind) {
            let there = model::attribute(&mapping, kind, &class, field);
            assert!(there.is_none_or(|code| desk.sort(&class, code).is_some()), "{class} has no {there:?}");
        }
        for step in &mapping.kind(kind).unwrap().steps {
            let via = step.via.as_deref().unwrap();
            for from in step.from.iter().filter(|from| model::has_step(&class, via, from)) {
                let row = desk.rows(&class).iter().find(|row| row.from == *from && row.stimulus == via);
                assert_eq!(row.map(|row| row.to.as_str()), Some(step.to.as_str()), "{class}: {via} from {from}");
            }
        }
    }
}

#[tokio::test]
async fn trap_12_numbers_are_text_and_defaults_lie() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let open = itop.glance(&bench.id("Laptop will not wake")).await.unwrap();
    assert_eq!(open.fields.get(&Field::ResolutionCode), None);
    assert_eq!(open.fields.get(&Field::Impact), Some(&Value::Number(3)));
    assert_eq!((open.owner, open.priority, open.resolved), (None, Some(3), None));
    let parts = vec![
        Part::Owner("Ada Byron".into()),
        set(Field::Resolution, Value::text("Charged.")),
        set(Field::ResolutionCode, Value::name("assistance")),
        Part::Step(Verb::Resolve, State::Resolved),
    ];
    let on = itop.glance(&bench.id("Laptop will not wake")).await.unwrap();
    itop.schema().await.unwrap();
    // It is taken and resolved: two stimuli.
    act(&itop, &on, &wanted(parts)).await.unwrap();
    let done = itop.glance(&on.id).await.unwrap();
    assert_eq!(done.fields.get(&Field::ResolutionCode), Some(&Value::name("assistance")));
    assert_eq!(done.fields.get(&Field::Resolution), Some(&Value::text("Charged.")));
    assert!(done.resolved.is_some() && done.responded.is_some());
}

#[tokio::test]
async fn trap_12_the_fourth_urgency_is_read_as_it_stands_and_written_so() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let id = itop.create(Kind::Incident, &wanted(vec![set(Field::Title, Value::text("As made"))])).await.unwrap();
    let on = itop.glance(&id).await.unwrap();
    assert_eq!((on.fields.get(&Field::Urgency), on.priority), (Some(&Value::Number(4)), Some(4)));
    act(&itop, &on, &wanted(vec![set(Field::Urgency, Value::Number(1))])).await.unwrap();
    let on = itop.glance(&id).await.unwrap();
    assert_eq!((on.fields.get(&Field::Urgency), on.priority), (Some(&Value::Number(1)), Some(1)));
    act(&itop, &on, &wanted(vec![set(Field::Urgency, Value::Number(4))])).await.unwrap();
    assert_eq!(itop.glance(&id).await.unwrap().priority, Some(4));
}

#[test]
fn trap_12_numbers_and_marks_are_read_as_well_as_text() {
    let text =
        r#"{"class":"Incident","key":8,"fields":{"tto":3600,"vip":true,"obsolescence_flag":false,"org_id":"4"}}"#;
    let object: wire::Object = serde_json::from_str(text).unwrap();
    let read = ["tto", "vip", "obsolescence_flag", "org_id"].map(|code| object.text(code).to_owned());
    assert_eq!((object.key.as_str(), read), ("8", ["3600", "yes", "no", "4"].map(str::to_owned)));
}

#[tokio::test]
async fn trap_13_a_reference_is_no_key() {
    let mut desk = clean();
    let twin = desk.objects.iter().position(|object| object.text("title") == "Screen flickers #3").unwrap();
    let reference =
        desk.objects.iter().find(|object| object.text("title") == "VPN drops").unwrap().text("ref").to_owned();
    let key = desk.objects[twin].key;
    desk.objects[twin].set("ref", &reference);
    let bench = Bench::with(desk);
    let itop = bench.as_ada();
    let (rows, _) = walk(&itop).await;
    let twins: Vec<&Record> = rows.iter().filter(|row| row.id.as_str().starts_with(&reference)).collect();
    let ids: std::collections::BTreeSet<&str> = twins.iter().map(|row| row.id.as_str()).collect();
    let other = format!("{reference}~{key}");
    assert_eq!(ids, std::collections::BTreeSet::from([reference.as_str(), other.as_str()]));
    // Each of them is found again, by an adapter that has seen neither, too.
    for itop in [&itop, &bench.as_ada()] {
        let one = itop.glance(&TicketId::new(&other)).await.unwrap();
        assert_eq!(one.fields.get(&Field::Title), Some(&Value::text("Screen flickers #3")));
        let one = itop.glance(&TicketId::new(&reference)).await.unwrap();
        assert_eq!(one.fields.get(&Field::Title), Some(&Value::text("VPN drops")));
    }
}

#[tokio::test]
async fn trap_14_clocks_are_read_from_their_deadlines() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let (rows, _) = walk(&itop).await;
    assert!(bench.fake.asked("core/get").iter().all(|one| !one["key"].to_string().contains("sla_")));
    let clock = |title: &str| {
        let id = bench.id(title);
        rows.iter().find(|row| row.id == id).unwrap().clock.unwrap()
    };
    let late = clock("Too late to own");
    assert_eq!(late.state, GlanceState::Running);
    assert!(late.due.unwrap() < Timestamp::now().as_millisecond());
    let running = clock("VPN drops");
    let left = running.due.unwrap() - Timestamp::now().as_millisecond();
    assert!((9_000_000..=10_800_000).contains(&left), "{left}");
    assert_eq!(clock("Laptop will not wake").state, GlanceState::None);
}

#[tokio::test]
async fn trap_15_words_are_escaped_as_the_query_language_wants_it() {
    assert_eq!(oql::quote(r"a'b\c"), r"'a\'b\\c'");
    assert_eq!(oql::like("100%_x"), r"'%100\\%\\_x%'");
    let bench = bench().await;
    let itop = bench.as_ada();
    let look = |words: &str| Lookup { sort: Sort::Knowledge, words: Clean::line(words), limit: 5 };
    assert_eq!(itop.search(&look("100%")).await.unwrap().len(), 1);
    for none in ["0%r", "x_", "it's", r"back\slash", "'; DROP", "\""] {
        assert_eq!(itop.search(&look(none)).await.unwrap(), Vec::new(), "{none}");
    }
    assert_eq!(itop.search(&look("BADGE reader")).await.unwrap()[0].name.as_str(), "KE 4");
    let faq = &itop.search(&look("print")).await.unwrap()[0];
    assert_eq!((faq.name.as_str(), faq.text.as_str()), ("FAQ 2", "Printing\n\nPress print.\n\n- wait"));
    assert!(bench.fake.operations().iter().all(|one| !one["key"].to_string().contains("MATCHES")));
}

#[tokio::test]
async fn trap_16_what_the_model_says_is_the_authority() {
    let mut desk = clean();
    // A site that took an attribute and a step out of its model.
    desk.classes.get_mut("Incident").unwrap().attributes.remove("escalation_reason");
    desk.classes.get_mut("Incident").unwrap().rows.retain(|row| row.stimulus != "ev_close");
    desk.objects
        .iter_mut()
        .filter(|object| object.text("title") == "VPN drops")
        .for_each(|object| object.set("status", "resolved"));
    let bench = Bench::with(desk);
    let itop = bench.as_ada();
    let (rows, _) = walk(&itop).await;
    assert!(rows.len() > 20);
    let on = itop.glance(&bench.id("VPN drops")).await.unwrap();
    let error = act(&itop, &on, &wanted(vec![Part::Step(Verb::Close, State::Closed)])).await.unwrap_err();
    assert!(
        matches!(&error, Error::Invalid { field, reason } if field == "state" && reason.contains("Invalid stimulus")),
        "{error}"
    );
}

#[tokio::test]
async fn trap_17_users_and_audit_trails_are_not_asked_for() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let whole = itop.whole(&bench.id("VPN drops")).await.unwrap();
    assert!(bench.fake.operations().iter().all(|one| !matches!(one["class"].as_str(), Some("User" | "CMDBChangeOp"))));
    let history = whole.history.unwrap();
    let said: Vec<(&str, bool)> = history
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Say { audience, text } => Some((text.as_str(), *audience == Audience::Public)),
            Change::Heard { text, .. } => Some((text.as_str(), false)),
            _ => None,
        })
        .collect();
    assert_eq!(said, [("We are looking at it.", true), ("Still down.", false), ("Concentrator restarts.", false)]);
    assert!(matches!(&history[2].change, Change::Heard { from, .. } if *from == name("Fay Caller03")));
    assert!(history.iter().any(|entry| matches!(entry.change, Change::Move { to: State::Assigned, .. })));
    assert!(whole.last_heard > whole.last_public);
}

#[tokio::test]
async fn trap_18_obsolete_items_are_left_out() {
    let bench = bench().await;
    let look = Lookup { sort: Sort::Assets, words: Clean::line("hh-"), limit: 10 };
    let found = bench.as_ada().search(&look).await.unwrap();
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["HH-PC-007", "HH-PC-008"]);
}

#[tokio::test]
async fn trap_19_changes_of_one_second_are_all_found_and_then_it_is_quiet() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let (_, cursor) = walk(&itop).await;
    let id = bench.id("Laptop will not wake");
    bench.elsewhere(&id, Elsewhere::Title("First".into())).await;
    let (rows, _, cursor) = poll(&itop, &cursor).await;
    assert!(rows.iter().any(|row| row.id == id) && rows.len() < 5);
    // Another change that does not move the time, since it falls into the same second.
    bench
        .fake
        .desk()
        .objects
        .iter_mut()
        .filter(|object| object.text("ref") == id.as_str())
        .for_each(|object| object.set("title", "Second"));
    let (rows, _, mut cursor) = poll(&itop, &cursor).await;
    let row = rows.iter().find(|row| row.id == id).unwrap();
    assert_eq!(row.fields.get(&Field::Title), Some(&Value::text("Second")));
    // Two seconds on it is settled: read once more, then left alone.
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    (_, _, cursor) = poll(&itop, &cursor).await;
    bench.fake.server.forget();
    let (rows, _, _) = poll(&itop, &cursor).await;
    assert_eq!((rows.len(), bench.fake.server.seen().len()), (0, 1));
}

#[tokio::test]
async fn trap_19_tickets_without_a_team_are_in_the_scope_of_every_team() {
    let bench = bench().await;
    let mut setup = setup(stock());
    setup.scope.groups = vec!["Service Desk".into()];
    let itop = bench.as_user("ada", "s3cret:of ada", &bench.address(), setup);
    let id = bench.id("Laptop will not wake");
    for object in bench.fake.desk().objects.iter_mut().filter(|object| object.text("ref") == id.as_str()) {
        object.set("team_id", "");
    }
    let (rows, _) = walk(&itop).await;
    assert!(rows.iter().any(|row| row.id == id));
}

#[tokio::test]
async fn trap_19_what_leaves_the_scope_is_told_to_be_gone() {
    let bench = bench().await;
    let mut setup = setup(stock());
    setup.scope.groups = vec!["Service Desk".into()];
    let itop = bench.as_user("ada", "s3cret:of ada", &bench.address(), setup);
    let (rows, cursor) = walk(&itop).await;
    let id = bench.id("Laptop will not wake");
    let ours = |row: &Record| row.fields.get(&Field::Group).is_none_or(|group| *group == Value::name("Service Desk"));
    assert!(rows.iter().any(|row| row.id == id) && rows.iter().all(ours));
    bench.elsewhere(&id, Elsewhere::Title("Moved".into())).await;
    bench
        .fake
        .desk()
        .objects
        .iter_mut()
        .filter(|object| object.text("ref") == id.as_str())
        .for_each(|object| object.set("team_id", "43"));
    let (rows, gone, _) = poll(&itop, &cursor).await;
    assert!(gone.contains(&id) && rows.iter().all(|row| row.id != id));
}

#[tokio::test]
async fn trap_20_cursors_are_its_own_times_in_its_own_zone() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let (rows, cursor) = walk(&itop).await;
    poll(&itop, &cursor).await;
    assert!(bench.fake.operations().iter().all(|one| !one.to_string().contains("NOW")));
    // Paris is one or two hours ahead of what the machine counts in.
    let id = bench.id("VPN drops");
    let row = rows.iter().find(|row| row.id == id).unwrap();
    let age = Timestamp::now().duration_since(row.opened);
    assert!((age - SignedDuration::from_mins(2000)).abs() < SignedDuration::from_mins(2), "{age:?}");
    let asked = bench.fake.asked("core/get");
    let last = asked.iter().rev().find(|one| one["class"] == "Ticket").unwrap();
    let newest = bench
        .fake
        .desk()
        .objects
        .iter()
        .filter(|object| object.class == "Incident")
        .map(|object| object.text("last_update").to_owned())
        .max()
        .unwrap();
    let from: jiff::civil::DateTime = newest.replace(' ', "T").parse().unwrap();
    let from = from.checked_sub(SignedDuration::from_secs(1)).unwrap().strftime("%Y-%m-%d %H:%M:%S").to_string();
    assert!(last["key"].as_str().unwrap().contains(&from), "{last} {from}");
}

#[test]
fn trap_20_an_hour_that_comes_twice_is_asked_for_twice() {
    use deskside::backend::http::itop::time::overlapped;
    let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    assert_eq!(overlapped("2026-11-21 23:00:00", &paris), "2026-11-21 22:59:59");
    assert_eq!(overlapped("2026-10-25 02:30:00", &paris), "2026-10-25 01:29:59");
}

#[tokio::test]
async fn trap_21_times_are_written_in_its_literal_form() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("New concentrator")).await.unwrap();
    let start: Timestamp = "2026-12-01T19:00:00Z".parse().unwrap();
    act(&itop, &on, &wanted(vec![set(Field::PlannedStart, Value::Time(start))])).await.unwrap();
    assert_eq!(bench.fake.asked("core/update")[0]["fields"]["start_date"], "2026-12-01 20:00:00");
    let now = itop.glance(&on.id).await.unwrap();
    assert_eq!(now.fields.get(&Field::PlannedStart), Some(&Value::Time(start)));
    // A plan of the future does not make the change look opened there.
    assert!(now.opened < Timestamp::now());
}

#[tokio::test]
async fn trap_21_times_that_people_type_are_written_in_its_form_too() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("New concentrator")).await.unwrap();
    let date = |typed: &str| set(Field::Custom("x.approval_date".into()), Value::name(typed));
    for (typed, written) in [
        ("2026-12-01 10:00", "2026-12-01 10:00:00"),
        ("2026-12-01T10:00:30", "2026-12-01 10:00:30"),
        ("2026-12-01", "2026-12-01 00:00:00"),
    ] {
        act(&itop, &itop.glance(&on.id).await.unwrap(), &wanted(vec![date(typed)])).await.unwrap();
        assert_eq!(bench.fake.asked("core/update").last().unwrap()["fields"]["approval_date"], written);
    }
    let sent = bench.fake.asked("core/update").len();
    let error = itop.plan(&on, &wanted(vec![date("next Tuesday")])).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "x.approval_date"), "{error}");
    assert_eq!(bench.fake.asked("core/update").len(), sent);
}

#[tokio::test]
async fn trap_22_states_move_by_stimuli_only() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("VPN drops")).await.unwrap();
    let parts = vec![set(Field::HoldReason, Value::name("caller")), Part::Step(Verb::Hold, State::OnHold)];
    act(&itop, &on, &wanted(parts)).await.unwrap();
    let held = itop.glance(&on.id).await.unwrap();
    assert_eq!((held.state, held.fields.get(&Field::HoldReason)), (State::OnHold, Some(&Value::name("caller"))));
    assert_eq!(bench.truth(&on.id).await.unwrap().state, "pending");
    assert_eq!(bench.fake.desk().faults, Vec::<String>::new());
    assert_eq!(bench.fake.asked("core/apply_stimulus")[0]["fields"]["pending_reason"], "Waiting for the caller");
}

#[tokio::test]
async fn trap_23_what_only_the_pages_want_is_wanted_here_too() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("Screen flickers #1")).await.unwrap();
    for (parts, wants) in [
        (vec![Part::Step(Verb::Assign, State::Assigned)], "group"),
        (vec![set(Field::Group, Value::name("No Such Team")), Part::Step(Verb::Assign, State::Assigned)], "group"),
        (vec![Part::Owner("Ada Byron".into())], "group"),
    ] {
        let error = itop.plan(&on, &wanted(parts)).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid { field, .. } if field == wants), "{wants}: {error}");
    }
    let on = itop.glance(&bench.id("VPN drops")).await.unwrap();
    let error = itop.plan(&on, &wanted(vec![Part::Step(Verb::Resolve, State::Resolved)])).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "resolution"), "{error}");
    assert!(bench.fake.asked("core/apply_stimulus").is_empty());
}

#[tokio::test]
async fn trap_23_somebody_in_one_team_takes_it_for_that_team() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("Screen flickers #1")).await.unwrap();
    act(&itop, &on, &wanted(vec![Part::Owner("Barbara Liskov".into())])).await.unwrap();
    let truth = bench.truth(&on.id).await.unwrap();
    assert_eq!((truth.state.as_str(), truth.group.as_deref()), ("assigned", Some("Applications L3")));
}

#[tokio::test]
async fn trap_24_the_concrete_class_is_named() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let change = itop.glance(&bench.id("New concentrator")).await.unwrap();
    assert_eq!(change.fields.get(&Field::ChangeType), Some(&Value::name("normal")));
    let custom = |name: &str| Field::Custom(super::name(name));
    let mut parts = vec![
        set(Field::Group, Value::name("Service Desk")),
        set(custom("x.supervisor_group"), Value::name("Service Desk")),
        set(custom("x.manager_group"), Value::name("Applications L3")),
        Part::Step(Verb::Assess, State::Assess),
    ];
    let error = itop.plan(&change, &wanted(parts.clone())).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "x.acceptance"), "{error}");
    parts.push(set(custom("x.acceptance"), Value::name("sound")));
    act(&itop, &change, &wanted(parts)).await.unwrap();
    let sent = bench.fake.asked("core/apply_stimulus");
    assert_eq!((&sent[0]["class"], &sent[0]["stimulus"]), (&Json::from("NormalChange"), &Json::from("ev_validate")));
    let now = itop.glance(&change.id).await.unwrap();
    assert_eq!(now.state, State::Assess);
    // Accepted when it was done, unless somebody says another time; on its clocks.
    let at = bench.fake.desk().by_ref(change.id.as_str()).unwrap().text("acceptance_date").to_owned();
    assert!(
        at <= bench.fake.desk().now() && at >= bench.fake.desk().local(Timestamp::now() - SignedDuration::from_mins(1))
    );
    // The other sorts have no such step: they are assigned at once.
    let routine = itop.glance(&bench.id("Weekly restart")).await.unwrap();
    let assess = Part::Step(Verb::Assess, State::Assess);
    assert!(matches!(itop.plan(&routine, &wanted(vec![assess])).await, Err(Error::Invalid { .. })));
    // Its pages want the whole board with that.
    let mut parts = vec![Part::Owner("Barbara Liskov".into()), Part::Step(Verb::Assign, State::Assigned)];
    for (field, value) in [
        ("x.supervisor_group", "Applications L3"),
        ("x.supervisor", "Barbara Liskov"),
        ("x.manager_group", "Service Desk"),
        ("x.manager", "Grace Murray"),
    ] {
        let error = itop.plan(&routine, &wanted(parts.clone())).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid { field: named, .. } if named == field), "{error}");
        parts.push(set(custom(field), Value::name(value)));
    }
    act(&itop, &routine, &wanted(parts)).await.unwrap();
    assert_eq!(bench.truth(&routine.id).await.unwrap().state, "assigned");
}

#[test]
fn trap_25_the_timer_s_own_stimuli_are_never_offered() {
    let mapping = stock();
    let mut steps = mapping.kinds.values().flat_map(|kind| &kind.steps);
    assert!(steps.all(|step| !matches!(step.via.as_deref(), None | Some("ev_timeout" | "ev_autoresolve"))));
}

#[tokio::test]
async fn trap_26_choices_that_its_pages_filter_are_filtered_here() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("Laptop will not wake")).await.unwrap();
    let itself = Link { how: LinkKind::ChildOf, other: on.id.clone() };
    for (part, why) in [
        (Part::Owner("Barbara Liskov".into()), "is not in Service Desk"),
        (set(Field::Category, Value::name("Network access incident A")), "no category of this ticket's service"),
        (set(Field::Caller, Value::name("Nobody Known")), "nobody called"),
        (set(Field::Caller, Value::name("Ann Lee")), "Ann Lee (76), Ann Lee (77)"),
        (set(Field::Group, Value::name("No Such Team")), "no group called"),
        (Part::Link(itself), "itself"),
        (set(Field::PriorityOverride, Value::Number(1)), "computes the priority"),
        (set(Field::Supplier, Value::name("ACME")), "no place for supplier"),
    ] {
        let error = itop.plan(&on, &wanted(vec![part])).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    // A circle of two.
    let child = itop.whole(&bench.id("VPN drops")).await.unwrap();
    let parent = child.links.as_ref().unwrap()[0].other.clone();
    let on = itop.glance(&parent).await.unwrap();
    let back = Part::Link(Link { how: LinkKind::ChildOf, other: child.id.clone() });
    assert!(matches!(itop.plan(&on, &wanted(vec![back])).await, Err(Error::Invalid { .. })));
    act(&itop, &on, &wanted(vec![set(Field::Caller, Value::name("Ann Lee (77)"))])).await.unwrap();
    assert_eq!(itop.glance(&parent).await.unwrap().fields.get(&Field::Caller), Some(&Value::name("Ann Lee (77)")));
}

#[tokio::test]
async fn trap_26_a_category_is_that_of_its_sort_of_ticket() {
    let bench = bench().await;
    let itop = bench.as_ada();
    for (title, number) in [("Laptop will not wake", "18"), ("A second screen", "19")] {
        let on = itop.glance(&bench.id(title)).await.unwrap();
        act(&itop, &on, &wanted(vec![set(Field::Category, Value::name("Laptop broken"))])).await.unwrap();
        let desk = bench.fake.desk();
        assert_eq!(desk.by_ref(on.id.as_str()).unwrap().text("servicesubcategory_id"), number, "{title}");
    }
}

#[tokio::test]
async fn trap_26_what_only_another_kind_may_be_is_refused_before_it_is_sent() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let monitored = || wanted(vec![set(Field::Channel, Value::name("monitoring"))]);
    let incident = itop.glance(&bench.id("Laptop will not wake")).await.unwrap();
    act(&itop, &incident, &monitored()).await.unwrap();
    let request = itop.glance(&bench.id("A second screen")).await.unwrap();
    let error = itop.plan(&request, &monitored()).await.unwrap_err();
    let says = |why: &str| why.contains("monitoring") && why.contains("walk_in");
    assert!(matches!(&error, Error::Invalid { field, reason } if field == "channel" && says(reason)), "{error}");
    // What nobody has mapped is iTop's to judge.
    let odd = wanted(vec![set(Field::Channel, Value::name("pigeon"))]);
    let error = act(&itop, &request, &odd).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "origin"), "{error}");
    // With incidents of their own, all requests are of one sort.
    let schema = itop.schema().await.unwrap();
    assert_eq!(schema.directory.catalog_items, ["service_request"].map(name));
}

#[tokio::test]
async fn what_a_field_points_at_may_vanish_without_the_ticket() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("VPN drops")).await.unwrap();
    // She was read, and has left since.
    bench.fake.desk().objects.retain(|object| object.class != "Person" || object.key != 55);
    let caller = || wanted(vec![set(Field::Caller, Value::name("Fay Caller03"))]);
    let error = act(&itop, &on, &caller()).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "caller_id"), "{error}");
    assert!(itop.glance(&on.id).await.is_ok());
}

#[tokio::test]
async fn trap_27_a_write_on_an_older_state_is_caught() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let on = itop.glance(&bench.id("Laptop will not wake")).await.unwrap();
    let writes = itop.plan(&on, &wanted(vec![set(Field::Title, Value::text("Mine"))])).await.unwrap();
    bench.elsewhere(&on.id, Elsewhere::Title("Hers".into())).await;
    assert_eq!(itop.send(&on, &writes[0]).await.unwrap(), Sent::Clash);
    assert_eq!(bench.truth(&on.id).await.unwrap().title, "Hers");
    assert_ne!(itop.glance(&on.id).await.unwrap().revision, on.revision);
    // Words only add: they do not mind.
    act(&itop, &on, &wanted(vec![say(Audience::Internal, "Seen.")])).await.unwrap();
}

#[tokio::test]
async fn trap_28_words_that_another_writer_overwrote_are_written_again_and_only_then() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("Laptop will not wake")).await.unwrap();
    bench.fake.desk().lose = 1;
    act(&itop, &on, &wanted(vec![say(Audience::Public, "We are on it.")])).await.unwrap();
    // Reading it back finds out.
    let on = itop.glance(&on.id).await.unwrap();
    assert_eq!(bench.truth(&on.id).await.unwrap().public, ["We are on it."]);
    act(&itop, &on, &wanted(vec![say(Audience::Public, "We are on it.")])).await.unwrap();
    itop.glance(&on.id).await.unwrap();
    assert_eq!(bench.truth(&on.id).await.unwrap().public.len(), 2);
    // What never stays is left to be told: nothing is written for ever.
    let on = itop.glance(&on.id).await.unwrap();
    bench.fake.desk().lose = 10;
    act(&itop, &on, &wanted(vec![say(Audience::Internal, "Lost.")])).await.unwrap();
    itop.glance(&on.id).await.unwrap();
    itop.glance(&on.id).await.unwrap();
    assert_eq!(bench.fake.desk().lose, 7);
    assert_eq!(bench.truth(&on.id).await.unwrap().internal, Vec::<String>::new());
}

#[tokio::test]
async fn trap_29_a_ticket_whose_answer_was_lost_is_found_again() {
    let bench = bench().await;
    let proxy = Proxy::before(bench.fake.server.address);
    let itop = bench.as_user("ada", "s3cret:of ada", &proxy.url(), setup(stock()));
    itop.schema().await.unwrap();
    let parts = vec![
        set(Field::Title, Value::text("It's broken \\ 100%")),
        set(Field::Description, Value::text("a < b\n  & c")),
        set(Field::Caller, Value::name("Fay Caller03")),
    ];
    let wanted = wanted(parts);
    assert_eq!(itop.find(Kind::Incident, &wanted).await.unwrap(), Vec::new());
    // Reading the caller's organisation goes first.
    proxy.on("POST", "/webservices", 2, Fault::Delay(std::time::Duration::ZERO));
    let before = bench.titled("It's broken \\ 100%").await.len();
    let id = itop.create(Kind::Incident, &wanted).await.unwrap();
    assert_eq!((before, bench.titled("It's broken \\ 100%").await), (0, vec![id.clone()]));
    assert_eq!(itop.find(Kind::Incident, &wanted).await.unwrap(), std::slice::from_ref(&id));
    let made = itop.glance(&id).await.unwrap();
    assert_eq!(made.fields.get(&Field::Description), Some(&Value::text("a < b\n  & c")));
    // The organisation is the caller's.
    let desk = bench.fake.desk();
    assert_eq!(desk.by_ref(id.as_str()).unwrap().text("org_id"), "4");
}

#[tokio::test]
async fn trap_30_one_more_link_is_made_and_the_others_stay() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let on = itop.glance(&bench.id("Laptop will not wake")).await.unwrap();
    act(&itop, &on, &wanted(vec![set(Field::Asset, Value::name("HH-PC-007"))])).await.unwrap();
    assert_eq!(bench.fake.asked("core/create")[0]["class"], "lnkFunctionalCIToTicket");
    let on = itop.glance(&on.id).await.unwrap();
    assert_eq!(on.fields.get(&Field::Asset), Some(&Value::name("HH-PC-007")));
    act(&itop, &on, &wanted(vec![set(Field::Asset, Value::name("HH-PC-008"))])).await.unwrap();
    let on = itop.glance(&on.id).await.unwrap();
    assert_eq!(on.fields.get(&Field::Asset), Some(&Value::name("HH-PC-008")));
    act(&itop, &on, &wanted(vec![Part::Field(Field::Asset, None)])).await.unwrap();
    assert_eq!(itop.glance(&on.id).await.unwrap().fields.get(&Field::Asset), None);
}

#[tokio::test]
async fn trap_30_what_was_marked_as_not_hit_stays_so() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let id = bench.id("Laptop will not wake");
    let key = bench.fake.desk().by_ref(id.as_str()).unwrap().key.to_string();
    for (number, ci, impact) in [(901, "39", "manual"), (902, "92", "not_impacted")] {
        let fields = [("ticket_id", key.as_str()), ("functionalci_id", ci), ("impact_code", impact)];
        let fields = fields.map(|(code, value)| (code.to_owned(), value.to_owned())).into();
        let class = "lnkFunctionalCIToTicket".into();
        bench.fake.desk().objects.push(crate::fake::itop::Object { class, key: number, fields, ..Default::default() });
    }
    let on = itop.glance(&id).await.unwrap();
    assert_eq!(on.fields.get(&Field::Asset), Some(&Value::name("HH-PC-007")));
    act(&itop, &on, &wanted(vec![set(Field::Asset, Value::name("HH-PC-008"))])).await.unwrap();
    let sent = &bench.fake.asked("core/update")[0]["fields"]["functionalcis_list"];
    let link = |ci: &str, impact: &str| serde_json::json!({ "functionalci_id": ci, "impact_code": impact });
    assert_eq!(*sent, Json::Array(vec![link("40", "manual"), link("92", "not_impacted")]));
    assert_eq!(itop.glance(&id).await.unwrap().fields.get(&Field::Asset), Some(&Value::name("HH-PC-008")));
}

#[tokio::test]
async fn trap_30_links_are_set_from_the_end_that_holds_them() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let problem = bench.id("Concentrator restarts");
    let on = itop.whole(&problem).await.unwrap();
    assert_eq!(on.links.as_deref(), Some(&[][..]));
    let incident = bench.id("Laptop will not wake");
    let link = Link { how: LinkKind::ProblemOf, other: incident.clone() };
    act(&itop, &on, &wanted(vec![Part::Link(link.clone())])).await.unwrap();
    assert_eq!(itop.whole(&problem).await.unwrap().links.unwrap(), std::slice::from_ref(&link));
    let other = itop.whole(&incident).await.unwrap();
    assert_eq!(other.links.as_deref(), Some(&[Link { how: LinkKind::ProblemIs, other: problem.clone() }][..]));
    let change = Link { how: LinkKind::FixedBy, other: bench.id("New concentrator") };
    act(&itop, &itop.glance(&problem).await.unwrap(), &wanted(vec![Part::Link(change.clone())])).await.unwrap();
    assert_eq!(itop.whole(&problem).await.unwrap().links.unwrap(), [link.clone(), change]);
    let parent = Link { how: LinkKind::ParentOf, other: bench.id("VPN drops") };
    let held = itop.whole(&bench.id("Screen flickers #0")).await.unwrap();
    assert_eq!(held.links.unwrap(), [parent]);
    act(&itop, &on, &wanted(vec![Part::Unlink(link)])).await.unwrap();
    assert_eq!(itop.whole(&incident).await.unwrap().links.unwrap(), []);
}

#[tokio::test]
async fn trap_31_html_is_escaped_where_html_is_kept_and_nowhere_else() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("VPN drops")).await.unwrap();
    let words = "one <b>two</b>\nthree & four";
    let parts = vec![
        set(Field::Description, Value::text(words)),
        set(Field::HoldReason, Value::name("a < b & c")),
        Part::Step(Verb::Hold, State::OnHold),
        say(Audience::Public, words),
        say(Audience::Internal, words),
    ];
    act(&itop, &on, &wanted(parts)).await.unwrap();
    let sent = &bench.fake.asked("core/apply_stimulus")[0]["fields"];
    assert_eq!(sent["description"], "one &lt;b&gt;two&lt;/b&gt;<br/>\nthree &amp; four");
    assert_eq!(sent["pending_reason"], "a < b & c");
    assert_eq!(sent["public_log"]["add_item"]["format"], "text");
    let truth = bench.truth(&on.id).await.unwrap();
    assert_eq!((truth.public.last().unwrap().as_str(), truth.internal.last().unwrap().as_str()), (words, words));
    assert_eq!(itop.glance(&on.id).await.unwrap().fields.get(&Field::Description), Some(&Value::text(words)));
}

#[tokio::test]
async fn trap_31_words_to_the_caller_never_turn_into_notes_nor_notes_into_words() {
    let bench = bench().await;
    let itop = bench.as_ada();
    for (kind, id) in bench.fixture().others {
        let on = itop.glance(&id).await.unwrap();
        let public = itop.plan(&on, &wanted(vec![say(Audience::Public, "Hello.")])).await;
        assert_eq!(public.is_ok(), kind == Kind::Request, "{kind}");
        act(&itop, &on, &wanted(vec![say(Audience::Internal, "Among us.")])).await.unwrap();
        let truth = bench.truth(&id).await.unwrap();
        assert_eq!((truth.public.len(), truth.internal.as_slice()), (0, &["Among us.".to_owned()][..]));
    }
}

#[tokio::test]
async fn trap_32_what_is_too_long_is_refused_before_it_is_sent() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let on = itop.glance(&bench.id("VPN drops")).await.unwrap();
    for (field, words) in [(Field::Title, "x".repeat(256)), (Field::Description, "&".repeat(20_000))] {
        let error = itop.plan(&on, &wanted(vec![set(field.clone(), Value::text(&words))])).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid { field: named, .. } if named == field.name()), "{error}");
    }
    let fits = set(Field::Title, Value::text(&"é".repeat(255)));
    act(&itop, &on, &wanted(vec![fits])).await.unwrap();
}

#[tokio::test]
async fn trap_33_an_entry_with_a_date_of_the_past_stands_there() {
    let bench = bench().await;
    let id = bench.id("VPN drops");
    let date = bench.fake.desk().local(Timestamp::now() - SignedDuration::from_hours(24 * 20));
    let entry = Entry { date, user: "Grace Murray".into(), message: "Dated back.".into() };
    bench.fake.desk().find_mut("Incident", 30).unwrap().logs.entry("private_log".into()).or_default().push(entry);
    let history = bench.as_ada().glance(&id).await.unwrap().history.unwrap();
    assert!(history.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert!(matches!(&history[0].change, Change::Say { text, .. } if text.as_str() == "Dated back."));
}

#[tokio::test]
async fn trap_34_what_breaks_it_is_told_and_not_left_in_doubt() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("Too late to own")).await.unwrap();
    assert_eq!((on.state, on.native_state.as_str()), (State::New, "escalated_tto"));
    let error = act(&itop, &on, &wanted(vec![Part::Owner("Ada Byron".into())])).await.unwrap_err();
    assert!(
        matches!(&error, Error::Unexpected(why) if why.contains("3.2.0") && why.contains("Nothing was stored")),
        "{error}"
    );
    assert_eq!(bench.truth(&on.id).await.unwrap().state, "escalated_tto");
}

#[tokio::test]
async fn trap_34_a_page_in_place_of_an_answer_is_in_doubt_when_something_was_stored() {
    let bench = bench().await;
    let proxy = Proxy::before(bench.fake.server.address);
    let itop = bench.as_user("ada", "s3cret:of ada", &proxy.url(), setup(stock()));
    let on = itop.glance(&bench.id("VPN drops")).await.unwrap();
    let writes = itop.plan(&on, &wanted(vec![set(Field::Title, Value::text("Stored"))])).await.unwrap();
    proxy.next(Fault::AnswerAfter {
        status: 500,
        headers: vec![("content-type".into(), "text/html".into())],
        body: "<p>iTop: An error occurred</p>".into(),
    });
    assert!(matches!(itop.send(&on, &writes[0]).await, Err(Error::Doubtful(_))));
    assert_eq!(bench.truth(&on.id).await.unwrap().title, "Stored");
}

#[tokio::test]
async fn trap_35_new_changes_are_of_a_concrete_class() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    for (sort, class) in [("", "NormalChange"), ("standard", "RoutineChange"), ("emergency", "EmergencyChange")] {
        let mut parts = vec![set(Field::Title, Value::text("Swap it"))];
        if !sort.is_empty() {
            parts.push(set(Field::ChangeType, Value::name(sort)));
        }
        let id = itop.create(Kind::Change, &wanted(parts)).await.unwrap();
        assert_eq!(bench.fake.desk().by_ref(id.as_str()).unwrap().class, class);
    }
}

#[tokio::test]
async fn trap_36_a_step_that_was_silently_not_taken_is_told() {
    let bench = bench().await;
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("VPN drops")).await.unwrap();
    bench.fake.desk().silent = true;
    let parts = vec![set(Field::HoldReason, Value::name("caller")), Part::Step(Verb::Hold, State::OnHold)];
    let error = act(&itop, &on, &wanted(parts)).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "state"), "{error}");
}

#[tokio::test]
async fn trap_37_nothing_that_a_terminal_obeys_comes_through() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let id = bench.fixture().hostile;
    itop.attach(&id, &Upload { name: Clean::line("a.txt"), media_type: "text/plain".into(), bytes: b"x".to_vec() })
        .await
        .unwrap();
    bench.fake.desk().objects.last_mut().unwrap().set("filename", "\u{1b}[2J\u{202e}evil.txt");
    let whole = itop.whole(&id).await.unwrap();
    let files = itop.attachments(&id).await.unwrap();
    let shown = format!(
        "{:?} {:?} {:?}",
        whole.fields.values().map(ToString::to_string).collect::<Vec<_>>(),
        whole.history,
        files
    );
    for raw in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\0'] {
        assert!(!shown.contains(raw) && !shown.contains(&raw.escape_debug().to_string()), "{raw:?}: {shown}");
    }
    assert!(shown.contains("evil.txt"));
}

#[tokio::test]
async fn trap_38_html_is_read_as_text() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let whole = itop.glance(&bench.fixture().hostile).await.unwrap();
    assert_eq!(whole.fields.get(&Field::Description), Some(&Value::text("␛2Jbold & <i>")));
    bench.fake.desk().objects.iter_mut().filter(|object| object.text("title") == "VPN drops").for_each(|object| {
        object.set("solution", "<p>Automatically resolved from [[Incident:71|I-000071]]</p>");
    });
    let whole = itop.glance(&bench.id("VPN drops")).await.unwrap();
    let solution = whole.fields.get(&Field::Resolution).unwrap().to_string();
    assert_eq!(solution, "Automatically resolved from [[Incident:71|I-000071]]");
}

#[tokio::test]
async fn trap_39_escaped_slashes_are_slashes() {
    let bench = bench().await;
    bench
        .fake
        .desk()
        .objects
        .iter_mut()
        .filter(|object| object.text("title") == "VPN drops")
        .for_each(|object| object.set("title", "a/b"));
    let itop = bench.as_ada();
    let (rows, _) = walk(&itop).await;
    assert!(rows.iter().any(|row| row.fields.get(&Field::Title) == Some(&Value::text("a/b"))));
}

#[tokio::test]
async fn files_are_listed_by_name_saved_and_added() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let id = bench.id("VPN drops");
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    itop.attach(
        &id,
        &Upload { name: Clean::line("dump.bin"), media_type: "application/octet-stream".into(), bytes: bytes.clone() },
    )
    .await
    .unwrap();
    let files = itop.attachments(&id).await.unwrap();
    assert_eq!((files[0].name.as_str(), files[0].size, files[0].by.as_str()), ("dump.bin", Some(100_000), "Ada Byron"));
    assert_eq!(itop.download(&id, &files[0].key).await.unwrap(), bytes);
    bench.fake.server.forget();
    itop.attachments(&id).await.unwrap();
    assert_eq!(bench.fake.server.seen().len(), 1, "what it is called is known by now");
    let other = bench.id("Laptop will not wake");
    assert!(itop.download(&other, &files[0].key).await.is_err(), "a file of another ticket");
    assert!(itop.download(&id, &name("1 OR 1=1")).await.is_err());
}

#[tokio::test]
async fn a_file_that_php_drops_with_the_log_in_is_too_large_and_not_a_log_out() {
    let bench = bench().await;
    bench.fake.desk().post_max = 2 << 20;
    let itop = bench.as_ada();
    let id = bench.id("VPN drops");
    let file =
        |bytes: Vec<u8>| Upload { name: Clean::line("core.bin"), media_type: "application/octet-stream".into(), bytes };
    let error = itop.attach(&id, &file(vec![7; 3 << 20])).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { reason, .. } if reason.contains("post_max_size")), "{error}");
    itop.attach(&id, &file(vec![7; 1 << 10])).await.unwrap();
    // Who is signed out indeed is told so.
    let wrong = bench.adapter(Who::Wrong, &bench.address());
    assert!(matches!(wrong.attach(&id, &file(vec![7; 3 << 20])).await, Err(Error::Unauthenticated(_))));
}

#[tokio::test]
async fn a_class_that_i_may_not_read_keeps_nobody_from_the_others() {
    let bench = bench().await;
    bench.fake.desk().closed_classes = vec!["Problem", "Incident"];
    let itop = bench.as_ada();
    let (rows, cursor) = walk(&itop).await;
    assert!(rows.iter().any(|row| row.kind == Kind::Request) && rows.iter().all(|row| row.kind != Kind::Problem));
    // A list of all classes goes on naming them.
    bench.elsewhere(&bench.id("Concentrator restarts"), Elsewhere::Title("Again".into())).await;
    let (rows, _, _) = poll(&itop, &cursor).await;
    assert!(rows.iter().all(|row| row.kind != Kind::Problem));
    bench.fake.desk().closed_classes = vec!["Problem", "Incident", "UserRequest", "Change"];
    assert!(matches!(bench.as_ada().page(None).await, Err(Error::Forbidden(_))));
}

#[test]
fn addresses_of_its_pages_lead_to_itop_itself() {
    for (given, home) in [
        ("https://help.example.org/itop", "https://help.example.org/itop/"),
        ("https://help.example.org/itop/webservices/rest.php", "https://help.example.org/itop/"),
        ("https://help.example.org/webservices/rest.php?version=1.3", "https://help.example.org/"),
        ("https://help.example.org/itop/pages/UI.php?c[menu]=WelcomeMenuPage#x", "https://help.example.org/itop/"),
        ("https://help.example.org/pages/itop/", "https://help.example.org/pages/itop/"),
    ] {
        let mut site = deskside::backend::http::client::Site::new(given).unwrap();
        deskside::backend::http::adapters::find("itop").unwrap().prepare(&mut site);
        assert_eq!(site.base.as_str(), home, "{given}");
    }
}

#[tokio::test]
async fn a_reader_is_refused_and_a_stranger_sees_nothing() {
    let bench = bench().await;
    let reader = bench.adapter(Who::Reader, &bench.address());
    let on = reader.glance(&bench.id("VPN drops")).await.unwrap();
    let writes = reader.plan(&on, &wanted(vec![set(Field::Title, Value::text("x"))])).await.unwrap();
    assert!(matches!(reader.send(&on, &writes[0]).await, Err(Error::Forbidden(_))));
    let nobody = bench.adapter(Who::Nobody, &bench.address());
    assert_eq!(nobody.schema().await.unwrap().me.as_str(), "nora");
    let page = nobody.page(None).await.unwrap();
    assert_eq!(page.records, Vec::new());
}

#[tokio::test]
async fn rows_glances_and_whole_records_agree_on_the_revision() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let (rows, _) = walk(&itop).await;
    assert_eq!(rows.len(), bench.fixture().in_scope);
    for row in rows.iter().filter(|row| row.kind != Kind::Incident || row.owner.is_some()) {
        let glance = itop.glance(&row.id).await.unwrap();
        let whole = itop.whole(&row.id).await.unwrap();
        assert_eq!((row.revision, row.state), (glance.revision, glance.state), "{}", row.id);
        assert_eq!(glance.revision, whole.revision);
    }
}

#[tokio::test]
async fn the_directory_tells_who_and_what_there_is() {
    let bench = bench().await;
    let schema = bench.as_ada().schema().await.unwrap();
    assert_eq!(schema.me.as_str(), "Ada Byron");
    let ada = schema.directory.person("Ada Byron").unwrap();
    assert_eq!(ada.groups, [name("Service Desk"), name("Applications L3")]);
    let groups: Vec<&str> = schema.directory.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, ["Service Desk", "Applications L3"]);
    assert!(schema.directory.is_member("Barbara Liskov", "Applications L3"));
    let workflow = schema.workflow.unwrap();
    assert_eq!(
        workflow.way(Kind::Incident, State::Assigned, Verb::Resolve).unwrap().needs,
        [Field::Service, Field::Resolution]
    );
}

#[tokio::test]
async fn people_are_found_by_name_and_address() {
    let bench = bench().await;
    let itop = bench.as_ada();
    let look = |words: &str| Lookup { sort: Sort::People, words: Clean::line(words), limit: 5 };
    assert_eq!(itop.search(&look("caller03")).await.unwrap()[0].name.as_str(), "Fay Caller03");
    let twins = itop.search(&look("lee ann")).await.unwrap();
    let names: Vec<&str> = twins.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Ann Lee (76)", "Ann Lee (77)"]);
    let look = Lookup { sort: Sort::Tickets, words: Clean::line("long ago"), limit: 5 };
    assert_eq!(itop.search(&look).await.unwrap().len(), 1, "closed long ago, and out of scope");
}
