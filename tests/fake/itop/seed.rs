//! A clean desk: the same people and tickets every time.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::desk::{Account, Desk, Entry, Object, Rights};
use super::model;

pub fn desk() -> Desk {
    let mut desk = Desk {
        zone: TimeZone::get("Europe/Paris").unwrap(),
        objects: Vec::new(),
        accounts: accounts(),
        classes: model::stock(),
        ahead: SignedDuration::ZERO,
        lose: 0,
        silent: false,
        maintenance: false,
        read_only: false,
        closed_classes: Vec::new(),
        post_max: usize::MAX,
        remote_user: false,
        faults: Vec::new(),
        refused: Vec::new(),
        // Failed attempts went on counting, so numbers and references differ.
        counter: 4,
        loads: 0,
    };
    people(&mut desk);
    things(&mut desk);
    tickets(&mut desk);
    desk
}

fn accounts() -> Vec<Account> {
    let account = |login, password, contact, rights| Account { login, password, contact, rights };
    vec![
        account("ada", "s3cret:of ada", 45, Rights::Agent),
        account("grace", "s3cret-of-grace", 46, Rights::Agent),
        account("rea", "s3cret-of-rea", 47, Rights::Reader),
        account("nora", "s3cret-of-nora", 0, Rights::Nothing),
        account("norest", "s3cret-of-norest", 48, Rights::NoRest),
        account("portal", "s3cret-of-portal", 55, Rights::Portal),
    ]
}

fn add(desk: &mut Desk, class: &str, key: u64, fields: &[(&str, &str)]) {
    let fields: BTreeMap<String, String> =
        fields.iter().map(|(code, value)| ((*code).into(), (*value).into())).collect();
    desk.objects.push(Object { class: class.into(), key, fields, ..Object::default() });
}

fn people(desk: &mut Desk) {
    add(desk, "Organization", 3, &[("name", "Demo")]);
    add(desk, "Organization", 4, &[("name", "Harbour Hospital")]);
    for (key, first, last, org) in [
        (45, "Ada", "Byron", "3"),
        (46, "Grace", "Murray", "3"),
        (47, "Rea", "Der", "3"),
        (49, "Barbara", "Liskov", "3"),
        (55, "Fay", "Caller03", "4"),
        (76, "Ann", "Lee", "4"),
        (77, "Ann", "Lee", "4"),
    ] {
        let email = format!("{}.{key}@example.test", first.to_lowercase());
        add(desk, "Person", key, &[("first_name", first), ("name", last), ("org_id", org), ("email", &email)]);
    }
    for (key, name) in [(40, "Service Desk"), (43, "Applications L3")] {
        add(desk, "Team", key, &[("name", name), ("org_id", "3")]);
    }
    for (key, person, team) in [(1, "45", "40"), (2, "45", "43"), (3, "46", "40"), (4, "46", "43"), (5, "49", "43")] {
        add(desk, "lnkPersonToTeam", key, &[("person_id", person), ("team_id", team)]);
    }
}

fn things(desk: &mut Desk) {
    add(desk, "Service", 4, &[("name", "Computers")]);
    add(desk, "Service", 5, &[("name", "Network access")]);
    for (key, name, service, sort) in [
        (18, "Laptop broken", "4", "incident"),
        (19, "Laptop broken", "4", "service_request"),
        (22, "Network access incident A", "5", "incident"),
        (23, "Other", "4", "service_request"),
        (24, "Other", "5", "service_request"),
    ] {
        add(desk, "ServiceSubcategory", key, &[("name", name), ("service_id", service), ("request_type", sort)]);
    }
    add(desk, "PC", 39, &[("name", "HH-PC-007"), ("org_id", "4")]);
    add(desk, "PC", 40, &[("name", "HH-PC-008"), ("org_id", "4")]);
    add(desk, "Server", 92, &[("name", "HH-OLD-1"), ("org_id", "4"), ("obsolete", "yes")]);
    add(
        desk,
        "KnownError",
        4,
        &[
            ("name", "Badge reader down"),
            ("symptom", "<p>symptom</p>"),
            ("workaround", "restart 100% of it"),
            ("error_code", "E3"),
        ],
    );
    add(
        desk,
        "FAQ",
        2,
        &[
            ("title", "How to print"),
            ("summary", "Printing"),
            ("description", "<p>Press <b>print</b>.</p><ul><li>wait</li></ul>"),
        ],
    );
}

/// So many ordinary incidents.
pub const ORDINARY: u64 = 21;

fn tickets(desk: &mut Desk) {
    let now = Timestamp::now();
    let at = |desk: &Desk, minutes: i64| desk.local(now - SignedDuration::from_mins(minutes));
    let mut key = 8;
    for n in 0..ORDINARY {
        let opened = at(desk, 3000 - i64::try_from(n).unwrap());
        key = ticket(desk, "Incident", key, &format!("Screen flickers #{n}"), &opened, &[]);
    }
    // Named ones follow; see `Site`.
    let opened = at(desk, 2000);
    key = ticket(desk, "Incident", key, "Laptop will not wake", &opened, &[("team_id", "40"), ("service_id", "4")]);
    let due = desk.local(now + SignedDuration::from_hours(3));
    key = ticket(
        desk,
        "Incident",
        key,
        "VPN drops",
        &opened,
        &[
            ("team_id", "40"),
            ("agent_id", "46"),
            ("status", "assigned"),
            ("service_id", "5"),
            ("assignment_date", &at(desk, 1900)),
            ("ttr_escalation_deadline", &due),
            ("parent_incident_id", "8"),
        ],
    );
    let said = [
        ("public_log", "Grace Murray", 1800, "We are looking at it."),
        ("public_log", "Fay Caller03", 1700, "Still down."),
        ("private_log", "Grace Murray", 1600, "Concentrator restarts."),
    ];
    for (log, who, minutes, words) in said {
        let date = at(desk, minutes);
        let entry = Entry { date, user: who.into(), message: words.into() };
        desk.objects.last_mut().unwrap().logs.entry(log.into()).or_default().push(entry);
    }
    key = ticket(
        desk,
        "Incident",
        key,
        "Hostile \u{1b}]0;owned\u{7} \u{202e}txt\u{9b}2J <b>bold</b>",
        &opened,
        &[("description", "<p>\u{9b}2J<script>alert(1)</script><b>bold</b> &amp; &lt;i&gt; \u{202e}</p>")],
    );
    let hostile =
        Entry { date: at(desk, 100), user: "Fay \u{1b}[31mCaller03".into(), message: "\u{1b}[2Jgone\0\u{7}".into() };
    desk.objects.last_mut().unwrap().logs.entry("public_log".into()).or_default().push(hostile);
    key = ticket(
        desk,
        "Incident",
        key,
        "Too late to own",
        &opened,
        &[("status", "escalated_tto"), ("team_id", "40"), ("tto_escalation_deadline", &at(desk, 30))],
    );
    key = ticket(desk, "UserRequest", key, "A second screen", &opened, &[("team_id", "40"), ("service_id", "4")]);
    key = ticket(desk, "UserRequest", key, "A key", &opened, &[]);
    key = ticket(desk, "Problem", key, "Concentrator restarts", &opened, &[("team_id", "43")]);
    key = ticket(desk, "NormalChange", key, "New concentrator", &opened, &[]);
    key = ticket(desk, "NormalChange", key, "Newer concentrator", &opened, &[]);
    key = ticket(desk, "EmergencyChange", key, "Patch it", &opened, &[]);
    key = ticket(desk, "RoutineChange", key, "Weekly restart", &opened, &[]);
    // Each in a minute of its own.
    let named: Vec<u64> =
        desk.objects.iter().filter(|object| object.text("last_update") == opened).map(|object| object.key).collect();
    for number in named {
        let minute = at(desk, 2030 - i64::try_from(number).unwrap());
        let made = desk.find_mut("Ticket", number).unwrap();
        for code in ["last_update", "start_date", "creation_date"] {
            if !made.text(code).is_empty() {
                made.set(code, &minute);
            }
        }
    }
    let old = at(desk, 60 * 24 * 400);
    ticket(desk, "Incident", key, "Long ago", &old, &[("status", "closed"), ("close_date", &old)]);
}

fn ticket(desk: &mut Desk, class: &str, key: u64, title: &str, opened: &str, more: &[(&str, &str)]) -> u64 {
    let reference = desk.next_ref(class);
    let is_change = class.ends_with("Change");
    let mut fields = vec![
        ("ref", reference.as_str()),
        ("title", title),
        ("description", "<p>It does not work.</p>"),
        ("status", "new"),
        ("org_id", "4"),
        ("caller_id", "55"),
        (if is_change { "creation_date" } else { "start_date" }, opened),
        ("last_update", opened),
    ];
    if !is_change {
        fields.extend([("impact", "3"), ("urgency", "3")]);
    }
    if matches!(class, "Incident" | "UserRequest") {
        fields.extend([
            ("resolution_code", "assistance"),
            ("user_satisfaction", "1"),
            ("origin", "phone"),
            ("escalation_flag", "no"),
        ]);
    }
    fields.extend(more.iter().copied());
    add(desk, class, key, &fields);
    let mut made = desk.objects.pop().unwrap();
    desk.compute(&mut made);
    desk.objects.push(made);
    key + 1
}
