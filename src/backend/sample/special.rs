//! What makes a desk more than a row of tickets: problems, storms of calls, the same printer again and again,
//! duplicates, and the links between all these.

use crate::backend::sample::days::{DAY, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Bond, Counts, Fate, Plan, Planner, Twist};
use crate::domain::change::LinkKind;
use crate::domain::kind::Kind;
use crate::domain::state::{HoldReason, State};

/// Adds the problems; those that name a change are linked to one of its kind.
pub(super) fn problems(planner: &mut Planner<'_>, counts: &Counts) {
    let texts = planner.texts.problems.len().max(1);
    for number in 0..counts.problems {
        let Some(problem) = planner.texts.problems.get(number % texts) else { break };
        // A desk with more problems than texts had the others long ago.
        let again = i64::try_from(number / texts).unwrap_or(0);
        let spread = (again * 97 + i64::try_from(number).unwrap_or(0) * 13) % (planner.period - 45).max(1);
        let age = if again > 0 { 40 + spread } else { problem.age };
        let opened = planner.days.shift(planner.now - age * DAY, planner.rng.within(10, 400) * MINUTE);
        let state = if again > 0 { State::Closed } else { problem.state };
        let fate = match state {
            State::Resolved => Fate::Done(planner.days.shift(planner.now, -planner.rng.within(8, 40) * HOUR)),
            State::Closed => Fate::Done(planner.days.shift(opened, planner.rng.within(40, 160) * HOUR)),
            State::Cancelled => Fate::Dropped(planner.days.shift(opened, 9 * HOUR)),
            state => Fate::At(state),
        };
        let mut plan = Plan {
            kind: Kind::Problem,
            text: number % texts,
            variant: 0,
            opened: opened.min(planner.now - HOUR),
            impact: problem.rate[0],
            urgency: problem.rate[1],
            caller: None,
            item: None,
            fate,
            owner: None,
            twists: Vec::new(),
            ties: Vec::new(),
        };
        let cure = problem.change.as_ref().and_then(|key| {
            let wanted = planner.texts.changes.iter().position(|change| change.key == *key)?;
            let fits = |plan: &Plan| {
                plan.kind == Kind::Change && plan.text == wanted && !matches!(plan.fate, Fate::Dropped(_))
            };
            planner.plans.iter().position(fits)
        });
        if let (Some(other), true) = (cure, again == 0) {
            let raised = planner.plans.get(other).map_or(opened, |change| change.opened);
            let at = raised.max(plan.opened + 26 * HOUR) + 10 * MINUTE;
            plan.ties.push(Bond { how: LinkKind::FixedBy, other, at });
        }
        planner.plans.push(plan);
    }
}

/// The VPN morning of some weeks ago, a live outage, the docks of the last days, the printer that always jams.
pub(super) fn storms(planner: &mut Planner<'_>) {
    let rounds = (planner.period / 100).max(1);
    for round in 0..rounds {
        let back = 17 + round * 61;
        let morning = planner.days.shift(planner.days.local_hour(planner.now, -back, 9), 4 * MINUTE);
        outage(planner, ("vpn-outage", None), morning, Some(morning + 2 * HOUR + 20 * MINUTE), 30);
    }
    outage(planner, ("wifi-outage", Some("Cardiff")), planner.now - 74 * MINUTE, None, 8);
    repeats(planner, "dock-firmware", 22, 9, None);
    repeats(planner, "printer-jam", 9, 28, Some(0));
    repeats(planner, "room-display", 7, 24, Some(1));
    repeats(planner, "outlook-search", 8, 12, None);
}

/// Many callers, all of one site where one is named, about one thing within the hour: the first is the parent, and
/// major.
fn outage(
    planner: &mut Planner<'_>,
    (key, site): (&str, Option<&str>),
    start: Seconds,
    end: Option<Seconds>,
    calls: usize,
) {
    let Some(text) = planner.incident(key) else { return };
    let parent = planner.plans.len();
    for call in 0..calls {
        let mut plan = planner.sketch(Kind::Incident, text, Fate::Working);
        let first = call == 0;
        plan.variant = call;
        for _ in 0..200 {
            let called = plan.caller.and_then(|caller| planner.world.customers.get(caller)).map(|c| c.site);
            let place = called.and_then(|site| planner.world.sites.get(site)).map(|held| held.name.as_str());
            if site.is_none() || place == site {
                break;
            }
            plan.caller = Some(planner.world.caller(&mut planner.rng));
        }
        let minutes = planner.rng.within(2, 56);
        plan.opened = if first { start } else { start + minutes * MINUTE + planner.rng.within(0, 59) };
        plan.fate = match end {
            Some(end) => Fate::Done(end + if first { 0 } else { planner.rng.within(3, 40) * MINUTE }),
            None if first || call % 3 == 0 => Fate::Working,
            None => Fate::Queued,
        };
        if first {
            (plan.impact, plan.urgency) = (1, 1);
            plan.twists.push(Twist::Major);
        } else {
            (plan.impact, plan.urgency) = (3, 1 + u32::from(call % 4 != 0));
            let at = (plan.opened + planner.rng.within(3, 9) * MINUTE).min(planner.now);
            plan.ties.push(Bond { how: LinkKind::ChildOf, other: parent, at });
        }
        planner.plans.push(plan);
    }
}

/// The same thing over and over within so many days; always on the same piece of gear where one is given.
fn repeats(planner: &mut Planner<'_>, key: &str, calls: usize, days: i64, same: Option<usize>) {
    let Some(text) = planner.incident(key) else { return };
    for call in 0..calls {
        let mut plan = planner.sketch(Kind::Incident, text, Fate::Working);
        let back = planner.rng.within(0, days * 600 * 5 / 7) * MINUTE;
        plan.opened = planner.days.shift(planner.now, -back - 40 * MINUTE);
        let length = planner.rng.within(2, 9) * HOUR;
        let end = planner.days.shift(plan.opened, length);
        plan.fate = if end < planner.now - HOUR { Fate::Done(end) } else { Fate::Queued };
        if key == "dock-firmware" && call % 5 == 0 {
            plan.fate = Fate::Working;
        }
        if let (Some(index), Some((sort, _))) = (same, plan.item) {
            plan.item = Some((sort, index));
            let site = planner.world.gear.get(&sort).and_then(|items| items.get(index)).map(|item| item.site);
            for _ in 0..60 {
                let caller = planner.world.caller(&mut planner.rng);
                if planner.world.customers.get(caller).map(|customer| customer.site) == site {
                    plan.caller = Some(caller);
                    break;
                }
            }
        }
        planner.plans.push(plan);
    }
}

/// Links incidents to the problems that they show. Some of those that are open wait for the problem.
pub(super) fn evidence(planner: &mut Planner<'_>) {
    for problem in 0..planner.plans.len() {
        let Plan { kind: Kind::Problem, text, opened, fate, .. } = planner.plans[problem] else { continue };
        let Some(shows) = planner.texts.problems.get(text).map(|held| &held.shows) else { continue };
        let matching: Vec<usize> = shows.iter().filter_map(|key| planner.incident(key)).collect();
        let until = if let Fate::Done(end) | Fate::Dropped(end) = fate { end - HOUR } else { planner.now };
        let mut linked = 0;
        for index in 0..planner.plans.len() {
            let plan = &mut planner.plans[index];
            let near = plan.opened > opened - 21 * DAY && plan.opened < until;
            let free = plan.ties.is_empty() && !matches!(plan.fate, Fate::Fresh | Fate::Dropped(_));
            if plan.kind != Kind::Incident || !matching.contains(&plan.text) || !near || !free || linked == 14 {
                continue;
            }
            linked += 1;
            let mut at = (plan.opened + 25 * MINUTE).max(opened + 12 * MINUTE * linked);
            if plan.fate == Fate::Working && linked % 2 == 0 && matches!(fate, Fate::At(_)) {
                let since = planner.days.shift(at, 20 * MINUTE);
                if since < planner.now - 10 * MINUTE {
                    plan.fate = Fate::Held(HoldReason::Problem, since);
                    plan.twists.clear();
                    at = at.min(since - MINUTE);
                }
            }
            if at < planner.now {
                plan.ties.push(Bond { how: LinkKind::ProblemIs, other: problem, at });
            }
        }
    }
}

/// A few dropped incidents are duplicates of one that came shortly before; a few open ones wait for a change.
pub(super) fn duplicates(planner: &mut Planner<'_>) {
    let mut last: Vec<Option<usize>> = vec![None; planner.texts.incidents.len()];
    let mut order: Vec<usize> = (0..planner.plans.len()).filter(|i| planner.plans[*i].kind == Kind::Incident).collect();
    order.sort_by_key(|index| planner.plans[*index].opened);
    for index in order {
        let text = planner.plans[index].text;
        let Some(slot) = last.get_mut(text) else { continue };
        let Fate::Dropped(at) = planner.plans[index].fate else {
            *slot = Some(index);
            continue;
        };
        if let Some(other) = *slot {
            let (caller, item) = (planner.plans[other].caller, planner.plans[other].item);
            let plan = &mut planner.plans[index];
            (plan.caller, plan.item) = (caller, item);
            plan.ties.push(Bond { how: LinkKind::DuplicateOf, other, at: at - MINUTE });
        }
    }
    let waiting = planner.plans.iter().position(|p| p.kind == Kind::Change && p.fate == Fate::At(State::Scheduled));
    let Some(change) = waiting else { return };
    let raised = planner.plans[change].opened;
    let now = planner.now;
    let fits = |plan: &Plan| {
        plan.kind == Kind::Incident
            && plan.fate == Fate::Working
            && plan.ties.is_empty()
            && plan.twists.is_empty()
            && plan.opened < now - 8 * HOUR
    };
    let found: Vec<usize> = (0..planner.plans.len()).filter(|i| fits(&planner.plans[*i])).take(4).collect();
    for index in found {
        let plan = &mut planner.plans[index];
        let since = (plan.opened + 3 * HOUR).max(raised + HOUR);
        if since < now - HOUR {
            plan.fate = Fate::Held(HoldReason::Change, since);
            plan.ties.push(Bond { how: LinkKind::FixedBy, other: change, at: since - MINUTE });
        }
    }
}
