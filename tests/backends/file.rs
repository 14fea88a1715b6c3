//! What holds for a desk in a file alone: its tables, copies, permissions, loads, and how fast it reads.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use deskside::backend::sqlite::{Options, Share, Sqlite, VERSION, verify};
use deskside::backend::{Backend, Error};
use deskside::domain::directory::{Directory, Level, Role};
use deskside::domain::field::{Field, Value};
use deskside::domain::ticket::Ticket;
use jiff::SignedDuration;
use rusqlite::Connection;

use super::bench::{Bench, NOW, SqliteFile, id, op, options, set, staff, tickets, title};
use super::promises::everything;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn sentence(answer: Result<Sqlite, Error>) -> String {
    answer.unwrap_err().to_string()
}

#[tokio::test]
async fn older_tables_are_brought_up_to_date_after_a_copy() {
    let SqliteFile { path, .. } = &bench_at_version_1();
    let desk = Sqlite::open(path, options("ana")).unwrap();
    assert_eq!(everything(&desk, None).await.0.len(), 12 + 12, "the first page comes twice");
    desk.presence(Some(&id(1))).await.unwrap();
    let copy = path.with_extension(format!("db.before-version-{VERSION}"));
    assert_eq!(verify(&copy).unwrap().tickets, 12);
    let version = |path: &Path| -> i64 {
        Connection::open(path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    assert_eq!((version(&copy), version(path)), (1, i64::try_from(VERSION).unwrap()));
}

/// A file as the first version made it: without the table of who has what open.
fn bench_at_version_1() -> SqliteFile {
    let bench = SqliteFile::new();
    let db = Connection::open(&bench.path).unwrap();
    db.execute_batch("DROP TABLE presence; DROP TABLE trail; PRAGMA user_version = 1;").unwrap();
    bench
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let bench = SqliteFile::new();
    let db = Connection::open(&bench.path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    let said = sentence(Sqlite::open(&bench.path, options("ana")));
    assert!(said.contains("newer deskside") && said.contains("99") && said.contains("desk.db"), "{said}");
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn a_file_of_another_program_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let (other, text) = (place.path().join("other.db"), place.path().join("letter.txt"));
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t(a)").unwrap();
    fs::write(&text, "Dear customer, this is not a database at all.".repeat(40)).unwrap();
    assert!(sentence(Sqlite::open(&other, options("ana"))).contains("another program"));
    assert!(sentence(Sqlite::open(&text, options("ana"))).contains("not a desk's file"));
    assert!(sentence(Sqlite::open(&place.path().join("none.db"), options("ana"))).contains("There is no desk"));
}

#[test]
fn a_file_that_anybody_may_write_is_refused_with_the_cure() {
    let bench = SqliteFile::new();
    assert_eq!(mode(&bench.path), 0o600);
    chmod(&bench.path, 0o606);
    let said = sentence(Sqlite::open(&bench.path, options("ana")));
    assert!(said.contains("chmod o-w") && said.contains("desk.db"), "{said}");
    chmod(&bench.path, 0o600);
    let above = bench.path.parent().unwrap();
    chmod(above, 0o707);
    let said = sentence(Sqlite::open(&bench.path, options("ana")));
    assert!(said.contains("could replace") && said.contains("chmod o-w"), "{said}");
    chmod(above, 0o1707);
    Sqlite::open(&bench.path, options("ana")).expect("a sticky directory protects the file's owner");
    chmod(above, 0o700);
}

#[test]
fn a_shared_desk_is_open_to_the_group_and_its_log_too() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("desk.db");
    let desk = Sqlite::create(&path, Share::Group, staff(), options("ana")).unwrap();
    desk.bulk_load(&Directory::default(), tickets(1)).unwrap();
    assert_eq!(mode(&path), 0o660);
    assert_eq!(mode(&path.with_file_name("desk.db-wal")), 0o660);
    let again = Sqlite::create(&path, Share::Group, staff(), options("ana"));
    assert!(sentence(again).contains("exists already"));
}

#[tokio::test]
async fn who_founds_a_desk_manages_it() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("desk.db");
    let desk = Sqlite::create(&path, Share::Private, Directory::default(), options("zoe")).unwrap();
    let directory = desk.schema().await.unwrap().directory;
    let zoe = directory.person("zoe").unwrap();
    assert_eq!((zoe.level, zoe.roles.as_slice()), (Some(Level::Lead), [Role::ServiceDeskManager].as_slice()));
    desk.edit_directory(|directory| directory.people.extend(staff().people)).unwrap();
    let ana = Sqlite::open(&path, options("ana")).unwrap();
    assert!(matches!(ana.edit_directory(|directory| directory.people.clear()), Err(Error::Forbidden(_))));
    assert_eq!(ana.schema().await.unwrap().directory.people.len(), 5);
}

#[tokio::test]
async fn reading_only_writes_nothing() {
    let bench = SqliteFile::new();
    let desk = Sqlite::open(&bench.path, Options { read_only: true, ..options("ana") }).unwrap();
    assert!(!desk.capabilities().write);
    assert!(matches!(desk.apply(&op(1, None, vec![title("No")])).await, Err(Error::Forbidden(_))));
    assert!(matches!(desk.bulk_load(&staff(), tickets(20)), Err(Error::Forbidden(_))));
    desk.presence(Some(&id(1))).await.expect("looking is not writing");
    assert_eq!(desk.get(&id(1)).await.unwrap(), bench.desk().get(&id(1)).await.unwrap());
}

#[tokio::test]
async fn a_backup_holds_everything_and_can_be_opened() {
    let bench = SqliteFile::new();
    bench.desk().apply(&op(1, None, vec![title("Last word")])).await.unwrap();
    let to = bench.path.with_file_name("copy.db");
    let copied = bench.sqlite().backup(&to).unwrap();
    assert_eq!(copied, verify(&to).unwrap());
    assert_eq!((copied.tickets, mode(&to)), (12, 0o600));
    assert!(bench.sqlite().backup(&to).unwrap_err().to_string().contains("exists already"));
    let restored = Sqlite::open(&to, options("ana")).unwrap();
    assert_eq!(restored.get(&id(1)).await.unwrap(), bench.desk().get(&id(1)).await.unwrap());
}

#[test]
fn a_damaged_copy_is_told_apart() {
    let bench = SqliteFile::with(tickets(400));
    let to = bench.path.with_file_name("copy.db");
    bench.sqlite().backup(&to).unwrap();
    let mut bytes = fs::read(&to).unwrap();
    let len = bytes.len();
    bytes[len / 2..len / 2 + 6_000].fill(0x5a);
    fs::write(&to, &bytes).unwrap();
    assert!(verify(&to).is_err());
    fs::write(&to, &bytes[..5_000]).unwrap();
    assert!(verify(&to).is_err());
}

#[test]
fn rows_that_do_not_say_what_the_events_say_are_found_and_made_anew() {
    let bench = SqliteFile::new();
    verify(&bench.path).unwrap();
    Connection::open(&bench.path)
        .unwrap()
        .execute("UPDATE ticket SET title = 'Forged' WHERE id = 'INC-4'", [])
        .unwrap();
    let said = verify(&bench.path).unwrap_err().to_string();
    assert!(said.contains("INC-4"), "{said}");
    assert_eq!(bench.sqlite().rebuild().unwrap(), 12);
    verify(&bench.path).unwrap();
}

#[tokio::test]
async fn rows_made_anew_void_the_cursors() {
    let bench = SqliteFile::new();
    let (rows, next) = everything(bench.desk(), None).await;
    bench.sqlite().rebuild().unwrap();
    assert_eq!(bench.desk().pull(Some(&next)).await, Err(Error::CursorExpired));
    assert_eq!(everything(bench.desk(), None).await.0, rows);
    let other = SqliteFile::new();
    let (_, next) = everything(bench.desk(), None).await;
    assert_eq!(other.desk().pull(Some(&next)).await, Err(Error::CursorExpired), "a cursor of another desk");
}

#[tokio::test]
async fn loading_twice_adds_nothing() {
    let bench = SqliteFile::with(tickets(0));
    let desk = bench.sqlite();
    let first = desk.bulk_load(&staff(), tickets(30)).unwrap();
    assert_eq!((first.tickets, first.events, first.known), (30, 180, 0));
    bench.desk().apply(&op(2, None, vec![title("Renamed by hand")])).await.unwrap();
    let before = everything(bench.desk(), None).await.0;
    let again = desk.bulk_load(&staff(), tickets(30)).unwrap();
    assert_eq!((again.tickets, again.events, again.known), (0, 0, 180));
    assert_eq!(everything(bench.desk(), None).await.0, before);
    verify(&bench.path).unwrap();
    // A later export of the same log brings only what is new.
    let mut longer = tickets(31);
    let mut event = longer[0].1[0].clone();
    event.op = deskside::domain::change::OpKey("later".into());
    event.change = set(Field::Impact, Value::Number(1));
    longer[0].1.push(event);
    let more = desk.bulk_load(&staff(), longer).unwrap();
    assert_eq!((more.tickets, more.events, more.known), (1, 7, 180));
    assert_eq!(bench.desk().get(&id(1)).await.unwrap().impact(), 1);
}

#[tokio::test]
async fn the_past_can_be_read_as_it_stood() {
    let bench = SqliteFile::with(tickets(10));
    bench.desk().apply(&op(1, None, vec![title("Renamed")])).await.unwrap();
    let at = |t| {
        let mut then: Vec<Ticket> = Vec::new();
        bench.sqlite().as_of(t, |ticket| then.push(ticket)).unwrap();
        then
    };
    assert_eq!(at(NOW - SignedDuration::from_hours(4)).len(), 6, "what happened at that instant has not happened");
    assert_eq!(at(NOW)[0].title(), "Printer 1 prints stripes");
    let now = at(NOW + SignedDuration::from_secs(1));
    assert_eq!((now[0].title(), now.len()), ("Renamed", 10));
    assert_eq!(now[0], bench.desk().get(&id(1)).await.unwrap());
}

#[tokio::test]
async fn a_write_that_fails_half_way_leaves_nothing() {
    let bench = SqliteFile::new();
    let before = everything(bench.desk(), None).await.0;
    let changes = vec![title("Half"), set(Field::Caller, Value::name("cem")), set(Field::Impact, Value::Number(7))];
    bench.desk().apply(&op(1, None, changes)).await.unwrap_err();
    assert_eq!(everything(bench.desk(), None).await.0, before);
    let names: i64 = Connection::open(&bench.path)
        .unwrap()
        .query_row("SELECT count(*) FROM event WHERE change LIKE '%Half%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(names, 0);
}

#[tokio::test]
async fn rows_that_another_program_made_of_the_same_rules_are_made_anew() {
    let bench = SqliteFile::new();
    let (before, next) = everything(bench.desk(), None).await;
    assert!(before.iter().all(|row| row.glance.due.is_some()), "each has a promise");
    let db = Connection::open(&bench.path).unwrap();
    db.execute_batch("UPDATE meta SET value = 'of old' WHERE key = 'fingerprint'; UPDATE ticket SET rank = 0;")
        .unwrap();
    Sqlite::open(&bench.path, options("ben")).unwrap();
    assert_eq!(bench.desk().pull(Some(&next)).await, Err(Error::CursorExpired), "the other console hears of it");
    assert_eq!(everything(bench.desk(), None).await.0, before);
    let ranks: i64 = db.query_row("SELECT count(*) FROM ticket WHERE rank = 0", [], |row| row.get(0)).unwrap();
    assert_eq!(ranks, 0);
}

/// How often the threads of a process were woken so far.
pub fn wake_ups(pid: i32) -> u64 {
    let of = |path: &Path| {
        let status = fs::read_to_string(path.join("status")).unwrap_or_default();
        let count = |line: &str| line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        status.lines().filter(|line| line.starts_with("voluntary_ctxt")).map(count).sum::<u64>()
    };
    fs::read_dir(format!("/proc/{pid}/task")).unwrap().map(|task| of(&task.unwrap().path())).sum()
}

/// In a process of its own: other tests of the same process wake it too.
#[tokio::test]
async fn waiting_wakes_nobody() {
    const ALONE: &str = "DESKSIDE_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let done = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "backends::file::waiting_wakes_nobody"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        return;
    }
    let bench = SqliteFile::new();
    everything(bench.desk(), None).await;
    let waiting = tokio::time::timeout(std::time::Duration::from_secs(5), bench.desk().changed());
    let counting = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let before = wake_ups(nix::unistd::getpid().as_raw());
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        wake_ups(nix::unistd::getpid().as_raw()) - before
    };
    let (told, woken) = tokio::join!(waiting, counting);
    assert!(told.is_err());
    assert!(woken <= 3, "{woken}");
}
