//! Tells requests: asked for, approved or not, fulfilled step by step.

use std::collections::BTreeSet;

use crate::backend::embedded::DESK;
use crate::backend::sample::days::{DAY, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Fate, Plan, Twist, group_of};
use crate::backend::sample::rng::Rng;
use crate::backend::sample::story::{Story, stamp};
use crate::backend::sample::teller::{Teller, case};
use crate::backend::sample::text::Scenario;
use crate::backend::sample::turns::{hold, promise};
use crate::domain::approval::{ApprovalStep, Enough, OnReject, Stage, Standing, Verdict};
use crate::domain::change::Party;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::rules::Periods;
use crate::domain::state::{HoldReason, State, Verb};
use crate::domain::task::{Asked, Task, TaskSort, TaskState, TaskStep};
use crate::text::Clean;

/// Who says yes, one of them at a time.
const APPROVERS: &[&str] = &["gokafor", "pnair", "ehughes"];

/// The story of one request up to now.
pub(super) fn tell<'a>(
    teller: &Teller<'a>,
    plan: &Plan,
    scenario: &'a Scenario,
    id: TicketId,
    mut rng: Rng,
) -> Story<'a> {
    let group = group_of(teller.texts, teller.world, plan, scenario);
    let analyst = teller.analyst(&mut rng);
    let channel = teller.channel(plan.opened, Kind::Request, &mut rng);
    let slots = teller.slots(plan, &scenario.slots);
    let state = if plan.fate == Fate::At(State::Draft) { State::Draft } else { State::Submitted };
    let times = (plan.opened, plan.opened + rng.within(0, 60), teller.now);
    let mut story = Story::begin(id, Kind::Request, state, times, &analyst, (rng, slots));
    teller.intake(&mut story, plan, scenario, channel);
    teller.sort(&mut story, plan, scenario, &group);
    if let Some(item) = &scenario.item {
        story.word(Field::CatalogItem, item);
    }
    let days = story.rng.within(2, 14);
    if story.rng.percent(45) || scenario.category.starts_with("people/") {
        story.time(Field::NeededBy, teller.days.local_hour(plan.opened, days, 9));
    }
    if scenario.category == "identity/access" && story.rng.percent(40) {
        let days = story.rng.within(30, 180);
        story.time(Field::AccessUntil, teller.days.local_hour(plan.opened, days, 18));
    }
    if matches!(plan.fate, Fate::Fresh | Fate::At(State::Draft)) {
        return story;
    }
    if scenario.approval && !approval(teller, plan, &mut story, &analyst) {
        return story;
    }
    fulfil(teller, plan, scenario, &mut story, &group);
    story
}

/// Asks, and gets an answer unless the plan leaves it waiting. False when the story ends here.
fn approval<'a>(teller: &Teller<'a>, plan: &Plan, story: &mut Story<'a>, analyst: &Name) -> bool {
    let end = ending(teller, plan);
    let me = &teller.world.me;
    let waiting = plan.fate == Fate::At(State::WaitingForApproval);
    let approver = match story.rng.below(APPROVERS.len() + 2) {
        _ if waiting && story.rng.percent(22) && me != analyst => me.clone(),
        index => APPROVERS.get(index).map_or_else(|| teller.manager("service_desk_manager"), |login| Name::new(login)),
    };
    story.slots.fix("engineer", teller.world.first_name(&approver));
    let soon = story.rng.within(6, 55);
    let at = teller.later(plan.opened, soon, false).min(teller.between(plan.opened, end, 0.3, false));
    story.act(at, analyst);
    story.name(Field::Approver, &approver);
    if story.rng.percent(85) {
        let words = story.one_of(teller.phrases("ask_requester")).unwrap_or_default();
        story.reply(words);
    }
    if story.rng.percent(40) {
        let words = story.one_of(teller.phrases("ask_approval")).unwrap_or_default();
        story.note(words);
    }
    story.go(Verb::Authorize, State::WaitingForApproval);
    ask(teller, story, &approver, analyst);
    if waiting {
        remind(story, teller.now);
        return false;
    }
    let rejected = matches!(plan.fate, Fate::Dropped(_)) && story.rng.percent(60);
    let part = if rejected { 0.9 } else { 0.28 };
    let soon = teller.between(story.last(), end, part, false).min(story.last() + 10 * DAY);
    remind(story, soon);
    story.act(soon, &approver);
    let key = if rejected { "rejected" } else { "approved" };
    let mut said = Clean::default();
    if rejected || story.rng.percent(50) {
        let words = story.one_of(teller.phrases(key)).unwrap_or_default();
        if rejected {
            story.reply(words)
        } else {
            story.note(words)
        }
        said = story.said();
    }
    let (verdict, standing) = match rejected {
        true => (Verdict::Rejected, Standing::Rejected),
        false => (Verdict::Approved, Standing::Approved),
    };
    story.approval(ApprovalStep::Vote { verdict, words: said });
    story.approval(ApprovalStep::Turn { stage: 0, standing, reason: Clean::default() });
    if rejected {
        story.go(Verb::Reject, State::Rejected);
    } else {
        story.go(Verb::Approve, State::Approved);
    }
    !rejected && plan.fate != Fate::At(State::Approved)
}

/// As a desk asks them: the approver or the deputy, and never who asked for it or registered it.
fn ask(teller: &Teller<'_>, story: &mut Story<'_>, approver: &Name, analyst: &Name) {
    let directory = &teller.world.directory;
    let deputy = directory.person(approver).and_then(|person| person.deputy.clone());
    let stage = Stage {
        name: Name::new("Approver"),
        of: std::iter::once(approver.clone()).chain(deputy).map(Party::Person).collect(),
        enough: Enough::Any,
        on_reject: OnReject::Stop,
        patience: None,
        then: None,
    };
    let caller = directory.login_of(story.ticket.text(&Field::Caller)).cloned();
    let barred: BTreeSet<Name> = caller.into_iter().chain([analyst.clone()]).collect();
    let expires = story.at().checked_add(Periods::default().approval).ok();
    story.approval(ApprovalStep::Ask { stages: vec![stage], expires, barred });
}

/// Whoever is silent is reminded every other day, up to then.
fn remind(story: &mut Story<'_>, upto: Seconds) {
    let wait = Periods::default().remind.as_secs();
    let mut at = story.last() + wait;
    while at < upto {
        story.act(at, &Name::new(DESK));
        story.approval(ApprovalStep::Remind);
        at += wait;
    }
}

/// What is done for it, step by step, each with the days that it may take.
const STEPS: [(&str, i64); 3] =
    [("Check what is wanted and what is there", 1), ("Prepare it", 3), ("Hand it over and try it with the caller", 5)];

fn checklist(scenario: &Scenario, story: &mut Story<'_>) {
    if !scenario.approval && !scenario.category.starts_with("people/") {
        return;
    }
    for (title, days) in STEPS {
        let due = Some(stamp(story.last() + days * DAY));
        let asked = Asked { sort: TaskSort::Fulfil, title: Clean::line(title), to: None, due, four_eyes: false };
        story.task(TaskStep::Add(asked));
    }
}

/// Ends the tasks up to that number.
fn tick(story: &mut Story<'_>, upto: usize) {
    let open = |task: &&Task| !task.state.is_ended();
    let open: Vec<u16> = story.ticket.tasks.iter().take(upto).filter(open).map(|task| task.number).collect();
    for number in open {
        story.task(TaskStep::End { number, how: TaskState::Done, words: Clean::default() });
    }
}

fn ending<'a>(teller: &Teller<'a>, plan: &Plan) -> Seconds {
    match plan.fate {
        Fate::Done(end) | Fate::Dropped(end) | Fate::Held(_, end) => end,
        _ => teller.now,
    }
}

fn fulfil<'a>(teller: &Teller<'a>, plan: &Plan, scenario: &'a Scenario, story: &mut Story<'a>, group: &Name) {
    let end = ending(teller, plan);
    if let Fate::Dropped(at) = plan.fate {
        let registrar = story.ticket.owner.clone();
        story.act(at, &registrar);
        story.word(Field::CancelReason, "withdrawn");
        let words = story.one_of(teller.phrases("request_withdrawn")).unwrap_or_default();
        story.note(words);
        story.go(Verb::Cancel, State::Cancelled);
        return;
    }
    let owner = teller.owner(plan, group, &mut story.rng);
    story.slots.fix("engineer", teller.world.first_name(&owner));
    let start = story.last();
    story.act(teller.between(start, end, 0.15, false), &owner);
    story.accept(&owner);
    checklist(scenario, story);
    story.go(Verb::Start, State::InFulfilment);
    let count = 1 + story.rng.below(3);
    let start = story.last();
    for step in 0..count {
        let at = teller.between(start, end, (step as f64 + 0.5) / (count as f64 + 0.5), false);
        story.act(at, &owner);
        tick(story, step.min(STEPS.len() - 1));
        if step == 0 {
            story.note(case(plan, scenario).map_or("", |case| &case.note));
        } else if let Some(words) = if step == 1 { story.fresh(&scenario.replies) } else { None } {
            story.reply(words);
        } else if let Some(words) = story.fresh(&scenario.notes).or_else(|| story.one_of(teller.phrases("fulfilling")))
        {
            story.note(words);
        }
    }
    match plan.fate {
        Fate::Done(at) => done(teller, plan, scenario, story, &owner, at),
        Fate::Held(reason, since) => hold(teller, scenario, story, &owner, reason, since, true),
        _ => stand(teller, plan, story, &owner),
    }
}

fn done<'a>(
    teller: &Teller<'a>,
    plan: &Plan,
    scenario: &'a Scenario,
    story: &mut Story<'a>,
    owner: &Name,
    at: Seconds,
) {
    if at - story.last() > DAY && story.rng.percent(18) && !scenario.asks.is_empty() {
        let start = story.last();
        hold(teller, scenario, story, owner, HoldReason::Caller, teller.between(start, at, 0.2, false), false);
        answered_request(teller, scenario, story, owner, teller.between(start, at, 0.6, false));
    }
    let agreed = story.rng.percent(50);
    story.act(at, owner);
    if let Some(case) = case(plan, scenario) {
        story.word(Field::ResolutionCode, &case.code);
        story.text(Field::Resolution, &case.fix);
    }
    tick(story, STEPS.len());
    story.word(Field::Verified, if agreed { "yes" } else { "na" });
    if let Some(words) = story.one_of(teller.phrases("fulfilled")) {
        story.reply(words);
    }
    story.go(Verb::Fulfil, State::Fulfilled);
    if taken_back(teller, story, owner) {
        teller.close(story, owner, agreed);
    }
}

/// What was given for a time is taken back when that is over; false while it runs.
fn taken_back(teller: &Teller<'_>, story: &mut Story<'_>, owner: &Name) -> bool {
    let Some(until) = story.ticket.time(&Field::AccessUntil).map(|until| until.as_second()) else { return true };
    if until >= teller.now {
        return false;
    }
    let directory = &teller.world.directory;
    let caller = directory.display(story.ticket.text(&Field::Caller));
    let item = Some(story.ticket.text(&Field::CatalogItem)).filter(|item| !item.is_empty());
    let title = Clean::line(&format!("Take back from {caller}: {}", item.unwrap_or(story.ticket.title())));
    let to = Some(Party::Group(Name::new(story.ticket.text(&Field::Group))));
    story.act(until, &Name::new(DESK));
    let asked = Asked { sort: TaskSort::Revoke, title, to, due: Some(stamp(until)), four_eyes: false };
    story.task(TaskStep::Add(asked));
    let at = teller.later(until, 90, false);
    if at >= teller.now {
        return false;
    }
    story.act(at, owner);
    let number = story.ticket.tasks.last().map_or(1, |task| task.number);
    story.task(TaskStep::End { number, how: TaskState::Done, words: Clean::default() });
    true
}

/// A request goes back to where it was held.
fn answered_request<'a>(teller: &Teller<'a>, scenario: &'a Scenario, story: &mut Story<'a>, owner: &Name, at: Seconds) {
    let caller = Name::new(story.ticket.text(&Field::Caller));
    story.act(at, owner);
    let words = story.one_of(&scenario.heard).or_else(|| story.one_of(teller.phrases("answered")));
    story.heard(&caller, words.unwrap_or_default());
    story.go(Verb::Resume, State::InFulfilment);
}

fn stand<'a>(teller: &Teller<'a>, plan: &Plan, story: &mut Story<'a>, owner: &Name) {
    for twist in &plan.twists {
        match *twist {
            Twist::Promised(due) => {
                let at = teller.between(story.last(), teller.now.min(due), 0.5, false);
                promise(teller, story, owner, at, due);
            }
            Twist::OfferedToMe => {
                let at = teller.between(story.last(), teller.now, 0.7, false);
                story.act(at, owner);
                let words = story.one_of(teller.phrases("offer")).unwrap_or_default();
                let expires = teller.days.shift(teller.now, 6 * HOUR + 30 * MINUTE);
                story.offer(Party::Person(teller.world.me.clone()), words, Some(expires));
            }
            _ => {}
        }
    }
}
