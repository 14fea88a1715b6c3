//! The first run: a plain question on the terminal, and no question the next time.

use super::Home;
use crate::terminal::pty::Launch;

#[test]
fn without_a_terminal_nothing_is_asked() {
    let home = Home::new();
    let said = home.refused(2, &[]);
    assert!(said.contains("--demo") && said.contains("new-desk"), "{said}");
}

#[test]
fn a_new_desk_is_made_and_opens_by_itself_from_then_on() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Launch::new(home.path(), &[]).spawn();
    pty.wait_for_text("What shall it open?");
    pty.type_text("5\r");
    pty.type_text("2\r");
    pty.wait_for_text("The desk's file [");
    pty.type_text("\r");
    pty.wait_for("the console", |screen| screen.alternate_screen());
    pty.type_text("q");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    assert!(home.path().join("data/deskside/desk.db").exists());
    let mut again = Launch::new(home.path(), &[]).spawn();
    again.wait_for("the console", |screen| screen.alternate_screen());
    again.type_text("q");
    assert_eq!(again.wait_exit().exit_code(), 0);
}

#[test]
fn a_log_is_imported_and_opens() {
    let home = tempfile::tempdir().unwrap();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import/fixtures");
    let mut pty = Launch::new(home.path(), &[]).spawn();
    pty.wait_for_text("What shall it open?");
    pty.type_text("3\r");
    pty.wait_for_text("The log (");
    pty.type_text(&format!("{fixtures}/none.csv\r"));
    pty.wait_for_text("is no file.");
    pty.type_text("3\r");
    pty.type_text(&format!("{fixtures}/uci-like.csv\r"));
    pty.wait_for_text("Its mapping");
    pty.type_text("uci498\r");
    pty.wait_for_text("The desk's file [");
    pty.type_text(&format!("{}\r", home.path().join("log.db").display()));
    pty.wait_for("the console", |screen| screen.alternate_screen());
    pty.type_text("q");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    assert!(home.path().join("log.db").exists());
}

#[test]
fn nothing_is_an_answer_too() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Launch::new(home.path(), &[]).spawn();
    pty.wait_for_text("What shall it open?");
    pty.type_text("q\r");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    assert!(!home.path().join("data").exists());
}
