//! The stock data model, as far as tickets need it.

use std::collections::BTreeMap;

use super::desk::{Class, Row, Sort};

type Attributes = &'static [(&'static str, Sort)];

const IMPACT: &[&str] = &["1", "2", "3"];
const URGENCY: &[&str] = &["1", "2", "3", "4"];
const ORIGIN: &[&str] = &["phone", "mail", "portal", "chat", "in_person"];
const MONITORED: &[&str] = &["phone", "mail", "portal", "chat", "in_person", "monitoring"];
const CODES: &[&str] =
    &["assistance", "bug fixed", "hardware repair", "software patch", "system update", "training", "other"];

const TICKET: Attributes = &[
    ("ref", Sort::Text),
    ("title", Sort::Text),
    ("description", Sort::Html),
    ("org_id", Sort::Key("Organization")),
    ("caller_id", Sort::Key("Person")),
    ("team_id", Sort::Key("Team")),
    ("agent_id", Sort::Key("Person")),
    ("start_date", Sort::Time),
    ("end_date", Sort::Time),
    ("last_update", Sort::Time),
    ("close_date", Sort::Time),
    ("operational_status", Sort::Text),
    ("private_log", Sort::Log),
    ("functionalcis_list", Sort::Links),
];

const SLA: Attributes = &[
    ("status", Sort::Text),
    ("impact", Sort::Choice(IMPACT)),
    ("urgency", Sort::Choice(URGENCY)),
    ("priority", Sort::Text),
    ("origin", Sort::Choice(ORIGIN)),
    ("service_id", Sort::Key("Service")),
    ("servicesubcategory_id", Sort::Key("ServiceSubcategory")),
    ("escalation_flag", Sort::Choice(&["yes", "no"])),
    ("escalation_reason", Sort::Text),
    ("assignment_date", Sort::Time),
    ("resolution_date", Sort::Time),
    ("last_pending_date", Sort::Time),
    ("tto", Sort::Number),
    ("ttr", Sort::Number),
    ("tto_escalation_deadline", Sort::Time),
    ("ttr_escalation_deadline", Sort::Time),
    ("sla_tto_passed", Sort::Text),
    ("sla_ttr_passed", Sort::Text),
    ("resolution_code", Sort::Choice(CODES)),
    ("solution", Sort::Html),
    ("pending_reason", Sort::Text),
    ("user_satisfaction", Sort::Text),
    ("public_log", Sort::Log),
    ("parent_incident_id", Sort::Key("Incident")),
    ("parent_problem_id", Sort::Key("Problem")),
    ("parent_change_id", Sort::Key("Change")),
];

const PROBLEM: Attributes = &[
    ("status", Sort::Text),
    ("impact", Sort::Choice(IMPACT)),
    ("urgency", Sort::Choice(URGENCY)),
    ("priority", Sort::Text),
    ("service_id", Sort::Key("Service")),
    ("servicesubcategory_id", Sort::Key("ServiceSubcategory")),
    ("assignment_date", Sort::Time),
    ("resolution_date", Sort::Time),
    ("related_change_id", Sort::Key("Change")),
];

const CHANGE: Attributes = &[
    ("status", Sort::Text),
    ("reason", Sort::Text),
    ("impact", Sort::Text),
    ("creation_date", Sort::Time),
    ("outage", Sort::Choice(&["yes", "no"])),
    ("fallback", Sort::Text),
    ("supervisor_group_id", Sort::Key("Team")),
    ("supervisor_id", Sort::Key("Person")),
    ("manager_group_id", Sort::Key("Team")),
    ("manager_id", Sort::Key("Person")),
    ("parent_id", Sort::Key("Change")),
];

const APPROVED: Attributes = &[("approval_date", Sort::Time), ("approval_comment", Sort::Text)];
const NAMED: Attributes = &[("name", Sort::Text)];

fn row(from: &str, stimulus: &'static str, to: &str, wants: &'static [&'static str]) -> Row {
    Row { from: from.into(), stimulus, to: to.into(), wants }
}

fn incident() -> Vec<Row> {
    let mut all = vec![
        row("new", "ev_assign", "assigned", &[]),
        row("new", "ev_timeout", "escalated_tto", &[]),
        row("escalated_tto", "ev_assign", "assigned", &[]),
        row("pending", "ev_assign", "assigned", &[]),
        row("assigned", "ev_timeout", "escalated_ttr", &[]),
        row("resolved", "ev_reopen", "assigned", &[]),
        row("resolved", "ev_close", "closed", &[]),
    ];
    for from in ["assigned", "escalated_ttr"] {
        all.push(row(from, "ev_reassign", "assigned", &[]));
        all.push(row(from, "ev_pending", "pending", &["pending_reason"]));
        all.push(row(from, "ev_resolve", "resolved", &["solution"]));
    }
    all
}

fn request() -> Vec<Row> {
    let mut all = incident();
    all.extend([
        row("new", "ev_wait_for_approval", "waiting_for_approval", &[]),
        row("waiting_for_approval", "ev_approve", "approved", &[]),
        row("waiting_for_approval", "ev_reject", "rejected", &[]),
        row("approved", "ev_assign", "assigned", &[]),
        row("rejected", "ev_reopen", "new", &[]),
    ]);
    all
}

fn problem() -> Vec<Row> {
    vec![
        row("new", "ev_assign", "assigned", &[]),
        row("assigned", "ev_reassign", "assigned", &[]),
        row("assigned", "ev_resolve", "resolved", &[]),
        row("resolved", "ev_reassign", "assigned", &[]),
        row("resolved", "ev_close", "closed", &[]),
    ]
}

const PLAN: &[&str] = &["start_date", "end_date", "impact", "fallback"];

fn change(class: &str) -> Vec<Row> {
    let mut all = vec![
        row("implemented", "ev_monitor", "monitored", &[]),
        row("implemented", "ev_finish", "closed", &[]),
        row("monitored", "ev_finish", "closed", &[]),
        row("assigned", "ev_plan", "plannedscheduled", PLAN),
    ];
    let from = if class == "NormalChange" { "validated" } else { "new" };
    all.push(row(from, "ev_assign", "assigned", &[]));
    if class == "NormalChange" {
        all.push(row("new", "ev_validate", "validated", &["acceptance_date", "acceptance_comment"]));
        all.push(row("new", "ev_reject", "rejected", &["reason"]));
        all.push(row("rejected", "ev_reopen", "new", &[]));
    }
    if class == "RoutineChange" {
        all.push(row("plannedscheduled", "ev_implement", "implemented", &[]));
        return all;
    }
    all.extend([
        row("plannedscheduled", "ev_approve", "approved", &["approval_date", "approval_comment"]),
        row("plannedscheduled", "ev_notapprove", "notapproved", &["reason"]),
        row("notapproved", "ev_replan", "plannedscheduled", PLAN),
        row("approved", "ev_implement", "implemented", &[]),
    ]);
    all
}

/// Every class, by name.
pub fn stock() -> BTreeMap<&'static str, Class> {
    let mut all = BTreeMap::new();
    let mut add = |name, parent, is_abstract, letter, attributes: &[Attributes], rows| {
        let attributes = attributes
            .iter()
            .flat_map(|some| some.iter())
            .map(|(code, sort)| ((*code).to_owned(), sort.clone()))
            .collect();
        all.insert(name, Class { parent, is_abstract, attributes, rows, letter });
    };
    let none = Vec::new;
    add("Ticket", None, true, "", &[TICKET], none());
    // Only incidents come from monitoring, and with incidents of their own all requests are of one sort.
    let monitored: Attributes = &[("origin", Sort::Choice(MONITORED))];
    add("Incident", Some("Ticket"), false, "I", &[SLA, monitored], incident());
    let extra: Attributes = &[
        ("request_type", Sort::Choice(&["service_request"])),
        ("approver_id", Sort::Key("Person")),
        ("parent_request_id", Sort::Key("UserRequest")),
    ];
    add("UserRequest", Some("Ticket"), false, "R", &[SLA, extra], request());
    add("Problem", Some("Ticket"), false, "P", &[PROBLEM], problem());
    add("Change", Some("Ticket"), true, "C", &[CHANGE], none());
    let accepted: Attributes = &[("acceptance_date", Sort::Time), ("acceptance_comment", Sort::Text)];
    add("NormalChange", Some("Change"), false, "C", &[APPROVED, accepted], change("NormalChange"));
    add("EmergencyChange", Some("Change"), false, "C", &[APPROVED], change("EmergencyChange"));
    add("RoutineChange", Some("Change"), false, "C", &[], change("RoutineChange"));
    add("Organization", None, false, "", &[NAMED], none());
    let status: Attributes = &[("status", Sort::Text)];
    add(
        "Contact",
        None,
        true,
        "",
        &[NAMED, status, &[("email", Sort::Text), ("phone", Sort::Text), ("org_id", Sort::Key("Organization"))]],
        none(),
    );
    add(
        "Person",
        Some("Contact"),
        false,
        "",
        &[&[("first_name", Sort::Text), ("location_id", Sort::Key("Location"))]],
        none(),
    );
    add("Team", Some("Contact"), false, "", &[], none());
    add("Location", None, false, "", &[NAMED], none());
    add(
        "lnkPersonToTeam",
        None,
        false,
        "",
        &[&[("person_id", Sort::Key("Person")), ("team_id", Sort::Key("Team"))]],
        none(),
    );
    add("Service", None, false, "", &[NAMED, status], none());
    let category: Attributes =
        &[("service_id", Sort::Key("Service")), ("request_type", Sort::Choice(&["service_request", "incident"]))];
    add("ServiceSubcategory", None, false, "", &[NAMED, status, category], none());
    add("FunctionalCI", None, true, "", &[NAMED, &[("org_id", Sort::Key("Organization"))]], none());
    add("PC", Some("FunctionalCI"), false, "", &[], none());
    add("Server", Some("FunctionalCI"), false, "", &[], none());
    let link: Attributes = &[
        ("ticket_id", Sort::Key("Ticket")),
        ("functionalci_id", Sort::Key("FunctionalCI")),
        ("impact_code", Sort::Choice(&["manual", "computed", "not_impacted"])),
    ];
    add("lnkFunctionalCIToTicket", None, false, "", &[link], none());
    let words: Attributes = &[
        ("symptom", Sort::Text),
        ("root_cause", Sort::Text),
        ("workaround", Sort::Text),
        ("solution", Sort::Text),
        ("error_code", Sort::Text),
    ];
    add("KnownError", None, false, "", &[NAMED, words], none());
    add(
        "FAQ",
        None,
        false,
        "",
        &[&[("title", Sort::Text), ("summary", Sort::Text), ("description", Sort::Html)]],
        none(),
    );
    let file: Attributes = &[
        ("item_class", Sort::Text),
        ("item_id", Sort::Text),
        ("item_org_id", Sort::Text),
        ("creation_date", Sort::Time),
        ("contact_id", Sort::Key("Person")),
        ("user_id", Sort::Key("User")),
        ("contents", Sort::Text),
    ];
    add("Attachment", None, false, "", &[file], none());
    all
}
