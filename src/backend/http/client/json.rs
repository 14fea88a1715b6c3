//! JSON as servers really send it: with a mark of byte order, raw control characters, halves of emoji, bytes that are
//! no UTF-8. It is read as it is first, and mended only when it could not be read.

use serde::de::DeserializeOwned;

use super::line::short;

/// Reads JSON. What is wrong names the place: `issues[3].id`.
///
/// # Errors
/// It is none, or not of that shape.
pub fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    strictly(text).or_else(|why| mended(text).map_or(Err(why), |mended| strictly(mended.as_bytes())))
}

fn strictly<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let why = short(&error.into_inner().to_string());
        if path == "." { why } else { format!("`{}`: {why}", short(&path)) }
    })?;
    json.end().map_err(|error| short(&error.to_string()))?;
    Ok(read)
}

/// The same JSON with what is only slightly wrong put right; nothing when there was nothing of that sort.
fn mended(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let whole = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut out = String::with_capacity(whole.len());
    let (mut rest, mut inside) = (whole, false);
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '"' => {
                inside = !inside;
                out.push('"');
                1
            }
            '\\' if inside => escape(rest, &mut out),
            control if inside && control < ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
                1
            }
            plain => {
                out.push(plain);
                plain.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    (out.as_bytes() != text.as_bytes() || matches!(text, std::borrow::Cow::Owned(_))).then_some(out)
}

/// Copies one escape, half a pair as the sign for what is missing; tells how many bytes it took.
fn escape(rest: &str, out: &mut String) -> usize {
    let (pair, next) = (unit(rest), rest.get(6..).and_then(unit));
    match (pair, next) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => {
            out.push_str(rest.get(..12).unwrap_or_default());
            12
        }
        (Some(0xd800..=0xdfff), _) => {
            out.push_str("\\ufffd");
            6
        }
        _ => {
            let taken = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[..taken]);
            taken
        }
    }
}

/// The number of an escape `\uXXXX`.
fn unit(rest: &str) -> Option<u16> {
    let digits = rest.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) { u16::from_str_radix(digits, 16).ok() } else { None }
}
