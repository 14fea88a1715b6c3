//! What holds of every clock, over random calendars, promises and lives of tickets.

use std::collections::BTreeMap;

use deskside::domain::kind::Kind;
use deskside::domain::sla::{ClockState, ReadingState, Tracker, Verdict, WhatIf, evaluate, explain, glance, what_if};
use deskside::domain::state::HoldReason;
use deskside::domain::summary::GlanceState;
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::domain::calendar::calendars;

const DAY: i64 = 24 * HOUR;

fn start() -> Timestamp {
    at("2026-03-20T09:00:00Z")
}

fn mark() -> impl Strategy<Value = MarkKind> {
    let reason = prop::sample::select(HoldReason::ALL.to_vec());
    prop_oneof![
        2 => (1u8..=5).prop_map(MarkKind::Priority),
        1 => prop::sample::select(vec![Kind::Incident, Kind::Request]).prop_map(MarkKind::Kind),
        4 => reason.prop_map(MarkKind::Hold),
        4 => Just(MarkKind::Resume),
        1 => Just(MarkKind::Responded),
        2 => Just(MarkKind::Resolved),
        2 => Just(MarkKind::Reopened),
        1 => Just(MarkKind::Closed),
        1 => Just(MarkKind::Cancelled),
        2 => Just(MarkKind::PublicUpdate),
        2 => Just(MarkKind::CallerMessage),
    ]
}

/// A ticket's life over some weeks; several marks may share an instant, some precede the opening.
fn life() -> impl Strategy<Value = Facts> {
    let marks = prop::collection::vec((-2i64..400, mark()), 0..14);
    (marks, 1u8..=5, 0i64..3).prop_map(|(marks, priority, late)| {
        let created = start() + SignedDuration::from_hours(late);
        let born = Mark { at: created, seq: 0, what: MarkKind::Priority(priority) };
        let later = marks.into_iter().enumerate().map(|(i, (hours, what))| Mark {
            at: start() + SignedDuration::from_hours(hours),
            seq: i as u64 + 1,
            what,
        });
        Facts { opened: start(), created, marks: std::iter::once(born).chain(later).collect() }
    })
}

/// Promises of every metric over one random calendar and the always open one.
fn policies() -> impl Strategy<Value = Policy> {
    let choice = |values: &[&'static str]| prop::sample::select(values.to_vec());
    (
        calendars(),
        choice(&["retro", "restart", "stricter_only"]),
        choice(&["continue", "elapsed_through", "new_cycle"]),
        choice(&["last_update", "last_message", "first_message"]),
        choice(&["opened_at", "created_at"]),
        any::<bool>(),
        0i64..60,
    )
        .prop_map(|((here, _), retarget, reopen, since, start, retro_pause, hours)| {
            let more = format!(
                "retarget = '{retarget}'\nreopen = '{reopen}'\nstart = '{start}'\nretro_pause = {retro_pause}"
            );
            let text = |name: &str, metric: &str, priorities: &str, target: &str, calendar: &str| {
                format!(
                    "name = '{name}'\nmetric = '{metric}'\npriorities = {priorities}\ntarget = '{target}'\ncalendar = '{calendar}'\n{more}"
                )
            };
            let definitions = [
                text("R", "response", "[]", "1h", "here"),
                text("P1", "resolution", "[1]", "4h", "always"),
                text("P2", "resolution", "[2]", &format!("{hours}h"), "here"),
                text("P3", "resolution", "[3, 4]", "40h", "here") + "\npause = ['vendor', 'caller']",
                text("P5", "resolution", "[5]", "none", "here"),
                text("O", "ola", "[1, 2, 3]", "10h", "here") + "\nkinds = ['incident']",
                text("U", "update", "[1, 2, 3, 4]", "6h", "here") + &format!("\nsince = '{since}'"),
            ];
            let calendars = BTreeMap::from([("here".to_owned(), here), ("always".to_owned(), always())]);
            Policy::new(definitions.iter().map(|d| definition(d)).collect(), calendars).unwrap()
        })
}

fn instants() -> impl Strategy<Value = Timestamp> {
    (-DAY..30 * DAY).prop_map(|ms| start() + SignedDuration::from_millis(ms))
}

/// After every mark, as a clock wants to be read.
fn afterwards() -> impl Strategy<Value = Timestamp> {
    (400 * HOUR..60 * DAY).prop_map(|ms| start() + SignedDuration::from_millis(ms))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_explained_adds_up_to_what_is_read(policy in policies(), facts in life(), now in instants()) {
        for clock in evaluate(&policy, &facts) {
            let reading = clock.at(now);
            let rows = explain(&clock, now);
            prop_assert!(rows.windows(2).all(|p| p[0].to == p[1].from), "{:?}", rows);
            prop_assert!(rows.iter().all(|r| r.from < r.to && r.ms == r.to.as_millisecond() - r.from.as_millisecond()));
            if facts.opened < now {
                prop_assert_eq!(rows.first().map(|r| r.from), Some(facts.opened));
                prop_assert_eq!(rows.last().map(|r| r.to), Some(now));
            }
            let sum = |which: fn(Verdict) -> bool| rows.iter().filter(|r| which(r.counted)).map(|r| r.ms).sum::<i64>();
            prop_assert_eq!(sum(|v| v == Verdict::Counted), reading.used_ms);
            prop_assert_eq!(sum(|v| matches!(v, Verdict::Paused(_))), reading.paused_ms);
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(policy in policies(), facts in life(), seed in any::<u64>()) {
        let mut shuffled = facts.clone();
        let key = |m: &Mark| m.seq.wrapping_add(7).wrapping_mul(seed | 1).rotate_left(17);
        shuffled.marks.sort_by_key(key);
        prop_assert_eq!(evaluate(&policy, &shuffled), evaluate(&policy, &facts));
    }

    #[test]
    fn step_by_step_is_the_same_as_anew(policy in policies(), facts in life()) {
        let marks = facts.ordered();
        let mut tracker = Tracker::new(&policy, facts.opened, facts.created);
        for n in 0..marks.len() {
            tracker.push(&marks[n]);
            let so_far = Facts { marks: marks[..=n].to_vec(), ..facts };
            prop_assert_eq!(tracker.clocks(), evaluate(&policy, &so_far));
        }
    }

    #[test]
    fn due_is_when_the_target_is_used_and_not_before(policy in policies(), facts in life()) {
        let last = facts.marks.iter().map(|m| m.at).max().unwrap();
        for clock in evaluate(&policy, &facts) {
            let Some(due) = clock.due.filter(|_| clock.state == ClockState::Running) else { continue };
            prop_assert_eq!(clock.at(due).used_ms, clock.target_ms);
            if clock.target_ms > 0 {
                prop_assert_eq!(clock.at(due - SignedDuration::from_millis(1)).used_ms, clock.target_ms - 1);
            }
            prop_assert!(clock.at(due).remaining_ms == 0);
            if due > last {
                prop_assert_ne!(clock.at(due).state, ReadingState::Breached);
            }
        }
    }

    #[test]
    fn breached_is_less_than_nothing_left_and_nothing_else(policy in policies(), facts in life(), now in afterwards()) {
        for clock in evaluate(&policy, &facts) {
            let reading = clock.at(now);
            prop_assert_eq!(reading.remaining_ms, reading.target_ms - reading.used_ms);
            if !matches!(reading.state, ReadingState::NotStarted | ReadingState::Cancelled) {
                prop_assert_eq!(reading.state == ReadingState::Breached, reading.remaining_ms < 0);
            }
            prop_assert!(reading.used_ms + reading.paused_ms <= reading.elapsed_ms);
            prop_assert_eq!(reading.breached_since.is_some(), reading.remaining_ms < 0);
            if let Some(tenths) = reading.percent().tenths() {
                prop_assert!(reading.remaining_ms < 0 || tenths <= 1000);
                prop_assert!(reading.remaining_ms == 0 || tenths != 1000 || reading.remaining_ms < 0);
            }
        }
    }

    #[test]
    fn thresholds_are_crossed_once_whatever_the_interval(policy in policies(), facts in life(), mut cuts in prop::collection::vec(instants(), 0..6)) {
        let (from, to) = (start() - SignedDuration::from_hours(48), start() + SignedDuration::from_hours(24 * 40));
        cuts.extend([from, to]);
        cuts.sort();
        for clock in evaluate(&policy, &facts) {
            let whole = clock.crossings(from, to);
            let parts: Vec<_> = cuts.windows(2).flat_map(|p| clock.crossings(p[0], p[1])).collect();
            prop_assert_eq!(&whole, &parts);
            let mut seen: Vec<_> = whole.iter().map(|c| (c.cycle, c.percent)).collect();
            seen.sort_unstable();
            seen.dedup();
            prop_assert_eq!(seen.len(), whole.len());
        }
    }

    #[test]
    fn the_glance_agrees_with_the_clock(policy in policies(), facts in life(), now in afterwards()) {
        let clocks = evaluate(&policy, &facts);
        let glance = glance(&clocks);
        let state = |c: &deskside::domain::sla::Clock| c.at(now).state;
        if glance.state == GlanceState::Running {
            let clock = clocks.iter().find(|c| Some(c.metric()) == glance.metric).unwrap();
            let now = now.as_millisecond();
            prop_assert_eq!(glance.late.is_some_and(|late| now > late), state(clock) == ReadingState::Breached);
            let at_risk = glance.risk.is_some_and(|risk| now >= risk);
            prop_assert_eq!(at_risk, matches!(state(clock), ReadingState::AtRisk | ReadingState::Breached));
        }
        if glance.state == GlanceState::Paused {
            let clock = clocks.iter().find(|c| Some(c.metric()) == glance.metric).unwrap();
            prop_assert_eq!(glance.left, Some(clock.at(now).remaining_ms));
        }
    }

    #[test]
    fn a_pause_of_closed_time_never_moves_due((here, _) in calendars(), hours in 1i64..80, from in instants(), length in 0i64..5 * DAY) {
        prop_assume!(!here.is_never());
        // Cut the pause to a closed stretch.
        let closed = here.pieces(from, from + SignedDuration::from_millis(length));
        let Some(piece) = closed.iter().find(|p| p.kind != deskside::domain::calendar::PieceKind::Open) else { return Ok(()) };
        let text = format!("name = 'it'\nmetric = 'resolution'\ncalendar = 'here'\ntarget = '{hours}h'");
        let policy = policy(&[&text], here);
        let facts = Facts { opened: start(), created: start(), marks: vec![] };
        let pause = WhatIf::Pause { reason: HoldReason::Caller, from: piece.from, to: Some(piece.to) };
        let (with, without) = (what_if(&policy, &facts, &[pause]), evaluate(&policy, &facts));
        prop_assert_eq!(with[0].due, without[0].due);
        prop_assert_eq!(with[0].at(at("2026-12-01T00:00:00Z")).paused_ms, 0);
    }

    #[test]
    fn a_retroactive_change_is_as_if_it_had_always_been_so(facts in life(), to in 1u8..=3, retarget in prop::sample::select(vec!["retro", "restart"]), (here, _) in calendars()) {
        let text = |p: u8| format!("name = 'P{p}'\nmetric = 'resolution'\npriorities = [{p}]\ntarget = '{p}h'\ncalendar = 'here'\nretarget = '{retarget}'");
        let policy = policy(&[&text(1), &text(2), &text(3), &text(4), &text(5)], here);
        let over = |m: &Mark| matches!(m.what, MarkKind::Resolved | MarkKind::Closed | MarkKind::Cancelled);
        let mut facts = facts;
        facts.marks.retain(|m| !over(m));
        let change = WhatIf::Priority { to, at: start() + SignedDuration::from_hours(500) };
        let changed = what_if(&policy, &facts, &[change]);
        for mark in &mut facts.marks {
            if let MarkKind::Priority(priority) = &mut mark.what {
                *priority = to;
            }
        }
        let always = evaluate(&policy, &facts);
        let later = start() + SignedDuration::from_hours(900);
        let same = changed[0].at(later).used_ms == always[0].at(later).used_ms;
        match retarget {
            "retro" => prop_assert!(same),
            // A new clock has used no more than one that ran all along.
            _ => prop_assert!(changed[0].at(later).used_ms <= always[0].at(later).used_ms),
        }
    }
}

#[test]
fn clocks_of_a_large_desk_are_cheap() {
    let p = |n: u8, calendar: &str| {
        format!(
            "name = 'P{n}'\nmetric = 'resolution'\npriorities = [{n}]\ntarget = '{}h'\ncalendar = '{calendar}'",
            8 * n
        )
    };
    let response = "name = 'R'\nmetric = 'response'\ntarget = '1h'\ncalendar = 'uk'";
    let update = "name = 'U'\nmetric = 'update'\ntarget = '8h'\ncalendar = 'uk'";
    let policy = policy(&[response, &p(1, "always"), &p(2, "uk"), &p(3, "uk"), update], uk());
    let began = std::time::Instant::now();
    let mut due = 0;
    for i in 0..5_000i64 {
        let opened = start() - SignedDuration::from_hours(i);
        let after = |hours, what, seq| Mark { at: opened + SignedDuration::from_hours(hours), seq, what };
        let marks = vec![
            after(0, MarkKind::Priority(3), 0),
            after(1, MarkKind::Responded, 1),
            after(2, MarkKind::PublicUpdate, 2),
            after(3, MarkKind::Hold(HoldReason::Caller), 3),
            after(30, MarkKind::Resume, 4),
        ];
        due += glance(&evaluate(&policy, &Facts { opened, created: opened, marks })).due.unwrap_or(0) & 1;
    }
    let took = began.elapsed();
    // Generous: an unoptimised build on a busy machine.
    assert!(took.as_secs() < 10, "{took:?} {due}");
    println!("5,000 tickets with three clocks: {took:?}");
}
