//! What Jira takes and what it refuses: screens, transitions, values, and the history that it writes of them.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::show;
use super::world::{Approval, Entry, Field, Issue, Right, Sort, Step, User, World, from_wiki, words};

/// `errors` by field; "" for what is about no field.
pub type Wrong = Vec<(String, String)>;

/// Who writes, and in which version's words.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    pub login: &'a str,
    pub v3: bool,
}

fn not_there(id: &str) -> (String, String) {
    (id.to_owned(), format!("Field '{id}' cannot be set. It is not on the appropriate screen, or unknown."))
}

/// A field as a screen shows it.
pub fn shown(world: &World, field: &Field, required: bool) -> Json {
    let mut all = json!({ "required": required, "schema": show::schema(field), "name": field.name, "key": field.id,
        "hasDefaultValue": field.id == "priority", "operations": ["set"] });
    if !field.choices.is_empty() {
        all["allowedValues"] = field.choices.iter().map(|(id, _)| show::choice(world, field, id)).collect();
    }
    all
}

fn comment_shown() -> Json {
    json!({ "required": false, "schema": { "type": "comments-page", "system": "comment" }, "name": "Comment",
        "key": "comment", "hasDefaultValue": false, "operations": ["add", "edit", "remove"] })
}

/// The edit screen.
pub fn edit_screen(world: &World, issue: &Issue, viewer: &User) -> Json {
    if !show::may(viewer, "EDIT_ISSUES") {
        return json!({});
    }
    let mut all = Map::new();
    for id in &world.sort(&issue.sort).shown {
        let Some(field) = world.field(id).filter(|field| field.id != "comment") else { continue };
        all.insert(id.clone(), shown(world, field, id == "summary"));
    }
    all.insert("comment".into(), comment_shown());
    all.into()
}

/// The steps that somebody can take on an issue by hand.
pub fn steps<'w>(world: &'w World, issue: &Issue, viewer: &User) -> Vec<&'w Step> {
    if !show::may(viewer, "TRANSITION_ISSUES") {
        return Vec::new();
    }
    let all = world.sort(&issue.sort).steps.iter();
    all.filter(|step| step.from.contains(&issue.status) && step.answer.is_none()).collect()
}

pub fn transition(world: &World, step: &Step, fields: bool) -> Json {
    let mut all = json!({ "id": step.id, "name": step.name, "to": show::status(world, &step.to),
        "hasScreen": !step.screen.is_empty(), "isGlobal": false, "isInitial": false, "isConditional": false,
        "isAvailable": true, "looped": false });
    if fields {
        let mut held = Map::new();
        for (id, required) in &step.screen {
            let field = world.field(id);
            held.insert(
                id.clone(),
                field.filter(|_| id != "comment").map_or_else(comment_shown, |field| shown(world, field, *required)),
            );
        }
        all["fields"] = held.into();
    }
    all
}

/// A value as it is stored.
fn read(world: &World, field: &Field, value: &Json, by: By) -> Result<Json, String> {
    let chosen = |one: &Json| -> Result<Json, String> {
        let id = one["id"].as_str().map(str::to_owned).or_else(|| one["id"].as_u64().map(|id| id.to_string()));
        let name = one["value"].as_str().or_else(|| one["name"].as_str());
        let found = field.choices.iter().find(|held| Some(&held.0) == id.as_ref() || Some(held.1.as_str()) == name);
        let why = || format!("Option '{}' is not valid", id.as_deref().or(name).unwrap_or_default());
        found.map(|held| held.0.as_str().into()).ok_or_else(why)
    };
    if value.is_null() {
        return if field.id == "summary" {
            Err("You must specify a summary of the issue.".into())
        } else {
            Ok(Json::Null)
        };
    }
    match field.sort {
        Sort::Line => {
            let text = value.as_str().ok_or("Operation value must be a string")?;
            match text {
                "" if field.id == "summary" => Err("You must specify a summary of the issue.".into()),
                text if text.contains('\n') => {
                    Err("The summary is invalid because it contains newline characters.".into())
                }
                text if text.chars().count() > 255 => Err("Summary must be less than 255 characters.".into()),
                text => Ok(text.into()),
            }
        }
        Sort::Text => rich(world, value, by.v3),
        Sort::Option | Sort::Named => chosen(value),
        Sort::Options => {
            let all = value.as_array().ok_or("data was not an array")?;
            all.iter().map(chosen).collect::<Result<Vec<_>, _>>().map(Json::from)
        }
        Sort::User => {
            let key = if world.cloud { "accountId" } else { "name" };
            let Some(account) = value[key].as_str() else {
                return if value.get(key).is_some_and(Json::is_null) {
                    Ok(Json::Null)
                } else {
                    Err(format!("expected an object with {key}"))
                };
            };
            let user = world.by_account(account).ok_or_else(|| format!("User '{account}' does not exist."))?;
            if field.id == "assignee" && user.right != Right::Agent {
                return Err(format!("User '{account}' cannot be assigned issues."));
            }
            Ok(user.login.as_str().into())
        }
        Sort::Instant => {
            let text = value.as_str().unwrap_or_default();
            let at = Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text);
            at.map(|at| at.as_millisecond().into()).map_err(|_| format!("Error parsing time: {text}"))
        }
        Sort::Labels | Sort::Request => Ok(value.clone()),
        Sort::Sla | Sort::Own => Err(not_there(&field.id).1),
    }
}

/// Rich words as they came.
///
/// # Errors
/// Too long, or not in the words of that version.
pub fn rich(world: &World, value: &Json, v3: bool) -> Result<Json, String> {
    let stored = match value {
        Json::String(text) if world.cloud && v3 => {
            return Err(format!(
                "Operation value must be an Atlassian Document (see the Atlassian Document Format): {text}"
            ));
        }
        Json::String(text) if world.cloud => from_wiki(text),
        Json::String(text) => text.as_str().into(),
        Json::Object(node) if world.cloud && v3 && node.get("type").is_some_and(|kind| kind == "doc") => {
            if !is_document(value) {
                return Err("INVALID_INPUT".into());
            }
            value.clone()
        }
        _ => return Err("Operation value must be a string".into()),
    };
    let longest = world.tricks.longest;
    if longest > 0 && words(&stored).chars().count() > longest {
        return Err("The entered text is too long. It exceeds the allowed limit of 32,767 characters.".into());
    }
    Ok(stored)
}

/// Empty leaves are none.
fn is_document(node: &Json) -> bool {
    let leaf = node["type"] == "text";
    let good =
        if leaf { node["text"].as_str().is_some_and(|text| !text.is_empty() && !text.contains('\n')) } else { true };
    good && node["content"].as_array().into_iter().flatten().all(is_document)
}

/// A change of fields, ready to be stored.
#[derive(Debug, Default)]
pub struct Draft {
    fields: Vec<(String, Json)>,
    comments: Vec<(Json, bool)>,
}

impl Draft {
    /// What a body with `fields` and `update` asks for, where these are shown.
    ///
    /// # Errors
    /// By field.
    pub fn read(world: &World, body: &Json, shown: &[String], words: bool, by: By) -> Result<Self, Wrong> {
        let (mut draft, mut wrong) = (Self::default(), Wrong::new());
        let none = Map::new();
        let fields = body["fields"].as_object().unwrap_or(&none);
        for (id, value) in fields {
            match world.field(id).filter(|_| shown.contains(id)) {
                None => wrong.push(not_there(id)),
                Some(field) => match read(world, field, value, by) {
                    Ok(stored) => draft.fields.push((id.clone(), stored)),
                    Err(why) => wrong.push((id.clone(), why)),
                },
            }
        }
        for (id, acts) in body["update"].as_object().unwrap_or(&none) {
            if fields.contains_key(id) {
                wrong.push((id.clone(), format!("Field '{id}' cannot appear in both 'fields' and 'update'")));
                continue;
            }
            let acts = acts.as_array().cloned().unwrap_or_default();
            match id.as_str() {
                "comment" if words => {
                    for act in acts {
                        match rich(world, &act["add"]["body"], by.v3) {
                            Ok(stored) => draft.comments.push((stored, is_public(&act["add"]))),
                            Err(why) => wrong.push((id.clone(), why)),
                        }
                    }
                }
                "labels" if shown.contains(id) => {
                    let all: Vec<Json> =
                        acts.iter().map(|act| act["add"].clone()).filter(|one| !one.is_null()).collect();
                    draft.fields.push((id.clone(), all.into()));
                }
                _ => wrong.push(not_there(id)),
            }
        }
        if wrong.is_empty() { Ok(draft) } else { Err(wrong) }
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(id, _)| id.as_str())
    }

    pub fn into_fields(self) -> Map<String, Json> {
        self.fields.into_iter().collect()
    }

    /// Stores it, with its place in the history.
    pub fn store(self, world: &mut World, number: u64, by: By, more: Vec<Json>) {
        let mut items = more;
        let mut set = Vec::new();
        let Some(issue) = world.issues.iter().find(|one| one.number == number) else { return };
        for (id, value) in self.fields {
            let field = world.field(&id).unwrap();
            let held = issue.fields.get(&id).cloned().unwrap_or(Json::Null);
            if held == value || world.tricks.drops.contains(&id) {
                continue;
            }
            let text = |value: &Json| Some(show::plain(world, field, value)).filter(|text| !text.is_empty());
            let key = |value: &Json| match field.sort {
                Sort::User => value.as_str().map(|login| world.account(login)),
                Sort::Option | Sort::Named => value.as_str().map(str::to_owned),
                _ => None,
            };
            let sort = if field.custom.is_some() { "custom" } else { "jira" };
            items.push(json!({ "field": field.name_in_history(), "fieldtype": sort, "fieldId": id, "from": key(&held),
                "fromString": text(&held), "to": key(&value), "toString": text(&value) }));
            set.push((id, value));
        }
        let at = world.touch(number);
        if !items.is_empty() {
            let entry = Entry { id: world.fresh(), by: by.login.to_owned(), at, items };
            let issue = world.issues.iter_mut().find(|one| one.number == number).unwrap();
            issue.fields.extend(set);
            issue.log.push(entry);
        }
        let deaf = world.tricks.deaf;
        for (body, public) in self.comments {
            world.say(number, by.login, body, public || deaf);
        }
    }
}

impl Field {
    /// Fields of Jira itself stand in a history under their number, others under their name.
    fn name_in_history(&self) -> &str {
        if self.custom.is_some() { &self.name } else { &self.id }
    }
}

/// Whether customers read a comment as it was sent: they do, unless it says otherwise.
pub fn is_public(said: &Json) -> bool {
    let all = said["properties"].as_array().into_iter().flatten();
    !all.into_iter().any(|one| one["key"] == "sd.public.comment" && one["value"]["internal"] == true)
}

/// Takes a step, with what is on its screen.
///
/// # Errors
/// It is not offered, a field is not on its screen or is missing, or a validator says no.
pub fn take(world: &mut World, number: u64, body: &Json, viewer: &User, by: By) -> Result<(), Wrong> {
    let issue = world.issues.iter().find(|one| one.number == number).unwrap();
    let wanted = body["transition"]["id"].as_str().map(str::to_owned);
    let wanted = wanted.or_else(|| body["transition"]["id"].as_u64().map(|id| id.to_string())).unwrap_or_default();
    let step = steps(world, issue, viewer).into_iter().find(|step| step.id == wanted).cloned();
    let why = "It seems that you have tried to perform a workflow operation that is not valid for the current state of this issue.";
    let step = step.ok_or_else(|| vec![(String::new(), why.to_owned())])?;
    let shown: Vec<String> = step.screen.iter().map(|(id, _)| id.clone()).collect();
    let draft = Draft::read(world, body, &shown, shown.iter().any(|id| id == "comment"), by)?;
    let missing = step.screen.iter().find(|(id, required)| *required && !draft.keys().any(|key| key == id));
    if let Some((id, _)) = missing {
        let name = world.field(id).map_or(id.as_str(), |field| field.name.as_str());
        return Err(vec![(id.clone(), format!("{name} is required."))]);
    }
    if let Some((to, why)) = &world.tricks.validator
        && *to == world.status(&step.to).1
    {
        return Err(vec![(String::new(), why.clone())]);
    }
    go(world, number, &step, draft, by);
    Ok(())
}

/// Goes where a step leads.
pub fn go(world: &mut World, number: u64, step: &Step, draft: Draft, by: By) {
    let issue = world.issues.iter().find(|one| one.number == number).unwrap();
    let (from, to) = (world.status(&issue.status).clone(), world.status(&step.to).clone());
    let mut more = vec![json!({ "field": "status", "fieldtype": "jira", "fieldId": "status", "from": from.0,
        "fromString": from.1, "to": to.0, "toString": to.1 })];
    let mut draft = draft;
    if to.2 != "done" && issue.fields.get("resolution").is_some_and(|held| !held.is_null()) {
        draft.fields.push(("resolution".into(), Json::Null));
    }
    more.reverse();
    draft.store(world, number, by, more);
    let approves = world.issues.iter().find(|one| one.number == number).map(|one| one.sort.clone()).unwrap();
    let approves = world.sort(&approves).steps.iter().any(|one| one.answer.is_some() && one.from.contains(&to.0));
    let approval = approves.then(|| world.fresh());
    let who: Vec<String> =
        world.users.iter().filter(|user| user.right == Right::Agent).map(|user| user.login.clone()).collect();
    let issue = world.issues.iter_mut().find(|one| one.number == number).unwrap();
    issue.status.clone_from(&to.0);
    // Done without a resolution is not resolved.
    let resolved = to.2 == "done" && issue.fields.get("resolution").is_some_and(|held| !held.is_null());
    issue.done = if resolved { issue.done.or(Some(issue.updated)) } else { None };
    if let Some(id) = approval {
        issue.approvals.push(Approval { id, by: who, decision: None });
    }
}

/// An answer to an approval; it may move the issue.
pub fn answer(world: &mut World, number: u64, approval: u64, yes: bool, by: By) -> Result<(), String> {
    let issue = world.issues.iter_mut().find(|one| one.number == number).unwrap();
    let status = issue.status.clone();
    let held = issue.approvals.iter_mut().find(|one| one.id == approval).ok_or("The approval does not exist.")?;
    if held.decision.is_some() || !held.by.iter().any(|login| login == by.login) {
        return Err("You cannot answer this approval.".into());
    }
    held.decision = Some(yes);
    let sort = issue.sort.clone();
    let step =
        world.sort(&sort).steps.iter().find(|step| step.answer == Some(yes) && step.from.contains(&status)).cloned();
    if let Some(step) = step {
        go(world, number, &step, Draft::default(), by);
    }
    Ok(())
}
