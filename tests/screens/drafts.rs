//! What was typed and not sent: there again after the console has ended, and after a conflict.

use deskside::app::effect::Effect;
use deskside::app::message::Message;
use deskside::app::overlay::Overlay;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::text::Clean;

use super::desk::{Desk, Fault, World};

/// What stands in the fields of the open form.
fn answers(desk: &Desk<'_>) -> Vec<String> {
    let Some(Overlay::Form(form)) = desk.overlay() else { panic!("no form is open") };
    form.fields.iter().map(|field| field.text.raw()).collect()
}

#[test]
fn choices_of_a_form_are_kept_like_words() {
    let world = World::empty();
    let mut desk = world.me();
    desk.press("N 2").write("A laptop for Monday").press("<tab>").write("jmor").press("<tab> 2");
    let before = answers(&desk);
    assert_eq!((before[0].as_str(), before[2].as_str(), before[3].as_str()), ("request", "jmorgan", "2"));
    let mut desk = desk.restarted();
    desk.press("N");
    assert_eq!(answers(&desk), before);
}

#[test]
fn what_the_editor_wrote_into_a_form_is_kept() {
    let world = World::empty();
    let mut desk = world.me();
    desk.press("N 1 <shift-tab> <shift-tab> <ctrl-e>");
    let asked = desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::Edit { token, .. } => Some(*token),
        _ => None,
    });
    desk.take(Message::Edited(asked.unwrap(), Ok(Clean::body("Written at length\nin vi\n"))));
    let before = answers(&desk);
    assert_eq!(before[6], "Written at length\nin vi");
    let mut desk = desk.restarted();
    desk.press("N");
    assert_eq!(answers(&desk)[6], before[6]);
}

/// In a window too small to show anything, letters go on into the text and nothing else happens.
#[test]
fn nothing_is_done_unseen_and_no_letter_is_lost() {
    let world = World::empty();
    let id = world.register(Kind::Incident, "It does not work", &[(Field::Group, Value::name("Service Desk"))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.resize(59, 14);
    assert!(desk.screen().contains("`q` leaves"), "{}", desk.screen());
    desk.press("t u 1");
    assert_eq!(desk.sent(), 0);
    desk.resize(80, 24);
    desk.press("n").write("quite");
    desk.resize(59, 14);
    assert!(desk.screen().contains("the text is kept"), "{}", desk.screen());
    desk.write(" quick").press("<ctrl-s> <esc>");
    assert_eq!(desk.sent(), 0);
    desk.resize(80, 24);
    assert!(desk.screen().contains("quite quick"), "{}", desk.screen());
    desk.press("<esc>");
    desk.resize(59, 14);
    desk.asked.clear();
    desk.press("q");
    assert!(desk.asked.contains(&Effect::Quit));
}

#[test]
fn an_editor_that_fails_leaves_the_text() {
    let world = World::empty();
    let id = world.register(Kind::Incident, "It does not work", &[(Field::Group, Value::name("Service Desk"))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press("n").write("As it was").press("<ctrl-e>");
    let asked = desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::Edit { token, .. } => Some(*token),
        _ => None,
    });
    desk.take(Message::Edited(asked.unwrap(), Err("`vi` ended with exit status: 1.".into())));
    assert!(desk.said().contains("The text is as it was."), "{}", desk.said());
    assert!(desk.screen().contains("As it was"), "{}", desk.screen());
}

#[test]
fn words_of_an_act_that_was_overtaken_are_there_again() {
    let world = World::empty();
    let id = world.register(Kind::Incident, "It does not work", &[(Field::Group, Value::name("Service Desk"))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press("t");
    desk.fails(Some(&id), Fault::Overtaken("zahmed"));
    desk.press("x 1 1").write("Changed the toner");
    let before = answers(&desk);
    assert!(before.contains(&"Changed the toner".to_owned()), "{before:?}");
    desk.press("<ctrl-s>");
    assert!(desk.said().contains("meanwhile"), "{}", desk.said());
    desk.press("d x");
    assert_eq!(answers(&desk), before);
}
