//! What a Jira holds: people, fields, types with their workflows, issues with their words, changes, files and approvals.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

pub const PASSWORD: &str = "jira-pass-word";
pub const ZONE: &str = "Europe/Berlin";
pub const PROJECT: &str = "SD";
/// The service desk's own number, which is not the project's.
pub const DESK: &str = "4";

/// Everything that there is.
#[derive(Debug, Clone)]
pub struct World {
    pub cloud: bool,
    pub users: Vec<User>,
    pub fields: Vec<Field>,
    pub types: Vec<Type>,
    /// `(id, name, category)`
    pub statuses: Vec<(String, String, &'static str)>,
    /// `(id, name, inward, outward)`
    pub link_types: Vec<(String, String, String, String)>,
    /// `(id, name, id of the issue type)`
    pub request_types: Vec<(String, String, String)>,
    pub issues: Vec<Issue>,
    pub links: Vec<Link>,
    pub files: Vec<File>,
    /// Title and words.
    pub articles: Vec<(String, String)>,
    pub tricks: Tricks,
    /// Where it says that it is, and where its files are fetched from.
    pub base: String,
    pub media: String,
    next: u64,
    last: Timestamp,
}

/// What a test can ask of it.
#[derive(Debug, Clone, Default)]
pub struct Tricks {
    /// Rows of a page, however many are asked for; 0 where there is no end.
    pub cap: usize,
    /// The same for lists of what a new issue may be and hold.
    pub listed: usize,
    /// Letters of a text; 0 where there is no end.
    pub longest: usize,
    /// Searches do not know what is written from now on, until [`World::reindex`].
    pub lag: bool,
    /// So many edits collide.
    pub collide: usize,
    /// What a validator says that no screen tells of, by the name of the status that a step leads to.
    pub validator: Option<(String, String)>,
    /// Tokens of pages are too old.
    pub stale_tokens: bool,
    /// Comments lose their properties on the way.
    pub deaf: bool,
    /// `expand` of an issue gives transitions without their screens.
    pub plain_expand: bool,
    /// Fields whose edits are taken and not stored.
    pub drops: Vec<String>,
    /// Answers hold nothing that Atlassian's description of the interface leaves out.
    pub documented: bool,
    /// Nobody may sign in without a CAPTCHA.
    pub captcha: bool,
}

#[derive(Debug, Clone)]
pub struct User {
    pub login: String,
    pub name: String,
    pub mail: String,
    pub token: String,
    pub right: Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    Agent,
    Reader,
    Customer,
    Nobody,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Line,
    /// A document on Cloud, wiki words on Data Center.
    Text,
    /// One of its choices.
    Option,
    Options,
    /// A choice that goes by `name`: a priority, a resolution.
    Named,
    User,
    Instant,
    Labels,
    Request,
    Sla,
    /// Made up when it is shown.
    Own,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub id: String,
    pub name: String,
    /// What it is called in English, where its name is another.
    pub english: Option<String>,
    pub sort: Sort,
    /// `schema.type` and, for custom fields, `schema.custom`.
    pub kind: &'static str,
    pub custom: Option<&'static str>,
    /// `(id, name)`
    pub choices: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct Type {
    pub id: String,
    pub name: String,
    /// Fields of a new issue and of the edit screen.
    pub shown: Vec<String>,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone)]
pub struct Step {
    pub id: String,
    pub name: String,
    /// Numbers of statuses.
    pub from: Vec<String>,
    pub to: String,
    /// Fields of its screen, and whether it will not go without.
    pub screen: Vec<(String, bool)>,
    /// What answers to an approval do; nobody takes it by hand while one waits.
    pub answer: Option<bool>,
}

#[derive(Debug, Clone)]
pub struct Issue {
    pub number: u64,
    pub key: String,
    /// Keys that it had before it was moved.
    pub before: Vec<String>,
    pub sort: String,
    pub status: String,
    pub fields: Map<String, Json>,
    pub creator: String,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub done: Option<Timestamp>,
    pub comments: Vec<Comment>,
    pub log: Vec<Entry>,
    pub approvals: Vec<Approval>,
    /// What searches see of it while they lag behind: what it was, or nothing at all.
    pub stale: Option<Option<Box<Issue>>>,
}

#[derive(Debug, Clone)]
pub struct Comment {
    pub id: u64,
    pub by: String,
    pub at: Timestamp,
    /// A document on Cloud, words on Data Center.
    pub body: Json,
    pub public: bool,
}

#[derive(Debug, Clone)]
pub struct Entry {
    pub id: u64,
    pub by: String,
    pub at: Timestamp,
    pub items: Vec<Json>,
}

#[derive(Debug, Clone)]
pub struct Approval {
    pub id: u64,
    pub by: Vec<String>,
    pub decision: Option<bool>,
}

#[derive(Debug, Clone)]
pub struct Link {
    pub id: u64,
    pub sort: String,
    /// Who is the subject of the outward phrase: what is sent as `inwardIssue`.
    pub subject: u64,
    pub object: u64,
}

#[derive(Debug, Clone)]
pub struct File {
    pub id: u64,
    /// None while it is only held for a request.
    pub issue: Option<u64>,
    pub name: String,
    pub media: String,
    pub bytes: Vec<u8>,
    pub by: String,
    pub at: Timestamp,
}

impl World {
    pub fn empty(cloud: bool) -> Self {
        Self {
            cloud,
            users: Vec::new(),
            fields: Vec::new(),
            types: Vec::new(),
            statuses: Vec::new(),
            link_types: Vec::new(),
            request_types: Vec::new(),
            issues: Vec::new(),
            links: Vec::new(),
            files: Vec::new(),
            articles: Vec::new(),
            tricks: Tricks::default(),
            base: String::new(),
            media: String::new(),
            next: 10_000,
            last: Timestamp::UNIX_EPOCH,
        }
    }

    /// A number that nothing has.
    pub fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Now, in whole milliseconds, and never the same twice.
    pub fn now(&mut self) -> Timestamp {
        let now = Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap();
        let after = Timestamp::from_millisecond(self.last.as_millisecond() + 1).unwrap();
        self.last = now.max(after);
        self.last
    }

    pub fn user(&self, login: &str) -> Option<&User> {
        self.users.iter().find(|user| user.login == login)
    }

    /// The account on Cloud, the log-in on Data Center.
    pub fn account(&self, login: &str) -> String {
        if self.cloud { format!("5b10-{login}-{}", login.len()) } else { login.to_owned() }
    }

    pub fn by_account(&self, account: &str) -> Option<&User> {
        self.users.iter().find(|user| self.account(&user.login) == account)
    }

    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    pub fn field_named(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    pub fn sort(&self, id: &str) -> &Type {
        self.types.iter().find(|one| one.id == id).unwrap()
    }

    pub fn status(&self, id: &str) -> &(String, String, &'static str) {
        self.statuses.iter().find(|one| one.0 == id).unwrap()
    }

    pub fn status_named(&self, name: &str) -> &(String, String, &'static str) {
        self.statuses.iter().find(|one| one.1 == name).unwrap_or_else(|| panic!("no status {name}"))
    }

    /// By key, by a key of before, or by number.
    pub fn issue(&self, key: &str) -> Option<&Issue> {
        let number = key.parse().unwrap_or(0);
        self.issues.iter().find(|one| one.key == key || one.number == number || one.before.iter().any(|old| old == key))
    }

    pub fn issue_mut(&mut self, key: &str) -> Option<&mut Issue> {
        let number = self.issue(key)?.number;
        self.issues.iter_mut().find(|one| one.number == number)
    }

    pub fn titled(&self, title: &str) -> Vec<&Issue> {
        self.issues.iter().filter(|one| one.fields.get("summary").is_some_and(|held| held == title)).collect()
    }

    /// Notes that it is about to be changed; returns when.
    pub fn touch(&mut self, number: u64) -> Timestamp {
        let (now, lag) = (self.now(), self.tricks.lag);
        if let Some(issue) = self.issues.iter_mut().find(|one| one.number == number) {
            if lag && issue.stale.is_none() {
                issue.stale = Some(Some(Box::new(issue.clone())));
            }
            issue.updated = now;
        }
        now
    }

    /// Somebody moves it to another project, or back: another key, the same number; the old key leads to it.
    pub fn rename(&mut self, key: &str, to: &str) {
        let number = self.issue(key).unwrap().number;
        let (id, at) = (self.fresh(), self.touch(number));
        let item = serde_json::json!({ "field": "Key", "fieldtype": "jira", "from": null, "fromString": key, "to": null, "toString": to });
        let issue = self.issue_mut(key).unwrap();
        issue.before.push(key.to_owned());
        issue.key = to.to_owned();
        issue.log.push(Entry { id, by: "fay.field".into(), at, items: vec![item] });
    }

    pub fn reindex(&mut self) {
        self.issues.iter_mut().for_each(|issue| issue.stale = None);
    }

    /// Words as this product stores a rich text.
    pub fn rich(&self, words: &str) -> Json {
        if self.cloud { document(words) } else { words.into() }
    }

    /// A new issue, as it stands before anybody does something with it.
    pub fn put(&mut self, sort: &str, fields: Map<String, Json>, creator: &str) -> u64 {
        let (number, now) = (self.fresh(), self.now());
        let last = self.issues.iter().filter_map(|one| one.key.rsplit_once('-')?.1.parse::<u64>().ok()).max();
        let first = self.sort(sort).steps[0].from[0].clone();
        let stale = self.tricks.lag.then_some(None);
        self.issues.push(Issue {
            number,
            key: format!("{PROJECT}-{}", last.unwrap_or(0) + 1),
            before: Vec::new(),
            sort: sort.to_owned(),
            status: first,
            fields,
            creator: creator.to_owned(),
            created: now,
            updated: now,
            done: None,
            comments: Vec::new(),
            log: Vec::new(),
            approvals: Vec::new(),
            stale,
        });
        number
    }

    pub fn say(&mut self, number: u64, by: &str, body: Json, public: bool) -> u64 {
        let (id, at) = (self.fresh(), self.touch(number));
        let comment = Comment { id, by: by.to_owned(), at, body, public };
        if let Some(issue) = self.issues.iter_mut().find(|one| one.number == number) {
            issue.comments.push(comment);
        }
        id
    }

    pub fn zone(&self) -> TimeZone {
        TimeZone::get(ZONE).unwrap()
    }

    /// `2026-06-02T10:00:00.123+0200`
    pub fn stamp(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%z").to_string()
    }

    pub fn clocks(&self, issue: &Issue) -> BTreeMap<&'static str, Json> {
        let goal = 8 * 3_600_000_i64;
        let now = Timestamp::now().as_millisecond();
        let (begin, due) = (issue.created.as_millisecond(), issue.created.as_millisecond() + goal);
        let span = |millis: i64| json!({ "millis": millis, "friendly": "4h 240m" });
        let moment = |millis: i64| {
            let at = Timestamp::from_millisecond(millis).unwrap();
            json!({ "iso8601": self.stamp(at), "jira": self.stamp(at), "friendly": "Heute", "epochMillis": millis })
        };
        let one = |end: Option<i64>, paused: bool| {
            let until = end.unwrap_or(now);
            let mut cycle = json!({ "startTime": moment(begin), "breachTime": moment(due), "breached": until > due,
                "goalDuration": span(goal), "elapsedTime": span(until - begin), "remainingTime": span(due - until) });
            match end {
                Some(end) => {
                    cycle["stopTime"] = moment(end);
                    json!({ "completedCycles": [cycle] })
                }
                None => {
                    cycle["paused"] = paused.into();
                    cycle["withinCalendarHours"] = true.into();
                    json!({ "completedCycles": [], "ongoingCycle": cycle })
                }
            }
        };
        let waits = self.status(&issue.status).1.contains("Pending");
        let answered = issue.comments.iter().find(|said| said.public && said.by != issue.creator);
        let mut all = BTreeMap::from([
            ("Time to first response", one(answered.map(|said| said.at.as_millisecond()), false)),
            ("Time to resolution", one(issue.done.map(Timestamp::as_millisecond), waits)),
        ]);
        for (number, (name, sla)) in (1..).zip(all.iter_mut()) {
            sla["id"] = number.to_string().into();
            sla["name"] = (*name).into();
            sla["slaDisplayFormat"] = "NEW_SLA_FORMAT".into();
            sla["_links"] =
                json!({ "self": format!("{}/rest/servicedeskapi/request/{}/sla/{number}", self.base, issue.number) });
        }
        all
    }
}

/// A document of these words: a paragraph for each line.
pub fn document(words: &str) -> Json {
    let line = |line: &str| match line {
        "" => json!({ "type": "paragraph", "content": [] }),
        line => json!({ "type": "paragraph", "content": [{ "type": "text", "text": line }] }),
    };
    json!({ "type": "doc", "version": 1, "content": words.split('\n').map(line).collect::<Vec<_>>() })
}

/// What stands in a rich text of either sort.
pub fn words(stored: &Json) -> String {
    fn leaves(node: &Json) -> String {
        match (node["type"].as_str(), node["text"].as_str()) {
            (Some("text"), Some(text)) => text.to_owned(),
            (Some("hardBreak"), _) => "\n".to_owned(),
            _ => node["content"].as_array().into_iter().flatten().map(leaves).collect(),
        }
    }
    match stored {
        Json::String(text) => text.clone(),
        other => other["content"].as_array().into_iter().flatten().map(leaves).collect::<Vec<_>>().join("\n"),
    }
}

/// What wiki words become where documents are kept: some of what looks like markup is gone afterwards.
pub fn from_wiki(text: &str) -> Json {
    let plain = text.replace("{{", "").replace("}}", "").replace("&amp;", "&").replace('*', "");
    document(&plain)
}
