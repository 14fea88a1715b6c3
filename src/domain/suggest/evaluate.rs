//! How good the suggestions are on examples whose answers are known: a part of them learns, another part is asked.

use super::corpus::{Corpus, mix};
use super::{Example, Index, Settings};
use crate::domain::field::Field;

/// Which examples learn and which are asked, by their places; none does both.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub learn: Vec<usize>,
    pub ask: Vec<usize>,
}

/// What was said of one example that took no part in the learning.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its place among the examples.
    pub example: usize,
    /// The place of the true answer among those given, from 0; none when it was not given.
    pub rank: Option<usize>,
    /// How sure the jury was of its first answer, 0 to 1.
    pub strength: f32,
    /// The measured share of right answers of that strength, where the suggestion would be spoken.
    pub confidence: Option<f32>,
}

impl Part {
    /// So many parts; each example is asked in one of them and learns in the others. Each answer is dealt out evenly
    /// over the parts, in an order that has nothing to do with that of the rows: a set whose rows take turns would
    /// otherwise ask for an answer that nothing else in the part had.
    pub fn folds(examples: &[Example], folds: usize, field: &Field) -> Vec<Self> {
        let folds = folds.max(1);
        let mut order: Vec<(Option<String>, u64, usize)> =
            examples.iter().enumerate().map(|(at, example)| (example.answer(field), scatter(at), at)).collect();
        order.sort_unstable();
        let mut fold_of = vec![0; examples.len()];
        order.iter().enumerate().for_each(|(turn, (_, _, at))| fold_of[*at] = turn % folds);
        let part = |fold| {
            let (ask, learn) = (0..examples.len()).partition(|at| fold_of[*at] == fold);
            Self { learn, ask }
        };
        (0..folds).map(part).collect()
    }
}

/// So many of the places below `all`, without regard to what stands there, in rising order; the same ones every time.
pub fn sample(all: usize, most: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..all).collect();
    places.sort_unstable_by_key(|at| scatter(*at));
    places.truncate(most);
    places.sort_unstable();
    places
}

fn scatter(at: usize) -> u64 {
    mix(at as u64 + 1)
}

/// Asks for this field: builds what triage suggests with from the part that learns, and nothing else of the part that
/// is asked. With `speak` the threshold is measured on the learning part too, which takes longer; of this field alone.
pub fn measure(examples: &[Example], part: &Part, field: &Field, settings: Settings, speak: bool) -> Vec<Answer> {
    let learn = || part.learn.iter().map(|place| &examples[*place]).cloned();
    let mut index = Index::build(learn(), settings);
    if speak {
        index.calibrate_for(learn(), std::slice::from_ref(field));
    } else {
        index.learn(Corpus::of(learn().map(|example| example.source())), std::slice::from_ref(field));
    }
    let ask = |place: &usize| {
        let example = &examples[*place];
        let truth = example.answer(field)?;
        let ranked = index.rank(&example.case(), field, usize::MAX);
        let strength = ranked.first().map_or(0.0, |(_, strength)| *strength);
        Some(Answer {
            example: *place,
            rank: ranked.iter().position(|(answer, _)| *answer == truth),
            strength,
            confidence: index.confidence(field, strength),
        })
    };
    part.ask.iter().filter_map(ask).collect()
}
