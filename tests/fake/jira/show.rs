//! How Jira shows what it holds: documents in version 3, words in version 2.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::world::{Comment, Entry, Field, File, Issue, Right, Sort, User, World, words};

/// How somebody is shown: an account on Cloud, a log-in on Data Center.
pub fn user(world: &World, login: &str) -> Json {
    let Some(held) = world.user(login) else { return Json::Null };
    let account = world.account(login);
    let kind = if held.right == Right::Customer { "customer" } else { "atlassian" };
    match world.cloud {
        // Mail addresses are hidden there more often than not.
        true => json!({ "self": format!("{}/rest/api/3/user?accountId={account}", world.base), "accountId": account,
            "accountType": kind, "displayName": held.name, "active": true, "timeZone": super::world::ZONE, "avatarUrls": {} }),
        false => json!({ "self": format!("{}/rest/api/2/user?username={account}", world.base), "name": account,
            "key": format!("JIRAUSER{}", login.len()), "emailAddress": held.mail, "displayName": held.name, "active": true,
            "timeZone": super::world::ZONE, "avatarUrls": {} }),
    }
}

pub fn status(world: &World, id: &str) -> Json {
    let (id, name, category) = world.status(id);
    let (number, label, colour) = match *category {
        "new" => (2, "To Do", "blue-gray"),
        "done" => (3, "Done", "green"),
        _ => (4, "In Progress", "yellow"),
    };
    let address = |what: &str, id: &str| format!("{}/rest/api/2/{what}/{id}", world.base);
    json!({ "self": address("status", id), "description": "", "iconUrl": world.base, "name": name, "id": id,
        "statusCategory": { "self": address("statuscategory", &number.to_string()), "id": number, "key": category,
            "colorName": colour, "name": label } })
}

pub fn schema(field: &Field) -> Json {
    let mut all = json!({ "type": field.kind });
    match field.sort {
        Sort::Options => all["items"] = (if field.custom.is_some() { "option" } else { "component" }).into(),
        Sort::Labels => all["items"] = "string".into(),
        _ => {}
    }
    match field.custom {
        Some(custom) => {
            all["custom"] = custom.into();
            let number: u64 = field.id.trim_start_matches("customfield_").parse().unwrap_or(0);
            all["customId"] = number.into();
        }
        None => all["system"] = field.id.as_str().into(),
    }
    all
}

pub fn choice(world: &World, field: &Field, id: &str) -> Json {
    let Some((id, name)) = field.choices.iter().find(|choice| choice.0 == id) else { return Json::Null };
    let what = if field.custom.is_some() { "customFieldOption" } else { field.id.as_str() };
    let key = if field.custom.is_some() { "value" } else { "name" };
    json!({ "self": format!("{}/rest/api/2/{what}/{id}", world.base), key: name, "id": id })
}

/// A stored value as it is shown.
pub fn value(world: &World, field: &Field, stored: &Json, v3: bool) -> Json {
    match field.sort {
        Sort::Text if world.cloud && !v3 => words(stored).into(),
        Sort::Option | Sort::Named => stored.as_str().map_or(Json::Null, |id| choice(world, field, id)),
        Sort::Options => stored
            .as_array()
            .map_or(json!([]), |all| all.iter().filter_map(Json::as_str).map(|id| choice(world, field, id)).collect()),
        Sort::User => stored.as_str().map_or(Json::Null, |login| user(world, login)),
        Sort::Instant => {
            let at = stored.as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok());
            at.map_or(Json::Null, |at| world.stamp(at).into())
        }
        _ => stored.clone(),
    }
}

/// The words that a history keeps of a value.
pub fn plain(world: &World, field: &Field, stored: &Json) -> String {
    match field.sort {
        Sort::Text => words(stored),
        Sort::User => {
            stored.as_str().and_then(|login| world.user(login)).map(|held| held.name.clone()).unwrap_or_default()
        }
        _ => match value(world, field, stored, false) {
            Json::Null => String::new(),
            Json::String(text) => text,
            Json::Object(thing) => {
                let name = thing.get("value").or_else(|| thing.get("name")).and_then(Json::as_str);
                name.unwrap_or_default().to_owned()
            }
            other => other.to_string(),
        },
    }
}

/// The fields of an issue; `None` for all of them.
pub fn fields(world: &World, issue: &Issue, wanted: Option<&[String]>, v3: bool) -> Map<String, Json> {
    let asked = |id: &str| wanted.is_none_or(|all| all.iter().any(|one| one == id));
    let mut all = Map::new();
    for field in world.fields.iter().filter(|field| asked(&field.id)) {
        let null = Json::Null;
        let stored = issue.fields.get(&field.id).unwrap_or(&null);
        let shown = match field.id.as_str() {
            "status" => status(world, &issue.status),
            "issuetype" => kind(world, &issue.sort),
            "project" => project(world),
            "creator" => user(world, &issue.creator),
            "created" => world.stamp(issue.created).into(),
            "updated" => world.stamp(issue.updated).into(),
            "resolutiondate" => issue.done.map_or(Json::Null, |at| world.stamp(at).into()),
            "issuelinks" => links(world, issue),
            "attachment" => {
                let held = world.files.iter().filter(|file| file.issue == Some(issue.number));
                held.map(|file| attachment(world, file, v3)).collect()
            }
            "comment" => continue,
            _ => match field.sort {
                Sort::Sla => world.clocks(issue).remove(field.name.as_str()).unwrap_or(Json::Null),
                Sort::Request => stored.as_str().map_or(Json::Null, |id| {
                    json!({ "requestType": { "id": id, "issueTypeId": issue.sort },
                        "currentStatus": { "status": world.status(&issue.status).1 } })
                }),
                _ => value(world, field, stored, v3),
            },
        };
        all.insert(field.id.clone(), shown);
    }
    all
}

pub fn kind(world: &World, id: &str) -> Json {
    let name = &world.sort(id).name;
    json!({ "self": format!("{}/rest/api/2/issuetype/{id}", world.base), "id": id, "name": name, "description": "",
        "subtask": false, "iconUrl": world.base })
}

pub fn project(world: &World) -> Json {
    json!({ "self": format!("{}/rest/api/2/project/10000", world.base), "id": "10000", "key": super::world::PROJECT,
        "name": "IT support", "projectTypeKey": "service_desk", "simplified": false, "avatarUrls": {} })
}

fn links(world: &World, issue: &Issue) -> Json {
    let mut all = Vec::new();
    for link in &world.links {
        let (way, other) = match (link.subject == issue.number, link.object == issue.number) {
            (true, _) => ("outwardIssue", link.object),
            (_, true) => ("inwardIssue", link.subject),
            _ => continue,
        };
        let Some(other) = world.issues.iter().find(|one| one.number == other) else { continue };
        let brief = ["summary", "status", "priority", "issuetype"].map(str::to_owned);
        all.push(
            json!({ "id": link.id.to_string(), "self": format!("{}/rest/api/2/issueLink/{}", world.base, link.id),
            "type": link_type(world, &link.sort),
            way: { "id": other.number.to_string(), "key": other.key, "self": address(world, other.number, false),
                "fields": fields(world, other, Some(&brief), false) } }),
        );
    }
    all.into()
}

pub fn link_type(world: &World, id: &str) -> Json {
    let (id, name, inward, outward) = world.link_types.iter().find(|one| one.0 == id).unwrap();
    json!({ "id": id, "name": name, "inward": inward, "outward": outward,
        "self": format!("{}/rest/api/2/issueLinkType/{id}", world.base) })
}

fn address(world: &World, number: u64, v3: bool) -> String {
    format!("{}/rest/api/{}/issue/{number}", world.base, if v3 { 3 } else { 2 })
}

pub fn attachment(world: &World, file: &File, v3: bool) -> Json {
    let content = match world.cloud {
        true => format!("{}/rest/api/{}/attachment/content/{}", world.base, if v3 { 3 } else { 2 }, file.id),
        false => format!("{}/secure/attachment/{}/{}", world.base, file.id, super::escape(&file.name)),
    };
    json!({ "self": format!("{}/rest/api/2/attachment/{}", world.base, file.id), "id": file.id.to_string(),
        "filename": file.name, "author": user(world, &file.by), "created": world.stamp(file.at),
        "size": file.bytes.len(), "mimeType": file.media, "content": content })
}

/// An issue as both products show it.
pub fn issue(world: &World, issue: &Issue, wanted: Option<&[String]>, v3: bool) -> Json {
    json!({ "expand": "renderedFields,names,schema,operations,editmeta,changelog", "id": issue.number.to_string(),
        "self": address(world, issue.number, v3), "key": issue.key, "fields": fields(world, issue, wanted, v3) })
}

pub fn comment(world: &World, said: &Comment, v3: bool, properties: bool) -> Json {
    let body = if v3 || !world.cloud { said.body.clone() } else { words(&said.body).into() };
    let mut all = json!({ "self": format!("{}/rest/api/2/comment/{}", world.base, said.id), "id": said.id.to_string(),
        "author": user(world, &said.by), "updateAuthor": user(world, &said.by), "body": body,
        "created": world.stamp(said.at), "updated": world.stamp(said.at) });
    if world.cloud {
        all["jsdPublic"] = said.public.into();
    }
    if properties {
        all["properties"] = json!([{ "key": "sd.public.comment", "value": { "internal": !said.public } }]);
    }
    all
}

pub fn entry(world: &World, entry: &Entry) -> Json {
    let mut entry = entry.clone();
    if world.tricks.documented {
        let all = entry.items.iter_mut().filter_map(Json::as_object_mut);
        all.for_each(|item| item.retain(|_, value| !value.is_null()));
    }
    json!({ "id": entry.id.to_string(), "author": user(world, &entry.by), "created": world.stamp(entry.at),
        "items": entry.items })
}

/// A moment as the service desk writes it.
pub fn moment(world: &World, at: Timestamp) -> Json {
    let second = at.to_zoned(world.zone()).strftime("%Y-%m-%dT%H:%M:%S%z").to_string();
    json!({ "iso8601": second, "jira": world.stamp(at), "friendly": "Heute 10:45", "epochMillis": at.as_millisecond() })
}

/// A comment as the service desk writes it: always in words.
pub fn said(world: &World, said: &Comment) -> Json {
    json!({ "_expands": ["attachment", "renderedBody"], "id": said.id.to_string(), "body": words(&said.body),
        "public": said.public, "author": user(world, &said.by), "created": moment(world, said.at) })
}

/// What a request is to its customer.
pub fn request(world: &World, issue: &Issue) -> Json {
    let (_, name, category) = world.status(&issue.status);
    let kind = issue.fields.iter().find(|(id, _)| world.field(id).is_some_and(|field| field.sort == Sort::Request));
    let text = |id: &str, label: &str| json!({ "fieldId": id, "label": label, "value": issue.fields.get(id).map(words).unwrap_or_default() });
    json!({ "_expands": ["participant", "status", "sla", "requestType", "serviceDesk", "attachment", "action", "comment"],
        "issueId": issue.number.to_string(), "issueKey": issue.key, "summary": issue.fields.get("summary"),
        "requestTypeId": kind.and_then(|(_, id)| id.as_str()), "serviceDeskId": super::world::DESK,
        "createdDate": moment(world, issue.created),
        "reporter": issue.fields.get("reporter").and_then(Json::as_str).map(|login| user(world, login)),
        "requestFieldValues": [text("summary", "What is broken?"), text("description", "Describe it")],
        "currentStatus": { "status": name, "statusCategory": category.to_uppercase(), "statusDate": moment(world, issue.updated) },
        "_links": { "jiraRest": address(world, issue.number, false),
            "web": format!("{}/servicedesk/customer/portal/4/{}", world.base, issue.key),
            "self": format!("{}/rest/servicedeskapi/request/{}", world.base, issue.number) } })
}

/// Who may do what there.
pub fn may(viewer: &User, right: &str) -> bool {
    match viewer.right {
        Right::Agent => true,
        Right::Reader => right == "BROWSE_PROJECTS",
        Right::Customer | Right::Nobody => false,
    }
}
