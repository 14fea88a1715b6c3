//! Acts on many tickets: marked by key, range and query; shown before, told of one by one afterwards.

use deskside::app::effect::Room;
use deskside::app::overlay::Overlay;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;

use super::desk::{Desk, Fault, World};

fn queue(count: usize) -> (World, Vec<String>) {
    let world = World::empty();
    let ids = (1..=count)
        .map(|n| {
            let group = if n % 2 == 0 { "Service Desk" } else { "Network" };
            world.register(Kind::Incident, &format!("Incident {n}"), &[(Field::Group, Value::name(group))])
        })
        .collect();
    (world, ids)
}

/// The incidents pane over that desk.
fn incidents(world: &World) -> Desk<'_> {
    let mut desk = world.me();
    desk.press("gi");
    desk
}

fn impact(world: &World, id: &str) -> Option<i64> {
    world.ticket(id).get(&Field::Impact).and_then(Value::as_number)
}

#[test]
fn marks_by_key_range_and_query() {
    let (world, _) = queue(12);
    let mut desk = incidents(&world);
    desk.press("<space> <space>");
    assert!(desk.screen().contains("2 marked"));
    assert_eq!(desk.model.list().cursor, 2, "it goes on");
    desk.press("k <space>");
    assert!(desk.screen().contains("1 marked"), "the same key takes it away");
    desk.press("<esc>");
    assert!(!desk.screen().contains("marked  "));
    desk.press("gg 2j V 4j V");
    assert_eq!(desk.model.marks.len(), 5);
    assert!(desk.said().contains("5 tickets marked"));
    desk.press("U M").write("group:network").press("<enter>");
    assert_eq!(desk.model.marks.len(), 6);
    desk.press("U *");
    assert_eq!(desk.model.marks.len(), 12);
    desk.press("U 3 <space>");
    assert_eq!(desk.model.marks.len(), 3);
    let screen = desk.screen();
    assert_eq!(screen.lines().filter(|line| line.contains('●')).count(), 3, "{screen}");
}

#[test]
fn a_bad_query_marks_nothing_and_says_where() {
    let (world, _) = queue(3);
    let mut desk = incidents(&world);
    desk.press("M").write("impact:x").press("<enter>");
    assert!(desk.model.marks.is_empty());
    let screen = desk.screen();
    assert!(screen.contains("impact"), "{screen}");
}

#[test]
fn the_preview_shows_each_difference_and_sends_nothing() {
    let (world, ids) = queue(3);
    world.sets("zahmed", &ids[1], Field::Impact, Value::Number(1));
    let mut desk = incidents(&world);
    desk.press("* fi 1");
    let screen = desk.screen();
    assert!(screen.contains("2 of 3 tickets would change"), "{screen}");
    for id in &ids {
        let line = screen.lines().find(|line| line.contains(id.as_str())).unwrap();
        let expected = if *id == ids[1] { "no change" } else { "impact 3 to 1" };
        assert!(line.contains(expected), "{line}");
    }
    desk.press("<esc>");
    assert_eq!((desk.sent(), desk.room(Room::Outbox).len()), (0, 0));
    assert_eq!(desk.model.marks.len(), 3, "the marks are still there");
}

#[test]
fn one_bad_record_does_not_stop_the_rest_and_can_be_tried_again() {
    let (world, ids) = queue(5);
    world.sets("zahmed", &ids[4], Field::Impact, Value::Number(1));
    let mut desk = incidents(&world);
    desk.press("*");
    desk.fails(Some(&ids[0]), Fault::Refuse("The moon is full."));
    desk.fails(Some(&ids[2]), Fault::Overtaken("zahmed"));
    desk.press("fi 1 <enter>");
    let screen = desk.screen();
    assert!(screen.contains("2 done, 1 refused, 1 conflict, 1 no change"), "{screen}");
    let line = |id: &str| screen.lines().find(|line| line.contains(id)).unwrap().to_owned();
    assert!(line(&ids[0]).contains("refused") && line(&ids[0]).contains("The moon is full."), "{}", line(&ids[0]));
    assert!(line(&ids[2]).contains("conflict") && line(&ids[2]).contains("Zara Ahmed"), "{}", line(&ids[2]));
    assert!(line(&ids[4]).contains("no change"));
    assert_eq!(
        ids.iter().map(|id| impact(&world, id)).collect::<Vec<_>>(),
        [Some(3), Some(1), Some(2), Some(1), Some(1)]
    );
    desk.press("r");
    assert!(desk.screen().contains("2 of 2 tickets would change"), "{}", desk.screen());
    desk.press("<enter>");
    assert!(desk.screen().contains("2 done, 0 refused, 0 conflict"), "{}", desk.screen());
    assert!(ids.iter().all(|id| impact(&world, id) == Some(1)));
    desk.press("r");
    assert!(desk.said().contains("Nothing here needs another try"));
    desk.press("<esc>");
    assert!(desk.model.marks.is_empty());
}

#[test]
fn what_was_refused_stays_marked() {
    let (world, ids) = queue(3);
    for close in ["<esc>", "<enter>"] {
        let mut desk = incidents(&world);
        desk.press("*");
        desk.fails(Some(&ids[1]), Fault::Refuse("No."));
        desk.press("fu 1 <enter>").press(close);
        let marked: Vec<&str> = desk.model.marks.iter().map(|row| desk.model.table.id(*row)).collect();
        assert_eq!(marked, [ids[1].as_str()], "{close}");
        desk.press("u");
    }
}

#[test]
fn an_enter_typed_ahead_confirms_nothing() {
    let (world, _) = queue(3);
    let mut desk = incidents(&world);
    desk.press("*");
    desk.draws = false;
    desk.press("fi 1 <enter>");
    assert_eq!(desk.sent(), 0);
    assert!(matches!(desk.overlay(), Some(Overlay::Preview(_))));
    assert!(desk.said().contains("typed before the preview was shown"), "{}", desk.said());
    desk.draw();
    desk.press("<enter>");
    assert_eq!(desk.sent(), 3);
}

#[test]
fn a_ticket_that_changes_under_the_preview_is_a_conflict() {
    let (world, ids) = queue(2);
    let mut desk = incidents(&world);
    desk.press("* fi 1");
    world.sets("zahmed", &ids[0], Field::Impact, Value::Number(2));
    desk.look();
    desk.press("<enter>");
    assert!(desk.screen().contains("1 done, 0 refused, 1 conflict"), "{}", desk.screen());
    assert_eq!(impact(&world, &ids[0]), Some(2), "what was not seen is not written over");
}

#[test]
fn a_slow_desk_is_waited_for() {
    let (world, _) = queue(3);
    let mut desk = incidents(&world);
    desk.slow = true;
    desk.press("* fi 1 <enter>");
    assert!(desk.screen().contains("3 waiting"), "{}", desk.screen());
    assert!(desk.screen().contains("outbox 3"), "{}", desk.screen());
    desk.answer();
    assert!(desk.screen().contains("3 done"), "{}", desk.screen());
    assert!(!desk.screen().contains("outbox"));
}

#[test]
fn one_reply_to_many_goes_to_each_caller() {
    let (world, ids) = queue(3);
    let mut desk = incidents(&world);
    desk.press("* r");
    assert!(desk.screen().contains("the callers of 3 tickets"), "{}", desk.screen());
    desk.write("We know of it.").press("<ctrl-s>");
    assert!(desk.screen().contains("PUBLIC \"We know of it.\""), "{}", desk.screen());
    desk.press("<esc>");
    assert_eq!(desk.sent(), 0);
    desk.press("r");
    assert!(desk.screen().contains("We know of it."), "the text is a draft again:\n{}", desk.screen());
    desk.press("<ctrl-s> <enter>");
    desk.wait(11);
    assert!(ids.iter().all(|id| world.ticket(id).last_public.is_some()));
    assert!(desk.room(Room::Draft).is_empty(), "{:?}", desk.room(Room::Draft));
}

#[test]
fn one_undo_takes_back_the_whole_batch() {
    let (world, ids) = queue(4);
    let mut desk = incidents(&world);
    desk.press("* fi 1 <enter> <esc>");
    assert!(ids.iter().all(|id| impact(&world, id) == Some(1)));
    desk.press("u");
    assert!(ids.iter().all(|id| impact(&world, id) == Some(3)), "{}", desk.said());
    desk.press("u");
    assert!(desk.said().contains("nothing to undo"), "{}", desk.said());
}
