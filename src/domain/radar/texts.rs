//! Which tickets read alike: words weighed by TF-IDF (sublinear tf, smoothed idf, unit length; a word that stands in
//! one ticket only is left out), and groups around a first ticket.
//!
//! A group's members are each like its first ticket, not only like one another: so groups do not grow into chains. A
//! new ticket is compared with the first tickets that share two rare words with it, and with no others.

use std::collections::{BTreeSet, HashMap};

use crate::domain::suggest::words::{Term, Words, is_filler, split};

/// A word is rare that stands in no more than a quarter of the tickets, or in no more than these.
const RARE: u32 = 50;
/// Fewer shared rare words than these make no candidate.
const SHARED: usize = 2;
/// Longer texts are cut; titles are far shorter.
const MOST_WORDS: usize = 1_000;

/// The texts of tickets, by the order in which they came.
#[derive(Debug)]
pub struct Texts {
    words: Words,
    /// In how many texts each word stands.
    holders: Vec<u32>,
    texts: Vec<Box<[(Term, u8)]>>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { words: Words::of_texts_up_to(MOST_WORDS), holders: Vec::new(), texts: Vec::new() }
    }
}

impl Texts {
    /// Takes in a text; its number.
    pub fn push(&mut self, text: &str) -> u32 {
        let terms = self.words.learn(text);
        self.holders.resize(self.words.len(), 0);
        terms.iter().for_each(|(term, _)| self.holders[*term as usize] += 1);
        self.texts.push(terms.into());
        self.texts.len() as u32 - 1
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    fn idf(&self, term: Term) -> f32 {
        ((1.0 + self.texts.len() as f32) / (1.0 + self.holders[term as usize] as f32)).ln() + 1.0
    }

    fn is_rare(&self, term: Term) -> bool {
        let holders = self.holders[term as usize];
        holders <= RARE.max(self.texts.len() as u32 / 4)
    }

    /// The words of a text with their weights, by rising number; their squares add up to 1.
    pub fn vector(&self, text: u32) -> Vec<(u32, f32)> {
        let counts = self.texts[text as usize].iter().filter(|(term, _)| self.holders[*term as usize] > 1);
        let mut vector: Vec<(u32, f32)> =
            counts.map(|(term, times)| (*term, (1.0 + f32::from(*times).ln()) * self.idf(*term))).collect();
        let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|(_, weight)| *weight /= length);
        vector
    }

    /// A word that so few tickets hold says what a ticket is about.
    pub fn tells(&self, word: &str) -> bool {
        let holders = self.words.number(word).map_or(0, |term| self.holders[term as usize]);
        !is_filler(word) && holders <= RARE.max(self.texts.len() as u32 / 20)
    }

    /// The words that most of these texts share and that tell them from the others, the most telling first.
    pub fn telling<'a>(&self, texts: impl IntoIterator<Item = &'a str>, most: usize) -> Vec<String> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut read = 0;
        for text in texts {
            read += 1;
            let mut words = BTreeSet::new();
            split(text, |word| _ = self.tells(word) && words.insert(word.to_owned()));
            words.into_iter().for_each(|word| *counts.entry(word).or_default() += 1);
        }
        let weight = |(word, count): (String, usize)| {
            let term = self.words.number(&word)?;
            (count * 2 >= read).then(|| (count as f32 * self.idf(term), term, word))
        };
        let mut held: Vec<(f32, Term, String)> = counts.into_iter().filter_map(weight).collect();
        held.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        held.into_iter().take(most).map(|(.., word)| word).collect()
    }
}

/// The cosine of two vectors of unit length.
pub fn cosine(a: &[(u32, f32)], b: &[(u32, f32)]) -> f32 {
    let (mut at, mut sum) = (0, 0.0);
    for (term, weight) in a {
        at += b[at..].partition_point(|(other, _)| other < term);
        match b.get(at) {
            Some((other, its)) if other == term => sum += weight * its,
            Some(_) => {}
            None => break,
        }
    }
    sum
}

/// Groups of texts around their first ones.
#[derive(Debug, Default)]
pub struct Groups {
    /// The first text of a group leads it.
    members: Vec<Vec<u32>>,
    /// By word, the groups whose first text has it.
    by_word: HashMap<Term, Vec<u32>>,
    /// How often two texts were compared since it was made.
    pub compared: u64,
}

impl Groups {
    /// Puts a text into the group whose first text it is most like, at least `least`, if there is room; else it leads
    /// a group of its own. The number of its group.
    pub fn place(&mut self, texts: &Texts, text: u32, least: f32, room: usize) -> u32 {
        let mine = texts.vector(text);
        let rare: Vec<Term> = mine.iter().map(|(term, _)| *term).filter(|term| texts.is_rare(*term)).collect();
        let mut shares: HashMap<u32, usize> = HashMap::new();
        for group in rare.iter().filter_map(|term| self.by_word.get(term)).flatten() {
            *shares.entry(*group).or_default() += 1;
        }
        let mut best: Option<(f32, u32)> = None;
        for (group, _) in shares.into_iter().filter(|(_, shared)| *shared >= SHARED) {
            let members = &self.members[group as usize];
            if members.len() >= room {
                continue;
            }
            self.compared += 1;
            let likeness = cosine(&mine, &texts.vector(members[0]));
            // Of equals the older group.
            if likeness >= least
                && best.is_none_or(|(held, other)| likeness > held || (likeness == held && group < other))
            {
                best = Some((likeness, group));
            }
        }
        if let Some((_, group)) = best {
            self.members[group as usize].push(text);
            return group;
        }
        let group = self.members.len() as u32;
        self.members.push(vec![text]);
        // Every word of it may be rare one day, so all of them lead here.
        for (term, _) in &texts.texts[text as usize] {
            self.by_word.entry(*term).or_default().push(group);
        }
        group
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.members.iter().map(Vec::as_slice)
    }

    pub fn get(&self, group: u32) -> &[u32] {
        self.members.get(group as usize).map_or(&[], Vec::as_slice)
    }
}
