//! The rules of a desk are the desk's: whoever opens its file reads the same clocks, and its trail says who changed
//! what.

use std::path::Path;

use deskside::backend::embedded::{Agreement, Rules};
use deskside::backend::sqlite::{Edit, Options, Sqlite};
use deskside::backend::{Backend, Error};
use deskside::domain::calendar::Calendar;
use deskside::domain::directory::{Level, Role};
use deskside::domain::field::{Field, Value};
use deskside::domain::priority::Matrix;
use deskside::domain::sla::{Policy, Target};
use proptest::prelude::*;
use rusqlite::Connection;

use super::bench::{Bench, NOW, SqliteFile, op, options, rules, set};
use super::promises::everything;

/// Other promises and another matrix than those that ship.
fn strange() -> Rules {
    let shipped = rules().policy;
    let mut definitions: Vec<_> = shipped.rules().iter().map(|rule| rule.definition.clone()).collect();
    for definition in &mut definitions {
        definition.target = Target::Within(60_000);
    }
    let calendars = shipped.calendars().iter().map(|(name, held)| (name.clone(), held.as_ref().clone())).collect();
    let matrix = Matrix::new(vec![vec![1, 1, 1]; 3]).unwrap();
    Rules::of(Policy::new(definitions, calendars).unwrap(), matrix)
}

fn other(who: &str) -> Options {
    Options { rules: strange(), ..options(who) }
}

/// Everything that the rows say, and how often they were made.
fn rows(path: &Path) -> (i64, Vec<(String, Vec<u8>)>) {
    let db = Connection::open(path).unwrap();
    let making = db.query_row("SELECT value FROM meta WHERE key = 'making'", [], |row| row.get(0)).unwrap();
    let mut find = db.prepare("SELECT id, cells FROM ticket ORDER BY n").unwrap();
    let rows = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    (making, rows.collect::<rusqlite::Result<_>>().unwrap())
}

#[tokio::test]
async fn users_with_other_settings_see_the_same_clocks_and_rewrite_nothing() {
    let bench = SqliteFile::new();
    let (held, seen) = (rows(&bench.path), everything(bench.desk(), None).await.0);
    for options in [other("ben"), options("ana"), other("mia"), options("ben")] {
        let desk = Sqlite::open(&bench.path, options).unwrap();
        assert_eq!(everything(&desk, None).await.0, seen);
        assert_eq!(desk.rules().unwrap().fingerprint(), rules().fingerprint());
    }
    assert_eq!(rows(&bench.path), held, "nobody made the rows anew");
    // What somebody with other settings writes is measured by the desk's rules too.
    let ben = Sqlite::open(&bench.path, other("ben")).unwrap();
    let stored = ben.apply(&op(3, None, vec![set(Field::Impact, Value::Number(3))])).await.unwrap();
    assert_eq!(stored.summary.priority, 4, "3 x 2 by the desk's matrix, not by ben's");
    let anew = everything(&Sqlite::open(&bench.path, options("ana")).unwrap(), None).await.0;
    assert!(anew.contains(&stored.summary));
    assert_eq!(rows(&bench.path).0, held.0);
}

#[tokio::test]
async fn a_manager_changes_the_rules_for_all_and_nobody_else_does() {
    let bench = SqliteFile::new();
    let ana = Sqlite::open(&bench.path, options("ana")).unwrap();
    let (before, cursor) = everything(&ana, None).await;
    let refused = ana.set_rules(&strange()).unwrap_err();
    assert!(matches!(&refused, Error::Forbidden(why) if why.contains("no manager")), "{refused}");
    let mia = Sqlite::open(&bench.path, options("mia")).unwrap();
    assert!(!mia.set_rules(&rules()).unwrap(), "they stand already");
    assert_eq!(mia.rules_version().unwrap(), 1);
    assert!(mia.set_rules(&strange()).unwrap());
    assert_eq!(mia.rules_version().unwrap(), 2);
    // A console that was open all the while hears of it, whatever its own settings say.
    assert!(matches!(ana.pull(Some(&cursor)).await, Err(Error::CursorExpired)));
    let after = everything(&ana, None).await.0;
    assert!(after.iter().all(|row| row.priority == 1) && before.iter().all(|row| row.priority == 3));
    assert_eq!(ana.rules().unwrap().fingerprint(), strange().fingerprint());
    let stored = ana.apply(&op(1, None, vec![set(Field::Urgency, Value::Number(3))])).await.unwrap();
    assert_eq!(stored.summary.priority, 1);
    assert_eq!(everything(&Sqlite::open(&bench.path, options("ben")).unwrap(), None).await.0.len(), 12 + 12);
    let trail = mia.trail().unwrap();
    let matrix = trail.iter().rfind(|edit| edit.part == "matrix").unwrap();
    assert_eq!((&*matrix.who, matrix.at), ("mia", NOW));
    assert_eq!(matrix.from, Some(serde_json::json!([[1, 2, 3], [2, 3, 4], [3, 4, 5]])));
    assert_eq!(matrix.to, Some(serde_json::json!([[1, 1, 1], [1, 1, 1], [1, 1, 1]])));
    assert!(trail.iter().any(|edit| edit.record == "P1 response" && edit.from.is_some()));
    assert!(!trail.iter().any(|edit| edit.part == "calendar" && edit.from.is_some()), "calendars stayed");
}

#[test]
fn a_file_without_rules_gets_those_of_whoever_opens_it_first() {
    let bench = SqliteFile::new();
    let db = Connection::open(&bench.path).unwrap();
    db.execute_batch(
        "DROP TABLE trail; DELETE FROM meta WHERE key IN ('rules', 'rules version'); PRAGMA user_version = 2;",
    )
    .unwrap();
    drop(db);
    let mia = Sqlite::open(&bench.path, other("mia")).unwrap();
    assert_eq!((mia.rules_version().unwrap(), mia.rules().unwrap().fingerprint()), (1, strange().fingerprint()));
    let held = rows(&bench.path);
    let ana = Sqlite::open(&bench.path, options("ana")).unwrap();
    assert_eq!(ana.rules().unwrap().fingerprint(), strange().fingerprint());
    assert_eq!(rows(&bench.path), held);
    assert_eq!(ana.trail().unwrap().first().map(|edit| edit.who.to_string()).as_deref(), Some("mia"));
}

/// What the trail says of one record, without what stood in it from the beginning.
fn changes(desk: &Sqlite, record: &str) -> Vec<Edit> {
    let trail = desk.trail().unwrap().into_iter();
    trail.filter(|edit| edit.record == record).skip(1).collect()
}

#[test]
fn every_change_of_a_record_leaves_who_when_from_and_to() {
    let bench = SqliteFile::new();
    let mia = Sqlite::open(&bench.path, options("mia")).unwrap();
    let first = mia.trail().unwrap();
    assert!(first.iter().all(|edit| edit.from.is_none() && &*edit.who == "ana" && edit.at == NOW));
    for name in ["ana", "cem", "Service Desk", "uk", "P1 response", "priority"] {
        assert_eq!(first.iter().filter(|edit| edit.record == name).count(), 1, "{name}");
    }
    mia.edit_directory(|records| {
        records.people.retain(|person| &*person.login != "cem");
        for person in records.people.iter_mut().filter(|person| &*person.login == "ana") {
            person.level = Some(Level::Senior);
            person.roles.push(Role::ProblemManager);
            person.groups.clear();
        }
        let mut new = records.groups[0].clone();
        new.name = "Network".into();
        records.groups.insert(0, new);
        records.locations.push("Leeds".into());
    })
    .unwrap();
    let ana = changes(&mia, "ana");
    let [ana] = &ana[..] else { panic!("{ana:?}") };
    let field = |side: &Option<serde_json::Value>, name: &str| side.as_ref().unwrap()[name].clone();
    assert_eq!((&*ana.who, ana.part.as_str()), ("mia", "people"));
    assert_eq!((field(&ana.from, "level"), field(&ana.to, "level")), ("engineer".into(), "senior".into()));
    assert_eq!(field(&ana.to, "roles"), serde_json::json!(["problem_manager"]));
    assert_eq!(field(&ana.from, "groups"), serde_json::json!(["Service Desk"]));
    assert!(changes(&mia, "cem").iter().all(|edit| edit.to.is_none() && edit.from.is_some()));
    assert_eq!(changes(&mia, "cem").len(), 1);
    assert_eq!(changes(&mia, "Service Desk"), [], "it only moved down the list");
    let whole = mia.trail().unwrap();
    let added: Vec<&str> =
        whole[first.len()..].iter().filter(|e| e.from.is_none()).map(|e| e.record.as_str()).collect();
    assert_eq!(added, ["Network", "Leeds"]);
    // What changed nothing leaves nothing, and what was refused neither.
    mia.edit_directory(|_| {}).unwrap();
    let ben = Sqlite::open(&bench.path, options("ben")).unwrap();
    assert!(ben.edit_directory(|records| records.people.clear()).is_err());
    mia.set_zone("Europe/London").unwrap();
    let last = mia.trail().unwrap().split_off(whole.len());
    let [zone] = &last[..] else { panic!("{last:?}") };
    assert_eq!((zone.part.as_str(), zone.record.as_str(), &zone.to), ("desk", "zone", &Some("Europe/London".into())));
}

fn calendar() -> impl Strategy<Value = String> {
    let edge = (0..48_u16).prop_map(|half| half * 30);
    let day = prop::collection::btree_set(edge, 0..6).prop_map(|edges| {
        let edges: Vec<u16> = edges.into_iter().collect();
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        edges.chunks_exact(2).map(|pair| format!("\"{}-{}\"", clock(pair[0]), clock(pair[1]))).collect::<Vec<_>>()
    });
    let night = prop::bool::ANY;
    (prop::collection::vec(day, 7), night, prop::bool::ANY).prop_map(|(days, night, off)| {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let holidays = if off { "holidays = [\"2026-12-25 Christmas Day\", \"2026-12-28\"]\n" } else { "" };
        let mut text = format!("zone = \"Europe/London\"\n{holidays}[hours]\n");
        for (at, (name, spans)) in names.iter().zip(days).enumerate() {
            // A shift over the end of the week, where Sunday and Monday have no other hours.
            let spans = match (at, night) {
                (6, true) => vec!["\"22:00-06:00\"".to_owned()],
                (0, true) => Vec::new(),
                _ => spans,
            };
            text.push_str(&format!("{name} = [{}]\n", spans.join(", ")));
        }
        text
    })
}

proptest! {
    #[test]
    fn a_calendar_written_out_and_read_is_the_same(text in calendar()) {
        let calendar: Calendar = toml::from_str(&text).unwrap();
        let rules = deskside::domain::calendar::Rules::from(&calendar);
        let written = toml::to_string(&rules).unwrap();
        let again: Calendar = toml::from_str(&written).unwrap();
        prop_assert_eq!(again, calendar, "{}", written);
    }
}

#[test]
fn an_agreement_written_out_and_read_is_the_same() {
    for rules in [rules(), strange()] {
        let text = Agreement::of(&rules).text().unwrap();
        let again = Agreement::read(&text).unwrap().rules().unwrap();
        assert_eq!(again.fingerprint(), rules.fingerprint(), "{text}");
        assert_eq!(again.agreed.calendar, rules.agreed.calendar);
        assert_eq!(Agreement::of(&again).differences(&Agreement::of(&rules)), Vec::<String>::new());
    }
    let differ = Agreement::of(&rules()).differences(&Agreement::of(&strange()));
    assert!(differ.contains(&"matrix priority".to_owned()) && differ.contains(&"definition P5 resolution".to_owned()));
}
