//! What lies beyond the copied tickets: people, assets, articles, other tickets; and files.

use futures_util::future::try_join_all;
use serde_json::json;

use super::facts::Site;
use super::plan::REST;
use super::wire::{List, Object, quoted};
use crate::backend::http::client::{Body, Client, Part, Request, segment};
use crate::backend::http::files::{LARGEST, decode, no_such};
use crate::backend::{Attachment, Found, Lookup, Result, Sort, Upload};
use crate::domain::name::{Name, TicketId};
use crate::text::Clean;

/// Looks for what is wanted.
pub async fn search(client: &Client, site: &Site, wanted: &Lookup) -> Result<Vec<Found>> {
    let words: Vec<&str> = wanted.words.split_whitespace().collect();
    // RT takes at most 100 and makes 20 of nought.
    let limit = wanted.limit.clamp(1, 100);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let (requests, found): (Vec<Request>, fn(&Object) -> Found) = match wanted.sort {
        Sort::People => {
            (by_json("users", "Name,RealName,EmailAddress", &["Name", "RealName", "EmailAddress"], &words)?, person)
        }
        Sort::Knowledge => (by_json("articles", "Name,Summary,CustomFields", &["Name", "Summary"], &words)?, article),
        Sort::Assets => {
            // RT takes a query with this bracket anywhere for JSON, and breaks; `_` stands for any letter.
            let query = likes(&["Name", "Description"], &words).replace('[', "_");
            (vec![by_sql("assets", "Name,Description,Status,Owner,HeldBy,CustomFields", &query)], asset)
        }
        Sort::Tickets => (vec![tickets(site, &words)], ticket),
    };
    let asked = requests.into_iter().map(|request| client.json::<List>(request.query("per_page", limit)));
    let mut all: Vec<Found> = Vec::new();
    for list in try_join_all(asked).await? {
        for one in list.body.items.iter().map(found) {
            if !all.iter().any(|held| held.name == one.name) {
                all.push(one);
            }
        }
    }
    all.truncate(wanted.limit);
    Ok(all)
}

/// One request for each field: conditions on several are joined with "and", whatever is asked for.
fn by_json(what: &str, fields: &str, any: &[&str], words: &[&str]) -> Result<Vec<Request>> {
    let all = words.join(" ");
    let one = |field: &&str| {
        let search = json!([{ "field": field, "operator": "LIKE", "value": all }]);
        Ok(Request::post(format!("{REST}/{what}")).query("fields", fields).json(&search)?.reading())
    };
    any.iter().map(one).collect()
}

fn by_sql(what: &str, fields: &str, query: &str) -> Request {
    Request::get(format!("{REST}/{what}")).query("query", query).query("fields", fields)
}

/// Every word in one of these fields.
fn likes(fields: &[&str], words: &[&str]) -> String {
    let any = |word: &&str| {
        let all: Vec<String> = fields.iter().map(|field| format!("{field} LIKE {}", quoted(word))).collect();
        format!("({})", all.join(" OR "))
    };
    words.iter().map(any).collect::<Vec<_>>().join(" AND ")
}

fn tickets(site: &Site, words: &[&str]) -> Request {
    // Where the site has no full-text search, a search in the words finds nothing, and takes long.
    let full = site.setup.says("full_text", "true");
    let fields: &[&str] = if full { &["Subject", "Content"] } else { &["Subject"] };
    let mut query = likes(fields, words);
    if let [number] = words
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        query = format!("id = {number} OR {query}");
    }
    let request = by_sql("tickets", "Subject,Status,Queue,Owner,LastUpdated", &query).query("fields[Queue]", "Name");
    request.query("orderby", "LastUpdated").query("order", "DESC")
}

fn found(name: &str, title: &str, text: &str) -> Found {
    Found { name: Name::new(name), title: Clean::line(title), text: Clean::body(text) }
}

fn person(one: &Object) -> Found {
    found(&one.text("Name"), &one.text("RealName"), &one.text("EmailAddress"))
}

fn article(one: &Object) -> Found {
    let customs = one.customs().unwrap_or_default();
    let text = customs.iter().flat_map(|custom| custom.values.clone()).collect::<Vec<_>>().join("\n\n");
    let summary = one.text("Summary");
    found(&format!("a:{}", one.id()), &one.text("Name"), &format!("{summary}\n\n{text}"))
}

fn asset(one: &Object) -> Found {
    let customs = one.customs().unwrap_or_default();
    let held: Vec<String> = one.members("HeldBy").iter().map(Object::id).collect();
    let mut lines = vec![format!("Status: {}", one.text("Status"))];
    if !held.is_empty() {
        lines.push(format!("Held by: {}", held.join(", ")));
    }
    let values = customs.iter().filter(|custom| !custom.values.is_empty());
    lines.extend(values.map(|custom| format!("{}: {}", custom.name, custom.values.join(", "))));
    lines[1..].sort();
    found(&one.text("Name"), &one.text("Description"), &lines.join("\n"))
}

pub(super) fn ticket(one: &Object) -> Found {
    let text = format!("{} · {} · {}", one.within("Queue", "Name"), one.text("Status"), one.reference("Owner"));
    found(&one.id(), &one.text("Subject"), &text)
}

/// Every file; words have no file name. Without their content.
pub async fn attachments(client: &Client, id: &TicketId) -> Result<Vec<Attachment>> {
    super::numbered(id)?;
    let fields = "TransactionId,ContentType,Filename,ContentLength,Creator,Created";
    let mut files = Vec::new();
    for page in 1..=50 {
        let list = super::list(client, &format!("ticket/{}/attachments", segment(id.as_str())), fields, page).await?;
        let full = list.items.len() >= 100;
        files.extend(list.items.iter().filter(|one| !one.text("Filename").is_empty()).map(file));
        if !full {
            break;
        }
    }
    // An unknown ticket has an empty list too, and one that is not ours to see.
    if files.is_empty() {
        let ticket = Request::get(super::path(id)).query("fields", "id");
        client.good(ticket).await.map_err(|failure| failure.missing(id))?;
    }
    Ok(files)
}

fn file(one: &Object) -> Attachment {
    Attachment {
        key: Name::new(&one.id()),
        name: Clean::line(&one.text("Filename")),
        media_type: Clean::line(&one.text("ContentType")),
        size: one.text("ContentLength").parse().ok(),
        at: one.time("Created"),
        by: Name::new(&one.reference("Creator")),
    }
}

/// The content of one file. RT breaks on numbers that it does not know, so they are looked up first.
pub async fn download(client: &Client, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
    let known = attachments(client, id).await?;
    if !known.iter().any(|held| held.key == *file) {
        return Err(no_such(id, file));
    }
    let request = Request::get(format!("{REST}/attachment/{}", segment(file))).limit(LARGEST);
    let one: Object = client.json(request).await?.body;
    decode(&one.text("Content"))
}

/// A file goes with an internal note: as a form, because in JSON names that are not English are broken.
pub async fn attach(client: &Client, id: &TicketId, file: &Upload) -> Result<()> {
    super::numbered(id)?;
    let words = json!({ "Content": format!("File: {}", file.name), "ContentType": "text/plain" });
    let parts = vec![
        Part::Text { name: "JSON".into(), text: words.to_string() },
        Part::Bytes {
            name: "Attachments".into(),
            file: file.name.as_str().to_owned(),
            media: file.media_type.clone(),
            bytes: file.bytes.clone(),
        },
    ];
    let path = format!("{REST}/ticket/{}/comment", segment(id.as_str()));
    client.good(Request::post(path).body(Body::Multipart(parts))).await?;
    Ok(())
}
