//! The platform's calls: `/rest/api/2` of both products and `/rest/api/3` of Cloud.

use serde_json::{Map, Value as Json, json};

use super::jql::Query;
use super::rules::{self, By, Draft, Wrong};
use super::world::{File, Link, PROJECT, Right, User, World};
use super::{Asked, Said, form, show};

const GONE: &str = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration \
                    guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046";
const NO_ISSUE: &str = "Issue does not exist or you do not have permission to see it.";

fn wrong(all: Wrong) -> Said {
    let (plain, named): (Vec<_>, Vec<_>) = all.into_iter().partition(|(field, _)| field.is_empty());
    let words: Vec<String> = plain.into_iter().map(|(_, why)| why).collect();
    let errors: Map<String, Json> = named.into_iter().map(|(field, why)| (field, why.into())).collect();
    Said::json(400, &json!({ "errorMessages": words, "errors": errors }))
}

/// Answers a call below `/rest/api/N`.
pub fn answer(world: &mut World, asked: &Asked, viewer: &User, v3: bool) -> Said {
    let path: Vec<&str> = asked.path.iter().skip(3).map(String::as_str).collect();
    let by = By { login: &viewer.login, v3 };
    let see = show::may(viewer, "BROWSE_PROJECTS");
    match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["myself"]) => Said::json(200, &show::user(world, by.login)),
        ("GET", ["field"]) => Said::json(200, &fields(world)),
        ("GET", ["priority"]) => Said::json(200, &choices(world, "priority")),
        ("GET", ["resolution", "search"]) if world.cloud => {
            let all = choices(world, "resolution");
            Said::json(
                200,
                &json!({ "startAt": 0, "maxResults": 50, "total": all.as_array().map(Vec::len), "isLast": true, "values": all }),
            )
        }
        ("GET", ["resolution"]) => Said::json(200, &choices(world, "resolution")),
        ("GET", ["issueLinkType"]) => {
            let all: Vec<Json> = world.link_types.iter().map(|one| show::link_type(world, &one.0)).collect();
            Said::json(200, &json!({ "issueLinkTypes": all }))
        }
        ("GET", ["mypermissions"]) => rights(world, asked, viewer),
        ("GET", ["project", key]) if *key == PROJECT && see => {
            let mut all = show::project(world);
            all["issueTypes"] = world.types.iter().map(|one| show::kind(world, &one.id)).collect();
            Said::json(200, &all)
        }
        ("GET", ["user", "search"]) => people(world, asked, false),
        ("GET", ["user", "assignable", "search"]) => people(world, asked, true),
        ("GET", ["issue", "createmeta", PROJECT, "issuetypes", rest @ ..]) if show::may(viewer, "CREATE_ISSUES") => {
            creatable(world, asked, rest.first().copied())
        }
        ("GET" | "POST", ["search", "jql"]) if world.cloud => token_pages(world, asked, viewer, v3),
        ("POST", ["search", "approximate-count"]) if world.cloud => count(world, asked, viewer),
        ("GET" | "POST", ["search"]) if world.cloud => Said::no(410, GONE),
        ("GET" | "POST", ["search"]) => offset_pages(world, asked, viewer),
        ("POST", ["issue", "bulkfetch"]) if world.cloud => bulk(world, asked, see, v3),
        ("POST", ["issue"]) => create(world, asked, viewer, by),
        ("POST", ["issueLink"]) => link(world, asked, viewer),
        ("DELETE", ["issueLink", id]) => unlink(world, id, viewer),
        ("GET", ["attachment", "content", id]) if world.cloud && see => content(world, id),
        ("GET", ["attachment", id]) if see => match world.files.iter().find(|file| file.id.to_string() == *id) {
            Some(file) => Said::json(200, &show::attachment(world, file, v3)),
            None => Said::no(404, "The attachment with id does not exist"),
        },
        ("DELETE", ["attachment", id]) if viewer.right == Right::Agent => {
            world.files.retain(|file| file.id.to_string() != *id);
            Said::empty(204)
        }
        (method, ["issue", key, rest @ ..]) => {
            let Some(number) = world.issue(key).filter(|_| see).map(|issue| issue.number) else {
                return Said::no(404, NO_ISSUE);
            };
            issue(world, asked, viewer, by, (method, number, rest))
        }
        _ => Said::no(404, "No such call, or you may not make it."),
    }
}

fn issue(
    world: &mut World,
    asked: &Asked,
    viewer: &User,
    by: By,
    (method, number, rest): (&str, u64, &[&str]),
) -> Said {
    let held = world.issues.iter().find(|one| one.number == number).unwrap();
    let may = |right: &str| show::may(viewer, right);
    match (method, rest) {
        ("GET", []) => one(world, asked, viewer, number, by.v3),
        ("PUT", []) if !may("EDIT_ISSUES") => {
            Said::no(403, "You do not have permission to edit issues in this project.")
        }
        ("PUT", []) => {
            if world.tricks.collide > 0 {
                world.tricks.collide -= 1;
                return Said::no(409, "There was a conflicting update");
            }
            let shown = world.sort(&held.sort).shown.clone();
            match Draft::read(world, &asked.json(), &shown, true, by) {
                Err(why) => wrong(why),
                Ok(draft) => {
                    draft.store(world, number, by, Vec::new());
                    Said::empty(204)
                }
            }
        }
        ("DELETE", []) if may("EDIT_ISSUES") => {
            world.issues.retain(|one| one.number != number);
            world.links.retain(|link| link.subject != number && link.object != number);
            Said::empty(204)
        }
        ("GET", ["editmeta"]) => Said::json(200, &json!({ "fields": rules::edit_screen(world, held, viewer) })),
        ("PUT", ["assignee"]) if may("EDIT_ISSUES") => {
            let body = json!({ "fields": { "assignee": asked.json() } });
            match Draft::read(world, &body, &["assignee".to_owned()], false, by) {
                Err(why) => wrong(why),
                Ok(draft) => {
                    draft.store(world, number, by, Vec::new());
                    Said::empty(204)
                }
            }
        }
        ("GET", ["transitions"]) => {
            let fields = asked.param("expand").is_some_and(|all| all.contains("transitions.fields"));
            let all = rules::steps(world, held, viewer).into_iter();
            let all: Vec<Json> = all.map(|step| rules::transition(world, step, fields)).collect();
            Said::json(200, &json!({ "expand": "transitions", "transitions": all }))
        }
        ("POST", ["transitions"]) => match rules::take(world, number, &asked.json(), viewer, by) {
            Ok(()) => Said::empty(204),
            Err(why) => wrong(why),
        },
        ("GET", ["changelog"]) => {
            let (start, rows) = (asked.number("startAt", 0), asked.number("maxResults", 100).min(100));
            let all = held.log.iter().skip(start).take(rows).map(|entry| show::entry(world, entry));
            let (all, total) = (all.collect::<Vec<_>>(), held.log.len());
            Said::json(
                200,
                &json!({ "startAt": start, "maxResults": rows, "total": total,
                "isLast": start + all.len() >= total, "values": all }),
            )
        }
        ("GET", ["comment"]) => comments(world, asked, number, by.v3),
        ("POST", ["comment"]) if !may("ADD_COMMENTS") => {
            Said::no(403, "You do not have permission to comment on this issue.")
        }
        ("POST", ["comment"]) => {
            let said = asked.json();
            let body = match rules::rich(world, &said["body"], by.v3) {
                Ok(body) => body,
                Err(why) => return wrong(vec![("comment".into(), why)]),
            };
            let public = rules::is_public(&said) || world.tricks.deaf;
            let id = world.say(number, by.login, body, public);
            let held = world.issues.iter().find(|one| one.number == number).unwrap();
            let held = held.comments.iter().find(|one| one.id == id).unwrap();
            Said::json(201, &show::comment(world, held, by.v3, false))
        }
        ("POST", ["attachments"]) if may("CREATE_ATTACHMENTS") => {
            if asked.header("x-atlassian-token") != "no-check" {
                return Said::no(403, "XSRF check failed");
            }
            let all: Vec<Json> = keep(world, asked, by.login, Some(number))
                .into_iter()
                .map(|id| {
                    let file = world.files.iter().find(|file| file.id == id).unwrap();
                    show::attachment(world, file, by.v3)
                })
                .collect();
            world.touch(number);
            Said::json(200, &all.into())
        }
        _ => Said::no(404, "No such call, or you may not make it."),
    }
}

/// Keeps the files of a form.
pub fn keep(world: &mut World, asked: &Asked, by: &str, issue: Option<u64>) -> Vec<u64> {
    let mut ids = Vec::new();
    for (_, name, media, bytes) in form(asked).into_iter().filter(|part| part.0 == "file") {
        let (id, at) = (world.fresh(), world.now());
        world.files.push(File { id, issue, name, media, bytes, by: by.to_owned(), at });
        ids.push(id);
    }
    ids
}

fn one(world: &World, asked: &Asked, viewer: &User, number: u64, v3: bool) -> Said {
    let held = world.issues.iter().find(|one| one.number == number).unwrap();
    let wanted = asked.list("fields").filter(|all| !all.iter().any(|one| one == "*all"));
    let mut all = show::issue(world, held, wanted.as_deref(), v3);
    if wanted.as_ref().is_none_or(|all| all.iter().any(|one| one == "comment")) {
        let said: Vec<Json> = held.comments.iter().map(|said| show::comment(world, said, v3, false)).collect();
        all["fields"]["comment"] =
            json!({ "comments": said, "total": said.len(), "maxResults": said.len(), "startAt": 0 });
    }
    let expand = asked.param("expand").unwrap_or_default();
    let has = |name: &str| expand.split(',').any(|one| one == name);
    if has("changelog") {
        // Cloud puts only the newest beside the issue.
        let rows = if world.cloud { 100 } else { usize::MAX };
        let entries = held.log.iter().rev().take(rows).map(|entry| show::entry(world, entry)).collect::<Vec<_>>();
        all["changelog"] =
            json!({ "startAt": 0, "maxResults": entries.len(), "total": held.log.len(), "histories": entries });
    }
    if has("editmeta") {
        all["editmeta"] = json!({ "fields": rules::edit_screen(world, held, viewer) });
    }
    if has("transitions") || has("transitions.fields") {
        let fields = has("transitions.fields") && !world.tricks.plain_expand;
        let steps = rules::steps(world, held, viewer).into_iter();
        all["transitions"] = steps.map(|step| rules::transition(world, step, fields)).collect();
    }
    Said::json(200, &all)
}

fn comments(world: &World, asked: &Asked, number: u64, v3: bool) -> Said {
    let held = world.issues.iter().find(|one| one.number == number).unwrap();
    let (start, rows) = (asked.number("startAt", 0), asked.number("maxResults", 100).min(100));
    let mut all: Vec<_> = held.comments.iter().collect();
    if asked.param("orderBy").is_some_and(|by| by.starts_with('-')) {
        all.reverse();
    }
    let properties = asked.param("expand").is_some_and(|all| all.contains("properties"));
    let shown = all.iter().skip(start).take(rows).map(|said| show::comment(world, said, v3, properties));
    let shown: Vec<Json> = shown.collect();
    Said::json(200, &json!({ "startAt": start, "maxResults": rows, "total": all.len(), "comments": shown }))
}

fn fields(world: &World) -> Json {
    let one = |field: &super::world::Field| {
        let mut all = json!({ "id": field.id, "key": field.id, "name": field.name, "custom": field.custom.is_some(),
            "orderable": true, "navigable": true, "searchable": true, "clauseNames": [field.name], "schema": show::schema(field) });
        if world.cloud && !world.tricks.documented {
            all["untranslatedName"] = field.english.as_ref().unwrap_or(&field.name).as_str().into();
        }
        all
    };
    world.fields.iter().map(one).collect()
}

fn choices(world: &World, id: &str) -> Json {
    let field = world.field(id).unwrap();
    field.choices.iter().map(|(id, _)| show::choice(world, field, id)).collect()
}

fn rights(world: &World, asked: &Asked, viewer: &User) -> Said {
    if asked.param("projectKey").is_some_and(|key| key != PROJECT) || viewer.right == Right::Nobody {
        let key = asked.param("projectKey").unwrap_or_default();
        return Said::no(404, &format!("No project could be found with key '{key}'."));
    }
    let names = asked.param("permissions").unwrap_or_default().to_owned();
    if names.is_empty() && world.cloud {
        return Said::no(400, "The permissions query parameter is required.");
    }
    // Keys of products that a site does not have are unknown to it.
    const KNOWN: &str = "BROWSE_PROJECTS CREATE_ISSUES EDIT_ISSUES TRANSITION_ISSUES ASSIGN_ISSUES ADD_COMMENTS \
                         LINK_ISSUES CREATE_ATTACHMENTS USER_PICKER";
    let unknown = names.split(',').find(|name| !name.is_empty() && !KNOWN.split(' ').any(|held| held == *name));
    if let Some(name) = unknown.filter(|_| world.cloud) {
        return Said::no(400, &format!("Unrecognized permission: {name}"));
    }
    let one = |name: &str| {
        (
            name.to_owned(),
            json!({ "id": "1", "key": name, "name": name, "type": "PROJECT", "description": "",
            "havePermission": show::may(viewer, name) }),
        )
    };
    let all: Map<String, Json> = names.split(',').filter(|name| !name.is_empty()).map(one).collect();
    Said::json(200, &json!({ "permissions": all }))
}

/// Pages of people are shorter than asked for on Cloud: only an empty one is the last. Of those who can be assigned it looks
/// through that part of all people, up to the thousandth, and leaves out the others afterwards.
fn people(world: &World, asked: &Asked, assignable: bool) -> Said {
    let words = asked.param(if world.cloud { "query" } else { "username" });
    if words.is_none_or(str::is_empty) && !assignable || words.is_none() && world.cloud {
        return Said::no(400, "You must specify one of the following: query, username, accountId, property.");
    }
    let words = words.unwrap_or_default().to_lowercase();
    let fits = |user: &&User| {
        let login = !world.cloud && user.login.to_lowercase().starts_with(&words);
        let named = user.name.to_lowercase();
        let name = named.starts_with(&words) || named.split(' ').any(|part| part.starts_with(&words));
        words.is_empty() || login || name || user.mail.starts_with(&words)
    };
    let can = |user: &&User| !assignable || user.right == Right::Agent;
    let (start, rows) = (asked.number("startAt", 0), asked.number("maxResults", 50));
    let all = world.users.iter().filter(fits);
    let found: Vec<&User> = match (world.cloud, assignable) {
        (true, true) => all.take(1000).skip(start).take(rows).filter(can).collect(),
        (true, false) => all.skip(start).take(rows.min(2)).collect(),
        (false, _) => all.filter(can).skip(start).take(rows.min(1000)).collect(),
    };
    Said::json(200, &found.into_iter().map(|user| show::user(world, &user.login)).collect())
}

fn creatable(world: &World, asked: &Asked, sort: Option<&str>) -> Said {
    let page = |name: &str, all: Vec<Json>| {
        let (total, start) = (all.len(), asked.number("startAt", 0));
        let most = if world.tricks.listed == 0 { 200 } else { world.tricks.listed };
        let rows = asked.number("maxResults", 50).min(most);
        let last = start + rows >= total;
        let all: Vec<Json> = all.into_iter().skip(start).take(rows).collect();
        match world.cloud {
            true => json!({ "startAt": start, "maxResults": rows, "total": total, name: all }),
            false => json!({ "startAt": start, "maxResults": rows, "isLast": last, "values": all }),
        }
    };
    let Some(sort) = sort else {
        return Said::json(
            200,
            &page("issueTypes", world.types.iter().map(|one| show::kind(world, &one.id)).collect()),
        );
    };
    let Some(sort) = world.types.iter().find(|one| one.id == sort) else { return Said::no(404, "No such issue type.") };
    let fields = sort.shown.iter().filter_map(|id| world.field(id));
    let shown = fields.map(|field| {
        let mut all = rules::shown(world, field, field.id == "summary");
        all["fieldId"] = field.id.as_str().into();
        all
    });
    Said::json(200, &page("fields", shown.collect()))
}

/// The fields that a search asks for: none but the number where it does not say.
fn selection(world: &World, wanted: Option<Vec<String>>) -> Vec<String> {
    let Some(wanted) = wanted else { return if world.cloud { Vec::new() } else { vec!["*navigable".into()] } };
    wanted
}

fn row(world: &World, issue: &super::world::Issue, wanted: &[String], v3: bool) -> Json {
    let all = wanted.iter().any(|one| one == "*all" || one == "*navigable");
    show::issue(world, issue, if all { None } else { Some(wanted) }, v3)
}

/// A parameter of a search, from its body or its address.
fn from_body(asked: &Asked, name: &str) -> Json {
    let body = asked.json();
    if !body.is_null() {
        return body[name].clone();
    }
    match (name, asked.param(name)) {
        (_, None) => Json::Null,
        ("fields", Some(_)) => asked.list(name).unwrap_or_default().into(),
        ("maxResults" | "startAt", Some(text)) => text.parse::<u64>().map_or(Json::Null, Json::from),
        (_, Some(text)) => text.into(),
    }
}

fn texts(value: &Json) -> Option<Vec<String>> {
    Some(value.as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect())
}

fn token_pages(world: &World, asked: &Asked, viewer: &User, v3: bool) -> Said {
    let jql = from_body(asked, "jql").as_str().unwrap_or_default().to_owned();
    let query = match Query::read(&jql) {
        Ok(query) if !query.is_bounded() => {
            return Said::no(
                400,
                "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
            );
        }
        Ok(query) => query,
        Err(why) => return Said::no(400, &why),
    };
    if viewer.right == Right::Nobody {
        return Said::no(400, &format!("The value '{PROJECT}' does not exist for the field 'project'."));
    }
    let fresh: Vec<u64> =
        from_body(asked, "reconcileIssues").as_array().into_iter().flatten().filter_map(Json::as_u64).collect();
    let found = match query.find(world, viewer, &fresh) {
        Ok(found) => found,
        Err(why) => return Said::no(400, &why),
    };
    // A token knows its query and the last row that it gave.
    let mark = jql.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let mut at = 0;
    if let Some(token) = from_body(asked, "nextPageToken").as_str() {
        let last = token.split_once('.').filter(|(held, _)| *held == mark.to_string()).map(|(_, last)| last.to_owned());
        let Some(last) = last.filter(|_| !world.tricks.stale_tokens) else {
            return Said::no(400, "The provided next page token is invalid or expired.");
        };
        let (number, place) = last.split_once('@').unwrap_or((&last, "0"));
        at = found
            .iter()
            .position(|issue| issue.number.to_string() == number)
            .map_or_else(|| place.parse().unwrap_or(0), |at| at + 1);
    }
    let rows = from_body(asked, "maxResults").as_u64().unwrap_or(50) as usize;
    let rows = if world.tricks.cap > 0 { rows.min(world.tricks.cap) } else { rows }.max(1);
    let wanted = selection(world, texts(&from_body(asked, "fields")));
    let page: Vec<_> = found.iter().skip(at).take(rows).collect();
    let end = at + page.len();
    let mut all = json!({ "isLast": end >= found.len(),
        "issues": page.iter().map(|issue| row(world, issue, &wanted, v3)).collect::<Vec<_>>() });
    if let Some(last) = page.last().filter(|_| end < found.len()) {
        all["nextPageToken"] = format!("{mark}.{}@{at}", last.number).into();
    }
    Said::json(200, &all)
}

fn offset_pages(world: &World, asked: &Asked, viewer: &User) -> Said {
    let jql = from_body(asked, "jql").as_str().unwrap_or_default().to_owned();
    if viewer.right == Right::Nobody {
        return Said::no(400, &format!("The value '{PROJECT}' does not exist for the field 'project'."));
    }
    let found = match Query::read(&jql).and_then(|query| query.find(world, viewer, &[])) {
        Ok(found) => found,
        Err(why) => return Said::no(400, &why),
    };
    let start = from_body(asked, "startAt").as_u64().unwrap_or(0) as usize;
    let rows = from_body(asked, "maxResults").as_u64().unwrap_or(50) as usize;
    let rows = if world.tricks.cap > 0 { rows.min(world.tricks.cap) } else { rows };
    let wanted = selection(world, texts(&from_body(asked, "fields")));
    let page: Vec<Json> = found.iter().skip(start).take(rows).map(|issue| row(world, issue, &wanted, false)).collect();
    Said::json(
        200,
        &json!({ "expand": "names,schema", "startAt": start, "maxResults": rows, "total": found.len(), "issues": page }),
    )
}

fn count(world: &World, asked: &Asked, viewer: &User) -> Said {
    let jql = asked.json()["jql"].as_str().unwrap_or_default().to_owned();
    match Query::read(&jql).and_then(|query| query.find(world, viewer, &[])) {
        Ok(found) => Said::json(200, &json!({ "count": found.len() })),
        Err(why) => Said::no(400, &why),
    }
}

/// Issues by key, as they are and not as searches know them.
fn bulk(world: &World, asked: &Asked, see: bool, v3: bool) -> Said {
    let body = asked.json();
    let keys = texts(&body["issueIdsOrKeys"]).unwrap_or_default();
    if keys.is_empty() || keys.len() > 100 {
        return Said::no(400, "issueIdsOrKeys must hold 1 to 100 keys.");
    }
    let wanted = texts(&body["fields"]).unwrap_or_default();
    let found = keys.iter().filter_map(|key| world.issue(key)).filter(|_| see);
    let missing = keys.iter().filter(|key| world.issue(key).is_none());
    let missing: Vec<Json> = missing.map(|key| json!({ "id": key, "errorMessage": NO_ISSUE })).collect();
    let found: Vec<Json> = found.map(|issue| row(world, issue, &wanted, v3)).collect();
    Said::json(200, &json!({ "issues": found, "issueErrors": missing }))
}

fn create(world: &mut World, asked: &Asked, viewer: &User, by: By) -> Said {
    let mut body = asked.json();
    let project = body["fields"]["project"]["key"].as_str().unwrap_or_default();
    if project != PROJECT || !show::may(viewer, "CREATE_ISSUES") {
        return wrong(vec![("project".into(), "valid project is required".into())]);
    }
    let named = body["fields"]["issuetype"].clone();
    let sort =
        world.types.iter().find(|one| named["id"] == one.id.as_str() || named["name"] == one.name.as_str()).cloned();
    let Some(sort) = sort else {
        return wrong(vec![("issuetype".into(), "The issue type selected is invalid.".into())]);
    };
    if let Some(fields) = body["fields"].as_object_mut() {
        fields.remove("project");
        fields.remove("issuetype");
    }
    if body["fields"]["summary"].is_null() {
        body["fields"]["summary"] = Json::Null;
    }
    let fields = match Draft::read(world, &body, &sort.shown, false, by) {
        Ok(draft) => draft.into_fields(),
        Err(why) => return wrong(why),
    };
    made(world, &sort.id, fields, viewer)
}

fn made(world: &mut World, sort: &str, mut fields: Map<String, Json>, viewer: &User) -> Said {
    begin(&mut fields, &viewer.login);
    let number = world.put(sort, fields, &viewer.login);
    let issue = world.issues.iter().find(|one| one.number == number).unwrap();
    let all = json!({ "id": number.to_string(), "key": issue.key, "self": format!("{}/rest/api/2/issue/{number}", world.base) });
    Said::json(201, &all)
}

/// What every new issue has.
pub fn begin(fields: &mut Map<String, Json>, reporter: &str) {
    for (id, value) in [("reporter", Json::from(reporter)), ("priority", "3".into()), ("labels", json!([]))] {
        fields.entry(id.to_owned()).or_insert(value);
    }
}

fn link(world: &mut World, asked: &Asked, viewer: &User) -> Said {
    let body = asked.json();
    let kind = world
        .link_types
        .iter()
        .find(|one| body["type"]["name"] == one.1.as_str() || body["type"]["id"] == one.0.as_str());
    let end = |name: &str| {
        let key = body[name]["key"].as_str().or_else(|| body[name]["id"].as_str());
        key.and_then(|key| world.issue(key)).map(|issue| issue.number)
    };
    if !show::may(viewer, "LINK_ISSUES") {
        return Said::no(403, "No Link Issue Permission for issue");
    }
    let Some(sort) = kind.map(|one| one.0.clone()) else {
        return Said::no(404, "No issue link type with that name found.");
    };
    let (Some(subject), Some(object)) = (end("inwardIssue"), end("outwardIssue")) else {
        return Said::no(404, NO_ISSUE);
    };
    // The same once more is taken without a word.
    let there = world.links.iter().any(|one| one.sort == sort && one.subject == subject && one.object == object);
    if !there {
        let id = world.fresh();
        world.links.push(Link { id, sort, subject, object });
        world.touch(subject);
        world.touch(object);
    }
    Said::empty(201)
}

fn unlink(world: &mut World, id: &str, viewer: &User) -> Said {
    let held = world.links.iter().find(|link| link.id.to_string() == id).cloned();
    match held.filter(|_| show::may(viewer, "LINK_ISSUES")) {
        None => Said::no(404, "No issue link with that id exists."),
        Some(link) => {
            world.links.retain(|one| one.id != link.id);
            world.touch(link.subject);
            world.touch(link.object);
            Said::empty(204)
        }
    }
}

/// Cloud keeps its files elsewhere, behind an address that needs no other key.
fn content(world: &World, id: &str) -> Said {
    match world.files.iter().find(|file| file.id.to_string() == id) {
        Some(file) => Said {
            status: 303,
            headers: vec![("location".into(), format!("{}/media/{}", world.media, file.id))],
            body: Vec::new(),
        },
        None => Said::no(404, "The attachment with id does not exist"),
    }
}
