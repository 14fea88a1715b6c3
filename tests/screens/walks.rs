//! Every lifecycle walked to its end by `m s` and the forms that it opens.

use deskside::app::overlay::Overlay;
use deskside::backend::sample::ME;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::state::State;

use super::changes::{peer, votes};
use super::desk::{Desk, World};

/// Takes a step by keys, with these answers to what its form asks.
fn step(desk: &mut Desk<'_>, verb: &str, answers: &[(&str, &str)]) {
    desk.look();
    desk.press("ms").write(verb).press("<enter>");
    let Some(Overlay::Form(form)) = desk.overlay() else { return };
    for _ in 0..form.fields.len() {
        let Some(Overlay::Form(form)) = desk.overlay() else { break };
        let name = form.fields[form.focus].name.clone();
        if let Some((_, text)) = answers.iter().find(|(asked, _)| *asked == name) {
            desk.write(text);
        }
        desk.press("<tab>");
    }
    desk.press("<ctrl-s>");
    if let Some(Overlay::Form(form)) = desk.overlay() {
        panic!("{verb}: {:?} of {:?}", form.fault, form.fields.iter().map(|field| &field.name).collect::<Vec<_>>());
    }
    desk.wait(11);
}

/// A step: its verb, the answers that it asks for, the state after it.
type Walk<'a> = (&'a str, &'a [(&'a str, &'a str)], State);

fn walk(desk: &mut Desk<'_>, id: &str, steps: &[Walk<'_>]) {
    for (verb, answers, end) in steps {
        step(desk, verb, answers);
        assert_eq!(desk.world.ticket(id).state, *end, "{verb}: {}\n{}", desk.said().to_owned(), desk.screen());
    }
}

#[test]
fn an_incident() {
    let world = World::empty();
    let id = world.register(Kind::Incident, "No network", &[(Field::Group, Value::name("Service Desk"))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    let resolved: &[(&str, &str)] = &[
        ("resolution_code", "fixed"),
        ("resolution", "New cable."),
        ("verified", "yes"),
        ("category", "network/wired"),
    ];
    walk(
        &mut desk,
        &id,
        &[
            ("assign", &[], State::Assigned),
            ("start", &[], State::InProgress),
            ("hold", &[("hold_reason", "parts")], State::OnHold),
            ("resume", &[], State::InProgress),
            ("resolve", resolved, State::Resolved),
            ("reopen", &[("note", "It is back.")], State::InProgress),
            ("resolve", resolved, State::Resolved),
            ("close", &[], State::Closed),
        ],
    );
}

#[test]
fn a_request_with_an_approval() {
    let world = World::empty();
    let id = world.register(Kind::Request, "Another screen", &[(Field::Group, Value::name("Service Desk"))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    walk(&mut desk, &id, &[("authorize", &[("approver", "gokafor")], State::WaitingForApproval)]);
    let mut boss = world.console("gokafor");
    boss.open_ticket(&id);
    walk(&mut boss, &id, &[("approve", &[], State::Approved)]);
    walk(
        &mut desk,
        &id,
        &[
            ("start", &[], State::InFulfilment),
            ("fulfil", &[("resolution", "Handed out."), ("verified", "yes")], State::Fulfilled),
            ("close", &[], State::Closed),
        ],
    );
}

#[test]
fn a_request_that_is_rejected_and_sent_again() {
    let world = World::empty();
    let id = world.register(Kind::Request, "A golden screen", &[(Field::Group, Value::name("Service Desk"))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    walk(&mut desk, &id, &[("authorize", &[("approver", "gokafor")], State::WaitingForApproval)]);
    let mut boss = world.console("gokafor");
    boss.open_ticket(&id);
    walk(&mut boss, &id, &[("reject", &[("note", "Too dear.")], State::Rejected)]);
    walk(
        &mut desk,
        &id,
        &[
            ("revert", &[], State::Draft),
            ("submit", &[], State::Submitted),
            ("cancel", &[("cancel_reason", "withdrawn")], State::Cancelled),
        ],
    );
}

#[test]
fn a_problem() {
    let world = World::empty();
    let id = world.register(Kind::Problem, "Switch in Aire", &[(Field::Group, Value::name("Network"))]);
    let manager = super::desk::with_role("problem_manager");
    let mut desk = world.console(&manager);
    desk.open_ticket(&id);
    walk(
        &mut desk,
        &id,
        &[
            ("assess", &[], State::Assess),
            ("confirm", &[], State::RootCause),
            ("plan_fix", &[("fix", "Another switch.")], State::FixInProgress),
            (
                "resolve",
                &[("resolution", "It was replaced."), ("prevention", "Nothing else is like it.")],
                State::Resolved,
            ),
            ("reanalyse", &[("note", "It happened again.")], State::RootCause),
            ("plan_fix", &[("fix", "Another switch.")], State::FixInProgress),
            ("resolve", &[("resolution", "It was replaced.")], State::Resolved),
        ],
    );
    // A fix must hold for a while before the problem ends.
    desk.wait(30 * 86_400);
    walk(&mut desk, &id, &[("close", &[], State::Closed)]);
}

#[test]
fn a_normal_change() {
    let world = World::empty();
    let id = world.register(Kind::Change, "Replace the switch", &[(Field::Group, Value::name("Network"))]);
    let manager = super::desk::with_role("change_manager");
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press("c r 1 1 1 1 1 1 1 1 <ctrl-s>");
    walk(
        &mut desk,
        &id,
        &[(
            "assess",
            &[
                ("description", "Swap it."),
                ("reason", "It fails."),
                ("risk", "moderate"),
                ("plan", "Take it out, put the other in."),
                ("back_out", "Put it back."),
                ("test_plan", "Ping."),
                ("planned_start", "in 1h"),
                ("planned_end", "in 3h"),
                ("service", "Network"),
            ],
            State::Assess,
        )],
    );
    // Peers first, then the board.
    desk.press("c a");
    votes(&world, &peer("Network", &[ME, &manager]), &id);
    desk.look();
    walk(&mut desk, &id, &[("authorize", &[], State::Authorize)]);
    votes(&world, &manager, &id);
    let mut desk = world.console(&manager);
    desk.open_ticket(&id);
    walk(&mut desk, &id, &[("schedule", &[], State::Scheduled)]);
    desk.wait(2 * 3600);
    walk(
        &mut desk,
        &id,
        &[
            ("implement", &[], State::Implement),
            ("review", &[("outcome", "successful"), ("actual_start", "now"), ("actual_end", "now")], State::Review),
            ("close", &[], State::Closed),
        ],
    );
}
