//! What a bulk act would change, and what became of it.

use ratatui::layout::{Position, Rect};

use crate::app::bulk::{Outcome, Outcomes, Preview};
use crate::app::model::Model;
use crate::domain::change::{Audience, Change};
use crate::ui::paint::Canvas;
use crate::ui::ticket;

pub fn preview(canvas: &mut Canvas, model: &Model, preview: &Preview, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let good = preview.rows.iter().filter(|(_, changes)| changes.as_ref().is_ok_and(|bound| !bound.is_empty())).count();
    let title =
        format!("{} {} {good} of {} tickets would change", preview.act.title, theme.glyphs.dash, preview.rows.len());
    let inside = canvas.frame(body, false, theme.head, &title, "enter does it, esc leaves");
    for (at, (row, changes)) in preview.rows.iter().skip(preview.top).take(inside.height as usize).enumerate() {
        let y = inside.y + at as u16;
        canvas.put(inside.x, y, 11, model.table.id(*row), theme.strong);
        let (text, style) = match changes {
            Ok(bound) if bound.is_empty() => ("no change".to_owned(), theme.dim),
            Ok(bound) => (words(model, &bound.changes), theme.plain),
            Err(reason) => (reason.clone(), theme.warn),
        };
        canvas.put(inside.x + 12, y, inside.width.saturating_sub(12), &text, style);
    }
    None
}

fn words(model: &Model, changes: &[Change]) -> String {
    let said = |change: &Change| match change {
        Change::Say { audience: Audience::Public, text } => Some(format!("PUBLIC \"{text}\"")),
        Change::Say { audience: Audience::Internal, text } => Some(format!("note \"{text}\"")),
        other => ticket::sentence(model, other),
    };
    changes.iter().filter_map(said).collect::<Vec<_>>().join("; ")
}

pub fn outcomes(canvas: &mut Canvas, model: &Model, outcomes: &Outcomes, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let count = |word: &str| outcomes.rows.iter().filter(|(.., outcome)| outcome.word() == word).count();
    let title = format!(
        "{} {} {} done, {} refused, {} conflict, {} no change, {} waiting",
        outcomes.act.title,
        theme.glyphs.dash,
        count("done"),
        count("refused"),
        count("conflict"),
        count("no change"),
        count("waiting")
    );
    let inside =
        canvas.frame(body, false, theme.head, &title, "r tries the refused again, esc closes and leaves them marked");
    for (at, (row, _, outcome)) in outcomes.rows.iter().skip(outcomes.top).take(inside.height as usize).enumerate() {
        let y = inside.y + at as u16;
        let style = match outcome {
            Outcome::Done => theme.good,
            Outcome::Waiting | Outcome::NoChange => theme.dim,
            Outcome::Refused(_) | Outcome::Conflict(_) => theme.bad,
        };
        canvas.put(inside.x, y, 11, model.table.id(*row), theme.strong);
        canvas.put(inside.x + 12, y, 10, outcome.word(), style);
        canvas.put(inside.x + 23, y, inside.width.saturating_sub(23), outcome.why(), theme.plain);
    }
    None
}
