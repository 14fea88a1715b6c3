//! The help page.

use ratatui::layout::{Position, Rect};

use crate::app::help::Help;
use crate::text::wrap;
use crate::ui::overlay::ask;
use crate::ui::paint::Canvas;

pub fn draw(canvas: &mut Canvas, help: &Help, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let title = format!("Help {} {} commands", theme.glyphs.dash, help.rows.len());
    let inside = canvas.frame(body, false, theme.head, &title, "type to find, esc closes");
    canvas.put(inside.x, inside.y, 6, "find: ", theme.dim);
    let cursor = ask::one_line(canvas, &help.text, inside.x + 6, inside.y, inside.width.saturating_sub(6));
    let mut y = inside.y + 1;
    for row in help.rows.iter().skip(help.top) {
        if y >= inside.bottom() {
            break;
        }
        let (key, text) = if row.why.is_none() { (theme.accent, theme.plain) } else { (theme.dim, theme.dim) };
        canvas.put(inside.x, y, 8, row.scope.as_str(), theme.dim);
        canvas.put(inside.x + 9, y, 16, &row.keys, key);
        canvas.put(inside.x + 26, y, 16, row.id, text);
        let doc = row.why.as_ref().map_or_else(|| row.doc.to_owned(), |why| format!("{} {why}", row.doc));
        let room = inside.width.saturating_sub(43);
        let lines = wrap(&doc, room as usize);
        for (line, y) in lines.iter().zip(y..inside.bottom()) {
            canvas.put(inside.x + 43, y, room, line, text);
        }
        y += u16::try_from(lines.len()).unwrap_or(1).max(1);
    }
    Some(cursor)
}
