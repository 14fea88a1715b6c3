//! A frame in the form in which it is compared and sent: sixteen bytes a cell, each holding only what can be seen.
//!
//! `ratatui::buffer::Buffer` is what the drawing code fills. Packing settles everything that depends on the terminal
//! (colours it lacks, characters it cannot decode) and everything that cannot be seen (the text colour of a blank), so
//! that two cells are equal when, and only when, they look equal. No control character gets through.

use std::collections::HashMap;

use ratatui::buffer::{Buffer, CellWidth};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthChar;

use super::abilities::Terminal;
use super::colour::Wire;

/// What stands in a cell. Short text is held in the word itself, longer text by its number in [`Glyphs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyph(u64);

// The upper byte: how many bytes of text (3 bits), how many columns more than one (2 bits), then these.
const LENGTH: u32 = 56;
const EXTRA: u32 = 59;
const DOUBTFUL: u64 = 1 << 61;
const NAMED: u64 = 1 << 62;
const INLINE: usize = 7;
const WIDEST: u16 = 4;
/// Bytes of one symbol beyond which only its first character is shown: no script needs more.
const LONGEST: usize = 40;

impl Glyph {
    pub(super) const BLANK: Self = Self::ascii(b' ');
    /// A column that the wide character to its left covers.
    pub(super) const HALF: Self = Self(1 << 63);

    const fn ascii(byte: u8) -> Self {
        Self(1 << LENGTH | byte as u64)
    }

    /// Columns that it covers.
    pub(super) fn width(self) -> usize {
        1 + (self.0 >> EXTRA & 3) as usize
    }

    /// Terminals differ over the width of this one, so nothing may be assumed about the cursor after it.
    pub(super) fn is_doubtful(self) -> bool {
        self.0 & DOUBTFUL != 0
    }
}

/// Colours and attributes of a cell, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look(u64);

/// Attribute bits, with the SGR numbers that set and clear them.
pub(super) const ATTRIBUTES: [(u8, Modifier, u8, u8); 7] = [
    (1, Modifier::BOLD, 1, 22),
    (2, Modifier::DIM, 2, 22),
    (4, Modifier::ITALIC, 3, 23),
    (8, Modifier::UNDERLINED, 4, 24),
    (16, Modifier::REVERSED, 7, 27),
    (32, Modifier::HIDDEN, 8, 28),
    (64, Modifier::CROSSED_OUT, 9, 29),
];
/// Underline, reverse and strike: the attributes that show on a blank.
const ON_BLANK: u8 = 8 | 16 | 64;

impl Look {
    pub(super) const PLAIN: Self = Self(0);

    fn new(fg: Wire, bg: Wire, attributes: u8) -> Self {
        Self(fg.pack() | bg.pack() << Wire::BITS | u64::from(attributes) << (2 * Wire::BITS))
    }

    pub(super) fn fg(self) -> Wire {
        Wire::unpack(self.0)
    }

    pub(super) fn bg(self) -> Wire {
        Wire::unpack(self.0 >> Wire::BITS)
    }

    pub(super) fn attributes(self) -> u8 {
        (self.0 >> (2 * Wire::BITS)) as u8
    }

    fn of_blank(self) -> Self {
        match self.attributes() & ON_BLANK {
            0 => Self::new(Wire::Default, self.bg(), 0),
            shown => Self::new(self.fg(), self.bg(), shown),
        }
    }
}

/// One cell as the terminal shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) glyph: Glyph,
    pub(super) look: Look,
}

impl Cell {
    pub(super) const BLANK: Self = Self { glyph: Glyph::BLANK, look: Look::PLAIN };

    /// Whether writing this cell with `pen` set shows what it should.
    pub(super) fn suits(self, pen: Look) -> bool {
        self.look == pen
            || self.glyph == Glyph::BLANK && pen.attributes() & ON_BLANK == 0 && pen.of_blank() == self.look
    }

    pub(super) fn hash(self, seed: u64) -> u64 {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        let once = (seed ^ self.glyph.0).wrapping_mul(MIX).rotate_left(29);
        (once ^ self.look.0).wrapping_mul(MIX).rotate_left(31)
    }
}

/// Texts too long to stand in a [`Glyph`], numbered.
#[derive(Debug, Default)]
pub(super) struct Glyphs {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
}

impl Glyphs {
    /// More than one screen ever holds; beyond it the caller starts afresh.
    const MANY: usize = 8192;

    pub(super) fn is_full(&self) -> bool {
        self.texts.len() > Self::MANY
    }

    /// Forgets all texts: every glyph made before is void.
    pub(super) fn clear(&mut self) {
        self.texts.clear();
        self.numbers.clear();
    }

    /// Appends the text of a glyph.
    pub(super) fn write(&self, glyph: Glyph, out: &mut Vec<u8>) {
        if glyph.0 & NAMED != 0 {
            let text = self.texts.get(glyph.0 as u32 as usize);
            out.extend_from_slice(text.map_or(b" ", |text| text.as_bytes()));
        } else {
            let len = (glyph.0 >> LENGTH & 7) as usize;
            out.extend_from_slice(&glyph.0.to_le_bytes()[..len]);
        }
    }

    /// The most columns that a terminal could give it: one that does not join its characters draws them side by side.
    pub(super) fn widest(&self, glyph: Glyph) -> usize {
        if !glyph.is_doubtful() {
            return glyph.width();
        }
        let mut bytes = Vec::new();
        self.write(glyph, &mut bytes);
        side_by_side(&String::from_utf8_lossy(&bytes)).max(glyph.width())
    }

    fn glyph(&mut self, symbol: &str, utf8: bool) -> Glyph {
        if let [byte] = symbol.as_bytes() {
            return if byte.is_ascii_control() { Glyph::BLANK } else { Glyph::ascii(*byte) };
        }
        self.other(symbol, utf8)
    }

    fn other(&mut self, symbol: &str, utf8: bool) -> Glyph {
        let mut chars = symbol.chars();
        let single = chars.next().is_some() && chars.next().is_none();
        if symbol.chars().any(char::is_control) {
            return Glyph::BLANK;
        }
        if symbol.len() > LONGEST {
            return self.glyph(first_of(symbol), utf8);
        }
        let width = symbol.cell_width();
        if width == 0 || width > WIDEST {
            return Glyph::BLANK;
        }
        let mut flags = u64::from(width - 1) << EXTRA;
        if !utf8 {
            return self.inline(&"????"[..usize::from(width)], flags);
        }
        if !single {
            flags |= DOUBTFUL;
        }
        if symbol.len() <= INLINE {
            return self.inline(symbol, flags);
        }
        let number = match self.numbers.get(symbol) {
            Some(number) => *number,
            None => {
                let number = self.texts.len() as u32;
                self.texts.push(symbol.into());
                self.numbers.insert(symbol.into(), number);
                number
            }
        };
        Glyph(NAMED | flags | u64::from(number))
    }

    fn inline(&self, text: &str, flags: u64) -> Glyph {
        let mut bytes = [0; 8];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Glyph(u64::from_le_bytes(bytes) | (text.len() as u64) << LENGTH | flags)
    }

    /// Packs a whole buffer into `cells`, row by row, replacing what was there.
    pub(super) fn pack(&mut self, buffer: &Buffer, terminal: &Terminal, cells: &mut Vec<Cell>) {
        let width = usize::from(buffer.area.width);
        cells.clear();
        let mut key = (Color::Reset, Color::Reset, Modifier::empty());
        let mut look = Look::PLAIN;
        let mut halves = 0;
        for (i, cell) in buffer.content.iter().enumerate() {
            if (cell.fg, cell.bg, cell.modifier) != key {
                key = (cell.fg, cell.bg, cell.modifier);
                look = look_of(key, terminal);
            }
            if halves > 0 {
                halves -= 1;
                cells.push(Cell { glyph: Glyph::HALF, look: Look::PLAIN });
                continue;
            }
            let mut glyph = self.glyph(cell.symbol(), terminal.utf8);
            let room = width - i % width;
            if glyph.is_doubtful() && room < LONGEST && side_by_side(cell.symbol()) > room {
                // Drawn wider than it should be, it would wrap into the next row.
                glyph = self.glyph(first_of(cell.symbol()), terminal.utf8);
            }
            if glyph.width() > room {
                glyph = Glyph::BLANK;
            }
            halves = glyph.width() - 1;
            let look = if glyph == Glyph::BLANK { look.of_blank() } else { look };
            cells.push(Cell { glyph, look });
        }
    }
}

fn side_by_side(symbol: &str) -> usize {
    symbol.chars().filter_map(UnicodeWidthChar::width).sum()
}

fn first_of(symbol: &str) -> &str {
    symbol.chars().next().map_or(" ", |first| &symbol[..first.len_utf8()])
}

fn look_of((fg, bg, modifier): (Color, Color, Modifier), terminal: &Terminal) -> Look {
    let set = |sum: u8, (bit, wanted, _, _): &(u8, Modifier, u8, u8)| {
        if modifier.contains(*wanted) { sum | bit } else { sum }
    };
    let mut attributes = ATTRIBUTES.iter().fold(0, set);
    if attributes & 3 == 3 {
        // Bold and dim at once: terminals disagree on which wins, so bold does.
        attributes &= !2;
    }
    Look::new(terminal.color.wire(fg), terminal.color.wire(bg), attributes)
}
