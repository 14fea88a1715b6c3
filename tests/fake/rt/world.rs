//! What the fake RT holds, and how a write becomes transactions.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub const SYSTEM: u64 = 1;
pub const NOBODY: u64 = 6;
pub const SAM: u64 = 34;
pub const NED: u64 = 38;
pub const INES: u64 = 40;
pub const READER: u64 = 48;
pub const NONE: u64 = 50;
pub const RITA: u64 = 52;

/// `(number, log-in, full name)`.
pub const PEOPLE: [(u64, &str, &str); 9] = [
    (SYSTEM, "RT_System", "The RT System itself"),
    (NOBODY, "Nobody", "Nobody in particular"),
    (14, "root", "Enoch Root"),
    (SAM, "sam.desk", "Sam Okafor"),
    (NED, "ned.net", "Ned Iwasaki"),
    (INES, "ines.incident", "Inés Marchetti"),
    (READER, "reed.only", "Reed Only"),
    (NONE, "nora.none", "Nora None"),
    (RITA, "rita.caller", "Rita Caller"),
];
pub const GROUPS: [(u64, &str, &[u64]); 3] =
    [(27, "All Agents", &[]), (28, "Service Desk", &[SAM, INES]), (30, "Network", &[NED])];
const QUEUES: [(u64, &str, &str); 4] =
    [(3, "Incidents", "new"), (4, "Requests", "new"), (5, "Problems", "new"), (6, "Changes", "draft")];
/// `(number, name, sort, many, choices)`.
const FIELDS: [(u64, &str, &str, bool, &[&str]); 14] = [
    (2, "Impact", "Select", false, &["High", "Medium", "Low"]),
    (3, "Urgency", "Select", false, &["High", "Medium", "Low"]),
    (4, "Category", "Select", false, &["Hardware", "Software", "Network"]),
    (5, "Service", "Select", false, &["E-mail", "ERP"]),
    (6, "Asset", "Freeform", false, &[]),
    (8, "Close Code", "Select", false, &["Solved", "Workaround"]),
    (9, "Risk", "Select", false, &["Low", "Medium", "High"]),
    (10, "Change Type", "Select", false, &["Standard", "Normal", "Emergency"]),
    (11, "Workaround", "Text", false, &[]),
    (12, "Root Cause", "Text", false, &[]),
    (13, "Backout Plan", "Text", false, &[]),
    (14, "Planned Start", "DateTime", false, &[]),
    (15, "Planned End", "DateTime", false, &[]),
    (16, "Tags", "Freeform", true, &[]),
];
/// The steps of each queue: what RT allows, all of them offered.
const STEPS: [(u64, &str, &[&str]); 21] = [
    (3, "new", &["assigned", "in progress", "resolved"]),
    (3, "assigned", &["new", "in progress", "pending", "resolved"]),
    (3, "in progress", &["assigned", "pending", "resolved"]),
    (3, "pending", &["assigned", "in progress", "resolved"]),
    (3, "resolved", &["in progress", "closed"]),
    (4, "new", &["assigned", "in progress", "resolved", "rejected"]),
    (4, "assigned", &["new", "in progress", "pending", "resolved", "rejected"]),
    (4, "in progress", &["assigned", "pending", "resolved", "rejected"]),
    (4, "pending", &["assigned", "in progress", "resolved", "rejected"]),
    (4, "resolved", &["in progress", "closed"]),
    (5, "new", &["investigating", "closed"]),
    (5, "investigating", &["known error", "resolved", "closed"]),
    (5, "known error", &["investigating", "resolved"]),
    (5, "resolved", &["investigating", "closed"]),
    (6, "draft", &["assess", "cancelled"]),
    (6, "assess", &["draft", "authorize", "cancelled"]),
    (6, "authorize", &["scheduled", "draft", "cancelled"]),
    (6, "scheduled", &["implement", "cancelled"]),
    (6, "implement", &["review"]),
    (6, "review", &["closed", "implement"]),
    (6, "cancelled", &["draft"]),
];

/// What a site is set up like.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// `(number, name, first state)`.
    pub queues: &'static [(u64, &'static str, &'static str)],
    /// `(number, name, sort, many, choices)`.
    pub fields: &'static [(u64, &'static str, &'static str, bool, &'static [&'static str])],
    /// `(queue, from, to)`.
    pub steps: &'static [(u64, &'static str, &'static [&'static str])],
}

impl Default for Layout {
    fn default() -> Self {
        Self { queues: &QUEUES, fields: &FIELDS, steps: &STEPS }
    }
}

/// A site in German: two queues of incidents, the group in a field.
pub const GERMAN: Layout = Layout {
    queues: &[
        (3, "Störungen", "neu"),
        (7, "Störungen / Filialen", "neu"),
        (4, "Anfragen", "neu"),
        (5, "Ursachen", "gemeldet"),
        (6, "RFC", "entwurf"),
    ],
    fields: &[
        (2, "Auswirkung", "Select", false, &["1 Standort", "2 Abteilung", "3 Person"]),
        (3, "Dringlichkeit", "Select", false, &["sofort", "heute", "später"]),
        (4, "Sachgebiet", "Select", false, &["Netz", "Drucker"]),
        (7, "Zuständige Gruppe", "Select", false, &["Leitstelle", "Netze"]),
        (8, "Lösungsart", "Select", false, &["Gelöst", "Umgangen"]),
        (9, "Kostenstelle", "Freeform", false, &[]),
    ],
    steps: &[
        (3, "neu", &["angenommen", "verworfen"]),
        (3, "angenommen", &["in arbeit", "verworfen"]),
        (3, "in arbeit", &["wartet auf anwender", "wartet auf lieferant", "gelöst"]),
        (3, "wartet auf anwender", &["in arbeit", "gelöst"]),
        (3, "wartet auf lieferant", &["in arbeit"]),
        (3, "gelöst", &["in arbeit", "geschlossen"]),
        (7, "neu", &["angenommen", "verworfen"]),
        (7, "angenommen", &["in arbeit", "verworfen"]),
        (7, "in arbeit", &["wartet auf anwender", "wartet auf lieferant", "gelöst"]),
        (7, "wartet auf lieferant", &["in arbeit"]),
    ],
};

/// A site as RT is installed: one queue, the states that ship, and one field that somebody made.
pub const GENERAL: Layout = Layout {
    queues: &[(1, "General", "new")],
    fields: &[(1, "Team", "Select", false, &["Helpdesk", "Network"]), (2, "Room", "Freeform", false, &[])],
    steps: &[
        (1, "new", &["open", "stalled", "resolved", "rejected"]),
        (1, "open", &["stalled", "resolved", "rejected"]),
        (1, "stalled", &["open", "resolved", "rejected"]),
        (1, "resolved", &["open"]),
        (1, "rejected", &["open"]),
    ],
};

pub fn over(status: &str) -> bool {
    matches!(
        status,
        "resolved" | "closed" | "rejected" | "cancelled" | "deleted" | "gelöst" | "geschlossen" | "verworfen"
    )
}

#[derive(Debug, Clone)]
pub struct Ticket {
    pub id: u64,
    pub queue: u64,
    pub subject: String,
    pub status: String,
    pub owner: u64,
    pub creator: u64,
    pub callers: Vec<u64>,
    pub group: Option<u64>,
    pub priority: i64,
    pub sla: String,
    pub fields: BTreeMap<u64, Vec<String>>,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub updater: u64,
    pub started: Option<Timestamp>,
    pub resolved: Option<Timestamp>,
    pub told: Option<Timestamp>,
    pub due: Option<Timestamp>,
    /// Into which it was merged.
    pub merged: Option<u64>,
    pub approval: bool,
}

#[derive(Debug, Clone)]
pub struct Txn {
    pub id: u64,
    pub ticket: u64,
    pub sort: &'static str,
    pub who: u64,
    pub at: Timestamp,
    pub field: String,
    pub old: String,
    pub new: String,
}

#[derive(Debug, Clone)]
pub struct File {
    pub id: u64,
    pub txn: u64,
    pub name: String,
    pub media: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct World {
    pub layout: Layout,
    pub tickets: BTreeMap<u64, Ticket>,
    pub txns: Vec<Txn>,
    pub files: Vec<File>,
    /// `(from, relation, to)`: "RefersTo", "DependsOn", "MemberOf".
    pub links: Vec<(u64, &'static str, u64)>,
    /// Agents whose sentences come in German, and as no UTF-8.
    pub german: Vec<u64>,
    /// Zones of users; the server's otherwise.
    pub zones: BTreeMap<u64, String>,
    /// Seconds by which this server's clock is ahead.
    pub ahead: i64,
    /// Answers no count, as for those who may not see everything.
    pub uncounted: bool,
    /// Statuses that no action leads to, so that they are not offered.
    pub unoffered: Vec<String>,
    /// A queue whose name nobody may see.
    pub nameless: Option<u64>,
    /// Custom fields may not be seen.
    pub fieldless: bool,
}

pub fn login(id: u64) -> &'static str {
    PEOPLE.iter().find(|one| one.0 == id).map_or("", |one| one.1)
}

pub fn person(login: &str) -> Option<u64> {
    PEOPLE.iter().find(|one| one.1.eq_ignore_ascii_case(login) || one.0.to_string() == login).map(|one| one.0)
}

impl World {
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now() + SignedDuration::from_secs(self.ahead);
        Timestamp::from_second(now.as_second()).unwrap()
    }

    pub fn zone(&self, who: u64) -> TimeZone {
        self.zones.get(&who).map_or(TimeZone::UTC, |zone| TimeZone::get(zone).unwrap())
    }

    /// Whether the user sees tickets at all.
    pub fn reads(&self, who: u64) -> bool {
        who != NONE
    }

    pub fn writes(&self, who: u64) -> bool {
        matches!(who, SYSTEM | SAM | NED | INES | 14)
    }

    pub fn txn(&mut self, ticket: u64, who: u64, sort: &'static str, field: &str, old: &str, new: &str) -> u64 {
        let (id, at) = (174 + self.txns.len() as u64, self.now());
        self.txns.push(Txn { id, ticket, sort, who, at, field: field.into(), old: old.into(), new: new.into() });
        if let Some(held) = self.tickets.get_mut(&ticket) {
            (held.updated, held.updater) = (at, who);
        }
        id
    }

    /// Told on both sides.
    pub fn merge(&mut self, ticket: u64, into: u64, who: u64) {
        let uri = format!("fsck.com-rt://deskside.test/ticket/{into}");
        self.txn(ticket, who, "AddLink", "MergedInto", "", &uri);
        self.txn(into, who, "AddLink", "MergedInto", "", &uri);
        self.tickets.get_mut(&ticket).unwrap().merged = Some(into);
    }

    pub fn file(&mut self, txn: u64, name: &str, media: &str, bytes: &[u8]) {
        let id = 5 + self.files.len() as u64;
        self.files.push(File { id, txn, name: name.into(), media: media.into(), bytes: bytes.to_vec() });
    }

    /// The newest transaction that the user may see: callers see no comments.
    pub fn tag(&self, ticket: u64) -> String {
        let newest = self.txns.iter().filter(|txn| txn.ticket == ticket).map(|txn| txn.id).max();
        format!("\"{}\"", newest.unwrap_or_default())
    }

    pub fn make(&mut self, queue: u64, who: u64, subject: &str) -> u64 {
        let id = 1 + self.tickets.keys().max().copied().unwrap_or_default();
        let now = self.now();
        let first = self.layout.queues.iter().find(|one| one.0 == queue).map_or("open", |one| one.2);
        let ticket = Ticket {
            id,
            queue,
            // A line break goes, and what is longer than 200 bytes, without a word.
            subject: cut(&subject.replace('\n', " ")),
            status: first.into(),
            owner: NOBODY,
            creator: who,
            callers: Vec::new(),
            group: None,
            priority: 0,
            sla: String::new(),
            fields: BTreeMap::new(),
            created: now,
            updated: now,
            updater: who,
            started: None,
            resolved: None,
            told: None,
            due: None,
            merged: None,
            approval: false,
        };
        self.tickets.insert(id, ticket);
        id
    }

    /// One step; a sentence in any case.
    pub fn status(&mut self, id: u64, who: u64, to: &str) -> String {
        let ticket = self.tickets[&id].clone();
        let to = to.to_lowercase();
        if ticket.status == to {
            return String::new();
        }
        let known = self
            .layout
            .steps
            .iter()
            .any(|(queue, from, next)| *queue == ticket.queue && (*from == to || next.contains(&to.as_str())));
        if !known && !ticket.approval && to != "deleted" {
            return format!("Ticket {id}: Status '{to}' isn't a valid status for this ticket.");
        }
        let allowed =
            self.layout.steps.iter().any(|(queue, from, next)| {
                *queue == ticket.queue && *from == ticket.status && next.contains(&to.as_str())
            });
        if !allowed && to != "deleted" && !ticket.approval {
            return format!("Ticket {id}: You can't change status from '{}' to '{to}'.", ticket.status);
        }
        let waits = self.links.iter().any(|(from, how, on)| {
            *from == id && *how == "DependsOn" && self.tickets.get(on).is_some_and(|other| !over(&other.status))
        });
        if over(&to) && waits && to != "deleted" {
            return format!("Ticket {id}: That ticket has unresolved dependencies");
        }
        self.txn(id, who, "Status", "Status", &ticket.status, &to);
        let now = self.now();
        let held = self.tickets.get_mut(&id).unwrap();
        held.status.clone_from(&to);
        held.resolved = over(&to).then_some(now);
        held.started = held.started.or(Some(now));
        format!("Ticket {id}: Status changed from '{}' to '{to}'", ticket.status)
    }

    pub fn own(&mut self, id: u64, who: u64, owner: u64) -> String {
        let old = self.tickets[&id].owner;
        if matches!(owner, RITA | NONE | READER) {
            return format!("Ticket {id}: That user may not own tickets in that queue");
        }
        if old == owner {
            return format!("Ticket {id}: That user already owns that ticket");
        }
        self.txn(id, who, "Set", "Owner", &old.to_string(), &owner.to_string());
        self.txn(id, SYSTEM, "SetWatcher", "Owner", &old.to_string(), &owner.to_string());
        self.tickets.get_mut(&id).unwrap().owner = owner;
        format!("Ticket {id}: Owner changed from {} to {}", login(old), login(owner))
    }

    /// Words to the customer, or among us.
    pub fn say(&mut self, id: u64, who: u64, public: bool, media: &str, words: &str) -> u64 {
        let txn = self.txn(id, who, if public { "Correspond" } else { "Comment" }, "", "", "");
        self.file(txn, "", media, words.as_bytes());
        let now = self.now();
        let ticket = self.tickets.get_mut(&id).unwrap();
        if public && !ticket.callers.contains(&who) {
            ticket.told = Some(now);
        }
        // A script of the site's: a reply opens what was new.
        if public && who != RITA && ticket.status == "new" {
            let queue = ticket.queue;
            let to = self.layout.steps.iter().find(|one| one.0 == queue && one.1 == "new").map(|one| one.2[0]);
            to.map(|to| self.status(id, SYSTEM, to));
        }
        txn
    }
}

pub fn cut(subject: &str) -> String {
    let mut end = subject.len().min(200);
    while !subject.is_char_boundary(end) {
        end -= 1;
    }
    subject[..end].to_owned()
}
