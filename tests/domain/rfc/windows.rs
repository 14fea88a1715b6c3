//! Windows in wall-clock time, read into real time.

use deskside::domain::calendar::zone;
use deskside::domain::directory::Asset;
use deskside::domain::lifecycle::ChangeType;
use deskside::domain::name::Name;
use deskside::domain::rfc::Span;
use deskside::domain::rfc::window::{Day, Force, Repeat, Scope, Thing, Window, WindowKind};
use jiff::Timestamp;
use proptest::prelude::*;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn span(start: &str, end: &str) -> Span {
    Span::new(at(start), at(end)).unwrap()
}

pub fn window(name: &str, kind: WindowKind, from: &str, to: &str) -> Window {
    Window {
        name: name.into(),
        kind,
        force: Force::Hard,
        exempt: Vec::new(),
        zone: deskside::domain::calendar::Zone(zone("Europe/London").unwrap()),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        repeat: Repeat::Once,
        days: Vec::new(),
        until: None,
        scope: Scope::default(),
    }
}

const YEAR: (&str, &str) = ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");

fn times(window: &Window, from: &str, to: &str) -> Vec<Span> {
    window.times(span(from, to))
}

/// The reference's night: 01:00 to 02:00 local is two hours long when the clock is put back, and a change from 00:30 to
/// 02:30 local is three.
#[test]
fn a_freeze_lasts_two_hours_on_the_night_that_has_its_hour_twice() {
    let mut freeze = window("Night", WindowKind::Freeze, "2026-10-01T01:00:00", "2026-10-01T02:00:00");
    freeze.repeat = Repeat::Daily;
    let night = times(&freeze, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
    assert_eq!(night, [span("2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z")]);
    let change =
        times(&window("X", WindowKind::Maintenance, "2026-10-25T00:30:00", "2026-10-25T02:30:00"), YEAR.0, YEAR.1);
    assert_eq!(change.iter().map(|x| x.length().as_mins()).collect::<Vec<_>>(), [180]);
    let usual = times(&freeze, "2026-10-26T00:00:00Z", "2026-10-26T12:00:00Z");
    assert_eq!(usual, [span("2026-10-26T01:00:00Z", "2026-10-26T02:00:00Z")]);
}

#[test]
fn an_hour_that_the_clock_skips_is_no_hour() {
    let skipped = window("Gone", WindowKind::Freeze, "2026-03-29T01:00:00", "2026-03-29T02:00:00");
    assert!(times(&skipped, YEAR.0, YEAR.1).is_empty());
    let into = window("Late", WindowKind::Freeze, "2026-03-29T01:30:00", "2026-03-29T02:30:00");
    assert_eq!(times(&into, YEAR.0, YEAR.1), [span("2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z")]);
}

#[test]
fn windows_come_again_by_day_week_month_and_year() {
    let mut held = window("W", WindowKind::Maintenance, "2026-01-06T19:00:00", "2026-01-07T01:00:00");
    held.repeat = Repeat::Weekly;
    assert_eq!(times(&held, YEAR.0, "2026-01-28T00:00:00Z").len(), 4, "Tuesdays");
    held.days = vec![Day::Tue, Day::Thu];
    assert_eq!(times(&held, YEAR.0, "2026-01-28T00:00:00Z").len(), 7);
    held.until = Some("2026-01-13".parse().unwrap());
    assert_eq!(times(&held, YEAR.0, YEAR.1).len(), 3);
    let mut month = window("M", WindowKind::Freeze, "2026-01-28T08:00:00", "2026-02-01T00:00:00");
    month.repeat = Repeat::Monthly;
    let ends = times(&month, "2026-02-10T00:00:00Z", "2026-03-20T00:00:00Z");
    assert_eq!(ends, [span("2026-02-28T08:00:00Z", "2026-03-01T00:00:00Z")]);
    let mut year = window("Y", WindowKind::Freeze, "2025-12-18T18:00:00", "2026-01-05T08:00:00");
    year.repeat = Repeat::Yearly;
    let found = times(&year, YEAR.0, YEAR.1);
    assert_eq!(found[0], span("2025-12-18T18:00:00Z", "2026-01-05T08:00:00Z"));
    assert_eq!(found[1], span("2026-12-18T18:00:00Z", "2027-01-05T08:00:00Z"));
    assert_eq!(found.len(), 2);
}

pub fn asset(tag: &str, model: &str, parents: &[&str], services: &[&str]) -> Asset {
    Asset {
        tag: tag.into(),
        model: model.into(),
        user: None,
        location: Some("Leeds 2".into()),
        state: "in use".into(),
        warranty_until: None,
        parents: parents.iter().map(|p| Name::new(p)).collect(),
        services: services.iter().map(|s| Name::new(s)).collect(),
    }
}

#[test]
fn a_window_is_about_all_a_service_a_class_or_what_a_query_finds() {
    let held = asset("LDS-AP-07", "Aruba AP-515", &[], &["WLAN"]);
    let thing = Thing { asset: Some(&held), services: &held.services };
    let names = |names: &[&str]| names.iter().map(|n| Name::new(n)).collect::<Vec<_>>();
    let query = |text: &str| Scope { queries: vec![text.to_owned()], ..Scope::default() };
    assert!(Scope::default().holds(thing));
    assert!(Scope { services: names(&["WLAN"]), ..Scope::default() }.holds(thing));
    assert!(!Scope { services: names(&["Printing"]), ..Scope::default() }.holds(thing));
    assert!(Scope { classes: names(&["Aruba AP-515"]), ..Scope::default() }.holds(thing));
    assert!(query("tag:lds-*").holds(thing));
    assert!(query("tag:LDS-AP-* location:Leeds*").holds(thing));
    assert!(query("model:Aruba* state:in use").holds(thing));
    assert!(!query("tag:LDS-AP-* location:London*").holds(thing));
    assert!(!query("model:Cisco*").holds(thing));
    assert!(!query("tag:*-0").holds(thing), "a pattern is whole");
    let nobody = Thing { asset: None, services: &[] };
    assert!(!query("tag:*").holds(nobody));
}

#[test]
fn a_window_says_what_is_wrong_with_it() {
    let good = window("W", WindowKind::Freeze, "2026-01-01T00:00:00", "2026-01-02T00:00:00");
    assert_eq!(good.fault(None), None);
    let late = Window { to: good.from, ..good.clone() };
    assert_eq!(late.fault(None).unwrap().0, "to");
    let days = Window { days: vec![Day::Mon], ..good.clone() };
    assert_eq!(days.fault(None).unwrap().0, "days");
    let queries = vec!["colour:red".to_owned()];
    let query = Window { scope: Scope { queries, ..Scope::default() }, ..good.clone() };
    assert_eq!(query.fault(None).unwrap().0, "scope.queries");
    assert!(Window { exempt: vec![ChangeType::Emergency], ..good }.exempts(ChangeType::Emergency));
}

proptest! {
    /// Whatever stretch is asked about, a time of a window is the same and in order.
    #[test]
    fn what_is_asked_about_changes_no_time(day in 0_i64..700, length in 1_i64..2000, from in 0_i64..1439, lasts in 1_i64..2000) {
        let begins = "2026-01-01T00:00:00".parse::<jiff::civil::DateTime>().unwrap();
        let begins = begins.saturating_add(jiff::SignedDuration::from_mins(from));
        let mut held = window("W", WindowKind::Freeze, "2026-01-01T00:00:00", "2026-01-02T00:00:00");
        held.from = begins;
        held.to = begins.saturating_add(jiff::SignedDuration::from_mins(lasts));
        held.repeat = Repeat::Daily;
        let all = held.times(span("2025-12-01T00:00:00Z", "2028-06-01T00:00:00Z"));
        let start = at(YEAR.0) + jiff::SignedDuration::from_hours(24 * day);
        let asked = Span::lasting(start, jiff::SignedDuration::from_mins(length));
        let expected: Vec<Span> = all.into_iter().filter(|time| time.overlaps(&asked)).collect();
        prop_assert_eq!(held.times(asked), expected);
    }
}
