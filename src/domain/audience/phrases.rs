//! Words that the desk uses about people and things when nobody listens.

use super::{Add, Concern, words};

/// Words in a row, each whole or, with `*` at its end, by its beginning: `do not tell`, `idiot*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    words: Vec<String>,
}

impl Phrase {
    /// None when there is no word in it.
    pub fn new(text: &str) -> Option<Self> {
        let words: Vec<String> = text.split_whitespace().map(|word| word.to_lowercase().replace('’', "'")).collect();
        let tells = words.iter().any(|word| word.chars().any(char::is_alphanumeric));
        tells.then_some(Self { words })
    }

    fn begins(&self, held: &[String]) -> bool {
        held.len() >= self.words.len()
            && self.words.iter().zip(held).all(|(wanted, held)| match wanted.strip_suffix('*') {
                Some(head) => held.starts_with(head),
                None => held == wanted,
            })
    }
}

pub(super) fn find(text: &str, phrases: &[Phrase], add: &mut Add) {
    if phrases.is_empty() {
        return;
    }
    let (places, held): (Vec<_>, Vec<String>) =
        words(text).map(|(at, word)| (at, word.to_lowercase().replace('’', "'"))).unzip();
    for at in 0..held.len() {
        let longest = phrases.iter().filter(|phrase| phrase.begins(&held[at..])).map(|phrase| phrase.words.len()).max();
        if let Some(count) = longest {
            add(Concern::InternalWord, places[at].start..places[at + count - 1].end);
        }
    }
}
