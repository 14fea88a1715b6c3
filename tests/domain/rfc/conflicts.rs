//! The twelve conflict kinds, and free times.

use deskside::domain::directory::Directory;
use deskside::domain::lifecycle::ChangeType;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::rfc::conflict::{Board, Conflict, ConflictKind as K, With};
use deskside::domain::rfc::slots;
use deskside::domain::rfc::window::{Force, Repeat, Scope, Window, WindowKind};
use deskside::domain::rfc::{Planned, Span};
use deskside::domain::state::State;
use jiff::SignedDuration;

use super::windows::{asset, at, span, window};
use crate::domain::small;

/// A rack with a switch in it and an access point behind that.
fn directory() -> Directory {
    let mut directory = small::directory();
    directory.assets = vec![
        asset("RACK", "Rack", &[], &[]),
        asset("SWITCH", "Cisco", &["RACK"], &["WLAN"]),
        asset("AP", "Aruba", &["SWITCH"], &["WLAN"]),
        asset("PRINTER", "Canon", &[], &["Printing"]),
    ];
    directory
}

fn plan(id: &str, asset: &str, when: Span) -> Planned {
    Planned {
        id: TicketId::new(id),
        of: ChangeType::Normal,
        state: State::Scheduled,
        asset: Some(Name::new(asset)).filter(|name| !name.is_empty()),
        service: None,
        maker: None,
        span: Some(when),
    }
}

const ELEVEN: (&str, &str) = ("2026-03-02T23:00:00Z", "2026-03-03T00:00:00Z");

fn night() -> Span {
    span("2026-03-02T22:00:00Z", "2026-03-02T23:00:00Z")
}

fn found(change: &Planned, others: &[Planned], windows: &[Window], people: &[&str]) -> Vec<Conflict> {
    let when = change.span.unwrap();
    let people: Vec<Name> = people.iter().map(|login| Name::new(login)).collect();
    let directory = directory();
    Board::new(&directory, windows, others, &[], when).conflicts(change, when, &people)
}

fn kinds(found: &[Conflict]) -> Vec<K> {
    found.iter().map(|conflict| conflict.kind).collect()
}

#[test]
fn there_are_twelve_kinds() {
    assert_eq!(K::ALL.len(), 12);
    assert_eq!((K::CiScheduled.number(), K::Freeze.number(), K::Absent.number()), (1, 7, 12));
}

#[test]
fn changes_that_touch_are_no_conflict_and_a_minute_is_one() {
    let x = plan("CHG-1", "SWITCH", night());
    let touching = plan("CHG-2", "SWITCH", span(ELEVEN.0, ELEVEN.1));
    assert_eq!(found(&x, std::slice::from_ref(&touching), &[], &[]), []);
    let early = Planned { span: Some(span("2026-03-02T22:59:00Z", ELEVEN.1)), ..touching };
    let both = found(&x, std::slice::from_ref(&early), &[], &[]);
    assert_eq!(kinds(&both), [K::CiScheduled]);
    assert_eq!((&both[0].with, both[0].blocks), (&With::Change(TicketId::new("CHG-2")), true));
    for gone in [State::Closed, State::Cancelled, State::Review] {
        let ended = Planned { state: gone, ..early.clone() };
        assert_eq!(found(&x, &[ended], &[], &[]), [], "{gone}");
    }
    let past = Planned { of: ChangeType::Retrospective, ..early };
    assert_eq!(found(&x, &[past], &[], &[]), []);
    assert_eq!(found(&x, std::slice::from_ref(&x), &[], &[]), [], "nor with itself");
}

#[test]
fn parents_and_parts_are_in_the_way_as_well() {
    let x = plan("CHG-1", "SWITCH", night());
    assert_eq!(kinds(&found(&x, &[plan("CHG-2", "RACK", night())], &[], &[])), [K::ParentScheduled]);
    assert_eq!(kinds(&found(&x, &[plan("CHG-2", "AP", night())], &[], &[])), [K::ChildScheduled]);
    assert_eq!(found(&x, &[plan("CHG-2", "PRINTER", night())], &[], &[]), []);
}

#[test]
fn a_shared_service_and_a_shared_maker_are_in_the_way() {
    let x = Planned { maker: Some("bob".into()), ..plan("CHG-1", "SWITCH", night()) };
    let service = Planned { service: Some("WLAN".into()), ..plan("CHG-2", "", night()) };
    assert_eq!(kinds(&found(&x, &[service], &[], &[])), [K::SharedService]);
    let maker = Planned { maker: Some("bob".into()), ..plan("CHG-2", "PRINTER", night()) };
    assert_eq!(kinds(&found(&x, &[maker], &[], &[])), [K::SameMaker]);
    let nobody = Planned { maker: None, ..plan("CHG-2", "PRINTER", night()) };
    assert_eq!(found(&Planned { maker: None, ..x }, &[nobody], &[], &[]), []);
}

fn about(tag: &str, held: Window) -> Window {
    Window { scope: Scope { queries: vec![format!("tag:{tag}")], ..Scope::default() }, ..held }
}

#[test]
fn outside_of_a_maintenance_window_is_a_conflict_and_inside_is_none() {
    let hours = |from: &str, to: &str| window("Hours", WindowKind::Maintenance, from, to);
    let x = plan("CHG-1", "SWITCH", night());
    let covers = hours("2026-03-02T22:00:00", "2026-03-02T23:00:00");
    let short = hours("2026-03-02T22:00:00", "2026-03-02T22:59:00");
    assert_eq!(found(&x, &[], std::slice::from_ref(&covers), &[]), []);
    assert_eq!(kinds(&found(&x, &[], std::slice::from_ref(&short), &[])), [K::NotInMaintenance]);
    let rest = Window { name: "Rest".into(), ..hours("2026-03-02T22:59:00", "2026-03-02T23:30:00") };
    assert_eq!(found(&x, &[], &[short.clone(), rest], &[]), [], "two that touch are one");
    assert_eq!(kinds(&found(&x, &[], &[about("RACK", short.clone())], &[])), [K::ParentNotInMaintenance]);
    assert_eq!(kinds(&found(&x, &[], &[about("AP", short.clone())], &[])), [K::ChildNotInMaintenance]);
    assert_eq!(found(&x, &[], &[about("PRINTER", short.clone())], &[]), []);
    let soft = Window { force: Force::Soft, ..short };
    assert!(!found(&x, &[], &[soft], &[])[0].blocks, "a soft one warns");
}

#[test]
fn a_freeze_of_itself_its_parents_and_its_parts() {
    let freeze = window("Freeze", WindowKind::Freeze, "2026-03-02T22:30:00", "2026-03-03T06:00:00");
    let x = plan("CHG-1", "SWITCH", night());
    assert_eq!(
        kinds(&found(&x, &[], std::slice::from_ref(&freeze), &[])),
        [K::Freeze],
        "told once, not of its parents again"
    );
    assert_eq!(kinds(&found(&x, &[], &[about("RACK", freeze.clone())], &[])), [K::ParentFreeze]);
    assert_eq!(kinds(&found(&x, &[], &[about("AP", freeze.clone())], &[])), [K::ChildFreeze]);
    let touching = window("F", WindowKind::Freeze, "2026-03-02T23:00:00", "2026-03-03T06:00:00");
    assert_eq!(found(&x, &[], &[touching], &[]), []);
    let exempt = Window { exempt: vec![ChangeType::Emergency], ..freeze.clone() };
    let emergency = Planned { of: ChangeType::Emergency, ..x.clone() };
    assert_eq!(found(&emergency, &[], std::slice::from_ref(&exempt), &[]), []);
    assert_eq!(kinds(&found(&x, &[], &[exempt], &[])), [K::Freeze]);
    assert!(!found(&x, &[], &[Window { force: Force::Soft, ..freeze }], &[])[0].blocks);
}

#[test]
fn who_is_away_is_missed() {
    let mut directory = directory();
    let until = at("2026-03-02T22:30:00Z");
    directory.people.iter_mut().find(|p| &*p.login == "bob").unwrap().absent_until = Some(until);
    let x = Planned { maker: Some("bob".into()), ..plan("CHG-1", "SWITCH", night()) };
    let board = Board::new(&directory, &[], &[], &[], night());
    let told = board.conflicts(&x, night(), &["bob".into()]);
    assert_eq!(kinds(&told), [K::Absent], "once");
    assert_eq!(told[0].with, With::Person("bob".into()));
    let later = span(ELEVEN.0, ELEVEN.1);
    assert_eq!(board.conflicts(&x, later, &[]), []);
    let approver = Planned { maker: None, ..x };
    assert_eq!(kinds(&board.conflicts(&approver, night(), &["bob".into()])), [K::Absent]);
}

#[test]
fn a_desk_may_be_warned_only() {
    let directory = directory();
    let (x, others) = (plan("CHG-1", "SWITCH", night()), [plan("CHG-2", "SWITCH", night())]);
    let board = Board::new(&directory, &[], &others, &[K::CiScheduled], night());
    assert!(!board.conflicts(&x, night(), &[])[0].blocks);
}

#[test]
fn free_times_are_free_at_most_a_hundred_and_within_ninety_days() {
    let directory = directory();
    let from = at("2026-10-20T10:10:00Z");
    let mut nights = window("Nights", WindowKind::Maintenance, "2026-01-01T22:00:00", "2026-01-02T04:00:00");
    nights.repeat = Repeat::Daily;
    let freeze = window("Freeze", WindowKind::Freeze, "2026-10-20T00:00:00", "2026-10-22T12:00:00");
    let windows = [nights, freeze];
    let others = [plan("CHG-2", "SWITCH", span("2026-10-22T21:00:00Z", "2026-10-22T23:00:00Z"))];
    let board = Board::new(&directory, &windows, &others, &[], slots::ahead(from));
    let x = plan("CHG-1", "SWITCH", Span::lasting(from, SignedDuration::from_hours(3)));
    let free = slots::next(&board, &x, &[], from, slots::MOST);
    assert_eq!(free[0], span("2026-10-22T23:00:00Z", "2026-10-23T02:00:00Z"), "midnight local, after the other");
    assert_eq!(free.len(), 100);
    for slot in &free {
        assert_eq!(board.conflicts(&x, *slot, &[]), [], "{slot:?}");
        assert!(slot.end <= slots::ahead(from).end && slot.length() == SignedDuration::from_hours(3));
    }
    assert!(free.windows(2).all(|pair| !pair[0].overlaps(&pair[1])));
    // On the night that is an hour longer, seven hours of the clock hold two changes of three hours and one more.
    let longer = free.iter().filter(|slot| slot.overlaps(&span("2026-10-24T21:00:00Z", "2026-10-25T04:00:00Z")));
    assert_eq!(longer.count(), 2);
    let whole = Planned { span: Some(Span::lasting(from, SignedDuration::from_hours(7))), ..x.clone() };
    let nights = slots::next(&board, &whole, &[], from, slots::MOST);
    assert_eq!(nights, [span("2026-10-24T21:00:00Z", "2026-10-25T04:00:00Z")], "seven hours fit into that one only");
    assert_eq!(slots::next(&board, &x, &[], from, 3).len(), 3);
    let unplanned = Planned { span: None, ..x };
    assert_eq!(slots::next(&board, &unplanned, &[], from, 3), []);
}
