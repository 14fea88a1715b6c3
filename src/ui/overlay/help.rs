//! The help page.

use ratatui::layout::{Position, Rect};

use crate::app::help::Help;
use crate::ui::overlay::ask;
use crate::ui::paint::Canvas;

pub fn draw(canvas: &mut Canvas, help: &Help, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let title = format!("Help {} {} commands", theme.glyphs.dash, help.rows.len());
    let inside = canvas.frame(body, false, theme.head, &title, "type to find, esc closes");
    canvas.put(inside.x, inside.y, 6, "find: ", theme.dim);
    let cursor = ask::one_line(canvas, &help.text, inside.x + 6, inside.y, inside.width.saturating_sub(6));
    for (at, row) in help.rows.iter().skip(help.top).take(inside.height.saturating_sub(1) as usize).enumerate() {
        let y = inside.y + 1 + at as u16;
        let (key, text) = if row.why.is_none() { (theme.accent, theme.plain) } else { (theme.dim, theme.dim) };
        canvas.put(inside.x, y, 8, row.scope.as_str(), theme.dim);
        canvas.put(inside.x + 9, y, 16, &row.keys, key);
        canvas.put(inside.x + 26, y, 16, row.id, text);
        let doc = row.why.as_deref().unwrap_or(row.doc);
        canvas.put(inside.x + 43, y, inside.width.saturating_sub(43), doc, text);
    }
    Some(cursor)
}
