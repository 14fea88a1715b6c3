//! The major incident room by keys: declared, told, logged, restored, resolved, reviewed, closed.

use deskside::domain::change::{Audience, Change, Link, LinkKind, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::lifecycle::make_move;
use deskside::domain::major::{MajorRole, MajorState, MajorStep, review};
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::Verb;
use deskside::text::Clean;

use super::desk::{Desk, World, with_role};

const SERVICE: &str = "Laptops and desktops";

/// An incident of mine, open on the screen of whoever `who` is.
fn world() -> (World, String) {
    let world = World::empty();
    let fields = [(Field::Group, Value::name("Service Desk")), (Field::Service, Value::name(SERVICE))];
    let id = world.register(Kind::Incident, "Nobody can send mail", &fields);
    (world, id)
}

/// The same, accepted by the incident manager.
fn accepted() -> (World, String) {
    let (world, id) = world();
    let step = MajorStep::Propose { reason: Clean::line("Everybody calls"), impact: Clean::line("No orders") };
    let steps = [step, MajorStep::Accept].map(|step| Change::Major { step });
    world.does(&with_role("incident_manager"), Target::Ticket(TicketId::new(&id)), steps.to_vec());
    (world, id)
}

fn state(world: &World, id: &str) -> Option<MajorState> {
    world.ticket(id).major.map(|major| major.state)
}

#[test]
fn two_keys_and_the_reason_propose_and_two_accept() {
    let (world, id) = world();
    let mut desk = world.me();
    propose(&mut desk, &id);
    assert_eq!(state(&world, &id), Some(MajorState::Proposed), "{}", desk.said());
    assert!(desk.screen().contains("MAJOR INCIDENT proposed"), "{}", desk.screen());
    let manager = with_role("incident_manager");
    let mut desk = world.console(&manager);
    desk.open_ticket(&id).press("d a");
    assert_eq!(state(&world, &id), Some(MajorState::Accepted), "{}", desk.said());
    assert_eq!(world.ticket(&id).owner.as_str(), manager);
}

fn propose(desk: &mut Desk, id: &str) {
    desk.open_ticket(id).press("d p").write("Everybody calls").press("<tab>").write("No orders").press("<enter>");
}

#[test]
fn words_go_out_by_cadence_and_what_callers_read_is_public() {
    let (world, id) = accepted();
    let child = world.register(Kind::Incident, "No mail for me", &[]);
    let parent = TicketId::new(&id);
    let link = Change::Link { link: Link { how: LinkKind::ChildOf, other: parent } };
    world.does(&with_role("incident_manager"), Target::Ticket(TicketId::new(&child)), vec![link]);
    let mut desk = world.console(&with_role("incident_manager"));
    desk.open_ticket(&id);
    assert!(desk.screen().contains("Words to management due"), "{}", desk.screen());
    desk.press("d T");
    let screen = desk.screen();
    assert!(screen.contains("PUBLIC") && screen.contains("the caller of 1 child"), "{screen}");
    desk.write("We are on it").press("<ctrl-s>");
    desk.wait(11);
    let told = |id: &str| {
        let said = |c: &Change| matches!(c, Change::Say { audience: Audience::Public, text } if text.ends_with("We are on it"));
        world.ticket(id).timeline.iter().any(|event| said(&event.change))
    };
    let screen = desk.screen();
    assert_eq!((told(&id), told(&child)), (true, true), "{screen}");
    let promised = world.ticket(&id).time(&Field::PromisedUpdate);
    assert!(promised > Some(world.now()), "the next words are promised");
    desk.wait(31 * 60);
    assert!(desk.screen().contains("OVERDUE"), "{}", desk.screen());
}

#[test]
fn who_owes_words_that_are_late_is_told_wherever_they_are_and_goes_there_with_one_key() {
    let (world, id) = accepted();
    let manager = with_role("incident_manager");
    let mut desk = world.console(&manager).sized(80, 24);
    let mut other = world.me().sized(80, 24);
    let alarm = format!("{id}: words to callers are overdue");
    desk.open_ticket(&id);
    for audience in ["management", "\"service desk\""] {
        desk.press(":").write(&format!("major-tell audience:{audience} text:Working")).press("<enter>");
    }
    desk.press("d T").write("We are on it").press("<ctrl-s>");
    desk.wait(11);
    desk.press("<esc> g !");
    assert!(desk.said().contains("No words of a major incident are overdue"), "{}", desk.said());
    assert!(!desk.screen().contains("overdue by"), "{}", desk.screen());
    desk.wait(59 * 60);
    assert!(!desk.screen().contains(&alarm), "{}", desk.screen());
    for seconds in [60, 60] {
        desk.wait(seconds);
        other.wait(0);
    }
    assert!(desk.said().starts_with(&alarm), "said as it falls due: {}", desk.said());
    // It stays on every screen, also where the notice is gone.
    for keys in ["g c", "g i", "g w"] {
        desk.press(keys);
        assert!(desk.screen().contains(&alarm), "{keys}: {}", desk.screen());
    }
    desk.press("g !");
    assert!(desk.screen().contains("MAJOR INCIDENT accepted"), "{}", desk.screen());
    desk.press("<esc>");
    other.look();
    assert!(!other.screen().contains("are overdue"), "who owes nothing is not told: {}", other.screen());
    // Said once, and gone when the words are out.
    desk.wait(60);
    assert!(desk.said().is_empty() && desk.screen().contains(&alarm), "{}", desk.screen());
    desk.open_ticket(&id).press("d T").write("Still on it").press("<ctrl-s>");
    for audience in ["management", "\"service desk\""] {
        desk.press(":").write(&format!("major-tell audience:{audience} text:Working")).press("<enter>");
    }
    desk.wait(11);
    desk.press("<esc> g w");
    assert!(!desk.screen().contains("are overdue"), "{}", desk.screen());
}

#[test]
fn who_leads_the_communications_owes_the_words_and_a_colleague_s_major_incident_is_read_as_it_comes() {
    let (world, id) = accepted();
    let lead = "tbello";
    let mut desk = world.console(lead).sized(80, 24);
    desk.wait(60);
    assert!(!desk.screen().contains("are overdue"), "{}", desk.screen());
    let step = MajorStep::Appoint { role: MajorRole::Communications, who: vec![Name::new(lead)] };
    let target = Target::Ticket(TicketId::new(&id));
    world.does(&with_role("incident_manager"), target, vec![Change::Major { step }]);
    desk.look();
    desk.wait(60);
    assert!(desk.said().starts_with(&format!("{id}: words to ")), "{}", desk.screen());
}

#[test]
fn from_restored_to_reviewed_and_closed() {
    let (world, id) = accepted();
    let mut desk = world.console(&with_role("incident_manager"));
    desk.open_ticket(&id).press("d s");
    assert!(world.ticket(&id).major.unwrap().restored.is_some(), "{}", desk.said());
    assert!(world.ticket(&id).state.is_open());
    desk.press(":").write("major-log decision Fail over now").press("<enter>");
    assert_eq!(world.ticket(&id).major.unwrap().log.len(), 1, "{}", desk.said());
    let me = with_role("incident_manager");
    let target = || Target::Ticket(TicketId::new(&id));
    let ticket = world.ticket(&id);
    let mut changes: Vec<Change> = [
        (Field::ResolutionCode, Value::name("fixed")),
        (Field::Resolution, Value::text("Failed over.")),
        (Field::Verified, Value::name("yes")),
    ]
    .into_iter()
    .map(|(field, to)| Change::Set { field, from: None, to: Some(to) })
    .collect();
    changes.extend(make_move(&ticket, Verb::Resolve));
    world.does(&me, target(), changes);
    desk.wait(2);
    desk.press("d c");
    assert!(desk.said().contains("review"), "{}", desk.said());
    for part in review::PARTS {
        desk.press(":").write(&format!("major-review part:\"{part}\" text:\"It went so.\"")).press("<enter>");
    }
    desk.press("d c");
    assert_eq!(state(&world, &id), Some(MajorState::Closed), "{}", desk.said());
}

#[test]
fn what_looks_like_it_is_marked_to_be_linked() {
    let (world, id) = accepted();
    let service = || [(Field::Service, Value::name(SERVICE))];
    let alike = world.register(Kind::Incident, "My mail hangs", &service());
    world.register(Kind::Incident, "The printer is out of paper", &[]);
    let mut desk = world.console(&with_role("incident_manager"));
    desk.open_ticket(&id).press("d f");
    assert!(desk.said().starts_with("1 incidents look like"), "{}", desk.said());
    desk.press(":").write(&format!("link {id} child_of")).press("<enter>");
    let links = world.ticket(&alike).links;
    assert_eq!(links.len(), 1, "{}", desk.screen());
}
