//! The real program, killed at random moments: what was typed comes back, what was done is done once.
//!
//! The moments come from a seed that is printed; `DESKSIDE_SEED` repeats a run.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::Signal;

use super::pty::{Launch, Pty};
use crate::cli::Home;

/// What may be lost, by promise.
const SECOND: Duration = Duration::from_secs(1);

/// Random enough for moments (splitmix64).
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let seed = std::env::var("DESKSIDE_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or(since.as_nanos() as u64);
        println!("DESKSIDE_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    fn ms(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most - least))
    }
}

/// The desk on a terminal.
fn program(home: &Home) -> Pty {
    let mut pty = Launch::new(home.path(), &["--db", &home.file("desk.db")]).spawn();
    pty.wait_for_text("[Work");
    pty.wait_until_gone("reading");
    pty
}

/// The same, at its list of incidents.
fn console(home: &Home) -> Pty {
    let mut pty = program(home);
    pty.keys("tab");
    pty.wait_for_text("▸");
    pty
}

/// A text that can be typed: the keys that open it, and what shows that it is open.
struct Place {
    name: &'static str,
    open: &'static [(&'static str, &'static str)],
    /// The keys that open it once more, where the answers before it are there already.
    again: &'static [(&'static str, &'static str)],
}

const PLACES: [Place; 5] = [
    Place { name: "a public reply", open: &[("r", "ctrl-s sends")], again: &[("r", "ctrl-s sends")] },
    Place { name: "an internal note", open: &[("n", "internal note")], again: &[("n", "internal note")] },
    Place { name: "the title of a new ticket", open: &[("N", "Title*"), ("1", "Title*")], again: &[("N", "Title*")] },
    Place {
        name: "the caller, found as one types",
        open: &[("N", "Title*"), ("1", "Title*"), ("tab", "Caller*")],
        again: &[("N", "Caller*")],
    },
    Place {
        name: "a note for the decision bar",
        open: &[("T", "─ decision"), ("n", "internal note")],
        again: &[("T", "─ decision"), ("n", "internal note")],
    },
];

fn open(pty: &mut Pty, steps: &[(&str, &str)]) {
    for (keys, shows) in steps {
        pty.keys(keys);
        pty.wait_for_text(shows);
        pty.settle(Duration::from_millis(60));
    }
}

/// Types until the moment has come; how much of it was typed a second before, and in all.
fn type_until(pty: &mut Pty, text: &str, moment: Duration, moments: &mut Moments) -> (usize, usize) {
    let end = Instant::now() + moment;
    let mut typed = Vec::new();
    for letter in text.chars() {
        if Instant::now() >= end {
            break;
        }
        pty.type_text(&letter.to_string());
        typed.push(Instant::now());
        sleep(moments.ms(5, 35));
    }
    sleep(end.saturating_duration_since(Instant::now()));
    (typed.iter().filter(|at| **at + SECOND <= end).count(), typed.len())
}

/// The rest of the line that begins with these words, on the screen.
fn line_from(pty: &mut Pty, start: &str) -> Option<String> {
    let text = pty.screen().contents();
    let line = text.lines().find(|line| line.contains(start))?;
    let rest = &line[line.find(start)?..];
    Some(rest.split(['│', '║', '"']).next()?.trim_end().to_owned())
}

#[test]
fn typed_words_come_back_after_a_kill_at_any_moment() {
    let mut moments = Moments::new();
    let home = Home::with_desk();
    home.incident("The printer on 3 is dead");
    let first = moments.below(PLACES.len() as u64) as usize;
    for round in 0..8 {
        let place = &PLACES[(first + round) % PLACES.len()];
        let text = format!("q{round}z {}", "all of these words were hard to find");
        let mut pty = console(&home);
        open(&mut pty, place.open);
        // What an earlier round left there.
        pty.keys("end");
        pty.send(&[0x7f; 60]);
        pty.settle(Duration::from_millis(60));
        let moment = moments.ms(1050, 2000);
        let (due, typed) = type_until(&mut pty, &text, moment, &mut moments);
        pty.kill9();

        let mut again = console(&home);
        open(&mut again, place.again);
        let due = &text[..due];
        let told = format!("round {round}, {}: killed after {moment:?}, {:?} was due", place.name, due);
        again.wait_for(&told, |screen| screen.contents().contains(due.trim_end()));
        if let Some(back) = line_from(&mut again, &text[..4]) {
            assert!(text[..typed].starts_with(&back), "{told}; {back:?} was never typed");
        }
        again.kill9();
    }
}

/// Where words are after the program has ended: in the drafts, among the unsent acts, and how often on the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    draft: bool,
    unsent: bool,
    desk: usize,
}

fn find(home: &Home, words: &str) -> Found {
    let folder = std::fs::read_dir(home.path().join("state/deskside")).unwrap();
    let mut files = folder.map(|file| file.unwrap().path());
    let state = files.find(|path| path.extension().is_some_and(|ending| ending == "state")).unwrap();
    let db = rusqlite::Connection::open(state).unwrap();
    let held = |room: &str| {
        let sql = "SELECT count(*) FROM kept WHERE room = ?1 AND value LIKE '%' || ?2 || '%'";
        db.query_row(sql, [room, words], |row| row.get::<_, i64>(0)).unwrap() > 0
    };
    let desk = rusqlite::Connection::open(home.file("desk.db")).unwrap();
    let mut events = desk.prepare("SELECT change FROM event").unwrap();
    let events = events.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let desk = events.filter(|change| change.as_ref().unwrap().contains(words)).count();
    Found { draft: held("draft"), unsent: held("outbox"), desk }
}

/// An act with words: the keys up to them, and the keys that send them.
struct Deed {
    name: &'static str,
    open: &'static [(&'static str, &'static str)],
    then: &'static [(&'static str, &'static str)],
    send: &'static str,
    /// Gone from the screen when it has been sent.
    until_gone: &'static str,
}

const DEEDS: [Deed; 4] = [
    Deed { name: "a note", open: &[("n", "internal note")], then: &[], send: "ctrl-s", until_gone: "ctrl-s" },
    Deed {
        name: "a reply that can be recalled",
        open: &[("r", "ctrl-s sends")],
        then: &[],
        send: "ctrl-s",
        until_gone: "ctrl-s",
    },
    Deed {
        name: "a new ticket",
        open: &[("N", "Title*"), ("1", "Title*"), ("tab", "Title*"), ("a n a", "ana"), ("shift-tab", "Title*")],
        then: &[],
        send: "ctrl-s",
        until_gone: "ctrl-s",
    },
    Deed {
        name: "a decision",
        open: &[("T", "─ decision"), ("n", "internal note")],
        then: &[("ctrl-s", "note \"")],
        send: "enter",
        until_gone: "note \"",
    },
];

#[test]
fn what_was_done_is_done_once_whenever_the_kill_comes() {
    let mut moments = Moments::new();
    let home = Home::with_desk();
    home.incident("The printer on 3 is dead");
    for round in 0..8 {
        let deed = &DEEDS[round % DEEDS.len()];
        let words = format!("w{round}x told");
        let mut pty = console(&home);
        open(&mut pty, deed.open);
        pty.type_text(&words);
        pty.wait_for_text(&words);
        sleep(SECOND);
        open(&mut pty, deed.then);
        pty.keys(deed.send);
        let shown = round < DEEDS.len();
        if shown {
            pty.wait_until_gone(deed.until_gone);
        } else {
            sleep(moments.ms(0, 40));
        }
        pty.kill9();
        let left = find(&home, &words);
        let told = format!("round {round}, {}: after the kill {left:?}", deed.name);
        assert!(left.draft || left.unsent || left.desk > 0, "{told}");
        assert!(!shown || left.unsent || left.desk > 0, "{told}, but the screen showed it as done");

        // A new ticket that is registered only now opens by itself, so the list is not waited for.
        let mut again = program(&home);
        again.settle(Duration::from_millis(200));
        again.signal(Signal::SIGTERM);
        again.wait_exit();
        let now = find(&home, &words);
        let once = Found { draft: false, unsent: false, desk: 1 };
        let not = Found { draft: true, unsent: false, desk: 0 };
        assert!(now == once || now == not && !(left.unsent || left.desk > 0), "{told}, after another start {now:?}");
    }
}
