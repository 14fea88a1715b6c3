//! Points in time as people write them.

use deskside::domain::when::{WhenError, parse, parse_ahead, phrase};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn london() -> TimeZone {
    TimeZone::get("Europe/London").unwrap()
}

/// Tuesday 24 November 2026, 10:20.
fn now() -> Timestamp {
    date(2026, 11, 24).at(10, 20, 0, 0).to_zoned(london()).unwrap().timestamp()
}

fn read(text: &str) -> String {
    parse(text, now(), &london()).unwrap().to_zoned(london()).strftime("%a %Y-%m-%d %H:%M").to_string()
}

#[test]
fn phrases_mean_what_people_mean_by_them() {
    for (text, means) in [
        ("2h", "Tue 2026-11-24 12:20"),
        ("in 2 hours", "Tue 2026-11-24 12:20"),
        ("1h30m", "Tue 2026-11-24 11:50"),
        ("1 h 30 min", "Tue 2026-11-24 11:50"),
        ("+45m", "Tue 2026-11-24 11:05"),
        ("in 3 days", "Fri 2026-11-27 10:20"),
        ("2w", "Tue 2026-12-08 10:20"),
        ("16:30", "Tue 2026-11-24 16:30"),
        ("at 4pm", "Tue 2026-11-24 16:00"),
        ("9:00", "Wed 2026-11-25 09:00"),
        ("12am", "Wed 2026-11-25 00:00"),
        ("12 pm", "Tue 2026-11-24 12:00"),
        ("tomorrow", "Wed 2026-11-25 09:00"),
        ("tomorrow 9:00", "Wed 2026-11-25 09:00"),
        ("14:15 tomorrow", "Wed 2026-11-25 14:15"),
        ("today eod", "Tue 2026-11-24 17:00"),
        ("today 8:00", "Tue 2026-11-24 08:00"),
        ("fri 14:00", "Fri 2026-11-27 14:00"),
        ("Friday, 2pm", "Fri 2026-11-27 14:00"),
        ("mon", "Mon 2026-11-30 09:00"),
        ("tue 14:00", "Tue 2026-11-24 14:00"),
        ("tue", "Tue 2026-12-01 09:00"),
        ("next tue 14:00", "Tue 2026-12-01 14:00"),
        ("next week", "Mon 2026-11-30 09:00"),
        ("2026-11-24 10:00", "Tue 2026-11-24 10:00"),
        ("2026-12-01", "Tue 2026-12-01 09:00"),
        ("24 nov 11:00", "Tue 2026-11-24 11:00"),
        ("3rd march", "Wed 2027-03-03 09:00"),
        ("mar 3 2028 noon", "Fri 2028-03-03 12:00"),
        ("2h ago", "Tue 2026-11-24 08:20"),
        ("3 days ago", "Sat 2026-11-21 10:20"),
        ("yesterday 9:00", "Mon 2026-11-23 09:00"),
        ("2026-12-01T08:00:00Z", "Tue 2026-12-01 08:00"),
    ] {
        assert_eq!(read(text), means, "{text}");
    }
}

#[test]
fn days_keep_the_clock_over_summer_time_and_hours_do_not() {
    let eve = date(2026, 3, 28).at(12, 0, 0, 0).to_zoned(london()).unwrap().timestamp();
    let at = |text| parse(text, eve, &london()).unwrap().to_zoned(london()).strftime("%d %H:%M").to_string();
    assert_eq!(at("1d"), "29 12:00");
    assert_eq!(at("24h"), "29 13:00");
}

#[test]
fn what_is_not_understood_says_what_is() {
    for text in ["", "soon", "25:00", "9", "fri fri", "13pm", "10:0", "31 feb", "2h fri", "24/11", "1h30"] {
        let error = parse(text, now(), &london()).unwrap_err();
        assert!(error.to_string().contains("tomorrow 9:00"), "{text}: {error}");
    }
    assert!(matches!(parse("99999999 weeks", now(), &london()), Err(WhenError::TooFar { .. })));
    assert!(!parse("\u{1b}[2J", now(), &london()).unwrap_err().to_string().contains('\u{1b}'));
}

#[test]
fn only_the_future_is_ahead() {
    assert!(parse_ahead("today 8:00", now(), &london()).unwrap_err().to_string().contains("2026-11-24 08:00"));
    assert!(parse_ahead("2h", now(), &london()).is_ok());
}

#[test]
fn a_time_is_said_shortly() {
    let say = |text| phrase(parse(text, now(), &london()).unwrap(), now(), &london());
    assert_eq!(say("2h"), "today 12:20");
    assert_eq!(say("tomorrow"), "tomorrow 09:00");
    assert_eq!(say("fri 14:00"), "Fri 27 Nov 14:00");
    assert_eq!(say("3 mar 2028"), "Fri 3 Mar 2028 09:00");
}

proptest! {
    #[test]
    fn nothing_that_is_typed_panics(text in "\\PC{0,24}|[0-9a-z :.-]{0,16}") {
        let _ = parse(&text, now(), &london());
    }

    #[test]
    fn a_time_or_a_weekday_alone_always_lies_ahead(hour in 0i8..24, minute in 0i8..60, offset in 0i64..400_000) {
        let now = now().checked_add(jiff::SignedDuration::from_mins(offset)).unwrap();
        for text in [format!("{hour}:{minute:02}"), format!("wed {hour}:{minute:02}"), "sun".to_owned()] {
            prop_assert!(parse(&text, now, &london()).unwrap() > now, "{}", text);
        }
    }
}
