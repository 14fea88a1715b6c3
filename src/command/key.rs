//! One key press in the console's own words, and how it is written: `x`, `G`, `ctrl-x`, `shift-tab`, `pgdn`, `f5`, `space`.
//!
//! Plain data: knows neither the terminal nor the keymap. Two presses that a terminal cannot tell apart are one `Key`:
//! `shift-g` is `G`, `ctrl-i` is `tab`, `ctrl-m` is `enter`, `ctrl-[` is `esc`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What was pressed, without modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

/// A key press with its modifiers, always in its one normal form: make it with [`Key::new`] or by parsing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

/// Keys pressed one after the other: `g g`, `ctrl-w j`. Never empty when parsed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Keys(pub Vec<Key>);

/// Why a piece of text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("no key is named here; write one such as `j`, `ctrl-x`, `pgdn` or `g g`")]
    Empty,
    #[error(
        "`{0}` is not a key; write a single character, a name (enter, esc, tab, backspace, del, ins, up, down, left, right, home, end, pgup, pgdn, space, f1 to f12), with ctrl-, alt- or shift- before it"
    )]
    Unknown(String),
    #[error("`{0}` names the same modifier twice")]
    Twice(String),
}

impl Key {
    /// It types a character where a text lies open.
    pub fn is_letter(self) -> bool {
        matches!(self.code, Code::Char(_)) && !self.ctrl && !self.alt
    }

    /// A key in its normal form. Shift on a character becomes the capital; control combinations that share a byte
    /// on the wire become one.
    pub fn new(code: Code, ctrl: bool, alt: bool, shift: bool) -> Self {
        let mut key = Self { code, ctrl, alt, shift };
        match key.code {
            Code::Char(c) => key.normalise_char(c),
            Code::Tab if shift => (key.code, key.shift) = (Code::BackTab, false),
            Code::BackTab => key.shift = false,
            _ => {}
        }
        key
    }

    /// The key for a character typed without ctrl or alt.
    pub fn char(c: char) -> Self {
        Self::new(Code::Char(c), false, false, false)
    }

    /// A named key without modifiers.
    pub fn plain(code: Code) -> Self {
        Self::new(code, false, false, false)
    }

    /// The text that this key types, if it types any.
    pub fn typed(&self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// The same as `text.parse()`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        text.parse()
    }

    fn normalise_char(&mut self, c: char) {
        let shifted = self.shift;
        self.shift = false;
        self.code = Code::Char(if shifted && !self.ctrl { one_upper(c) } else { c });
        if !self.ctrl {
            return;
        }
        // A legacy terminal sends one byte for each of these pairs, and Ctrl says nothing about case.
        let (code, ctrl) = match c.to_ascii_lowercase() {
            'i' if shifted => (Code::BackTab, false),
            'i' => (Code::Tab, false),
            'm' => (Code::Enter, false),
            '[' | '3' => (Code::Esc, false),
            '@' | '2' => (Code::Char(' '), true),
            '4' => (Code::Char('\\'), true),
            '5' => (Code::Char(']'), true),
            '6' => (Code::Char('^'), true),
            '7' | '/' => (Code::Char('_'), true),
            other => (Code::Char(other), true),
        };
        (self.code, self.ctrl) = (code, ctrl);
    }
}

fn one_upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

/// Names with their keys; the first name of a code is the one that is printed.
const NAMES: &[(&str, Code)] = &[
    ("enter", Code::Enter),
    ("return", Code::Enter),
    ("cr", Code::Enter),
    ("esc", Code::Esc),
    ("escape", Code::Esc),
    ("tab", Code::Tab),
    ("backtab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("bs", Code::Backspace),
    ("del", Code::Delete),
    ("delete", Code::Delete),
    ("ins", Code::Insert),
    ("insert", Code::Insert),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pageup", Code::PageUp),
    ("pgdn", Code::PageDown),
    ("pagedown", Code::PageDown),
    ("space", Code::Char(' ')),
    ("minus", Code::Char('-')),
];

fn code_named(text: &str) -> Option<Code> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control() && !c.is_whitespace()).then_some(Code::Char(c));
    }
    let lower = text.to_ascii_lowercase();
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == lower) {
        return Some(*code);
    }
    let number: u8 = lower.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(Code::F(number))
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        // `-` itself is a key, so a modifier must leave something behind.
        while let Some((name, after)) = rest.split_once('-').filter(|(_, after)| !after.is_empty()) {
            let flag = match name.to_ascii_lowercase().as_str() {
                "ctrl" | "control" | "c" => &mut ctrl,
                "alt" | "meta" | "a" | "m" => &mut alt,
                "shift" | "s" => &mut shift,
                _ => return Err(KeyError::Unknown(text.to_owned())),
            };
            if std::mem::replace(flag, true) {
                return Err(KeyError::Twice(text.to_owned()));
            }
            rest = after;
        }
        if rest.is_empty() {
            return Err(KeyError::Empty);
        }
        let code = code_named(rest).ok_or_else(|| KeyError::Unknown(text.to_owned()))?;
        Ok(Self::new(code, ctrl, alt, shift))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, shift) = match self.code {
            Code::BackTab => (Code::Tab, true),
            code => (code, self.shift),
        };
        for (on, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (shift, "shift-")] {
            if on {
                f.write_str(name)?;
            }
        }
        match code {
            Code::Char('-') => f.write_str("-"),
            Code::F(n) => write!(f, "f{n}"),
            code => match (NAMES.iter().find(|(_, named)| *named == code), code) {
                (Some((name, _)), _) => f.write_str(name),
                (None, Code::Char(c)) => write!(f, "{c}"),
                (None, _) => Ok(()),
            },
        }
    }
}

impl FromStr for Keys {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let keys = text.split_whitespace().map(Key::from_str).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(KeyError::Empty);
        }
        Ok(Self(keys))
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, key) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            key.fmt(f)?;
        }
        Ok(())
    }
}

macro_rules! as_string {
    ($($kind:ty),*) => {$(
        impl TryFrom<String> for $kind {
            type Error = KeyError;
            fn try_from(text: String) -> Result<Self, KeyError> {
                text.parse()
            }
        }
        impl From<$kind> for String {
            fn from(value: $kind) -> Self {
                value.to_string()
            }
        }
    )*};
}
as_string!(Key, Keys);
