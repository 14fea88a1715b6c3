//! Letters without their case, so that a search need not know it.

/// Appends `text` in lower case. Each character keeps its length in bytes (the few whose lower-case form is longer or
/// shorter stay as they are), so that a place in the folded text is the same place in the text.
pub fn fold_into(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(text.as_bytes());
    if text.is_ascii() {
        out[start..].make_ascii_lowercase();
        return;
    }
    for (at, c) in text.char_indices() {
        let mut lower = c.to_lowercase();
        if let (Some(lower), None) = (lower.next(), lower.next())
            && lower.len_utf8() == c.len_utf8()
        {
            lower.encode_utf8(&mut out[start + at..]);
        }
    }
}

/// `text` in lower case, as [`fold_into`].
pub fn fold(text: &str) -> Box<[u8]> {
    let mut out = Vec::with_capacity(text.len());
    fold_into(text, &mut out);
    out.into()
}
