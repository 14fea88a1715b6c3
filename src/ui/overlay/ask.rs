//! Pickers and forms.

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::ask::{Form, FormField, Found, Picker};
use crate::app::model::Model;
use crate::app::text_form::TextForm;
use crate::app::{choices, compose};
use crate::command::args::{ArgKind, Need};
use crate::domain::change::Audience;
use crate::text::{spaced, width, wrap};
use crate::ui::Theme;
use crate::ui::paint::{Canvas, centred};

pub fn picker(canvas: &mut Canvas, picker: &Picker, body: Rect) -> Option<Position> {
    let height = u16::try_from(picker.found.choices.len()).unwrap_or(u16::MAX).clamp(3, 14) + 3;
    let area = centred(body, 64.min(body.width), height.min(body.height));
    let title = titled(canvas, picker.arg.ask, &picker.about);
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

/// The choices that fit, with the cursor, and how many more there are below; short lists with the digit that takes each.
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
    let below = found.fits.len().saturating_sub(top + room);
    if below > 0 && room > 0 {
        let more = format!(" +{below}");
        let wide = u16::try_from(width(&more)).unwrap_or(area.width).min(area.width);
        canvas.put(area.right() - wide, area.bottom() - 1, wide, &more, theme.dim);
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

/// Several lines of text inside a place, with the cursor where one writes.
pub fn body(canvas: &mut Canvas, text: &TextForm, area: Rect, here: bool) -> Option<Position> {
    use ratatui::widgets::Widget;
    if area.is_empty() {
        return None;
    }
    if here {
        Widget::render(text.widget(), area, canvas.buf);
    } else {
        let plain = canvas.theme.plain;
        for (at, line) in text.raw().lines().take(area.height as usize).enumerate() {
            canvas.put(area.x, area.y + at as u16, area.width, line, plain);
        }
    }
    // The widget draws its own cursor; the terminal's stays hidden.
    None
}

pub fn form(canvas: &mut Canvas, model: &Model, form: &Form, body_area: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let heights: Vec<u16> = form.fields.iter().map(height).collect();
    let focused = form.fields.get(form.focus);
    let list = focused.map_or(0, |field| if choices::is_choice(field.kind) { 6 } else { 0 });
    let across = 76.min(body_area.width);
    let (told, style) = told(form, &canvas.theme);
    let told = wrap(told, across.saturating_sub(4) as usize);
    let below = u16::try_from(told.len()).unwrap_or(1).clamp(1, TOLD);
    let wanted = heights.iter().sum::<u16>() + list + 2 + below;
    let area = centred(body_area, across, wanted.min(body_area.height));
    let is_public = form.is_public(model);
    let title = titled(canvas, form.command.title, &form.about);
    let inside = if is_public {
        let below = format!("ctrl-s sends, PUBLIC to {}", compose::readers(model, Audience::Public));
        canvas.frame(area, true, theme.public, &format!("PUBLIC {title}"), &below)
    } else {
        canvas.frame(area, false, theme.head, &title, keys(form))
    };
    // The last lines are for what is asked in full, or what is wrong.
    let fields = Rect::new(inside.x, inside.y, inside.width, inside.height.saturating_sub(below));
    let labels: Vec<String> = form.fields.iter().map(|field| label(form, field)).collect();
    let widest = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    let column = u16::try_from(widest).unwrap_or(LABEL).min(LABEL) + 1;
    let mut cursor = None;
    let above: u16 = heights.iter().take(form.focus).sum();
    let here_height = heights.get(form.focus).copied().unwrap_or(1) + list;
    // What does not fit goes out at the top: the field under the cursor is always there.
    let gone = (above + here_height).saturating_sub(fields.height).min(above);
    let mut y = i32::from(fields.y) - i32::from(gone);
    for ((at, (field, height)), label) in form.fields.iter().zip(&heights).enumerate().zip(&labels) {
        let here = at == form.focus;
        let style = if here { theme.accent } else { theme.dim };
        if let Some(top) = u16::try_from(y).ok().filter(|top| (fields.y..fields.bottom()).contains(top)) {
            canvas.put(fields.x, top, column, label, style);
            let x = fields.x + column + 1;
            let place = Rect::new(x, top, fields.right().saturating_sub(x), *height).intersection(fields);
            if field.kind == ArgKind::Lines {
                body(canvas, &field.text, place, here);
            } else {
                let spot = one_line(canvas, &field.text, place.x, place.y, place.width);
                cursor = if here { Some(spot) } else { cursor };
            }
            if here && list > 0 {
                let short = choices::is_short(field.kind, field.found.choices.len());
                let area = Rect::new(x.saturating_sub(4), top + height, fields.right().saturating_sub(x - 4), list);
                candidates(canvas, &field.found, field.cursor, area.intersection(fields), short);
            }
        }
        y += i32::from(*height) + if here { i32::from(list) } else { 0 };
    }
    for (line, y) in told.iter().zip(fields.bottom()..inside.bottom()) {
        canvas.put(inside.x, y, inside.width, line, style);
    }
    cursor
}

/// What is wrong; else what is asked, where that is longer than its label.
fn told<'a>(form: &'a Form, theme: &Theme) -> (&'a str, Style) {
    let asked = form.fields.get(form.focus);
    let long = asked.filter(|field| form.command.id != "hold" && width(&field.ask) > LABEL as usize);
    match (&form.fault, long) {
        (Some(fault), _) => (fault, theme.bad),
        (None, field) => (field.map_or("", |field| &field.ask), theme.dim),
    }
}

/// The most lines in which a form says what is wrong.
const TOLD: u16 = 3;

/// What the keys do that matter most.
fn keys(form: &Form) -> &'static str {
    match form.fields.as_slice() {
        [only] if only.kind != ArgKind::Lines => "enter sends, esc leaves",
        _ => "ctrl-s sends, tab goes on, esc leaves",
    }
}

/// The widest label, in cells; a longer question stands in the last line.
const LABEL: u16 = 34;

/// A question, or the name of its field where the question is long; a star where it must be answered.
fn label(form: &Form, field: &FormField) -> String {
    if form.public_field() == Some(&*field.name) {
        return "PUBLIC, to the caller*".to_owned();
    }
    if form.command.id == "hold" && field.name == "text" {
        return "Internal note".to_owned();
    }
    let star = if field.need == Need::Required { "*" } else { "" };
    if width(&field.ask) < LABEL as usize {
        return format!("{}{star}", field.ask);
    }
    let words = spaced(&field.name);
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}{star}", letters.as_str())
}

/// What is done, and to what.
fn titled(canvas: &Canvas, title: &str, about: &str) -> String {
    if about.is_empty() { title.to_owned() } else { format!("{title} {} {about}", canvas.theme.glyphs.dash) }
}

const fn height(field: &FormField) -> u16 {
    if matches!(field.kind, ArgKind::Lines) { 4 } else { 1 }
}
