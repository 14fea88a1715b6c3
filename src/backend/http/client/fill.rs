//! Puts a request's body on the wire.

use super::request::{Body, Part, segment};
use super::secret::Secret;
use crate::backend::{Error, Result};

/// Puts the body in and tells its length.
pub(super) async fn fill(
    out: reqwest::RequestBuilder,
    body: &Body,
    signature: &[(String, Secret)],
) -> Result<(reqwest::RequestBuilder, u64)> {
    const TYPE: &str = "content-type";
    let length = |bytes: usize| bytes as u64;
    Ok(match body {
        Body::None => (out, 0),
        Body::Json(text) => (out.header(TYPE, "application/json").body(text.clone()), length(text.len())),
        Body::Form(fields) => {
            let text = form(fields, signature);
            let bytes = length(text.len());
            (out.header(TYPE, "application/x-www-form-urlencoded").body(text), bytes)
        }
        Body::Bytes { media, bytes } => (out.header(TYPE, media).body(bytes.clone()), length(bytes.len())),
        Body::File { media, path } => {
            let wrong = |error: std::io::Error| {
                Error::invalid("attachment", format!("{} cannot be read: {error}.", path.display()))
            };
            let file = tokio::fs::File::open(path).await.map_err(wrong)?;
            let bytes = file.metadata().await.map_err(wrong)?.len();
            (out.header(TYPE, media).header("content-length", bytes).body(file), bytes)
        }
        Body::Multipart(parts) => {
            let bytes = parts.iter().map(Part::size).sum::<usize>();
            (out.multipart(multipart(parts, signature)?), length(bytes))
        }
    })
}

/// As the address of a page without one would write it.
fn form(fields: &[(String, String)], signature: &[(String, Secret)]) -> String {
    let mut out = String::new();
    let signed = signature.iter().map(|(name, secret)| (name.as_str(), secret.expose()));
    for (name, value) in signed.chain(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
        for (sign, words) in [(if out.is_empty() { "" } else { "&" }, name), ("=", value)] {
            out.push_str(sign);
            out.push_str(&segment(words));
        }
    }
    out
}

fn multipart(parts: &[Part], signature: &[(String, Secret)]) -> Result<reqwest::multipart::Form> {
    let mut form = reqwest::multipart::Form::new().percent_encode_noop();
    for (name, secret) in signature {
        form = form.text(name.clone(), secret.expose().to_owned());
    }
    for part in parts {
        form = match part {
            Part::Text { name, text } => form.text(name.clone(), text.clone()),
            Part::Bytes { name, file, media, bytes } => {
                // A line break in a name would begin a header of its own.
                let file = file.replace(char::is_control, "_");
                let part = reqwest::multipart::Part::bytes(bytes.clone()).file_name(file);
                let part = part
                    .mime_str(media)
                    .map_err(|_| Error::invalid("attachment", format!("{media} is no type of a file.")))?;
                form.part(name.clone(), part)
            }
        };
    }
    Ok(form)
}
