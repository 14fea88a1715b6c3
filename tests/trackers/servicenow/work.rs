//! Everyday work, and what it costs in requests.

use deskside::backend::http::tracker::Tracker as _;
use deskside::backend::{Lookup, Sort, Upload};
use deskside::text::Clean;

use super::{Fake, agent, titled, walk};

#[tokio::test]
async fn a_page_is_one_request_a_record_one_and_the_lists_two() {
    let fake = Fake::new();
    let tracker = agent(&fake);
    tracker.schema().await.unwrap();
    assert_eq!(fake.server.seen().len(), 2);
    fake.server.forget();
    let page = tracker.page(None).await.unwrap();
    assert_eq!(fake.server.seen().len(), 1, "rows of all tables, and their clocks");
    fake.server.forget();
    tracker.whole(&page.records[0].id).await.unwrap();
    assert_eq!(fake.server.seen().len(), 1);
    fake.server.forget();
    agent(&fake).whole(&page.records[0].id).await.unwrap();
    assert_eq!(fake.server.seen().len(), 2, "a number that was not seen before is looked up");
}

#[tokio::test]
async fn the_lists_are_complete() {
    let fake = Fake::new();
    let schema = agent(&fake).schema().await.unwrap();
    let directory = &schema.directory;
    assert_eq!(schema.me.as_str(), "sam.desk");
    assert_eq!(directory.people.len(), 8);
    let mut groups: Vec<&str> = directory.groups.iter().map(|group| group.name.as_str()).collect();
    groups.sort_unstable();
    assert_eq!(groups, ["Network", "Service Desk"]);
    assert!(directory.is_member("fay.field", "Network") && !directory.is_member("sam.desk", "Network"));
    assert!(directory.resolution_codes.contains(&"Solution provided".into()));
    assert!(directory.channels.contains(&"phone".into()), "inherited choices stand under the parent table");
}

#[tokio::test]
async fn people_assets_articles_and_tickets_are_found() {
    let fake = Fake::new();
    let tracker = agent(&fake);
    let look = async |sort, words: &str| {
        let found = tracker.search(&Lookup { sort, words: Clean::line(words), limit: 10 }).await.unwrap();
        found.into_iter().map(|found| found.name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(look(Sort::People, "omar").await, ["omar.caller"]);
    assert_eq!(look(Sort::Assets, "SN-77").await, ["vpn-gw-01"]);
    assert_eq!(look(Sort::Knowledge, "vpn").await, ["KB0000011"], "drafts are no articles");
    assert_eq!(look(Sort::Tickets, "Long ago").await.len(), 1, "beyond the scope");
    assert!(look(Sort::Tickets, "x^ORactive=true").await.is_empty());
}

#[tokio::test]
async fn files_are_listed_saved_and_added() {
    let fake = Fake::new();
    let tracker = agent(&fake);
    let id = titled(&fake, "Ticket 3: the printer hums");
    let bytes: Vec<u8> = (0..=255).collect();
    let file = Upload {
        name: Clean::line("trace ✓.bin"),
        media_type: "application/octet-stream".into(),
        bytes: bytes.clone(),
    };
    tracker.attach(&id, &file).await.unwrap();
    let files = tracker.attachments(&id).await.unwrap();
    assert_eq!((files.len(), files[0].name.as_str(), files[0].size), (1, "trace ✓.bin", Some(256)));
    assert_eq!(tracker.download(&id, &files[0].key).await.unwrap(), bytes);
    let other = titled(&fake, "Ticket 4: the printer hums");
    assert!(tracker.download(&other, &files[0].key).await.is_err(), "a file of another ticket");
}

#[tokio::test]
async fn scope_leaves_out_what_was_closed_long_ago() {
    let fake = Fake::new();
    let (all, _) = walk(&agent(&fake)).await;
    assert!(!all.iter().any(|record| record.id == titled(&fake, "Long ago")));
}
