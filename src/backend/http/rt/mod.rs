//! Request Tracker 5 over its REST 2.0: the calls. What they carry is in [`wire`], what it means in `map` and `history`.
//!
//! RT answers 200 to nearly every write, refused ones too, in sentences of the user's language: only reading back tells.
//! Its clock has seconds; a ticket's entity tag (the newest transaction that the user may see) tells writes of the same
//! second apart, but lists do not show it, and of two writes of the same instant both may pass. Hence `CheckThenWrite`.

mod facts;
mod history;
mod judge;
mod look;
mod map;
mod pages;
mod plan;
mod put;
mod query;
mod schema;
mod seen;
mod tickets;
pub mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::try_join3;
use jiff::SignedDuration;

use self::pages::Followed;
use crate::backend::http::client::{Client, Request, StatusCode, segment};
use crate::backend::http::held::Held;
use crate::backend::http::tracker::{Page, Record, Sent, Setup, Tracker, Wanted, Write};
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
        match since.map(Cursor::read).transpose()? {
            None => self.walk(&site, None).await,
            Some(Stand::Walk { since, below, seen }) => self.walk(&site, Some((since, below, seen))).await,
            Some(Stand::Follow { since, until, above, seen, looked }) => {
                self.follow(&site, Followed { since, until, above, seen, looked }).await
            }
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
        self.miss_kinds(&site, &ticket);
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

    async fn learn_of(&self, others: &[&TicketId]) -> Result<()> {
        let unknown = others.iter().map(|id| id.as_str()).filter(|id| !self.seen.asked(id));
        self.kinds_of(&unknown.collect::<Vec<_>>()).await
    }

    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        let site = self.site().await?;
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
