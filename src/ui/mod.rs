//! From the model to cells. Draws what is there and decides nothing; never changes the model.

pub mod cells;
mod escalations;
mod footer;
mod header;
mod list;
mod overlay;
mod paint;
mod preview;
mod theme;
mod ticket;
mod triage;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::keys;
use crate::app::layout::{self, SMALLEST};
use crate::app::model::Model;
use crate::ui::paint::Canvas;
pub use theme::Theme;
pub use ticket::plain;

/// Draws the console. Returns where the terminal's cursor belongs, if anywhere.
pub fn view(buf: &mut Buffer, model: &Model, theme: &Theme) -> Option<Position> {
    let area = buf.area;
    let mut canvas = Canvas { buf, theme: *theme };
    let layout = layout::of(model);
    if layout.is_too_small() {
        let (width, height) = SMALLEST;
        let text = format!("deskside needs {width}x{height}, this is {}x{}.", area.width, area.height);
        canvas.put(0, 0, area.width, &text, theme.plain);
        let way_out = if keys::is_writing(model) {
            "Make the window larger; the text is kept."
        } else {
            "Make the window larger; `q` leaves."
        };
        canvas.put(0, 1, area.width, way_out, theme.dim);
        return None;
    }
    header::draw(&mut canvas, model);
    let body = Rect::new(0, 1, area.width, area.height.saturating_sub(1 + layout.foot));
    if model.triage.is_some() {
        triage::draw(&mut canvas, model, body);
    } else if let Some(detail) = &model.detail {
        ticket::draw(&mut canvas, model, detail, body);
    } else {
        list::draw(&mut canvas, model, &layout);
        if layout.preview > 0 {
            let top = layout.head + layout.list;
            preview::draw(&mut canvas, model, Rect::new(0, top, area.width, layout.preview));
        }
    }
    footer::draw(&mut canvas, model);
    overlay::draw(&mut canvas, model, body)
}

/// How many lines the open ticket has at this size; the model scrolls by it.
pub fn measure(model: &Model) -> Option<usize> {
    let detail = model.detail.as_ref()?;
    Some(ticket::lines(model, detail, model.size.0.saturating_sub(2)).len())
}
