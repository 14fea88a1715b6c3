//! The screen: what was drawn last, what is drawn now, and one write with the difference.
//!
//! Stands where `ratatui::Terminal` would, for three things that it lacks: an unchanged frame writes nothing, rows that
//! only moved are moved by the terminal itself (a scroll region), and styles and cursor moves cost as little as they can.

use std::io::{self, Write};

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};

use super::abilities::Terminal;
use super::cells::{Cell, Glyphs};
use super::encode::Encoder;

/// A drawing surface over anything that takes bytes.
#[derive(Debug)]
pub struct Screen<W> {
    out: W,
    terminal: Terminal,
    buffer: Buffer,
    shown: Vec<Cell>,
    next: Vec<Cell>,
    glyphs: Glyphs,
    encoder: Encoder,
    cursor: Option<Position>,
    /// What the terminal shows is not known; the next frame starts from an empty screen.
    stale: bool,
}

/// Frames beyond this many bytes are sent as one update, so that nobody sees half of one.
const SYNC_BEYOND: usize = 512;
const SYNC_BEGIN: &[u8] = b"\x1b[?2026h";
const SYNC_END: &[u8] = b"\x1b[?2026l";
/// Columns at the left that do not count when rows are compared for a move: a list keeps its selection mark there.
const MARK_COLUMNS: usize = 4;
/// What a scroll costs, in cells, rounded up.
const SCROLL_COST: usize = 24;

/// Rows `top..=bottom` of the screen moved up by `up` (down when negative).
#[derive(Clone, Copy, Debug)]
struct Shift {
    top: usize,
    bottom: usize,
    up: isize,
}

impl<W: Write> Screen<W> {
    /// A screen of `size`, taken to be in an unknown state with a hidden cursor.
    pub fn new(out: W, size: Size, terminal: Terminal) -> Self {
        let buffer = Buffer::empty(Rect::from((Position::ORIGIN, size)));
        Self {
            out,
            terminal,
            buffer,
            shown: Vec::new(),
            next: Vec::new(),
            glyphs: Glyphs::default(),
            encoder: Encoder::default(),
            cursor: None,
            stale: true,
        }
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        self.buffer.area.as_size()
    }

    /// The terminal changed its size: the next frame is drawn whole.
    pub fn resize(&mut self, size: Size) {
        self.buffer.resize(Rect::from((Position::ORIGIN, size)));
        self.invalidate();
    }

    /// Something else wrote to the terminal: the next frame is drawn whole, with the cursor's state set anew.
    pub fn invalidate(&mut self) {
        self.stale = true;
    }

    /// The bytes' way out, for a title or a copied text. What moves the cursor or changes the screen must not go here.
    pub fn out(&mut self) -> &mut W {
        &mut self.out
    }

    /// Draws a frame: `paint` fills an empty buffer and says where the cursor is, if it is to be seen. Sends what changed
    /// in one write, and nothing when nothing did. Returns the number of bytes sent.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Buffer) -> Option<Position>) -> io::Result<usize> {
        self.buffer.reset();
        let cursor = paint(&mut self.buffer).filter(|at| self.buffer.area.contains(*at));
        if self.glyphs.is_full() {
            self.glyphs.clear();
            self.stale = true;
        }
        self.glyphs.pack(&self.buffer, &self.terminal, &mut self.next);
        self.encoder.begin();
        self.encoder.put(SYNC_BEGIN);
        if self.stale {
            self.start_over();
        } else if self.terminal.scroll {
            self.scroll();
        }
        let width = usize::from(self.buffer.area.width).max(1);
        let rows = self.shown.chunks_exact(width).zip(self.next.chunks_exact(width));
        for (y, (shown, next)) in rows.enumerate().filter(|(_, (shown, next))| shown != next) {
            self.encoder.row(y, shown, next, &self.glyphs);
        }
        self.place_cursor(cursor);
        // Until the bytes are out, what the terminal shows is not certain.
        self.stale = true;
        let sent = self.send()?;
        self.stale = false;
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(sent)
    }

    fn start_over(&mut self) {
        self.encoder.forget();
        self.encoder.clear();
        self.encoder.put(b"\x1b[?25l");
        self.cursor = None;
        self.shown.clear();
        self.shown.resize(self.next.len(), Cell::BLANK);
    }

    fn place_cursor(&mut self, cursor: Option<Position>) {
        let drawn = self.encoder.out.len() > SYNC_BEGIN.len();
        if let Some(at) = cursor.filter(|_| drawn || cursor != self.cursor) {
            self.encoder.go(at.x.into(), at.y.into());
        }
        match (self.cursor, cursor) {
            (None, Some(_)) => self.encoder.put(b"\x1b[?25h"),
            (Some(_), None) => self.encoder.put(b"\x1b[?25l"),
            _ => {}
        }
        self.cursor = cursor;
    }

    fn send(&mut self) -> io::Result<usize> {
        let whole = self.encoder.out.len() > SYNC_BEYOND && self.terminal.sync;
        if whole {
            self.encoder.put(SYNC_END);
        }
        let bytes = &self.encoder.out[if whole { 0 } else { SYNC_BEGIN.len() }..];
        if !bytes.is_empty() {
            self.out.write_all(bytes)?;
            self.out.flush()?;
        }
        Ok(bytes.len())
    }

    /// Lets the terminal move rows that only moved, where that saves bytes.
    fn scroll(&mut self) {
        let width = usize::from(self.buffer.area.width).max(1);
        let Some(shift) = find_shift(&self.shown, &self.next, width) else { return };
        let span = shift.top * width..(shift.bottom + 1) * width;
        let (shown, next) = (&mut self.shown[span.clone()], &self.next[span]);
        let moved = shift.up.unsigned_abs() * width;
        let kept = shown.len() - moved;
        let before = changed(shown, next);
        let (free, after) = if shift.up > 0 {
            (kept..shown.len(), changed(&shown[moved..], &next[..kept]) + visible(&next[kept..]))
        } else {
            (0..moved, changed(&shown[..kept], &next[moved..]) + visible(&next[..moved]))
        };
        if after + SCROLL_COST > before {
            return;
        }
        self.encoder.scroll(shift.top, shift.bottom, shift.up);
        if shift.up > 0 {
            shown.rotate_left(moved)
        } else {
            shown.rotate_right(moved)
        }
        shown[free].fill(Cell::BLANK);
    }
}

fn changed(a: &[Cell], b: &[Cell]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

fn visible(cells: &[Cell]) -> usize {
    cells.iter().filter(|cell| **cell != Cell::BLANK).count()
}

/// The vertical move that explains most of the changed rows, if one does: found by comparing rows by hash.
fn find_shift(shown: &[Cell], next: &[Cell], width: usize) -> Option<Shift> {
    let hash = |row: &[Cell]| row[MARK_COLUMNS.min(width)..].iter().fold(0, |seed, cell| cell.hash(seed));
    let blank = hash(&vec![Cell::BLANK; width]);
    let rows = || shown.chunks_exact(width).zip(next.chunks_exact(width)).enumerate().filter(|(_, (a, b))| a != b);
    let old: Vec<(isize, u64)> = rows().map(|(y, (a, _))| (y as isize, hash(a))).filter(|(_, h)| *h != blank).collect();
    let new: Vec<(isize, u64)> = rows().map(|(y, (_, b))| (y as isize, hash(b))).filter(|(_, h)| *h != blank).collect();
    if new.len() < 2 {
        return None;
    }
    let height = (shown.len() / width) as isize;
    let mut votes = vec![0u16; 2 * height as usize];
    let pairs =
        || new.iter().flat_map(|(to, h)| old.iter().filter(move |(_, o)| o == h).map(move |(from, _)| (*from, *to)));
    for (from, to) in pairs().filter(|(from, to)| from != to) {
        votes[(from - to + height) as usize] += 1;
    }
    let (best, count) = votes.iter().enumerate().max_by_key(|(_, count)| **count)?;
    if *count == 0 {
        return None;
    }
    let up = best as isize - height;
    let landed: Vec<isize> = pairs().filter(|(from, to)| from - to == up).map(|(_, to)| to).collect();
    let (first, last) = longest_group(&landed)?;
    Some(Shift { top: first.min(first + up) as usize, bottom: last.max(last + up) as usize, up })
}

/// The largest group of rows with no more than two strangers between neighbours, as its first and last row: a row that
/// looks alike by chance far away must not drag a header along.
fn longest_group(rows: &[isize]) -> Option<(isize, isize)> {
    rows.chunk_by(|a, b| b - a <= 3)
        .max_by_key(|group| group.len())
        .and_then(|group| Some((*group.first()?, *group.last()?)))
}
