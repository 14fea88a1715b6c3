//! The change guard: which changes may have to do with an incident.

use deskside::domain::change::{Link, LinkKind};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::priority::Matrix;
use deskside::domain::rfc::near::{Course, Why, changes, freezes};
use deskside::domain::rfc::score::Record;
use deskside::domain::rfc::window::WindowKind;
use deskside::domain::sla::Policy;
use deskside::domain::state::State;
use deskside::domain::summary::Summary;
use deskside::domain::ticket::Ticket;
use jiff::SignedDuration;

use super::windows::{asset, window};
use crate::domain::small::{directory, start};

fn row(ticket: &Ticket) -> Summary {
    Summary::of(ticket, &Policy::new(Vec::new(), Default::default()).unwrap(), &Matrix::standard())
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn made(id: &str, fields: &[(Field, &str)], from: i64, to: i64) -> Summary {
    let mut t = Ticket::blank(TicketId::new(id), Kind::Change, "bob".into(), start() - hours(400));
    t.state = State::Closed;
    t.fields.insert(Field::ActualStart, Value::Time(start() + hours(from)));
    t.fields.insert(Field::ActualEnd, Value::Time(start() + hours(to)));
    t.fields.insert(Field::Outcome, Value::name("successful"));
    t.fields.extend(fields.iter().map(|(field, value)| (field.clone(), Value::name(value))));
    row(&t)
}

fn incident() -> Ticket {
    let mut t = Ticket::blank(TicketId::new("INC-1"), Kind::Incident, "ann".into(), start());
    t.fields.insert(Field::Asset, Value::name("SWITCH"));
    t
}

#[test]
fn the_nearest_and_newest_come_first_with_why() {
    let mut directory = directory();
    directory.assets = vec![
        asset("RACK", "Rack", &[], &[]),
        asset("SWITCH", "Cisco", &["RACK"], &["WLAN"]),
        asset("AP", "Aruba", &["SWITCH"], &["WLAN"]),
        asset("TWIN", "Cisco", &[], &["Printing"]),
    ];
    directory.assets[3].location = Some("London".into());
    let rows = [
        made("CHG-1", &[(Field::Location, "Leeds 2")], -3, -2),
        made("CHG-2", &[(Field::Asset, "TWIN")], -3, -2),
        made("CHG-3", &[(Field::Service, "WLAN")], -3, -2),
        made("CHG-4", &[(Field::Asset, "AP")], -3, -2),
        made("CHG-5", &[(Field::Asset, "RACK")], -3, -2),
        made("CHG-6", &[(Field::Asset, "SWITCH")], -90, -80),
        made("CHG-7", &[(Field::Asset, "SWITCH")], -1, 2),
        made("CHG-8", &[(Field::Asset, "SWITCH")], -200, -169),
        made("CHG-9", &[(Field::Asset, "SWITCH")], 1, 2),
        made("CHG-10", &[(Field::Service, "Printing"), (Field::Location, "London")], -3, -2),
    ];
    let found = changes(&row(&incident()), rows.iter(), &directory, start() + hours(5));
    let told: Vec<_> = found.iter().map(|near| (near.id.as_str(), near.why, near.course)).collect();
    let expected = [
        ("CHG-7", Why::SameAsset, Course::Running),
        ("CHG-6", Why::SameAsset, Course::Done),
        ("CHG-5", Why::PartOf, Course::Done),
        ("CHG-4", Why::Part, Course::Done),
        ("CHG-3", Why::SameService, Course::Done),
        ("CHG-2", Why::SameModel, Course::Done),
        ("CHG-1", Why::SameLocation, Course::Done),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_change_without_actual_times_counts_as_it_was_planned() {
    let mut t = Ticket::blank(TicketId::new("CHG-1"), Kind::Change, "bob".into(), start() - hours(50));
    t.fields.insert(Field::Asset, Value::name("SWITCH"));
    t.fields.insert(Field::PlannedStart, Value::Time(start() - hours(1)));
    t.fields.insert(Field::PlannedEnd, Value::Time(start() + hours(1)));
    let near = |state| {
        let held = row(&Ticket { state, ..t.clone() });
        changes(&row(&incident()), [held].iter(), &directory(), start() + hours(9)).len()
    };
    assert_eq!((near(State::Scheduled), near(State::Implement), near(State::Closed)), (1, 1, 1));
    assert_eq!((near(State::New), near(State::Authorize), near(State::Cancelled)), (0, 0, 0));
}

#[test]
fn a_freeze_that_held_is_told() {
    let held = window("F", WindowKind::Freeze, "2026-03-01T00:00:00", "2026-03-03T00:00:00");
    let over = window("G", WindowKind::Freeze, "2026-02-01T00:00:00", "2026-03-01T00:00:00");
    let windows = [held, over];
    let found = freezes(&row(&incident()), &windows, &directory());
    assert_eq!(found.iter().map(|(window, _)| window.name.as_str()).collect::<Vec<_>>(), ["F"]);
}

#[test]
fn a_row_knows_which_change_caused_it_and_costs_its_team() {
    let mut t = incident();
    t.fields.insert(Field::Impact, Value::Number(1));
    t.fields.insert(Field::Urgency, Value::Number(2));
    t.links.push(Link { how: LinkKind::CausedBy, other: "CHG-3".into() });
    let caused = row(&t);
    assert_eq!(caused.caused_by, Some(TicketId::new("CHG-3")));
    let mut record = Record::default();
    record.take(&caused);
    record.take(&made("CHG-3", &[], -3, -2));
    record.take(&made("CHG-4", &[(Field::Outcome, "successful_with_issues")], -3, -2));
    record.take(&made("CHG-5", &[(Field::Outcome, "backed_out")], -3, -2));
    assert_eq!(record.score(), 3 - 2 - 5 - 5);
}
