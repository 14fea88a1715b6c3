//! New tickets: rows with a key of their own to be found by, and requests by way of the catalogue.

use jiff::SignedDuration;
use serde_json::Value as Json;

use super::ServiceNow;
use super::calls::Ask;
use super::map::Native;
use super::plan::{Draft, journal, path};
use super::query::Query;
use super::wire::{One, Row, stamp};
use crate::backend::http::client::{Request, segment};
use crate::backend::http::tracker::{Part, Wanted};
use crate::backend::{Error, Result};
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;

/// How far clocks may be apart when an order of ours is looked for.
const LATE: SignedDuration = SignedDuration::from_mins(1);

impl ServiceNow {
    /// Makes a ticket, and says where.
    pub(super) async fn make(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        let Some((_, table)) = super::columns::tables(&self.setup).into_iter().find(|(held, _)| *held == kind) else {
            return Err(Error::Unsupported(format!("this ServiceNow holds no {kind}s.")));
        };
        let table = table.to_owned();
        let draft = self.new_record(kind, &table, wanted).await?;
        if table == "sc_req_item" {
            return self.order(wanted, draft).await;
        }
        let made: One = self
            .calls
            .write(
                Request::post(format!("api/now/table/{}", segment(&table)))
                    .query("sysparm_fields", "sys_id,number")
                    .json(&draft.body())?,
            )
            .await?;
        self.made(&table, &made.result)
    }

    pub(super) fn made(&self, table: &str, row: &Row) -> Result<TicketId> {
        if row.value("number").is_empty() {
            return Err(Error::Doubtful("ServiceNow took it and did not say under which number.".into()));
        }
        let id = TicketId::new(row.value("number"));
        self.know(&id, table, row.value("sys_id"));
        Ok(id)
    }

    /// Everything that a new record can be given at once.
    pub(super) async fn new_record(&self, kind: Kind, table: &str, wanted: &Wanted) -> Result<Draft> {
        let mut draft = Draft::default();
        let begin = self
            .setup
            .mapping
            .kind(kind)
            .and_then(|map| map.states.first())
            .map(|state| state.native.clone())
            .unwrap_or_default();
        let native = Native { table: table.to_owned(), state: begin.clone(), ..Native::default() };
        let mut state = begin;
        for part in &wanted.parts {
            match part {
                // Only incidents can begin further on; the others follow their own way from its start.
                Part::Step(verb, to) if kind == Kind::Incident => {
                    state = self.step(kind, &state, (*verb, *to), &mut draft)?
                }
                Part::Step(..) | Part::Unlink(_) => {}
                Part::Link(link) if self.pointer(table, link).is_err() => {}
                Part::Say(audience, _) if draft.columns.contains_key(journal(*audience)) => {}
                part => self.part(kind, &native, part, &mut draft).await?,
            }
        }
        draft.set("correlation_id", wanted.key.0.clone());
        draft.set("correlation_display", "deskside");
        Ok(draft)
    }

    /// Requested items come from the catalogue: a row of their own would start nothing.
    pub(super) async fn order(&self, wanted: &Wanted, mut draft: Draft) -> Result<TicketId> {
        let item = self.item(wanted).ok_or_else(|| {
            Error::invalid("catalog_item", "Requests are ordered from ServiceNow's catalogue: name the item, or set `catalog_item` in the profile.")
        })?;
        let key = self.named("sc_cat_item", &item, &Field::CatalogItem).await?;
        draft.columns.remove("cat_item");
        let order = Request::post(format!("api/sn_sc/servicecatalog/items/{}/order_now", segment(&key)));
        let order = order.json(&serde_json::json!({ "sysparm_quantity": "1", "variables": {} }))?;
        let made: One = self.calls.write(order).await?;
        let request = ["request_id", "sys_id"]
            .map(|column| made.result.value(column))
            .into_iter()
            .find(|key| !key.is_empty())
            .unwrap_or_default()
            .to_owned();
        let lost = |_| Error::Doubtful("The order was made; its item was not found yet.".into());
        let query = Query::new().is("request", &request).order("^ORDERBYnumber").to_string();
        let got = self
            .calls
            .ask(&Ask::rows("item", "sc_req_item", &query, &["sys_id", "number", "request"], 2))
            .await
            .map_err(lost)?;
        let row = got
            .rows
            .into_iter()
            .find(|row| row.value("request") == request)
            .ok_or_else(|| lost(Error::CursorExpired))?;
        let id = self.made("sc_req_item", &row)?;
        let patch = Request::patch(path("sc_req_item", row.value("sys_id")))
            .query("sysparm_fields", "sys_id")
            .json(&draft.body())?;
        // It is there: what is refused of the rest follows with the other parts.
        let _: Result<Json> = self.calls.write(patch).await;
        Ok(id)
    }

    /// What is ordered: as the act says, else the site's usual item.
    fn item(&self, wanted: &Wanted) -> Option<String> {
        let chosen = wanted.text(&Field::CatalogItem).to_owned();
        let usual = self.setup.mapping.site.get("catalog_item").cloned().unwrap_or_default();
        [chosen, usual].into_iter().find(|item| !item.is_empty())
    }

    /// An order takes no key of ours: one whose answer was lost stands there without. Nobody but its orderer can tell
    /// whether it is this one, so it is not ordered again.
    async fn lost_order(&self, wanted: &Wanted) -> Result<()> {
        let Some(item) = self.item(wanted) else { return Ok(()) };
        let key = self.named("sc_cat_item", &item, &Field::CatalogItem).await?;
        let ahead = self.calls.client.skew().unwrap_or_default();
        let since = wanted.at.saturating_add(ahead).and_then(|at| at.checked_sub(LATE)).unwrap_or(wanted.at);
        let query = Query::new()
            .is("cat_item", &key)
            .and("opened_by=javascript:gs.getUserID()^correlation_idISEMPTY")
            .and(format!("sys_created_on>={}", stamp(since)))
            .order("^ORDERBYnumber")
            .to_string();
        let columns = ["sys_id", "number", "cat_item", "correlation_id", "sys_created_on"];
        let got = self.calls.ask(&Ask::rows("orders", "sc_req_item", &query, &columns, 20)).await?;
        // A condition may have been ignored.
        let fits = |row: &&Row| {
            row.value("cat_item") == key
                && row.value("correlation_id").is_empty()
                && row.time("sys_created_on") >= Some(since)
        };
        let numbers: Vec<&str> = got.rows.iter().filter(fits).map(|row| row.value("number")).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        Err(Error::Doubtful(format!(
            "ordered since, and perhaps this order: {}. It is not ordered again: drop it here if it is, or order anew.",
            numbers.join(", ")
        )))
    }

    /// What an earlier attempt made.
    pub(super) async fn made_before(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        let mut found = Vec::new();
        let query =
            Query::new().is("correlation_id", &wanted.key.0).order("^ORDERBYsys_created_on^ORDERBYsys_id").to_string();
        let tables: Vec<String> = super::columns::tables(&self.setup)
            .into_iter()
            .filter(|(held, _)| *held == kind)
            .map(|(_, table)| table.to_owned())
            .collect();
        let asks: Vec<Ask> = tables
            .iter()
            .map(|table| Ask::rows(table, table, &query, &["sys_id", "number", "correlation_id"], 5))
            .collect();
        let mut got = self.calls.all(&asks).await?;
        for table in &tables {
            let Some(answer) = got.remove(table) else { continue };
            for row in answer?.rows.iter().filter(|row| row.value("correlation_id") == wanted.key.0) {
                found.push(self.made(table, row)?);
            }
        }
        if found.is_empty() && tables.iter().any(|table| table == "sc_req_item") {
            self.lost_order(wanted).await?;
        }
        Ok(found)
    }
}
