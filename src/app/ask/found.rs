//! Choices, and which of them fit what was typed.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::choices::Choice;

/// Choices and which of them fit what was typed, the best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub choices: Vec<Choice>,
    pub fits: Vec<usize>,
}

impl Found {
    pub fn all(choices: Vec<Choice>) -> Self {
        let fits = (0..choices.len()).collect();
        Self { choices, fits }
    }

    /// Keeps what fits, the best first; ties keep the order of the list.
    pub fn narrow(&mut self, text: &str) {
        if text.trim().is_empty() {
            self.fits = (0..self.choices.len()).collect();
            return;
        }
        let pattern = Pattern::parse(text.trim(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = self
            .choices
            .iter()
            .enumerate()
            .filter_map(|(at, choice)| {
                let hay = format!("{} {}", choice.value, choice.label);
                let score = pattern.score(Utf32Str::new(&hay, &mut buffer), &mut matcher)?;
                // What it is called counts for more than what explains it.
                let named = pattern.score(Utf32Str::new(&choice.value, &mut buffer), &mut matcher).unwrap_or(0);
                Some((score.max(named) + named / 2, at))
            })
            .collect();
        scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
        self.fits = scored.into_iter().map(|(_, at)| at).collect();
    }

    pub fn at(&self, cursor: usize) -> Option<&Choice> {
        self.choices.get(*self.fits.get(cursor)?)
    }
}
