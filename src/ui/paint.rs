//! Putting text into cells. Everything drawn goes through here, cut to its place.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text::{fit, one_line, width};
use crate::ui::theme::Theme;

/// A buffer with the theme at hand.
#[derive(Debug)]
pub struct Canvas<'a> {
    pub buf: &'a mut Buffer,
    pub theme: Theme,
}

impl Canvas<'_> {
    /// Text in one line, cut at `room` cells. Returns the cells used.
    pub fn put(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        if y >= self.buf.area.bottom() || x >= self.buf.area.right() || room == 0 {
            return 0;
        }
        let room = room.min(self.buf.area.right() - x);
        let line = one_line(text);
        let cut = fit(&line, room as usize, self.theme.glyphs.ellipsis);
        if let Some(cells) = self.put_plain(x, y, &cut, style) {
            return cells;
        }
        let (end, _) = self.buf.set_stringn(x, y, cut.as_ref(), room as usize, style);
        end - x
    }

    /// Printable ASCII, which most text is, takes a cell a byte: nobody need look for clusters in it. None for other
    /// text.
    fn put_plain(&mut self, x: u16, y: u16, text: &str, style: Style) -> Option<u16> {
        let plain = text.bytes().fold(true, |plain, byte| plain & (0x20..0x7f).contains(&byte));
        let cells = u16::try_from(text.len()).ok().filter(|_| plain)?;
        let start = self.buf.index_of(x, y);
        let row = self.buf.content.get_mut(start..start + text.len())?;
        for (at, cell) in row.iter_mut().enumerate() {
            cell.set_symbol(text.get(at..=at).unwrap_or(" ")).set_style(style);
        }
        Some(cells)
    }

    /// Text that ends at the right edge of its room.
    pub fn put_right(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) {
        let wide = u16::try_from(width(text)).unwrap_or(room).min(room);
        self.put(x + room - wide, y, wide, text, style);
    }

    /// Several pieces one after the other. Returns the column after the last.
    pub fn spans(&mut self, x: u16, y: u16, right: u16, spans: &[(&str, Style)]) -> u16 {
        spans.iter().fold(x, |x, (text, style)| x + self.put(x, y, right.saturating_sub(x), text, *style))
    }

    /// A rule across, with words in it.
    pub fn rule(&mut self, area: Rect, y: u16, glyph: &str, style: Style, words: &str) {
        for x in area.left()..area.right() {
            self.put(x, y, 1, glyph, style);
        }
        if !words.is_empty() {
            self.put(area.x + 1, y, area.width.saturating_sub(2), &format!(" {words} "), style);
        }
    }

    /// Empties a place. A wide sign that would reach into it goes as a whole.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buf.area);
        for y in area.top()..area.bottom() {
            if area.left() > self.buf.area.left() && width(self.buf[(area.left() - 1, y)].symbol()) > 1 {
                self.buf[(area.left() - 1, y)].reset();
            }
            for x in area.left()..area.right() {
                self.buf[(x, y)].reset();
            }
        }
    }

    /// A frame around a place, with words in its upper and lower edge. Returns the inside.
    pub fn frame(&mut self, area: Rect, double: bool, style: Style, above: &str, below: &str) -> Rect {
        self.clear(area);
        let g = self.theme.glyphs;
        let unicode = g.rule != "-";
        let (line, side, corners) = match (unicode, double) {
            (true, true) => (g.double, "║", ["╔", "╗", "╚", "╝"]),
            (true, false) => (g.rule, "│", ["┌", "┐", "└", "┘"]),
            (false, true) => ("=", "#", ["#", "#", "#", "#"]),
            (false, false) => ("-", "|", ["+", "+", "+", "+"]),
        };
        let (right, bottom) = (area.right().saturating_sub(1), area.bottom().saturating_sub(1));
        self.rule(area, area.y, line, style, above);
        self.rule(area, bottom, line, style, below);
        for y in area.y..=bottom {
            self.put(area.x, y, 1, side, style);
            self.put(right, y, 1, side, style);
        }
        for ((x, y), corner) in
            [(area.x, area.y), (right, area.y), (area.x, bottom), (right, bottom)].into_iter().zip(corners)
        {
            self.put(x, y, 1, corner, style);
        }
        Rect::new(area.x + 2, area.y + 1, area.width.saturating_sub(4), area.height.saturating_sub(2))
    }
}

/// A place in the middle of another, no larger than it.
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}
