//! The order of rows.

use std::cmp::Ordering;

use deskside::domain::name::{Name, TicketId};
use deskside::domain::query::{FIELDS, Key, Query, SortKey, sort, sort_first};
use deskside::domain::state::State;
use deskside::domain::summary::{Glance, GlanceState, Summary};
use deskside::domain::table::{NameColumn, NumberColumn, Row, Table, TimeColumn};
use deskside::text::Clean;
use jiff::Timestamp;
use proptest::prelude::*;

use crate::domain::rows::{NOW, summaries};

fn now() -> Timestamp {
    Timestamp::from_millisecond(NOW).unwrap()
}

fn table(list: &[Summary]) -> Table {
    let mut table = Table::new();
    list.iter().for_each(|summary| _ = table.upsert(summary));
    table
}

fn keys(text: &str) -> Vec<SortKey> {
    Query::parse(text).unwrap().sort
}

fn sorted(table: &Table, text: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = table.iter().collect();
    sort(table, &mut rows, &keys(text), now());
    rows
}

fn ids(table: &Table, text: &str) -> Vec<String> {
    sorted(table, text).into_iter().map(|row| table.id(row).to_owned()).collect()
}

fn ticket(id: &str, change: impl FnOnce(&mut Summary)) -> Summary {
    let mut summary = summaries(1, 3).remove(0);
    summary.id = TicketId::new(id);
    (summary.state, summary.glance, summary.priority) = (State::New, Glance::default(), 3);
    summary.opened = Timestamp::from_millisecond(NOW - 1000).unwrap();
    change(&mut summary);
    summary
}

fn running(due: i64) -> Glance {
    Glance { state: GlanceState::Running, due: Some(NOW + due), late: Some(NOW + due), ..Glance::default() }
}

#[test]
fn what_is_most_overdue_comes_first() {
    let paused = |left| Glance { state: GlanceState::Paused, left: Some(left), ..Glance::default() };
    let opened = |ms| Timestamp::from_millisecond(NOW + ms).unwrap();
    let list = [
        ticket("closed", |t| (t.state, t.priority) = (State::Closed, 1)),
        ticket("p3-old", |t| t.opened = opened(-9000)),
        ticket("p3-new", |_| {}),
        ticket("p2", |t| t.priority = 2),
        ticket("due-1h", |t| t.glance = running(3_600_000)),
        ticket("due-now", |t| t.glance = running(0)),
        ticket("over-1m", |t| t.glance = running(-60_000)),
        ticket("over-1h", |t| t.glance = running(-3_600_000)),
        ticket("paused-over-30m", |t| t.glance = paused(-1_800_000)),
        ticket("paused-p1", |t| (t.glance, t.priority) = (paused(5), 1)),
    ];
    let due =
        ["over-1h", "paused-over-30m", "over-1m", "due-now", "due-1h", "paused-p1", "p2", "p3-old", "p3-new", "closed"];
    assert_eq!(ids(&table(&list), ""), due);
    assert_eq!(ids(&table(&list), "sort:due"), due);
}

#[test]
fn identifiers_count_and_decide_last() {
    let list: Vec<Summary> = [
        "INC-10",
        "INC-9",
        "REQ-1",
        "INC-1",
        "7",
        "12",
        "INC-01",
        "inc-2",
        "INC0012",
        "long-prefix-3",
        "INC-99999999999",
    ]
    .iter()
    .map(|id| ticket(id, |_| {}))
    .collect();
    let table = table(&list);
    assert_eq!(ids(&table, "sort:p"), ids(&table, "sort:id"));
    let shown = ids(&table, "sort:id");
    for (a, b) in [
        ("INC-1", "INC-9"),
        ("INC-9", "INC-10"),
        ("INC-01", "INC-1"),
        ("7", "12"),
        ("INC-1", "inc-2"),
        ("12", "INC-1"),
        ("INC-10", "REQ-1"),
    ] {
        let at = |id| shown.iter().position(|other| other == id).unwrap();
        assert!(at(a) < at(b), "{a} before {b} in {shown:?}");
    }
    let mut back = ids(&table, "sort:-id");
    back.reverse();
    assert_eq!(back, shown);
}

#[test]
fn what_has_no_value_comes_last_either_way() {
    let list = [
        ticket("a", |t| t.group = Some(Name::new("beta"))),
        ticket("b", |t| t.group = None),
        ticket("c", |t| t.group = Some(Name::new("Alpha"))),
        ticket("d", |t| t.group = Some(Name::new("alpha"))),
    ];
    let table = table(&list);
    assert_eq!(ids(&table, "sort:group"), ["c", "d", "a", "b"]);
    assert_eq!(ids(&table, "sort:-group"), ["a", "c", "d", "b"]);
}

#[test]
fn values_of_custom_fields_sort_as_numbers() {
    let list: Vec<Summary> = [("a", "10"), ("b", "9"), ("c", "n/a"), ("d", "-1.5"), ("e", "9.0")]
        .iter()
        .map(|(id, value)| ticket(id, |t| t.custom = vec![(Name::new("x.Cost"), Name::new(value))]))
        .chain([ticket("f", |t| t.custom.clear())])
        .collect();
    assert_eq!(ids(&table(&list), "sort:x.cost"), ["d", "b", "e", "a", "c", "f"]);
    assert_eq!(ids(&table(&list), "sort:-x.cost"), ["c", "a", "b", "e", "d", "f"]);
}

#[test]
fn long_titles_are_compared_to_their_end() {
    let list: Vec<Summary> =
        [("a", "Printer jam 2"), ("b", "printer jam 1"), ("c", "Printer"), ("d", "Outlook"), ("e", "Printer jam 1")]
            .iter()
            .map(|(id, title)| ticket(id, |t| t.title = Clean::line(title)))
            .collect();
    assert_eq!(ids(&table(&list), "sort:title"), ["d", "c", "b", "e", "a"]);
    assert_eq!(ids(&table(&list), "sort:-title,-id"), ["a", "e", "b", "c", "d"]);
    assert_eq!(ids(&table(&list), "sort:p,-title"), ["a", "b", "e", "c", "d"]);
}

#[test]
fn ages_turn_times_round() {
    let table = table(&summaries(500, 4));
    assert_eq!(sorted(&table, "sort:age,id"), sorted(&table, "sort:-opened,id"));
    assert_eq!(sorted(&table, "sort:-idle"), sorted(&table, "sort:updated"));
}

proptest! {
    #[test]
    fn an_order_is_the_keys_one_after_the_other(
        chosen in prop::collection::vec((prop::sample::select(FIELDS), any::<bool>()), 0..6),
        seed in any::<u64>(),
        first in 0_usize..150,
    ) {
        let list = summaries(150, seed);
        let table = table(&list);
        let keys: Vec<SortKey> = chosen.into_iter().map(|(field, descending)| SortKey { key: field.key.clone(), descending }).collect();
        let mut rows: Vec<Row> = table.iter().collect();
        rows.reverse();
        sort(&table, &mut rows, &keys, now());
        let mut again = rows.clone();
        again.sort();
        prop_assert_eq!(again, table.iter().collect::<Vec<_>>(), "the same rows");

        let mut plain: Vec<Row> = table.iter().collect();
        let due = SortKey { key: Key::Due, descending: false };
        let keys_or_due = if keys.is_empty() { vec![due] } else { keys.clone() };
        let number = |row: &Row| table.id(*row).rsplit('-').next().unwrap().parse::<u64>().unwrap();
        plain.sort_by(|a, b| {
            let (x, y) = (&list[a.0 as usize], &list[b.0 as usize]);
            let by_key = keys_or_due.iter().map(|key| compare(key, x, y)).find(|order| order.is_ne());
            by_key.unwrap_or_else(|| (x.kind.prefix(), number(a)).cmp(&(y.kind.prefix(), number(b))))
        });
        prop_assert_eq!(&plain, &rows);

        let mut some: Vec<Row> = table.iter().collect();
        sort_first(&table, &mut some, &keys, now(), first);
        prop_assert_eq!(&some[..first], &rows[..first]);
    }
}

/// Two tickets by one key alone, plainly.
fn compare(key: &SortKey, a: &Summary, b: &Summary) -> Ordering {
    match (value(&key.key, a), value(&key.key, b)) {
        (Some(a), Some(b)) if key.descending => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

fn value(key: &Key, t: &Summary) -> Option<(i64, i64, i64, String)> {
    let ms = |at: Timestamp| at.as_millisecond();
    let number = |n: i64| (n, 0, 0, String::new());
    let text = |text: &str| (0, 0, 0, text.to_lowercase());
    let time = |column: TimeColumn| match column {
        TimeColumn::Opened => Some(ms(t.opened)),
        TimeColumn::Updated => Some(ms(t.updated)),
        TimeColumn::Responded => t.responded.map(ms),
        TimeColumn::Resolved => t.resolved.map(ms),
        _ => t.closed.map(ms),
    };
    let past = match t.glance.state {
        GlanceState::Running => t.glance.late.unwrap() < NOW,
        GlanceState::Paused => t.glance.left.unwrap() < 0,
        _ => false,
    };
    Some(match key {
        Key::Id => {
            let (prefix, tail) = t.id.as_str().split_once('-').unwrap();
            (0, i64::from(prefix.as_bytes()[0]), tail.parse().unwrap(), String::new())
        }
        Key::Title => text(&t.title),
        Key::Kind => number(t.kind as i64),
        Key::State => number(t.state as i64),
        Key::Hold => number(t.hold? as i64),
        Key::Sla => number(match t.glance.state {
            GlanceState::None => return None,
            GlanceState::Breached => 0,
            _ if past => 0,
            GlanceState::Running => 1,
            GlanceState::Paused => 2,
            GlanceState::Met => 3,
        }),
        Key::Number(column) => number(match column {
            NumberColumn::Priority => t.priority.into(),
            NumberColumn::Impact => t.impact.into(),
            NumberColumn::Urgency => t.urgency.into(),
            NumberColumn::Reopens => t.reopens.into(),
            NumberColumn::Reassignments => t.reassignments.into(),
            NumberColumn::Links => t.links.into(),
        }),
        Key::Name(column) => text(match column {
            NameColumn::Category => t.category.as_deref()?,
            NameColumn::Group => t.group.as_deref()?,
            NameColumn::Owner => &t.owner,
            NameColumn::Offered => t.offered_to.as_deref()?,
            NameColumn::Caller => t.caller.as_deref()?,
            NameColumn::Service => t.service.as_deref()?,
            NameColumn::Asset => t.asset.as_deref()?,
            NameColumn::Location => t.location.as_deref()?,
            NameColumn::Channel => t.channel.as_deref()?,
            NameColumn::Desk => return None,
        }),
        Key::Past(column) => number(time(*column)?),
        Key::Age(column) => number(-time(*column)?),
        Key::Update => number(t.update_due.map(ms)?),
        Key::Due => match t.glance.state {
            _ if !t.state.is_open() => (3, t.priority.into(), ms(t.opened), String::new()),
            GlanceState::Running => (i64::from(!past), t.glance.due.unwrap(), 0, String::new()),
            GlanceState::Paused if past => (0, NOW + t.glance.left.unwrap(), 0, String::new()),
            _ => (2, t.priority.into(), ms(t.opened), String::new()),
        },
        Key::Review => number(t.review.map(ms)?),
        Key::Rare(name) => text(t.custom.iter().find(|(held, _)| held.as_str() == *name).map(|(_, value)| &**value)?),
        Key::Custom(_) | Key::Waits(_) => return None,
    })
}
