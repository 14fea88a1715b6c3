//! What the fake does with a write: what Redmine does, silences included.

use serde_json::{Value as Json, json};

use super::world::{FIELDS, Issue, PEOPLE, STATUSES, World, allowed, may, now, role};

/// How a write ends.
pub enum End {
    Done,
    /// 422 with these sentences; with none of them it is a clash.
    Refused(Vec<String>),
    Forbidden,
}

fn id(value: &Json) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

fn attribute(details: &mut Vec<Json>, name: &str, old: Json, new: Json) {
    if old != new {
        let text = |value: Json| if value.is_number() { Json::from(value.to_string()) } else { value };
        details.push(json!({ "property": "attr", "name": name, "old_value": text(old), "new_value": text(new) }));
    }
}

impl World {
    /// Sets what this user may set; what may not be set is dropped without a word.
    pub fn update(&mut self, user: u64, number: u64, wanted: &Json) -> End {
        let Some(before) = self.issues.get(&number).cloned() else { return End::Forbidden };
        if !may(user, "edit_issues") && !may(user, "add_issue_notes") {
            return End::Forbidden;
        }
        if self.clashes > 0 || wanted["lock_version"].as_u64().is_some_and(|lock| lock != before.lock) {
            self.clashes = self.clashes.saturating_sub(1);
            return End::Refused(Vec::new());
        }
        if let Some(sentences) = self.refuse.take() {
            return End::Refused(sentences);
        }
        let mut issue = before.clone();
        let mut details = Vec::new();
        if may(user, "edit_issues")
            && let Err(sentences) = self.fields(user, &mut issue, wanted, &mut details)
        {
            return End::Refused(sentences);
        }
        for upload in wanted["uploads"].as_array().into_iter().flatten() {
            let token = upload["token"].as_str().unwrap_or_default();
            let Some(bytes) = self.uploads.remove(token) else { return End::Refused(vec!["Files is invalid".into()]) };
            let file = self.number();
            let name = upload["filename"].as_str().unwrap_or_default().to_owned();
            details.push(
                json!({ "property": "attachment", "name": file.to_string(), "old_value": null, "new_value": name }),
            );
            issue.files.push((file, name, bytes));
        }
        self.issues.insert(number, issue);
        let notes = wanted["notes"].as_str().unwrap_or_default();
        // Without the right, a private note is stored as a public one.
        let private =
            wanted["private_notes"].as_bool().unwrap_or(false) && may(user, "set_notes_private") && !self.outspoken;
        if !notes.is_empty() || !details.is_empty() {
            self.note(number, user, notes, private, details, now());
        }
        End::Done
    }

    pub fn fields(
        &self,
        user: u64,
        issue: &mut Issue,
        wanted: &Json,
        details: &mut Vec<Json>,
    ) -> Result<(), Vec<String>> {
        let Some(all) = wanted.as_object() else { return Ok(()) };
        for (name, value) in all {
            match name.as_str() {
                "subject" => {
                    let text = value.as_str().unwrap_or_default();
                    if text.trim().is_empty() {
                        return Err(vec!["Subject cannot be blank".into()]);
                    }
                    attribute(details, name, json!(issue.subject), json!(text));
                    issue.subject = text.to_owned();
                }
                "description" => {
                    let text = value.as_str().unwrap_or_default();
                    attribute(details, name, json!(issue.description), json!(text));
                    issue.description = text.to_owned();
                }
                "status_id" => {
                    let Some(to) = id(value).filter(|to| allowed(user, issue).contains(to)) else { continue };
                    attribute(details, name, json!(issue.status), json!(to));
                    let closes = STATUSES.iter().any(|one| one.0 == to && one.2);
                    issue.closed = if closes { issue.closed.or(Some(now())) } else { issue.closed };
                    issue.status = to;
                }
                // Derived from the children, where there are any.
                "priority_id" if self.children(issue.id).next().is_some() => {}
                "priority_id" => {
                    let Some(to) = id(value) else { continue };
                    attribute(details, name, json!(issue.priority), json!(to));
                    issue.priority = to;
                }
                "category_id" => {
                    attribute(details, name, json!(issue.category), json!(id(value)));
                    issue.category = id(value);
                }
                "assigned_to_id" => {
                    let to = id(value);
                    let staff = |to: u64| {
                        (16..19).contains(&to) || PEOPLE.iter().any(|one| one.0 == to && may(to, "edit_issues"))
                    };
                    if to.is_some_and(|to| !staff(to)) {
                        return Err(vec!["Assignee is invalid".into()]);
                    }
                    attribute(details, name, json!(issue.assigned), json!(to));
                    issue.assigned = to;
                }
                "parent_issue_id" => {
                    let to = id(value);
                    if to.is_some_and(|to| !self.issues.contains_key(&to) || to == issue.id) {
                        return Err(vec!["Parent task is invalid".into()]);
                    }
                    attribute(details, "parent_id", json!(issue.parent), json!(to));
                    issue.parent = to;
                }
                "custom_fields" => custom(issue, value, details)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A relation, stored in Redmine's own direction.
    pub fn relate(&mut self, user: u64, from: u64, wanted: &Json) -> Result<Json, End> {
        if !may(user, "manage_issue_relations") {
            return Err(End::Forbidden);
        }
        let to = id(&wanted["issue_to_id"]).filter(|to| self.issues.contains_key(to));
        let Some(to) = to else { return Err(End::Refused(vec!["Related issue cannot be blank".into()])) };
        let sort = wanted["relation_type"].as_str().unwrap_or("relates");
        let (sort, swap) = match sort {
            "blocked" => ("blocks", true),
            "duplicated" => ("duplicates", true),
            "follows" => ("precedes", true),
            "relates" => ("relates", from > to),
            other => (other, false),
        };
        let (from, to) = if swap { (to, from) } else { (from, to) };
        if self.relations.iter().any(|one| (one.1, one.2) == (from, to) || (one.1, one.2) == (to, from)) {
            return Err(End::Refused(vec!["This relation would create a circular dependency".into()]));
        }
        let number = self.number();
        self.relations.push((number, from, to, sort.to_owned()));
        Ok(json!({ "relation": { "id": number, "issue_id": from, "issue_to_id": to, "relation_type": sort } }))
    }

    /// A new issue.
    pub fn create(&mut self, user: u64, wanted: &Json) -> Result<u64, End> {
        if !may(user, "add_issues") {
            return Err(End::Forbidden);
        }
        let tracker = id(&wanted["tracker_id"]).unwrap_or(1);
        if wanted["subject"].as_str().unwrap_or_default().trim().is_empty() {
            return Err(End::Refused(vec!["Subject cannot be blank".into()]));
        }
        let number = self.number();
        let issue = self.put(number, tracker, "", 0);
        (issue.author, issue.category) = (user, None);
        issue.fields.clear();
        issue.description.clear();
        let mut issue = issue.clone();
        let (mut wanted, mut details) = (wanted.clone(), Vec::new());
        if role(user) == super::world::REQUESTER {
            wanted.as_object_mut().unwrap().remove("assigned_to_id");
        }
        let made = self.fields(user, &mut issue, &wanted, &mut details);
        match made {
            Ok(()) => {
                self.issues.insert(number, issue);
                Ok(number)
            }
            Err(sentences) => {
                self.issues.remove(&number);
                Err(End::Refused(sentences))
            }
        }
    }
}

fn custom(issue: &mut Issue, value: &Json, details: &mut Vec<Json>) -> Result<(), Vec<String>> {
    for one in value.as_array().into_iter().flatten() {
        let Some(field) = FIELDS.iter().find(|field| Some(field.0) == id(&one["id"])) else { continue };
        if !field.2.contains(&issue.tracker) {
            continue;
        }
        let text = one["value"].as_str().map_or_else(|| one["value"].to_string(), str::to_owned);
        if !text.is_empty() && !field.3.is_empty() && !field.3.contains(&text.as_str()) {
            return Err(vec![format!("{} is not included in the list", field.1)]);
        }
        let old = issue.fields.get(&field.0).cloned().unwrap_or_default();
        if old != text {
            details.push(json!({ "property": "cf", "name": field.0.to_string(), "old_value": old, "new_value": text }));
        }
        issue.fields.insert(field.0, text);
    }
    Ok(())
}
