//! The one decision of the embedded desks: what is recorded, what is refused, and what happens to other tickets.

use deskside::domain::change::{Change, Escalation, EscalationKind, LinkKind, Target};
use deskside::domain::desk::{build, due};
use deskside::domain::field::{Field, Value};
use deskside::domain::gate::Gate;
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::refusal::Sort;
use deskside::domain::state::{State, Verb};
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use proptest::prelude::*;

use super::small::{
    Small, accept, days, dimensions, fixed, flag, group, heard, link, minutes, name, note, number, offer, person,
    public, set, solution, start, text, time,
};

fn moved(changes: &[Change]) -> Vec<(Verb, State)> {
    changes
        .iter()
        .filter_map(|c| if let Change::Move { verb, to, .. } = c { Some((*verb, *to)) } else { None })
        .collect()
}

fn parent_and_child(desk: &mut Small) -> (String, String) {
    let (parent, child) = (desk.incident("ann"), desk.incident("ann"));
    desk.act("ann", &child, vec![link(LinkKind::ChildOf, &parent)]).unwrap();
    (parent, child)
}

/// A problem that is being fixed, and an incident that waits for it.
fn fixing(desk: &mut Small) -> (String, String) {
    let incident = desk.incident("ann");
    let problem = desk.problem("pam", "Cause");
    for (verb, with) in
        [(Verb::Assess, vec![]), (Verb::Confirm, vec![]), (Verb::PlanFix, vec![text(Field::Fix, "Patch")])]
    {
        desk.go("pam", &problem, verb, with).unwrap();
    }
    let with = vec![name(Field::HoldReason, "problem"), link(LinkKind::ProblemIs, &problem)];
    desk.go("ann", &incident, Verb::Hold, with).unwrap();
    (problem, incident)
}

#[test]
fn a_registration_says_what_and_for_whom_and_fills_in_the_rest() {
    let mut desk = Small::new();
    for (changes, field) in [
        (vec![name(Field::Caller, "ulla")], Field::Title),
        (vec![text(Field::Title, " "), name(Field::Caller, "ulla")], Field::Title),
        (vec![text(Field::Title, "No network")], Field::Caller),
    ] {
        let refusal = desk.register("ann", Kind::Incident, changes).unwrap_err();
        assert_eq!(refusal.field, Some(field));
        assert_eq!(refusal.record.as_str(), "new incident");
    }
    let changes = vec![text(Field::Title, "No network"), name(Field::Caller, "anonymous")];
    let id = desk.register("ann", Kind::Incident, changes).unwrap();
    let t = desk.get(&id);
    assert_eq!((t.state, &*t.owner, t.accepted), (State::New, "ann", false));
    assert_eq!((t.impact(), t.urgency(), t.text(&Field::Channel)), (3, 3, "phone"));
    for (kind, state) in [(Kind::Request, State::Submitted), (Kind::Problem, State::New), (Kind::Change, State::New)] {
        let changes = [vec![text(Field::Title, "T"), name(Field::Caller, "anonymous")], dimensions()].concat();
        let id = desk.register("ann", kind, changes).unwrap();
        assert_eq!(desk.get(&id).state, state, "{kind}");
    }
}

#[test]
fn a_registration_may_be_backdated_and_resolved_at_once() {
    let mut desk = Small::new();
    let opened = start() - minutes(20);
    let create = |state, opened| Change::Create { kind: Kind::Incident, state, opened };
    let rest = || vec![text(Field::Title, "T"), name(Field::Caller, "ulla")];
    let with = |change| [vec![change], rest()].concat();
    assert!(desk.register("ann", Kind::Incident, with(create(State::Resolved, opened))).is_err());
    assert!(desk.register("ann", Kind::Incident, with(create(State::New, start() + days(1)))).is_err());
    let at_once = Change::Move { verb: Verb::Resolve, from: State::New, to: State::Resolved };
    let all = [with(create(State::New, opened)), solution(), vec![flag(Field::FirstContact, true), at_once]].concat();
    let id = desk.register("ann", Kind::Incident, all).unwrap();
    let t = desk.get(&id);
    assert_eq!((t.opened, t.state, t.resolved), (opened, State::Resolved, Some(start())));
}

#[test]
fn what_is_recorded_carries_what_stood_there_and_nothing_twice() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let lied = Change::Set { field: Field::Impact, from: Some(Value::Number(1)), to: Some(Value::Number(2)) };
    let decision = desk.act("ann", &id, vec![lied, number(Field::Urgency, 3), name(Field::Group, "network")]).unwrap();
    assert_eq!(
        decision.changes,
        vec![
            Change::Set { field: Field::Impact, from: Some(Value::Number(3)), to: Some(Value::Number(2)) },
            Change::Set {
                field: Field::Group,
                from: Some(Value::name("Service Desk")),
                to: Some(Value::name("Network"))
            },
        ],
        "the group is spelled as the desk spells it"
    );
    let again = desk.act("ann", &id, vec![number(Field::Impact, 2), set(Field::Category, None)]).unwrap();
    assert!(again.changes.is_empty() && again.others.is_empty(), "{again:?}");
}

#[test]
fn the_order_within_an_act_is_fixed() {
    let mut desk = Small::new();
    let other = desk.incident("ann");
    let id = desk.incident("ann");
    let start = desk.step(&id, Verb::Start);
    let mixed =
        vec![public("We are on it"), accept("ann"), start, link(LinkKind::RelatesTo, &other), number(Field::Impact, 2)];
    let recorded = desk.act("ann", &id, mixed).unwrap().changes;
    let order: Vec<&str> = recorded
        .iter()
        .map(|c| match c {
            Change::Set { .. } => "field",
            Change::Link { .. } => "link",
            Change::Move { .. } => "state",
            Change::Handover { .. } => "owner",
            Change::Say { .. } => "words",
            _ => "?",
        })
        .collect();
    assert_eq!(order, ["field", "link", "state", "owner", "words"]);
}

#[test]
fn an_act_is_done_whole_or_not_at_all() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let before = desk.get(&id).clone();
    let step = desk.step(&id, Verb::Resolve);
    desk.act("ann", &id, vec![number(Field::Impact, 1), public("Done"), step]).unwrap_err();
    assert_eq!(*desk.get(&id), before);
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    for (change, way_out) in [
        (name(Field::Group, "Netwerk"), "Did you mean Network?"),
        (name(Field::Service, "W-LAN"), "Did you mean WLAN?"),
        (name(Field::Approver, "leo"), "Did you mean lea?"),
        (name(Field::ResolutionCode, "fixt"), "Did you mean fixed?"),
        (name(Field::Verified, "perhaps"), "Choose one of yes, no, na."),
        (number(Field::Impact, 4), "Give 1 (highest) to 3."),
        (text(Field::Impact, "high"), "Give a number."),
    ] {
        let refusal = desk.act("ann", &id, vec![change]).unwrap_err();
        assert_eq!((refusal.record.as_str(), &*refusal.way_out), (&*id, way_out), "{refusal}");
        assert!(refusal.field.is_some());
    }
    desk.act("ann", &id, vec![name(Field::Category, "anything"), name(Field::Caller, "A Visitor")]).unwrap();
}

#[test]
fn a_priority_by_hand_and_a_new_weight_of_a_problem_need_a_reason() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let by_hand = || number(Field::PriorityOverride, 1);
    let refusal = desk.act("ann", &id, vec![by_hand()]).unwrap_err();
    assert_eq!((refusal.rule, refusal.field), ("a priority by hand needs a reason", Some(Field::PriorityReason)));
    desk.act("ann", &id, vec![by_hand(), text(Field::PriorityReason, "Board meeting")]).unwrap();
    let priority = desk.rules.matrix.of(desk.get(&id));
    assert_eq!((priority.computed, priority.effective()), (5, 1));
    desk.act("ann", &id, vec![set(Field::PriorityOverride, None)]).unwrap();
    assert_eq!(desk.get(&id).get(&Field::PriorityReason), None, "the reason goes with it");

    let (problem, _) = fixing(&mut desk);
    let refusal = desk.act("pam", &problem, vec![number(Field::Impact, 1)]).unwrap_err();
    assert_eq!(refusal.rule, "weighing a problem anew needs a reason");
    desk.act("pam", &problem, vec![number(Field::Impact, 1), note("Two sites more")]).unwrap();
}

#[test]
fn a_known_error_has_a_cause_or_a_workaround() {
    let mut desk = Small::new();
    let (problem, _) = fixing(&mut desk);
    let known = flag(Field::KnownError, true);
    assert_eq!(desk.act("pam", &problem, vec![known.clone()]).unwrap_err().rule, "known error");
    desk.act("pam", &problem, vec![known, text(Field::Workaround, "Restart")]).unwrap();
}

#[test]
fn reasons_come_with_their_steps() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    assert_eq!(desk.act("ann", &id, vec![name(Field::HoldReason, "vendor")]).unwrap_err().rule, "hold needs a reason");
    assert_eq!(
        desk.act("ann", &id, vec![text(Field::CancelReason, "withdrawn")]).unwrap_err().rule,
        "cancel needs a reason"
    );
    assert_eq!(desk.act("ann", &id, vec![set(Field::Title, None)]).unwrap_err().rule, "some fields are never empty");
    desk.act("ann", &id, vec![name(Field::Group, "Network")]).unwrap();
    let late = [solution(), vec![flag(Field::FirstContact, true)]].concat();
    assert_eq!(desk.go("ann", &id, Verb::Resolve, late).unwrap_err().rule, "first contact is the first");
    let record = Change::Move { verb: Verb::Record, from: State::New, to: State::Closed };
    assert_eq!(desk.act("ann", &id, vec![record]).unwrap_err().rule, "lifecycle");
    let wrong = Change::Move { verb: Verb::Start, from: State::New, to: State::Resolved };
    assert_eq!(desk.act("ann", &id, vec![wrong]).unwrap_err().rule, "lifecycle");
}

#[test]
fn a_closed_record_takes_notes_and_links_only() {
    let mut desk = Small::new();
    let other = desk.incident("ann");
    let id = desk.incident("ann");
    desk.resolve("ann", &id).unwrap();
    desk.go("ann", &id, Verb::Close, vec![]).unwrap();
    for change in [number(Field::Impact, 1), public("Hello"), heard("Again!"), accept("ann")] {
        let refusal = desk.act("ann", &id, vec![change]).unwrap_err();
        assert_eq!(refusal.rule, "closed is frozen");
        assert!(refusal.way_out.contains("follows"), "{refusal}");
    }
    let refusal = desk.act("asa", &id, vec![note("By the way")]).unwrap_err();
    assert_eq!((refusal.rule, refusal.sort), ("level gate", Sort::Level));
    desk.act("ann", &id, vec![note("By the way"), link(LinkKind::RelatesTo, &other)]).unwrap();
    assert_eq!(desk.get(&other).links.len(), 1);
}

#[test]
fn gates_open_where_nobody_could_pass() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let refusal = desk.act("ann", &id, vec![flag(Field::Major, true)]).unwrap_err();
    assert_eq!(refusal.rule, "level gate");
    assert!(refusal.way_out.contains("Max Person"), "{refusal}");
    desk.rules.directory.people.retain(|p| matches!(&*p.login, "ann" | "bob"));
    assert!(Gate::ForceHandover.passes("ann", &desk.rules.directory));
    desk.act("ann", &id, vec![flag(Field::Major, true)]).unwrap();
}

#[test]
fn links_are_written_at_both_ends() {
    let mut desk = Small::new();
    let (parent, child) = parent_and_child(&mut desk);
    assert_eq!(desk.get(&parent).links[0].how, LinkKind::ParentOf);
    let undo = Change::Unlink { link: desk.get(&child).links[0].clone() };
    desk.act("ann", &child, vec![undo]).unwrap();
    assert!(desk.get(&parent).links.is_empty() && desk.get(&child).links.is_empty());
}

#[test]
fn links_fit_and_form_no_circle() {
    let mut desk = Small::new();
    let (parent, child) = parent_and_child(&mut desk);
    let grandchild = desk.incident("ann");
    desk.act("ann", &grandchild, vec![link(LinkKind::ChildOf, &child)]).unwrap();
    let refused =
        |desk: &mut Small, id: &str, how, other: &str| desk.act("ann", id, vec![link(how, other)]).unwrap_err().rule;
    assert_eq!(refused(&mut desk, &parent, LinkKind::ChildOf, &grandchild), "no circles");
    assert_eq!(refused(&mut desk, &grandchild, LinkKind::ParentOf, &parent), "no circles");
    assert_eq!(refused(&mut desk, &parent, LinkKind::RelatesTo, &parent), "links join two records");
    assert_eq!(refused(&mut desk, &parent, LinkKind::RelatesTo, "INC-999"), "links join two records");
    assert_eq!(refused(&mut desk, &parent, LinkKind::ProblemIs, &child), "links fit their kinds");
}

#[test]
fn the_callers_word_ends_the_wait_for_it() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    desk.hold("ann", &id, "vendor").unwrap();
    assert!(moved(&desk.act("ann", &id, vec![heard("Any news?")]).unwrap().changes).is_empty());
    desk.go("ann", &id, Verb::Resume, vec![]).unwrap();
    desk.hold("ann", &id, "caller").unwrap();
    let changes = desk.act("ann", &id, vec![heard("It is port 7")]).unwrap().changes;
    assert_eq!(moved(&changes), [(Verb::Resume, State::InProgress)]);
    assert_eq!(desk.get(&id).get(&Field::HoldReason), None);
}

#[test]
fn children_follow_their_parent() {
    let mut desk = Small::new();
    let (parent, child) = parent_and_child(&mut desk);
    let grandchild = desk.incident("ann");
    desk.act("ann", &grandchild, vec![link(LinkKind::ChildOf, &child)]).unwrap();
    let states = |desk: &Small| [desk.get(&child).state, desk.get(&grandchild).state];

    desk.go("ann", &parent, Verb::Start, vec![]).unwrap();
    assert_eq!(states(&desk), [State::InProgress; 2]);
    desk.hold("ann", &parent, "caller").unwrap();
    assert_eq!(states(&desk), [State::InProgress; 2], "waiting for the parent's caller is not theirs");
    desk.go("ann", &parent, Verb::Resume, vec![]).unwrap();
    desk.hold("ann", &parent, "vendor").unwrap();
    assert_eq!(states(&desk), [State::OnHold; 2]);
    assert_eq!(desk.get(&child).text(&Field::HoldReason), "vendor");
    desk.go("ann", &parent, Verb::Resume, vec![]).unwrap();
    assert_eq!(states(&desk), [State::InProgress; 2]);
    desk.resolve("ann", &parent).unwrap();
    assert_eq!(states(&desk), [State::Resolved; 2]);
    assert_eq!(desk.get(&grandchild).text(&Field::Resolution), "Port reset");
    desk.go("ann", &parent, Verb::Reopen, vec![note("Back")]).unwrap();
    assert_eq!(states(&desk), [State::InProgress; 2], "an agent reopens them too");
    desk.resolve("ann", &parent).unwrap();
    desk.go("ann", &parent, Verb::Reopen, vec![heard("It is back")]).unwrap();
    assert_eq!(states(&desk), [State::Resolved; 2], "the caller reopens the parent only");
    desk.resolve("ann", &parent).unwrap();
    desk.go("ann", &parent, Verb::Close, vec![]).unwrap();
    assert_eq!(states(&desk), [State::Resolved; 2], "closing is not passed on");
}

#[test]
fn children_of_a_major_or_cancelled_incident_stay() {
    let mut desk = Small::new();
    let (parent, child) = parent_and_child(&mut desk);
    desk.act("max", &parent, vec![flag(Field::Major, true)]).unwrap();
    desk.go("ann", &parent, Verb::Start, vec![]).unwrap();
    desk.resolve("ann", &parent).unwrap();
    assert_eq!(desk.get(&child).state, State::New);
    let (parent, child) = parent_and_child(&mut desk);
    desk.go("ann", &parent, Verb::Cancel, vec![text(Field::CancelReason, "withdrawn")]).unwrap();
    assert_eq!(desk.get(&child).state, State::New);
}

#[test]
fn a_fixed_problem_resolves_what_waited_for_it() {
    let mut desk = Small::new();
    let (problem, waiting) = fixing(&mut desk);
    let linked = desk.incident("ann");
    desk.act("ann", &linked, vec![link(LinkKind::ProblemIs, &problem)]).unwrap();
    desk.go("pam", &problem, Verb::Resolve, fixed("Patched; secret host db1")).unwrap();
    let t = desk.get(&waiting);
    assert_eq!((t.state, t.text(&Field::ResolutionCode)), (State::Resolved, "resolved by problem"));
    assert!(t.last_public.is_some(), "the caller is told");
    let told = t.timeline.iter().any(|e| matches!(&e.change, Change::Say { audience: deskside::domain::change::Audience::Public, text } if text.contains("db1")));
    assert!(!told, "but not our words");
    assert_eq!(desk.get(&linked).state, State::New, "one that did not wait goes its own way");
}

#[test]
fn an_accepted_risk_is_told_to_the_incidents_as_a_note() {
    let mut desk = Small::new();
    let (problem, waiting) = fixing(&mut desk);
    let with = vec![text(Field::Reason, "Too dear"), time(Field::ReviewDate, start() + days(90))];
    desk.act("bob", &problem, with).unwrap();
    desk.go("pam", &problem, Verb::AcceptRisk, vec![]).unwrap();
    let t = desk.get(&waiting);
    assert_eq!((t.state, t.last_public), (State::InProgress, None));
    assert!(t.timeline.iter().any(|e| matches!(&e.change, Change::Say { text, .. } if text.contains("Too dear"))));
}

#[test]
fn a_closed_change_lets_go_what_waited_for_it() {
    let mut desk = Small::new();
    let change = |desk: &mut Small| desk.register("chuck", Kind::Change, vec![text(Field::Title, "Cure")]).unwrap();
    let (one, two) = (change(&mut desk), change(&mut desk));
    let id = desk.incident("ann");
    let with = vec![name(Field::HoldReason, "change"), link(LinkKind::FixedBy, &one), link(LinkKind::FixedBy, &two)];
    desk.go("ann", &id, Verb::Hold, with).unwrap();
    let end = || vec![text(Field::CancelReason, "withdrawn")];
    desk.go("chuck", &one, Verb::Cancel, end()).unwrap();
    assert_eq!(desk.get(&id).state, State::OnHold, "the other is still to come");
    desk.go("chuck", &two, Verb::Cancel, end()).unwrap();
    assert_eq!(desk.get(&id).state, State::InProgress);
}

#[test]
fn what_is_due_by_itself_passes_the_same_rules() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    assert!(due(desk.get(&id), desk.now, &desk.rules).is_empty());
    let with = vec![name(Field::HoldReason, "scheduled"), time(Field::WakeAt, start() + days(1))];
    desk.go("ann", &id, Verb::Hold, with).unwrap();
    desk.wait(days(1));
    let changes = due(desk.get(&id), desk.now, &desk.rules);
    desk.act("deskside", &id, changes).unwrap();
    assert_eq!(desk.get(&id).state, State::InProgress);
    let unsure = vec![name(Field::ResolutionCode, "fixed"), text(Field::Resolution, "x"), name(Field::Verified, "na")];
    desk.go("ann", &id, Verb::Resolve, unsure).unwrap();
    desk.wait(days(7));
    let changes = due(desk.get(&id), desk.now, &desk.rules);
    desk.act("deskside", &id, changes).unwrap();
    assert_eq!(desk.get(&id).state, State::Closed);
}

#[test]
fn escalations_record_what_their_kind_asks() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let escalate = |kind, to, detail: &str| Change::Escalate {
        escalation: Escalation { kind, to, reason: Clean::line("stuck"), detail: Clean::line(detail), step: None },
    };
    for (kind, to, detail, rule) in [
        (EscalationKind::Functional, group("Network"), "", "an escalation records what its kind asks"),
        (EscalationKind::Functional, group("Service Desk"), "x", "functional escalation goes to others"),
        (EscalationKind::Hierarchical, group("Network"), "act", "hierarchical escalation goes to a person"),
        (EscalationKind::Hierarchical, person("maxx"), "act", "names are known"),
        (EscalationKind::TimeBased, person("max"), "", "a ladder has steps"),
        (EscalationKind::Problem, person("pam"), "", "an escalation records what its kind asks"),
        (EscalationKind::Major, person("max"), "", "an escalation records what its kind asks"),
        (EscalationKind::Supplier, person("max"), "S-1", "supplier escalation names the supplier"),
    ] {
        let refusal = desk.act("ann", &id, vec![escalate(kind, to, detail)]).unwrap_err();
        assert_eq!(refusal.rule, rule, "{kind}: {refusal}");
    }
    let away = vec![name(Field::Group, "Network"), escalate(EscalationKind::Functional, group("Network"), "rebooted")];
    desk.act("ann", &id, away).expect("routed in the same act");
    let ok = vec![name(Field::Supplier, "Dell"), escalate(EscalationKind::Supplier, person("max"), "S-1")];
    desk.act("ann", &id, ok).unwrap();
    desk.act("ann", &id, vec![escalate(EscalationKind::Exception, person("max"), "")]).unwrap();
    let answer = |kind| vec![Change::Acknowledge { kind }];
    assert!(desk.act("max", &id, answer(EscalationKind::Major)).is_err(), "there is none");
    desk.act("max", &id, answer(EscalationKind::Exception)).unwrap();
    assert!(desk.act("max", &id, answer(EscalationKind::Exception)).unwrap().changes.is_empty(), "once is enough");
}

#[test]
fn a_duplicate_is_merged_and_the_merge_taken_back() {
    let mut desk = Small::new();
    let (survivor, id) = (desk.incident("ann"), desk.incident("ann"));
    desk.go("ann", &id, Verb::Start, vec![]).unwrap();
    let plain = vec![text(Field::CancelReason, "duplicate")];
    assert_eq!(desk.go("ann", &id, Verb::Cancel, plain).unwrap_err().rule, "cancel needs a reason");
    desk.run("ann", build::merge(desk.get(&id), desk.get(&survivor)));
    assert_eq!(desk.get(&id).state, State::Cancelled);
    assert_eq!(desk.get(&survivor).links[0].how, LinkKind::DuplicatedBy);
    assert!(
        desk.get(&survivor)
            .timeline
            .iter()
            .any(|e| matches!(&e.change, Change::Say { text, .. } if text.contains("No network")))
    );
    desk.run("ann", build::unmerge(desk.get(&id)));
    let t = desk.get(&id);
    assert_eq!((t.state, t.links.len()), (State::InProgress, 0), "back where it stood");
    assert_eq!(t.get(&Field::CancelReason), None);
    assert!(desk.get(&survivor).links.is_empty());
    desk.go("ann", &id, Verb::Cancel, vec![text(Field::CancelReason, "Withdrawn")]).unwrap();
    assert_eq!(desk.go("ann", &id, Verb::Reopen, vec![note("no")]).unwrap_err().rule, "only duplicates come back");
}

#[test]
fn a_problem_is_raised_over_incidents_and_a_change_over_it() {
    let mut desk = Small::new();
    let ids = [desk.incident("ann"), desk.incident("bob")];
    desk.act("ann", &ids[1], vec![number(Field::Impact, 1), text(Field::Description, "Since nine")]).unwrap();
    let incidents: Vec<&Ticket> = ids.iter().map(|id| desk.get(id)).collect();
    let plan = build::raise_problem(&incidents, Some("Switch 4 fails")).unwrap();
    let problem = desk.run("cas", vec![plan]).remove(0);
    let t = desk.get(&problem);
    assert_eq!((t.title(), t.impact(), t.links.len()), ("Switch 4 fails", 1, 2));
    assert!(t.text(&Field::Evidence).contains("Since nine") && t.text(&Field::Evidence).contains(&ids[0]));
    assert!(ids.iter().all(|id| desk.get(id).links[0].how == LinkKind::ProblemIs));
    assert!(build::raise_problem(&[], None).is_none());
    let change = desk.run("cas", vec![build::raise_change(desk.get(&problem))]).remove(0);
    assert!(desk.get(&change).text(&Field::Reason).contains(&problem));
    assert_eq!(desk.get(&problem).links.last().unwrap().how, LinkKind::FixedBy);
}

#[test]
fn an_incident_becomes_a_request_and_a_request_an_incident() {
    let mut desk = Small::new();
    let mut id = desk.incident("ann");
    desk.wait(minutes(30));
    for kind in [Kind::Request, Kind::Incident] {
        let plans = build::convert(desk.get(&id)).unwrap();
        assert_eq!(plans[0].target, Target::New(kind));
        let made = desk.run("ann", plans).remove(0);
        assert_eq!((desk.get(&made).title(), desk.get(&made).opened), ("No network", start()));
        assert_eq!(desk.get(&made).links[0].how, LinkKind::Follows);
        let old = desk.get(&id);
        assert_eq!((old.state, old.text(&Field::CancelReason)), (State::Cancelled, "converted"));
        assert_eq!(old.links.last().unwrap().other.as_str(), made);
        id = made;
    }
    let change = desk.register("ann", Kind::Change, vec![text(Field::Title, "T")]).unwrap();
    assert!(build::convert(desk.get(&change)).is_none());
    desk.resolve("ann", &id).unwrap();
    desk.go("ann", &id, Verb::Close, vec![]).unwrap();
    let next = desk.run("ann", vec![build::follow_up(desk.get(&id))]).remove(0);
    assert_eq!((desk.get(&next).opened, desk.get(&next).kind), (desk.now, Kind::Incident));
}

#[test]
fn an_act_of_the_future_is_refused() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let ahead = desk.now + minutes(6);
    let op = deskside::domain::change::Op {
        key: deskside::domain::change::OpKey("k".into()),
        target: Target::Ticket(desk.get(&id).id.clone()),
        expect: None,
        at: ahead,
        changes: vec![note("x")],
        again: false,
        desk: None,
    };
    let refusal =
        deskside::domain::desk::decide(desk.get(&id), &op, &"ann".into(), desk.now, &desk.rules, &|_: &TicketId| None)
            .unwrap_err();
    assert_eq!(refusal.rule, "acts lie in the past");
}

/// Acts of any sort, sensible or not.
fn acts() -> impl Strategy<Value = (usize, usize, Vec<Change>)> {
    let verb = (0..Verb::ALL.len(), 0..State::ALL.len()).prop_map(|(v, s)| Change::Move {
        verb: Verb::ALL[v],
        from: State::New,
        to: State::ALL[s],
    });
    let id = |n: usize| ["INC-1", "INC-2", "PRB-3", "CHG-4", "REQ-5"][n];
    let how = (0..LinkKind::ALL.len(), 0usize..5).prop_map(move |(h, n)| link(LinkKind::ALL[h], id(n)));
    let change = prop_oneof![
        6 => verb,
        2 => how.clone(),
        1 => how.prop_map(|made| match made {
            Change::Link { link } => Change::Unlink { link },
            other => other,
        }),
        1 => (1i64..4).prop_map(|n| number(Field::Impact, n)),
        2 => (0usize..6).prop_map(|n| name(Field::HoldReason, ["caller", "vendor", "change", "problem", "parts", "scheduled"][n])),
        2 => (0usize..3).prop_map(|n| text(Field::CancelReason, ["duplicate", "withdrawn", "converted"][n])),
        2 => Just(name(Field::ResolutionCode, "fixed")),
        2 => Just(text(Field::Resolution, "done")),
        2 => Just(name(Field::Verified, "yes")),
        1 => Just(text(Field::Fix, "patch")),
        1 => Just(public("hello")),
        1 => Just(note("so")),
        1 => Just(heard("hm")),
        1 => Just(accept("ann")),
        1 => Just(accept("bob")),
        1 => Just(offer(group("Network"), None)),
    ];
    (0usize..3, 0usize..5, proptest::collection::vec(change, 1..6))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is asked: what the desk stores is a legal life, both ends of links agree, `from` is what stood there.
    #[test]
    fn no_act_leads_out_of_the_rules(all in proptest::collection::vec(acts(), 1..40)) {
        let mut desk = Small::new();
        desk.incident("ann");
        desk.incident("bob");
        for kind in [Kind::Problem, Kind::Change, Kind::Request] {
            let changes = [vec![text(Field::Title, "T"), name(Field::Caller, "ulla")], dimensions()].concat();
            desk.register("cas", kind, changes).unwrap();
        }
        for (who, id, mut changes) in all {
            let id = ["INC-1", "INC-2", "PRB-3", "CHG-4", "REQ-5"][id];
            for change in &mut changes {
                if let Change::Move { verb, .. } = change {
                    *change = desk.step(id, *verb);
                }
            }
            let _ = desk.act(["ann", "bob", "pam"][who], id, changes);
            for t in desk.tickets.values() {
                let directory = &desk.rules.directory;
                prop_assert!(directory.person(&t.owner).is_some_and(|p| p.level.is_some()));
                prop_assert!(t.offer.is_none() || t.state.is_open());
                prop_assert_eq!(t.get(&Field::HoldReason).is_some(), t.state == State::OnHold);
                for link in &t.links {
                    let back = desk.tickets[&link.other].links.iter().any(|l| l.how == link.how.inverse() && l.other == t.id);
                    prop_assert!(back, "{} {} {}", t.id, link.how, link.other);
                }
                let mut state = None;
                let mut fields = std::collections::BTreeMap::new();
                for event in &t.timeline {
                    match &event.change {
                        Change::Create { state: first, .. } => state = Some(*first),
                        Change::Move { from, to, .. } => {
                            prop_assert_eq!(state, Some(*from));
                            state = Some(*to);
                            if *from == State::OnHold {
                                fields.remove(&Field::HoldReason);
                                fields.remove(&Field::WakeAt);
                            }
                        }
                        Change::Set { field, from, to } => {
                            prop_assert_eq!(fields.get(field), from.as_ref());
                            prop_assert!(from != to, "a no-op was recorded");
                            match to {
                                Some(value) => fields.insert(field.clone(), value.clone()),
                                None => fields.remove(field),
                            };
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
