//! Tests of names, done once a name: what they find is a set of symbols.

use std::cmp::Ordering;

use memchr::memmem::Finder;

use crate::domain::table::{Bits, Names, Place, Symbol};

/// What may be asked of a name in lower case.
#[derive(Debug, Clone)]
pub(super) enum Probe {
    Contains(Finder<'static>),
    /// A word of it, or a part of the path, begins so.
    Begins(Finder<'static>),
    Equals(Finder<'static>),
    /// The same number; of what is no number, the same letters somewhere in it (`exact`: all of it).
    Number {
        number: f64,
        text: Finder<'static>,
        exact: bool,
    },
    /// Between two ends, each of which may be missing: numbers as numbers, other texts by their letters.
    Between(Option<End>, Option<End>),
}

/// An end of a range.
#[derive(Debug, Clone)]
pub(super) struct End {
    text: Box<[u8]>,
    number: Option<f64>,
    included: bool,
}

impl End {
    pub fn new(text: Box<[u8]>, included: bool) -> Self {
        Self { number: number(&text), text, included }
    }

    /// How `name` lies to this end; none when one is a number and the other not.
    fn order(&self, name: &[u8]) -> Option<Ordering> {
        match (number(name), self.number) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            (_, Some(_)) => None,
            (_, None) => Some(name.cmp(&self.text)),
        }
    }
}

pub(super) fn number(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok().filter(|n: &f64| n.is_finite())
}

impl Probe {
    pub fn fits(&self, name: &[u8]) -> bool {
        match self {
            Self::Contains(part) => part.find(name).is_some(),
            Self::Equals(all) => all.needle() == name,
            Self::Begins(part) => begins(part, name),
            Self::Number { number: wanted, text, exact } => match number(name) {
                #[expect(clippy::float_cmp, reason = "the same digits read twice are the same number")]
                Some(number) => number == *wanted,
                None if *exact => text.needle() == name,
                None => text.find(name).is_some(),
            },
            Self::Between(from, to) => {
                let side = |end: &Option<End>, beyond: Ordering| {
                    end.as_ref().is_none_or(|end| match end.order(name) {
                        Some(Ordering::Equal) => end.included,
                        Some(order) => order == beyond,
                        None => false,
                    })
                };
                side(from, Ordering::Greater) && side(to, Ordering::Less)
            }
        }
    }

    /// The names that fit, of those seen in that place.
    fn select(&self, names: &Names, place: Option<Place>) -> Bits {
        let mut found = match self {
            Self::Contains(part) | Self::Begins(part) | Self::Equals(part) => names.containing(part),
            Self::Number { .. } | Self::Between(..) => names.symbols().map(|symbol| symbol.0).collect(),
        };
        let checked = matches!(self, Self::Contains(_));
        found.retain(|symbol| {
            let symbol = Symbol(symbol);
            place.is_none_or(|place| names.is_used(symbol, place)) && (checked || self.fits(names.folded(symbol)))
        });
        found
    }
}

/// The part stands at the beginning of the name or behind something that is no letter and no digit.
fn begins(part: &Finder<'_>, name: &[u8]) -> bool {
    let starts = |at: usize| at == 0 || matches!(name[at - 1], b if b.is_ascii() && !b.is_ascii_alphanumeric());
    part.find_iter(name).any(starts)
}

/// The names that fit one of some probes.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    set: Bits,
    /// How many names there were; younger ones are asked again.
    known: usize,
    probes: Vec<Probe>,
}

impl Chosen {
    /// Of the names seen in that place, or of all.
    pub fn new(probes: Vec<Probe>, names: &Names, place: Option<Place>) -> Self {
        let mut set = Bits::with_len(names.len());
        for probe in &probes {
            set.unite(&probe.select(names, place));
        }
        Self { set, known: names.len(), probes }
    }

    pub fn has(&self, symbol: Symbol, names: &Names) -> bool {
        if (symbol.0 as usize) < self.known {
            return self.set.contains(symbol.0);
        }
        self.probes.iter().any(|probe| probe.fits(names.folded(symbol)))
    }

    /// A name of this place may be among them.
    pub fn may_stand(&self, names: &Names) -> impl Fn(Place) -> bool + use<> {
        let (grown, places) = (names.len() > self.known, names.places(&self.set));
        move |place| grown || places(place)
    }
}
