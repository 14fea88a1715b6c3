//! What a desk has agreed on: its people and groups, its priority matrix, its periods. Every rule reads it here.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::Calendar;
use crate::domain::directory::Directory;
use crate::domain::lifecycle::choices::LEVELS;
use crate::domain::priority::Matrix;
use crate::domain::rfc::Practice;

/// The agreements of one desk, as its configuration gives them.
#[derive(Debug, Clone)]
pub struct Rules {
    pub directory: Directory,
    pub matrix: Matrix,
    pub periods: Periods,
    /// The working days of the reopen window; without one, its days are counted with their weekends.
    pub calendar: Option<Calendar>,
    /// How changes are weighed, approved and kept apart.
    pub changes: Arc<Practice>,
}

/// How long things may take or must wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periods {
    /// On how many working days after its resolution a ticket may be reopened.
    pub reopen_days: u8,
    /// How long a resolved ticket waits for its caller before it may be closed without a word.
    pub close: SignedDuration,
    /// How long a resolved problem is watched for new incidents before it may be closed.
    pub verify: SignedDuration,
    /// How often an open problem is looked at, by its level: operational, tactical, strategic.
    pub review: [SignedDuration; 3],
    /// How long before its planned start a change may begin.
    pub grace: SignedDuration,
    /// How far a console's clock may run ahead of the desk's.
    pub skew: SignedDuration,
    /// After how long without an answer those who approve are reminded.
    pub remind: SignedDuration,
    /// How long an approval may wait for an answer before it counts as none.
    pub approval: SignedDuration,
}

const DAY: i64 = 24;

/// How problems are watched, in days, as it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// From one look at an open problem to the next, by its level.
    pub operational: u16,
    pub tactical: u16,
    pub strategic: u16,
    /// How long a fix must have held before the problem may be closed.
    pub verify: u16,
}

impl Default for Watch {
    fn default() -> Self {
        Self { operational: 7, tactical: 30, strategic: 90, verify: 14 }
    }
}

impl Default for Periods {
    fn default() -> Self {
        Self {
            reopen_days: 5,
            close: SignedDuration::from_hours(7 * DAY),
            verify: days(Watch::default().verify),
            review: reviews(Watch::default()),
            grace: SignedDuration::from_mins(15),
            skew: SignedDuration::from_mins(5),
            remind: SignedDuration::from_hours(2 * DAY),
            approval: SignedDuration::from_hours(14 * DAY),
        }
    }
}

fn days(days: u16) -> SignedDuration {
    SignedDuration::from_hours(i64::from(days) * DAY)
}

fn reviews(watch: Watch) -> [SignedDuration; 3] {
    [watch.operational, watch.tactical, watch.strategic].map(days)
}

impl Periods {
    /// The same, with problems watched like this.
    #[must_use]
    pub fn watching(self, watch: Watch) -> Self {
        Self { review: reviews(watch), verify: days(watch.verify), ..self }
    }

    /// How problems are watched.
    pub fn watch(&self) -> Watch {
        let whole = |span: SignedDuration| u16::try_from(span.as_hours() / DAY).unwrap_or(u16::MAX);
        let [operational, tactical, strategic] = self.review.map(whole);
        Watch { operational, tactical, strategic, verify: whole(self.verify) }
    }

    /// How often a problem of that level is looked at; as the lowest where nobody said.
    pub fn review_of(&self, level: &str) -> SignedDuration {
        let place = LEVELS.iter().position(|known| *known == level).unwrap_or(0);
        self.review.get(place).copied().unwrap_or(self.verify)
    }
}

impl Rules {
    /// The rules as they ship, over these people and groups.
    pub fn standard(directory: Directory) -> Self {
        Self {
            directory,
            matrix: Matrix::standard(),
            periods: Periods::default(),
            calendar: None,
            changes: Arc::default(),
        }
    }

    /// Until when something resolved at that instant may be reopened: the end of the last day of the window. Without
    /// a calendar, a week of seven days holds five working ones.
    pub fn reopen_until(&self, resolved: Timestamp) -> Timestamp {
        working_days(self.calendar.as_ref(), resolved, self.periods.reopen_days)
    }
}

/// The end of that many working days after the day of an instant. Without a calendar, a week of seven days holds five.
pub fn working_days(calendar: Option<&Calendar>, from: Timestamp, days: u8) -> Timestamp {
    let days = i64::from(days);
    let plain = from.saturating_add(SignedDuration::from_hours((days * 7 + 4) / 5 * DAY)).unwrap_or(Timestamp::MAX);
    let Some(calendar) = calendar.filter(|calendar| !calendar.is_never()) else { return plain };
    let mut day = from.to_zoned(calendar.zone().clone());
    let mut left = days;
    while left > 0 {
        let Some((start, end)) = following(&day) else { return plain };
        if calendar.business(start.timestamp(), end.timestamp()) > 0 {
            left -= 1;
        }
        day = start;
    }
    following(&day).map_or(plain, |(end, _)| end.timestamp())
}

/// Whether `period` has passed since `start`; the instant itself counts as passed.
pub fn passed(start: Timestamp, period: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(start) >= period
}

/// The start of the next day and of the one after it.
fn following(day: &Zoned) -> Option<(Zoned, Zoned)> {
    let start = day.tomorrow().and_then(|day| day.start_of_day()).ok()?;
    let end = start.tomorrow().and_then(|day| day.start_of_day()).ok()?;
    Some((start, end))
}
