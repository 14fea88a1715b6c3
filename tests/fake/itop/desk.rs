//! What a fake iTop holds, and its data model: objects as text, a table of stimuli for each class.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// One object.
#[derive(Debug, Clone, Default)]
pub struct Object {
    pub class: String,
    pub key: u64,
    pub fields: BTreeMap<String, String>,
    pub logs: BTreeMap<String, Vec<Entry>>,
}

/// One entry of a log.
#[derive(Debug, Clone)]
pub struct Entry {
    pub date: String,
    pub user: String,
    pub message: String,
}

/// How an attribute is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    Text,
    Html,
    Time,
    /// Integers, unlike the other numbers.
    Number,
    Key(&'static str),
    Choice(&'static [&'static str]),
    Log,
    Links,
    /// Cannot be written.
    Derived,
}

/// One row of a life cycle.
#[derive(Debug, Clone)]
pub struct Row {
    pub from: String,
    pub stimulus: &'static str,
    pub to: String,
    pub wants: &'static [&'static str],
}

/// A person with an account.
#[derive(Debug, Clone)]
pub struct Account {
    pub login: &'static str,
    pub password: &'static str,
    pub contact: u64,
    pub rights: Rights,
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    Agent,
    Reader,
    /// Sees no organisation.
    Nothing,
    /// Without the profile for web services.
    NoRest,
    Portal,
}

/// The tracker.
#[derive(Debug)]
pub struct Desk {
    pub zone: TimeZone,
    pub objects: Vec<Object>,
    pub accounts: Vec<Account>,
    pub classes: BTreeMap<&'static str, Class>,
    /// Ahead of the real time, so that colleagues act in seconds of their own.
    pub ahead: SignedDuration,
    /// Log entries that another writer overwrites although the answer shows them.
    pub lose: usize,
    /// A model that refuses steps without a word.
    pub silent: bool,
    pub maintenance: bool,
    pub read_only: bool,
    /// Classes that nobody may read.
    pub closed_classes: Vec<&'static str>,
    /// PHP's post_max_size: what is longer comes in as if nothing had been sent.
    pub post_max: usize,
    /// The front server sets REMOTE_USER.
    pub remote_user: bool,
    /// What an adapter must not do: seen anyway.
    pub faults: Vec<String>,
    /// What it refused, and why.
    pub refused: Vec<String>,
    pub counter: u64,
    pub loads: u64,
}

/// A class.
#[derive(Debug, Clone, Default)]
pub struct Class {
    pub parent: Option<&'static str>,
    pub is_abstract: bool,
    pub attributes: BTreeMap<String, Sort>,
    pub rows: Vec<Row>,
    pub letter: &'static str,
}

impl Desk {
    pub fn now(&self) -> String {
        self.local(Timestamp::now() + self.ahead)
    }

    pub fn local(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    pub fn is_a(&self, class: &str, wanted: &str) -> bool {
        class == wanted
            || self.classes.get(class).and_then(|c| c.parent).is_some_and(|parent| self.is_a(parent, wanted))
    }

    /// The sort of an attribute of the class that was NAMED.
    pub fn sort(&self, class: &str, attribute: &str) -> Option<Sort> {
        if matches!(attribute, "id" | "finalclass" | "friendlyname" | "obsolescence_flag") {
            return Some(Sort::Derived);
        }
        if let Some(own) = self.own(class, attribute) {
            return Some(own);
        }
        if let Some(key) = attribute.strip_suffix("_friendlyname").or(attribute.strip_suffix("_name")) {
            let key = if key.ends_with("_id") { key.to_owned() } else { format!("{key}_id") };
            return matches!(self.sort(class, &key), Some(Sort::Key(_))).then_some(Sort::Derived);
        }
        None
    }

    fn own(&self, class: &str, attribute: &str) -> Option<Sort> {
        let class = self.classes.get(class)?;
        class.attributes.get(attribute).cloned().or_else(|| self.own(class.parent?, attribute))
    }

    pub fn find(&self, class: &str, key: u64) -> Option<&Object> {
        self.objects.iter().find(|object| object.key == key && self.is_a(&object.class, class))
    }

    pub fn find_mut(&mut self, class: &str, key: u64) -> Option<&mut Object> {
        let at = self.objects.iter().position(|object| object.key == key && self.is_a(&object.class, class))?;
        self.objects.get_mut(at)
    }

    pub fn by_ref(&self, reference: &str) -> Option<&Object> {
        self.objects.iter().rev().find(|object| object.text("ref") == reference)
    }

    pub fn named(&self, class: &str, key: &str) -> String {
        let key = key.parse().unwrap_or(0);
        self.find(class, key).map(|object| self.friendly(object)).unwrap_or_default()
    }

    pub fn friendly(&self, object: &Object) -> String {
        if object.class == "Person" {
            return format!("{} {}", object.text("first_name"), object.text("name"));
        }
        let name = if self.is_a(&object.class, "Ticket") { "ref" } else { "name" };
        object.text(name).to_owned()
    }

    /// The stored value, as queries compare it.
    pub fn stored(&self, object: &Object, attribute: &str) -> Result<String, String> {
        Ok(match attribute {
            "id" => object.key.to_string(),
            "finalclass" => object.class.clone(),
            "friendlyname" => self.friendly(object),
            _ => match self.sort(&object.class, attribute) {
                Some(Sort::Derived) if attribute.ends_with("_friendlyname") => {
                    let code = attribute.trim_end_matches("_friendlyname");
                    let Some(Sort::Key(class)) = self.sort(&object.class, code) else { return Err(unknown(attribute)) };
                    self.named(class, object.text(code))
                }
                // The stored flag of a clock is a number that only the timer sets.
                Some(_) if attribute.starts_with("sla_") => "0".into(),
                Some(Sort::Key(_)) if object.text(attribute).is_empty() => "0".into(),
                Some(_) => object.text(attribute).to_owned(),
                None => return Err(unknown(attribute)),
            },
        })
    }

    /// A value as JSON has it.
    pub fn shown(&self, object: &Object, attribute: &str) -> Value {
        if attribute == "obsolescence_flag" {
            return json!(object.text("obsolete") == "yes");
        }
        if attribute == "contents" {
            return json!({
                "data": object.text("data"), "mimetype": object.text("mimetype"),
                "filename": object.text("filename"), "downloads_count": 0,
            });
        }
        match self.sort(&object.class, attribute) {
            Some(Sort::Log) => {
                let entry = |entry: &Entry| {
                    json!({
                        "date": entry.date, "user_login": entry.user, "user_id": "2", "message": entry.message,
                        "message_html": entry.message.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br/>"),
                    })
                };
                let entries: Vec<Value> = object.logs.get(attribute).into_iter().flatten().map(entry).collect();
                json!({ "entries": entries })
            }
            Some(Sort::Links) => Value::Array(self.links(object)),
            Some(Sort::Number) => json!(object.text(attribute).parse::<i64>().unwrap_or(0)),
            Some(Sort::Key(_)) => json!(if object.text(attribute).is_empty() { "0" } else { object.text(attribute) }),
            Some(Sort::Derived) => json!(self.stored(object, attribute).unwrap_or_default()),
            _ if attribute.starts_with("sla_") => {
                let deadline = object.text(&attribute.replace("sla_", "").replace("_passed", "_escalation_deadline"));
                json!(if !deadline.is_empty() && *deadline < *self.now() { "yes" } else { "no" })
            }
            _ => json!(object.text(attribute)),
        }
    }

    fn links(&self, ticket: &Object) -> Vec<Value> {
        let links = self
            .objects
            .iter()
            .filter(|link| link.class == "lnkFunctionalCIToTicket" && link.text("ticket_id") == ticket.key.to_string());
        links
            .map(|link| {
                let name = self.named("FunctionalCI", link.text("functionalci_id"));
                json!({
                    "functionalci_id": link.text("functionalci_id"), "functionalci_name": name,
                    "impact_code": link.text("impact_code"), "functionalci_id_friendlyname": name,
                })
            })
            .collect()
    }

    /// Whether a reference was given twice does not matter to it; the counter goes on with failed attempts, too.
    pub fn next_ref(&mut self, class: &str) -> String {
        self.counter += 1;
        let letter = self.classes.get(class).map_or("X", |class| class.letter);
        format!("{letter}-{:06}", self.counter)
    }

    pub fn next_key(&self, root: &str) -> u64 {
        let held = self.objects.iter().filter(|object| self.is_a(&object.class, root)).map(|object| object.key);
        held.max().unwrap_or(0) + 1
    }

    pub fn root(&self, class: &str) -> String {
        match self.classes.get(class).and_then(|class| class.parent) {
            Some(parent) => self.root(parent),
            None => class.to_owned(),
        }
    }

    pub fn rows(&self, class: &str) -> &[Row] {
        self.classes.get(class).map_or(&[], |class| class.rows.as_slice())
    }

    /// Priority out of impact and urgency.
    pub fn compute(&self, object: &mut Object) {
        const BY_IMPACT: [[u8; 4]; 3] = [[1, 1, 2, 4], [1, 2, 3, 4], [2, 3, 3, 4]];
        let level = |code: &str| object.text(code).parse::<usize>().ok()?.checked_sub(1);
        let row = level("impact").and_then(|impact| BY_IMPACT.get(impact));
        if let Some(priority) = row.zip(level("urgency")).and_then(|(row, urgency)| row.get(urgency)) {
            object.set("priority", &priority.to_string());
        }
        let over = match object.text("status") {
            "closed" | "rejected" => "closed",
            "resolved" => "resolved",
            _ => "ongoing",
        };
        if self.is_a(&object.class, "Ticket") && object.text("operational_override").is_empty() {
            object.set("operational_status", over);
        }
    }
}

impl Object {
    pub fn text(&self, attribute: &str) -> &str {
        self.fields.get(attribute).map(String::as_str).unwrap_or_default()
    }

    pub fn set(&mut self, attribute: &str, value: &str) {
        self.fields.insert(attribute.to_owned(), value.to_owned());
    }
}

fn unknown(attribute: &str) -> String {
    format!("Query failed to execute: unknown attribute {attribute}")
}
