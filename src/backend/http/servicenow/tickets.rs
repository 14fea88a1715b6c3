//! Where tickets are, and one ticket with all that belongs to it.

use super::calls::Ask;
use super::columns::{by_number, kind_of, may_point, pointers, tables, wanted};
use super::map::{self, Native};
use super::query::{self, Query};
use super::{ServiceNow, clock, history, off};
use crate::backend::http::held::hold;
use crate::backend::http::tracker::Record;
use crate::backend::{Error, Result};
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;

impl ServiceNow {
    /// Where a ticket is: as it was seen, else by its number.
    pub(super) async fn place_of(&self, id: &TicketId) -> Result<Native> {
        match self.known(id) {
            Some(native) => Ok(native),
            None => self.find_place(id).await,
        }
    }

    pub(super) async fn find_place(&self, id: &TicketId) -> Result<Native> {
        let number = id.as_str();
        let query = Query::new().is("number", number).to_string();
        let guess = by_number(&self.setup, number).filter(|table| kind_of(&self.setup, table).is_some());
        for table in guess.into_iter().chain(["task"]) {
            let got =
                self.calls.ask(&Ask::rows("place", table, &query, &["sys_id", "number", "sys_class_name"], 2)).await?;
            // A condition may have been ignored: the row must carry the number.
            let Some(row) = got.rows.iter().find(|row| row.value("number") == number) else { continue };
            let table = if table == "task" { row.value("sys_class_name") } else { table };
            if kind_of(&self.setup, table).is_some() {
                self.know(id, table, row.value("sys_id"));
                return Ok(Native {
                    table: table.to_owned(),
                    sys_id: row.value("sys_id").to_owned(),
                    ..Native::default()
                });
            }
        }
        Err(Error::NotFound(id.clone()))
    }

    /// The record with all that belongs to it: one request where there are batches and its place is known.
    pub(super) async fn read(&self, id: &TicketId) -> Result<Record> {
        let known = self.known(id);
        let looked_up = known.is_none();
        let native = match known {
            Some(native) => native,
            None => self.find_place(id).await?,
        };
        match self.read_at(id, &native).await {
            // It may have become a ticket of another sort, in another table.
            Err(Error::NotFound(_)) if !looked_up => {
                self.forget(id);
                let native = self.find_place(id).await?;
                self.read_at(id, &native).await
            }
            read => read,
        }
    }

    pub(super) async fn read_at(&self, id: &TicketId, native: &Native) -> Result<Record> {
        let gone = || Error::NotFound(id.clone());
        let kind = kind_of(&self.setup, &native.table).ok_or_else(gone)?;
        let asks = self.asks_about(native, kind);
        let mut got = self.calls.all(&asks).await?;
        let mut take = |name: &str| got.remove(name);
        let row = take("record").unwrap_or_else(|| Err(gone()))?.rows.into_iter().next().ok_or_else(gone)?;
        match row.value("number") {
            number if number == id.as_str() => {}
            "" => return Err(gone()),
            // Another number for the same record.
            number => {
                self.forget(id);
                return Err(Error::Moved { id: id.clone(), to: TicketId::new(number) });
            }
        }
        let facts = self.facts();
        let mut record = map::record(&self.setup, &facts, kind, &native.table, &row).ok_or_else(gone)?;
        let mut rows = |name: &str| take(name).and_then(Result::ok).map(|got| got.rows).unwrap_or_default();
        let (journal, audit) = (rows("journal"), rows("audit"));
        let history = history::entries(&self.setup, &facts, &record, &native.sys_id, &journal, &audit, &row);
        (record.last_public, record.last_heard) = history::last_words(&history);
        record.history = Some(history);
        let clocks = rows("sla");
        record.clock = clock::glance(&native.sys_id, &clocks);
        hold(&self.clocks).learn(clocks);
        for (_, table) in tables(&self.setup) {
            let back = map::pointing(&self.setup, native, kind, table, &rows(&format!("from {table}")));
            record.links.get_or_insert_default().extend(back);
        }
        self.know(id, &native.table, &native.sys_id);
        Ok(record)
    }

    pub(super) fn asks_about(&self, native: &Native, kind: Kind) -> Vec<Ask> {
        let (setup, key) = (&self.setup, native.sys_id.as_str());
        let mut asks = vec![Ask::one("record", &native.table, key, &wanted(setup, kind, &native.table, true))];
        // No key behind the time: within a second the order of the table is likelier than that of random keys.
        let journal =
            Query::new().is("element_id", key).and("elementINwork_notes,comments").order("^ORDERBYsys_created_on");
        let columns = ["sys_id", "element_id", "element", "value", "sys_created_on", "sys_created_by"];
        let more = Ask::rows("journal", "sys_journal_field", &journal.to_string(), &columns, 5000);
        // Without batches each of these is a request: the record holds its words as text, the rest is done without.
        if !self.calls.batches() {
            asks.push(more);
            asks.extend((!off(setup, "sla")).then(|| self.ask_clocks("sla", &[key])));
            return asks;
        }
        asks.push(more);
        if !off(setup, "sla") {
            asks.push(self.ask_clocks("sla", &[key]));
        }
        if !off(setup, "audit") {
            // Of all our tables: it may have been a record of another one before.
            let classes = tables(setup).into_iter().map(|(_, table)| table);
            let audit = Query::new().is("documentkey", key).any("tablename", classes).order("^ORDERBYsys_created_on");
            let columns = [
                "sys_id",
                "documentkey",
                "fieldname",
                "oldvalue",
                "newvalue",
                "user",
                "sys_created_on",
                "record_checkpoint",
            ];
            asks.push(Ask::rows("audit", "sys_audit", &audit.to_string(), &columns, 5000));
        }
        for (_, table) in tables(setup) {
            let pointers: Vec<_> =
                pointers(setup, table).into_iter().filter(|one| may_point(one, table, &native.table, kind)).collect();
            if !pointers.is_empty() {
                let any: Vec<String> =
                    pointers.iter().map(|pointer| format!("{}={}", pointer.column, query::escape(key))).collect();
                let mut columns = vec!["sys_id", "number"];
                columns.extend(pointers.iter().map(|pointer| pointer.column));
                let query = format!("{}^ORDERBYsys_id", any.join("^OR"));
                asks.push(Ask::rows(&format!("from {table}"), table, &query, &columns, 200));
            }
        }
        asks
    }
}
