//! A working hour at the keys: the real program on a real terminal, connected to a tracker through a line that fails. What
//! came of each act is read from the tracker itself.
//!
//! It runs against the fakes in every run, and against real servers where the environment names them.

use std::cell::Cell;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::api::Seen;
use crate::fake::proxy::Proxy;
use crate::terminal::pty::{Launch, Pty};

/// A tracker, and how its people spell what is done in the session.
pub struct Place {
    /// As `deskside connect` calls it.
    pub kind: &'static str,
    /// Where it listens.
    pub address: std::net::SocketAddr,
    /// Of the agent who sits at the keys.
    pub secret: String,
    /// The site's own spellings, as they are written into a profile.
    pub mapping: Option<&'static str>,
    /// Somebody else registers an incident of that title; its number.
    pub register: Box<dyn Fn(&str) -> String>,
    /// The ticket as the tracker shows it to somebody else.
    pub seen: Box<dyn Fn(&str) -> Seen>,
    pub words: Words,
}

/// What stands in the tracker, by its own names.
#[derive(Debug, Clone)]
pub struct Words {
    pub agent: &'static str,
    /// Who gets the ticket that is handed over: log-in, and as the tracker shows it.
    pub heir: (&'static str, &'static str),
    pub group: &'static str,
    /// Ours, and field and value there.
    pub category: (&'static str, &'static str, &'static str),
    /// The fields, and what stands in them for 1, 2 and 3.
    pub impact: (&'static str, [&'static str; 3]),
    pub urgency: (&'static str, [&'static str; 3]),
    /// Where the code of a resolution stands, and one.
    pub code: (&'static str, &'static str),
    pub at_work: &'static str,
    pub resolved: &'static str,
}

/// For what the tracker, a slow machine and the waits between two tries take together.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody at the keys.
pub struct Session<'p> {
    place: &'p Place,
    proxy: Proxy,
    home: tempfile::TempDir,
    pty: Option<Pty>,
    step: Cell<&'static str>,
}

/// The whole of it.
pub fn whole(place: &Place) {
    let mut session = Session::at(place);
    let tag = &session.tag();
    let titles = ["no dial tone", "mouse is broken", "mail is slow"].map(|title| format!("{tag} {title}"));
    let ids = titles.clone().map(|title| (place.register)(&title));
    session.connect();
    session.start("[now]");
    session.triage(tag, &titles, &ids);
    session.escalate(&titles[1], &ids[1]);
    session.hand_over(&ids[1]);
    session.resolve(&titles[2], &ids[2]);
    session.speak(&titles[0], &ids[0]);
    session.cut_and_mended(&titles[0], &titles[2], &ids[0]);
    session.killed(&titles[0], &ids[0]);
    session.leave();
}

impl<'p> Session<'p> {
    pub fn at(place: &'p Place) -> Self {
        let (proxy, home) = (Proxy::before(place.address), tempfile::tempdir().unwrap());
        Self { place, proxy, home, pty: None, step: Cell::new("connect") }
    }

    pub fn place(&self) -> &'p Place {
        self.place
    }

    /// Letters that no other session has in its titles.
    pub fn tag(&self) -> String {
        uuid::Uuid::new_v4().simple().to_string()[..6].to_owned()
    }

    pub fn begins(&self, step: &'static str) {
        self.step.set(step);
    }

    pub fn keys(&mut self, keys: &str) {
        self.pty().keys(keys);
    }

    /// Waits until the tracker has it, or says what it has.
    #[track_caller]
    pub fn eventually(&mut self, what: &str, mut look: impl FnMut() -> Result<(), String>) {
        let end = Instant::now() + PATIENCE;
        while let Err(has) = look() {
            let (step, picture) = (self.step.get(), self.pty().picture());
            assert!(Instant::now() < end, "{step}: {what}, but there is {has} and the screen is\n{picture}");
            self.pty().next_piece(Instant::now() + Duration::from_millis(300));
        }
    }

    /// Nothing waits to be sent.
    #[track_caller]
    pub fn settled(&mut self) {
        self.sees_no("outbox ");
    }

    /// What was made is opened by the console, or now.
    #[track_caller]
    pub fn opened(&mut self, title: &str) {
        let soon = Instant::now() + Duration::from_secs(5);
        let shown = |pty: &mut Pty| {
            let screen = pty.screen().contents();
            screen.contains("[timeline]") && screen.contains(title)
        };
        while Instant::now() < soon {
            if shown(self.pty()) {
                return;
            }
            self.pty().next_piece(Instant::now() + Duration::from_millis(100));
        }
        self.open(title);
    }

    /// To the list, from a ticket and whatever lies over it.
    #[track_caller]
    pub fn back(&mut self) {
        let listed = |pty: &mut Pty| pty.screen().contents().contains("[all]");
        for _ in 0..4 {
            self.pty().keys("esc");
            let soon = Instant::now() + Duration::from_secs(3);
            while !listed(self.pty()) && Instant::now() < soon {
                self.pty().next_piece(Instant::now() + Duration::from_millis(100));
            }
            if listed(self.pty()) {
                return;
            }
        }
        self.sees("[all]");
    }

    fn pty(&mut self) -> &mut Pty {
        self.pty.as_mut().expect("the program runs")
    }

    /// Waits for words on the screen.
    #[track_caller]
    fn sees(&mut self, words: &str) {
        let step = self.step.get();
        let end = Instant::now() + PATIENCE;
        let pty = self.pty();
        while !pty.screen().contents().contains(words) {
            assert!(Instant::now() < end, "{step}: waited for {words:?}, but the screen is\n{}", pty.picture());
            pty.next_piece(Instant::now() + Duration::from_millis(100));
        }
    }

    /// Waits until words have left the screen.
    #[track_caller]
    fn sees_no(&mut self, words: &str) {
        let step = self.step.get();
        let end = Instant::now() + PATIENCE;
        let pty = self.pty();
        while pty.screen().contents().contains(words) {
            assert!(Instant::now() < end, "{step}: {words:?} stays; the screen is\n{}", pty.picture());
            pty.next_piece(Instant::now() + Duration::from_millis(100));
        }
    }

    /// Presses keys, and waits for what they bring.
    #[track_caller]
    pub fn press(&mut self, keys: &str, brings: &str) {
        self.pty().keys(keys);
        self.sees(brings);
    }

    /// Types words, and waits until they stand there.
    #[track_caller]
    fn types(&mut self, words: &str) {
        self.pty().type_text(words);
        self.sees(words);
    }

    /// The `:` line.
    #[track_caller]
    pub fn line(&mut self, words: &str, brings: &str) {
        self.press(":", "A page down.");
        self.types(words);
        self.press("enter", brings);
    }

    /// Waits until the tracker itself has it like that.
    #[track_caller]
    pub fn stored(&mut self, id: &str, what: &str, like: impl Fn(&Seen) -> bool) -> Seen {
        let step = self.step.get();
        let end = Instant::now() + PATIENCE;
        loop {
            let seen = (self.place.seen)(id);
            if like(&seen) {
                return seen;
            }
            let picture = self.pty().picture();
            assert!(Instant::now() < end, "{step}: {what}, but the tracker has {seen:#?} and the screen is\n{picture}");
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// Answers each question of `deskside connect`.
    pub fn connect(&mut self) {
        let home = self.home.path().to_owned();
        self.pty = Some(Launch::new(&home, &["connect"]).size(120, 36).spawn());
        let (kind, secret, url) = (self.place.kind, self.place.secret.clone(), self.proxy.url());
        let answers = [
            ("Which tracker", kind),
            ("A short name", "desk"),
            ("Its address", &url),
            ("Your user name", ""),
            ("(not shown)", &secret),
        ];
        for (question, answer) in answers {
            self.sees(question);
            self.pty().type_text(&format!("{answer}\r"));
        }
        self.sees("You are Sam Okafor (sam.desk).");
        self.sees("You may change tickets");
        let scope = "Copy the tickets of [a]ll groups";
        let either = |text: &str| text.contains(scope) || text.contains("is written");
        self.pty().wait_for("the scope or the end", |screen| either(&screen.contents()));
        if self.pty().screen().contents().contains(scope) {
            self.pty().type_text("a\r");
        }
        self.sees("is written");
        assert_eq!(self.pty().wait_exit().exit_code(), 0);
        assert!(!self.pty().screen().contents().contains(&secret), "the secret was shown");
        let profile = home.join("config/deskside/profiles/desk.toml");
        let text = std::fs::read_to_string(&profile).unwrap();
        assert!(!text.contains(&secret), "the secret is in the profile:\n{text}");
        assert_eq!(std::fs::metadata(&profile).unwrap().permissions().mode() & 0o777, 0o600);
        if let Some(mapping) = self.place.mapping {
            std::fs::write(&profile, format!("{text}\n{}", under_mapping(mapping))).unwrap();
        }
    }

    pub fn start(&mut self, shows: &str) {
        let launch = Launch::new(self.home.path(), &["--profile", "desk"]).size(120, 36);
        self.pty = Some(launch.spawn());
        self.sees(shows);
    }

    /// Of all tickets those with that tag.
    #[track_caller]
    pub fn narrow(&mut self, tag: &str, count: usize) {
        self.press("v", "┌ View");
        self.types("all");
        self.press("enter", "[all]");
        self.press("/", "esc");
        self.pty().type_text(tag);
        self.press("enter", &format!("/{tag}  {count} of"));
    }

    /// Three tickets: one weighed and routed, one taken, one answered.
    fn triage(&mut self, tag: &str, titles: &[String; 3], ids: &[String; 3]) {
        self.step.set("triage");
        self.narrow(tag, 3);
        for title in titles {
            self.sees(title);
        }
        self.press("T", "0 done  3 left");
        for done in 1..=3 {
            self.sees("nothing decided");
            let shown = self.pty().screen().contents();
            let which = titles.iter().position(|title| shown.contains(title)).expect("one of the three is open");
            self.decide(which);
            self.pty().keys("enter");
            if done < 3 {
                self.sees(&format!("{done} done"));
                self.sees_no(&titles[which]);
            }
        }
        self.sees("The view is done: 3 decided");
        self.judge_triage(ids);
    }

    fn decide(&mut self, which: usize) {
        let words = self.place.words.clone();
        match which {
            0 => {
                self.press("i", "impact");
                self.press("2", "impact 2");
                self.pty().keys("u 1");
                self.sees("urgency 1");
                self.press("c", "┌ Category");
                self.types(words.category.0);
                self.press("enter", &format!("category {}", words.category.0));
                self.press("g", "┌ Group");
                self.types(words.group);
                self.press("enter", &format!("group {}", words.group));
                self.press("n", "┌ internal note");
                self.types("Looks like the switch.");
                self.press("ctrl-s", "note \"Looks like the switch.\"");
            }
            1 => {
                self.pty().keys("i 3");
                self.sees("impact 3");
                self.pty().keys("u 2");
                self.sees("urgency 2");
                self.press("t", "  take");
            }
            _ => {
                self.pty().keys("i 1");
                self.sees("impact 1");
                self.pty().keys("u 1");
                self.sees("urgency 1");
                self.press("r", "ctrl-s");
                self.types("We look into it.");
                self.press("ctrl-s", ": \"We look into it.\"");
            }
        }
    }

    fn judge_triage(&mut self, ids: &[String; 3]) {
        let words = self.place.words.clone();
        let weighed = move |seen: &Seen, impact: usize, urgency: usize| {
            seen.field(words.impact.0) == words.impact.1[impact - 1]
                && seen.field(words.urgency.0) == words.urgency.1[urgency - 1]
        };
        let words = self.place.words.clone();
        self.stored(&ids[0], "weighed, routed and noted once", |seen| {
            weighed(seen, 2, 1)
                && seen.field(words.category.1) == words.category.2
                && seen.group.as_deref() == Some(words.group)
                && seen.said("Looks like the switch.") == (0, 1)
        });
        self.stored(&ids[1], "taken, with what was decided although it looked like that before", |seen| {
            weighed(seen, 3, 2) && seen.owner.as_deref() == Some(words.agent) && seen.state == words.at_work
        });
        self.stored(&ids[2], "weighed and answered once, in public", |seen| {
            weighed(seen, 1, 1) && seen.said("We look into it.") == (1, 0)
        });
    }

    /// By its number, whatever stands in the list.
    #[track_caller]
    pub fn open(&mut self, title: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            self.press("ctrl-p", "go to ");
            self.types(title);
            // As it was typed, and as the first candidate.
            let found = |pty: &mut Pty| pty.screen().contents().matches(title).count() >= 2;
            let soon = Instant::now() + Duration::from_secs(3);
            while !found(self.pty()) && Instant::now() < soon {
                self.pty().next_piece(Instant::now() + Duration::from_millis(100));
            }
            if found(self.pty()) {
                break;
            }
            // Not all of the copy is read yet.
            assert!(Instant::now() < end, "{}: {title} is not there\n{}", self.step.get(), self.pty().picture());
            self.pty().keys("esc");
            self.sees_no("go to ");
        }
        self.press("enter", "[timeline]");
        self.sees(title);
    }

    fn escalate(&mut self, title: &str, id: &str) {
        self.step.set("escalate");
        let group = self.place.words.group;
        self.open(title);
        let words = format!("escalate functional \"{group}\" \"Needs the switch.\" \"Rebooted it.\"");
        self.line(&words, "escalated (functional)");
        self.stored(id, "with the other group, told to colleagues once", |seen| {
            seen.group.as_deref() == Some(group) && seen.said("Needs the switch.") == (0, 1)
        });
    }

    fn hand_over(&mut self, id: &str) {
        self.step.set("hand over");
        let (login, shown) = self.place.words.heir;
        self.press("o", "┌ Offer");
        self.types(login);
        self.pty().keys("enter");
        self.types("You know it.");
        self.press("ctrl-s", &format!("assigned to {login}"));
        self.stored(id, "the heir's, told to colleagues once", |seen| {
            seen.owner.as_deref() == Some(shown) && seen.said("You know it.") == (0, 1)
        });
        self.press("esc", "[all]");
    }

    fn resolve(&mut self, title: &str, id: &str) {
        self.step.set("resolve");
        let words = self.place.words.clone();
        self.open(title);
        self.press("t", "taken");
        self.stored(id, "mine", |seen| seen.owner.as_deref() == Some(words.agent));
        self.press("x", "┌ Resolve");
        self.pty().keys("esc");
        self.sees_no("┌ Resolve");
        self.line(&format!("resolve \"{}\" yes \"Restarted the server.\"", words.code.1), "resolved");
        self.stored(id, "resolved with its code", |seen| {
            seen.state == words.resolved && seen.field(words.code.0) == words.code.1
        });
        self.press("esc", "[all]");
    }

    /// A public reply and an internal note, typed as one types them.
    fn speak(&mut self, title: &str, id: &str) {
        self.step.set("reply and note");
        self.open(title);
        self.press("r", "PUBLIC");
        self.types("Please try again.");
        self.pty().keys("ctrl-s");
        self.sees_no("ctrl-s send");
        self.press("n", "┌ internal note");
        self.types("Only among us.");
        self.pty().keys("ctrl-s");
        self.sees_no("┌ internal note");
        let seen = self.stored(id, "a reply and a note", |seen| {
            seen.said("Please try again.").0 > 0 && seen.said("Only among us.").1 > 0
        });
        assert_eq!((seen.said("Please try again."), seen.said("Only among us.")), ((1, 0), (0, 1)));
        self.sees_no("outbox ");
    }

    /// Keys go on working without the line, and what was done goes out when it is back.
    fn cut_and_mended(&mut self, title: &str, other: &str, id: &str) {
        self.step.set("the line is cut");
        self.proxy.down();
        self.press("n", "┌ internal note");
        self.types("Written without a line.");
        self.pty().keys("ctrl-s");
        self.sees_no("┌ internal note");
        self.sees("outbox 1");
        let at = self.pty().keys("esc");
        self.sees("[all]");
        assert!(at.elapsed() < Duration::from_secs(5), "a key waited for the network");
        self.open(other);
        self.press("esc", "[all]");
        self.open(title);
        self.press("f i", "Impact");
        self.pty().keys("1");
        self.sees("outbox 2");
        self.sees("offline since");
        let before = (self.place.seen)(id);
        assert_eq!(before.said("Written without a line."), (0, 0));
        self.step.set("the line is back");
        self.proxy.up();
        let impact = self.place.words.impact;
        self.stored(id, "what waited, once", |seen| {
            seen.said("Written without a line.") == (0, 1) && seen.field(impact.0) == impact.1[0]
        });
        self.sees_no("outbox ");
        self.sees_no("offline");
        self.press("esc", "[all]");
    }

    /// Killed with an act in the outbox; the next start shows it, without a line too.
    fn killed(&mut self, title: &str, id: &str) {
        self.step.set("killed");
        self.proxy.down();
        self.open(title);
        self.press("n", "┌ internal note");
        self.types("Just before the end.");
        self.pty().keys("ctrl-s");
        self.sees_no("┌ internal note");
        self.sees("outbox 1");
        self.pty().kill9();
        self.step.set("started again without a line");
        self.start("outbox 1");
        self.press("g o", "Just before the end.");
        self.pty().keys("esc");
        self.sees_no("Just before the end.");
        self.open(title);
        self.step.set("started again, the line is back");
        self.proxy.up();
        let seen = self.stored(id, "what waited", |seen| seen.said("Just before the end.") != (0, 0));
        assert_eq!(seen.said("Just before the end."), (0, 1));
        self.sees_no("outbox ");
        let seen = (self.place.seen)(id);
        for words in ["Written without a line.", "Only among us.", "Looks like the switch."] {
            assert_eq!(seen.said(words), (0, 1), "{words}");
        }
        self.press("esc", "[now]");
    }

    pub fn leave(&mut self) {
        self.step.set("quit");
        self.pty().keys("q");
        assert_eq!(self.pty().wait_exit().exit_code(), 0);
        has_no_secret(self.home.path(), &self.place.secret);
    }
}

/// Nothing that was kept holds the secret, but for the file that holds nothing else.
fn has_no_secret(folder: &Path, secret: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            has_no_secret(&path, secret);
        } else if path.is_file() && !path.display().to_string().contains("/secrets/") {
            let bytes = std::fs::read(&path).unwrap();
            let held = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!held, "{} holds the secret", path.display());
        }
    }
}

/// The site's spellings below `[mapping]`.
fn under_mapping(toml: &str) -> String {
    let table: toml::Table = toml::from_str(toml).unwrap();
    toml::to_string(&toml::Table::from_iter([("mapping".to_owned(), toml::Value::Table(table))])).unwrap()
}
