//! Files on issues: uploaded first, then hung on by a token.

use serde_json::json;

use super::view::View;
use super::wire::{self, Issue};
use crate::backend::http::client::{Body, Client, Request, segment};
use crate::backend::{Attachment, Result, Upload};
use crate::domain::name::{Name, TicketId};
use crate::text::Clean;

/// The files of an issue.
pub fn listed(issue: &Issue, view: View<'_>) -> Vec<Attachment> {
    let one = |file: &wire::Attachment| Attachment {
        key: Name::new(&file.id.to_string()),
        name: Clean::line(&file.filename),
        media_type: Clean::line(&file.content_type),
        size: file.filesize,
        at: file.created_on,
        by: view.learned.people.called(&file.author.clone().unwrap_or_default()),
    };
    issue.attachments.iter().flatten().map(one).collect()
}

/// The content of one file.
///
/// # Errors
/// `NotFound` where the file is gone, and what the client says.
pub async fn download(client: &Client, id: &TicketId, key: &Name) -> Result<Vec<u8>> {
    let asked = Request::get(format!("attachments/download/{}", segment(key))).header("accept", "*/*");
    let reply = client.good(asked).await.map_err(|failure| failure.missing(id))?;
    Ok(reply.body)
}

/// Adds a file to the issue.
///
/// # Errors
/// What the client says; a lost answer to the second request is `Doubtful`, one to the first leaves nothing behind.
pub async fn attach(client: &Client, id: &TicketId, file: &Upload) -> Result<()> {
    let body = Body::Bytes { media: "application/octet-stream".into(), bytes: file.bytes.clone() };
    // Nothing is on the ticket yet: what was only uploaded is thrown away by Redmine.
    let upload = Request::post("uploads.json").query("filename", &file.name).body(body).reading();
    let token = client.json::<wire::Uploaded>(upload).await?.body.upload.token;
    let one = json!({ "token": token, "filename": file.name, "content_type": file.media_type });
    let body = json!({ "issue": { "uploads": [one] } });
    let hang = Request::put(format!("issues/{}.json", segment(id.as_str()))).json(&body)?;
    client.good(hang).await.map_err(|failure| failure.missing(id))?;
    Ok(())
}
