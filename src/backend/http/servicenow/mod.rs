//! ServiceNow: its tables, its Change API for the steps of changes, its Batch API for reads, its files.
//!
//! What its interface lets happen without a word is looked for here: conditions that it ignores, rows that rights hide
//! behind a limit, states that do not move. Whatever else trackers share is in `remote`.

mod calls;
mod change;
mod clock;
mod columns;
mod create;
mod facts;
mod history;
mod keys;
mod look;
mod map;
mod pages;
mod plan;
pub mod query;
mod tickets;
pub mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use calls::{Ask, Calls, Got};
use clock::Clocks;
use columns::kind_of;
use facts::Facts;
use map::Native;
use pages::{DELETIONS, Place};
use query::Query;
pub use wire::envelope;

use crate::backend::http::client::Client;
use crate::backend::http::held::hold;
use crate::backend::http::tracker::{Page, Record, Sent, Setup, Tracker, Wanted, Write};
use crate::backend::{Attachment, Capabilities, Cursor, Error, Found, Lookup, Result, Schema, Upload};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};

/// One instance, as one account sees it.
#[derive(Debug)]
pub struct ServiceNow {
    calls: Calls,
    setup: Setup,
    facts: Mutex<Arc<Facts>>,
    known: Mutex<Known>,
    clocks: Mutex<Clocks>,
}

/// Where tickets are, both ways.
#[derive(Debug, Default)]
struct Known {
    places: HashMap<TicketId, (String, String)>,
    numbers: HashMap<String, TicketId>,
}

impl ServiceNow {
    /// The mapping's `site` may say `batch = "false"`, `change_api = "false"`, `sla = "false"`, `audit = "false"`.
    pub fn new(client: Client, setup: Setup) -> Self {
        let single = off(&setup, "batch");
        Self {
            calls: Calls::new(client, single),
            setup,
            facts: Mutex::default(),
            known: Mutex::default(),
            clocks: Mutex::default(),
        }
    }

    fn facts(&self) -> Arc<Facts> {
        Arc::clone(&hold(&self.facts))
    }

    fn know(&self, id: &TicketId, table: &str, sys_id: &str) {
        let mut known = hold(&self.known);
        known.places.insert(id.clone(), (table.to_owned(), sys_id.to_owned()));
        known.numbers.insert(sys_id.to_owned(), id.clone());
    }

    fn forget(&self, id: &TicketId) {
        hold(&self.known).places.remove(id);
    }

    fn known(&self, id: &TicketId) -> Option<Native> {
        let known = hold(&self.known);
        let (table, sys_id) = known.places.get(id)?.clone();
        Some(Native { table, sys_id, ..Native::default() })
    }

    fn number_of(&self, sys_id: &str) -> Option<TicketId> {
        hold(&self.known).numbers.get(sys_id).cloned()
    }

    fn ask_clocks(&self, id: &str, keys: &[&str]) -> Ask {
        let query = Query::new().any("task", keys).and("stage!=cancelled").order("^ORDERBYsys_id");
        Ask::rows(id, "task_sla", &query.to_string(), clock::COLUMNS, 2000)
    }

    /// What is asked beside a page so that its tickets have their clocks: all that run the first time, then what changed.
    fn ask_all_clocks(&self, since: Option<Timestamp>) -> Option<Ask> {
        if off(&self.setup, "sla") {
            return None;
        }
        let query = match (hold(&self.clocks).loaded, since) {
            (false, _) => Query::new().and("active=true").and("stage!=cancelled"),
            (true, Some(since)) => Query::new().and(format!("sys_updated_on>={}", wire::stamp(since))),
            (true, None) => return None,
        };
        Some(Ask::rows(CLOCKS, "task_sla", &query.order("^ORDERBYsys_id").to_string(), clock::COLUMNS, 10_000))
    }

    fn learn_clocks(&self, answer: Result<Got>) -> Result<()> {
        let mut clocks = hold(&self.clocks);
        match answer {
            Ok(got) => clocks.learn(got.rows),
            // Not readable for everybody.
            Err(Error::Forbidden(_) | Error::Invalid { .. }) => {}
            Err(error) => return Err(error),
        }
        clocks.loaded = true;
        Ok(())
    }
}

/// Where clocks stand among the answers.
const CLOCKS: &str = "task_sla";

fn off(setup: &Setup, what: &str) -> bool {
    setup.says(what, "false")
}

#[async_trait]
impl Tracker for ServiceNow {
    fn capabilities(&self) -> Capabilities {
        Capabilities { atomic_batch: true, ..self.setup.capabilities() }
    }

    async fn schema(&self) -> Result<Schema> {
        let (facts, schema) = facts::read(&self.calls, &self.setup).await?;
        *hold(&self.facts) = Arc::new(facts);
        Ok(schema)
    }

    async fn page(&self, since: Option<&Cursor>) -> Result<Page> {
        let mut place = Place::read(since, &self.setup)?;
        let facts = self.facts();
        let mut asks = place.asks(&self.setup);
        asks.extend(self.ask_all_clocks(place.from()));
        let mut got = self.calls.all(&asks).await?;
        if let Some(answer) = got.remove(CLOCKS) {
            self.learn_clocks(answer)?;
        }
        let deletions = got.remove(DELETIONS);
        let date = got.values().flatten().filter_map(|got| got.date).max();
        let (mut records, mut gone) = (Vec::new(), Vec::new());
        for (table, row) in place.took(&self.setup, got)? {
            let Some(kind) = kind_of(&self.setup, &table) else { continue };
            let Some(mut record) = map::record(&self.setup, &facts, kind, &table, &row) else { continue };
            self.know(&record.id, &table, row.value("sys_id"));
            record.clock = hold(&self.clocks).of(row.value("sys_id"));
            match (place.keeps(&self.setup, &row), place.is_full()) {
                (true, _) => records.push(record),
                (false, false) => gone.push(record.id),
                // A condition that was ignored.
                (false, true) => {}
            }
        }
        if let Some(answer) = deletions {
            let named = |number: String| Some(TicketId::new(&number)).filter(|id| !id.as_str().is_empty());
            let deleted = place.deleted(answer).into_iter();
            gone.extend(deleted.filter_map(|(key, number)| self.number_of(&key).or_else(|| named(number))));
        }
        let (next, more) = place.next(&self.setup, date)?;
        Ok(Page { records, gone, next, more })
    }

    async fn glance(&self, id: &TicketId) -> Result<Record> {
        self.read(id).await
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        self.read(id).await
    }

    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        self.writes(on, wanted).await
    }

    async fn send(&self, on: &Record, write: &Write) -> Result<Sent> {
        self.calls.client.good(write.request.clone()).await.map_err(|failure| failure.missing(&on.id))?;
        Ok(Sent::Taken)
    }

    async fn create(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        self.make(kind, wanted).await
    }

    async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        self.made_before(kind, wanted).await
    }

    fn clock_ahead(&self) -> Option<SignedDuration> {
        self.calls.client.skew()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        self.look(wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        self.files(id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        self.file(id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        self.add_file(id, file).await
    }
}
