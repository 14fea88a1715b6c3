//! How strong a vote must be before it is spoken: measured on the desk's own answers.
//!
//! Tickets spread evenly over the index are held out, a fifth at a time at most, and guessed by models that learnt from
//! the rest and by neighbours among the rest. Guesses are put into
//! order of strength and pooled until the share of right ones never falls as strength grows (pool adjacent
//! violators). The threshold is the lowest strength whose pool is right often enough.

use super::corpus::Corpus;
use super::index::{GUESSED, Index};
use super::jury::Jury;
use crate::domain::field::Field;

/// A pool smaller than this says too little; it joins its neighbour.
const LEAST_POOL: usize = 10;
/// Where every ticket is held out once, it is done in so many rounds.
const ROUNDS: usize = 5;

/// What the index knows about the worth of its own guesses.
#[derive(Debug, Default)]
pub(super) struct Calibration {
    columns: [Column; 4],
}

#[derive(Debug, Default)]
struct Column {
    /// By rising strength.
    pools: Vec<Pool>,
    /// None: silent.
    threshold: Option<f32>,
    measured: Counts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    held_out: usize,
    right: usize,
    spoken: usize,
    spoken_right: usize,
}

/// Votes of about the same strength.
#[derive(Debug, Clone, Copy)]
struct Pool {
    from: f32,
    cases: usize,
    right: usize,
}

/// What the held-out tickets told about one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    pub field: Field,
    /// Held-out tickets that have an answer and got a vote.
    pub held_out: usize,
    /// How many of all votes were right.
    pub right: usize,
    /// How many votes were strong enough to be spoken.
    pub spoken: usize,
    /// How many of those were right.
    pub spoken_right: usize,
    /// The strength from which on this field is guessed; none when it stays silent.
    pub threshold: Option<f32>,
}

impl Measured {
    /// The share of right ones among the votes that are spoken; none when none is.
    pub fn precision(&self) -> Option<f64> {
        (self.spoken > 0).then(|| self.spoken_right as f64 / self.spoken as f64)
    }

    /// The share of right ones among all votes; none when there were none.
    pub fn accuracy(&self) -> Option<f64> {
        (self.held_out > 0).then(|| self.right as f64 / self.held_out as f64)
    }
}

impl Calibration {
    pub(super) fn of(index: &Index, corpus: &Corpus, fields: &[Field]) -> Self {
        let mut votes: [Vec<(f32, bool)>; 4] = Default::default();
        let (all, settings) = (index.len(), index.settings);
        let held: Vec<u32> = (0..all as u32).step_by(all.div_ceil(settings.held_out.max(1)).max(1)).collect();
        // Of those that learn, a fifth is held out at most.
        let rounds = (held.len() * ROUNDS).div_ceil(all.max(1)).clamp(1, ROUNDS);
        for round in 0..rounds {
            let out: Vec<u32> = held.iter().copied().skip(round).step_by(rounds).collect();
            let is_out = |row: u32| out.binary_search(&row).is_ok();
            let rest: Vec<u32> = (0..all as u32).filter(|row| !is_out(*row)).collect();
            let nearest: Vec<_> = out.iter().map(|row| index.nearest_among(*row, &is_out)).collect();
            let asked = |column: &usize| fields.contains(&GUESSED[*column]);
            for (column, votes) in votes.iter_mut().enumerate().filter(|(column, _)| asked(column)) {
                let jury = Jury::learn(corpus, &rest, &index.labels[column]);
                for (row, nearest) in out.iter().zip(&nearest) {
                    let truth = index.labels[column][*row as usize];
                    let features = [0, 1].map(|space| corpus.spaces[space].row(*row as usize).to_vec());
                    let verdict = index.judged(&jury, column, &features, nearest).first().copied();
                    if let (Some(verdict), true, false) = (verdict, truth != 0, nearest.is_empty()) {
                        votes.push((verdict.strength, verdict.label == truth));
                    }
                }
            }
        }
        Self { columns: votes.map(|votes| Column::of(votes, settings.precision, settings.enough)) }
    }

    /// The measured share of right guesses at this strength; none below the threshold.
    pub(super) fn confidence(&self, column: usize, strength: f32) -> Option<f32> {
        let column = &self.columns[column];
        column.threshold.filter(|threshold| strength >= *threshold)?;
        let place = column.pools.partition_point(|pool| pool.from <= strength);
        column.pools.get(place.checked_sub(1)?).map(|pool| pool.precision())
    }

    pub(super) fn measured(&self) -> Vec<Measured> {
        let of = |(field, column): (Field, &Column)| {
            let Counts { held_out, right, spoken, spoken_right } = column.measured;
            Measured { field, held_out, right, spoken, spoken_right, threshold: column.threshold }
        };
        GUESSED.into_iter().zip(&self.columns).map(of).collect()
    }
}

impl Column {
    fn of(mut votes: Vec<(f32, bool)>, precision: f32, enough: usize) -> Self {
        votes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let pools = pool(&votes);
        let threshold = pools.iter().find(|pool| pool.precision() >= precision).map(|pool| pool.from);
        let mut measured = Counts { held_out: votes.len(), ..Counts::default() };
        for (strength, right) in &votes {
            let spoken = threshold.is_some_and(|threshold| *strength >= threshold);
            measured.right += usize::from(*right);
            measured.spoken += usize::from(spoken);
            measured.spoken_right += usize::from(spoken && *right);
        }
        let threshold = threshold.filter(|_| measured.spoken >= enough);
        if threshold.is_none() {
            (measured.spoken, measured.spoken_right) = (0, 0);
        }
        Self { pools, threshold, measured }
    }
}

impl Pool {
    fn precision(&self) -> f32 {
        self.right as f32 / self.cases.max(1) as f32
    }
}

/// Pools of at least [`LEAST_POOL`] votes whose precision never falls; votes of one strength stay together.
fn pool(votes: &[(f32, bool)]) -> Vec<Pool> {
    let mut pools: Vec<Pool> = Vec::new();
    for same in votes.chunk_by(|a, b| a.0 == b.0) {
        let right = same.iter().filter(|(_, right)| *right).count();
        match pools.last_mut() {
            Some(last) if last.cases < LEAST_POOL => {
                (last.cases, last.right) = (last.cases + same.len(), last.right + right)
            }
            _ => pools.push(Pool { from: same[0].0, cases: same.len(), right }),
        }
    }
    let mut rising: Vec<Pool> = Vec::with_capacity(pools.len());
    for mut pool in pools {
        while let Some(last) = rising.pop_if(|last| last.precision() >= pool.precision()) {
            pool = Pool { from: last.from, cases: last.cases + pool.cases, right: last.right + pool.right };
        }
        rising.push(pool);
    }
    rising
}
