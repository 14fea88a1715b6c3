//! One readable line out of whatever a server sent: JSON of any shape, a page, plain words, or garbage.

use serde_json::Value;

use crate::text::{self, Clean};

/// Cells of a line that is shown in a message.
const CELLS: usize = 160;
/// Bytes of a body that are looked at; the reason stands at its beginning.
const LOOKED_AT: usize = 64 << 10;

/// Levels of JSON in which words are looked for.
const DEEP: usize = 4;

/// The gist of a body in one clean line; "" when there is none.
pub fn gist(media: &str, body: &[u8]) -> String {
    let start = String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]);
    let start = start.trim_start_matches('\u{feff}').trim();
    if is_page(media, body) {
        return short(&page(start));
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => short(&reason(&value, DEEP).unwrap_or_else(|| start.to_owned())),
        Err(_) if start.contains('\u{fffd}') => String::new(),
        Err(_) => short(start),
    }
}

/// Whether this is a web page, whatever it calls itself.
pub fn is_page(media: &str, body: &[u8]) -> bool {
    let start = &body[..body.len().min(512)];
    let start = String::from_utf8_lossy(start).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    matches!(media, "text/html" | "application/xhtml+xml") && !start.starts_with(['{', '['])
        || start.starts_with("<!doctype html")
        || start.starts_with("<html")
}

/// Whether this page asks for a password.
pub fn asks_for_a_password(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT * 4)]).to_ascii_lowercase();
    ["type=\"password\"", "type='password'", "type=password"].iter().any(|field| start.contains(field))
}

/// Cleaned, on one line, cut where it grows long.
pub fn short(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean = Clean::line(text::head(&words, CELLS * 4));
    text::fit(clean.as_str(), CELLS, "…").into_owned()
}

/// The words of a refusal in JSON, by the names that servers give them.
fn reason(value: &Value, depth: usize) -> Option<String> {
    const NAMES: [&str; 10] = [
        "message",
        "error_description",
        "detail",
        "errorMessages",
        "errorMessage",
        "errors",
        "error",
        "title",
        "reason",
        "description",
    ];
    if depth == 0 {
        return None;
    }
    match value {
        Value::String(words) if !words.trim().is_empty() => Some(words.clone()),
        Value::Array(all) => {
            let all: Vec<_> = all.iter().take(5).filter_map(|one| reason(one, depth - 1)).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        Value::Object(map) => {
            let said = NAMES.iter().find_map(|name| map.get(*name).and_then(|inner| reason(inner, depth - 1)));
            // Deeper objects are a list of fields at fault; the outermost one is an envelope without a name for us.
            said.or_else(|| {
                if depth < DEEP {
                    fields(map)
                } else {
                    map.values().filter(|v| v.is_object()).find_map(|v| reason(v, depth - 1))
                }
            })
        }
        _ => None,
    }
}

/// `{"summary": "is required"}` names the field that is at fault.
fn fields(map: &serde_json::Map<String, Value>) -> Option<String> {
    let said: Vec<_> =
        map.iter().take(5).filter_map(|(field, words)| Some(format!("{field}: {}", reason(words, 1)?))).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// The title of a page and its first words.
fn page(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let start = at + lower[at..].find('>')? + 1;
        Some(&text[start..start + lower[start..].find("</title")?])
    });
    let body = words(&without(&without(&without(text, "head"), "script"), "style"));
    match title.map(words).filter(|title| !title.is_empty()) {
        Some(title) if body.starts_with(&title) || body.is_empty() => {
            if body.is_empty() {
                title
            } else {
                body
            }
        }
        Some(title) => format!("{title}: {body}"),
        None => body,
    }
}

/// The page without this element, wherever it stands.
fn without(text: &str, name: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(start) = lower[at..].find(&open).map(|found| at + found) {
        let behind = lower.as_bytes().get(start + open.len()).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let end = lower[start..].find(&close).map_or(text.len(), |found| start + found + close.len());
        let end = if behind { end } else { start + open.len() };
        out.push_str(&text[at..start]);
        if !behind {
            out.push_str(&text[start..end]);
        }
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

/// What stands between the tags.
fn words(text: &str) -> String {
    let (mut out, mut inside) = (String::with_capacity(text.len()), false);
    for character in text.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(character),
            _ => {}
        }
    }
    let plain = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let out = plain.iter().fold(out, |out, (name, sign)| out.replace(name, sign));
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
