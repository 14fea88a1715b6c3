//! Everyday work: files, lists, what is looked up, and what it costs in requests.

use deskside::backend::http::tracker::{Part, Tracker as _};
use deskside::backend::{Backend as _, Error, Lookup, Sort, Upload};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::state::{State, Verb};
use deskside::text::Clean;

use super::{adapter, called, carry_out, desk, laid, sam, setup, stock, titled, token, walk, wanted, with};
use crate::fake::jira::{Fake, INCIDENTS};
use crate::trackers::bench::{op, reply, set, step, take, title};

fn file(name: &str, bytes: &[u8]) -> Upload {
    Upload { name: Clean::line(name), media_type: "application/octet-stream".into(), bytes: bytes.to_vec() }
}

#[tokio::test]
async fn files_are_listed_saved_and_added() {
    for cloud in [true, false] {
        let fake = Fake::new(cloud);
        let (jira, id) = (sam(&fake), titled(&fake, "Ticket 3: the printer hums"));
        let bytes: Vec<u8> = (0..=255).collect();
        jira.attach(&id, &file("trace ✓ 1.bin", &bytes)).await.unwrap();
        let files = jira.attachments(&id).await.unwrap();
        assert_eq!(
            (files.len(), files[0].name.as_str(), files[0].size),
            (1, "trace ✓ 1.bin", Some(256)),
            "cloud: {cloud}"
        );
        assert_eq!((files[0].by.clone(), files[0].at.is_some()), (called(cloud, "sam.desk"), true));
        assert_eq!(jira.download(&id, &files[0].key).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn a_file_on_a_request_is_for_colleagues_and_one_on_an_issue_goes_straight_there() {
    let fake = Fake::new(true);
    let (request, issue) = (titled(&fake, "A laptop"), titled(&fake, "VPN gateway loses its mind"));
    let jira = sam(&fake);
    jira.attach(&request, &file("quote.pdf", b"%PDF")).await.unwrap();
    assert!(
        fake.server.asked("POST", &format!("/issue/{request}/attachments")).is_empty(),
        "customers would see it there"
    );
    assert!(!fake.world().issue(request.as_str()).unwrap().comments.last().unwrap().public);
    jira.attach(&issue, &file("dump.bin", b"1")).await.unwrap();
    assert_eq!(fake.server.asked("POST", &format!("/issue/{issue}/attachments")).len(), 1);
}

#[tokio::test]
async fn cloud_keeps_files_on_another_host_which_gets_no_credentials() {
    let fake = Fake::new(true);
    let (jira, id) = (sam(&fake), titled(&fake, "A laptop"));
    jira.attach(&id, &file("a", b"abc")).await.unwrap();
    let key = jira.attachments(&id).await.unwrap()[0].key.clone();
    assert_eq!(jira.download(&id, &key).await.unwrap(), b"abc");
    let there = fake.media.seen();
    assert_eq!(there.len(), 1);
    assert!(there[0].header("authorization").is_none(), "{:?}", there[0].headers);
    fake.media.assert_never_saw(&token("sam.desk"));
}

/// The fake says that it is `https://jira.acme.test`; it is asked where the profile says that it is.
#[tokio::test]
async fn a_file_is_fetched_where_the_site_is_reached_and_not_where_it_says_that_it_is() {
    let fake = Fake::new(false);
    let address = format!("{}/jira", fake.server.url());
    let jira = adapter(&address, false, "sam.desk", &token("sam.desk"), setup(stock()));
    let id = titled(&fake, "VPN gateway loses its mind");
    jira.attach(&id, &file("a b.txt", b"abc")).await.unwrap();
    let key = jira.attachments(&id).await.unwrap()[0].key.clone();
    assert_eq!(jira.download(&id, &key).await.unwrap(), b"abc");
}

#[tokio::test]
async fn the_lists_are_complete() {
    for cloud in [true, false] {
        let fake = Fake::new(cloud);
        let schema = sam(&fake).schema().await.unwrap();
        let directory = &schema.directory;
        let groups: Vec<&str> = directory.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(groups, ["Applications", "Network", "Service Desk"]);
        let codes: Vec<&str> = directory.resolution_codes.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes, ["Done", "Duplicate", "Known Error", "Won't Do"]);
        assert!(directory.categories.iter().any(|one| one.name == "Hardware".into()));
    }
}

#[tokio::test]
async fn people_articles_and_tickets_are_found_and_assets_are_refused() {
    for cloud in [true, false] {
        let fake = Fake::new(cloud);
        let jira = sam(&fake);
        jira.schema().await.unwrap();
        let look = async |sort, words: &str| {
            let found = jira.search(&Lookup { sort, words: Clean::line(words), limit: 10 }).await.unwrap();
            found.into_iter().map(|found| (found.name.to_string(), found.text.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(look(Sort::People, "omar").await[0].0, called(cloud, "omar.caller").as_str());
        let articles = look(Sort::Knowledge, "printer").await;
        assert_eq!(articles.len(), 1);
        assert!(!articles[0].1.contains('<') && articles[0].1.contains("tray"), "{articles:?}");
        assert_eq!(look(Sort::Tickets, "Long ago").await.len(), 1, "beyond the scope");
        assert_eq!(look(Sort::Tickets, "gateway restarts").await.len(), 1, "in the words of a comment");
        assert!(look(Sort::Tickets, "x\" OR project = SD").await.is_empty());
        let assets = jira.search(&Lookup { sort: Sort::Assets, words: Clean::line("vpn"), limit: 10 }).await;
        assert!(matches!(assets, Err(Error::Unsupported(_))) && !jira.capabilities().asset_search);
    }
}

#[tokio::test]
async fn scope_leaves_out_what_was_closed_long_ago_and_what_is_of_another_type() {
    let fake = Fake::new(true);
    let (all, _) = walk(&sam(&fake)).await;
    assert_eq!(all.len(), INCIDENTS + 6);
    for title in ["Long ago", "Water the plants"] {
        assert!(!all.iter().any(|record| record.id == titled(&fake, title)), "{title}");
    }
}

#[tokio::test]
async fn scope_can_be_groups_and_a_condition_of_ones_own() {
    for cloud in [true, false] {
        let fake = Fake::new(cloud);
        let mut narrow = setup(stock());
        narrow.scope.groups = vec!["Service Desk".into()];
        narrow.scope.query = Some("summary ~ \"gateway\"".into());
        let jira = adapter(&fake.server.url(), cloud, "sam.desk", &token("sam.desk"), narrow);
        let (all, _) = walk(&jira).await;
        assert_eq!(all.iter().map(|record| record.kind).collect::<Vec<_>>(), [Kind::Problem]);
    }
}

#[tokio::test]
async fn what_this_user_may_not_do_is_off() {
    let fake = Fake::new(true);
    let reader = adapter(&fake.server.url(), true, "reed.only", &token("reed.only"), setup(stock()));
    reader.schema().await.unwrap();
    let can = reader.capabilities();
    assert_eq!((can.write, can.create, can.links, can.people_search), (false, false, false, false));
    assert!(can.ticket_search);
}

#[tokio::test]
async fn what_a_site_does_not_have_is_not_offered() {
    let fake = Fake::new(true);
    {
        let mut world = fake.world();
        let problem = world.types.iter().find(|one| one.name.contains("Problem")).unwrap().id.clone();
        world.types.retain(|one| one.id != problem);
        world.issues.retain(|issue| issue.sort != problem);
        world.fields.retain(|field| field.name != "Support group");
    }
    let jira = sam(&fake);
    let schema = jira.schema().await.unwrap();
    let flow = schema.workflow.unwrap();
    assert!(!jira.capabilities().problems && jira.capabilities().changes);
    assert!(flow.ways.iter().all(|way| way.kind != Kind::Problem));
    assert!(!flow.holds(Kind::Incident, &Field::Group) && flow.holds(Kind::Incident, &Field::Impact));
    let act = wanted(true, vec![Part::Field(Field::Title, Some(Value::text("x")))]);
    assert!(matches!(jira.create(Kind::Problem, &act).await, Err(Error::Forbidden(_) | Error::Unsupported(_))));
}

#[tokio::test]
async fn without_a_service_desk_there_are_plain_issues_with_notes() {
    let fake = Fake::new(false);
    fake.world().request_types.clear();
    let mapping = laid("[site]\nproject = \"SD\"\n");
    let jira = with(&fake, mapping);
    let act = wanted(false, vec![Part::Field(Field::Title, Some(Value::text("Plain")))]);
    let made = jira.create(Kind::Incident, &act).await.unwrap();
    let record = jira.whole(&made).await.unwrap();
    assert_eq!((record.kind, record.state), (Kind::Incident, State::New));
}

// What is asked.

fn writes(fake: &Fake) -> (usize, usize) {
    let all = fake.server.seen();
    let reads = all.iter().filter(|seen| seen.method == "GET" || seen.path.contains("search")).count();
    (reads, all.len() - reads)
}

#[tokio::test]
async fn a_delta_without_news_is_one_request() {
    for cloud in [true, false] {
        let fake = Fake::new(cloud);
        let jira = sam(&fake);
        let (_, at) = walk(&jira).await;
        let at = jira.page(Some(&at)).await.unwrap().next;
        fake.server.forget();
        let page = jira.page(Some(&at)).await.unwrap();
        assert_eq!((page.records.len(), page.more, fake.server.seen().len()), (0, false, 1));
    }
}

#[tokio::test]
async fn a_first_load_is_pages_and_one_look_at_the_newest() {
    let fake = Fake::new(true);
    let jira = sam(&fake);
    jira.schema().await.unwrap();
    fake.server.forget();
    walk(&jira).await;
    assert_eq!(fake.server.seen().len(), (INCIDENTS + 6).div_ceil(7) + 1);
}

#[tokio::test]
async fn opening_is_two_requests_and_a_whole_triage_two_looks_and_two_writes() {
    for cloud in [true, false] {
        let fake = Fake::new(cloud);
        let desk = desk(&fake);
        desk.schema().await.unwrap();
        let id = titled(&fake, "Ticket 3: the printer hums");
        fake.server.forget();
        let ticket = desk.get(&id).await.unwrap();
        assert_eq!(fake.server.seen().len(), 2);
        fake.server.forget();
        let act = vec![
            title("Looked at"),
            set(Field::Group, Value::name("Network")),
            set(Field::Impact, Value::Number(1)),
            take(&called(cloud, "sam.desk")),
            step(Verb::Start, State::New, State::InProgress),
            reply("We look at it."),
        ];
        let stored = desk.apply(&op(&id, Some(ticket.revision), act)).await.unwrap();
        assert_eq!((stored.dropped, stored.ticket.state), (vec![], State::InProgress));
        assert_eq!(
            writes(&fake),
            (2, 2),
            "cloud: {cloud}: {:?}",
            fake.server.seen().iter().map(|seen| &seen.path).collect::<Vec<_>>()
        );
        // The reading back asks for no screens, and those told before are not used for what came after.
        let looks = fake.server.asked("GET", "/issue/");
        assert!(looks[0].query.contains("editmeta") && !looks[1].query.contains("editmeta"));
        carry_out(&sam(&fake), &id, vec![Part::Step(Verb::Hold, State::OnHold)]).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_read_once_is_little() {
    let fake = Fake::new(false);
    sam(&fake).schema().await.unwrap();
    let all = fake.server.seen();
    // Who, what, fields, links, resolutions, desks (twice at most), rights, types and four of them, forms, people twice.
    let paths: Vec<String> = all.iter().map(|seen| format!("{}?{}", seen.path, seen.query)).collect();
    assert!(all.len() <= 17, "{paths:#?}");
    let ids: Vec<TicketId> = fake.world().issues.iter().map(|issue| TicketId::new(&issue.key)).collect();
    assert!(!ids.is_empty() && all.iter().all(|seen| ids.iter().all(|id| !seen.path.contains(id.as_str()))));
}
