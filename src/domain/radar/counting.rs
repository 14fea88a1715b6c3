//! How often something comes, and whether that is more than it always did.

use super::Rules;

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;

/// What the counting of one key says at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Tickets in the window that ends now.
    pub count: usize,
    /// How many a window of that length had before, on average; none where the desk is too young to tell.
    pub usual: Option<f64>,
    /// How likely so many or more would be, were nothing different from before; 0 to 1.
    pub chance: f64,
}

/// Counts `times` (milliseconds since 1970, rising) at `now`. `since` is when the desk's tickets begin: a stretch
/// before it is no quiet time.
pub fn rate(times: &[i64], now: i64, since: i64, rules: &Rules) -> Rate {
    let window = i64::from(rules.window_days) * DAY;
    let start = now - window;
    let known = since.max(start - i64::from(rules.baseline_days) * DAY);
    let upto = |limit: i64| times.partition_point(|time| *time <= limit);
    let count = upto(now) - upto(start);
    let stretch = start - known;
    // With less than a window of before there is nothing to compare with.
    let usual = (stretch >= window).then(|| {
        let before = upto(start) - times.partition_point(|time| *time < known);
        before as f64 * window as f64 / stretch as f64
    });
    Rate { count, usual, chance: usual.map_or(0.0, |usual| tail(count, usual)) }
}

impl Rate {
    /// Whether it is worth a look: often enough, clearly oftener than before, and not by chance.
    pub fn alarms(&self, rules: &Rules) -> bool {
        let usual = self.usual.unwrap_or(0.0);
        self.count >= rules.least
            && self.count as f64 >= rules.factor * usual
            && (usual == 0.0 || self.chance < rules.chance)
    }
}

/// Whether some stretch of `days` days holds at least `least` of these times, which rise.
pub fn reaches(times: &[i64], least: usize, days: u16) -> bool {
    let span = i64::from(days) * DAY;
    least == 0 || times.windows(least).any(|these| these[least - 1] - these[0] < span)
}

/// The chance of `count` or more where `usual` are usual, by Poisson's law.
pub fn tail(count: usize, usual: f64) -> f64 {
    if count == 0 {
        return 1.0;
    }
    if usual <= 0.0 {
        return 0.0;
    }
    // In logarithms: powers and factorials of large counts are no numbers any more.
    let mut log = -usual;
    let mut below = log.exp();
    for n in 1..count {
        log += usual.ln() - (n as f64).ln();
        below += log.exp();
    }
    (1.0 - below).clamp(0.0, 1.0)
}
