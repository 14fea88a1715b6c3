//! A mapping laid on a file: each column of the mapping knows from which cells of a row it takes its value.

use std::borrow::Cow;

use crate::config::fault::Faults;
use crate::domain::change::LinkKind;
use crate::domain::field::Field;
use crate::import::mapping::column::{Column, Other, Ref};
use crate::import::mapping::{Mapping, States, Times};
use crate::import::row::Row;

/// What a file says of its columns.
#[derive(Debug, Clone)]
pub enum Header {
    /// They have names.
    Named(Vec<String>),
    /// There are so many.
    Counted(usize),
    /// Any row may bring others: event logs in XES.
    Open,
}

/// A mapping ready to be used on rows.
#[derive(Debug)]
pub struct Plan<'m> {
    pub mapping: &'m Mapping,
    /// What the reader puts into each slot of a row: with a header, the places of columns counted from 1.
    pub slots: Vec<Ref>,
    pub times: Times,
    pub id: Cell<'m>,
    pub kind_by: Option<Cell<'m>>,
    pub order: Vec<Cell<'m>>,
    pub at: Option<Cell<'m>>,
    pub opened: Option<Cell<'m>>,
    pub responded: Option<Cell<'m>>,
    pub resolved: Option<Cell<'m>>,
    pub closed: Option<Cell<'m>>,
    pub state: Option<(&'m States, Cell<'m>)>,
    pub actor: Option<Cell<'m>>,
    pub opener: Option<Cell<'m>>,
    pub owner: Option<Cell<'m>>,
    pub priority: Option<Cell<'m>>,
    pub reopens: Option<Cell<'m>>,
    pub reassignments: Option<Cell<'m>>,
    pub fields: Vec<(&'m Field, Cell<'m>)>,
    pub links: Vec<(LinkKind, Cell<'m>)>,
}

/// One column of the mapping and its cells.
#[derive(Debug)]
pub struct Cell<'m> {
    pub column: &'m Column,
    /// As the mapping calls it, for messages: `fields.impact`.
    pub key: String,
    slots: Vec<usize>,
    missing: &'m [String],
}

impl<'m> Plan<'m> {
    /// Faults name every column of the mapping that the file does not have.
    pub fn new(mapping: &'m Mapping, header: &Header) -> Result<Self, Faults> {
        let mut laying = Laying { mapping, header, slots: Vec::new(), faults: Faults::default() };
        let log = &mapping.log;
        let times = Times { zone: log.time.zone.0.clone(), formats: log.time.formats.clone() };
        let mut lay = |key: String, column: &'m Column| laying.lay(key, column);
        let mut maybe = |key: &str, column: &'m Option<Column>| column.as_ref().map(|column| lay(key.into(), column));
        let kind_by = maybe("case.kind_by", &log.case.kind_by);
        let (at, opened) = (maybe("times.at", &log.times.at), maybe("times.opened", &log.times.opened));
        let responded = maybe("times.responded", &log.times.responded);
        let (resolved, closed) =
            (maybe("times.resolved", &log.times.resolved), maybe("times.closed", &log.times.closed));
        let (actor, opener) = (maybe("people.actor", &log.people.actor), maybe("people.opener", &log.people.opener));
        let owner = maybe("people.owner", &log.people.owner);
        let priority = maybe("figures.priority", &log.figures.priority);
        let reopens = maybe("figures.reopens", &log.figures.reopens);
        let reassignments = maybe("figures.reassignments", &log.figures.reassignments);
        let id = lay("case.id".into(), &log.case.id);
        let order = log.case.order.iter().map(|column| lay("case.order".into(), column)).collect();
        let state = log.state.as_ref().map(|state| (state, lay("state.column".into(), &state.column)));
        let field = |(field, column): (&'m Field, &'m Column)| (field, lay(format!("fields.{}", field.name()), column));
        let fields = log.fields.iter().map(field).collect();
        let links = log.links.iter().map(|(how, column)| (*how, laying.lay(format!("links.{how}"), column))).collect();
        let Laying { slots, faults, .. } = laying;
        faults.or(Self {
            mapping,
            slots,
            times,
            id,
            kind_by,
            order,
            at,
            opened,
            responded,
            resolved,
            closed,
            state,
            actor,
            opener,
            owner,
            priority,
            reopens,
            reassignments,
            fields,
            links,
        })
    }
}

struct Laying<'m, 'h> {
    mapping: &'m Mapping,
    header: &'h Header,
    slots: Vec<Ref>,
    faults: Faults,
}

impl<'m> Laying<'m, '_> {
    fn lay(&mut self, key: String, column: &'m Column) -> Cell<'m> {
        let mut slots = Vec::new();
        for wanted in &column.from {
            match place(self.header, wanted) {
                Some(found) => slots.push(self.slot(found)),
                None => {
                    let say = format!("the file has no column `{wanted}`; {}.", self.known());
                    self.faults.push(self.mapping.fault(column, &key, &say));
                }
            }
        }
        Cell { column, key, slots, missing: &self.mapping.log.file.missing }
    }

    fn slot(&mut self, found: Ref) -> usize {
        self.slots.iter().position(|held| *held == found).unwrap_or_else(|| {
            self.slots.push(found);
            self.slots.len() - 1
        })
    }

    fn known(&self) -> String {
        match self.header {
            Header::Named(names) => format!("it has {}", names.join(", ")),
            Header::Counted(count) => format!("its columns are 1 to {count}"),
            Header::Open => "event logs name their columns by the keys of their attributes".into(),
        }
    }
}

fn place(header: &Header, wanted: &Ref) -> Option<Ref> {
    match (header, wanted) {
        (_, Ref::Row) => Some(Ref::Row),
        (Header::Open, Ref::Name(_)) => Some(wanted.clone()),
        (Header::Named(names), Ref::Name(name)) => named(names, name).map(|at| Ref::Place(at + 1)),
        (Header::Named(names), Ref::Place(at)) => (*at <= names.len()).then_some(Ref::Place(*at)),
        (Header::Counted(count), Ref::Place(at)) => (at <= count).then_some(Ref::Place(*at)),
        (Header::Open, Ref::Place(_)) | (Header::Counted(_), Ref::Name(_)) => None,
    }
}

/// The column of that header; `name#2` is the second of that name, unless a header is spelt just so.
fn named(names: &[String], wanted: &str) -> Option<usize> {
    let mut exact = names.iter().enumerate().filter(|(_, name)| *name == wanted);
    if let Some((at, _)) = exact.next() {
        return Some(at);
    }
    let (base, nth) = wanted.rsplit_once('#')?;
    let nth: usize = nth.parse().ok()?;
    let mut same = names.iter().enumerate().filter(|(_, name)| *name == base);
    same.nth(nth.checked_sub(1)?).map(|(at, _)| at)
}

impl Cell<'_> {
    /// Whether both rows hold the same here.
    pub fn same(&self, a: &Row, b: &Row) -> bool {
        self.slots.iter().all(|slot| a.get(*slot) == b.get(*slot))
    }

    /// The text of the value: parts put together, looked up, with its prefix. None where it is missing; an error is
    /// the reason why the row cannot be used.
    pub fn text<'r>(&self, row: &'r Row) -> Result<Option<Cow<'r, str>>, String> {
        let Some(made) = self.made(row, self.column.text.as_deref()) else { return Ok(None) };
        let found = match self.column.values.get(&*made) {
            Some(value) => Cow::Owned(value.clone()),
            None if self.column.values.is_empty() => made,
            None => match self.column.other {
                Other::Keep => made,
                Other::Missing => return Ok(None),
                Other::Report => {
                    let known: Vec<&str> = self.column.values.keys().map(String::as_str).collect();
                    return Err(format!("{}: `{made}` is none of: {}", self.key, known.join(", ")));
                }
            },
        };
        if self.column.prefix.is_empty() {
            return Ok(Some(found));
        }
        Ok(Some(Cow::Owned(format!("{}{found}", self.column.prefix))))
    }

    /// The parts themselves, for names of people as they are shown.
    pub fn display(&self, row: &Row) -> Option<String> {
        self.column.display.as_deref().and_then(|text| self.made(row, Some(text))).map(Cow::into_owned)
    }

    fn made<'r>(&self, row: &'r Row, text: Option<&str>) -> Option<Cow<'r, str>> {
        if let Some(text) = text {
            return self.fill(row, text).map(Cow::Owned);
        }
        let mut parts = self.slots.iter().filter_map(|slot| self.part(row, *slot));
        let first = parts.next()?;
        let mut made = Cow::Borrowed(first);
        for part in parts {
            let made = made.to_mut();
            made.push_str(&self.column.join);
            made.push_str(part);
        }
        Some(made)
    }

    /// A text with `{1}`, `{2}` for the parts. Missing when all parts are; a fixed text never is.
    fn fill(&self, row: &Row, text: &str) -> Option<String> {
        if !self.slots.is_empty() && self.slots.iter().all(|slot| self.part(row, *slot).is_none()) {
            return None;
        }
        let mut made = text.to_owned();
        for (at, slot) in self.slots.iter().enumerate() {
            made = made.replace(&format!("{{{}}}", at + 1), self.part(row, *slot).unwrap_or("-"));
        }
        Some(made)
    }

    fn part<'r>(&self, row: &'r Row, slot: usize) -> Option<&'r str> {
        let raw = row.get(slot);
        (!raw.is_empty() && !self.missing.iter().any(|mark| mark == raw)).then_some(raw)
    }
}
