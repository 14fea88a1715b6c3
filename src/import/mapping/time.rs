//! Times as logs write them: several formats tried in order, and the zone of those that do not say theirs.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, de};

/// One way to write a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// RFC 3339: `2012-05-11T00:10:02+02:00`, with or without an offset.
    Iso,
    /// Seconds since 1970 in UTC, with a fraction if need be.
    Epoch,
    /// Milliseconds since 1970 in UTC.
    EpochMs,
    /// Local time that somebody read as UTC and turned into seconds since 1970.
    EpochLocal,
    /// As `strptime` has it: `%d/%m/%Y %H:%M`. Digits need no padding.
    Pattern(String),
}

/// Reads the times of one file.
#[derive(Debug, Clone)]
pub struct Times {
    pub zone: TimeZone,
    pub formats: Vec<Format>,
}

const NAMES: &str = "iso, epoch, epoch-ms, epoch-local, or a pattern such as %d/%m/%Y %H:%M";

impl Times {
    /// The instant that the text means in the first format that fits; none when none does.
    pub fn parse(&self, text: &str) -> Option<Timestamp> {
        self.formats.iter().find_map(|format| self.parse_as(format, text))
    }

    fn parse_as(&self, format: &Format, text: &str) -> Option<Timestamp> {
        match format {
            Format::Iso => match text.parse::<Timestamp>() {
                Ok(at) => Some(at),
                Err(_) => self.local(text.parse::<DateTime>().ok()?),
            },
            Format::Epoch => seconds(text),
            Format::EpochMs => Timestamp::from_millisecond(text.parse().ok()?).ok(),
            Format::EpochLocal => self.local(TimeZone::UTC.to_datetime(seconds(text)?)),
            Format::Pattern(pattern) => {
                let parsed = strtime::parse(pattern, text).ok()?;
                if parsed.offset().is_some() {
                    return parsed.to_timestamp().ok();
                }
                let date: Date = parsed.to_date().ok()?;
                let time = parsed.to_time().unwrap_or(Time::midnight());
                self.local(date.to_datetime(time))
            }
        }
    }

    /// A time that the clocks skipped is as late after the change as it says; of one that came twice, the first.
    fn local(&self, time: DateTime) -> Option<Timestamp> {
        self.zone.to_ambiguous_timestamp(time).compatible().ok()
    }

    /// The formats, for messages.
    pub fn expected(&self) -> String {
        self.formats.iter().map(Format::as_str).collect::<Vec<_>>().join(" or ")
    }
}

/// Whole milliseconds: what a desk stores.
fn seconds(text: &str) -> Option<Timestamp> {
    let seconds: f64 = text.parse().ok()?;
    let span = SignedDuration::try_from_secs_f64(seconds).ok()?;
    let ms = i64::try_from((span.as_nanos() + 500_000).div_euclid(1_000_000)).ok()?;
    Timestamp::from_millisecond(ms).ok()
}

impl Format {
    fn as_str(&self) -> &str {
        match self {
            Self::Iso => "iso",
            Self::Epoch => "epoch",
            Self::EpochMs => "epoch-ms",
            Self::EpochLocal => "epoch-local",
            Self::Pattern(pattern) => pattern,
        }
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(from)?;
        match &*name {
            "iso" => Ok(Self::Iso),
            "epoch" => Ok(Self::Epoch),
            "epoch-ms" => Ok(Self::EpochMs),
            "epoch-local" => Ok(Self::EpochLocal),
            pattern if pattern.contains('%') => Ok(Self::Pattern(pattern.to_owned())),
            other => {
                Err(de::Error::custom(format!("`{}` is no format of times; allowed are {NAMES}", other.escape_debug())))
            }
        }
    }
}
