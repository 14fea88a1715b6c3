//! The radar: what was found above, the evidence and the tickets of one finding below.

use ratatui::layout::{Position, Rect};

use crate::app::model::Model;
use crate::app::radar::{self, Finding, View};
use crate::text::{spaced, wrap};
use crate::ui::cells;
use crate::ui::paint::Canvas;

pub fn draw(canvas: &mut Canvas, model: &Model, view: &View, body: Rect) -> Option<Position> {
    let theme = canvas.theme;
    let title = format!("Radar {} {} findings", theme.glyphs.dash, view.findings.len());
    let below = "p raises a problem, a attaches, m mutes, enter marks, esc closes";
    let inside = canvas.frame(body, false, theme.head, &title, below);
    if view.findings.is_empty() {
        let text = if model.watch.radar.is_none() {
            "The desk's incidents are being compared."
        } else {
            "Nothing comes back more often than it used to."
        };
        canvas.put(inside.x, inside.y, inside.width, text, theme.dim);
        return None;
    }
    let high = (inside.height / 3).max(3).min(view.findings.len() as u16).max(1);
    let top = view.cursor.saturating_sub(high.saturating_sub(1) as usize);
    for ((at, finding), y) in view.findings.iter().enumerate().skip(top).zip(inside.y..inside.y + high) {
        line(canvas, model, finding, at == view.cursor, Rect { y, ..inside });
    }
    if let Some(finding) = view.findings.get(view.cursor) {
        let y = inside.y + high;
        canvas.rule(inside, y, theme.glyphs.rule, theme.dim, &finding.label);
        let area = Rect { y: y + 1, height: inside.bottom().saturating_sub(y + 1), ..inside };
        details(canvas, model, finding, view.top, area);
    }
    None
}

/// One finding: what it weighs, how many tickets, whether it grows, its name.
fn line(canvas: &mut Canvas, model: &Model, finding: &Finding, here: bool, area: Rect) {
    let theme = canvas.theme;
    let sign = if here { theme.glyphs.cursor } else { " " };
    let evidence = &finding.evidence;
    let numbers = format!("{:>5.0} {:>4} tickets, {:>3} before  ", finding.score, evidence.tickets, evidence.before);
    let about = match (&finding.muted, &evidence.problem) {
        (Some(mute), _) => format!("  muted until {}: {}", radar::day(mute.until, &model.zone), mute.reason),
        (None, Some((problem, _))) => format!("  {problem}"),
        (None, None) => String::new(),
    };
    let style = if finding.muted.is_some() { theme.dim } else { theme.strong };
    let parts = [
        (sign, theme.accent),
        (" ", theme.plain),
        (numbers.as_str(), theme.plain),
        (finding.label.as_str(), style),
        (about.as_str(), theme.dim),
    ];
    canvas.spans(area.x, area.y, area.right(), &parts);
}

fn details(canvas: &mut Canvas, model: &Model, finding: &Finding, top: usize, area: Rect) {
    let theme = canvas.theme;
    let parts: Vec<String> =
        finding.evidence.weights().iter().map(|(name, weight)| format!("{name} {weight:.1}")).collect();
    let halved = if finding.evidence.problem.is_some() { "; halved, as a problem is open" } else { "" };
    let mut y = area.y;
    let texts = [
        format!("{}.", finding.why.join("; ")),
        radar::said(&finding.evidence),
        format!("Weighs {:.0}: {}{halved}", finding.score, parts.join(", ")),
    ];
    for (text, style) in texts.iter().zip([theme.plain, theme.plain, theme.dim]) {
        for line in wrap(text, area.width as usize) {
            if y < area.bottom() {
                canvas.put(area.x, y, area.width, line, style);
                y += 1;
            }
        }
    }
    for (id, y) in finding.tickets.iter().skip(top).zip(y..area.bottom()) {
        let Some(row) = model.table.row(id) else { continue };
        let opened = model.table.time(row, crate::domain::table::TimeColumn::Opened);
        let when = opened.map(|at| cells::moment(at, model)).unwrap_or_default();
        let state = spaced(model.table.state(row).as_str());
        let about = format!("{when:>16}  {state:<12}  ");
        let parts = [
            ("  ", theme.plain),
            (id.as_str(), theme.strong),
            ("  ", theme.plain),
            (about.as_str(), theme.dim),
            (model.table.title(row), theme.plain),
        ];
        canvas.spans(area.x, y, area.right(), &parts);
    }
}
