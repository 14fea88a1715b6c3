//! The service desk's calls: `/rest/servicedeskapi`, alike on both products. Its texts are words, on Cloud too.

use serde_json::{Value as Json, json};

use super::jql::Query;
use super::rules::{self, By, Draft};
use super::world::{DESK, Issue, PROJECT, Right, Sort, User, World};
use super::{Asked, Said, platform, show};

const NO_REQUEST: &str = "The request doesn't exist, or you don't have permission to see it.";

/// The other way in which the service desk refuses.
fn no(status: u16, words: &str) -> Said {
    Said::json(
        status,
        &json!({ "errorMessage": words, "i18nErrorMessage": { "i18nKey": "sd.error", "parameters": [] } }),
    )
}

/// A page as all lists come.
fn page(world: &World, asked: &Asked, all: Vec<Json>) -> Said {
    let (start, limit) = (asked.number("start", 0), asked.number("limit", 50).min(50));
    let total = all.len();
    let values: Vec<Json> = all.into_iter().skip(start).take(limit).collect();
    Said::json(
        200,
        &json!({ "_expands": [], "size": values.len(), "start": start, "limit": limit,
        "isLastPage": start + values.len() >= total,
        "_links": { "self": world.base, "base": format!("{}/rest/servicedeskapi", world.base), "context": "" }, "values": values }),
    )
}

/// Answers a call below `/rest/servicedeskapi`.
pub fn answer(world: &mut World, asked: &Asked, viewer: &User) -> Said {
    let path: Vec<&str> = asked.path.iter().skip(2).map(String::as_str).collect();
    let agent = viewer.right == Right::Agent;
    let see = show::may(viewer, "BROWSE_PROJECTS");
    let desk = json!({ "id": DESK, "projectId": "10000", "projectKey": PROJECT, "projectName": "IT support" });
    match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["servicedesk"]) => page(world, asked, if see { vec![desk] } else { Vec::new() }),
        ("GET", ["servicedesk", DESK]) if see => Said::json(200, &desk),
        ("GET", ["servicedesk", DESK, "requesttype"]) if see => {
            let one = |(id, name, sort): &(String, String, String)| {
                json!({ "id": id, "name": name, "description": "", "helpText": "", "issueTypeId": sort, "serviceDeskId": DESK,
                    "portalId": DESK, "groupIds": ["1"] })
            };
            page(world, asked, world.request_types.iter().map(one).collect())
        }
        ("GET", ["servicedesk", DESK, "requesttype", id, "field"]) if see => form(world, id),
        ("GET", ["servicedesk", DESK, "queue"]) if agent => queues(world, asked, viewer),
        ("GET", ["servicedesk", DESK, "queue", id, "issue"]) if agent => queue(world, asked, viewer, id),
        ("POST", ["servicedesk", DESK, "attachTemporaryFile"]) if agent => {
            if asked.header("x-atlassian-token") != "no-check" {
                return Said::no(403, "XSRF check failed");
            }
            let held = platform::keep(world, asked, &viewer.login, None);
            let name = |id: u64| world.files.iter().find(|file| file.id == id).map(|file| file.name.clone());
            let all: Vec<Json> = held
                .into_iter()
                .map(|id| json!({ "temporaryAttachmentId": format!("temp{id}"), "fileName": name(id) }))
                .collect();
            Said::json(201, &json!({ "temporaryAttachments": all }))
        }
        ("GET", ["knowledgebase", "article"]) => {
            let words = asked.param("query").unwrap_or_default().to_lowercase();
            let found = world.articles.iter().filter(|(title, text)| {
                let all = format!("{title} {text}").to_lowercase();
                words.split_whitespace().all(|word| all.contains(word))
            });
            let one = |(title, text): &(String, String)| {
                json!({ "title": title, "excerpt": text, "source": { "type": "confluence", "pageId": "8786177", "spaceKey": "KB" },
                    "content": { "iframeSrc": format!("{}/kb/8786177", world.base) } })
            };
            let found: Vec<Json> = found.map(one).collect();
            page(world, asked, found)
        }
        ("POST", ["request"]) => create(world, asked, viewer),
        (method, ["request", key, rest @ ..]) => {
            let number = world.issue(key).filter(|issue| see && is_request(world, issue)).map(|issue| issue.number);
            match number {
                Some(number) => request(world, asked, viewer, (method, number, rest)),
                None => no(404, NO_REQUEST),
            }
        }
        _ => no(404, "No such call, or you may not make it."),
    }
}

fn is_request(world: &World, issue: &Issue) -> bool {
    let mut held = issue.fields.iter().filter(|(_, value)| !value.is_null());
    held.any(|(id, _)| world.field(id).is_some_and(|field| field.sort == Sort::Request))
}

fn form(world: &World, id: &str) -> Said {
    let Some(kind) = world.request_types.iter().find(|one| one.0 == id) else {
        return no(404, "The request type doesn't exist.");
    };
    let shown = world.sort(&kind.2).shown.iter().filter_map(|id| world.field(id));
    let shown = shown.filter(|field| {
        ["summary", "description", "components"].contains(&field.id.as_str()) || field.name == "Impact"
    });
    let one = |field: &super::world::Field| {
        let values: Vec<Json> =
            field.choices.iter().map(|(id, name)| json!({ "value": id, "label": name, "children": [] })).collect();
        json!({ "fieldId": field.id, "name": field.name, "description": "", "required": field.id == "summary", "defaultValues": [],
            "validValues": values, "presetValues": [], "jiraSchema": show::schema(field), "visible": true })
    };
    Said::json(
        200,
        &json!({ "requestTypeFields": shown.map(one).collect::<Vec<_>>(), "canRaiseOnBehalfOf": true,
        "canAddRequestParticipants": true }),
    )
}

const QUEUES: [(&str, &str, &str); 2] = [
    ("10", "Nobody's", "project = SD AND assignee is EMPTY AND resolution = Unresolved ORDER BY created DESC"),
    ("11", "All open", "project = SD AND statusCategory != Done ORDER BY created DESC"),
];

fn queues(world: &World, asked: &Asked, viewer: &User) -> Said {
    let counted = asked.says("includeCount", "true");
    let one = |(id, name, jql): &(&str, &str, &str)| {
        let found = Query::read(jql).and_then(|query| query.find(world, viewer, &[])).map_or(0, |all| all.len());
        let mut all = json!({ "id": id, "name": name, "jql": jql, "fields": ["issuetype", "summary", "status"],
            "_links": { "self": world.base } });
        if counted {
            all["issueCount"] = found.into();
        }
        all
    };
    page(world, asked, QUEUES.iter().map(one).collect())
}

fn queue(world: &World, asked: &Asked, viewer: &User, id: &str) -> Said {
    let Some((_, _, jql)) = QUEUES.iter().find(|one| one.0 == id) else { return no(404, "The queue doesn't exist.") };
    let found = Query::read(jql).and_then(|query| query.find(world, viewer, &[])).unwrap();
    let shown = ["issuetype", "summary", "status"].map(str::to_owned);
    page(world, asked, found.into_iter().map(|issue| show::issue(world, issue, Some(&shown), false)).collect())
}

fn create(world: &mut World, asked: &Asked, viewer: &User) -> Said {
    let body = asked.json();
    let kind = world.request_types.iter().find(|one| body["requestTypeId"] == one.0.as_str()).cloned();
    let Some(kind) = kind.filter(|_| body["serviceDeskId"] == DESK) else {
        return no(400, "The request type doesn't exist.");
    };
    if viewer.right == Right::Nobody || viewer.right == Right::Reader {
        return no(403, "You do not have permission to create requests here.");
    }
    let on_form = ["summary", "description", "components"].map(str::to_owned).into_iter();
    let more = world.fields.iter().filter(|field| field.name == "Impact").map(|field| field.id.clone());
    let shown: Vec<String> = on_form.chain(more).collect();
    let mut asked_for = json!({ "fields": body["requestFieldValues"] });
    if asked_for["fields"]["summary"].is_null() {
        asked_for["fields"]["summary"] = Json::Null;
    }
    let draft = match Draft::read(world, &asked_for, &shown, false, By { login: &viewer.login, v3: false }) {
        Ok(draft) => draft,
        Err(why) => {
            let errors: serde_json::Map<String, Json> =
                why.into_iter().map(|(field, why)| (field, why.into())).collect();
            return Said::json(400, &json!({ "errorMessages": [], "errors": errors }));
        }
    };
    let mut fields = draft.into_fields();
    let reporter = match body["raiseOnBehalfOf"].as_str() {
        Some(account) => match world.by_account(account) {
            Some(user) => user.login.clone(),
            None => return no(400, "The user on whose behalf the request is raised does not exist."),
        },
        None => viewer.login.clone(),
    };
    platform::begin(&mut fields, &reporter);
    fields.insert("reporter".into(), reporter.into());
    let field = world.fields.iter().find(|field| field.sort == Sort::Request).map(|field| field.id.clone());
    fields.extend(field.map(|id| (id, kind.0.as_str().into())));
    let number = world.put(&kind.2, fields, &viewer.login);
    let issue = world.issues.iter().find(|one| one.number == number).unwrap();
    Said::json(201, &show::request(world, issue))
}

fn request(world: &mut World, asked: &Asked, viewer: &User, (method, number, rest): (&str, u64, &[&str])) -> Said {
    let issue = world.issues.iter().find(|one| one.number == number).unwrap();
    let by = By { login: &viewer.login, v3: false };
    let agent = viewer.right == Right::Agent;
    match (method, rest) {
        ("GET", []) => Said::json(200, &show::request(world, issue)),
        ("GET", ["sla"]) if agent => page(world, asked, world.clocks(issue).into_values().collect()),
        ("GET", ["comment"]) => {
            let wants = |name: &str| !asked.says(name, "false");
            let all = issue
                .comments
                .iter()
                .filter(|said| if said.public { wants("public") } else { agent && wants("internal") });
            page(world, asked, all.map(|said| show::said(world, said)).collect())
        }
        ("POST", ["comment"]) if agent => {
            let said = asked.json();
            let body = match rules::rich(world, &said["body"], false) {
                Ok(body) => body,
                Err(why) => return no(400, &why),
            };
            let id = world.say(number, by.login, body, said["public"].as_bool().unwrap_or(true));
            let issue = world.issues.iter().find(|one| one.number == number).unwrap();
            Said::json(201, &show::said(world, issue.comments.iter().find(|one| one.id == id).unwrap()))
        }
        ("GET", ["approval"]) => {
            let all = issue.approvals.iter().map(|one| approval(world, one, viewer)).collect();
            page(world, asked, all)
        }
        ("GET", ["approval", id]) => match issue.approvals.iter().find(|one| one.id.to_string() == *id) {
            Some(one) => Said::json(200, &approval(world, one, viewer)),
            None => no(404, "The approval doesn't exist."),
        },
        ("POST", ["approval", id]) => {
            let yes = asked.json()["decision"] == "approve";
            let id = id.parse().unwrap_or(0);
            if let Err(why) = rules::answer(world, number, id, yes, by) {
                return no(400, &why);
            }
            let issue = world.issues.iter().find(|one| one.number == number).unwrap();
            let held = issue.approvals.iter().find(|one| one.id == id).unwrap();
            Said::json(200, &approval(world, held, viewer))
        }
        ("POST", ["attachment"]) if agent => attach(world, asked, number, by),
        _ => no(404, "No such call, or you may not make it."),
    }
}

/// Hangs held files on, with a comment that says so and is as public as it is told to be.
fn attach(world: &mut World, asked: &Asked, number: u64, by: By) -> Said {
    let body = asked.json();
    let wanted: Vec<u64> = body["temporaryAttachmentIds"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|id| id.as_str()?.strip_prefix("temp")?.parse().ok())
        .collect();
    let mut names = String::new();
    for file in world.files.iter_mut().filter(|file| wanted.contains(&file.id) && file.issue.is_none()) {
        file.issue = Some(number);
        names.push_str(&format!(" [^{}]", file.name));
    }
    if names.is_empty() {
        return no(400, "There is no such temporary file.");
    }
    let words = format!("{}{names}", body["additionalComment"]["body"].as_str().unwrap_or_default());
    let words = world.rich(words.trim());
    let id = world.say(number, by.login, words, body["public"].as_bool().unwrap_or(true));
    let issue = world.issues.iter().find(|one| one.number == number).unwrap();
    let said = issue.comments.iter().find(|one| one.id == id).unwrap();
    Said::json(
        201,
        &json!({ "comment": show::said(world, said), "attachments": { "values": [], "size": 0, "isLastPage": true } }),
    )
}

fn approval(world: &World, held: &super::world::Approval, viewer: &User) -> Json {
    let decision = match held.decision {
        None => "pending",
        Some(true) => "approved",
        Some(false) => "declined",
    };
    let one = |login: &String| json!({ "approver": show::user(world, login), "approverDecision": decision });
    json!({ "id": held.id.to_string(), "name": "Waiting for approval", "finalDecision": decision,
        "canAnswerApproval": held.decision.is_none() && held.by.contains(&viewer.login),
        "approvers": held.by.iter().map(one).collect::<Vec<_>>(), "_links": { "self": world.base } })
}
