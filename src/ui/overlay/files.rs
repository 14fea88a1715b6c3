//! The files of a ticket, and articles that were found.

use ratatui::layout::{Position, Rect};

use crate::app::files::{Files, Knowledge};
use crate::app::model::Model;
use crate::text::wrap;
use crate::ui::cells;
use crate::ui::paint::Canvas;

pub fn draw(canvas: &mut Canvas, model: &Model, files: &Files, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let title = format!("Files {} {}", theme.glyphs.dash, files.ticket);
    let inside = canvas.frame(body, false, theme.head, &title, "enter saves, a adds, esc closes");
    let Some(list) = &files.list else {
        canvas.put(inside.x, inside.y, inside.width, "The desk is asked.", theme.dim);
        return None;
    };
    if list.is_empty() {
        canvas.put(inside.x, inside.y, inside.width, "There are no files on it.", theme.dim);
    }
    let top = files.cursor.saturating_sub(inside.height.saturating_sub(1) as usize);
    for ((at, file), y) in list.iter().enumerate().skip(top).zip(inside.y..inside.bottom()) {
        let sign = if at == files.cursor { theme.glyphs.cursor } else { " " };
        let size = file.size.map(bytes).unwrap_or_default();
        let when = file.at.map(|at| cells::moment(at.as_millisecond(), model)).unwrap_or_default();
        let about = format!("{size:>9}  {when}  {}", model.display(&file.by));
        canvas.put(inside.x, y, 1, sign, theme.accent);
        canvas.put(inside.x + 2, y, inside.width / 2, &file.name, theme.plain);
        let x = inside.x + 3 + inside.width / 2;
        canvas.put(x, y, inside.right().saturating_sub(x), &about, theme.dim);
    }
    None
}

fn bytes(size: u64) -> String {
    match size {
        0..10_000 => format!("{size} B"),
        10_000..10_000_000 => format!("{} kB", size / 1_000),
        _ => format!("{} MB", size / 1_000_000),
    }
}

pub fn knowledge(canvas: &mut Canvas, knowledge: &Knowledge, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let title = format!("Knowledge {} {}", theme.glyphs.dash, knowledge.words);
    let inside = canvas.frame(body, false, theme.head, &title, "j and k choose, esc closes");
    let Some(found) = &knowledge.found else {
        canvas.put(inside.x, inside.y, inside.width, "The desk is asked.", theme.dim);
        return None;
    };
    if found.is_empty() {
        canvas.put(inside.x, inside.y, inside.width, "Nothing was found.", theme.dim);
    }
    let high = (inside.height / 3).max(1);
    let top = knowledge.cursor.saturating_sub(high.saturating_sub(1) as usize);
    for ((at, article), y) in found.iter().enumerate().skip(top).zip(inside.y..inside.y + high) {
        let sign = if at == knowledge.cursor { theme.glyphs.cursor } else { " " };
        canvas.put(inside.x, y, 1, sign, theme.accent);
        canvas.put(inside.x + 2, y, 12, &article.name, theme.strong);
        canvas.put(inside.x + 15, y, inside.width.saturating_sub(15), &article.title, theme.plain);
    }
    if let Some(article) = found.get(knowledge.cursor) {
        for (line, y) in wrap(&article.text, inside.width as usize).iter().zip(inside.y + high + 1..inside.bottom()) {
            canvas.put(inside.x, y, inside.width, line, theme.plain);
        }
    }
    None
}
