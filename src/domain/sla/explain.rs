//! Every interval of a clock's life with the rule by which it counts or does not.

use jiff::Timestamp;

use super::clock::Clock;
use super::cycle::{Cycle, Doing, Effect, Outcome, Stretch};
use crate::domain::calendar::{Piece, PieceKind, millis};
use crate::domain::state::HoldReason;

/// An interval `[from, to)` in which one rule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// Whether it counts, and if not, why.
    pub counted: Verdict,
    /// Its length in milliseconds. Those of the counted intervals add up to what is used, those of the paused ones to
    /// what is paused.
    pub ms: i64,
    /// The rule in words, without a period.
    pub rule: String,
}

/// Whether an interval counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Open time that is used.
    Counted,
    /// Open time that a wait takes away.
    Paused(HoldReason),
    /// Nobody is there.
    Closed,
    /// Nobody is there on this date.
    Holiday,
    /// The clock had not begun.
    BeforeStart,
    /// Between a stop and the reopening.
    BetweenResolveAndReopen,
    /// It belongs to a cycle before the current one.
    EarlierCycle,
    /// The clock has stopped.
    AfterStop,
}

impl Verdict {
    /// A stable word for files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Counted => "counted",
            Verdict::Paused(_) => "paused",
            Verdict::Closed => "closed",
            Verdict::Holiday => "holiday",
            Verdict::BeforeStart => "before_start",
            Verdict::BetweenResolveAndReopen => "between_resolve_and_reopen",
            Verdict::EarlierCycle => "earlier_cycle",
            Verdict::AfterStop => "after_stop",
        }
    }
}

/// The life of the clock from the opening of the ticket to `now`, without gaps.
///
/// The counted part adds up to what [`Clock::at`] says is used, the paused part to what it says is paused.
pub fn explain(clock: &Clock, now: Timestamp) -> Vec<Interval> {
    let mut rows = Rows { list: Vec::new(), now };
    let mut reached = clock.opened;
    let start = clock.cycles().next().map_or(now, Cycle::started_at);
    rows.add(clock.opened, start, Verdict::BeforeStart, before_start(clock));
    if start > reached {
        reached = start;
    }
    for cycle in &clock.past {
        rows.gap(reached, cycle.started_at());
        let end = cycle.stopped().map_or(now, |(at, _)| at);
        rows.add(cycle.started_at(), end, Verdict::EarlierCycle, earlier(cycle));
        reached = end;
    }
    if let Some(cycle) = &clock.cycle {
        rows.gap(reached, cycle.started_at());
        let stop = cycle.stopped().map(|(at, _)| at);
        for (stretch, end) in cycle.spans() {
            let ends = [end, stop].into_iter().flatten().min();
            rows.stretch(cycle, stretch, ends.unwrap_or(now).min(now));
        }
        if let Some(stop) = stop {
            rows.add(stop, now, Verdict::AfterStop, "after the clock stopped".to_owned());
        }
    }
    rows.list
}

struct Rows {
    list: Vec<Interval>,
    now: Timestamp,
}

impl Rows {
    fn add(&mut self, from: Timestamp, to: Timestamp, counted: Verdict, rule: String) {
        let to = to.min(self.now);
        if from < to {
            self.list.push(Interval { from, to, counted, ms: millis(to) - millis(from), rule });
        }
    }

    fn gap(&mut self, from: Timestamp, to: Timestamp) {
        let rule = "between two cycles".to_owned();
        self.add(from, to, Verdict::BetweenResolveAndReopen, rule);
    }

    fn stretch(&mut self, cycle: &Cycle, stretch: Stretch, to: Timestamp) {
        match stretch.what {
            Doing::Stopped => {}
            Doing::Between => {
                let rule = "between resolving and reopening; does not count (continue)".to_owned();
                self.add(stretch.from, to, Verdict::BetweenResolveAndReopen, rule);
            }
            doing => {
                for piece in cycle.rule.calendar.pieces(stretch.from, to) {
                    let (counted, rule) = judge(cycle, doing, piece);
                    self.add(piece.from, piece.to, counted, rule);
                }
            }
        }
    }
}

/// The rule for a piece of calendar in which the ticket does one thing.
fn judge(cycle: &Cycle, doing: Doing, piece: Piece) -> (Verdict, String) {
    let definition = &cycle.rule.definition;
    let calendar = &definition.calendar;
    match (piece.kind, doing) {
        (PieceKind::Open, Doing::Held(reason, Effect::Pauses)) => {
            (Verdict::Paused(reason), format!("open in {calendar}, but on hold ({reason}), which pauses this clock"))
        }
        (PieceKind::Open, doing) => {
            let why = match doing {
                Doing::Held(reason, Effect::RunsOn) => format!("; on hold ({reason}) does not pause this clock"),
                Doing::Held(reason, _) => {
                    format!("; on hold ({reason}), but {:?} does not keep earlier pauses", definition.name)
                }
                Doing::Through => "; resolved, but reopened later, which counts (elapsed_through)".to_owned(),
                _ => String::new(),
            };
            (Verdict::Counted, format!("open in {calendar}{why}"))
        }
        (PieceKind::Closed, _) => (Verdict::Closed, format!("closed in {calendar}")),
        (PieceKind::Holiday(date), _) => {
            let name = cycle.rule.calendar.holiday_on(date).map_or("", |h| h.name.as_str());
            let name = if name.is_empty() { String::new() } else { format!(": {name}") };
            (Verdict::Holiday, format!("holiday in {calendar}{name}"))
        }
    }
}

fn before_start(clock: &Clock) -> String {
    match (&clock.cycle, clock.past.is_empty()) {
        (None, true) => "nothing to answer".to_owned(),
        _ => "before the clock started".to_owned(),
    }
}

fn earlier(cycle: &Cycle) -> String {
    let outcome = match cycle.outcome() {
        Outcome::Breached => "late",
        Outcome::Met => "met",
        Outcome::Cancelled => "cancelled",
        Outcome::Open | Outcome::Replaced => "replaced",
    };
    format!("cycle {} under {:?}, {outcome}", cycle.number(), cycle.rule.definition.name)
}
