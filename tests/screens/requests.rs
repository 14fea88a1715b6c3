//! Requests by keys: asked for in one form, approved and rejected, worked through, sent again; all at 80 by 24.

use deskside::app::overlay::Overlay;
use deskside::domain::approval::Standing;
use deskside::domain::change::Party;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::proposal::ProposalState;
use deskside::domain::state::{State, Verb};
use deskside::domain::task::TaskState;

use super::desk::{Desk, SETTINGS, World, customer, keys, with_role};

fn me(world: &World) -> Desk<'_> {
    world.me().sized(80, 24)
}

/// Fills the form that lies open with these answers and sends it.
fn fill(desk: &mut Desk<'_>, answers: &[(&str, &str)]) {
    let Some(Overlay::Form(form)) = desk.overlay() else {
        panic!("no form: {}\n{}", desk.said().to_owned(), desk.screen())
    };
    for _ in 0..form.fields.len() {
        let Some(Overlay::Form(form)) = desk.overlay() else { break };
        let name = form.fields[form.focus].name.clone();
        if let Some((_, text)) = answers.iter().find(|(asked, _)| *asked == name) {
            desk.write(text);
        }
        // A digit of a short list goes on by itself.
        let stays = matches!(desk.overlay(), Some(Overlay::Form(form)) if form.fields[form.focus].name == name);
        if stays {
            desk.press("<tab>");
        }
    }
    desk.press("<ctrl-s>");
    if let Some(Overlay::Form(form)) = desk.overlay() {
        panic!("{:?} of {:?}", form.fault, form.fields.iter().map(|field| &field.name).collect::<Vec<_>>());
    }
}

/// A licence for a customer whose manager is the service desk's, and what it is called.
fn licence(desk: &mut Desk<'_>) -> String {
    let caller = customer();
    desk.press("g n").write("Software licence").press("<enter>");
    assert!(desk.screen().contains("For whom"), "{}", desk.screen());
    let answers = [("caller", caller.as_str()), ("product", "Visio"), ("cost_centre", "4711"), ("approver", "gokafor")];
    fill(desk, &answers);
    desk.wait(1);
    desk.look();
    let ids = desk.model.table.iter().map(|row| desk.model.table.id(row).to_owned());
    let id = ids.filter(|id| id.starts_with("REQ-")).max().unwrap();
    desk.open_ticket(&id);
    id
}

#[test]
fn a_request_from_a_call_takes_one_form_and_asks_its_approvers_by_itself() {
    let world = World::empty();
    let mut desk = me(&world);
    let id = licence(&mut desk);
    let ticket = world.ticket(&id);
    assert_eq!((ticket.kind, ticket.state), (Kind::Request, State::WaitingForApproval));
    assert_eq!(ticket.text(&Field::parse("x.product").unwrap()), "Visio");
    assert_eq!(ticket.approval.as_ref().map(|held| held.standing), Some(Standing::Waiting));
    let screen = desk.screen();
    assert!(screen.contains("Approval waiting, stage 1 of 1 (Line manager)"), "{screen}");
    // What is wrong with an answer stands in the form, with all that was typed.
    desk.press("<esc> g n").write("Software licence").press("<enter>").write(&customer());
    desk.press("<tab>").write("Visio").press("<tab> <tab>").write("17").press("<ctrl-s>");
    assert!(desk.screen().contains("from 1000 to 9999"), "{}", desk.screen());
}

#[test]
fn an_approver_sees_it_in_work_and_says_yes_with_one_key_and_no_with_words() {
    let world = World::empty();
    let mut desk = me(&world);
    let (first, second) = (licence(&mut desk), licence(&mut desk));
    desk.press("y");
    assert!(!desk.said().is_empty() && world.ticket(&second).state == State::WaitingForApproval, "nobody their own");
    let mut boss = world.console("gokafor").sized(80, 24);
    assert!(boss.screen().contains(&first) && boss.screen().contains(&second), "{}", boss.screen());
    boss.open_ticket(&first);
    boss.press("y");
    assert_eq!(world.ticket(&first).state, State::Approved, "{}", boss.said());
    boss.open_ticket(&second);
    boss.press("B").write("Too dear.").press("<ctrl-s>");
    assert_eq!(world.ticket(&second).state, State::Rejected, "{}", boss.said());
    let vote = world.ticket(&second).approval.unwrap().votes.pop().unwrap();
    assert_eq!((vote.by.as_str(), vote.words.as_str()), ("gokafor", "Too dear."));
    // What was rejected goes out once more.
    desk.look();
    desk.open_ticket(&second);
    desk.press("m o");
    assert_eq!(world.ticket(&second).state, State::WaitingForApproval, "{}", desk.said());
}

#[test]
fn its_tasks_are_worked_through_by_keys_and_the_end_waits_for_them() {
    let world = World::empty();
    let mut desk = me(&world);
    let id = licence(&mut desk);
    world.does(
        "gokafor",
        deskside::domain::change::Target::Ticket(id.as_str().into()),
        vec![deskside::domain::lifecycle::make_move(&world.ticket(&id), Verb::Approve).unwrap()],
    );
    desk.look();
    desk.open_ticket(&id);
    desk.press("t");
    assert_eq!(world.ticket(&id).state, State::InFulfilment, "{}", desk.said());
    assert!(desk.screen().contains("Tasks 0 of 2 done"), "{}", desk.screen());
    desk.press("m b").write("1").press("<enter>");
    assert_eq!(world.ticket(&id).tasks[0].state, TaskState::Doing, "{}", desk.said());
    desk.press("m d");
    fill(&mut desk, &[("number", "1"), ("how", "done"), ("words", "A seat was free.")]);
    desk.press("m d");
    fill(&mut desk, &[("number", "2"), ("how", "skipped"), ("words", "It is there already.")]);
    let tasks = world.ticket(&id).tasks;
    assert_eq!((tasks[0].state, tasks[1].state), (TaskState::Done, TaskState::Skipped), "{}", desk.said());
    desk.press("m t");
    fill(&mut desk, &[("title", "Note the renewal"), ("due", "fri 10:00")]);
    desk.press("m w");
    fill(&mut desk, &[("number", "3"), ("to", "gokafor")]);
    let given = world.ticket(&id).tasks.pop().unwrap().asked;
    assert!(given.due.is_some() && given.to == Some(Party::Person("gokafor".into())), "{}", desk.said());
    assert!(desk.screen().contains("[x] 1 ") && desk.screen().contains("[ ] 3 Note the renewal"), "{}", desk.screen());
    desk.press("m s").write("fulfil").press("<enter>");
    fill(&mut desk, &[("resolution", "Assigned."), ("verified", "yes")]);
    assert!(desk.said().contains("Tasks are open: 3 Note the renewal"), "{}", desk.said());
    assert!(desk.screen().contains("Tasks 1 of 3 done, 1 skipped"), "{}", desk.screen());
}

/// Three incidents of the service desk.
fn incidents(world: &World) -> Vec<String> {
    let group = [(Field::Group, Value::name("Service Desk"))];
    (0..3).map(|n| world.register(Kind::Incident, &format!("No network {n}"), &group)).collect()
}

#[test]
fn what_is_above_the_level_is_proposed_with_one_key_and_accepted_amended_or_declined_with_one() {
    let world = World::empty();
    let ids = incidents(&world);
    let mut junior = world.console("tbello").sized(80, 24);
    for id in &ids {
        junior.open_ticket(id);
        junior
            .press("t x")
            .write("Fixed")
            .press("<tab>")
            .write("yes")
            .press("<tab>")
            .write("New cable.")
            .press("<ctrl-s>");
        assert!(junior.said().contains("resolving is for an engineer and above"), "{}", junior.said());
        assert!(junior.said().contains("`+` proposes it"), "{}", junior.said());
        assert_eq!(world.ticket(id).proposals.len(), 0, "never by itself");
        junior.press("+").write("It works again.").press("<enter>");
        assert!(junior.said().contains("proposed (resolved"), "not as if it were done: {}", junior.said());
        assert_eq!(world.ticket(id).proposals.len(), 1, "{}", junior.said());
    }
    let mut desk = me(&world);
    assert!(ids.iter().all(|id| desk.screen().contains(id)), "{}", desk.screen());
    desk.open_ticket(&ids[0]);
    assert!(desk.screen().contains("Proposal 1 by Tunde Bello"), "{}", desk.screen());
    desk.press("y");
    let ticket = world.ticket(&ids[0]);
    assert_eq!(
        (ticket.state, ticket.proposals[0].state),
        (State::Resolved, ProposalState::Accepted),
        "{}",
        desk.said()
    );
    desk.open_ticket(&ids[1]);
    desk.press("B").write("Ask the caller first.").press("<ctrl-s>");
    assert_eq!(world.ticket(&ids[1]).proposals[0].state, ProposalState::Declined, "{}", desk.said());
    desk.open_ticket(&ids[2]);
    desk.press("&");
    fill(&mut desk, &[]);
    let ticket = world.ticket(&ids[2]);
    assert_eq!((ticket.state, ticket.proposals[0].state), (State::Resolved, ProposalState::Amended), "{}", desk.said());
    assert!(with_role("service_desk_manager") == "gokafor");
}

#[test]
fn a_problem_above_the_level_is_proposed_on_its_incident_and_raised_with_one_key() {
    let world = World::empty();
    let ids = incidents(&world);
    let mut junior = world.console("tbello").sized(80, 24);
    for (id, raise) in ids.iter().zip(["m p", "m c", "m p"]) {
        junior.open_ticket(id);
        junior.press(raise);
        assert!(junior.said().contains("is for a senior and above"), "{}", junior.said());
        assert!(junior.said().contains("`+` proposes it"), "{}", junior.said());
        junior.press("+").write("Third time this week.").press("<enter>");
        assert_eq!(world.ticket(id).proposals.len(), 1, "{}", junior.said());
        assert!(junior.screen().contains("Proposal 1 by"), "{}", junior.screen());
        junior.press("<esc>");
    }
    let mut desk = me(&world);
    desk.open_ticket(&ids[0]);
    assert!(desk.screen().contains("Proposal 1 by Tunde Bello: registered (problem)"), "{}", desk.screen());
    desk.press("y");
    assert!(desk.said().contains("problem raised as proposed: PRB-"), "{}", desk.said());
    let ticket = world.ticket(&ids[0]);
    assert_eq!(ticket.proposals[0].state, ProposalState::Accepted);
    assert!(!desk.screen().contains("Proposal 1 by"), "{}", desk.screen());
    let raised = ticket.links[0].other.to_string();
    desk.open_ticket(&raised);
    let screen = desk.screen().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(screen.contains(&format!("raised as proposal 1 of {} by Tunde Bello", ids[0])), "{screen}");
    desk.press("<esc>");
    desk.open_ticket(&ids[1]);
    desk.press("&");
    fill(&mut desk, &[("title", "A new switch")]);
    let raised = world.ticket(&ids[1]).links[0].other.to_string();
    let change = world.ticket(&raised);
    assert_eq!((change.kind, change.title()), (Kind::Change, "A new switch"), "{}", desk.said());
    desk.open_ticket(&ids[2]);
    desk.press("B").write("It is the caller's cable.").press("<ctrl-s>");
    assert_eq!(world.ticket(&ids[2]).proposals[0].state, ProposalState::Declined, "{}", desk.said());
    // What is raised from nothing has no record to wait on, and says from what it could be raised.
    junior.press("b n");
    fill(&mut junior, &[("title", "The switch dies")]);
    assert!(junior.said().contains("raise it from the incident that it is about (`m p`)"), "{}", junior.said());
}

/// Keys at random, as somebody would hit them who knows nothing; a fixed stream, so that a fault can be looked at.
#[test]
fn random_keys_of_an_associate_never_record_what_is_above_the_level() {
    use deskside::domain::change::{Change, EscalationKind, Handover};
    let world = World::sample();
    let who = "tbello";
    let mut desk = world.console(who).sized(80, 24);
    let mut seed: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % n as u64) as usize
    };
    let words = keys("f i x e d <space> y e s 1 2 3 <tab> <tab> <enter> <enter> <ctrl-s> <ctrl-s> <esc> j j <enter>");
    for turn in 0..2500 {
        let scopes = desk.model.scopes();
        let bound: Vec<_> = scopes.iter().flat_map(|scope| SETTINGS.keymap.of(*scope)).collect();
        if next(3) == 0 || bound.is_empty() {
            desk.key(words[next(words.len())]);
        } else {
            let pressed = &bound[next(bound.len())];
            if !matches!(pressed.command.id, "quit" | "suspend") {
                pressed.keys.0.clone().into_iter().for_each(|key| desk.key(key));
            }
        }
        if turn % 50 == 0 {
            desk.wait(15);
        }
    }
    desk.wait(30);
    let mut acts = 0;
    for row in desk.model.table.iter().collect::<Vec<_>>() {
        let ticket = world.ticket(desk.model.table.id(row));
        for event in ticket.timeline.iter().filter(|event| &*event.actor == who && !event.op.0.starts_with("sample-")) {
            acts += 1;
            let forbidden = match &event.change {
                Change::Move { verb, .. } => matches!(
                    verb,
                    Verb::Resolve | Verb::Implement | Verb::Schedule | Verb::AcceptRisk | Verb::Reanalyse
                ),
                Change::Set { field: Field::Major, .. } => true,
                Change::Set { field: Field::KnownError, to, .. } => *to == Some(Value::Flag(true)),
                Change::Create { kind, .. } => matches!(kind, Kind::Problem | Kind::Change),
                Change::Escalate { escalation } => {
                    !matches!(escalation.kind, EscalationKind::Functional | EscalationKind::Exception)
                }
                Change::Handover { step } => matches!(step, Handover::Force { .. }),
                _ => false,
            };
            assert!(!forbidden, "{}: {:?}", ticket.id, event.change);
        }
    }
    assert!(acts > 0, "nothing was done at all");
}

#[test]
fn the_form_says_what_it_is_for_and_in_full_what_is_wrong() {
    let world = World::empty();
    let mut desk = me(&world);
    desk.press("g n").write("Remote access").press("<enter>");
    assert!(desk.screen().contains("Request – Remote access"), "{}", desk.screen());
    desk.write(&customer()).press("<enter>").write("Works from home").press("<tab> <tab>").write("yesterday");
    desk.press("<ctrl-s>");
    let screen = desk.screen();
    assert!(
        screen.contains("`Until when` is past: give a time that lies ahead.") && !screen.contains("T09:"),
        "{screen}"
    );
    desk.press("<ctrl-u>").write("soonish").press("<ctrl-s>");
    let screen = desk.screen();
    assert!(screen.contains("`Until when`: `soonish` is not understood"), "ctrl-u clears the line: {screen}");
    assert!(!screen.contains("access_until"), "by its label and not by its field: {screen}");
    let faults = screen.lines().filter(|line| line.contains("understood") || line.contains("for example")).count();
    assert!(faults >= 1 && !screen.contains("write for …"), "nothing of it is cut: {screen}");
    desk.press("<ctrl-u>").write("60d").press("<ctrl-s>");
    assert!(desk.overlay().is_none(), "{}", desk.screen());
    desk.wait(1);
    desk.look();
    let words = desk.screen().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("why Works from home") && !words.contains("x.why"), "named as people name it: {words}");
}
