//! What a ticket does to those that hang on it: words are copied, and who is resolved takes them along.

use super::desk::{Desk, Entry, Object};

/// The keys of those that hang on it.
fn of(desk: &Desk, parent: &Object) -> Vec<u64> {
    let code = match parent.class.as_str() {
        "Incident" => "parent_incident_id",
        "UserRequest" => "parent_request_id",
        _ => return Vec::new(),
    };
    let key = parent.key.to_string();
    desk.objects.iter().filter(|object| object.text(code) == key).map(|object| object.key).collect()
}

/// The newest entry of a log stands in theirs, too.
pub fn hear(desk: &mut Desk, parent: &Object, log: &str, newest: &Entry) {
    let now = desk.now();
    for key in of(desk, parent) {
        let Some(child) = desk.find_mut("Ticket", key) else { continue };
        child.logs.entry(log.to_owned()).or_default().push(newest.clone());
        child.set("last_update", &now);
    }
}

/// They are resolved with it, whatever state they were in; who had no agent gets its.
pub fn resolve(desk: &mut Desk, parent: &Object) {
    let now = desk.now();
    for key in of(desk, parent) {
        let Some(mut child) = desk.find("Ticket", key).cloned() else { continue };
        if matches!(child.text("status"), "resolved" | "closed") {
            continue;
        }
        let (class, number, name) = (&parent.class, parent.key, parent.text("ref"));
        child.set("solution", &format!("Automatically resolved from [[{class}:{number}|{name}]]"));
        let alone = child.text("team_id").is_empty() || child.text("agent_id").is_empty();
        let handed = ["team_id", "agent_id"].into_iter().filter(|_| alone);
        let wanted = Some("service_id").filter(|code| child.text(code).is_empty());
        for code in handed.chain(wanted) {
            child.set(code, parent.text(code));
        }
        for (code, value) in [("status", "resolved"), ("resolution_date", &now), ("last_update", &now)] {
            child.set(code, value);
        }
        desk.compute(&mut child);
        if let Some(held) = desk.find_mut("Ticket", key) {
            *held = child.clone();
        }
        resolve(desk, &child);
    }
}
