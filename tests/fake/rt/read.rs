//! What the fake RT shows: loosely typed, cut, holed and uncounted as the real one's.

use axum::http::StatusCode;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::sql::{self, Term, compare, words};
use super::world::{GROUPS, NOBODY, PEOPLE, READER, RITA, Ticket, Txn, World, login, over};
use super::{Asked, Shared, broken, lock, ok, said};

fn day(at: Option<Timestamp>) -> Json {
    at.map_or("1970-01-01T00:00:00Z".into(), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).into()
}

fn person(id: u64) -> Json {
    json!({ "type": "user", "id": login(id), "_url": format!("http://other.name/rt/user/{}", login(id)) })
}

fn queue(world: &World, id: u64) -> Json {
    let name = world.layout.queues.iter().find(|one| one.0 == id).map_or("___Approvals", |one| one.1);
    let name = if world.nameless == Some(id) { "" } else { name };
    json!({ "type": "queue", "id": id.to_string(), "Name": name })
}

fn customs(world: &World, ticket: &Ticket) -> Json {
    if world.fieldless {
        return "".into();
    }
    let all = world.layout.fields.iter().map(|(id, name, ..)| {
        json!({ "type": "customfield", "id": id.to_string(), "name": name, "values": ticket.fields.get(id).cloned().unwrap_or_default() })
    });
    all.collect()
}

fn column(world: &World, ticket: &Ticket, name: &str) -> Json {
    match name {
        "Subject" => ticket.subject.clone().into(),
        "Status" => ticket.status.clone().into(),
        "Priority" => ticket.priority.to_string().into(),
        "SLA" => ticket.sla.clone().into(),
        "Queue" => queue(world, ticket.queue),
        "Owner" => person(ticket.owner),
        "Creator" => person(ticket.creator),
        "LastUpdatedBy" => person(ticket.updater),
        "Requestor" => ticket.callers.iter().map(|id| person(*id)).collect(),
        "Created" => day(Some(ticket.created)),
        "LastUpdated" => day(Some(ticket.updated)),
        "Started" => day(ticket.started),
        "Resolved" => day(ticket.resolved),
        "Told" => day(ticket.told),
        "Due" => day(ticket.due),
        "RT::CustomRole-1" => ticket
            .group
            .iter()
            .map(|id| {
                let name = GROUPS.iter().find(|one| one.0 == *id).map_or("", |one| one.1);
                json!({ "type": "group", "id": id.to_string(), "Name": name })
            })
            .collect(),
        "CustomFields" => customs(world, ticket),
        _ => "".into(),
    }
}

pub fn tickets(world: &Shared, asked: &Asked) -> Response {
    let world = lock(world);
    let Some(query) = asked.get("query").filter(|query| !query.trim().is_empty()) else {
        return page(asked, Vec::new(), Some(0));
    };
    let term = match sql::read(query) {
        Ok(term) => term,
        Err(why) => return said(400, &why),
    };
    let approvals = term.names("type");
    let mut found: Vec<&Ticket> = world
        .tickets
        .values()
        .filter(|ticket| {
            // Deleted and merged ones are in no search.
            let there = ticket.status != "deleted" && ticket.merged.is_none() && (approvals || !ticket.approval);
            there && world.reads(asked.who) && fits(&world, asked.who, ticket, &term)
        })
        .collect();
    let total = found.len();
    match asked.get("orderby") {
        None => {}
        Some("id") => found.sort_by_key(|ticket| ticket.id),
        Some("LastUpdated") => found.sort_by_key(|ticket| ticket.updated),
        Some("Created") => found.sort_by_key(|ticket| ticket.created),
        // An order that it does not know: nothing, but well counted.
        Some(_) => return page(asked, Vec::new(), Some(total)),
    }
    if asked.get("order") == Some("DESC") {
        found.reverse();
    }
    let fields: Vec<&str> =
        asked.get("fields").unwrap_or_default().split(',').filter(|field| !field.is_empty()).collect();
    let rows = found.into_iter().map(|ticket| {
        let mut row = Map::from_iter([
            ("id".to_owned(), Json::from(ticket.id.to_string())),
            ("type".to_owned(), "ticket".into()),
        ]);
        row.extend(fields.iter().map(|field| ((*field).to_owned(), column(&world, ticket, field))));
        Some(Json::Object(row))
    });
    let total = (!world.uncounted).then_some(total);
    page(asked, rows.collect(), total)
}

fn fits(world: &World, who: u64, ticket: &Ticket, term: &Term) -> bool {
    let zone = world.zone(who);
    let now = world.now();
    let linked = |from: u64, how: &str, to: u64| {
        world.links.contains(&(
            from,
            match how {
                "DependsOn" => "DependsOn",
                "MemberOf" => "MemberOf",
                _ => "RefersTo",
            },
            to,
        ))
    };
    term.holds(&|field, op, value| match field.to_lowercase().as_str() {
        "id" => value.parse::<u64>().is_ok_and(|value| compare(&ticket.id, op, &value)),
        "subject" => words(&ticket.subject, op, value),
        "queue" => words(queue(world, ticket.queue)["Name"].as_str().unwrap(), op, value),
        "type" => (value == "approval") == ticket.approval,
        "status" => match value {
            "__Active__" => !over(&ticket.status),
            "__Inactive__" => over(&ticket.status),
            value => words(&ticket.status, op, value),
        },
        "owner" | "creator" => {
            let held = if field.eq_ignore_ascii_case("owner") { ticket.owner } else { ticket.creator };
            if value == "__CurrentUser__" { held == who } else { words(login(held), op, value) }
        }
        "lastupdated" => compare(&ticket.updated, op, &sql::date(value, &zone, now)),
        "created" => compare(&ticket.created, op, &sql::date(value, &zone, now)),
        "dependedonby" => value.parse().is_ok_and(|value| linked(value, "DependsOn", ticket.id)),
        "customrole.{assignment group}.name" => {
            ticket.group.and_then(|id| GROUPS.iter().find(|one| one.0 == id)).is_some_and(|one| words(one.1, op, value))
        }
        other => {
            let named = other.strip_prefix("cf.{").and_then(|rest| rest.strip_suffix('}'));
            let fields = world.layout.fields.iter();
            let known = named.and_then(|name| fields.clone().find(|one| one.1.to_lowercase() == name));
            let held = known.and_then(|one| ticket.fields.get(&one.0));
            held.is_some_and(|held| held.iter().any(|held| words(held, op, value)))
        }
    })
}

/// A page. Of rows that may not be seen the place stays empty.
fn page(asked: &Asked, rows: Vec<Option<Json>>, total: Option<usize>) -> Response {
    let size = match asked.number("per_page", 20) {
        0 => 20,
        size => size.min(100),
    };
    let number = asked.number("page", 1).max(1);
    let items: Vec<Json> = rows.into_iter().skip((number - 1) * size).take(size).flatten().collect();
    let pages = total.map(|total| if total == 0 { json!(0.0) } else { json!(total.div_ceil(size)) });
    ok(
        &json!({ "items": items, "count": items.len(), "per_page": size, "page": number, "total": total, "pages": pages }),
    )
}

pub fn ticket(world: &Shared, asked: &Asked, id: u64) -> Response {
    let world = lock(world);
    let Some(held) = world.tickets.get(&id) else { return said(404, "Not Found") };
    // Who asks for a merged one is given the one that is left.
    let held = held.merged.and_then(|into| world.tickets.get(&into)).unwrap_or(held);
    if !world.reads(asked.who) {
        return said(403, "Forbidden");
    }
    if asked.header("if-modified-since").is_some() {
        return broken();
    }
    let tag = world.tag(held.id);
    if asked.header("if-none-match") == Some(&tag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let mut all = Map::new();
    all.insert("id".into(), held.id.into());
    for name in [
        "Subject",
        "Status",
        "Priority",
        "Queue",
        "Owner",
        "Creator",
        "LastUpdatedBy",
        "Requestor",
        "Created",
        "LastUpdated",
        "Started",
        "Resolved",
        "Due",
        "RT::CustomRole-1",
        "CustomFields",
    ] {
        all.insert(name.into(), column(&world, held, name));
    }
    // Alone, an unset time of the last word is null, and no service agreement is no key at all.
    all.insert("Told".into(), held.told.map_or(Json::Null, |at| day(Some(at))));
    if !held.sla.is_empty() {
        all.insert("SLA".into(), held.sla.clone().into());
    }
    all.insert("EffectiveId".into(), json!({ "type": "ticket", "id": held.id.to_string() }));
    if let Some(Json::Array(members)) = all.get_mut("RT::CustomRole-1") {
        members.iter_mut().for_each(|one| {
            one.as_object_mut().unwrap().remove("Name");
        });
    }
    all.insert("_hyperlinks".into(), hypers(&world, asked.who, held));
    let mut answer = ok(&Json::Object(all));
    answer.headers_mut().insert(header::ETAG, tag.parse().unwrap());
    answer.headers_mut().insert(header::LAST_MODIFIED, held.updated.to_string().parse().unwrap());
    answer
}

fn hypers(world: &World, who: u64, ticket: &Ticket) -> Json {
    let mut all = vec![json!({ "ref": "self", "type": "ticket", "id": ticket.id })];
    for (from, how, to) in &world.links {
        let (out, back) = match *how {
            "RefersTo" => ("refers-to", "referred-to-by"),
            "DependsOn" => ("depends-on", "depended-on-by"),
            _ => ("parent", "child"),
        };
        if *from == ticket.id {
            all.push(json!({ "ref": out, "type": "ticket", "id": to.to_string() }));
        }
        if *to == ticket.id {
            all.push(json!({ "ref": back, "type": "ticket", "id": from.to_string() }));
        }
    }
    all.push(json!({ "ref": "refers-to", "type": "external", "_url": "https://status.example.test/x" }));
    // Everyone may answer; that is no right to anything else.
    if who != READER {
        all.push(json!({ "ref": "correspond", "_url": "" }));
    }
    if world.writes(who) {
        all.push(json!({ "ref": "comment", "_url": "" }));
        let next =
            world.layout.steps.iter().filter(|(queue, from, _)| *queue == ticket.queue && *from == ticket.status);
        for to in next.flat_map(|(_, _, next)| next.iter()).filter(|to| !world.unoffered.iter().any(|held| held == *to))
        {
            all.push(json!({ "ref": "lifecycle", "from": ticket.status, "to": to, "label": to }));
        }
    }
    Json::Array(all)
}

fn shown(world: &World, who: u64, txn: &Txn) -> bool {
    world.reads(who) && (who != RITA || txn.sort != "Comment")
}

fn row(txn: &Txn) -> Json {
    json!({
        "id": txn.id.to_string(), "type": "transaction", "Type": txn.sort, "Creator": person(txn.who), "Created": day(Some(txn.at)),
        "Field": txn.field, "OldValue": txn.old, "NewValue": txn.new, "Data": "", "ObjectId": txn.ticket.to_string(),
    })
}

pub fn history(world: &Shared, asked: &Asked, id: u64) -> Response {
    let world = lock(world);
    let of = world.txns.iter().filter(|txn| txn.ticket == id);
    page(asked, of.map(|txn| shown(&world, asked.who, txn).then(|| row(txn))).collect(), None)
}

pub fn transactions(world: &Shared, asked: &Asked) -> Response {
    let world = lock(world);
    let term = match sql::read(asked.get("query").unwrap_or_default()) {
        Ok(term) if !term.names("LastUpdated") => term,
        Ok(_) => {
            return said(
                400,
                "Unknown field: LastUpdated at /usr/share/request-tracker5/lib/RT/Transactions.pm line 918.\n",
            );
        }
        Err(why) => return said(400, &why),
    };
    let fits = |txn: &&Txn| {
        term.holds(&|field, op, value| match field.to_lowercase().as_str() {
            "id" => value.parse::<u64>().is_ok_and(|value| compare(&txn.id, op, &value)),
            "objecttype" => value == "RT::Ticket",
            "type" => words(txn.sort, op, value),
            "field" => words(&txn.field, op, value),
            "newvalue" => words(&txn.new, op, value),
            _ => false,
        })
    };
    let mut all: Vec<&Txn> = world.txns.iter().filter(fits).collect();
    if asked.get("order") == Some("DESC") {
        all.reverse();
    }
    page(asked, all.into_iter().map(|txn| shown(&world, asked.who, txn).then(|| row(txn))).collect(), None)
}

pub fn attachments(world: &Shared, asked: &Asked, id: u64) -> Response {
    let world = lock(world);
    if asked.get("fields").is_some_and(|fields| fields.split(',').any(|field| field == "Parent")) {
        return broken();
    }
    let contents = asked.get("fields").is_some_and(|fields| fields.split(',').any(|field| field == "Content"));
    let of = world
        .files
        .iter()
        .filter_map(|file| Some((file, world.txns.iter().find(|txn| txn.id == file.txn && txn.ticket == id)?)));
    let rows = of.map(|(file, txn)| {
        shown(&world, asked.who, txn).then(|| {
            // Words as they are; of a file one character for each byte.
            let text = file.media.starts_with("text/");
            let content: String = if text { String::from_utf8_lossy(&file.bytes).into_owned() } else { file.bytes.iter().map(|byte| char::from(*byte)).collect() };
            json!({
                "id": file.id.to_string(), "type": "attachment", "TransactionId": txn.id.to_string(), "ContentType": file.media,
                "Filename": file.name, "ContentLength": file.bytes.len().to_string(), "Creator": person(txn.who),
                "Created": day(Some(txn.at)), "Content": if contents { content } else { String::new() },
            })
        })
    });
    page(asked, rows.collect(), None)
}

pub fn attachment(world: &Shared, id: u64) -> Response {
    let world = lock(world);
    let Some(file) = world.files.iter().find(|file| file.id == id) else { return broken() };
    let plain = base64::engine::general_purpose::STANDARD.encode(&file.bytes);
    let lines: Vec<&str> = plain.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    ok(
        &json!({ "id": file.id, "Filename": file.name, "ContentType": file.media, "Content": format!("{}\n", lines.join("\n")) }),
    )
}

/// Lists that are searched with conditions in JSON: none without one, and of several on different fields all must hold.
pub fn catalogue(world: &Shared, what: &str, asked: &Asked) -> Response {
    let conditions = match asked.json() {
        Ok(Json::Array(all)) => all,
        Ok(_) => return said(400, "JSON object must be a ARRAY"),
        Err(answer) => return answer,
    };
    if conditions.is_empty() {
        return page(asked, Vec::new(), None);
    }
    let mine = |id: u64| day((id == asked.who).then(Timestamp::now));
    let rows: Vec<Json> = match what {
        "users" => PEOPLE.iter().map(|(id, login, name)| {
            let mail = format!("{login}@deskside.test");
            // Of others most is hidden, their number in this list is not.
            json!({ "id": id, "type": "user", "Name": login, "RealName": name, "EmailAddress": mail, "Created": mine(*id) })
        }).collect(),
        "groups" => GROUPS.iter().map(|(id, name, _)| json!({ "id": id.to_string(), "type": "group", "Name": name, "Domain": "UserDefined", "Members": "" })).collect(),
        "customroles" => vec![json!({ "id": "1", "Name": "Assignment Group", "MaxValues": "0" }), json!({ "id": "2", "Name": "Approver", "MaxValues": "1" })],
        "customfields" => lock(world).layout.fields.iter().map(|(id, name, sort, many, _)| {
            json!({ "id": id.to_string(), "Name": name, "Type": sort, "MaxValues": if *many { "0" } else { "1" }, "LookupType": "RT::Queue-RT::Ticket", "Values": "" })
        }).collect(),
        _ => vec![json!({
            "id": "2", "type": "article", "Name": "VPN drops every 8 hours", "Summary": "Known error: the printer is innocent",
            "CustomFields": [{ "id": "1", "name": "Content", "values": ["Workaround: reconnect."] }],
        })],
    };
    let fits = |row: &Json| {
        conditions.iter().all(|one| {
            let (field, value) = (one["field"].as_str().unwrap_or_default(), one["value"].as_str().unwrap_or_default());
            let held = row[field].as_str().unwrap_or_default();
            field == "id" || words(held, one["operator"].as_str().unwrap_or("="), value)
        })
    };
    let rows: Vec<Option<Json>> = rows.into_iter().filter(fits).map(Some).collect();
    let total = (what != "customroles").then_some(rows.len());
    page(asked, rows, total)
}

pub fn assets(asked: &Asked) -> Response {
    // What holds a bracket is read as JSON, and is none.
    if asked.get("query").is_some_and(|query| query.contains('[')) {
        return said(500, "malformed JSON string");
    }
    let term = match sql::read(asked.get("query").unwrap_or_default()) {
        Ok(term) => term,
        Err(why) => return said(400, &why),
    };
    let (name, text) = ("PR-2001", "LaserJet printer (HQ 2 corridor)");
    let fits = term.holds(&|field, op, value| match field {
        "Name" => words(name, op, value),
        "Description" => words(text, op, value),
        _ => false,
    });
    let one = json!({
        "id": "3", "type": "asset", "Name": name, "Description": text, "Status": "in-use", "HeldBy": [], "Owner": person(NOBODY),
        "CustomFields": [{ "id": "18", "name": "Model", "values": ["LaserJet M507"] }],
    });
    page(asked, if fits { vec![Some(one)] } else { Vec::new() }, Some(usize::from(fits)))
}

/// By log-in or number, never by mail address. Others show no number and no zone.
pub fn user_record(world: &World, who: u64, id: u64) -> Json {
    let name = PEOPLE.iter().find(|one| one.0 == id).map_or("", |one| one.2);
    let mut all =
        json!({ "Name": login(id), "RealName": name, "EmailAddress": format!("{}@deskside.test", login(id)) });
    if who == id {
        all["id"] = id.into();
        if let Some(zone) = world.zones.get(&id) {
            all["Timezone"] = zone.clone().into();
        }
    }
    all
}

pub fn user(world: &Shared, asked: &Asked, word: &str) -> Response {
    match super::world::person(word) {
        Some(id) => ok(&user_record(&lock(world), asked.who, id)),
        None => said(404, "Not Found"),
    }
}

pub fn group(id: u64) -> Response {
    let Some(one) = GROUPS.iter().find(|one| one.0 == id) else { return said(404, "Not Found") };
    let members: Vec<Json> = one.2.iter().map(|id| person(*id)).collect();
    ok(&json!({ "id": id, "Name": one.1, "Domain": "UserDefined", "Members": members }))
}

pub fn field(world: &Shared, id: u64) -> Response {
    let fields = lock(world).layout.fields;
    let Some((_, name, sort, many, choices)) = fields.iter().find(|one| one.0 == id) else {
        return said(404, "Not Found");
    };
    let mut all = json!({ "id": id, "Name": name, "Type": sort, "MaxValues": if *many { "0" } else { "1" } });
    if !choices.is_empty() {
        all["Values"] = json!(choices);
    }
    ok(&all)
}
