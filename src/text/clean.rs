//! [`Clean`]: text without anything that a terminal would obey or that would hide from its reader.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Text that passed the gate: no control characters but newline, no bidi overrides, no invisible tag characters.
///
/// Cheap to clone. Deserialising is a way through the gate too, so stored text is cleaned again when it is read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Clean(Arc<str>);

impl Clean {
    /// Text of one line: newlines and tabs become single spaces, both ends are trimmed.
    pub fn line(raw: &str) -> Self {
        if is_plain(raw) && raw.trim().len() == raw.len() {
            return Self(raw.into());
        }
        let text: String =
            raw.chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c }).filter(|c| allowed(*c)).collect();
        Self(text.trim().into())
    }

    /// Text of several lines: newlines stay, a tab becomes four spaces, CR LF becomes a newline.
    pub fn body(raw: &str) -> Self {
        if raw.split('\n').all(is_plain) {
            return Self(raw.into());
        }
        let raw = raw.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
        Self(raw.chars().filter(|c| *c == '\n' || allowed(*c)).collect::<String>().into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Printable ASCII needs no look at each character: most ticket text is just that.
fn is_plain(raw: &str) -> bool {
    raw.bytes().all(|b| (0x20..0x7f).contains(&b))
}

fn allowed(c: char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{061C}')
        || matches!(c, '\u{E0000}'..='\u{E007F}' | '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}'))
}

impl<'de> Deserialize<'de> for Clean {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::body(&std::borrow::Cow::<'de, str>::deserialize(from)?))
    }
}

impl std::ops::Deref for Clean {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
