//! Tables: what goes in comes out, rows keep their numbers, the memory stays in its bound.

use std::collections::BTreeMap;

use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::priority::Matrix;
use deskside::domain::sla::Policy;
use deskside::domain::summary::Summary;
use deskside::domain::table::{Bits, NameColumn, Needle, NumberColumn, Row, Table, fold};
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use jiff::Timestamp;
use proptest::prelude::*;

use super::rows::{Dice, summaries};

#[test]
fn what_goes_in_comes_out() {
    let list = summaries(3000, 1);
    let mut table = Table::with_capacity(10);
    let rows: Vec<Row> = list.iter().map(|summary| table.upsert(summary)).collect();
    assert_eq!(table.len(), 3000);
    for (row, summary) in rows.iter().zip(&list) {
        assert_eq!(&table.summary(*row), summary);
        assert_eq!(table.row(&summary.id), Some(*row));
        assert_eq!(table.title(*row), summary.title.as_str());
        assert_eq!(table.group(*row), summary.group.as_deref());
    }
    assert_eq!(table.iter().collect::<Vec<_>>(), rows);
    assert_eq!(table.find("INC-0"), None);
}

#[test]
fn what_nobody_said_is_not_made_up() {
    let opened = Timestamp::UNIX_EPOCH;
    let mut ticket = Ticket::blank(TicketId::new("7"), Kind::Incident, Name::new("sam"), opened);
    let policy = Policy::new(Vec::new(), BTreeMap::new()).unwrap();
    let row = Summary::of(&ticket, &policy, &Matrix::standard());
    let mut table = Table::new();
    let at = table.upsert(&row);
    assert_eq!(table.summary(at), row);
    // It counts as the lowest, and deciding the lowest is a change nevertheless.
    assert_eq!((table.said(at), table.number(at, NumberColumn::Impact)), ([0, 0], 3));
    assert_eq!(Ticket::of_row(&row).get(&Field::Impact), None);
    // Lists that do not tell fields of choice take none away from a ticket that was read whole.
    ticket.fields.insert(Field::Category, Value::name("Network"));
    ticket.fields.insert(Field::Impact, Value::Number(2));
    let (mut same, shallow) = (ticket.clone(), Summary { shallow: true, ..row.clone() });
    same.lay(&shallow);
    assert_eq!((same.text(&Field::Category), same.impact()), ("Network", 2));
    let at = table.upsert(&shallow);
    assert!(table.summary(at).shallow);
    ticket.lay(&row);
    assert_eq!(ticket.text(&Field::Category), "");
}

#[test]
fn what_was_written_since_is_known_for_a_while_and_never_told_wrongly() {
    let list = summaries(3, 2);
    let mut table = Table::new();
    let rows: Vec<Row> = list.iter().map(|summary| table.upsert(summary)).collect();
    let before = table.generation();
    assert_eq!(table.written_since(before), Some(&[][..]));
    table.upsert(&list[2]);
    table.remove(&list[0].id);
    assert_eq!(table.written_since(before), Some(&[rows[2], rows[0]][..]));
    assert_eq!(table.written_since(before + 1), Some(&[rows[0]][..]));
    assert_eq!(table.written_since(before + 3), None, "that is not yet");
    table.divide(&[deskside::domain::name::Name::new("one")]);
    assert_eq!(table.written_since(before), None, "every row may be another one now");
    let before = table.generation();
    for _ in 0..2_000 {
        table.upsert(&list[1]);
        let since = table.written_since(before);
        assert!(since.is_none_or(|rows| rows.len() as u64 == table.generation() - before));
    }
    assert_eq!(table.generation(), before + 2_000);
    assert_eq!(table.written_since(before), None, "not for ever");
}

#[test]
fn a_removed_ticket_that_comes_back_has_its_old_row() {
    let list = summaries(3, 2);
    let mut table = Table::new();
    let rows: Vec<Row> = list.iter().map(|summary| table.upsert(summary)).collect();
    let before = table.generation();
    assert_eq!(table.remove(&list[1].id), Some(rows[1]));
    assert_eq!(table.remove(&list[1].id), None);
    assert!(table.generation() > before);
    assert_eq!((table.len(), table.slots(), table.row(&list[1].id)), (2, 3, None));
    assert!(!table.contains(rows[1]));
    assert_eq!(table.iter().collect::<Vec<_>>(), [rows[0], rows[2]]);
    assert_eq!(table.upsert(&list[1]), rows[1]);
    assert_eq!(table.summary(rows[1]), list[1]);
}

#[test]
fn titles_that_change_often_do_not_pile_up() {
    let mut list = summaries(2000, 3);
    let mut table = Table::new();
    let mut rounds = |table: &mut Table, rounds: std::ops::Range<u32>| {
        for round in rounds {
            for summary in &mut list {
                summary.title = Clean::line(&format!("Title of round {round}, and then some more words of the caller"));
                summary.custom = vec![(Name::new("x.round"), Name::new(&round.to_string()))];
                table.upsert(summary);
            }
        }
        assert!(
            list.iter().all(|summary| table.row(&summary.id).map(|row| table.summary(row)).as_ref() == Some(summary))
        );
        table.bytes()
    };
    let few = rounds(&mut table, 0..4);
    let many = rounds(&mut table, 4..40);
    assert!(many < few * 5 / 4, "{few} bytes after 4 rounds grew to {many} after 40");
}

#[test]
fn a_hundred_thousand_rows_stay_below_20_megabytes() {
    let list = summaries(100_000, 4);
    let mut table = Table::with_capacity(list.len());
    list.iter().for_each(|summary| _ = table.upsert(summary));
    let titles = list.iter().map(|summary| summary.title.len()).sum::<usize>() / list.len();
    assert!(titles >= 40, "titles of a believable length, not {titles}");
    println!("{} bytes a row", table.bytes() / list.len());
    assert!(table.bytes() < 20_000_000, "{} bytes", table.bytes());
}

#[test]
fn names_are_kept_once() {
    let mut table = Table::new();
    summaries(500, 5).iter().for_each(|summary| _ = table.upsert(summary));
    let first = table.iter().find(|row| table.group(*row) == Some("Network")).unwrap();
    let symbol = table.symbol(first, NameColumn::Group).unwrap();
    assert_eq!(table.names().find("Network"), Some(symbol));
    assert_eq!(table.names().folded(symbol), b"network");
    assert_eq!(table.names().find("network"), None);
    let net = table.names().containing(&memchr::memmem::Finder::new("net"));
    let naive: Vec<u32> = table
        .names()
        .symbols()
        .filter(|s| table.names().name(*s).to_lowercase().contains("net"))
        .map(|s| s.0)
        .collect();
    assert_eq!(net.iter().collect::<Vec<_>>(), naive);
}

/// Numbers of names are kept in two bytes as long as they fit.
#[test]
fn there_may_be_more_names_than_fit_into_two_bytes() {
    let one = summaries(1, 5).remove(0);
    let mut table = Table::new();
    let owners: Vec<Name> = (0..66_000).map(|number| Name::new(&format!("owner{number}"))).collect();
    let rows: Vec<Row> = owners
        .iter()
        .map(|owner| {
            table.upsert(&Summary { id: TicketId::new(&format!("T-{owner}")), owner: owner.clone(), ..one.clone() })
        })
        .collect();
    for (row, owner) in rows.iter().zip(&owners) {
        assert_eq!(table.summary(*row).owner, *owner);
    }
    // A row that had one of the last gets one of the first.
    let last = *rows.last().unwrap();
    let id = table.summary(last).id;
    table.upsert(&Summary { id, owner: owners[0].clone(), ..one });
    assert_eq!(table.summary(last).owner, owners[0]);
}

fn summary() -> impl Strategy<Value = Summary> {
    let names = prop::sample::select(vec!["", "Zürich", "İstanbul", "a", "Network", "network"]);
    let times = -60_000_000_000_000_i64..100_000_000_000_000;
    (
        (0_usize..12, any::<u64>()),
        "\\PC{0,30}",
        prop::collection::vec((names.clone(), names), 0..3),
        prop::option::of(times),
    )
        .prop_map(|((id, seed), title, custom, time)| {
            let mut summary = summaries(1, seed).remove(0);
            summary.id = TicketId::new(&format!("T-{id}"));
            summary.title = Clean::line(&title);
            summary.custom = custom.iter().map(|(name, value)| (Name::new(name), Name::new(value))).collect();
            summary.responded = time.map(|ms| jiff::Timestamp::from_millisecond(ms).unwrap());
            summary.glance.left = time;
            summary.glance.late = time.filter(|_| seed % 2 == 0);
            summary
        })
}

proptest! {
    #[test]
    fn a_table_is_a_map(steps in prop::collection::vec((any::<bool>(), summary()), 0..60)) {
        let mut table = Table::new();
        let mut model: BTreeMap<TicketId, Summary> = BTreeMap::new();
        let mut rows: BTreeMap<TicketId, Row> = BTreeMap::new();
        for (put, summary) in steps {
            if put {
                let row = table.upsert(&summary);
                prop_assert_eq!(*rows.entry(summary.id.clone()).or_insert(row), row, "a row keeps its number");
                model.insert(summary.id.clone(), summary);
            } else {
                prop_assert_eq!(table.remove(&summary.id).is_some(), model.remove(&summary.id).is_some());
            }
        }
        prop_assert_eq!(table.len(), model.len());
        let held: BTreeMap<TicketId, Summary> = table.iter().map(|row| table.summary(row)).map(|s| (s.id.clone(), s)).collect();
        prop_assert_eq!(held, model);
    }

    #[test]
    fn bits_are_a_set(numbers in prop::collection::vec(0_u32..300, 0..80), others in prop::collection::vec(0_u32..300, 0..80)) {
        use std::collections::BTreeSet;
        let set = |list: &[u32]| list.iter().copied().collect::<BTreeSet<u32>>();
        let bits = |list: &[u32]| Bits::from_rows(list.iter().copied().map(Row));
        let listed = |bits: &Bits| bits.iter().collect::<Vec<u32>>();
        let (a, b) = (set(&numbers), set(&others));
        prop_assert_eq!(listed(&bits(&numbers)), a.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(bits(&numbers).count(), a.len());
        let mut both = bits(&numbers);
        both.intersect(&bits(&others));
        prop_assert_eq!(listed(&both), a.intersection(&b).copied().collect::<Vec<_>>());
        let mut either = bits(&numbers);
        either.unite(&bits(&others));
        prop_assert_eq!(listed(&either), a.union(&b).copied().collect::<Vec<_>>());
        let mut less = bits(&numbers);
        less.subtract(&bits(&others));
        prop_assert_eq!(listed(&less), a.difference(&b).copied().collect::<Vec<_>>());
        let mut even = bits(&numbers);
        even.retain(|n| n % 2 == 0);
        prop_assert_eq!(listed(&even), a.into_iter().filter(|n| n % 2 == 0).collect::<Vec<_>>());
    }
}

#[test]
fn dice_are_the_same_for_the_same_seed() {
    assert_eq!(summaries(50, 9), summaries(50, 9));
    assert_ne!(Dice::new(1).below(1 << 40), Dice::new(2).below(1 << 40));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_needle_is_found_whatever_the_case(
        text in "[a-cA-C éÉüÜпПДдß日ǅǆǄKſİ]{0,80}",
        part in "[a-cA-C éÉüпДß日ǅǆK]{0,4}",
        from in 0_usize..40,
    ) {
        let (folded, wanted) = (fold(&text), fold(&part));
        let naive = |from: usize| {
            (from..folded.len() + 1).find(|at| folded[*at..].starts_with(&wanted))
        };
        let needle = Needle::new(&part);
        prop_assert_eq!(needle.is_in(&text), naive(0).is_some(), "{:?} in {:?}", part, text);
        if text.is_char_boundary(from) {
            prop_assert_eq!(needle.find(&text, from), naive(from), "{:?} in {:?}", part, text);
        }
        prop_assert_eq!(needle.equals(&text), folded == wanted);
        prop_assert!(Needle::new(&text).equals(&text.to_uppercase()) || text.to_uppercase().to_lowercase() != text.to_lowercase() || text.to_uppercase().len() != text.len());
    }
}
