//! What a calendar file says: zone, hours, holidays. Reading and checking only; no arithmetic.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Calendar;

/// A calendar as written, before it is checked as a whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// IANA zone in which the hours are read.
    pub zone: Zone,
    /// Spans for each weekday.
    #[serde(default)]
    pub hours: Hours,
    /// Dates on which nothing is open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
    /// Open around the clock, every day; then neither hours nor holidays are given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
}

/// The spans of each weekday; a span belongs to the day on which it starts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hours {
    /// Monday's spans, and so on.
    pub mon: Vec<Span>,
    /// Tuesday's.
    pub tue: Vec<Span>,
    /// Wednesday's.
    pub wed: Vec<Span>,
    /// Thursday's.
    pub thu: Vec<Span>,
    /// Friday's.
    pub fri: Vec<Span>,
    /// Saturday's.
    pub sat: Vec<Span>,
    /// Sunday's.
    pub sun: Vec<Span>,
}

/// A span of wall-clock time, in minutes since midnight; `to` up to 48 h when it crosses midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Opening minute, below 1440.
    pub from: u16,
    /// Closing minute, above `from`, at most a day later.
    pub to: u16,
}

/// A date on which nothing is open, with the name people know it by (may be empty).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The local date.
    pub date: Date,
    /// For explanations.
    pub name: String,
}

/// An IANA time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(pub TimeZone);

/// A key that cannot be used as written, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Dotted path, such as `hours.mon`.
    pub key: String,
    /// What is wrong, with what would be allowed; no period at the end.
    pub problem: String,
}

impl Fault {
    /// A fault at `key`.
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Fault {
        Fault { key: key.into(), problem: problem.into() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.key, self.problem)
    }
}

impl std::error::Error for Fault {}

impl TryFrom<Rules> for Calendar {
    type Error = Fault;

    fn try_from(rules: Rules) -> Result<Calendar, Fault> {
        Calendar::new(rules)
    }
}

const DAY: i64 = 1440;
const WEEK: i64 = 7 * DAY;

impl From<&Calendar> for Rules {
    /// Rules that describe this calendar. What crosses midnight is written as a span of each of the two days.
    fn from(calendar: &Calendar) -> Rules {
        let always = calendar.is_always();
        let mut hours = Hours::default();
        for (mut from, to) in calendar.week.minutes().filter(|_| !always) {
            while from < to {
                let (day, until) = (from / DAY, to.min((from / DAY + 1) * DAY));
                let minute = |at: i64| u16::try_from(at - day * DAY).unwrap_or_default();
                if let Some(spans) = usize::try_from(day).ok().and_then(|day| hours.days_mut().into_iter().nth(day)) {
                    spans.push(Span { from: minute(from), to: minute(until) });
                }
                from = until;
            }
        }
        Rules { zone: Zone(calendar.zone.clone()), hours, holidays: calendar.holidays.clone(), always }
    }
}

impl Rules {
    /// All open spans in minutes since Monday 00:00, in order; none crosses the week's end.
    pub(super) fn spans(&self) -> Result<Vec<(i64, i64)>, Fault> {
        let days = self.hours.days();
        if self.always {
            if let Some((name, _)) = days.iter().find(|(_, spans)| !spans.is_empty()) {
                let problem = "a calendar that is always open takes no hours; remove one of the two";
                return Err(Fault::new(format!("hours.{name}"), problem));
            }
            if !self.holidays.is_empty() {
                let problem = "a calendar that is always open takes no holidays; write [hours] with \"00:00-24:00\" instead of always";
                return Err(Fault::new("holidays", problem));
            }
            return Ok(vec![(0, WEEK)]);
        }
        let mut all: Vec<(i64, i64, &str, Span)> = Vec::new();
        for ((name, spans), midnight) in days.into_iter().zip((0..).step_by(1440)) {
            for &span in spans {
                let (from, to) = (midnight + i64::from(span.from), midnight + i64::from(span.to));
                all.push((from, to.min(WEEK), name, span));
                if to > WEEK {
                    all.push((0, to - WEEK, name, span));
                }
            }
        }
        all.sort_by_key(|&(from, to, ..)| (from, to));
        for pair in all.windows(2) {
            let ((_, end, first, a), (start, _, second, b)) = (pair[0], pair[1]);
            if start < end {
                let problem = format!("{b} overlaps {a} of {first}");
                return Err(Fault::new(format!("hours.{second}"), problem));
            }
        }
        Ok(all.into_iter().map(|(from, to, ..)| (from, to)).collect())
    }
}

impl Hours {
    fn days_mut(&mut self) -> [&mut Vec<Span>; 7] {
        let Hours { mon, tue, wed, thu, fri, sat, sun } = self;
        [mon, tue, wed, thu, fri, sat, sun]
    }

    fn days(&self) -> [(&'static str, &[Span]); 7] {
        [
            ("mon", &self.mon),
            ("tue", &self.tue),
            ("wed", &self.wed),
            ("thu", &self.thu),
            ("fri", &self.fri),
            ("sat", &self.sat),
            ("sun", &self.sun),
        ]
    }
}

impl std::fmt::Display for Holiday {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{}", self.date, if self.name.is_empty() { "" } else { " " }, self.name)
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let to = match self.to {
            1440 => 1440,
            to => to % 1440,
        };
        let (a, b) = (self.from, to);
        write!(f, "{:02}:{:02}-{:02}:{:02}", a / 60, a % 60, b / 60, b % 60)
    }
}

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Span, String> {
        let wrong = |why: &str| format!("{text:?} {why}; write a span as \"08:00-18:00\"");
        let (from, to) = text.split_once('-').ok_or_else(|| wrong("is not a span"))?;
        let (Some(from), Some(to)) = (minute(from), minute(to)) else {
            return Err(wrong("is not two times of day"));
        };
        if from == 1440 {
            return Err(wrong("opens at 24:00"));
        }
        if from == to {
            let whole = "is empty (the whole day is \"00:00-24:00\")";
            return Err(wrong(whole));
        }
        // A closing time at or before the opening one is on the next day.
        let to = if to < from { to + 1440 } else { to };
        Ok(Span { from, to })
    }
}

/// Minutes since midnight of `HH:MM`, up to 24:00.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let two = |s: &str| s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit());
    if !two(minutes) || !(two(hours) || two(&format!("0{hours}"))) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= 1440).then_some(total)
}

impl std::str::FromStr for Holiday {
    type Err = String;

    fn from_str(text: &str) -> Result<Holiday, String> {
        let (date, name) = text.split_once(' ').unwrap_or((text, ""));
        let date = date
            .parse::<Date>()
            .map_err(|_| format!("{text:?} is not a date; write \"2026-12-25\" or \"2026-12-25 Christmas Day\""))?;
        let name = name.trim().to_owned();
        Ok(Holiday { date, name })
    }
}

impl std::str::FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Zone, String> {
        zone(text).map(Zone).ok_or_else(|| {
            format!("{text:?} is not a known IANA time zone; write one such as \"Europe/London\" or \"UTC\"")
        })
    }
}

/// The IANA time zone of that name, as this program carries them: the hours of a desk are the same on every machine,
/// whatever zones are installed there, and nobody waits until a thousand files of them were looked at.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

macro_rules! as_text {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

as_text!(Span, Holiday, Zone);
