//! Letters without their case, so that a search need not know it.

use memchr::{memchr2, memmem::Finder};

/// Appends `text` in lower case. Each character keeps its length in bytes (the few whose lower-case form is longer or
/// shorter stay as they are), so that a place in the folded text is the same place in the text.
pub fn fold_into(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(text.as_bytes());
    if text.is_ascii() {
        out[start..].make_ascii_lowercase();
        return;
    }
    for (at, c) in text.char_indices() {
        fold_char(c).encode_utf8(&mut out[start + at..]);
    }
}

/// `text` in lower case, as `fold_into`.
pub fn fold(text: &str) -> Box<[u8]> {
    let mut out = Vec::with_capacity(text.len());
    fold_into(text, &mut out);
    out.into()
}

fn fold_char(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) if lower.len_utf8() == c.len_utf8() => lower,
        _ => c,
    }
}

/// A text to look for in others, whatever their case. Texts are searched as they are: a folded copy of all titles would
/// be a quarter of a table.
#[derive(Debug, Clone)]
pub struct Needle {
    folded: Box<str>,
    /// Two bytes that are rare in texts; where both stand, the rest is compared.
    anchors: [Anchor; 2],
}

/// A byte of the needle in either case.
#[derive(Debug, Clone, Copy, Default)]
struct Anchor {
    at: usize,
    lower: u8,
    upper: u8,
}

/// So many places are looked at in one step, which compilers turn into few instructions.
const BLOCK: usize = 32;

impl Needle {
    pub fn new(text: &str) -> Self {
        let folded: String = text.chars().map(fold_char).collect();
        let mut anchors = anchors(&folded);
        anchors.sort_by_key(|anchor| std::cmp::Reverse(rarity(anchor.lower)));
        let first = anchors.first().copied().unwrap_or_default();
        let second = anchors.get(1).copied().unwrap_or(first);
        Self { folded: folded.into(), anchors: [first, second] }
    }

    /// What is looked for, in lower case.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Looks for the same in texts that are in lower case already.
    pub fn finder(&self) -> Finder<'static> {
        Finder::new(self.folded.as_bytes()).into_owned()
    }

    pub fn is_in(&self, text: &str) -> bool {
        self.find(text, 0).is_some()
    }

    pub fn equals(&self, text: &str) -> bool {
        text.len() == self.folded.len() && self.stands_at(text, 0)
    }

    /// Where it first stands at or after the byte `from`.
    pub fn find(&self, text: &str, from: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let last = bytes.len().checked_sub(self.folded.len()).filter(|last| from <= *last)?;
        let [a, b] = self.anchors;
        if self.folded.is_empty() {
            return Some(from);
        }
        if a.at == b.at {
            return self.find_one(text, from, last);
        }
        let pair = |at: usize| a.fits(bytes[at + a.at]) & b.fits(bytes[at + b.at]);
        let mut at = from;
        while at + BLOCK <= last + 1 {
            let (x, y): (&[u8], &[u8]) = (&bytes[at + a.at..][..BLOCK], &bytes[at + b.at..][..BLOCK]);
            let some = x.iter().zip(y).fold(false, |some, (x, y)| some | (a.fits(*x) & b.fits(*y)));
            if some && let Some(found) = (at..at + BLOCK).find(|at| pair(*at) && self.stands_at(text, *at)) {
                return Some(found);
            }
            at += BLOCK;
        }
        (at..=last).find(|at| pair(*at) && self.stands_at(text, *at))
    }

    /// As [`Self::find`], by one byte.
    fn find_one(&self, text: &str, mut from: usize, last: usize) -> Option<usize> {
        let anchor = self.anchors[0];
        while from <= last {
            let place = from + anchor.at;
            from += memchr2(anchor.lower, anchor.upper, &text.as_bytes()[place..])?;
            if from <= last && self.stands_at(text, from) {
                return Some(from);
            }
            from += 1;
        }
        None
    }

    /// The text has room for it at this place.
    fn stands_at(&self, text: &str, at: usize) -> bool {
        let end = at + self.folded.len();
        if self.folded.is_ascii() {
            return text.as_bytes()[at..end].eq_ignore_ascii_case(self.folded.as_bytes());
        }
        text.get(at..end).is_some_and(|part| part.chars().map(fold_char).eq(self.folded.chars()))
    }
}

impl Anchor {
    fn fits(self, byte: u8) -> bool {
        (byte == self.lower) | (byte == self.upper)
    }
}

/// Each byte with what it is in upper case. Characters with more than two forms give none.
fn anchors(folded: &str) -> Vec<Anchor> {
    let mut anchors = Vec::new();
    for (at, c) in folded.char_indices().filter(|(_, c)| !matches!(c, 'ǆ' | 'ǉ' | 'ǌ' | 'ǳ')) {
        let upper = single(c.to_uppercase()).filter(|upper| fold_char(*upper) == c).unwrap_or(c);
        let (mut small, mut large) = ([0; 4], [0; 4]);
        let (small, large) = (c.encode_utf8(&mut small).bytes(), upper.encode_utf8(&mut large).bytes());
        anchors.extend(small.zip(large).enumerate().map(|(n, (lower, upper))| Anchor { at: at + n, lower, upper }));
    }
    // Nothing but such characters: their first byte is the same in all forms.
    if anchors.is_empty() && !folded.is_empty() {
        let lead = folded.as_bytes()[0];
        anchors.push(Anchor { at: 0, lower: lead, upper: lead });
    }
    anchors
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

/// How rare a byte is in the texts of tickets: the letters of English by their frequency.
fn rarity(byte: u8) -> usize {
    const COMMON: &[u8] = b" etaoinsrhldcumfpgwybvkxjqz";
    COMMON.iter().position(|common| *common == byte).unwrap_or(COMMON.len())
}
