//! Lines of words with their roles: how they are made, broken and drawn.

use ratatui::style::Style;

use crate::text::{width, wrap};
use crate::ui::paint::Canvas;
use crate::ui::theme::Theme;

/// A line: pieces with their roles. Roles become styles when the line is drawn.
pub type Line = Vec<(String, Role)>;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Plain,
    Dim,
    Strong,
    Public,
    Internal,
    Warn,
    Bad,
    Good,
    Chosen,
}

impl Role {
    const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Plain => theme.plain,
            Self::Dim => theme.dim,
            Self::Strong => theme.strong,
            Self::Public => theme.public,
            Self::Internal => theme.internal,
            Self::Warn => theme.warn,
            Self::Bad => theme.bad,
            Self::Good => theme.good,
            Self::Chosen => theme.chosen,
        }
    }
}

/// Draws one line.
pub fn draw_line(canvas: &mut Canvas, line: &Line, x: u16, y: u16, width: u16) {
    let theme = canvas.theme;
    let right = x + width;
    // What is chosen has a sign too, for who sees no styles.
    if x > 0 && line.iter().any(|(_, role)| *role == Role::Chosen) {
        canvas.put(x - 1, y, 1, theme.glyphs.cursor, theme.accent);
    }
    let mut x = x;
    for (text, role) in line {
        x += canvas.put(x, y, right.saturating_sub(x), text, role.style(&theme));
    }
}

/// Breaks a line of labels and values where the next pair would not fit.
pub fn flow(pieces: Line, room: u16) -> Vec<Line> {
    const BETWEEN: usize = 3;
    let mut lines: Vec<Line> = Vec::new();
    let mut used = 0;
    for pair in pieces.chunks(2) {
        let wide: usize = pair.iter().map(|(text, _)| width(text)).sum();
        match lines.last_mut().filter(|_| used + BETWEEN + wide <= room as usize) {
            Some(line) => {
                line.push((" ".repeat(BETWEEN), Role::Plain));
                line.extend_from_slice(pair);
                used += BETWEEN + wide;
            }
            None => {
                lines.push(pair.to_vec());
                used = wide;
            }
        }
    }
    lines.into_iter().flat_map(|line| fold(line, room)).collect()
}

/// Breaks a line between words, its pieces keeping their roles; what follows is set in.
pub fn fold(line: Line, room: u16) -> Vec<Line> {
    const INDENT: usize = 2;
    let (mut lines, mut used): (Vec<Line>, usize) = (vec![Vec::new()], 0);
    for (text, role) in line {
        for word in text.split_inclusive(' ') {
            let wide = width(word.trim_end());
            if used + wide > room as usize && used > INDENT {
                lines.push(vec![(" ".repeat(INDENT), Role::Plain)]);
                used = INDENT;
            }
            used += width(word);
            let Some(line) = lines.last_mut() else { continue };
            match line.last_mut().filter(|(_, last)| *last == role) {
                Some((before, _)) => before.push_str(word),
                None => line.push((word.to_owned(), role)),
            }
        }
    }
    for line in &mut lines {
        if let Some((last, _)) = line.last_mut() {
            last.truncate(last.trim_end().len());
        }
    }
    lines
}

/// Text in lines of at most that width; none where there is no text.
pub fn words(text: &str, width: u16, indent: &str, role: Role) -> Vec<Line> {
    if text.is_empty() {
        return Vec::new();
    }
    let room = (width as usize).saturating_sub(indent.len()).max(10);
    text.split('\n').flat_map(|line| wrap(line, room)).map(|line| vec![(format!("{indent}{line}"), role)]).collect()
}
