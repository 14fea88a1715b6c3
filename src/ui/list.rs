//! The table of tickets.

use ratatui::style::{Modifier, Style};

use crate::app::layout::Layout;
use crate::app::lists;
use crate::app::model::{Loading, Model};
use crate::app::pane::Column;
use crate::domain::table::{Row, Trait};
use crate::text::{width, wrap};
use crate::ui::cells::{self, Heat};
use crate::ui::paint::Canvas;

/// Where a column begins and how wide it is.
type Slot = (Column, u16, u16);

/// Cursor, mark and sign come before the first column.
const LEAD: u16 = 5;

pub fn draw(canvas: &mut Canvas, model: &Model, layout: &Layout) {
    let slots = slots(model, layout.width - layout.side);
    let theme = canvas.theme;
    let order = order(model);
    for (column, x, width) in &slots {
        let sorted = order.filter(|(by, _)| by == column).map_or("", |(_, down)| theme.glyphs.order[usize::from(down)]);
        let head = cells::head(*column).0;
        let sorted = if head.len() < *width as usize { sorted } else { "" };
        canvas.put(*x, 2, *width, &format!("{head}{sorted}"), theme.head);
    }
    let list = model.list();
    if list.rows.is_empty() {
        empty(canvas, model, layout);
        return;
    }
    let left = left_view(model);
    for (at, row) in list.visible(layout.list_height()).iter().enumerate() {
        let y = layout.head + u16::try_from(at).unwrap_or(u16::MAX);
        draw_row(canvas, model, *row, y, &slots, list.top + at == list.cursor, left.contains(row));
    }
}

/// The column by which the list is in order, and whether the greatest comes first.
fn order(model: &Model) -> Option<(Column, bool)> {
    let own = model.list().sort.first();
    let by = own.or_else(|| lists::current_view(model)?.query.sort.first());
    let Some(by) = by else { return Some((Column::Sla, false)) };
    let name = by.to_string();
    let name = name.trim_start_matches('-');
    let column = if name == "due" { Some(Column::Sla) } else { Column::parse(name) };
    column.map(|column| (column, by.descending))
}

/// The rows on the screen that have left their view since the list was made.
fn left_view(model: &Model) -> Vec<Row> {
    let list = model.list();
    let height = crate::app::layout::of(model).list_height();
    lists::departed(model, list.visible(height))
}

fn draw_row(canvas: &mut Canvas, model: &Model, row: Row, y: u16, slots: &[Slot], here: bool, gone: bool) {
    let theme = canvas.theme;
    let g = theme.glyphs;
    let heat = cells::heat(&model.table.glance(row), model.now);
    let (sign, hot) = cells::sign(heat, &theme);
    if here {
        canvas.put(0, y, 1, g.cursor, theme.accent);
    }
    if model.marks.contains(&row) {
        canvas.put(1, y, 1, g.mark, theme.accent);
    }
    canvas.put(3, y, 1, sign, hot);
    let base = if gone { theme.dim.add_modifier(Modifier::CROSSED_OUT) } else { theme.plain };
    for (column, x, width) in slots {
        let text = match column {
            // The desk stands in a column of its own.
            Column::Id if slots.iter().any(|(column, ..)| *column == Column::Desk) => {
                model.table.own_id(row).to_owned()
            }
            column => cells::text(model, row, *column),
        };
        let style = match column {
            Column::Review if text.starts_with('-') => theme.bad,
            Column::Sla if matches!(heat, Heat::Breached | Heat::Risk) => hot,
            Column::Id if model.pending.has(model.table.id(row)) => theme.warn,
            Column::Title => title_style(model, row, base),
            Column::Owner if text == "-" => theme.warn,
            _ => base,
        };
        canvas.put(*x, y, *width, &text, style);
    }
}

/// The caller waits for an answer: the title stands out.
fn title_style(model: &Model, row: Row, base: Style) -> Style {
    if model.table.is(row, Trait::AwaitsReply) { base.add_modifier(Modifier::BOLD) } else { base }
}

/// Lays the columns out; the title takes what the others leave, and the last ones go when there is no room.
fn slots(model: &Model, wide: u16) -> Vec<Slot> {
    const TITLE: u16 = 28;
    let mut columns = lists::columns(model);
    let (id, desk) = (id_width(model, is_apart(&columns)), desk_width(model, wide < 100));
    let width_of = |column: Column| match column {
        Column::Title => TITLE,
        Column::Id => id,
        Column::Desk => desk,
        // Names are known by their beginnings; on a narrow screen the title needs the room.
        _ if wide < 100 => cells::head(column).1.min(9),
        _ => cells::head(column).1,
    };
    let fixed = |columns: &[Column]| columns.iter().map(|column| width_of(*column) + 1).sum::<u16>();
    while columns.len() > 1 && fixed(&columns) + LEAD > wide {
        match columns.iter().rposition(|c| *c != Column::Title) {
            Some(at) => drop(columns.remove(at)),
            None => break,
        }
    }
    let spare = wide.saturating_sub(LEAD + fixed(&columns));
    let mut x = LEAD;
    columns
        .into_iter()
        .map(|column| {
            let width = if column == Column::Title { TITLE + spare } else { width_of(column) };
            let slot = (column, x, width);
            x += width + 1;
            slot
        })
        .collect()
}

/// The desk has a column of its own: the identifier is shown as that desk has it.
fn is_apart(columns: &[Column]) -> bool {
    columns.contains(&Column::Desk)
}

/// As wide as the names of the desks; on a narrow screen as wide as it takes to tell them apart.
fn desk_width(model: &Model, narrow: bool) -> u16 {
    let names: Vec<&str> = model.homes.profiles().map(|name| &**name).collect();
    let longest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    // In the order of their names, those that begin alike stand side by side.
    let pairs = names.iter().zip(names.iter().skip(1));
    let alike = pairs.map(|(a, b)| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()).max().unwrap_or(0);
    let wanted = if narrow { longest.min((alike + 2).max(4)) } else { longest };
    u16::try_from(wanted).unwrap_or(4).clamp(4, 12)
}

/// As wide as the identifiers on the screen.
fn id_width(model: &Model, apart: bool) -> u16 {
    let height = crate::app::layout::of(model).list_height();
    let wide = |row: &Row| if apart { model.table.own_id(*row).len() } else { model.table.id(*row).len() };
    let longest = model.list().visible(height).iter().map(wide).max().unwrap_or(0);
    if apart {
        return u16::try_from(longest).unwrap_or(8).clamp(4, 16);
    }
    u16::try_from(longest).unwrap_or(8).clamp(8, 16)
}

fn empty(canvas: &mut Canvas, model: &Model, layout: &Layout) {
    let theme = canvas.theme;
    let list = model.list();
    let kind = model.pane.kind();
    let all = model.table.iter().filter(|row| kind.is_none_or(|kind| model.table.kind(*row) == kind)).count();
    let view = lists::current_view(model).map_or("", |view| view.name.as_str());
    let reading = model.desk.loading != Loading::All || model.desk.filling;
    let text = match (reading && all == 0, list.filter.is_empty(), list.base.is_empty()) {
        (true, ..) => "Reading the desk.".to_owned(),
        (_, false, false) => format!("None of {} fits the filter. `esc` clears it, `/` changes it.", list.base.len()),
        _ if all == 0 => {
            "There is none of this kind on the desk. `tab` shows another pane, `N` registers a ticket.".into()
        }
        _ => {
            let held =
                if all == 1 { "does not hold the one ticket" } else { &format!("holds none of the {all} tickets") };
            format!(
                "The view `{view}` {held}. `[` and `]` show other views, `tab` another pane, `N` registers a ticket."
            )
        }
    };
    let room = (layout.width - layout.side).saturating_sub(2 * LEAD);
    for (line, y) in wrap(&text, room as usize).iter().zip(layout.head + 1..layout.head + layout.list) {
        canvas.put(LEAD, y, room, line, theme.dim);
    }
}
