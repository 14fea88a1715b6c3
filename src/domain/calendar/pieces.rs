//! An interval cut where the calendar opens and closes, for people who ask why.
//!
//! For explanations only: measures come from the formula in `week`, and the tests hold the two
//! against each other.

use jiff::Timestamp;
use jiff::civil::Date;

use super::week::{self, DAY_MS};
use super::{Calendar, millis};

/// A part of an interval in which the calendar does not change: `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// What the calendar says.
    pub kind: PieceKind,
}

/// What a calendar says about an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// Inside a span.
    Open,
    /// Outside every span.
    Closed,
    /// A date that would have spans, but is a holiday.
    Holiday(Date),
}

pub(super) fn cut(calendar: &Calendar, a: Timestamp, b: Timestamp) -> Vec<Piece> {
    let (mut at, end) = (millis(a), millis(b));
    let mut pieces: Vec<Piece> = Vec::new();
    while at < end {
        let segment = calendar.segment(at);
        let until = segment.end.min(end);
        while at < until {
            let (kind, local_end) = kind_at(calendar, at + segment.offset);
            let to = (local_end - segment.offset).min(until);
            push(&mut pieces, at, to, kind);
            at = to;
        }
    }
    pieces
}

/// What holds at a local instant, and until which local instant at least.
fn kind_at(calendar: &Calendar, local: i64) -> (PieceKind, i64) {
    let (open, until) = calendar.week.state_at(local);
    let day = local.div_euclid(DAY_MS);
    let midnight = (day + 1) * DAY_MS;
    if calendar.days_off.covers(local) {
        let spans = calendar.week.open_before(midnight) > calendar.week.open_before(day * DAY_MS);
        return match week::date_of(day).filter(|_| spans) {
            Some(date) => (PieceKind::Holiday(date), midnight),
            None => (PieceKind::Closed, midnight),
        };
    }
    match open {
        // A holiday may begin at midnight.
        true if calendar.holidays.is_empty() => (PieceKind::Open, until),
        true => (PieceKind::Open, until.min(midnight)),
        false => (PieceKind::Closed, until.min(midnight)),
    }
}

fn push(pieces: &mut Vec<Piece>, from: i64, to: i64, kind: PieceKind) {
    let (Ok(from), Ok(to)) = (Timestamp::from_millisecond(from), Timestamp::from_millisecond(to)) else {
        return;
    };
    match pieces.last_mut() {
        Some(last) if last.kind == kind => last.to = to,
        _ => pieces.push(Piece { from, to, kind }),
    }
}
