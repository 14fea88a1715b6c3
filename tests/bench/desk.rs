//! Desks to measure on: made up once per size, kept beside the build, copied for every round.

use std::fs;
use std::path::{Path, PathBuf};

use deskside::backend::embedded::Clock;
use deskside::backend::sample;
use deskside::backend::sqlite::{Options, Share, Sqlite, whoami};
use deskside::cli::{open, settings};
use deskside::domain::directory::{Directory, Person};
use jiff::Timestamp;

/// The file of a desk of that many tickets. It is made anew each day, as its tickets lie relative to the day it was made,
/// and for each build, whose tables may differ.
pub fn of(home: &Path, tickets: usize) -> PathBuf {
    let day = Timestamp::now().strftime("%F");
    let path = home.join(format!("{tickets}-{day}.desk"));
    let made = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    if made(&path) < made(Path::new(env!("CARGO_BIN_EXE_deskside"))) {
        eprintln!("making a desk of {tickets} tickets");
        let unfinished = path.with_extension("unfinished");
        let _ = fs::remove_file(&unfinished);
        make(&home.join("config"), &unfinished, tickets);
        fs::rename(&unfinished, &path).expect("a desk that was just made");
    }
    path
}

fn make(config: &Path, path: &Path, tickets: usize) {
    let settings = settings::load(config).expect("the settings that ship");
    let me = whoami().0;
    let options = Options {
        rules: open::rules(&settings, Directory::default()),
        clock: Clock::system(),
        me: me.clone(),
        read_only: false,
    };
    let sample = sample::generate(7, Timestamp::now(), tickets).expect("the sample's own text");
    // Whoever runs the bench sits in the groups of the sample's own engineer, so that there is work on the first screen.
    let mut directory = sample.directory;
    let engineer = directory.people.iter().find(|person| person.login.as_str() == sample::ME).expect("the engineer");
    directory.people.push(Person { login: me, ..engineer.clone() });
    let desk = Sqlite::create(path, Share::Private, directory.clone(), options).expect("a new file");
    desk.bulk_load(&directory, sample.tickets).expect("room for the desk");
    drop(desk);
    // Everything in one file, with nothing left in a write-ahead log.
    let desk = rusqlite::Connection::open(path).expect("the desk");
    desk.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("a checkpoint");
}

/// A copy, as the bench writes into it and every round must start from the same.
pub fn copy(desk: &Path) -> PathBuf {
    let copy = desk.with_extension("copy");
    for log in ["copy-wal", "copy-shm"] {
        let _ = fs::remove_file(desk.with_extension(log));
    }
    fs::copy(desk, &copy).expect("room for a copy of the desk");
    copy
}
