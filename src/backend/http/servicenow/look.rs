//! Looking beyond the scope, and files.

use super::ServiceNow;
use super::calls::Ask;
use super::map::Native;
use super::query::{Query, words};
use super::wire::{Row, Rows};
use crate::backend::http::client::{Body, Request, segment};
use crate::backend::http::files::{LARGEST, no_such};
use crate::backend::{Attachment, Found, Lookup, Result, Sort, Upload};
use crate::domain::name::{Name, TicketId};
use crate::text::{Clean, from_html};

impl ServiceNow {
    pub(super) async fn look(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let Some(text) = words(&wanted.words) else { return Ok(Vec::new()) };
        let (table, condition, fields): (_, _, &[&str]) = match wanted.sort {
            Sort::People => (
                "sys_user",
                format!("active=true^nameLIKE{text}^ORuser_nameLIKE{text}^ORemailLIKE{text}^ORDERBYname"),
                &["sys_id", "user_name", "name", "email", "department", "location", "title", "phone"],
            ),
            Sort::Assets => (
                "cmdb_ci",
                format!("nameLIKE{text}^ORserial_numberLIKE{text}^ORasset_tagLIKE{text}^ORDERBYname"),
                &[
                    "sys_id",
                    "name",
                    "sys_class_name",
                    "serial_number",
                    "asset_tag",
                    "assigned_to",
                    "location",
                    "operational_status",
                ],
            ),
            Sort::Knowledge => (
                "kb_knowledge",
                format!(
                    "workflow_state=published^short_descriptionLIKE{text}^ORtextLIKE{text}^ORnumberLIKE{text}^ORDERBYDESCsys_view_count"
                ),
                &["sys_id", "number", "short_description", "text", "wiki", "workflow_state", "article_type"],
            ),
            Sort::Tickets => (
                "task",
                format!("short_descriptionLIKE{text}^ORnumberLIKE{text}^ORDERBYDESCsys_updated_on^ORDERBYsys_id"),
                &["sys_id", "number", "short_description", "description", "sys_class_name", "state"],
            ),
        };
        let got = self.calls.ask(&Ask::rows("found", table, &condition, fields, wanted.limit)).await?;
        // A condition that the instance ignored brings everything.
        let needle = wanted.words.trim().to_lowercase();
        let fits = |row: &&Row| {
            row.0
                .values()
                .any(|cell| cell.value.to_lowercase().contains(&needle) || cell.shown.to_lowercase().contains(&needle))
        };
        let found = got.rows.iter().filter(fits).filter_map(|row| self.found(wanted.sort, row));
        Ok(found.take(wanted.limit).collect())
    }

    fn found(&self, sort: Sort, row: &Row) -> Option<Found> {
        let first = |columns: &[&str]| {
            columns.iter().map(|column| row.shown(column)).find(|text| !text.is_empty()).unwrap_or_default().to_owned()
        };
        let told = |columns: &[&str]| {
            columns
                .iter()
                .map(|column| row.shown(column))
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join("\n")
        };
        let (name, title, text) = match sort {
            Sort::People => (
                first(&["user_name", "email", "name"]),
                first(&["name", "user_name"]),
                Clean::body(&told(&["title", "department", "location", "email", "phone"])),
            ),
            Sort::Assets => (
                first(&["name"]),
                first(&["name"]),
                Clean::body(&told(&[
                    "sys_class_name",
                    "operational_status",
                    "assigned_to",
                    "location",
                    "serial_number",
                    "asset_tag",
                ])),
            ),
            Sort::Knowledge if row.value("workflow_state") != "published" => return None,
            Sort::Knowledge => (first(&["number"]), first(&["short_description"]), article(row)),
            Sort::Tickets => {
                let table = row.value("sys_class_name");
                super::columns::kind_of(&self.setup, table)?;
                self.know(&TicketId::new(row.value("number")), table, row.value("sys_id"));
                (first(&["number"]), first(&["short_description"]), Clean::body(row.value("description")))
            }
        };
        if name.is_empty() { None } else { Some(Found { name: Name::new(&name), title: Clean::line(&title), text }) }
    }

    pub(super) async fn files(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        let native = self.place_of(id).await?;
        let rows = self.files_of(&native).await?;
        Ok(rows.iter().map(attachment).collect())
    }

    async fn files_of(&self, native: &Native) -> Result<Vec<Row>> {
        let query = Query::new()
            .is("table_name", &native.table)
            .is("table_sys_id", &native.sys_id)
            .order("^ORDERBYsys_created_on^ORDERBYsys_id");
        let request = Request::get("api/now/attachment")
            .header("Accept", "application/json")
            .query("sysparm_query", query)
            .query("sysparm_limit", 1000);
        let got: Rows = self.calls.client.json(request).await?.body;
        Ok(got.result.into_iter().filter(|row| row.value("table_sys_id") == native.sys_id).collect())
    }

    pub(super) async fn file(&self, id: &TicketId, key: &Name) -> Result<Vec<u8>> {
        let native = self.place_of(id).await?;
        let known = self.files_of(&native).await?.iter().any(|row| row.value("sys_id") == key.as_str());
        if !known {
            return Err(no_such(id, key));
        }
        let request =
            Request::get(format!("api/now/attachment/{}/file", segment(key))).header("Accept", "*/*").limit(LARGEST);
        Ok(self.calls.client.good(request).await?.body)
    }

    pub(super) async fn add_file(&self, id: &TicketId, file: &Upload) -> Result<()> {
        let native = self.place_of(id).await?;
        let media = if file.media_type.is_empty() { "application/octet-stream" } else { &file.media_type };
        let request = Request::post("api/now/attachment/file")
            .header("Accept", "application/json")
            .query("table_name", &native.table)
            .query("table_sys_id", &native.sys_id)
            .query("file_name", &*file.name)
            .body(Body::Bytes { media: media.to_owned(), bytes: file.bytes.clone() });
        self.calls.client.good(request).await?;
        Ok(())
    }
}

fn article(row: &Row) -> Clean {
    let html = row.value("text");
    if html.is_empty() { Clean::body(row.value("wiki")) } else { from_html(html) }
}

fn attachment(row: &Row) -> Attachment {
    Attachment {
        key: Name::new(row.value("sys_id")),
        name: Clean::line(row.value("file_name")),
        media_type: Clean::line(row.value("content_type")),
        size: row.value("size_bytes").parse().ok(),
        at: row.time("sys_created_on"),
        by: Name::new(row.value("sys_created_by")),
    }
}
