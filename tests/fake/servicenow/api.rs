//! What an instance answers: tables, batches, changes, files, counts, orders, tokens.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use super::query::Query;
use super::rules::Refused;
use super::world::{PASSWORD, Row, World};

#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Default)]
pub struct Said {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// Empty parameters are as none.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(held, value)| held == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    fn flag(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn number(&self, name: &str, otherwise: usize) -> usize {
        self.parameter(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    }

    fn json(&self) -> Result<Map<String, Json>, Said> {
        match serde_json::from_slice(&self.body) {
            Ok(Json::Object(map)) => Ok(map),
            // Of several only the first is taken.
            Ok(Json::Array(all)) => Ok(all.first().and_then(Json::as_object).cloned().unwrap_or_default()),
            _ if self.body.is_empty() => Ok(Map::new()),
            _ => Err(fault(400, "Exception while reading request", None)),
        }
    }
}

impl Said {
    fn json(status: u16, body: &Json) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json;charset=UTF-8".into())],
            body: body.to_string().into_bytes(),
        }
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

pub fn fault(status: u16, message: &str, detail: Option<&str>) -> Said {
    Said::json(status, &json!({ "error": { "message": message, "detail": detail }, "status": "failure" }))
}

fn refusal((status, message, detail): Refused) -> Said {
    fault(status, &message, Some(&detail))
}

fn missing() -> Said {
    fault(404, "No Record found", Some("Record doesn't exist or ACL restricts the record retrieval"))
}

fn no_resource() -> Said {
    fault(400, "Requested URI does not represent any resource", None)
}

/// Values as they are stored: everything is text.
fn row(map: &Map<String, Json>) -> Row {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        Json::Object(pair) => pair.get("value").and_then(Json::as_str).unwrap_or_default().to_owned(),
        other => other.to_string(),
    };
    map.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

impl World {
    pub fn answer(&mut self, asked: &Asked) -> Said {
        if asked.path == "/oauth_token.do" {
            return self.token(asked);
        }
        match self.who(asked) {
            Some(user) => self.serve(asked, &user).unwrap_or_else(|said| said),
            None => fault(401, "User is not authenticated", Some("Required to provide Auth information"))
                .with("www-authenticate", "BASIC realm=\"Service-now\""),
        }
    }

    fn who(&self, asked: &Asked) -> Option<String> {
        let given = asked.header("authorization");
        if let Some(token) = given.strip_prefix("Bearer ") {
            return self.tokens.get(token).cloned();
        }
        let (user, password) = basic(given)?;
        self.by("sys_user", "user_name", &user).filter(|_| password == PASSWORD).map(|_| user)
    }

    fn token(&mut self, asked: &Asked) -> Said {
        let form: BTreeMap<String, String> = pairs(&String::from_utf8_lossy(&asked.body)).into_iter().collect();
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let client =
            basic(asked.header("authorization")).unwrap_or((field("client_id").into(), field("client_secret").into()));
        let denied = || Said::json(401, &json!({ "error": "server_error", "error_description": "access_denied" }));
        if client != ("cid".to_owned(), "csecret".to_owned()) {
            return denied();
        }
        let user = match field("grant_type") {
            "password" if field("password") == PASSWORD => field("username").to_owned(),
            "client_credentials" => "sam.desk".to_owned(),
            "refresh_token" => self.tokens.get(field("refresh_token")).cloned().unwrap_or_default(),
            _ => return denied(),
        };
        if self.by("sys_user", "user_name", &user).is_none() {
            return denied();
        }
        let (access, refresh) = (self.fresh(), self.fresh());
        self.tokens.insert(access.clone(), user.clone());
        self.tokens.insert(refresh.clone(), user);
        Said::json(
            200,
            &json!({ "access_token": access, "refresh_token": refresh, "scope": "useraccount", "token_type": "Bearer", "expires_in": 1799 }),
        )
    }

    fn serve(&mut self, asked: &Asked, user: &str) -> Result<Said, Said> {
        let path = asked
            .path
            .replace("/api/now/v1/", "/api/now/")
            .replace("/api/now/v2/", "/api/now/")
            .replace("/sn_chg_rest/v1/", "/sn_chg_rest/");
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        if let ("nora.none", ["api", "now", "table", table, ..]) = (user, parts.as_slice())
            && *table != "sys_user"
        {
            return Err(fault(403, "User Not Authorized", Some("Failed API level ACL Validation")));
        }
        match (asked.method.as_str(), parts.as_slice()) {
            ("POST", ["api", "now", "batch"]) if !self.no_batch => self.batch(asked),
            ("GET", ["api", "now", "table", table]) => self.list(asked, table, user),
            ("POST", ["api", "now", "table", table]) => self.create(asked, table, user),
            (method, ["api", "now", "table", table, sys_id]) => self.record(asked, method, table, sys_id, user),
            ("GET", ["api", "now", "stats", table]) => self.count(asked, table, user),
            (method, ["api", "now", "attachment", rest @ ..]) => self.attachment(asked, method, rest, user),
            (method, ["api", "sn_chg_rest", "change", rest @ ..]) if !self.no_change_api => {
                self.change(asked, method, rest, user)
            }
            ("POST", ["api", "sn_sc", "servicecatalog", "items", item, "order_now"]) => self.order(item, user),
            _ => Err(no_resource()),
        }
    }

    fn may_read(&self, table: &str, row: &Row, user: &str) -> bool {
        if user == "nora.none" {
            return table == "sys_user" && row["user_name"] == user;
        }
        !self.unreadable.contains(table) && (!self.hidden.contains(&row["sys_id"]) || user == "ines.incident")
    }

    fn known(&self, table: &str) -> Result<(), Said> {
        if self.exists(table) { Ok(()) } else { Err(fault(400, &format!("Invalid table {table}"), None)) }
    }

    fn me(&self, user: &str) -> String {
        self.by("sys_user", "user_name", user).map_or(String::new(), |row| row["sys_id"].clone())
    }

    fn query(&self, asked: &Asked) -> Query {
        let mut query = Query::parse(asked.parameter("sysparm_query").unwrap_or_default());
        for (name, value) in asked.query.iter().filter(|(name, _)| !name.starts_with("sysparm_")) {
            query.also(name, value);
        }
        query
    }

    fn list(&self, asked: &Asked, table: &str, user: &str) -> Result<Said, Said> {
        self.known(table)?;
        let all = self.query(asked).run(self, table, &self.me(user));
        let (limit, offset) = (asked.number("sysparm_limit", 10_000), asked.number("sysparm_offset", 0));
        let total = all.len();
        // The limit first, the rights after it.
        let page: Vec<&Row> =
            all.into_iter().skip(offset).take(limit).filter(|row| self.may_read(table, row, user)).collect();
        if page.is_empty() && self.version_one {
            return Err(missing());
        }
        let rows: Vec<Json> = page.into_iter().map(|row| self.view(asked, row, user)).collect();
        let mut said = Said::json(200, &json!({ "result": rows }));
        if !asked.flag("sysparm_no_count") && !self.uncounted {
            said = said.with("x-total-count", total.to_string());
            if !asked.flag("sysparm_suppress_pagination_header") && total > limit {
                said = said.with("link", links(asked, limit, offset, total));
            }
        }
        Ok(said)
    }

    fn view(&self, asked: &Asked, row: &Row, user: &str) -> Json {
        let mode = asked.parameter("sysparm_display_value").unwrap_or("false").to_lowercase();
        let links = !asked.flag("sysparm_exclude_reference_link");
        let zone = self.zone(user);
        let fields: Vec<String> = match asked.parameter("sysparm_fields") {
            Some(fields) => fields.split(',').map(|field| field.trim().to_owned()).collect(),
            None => row.keys().cloned().collect(),
        };
        fields
            .into_iter()
            .filter_map(|field| Some((field.clone(), self.cell(row, &field, &mode, links, &zone)?)))
            .collect::<Map<_, _>>()
            .into()
    }

    fn create(&mut self, asked: &Asked, table: &str, user: &str) -> Result<Said, Said> {
        self.known(table)?;
        let sys_id = self.insert(table, &row(&asked.json()?), user).map_err(refusal)?;
        let view = self.find(table, &sys_id).map(|row| self.view(asked, row, user));
        let host = asked.header("host");
        Ok(Said::json(201, &json!({ "result": view }))
            .with("location", format!("http://{host}/api/now/table/{table}/{sys_id}")))
    }

    fn record(&mut self, asked: &Asked, method: &str, table: &str, sys_id: &str, user: &str) -> Result<Said, Said> {
        self.known(table)?;
        self.find(table, sys_id).filter(|row| self.may_read(table, row, user)).ok_or_else(missing)?;
        match method {
            "GET" => {}
            "PATCH" | "PUT" => self.update(table, sys_id, &row(&asked.json()?), user).map_err(refusal)?,
            "DELETE" => {
                self.delete(table, sys_id, user).map_err(refusal)?;
                return Ok(Said { status: 204, ..Said::default() });
            }
            _ => return Err(fault(405, "Method not supported", None)),
        }
        let row = self.find(table, sys_id).ok_or_else(missing)?;
        Ok(Said::json(200, &json!({ "result": self.view(asked, row, user) })))
    }

    fn count(&self, asked: &Asked, table: &str, user: &str) -> Result<Said, Said> {
        self.known(table)?;
        let rows = self.query(asked).run(self, table, &self.me(user));
        let Some(by) = asked.parameter("sysparm_group_by") else {
            return Ok(Said::json(200, &json!({ "result": { "stats": { "count": rows.len().to_string() } } })));
        };
        let mut groups: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows {
            *groups.entry(self.walk(row, by).unwrap_or_default()).or_default() += 1;
        }
        let one = |(value, count): (&String, &usize)| json!({ "stats": { "count": count.to_string() }, "groupby_fields": [{ "field": by, "value": value }] });
        Ok(Said::json(200, &json!({ "result": groups.iter().map(one).collect::<Vec<_>>() })))
    }

    fn batch(&mut self, asked: &Asked) -> Result<Said, Said> {
        let body = asked.json()?;
        let items = body.get("rest_requests").and_then(Json::as_array).cloned().unwrap_or_default();
        let serves = self.serves.unwrap_or(usize::MAX);
        let (mut serviced, mut unserviced) = (Vec::new(), Vec::new());
        for (n, item) in items.iter().enumerate() {
            let text = |name: &str| item.get(name).and_then(Json::as_str).unwrap_or_default();
            if n >= serves {
                unserviced.push(json!(text("id")));
                continue;
            }
            let (path, query) = text("url").split_once('?').unwrap_or((text("url"), ""));
            let one = Asked {
                method: text("method").to_owned(),
                path: path.to_owned(),
                query: pairs(query),
                headers: asked.headers.clone(),
                body: STANDARD.decode(text("body")).unwrap_or_default(),
            };
            let said = self.answer(&one);
            let headers: Vec<Json> =
                said.headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
            serviced.push(json!({ "id": text("id"), "body": STANDARD.encode(&said.body), "status_code": said.status, "status_text": "", "headers": headers, "execution_time": 1 }));
        }
        Ok(Said::json(
            200,
            &json!({ "batch_request_id": body.get("batch_request_id"), "serviced_requests": serviced, "unserviced_requests": unserviced }),
        ))
    }

    fn change(&mut self, asked: &Asked, method: &str, rest: &[&str], user: &str) -> Result<Said, Said> {
        let table = "change_request";
        let [sys_id, more @ ..] = rest else { return Err(no_resource()) };
        let before =
            self.find(table, sys_id).filter(|row| self.may_read(table, row, user)).cloned().ok_or_else(missing)?;
        if let ("GET", ["nextstates"]) = (method, more) {
            let mut states = self.next_states(&before);
            let open = states.clone();
            states.insert(0, "here");
            let automatic = match before["state"].as_str() {
                "-4" => Some("-3"),
                "-3" => Some("-2"),
                _ => None,
            };
            let way = |to: &str, free: bool| {
                let unmet =
                    json!([{ "passed": false, "condition": { "name": "Approved by group", "description": null } }]);
                json!([{ "from_state": before["state"], "to_state": to, "transition_available": free, "automatic_transition": !free, "conditions": if free { json!([]) } else { unmet } }])
            };
            let mut ways: Vec<Json> = open.iter().map(|to| way(to, true)).collect();
            ways.extend(automatic.map(|to| way(to, false)));
            if self.typed_changes {
                let available: Vec<&str> = std::iter::once(before["state"].as_str()).chain(open).collect();
                let body = json!({ "result": { "available_states": available, "state_transitions": null, "state_label": {} } });
                return Ok(Said::json(200, &body));
            }
            let available: Vec<&str> = std::iter::once(before["state"].as_str()).chain(open).chain(automatic).collect();
            return Ok(Said::json(
                200,
                &json!({ "result": { "available_states": available, "state_transitions": ways, "state_label": {} } }),
            ));
        }
        let mut ignored = Vec::new();
        if method == "PATCH" {
            let sent = row(&asked.json()?);
            ignored = sent
                .keys()
                .filter(|name| !before.contains_key(*name) || self.read_only.contains(*name))
                .cloned()
                .collect();
            self.update(table, sys_id, &sent, user).map_err(refusal)?;
        }
        let row = self.find(table, sys_id).ok_or_else(missing)?;
        let mut result = Map::new();
        for (column, value) in row {
            // Numbers and flags are such here, unlike in tables.
            let typed = match value.parse::<f64>() {
                Ok(number) if matches!(column.as_str(), "state" | "risk" | "impact" | "priority" | "sys_mod_count") => {
                    json!(number)
                }
                _ if value == "true" || value == "false" => json!(value == "true"),
                _ => json!(value),
            };
            result.insert(column.clone(), json!({ "display_value": value, "value": typed }));
        }
        if !ignored.is_empty() {
            result.insert("__meta".into(), json!({ "ignoredFields": ignored }));
        }
        Ok(Said::json(200, &json!({ "result": result })))
    }

    fn order(&mut self, item: &str, user: &str) -> Result<Said, Said> {
        self.find("sc_cat_item", item).ok_or_else(missing)?;
        let me = self.me(user);
        let text =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Row>();
        let request = self.insert("sc_request", &text(&[("requested_for", &me)]), user).map_err(refusal)?;
        self.insert(
            "sc_req_item",
            &text(&[
                ("request", &request),
                ("cat_item", item),
                ("requested_for", &me),
                ("short_description", "Ordered"),
            ]),
            user,
        )
        .map_err(refusal)?;
        let number = self.find("sc_request", &request).map(|row| row["number"].clone());
        Ok(Said::json(
            200,
            &json!({ "result": { "sys_id": request, "number": number, "request_number": number, "request_id": request, "table": "sc_request" } }),
        ))
    }

    fn attachment(&mut self, asked: &Asked, method: &str, rest: &[&str], user: &str) -> Result<Said, Said> {
        match (method, rest) {
            ("GET", []) => self.list(asked, "sys_attachment", user),
            ("POST", ["file"]) => {
                let given = |name: &str| asked.parameter(name).unwrap_or_default().to_owned();
                self.add_file(
                    &given("table_name"),
                    &given("table_sys_id"),
                    &given("file_name"),
                    asked.header("content-type"),
                    asked.body.clone(),
                    asked,
                    user,
                )
            }
            ("POST", ["upload"]) => {
                let form = multipart(asked);
                let text = |name: &str| {
                    form.iter()
                        .find(|part| part.0 == name)
                        .map(|part| String::from_utf8_lossy(&part.3).into_owned())
                        .unwrap_or_default()
                };
                let file = form.iter().find(|part| !part.1.is_empty()).cloned().unwrap_or_default();
                self.add_file(&text("table_name"), &text("table_sys_id"), &file.1, &file.2, file.3, asked, user)
            }
            ("GET", [sys_id, "file"]) => {
                let row = self.find("sys_attachment", sys_id).ok_or_else(missing)?;
                let body = self.files.get(*sys_id).cloned().unwrap_or_default();
                Ok(Said { status: 200, headers: vec![("content-type".into(), row["content_type"].clone())], body })
            }
            (method, [sys_id]) => self.record(asked, method, "sys_attachment", sys_id, user),
            _ => Err(no_resource()),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parameters of the call")]
    fn add_file(
        &mut self,
        table: &str,
        sys_id: &str,
        name: &str,
        media: &str,
        bytes: Vec<u8>,
        asked: &Asked,
        user: &str,
    ) -> Result<Said, Said> {
        if matches!(user, "reed.only" | "nora.none") {
            return Err(fault(
                403,
                "Operation Failed",
                Some("ACL Exception Insert Failed due to security constraints"),
            ));
        }
        self.find(table, sys_id).ok_or_else(missing)?;
        let size = bytes.len().to_string();
        let key = self.put(
            "sys_attachment",
            &[
                ("table_name", table),
                ("table_sys_id", sys_id),
                ("file_name", name),
                ("content_type", media),
                ("size_bytes", &size),
                ("sys_created_by", user),
            ],
        );
        self.files.insert(key.clone(), bytes);
        let link = format!("http://{}/api/now/attachment/{key}/file", asked.header("host"));
        self.row_mut("sys_attachment", &key).ok_or_else(missing)?.insert("download_link".into(), link);
        let row = self.find("sys_attachment", &key).ok_or_else(missing)?;
        Ok(Said::json(201, &json!({ "result": self.view(asked, row, user) })))
    }
}

fn basic(given: &str) -> Option<(String, String)> {
    let text = STANDARD.decode(given.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(text).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

fn links(asked: &Asked, limit: usize, offset: usize, total: usize) -> String {
    let host = asked.header("host");
    let kept: Vec<String> = asked
        .query
        .iter()
        .filter(|(name, _)| name != "sysparm_offset")
        .map(|(name, value)| format!("{name}={}", deskside::backend::http::client::segment(value)))
        .collect();
    let link = |rel: &str, offset: usize| {
        format!("<http://{host}{}?{}&sysparm_offset={offset}>;rel=\"{rel}\"", asked.path, kept.join("&"))
    };
    let mut all = vec![link("first", 0)];
    if offset > 0 {
        all.push(link("prev", offset.saturating_sub(limit)));
    }
    if offset + limit < total {
        all.push(link("next", offset + limit));
    }
    all.push(link("last", (total - 1) / limit * limit));
    all.join(",")
}

/// Parameters of an address or a form.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let bytes = text.replace('+', " ").into_bytes();
        let mut out = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let hex = (bytes[at] == b'%')
                .then(|| bytes.get(at + 1..at + 3))
                .flatten()
                .and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
            out.push(hex.unwrap_or(bytes[at]));
            at += if hex.is_some() { 3 } else { 1 };
        }
        String::from_utf8_lossy(&out).into_owned()
    };
    let one = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    };
    text.split('&').filter(|pair| !pair.is_empty()).map(one).collect()
}

/// Name, file name, media type and bytes of each part.
fn multipart(asked: &Asked) -> Vec<(String, String, String, Vec<u8>)> {
    let Some((_, boundary)) = asked.header("content-type").split_once("boundary=") else { return Vec::new() };
    let text: String = asked.body.iter().map(|byte| char::from(*byte)).collect();
    let mut parts = Vec::new();
    for part in text.split(&format!("--{}", boundary.trim_matches('"'))) {
        let Some((head, body)) = part.split_once("\r\n\r\n") else { continue };
        let named = |name: &str| {
            let (_, rest) = head.split_once(&format!(" {name}=\""))?;
            Some(latin(rest.split('"').next()?))
        };
        let media = head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).unwrap_or_default().to_owned();
        let body: Vec<u8> = body.trim_end_matches("\r\n").chars().map(|c| c as u8).collect();
        parts.push((named("name").unwrap_or_default(), named("filename").unwrap_or_default(), media, body));
    }
    parts
}

/// Bytes that were read one by one, as the text that they are.
fn latin(text: &str) -> String {
    String::from_utf8_lossy(&text.chars().map(|c| c as u8).collect::<Vec<_>>()).into_owned()
}
