//! The rule of the gate: which characters pass, which are shown as a mark, which are dropped.
//!
//! - ESC and the C1 controls, which begin terminal sequences, are shown as `␛`: the reader sees that something was there.
//! - Other control characters are dropped; those that break lines become a newline or a space.
//! - What has no look of its own is dropped: bidi controls, zero-width characters, fillers, tags, noncharacters.
//! - Joiners stay only between emoji or between letters of the scripts that need them, at most [`JOINERS`] in a row.
//! - Marks that take no cell are bounded to [`MARKS`] a base, variation selectors to one, so that no cell overflows.
//!
//! Every rule looks at what was already let through, so a second pass changes nothing.

use unicode_width::UnicodeWidthChar;

/// Marks without width that one base character may carry.
const MARKS: u8 = 4;
/// Joiners in one run: the longest emoji in use have three.
const JOINERS: u8 = 4;
/// What stands for ESC and for C1 controls.
const MARK: char = '␛';

/// How line breaks and tabs are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One line: breaks and tabs become one space, no white space at either end.
    Line,
    /// Several lines: breaks become newlines, a tab four spaces.
    Body,
}

/// Printable ASCII needs no look at each character: most ticket text is just that.
pub(super) fn is_plain(raw: &str) -> bool {
    // Without an early end, which lets the compiler look at many bytes at once.
    raw.bytes().fold(true, |plain, b| plain & (0x20..0x7f).contains(&b))
}

/// `raw` as it may be shown.
pub(super) fn pass(raw: &str, form: Form) -> String {
    let mut gate = Gate { out: String::with_capacity(raw.len()), form, last: None, marks: 0, joiner: None, joined: 0 };
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' '..='~' => gate.show(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => gate.line_break(),
            '\t' => gate.tab(),
            '\u{1b}' | '\u{80}'..='\u{9f}' => gate.show(MARK),
            '\u{200c}' | '\u{200d}' => gate.joiner = Some(c),
            '\u{fe00}'..='\u{fe0f}' => gate.variation(c),
            c if c.is_control() || is_invisible(c) => {}
            c if c.width() == Some(0) => gate.mark(c),
            c => gate.show(c),
        }
    }
    gate.finish()
}

/// The output so far, and what of it the next character must respect.
struct Gate {
    out: String,
    form: Form,
    /// The last character let through on this line that is no variation selector.
    last: Option<char>,
    marks: u8,
    /// A joiner that waits for something to join.
    joiner: Option<char>,
    joined: u8,
}

impl Gate {
    fn line_break(&mut self) {
        match self.form {
            Form::Line => self.space(),
            Form::Body => {
                self.out.push('\n');
                (self.last, self.joiner) = (None, None);
            }
        }
    }

    fn tab(&mut self) {
        match self.form {
            Form::Line => self.space(),
            Form::Body => (0..4).for_each(|_| self.show(' ')),
        }
    }

    fn space(&mut self) {
        if !self.out.ends_with(' ') {
            self.show(' ');
        }
    }

    fn show(&mut self, c: char) {
        if self.form == Form::Line && self.out.is_empty() && c.is_whitespace() {
            return;
        }
        self.join(c);
        self.out.push(c);
        (self.last, self.marks) = (Some(c), 0);
    }

    /// A mark without width stays on a base, up to the bound.
    fn mark(&mut self, c: char) {
        if self.last.is_none() || self.marks >= MARKS {
            return;
        }
        self.join(c);
        self.out.push(c);
        self.last = Some(c);
        self.marks += 1;
    }

    /// One variation selector stays, directly behind something visible.
    fn variation(&mut self, c: char) {
        if self.joiner.is_none() && self.marks == 0 && self.last.is_some_and(|last| !last.is_whitespace()) {
            self.out.push(c);
            self.marks = 1;
        }
    }

    /// Lets the waiting joiner through if it joins what stands before it with `next`.
    fn join(&mut self, next: char) {
        let Some(joiner) = self.joiner.take() else {
            self.joined = 0;
            return;
        };
        let joins = |c: char| (joiner == '\u{200d}' && is_pictograph(c)) || is_joining_script(c);
        if self.joined < JOINERS && joins(next) && self.last.is_some_and(joins) {
            self.out.push(joiner);
            self.joined += 1;
        } else {
            self.joined = 0;
        }
    }

    fn finish(mut self) -> String {
        if self.form == Form::Line {
            self.out.truncate(self.out.trim_end().len());
        }
        self.out
    }
}

/// Characters without a look of their own: Unicode's default-ignorable ones (but joiners and variation selectors, which
/// the gate treats apart), interlinear annotations, noncharacters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Symbols and emoji, and the marks of emoji that may stand before a joiner.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{3030}'..='\u{303d}' | '\u{1f000}'..='\u{1faff}' | '\u{20e3}')
}

/// Arabic and its neighbours, and the scripts of India and of what lies around it.
fn is_joining_script(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdcf}' | '\u{fe70}'..='\u{fefe}')
}
