//! Snooze: until when a ticket stays out of sight, and whether that has come.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::sla::Percent;
use crate::domain::when::{self, WhenError};

/// What brings a ticket back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wake {
    At(Timestamp),
    /// The caller writes.
    Reply,
    /// So much of its nearest target is used.
    SlaPercent(u8),
}

/// A ticket that was put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    pub wake: Wake,
    pub since: Timestamp,
}

/// What there is to know of a snoozed ticket now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    pub now: Timestamp,
    /// When the caller last wrote.
    pub heard: Option<Timestamp>,
    /// How much of its nearest target is used; none without a target.
    pub used: Option<Percent>,
}

/// Why a phrase is no snooze.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WakeError {
    #[error("`{0}` is no share of a target; write `sla 75%`, from 1 to 200.")]
    Percent(String),
    #[error("{0} Or write `reply` or `sla 75%`.")]
    When(#[from] WhenError),
}

impl Wake {
    /// `tomorrow 9:00`, `2h`, `reply`, `sla 75%`.
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, WakeError> {
        let plain = text.trim().to_lowercase();
        let plain = plain.strip_prefix("until ").unwrap_or(&plain).trim();
        if matches!(plain, "reply" | "caller" | "answer") {
            return Ok(Self::Reply);
        }
        let share = plain.strip_prefix("sla").map(str::trim).or_else(|| plain.ends_with('%').then_some(plain));
        let Some(share) = share else { return Ok(Self::At(when::parse_ahead(plain, now, zone)?)) };
        let number = share.strip_suffix('%').unwrap_or(share).trim().parse::<u8>().ok();
        match number.filter(|percent| (1..=200).contains(percent)) {
            Some(percent) => Ok(Self::SlaPercent(percent)),
            None => Err(WakeError::Percent(plain.chars().take(20).flat_map(char::escape_debug).collect())),
        }
    }

    /// How to say it, to follow "snoozed".
    pub fn phrase(self, now: Timestamp, zone: &TimeZone) -> String {
        match self {
            Self::At(at) => format!("until {}", when::phrase(at, now, zone)),
            Self::Reply => "until the caller writes".into(),
            Self::SlaPercent(percent) => format!("until {percent} % of its target is used"),
        }
    }
}

impl Snooze {
    /// Whether it is time. A time is reached exactly at its instant; only what the caller wrote after the snooze counts.
    pub fn is_awake(&self, signs: &Signs) -> bool {
        match self.wake {
            Wake::At(at) => signs.now >= at,
            Wake::Reply => signs.heard.is_some_and(|heard| heard > self.since),
            Wake::SlaPercent(percent) => signs.used.is_some_and(|used| {
                used.whole > 0 && i128::from(used.part) * 100 >= i128::from(used.whole) * i128::from(percent)
            }),
        }
    }
}

impl fmt::Display for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => at.fmt(f),
            Self::Reply => f.write_str("reply"),
            Self::SlaPercent(percent) => write!(f, "sla {percent}%"),
        }
    }
}
