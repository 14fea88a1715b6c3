//! The numbers counted independently in the UCI log, asked of the desk's own tickets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use deskside::domain::change::{Change, LinkKind};
use deskside::domain::field::{Field, Value};
use deskside::domain::priority::Matrix;
use deskside::domain::radar::counting::reaches;
use deskside::domain::sla::Policy;
use deskside::domain::state::State;
use deskside::domain::suggest::{Example, Part, Settings, measure};
use deskside::domain::summary::Summary;
use deskside::domain::ticket::Ticket;
use deskside::import::mapping::Mapping;
use jiff::Timestamp;

use super::{Imported, custom, data, import, percentile, time};

static UCI: LazyLock<Option<Imported>> = LazyLock::new(|| {
    let path = data("uci498_full_141712.zip")?;
    Some(import(&path, &Mapping::find("uci498").unwrap()).unwrap())
});

fn counts<K: Ord>(all: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    all.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

fn priority(ticket: &Ticket) -> i64 {
    let computed = i64::from(ticket.impact() + ticket.urgency() - 1);
    ticket.number(&Field::PriorityOverride).unwrap_or(computed)
}

fn minutes(from: Timestamp, to: Timestamp) -> i64 {
    let ms = to.as_millisecond() - from.as_millisecond();
    assert_eq!(ms % 60_000, 0);
    ms / 60_000
}

fn mean(all: &[i64]) -> f64 {
    all.iter().sum::<i64>() as f64 / all.len() as f64
}

#[test]
fn every_row_of_every_state_is_an_event() {
    let Some(uci) = &*UCI else { return };
    let expected: BTreeMap<String, usize> = [
        ("New", 36_407),
        ("Active", 38_716),
        ("Resolved", 25_751),
        ("Closed", 24_985),
        ("Awaiting User Info", 14_642),
        ("Awaiting Vendor", 707),
        ("Awaiting Problem", 461),
        ("Awaiting Evidence", 38),
        ("-100", 5),
    ]
    .into_iter()
    .map(|(name, count)| (name.to_owned(), count))
    .collect();
    let said = uci.tickets.iter().flat_map(|ticket| &ticket.timeline).filter_map(|event| match &event.change {
        Change::Set { field: Field::Custom(name), to: Some(to), .. } if &**name == "x.state" => Some(to.to_string()),
        _ => None,
    });
    assert_eq!(counts(said), expected);
    assert_eq!(uci.report.states.values().sum::<u64>(), 141_712);
    assert_eq!(uci.report.states.iter().map(|(k, v)| (k.clone(), *v as usize)).collect::<BTreeMap<_, _>>(), expected);
    assert_eq!(uci.report.unknown, BTreeMap::from([("-100".to_owned(), 5)]));
    assert_eq!((uci.report.rows, uci.report.cases, uci.report.bad_rows), (141_712, 24_918, 0));
    assert_eq!(uci.tickets.len(), 24_918);
    assert!(uci.tickets.iter().all(|ticket| ticket.state == State::Closed));
}

#[test]
fn priorities_impacts_and_what_met_its_target() {
    let Some(uci) = &*UCI else { return };
    let all = || uci.tickets.iter();
    assert_eq!(counts(all().map(priority)), BTreeMap::from([(1, 270), (2, 408), (3, 23_466), (4, 774)]));
    assert_eq!(counts(all().map(Ticket::impact)), BTreeMap::from([(1, 421), (2, 23_746), (3, 751)]));
    assert_eq!(counts(all().map(Ticket::urgency)), BTreeMap::from([(1, 531), (2, 23_689), (3, 698)]));
    let made = all().filter(|ticket| ticket.text(&custom("x.made_sla")) == "true");
    assert_eq!(counts(made.map(priority)), BTreeMap::from([(1, 5), (2, 2), (3, 15_145), (4, 651)]));
    let channels = counts(all().map(|ticket| ticket.text(&Field::Channel)));
    let expected = [("Phone", 24_688), ("Self service", 158), ("Email", 59), ("IVR", 9), ("Direct opening", 4)];
    assert_eq!(channels, BTreeMap::from(expected));
}

#[test]
fn reopens_and_reassignments() {
    let Some(uci) = &*UCI else { return };
    let count = |wanted: fn(&Ticket) -> bool| uci.tickets.iter().filter(|ticket| wanted(ticket)).count();
    assert_eq!(count(|ticket| ticket.reopens >= 1), 275);
    assert_eq!(uci.tickets.iter().map(|ticket| ticket.reopens).sum::<u32>(), 331);
    assert_eq!(count(|ticket| ticket.reassignments >= 1), 11_369);
    assert_eq!(uci.tickets.iter().map(|ticket| ticket.reassignments).sum::<u32>(), 23_414);
    assert_eq!(uci.tickets.iter().map(|ticket| ticket.reassignments).max(), Some(27));
    assert_eq!(count(|ticket| ticket.reassignments == 0 && ticket.reopens == 0), 13_487);
}

#[test]
fn links_suppliers_and_assets() {
    let Some(uci) = &*UCI else { return };
    let linked = |how| uci.tickets.iter().filter(|ticket| ticket.links.iter().any(|link| link.how == how)).count();
    assert_eq!((linked(LinkKind::ProblemIs), linked(LinkKind::FixedBy), linked(LinkKind::CausedBy)), (380, 176, 3));
    let has = |field| uci.tickets.iter().filter(|ticket| ticket.get(&field).is_some()).count();
    assert_eq!((has(Field::Supplier), has(Field::Asset)), (15, 54));
}

#[test]
fn from_opened_to_resolved_and_closed() {
    let Some(uci) = &*UCI else { return };
    let to = |end: fn(&Ticket) -> Option<Timestamp>| {
        let mut all: Vec<i64> =
            uci.tickets.iter().filter_map(|ticket| Some(minutes(ticket.opened, end(ticket)?))).collect();
        all.sort_unstable();
        all
    };
    let resolved = to(|ticket| ticket.resolved);
    assert_eq!((resolved.len(), resolved.iter().sum::<i64>()), (23_362, 249_746_670));
    assert_eq!(format!("{:.3}", mean(&resolved)), "10690.295");
    let of = |percent| percentile(&resolved, percent);
    assert_eq!((of(50), of(90), of(95), of(100)), (1_326, 22_893, 42_651, 484_210));
    assert_eq!(resolved.iter().filter(|minutes| **minutes == 0).count(), 39);
    assert!(resolved[0] >= 0);
    let closed = to(|ticket| ticket.closed);
    assert_eq!((closed.len(), percentile(&closed, 50)), (24_918, 8_752));
    assert_eq!(format!("{:.3}", mean(&closed)), "18919.718");
}

#[test]
fn the_first_response() {
    let Some(uci) = &*UCI else { return };
    let mut all: Vec<i64> =
        uci.tickets.iter().map(|ticket| minutes(ticket.opened, ticket.responded.unwrap())).collect();
    all.sort_unstable();
    assert_eq!((percentile(&all, 50), format!("{:.2}", mean(&all))), (21, "2616.35".to_owned()));
    assert_eq!(all.iter().filter(|minutes| **minutes < 0).count(), 2);
    assert_eq!(uci.report.backwards, ["0000137"]);
}

#[test]
fn who_waited_for_the_caller() {
    let Some(uci) = &*UCI else { return };
    let asked = |ticket: &&Ticket| {
        ticket.timeline.iter().any(|event| {
            matches!(&event.change, Change::Set { field: Field::HoldReason, to: Some(Value::Name(why)), .. } if &**why == "caller")
        })
    };
    assert_eq!(uci.tickets.iter().filter(asked).count(), 5_471);
}

#[test]
fn opened_by_month_and_the_backlog() {
    let Some(uci) = &*UCI else { return };
    let months = counts(uci.tickets.iter().map(|ticket| ticket.opened.to_string()[..7].to_owned()));
    let expected = [207, 8_995, 7_934, 7_508, 5, 14, 15, 12, 16, 26, 37, 94, 55];
    assert_eq!(months.values().copied().collect::<Vec<_>>(), expected);
    assert_eq!(months.keys().next().map(String::as_str), Some("2016-02"));
    for (month, backlog) in [("03", 206), ("04", 3_353), ("05", 2_961), ("06", 2_044)] {
        let t = time(&format!("2016-{month}-01T00:00:00Z"));
        let then = uci.gathered.history.iter().filter_map(|(id, events)| Ticket::as_of(id.clone(), events.clone(), t));
        assert_eq!(then.filter(|ticket| ticket.state != State::Closed).count(), backlog, "{t}");
    }
}

#[test]
fn keys_that_come_back() {
    let Some(uci) = &*UCI else { return };
    let mut keys: BTreeMap<(&str, &str), Vec<Timestamp>> = BTreeMap::new();
    for ticket in &uci.tickets {
        let symptom = ticket.text(&custom("x.symptom"));
        if !symptom.is_empty() {
            keys.entry((ticket.text(&Field::Category), symptom)).or_default().push(ticket.opened);
        }
    }
    keys.values_mut().for_each(|times| times.sort_unstable());
    let days = |from: Timestamp, to: Timestamp| minutes(from, to) <= 30 * 24 * 60;
    let often = |times: &&Vec<Timestamp>| times.windows(5).any(|five| days(five[0], five[4]));
    assert_eq!((keys.len(), keys.values().filter(often).count()), (1_349, 324));
    let largest = keys.iter().max_by_key(|(_, times)| times.len()).unwrap();
    assert_eq!((*largest.0, largest.1.len()), (("42/223", "534"), 1_596));
}

#[test]
fn acts_have_keys_that_stay() {
    let Some(uci) = &*UCI else { return };
    let again = import(&data("uci498_full_141712.zip").unwrap(), &Mapping::find("uci498").unwrap()).unwrap();
    assert!(again.gathered.history == uci.gathered.history);
    let keys: Vec<_> = uci.tickets.iter().flat_map(|ticket| &ticket.timeline).map(|event| &event.op).collect();
    let different: BTreeSet<_> = keys.iter().collect();
    assert_eq!(different.len(), 141_712 + 24_918);
}

#[test]
fn the_group_is_guessed_better_than_by_its_category() {
    let Some(uci) = &*UCI else { return };
    let policy = Policy::new(Vec::new(), BTreeMap::new()).unwrap();
    let row = |ticket: &Ticket| Summary::of(ticket, &policy, &Matrix::standard());
    let mut rows: Vec<Summary> = uci.tickets.iter().map(row).filter(|row| row.group.is_some()).collect();
    assert_eq!(rows.len(), 22_761);
    rows.sort_by_key(|row| row.opened);
    // A part of the log, so that a build without optimisation is quick; `deskside evaluate` asks for all of it.
    rows.truncate(5_000);
    let examples: Vec<Example> = rows.iter().map(Example::of).collect();
    let part = Part { learn: (0..4_000).collect(), ask: (4_000..5_000).collect() };
    let answers = measure(&examples, &part, &Field::Group, Settings::default(), false);
    let within = |most: usize| answers.iter().filter(|answer| answer.rank.is_some_and(|rank| rank < most)).count();
    let mut best: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for row in &rows[..4_000] {
        let (category, group) = (row.category.as_deref().unwrap_or_default(), row.group.as_deref().unwrap_or_default());
        *best.entry(category).or_default().entry(group).or_default() += 1;
    }
    let usual = |row: &&Summary| {
        let groups = best.get(row.category.as_deref().unwrap_or_default());
        let most = groups.and_then(|groups| groups.iter().max_by_key(|(_, count)| **count));
        most.is_some_and(|(group, _)| Some(*group) == row.group.as_deref())
    };
    let baseline = rows[4_000..].iter().filter(usual).count();
    eprintln!("group: first {}, in three {} of 1,000; most frequent of its category {baseline}", within(1), within(3));
    assert!(within(1) > baseline + 20 && within(3) > within(1) + 100, "{} {baseline}", within(1));
}

#[test]
fn keys_and_how_many_repeat_are_as_counted() {
    let Some(uci) = &*UCI else { return };
    let mut keys: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    for ticket in &uci.tickets {
        let (category, symptom) = (ticket.text(&Field::Category), ticket.text(&custom("x.symptom")));
        if !symptom.is_empty() {
            keys.entry((category, symptom)).or_default().push(ticket.opened.as_millisecond());
        }
    }
    keys.values_mut().for_each(|times| times.sort_unstable());
    assert_eq!(keys.len(), 1_349);
    assert_eq!(keys.values().filter(|times| reaches(times, 5, 30)).count(), 324);
    let largest = keys.iter().max_by_key(|(_, times)| times.len()).unwrap();
    assert_eq!((*largest.0, largest.1.len()), (("42/223", "534"), 1_596));
}
