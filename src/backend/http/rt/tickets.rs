//! One ticket, as it stands or whole, and what must be known beside it to read it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::facts::Site;
use super::plan::REST;
use super::seen::Untold;
use super::wire::{List, Object};
use super::{ROWS, Rt, history, list, map, numbered, path, query};
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
        if answer.body.text("Status") == "deleted" {
            return Err(Error::NotFound(id.clone()));
        }
        if answer.body.id() != id.as_str() {
            return Err(Error::Moved { id: id.clone(), to: TicketId::new(&answer.body.id()) });
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

    /// Notes the tickets that this one refers to whose kind matters and is not known: until the next page tells it, they
    /// are shown as what any ticket of RT may be to another. Asking here would be a fourth request for one opening. What a
    /// change waits for is what it waits for, an approval too.
    pub(super) fn miss_kinds(&self, site: &Site, ticket: &Object) {
        let Some(kind) = site.kind_of(&ticket.within("Queue", "Name")) else { return };
        let of = TicketId::new(&ticket.id());
        for hyper in ticket.hypers().unwrap_or_default() {
            let matters = hyper.sort == "ticket" && map::is_told_by_kind(kind, &hyper.rel);
            if matters && !self.seen.asked(&hyper.id) {
                self.seen.miss(Untold { of: of.clone(), kind, rel: hyper.rel, other: hyper.id });
            }
        }
    }

    /// Rows of the tickets whose links mean more now that the other end's kind is told; they are other tickets than those
    /// that were read. Nothing is asked where nothing was missed.
    pub(super) async fn told_kinds(&self, site: &Site) -> Result<Vec<Record>> {
        let size = self.setup.scope.page.clamp(1, ROWS);
        let missed = self.seen.missed(size);
        let others: Vec<&str> = missed.iter().map(|one| one.other.as_str()).collect();
        self.kinds_of(&others).await?;
        let says_more = |one: &&Untold| {
            let told = self.seen.kind(&one.other);
            map::how(one.kind, &one.rel, told) != map::how(one.kind, &one.rel, None)
        };
        let read: BTreeSet<&TicketId> = missed.iter().filter(says_more).map(|one| &one.of).collect();
        let mut records = Vec::new();
        if !read.is_empty() {
            let scope = query::scope(site, &self.setup.scope);
            let (list, _) = self.rows(site, &format!("{scope} AND ({})", query::numbers(read.iter())), "ASC").await?;
            read.iter().for_each(|id| self.seen.reread(id));
            records.extend(list.items.iter().filter_map(|ticket| self.row(site, ticket)));
        }
        self.seen.miss_no_more(&missed);
        Ok(records)
    }

    pub(super) async fn kinds_of(&self, ids: &[&str]) -> Result<()> {
        let plain = |id: &&&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let ids: Vec<&str> = ids.iter().filter(plain).take(ROWS).copied().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let site = self.site().await?;
        let request =
            Request::get(format!("{REST}/tickets")).query("query", query::numbers(ids.iter())).query("fields", "Queue");
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
