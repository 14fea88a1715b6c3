//! A change from its beginning to its end, under the practice that ships.

use std::collections::BTreeSet;

use deskside::domain::approval::{ApprovalStep, Standing, Verdict};
use deskside::domain::change::{Change, LinkKind};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::refusal::Refusal;
use deskside::domain::rfc::approve;
use deskside::domain::rfc::window::WindowKind;
use deskside::domain::state::{State, Verb};
use deskside::domain::task::{Asked, TaskSort, TaskState, TaskStep};
use deskside::text::Clean;

use super::weigh::shipped;
use super::windows::window;
use crate::domain::small::{Small, accept, days, link, minutes, name, note, person, start, text, time};

fn desk() -> Small {
    let mut desk = Small::new();
    let mut practice = shipped();
    practice.window.clear();
    desk.rules.changes = practice.into();
    desk
}

fn answers(points: u8) -> String {
    shipped().question.iter().map(|q| format!("{}={points}", q.name)).collect::<Vec<_>>().join(" ")
}

/// A change of that type that bob registered and has taken, planned for tomorrow.
fn register(desk: &mut Small, of: &str, points: u8) -> String {
    let changes = vec![
        text(Field::Title, "Replace the switch"),
        text(Field::Description, "Replace it"),
        text(Field::Reason, "Old"),
        name(Field::ChangeType, of),
        name(Field::Service, "WLAN"),
        name(Field::Group, "Network"),
        text(Field::Plan, "One, two"),
        text(Field::BackOut, "Two, one"),
        text(Field::TestPlan, "Look"),
        text(Field::RiskAnswers, &answers(points)),
        time(Field::PlannedStart, start() + days(1)),
        time(Field::PlannedEnd, start() + days(1) + minutes(60)),
    ];
    let id = desk.register("bob", Kind::Change, changes).unwrap();
    desk.act("bob", &id, vec![accept("bob")]).unwrap();
    id
}

fn ask() -> Change {
    Change::Approval { step: ApprovalStep::Ask { stages: Vec::new(), expires: None, barred: BTreeSet::new() } }
}

fn vote(desk: &mut Small, id: &str, who: &str, verdict: Verdict) -> Result<(), Refusal> {
    let step = ApprovalStep::Vote { verdict, words: Clean::line("Because.") };
    desk.act(who, id, vec![Change::Approval { step }]).map(drop)
}

fn standing(desk: &Small, id: &str) -> Option<Standing> {
    desk.get(id).approval.as_ref().map(|held| held.standing)
}

fn rule(result: Result<impl std::fmt::Debug, Refusal>) -> &'static str {
    result.unwrap_err().rule
}

fn scheduled(desk: &mut Small) -> String {
    let id = register(desk, "normal", 0);
    desk.go("bob", &id, Verb::Assess, vec![]).unwrap();
    desk.act("bob", &id, vec![ask()]).unwrap();
    vote(desk, &id, "lea", Verdict::Approved).unwrap();
    desk.go("bob", &id, Verb::Authorize, vec![]).unwrap();
    vote(desk, &id, "chuck", Verdict::Approved).unwrap();
    desk.go("chuck", &id, Verb::Schedule, vec![]).unwrap();
    id
}

#[test]
fn a_normal_change_goes_by_its_peers_and_its_board() {
    let mut desk = desk();
    let id = register(&mut desk, "normal", 0);
    assert_eq!(desk.get(&id).text(&Field::Risk), "moderate", "its service is critical, whatever the points say");
    assert_eq!(rule(desk.act("bob", &id, vec![ask()])), "approval by policy", "not before it is assessed");
    desk.go("bob", &id, Verb::Assess, vec![]).unwrap();
    assert_eq!(rule(desk.go("bob", &id, Verb::Authorize, vec![])), "peers approve before the board");
    desk.act("bob", &id, vec![ask()]).unwrap();
    let stages: Vec<String> =
        desk.get(&id).approval.as_ref().unwrap().stages.iter().map(|stage| stage.name.to_string()).collect();
    assert_eq!(stages, ["Peers", "CAB"]);
    assert_eq!(rule(desk.go("bob", &id, Verb::Authorize, vec![])), "peers approve before the board");
    assert_eq!(rule(vote(&mut desk, &id, "bob", Verdict::Approved)), "nobody approves their own");
    assert_eq!(rule(vote(&mut desk, &id, "chuck", Verdict::Approved)), "approval", "the board comes after the peers");
    vote(&mut desk, &id, "lea", Verdict::Approved).unwrap();
    desk.go("bob", &id, Verb::Authorize, vec![]).unwrap();
    assert_eq!(rule(desk.go("chuck", &id, Verb::Schedule, vec![])), "approved as it stands");
    vote(&mut desk, &id, "chuck", Verdict::Approved).unwrap();
    desk.go("chuck", &id, Verb::Schedule, vec![]).unwrap();
    assert_eq!(rule(desk.go("bob", &id, Verb::Implement, vec![])), "not before the planned start");
    desk.wait(days(1) - minutes(15));
    desk.go("bob", &id, Verb::Implement, vec![]).unwrap();
    assert_eq!(desk.get(&id).time(&Field::ActualStart), Some(desk.now));
    desk.wait(minutes(60));
    assert_eq!(rule(desk.go("bob", &id, Verb::Review, vec![])), "review needs what happened");
    let done = |desk: &Small| vec![time(Field::ActualEnd, desk.now), name(Field::Outcome, "successful")];
    let done = done(&desk);
    desk.go("bob", &id, Verb::Review, done).unwrap();
    desk.go("bob", &id, Verb::Close, vec![]).unwrap();
    assert_eq!(desk.get(&id).state, State::Closed);
    assert_eq!(rule(desk.go("bob", &id, Verb::Cancel, vec![name(Field::CancelReason, "withdrawn")])), "lifecycle");
}

#[test]
fn the_risk_follows_its_answers_and_a_hand_only_raises_it() {
    let mut desk = desk();
    let id = register(&mut desk, "normal", 2);
    assert_eq!(desk.get(&id).text(&Field::Risk), "high", "16 points");
    let lower = desk.act("bob", &id, vec![name(Field::Risk, "low")]).unwrap_err();
    assert_eq!(lower.rule, "the highest risk counts");
    desk.act("bob", &id, vec![name(Field::Risk, "very_high")]).unwrap();
    desk.act("bob", &id, vec![text(Field::RiskAnswers, &answers(1))]).unwrap();
    assert_eq!(desk.get(&id).text(&Field::Risk), "moderate", "8 points, answered anew");
    let wrong = desk.act("bob", &id, vec![text(Field::RiskAnswers, "users=9")]).unwrap_err();
    assert_eq!(wrong.rule, "risk is asked, not guessed");
    let bare = desk.act("bob", &id, vec![Change::Set { field: Field::RiskAnswers, from: None, to: None }]);
    bare.unwrap();
    assert_eq!(rule(desk.go("bob", &id, Verb::Assess, vec![])), "risk is asked, not guessed");
}

#[test]
fn a_risky_change_needs_two_of_its_board_and_evidence() {
    let mut desk = desk();
    let id = register(&mut desk, "normal", 2);
    desk.go("bob", &id, Verb::Assess, vec![]).unwrap();
    desk.act("bob", &id, vec![ask()]).unwrap();
    vote(&mut desk, &id, "mia", Verdict::Approved).unwrap();
    desk.go("bob", &id, Verb::Authorize, vec![]).unwrap();
    vote(&mut desk, &id, "chuck", Verdict::Approved).unwrap();
    assert_eq!(standing(&desk, &id), Some(Standing::Waiting), "one of two");
    vote(&mut desk, &id, "max", Verdict::Approved).unwrap();
    desk.go("chuck", &id, Verb::Schedule, vec![]).unwrap();
    desk.wait(days(1));
    assert_eq!(rule(desk.go("bob", &id, Verb::Implement, vec![])), "a risky change is tried first");
    desk.go("bob", &id, Verb::Implement, vec![text(Field::Evidence, "Ran for a week in the lab.")]).unwrap();
    let done = vec![time(Field::ActualEnd, desk.now), name(Field::Outcome, "successful")];
    desk.go("bob", &id, Verb::Review, done).unwrap();
    assert_eq!(rule(desk.go("bob", &id, Verb::Close, vec![])), "review before closing", "its risk was high");
    let found = vec![text(Field::Resolution, "As planned.")];
    assert_eq!(rule(desk.go("bob", &id, Verb::Close, found.clone())), "close when all tasks are over");
    let end = TaskStep::End { number: 1, how: TaskState::Done, words: Clean::default() };
    desk.act("bob", &id, vec![Change::Task { step: end }]).unwrap();
    desk.go("bob", &id, Verb::Close, found).unwrap();
}

#[test]
fn an_edit_of_what_was_approved_makes_the_approval_void() {
    for edit in [
        name(Field::Service, "Printing"),
        name(Field::Asset, "LT-1"),
        time(Field::PlannedStart, start() + days(1) + minutes(5)),
        time(Field::PlannedEnd, start() + days(2)),
        text(Field::Plan, "Two, one"),
        text(Field::BackOut, "None"),
        text(Field::TestPlan, "Look twice"),
    ] {
        let mut desk = desk();
        let id = scheduled(&mut desk);
        desk.act("bob", &id, vec![edit.clone()]).unwrap();
        assert_eq!(standing(&desk, &id), Some(Standing::Void), "{edit:?}");
        let turned = desk.get(&id).timeline.iter().rev().find_map(|event| match &event.change {
            Change::Approval { step: ApprovalStep::Turn { standing: Standing::Void, reason, .. } } => {
                Some(reason.clone())
            }
            _ => None,
        });
        assert!(turned.unwrap().contains("was changed"), "with its reason");
        desk.wait(days(1) + minutes(5));
        let refusal = desk.go("bob", &id, Verb::Implement, vec![]).unwrap_err();
        assert!(refusal.rule == "approved as it stands" && refusal.message.contains("edited"), "{refusal}");
        desk.act("bob", &id, vec![ask()]).unwrap();
        vote(&mut desk, &id, if edit == name(Field::Service, "Printing") { "mia" } else { "lea" }, Verdict::Approved)
            .unwrap();
        vote(&mut desk, &id, "chuck", Verdict::Approved).unwrap();
        desk.go("bob", &id, Verb::Implement, vec![]).unwrap();
        desk.act("bob", &id, vec![text(Field::Plan, "As it was done")]).unwrap();
        assert_eq!(standing(&desk, &id), Some(Standing::Approved), "what is under way is not approved again");
    }
    let mut desk = desk();
    let id = scheduled(&mut desk);
    desk.act("bob", &id, vec![text(Field::Title, "Replace the old switch"), note("A word")]).unwrap();
    assert_eq!(standing(&desk, &id), Some(Standing::Approved), "other fields are not what was approved");
}

#[test]
fn a_vote_of_who_makes_it_later_counts_no_more() {
    let mut desk = desk();
    let id = scheduled(&mut desk);
    let asked = Asked {
        sort: TaskSort::Implement,
        title: Clean::line("Swap"),
        to: Some(person("lea")),
        due: None,
        four_eyes: false,
    };
    desk.act("bob", &id, vec![Change::Task { step: TaskStep::Add(asked) }]).unwrap();
    assert!(approve::barred(desk.get(&id), &desk.rules.directory).contains("lea"));
    desk.wait(days(1));
    let refusal = desk.go("bob", &id, Verb::Implement, vec![]).unwrap_err();
    assert!(refusal.rule == "approved as it stands" && refusal.message.contains("does not count"), "{refusal}");
}

#[test]
fn a_held_change_asks_its_approvers_again() {
    let mut desk = desk();
    let id = register(&mut desk, "normal", 0);
    desk.go("bob", &id, Verb::Assess, vec![]).unwrap();
    desk.act("bob", &id, vec![ask()]).unwrap();
    vote(&mut desk, &id, "lea", Verdict::Approved).unwrap();
    desk.hold("bob", &id, "vendor").unwrap();
    assert_eq!(standing(&desk, &id), Some(Standing::NotNeeded));
    assert!(vote(&mut desk, &id, "chuck", Verdict::Approved).is_err());
    for verb in
        [Verb::Assess, Verb::Authorize, Verb::Schedule, Verb::Implement, Verb::Review, Verb::Close, Verb::Revert]
    {
        assert_eq!(rule(desk.go("bob", &id, verb, vec![])), "lifecycle", "{verb}");
    }
    desk.go("bob", &id, Verb::Resume, vec![]).unwrap();
    let held = desk.get(&id).approval.as_ref().unwrap();
    assert_eq!((held.standing, held.stage, held.votes.len()), (Standing::Waiting, 0, 0), "asked again from the start");
    desk.hold("bob", &id, "vendor").unwrap();
    desk.go("bob", &id, Verb::Cancel, vec![name(Field::CancelReason, "withdrawn")]).unwrap();
    assert_eq!(desk.get(&id).state, State::Cancelled);
}

#[test]
fn a_refused_change_is_new_again_and_may_be_of_another_type() {
    let mut desk = desk();
    let id = register(&mut desk, "normal", 0);
    desk.go("bob", &id, Verb::Assess, vec![]).unwrap();
    desk.act("bob", &id, vec![ask()]).unwrap();
    vote(&mut desk, &id, "lea", Verdict::Rejected).unwrap();
    assert_eq!(standing(&desk, &id), Some(Standing::Waiting), "mia can still say yes");
    vote(&mut desk, &id, "mia", Verdict::Rejected).unwrap();
    assert_eq!((desk.get(&id).state, standing(&desk, &id)), (State::New, Some(Standing::Rejected)));
    desk.act("bob", &id, vec![name(Field::ChangeType, "emergency")]).unwrap();
    desk.go("bob", &id, Verb::Authorize, vec![]).unwrap();
    desk.act("bob", &id, vec![ask()]).unwrap();
    desk.go("bob", &id, Verb::Revert, vec![]).unwrap();
    assert_eq!((desk.get(&id).state, standing(&desk, &id)), (State::New, Some(Standing::NotNeeded)));
}

#[test]
fn a_standard_change_comes_from_a_template_as_it_was_authorised() {
    let mut desk = desk();
    let id = register(&mut desk, "standard", 0);
    assert_eq!(rule(desk.go("bob", &id, Verb::Schedule, vec![])), "standard means pre-authorised");
    let template = desk.rules.changes.template("Patching").unwrap().clone();
    let mut changes: Vec<Change> =
        template.fields().into_iter().map(|(field, to)| Change::Set { field, from: None, to: Some(to) }).collect();
    let span = [time(Field::PlannedStart, start() + days(3)), time(Field::PlannedEnd, start() + days(4))];
    changes.extend(span);
    let made = desk.register("bob", Kind::Change, changes).unwrap();
    assert_eq!(rule(desk.act("bob", &made, vec![ask()])), "approval by policy", "nobody is asked");
    desk.act("bob", &made, vec![text(Field::Plan, "Otherwise")]).unwrap();
    let refusal = desk.go("bob", &made, Verb::Schedule, vec![]).unwrap_err();
    assert_eq!((refusal.rule, refusal.field), ("standard means pre-authorised", Some(Field::Plan)));
    desk.act("bob", &made, vec![text(Field::Plan, &template.plan)]).unwrap();
    desk.go("bob", &made, Verb::Schedule, vec![]).unwrap();
    desk.act("bob", &made, vec![name(Field::Template, "Made up")]).unwrap();
    desk.wait(days(3));
    assert_eq!(rule(desk.go("bob", &made, Verb::Implement, vec![])), "standard means pre-authorised");
    desk.act("bob", &made, vec![name(Field::Template, "Patching")]).unwrap();
    let mut practice = (*desk.rules.changes).clone();
    practice.template.iter_mut().for_each(|held| held.valid_until = Some("2026-03-04".parse().unwrap()));
    desk.rules.changes = practice.into();
    let late = desk.go("bob", &made, Verb::Implement, vec![]).unwrap_err();
    assert!(late.message.contains("run out"), "{late}");
}

#[test]
fn a_freeze_stops_all_but_who_is_exempt_and_who_overrides_it() {
    let mut desk = desk();
    let id = scheduled(&mut desk);
    let mut practice = (*desk.rules.changes).clone();
    let mut freeze = window("Stop", WindowKind::Freeze, "2026-03-03T00:00:00", "2026-03-05T00:00:00");
    freeze.exempt = vec![deskside::domain::lifecycle::ChangeType::Emergency];
    practice.window.push(freeze);
    desk.rules.changes = practice.into();
    desk.wait(days(1));
    assert_eq!(rule(desk.go("bob", &id, Verb::Implement, vec![])), "not in a freeze");
    let over = |reason: &str| vec![text(Field::Override, reason)];
    let why = "freeze: The board agreed by phone.";
    assert_eq!(rule(desk.act("ann", &id, over(why))), "level gate");
    assert_eq!(rule(desk.act("chuck", &id, over("freeze:"))), "an override has a reason and an authority");
    assert_eq!(rule(desk.act("chuck", &id, over("weather: fine"))), "an override has a reason and an authority");
    desk.act("chuck", &id, over(why)).unwrap();
    desk.go("bob", &id, Verb::Implement, vec![]).unwrap();

    let urgent = register(&mut desk, "emergency", 1);
    desk.go("bob", &urgent, Verb::Authorize, vec![]).unwrap();
    desk.act("bob", &urgent, vec![ask()]).unwrap();
    vote(&mut desk, &urgent, "chuck", Verdict::Approved).unwrap();
    desk.go("chuck", &urgent, Verb::Schedule, vec![]).unwrap_err();
    desk.act("chuck", &urgent, over("conflicts: The other is the cause.")).unwrap();
    desk.go("chuck", &urgent, Verb::Schedule, vec![]).unwrap();
    desk.go("bob", &urgent, Verb::Implement, vec![]).unwrap();
    let done = vec![time(Field::ActualEnd, desk.now), name(Field::Outcome, "successful")];
    desk.go("bob", &urgent, Verb::Review, done).unwrap();
    assert_eq!(desk.get(&urgent).tasks.len(), 1, "an emergency is looked at afterwards");
}

#[test]
fn conflicts_block_until_one_who_may_overrides_them_and_an_edit_takes_that_back() {
    let mut desk = desk();
    let first = scheduled(&mut desk);
    let id = register(&mut desk, "normal", 0);
    desk.go("bob", &id, Verb::Assess, vec![]).unwrap();
    desk.act("bob", &id, vec![ask()]).unwrap();
    vote(&mut desk, &id, "lea", Verdict::Approved).unwrap();
    desk.go("bob", &id, Verb::Authorize, vec![]).unwrap();
    vote(&mut desk, &id, "chuck", Verdict::Approved).unwrap();
    let refusal = desk.go("chuck", &id, Verb::Schedule, vec![]).unwrap_err();
    assert_eq!(refusal.rule, "nothing in the way");
    assert!(refusal.message.contains(&first), "{refusal}");
    let why = || vec![text(Field::Override, "conflicts: Bob does both in one visit.")];
    assert_eq!(rule(desk.act("bob", &id, why())), "level gate");
    desk.act("chuck", &id, why()).unwrap();
    desk.act("chuck", &id, vec![time(Field::PlannedEnd, start() + days(1) + minutes(90))]).unwrap();
    assert_eq!(desk.get(&id).get(&Field::Override), None, "it was about another time");
    let later = vec![time(Field::PlannedStart, start() + days(1) + minutes(60))];
    desk.act("chuck", &id, later).unwrap();
    desk.act("bob", &id, vec![ask()]).unwrap();
    vote(&mut desk, &id, "lea", Verdict::Approved).unwrap();
    vote(&mut desk, &id, "chuck", Verdict::Approved).unwrap();
    desk.go("chuck", &id, Verb::Schedule, vec![]).unwrap();
}

#[test]
fn what_was_done_before_anybody_asked_is_recorded_and_reviewed() {
    let mut desk = desk();
    let id = register(&mut desk, "retrospective", 1);
    assert_eq!(desk.get(&id).tasks[0].asked.sort, TaskSort::FollowUp, "a review is due from the start");
    desk.go("bob", &id, Verb::Authorize, vec![]).unwrap();
    let done = || {
        vec![
            time(Field::ActualStart, start() - days(1)),
            time(Field::ActualEnd, start()),
            name(Field::Outcome, "successful"),
        ]
    };
    assert_eq!(rule(desk.go("bob", &id, Verb::Review, done())), "approved as it stands");
    desk.act("bob", &id, vec![ask()]).unwrap();
    vote(&mut desk, &id, "chuck", Verdict::Approved).unwrap();
    desk.go("bob", &id, Verb::Review, done()).unwrap();
    assert_eq!(rule(desk.go("bob", &id, Verb::Close, vec![])), "review before closing");
    assert_eq!(rule(desk.go("bob", &id, Verb::Implement, vec![])), "lifecycle");
}

#[test]
fn a_change_that_caused_an_incident_is_reviewed() {
    let mut desk = desk();
    let id = scheduled(&mut desk);
    desk.wait(days(1));
    desk.go("bob", &id, Verb::Implement, vec![]).unwrap();
    let incident = desk.incident("ann");
    desk.act("ann", &incident, vec![link(LinkKind::CausedBy, &id)]).unwrap();
    let done = vec![time(Field::ActualEnd, desk.now), name(Field::Outcome, "successful")];
    desk.go("bob", &id, Verb::Review, done).unwrap();
    assert_eq!(rule(desk.go("bob", &id, Verb::Close, vec![])), "review before closing");
}

#[test]
fn a_desk_of_one_can_change_something() {
    let mut desk = desk();
    desk.rules.directory.people.retain(|person| &*person.login == "bob" || person.level.is_none());
    desk.rules.directory.people.iter_mut().for_each(|person| person.roles.clear());
    let id = register(&mut desk, "normal", 0);
    for verb in [Verb::Assess, Verb::Authorize, Verb::Schedule] {
        desk.go("bob", &id, verb, vec![]).unwrap();
    }
    desk.wait(days(1));
    desk.go("bob", &id, Verb::Implement, vec![]).unwrap();
    assert_eq!(desk.get(&id).get(&Field::Outcome).map(Value::to_string), None);
}

#[test]
fn a_step_of_who_works_under_supervision_is_signed_by_a_second_person() {
    let mut desk = desk();
    let id = scheduled(&mut desk);
    let asked = |to: &str| {
        let to = Some(person(to));
        Asked { sort: TaskSort::Implement, title: Clean::line("Swap"), to, due: None, four_eyes: false }
    };
    for who in ["asa", "bob"] {
        desk.act("bob", &id, vec![Change::Task { step: TaskStep::Add(asked(who)) }]).unwrap();
    }
    let signed: Vec<bool> = desk.get(&id).tasks.iter().map(|task| task.asked.four_eyes).collect();
    assert_eq!(signed, [true, false]);
    desk.wait(days(1));
    desk.go("bob", &id, Verb::Implement, vec![]).unwrap();
    let end = |number| Change::Task { step: TaskStep::End { number, how: TaskState::Done, words: Clean::default() } };
    desk.act("asa", &id, vec![end(1)]).unwrap();
    desk.act("bob", &id, vec![end(2)]).unwrap();
    let done = vec![time(Field::ActualEnd, desk.now), name(Field::Outcome, "successful")];
    desk.go("bob", &id, Verb::Review, done).unwrap();
    let sign = || vec![Change::Task { step: TaskStep::Sign { number: 1 } }];
    assert_eq!(rule(desk.go("bob", &id, Verb::Close, vec![])), "close when all tasks are over");
    assert_eq!(rule(desk.act("asa", &id, sign())), "four eyes");
    desk.act("bob", &id, sign()).unwrap();
    desk.go("bob", &id, Verb::Close, vec![]).unwrap();
}
