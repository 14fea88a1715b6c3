//! What the fake Redmine holds: people with roles, and issues as they stand.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

pub const STATUSES: [(u64, &str, bool); 13] = [
    (1, "New", false),
    (2, "Assigned", false),
    (3, "In Progress", false),
    (4, "Pending", false),
    (5, "Planning", false),
    (6, "Awaiting approval", false),
    (7, "Approved", false),
    (8, "Scheduled", false),
    (9, "Known error", false),
    (10, "Resolved", false),
    (11, "Closed", true),
    (12, "Cancelled", true),
    (13, "Rejected", true),
];
pub const TRACKERS: [(u64, &str); 4] = [(1, "Incident"), (2, "Request"), (3, "Problem"), (4, "Change")];
pub const PRIORITIES: [(u64, &str); 5] =
    [(1, "5 - Planning"), (2, "4 - Low"), (3, "3 - Moderate"), (4, "2 - High"), (5, "1 - Critical")];
pub const CATEGORIES: [(u64, &str); 4] = [(1, "Hardware"), (2, "Software"), (3, "Network"), (4, "Access")];
pub const GROUPS: [(u64, &str); 3] = [(16, "Service Desk"), (17, "Field Engineering"), (18, "Network")];
/// number, log-in, first and last name, role
pub const PEOPLE: [(u64, &str, &str, &str, u64); 8] = [
    (6, "sam.desk", "Sam", "Okafor", AGENT),
    (7, "fay.field", "Fay", "Lindqvist", AGENT),
    (9, "ines.incident", "Inés", "Marchetti", LEAD),
    (12, "rita.caller", "Rita", "Caller", REQUESTER),
    (14, "reed.only", "Reed", "Only", OBSERVER),
    (15, "nora.none", "Nora", "None", 0),
    (20, "pia.public", "Pia", "Public", OUTSPOKEN),
    (21, "omar.notes", "Omar", "Notes", NOTER),
];
pub const AGENT: u64 = 3;
pub const LEAD: u64 = 4;
pub const REQUESTER: u64 = 5;
pub const OBSERVER: u64 = 6;
/// An agent who may not write private notes.
pub const OUTSPOKEN: u64 = 7;
/// Writes notes and changes nothing.
pub const NOTER: u64 = 8;
pub const LEVELS: [&str; 3] = ["1 - High", "2 - Medium", "3 - Low"];
/// number, name, trackers, what may stand in it (nothing: anything)
pub const FIELDS: [(u64, &str, &[u64], &[&str]); 10] = [
    (1, "Impact", &[1, 2, 3, 4], &LEVELS),
    (2, "Urgency", &[1, 2, 3, 4], &LEVELS),
    (3, "Caller", &[1, 2, 3, 4], &[]),
    (4, "Service", &[1, 2, 3, 4], &["E-mail", "ERP", "Network", "Workplace", "Telephony"]),
    (5, "Asset", &[1, 2, 3, 4], &[]),
    (6, "Risk", &[4], &["High", "Moderate", "Low"]),
    (9, "Planned start", &[4], &[]),
    (10, "Workaround", &[1, 3], &[]),
    (13, "Team", &[1, 2, 3, 4], &["Service Desk", "Field Engineering", "Network"]),
    (12, "Close code", &[1, 3], &["Solved", "Workaround", "Not reproducible", "Duplicate"]),
];

/// The permissions of a role.
pub fn permissions(role: u64) -> &'static [&'static str] {
    match role {
        AGENT | LEAD => &[
            "view_issues",
            "add_issues",
            "edit_issues",
            "add_issue_notes",
            "view_private_notes",
            "set_notes_private",
            "manage_issue_relations",
            "manage_subtasks",
            "view_wiki_pages",
            "delete_issues",
        ],
        OUTSPOKEN => &["view_issues", "add_issues", "edit_issues", "add_issue_notes", "manage_issue_relations"],
        NOTER => &["view_issues", "add_issue_notes"],
        REQUESTER => &["view_issues", "add_issues", "add_issue_notes"],
        OBSERVER => &["view_issues", "view_wiki_pages", "view_private_notes"],
        _ => &[],
    }
}

#[derive(Debug, Clone)]
pub struct Journal {
    pub id: u64,
    pub user: u64,
    pub notes: String,
    pub private: bool,
    pub at: Timestamp,
    pub details: Vec<Json>,
}

#[derive(Debug, Clone)]
pub struct Issue {
    pub id: u64,
    pub tracker: u64,
    pub status: u64,
    pub priority: u64,
    pub author: u64,
    pub assigned: Option<u64>,
    pub category: Option<u64>,
    pub parent: Option<u64>,
    pub subject: String,
    pub description: String,
    pub fields: BTreeMap<u64, String>,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub closed: Option<Timestamp>,
    pub journals: Vec<Journal>,
    /// number, name, bytes
    pub files: Vec<(u64, String, Vec<u8>)>,
    pub lock: u64,
}

/// Everything.
#[derive(Debug)]
pub struct World {
    pub issues: BTreeMap<u64, Issue>,
    /// number, from, to, sort
    pub relations: Vec<(u64, u64, u64, String)>,
    pub uploads: BTreeMap<String, Vec<u8>>,
    pub next: u64,
    /// The next so many writes clash as parallel writers do: 422 with an empty list.
    pub clashes: u32,
    /// Whoever could write private notes no longer can, and was not told.
    pub outspoken: bool,
    /// Sentences that the next write is refused with.
    pub refuse: Option<Vec<String>>,
}

pub fn name_of(all: &[(u64, &str)], id: u64) -> String {
    all.iter().find(|one| one.0 == id).map_or_else(String::new, |one| one.1.to_owned())
}

pub fn role(user: u64) -> u64 {
    PEOPLE.iter().find(|one| one.0 == user).map_or(0, |one| one.4)
}

pub fn may(user: u64, what: &str) -> bool {
    permissions(role(user)).contains(&what)
}

/// Whole seconds: Redmine's clock has no finer ones.
pub fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap()
}

pub fn principal(id: u64) -> Json {
    let person = PEOPLE.iter().find(|one| one.0 == id).map(|one| format!("{} {}", one.2, one.3));
    json!({ "id": id, "name": person.unwrap_or_else(|| name_of(&GROUPS, id)) })
}

/// The statuses of a tracker's workflow.
pub fn flow(tracker: u64) -> &'static [u64] {
    match tracker {
        1 => &[1, 2, 3, 4, 10, 11, 12],
        2 => &[1, 2, 3, 4, 6, 7, 10, 11, 12, 13],
        3 => &[1, 2, 3, 4, 9, 10, 11, 12],
        _ => &[1, 3, 5, 6, 7, 8, 10, 11, 12, 13],
    }
}

/// Where this user may move it: what is closed is for agents and leads.
pub fn allowed(user: u64, issue: &Issue) -> Vec<u64> {
    let closes = matches!(role(user), AGENT | LEAD);
    let open = |id: &u64| closes || *id == issue.status || STATUSES.iter().any(|one| one.0 == *id && !one.2);
    if !may(user, "edit_issues") {
        return vec![issue.status];
    }
    flow(issue.tracker).iter().copied().filter(open).collect()
}

impl World {
    pub fn new() -> Self {
        let (issues, relations, uploads) = Default::default();
        Self { issues, relations, uploads, next: 100, clashes: 0, outspoken: false, refuse: None }
    }

    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A new issue, so many hours ago.
    pub fn put(&mut self, id: u64, tracker: u64, subject: &str, hours: i64) -> &mut Issue {
        let at = now() - SignedDuration::from_hours(hours);
        let fields = BTreeMap::from([(1, LEVELS[1].to_owned()), (2, LEVELS[1].to_owned()), (3, "12".to_owned())]);
        let issue = Issue {
            id,
            tracker,
            status: 1,
            priority: 3,
            author: 12,
            assigned: None,
            category: Some(2),
            parent: None,
            subject: subject.to_owned(),
            description: "Reported by phone.\r\n\r\nIt does not work.".into(),
            fields,
            created: at,
            updated: at,
            closed: None,
            journals: Vec::new(),
            files: Vec::new(),
            lock: 0,
        };
        self.issues.insert(id, issue);
        self.issues.get_mut(&id).unwrap()
    }

    /// Writes into the history of an issue.
    pub fn note(&mut self, id: u64, user: u64, notes: &str, private: bool, details: Vec<Json>, at: Timestamp) {
        let number = self.number();
        let issue = self.issues.get_mut(&id).unwrap();
        issue.updated = issue.updated.max(at);
        issue.lock += 1;
        issue.journals.push(Journal { id: number, user, notes: notes.to_owned(), private, at, details });
    }

    pub fn children(&self, id: u64) -> impl Iterator<Item = &Issue> {
        self.issues.values().filter(move |issue| issue.parent == Some(id))
    }

    pub fn visible(&self, user: u64, issue: &Issue) -> bool {
        may(user, "view_issues") && (role(user) != REQUESTER || issue.author == user)
    }

    /// As REST shows it, with what was asked for beside.
    pub fn show(&self, user: u64, issue: &Issue, include: &str) -> Json {
        let has = |what: &str| include.split(',').any(|one| one == what);
        let status = STATUSES.iter().find(|one| one.0 == issue.status).unwrap();
        let custom = |field: &&(u64, &str, &[u64], &[&str])| json!({ "id": field.0, "name": field.1, "value": issue.fields.get(&field.0) });
        let fields: Vec<Json> =
            FIELDS.iter().filter(|field| field.2.contains(&issue.tracker)).map(|f| custom(&f)).collect();
        let mut shown = json!({
            "id": issue.id, "project": { "id": 1, "name": "Service Desk" },
            "tracker": { "id": issue.tracker, "name": name_of(&TRACKERS, issue.tracker) },
            "status": { "id": status.0, "name": status.1, "is_closed": status.2 },
            "priority": { "id": issue.priority, "name": name_of(&PRIORITIES, issue.priority) },
            "author": principal(issue.author), "subject": issue.subject, "description": issue.description,
            "start_date": null, "due_date": null, "done_ratio": 0, "is_private": false, "estimated_hours": null,
            "custom_fields": fields, "created_on": issue.created, "updated_on": issue.updated, "closed_on": issue.closed,
        });
        if let Some(who) = issue.assigned {
            shown["assigned_to"] = principal(who);
        }
        if let Some(id) = issue.category {
            shown["category"] = json!({ "id": id, "name": name_of(&CATEGORIES, id) });
        }
        if let Some(id) = issue.parent {
            shown["parent"] = json!({ "id": id });
        }
        if has("journals") {
            let seen = |journal: &&Journal| !journal.private || may(user, "view_private_notes") || journal.user == user;
            shown["journals"] = issue.journals.iter().filter(seen).map(|journal| json!({
                "id": journal.id, "user": principal(journal.user), "notes": journal.notes, "created_on": journal.at,
                "private_notes": journal.private, "details": journal.details,
            })).collect();
        }
        if has("relations") {
            let here = |one: &&(u64, u64, u64, String)| one.1 == issue.id || one.2 == issue.id;
            shown["relations"] = self
                .relations
                .iter()
                .filter(here)
                .map(|one| {
                    json!({
                        "id": one.0, "issue_id": one.1, "issue_to_id": one.2, "relation_type": one.3, "delay": null,
                    })
                })
                .collect();
        }
        if has("children") && self.children(issue.id).next().is_some() {
            shown["children"] = self
                .children(issue.id)
                .map(|child| {
                    json!({
                        "id": child.id, "tracker": { "id": child.tracker, "name": name_of(&TRACKERS, child.tracker) },
                        "subject": child.subject,
                    })
                })
                .collect();
        }
        if has("attachments") {
            shown["attachments"] = issue
                .files
                .iter()
                .map(|file| {
                    json!({
                        "id": file.0, "filename": file.1, "filesize": file.2.len(), "content_type": "text/plain",
                        "content_url": format!("http://elsewhere.example/attachments/download/{}/{}", file.0, file.1),
                        "author": principal(issue.author), "created_on": issue.updated,
                    })
                })
                .collect();
        }
        if has("allowed_statuses") {
            shown["allowed_statuses"] = allowed(user, issue)
                .iter()
                .map(|id| {
                    let one = STATUSES.iter().find(|one| one.0 == *id).unwrap();
                    json!({ "id": one.0, "name": one.1, "is_closed": one.2 })
                })
                .collect();
        }
        shown
    }
}
