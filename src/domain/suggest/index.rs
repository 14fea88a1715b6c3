//! The inverted index: which ticket holds which word, and what each ticket got.
//!
//! Compact on purpose: a posting is four bytes (24 bits ticket, 8 bits how often), every label a number. 100,000
//! titles take less than 25 MB.

use std::collections::HashMap;

use super::calibrate::{Calibration, Measured};
use super::words::{Term, Words};
use super::{Alike, Case, Example, Guess, SIMILAR, Settings, Suggestion};
use crate::domain::field::Field;
use crate::domain::name::{Name, TicketId};

/// A posting holds the ticket in 24 bits: more tickets than that are not taken in.
const MOST: usize = 1 << 24;

/// What the same asset, service or caller adds to the likeness of two texts. Small, so that words decide.
const SAME_ASSET: f32 = 0.10;
const SAME_SERVICE: f32 = 0.05;
const SAME_CALLER: f32 = 0.05;

/// The four fields that are guessed, in the order of the columns.
pub(super) const GUESSED: [Field; 4] = [Field::Category, Field::Group, Field::Impact, Field::Urgency];

/// History made searchable by likeness.
#[derive(Debug, Default)]
pub struct Index {
    pub(super) settings: Settings,
    words: Words,
    /// Per term: `ticket << 8 | times`, by ticket.
    postings: Vec<Vec<u32>>,
    /// Per ticket, one after the other: `term << 8 | times`; `starts[n]..starts[n + 1]` belong to ticket n.
    forward: Vec<u32>,
    starts: Vec<u32>,
    /// One over the length of each ticket's vector, as of `measured_at` tickets.
    inverse: Vec<f32>,
    measured_at: usize,
    ids: Vec<TicketId>,
    by_id: HashMap<TicketId, u32>,
    names: Names,
    /// Per guessed field and ticket: 0 for none, else the value's number.
    pub(super) labels: [Vec<u32>; 4],
    /// Caller, asset, service of each ticket.
    near: Vec<[u32; 3]>,
    weight: Weights,
    calibration: Calibration,
}

/// The name of everything that is named, once.
#[derive(Debug, Default)]
struct Names {
    held: Vec<Name>,
    numbers: HashMap<Name, u32>,
}

/// `1 + ln times`, looked up: logarithms are slow beside everything else here.
#[derive(Debug)]
struct Weights([f32; 256]);

/// A ticket and its likeness to the case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Near {
    pub(super) ticket: u32,
    pub(super) score: f32,
}

/// The strongest answer of the neighbours for one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Vote {
    pub(super) label: u32,
    pub(super) agree: usize,
    pub(super) of: usize,
    /// Grows with the likeness of those who agree and with their share; 0 to 1, not yet a probability.
    pub(super) strength: f32,
}

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
    }

    /// Takes in a ticket that was just decided. One that it knows gets its new answers; its words stay as they were.
    pub fn add(&mut self, example: &Example) {
        if let Some(ticket) = example.id.and_then(|id| self.by_id.get(id)) {
            let ticket = *ticket as usize;
            for (column, label) in self.numbered(example).into_iter().enumerate() {
                self.labels[column][ticket] = label;
            }
            return;
        }
        self.push(example);
        // Lengths depend on how many tickets hold a word; they are renewed before that has changed much.
        if self.inverse.len() > self.measured_at + self.measured_at / 10 + 16 {
            self.measure();
        }
    }

    /// Puts held-out tickets to the index and sets, for each field, the strength below which it is silent. Returns
    /// what was measured. Costs one search per held-out ticket.
    pub fn calibrate(&mut self) -> Vec<Measured> {
        self.calibration = Calibration::of(self);
        self.calibration.measured()
    }

    /// What tickets like this got; silent where that is not to be trusted.
    pub fn suggest(&self, case: &Case) -> Suggestion {
        let nearest = self.nearest_to(case, self.settings.neighbours);
        let mut suggestion = Suggestion {
            category: self.guess(0, &nearest, |number| self.names.get(number)),
            group: self.guess(1, &nearest, |number| self.names.get(number)),
            impact: self.guess(2, &nearest, |number| u8::try_from(number).ok()),
            urgency: self.guess(3, &nearest, |number| u8::try_from(number).ok()),
            precedents: Vec::new(),
        };
        if !suggestion.is_empty() {
            suggestion.precedents = nearest.iter().map(|near| self.id(near.ticket)).collect();
        }
        suggestion
    }

    /// Tickets whose words are like these, at least [`SIMILAR`], the most alike first. Two texts that share a single
    /// word are not alike, unless they have no other.
    pub fn similar(&self, case: &Case, most: usize) -> Vec<Alike> {
        let (terms, unknown) = self.words.look_up(case.text);
        let wanted = 2.min(terms.len() + unknown);
        let shares = |near: &Near| {
            let held = self.terms_of(near.ticket);
            held.iter().filter(|packed| terms.binary_search_by_key(&(*packed >> 8), |(term, _)| *term).is_ok()).count()
                >= wanted.min(held.len())
        };
        let skip = self.skipped(case);
        let found = self.nearest(&terms, unknown, skip, most.saturating_mul(2), |_| 0.0);
        found
            .into_iter()
            .filter(|near| near.score >= SIMILAR && shares(near))
            .take(most)
            .map(|near| Alike { id: self.id(near.ticket), score: near.score })
            .collect()
    }

    fn guess<T>(&self, column: usize, nearest: &[Near], value: impl Fn(u32) -> Option<T>) -> Option<Guess<T>> {
        let vote = self.vote(column, nearest)?;
        let confidence = self.calibration.confidence(column, vote.strength)?;
        let agreeing = nearest.iter().filter(|near| self.labels[column][near.ticket as usize] == vote.label);
        Some(Guess {
            value: value(vote.label)?,
            agree: vote.agree,
            of: vote.of,
            confidence,
            examples: agreeing.take(3).map(|near| self.id(near.ticket)).collect(),
        })
    }

    /// Each neighbour votes with its likeness. Neighbours without an answer, and seats left empty, weaken the vote.
    pub(super) fn vote(&self, column: usize, nearest: &[Near]) -> Option<Vote> {
        let mut tally: Vec<(u32, usize, f32)> = Vec::with_capacity(nearest.len());
        let (mut of, mut total) = (0, 0.0);
        for near in nearest {
            let label = self.labels[column][near.ticket as usize];
            if label == 0 {
                continue;
            }
            of += 1;
            total += near.score;
            match tally.iter_mut().find(|(held, ..)| *held == label) {
                Some((_, agree, weight)) => (*agree, *weight) = (*agree + 1, *weight + near.score),
                None => tally.push((label, 1, near.score)),
            }
        }
        // The first of equals is the one whose first member is nearest.
        let (label, agree, weight) =
            tally.into_iter().reduce(|best, next| if next.2 > best.2 { next } else { best })?;
        let strength = (weight / total) * (weight / self.settings.neighbours.max(1) as f32).sqrt();
        Some(Vote { label, agree, of, strength: strength.min(1.0) })
    }

    fn nearest_to(&self, case: &Case, most: usize) -> Vec<Near> {
        let (terms, unknown) = self.words.look_up(case.text);
        let known = |name: Option<&str>| name.and_then(|name| self.names.number(name)).unwrap_or(0);
        let near = [known(case.caller), known(case.asset), known(case.service)];
        self.nearest(&terms, unknown, self.skipped(case), most, |ticket| self.closeness(near, ticket))
    }

    /// The nearest to a ticket of the index, without itself.
    pub(super) fn nearest_without(&self, ticket: u32, most: usize) -> Vec<Near> {
        let terms: Vec<(Term, u8)> =
            self.terms_of(ticket).iter().map(|packed| (packed >> 8, (packed & 0xff) as u8)).collect();
        let near = self.near[ticket as usize];
        self.nearest(&terms, 0, Some(ticket), most, |other| self.closeness(near, other))
    }

    fn closeness(&self, near: [u32; 3], ticket: u32) -> f32 {
        let held = self.near[ticket as usize];
        let same = |at: usize, worth: f32| if near[at] != 0 && near[at] == held[at] { worth } else { 0.0 };
        same(0, SAME_CALLER) + same(1, SAME_ASSET) + same(2, SAME_SERVICE)
    }

    /// The tickets with the highest cosine plus `extra`, best first; of equals the newer. Only tickets that share a
    /// word are looked at.
    fn nearest(
        &self,
        terms: &[(Term, u8)],
        unknown: usize,
        skip: Option<u32>,
        most: usize,
        extra: impl Fn(u32) -> f32,
    ) -> Vec<Near> {
        let mut scores = vec![0.0f32; self.len()];
        let mut length = unknown as f32 * self.idf(0) * self.idf(0);
        for (term, times) in terms {
            let postings = &self.postings[*term as usize];
            let idf = self.idf(postings.len());
            let weight = self.weight.0[usize::from(*times)] * idf;
            length += weight * weight;
            for packed in postings {
                scores[(packed >> 8) as usize] += weight * idf * self.weight.0[(packed & 0xff) as usize];
            }
        }
        if length == 0.0 {
            return Vec::new();
        }
        let unit = 1.0 / length.sqrt();
        let mut best: Vec<Near> = Vec::with_capacity(most.min(self.len()) + 1);
        for (ticket, raw) in scores.into_iter().enumerate() {
            if raw == 0.0 || skip == Some(ticket as u32) {
                continue;
            }
            // Cosines may pass 1 by rounding, or because lengths are a little old.
            let cosine = (raw * unit * self.inverse[ticket]).min(1.0);
            let score = (cosine + extra(ticket as u32)).min(1.0);
            if best.len() == most && best.last().is_none_or(|last| score < last.score) {
                continue;
            }
            let place = best.partition_point(|held| held.score > score);
            best.insert(place, Near { ticket: ticket as u32, score });
            best.truncate(most);
        }
        best
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
    fn idf(&self, holders: usize) -> f32 {
        ((1.0 + self.inverse.len() as f32) / (1.0 + holders as f32)).ln() + 1.0
    }

    fn terms_of(&self, ticket: u32) -> &[u32] {
        let at = ticket as usize;
        &self.forward[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    fn id(&self, ticket: u32) -> TicketId {
        self.ids[ticket as usize].clone()
    }

    fn skipped(&self, case: &Case) -> Option<u32> {
        case.except.and_then(|id| self.by_id.get(id)).copied()
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

    fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    fn get(&self, number: u32) -> Option<Name> {
        self.held.get((number as usize).checked_sub(1)?).cloned()
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self(std::array::from_fn(|times| if times == 0 { 0.0 } else { 1.0 + (times as f32).ln() }))
    }
}
