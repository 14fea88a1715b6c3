//! One tracker away, at the start and in mid-session, while the other works; a cut line; a kill in between.

use std::time::{Duration, Instant};

use deskside::app::effect::Room;
use deskside::backend::Line;
use deskside::domain::name::{Name, TicketId};

use super::console::Console;
use super::hall::Hall;
use crate::fake::proxy::Fault;
use crate::trackers::site::Site as _;

fn line(console: &Console, name: &str) -> Line {
    let held = console.model.desk.health.iter().find(|(held, _)| **held == *name);
    held.map(|(_, health)| health.line.clone()).unwrap_or_default()
}

fn is_away(console: &Console, name: &str) -> bool {
    matches!(line(console, name), Line::Offline { .. })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_away_at_the_first_start_keeps_nobody_from_the_other() {
    let hall = Hall::new().await;
    hall.redmine.proxy().down();
    let began = Instant::now();
    let mut console = hall.console().await;
    let (open, absent) =
        (format!("rt:{}", hall.rt.fixture.incident), format!("redmine:{}", hall.redmine.fixture.incident));
    console.until("rt is there", |console| console.has(&open) && !console.model.me.is_empty()).await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    console.shows("redmine offline since").await;
    console.open_ticket(&open).await.line("impact 1").await;
    assert_eq!(console.sent.len(), 1, "{}", console.said());
    assert!(console.model.pending.is_empty(), "{}", console.said());
    console.press("gd").await;
    let screen = console.screen();
    assert!(screen.contains("rt") && screen.contains("redmine  offline since"), "{screen}");
    console.press("<esc> <esc>").await;

    hall.redmine.proxy().up();
    console.until("redmine comes by itself", |console| console.has(&absent) && !is_away(console, "redmine")).await;
    let absent = console.open_ticket(&absent).await.line("impact 1").await;
    assert_eq!(absent.sent.len(), 2, "{}", absent.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_never_answers_at_the_start_does_not_hold_the_others_names_back() {
    let hall = Hall::new().await;
    hall.redmine.proxy().always(Fault::Silence);
    let began = Instant::now();
    let mut console = hall.console().await;
    console.until("rt says who I am", |console| !console.model.me.is_empty()).await;
    assert!(began.elapsed() < Duration::from_millis(1800), "{:?}", began.elapsed());
    assert!(console.model.homes.profiles().any(|name| &**name == "rt"));
    hall.redmine.proxy().heal();
    console.until("both are known", |console| console.model.homes.are_several()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_stands_at_once_while_its_tracker_is_away() {
    let hall = Hall::new().await;
    let console = hall.read().await;
    let held = console.model.table.len();
    let kept = console.killed();
    hall.rt.proxy().down();
    hall.redmine.proxy().down();
    let mut console = hall.console_with(kept).await;
    assert_eq!(console.model.table.len(), held, "the list is there before anything was asked");
    console.until("both are away", |console| is_away(console, "rt") && is_away(console, "redmine")).await;
    console.answers().await;
    assert!(console.model.homes.are_several(), "who is who is known from before");
    hall.rt.proxy().up();
    console.until("rt is back, redmine is not", |console| !is_away(console, "rt") && is_away(console, "redmine")).await;
    let head = console.head();
    assert!(!head.contains(" rt "), "{head}");
    assert!(console.screen().contains("redmine offline since"), "{}", console.screen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_while_one_is_away_waits_for_it_alone_and_outlives_a_kill() {
    let hall = Hall::new().await;
    let mut console = hall.read().await;
    let (near, far) = (hall.rt.fixture.incident.clone(), hall.redmine.fixture.incident.clone());
    hall.redmine.proxy().down();
    console.open_ticket(&format!("redmine:{far}")).await.line("note \"While it was away\"").await;
    assert!(console.said().contains("What you did is kept"), "{}", console.said());
    console.open_ticket(&format!("rt:{near}")).await.line("note \"While the other was away\"").await;
    assert!(console.said().contains(": internal note"), "{}", console.said());
    assert_eq!(console.model.pending.len(), 1);
    console.press("<esc>").await.shows("outbox 1").await;
    console.shows("redmine offline since").await;
    let screen = console.screen();
    assert!(screen.lines().all(|line| deskside::text::width(line) <= 80), "{screen}");
    console.press("go").await;
    assert!(console.screen().contains("While it was away"), "{}", console.screen());

    // Killed with it in the outbox, and the tracker still away.
    let kept = console.killed();
    assert_eq!(kept.keys().filter(|(room, _)| *room == Room::Outbox).count(), 1);
    let mut console = hall.console_with(kept).await;
    console
        .until("it is tried and waits", |console| is_away(console, "redmine") && console.model.pending.len() == 1)
        .await;
    assert!(console.has(&format!("redmine:{far}")), "the copy is there");
    hall.redmine.proxy().up();
    console.until("it goes", |console| console.model.pending.is_empty()).await;
    let truth = hall.redmine.site.truth(&far).await.unwrap();
    assert_eq!(truth.internal.iter().filter(|words| words.contains("While it was away")).count(), 1);
    let truth = hall.rt.site.truth(&near).await.unwrap();
    assert_eq!(truth.internal.iter().filter(|words| words.contains("While the other was away")).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_in_the_middle_of_an_act_stores_it_once() {
    let hall = Hall::new().await;
    let mut console = hall.read().await;
    let far = hall.rt.fixture.incident.clone();
    console.open_ticket(&format!("rt:{far}")).await;
    // The tracker takes it; neither its answer nor the look whether it was taken comes through.
    hall.rt.proxy().on("POST", "", 1, Fault::CutAfter);
    hall.rt.proxy().on("GET", "", 3, Fault::CutBefore);
    console.key(":");
    console.write("note \"Cut in the middle\"").await.key("<enter>");
    // Killed before the answer is understood.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let kept = console.killed();
    assert_eq!(kept.keys().filter(|(room, _)| *room == Room::Outbox).count(), 1);
    hall.rt.proxy().heal();
    let mut console = hall.console_with(kept).await;
    console.until("it is answered", |console| console.model.pending.is_empty()).await;
    let truth = hall.rt.site.truth(&far).await.unwrap();
    let stored = truth.internal.iter().filter(|words| words.contains("Cut in the middle")).count();
    assert_eq!(stored, 1, "{:?}", truth.internal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signed_out_of_one_is_said_by_its_name_and_ends_with_the_key() {
    let hall = Hall::new().await;
    let mut console = hall.read().await;
    console.resize(120, 40);
    let refused = Fault::status(401);
    hall.redmine.proxy().always(refused);
    console.press("R").await;
    console.shows("redmine signed out").await;
    let near = TicketId::new(&format!("rt:{}", hall.rt.fixture.incident));
    console.open_ticket(near.as_str()).await.line("impact 1").await;
    assert!(console.model.pending.is_empty(), "{}", console.said());
    hall.redmine.proxy().heal();
    console.press("<esc> R").await;
    console.until("it is well again", |console| matches!(line(console, "redmine"), Line::Fresh)).await;
    assert!(!console.head().contains("signed out"), "{}", console.head());
    assert!(console.model.desk.health.iter().any(|(name, _)| *name == Name::new("rt")));
}
