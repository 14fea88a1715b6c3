//! A profile that may only be read, beside one that may be written: enforced where the desk is opened, whatever asks.

use deskside::backend::{Error, Upload};
use deskside::domain::change::{Audience, Change};
use deskside::domain::name::TicketId;
use deskside::text::Clean;

use super::console::{Console, Kept};
use super::hall::Hall;
use crate::trackers::bench::op;

async fn hall() -> Hall {
    let mut hall = Hall::new().await;
    hall.read_only = &["redmine"];
    hall
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_for_reading_takes_no_write_from_anybody() {
    let hall = hall().await;
    let desks = hall.desks();
    desks.schema().await.unwrap();
    let note = || vec![Change::Say { audience: Audience::Internal, text: Clean::line("only us") }];
    let (closed, open) = (hall.redmine.fixture.incident.clone(), hall.rt.fixture.incident.clone());
    let (closed, open) = (TicketId::new(&format!("redmine:{closed}")), TicketId::new(&format!("rt:{open}")));
    for again in [false, true] {
        let act = deskside::domain::change::Op { again, ..op(&closed, None, note()) };
        let error = desks.apply(&act).await.unwrap_err();
        assert!(matches!(&error, Error::Forbidden(why) if why.contains("reading only")), "{error:?}");
    }
    let file = Upload { name: Clean::line("a.txt"), media_type: "text/plain".into(), bytes: b"a".to_vec() };
    let error = desks.attach(&closed, &file).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    let mut new = hall.redmine.new_op(deskside::domain::kind::Kind::Incident, "new");
    new.desk = Some("redmine".into());
    assert!(matches!(desks.apply(&new).await, Err(Error::Forbidden(_))));
    assert_eq!(hall.redmine.writes(), 0, "nothing left this computer: {}", hall.redmine.asked());
    desks.apply(&op(&open, None, note())).await.unwrap();

    let schema = desks.schema().await.unwrap();
    let can = |name: &str| schema.members.iter().find(|member| &*member.name == name).unwrap().capabilities;
    assert!(!can("redmine").write && !can("redmine").create);
    assert!(can("rt").write && desks.capabilities().write);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_on_a_ticket_for_reading_say_so_and_the_others_go_on() {
    let hall = hall().await;
    let mut console = hall.read().await;
    let (closed, open) =
        (format!("redmine:{}", hall.redmine.fixture.incident), format!("rt:{}", hall.rt.fixture.incident));
    console.open_ticket(&closed).await;
    for keys in ["fi", "t", "n", "r", "x"] {
        console.press(keys).await;
        let (said, screen) = (console.said(), console.screen());
        assert!(said.contains("read-only") || said.contains("reading only"), "{keys}: {said}\n{screen}");
        assert!(console.model.overlays.is_empty(), "{keys}:\n{screen}");
    }
    assert!(console.sent.is_empty());
    let screen = console.screen();
    assert!(screen.contains("read-only"), "it stands on the screen of the ticket:\n{screen}");
    console.open_ticket(&open).await.line("impact 1").await;
    assert_eq!(console.sent.len(), 1, "{}", console.said());

    // Marked together, each is told of by itself.
    console.filter(&format!("id=\"{closed}\" or id=\"{open}\"")).await;
    console.press("* <esc>").await;
    assert!(console.screen().contains("redmine") && console.screen().contains("rt"), "{}", console.screen());
    // A new ticket is only offered where it is taken.
    console.press("N 1").await;
    assert!(!console.screen().contains("Desk*"), "there is but one to choose:\n{}", console.screen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_only_for_all_lets_no_act_out() {
    let hall = Hall::new().await;
    let mut console = Console::at(hall.desks(), Kept::new(), None, true).await;
    let open = format!("rt:{}", hall.rt.fixture.incident);
    console.until("rt is read", |console| console.has(&open)).await;
    console.open_ticket(&open).await;
    for keys in ["fi", "t", "n", "l"] {
        console.press(keys).await;
        assert!(console.said().contains("read-only"), "{keys}: {}", console.said());
    }
    assert!(console.sent.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_leaves_nothing_behind_that_forbids_the_next_console_to_write() {
    let mut hall = Hall::new().await;
    hall.read_only = &["rt", "redmine"];
    let looked = hall.read().await;
    let closed = format!("rt:{}", hall.rt.fixture.incident);
    assert!(looked.model.homes.is_for_reading(&closed));
    looked.killed();
    for (read_only, writes) in [(&[][..], true), (&["rt"][..], false), (&[][..], true)] {
        hall.read_only = read_only;
        let mut console = hall.console().await;
        let known = |console: &mut Console| console.has(&closed) && console.model.homes.are_several();
        console.until("it is known", known).await;
        assert_eq!(
            console.model.homes.is_for_reading(&closed),
            !writes,
            "as this one was opened: {}",
            console.screen()
        );
        console.killed();
    }
}
