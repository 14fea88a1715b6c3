//! Tells the problems: raised, weighed, understood, cured or borne.

use crate::backend::sample::days::{DAY, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Fate, Plan};
use crate::backend::sample::rng::Rng;
use crate::backend::sample::story::{Story, stamp};
use crate::backend::sample::teller::Teller;
use crate::backend::sample::text::ProblemText;
use crate::domain::directory::Level;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::choices::RISK_ACCEPTED;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{State, Verb};
use crate::domain::task::{Asked, TaskSort, TaskState, TaskStep};
use crate::text::Clean;

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
