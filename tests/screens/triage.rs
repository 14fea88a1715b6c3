//! The triage session by keys: how many a decision takes, and that nothing leaves before it is meant.

use deskside::app::effect::{Effect, Room};
use deskside::app::overlay::Overlay;
use deskside::domain::change::{Audience, Change};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::state::State;
use deskside::domain::ticket::Ticket;

use super::desk::{Desk, Fault, World};

const GROUP: &str = "Service Desk";

/// A desk with this many new incidents in my group's queue, the oldest first.
fn queue(count: usize) -> (World, Vec<String>) {
    let world = World::empty();
    let ids = (0..count)
        .map(|n| {
            let fields = [(Field::Group, Value::name(GROUP)), (Field::Description, Value::text("It does not work."))];
            world.register(Kind::Incident, &format!("Nothing works {n}"), &fields)
        })
        .collect();
    (world, ids)
}

fn publics(ticket: &Ticket) -> Vec<&str> {
    let said = |change: &Change| matches!(change, Change::Say { audience: Audience::Public, .. });
    let events = ticket.timeline.iter().filter(|event| said(&event.change));
    events
        .map(|event| match &event.change {
            Change::Say { text, .. } => text.as_str(),
            _ => "",
        })
        .collect()
}

fn number(ticket: &Ticket, field: &Field) -> Option<i64> {
    ticket.get(field).and_then(Value::as_number)
}

fn group(ticket: &Ticket) -> &str {
    ticket.get(&Field::Group).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn an_explicit_decision_takes_fifteen_keys() {
    let (world, ids) = queue(3);
    let mut desk = world.me();
    desk.press("T");
    let first = desk.here();
    assert!(ids.contains(&first));
    desk.counted();
    desk.press("i2 u1 c wi <enter> g ne <enter> a 1");
    assert_eq!(desk.sent(), 0, "nothing leaves before Enter");
    assert_eq!(world.ticket(&first).timeline.len(), world.ticket(&ids[0]).timeline.len());
    let screen = desk.screen();
    for word in ["impact 2", "urgency 1", "category network/wifi", "group Network", "PUBLIC reply \"ack\" to"] {
        assert!(screen.contains(word), "the bar lacks {word}:\n{screen}");
    }
    desk.press("<enter>");
    assert!(desk.counted() <= 15, "{} keys", desk.counted());
    assert_ne!(desk.here(), first, "it goes on to the next one");
    assert_eq!(desk.sent(), 0, "the acknowledgement can still be recalled");
    desk.wait(11);
    let stored = world.ticket(&first);
    assert_eq!((number(&stored, &Field::Impact), number(&stored, &Field::Urgency)), (Some(2), Some(1)));
    assert_eq!(group(&stored), "Network");
    assert_eq!(stored.text(&Field::Category), "network/wifi");
    assert_eq!(publics(&stored).len(), 1);
    let ops: std::collections::BTreeSet<_> = stored.timeline.iter().map(|event| &event.op).collect();
    assert_eq!(ops.len(), 2, "registered, and one act for the whole decision");
}

#[test]
fn a_later_word_on_the_same_thing_replaces_the_earlier_one() {
    let (world, _) = queue(2);
    let mut desk = world.me();
    desk.press("T i1 i3 a1 a2 g ne <enter> g me <enter>");
    let screen = desk.screen();
    assert!(screen.contains("impact 3") && !screen.contains("impact 1"), "{screen}");
    assert!(screen.contains("\"ack-outage\"") && !screen.contains("\"ack\""), "{screen}");
    assert!(screen.contains("group Messaging") && !screen.contains("group Network"), "{screen}");
}

#[test]
fn esc_clears_the_decision_and_sends_nothing() {
    let (world, _) = queue(2);
    let mut desk = world.me();
    desk.press("T i1 u1");
    let here = desk.here();
    desk.press("<esc>");
    assert!(desk.said().contains("nothing was sent"), "{}", desk.said());
    assert_eq!(desk.here(), here);
    desk.press("<enter>");
    assert!(desk.said().contains("Nothing is decided"), "{}", desk.said());
    desk.wait(60);
    assert_eq!(desk.sent(), 0);
    desk.press("<esc>");
    assert!(desk.model.triage.is_none(), "with nothing decided it leaves");
}

#[test]
fn the_next_ticket_is_loaded_before_it_is_there() {
    let (world, _) = queue(3);
    let mut desk = world.me();
    desk.press("T");
    let loads = |desk: &Desk<'_>| {
        let load = |effect: &Effect| if let Effect::Load(id) = effect { Some(id.to_string()) } else { None };
        desk.asked.iter().filter_map(load).collect::<Vec<_>>()
    };
    let before = loads(&desk);
    desk.press("i1 <enter>");
    assert!(before.contains(&desk.here()), "{} was not among {before:?}", desk.here());
    assert!(desk.screen().contains("It does not work."), "its words are there at once");
}

#[test]
fn skip_asks_for_a_reason() {
    let (world, _) = queue(2);
    let mut desk = world.me();
    desk.press("T");
    let first = desk.here();
    desk.press("k");
    assert!(matches!(desk.overlay(), Some(Overlay::Form(_))));
    desk.press("<enter>");
    assert_eq!(desk.here(), first, "no reason, no skip");
    assert!(desk.screen().contains("is needed"));
    desk.write("not ours").press("<enter>");
    assert_ne!(desk.here(), first);
    assert!(desk.screen().contains("1 skipped"), "{}", desk.screen());
    assert_eq!(desk.sent(), 0);
}

#[test]
fn what_a_colleague_has_open_is_passed_over() {
    let (world, _) = queue(3);
    let mut mine = world.me();
    mine.press("T");
    let order = [mine.here()];
    let second = mine.model.triage.as_ref().unwrap().session.order()[1].to_string();
    let mut hers = world.console("zahmed");
    hers.open_ticket(&second);
    mine.look();
    mine.press("i1 <enter>");
    assert_ne!(mine.here(), second);
    assert!(!order.contains(&mine.here()));
    let last = mine.here();
    mine.press("i1 <enter>");
    assert!(mine.model.triage.is_none(), "nothing free is left");
    assert!(mine.said().contains("1 open at colleagues"), "{}", mine.said());
    drop(hers);
    mine.look();
    mine.press("R T");
    assert_eq!(mine.here(), second, "it is free again, and {last} is done");
}

#[test]
fn a_colleague_at_the_same_ticket_is_shown() {
    let (world, ids) = queue(1);
    let mut hers = world.console("zahmed");
    hers.open_ticket(&ids[0]);
    let mut mine = world.me();
    mine.open_ticket(&ids[0]);
    assert!(mine.screen().contains("Also looking: Zara Ahmed"), "{}", mine.screen());
    assert!(!hers.screen().contains("Also looking"));
    hers.look();
    assert!(hers.screen().contains("Also looking: Jo Morgan"), "{}", hers.screen());
}

#[test]
fn a_session_goes_on_after_the_program_was_killed() {
    let (world, _) = queue(4);
    let mut desk = world.me();
    desk.press("T i1 <enter>");
    let second = desk.here();
    desk.press("k").write("waits for Mona").press("<enter>");
    let third = desk.here();
    desk.press("i 2");
    let mut again = desk.restarted();
    again.press("T");
    assert_eq!(again.here(), third, "the ticket that was on the screen");
    assert!(again.said().contains("goes on where it was left"), "{}", again.said());
    let screen = again.screen();
    assert!(screen.contains("1 done") && screen.contains("1 skipped"), "{screen}");
    again.press("i3 <enter>");
    assert_ne!(again.here(), second, "what was skipped stays skipped");
}

#[test]
fn progress_and_pace_are_shown() {
    let (world, _) = queue(5);
    let mut desk = world.me();
    desk.press("T");
    assert!(desk.screen().contains("0 done  5 left  0 skipped"), "{}", desk.screen());
    for _ in 0..3 {
        desk.wait(60);
        desk.press("i1 <enter>");
    }
    let screen = desk.screen();
    assert!(screen.contains("3 done  2 left"), "{screen}");
    assert!(screen.contains("60 an hour"), "{screen}");
}

#[test]
fn repeating_the_last_decision_is_one_key() {
    let (world, ids) = queue(3);
    let mut desk = world.me();
    desk.press("T i1 u1 g ne <enter> <enter>");
    let second = desk.here();
    desk.counted();
    desk.press(".");
    assert_eq!(desk.counted(), 1);
    let stored = world.ticket(&second);
    assert_eq!((number(&stored, &Field::Impact), group(&stored)), (Some(1), "Network"));
    assert_eq!(ids.iter().filter(|id| group(&world.ticket(id)) == "Network").count(), 2);
}

#[test]
fn ten_marked_tickets_take_at_most_twelve_keys() {
    let (world, ids) = queue(12);
    let mut desk = world.me();
    // One decision by hand, in a session; the same for ten others from the list.
    desk.press("T i1 u2 g ne <enter> <enter> q");
    desk.press("gg");
    desk.counted();
    desk.press("j 10 <space> . <enter>");
    assert!(desk.counted() <= 12, "keys");
    let routed = ids.iter().filter(|id| group(&world.ticket(id)) == "Network").count();
    assert_eq!(routed, 11);
    let screen = desk.screen();
    assert!(screen.contains("10 done, 0 refused"), "{screen}");
}

#[test]
fn a_playbook_is_one_key_and_its_questions() {
    let world = World::empty();
    let fields = [(Field::Group, Value::name(GROUP)), (Field::Category, Value::name("identity/password"))];
    let id = world.register(Kind::Incident, "Password forgotten", &fields);
    world.register(Kind::Incident, "Password forgotten again", &fields);
    let mut desk = world.me();
    desk.press("T");
    let here = desk.here();
    desk.counted();
    desk.press("1");
    assert!(matches!(desk.overlay(), Some(Overlay::Form(_))), "it asks how the identity was checked");
    desk.press("<enter>");
    assert!(desk.counted() <= 2);
    desk.wait(11);
    let stored = world.ticket(&here);
    assert!(stored.text(&Field::Resolution).contains("identity checked by call back"), "{stored:?}");
    assert_eq!(stored.state, State::Resolved);
    assert_eq!(publics(&stored).len(), 1);
    assert!([&here, &id].contains(&&here));
}

#[test]
fn a_playbook_that_asks_nothing_is_one_key() {
    let (world, _) = queue(2);
    let mut desk = world.me();
    desk.press("T");
    let here = desk.here();
    // Its guard wants an owner: what was decided before goes with it.
    desk.press("t").counted();
    desk.press("4");
    assert_eq!(desk.counted(), 1);
    assert_ne!(desk.here(), here, "{}", desk.said());
    desk.wait(11);
    let stored = world.ticket(&here);
    assert_eq!((stored.state, publics(&stored).len()), (State::OnHold, 1), "{}", desk.said());
}

#[test]
fn a_canned_reply_and_a_playbook_that_replies_are_one_text_to_the_caller() {
    let (world, _) = queue(2);
    let mut desk = world.me();
    desk.press("T");
    let here = desk.here();
    assert!(!desk.screen().contains("its own reply goes"), "{}", desk.screen());
    desk.press("t a1");
    let screen = desk.screen();
    assert!(screen.contains("4 ask-caller*") && screen.contains("*its own reply goes"), "the bar warns:\n{screen}");
    desk.press("4");
    assert!(desk.said().contains("The playbook's reply goes, not the canned one."), "{}", desk.said());
    desk.wait(11);
    let stored = world.ticket(&here);
    assert_eq!((stored.state, publics(&stored).len()), (State::OnHold, 1), "{}", desk.said());
}

#[test]
fn a_playbook_that_replies_does_not_drop_words_that_were_typed() {
    let (world, _) = queue(2);
    let mut desk = world.me();
    desk.press("T t r").write("Is it the left or the right screen?").press("<ctrl-s>");
    let here = desk.here();
    desk.press("4");
    assert!(desk.said().contains("ask-caller replies to the caller too, and only one text goes"), "{}", desk.said());
    assert_eq!((desk.here(), desk.sent()), (here.clone(), 0));
    desk.press("<enter>").wait(11);
    assert_eq!(publics(&world.ticket(&here)), ["Is it the left or the right screen?"]);
}

#[test]
fn history_is_shown_with_its_precedents_and_taken_with_one_key() {
    let world = World::sample();
    let mut desk = world.me();
    let fields = [(Field::Group, Value::name(GROUP)), (Field::Description, Value::text("Toner is empty"))];
    let id = world.register(Kind::Incident, "PR-LDS-12 wants toner", &fields);
    desk.look();
    desk.press("/").write("wants toner group:\"service desk\" unowned").press("<enter>");
    let at = desk.model.list().rows.iter().position(|row| desk.model.table.id(*row) == id);
    assert!(at.is_none(), "it waits to be let in");
    desk.press("R");
    while desk.here() != id {
        desk.press("j");
    }
    desk.press("<esc> /").write(&format!("id:{id}")).press("<enter> T");
    assert_eq!(desk.here(), id);
    let screen = desk.screen();
    assert!(screen.contains("like this went to Print, e.g. INC-") || screen.contains("like this"), "{screen}");
    assert!(screen.contains("y takes:"), "{screen}");
    desk.counted();
    desk.press("y");
    assert_eq!(desk.counted(), 1);
    desk.wait(11);
    let stored = world.ticket(&id);
    assert!(stored.text(&Field::Category).starts_with("print/"), "{stored:?}");
    assert_eq!(publics(&stored).len(), 1, "the caller is acknowledged with it");
}

#[test]
fn history_is_silent_when_it_does_not_know() {
    let world = World::sample();
    let mut desk = world.me();
    let id = world.register(Kind::Incident, "Qwertz zxcvb", &[(Field::Group, Value::name(GROUP))]);
    desk.look();
    desk.press("R /").write(&format!("id:{id}")).press("<enter> T");
    assert_eq!(desk.here(), id);
    let screen = desk.screen();
    assert!(!screen.contains("like this"), "{screen}");
    assert!(!screen.contains("y takes"), "{screen}");
    desk.press("y");
    assert!(desk.said().contains("history"), "{}", desk.said());
    assert_eq!(desk.here(), id);
    desk.wait(20);
    assert_eq!(desk.sent(), 0);
}

#[test]
fn a_refused_decision_comes_back() {
    for fault in [Fault::Refuse("No."), Fault::Overtaken("zahmed")] {
        let (world, _) = queue(2);
        let mut desk = world.me();
        desk.press("T");
        let first = desk.here();
        desk.fails(Some(&first), fault);
        desk.press("i1 <enter>");
        assert!(desk.said().starts_with("Not done"), "{}", desk.said());
        let second = desk.here();
        assert_ne!(second, first);
        desk.press("i1 <enter>");
        assert_eq!(desk.here(), first, "it is to be decided again");
        assert!(desk.screen().contains("1 done  1 left"), "{}", desk.screen());
        desk.press("i1 <enter>");
        assert_eq!(number(&world.ticket(&first), &Field::Impact), Some(1));
        assert!(desk.said().contains("2 decided"), "{}", desk.said());
    }
}

#[test]
fn a_recalled_decision_comes_back_with_its_words() {
    let (world, _) = queue(2);
    let mut desk = world.me();
    desk.press("T");
    let first = desk.here();
    desk.press("i1 r").write("We look at it").press("<ctrl-s> <enter>");
    assert!(desk.said().contains("`U` recalls it"), "{}", desk.said());
    desk.press("U");
    assert!(desk.said().contains("Recalled"), "{}", desk.said());
    desk.wait(20);
    assert_eq!(desk.sent(), 0);
    desk.press("i1 <enter>");
    assert_eq!(desk.here(), first);
    desk.press("r");
    assert!(desk.screen().contains("We look at it"), "{}", desk.screen());
}

#[test]
fn the_view_ends_with_a_count() {
    let (world, ids) = queue(2);
    let mut desk = world.me();
    desk.press("T i1 <enter> i1 <enter>");
    assert!(desk.model.triage.is_none());
    assert!(desk.said().contains("2 decided, 0 skipped"), "{}", desk.said());
    assert!(desk.room(Room::Session).is_empty(), "nothing is left to resume");
    assert_eq!(ids.len(), 2);
}

#[test]
fn put_aside_comes_back_at_its_time() {
    let (world, _) = queue(2);
    let mut desk = world.me();
    desk.press("T");
    let first = desk.here();
    desk.press("z").write("2h").press("<enter>");
    assert!(desk.screen().contains("put aside until"), "{}", desk.screen());
    desk.press("<enter>");
    let second = desk.here();
    assert_ne!(first, second);
    assert_eq!(desk.sent(), 0, "putting aside is one's own affair");
    desk.press("i1 <enter>");
    assert!(desk.said().contains("1 put aside"), "{}", desk.said());
    let asleep = |desk: &Desk<'_>| {
        let row = desk.model.table.row(&TicketId::new(&first)).unwrap();
        !desk.model.list().rows.contains(&row)
    };
    assert!(asleep(&desk));
    desk.wait(2 * 3600 + 60);
    desk.press("R");
    assert!(!asleep(&desk), "it is back");
    desk.press("T");
    assert_eq!(desk.here(), first);
}

#[test]
fn a_duplicate_is_merged_and_the_session_goes_on() {
    let (world, _) = queue(3);
    let mut desk = world.me();
    desk.press("T");
    let (first, other) = (desk.here(), desk.model.triage.as_ref().unwrap().session.order()[2].to_string());
    desk.press("m").write(&other).press("<enter>");
    assert_ne!(desk.here(), first, "{}", desk.said());
    assert_eq!(world.ticket(&first).state, State::Cancelled);
    assert!(desk.screen().contains("1 done"), "{}", desk.screen());
}

/// Somebody settles the ticket at another console.
fn settles(world: &World, id: &str, fields: &[(Field, Value)]) {
    let mut mate = world.console("jmorgan");
    mate.open_ticket(id);
    for (field, value) in fields {
        world.sets("jmorgan", id, field.clone(), value.clone());
    }
    mate.look();
    mate.press("t x 1 1").write("Switched it on again.").press("<ctrl-s>");
    assert_eq!(world.ticket(id).state, State::Resolved, "{}", mate.said());
}

#[test]
fn what_anybody_settles_is_an_example_at_once_and_only_once() {
    let (world, ids) = queue(4);
    let mut desk = world.me();
    desk.press("T <esc>");
    let known = |desk: &Desk<'_>| desk.model.index.as_ref().map(|index| index.len());
    assert_eq!(known(&desk), Some(0), "nothing was settled so far");
    settles(&world, &ids[0], &[(Field::Category, Value::name("network/wifi"))]);
    desk.look();
    assert_eq!(known(&desk), Some(1));
    world.sets("jmorgan", &ids[0], Field::Category, Value::name("network/vpn"));
    desk.look();
    assert_eq!(known(&desk), Some(1), "another answer is no other example");
    settles(&world, &ids[1], &[]);
    world.sets("jmorgan", &ids[2], Field::Category, Value::name("network/wifi"));
    desk.look();
    assert_eq!(known(&desk), Some(1), "without a category, or still open, it is none");
}
