//! What the lists hold: views, filters, order; and the commands that move in them. Counts are in `counts`.
//!
//! A list is made from the table when its view, filter or order changes, or when the user asks for what is new. In
//! between it stays as it is: rows change their words, never their places.

use crate::app::counts::{self, Followed};
use crate::app::effect::Effects;
use crate::app::layout;
use crate::app::list::List;
use crate::app::model::{Loading, Model};
use crate::app::notice::Notice;
use crate::app::pane::{Column, Pane, View};
use crate::domain::name::TicketId;
use crate::domain::query::{Context, Query};
use crate::domain::sla::Percent;
use crate::domain::summary::Glance;
use crate::domain::table::{Bits, Row, Table, TimeColumn, Trait};
use crate::domain::wake::Signs;
use jiff::Timestamp;

/// Makes the pane's list anew: its view, then its filter, in its order. The cursor stays on its row.
pub fn remake(model: &mut Model) {
    let pinned = model.list().current();
    let Some(view) = current_view(model).map(|view| view.query.clone()) else { return };
    let kind = model.pane.kind();
    let generation = model.table.generation();
    let context = context(model);
    let mut base = view.compile(&model.table, &context).rows(&model.table);
    if let Some(kind) = kind {
        base.retain(|row| model.table.kind(*row) == kind);
    }
    if current_view(model).is_none_or(hides_asleep) {
        base.retain(|row| !is_asleep(model, *row));
    }
    let order = if model.list().sort.is_empty() { view.sort.clone() } else { model.list().sort.clone() };
    crate::domain::query::sort(&model.table, &mut base, &order, model.now);
    let followed = Followed::at(model, &base);
    let list = model.list_mut();
    (list.base, list.made_from, list.fresh, list.narrowed) = (base, Some(generation), 0, None);
    list.followed = followed;
    apply_filter(model);
    let height = layout::of(model).list_height();
    model.list_mut().pin(pinned, height);
    note_move(model);
}

/// Narrows the list to what was typed. What cannot be read yet is left out and said.
pub fn apply_filter(model: &mut Model) {
    let text = model.list().filter.clone();
    if text.trim().is_empty() {
        let list = model.list_mut();
        list.rows.clone_from(&list.base);
        (list.narrowed, list.unread) = (None, None);
        return;
    }
    let partial = match Query::parse_partial(&text) {
        Ok(partial) => partial,
        Err(error) => {
            // What was found before stays, until the text says something again.
            model.list_mut().unread = Some(error.to_string());
            return;
        }
    };
    let context = context(model);
    let list = model.list();
    let narrows = list.narrowed.as_ref().is_some_and(|before| partial.query.narrows(before));
    let candidates = if narrows { &list.rows } else { &list.base };
    let mut rows = partial.query.compile(&model.table, &context).filter(&model.table, candidates);
    if !partial.query.sort.is_empty() {
        crate::domain::query::sort(&model.table, &mut rows, &partial.query.sort, model.now);
    }
    let list = model.list_mut();
    list.unread = partial.unfinished.map(|error| error.to_string());
    (list.rows, list.narrowed) = (rows, Some(partial.query));
}

/// The table has changed: counts what waits to be let in. While the desk is read for the first time the list is made
/// of the first rows, and once more of all of them.
pub fn refresh(model: &mut Model, first_time: bool) {
    let (all, list) = (model.desk.loading == Loading::All, model.list());
    if list.made_from.is_none() || (first_time && (all || list.rows.is_empty())) {
        remake(model);
    } else if all {
        counts::mark_stale(model);
    }
}

/// Lets in what is new if nothing is being read: the cursor stands at the top and nothing lies over the list.
pub fn remake_if_idle(model: &mut Model) {
    if model.overlays.is_empty() && model.marks.is_empty() && model.list().cursor == 0 {
        remake(model);
    } else {
        model.list_mut().made_from = Some(u64::MAX);
        counts::mark_stale(model);
    }
}

/// Put aside by this user and not awake yet.
pub fn is_asleep(model: &Model, row: Row) -> bool {
    if model.snoozed.is_empty() {
        return false;
    }
    let snoozed = model.snoozed.get(&TicketId::new(model.table.id(row)));
    snoozed.is_some_and(|snooze| !snooze.is_awake(&signs(model, row)))
}

/// Whether a view leaves out what is asleep: all do but those that ask for just that.
pub fn hides_asleep(view: &View) -> bool {
    !view.text.contains("snoozed")
}

/// What there is to know of a snoozed ticket now.
pub fn signs(model: &Model, row: Row) -> Signs {
    let heard = model.table.is(row, Trait::AwaitsReply).then_some(model.now);
    Signs { now: model.now, heard, used: used(&model.table.glance(row), &model.table, row, model.now) }
}

/// How much of its nearest target is used, from the row alone: wall clock from opening to due.
fn used(glance: &Glance, table: &Table, row: Row, now: Timestamp) -> Option<Percent> {
    let (due, opened) = (glance.due?, table.time(row, TimeColumn::Opened)?);
    Some(Percent { part: now.as_millisecond() - opened, whole: due - opened })
}

/// Which of these rows have left the view since the list was made.
pub fn departed(model: &Model, rows: &[Row]) -> Vec<Row> {
    let Some(view) = current_view(model) else { return Vec::new() };
    let compiled = view.query.compile(&model.table, &context(model));
    rows.iter().copied().filter(|row| !compiled.matches(&model.table, *row)).collect()
}

pub fn current_view(model: &Model) -> Option<&View> {
    let list = model.list();
    model.settings.views_of(model.pane).nth(list.view).or_else(|| model.settings.views_of(model.pane).next())
}

/// The columns of the list: the user's choice for this view, else the view's own.
pub fn columns(model: &Model) -> Vec<Column> {
    let Some(view) = current_view(model) else { return vec![Column::Sla, Column::Id, Column::Title] };
    let chosen = model.choices.get(&format!("columns/{}/{}", model.pane, view.name));
    match chosen {
        Some(names) => names.split(' ').filter_map(Column::parse).collect(),
        None => with_desk(model, &view.columns),
    }
}

/// The columns that nobody chose, and before them the desk, where there are several.
pub fn with_desk(model: &Model, columns: &[Column]) -> Vec<Column> {
    let mut columns = columns.to_vec();
    if model.homes.are_several() && !columns.contains(&Column::Desk) {
        let id = columns.iter().position(|column| *column == Column::Id).unwrap_or(0);
        columns.insert(id, Column::Desk);
    }
    columns
}

/// What queries need to know besides the table.
pub fn context(model: &Model) -> Context {
    let asleep = model.snoozed.keys().filter_map(|id| model.table.row(id)).filter(|row| is_asleep(model, *row));
    Context {
        now: model.now,
        me: Some(model.me.clone()),
        my_groups: model.homes.groups_of(&model.me),
        zone: model.zone.clone(),
        snoozed: Bits::from_rows(asleep),
    }
}

/// Shows another pane, where it was left.
pub fn show_pane(model: &mut Model, pane: Pane) -> Effects {
    model.pane = pane;
    model.range = None;
    if model.list().made_from != Some(model.table.generation()) {
        remake(model);
    }
    note_move(model);
    Effects::none()
}

/// Shows another view of the pane.
pub fn show_view(model: &mut Model, view: usize) -> Effects {
    let list = model.list_mut();
    *list = List { view, ..List::default() };
    model.range = None;
    remake(model);
    let height = layout::of(model).list_height();
    model.list_mut().go(0, height);
    note_move(model);
    Effects::none()
}

/// Puts the cursor on a row, if the list has one there.
pub fn go(model: &mut Model, to: usize) -> Effects {
    if model.list().rows.is_empty() {
        return model.refuse("The list is empty. `[` and `]` show other views, `/` and Esc change the filter.");
    }
    let before = model.list().cursor;
    let height = layout::of(model).list_height();
    model.list_mut().go(to, height);
    if model.list().cursor == before {
        let edge = if to <= before && before == 0 { "beginning" } else { "end" };
        model.say(Notice::refused(format!("This is the {edge} of the list.")));
    }
    note_move(model);
    Effects::none()
}

/// The cursor moved: the preview follows when it rests.
pub fn note_move(model: &mut Model) {
    model.moved = Some(model.now);
    if model.settled.is_none() {
        model.settled = model.list().current();
    }
}
