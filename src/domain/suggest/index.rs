//! The inverted index: which ticket holds which word, and what each ticket got.
//!
//! Compact on purpose: a posting is four bytes (24 bits ticket, 8 bits how often), every label a number. 100,000
//! titles take less than 25 MB.

use std::collections::HashMap;

use super::calibrate::{Calibration, Measured};
use super::corpus::{Corpus, Keys, Numbers, SPACES, Source};
use super::jury::Jury;
use super::words::{Term, Words};
use super::{Example, Settings};
use crate::domain::field::Field;
use crate::domain::name::{Name, TicketId};

/// A posting holds the ticket in 24 bits: more tickets than that are not taken in.
const MOST: usize = 1 << 24;

/// The four fields that are guessed, in the order of the columns.
pub(super) const GUESSED: [Field; 4] = [Field::Category, Field::Group, Field::Impact, Field::Urgency];

/// History made searchable by likeness.
#[derive(Debug, Default)]
pub struct Index {
    pub(super) settings: Settings,
    pub(super) words: Words,
    /// Per term: `ticket << 8 | times`, by ticket.
    pub(super) postings: Vec<Vec<u32>>,
    /// Per ticket, one after the other: `term << 8 | times`; `starts[n]..starts[n + 1]` belong to ticket n.
    forward: Vec<u32>,
    starts: Vec<u32>,
    /// One over the length of each ticket's vector, as of `measured_at` tickets.
    pub(super) inverse: Vec<f32>,
    measured_at: usize,
    ids: Vec<TicketId>,
    pub(super) by_id: HashMap<TicketId, u32>,
    pub(super) names: Names,
    /// Per guessed field and ticket: 0 for none, else the value's number.
    pub(super) labels: [Vec<u32>; 4],
    /// Caller, asset, service of each ticket.
    pub(super) near: Vec<[u32; 3]>,
    pub(super) weight: Weights,
    /// The features that the juries know.
    known: [Numbers; SPACES],
    /// Per guessed field.
    pub(super) juries: [Jury; 4],
    /// How many tickets the juries learnt from.
    learnt_at: usize,
    pub(super) calibration: Calibration,
}

/// The name of everything that is named, once.
#[derive(Debug, Default)]
pub(super) struct Names {
    held: Vec<Name>,
    numbers: HashMap<Name, u32>,
}

/// `1 + ln times`, looked up: logarithms are slow beside everything else here.
#[derive(Debug)]
pub(super) struct Weights(pub(super) [f32; 256]);

impl Index {
    /// An index over these examples; its guesses stay silent until [`calibrate`](Self::calibrate).
    pub fn build<'a>(examples: impl IntoIterator<Item = Example<'a>>, settings: Settings) -> Self {
        let mut index = Self { settings, ..Self::default() };
        for example in examples {
            index.push(&example);
        }
        index.measure();
        index.shrink();
        index
    }

    /// How many tickets it knows.
    pub fn len(&self) -> usize {
        self.inverse.len()
    }

    pub fn is_empty(&self) -> bool {
        self.inverse.is_empty()
    }

    /// About how many bytes it takes, without the ticket ids and names that it shares with the rest of the console.
    pub fn bytes(&self) -> usize {
        let postings: usize = self.postings.iter().map(|held| held.capacity() * 4 + size_of::<Vec<u32>>()).sum();
        let labels: usize = self.labels.iter().map(|column| column.capacity() * 4).sum();
        let shared = size_of::<TicketId>();
        self.words.bytes()
            + postings
            + labels
            + (self.forward.capacity() + self.starts.capacity() + self.inverse.capacity()) * 4
            + self.near.capacity() * size_of::<[u32; 3]>()
            + self.ids.capacity() * shared
            + (self.by_id.capacity() + self.names.numbers.capacity()) * (shared + 8)
            + self.names.held.capacity() * shared
            + self.known.iter().map(|known| known.capacity() * 13).sum::<usize>()
            + self.juries.iter().map(Jury::bytes).sum::<usize>()
    }

    /// Takes in a ticket that was just decided. One that it knows gets its new answers; its words stay as they were.
    pub fn add(&mut self, example: &Example) {
        if let Some(ticket) = example.id.and_then(|id| self.by_id.get(id)) {
            let ticket = *ticket as usize;
            for (column, label) in self.numbered(example).into_iter().enumerate() {
                if self.labels[column][ticket] != label {
                    self.labels[column][ticket] = label;
                    let features = self.features(&example.source());
                    self.juries[column].nudge(&features, label);
                }
            }
            return;
        }
        self.push(example);
        let features = self.features(&example.source());
        for (jury, labels) in self.juries.iter_mut().zip(&self.labels) {
            jury.nudge(&features, labels.last().copied().unwrap_or(0));
        }
        // Lengths depend on how many tickets hold a word; they are renewed before that has changed much.
        if self.inverse.len() > self.measured_at + self.measured_at / 10 {
            self.measure();
        }
    }

    /// Learns what the examples have in common, the same as it was built from and in their order; puts held-out ones
    /// to models that never saw them, and sets for each field the strength below which it is silent. Returns what was
    /// measured.
    pub fn calibrate<'a>(&mut self, examples: impl IntoIterator<Item = Example<'a>>) -> Vec<Measured> {
        self.calibrate_for(examples, &GUESSED);
        self.calibration.measured()
    }

    /// The same for these fields; the others stay silent.
    pub(super) fn calibrate_for<'a>(&mut self, examples: impl IntoIterator<Item = Example<'a>>, fields: &[Field]) {
        let corpus = Corpus::of(examples.into_iter().take(self.len()).map(|example| example.source()));
        self.calibration = Calibration::of(self, &corpus, fields);
        self.learn(corpus, fields);
    }

    /// The same without measuring, for these fields: what it says then is not held against anything.
    pub(super) fn learn(&mut self, corpus: Corpus, fields: &[Field]) {
        let rows: Vec<u32> = (0..corpus.rows().min(self.len()) as u32).collect();
        for (column, field) in GUESSED.iter().enumerate() {
            if fields.contains(field) {
                self.juries[column] = Jury::learn(&corpus, &rows, &self.labels[column]);
            }
        }
        self.known = corpus.into_known();
        self.learnt_at = self.len();
    }

    /// So much came since the lesson that another one is due.
    pub fn is_behind(&self) -> bool {
        self.len() > self.learnt_at + self.learnt_at / 10 + 50
    }

    /// What the juries know of a ticket.
    pub(super) fn features(&self, source: &Source<'_>) -> [Vec<u32>; SPACES] {
        let mut keys = Keys::default();
        keys.read(source);
        let mut known = self.known.iter();
        keys.of.map(|keys| {
            let known = known.next();
            keys.iter().filter_map(|key| known?.get(key).copied()).collect()
        })
    }

    fn push(&mut self, example: &Example) {
        let ticket = self.inverse.len();
        if ticket >= MOST {
            return;
        }
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let terms = self.words.learn(example.text);
        self.postings.resize_with(self.words.len(), Vec::new);
        for (term, times) in &terms {
            self.postings[*term as usize].push((ticket as u32) << 8 | u32::from(*times));
            self.forward.push(term << 8 | u32::from(*times));
        }
        self.starts.push(self.forward.len() as u32);
        self.inverse.push(self.inverse_length(&terms));
        let id = example.id.cloned().unwrap_or_else(|| TicketId::new(""));
        if example.id.is_some() {
            self.by_id.insert(id.clone(), ticket as u32);
        }
        self.ids.push(id);
        for (column, label) in self.numbered(example).into_iter().enumerate() {
            self.labels[column].push(label);
        }
        let mut number = |name: Option<&str>| name.map_or(0, |name| self.names.learn(name));
        self.near.push([number(example.caller), number(example.asset), number(example.service)]);
    }

    fn numbered(&mut self, example: &Example) -> [u32; 4] {
        let mut name = |name: Option<&Name>| name.map_or(0, |name| self.names.learn(name));
        let (category, group) = (name(example.category), name(example.group));
        [category, group, u32::from(example.impact.unwrap_or(0)), u32::from(example.urgency.unwrap_or(0))]
    }

    fn inverse_length(&self, terms: &[(Term, u8)]) -> f32 {
        let squares: f32 = terms
            .iter()
            .map(|(term, times)| {
                let weight = self.weight.0[usize::from(*times)] * self.idf(self.postings[*term as usize].len());
                weight * weight
            })
            .sum();
        if squares > 0.0 { 1.0 / squares.sqrt() } else { 0.0 }
    }

    /// The same as of now, for one ticket.
    pub(super) fn inverse_of(&self, ticket: u32) -> f32 {
        let terms: Vec<(Term, u8)> =
            self.terms_of(ticket).iter().map(|packed| (packed >> 8, (packed & 0xff) as u8)).collect();
        self.inverse_length(&terms)
    }

    /// Tickets came since the lengths were measured.
    pub(super) fn has_old_lengths(&self) -> bool {
        self.inverse.len() != self.measured_at
    }

    /// The length of every ticket's vector anew, term by term.
    fn measure(&mut self) {
        let mut squares = vec![0.0f32; self.len()];
        for postings in &self.postings {
            let idf = self.idf(postings.len());
            for packed in postings {
                let weight = self.weight.0[(packed & 0xff) as usize] * idf;
                squares[(packed >> 8) as usize] += weight * weight;
            }
        }
        self.inverse = squares.into_iter().map(|sum| if sum > 0.0 { 1.0 / sum.sqrt() } else { 0.0 }).collect();
        self.measured_at = self.inverse.len();
    }

    /// How telling a word is that this many tickets hold: the smoothed form, never zero.
    pub(super) fn idf(&self, holders: usize) -> f32 {
        ((1.0 + self.inverse.len() as f32) / (1.0 + holders as f32)).ln() + 1.0
    }

    pub(super) fn terms_of(&self, ticket: u32) -> &[u32] {
        let at = ticket as usize;
        &self.forward[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    pub(super) fn id(&self, ticket: u32) -> TicketId {
        self.ids[ticket as usize].clone()
    }

    fn shrink(&mut self) {
        self.words.shrink();
        self.postings.iter_mut().for_each(Vec::shrink_to_fit);
        self.postings.shrink_to_fit();
        self.forward.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.ids.shrink_to_fit();
        self.labels.iter_mut().for_each(Vec::shrink_to_fit);
        self.near.shrink_to_fit();
    }
}

impl Names {
    /// From 1; 0 is nobody.
    fn learn(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let name = Name::new(name);
        self.held.push(name.clone());
        let number = self.held.len() as u32;
        self.numbers.insert(name, number);
        number
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(super) fn get(&self, number: u32) -> Option<Name> {
        self.held.get((number as usize).checked_sub(1)?).cloned()
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self(std::array::from_fn(|times| if times == 0 { 0.0 } else { 1.0 + (times as f32).ln() }))
    }
}
