//! Looking beyond what is copied: issues and wiki pages by Redmine's own search, people among those that are known.

use super::people::People;
use super::site::Site;
use super::wire::{Hit, Hits};
use crate::backend::http::client::{Client, Request, segment};
use crate::backend::{Found, Lookup, Result};
use crate::domain::name::Name;
use crate::text::Clean;

/// Issues anywhere that this user may see.
pub async fn issues(client: &Client, wanted: &Lookup) -> Result<Vec<Found>> {
    let hits = hits(client, "search.json", "issues", wanted).await?;
    // Closed issues are a sort of their own: `issue-closed`.
    let found = hits.iter().filter(|hit| hit.sort.starts_with("issue"));
    Ok(found.map(|hit| answer(&hit.id.to_string(), &hit.title, hit)).take(wanted.limit).collect())
}

/// Wiki pages of the profile's projects.
pub async fn wiki(client: &Client, site: &Site, wanted: &Lookup) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for project in site.projects.iter().filter(|project| project.rights.wiki) {
        let path = format!("projects/{}/search.json", segment(&project.key));
        let hits = hits(client, &path, "wiki_pages", wanted).await?;
        let pages = hits.iter().filter(|hit| hit.sort == "wiki-page");
        found.extend(pages.map(|hit| {
            let title = hit.title.strip_prefix("Wiki: ").unwrap_or(&hit.title);
            answer(title, &title.replace('_', " "), hit)
        }));
    }
    found.truncate(wanted.limit);
    Ok(found)
}

async fn hits(client: &Client, path: &str, sort: &str, wanted: &Lookup) -> Result<Vec<Hit>> {
    if wanted.words.trim().is_empty() {
        return Ok(Vec::new());
    }
    let asked = Request::get(path).query("q", &wanted.words).query(sort, 1).query("limit", wanted.limit.clamp(1, 100));
    Ok(client.json::<Hits>(asked).await?.body.results)
}

fn answer(name: &str, title: &str, hit: &Hit) -> Found {
    Found { name: Name::new(name), title: Clean::line(title), text: Clean::body(&hit.description) }
}

/// People whose log-in, name or address holds every word.
pub fn people(known: &People, wanted: &Lookup) -> Vec<Found> {
    let words: Vec<String> = wanted.words.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let fits = |text: &str| words.iter().all(|word| text.contains(word.as_str()));
    let found = known.people().filter_map(|person| {
        let email = person.email.as_deref().unwrap_or_default();
        let about = format!("{} {} {email}", person.login, person.name).to_lowercase();
        fits(&about).then(|| Found {
            name: person.login.clone(),
            title: Clean::line(&person.name),
            text: Clean::line(email),
        })
    });
    found.take(wanted.limit).collect()
}
