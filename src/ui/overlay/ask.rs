//! Pickers and forms.

use ratatui::layout::{Position, Rect};

use crate::app::ask::{Form, FormField, Found, Picker};
use crate::app::choices;
use crate::app::text_form::TextForm;
use crate::command::args::{ArgKind, Need};
use crate::text::width;
use crate::ui::paint::{Canvas, centred};

pub fn picker(canvas: &mut Canvas, picker: &Picker, body: Rect) -> Option<Position> {
    let height = u16::try_from(picker.found.choices.len()).unwrap_or(u16::MAX).clamp(3, 14) + 3;
    let area = centred(body, 64.min(body.width), height.min(body.height));
    let title = format!("{} {} {}", picker.arg.ask, canvas.theme.glyphs.dash, picker.about);
    let count = format!("{} of {}", picker.found.fits.len(), picker.found.choices.len());
    let inside = canvas.frame(area, false, canvas.theme.head, &title, &count);
    let cursor = one_line(canvas, &picker.text, inside.x, inside.y, inside.width);
    let list = Rect::new(inside.x, inside.y + 1, inside.width, inside.height.saturating_sub(1));
    candidates(
        canvas,
        &picker.found,
        picker.cursor,
        list,
        choices::is_short(picker.arg.kind, picker.found.choices.len()),
    );
    Some(cursor)
}

/// The choices that fit, with the cursor; short lists with the digit that takes each.
pub fn candidates(canvas: &mut Canvas, found: &Found, cursor: usize, area: Rect, digits: bool) {
    let theme = canvas.theme;
    let room = area.height as usize;
    let top = cursor.saturating_sub(room.saturating_sub(1));
    let widest =
        found.fits.iter().skip(top).take(room).filter_map(|at| found.choices.get(*at)).map(|c| width(&c.value)).max();
    let value_width = u16::try_from(widest.unwrap_or(0)).unwrap_or(20).min(area.width / 2);
    for (line, at) in found.fits.iter().enumerate().skip(top).take(room) {
        let Some(choice) = found.choices.get(*at) else { continue };
        let y = area.y + u16::try_from(line - top).unwrap_or(0);
        let here = line == cursor;
        if here {
            canvas.put(area.x, y, 1, theme.glyphs.cursor, theme.accent);
        }
        let digit = if digits && *at < 9 && found.fits.len() == found.choices.len() {
            (at + 1).to_string()
        } else {
            String::new()
        };
        canvas.put(area.x + 2, y, 1, &digit, theme.dim);
        canvas.put(area.x + 4, y, value_width, &choice.value, if here { theme.strong } else { theme.plain });
        let x = area.x + 5 + value_width;
        canvas.put(x, y, area.right().saturating_sub(x), &choice.label, theme.dim);
    }
}

/// One line of text with its cursor, scrolled so that the cursor shows.
pub fn one_line(canvas: &mut Canvas, text: &TextForm, x: u16, y: u16, room: u16) -> Position {
    let raw = text.raw();
    let before: String = raw.chars().take(text.cursor().1).collect();
    let at = u16::try_from(width(&before)).unwrap_or(u16::MAX);
    let skip = at.saturating_sub(room.saturating_sub(1));
    let mut gone = 0;
    let shown: String = raw
        .chars()
        .skip_while(|c| {
            let skipping = gone < skip;
            gone += u16::try_from(width(c.encode_utf8(&mut [0; 4]))).unwrap_or(0);
            skipping
        })
        .collect();
    let plain = canvas.theme.plain;
    canvas.put(x, y, room, &shown, plain);
    Position::new(x + at - skip, y)
}

/// Several lines of text with the cursor, inside a place.
pub fn body(canvas: &mut Canvas, text: &TextForm, area: Rect) -> Option<Position> {
    use ratatui::widgets::Widget;
    Widget::render(text.widget(), area, canvas.buf);
    // The widget draws its own cursor; the terminal's stays hidden.
    None
}

pub fn form(canvas: &mut Canvas, form: &Form, body_area: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let heights: Vec<u16> = form.fields.iter().map(height).collect();
    let focused = form.fields.get(form.focus);
    let list = focused.map_or(0, |field| if choices::is_choice(field.kind) { 6 } else { 0 });
    let wanted = heights.iter().sum::<u16>() + list + 3;
    let area = centred(body_area, 76.min(body_area.width), wanted.min(body_area.height));
    let title = format!("{} {} {}", form.command.title, theme.glyphs.dash, form.about);
    let inside = canvas.frame(area, false, theme.head, &title, "ctrl-s sends, tab goes on, esc leaves");
    let mut cursor = None;
    let mut y = inside.y;
    for (at, (field, height)) in form.fields.iter().zip(&heights).enumerate() {
        let here = at == form.focus;
        let star = if field.need == Need::Required { "*" } else { "" };
        let label = if here { theme.accent } else { theme.dim };
        canvas.put(inside.x, y, 22, &format!("{}{star}", field.ask), label);
        let place = Rect::new(inside.x + 23, y, inside.width.saturating_sub(23), *height);
        let place = place.intersection(inside);
        if field.kind == ArgKind::Lines {
            body(canvas, &field.text, place);
        } else {
            let spot = one_line(canvas, &field.text, place.x, place.y, place.width);
            cursor = if here { Some(spot) } else { cursor };
        }
        y += height;
        if here && list > 0 {
            let short = choices::is_short(field.kind, field.found.choices.len());
            let area = Rect::new(inside.x + 19, y, inside.width.saturating_sub(19), list).intersection(inside);
            candidates(canvas, &field.found, field.cursor, area, short);
            y += list;
        }
    }
    if let Some(fault) = &form.fault {
        canvas.put(inside.x, inside.bottom().saturating_sub(1), inside.width, fault, theme.bad);
    }
    cursor
}

const fn height(field: &FormField) -> u16 {
    if matches!(field.kind, ArgKind::Lines) { 4 } else { 1 }
}
