//! Pages of tickets: a walk by descending number, then what changed since, and what vanished.

use jiff::Timestamp;

use super::facts::Site;
use super::plan::REST;
use super::query::{self, Stand};
use super::wire::{self, List, Object};
use super::{ROWS, Rt, history};
use crate::backend::http::client::Request;
use crate::backend::http::tracker::{Page, Record};
use crate::backend::{Cursor, Result};
use crate::domain::field::Field;
use crate::domain::name::TicketId;

/// Where a following of changes stands; see [`Stand`].
pub(super) struct Followed {
    pub(super) since: i64,
    pub(super) until: i64,
    pub(super) above: u64,
    pub(super) seen: u64,
    pub(super) looked: i64,
}

impl Rt {
    pub(super) async fn rows(&self, site: &Site, query: &str, order: &str) -> Result<(List, Timestamp)> {
        let size = self.setup.scope.page.clamp(1, ROWS);
        let mut request = Request::get(format!("{REST}/tickets")).query("query", query).query("per_page", size);
        for (name, value) in query::columns(site) {
            request = request.query(&name, value);
        }
        let answer = self.client.json::<List>(request.query("orderby", "id").query("order", order)).await?;
        let at = answer.head.date().unwrap_or_else(Timestamp::now);
        Ok((answer.body, at))
    }

    /// The newest transaction that can be seen.
    pub(super) async fn newest(&self) -> Result<u64> {
        let request = Request::get(format!("{REST}/transactions")).query("query", "id > 0").query("per_page", 1);
        let list: List = self.client.json(request.query("orderby", "id").query("order", "DESC")).await?.body;
        Ok(list.items.first().map_or(0, history::number))
    }

    pub(super) async fn walk(&self, site: &Site, from: Option<(i64, u64, u64)>) -> Result<Page> {
        let scope = query::scope(site, &self.setup.scope);
        let (began, below, seen) = match from {
            Some((since, below, seen)) => (Some(since), Some(below), seen),
            None => (None, None, self.newest().await?),
        };
        let query = below.map_or(scope.clone(), |below| format!("{scope} AND id < {below}"));
        let (list, at) = self.rows(site, &query, "DESC").await?;
        let since = began.unwrap_or(at.as_second());
        let lowest = list.items.iter().map(history::number).min();
        let more = has_more(&list);
        let next = match lowest {
            Some(below) if more => Stand::Walk { since, below, seen },
            _ => Stand::Follow { since, until: 0, above: 0, seen, looked: since },
        };
        let records = list.items.iter().filter_map(|ticket| self.row(site, ticket)).collect();
        Ok(Page { records, gone: Vec::new(), next: Cursor::write(&next)?, more })
    }

    pub(super) async fn follow(&self, site: &Site, from: Followed) -> Result<Page> {
        let Followed { since, until, above, seen, looked } = from;
        let told = if above == 0 { self.told_kinds(site).await? } else { Vec::new() };
        let condition = self.setup.scope.query.as_ref().filter(|query| !query.trim().is_empty());
        let condition = condition.map_or(String::new(), |query| format!(" AND ({query})"));
        let mut window = self.now().as_second() - since + query::OVERLAP;
        let (list, at) = loop {
            let ago = wire::ago(window);
            let query = format!("LastUpdated > '{ago}' AND id > {above}{condition}");
            let (list, at) = self.rows(site, &query, "ASC").await?;
            let needed = at.as_second() - since + query::OVERLAP / 2;
            // Our clock was behind the server's: what lies between was not asked for.
            if needed <= window {
                break (list, at);
            }
            window = needed + query::OVERLAP;
        };
        let until = if until == 0 { at.as_second() } else { until };
        let more = has_more(&list);
        let highest = list.items.iter().map(history::number).max().unwrap_or(above);
        let (mut records, mut gone) = (Vec::new(), Vec::new());
        for ticket in &list.items {
            match self.row(site, ticket).filter(|record| self.in_scope(record)) {
                Some(record) => records.push(record),
                // It may have been ours before it changed its queue or its group.
                None => gone.push(TicketId::new(&ticket.id())),
            }
        }
        records.extend(told.into_iter().filter(|told| !list.items.iter().any(|one| one.id() == *told.id.as_str())));
        if more {
            let next = Cursor::write(&Stand::Follow { since, until, above: highest, seen, looked })?;
            return Ok(Page { records, gone, next, more });
        }
        let (mut seen, mut looked) = (seen, looked);
        if !list.items.is_empty() || until - looked >= query::LOOK {
            let (vanished, newest) = self.vanished(seen).await?;
            gone.extend(vanished.into_iter().filter(|id| !records.iter().any(|record| record.id == *id)));
            (seen, looked) = (newest, until);
        }
        let next = Cursor::write(&Stand::Follow { since: until, until: 0, above: 0, seen, looked })?;
        Ok(Page { records, gone, next, more })
    }

    /// Deleted and merged tickets: no search shows them, their transactions do.
    pub(super) async fn vanished(&self, seen: u64) -> Result<(Vec<TicketId>, u64)> {
        if seen == 0 {
            return Ok((Vec::new(), self.newest().await?));
        }
        let request = Request::get(format!("{REST}/transactions")).query("query", query::vanished(seen));
        let request = request.query("fields", "Type,ObjectId,NewValue").query("per_page", ROWS);
        let list: List = self.client.json(request.query("orderby", "id").query("order", "ASC")).await?.body;
        let newest = list.items.iter().map(history::number).max().unwrap_or(seen);
        // A merge is told on both sides.
        let left = |one: &Object| one.text("NewValue").rsplit('/').next() == Some(one.text("ObjectId").as_str());
        let gone = list.items.iter().filter(|one| !left(one)).map(|one| TicketId::new(&one.text("ObjectId")));
        Ok((gone.collect(), newest))
    }

    pub(super) fn in_scope(&self, record: &Record) -> bool {
        let group = record.fields.get(&Field::Group).and_then(|value| value.as_str());
        self.setup.scope.takes(group.unwrap_or_default())
    }

    /// The server's clock, as far as it is known.
    pub(super) fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.saturating_add(self.client.skew().unwrap_or_default()).unwrap_or(now)
    }
}

/// Where RT does not count, only an empty page is the last one: rows that may not be seen leave holes.
#[expect(clippy::cast_precision_loss, reason = "rows of one page")]
pub(super) fn has_more(list: &List) -> bool {
    list.total.map_or(!list.items.is_empty(), |total| total > list.items.len() as f64 && !list.items.is_empty())
}
