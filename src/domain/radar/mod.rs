//! The radar for repeat incidents: what comes more often than it did, and what reads alike, with the evidence.
//!
//! Two layers find ([`counting`]: tickets by what they share; [`texts`]: tickets by their words), a third puts
//! together what is the same and weighs it ([`finding`]). Everything is counted from rows that every desk has, local
//! and explained. Time comes as an argument. A ticket that comes later costs its candidates, not the whole desk.

pub mod counting;
mod desk;
mod finding;
mod sweep;
pub mod texts;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
use crate::domain::state::State;
use crate::domain::summary::Summary;
use counting::DAY;
pub use finding::{Evidence, Finding, order};
pub use sweep::Sweep;
use texts::{Groups, Texts};

/// What the radar looks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Tickets count that came in so many days.
    pub window_days: u16,
    /// With what came in so many days before that they are compared.
    pub baseline_days: u16,
    /// Fewer tickets than this are no repetition.
    pub least: usize,
    /// So many times as often as before.
    pub factor: f64,
    /// And less likely than this by chance alone.
    pub chance: f64,
    /// How like its first ticket a ticket of a group is at least, 0 to 1.
    pub similar: f32,
    /// So many tickets in a group of like texts at most.
    pub room: usize,
    /// A change on the same asset is told when it was touched so many days before or since the first ticket.
    pub change_days: u16,
    /// By which fields tickets are counted: each row names those that must all be there and the same.
    pub keys: Vec<Vec<KeyField>>,
}

/// A field by which tickets are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyField {
    Asset,
    Service,
    Category,
    Location,
    Caller,
    Group,
    /// A field that only this desk has, named `x.something`.
    Custom(String),
}

impl KeyField {
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "asset" => Self::Asset,
            "service" => Self::Service,
            "category" => Self::Category,
            "location" => Self::Location,
            "caller" => Self::Caller,
            "group" => Self::Group,
            _ => Self::Custom(name.strip_prefix("x.").filter(|rest| !rest.is_empty()).map(|_| name.to_owned())?),
        })
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Asset => "asset",
            Self::Service => "service",
            Self::Category => "category",
            Self::Location => "location",
            Self::Caller => "caller",
            Self::Group => "group",
            Self::Custom(name) => name,
        }
    }

    fn of<'a>(&self, row: &'a Summary) -> Option<&'a str> {
        let name = match self {
            Self::Asset => row.asset.as_deref(),
            Self::Service => row.service.as_deref(),
            Self::Category => row.category.as_deref(),
            Self::Location => row.location.as_deref(),
            Self::Caller => row.caller.as_deref(),
            Self::Group => row.group.as_deref(),
            Self::Custom(name) => row.custom.iter().find(|(held, _)| held.as_str() == name).map(|(_, value)| &**value),
        };
        name.filter(|value| !value.is_empty())
    }
}

/// One thing that is not to be told until a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    pub until: Timestamp,
    pub reason: String,
}

/// What is muted, by the key of the finding.
pub type Mutes = BTreeMap<String, Mute>;

/// An incident as the radar sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    id: TicketId,
    opened: i64,
    title: Box<str>,
    /// The keys that it counts for: `asset=PRN-2`.
    keys: Vec<Box<str>>,
    counts: bool,
}

/// What was seen so far.
#[derive(Debug)]
pub struct Radar {
    rules: Rules,
    seen: Vec<Sighting>,
    places: HashMap<TicketId, u32>,
    /// By key: when and which, by time.
    keys: HashMap<Box<str>, Vec<(i64, u32)>>,
    /// Keys that had enough tickets in a window when one was added.
    often: BTreeSet<Box<str>>,
    texts: Texts,
    groups: Groups,
    /// The group of each ticket.
    group_of: Vec<u32>,
    since: i64,
}

impl Default for Rules {
    /// The numbers that ship, counting by asset alone.
    fn default() -> Self {
        Self {
            window_days: 30,
            baseline_days: 90,
            least: 5,
            factor: 2.0,
            chance: 0.01,
            similar: 0.6,
            room: 200,
            change_days: 14,
            keys: vec![vec![KeyField::Asset]],
        }
    }
}

impl Rules {
    /// How far back a ticket matters.
    pub fn reach_days(&self) -> u16 {
        self.window_days.saturating_add(self.baseline_days)
    }
}

impl Sighting {
    /// None for what is no incident.
    pub fn of(row: &Summary, rules: &Rules) -> Option<Self> {
        let key = |fields: &Vec<KeyField>| {
            let parts: Option<Vec<String>> =
                fields.iter().map(|field| Some(format!("{}={}", field.name(), field.of(row)?))).collect();
            Some(Box::from(parts.filter(|parts| !parts.is_empty())?.join(" & ")))
        };
        (row.kind == Kind::Incident).then(|| Self {
            id: row.id.clone(),
            opened: row.opened.as_millisecond(),
            title: row.title.as_str().into(),
            keys: rules.keys.iter().filter_map(key).collect(),
            counts: row.state != State::Cancelled,
        })
    }
}

impl Radar {
    /// A radar that has seen these.
    pub fn new(sightings: Vec<Sighting>, rules: Rules) -> Self {
        let mut radar = Self {
            rules,
            seen: Vec::new(),
            places: HashMap::new(),
            keys: HashMap::new(),
            often: BTreeSet::new(),
            texts: Texts::default(),
            groups: Groups::default(),
            group_of: Vec::new(),
            since: sightings.iter().map(|sighting| sighting.opened).min().unwrap_or(i64::MAX),
        };
        // How telling a word is is known from all texts before the first is compared.
        sightings.iter().for_each(|sighting| _ = radar.texts.push(&sighting.title));
        for (place, sighting) in (0..).zip(sightings) {
            radar.group_of.push(radar.groups.place(&radar.texts, place, radar.rules.similar, radar.rules.room));
            radar.places.insert(sighting.id.clone(), place);
            radar.seen.push(sighting);
            radar.count(place);
        }
        radar
    }

    /// Takes in a ticket that came or changed; true where that can change what is found.
    pub fn see(&mut self, row: &Summary) -> bool {
        Sighting::of(row, &self.rules).is_some_and(|sighting| self.take(sighting))
    }

    /// The same of one that was looked at before.
    pub fn take(&mut self, sighting: Sighting) -> bool {
        if let Some(place) = self.places.get(&sighting.id).copied() {
            let held = &self.seen[place as usize];
            if held.keys == sighting.keys && held.counts == sighting.counts && held.opened == sighting.opened {
                return false;
            }
            self.discount(place);
            // Its words stay those that it came with: its group is that of its report.
            let title = std::mem::take(&mut self.seen[place as usize].title);
            self.seen[place as usize] = Sighting { title, ..sighting };
            self.count(place);
            return true;
        }
        let place = self.texts.push(&sighting.title);
        self.group_of.push(self.groups.place(&self.texts, place, self.rules.similar, self.rules.room));
        self.places.insert(sighting.id.clone(), place);
        self.since = self.since.min(sighting.opened);
        self.seen.push(sighting);
        self.count(place);
        true
    }

    /// A ticket that is no longer on the desk counts no more.
    pub fn forget(&mut self, id: &TicketId) {
        if let Some(place) = self.places.get(id).copied() {
            self.discount(place);
            self.seen[place as usize].counts = false;
        }
    }

    /// How many tickets it knows.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How often two texts were compared so far.
    pub fn compared(&self) -> u64 {
        self.groups.compared
    }

    fn count(&mut self, place: u32) {
        let Sighting { opened, keys, counts, .. } = &self.seen[place as usize];
        if !counts {
            return;
        }
        let window = i64::from(self.rules.window_days) * DAY;
        for key in keys {
            let held = self.keys.entry(key.clone()).or_default();
            let at = held.partition_point(|entry| *entry <= (*opened, place));
            held.insert(at, (*opened, place));
            let near = held.partition_point(|(time, _)| *time <= opened + window)
                - held.partition_point(|(time, _)| *time < opened - window);
            if near >= self.rules.least {
                self.often.insert(key.clone());
            }
        }
    }

    fn discount(&mut self, place: u32) {
        let Sighting { opened, keys, .. } = &self.seen[place as usize];
        for key in keys {
            if let Some(held) = self.keys.get_mut(key)
                && let Ok(at) = held.binary_search(&(*opened, place))
            {
                held.remove(at);
            }
        }
    }
}
