//! Text into words, and words into numbers.

use std::collections::HashMap;

/// Longer texts are cut: what a ticket is about stands at its beginning, and an index must stay small.
const MOST_WORDS: usize = 400;

/// Words that stand in any title and say nothing of what it is about.
const FILLERS: &[&str] = &[
    "a", "after", "again", "all", "and", "any", "are", "at", "be", "but", "by", "can", "cannot", "does", "for", "from",
    "has", "have", "in", "into", "is", "it", "its", "more", "my", "no", "not", "of", "off", "on", "only", "or", "our",
    "out", "since", "than", "that", "the", "their", "then", "this", "to", "up", "was", "when", "with", "work",
    "working",
];

/// Whether a word in small letters says nothing of what a text is about.
pub fn is_filler(word: &str) -> bool {
    FILLERS.binary_search(&word).is_ok()
}

/// The number of a word; also its place in the postings.
pub(in crate::domain) type Term = u32;

/// Every word that the index has seen.
#[derive(Debug)]
pub(in crate::domain) struct Words {
    known: HashMap<Box<str>, Term>,
    /// So many words of a text are read.
    most: usize,
}

impl Default for Words {
    fn default() -> Self {
        Self::of_texts_up_to(MOST_WORDS)
    }
}

impl Words {
    /// Of each text so many words are read.
    pub(in crate::domain) fn of_texts_up_to(most: usize) -> Self {
        Self { known: HashMap::new(), most }
    }

    pub(in crate::domain) fn len(&self) -> usize {
        self.known.len()
    }

    pub(in crate::domain) fn number(&self, word: &str) -> Option<Term> {
        self.known.get(word).copied()
    }

    /// About how many bytes it takes; the allocator rounds a word up to 16 at least.
    pub(super) fn bytes(&self) -> usize {
        let text: usize = self.known.keys().map(|word| word.len().max(16)).sum();
        text + self.known.capacity() * (size_of::<(Box<str>, Term)>() + 1)
    }

    /// `(term, how often it occurs)` in order of terms; words not yet known get a number.
    pub(in crate::domain) fn learn(&mut self, text: &str) -> Vec<(Term, u8)> {
        let mut terms = Vec::new();
        split_up_to(self.most, text, |word| {
            let next = self.known.len() as Term;
            terms.push(match self.known.get(word) {
                Some(term) => *term,
                None => *self.known.entry(word.into()).or_insert(next),
            });
        });
        count(terms)
    }

    /// The same without learning; words never seen tell nothing here, but how often each stands matters for the length.
    pub(super) fn look_up(&self, text: &str) -> (Vec<(Term, u8)>, Vec<u8>) {
        let (mut terms, mut unknown) = (Vec::new(), Vec::new());
        split_up_to(self.most, text, |word| match self.known.get(word) {
            Some(term) => terms.push(*term),
            None => unknown.push(word.to_owned()),
        });
        unknown.sort_unstable();
        let times = unknown.chunk_by(|a, b| a == b).map(|same| u8::try_from(same.len()).unwrap_or(u8::MAX)).collect();
        (count(terms), times)
    }

    pub(super) fn shrink(&mut self) {
        self.known.shrink_to_fit();
    }
}

/// Lower-case runs of letters and digits, single characters left out.
pub(in crate::domain) fn split(text: &str, each: impl FnMut(&str)) {
    split_up_to(MOST_WORDS, text, each);
}

fn split_up_to(most: usize, text: &str, mut each: impl FnMut(&str)) {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().nth(1).is_some())
        .take(most)
        .for_each(&mut each);
}

fn count(mut terms: Vec<Term>) -> Vec<(Term, u8)> {
    terms.sort_unstable();
    let mut counted: Vec<(Term, u8)> = Vec::with_capacity(terms.len());
    for term in terms {
        match counted.last_mut() {
            Some((last, times)) if *last == term => *times = times.saturating_add(1),
            _ => counted.push((term, 1)),
        }
    }
    counted
}
