//! Bytes as terminals send them, and the keys they mean, however the bytes were cut up.

use std::collections::VecDeque;

use deskside::command::key::Keys;
use deskside::runtime::terminal::Input;
use deskside::runtime::terminal::decode::Decoder;
use proptest::prelude::*;

fn decode(bytes: &[u8], piece: usize) -> Vec<Input> {
    let (mut decoder, mut out) = (Decoder::default(), VecDeque::new());
    bytes.chunks(piece.max(1)).for_each(|piece| decoder.feed(piece, &mut out));
    decoder.give_up(&mut out);
    out.into()
}

fn typed(keys: &str) -> Vec<Input> {
    keys.parse::<Keys>().unwrap().0.into_iter().map(Input::Key).collect()
}

#[test]
fn sequences_are_keys() {
    for (bytes, keys) in [
        ("jG?é中", "j G ? é 中"),
        ("\r\t\x7f\x08", "enter tab backspace ctrl-h"),
        ("\x01\x1a\x00\x1f\x1c", "ctrl-a ctrl-z ctrl-space ctrl-_ ctrl-\\"),
        ("\x1b", "esc"),
        ("\x1b\x1b", "esc esc"),
        ("\x1bx\x1b\r\x1bX\x1bé", "alt-x alt-enter alt-X alt-é"),
        ("\x1b[", "alt-["),
        ("\x1b[A\x1bOB\x1b[C\x1bOD", "up down right left"),
        ("\x1b[1;5A\x1b[1;2H\x1b[1;3F", "ctrl-up shift-home alt-end"),
        ("\x1b[5~\x1b[6~\x1b[3;5~\x1b[2~\x1b[7~\x1b[4~", "pgup pgdn ctrl-del ins home end"),
        ("\x1bOP\x1b[15~\x1b[17~\x1b[24~\x1b[1;2Q\x1b[[E", "f1 f5 f6 f12 shift-f2 f5"),
        ("\x1b[Z\x1b[1;3Z", "shift-tab alt-shift-tab"),
        ("\x1b[105;5u\x1b[120;7u\x1b[27;5;120~", "tab ctrl-alt-x ctrl-x"),
        ("\x1b[106;1:3uk", "k"),
        ("\x1b[1;9Ak", "k"),
        ("\x1b[<0;3;4Mk\x1b[?1;2ck", "k k"),
        ("\x1b[12\x1b[A", "up"),
    ] {
        for piece in [1, 2, 3, 100] {
            assert_eq!(decode(bytes.as_bytes(), piece), typed(keys), "{bytes:?} in pieces of {piece}");
        }
    }
}

#[test]
fn what_is_not_utf8_is_passed_over() {
    assert_eq!(decode(b"a\xff\xc3(b\xe4\xb8", 1), typed("a ( b"));
}

#[test]
fn a_paste_is_one_input_and_no_keys() {
    let bytes = b"j\x1b[200~rm -rf /\r\nsecond\rline \x1b[31m\x1b[201\xc3\xa9\x1b[201~k\x1b[I\x1b[O";
    for piece in [1, 2, 7, 100] {
        let inputs = decode(bytes, piece);
        let paste = Input::Paste("rm -rf /\nsecond\nline \u{1b}[31m\u{1b}[201é".into());
        let mut wanted = typed("j");
        wanted.push(paste);
        wanted.extend(typed("k"));
        wanted.extend([Input::FocusGained, Input::FocusLost]);
        assert_eq!(inputs, wanted, "in pieces of {piece}");
    }
}

proptest! {
    #[test]
    fn pieces_do_not_matter(
        text in "([a-zé中\\r]|\x1b\\[[0-9;]{0,5}[A-Hu~]|\x1bO[A-S]|\x1b\\[200~[a-z\x1b]{0,9}\x1b\\[201~){0,12}",
        piece in 1..9usize,
    ) {
        prop_assert_eq!(decode(text.as_bytes(), piece), decode(text.as_bytes(), usize::MAX));
    }

    #[test]
    fn no_bytes_are_too_strange(bytes: Vec<u8>, piece in 1..9usize) {
        decode(&bytes, piece);
    }
}
