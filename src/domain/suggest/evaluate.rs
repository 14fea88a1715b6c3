//! How good the suggestions are on examples whose answers are known: a part of them learns, another part is asked.

use super::corpus::Corpus;
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
    /// Every `folds`-th example is asked, from this one on; the others learn.
    pub fn fold(examples: usize, folds: usize, at: usize) -> Self {
        let (ask, learn) = (0..examples).partition(|place| place % folds.max(1) == at);
        Self { learn, ask }
    }
}

/// Asks for this field: builds what triage suggests with from the part that learns, and nothing else of the part that
/// is asked. With `speak` the threshold is measured on the learning part too, which takes longer.
pub fn measure(examples: &[Example], part: &Part, field: &Field, settings: Settings, speak: bool) -> Vec<Answer> {
    let learn = || part.learn.iter().map(|place| &examples[*place]).cloned();
    let mut index = Index::build(learn(), settings);
    if speak {
        index.calibrate(learn());
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
