//! Tables that are read from the program itself. When a command or a key changes, so do these pictures.

use deskside::cli::reference::{commands_text, keys_text};
use deskside::command::keymap::Keymap;
use serde_json::Value;

use super::Home;

#[test]
fn the_help_states_the_subcommands_and_the_exit_codes() {
    insta::assert_snapshot!("help", Home::new().done(&["--help"]));
}

#[test]
fn every_command_is_listed() {
    let text = Home::new().done(&["commands"]);
    assert_eq!(text, commands_text(None));
    insta::assert_snapshot!("commands", text);
}

#[test]
fn every_key_is_listed_as_it_is_bound_now() {
    let home = Home::new();
    insta::assert_snapshot!("keys", home.done(&["keys"]));
    home.config("keys.toml", "[ticket]\n\"ctrl-t\" = \"take\"\n\"t\" = \"none\"\n\"_ 1\" = \"impact 1\"\n");
    let rows = home.json(&["keys"]);
    let find = |keys: &str| -> Option<&Value> {
        rows.as_array().unwrap().iter().find(|row| row["scope"] == "ticket" && row["keys"] == keys)
    };
    assert_eq!(find("ctrl-t").unwrap()["command"], "take");
    assert_eq!(find("_ 1").map(|row| row["arguments"].clone()), Some("level:1".into()));
    assert!(find("t").is_none());
}

#[test]
fn one_command_is_told_in_full() {
    let home = Home::new();
    let told = home.done(&["commands", "hold"]);
    for part in ["hold REASON [TEXT]", "one of caller, vendor", "Heard in: ticket"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(home.refused(2, &["commands", "holt"]).contains("There is no command `holt`"));
    let all = home.json(&["commands"]);
    assert!(all.as_array().unwrap().iter().all(|row| row["doc"].as_str().unwrap().ends_with('.')));
}

#[test]
fn what_fits_a_terminal_is_cut_and_not_wrapped() {
    let keymap = Keymap::build(&[]).unwrap();
    let widest = keys_text(&keymap, Some(80)).lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 80, "{widest}");
    assert!(commands_text(Some(60)).lines().all(|line| line.chars().count() <= 60));
}

#[test]
fn the_manual_has_the_commands_and_the_codes() {
    let home = Home::new();
    let page = home.done(&["man"]);
    for part in [
        ".TH deskside 1",
        ".SH COMMANDS",
        "first\\-contact",
        ".SH \"EXIT STATUS\"",
        ".SH ENVIRONMENT",
        "profiles/NAME.toml",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(home.done(&["man", "list"]).contains("deskside\\-list"));
    assert!(home.refused(2, &["man", "lits"]).contains("There is no subcommand `lits`; there are list, show"));
}

#[test]
fn shells_are_completed() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.done(&["completions", shell]);
        assert!(script.contains("new-desk") && script.contains("as-of"), "{shell}");
    }
    assert_eq!(home.run(&["completions", "tcsh"]).code, 2);
}
