//! What a bulk act would change, and what became of it.

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::bulk::{Outcome, Outcomes, Preview};
use crate::app::model::Model;
use crate::domain::act::Give;
use crate::domain::change::{Audience, Change};
use crate::domain::field::Field;
use crate::domain::table::Row;
use crate::text::wrap;
use crate::ui::paint::Canvas;
use crate::ui::timeline;

pub fn preview(canvas: &mut Canvas, model: &Model, preview: &Preview, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let good = preview.rows.iter().filter(|(_, changes)| changes.as_ref().is_ok_and(|bound| !bound.is_empty())).count();
    let bad = preview.rows.iter().filter(|(_, changes)| changes.is_err()).count();
    let refused = if bad > 0 { format!(", {bad} cannot") } else { String::new() };
    let title = format!(
        "{} {} {good} of {} tickets would change{refused}",
        preview.act.title,
        theme.glyphs.dash,
        preview.rows.len()
    );
    let inside = canvas.frame(body, false, theme.head, &title, "enter does it, esc leaves");
    if let Some(give) = preview.act.gives() {
        giving(canvas, model, preview, give, inside);
        return None;
    }
    let mut y = inside.y;
    for (row, changes) in preview.rows.iter().skip(preview.top) {
        let (text, style) = match changes {
            Ok(bound) if bound.is_empty() => ("no change".to_owned(), theme.dim),
            Ok(bound) => (words(model, &bound.changes), theme.plain),
            Err(reason) => (reason.clone(), theme.warn),
        };
        y = record(canvas, model, inside, y, *row, &text, style);
    }
    None
}

/// A workaround, once, and who of its incidents reads it how.
fn giving(canvas: &mut Canvas, model: &Model, preview: &Preview, give: &Give, inside: Rect) {
    const MOST: usize = 6;
    let theme = canvas.theme;
    let mut y = inside.y;
    for line in wrap(&give.text, inside.width as usize).iter().take(MOST) {
        canvas.put(inside.x, y, inside.width, line, theme.dim);
        y += 1;
    }
    y += 1;
    let room = inside.bottom().saturating_sub(y).max(1) as usize;
    let top = (preview.at + 1).saturating_sub(room);
    for (at, (row, bound)) in preview.rows.iter().enumerate().skip(top).take(room) {
        let to = give.to.iter().find(|(id, _)| id.as_str() == model.table.id(*row)).map(|(_, to)| *to);
        let caller = model.table.caller(*row).map_or("the caller", |login| model.directory.display(login));
        let (text, style) = match (bound, to) {
            (Err(reason), _) => (reason.clone(), theme.warn),
            (Ok(_), Some(Audience::Public)) => (format!("PUBLIC to {caller}"), theme.public),
            (Ok(_), Some(Audience::Internal)) => ("note, for the desk only".to_owned(), theme.internal),
            (Ok(_), None) => match model.table.rare(*row, Field::WorkaroundGiven.name()) {
                Some(given) => (format!("left out ({given} already)"), theme.dim),
                None => ("left out".to_owned(), theme.dim),
            },
        };
        if at == preview.at && y < inside.bottom() && inside.x > 0 {
            canvas.put(inside.x - 1, y, 1, theme.glyphs.cursor, theme.accent);
        }
        y = record(canvas, model, inside, y, *row, &text, style);
    }
}

/// One record: its id and the beginning of its title, then what is said of it, in as many lines as it takes. Returns
/// the line after it.
fn record(canvas: &mut Canvas, model: &Model, inside: Rect, y: u16, row: Row, text: &str, style: Style) -> u16 {
    let theme = canvas.theme;
    let id = model.table.id(row);
    if y >= inside.bottom() {
        return y;
    }
    canvas.put(inside.x, y, ID, id, theme.strong);
    let title = inside.width.saturating_sub(ID) / 4;
    canvas.put(inside.x + ID + 1, y, title, model.table.title(row), theme.dim);
    let x = inside.x + ID + title + 2;
    let room = inside.right().saturating_sub(x);
    // The record is named already.
    let text = text.strip_prefix(id).map_or(text, |rest| rest.trim_start_matches([':', ' ']));
    let lines = wrap(text, room as usize);
    for (line, y) in lines.iter().zip(y..inside.bottom()) {
        canvas.put(x, y, room, line, style);
    }
    y + u16::try_from(lines.len()).unwrap_or(u16::MAX).max(1)
}

/// As wide as most identifiers.
const ID: u16 = 11;

pub fn words(model: &Model, changes: &[Change]) -> String {
    let said = |change: &Change| match change {
        Change::Say { audience: Audience::Public, text } => Some(format!("PUBLIC \"{text}\"")),
        Change::Say { audience: Audience::Internal, text } => Some(format!("note \"{text}\"")),
        other => timeline::sentence(model, other),
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
    let again = outcomes.rows.iter().any(|(.., outcome)| outcome.can_retry());
    let below = if again { "r tries the refused again, esc closes and leaves them marked" } else { "esc closes" };
    let inside = canvas.frame(body, false, theme.head, &title, below);
    let mut y = inside.y;
    for (row, _, outcome) in outcomes.rows.iter().skip(outcomes.top) {
        let style = match outcome {
            Outcome::Done => theme.good,
            Outcome::Waiting | Outcome::NoChange => theme.dim,
            Outcome::Refused(_) | Outcome::Conflict(_) => theme.bad,
        };
        let word = outcome.word();
        let said = match outcome.why() {
            "" => word.to_owned(),
            why => format!("{word}: {}", why.strip_prefix(model.table.id(*row)).unwrap_or(why).trim_start()),
        };
        y = record(canvas, model, inside, y, *row, &said, style);
    }
    None
}
