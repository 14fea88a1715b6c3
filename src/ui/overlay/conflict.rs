//! Mine or theirs: a row for each thing that both changed.

use ratatui::layout::{Position, Rect};

use crate::app::conflict::{self, Choosing, Side, What};
use crate::app::model::Model;
use crate::app::pending;
use crate::domain::field::{Field, Value};
use crate::domain::lifecycle;
use crate::text::wrap;
use crate::ui::overlay::dialog;
use crate::ui::paint::Canvas;
use crate::ui::timeline;

pub fn draw(canvas: &mut Canvas, model: &Model, choosing: &Choosing, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let Some((waiting, conflict)) = conflict::open_act(model, choosing) else {
        canvas.frame(body, false, theme.head, "This is settled meanwhile", "esc closes");
        return None;
    };
    let who = model.display(&conflict.who);
    let name = pending::target_name(&waiting.op.target);
    let title = format!("{name} {} {}: {who} was first", theme.glyphs.dash, waiting.title);
    let inside = canvas.frame(body, false, theme.head, &title, "m mine, t theirs, enter sends, d to drafts");
    let head = inside.width / 6;
    let column = inside.width.saturating_sub(head) / 3;
    let xs: [u16; 3] = std::array::from_fn(|at| inside.x + head + column * at as u16);
    for (x, text) in xs.into_iter().zip(["before", "mine", "theirs"]) {
        canvas.put(x, inside.y, column, text, theme.dim);
    }
    let mut y = inside.y + 1;
    for (at, clash) in conflict.clashes.iter().enumerate() {
        let here = at == choosing.cursor;
        let sign = if here { theme.glyphs.cursor } else { " " };
        canvas.put(inside.x, y, 1, sign, theme.accent);
        canvas.put(inside.x + 1, y, head.saturating_sub(2), &clash.what.name(), theme.strong);
        let mut high = 1;
        let sides = [None, Some(Side::Mine), Some(Side::Theirs)];
        for ((x, text), side) in xs.into_iter().zip(texts(model, &clash.what)).zip(sides) {
            let taken = side.is_some() && clash.choice == side;
            let style = if taken { theme.good } else { theme.plain };
            let barred = side == Some(Side::Mine) && clash.send.is_none();
            let text = if barred { format!("{text} (no step leads there)") } else { text };
            // Without colour the star says it.
            let text = if taken { format!("*{text}") } else { text };
            let lines = wrap(&text, column.saturating_sub(2) as usize);
            for (line, y) in lines.iter().take(MOST).zip(y..inside.bottom()) {
                canvas.put(x, y, column.saturating_sub(1), line, style);
            }
            high = high.max(lines.len().min(MOST) as u16);
        }
        y += high;
    }
    if !conflict.go.is_empty() {
        let text = format!("With it goes: {}", dialog::words(model, &conflict.go));
        for (line, y) in wrap(&text, inside.width as usize).iter().zip(y + 1..inside.bottom()) {
            canvas.put(inside.x, y, inside.width, line, theme.dim);
        }
    }
    None
}

/// Lines of a long text at most.
const MOST: usize = 6;

fn texts(model: &Model, what: &What) -> [String; 3] {
    let value = |field: &Field, value: &Option<Value>| {
        value.as_ref().map_or_else(|| "nothing".to_owned(), |value| timeline::value_words(model, field, value))
    };
    match what {
        What::Field { field, base, mine, theirs } => [value(field, base), value(field, mine), value(field, theirs)],
        What::State { base, mine, theirs } => [*base, *mine, *theirs].map(lifecycle::words),
        What::Owner { base, mine, theirs } => [base, mine, theirs].map(|login| model.display(login).to_owned()),
    }
}
