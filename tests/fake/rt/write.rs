//! What becomes of writes: 200 and a sentence for nearly everything, done or refused.

#![expect(clippy::result_large_err, reason = "a refusal is the answer itself, as axum has it")]

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

use super::world::{GROUPS, NOBODY, READER, World, cut, person};
use super::{Asked, Shared, broken, lock, ok, said};

/// Sentences in the user's language; German ones are not even UTF-8.
fn sentences(world: &World, who: u64, status: u16, all: &[String]) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let kind = [(header::CONTENT_TYPE, "application/json; charset=\"utf-8\"")];
    if world.german.contains(&who) && !all.is_empty() {
        let refused = all.iter().any(|words| words.contains("can't") || words.contains("Denied"));
        let words: &[u8] = if refused {
            b"[\"Das geht nicht, weil es nicht erlaubt w\xe4re.\"]"
        } else {
            b"[\"Kommentar hinzugef\xfcgt\"]"
        };
        return (status, kind, words.to_vec()).into_response();
    }
    (status, kind, json!(all).to_string()).into_response()
}

fn stale(world: &World, asked: &Asked, id: u64) -> bool {
    asked.header("if-match").is_some_and(|tag| tag.trim_matches('"') != world.tag(id).trim_matches('"'))
}

pub fn put(world: &Shared, asked: &Asked, id: u64) -> Response {
    let body = match asked.json() {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let mut world = lock(world);
    if !world.tickets.contains_key(&id) {
        return said(404, "Not Found");
    }
    if !world.reads(asked.who) {
        return said(403, "Forbidden");
    }
    if stale(&world, asked, id) {
        return said(412, "Precondition Failed");
    }
    let mut all = Vec::new();
    let empty = serde_json::Map::new();
    for (key, value) in body.as_object().unwrap_or(&empty) {
        if !world.writes(asked.who) {
            all.push(format!("Ticket {id}: Permission Denied"));
            continue;
        }
        match set(&mut world, asked.who, id, key, value) {
            Ok(said) => all.extend(said),
            Err(answer) => return answer,
        }
    }
    all.retain(|words| !words.is_empty());
    sentences(&world, asked.who, 200, &all)
}

/// One key of a PUT. What is not known is dropped.
fn set(world: &mut World, who: u64, id: u64, key: &str, value: &Json) -> Result<Vec<String>, Response> {
    let text = value.as_str().unwrap_or_default().to_owned();
    let ticket = world.tickets[&id].clone();
    Ok(match key {
        "Status" => vec![world.status(id, who, &text)],
        "Subject" if ticket.subject == cut(&text) => Vec::new(),
        "Subject" => {
            let now = cut(&text.replace('\n', " "));
            world.txn(id, who, "Set", "Subject", &ticket.subject, &now);
            world.tickets.get_mut(&id).unwrap().subject = now;
            vec![format!("Ticket {id}: Subject changed")]
        }
        "Priority" => {
            // A label that is not known is nought.
            let now = value.as_i64().unwrap_or_else(|| match text.as_str() {
                "P1" => 100,
                "P2" => 75,
                _ => text.parse().unwrap_or(0),
            });
            if now != ticket.priority {
                world.txn(id, who, "Set", "Priority", &ticket.priority.to_string(), &now.to_string());
            }
            world.tickets.get_mut(&id).unwrap().priority = now;
            vec!["Priority changed".into()]
        }
        "SLA" => {
            world.txn(id, who, "Set", "SLA", &ticket.sla, &text);
            world.tickets.get_mut(&id).unwrap().sla = text;
            vec!["SLA changed".into()]
        }
        "Due" => {
            // Only this form is stored; any other is answered alike and reads back as unset.
            let plain = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", &text).ok();
            let at = plain.and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC).ok()).map(|zoned| zoned.timestamp());
            world.txn(id, who, "Set", "Due", "", &text);
            world.tickets.get_mut(&id).unwrap().due = at.filter(|at| at.as_second() > 86_400);
            vec![format!("Due changed to {text}")]
        }
        "Owner" => match person(&text) {
            Some(owner) => vec![world.own(id, who, owner)],
            None => vec![format!("Ticket {id}: That user does not exist")],
        },
        "Requestor" => {
            let names: Vec<String> = value.as_array().map_or(vec![text.clone()], |all| {
                all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
            });
            let known: Option<Vec<u64>> =
                names.iter().map(|name| person(name.trim_end_matches("@deskside.test"))).collect();
            // On a name that it does not know it falls over.
            let Some(known) = known else { return Err(broken()) };
            world.txn(id, who, "AddWatcher", "Requestor", "", "");
            world.tickets.get_mut(&id).unwrap().callers = known;
            vec!["Added as Requestor".into()]
        }
        "CustomFields" => fields(world, who, id, value)?,
        "CustomRoles" => roles(world, who, id, value)?,
        "MergeInto" => {
            world.merge(id, value.as_u64().unwrap_or_default(), who);
            vec!["Merge Successful".into()]
        }
        key => links(world, who, id, key, value),
    })
}

fn fields(world: &mut World, who: u64, id: u64, value: &Json) -> Result<Vec<String>, Response> {
    let mut all = Vec::new();
    let empty = serde_json::Map::new();
    for (name, value) in value.as_object().unwrap_or(&empty) {
        let Some((field, .., choices)) = world.layout.fields.iter().find(|one| one.1.eq_ignore_ascii_case(name)) else {
            continue;
        };
        if value.is_object() {
            return Err(broken());
        }
        let values: Vec<String> = match value {
            Json::Array(many) => many.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
            Json::String(one) => vec![one.clone()],
            _ => Vec::new(),
        };
        let known =
            |value: &String| choices.is_empty() || choices.iter().any(|choice| choice.eq_ignore_ascii_case(value));
        if !values.iter().all(known) {
            all.push("Invalid value for custom field".into());
            continue;
        }
        let old = world.tickets[&id].fields.get(field).cloned().unwrap_or_default();
        if old != values {
            world.txn(id, who, "CustomField", &field.to_string(), &old.join(", "), &values.join(", "));
            world.tickets.get_mut(&id).unwrap().fields.insert(*field, values);
            all.push(format!("{name} changed"));
        }
    }
    Ok(all)
}

fn roles(world: &mut World, who: u64, id: u64, value: &Json) -> Result<Vec<String>, Response> {
    let Some(member) = value.get("Assignment Group") else { return Ok(Vec::new()) };
    let word = member.as_str().unwrap_or_default().trim_start_matches("group:").to_owned();
    let found =
        GROUPS.iter().find(|one| one.1.eq_ignore_ascii_case(&word) || one.0.to_string() == word).map(|one| one.0);
    if found.is_none() && !member.as_array().is_some_and(Vec::is_empty) {
        return Err(broken());
    }
    let old = world.tickets[&id].group;
    if let Some(now) = found.filter(|now| Some(*now) != old) {
        world.txn(id, who, "AddWatcher", "RT::CustomRole-1", "", &now.to_string());
    }
    if let Some(old) = old.filter(|old| Some(*old) != found) {
        world.txn(id, who, "DelWatcher", "RT::CustomRole-1", &old.to_string(), "");
    }
    world.tickets.get_mut(&id).unwrap().group = found;
    Ok(vec!["Added as Assignment Group".into()])
}

fn links(world: &mut World, who: u64, id: u64, key: &str, value: &Json) -> Vec<String> {
    let (add, kind) = match (key.strip_prefix("Add"), key.strip_prefix("Delete")) {
        (Some(kind), _) => (true, kind),
        (_, Some(kind)) => (false, kind),
        _ => return Vec::new(),
    };
    let word = |one: &Json| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
    let others: Vec<String> = value.as_array().map_or_else(|| vec![word(value)], |all| all.iter().map(word).collect());
    let mut all = Vec::new();
    for other in others {
        let Some(to) = other.parse::<u64>().ok().filter(|to| world.tickets.contains_key(to)) else {
            all.push(format!("Couldn't resolve '{other}' into a link."));
            continue;
        };
        let (how, out) = match kind {
            "RefersTo" => ("RefersTo", true),
            "ReferredToBy" => ("RefersTo", false),
            "DependsOn" => ("DependsOn", true),
            "DependedOnBy" => ("DependsOn", false),
            "MemberOf" => ("MemberOf", true),
            _ => ("MemberOf", false),
        };
        let link = if out { (id, how, to) } else { (to, how, id) };
        if to == id {
            all.push("Link could not be created: Can't link a ticket to itself".into());
        } else if add != world.links.contains(&link) {
            let uri = format!("fsck.com-rt://deskside.test/ticket/{to}");
            if add {
                world.txn(id, who, "AddLink", kind, "", &uri);
                world.txn(to, who, "AddLink", "", "", "");
                world.links.push(link);
            } else {
                world.txn(id, who, "DeleteLink", kind, &uri, "");
                world.txn(to, who, "DeleteLink", "", "", "");
                world.links.retain(|held| *held != link);
            }
            all.push(format!("Ticket {id} {kind} {to}."));
        }
    }
    all
}

pub fn take(world: &Shared, asked: &Asked, id: u64, way: &str) -> Response {
    let mut world = lock(world);
    let Some(owner) = world.tickets.get(&id).map(|ticket| ticket.owner) else { return said(404, "Not Found") };
    if stale(&world, asked, id) {
        return said(412, "Precondition Failed");
    }
    let words = match way {
        _ if !world.writes(asked.who) => "Permission Denied".to_owned(),
        "take" if owner != NOBODY => "You can only take tickets that are unowned".into(),
        "untake" => world.own(id, asked.who, NOBODY),
        _ => world.own(id, asked.who, asked.who),
    };
    sentences(&world, asked.who, 200, &[words])
}

pub fn say(world: &Shared, asked: &Asked, id: u64, way: &str) -> Response {
    // Even the tag that it has is refused here.
    if asked.header("if-match").is_some() {
        return said(412, "Precondition Failed");
    }
    let (body, files) = match asked.header("content-type") {
        Some(kind) if kind.starts_with("multipart/") => form(kind, &asked.body),
        _ => (asked.json().unwrap_or(Json::Null), Vec::new()),
    };
    let mut world = lock(world);
    let may = world.tickets.contains_key(&id)
        && (world.writes(asked.who) || way == "correspond" && world.reads(asked.who) && asked.who != READER);
    if !may {
        return said(400, "Permission Denied");
    }
    let words = body["Content"].as_str().unwrap_or_default().to_owned();
    if !words.is_empty() && body["ContentType"].is_null() {
        return said(400, "ContentType is a required field for application/json");
    }
    let media = body["ContentType"].as_str().unwrap_or("text/plain").to_owned();
    let txn = world.say(id, asked.who, way == "correspond", &media, &words);
    for (name, media, bytes) in files {
        world.file(txn, &name, &media, &bytes);
    }
    let mut all = vec![if way == "comment" { "Comments added" } else { "Correspondence added" }.to_owned()];
    if let Some(status) = body["Status"].as_str() {
        all.push(world.status(id, asked.who, status));
    }
    sentences(&world, asked.who, 201, &all)
}

type Files = Vec<(String, String, Vec<u8>)>;

/// The part `JSON` and the files of a form.
fn form(kind: &str, body: &[u8]) -> (Json, Files) {
    let mark = format!("--{}", kind.split("boundary=").nth(1).unwrap_or_default().trim_matches('"'));
    let (mut json, mut files) = (Json::Null, Vec::new());
    let find = |from: usize, wanted: &[u8]| {
        body[from..].windows(wanted.len()).position(|held| held == wanted).map(|at| from + at)
    };
    let mut at = 0;
    while let Some(begin) = find(at, mark.as_bytes()) {
        let Some(head) = find(begin, b"\r\n\r\n") else { break };
        let Some(end) = find(head + 4, mark.as_bytes()) else { break };
        let lines = String::from_utf8_lossy(&body[begin..head]).into_owned();
        let content = &body[head + 4..end - 2];
        let word = |key: &str| {
            let rest = lines.split(&format!("{key}=\"")).nth(1)?;
            let mut out = String::new();
            let mut chars = rest.chars();
            while let Some(c) = chars.next().filter(|c| *c != '"') {
                out.extend(if c == '\\' { chars.next() } else { Some(c) });
            }
            Some(out.replace("%22", "\""))
        };
        match word("filename") {
            Some(name) => {
                let media = lines
                    .lines()
                    .find_map(|line| line.to_lowercase().strip_prefix("content-type: ").map(str::to_owned));
                files.push((name, media.unwrap_or_default(), content.to_vec()));
            }
            None => json = serde_json::from_slice(content).unwrap_or(Json::Null),
        }
        at = end;
    }
    (json, files)
}

/// A new ticket: what it does not like it leaves out, and says nothing.
pub fn make(world: &Shared, asked: &Asked) -> Response {
    let body = match asked.json() {
        Ok(Json::Object(body)) => body,
        Ok(_) => return said(400, "JSON object must be a HASH"),
        Err(answer) => return answer,
    };
    let mut world = lock(world);
    let Some(name) = body.get("Queue").and_then(Json::as_str) else {
        return said(400, "Could not create ticket. Queue not set");
    };
    let Some(queue) =
        world.layout.queues.iter().find(|one| one.1 == name).filter(|_| world.writes(asked.who)).map(|one| one.0)
    else {
        return said(403, &format!("No permission to create tickets in the queue '{name}'"));
    };
    let word = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let id = world.make(queue, asked.who, &word("Subject"));
    let begun = world.txn(id, asked.who, "Create", "", "", "");
    if body.contains_key("Content") {
        world.file(begun, "", &word("ContentType"), word("Content").as_bytes());
    }
    let callers = body.get("Requestor").map(|one| one.as_array().cloned().unwrap_or_else(|| vec![one.clone()]));
    let callers = callers.iter().flatten().filter_map(|one| person(one.as_str()?)).collect();
    let owner = person(&word("Owner")).unwrap_or(NOBODY);
    let ticket = world.tickets.get_mut(&id).unwrap();
    ticket.callers = callers;
    ticket.owner = owner;
    ticket.priority = body.get("Priority").and_then(Json::as_i64).unwrap_or(0);
    ticket.sla = word("SLA");
    if let Some(fields_) = body.get("CustomFields") {
        let _ = fields(&mut world, asked.who, id, fields_);
    }
    if let Some(roles_) = body.get("CustomRoles") {
        let _ = roles(&mut world, asked.who, id, roles_);
    }
    let url = format!("/REST/2.0/ticket/{id}");
    let mut answer = ok(&json!({ "id": id.to_string(), "type": "ticket", "_url": format!("http://other.name{url}") }));
    *answer.status_mut() = StatusCode::CREATED;
    answer.headers_mut().insert(header::LOCATION, url.parse().unwrap());
    answer
}
