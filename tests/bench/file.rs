//! How fast a desk in a file is by itself: load, open, pages, one ticket, writes, with the CPU of the whole process;
//! and beside it a local copy of that desk.
//!
//!     cargo bench --bench file                                   100,000 tickets
//!     TICKETS=1000000 ROUNDS=1 cargo bench --bench file          another number of them; PLAIN=1 for empty ones

#![expect(clippy::unwrap_used, reason = "a bench that cannot run says so by panicking")]

#[path = "../backends/bench.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod bench;

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use bench::{Bench, NOW, SqliteFile, op, options, tickets, title};
use deskside::backend::embedded::Clock;
use deskside::backend::sqlite::Sqlite;
use deskside::backend::{Backend, Cursor};
use deskside::domain::change::{Op, Target};
use deskside::store::mirror;

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(how_fast());
}

async fn how_fast() {
    let time = |what: &str, (since, used): (Instant, u64)| {
        println!("{what:24} {:>9.3} ms, {} ms of CPU", since.elapsed().as_secs_f64() * 1e3, cpu_ms() - used);
    };
    let watch = || (Instant::now(), cpu_ms());
    let count = std::env::var("TICKETS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let sample = deskside::backend::sample::generate(1, NOW, usize::try_from(count).unwrap()).unwrap();
    let history = if std::env::var_os("PLAIN").is_some() { tickets(count) } else { sample.tickets };
    println!("{} events", history.iter().map(|(_, events)| events.len()).sum::<usize>());
    let start = watch();
    let bench = SqliteFile::with(history);
    time("load", start);
    let rounds = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    for _ in 0..rounds {
        let start = watch();
        let desk = Sqlite::open(&bench.path, options("ben")).unwrap();
        time("open", start);
        let start = watch();
        let first = desk.pull(None).await.unwrap();
        time("first page", start);
        let start = watch();
        let open: Vec<_> = first.changed.iter().map(|row| row.id.clone()).collect();
        let rows = rest(&desk, first.next).await;
        time(&format!("all {rows} rows"), start);
        let start = watch();
        desk.get(&open[0]).await.unwrap();
        time("one ticket", start);
        let start = watch();
        for id in &open {
            let act = op(1, None, vec![title(&format!("About {id}"))]);
            desk.apply(&Op { target: Target::Ticket(id.clone()), ..act }).await.unwrap();
        }
        time("60 writes", start);
    }
    let start = watch();
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("copy.db");
    let copy = || {
        let desk = Arc::new(Sqlite::open(&bench.path, options("ben")).unwrap());
        let options = mirror::Options {
            of: "bench".into(),
            clock: Clock::fixed(NOW),
            pace: mirror::Pace::default(),
            read_only: false,
        };
        mirror::Mirror::open(&path, desk, options).unwrap()
    };
    copy().catch_up().await.unwrap();
    time("copy: fill", start);
    for _ in 0..rounds {
        let start = watch();
        let desk = copy();
        time("copy: open", start);
        let start = watch();
        let first = desk.pull(None).await.unwrap();
        time("copy: first page", start);
        let start = watch();
        let rows = rest(&desk, first.next).await;
        time(&format!("copy: all {rows} rows"), start);
    }
}

/// Reads on to the end; how many rows came.
async fn rest(desk: &dyn Backend, mut at: Cursor) -> usize {
    let mut rows = 0;
    loop {
        let delta = desk.pull(Some(&at)).await.unwrap();
        (at, rows) = (delta.next, rows + delta.changed.len());
        if !delta.more {
            return rows;
        }
    }
}

/// What the process has used so far, to 10 ms.
fn cpu_ms() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<u64> = stat.rsplit(')').next().unwrap().split(' ').map(|word| word.parse().unwrap_or(0)).collect();
    (fields[12] + fields[13]) * 10
}
