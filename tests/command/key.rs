//! Keys: how they are written, and that one press has one form.

use deskside::command::key::{Code, Key, KeyError, Keys};
use proptest::prelude::*;

#[test]
fn one_press_has_one_spelling() {
    for (written, printed) in [
        ("j", "j"),
        ("G", "G"),
        ("shift-g", "G"),
        ("Ctrl-X", "ctrl-x"),
        ("C-x", "ctrl-x"),
        ("ctrl-shift-x", "ctrl-x"),
        ("alt-G", "alt-G"),
        ("-", "-"),
        ("minus", "-"),
        ("ctrl--", "ctrl--"),
        ("space", "space"),
        ("ctrl-@", "ctrl-space"),
        ("ctrl-i", "tab"),
        ("ctrl-m", "enter"),
        ("ctrl-[", "esc"),
        ("ctrl-/", "ctrl-_"),
        ("shift-tab", "shift-tab"),
        ("backtab", "shift-tab"),
        ("PageDown", "pgdn"),
        ("shift-F5", "shift-f5"),
        ("alt-enter", "alt-enter"),
        ("?", "?"),
        ("é", "é"),
        ("shift-ß", "ß"),
    ] {
        assert_eq!(Key::parse(written).map(|key| key.to_string()), Ok(printed.to_owned()), "{written}");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    assert_eq!(Key::parse(""), Err(KeyError::Empty));
    assert_eq!(Key::parse("ctrl-ctrl-x"), Err(KeyError::Twice("ctrl-ctrl-x".into())));
    for wrong in ["hyper-x", "gg", "f0", "f25", "ctrl-", "\u{1b}", " "] {
        assert!(matches!(Key::parse(wrong), Err(KeyError::Unknown(_))), "{wrong:?}");
    }
    assert_eq!("  ".parse::<Keys>(), Err(KeyError::Empty));
}

#[test]
fn only_plain_characters_are_typed() {
    assert_eq!(Key::parse("G").unwrap().typed(), Some('G'));
    assert_eq!(Key::parse("space").unwrap().typed(), Some(' '));
    assert_eq!(Key::parse("alt-g").unwrap().typed(), None);
    assert_eq!(Key::parse("enter").unwrap().typed(), None);
}

#[test]
fn a_sequence_reads_and_prints() {
    let keys: Keys = "g  g ctrl-w J".parse().unwrap();
    assert_eq!(keys.0.len(), 4);
    assert_eq!(keys.to_string(), "g g ctrl-w J");
    let stored = serde_json::to_string(&keys).unwrap();
    assert_eq!(stored, "\"g g ctrl-w J\"");
    assert_eq!(serde_json::from_str::<Keys>(&stored).unwrap(), keys);
    assert!(serde_json::from_str::<Keys>("\"g hyper-x\"").is_err());
}

fn any_code() -> impl Strategy<Value = Code> {
    prop_oneof![
        4 => any::<char>().prop_filter("can be written", |c| *c == ' ' || !(c.is_control() || c.is_whitespace()))
            .prop_map(Code::Char),
        4 => proptest::char::range('!', '~').prop_map(Code::Char),
        1 => (1u8..=24).prop_map(Code::F),
        3 => proptest::sample::select(vec![
            Code::Enter, Code::Esc, Code::Tab, Code::BackTab, Code::Backspace, Code::Delete, Code::Insert, Code::Up,
            Code::Down, Code::Left, Code::Right, Code::Home, Code::End, Code::PageUp, Code::PageDown,
        ]),
    ]
}

proptest! {
    #[test]
    fn every_key_survives_being_written(code in any_code(), ctrl: bool, alt: bool, shift: bool) {
        let key = Key::new(code, ctrl, alt, shift);
        prop_assert_eq!(Key::new(key.code, key.ctrl, key.alt, key.shift), key, "the normal form is stable");
        prop_assert_eq!(Key::parse(&key.to_string()), Ok(key), "{}", key);
    }
}
