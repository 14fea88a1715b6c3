//! Tells the changes: planned, approved, made, reviewed; some made before anybody asked.

use crate::backend::sample::days::{DAY, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Fate, Plan, Twist};
use crate::backend::sample::rng::Rng;
use crate::backend::sample::story::Story;
use crate::backend::sample::teller::Teller;
use crate::backend::sample::text::ChangeText;
use crate::domain::approval::{Approval, ApprovalStep, Stage, Standing, Verdict};
use crate::domain::directory::Level;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::wants_review;
use crate::domain::name::{Name, TicketId};
use crate::domain::rfc::approve;
use crate::domain::state::{State, Verb};
use crate::domain::task::{Asked, TaskSort, TaskState, TaskStep};
use crate::text::Clean;
use jiff::SignedDuration;

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
