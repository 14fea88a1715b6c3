//! What a field gets, judged together: a linear model over the words, one over pieces of words, what the words tell by
//! themselves, and the votes of the nearest tickets. Each is heard on the same scale.

use std::collections::HashMap;

use super::corpus::{Corpus, SPACES};
use super::linear::{Lesson, Linear, Scores};

/// Answers that were given fewer times than this are not learnt: one ticket is no rule.
const SEEN: usize = 2;
/// So many answers at most, those given most often.
const MOST_CLASSES: usize = 400;
/// Tickets from which the scale of a judge is taken.
const SCALED: usize = 1_000;
/// How loud the nearest are beside the others; a share of votes lies between 0 and 1.
const NEAREST: f32 = 1.0;

/// Judges of one field.
#[derive(Debug, Default)]
pub(super) struct Jury {
    /// The answers, by class.
    labels: Vec<u32>,
    places: HashMap<u32, u16>,
    models: [Linear; SPACES],
    /// One over the spread of what each judge says.
    scale: [f32; SPACES + 1],
}

/// An answer and how sure the jury is of it: 0 to 1, all answers together 1; not yet a measured share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    pub(super) label: u32,
    pub(super) strength: f32,
}

impl Jury {
    /// Learns from these rows of the corpus; `labels` are those of all its rows, 0 for none.
    pub(super) fn learn(corpus: &Corpus, rows: &[u32], labels: &[u32]) -> Self {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        for row in rows {
            *counts.entry(labels[*row as usize]).or_default() += 1;
        }
        let mut kept: Vec<(usize, u32)> =
            counts.into_iter().filter(|(label, count)| *label != 0 && *count >= SEEN).map(|(l, n)| (n, l)).collect();
        kept.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        kept.truncate(MOST_CLASSES);
        let labels_of: Vec<u32> = kept.into_iter().map(|(_, label)| label).collect();
        let places: HashMap<u32, u16> = labels_of.iter().zip(0..).map(|(label, at)| (*label, at)).collect();
        let mut jury = Self { labels: labels_of, places, ..Self::default() };
        if jury.labels.len() > 1 {
            jury.fit(corpus, rows, labels);
        }
        jury
    }

    fn fit(&mut self, corpus: &Corpus, rows: &[u32], labels: &[u32]) {
        let known = |row: &&u32| self.places.contains_key(&labels[**row as usize]);
        let rows: Vec<u32> = rows.iter().filter(known).copied().collect();
        let class: Vec<u16> = rows.iter().map(|row| self.places[&labels[*row as usize]]).collect();
        for (at, space) in corpus.spaces.iter().enumerate() {
            let features = corpus.features(at);
            let lesson = Lesson { space, features, rows: &rows, class: &class, classes: self.labels.len() };
            self.models[at] = Linear::learn(&lesson);
        }
        let mut spread = [0.0f32; SPACES + 1];
        let mut heard = 0.0f32;
        for row in rows.iter().step_by(rows.len().div_ceil(SCALED).max(1)) {
            let said = self.hear(&|at| corpus.spaces[at].row(*row as usize));
            for (sum, scores) in spread.iter_mut().zip(&said) {
                *sum += scores.iter().map(|score| score * score).sum::<f32>() / scores.len().max(1) as f32;
            }
            heard += 1.0;
        }
        self.scale = spread.map(|sum| if sum > 0.0 { (heard / sum).sqrt() } else { 0.0 });
    }

    /// What each judge says by class, around zero.
    fn hear<'a>(&self, features: &dyn Fn(usize) -> &'a [u32]) -> [Scores; SPACES + 1] {
        let (words, told) = self.models[0].score(features(0).iter().copied());
        let (pieces, _) = self.models[1].score(features(1).iter().copied());
        [words, pieces, told].map(centred)
    }

    /// The answers, the likeliest first. `votes` are the shares of the nearest tickets.
    pub(super) fn judge(&self, features: &[Vec<u32>; SPACES], votes: &[(u32, f32)]) -> Vec<Verdict> {
        let mut total = vec![0.0f32; self.labels.len()];
        if self.labels.len() > 1 {
            let said = self.hear(&|at| features[at].as_slice());
            for (scores, scale) in said.iter().zip(self.scale) {
                total.iter_mut().zip(scores).for_each(|(sum, score)| *sum += score * scale);
            }
        }
        for (label, share) in votes {
            if let Some(place) = self.places.get(label) {
                total[usize::from(*place)] += NEAREST * share;
            }
        }
        let most = total.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let all: f32 = total.iter().map(|score| (score - most).exp()).sum();
        let verdict = |(score, label): (&f32, &u32)| Verdict { label: *label, strength: (score - most).exp() / all };
        let mut verdicts: Vec<Verdict> = total.iter().zip(&self.labels).map(verdict).collect();
        verdicts.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        verdicts
    }

    /// Takes in one more ticket with its answer. An answer never given before is learnt with the next lesson.
    pub(super) fn nudge(&mut self, features: &[Vec<u32>; SPACES], label: u32) {
        let Some(place) = self.places.get(&label).copied() else { return };
        if self.labels.len() > 1 {
            for (model, features) in self.models.iter_mut().zip(features) {
                model.nudge(features, usize::from(place));
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.models.iter().map(Linear::bytes).sum::<usize>() + self.labels.capacity() * 24
    }
}

fn centred(mut scores: Scores) -> Scores {
    let mean = scores.iter().sum::<f32>() / scores.len().max(1) as f32;
    scores.iter_mut().for_each(|score| *score -= mean);
    scores
}
