//! The triage session: the ticket, what history says of it, and the decision bar.

use ratatui::layout::Rect;

use crate::app::model::Model;
use crate::app::triage::Triage;
use crate::app::{decision, playbooks};
use crate::text::wrap;
use crate::ui::paint::Canvas;
use crate::ui::{lines, ticket};

/// Lines of the decision bar, its rule included.
const BAR: u16 = 4;

pub fn draw(canvas: &mut Canvas, model: &Model, area: Rect) {
    let Some(session) = &model.triage else { return };
    head(canvas, session, area);
    let Some(row) = model.current() else { return };
    let theme = canvas.theme;
    let reasons = reasons(session, area);
    let below = reasons.len() as u16;
    let room = area.height.saturating_sub(BAR + below + 2);
    let words = format!("{} {}", model.table.id(row), ticket::standing(model, row));
    canvas.rule(area, area.y + 1, theme.glyphs.rule, theme.dim, &words);
    let lines = ticket::summary_lines(model, row, area.width.saturating_sub(2));
    let top = session.top.min(lines.len().saturating_sub(1));
    for (at, line) in lines.iter().skip(top).take(room as usize).enumerate() {
        lines::draw_line(canvas, line, 1, area.y + 2 + at as u16, area.width.saturating_sub(2));
    }
    let y = area.bottom().saturating_sub(BAR + below);
    for (at, reason) in reasons.iter().enumerate() {
        canvas.put(1, y + at as u16, area.width.saturating_sub(2), reason, theme.dim);
    }
    bar(canvas, model, session, Rect::new(area.x, area.bottom().saturating_sub(BAR), area.width, BAR));
}

/// The view, and how far one is.
fn head(canvas: &mut Canvas, session: &Triage, area: Rect) {
    let theme = canvas.theme;
    let Some(progress) = session.progress else { return };
    let pace = progress.per_hour.map(|pace| format!("  {pace:.0} an hour")).unwrap_or_default();
    let aside = if progress.snoozed > 0 { format!("  {} put aside", progress.snoozed) } else { String::new() };
    let text = format!(
        "Triage {}  {} done  {} left  {} skipped{aside}{pace}",
        session.session.view, progress.done, progress.left, progress.skipped
    );
    canvas.put(1, area.y, area.width.saturating_sub(2), &text, theme.accent);
}

/// What the desk's history says, in as many lines as the screen has for it.
fn reasons(session: &Triage, area: Rect) -> Vec<String> {
    let reasons = session.suggestion.reasons();
    if reasons.is_empty() {
        return Vec::new();
    }
    let words: Vec<String> = reasons.into_iter().map(|(_, reason)| reason).collect();
    let room = if area.height < 30 { 2 } else { 4 };
    let words = format!("Like this: {}", words.join("; "));
    let lines = wrap(&words, area.width.saturating_sub(2) as usize);
    lines.into_iter().take(room).map(str::to_owned).collect()
}

/// What is decided, or what `y` would take.
fn bar(canvas: &mut Canvas, model: &Model, session: &Triage, area: Rect) {
    let theme = canvas.theme;
    canvas.rule(area, area.y, theme.glyphs.rule, theme.head, "decision");
    let decided = decision::bar(model, &session.decision);
    let (text, style) = if decided.is_empty() {
        let offered = decision::bar(model, &decision::suggested(model));
        if offered.is_empty() {
            ("nothing decided: i u c g o a r n l z h e x decide, enter sends".to_owned(), theme.dim)
        } else {
            (format!("y takes: {}", offered.join("  ")), theme.dim)
        }
    } else {
        (decided.join("  "), theme.strong)
    };
    let room = area.width.saturating_sub(2) as usize;
    for (at, line) in wrap(&text, room).iter().take(2).enumerate() {
        canvas.put(1, area.y + 1 + at as u16, area.width.saturating_sub(2), line, style);
    }
    playbooks(canvas, model, area);
}

fn playbooks(canvas: &mut Canvas, model: &Model, area: Rect) {
    let theme = canvas.theme;
    let books = playbooks::offered(model);
    // Of a decision the caller gets one text.
    let has_words = model.triage.as_ref().is_some_and(|triage| triage.decision.is_public());
    let marked = |replies: bool| if replies && has_words { "*" } else { "" };
    let some = has_words && books.iter().any(|book| book.reply.is_some());
    let books = books.into_iter().filter_map(|b| Some(format!("{} {}{}", b.key?, b.name, marked(b.reply.is_some()))));
    let mut text = books.collect::<Vec<_>>().join("  ");
    if some {
        text.push_str("  *its own reply goes");
    }
    canvas.put(1, area.y + 3, area.width.saturating_sub(2), &text, theme.dim);
}
