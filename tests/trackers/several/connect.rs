//! `deskside connect` answered in a terminal, wrongly first.

use super::hall::Hall;
use crate::fake::rt::{token, world::SAM};
use crate::terminal::pty::Launch;
use crate::trackers::site::Site as _;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_answer_is_asked_for_again_and_a_kept_secret_is_no_fault_of_the_settings() {
    let hall = Hall::new().await;
    let home = tempfile::tempdir().unwrap();
    let (address, secret) = (hall.rt.site.address(), token(SAM));
    let mut pty = Launch::new(home.path(), &["connect"]).size(120, 40).spawn();
    let answers = [
        ("Which tracker", "otrs", "is no tracker"),
        ("is no tracker", "rt", "A short name"),
        ("A short name", "my desk", "is no name for a profile"),
        ("is no name", "desk", "Its address"),
        ("Its address", "127.0.0.1:8080", "it must begin with https://"),
        ("must begin", "http://tracker.example.org", "would be spoken to unencrypted"),
        ("unencrypted", &address, "Your user name"),
        ("Your user name", "", "(not shown)"),
        ("(not shown)", "wrong", "It did not let us in"),
        ("It did not let us in", &secret, "You are Sam"),
    ];
    for (question, answer, then) in answers {
        pty.wait_for_text(question);
        pty.type_text(&format!("{answer}\r"));
        pty.wait_for_text(then);
    }
    pty.wait_for("the scope or the end", |screen| {
        let text = screen.contents();
        text.contains("is written") || text.contains("Copy the tickets of")
    });
    if !pty.screen().contents().contains("is written") {
        pty.type_text("a\r");
    }
    pty.wait_for_text("is written");
    assert_eq!(pty.wait_exit().exit_code(), 0);

    let mut again = Launch::new(home.path(), &["connect", "--kind", "rt"]).size(120, 40).spawn();
    again.wait_for_text("A short name");
    again.type_text("desk\r");
    again.wait_for_text("There is a profile");
    again.kill9();

    let mut doctor = Launch::new(home.path(), &["--profile", "desk", "doctor"]).size(160, 80).spawn();
    doctor.wait_for_text("verdict");
    let text = doctor.screen().contents();
    assert!(text.contains("lies there unencrypted") && text.contains("nothing is wrong"), "{text}");
    assert_eq!(doctor.wait_exit().exit_code(), 0);
}
