//! Lengths of plain time in the catalogue: `2d`, `8h`, `1w`, `90m`. A day here is a day of the calendar.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// A length of time in whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(u32);

const UNITS: [(char, u32); 4] = [('w', 7 * 24 * 60), ('d', 24 * 60), ('h', 60), ('m', 1)];

impl Span {
    /// `2d`, `1d 4h`; none for what is no length of time, or none at all.
    pub fn parse(text: &str) -> Option<Self> {
        let mut total: u32 = 0;
        let mut parts = text.split_whitespace().peekable();
        parts.peek()?;
        for part in parts {
            let unit = part.chars().last()?;
            let (_, minutes) = UNITS.iter().find(|(name, _)| *name == unit)?;
            let number: u32 = part.strip_suffix(unit)?.parse().ok()?;
            total = total.checked_add(number.checked_mul(*minutes)?)?;
        }
        (total > 0).then_some(Self(total))
    }

    pub const fn minutes(self) -> u32 {
        self.0
    }

    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_mins(self.0.into())
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut left = self.0;
        let mut parts = Vec::new();
        for (unit, minutes) in UNITS {
            let count = left / minutes;
            left %= minutes;
            if count > 0 {
                parts.push(format!("{count}{unit}"));
            }
        }
        f.pad(&parts.join(" "))
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            let given = text.escape_debug();
            serde::de::Error::custom(format!("`{given}` is no length of time; write it as 2d, 8h, 1w or 90m"))
        })
    }
}
