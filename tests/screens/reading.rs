//! What stands on the screen can be read to its end, and what matters is on it: with a caller on the line nobody
//! scrolls, guesses at a word that was cut, or looks for the ticket that the text is about.

use deskside::app::effect::{Effect, Room};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;

use super::desk::{Desk, World, customer, directory};

const USUAL: (u16, u16) = (80, 24);
const SMALL: (u16, u16) = (60, 15);

/// The words of the screen in one line, without frames, as one reads them.
fn read(desk: &mut Desk<'_>) -> String {
    let plain = desk.screen().replace(['│', '║', '─', '═'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn line<'a>(screen: &'a str, holds: &str) -> &'a str {
    screen.lines().find(|line| line.contains(holds)).unwrap_or_else(|| panic!("no line holds {holds:?}:\n{screen}"))
}

/// A world with one ticket that nobody has taken for an hour.
fn urgent() -> (World, String) {
    let world = World::empty();
    let fields = [
        (Field::Impact, Value::Number(1)),
        (Field::Urgency, Value::Number(1)),
        (Field::Group, Value::name("Service Desk")),
        (Field::Description, Value::text("Nobody at the counter can sell a policy.")),
    ];
    let id = world.register(Kind::Incident, "Counter is down", &fields);
    (world, id)
}

#[test]
fn a_proposal_is_read_to_its_end_on_a_usual_screen() {
    let (world, id) = urgent();
    let mut desk = world.me().sized(USUAL.0, USUAL.1);
    desk.wait(3600);
    desk.open_ticket(&id);
    let screen = read(&mut desk);
    assert!(screen.contains("Nobody has taken it for 15m."), "{screen}");
}

#[test]
fn the_preview_shows_the_words_of_the_caller_before_what_is_proposed() {
    let (world, _) = urgent();
    let mut desk = world.me().sized(USUAL.0, USUAL.1);
    desk.wait(3600);
    desk.press("R");
    desk.wait(1);
    let screen = desk.screen();
    assert!(screen.contains("Nobody at the counter can sell a policy."), "{screen}");
}

#[test]
fn the_callers_number_is_whole_on_the_smallest_screen() {
    let (world, id) = urgent();
    let person = directory().person(&customer()).unwrap();
    let phone = person.phone.clone().unwrap();
    let mut desk = world.me().sized(SMALL.0, SMALL.1);
    desk.open_ticket(&id);
    let screen = read(&mut desk);
    assert!(screen.contains(&format!("tel. {phone}")), "{screen}");
}

#[test]
fn a_new_ticket_is_not_told_twice() {
    let (world, id) = urgent();
    let mut desk = world.me();
    desk.open_ticket(&id);
    let screen = desk.screen();
    assert_eq!(screen.matches("Nobody at the counter can sell").count(), 1, "{screen}");
    let name = directory().display(&customer()).to_owned();
    assert!(screen.contains(&format!("caller {name}")), "people are called by their names:\n{screen}");
}

#[test]
fn every_clock_stands_before_the_first_explanation() {
    let (world, id) = urgent();
    let mut desk = world.me().sized(USUAL.0, USUAL.1);
    desk.wait(20 * 60);
    desk.open_ticket(&id).press("<tab> <tab>");
    let screen = desk.screen();
    let at = |word: &str| screen.lines().position(|line| line.trim_start().starts_with(word));
    let why = at("Why: response");
    assert!(at("response").is_some() && at("response") < why, "{screen}");
    assert!(at("resolution").is_some() && at("resolution") < why, "{screen}");
}

#[test]
fn a_moment_of_another_year_has_its_time_of_day_in_the_ticket() {
    let (world, id) = urgent();
    let mut desk = world.me();
    desk.wait(45 * 24 * 3600);
    desk.open_ticket(&id);
    let screen = desk.screen();
    assert!(screen.contains("Opened 2026-11-25 10:30"), "{screen}");
}

#[test]
fn the_tab_of_the_shown_view_is_always_there() {
    let world = World::sample();
    for (width, height) in [SMALL, USUAL] {
        let mut desk = world.me().sized(width, height);
        for pane in ["gi", "gp", "gw"] {
            desk.press(pane);
            desk.press("* s").write("-updated").press("<enter>");
            for _ in 0..9 {
                desk.press("]");
                let at = desk.model.list().view;
                let name = desk.model.settings.views_of(desk.model.pane).nth(at).unwrap().name.clone();
                let screen = desk.screen();
                assert!(screen.contains(&format!("[{name}]")), "{pane} at {width}x{height}:\n{screen}");
                assert!(line(&screen, &format!("[{name}]")).contains("marked"), "{screen}");
            }
            desk.press("U");
        }
    }
}

#[test]
fn an_empty_view_says_how_many_there_are_and_what_to_press() {
    let world = World::empty();
    let id = world.register(Kind::Incident, "Done long ago", &[]);
    let mut desk = world.me().sized(SMALL.0, SMALL.1);
    desk.press("gi [ ] v").write("mine").press("<enter>");
    let screen = read(&mut desk);
    assert!(screen.contains("The view `mine` does not hold the one ticket."), "{id}: {screen}");
    assert!(screen.contains("`N` registers a ticket."), "{screen}");
    desk.press("gc");
    let screen = read(&mut desk);
    assert!(screen.contains("There is none of this kind on the desk."), "{screen}");
}

#[test]
fn why_a_bulk_act_is_refused_is_read_to_its_end() {
    let world = World::sample();
    let mut desk = world.me().sized(USUAL.0, USUAL.1);
    desk.press("gi * Z");
    let screen = read(&mut desk);
    assert!(screen.contains("cannot be moved by `close` from there."), "{screen}");
    assert!(screen.contains("would change") && screen.contains(" cannot"), "{screen}");
    // The id stands once in its line, with the title beside it.
    let id = desk.here();
    let picture = desk.screen();
    let row = line(&picture, &id);
    assert_eq!(row.matches(&id).count(), 1, "{picture}");
    let title: String = desk.model.table.title(desk.model.current().unwrap()).chars().take(10).collect();
    assert!(row.contains(&title), "{picture}");
}

#[test]
fn a_column_that_is_chosen_is_seen_and_said() {
    let world = World::sample();
    let mut desk = world.me().sized(USUAL.0, USUAL.1);
    desk.press("gi C").write("location").press("<enter>");
    assert_eq!(desk.said(), "Column location is shown. The same again turns that round.");
    let screen = desk.screen();
    assert!(screen.contains(" Location"), "{screen}");
    desk.press("C").write("location").press("<enter>");
    assert!(desk.said().contains("is gone"), "{}", desk.said());
    assert!(!desk.screen().contains(" Location"), "{}", desk.screen());
}

#[test]
fn the_head_of_the_sorted_column_says_so() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("gi");
    assert!(desk.screen().contains("SLA↑"), "{}", desk.screen());
    desk.press("s").write("age").press("<enter>");
    assert!(desk.screen().contains("Age↑"), "{}", desk.screen());
    desk.press("S");
    assert!(desk.screen().contains("Age↓") && !desk.screen().contains("SLA↑"), "{}", desk.screen());
}

#[test]
fn what_the_text_is_about_stands_above_it() {
    let (world, _) = urgent();
    let mut desk = world.me().sized(USUAL.0, USUAL.1);
    desk.wait(1);
    for key in ["r", "n"] {
        desk.press(key);
        let screen = desk.screen();
        let words = screen.lines().position(|line| line.contains("Nobody at the counter can sell")).unwrap();
        let frame = screen.lines().position(|line| line.contains("Counter is down") && line.contains('–')).unwrap();
        assert!(words < frame, "{screen}");
        desk.press("<esc>");
    }
}

#[test]
fn a_long_notice_is_whole_while_something_lies_over_the_list() {
    let (world, _) = urgent();
    let mut desk = world.me().sized(USUAL.0, USUAL.1);
    desk.press("r").write("The password: hunter2-Staple9").press("<ctrl-s>");
    let screen = read(&mut desk);
    assert!(screen.contains("This goes to the customer. Look again:"), "{screen}");
    assert!(screen.contains("Send again to send it all the same."), "{screen}");
    assert!(screen.contains("ctrl-s sends to"), "the readers still stand there: {screen}");
}

#[test]
fn what_is_wrong_with_a_command_is_seen_beside_its_candidates() {
    let (world, _) = urgent();
    let mut desk = world.me().sized(USUAL.0, USUAL.1);
    desk.press(":").write("group nowhere").press("<enter>");
    let said = desk.said().to_owned();
    assert!(!said.is_empty());
    let screen = read(&mut desk);
    assert!(screen.contains(&said), "{said:?} is not on:\n{screen}");
}

#[test]
fn the_help_is_read_to_the_end_of_each_line() {
    let (world, _) = urgent();
    let mut desk = world.me().sized(USUAL.0, USUAL.1);
    desk.press("?").write("narrow the list");
    let doc = deskside::command::table::find("filter").unwrap().doc;
    let last = doc.rsplit(' ').next().unwrap();
    assert!(desk.screen().contains(last), "{last:?} of {doc:?}:\n{}", desk.screen());
}

#[test]
fn the_command_line_offers_what_can_be_done_here_with_its_key() {
    let (world, _) = urgent();
    let mut desk = world.me();
    desk.press(":").write("resolve");
    let screen = desk.screen();
    assert!(line(&screen, "▸   resolve").contains(" x "), "{screen}");
    desk.press("<esc> :").write("dialog");
    assert!(!desk.screen().contains("dialog-close"), "{}", desk.screen());
    desk.write("-close").press("<enter>");
    assert_eq!(desk.said(), "`dialog-close` is a key of the dialog; it does nothing here.");
}

#[test]
fn a_question_about_the_list_names_no_ticket() {
    let world = World::sample();
    let mut desk = world.me();
    for key in ["M", "s", "C", "v"] {
        desk.press(key);
        let (id, screen) = (desk.here(), desk.screen());
        let framed = screen.lines().filter(|line| line.contains('┌')).any(|line| line.contains(&id));
        assert!(!framed, "`{key}`:\n{screen}");
        desk.press("<esc>");
    }
}

#[test]
fn copying_takes_all_that_is_marked() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("gi <space> <space> Y");
    let copied = desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.to_string()),
        _ => None,
    });
    let copied = copied.unwrap();
    assert_eq!(copied.lines().count(), 2, "{copied}");
    assert!(copied.lines().all(|line| line.starts_with("INC-")), "{copied}");
    assert_eq!(desk.said(), "Copied the ids and titles of 2 tickets.");
}

#[test]
fn a_wide_screen_shows_the_ticket_beside_the_list() {
    let world = World::sample();
    let mut desk = world.me().sized(200, 60);
    desk.press("gi v").write("all").press("<enter>");
    desk.wait(1);
    let screen = desk.screen();
    let title = desk.model.table.title(desk.model.current().unwrap()).to_owned();
    let beside = screen.lines().any(|line| line.chars().skip(104).collect::<String>().contains(&title));
    assert!(beside, "{screen}");
    assert!(screen.lines().nth(50).unwrap().starts_with("   "), "the list goes on to the foot:\n{screen}");
    desk.press("P");
    assert!(!desk.screen().contains("Caller "), "{}", desk.screen());
    desk.press("G P");
    assert!(desk.screen().contains('▸'), "the cursor is on the screen:\n{}", desk.screen());
}

#[test]
fn a_text_for_many_is_no_draft_once_it_is_sent() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("gi v").write("mine").press("<enter> <space> <space> n").write("Seen by the first line.");
    assert_eq!(desk.room(Room::Draft).len(), 1);
    desk.press("<ctrl-s> <enter>");
    desk.wait(60);
    assert!(desk.screen().contains("2 done"), "{}", desk.screen());
    assert_eq!(desk.room(Room::Draft), [], "a draft of a text that was sent");
    desk.press("<esc> <space> <space> n");
    assert!(!desk.screen().contains("Seen by the first line."), "{}", desk.screen());
}

#[test]
fn a_text_for_many_that_only_some_took_is_not_offered_again_as_unsent() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("gi v").write("mine").press("<enter>");
    let first = desk.here();
    desk.fails(Some(&first), super::desk::Fault::Refuse("not today."));
    desk.press("<space> <space> n").write("Seen by the first line.").press("<ctrl-s> <enter>");
    desk.wait(60);
    assert!(desk.screen().contains("1 done, 1 refused"), "{}", desk.screen());
    // The words are not lost: another try has them.
    desk.press("r <enter>");
    desk.wait(60);
    assert!(desk.screen().contains("1 done, 0 refused"), "{}", desk.screen());
    assert_eq!(desk.room(Room::Draft), [], "a draft of a text that was sent");
}
