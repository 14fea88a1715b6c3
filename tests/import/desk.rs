//! From a log to a desk in a file and back.

use std::fs;

use deskside::backend::sqlite::Sqlite;
use deskside::cli::import::{ImportArgs, run};
use deskside::domain::state::State;

use super::{data, fixture, time};
use crate::backends::bench::options;

fn args(file: &str, mapping: &str) -> ImportArgs {
    ImportArgs { file: fixture(file), mapping: mapping.into(), dry_run: false }
}

#[test]
fn importing_twice_adds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("desk.db");
    let once = run(&args("uci-like.csv", "uci498"), Some(&db), options("ana")).unwrap();
    let loaded = once.loaded.unwrap();
    assert_eq!((loaded.tickets, loaded.events, loaded.known), (3, once.report.events as u64, 0));
    let desk = Sqlite::open(&db, options("ana")).unwrap();
    let (history, directory) = (desk.history(None).unwrap(), desk.directory().unwrap());
    let again = run(&args("uci-like.csv", "uci498"), Some(&db), options("ana")).unwrap();
    let loaded = again.loaded.unwrap();
    assert_eq!((loaded.tickets, loaded.events, loaded.known), (0, 0, again.report.events as u64));
    assert!(desk.history(None).unwrap() == history);
    assert_eq!(desk.directory().unwrap(), directory);
    assert!(directory.person("ana").is_some_and(|me| me.level.is_some()), "who imports works here");
    assert!(directory.person("resolver-31").is_some());
}

#[test]
fn another_log_joins_the_same_desk() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("desk.db");
    run(&args("uci-like.csv", "uci498"), Some(&db), options("ana")).unwrap();
    let more = run(&args("vinst-like.xes", "vinst-problems"), Some(&db), options("ana")).unwrap();
    assert_eq!((more.loaded.unwrap().tickets, more.report.bad_rows), (1, 2));
    let mut ids = Vec::new();
    let desk = Sqlite::open(&db, options("ana")).unwrap();
    desk.as_of(time("2030-01-01T00:00:00Z"), |ticket| ids.push(ticket.id.to_string())).unwrap();
    assert_eq!(ids, ["INC-0000001", "INC-0000002", "INC-0000003", "PRB-1-100"]);
}

#[test]
fn a_log_that_grew_adds_only_what_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("desk.db");
    let whole = fs::read_to_string(fixture("uci-like.csv")).unwrap();
    let cut: String = whole.lines().take(11).map(|line| format!("{line}\n")).collect();
    let file = dir.path().join("log.csv");
    fs::write(&file, cut).unwrap();
    let mut args = ImportArgs { file: file.clone(), mapping: "uci498".into(), dry_run: false };
    assert_eq!(run(&args, Some(&db), options("ana")).unwrap().loaded.unwrap().tickets, 2);
    fs::write(&file, whole).unwrap();
    args.file = file;
    let loaded = run(&args, Some(&db), options("ana")).unwrap().loaded.unwrap();
    assert_eq!(loaded.tickets, 1);
    assert!(loaded.known > 0 && loaded.events > 0);
}

#[test]
fn a_dry_run_and_a_file_that_is_not_there_make_no_desk() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("desk.db");
    let dry = ImportArgs { dry_run: true, ..args("uci-like.csv", "uci498") };
    let outcome = run(&dry, Some(&db), options("ana")).unwrap();
    assert!(outcome.loaded.is_none() && outcome.to_string().ends_with("a dry run: nothing was stored\n"));
    assert!(run(&args("none.csv", "uci498"), Some(&db), options("ana")).is_err());
    assert!(run(&args("uci-like.csv", "none"), Some(&db), options("ana")).is_err());
    assert!(!db.exists());
}

#[test]
fn the_desk_of_the_uci_log_at_the_first_of_april() {
    let Some(file) = data("uci498_full_141712.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("desk.db");
    let args = ImportArgs { file, mapping: "uci498".into(), dry_run: false };
    let start = std::time::Instant::now();
    let outcome = run(&args, Some(&db), options("ana")).unwrap();
    eprintln!("{outcome}in {:?}, {} bytes", start.elapsed(), fs::metadata(&db).unwrap().len());
    assert_eq!(outcome.loaded.unwrap().tickets, 24_918);
    let mut open = 0;
    let desk = Sqlite::open(&db, options("ana")).unwrap();
    desk.as_of(time("2016-04-01T00:00:00Z"), |ticket| open += usize::from(ticket.state != State::Closed)).unwrap();
    assert_eq!(open, 3_353);
}
