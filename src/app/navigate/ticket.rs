//! Into a ticket, along its links, through its text, and out again.

use super::counted;
use crate::app::effect::{Effect, Effects};
use crate::app::list::List;
use crate::app::model::{Model, Place};
use crate::app::notice::Notice;
use crate::app::{detail, layout, lists};
use crate::command::args::Args;
use crate::domain::name::TicketId;
use crate::domain::table::Row;
use crate::text::Clean;

pub(super) fn open(model: &mut Model) -> Effects {
    match model.list().current() {
        Some(row) => {
            let id = TicketId::new(model.table.id(row));
            detail::open(model, &id)
        }
        None => model.refuse("There is no ticket to open. `[` and `]` show other views, `N` registers one."),
    }
}

pub(super) fn show(model: &mut Model, args: &Args) -> Effects {
    detail::open(model, &TicketId::new(args.text("id")))
}

pub(super) fn wander(model: &mut Model, by: isize) -> Effects {
    let here = detail::here(model);
    let (from, onto) = if by < 0 {
        (&mut model.trail.back, &mut model.trail.forth)
    } else {
        (&mut model.trail.forth, &mut model.trail.back)
    };
    match from.pop() {
        Some(place) => {
            onto.push(here);
            go_to(model, place)
        }
        None => model.refuse(if by < 0 { "You have not been anywhere before." } else { "There is nowhere further." }),
    }
}

pub(super) fn go_to(model: &mut Model, place: Place) -> Effects {
    model.pane = place.pane;
    if model.list().view != place.view || model.list().made_from.is_none() {
        *model.list_mut() = List { view: place.view, ..List::default() };
        lists::remake(model);
    }
    if model.list().filter != place.filter {
        model.list_mut().filter = place.filter;
        lists::apply_filter(model);
        let height = layout::of(model).list_height();
        model.list_mut().go(0, height);
    }
    lists::note_move(model);
    match place.ticket {
        Some(id) => detail::show(model, &id),
        None if model.detail.is_some() => detail::close(model),
        None => Effects::none(),
    }
}

/// Puts the present place on the trail.
pub(super) fn remember(model: &mut Model) {
    const DEPTH: usize = 50;
    let here = detail::here(model);
    model.trail.back.push(here);
    model.trail.forth.clear();
    if model.trail.back.len() > DEPTH {
        model.trail.back.remove(0);
    }
}

pub(super) fn read(model: &mut Model, by: isize) -> Effects {
    let by = by * counted(model);
    detail::scroll(model, by)
}

pub(super) fn read_page(model: &mut Model, by: isize) -> Effects {
    let page = layout::of(model).page() as isize;
    detail::scroll(model, by * (page - 1).max(1))
}

pub(super) fn copy(model: &mut Model) -> Effects {
    let line = |row: &Row| Clean::line(&format!("{} {}", model.table.id(*row), model.table.title(*row))).to_string();
    let lines: Vec<String> = model.targets().iter().map(line).collect();
    let said = match lines.as_slice() {
        [] => return model.refuse("There is no ticket to copy from."),
        [one] => format!("Copied: {one}"),
        many => format!("Copied the ids and titles of {} tickets.", many.len()),
    };
    model.say(Notice::done(said));
    Effect::Copy(Clean::body(&lines.join("\n"))).into()
}
