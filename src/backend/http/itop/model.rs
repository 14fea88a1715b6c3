//! What the stock data model is, as far as iTop cannot be asked for it: sorts of attributes, which class has which.
//!
//! A customised instance says in its mapping what differs; what a class turns out not to have is left out by the calls.

use std::collections::BTreeSet;

use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::mapping::Mapping;

/// The class that all kinds have in common; it knows no status and no priority.
pub const TICKET: &str = "Ticket";

/// How the value of an attribute is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    Text,
    Html,
    Time,
    Number,
    /// One of a fixed list, by its stored code.
    Choice,
    /// An external key to that class.
    Key(String),
    /// The configuration items of the ticket.
    Items,
    /// The concrete class itself.
    Class,
}

/// The sort of an attribute: as the site says, as the stock model has it, or as its name tells.
pub fn sort(mapping: &Mapping, attribute: &str) -> Sort {
    if let Some(own) = mapping.site.get(&format!("type.{attribute}")) {
        return said(own);
    }
    let key = |class: &str| Sort::Key(class.into());
    match attribute {
        "description" | "solution" => Sort::Html,
        "impact" | "urgency" | "priority" | "origin" | "resolution_code" | "outage" | "request_type"
        | "escalation_flag" | "status" => Sort::Choice,
        "finalclass" => Sort::Class,
        "functionalcis_list" => Sort::Items,
        "caller_id" | "agent_id" | "approver_id" | "supervisor_id" | "manager_id" | "requestor_id" => key("Person"),
        "team_id" | "supervisor_group_id" | "manager_group_id" => key("Team"),
        "service_id" => key("Service"),
        "servicesubcategory_id" => key("ServiceSubcategory"),
        "org_id" => key("Organization"),
        _ if attribute.ends_with("_date") => Sort::Time,
        _ => Sort::Text,
    }
}

fn said(words: &str) -> Sort {
    match words.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["key", class] => Sort::Key((*class).into()),
        ["html"] => Sort::Html,
        ["time"] => Sort::Time,
        ["number"] => Sort::Number,
        ["choice"] => Sort::Choice,
        _ => Sort::Text,
    }
}

/// The concrete classes of a kind, the one for new tickets first.
pub fn classes(mapping: &Mapping, kind: Kind) -> impl Iterator<Item = &str> {
    mapping.kind(kind).into_iter().flat_map(|map| map.place.split([' ', ',']).filter(|class| !class.is_empty()))
}

/// Every class with its kind, in the order in which they are read.
pub fn all_classes(mapping: &Mapping) -> Vec<(Kind, String)> {
    let kinds = mapping.kinds.keys();
    kinds.flat_map(|kind| classes(mapping, *kind).map(|class| (*kind, class.to_owned()))).collect()
}

/// What a walk goes through: as `all_classes`, with the common class of a kind in place of its sorts where the mapping
/// names one. Rows need no more than what the sorts have in common.
pub fn walked(mapping: &Mapping) -> Vec<(Kind, String)> {
    let mut all = Vec::new();
    for kind in mapping.kinds.keys() {
        let sorts: Vec<&str> = classes(mapping, *kind).collect();
        match mapping.site.get(&format!("base.{kind}")).filter(|_| sorts.len() > 1) {
            Some(base) => all.push((*kind, base.clone())),
            None => all.extend(sorts.into_iter().map(|class| (*kind, class.to_owned()))),
        }
    }
    all
}

/// The kind that this class is.
pub fn kind_of(mapping: &Mapping, class: &str) -> Option<Kind> {
    all_classes(mapping).into_iter().find(|(_, known)| known == class).map(|(kind, _)| kind)
}

/// Which step belongs to which sort of change; a class that is not of the stock model has whatever is mapped.
pub fn has_step(class: &str, stimulus: &str, from: &str) -> bool {
    match (class, stimulus, from) {
        ("NormalChange", "ev_assign", from) => from != "new",
        ("EmergencyChange" | "RoutineChange", "ev_assign", from) => from != "validated",
        ("EmergencyChange" | "RoutineChange", "ev_validate" | "ev_reject" | "ev_reopen", _) => false,
        ("RoutineChange", "ev_approve" | "ev_notapprove" | "ev_replan", _) => false,
        ("RoutineChange", "ev_implement", from) => from != "approved",
        ("NormalChange" | "EmergencyChange", "ev_implement", from) => from != "plannedscheduled",
        _ => true,
    }
}

/// Attributes that rows are made of beside the mapped ones.
fn base(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Incident | Kind::Request => &[
            "priority",
            "assignment_date",
            "resolution_date",
            "tto_escalation_deadline",
            "ttr_escalation_deadline",
            "sla_tto_passed",
            "sla_ttr_passed",
            "last_pending_date",
        ],
        Kind::Problem => &["priority", "assignment_date", "resolution_date"],
        Kind::Change => &["creation_date"],
    }
}

/// Attributes that every ticket has.
const COMMON: [&str; 13] = [
    "ref",
    "title",
    "status",
    "operational_status",
    "start_date",
    "last_update",
    "close_date",
    "org_id",
    "caller_id",
    "caller_id_friendlyname",
    "team_id",
    "team_id_friendlyname",
    "agent_id",
];

/// What to ask for. Never `*`: it expands whole link sets, and costs five to ten times as much.
pub fn output(mapping: &Mapping, kind: Kind, class: &str, whole: bool) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = COMMON.iter().chain(base(kind)).map(|code| (*code).to_owned()).collect();
    all.insert("agent_id_friendlyname".into());
    for (_, attribute) in mapping.fields_of(kind) {
        match sort(mapping, attribute) {
            Sort::Html | Sort::Items if !whole => {}
            Sort::Key(_) => {
                all.insert(format!("{attribute}_friendlyname"));
                all.insert(attribute.to_owned());
            }
            Sort::Class => {}
            _ => {
                all.insert(attribute.to_owned());
            }
        }
    }
    if whole {
        let logs: &[&str] = if has_public_log(kind) { &["public_log", "private_log"] } else { &["private_log"] };
        all.extend(logs.iter().map(|code| (*code).to_owned()));
        // A kind that the site does not have is pointed at by nothing.
        let there = parents(kind).iter().filter(|(_, other)| mapping.kinds.contains_key(other));
        all.extend(there.flat_map(|(code, _)| [(*code).to_owned(), format!("{code}_friendlyname")]));
    }
    all.retain(|attribute| class_has(class, attribute));
    all
}

/// Problems and changes have no words for the caller.
pub const fn has_public_log(kind: Kind) -> bool {
    matches!(kind, Kind::Incident | Kind::Request)
}

/// External keys to other tickets, and the kind at their other end.
pub const fn parents(kind: Kind) -> &'static [(&'static str, Kind)] {
    match kind {
        Kind::Incident => &[
            ("parent_incident_id", Kind::Incident),
            ("parent_problem_id", Kind::Problem),
            ("parent_change_id", Kind::Change),
        ],
        Kind::Request => &[
            ("parent_request_id", Kind::Request),
            ("parent_incident_id", Kind::Incident),
            ("parent_problem_id", Kind::Problem),
            ("parent_change_id", Kind::Change),
        ],
        Kind::Problem => &[("related_change_id", Kind::Change)],
        Kind::Change => &[("parent_id", Kind::Change)],
    }
}

/// The sorts of change differ in a few attributes.
fn class_has(class: &str, attribute: &str) -> bool {
    match class {
        "RoutineChange" | "Change" => !attribute.starts_with("approval_") && !attribute.starts_with("acceptance_"),
        "EmergencyChange" => !attribute.starts_with("acceptance_"),
        _ => true,
    }
}

/// The attribute of a field, where this class has it.
pub fn attribute<'m>(mapping: &'m Mapping, kind: Kind, class: &str, field: &Field) -> Option<&'m str> {
    mapping.field(kind, field).filter(|attribute| class_has(class, attribute))
}
