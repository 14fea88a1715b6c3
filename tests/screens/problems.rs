//! Problems by keys, at 80 by 24: analysed, known, cured, borne, watched; their workaround given, their errors offered.

use deskside::app::overlay::Overlay;
use deskside::domain::change::{Audience, Change, Link, LinkKind, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::state::{State, Verb};
use deskside::domain::ticket::Ticket;

use super::desk::{Desk, World, with_role};

fn said(ticket: &Ticket, wanted: Audience) -> Vec<String> {
    let words = |change: &Change| match change {
        Change::Say { audience, text } if *audience == wanted => Some(text.to_string()),
        _ => None,
    };
    ticket.timeline.iter().filter_map(|event| words(&event.change)).collect()
}

/// The screen with its lines joined, whatever the width breaks.
fn words(desk: &mut Desk<'_>) -> String {
    desk.screen().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn step(world: &World, id: &str, verb: Verb, from: State, to: State) {
    world.does("jmorgan", Target::Ticket(TicketId::new(id)), vec![Change::Move { verb, from, to }]);
}

/// A problem in its analysis, open on my screen.
fn analysed(world: &World) -> (Desk<'_>, String) {
    let id = world.register(Kind::Problem, "Docks drop screens", &[(Field::Category, Value::name("hardware/dock"))]);
    step(world, &id, Verb::Assess, State::New, State::Assess);
    step(world, &id, Verb::Confirm, State::Assess, State::RootCause);
    let mut desk = world.me().sized(80, 24);
    desk.open_ticket(&id);
    (desk, id)
}

/// An incident that hangs on that problem.
fn linked(world: &World, problem: &str, title: &str) -> String {
    let id = world.register(Kind::Incident, title, &[]);
    let link = Link { how: LinkKind::ProblemIs, other: TicketId::new(problem) };
    world.does("jmorgan", Target::Ticket(TicketId::new(&id)), vec![Change::Link { link }]);
    id
}

#[test]
fn a_problem_is_raised_with_its_dimensions_proposed() {
    let world = World::empty();
    let mut desk = world.me().sized(80, 24);
    desk.press("b n");
    let screen = desk.screen();
    for word in ["Raised because of", "proactive", "Level", "operational", "Lies in", "system"] {
        assert!(screen.contains(word), "{word}: {screen}");
    }
    desk.write("Certificates run out").press("<ctrl-s>");
    let id = desk.model.table.iter().map(|row| desk.model.table.id(row).to_owned()).next().unwrap();
    let t = world.ticket(&id);
    assert_eq!(
        (t.kind, t.text(&Field::Trigger), t.text(&Field::Level), t.text(&Field::Domain)),
        (Kind::Problem, "proactive", "operational", "system"),
        "{}",
        desk.said()
    );
    desk.open_ticket(&id).press("b l");
    desk.press("<ctrl-s>");
    assert!(words(&mut desk).contains("stands so already"), "{}", desk.screen());
    desk.press("<esc>");
    desk.press(":").write("dimensions strategic process").press("<enter>");
    let t = world.ticket(&id);
    assert_eq!((t.text(&Field::Level), t.text(&Field::Domain)), ("strategic", "process"));
}

#[test]
fn the_analysis_is_written_line_by_line_and_shown_as_a_tree() {
    let world = World::empty();
    let (mut desk, id) = analysed(&world);
    desk.press("b w").write("The hub resets").press("<enter>").write("Power is negotiated anew").press("<ctrl-s>");
    desk.press("b t").paste("Docks drop\n  hub resets\n    firmware 36\n    two screens\n  roll-out to all floors");
    desk.press("<ctrl-s> b e").write("Logs of 14 laptops").press("<ctrl-s>");
    let t = world.ticket(&id);
    assert_eq!(t.text(&Field::Whys), "The hub resets\nPower is negotiated anew");
    assert!(t.text(&Field::CauseTree).contains("    two screens"));
    desk.press("b w");
    assert!(desk.screen().contains("Power is negotiated anew"), "what stands there is gone on with: {}", desk.screen());
    desk.press("<esc> <tab>");
    let screen = desk.screen();
    for line in [
        "[analysis]",
        "1. The hub resets",
        "2. Power is",
        "|- hub resets",
        "|  |- firmware 36",
        "|  `- two screens",
        "`- roll-out",
    ] {
        assert!(screen.contains(line), "{line}: {screen}");
    }
    assert!(screen.contains("Next review"), "{screen}");
    desk.press("b c").write("firmware").press("<tab>").write("The hub resets at 65 W").press("<ctrl-s>");
    assert_eq!(world.ticket(&id).text(&Field::Cause), "The hub resets at 65 W", "{}", desk.said());
}

#[test]
fn a_draft_of_the_whys_survives_leaving() {
    let world = World::empty();
    let (mut desk, id) = analysed(&world);
    desk.press("b w").write("Half a tho").press("<esc> b w");
    assert!(desk.screen().contains("Half a tho"));
    desk.write("ught").press("<ctrl-s>");
    assert_eq!(world.ticket(&id).text(&Field::Whys), "Half a thought");
}

#[test]
fn weighing_it_anew_asks_why() {
    let world = World::empty();
    let (mut desk, id) = analysed(&world);
    desk.press("f i 1");
    assert_eq!(world.ticket(&id).impact(), 3, "not without a reason");
    desk.write("It reached the wards").press("<enter>");
    let t = world.ticket(&id);
    assert_eq!(t.impact(), 1, "{}", desk.said());
    assert!(said(&t, Audience::Internal).contains(&"It reached the wards".to_owned()));
}

#[test]
fn a_risk_is_put_forward_by_one_and_accepted_by_another_with_the_same_key() {
    let world = World::empty();
    let (mut desk, id) = analysed(&world);
    desk.press("b r").write("Replaced in May").press("<tab>").write("90d").press("<ctrl-s>");
    assert_eq!(world.ticket(&id).state, State::RootCause, "{}", desk.said());
    desk.press("b r");
    assert!(desk.said().contains("somebody else"), "{}", desk.said());
    let manager = with_role("problem_manager");
    let mut hers = world.console(&manager).sized(80, 24);
    hers.open_ticket(&id).press("b r");
    let t = world.ticket(&id);
    assert_eq!((t.state, t.text(&Field::Approver)), (State::Closed, manager.as_str()), "{}", hers.said());
}

#[test]
fn preventive_actions_are_listed_done_and_their_effect_looked_at() {
    let world = World::empty();
    let (mut desk, id) = analysed(&world);
    desk.press("b f").write("New firmware").press("<ctrl-s>");
    assert_eq!(world.ticket(&id).state, State::FixInProgress, "{}", desk.said());
    desk.press("b a").write("Alarm on firmware").press("<tab>").write("14d").press("<ctrl-s>");
    desk.press("<tab>");
    assert!(desk.screen().contains("nothing yet"), "{}", desk.screen());
    desk.press(":").write("prevented 1 \"in place\"").press("<enter>");
    desk.press(":").write("effect 1 yes \"fired twice\"").press("<enter>");
    let t = world.ticket(&id);
    assert!(t.tasks[0].effect.as_ref().is_some_and(|effect| effect.worked), "{} {:?}", desk.said(), t.tasks);
    desk.press("m s").write("resolve").press("<enter>").write("Rolled out").press("<ctrl-s>");
    let t = world.ticket(&id);
    assert_eq!((t.state, t.text(&Field::Outcome)), (State::Resolved, "fix_applied"), "{}", desk.said());
}

#[test]
fn a_review_is_a_note_and_moves_the_next_one() {
    let world = World::empty();
    let (mut desk, id) = analysed(&world);
    desk.wait(8 * 86_400);
    desk.press("<esc> g p").press(":").write("view \"review due\"").press("<enter>");
    assert_eq!(desk.here(), id);
    assert!(desk.screen().contains("-1 d"), "overdue: {}", desk.screen());
    desk.press("b v").write("Waits for the supplier").press("<ctrl-s>");
    assert!(said(&world.ticket(&id), Audience::Internal).contains(&"Waits for the supplier".to_owned()));
    desk.press("R");
    assert!(desk.model.list().rows.is_empty(), "it is looked at again in a week: {}", desk.screen());
}

#[test]
fn problems_stand_in_queues_by_level_and_domain() {
    let world = World::empty();
    let sort = |level: &str, domain: &str| {
        let fields = [(Field::Level, Value::name(level)), (Field::Domain, Value::name(domain))];
        world.register(Kind::Problem, &format!("{level} {domain}"), &fields)
    };
    let (one, two) = (sort("tactical", "process"), sort("strategic", "service"));
    let mut desk = world.me().sized(80, 24);
    desk.press("g p");
    for (view, here, gone) in
        [("tactical", &one, &two), ("strategic", &two, &one), ("process", &one, &two), ("service", &two, &one)]
    {
        desk.press(":").write(&format!("view {view}")).press("<enter>");
        let shown = desk.model.list().rows.iter().map(|row| desk.model.table.id(*row)).collect::<Vec<_>>();
        assert_eq!(shown, [here.as_str()], "{view}, without {gone}");
    }
}

#[test]
fn a_workaround_goes_to_each_incident_as_it_was_chosen() {
    let world = World::empty();
    let (mut desk, id) = analysed(&world);
    desk.press("b p");
    assert!(desk.said().contains("no workaround yet"), "{}", desk.said());
    desk.press("b k").write("Use the cable").press("<ctrl-s>");
    desk.press("b p");
    assert!(desk.said().contains("No open incident"), "{}", desk.said());
    let ids: Vec<String> = (1..=4).map(|n| linked(&world, &id, &format!("Dock {n} drops"))).collect();
    let end = [
        (Field::ResolutionCode, Value::name("Fixed")),
        (Field::Resolution, Value::text("x")),
        (Field::Verified, Value::name("yes")),
    ];
    let mut changes: Vec<Change> =
        end.map(|(field, to)| Change::Set { field, from: None, to: Some(to) }).into_iter().collect();
    changes.push(Change::Move { verb: Verb::Resolve, from: State::New, to: State::Resolved });
    world.does("jmorgan", Target::Ticket(TicketId::new(&ids[3])), changes);
    desk.look();
    desk.press("b p");
    let screen = desk.screen();
    assert!(matches!(desk.overlay(), Some(Overlay::Preview(_))), "{} {screen}", desk.said());
    assert!(!screen.contains(&ids[3]), "a resolved one is not told: {screen}");
    desk.press("p i n");
    desk.press("<enter>");
    desk.wait(11);
    let outcomes = desk.screen();
    assert!(outcomes.contains("2 done") && outcomes.contains("1 no change"), "{outcomes}");
    desk.press("<esc>");
    let told =
        |at: usize, audience| said(&world.ticket(&ids[at]), audience).iter().any(|w| w.contains("Use the cable"));
    let given = |at: usize| world.ticket(&ids[at]).text(&Field::WorkaroundGiven).to_owned();
    assert!(told(0, Audience::Public) && !told(0, Audience::Internal));
    assert!(!told(1, Audience::Public) && told(1, Audience::Internal));
    assert!(!told(2, Audience::Public) && !told(2, Audience::Internal));
    assert!(!told(3, Audience::Public));
    assert_eq!([given(0), given(1), given(2)], ["given", "", ""], "{}", desk.said());
    desk.open_ticket(&ids[0]).press("b g 2");
    assert_eq!(given(0), "accepted", "{}", desk.said());
    assert!(desk.screen().contains("Workaround accepted"), "{}", desk.screen());
    desk.press("<esc> g i /").write("workaround:accepted").press("<enter>");
    assert_eq!(desk.model.list().rows.len(), 1);
}

#[test]
fn a_known_error_is_offered_with_why_and_one_key_takes_it() {
    let world = World::empty();
    let (mut desk, known) = analysed(&world);
    desk.press("b k").write("Use the cable").press("<ctrl-s>");
    world.register(Kind::Problem, "Printer jams", &[]);
    let fields = [(Field::Category, Value::name("hardware/dock"))];
    let id = world.register(Kind::Incident, "Screens black on the dock", &fields);
    let other = world.register(Kind::Incident, "No mail", &[]);
    let mut desk = world.me().sized(80, 24);
    desk.open_ticket(&other);
    assert!(!desk.screen().contains("Known error"), "{}", desk.screen());
    desk.press("I");
    assert!(desk.said().contains("No known error fits"), "{}", desk.said());
    desk.press("<esc>");
    desk.open_ticket(&id);
    let screen = words(&mut desk);
    for word in ["Known error", known.as_str(), "same category", "words dock, screen", "`I` takes it"] {
        assert!(screen.contains(word), "{word}: {screen}");
    }
    desk.press("I");
    desk.wait(11);
    let t = world.ticket(&id);
    assert!(t.links.contains(&Link { how: LinkKind::ProblemIs, other: TicketId::new(&known) }), "{}", desk.said());
    assert!(said(&t, Audience::Public).iter().any(|words| words.contains("Use the cable")));
    assert_eq!(t.text(&Field::WorkaroundGiven), "given");
    assert!(!desk.screen().contains("takes it"), "it is offered no more: {}", desk.screen());
}

#[test]
fn in_triage_a_known_error_goes_onto_the_line_and_out_with_enter() {
    let world = World::empty();
    let (mut desk, known) = analysed(&world);
    desk.press("b k").write("Use the cable").press("<ctrl-s>");
    let fields = [(Field::Category, Value::name("hardware/dock"))];
    let id = world.register(Kind::Incident, "Screens black on the dock", &fields);
    let mut desk = world.me().sized(80, 24);
    desk.press("g i T");
    assert!(words(&mut desk).contains("same category"), "{}", desk.screen());
    desk.press("I");
    assert!(world.ticket(&id).links.is_empty(), "nothing is sent before Enter");
    assert!(desk.screen().contains(&format!("link {known}")), "{}", desk.screen());
    desk.press("<enter>");
    desk.wait(11);
    assert_eq!(world.ticket(&id).links.len(), 1, "{}", desk.said());
}

#[test]
fn what_is_for_problems_says_so_elsewhere() {
    let world = World::empty();
    let id = world.register(Kind::Incident, "No network", &[]);
    let mut desk = world.me().sized(80, 24);
    desk.open_ticket(&id);
    for keys in ["b w", "b t", "b c", "b k", "b f", "b r", "b a", "b v", "b p", "b m", "b l"] {
        desk.press(keys);
        assert!(desk.said().contains("This is for problems"), "{keys}: {}", desk.said());
    }
    desk.press("m n");
    assert!(desk.said().contains("is not closed"), "{}", desk.said());
}
