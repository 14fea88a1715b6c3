//! How many colours the terminal has, and the nearest of them to what the theme asks for.
//!
//! The theme may use any `ratatui::style::Color`; the step down happens here, when a cell is written, and nowhere else.

use ratatui::style::Color;

/// The colours that a terminal can show. `Mono` keeps bold, underline and reverse, which carry meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorMode {
    Mono,
    Ansi16,
    Ansi256,
    True,
}

/// A colour as it goes on the wire, in 26 bits: a tag in the upper two, the value below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    Default,
    Index(u8),
    Rgb(u8, u8, u8),
}

const TAG_INDEX: u64 = 1 << 24;
const TAG_RGB: u64 = 2 << 24;

impl Wire {
    pub(super) const BITS: u32 = 26;

    pub(super) fn pack(self) -> u64 {
        match self {
            Self::Default => 0,
            Self::Index(n) => TAG_INDEX | u64::from(n),
            Self::Rgb(r, g, b) => TAG_RGB | u64::from(r) << 16 | u64::from(g) << 8 | u64::from(b),
        }
    }

    pub(super) fn unpack(bits: u64) -> Self {
        let byte = |shift: u32| (bits >> shift & 0xff) as u8;
        match bits & (3 << 24) {
            TAG_INDEX => Self::Index(byte(0)),
            TAG_RGB => Self::Rgb(byte(16), byte(8), byte(0)),
            _ => Self::Default,
        }
    }
}

impl ColorMode {
    /// The colour that this terminal shows for `color`.
    pub(super) fn wire(self, color: Color) -> Wire {
        let exact = match color {
            Color::Reset => return Wire::Default,
            Color::Rgb(r, g, b) => Wire::Rgb(r, g, b),
            Color::Indexed(n) => Wire::Index(n),
            named => Wire::Index(named_index(named)),
        };
        match (self, exact) {
            (Self::Mono, _) => Wire::Default,
            (Self::Ansi16, Wire::Index(n)) if n >= 16 => {
                let (r, g, b) = index_rgb(n);
                Wire::Index(nearest(&BASE, r, g, b))
            }
            (Self::Ansi16, Wire::Rgb(r, g, b)) => Wire::Index(nearest(&BASE, r, g, b)),
            (Self::Ansi256, Wire::Rgb(r, g, b)) => Wire::Index(nearest_256(r, g, b)),
            (_, exact) => exact,
        }
    }
}

fn named_index(color: Color) -> u8 {
    match color {
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        _ => 0,
    }
}

/// xterm's first sixteen. Users change them, so they are only ever the nearest guess for a colour that is not there.
const BASE: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn distance(a: (u8, u8, u8), r: u8, g: u8, b: u8) -> u32 {
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    // The eye weighs green most and blue least.
    3 * square(a.0, r) + 4 * square(a.1, g) + 2 * square(a.2, b)
}

fn nearest(palette: &[(u8, u8, u8)], r: u8, g: u8, b: u8) -> u8 {
    let best = palette.iter().enumerate().min_by_key(|(_, entry)| distance(**entry, r, g, b));
    best.map_or(0, |(index, _)| index as u8)
}

fn nearest_256(r: u8, g: u8, b: u8) -> u8 {
    let level = |value: u8| (0..6u8).min_by_key(|i| LEVELS[usize::from(*i)].abs_diff(value)).unwrap_or(0);
    let cube = 16 + 36 * level(r) + 6 * level(g) + level(b);
    let mean = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
    let grey = 232 + (mean.saturating_sub(3) / 10).min(23) as u8;
    if distance(index_rgb(grey), r, g, b) < distance(index_rgb(cube), r, g, b) { grey } else { cube }
}

fn index_rgb(index: u8) -> (u8, u8, u8) {
    match index {
        0..=15 => BASE[usize::from(index)],
        16..=231 => {
            let n = usize::from(index - 16);
            (LEVELS[n / 36], LEVELS[n / 6 % 6], LEVELS[n % 6])
        }
        _ => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}
