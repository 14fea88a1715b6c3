//! After a prefix: the keys that may follow, and what they do.

use ratatui::layout::Rect;

use crate::app::model::Model;
use crate::command::keymap::Resolution;
use crate::ui::paint::Canvas;

pub fn draw(canvas: &mut Canvas, model: &Model, body: Rect) {
    let pressed = &model.typed.keys;
    let Resolution::Pending(candidates) = model.settings.keymap.resolve(pressed, &model.scopes()) else { return };
    let theme = canvas.theme;
    let height = u16::try_from(candidates.len().div_ceil(2)).unwrap_or(10).min(body.height.saturating_sub(2)) + 2;
    let area = Rect::new(body.x, body.bottom().saturating_sub(height), body.width, height);
    let keys: Vec<String> = pressed.iter().map(ToString::to_string).collect();
    let hidden = model.settings.keymap.hidden(pressed, &model.scopes());
    let hidden: Vec<&str> = hidden.into_iter().map(|binding| binding.command.id).collect();
    let hides = if hidden.is_empty() { String::new() } else { format!("hides {}; ", hidden.join(", ")) };
    let inside = canvas.frame(area, false, theme.head, &keys.join(" "), &format!("{hides}esc leaves"));
    let half = inside.width / 2;
    for (at, binding) in candidates.iter().enumerate() {
        let (column, line) = (at as u16 / inside.height.max(1), at as u16 % inside.height.max(1));
        if column > 1 {
            break;
        }
        let (x, y) = (inside.x + column * half, inside.y + line);
        let rest: Vec<String> = binding.keys.0.iter().skip(pressed.len()).map(ToString::to_string).collect();
        canvas.put(x, y, 6, &rest.join(" "), theme.accent);
        canvas.put(x + 7, y, half.saturating_sub(8), binding.command.title, theme.plain);
    }
}
