//! Source text as words: comments, strings and characters blanked out, so that a rule reads code only.

/// The same text with the same lines, where whatever is not code has become blanks.
pub fn plain(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let length = skipped(bytes, at);
        if length == 0 {
            out.push(bytes[at]);
            at += 1;
        } else {
            let end = (at + length).min(bytes.len());
            out.extend(bytes[at..end].iter().map(|byte| if *byte == b'\n' { b'\n' } else { b' ' }));
            at = end;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// How many bytes from here are no code; 0 where code stands.
fn skipped(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let inside_word = at > 0 && is_word(bytes[at - 1]);
    match rest {
        [b'/', b'/', ..] => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => find(rest, b"*/").map_or(rest.len(), |end| end + 2),
        [b'"', ..] => quoted(rest, 1),
        [b'b', b'"', ..] if !inside_word => quoted(rest, 2),
        [b'r', ..] | [b'b', b'r', ..] if !inside_word => raw(rest),
        [b'\'', b'\\', ..] => quoted_char(rest),
        [b'\'', first, ..] => {
            let width = match first {
                0..=0x7f => 1,
                0xc0..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 4,
            };
            if rest.get(1 + width) == Some(&b'\'') { width + 2 } else { 0 }
        }
        _ => 0,
    }
}

fn quoted(rest: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn quoted_char(rest: &[u8]) -> usize {
    rest.iter().skip(3).position(|byte| *byte == b'\'').map_or(rest.len(), |end| end + 4)
}

fn raw(rest: &[u8]) -> usize {
    let start = if rest[0] == b'b' { 2 } else { 1 };
    let hashes = rest[start..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(start + hashes) != Some(&b'"') {
        return 0;
    }
    let close = [&b"\""[..], &vec![b'#'; hashes]].concat();
    let body = start + hashes + 1;
    find(&rest[body..], &close).map_or(rest.len(), |end| body + end + close.len())
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The lines, from 1, where this stands by itself: not as the end of a longer word, nor behind a path.
pub fn lines_with(plain: &str, what: &str) -> Vec<usize> {
    let starts_word = what.as_bytes().first().is_some_and(|byte| is_word(*byte));
    let ends_word = what.as_bytes().last().is_some_and(|byte| is_word(*byte));
    let mut lines = Vec::new();
    for (number, line) in plain.lines().enumerate() {
        let stands = line.match_indices(what).any(|(at, _)| {
            let before = line[..at].bytes().next_back();
            let after = line[at + what.len()..].bytes().next();
            let path = what.ends_with("::") && line[..at].ends_with("::");
            !(path || starts_word && before.is_some_and(is_word) || ends_word && after.is_some_and(is_word))
        });
        if stands {
            lines.push(number + 1);
        }
    }
    lines
}

/// Each word that follows this, with its line from 1.
pub fn after(plain: &str, what: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    for (number, line) in plain.lines().enumerate() {
        for (at, _) in line.match_indices(what) {
            let word: String =
                line[at + what.len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !word.is_empty() && !line[..at].bytes().next_back().is_some_and(is_word) {
                words.push((number + 1, word));
            }
        }
    }
    words
}
