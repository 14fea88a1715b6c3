//! A tracker's own interface, asked without a line of deskside: what the sessions and the promises are held against.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use serde_json::{Value as Json, json};

/// A ticket as its tracker tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    pub title: String,
    pub state: String,
    pub owner: Option<String>,
    pub group: Option<String>,
    /// Fields of choice, by their names there.
    pub fields: BTreeMap<String, String>,
    /// Words to the customer, and words that only colleagues read; oldest first.
    pub public: Vec<String>,
    pub internal: Vec<String>,
}

impl Seen {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// How often these words were said: `(public, internal)`.
    pub fn said(&self, words: &str) -> (usize, usize) {
        let count = |all: &[String]| all.iter().filter(|said| said.contains(words)).count();
        (count(&self.public), count(&self.internal))
    }
}

/// Whom to ask: an address, and what signs each request.
#[derive(Debug, Clone)]
pub struct Api {
    pub address: SocketAddr,
    header: (&'static str, String),
}

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);

impl Api {
    pub fn rt(url: &str, token: &str) -> Self {
        Self { address: place(url), header: ("Authorization", format!("token {token}")) }
    }

    pub fn redmine(url: &str, key: &str) -> Self {
        Self { address: place(url), header: ("X-Redmine-API-Key", key.to_owned()) }
    }

    pub fn get(&self, path: &str) -> Json {
        let (status, body) = self.ask("GET", path, None);
        assert!(status == 200, "GET {path}: {status} {body}");
        body
    }

    /// One request on a line of its own, in HTTP/1.0, so that no answer comes in pieces.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Json>) -> (u16, Json) {
        let mut line = TcpStream::connect_timeout(&self.address, PATIENCE).unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        let (name, secret) = &self.header;
        let sent = body.map(Json::to_string).unwrap_or_default();
        let media = if body.is_some() { "Content-Type: application/json\r\n" } else { "" };
        let host = self.address;
        let head = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\n{name}: {secret}\r\n{media}");
        write!(line, "{head}Content-Length: {}\r\n\r\n{sent}", sent.len()).unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer in HTTP");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        (status, serde_json::from_slice(&answer[end + 4..]).unwrap_or(Json::Null))
    }
}

fn place(url: &str) -> SocketAddr {
    let host = url.strip_prefix("http://").expect("plain http on loopback").trim_end_matches('/');
    host.to_socket_addrs().unwrap().find(SocketAddr::is_ipv4).unwrap()
}

/// Words inside a query of an address.
pub fn escaped(words: &str) -> String {
    words
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn text(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        Json::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

/// Request Tracker, REST 2.0.
pub mod rt {
    use super::*;

    pub fn register(api: &Api, queue: &str, title: &str) -> String {
        let body = json!({
            "Queue": queue, "Subject": title, "Requestor": "rita.caller", "Content": "Since noon.", "ContentType": "text/plain",
        });
        let (status, made) = api.ask("POST", "/REST/2.0/ticket", Some(&body));
        assert!(status == 201, "{status} {made}");
        text(&made["id"])
    }

    pub fn titled(api: &Api, title: &str) -> Vec<String> {
        let query = escaped(&format!("Subject = '{title}'"));
        let found = api.get(&format!("/REST/2.0/tickets?query={query}&per_page=100"));
        list(&found["items"]).map(|one| text(&one["id"])).collect()
    }

    /// The tickets that it refers to or that refer to it, in any way.
    pub fn linked(api: &Api, id: &str) -> Vec<String> {
        let ticket = api.get(&format!("/REST/2.0/ticket/{id}"));
        let hypers = list(&ticket["_hyperlinks"]).filter(|one| text(&one["type"]) == "ticket");
        hypers.map(|one| text(&one["id"])).filter(|other| other != id).collect()
    }

    /// The ticket; none where RT shows none.
    pub fn seen(api: &Api, id: &str) -> Option<Seen> {
        let (status, ticket) = api.ask("GET", &format!("/REST/2.0/ticket/{id}"), None);
        if status != 200 {
            return None;
        }
        let role = ticket.as_object().unwrap().iter().find(|(key, _)| key.starts_with("RT::CustomRole-1"));
        let group = role.and_then(|(_, members)| list(members).next());
        let group = group.map(|one| text(&api.get(&format!("/REST/2.0/group/{}", text(&one["id"])))["Name"]));
        let custom = list(&ticket["CustomFields"]).map(|one| (text(&one["name"]), text(&one["values"])));
        let mut fields: BTreeMap<String, String> = custom.filter(|(_, value)| !value.is_empty()).collect();
        fields.insert("Priority".into(), text(&ticket["Priority"]));
        Some(Seen {
            title: text(&ticket["Subject"]),
            state: text(&ticket["Status"]),
            owner: Some(text(&ticket["Owner"]["id"])).filter(|owner| owner != "Nobody"),
            group,
            fields,
            public: said(api, id, "Correspond"),
            internal: said(api, id, "Comment"),
        })
    }

    /// The names of the files that came with its words.
    pub fn files(api: &Api, id: &str) -> Vec<String> {
        let files = all(api, id, "attachments", "Filename");
        files.iter().map(|one| text(&one["Filename"])).filter(|name| !name.is_empty()).collect()
    }

    fn all(api: &Api, id: &str, what: &str, fields: &str) -> Vec<Json> {
        let path = |page| format!("/REST/2.0/ticket/{id}/{what}?fields={fields}&per_page=100&page={page}");
        let pages = (1..50).map(|page| api.get(&path(page))["items"].as_array().cloned().unwrap_or_default());
        pages.take_while(|items| !items.is_empty()).flatten().collect()
    }

    fn said(api: &Api, id: &str, sort: &str) -> Vec<String> {
        let all = |what: &str, fields: &str| all(api, id, what, fields);
        let acts = all("history", "Type,Field");
        let acts: Vec<String> =
            acts.iter().filter(|one| text(&one["Type"]) == sort).map(|one| text(&one["id"])).collect();
        let files = all("attachments", "TransactionId,ContentType,Filename,Content");
        let words = files.iter().filter(|one| {
            acts.contains(&text(&one["TransactionId"]))
                && text(&one["Filename"]).is_empty()
                && text(&one["ContentType"]).starts_with("text/")
        });
        words.map(|one| text(&one["Content"])).collect()
    }
}

/// Redmine, REST.
pub mod redmine {
    use super::*;

    pub fn register(api: &Api, project: &str, tracker: u64, title: &str) -> String {
        let issue =
            json!({ "project_id": project, "tracker_id": tracker, "subject": title, "description": "Since noon." });
        let (status, made) = api.ask("POST", "/issues.json", Some(&json!({ "issue": issue })));
        assert!(status == 201, "{status} {made}");
        text(&made["issue"]["id"])
    }

    pub fn titled(api: &Api, title: &str) -> Vec<String> {
        let found = api.get(&format!("/issues.json?status_id=*&limit=100&subject={}", escaped(title)));
        let same = list(&found["issues"]).filter(|one| text(&one["subject"]) == title);
        same.map(|one| text(&one["id"])).collect()
    }

    /// The issues at the other ends of its relations.
    pub fn linked(api: &Api, id: &str) -> Vec<String> {
        let body = api.get(&format!("/issues/{id}.json?include=relations"));
        let both =
            list(&body["issue"]["relations"]).flat_map(|one| [text(&one["issue_id"]), text(&one["issue_to_id"])]);
        both.filter(|other| other != id).collect()
    }

    /// The issue; owner and group are both the one to whom it is assigned, whichever that is.
    pub fn seen(api: &Api, id: &str) -> Option<Seen> {
        let (status, body) = api.ask("GET", &format!("/issues/{id}.json?include=journals"), None);
        if status != 200 {
            return None;
        }
        let issue = &body["issue"];
        let named = |key: &str| Some(text(&issue[key]["name"])).filter(|name| !name.is_empty());
        let custom = list(&issue["custom_fields"]).map(|one| (text(&one["name"]), text(&one["value"])));
        let mut fields: BTreeMap<String, String> = custom.filter(|(_, value)| !value.is_empty()).collect();
        fields.extend(["priority", "category"].into_iter().filter_map(|key| Some((key.to_owned(), named(key)?))));
        let said = |private: bool| {
            let all = list(&issue["journals"]).filter(move |one| (one["private_notes"] == json!(true)) == private);
            all.map(|one| text(&one["notes"])).filter(|words| !words.is_empty()).collect()
        };
        let assigned = named("assigned_to");
        Some(Seen {
            title: text(&issue["subject"]),
            state: text(&issue["status"]["name"]),
            owner: assigned.clone(),
            group: assigned,
            fields,
            public: said(false),
            internal: said(true),
        })
    }
}
