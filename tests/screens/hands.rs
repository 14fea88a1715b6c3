//! Ownership between two consoles, by keys: what one does, the other is told.

use deskside::domain::change::{Change, Handover, Target};
use deskside::domain::directory::Directory;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use jiff::SignedDuration;

use super::desk::{Desk, NOW, World, directory};

const GROUP: &str = "Service Desk";

/// One ticket that is mine, and on both screens.
fn two(world: &World) -> (Desk<'_>, Desk<'_>, String) {
    let id = world.register(Kind::Incident, "Dock without power", &[(Field::Group, Value::name(GROUP))]);
    let mut mine = world.me();
    mine.open_ticket(&id);
    mine.press("t");
    let mut hers = world.console("zahmed");
    hers.open_ticket(&id);
    (mine, hers, id)
}

fn offer(mine: &mut Desk<'_>, hers: &mut Desk<'_>) {
    mine.press(":").write("offer zahmed \"you know docks\"").press("<enter>");
    hers.look();
}

#[test]
fn an_offer_and_its_answer_are_told_on_the_other_screen() {
    let world = World::empty();
    let (mut mine, mut hers, id) = two(&world);
    offer(&mut mine, &mut hers);
    assert!(hers.said().starts_with(&format!("Jo Morgan offers you {id}")), "{}", hers.said());
    assert!(hers.said().contains("`A` accepts, `D` declines"), "{}", hers.said());
    assert!(hers.screen().contains("Offered to me by Jo Morgan: you know docks"), "{}", hers.screen());
    hers.press("D").write("at lunch").press("<enter>");
    mine.look();
    assert!(mine.said().contains("Zara Ahmed did not take it; you own it still"), "{}", mine.said());
    offer(&mut mine, &mut hers);
    hers.press("A");
    assert!(!hers.said().contains("no longer"), "{}", hers.said());
    mine.look();
    assert!(mine.said().contains("Zara Ahmed is its owner now"), "{}", mine.said());
    assert_eq!(&*world.ticket(&id).owner, "zahmed");
}

#[test]
fn ones_own_withdrawal_is_no_news_and_others_offers_are_not_mine() {
    let world = World::empty();
    let (mut mine, mut hers, id) = two(&world);
    let mut third = world.console("ttaylor");
    third.open_ticket(&id);
    third.model.notice = None;
    offer(&mut mine, &mut hers);
    third.look();
    assert_eq!(third.said(), "");
    mine.press("W").look();
    assert!(mine.said().contains("withdrawn"), "{}", mine.said());
}

#[test]
fn a_ticket_given_away_by_force_is_told_to_who_had_it() {
    let world = World::empty();
    let (mut mine, _, id) = two(&world);
    let manager = directory().group(GROUP).unwrap().manager.to_string();
    let mut theirs = world.console(&manager);
    theirs.open_ticket(&id);
    theirs.press("F").write("zahmed").press("<tab>").write("end of shift").press("<enter>");
    mine.look();
    assert!(mine.said().contains("Zara Ahmed is its owner now, no longer you"), "{}", mine.said());
}

/// The sample desk's people, with one of them away.
fn away(login: &str) -> Directory {
    let mut directory = directory().clone();
    let until = NOW.parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_hours(48);
    let gone = directory.people.iter_mut().find(|person| *person.login == *login).unwrap();
    (gone.absent_until, gone.deputy) = (Some(until), None);
    directory
}

#[test]
fn the_manager_stands_in_for_an_owner_who_is_away() {
    let there = World::empty();
    let (mut mine, _, _) = two(&there);
    mine.press("m a");
    assert!(mine.said().contains("is not away"), "{}", mine.said());

    let world = World::with(away("zahmed"), Vec::new());
    let fields = [(Field::Group, Value::name(GROUP))];
    let id = world.register(Kind::Incident, "Dock without power", &fields);
    let accept = Handover::Accept { by: Name::new("zahmed") };
    world.does("zahmed", Target::Ticket(TicketId::new(&id)), vec![Change::Handover { step: accept }]);
    let mut mine = world.me();
    mine.open_ticket(&id);
    assert!(mine.screen().contains("Owner Zara Ahmed (away)"), "{}", mine.screen());
    mine.press("m a");
    let manager = directory().group(GROUP).unwrap().manager.clone();
    assert_eq!(world.ticket(&id).owner, manager, "{}", mine.said());
    assert!(mine.screen().contains("is away,"), "{}", mine.screen());
}
