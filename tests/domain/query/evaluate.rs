//! What queries find: by name, against the plain evaluation, and step by step while typing.

use deskside::domain::name::{Name, TicketId};
use deskside::domain::query::{Context, Expr, Query, Value, When};
use deskside::domain::summary::{GlanceState, Summary};
use deskside::domain::table::{Bits, Row, Table};
use deskside::text::Clean;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::language::query;
use super::naive;
use crate::domain::rows::{NOW, summaries};

fn context() -> Context {
    Context {
        me: Some(Name::new("engineer7")),
        my_groups: vec![Name::new("Network"), Name::new("Identity")],
        zone: TimeZone::get("Europe/London").unwrap(),
        ..Context::at(Timestamp::from_millisecond(NOW).unwrap())
    }
}

fn table(list: &[Summary]) -> Table {
    let mut table = Table::new();
    list.iter().for_each(|summary| _ = table.upsert(summary));
    table
}

fn found(text: &str, table: &Table) -> Vec<Row> {
    Query::parse(text).unwrap().compile(table, &context()).rows(table)
}

#[test]
fn each_part_of_the_language_agrees_with_the_plain_evaluation() {
    let list = summaries(2000, 11);
    let table = table(&list);
    for text in [
        "",
        "vpn",
        "VPN",
        "café",
        "CAFÉ",
        "inc-1",
        "engineer7",
        "caller12",
        "lt-00",
        "network",
        "identity",
        "\"blue screen\"",
        "-vpn",
        "vpn or teams",
        "network -vpn p<3",
        "mine",
        "unowned",
        "team",
        "offered",
        "overdue",
        "awaiting",
        "major",
        "escalated",
        "overridden",
        "known_error",
        "owner:me",
        "offered:me",
        "group:mine",
        "group:none",
        "group:network",
        "group=network",
        "group!=Network",
        "group:s",
        "category:network",
        "category:net",
        "category:vpn",
        "category:etwork",
        "category=network",
        "category:network/vpn",
        "c:none,mail",
        "asset:lt",
        "location:zür",
        "location:ZÜRICH",
        "service:none",
        "channel:phone,mail",
        "kind:problem",
        "kind:inc,req",
        "state:open",
        "state:active",
        "state:closed",
        "state:new,on_hold",
        "hold:vendor",
        "hold:none state:open",
        "p:1",
        "p:1..2",
        "p<=2",
        "p>3",
        "p!=3",
        "impact:1 urgency>=2",
        "reopens>0",
        "reassignments:2..",
        "links:0",
        "age<3d",
        "age>=300d",
        "age:2d..10d",
        "idle<1w",
        "opened:today",
        "opened:yesterday",
        "opened:2025",
        "opened:2025-07",
        "opened:2025-07-01..2025-07-20",
        "opened<2025-01-01",
        "opened>2026-03-01",
        "opened<=2026-02-28",
        "opened<2d",
        "resolved:none",
        "resolved:2026-02",
        "closed:none",
        "responded:none -closed:none",
        "breach<2h",
        "breach<0",
        "breach:today",
        "due:tomorrow",
        "breach>1d",
        "breach:0..1d",
        "due:none",
        "update<1h",
        "update<0",
        "update:none",
        "sla:breached",
        "sla:at_risk",
        "sla:running",
        "sla:paused",
        "sla:met",
        "sla:none",
        "sla:running,paused",
        "x.cost>50",
        "x.cost:7",
        "x.cost=7",
        "x.cost<=10",
        "x.cost:none",
        "x.COST:none -x.nothing:5",
        "title:vpn",
        "id:99",
        "id=INC-99",
        "snoozed",
        "(vpn or teams) (p:1 or p:5) -state:closed",
        "-(a or b)",
    ] {
        let query = Query::parse(text).unwrap();
        let compiled = query.compile(&table, &context());
        let rows = compiled.rows(&table);
        let expected: Vec<Row> =
            table.iter().filter(|row| naive::matches(&query, &list[row.0 as usize], &context())).collect();
        assert_eq!(rows.len(), expected.len(), "{text}");
        assert_eq!(rows, expected, "{text}");
        assert_eq!(compiled.count(&table), rows.len());
        assert!(table.iter().all(|row| compiled.matches(&table, row) == rows.contains(&row)), "{text}, row by row");
        let few: Vec<Row> = table.iter().filter(|row| row.0 % 97 == 0).collect();
        let of_few: Vec<Row> = few.iter().copied().filter(|row| rows.contains(row)).collect();
        assert_eq!(compiled.filter(&table, &few), of_few, "{text}, of few");
    }
}

#[test]
fn the_questions_of_a_shift_find_something() {
    let table = table(&summaries(3000, 12));
    for text in [
        "mine",
        "team unowned",
        "breach<1d",
        "overdue",
        "sla:at_risk",
        "awaiting",
        "offered:me",
        "update<0",
        "x.cost>80",
        "is:open",
    ] {
        let rows = found(text, &table);
        assert!(!rows.is_empty() && rows.len() < 3000, "{text}: {}", rows.len());
    }
}

#[test]
fn the_edges_of_ages_and_days_are_exact() {
    let mut ticket = summaries(1, 1).remove(0);
    let hour = 3_600_000;
    let mut check = |opened: i64, text: &str| {
        ticket.opened = Timestamp::from_millisecond(opened).unwrap();
        found(text, &table(std::slice::from_ref(&ticket))).len() == 1
    };
    assert!(!check(NOW - 2 * hour, "age<2h") && check(NOW - 2 * hour + 1, "age<2h"));
    assert!(check(NOW - 2 * hour, "age<=2h") && check(NOW - 2 * hour, "age>=2h") && !check(NOW - 2 * hour, "age>2h"));
    assert!(check(NOW - 2 * hour, "age:1h..2h") && !check(NOW - 2 * hour - 1, "age:1h..2h"));
    assert!(check(NOW - 2 * hour, "opened<=2h") && !check(NOW - 2 * hour, "opened<2h"));
    // In London, 5 July 2025 begins at 23:00 UTC the day before.
    let midnight: i64 = "2025-07-04T23:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
    assert!(check(midnight, "opened:2025-07-05") && !check(midnight - 1, "opened:2025-07-05"));
    assert!(check(midnight - 1, "opened<2025-07-05") && !check(midnight, "opened<2025-07-05"));
    assert!(
        check(midnight + 24 * hour - 1, "opened<=2025-07-05") && !check(midnight + 24 * hour, "opened<=2025-07-05")
    );
    assert!(check(midnight + 24 * hour, "opened>2025-07-05") && check(midnight, "opened>=2025-07-05"));
}

#[test]
fn a_target_met_exactly_is_not_breached() {
    let mut ticket = summaries(1, 1).remove(0);
    (ticket.glance.state, ticket.glance.due, ticket.glance.risk) = (GlanceState::Running, Some(NOW), None);
    for (late, breached) in [(NOW, false), (NOW - 1, true), (NOW + 1, false)] {
        ticket.glance.late = Some(late);
        let table = table(std::slice::from_ref(&ticket));
        assert_eq!(found("sla:breached", &table).len() == 1, breached);
        assert_eq!(found("overdue", &table).len() == 1, breached);
        assert_eq!(found("sla:running", &table).len() == 1, !breached);
        assert_eq!(found("breach<1m", &table).len(), 1);
    }
}

#[test]
fn snoozed_rows_are_the_ones_given() {
    let table = table(&summaries(200, 13));
    let context = Context { snoozed: Bits::from_rows([Row(3), Row(150)]), ..context() };
    let rows = |text: &str| Query::parse(text).unwrap().compile(&table, &context).rows(&table);
    assert_eq!(rows("snoozed"), [Row(3), Row(150)]);
    assert_eq!(rows("-snoozed").len(), 198);
}

#[test]
fn nobody_owns_nothing() {
    let table = table(&summaries(200, 14));
    let nobody = Context::at(Timestamp::from_millisecond(NOW).unwrap());
    for text in ["mine", "team", "owner:me", "offered:me", "group:mine"] {
        assert_eq!(Query::parse(text).unwrap().compile(&table, &nobody).count(&table), 0, "{text}");
    }
}

#[test]
fn a_compiled_query_stays_right_when_the_table_changes() {
    let mut list = summaries(300, 15);
    let mut table = table(&list);
    let asked = [
        "vpn",
        "zanzibar",
        "group:zanzibar",
        "group!=Network",
        "x.cost:77",
        "x.zanzibar:1",
        "title:zanzibar",
        "category:zan",
    ];
    let queries: Vec<Query> = asked.iter().map(|text| Query::parse(text).unwrap()).collect();
    let compiled: Vec<_> = queries.iter().map(|query| query.compile(&table, &context())).collect();
    for (n, ticket) in list.iter_mut().enumerate().step_by(7) {
        match n % 4 {
            0 => ticket.title = Clean::line("Everything in Zanzibar"),
            1 => ticket.group = Some(Name::new("Zanzibar Desk")),
            2 => ticket.category = Some(Name::new("island/Zanzibar")),
            _ => ticket.custom = vec![(Name::new("x.Zanzibar"), Name::new("1"))],
        }
        table.upsert(ticket);
    }
    table.remove(&list[14].id);
    for (query, compiled) in queries.iter().zip(compiled) {
        let expected: Vec<Row> = (0..)
            .map(Row)
            .zip(&list)
            .filter(|(row, ticket)| row.0 != 14 && naive::matches(query, ticket, &context()))
            .map(|(row, _)| row)
            .collect();
        assert_eq!(compiled.rows(&table), expected, "{query}");
    }
}

#[test]
fn candidates_that_were_removed_are_not_found() {
    let list = summaries(50, 16);
    let mut table = table(&list);
    let all: Vec<Row> = table.iter().collect();
    table.remove(&TicketId::new(list[5].id.as_str()));
    let compiled = Query::parse("").unwrap().compile(&table, &context());
    assert_eq!(compiled.filter(&table, &all).len(), 49);
    assert_eq!(compiled.filter(&table, &all[5..6]).len(), 0);
}

/// A range that mixes a date and a length has no plain meaning; the language takes it, nothing here asks for it.
fn is_plain(expr: &Expr) -> bool {
    let span = |when: &Option<When>| when.map(|when| matches!(when, When::Span(_)));
    match expr {
        Expr::And(list) | Expr::Or(list) => list.iter().all(is_plain),
        Expr::Not(expr) => is_plain(expr),
        Expr::Word(_) | Expr::Flag(_) => true,
        Expr::Clause(clause) => clause.values.iter().all(|value| match value {
            Value::Times(from, to) => span(from).is_none() || span(to).is_none() || span(from) == span(to),
            Value::Text(text) => text.to_lowercase().len() == text.len(),
            _ => true,
        }),
    }
}

/// The same tickets on several desks, and one that only looks as if it were on one.
fn divided(desks: &[&str]) -> Table {
    let mut table = Table::new();
    let names: Vec<Name> = desks.iter().map(|desk| Name::new(desk)).collect();
    let (before, after) = (["rt:1", "redmine:1", "rt2:1"], ["rt:2", "alone", "web:1"]);
    let ticket = |id: &str| Summary { id: TicketId::new(id), ..summaries(1, 5).remove(0) };
    before.iter().for_each(|id| _ = table.upsert(&ticket(id)));
    table.divide(&names);
    after.iter().for_each(|id| _ = table.upsert(&ticket(id)));
    table
}

#[test]
fn tickets_are_found_and_sorted_by_their_desk() {
    let table = divided(&["rt", "rt2", "redmine"]);
    let ids = |text: &str| {
        let query = Query::parse(text).unwrap();
        let mut rows = query.compile(&table, &context()).rows(&table);
        deskside::domain::query::sort(&table, &mut rows, &query.sort, context().now);
        rows.into_iter().map(|row| table.id(row).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("desk:redmine"), ["redmine:1"]);
    assert_eq!(ids("desk=rt sort:id"), ["rt:1", "rt:2"]);
    assert_eq!(ids("desk:rt sort:-desk,id"), ["rt2:1", "rt:1", "rt:2"], "part of a name, as of a group");
    assert_eq!(ids("desk:none sort:id"), ["alone", "web:1"]);
    assert_eq!(ids("-desk:none sort:desk,id"), ["redmine:1", "rt:1", "rt:2", "rt2:1"]);
    assert_eq!(ids("desk:nowhere"), Vec::<String>::new());
}

#[test]
fn an_identifier_with_a_colon_is_on_no_desk_where_there_is_one_desk() {
    let mut table = divided(&[]);
    assert_eq!(found("desk:none", &table).len(), table.len());
    let row = table.find("rt:1").unwrap();
    assert_eq!((table.own_id(row), table.id(row)), ("rt:1", "rt:1"));
    table.divide(&[Name::new("rt")]);
    assert_eq!((table.own_id(row), table.id(row)), ("1", "rt:1"));
    assert_eq!(found("desk:rt", &table).len(), 2);
    table.divide(&[]);
    assert_eq!(found("desk:rt", &table).len(), 0, "a desk that is there no more has no tickets");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_filter_is_the_plain_evaluation(query in query(), seed in any::<u64>()) {
        prop_assume!(query.filter.as_ref().is_none_or(is_plain));
        let list = summaries(120, seed);
        let table = table(&list);
        let compiled = query.compile(&table, &context());
        let expected: Vec<Row> = table.iter().filter(|row| naive::matches(&query, &list[row.0 as usize], &context())).collect();
        prop_assert_eq!(compiled.rows(&table), expected, "{}", query);
    }

    #[test]
    fn narrowing_is_the_full_evaluation(old in query(), new in query(), seed in any::<u64>()) {
        let table = table(&summaries(120, seed));
        let both = Query { filter: Some(match (&old.filter, &new.filter) {
            (Some(old), Some(new)) => Expr::And(vec![old.clone(), new.clone()]),
            _ => return Ok(()),
        }), sort: Vec::new() };
        prop_assert!(both.narrows(&old) && both.narrows(&new));
        for (new, old) in [(&both, &old), (&new, &old), (&old, &new)] {
            if new.narrows(old) {
                let before = old.compile(&table, &context()).rows(&table);
                let compiled = new.compile(&table, &context());
                prop_assert_eq!(compiled.filter(&table, &before), compiled.rows(&table), "{} after {}", new, old);
            }
        }
    }

    #[test]
    fn each_key_typed_finds_what_a_fresh_search_finds(word in "[a-z]{1,4}( [a-z]{1,3})?( p:[1-5])?", seed in 0_u64..50) {
        let table = table(&summaries(400, seed));
        let mut before: (Query, Vec<Row>) = (Query::default(), table.iter().collect());
        for end in 1..=word.len() {
            // `or p:1` is an error: then the list stays as it was.
            let Ok(partial) = Query::parse_partial(&word[..end]) else { continue };
            let query = partial.query;
            let compiled = query.compile(&table, &context());
            let fresh = compiled.rows(&table);
            if query.narrows(&before.0) {
                prop_assert_eq!(&compiled.filter(&table, &before.1), &fresh);
            }
            before = (query, fresh);
        }
    }
}

#[test]
fn a_table_without_rows_may_be_asked_anything_by_nobody() {
    let table = Table::default();
    let context = Context { me: Some(Name::new("")), ..Context::at(jiff::Timestamp::UNIX_EPOCH) };
    for text in ["mine", "owner:me offered:me team", "\"\"", "group:x sort:owner", "x.a>1"] {
        let Ok(query) = Query::parse(text) else { continue };
        assert_eq!(query.compile(&table, &context).count(&table), 0, "{text}");
    }
}
