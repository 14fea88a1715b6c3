//! When else a change could be made: the next times that nothing stands in the way of.

use jiff::{SignedDuration, Timestamp};

use crate::domain::name::Name;
use crate::domain::rfc::conflict::Board;
use crate::domain::rfc::planned::Planned;
use crate::domain::rfc::span::Span;

/// How far ahead it is looked, in days.
pub const DAYS: i64 = 90;
/// How many times are told at most.
pub const MOST: usize = 100;
/// Times begin on the half hour.
const GRID: i64 = 30 * 60;

/// The stretch in which slots are looked for.
pub fn ahead(from: Timestamp) -> Span {
    Span::lasting(from, SignedDuration::from_hours(24 * DAYS))
}

/// The next free times for this change from `from` on, as long as it is planned and none overlapping another; nothing
/// where it has no length. The board must reach over [`ahead`].
pub fn next(board: &Board<'_>, change: &Planned, people: &[Name], from: Timestamp, most: usize) -> Vec<Span> {
    let Some(length) = change.span.map(|span| span.length()) else { return Vec::new() };
    let (last, touched) = (ahead(from).end, board.touched(change));
    let mut found: Vec<Span> = Vec::new();
    let mut start = on_grid(from);
    while found.len() < most.min(MOST) {
        let slot = Span::lasting(start, length);
        if slot.end > last {
            break;
        }
        if board.against(change, &touched, slot, people).is_empty() {
            found.push(slot);
            start = on_grid(slot.end);
        } else {
            start = Span::lasting(start, SignedDuration::from_secs(GRID)).end;
        }
    }
    found
}

/// The first half hour at or after this.
fn on_grid(at: Timestamp) -> Timestamp {
    let seconds = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    let up = seconds.div_euclid(GRID) * GRID + if seconds.rem_euclid(GRID) == 0 { 0 } else { GRID };
    Timestamp::from_second(up).unwrap_or(at)
}
