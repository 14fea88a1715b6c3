//! `guard.toml`.

use deskside::config::{Source, guard};

#[test]
fn every_fault_is_named_with_its_line_at_once() {
    let text = "words = [\"fine\",\n  \"!\"]\nhosts = [\"corp\"]\ntickets = [\"INC\", \"I2\"]\n";
    let faults = guard::load(Source::new("guard.toml", text)).unwrap_err().to_string();
    assert_eq!(
        faults,
        "guard.toml:2: words: There is no word in it; remove it.\n\
         guard.toml:3: hosts: `corp` is no ending of host names; write it as `.corp`.\n\
         guard.toml:4: tickets: `I2` is not made of letters; write it as `INC`."
    );
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let faults = guard::load(Source::new("guard.toml", "\nphrases = []\n")).unwrap_err().to_string();
    assert!(faults.starts_with("guard.toml:2: phrases: unknown field `phrases`, expected one of `words`"), "{faults}");
}
