//! What has not reached its desk, and how the desks stand.

use jiff::Timestamp;
use ratatui::layout::{Position, Rect};

use crate::app::model::Model;
use crate::app::outbox::{self, Desks, Health, Outbox, Why};
use crate::app::pending::{self, Waiting};
use crate::domain::name::Name;
use crate::text::wrap;
use crate::ui::overlay::dialog;
use crate::ui::paint::Canvas;
use crate::ui::{cells, health};

pub fn draw(canvas: &mut Canvas, model: &Model, outbox: &Outbox, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let count = model.pending.len();
    let title = format!("Outbox {} {count} waiting", theme.glyphs.dash);
    let inside = canvas.frame(body, false, theme.head, &title, "enter opens, esc closes");
    if count == 0 {
        let text = "Nothing waits: all that was done here has reached its desk.";
        canvas.put(inside.x, inside.y, inside.width, text, theme.dim);
        return None;
    }
    let cursor = outbox::cursor(model, outbox);
    let room = inside.width.saturating_sub(2) as usize;
    let heights: Vec<u16> = model.pending.acts.iter().map(|waiting| height(model, waiting, room)).collect();
    // The one under the cursor is there whole.
    let mut top = 0;
    while top < cursor && heights[top..=cursor].iter().sum::<u16>() > inside.height {
        top += 1;
    }
    let mut y = inside.y;
    for (at, waiting) in model.pending.acts.iter().enumerate().skip(top) {
        y = act(canvas, model, waiting, at == cursor, Rect { y, ..inside }, inside.bottom());
    }
    None
}

fn height(model: &Model, waiting: &Waiting, room: usize) -> u16 {
    let lines =
        wrap(&dialog::words(model, &waiting.op.changes), room).len() + wrap(&reason(model, waiting), room).len();
    u16::try_from(lines).unwrap_or(u16::MAX) + 1
}

/// One act: where and since when, what, and why it waits.
fn act(canvas: &mut Canvas, model: &Model, waiting: &Waiting, here: bool, area: Rect, bottom: u16) -> u16 {
    let theme = canvas.theme;
    let mut y = area.y;
    if y >= bottom {
        return y;
    }
    let name = pending::target_name(&waiting.op.target);
    let since = cells::moment(waiting.op.at.as_millisecond(), model);
    let sign = if here { theme.glyphs.cursor } else { " " };
    let parts = [
        (sign, theme.accent),
        (" ", theme.plain),
        (name.as_str(), theme.strong),
        ("  ", theme.plain),
        (waiting.title.as_str(), theme.plain),
        ("  done ", theme.dim),
        (since.as_str(), theme.dim),
    ];
    canvas.spans(area.x, y, area.right(), &parts);
    y += 1;
    let room = area.width.saturating_sub(2);
    let style = match outbox::why(model, waiting) {
        Why::Conflict(_) | Why::Trouble(..) => theme.bad,
        _ => theme.warn,
    };
    for (text, style) in [(dialog::words(model, &waiting.op.changes), theme.plain), (reason(model, waiting), style)] {
        for line in wrap(&text, room as usize) {
            if y < bottom {
                canvas.put(area.x + 2, y, room, line, style);
                y += 1;
            }
        }
    }
    y
}

fn reason(model: &Model, waiting: &Waiting) -> String {
    let at = |at: Timestamp| cells::moment(at.as_millisecond(), model);
    match outbox::why(model, waiting) {
        Why::OnItsWay => "on its way".to_owned(),
        Why::Held(until) => {
            format!("can be recalled until {}", until.to_zoned(model.zone.clone()).strftime("%H:%M:%S"))
        }
        Why::Before => "waits for the one before it".to_owned(),
        Why::Conflict(who) => format!("conflict: {who} changed the same meanwhile; enter shows both"),
        Why::Trouble(why, again) => {
            let times = if waiting.tries == 1 { "once".to_owned() } else { format!("{} times", waiting.tries) };
            let again =
                again.map_or_else(|| "again when you ask for it".to_owned(), |when| format!("again {}", at(when)));
            format!("{why} Tried {times}, {again}.")
        }
        Why::Next => "goes next".to_owned(),
    }
}

pub fn desks(canvas: &mut Canvas, model: &Model, desks: &Desks, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let inside = canvas.frame(body, false, theme.head, "Desks", "r asks them now, esc closes");
    if model.desk.health.is_empty() {
        let text = format!("{}: here, with nothing in between.", model.desk.name);
        canvas.put(inside.x, inside.y, inside.width, &text, theme.plain);
    }
    let mut y = inside.y;
    for (name, health) in model.desk.health.iter().skip(desks.top) {
        let shown = if name.is_empty() { model.desk.name.as_str() } else { name };
        let words = [(shown, theme.strong), ("  ", theme.plain), (&health::full(model, health), theme.plain)];
        if y < inside.bottom() {
            canvas.spans(inside.x, y, inside.right(), &words);
            y += 1;
        }
        for text in [agrees(model, health), waits(model, name, health), health::why(health).to_owned()] {
            for line in wrap(&text, inside.width.saturating_sub(2) as usize) {
                if y < inside.bottom() && !line.is_empty() {
                    canvas.put(inside.x + 2, y, inside.width.saturating_sub(2), line, theme.dim);
                    y += 1;
                }
            }
        }
    }
    None
}

fn agrees(model: &Model, health: &Health) -> String {
    match health.as_of {
        Some(at) => format!("what is shown agreed with it at {}", cells::moment(at.as_millisecond(), model)),
        None => String::new(),
    }
}

fn waits(model: &Model, name: &Name, health: &Health) -> String {
    let waiting = outbox::waiting_for(model, name);
    let doubt = if health.doubtful > 0 {
        format!("; of {} it is not known whether they were stored", health.doubtful)
    } else {
        String::new()
    };
    format!("{waiting} in the outbox{doubt}")
}
