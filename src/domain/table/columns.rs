//! The columns of fixed width, and which of them there are.

use super::moments::Moment;
use super::names::{Names, Place, Symbol};
use super::narrow::Narrow;
use super::paged::Paged;
use crate::domain::kind::{Kind, Revision};
use crate::domain::name::Name;
use crate::domain::sla::Metric;
use crate::domain::state::{HoldReason, State};
use crate::domain::summary::{GlanceState, Summary};
use crate::domain::ticket::level;

/// A column of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameColumn {
    Category,
    Group,
    Owner,
    Offered,
    Caller,
    Service,
    Asset,
    Location,
    Channel,
    /// Among several desks: the one that it lives on.
    Desk,
}

/// A column of points in time; `Left` is a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeColumn {
    Opened,
    Updated,
    Responded,
    Resolved,
    Closed,
    UpdateDue,
    /// When a problem is looked at again.
    Review,
    Due,
    Late,
    Risk,
    Left,
}

/// A column of small numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberColumn {
    Priority,
    Impact,
    Urgency,
    Reopens,
    Reassignments,
    Links,
}

/// What a ticket is or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trait {
    Overridden = 1,
    Accepted = 2,
    AwaitsReply = 4,
    Escalated = 8,
    Major = 16,
    KnownError = 32,
    Shallow = 64,
}

const NAMES: usize = 10;
/// Those that a summary has itself.
const OWN_NAMES: usize = 9;
const TIMES: usize = 11;
const COUNTS: usize = 3;
/// Stands in the column `Late` where there is a `Due` and no `Late`.
const NEVER: i64 = i64::MAX >> 16;

#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    small: Paged<Small>,
    counts: [Paged<u16>; COUNTS],
    revision: Paged<u64>,
    /// Symbols plus one; 0 for none.
    names: [Narrow; NAMES],
    times: [Paged<Moment>; TIMES],
}

/// What fits into a byte each, and is mostly asked for together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Small {
    pub kind: Kind,
    pub state: State,
    pub hold: Option<HoldReason>,
    pub clock: GlanceState,
    pub metric: Option<Metric>,
    traits: u8,
    levels: [u8; 3],
}

impl Default for Small {
    fn default() -> Self {
        Self {
            kind: Kind::Incident,
            state: State::New,
            hold: None,
            clock: GlanceState::None,
            metric: None,
            traits: 0,
            levels: [0; 3],
        }
    }
}

impl Small {
    pub fn is(&self, which: Trait) -> bool {
        self.traits & which as u8 != 0
    }
}

impl Columns {
    pub fn set(&mut self, at: usize, from: &Summary, names: &mut Names) {
        self.small.set(
            at,
            Small {
                kind: from.kind,
                state: from.state,
                hold: from.hold,
                clock: from.glance.state,
                metric: from.glance.metric,
                traits: traits(from),
                levels: [from.priority, from.impact, from.urgency],
            },
        );
        self.revision.set(at, from.revision.0);
        for (column, count) in self.counts.iter_mut().zip(counts(from)) {
            column.set(at, count);
        }
        for (which, name) in name_columns(from) {
            let symbol = name.map_or(0, |name| names.intern(name, Place::Column(which)).0 + 1);
            self.names[which as usize].set(at, symbol);
        }
        for (column, time) in self.times.iter_mut().zip(times(from)) {
            column.set(at, Moment::new(time));
        }
    }

    /// Says on which desk the ticket lives.
    pub fn set_desk(&mut self, at: usize, desk: Option<Symbol>) {
        self.names[NameColumn::Desk as usize].set(at, desk.map_or(0, |desk| desk.0 + 1));
    }

    pub fn small(&self, at: usize) -> Small {
        self.small.get(at)
    }

    pub fn revision(&self, at: usize) -> Revision {
        Revision(self.revision.get(at))
    }

    pub fn symbol(&self, at: usize, column: NameColumn) -> Option<Symbol> {
        self.names[column as usize].get(at).checked_sub(1).map(Symbol)
    }

    pub fn time(&self, at: usize, column: TimeColumn) -> Option<i64> {
        let held = self.times[column as usize].get(at).get();
        match (column, held) {
            (TimeColumn::Late, None) => self.time(at, TimeColumn::Due),
            (TimeColumn::Late, Some(NEVER)) => None,
            _ => held,
        }
    }

    /// Impact and urgency as they were put in.
    pub fn said(&self, at: usize) -> [u8; 2] {
        let [_, impact, urgency] = self.small(at).levels;
        [impact, urgency]
    }

    pub fn number(&self, at: usize, column: NumberColumn) -> u16 {
        match column {
            NumberColumn::Priority => u16::from(self.small(at).levels[0]),
            NumberColumn::Impact => u16::from(level(self.small(at).levels[1])),
            NumberColumn::Urgency => u16::from(level(self.small(at).levels[2])),
            NumberColumn::Reopens => self.counts[0].get(at),
            NumberColumn::Reassignments => self.counts[1].get(at),
            NumberColumn::Links => self.counts[2].get(at),
        }
    }

    pub fn bytes(&self) -> usize {
        self.small.bytes()
            + self.revision.bytes()
            + self.counts.iter().map(Paged::bytes).sum::<usize>()
            + self.names.iter().map(Narrow::bytes).sum::<usize>()
            + self.times.iter().map(Paged::bytes).sum::<usize>()
    }
}

fn traits(from: &Summary) -> u8 {
    [
        (Trait::Overridden, from.priority_overridden),
        (Trait::Accepted, from.accepted),
        (Trait::AwaitsReply, from.awaits_reply),
        (Trait::Escalated, from.escalated),
        (Trait::Major, from.major),
        (Trait::KnownError, from.known_error),
        (Trait::Shallow, from.shallow),
    ]
    .into_iter()
    .fold(0, |all, (which, is)| if is { all | which as u8 } else { all })
}

/// A count above 65,535 is kept as 65,535.
fn counts(from: &Summary) -> [u16; COUNTS] {
    [from.reopens, from.reassignments, from.links].map(|count| u16::try_from(count).unwrap_or(u16::MAX))
}

fn name_columns(from: &Summary) -> [(NameColumn, Option<&Name>); OWN_NAMES] {
    [
        (NameColumn::Category, from.category.as_ref()),
        (NameColumn::Group, from.group.as_ref()),
        (NameColumn::Owner, Some(&from.owner)),
        (NameColumn::Offered, from.offered_to.as_ref()),
        (NameColumn::Caller, from.caller.as_ref()),
        (NameColumn::Service, from.service.as_ref()),
        (NameColumn::Asset, from.asset.as_ref()),
        (NameColumn::Location, from.location.as_ref()),
        (NameColumn::Channel, from.channel.as_ref()),
    ]
}

/// In the order of [`TimeColumn`]. `Late` is kept only where it is not `Due`, which it mostly is.
fn times(from: &Summary) -> [Option<i64>; TIMES] {
    let ms = |at: jiff::Timestamp| at.as_millisecond();
    [
        Some(ms(from.opened)),
        Some(ms(from.updated)),
        from.responded.map(ms),
        from.resolved.map(ms),
        from.closed.map(ms),
        from.update_due.map(ms),
        from.review.map(ms),
        from.glance.due,
        (from.glance.late != from.glance.due).then_some(from.glance.late.unwrap_or(NEVER)),
        from.glance.risk,
        from.glance.left,
    ]
}
