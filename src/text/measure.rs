//! Text in cells of the terminal: how wide it is, cut to fit, wrapped. A grapheme cluster is never cut.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The cells that `text` takes: the sum over its grapheme clusters, which is how it is drawn.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// `text` in at most `cells` cells; what is cut off leaves `ellipsis` (`…`, in ASCII `~`).
pub fn fit<'a>(text: &'a str, cells: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let Some(room) = cells.checked_sub(width(ellipsis)) else {
        return Cow::Borrowed(head(text, cells));
    };
    Cow::Owned(format!("{}{ellipsis}", head(text, room)))
}

/// The longest beginning of `text` that takes at most `cells` cells.
pub fn head(text: &str, cells: usize) -> &str {
    if text.is_ascii() {
        return &text[..cells.min(text.len())];
    }
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > cells {
            return &text[..at];
        }
    }
    text
}

/// `text` as one line: each run of line breaks and tabs, with the spaces around it, becomes one space.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(['\n', '\r', '\t']) {
        return Cow::Borrowed(text);
    }
    let parts: Vec<&str> = text.split(['\n', '\r', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect();
    Cow::Owned(parts.join(" "))
}

/// `text` in lines of at most `cells` cells, broken between words; a word that is longer than a line is broken between
/// grapheme clusters. Spaces at a break are left out, those at the beginning of a line stay. Never empty: an empty text
/// is one empty line. A cluster that is wider than `cells` stands alone on its line.
pub fn wrap(text: &str, cells: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        wrap_line(line, cells.max(1), &mut lines);
    }
    lines
}

fn wrap_line<'a>(line: &'a str, cells: usize, lines: &mut Vec<&'a str>) {
    if line.is_ascii() && line.len() <= cells {
        lines.push(line.trim_end());
        return;
    }
    // `start..end` is the line so far, without the spaces after it; `used` its width.
    let (mut start, mut end, mut used) = (0, 0, 0);
    let mut next = 0;
    for piece in line.split_inclusive(char::is_whitespace) {
        let (word, at) = (piece.trim_end(), next);
        next += piece.len();
        if word.is_empty() {
            continue;
        }
        let wide = width(word);
        let gap = width(&line[end..at]);
        if used + gap + wide <= cells {
            (end, used) = (at + word.len(), used + gap + wide);
            continue;
        }
        if end > start {
            lines.push(&line[start..end]);
        }
        (start, used) = (at, 0);
        for (offset, grapheme) in word.grapheme_indices(true) {
            let (here, wide) = (at + offset, grapheme.width());
            if used + wide > cells && here > start {
                lines.push(&line[start..here]);
                (start, used) = (here, 0);
            }
            used += wide;
        }
        end = at + word.len();
    }
    lines.push(&line[start..end]);
}

/// A stored name as people read it: `in_progress` is "in progress".
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}
