//! What the linear models see of a ticket: its words, pairs of words that stand near each other, who and what it is
//! about, and pieces of its words, so that other endings and slips of the hand still count.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::words;

/// A pair is two different words at most this far apart, in either order.
const REACH: usize = 2;
/// A text of no more words than this is also paired with what the ticket is about: longer ones tell enough themselves.
const SHORT: usize = 16;
/// Words that are taken to pieces; what a ticket is about stands at its beginning.
const PIECED: usize = 200;
/// Letters of a piece, blanks around the word included.
const PIECE: std::ops::RangeInclusive<usize> = 3..=5;

/// How many sorts of features there are: words and what belongs to them, pieces.
pub(super) const SPACES: usize = 2;

/// A text with what is known beside it: caller, asset, service, location, channel.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) facets: [Option<&'a str>; 5],
}

/// The features of many tickets, as numbers.
#[derive(Debug, Default)]
pub(super) struct Corpus {
    pub(super) spaces: [Space; SPACES],
    known: [Numbers; SPACES],
}

/// Of each ticket the features that it has, each once.
#[derive(Debug, Default)]
pub(super) struct Space {
    ids: Vec<u32>,
    ends: Vec<u32>,
}

/// The number of each feature; the key is hashed already.
pub(super) type Numbers = HashMap<u64, u32, BuildHasherDefault<Hashed>>;

/// Takes a key as it is.
#[derive(Debug, Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

const PRIME: u64 = 0x0100_0000_01b3;
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn hash(seed: u64, text: &str) -> u64 {
    text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// Spreads the bits, so that sums of two are as good as the two.
pub(super) fn mix(mut key: u64) -> u64 {
    key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    key ^ (key >> 31)
}

impl Corpus {
    pub(super) fn of<'a>(sources: impl IntoIterator<Item = Source<'a>>) -> Self {
        let mut corpus = Self::default();
        let mut keys = Keys::default();
        for source in sources {
            keys.read(&source);
            for ((space, known), keys) in corpus.spaces.iter_mut().zip(&mut corpus.known).zip(&keys.of) {
                for key in keys {
                    let next = known.len() as u32;
                    space.ids.push(*known.entry(*key).or_insert(next));
                }
                space.ends.push(space.ids.len() as u32);
            }
        }
        corpus
    }

    pub(super) fn into_known(self) -> [Numbers; SPACES] {
        self.known
    }

    pub(super) fn rows(&self) -> usize {
        self.spaces[0].ends.len()
    }

    pub(super) fn features(&self, space: usize) -> usize {
        self.known[space].len()
    }
}

impl Space {
    pub(super) fn row(&self, row: usize) -> &[u32] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ids[start as usize..self.ends[row] as usize]
    }
}

/// The features of one ticket by their keys, each once, in rising order.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) of: [Vec<u64>; SPACES],
    words: Vec<u64>,
}

impl Keys {
    pub(super) fn read(&mut self, source: &Source<'_>) {
        self.of.iter_mut().for_each(Vec::clear);
        self.words.clear();
        let [near, pieces] = &mut self.of;
        let listed = &mut self.words;
        words::split(source.text, |word| {
            listed.push(mix(hash(BASIS, word)));
            if listed.len() <= PIECED {
                take_apart(word, pieces);
            }
        });
        for (at, word) in listed.iter().enumerate() {
            near.push(*word);
            let others = listed[at + 1..].iter().take(REACH).filter(|other| *other != word);
            near.extend(others.map(|other| mix(word.wrapping_add(*other))));
        }
        let of = |(which, value): (usize, &Option<&str>)| Some(mix(hash(BASIS ^ (which as u64 + 1), (*value)?)));
        let facets: Vec<u64> = source.facets.iter().enumerate().filter_map(of).collect();
        for (at, facet) in facets.iter().enumerate() {
            near.push(*facet);
            near.extend(facets[at + 1..].iter().map(|other| mix(facet.wrapping_add(*other))));
            if listed.len() <= SHORT {
                near.extend(listed.iter().map(|word| mix(facet.wrapping_add(*word))));
            }
        }
        for keys in &mut self.of {
            keys.sort_unstable();
            keys.dedup();
        }
    }
}

/// Every run of some letters of the word, which has a blank at both ends.
fn take_apart(word: &str, pieces: &mut Vec<u64>) {
    let letters: Vec<char> = std::iter::once(' ').chain(word.chars()).chain(std::iter::once(' ')).collect();
    for length in PIECE {
        for piece in letters.windows(length.min(letters.len())) {
            let key = piece.iter().fold(BASIS, |key, letter| (key ^ u64::from(u32::from(*letter))).wrapping_mul(PRIME));
            pieces.push(mix(key));
        }
    }
}
