//! Settings, profiles and the doctor: every fault is told with its place, and nothing is told that is secret.

use std::collections::BTreeSet;
use std::path::Path;

use deskside::cli::schema::{FILES, File, Table};
use deskside::config::{
    Source, catalogue, changes, escalation, guard, levels, major, playbooks, priority, problems, profiles, radar,
    replies, sla, views,
};

use super::Home;

#[test]
fn sound_settings_are_said_to_be_sound() {
    let home = Home::new();
    assert_eq!(home.done(&["config", "check"]), "No fault in any file of settings; there is none of your own.\n");
    home.config("keys.toml", "[list]\n\"ctrl-j\" = \"down\"\n");
    home.config("profiles/work.toml", "kind = \"sqlite\"\npath = \"desk.db\"\n");
    let told = home.done(&["config", "check"]);
    assert_eq!(told, "No fault in any file of settings; 2 of your own among them.\n");
    assert!(home.done(&["config", "path"]).contains("profiles/work.toml"));
}

#[test]
fn every_fault_of_every_file_is_told_at_once() {
    let home = Home::new();
    home.config("keys.toml", "[list]\n\"ctrl-j\" = \"dwon\"\n");
    home.config("views.toml", "[[view]]\nname = \"x\"\nquery = \"priorty:1\"\n");
    home.config("priority.toml", "matrix = [[2, 1]]\n");
    home.config("profiles/far.toml", "kind = \"jira\"\n");
    home.config("profiles/odd.toml", "kind = \"sqlite\"\n");
    home.config("playbok.toml", "");
    let told = home.refused(1, &["config", "check"]);
    for part in [
        "keys.toml:2 [list] \"ctrl-j\": There is no command `dwon`; did you mean `down`?",
        "views.toml:3: view.x.query:",
        "priority.toml:1: matrix:",
        "profiles/far.toml:1: address: A tracker needs its `address`: https://…",
        "profiles/odd.toml:1: kind: A desk of this kind needs `path`",
        "playbok.toml: This file is never read; there are keys.toml,",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(told.lines().all(|line| line.starts_with("deskside: ")), "{told}");
}

#[test]
fn keys_that_hide_those_of_another_layer_are_a_fault_with_file_and_line() {
    let home = Home::new();
    home.config("keys.toml", "[list]\n\"ctrl-j\" = \"down\"\n\"z z\" = \"take\"\n");
    let told = home.refused(1, &["config", "check"]);
    assert!(
        told.contains("keys.toml:3 [list] \"z z\": `z z` (take) in [list] keeps `z` (snooze) in [ticket]"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn a_profile_is_a_desk_by_its_name() {
    let home = Home::with_desk();
    home.incident("there");
    let desk = home.file("desk.db");
    home.config("profiles/look.toml", &format!("kind = \"sqlite\"\npath = {desk:?}\nread_only = true\n"));
    home.config("profiles/home.toml", "kind = \"sqlite\"\npath = \"~/desk.db\"\n");
    home.config("profiles/play.toml", "kind = \"demo\"\n");
    assert_eq!(home.done(&["--profile", "look", "list", "--count"]), "1\n");
    assert!(home.refused(1, &["--profile", "look", "do", "INC-1", "take"]).contains("read-only"));
    assert_eq!(home.done(&["--profile", "home", "do", "INC-1", "take"]), "INC-1: taken.\n");
    assert_ne!(home.done(&["--profile", "play", "list", "--count"]), "1\n");
    let none = home.refused(2, &["--profile", "wrok", "list"]);
    assert!(none.contains("There is no profile `wrok` in ") && none.contains("home, look, play"), "{none}");
    assert_eq!(home.run(&["--profile", "../play", "list"]).code, 2);
}

/// What a parser says it would have taken where it found a key that it does not know.
fn known(fault: &str) -> BTreeSet<String> {
    let (_, listed) = fault.split_once("expected ").unwrap_or_else(|| panic!("{fault}"));
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn faults(file: &File, text: &str) -> String {
    let source = Source::new("tried", text);
    match file.name {
        "views.toml" => views::load(&[source]).unwrap_err().to_string(),
        "sla.toml" => {
            let home = tempfile::tempdir().unwrap();
            std::fs::write(home.path().join("sla.toml"), text).unwrap();
            sla::load(Some(home.path())).unwrap_err().to_string()
        }
        "calendars/NAME.toml" => sla::calendar(source).unwrap_err().to_string(),
        "priority.toml" => priority::load(source).unwrap_err().to_string(),
        "changes.toml" => changes::load(source, Source::new("windows", "")).unwrap_err().to_string(),
        "windows.toml" => changes::load(Source::new("changes", ""), source).unwrap_err().to_string(),
        "escalation.toml" => escalation::load(&[source]).unwrap_err().to_string(),
        "problems.toml" => problems::load(source).unwrap_err().to_string(),
        "major.toml" => major::load(source).unwrap_err().to_string(),
        "radar.toml" => radar::load(source).unwrap_err().to_string(),
        "guard.toml" => guard::load(source).unwrap_err().to_string(),
        "playbooks.toml" => playbooks::load(&[source], &replies::Replies::default(), None).unwrap_err().to_string(),
        "replies/NAME.txt" => {
            let text = format!("---\n{text}---\nwords\n");
            replies::load(&[&[Source::new("tried", &text)]]).unwrap_err().to_string()
        }
        "levels.toml" => levels::load(&[source]).unwrap_err().to_string(),
        "catalogue/NAME.toml" => catalogue::load(&[&[source]]).unwrap_err().to_string(),
        "profiles/NAME.toml" => profiles::load(source, Path::new("."), Path::new(".")).unwrap_err().to_string(),
        other => panic!("{other} has tables and is not tried"),
    }
}

/// The file with a key in this table that nothing knows.
fn with_unknown(file: &File, table: &Table) -> String {
    let above = match table.head {
        "[rule.when]" => "[[rule]]\n",
        "[window.scope]" => "[[window]]\n",
        "[[playbook.ask]]" => "[[playbook]]\n",
        head if head.starts_with("[[item.") => "[[item]]\nname = \"x\"\nabout = \"x\"\n",
        _ => "",
    };
    let above = if file.name.starts_with("calendars") { "zone = \"UTC\"\n" } else { above };
    format!("{above}{}\nno_such_key = 1\n", table.head)
}

#[test]
fn the_schema_is_what_the_parsers_take() {
    let home = Home::new();
    let text = home.done(&["config", "schema"]);
    let mut tried = 0;
    for file in FILES {
        assert!(text.contains(file.name));
        for table in file.tables {
            let said: BTreeSet<String> =
                table.keys.iter().map(|(key, _)| key.trim_end_matches('!').to_owned()).collect();
            let fault = faults(file, &with_unknown(file, table));
            assert_eq!(known(&fault), said, "{} {}: {fault}", file.name, table.head);
            tried += 1;
        }
    }
    assert!(tried >= 11);
}

#[test]
fn the_doctor_reports_and_tells_no_secret() {
    let home = Home::with_desk();
    home.incident("salary of the director");
    home.done(&["do", "INC-1", "note", "password is hunter2"]);
    let report = home.done(&["doctor"]);
    for part in [
        "version       deskside",
        "permissions   600",
        "tables        version",
        "1 tickets, 7 events",
        "sound; every row",
        "outbox",
        "nothing is wrong",
        "faults        none",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    for secret in ["salary", "hunter2", "INC-1", &home.path().display().to_string()] {
        assert!(!report.contains(secret), "{secret}: {report}");
    }
    assert!(home.done(&["doctor", "--rebuild"]).contains("rebuilt       1 rows"));
}

#[test]
fn the_doctor_goes_on_past_what_is_wrong() {
    let home = Home::new();
    home.config("keys.toml", "[list]\n\"ctrl-j\" = \"dwon\"\n");
    std::fs::write(home.path().join("desk.db"), "not a desk").unwrap();
    let said = home.run(&["doctor"]);
    assert_eq!(said.code, 1);
    for part in ["did you mean `down`?", "integrity     WRONG:", "things are wrong"] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    let nothing = Home::new();
    assert!(nothing.done(&["doctor"]).contains("neither named nor remembered"));
}

#[test]
fn settings_that_are_wrong_stop_a_command_with_their_faults() {
    let home = Home::with_desk();
    home.config("views.toml", "[[view]]\nname = 1\n");
    let said = home.refused(1, &["list"]);
    assert!(said.contains("views.toml:2"), "{said}");
}
