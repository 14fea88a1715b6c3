//! What the worked examples leave open: updates, cancelling, changes of mind, what-if, refusals, the glance.

use deskside::domain::sla::{
    ClockState, Metric, Outcome, ReadingState, Verdict, Warning, WhatIf, duration, evaluate, explain, glance, what_if,
};
use deskside::domain::state::HoldReason;
use deskside::domain::summary::GlanceState;

use super::*;
use MarkKind::*;

const OPENED: &str = "2026-03-10 09:00";

fn resolving(more: &str) -> String {
    format!("name = 'it'\nmetric = 'resolution'\ncalendar = 'here'\ntarget = '8h'\n{more}")
}

#[test]
fn a_response_stops_at_the_first_answer_and_never_pauses() {
    let text = "name = 'it'\nmetric = 'response'\ncalendar = 'here'\ntarget = '1h'";
    let marks = [
        ("2026-03-10 09:10", Hold(HoldReason::Caller)),
        ("2026-03-10 10:00", Responded),
        ("2026-03-10 11:00", Resolved),
        ("2026-03-12 11:00", Reopened),
    ];
    let clock = one(uk(), text, OPENED, &marks);
    assert_eq!((clock.state, clock.stopped_at), (ClockState::Met, Some(at("2026-03-10 10:00"))), "on the boundary");
    let late = one(uk(), text, "2026-03-10 08:59", &marks);
    assert_eq!((late.state, late.breached_at), (ClockState::Breached, Some(at("2026-03-10 09:59"))));
    let resolved = one(uk(), text, OPENED, &[("2026-03-10 09:30", Resolved)]);
    assert_eq!(resolved.state, ClockState::Met, "resolving is an answer");
}

#[test]
fn only_listed_reasons_pause() {
    let wait = |reason| [("2026-03-10 11:00", Hold(reason)), ("2026-03-10 12:00", Resume)];
    let paused = |text: &str, reason| one(uk(), text, OPENED, &wait(reason)).at(at("2026-03-10 13:00")).paused_ms;
    for (reason, by_default) in [
        (HoldReason::Caller, 60),
        (HoldReason::Scheduled, 60),
        (HoldReason::Vendor, 0),
        (HoldReason::Change, 0),
        (HoldReason::Problem, 0),
        (HoldReason::Parts, 0),
    ] {
        assert_eq!(paused(&resolving(""), reason), by_default * MINUTE, "{reason}");
        assert_eq!(
            paused(&resolving("pause = ['vendor']"), reason),
            60 * MINUTE * i64::from(reason == HoldReason::Vendor)
        );
    }
}

#[test]
fn from_one_wait_to_another() {
    let marks = [
        ("2026-03-10 10:00", Hold(HoldReason::Caller)),
        ("2026-03-10 11:00", Hold(HoldReason::Vendor)),
        ("2026-03-10 12:00", Hold(HoldReason::Scheduled)),
        ("2026-03-10 13:00", Resume),
    ];
    let clock = one(uk(), &resolving(""), OPENED, &marks);
    let reading = clock.at(at("2026-03-10 14:00"));
    assert_eq!((reading.used_ms, reading.paused_ms), (3 * HOUR, 2 * HOUR));
    let waiting = clock.at(at("2026-03-10 12:30"));
    assert_eq!((waiting.state, waiting.paused_for), (ReadingState::Paused, Some(HoldReason::Scheduled)));
}

#[test]
fn a_clock_that_starts_at_registration() {
    let mut facts = facts(OPENED, &[]);
    facts.created = at("2026-03-10 10:00");
    let clocks = evaluate(&policy(&[&resolving("start = 'created_at'")], uk()), &facts);
    assert_eq!(clocks[0].due, Some(at("2026-03-10 18:00")));
    let rows = explain(&clocks[0], at("2026-03-10 11:00"));
    assert_eq!(rows.iter().map(|r| r.counted).collect::<Vec<_>>(), [Verdict::BeforeStart, Verdict::Counted]);
}

#[test]
fn registered_when_it_was_late_already() {
    let text = "name = 'it'\nmetric = 'response'\ncalendar = 'here'\ntarget = '15m'\npriorities = [1]";
    let clock = one(uk(), text, OPENED, &[("2026-03-10 09:20", Priority(1))]);
    assert!(clock.retroactive);
    let crossed = clock.crossings(at(OPENED), at("2026-03-11 09:00"));
    assert!(crossed.iter().all(|c| c.retroactive && c.at == at("2026-03-10 09:20")));
}

#[test]
fn cancelled_clocks_do_not_count_unless_it_comes_back() {
    let cancelled = [("2026-03-10 11:00", Cancelled)];
    let clock = one(uk(), &resolving(""), OPENED, &cancelled);
    assert_eq!((clock.state, clock.due, clock.any_late()), (ClockState::Cancelled, None, false));
    assert_eq!(clock.at(at("2026-03-20 09:00")).state, ReadingState::Cancelled);
    let back = [cancelled[0], ("2026-03-10 12:00", Reopened)];
    assert_eq!(one(uk(), &resolving(""), OPENED, &back).due, Some(at("2026-03-10 18:00")));
}

#[test]
fn closing_stops_what_was_not_resolved_and_nothing_else() {
    let marks = [("2026-03-10 11:00", Resolved), ("2026-03-20 11:00", Closed)];
    let clock = one(uk(), &resolving(""), OPENED, &marks);
    assert_eq!((clock.state, clock.stopped_at), (ClockState::Met, Some(at("2026-03-10 11:00"))));
    let clock = one(uk(), &resolving(""), OPENED, &marks[1..]);
    assert_eq!((clock.state, clock.breached_at), (ClockState::Breached, Some(at("2026-03-10 17:00"))));
}

#[test]
fn by_agreement_there_is_no_clock() {
    let p3 = "name = 'P3'\nmetric = 'resolution'\ncalendar = 'uk'\ntarget = '24h'\npriorities = [3]";
    let p5 = "name = 'P5'\nmetric = 'resolution'\ncalendar = 'uk'\ntarget = 'none'\npriorities = [5]";
    let policy = policy(&[p3, p5], uk());
    let clocks = |marks: &[_]| evaluate(&policy, &facts(OPENED, marks));
    assert!(clocks(&[(OPENED, Priority(5))]).is_empty());
    let down = [(OPENED, Priority(3)), ("2026-03-10 12:00", Priority(5))];
    assert_eq!(clocks(&down)[0].state, ClockState::Cancelled);
    let up = [down[0], down[1], ("2026-03-10 13:00", Priority(3))];
    assert_eq!(clocks(&up)[0].due, Some(at("2026-03-12 13:00")), "as if it had been promised all along");
    let resolved = [down[0], down[1], ("2026-03-10 13:00", Resolved), ("2026-03-10 14:00", Priority(3))];
    assert_eq!(clocks(&resolved)[0].state, ClockState::Cancelled);
}

#[test]
fn what_was_resolved_is_not_measured_anew() {
    let p1 = "name = 'P1'\nmetric = 'resolution'\ncalendar = 'always'\ntarget = '1h'\npriorities = [1]";
    let p3 = "name = 'P3'\nmetric = 'resolution'\ncalendar = 'uk'\ntarget = '24h'\npriorities = [3]";
    let marks = [
        (OPENED, Priority(3)),
        ("2026-03-10 12:00", Resolved),
        ("2026-03-10 13:00", Priority(1)),
        ("2026-03-10 14:00", Reopened),
    ];
    let policy = policy(&[p1, p3], uk());
    let resolved = &evaluate(&policy, &facts(OPENED, &marks[..3]))[0];
    assert_eq!((resolved.state, resolved.definition().name.as_str()), (ClockState::Met, "P3"));
    let reopened = &evaluate(&policy, &facts(OPENED, &marks))[0];
    assert_eq!((reopened.definition().name.as_str(), reopened.retroactive), ("P1", true));
}

#[test]
fn a_restart_leaves_the_first_cycle_behind() {
    let p2 =
        "name = 'P2'\nmetric = 'resolution'\ncalendar = 'uk'\ntarget = '1h'\npriorities = [2]\nretarget = 'restart'";
    let p3 =
        "name = 'P3'\nmetric = 'resolution'\ncalendar = 'uk'\ntarget = '2h'\npriorities = [3]\nretarget = 'restart'";
    let policy = policy(&[p2, p3], uk());
    let at_ = |t| evaluate(&policy, &facts(OPENED, &[(OPENED, Priority(3)), (t, Priority(2))])).remove(0);
    let early = at_("2026-03-10 10:00");
    assert_eq!(early.cycles().map(|c| c.outcome()).collect::<Vec<_>>(), [Outcome::Replaced, Outcome::Open]);
    assert!(at_("2026-03-10 12:00").any_late());
}

#[test]
fn between_updates_each_word_starts_the_next_wait() {
    let text = "name = 'it'\nmetric = 'update'\ncalendar = 'here'\ntarget = '2h'";
    let marks = [
        ("2026-03-10 10:30", PublicUpdate),
        ("2026-03-10 13:00", PublicUpdate),
        ("2026-03-10 14:00", Resolved),
        ("2026-03-10 15:00", PublicUpdate),
        ("2026-03-11 09:00", Reopened),
    ];
    let running = one(uk(), text, OPENED, &marks[..2]);
    assert_eq!(running.due, Some(at("2026-03-10 15:00")));
    let outcomes: Vec<_> = running.cycles().map(|c| c.outcome()).collect();
    assert_eq!(outcomes, [Outcome::Met, Outcome::Breached, Outcome::Open], "the second word was half an hour late");
    assert_eq!(one(uk(), text, OPENED, &marks[..4]).state, ClockState::Met);
    assert_eq!(one(uk(), text, OPENED, &marks).due, Some(at("2026-03-11 11:00")));
}

#[test]
fn whoever_writes_is_answered() {
    let mode = |since| format!("name = 'it'\nmetric = 'update'\ncalendar = 'here'\ntarget = '2h'\nsince = '{since}'");
    let marks = [
        ("2026-03-10 10:00", CallerMessage),
        ("2026-03-10 11:00", CallerMessage),
        ("2026-03-10 11:30", PublicUpdate),
        ("2026-03-10 12:00", Resolved),
        ("2026-03-10 13:00", CallerMessage),
        ("2026-03-10 13:00", Reopened),
    ];
    let clock = |since, n| one(uk(), &mode(since), OPENED, &marks[..n]);
    assert_eq!((clock("last_message", 0).state, clock("last_message", 0).due), (ClockState::NotStarted, None));
    assert_eq!(clock("last_message", 2).due, Some(at("2026-03-10 13:00")));
    assert_eq!(clock("first_message", 2).due, Some(at("2026-03-10 12:00")));
    assert_eq!(clock("first_message", 3).state, ClockState::Met);
    assert_eq!(clock("first_message", 5).state, ClockState::Met, "not while it is resolved");
    assert_eq!(clock("first_message", 6).due, Some(at("2026-03-10 15:00")));
}

#[test]
fn an_end_before_the_beginning_is_taken_for_the_beginning_and_said() {
    let clock = one(uk(), &resolving(""), OPENED, &[("2026-03-09 09:00", Resolved)]);
    assert_eq!((clock.state, clock.stopped_at), (ClockState::Met, Some(at(OPENED))));
    assert_eq!(clock.warnings, [Warning::StoppedBeforeStart]);
}

#[test]
fn late_only_once_the_desk_opens_again() {
    let clock = one(uk(), &resolving(""), "2026-03-13 10:00", &[]);
    assert_eq!(clock.due, Some(at("2026-03-13 18:00")));
    assert_eq!(clock.at(at("2026-03-16 08:00")).state, ReadingState::AtRisk, "nothing left is not less than nothing");
    assert_eq!(clock.at(at("2026-03-16 08:01")).state, ReadingState::Breached);
    assert_eq!(clock.at(at("2026-03-16 08:01")).breached_since, Some(at("2026-03-13 18:00")));
    let glance = glance(&[clock]);
    assert_eq!(glance.due, Some(at("2026-03-13 18:00").as_millisecond()));
    assert_eq!(glance.late, Some(at("2026-03-16 08:00").as_millisecond()));
}

#[test]
fn the_glance_picks_what_is_due_next() {
    let response = "name = 'response'\nmetric = 'response'\ncalendar = 'uk'\ntarget = '1h'";
    let resolution = "name = 'resolution'\nmetric = 'resolution'\ncalendar = 'uk'\ntarget = '8h'";
    let update = "name = 'update'\nmetric = 'update'\ncalendar = 'uk'\ntarget = '10m'";
    let policy = policy(&[resolution, response, update], uk());
    let marks = [
        ("2026-03-10 09:30", Responded),
        ("2026-03-10 11:00", Hold(HoldReason::Caller)),
        ("2026-03-10 14:00", Resume),
        ("2026-03-10 15:00", Resolved),
    ];
    let at_mark = |n| glance(&evaluate(&policy, &facts(OPENED, &marks[..n])));
    let short = |n| (at_mark(n).state, at_mark(n).metric, at_mark(n).due, at_mark(n).left);
    let ms = |t| Some(at(t).as_millisecond());
    assert_eq!(short(0), (GlanceState::Running, Some(Metric::Response), ms("2026-03-10 10:00"), None));
    assert_eq!(short(1), (GlanceState::Running, Some(Metric::Resolution), ms("2026-03-10 17:00"), None));
    assert_eq!(short(2), (GlanceState::Paused, Some(Metric::Resolution), None, Some(6 * HOUR)));
    assert_eq!(short(3).2, ms("2026-03-11 10:00"));
    assert_eq!(at_mark(3).risk, ms("2026-03-10 18:00"));
    assert_eq!(short(4), (GlanceState::Met, Some(Metric::Resolution), None, None));
    assert_eq!(glance(&[]).state, GlanceState::None);
}

#[test]
fn explanations_name_every_rule() {
    let marks = [
        ("2026-04-02 16:00", Hold(HoldReason::Vendor)),
        ("2026-04-02 17:00", Hold(HoldReason::Caller)),
        ("2026-04-07 09:00", Resume),
        ("2026-04-07 10:00", Resolved),
        ("2026-04-07 12:00", Reopened),
        ("2026-04-07 13:00", Resolved),
    ];
    let clock = one(uk(), &resolving(""), "2026-04-02 15:00", &marks);
    let rows = explain(&clock, at("2026-04-07 14:00"));
    let short: Vec<_> = rows.iter().map(|r| (r.counted.as_str(), r.ms / MINUTE, r.rule.as_str())).collect();
    assert_eq!(
        short,
        [
            ("counted", 60, "open in here"),
            ("counted", 60, "open in here; on hold (vendor) does not pause this clock"),
            ("paused", 60, "open in here, but on hold (caller), which pauses this clock"),
            ("closed", 360, "closed in here"),
            ("holiday", 1440, "holiday in here: Good Friday"),
            ("closed", 2880, "closed in here"),
            ("holiday", 1440, "holiday in here: Easter Monday"),
            ("closed", 480, "closed in here"),
            ("paused", 60, "open in here, but on hold (caller), which pauses this clock"),
            ("counted", 60, "open in here"),
            ("between_resolve_and_reopen", 120, "between resolving and reopening; does not count (continue)"),
            ("counted", 60, "open in here"),
            ("after_stop", 60, "after the clock stopped"),
        ]
    );
}

#[test]
fn what_if_it_were_otherwise() {
    let p1 = "name = 'P1'\nmetric = 'resolution'\ncalendar = 'always'\ntarget = '4h'\npriorities = [1]";
    let p3 = "name = 'P3'\nmetric = 'resolution'\ncalendar = 'uk'\ntarget = '24h'\npriorities = [3]";
    let policy = policy(&[p1, p3], uk());
    let marks = [
        (OPENED, Priority(3)),
        ("2026-03-10 10:00", Hold(HoldReason::Vendor)),
        ("2026-03-10 11:30", Hold(HoldReason::Parts)),
    ];
    let facts = facts(OPENED, &marks);
    let due = |suppose: &[WhatIf]| what_if(&policy, &facts, suppose)[0].due;
    assert_eq!(due(&[]), Some(at("2026-03-12 13:00")));
    let raised = WhatIf::Priority { to: 1, at: at("2026-03-10 12:00") };
    assert_eq!(due(std::slice::from_ref(&raised)), Some(at("2026-03-10 13:00")));
    let (reason, from) = (HoldReason::Caller, at("2026-03-10 11:00"));
    let pause = WhatIf::Pause { reason, from, to: Some(at("2026-03-10 12:00")) };
    assert_eq!(due(std::slice::from_ref(&pause)), Some(at("2026-03-12 14:00")));
    let after = what_if(&policy, &facts, std::slice::from_ref(&pause));
    let rows = explain(&after[0], at("2026-03-10 12:30"));
    assert!(rows.last().unwrap().rule.contains("parts"), "it still waits for parts: {rows:?}");
    assert_eq!(due(&[pause, raised]), Some(at("2026-03-10 14:00")), "both together");
    let round = WhatIf::Calendar { name: "always".to_owned(), calendar: always() };
    assert_eq!(due(&[round]), Some(at("2026-03-11 09:00")));
    assert_eq!(due(&[WhatIf::Pause { reason, from, to: None }]), None);
}

#[test]
fn a_view_of_the_past_knows_nothing_later() {
    let marks = [("2026-03-10 11:00", Hold(HoldReason::Caller)), ("2026-03-10 12:00", Resume)];
    let facts = facts(OPENED, &marks);
    let then = evaluate(&policy(&[&resolving("")], uk()), &facts.as_of(at("2026-03-10 11:30")));
    assert_eq!(then[0].state, ClockState::Paused);
}

#[test]
fn promises_that_contradict_each_other_are_refused_by_name() {
    let calendars = || [("uk".to_owned(), uk())].into_iter().collect();
    let refused = |texts: &[&str]| {
        let definitions = texts.iter().map(|t| definition(t)).collect();
        Policy::new(definitions, calendars()).unwrap_err().to_string()
    };
    let base = "metric = 'response'\ntarget = '1h'\ncalendar = 'uk'";
    let named = |name: &str, more: &str| format!("name = '{name}'\n{base}\n{more}");
    assert_eq!(
        refused(&["name = 'A'\nmetric = 'ola'\ntarget = '1h'\ncalendar = 'mars'"]),
        "definition \"A\".calendar: \"mars\" is not a calendar; known are: uk"
    );
    let both = [named("A", "priorities = [1, 2]"), named("B", "priorities = [2]")];
    assert!(
        refused(&[&both[0], &both[1]]).starts_with("definition \"B\".priorities: holds for tickets for which \"A\"")
    );
    assert!(refused(&[&named("A", "priorities = [1]"), &named("A", "priorities = [2]")]).contains("name: another"));
    for (more, key) in [
        ("priorities = [10]", "priorities"),
        ("at_risk = 0", "at_risk"),
        ("thresholds = [0]", "thresholds"),
        ("since = 'first_message'", "since"),
    ] {
        assert!(refused(&[&named("A", more)]).starts_with(&format!("definition \"A\".{key}: ")), "{more}");
    }
    let unread = toml::from_str::<Definition>(&named("A", "retarget = 'sometimes'")).unwrap_err().to_string();
    assert!(unread.contains("`sometimes` is not one of: retro, restart, stricter_only"), "{unread}");
}

#[test]
fn lengths_of_time() {
    for (text, ms) in [("8h", 8 * HOUR), ("1h30m", 90 * MINUTE), ("1h 30m", 90 * MINUTE), ("90s", 90_000), ("0m", 0)] {
        assert_eq!(duration::parse(text), Ok(ms));
    }
    for text in ["", "8", "h", "8d", "30m 1h", "1h 1h", "-1h", "1.5h", "999999999999999999h", "8 h"] {
        assert!(duration::parse(text).unwrap_err().starts_with(&format!("{text:?} is not a length")), "{text}");
    }
    for (ms, text) in [
        (0, "0m"),
        (45_000, "45s"),
        (14_400, "14.4s"),
        (12 * MINUTE, "12m"),
        (26 * HOUR + 5 * MINUTE, "26h 05m"),
        (-HOUR, "-1h 00m"),
        (-90_000, "-1m 30s"),
    ] {
        assert_eq!(duration::show(ms), text);
    }
}
