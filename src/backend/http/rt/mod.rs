//! Request Tracker 5 over its REST 2.0: the calls. What they carry is in [`wire`], what it means in `map` and `history`.
//!
//! RT answers 200 to nearly every write, refused ones too, in sentences of the user's language: only reading back tells.
//! Its clock has seconds; a ticket's entity tag (the newest transaction that the user may see) tells writes of the same
//! second apart, but lists do not show it, and of two writes of the same instant both may pass. Hence `CheckThenWrite`.

mod facts;
mod history;
mod look;
mod map;
mod plan;
mod query;
mod schema;
mod seen;
pub mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::try_join3;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::backend::http::client::{Body, Client, Method, Reply, Request, StatusCode, segment};
use crate::backend::http::held::Held;
use crate::backend::http::tracker::{Page, Part, Record, Sent, Setup, Tracker, Wanted, Write};
use crate::backend::{Attachment, Capabilities, Cursor, Error, Found, Lookup, Result, Schema, Upload};
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use facts::Site;
use plan::REST;
use query::Stand;
use seen::Seen;
pub use wire::envelope;
use wire::{List, Object};

/// Rows of one page; RT cuts more without a word.
const ROWS: usize = 100;
/// Pages of one ticket's history.
const PAGES: usize = 50;

/// Where a following of changes stands; see [`Stand`].
struct Followed {
    since: i64,
    until: i64,
    above: u64,
    seen: u64,
    looked: i64,
}

/// A site of Request Tracker.
#[derive(Debug)]
pub struct Rt {
    client: Client,
    setup: Setup,
    site: Held<Site>,
    seen: Seen,
}

impl Rt {
    pub fn new(client: Client, setup: Setup) -> Self {
        Self { client, setup, site: Held::default(), seen: Seen::default() }
    }

    /// What is known of the site; asked for the first time.
    async fn site(&self) -> Result<Arc<Site>> {
        self.site.known_or(async { Ok(self.learn().await?.0) }).await
    }

    async fn learn(&self) -> Result<(Arc<Site>, crate::domain::directory::Directory)> {
        let (site, directory) = schema::learn(&self.client, &self.setup).await?;
        Ok((self.site.keep(site), directory))
    }

    /// The ticket as it stands, with its entity tag.
    async fn ticket(&self, id: &TicketId) -> Result<(Object, String)> {
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

    fn record(&self, site: &Site, ticket: &Object, tag: &str) -> Result<Record> {
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

    fn row(&self, site: &Site, ticket: &Object) -> Option<Record> {
        let mut record = map::record(site, ticket, &|id| self.seen.kind(id))?;
        self.seen.is_a(&record.id, record.kind);
        record.revision = self.seen.row(&record.id, record.revision);
        Some(record)
    }

    async fn rows(&self, site: &Site, query: &str, order: &str) -> Result<(List, Timestamp)> {
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
    async fn newest(&self) -> Result<u64> {
        let request = Request::get(format!("{REST}/transactions")).query("query", "id > 0").query("per_page", 1);
        let list: List = self.client.json(request.query("orderby", "id").query("order", "DESC")).await?.body;
        Ok(list.items.first().map_or(0, history::number))
    }

    async fn walk(&self, site: &Site, from: Option<(i64, u64, u64)>) -> Result<Page> {
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
        Ok(Page { records, gone: Vec::new(), next: next.write(), more })
    }

    async fn follow(&self, site: &Site, from: Followed) -> Result<Page> {
        let Followed { since, until, above, seen, looked } = from;
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
        if more {
            let next = Stand::Follow { since, until, above: highest, seen, looked }.write();
            return Ok(Page { records, gone, next, more });
        }
        let (mut seen, mut looked) = (seen, looked);
        if !list.items.is_empty() || until - looked >= query::LOOK {
            let (vanished, newest) = self.vanished(seen).await?;
            gone.extend(vanished.into_iter().filter(|id| !records.iter().any(|record| record.id == *id)));
            (seen, looked) = (newest, until);
        }
        let next = Stand::Follow { since: until, until: 0, above: 0, seen, looked }.write();
        Ok(Page { records, gone, next, more })
    }

    /// Deleted and merged tickets: no search shows them, their transactions do.
    async fn vanished(&self, seen: u64) -> Result<(Vec<TicketId>, u64)> {
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

    fn in_scope(&self, record: &Record) -> bool {
        let group = record.fields.get(&Field::Group).and_then(|value| value.as_str());
        self.setup.scope.takes(group.unwrap_or_default())
    }

    /// The server's clock, as far as it is known.
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.saturating_add(self.client.skew().unwrap_or_default()).unwrap_or(now)
    }

    /// All pages of a list below a ticket. RT counts none of them: the newest one's number says when it is whole.
    async fn below(
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

    /// Kinds of the tickets that this one refers to, where nobody told them yet: one request, once.
    async fn neighbours(&self, ticket: &Object) -> Result<()> {
        let hypers = ticket.hypers().unwrap_or_default();
        let others = hypers.iter().filter(|hyper| hyper.sort == "ticket" && hyper.rel != "self");
        let unknown: Vec<&str> = others.map(|hyper| hyper.id.as_str()).filter(|id| !self.seen.asked(id)).collect();
        self.kinds_of(&unknown).await
    }

    async fn kinds_of(&self, ids: &[&str]) -> Result<()> {
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

    /// The approval that stands before this ticket's next step.
    async fn approval(&self, site: &Site, on: &Record, wanted: &Wanted) -> Result<Option<String>> {
        let Some((verb, _)) = wanted.step() else { return Ok(None) };
        let step = site.setup.mapping.step(on.kind, on.native_state.as_str(), verb);
        if step.and_then(|step| step.via.as_deref()) != Some("approval") {
            return Ok(None);
        }
        let query =
            format!("Type = 'approval' AND DependedOnBy = {} AND Status = '__Active__'", wire::quoted(on.id.as_str()));
        let request = Request::get(format!("{REST}/tickets"))
            .query("query", query)
            .query("fields", "Status")
            .query("per_page", 1);
        let list: List = self.client.json(request).await?.body;
        Ok(list.items.first().map(Object::id))
    }

    /// RT says 200 to what it refused. Where that is likely it is looked at, and its sentences are the reason.
    async fn judge(&self, on: &Record, write: &Write, reply: &Reply) -> Result<Sent> {
        let said = wire::sentences(reply)?;
        let step = write.carries.iter().any(|part| matches!(part, Part::Step(..)));
        let wanted = status(&write.request).filter(|to| step && plan::is_doubtful(on, to));
        let idle = !plan::may(on, "comment") && !plan::may(on, "lifecycle");
        // An approval is another ticket; what it moved is read back.
        let put = write.request.method == Method::PUT && write.request.path.starts_with(&path(&on.id));
        if !put || said.is_empty() || wanted.is_none() && !idle {
            return Ok(Sent::Taken);
        }
        // Where it cannot be read now it is read back later.
        let Ok((now, tag)) = self.ticket(&on.id).await else { return Ok(Sent::Taken) };
        let held = on.native.get("etag").and_then(Json::as_str) == Some(tag.as_str());
        let done = wanted.map_or(!held, |to| now.text("Status").eq_ignore_ascii_case(&to));
        if done {
            return Ok(Sent::Taken);
        }
        let words = said.join(" ");
        if idle || words.contains("Permission Denied") || words.contains("not allowed") {
            return Err(Error::Forbidden(format!("Request Tracker says: {words}")));
        }
        let field = write.carries.first().map_or(String::new(), |part| part.name().as_str().to_owned());
        Err(Error::Invalid { field, reason: format!("Request Tracker refused it: {words}") })
    }

    /// How it began, where nobody read that yet: one request.
    async fn begin(&self, id: &TicketId) -> Result<()> {
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
}

/// The state that a request asks for.
fn status(request: &Request) -> Option<String> {
    let Body::Json(text) = &request.body else { return None };
    let body: Json = serde_json::from_str(text).ok()?;
    body.get("Status").and_then(Json::as_str).map(str::to_owned)
}

/// What can be a ticket's number; anything else is not asked for.
fn numbered(id: &TicketId) -> Result<()> {
    let words = id.as_str();
    let digits = words.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits && (1..=18).contains(&words.len()) && !words.starts_with('0');
    if number { Ok(()) } else { Err(Error::NotFound(id.clone())) }
}

fn path(id: &TicketId) -> String {
    format!("{REST}/ticket/{}", segment(id.as_str()))
}

/// Where RT does not count, only an empty page is the last one: rows that may not be seen leave holes.
#[expect(clippy::cast_precision_loss, reason = "rows of one page")]
fn has_more(list: &List) -> bool {
    list.total.map_or(!list.items.is_empty(), |total| total > list.items.len() as f64 && !list.items.is_empty())
}

async fn list(client: &Client, what: &str, fields: &str, page: usize) -> Result<List> {
    let request =
        Request::get(format!("{REST}/{what}")).query("fields", fields).query("per_page", ROWS).query("page", page);
    Ok(client.json(request).await?.body)
}

#[async_trait]
impl Tracker for Rt {
    fn capabilities(&self) -> Capabilities {
        self.setup.capabilities()
    }

    fn clock_ahead(&self) -> Option<SignedDuration> {
        self.client.skew()
    }

    async fn schema(&self) -> Result<Schema> {
        let (site, directory) = self.learn().await?;
        Ok(self.setup.schema(site.facts.me.clone(), directory))
    }

    async fn page(&self, since: Option<&Cursor>) -> Result<Page> {
        let site = self.site().await?;
        match since.map(Stand::read) {
            None => self.walk(&site, None).await,
            Some(Some(Stand::Walk { since, below, seen })) => self.walk(&site, Some((since, below, seen))).await,
            Some(Some(Stand::Follow { since, until, above, seen, looked })) => {
                self.follow(&site, Followed { since, until, above, seen, looked }).await
            }
            Some(None) => Err(Error::CursorExpired),
        }
    }

    async fn glance(&self, id: &TicketId) -> Result<Record> {
        let site = self.site().await?;
        let (ticket, tag) = self.ticket(id).await?;
        self.begin(id).await?;
        self.record(&site, &ticket, &tag)
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        let site = self.site().await?;
        numbered(id)?;
        let said = "Type,Creator,Created,Field,OldValue,NewValue,Data";
        let words = "TransactionId,ContentType,Filename,Content";
        // Until the tag is known a full page is the only reason to go on.
        let (first, transactions, attachments) = try_join3(
            self.ticket(id),
            self.below(id, "history", said, history::number, 0),
            self.below(id, "attachments", words, |one| one.text("TransactionId").parse().unwrap_or_default(), 0),
        )
        .await?;
        let (ticket, tag) = first;
        let newest = tag.trim_matches('"').parse().unwrap_or_default();
        let whole = transactions.iter().map(history::number).max().unwrap_or_default() >= newest;
        let transactions =
            if whole { transactions } else { self.below(id, "history", said, history::number, newest).await? };
        self.neighbours(&ticket).await?;
        let mut record = self.record(&site, &ticket, &tag)?;
        let said = history::words(&attachments);
        let callers = history::callers(&ticket);
        let (entries, begun) =
            history::entries(&site, &record, &callers, &transactions, &said, &|id| self.seen.kind(id));
        record.history = Some(entries);
        let words = begun.unwrap_or_default();
        record.set_text(Field::Description, &words);
        self.seen.describe(id, &words);
        Ok(record)
    }

    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        let site = self.site().await?;
        let links = wanted.parts.iter().filter_map(|part| match part {
            Part::Link(link) | Part::Unlink(link) => Some(link.other.as_str()),
            _ => None,
        });
        let links: Vec<&str> = links.filter(|id| !self.seen.asked(id)).collect();
        self.kinds_of(&links).await?;
        let approval = self.approval(&site, on, wanted).await?;
        plan::plan(&site, on, wanted, approval.as_deref())
    }

    async fn send(&self, on: &Record, write: &Write) -> Result<Sent> {
        let reply = self.client.send(write.request.clone()).await?;
        if matches!(reply.head.status, StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT) {
            return Ok(Sent::Clash);
        }
        let reply = self.client.check(reply).map_err(|failure| failure.missing(&on.id))?;
        self.judge(on, write, &reply).await
    }

    async fn create(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        let site = self.site().await?;
        let made: Object = self.client.json(plan::create(&site, kind, wanted)?).await?.body;
        let id = made.id();
        // Any number would be somebody's ticket.
        if made.text("type") != "ticket" || numbered(&TicketId::new(&id)).is_err() {
            return Err(Error::Doubtful("Request Tracker did not say which ticket it made.".into()));
        }
        self.seen.is_a(&TicketId::new(&id), kind);
        Ok(TicketId::new(&id))
    }

    async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        let site = self.site().await?;
        let Some(queue) = site.queues(kind).first().copied() else { return Ok(Vec::new()) };
        let since = wire::ago(self.now().duration_since(wanted.at).as_secs().max(0) + 300);
        let query = format!("Creator = '__CurrentUser__' AND Queue = {} AND Created > '{since}'", wire::quoted(queue));
        let request = Request::get(format!("{REST}/tickets")).query("query", query).query("fields", "Subject");
        let request = request.query("per_page", ROWS).query("orderby", "id").query("order", "DESC");
        let list: List = self.client.json(request).await?.body;
        let title = Name::new(wanted.text(&Field::Title));
        let same = list.items.iter().filter(|one| Name::new(&one.text("Subject")) == title);
        Ok(same.map(|one| TicketId::new(&one.id())).collect())
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        look::search(&self.client, &*self.site().await?, wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        look::attachments(&self.client, id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        look::download(&self.client, id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        look::attach(&self.client, id, file).await
    }
}
