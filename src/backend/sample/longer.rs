//! Tells what lives longer than a call: problems and changes.

use crate::backend::sample::days::{DAY, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Fate, Plan, Twist};
use crate::backend::sample::rng::Rng;
use crate::backend::sample::story::{Story, stamp};
use crate::backend::sample::teller::Teller;
use crate::backend::sample::text::{ChangeText, ProblemText};
use crate::domain::approval::{Approval, ApprovalStep, Stage, Standing, Verdict};
use crate::domain::directory::Level;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::choices::RISK_ACCEPTED;
use crate::domain::lifecycle::wants_review;
use crate::domain::name::{Name, TicketId};
use crate::domain::rfc::approve;
use crate::domain::state::{State, Verb};
use crate::domain::task::{Asked, TaskSort, TaskState, TaskStep};
use crate::text::Clean;
use jiff::SignedDuration;

/// The story of one problem: raised, weighed, understood, cured.
pub(super) fn problem<'a>(
    teller: &Teller<'a>,
    plan: &Plan,
    text: &'a ProblemText,
    id: TicketId,
    mut rng: Rng,
) -> Story<'a> {
    let manager = teller.manager("problem_manager");
    let owner = teller.member(&text.group, &mut rng);
    let slots = teller.slots(plan, &teller.texts.phrases.slots);
    let times = (plan.opened, plan.opened, teller.now);
    let mut story = Story::begin(id, Kind::Problem, State::New, times, &manager, (rng, slots));
    story.line(Field::Title, &text.title);
    story.text(Field::Description, &text.says);
    story.word(Field::Category, &text.category);
    story.word(Field::Service, &text.service);
    story.word(Field::Group, &text.group);
    story.number(Field::Impact, text.rate[0]);
    story.number(Field::Urgency, text.rate[1]);
    story.word(Field::Level, &text.level);
    story.word(Field::Domain, &text.domain);
    story.word(Field::Channel, "monitoring");
    story.word(Field::Trigger, trigger(text));
    story.time(Field::NextReview, plan.opened + cadence(text));
    let (until, reach) = match plan.fate {
        Fate::Done(end) => (end, State::Resolved),
        Fate::Dropped(at) => {
            story.act(at, &manager);
            story.word(Field::CancelReason, "not_a_problem");
            story.clear(Field::NextReview);
            story.note("Looked at all the calls again: three different causes, nothing in common.");
            story.go(Verb::Cancel, State::Cancelled);
            return story;
        }
        Fate::At(state) => (teller.now, state),
        _ => (teller.now, State::New),
    };
    let at = |part: f64| teller.between(plan.opened, until, part, false);
    if reach == State::New {
        return story;
    }
    story.act(at(0.08), &owner);
    story.accept(&owner);
    story.go(Verb::Assess, State::Assess);
    note(&mut story, text, 0);
    if reach == State::Assess {
        return story;
    }
    story.act(at(0.2), &owner);
    story.go(Verb::Confirm, State::RootCause);
    let senior = teller.of_level(&owner, Level::Senior, &text.group);
    understand(&mut story, text, (&owner, &senior), &at, reach != State::RootCause);
    if !text.risk.is_empty() && reach == State::Resolved {
        put_forward(&mut story, text, (&owner, at(0.8)), until + 120 * DAY);
        bear(&mut story, &manager, until);
        return story;
    }
    if reach == State::RootCause {
        look(&mut story, text, &owner, &at);
        put_forward(&mut story, text, (&owner, teller.now - 3 * HOUR), teller.now + 90 * DAY);
        return story;
    }
    story.act(at(0.72), &owner);
    story.text(Field::Fix, &text.fix);
    prevent(&mut story, text, until);
    story.go(Verb::PlanFix, State::FixInProgress);
    look(&mut story, text, &owner, &at);
    if reach == State::FixInProgress {
        return story;
    }
    settle(teller, &mut story, text, &owner, &manager, until);
    story
}

/// The notes of a problem follow one another as they stand in the file.
fn note(story: &mut Story<'_>, text: &ProblemText, number: usize) {
    if let Some(words) = text.notes.get(number) {
        story.note(words);
    }
}

/// Evidence first, then a way around it, then the cause.
fn understand<'a>(
    story: &mut Story<'a>,
    text: &'a ProblemText,
    (owner, senior): (&Name, &Name),
    at: &dyn Fn(f64) -> Seconds,
    found: bool,
) {
    story.act(at(0.32), owner);
    story.text(Field::Evidence, &text.evidence);
    if !text.whys.is_empty() {
        story.text(Field::Whys, &text.whys);
        story.text(Field::CauseTree, &text.tree);
    }
    note(story, text, 1);
    if text.known {
        story.act(at(0.45), senior);
        story.text(Field::Workaround, &text.workaround);
        story.set(Field::KnownError, Value::Flag(true));
    }
    story.act(at(0.55), owner);
    note(story, text, 2);
    if found || text.known {
        story.act(at(0.62), owner);
        story.word(Field::CauseCategory, &text.cause_category);
        story.text(Field::Cause, &text.cause);
    }
}

/// What made somebody raise it: calls of one kind where it shows in any.
fn trigger(text: &ProblemText) -> &'static str {
    match (text.shows.is_empty(), text.cause_category.as_str()) {
        (true, _) => "proactive",
        (false, "supplier" | "firmware") => "supplier",
        (false, _) if text.known => "trend",
        (false, _) => "incident",
    }
}

fn cadence(text: &ProblemText) -> Seconds {
    let days = match text.level.as_str() {
        "strategic" => 90,
        "tactical" => 30,
        _ => 7,
    };
    days * DAY
}

/// Somebody looked how it stands, once it had been open for some time. Some are overdue for it.
fn look(story: &mut Story<'_>, text: &ProblemText, owner: &Name, at: &dyn Fn(f64) -> Seconds) {
    if text.age % 2 == 1 && text.level == "operational" {
        return;
    }
    story.act(at(0.8), owner);
    story.time(Field::Reviewed, story.last());
    let next = story.last() + cadence(text);
    story.time(Field::NextReview, next);
    story.note("Looked at it: no more calls than before, the next step is agreed.");
}

/// Who works on it would rather bear it; somebody else has to say yes.
fn put_forward<'a>(story: &mut Story<'a>, text: &'a ProblemText, (owner, at): (&Name, Seconds), again: Seconds) {
    if text.risk.is_empty() {
        return;
    }
    story.act(at, owner);
    story.text(Field::Reason, &text.risk);
    story.time(Field::ReviewDate, again);
    story.note("Put forward to be borne as a risk.");
}

/// Somebody else says yes; it is looked at again on its date.
fn bear(story: &mut Story<'_>, manager: &Name, at: Seconds) {
    story.act(at, manager);
    story.word(Field::Outcome, RISK_ACCEPTED);
    story.name(Field::Approver, manager);
    story.clear(Field::NextReview);
    story.note("Agreed. It is looked at again on that day.");
    story.go(Verb::AcceptRisk, State::Closed);
}

/// What keeps it from coming back.
fn prevent(story: &mut Story<'_>, text: &ProblemText, until: Seconds) {
    for (title, days) in text.prevent.iter().zip([7, 21, 35]) {
        let due = Some(stamp(until + days * DAY));
        let asked = Asked { sort: TaskSort::Prevent, title: Clean::line(title), to: None, due, four_eyes: false };
        story.task(TaskStep::Add(asked));
    }
}

/// The actions are done with the fix; of the first one somebody has seen that it helps.
fn checked(story: &mut Story<'_>, text: &ProblemText, owner: &Name, until: Seconds) {
    for (number, _) in (1..).zip(&text.prevent) {
        story.act(until + HOUR, owner);
        story.task(TaskStep::End { number, how: TaskState::Done, words: Clean::line("In place.") });
    }
    for (number, _) in (1..).zip(&text.prevent).take(if text.state == State::Resolved { 1 } else { usize::MAX }) {
        story.act(until + 6 * HOUR, owner);
        let words = Clean::line("Tried it: the alarm came two minutes later.");
        story.task(TaskStep::Check { number, worked: true, words });
    }
}

/// The fix is in; after two quiet weeks the problem manager closes it.
fn settle<'a>(
    teller: &Teller<'a>,
    story: &mut Story<'a>,
    text: &'a ProblemText,
    owner: &Name,
    manager: &Name,
    until: Seconds,
) {
    story.act(until, owner);
    story.text(Field::Resolution, &text.fix);
    story.word(Field::ResolutionCode, "Fixed by change");
    story.time(Field::ReviewDate, until + 14 * DAY);
    story.word(Field::Outcome, "fix_applied");
    if text.prevent.is_empty() {
        story.text(Field::Prevention, "What failed is gone for good; nothing is left to guard against.");
    }
    story.clear(Field::NextReview);
    story.go(Verb::Resolve, State::Resolved);
    checked(story, text, owner, until);
    let closing = teller.days.shift(until + 14 * DAY + HOUR, 30 * MINUTE);
    if closing < teller.now && text.state != State::Resolved {
        story.act(closing, manager);
        story.note("Two weeks without a new call. Closed.");
        story.go(Verb::Close, State::Closed);
    }
}

/// The story of one change: planned, approved, made, reviewed.
pub(super) fn change<'a>(
    teller: &Teller<'a>,
    plan: &Plan,
    text: &'a ChangeText,
    id: TicketId,
    mut rng: Rng,
) -> Story<'a> {
    let manager = teller.manager("change_manager");
    let owner = teller.member_who(&text.group, &mut rng, |login| *login != manager);
    let (start, length) = plan
        .twists
        .iter()
        .find_map(|twist| if let Twist::Window(start, length) = twist { Some((*start, *length)) } else { None })
        .unwrap_or((teller.now + DAY, 2 * HOUR));
    let slots = teller.slots(plan, &text.slots);
    let times = (plan.opened, plan.opened, teller.now);
    let raiser = raiser(teller, &owner, &manager, &text.group);
    let mut story = Story::begin(id, Kind::Change, State::New, times, &raiser, (rng, slots));
    let title = text.titles.get(plan.variant % text.titles.len().max(1)).map_or("", String::as_str);
    story.line(Field::Title, title);
    let says = story.one_of(&text.says).unwrap_or_default();
    story.text(Field::Description, says);
    story.word(Field::ChangeType, &text.r#type);
    story.word(Field::Category, &text.category);
    story.word(Field::Service, &text.service);
    story.word(Field::Group, &text.group);
    story.number(Field::Impact, plan.impact);
    story.number(Field::Urgency, plan.urgency);
    story.text(Field::Reason, &text.reason);
    if let Some(item) = teller.item(plan) {
        story.name(Field::Asset, &item.tag);
    }
    let unasked = text.r#type == "retrospective";
    if unasked && raiser != owner {
        review_task(&mut story);
    }
    if raiser != owner {
        story.act(plan.opened + 12 * MINUTE, &owner);
    }
    story.accept(&owner);
    if unasked {
        if raiser == owner {
            review_task(&mut story);
        }
        made_unasked(teller, text, &mut story, &owner, (start, length));
        return story;
    }
    let reach = match plan.fate {
        Fate::Done(_) => State::Closed,
        Fate::At(state) => state,
        _ => State::Cancelled,
    };
    planned(teller, plan, text, &mut story, &owner, (start, length), reach);
    approve(teller, plan, text, &mut story, (&owner, &manager), start, reach);
    make(teller, text, &mut story, (&owner, &manager), (start, length), reach);
    story
}

/// Who asks for it on behalf of an engineer: the manager of the group, or of the desk where that one decides on it.
fn raiser(teller: &Teller<'_>, owner: &Name, manager: &Name, group: &str) -> Name {
    let is_senior = teller.world.directory.person(owner).is_some_and(|person| person.level >= Some(Level::Senior));
    let theirs = teller.world.manager_of(group).filter(|login| *login != manager);
    match theirs {
        _ if is_senior => owner.clone(),
        Some(login) => login.clone(),
        None => teller.manager("service_desk_manager"),
    }
}

/// It was made before anybody asked: recorded with when, its approval is asked for afterwards.
fn made_unasked<'a>(
    teller: &Teller<'a>,
    text: &'a ChangeText,
    story: &mut Story<'a>,
    owner: &Name,
    (start, length): (Seconds, Seconds),
) {
    story.act(story.last() + 12 * MINUTE, owner);
    story.time(Field::ActualStart, start);
    story.time(Field::ActualEnd, start + length);
    if let Some(words) = story.fresh(&text.notes) {
        story.note(words);
    }
    story.act(story.last() + 9 * MINUTE, owner);
    story.go(Verb::Authorize, State::Authorize);
    story.act(story.last() + 2 * MINUTE, owner);
    ask(teller, story);
}

fn planned<'a>(
    teller: &Teller<'a>,
    plan: &Plan,
    text: &'a ChangeText,
    story: &mut Story<'a>,
    owner: &Name,
    (start, length): (Seconds, Seconds),
    reach: State,
) {
    if reach == State::New && text.r#type == "normal" {
        return;
    }
    let limit = start.min(teller.now);
    story.act(teller.between(plan.opened, limit, 0.15, false), owner);
    let critical = |name: &str| teller.world.directory.services.iter().any(|held| &*held.name == name && held.critical);
    let risk = if text.risk == "low" && critical(&text.service) { "moderate" } else { &text.risk };
    story.word(Field::Risk, risk);
    story.set(Field::RiskAnswers, Value::text(answers(&text.risk)));
    if let Some(template) = &text.template {
        story.word(Field::Template, template);
    }
    if text.risk == "high" && !plan.twists.contains(&Twist::Untried) {
        story.set(Field::Evidence, Value::text(&text.test));
    }
    story.text(Field::Plan, &text.plan);
    story.text(Field::BackOut, &text.back_out);
    story.text(Field::TestPlan, &text.test);
    story.time(Field::PlannedStart, start);
    story.time(Field::PlannedEnd, start + length);
    if let Some(words) = story.fresh(&text.notes) {
        story.note(words);
    }
    if reach != State::New && text.r#type == "normal" {
        story.go(Verb::Assess, State::Assess);
    }
}

fn approve<'a>(
    teller: &Teller<'a>,
    plan: &Plan,
    text: &'a ChangeText,
    story: &mut Story<'a>,
    (owner, manager): (&Name, &Name),
    start: Seconds,
    reach: State,
) {
    if matches!(reach, State::New | State::Assess) {
        return;
    }
    let limit = start.min(teller.now);
    let at = |part: f64| teller.between(plan.opened, limit, part, false);
    if reach == State::Cancelled {
        story.act(at(0.5), owner);
        story.word(Field::CancelReason, "not_needed");
        let words = story.one_of(teller.phrases("change_cancelled")).unwrap_or_default();
        story.note(words);
        story.go(Verb::Cancel, State::Cancelled);
        return;
    }
    let of = text.r#type.as_str();
    if of == "emergency" {
        story.act(at(0.3), owner);
        story.go(Verb::Authorize, State::Authorize);
    }
    if of != "standard" {
        story.act(at(0.35), owner);
        ask(teller, story);
    }
    if of == "normal" {
        if stage(story).is_some_and(|stage| stage.name.as_str() == "Peers") {
            vote(teller, story, at(0.42), "Read it, fine with us.");
        }
        story.act(at(0.45), owner);
        story.go(Verb::Authorize, State::Authorize);
    }
    if reach == State::Authorize {
        return;
    }
    while stage(story).is_some() {
        vote(teller, story, at(0.58), "Agreed in the meeting.");
    }
    let scheduler = if of == "standard" { owner } else { manager };
    if plan.twists.contains(&Twist::Untried) {
        story.act(at(0.59), scheduler);
        let words =
            "evidence: There is no second controller to try it on. The maker's engineer is on site that evening.";
        story.set(Field::Override, Value::text(words));
    }
    story.act(at(0.6), scheduler);
    if of != "standard" {
        let words = story.one_of(teller.phrases("change_approved")).unwrap_or_default();
        story.note(words);
    }
    story.go(Verb::Schedule, State::Scheduled);
}

/// Points that make up that risk.
fn answers(risk: &str) -> &'static str {
    match risk {
        "high" => "users=2 service=2 rollback=2 tested=1 before=2 complexity=2 security=2 safety=0",
        "moderate" => "users=2 service=2 rollback=1 tested=1 before=1 complexity=1 security=0 safety=0",
        _ => "users=1 service=1 rollback=0 tested=0 before=1 complexity=1 security=0 safety=0",
    }
}

/// Asks as the policies that ship do.
fn ask(teller: &Teller<'_>, story: &mut Story<'_>) {
    let (policies, directory) = (&teller.texts.practice.policy, &teller.world.directory);
    let stages = approve::stages(policies, &story.ticket, directory);
    let lasts = approve::policy(policies, &story.ticket).and_then(|policy| policy.expires);
    let expires = lasts.and_then(|minutes| story.at().checked_add(SignedDuration::from_mins(minutes.into())).ok());
    let barred = approve::barred(&story.ticket, directory);
    story.approval(ApprovalStep::Ask { stages, expires, barred });
}

/// The stage that is asked now.
fn stage<'s>(story: &'s Story<'_>) -> Option<&'s Stage> {
    story.ticket.approval.as_ref().and_then(Approval::current)
}

/// The next of those who are asked says yes, and what the votes come to is recorded.
fn vote(teller: &Teller<'_>, story: &mut Story<'_>, at: Seconds, words: &str) {
    let directory = &teller.world.directory;
    let Some(held) = &story.ticket.approval else { return };
    let voters = held.current().map(|stage| stage.voters(directory, &held.barred)).unwrap_or_default();
    let next = voters.into_iter().find(|login| held.asks(login, directory)).cloned();
    let at_stage = held.stage;
    let Some(who) = next else {
        // Nobody is left who could answer: it has run out.
        story.approval(turn(at_stage, Standing::Expired));
        return;
    };
    story.act(at, &who);
    story.approval(ApprovalStep::Vote { verdict: Verdict::Approved, words: Clean::line(words) });
    let Some(held) = &story.ticket.approval else { return };
    let ((stage, standing), before) = (held.counted(directory), (held.stage, held.standing));
    if (stage, standing) != before {
        story.approval(turn(stage, standing));
    }
}

fn turn(stage: u8, standing: Standing) -> ApprovalStep {
    ApprovalStep::Turn { stage, standing, reason: Clean::default() }
}

/// The steps of a change, from the numbered lines of its plan.
fn steps(text: &ChangeText) -> impl Iterator<Item = &str> {
    text.plan.lines().map(|line| line.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' '))
}

/// A colleague of the group who does not make it; none in a group of one.
fn peer(teller: &Teller<'_>, text: &ChangeText, owner: &Name) -> Option<Name> {
    teller.world.members(&text.group).iter().find(|login| *login != owner).cloned()
}

fn review_task(story: &mut Story<'_>) {
    if wants_review(&story.ticket) {
        let title = Clean::line("Post-implementation review");
        story.task(TaskStep::Add(Asked { sort: TaskSort::FollowUp, title, to: None, due: None, four_eyes: false }));
    }
}

fn make<'a>(
    teller: &Teller<'a>,
    text: &'a ChangeText,
    story: &mut Story<'a>,
    (owner, manager): (&Name, &Name),
    (start, length): (Seconds, Seconds),
    reach: State,
) {
    if !matches!(reach, State::Implement | State::Review | State::Closed) {
        return;
    }
    let began = start + story.rng.within(0, 9) * MINUTE;
    story.act(began, owner);
    story.time(Field::ActualStart, story.last());
    let peer = peer(teller, text, owner);
    for (at, step) in steps(text).enumerate() {
        let title = Clean::line(step);
        let four_eyes = at == 0 && peer.is_some();
        story.task(TaskStep::Add(Asked { sort: TaskSort::Implement, title, to: None, due: None, four_eyes }));
    }
    story.go(Verb::Implement, State::Implement);
    story.act(began + length / 10, owner);
    story.task(TaskStep::Start { number: 1 });
    if let Some(words) = story.fresh(&text.notes) {
        let middle = began + length / 3;
        if middle < teller.now {
            story.act(middle, owner);
            story.note(words);
        }
    }
    if reach == State::Implement {
        return;
    }
    let ended = began + length * story.rng.within(40, 95) / 100;
    story.act(ended, owner);
    story.time(Field::ActualEnd, story.last());
    let outcome = match story.rng.below(20) {
        0 => "backed_out",
        1 => "failed",
        2 | 3 => "successful_with_issues",
        4 => "partially",
        _ => "successful",
    };
    story.word(Field::Outcome, outcome);
    let words = story.one_of(teller.phrases(outcome)).unwrap_or_default();
    story.note(words);
    for number in (1..).take(steps(text).count()) {
        story.task(TaskStep::End { number, how: TaskState::Done, words: Clean::default() });
    }
    story.go(Verb::Review, State::Review);
    review_task(story);
    if let Some(peer) = peer {
        story.act(ended + 20 * MINUTE, &peer);
        story.task(TaskStep::Sign { number: 1 });
    }
    let closing = teller.days.shift(ended, 9 * HOUR);
    if reach == State::Review || closing >= teller.now {
        return;
    }
    story.act(closing, manager);
    let review = story.one_of(teller.phrases("change_review")).unwrap_or_default();
    let review = Clean::line(review);
    let due = story.ticket.tasks.last().filter(|task| task.asked.sort == TaskSort::FollowUp).map(|task| task.number);
    if let Some(number) = due {
        story.task(TaskStep::End { number, how: TaskState::Done, words: review.clone() });
    }
    story.set(Field::Resolution, Value::Text(review));
    story.go(Verb::Close, State::Closed);
}
