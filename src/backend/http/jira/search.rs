//! Looking beyond what is copied: issues by text, people, and articles of the service desk's knowledge base.

use serde_json::Value as Json;

use super::pages::quoted;
use super::people::People;
use super::site::{Site, desk_api};
use super::wire::{Issue, User, Values};
use crate::backend::http::client::{Client, Request, gist};
use crate::backend::{Found, Lookup, Result};
use crate::domain::name::Name;
use crate::text::Clean;

/// People whose names begin so. The products call the words differently.
pub async fn users(client: &Client, site: &Site, words: &str, limit: usize) -> Result<Vec<User>> {
    if words.trim().is_empty() {
        return Ok(Vec::new());
    }
    let by = if site.cloud { "query" } else { "username" };
    let asked = Request::get(site.api("user/search")).query(by, words.trim()).query("maxResults", limit.clamp(1, 100));
    Ok(client.json::<Vec<User>>(asked).await?.body)
}

pub fn person(people: &People, user: &User) -> Found {
    Found {
        name: people.called(user),
        title: Clean::line(user.display_name.as_deref().unwrap_or_default()),
        text: Clean::line(user.email_address.as_deref().unwrap_or_default()),
    }
}

/// Issues with every word. What Jira's text search takes for commands is blotted out.
pub fn jql(words: &str) -> Option<String> {
    let plain: String = words.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let each: Vec<String> =
        plain.split_whitespace().map(|word| format!("text ~ {}", quoted(&format!("{word}*")))).collect();
    (!each.is_empty()).then(|| format!("{} ORDER BY updated DESC", each.join(" AND ")))
}

pub fn ticket(issue: &Issue) -> Found {
    let title = issue.field("summary").as_str().unwrap_or_default();
    Found { name: Name::new(&issue.key), title: Clean::line(title), text: Clean::line(issue.part("status", "name")) }
}

/// Articles, with the beginning of their words.
pub async fn articles(client: &Client, wanted: &Lookup) -> Result<Vec<Found>> {
    let asked = Request::get("rest/servicedeskapi/knowledgebase/article").query("query", &wanted.words);
    let asked = desk_api(asked.query("highlight", false).query("limit", wanted.limit.clamp(1, 100)));
    let answer = client.json::<Values<Json>>(asked).await?.body;
    let one = |article: &Json| {
        let text = |key: &str| article[key].as_str().unwrap_or_default();
        Found {
            name: Name::new(text("title")),
            title: Clean::line(text("title")),
            text: Clean::body(&gist("text/html", text("excerpt").as_bytes())),
        }
    };
    Ok(answer.values.iter().map(one).collect())
}
