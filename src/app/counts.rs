//! How many tickets stand in the first view of each pane, and how many wait to be let into the list on the screen.
//!
//! Asked of the whole table once a minute at most, because views speak of time; in between only of the rows that were
//! written, so that a key that writes one ticket costs one ticket.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::lists::{context, current_view, hides_asleep, is_asleep};
use crate::app::model::{Loading, Model};
use crate::app::pane::{Pane, View};
use crate::app::problems::known;
use crate::domain::query::Compiled;
use crate::domain::table::{Bits, Row};

/// Tickets per pane.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    pub of: BTreeMap<Pane, usize>,
    /// Most panes begin with the same view: it is asked once.
    views: Vec<(String, Followed)>,
    made_from: Option<u64>,
}

impl Counts {
    /// Something else than the table changed what there is to count.
    pub fn forget(&mut self) {
        *self = Self { of: std::mem::take(&mut self.of), ..Self::default() };
    }
}

/// The rows that some view holds, as of a state of the table and a minute.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    rows: Bits,
    made: Option<(u64, i64)>,
}

impl Followed {
    pub const NONE: Self = Self { rows: Bits::NONE, made: None };

    /// These rows are what the view holds now.
    pub fn at(model: &Model, rows: &[Row]) -> Self {
        let made = Some((model.table.generation(), minute(model.now)));
        Self { rows: Bits::from_rows(rows.iter().copied()), made }
    }

    /// Brings the rows up to date.
    fn follow(&mut self, model: &Model, view: &View, compiled: &Compiled) {
        let table = &model.table;
        let asleep = |row: Row| hides_asleep(view) && is_asleep(model, row);
        let since = self.made.filter(|(_, made_in)| *made_in == minute(model.now)).map(|(generation, _)| generation);
        match since.and_then(|generation| table.written_since(generation)) {
            Some(written) => {
                for row in written {
                    if compiled.matches(table, *row) && !asleep(*row) {
                        self.rows.insert(row.0);
                    } else {
                        self.rows.remove(row.0);
                    }
                }
            }
            None => {
                self.rows = compiled.bits(table);
                if !model.snoozed.is_empty() {
                    self.rows.retain(|row| !asleep(Row(row)));
                }
            }
        }
        self.made = Some((table.generation(), minute(model.now)));
    }
}

fn minute(now: Timestamp) -> i64 {
    now.as_second().div_euclid(60)
}

/// Counts the rows that match the view and are not in the list.
pub fn mark_stale(model: &mut Model) {
    let generation = model.table.generation();
    if model.list().made_from == Some(generation) {
        return;
    }
    let mut followed = model.list().followed.clone();
    if model.list().made_from == Some(u64::MAX) {
        followed.made = None;
    }
    let Some(view) = current_view(model) else { return };
    followed.follow(model, view, &view.query.compile(&model.table, &context(model)));
    let kind = model.pane.kind();
    let mut fresh = followed.rows.clone();
    fresh.subtract(&Bits::from_rows(model.list().base.iter().copied()));
    let fresh = fresh.iter().filter(|row| kind.is_none_or(|kind| model.table.kind(Row(*row)) == kind)).count();
    let list = model.list_mut();
    (list.fresh, list.followed, list.made_from) = (fresh, followed, Some(generation));
}

/// Counts the tickets of each pane's first view, once per state of the table.
pub fn count(model: &mut Model) {
    if model.counts.made_from == Some(model.table.generation()) || model.desk.loading != Loading::All {
        return;
    }
    known::gather(model);
    let context = context(model);
    let mut held = std::mem::take(&mut model.counts);
    let mut views: Vec<(String, Followed)> = Vec::new();
    for pane in Pane::ALL {
        let Some(view) = model.settings.views_of(*pane).next() else { continue };
        let at = views.iter().position(|(text, _)| *text == view.text).unwrap_or_else(|| {
            let before = held.views.iter_mut().find(|(text, _)| *text == view.text);
            let mut followed = before.map(|(_, followed)| std::mem::take(followed)).unwrap_or_default();
            followed.follow(model, view, &view.query.compile(&model.table, &context));
            views.push((view.text.clone(), followed));
            views.len() - 1
        });
        let rows = views.get(at).into_iter().flat_map(|(_, followed)| followed.rows.iter());
        let of_kind = rows.filter(|row| pane.kind().is_none_or(|kind| model.table.kind(Row(*row)) == kind));
        held.of.insert(*pane, of_kind.count());
    }
    (held.views, held.made_from) = (views, Some(model.table.generation()));
    model.counts = held;
}
