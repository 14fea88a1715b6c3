//! Calendars: measures against a minute-by-minute count of the wall clock, and what is refused.

use deskside::domain::calendar::{Calendar, NeverOpens, PieceKind, Rules};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn calendar(toml: &str) -> Calendar {
    toml::from_str(toml).unwrap_or_else(|e| panic!("{e}"))
}

fn uk() -> Calendar {
    calendar(include_str!("../../config/calendars/uk.toml"))
}

fn at(text: &str) -> Timestamp {
    let zoned = |zone: &str, local: &str| {
        let local: jiff::civil::DateTime = local.parse().unwrap();
        local.in_tz(zone).unwrap().timestamp()
    };
    match text.split_once(' ') {
        Some((local, zone)) => zoned(zone, local),
        None if text.ends_with('Z') => text.parse().unwrap(),
        None => zoned("Europe/London", text),
    }
}

/// The definition itself, one minute at a time: what does the wall clock read?
fn counted(calendar: &Calendar, spans: &[Vec<(i16, i16)>; 7], a: Timestamp, b: Timestamp) -> i64 {
    let mut total = 0;
    let mut t = a;
    while t < b {
        let local = t.to_zoned(calendar.zone().clone());
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        let day = local.weekday().to_monday_zero_offset() as usize;
        let holiday = calendar.holidays().iter().any(|h| h.date == local.date());
        let today = spans[day].iter().any(|s| s.0 <= minute && minute < s.1);
        let yesterday = spans[(day + 6) % 7].iter().any(|s| minute + 1440 < s.1);
        total += i64::from(!holiday && (today || yesterday));
        t += SignedDuration::from_mins(1);
    }
    total * MINUTE
}

#[test]
fn a_week_in_the_uk_is_fifty_hours() {
    let (a, b) = (at("2026-03-09T00:00"), at("2026-03-16T00:00"));
    assert_eq!(uk().business(a, b), 50 * HOUR);
    assert_eq!(uk().business(b, a), 0);
}

#[test]
fn bank_holidays_are_those_proclaimed() {
    let uk = uk();
    let year = |y: i16| -> Vec<String> {
        let of_year = uk.holidays().iter().filter(|h| h.date.year() == y);
        of_year.map(|h| h.date.strftime("%d %b").to_string()).collect()
    };
    assert_eq!(year(2026), ["01 Jan", "03 Apr", "06 Apr", "04 May", "25 May", "31 Aug", "25 Dec", "28 Dec"]);
    assert_eq!(
        year(2022),
        ["03 Jan", "15 Apr", "18 Apr", "02 May", "02 Jun", "03 Jun", "29 Aug", "19 Sep", "26 Dec", "27 Dec"]
    );
    assert!(year(2020).contains(&"08 May".to_owned()) && !year(2020).contains(&"04 May".to_owned()));
    assert!(year(2023).contains(&"01 May".to_owned()) && year(2023).contains(&"08 May".to_owned()));
    assert_eq!(year(2021).last().unwrap(), "28 Dec");
    for y in 2016..=2028 {
        let extra = match y {
            2022 => 2,
            2023 => 1,
            _ => 0,
        };
        assert_eq!(year(y).len(), 8 + extra, "{y}");
    }
    let weekend = |h: &&deskside::domain::calendar::Holiday| h.date.weekday().to_monday_one_offset() > 5;
    assert_eq!(uk.holidays().iter().find(weekend), None);
}

#[test]
fn closing_instants_are_closed_and_opening_instants_are_open() {
    let uk = uk();
    assert!(uk.is_open(at("2026-03-09T08:00")));
    assert!(!uk.is_open(at("2026-03-09T18:00")));
    assert_eq!(uk.next_open(at("2026-03-13T18:00")), Ok(at("2026-03-16T08:00")));
    assert_eq!(uk.next_open(at("2026-03-13T17:59")), Ok(at("2026-03-13T17:59")));
    assert_eq!(uk.add(at("2026-03-13T17:59"), MINUTE), Ok(at("2026-03-13T18:00")));
}

#[test]
fn a_holiday_closes_from_midnight_to_midnight_the_end_of_a_night_shift_included() {
    let night = calendar(
        "zone = 'UTC'\nholidays = ['2026-03-10 Desk move']\n[hours]\nmon = ['22:00-06:00']\ntue = ['22:00-06:00']",
    );
    let kinds: Vec<_> = night
        .pieces(at("2026-03-09T20:00:00Z"), at("2026-03-11T08:00:00Z"))
        .iter()
        .map(|p| (p.kind, p.to.to_string()))
        .collect();
    let date = "2026-03-10".parse().unwrap();
    assert_eq!(
        kinds,
        [
            (PieceKind::Closed, "2026-03-09T22:00:00Z".to_owned()),
            (PieceKind::Open, "2026-03-10T00:00:00Z".to_owned()),
            (PieceKind::Holiday(date), "2026-03-11T00:00:00Z".to_owned()),
            (PieceKind::Open, "2026-03-11T06:00:00Z".to_owned()),
            (PieceKind::Closed, "2026-03-11T08:00:00Z".to_owned()),
        ]
    );
    let holiday = night.holiday_at(at("2026-03-10T12:00:00Z"));
    assert_eq!(holiday.map(|h| h.name.as_str()), Some("Desk move"));
}

#[test]
fn a_window_inside_the_repeated_hour_lasts_twice_as_long_that_night() {
    let freeze = calendar("zone = 'Europe/London'\n[hours]\nsun = ['01:00-02:00']");
    let (a, b) = (at("2026-10-25T00:00"), at("2026-10-26T00:00"));
    assert_eq!(freeze.business(a, b), 2 * HOUR);
    let (a, b) = (at("2026-03-29T00:00"), at("2026-03-30T00:00"));
    assert_eq!(freeze.business(a, b), 0);
}

#[test]
fn a_calendar_without_hours_never_opens() {
    let never = calendar("zone = 'UTC'");
    let t = at("2026-01-01T00:00:00Z");
    assert_eq!(never.add(t, 1), Err(NeverOpens));
    assert_eq!(never.next_open(t), Err(NeverOpens));
    assert_eq!(never.business(t, at("2036-01-01T00:00:00Z")), 0);
    assert_eq!(uk().add(t, i64::MAX / 4), Err(NeverOpens), "past the last date there is");
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let refusal = |text: &str| toml::from_str::<Calendar>(text).unwrap_err().to_string();
    let key = |text: &str| {
        let rules: Rules = toml::from_str(text).unwrap();
        Calendar::new(rules).unwrap_err().to_string()
    };
    assert!(refusal("zone = 'Europe/Lundun'").contains("\"Europe/Lundun\" is not a known IANA time zone"));
    assert!(
        refusal("zone = 'UTC'\nhoildays = []")
            .contains("unknown field `hoildays`, expected one of `zone`, `hours`, `holidays`, `always`")
    );
    assert!(refusal("zone = 'UTC'\n[hours]\nmonday = []").contains("unknown field `monday`, expected one of `mon`"));
    for span in ["8-18", "08:00", "08:00-25:00", "08:60-10:00", "08:00-08:00", "24:00-08:00", "008:00-09:00"] {
        let text = format!("zone = 'UTC'\n[hours]\nmon = ['{span}']");
        assert!(refusal(&text).contains(&format!("{span:?}")), "{span}");
    }
    assert!(refusal("zone = 'UTC'\nholidays = ['2026-02-30']").contains("\"2026-02-30\" is not a date"));
    assert_eq!(
        key("zone = 'UTC'\n[hours]\nwed = ['12:00-14:00', '08:00-12:30']"),
        "hours.wed: 12:00-14:00 overlaps 08:00-12:30 of wed"
    );
    assert_eq!(
        key("zone = 'UTC'\n[hours]\nsun = ['22:00-06:00']\nmon = ['05:00-12:00']"),
        "hours.mon: 05:00-12:00 overlaps 22:00-06:00 of sun"
    );
    assert!(key("zone = 'UTC'\nalways = true\n[hours]\nsun = ['22:00-06:00']").starts_with("hours.sun: "));
    assert!(key("zone = 'UTC'\nholidays = ['2026-01-01', '2026-01-01 again']").starts_with("holidays: 2026-01-01 "));
}

const ZONES: [&str; 8] = [
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "America/Havana",
    "UTC",
];

/// Weekly spans of every shape: one, two, overnight, whole days, closed days.
pub fn week() -> impl Strategy<Value = [Vec<(i16, i16)>; 7]> {
    let day = prop_oneof![
        2 => Just(vec![]),
        3 => (0i16..1380).prop_flat_map(|a| (Just(a), a + 1..=1440)).prop_map(|s| vec![s]),
        2 => (0i16..600, 1i16..100, 1i16..300, 1i16..300)
            .prop_map(|(a, len, gap, len2)| vec![(a, a + len), (a + len + gap, a + len + gap + len2)]),
        2 => (1000i16..1440, 1i16..400).prop_map(|(a, over)| vec![(a, 1440 + over)]),
        1 => Just(vec![(0, 1440)]),
    ];
    prop::array::uniform7(day).prop_map(|mut days| {
        // A night shift ends before the next day's first span.
        for i in 0..7 {
            let carried = days[(i + 6) % 7].last().map_or(0, |s| s.1 - 1440);
            days[i].retain(|s| s.0 >= carried);
        }
        // Dropping a Sunday's night shift last may leave Monday too careful, never overlapping.
        days
    })
}

/// A calendar in some zone with some holidays of 2026, and its spans.
pub fn calendars() -> impl Strategy<Value = (Calendar, [Vec<(i16, i16)>; 7])> {
    let holidays = prop::collection::btree_set(0i64..365, 0..12);
    (prop::sample::select(ZONES.to_vec()), week(), holidays)
        .prop_map(|(zone, week, holidays)| (build(zone, &week, holidays), week))
}

fn build(zone: &str, week: &[Vec<(i16, i16)>; 7], holidays: impl IntoIterator<Item = i64>) -> Calendar {
    let mut text = format!("zone = '{zone}'\nholidays = [");
    for day in holidays {
        let date = jiff::civil::date(2026, 1, 1) + jiff::Span::new().days(day);
        text.push_str(&format!("'{date}',"));
    }
    text.push_str("]\n[hours]\n");
    for (name, spans) in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().zip(week) {
        let clock = |m: i16| match m {
            1440 => "24:00".to_owned(),
            m => format!("{:02}:{:02}", m % 1440 / 60, m % 60),
        };
        let spans: Vec<_> = spans.iter().map(|s| format!("'{}-{}'", clock(s.0), clock(s.1))).collect();
        text.push_str(&format!("{name} = [{}]\n", spans.join(",")));
    }
    calendar(&text)
}

/// An instant around 2026, to the millisecond.
pub fn instant() -> impl Strategy<Value = Timestamp> {
    let from = at("2025-11-01T00:00:00Z").as_millisecond();
    (0..500 * 24 * HOUR).prop_map(move |ms| Timestamp::from_millisecond(from + ms).unwrap())
}

/// A whole minute, often within a day of a change of offset somewhere.
fn minute() -> impl Strategy<Value = Timestamp> {
    let changes = [
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-03-08T07:00:00Z",
        "2026-11-01T06:00:00Z",
        "2026-04-04T15:00:00Z",
        "2026-10-03T15:30:00Z",
        "2026-02-15T02:00:00Z",
    ];
    let near = (prop::sample::select(changes.to_vec()), -2000i64..2000)
        .prop_map(|(t, m)| at(t) + SignedDuration::from_mins(m));
    let any = instant().prop_map(|t| t - SignedDuration::from_millis(t.as_millisecond() % MINUTE));
    prop_oneof![near, any]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_formula_agrees_with_the_wall_clock((calendar, spans) in calendars(), a in minute(), minutes in 0i64..6000) {
        let b = a + SignedDuration::from_mins(minutes);
        prop_assert_eq!(calendar.business(a, b), counted(&calendar, &spans, a, b));
    }

    #[test]
    fn pieces_cover_the_interval_and_their_open_part_is_the_measure((calendar, _) in calendars(), a in instant(), days in 0i64..120) {
        let b = a + SignedDuration::from_hours(24 * days);
        let pieces = calendar.pieces(a, b);
        prop_assert_eq!(pieces.first().map(|p| p.from), (days > 0).then_some(a));
        prop_assert_eq!(pieces.last().map(|p| p.to), (days > 0).then_some(b));
        prop_assert!(pieces.windows(2).all(|p| p[0].to == p[1].from && p[0].kind != p[1].kind));
        let open = pieces.iter().filter(|p| p.kind == PieceKind::Open);
        let sum: i64 = open.map(|p| p.to.as_millisecond() - p.from.as_millisecond()).sum();
        prop_assert_eq!(sum, calendar.business(a, b));
    }

    #[test]
    fn business_is_additive((calendar, _) in calendars(), mut t in prop::array::uniform3(instant())) {
        t.sort();
        let [a, b, c] = t;
        prop_assert_eq!(calendar.business(a, c), calendar.business(a, b) + calendar.business(b, c));
    }

    #[test]
    fn adding_and_measuring_are_inverse((calendar, _) in calendars(), start in instant(), ms in 0i64..400 * HOUR) {
        let Ok(due) = calendar.add(start, ms) else {
            prop_assert!(calendar.is_never());
            return Ok(());
        };
        prop_assert_eq!(calendar.business(start, due), ms);
        let just_before = due - SignedDuration::from_millis(1);
        prop_assert!(ms == 0 || calendar.business(start, just_before) == ms - 1, "the earliest such instant");
        prop_assert!(ms > 0 || calendar.is_open(due));
    }

    #[test]
    fn later_or_longer_is_never_due_earlier((calendar, _) in calendars(), a in instant(), later in 0i64..100 * HOUR, ms in 0i64..100 * HOUR, more in 0i64..10 * HOUR) {
        prop_assume!(!calendar.is_never());
        let b = a + SignedDuration::from_millis(later);
        let due = calendar.add(a, ms).unwrap();
        prop_assert!(due <= calendar.add(b, ms).unwrap());
        prop_assert!(due <= calendar.add(a, ms + more).unwrap());
    }

    #[test]
    fn a_holiday_more_never_makes_due_earlier(week in week(), zone in prop::sample::select(ZONES.to_vec()), mut days in prop::collection::btree_set(0i64..365, 1..12), start in instant(), ms in 0i64..200 * HOUR) {
        let with = build(zone, &week, days.iter().copied());
        days.pop_first();
        let without = build(zone, &week, days);
        prop_assume!(!with.is_never());
        prop_assert!(without.add(start, ms).unwrap() <= with.add(start, ms).unwrap());
    }
}

#[test]
fn round_the_clock_is_real_time() {
    let always = Calendar::always(deskside::domain::calendar::zone("Europe/London").unwrap());
    let (a, b) = (at("2026-03-28T22:00"), at("2026-03-29T07:00"));
    assert_eq!(always.business(a, b), 8 * HOUR);
    assert_eq!(always.add(a, 8 * HOUR), Ok(b));
    let shipped = calendar(include_str!("../../config/calendars/always.toml"));
    assert_eq!(shipped, always);
}

#[test]
fn many_clocks_over_years_are_cheap() {
    let uk = uk();
    let start = at("2016-01-04T08:00");
    let began = std::time::Instant::now();
    let mut sum = 0;
    for i in 0..25_000 {
        let a = start + SignedDuration::from_mins(i);
        sum += uk.business(a, a + SignedDuration::from_hours(24 * 365));
        assert!(uk.add(a, 40 * HOUR).is_ok());
    }
    assert!(sum > 0);
    // Generous: an unoptimised build on a busy machine. It is there to notice work per day.
    let took = began.elapsed();
    assert!(took.as_secs() < 10, "{took:?}");
    println!("25,000 year-long measures and additions: {took:?}");
}
