//! One action and what it cost.

use std::time::{Duration, Instant};

use super::process::Meter;
use super::pty::Pty;

/// The cost of one action. Times are from the keys being written; `None` when nothing on the screen changed.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Until 95 % of the changed cells were final.
    pub paint: Option<f64>,
    pub bytes: usize,
    pub cpu_ms: f64,
}

/// An action is over when the console has been silent for this long.
const QUIET: Duration = Duration::from_millis(30);
/// How long the first output may take.
const REACT: Duration = Duration::from_secs(1);

pub fn act(pty: &mut Pty, meter: &Meter, keys: impl FnOnce(&mut Pty) -> Instant) -> Sample {
    pty.screen();
    let before = cells(pty);
    let cpu = meter.cpu();
    let start = keys(pty);
    let (mut bytes, mut history) = (0, Vec::new());
    let mut limit = start + REACT;
    while let Some((at, count)) = pty.next_piece(limit) {
        bytes += count;
        history.push((at, cells(pty)));
        limit = Instant::now() + QUIET;
    }
    let cpu = meter.cpu() - cpu;
    let painted = history.last().and_then(|(_, last)| painted(&before, last, &history));
    Sample { paint: painted.map(|at| (at - start).as_secs_f64() * 1e3), bytes, cpu_ms: cpu.as_secs_f64() * 1e3 }
}

type Cells = Vec<Option<vt100::Cell>>;

fn cells(pty: &mut Pty) -> Cells {
    let screen = pty.emulator();
    let (rows, columns) = screen.size();
    let at = |y, x| screen.cell(y, x).cloned();
    (0..rows.get()).flat_map(|y| (0..columns.get()).map(move |x| at(y, x))).collect()
}

/// When 95 % of what changed in the end was there to stay.
fn painted(before: &Cells, last: &Cells, history: &[(Instant, Cells)]) -> Option<Instant> {
    let changed: Vec<usize> = (0..last.len()).filter(|i| before[*i] != last[*i]).collect();
    let enough = |cells: &Cells| changed.iter().filter(|i| cells[**i] == last[**i]).count() * 100 >= changed.len() * 95;
    let unpainted = history.iter().rposition(|(_, cells)| !enough(cells)).map_or(0, |i| i + 1);
    history.get(unpainted).filter(|_| !changed.is_empty()).map(|(at, _)| *at)
}

pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub fn worst(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::max)
}
