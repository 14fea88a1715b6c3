//! Links between trackers: this user's own, shown at both ends, told to neither tracker.

use deskside::app::effect::Room;
use deskside::domain::change::{Link, LinkKind};
use deskside::domain::name::TicketId;

use super::console::Console;
use super::hall::Hall;

/// A ticket of each, the line clear of requests.
async fn ends(hall: &Hall) -> (Console, String, String) {
    let console = hall.read().await;
    let (a, b) = (format!("rt:{}", hall.rt.fixture.incident), format!("redmine:{}", hall.redmine.fixture.incident));
    (console, a, b)
}

fn tie(how: LinkKind, other: &str) -> Link {
    Link { how, other: TicketId::new(other) }
}

fn writes(hall: &Hall) -> usize {
    hall.rt.writes() + hall.redmine.writes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_between_trackers_is_kept_here_and_told_to_neither() {
    let hall = Hall::new().await;
    let (mut console, a, b) = ends(&hall).await;
    let before = writes(&hall);
    console.open_ticket(&a).await.line(&format!("link {b} child_of")).await;
    assert!(console.said().contains("kept on this computer; neither desk is told"), "{}", console.said());
    assert!(console.sent.is_empty() && console.model.pending.is_empty());
    assert_eq!(writes(&hall), before, "nothing is sent to either");
    console.press("<tab> <tab> <tab>").await;
    let screen = console.screen();
    assert!(screen.contains("child of") && screen.contains(&b) && screen.contains("(kept here)"), "{screen}");

    // A key follows it to the other end, which shows it the other way round.
    console.press("] <enter>").await;
    console.press("<tab> <tab> <tab>").await;
    let screen = console.screen();
    assert!(screen.contains("parent of") && screen.contains(&a), "{screen}");
    assert!(console.model.detail.as_ref().is_some_and(|detail| detail.id.as_str() == b));

    // After a kill it is still there, from both ends, and in the preview.
    let mut again = hall.console_with(console.killed()).await;
    again.until("all is read", |console| console.has(&a) && console.has(&b)).await;
    for (here, how, there) in [(&a, "child of", &b), (&b, "parent of", &a)] {
        again.filter(&format!("id=\"{here}\"")).await;
        let own = TicketId::new(here);
        again.until("the preview", |console| console.model.ticket(&own).is_some()).await;
        let screen = again.screen();
        assert!(screen.contains(&format!("Here linked: {how} {there}")), "{here}:\n{screen}");
    }

    again.open_ticket(&b).await.line(&format!("unlink {a}")).await;
    assert!(again.said().contains("no longer linked"), "{}", again.said());
    assert_eq!(again.model.ties.of(&a).count() + again.model.ties.of(&b).count(), 0);
    assert!(!again.kept.keys().any(|(room, _)| *room == Room::Link));
    assert_eq!(writes(&hall), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_between_trackers_is_taken_back_by_the_key_that_undoes() {
    let hall = Hall::new().await;
    let (mut console, a, b) = ends(&hall).await;
    console.open_ticket(&a).await.line(&format!("link {b}")).await;
    assert_eq!(console.model.ties.of(&b).collect::<Vec<_>>(), [&tie(LinkKind::RelatesTo, &a)]);
    let mut console = hall.console_with(console.killed()).await;
    console.until("all is read", |console| console.has(&a) && console.has(&b)).await;
    console.press("u").await;
    assert!(console.said().starts_with("Undone on"), "{}", console.said());
    assert_eq!(console.model.ties.of(&a).count(), 0);
    assert!(console.sent.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_link_between_trackers_cannot_do_is_refused_with_the_reason() {
    let hall = Hall::new().await;
    let (mut console, _, b) = ends(&hall).await;
    let a = format!("rt:{}", hall.rt.fixture.storied);
    console.open_ticket(&a).await;
    for (command, why) in [
        ("link redmine:99999".to_owned(), "is on none of the desks that are open here"),
        (format!("hold problem link:{b}"), "no step can rest on that"),
        (format!("merge {b}"), "different desks"),
        (format!("unlink {b}"), "has no link"),
    ] {
        console.line(&command).await;
        assert!(console.said().contains(why), "{command}: {}\n{}", console.said(), console.screen());
        console.press("<esc>").await;
        if console.model.detail.is_none() {
            console.open_ticket(&a).await;
        }
    }
    assert!(console.sent.is_empty() && console.model.ties == deskside::app::ties::Ties::default());

    // One that stands already is no second one.
    console.line(&format!("link {b}")).await.line(&format!("link {b}")).await;
    assert!(console.said().contains("stands so already"), "{}", console.said());
    // With the other desk closed it is shown and says where it leads.
    let mut alone = Console::open(hall.only_rt(), console.killed()).await;
    alone.until("rt is read", |console| console.has(&a)).await;
    alone.open_ticket(&a).await.press("] <enter>").await;
    assert!(alone.said().contains("none of the desks that are open"), "{}", alone.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_within_a_tracker_is_still_the_trackers() {
    let hall = Hall::new().await;
    let (mut console, a, _) = ends(&hall).await;
    let other = format!("rt:{}", hall.rt.fixture.storied);
    console.open_ticket(&a).await.line(&format!("link {other}")).await;
    assert_eq!(console.sent.len(), 1, "{}", console.said());
    assert_eq!(console.model.ties.of(&a).count(), 0);
    let stored = console.model.ticket(&TicketId::new(&a)).unwrap();
    assert_eq!(stored.links, [tie(LinkKind::RelatesTo, &other)], "{}", console.said());
}
