//! What a console costs that nobody touches.

use std::fs;
use std::time::Duration;

use super::pty::Launch;
use crate::backends::file::wake_ups;

/// Tries that fail again are no news: nothing is read, shown or told for them, and all that are due wake it once.
#[test]
fn three_trackers_that_are_away_wake_it_ten_times_in_ten_seconds_at_most() {
    let home = tempfile::tempdir().unwrap();
    let profiles = home.path().join("config/deskside/profiles");
    fs::create_dir_all(&profiles).unwrap();
    let away = "kind = \"redmine\"\naddress = \"http://127.0.0.1:9/\"\n[credential]\nscheme = \"none\"\n";
    for name in ["a", "b", "c"] {
        fs::write(profiles.join(format!("{name}.toml")), away).unwrap();
    }
    let mut pty = Launch::new(home.path(), &["--profile", "a,b,c"]).size(120, 40).spawn();
    pty.wait_for_text("cannot be reached");
    // The second tries fall into what follows.
    std::thread::sleep(Duration::from_secs(13));
    let before = wake_ups(pty.pid());
    std::thread::sleep(Duration::from_secs(10));
    let woken = wake_ups(pty.pid()).saturating_sub(before);
    assert!(woken <= 10, "{woken} times");
    pty.keys("q");
    pty.wait_exit();
}
