//! What stands in the way of a planned change: other changes, windows, people who are away.

use jiff::Timestamp;

use crate::domain::directory::{Asset, Directory};
use crate::domain::name::{Name, TicketId};
use crate::domain::rfc::planned::Planned;
use crate::domain::rfc::span::{Span, merged};
use crate::domain::rfc::window::{Force, Thing, Window, WindowKind};
use crate::named_enum;

named_enum! {
    /// The twelve ways in which a change can stand in another one's, or its windows', way.
    pub enum ConflictKind {
        CiScheduled = "ci_scheduled",
        ParentScheduled = "parent_scheduled",
        ChildScheduled = "child_scheduled",
        NotInMaintenance = "not_in_maintenance",
        ParentNotInMaintenance = "parent_not_in_maintenance",
        ChildNotInMaintenance = "child_not_in_maintenance",
        Freeze = "freeze",
        ParentFreeze = "parent_freeze",
        ChildFreeze = "child_freeze",
        SameMaker = "same_maker",
        SharedService = "shared_service",
        Absent = "absent",
    }
}

impl ConflictKind {
    /// 1 to 12.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|kind| *kind == self).map_or(0, |at| at + 1)
    }

    /// As people read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::CiScheduled => "the same asset is being changed",
            Self::ParentScheduled => "what the asset is part of is being changed",
            Self::ChildScheduled => "a part of the asset is being changed",
            Self::NotInMaintenance => "outside of its maintenance window",
            Self::ParentNotInMaintenance => "outside of the maintenance window of what the asset is part of",
            Self::ChildNotInMaintenance => "outside of the maintenance window of a part of the asset",
            Self::Freeze => "in a freeze",
            Self::ParentFreeze => "in a freeze of what the asset is part of",
            Self::ChildFreeze => "in a freeze of a part of the asset",
            Self::SameMaker => "who makes it makes another at the same time",
            Self::SharedService => "the same service is being changed",
            Self::Absent => "somebody it needs is away",
        }
    }
}

/// With what a change is in conflict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum With {
    Change(TicketId),
    Window(Name),
    Person(Name),
}

/// One thing in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub kind: ConflictKind,
    pub with: With,
    /// When that is; for an absence up to when.
    pub when: Span,
    /// It must be overridden; otherwise it only warns.
    pub blocks: bool,
}

/// What a planned change is held against. Windows are read once for a stretch of time, so that many times can be
/// tried.
#[derive(Debug, Clone)]
pub struct Board<'a> {
    directory: &'a Directory,
    windows: Vec<(&'a Window, Vec<Span>)>,
    others: &'a [Planned],
    /// Kinds that only warn here.
    warns: &'a [ConflictKind],
}

impl<'a> Board<'a> {
    /// The board over that stretch of time.
    pub fn new(
        directory: &'a Directory,
        windows: &'a [Window],
        others: &'a [Planned],
        warns: &'a [ConflictKind],
        over: Span,
    ) -> Self {
        let windows = windows.iter().map(|window| (window, window.times(over))).collect();
        Self { directory, windows, others, warns }
    }

    /// What stands in the way of `change` at that time. `people` are those whom it needs beside its maker: approvers
    /// who have not answered, and who carries out its steps.
    pub fn conflicts(&self, change: &Planned, at: Span, people: &[Name]) -> Vec<Conflict> {
        self.against(change, &Touched::of(change, self.directory), at, people)
    }

    pub(super) fn touched(&self, change: &Planned) -> Touched<'a> {
        Touched::of(change, self.directory)
    }

    pub(super) fn against(&self, change: &Planned, touched: &Touched<'_>, at: Span, people: &[Name]) -> Vec<Conflict> {
        let mut found = Vec::new();
        for other in self.others.iter().filter(|other| other.id != change.id && other.is_active()) {
            if let Some(when) = other.span.filter(|when| when.overlaps(&at)) {
                let with = |kind| self.conflict(kind, With::Change(other.id.clone()), when, true);
                found.extend(self.between(change, touched, other).into_iter().map(with));
            }
        }
        self.outside(touched, at, &mut found);
        self.frozen(change, touched, at, &mut found);
        self.absent(change, at, people, &mut found);
        found.sort_by(|a, b| (a.kind, &a.with).cmp(&(b.kind, &b.with)));
        found
    }

    /// The freezes that hold for this change at that instant and block it.
    pub fn freezes(&self, change: &Planned, at: Timestamp) -> Vec<Conflict> {
        let mut found = Vec::new();
        let instant = Span::lasting(at, jiff::SignedDuration::from_nanos(1));
        self.frozen(change, &Touched::of(change, self.directory), instant, &mut found);
        found.retain(|conflict| conflict.blocks);
        found
    }

    fn conflict(&self, kind: ConflictKind, with: With, when: Span, blocks: bool) -> Conflict {
        Conflict { kind, with, when, blocks: blocks && !self.warns.contains(&kind) }
    }

    /// Kinds 1 to 3, 10 and 11.
    fn between(&self, change: &Planned, touched: &Touched<'_>, other: &Planned) -> Vec<ConflictKind> {
        let mut found = Vec::new();
        if let (Some(mine), Some(theirs)) = (&change.asset, &other.asset) {
            let related = |all: &[&Asset]| all.iter().any(|asset| asset.tag == *theirs);
            found.extend((mine == theirs).then_some(ConflictKind::CiScheduled));
            found.extend(related(&touched.parents).then_some(ConflictKind::ParentScheduled));
            found.extend(related(&touched.children).then_some(ConflictKind::ChildScheduled));
        }
        let services = services(other.asset.as_ref().and_then(|tag| self.directory.asset(tag)), other.service.as_ref());
        if found.is_empty() && services.iter().any(|service| touched.services.contains(service)) {
            found.push(ConflictKind::SharedService);
        }
        if change.maker.is_some() && change.maker == other.maker {
            found.push(ConflictKind::SameMaker);
        }
        found
    }

    /// Kinds 4 to 6: there are maintenance windows, and it is not wholly inside of them.
    fn outside(&self, touched: &Touched<'_>, at: Span, found: &mut Vec<Conflict>) {
        const KINDS: [ConflictKind; 3] =
            [ConflictKind::NotInMaintenance, ConflictKind::ParentNotInMaintenance, ConflictKind::ChildNotInMaintenance];
        let mut told: Vec<&Name> = Vec::new();
        for (kind, things) in KINDS.into_iter().zip(touched.things()) {
            for thing in things {
                let held: Vec<_> = self
                    .windows
                    .iter()
                    .filter(|(window, _)| window.kind == WindowKind::Maintenance && window.scope.holds(thing.thing()))
                    .collect();
                let open = merged(held.iter().flat_map(|(_, times)| times.iter().copied()).collect());
                let Some((first, _)) = held.first() else { continue };
                if open.iter().any(|span| span.covers(&at)) || told.contains(&&first.name) {
                    continue;
                }
                told.push(&first.name);
                let blocks = held.iter().any(|(window, _)| window.force == Force::Hard);
                found.push(self.conflict(kind, With::Window(first.name.clone()), at, blocks));
            }
        }
    }

    /// Kinds 7 to 9; a freeze that holds for the asset itself is not told of its parents and parts again.
    fn frozen(&self, change: &Planned, touched: &Touched<'_>, at: Span, found: &mut Vec<Conflict>) {
        const KINDS: [ConflictKind; 3] = [ConflictKind::Freeze, ConflictKind::ParentFreeze, ConflictKind::ChildFreeze];
        for (window, times) in &self.windows {
            if window.kind != WindowKind::Freeze || window.exempts(change.of) {
                continue;
            }
            let Some(when) = times.iter().find(|time| time.overlaps(&at)) else { continue };
            let holds = |things: &Vec<Held<'_>>| things.iter().any(|thing| window.scope.holds(thing.thing()));
            let kind = KINDS.into_iter().zip(touched.things()).find(|(_, things)| holds(things));
            if let Some((kind, _)) = kind {
                let blocks = window.force == Force::Hard;
                found.push(self.conflict(kind, With::Window(window.name.clone()), *when, blocks));
            }
        }
    }

    /// Kind 12.
    fn absent(&self, change: &Planned, at: Span, people: &[Name], found: &mut Vec<Conflict>) {
        let mut needed: Vec<&Name> = people.iter().chain(&change.maker).collect();
        needed.sort();
        needed.dedup();
        for login in needed {
            let until = self.directory.person(login).and_then(|person| person.absent_until);
            if let Some(until) = until.filter(|until| *until > at.start) {
                let when = Span { start: at.start, end: until };
                found.push(self.conflict(ConflictKind::Absent, With::Person(login.clone()), when, true));
            }
        }
    }
}

/// What a change touches, with what that is part of and what is part of it.
#[derive(Debug)]
pub(super) struct Touched<'a> {
    asset: Option<&'a Asset>,
    parents: Vec<&'a Asset>,
    children: Vec<&'a Asset>,
    services: Vec<Name>,
}

#[derive(Debug)]
struct Held<'a> {
    asset: Option<&'a Asset>,
    services: Vec<Name>,
}

impl Held<'_> {
    fn thing(&self) -> Thing<'_> {
        Thing { asset: self.asset, services: &self.services }
    }
}

impl<'a> Touched<'a> {
    fn of(change: &Planned, directory: &'a Directory) -> Self {
        let asset = change.asset.as_ref().and_then(|tag| directory.asset(tag));
        Self {
            asset,
            parents: asset.map(|asset| directory.parents(asset)).unwrap_or_default(),
            children: asset.map(|asset| directory.children(asset)).unwrap_or_default(),
            services: services(asset, change.service.as_ref()),
        }
    }

    /// Itself, its parents, its parts.
    fn things(&self) -> [Vec<Held<'a>>; 3] {
        let of = |assets: &[&'a Asset]| {
            assets.iter().map(|asset| Held { asset: Some(asset), services: services(Some(asset), None) }).collect()
        };
        let own = Held { asset: self.asset, services: self.services.clone() };
        [vec![own], of(&self.parents), of(&self.children)]
    }
}

/// The services of an asset, and the one that is named beside it.
fn services(asset: Option<&Asset>, named: Option<&Name>) -> Vec<Name> {
    let mut found: Vec<Name> = asset.map(|asset| asset.services.clone()).unwrap_or_default();
    found.extend(named.filter(|name| asset.is_none_or(|asset| !asset.services.contains(name))).cloned());
    found
}
