//! Which rows are listed, in what order, with which columns.

use super::ticket::remember;
use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::pane::Column;
use crate::app::{choices, layout, lists};
use crate::command::args::Args;
use crate::domain::query::{Query, QueryError, SortKey};

pub(super) fn unfilter(model: &mut Model) -> Effects {
    model.range = None;
    if !model.marks.is_empty() {
        let count = model.marks.len();
        model.marks.clear();
        model.say(Notice::done(format!("{count} marks cleared.")));
    } else if !model.list().filter.is_empty() {
        let pinned = model.list().current();
        model.list_mut().filter.clear();
        lists::apply_filter(model);
        let height = layout::of(model).list_height();
        model.list_mut().pin(pinned, height);
    } else {
        model.say(Notice::refused("There is no filter and no mark to clear. `q` leaves deskside."));
    }
    Effects::none()
}

pub(super) fn next_view(model: &mut Model, by: isize) -> Effects {
    let count = model.settings.views_of(model.pane).count() as isize;
    if count < 2 {
        return model.refuse("This pane has one view only; `deskside config path` shows where to add more.");
    }
    let to = (model.list().view as isize + by).rem_euclid(count) as usize;
    remember(model);
    lists::show_view(model, to)
}

pub(super) fn view(model: &mut Model, args: &Args) -> Effects {
    match choices::view_number(model, args.text("name")) {
        Some(number) => {
            remember(model);
            lists::show_view(model, number)
        }
        None => model.refuse(format!("This pane has no view `{}`.", args.text("name"))),
    }
}

pub(super) fn sort(model: &mut Model, args: &Args) -> Effects {
    match sort_keys(args.text("by")) {
        Ok(keys) => {
            model.list_mut().sort = keys;
            lists::remake(model);
            model.say(Notice::done(format!("Sorted by {}; `S` turns it round.", args.text("by"))));
        }
        Err(error) => model.say(Notice::refused(error.to_string())),
    }
    Effects::none()
}

/// Reads `due`, `-opened,priority`.
pub(super) fn sort_keys(text: &str) -> Result<Vec<SortKey>, QueryError> {
    Query::parse(&format!("sort:{}", if text == "sla" { "due" } else { text })).map(|query| query.sort)
}

pub(super) fn reverse(model: &mut Model, _: &Args) -> Effects {
    if model.list().sort.is_empty() {
        let of_view = lists::current_view(model).map(|view| view.query.sort.clone()).unwrap_or_default();
        model.list_mut().sort = if of_view.is_empty() { sort_keys("due").unwrap_or_default() } else { of_view };
    }
    for key in &mut model.list_mut().sort {
        key.descending = !key.descending;
    }
    lists::remake(model);
    Effects::none()
}

pub(super) fn columns(model: &mut Model, args: &Args) -> Effects {
    let Some(column) = Column::parse(args.text("column")) else {
        return model.refuse(format!("There is no column `{}`; there are {}.", args.text("column"), Column::choices()));
    };
    let mut shown = lists::columns(model);
    match shown.iter().position(|held| *held == column) {
        Some(_) if shown.len() == 1 => return model.refuse("The last column stays."),
        Some(at) => drop(shown.remove(at)),
        // Beside the title: on a narrow screen the last ones go first.
        None => {
            let title = shown.iter().position(|held| *held == Column::Title);
            shown.insert(title.map_or(shown.len(), |at| at + 1), column);
        }
    }
    let now = if shown.contains(&column) { "shown" } else { "gone" };
    model.say(Notice::done(format!("Column {column} is {now}. The same again turns that round.")));
    let Some(view) = lists::current_view(model).map(|view| view.name.clone()) else { return Effects::none() };
    let key = format!("columns/{}/{view}", model.pane);
    let value = shown.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(" ");
    model.choices.insert(key.clone(), value.clone());
    Effects::put(Room::Choice, key, value)
}
