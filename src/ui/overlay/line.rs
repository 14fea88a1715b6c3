//! The line at the foot, and its candidates above it.

use ratatui::layout::{Position, Rect};

use crate::app::line::{Line, Purpose};
use crate::ui::overlay::ask;
use crate::ui::paint::Canvas;

pub fn draw(canvas: &mut Canvas, line: &Line, notice: u16) -> Option<Position> {
    let area = canvas.buf.area;
    let y = area.bottom().saturating_sub(1);
    let theme = canvas.theme;
    let sign = match line.purpose {
        Purpose::Command => ":",
        Purpose::Filter => "/",
        Purpose::Jump => "go to ",
    };
    canvas.clear(Rect::new(0, y, area.width, 1));
    let x = 1 + canvas.put(1, y, 8, sign, theme.accent);
    let shown = u16::try_from(line.found.fits.len()).unwrap_or(u16::MAX).min(10);
    if shown > 0 {
        // What was just said stays between the candidates and the line.
        let place = Rect::new(0, y.saturating_sub(shown + 1 + notice), area.width, shown + 1);
        canvas.clear(place);
        canvas.rule(place, place.y, theme.glyphs.rule, theme.dim, "");
        let list = Rect::new(0, place.y + 1, area.width, shown);
        ask::candidates(canvas, &line.found, line.cursor, list, false);
    }
    Some(ask::one_line(canvas, &line.text, x, y, area.width.saturating_sub(x + 1)))
}
