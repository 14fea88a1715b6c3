//! Tells incidents: the call, the sorting, who takes it, what is tried, how it ends or where it stands.

use crate::backend::sample::days::{DAY, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Fate, Plan, Twist, group_of};
use crate::backend::sample::rng::Rng;
use crate::backend::sample::story::Story;
use crate::backend::sample::teller::{FIRST_LINE, Teller, case};
use crate::backend::sample::text::{Gear, Scenario};
use crate::backend::sample::turns::{answered, drop_it, escalate, finish, heard, hold, resolve, stand};
use crate::domain::change::{EscalationKind, Party};
use crate::domain::directory::Level;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::major::{LineSort, MajorRole, MajorStep};
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{HoldReason, State, Verb};
use crate::text::Clean;

/// The story of one incident up to now.
pub(super) fn tell<'a>(teller: &Teller<'a>, plan: &Plan, scenario: &'a Scenario, id: TicketId, rng: Rng) -> Story<'a> {
    let group = group_of(teller.texts, teller.world, plan, scenario);
    let mut call = answer(teller, plan, scenario, id, &group, rng);
    let story = &mut call.story;
    if plan.fate == Fate::Fresh {
        if plan.twists.contains(&Twist::Chased) {
            let at = teller.between(plan.opened, teller.now, 0.7, false);
            heard(teller, story, at, "chase");
        }
        return call.story;
    }
    triage(teller, plan, scenario, &mut call, &group);
    if plan.fate == Fate::Queued {
        queue(teller, plan, &mut call, &group);
        return call.story;
    }
    let owner = work(teller, plan, scenario, &mut call, &group);
    let story = &mut call.story;
    match plan.fate {
        Fate::Done(_) => finish(teller, plan, scenario, story, &owner, call.end, call.at_once),
        Fate::Dropped(at) => drop_it(teller, plan, story, &owner, at),
        Fate::Held(reason, since) => hold(teller, scenario, story, &owner, reason, since, true),
        _ => stand(teller, plan, story, &owner),
    }
    call.story
}

/// A call that was registered.
struct Call<'a> {
    story: Story<'a>,
    analyst: Name,
    /// Sorted by whoever took it, with the caller on the line.
    sorted: bool,
    /// Solved with the caller on the line.
    at_once: bool,
    /// Where the part that is over ends.
    end: Seconds,
    /// Of the highest priority: nobody waits for the morning.
    burns: bool,
}

fn answer<'a>(
    teller: &Teller<'a>,
    plan: &Plan,
    scenario: &'a Scenario,
    id: TicketId,
    group: &Name,
    mut rng: Rng,
) -> Call<'a> {
    let burns = plan.impact + plan.urgency == 2;
    let channel = match teller.channel(plan.opened, Kind::Incident, &mut rng) {
        _ if burns => "phone",
        channel => channel,
    };
    let sorted = matches!(channel, "phone" | "walk-in" | "chat") && (plan.fate != Fate::Fresh || rng.percent(45));
    let at_once = matches!(plan.fate, Fate::Done(_))
        && sorted
        && plan.twists.is_empty()
        && plan.ties.is_empty()
        && rng.percent(scenario.first);
    let end = match plan.fate {
        Fate::Done(end) if at_once => end.min(plan.opened + rng.within(7, 24) * MINUTE),
        Fate::Done(end) | Fate::Dropped(end) | Fate::Held(_, end) => end,
        _ => teller.now,
    };
    let analyst = teller.analyst(&mut rng);
    let typed = if sorted { rng.within(90, 330) } else { rng.within(0, 40) };
    let created = (plan.opened + typed).min(end);
    let mut slots = teller.slots(plan, &scenario.slots);
    slots.fix("engineer", teller.world.first_name(&analyst));
    let times = (plan.opened, created, teller.now);
    let mut story = Story::begin(id, Kind::Incident, State::New, times, &analyst, (rng, slots));
    teller.intake(&mut story, plan, scenario, channel);
    if sorted {
        let first = if at_once || (plan.fate == Fate::Fresh && story.rng.percent(50)) { FIRST_LINE } else { group };
        let first = if plan.twists.contains(&Twist::Bounced) { FIRST_LINE } else { first };
        teller.sort(&mut story, plan, scenario, &Name::new(first));
    } else {
        // The portal asks for neither; what it sets is the lowest.
        story.number(Field::Impact, 3);
        story.number(Field::Urgency, 3);
        story.word(Field::Group, FIRST_LINE);
        if story.rng.percent(55) {
            story.word(Field::Service, &scenario.service);
        }
    }
    Call { story, analyst, sorted, at_once, end, burns }
}

fn triage<'a>(teller: &Teller<'a>, plan: &Plan, scenario: &'a Scenario, call: &mut Call<'a>, group: &Name) {
    let story = &mut call.story;
    if !call.sorted {
        let minutes = story.rng.within(3, 28);
        let at = teller.later(story.last(), minutes, call.burns).min(teller.between(story.last(), call.end, 0.3, true));
        let analyst = call.analyst.clone();
        story.act(at, &analyst);
        // Who bounces it later does so from the first line's queue.
        let first = if plan.twists.contains(&Twist::Bounced) { &Name::new(FIRST_LINE) } else { group };
        teller.sort(story, plan, scenario, first);
    }
    if !call.at_once && story.rng.percent(70) {
        let words = story.one_of(teller.phrases("ack")).unwrap_or_default();
        story.reply(words);
    }
    if plan.twists.contains(&Twist::Major) {
        let analyst = teller.of_level(&call.analyst, Level::Engineer, FIRST_LINE);
        let manager = teller.manager("incident_manager");
        story.act(teller.later(story.last(), 4, true), &analyst);
        let words = story.one_of(teller.phrases("major")).unwrap_or_default();
        story.escalate(EscalationKind::Major, Party::Person(manager.clone()), words, "Several callers within minutes.");
        story.act(teller.later(story.last(), 3, true), &manager);
        story.acknowledge(EscalationKind::Major);
        major_room(teller, story, &analyst, &manager, words);
    }
    for twist in &plan.twists {
        if let Twist::Overridden(priority) = twist {
            story.number(Field::PriorityOverride, *priority);
            let words = story.one_of(teller.phrases("override")).unwrap_or_default();
            story.line(Field::PriorityReason, words);
        }
    }
}

/// It lies in a queue, offered to a group or a person, or just there.
fn queue<'a>(teller: &Teller<'a>, plan: &Plan, call: &mut Call<'a>, group: &Name) {
    let to = if plan.twists.contains(&Twist::OfferedToGroup) {
        Party::Group(group.clone())
    } else if plan.twists.contains(&Twist::OfferedToMe) && call.analyst != teller.world.me {
        Party::Person(teller.world.me.clone())
    } else {
        return;
    };
    let story = &mut call.story;
    let at = teller.between(story.last(), teller.now, 0.35, call.burns);
    let analyst = call.analyst.clone();
    story.act(at, &analyst);
    let words = story.one_of(teller.phrases("offer")).unwrap_or_default();
    let expires = teller.days.shift(teller.now, 7 * HOUR);
    story.offer(to, words, Some(expires));
}

/// Somebody takes it, perhaps the wrong group first, and works on it up to the end of what is over.
fn work<'a>(teller: &Teller<'a>, plan: &Plan, scenario: &'a Scenario, call: &mut Call<'a>, group: &Name) -> Name {
    let (end, burns) = (call.end, call.burns);
    let mut owner = if call.at_once { call.analyst.clone() } else { teller.owner(plan, group, &mut call.story.rng) };
    let story = &mut call.story;
    if plan.twists.contains(&Twist::Bounced) {
        bounce(teller, story, end, group);
        // Some are in both groups; it goes to somebody else all the same.
        let had = story.ticket.owner.clone();
        if owner == had {
            owner = teller.member_who(group, &mut story.rng, |login| *login != had);
        }
    }
    let part = 0.04 + 0.16 * story.rng.fraction();
    let soon = story.rng.within(4, 50);
    let at = teller.later(story.last(), soon, burns).min(teller.between(story.last(), end, part, burns));
    story.slots.fix("engineer", teller.world.first_name(&owner));
    story.act(at, &owner);
    if story.ticket.text(&Field::Group) != group.as_str() && !call.at_once {
        story.name(Field::Group, group);
    }
    story.accept(&owner);
    story.go(Verb::Start, State::InProgress);
    if call.at_once {
        return owner;
    }
    if story.rng.percent(42) {
        let laptop = scenario.needs == Gear::Laptop && story.rng.percent(40);
        let key = if laptop { "picked_up_laptop" } else { "picked_up" };
        if let Some(words) = story.one_of(teller.phrases(key)) {
            story.reply(words);
        }
    }
    steps(teller, plan, scenario, story, &owner, end, burns);
    owner
}

/// What was tried and said between taking it and the end of what is over.
fn steps<'a>(
    teller: &Teller<'a>,
    plan: &Plan,
    scenario: &'a Scenario,
    story: &mut Story<'a>,
    owner: &Name,
    end: Seconds,
    burns: bool,
) {
    let start = story.last();
    let long = teller.days.worked(end) - teller.days.worked(start) > 3 * HOUR;
    let count = 1 + story.rng.below(if long { 4 } else { 2 });
    let waits = long && plan.ties.is_empty() && matches!(plan.fate, Fate::Done(_)) && story.rng.percent(30);
    // What is found comes last of what was tried; where the work has only begun it may not be found yet.
    let found = if matches!(plan.fate, Fate::Done(_)) || story.rng.percent(55) { count - 1 } else { count };
    for step in 0..count {
        let part = (step as f64 + 0.3 + 0.6 * story.rng.fraction()) / (count as f64 + 0.6);
        let at = teller.between(start, end, part, burns);
        if waits && step + 1 == count && !scenario.asks.is_empty() {
            hold(teller, scenario, story, owner, HoldReason::Caller, at, false);
            answered(teller, scenario, story, owner, teller.between(at, end, 0.5, burns));
        }
        let at = if step + 1 == count { teller.between(story.last(), end, 0.3, burns).max(at) } else { at };
        story.act(at, owner);
        if step == found {
            story.note(case(plan, scenario).map_or("", |case| &case.note));
        } else if story.rng.percent(36) {
            let words = story.fresh(&scenario.replies).or_else(|| story.one_of(teller.phrases("going")));
            story.reply(words.unwrap_or_default());
        } else {
            let words = story.fresh(&scenario.notes).or_else(|| story.one_of(teller.phrases("worked")));
            story.note(words.unwrap_or_default());
        }
    }
    for twist in &plan.twists {
        if let Twist::Escalated(kind) = twist {
            escalate(teller, story, owner, *kind, teller.between(story.last(), end, 0.4, burns));
        }
    }
    if plan.twists.contains(&Twist::Reopened) {
        let at = teller.between(story.last(), end, 0.2, burns);
        resolve(teller, case(plan, scenario), story, owner, at, false);
        let back = teller.between(at, end, 0.35, burns).min(at + 6 * DAY);
        let caller = Name::new(story.ticket.text(&Field::Caller));
        story.act(back, owner);
        let words = story.one_of(teller.phrases("reopen")).unwrap_or_default();
        story.heard(&caller, words);
        for field in [Field::ResolutionCode, Field::Resolution, Field::Verified] {
            story.clear(field);
        }
        story.go(Verb::Reopen, State::InProgress);
        story.act(teller.between(back, end, 0.4, burns), owner);
        let words = story.one_of(teller.phrases("worked")).unwrap_or_default();
        story.note(words);
    }
}

/// A wrong group takes it, looks, and offers it to the right one.
fn bounce<'a>(teller: &Teller<'a>, story: &mut Story<'a>, end: Seconds, group: &Name) {
    const WRONG: &[&str] = &["Network", "Applications", "Identity", "Messaging", "Deskside Leeds"];
    let wrong = story.rng.pick(WRONG).copied().filter(|wrong| *wrong != group.as_str()).unwrap_or("Mobile");
    let registrar = story.ticket.owner.clone();
    let start = story.last();
    story.act(teller.between(start, end, 0.06, false), &registrar);
    story.word(Field::Group, wrong);
    let taker = teller.member(wrong, &mut story.rng);
    story.act(teller.between(start, end, 0.14, false), &taker);
    story.accept(&taker);
    story.go(Verb::Start, State::InProgress);
    story.act(teller.between(start, end, 0.3, false), &taker);
    let words = story.one_of(teller.phrases("bounce")).unwrap_or_default();
    story.note(words);
    story.name(Field::Group, group);
    story.offer(Party::Group(group.clone()), words, None);
}

/// The room of a major incident: candidate and acceptance, who does what, the first words to everybody.
fn major_room<'a>(teller: &Teller<'a>, story: &mut Story<'a>, analyst: &Name, manager: &Name, reason: &str) {
    let line = |text: &str| Clean::line(text);
    let impact = line("Whole site cannot work; orders and phones stand still.");
    let reason = story.filled(reason);
    story.major(MajorStep::Propose { reason, impact });
    story.major(MajorStep::Accept);
    story.set(Field::Major, Value::Flag(true));
    story.accept(manager);
    story.act(teller.later(story.last(), 2, true), manager);
    for (role, who) in [(MajorRole::IncidentManager, manager), (MajorRole::Scribe, analyst)] {
        story.major(MajorStep::Appoint { role, who: vec![who.clone()] });
    }
    story.major(MajorStep::Bridge { at: line("Bridge 4711, room Ada") });
    for who in [manager, analyst] {
        story.major(MajorStep::Join { who: who.clone() });
    }
    story.act(teller.later(story.last(), 5, true), manager);
    for audience in ["management", "service desk"] {
        let text = line("Serious fault, cause not yet known. We work on it; next words in half an hour.");
        story.major(MajorStep::Tell { audience: Name::new(audience), text });
    }
    story.act(teller.later(story.last(), 7, true), analyst);
    let logged = [
        (LineSort::Hypothesis, "Whatever was touched last night is the likeliest cause; all was well before."),
        (LineSort::Decision, "It is taken back unless another cause is found within the half hour."),
    ];
    for (sort, text) in logged {
        story.major(MajorStep::Write { sort, text: line(text) });
    }
    let group = story.ticket.text(&Field::Group).to_owned();
    story.act(teller.later(story.last(), 1, true), manager);
    story.offer(Party::Group(Name::new(&group)), "Lead the technical work; the room stays with me.", None);
}
