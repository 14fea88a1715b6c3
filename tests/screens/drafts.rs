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
    desk.press("x");
    let Some(Overlay::Form(form)) = desk.overlay() else { panic!("{}", desk.screen()) };
    let notes = form.fields.iter().position(|field| field.name == "notes").unwrap();
    desk.press(&"<tab> ".repeat(notes)).write("Changed the toner");
    desk.press("<ctrl-s>");
    assert!(desk.said().contains("meanwhile"), "{}", desk.said());
    desk.press("x");
    assert_eq!(answers(&desk)[notes], "Changed the toner");
}
