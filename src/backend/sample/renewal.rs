//! The changes of the sample desk: planned, under way, made; and one made yesterday on a laptop whose user calls today.

use crate::backend::sample::days::{DAY, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Counts, Fate, Plan, Planner, Twist};
use crate::backend::sample::text::{ChangeText, Gear};
use crate::domain::kind::Kind;
use crate::domain::state::State;

/// The open changes of the default desk, and the types that know the state.
const CHANGES: &[(State, usize, &[&str])] = &[
    (State::New, 4, &["normal", "emergency"]),
    (State::Assess, 5, &["normal"]),
    (State::Authorize, 5, &["normal", "emergency"]),
    (State::Scheduled, 9, &["normal", "standard"]),
    (State::Implement, 3, &["normal", "standard", "emergency"]),
    (State::Review, 4, &["normal", "standard", "emergency"]),
];

/// Adds the changes, the open ones first, and the pair of a change of yesterday and today's incident on its asset.
pub(super) fn changes(planner: &mut Planner<'_>, counts: &Counts) {
    yesterday(planner);
    let mut turn = 0;
    for &(state, number, types) in CHANGES {
        for _ in 0..counts.open(number) {
            if planner.plans.len() + 1 >= counts.changes {
                break;
            }
            let Some(text) = next_of(planner, types, &mut turn) else { continue };
            let plan = open_change(planner, text, state);
            planner.plans.push(plan);
        }
    }
    while planner.plans.iter().filter(|plan| plan.kind == Kind::Change).count() < counts.changes {
        let Some(text) = next_of(planner, &["normal", "standard", "emergency", "standard"], &mut turn) else { break };
        let days = planner.rng.within(2, planner.period - 3);
        let (start, length) = window(planner, text, -days);
        let lead = lead(planner, text);
        let mut plan = sketch(planner, text, Fate::Done(start + length), start - lead);
        if planner.rng.percent(5) {
            plan.fate = Fate::Dropped(start - lead / 2);
        }
        plan.twists.push(Twist::Window(start, length));
        planner.plans.push(plan);
    }
    unauthorised(planner);
    untried(planner);
}

/// One of the new changes was made before anybody asked; the board looks at it afterwards.
fn unauthorised(planner: &mut Planner<'_>) {
    let wanted = planner.texts.changes.iter().position(|change| change.r#type == "retrospective");
    let is_new = |plan: &&mut Plan| plan.kind == Kind::Change && plan.fate == Fate::At(State::New);
    let (Some(index), Some(plan)) = (wanted, planner.plans.iter_mut().find(is_new)) else { return };
    (plan.text, plan.variant, plan.fate) = (index, 0, Fate::At(State::Authorize));
    plan.twists = vec![Twist::Window(plan.opened - 5 * HOUR, HOUR)];
}

/// One of the scheduled changes is risky and could not be tried before.
fn untried(planner: &mut Planner<'_>) {
    let wanted = planner.texts.changes.iter().position(|change| change.key == "wifi-controller");
    let texts = &planner.texts.changes;
    let fits = |plan: &&mut Plan| {
        plan.kind == Kind::Change
            && plan.fate == Fate::At(State::Scheduled)
            && texts.get(plan.text).is_some_and(|text| text.r#type == "normal")
    };
    let (Some(index), Some(plan)) = (wanted, planner.plans.iter_mut().find(fits)) else { return };
    (plan.text, plan.item) = (index, None);
    plan.twists.push(Twist::Untried);
}

/// The next change text of one of these types, in turn.
fn next_of(planner: &Planner<'_>, types: &[&str], turn: &mut usize) -> Option<usize> {
    let texts = &planner.texts.changes;
    for _ in 0..texts.len() {
        *turn += 1;
        let at = *turn % texts.len();
        if types.contains(&texts[at].r#type.as_str()) {
            return Some(at);
        }
    }
    None
}

fn text<'a>(planner: &Planner<'a>, index: usize) -> Option<&'a ChangeText> {
    planner.texts.changes.get(index)
}

fn window(planner: &Planner<'_>, index: usize, days: i64) -> (Seconds, Seconds) {
    let [hour, length] = text(planner, index).map_or([18, 2], |change| change.window);
    (planner.days.local_hour(planner.now, days, hour), i64::from(length) * HOUR)
}

/// How long before its start a change is raised.
fn lead(planner: &mut Planner<'_>, index: usize) -> Seconds {
    let kind = text(planner, index).map_or("normal", |change| change.r#type.as_str()).to_owned();
    match kind.as_str() {
        "emergency" => planner.rng.within(2 * HOUR, 7 * HOUR),
        "standard" => planner.rng.within(DAY, 4 * DAY),
        _ => planner.rng.within(5 * DAY, 15 * DAY),
    }
}

fn sketch(planner: &mut Planner<'_>, index: usize, fate: Fate, opened: Seconds) -> Plan {
    let (needs, [impact, urgency]) = text(planner, index).map_or((Gear::None, [3, 3]), |c| (c.needs, c.rate));
    // Nobody calls about a change; the words need somebody's floor and department.
    let (caller, item) = planner.caller(needs);
    Plan {
        kind: Kind::Change,
        text: index,
        // Each of its titles in turn.
        variant: planner.plans.iter().filter(|plan| plan.kind == Kind::Change && plan.text == index).count(),
        opened,
        impact,
        urgency,
        caller: Some(caller),
        item,
        fate,
        owner: None,
        twists: Vec::new(),
        ties: Vec::new(),
    }
}

fn open_change(planner: &mut Planner<'_>, index: usize, state: State) -> Plan {
    let now = planner.now;
    let (start, length) = match state {
        State::Implement => (now - planner.rng.within(20, 100) * MINUTE, 4 * HOUR),
        State::Review => {
            let days = planner.rng.within(1, 3);
            window(planner, index, -days)
        }
        State::Scheduled => {
            let days = planner.rng.within(1, 9);
            window(planner, index, days)
        }
        _ => {
            let days = planner.rng.within(7, 24);
            window(planner, index, days)
        }
    };
    let lead = lead(planner, index);
    let opened = match state {
        State::New => planner.days.shift(now, -planner.rng.within(1, 20) * HOUR),
        State::Assess | State::Authorize | State::Scheduled => {
            planner.days.shift(now, -planner.rng.within(22, 70) * HOUR)
        }
        _ => start.min(now) - lead,
    };
    let mut plan = sketch(planner, index, Fate::At(state), opened);
    plan.twists.push(Twist::Window(start, length));
    plan
}

/// A change made yesterday on a laptop whose user calls today. Nobody has linked the two yet.
fn yesterday(planner: &mut Planner<'_>) {
    let Some(change) = planner.texts.changes.iter().position(|change| change.key == "bios-pilot") else { return };
    let Some(incident) = planner.incident("dock-after-bios") else { return };
    let (start, length) = (planner.days.local_hour(planner.now, -1, 18), 2 * HOUR);
    let mut raised = sketch(planner, change, Fate::At(State::Review), start - 6 * DAY);
    raised.twists.push(Twist::Window(start, length));
    let mut called = planner.sketch(Kind::Incident, incident, Fate::Queued);
    called.item = raised.item;
    called.caller = raised.item.and_then(|(sort, index)| planner.world.gear.get(&sort)?.get(index)?.customer);
    called.opened = planner.now - 48 * MINUTE;
    planner.plans.extend([raised, called]);
}
