//! Escalating by keys: what is proposed, taken, changed, answered; the word to the supervisor.

use deskside::app::overlay::Overlay;
use deskside::domain::change::{EscalationKind, Party};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::state::State;

use super::desk::{World, directory};

const GROUP: &str = "Service Desk";

/// A desk with one urgent incident in my group's queue.
fn urgent() -> (World, String) {
    let world = World::empty();
    let fields =
        [(Field::Group, Value::name(GROUP)), (Field::Impact, Value::Number(1)), (Field::Urgency, Value::Number(2))];
    let id = world.register(Kind::Incident, "Nothing works", &fields);
    (world, id)
}

fn manager() -> String {
    directory().group(GROUP).unwrap().manager.to_string()
}

#[test]
fn a_proposal_is_shown_taken_with_two_keys_and_then_gone() {
    let (world, id) = urgent();
    let mut desk = world.me();
    desk.open_ticket(&id);
    assert!(!desk.screen().contains("Proposed"), "it is new");
    desk.wait(6 * 60);
    let name = directory().display(&manager()).to_owned();
    let proposed = format!("Proposed: escalate (time based) to {name}: An urgent ticket waits for an owner.");
    assert!(desk.screen().contains(&proposed), "{}", desk.screen());
    desk.press("m e");
    assert_eq!(desk.sent(), 1, "{}", desk.said());
    assert!(!desk.screen().contains("Proposed: escalate (time based)"), "it is taken");
    let held = world.ticket(&id).escalations;
    let step = held[0].escalation.step.as_ref().unwrap();
    assert_eq!((held.len(), &*step.rule, step.number), (1, "untaken urgent", 1));
    assert_eq!(held[0].escalation.to, Party::Person(manager().as_str().into()));
    desk.wait(60);
    desk.press("m e");
    assert_eq!(desk.sent(), 1, "each step once");
    assert!(desk.said().contains("Nothing is proposed"), "{}", desk.said());
}

#[test]
fn the_clocks_show_how_far_a_ladder_has_come_until_somebody_answers() {
    let (world, id) = urgent();
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.wait(6 * 60);
    desk.press("m e <tab> <tab>");
    let screen = desk.screen();
    assert!(screen.contains("Ladder `untaken urgent`: step 1 of 2 taken, next when nobody has taken it"), "{screen}");
    assert!(screen.contains("not acknowledged"), "{screen}");
    desk.press("E 3");
    assert_eq!(desk.sent(), 2, "{}", desk.said());
    let screen = desk.screen();
    assert!(screen.contains("Ladder `untaken urgent`: stopped by acknowledgement"), "{screen}");
    desk.wait(20 * 60);
    desk.press("<tab> <tab>");
    let again = "Proposed: escalate (time based) to me: An urgent";
    let screen = desk.screen().replace(directory().display(&manager()), "me");
    assert!(!screen.contains(again), "the ladder stands still:\n{}", desk.screen());
}

#[test]
fn the_form_begins_with_what_is_proposed() {
    let (world, id) = urgent();
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.wait(6 * 60);
    desk.press("e");
    let Some(Overlay::Form(form)) = desk.overlay() else { panic!("{:?}", desk.overlay()) };
    let begun: Vec<String> = form.fields.iter().map(|field| field.text.text().to_string()).collect();
    assert_eq!(begun[..2], ["time_based".to_owned(), manager()]);
    assert!(begun[2].starts_with("An urgent ticket waits for an owner."), "{}", begun[2]);
    desk.press("<ctrl-s>");
    assert_eq!(desk.sent(), 1, "{}", desk.said());
    assert!(world.ticket(&id).escalations[0].escalation.step.is_some());
}

/// What stands in the form's field.
fn answer(desk: &super::desk::Desk<'_>, name: &str) -> String {
    let Some(Overlay::Form(form)) = desk.overlay() else { panic!("{:?}", desk.overlay()) };
    form.fields.iter().find(|field| field.name == name).unwrap().text.text().to_string()
}

#[test]
fn to_whom_follows_from_the_kind_until_somebody_says_otherwise() {
    let (world, id) = urgent();
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press("e");
    assert_eq!(answer(&desk, "to"), "", "nothing is proposed yet");
    desk.press("2");
    assert_eq!(answer(&desk, "to"), manager());
    let clear = "<backspace> ".repeat(24);
    desk.press("<shift-tab>").press(&clear).write("problem").press("<tab>");
    assert_eq!(answer(&desk, "to"), super::desk::with_role("problem_manager"));
    desk.press(&clear)
        .write("zahmed")
        .press("<tab> <shift-tab> <shift-tab>")
        .press(&clear)
        .write("hier")
        .press("<tab>");
    assert_eq!(answer(&desk, "to"), "zahmed", "what was typed stays");
}

#[test]
fn a_hierarchical_escalation_by_keys_reaches_the_manager_and_is_told_on_the_manager_s_screen() {
    let (world, id) = urgent();
    let mut theirs = world.console(&manager());
    theirs.look();
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press("e 2 <enter>").write("The caller asks for you").press("<enter>").write("To act today").press("<ctrl-s>");
    assert_eq!(desk.sent(), 1, "{}", desk.said());
    let made = world.ticket(&id).escalations.remove(0).escalation;
    assert_eq!((made.kind, made.to.name().as_str()), (EscalationKind::Hierarchical, &*manager()));
    assert_eq!((made.reason.as_str(), made.detail.as_str()), ("The caller asks for you", "To act today"));
    theirs.look();
    let told = format!("Jo Morgan escalates {id} to you (hierarchical): The caller asks for you. `E` answers for it.");
    assert_eq!(theirs.said(), told);
    // Once, and nobody else.
    theirs.press("j").look();
    assert!(!theirs.said().contains("escalates"), "{}", theirs.said());
    world.sets(deskside::backend::sample::ME, &id, Field::Impact, Value::Number(2));
    theirs.look();
    assert!(!theirs.said().contains("escalates"), "{}", theirs.said());
    assert!(!desk.said().contains("escalates"), "{}", desk.said());
    // A second one is told again, though the row was escalated before.
    theirs.model.notice = None;
    desk.press("!").write("They threaten to leave").press("<enter>");
    theirs.look();
    assert!(theirs.said().contains("to you (exception): They threaten to leave. `E`"), "{}", theirs.said());
}

#[test]
fn a_problem_escalation_by_keys_reaches_the_problem_manager_with_its_evidence() {
    let (world, id) = urgent();
    let lead = super::desk::with_role("problem_manager");
    let mut theirs = world.console(&lead);
    theirs.look();
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press("e 4 <enter>").write("Third time this week").press("<enter>").write("Same board each time");
    desk.press("<ctrl-s>");
    assert_eq!(desk.sent(), 1, "{}", desk.said());
    let made = world.ticket(&id).escalations.remove(0).escalation;
    assert_eq!((made.kind, made.to.name().as_str()), (EscalationKind::Problem, &*lead));
    assert_eq!((made.reason.as_str(), made.detail.as_str()), ("Third time this week", "Same board each time"));
    theirs.look();
    assert!(theirs.said().contains("(problem): Third time this week."), "{}", theirs.said());
}

#[test]
fn a_functional_escalation_says_from_which_line_to_which_and_routes() {
    let (world, id) = urgent();
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press(":").write("escalate functional to:Network reason:\"needs a network engineer\" tried:\"new cable\"");
    desk.press("<enter>");
    let ticket = world.ticket(&id);
    assert_eq!(ticket.text(&Field::Group), "Network", "{}", desk.said());
    let made = &ticket.escalations[0].escalation;
    assert_eq!(made.detail.as_str(), "From Service Desk (line 1) to Network (line 3).\nnew cable");
}

#[test]
fn a_supplier_is_asked_for_by_name_reference_and_promise() {
    let (world, id) = urgent();
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press(":").write(&format!("escalate supplier to:{} reason:\"broken board\"", manager()));
    desk.press("<enter>");
    let Some(Overlay::Form(form)) = desk.overlay() else { panic!("{:?}", desk.overlay()) };
    let asked: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(asked, ["supplier", "reference", "promise"]);
    desk.write("HP Care").press("<enter>").write("HP-77").press("<enter>").write("tomorrow 9:00").press("<enter>");
    let ticket = world.ticket(&id);
    assert_eq!(ticket.text(&Field::Supplier), "HP Care", "{}", desk.said());
    assert_eq!(ticket.text(&Field::SupplierReference), "HP-77");
    assert!(ticket.time(&Field::SupplierPromise).is_some());
    assert_eq!(ticket.escalations[0].escalation.detail.as_str(), "HP-77");
}

#[test]
fn only_who_may_declare_a_major_incident_declares_it_by_escalating() {
    let lead = directory().people.iter().find(|p| p.roles.iter().any(|r| r.as_str() == "incident_manager")).unwrap();
    for (who, declared) in [(deskside::backend::sample::ME, false), (&*lead.login, true)] {
        let (world, id) = urgent();
        let mut desk = world.console(who);
        desk.open_ticket(&id);
        desk.press(":").write(&format!("escalate major to:{} reason:outage tried:\"no sales\"", lead.login));
        desk.press("<enter>");
        let ticket = world.ticket(&id);
        assert_eq!(ticket.escalations.len(), 1, "{}", desk.said());
        assert_eq!(ticket.get(&Field::Major).and_then(Value::as_flag) == Some(true), declared, "{who}");
    }
}

#[test]
fn a_word_to_the_supervisor_takes_one_key_and_needs_a_ticket() {
    let (world, id) = urgent();
    let mut desk = world.me();
    desk.press("T !").write("The caller shouts at us").press("<enter>");
    let ticket = world.ticket(&id);
    let made = &ticket.escalations[0].escalation;
    assert_eq!((made.kind, made.to.name().as_str()), (EscalationKind::Exception, &*manager()), "{}", desk.said());
    assert_eq!(made.reason.as_str(), "The caller shouts at us");
    assert_eq!(ticket.state, State::New, "nothing else happened");
    let empty = World::empty();
    let mut desk = empty.me();
    desk.press("!");
    assert!(desk.overlay().is_none() && desk.said().contains("no ticket"), "{}", desk.said());
}

#[test]
fn a_ticket_that_goes_back_and_forth_is_marked() {
    let (world, id) = urgent();
    for group in ["Network", GROUP, "Messaging", GROUP] {
        world.sets(deskside::backend::sample::ME, &id, Field::Group, Value::name(group));
    }
    let mut desk = world.me();
    desk.open_ticket(&id);
    let screen = desk.screen();
    let marked = "Between groups: bounced back 2 times, passed on without a word 4 times";
    assert!(screen.contains(marked), "{screen}");
    assert!(screen.contains("It goes back and forth between groups."), "{screen}");
}
