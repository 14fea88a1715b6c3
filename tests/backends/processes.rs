//! Two processes on one file. The other one is this test program again, told what to do through its environment.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use deskside::backend::sqlite::{Sqlite, verify};
use deskside::backend::{Backend, Error};
use deskside::domain::change::{Audience, Change};
use deskside::domain::field::{Field, Value};
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use tokio::time::timeout;

use super::bench::{Bench, SqliteFile, id, op, options, set};
use super::promises::everything;

const PATH: &str = "DESKSIDE_TEST_PATH";
const TASK: &str = "DESKSIDE_TEST_TASK";

/// The other process: does its task as `ben` and says what it has done, line by line. Nothing where no test started it.
#[tokio::test]
async fn other_console() {
    let Ok(path) = std::env::var(PATH) else { return };
    let desk = Sqlite::open(Path::new(&path), options("ben")).unwrap();
    match std::env::var(TASK).unwrap().as_str() {
        "count" => count(&desk).await,
        "note" => {
            for n in 0.. {
                note(&desk, n).await;
                println!("stored {n}");
            }
        }
        "open" => {
            desk.presence(Some(&id(5))).await.unwrap();
            println!("open");
            std::future::pending().await
        }
        "wait" => {
            everything(&desk, None).await;
            println!("listening");
            timeout(Duration::from_secs(30), desk.changed()).await.expect("it is announced").unwrap();
            println!("heard {}", desk.get(&id(1)).await.unwrap().text(&Field::parse("x.note").unwrap()));
        }
        other => panic!("{other}"),
    }
}

async fn count(desk: &dyn Backend) {
    let field = Field::parse("x.count").unwrap();
    let mut added = 0;
    while added < 40 {
        let ticket = desk.get(&id(1)).await.unwrap();
        let n: u32 = ticket.text(&field).parse().unwrap_or(0);
        match desk
            .apply(&op(1, Some(ticket.revision), vec![set(field.clone(), Value::name(&(n + 1).to_string()))]))
            .await
        {
            Ok(_) => added += 1,
            Err(Error::Conflict { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

async fn note(desk: &dyn Backend, n: u32) {
    let text = Clean::line(&format!("note {n}"));
    desk.apply(&op(2, None, vec![Change::Say { audience: Audience::Internal, text }])).await.unwrap();
}

struct Other(Child);

impl Other {
    fn start(bench: &SqliteFile, task: &str) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "backends::processes::other_console", "--nocapture"])
            .env(PATH, &bench.path)
            .env(TASK, task)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// The lines that it says, from now on.
    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.0.stdout.take().unwrap()).lines().map_while(Result::ok)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn notes(ticket: &Ticket) -> usize {
    ticket.timeline.iter().filter(|event| matches!(event.change, Change::Say { .. })).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_in_two_processes_lose_nothing() {
    let bench = SqliteFile::new();
    let mut other = Other::start(&bench, "count");
    count(bench.desk()).await;
    assert!(tokio::task::block_in_place(|| other.0.wait()).unwrap().success());
    let ticket = bench.desk().get(&id(1)).await.unwrap();
    assert_eq!(ticket.text(&Field::parse("x.count").unwrap()), "80");
    verify(&bench.path).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_heard_in_the_other_process_within_two_seconds() {
    let bench = SqliteFile::new();
    let mut other = Other::start(&bench, "wait");
    let mut lines = other.lines();
    assert!(lines.any(|line| line.contains("listening")));
    // It may still be on its way into `changed`; a write is heard all the same.
    let start = Instant::now();
    let word = set(Field::parse("x.note").unwrap(), Value::name("hello"));
    bench.desk().apply(&op(1, None, vec![word])).await.unwrap();
    assert!(lines.any(|line| line.contains("heard hello")));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_another_process_are_announced_here() {
    let bench = SqliteFile::new();
    let (_, next) = everything(bench.desk(), None).await;
    let _other = Other::start(&bench, "count");
    timeout(Duration::from_secs(5), bench.desk().changed()).await.expect("it is announced").unwrap();
    let (rows, _) = everything(bench.desk(), Some(&next)).await;
    assert_eq!(rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_process_has_stored_stays_and_is_sound() {
    for lines in [1, 7, 20] {
        let bench = SqliteFile::new();
        let mut other = Other::start(&bench, "note");
        let stored = other.lines().filter(|line| line.starts_with("stored")).take(lines).count();
        drop(other);
        let ticket = bench.desk().get(&id(2)).await.unwrap();
        assert!(notes(&ticket) >= stored, "{} of {stored}", notes(&ticket));
        note(bench.desk(), 0).await;
        verify(&bench.path).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_killed_has_nothing_open() {
    let bench = SqliteFile::new();
    let mut other = Other::start(&bench, "open");
    assert!(other.lines().any(|line| line.contains("open")));
    let seen = bench.desk().presence(None).await.unwrap();
    assert_eq!(seen.iter().map(|one| (&*one.who, one.ticket.clone())).collect::<Vec<_>>(), [("ben", id(5))]);
    drop(other);
    assert_eq!(bench.desk().presence(None).await.unwrap(), []);
}
