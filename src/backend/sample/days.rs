//! Working time of the sample desk: Monday to Friday, 08:00 to 18:00 in London. Only places events; what counts for a
//! target is for the clocks of the domain to say.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::domain::calendar::zone;

/// Instants are whole seconds since 1970 throughout the generator.
pub(super) type Seconds = i64;

pub(super) const MINUTE: Seconds = 60;
pub(super) const HOUR: Seconds = 3600;
pub(super) const DAY: Seconds = 86_400;

/// The working days around `now`, each with the working time that lies before it.
#[derive(Debug)]
pub(super) struct Days {
    zone: TimeZone,
    spans: Vec<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    from: Seconds,
    to: Seconds,
    /// Working time of all the spans before this one.
    before: Seconds,
    weekday: Weekday,
}

impl Days {
    /// So many calendar days back and 120 ahead.
    pub(super) fn around(now: Timestamp, back: i64) -> Self {
        let zone = zone("Europe/London").unwrap_or(TimeZone::UTC);
        let today = now.to_zoned(zone.clone()).date();
        let mut spans: Vec<Span> = Vec::new();
        let mut before = 0;
        for offset in -back..=120 {
            let Ok(date) = today.checked_add(offset.days()) else { continue };
            if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) || is_bank_holiday(date) {
                continue;
            }
            let (Some(from), Some(to)) = (local(&zone, date, 8), local(&zone, date, 18)) else { continue };
            spans.push(Span { from, to, before, weekday: date.weekday() });
            before += to - from;
        }
        Self { zone, spans }
    }

    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The working time that has passed at `t` since the first day known here.
    pub(super) fn worked(&self, t: Seconds) -> Seconds {
        let after = self.spans.partition_point(|span| span.from <= t);
        self.spans[..after].last().map_or(0, |span| span.before + (t.min(span.to) - span.from))
    }

    /// The instant at which so much working time has passed: the inverse of `worked`, inside a working day.
    pub(super) fn at(&self, worked: Seconds) -> Seconds {
        let after = self.spans.partition_point(|span| span.before <= worked.max(0));
        self.spans[..after].last().map_or(0, |span| (span.from + worked.max(0) - span.before).min(span.to))
    }

    /// `t` and so much working time; the time to come or, with a minus, the time before.
    pub(super) fn shift(&self, t: Seconds, by: Seconds) -> Seconds {
        self.at(self.worked(t) + by)
    }

    pub(super) fn is_open(&self, t: Seconds) -> bool {
        let after = self.spans.partition_point(|span| span.from <= t);
        self.spans[..after].last().is_some_and(|span| t < span.to)
    }

    /// The opening times of the working days from `from` up to `to`, with their weekday.
    pub(super) fn mornings(&self, from: Seconds, to: Seconds) -> Vec<(Seconds, Weekday)> {
        self.spans.iter().filter(|s| s.from >= from && s.from < to).map(|s| (s.from, s.weekday)).collect()
    }

    /// The local hour `hour` of the day `days` after the one of `t`: for evenings and weekends, when changes are made.
    pub(super) fn local_hour(&self, t: Seconds, days: i64, hour: i8) -> Seconds {
        let Ok(instant) = Timestamp::from_second(t) else { return t };
        let date = instant.to_zoned(self.zone.clone()).date().saturating_add(days.days());
        local(&self.zone, date, hour).unwrap_or(t)
    }
}

fn local(zone: &TimeZone, date: Date, hour: i8) -> Option<Seconds> {
    let zoned = date.at(hour, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp().as_second())
}

/// The bank holidays of England and Wales by their rules, substitute days included; single royal ones are not known.
fn is_bank_holiday(date: Date) -> bool {
    let (month, day, weekday) = (date.month(), date.day(), date.weekday());
    let easter = easter(date.year());
    let monday = weekday == Weekday::Monday;
    let new_year = month == 1 && (day == 1 || (monday && day <= 3));
    let may = month == 5 && monday && (day <= 7 || day >= 25);
    let august = month == 8 && monday && day >= 25;
    let christmas = month == 12
        && (day == 25 || day == 26 || (day == 27 && matches!(weekday, Weekday::Monday | Weekday::Tuesday)))
        || month == 12 && day == 28 && matches!(weekday, Weekday::Monday | Weekday::Tuesday);
    let spring = easter.is_some_and(|sunday| {
        sunday.checked_sub(2.days()).is_ok_and(|friday| friday == date)
            || sunday.checked_add(1.day()).is_ok_and(|after| after == date)
    });
    new_year || may || august || christmas || spring
}

/// Easter Sunday by the anonymous Gregorian rule (Meeus/Jones/Butcher).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let m = (a + 11 * h) / 319;
    let l = (2 * (b % 4) + 2 * (c / 4) - c % 4 - h + m + 32) % 7;
    let month = (h - m + l + 90) / 25;
    let day = (h - m + l + month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
