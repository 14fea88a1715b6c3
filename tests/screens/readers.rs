//! Nothing goes to the wrong reader: who reads a text stands beside its key, and whatever changes that is told first.

use deskside::domain::change::{Audience, Change, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::state::State;
use deskside::domain::ticket::Ticket;

use super::desk::{Desk, World, customer, directory};

const GROUP: &str = "Service Desk";

/// New incidents in my group's queue, the oldest first, and one of them owned by me.
fn queue(count: usize) -> (World, Vec<String>) {
    let world = World::empty();
    let fields = [(Field::Group, Value::name(GROUP))];
    let ids = (0..count).map(|n| world.register(Kind::Incident, &format!("Nothing works {n}"), &fields)).collect();
    (world, ids)
}

fn publics(ticket: &Ticket) -> Vec<String> {
    let said = |change: &Change| match change {
        Change::Say { audience: Audience::Public, text } => Some(text.to_string()),
        _ => None,
    };
    ticket.timeline.iter().filter_map(|event| said(&event.change)).collect()
}

/// A customer who is not the one that the tickets here have.
fn another() -> (String, String) {
    let found = directory().people.iter().filter(|p| p.level.is_none() && p.roles.is_empty() && p.email.is_some());
    let found = found.into_iter().find(|p| *p.login != *customer()).unwrap();
    (found.login.to_string(), found.name.to_string())
}

fn customer_name() -> String {
    directory().display(&customer()).to_owned()
}

/// On a ticket of mine that is under way.
fn at_work(world: &World) -> (Desk<'_>, String) {
    let id = world.register(Kind::Incident, "Dock without power", &[(Field::Group, Value::name(GROUP))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press("t");
    (desk, id)
}

#[test]
fn a_form_says_when_the_customer_reads_it() {
    let world = World::empty();
    let (mut desk, _) = at_work(&world);
    desk.press("h");
    assert!(!desk.screen().contains("PUBLIC"), "not yet:\n{}", desk.screen());
    desk.press("1");
    let screen = desk.screen();
    assert!(screen.contains("PUBLIC Hold"), "{screen}");
    assert!(screen.contains(&format!("ctrl-s sends, PUBLIC to {}", customer_name())), "{screen}");
    assert!(screen.contains("PUBLIC, to the caller*"), "{screen}");
    assert!(screen.contains('╔'), "another border:\n{screen}");
    desk.press("<esc> h 5");
    let screen = desk.screen();
    assert!(!screen.contains("PUBLIC") && screen.contains("Internal note"), "{screen}");
}

#[test]
fn public_words_in_a_form_are_asked_about_once_more() {
    let world = World::empty();
    let (mut desk, id) = at_work(&world);
    desk.press("h 1").write("The password: hunter2 is yours").press("<ctrl-s>");
    assert!(desk.screen().contains("This goes to the customer"), "{}", desk.screen());
    assert!(!desk.screen().contains("password, token or key: hunter2"), "not in full");
    desk.wait(60);
    assert_eq!(world.ticket(&id).state, State::InProgress);
    desk.press("<ctrl-s>").wait(60);
    assert_eq!(publics(&world.ticket(&id)).len(), 1, "{}", desk.said());
    // Among us the same words are nobody's business.
    let (mut desk, id) = at_work(&world);
    desk.press("h 5").write("The password: hunter2 is his").press("<ctrl-s>").wait(1);
    assert_eq!(world.ticket(&id).state, State::OnHold, "{}", desk.screen());
}

#[test]
fn public_words_on_the_line_are_asked_about_and_stay_there() {
    let world = World::empty();
    let (mut desk, id) = at_work(&world);
    desk.press(":").write("reply \"PEBKAC, between us\"").press("<enter>");
    assert!(desk.said().contains("This goes to the customer"), "{}", desk.said());
    assert!(desk.screen().contains("reply \"PEBKAC, between us\""), "{}", desk.screen());
    desk.wait(60);
    assert!(publics(&world.ticket(&id)).is_empty());
    desk.press("<enter>").wait(60);
    assert_eq!(publics(&world.ticket(&id)), ["PEBKAC, between us"]);
}

#[test]
fn a_playbooks_answers_are_asked_about_where_the_customer_reads_them() {
    let world = World::empty();
    let fields = [(Field::Group, Value::name("Print")), (Field::Category, Value::name("print/device"))];
    let id = world.register(Kind::Incident, "Printer wants toner", &fields);
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press("t p").write("printer-consumable").press("<enter>");
    assert!(desk.screen().contains("ctrl-s sends, PUBLIC to"), "{}", desk.screen());
}

#[test]
fn another_caller_under_an_open_reply_is_told_before_it_goes() {
    let world = World::empty();
    let (mut desk, id) = at_work(&world);
    desk.press("r").write("Dear you").press("<space>");
    let (login, name) = another();
    assert!(desk.screen().contains(&format!("ctrl-s sends to {}", customer_name())));
    world.sets("zahmed", &id, Field::Caller, Value::name(&login));
    desk.look();
    desk.press("<ctrl-s>");
    assert!(desk.said().contains("Zara Ahmed changed"), "{}", desk.said());
    assert!(desk.said().contains(&format!("It goes to {name}")), "{}", desk.said());
    assert!(desk.screen().contains(&format!("ctrl-s sends to {name}")), "{}", desk.screen());
    desk.wait(60);
    assert!(publics(&world.ticket(&id)).is_empty());
    desk.press("<ctrl-s>").wait(60);
    assert_eq!(publics(&world.ticket(&id)).len(), 1);
}

#[test]
fn a_colleagues_answer_under_an_open_reply_is_told_but_a_note_is_not() {
    let world = World::empty();
    let (mut desk, id) = at_work(&world);
    let say = |audience, text: &str| Change::Say { audience, text: deskside::text::Clean::body(text) };
    let target = || Target::Ticket(TicketId::new(&id));
    desk.press("r").write("It works again");
    world.does("zahmed", target(), vec![say(Audience::Internal, "Looked at the dock.")]);
    desk.look();
    desk.press("<ctrl-s>");
    assert!(desk.overlay().is_none(), "a note does not bear on a reply: {}", desk.said());
    desk.wait(11);
    desk.press("r").write("All is well");
    world.does("zahmed", target(), vec![say(Audience::Public, "It is fixed.")]);
    desk.look();
    desk.press("<ctrl-s>");
    assert!(desk.said().contains("a reply to the caller"), "{}", desk.said());
    desk.wait(60);
    assert_eq!(publics(&world.ticket(&id)).len(), 2);
}

#[test]
fn a_held_reply_does_not_follow_the_ticket_to_another_caller() {
    let world = World::empty();
    let (mut desk, id) = at_work(&world);
    desk.press("r").write("Dear customer").press("<ctrl-s>");
    assert!(desk.said().contains("recalls it"), "{}", desk.said());
    world.sets("zahmed", &id, Field::Caller, Value::name(&another().0));
    desk.look();
    desk.wait(60);
    assert!(publics(&world.ticket(&id)).is_empty(), "written for somebody else");
    assert!(desk.said().contains("caller is another person"), "{}", desk.said());
    desk.press("r");
    assert!(desk.screen().contains("Dear customer"), "the words are a draft again:\n{}", desk.screen());
}

#[test]
fn the_bar_names_the_caller_that_the_decision_makes() {
    let (world, _) = queue(2);
    let mut desk = world.me();
    let (login, name) = another();
    desk.press("T a1 :").write(&format!("caller {login}")).press("<enter>");
    assert!(desk.screen().contains(&format!("PUBLIC reply \"ack\" to {name}")), "{}", desk.screen());
    desk.press("r");
    assert!(desk.screen().contains(&format!("to {name}")), "{}", desk.screen());
    let here = desk.here();
    desk.press("<esc> <enter>").wait(60);
    assert_eq!(publics(&world.ticket(&here)).len(), 1, "it is no other caller than was seen");
}

#[test]
fn own_words_are_not_repeated_to_another_caller_unseen() {
    let (world, _) = queue(3);
    let mut desk = world.me();
    desk.press("T i1 r").write("Dear Mona").press("<ctrl-s> <enter>");
    let second = desk.here();
    desk.press(".");
    assert_eq!(desk.here(), second, "it waits for a look");
    assert!(desk.screen().contains("\"Dear Mona\""), "{}", desk.screen());
    desk.press("<esc>").wait(60);
    assert!(publics(&world.ticket(&second)).is_empty());
}

#[test]
fn keys_that_decide_wait_until_the_ticket_was_seen() {
    let (world, _) = queue(4);
    let mut desk = world.me();
    desk.press("T i1 g ne <enter> <enter>");
    let second = desk.here();
    desk.draws = false;
    desk.press(". .");
    let third = desk.here();
    assert_ne!(second, third, "the first was seen");
    assert!(desk.said().contains("Look at it first"), "{}", desk.said());
    desk.press("4");
    assert_eq!(desk.here(), third, "{}", desk.said());
    desk.draw();
    desk.press(".");
    assert_ne!(desk.here(), third);
}

#[test]
fn a_canned_reply_in_a_text_to_many_is_refused() {
    let (world, _) = queue(3);
    let mut desk = world.me();
    desk.press("2 <space> r");
    assert!(desk.screen().contains("the callers of 2 tickets"), "{}", desk.screen());
    desk.press("<ctrl-t> 1");
    assert!(desk.said().contains("written for one caller"), "{}", desk.said());
    assert!(!desk.screen().contains("Hello"), "{}", desk.screen());
}

#[test]
fn only_playbooks_that_fit_are_offered() {
    let (world, _) = queue(1);
    let mut desk = world.me();
    desk.press("T");
    let screen = desk.screen();
    assert!(screen.contains("4 ask-caller") && screen.contains("7 duplicate"), "{screen}");
    assert!(!screen.contains("3 printer-consumable") && !screen.contains("5 joiner-laptop"), "{screen}");
    desk.press("5");
    assert!(desk.said().contains("not for a"), "its digit still says why: {}", desk.said());
}
