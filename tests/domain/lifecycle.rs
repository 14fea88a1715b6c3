//! The lifecycle tables: every row can be gone, and nothing else can; each guard refuses with rule, record, way out.

use std::collections::BTreeSet;

use deskside::domain::approval::{self, Approval, ApprovalStep, Enough, OnReject, Stage, Standing, Verdict};
use deskside::domain::change::{Change, Link, LinkKind};
use deskside::domain::desk::Rules;
use deskside::domain::directory::Role;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::lifecycle::{self, Act, Ask, ChangeType, Says, When};
use deskside::domain::major::{MajorStep, review};
use deskside::domain::name::{Name, TicketId};
use deskside::domain::rfc::Practice;
use deskside::domain::rfc::template::Template;
use deskside::domain::state::{State, Verb};
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;

use super::small::{self, Small, days, flag, link, minutes, name, note, public, start, text, time};

/// What the tables must hold, one line per kind (or type of change), verb and goal.
const INCIDENT: &str = "assign new>assigned; start new,assigned>in_progress; hold new,assigned,in_progress>on_hold; \
    resume on_hold>in_progress; resolve new,assigned,in_progress,on_hold>resolved; reopen resolved,cancelled>in_progress; \
    close resolved>closed; cancel new,assigned,in_progress,on_hold>cancelled";
const REQUEST: &str = "submit draft>submitted; authorize submitted>waiting_for_approval; \
    approve waiting_for_approval>approved; reject waiting_for_approval>rejected; revert rejected>draft; \
    start submitted,approved>in_fulfilment; hold submitted,waiting_for_approval,approved,in_fulfilment>on_hold; resume on_hold>in_fulfilment; \
    fulfil in_fulfilment>fulfilled; reopen fulfilled>in_fulfilment; reopen cancelled>submitted; close fulfilled>closed; \
    cancel draft,submitted,waiting_for_approval,approved,rejected,in_fulfilment,on_hold>cancelled";
const PROBLEM: &str = "assess new>assess; confirm assess>root_cause; plan_fix root_cause>fix_in_progress; \
    resolve fix_in_progress>resolved; accept_risk root_cause,fix_in_progress>closed; close resolved>closed; \
    reanalyse resolved,closed>root_cause; reopen cancelled>new; cancel new,assess,root_cause,fix_in_progress>cancelled";
const NORMAL: &str = "assess new>assess; authorize assess>authorize; schedule authorize>scheduled; \
    implement scheduled>implement; review implement>review; close review>closed; reject assess,authorize>new; \
    revert assess>new; hold new,assess,authorize,scheduled,implement>on_hold; resume on_hold>new; reopen cancelled>new; \
    cancel new,assess,authorize,scheduled,implement,on_hold>cancelled";
const STANDARD: &str = "schedule new>scheduled; implement scheduled>implement; review implement>review; \
    close review>closed; reject assess,authorize>new; hold new,assess,authorize,scheduled,implement>on_hold; \
    resume on_hold>new; reopen cancelled>new; cancel new,assess,authorize,scheduled,implement,on_hold>cancelled";
const EMERGENCY: &str = "authorize new>authorize; schedule authorize>scheduled; implement scheduled>implement; \
    review implement>review; close review>closed; reject assess,authorize>new; revert authorize>new; \
    hold new,assess,authorize,scheduled,implement>on_hold; resume on_hold>new; reopen cancelled>new; \
    cancel new,assess,authorize,scheduled,implement,on_hold>cancelled";
const RETROSPECTIVE: &str = "authorize new>authorize; review implement,authorize>review; close review>closed; \
    reject assess,authorize>new; hold new,assess,authorize,scheduled,implement>on_hold; resume on_hold>new; \
    reopen cancelled>new; cancel new,assess,authorize,scheduled,implement,on_hold>cancelled";

type Row = (State, Verb, State);

fn rows(table: &str) -> BTreeSet<Row> {
    let mut found = BTreeSet::new();
    for line in table.split(';') {
        let (verb, way) = line.trim().split_once(' ').unwrap();
        let (from, to) = way.split_once('>').unwrap();
        for from in from.split(',') {
            found.insert((State::parse(from).unwrap(), Verb::parse(verb).unwrap(), State::parse(to).unwrap()));
        }
    }
    found
}

/// A ticket that has all that any guard could ask for, in that state.
fn complete(kind: Kind, of: ChangeType, state: State, verb: Verb) -> Ticket {
    let mut t = Ticket::blank(TicketId::new("T-1"), kind, "ann".into(), start());
    t.state = state;
    t.accepted = true;
    t.resolved = Some(start());
    let now = start() + days(1);
    for (field, value) in [
        (Field::Title, "Title"),
        (Field::Description, "What"),
        (Field::Reason, "Why"),
        (Field::Resolution, "Done"),
        (Field::Fix, "Replace it"),
        (Field::Prevention, "None is needed"),
        (Field::Plan, "One, two"),
        (Field::BackOut, "Two, one"),
        (Field::TestPlan, "Look"),
        (Field::CancelReason, "duplicate"),
    ] {
        t.fields.insert(field, Value::text(value));
    }
    for (field, value) in [
        (Field::ChangeType, of.as_str()),
        (Field::HoldReason, "vendor"),
        (Field::ResolutionCode, "fixed"),
        (Field::Verified, "yes"),
        (Field::Risk, "low"),
        (Field::Outcome, "successful"),
        (Field::Service, "WLAN"),
    ] {
        t.fields.insert(field, Value::name(value));
    }
    for field in [Field::PlannedStart, Field::PlannedEnd, Field::ActualStart, Field::ActualEnd] {
        t.fields.insert(field, Value::Time(start()));
    }
    t.fields.insert(Field::Impact, Value::Number(3));
    t.fields.insert(Field::Urgency, Value::Number(3));
    if !(kind == Kind::Request && verb == Verb::Start) {
        t.fields.insert(Field::Approver, Value::name(if kind == Kind::Request { "mia" } else { "lea" }));
    }
    let review = if verb == Verb::Close { start() } else { now + days(7) };
    t.fields.insert(Field::ReviewDate, Value::Time(review));
    t.links.push(Link { how: LinkKind::DuplicateOf, other: "T-2".into() });
    if kind == Kind::Change {
        t.fields.insert(Field::Template, Value::name("Weekly"));
        t.approval = Some(approved_by("lea"));
    }
    t
}

fn approved_by(who: &str) -> Approval {
    let of = vec![small::person(who)];
    let (enough, on_reject) = (Enough::All, OnReject::Stop);
    let stage = Stage { name: "Board".into(), of, enough, on_reject, patience: None, then: None };
    let mut held = None;
    let ask = ApprovalStep::Ask { stages: vec![stage], expires: None, barred: BTreeSet::new() };
    let vote = ApprovalStep::Vote { verdict: Verdict::Approved, words: Clean::default() };
    let turn = ApprovalStep::Turn { stage: 0, standing: Standing::Approved, reason: Clean::default() };
    for step in [ask, vote, turn] {
        approval::apply(&mut held, &step, &who.into(), start());
    }
    held.unwrap()
}

fn ask(ticket: &Ticket, verb: Verb, rules: &Rules) -> Result<State, deskside::domain::refusal::Refusal> {
    let who = Name::new("mia");
    let says = Says { public: true, internal: true, heard: false };
    let act =
        Act { ticket, who: &who, now: start() + days(1), says, accepts: false, rules, related: &|_: &TicketId| None };
    lifecycle::check(&act, verb)
}

/// Mia may do everything here; who may not is tested by itself.
fn open_rules() -> Rules {
    let mut directory = small::directory();
    directory.people.iter_mut().find(|p| &*p.login == "mia").unwrap().roles = Role::ALL.to_vec();
    let template = Template {
        name: "Weekly".into(),
        title: "Title".into(),
        description: "What".into(),
        reason: "Why".into(),
        plan: "One, two".into(),
        back_out: "Two, one".into(),
        test_plan: "Look".into(),
        authorised_by: "the board".into(),
        valid_until: None,
        category: None,
        service: None,
        group: None,
        steps: Vec::new(),
    };
    let changes = Practice { template: vec![template], ..Practice::default() };
    Rules { changes: changes.into(), ..Rules::standard(directory) }
}

#[test]
fn every_row_is_gone_and_every_other_pair_is_refused_with_rule_record_and_way_out() {
    let rules = open_rules();
    for (kind, of, table) in [
        (Kind::Incident, ChangeType::Normal, INCIDENT),
        (Kind::Request, ChangeType::Normal, REQUEST),
        (Kind::Problem, ChangeType::Normal, PROBLEM),
        (Kind::Change, ChangeType::Normal, NORMAL),
        (Kind::Change, ChangeType::Standard, STANDARD),
        (Kind::Change, ChangeType::Emergency, EMERGENCY),
        (Kind::Change, ChangeType::Retrospective, RETROSPECTIVE),
    ] {
        let expected = rows(table);
        let mut gone = BTreeSet::new();
        for &state in State::ALL {
            for &verb in Verb::ALL {
                let ticket = complete(kind, of, state, verb);
                match ask(&ticket, verb, &rules) {
                    Ok(to) => {
                        gone.insert((state, verb, to));
                    }
                    Err(refusal) => {
                        assert_eq!(refusal.record.as_str(), "T-1");
                        assert_eq!(refusal.rule, "lifecycle", "{kind} {of} {state} {verb}: {refusal}");
                        assert!(refusal.way_out.ends_with('.') && refusal.way_out.len() > 5, "{refusal}");
                        let said = refusal.to_string();
                        assert!(said.starts_with("T-1: ") && said.contains("(Rule: lifecycle.)"), "{said}");
                    }
                }
            }
        }
        assert_eq!(gone, expected, "{kind} {of}");
    }
}

#[test]
fn a_state_is_left_or_final() {
    for &kind in Kind::ALL {
        for step in lifecycle::steps(kind) {
            let lifecycle::To::State(to) = step.to else { continue };
            let left = lifecycle::steps(kind).iter().any(|s| s.from.contains(&to));
            assert!(left || to.is_final(), "{kind}: no way out of {to}");
        }
    }
}

/// Takes one thing away from a complete ticket and expects the guard of that name to refuse.
#[test]
fn each_guard_refuses_what_it_asks_for() {
    use Field as F;
    let rules = open_rules();
    let cases: &[(Kind, ChangeType, State, Verb, Field, &str)] = &[
        (Kind::Incident, ChangeType::Normal, State::New, Verb::Hold, F::HoldReason, "hold needs a reason"),
        (
            Kind::Incident,
            ChangeType::Normal,
            State::New,
            Verb::Resolve,
            F::ResolutionCode,
            "resolve needs a code and notes",
        ),
        (
            Kind::Incident,
            ChangeType::Normal,
            State::New,
            Verb::Resolve,
            F::Resolution,
            "resolve needs a code and notes",
        ),
        (Kind::Incident, ChangeType::Normal, State::New, Verb::Resolve, F::Verified, "verified with the user"),
        (Kind::Incident, ChangeType::Normal, State::New, Verb::Cancel, F::CancelReason, "cancel needs a reason"),
        (
            Kind::Request,
            ChangeType::Normal,
            State::Submitted,
            Verb::Authorize,
            F::Approver,
            "approval needs an approver",
        ),
        (Kind::Request, ChangeType::Normal, State::InFulfilment, Verb::Fulfil, F::Resolution, "an end needs words"),
        (
            Kind::Problem,
            ChangeType::Normal,
            State::Assess,
            Verb::Confirm,
            F::Impact,
            "impact and urgency before the search",
        ),
        (Kind::Problem, ChangeType::Normal, State::RootCause, Verb::PlanFix, F::Fix, "a fix needs a plan or a change"),
        (Kind::Problem, ChangeType::Normal, State::RootCause, Verb::AcceptRisk, F::Reason, "accepted risk"),
        (Kind::Problem, ChangeType::Normal, State::RootCause, Verb::AcceptRisk, F::ReviewDate, "accepted risk"),
        (Kind::Problem, ChangeType::Normal, State::FixInProgress, Verb::Resolve, F::Resolution, "an end needs words"),
        (
            Kind::Problem,
            ChangeType::Normal,
            State::FixInProgress,
            Verb::Resolve,
            F::Prevention,
            "preventive actions are listed",
        ),
        (Kind::Change, ChangeType::Normal, State::New, Verb::Assess, F::Description, "assessment needs the whole plan"),
        (Kind::Change, ChangeType::Normal, State::New, Verb::Assess, F::Service, "assessment needs the whole plan"),
        (Kind::Change, ChangeType::Normal, State::New, Verb::Assess, F::Reason, "assessment needs the whole plan"),
        (Kind::Change, ChangeType::Normal, State::New, Verb::Assess, F::Plan, "assessment needs the whole plan"),
        (Kind::Change, ChangeType::Normal, State::New, Verb::Assess, F::BackOut, "assessment needs the whole plan"),
        (Kind::Change, ChangeType::Normal, State::New, Verb::Assess, F::TestPlan, "assessment needs the whole plan"),
        (
            Kind::Change,
            ChangeType::Normal,
            State::New,
            Verb::Assess,
            F::PlannedStart,
            "assessment needs the whole plan",
        ),
        (Kind::Change, ChangeType::Standard, State::New, Verb::Schedule, F::PlannedEnd, "a change needs a window"),
        (Kind::Change, ChangeType::Emergency, State::New, Verb::Authorize, F::Reason, "a change says what and why"),
        (Kind::Change, ChangeType::Standard, State::New, Verb::Schedule, F::Template, "standard means pre-authorised"),
        (
            Kind::Change,
            ChangeType::Normal,
            State::Implement,
            Verb::Review,
            F::ActualStart,
            "review needs what happened",
        ),
        (Kind::Change, ChangeType::Normal, State::Implement, Verb::Review, F::Outcome, "review needs what happened"),
        (Kind::Change, ChangeType::Emergency, State::Review, Verb::Close, F::Resolution, "review before closing"),
    ];
    for (kind, of, state, verb, field, rule) in cases {
        let mut ticket = complete(*kind, *of, *state, *verb);
        assert!(ask(&ticket, *verb, &rules).is_ok(), "{kind} {verb} with all it needs");
        ticket.fields.remove(field);
        let refusal = ask(&ticket, *verb, &rules).unwrap_err();
        assert_eq!((refusal.rule, refusal.field.as_ref()), (*rule, Some(field)), "{refusal}");
        let needs = lifecycle::needs(*verb, &ticket, &rules.directory);
        assert!(needs.iter().any(|need| need.ask == Ask::Field(field.clone())), "{kind} {verb}: {needs:?}");
    }
}

#[test]
fn a_hold_for_the_caller_tells_the_caller_in_the_same_act() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let reason = || vec![name(Field::HoldReason, "Caller")];
    let refusal = desk.go("ann", &id, Verb::Hold, reason()).unwrap_err();
    assert_eq!(refusal.rule, "hold needs a reason");
    assert!(refusal.way_out.contains("in the same act"), "{refusal}");
    let note_only = [reason(), vec![note("asked")]].concat();
    assert!(desk.go("ann", &id, Verb::Hold, note_only).is_err());
    desk.go("ann", &id, Verb::Hold, [vec![public("Which port is it?")], reason()].concat()).unwrap();
    assert_eq!(desk.get(&id).state, State::OnHold);
    assert_eq!(desk.get(&id).text(&Field::HoldReason), "caller");
}

#[test]
fn a_hold_for_a_problem_or_change_needs_that_link() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let problem = desk.problem("ann", "Cause");
    let change = desk.register("ann", Kind::Change, vec![text(Field::Title, "Cure")]).unwrap();
    for (reason, how, other, wrong) in
        [("problem", LinkKind::ProblemIs, &problem, &change), ("change", LinkKind::FixedBy, &change, &problem)]
    {
        assert_eq!(desk.hold("ann", &id, reason).unwrap_err().rule, "hold needs a reason");
        let misled = vec![name(Field::HoldReason, reason), link(LinkKind::RelatesTo, wrong)];
        assert_eq!(desk.go("ann", &id, Verb::Hold, misled).unwrap_err().rule, "hold needs a reason");
        let with = vec![name(Field::HoldReason, reason), link(how, other)];
        desk.go("ann", &id, Verb::Hold, with).unwrap();
        desk.go("ann", &id, Verb::Resume, vec![]).unwrap();
    }
}

#[test]
fn a_wake_up_lies_ahead() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let with = |at| vec![name(Field::HoldReason, "scheduled"), time(Field::WakeAt, at)];
    assert_eq!(desk.go("ann", &id, Verb::Hold, with(start())).unwrap_err().rule, "a wake-up lies ahead");
    desk.go("ann", &id, Verb::Hold, with(start() + days(2))).unwrap();
    let needs = lifecycle::needs(Verb::Hold, desk.get(&id), &desk.rules.directory);
    assert!(needs.iter().all(|need| need.ask != Ask::Field(Field::WakeAt)), "it is set already");
}

#[test]
fn work_starts_with_an_owner_or_a_group() {
    let mut desk = Small::new();
    let changes = vec![text(Field::Title, "Loose"), name(Field::Caller, "anonymous")];
    let id = desk.register("ann", Kind::Incident, changes).unwrap();
    assert_eq!(desk.go("ann", &id, Verb::Start, vec![]).unwrap_err().rule, "work needs an owner or a group");
    desk.go("ann", &id, Verb::Start, vec![small::accept("ann")]).unwrap();
    assert_eq!(&*desk.get(&id).owner, "ann");
}

#[test]
fn reopening_needs_a_reason_and_ends_with_its_window() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    desk.resolve("ann", &id).unwrap();
    assert_eq!(desk.go("ann", &id, Verb::Reopen, vec![]).unwrap_err().rule, "a step back needs a reason");
    desk.go("ann", &id, Verb::Reopen, vec![note("Back again")]).unwrap();
    let t = desk.get(&id);
    assert_eq!((t.state, t.reopens), (State::InProgress, 1));
    assert!(t.get(&Field::ResolutionCode).is_none() && t.get(&Field::Resolution).is_none(), "the old end is no end");
    desk.resolve("ann", &id).unwrap();
    desk.wait(days(7));
    let refusal = desk.go("ann", &id, Verb::Reopen, vec![note("Again")]).unwrap_err();
    assert_eq!(refusal.rule, "reopen window");
    assert!(refusal.way_out.contains("follows"), "{refusal}");
}

#[test]
fn the_reopen_window_counts_working_days_where_there_is_a_calendar() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/calendars/uk.toml")).unwrap();
    let rules = Rules { calendar: Some(toml::from_str(&text).unwrap()), ..Rules::standard(small::directory()) };
    let until = |at: &str| rules.reopen_until(at.parse().unwrap()).to_string();
    // Resolved on the Thursday before Easter 2026: Good Friday and Easter Monday do not count.
    assert_eq!(until("2026-04-02T10:00:00Z"), "2026-04-13T23:00:00Z");
    assert_eq!(until("2026-03-02T10:00:00Z"), "2026-03-10T00:00:00Z");
    let plain = Rules::standard(small::directory());
    assert_eq!(plain.reopen_until(start()).to_string(), (start() + days(7)).to_string());
}

#[test]
fn closing_asks_for_the_caller_or_for_time() {
    let unsure =
        || vec![name(Field::ResolutionCode, "fixed"), text(Field::Resolution, "x"), name(Field::Verified, "na")];
    let mut desk = Small::new();
    let id = desk.incident("ann");
    desk.go("ann", &id, Verb::Resolve, unsure()).unwrap();
    assert_eq!(desk.go("ann", &id, Verb::Close, vec![]).unwrap_err().rule, "close needs the caller");
    assert!(desk.go("ann", &id, Verb::Close, vec![small::heard("It works")]).is_ok());
    let id = desk.incident("ann");
    desk.go("ann", &id, Verb::Resolve, unsure()).unwrap();
    desk.wait(days(7));
    desk.go("ann", &id, Verb::Close, vec![]).unwrap();
    let id = desk.incident("ann");
    desk.go("max", &id, Verb::Resolve, [unsure(), vec![flag(Field::Major, true)]].concat()).unwrap();
    desk.wait(days(30));
    let refusal = desk.go("ann", &id, Verb::Close, vec![]).unwrap_err();
    assert_eq!(refusal.rule, "level gate", "a major incident is closed by its manager only");
    assert_eq!(desk.go("max", &id, Verb::Close, vec![]).unwrap_err().rule, "a review before the end");
    for part in review::PARTS {
        let step = MajorStep::Review { part: (*part).into(), text: Clean::line("It went so.") };
        desk.act("max", &id, vec![Change::Major { step }]).unwrap();
    }
    desk.go("max", &id, Verb::Close, vec![]).unwrap();
}

#[test]
fn nobody_decides_on_their_own_request() {
    let mut desk = Small::new();
    let changes = vec![text(Field::Title, "Licence"), name(Field::Caller, "ann"), name(Field::Approver, "lea")];
    let id = desk.register("cas", Kind::Request, changes).unwrap();
    let refusal = desk.go("cas", &id, Verb::Start, vec![small::accept("cas")]).unwrap_err();
    assert_eq!(refusal.rule, "approval comes first");
    desk.go("cas", &id, Verb::Authorize, vec![]).unwrap();
    for who in ["ann", "bob"] {
        let refusal = desk.go(who, &id, Verb::Approve, vec![]).unwrap_err();
        assert_eq!((refusal.rule, refusal.field), ("four eyes", Some(Field::Approver)));
    }
    let offered = |desk: &Small, who: &str| {
        let steps = lifecycle::verbs(desk.get(&id), &who.into(), &desk.rules.directory);
        steps.iter().any(|step| step.verb == Verb::Approve)
    };
    assert!(offered(&desk, "lea") && !offered(&desk, "ann"));
    assert_eq!(desk.go("lea", &id, Verb::Reject, vec![]).unwrap_err().rule, "a step back needs a reason");
    desk.go("lea", &id, Verb::Approve, vec![]).unwrap();
}

#[test]
fn an_accepted_risk_has_another_approver_and_a_review_ahead() {
    let mut desk = Small::new();
    let id = desk.problem("pam", "Old switch");
    desk.go("pam", &id, Verb::Assess, vec![]).unwrap();
    desk.go("pam", &id, Verb::Confirm, vec![]).unwrap();
    let with = |at| vec![text(Field::Reason, "Cheap"), time(Field::ReviewDate, at)];
    let later = start() + days(90);
    let own = desk.go("pam", &id, Verb::AcceptRisk, with(later)).unwrap_err();
    assert_eq!((own.rule, own.message.contains("put this risk forward")), ("accepted risk", true), "{own}");
    desk.act("ann", &id, with(start())).unwrap();
    let past = desk.go("pam", &id, Verb::AcceptRisk, vec![]).unwrap_err();
    assert_eq!((past.rule, past.field), ("accepted risk", Some(Field::ReviewDate)));
    desk.act("ann", &id, with(later)).unwrap();
    assert_eq!(desk.go("ann", &id, Verb::AcceptRisk, vec![]).unwrap_err().rule, "level gate");
    desk.go("pam", &id, Verb::AcceptRisk, vec![]).unwrap();
    let t = desk.get(&id);
    assert_eq!(
        (t.text(&Field::Approver), t.text(&Field::Outcome)),
        ("pam", "risk_accepted"),
        "both names are on record"
    );
    assert_eq!(desk.get(&id).state, State::Closed);
}

#[test]
fn a_problem_is_closed_when_its_fix_held() {
    let mut desk = Small::new();
    let id = desk.problem("pam", "Leak");
    for (verb, with) in [
        (Verb::Assess, vec![]),
        (Verb::Confirm, vec![]),
        (Verb::PlanFix, vec![text(Field::Fix, "Patch")]),
        (Verb::Resolve, small::fixed("Patched")),
    ] {
        desk.go("pam", &id, verb, with).unwrap();
    }
    assert_eq!(desk.go("pam", &id, Verb::Close, vec![]).unwrap_err().rule, "a fix must hold");
    desk.wait(days(14));
    let again = desk.incident("ann");
    desk.act("ann", &again, vec![link(LinkKind::ProblemIs, &id)]).unwrap();
    let refusal = desk.go("pam", &id, Verb::Close, vec![]).unwrap_err();
    assert!(refusal.rule == "a fix must hold" && refusal.message.contains(&again), "{refusal}");
    assert_eq!(desk.go("ann", &id, Verb::Reanalyse, vec![note("x")]).unwrap_err().rule, "level gate");
    desk.go("pam", &id, Verb::Reanalyse, vec![note("It still leaks")]).unwrap();
    assert_eq!(desk.get(&id).state, State::RootCause);
}

#[test]
fn a_change_is_not_approved_by_its_own_people_nor_begun_early() {
    let mut desk = Small::new();
    let changes = vec![
        text(Field::Title, "Switch"),
        text(Field::Description, "Replace it"),
        text(Field::Reason, "Old"),
        name(Field::ChangeType, "emergency"),
        time(Field::PlannedStart, start() + days(1)),
        time(Field::PlannedEnd, start() + days(2)),
    ];
    let id = desk.register("chuck", Kind::Change, changes).unwrap();
    desk.go("chuck", &id, Verb::Authorize, vec![]).unwrap();
    let ask = |who: &str| {
        let step = ApprovalStep::Ask { stages: Vec::new(), expires: None, barred: BTreeSet::new() };
        vec![name(Field::Approver, who), Change::Approval { step }]
    };
    assert_eq!(desk.act("chuck", &id, ask("chuck")).unwrap_err().rule, "approval by policy");
    assert_eq!(desk.go("chuck", &id, Verb::Schedule, vec![]).unwrap_err().rule, "approved as it stands");
    desk.act("chuck", &id, ask("lea")).unwrap();
    let yes = ApprovalStep::Vote { verdict: Verdict::Approved, words: Clean::default() };
    let own = desk.act("chuck", &id, vec![Change::Approval { step: yes.clone() }]).unwrap_err();
    assert_eq!(own.rule, "nobody approves their own");
    desk.act("lea", &id, vec![Change::Approval { step: yes }]).unwrap();
    assert_eq!(desk.go("ann", &id, Verb::Schedule, vec![]).unwrap_err().rule, "level gate");
    desk.go("chuck", &id, Verb::Schedule, vec![]).unwrap();
    assert_eq!(desk.go("chuck", &id, Verb::Implement, vec![]).unwrap_err().rule, "not before the planned start");
    desk.wait(days(1) - minutes(15));
    desk.go("chuck", &id, Verb::Implement, vec![]).unwrap();
    assert_eq!(desk.go("chuck", &id, Verb::Revert, vec![]).unwrap_err().rule, "lifecycle");
    let type_now = desk.act("chuck", &id, vec![name(Field::ChangeType, "normal")]).unwrap_err();
    assert_eq!(type_now.rule, "the type of a change is settled when new");
}

#[test]
fn a_held_change_comes_back_to_where_it_stood() {
    let mut desk = Small::new();
    let changes = vec![
        text(Field::Title, "Switch"),
        text(Field::Description, "d"),
        text(Field::Reason, "r"),
        name(Field::ChangeType, "emergency"),
    ];
    let id = desk.register("chuck", Kind::Change, changes).unwrap();
    desk.go("chuck", &id, Verb::Authorize, vec![]).unwrap();
    desk.hold("chuck", &id, "vendor").unwrap();
    desk.go("chuck", &id, Verb::Resume, vec![]).unwrap();
    assert_eq!(desk.get(&id).state, State::Authorize);
}

#[test]
fn a_form_asks_for_what_the_hold_will_need() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let needs = lifecycle::needs(Verb::Hold, desk.get(&id), &desk.rules.directory);
    let reason = needs.iter().find(|need| need.ask == Ask::Field(Field::HoldReason)).unwrap();
    assert_eq!(reason.choices.len(), 6);
    let words = needs.iter().find(|need| need.ask == Ask::Public).unwrap();
    assert_eq!(words.when, When::If(Field::HoldReason, "caller"));
    let wake = needs.iter().find(|need| need.ask == Ask::Field(Field::WakeAt)).unwrap();
    assert_eq!(wake.when, When::Advised);
    let codes = lifecycle::needs(Verb::Resolve, desk.get(&id), &desk.rules.directory);
    assert_eq!(codes[0].choices.len(), 3, "the directory's codes");
}

#[test]
fn a_major_incident_does_not_wait_for_its_caller() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    desk.act("max", &id, vec![flag(Field::Major, true)]).unwrap();
    assert!(desk.hold("ann", &id, "caller").unwrap_err().message.contains("major"));
    desk.hold("ann", &id, "vendor").unwrap();
}
