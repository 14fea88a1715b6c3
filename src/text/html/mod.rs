//! HTML as trackers keep it, as text that can be read in a terminal; and text as HTML.
//!
//! A reader, not a browser: one pass, no tree, no recursion, any input. Blocks become lines, lists get their marks, links
//! keep their address, pictures their words; scripts, styles and comments are dropped. What it makes has passed the gate.

mod tag;

use super::{Clean, entities};
use tag::{Tag, after_element};

/// What a reader sees of this HTML.
pub fn from_html(raw: &str) -> Clean {
    let mut reader = Reader::default();
    // Behind the last `>` no tag ends: looking for its end from each `<` would take for ever.
    let (mut rest, tail) = raw.split_at(raw.rfind('>').map_or(0, |last| last + 1));
    while let Some(at) = rest.find('<') {
        reader.words(&rest[..at]);
        rest = reader.markup(&rest[at..]);
    }
    reader.words(rest);
    reader.words(tail);
    // What the gate drops may leave a space at the end.
    Clean::body(Clean::body(&reader.finish()).trim_matches(['\n', ' ']))
}

/// Text as HTML that shows the same: markup escaped, lines kept, spaces at the beginning of a line too.
pub fn to_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push_str("<br/>\n");
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        out.push_str(&"&nbsp;".repeat(indent));
        escape(&line[indent..], &mut out);
    }
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => {}
            c => out.push(c),
        }
    }
}

/// Elements whose content is nothing to read.
const DROPPED: [&str; 8] = ["script", "style", "head", "title", "template", "noscript", "svg", "object"];
/// Elements that stand on lines of their own.
const BLOCKS: [&str; 24] = [
    "address",
    "article",
    "aside",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "main",
    "nav",
    "section",
    "summary",
    "tr",
    "table",
    "tbody",
    "thead",
];
/// Blocks with an empty line around them.
const PARAGRAPHS: [&str; 9] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"];
/// Levels of lists and quotations that are shown; deeper ones look like the last.
const LEVELS: usize = 8;

#[derive(Debug, Default)]
struct Reader {
    out: String,
    /// Empty lines owed before the next word: 1 ends the line, 2 leaves one free.
    owed: usize,
    /// A space owed before the next word of this line.
    space: bool,
    /// Numbers of the lists that are open; none for one without numbers.
    lists: Vec<Option<u32>>,
    /// The mark of a list's item that waits for its words.
    mark: Option<String>,
    quotes: usize,
    /// In `pre`, white space is kept.
    kept: usize,
    cells: u32,
    /// The address of the link that is open, and where its words begin.
    link: Option<(String, usize)>,
}

impl Reader {
    /// Words between two tags.
    fn words(&mut self, raw: &str) {
        if raw.is_empty() {
            return;
        }
        let text = entities::decode(raw);
        if self.kept > 0 {
            for (n, line) in text.replace("\r\n", "\n").split(['\n', '\r']).enumerate() {
                if n > 0 {
                    self.line_break();
                }
                self.put_kept(line);
            }
            return;
        }
        for c in text.chars() {
            // A space that does not break is a word of its own: it indents.
            if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                self.space = true;
            } else {
                self.put(if c == '\u{a0}' { ' ' } else { c });
            }
        }
    }

    fn put(&mut self, c: char) {
        self.settle();
        if std::mem::take(&mut self.space) && !self.at_line_start() {
            self.out.push(' ');
        }
        self.out.push(c);
    }

    fn put_kept(&mut self, line: &str) {
        if !line.is_empty() {
            self.settle();
            self.space = false;
            self.out.push_str(line);
        }
    }

    fn at_line_start(&self) -> bool {
        self.out.is_empty() || self.out.ends_with('\n') || self.out.ends_with("> ")
    }

    /// Ends the line as was owed, and begins the next one with its marks.
    fn settle(&mut self) {
        let fresh = self.out.is_empty() || self.out.ends_with('\n');
        if self.owed > 0 && !self.out.is_empty() {
            let have = ["\n", "\n\n"].iter().filter(|end| self.out.ends_with(*end)).count();
            (have..self.owed.min(2)).for_each(|_| self.out.push('\n'));
        } else if !fresh && self.mark.is_none() {
            return;
        }
        self.owed = 0;
        let mark = self.mark.take();
        if !(self.out.is_empty() || self.out.ends_with('\n')) {
            return;
        }
        self.space = false;
        self.out.push_str(&"> ".repeat(self.quotes.min(LEVELS)));
        let depth = self.lists.len().min(LEVELS);
        match mark {
            Some(mark) => {
                self.out.push_str(&"  ".repeat(depth.saturating_sub(1)));
                self.out.push_str(&mark);
            }
            None => self.out.push_str(&"  ".repeat(depth)),
        }
    }

    fn line_break(&mut self) {
        // A break before any word of an item stands for an empty line of it.
        if self.mark.is_some() {
            self.settle();
        }
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        if self.owed > 0 {
            self.settle();
        }
        self.out.push('\n');
        self.space = false;
    }

    fn owe(&mut self, lines: usize) {
        self.owed = self.owed.max(lines);
        self.space = false;
    }

    /// Reads the tag, comment or stray sign at the beginning of `rest`; returns what follows it.
    fn markup<'a>(&mut self, rest: &'a str) -> &'a str {
        if let Some(comment) = rest.strip_prefix("<!--") {
            return comment.find("-->").map_or("", |end| &comment[end + 3..]);
        }
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let end = data.find("]]>");
            let inside = end.map_or(data, |end| &data[..end]);
            self.words(&inside.replace('&', "&amp;"));
            return end.map_or("", |end| &data[end + 3..]);
        }
        let Some(tag) = Tag::read(rest) else {
            self.words("<");
            return &rest[1..];
        };
        let after = tag.after;
        if !tag.closes && !tag.empty && DROPPED.contains(&tag.name.as_str()) {
            return after_element(after, &tag.name);
        }
        if tag.closes {
            self.close(&tag.name)
        } else {
            self.open(&tag)
        }
        after
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name.as_str() {
            "br" => self.line_break(),
            "hr" => {
                self.owe(1);
                "───".chars().for_each(|c| self.put(c));
                self.owe(1);
            }
            "ul" | "menu" | "dir" => self.list(None),
            "ol" => self.list(Some(tag.attribute("start").and_then(|n| n.trim().parse().ok()).unwrap_or(1))),
            "li" => {
                self.owe(1);
                self.mark = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number = number.saturating_add(1);
                        format!("{}. ", number.saturating_sub(1))
                    }
                    _ => "- ".into(),
                });
            }
            "td" | "th" => {
                self.cells += 1;
                if self.cells > 1 {
                    " │ ".chars().for_each(|c| self.put(c));
                    self.space = false;
                }
            }
            "a" => {
                self.shut_link();
                self.link = tag.attribute("href").map(|href| (href, self.out.len()));
            }
            "img" => {
                let words = tag.attribute("alt").filter(|alt| !alt.trim().is_empty());
                self.words(&format!("[{}]", words.unwrap_or_else(|| "picture".into()).replace('&', "&amp;")));
            }
            name => self.edge(name, true),
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => self.shut_link(),
            "ul" | "ol" | "menu" | "dir" => {
                self.lists.pop();
                self.mark = None;
                self.owe(if self.lists.is_empty() { 2 } else { 1 });
            }
            "li" => self.owe(1),
            // As browsers do.
            "br" => self.line_break(),
            name => self.edge(name, false),
        }
    }

    /// The beginning or the end of a block; other elements leave no trace.
    fn edge(&mut self, name: &str, begins: bool) {
        if name == "tr" {
            self.cells = 0;
        }
        if PARAGRAPHS.contains(&name) {
            // An item's own first paragraph stands behind its mark.
            let owed = if self.lists.is_empty() { 2 } else { 1 };
            self.owe(owed);
            let step = |n: usize| if begins { n + 1 } else { n.saturating_sub(1) };
            match name {
                "blockquote" => self.quotes = step(self.quotes),
                "pre" => self.kept = step(self.kept),
                _ => {}
            }
        } else if BLOCKS.contains(&name) {
            self.owe(1);
        }
    }

    fn list(&mut self, number: Option<u32>) {
        self.owe(if self.lists.is_empty() { 2 } else { 1 });
        self.lists.push(number);
    }

    /// The address of a link stands behind its words, unless it is these words.
    fn shut_link(&mut self) {
        let Some((href, from)) = self.link.take() else { return };
        let href = href.trim();
        let words = self.out.get(from..).unwrap_or_default().trim().to_owned();
        let plain = href.trim_start_matches("mailto:").trim_end_matches('/');
        let wanted = ["http://", "https://", "mailto:", "ftp://"].iter().any(|scheme| href.starts_with(scheme));
        if wanted && words.trim_end_matches('/') != plain && words.trim_end_matches('/') != href.trim_end_matches('/') {
            let shown = if words.is_empty() { href.to_owned() } else { format!(" ({href})") };
            shown.chars().for_each(|c| self.put(c));
        }
    }

    fn finish(mut self) -> String {
        self.shut_link();
        let mut lines: Vec<&str> = self.out.split('\n').map(|line| line.trim_end_matches(' ')).collect();
        // Two empty lines say no more than one.
        lines.dedup_by(|next, before| next.is_empty() && before.is_empty());
        lines.join("\n")
    }
}
