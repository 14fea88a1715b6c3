//! The real program on a real terminal: what it takes over it gives back, and what was typed is never lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use super::pty::{Launch, Pty};
use nix::sys::signal::Signal;

/// The sample desk on a terminal of 100x30, its first list drawn.
fn console(launch: &Launch) -> Pty {
    let mut pty = launch.spawn();
    pty.wait_for_text("▸");
    pty
}

fn demo(home: &Path) -> Launch {
    Launch::new(home, &["--demo"])
}

#[track_caller]
fn is_given_back(pty: &mut Pty) {
    let screen = pty.screen();
    assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
    assert!(!pty.is_raw(), "the terminal is still raw");
    let sent = String::from_utf8_lossy(&pty.bytes_since()).into_owned();
    assert!(sent.contains("\x1b[?1004l"), "focus reports still come: {}", sent.escape_debug());
}

#[test]
fn the_terminal_is_taken_and_given_back() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = console(&demo(home.path()));
    assert!(pty.is_raw());
    assert!(pty.screen().alternate_screen() && pty.screen().hide_cursor() && pty.screen().bracketed_paste());
    pty.keys("q");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    is_given_back(&mut pty);
    assert_eq!(pty.screen().contents().trim(), "", "nothing is left on the user's screen");
}

/// Debug builds panic on request; a release build cannot be asked to.
#[cfg(debug_assertions)]
#[test]
fn a_panic_gives_the_terminal_back_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = demo(home.path()).env("DESKSIDE_PANIC", "console").spawn();
    assert_ne!(pty.wait_exit().exit_code(), 0);
    pty.wait_for_text("a fault of its own");
    pty.wait_for_text("asked for by DESKSIDE_PANIC");
    is_given_back(&mut pty);
}

/// What a job's fault ends is the job: the screen stands, says so, and takes keys.
#[cfg(debug_assertions)]
#[test]
fn a_panic_in_a_job_is_told_and_the_console_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = demo(home.path()).env("DESKSIDE_PANIC", "job").spawn();
    pty.wait_for_text("stopped at a fault of its own");
    assert!(pty.is_raw());
    assert!(pty.screen().alternate_screen());
    pty.keys("q");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    is_given_back(&mut pty);
}

#[test]
fn signals_end_it_in_order() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let home = tempfile::tempdir().unwrap();
        let mut pty = console(&demo(home.path()));
        pty.signal(signal);
        assert_eq!(pty.wait_exit().exit_code(), 0, "{signal}");
        is_given_back(&mut pty);
    }
}

#[test]
fn ctrl_z_goes_to_the_shell_and_fg_comes_back() {
    let home = tempfile::tempdir().unwrap();
    let mut shell = Launch::program(home.path(), "bash", &["--norc", "-i"]).env("PS1", "shell> ").spawn();
    shell.wait_for_text("shell> ");
    shell.type_text(concat!(env!("CARGO_BIN_EXE_deskside"), " --demo\r"));
    shell.wait_for_text("▸");
    shell.keys("ctrl-z");
    shell.wait_for_text("Stopped");
    // The shell's own line editor is raw and takes pastes, so only the picture tells.
    assert!(!shell.screen().alternate_screen() && !shell.screen().hide_cursor());
    shell.type_text("echo in the $((6 * 7)) shell\r");
    shell.wait_for_text("in the 42 shell");
    shell.type_text("fg\r");
    shell.wait_for_text("▸");
    assert!(shell.screen().alternate_screen() && shell.is_raw());
    // What came after `fg` is a key again.
    shell.keys("?");
    shell.wait_for_text("type to find");
    shell.keys("esc");
    shell.wait_until_gone("type to find");
    shell.keys("q");
    shell.wait_for("the shell", |screen| !screen.alternate_screen());
}

#[test]
fn a_stop_from_outside_is_survived() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = console(&demo(home.path()));
    pty.signal(Signal::SIGSTOP);
    std::thread::sleep(Duration::from_millis(50));
    pty.bytes_since();
    pty.signal(Signal::SIGCONT);
    let end = std::time::Instant::now() + Duration::from_secs(10);
    while !String::from_utf8_lossy(&pty.bytes_since()).contains("▸") {
        assert!(std::time::Instant::now() < end, "not drawn again");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(pty.is_raw());
}

#[test]
fn the_editor_gets_the_terminal_and_its_keys() {
    let home = tempfile::tempdir().unwrap();
    let editor = home.path().join("editor");
    fs::write(&editor, "#!/bin/sh\necho editing\nread line\necho \"$line and more\" >> \"$1\"\n").unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let mut pty = console(&demo(home.path()).env("EDITOR", &editor.to_string_lossy()));
    pty.keys("n");
    pty.wait_for_text("internal note");
    pty.type_text("First words. ");
    pty.wait_for_text("First words.");
    pty.keys("ctrl-e");
    pty.wait_for_text("editing");
    assert!(!pty.is_raw() && !pty.screen().alternate_screen());
    pty.type_text("qqq written there\r");
    pty.wait_for_text("written there and more");
    assert!(pty.is_raw() && pty.screen().alternate_screen());
    let text = pty.screen().contents();
    assert!(text.contains("First words.") && text.contains("qqq written"), "{text}");
}

#[test]
fn every_size_is_drawn() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = console(&demo(home.path()));
    for (columns, rows) in [(80, 24), (200, 60), (60, 15), (20, 5), (1, 1), (100, 30)] {
        pty.resize(columns, rows);
        pty.settle(Duration::from_millis(150));
        let wide_enough = columns >= 60 && rows >= 15;
        assert_eq!(pty.screen().contents().contains('▸'), wide_enough, "{columns}x{rows}\n{}", pty.picture());
    }
}

/// Waits until the whole desk is read, then goes to its first ticket: before that another one may stand on top.
fn first_ticket(pty: &mut Pty) {
    pty.wait_until_gone("reading");
    pty.keys("G");
    pty.settle(Duration::from_millis(200));
    pty.keys("g g");
    pty.settle(Duration::from_millis(200));
}

/// Writes a note on the first ticket, ends the program by `end`, and looks for the words in a new one.
fn words_survive(end: impl FnOnce(&mut Pty)) {
    let home = tempfile::tempdir().unwrap();
    let mut pty = console(&demo(home.path()));
    first_ticket(&mut pty);
    pty.keys("n");
    pty.wait_for_text("internal note");
    pty.type_text("Words that took an hour to find");
    pty.wait_for_text("an hour to find");
    end(&mut pty);
    let mut again = console(&demo(home.path()));
    first_ticket(&mut again);
    again.keys("n");
    again.wait_for_text("Words that took an hour to find");
}

#[test]
fn a_dropped_line_loses_no_words() {
    words_survive(|pty| {
        pty.hang_up();
        pty.wait_exit();
    });
}

/// A line feed comes from some keyboards and from pastes without brackets; it must not take away what stands before it.
#[test]
fn a_line_feed_is_a_new_line() {
    words_survive(|pty| {
        pty.send(b"\n");
        pty.type_text("and the second line");
        pty.wait_for("two lines", |screen| {
            let text = screen.contents();
            text.contains("find") && text.lines().any(|line| line.contains("│ and the second line"))
        });
        pty.hang_up();
        pty.wait_exit();
    });
}

#[test]
fn a_kill_loses_at_most_a_second() {
    words_survive(|pty| {
        std::thread::sleep(Duration::from_secs(1));
        pty.kill9();
    });
}

#[test]
fn a_burst_of_keys_is_one_picture() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = console(&demo(home.path()));
    pty.settle(Duration::from_millis(300));
    pty.bytes_since();
    pty.type_text(&"j".repeat(100));
    pty.settle(Duration::from_millis(500));
    let sent = pty.bytes_since().len();
    assert!((1..=8_000).contains(&sent), "{sent} bytes");
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let mut dumb = demo(home.path()).env("TERM", "dumb").spawn();
    assert_ne!(dumb.wait_exit().exit_code(), 0);
    dumb.wait_for_text("TERM is `dumb`");
    assert!(!dumb.bytes_since().contains(&0x1b), "no sequences to a dumb terminal");

    let piped = std::process::Command::new(env!("CARGO_BIN_EXE_deskside"))
        .arg("--demo")
        .env("HOME", home.path())
        .env("XDG_STATE_HOME", home.path().join("state"))
        .output()
        .unwrap();
    assert!(!piped.status.success() && piped.stdout.is_empty());
    let said = String::from_utf8_lossy(&piped.stderr).into_owned();
    assert!(said.contains("deskside list"), "{said}");
}

/// The SGR parameters that a program sent, one list for each sequence.
fn styles(sent: &[u8]) -> Vec<Vec<u16>> {
    let text = String::from_utf8_lossy(sent).into_owned();
    let sequences = text.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        rest[end..].starts_with('m').then(|| rest[..end].to_owned())
    });
    sequences.map(|numbers| numbers.split(';').filter_map(|number| number.parse().ok()).collect()).collect()
}

#[test]
fn no_color_means_none() {
    let sent = |value: Option<&str>| {
        let home = tempfile::tempdir().unwrap();
        let launch = demo(home.path());
        let mut pty = console(&value.map_or(launch.clone(), |value| launch.env("NO_COLOR", value)));
        pty.keys("enter");
        pty.settle(Duration::from_millis(300));
        styles(&pty.bytes_since())
    };
    let is_colour = |numbers: &Vec<u16>| numbers.iter().any(|n| (30..=49).contains(n) || (90..=107).contains(n));
    let plain = sent(Some("1"));
    assert!(!plain.is_empty() && !plain.iter().any(is_colour), "{plain:?}");
    assert!(sent(None).iter().any(is_colour), "the check itself sees colours");
}

#[test]
fn a_terminal_without_unicode_gets_ascii() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = demo(home.path()).env("LANG", "C").spawn();
    pty.wait_for_text("Incidents");
    pty.keys("enter");
    pty.settle(Duration::from_millis(500));
    assert!(pty.bytes_since().is_ascii(), "{}", pty.picture());
}
