//! Requests: one record, rows with how many there are, and several reads in one batch.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::wire::{Batch, Header, Item, Row, Rows, Served, ServedItem, refusal};
use crate::backend::http::client::{Client, Request, StatusCode, parse, segment};
use crate::backend::http::files::decode;
use crate::backend::{Error, Result};

/// A read of one table.
#[derive(Debug, Clone)]
pub struct Ask {
    pub id: String,
    path: String,
    parameters: Vec<(String, String)>,
}

/// What a read brought.
#[derive(Debug, Clone, Default)]
pub struct Got {
    pub rows: Vec<Row>,
    /// Rows that match before rights hide some; none where it was not told.
    pub total: Option<usize>,
    /// The instance's clock.
    pub date: Option<Timestamp>,
}

impl Ask {
    /// Rows of a table: stored and shown values, without addresses.
    pub fn rows(id: &str, table: &str, query: &str, fields: &[impl AsRef<str>], limit: usize) -> Self {
        Self::of(id, format!("api/now/table/{}", segment(table)), fields)
            .with("sysparm_query", query)
            .with("sysparm_limit", &limit.to_string())
            .with("sysparm_suppress_pagination_header", "true")
    }

    /// One record by its key.
    pub fn one(id: &str, table: &str, sys_id: &str, fields: &[impl AsRef<str>]) -> Self {
        Self::of(id, format!("api/now/table/{}/{}", segment(table), segment(sys_id)), fields)
    }

    fn of(id: &str, path: String, fields: &[impl AsRef<str>]) -> Self {
        let fields = fields.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(",");
        Self { id: id.to_owned(), path, parameters: Vec::new() }
            .with("sysparm_display_value", "all")
            .with("sysparm_exclude_reference_link", "true")
            .with("sysparm_fields", &fields)
    }

    /// From that row on.
    #[must_use]
    pub fn offset(self, offset: usize) -> Self {
        if offset == 0 { self } else { self.with("sysparm_offset", &offset.to_string()) }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    fn request(&self) -> Request {
        let request = Request::get(self.path.clone()).header("Accept", "application/json");
        self.parameters.iter().fold(request, |request, (name, value)| request.query(name, value))
    }

    fn item(&self) -> Item {
        let query: Vec<String> =
            self.parameters.iter().map(|(name, value)| format!("{name}={}", segment(value))).collect();
        Item {
            id: self.id.clone(),
            method: "GET",
            url: format!("/{}?{}", self.path, query.join("&")),
            headers: vec![Header { name: "Accept".into(), value: "application/json".into() }],
            exclude_response_headers: false,
        }
    }
}

/// Calls to one instance.
#[derive(Debug)]
pub struct Calls {
    pub client: Client,
    /// This instance has no Batch API, or not for us.
    single: AtomicBool,
}

impl Calls {
    /// `single`: the profile says that batches are not to be used.
    pub fn new(client: Client, single: bool) -> Self {
        Self { client, single: AtomicBool::new(single) }
    }

    /// Whether several reads cost one request.
    pub fn batches(&self) -> bool {
        !self.single.load(Ordering::Relaxed)
    }

    /// One read by itself.
    ///
    /// # Errors
    /// As of any request; a list that is empty is none.
    pub async fn ask(&self, ask: &Ask) -> Result<Got> {
        let reply = self.client.send(ask.request()).await?;
        let (status, date) = (reply.head.status, reply.head.date());
        let total = reply.head.header("X-Total-Count").and_then(|count| count.trim().parse().ok());
        if status == StatusCode::NOT_FOUND && says_nothing_found(&reply.body) {
            return Ok(Got { rows: Vec::new(), total: Some(0), date });
        }
        let reply = self.client.check(reply)?;
        let body: serde_json::Value = self.client.read(reply)?.body;
        Ok(Got { rows: rows(body)?, total, date })
    }

    /// Several reads: in one request where the instance lets us, one after the other where not. What was refused stands
    /// under its name with the refusal.
    ///
    /// # Errors
    /// The batch as a whole was not answered.
    pub async fn all(&self, asks: &[Ask]) -> Result<HashMap<String, Result<Got>>> {
        let mut got = HashMap::new();
        if let [one] = asks {
            got.insert(one.id.clone(), self.ask(one).await);
            return Ok(got);
        }
        let mut left: Vec<&Ask> = asks.iter().collect();
        while self.batches() && !left.is_empty() {
            let Some((served, date)) = self.batch(&left).await? else { break };
            let before = got.len();
            for item in served.serviced_requests {
                got.insert(item.id.clone(), answer(&item).map(|got| Got { date, ..got }));
            }
            left.retain(|ask| !got.contains_key(&ask.id));
            // What was not served is sent again; one at a time when a batch brings nothing.
            if got.len() == before {
                break;
            }
        }
        for ask in left {
            got.insert(ask.id.clone(), self.ask(ask).await);
        }
        Ok(got)
    }

    async fn batch(&self, asks: &[&Ask]) -> Result<Option<(Served, Option<Timestamp>)>> {
        let batch = Batch { batch_request_id: "1".into(), rest_requests: asks.iter().map(|ask| ask.item()).collect() };
        let request = Request::post("api/now/v1/batch").json(&batch)?.header("Accept", "application/json").reading();
        match self.client.json::<Served>(request).await {
            Ok(answer) => Ok(Some((answer.body, answer.head.date()))),
            Err(failure) => match failure.status() {
                // No such resource: it will not be there the next time either.
                Some(StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
                    let body = failure.reply.as_ref().map(|reply| String::from_utf8_lossy(&reply.body).into_owned());
                    let none = body.is_some_and(|body| body.contains("does not represent any resource"));
                    self.single.fetch_or(none, Ordering::Relaxed);
                    Ok(None)
                }
                // Not for us: the reads themselves may still be allowed.
                Some(StatusCode::FORBIDDEN) => Ok(None),
                _ => Err(failure.error),
            },
        }
    }

    /// Every row, page after page by key, until there are no more.
    ///
    /// # Errors
    /// As of any request.
    pub async fn every(&self, table: &str, condition: &str, fields: &[&str]) -> Result<Vec<Row>> {
        const AT_ONCE: usize = 1000;
        let mut all: Vec<Row> = Vec::new();
        let mut offset = 0;
        let mut empty = 0;
        loop {
            let query = format!("{condition}^ORDERBYsys_id");
            let got = self
                .ask(&Ask::rows("all", table, query.trim_start_matches('^'), fields, AT_ONCE).offset(offset))
                .await?;
            empty = if got.rows.is_empty() { empty + 1 } else { 0 };
            all.extend(got.rows);
            offset += AT_ONCE;
            // Rights are applied after the limit: a short page, even an empty one, is not the last.
            let over = got.total.map_or(empty > 1, |total| offset >= total);
            if over {
                all.sort_by(|a, b| a.value("sys_id").cmp(b.value("sys_id")));
                all.dedup_by(|a, b| a.value("sys_id") == b.value("sys_id"));
                return Ok(all);
            }
        }
    }

    /// A write, and what its answer holds.
    ///
    /// # Errors
    /// As of any request.
    pub async fn write<T: DeserializeOwned>(&self, request: Request) -> Result<T> {
        Ok(self.client.json::<T>(request.header("Accept", "application/json")).await?.body)
    }
}

/// The oldest version of the interface answers an empty list so.
fn says_nothing_found(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains("No Record found")
}

fn rows(body: serde_json::Value) -> Result<Vec<Row>> {
    let fault =
        |error: serde_json::Error| Error::Unexpected(format!("ServiceNow's answer is not what was expected: {error}."));
    match body.get("result") {
        Some(one) if one.is_object() => Ok(vec![serde_json::from_value(one.clone()).map_err(fault)?]),
        Some(_) => Ok(serde_json::from_value::<Rows>(body).map_err(fault)?.result),
        None => Err(Error::Unexpected("ServiceNow's answer holds no result.".into())),
    }
}

fn answer(item: &ServedItem) -> Result<Got> {
    let body = decode(&item.body).unwrap_or_default();
    let header = |name: &str| {
        item.headers.iter().find(|held| held.name.eq_ignore_ascii_case(name)).map(|held| held.value.as_str())
    };
    if item.status_code == 404 && says_nothing_found(&body) {
        return Ok(Got { rows: Vec::new(), total: Some(0), date: None });
    }
    let refused = !(200..300).contains(&item.status_code);
    if refused || super::wire::said(item.status_code, &body) != crate::backend::http::client::Said::Nothing {
        return Err(refusal(item.status_code, &body));
    }
    let body = parse::<serde_json::Value>(&body)
        .map_err(|why| Error::Unexpected(format!("ServiceNow's answer cannot be read: {why}.")))?;
    let total = header("X-Total-Count").and_then(|count| count.trim().parse().ok());
    Ok(Got { rows: rows(body)?, total, date: None })
}
