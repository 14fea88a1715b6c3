//! From the bytes that a terminal sends to key presses, pastes and focus changes.
//!
//! Own code rather than crossterm's reader, which keeps a thread on the terminal (it eats the keys meant for an editor)
//! and hands out one event at a time. This one is a pure function of the bytes, however they were cut up.

use std::collections::VecDeque;

use super::input::Input;
use crate::command::key::{Code, Key};

/// Bytes in, inputs out; keeps what is not complete yet.
#[derive(Debug, Default)]
pub struct Decoder {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
}

const PASTE_END: &[u8] = b"\x1b[201~";
/// A paste longer than this is cut; no ticket holds more.
const PASTE_LIMIT: usize = 4 << 20;
/// No key's sequence is as long as this.
const SEQUENCE_LIMIT: usize = 64;

/// What the start of the pending bytes is.
enum Step {
    /// This many bytes are done with; they may have meant something.
    Took(usize, Option<Input>),
    PasteBegins(usize),
    Incomplete,
}

impl Decoder {
    /// Takes bytes as they came and appends what they meant.
    pub fn feed(&mut self, bytes: &[u8], out: &mut VecDeque<Input>) {
        self.pending.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            if self.paste.is_some() {
                let Some(end) = self.take_paste(at) else { return };
                let text = self.paste.take().unwrap_or_default();
                // Terminals send a pasted line break as the Enter key would.
                let text = String::from_utf8_lossy(&text).replace("\r\n", "\n").replace('\r', "\n");
                out.push_back(Input::Paste(text));
                at = end;
            }
            match step(&self.pending[at..]) {
                Step::Took(count, input) => {
                    out.extend(input);
                    at += count;
                }
                Step::PasteBegins(count) => {
                    self.paste = Some(Vec::new());
                    at += count;
                }
                Step::Incomplete => break,
            }
        }
        self.pending.drain(..at);
    }

    /// Whether a sequence has begun whose end has not come.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty() && self.paste.is_none()
    }

    /// Whether all that waits is a lone escape byte, which on a near terminal is the key itself.
    pub fn is_lone_escape(&self) -> bool {
        self.paste.is_none() && self.pending == b"\x1b"
    }

    /// Nothing more is coming: what waits is taken for what it is so far. A lone escape is the Esc key.
    pub fn give_up(&mut self, out: &mut VecDeque<Input>) {
        if !self.is_waiting() {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        let Some(rest) = pending.strip_prefix(b"\x1b") else { return };
        match rest {
            [] => out.push_back(plain(Code::Esc)),
            [introducer @ (b'[' | b'O')] => out.push_back(key(Code::Char(char::from(*introducer)), ALT)),
            _ => {}
        }
    }

    /// Moves bytes into the paste; gives where its end mark ends, if it has come. Otherwise all pending bytes are used
    /// but a piece that could be the beginning of the mark.
    fn take_paste(&mut self, from: usize) -> Option<usize> {
        let found = memchr::memmem::find(&self.pending[from..], PASTE_END).map(|i| from + i);
        let until = found.unwrap_or_else(|| {
            let least = self.pending.len().saturating_sub(PASTE_END.len() - 1).max(from);
            (least..self.pending.len())
                .find(|i| PASTE_END.starts_with(&self.pending[*i..]))
                .unwrap_or(self.pending.len())
        });
        if let Some(text) = &mut self.paste {
            let room = PASTE_LIMIT.saturating_sub(text.len());
            text.extend(self.pending[from..until].iter().take(room));
        }
        if found.is_none() {
            self.pending.drain(..until);
        }
        found.map(|at| at + PASTE_END.len())
    }
}

const SHIFT: u32 = 1;
const ALT: u32 = 2;
const CTRL: u32 = 4;
/// Shift, alt and ctrl; any other modifier belongs to the desktop.
const KNOWN: u32 = SHIFT | ALT | CTRL;

fn key(code: Code, modifiers: u32) -> Input {
    Input::Key(Key::new(code, modifiers & CTRL != 0, modifiers & ALT != 0, modifiers & SHIFT != 0))
}

fn plain(code: Code) -> Input {
    key(code, 0)
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] | [0x1b] => Step::Incomplete,
        [0x1b, b'[', rest @ ..] => sequence(rest),
        [0x1b, b'O', rest @ ..] => match rest {
            [] => Step::Incomplete,
            [letter, ..] => Step::Took(3, lettered(*letter).map(plain)),
        },
        // Esc twice: the first stands alone.
        [0x1b, 0x1b, ..] => Step::Took(1, Some(plain(Code::Esc))),
        [0x1b, rest @ ..] => match character(rest) {
            Step::Took(count, Some(Input::Key(key))) => {
                Step::Took(count + 1, Some(Input::Key(Key::new(key.code, key.ctrl, true, key.shift))))
            }
            Step::Took(count, other) => Step::Took(count + 1, other),
            step => step,
        },
        _ => character(bytes),
    }
}

/// A character or a control byte.
fn character(bytes: &[u8]) -> Step {
    let Some(&first) = bytes.first() else { return Step::Incomplete };
    let input = match first {
        b'\r' => plain(Code::Enter),
        b'\t' => plain(Code::Tab),
        0x7f => plain(Code::Backspace),
        0 => key(Code::Char(' '), CTRL),
        0x01..=0x1a => key(Code::Char(char::from(first - 1 + b'a')), CTRL),
        0x1c..=0x1f => key(Code::Char(char::from(first - 0x1c + b'4')), CTRL),
        0x20..=0x7e => plain(Code::Char(char::from(first))),
        _ => return utf8(bytes),
    };
    Step::Took(1, Some(input))
}

fn utf8(bytes: &[u8]) -> Step {
    let start = &bytes[..bytes.len().min(4)];
    let (valid, error) = match std::str::from_utf8(start) {
        Ok(text) => (text, None),
        Err(error) => (std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default(), Some(error)),
    };
    match (valid.chars().next(), error.map(|error| error.error_len())) {
        (Some(c), _) if c.is_control() => Step::Took(c.len_utf8(), None),
        (Some(c), _) => Step::Took(c.len_utf8(), Some(plain(Code::Char(c)))),
        (None, Some(None)) => Step::Incomplete,
        (None, Some(Some(bad))) => Step::Took(bad, None),
        (None, None) => Step::Incomplete,
    }
}

/// What follows `ESC [`: parameters, then a letter that says what they mean.
fn sequence(rest: &[u8]) -> Step {
    // The Linux console's F1 to F5.
    if let [b'[', more @ ..] = rest {
        return match more {
            [] => Step::Incomplete,
            [letter @ b'A'..=b'E', ..] => Step::Took(4, Some(plain(Code::F(letter - b'A' + 1)))),
            _ => Step::Took(4, None),
        };
    }
    let Some(end) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else {
        return if rest.len() > SEQUENCE_LIMIT { Step::Took(2 + rest.len(), None) } else { Step::Incomplete };
    };
    let last = rest[end];
    if !(0x40..=0x7e).contains(&last) {
        // Cut off by something else: drop what there was and read on from there.
        return Step::Took(2 + end, None);
    }
    let took = 2 + end + 1;
    let parameters = std::str::from_utf8(&rest[..end]).unwrap_or_default();
    if parameters == "200" && last == b'~' {
        return Step::PasteBegins(took);
    }
    Step::Took(took, meaning(parameters, last))
}

fn meaning(parameters: &str, last: u8) -> Option<Input> {
    // Answers and mouse reports begin with one of these; neither was asked for.
    if parameters.starts_with(['<', '=', '>', '?']) {
        return None;
    }
    // `code:alternates ; modifiers:event ; text`: only the first of each group counts, and releases are not presses.
    let mut groups = parameters.split(';').map(|group| group.split(':'));
    let mut first = groups.next()?;
    let number: Option<u32> = first.next().and_then(|text| text.parse().ok());
    let mut second = groups.next();
    let modifiers = second.as_mut().and_then(|group| group.next()).and_then(|text| text.parse().ok()).unwrap_or(1);
    let event = second.as_mut().and_then(|group| group.next());
    let modifiers: u32 = u32::saturating_sub(modifiers, 1);
    // Caps lock and num lock (64, 128) change nothing here.
    if modifiers & !(KNOWN | 64 | 128) != 0 || event == Some("3") {
        return None;
    }
    match (last, number) {
        (b'I', None) => Some(Input::FocusGained),
        (b'O', None) => Some(Input::FocusLost),
        (b'Z', _) => Some(key(Code::BackTab, modifiers)),
        (b'~', Some(27)) => {
            let code = groups.next().and_then(|mut group| group.next()).and_then(|text| text.parse().ok())?;
            Some(key(coded(code)?, modifiers))
        }
        (b'~', Some(number)) => Some(key(numbered(number)?, modifiers)),
        (b'u', Some(code)) => Some(key(coded(code)?, modifiers)),
        (letter, _) => Some(key(lettered(letter)?, modifiers)),
    }
}

fn lettered(letter: u8) -> Option<Code> {
    Some(match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'M' => Code::Enter,
        b'P'..=b'S' => Code::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<Code> {
    Some(match number {
        1 | 7 => Code::Home,
        2 => Code::Insert,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11..=15 => Code::F((number - 10) as u8),
        17..=21 => Code::F((number - 11) as u8),
        23 | 24 => Code::F((number - 12) as u8),
        _ => return None,
    })
}

fn coded(code: u32) -> Option<Code> {
    Some(match code {
        9 => Code::Tab,
        13 | 57414 => Code::Enter,
        27 => Code::Esc,
        8 | 127 => Code::Backspace,
        _ => Code::Char(char::from_u32(code).filter(|c| !c.is_control() && !('\u{e000}'..='\u{f8ff}').contains(c))?),
    })
}
