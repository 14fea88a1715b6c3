//! The operations of a fake iTop. `Null` is a fatal error of PHP.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::desk::{Account, Desk, Entry, Object, Rights, Sort};
use super::{children, oql};

type Refusal = (i64, String);

pub fn carry_out(desk: &mut Desk, account: &Account, operation: &Value) -> Value {
    let verb = operation["operation"].as_str().unwrap_or_default();
    let writes = matches!(verb, "core/create" | "core/update" | "core/apply_stimulus" | "core/delete");
    let class = operation["class"].as_str().unwrap_or_default();
    if writes && operation["comment"].as_str().is_none() {
        return refused(100, "Error: Missing parameter 'comment'");
    }
    if writes && (account.rights != Rights::Agent || desk.read_only) {
        let words = format!("The current user does not have enough permissions for modifying data of class {class}");
        return refused(1, &words);
    }
    if verb.starts_with("core/") && verb != "core/check_credentials" && !is_known(desk, class) {
        return refused(100, &format!("Error: class: '{class}' is not a valid class'"));
    }
    if class.starts_with("CMDBChange") || class == "User" || desk.closed_classes.contains(&class) {
        return refused(
            1,
            &format!("The current user does not have enough permissions for reading data of class {class}"),
        );
    }
    let done = match verb {
        "core/get" => get(desk, account, operation),
        "core/create" => create(desk, account, operation),
        "core/update" => update(desk, account, operation),
        "core/apply_stimulus" => stimulate(desk, account, operation),
        "core/check_credentials" => Ok(json!({ "code": 0, "message": "", "authorized": true })),
        _ => Err((11, format!("Error: Unknown verb '{verb}'"))),
    };
    done.unwrap_or_else(|(code, words)| {
        desk.refused.push(format!("{words}: {operation}"));
        refused(code, &words)
    })
}

/// Agents may not read the last two, but they are there.
fn is_known(desk: &Desk, class: &str) -> bool {
    desk.classes.contains_key(class) || class.starts_with("CMDBChange") || class == "User"
}

fn refused(code: i64, words: &str) -> Value {
    json!({ "code": code, "message": words, "objects": null })
}

fn no(words: impl Into<String>) -> Refusal {
    (100, words.into())
}

fn get(desk: &mut Desk, account: &Account, operation: &Value) -> Result<Value, Refusal> {
    let class = operation["class"].as_str().unwrap_or_default().to_owned();
    let output = operation["output_fields"].as_str().unwrap_or("*");
    if output.contains('*') {
        desk.faults.push(format!("asked for everything: {operation}"));
    }
    let mut found = matching(desk, account, &class, &operation["key"])?;
    if account.rights == Rights::Nothing {
        found.clear();
    }
    let total = found.len();
    let page = operation["page"].as_i64().unwrap_or(1);
    if page < 1 {
        return Err((13, "Error: Invalid page".into()));
    }
    let limit = operation["limit"].as_i64().filter(|limit| *limit > 0).and_then(|limit| usize::try_from(limit).ok());
    if let Some(limit) = limit {
        let skipped = limit * usize::try_from(page - 1).unwrap();
        found = found.into_iter().skip(skipped).take(limit).collect();
    }
    let objects = shown(desk, &class, &found, output, "")?;
    Ok(answer(json!(format!("Found: {total}")), objects))
}

/// Objects in the order of their classes: by reference, downwards but for one; upwards where several classes mix.
fn matching(desk: &Desk, account: &Account, class: &str, key: &Value) -> Result<Vec<Object>, Refusal> {
    let number = key.as_u64().or_else(|| key.as_str().and_then(|key| key.parse().ok()));
    if let Some(number) = number {
        return Ok(desk.find(class, number).into_iter().cloned().collect());
    }
    if let Some(criteria) = key.as_object() {
        let fits = |object: &&Object| {
            desk.is_a(&object.class, class)
                && criteria.iter().all(|(code, wanted)| desk.stored(object, code).ok().as_deref() == wanted.as_str())
        };
        return Ok(desk.objects.iter().filter(fits).cloned().collect());
    }
    let text = key.as_str().unwrap_or_default();
    let selects = oql::parse(text).map_err(|words| match words.as_str() {
        "1191" => (1191, "Error: mysql error 1191: Can't find FULLTEXT index, query = SELECT DISTINCT …".to_owned()),
        words => no(format!("Error: {words}")),
    })?;
    let contact = account.contact.to_string();
    let mut all: Vec<Object> = Vec::new();
    for select in &selects {
        if !desk.classes.contains_key(select.class.as_str()) {
            let class = &select.class;
            return Err(no(format!(
                "Error: Query failed to execute: query = {text}, exception_class = UnknownClassOqlException, \
                 exception_message = Unknown class - found '{class}' at 7 in '{text}', expecting {{Attachment, …}}, I would \
                 suggest to use ''"
            )));
        }
        oql::check(desk, &select.class, &select.test).map_err(|words| no(format!("Error: {words}")))?;
        for object in desk.objects.iter().filter(|object| desk.is_a(&object.class, &select.class)) {
            let fits =
                oql::fits(desk, object, &select.test, &contact).map_err(|words| no(format!("Error: {words}")))?;
            if fits && !all.iter().any(|held| held.class == object.class && held.key == object.key) {
                all.push(object.clone());
            }
        }
    }
    if desk.is_a(class, "Ticket") {
        let rises = selects.len() > 1 || matches!(class, "Ticket" | "NormalChange");
        all.sort_by(|one, other| {
            let order = (one.text("ref"), one.key).cmp(&(other.text("ref"), other.key));
            if rises { order } else { order.reverse() }
        });
    } else {
        all.sort_by_key(|object| object.key);
    }
    Ok(all)
}

fn shown(
    desk: &Desk,
    class: &str,
    found: &[Object],
    output: &str,
    words: &str,
) -> Result<Vec<(String, Value)>, Refusal> {
    let codes: Vec<&str> = output.split(',').map(str::trim).filter(|code| !code.is_empty() && *code != "*").collect();
    for code in &codes {
        if *code != "id" && desk.sort(class, code).is_none() {
            return Err(no(format!("Error: output_fields: invalid attribute code '{code}'")));
        }
    }
    let one = |object: &Object| {
        let fields: Map<String, Value> =
            codes.iter().map(|code| ((*code).to_owned(), desk.shown(object, code))).collect();
        let key = object.key.to_string();
        let value = json!({ "code": 0, "message": words, "class": object.class, "key": key, "fields": fields });
        (format!("{}::{key}", object.class), value)
    };
    Ok(found.iter().map(one).collect())
}

/// `objects` keeps its order, which a sorted map would lose.
fn answer(message: Value, objects: Vec<(String, Value)>) -> Value {
    if objects.is_empty() {
        return json!({ "code": 0, "message": message, "objects": null });
    }
    // Written as text by `ordered`: a placeholder keeps the place.
    let list: Vec<Value> = objects.into_iter().map(|(name, value)| json!([name, value])).collect();
    json!({ "code": 0, "message": message, "objects": { "in order": list } })
}

/// The answer as text, its objects in order.
pub fn ordered(answer: &Value) -> String {
    let Some(list) = answer["objects"]["in order"].as_array() else { return answer.to_string() };
    let objects: Vec<String> = list.iter().map(|pair| format!("{}:{}", pair[0], pair[1])).collect();
    format!("{{\"code\":0,\"message\":{},\"objects\":{{{}}}}}", answer["message"], objects.join(","))
}

fn the_one(desk: &Desk, account: &Account, class: &str, key: &Value) -> Result<Object, Refusal> {
    let found = matching(desk, account, class, key)?;
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] if key.as_str().is_some_and(|key| key.starts_with("SELECT")) => {
            Err(no(format!("Error: No item found for query: {}", key.as_str().unwrap())))
        }
        [] => {
            Err(no(format!("Error: Invalid object {class}::{}", key.as_str().map_or(key.to_string(), str::to_owned))))
        }
        several => Err(no(format!("Several items found ({}) with criteria {key}", several.len()))),
    }
}

fn create(desk: &mut Desk, account: &Account, operation: &Value) -> Result<Value, Refusal> {
    let class = operation["class"].as_str().unwrap_or_default().to_owned();
    if desk.classes.get(class.as_str()).is_some_and(|known| known.is_abstract) {
        return Ok(Value::Null);
    }
    let ticket = desk.is_a(&class, "Ticket");
    let reference = if ticket { desk.next_ref(&class) } else { String::new() };
    let mut object = Object { class: class.clone(), key: desk.next_key(&desk.root(&class)), ..Object::default() };
    let now = desk.now();
    if ticket {
        for (code, value) in
            [("ref", &*reference), ("status", "new"), ("last_update", &now), ("resolution_code", "assistance")]
        {
            if desk.sort(&class, code).is_some() {
                object.set(code, value);
            }
        }
        object.set(if desk.is_a(&class, "Change") { "creation_date" } else { "start_date" }, &now);
        if desk.sort(&class, "impact").is_some_and(|sort| matches!(sort, Sort::Choice(_))) {
            object.set("impact", "1");
            object.set("urgency", if class == "Problem" { "1" } else { "4" });
        }
        if desk.sort(&class, "user_satisfaction").is_some() {
            object.set("user_satisfaction", "1");
        }
    }
    if class == "Attachment" {
        object.set("creation_date", &now);
        object.set("contact_id", &account.contact.to_string());
    }
    lay(desk, account, &mut object, &operation["fields"])?;
    if ticket {
        for wanted in ["org_id", "title", "description"] {
            if object.text(wanted).is_empty() {
                return Err(no(format!("Unexpected value for attribute '{wanted}' ({wanted}) : Null not allowed")));
            }
        }
    }
    if class == "lnkFunctionalCIToTicket" {
        let same = |held: &&Object| {
            held.class == class
                && held.text("ticket_id") == object.text("ticket_id")
                && held.text("functionalci_id") == object.text("functionalci_id")
        };
        if desk.objects.iter().any(|held| same(&held)) {
            return Err(no("Unexpected value: Duplicate link, issues = Duplicate link"));
        }
        touch(desk, object.text("ticket_id"));
    }
    desk.compute(&mut object);
    desk.objects.push(object.clone());
    let output = operation["output_fields"].as_str().unwrap_or("id");
    Ok(answer(Value::Null, shown(desk, &class, &[object], output, "created")?))
}

/// Links to configuration items count as a change of the ticket.
fn touch(desk: &mut Desk, ticket: &str) {
    let now = desk.now();
    if let Some(ticket) = desk.find_mut("Ticket", ticket.parse().unwrap_or(0)) {
        ticket.set("last_update", &now);
    }
}

fn update(desk: &mut Desk, account: &Account, operation: &Value) -> Result<Value, Refusal> {
    let class = operation["class"].as_str().unwrap_or_default().to_owned();
    let mut object = the_one(desk, account, &class, &operation["key"])?;
    if operation["fields"].get("status").is_some() {
        desk.faults.push(format!("wrote a state as if it were a field: {operation}"));
    }
    let before = (object.fields.clone(), object.logs.values().map(Vec::len).sum::<usize>());
    lay(desk, account, &mut object, &operation["fields"])?;
    let after = (object.fields.clone(), object.logs.values().map(Vec::len).sum::<usize>());
    finish(desk, object, before != after, operation)
}

/// Stores and answers. What another writer overwrites is in the answer and not in the store.
fn finish(desk: &mut Desk, mut object: Object, changed: bool, operation: &Value) -> Result<Value, Refusal> {
    let class = operation["class"].as_str().unwrap_or_default();
    if changed && desk.sort(&object.class, "last_update").is_some() {
        let now = desk.now();
        object.set("last_update", &now);
    }
    desk.compute(&mut object);
    let output = operation["output_fields"].as_str().unwrap_or("id");
    let mut kept = object.clone();
    let logged = ["public_log", "private_log"].iter().any(|log| operation["fields"].get(*log).is_some());
    if desk.lose > 0 && logged {
        desk.lose -= 1;
        for log in ["public_log", "private_log"] {
            if operation["fields"].get(log).is_some()
                && let Some(entries) = kept.logs.get_mut(log)
            {
                entries.pop();
            }
        }
    }
    if let Some(held) = desk.find_mut(&object.class, object.key) {
        *held = kept;
    }
    for log in ["public_log", "private_log"] {
        if operation["fields"].get(log).is_some()
            && let Some(newest) = object.logs.get(log).and_then(|entries| entries.last())
        {
            children::hear(desk, &object, log, newest);
        }
    }
    if operation["stimulus"] == "ev_resolve" {
        children::resolve(desk, &object);
    }
    Ok(answer(Value::Null, shown(desk, class, &[object], output, "updated")?))
}

fn stimulate(desk: &mut Desk, account: &Account, operation: &Value) -> Result<Value, Refusal> {
    let class = operation["class"].as_str().unwrap_or_default().to_owned();
    if !operation["fields"].is_object() && !operation["fields"].is_array() {
        return Err(no("Error: Missing parameter 'fields'"));
    }
    let stimulus = operation["stimulus"].as_str().unwrap_or_default();
    let mut object = the_one(desk, account, &class, &operation["key"])?;
    let from = object.text("status").to_owned();
    let row = desk.rows(&object.class).iter().find(|row| row.from == from && row.stimulus == stimulus).cloned();
    let Some(row) = row else {
        let id = desk.friendly(&object);
        return Err(no(format!("Invalid stimulus: '{stimulus}' on the object {id} in state '{from}'")));
    };
    if object.class == "Incident" && from == "escalated_tto" && stimulus == "ev_assign" {
        return Ok(Value::Null);
    }
    lay(desk, account, &mut object, &operation["fields"])?;
    // Only the class that was named is asked what it wants; external keys are never missed.
    let missing: Vec<&str> = row.wants.iter().filter(|code| object.text(code).is_empty()).copied().collect();
    if class == object.class && !missing.is_empty() {
        return Err(no(format!("Missing mandatory attribute(s) for applying the stimulus: {}.", missing.join(", "))));
    }
    if desk.silent {
        return Ok(json!({ "code": 0, "message": null, "objects": null }));
    }
    object.set("status", &row.to);
    let now = desk.now();
    match stimulus {
        "ev_assign" | "ev_reassign" => object.set("assignment_date", &now),
        "ev_pending" => {
            object.set("last_pending_date", &now);
            object.set("ttr_escalation_deadline", "");
        }
        "ev_resolve" => {
            object.set("resolution_date", &now);
            object.set("ttr_escalation_deadline", "");
        }
        "ev_reopen" => object.set("resolution_date", ""),
        "ev_close" | "ev_finish" => object.set("close_date", &now),
        "ev_validate" | "ev_approve" => object.set("reason", ""),
        _ => {}
    }
    if matches!(stimulus, "ev_assign") {
        object.set("tto_escalation_deadline", "");
    }
    finish(desk, object, true, operation)
}

/// Lays fields over an object, as its model takes them.
fn lay(desk: &mut Desk, account: &Account, object: &mut Object, fields: &Value) -> Result<(), Refusal> {
    let Some(fields) = fields.as_object() else { return Ok(()) };
    for (code, value) in fields {
        if object.class == "Attachment" && code == "contents" {
            for part in ["data", "mimetype", "filename"] {
                object.set(part, value[part].as_str().unwrap_or_default());
            }
            continue;
        }
        let Some(sort) = desk.sort(&object.class, code) else {
            return Err(no(format!("Error: {code}: Unknown attribute")));
        };
        // Computed, whatever is written.
        if code == "priority" || code.starts_with("sla_") {
            desk.faults.push(format!("wrote {code}"));
            continue;
        }
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let bad = |why: &str| no(format!("Unexpected value for attribute '{code}' ({code}) : {why}, issues = {why}"));
        let stored = match sort {
            Sort::Derived => return Err(no(format!("Error: read-only attribute {}::{code}", object.class))),
            Sort::Log => {
                log(desk, account, object, code, value);
                continue;
            }
            Sort::Links => {
                relink(desk, object, value);
                continue;
            }
            Sort::Choice(values) if !values.contains(&text.as_str()) => return Err(bad("value not allowed")),
            Sort::Key(class) => key(desk, account, class, value)
                .map_err(|(no, why)| (no, format!("Error: {code}: {}", why.trim_start_matches("Error: "))))?,
            Sort::Time if !text.is_empty() && !is_time(&text) => {
                return Err(no(format!("Error: {code}: expected pattern Y-m-d H:i:s, {text} given")));
            }
            Sort::Text if text.chars().count() > 255 && code == "title" => return Err(bad("too long")),
            Sort::Html if text.len() > 65_535 => return Err(bad("too long")),
            Sort::Html => wash(&text),
            _ => text,
        };
        object.set(code, &stored);
    }
    Ok(())
}

fn is_time(text: &str) -> bool {
    jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).is_ok()
}

/// HTML loses its scripts and some control characters; words without markup become one paragraph.
fn wash(text: &str) -> String {
    let text: String = text.chars().filter(|c| !matches!(c, '\u{1b}' | '\u{7}' | '\0')).collect();
    let text = match (text.find("<script"), text.find("</script>")) {
        (Some(from), Some(to)) if from < to => format!("{}{}", &text[..from], &text[to + 9..]),
        _ => text,
    };
    if text.is_empty() || text.starts_with("<p>") { text } else { format!("<p>{text}</p>") }
}

/// An external key: a number, criteria, or a query; a bare name is taken for a query and fails.
fn key(desk: &Desk, account: &Account, class: &str, value: &Value) -> Result<String, Refusal> {
    let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    match number {
        Some(0) => Ok(String::new()),
        // What is not there, or is not for this user's eyes, cannot be pointed at.
        _ => Ok(the_one(desk, account, class, value)?.key.to_string()),
    }
}

fn log(desk: &Desk, account: &Account, object: &mut Object, code: &str, value: &Value) {
    let item = &value["add_item"];
    let message = match (value.as_str(), item["format"].as_str()) {
        // A bare string is HTML: its lines run together.
        (Some(text), _) => text.replace(['\n'], " ").replace("<b>", "").replace("</b>", ""),
        (None, Some("text")) => item["message"].as_str().unwrap_or_default().to_owned(),
        (None, _) => item["message"].as_str().unwrap_or_default().replace('\n', " "),
    };
    if message.is_empty() {
        return;
    }
    let date = item["date"].as_str().map_or_else(|| desk.now(), str::to_owned);
    let user = if account.contact == 0 {
        account.login.to_owned()
    } else {
        desk.named("Person", &account.contact.to_string())
    };
    object.logs.entry(code.to_owned()).or_default().push(Entry { date, user, message });
}

/// Setting a set of links replaces all of it.
fn relink(desk: &mut Desk, object: &mut Object, value: &Value) {
    let ticket = object.key.to_string();
    desk.objects.retain(|link| link.class != "lnkFunctionalCIToTicket" || link.text("ticket_id") != ticket);
    for one in value.as_array().into_iter().flatten() {
        let mut fields = BTreeMap::from([("ticket_id".to_owned(), ticket.clone())]);
        for code in ["functionalci_id", "impact_code"] {
            fields.insert(code.into(), one[code].as_str().unwrap_or_default().into());
        }
        let key = desk.next_key("lnkFunctionalCIToTicket");
        let class = "lnkFunctionalCIToTicket".to_owned();
        desk.objects.push(Object { class, key, fields, ..Object::default() });
    }
    // The set itself is no value, but it counts as a change.
    object.set("relinked", &desk.now());
}
