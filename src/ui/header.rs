//! The first lines: panes with their counts, how the desk stands, and the tabs of the pane's views.

use ratatui::style::Style;

use crate::app::lists;
use crate::app::model::{Loading, Model};
use crate::app::pane::Pane;
use crate::text::{fit, width};
use crate::ui::health;
use crate::ui::paint::Canvas;

pub fn draw(canvas: &mut Canvas, model: &Model) {
    panes(canvas, model);
    if model.detail.is_none() && model.triage.is_none() {
        views(canvas, model);
    }
}

/// What the first line says of the panes that are not shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    Counted,
    Named,
    Untold,
}

fn panes(canvas: &mut Canvas, model: &Model) {
    let theme = canvas.theme;
    let wide = canvas.buf.area.width;
    let least = least(model, canvas);
    let fits = |others: &Others| {
        let tabs: usize = tabs(model, *others).iter().map(|(text, _)| width(text)).sum();
        least == 0 || 1 + tabs + 2 + least <= wide as usize
    };
    let others = [Others::Counted, Others::Named].into_iter().find(fits).unwrap_or(Others::Untold);
    let mut x = 1;
    for (text, here) in tabs(model, others) {
        let style = if here { theme.accent } else { theme.dim };
        x += canvas.put(x, 0, wide.saturating_sub(x), &text, style);
    }
    let room = wide.saturating_sub(x + 2);
    let (health, style) = standing(model, canvas, room as usize);
    canvas.put_right(x + 1, 0, room, &health, style);
}

/// The panes as they are written, and whether each is the one shown.
fn tabs(model: &Model, others: Others) -> Vec<(String, bool)> {
    let count = |pane: &Pane| model.counts.of.get(pane).map(|count| format!(" {count}")).unwrap_or_default();
    let tab = |pane: &Pane| match (*pane == model.pane, others) {
        (true, _) => Some((format!("[{}{}]", pane.title(), count(pane)), true)),
        (false, Others::Counted) => Some((format!(" {}{} ", pane.title(), count(pane)), false)),
        (false, Others::Named) => Some((format!(" {} ", pane.title()), false)),
        (false, Others::Untold) => None,
    };
    Pane::ALL.iter().filter_map(tab).collect()
}

/// The cells that the right end needs to say which desk is ill and what waits; 0 where there is nothing to say.
fn least(model: &Model, canvas: &Canvas) -> usize {
    let (rest, _) = besides(model, canvas);
    let worst = health::worst(model).unwrap_or_default();
    let gap = if rest.is_empty() || worst.is_empty() { 0 } else { 2 };
    width(&worst) + gap + width(&rest)
}

/// The right end of the first line: the desk, what waits, what is wrong. Where there is little room, in fewer words;
/// what waits is always counted.
fn standing(model: &Model, canvas: &Canvas, room: usize) -> (String, Style) {
    let (rest, style) = besides(model, canvas);
    let forms = health::forms(model);
    let name = model.desk.name.to_string();
    let with = |form: &str, name: &str| {
        let parts = [form, &rest, name];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
    };
    let Some(longest) = forms.first() else {
        let named = with("", &name);
        return (if width(&named) <= room || rest.is_empty() { named } else { rest }, style);
    };
    let named = with(longest, &name);
    let all = std::iter::once(named).chain(forms.iter().map(|form| with(form, "")));
    let shown = all.fold(None::<String>, |shown, form| match shown {
        Some(shown) if width(&shown) <= room => Some(shown),
        _ => Some(form),
    });
    (shown.unwrap_or_default(), canvas.theme.warn)
}

/// What waits, and what sort of view this is.
fn besides(model: &Model, canvas: &Canvas) -> (String, Style) {
    let theme = canvas.theme;
    let mut parts = Vec::new();
    let mut style = theme.dim;
    let is_told = !health::forms(model).is_empty();
    if let Some(trouble) = model.desk.trouble.as_ref().filter(|_| !is_told) {
        parts.push(trouble.to_string());
        style = theme.warn;
    }
    match model.desk.loading {
        _ if is_told => {}
        Loading::Nothing => parts.push("reading".into()),
        Loading::Some => parts.push(format!("reading {}", model.table.len())),
        Loading::All => {}
    }
    if !model.pending.is_empty() {
        parts.push(format!("outbox {}", model.pending.len()));
        style = theme.warn;
    }
    if let Some(at) = model.desk.as_of {
        parts.push(format!("as of {}", at.to_zoned(model.zone.clone()).strftime("%Y-%m-%d %H:%M")));
        style = theme.warn;
    }
    if model.desk.read_only {
        parts.push("read-only".into());
    }
    (parts.join("  "), style)
}

fn views(canvas: &mut Canvas, model: &Model) {
    let theme = canvas.theme;
    let wide = canvas.buf.area.width;
    let list = model.list();
    let right = tail(model, theme.glyphs.ellipsis);
    let room = wide.saturating_sub(u16::try_from(width(&right)).unwrap_or(0) + 2);
    let tab = |(at, name): (usize, &str)| if at == list.view { format!("[{name}]") } else { format!(" {name} ") };
    let tabs: Vec<String> =
        model.settings.views_of(model.pane).map(|view| view.name.as_str()).enumerate().map(tab).collect();
    let (first, end) = window(&tabs, list.view, room.saturating_sub(1) as usize);
    let mut x = 1 + canvas.put(1, 1, room.saturating_sub(1), &more(first), theme.dim);
    for (at, text) in tabs.iter().enumerate().take(end).skip(first) {
        let style = if at == list.view { theme.accent } else { theme.dim };
        x += canvas.put(x, 1, room.saturating_sub(x), text, style);
    }
    canvas.put(x, 1, room.saturating_sub(x), &more(tabs.len() - end), theme.dim);
    let style = if list.fresh > 0 { theme.warn } else { theme.dim };
    canvas.put_right(room, 1, wide.saturating_sub(room + 1), &right, style);
}

/// How many tabs there is no room for on that side.
fn more(tabs: usize) -> String {
    if tabs == 0 { String::new() } else { format!("+{tabs}") }
}

/// Which tabs are shown where there is no room for all: from the first on, or as few left out as show this one and its
/// neighbours; this one alone where there is no room for them.
fn window(tabs: &[String], shown: usize, room: usize) -> (usize, usize) {
    let fits = |from: usize, to: usize| {
        let tabs_wide: usize = tabs.get(from..to).unwrap_or_default().iter().map(|tab| width(tab)).sum();
        tabs_wide + more(from).len() + more(tabs.len() - to).len() <= room
    };
    let this = (shown + 1).min(tabs.len());
    let next = (shown + 2).min(tabs.len());
    let last = if fits(shown.saturating_sub(1), next) { next } else { this };
    let first = (0..this).find(|from| fits(*from, last)).unwrap_or(this.saturating_sub(1));
    let end = (last..=tabs.len()).rev().find(|end| fits(first, *end)).unwrap_or(last);
    (first, end)
}

/// Exact counts: shown, of all in the view, marked, and what waits to be let in.
fn tail(model: &Model, ellipsis: &str) -> String {
    let list = model.list();
    let mut parts = Vec::new();
    if !model.marks.is_empty() {
        parts.push(format!("{} marked", model.marks.len()));
    }
    if list.fresh > 0 {
        parts.push(format!("{} new (R)", list.fresh));
    }
    if let Some(order) = list.sort.first() {
        parts.push(format!("sort {order}"));
    }
    if list.filter.is_empty() {
        parts.push(format!("{}", list.rows.len()));
    } else {
        let room = (model.size.0 / 3) as usize;
        parts.push(format!("/{}", fit(&list.filter, room, ellipsis)));
        parts.push(format!("{} of {}", list.rows.len(), list.base.len()));
    }
    if lists::current_view(model).is_none() {
        parts.push("no view".into());
    }
    parts.join("  ")
}
