//! From the model to cells. Draws what is there and decides nothing; never changes the model.

pub mod cells;
mod clocks;
mod escalations;
mod facts;
mod footer;
mod header;
mod health;
mod lines;
mod list;
mod major;
mod overlay;
mod paint;
mod preview;
mod problem;
mod rfc;
mod theme;
mod ticket;
mod timeline;
mod triage;
mod work;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::keys;
use crate::app::layout::{self, SMALLEST};
use crate::app::model::Model;
use crate::app::overlay::Overlay;
use crate::domain::table::Row;
use crate::text::wrap;
use crate::ui::paint::Canvas;
pub use theme::Theme;
pub use ticket::plain;

/// What the model and the terminal must know of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// Where the terminal's cursor belongs, if anywhere.
    pub cursor: Option<Position>,
    /// How many lines the open ticket has at this size; the model scrolls by it.
    pub lines: Option<usize>,
}

/// Draws the console.
pub fn view(buf: &mut Buffer, model: &Model, theme: &Theme) -> Shown {
    let area = buf.area;
    let mut canvas = Canvas { buf, theme: *theme };
    let layout = layout::of(model);
    if layout.is_too_small() {
        let (width, height) = SMALLEST;
        let text = format!("deskside needs {width}x{height}, this is {}x{}.", area.width, area.height);
        let way_out = if keys::is_writing(model) {
            "Make the window larger; the text is kept."
        } else {
            "Make the window larger; `q` leaves."
        };
        let lines = wrap(&text, area.width as usize).into_iter().map(|line| (line, theme.plain));
        let way_out = wrap(way_out, area.width as usize).into_iter().map(|line| (line, theme.dim));
        for (y, (line, style)) in (0..area.height).zip(lines.chain(way_out)) {
            canvas.put(0, y, area.width, line, style);
        }
        return Shown::default();
    }
    header::draw(&mut canvas, model);
    let body = Rect::new(0, 1, area.width, area.height.saturating_sub(1 + layout.foot));
    let mut lines = None;
    if model.triage.is_some() {
        triage::draw(&mut canvas, model, body);
    } else if let Some(detail) = &model.detail {
        lines = Some(ticket::draw(&mut canvas, model, detail, body));
    } else if let Some(row) = written_about(model) {
        let above = body.height.saturating_sub(overlay::compose::height(body) + 1);
        preview::of(&mut canvas, model, row, Rect::new(0, 2, area.width, above));
    } else {
        list::draw(&mut canvas, model, &layout);
        let (top, beside) = (layout.head + layout.list, area.width - layout.side);
        if layout.preview > 0 {
            preview::draw(&mut canvas, model, Rect::new(0, top, area.width, layout.preview));
        } else if layout.side > 0 {
            preview::draw(&mut canvas, model, Rect::new(beside, 2, layout.side, area.height - layout.foot - 2));
        }
    }
    footer::draw(&mut canvas, model);
    // A notice of several lines stays readable under what lies over the panes.
    let more = footer::lines(model) - 1;
    let under = Rect { height: body.height.saturating_sub(more), ..body };
    Shown { cursor: overlay::draw(&mut canvas, model, under), lines }
}

/// The one ticket that a text is being written about: it is read above the text, in place of the list.
fn written_about(model: &Model) -> Option<Row> {
    let writes = model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Compose(_)));
    match model.targets().as_slice() {
        [row] if writes => Some(*row),
        _ => None,
    }
}
