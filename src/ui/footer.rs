//! The last two lines: what just happened, and the keys that matter here.

use crate::app::major::owed;
use crate::app::model::Model;
use crate::app::notice::Tone;
use crate::app::overlay::Overlay;
use crate::command::table::{self, Scope};
use crate::text::wrap;
use crate::ui::health;
use crate::ui::paint::Canvas;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub fn draw(canvas: &mut Canvas, model: &Model) {
    let theme = canvas.theme;
    if let Some(said) = &model.notice {
        let style = match said.tone {
            Tone::Done => theme.good,
            Tone::Refused => theme.warn,
            Tone::Trouble => theme.bad,
        };
        notice(canvas, &said.text, style);
    } else if let Some(unread) = &model.list().unread {
        notice(canvas, unread, theme.dim);
    } else if let Some(alarm) = owed::alarm(model) {
        notice(canvas, &alarm, theme.bad);
    } else if let Some(said) = health::beneath(model) {
        notice(canvas, &said, theme.warn);
    }
    if let Some(Overlay::Line(_)) = model.overlays.last() {
        return;
    }
    hints(canvas, model, canvas.buf.area.bottom().saturating_sub(1));
}

/// How many lines the notice takes; one where there is none.
pub fn lines(model: &Model) -> u16 {
    let alarm = owed::alarm(model);
    let said = model.notice.as_ref().map(|said| said.text.as_str());
    let text = said.or(model.list().unread.as_deref()).or(alarm.as_deref());
    let room = model.size.0.saturating_sub(2) as usize;
    text.map_or(1, |text| wrap(text, room).len().clamp(1, MOST) as u16)
}

/// Lines of a notice at most.
const MOST: usize = 6;

/// A sentence above the keys. One that is longer than the line takes lines above it: its end says what to do.
fn notice(canvas: &mut Canvas, text: &str, style: Style) {
    let area = canvas.buf.area;
    let room = area.width.saturating_sub(2);
    let lines = wrap(text, room as usize);
    let count = lines.len().min(MOST) as u16;
    let top = area.bottom().saturating_sub(1 + count);
    canvas.clear(Rect::new(area.x, top, area.width, count));
    for (line, y) in lines.iter().zip(top..top + count) {
        canvas.put(1, y, room, line, style);
    }
}

/// The commands shown for each scope, the most needed first.
fn chosen(scope: Scope, model: &Model) -> &'static [&'static str] {
    match scope {
        Scope::List if !model.marks.is_empty() => {
            &["repeat", "take", "group", "reply", "note", "resolve", "raise-problem", "mark-query", "unfilter", "help"]
        }
        Scope::List => &[
            "open", "take", "reply", "note", "resolve", "triage", "filter", "escalate", "mark", "repeat", "command",
            "help",
        ],
        Scope::Detail => &[
            "take",
            "reply",
            "note",
            "hold",
            "resolve",
            "escalate",
            "detail-tab",
            "close-ticket",
            "step",
            "link",
            "help",
        ],
        Scope::Triage => {
            &["decide", "agree", "repeat-decision", "skip", "undo", "clear-decision", "leave-triage", "help"]
        }
        Scope::Picker => &["pick", "pick-next", "pick-leave"],
        Scope::Form => match model.overlays.last() {
            Some(Overlay::Form(form)) if form.fields.len() == 1 => &["form-send", "form-editor", "form-leave"],
            _ => &["form-send", "form-enter", "form-next", "form-editor", "form-leave"],
        },
        Scope::Compose => &["send", "editor", "insert-canned", "compose-leave"],
        Scope::Line => &["line-enter", "line-complete", "line-leave"],
        Scope::Dialog => match model.overlays.last() {
            Some(Overlay::Preview(held)) if held.act.gives().is_some() => {
                &["confirm", "give-public", "give-internal", "give-none", "dialog-down", "dialog-close"]
            }
            Some(Overlay::Preview(_)) => &["confirm", "dialog-down", "dialog-page-down", "dialog-close"],
            Some(Overlay::Knowledge(_)) => &["dialog-down", "dialog-up", "dialog-close"],
            Some(Overlay::Desks(_)) => &["dialog-retry", "dialog-close"],
            _ => &["dialog-retry", "dialog-down", "dialog-page-down", "dialog-close"],
        },
        Scope::Outbox => {
            &["outbox-open", "outbox-retry", "outbox-retry-all", "outbox-edit", "outbox-drop", "outbox-close"]
        }
        Scope::Conflict => &[
            "choose-mine",
            "choose-theirs",
            "choose-all-mine",
            "choose-all-theirs",
            "conflict-send",
            "conflict-draft",
            "conflict-leave",
        ],
        Scope::Board => match model.overlays.last() {
            Some(Overlay::Days(_)) => {
                &["board-take", "board-next", "board-later", "board-month", "board-today", "board-close"]
            }
            Some(Overlay::Meeting(_)) => &[
                "agenda-approve",
                "agenda-reject",
                "agenda-defer",
                "agenda-minutes",
                "agenda-document",
                "board-take",
                "board-close",
            ],
            _ => &["board-take", "board-down", "board-up", "board-close"],
        },
        Scope::Files => &["file-save", "file-add", "file-down", "file-close"],
        Scope::Radar => &["radar-raise", "radar-attach", "radar-mute", "radar-mark", "radar-down", "radar-close"],
        Scope::Help => &["help-page-down", "help-close"],
        Scope::Global | Scope::Ticket => &[],
    }
}

fn hints(canvas: &mut Canvas, model: &Model, y: u16) {
    let theme = canvas.theme;
    let right = canvas.buf.area.width.saturating_sub(1);
    let scopes = model.scopes();
    let Some(scope) = scopes.first().copied() else { return };
    let mut x = 1;
    let ids = chosen(scope, model);
    let last = ids.len().saturating_sub(1);
    let wide = |keys: &str, word: &str| u16::try_from(keys.len() + word.len() + 3).unwrap_or(u16::MAX);
    // The last one, which leads to all the others, always has its place.
    let kept = ids.last().and_then(|id| Some((table::find(id)?, model.settings.keymap.heard(id, &scopes)?)));
    let kept = kept.map_or(0, |(command, keys)| wide(&keys, command.title));
    for (at, id) in ids.iter().enumerate() {
        let Some(command) = table::find(id) else { continue };
        let Some(keys) = model.settings.keymap.heard(id, &scopes) else { continue };
        let word = command.title.to_lowercase();
        let room = if at == last { right + 2 } else { right.saturating_sub(kept) };
        if x + wide(&keys, &word) > room {
            continue;
        }
        let can = table::can_run(command, model).is_ok();
        let (key, rest) = if can { (theme.accent, theme.plain) } else { (theme.dim, theme.dim) };
        x = canvas.spans(x, y, right, &[(&keys, key), (" ", theme.plain), (&word, rest), ("  ", theme.plain)]);
    }
    if let Some(count) = model.typed.count {
        canvas.put_right(x, y, right.saturating_sub(x), &count.to_string(), theme.accent);
    }
}
