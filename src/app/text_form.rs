//! Text that is being typed: one line or many. The one place of `app` that knows the text widget.

use std::fmt;

use tui_textarea::{CursorMove, Input, Key as WidgetKey, TextArea};

use crate::command::key::{Code, Key};
use crate::text::Clean;

/// An editable text with a cursor and its own undo.
#[derive(Clone)]
pub struct TextForm {
    area: TextArea<'static>,
    single: bool,
}

impl TextForm {
    /// One line; Enter is not for it.
    pub fn line(text: &str) -> Self {
        let mut form = Self { area: TextArea::new(vec![Clean::line(text).to_string()]), single: true };
        form.area.move_cursor(CursorMove::End);
        form.plain();
        form
    }

    /// One line of our own making, spaces at its end included.
    pub fn line_as_is(text: &str) -> Self {
        let mut form = Self::line("");
        form.area.insert_str(text);
        form
    }

    /// Several lines.
    pub fn body(text: &str) -> Self {
        let lines = Clean::body(text).split('\n').map(str::to_owned).collect();
        let mut form = Self { area: TextArea::new(lines), single: false };
        form.area.move_cursor(CursorMove::Bottom);
        form.area.move_cursor(CursorMove::End);
        form.plain();
        form
    }

    fn plain(&mut self) {
        self.area.set_cursor_line_style(ratatui::style::Style::default());
        self.area.set_wrap_mode(tui_textarea::WrapMode::WordOrGlyph);
    }

    /// Takes a key. False when the key means nothing to a text, or nothing here: left of its beginning.
    pub fn press(&mut self, key: Key) -> bool {
        let before = self.standing();
        self.input(key) && self.standing() != before
    }

    /// The text, the cursor and what is selected: all that a key can change.
    fn standing(&self) -> (Vec<String>, (usize, usize), bool) {
        (self.area.lines().to_vec(), self.cursor(), self.area.is_selecting())
    }

    fn input(&mut self, key: Key) -> bool {
        let code = match key.code {
            Code::Char(c) => WidgetKey::Char(c),
            Code::Enter if !self.single => WidgetKey::Enter,
            Code::Backspace => WidgetKey::Backspace,
            Code::Delete => WidgetKey::Delete,
            Code::Left => WidgetKey::Left,
            Code::Right => WidgetKey::Right,
            Code::Up if !self.single => WidgetKey::Up,
            Code::Down if !self.single => WidgetKey::Down,
            Code::Home => WidgetKey::Home,
            Code::End => WidgetKey::End,
            Code::PageUp if !self.single => WidgetKey::PageUp,
            Code::PageDown if !self.single => WidgetKey::PageDown,
            _ => return false,
        };
        // As in a shell; in a long text the widget's own undo is worth more.
        if key.ctrl && self.single && code == WidgetKey::Char('u') {
            return self.area.delete_line_by_head();
        }
        // A line feed, as shells have it; the widget would delete all that stands left of the cursor.
        let code = match code {
            WidgetKey::Char('m' | 'j') if key.ctrl && self.single => return false,
            WidgetKey::Char('m' | 'j') if key.ctrl => WidgetKey::Enter,
            code => code,
        };
        self.area.input(Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: key.shift });
        true
    }

    /// Pastes text, cleaned.
    pub fn paste(&mut self, text: &str) {
        let clean = if self.single { Clean::line(text) } else { Clean::body(text) };
        self.area.insert_str(clean.as_str());
    }

    pub fn text(&self) -> Clean {
        let joined = self.area.lines().join("\n");
        if self.single { Clean::line(&joined) } else { Clean::body(&joined) }
    }

    /// The one line as it stands, spaces at its ends included.
    pub fn raw(&self) -> String {
        self.area.lines().join("\n")
    }

    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    pub fn set(&mut self, text: &str) {
        *self = if self.single { Self::line(text) } else { Self::body(text) };
    }

    /// What `ui` draws.
    pub fn widget(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Cursor as (line, column in characters).
    pub fn cursor(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0, cursor.1)
    }
}

impl fmt::Debug for TextForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextForm").field("text", &self.raw()).field("cursor", &self.cursor()).finish()
    }
}

impl PartialEq for TextForm {
    fn eq(&self, other: &Self) -> bool {
        self.single == other.single && self.raw() == other.raw() && self.cursor() == other.cursor()
    }
}
