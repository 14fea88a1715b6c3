//! The turns that an incident takes once somebody works on it: escalated, held, answered, resolved, dropped, or just
//! standing there with words owed.

use crate::backend::sample::days::{HOUR, Seconds};
use crate::backend::sample::plan::{Plan, Twist};
use crate::backend::sample::story::{Story, stamp};
use crate::backend::sample::teller::{Teller, case};
use crate::backend::sample::text::{Case, Scenario};
use crate::domain::change::{Change, EscalationKind, Handover, LinkKind, Party};
use crate::domain::directory::Level;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::major::MajorStep;
use crate::domain::name::Name;
use crate::domain::state::{HoldReason, State, Verb};

pub(super) fn escalate<'a>(
    teller: &Teller<'a>,
    story: &mut Story<'a>,
    owner: &Name,
    kind: EscalationKind,
    at: Seconds,
) {
    let group = Name::new(story.ticket.text(&Field::Group));
    let manager = teller.world.manager_of(&group).cloned().unwrap_or_else(|| teller.manager("service_desk_manager"));
    let to = match kind {
        EscalationKind::Functional if &*group == "Applications" => Party::Group(Name::new("Network")),
        EscalationKind::Functional => Party::Group(Name::new("Applications")),
        _ => Party::Person(manager.clone()),
    };
    let everybodys = matches!(kind, EscalationKind::Functional | EscalationKind::Exception);
    let who = if everybodys { owner.clone() } else { teller.of_level(owner, Level::Engineer, &group) };
    story.act(at, &who);
    let reason = story.one_of(teller.phrases(kind.as_str())).unwrap_or_default();
    let detail = story.one_of(teller.phrases("tried")).unwrap_or_default();
    story.escalate(kind, to, reason, detail);
    if kind == EscalationKind::Supplier {
        supplier(teller, story, at);
    }
    let answered = teller.later(at, 35, false);
    if story.rng.percent(60) && answered < teller.now && !matches!(kind, EscalationKind::Functional) {
        let manager = if manager == *owner { teller.manager("incident_manager") } else { manager };
        story.act(answered, &manager);
        story.acknowledge(kind);
    }
}

fn supplier<'a>(teller: &Teller<'a>, story: &mut Story<'a>, at: Seconds) {
    if story.ticket.get(&Field::Supplier).is_some() {
        return;
    }
    let category = story.ticket.text(&Field::Category).to_owned();
    let serves = |of: &[String]| of.iter().any(|prefix| category.starts_with(prefix.as_str()));
    let suppliers = &teller.texts.desk.suppliers;
    let fit: Vec<&str> = suppliers.iter().filter(|(_, of)| serves(of)).map(|(name, _)| name.as_str()).collect();
    if let Some(supplier) = story.rng.pick(&fit) {
        story.word(Field::Supplier, supplier);
        story.line(Field::SupplierReference, "{ref}");
        let hours = story.rng.within(6, 40);
        story.time(Field::SupplierPromise, teller.days.shift(at, hours * HOUR));
    }
}

/// On hold, with what each reason must bring with it.
pub(super) fn hold<'a>(
    teller: &Teller<'a>,
    scenario: &'a Scenario,
    story: &mut Story<'a>,
    owner: &Name,
    reason: HoldReason,
    at: Seconds,
    lasts: bool,
) {
    story.act(at, owner);
    story.word(Field::HoldReason, reason.as_str());
    let since = story.last();
    match reason {
        HoldReason::Caller => {
            let words = story.one_of(&scenario.asks).or_else(|| story.one_of(teller.phrases("hold_caller")));
            story.reply(words.unwrap_or_default());
        }
        HoldReason::Vendor => {
            supplier(teller, story, since);
            let words = story.one_of(teller.phrases("hold_vendor")).unwrap_or_default();
            story.note(words);
        }
        other => {
            if other == HoldReason::Problem {
                story.word(Field::WorkaroundGiven, "given");
            }
            let key = format!("hold_{other}");
            let words = story.one_of(teller.phrases(&key)).unwrap_or_default();
            story.note(words);
        }
    }
    if lasts && matches!(reason, HoldReason::Caller | HoldReason::Scheduled | HoldReason::Parts) {
        let hours = story.rng.within(2, 30);
        story.time(Field::WakeAt, teller.days.shift(teller.now, hours * HOUR));
    }
    story.go(Verb::Hold, State::OnHold);
    if reason == HoldReason::Problem {
        let answer = ["accepted", "given", "accepted", "declined"][story.rng.below(4)];
        story.act(at + 2 * HOUR, owner);
        story.word(Field::WorkaroundGiven, answer);
    }
}

/// The caller answers, and it goes on.
pub(super) fn answered<'a>(
    teller: &Teller<'a>,
    scenario: &'a Scenario,
    story: &mut Story<'a>,
    owner: &Name,
    at: Seconds,
) {
    let caller = Name::new(story.ticket.text(&Field::Caller));
    story.act(at, owner);
    let words = story.one_of(&scenario.heard).or_else(|| story.one_of(teller.phrases("answered")));
    story.heard(&caller, words.unwrap_or_default());
    story.go(Verb::Resume, State::InProgress);
}

/// The caller writes of their own accord.
pub(super) fn heard<'a>(teller: &Teller<'a>, story: &mut Story<'a>, at: Seconds, key: &str) {
    let caller = Name::new(story.ticket.text(&Field::Caller));
    let recorder = story.ticket.owner.clone();
    story.act(at, &recorder);
    let words = story.one_of(teller.phrases(key)).unwrap_or_default();
    story.heard(&caller, words);
}

pub(super) fn resolve<'a>(
    teller: &Teller<'a>,
    case: Option<&'a Case>,
    story: &mut Story<'a>,
    owner: &Name,
    at: Seconds,
    verified: bool,
) {
    // An engineer does it for those who still learn.
    let group = story.ticket.text(&Field::Group).to_owned();
    let who = teller.of_level(owner, Level::Engineer, &group);
    story.act(at, &who);
    if let Some(case) = case {
        story.word(Field::ResolutionCode, &case.code);
        story.text(Field::Resolution, &case.fix);
    }
    let answer = if verified {
        "yes"
    } else if story.rng.percent(70) {
        "no"
    } else {
        "na"
    };
    story.word(Field::Verified, answer);
    if let Some(words) = story.one_of(teller.phrases("resolved")) {
        story.reply(words);
    }
    story.go(Verb::Resolve, State::Resolved);
}

pub(super) fn finish<'a>(
    teller: &Teller<'a>,
    plan: &Plan,
    scenario: &'a Scenario,
    story: &mut Story<'a>,
    owner: &Name,
    at: Seconds,
    at_once: bool,
) {
    let agreed = at_once || story.rng.percent(58);
    if at_once {
        story.act(at, owner);
        story.set(Field::FirstContact, Value::Flag(true));
    }
    if plan.twists.contains(&Twist::Major) {
        story.act(at, owner);
        story.major(MajorStep::Restored { at: stamp(story.last()) });
        story.note("Service restored and watched for a quarter of an hour. Children follow.");
    }
    resolve(teller, case(plan, scenario), story, owner, at, agreed);
    teller.close(story, owner, agreed);
}

pub(super) fn drop_it<'a>(teller: &Teller<'a>, plan: &Plan, story: &mut Story<'a>, owner: &Name, at: Seconds) {
    story.act(at, owner);
    let (reason, key) = match teller.tied(plan, LinkKind::DuplicateOf) {
        Some(other) => {
            story.slots.fix("inc", other.as_str());
            ("duplicate", "duplicate")
        }
        None if story.rng.percent(70) => ("withdrawn", "withdrawn"),
        None => ("not_an_incident", "not_an_incident"),
    };
    story.word(Field::CancelReason, reason);
    let words = story.one_of(teller.phrases(key)).unwrap_or_default();
    story.note(words);
    story.go(Verb::Cancel, State::Cancelled);
}

/// Open and being worked on: what was promised, who waits for whom, to whom it is offered.
pub(super) fn stand<'a>(teller: &Teller<'a>, plan: &Plan, story: &mut Story<'a>, owner: &Name) {
    for twist in &plan.twists {
        if let Twist::Promised(due) = *twist {
            let at = teller.between(story.last(), teller.now.min(due), 0.5, false);
            promise(teller, story, owner, at, due);
        }
    }
    let last = story.last();
    if plan.twists.contains(&Twist::Unanswered) {
        heard(teller, story, teller.between(last, teller.now, 0.6, false), "wrote");
    }
    if plan.twists.contains(&Twist::OfferedToMe) {
        story.act(teller.between(last, teller.now, 0.75, false), owner);
        let words = story.one_of(teller.phrases("offer")).unwrap_or_default();
        let expires = teller.days.shift(teller.now, 5 * HOUR);
        story.offer(Party::Person(teller.world.me.clone()), words, Some(expires));
    }
    learner(teller, plan, story, owner);
    absence(teller, story, owner);
}

/// Who still learns proposes what an engineer of the group then does.
fn learner<'a>(teller: &Teller<'a>, plan: &Plan, story: &mut Story<'a>, owner: &Name) {
    let learns = teller.world.directory.person(owner).is_some_and(|person| person.level == Some(Level::Associate));
    let ticket = &story.ticket;
    let works = ticket.kind == Kind::Incident && ticket.state == State::InProgress && ticket.offer.is_none();
    let case = teller.scenario(plan).and_then(|scenario| case(plan, scenario));
    let Some(case) = case.filter(|_| learns && works && ticket.major.is_none()) else { return };
    let fix = story.filled(&case.fix);
    let set = |field, to| Change::Set { field, from: None, to: Some(to) };
    let changes = vec![
        set(Field::ResolutionCode, Value::name(&case.code)),
        set(Field::Resolution, Value::Text(fix)),
        set(Field::Verified, Value::name("yes")),
        Change::Move { verb: Verb::Resolve, from: State::InProgress, to: State::Resolved },
    ];
    story.act(teller.between(story.last(), teller.now, 0.8, false), owner);
    story.propose(changes, "It works again; I tried it with the caller.");
}

pub(super) fn promise<'a>(teller: &Teller<'a>, story: &mut Story<'a>, owner: &Name, at: Seconds, due: Seconds) {
    story.act(at, owner);
    story.time(Field::PromisedUpdate, due);
    let time = teller.spoken(due);
    story.slots.fix("time", &time);
    if let Some(words) = story.one_of(teller.phrases("promise")) {
        story.reply(words);
    }
}

/// An owner who is away without a deputy: the manager of the group acts for them.
fn absence<'a>(teller: &Teller<'a>, story: &mut Story<'a>, owner: &Name) {
    let away = teller.world.directory.person(owner).is_some_and(|p| p.absent_until.is_some() && p.deputy.is_none());
    let group = story.ticket.text(&Field::Group).to_owned();
    let (true, Some(manager)) = (away, teller.world.manager_of(&group).cloned()) else { return };
    story.act(teller.between(story.last(), teller.now, 0.9, false), &manager);
    story.handover(Handover::Absent { owner: owner.clone(), acting: manager });
}
