//! What the screen sends is read back by a terminal emulator: it must show the frame, cell by cell, for few bytes.

use std::num::NonZeroU16;

use deskside::runtime::terminal::{ColorMode, Multiplexer, Screen, Terminal};
use proptest::prelude::*;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Modifier, Style};

fn able() -> Terminal {
    Terminal {
        color: ColorMode::True,
        unicode: true,
        utf8: true,
        scroll: true,
        sync: true,
        title: true,
        remote: false,
        multiplexer: Multiplexer::None,
    }
}

fn some(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

/// A screen, and an emulator that has seen everything it sent.
struct Shown {
    screen: Screen<Vec<u8>>,
    emulator: vt100::Parser,
    last: Vec<u8>,
}

impl Shown {
    fn new(columns: u16, rows: u16, terminal: Terminal) -> Self {
        let mut emulator = vt100::Parser::new(some(rows), some(columns), 0);
        emulator.process("\x1b[31;44mleft over\r\nfrom a shell\x1b[5;7H".as_bytes());
        Self { screen: Screen::new(Vec::new(), Size::new(columns, rows), terminal), emulator, last: Vec::new() }
    }

    fn draw(&mut self, frame: &Buffer, cursor: Option<Position>) -> usize {
        let paint = |buffer: &mut Buffer| {
            *buffer = frame.clone();
            cursor
        };
        let sent = self.screen.draw(paint).unwrap();
        self.last = std::mem::take(self.screen.out());
        assert_eq!(sent, self.last.len());
        self.emulator.process(&self.last);
        sent
    }

    fn check(&self, frame: &Buffer, cursor: Option<Position>) -> Result<(), TestCaseError> {
        let screen = self.emulator.screen();
        for y in 0..frame.area.height {
            let mut x = 0;
            while x < frame.area.width {
                let wanted = &frame[(x, y)];
                let width = wanted.symbol().cell_width().max(1);
                let cut = x + width > frame.area.width;
                let symbol = if cut { " " } else { wanted.symbol() };
                let cell = screen.cell(y, x).unwrap();
                let contents = if cell.has_contents() { cell.contents() } else { " " };
                let joined = symbol.contains('\u{200d}');
                // The emulator joins nothing; what it must show is the first of the joined characters and no trace of the rest.
                let same = contents == symbol || joined && symbol.starts_with(contents);
                prop_assert!(same, "({x},{y}): {contents:?} for {symbol:?} after {:?}", self.sent());
                prop_assert_eq!(cell.bgcolor(), colour(wanted.bg), "background at ({},{}) after {}", x, y, self.sent());
                let decorated = Modifier::UNDERLINED | Modifier::REVERSED;
                let visible = symbol != " " || wanted.modifier.intersects(decorated);
                if visible {
                    prop_assert_eq!(cell.fgcolor(), colour(wanted.fg), "text at ({},{}) after {}", x, y, self.sent());
                }
                let got = [cell.underline(), cell.inverse(), visible && cell.bold(), visible && cell.dim()];
                let has = |modifier| wanted.modifier.contains(modifier);
                let bold = symbol != " " && has(Modifier::BOLD);
                let dim = symbol != " " && has(Modifier::DIM) && !bold;
                let got = [got[0], got[1], symbol != " " && got[2], symbol != " " && got[3]];
                prop_assert_eq!(
                    got,
                    [has(Modifier::UNDERLINED), has(Modifier::REVERSED), bold, dim],
                    "at ({},{})",
                    x,
                    y
                );
                x += if cut { 1 } else { width };
            }
        }
        prop_assert_eq!(screen.hide_cursor(), cursor.is_none());
        if let Some(at) = cursor {
            prop_assert_eq!(screen.cursor_position(), (at.y, at.x));
        }
        Ok(())
    }

    fn sent(&self) -> String {
        String::from_utf8_lossy(&self.last).escape_debug().to_string()
    }
}

fn colour(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Red => vt100::Color::Idx(1),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        other => panic!("{other} is not used here"),
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Text { x: u16, y: u16, text: String, style: Style },
    Scroll { top: u16, bottom: u16, by: u16, up: bool },
    Wipe { y: u16 },
    Paint { y: u16, height: u16, style: Style },
    Everything,
}

fn any_style() -> impl Strategy<Value = Style> {
    let color = || {
        proptest::sample::select(vec![
            Color::Reset,
            Color::Red,
            Color::LightBlue,
            Color::Indexed(200),
            Color::Rgb(1, 22, 133),
        ])
    };
    let modifiers = [Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];
    let modifier = proptest::collection::vec(proptest::sample::select(modifiers.to_vec()), 0..3);
    (color(), color(), modifier).prop_map(|(fg, bg, modifiers)| {
        modifiers.into_iter().fold(Style::new().fg(fg).bg(bg), |style, modifier| style.add_modifier(modifier))
    })
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "a",
        "b",
        "Z",
        "  ",
        "            ",
        "word",
        "é",
        "e\u{301}",
        "中",
        "日本",
        "▸",
        "─",
        "…",
        "👍",
        "⚠\u{fe0f}",
        "👨\u{200d}👩\u{200d}👧",
        "ｶ",
    ]);
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        8 => (0..40u16, 0..16u16, any_text(), any_style())
            .prop_map(|(x, y, text, style)| Edit::Text { x, y, text, style }),
        4 => (0..16u16, 0..16u16, 1..6u16, any::<bool>())
            .prop_map(|(a, b, by, up)| Edit::Scroll { top: a.min(b), bottom: a.max(b), by, up }),
        1 => (0..16u16).prop_map(|y| Edit::Wipe { y }),
        1 => (0..16u16, 1..4u16, any_style()).prop_map(|(y, height, style)| Edit::Paint { y, height, style }),
        1 => Just(Edit::Everything),
    ]
}

fn apply(frame: &mut Buffer, edit: &Edit) {
    let area = frame.area;
    match edit {
        Edit::Text { x, y, text, style } => {
            if *x < area.width && *y < area.height {
                frame.set_string(*x, *y, text, *style);
            }
        }
        Edit::Scroll { top, bottom, by, up } => {
            let old = frame.clone();
            for y in *top..=(*bottom).min(area.height - 1) {
                let from = if *up { Some(y + by) } else { y.checked_sub(*by) };
                let from = from.filter(|from| (*top..=*bottom).contains(from) && *from < area.height);
                for x in 0..area.width {
                    frame[(x, y)] = from.map_or_else(Default::default, |from| old[(x, from)].clone());
                }
                if from.is_none() {
                    frame.set_string(0, y, format!("new row {y} {by}"), Style::new());
                }
            }
        }
        Edit::Wipe { y } if *y < area.height => {
            (0..area.width).for_each(|x| frame[(x, *y)].reset());
        }
        Edit::Paint { y, height, style } => {
            frame.set_style(Rect::new(0, *y, area.width, *height).intersection(area), *style);
        }
        Edit::Everything => {
            for y in 0..area.height {
                frame.set_string(0, y, format!("  {y:>3}  row of the list, number {} ── 中", y * 7), Style::new());
            }
        }
        Edit::Wipe { .. } => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn the_terminal_shows_the_frame(
        frames in proptest::collection::vec(
            (proptest::collection::vec(any_edit(), 0..6), proptest::option::of((0..40u16, 0..16u16)), 0..12u8), 1..12),
        scroll: bool,
        sync: bool,
    ) {
        let (mut columns, mut rows) = (40, 16);
        let mut shown = Shown::new(columns, rows, Terminal { scroll, sync, ..able() });
        let mut frame = Buffer::empty(Rect::new(0, 0, columns, rows));
        for (edits, cursor, chance) in frames {
            if chance == 0 {
                (columns, rows) = if columns == 40 { (33, 12) } else { (40, 16) };
                shown.emulator.screen_mut().set_size(some(rows), some(columns));
                shown.screen.resize(Size::new(columns, rows));
                frame = Buffer::empty(Rect::new(0, 0, columns, rows));
            }
            edits.iter().for_each(|edit| apply(&mut frame, edit));
            let cursor = cursor.map(|(x, y)| Position::new(x.min(columns - 1), y.min(rows - 1)));
            shown.draw(&frame, cursor);
            shown.check(&frame, cursor)?;
            prop_assert_eq!(shown.draw(&frame, cursor), 0, "the same frame again");
        }
    }

    /// Whatever stands in a cell, only sequences of the screen's own making leave it.
    #[test]
    fn control_characters_do_not_leave(text in "(\\PC|[\\x00-\\x1f\\x7f\\u{80}-\\u{9f}]|\\x1b\\]52;c;eA==\\x07){1,6}") {
        let mut screen = Screen::new(Vec::new(), Size::new(20, 2), able());
        screen.draw(|_| None).unwrap();
        screen.out().clear();
        screen.draw(|buffer| { buffer[(3, 0)].set_symbol(&text); None }).unwrap();
        let sent = String::from_utf8(screen.out().clone()).unwrap();
        let ours = sent.strip_prefix("\x1b[1;4H").unwrap_or(&sent).trim_start_matches(['\x1b', '[']);
        let ours = ours.strip_prefix("2X").or(ours.strip_prefix("3X")).or(ours.strip_prefix("4X")).unwrap_or(ours);
        prop_assert!(!ours.chars().any(char::is_control), "{:?}", sent);
    }
}

/// A list as the console draws it: header, rows with a mark and coloured columns, footer.
fn list(first: usize, selected: usize) -> Buffer {
    let mut frame = Buffer::empty(Rect::new(0, 0, 120, 40));
    frame.set_string(1, 0, "deskside  Work  Incidents 214  Requests 96", Style::new().add_modifier(Modifier::BOLD));
    for row in 0..37u16 {
        let number = first + usize::from(row);
        let y = row + 1;
        let words = ["printer", "VPN", "laptop will not dock", "mail", "screen flickers after the update", "badge"];
        if number == selected {
            frame.set_string(1, y, "▸", Style::new().add_modifier(Modifier::BOLD));
        }
        frame.set_string(3, y, "◆", Style::new().fg(Color::Indexed(208)));
        frame.set_string(5, y, format!("{}:{:02}", number % 9, number % 60), Style::new().fg(Color::Red));
        frame.set_string(14, y, format!("INC-{number:06}"), Style::new());
        let title = format!("{} {} {}", words[number % 6], words[number % 5], words[number % 4]);
        frame.set_string(26, y, title, Style::new());
        frame.set_string(88, y, ["Network", "Deskside", "Messaging"][number % 3], Style::new().fg(Color::LightBlue));
        frame.set_string(110, y, format!("{} d", number % 40), Style::new().add_modifier(Modifier::DIM));
    }
    frame.set_string(1, 39, "t take  e escalate  r reply  n note  x resolve", Style::new());
    frame
}

#[test]
fn a_key_costs_few_bytes() {
    let mut shown = Shown::new(120, 40, able());
    let mut draw = |name: &str, frame: Buffer, most: usize| {
        let sent = shown.draw(&frame, None);
        shown.check(&frame, None).unwrap();
        assert!(sent <= most, "{name}: {sent} bytes, more than {most}: {}", shown.sent());
        println!("{name}: {sent} bytes");
    };
    draw("first frame", list(0, 0), 6_000);
    draw("down", list(0, 1), 60);
    draw("down again", list(0, 2), 60);
    draw("far down", list(0, 36), 60);
    draw("scroll by one", list(1, 37), 300);
    draw("scroll back", list(0, 0), 300);
    draw("scroll by three", list(3, 3), 900);
    draw("page down", list(40, 40), 5_000);
    draw("the same", list(40, 40), 0);
}

#[test]
fn a_frame_is_bracketed_only_when_large() {
    let mut shown = Shown::new(120, 40, able());
    shown.draw(&list(0, 0), None);
    assert!(shown.last.starts_with(b"\x1b[?2026h") && shown.last.ends_with(b"\x1b[?2026l"));
    shown.draw(&list(0, 1), None);
    assert!(!shown.sent().contains("2026"));
    let mut plain = Shown::new(120, 40, Terminal { sync: false, ..able() });
    plain.draw(&list(0, 0), None);
    assert!(!plain.sent().contains("2026"));
}

#[test]
fn without_colours_no_colour_is_sent() {
    let mut shown = Shown::new(120, 40, Terminal { color: ColorMode::Mono, ..able() });
    shown.draw(&list(0, 0), None);
    let cell = shown.emulator.screen().cell(1, 3).unwrap();
    assert_eq!(cell.fgcolor(), vt100::Color::Default);
    assert!(shown.emulator.screen().cell(0, 1).unwrap().bold(), "what carries meaning without colour stays");
    for colour in ["38;", "31m", "94m", "48;"] {
        assert!(!shown.sent().contains(colour), "{colour} in {}", shown.sent());
    }
}

#[test]
fn colours_step_down_to_what_there_is() {
    let shows = |mode, color| {
        let mut shown = Shown::new(4, 1, Terminal { color: mode, ..able() });
        let mut frame = Buffer::empty(Rect::new(0, 0, 4, 1));
        frame.set_string(0, 0, "x", Style::new().fg(color));
        shown.draw(&frame, None);
        shown.emulator.screen().cell(0, 0).unwrap().fgcolor()
    };
    let orange = Color::Rgb(255, 135, 0);
    assert_eq!(shows(ColorMode::True, orange), vt100::Color::Rgb(255, 135, 0));
    assert_eq!(shows(ColorMode::Ansi256, orange), vt100::Color::Idx(208));
    assert_eq!(shows(ColorMode::Ansi256, Color::Rgb(128, 128, 128)), vt100::Color::Idx(244));
    assert_eq!(shows(ColorMode::Ansi16, Color::Rgb(250, 10, 10)), vt100::Color::Idx(9));
    assert_eq!(shows(ColorMode::Ansi16, Color::Indexed(46)), vt100::Color::Idx(10));
    assert_eq!(shows(ColorMode::Mono, orange), vt100::Color::Default);
}

#[test]
fn a_terminal_without_utf8_gets_ascii() {
    let mut shown = Shown::new(20, 1, Terminal { utf8: false, ..able() });
    let mut frame = Buffer::empty(Rect::new(0, 0, 20, 1));
    frame.set_string(0, 0, "é中x", Style::new());
    shown.draw(&frame, None);
    assert!(shown.last.is_ascii());
    assert_eq!(shown.emulator.screen().contents(), "???x");
}
