//! The worked examples S01 to S27, each with exactly its numbers.

use deskside::domain::sla::{Clock, ClockState, MarkKind, Outcome, Percent, ReadingState, Warning, evaluate, explain};
use deskside::domain::state::HoldReason;
use jiff::SignedDuration;

use super::*;

const TUE: &str = "2026-03-10";

fn due(clock: &Clock) -> Timestamp {
    clock.due.unwrap_or_else(|| panic!("{clock:?}"))
}

fn pause(from: &'static str, to: &'static str) -> [(&'static str, MarkKind); 2] {
    [(from, MarkKind::Hold(HoldReason::Caller)), (to, MarkKind::Resume)]
}

fn tue(time: &str) -> String {
    format!("{TUE} {time}")
}

#[test]
fn s01_a_target_runs_over_the_night() {
    let clock = resolution(hours("Europe/London", EVERY_DAY, &["08:00-18:00"]), "4h", &tue("16:00"), &[]);
    assert_eq!(due(&clock), at("2026-03-11 10:00"));
}

#[test]
fn s02_business_and_actual_time() {
    let clock = resolution(hours("Europe/London", WORKDAYS, &["09:00-17:00"]), "8h", &tue("14:00"), &[]);
    let reading = clock.at(at("2026-03-11 09:00"));
    assert_eq!(reading.used_ms, 180 * MINUTE);
    assert_eq!(reading.elapsed_ms, 19 * HOUR);
}

#[test]
fn s03_business_and_actual_percent() {
    let clock = resolution(hours("UTC", WORKDAYS, &["08:00-17:00"]), "8h", "2025-12-12T21:00:00Z", &[]);
    let reading = clock.at(at("2025-12-15T09:30:00Z"));
    assert_eq!(reading.used_ms, 90 * MINUTE);
    let exactly = |percent: Percent, hundredths: i128| {
        assert_eq!(i128::from(percent.part) * 10_000, i128::from(percent.whole) * hundredths);
    };
    exactly(reading.percent(), 1_875);
    assert_eq!(reading.elapsed_ms, 60 * HOUR + 30 * MINUTE);
    exactly(reading.elapsed_percent(), 75_625);
    assert_eq!(reading.percent().to_string(), "18.7 %", "shown rounded down to tenths");
    assert_eq!(reading.elapsed_percent().to_string(), "756.2 %");
}

#[test]
fn s04_a_target_of_days_of_eight_hours() {
    let clock = resolution(hours("Europe/London", WORKDAYS, &["09:00-17:00"]), "24h", "2026-03-09 09:00", &[]);
    assert_eq!(due(&clock), at("2026-03-11 17:00"));
}

#[test]
fn s05_a_response_to_a_saturday() {
    let response = "name = 'it'\nmetric = 'response'\ncalendar = 'here'\ntarget = '60m'";
    let clock = one(uk(), response, "2026-03-14 10:00", &[]);
    assert_eq!(due(&clock), at("2026-03-16 09:00"));
}

#[test]
fn s06a_opened_at_the_closing_instant() {
    assert_eq!(due(&resolution(uk(), "30m", "2026-03-13 18:00", &[])), at("2026-03-16 08:30"));
}

#[test]
fn s06b_due_at_the_closing_instant_and_after_it() {
    assert_eq!(due(&resolution(uk(), "1m", "2026-03-13 17:59", &[])), at("2026-03-13 18:00"));
    assert_eq!(due(&resolution(uk(), "2m", "2026-03-13 17:59", &[])), at("2026-03-16 08:01"));
}

#[test]
fn s07_over_easter_and_into_summer_time() {
    let clock = resolution(uk(), "8h", "2026-04-02 15:00", &[]);
    assert_eq!(due(&clock), at("2026-04-07 13:00"));
    assert_eq!(due(&clock), at("2026-04-07T12:00:00Z"), "13:00 BST");
}

#[test]
fn s08_over_christmas() {
    assert_eq!(due(&resolution(uk(), "8h", "2026-12-24 16:00", &[])), at("2026-12-29 14:00"));
}

#[test]
fn s09_a_pause_over_the_night() {
    let marks = pause("2026-03-10 11:00", "2026-03-11 10:00");
    let clock = resolution(uk(), "8h", &tue("09:00"), &marks);
    let reading = clock.at(at("2026-03-11 10:00"));
    assert_eq!((reading.used_ms, reading.paused_ms), (120 * MINUTE, 540 * MINUTE));
    assert_eq!(due(&clock), at("2026-03-11 16:00"));
    assert_eq!(due(&resolution(uk(), "8h", &tue("09:00"), &[])), at("2026-03-10 17:00"), "without the pause");
    let held = resolution(uk(), "8h", &tue("09:00"), &marks[..1]);
    assert_eq!((held.state, held.due), (ClockState::Paused, None));
}

#[test]
fn s10_a_pause_counts_only_its_open_part() {
    let clock = resolution(uk(), "8h", "2026-03-20 15:00", &pause("2026-03-20 17:00", "2026-03-23 08:00"));
    assert_eq!(clock.at(at("2026-03-23 08:00")).paused_ms, 60 * MINUTE);
    assert_eq!(due(&clock), at("2026-03-23 14:00"));
    // What comes out when the pause is taken round the clock and then added as open time.
    let round_the_clock = always().business(at("2026-03-20 17:00"), at("2026-03-23 08:00"));
    let wrong = uk().add(at("2026-03-20 15:00"), 8 * HOUR + round_the_clock).unwrap();
    assert_ne!(due(&clock), wrong);
    assert_ne!(due(&clock), at("2026-03-24 16:00"));
}

#[test]
fn s11_a_pause_of_closed_hours_moves_nothing() {
    let clock = resolution(uk(), "2h", "2026-03-13 17:00", &pause("2026-03-13 19:00", "2026-03-14 12:00"));
    assert_eq!(clock.at(at("2026-03-16 08:00")).paused_ms, 0);
    assert_eq!(due(&clock), at("2026-03-16 09:00"));
}

#[test]
fn s12_round_the_clock_over_the_spring_night() {
    let clock = resolution(always(), "8h", "2026-03-28 22:00", &[]);
    assert_eq!(due(&clock), at("2026-03-29 07:00"));
    assert_eq!(due(&clock), at("2026-03-29T06:00:00Z"));
}

#[test]
fn s13_round_the_clock_over_the_autumn_night() {
    let clock = resolution(always(), "8h", "2026-10-24 22:00", &[]);
    assert_eq!(due(&clock), at("2026-10-25 05:00"));
    assert_eq!(due(&clock), at("2026-10-25T05:00:00Z"));
}

#[test]
fn s14_the_night_desk_on_the_nights_of_the_change() {
    let night = hours("Europe/London", EVERY_DAY, &["22:00-06:00"]);
    assert_eq!(night.business(at("2026-03-28 12:00"), at("2026-03-29 12:00")), 420 * MINUTE);
    assert_eq!(night.business(at("2026-10-24 12:00"), at("2026-10-25 12:00")), 540 * MINUTE);
    assert_eq!(night.business(at("2026-03-10 12:00"), at("2026-03-11 12:00")), 480 * MINUTE, "any other");
}

/// P1 within 4 h round the clock, P3 within 24 h of the desk; `more` goes to both.
fn one_and_three(more: &str) -> Policy {
    let p1 =
        format!("name = 'P1'\nmetric = 'resolution'\npriorities = [1]\ntarget = '4h'\ncalendar = 'always'\n{more}");
    let p3 = format!("name = 'P3'\nmetric = 'resolution'\npriorities = [3]\ntarget = '24h'\ncalendar = 'uk'\n{more}");
    policy(&[&p1, &p3], uk())
}

fn changed(policy: &Policy, marks: &[(&str, MarkKind)]) -> Clock {
    evaluate(policy, &facts(&tue("09:00"), marks)).remove(0)
}

#[test]
fn s15_raised_to_p1() {
    let marks = [("2026-03-10 09:00", MarkKind::Priority(3)), ("2026-03-10 12:00", MarkKind::Priority(1))];
    let retro = changed(&one_and_three(""), &marks);
    assert_eq!(due(&retro), at("2026-03-10 13:00"));
    assert_eq!(retro.at(at("2026-03-10 12:00")).remaining_ms, 60 * MINUTE);
    assert!(!retro.retroactive);
    let restart = changed(&one_and_three("retarget = 'restart'"), &marks);
    assert_eq!(due(&restart), at("2026-03-10 16:00"));
    let stricter = changed(&one_and_three("retarget = 'stricter_only'"), &marks);
    assert_eq!(due(&stricter), at("2026-03-10 13:00"));
}

#[test]
fn s16_raised_too_late_to_be_met() {
    let marks = [("2026-03-10 09:00", MarkKind::Priority(3)), ("2026-03-10 14:00", MarkKind::Priority(1))];
    let clock = changed(&one_and_three(""), &marks);
    assert_eq!(due(&clock), at("2026-03-10 13:00"));
    let reading = clock.at(at("2026-03-10 14:00"));
    assert_eq!((reading.state, reading.remaining_ms), (ReadingState::Breached, -60 * MINUTE));
    assert!(clock.retroactive);
    assert_eq!(clock.breached_at, Some(at("2026-03-10 13:00")));
    let crossings = clock.crossings(at("2026-03-10 09:00"), at("2026-04-10 09:00"));
    let breaches: Vec<_> = crossings.iter().filter(|c| c.percent == 100).collect();
    assert_eq!(breaches.len(), 1);
    assert!(breaches[0].retroactive);
    assert_eq!(breaches[0].at, at("2026-03-10 14:00"), "when it became known");
}

#[test]
fn s17_lowered_to_p3() {
    let marks = [("2026-03-10 09:00", MarkKind::Priority(1)), ("2026-03-10 10:00", MarkKind::Priority(3))];
    assert_eq!(due(&changed(&one_and_three(""), &marks)), at("2026-03-12 13:00"));
    let kept = changed(&one_and_three("retarget = 'stricter_only'"), &marks);
    assert_eq!(due(&kept), at("2026-03-10 13:00"), "never relaxed");
}

#[test]
fn s18_raised_after_a_pause() {
    let [hold, resume] = pause("2026-03-10 10:00", "2026-03-10 11:00");
    let marks =
        [("2026-03-10 09:00", MarkKind::Priority(3)), hold, resume, ("2026-03-10 12:00", MarkKind::Priority(1))];
    assert_eq!(due(&changed(&one_and_three(""), &marks)), at("2026-03-10 14:00"));
    assert_eq!(due(&changed(&one_and_three("retro_pause = false"), &marks)), at("2026-03-10 13:00"));
}

#[test]
fn s19_thresholds() {
    let clock = resolution(uk(), "8h", "2026-03-13 14:00", &[]);
    let crossed = clock.crossings(at("2026-03-13 14:00"), at("2026-04-01 00:00"));
    let crossed: Vec<_> = crossed.iter().map(|c| (c.percent, c.at, c.retroactive)).collect();
    assert_eq!(
        crossed,
        [
            (50, at("2026-03-13 18:00"), false),
            (75, at("2026-03-16 10:00"), false),
            (90, at("2026-03-16 11:12"), false),
            (100, at("2026-03-16 12:00"), false),
        ]
    );
}

#[test]
fn s20_resolved_and_reopened() {
    let marks = [("2026-03-10 13:00", MarkKind::Resolved), ("2026-03-12 10:00", MarkKind::Reopened)];
    let under = |reopen: &str| {
        let text = format!("name = 'it'\nmetric = 'resolution'\ntarget = '8h'\ncalendar = 'uk'\nreopen = '{reopen}'");
        one(uk(), &text, &tue("09:00"), &marks)
    };
    let now = at("2026-03-12 10:00");
    let r1 = under("continue");
    assert_eq!(due(&r1), at("2026-03-12 14:00"));
    assert_eq!(r1.at(now).used_ms, 240 * MINUTE);
    let r2 = under("elapsed_through");
    let reading = r2.at(now);
    assert_eq!((reading.used_ms, reading.state), (1_260 * MINUTE, ReadingState::Breached));
    assert_eq!(reading.breached_since, Some(at("2026-03-10 17:00")));
    let r3 = under("new_cycle");
    assert_eq!(due(&r3), at("2026-03-12 18:00"));
    let outcomes: Vec<_> = r3.cycles().map(|c| (c.number(), c.outcome())).collect();
    assert_eq!(outcomes, [(1, Outcome::Met), (2, Outcome::Open)]);
    assert_eq!(r3.at(now).used_ms, 0);
}

#[test]
fn s21_the_zone_of_the_calendar_decides() {
    let paris = hours("Europe/Paris", WORKDAYS, &["08:00-18:00"]);
    assert_eq!(due(&resolution(uk(), "60m", &tue("17:30"), &[])), at("2026-03-11 08:30"));
    let clock = resolution(paris, "60m", &tue("17:30"), &[]);
    assert_eq!(due(&clock), at("2026-03-11 09:00 Europe/Paris"));
    assert_eq!(due(&clock), at("2026-03-11T08:00:00Z"));
}

#[test]
fn s22_new_york_changes_before_london() {
    let new_york = || hours("America/New_York", WORKDAYS, &["09:00-17:00"]);
    assert_eq!(due(&resolution(new_york(), "4h", "2026-03-10T13:30:00Z", &[])), at("2026-03-10T17:30:00Z"));
    assert_eq!(due(&resolution(new_york(), "1h", "2026-03-06T13:30:00Z", &[])), at("2026-03-06T15:00:00Z"));
}

#[test]
fn s23_a_lunch_break() {
    let lunch = || hours("Europe/London", WORKDAYS, &["09:00-13:00", "14:00-18:00"]);
    assert_eq!(due(&resolution(lunch(), "60m", &tue("12:30"), &[])), at("2026-03-10 14:30"));
    let clock = resolution(lunch(), "8h", &tue("12:00"), &[]);
    assert_eq!(clock.at(at("2026-03-10 15:00")).used_ms, 120 * MINUTE);
}

#[test]
fn s24_just_before_the_target_is_not_breached() {
    let clock = resolution(uk(), "480m", &tue("08:00"), &[]);
    let now = at("2026-03-10 08:00") + SignedDuration::from_millis(479_760 * MINUTE / 1000);
    let reading = clock.at(now);
    assert_eq!(reading.state, ReadingState::AtRisk);
    assert_eq!(reading.remaining_ms, 24 * MINUTE / 100);
    assert_eq!(i128::from(reading.percent().part) * 10_000, i128::from(reading.percent().whole) * 9_995);
    assert_eq!(reading.percent().to_string(), "99.9 %", "never rounded up to a breach");
}

#[test]
fn s25_over_the_weekend() {
    let desk = || hours("Europe/London", WORKDAYS, &["09:00-17:00"]);
    assert_eq!(due(&resolution(desk(), "8h", "2026-03-13 16:00", &[])), at("2026-03-16 16:00"));
    assert_eq!(due(&resolution(desk(), "2h", "2026-03-13 16:00", &[])), at("2026-03-16 10:00"));
}

#[test]
fn s26_holidays_in_berlin() {
    let berlin = |holidays: &str| {
        let rows: Vec<String> = EVERY_DAY.split(' ').map(|d| format!("{d} = ['09:00-21:00']")).collect();
        calendar(&format!("zone = 'Europe/Berlin'\nholidays = [{holidays}]\n[hours]\n{}", rows.join("\n")))
    };
    let due_in = |c| due(&resolution(c, "48h", "2016-11-09 23:00 Europe/Berlin", &[]));
    assert_eq!(due_in(berlin("")), at("2016-11-13 21:00 Europe/Berlin"));
    assert_eq!(due_in(berlin("'2016-11-11', '2016-11-13'")), at("2016-11-15 21:00 Europe/Berlin"));
}

#[test]
fn s27_a_target_of_nothing_and_a_calendar_that_never_opens() {
    let clock = resolution(uk(), "0m", "2026-03-14 10:00", &[]);
    assert_eq!(due(&clock), at("2026-03-16 08:00"));
    assert_eq!(due(&resolution(uk(), "0m", &tue("09:30"), &[])), at(&tue("09:30")));
    let never = resolution(calendar("zone = 'UTC'"), "8h", &tue("09:00"), &[]);
    assert_eq!((never.state, never.due), (ClockState::NotStarted, None));
    assert_eq!(never.at(at("2027-01-01 00:00")).state, ReadingState::NotStarted);
    assert_eq!(never.warnings, [Warning::NeverOpens { calendar: "here".to_owned() }]);
    assert!(never.warnings[0].to_string().contains("never opens"));
    assert!(explain(&never, at("2026-03-11 00:00")).iter().all(|row| row.counted.as_str() == "closed"));
}
