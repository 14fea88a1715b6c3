//! Windows: when a thing should be changed (maintenance) and when it must not be (freeze). Wall-clock times in a zone,
//! once or again and again, read into real time so that no night of a changing clock is wrong.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::Zone;
use crate::domain::directory::{Asset, Directory};
use crate::domain::lifecycle::ChangeType;
use crate::domain::name::Name;
use crate::domain::rfc::span::Span;
use crate::named_enum;

named_enum! {
    /// What a window is for.
    pub enum WindowKind {
        /// Changes should be made inside.
        Maintenance = "maintenance",
        /// Changes must not be made inside.
        Freeze = "freeze",
    }
}

named_enum! {
    /// How much a window holds.
    pub enum Force {
        /// It blocks.
        Hard = "hard",
        /// It warns.
        Soft = "soft",
    }
}

named_enum! {
    /// How often a window comes.
    pub enum Repeat {
        Once = "once",
        Daily = "daily",
        Weekly = "weekly",
        Monthly = "monthly",
        Yearly = "yearly",
    }
}

named_enum! {
    pub enum Day {
        Mon = "mon",
        Tue = "tue",
        Wed = "wed",
        Thu = "thu",
        Fri = "fri",
        Sat = "sat",
        Sun = "sun",
    }
}

impl Day {
    const fn weekday(self) -> Weekday {
        match self {
            Self::Mon => Weekday::Monday,
            Self::Tue => Weekday::Tuesday,
            Self::Wed => Weekday::Wednesday,
            Self::Thu => Weekday::Thursday,
            Self::Fri => Weekday::Friday,
            Self::Sat => Weekday::Saturday,
            Self::Sun => Weekday::Sunday,
        }
    }
}

/// What a window is about: everything where all lists are empty, else what one of them names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Name>,
    /// Models of assets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Name>,
    /// Assets by a pattern of `field:text`, where `*` stands for anything: `tag:LDS-*`, `model:Cisco*`,
    /// `location:Leeds*`, `state:in use`. All of one line must fit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<String>,
}

/// A window as it was agreed on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub name: Name,
    pub kind: WindowKind,
    #[serde(default = "hard")]
    pub force: Force,
    /// Types of change that need not heed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exempt: Vec<ChangeType>,
    pub zone: Zone,
    /// The first time, by the clock in its zone.
    pub from: DateTime,
    pub to: DateTime,
    #[serde(default = "once")]
    pub repeat: Repeat,
    /// For weekly windows: the days on which one begins; that of `from` where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// The last day on which one begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    #[serde(default)]
    pub scope: Scope,
}

const fn hard() -> Force {
    Force::Hard
}

const fn once() -> Repeat {
    Repeat::Once
}

/// What a change touches, as far as windows ask.
#[derive(Debug, Clone, Copy)]
pub struct Thing<'a> {
    pub asset: Option<&'a Asset>,
    /// The services that it is part of.
    pub services: &'a [Name],
}

impl Scope {
    pub fn is_all(&self) -> bool {
        self.services.is_empty() && self.classes.is_empty() && self.queries.is_empty()
    }

    /// Whether the window is about this thing.
    pub fn holds(&self, thing: Thing<'_>) -> bool {
        self.is_all()
            || self.services.iter().any(|service| thing.services.contains(service))
            || thing.asset.is_some_and(|asset| {
                self.classes.contains(&asset.model) || self.queries.iter().any(|query| fits(query, asset))
            })
    }
}

/// Whether every pattern of the query fits the asset.
fn fits(query: &str, asset: &Asset) -> bool {
    let mut patterns = patterns(query).peekable();
    patterns.peek().is_some()
        && patterns.all(|(field, pattern)| match field {
            "tag" => like(pattern, &asset.tag),
            "model" => like(pattern, &asset.model),
            "location" => asset.location.as_ref().is_some_and(|location| like(pattern, location)),
            "state" => like(pattern, &asset.state),
            _ => false,
        })
}

/// The fields that a query of assets may ask about.
pub const QUERIED: &[&str] = &["tag", "model", "location", "state"];

/// `field:pattern` by `field:pattern`; a pattern goes on up to the next field.
fn patterns(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts: Vec<usize> =
        query.match_indices(':').map(|(colon, _)| query[..colon].rfind(' ').map_or(0, |space| space + 1)).collect();
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([query.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .filter_map(|(start, end)| query.get(start..end)?.split_once(':'))
        .map(|(field, pattern)| (field.trim(), pattern.trim()))
}

/// `*` stands for anything; letters count whatever their case.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

impl Window {
    /// What is wrong with it, as a key and a sentence.
    pub fn fault(&self, directory: Option<&Directory>) -> Option<(&'static str, String)> {
        if self.name.is_empty() {
            return Some(("name", "It is empty; give the window a name.".into()));
        }
        if self.to <= self.from {
            return Some(("to", "It ends before it begins; give a later end.".into()));
        }
        if !self.days.is_empty() && self.repeat != Repeat::Weekly {
            return Some(("days", "Only a weekly window has days; leave them out.".into()));
        }
        let asked = self.scope.queries.iter().flat_map(|query| patterns(query).map(|(field, _)| field.to_owned()));
        let mut unknown = asked.filter(|field| !QUERIED.contains(&field.as_str()));
        if let Some(field) = unknown.next() {
            return Some(("scope.queries", format!("`{field}` cannot be asked; ask {}.", QUERIED.join(", "))));
        }
        if self.scope.queries.iter().any(|query| patterns(query).next().is_none()) {
            return Some(("scope.queries", "A query has no `field:text`.".into()));
        }
        let known = |name: &Name| directory.is_none_or(|all| all.services.iter().any(|held| held.name == *name));
        let stray = self.scope.services.iter().find(|name| !known(name));
        stray.map(|name| ("scope.services", format!("The desk knows no service called `{name}`.")))
    }

    pub fn exempts(&self, of: ChangeType) -> bool {
        self.exempt.contains(&of)
    }

    /// The times of this window that overlap `span`, in order.
    pub fn times(&self, span: Span) -> Vec<Span> {
        let zone = &self.zone.0;
        let (first, last) = (local(span.start, zone), local(span.end, zone));
        let mut found: Vec<Span> = match self.repeat {
            Repeat::Once => self.real(self.from, self.to).into_iter().collect(),
            Repeat::Daily => self.by_day(first, last, &[]),
            Repeat::Weekly if self.days.is_empty() => self.by_day(first, last, &[self.from.date().weekday()]),
            Repeat::Weekly => {
                let days: Vec<Weekday> = self.days.iter().map(|day| day.weekday()).collect();
                self.by_day(first, last, &days)
            }
            Repeat::Monthly => self.by_month(first, last, 1),
            Repeat::Yearly => self.by_month(first, last, 12),
        };
        found.retain(|time| time.overlaps(&span));
        found.sort();
        found
    }

    /// On each of these days of the week, on every day where none is named.
    fn by_day(&self, first: Date, last: Date, days: &[Weekday]) -> Vec<Span> {
        let over = self.from.date().until(self.to.date()).map_or(0, |span| span.get_days());
        let mut found = Vec::new();
        let mut day = first.saturating_sub((over + 1).days()).max(self.from.date());
        let last = last.saturating_add(1.day()).min(self.until.unwrap_or(Date::MAX));
        while day <= last {
            if days.is_empty() || days.contains(&day.weekday()) {
                let end = day.saturating_add(over.days());
                found.extend(self.real(day.to_datetime(self.from.time()), end.to_datetime(self.to.time())));
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        found
    }

    /// Every so many months; a day that a month has not is its last.
    fn by_month(&self, first: Date, last: Date, every: i64) -> Vec<Span> {
        let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
        let over = (months(self.to.date()) - months(self.from.date())) / every + 1;
        let begun = (months(first) - months(self.from.date())) / every;
        let upto = (months(last) - months(self.from.date())) / every + 1;
        let moved = |at: DateTime, n: i64| at.saturating_add((n * every).months());
        (begun - over - 1..=upto)
            .filter(|n| *n >= 0)
            .map(|n| (moved(self.from, n), moved(self.to, n)))
            .filter(|(from, _)| from.date() <= self.until.unwrap_or(Date::MAX))
            .filter_map(|(from, to)| self.real(from, to))
            .collect()
    }

    /// From the first time the clock shows `from` to the last time it shows `to`.
    fn real(&self, from: DateTime, to: DateTime) -> Option<Span> {
        let zone = &self.zone.0;
        Span::new(instant(from, zone, false)?, instant(to, zone, true)?)
    }
}

/// When the clock shows this. Shown twice, the first or the last of the two; never shown, the instant of the jump.
fn instant(at: DateTime, zone: &TimeZone, last: bool) -> Option<Timestamp> {
    let found = zone.to_ambiguous_timestamp(at);
    match found.offset() {
        AmbiguousOffset::Unambiguous { .. } => found.compatible().ok(),
        AmbiguousOffset::Fold { .. } if last => found.later().ok(),
        AmbiguousOffset::Fold { .. } => found.earlier().ok(),
        AmbiguousOffset::Gap { .. } => {
            let before = found.earlier().ok()?;
            zone.following(before).next().map(|jump| jump.timestamp())
        }
    }
}

fn local(at: Timestamp, zone: &TimeZone) -> Date {
    at.to_zoned(zone.clone()).date()
}
