//! The major facet: who may what, when words are due, what the review says.

use deskside::config::fault::Source;
use deskside::config::major;
use deskside::domain::change::{Audience, Change, LinkKind};
use deskside::domain::field::{Field, Value};
use deskside::domain::lifecycle;
use deskside::domain::major::cadence::Due;
use deskside::domain::major::{LineSort, Major, MajorRole, MajorState, MajorStep, review};
use deskside::domain::name::Name;
use deskside::domain::refusal::Refusal;
use deskside::domain::state::{State, Verb};
use deskside::domain::task::{Asked, TaskSort, TaskStep};
use deskside::text::Clean;
use jiff::Timestamp;

use super::small::{Small, link, minutes, name, note, person, public, solution};

fn words(raw: &str) -> Clean {
    Clean::line(raw)
}

fn does(desk: &mut Small, who: &str, id: &str, step: MajorStep) -> Result<(), Refusal> {
    desk.act(who, id, vec![Change::Major { step }]).map(drop)
}

fn proposal() -> MajorStep {
    MajorStep::Propose { reason: words("Everybody calls."), impact: words("No sales.") }
}

fn facet<'a>(desk: &'a Small, id: &str) -> &'a Major {
    desk.get(id).major.as_ref().unwrap()
}

/// An incident that max, the incident manager, has accepted as a major one.
fn accepted() -> (Small, String) {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    does(&mut desk, "ann", &id, proposal()).unwrap();
    does(&mut desk, "max", &id, MajorStep::Accept).unwrap();
    (desk, id)
}

fn tell(audience: &str, raw: &str) -> MajorStep {
    MajorStep::Tell { audience: Name::new(audience), text: words(raw) }
}

fn skip(audience: &str) -> MajorStep {
    MajorStep::Skip { audience: Name::new(audience) }
}

#[test]
fn a_candidate_has_a_reason_and_an_impact_and_is_an_open_incident_without_a_parent() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let empty = MajorStep::Propose { reason: words("Everybody calls."), impact: words(" ") };
    does(&mut desk, "ann", &id, empty).unwrap_err();
    does(&mut desk, "ann", &id, proposal()).unwrap();
    assert_eq!(does(&mut desk, "ann", &id, proposal()).unwrap_err().rule, "proposed once");
    let child = desk.incident("ann");
    desk.act("ann", &child, vec![link(LinkKind::ChildOf, &id)]).unwrap();
    does(&mut desk, "ann", &child, proposal()).unwrap_err();
    let problem = desk.problem("pam", "Cause");
    assert_eq!(does(&mut desk, "pam", &problem, proposal()).unwrap_err().rule, "major incidents are incidents");
    let done = desk.incident("ann");
    desk.resolve("ann", &done).unwrap();
    does(&mut desk, "ann", &done, proposal()).unwrap_err();
}

#[test]
fn only_who_may_accepts_and_it_is_theirs_from_then_on() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    does(&mut desk, "ann", &id, proposal()).unwrap();
    for step in [MajorStep::Accept, MajorStep::Reject { reason: words("No.") }] {
        assert_eq!(does(&mut desk, "ann", &id, step).unwrap_err().rule, "level gate");
    }
    does(&mut desk, "max", &id, MajorStep::Accept).unwrap();
    assert_eq!((&*desk.get(&id).owner, facet(&desk, &id).state), ("max", MajorState::Accepted));
    assert_eq!(desk.get(&id).get(&Field::Major), Some(&Value::Flag(true)));
    assert_eq!(does(&mut desk, "max", &id, MajorStep::Accept).unwrap_err().rule, "the states of a major incident");
}

#[test]
fn a_rejected_candidate_may_be_proposed_anew_and_demoting_leaves_the_incident_open() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    does(&mut desk, "ann", &id, proposal()).unwrap();
    does(&mut desk, "max", &id, MajorStep::Reject { reason: words("") }).unwrap_err();
    does(&mut desk, "max", &id, MajorStep::Reject { reason: words("One person only.") }).unwrap();
    does(&mut desk, "ann", &id, proposal()).unwrap();
    does(&mut desk, "max", &id, MajorStep::Accept).unwrap();
    does(&mut desk, "max", &id, MajorStep::Demote { reason: words("Not so bad.") }).unwrap();
    let ticket = desk.get(&id);
    assert!(ticket.state.is_open());
    assert_eq!((facet(&desk, &id).state, ticket.get(&Field::Major)), (MajorState::Demoted, None));
}

#[test]
fn an_accepted_one_never_waits_for_its_caller_nor_does_one_that_waits_become_one() {
    let (mut desk, id) = accepted();
    assert_eq!(desk.hold("max", &id, "caller").unwrap_err().rule, "hold needs a reason");
    let waiting = desk.incident("ann");
    does(&mut desk, "ann", &waiting, proposal()).unwrap();
    desk.hold("ann", &waiting, "caller").unwrap();
    assert_eq!(does(&mut desk, "max", &waiting, MajorStep::Accept).unwrap_err().rule, "hold needs a reason");
}

#[test]
fn cancelling_the_incident_takes_the_facet_along() {
    let (mut desk, id) = accepted();
    desk.go("max", &id, Verb::Cancel, vec![name(Field::CancelReason, "withdrawn")]).unwrap();
    assert_eq!(facet(&desk, &id).state, MajorState::Demoted);
}

#[test]
fn children_of_a_candidate_or_a_major_incident_do_not_move_by_themselves() {
    let mut desk = Small::new();
    let (parent, child) = (desk.incident("ann"), desk.incident("ann"));
    desk.act("ann", &child, vec![link(LinkKind::ChildOf, &parent)]).unwrap();
    does(&mut desk, "ann", &parent, proposal()).unwrap();
    desk.go("ann", &parent, Verb::Start, vec![]).unwrap();
    assert_eq!(desk.get(&child).state, State::New);
    does(&mut desk, "max", &parent, MajorStep::Accept).unwrap();
    desk.resolve("max", &parent).unwrap();
    assert_eq!(desk.get(&child).state, State::New);
}

#[test]
fn the_callers_of_the_children_are_told_what_its_caller_is_told() {
    let (mut desk, parent) = accepted();
    let child = desk.incident("ann");
    desk.act("ann", &child, vec![link(LinkKind::ChildOf, &parent)]).unwrap();
    let heard = |desk: &Small| {
        let said = |c: &Change| matches!(c, Change::Say { audience: Audience::Public, text } if &**text == "Soon.");
        desk.get(&child).timeline.iter().filter(|event| said(&event.change)).count()
    };
    let told = vec![Change::Major { step: tell("callers", "Soon.") }, public("Soon.")];
    desk.act("max", &parent, told).unwrap();
    assert_eq!(heard(&desk), 1);
    desk.act("max", &parent, vec![public("Only to you.")]).unwrap();
    assert_eq!(heard(&desk), 1);
}

fn at(time: &str) -> Timestamp {
    format!("2026-03-02T{time}:00Z").parse().unwrap()
}

/// When the management is owed its next words, with the shipped cadence.
fn due(desk: &Small, id: &str, priority: u8) -> Due {
    let cadence = major::load(major::SHIPPED).unwrap();
    cadence.due(facet(desk, id), priority).into_iter().find(|due| &*due.audience == "management").unwrap()
}

#[test]
fn words_are_due_from_the_actual_send_and_a_skip_moves_what_was_due() {
    let (mut desk, id) = accepted();
    assert_eq!(due(&desk, &id, 1).at, at("10:00"), "the first words are owed at once");
    desk.now = at("10:02");
    does(&mut desk, "max", &id, tell("management", "We look.")).unwrap();
    assert_eq!((due(&desk, &id, 1).at, due(&desk, &id, 2).at), (at("10:32"), at("11:02")));
    desk.now = at("10:30");
    does(&mut desk, "max", &id, skip("management")).unwrap();
    let skipped = due(&desk, &id, 1);
    assert_eq!((skipped.at, skipped.sent, skipped.skipped), (at("11:02"), 1, true));
    assert_eq!(does(&mut desk, "max", &id, skip("management")).unwrap_err().rule, "skip once");
    desk.now = at("11:20");
    does(&mut desk, "max", &id, tell("management", "Late words.")).unwrap();
    let told = due(&desk, &id, 1);
    assert_eq!((told.at, told.sent, told.skipped), (at("11:50"), 2, false));
}

#[test]
fn one_who_holds_every_role_is_named() {
    let (mut desk, id) = accepted();
    let appoint = |role, who: &[&str]| MajorStep::Appoint { role, who: who.iter().map(|l| Name::new(l)).collect() };
    does(&mut desk, "max", &id, appoint(MajorRole::IncidentManager, &["max"])).unwrap();
    assert_eq!(facet(&desk, &id).overloaded(), None);
    does(&mut desk, "max", &id, appoint(MajorRole::Communications, &["max"])).unwrap();
    assert_eq!(facet(&desk, &id).overloaded().map(|who| &**who), Some("max"));
    does(&mut desk, "max", &id, appoint(MajorRole::Scribe, &["ann"])).unwrap();
    assert_eq!(facet(&desk, &id).overloaded(), None);
    does(&mut desk, "max", &id, appoint(MajorRole::Scribe, &["nobody"])).unwrap_err();
}

#[test]
fn the_service_is_restored_apart_from_the_incident_being_resolved() {
    let (mut desk, id) = accepted();
    desk.wait(minutes(30));
    let restored = desk.now;
    does(&mut desk, "max", &id, MajorStep::Restored { at: restored }).unwrap();
    does(&mut desk, "max", &id, MajorStep::Restored { at: restored + minutes(60) }).unwrap_err();
    desk.wait(minutes(90));
    desk.resolve("max", &id).unwrap();
    assert_eq!(facet(&desk, &id).restored, Some(restored));
    assert!(desk.get(&id).resolved > Some(restored));
}

#[test]
fn it_is_closed_by_its_manager_after_the_review() {
    let (mut desk, id) = accepted();
    assert_eq!(does(&mut desk, "max", &id, MajorStep::Close).unwrap_err().rule, "a major incident is resolved first");
    desk.resolve("max", &id).unwrap();
    let close = desk.go("max", &id, Verb::Close, vec![]).unwrap_err();
    assert_eq!(close.rule, "a review before the end");
    for part in review::PARTS {
        let step = MajorStep::Review { part: Name::new(part), text: words("# It went so.") };
        does(&mut desk, "ann", &id, step).unwrap();
    }
    let unknown = MajorStep::Review { part: Name::new("gossip"), text: words("He said.") };
    does(&mut desk, "ann", &id, unknown).unwrap_err();
    assert_eq!(desk.go("ann", &id, Verb::Close, vec![]).unwrap_err().rule, "level gate");
    desk.go("max", &id, Verb::Close, vec![]).unwrap();
    assert_eq!((desk.get(&id).state, facet(&desk, &id).state), (State::Closed, MajorState::Closed));
}

#[test]
fn the_mark_by_hand_is_the_facet_in_short() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    desk.act("max", &id, vec![super::small::flag(Field::Major, true)]).unwrap();
    assert_eq!((facet(&desk, &id).state, &*desk.get(&id).owner), (MajorState::Accepted, "max"));
    desk.act("max", &id, vec![super::small::set(Field::Major, None)]).unwrap();
    assert_eq!(facet(&desk, &id).state, MajorState::Demoted);
}

#[test]
fn the_review_is_a_document_of_what_was_written_and_what_the_record_knows() {
    let (mut desk, id) = accepted();
    let line = MajorStep::Write { sort: LineSort::Decision, text: words("Fail over.") };
    does(&mut desk, "max", &id, line).unwrap();
    let part = MajorStep::Review { part: Name::new("findings"), text: Clean::body("# not a heading\nThe <cable>.") };
    does(&mut desk, "max", &id, part).unwrap();
    let asked = Asked {
        sort: TaskSort::FollowUp,
        title: words("Second cable"),
        to: Some(person("bob")),
        due: Some(at("12:00")),
        four_eyes: false,
    };
    desk.act("max", &id, vec![Change::Task { step: TaskStep::Add(asked) }, note("Done.")]).unwrap();
    desk.act("max", &id, solution()).unwrap();
    let text = review::document(desk.get(&id), &|login| format!("<{login}>"), &|at| at.to_string());
    for wanted in [
        "# Post-incident review of",
        "- Service restored: not recorded",
        "## Findings\n\n\\# not a heading\nThe &lt;cable>.",
        "Decision: Fail over. (&lt;max>)",
        "- [ ] Second cable (<bob>, 2026-03-02T12:00:00Z)",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    assert_eq!(lifecycle::words(desk.get(&id).state), "new");
}

#[test]
fn a_cadence_at_fault_names_the_place() {
    let text = "review_days = 5\nreview_calendar = \"uk\"\n[[audience]]\nname = \"all\"\nwho = \"\"\nevery = [\"soon\"]\n[words]\ninitial = \"\"\nupdate = \"\"\nrestored = \"\"\nresolved = \"\"\n";
    let faults = major::load(Source::new("major.toml", text)).unwrap_err().to_string();
    assert!(faults.contains("major.toml") && faults.contains('6') && faults.contains("soon"), "{faults}");
}
