//! The roles of colour and the glyphs. Colour carries nothing that a glyph or a word does not carry too.

use ratatui::style::{Color, Modifier, Style};

/// How things look on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    pub plain: Style,
    pub dim: Style,
    pub strong: Style,
    pub accent: Style,
    pub head: Style,
    pub good: Style,
    pub warn: Style,
    pub bad: Style,
    /// The frame and the word of what the customer reads.
    pub public: Style,
    /// The frame of what only the desk reads.
    pub internal: Style,
    pub chosen: Style,
    pub glyphs: Glyphs,
}

/// The signs, each one cell wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    pub cursor: &'static str,
    pub mark: &'static str,
    pub breached: &'static str,
    pub risk: &'static str,
    pub running: &'static str,
    pub paused: &'static str,
    pub met: &'static str,
    pub none: &'static str,
    pub ellipsis: &'static str,
    pub rule: &'static str,
    pub double: &'static str,
    pub bar: &'static str,
    pub dot: &'static str,
    pub pending: &'static str,
    pub dash: &'static str,
    /// The least first, the greatest first.
    pub order: [&'static str; 2],
}

const UNICODE: Glyphs = Glyphs {
    cursor: "▸",
    mark: "●",
    breached: "▲",
    risk: "◆",
    running: "·",
    paused: "‖",
    met: "✓",
    none: " ",
    ellipsis: "…",
    rule: "─",
    double: "═",
    bar: "▏",
    dot: "·",
    pending: "↑",
    dash: "–",
    order: ["↑", "↓"],
};

const ASCII: Glyphs = Glyphs {
    cursor: ">",
    mark: "*",
    breached: "!",
    risk: "+",
    running: ".",
    paused: "=",
    met: "v",
    none: " ",
    ellipsis: "~",
    rule: "-",
    double: "=",
    bar: "|",
    dot: "-",
    pending: "^",
    dash: "-",
    order: ["^", "v"],
};

impl Theme {
    /// The theme for a terminal that shows Unicode, or one that shows ASCII only.
    pub fn new(unicode: bool) -> Self {
        let style = Style::new();
        Self {
            plain: style,
            dim: style.fg(Color::DarkGray),
            strong: style.add_modifier(Modifier::BOLD),
            accent: style.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            head: style.fg(Color::Cyan),
            good: style.fg(Color::Green),
            warn: style.fg(Color::Yellow),
            bad: style.fg(Color::Red).add_modifier(Modifier::BOLD),
            public: style.fg(Color::Yellow).add_modifier(Modifier::BOLD),
            internal: style.fg(Color::Blue),
            chosen: style.add_modifier(Modifier::REVERSED),
            glyphs: if unicode { UNICODE } else { ASCII },
        }
    }
}
