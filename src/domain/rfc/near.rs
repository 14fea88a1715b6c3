//! The change guard: which changes and freezes may have to do with an incident, and why. Reads rows only, so that it
//! says the same on every desk.

use jiff::{SignedDuration, Timestamp};

use crate::domain::directory::Directory;
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::rfc::span::Span;
use crate::domain::rfc::window::{Force, Thing, Window, WindowKind};
use crate::domain::state::State;
use crate::domain::summary::Summary;
use crate::named_enum;

/// A change that ended longer before the incident than this has nothing to do with it.
pub const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

named_enum! {
    /// How a change lies to an incident, the nearest first.
    pub enum Why {
        SameAsset = "the same asset",
        PartOf = "what the asset is part of",
        Part = "a part of the asset",
        SameService = "the same service",
        SameModel = "the same model",
        SameLocation = "the same place",
    }
}

named_enum! {
    /// How a change lies in time to an incident.
    pub enum Course {
        /// Being made when the incident came.
        Running = "running",
        /// Made before.
        Done = "done",
    }
}

/// A change near an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    pub id: TicketId,
    pub why: Why,
    pub course: Course,
    /// When it was made, or is planned to be.
    pub when: Span,
}

/// What a row says about where it stands in the world.
#[derive(Debug, Clone, Copy)]
struct Spot<'a> {
    asset: Option<&'a Name>,
    model: Option<&'a Name>,
    service: Option<&'a Name>,
    location: Option<&'a Name>,
}

impl<'a> Spot<'a> {
    fn of(row: &'a Summary, directory: &'a Directory) -> Self {
        let asset = row.asset.as_ref().and_then(|tag| directory.asset(tag));
        Self {
            asset: row.asset.as_ref(),
            model: asset.map(|asset| &asset.model),
            service: row.service.as_ref().or_else(|| asset.and_then(|asset| asset.services.first())),
            location: row.location.as_ref().or_else(|| asset.and_then(|asset| asset.location.as_ref())),
        }
    }
}

fn why(incident: Spot<'_>, change: Spot<'_>, directory: &Directory) -> Option<Why> {
    fn same<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
        a.is_some() && a == b
    }
    if same(incident.asset, change.asset) {
        return Some(Why::SameAsset);
    }
    let asset = incident.asset.and_then(|tag| directory.asset(tag));
    if let (Some(asset), Some(theirs)) = (asset, change.asset) {
        if directory.parents(asset).iter().any(|held| held.tag == *theirs) {
            return Some(Why::PartOf);
        }
        if directory.children(asset).iter().any(|held| held.tag == *theirs) {
            return Some(Why::Part);
        }
    }
    if same(incident.service, change.service) {
        return Some(Why::SameService);
    }
    if same(incident.model, change.model) {
        return Some(Why::SameModel);
    }
    same(incident.location, change.location).then_some(Why::SameLocation)
}

/// The changes near this incident, the nearest and newest first: those that were being made when it came, or had ended
/// at most [`RECENT`] before.
pub fn changes<'a>(
    incident: &Summary,
    changes: impl Iterator<Item = &'a Summary>,
    directory: &Directory,
    now: Timestamp,
) -> Vec<Near> {
    let spot = Spot::of(incident, directory);
    let mut found: Vec<Near> = changes
        .filter(|row| row.kind == Kind::Change && row.state != State::Cancelled)
        .filter_map(|row| {
            let when = made(row, now)?;
            let since = incident.opened.duration_since(when.end);
            let course = if when.contains(incident.opened) {
                Course::Running
            } else if when.end <= incident.opened && since <= RECENT {
                Course::Done
            } else {
                return None;
            };
            Some(Near { id: row.id.clone(), why: why(spot, Spot::of(row, directory), directory)?, course, when })
        })
        .collect();
    found.sort_by(|a, b| (a.why, a.course, b.when.start, &a.id).cmp(&(b.why, b.course, a.when.start, &b.id)));
    found
}

/// When a change was made: as it was recorded, else as it was planned where it has begun; a change that is being made
/// goes on until now at least.
fn made(row: &Summary, now: Timestamp) -> Option<Span> {
    let course = row.course.as_ref()?;
    let begun = matches!(row.state, State::Implement | State::Review | State::Closed);
    // Trackers that keep no actual times: what was scheduled is taken to be made when it was planned.
    let start = course.began.or_else(|| course.starts.filter(|_| begun || row.state == State::Scheduled))?;
    let end = match (course.ended, row.state) {
        (Some(ended), _) => ended,
        (None, State::Implement) => course.ends.map_or(now, |ends| ends.max(now)),
        (None, _) => course.ends?,
    };
    Span::new(start, end)
}

/// The freezes that held for what the incident is about when it came.
pub fn freezes<'a>(incident: &Summary, windows: &'a [Window], directory: &Directory) -> Vec<(&'a Window, Span)> {
    let asset = incident.asset.as_ref().and_then(|tag| directory.asset(tag));
    let mut services: Vec<Name> = asset.map(|asset| asset.services.clone()).unwrap_or_default();
    services.extend(incident.service.clone());
    let thing = Thing { asset, services: &services };
    let at = Span::lasting(incident.opened, SignedDuration::from_nanos(1));
    let freezes = windows.iter().filter(|window| window.kind == WindowKind::Freeze && window.scope.holds(thing));
    let mut found: Vec<_> = freezes.filter_map(|window| Some((window, *window.times(at).first()?))).collect();
    found.sort_by_key(|(window, _)| window.force == Force::Soft);
    found
}
