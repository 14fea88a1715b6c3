//! Each command on tickets once, by its keys, on the right kind of ticket; what the desk stored is the judge.

use deskside::app::overlay::Overlay;
use deskside::domain::change::{Audience, Change, EscalationKind, LinkKind, Party, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::State;
use deskside::domain::ticket::Ticket;

use super::desk::{Desk, World};

const ZAHMED: &str = "zahmed";

fn text(ticket: &Ticket, field: &Field) -> String {
    ticket.get(field).map(ToString::to_string).unwrap_or_default()
}

fn said(ticket: &Ticket, wanted: Audience) -> Vec<String> {
    let words = |change: &Change| match change {
        Change::Say { audience, text } if *audience == wanted => Some(text.to_string()),
        _ => None,
    };
    ticket.timeline.iter().filter_map(|event| words(&event.change)).collect()
}

fn has_link(ticket: &Ticket, how: LinkKind, other: &str) -> bool {
    ticket.links.iter().any(|link| link.how == how && link.other.as_str() == other)
}

/// A desk with one incident of my group's, open on my screen.
fn incident(world: &World) -> (Desk<'_>, String) {
    let fields = [
        (Field::Group, Value::name("Service Desk")),
        (Field::Category, Value::name("network/wifi")),
        (Field::Description, Value::text("No network in Aire.")),
    ];
    let id = world.register(Kind::Incident, "No network", &fields);
    let mut desk = world.me();
    desk.open_ticket(&id);
    (desk, id)
}

/// The only ticket of that kind.
fn only(desk: &mut Desk<'_>, kind: Kind) -> String {
    desk.look();
    let table = &desk.model.table;
    let found: Vec<String> =
        table.iter().filter(|row| table.kind(*row) == kind).map(|row| table.id(row).to_owned()).collect();
    assert_eq!(found.len(), 1, "{kind}: {found:?}; {}", desk.said());
    found[0].clone()
}

#[test]
fn take() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("t");
    let ticket = world.ticket(&id);
    assert_eq!((&*ticket.owner, ticket.accepted, ticket.state), ("jmorgan", true, State::InProgress));
    desk.press("t");
    assert!(desk.said().contains("stands so already"), "{}", desk.said());
}

#[test]
fn offer_and_accept_between_two_consoles() {
    let world = World::empty();
    let (mut mine, id) = incident(&world);
    mine.press("t o").write("zahmed").press("<tab>").write("knows the cabinet").press("<ctrl-s>");
    assert_eq!(&*world.ticket(&id).owner, "jmorgan", "the owner stays until somebody accepts: {}", mine.said());
    let mut hers = world.console(ZAHMED);
    hers.press(":").write("view offered").press("<enter>");
    assert_eq!(hers.here(), id);
    hers.press("A");
    assert_eq!(&*world.ticket(&id).owner, ZAHMED);
    mine.look();
    assert!(mine.screen().contains("Owner Zara Ahmed"), "{}", mine.screen());
}

#[test]
fn offer_declined_and_withdrawn() {
    let world = World::empty();
    let (mut mine, id) = incident(&world);
    mine.press("t o").write("zahmed").press("<tab>").write("please").press("<ctrl-s>");
    let mut hers = world.console(ZAHMED);
    hers.open_ticket(&id);
    hers.press("D").write("I am off").press("<enter>");
    let ticket = world.ticket(&id);
    assert!(ticket.offer.is_none(), "{}", hers.said());
    assert_eq!(&*ticket.owner, "jmorgan");
    mine.look();
    mine.press("o").write("zahmed").press("<tab>").write("again").press("<ctrl-s>");
    assert!(world.ticket(&id).offer.is_some(), "{}", mine.said());
    mine.press("W");
    assert!(world.ticket(&id).offer.is_none());
}

#[test]
fn a_manager_gives_it_by_force_and_nobody_else() {
    let world = World::empty();
    let (mut mine, id) = incident(&world);
    mine.press("F").write("zahmed").press("<tab>").write("now").press("<ctrl-s>");
    assert!(mine.said().starts_with("Not done"), "{}", mine.said());
    let mut boss = world.console("gokafor");
    boss.open_ticket(&id);
    boss.press("F").write("zahmed").press("<tab>").write("Jo is ill").press("<ctrl-s>");
    assert_eq!(&*world.ticket(&id).owner, ZAHMED, "{}", boss.said());
}

#[test]
fn fields_by_key() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("fi1 fu1 fc out <enter> fg mess <enter>");
    let ticket = world.ticket(&id);
    assert_eq!((text(&ticket, &Field::Impact).as_str(), text(&ticket, &Field::Urgency).as_str()), ("1", "1"));
    assert!(text(&ticket, &Field::Category).contains("out"), "{}", text(&ticket, &Field::Category));
    assert_eq!(text(&ticket, &Field::Group), "Messaging");
    assert!(desk.screen().contains("P1 ("), "{}", desk.screen());
}

#[test]
fn priority_by_hand_stands_beside_the_computed_one() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("fp 1").write("the board meets").press("<enter>");
    assert_eq!(text(&world.ticket(&id), &Field::PriorityOverride), "1", "{}", desk.said());
    assert!(desk.screen().contains("by hand"), "{}", desk.screen());
    desk.press("fp 0").write("over").press("<enter>");
    assert_eq!(text(&world.ticket(&id), &Field::PriorityOverride), "", "{}", desk.said());
}

#[test]
fn hold_for_the_caller_needs_words_to_the_caller() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("t h 1 <ctrl-s>");
    assert_eq!(world.ticket(&id).state, State::InProgress);
    assert!(matches!(desk.overlay(), Some(Overlay::Form(_))), "the form stays: {}", desk.said());
    desk.write("Which room is it?").press("<ctrl-s>");
    desk.wait(11);
    let ticket = world.ticket(&id);
    assert_eq!(
        (ticket.state, text(&ticket, &Field::HoldReason).as_str()),
        (State::OnHold, "caller"),
        "{}",
        desk.said()
    );
    assert_eq!(said(&ticket, Audience::Public), ["Which room is it?"]);
    desk.press("H").write("Aire").press("<ctrl-s>");
    assert_eq!(world.ticket(&id).state, State::InProgress, "an answer resumes it: {}", desk.said());
}

#[test]
fn hold_for_parts_and_resume() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("t h 5").write("a cable is ordered").press("<tab>").write("tomorrow 9:00").press("<ctrl-s>");
    let ticket = world.ticket(&id);
    assert_eq!(ticket.state, State::OnHold, "{}", desk.said());
    assert_eq!(said(&ticket, Audience::Internal), ["a cable is ordered"]);
    assert_eq!(text(&ticket, &Field::WakeAt), "2026-11-26T09:00:00Z");
    desk.press("w");
    assert_eq!(world.ticket(&id).state, State::InProgress, "{}", desk.said());
}

#[test]
fn resolve_close_and_reopen() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("t x 1 1").write("New cable.").press("<ctrl-s>");
    let ticket = world.ticket(&id);
    assert_eq!(ticket.state, State::Resolved, "{}", desk.said());
    assert_eq!(text(&ticket, &Field::Resolution), "New cable.");
    assert_eq!(text(&ticket, &Field::Verified), "yes");
    desk.press("O").write("It is gone again").press("<enter>");
    let ticket = world.ticket(&id);
    assert_eq!((ticket.state, ticket.reopens), (State::InProgress, 1), "{}", desk.said());
    desk.press("x").press("<ctrl-s>");
    desk.press("1 1").write("Another cable.").press("<ctrl-s>");
    assert_eq!(world.ticket(&id).state, State::Resolved, "{}", desk.said());
    desk.press("Z");
    assert_eq!(world.ticket(&id).state, State::Closed, "{}", desk.said());
}

#[test]
fn resolve_at_first_contact_is_three_keys_and_the_text() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.counted();
    desk.press("X 1");
    let before = desk.counted();
    desk.write("Plugged it in.");
    desk.counted();
    desk.press("<ctrl-s>");
    assert!(before + desk.counted() <= 3);
    let ticket = world.ticket(&id);
    assert_eq!(
        (ticket.state, text(&ticket, &Field::FirstContact).as_str()),
        (State::Resolved, "yes"),
        "{}",
        desk.said()
    );
    assert_eq!((&*ticket.owner, text(&ticket, &Field::Verified).as_str()), ("jmorgan", "yes"));
}

#[test]
fn cancel_asks_why() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("Q");
    assert!(matches!(desk.overlay(), Some(Overlay::Picker(_))));
    desk.write("withdrawn").press("<enter>");
    assert_eq!(world.ticket(&id).state, State::Cancelled, "{}", desk.said());
    assert_eq!(text(&world.ticket(&id), &Field::CancelReason), "withdrawn");
}

#[test]
fn link_and_unlink() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    let problem = world.register(Kind::Problem, "Switch in Aire", &[]);
    desk.look();
    desk.press("l").write(&problem).press("<enter>");
    assert!(has_link(&world.ticket(&id), LinkKind::ProblemIs, &problem), "{}", desk.said());
    assert!(has_link(&world.ticket(&problem), LinkKind::ProblemOf, &id), "both ends");
    desk.press("]");
    assert!(desk.screen().contains(&problem), "{}", desk.screen());
    desk.press("<enter>");
    assert_eq!(desk.here(), problem);
    desk.press("-");
    assert_eq!(desk.here(), id, "and back");
    desk.press("L").write(&problem).press("<enter>");
    assert!(world.ticket(&id).links.is_empty(), "{}", desk.said());
}

#[test]
fn merge_is_three_keys_and_its_reversal() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    let other = world.register(Kind::Incident, "Network is down", &[]);
    desk.look();
    desk.counted();
    desk.press("mm");
    let before = desk.counted();
    desk.write(&other);
    desk.counted();
    desk.press("<enter>");
    assert!(before + desk.counted() <= 3);
    assert_eq!(world.ticket(&id).state, State::Cancelled, "{}", desk.said());
    assert!(has_link(&world.ticket(&id), LinkKind::DuplicateOf, &other));
    assert!(has_link(&world.ticket(&other), LinkKind::DuplicatedBy, &id));
    desk.press("mu");
    assert_eq!(world.ticket(&id).state, State::New, "{}", desk.said());
    assert!(world.ticket(&other).links.is_empty());
}

#[test]
fn a_problem_from_marked_incidents_is_two_keys() {
    let world = World::empty();
    let (desk, first) = incident(&world);
    drop(desk);
    let second = world.register(Kind::Incident, "No network either", &[]);
    let mut desk = world.me();
    desk.press("gi *").counted();
    desk.press("mp");
    assert!(desk.counted() <= 3);
    let problem = only(&mut desk, Kind::Problem);
    let stored = world.ticket(&problem);
    for id in [&first, &second] {
        assert!(has_link(&world.ticket(id), LinkKind::ProblemIs, &problem), "{}", desk.said());
        assert!(has_link(&stored, LinkKind::ProblemOf, id));
        assert!(text(&stored, &Field::Evidence).contains(id.as_str()), "evidence: {stored:?}");
    }
    assert!(desk.said().contains(&problem), "it is named: {}", desk.said());
}

#[test]
fn a_change_from_a_problem_is_two_keys() {
    let world = World::empty();
    let problem = world.register(Kind::Problem, "Switch in Aire", &[]);
    let mut desk = world.me();
    desk.open_ticket(&problem).counted();
    desk.press("mc");
    assert!(desk.counted() <= 3);
    let change = only(&mut desk, Kind::Change);
    assert!(has_link(&world.ticket(&problem), LinkKind::FixedBy, &change), "{}", desk.said());
}

#[test]
fn incident_and_request_become_each_other() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.counted();
    desk.press("mv");
    assert!(desk.counted() <= 3);
    let request = only(&mut desk, Kind::Request);
    assert!(world.ticket(&id).state == State::Cancelled, "{}", desk.said());
    assert_eq!(world.ticket(&request).title(), "No network");
    desk.open_ticket(&request).press("mv").look();
    let incidents = desk.model.table.iter().filter(|row| desk.model.table.kind(*row) == Kind::Incident).count();
    assert_eq!(incidents, 2, "{}", desk.said());
}

#[test]
fn escalate_and_answer_for_it() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("t e 1").write("Network").press("<tab>").write("needs a switch port").press("<tab>");
    desk.write("Cable and card are fine.").press("<ctrl-s>");
    let ticket = world.ticket(&id);
    assert_eq!(ticket.escalations.len(), 1, "{}\n{}", desk.said().to_owned(), desk.screen());
    let escalated = &ticket.escalations[0].escalation;
    assert_eq!(
        (escalated.kind, escalated.to.clone()),
        (EscalationKind::Functional, Party::Group(Name::new("Network")))
    );
    assert_eq!(text(&ticket, &Field::Group), "Network", "{}", desk.said());
    let mut theirs = world.console("mhaddad");
    theirs.open_ticket(&id).press("E 1");
    assert!(world.ticket(&id).escalations[0].acknowledged.is_some(), "{}", theirs.said());
}

#[test]
fn snooze_until_a_time_a_reply_or_a_share() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    let asleep = |desk: &mut Desk<'_>| {
        desk.press("R");
        let row = desk.model.table.row(&TicketId::new(&id)).unwrap();
        !desk.model.list().rows.contains(&row)
    };
    desk.press("<esc> R gg");
    for (until, wake) in [("1h", 3_700), ("75%", 4 * 86_400)] {
        desk.press("z").write(until).press("<enter>");
        assert!(desk.said().contains("put aside"), "{until}: {}\n{}", desk.said().to_owned(), desk.screen());
        assert!(asleep(&mut desk), "{until}");
        desk.press(":").write("view snoozed").press("<enter>");
        assert_eq!(desk.here(), id, "it has a view of its own");
        desk.press(":").write("view now").press("<enter>");
        desk.wait(wake);
        assert!(!asleep(&mut desk), "{until} is over");
        desk.press("gg");
    }
    desk.press("z").write("reply").press("<enter>");
    assert!(asleep(&mut desk));
    desk.wait(60);
    let from = Name::new(&super::desk::customer());
    let heard = Change::Heard { from, text: deskside::text::Clean::line("Any news?") };
    world.does(ZAHMED, Target::Ticket(TicketId::new(&id)), vec![heard]);
    desk.look();
    assert!(!asleep(&mut desk), "the caller wrote");
}

#[test]
fn what_was_put_aside_can_be_brought_back() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("z").write("2h").press("<enter> <esc> R");
    assert!(desk.model.list().rows.is_empty());
    desk.press(":").write("view snoozed").press("<enter> mz");
    assert!(desk.model.snoozed.is_empty(), "{}", desk.said());
    desk.press(":").write("view now").press("<enter>");
    assert_eq!(desk.here(), id);
}

#[test]
fn register_needs_a_title_and_a_caller() {
    let world = World::empty();
    let mut desk = world.me();
    desk.press("N 1 <ctrl-s>");
    assert!(desk.screen().contains("Title is needed"), "{}", desk.screen());
    desk.write("Chair squeaks").press("<tab>").write(&super::desk::customer()).press("<tab> 3 3").press("<ctrl-s>");
    let id = only(&mut desk, Kind::Incident);
    let ticket = world.ticket(&id);
    assert_eq!((ticket.title(), text(&ticket, &Field::Impact).as_str()), ("Chair squeaks", "3"));
    assert!(desk.said().contains(&id), "it is named: {}", desk.said());
}

#[test]
fn promise_title_and_any_field() {
    let world = World::empty();
    let (mut desk, id) = incident(&world);
    desk.press("fd").write("16:00").press("<enter>");
    assert_eq!(text(&world.ticket(&id), &Field::PromisedUpdate), "2026-11-25T16:00:00Z", "{}", desk.said());
    desk.press("ft").write("No Wi-Fi in Aire").press("<enter>");
    assert_eq!(world.ticket(&id).title(), "No Wi-Fi in Aire", "{}", desk.said());
    desk.press(":").write("set supplier \"Brightwater Telecom\"").press("<enter>");
    assert_eq!(text(&world.ticket(&id), &Field::Supplier), "Brightwater Telecom", "{}", desk.said());
    desk.press(":").write("title It works again").press("<enter>");
    assert_eq!(world.ticket(&id).title(), "It works again", "{}", desk.said());
}

#[test]
fn a_line_that_is_no_command_says_what_was_meant() {
    let world = World::empty();
    let (mut desk, _) = incident(&world);
    desk.press(":").write("resolv").press("<enter>");
    assert!(desk.said().contains("did you mean `resolve`"), "{}", desk.said());
    assert!(matches!(desk.overlay(), Some(Overlay::Line(_))), "the line is there to be mended");
}
