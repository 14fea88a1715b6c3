//! Words to people: who reads them, what is asked once more, what can be recalled, and that no text is ever lost.

use deskside::app::effect::{Effect, Keep, Room};
use deskside::domain::change::{Audience, Change};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;

use super::desk::{Desk, Fault, World, customer, directory};

fn ticket(world: &World) -> (Desk<'_>, String) {
    let id = world.register(Kind::Incident, "No network", &[(Field::Group, Value::name("Service Desk"))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    (desk, id)
}

fn said(world: &World, id: &str, wanted: Audience) -> Vec<String> {
    let words = |change: &Change| match change {
        Change::Say { audience, text } if *audience == wanted => Some(text.to_string()),
        _ => None,
    };
    world.ticket(id).timeline.iter().filter_map(|event| words(&event.change)).collect()
}

fn drafts(desk: &Desk<'_>) -> Vec<String> {
    desk.room(Room::Draft).iter().map(|(_, text)| (*text).to_owned()).collect()
}

#[test]
fn public_and_internal_differ_in_frame_and_words() {
    let world = World::empty();
    let (mut desk, _) = ticket(&world);
    let person = directory().person(&customer()).unwrap();
    let address = format!("ctrl-s sends to {} <{}>", person.name, person.email.as_ref().unwrap());
    desk.press("r");
    let public = desk.screen();
    assert!(public.contains("╔ PUBLIC reply") && public.contains(&address), "{public}");
    desk.press("<esc> n");
    let internal = desk.screen();
    assert!(internal.contains("┌ internal note") && internal.contains("ctrl-s sends to the desk only"), "{internal}");
    assert!(!internal.contains("PUBLIC") && !internal.contains('╔'), "{internal}");
    desk.theme = deskside::ui::Theme::new(false);
    let internal = desk.screen();
    desk.press("<esc> r");
    let public = desk.screen();
    assert!(internal.contains("+- internal note") || internal.contains("+ internal note"), "{internal}");
    assert!(public.contains("# PUBLIC reply"), "{public}");
}

#[test]
fn the_guard_asks_once_more_and_only_about_public_words() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    let secret = "Your new password is hunter2-Staple9";
    desk.press("r").write(secret).press("<ctrl-s>");
    assert!(desk.said().contains("Look again"), "{}", desk.said());
    assert!(desk.screen().contains(secret), "the text is still there");
    desk.wait(30);
    assert_eq!(desk.sent(), 0);
    desk.press("<ctrl-s>");
    assert!(desk.overlay().is_none());
    desk.wait(11);
    assert_eq!(said(&world, &id, Audience::Public), [secret]);
    desk.press("n").write(secret).press("<ctrl-s>");
    assert_eq!(said(&world, &id, Audience::Internal), [secret], "a note is sent at once: {}", desk.said());
}

#[test]
fn a_text_that_was_changed_is_looked_at_again() {
    let world = World::empty();
    let (mut desk, _) = ticket(&world);
    desk.press("r").write("The password: hunter2-Staple9").press("<ctrl-s>").write("x").press("<ctrl-s>");
    assert!(desk.said().contains("Look again"), "{}", desk.said());
    assert_eq!(desk.sent(), 0);
}

#[test]
fn a_reply_is_recalled_within_its_delay_and_is_a_draft_again() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("r").write("We look at it.").press("<ctrl-s>");
    assert!(desk.said().contains("goes in 10 s; `u` recalls it"), "{}", desk.said());
    assert!(drafts(&desk).is_empty(), "it is in the outbox now: {:?}", drafts(&desk));
    assert_eq!(desk.room(Room::Outbox).len(), 1);
    desk.wait(9);
    assert!(desk.screen().contains("goes in 1 s, `u` recalls it"), "{}", desk.screen());
    desk.press("u");
    assert!(desk.said().contains("Recalled"), "{}", desk.said());
    assert_eq!((drafts(&desk), desk.room(Room::Outbox).len()), (vec!["We look at it.".to_owned()], 0));
    desk.wait(60);
    assert!(said(&world, &id, Audience::Public).is_empty(), "nothing was stored");
    desk.press("r");
    assert!(desk.screen().contains("We look at it."), "{}", desk.screen());
}

#[test]
fn after_its_delay_a_reply_is_stored_once() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("r").write("We look at it.").press("<ctrl-s>");
    desk.wait(10);
    assert_eq!(said(&world, &id, Audience::Public).len(), 1);
    desk.press("u");
    assert!(desk.said().contains("the customer has been told"), "{}", desk.said());
    desk.wait(60);
    assert_eq!(said(&world, &id, Audience::Public).len(), 1);
    assert!(desk.room(Room::Outbox).is_empty() && drafts(&desk).is_empty());
}

#[test]
fn what_was_sent_before_a_crash_goes_out_once_after_it() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("r").write("We look at it.").press("<ctrl-s>");
    let mut again = desk.restarted();
    assert!(again.said().contains("An unsent act"), "{}", again.said());
    again.wait(11);
    assert_eq!(said(&world, &id, Audience::Public).len(), 1);
    let mut third = again.restarted();
    third.wait(11);
    assert_eq!(said(&world, &id, Audience::Public).len(), 1);
}

#[test]
fn every_keystroke_is_kept() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    for (key, command) in [("r", "reply/text"), ("n", "note/text")] {
        desk.press(key);
        let mut typed = String::new();
        for c in "Hello you".chars() {
            let asked = desk.asked.len();
            desk.write(&c.to_string());
            typed.push(c);
            let (room, key, value) = (Room::Draft, format!("{id}/{command}"), typed.trim_end().to_owned());
            let kept = desk.asked[asked..].iter().any(|effect| {
                matches!(effect, Effect::Keep(Keep::Put { room: r, key: k, value: v })
                    if *r == room && *k == key && v.trim_end() == value)
            });
            assert!(kept, "{typed}: {:?}", &desk.asked[asked..]);
        }
        desk.press("<esc>");
    }
    desk.press("x 1 1").write("Did it");
    assert!(drafts(&desk).contains(&"Did it".to_owned()), "{:?}", drafts(&desk));
    desk.paste(" and more");
    assert!(drafts(&desk).contains(&"Did it and more".to_owned()), "{:?}", drafts(&desk));
}

#[test]
fn a_text_is_there_again_after_esc_and_after_a_crash() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("r").write("Hello\nyou").press("<esc>");
    assert!(desk.said().contains("kept as a draft"), "{}", desk.said());
    desk.press("n").write("Only us");
    let mut again = desk.restarted();
    again.open_ticket(&id);
    again.press("r");
    assert!(again.said().contains("here again"), "{}", again.said());
    let screen = again.screen();
    assert!(screen.contains("║ Hello") && screen.contains("║ you"), "{screen}");
    again.press("<esc> n");
    assert!(again.screen().contains("Only us"));
    again.press("<ctrl-s>");
    assert_eq!(said(&world, &id, Audience::Internal), ["Only us"]);
    assert_eq!(drafts(&again), ["Hello\nyou"], "a sent text is no draft any more");
}

#[test]
fn each_ticket_has_its_own_draft() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    let other = world.register(Kind::Incident, "No sound", &[]);
    desk.press("r").write("To the first").press("<esc>");
    desk.open_ticket(&other);
    desk.press("r");
    assert!(!desk.screen().contains("To the first"));
    desk.write("To the second").press("<esc>");
    desk.open_ticket(&id);
    desk.press("r");
    assert!(desk.screen().contains("To the first"));
}

#[test]
fn a_refused_or_overtaken_act_gives_its_words_back() {
    for fault in [Fault::Refuse("The moon is full."), Fault::Overtaken("zahmed")] {
        let world = World::empty();
        let (mut desk, id) = ticket(&world);
        desk.press("t");
        desk.fails(Some(&id), fault);
        desk.press("x 1 1").write("A new cable.").press("<ctrl-s>");
        match desk.overlay() {
            // Both wrote a resolution: it is asked whose stands, and nobody chooses here.
            Some(_) => drop(desk.press("d")),
            None => assert!(desk.said().starts_with("Not done"), "{}", desk.said()),
        }
        desk.press("x");
        assert!(desk.screen().contains("A new cable."), "{}", desk.screen());
        desk.press("<ctrl-s>");
        assert_eq!(world.ticket(&id).text(&Field::Resolution), "A new cable.", "{}", desk.said());
        assert!(drafts(&desk).is_empty(), "{:?}", drafts(&desk));
    }
}

#[test]
fn what_was_begun_meanwhile_is_not_lost_either() {
    let world = World::empty();
    let (mut desk, _) = ticket(&world);
    desk.press("r").write("First words").press("<ctrl-s> r").write("Second words").press("<esc> u r");
    let screen = desk.screen();
    assert!(screen.contains("First words") && screen.contains("Second words"), "{screen}");
}

#[test]
fn a_desk_that_cannot_be_reached_is_asked_again() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.fails(None, Fault::Offline);
    desk.press("n").write("Only us").press("<ctrl-s>");
    assert!(desk.said().contains("cannot be reached"), "{}", desk.said());
    assert!(desk.screen().contains("outbox 1"), "{}", desk.screen());
    desk.press("u");
    assert!(!desk.said().contains("Recalled"), "what may have arrived is not recalled: {}", desk.said());
    desk.wait(6);
    assert_eq!(said(&world, &id, Audience::Internal), ["Only us"]);
    assert!(!desk.screen().contains("outbox"));
}

#[test]
fn a_canned_reply_is_put_into_the_text() {
    let world = World::empty();
    let (mut desk, _) = ticket(&world);
    let first = directory().person(&customer()).unwrap().name.split(' ').next().unwrap().to_owned();
    desk.press("r <ctrl-t> 1");
    let screen = desk.screen();
    assert!(screen.contains(&format!("Hello {first}")), "{screen}");
    assert!(!screen.contains("{{"), "{screen}");
    assert!(!drafts(&desk).is_empty(), "it is a draft at once");
    assert_eq!(desk.sent(), 0);
}

#[test]
fn a_promise_made_by_a_canned_reply_is_kept_on_the_ticket() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("a").write("delay").press("<enter>");
    desk.wait(11);
    let promised = world.ticket(&id).time(&Field::PromisedUpdate);
    assert!(promised.is_some(), "{}", desk.said());
    assert!(desk.screen().contains("Next word to the caller"), "{}", desk.screen());
    desk.press("<tab> <tab>");
    assert!(desk.screen().contains("promised the next word by"), "{}", desk.screen());
}

#[test]
fn the_next_word_due_is_in_the_row() {
    let world = World::empty();
    let (mut desk, _) = ticket(&world);
    desk.press("t <esc>");
    desk.press(":").write("view mine").press("<enter>");
    let screen = desk.screen();
    let head = screen.lines().nth(2).unwrap();
    let at = head.find("Update").unwrap();
    let row = screen.lines().nth(3).unwrap();
    assert!(row.chars().skip(at).take(7).any(|c| c.is_ascii_digit()), "{screen}");
}

#[test]
fn the_editor_gives_its_text_back_or_leaves_it() {
    use deskside::app::message::Message;
    let world = World::empty();
    let (mut desk, _) = ticket(&world);
    desk.press("r").write("From here").press("<ctrl-e>");
    let Some(Effect::Edit { token, text }) = desk.asked.last().cloned() else { panic!("{:?}", desk.asked.last()) };
    assert_eq!(text.as_str(), "From here");
    desk.take(Message::Edited(token, Err("vi ended with 1.".into())));
    assert!(desk.screen().contains("From here"));
    desk.take(Message::Edited(token, Ok(deskside::text::Clean::body("From there\nindeed\n"))));
    let screen = desk.screen();
    assert!(screen.contains("From there") && screen.contains("indeed"), "{screen}");
    assert_eq!(drafts(&desk), ["From there\nindeed"]);
    desk.press("<esc> x 1 1").write("Did it").press("<ctrl-e>");
    let Some(Effect::Edit { token, .. }) = desk.asked.last().cloned() else { panic!("{:?}", desk.asked.last()) };
    desk.take(Message::Edited(token, Ok(deskside::text::Clean::body("Did more"))));
    assert!(drafts(&desk).contains(&"Did more".to_owned()), "{:?}", drafts(&desk));
}

#[test]
fn pasted_lines_are_text_and_no_keys() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("r");
    desk.paste("q\nZ\n\u{1b}[2J:quit\r\nbye");
    let screen = desk.screen();
    assert!(screen.contains(":quit") && screen.contains("bye"), "{screen}");
    desk.press("<esc>");
    desk.paste("t x q");
    assert!(desk.said().contains("no text here"), "{}", desk.said());
    assert_eq!(desk.sent(), 0);
    assert!(!world.ticket(&id).accepted);
}
