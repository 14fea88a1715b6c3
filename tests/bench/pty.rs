//! How fast the built console is to its user: measured from outside, through a real pseudo terminal of 120x40.
//!
//!     cargo bench --bench pty                                    1,000, 10,000 and 100,000 tickets
//!     DESKSIDE_BENCH_MILLION=1 cargo bench --bench pty           1,000,000 as well
//!     DESKSIDE_BENCH_SIZES=10000 cargo bench --bench pty         these sizes only (comma between)
//!     DESKSIDE_BENCH_COPIES=0 cargo bench --bench pty            without the copies of trackers that are away
//!     DESKSIDE_BENCH_SHOW=1 cargo bench --bench pty              also prints the screen between the steps
//!
//! Time runs from just before the keys are written to the arrival of the output after which 95 % of the screen cells that
//! the step changed were final. Bytes are what the console wrote, CPU is the whole process's. A figure of repeated keys is
//! the median over them (the mean for scrolling), and over the rounds; beside it stands how it compares with its target.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot run says so by panicking")]

mod copies;
mod desk;
mod process;
#[path = "../terminal/pty.rs"]
mod pty;
mod report;
mod sample;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use process::Meter;
use pty::{Launch, Pty};
use report::{Column, Figures, Row};
use sample::{Sample, act, median};

const ROUNDS: usize = 3;
const IDLE: Duration = Duration::from_secs(10);
/// What every list shows, and nothing that comes before it.
const LIST: &str = "▸";
const WORD: &str = "printer";

fn main() {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-desks");
    std::fs::create_dir_all(&home).expect("a place for the desks");
    let mut columns = Vec::new();
    for tickets in sizes() {
        let desk = desk::of(&home, tickets);
        let mut rounds = Figures::default();
        for round in 0..ROUNDS {
            eprintln!("{tickets} tickets, round {} of {ROUNDS}", round + 1);
            run(&home, &desk, round, &mut rounds);
        }
        columns.push(Column { name: format!("{tickets} tickets"), tickets, figures: rounds });
    }
    if std::env::var_os("DESKSIDE_BENCH_COPIES").is_none_or(|value| value != "0") {
        let most = columns.iter().map(|column| column.tickets).max().unwrap_or_default();
        for names in [&["one"][..], &["one", "two", "three"]] {
            columns.push(copied(&home, names, most));
        }
    }
    report::print(&columns);
}

/// So many tickets in the copies of these profiles, whose trackers are all away.
fn copied(home: &Path, names: &[&str], tickets: usize) -> Column {
    let desk = desk::of(home, tickets / names.len());
    let mut figures = Figures::default();
    for round in 0..ROUNDS {
        eprintln!("{tickets} tickets in {} copies, round {} of {ROUNDS}", names.len(), round + 1);
        let fresh = home.join("home");
        let _ = std::fs::remove_dir_all(&fresh);
        copies::home(&fresh, names, &desk);
        let launch = Launch::new(&fresh, &["--profile", &names.join(",")]).size(120, 40);
        let (mut pty, meter) = started(&launch, &mut figures);
        moves(&mut pty, &meter, &mut figures);
        figures.add(Row::Memory, meter.pss_mb(), None);
        if round == 0 {
            idle(&mut pty, &meter, &mut figures);
        }
        pty.keys("q");
        pty.settle(Duration::from_millis(100));
    }
    Column { name: format!("{tickets} in {} copies", names.len()), tickets, figures }
}

fn sizes() -> Vec<usize> {
    if let Ok(list) = std::env::var("DESKSIDE_BENCH_SIZES") {
        return list.split(',').map(|size| size.trim().parse().expect("a number of tickets")).collect();
    }
    let mut sizes = vec![1_000, 10_000, 100_000];
    if std::env::var("DESKSIDE_BENCH_MILLION").is_ok_and(|value| value == "1") {
        sizes.push(1_000_000);
    }
    sizes
}

fn run(home: &Path, desk: &Path, round: usize, figures: &mut Figures) {
    let copy = desk::copy(desk);
    // Nothing is remembered from the round before, but the local state is there, as on any day but the first.
    let home = home.join("home");
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).expect("a home");
    let launch = Launch::new(&home, &["--db", &copy.to_string_lossy()]).size(120, 40);
    let (mut pty, meter) = started(&launch, figures);
    moves(&mut pty, &meter, figures);
    acts(&mut pty, &meter, figures);
    figures.add(Row::Memory, meter.pss_mb(), None);
    if round == 0 {
        idle(&mut pty, &meter, figures);
    }
    pty.keys("q");
    pty.settle(Duration::from_millis(100));
}

/// Started once to have its local state, then once more with the clock running.
fn started(launch: &Launch, figures: &mut Figures) -> (Pty, Meter) {
    let mut first = launch.spawn();
    first.wait_for_text(LIST);
    first.settle(Duration::from_millis(500));
    first.keys("q");
    first.wait_exit();

    let mut pty = launch.spawn();
    let started = pty.started;
    let shown = pty.wait_for_text(LIST);
    let meter = Meter::of(pty.pid());
    figures.add(Row::Start, ms(shown - started), None);
    figures.add(Row::StartCpu, ms(meter.cpu()), None);
    let mut last = shown;
    while let Some((at, _)) = pty.next_piece(Instant::now() + Duration::from_millis(1_000)) {
        last = at;
    }
    figures.add(Row::Loaded, ms(last - started), None);
    (pty, meter)
}

/// All incidents, without the preview: the list alone.
fn go_to_list(pty: &mut Pty) {
    for keys in ["f2", "P"] {
        pty.keys(keys);
        pty.settle(Duration::from_millis(200));
    }
    pty.type_text(":view all\r");
    pty.settle(Duration::from_millis(500));
    show(pty);
}

/// What the console shows just now, for who wonders at a figure.
fn show(pty: &mut Pty) {
    if std::env::var_os("DESKSIDE_BENCH_SHOW").is_some() {
        eprintln!("{}", pty.picture());
    }
}

/// What only reads what is here.
fn moves(pty: &mut Pty, meter: &Meter, figures: &mut Figures) {
    go_to_list(pty);
    // Four rows down and up again, never reaching an edge.
    let inside: Vec<Sample> =
        "j j j j k k k k ".repeat(13).split_whitespace().map(|key| act(pty, meter, |pty| pty.keys(key))).collect();
    figures.keys(Row::Down, &inside, median);

    pty.keys(&"j ".repeat(60));
    pty.settle(Duration::from_millis(200));
    let scrolled: Vec<Sample> = (0..100).map(|_| act(pty, meter, |pty| pty.keys("j"))).collect();
    figures.keys(Row::Scroll, &scrolled, sample::mean);

    let burst = act(pty, meter, |pty| pty.keys(&"j ".repeat(100)));
    figures.keys(Row::Burst, &[burst], median);

    let pages: Vec<Sample> = (0..10).map(|_| act(pty, meter, |pty| pty.keys("pgdn"))).collect();
    figures.keys(Row::Page, &pages, median);
    let ends: Vec<Sample> = ["G", "g g", "G", "g g"].iter().map(|keys| act(pty, meter, |pty| pty.keys(keys))).collect();
    figures.keys(Row::End, &ends, median);

    act(pty, meter, |pty| pty.keys("/"));
    let letters: Vec<Sample> =
        WORD.chars().map(|letter| act(pty, meter, |pty| pty.type_text(&letter.to_string()))).collect();
    figures.keys(Row::Filter, &letters, sample::worst);
    act(pty, meter, |pty| pty.keys("esc"));
}

/// What asks the desk for something.
fn acts(pty: &mut Pty, meter: &Meter, figures: &mut Figures) {
    let (mut opened, mut left) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        opened.push(act(pty, meter, |pty| pty.keys("enter")));
        left.push(act(pty, meter, |pty| pty.keys("esc")));
        act(pty, meter, |pty| pty.keys("j"));
    }
    figures.keys(Row::Open, &opened, median);
    figures.keys(Row::Back, &left, median);

    let mut written = Vec::new();
    for _ in 0..5 {
        written.push(act(pty, meter, |pty| pty.keys("t")));
        act(pty, meter, |pty| pty.keys("j"));
    }
    figures.keys(Row::Write, &written, median);

    // The same with the preview shown, which follows once the cursor rests.
    act(pty, meter, |pty| pty.keys("P"));
    show(pty);
    let previewed: Vec<Sample> =
        "j j j j k k k k ".repeat(3).split_whitespace().map(|key| act(pty, meter, |pty| pty.keys(key))).collect();
    figures.keys(Row::Preview, &previewed, median);
    act(pty, meter, |pty| pty.keys("P"));
}

/// Ten seconds in which no clock on the screen steps: what steps with the minute is not idleness.
fn idle(pty: &mut Pty, meter: &Meter, figures: &mut Figures) {
    pty.settle(Duration::from_secs(2));
    let second = || jiff::Timestamp::now().as_second() % 60;
    while !(1..=48).contains(&second()) {
        std::thread::sleep(Duration::from_millis(200));
    }
    pty.bytes_since();
    let (cpu, wakes) = (meter.cpu(), meter.wakes());
    std::thread::sleep(IDLE);
    figures.add(Row::IdleBytes, pty.bytes_since().len() as f64, None);
    figures.add(Row::IdleWakes, meter.wakes_since(&wakes) as f64, None);
    figures.add(Row::IdleCpu, ms(meter.cpu() - cpu), None);
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
