//! What Atlassian documents of its calls: Cloud's platform by its own OpenAPI, the service desk by a table. A real Jira
//! ignores some of what it does not know; here anything else in a request is a mistake of ours, and is refused.

use std::sync::OnceLock;

use serde_json::Value as Json;

use super::Asked;

/// Calls of the service desk: method, path, parameters, members of the body.
const DESK: &[(&str, &str, &str, &str)] = &[
    ("GET", "servicedesk", "start limit", ""),
    ("GET", "servicedesk/{}/requesttype", "searchQuery groupId expand start limit", ""),
    ("GET", "servicedesk/{}/requesttype/{}/field", "expand", ""),
    ("POST", "servicedesk/{}/attachTemporaryFile", "", ""),
    ("POST", "request", "", "serviceDeskId requestTypeId requestFieldValues raiseOnBehalfOf requestParticipants"),
    ("GET", "request/{}/approval", "start limit", ""),
    ("POST", "request/{}/approval/{}", "", "decision"),
    ("POST", "request/{}/comment", "", "body public"),
    ("POST", "request/{}/attachment", "", "temporaryAttachmentIds public additionalComment"),
    ("GET", "knowledgebase/article", "query highlight start limit", ""),
];

/// What is in this request that nobody documented.
pub fn refuses(asked: &Asked) -> Option<String> {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let wrong = match path.as_slice() {
        ["rest", "api", "3", rest @ ..] => platform(asked, rest),
        ["rest", "servicedeskapi", rest @ ..] => desk(asked, rest),
        _ => Ok(()),
    };
    wrong.err().map(|why| format!("{} {} is not as Atlassian documents it: {why}", asked.method, path.join("/")))
}

fn fits(template: &str, path: &[&str]) -> bool {
    let parts: Vec<&str> = template.split('/').collect();
    parts.len() == path.len() && parts.iter().zip(path).all(|(part, word)| part.starts_with('{') || part == word)
}

fn desk(asked: &Asked, path: &[&str]) -> Result<(), String> {
    let call = DESK.iter().find(|(method, template, ..)| *method == asked.method && fits(template, path));
    let (.., query, body) = call.ok_or("there is no such call")?;
    parameters(asked, &query.split(' ').collect::<Vec<_>>())?;
    let known: Vec<&str> = body.split(' ').collect();
    let sent = asked.json();
    match sent.as_object().into_iter().flatten().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(format!("no `{name}` in its body")),
        None => Ok(()),
    }
}

fn parameters(asked: &Asked, known: &[&str]) -> Result<(), String> {
    match asked.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(format!("no parameter `{name}`")),
        None => Ok(()),
    }
}

fn openapi() -> &'static Json {
    static HELD: OnceLock<Json> = OnceLock::new();
    HELD.get_or_init(|| serde_json::from_str(include_str!("../../live/jira/openapi.json")).unwrap())
}

fn platform(asked: &Asked, path: &[&str]) -> Result<(), String> {
    let all = openapi()["paths"].as_object().unwrap().iter();
    let fitting = all.filter(|(held, _)| fits(held.trim_start_matches("/rest/api/3/"), path));
    // Words before placeholders: `issue/bulkfetch` is no issue.
    let call = fitting.min_by_key(|(held, _)| held.matches('{').count()).map(|(_, call)| call);
    let call = call.and_then(|call| call.get(asked.method.to_lowercase())).ok_or("there is no such call")?;
    let named: Vec<&Json> =
        call["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query").collect();
    parameters(asked, &named.iter().filter_map(|one| one["name"].as_str()).collect::<Vec<_>>())?;
    let left_out = |one: &&&Json| one["required"] == true && asked.param(one["name"].as_str().unwrap()).is_none();
    if let Some(one) = named.iter().find(left_out) {
        return Err(format!("the parameter {} is required", one["name"]));
    }
    let schema = &call["requestBody"]["content"]["application/json"]["schema"];
    if schema.is_null() { Ok(()) } else { members(&asked.json(), schema) }
}

/// Members that no schema names. What may hold anything is not looked into.
fn members(sent: &Json, schema: &Json) -> Result<(), String> {
    let named = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/"));
    let schema = named.map_or(schema, |name| &openapi()["components"]["schemas"][name]);
    if let Some(all) = sent.as_array() {
        return all.iter().try_for_each(|one| members(one, &schema["items"]));
    }
    let (Some(sent), Some(known)) = (sent.as_object(), schema["properties"].as_object()) else { return Ok(()) };
    for (name, value) in sent {
        match known.get(name) {
            Some(schema) => members(value, schema)?,
            None if schema["additionalProperties"].is_object() => {}
            None => return Err(format!("no `{name}` in its body")),
        }
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
    match required.into_iter().find(|name| !sent.contains_key(*name)) {
        Some(name) => Err(format!("its body lacks `{name}`")),
        None => Ok(()),
    }
}
