//! The nearest tickets, and what they say.

use super::index::Index;
use super::words::Term;
use super::{Alike, Case, Guess, SIMILAR, Suggestion};

/// What the same asset, service or caller adds to the likeness of two texts. Small, so that words decide.
const SAME_ASSET: f32 = 0.10;
const SAME_SERVICE: f32 = 0.05;
const SAME_CALLER: f32 = 0.05;

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
        let wanted = 2.min(terms.len() + unknown.len());
        let shares = |near: &Near| {
            let held = self.terms_of(near.ticket);
            held.iter().filter(|packed| terms.binary_search_by_key(&(*packed >> 8), |(term, _)| *term).is_ok()).count()
                >= wanted.min(held.len())
        };
        let skip = self.skipped(case);
        let found = self.nearest(&terms, &unknown, skip, most.saturating_mul(2), |_| 0.0);
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
        self.nearest(&terms, &unknown, self.skipped(case), most, |ticket| self.closeness(near, ticket))
    }

    /// The nearest to a ticket of the index, without itself.
    pub(super) fn nearest_without(&self, ticket: u32, most: usize) -> Vec<Near> {
        let terms: Vec<(Term, u8)> =
            self.terms_of(ticket).iter().map(|packed| (packed >> 8, (packed & 0xff) as u8)).collect();
        let near = self.near[ticket as usize];
        self.nearest(&terms, &[], Some(ticket), most, |other| self.closeness(near, other))
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
        unknown: &[u8],
        skip: Option<u32>,
        most: usize,
        extra: impl Fn(u32) -> f32,
    ) -> Vec<Near> {
        let mut scores = vec![0.0f32; self.len()];
        let square = |times: &u8| (self.weight.0[usize::from(*times)] * self.idf(0)).powi(2);
        let mut length: f32 = unknown.iter().map(square).sum();
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
        let likeness = |ticket: usize, inverse: f32| {
            // A cosine may pass 1 by rounding, or because a length is a little old.
            ((scores[ticket] * unit * inverse).min(1.0) + extra(ticket as u32)).min(1.0)
        };
        // Where lengths are old, the best are looked at again with new ones, and so are those just behind them.
        let old = self.has_old_lengths();
        let seats = if old && most > 0 { most.saturating_mul(2).saturating_add(8) } else { most };
        let mut best = Best::new(seats.min(self.len()));
        for (ticket, raw) in scores.iter().enumerate() {
            if *raw != 0.0 && skip != Some(ticket as u32) {
                best.offer(ticket as u32, likeness(ticket, self.inverse[ticket]));
            }
        }
        if !old {
            return best.held;
        }
        let mut again = Best::new(most.min(self.len()));
        best.held.sort_by_key(|near| near.ticket);
        for near in best.held {
            let ticket = near.ticket as usize;
            again.offer(near.ticket, likeness(ticket, self.inverse_of(near.ticket)));
        }
        again.held
    }

    fn skipped(&self, case: &Case) -> Option<u32> {
        case.except.and_then(|id| self.by_id.get(id)).copied()
    }
}

/// The best so far, best first; of equals the one that came later.
struct Best {
    seats: usize,
    held: Vec<Near>,
}

impl Best {
    fn new(seats: usize) -> Self {
        Self { seats, held: Vec::with_capacity(seats.min(64) + 1) }
    }

    fn offer(&mut self, ticket: u32, score: f32) {
        if self.held.len() == self.seats && self.held.last().is_none_or(|last| score < last.score) {
            return;
        }
        let place = self.held.partition_point(|held| held.score > score);
        self.held.insert(place, Near { ticket, score });
        self.held.truncate(self.seats);
    }
}
