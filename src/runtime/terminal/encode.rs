//! From two packed frames to the fewest bytes that turn one into the other.
//!
//! The encoder knows what the terminal was left with (style, cursor) and picks the shortest way: a relative move or an
//! absolute one, the attributes that differ or a reset, erasing or blanks. It only appends to a buffer.

use std::io::Write;

use super::cells::{ATTRIBUTES, Cell, Glyph, Glyphs, Look};
use super::colour::Wire;

/// What the terminal was told last, and the bytes for it that are not sent yet.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    pub(super) out: Vec<u8>,
    /// `None` when the terminal's state is not known.
    look: Option<Look>,
    column: Option<usize>,
    row: Option<usize>,
    scratch: [Vec<u8>; 2],
}

/// Erasing ahead (`CSI n X`) and stepping over costs about this much; shorter runs are written as blanks.
const ERASE_COST: usize = 10;

impl Encoder {
    /// Starts a frame. The cursor is taken as lost: one absolute move a frame is cheap, and puts right whatever another
    /// program wrote in between.
    pub(super) fn begin(&mut self) {
        self.out.clear();
        self.lose_cursor();
    }

    /// Forgets the style as well, after which nothing is assumed about the terminal.
    pub(super) fn forget(&mut self) {
        self.look = None;
        self.lose_cursor();
    }

    fn lose_cursor(&mut self) {
        (self.column, self.row) = (None, None);
    }

    /// Clears the whole screen.
    pub(super) fn clear(&mut self) {
        self.set_look(Look::PLAIN);
        self.put(b"\x1b[2J");
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Moves the rows `top..=bottom` by `up` (down when negative); rows that come free are blank.
    pub(super) fn scroll(&mut self, top: usize, bottom: usize, up: isize) {
        // A scroll fills with the current background.
        self.set_look(Look::PLAIN);
        let (count, direction) = (up.unsigned_abs(), if up > 0 { 'S' } else { 'T' });
        let _ = write!(self.out, "\x1b[{};{}r\x1b[", top + 1, bottom + 1);
        if count > 1 {
            let _ = write!(self.out, "{count}");
        }
        let _ = write!(self.out, "{direction}\x1b[r");
        self.lose_cursor();
    }

    /// Turns one row from `prev` into `next`.
    pub(super) fn row(&mut self, y: usize, prev: &[Cell], next: &[Cell], glyphs: &Glyphs) {
        let Some(first) = prev.iter().zip(next).position(|(a, b)| a != b) else { return };
        let last = prev.iter().zip(next).rposition(|(a, b)| a != b).unwrap_or(first);
        let text_end = next.iter().rposition(|cell| *cell != Cell::BLANK).map_or(0, |x| x + 1);
        // Blanks up to the edge of the screen are erased at once.
        let tail = (text_end.max(first)..=last).find(|x| prev[*x] != next[*x]).filter(|x| last + 1 - x > 3);
        let stop = tail.unwrap_or(last + 1);
        let (mut x, mut spoilt) = (first, first);
        while x < stop.max(spoilt) {
            let cell = next[x];
            if cell.glyph == Glyph::HALF || cell == prev[x] && x >= spoilt {
                x += 1;
                continue;
            }
            let end = stop.max(x);
            let blanks = dirty_blanks(&prev[x..end], &next[x..end]);
            if blanks > ERASE_COST {
                self.go(x, y);
                self.set_blank_look();
                let _ = write!(self.out, "\x1b[{blanks}X");
                x += blanks;
                continue;
            }
            self.approach(x, y, next, glyphs);
            self.glyph(cell, next.len(), glyphs);
            // A terminal may have drawn it wider and spoilt what follows, whether that changed or not.
            spoilt = spoilt.max((x + glyphs.widest(cell.glyph)).min(tail.unwrap_or(next.len())));
            x += cell.glyph.width();
        }
        if let Some(tail) = tail {
            self.go(tail, y);
            self.set_blank_look();
            self.put(b"\x1b[K");
        }
    }

    /// Moves to a cell to write it, rewriting the few unchanged cells on the way where that is shorter.
    fn approach(&mut self, x: usize, y: usize, next: &[Cell], glyphs: &Glyphs) {
        if let (Some(column), true) = (self.column, self.row == Some(y)) {
            let between = next.get(column..x).unwrap_or_default();
            let cost = 3 + if between.len() > 1 { digits(between.len()) } else { 0 };
            let pens = [self.look.unwrap_or(Look::PLAIN), next[x].look];
            let writable = |pen: Look| {
                between.iter().all(|cell| {
                    cell.suits(pen) && cell.glyph != Glyph::HALF && cell.glyph.width() == 1 && !cell.glyph.is_doubtful()
                })
            };
            if between.is_empty() || between.len() > cost {
                // Nothing on the way, or too far.
            } else if let Some(pen) = pens.into_iter().find(|pen| writable(*pen)) {
                let start = self.out.len();
                let have = self.look;
                self.set_look(pen);
                let text = self.out.len();
                between.iter().for_each(|cell| glyphs.write(cell.glyph, &mut self.out));
                if self.out.len() - text <= cost {
                    self.column = Some(x);
                } else {
                    self.out.truncate(start);
                    self.look = have;
                }
            }
        }
        self.go(x, y);
    }

    fn glyph(&mut self, cell: Cell, width: usize, glyphs: &Glyphs) {
        if !self.look.is_some_and(|pen| cell.suits(pen)) {
            self.set_look(cell.look);
        }
        let columns = cell.glyph.width();
        if cell.glyph.is_doubtful() && columns > 1 {
            // Where the terminal takes it for narrow, the rest of its columns must not keep old text.
            let _ = write!(self.out, "\x1b[{columns}X");
        }
        glyphs.write(cell.glyph, &mut self.out);
        let after = self.column.map(|column| column + columns);
        // In the last column a terminal waits with the wrap: the column is uncertain until the next move.
        self.column = after.filter(|column| *column < width && !cell.glyph.is_doubtful());
    }

    /// Puts the cursor on a cell by the shortest sequence.
    pub(super) fn go(&mut self, x: usize, y: usize) {
        if (self.column, self.row) == (Some(x), Some(y)) {
            return;
        }
        let [direct, stepped] = &mut self.scratch;
        direct.clear();
        let _ = match (y, x) {
            (0, 0) => write!(direct, "\x1b[H"),
            (_, 0) => write!(direct, "\x1b[{}H", y + 1),
            _ => write!(direct, "\x1b[{};{}H", y + 1, x + 1),
        };
        let mut shortest: &[u8] = direct;
        if let Some(row) = self.row {
            stepped.clear();
            vertical(row, y, stepped);
            let vertical_len = stepped.len();
            match self.column {
                Some(column) => horizontal(column, x, stepped),
                None => from_margin(x, stepped),
            }
            if self.column.is_some() && stepped.len() - vertical_len > 1 + margin_len(x) {
                stepped.truncate(vertical_len);
                from_margin(x, stepped);
            }
            if stepped.len() < shortest.len() {
                shortest = stepped;
            }
        }
        self.out.extend_from_slice(shortest);
        (self.column, self.row) = (Some(x), Some(y));
    }

    /// A style in which a blank is a blank, for erasing: the terminal fills with the current background.
    fn set_blank_look(&mut self) {
        if !self.look.is_some_and(|pen| Cell::BLANK.suits(pen)) {
            self.set_look(Look::PLAIN);
        }
    }

    fn set_look(&mut self, want: Look) {
        let Some(have) = self.look else {
            self.put(b"\x1b[m");
            self.look = Some(Look::PLAIN);
            return self.set_look(want);
        };
        if have == want {
            return;
        }
        self.look = Some(want);
        if want == Look::PLAIN {
            return self.put(b"\x1b[m");
        }
        let [fresh, change] = &mut self.scratch;
        change.clear();
        attribute_change(have.attributes(), want.attributes(), change);
        if have.fg() != want.fg() {
            colour(want.fg(), 30, change);
        }
        if have.bg() != want.bg() {
            colour(want.bg(), 40, change);
        }
        let mut shortest: &[u8] = change;
        // Starting afresh can only be shorter where something must be switched off.
        if change.len() > 4 {
            fresh.clear();
            fresh.extend_from_slice(b"0;");
            attribute_change(0, want.attributes(), fresh);
            if want.fg() != Wire::Default {
                colour(want.fg(), 30, fresh);
            }
            if want.bg() != Wire::Default {
                colour(want.bg(), 40, fresh);
            }
            if fresh.len() < shortest.len() {
                shortest = fresh;
            }
        }
        self.out.extend_from_slice(b"\x1b[");
        // The last separator gives way to the final letter.
        self.out.extend_from_slice(&shortest[..shortest.len() - 1]);
        self.out.push(b'm');
    }
}

/// How many cells from here on are plain blanks, up to the last that changed.
fn dirty_blanks(prev: &[Cell], next: &[Cell]) -> usize {
    let run = next.iter().take_while(|cell| **cell == Cell::BLANK).count();
    prev[..run].iter().zip(&next[..run]).rposition(|(a, b)| a != b).map_or(0, |last| last + 1)
}

fn attribute_change(have: u8, want: u8, out: &mut Vec<u8>) {
    let mut have = have;
    for (bit, _, _, off) in ATTRIBUTES {
        if have & bit != 0 && want & bit == 0 {
            let _ = write!(out, "{off};");
            // Bold and dim are cleared together.
            have &= if bit <= 2 { !3 } else { !bit };
        }
    }
    for (bit, _, on, _) in ATTRIBUTES {
        if want & bit != 0 && have & bit == 0 {
            let _ = write!(out, "{on};");
        }
    }
}

fn colour(colour: Wire, base: u8, out: &mut Vec<u8>) {
    let _ = match colour {
        Wire::Default => write!(out, "{};", base + 9),
        Wire::Index(n @ 0..=7) => write!(out, "{};", base + n),
        Wire::Index(n @ 8..=15) => write!(out, "{};", base + 60 + n - 8),
        Wire::Index(n) => write!(out, "{};5;{n};", base + 8),
        Wire::Rgb(r, g, b) => write!(out, "{};2;{r};{g};{b};", base + 8),
    };
}

fn vertical(from: usize, to: usize, out: &mut Vec<u8>) {
    match (from, to) {
        _ if from == to => {}
        // In raw mode a line feed keeps the column; it never comes in the last row, so it never scrolls.
        _ if to > from && to - from <= 4 => out.extend(std::iter::repeat_n(b'\n', to - from)),
        _ if to > from => step(to - from, 'B', out),
        _ if from - to == 1 => out.extend_from_slice(b"\x1bM"),
        _ => step(from - to, 'A', out),
    }
}

fn horizontal(from: usize, to: usize, out: &mut Vec<u8>) {
    match (from, to) {
        _ if from == to => {}
        _ if to > from => step(to - from, 'C', out),
        _ if from - to <= 3 => out.extend(std::iter::repeat_n(b'\x08', from - to)),
        _ => step(from - to, 'D', out),
    }
}

fn from_margin(to: usize, out: &mut Vec<u8>) {
    out.push(b'\r');
    horizontal(0, to, out);
}

fn margin_len(to: usize) -> usize {
    match to {
        0 => 0,
        1 => 3,
        _ => 3 + digits(to),
    }
}

fn step(count: usize, letter: char, out: &mut Vec<u8>) {
    let _ = if count == 1 { write!(out, "\x1b[{letter}") } else { write!(out, "\x1b[{count}{letter}") };
}

fn digits(n: usize) -> usize {
    n.checked_ilog10().unwrap_or(0) as usize + 1
}
