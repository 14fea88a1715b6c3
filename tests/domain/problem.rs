//! Every row of the problem's table, and what a problem does to the incidents that hang on it.

use deskside::domain::change::{Audience, Change, Link, LinkKind, Party};
use deskside::domain::desk::build;
use deskside::domain::field::{Field, Value};
use deskside::domain::gate::Gate;
use deskside::domain::kind::Kind;
use deskside::domain::lifecycle::{Ask, choices, needs, problem};
use deskside::domain::name::Name;
use deskside::domain::rules::Watch;
use deskside::domain::sla::Policy;
use deskside::domain::state::{State, Verb};
use deskside::domain::summary::Summary;
use deskside::domain::task::{Asked, TaskSort, TaskState, TaskStep};
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;

use super::small::{Small, days, dimensions, fixed, flag, link, name, note, number, set, start, text, time};

fn task(step: TaskStep) -> Change {
    Change::Task { step }
}

fn prevent(title: &str) -> Change {
    let due = Some(start() + days(30));
    let asked = Asked { sort: TaskSort::Prevent, title: Clean::line(title), to: None, due, four_eyes: false };
    task(TaskStep::Add(asked))
}

fn end(number: u16) -> Change {
    task(TaskStep::End { number, how: TaskState::Done, words: Clean::line("Done") })
}

fn effect(number: u16, worked: bool) -> Change {
    task(TaskStep::Check { number, worked, words: Clean::line("Looked for two weeks") })
}

fn cause() -> Vec<Change> {
    vec![
        text(Field::Cause, "The hub resets"),
        name(Field::CauseCategory, "firmware"),
        text(Field::Evidence, "Logs of 14 laptops"),
    ]
}

/// A problem of pam's in that state, on the shortest way.
fn in_state(desk: &mut Small, state: State) -> String {
    let id = desk.problem("pam", "Docks drop");
    let way = [
        (State::Assess, Verb::Assess, vec![]),
        (State::RootCause, Verb::Confirm, vec![]),
        (State::FixInProgress, Verb::PlanFix, vec![text(Field::Fix, "New firmware")]),
        (State::Resolved, Verb::Resolve, fixed("Rolled out")),
    ];
    for (reached, verb, with) in way {
        if desk.get(&id).state == state {
            break;
        }
        desk.go("pam", &id, verb, with).unwrap();
        assert_eq!(desk.get(&id).state, reached);
    }
    id
}

fn row(desk: &Small, id: &str) -> Summary {
    let policy = Policy::new(Vec::new(), std::collections::BTreeMap::new()).unwrap();
    Summary::of(desk.get(id), &policy, &desk.rules.matrix)
}

fn said(ticket: &Ticket, wanted: Audience) -> Vec<&str> {
    let words = |change| match change {
        &Change::Say { audience, ref text } if audience == wanted => Some(text.as_str()),
        _ => None,
    };
    ticket.timeline.iter().filter_map(|event| words(&event.change)).collect()
}

fn linked(desk: &Small, id: &str, how: LinkKind, other: &str) -> bool {
    desk.get(id).links.contains(&Link { how, other: other.into() })
}

#[test]
fn a_problem_is_raised_with_its_trigger_level_and_domain() {
    let mut desk = Small::new();
    for missing in 0..3 {
        let mut given = dimensions();
        let Change::Set { field, .. } = given.remove(missing) else { panic!() };
        let refusal = desk.register("ann", Kind::Problem, [vec![text(Field::Title, "T")], given].concat()).unwrap_err();
        assert_eq!(
            (refusal.rule, refusal.field.as_ref()),
            ("a problem has a trigger, a level and a domain", Some(&field))
        );
        let known = choices::fixed(&field, Kind::Problem).unwrap();
        assert!(known.iter().all(|value| refusal.way_out.contains(value)), "{refusal}");
    }
    let odd = [vec![text(Field::Title, "T"), name(Field::Trigger, "gossip")], dimensions()[1..].to_vec()].concat();
    assert_eq!(desk.register("ann", Kind::Problem, odd).unwrap_err().rule, "names are known");
    for trigger in choices::TRIGGERS {
        for level in choices::LEVELS {
            for domain in choices::DOMAINS {
                let with = vec![
                    text(Field::Title, "T"),
                    name(Field::Trigger, trigger),
                    name(Field::Level, level),
                    name(Field::Domain, domain),
                ];
                let id = desk.register("ann", Kind::Problem, with).unwrap();
                let row = row(&desk, &id);
                let held = |field: &str| row.custom.iter().find(|(n, _)| &**n == field).map(|(_, v)| v.as_str());
                assert_eq!(
                    (held("trigger"), held("level"), held("domain")),
                    (Some(*trigger), Some(*level), Some(*domain))
                );
                assert_eq!(desk.act("ann", &id, vec![set(Field::Level, None)]).unwrap_err().field, Some(Field::Level));
            }
        }
    }
}

#[test]
fn the_dimensions_of_a_problem_over_incidents_are_proposed() {
    let mut desk = Small::new();
    let ids: Vec<String> = (0..6).map(|_| desk.incident("ann")).collect();
    let over = |desk: &Small, many: usize| {
        let incidents: Vec<&Ticket> = ids.iter().take(many).map(|id| desk.get(id)).collect();
        build::dimensions(&incidents).map(|(_, word)| word)
    };
    assert_eq!(over(&desk, 1), ["incident", "operational", "process"]);
    assert_eq!(over(&desk, 2), ["trend", "operational", "process"]);
    assert_eq!(over(&desk, 6), ["trend", "tactical", "process"]);
    for id in &ids {
        desk.act("ann", id, vec![name(Field::Service, "Printing")]).unwrap();
    }
    assert_eq!(over(&desk, 2)[2], "service");
    for id in &ids {
        desk.act("ann", id, vec![name(Field::Asset, "PRN-1")]).unwrap();
    }
    assert_eq!(over(&desk, 2)[2], "system");
}

#[test]
fn an_open_problem_is_looked_at_by_the_cadence_of_its_level() {
    let mut desk = Small::new();
    desk.rules.periods = desk.rules.periods.watching(Watch { operational: 3, tactical: 20, strategic: 60, verify: 10 });
    let id = desk.problem("pam", "Docks drop");
    assert_eq!(row(&desk, &id).review, Some(start() + days(3)));
    desk.act("pam", &id, vec![name(Field::Level, "strategic")]).unwrap();
    assert_eq!(row(&desk, &id).review, Some(start() + days(60)), "another level has another cadence");
    desk.act("pam", &id, vec![name(Field::Level, "tactical")]).unwrap();
    desk.wait(days(25));
    let silent = desk.act("pam", &id, vec![time(Field::Reviewed, desk.now)]).unwrap_err();
    assert_eq!(silent.rule, "a review says what was seen");
    desk.act("pam", &id, vec![time(Field::Reviewed, desk.now), note("No progress: supplier")]).unwrap();
    assert_eq!(row(&desk, &id).review, Some(start() + days(25 + 20)), "from the review, not from the old date");
    let own = desk.now + days(2);
    desk.act("pam", &id, vec![time(Field::Reviewed, desk.now + days(0)), note("Again"), time(Field::NextReview, own)])
        .unwrap();
    assert_eq!(row(&desk, &id).review, Some(own), "one's own date wins");
    desk.go("pam", &id, Verb::Cancel, vec![text(Field::CancelReason, "withdrawn")]).unwrap();
    assert_eq!(row(&desk, &id).review, None);
}

#[test]
fn impact_and_urgency_are_weighed_anew_with_a_reason() {
    let mut desk = Small::new();
    let id = desk.problem("pam", "Docks drop");
    desk.act("pam", &id, vec![number(Field::Impact, 2)]).unwrap();
    for (state, verb) in [(State::Assess, Verb::Assess), (State::RootCause, Verb::Confirm)] {
        desk.go("pam", &id, verb, vec![]).unwrap();
        assert_eq!(desk.get(&id).state, state);
        for field in [Field::Impact, Field::Urgency] {
            let refusal = desk.act("pam", &id, vec![number(field.clone(), 1)]).unwrap_err();
            assert_eq!(refusal.rule, "weighing a problem anew needs a reason");
            desk.act("pam", &id, vec![number(field.clone(), 1), note("It reached the ward")]).unwrap();
            desk.act("pam", &id, vec![number(field, 3), note("It did not")]).unwrap();
        }
    }
}

#[test]
fn a_cause_is_found_by_analysis_and_comes_with_category_and_evidence() {
    let mut desk = Small::new();
    for state in [State::New, State::Assess] {
        let id = in_state(&mut desk, state);
        assert_eq!(desk.act("pam", &id, cause()).unwrap_err().rule, "a cause is found by analysis");
    }
    let id = in_state(&mut desk, State::RootCause);
    for (missing, field) in [(1, Field::CauseCategory), (2, Field::Evidence)] {
        let mut given = cause();
        given.remove(missing);
        let refusal = desk.act("pam", &id, given).unwrap_err();
        assert_eq!((refusal.rule, refusal.field), ("a cause has a category and evidence", Some(field)));
    }
    desk.act("pam", &id, cause()).unwrap();
    assert_eq!(desk.get(&id).state, State::RootCause, "it stays where it is");
}

#[test]
fn a_known_error_has_a_cause_or_a_workaround_in_any_open_state() {
    let mut desk = Small::new();
    let known = || flag(Field::KnownError, true);
    for state in [State::New, State::Assess, State::RootCause, State::FixInProgress] {
        let id = in_state(&mut desk, state);
        assert_eq!(desk.act("pam", &id, vec![known()]).unwrap_err().rule, "known error");
        desk.act("pam", &id, vec![known(), text(Field::Workaround, "Use the cable")]).unwrap();
        assert!(row(&desk, &id).known_error);
    }
    let id = in_state(&mut desk, State::RootCause);
    desk.act("pam", &id, [vec![known()], cause()].concat()).unwrap();
    let id = in_state(&mut desk, State::Resolved);
    let late = desk.act("pam", &id, vec![known(), text(Field::Workaround, "x")]).unwrap_err();
    assert_eq!(late.rule, "known error");
}

#[test]
fn a_fix_is_planned_in_words_or_by_a_change() {
    let mut desk = Small::new();
    let id = in_state(&mut desk, State::RootCause);
    assert_eq!(desk.go("pam", &id, Verb::PlanFix, vec![]).unwrap_err().rule, "a fix needs a plan or a change");
    let change = desk.register("chuck", Kind::Change, vec![text(Field::Title, "Cure")]).unwrap();
    desk.go("pam", &id, Verb::PlanFix, vec![link(LinkKind::FixedBy, &change)]).unwrap();
}

#[test]
fn the_coordinator_is_told_when_all_linked_changes_are_closed() {
    let mut desk = Small::new();
    let id = in_state(&mut desk, State::FixInProgress);
    let change = |desk: &mut Small| desk.register("chuck", Kind::Change, vec![text(Field::Title, "Cure")]).unwrap();
    let (one, two) = (change(&mut desk), change(&mut desk));
    desk.act("pam", &id, vec![link(LinkKind::FixedBy, &one), link(LinkKind::FixedBy, &two)]).unwrap();
    desk.wait(days(2));
    let drop = || vec![text(Field::CancelReason, "not_needed")];
    desk.go("chuck", &one, Verb::Cancel, drop()).unwrap();
    assert!(said(desk.get(&id), Audience::Internal).is_empty(), "one is still open");
    assert_eq!(row(&desk, &id).review, Some(start() + days(7)));
    desk.go("chuck", &two, Verb::Cancel, drop()).unwrap();
    let told = said(desk.get(&id), Audience::Internal).join("\n");
    assert!(told.contains("all linked changes are closed") && told.contains(&one) && told.contains("Pam"), "{told}");
    assert_eq!(row(&desk, &id).review, Some(desk.now), "and it is due for a look");
}

#[test]
fn a_risk_goes_to_the_incidents_as_a_note_and_is_looked_at_again() {
    let mut desk = Small::new();
    let id = in_state(&mut desk, State::FixInProgress);
    let (waits, other) = (desk.incident("ann"), desk.incident("ann"));
    let hold = vec![name(Field::HoldReason, "problem"), link(LinkKind::ProblemIs, &id)];
    desk.go("ann", &waits, Verb::Hold, hold).unwrap();
    desk.act("ann", &other, vec![link(LinkKind::ProblemIs, &id)]).unwrap();
    desk.act("bob", &id, vec![text(Field::Reason, "Replaced in May"), time(Field::ReviewDate, start() + days(60))])
        .unwrap();
    assert_eq!(problem::risk_author(desk.get(&id)).map(Name::as_str), Some("bob"));
    desk.go("pam", &id, Verb::AcceptRisk, vec![]).unwrap();
    for incident in [&waits, &other] {
        let t = desk.get(incident);
        assert!(said(t, Audience::Internal).iter().any(|words| words.contains("Replaced in May")));
        assert!(said(t, Audience::Public).is_empty(), "nobody outside is told");
    }
    assert_eq!(desk.get(&waits).state, State::InProgress);
    assert_eq!(row(&desk, &id).review, Some(start() + days(60)));
    desk.wait(days(61));
    let look = |desk: &Small| vec![time(Field::Reviewed, desk.now), note("Still borne")];
    let ann = look(&desk);
    assert_eq!(desk.act("ann", &id, ann).unwrap_err().rule, "level gate");
    let again = look(&desk);
    desk.act("pam", &id, again).unwrap();
    assert_eq!(row(&desk, &id).review, Some(desk.now + days(7)));
    assert_eq!(desk.get(&id).state, State::Closed);
    let frozen = desk.act("pam", &id, vec![text(Field::Fix, "x"), time(Field::Reviewed, desk.now), note("x")]);
    assert_eq!(frozen.unwrap_err().rule, "closed is frozen");
}

#[test]
fn preventive_actions_are_listed_dated_done_and_checked() {
    let mut desk = Small::new();
    let id = in_state(&mut desk, State::FixInProgress);
    let outcome = || text(Field::Resolution, "Rolled out");
    let none = desk.go("pam", &id, Verb::Resolve, vec![outcome()]).unwrap_err();
    assert_eq!((none.rule, none.field), ("preventive actions are listed", Some(Field::Prevention)));
    let asked = |t: &Ticket| needs(Verb::Resolve, t, &super::small::directory()).into_iter().map(|need| need.ask);
    assert!(asked(desk.get(&id)).any(|ask| ask == Ask::Field(Field::Prevention)));
    let mut undated = Asked {
        sort: TaskSort::Prevent,
        title: Clean::line("Alert on version"),
        to: None,
        due: None,
        four_eyes: false,
    };
    let refusal = desk.act("pam", &id, vec![task(TaskStep::Add(undated.clone()))]).unwrap_err();
    assert_eq!(refusal.rule, "a preventive action has a date");
    undated.to = Some(Party::Person("bob".into()));
    desk.act("pam", &id, vec![prevent("Alert on version"), prevent("Pilot floor first")]).unwrap();
    assert!(asked(desk.get(&id)).all(|ask| ask != Ask::Field(Field::Prevention)));
    desk.go("pam", &id, Verb::Resolve, vec![outcome()]).unwrap();
    desk.wait(days(15));
    let closing = |desk: &mut Small| desk.go("pam", &id, Verb::Close, vec![]).map_err(|refusal| refusal.message);
    assert!(closing(&mut desk).unwrap_err().contains("action 1 is open"));
    assert_eq!(desk.act("pam", &id, vec![effect(1, true)]).unwrap_err().rule, "an effect is looked at");
    desk.act("pam", &id, vec![end(1), end(2)]).unwrap();
    assert!(closing(&mut desk).unwrap_err().contains("Nobody has looked whether preventive action 1"));
    desk.act("pam", &id, vec![effect(1, true), effect(2, false)]).unwrap();
    assert!(closing(&mut desk).unwrap_err().contains("action 2 did not help"));
    desk.act("pam", &id, vec![prevent("Block the roll-out"), end(3), effect(3, true)]).unwrap();
    closing(&mut desk).unwrap();
    assert_eq!(desk.get(&id).state, State::Closed);
}

#[test]
fn it_closes_after_the_verification_when_nothing_of_its_kind_came_in() {
    let mut desk = Small::new();
    let id = in_state(&mut desk, State::FixInProgress);
    let keys =
        vec![name(Field::Category, "hardware/dock"), name(Field::Service, "Printing"), name(Field::Asset, "DK-1")];
    desk.act("pam", &id, keys).unwrap();
    let before = desk.incident("ann");
    desk.wait(days(1));
    desk.go("pam", &id, Verb::Resolve, fixed("Rolled out")).unwrap();
    assert_eq!(row(&desk, &id).review, Some(desk.now + days(14)), "the verification ends on its date");
    assert_eq!(desk.get(&id).text(&Field::Outcome), "fix_applied");
    let early = desk.go("pam", &id, Verb::Close, vec![]).unwrap_err();
    assert_eq!((early.rule, early.field), ("a fix must hold", Some(Field::ReviewDate)));
    desk.wait(days(14));
    let closes = |desk: &mut Small| {
        // As a look: what closes is taken back, so that every case starts from the same.
        let before = desk.tickets.clone();
        let done = desk.go("pam", &id, Verb::Close, vec![]).map_err(|refusal| refusal.message);
        desk.tickets = before;
        done.map(|_| ())
    };
    assert_eq!(closes(&mut desk), Ok(()));
    desk.act("ann", &before, vec![link(LinkKind::ProblemIs, &id)]).unwrap();
    assert!(closes(&mut desk).unwrap_err().contains(&before), "linked since, and not over before the fix");
    desk.act(
        "ann",
        &before,
        vec![Change::Unlink { link: Link { how: LinkKind::ProblemIs, other: id.as_str().into() } }],
    )
    .unwrap();
    assert_eq!(closes(&mut desk), Ok(()));
    for (with, why) in [
        (vec![name(Field::Asset, "DK-1")], Some("asset")),
        (vec![name(Field::Category, "hardware/dock")], Some("category and service")),
        (vec![name(Field::Category, "hardware/dock"), name(Field::Service, "Printing")], Some("category and service")),
        (vec![name(Field::Category, "hardware/dock"), name(Field::Service, "WLAN")], None),
        (vec![name(Field::Category, "email"), name(Field::Service, "Printing")], None),
        (vec![name(Field::Asset, "DK-2")], None),
    ] {
        desk.wait(days(1));
        let fresh = desk.incident("ann");
        desk.act("ann", &fresh, with).unwrap();
        if let Some(why) = why {
            let message = closes(&mut desk).unwrap_err();
            assert!(message.contains(&fresh) && message.contains(why), "{message}");
            desk.wait(days(1));
            desk.act("pam", &id, vec![time(Field::Reviewed, desk.now), note("A loose plug, not this")]).unwrap();
        }
        assert_eq!(closes(&mut desk), Ok(()), "{why:?}");
    }
    assert_eq!(desk.go("ann", &id, Verb::Close, vec![]).unwrap_err().rule, "level gate");
}

#[test]
fn a_major_problem_closes_with_a_review() {
    let mut desk = Small::new();
    let id = in_state(&mut desk, State::Resolved);
    let incident = desk.incident("max");
    desk.go("max", &incident, Verb::Resolve, super::small::solution()).unwrap();
    let mut major = desk.get(&incident).clone();
    major.fields.insert(Field::Major, Value::Flag(true));
    major.resolved = Some(start() - days(1));
    desk.tickets.insert(major.id.clone(), major);
    desk.act("pam", &id, vec![link(LinkKind::ProblemOf, &incident)]).unwrap();
    desk.wait(days(14));
    let refusal = desk.go("pam", &id, Verb::Close, vec![]).unwrap_err();
    assert_eq!((refusal.rule, refusal.field), ("a major problem is reviewed", Some(Field::ReviewRecord)));
    desk.go("pam", &id, Verb::Close, vec![text(Field::ReviewRecord, "Alarms came late")]).unwrap();
}

#[test]
fn analysing_again_is_the_managers_and_takes_the_end_back() {
    let mut desk = Small::new();
    let id = in_state(&mut desk, State::Resolved);
    desk.wait(days(14));
    desk.go("pam", &id, Verb::Close, vec![]).unwrap();
    assert_eq!(desk.go("ann", &id, Verb::Reanalyse, vec![note("x")]).unwrap_err().rule, "level gate");
    assert_eq!(desk.go("pam", &id, Verb::Reanalyse, vec![]).unwrap_err().rule, "a step back needs a reason");
    desk.go("pam", &id, Verb::Reanalyse, vec![note("It is back")]).unwrap();
    let t = desk.get(&id);
    assert_eq!((t.state, t.get(&Field::Outcome), t.get(&Field::ReviewDate)), (State::RootCause, None, None));
    assert_eq!(row(&desk, &id).review, Some(desk.now + days(7)), "the cadence runs again");
    assert!(Gate::Reanalyse.passes("pam", &desk.rules.directory));
}

#[test]
fn the_links_of_a_duplicate_move_and_come_back() {
    let mut desk = Small::new();
    let (survivor, duplicate) = (in_state(&mut desk, State::RootCause), in_state(&mut desk, State::RootCause));
    let (waits, shared) = (desk.incident("ann"), desk.incident("ann"));
    let change = desk.register("chuck", Kind::Change, vec![text(Field::Title, "Cure")]).unwrap();
    let hold = vec![name(Field::HoldReason, "problem"), link(LinkKind::ProblemIs, &duplicate)];
    desk.go("ann", &waits, Verb::Hold, hold).unwrap();
    desk.act("ann", &shared, vec![link(LinkKind::ProblemIs, &duplicate), link(LinkKind::ProblemIs, &survivor)])
        .unwrap();
    desk.act("pam", &duplicate, vec![link(LinkKind::FixedBy, &change)]).unwrap();
    let plans = build::merge(desk.get(&duplicate), desk.get(&survivor));
    desk.run("pam", plans);
    let t = desk.get(&duplicate);
    assert_eq!((t.state, t.links.len()), (State::Cancelled, 1), "only the link to the survivor is left");
    for (how, other) in [(LinkKind::ProblemOf, &waits), (LinkKind::ProblemOf, &shared), (LinkKind::FixedBy, &change)] {
        assert!(
            linked(&desk, &survivor, how, other) && linked(&desk, other, how.inverse(), &survivor),
            "{how} {other}"
        );
        assert!(!linked(&desk, other, how.inverse(), &duplicate));
    }
    assert_eq!(desk.get(&waits).state, State::OnHold, "it waits for the survivor now");
    desk.run("pam", build::unmerge(desk.get(&duplicate)));
    assert_eq!(desk.get(&duplicate).state, State::RootCause);
    for (how, other) in [(LinkKind::ProblemOf, &waits), (LinkKind::ProblemOf, &shared), (LinkKind::FixedBy, &change)] {
        assert!(
            linked(&desk, &duplicate, how, other) && linked(&desk, other, how.inverse(), &duplicate),
            "{how} {other}"
        );
    }
    assert!(!linked(&desk, &survivor, LinkKind::ProblemOf, &waits), "what moved is back");
    assert!(linked(&desk, &survivor, LinkKind::ProblemOf, &shared), "what it had of its own stays");
}

#[test]
fn what_waits_for_a_cancelled_problem_goes_on() {
    let mut desk = Small::new();
    let id = in_state(&mut desk, State::RootCause);
    let waits = desk.incident("ann");
    let hold = vec![name(Field::HoldReason, "problem"), link(LinkKind::ProblemIs, &id)];
    desk.go("ann", &waits, Verb::Hold, hold).unwrap();
    desk.go("pam", &id, Verb::Cancel, vec![text(Field::CancelReason, "not_a_problem")]).unwrap();
    assert_eq!(desk.get(&waits).state, State::InProgress);
}

#[test]
fn a_workaround_is_given_to_who_waits_and_answered_once_given() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let given = |word: &str| vec![name(Field::WorkaroundGiven, word)];
    let rule = "a workaround is for who waits";
    assert_eq!(desk.act("ann", &id, given("accepted")).unwrap_err().rule, rule);
    assert_eq!(desk.act("ann", &id, given("perhaps")).unwrap_err().rule, "names are known");
    desk.act("ann", &id, given("given")).unwrap();
    desk.act("ann", &id, given("declined")).unwrap();
    desk.act("ann", &id, given("accepted")).unwrap();
    let held = row(&desk, &id).custom;
    assert!(held.contains(&(Name::new("workaround_given"), Name::new("accepted"))), "{held:?}");
    desk.resolve("ann", &id).unwrap();
    assert_eq!(desk.act("ann", &id, given("given")).unwrap_err().rule, rule);
    let problem = desk.problem("pam", "T");
    assert_eq!(desk.act("pam", &problem, given("given")).unwrap_err().rule, rule);
}

#[test]
fn children_follow_as_the_table_says() {
    type Case = (&'static str, State, State);
    let cases: &[Case] = &[
        ("start", State::InProgress, State::InProgress),
        ("hold change", State::OnHold, State::OnHold),
        ("hold problem", State::OnHold, State::OnHold),
        ("hold vendor", State::OnHold, State::OnHold),
        ("hold caller", State::OnHold, State::InProgress),
        ("resolve", State::Resolved, State::Resolved),
        ("close", State::Closed, State::Resolved),
        ("cancel", State::Cancelled, State::InProgress),
        ("reopen by us", State::InProgress, State::InProgress),
        ("reopen by the caller", State::InProgress, State::Resolved),
    ];
    for (what, parent_after, child_after) in cases {
        let mut desk = Small::new();
        let (parent, child) = (desk.incident("ann"), desk.incident("ann"));
        desk.act("ann", &child, vec![link(LinkKind::ChildOf, &parent)]).unwrap();
        let problem = desk.problem("pam", "Cause");
        let change = desk.register("chuck", Kind::Change, vec![text(Field::Title, "Cure")]).unwrap();
        desk.go("ann", &parent, Verb::Start, vec![]).unwrap();
        assert_eq!(desk.get(&child).state, State::InProgress);
        desk.act("ann", &parent, vec![link(LinkKind::ProblemIs, &problem), link(LinkKind::FixedBy, &change)]).unwrap();
        let (what, detail) = what.split_once(' ').unwrap_or((what, ""));
        match what {
            "start" => {}
            "hold" => drop(desk.hold("ann", &parent, detail).unwrap()),
            "cancel" => {
                drop(desk.go("ann", &parent, Verb::Cancel, vec![text(Field::CancelReason, "withdrawn")]).unwrap())
            }
            _ => drop(desk.resolve("ann", &parent).unwrap()),
        }
        match (what, detail) {
            ("close", _) => drop(desk.go("ann", &parent, Verb::Close, vec![]).unwrap()),
            ("reopen", "by us") => drop(desk.go("ann", &parent, Verb::Reopen, vec![note("Back")]).unwrap()),
            ("reopen", _) => {
                drop(desk.go("ann", &parent, Verb::Reopen, vec![super::small::heard("It is back")]).unwrap());
            }
            _ => {}
        }
        assert_eq!((desk.get(&parent).state, desk.get(&child).state), (*parent_after, *child_after), "{what} {detail}");
        if what == "resolve" {
            let t = desk.get(&child);
            assert_eq!((t.text(&Field::ResolutionCode), t.text(&Field::Resolution)), ("fixed", "Port reset"));
        }
    }
}
