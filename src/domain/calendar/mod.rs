//! Business calendars: when a desk is open, and how much open time lies between two instants.
//!
//! A calendar is a zone, spans of wall-clock time for each weekday, and holidays. **It is open at
//! an instant when the wall clock in its zone, at that instant, reads a time inside a span, and the
//! wall clock's date is not a holiday.** So a span counts twice what the clock shows twice (autumn)
//! and never what the clock skips (spring); a span that crosses midnight ends on the next date; a
//! holiday closes its date from midnight to midnight, the end of an earlier night shift included.
//!
//! All measures are whole milliseconds of real time, computed in UTC. Between two transitions of
//! the zone local time is UTC plus a constant, and there the open time before any local instant is
//! a closed formula (`week`): nothing is computed per day, nothing is cached.
//!
//! Pure: this module never asks what time it is.

mod pieces;
mod rules;
mod week;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

pub use pieces::{Piece, PieceKind};
pub use rules::{Fault, Holiday, Hours, Rules, Span, Zone, zone};

use week::{DAY_MS, DaysOff, Week};

/// When a desk is open: weekly spans in a zone, less holidays.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Rules")]
pub struct Calendar {
    zone: TimeZone,
    week: Week,
    holidays: Vec<Holiday>,
    days_off: DaysOff,
}

/// The calendar has no open time at or after the instant asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeverOpens;

impl std::fmt::Display for NeverOpens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the calendar never opens")
    }
}

impl std::error::Error for NeverOpens {}

impl Calendar {
    /// The calendar that these rules describe. The fault names the key that cannot be read.
    pub fn new(rules: Rules) -> Result<Calendar, Fault> {
        let week = Week::new(&rules.spans()?);
        let mut holidays = rules.holidays;
        holidays.sort_by_key(|holiday| holiday.date);
        if let Some(pair) = holidays.windows(2).find(|p| p[0].date == p[1].date) {
            let problem = format!("{} is listed twice", pair[0].date);
            return Err(Fault::new("holidays", problem));
        }
        let days = holidays.iter().map(|h| week::day_number(h.date));
        let days_off = DaysOff::new(&week, days);
        Ok(Calendar { zone: rules.zone.0, week, holidays, days_off })
    }

    /// Open around the clock, with local times read in `zone`.
    pub fn always(zone: TimeZone) -> Calendar {
        let week = Week::always();
        let days_off = DaysOff::new(&week, std::iter::empty());
        Calendar { zone, week, holidays: Vec::new(), days_off }
    }

    /// The zone in which the spans are read.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The dates on which nothing is open, in order.
    pub fn holidays(&self) -> &[Holiday] {
        &self.holidays
    }

    /// Whether every instant is open.
    pub fn is_always(&self) -> bool {
        self.week.is_always() && self.holidays.is_empty()
    }

    /// Whether there is no open time in any week.
    pub fn is_never(&self) -> bool {
        self.week.total() == 0
    }

    /// Open time in `[a, b)`, in milliseconds; 0 when `b` is not after `a`.
    ///
    /// Exact and additive: `business(a, c) == business(a, b) + business(b, c)`. Instants are read
    /// to the millisecond.
    pub fn business(&self, a: Timestamp, b: Timestamp) -> i64 {
        let (mut from, to) = (millis(a), millis(b));
        if to <= from {
            return 0;
        }
        if self.is_always() {
            return to - from;
        }
        let mut total = 0;
        while from < to {
            let segment = self.segment(from);
            let end = segment.end.min(to);
            total += self.open_before(end + segment.offset) - self.open_before(from + segment.offset);
            from = end;
        }
        total
    }

    /// The earliest instant `t` with `business(start, t) == business_ms`.
    ///
    /// That may be a closing instant. For `business_ms <= 0` it is the first open instant at or
    /// after `start` (a target of zero is due when somebody is there).
    pub fn add(&self, start: Timestamp, business_ms: i64) -> Result<Timestamp, NeverOpens> {
        if business_ms <= 0 {
            return self.next_open(start);
        }
        self.add_ms(millis(start), business_ms).and_then(|ms| Timestamp::from_millisecond(ms).ok()).ok_or(NeverOpens)
    }

    /// The first open instant at or after `t`.
    pub fn next_open(&self, t: Timestamp) -> Result<Timestamp, NeverOpens> {
        // The first open millisecond ends one millisecond after it begins.
        self.add_ms(millis(t), 1).and_then(|ms| Timestamp::from_millisecond(ms - 1).ok()).ok_or(NeverOpens)
    }

    /// Whether the calendar is open at `t`.
    pub fn is_open(&self, t: Timestamp) -> bool {
        self.next_open(t).is_ok_and(|open| millis(open) == millis(t))
    }

    /// The holiday on which `t` falls, if any.
    pub fn holiday_at(&self, t: Timestamp) -> Option<&Holiday> {
        let date = t.to_zoned(self.zone.clone()).date();
        self.holiday_on(date)
    }

    /// `[a, b)` cut into open, closed and holiday pieces, in order and without gaps.
    pub fn pieces(&self, a: Timestamp, b: Timestamp) -> Vec<Piece> {
        pieces::cut(self, a, b)
    }

    /// The holiday on that local date, if any.
    pub fn holiday_on(&self, date: Date) -> Option<&Holiday> {
        let index = self.holidays.binary_search_by_key(&date, |h| h.date);
        index.ok().and_then(|i| self.holidays.get(i))
    }

    fn add_ms(&self, start: i64, business_ms: i64) -> Option<i64> {
        if self.is_never() {
            return None;
        }
        if self.is_always() {
            return start.checked_add(business_ms);
        }
        let (mut from, mut left) = (start, business_ms);
        let last = millis(Timestamp::MAX);
        while from < last {
            let segment = self.segment(from);
            let local = from + segment.offset;
            let before = self.open_before(local);
            let here = self.open_before(segment.end + segment.offset) - before;
            if here >= left {
                let found = self.days_off.find(&self.week, local, before + left);
                return Some(found - segment.offset);
            }
            left -= here;
            from = segment.end;
        }
        None
    }

    /// Open local time before a local instant, against an arbitrary fixed origin.
    fn open_before(&self, local: i64) -> i64 {
        self.week.open_before(local) - self.days_off.open_before(&self.week, local)
    }

    /// The stretch of constant offset that holds `ms`.
    fn segment(&self, ms: i64) -> Segment {
        let t = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
        let offset = i64::from(self.zone.to_offset(t).seconds()) * 1000;
        let next = self.zone.following(t).next();
        let end = next.map_or(millis(Timestamp::MAX), |n| millis(n.timestamp()));
        // A transition never lies at or before `t`; should a zone say so, still move on.
        let end = if end > ms { end } else { ms + DAY_MS };
        Segment { offset, end }
    }
}

/// A stretch of UTC in which local time is UTC plus `offset`, up to `end`; both milliseconds.
#[derive(Debug, Clone, Copy)]
struct Segment {
    offset: i64,
    end: i64,
}

/// Whole milliseconds since 1970 UTC, rounded down.
pub(crate) fn millis(t: Timestamp) -> i64 {
    let below = i64::from(t.subsec_nanosecond() % 1_000_000 < 0);
    t.as_millisecond() - below
}
