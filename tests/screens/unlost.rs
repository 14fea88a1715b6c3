//! Nothing typed is lost: what was decided or written survives a refusal, a colleague's change, another ticket on the
//! screen, leaving, and a killed program.

use deskside::app::message::Message;
use deskside::app::overlay::Overlay;
use deskside::backend::{Cursor, Delta};
use deskside::domain::change::{Audience, Change};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::state::State;
use deskside::domain::ticket::Ticket;

use super::desk::{Desk, Fault, World};

fn queue(count: usize) -> World {
    let world = World::empty();
    for n in 0..count {
        world.register(Kind::Incident, &format!("Nothing works {n}"), &[(Field::Group, Value::name("Service Desk"))]);
    }
    world
}

fn publics(ticket: &Ticket) -> usize {
    let said = |change: &Change| matches!(change, Change::Say { audience: Audience::Public, .. });
    ticket.timeline.iter().filter(|event| said(&event.change)).count()
}

fn impact(ticket: &Ticket) -> Option<i64> {
    ticket.number(&Field::Impact)
}

#[test]
fn what_went_wrong_meanwhile_stands_until_the_word_is_written() {
    let world = queue(1);
    let mut desk = world.me();
    desk.press("n").write("The switch");
    desk.take(Message::Trouble("The line is cut.".into()));
    desk.write(" is dead");
    assert!(desk.screen().contains("The line is cut."), "{}", desk.screen());
    assert!(desk.screen().contains("The switch is dead"), "{}", desk.screen());
    desk.press("<esc>");
    assert!(!desk.screen().contains("The line is cut."), "{}", desk.screen());
}

/// A decision with a field, a group and own words, not sent.
fn decide(desk: &mut Desk<'_>) -> String {
    desk.press("T i1 g ne <enter> r").write("We look at it").press("<ctrl-s>");
    stands(desk);
    desk.here()
}

/// A look at the desk tells that it is gone.
fn vanishes(desk: &mut Desk<'_>, id: &str) {
    let next = Cursor("after it".into());
    let delta = Delta { changed: Vec::new(), removed: vec![id.into()], next, more: false };
    desk.take(Message::Delta(Ok(delta)));
}

/// Where nothing of the ticket is left, the outbox is the only place where its words can be read again.
#[test]
fn words_for_a_ticket_that_is_gone_stay_in_the_outbox() {
    let world = queue(1);
    let mut desk = world.me();
    let id = world.register(Kind::Incident, "It vanishes", &[(Field::Group, Value::name("Service Desk"))]);
    desk.open_ticket(&id);
    for _ in 0..2 {
        desk.fails(Some(&id), Fault::Gone);
    }
    desk.press("n").write("Not for nothing").press("<ctrl-s>");
    assert!(desk.said().contains("deleted"), "{}", desk.said());
    vanishes(&mut desk, &id);
    desk.press("<esc> go");
    assert!(desk.screen().contains("Not for nothing"), "{}", desk.screen());
    desk.press("e");
    assert!(desk.said().contains("`d` drops them"), "{}", desk.said());
    desk.press("r");
    assert!(desk.screen().contains("Not for nothing"), "{}", desk.screen());
    // The desk of this test has it still, and told it again.
    vanishes(&mut desk, &id);
    desk.press("d d");
    assert!(desk.model.pending.is_empty() && !desk.said().contains("drafts"), "{}", desk.said());
    assert!(desk.model.table.row(&id.as_str().into()).is_none(), "taking the act back brings no ghost");
}

/// It can be read and sent there; a change without words is refused as ever.
#[test]
fn what_was_written_for_a_ticket_that_moved_is_a_draft_of_the_other() {
    let world = queue(1);
    let mut desk = world.me();
    let all = ["It moves", "It stays"]
        .map(|title| world.register(Kind::Incident, title, &[(Field::Group, Value::name("Service Desk"))]));
    let [old, new] = all;
    desk.open_ticket(&old);
    desk.fails(Some(&old), Fault::Moved(new.clone()));
    desk.press("n").write("Follow me").press("<ctrl-s>");
    assert!(desk.said().contains(&format!("{old} is {new} now")), "{}", desk.said());
    assert!(desk.model.pending.is_empty());
    desk.fails(Some(&old), Fault::Gone);
    desk.press("fi1");
    assert!(desk.model.pending.is_empty() && desk.said().contains("There is no"), "{}", desk.said());
    desk.press("<esc>");
    desk.open_ticket(&new);
    desk.press("n");
    assert!(desk.screen().contains("Follow me"), "{}", desk.screen());
}

fn stands(desk: &mut Desk<'_>) {
    let screen = desk.screen();
    for word in ["impact 1", "group Network", "We look at it"] {
        assert!(screen.contains(word), "the bar lacks {word}:\n{screen}");
    }
}

#[test]
fn a_decision_is_there_again_after_leaving_and_after_a_kill() {
    let world = queue(2);
    let mut desk = world.me();
    let first = decide(&mut desk);
    desk.press("q T");
    assert_eq!(desk.here(), first);
    stands(&mut desk);
    let mut again = desk.restarted();
    again.press("T");
    assert_eq!(again.here(), first);
    stands(&mut again);
    assert!(again.said().contains("stands on the line"), "{}", again.said());
    again.press("<enter>").wait(60);
    assert_eq!((impact(&world.ticket(&first)), publics(&world.ticket(&first))), (Some(1), 1));
    again.press("q").open_ticket(&first).press("r");
    let Some(Overlay::Compose(compose)) = again.overlay() else { panic!("{}", again.said()) };
    assert!(compose.text.is_empty(), "the words were sent, not kept");
}

#[test]
fn a_cleared_decision_stays_cleared() {
    let world = queue(2);
    let mut desk = world.me();
    decide(&mut desk);
    desk.press("<esc>");
    let mut again = desk.restarted();
    again.press("T");
    assert!(again.screen().contains("nothing decided"), "{}", again.screen());
    again.press("r");
    assert!(again.screen().contains("We look at it"), "but its words are a draft:\n{}", again.screen());
}

#[test]
fn a_refused_or_overtaken_decision_stands_on_its_line_again() {
    for fault in [Fault::Refuse("No."), Fault::Overtaken("zahmed")] {
        let world = queue(3);
        let mut desk = world.me();
        let first = decide(&mut desk);
        desk.fails(Some(&first), fault);
        desk.press("<enter>");
        let second = desk.here();
        desk.wait(11);
        assert!(desk.said().starts_with("Not done"), "{}", desk.said());
        assert!(!desk.said().contains("`.`"), "`.` would act on another ticket: {}", desk.said());
        assert_ne!(second, first);
        // It is the last one of the round.
        desk.press("i2 <enter> i2 <enter>");
        assert_eq!(desk.here(), first, "{}", desk.said());
        stands(&mut desk);
        desk.press("<enter>").wait(60);
        let stored = world.ticket(&first);
        assert_eq!((impact(&stored), publics(&stored)), (Some(1), 1), "{}", desk.said());
        assert_eq!(impact(&world.ticket(&second)), Some(2));
    }
}

#[test]
fn a_skipped_ticket_keeps_what_was_decided() {
    let world = queue(2);
    let mut desk = world.me();
    let first = decide(&mut desk);
    desk.press("k").write("not mine").press("<enter>");
    assert_ne!(desk.here(), first);
    assert!(!desk.screen().contains("We look at it"), "it belongs to the other ticket:\n{}", desk.screen());
    desk.press("<enter>");
    assert!(desk.said().contains("Nothing is decided"), "{}", desk.said());
    assert_eq!(desk.sent(), 0);
}

#[test]
fn a_colleagues_change_under_a_decision_is_told_once() {
    let world = queue(2);
    let mut desk = world.me();
    let first = decide(&mut desk);
    world.sets("zahmed", &first, Field::Group, Value::name("Print"));
    desk.look();
    desk.press("<enter>");
    assert!(desk.said().contains("Zara Ahmed changed") && desk.said().contains("group Print"), "{}", desk.said());
    assert_eq!(desk.here(), first);
    stands(&mut desk);
    desk.press("<enter>").wait(60);
    assert_eq!(world.ticket(&first).text(&Field::Group), "Network");
}

#[test]
fn a_colleagues_change_under_an_open_form_is_told_once() {
    let world = queue(1);
    let mut desk = world.me();
    desk.press("<enter>");
    let id = desk.here();
    desk.press("t x 1 1").write("Cable pushed in");
    world.sets("zahmed", &id, Field::Category, Value::name("print/device"));
    desk.look();
    desk.press("<ctrl-s>");
    assert!(desk.screen().contains("Zara Ahmed changed"), "{}", desk.screen());
    assert!(desk.screen().contains("Cable pushed in"), "{}", desk.screen());
    assert_ne!(world.ticket(&id).state, State::Resolved);
    desk.press("<ctrl-s>");
    assert_eq!(world.ticket(&id).state, State::Resolved, "{}", desk.said());
}

#[test]
fn ones_own_act_under_an_open_form_is_nothing_to_tell() {
    let world = queue(1);
    let mut desk = world.me();
    desk.press("<enter>");
    let id = desk.here();
    desk.slow = true;
    desk.press("t x 1 1").write("Cable pushed in");
    desk.answer();
    desk.slow = false;
    desk.press("<ctrl-s>");
    assert_eq!(world.ticket(&id).state, State::Resolved, "{}", desk.screen());
}

#[test]
fn merging_sends_what_was_decided_before() {
    let world = queue(3);
    let mut desk = world.me();
    desk.press("T");
    let (first, other) = (desk.here(), desk.model.triage.as_ref().unwrap().session.order()[2].to_string());
    desk.press("n").write("Seen twice today").press("<ctrl-s> m").write(&other).press("<enter>");
    let stored = world.ticket(&first);
    assert_eq!(stored.state, State::Cancelled, "{}", desk.said());
    let noted = |change: &Change| matches!(change, Change::Say { text, .. } if text.contains("Seen twice today"));
    assert!(stored.timeline.iter().any(|event| noted(&event.change)));
    assert_ne!(desk.here(), first);
}

#[test]
fn a_text_left_with_ctrl_c_is_there_again_and_only_on_its_ticket() {
    let world = queue(2);
    let mut desk = world.me();
    desk.press("r").write("Half a").press("<ctrl-c>");
    assert!(desk.said().contains("kept as a draft"), "{}", desk.said());
    desk.press("j r");
    assert!(!desk.screen().contains("Half a"), "{}", desk.screen());
    desk.press("<esc> k r");
    assert!(desk.screen().contains("Half a"), "{}", desk.screen());
    let mut again = desk.restarted();
    again.press("r");
    assert!(again.screen().contains("Half a"), "{}", again.screen());
}

#[test]
fn a_problem_and_a_change_are_two_keys_in_a_session() {
    let world = queue(2);
    let mut desk = world.me();
    desk.press("T i1 R p");
    assert!(desk.said().contains("problem raised: PRB-"), "{}", desk.said());
    desk.press("R c");
    assert!(desk.said().contains("change raised: CHG-"), "{}", desk.said());
    let here = desk.here();
    assert!(desk.screen().contains("impact 1"), "the decision is untouched:\n{}", desk.screen());
    assert_eq!(world.ticket(&here).links.len(), 2);
}
