//! The nearest tickets, and what they say.

use super::corpus::SPACES;
use super::index::{GUESSED, Index};
use super::jury::{Jury, Verdict};
use super::words::Term;
use super::{Alike, Case, Guess, SIMILAR, Suggestion};
use crate::domain::field::Field;

/// What the same asset, service or caller adds to the likeness of two texts. Small, so that words decide.
const SAME_ASSET: f32 = 0.10;
const SAME_SERVICE: f32 = 0.05;
const SAME_CALLER: f32 = 0.05;
/// How far a precedent is looked for when none of the nearest is one.
const WIDER: usize = 200;

/// A ticket and its likeness to the case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Near {
    pub(super) ticket: u32,
    pub(super) score: f32,
}

/// A question with what is known before any field is looked at.
struct Asked<'a> {
    case: &'a Case<'a>,
    nearest: Vec<Near>,
    features: [Vec<u32>; SPACES],
}

impl Index {
    /// What tickets like this got; silent where that is not to be trusted.
    pub fn suggest(&self, case: &Case) -> Suggestion {
        let nearest = self.nearest_to(case, self.settings.neighbours);
        if nearest.is_empty() {
            return Suggestion::default();
        }
        let asked = Asked { case, nearest, features: self.features(&case.source()) };
        let mut suggestion = Suggestion {
            category: self.guess(&asked, 0, |number| self.names.get(number)),
            group: self.guess(&asked, 1, |number| self.names.get(number)),
            impact: self.guess(&asked, 2, |number| u8::try_from(number).ok()),
            urgency: self.guess(&asked, 3, |number| u8::try_from(number).ok()),
            precedents: Vec::new(),
        };
        if !suggestion.is_empty() {
            suggestion.precedents = asked.nearest.iter().map(|near| self.id(near.ticket)).collect();
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
        let found = self.nearest(&terms, &unknown, |ticket| skip == Some(ticket), most.saturating_mul(2), |_| 0.0);
        found
            .into_iter()
            .filter(|near| near.score >= SIMILAR && shares(near))
            .take(most)
            .map(|near| Alike { id: self.id(near.ticket), score: near.score })
            .collect()
    }

    /// The answers for one field with how sure the jury is, the likeliest first.
    pub fn rank(&self, case: &Case, field: &Field, most: usize) -> Vec<(String, f32)> {
        let Some(column) = GUESSED.iter().position(|guessed| guessed == field) else { return Vec::new() };
        let nearest = self.nearest_to(case, self.settings.neighbours);
        let features = self.features(&case.source());
        let verdicts = self.judged(&self.juries[column], column, &features, &nearest);
        let name = |label: u32| match field {
            Field::Category | Field::Group => self.names.get(label).map(|name| name.to_string()),
            _ => Some(label.to_string()),
        };
        verdicts.into_iter().take(most).filter_map(|v| Some((name(v.label)?, v.strength))).collect()
    }

    /// The measured share of right guesses of this strength; none where the field is silent.
    pub fn confidence(&self, field: &Field, strength: f32) -> Option<f32> {
        let column = GUESSED.iter().position(|guessed| guessed == field)?;
        self.calibration.confidence(column, strength)
    }

    /// What the jury says, having heard the nearest.
    pub(super) fn judged(
        &self,
        jury: &Jury,
        column: usize,
        features: &[Vec<u32>; SPACES],
        nearest: &[Near],
    ) -> Vec<Verdict> {
        let tally = self.tally(column, nearest);
        let all: f32 = tally.iter().map(|(_, weight)| weight).sum();
        let votes: Vec<(u32, f32)> = tally.into_iter().map(|(label, weight)| (label, weight / all.max(1e-6))).collect();
        jury.judge(features, &votes)
    }

    fn guess<T>(&self, asked: &Asked<'_>, column: usize, value: impl Fn(u32) -> Option<T>) -> Option<Guess<T>> {
        let nearest = &asked.nearest;
        let verdict = *self.judged(&self.juries[column], column, &asked.features, nearest).first()?;
        let confidence = self.calibration.confidence(column, verdict.strength)?;
        let label = |near: &Near| self.labels[column][near.ticket as usize];
        let mut agreeing: Vec<Near> = nearest.iter().filter(|near| label(near) == verdict.label).copied().collect();
        let agree = agreeing.len();
        if agreeing.is_empty() {
            // The words of many tickets together may tell what none of the nearest has: then one further away is shown.
            agreeing = self.nearest_to(asked.case, WIDER);
            agreeing.retain(|near| label(near) == verdict.label);
        }
        if agreeing.is_empty() {
            return None;
        }
        Some(Guess {
            value: value(verdict.label)?,
            agree: agree.max(1),
            of: nearest.iter().filter(|near| label(near) != 0).count().max(1),
            confidence,
            examples: agreeing.iter().take(3).map(|near| self.id(near.ticket)).collect(),
        })
    }

    /// Each neighbour votes with its likeness.
    fn tally(&self, column: usize, nearest: &[Near]) -> Vec<(u32, f32)> {
        let mut tally: Vec<(u32, f32)> = Vec::with_capacity(nearest.len());
        for near in nearest {
            let label = self.labels[column][near.ticket as usize];
            if label == 0 {
                continue;
            }
            match tally.iter_mut().find(|(held, _)| *held == label) {
                Some((_, weight)) => *weight += near.score,
                None => tally.push((label, near.score)),
            }
        }
        tally
    }

    /// What the nearest alone say: the answer with the most votes, each weighed by its likeness, of `most` tickets
    /// other than itself. Plain, to measure the jury against.
    pub fn plain(&self, ticket: usize, field: &Field, most: usize) -> Option<bool> {
        let column = GUESSED.iter().position(|guessed| guessed == field)?;
        let truth = *self.labels[column].get(ticket)?;
        let nearest = self.nearest_without(ticket as u32, most, |_| false);
        let best =
            self.tally(column, &nearest).into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        (truth != 0).then(|| best.is_some_and(|(label, _)| label == truth))
    }

    fn nearest_to(&self, case: &Case, most: usize) -> Vec<Near> {
        let (terms, unknown) = self.words.look_up(case.text);
        let known = |name: Option<&str>| name.and_then(|name| self.names.number(name)).unwrap_or(0);
        let near = [known(case.caller), known(case.asset), known(case.service)];
        let skip = self.skipped(case);
        self.nearest(&terms, &unknown, |ticket| skip == Some(ticket), most, |ticket| self.closeness(near, ticket))
    }

    /// The nearest to a ticket of the index that are not held out with it.
    pub(super) fn nearest_among(&self, ticket: u32, is_out: &dyn Fn(u32) -> bool) -> Vec<Near> {
        self.nearest_without(ticket, self.settings.neighbours, is_out)
    }

    /// The nearest to a ticket of the index, without itself.
    fn nearest_without(&self, ticket: u32, most: usize, is_out: impl Fn(u32) -> bool) -> Vec<Near> {
        let terms: Vec<(Term, u8)> =
            self.terms_of(ticket).iter().map(|packed| (packed >> 8, (packed & 0xff) as u8)).collect();
        let near = self.near[ticket as usize];
        let skip = |other: u32| other == ticket || is_out(other);
        self.nearest(&terms, &[], skip, most, |other| self.closeness(near, other))
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
        skip: impl Fn(u32) -> bool,
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
            if *raw != 0.0 && !skip(ticket as u32) {
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
