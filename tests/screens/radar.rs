//! The radar by keys: it finds, it is live, and what it found becomes a problem, joins one, or is muted.

use deskside::app::effect::{Effect, Room, Watching};
use deskside::app::overlay::Overlay;
use deskside::domain::change::LinkKind;
use deskside::domain::field::Field;
use deskside::domain::kind::Kind;
use deskside::domain::ticket::Ticket;

use super::desk::{Desk, World};

fn jams(world: &World, from: usize, to: usize) -> Vec<String> {
    (from..to).map(|n| world.register(Kind::Incident, &format!("Printer jam tray two floor{n}"), &[])).collect()
}

fn linked(ticket: &Ticket, how: LinkKind) -> Vec<String> {
    ticket.links.iter().filter(|link| link.how == how).map(|link| link.other.to_string()).collect()
}

fn problems(desk: &Desk<'_>) -> Vec<String> {
    let table = &desk.model.table;
    table.iter().filter(|row| table.kind(*row) == Kind::Problem).map(|row| table.id(row).to_owned()).collect()
}

#[test]
fn two_keys_raise_a_problem_with_the_whole_set() {
    let world = World::empty();
    let mut ids = jams(&world, 0, 6);
    let mut desk = world.me();
    desk.press("gR");
    let screen = desk.screen();
    assert!(screen.contains("6 tickets") && screen.contains("jam") && screen.contains(&ids[0]), "{screen}");
    desk.press("p");
    desk.look();
    let raised = problems(&desk);
    assert_eq!(raised.len(), 1, "{}", desk.said());
    let problem = world.ticket(&raised[0]);
    let mut of = linked(&problem, LinkKind::ProblemOf);
    of.sort();
    ids.sort();
    assert_eq!(of, ids);
    assert!(problem.text(&Field::Evidence).contains("Found by the radar: 6 in 30 days that read alike"));
    assert!(problem.title().contains("jam"), "{}", problem.title());
    desk.press("p");
    assert!(desk.said().contains("is open on the same already"), "{}", desk.said());
    assert_eq!(problems(&desk).len(), 1);
}

#[test]
fn it_is_live_and_a_muted_finding_says_until_when_and_why() {
    let world = World::empty();
    jams(&world, 0, 4);
    let mut desk = world.me();
    desk.press("gR");
    assert!(desk.screen().contains("Nothing comes back more often"), "{}", desk.screen());
    jams(&world, 4, 5);
    desk.look();
    assert!(desk.screen().contains("5 tickets"), "{}", desk.screen());
    jams(&world, 5, 6);
    desk.look();
    assert!(desk.screen().contains("6 tickets"), "{}", desk.screen());
    desk.press("m");
    let screen = desk.screen();
    let title = screen.lines().find(|line| line.contains("Mute – ")).unwrap();
    assert!(title.contains("jam") && !title.contains("INC-"), "the form says which finding: {screen}");
    desk.write("2d");
    desk.press("<enter>");
    desk.write("the vendor comes on Thursday");
    desk.press("<ctrl-s>");
    let screen = desk.screen();
    assert!(screen.contains("muted until") && screen.contains("the vendor comes"), "{screen}\n{}", desk.said());
    assert_eq!(desk.room(Room::Mute).len(), 1);
    let mut desk = desk.restarted();
    desk.press("gR");
    assert!(desk.screen().contains("muted until"), "kept: {}", desk.screen());
    desk.press("u");
    assert!(!desk.screen().contains("muted until") && desk.room(Room::Mute).is_empty());
}

#[test]
fn the_set_joins_a_problem_that_is_there_after_a_preview() {
    let world = World::empty();
    let ids = jams(&world, 0, 5);
    let problem = world.register(Kind::Problem, "Paper path of the printers", &[]);
    let mut desk = world.me();
    desk.press("gR a");
    desk.write(&problem);
    desk.press("<enter>");
    assert!(matches!(desk.overlay(), Some(Overlay::Preview(_))), "{}", desk.screen());
    assert_eq!(desk.sent(), 0);
    desk.press("<enter>");
    for id in &ids {
        assert_eq!(linked(&world.ticket(id), LinkKind::ProblemIs), std::slice::from_ref(&problem), "{id}");
    }
}

#[test]
fn enter_marks_the_tickets_in_the_list() {
    let world = World::empty();
    jams(&world, 0, 5);
    let mut desk = world.me();
    desk.press("gR <enter>");
    assert!(desk.overlay().is_none());
    assert_eq!(desk.model.marks.len(), 5);
}

#[test]
fn no_key_reads_the_desk_and_what_comes_meanwhile_counts() {
    let world = World::empty();
    let ids = jams(&world, 0, 4);
    let mut desk = world.me();
    desk.slow = true;
    desk.press("gR");
    let Some(Effect::Watch(Watching::Read(sweep))) = desk.asked.last() else { panic!("{:?}", desk.asked.last()) };
    assert_eq!(sweep.looked(), 0, "the key reads no row");
    assert!(desk.screen().contains("are being compared"), "{}", desk.screen());
    jams(&world, 4, 6);
    desk.look();
    desk.answer();
    assert!(desk.screen().contains("6 tickets"), "{}", desk.screen());
    desk.press("<esc>");
    let asked = desk.asked.len();
    desk.press("gR");
    assert_eq!(desk.asked[asked..], [Effect::Watch(Watching::Find)], "the desk is not read again");
    assert!(desk.screen().contains(&ids[0]), "what was found last stands there meanwhile: {}", desk.screen());
}

#[test]
fn help_lies_over_it_and_names_its_keys_first() {
    let world = World::empty();
    jams(&world, 0, 5);
    let mut desk = world.me();
    desk.press("gR ?");
    let Some(Overlay::Help(help)) = desk.overlay() else { panic!("{}", desk.said()) };
    assert!(help.rows[0].id.starts_with("radar-"), "{:?}", help.rows[0]);
    desk.press("<esc>");
    assert!(matches!(desk.overlay(), Some(Overlay::Radar(_))), "and gives it back");
}
