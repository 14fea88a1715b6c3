//! Open time as a formula: how much of local time is open before a local instant, and back.
//!
//! Local instants are milliseconds since 1970-01-01 00:00 on the wall clock, as if every day had 24
//! hours; the calendar applies this only where the zone's offset is constant. No zones here.

use jiff::civil::Date;

pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const WEEK_MS: i64 = 7 * DAY_MS;
/// 1970-01-01 was a Thursday, three days into a week that begins on Monday.
const MONDAY_SHIFT: i64 = 3 * DAY_MS;

/// The open spans of a week that repeats for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Week {
    spans: Vec<WeekSpan>,
    total: i64,
}

/// One span, in milliseconds since Monday 00:00; `before` is the open time earlier in the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WeekSpan {
    pub(super) from: i64,
    pub(super) to: i64,
    before: i64,
}

impl Week {
    /// `minutes` are ordered spans that do not overlap, in minutes since Monday 00:00.
    pub(super) fn new(minutes: &[(i64, i64)]) -> Week {
        let mut total = 0;
        let mut spans: Vec<WeekSpan> = Vec::with_capacity(minutes.len());
        for &(from, to) in minutes {
            let (from, to) = (from * MINUTE_MS, to * MINUTE_MS);
            match spans.last_mut() {
                Some(last) if last.to == from => last.to = to,
                _ => spans.push(WeekSpan { from, to, before: total }),
            }
            total += to - from;
        }
        Week { spans, total }
    }

    /// The spans in minutes since Monday 00:00, as they were given but for those that touch.
    pub(super) fn minutes(&self) -> impl Iterator<Item = (i64, i64)> {
        self.spans.iter().map(|span| (span.from / MINUTE_MS, span.to / MINUTE_MS))
    }

    pub(super) fn always() -> Week {
        Week::new(&[(0, WEEK_MS / MINUTE_MS)])
    }

    pub(super) fn is_always(&self) -> bool {
        self.total == WEEK_MS
    }

    /// Open time in one week.
    pub(super) fn total(&self) -> i64 {
        self.total
    }

    /// Open time before `local`, against a fixed origin.
    pub(super) fn open_before(&self, local: i64) -> i64 {
        let since_monday = local + MONDAY_SHIFT;
        let within = since_monday.rem_euclid(WEEK_MS);
        since_monday.div_euclid(WEEK_MS) * self.total + self.in_week_before(within)
    }

    /// The earliest local instant before which `open` lies open. Not for a week without spans.
    fn earliest_with(&self, open: i64) -> i64 {
        let week = (open - 1).div_euclid(self.total);
        let rest = open - week * self.total;
        let after = self.spans.partition_point(|s| s.before < rest);
        let within = match after.checked_sub(1).and_then(|i| self.spans.get(i)) {
            Some(span) => span.from + rest - span.before,
            None => 0,
        };
        week * WEEK_MS + within - MONDAY_SHIFT
    }

    /// Whether `local` is open, and the local instant until which that stays so within its week.
    pub(super) fn state_at(&self, local: i64) -> (bool, i64) {
        let within = (local + MONDAY_SHIFT).rem_euclid(WEEK_MS);
        let monday = local - within;
        let after = self.spans.partition_point(|s| s.from <= within);
        if let Some(span) = after.checked_sub(1).and_then(|i| self.spans.get(i))
            && within < span.to
        {
            return (true, monday + span.to);
        }
        (false, monday + self.spans.get(after).map_or(WEEK_MS, |s| s.from))
    }

    fn in_week_before(&self, within: i64) -> i64 {
        let after = self.spans.partition_point(|s| s.from < within);
        match after.checked_sub(1).and_then(|i| self.spans.get(i)) {
            Some(span) => span.before + within.min(span.to) - span.from,
            None => 0,
        }
    }
}

/// The open time that holidays take away, by date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DaysOff {
    days: Vec<DayOff>,
    total: i64,
}

/// A date (days since 1970-01-01), the open time it would have had, and that of all earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DayOff {
    day: i64,
    open: i64,
    before: i64,
}

impl DaysOff {
    /// `days` in order, each once.
    pub(super) fn new(week: &Week, days: impl Iterator<Item = i64>) -> DaysOff {
        let mut total = 0;
        let days = days
            .map(|day| {
                let open = week.open_before((day + 1) * DAY_MS) - week.open_before(day * DAY_MS);
                let before = total;
                total += open;
                DayOff { day, open, before }
            })
            .collect();
        DaysOff { days, total }
    }

    /// Whether the day of `local` is off.
    pub(super) fn covers(&self, local: i64) -> bool {
        let day = local.div_euclid(DAY_MS);
        self.days.binary_search_by_key(&day, |d| d.day).is_ok()
    }

    /// What the holidays take from the week's open time before `local`.
    pub(super) fn open_before(&self, week: &Week, local: i64) -> i64 {
        let (before, today) = self.around(local);
        match today {
            Some(today) => before + week.open_before(local) - week.open_before(today.day * DAY_MS),
            None => before,
        }
    }

    /// The earliest local instant, after `from`, before which `open` lies open net of holidays.
    ///
    /// Each round takes in at least one more holiday whole, so the rounds are bounded by the
    /// holidays that lie between.
    pub(super) fn find(&self, week: &Week, from: i64, open: i64) -> i64 {
        let mut taken = self.open_before(week, from);
        loop {
            let found = week.earliest_with(open + taken);
            let (before, today) = self.around(found);
            let inside = |d: DayOff| week.open_before(found) > week.open_before(d.day * DAY_MS);
            let now = match today {
                Some(day) if inside(day) => before + day.open,
                _ => before,
            };
            if now <= taken {
                return found;
            }
            taken = now;
        }
    }

    fn around(&self, local: i64) -> (i64, Option<DayOff>) {
        let day = local.div_euclid(DAY_MS);
        let at = self.days.partition_point(|d| d.day < day);
        match self.days.get(at) {
            Some(next) => (next.before, Some(*next).filter(|d| d.day == day)),
            None => (self.total, None),
        }
    }
}

/// Days since 1970-01-01.
pub(super) fn day_number(date: Date) -> i64 {
    let midnight = date.to_datetime(jiff::civil::Time::midnight());
    jiff::tz::Offset::UTC.to_timestamp(midnight).map_or(0, |t| t.as_second().div_euclid(DAY_MS / 1000))
}

/// The date that many days after 1970-01-01.
pub(super) fn date_of(day: i64) -> Option<Date> {
    let t = jiff::Timestamp::from_millisecond(day.checked_mul(DAY_MS)?).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(t).date())
}
