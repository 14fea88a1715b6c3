//! The numbers counted independently in the VINST log, asked of the desk's own tickets.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use deskside::domain::change::Change;
use deskside::domain::field::Field;
use deskside::domain::kind::Kind;
use deskside::domain::state::State;
use deskside::domain::ticket::Ticket;
use deskside::import::mapping::Mapping;

use super::{Imported, data, import};

static VINST: LazyLock<Option<Imported>> = LazyLock::new(|| {
    let path = data("bpic2013_vinst_closed_problems.xes.gz")?;
    Some(import(&path, &Mapping::find("vinst-problems").unwrap()).unwrap())
});

#[test]
fn problems_events_and_impacts() {
    let Some(vinst) = &*VINST else { return };
    assert_eq!((vinst.report.rows, vinst.report.cases, vinst.report.bad_rows), (6_660, 1_487, 0));
    assert_eq!(vinst.report.unknown.len(), 0);
    assert!(vinst.tickets.iter().all(|ticket| ticket.kind == Kind::Problem && ticket.state == State::Closed));
    let count = |wanted: fn(&Ticket) -> bool| vinst.tickets.iter().filter(|ticket| wanted(ticket)).count();
    let major = |ticket: &Ticket| ticket.get(&Field::Major).and_then(|value| value.as_flag()).unwrap();
    assert_eq!(vinst.tickets.iter().filter(|ticket| major(ticket)).count(), 135);
    assert_eq!(vinst.tickets.iter().filter(|ticket| ticket.impact() == 1 && !major(ticket)).count(), 306);
    assert_eq!((count(|ticket| ticket.impact() == 2), count(|ticket| ticket.impact() == 3)), (811, 235));
    let products: BTreeSet<&str> = vinst.tickets.iter().map(|ticket| ticket.text(&Field::Service)).collect();
    assert_eq!(products.len(), 337);
    assert_eq!(vinst.directory.services.len(), 337);
}

#[test]
fn ping_pong_between_teams() {
    let Some(vinst) = &*VINST else { return };
    let back = |ticket: &&Ticket| {
        let teams = ticket.timeline.iter().filter_map(|event| match &event.change {
            Change::Set { field: Field::Group, to, .. } => Some(to),
            _ => None,
        });
        let mut known = BTreeSet::new();
        teams.into_iter().any(|team| !known.insert(team.clone()))
    };
    assert_eq!(vinst.tickets.iter().filter(back).count(), 118);
}

#[test]
fn how_long_it_took() {
    let Some(vinst) = &*VINST else { return };
    let hours = |ticket: &Ticket| {
        let ms = ticket.closed.unwrap().as_millisecond() - ticket.opened.as_millisecond();
        ms as f64 / 3_600_000.0
    };
    let mut all: Vec<f64> = vinst.tickets.iter().map(hours).collect();
    all.sort_by(f64::total_cmp);
    assert_eq!(format!("{:.3}", all[all.len().div_ceil(2) - 1]), "1968.533");
    assert_eq!(format!("{:.3}", all.iter().sum::<f64>() / all.len() as f64), "4293.237");
    assert_eq!(vinst.tickets.iter().filter(|ticket| ticket.reopens > 0).count(), 61, "work after Completed");
}

#[test]
fn a_person_is_a_name_in_a_country() {
    let Some(vinst) = &*VINST else { return };
    let minnie = vinst.directory.person("Minnie@INDIA").unwrap();
    assert_eq!(&*minnie.name, "Minnie (INDIA)");
    assert!(minnie.groups.iter().any(|group| &**group == "J11 2nd"));
    assert_eq!(vinst.directory.group("J11 2nd").unwrap().line, 2);
}
