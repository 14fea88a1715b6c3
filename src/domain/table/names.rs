//! [`Names`]: each name once, known by a symbol. What asks for a name asks a symbol, and a name that contains a word is
//! looked for once a name, not once a row.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use memchr::memmem::Finder;

use super::bits::Bits;
use super::columns::NameColumn;
use super::fold::fold_into;
use crate::domain::name::Name;

/// A name by its number. Symbols of one table mean nothing in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub u32);

/// Where a name can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Column(NameColumn),
    CustomName,
    CustomValue,
}

impl Place {
    const fn bit(self) -> u16 {
        match self {
            Self::Column(column) => 1 << column as u16,
            Self::CustomName => 1 << 14,
            Self::CustomValue => 1 << 15,
        }
    }
}

/// The names of a table. They are kept as long as it lives.
#[derive(Debug, Clone, Default)]
pub struct Names {
    list: Vec<Name>,
    /// All names in lower case, each before a newline, which no name contains.
    folded: Vec<u8>,
    /// Where each begins in `folded`.
    starts: Vec<u32>,
    /// In which columns each was ever seen: a bit each.
    uses: Vec<u16>,
    by_text: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Names {
    /// The symbol of the name, which is new where nobody used it before.
    pub(super) fn intern(&mut self, name: &Name, place: Place) -> Symbol {
        let hash = self.hasher.hash_one(name.as_str());
        if let Some(found) = self.by_text.find(hash, |at| self.list[*at as usize] == *name) {
            self.uses[*found as usize] |= place.bit();
            return Symbol(*found);
        }
        let (Ok(number), Ok(start)) = (u32::try_from(self.list.len()), u32::try_from(self.folded.len())) else {
            return Symbol(0);
        };
        self.list.push(name.clone());
        self.starts.push(start);
        self.uses.push(place.bit());
        fold_into(name, &mut self.folded);
        self.folded.push(b'\n');
        let (list, hasher) = (&self.list, &self.hasher);
        self.by_text.insert_unique(hash, number, |at| hasher.hash_one(list[*at as usize].as_str()));
        Symbol(number)
    }

    /// The symbol of exactly this name.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        let hash = self.hasher.hash_one(text);
        self.by_text.find(hash, |at| self.list[*at as usize].as_str() == text).map(|at| Symbol(*at))
    }

    pub fn name(&self, symbol: Symbol) -> &Name {
        &self.list[symbol.0 as usize]
    }

    /// The name in lower case.
    pub fn folded(&self, symbol: Symbol) -> &[u8] {
        let at = symbol.0 as usize;
        let end = self.starts.get(at + 1).map_or(self.folded.len(), |next| *next as usize);
        &self.folded[self.starts[at] as usize..end - 1]
    }

    /// The name was seen in this place; perhaps it no longer is.
    pub fn is_used(&self, symbol: Symbol, place: Place) -> bool {
        self.uses[symbol.0 as usize] & place.bit() != 0
    }

    /// All places in which one of these names was seen.
    pub fn places(&self, symbols: &Bits) -> impl Fn(Place) -> bool + use<> {
        let all = symbols.iter().filter_map(|at| self.uses.get(at as usize)).fold(0, |all, uses| all | uses);
        move |place| all & place.bit() != 0
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn symbols(&self) -> impl Iterator<Item = Symbol> {
        (0..).take(self.list.len()).map(Symbol)
    }

    /// The symbols of the names that contain this, in lower case.
    pub fn containing(&self, word: &Finder<'_>) -> Bits {
        let mut found = Bits::with_len(self.len());
        // The empty word is found even in nothing.
        if self.is_empty() {
            return found;
        }
        let (mut from, mut number) = (0, 0);
        while let Some(hit) = word.find(&self.folded[from..]) {
            let hit = from + hit;
            number += self.starts[number..].partition_point(|start| *start as usize <= hit).max(1) - 1;
            found.insert(u32::try_from(number).unwrap_or(u32::MAX));
            number += 1;
            let Some(next) = self.starts.get(number) else { break };
            from = *next as usize;
        }
        found
    }

    pub fn bytes(&self) -> usize {
        let texts: usize = self.list.iter().map(|name| name.len() + 16).sum();
        texts
            + self.list.capacity() * 16
            + self.folded.capacity()
            + self.starts.capacity() * 6
            + self.by_text.capacity() * 6
    }
}
