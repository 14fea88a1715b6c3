//! Taking back: what has a way back goes it, the rest says why it has none.

use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::state::State;
use deskside::domain::ticket::Ticket;

use super::desk::{Desk, World};

fn ticket(world: &World) -> (Desk<'_>, String) {
    let id = world.register(Kind::Incident, "No network", &[(Field::Group, Value::name("Service Desk"))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    (desk, id)
}

fn number(ticket: &Ticket, field: &Field) -> Option<i64> {
    ticket.get(field).and_then(Value::as_number)
}

#[test]
fn fields_go_back_one_by_one() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("fi1 fu1");
    desk.press("u");
    assert!(desk.said().contains(&format!("Undone on {id}")), "{}", desk.said());
    let stored = world.ticket(&id);
    assert_eq!((number(&stored, &Field::Impact), number(&stored, &Field::Urgency)), (Some(1), Some(2)));
    desk.press("u");
    assert_eq!(number(&world.ticket(&id), &Field::Impact), Some(3));
    desk.press("u");
    assert!(desk.said().contains("nothing to undo"), "{}", desk.said());
    assert!(world.ticket(&id).timeline.len() > 6, "history is added to, never taken from");
}

#[test]
fn a_step_goes_back_where_the_lifecycle_has_a_way() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("t h 5 <ctrl-s>");
    assert_eq!(world.ticket(&id).state, State::OnHold, "{}", desk.said());
    desk.press("u");
    assert_eq!(world.ticket(&id).state, State::InProgress, "{}", desk.said());
}

#[test]
fn a_resolution_goes_back_by_reopening() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("t x 1 1").write("New cable.").press("<ctrl-s>");
    assert_eq!(world.ticket(&id).state, State::Resolved, "{}", desk.said());
    desk.press("u");
    let stored = world.ticket(&id);
    assert_eq!((stored.state, stored.text(&Field::Resolution)), (State::InProgress, ""), "{}", desk.said());
}

#[test]
fn a_step_without_a_way_back_says_so() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("t u");
    assert!(desk.said().starts_with("Cannot be undone: taken"), "{}", desk.said());
    assert_eq!(world.ticket(&id).state, State::InProgress);
    desk.press("n").write("Only us").press("<ctrl-s> u");
    assert!(desk.said().contains("notes stay"), "{}", desk.said());
}

#[test]
fn an_offer_is_withdrawn_and_a_link_taken_away() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    let problem = world.register(Kind::Problem, "Switch", &[]);
    desk.look();
    desk.press("l").write(&problem).press("<enter> u");
    assert!(world.ticket(&id).links.is_empty(), "{}", desk.said());
    desk.press("t o").write("zahmed").press("<tab>").write("please").press("<ctrl-s>");
    assert!(world.ticket(&id).offer.is_some(), "{}", desk.said());
    desk.press("u");
    assert!(world.ticket(&id).offer.is_none(), "{}", desk.said());
}

#[test]
fn what_a_colleague_changed_since_is_not_written_over() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("fi1");
    world.sets("zahmed", &id, Field::Impact, Value::Number(2));
    desk.look();
    desk.press("u");
    assert_eq!(number(&world.ticket(&id), &Field::Impact), Some(2), "{}", desk.said());
    assert!(desk.said().contains("changed since"), "{}", desk.said());
}

#[test]
fn the_journal_outlives_the_program_in_its_order() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    for _ in 0..6 {
        desk.press("fi1 fi2");
    }
    desk.press("fu1");
    let mut again = desk.restarted();
    again.press("u");
    let stored = world.ticket(&id);
    assert_eq!(
        (number(&stored, &Field::Impact), number(&stored, &Field::Urgency)),
        (Some(2), Some(2)),
        "{}",
        again.said()
    );
    again.press("u");
    assert_eq!(number(&world.ticket(&id), &Field::Impact), Some(1), "{}", again.said());
}
