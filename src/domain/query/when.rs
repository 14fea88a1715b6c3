//! Times in queries: how they are written, and which milliseconds they mean.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::ast::When;

pub(super) const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// Days and weeks are of 24 hours here: an age, not a date.
const UNITS: [(&str, i64); 5] = [("w", WEEK), ("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND)];

pub(super) const EXAMPLES: &str =
    "2016-03-01, 2016-03, 2016-03-01T14:00, today, yesterday, or a length such as 2h or 3d";

impl When {
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "now" => return Some(Self::Now),
            "today" => return Some(Self::Today),
            "yesterday" => return Some(Self::Yesterday),
            "tomorrow" => return Some(Self::Tomorrow),
            _ => {}
        }
        span(&lower).map(Self::Span).or_else(|| date(text))
    }

    /// The milliseconds `start..end` that this means; a length has none by itself.
    pub(super) fn bounds(self, now: i64, zone: &TimeZone) -> Option<(i64, i64)> {
        let day = |days: i64| Some(local_date(now, zone)?.saturating_add(days.days()));
        let date = match self {
            Self::Span(_) => return None,
            Self::Now => return Some((now, now + 1)),
            Self::Instant(at) => return Some((at.as_millisecond(), at.as_millisecond() + 1)),
            Self::Clock(clock) => {
                let start = clock.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
                return Some((start, start + if clock.second() == 0 { MINUTE } else { SECOND }));
            }
            Self::Year(year) => {
                return Some((
                    midnight(Date::new(year, 1, 1).ok()?, zone)?,
                    midnight(Date::new(year + 1, 1, 1).ok()?, zone)?,
                ));
            }
            Self::Month(year, month) => {
                let first = Date::new(year, month, 1).ok()?;
                return Some((midnight(first, zone)?, midnight(first.saturating_add(1.month()), zone)?));
            }
            Self::Today => day(0)?,
            Self::Yesterday => day(-1)?,
            Self::Tomorrow => day(1)?,
            Self::Day(date) => date,
        };
        Some((midnight(date, zone)?, midnight(date.saturating_add(1.day()), zone)?))
    }
}

fn local_date(ms: i64, zone: &TimeZone) -> Option<Date> {
    Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(zone.clone()).date())
}

/// When the day begins in the zone, in ms since 1970.
fn midnight(date: Date, zone: &TimeZone) -> Option<i64> {
    Some(date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond())
}

/// `2h`, `1d12h`, `-30m`, `0`: in ms.
fn span(text: &str) -> Option<i64> {
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    if rest == "0" {
        return Some(0);
    }
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: i64 = rest[..digits].parse().ok()?;
        let (unit, size) = UNITS.iter().find(|(unit, _)| rest[digits..].starts_with(unit))?;
        total = total.checked_add(number.checked_mul(*size)?)?;
        rest = &rest[digits + unit.len()..];
    }
    // A thousand years are enough, and leave room to add and subtract.
    (!text.is_empty() && total < 1000 * 366 * DAY).then_some(sign * total)
}

fn date(text: &str) -> Option<When> {
    let digits = |text: &str| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    if digits(text) {
        let year = text.parse().ok()?;
        return (1000..9000).contains(&year).then_some(When::Year(year));
    }
    if let Some((year, month)) = text.split_once('-')
        && digits(year)
        && month.len() == 2
    {
        let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
        return Some(When::Month(first.year(), first.month()));
    }
    if !text.get(..4).is_some_and(digits) {
        return None;
    }
    if text.len() == 10 {
        return text.parse::<Date>().ok().map(When::Day);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(When::Instant(instant));
    }
    let clock = text.parse::<DateTime>().ok()?;
    (clock.subsec_nanosecond() == 0).then_some(When::Clock(clock))
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("now"),
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
            Self::Tomorrow => f.write_str("tomorrow"),
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(date) => write!(f, "{date}"),
            Self::Clock(clock) if clock.second() == 0 => write!(f, "{}", clock.strftime("%Y-%m-%dT%H:%M")),
            Self::Clock(clock) => write!(f, "{}", clock.strftime("%Y-%m-%dT%H:%M:%S")),
            Self::Instant(at) => write!(f, "{at}"),
            Self::Span(0) => f.write_str("0"),
            Self::Span(ms) => {
                if *ms < 0 {
                    f.write_str("-")?;
                }
                let mut rest = ms.abs();
                for (unit, size) in UNITS {
                    // Weeks only where nothing is left over: 10d is not 1w3d.
                    if rest >= size && (size != WEEK || rest % WEEK == 0) {
                        write!(f, "{}{unit}", rest / size)?;
                        rest %= size;
                    }
                }
                Ok(())
            }
        }
    }
}
