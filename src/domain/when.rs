//! Points in time as people write them in a form: `2h`, `tomorrow 9:00`, `fri 14:00`, `in 3 days`. Read relative to a
//! given now and zone; says what it understands when it does not understand.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};

/// The hour that a day without a time means.
const MORNING: Time = Time::constant(9, 0, 0, 0);
const NOON: Time = Time::constant(12, 0, 0, 0);
const END_OF_DAY: Time = Time::constant(17, 0, 0, 0);

const EXAMPLES: &str = "2h, 1h30m, in 3 days, 16:30, tomorrow 9:00, fri 14:00, mon, 24 nov 10:00 and 2026-11-24 10:00";

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Why a phrase is no point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    #[error("There is no time here; write for example {EXAMPLES}.")]
    Empty,
    #[error("`{word}` is not understood; write for example {EXAMPLES}.")]
    Unknown { word: String },
    #[error("`{text}` lies in the past ({at}); write a time that is still to come.")]
    Past { text: String, at: String },
    #[error("`{text}` is too far away to be a date.")]
    TooFar { text: String },
}

/// The time that the phrase means, seen from `now` in `zone`. Days and weeks keep the clock's time over a change to
/// summer time; hours and minutes are exact. A day without a time means 9:00, a time without a day the next such time.
pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, WhenError> {
    let raw = text.trim();
    if let Ok(at) = raw.parse::<Timestamp>() {
        return Ok(at);
    }
    let words = words(raw);
    let Some(first) = words.first() else { return Err(WhenError::Empty) };
    let now = now.to_zoned(zone.clone());
    let too_far = |_| WhenError::TooFar { text: printable(raw) };
    if first == "now" && words.len() == 1 {
        return Ok(now.timestamp());
    }
    if let Some((last, length)) = words.split_last()
        && last == "ago"
        && let Some(span) = span(length)?
    {
        return Ok(now.checked_sub(span).map_err(too_far)?.timestamp());
    }
    match span(&words)? {
        Some(span) => Ok(now.checked_add(span).map_err(too_far)?.timestamp()),
        None => Phrase::read(&words, now.date())?.on(&now).map(|at| at.timestamp()).map_err(too_far),
    }
}

/// As [`parse`], but only for what is still to come: wake dates, promises.
pub fn parse_ahead(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, WhenError> {
    let at = parse(text, now, zone)?;
    if at > now {
        return Ok(at);
    }
    let shown = at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    Err(WhenError::Past { text: printable(text.trim()), at: shown })
}

/// How to say a time to somebody who reads it now: `today 16:30`, `tomorrow 09:00`, `Fri 27 Nov 14:00`, and the year
/// where it is another one.
pub fn phrase(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let form = if at.date() == now.date() {
        "today %H:%M"
    } else if now.date().tomorrow().is_ok_and(|day| day == at.date()) {
        "tomorrow %H:%M"
    } else if at.year() == now.year() {
        "%a %-d %b %H:%M"
    } else {
        "%a %-d %b %Y %H:%M"
    };
    at.strftime(form).to_string()
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty() && !matches!(*word, "in" | "at" | "on" | "by" | "until" | "the" | "@"))
        .map(str::to_owned)
        .collect()
}

/// `1h30m`, `3 days`, `1 h 30 min`: numbers each with their unit, and nothing else. None when it does not begin so.
fn span(words: &[String]) -> Result<Option<Span>, WhenError> {
    let text = words.concat();
    let mut rest = text.strip_prefix('+').unwrap_or(&text);
    let mut total = Span::new();
    let mut read = false;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, tail) = tail.split_at(letters);
        let Ok(number) = number.parse::<i64>() else { return Ok(None) };
        let Some(next) = add(total, number, unit) else {
            return if read { Err(unknown(&words.join(" "))) } else { too_large(number, unit, words) };
        };
        (total, rest, read) = (next, tail, true);
    }
    Ok(read.then_some(total))
}

fn too_large(number: i64, unit: &str, words: &[String]) -> Result<Option<Span>, WhenError> {
    let known = add(Span::new(), 1, unit).is_some();
    if known && number > 1 { Err(WhenError::TooFar { text: printable(&words.join(" ")) }) } else { Ok(None) }
}

fn add(to: Span, number: i64, unit: &str) -> Option<Span> {
    match unit {
        "m" | "min" | "mins" | "minute" | "minutes" => to.try_minutes(to.get_minutes().checked_add(number)?),
        "h" | "hr" | "hrs" | "hour" | "hours" => to.try_hours(i64::from(to.get_hours()).checked_add(number)?),
        "d" | "day" | "days" => to.try_days(i64::from(to.get_days()).checked_add(number)?),
        "w" | "wk" | "week" | "weeks" => to.try_weeks(i64::from(to.get_weeks()).checked_add(number)?),
        "mo" | "month" | "months" => to.try_months(i64::from(to.get_months()).checked_add(number)?),
        _ => return None,
    }
    .ok()
}

/// A day and a time, each of which may be missing.
#[derive(Default)]
struct Phrase {
    day: Option<Day>,
    time: Option<Time>,
}

enum Day {
    On(Date),
    /// The next day of that name on which the time still lies ahead.
    Next(Weekday),
}

impl Phrase {
    fn read(words: &[String], today: Date) -> Result<Self, WhenError> {
        let mut phrase = Self::default();
        let mut rest = words;
        while let Some(word) = rest.first() {
            rest = &rest[phrase.take(word, &rest[1..], today)?..];
        }
        Ok(phrase)
    }

    /// Takes the word, and perhaps some that follow it; how many it took.
    fn take(&mut self, word: &str, after: &[String], today: Date) -> Result<usize, WhenError> {
        let next = after.first().map_or("", String::as_str);
        if let Some((time, taken)) = clock(word, next) {
            return if self.time.replace(time).is_none() { Ok(taken) } else { Err(unknown(word)) };
        }
        let (day, taken) = day(word, after, today).ok_or_else(|| unknown(word))?;
        if self.day.replace(day).is_none() { Ok(taken) } else { Err(unknown(word)) }
    }

    fn on(self, now: &Zoned) -> Result<Zoned, jiff::Error> {
        let time = self.time.unwrap_or(MORNING);
        let at = |date: Date| date.to_datetime(time).to_zoned(now.time_zone().clone());
        let (first, step) = match self.day {
            Some(Day::On(date)) => return at(date),
            Some(Day::Next(weekday)) => (now.date().yesterday()?.nth_weekday(1, weekday)?, 7),
            None => (now.date(), 1),
        };
        let found = at(first)?;
        if found > *now { Ok(found) } else { at(first.checked_add(step.days())?) }
    }
}

/// A time of day and how many words it took: `9:00`, `9.30`, `9am`, `9 am`, `noon`, `eod`.
fn clock(word: &str, next: &str) -> Option<(Time, usize)> {
    match word {
        "noon" | "midday" => return Some((NOON, 1)),
        "midnight" => return Some((Time::midnight(), 1)),
        "morning" => return Some((MORNING, 1)),
        "eod" => return Some((END_OF_DAY, 1)),
        _ => {}
    }
    let (body, half, taken) = if let Some(body) = word.strip_suffix("am") {
        (body, Some(0), 1)
    } else if let Some(body) = word.strip_suffix("pm") {
        (body, Some(12), 1)
    } else {
        match next {
            "am" => (word, Some(0), 2),
            "pm" => (word, Some(12), 2),
            _ => (word, None, 1),
        }
    };
    let (hour, minute) = body.split_once([':', '.']).unwrap_or((body, ""));
    if minute.is_empty() && half.is_none() {
        return None;
    }
    let hour = number(hour)?;
    let minute = if minute.is_empty() { 0 } else { number(minute).filter(|_| minute.len() == 2)? };
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok().map(|time| (time, taken))
}

/// A day and how many words it took: `today`, `fri`, `next week`, `2026-11-24`, `24 nov`, `nov 24 2027`.
fn day(word: &str, after: &[String], today: Date) -> Option<(Day, usize)> {
    let next = after.first().map_or("", String::as_str);
    match (word, next) {
        ("today", _) => return Some((Day::On(today), 1)),
        ("yesterday", _) => return Some((Day::On(today.yesterday().ok()?), 1)),
        ("tomorrow" | "tmr" | "tom", _) => return Some((Day::On(today.tomorrow().ok()?), 1)),
        ("next", "week") => return Some((Day::On(today.nth_weekday(1, Weekday::Monday).ok()?), 2)),
        ("next", name) => return Some((Day::On(today.nth_weekday(1, weekday(name)?).ok()?), 2)),
        _ => {}
    }
    if let Some(weekday) = weekday(word) {
        return Some((Day::Next(weekday), 1));
    }
    if let Ok(date) = word.parse::<Date>() {
        return Some((Day::On(date), 1));
    }
    let ordinal = |word: &str| number(word.trim_end_matches(|c: char| c.is_ascii_alphabetic()));
    let (day, month) = match (ordinal(word), month(next)) {
        (Some(day), Some(month)) => (day, month),
        _ => (ordinal(next)?, month(word)?),
    };
    let year = after.get(1).filter(|word| word.len() == 4).and_then(|word| word.parse::<i16>().ok());
    let date = Date::new(year.unwrap_or(today.year()), month, day).ok()?;
    // Without a year, a day that has passed means next year's.
    let date = if year.is_none() && date < today { Date::new(today.year() + 1, month, day).ok()? } else { date };
    Some((Day::On(date), if year.is_some() { 3 } else { 2 }))
}

fn weekday(word: &str) -> Option<Weekday> {
    let named = |name: &&str| word.len() >= 3 && name.starts_with(word);
    WEEKDAYS.iter().find(|(name, _)| named(name)).map(|(_, weekday)| *weekday)
}

fn month(word: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
    i8::try_from(at + 1).ok()
}

fn number(word: &str) -> Option<i8> {
    let plain = !word.is_empty() && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
    if plain { word.parse().ok() } else { None }
}

fn unknown(word: &str) -> WhenError {
    WhenError::Unknown { word: printable(word) }
}

fn printable(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}
