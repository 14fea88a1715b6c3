//! Levels and manager roles: every gate, and proposals above them.

use std::collections::BTreeMap;

use deskside::domain::change::{Change, Escalation, EscalationKind, LinkKind};
use deskside::domain::desk::build;
use deskside::domain::directory::{Directory, Level, Role};
use deskside::domain::field::{Field, Value};
use deskside::domain::gate::{Gate, Gates, Pass};
use deskside::domain::kind::Kind;
use deskside::domain::lifecycle;
use deskside::domain::major::MajorStep;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::proposal::{ProposalState, ProposalStep};
use deskside::domain::refusal::{Refusal, Sort};
use deskside::domain::state::{State, Verb};
use deskside::text::Clean;
use proptest::prelude::*;

use super::small::{self, Small, accept, flag, group, link, name, note, number, set, solution, text};

fn strict() -> Small {
    let mut desk = Small::new();
    desk.rules.directory.gates = Gates::standard();
    desk
}

fn escalation(kind: EscalationKind) -> Change {
    let to = if kind == EscalationKind::Functional { group("Network") } else { small::person("max") };
    let (reason, detail) = (Clean::line("Stuck."), Clean::line("Tried all."));
    Change::Escalate { escalation: Escalation { kind, to, reason, detail, step: None } }
}

fn propose(changes: Vec<Change>) -> Vec<Change> {
    vec![Change::Proposal { step: ProposalStep::Make { changes, reason: Clean::line("It works again.") } }]
}

fn answer(number: u16, how: ProposalState, words: &str) -> Change {
    Change::Proposal { step: ProposalStep::Answer { number, how, words: Clean::line(words) } }
}

/// An incident that asa has taken, and her proposal to resolve it.
fn proposed(desk: &mut Small) -> String {
    let id = desk.incident("ann");
    desk.go("asa", &id, Verb::Start, vec![accept("asa")]).unwrap();
    let mut changes = solution();
    changes.push(desk.step(&id, Verb::Resolve));
    let refusal = desk.act("asa", &id, changes.clone()).unwrap_err();
    assert_eq!((refusal.rule, refusal.sort), ("level gate", Sort::Level));
    desk.act("asa", &id, propose(changes)).unwrap();
    id
}

#[test]
fn each_gate_lets_through_whom_it_names_and_nobody_else() {
    use Level::{Associate, Engineer, Lead, Senior};
    let gates = Gates::standard();
    assert_eq!(gates.0.len(), Gate::ALL.len());
    let wanted: BTreeMap<&str, (Option<Level>, usize)> = BTreeMap::from([
        ("resolve", (Some(Engineer), 4)),
        ("escalate", (Some(Engineer), 4)),
        ("implement_change", (Some(Engineer), 1)),
        ("reprioritise", (Some(Senior), 4)),
        ("raise_problem", (Some(Senior), 4)),
        ("raise_change", (Some(Senior), 4)),
        ("known_error", (Some(Senior), 1)),
        ("declare_major", (Some(Lead), 1)),
        ("close_major", (None, 1)),
        ("force_handover", (None, 4)),
        ("accept_risk", (None, 1)),
        ("close_problem", (None, 1)),
        ("reanalyse", (None, 1)),
        ("schedule_change", (Some(Lead), 1)),
        ("annotate_closed", (Some(Engineer), 4)),
    ]);
    let directory = Directory { gates: gates.clone(), ..small::directory() };
    for pass in &gates.0 {
        assert_eq!(wanted[pass.act.as_str()], (pass.level, pass.roles.len()), "{}", pass.act);
        for person in directory.people.iter().filter(|person| person.level.is_some()) {
            let by_level = pass.level.is_some_and(|level| person.level >= Some(level));
            let by_role = person.roles.iter().any(|role| pass.roles.contains(role));
            assert_eq!(
                pass.act.passes(&person.login, &directory),
                by_level || by_role,
                "{} {}",
                pass.act,
                person.login
            );
        }
    }
    assert!(Associate < Engineer && directory.has_role("pam", Role::ProblemManager));
}

#[test]
fn an_associate_passes_on_asks_for_help_and_proposes() {
    let mut desk = strict();
    let id = desk.incident("ann");
    desk.go("asa", &id, Verb::Start, vec![accept("asa")]).unwrap();
    desk.act("asa", &id, vec![escalation(EscalationKind::Functional)]).unwrap();
    desk.act("asa", &id, vec![escalation(EscalationKind::Exception)]).unwrap();
    assert_eq!(desk.act("asa", &id, vec![escalation(EscalationKind::Hierarchical)]).unwrap_err().rule, "level gate");
    assert_eq!(desk.resolve("asa", &id).unwrap_err().rule, "level gate");
    for kind in [Kind::Problem, Kind::Change] {
        let says = || [vec![text(Field::Title, "It is the switch")], small::dimensions()].concat();
        let says = || if kind == Kind::Problem { says() } else { vec![text(Field::Title, "It is the switch")] };
        let refusal = desk.register("ann", kind, says()).unwrap_err();
        assert_eq!(refusal.rule, "level gate", "an engineer raises no {kind}");
        desk.register("cas", kind, says()).unwrap();
    }
    desk.resolve("ann", &id).unwrap();
}

#[test]
fn what_somebody_else_has_taken_is_weighed_anew_by_seniors_and_managers() {
    let mut desk = strict();
    let id = desk.incident("ann");
    desk.act("bob", &id, vec![number(Field::Urgency, 1)]).unwrap();
    desk.go("ann", &id, Verb::Start, vec![accept("ann")]).unwrap();
    desk.act("ann", &id, vec![number(Field::Urgency, 2)]).unwrap();
    assert_eq!(desk.act("bob", &id, vec![number(Field::Urgency, 1)]).unwrap_err().rule, "level gate");
    desk.act("cas", &id, vec![number(Field::Urgency, 1)]).unwrap();
}

#[test]
fn a_desk_that_agrees_otherwise_is_judged_by_its_own_gates() {
    let mut desk = strict();
    desk.rules.directory.gates = Gates(vec![Pass { act: Gate::Resolve, level: Some(Level::Lead), roles: vec![] }]);
    let id = desk.incident("ann");
    let refusal = desk.resolve("cas", &id).unwrap_err();
    assert!(refusal.message.contains("a lead or a principal"), "{}", refusal.message);
    assert!(refusal.way_out.contains("Lea Person"), "{}", refusal.way_out);
    desk.act("ann", &id, vec![escalation(EscalationKind::Hierarchical)]).unwrap();
    desk.resolve("lea", &id).unwrap();
}

#[test]
fn a_proposal_changes_nothing_until_somebody_who_may_accepts_it_in_one_act() {
    let mut desk = strict();
    let id = proposed(&mut desk);
    assert_eq!((desk.get(&id).state, desk.get(&id).proposals[0].state), (State::InProgress, ProposalState::Waiting));
    let accepted = || vec![answer(1, ProposalState::Accepted, "Good.")];
    assert_eq!(desk.act("asa", &id, accepted()).unwrap_err().sort, Sort::Authority);
    desk.act("bob", &id, accepted()).unwrap();
    let ticket = desk.get(&id);
    assert_eq!((ticket.state, ticket.text(&Field::Resolution)), (State::Resolved, "Port reset"));
    let held = &ticket.proposals[0];
    assert_eq!((&*held.by, held.state, &*held.answered.as_ref().unwrap().0), ("asa", ProposalState::Accepted, "bob"));
    let last = ticket.timeline.last().unwrap().op.clone();
    let same: Vec<_> = ticket.timeline.iter().filter(|event| event.op == last).collect();
    assert!(same.len() >= 4 && same.iter().all(|event| &*event.actor == "bob"), "one act, under bob's rights");
    assert_eq!(desk.act("bob", &id, accepted()).unwrap_err().rule, "a proposal that waits");
}

#[test]
fn it_is_amended_declined_or_withdrawn() {
    let mut desk = strict();
    let id = proposed(&mut desk);
    assert_eq!(
        desk.act("bob", &id, vec![answer(1, ProposalState::Amended, "")]).unwrap_err().rule,
        "an amended proposal is done"
    );
    let mut amended = vec![text(Field::Resolution, "Port replaced"), name(Field::ResolutionCode, "fixed")];
    amended.extend([
        name(Field::Verified, "yes"),
        desk.step(&id, Verb::Resolve),
        answer(1, ProposalState::Amended, ""),
    ]);
    desk.act("bob", &id, amended).unwrap();
    assert_eq!(desk.get(&id).text(&Field::Resolution), "Port replaced");

    let id = proposed(&mut desk);
    assert_eq!(desk.act("bob", &id, vec![answer(1, ProposalState::Declined, "")]).unwrap_err().rule, "a no says why");
    let withdrawn = || vec![answer(1, ProposalState::Withdrawn, "")];
    assert_eq!(desk.act("bob", &id, withdrawn()).unwrap_err().rule, "a proposal that waits");
    desk.act("bob", &id, vec![answer(1, ProposalState::Declined, "Ask the caller first.")]).unwrap();
    assert_eq!(desk.get(&id).state, State::InProgress);
    assert!(desk.act("asa", &id, withdrawn()).is_err());

    let id = proposed(&mut desk);
    desk.act("asa", &id, withdrawn()).unwrap();
    assert_eq!(desk.get(&id).proposals[0].state, ProposalState::Withdrawn);
}

#[test]
fn what_has_moved_on_is_said_and_not_done() {
    let mut desk = strict();
    let id = proposed(&mut desk);
    desk.act("bob", &id, vec![name(Field::ResolutionCode, "workaround")]).unwrap();
    let refusal = desk.act("bob", &id, vec![answer(1, ProposalState::Accepted, "")]).unwrap_err();
    assert_eq!(refusal.rule, "a proposal is for what it saw");
    assert!(refusal.message.contains("resolution code is workaround now"), "{}", refusal.message);
    let id = proposed(&mut desk);
    desk.resolve("bob", &id).unwrap();
    let refusal = desk.act("bob", &id, vec![answer(1, ProposalState::Accepted, "")]).unwrap_err();
    assert!(refusal.message.contains("it is resolved now"), "{}", refusal.message);
}

#[test]
fn only_what_is_above_ones_level_and_sound_is_proposed() {
    let mut desk = strict();
    let id = desk.incident("ann");
    let urgent = || vec![number(Field::Urgency, 1)];
    assert_eq!(desk.act("asa", &id, propose(urgent())).unwrap_err().way_out, "Do it.");
    assert!(desk.act("asa", &id, propose(vec![])).is_err());
    let unsaid = vec![desk.step(&id, Verb::Resolve)];
    assert_eq!(desk.act("asa", &id, propose(unsaid)).unwrap_err().rule, "resolve needs a code and notes");
    let nested = propose(propose(urgent()));
    assert!(desk.act("asa", &id, nested).is_err());
    let beside = [propose(urgent()), vec![note("Me too.")]].concat();
    assert!(desk.act("asa", &id, beside).is_err());
}

/// A problem or a change that ann may not raise, as it grows out of an incident.
fn to_raise(desk: &Small, kind: Kind, from: &str) -> Vec<Change> {
    let plan = match kind {
        Kind::Problem => build::raise_problem(&[desk.get(from)], None).unwrap(),
        _ => build::raise_change(desk.get(from)),
    };
    let create = Change::Create { kind, state: lifecycle::initial(kind), opened: desk.now };
    [vec![create], plan.changes].concat()
}

fn raise(from: &str, how: ProposalState) -> Change {
    let (from, by, words) = (TicketId::new(from), Name::new("ann"), Clean::line("Yes."));
    Change::Proposal { step: ProposalStep::Raise { from, number: 1, by, how, words } }
}

#[test]
fn what_is_to_be_raised_waits_where_it_is_raised_from_and_is_raised_with_both_names() {
    for kind in [Kind::Problem, Kind::Change] {
        let mut desk = strict();
        let id = desk.incident("ann");
        let changes = to_raise(&desk, kind, &id);
        assert_eq!(desk.register("ann", kind, changes.clone()).unwrap_err().sort, Sort::Level);
        desk.act("ann", &id, propose(changes.clone())).unwrap();
        assert_eq!(desk.tickets.len(), 1, "nothing is raised by proposing");
        let accepts = || vec![raise(&id, ProposalState::Accepted)];
        assert_eq!(desk.register("ann", kind, accepts()).unwrap_err().rule, "nobody accepts their own");
        assert_eq!(desk.register("bob", kind, accepts()).unwrap_err().sort, Sort::Level, "who may not raise it either");
        let other = if kind == Kind::Problem { Kind::Change } else { Kind::Problem };
        assert_eq!(desk.register("cas", other, accepts()).unwrap_err().rule, "a proposal that waits");
        let there = vec![answer(1, ProposalState::Accepted, "")];
        assert!(desk.act("cas", &id, there).is_err(), "it is answered by raising it");
        // What is accepted is what was proposed, whatever else is sent.
        let also = [vec![text(Field::Title, "Something else")], accepts()].concat();
        let raised = desk.register("cas", kind, also).unwrap();
        let (new, from) = (desk.get(&raised), desk.get(&id));
        assert_eq!((new.kind, new.title(), &*new.owner), (kind, "No network", "cas"));
        let how = if kind == Kind::Problem { LinkKind::ProblemIs } else { LinkKind::FixedBy };
        assert!(from.links.iter().any(|link| link.how == how && link.other == new.id), "{:?}", from.links);
        let held = &from.proposals[0];
        let by = held.answered.as_ref().map(|(by, _)| by.as_str());
        assert_eq!((&*held.by, held.state, by), ("ann", ProposalState::Accepted, Some("cas")));
        let told = new.timeline.iter().find_map(|event| match &event.change {
            Change::Proposal { step } => Some(step.words(&str::to_owned)),
            _ => None,
        });
        assert_eq!(told, Some(format!("raised as proposal 1 of {id} by ann was accepted: Yes.")));
        assert_eq!(desk.register("cas", kind, accepts()).unwrap_err().rule, "a proposal that waits", "once");
    }
}

#[test]
fn what_is_to_be_raised_is_amended_declined_or_withdrawn_and_is_about_its_record() {
    let mut desk = strict();
    let (id, far) = (desk.incident("ann"), desk.incident("ann"));
    let changes = to_raise(&desk, Kind::Problem, &id);
    let refusal = desk.act("ann", &far, propose(changes.clone())).unwrap_err();
    assert!(refusal.message.contains("nothing to do with this record"), "{refusal}");
    assert_eq!(desk.act("cas", &id, propose(changes.clone())).unwrap_err().way_out, "Do it.");
    let unsaid: Vec<Change> = changes.iter().filter(|c| !matches!(c, Change::Set { .. })).cloned().collect();
    assert_eq!(desk.register("ann", Kind::Problem, unsaid).unwrap_err().sort, Sort::Level);
    desk.act("ann", &id, propose(changes.clone())).unwrap();
    let another = changes.into_iter().map(|change| match change {
        Change::Set { field: Field::Title, .. } => text(Field::Title, "The switch dies"),
        other => other,
    });
    let amended = another.chain([raise(&id, ProposalState::Amended)]).collect();
    let raised = desk.register("cas", Kind::Problem, amended).unwrap();
    assert_eq!(desk.get(&raised).title(), "The switch dies");
    assert_eq!(desk.get(&id).proposals[0].state, ProposalState::Amended);

    let declined = vec![answer(1, ProposalState::Declined, "One call is no problem.")];
    desk.act("ann", &far, propose(to_raise(&desk, Kind::Problem, &far))).unwrap();
    assert_eq!(desk.act("bob", &far, declined.clone()).unwrap_err().sort, Sort::Level);
    desk.act("cas", &far, declined).unwrap();
    let accepts = vec![raise(&far, ProposalState::Accepted)];
    assert!(desk.register("cas", Kind::Problem, accepts).is_err());
}

/// What an associate never does under the shipped gates, told without asking them.
fn forbidden(change: &Change, took: bool) -> bool {
    match change {
        Change::Move { verb, .. } => {
            matches!(verb, Verb::Resolve | Verb::Implement | Verb::Schedule | Verb::AcceptRisk | Verb::Reanalyse)
        }
        Change::Set { field: Field::Major, .. } => true,
        Change::Major { step } => !matches!(step, MajorStep::Propose { .. }),
        Change::Set { field: Field::KnownError, to, .. } => *to == Some(Value::Flag(true)),
        Change::Set { field: Field::Impact | Field::Urgency | Field::PriorityOverride, .. } => took,
        Change::Create { kind, .. } => matches!(kind, Kind::Problem | Kind::Change),
        Change::Escalate { escalation } => {
            !matches!(escalation.kind, EscalationKind::Functional | EscalationKind::Exception)
        }
        Change::Handover { step } => matches!(step, deskside::domain::change::Handover::Force { .. }),
        _ => false,
    }
}

fn major(step: MajorStep) -> Change {
    Change::Major { step }
}

fn random_change() -> impl Strategy<Value = Change> {
    let verbs =
        prop::sample::select(Verb::ALL).prop_map(|verb| Change::Move { verb, from: State::New, to: State::New });
    let kinds = prop::sample::select(EscalationKind::ALL).prop_map(escalation);
    let fixed = prop::sample::select(vec![
        flag(Field::Major, true),
        major(MajorStep::Propose { reason: Clean::line("Many call"), impact: Clean::line("No sales") }),
        major(MajorStep::Accept),
        major(MajorStep::Reject { reason: Clean::line("Few call") }),
        flag(Field::KnownError, true),
        text(Field::Workaround, "Restart it"),
        number(Field::Urgency, 1),
        number(Field::PriorityOverride, 1),
        text(Field::PriorityReason, "Because"),
        name(Field::HoldReason, "vendor"),
        text(Field::CancelReason, "withdrawn"),
        set(Field::Description, Some(Value::text("More"))),
        link(LinkKind::RelatesTo, "PRB-1"),
        accept("asa"),
        note("Seen."),
        Change::Handover {
            step: deskside::domain::change::Handover::Force {
                by: Name::new("asa"),
                to: Name::new("asa"),
                reason: Clean::line("Mine"),
            },
        },
    ]);
    prop_oneof![3 => verbs, 2 => kinds, 4 => fixed]
}

proptest! {
    /// Whatever an associate sends: nothing that is above the level is recorded.
    #[test]
    fn no_act_of_an_associate_records_what_is_above_the_level(
        acts in prop::collection::vec((0..3usize, prop::collection::vec(random_change(), 1..5)), 1..25)
    ) {
        let mut desk = strict();
        let mut ids = vec![desk.incident("ann")];
        desk.go("ann", &ids[0], Verb::Start, vec![accept("ann")]).unwrap();
        ids.push(desk.problem("cas", "It is the switch"));
        ids.push(desk.register("cas", Kind::Change, vec![text(Field::Title, "It is the switch")]).unwrap());
        for (at, changes) in acts {
            let id = ids[at].clone();
            let before = desk.get(&id).clone();
            let took = before.accepted && &*before.owner != "asa" && before.state.is_open();
            let mut all = solution();
            all.extend(changes.into_iter().map(|change| match change {
                Change::Move { verb, .. } => desk.step(&id, verb),
                other => other,
            }));
            let done: Result<_, Refusal> = desk.act("asa", &id, all);
            if let Ok(decision) = done {
                for change in &decision.changes {
                    prop_assert!(!forbidden(change, took), "{change:?}");
                }
            }
        }
    }
}
