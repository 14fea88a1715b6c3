//! One ticket, as it stands or whole, and what must be known beside it to read it.

use serde_json::Value as Json;

use super::facts::Site;
use super::plan::REST;
use super::wire::{List, Object};
use super::{ROWS, Rt, history, list, map, numbered, path};
use crate::backend::http::client::{Request, segment};
use crate::backend::http::tracker::Record;
use crate::backend::{Error, Result};
use crate::domain::field::Field;
use crate::domain::name::TicketId;

/// Pages of one ticket's history.
pub(super) const PAGES: usize = 50;

impl Rt {
    /// The ticket as it stands, with its entity tag.
    pub(super) async fn ticket(&self, id: &TicketId) -> Result<(Object, String)> {
        numbered(id)?;
        let request = Request::get(path(id)).query("fields[Queue]", "Name");
        let answer = self.client.json::<Object>(request).await.map_err(|failure| failure.missing(id))?;
        let tag = answer.head.etag().unwrap_or_default().to_owned();
        if numbered(&TicketId::new(&answer.body.id())).is_err() {
            return Err(Error::Unexpected(format!("Request Tracker's answer about {id} is no ticket.")));
        }
        // Who asks for a merged ticket is given the one that is left; a deleted one is only hidden.
        if answer.body.id() != id.as_str() || answer.body.text("Status") == "deleted" {
            return Err(Error::NotFound(id.clone()));
        }
        Ok((answer.body, tag))
    }

    pub(super) fn record(&self, site: &Site, ticket: &Object, tag: &str) -> Result<Record> {
        let id = TicketId::new(&ticket.id());
        let mut record = self.row(site, ticket).ok_or_else(|| Error::NotFound(id.clone()))?;
        record.revision = self.seen.alone(&record.id, record.revision, tag);
        if let Json::Object(native) = &mut record.native {
            native.insert("etag".into(), tag.into());
        }
        if let Some(words) = self.seen.description(&id) {
            record.set_text(Field::Description, &words);
        }
        Ok(record)
    }

    pub(super) fn row(&self, site: &Site, ticket: &Object) -> Option<Record> {
        let mut record = map::record(site, ticket, &|id| self.seen.kind(id))?;
        self.seen.is_a(&record.id, record.kind);
        record.revision = self.seen.row(&record.id, record.revision);
        Some(record)
    }

    /// All pages of a list below a ticket. RT counts none of them: the newest one's number says when it is whole.
    pub(super) async fn below(
        &self,
        id: &TicketId,
        what: &str,
        fields: &str,
        newest: impl Fn(&Object) -> u64,
        until: u64,
    ) -> Result<Vec<Object>> {
        let mut all = Vec::new();
        for page in 1..=PAGES {
            let list = list(&self.client, &format!("ticket/{}/{what}", segment(id.as_str())), fields, page).await?;
            let empty = list.items.is_empty();
            let full = list.items.len() >= ROWS;
            all.extend(list.items);
            let reached = all.iter().map(&newest).max().unwrap_or_default();
            if empty || !full && reached >= until {
                break;
            }
        }
        Ok(all)
    }

    /// How it began, where nobody read that yet: one request.
    pub(super) async fn begin(&self, id: &TicketId) -> Result<()> {
        if self.seen.description(id).is_some() {
            return Ok(());
        }
        let path = format!("{REST}/ticket/{}/attachments", segment(id.as_str()));
        let fields = "TransactionId,ContentType,Filename,Content";
        let request = Request::get(path).query("fields", fields).query("per_page", 5).query("page", 1);
        let list: List = self.client.json(request).await?.body;
        // Replies to a ticket that began without words are not its beginning; what it is tells only its history.
        let first = list.items.iter().map(|one| one.text("TransactionId")).min_by_key(|id| id.parse::<u64>().ok());
        let history = format!("ticket/{}/history", segment(id.as_str()));
        let request = Request::get(format!("{REST}/{history}")).query("fields", "Type").query("per_page", 1);
        let begun: List = self.client.json(request).await?.body;
        let same = begun.items.first().map(Object::id) == first;
        let words = history::words(&list.items);
        let words = first.filter(|_| same).and_then(|id| words.get(&id).cloned()).unwrap_or_default();
        self.seen.describe(id, &crate::text::Clean::body(words.trim_end()));
        Ok(())
    }

    /// Kinds of the tickets that this one refers to, where they matter and nobody told them yet: one request, once. What a
    /// change waits for is what it waits for, an approval too.
    pub(super) async fn neighbours(&self, site: &Site, ticket: &Object) -> Result<()> {
        let Some(kind) = site.kind_of(&ticket.within("Queue", "Name")) else { return Ok(()) };
        let hypers = ticket.hypers().unwrap_or_default();
        let others = hypers.iter().filter(|hyper| hyper.sort == "ticket" && map::is_told_by_kind(kind, &hyper.rel));
        let unknown: Vec<&str> = others.map(|hyper| hyper.id.as_str()).filter(|id| !self.seen.asked(id)).collect();
        self.kinds_of(&unknown).await
    }

    pub(super) async fn kinds_of(&self, ids: &[&str]) -> Result<()> {
        let plain = |id: &&&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let ids: Vec<&str> = ids.iter().filter(plain).take(ROWS).copied().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let site = self.site().await?;
        let query = ids.iter().map(|id| format!("id = {id}")).collect::<Vec<_>>().join(" OR ");
        let request = Request::get(format!("{REST}/tickets")).query("query", query).query("fields", "Queue");
        let list: List = self.client.json(request.query("fields[Queue]", "Name").query("per_page", ROWS)).await?.body;
        self.seen.were_asked(&ids);
        for one in &list.items {
            if let Some(kind) = site.kind_of(&one.within("Queue", "Name")) {
                self.seen.is_a(&TicketId::new(&one.id()), kind);
            }
        }
        Ok(())
    }
}
