//! Where a tag of HTML begins and ends, and what stands in it.

use crate::text::entities;

/// One tag.
pub(super) struct Tag<'a> {
    pub name: String,
    pub closes: bool,
    pub empty: bool,
    attributes: &'a str,
    pub after: &'a str,
}

impl<'a> Tag<'a> {
    /// The tag at the beginning of `rest`; none where the sign stands for itself.
    pub fn read(rest: &'a str) -> Option<Self> {
        let inside = &rest[1..];
        let closes = inside.starts_with('/');
        let inside = if closes { &inside[1..] } else { inside };
        let first = inside.chars().next()?;
        if !(first.is_ascii_alphabetic() || !closes && matches!(first, '!' | '?')) {
            return None;
        }
        let end = end_of_tag(inside)?;
        let (whole, after) = (&inside[..end], &inside[end + 1..]);
        let name_ends = whole.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(whole.len());
        let empty = whole.ends_with('/');
        let name = whole[..name_ends].to_ascii_lowercase();
        Some(Self { name, closes, empty, attributes: &whole[name_ends..], after })
    }

    pub fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let name_ends = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
            // A sign of equality without a name would stand still.
            let name_ends = name_ends.max(rest.chars().next().map_or(0, char::len_utf8));
            let (name, after) = rest.split_at(name_ends);
            let after = after.trim_start();
            let Some(value) = after.strip_prefix('=') else {
                rest = after;
                continue;
            };
            let value = value.trim_start();
            let (value, after) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(entities::decode(value).into_owned());
            }
            rest = after;
        }
    }
}

/// Where the tag ends: at the first `>` that stands in no quoted value, else at the first one at all.
fn end_of_tag(inside: &str) -> Option<usize> {
    let (mut quote, mut value) = (None, false);
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '=') => value = true,
            (None, '"' | '\'') if value => (quote, value) = (Some(c), false),
            (None, c) if !c.is_ascii_whitespace() => value = false,
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    inside.find('>')
}

/// What follows the end of that element; nothing where it has none.
pub(super) fn after_element<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let begin = from + at + 2;
        let ends = rest.get(begin..begin + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
        if ends {
            return rest[begin..].find('>').map_or("", |end| &rest[begin + end + 1..]);
        }
        from = begin;
    }
    ""
}
