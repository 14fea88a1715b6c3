//! Requests from the catalogue: form, approval, checklist, hold, end, and what is taken back.

use deskside::domain::approval::{ApprovalStep, Enough, OnReject, Standing, Verdict};
use deskside::domain::catalogue::{Answer, Errand, Item, Policy, Question, Span, Who};
use deskside::domain::change::{Change, Party};
use deskside::domain::desk::{due, falls_due};
use deskside::domain::directory::Role;
use deskside::domain::field::Field;
use deskside::domain::kind::Kind;
use deskside::domain::name::Name;
use deskside::domain::refusal::Refusal;
use deskside::domain::state::{State, Verb};
use deskside::domain::task::{TaskSort, TaskState, TaskStep};
use deskside::text::Clean;

use super::small::{Small, accept, days, name, note, public, text, time};

fn question(name: &str, kind: Answer) -> Question {
    let (name, ask) = (Name::new(name), Clean::line(name));
    Question { name, ask, kind, optional: false, choices: Vec::new(), min: None, max: None, default: None }
}

fn policy(name: &str, of: Who) -> Policy {
    let (enough, on_reject) = (Enough::Any, OnReject::Stop);
    Policy { name: Name::new(name), of: vec![of], enough, on_reject, patience: None, then: None }
}

fn errand(title: &str, to: Option<Who>, due: &str, four_eyes: bool) -> Errand {
    Errand { title: Clean::line(title), to, due: Span::parse(due), four_eyes }
}

/// VPN access: line manager, then the owner of the service; two steps; for a time.
fn vpn() -> Item {
    let seats = Question { min: Some(1), max: Some(5), ..question("seats", Answer::Number) };
    let sort = Question { choices: vec!["full".into(), "web".into()], ..question("sort", Answer::Choice) };
    Item {
        name: Name::new("VPN access"),
        about: Clean::line("From home"),
        category: None,
        service: Some(Name::new("WLAN")),
        group: Some(Name::new("Network")),
        impact: None,
        urgency: Some(2),
        access: true,
        expires: Span::parse("5d"),
        question: vec![seats, sort],
        approval: vec![policy("Line manager", Who::LineManager), policy("Owner", Who::ServiceOwner)],
        task: vec![
            errand("Add to the group", Some(Who::ServiceOwner), "1d", true),
            errand("Tell the caller", None, "2d", false),
        ],
    }
}

/// Ulla's manager is mia, who works on the desk; tim is a customer whose manager is tess, who does not.
fn desk() -> Small {
    let mut desk = Small::new();
    desk.rules.directory.catalogue = vec![vpn()];
    let ulla = desk.rules.directory.people.iter_mut().find(|person| &*person.login == "ulla").unwrap();
    ulla.manager = Some(Name::new("mia"));
    let like = ulla.clone();
    for (login, manager) in [("tim", "tess"), ("tess", "mia")] {
        let manager = Some(Name::new(manager));
        let login = Name::new(login);
        desk.rules.directory.people.push(deskside::domain::directory::Person { login, manager, ..like.clone() });
    }
    desk
}

fn form(desk: &Small, caller: &str) -> Vec<Change> {
    vec![
        text(Field::Title, "VPN"),
        name(Field::Caller, caller),
        name(Field::CatalogItem, "VPN access"),
        name(Field::parse("x.seats").unwrap(), "2"),
        name(Field::parse("x.sort").unwrap(), "web"),
        time(Field::AccessUntil, desk.now + days(60)),
    ]
}

/// A request of that caller, registered by ann and waiting for its approval.
fn waiting(desk: &mut Small, caller: &str) -> String {
    let changes = form(desk, caller);
    let id = desk.register("ann", Kind::Request, changes).unwrap();
    desk.go("ann", &id, Verb::Authorize, vec![]).unwrap();
    id
}

fn vote(desk: &mut Small, id: &str, who: &str, verdict: Verdict, words: &str) -> Result<(), Refusal> {
    let step = ApprovalStep::Vote { verdict, words: Clean::line(words) };
    desk.act(who, id, vec![Change::Approval { step }]).map(drop)
}

fn approved(desk: &mut Small, caller: &str) -> String {
    let id = waiting(desk, caller);
    vote(desk, &id, "mia", Verdict::Approved, "").unwrap();
    vote(desk, &id, "bob", Verdict::Approved, "").unwrap();
    id
}

fn end(desk: &mut Small, id: &str, who: &str, number: u16) -> Result<(), Refusal> {
    let step = TaskStep::End { number, how: TaskState::Done, words: Clean::default() };
    desk.act(who, id, vec![Change::Task { step }]).map(drop)
}

/// What the desk does by itself by now.
fn sweep(desk: &mut Small, id: &str) -> Vec<Change> {
    let due = due(desk.get(id), desk.now, &desk.rules);
    let done = due.clone();
    if !due.is_empty() {
        desk.act("desk", id, due).unwrap();
    }
    done
}

#[test]
fn a_request_says_what_its_item_asks_and_gets_what_the_item_says() {
    let mut desk = desk();
    for (missing, to) in [("x.seats", None), ("x.seats", Some("9")), ("x.sort", Some("half")), ("access_until", None)] {
        let mut changes = form(&desk, "ulla");
        let field = Field::parse(missing).unwrap();
        changes.retain(|change| !matches!(change, Change::Set { field: held, .. } if *held == field));
        changes.extend(to.map(|to| name(field.clone(), to)));
        let refusal = desk.register("ann", Kind::Request, changes).unwrap_err();
        assert_eq!((refusal.rule, refusal.field), ("the form of the item", Some(field)), "{missing} {to:?}");
    }
    let changes = form(&desk, "ulla");
    let id = desk.register("ann", Kind::Request, changes).unwrap();
    let ticket = desk.get(&id);
    assert_eq!((ticket.text(&Field::Group), ticket.text(&Field::Service), ticket.urgency()), ("Network", "WLAN", 2));
}

#[test]
fn a_draft_may_be_unfinished_and_is_submitted_whole() {
    let mut desk = desk();
    let create = Change::Create { kind: Kind::Request, state: State::Draft, opened: desk.now };
    let known =
        vec![create, text(Field::Title, "VPN"), name(Field::Caller, "ulla"), name(Field::CatalogItem, "VPN access")];
    let id = desk.register("ann", Kind::Request, known).unwrap();
    assert_eq!(desk.go("ann", &id, Verb::Submit, vec![]).unwrap_err().rule, "the form of the item");
    let rest = form(&desk, "ulla").split_off(3);
    desk.go("ann", &id, Verb::Submit, rest).unwrap();
    assert_eq!(desk.get(&id).state, State::Submitted);
}

#[test]
fn the_stages_of_the_item_are_asked_one_after_the_other_and_the_last_answer_moves_it() {
    let mut desk = desk();
    let changes = form(&desk, "ulla");
    let id = desk.register("ann", Kind::Request, changes).unwrap();
    let refusal = desk.go("ann", &id, Verb::Start, vec![accept("ann")]).unwrap_err();
    assert_eq!(refusal.rule, "approval comes first");
    desk.go("ann", &id, Verb::Authorize, vec![]).unwrap();
    assert_eq!(vote(&mut desk, &id, "bob", Verdict::Approved, "").unwrap_err().rule, "approval");
    vote(&mut desk, &id, "mia", Verdict::Approved, "").unwrap();
    assert_eq!(desk.get(&id).state, State::WaitingForApproval);
    vote(&mut desk, &id, "bob", Verdict::Approved, "").unwrap();
    assert_eq!(desk.get(&id).state, State::Approved);
    let id = waiting(&mut desk, "ulla");
    assert_eq!(vote(&mut desk, &id, "mia", Verdict::Rejected, " ").unwrap_err().rule, "a no says why");
    vote(&mut desk, &id, "mia", Verdict::Rejected, "Not needed.").unwrap();
    assert_eq!(desk.get(&id).state, State::Rejected);
}

#[test]
fn nobody_approves_what_they_asked_for_or_registered() {
    let mut desk = desk();
    // Mia is asked as Ulla's manager, and registered it herself: nobody is left to answer.
    let changes = form(&desk, "ulla");
    let id = desk.register("mia", Kind::Request, changes).unwrap();
    assert_eq!(desk.go("mia", &id, Verb::Authorize, vec![]).unwrap_err().rule, "nobody approves their own");
    // Bob owns the service together with Lea and Mia, and asks for it himself.
    let mut changes = form(&desk, "bob");
    changes.push(name(Field::Approver, "mia"));
    let id = desk.register("ann", Kind::Request, changes).unwrap();
    desk.go("ann", &id, Verb::Authorize, vec![]).unwrap();
    vote(&mut desk, &id, "mia", Verdict::Approved, "").unwrap();
    assert_eq!(vote(&mut desk, &id, "bob", Verdict::Approved, "").unwrap_err().rule, "nobody approves their own");
    assert_eq!(vote(&mut desk, &id, "ann", Verdict::Approved, "").unwrap_err().rule, "nobody approves their own");
    vote(&mut desk, &id, "lea", Verdict::Approved, "").unwrap();
}

#[test]
fn the_service_desk_manager_decides_alone_but_not_on_their_own() {
    let mut desk = desk();
    let id = waiting(&mut desk, "ulla");
    assert_eq!(vote(&mut desk, &id, "max", Verdict::Rejected, "").unwrap_err().rule, "a no says why");
    vote(&mut desk, &id, "max", Verdict::Approved, "").unwrap();
    assert_eq!(desk.get(&id).state, State::Approved);
    let id = waiting(&mut desk, "ulla");
    desk.rules.directory.people.iter_mut().find(|p| &*p.login == "ann").unwrap().roles = vec![Role::ServiceDeskManager];
    assert_eq!(vote(&mut desk, &id, "ann", Verdict::Approved, "").unwrap_err().rule, "nobody approves their own");
}

#[test]
fn what_a_customer_answers_is_written_down_by_a_colleague_who_did_not_ask_for_it() {
    let mut desk = desk();
    let id = waiting(&mut desk, "tim");
    let hear = |of: &str, words: &str| {
        let step = ApprovalStep::Hear { of: Name::new(of), verdict: Verdict::Approved, words: Clean::line(words) };
        vec![Change::Approval { step }]
    };
    assert_eq!(desk.act("ann", &id, hear("tess", "By phone.")).unwrap_err().rule, "nobody approves their own");
    assert_eq!(desk.act("bob", &id, hear("mia", "By phone.")).unwrap_err().rule, "colleagues answer for themselves");
    assert_eq!(desk.act("bob", &id, hear("ulla", "By phone.")).unwrap_err().rule, "approval");
    assert_eq!(desk.act("bob", &id, hear("tess", " ")).unwrap_err().rule, "what was heard is written down");
    desk.act("bob", &id, hear("tess", "By phone at ten.")).unwrap();
    let approval = desk.get(&id).approval.as_ref().unwrap();
    assert_eq!(
        (approval.stage, &*approval.votes[0].by, approval.votes[0].heard_by.as_deref()),
        (1, "tess", Some("bob"))
    );
}

#[test]
fn who_does_not_answer_is_reminded_and_in_the_end_it_counts_as_none_and_is_asked_again() {
    let mut desk = desk();
    let id = waiting(&mut desk, "ulla");
    assert_eq!(falls_due(desk.get(&id), &desk.rules), Some(desk.now + days(2)));
    assert!(sweep(&mut desk, &id).is_empty());
    for _ in 0..2 {
        desk.wait(days(2));
        assert_eq!(sweep(&mut desk, &id), [Change::Approval { step: ApprovalStep::Remind }]);
    }
    let early =
        ApprovalStep::Turn { stage: 0, standing: Standing::Expired, reason: Clean::line("nobody answered in time") };
    assert!(desk.act("ann", &id, vec![Change::Approval { step: early }]).is_err(), "not before its time");
    desk.wait(days(1));
    sweep(&mut desk, &id);
    assert_eq!(desk.get(&id).approval.as_ref().unwrap().standing, Standing::Expired);
    assert_eq!(falls_due(desk.get(&id), &desk.rules), None);
    assert!(vote(&mut desk, &id, "mia", Verdict::Approved, "").is_err());
    let again = ApprovalStep::Ask { stages: vec![], expires: None, barred: Default::default() };
    desk.act("ann", &id, vec![Change::Approval { step: again }]).unwrap();
    vote(&mut desk, &id, "mia", Verdict::Approved, "").unwrap();
}

#[test]
fn when_patience_is_over_somebody_else_is_asked_as_well() {
    let mut desk = desk();
    let stage = &mut desk.rules.directory.catalogue[0].approval[0];
    (stage.patience, stage.then) = (Span::parse("1d"), Some(Who::Person(Name::new("cas"))));
    let id = waiting(&mut desk, "ulla");
    assert!(vote(&mut desk, &id, "cas", Verdict::Approved, "").is_err());
    desk.wait(days(1));
    assert_eq!(sweep(&mut desk, &id), [Change::Approval { step: ApprovalStep::Escalate }]);
    vote(&mut desk, &id, "cas", Verdict::Approved, "").unwrap();
    assert_eq!(desk.get(&id).approval.as_ref().unwrap().stage, 1);
}

#[test]
fn who_is_away_is_asked_by_way_of_the_deputy() {
    let mut desk = desk();
    let until = desk.now + days(5);
    let mia = desk.rules.directory.people.iter_mut().find(|person| &*person.login == "mia").unwrap();
    (mia.absent_until, mia.deputy) = (Some(until), Some(Name::new("cas")));
    let id = waiting(&mut desk, "ulla");
    assert_eq!(desk.get(&id).approval.as_ref().unwrap().stages[0].of, [Party::Person(Name::new("cas"))]);
}

#[test]
fn on_hold_nobody_needs_to_answer_and_then_they_are_asked_again() {
    let mut desk = desk();
    let id = waiting(&mut desk, "ulla");
    vote(&mut desk, &id, "mia", Verdict::Approved, "").unwrap();
    desk.hold("ann", &id, "caller").unwrap();
    assert_eq!(desk.get(&id).approval.as_ref().unwrap().standing, Standing::NotNeeded);
    desk.wait(days(20));
    assert!(sweep(&mut desk, &id).is_empty());
    desk.go("ann", &id, Verb::Resume, vec![]).unwrap();
    let (ticket, approval) = (desk.get(&id), desk.get(&id).approval.as_ref().unwrap());
    assert_eq!((ticket.state, approval.standing, approval.stage), (State::WaitingForApproval, Standing::Waiting, 0));
    assert_eq!((approval.votes.len(), approval.expires), (0, Some(desk.now + days(5))));
    assert!(approval.barred.contains(&Name::new("ann")));
}

#[test]
fn its_checklist_is_laid_out_with_owners_and_dates_and_the_end_waits_for_it() {
    let mut desk = desk();
    let id = approved(&mut desk, "ulla");
    desk.go("bob", &id, Verb::Start, vec![accept("bob")]).unwrap();
    let tasks = &desk.get(&id).tasks;
    let seen: Vec<_> = tasks
        .iter()
        .map(|t| (t.number, t.asked.to.clone(), t.asked.due.unwrap().duration_since(desk.now).as_hours()))
        .collect();
    let network = Party::Group(Name::new("Network"));
    assert_eq!(seen[0].1, Some(network));
    assert_eq!((seen[0].2, seen[1].1.clone(), seen[1].2), (24, None, 48));
    let fulfil = |desk: &mut Small| {
        desk.go("bob", &id, Verb::Fulfil, vec![text(Field::Resolution, "On."), name(Field::Verified, "yes")])
    };
    let refusal = fulfil(&mut desk).unwrap_err();
    assert_eq!(refusal.rule, "tasks come before the end");
    assert!(refusal.message.contains("1 Add to the group; 2 Tell the caller"), "{}", refusal.message);
    end(&mut desk, &id, "bob", 2).unwrap();
    end(&mut desk, &id, "bob", 1).unwrap();
    assert_eq!(fulfil(&mut desk).unwrap_err().rule, "tasks come before the end", "four eyes have not signed");
    desk.act("lea", &id, vec![Change::Task { step: TaskStep::Sign { number: 1 } }]).unwrap();
    fulfil(&mut desk).unwrap();
    // What is reopened keeps its list.
    desk.go("bob", &id, Verb::Reopen, vec![note("Not yet.")]).unwrap();
    assert_eq!(desk.get(&id).tasks.len(), 2);
}

#[test]
fn what_is_given_for_a_time_is_taken_back_when_it_is_over_and_closed_after_that() {
    let mut desk = desk();
    let id = approved(&mut desk, "ulla");
    desk.go("bob", &id, Verb::Start, vec![accept("bob")]).unwrap();
    end(&mut desk, &id, "bob", 1).unwrap();
    end(&mut desk, &id, "bob", 2).unwrap();
    desk.act("lea", &id, vec![Change::Task { step: TaskStep::Sign { number: 1 } }]).unwrap();
    desk.go("bob", &id, Verb::Fulfil, vec![text(Field::Resolution, "On."), name(Field::Verified, "yes")]).unwrap();
    let until = desk.get(&id).time(&Field::AccessUntil).unwrap();
    assert_eq!(falls_due(desk.get(&id), &desk.rules), Some(until), "it does not close before");
    assert_eq!(desk.go("bob", &id, Verb::Close, vec![]).unwrap_err().rule, "what was given is taken back first");
    desk.now = until;
    assert_eq!(sweep(&mut desk, &id).len(), 1);
    let task = desk.get(&id).tasks.last().unwrap().clone();
    assert_eq!((task.asked.sort, task.asked.due), (TaskSort::Revoke, Some(until)));
    assert!(task.asked.title.contains("VPN access"), "{}", task.asked.title);
    desk.wait(days(30));
    assert!(sweep(&mut desk, &id).is_empty());
    assert_eq!(desk.go("bob", &id, Verb::Close, vec![]).unwrap_err().rule, "what was given is taken back first");
    end(&mut desk, &id, "bob", 3).unwrap();
    assert_eq!(sweep(&mut desk, &id).len(), 1);
    assert_eq!(desk.get(&id).state, State::Closed);
}

#[test]
fn what_was_rejected_is_written_anew_and_asked_again() {
    let mut desk = desk();
    let id = waiting(&mut desk, "ulla");
    vote(&mut desk, &id, "mia", Verdict::Rejected, "Too many seats.").unwrap();
    desk.go("ann", &id, Verb::Revert, vec![]).unwrap();
    assert_eq!(desk.get(&id).state, State::Draft);
    desk.go("ann", &id, Verb::Submit, vec![name(Field::parse("x.seats").unwrap(), "1")]).unwrap();
    desk.go("ann", &id, Verb::Authorize, vec![]).unwrap();
    assert_eq!(desk.get(&id).approval.as_ref().unwrap().standing, Standing::Waiting);
}

#[test]
fn the_steps_of_the_lifecycle_are_answers_where_answers_are_kept() {
    let mut desk = desk();
    let id = waiting(&mut desk, "ulla");
    assert_eq!(desk.go("bob", &id, Verb::Approve, vec![]).unwrap_err().rule, "approval");
    desk.go("mia", &id, Verb::Approve, vec![]).unwrap();
    assert_eq!(desk.get(&id).state, State::WaitingForApproval, "the second stage has not answered");
    desk.go("lea", &id, Verb::Reject, vec![public("No.")]).unwrap();
    assert_eq!(desk.get(&id).state, State::WaitingForApproval, "one of the others may still say yes");
    desk.go("bob", &id, Verb::Reject, vec![public("No.")]).unwrap();
    desk.go("mia", &id, Verb::Reject, vec![public("No.")]).unwrap();
    assert_eq!(desk.get(&id).state, State::Rejected);
}

#[test]
fn spans_are_read_as_they_are_written() {
    for (text, minutes) in [("2d", 2880), ("1w", 10_080), ("1d 4h", 1680), ("90m", 90)] {
        assert_eq!(Span::parse(text).map(Span::minutes), Some(minutes), "{text}");
    }
    for text in ["", "2", "d", "2x", "0m", "-1d", "99999999w"] {
        assert_eq!(Span::parse(text), None, "{text}");
    }
    assert_eq!(Span::parse("90m").unwrap().to_string(), "1h 30m");
}
