//! A text to people. What the customer reads stands under a double rule with the word PUBLIC; what only the desk reads
//! under a single thin one with the word internal. The readers stand beside the key that sends.

use ratatui::layout::{Position, Rect};

use crate::app::compose::Compose;
use crate::app::model::Model;
use crate::domain::change::Audience;
use crate::ui::overlay::ask;
use crate::ui::paint::Canvas;

/// How many lines a text takes; above it is the ticket that it is about.
pub fn height(body: Rect) -> u16 {
    (body.height * 3 / 5).max(8).min(body.height)
}

pub fn draw(canvas: &mut Canvas, model: &Model, compose: &Compose, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let height = height(body);
    let area = Rect::new(body.x, body.bottom() - height, body.width, height);
    let dash = theme.glyphs.dash;
    let (double, style, word) = match compose.audience {
        Audience::Public => (true, theme.public, "PUBLIC reply"),
        Audience::Internal => (false, theme.internal, "internal note"),
    };
    let above = format!("{word} {dash} {}", compose.about);
    let below = match model.triage {
        Some(_) => format!("ctrl-s puts it on the line to {}; enter sends", compose.readers),
        None => format!("ctrl-s sends to {}", compose.readers),
    };
    let inside = canvas.frame(area, double, style, &above, &below);
    let found = u16::from(!compose.findings.is_empty());
    let text = Rect::new(inside.x, inside.y, inside.width, inside.height.saturating_sub(found));
    let cursor = ask::body(canvas, &compose.text, text, true);
    if found > 0 {
        let y = inside.bottom().saturating_sub(1);
        canvas.put(inside.x, y, inside.width, &format!("Look again: {}", compose.findings.join("; ")), theme.bad);
    }
    cursor
}
