//! The tickets that are open at `now`, placed so that their clocks stand at every stage: fresh, at risk, minutes
//! before the breach, just breached, long breached, paused.

use crate::backend::sample::days::{DAY, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Counts, Fate, Plan, Planner, Twist, group_of};
use crate::backend::sample::teller::FIRST_LINE;
use crate::domain::change::EscalationKind;
use crate::domain::directory::Level;
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::state::{HoldReason, State};

/// Minutes to the first word, by priority. What the desk starts with; only used to place tickets.
const RESPONSE: [i64; 5] = [15, 30, 60, 240, 480];
/// Minutes to the resolution. The fifth is by agreement and has no clock.
const RESOLUTION: [i64; 5] = [240, 480, 1440, 2400, 4800];

/// Where the clocks of an open incident stand. Ranges are of a hundred of the target, or minutes.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Nobody has answered; of the response target.
    Unseen(i64, i64),
    /// In a group's queue; of the resolution target.
    Queued(i64, i64),
    Working(i64, i64),
    /// So many minutes before the resolution is due; negative is after.
    Minutes(i64, i64),
    /// On hold since so many working hours.
    Held(HoldReason, i64, i64),
    Reopened,
}

/// The open incidents of the default desk.
const INCIDENTS: &[(Stage, usize)] = &[
    (Stage::Unseen(3, 55), 19),
    (Stage::Unseen(76, 97), 7),
    (Stage::Unseen(101, 170), 6),
    (Stage::Queued(4, 45), 20),
    (Stage::Queued(76, 94), 4),
    (Stage::Working(3, 48), 38),
    (Stage::Working(52, 74), 10),
    (Stage::Working(76, 95), 14),
    (Stage::Minutes(2, 24), 8),
    (Stage::Minutes(-40, -1), 7),
    (Stage::Working(115, 300), 10),
    (Stage::Held(HoldReason::Caller, 2, 44), 17),
    (Stage::Held(HoldReason::Vendor, 3, 60), 6),
    (Stage::Held(HoldReason::Parts, 4, 50), 6),
    (Stage::Held(HoldReason::Scheduled, 2, 20), 5),
    (Stage::Reopened, 5),
];

/// Adds the open incidents of the usual run; storms and problems add their own.
pub(super) fn incidents(planner: &mut Planner<'_>, counts: &Counts) {
    let mut made = Vec::new();
    for &(stage, number) in INCIDENTS {
        for _ in 0..counts.open(number) {
            let mut text = planner.draw(Kind::Incident, true);
            let mut case = case_for(planner, text, stage);
            for _ in 0..500 {
                if case.is_some() {
                    break;
                }
                text = planner.draw(Kind::Incident, true);
                case = case_for(planner, text, stage);
            }
            let mut plan = planner.sketch(Kind::Incident, text, Fate::Working);
            plan.variant = case.flatten().unwrap_or(plan.variant);
            place(planner, &mut plan, stage);
            plan.opened -= planner.rng.within(0, 49);
            made.push(plan);
        }
    }
    spice(planner, &mut made);
    learners(planner, &mut made);
    alarms(planner, &mut made);
    twice(planner, &mut made, counts.open(3));
    planner.plans.append(&mut made);
}

/// A case of the scenario that can stand so: what waits for a part or a supplier is one that such a thing cures. The
/// inner option is none where any case will do.
fn case_for(planner: &mut Planner<'_>, text: usize, stage: Stage) -> Option<Option<usize>> {
    let cures: &[&str] = match stage {
        Stage::Held(HoldReason::Parts, ..) => &["Hardware replaced"],
        Stage::Held(HoldReason::Vendor, ..) => &["Fixed by supplier"],
        _ => return Some(None),
    };
    let cases = &planner.texts.incidents.get(text)?.cases;
    let fit: Vec<usize> = (0..cases.len()).filter(|index| cures.contains(&cases[*index].code.as_str())).collect();
    planner.rng.pick(&fit).copied().map(Some)
}

/// Some of the highest priority, whose clocks run day and night: minutes before the breach, fresh, just breached.
const ALARMS: [(&str, Seconds); 3] =
    [("claims-down", 3 * HOUR + 51 * MINUTE), ("exec-signin", 24 * MINUTE), ("site-slow", 4 * HOUR + 25 * MINUTE)];

fn alarms(planner: &mut Planner<'_>, made: &mut Vec<Plan>) {
    for (key, age) in ALARMS {
        let Some(text) = planner.incident(key) else { continue };
        let mut plan = planner.sketch(Kind::Incident, text, Fate::Working);
        (plan.impact, plan.urgency, plan.opened) = (1, 1, planner.now - age);
        made.push(plan);
    }
}

fn place(planner: &mut Planner<'_>, plan: &mut Plan, stage: Stage) {
    // What is by agreement has no clock that could be at a stage.
    if plan.impact + plan.urgency == 6 && !matches!(stage, Stage::Unseen(..) | Stage::Queued(..)) {
        plan.urgency = 2;
    }
    let class = (plan.impact + plan.urgency - 2).min(4) as usize;
    let (response, resolution) = (RESPONSE[class] * MINUTE, RESOLUTION[class] * MINUTE);
    let of = |rng: &mut super::rng::Rng, target: Seconds, low: i64, high: i64| target * rng.within(low, high) / 100;
    let now = planner.now;
    let elapsed = match stage {
        Stage::Unseen(low, high) => {
            plan.fate = Fate::Fresh;
            of(&mut planner.rng, response, low, high)
        }
        Stage::Queued(low, high) => {
            plan.fate = Fate::Queued;
            of(&mut planner.rng, resolution, low, high)
        }
        Stage::Working(low, high) => of(&mut planner.rng, resolution, low, high),
        Stage::Minutes(low, high) => resolution - planner.rng.within(low, high) * MINUTE,
        Stage::Held(reason, low, high) => {
            let since = planner.days.shift(now, -planner.rng.within(low * 60, high * 60) * MINUTE);
            plan.fate = Fate::Held(reason, since);
            let before = resolution * planner.rng.within(8, 92) / 100;
            plan.opened = planner.days.shift(since, -before.max(30 * MINUTE));
            return;
        }
        Stage::Reopened => {
            plan.twists.push(Twist::Reopened);
            resolution * planner.rng.within(60, 130) / 100
        }
    };
    plan.opened =
        if class == 0 { now - elapsed } else { planner.days.shift(now, -elapsed).min(now - elapsed.min(2 * MINUTE)) };
    // A desk that sleeps still gets mail: some of what nobody has seen came in since it closed.
    if plan.fate == Fate::Fresh && !planner.days.is_open(now) && planner.rng.percent(40) {
        plan.opened = now - planner.rng.within(12, 9 * 60) * MINUTE;
    }
}

/// The same thing told by a second person of the same place, not yet seen by anybody: to be merged.
fn twice(planner: &mut Planner<'_>, made: &mut Vec<Plan>, number: usize) {
    let recent = |plan: &&Plan| {
        let age = planner.now - plan.opened;
        matches!(plan.fate, Fate::Working | Fate::Queued)
            && (40 * MINUTE..3 * DAY).contains(&age)
            && plan.item.is_none()
    };
    let firsts: Vec<Plan> = made.iter().filter(recent).take(number).cloned().collect();
    for first in firsts {
        let mut second = Plan { fate: Fate::Fresh, twists: Vec::new(), owner: None, ..first };
        let place = |caller: Option<usize>| planner.world.customers.get(caller?).map(|customer| &customer.place);
        let here = (0..planner.world.customers.len())
            .map(Some)
            .filter(|c| *c != first.caller && place(*c) == place(first.caller));
        second.caller = here.max_by_key(|caller| caller.map(|index| index * 7919 % 301)).flatten();
        second.opened = planner.now - planner.rng.within(4, 35) * MINUTE;
        made.push(second);
    }
}

/// Offers, promises, callers who wait: spread over the open incidents.
fn spice(planner: &mut Planner<'_>, made: &mut [Plan]) {
    let mut order: Vec<usize> = (0..made.len()).collect();
    planner.rng.shuffle(&mut order);
    let (mut to_me, mut to_mine, mut to_others, mut promised) = (0, 0, 0, 0);
    let many = made.len();
    for index in order {
        let roll = planner.rng.below(100);
        let mine = is_mine(planner, &made[index]);
        let plan = &mut made[index];
        match plan.fate {
            Fate::Fresh if roll < 15 => plan.twists.push(Twist::Chased),
            Fate::Queued if mine && to_mine * 40 < many => {
                to_mine += 1;
                plan.twists.push(Twist::OfferedToGroup);
            }
            Fate::Queued if !mine && to_others * 60 < many => {
                to_others += 1;
                plan.twists.push(Twist::OfferedToGroup);
            }
            Fate::Queued if mine && to_me * 60 < many => {
                to_me += 1;
                plan.twists.push(Twist::OfferedToMe);
            }
            Fate::Working => {
                if roll < 14 {
                    plan.twists.push(Twist::Unanswered);
                } else if mine && to_me * 25 < many {
                    to_me += 1;
                    plan.twists.push(Twist::OfferedToMe);
                } else if roll < 24 {
                    plan.twists.push(Twist::Bounced);
                } else if roll < 34 {
                    let kind = planner.kind_of_escalation();
                    plan.twists.push(Twist::Escalated(kind));
                } else if roll < 37 {
                    plan.twists.push(Twist::Overridden(2));
                }
                if promised * 9 < many && planner.rng.percent(50) {
                    promised += 1;
                    // Missed, due in minutes, due tomorrow.
                    let minutes = [-210, -35, 8, 25, 55, 140, 1300][promised % 7] + planner.rng.within(-4, 4);
                    plan.twists.push(Twist::Promised(spoken(planner.now + minutes * MINUTE)));
                }
            }
            Fate::Held(HoldReason::Vendor, _) if roll < 60 => {
                plan.twists.push(Twist::Escalated(EscalationKind::Supplier));
            }
            _ => {}
        }
    }
}

/// A few calls of the first line are worked on by those who still learn.
fn learners(planner: &Planner<'_>, made: &mut [Plan]) {
    let level = |login: &Name| planner.world.directory.person(login).and_then(|person| person.level);
    let learn = planner.world.members(FIRST_LINE).iter().filter(|login| level(login) == Some(Level::Associate));
    let plain = made.iter_mut().filter(|plan| {
        let scenario = planner.texts.incidents.get(plan.text);
        let group = scenario.map(|scenario| group_of(planner.texts, planner.world, plan, scenario));
        let first = group.is_some_and(|group| *group == *FIRST_LINE);
        first && plan.fate == Fate::Working && plan.twists.is_empty()
    });
    for (plan, login) in plain.zip(learn.cycle()).take(4) {
        plan.owner = Some(login.clone());
    }
}

/// People promise round times.
fn spoken(at: Seconds) -> Seconds {
    at - at.rem_euclid(5 * MINUTE)
}

/// Whether it ends up in a group of the person at the keyboard.
fn is_mine(planner: &Planner<'_>, plan: &Plan) -> bool {
    let Some(scenario) = planner.texts.incidents.get(plan.text) else { return false };
    let group = group_of(planner.texts, planner.world, plan, scenario);
    planner.world.members(&group).contains(&planner.world.me)
}

/// The open requests of the default desk: state, number, working hours since they came.
const REQUESTS: &[(Fate, usize, i64, i64)] = &[
    (Fate::Fresh, 12, 0, 9),
    (Fate::At(State::WaitingForApproval), 22, 1, 45),
    (Fate::At(State::Approved), 12, 3, 40),
    (Fate::Working, 28, 4, 90),
    (Fate::Held(HoldReason::Vendor, 0), 4, 20, 90),
    (Fate::Held(HoldReason::Parts, 0), 3, 20, 90),
    (Fate::Held(HoldReason::Caller, 0), 4, 8, 60),
    (Fate::At(State::Draft), 2, 1, 30),
];

/// Adds the open requests.
pub(super) fn requests(planner: &mut Planner<'_>, counts: &Counts) {
    let mut made = Vec::new();
    for &(fate, number, low, high) in REQUESTS {
        let approval = matches!(fate, Fate::At(_));
        for _ in 0..counts.open(number) {
            let mut text = planner.draw(Kind::Request, true);
            for _ in 0..40 {
                if planner.texts.requests.get(text).is_none_or(|scenario| scenario.approval == approval) {
                    break;
                }
                text = planner.draw(Kind::Request, true);
            }
            let mut plan = planner.sketch(Kind::Request, text, fate);
            let age = planner.rng.within(low * 60 + 4, high * 60) * MINUTE;
            plan.opened =
                planner.days.shift(planner.now, -age).min(planner.now - 4 * MINUTE) - planner.rng.within(0, 49);
            if let Fate::Held(reason, _) = fate {
                let since = planner.days.shift(planner.now, -age / 2);
                plan.fate = Fate::Held(reason, since);
            }
            if fate == Fate::Working && planner.rng.percent(35) {
                let minutes = planner.rng.within(-300, 2 * DAY / MINUTE);
                plan.twists.push(Twist::Promised(spoken(planner.now + minutes * MINUTE)));
            }
            if fate == Fate::Working && planner.rng.percent(12) {
                plan.twists.push(Twist::OfferedToMe);
            }
            made.push(plan);
        }
    }
    planner.plans.append(&mut made);
}
