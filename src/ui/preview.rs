//! The preview under the list: the ticket on which the cursor rests.

use ratatui::layout::Rect;

use crate::app::model::Model;
use crate::domain::table::Row;
use crate::ui::paint::Canvas;
use crate::ui::{lines, ticket};

pub fn draw(canvas: &mut Canvas, model: &Model, area: Rect) {
    let theme = canvas.theme;
    match model.settled.filter(|row| model.table.contains(*row)) {
        Some(row) => of(canvas, model, row, area),
        None => canvas.rule(area, area.y, theme.glyphs.rule, theme.dim, ""),
    }
}

/// One ticket in short.
pub fn of(canvas: &mut Canvas, model: &Model, row: Row, area: Rect) {
    let theme = canvas.theme;
    canvas.rule(area, area.y, theme.glyphs.rule, theme.dim, &title(model, row));
    let lines = ticket::summary_lines(model, row, area.width.saturating_sub(2));
    let room = area.height.saturating_sub(1) as usize;
    for (at, line) in lines.iter().take(room).enumerate() {
        lines::draw_line(canvas, line, area.x + 1, area.y + 1 + at as u16, area.width.saturating_sub(2));
    }
}

fn title(model: &Model, row: Row) -> String {
    format!("{} {}", model.table.id(row), ticket::standing(model, row))
}
