//! What an evaluation found, for people and for programs.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::domain::field::Field;
use crate::domain::suggest::{Answer, Example, Index, Part, Settings};

/// How learning and asking were kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Time,
    Folds(usize),
}

/// Shares of those asked for, 0 to 1.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Tops {
    pub top1: f64,
    pub top3: f64,
}

/// Answers of at least this strength.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Point {
    pub coverage: f64,
    pub accuracy: f64,
    pub strength: f32,
}

/// At the threshold that triage speaks from.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spoken {
    pub coverage: f64,
    /// None where nothing was spoken.
    pub precision: Option<f64>,
}

#[derive(Debug, Serialize)]
pub struct Report {
    pub field: String,
    /// Those that have an answer.
    pub tickets: usize,
    /// Of them those that learn or are asked.
    pub examples: usize,
    pub answers: usize,
    /// Answers that stand on one ticket alone.
    pub once: usize,
    pub left_out: usize,
    pub method: &'static str,
    pub folds: Option<usize>,
    pub learnt: usize,
    pub asked: usize,
    #[serde(flatten)]
    pub tops: Tops,
    pub nearest: Option<f64>,
    pub most_frequent: Tops,
    pub most_frequent_of_category: Option<Tops>,
    pub spoken: Option<Spoken>,
    pub curve: Vec<Point>,
    pub seconds: f64,
}

impl Report {
    pub fn of(field: &Field, examples: &[Example], parts: &[Part], answers: &[Answer], how: How) -> Self {
        let asked = answers.len();
        let share = |count: usize| count as f64 / asked.max(1) as f64;
        let within = |most: usize| share(answers.iter().filter(|a| a.rank.is_some_and(|rank| rank < most)).count());
        let mut kinds: HashMap<String, usize> = HashMap::new();
        for answer in examples.iter().filter_map(|example| example.answer(field)) {
            *kinds.entry(answer).or_default() += 1;
        }
        let spoken = || {
            let said: Vec<&Answer> = answers.iter().filter(|answer| answer.confidence.is_some()).collect();
            let right = said.iter().filter(|answer| answer.rank == Some(0)).count();
            let precision = (!said.is_empty()).then(|| right as f64 / said.len() as f64);
            Spoken { coverage: share(said.len()), precision }
        };
        let by_category = *field != Field::Category && examples.iter().any(|example| example.category.is_some());
        Self {
            field: field.name().to_owned(),
            tickets: examples.len(),
            examples: examples.len(),
            answers: kinds.len(),
            once: kinds.values().filter(|count| **count == 1).count(),
            left_out: 0,
            method: if how == How::Time { "time" } else { "folds" },
            folds: if let How::Folds(folds) = how { Some(folds) } else { None },
            learnt: parts.iter().map(|part| part.learn.len()).max().unwrap_or(0),
            asked,
            tops: Tops { top1: within(1), top3: within(3) },
            nearest: nearest(examples, field),
            most_frequent: frequent(examples, parts, field, |_| None),
            most_frequent_of_category: by_category
                .then(|| frequent(examples, parts, field, |example| example.category.map(|name| name.as_str()))),
            spoken: (how == How::Time).then(spoken),
            curve: curve(answers),
            seconds: 0.0,
        }
    }
}

/// Plain neighbours, five of them, each ticket guessed from all others; of a large set, every so many tickets.
fn nearest(examples: &[Example], field: &Field) -> Option<f64> {
    const PUT: usize = 5_000;
    let index = Index::build(examples.iter().cloned(), Settings::default());
    let step = examples.len().div_ceil(PUT).max(1);
    let right: Vec<bool> = (0..examples.len()).step_by(step).filter_map(|at| index.plain(at, field, 5)).collect();
    (!right.is_empty()).then(|| right.iter().filter(|right| **right).count() as f64 / right.len() as f64)
}

/// The answers given most often, to all or to those of one key, in the part that learns.
fn frequent<'a>(
    examples: &[Example<'a>],
    parts: &[Part],
    field: &Field,
    key: impl Fn(&Example<'a>) -> Option<&'a str>,
) -> Tops {
    let (mut asked, mut first, mut third) = (0usize, 0usize, 0usize);
    for part in parts {
        let mut counts: HashMap<Option<&str>, HashMap<String, usize>> = HashMap::new();
        for place in &part.learn {
            let Some(answer) = examples[*place].answer(field) else { continue };
            if let Some(key) = key(&examples[*place]) {
                *counts.entry(Some(key)).or_default().entry(answer.clone()).or_default() += 1;
            }
            *counts.entry(None).or_default().entry(answer).or_default() += 1;
        }
        let ranked = |counts: HashMap<String, usize>| {
            let mut list: Vec<(String, usize)> = counts.into_iter().collect();
            list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            list.truncate(3);
            list
        };
        let best: HashMap<Option<&str>, Vec<(String, usize)>> =
            counts.into_iter().map(|(key, counts)| (key, ranked(counts))).collect();
        for place in &part.ask {
            let Some(truth) = examples[*place].answer(field) else { continue };
            asked += 1;
            let own = best.get(&key(&examples[*place])).or_else(|| best.get(&None));
            let rank = own.and_then(|list| list.iter().position(|(answer, _)| *answer == truth));
            first += usize::from(rank == Some(0));
            third += usize::from(rank.is_some());
        }
    }
    let share = |count: usize| count as f64 / asked.max(1) as f64;
    Tops { top1: share(first), top3: share(third) }
}

/// How right the strongest tenth is, the strongest fifth, and so on.
fn curve(answers: &[Answer]) -> Vec<Point> {
    let mut sorted: Vec<&Answer> = answers.iter().collect();
    sorted.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    let point = |tenth: usize| {
        let count = (sorted.len() * tenth).div_ceil(10);
        let right = sorted.iter().take(count).filter(|answer| answer.rank == Some(0)).count();
        let last = sorted.get(count.checked_sub(1)?)?;
        let coverage = count as f64 / sorted.len() as f64;
        Some(Point { coverage, accuracy: right as f64 / count as f64, strength: last.strength })
    };
    (1..=10).filter_map(point).collect()
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, examples, answers, asked, tops, .. } = self;
        writeln!(f, "{field}: {examples} tickets with {answers} different answers")?;
        if self.left_out > 0 {
            writeln!(
                f,
                "  {} rows of the file were left out: no text, no answer, or no row of the table",
                self.left_out
            )?;
        }
        if self.tickets > *examples {
            let which = if self.folds.is_some() { "spread evenly" } else { "the newest" };
            writeln!(f, "  of {} tickets, {which}: triage learns from no more", self.tickets)?;
        }
        if self.once > 0 {
            writeln!(f, "  {} answers stand on one ticket alone and cannot be guessed", self.once)?;
        }
        match self.folds {
            Some(folds) if folds == *examples => writeln!(f, "  each left out in turn, guessed from all others")?,
            Some(folds) => {
                writeln!(f, "  {folds} folds: each ticket guessed once, from the other {} folds", folds - 1)?
            }
            None => writeln!(f, "  split by time: the oldest {} learnt, the newest {asked} asked", self.learnt)?,
        }
        writeln!(f, "\n  {:<38}{:>9}{:>9}", "", "first", "in three")?;
        let mut row =
            |name: &str, tops: Tops| writeln!(f, "  {name:<38}{:>9}{:>9}", percent(tops.top1), percent(tops.top3));
        row("what triage suggests", *tops)?;
        row("most frequent answer", self.most_frequent)?;
        if let Some(tops) = self.most_frequent_of_category {
            row("most frequent answer of the category", tops)?;
        }
        if let Some(nearest) = self.nearest {
            writeln!(f, "  {:<38}{:>9}", "plain nearest five, one left out", percent(nearest))?;
        }
        match self.spoken {
            Some(Spoken { coverage, precision: Some(precision) }) => {
                writeln!(
                    f,
                    "\n  At its measured threshold it speaks for {} and is right in {}.",
                    percent(coverage),
                    percent(precision)
                )?;
            }
            Some(_) => writeln!(f, "\n  At its measured threshold it stays silent.")?,
            None => {}
        }
        writeln!(f, "\n  {:>9}{:>10}  from strength", "speaks for", "right in")?;
        for point in &self.curve {
            writeln!(f, "  {:>9} {:>10}  {:.3}", percent(point.coverage), percent(point.accuracy), point.strength)?;
        }
        writeln!(f, "\n  {:.1} s", self.seconds)
    }
}
