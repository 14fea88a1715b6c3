//! Files on issues. On a request they are hung on as internal: on the issue itself the customer would see them.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::people::People;
use super::site::{Site, desk_api};
use super::wire::{Issue, User, instant, plain};
use crate::backend::http::client::{Body, Client, Part, Request, segment};
use crate::backend::{Attachment, Error, Result, Upload};
use crate::domain::name::{Name, TicketId};
use crate::text::Clean;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct File {
    id: Json,
    filename: String,
    mime_type: String,
    size: Option<u64>,
    created: String,
    content: String,
    author: Option<User>,
}

/// The files of an issue.
pub async fn listed(client: &Client, site: &Site, id: &TicketId, people: &People) -> Result<Vec<Attachment>> {
    let asked = Request::get(site.issue(id.as_str(), "")).query("fields", "attachment");
    let answer = client.json::<Issue>(asked).await.map_err(|failure| failure.missing(id))?.body;
    let held = answer.field("attachment").as_array().cloned().unwrap_or_default();
    let one = |file: Json| -> Option<Attachment> {
        let file: File = serde_json::from_value(file).ok()?;
        Some(Attachment {
            key: Name::new(&plain(&file.id)),
            name: Clean::line(&file.filename),
            media_type: Clean::line(&file.mime_type),
            size: file.size,
            at: instant(&file.created),
            by: file.author.as_ref().map_or_else(|| Name::new(""), |who| people.called(who)),
        })
    };
    Ok(held.into_iter().filter_map(one).collect())
}

/// The content of one file. Cloud leads on to another host, which gets no credentials.
///
/// # Errors
/// `NotFound` where the file is gone, and what the client says.
pub async fn download(client: &Client, site: &Site, id: &TicketId, key: &Name) -> Result<Vec<u8>> {
    let path = if site.cloud {
        site.api(&format!("attachment/content/{}", segment(key)))
    } else {
        let asked = Request::get(site.api(&format!("attachment/{}", segment(key))));
        below(&client.json::<File>(asked).await.map_err(|failure| failure.missing(id))?.body.content)
    };
    let asked = Request::get(path).header("accept", "*/*");
    Ok(client.good(asked).await.map_err(|failure| failure.missing(id))?.body)
}

/// The path of a file's address. A site may tell another host than the one by which we reach it.
fn below(address: &str) -> String {
    const FOLDER: &str = "/secure/attachment/";
    address.find(FOLDER).and_then(|at| address.get(at..)).unwrap_or(address).to_owned()
}

/// Adds a file. Multipart without this header is taken for a forged request.
///
/// # Errors
/// What the client says; a lost answer to the second request is `Doubtful`, one to the first leaves nothing behind.
pub async fn attach(client: &Client, site: &Site, id: &TicketId, file: &Upload, desk: Option<String>) -> Result<()> {
    let part = Part::Bytes {
        name: "file".into(),
        file: file.name.to_string(),
        media: file.media_type.clone(),
        bytes: file.bytes.clone(),
    };
    let send = |path: String| {
        Request::post(path).header("X-Atlassian-Token", "no-check").body(Body::Multipart(vec![part.clone()]))
    };
    let Some(desk) = desk else {
        client.good(send(site.issue(id.as_str(), "/attachments"))).await.map_err(|failure| failure.missing(id))?;
        return Ok(());
    };
    let path = format!("rest/servicedeskapi/servicedesk/{}/attachTemporaryFile", segment(&desk));
    let held = client.json::<Json>(desk_api(send(path)).reading()).await?.body;
    let number = held["temporaryAttachments"][0]["temporaryAttachmentId"].as_str();
    let number = number.ok_or_else(|| Error::Unexpected("Jira took the file and gave no number for it.".into()))?;
    let body = json!({ "temporaryAttachmentIds": [number], "public": false });
    let path = format!("rest/servicedeskapi/request/{}/attachment", segment(id.as_str()));
    client.good(desk_api(Request::post(path)).json(&body)?).await.map_err(|failure| failure.missing(id))?;
    Ok(())
}
