//! What lies over the panes.

mod ask;
mod board;
pub mod compose;
mod conflict;
mod dialog;
mod files;
mod help;
mod line;
mod outbox;
mod radar;
mod which;

use ratatui::layout::{Position, Rect};

use crate::app::model::Model;
use crate::app::overlay::Overlay;
use crate::ui::footer;
use crate::ui::paint::Canvas;

/// Draws the overlays from the bottom up, and the keys that could follow a prefix.
pub fn draw(canvas: &mut Canvas, model: &Model, body: Rect) -> Option<Position> {
    let mut cursor = None;
    for overlay in &model.overlays {
        cursor = match overlay {
            Overlay::Line(held) => {
                let notice = if model.notice.is_some() { footer::lines(model) } else { 0 };
                line::draw(canvas, held, notice)
            }
            Overlay::Picker(held) => ask::picker(canvas, held, body),
            Overlay::Form(held) => ask::form(canvas, model, held, body),
            Overlay::Compose(held) => compose::draw(canvas, model, held, body),
            Overlay::Preview(held) => dialog::preview(canvas, model, held, body),
            Overlay::Outcomes(held) => dialog::outcomes(canvas, model, held, body),
            Overlay::Help(held) => help::draw(canvas, held, body),
            Overlay::Outbox(held) => outbox::draw(canvas, model, held, body),
            Overlay::Desks(held) => outbox::desks(canvas, model, held, body),
            Overlay::Files(held) => files::draw(canvas, model, held, body),
            Overlay::Radar(held) => radar::draw(canvas, model, held, body),
            Overlay::Knowledge(held) => files::knowledge(canvas, held, body),
            Overlay::Slots(held) => board::slots(canvas, model, held, body),
            Overlay::Days(held) => board::days(canvas, model, held, body),
            Overlay::Meeting(held) => board::meeting(canvas, model, held, body),
            Overlay::Conflict(held) => conflict::draw(canvas, model, held, body),
        };
    }
    if !model.typed.keys.is_empty() {
        which::draw(canvas, model, body);
    }
    cursor
}
