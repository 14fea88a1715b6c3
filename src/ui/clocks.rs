//! The clocks of a ticket: how each stands, then why every minute of it counted or not.

use crate::app::model::Model;
use crate::domain::promise::{self, Outcome, Promise};
use crate::domain::sla::{self, Clock, Reading, ReadingState, Verdict};
use crate::domain::ticket::Ticket;
use crate::ui::cells;
use crate::ui::lines::{Line, Role};

/// All clocks in a line each, the promises, then the explanation of each clock.
pub fn lines(model: &Model, ticket: &Ticket) -> Vec<Line> {
    let facts = crate::domain::facts::facts(ticket, &model.settings.matrix);
    let clocks = sla::evaluate(&model.settings.sla, &facts);
    let mut lines: Vec<Line> = clocks.iter().map(|clock| standing(model, clock)).collect();
    if lines.is_empty() {
        lines.push(vec![("No clock runs on this ticket.".into(), Role::Dim)]);
    }
    lines.extend(promise::promises(ticket, model.now).iter().map(|held| promised(model, held)));
    lines.extend(clocks.iter().flat_map(|clock| explained(model, clock)));
    lines
}

fn standing(model: &Model, clock: &Clock) -> Line {
    let reading = clock.at(model.now);
    let role = match reading.state {
        ReadingState::Breached => Role::Bad,
        ReadingState::AtRisk => Role::Warn,
        _ => Role::Plain,
    };
    let due = clock.due.map(|due| format!("due {}", cells::instant(due.as_millisecond(), model))).unwrap_or_default();
    let (used, target) = (cells::hours(reading.used_ms), cells::hours(reading.target_ms));
    vec![
        (format!("{:<12}", clock.metric()), Role::Strong),
        (format!("{:<12}", reading.state), role),
        (format!("used {used} of {target}, {}   ", left(&reading)), Role::Plain),
        (due, Role::Plain),
    ]
}

/// Every interval of the clock until it stopped, under its name.
fn explained(model: &Model, clock: &Clock) -> Vec<Line> {
    let mut intervals = sla::explain(clock, model.now);
    intervals.retain(|interval| interval.counted != Verdict::AfterStop);
    if intervals.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Vec::new(), vec![(format!("Why: {}", clock.metric()), Role::Strong)]];
    lines.extend(intervals.iter().map(|interval| {
        let moment = |at: jiff::Timestamp| cells::instant(at.as_millisecond(), model);
        let (from, to) = (moment(interval.from), moment(interval.to));
        let span = cells::span(interval.ms);
        vec![(format!("  {from:>16} to {to:<16} {span:>7} "), Role::Dim), (interval.rule.to_string(), Role::Dim)]
    }));
    lines
}

/// What is left, so that it and what is used, both in whole minutes, make up the target.
fn left(reading: &Reading) -> String {
    const MINUTE: i64 = 60_000;
    let used = reading.used_ms - reading.used_ms.rem_euclid(MINUTE);
    match reading.remaining_ms {
        over @ ..0 => format!("over by {}", cells::hours(-over)),
        _ => format!("left {}", cells::hours(reading.target_ms - used)),
    }
}

/// A word that the caller was promised, and what became of it.
fn promised(model: &Model, held: &Promise) -> Line {
    let moment = |at: jiff::Timestamp| cells::instant(at.as_millisecond(), model);
    let (word, role) = match held.outcome {
        Outcome::Kept(at) => (format!("kept {}", moment(at)), Role::Good),
        Outcome::Missed(Some(at)) => (format!("missed, told {}", moment(at)), Role::Bad),
        Outcome::Missed(None) => ("missed".to_owned(), Role::Bad),
        Outcome::Pending => ("to be kept".to_owned(), Role::Warn),
    };
    let who = model.display(&held.by);
    vec![
        ("promise     ".into(), Role::Strong),
        (format!("{who} promised the next word by {}: ", moment(held.due)), Role::Plain),
        (word, role),
    ]
}
