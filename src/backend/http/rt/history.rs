//! What happened to a ticket: its transactions and the words that came with them. Pure.

use std::collections::BTreeMap;

use super::facts::{NOBODY, Place, SYSTEM, Site};
use super::map::{self, KindOf};
use super::wire::Object;
use crate::backend::http::assemble::tracker_speaks;
use crate::backend::http::tracker::{Entry, Record};
use crate::backend::http::words::own_field;
use crate::domain::change::{Audience, Change, Handover, Link};
use crate::domain::field::{Field, Value};
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{State, Verb};
use crate::text::Clean;

/// The words of each transaction: its plain text, else its page. Files are no words.
pub fn words(attachments: &[Object]) -> BTreeMap<String, String> {
    let mut said: BTreeMap<String, (bool, String)> = BTreeMap::new();
    for one in attachments.iter().filter(|one| one.text("Filename").is_empty()) {
        let media = one.text("ContentType");
        let plain = media.starts_with("text/plain");
        if !plain && !media.starts_with("text/html") {
            continue;
        }
        let content = one.text("Content");
        let content = if plain { content } else { html(&content) };
        match said.get_mut(&one.text("TransactionId")) {
            Some((true, _)) if !plain => {}
            Some(held) if plain && !held.0 => *held = (true, content),
            Some((_, held)) => {
                held.push('\n');
                held.push_str(&content);
            }
            None => {
                said.insert(one.text("TransactionId"), (plain, content));
            }
        }
    }
    said.into_iter().map(|(id, (_, words))| (id, words)).collect()
}

/// Everything that happened, oldest first, and the words with which the ticket began.
pub fn entries(
    site: &Site,
    record: &Record,
    callers: &[String],
    transactions: &[Object],
    words: &BTreeMap<String, String>,
    kind_of: KindOf<'_>,
) -> (Vec<Entry>, Option<Clean>) {
    let mut ordered: Vec<&Object> = transactions.iter().collect();
    ordered.sort_by_key(|one| number(one));
    let mut begun = None;
    let mut all = Vec::new();
    for one in ordered {
        let Some(at) = one.time("Created") else { continue };
        let creator = one.reference("Creator");
        let text = words.get(&one.id()).map(|words| Clean::body(words.trim_end()));
        if one.text("Type") == "Create" {
            begun = text;
            continue;
        }
        let who = if creator == SYSTEM { tracker_speaks() } else { Name::new(&creator) };
        let step = Step { site, record, one, kind_of };
        let change = match one.text("Type").as_str() {
            "Comment" => text.map(|text| Change::Say { audience: Audience::Internal, text }),
            "Correspond" => text.map(|text| correspond(site, &creator, callers, text)),
            "Status" => step.status(),
            "Set" | "Take" | "Steal" | "Give" | "Untake" | "Force" => step.set(),
            "CustomField" => step.custom(),
            "AddWatcher" | "DelWatcher" => step.watcher(),
            "AddLink" | "DeleteLink" => step.link(),
            _ => None,
        };
        all.extend(change.map(|change| Entry { act: Name::new(&format!("rt {}", one.id())), at, who, change }));
    }
    (all, begun)
}

/// Where a transaction stands; the newest one's number is a ticket's entity tag.
pub fn number(one: &Object) -> u64 {
    one.id().parse().unwrap_or_default()
}

/// Whoever asked for it speaks as a caller, unless it is me who answers myself.
fn correspond(site: &Site, creator: &str, callers: &[String], text: Clean) -> Change {
    let asked = callers.iter().any(|caller| caller == creator) && *site.facts.me != *creator;
    if asked {
        return Change::Heard { from: Name::new(creator), text };
    }
    Change::Say { audience: Audience::Public, text }
}

/// One transaction that changed something.
struct Step<'s> {
    site: &'s Site,
    record: &'s Record,
    one: &'s Object,
    kind_of: KindOf<'s>,
}

impl Step<'_> {
    fn status(&self) -> Option<Change> {
        let (old, new) = (self.one.text("OldValue"), self.one.text("NewValue"));
        let mapping = &self.site.setup.mapping;
        let kind = self.record.kind;
        // A state of before the ticket changed its queue, or one that nobody mapped.
        let read = |native: &str| mapping.state(kind, native).unwrap_or(State::InProgress);
        let steps = mapping.kind(kind).into_iter().flat_map(|map| &map.steps);
        let verb = steps.filter(|step| step.to.eq_ignore_ascii_case(&new));
        let verb =
            verb.filter(|step| step.from.iter().any(|from| from.eq_ignore_ascii_case(&old))).map(|step| step.verb);
        let verb = verb.into_iter().next().unwrap_or(Verb::Record);
        let (from, to) = (read(&old), read(&new));
        (from != to).then_some(Change::Move { verb, from, to })
    }

    fn set(&self) -> Option<Change> {
        let field = self.one.text("Field");
        if field == "Owner" {
            let by = self.site.person(&self.one.text("NewValue"))?.clone();
            return Some(Change::Handover { step: Handover::Accept { by } });
        }
        let core = |place: &Place| matches!(place, Place::Core(key) if *key == field);
        self.change(&self.mapped(core)?)
    }

    fn custom(&self) -> Option<Change> {
        let name = &self.site.facts.fields.get(&self.one.text("Field"))?.name;
        let custom = |place: &Place| matches!(place, Place::Custom(held) if held.eq_ignore_ascii_case(name));
        let field = self.mapped(custom).unwrap_or_else(|| own_field(name));
        self.change(&field)
    }

    /// A group that came to a role; that another one went is said by its coming.
    fn watcher(&self) -> Option<Change> {
        let key = self.one.text("Field");
        let role = key.strip_prefix("RT::CustomRole-").and_then(|id| self.site.facts.roles.get(id))?;
        let held = |place: &Place| matches!(place, Place::Role(name) if name.eq_ignore_ascii_case(role));
        let field = self.mapped(held)?;
        let name = |key: &str| {
            let id = self.one.text(key);
            let facts = &self.site.facts;
            facts.groups.get(&id).or_else(|| self.site.person(&id)).map(|name| Value::Name(name.clone()))
        };
        let to = name("NewValue")?;
        Some(Change::Set { field, from: name("OldValue"), to: Some(to) })
    }

    fn link(&self) -> Option<Change> {
        let added = self.one.text("Type") == "AddLink";
        let uri = self.one.text(if added { "NewValue" } else { "OldValue" });
        let (_, id) = uri.strip_prefix("fsck.com-rt://")?.rsplit_once("/ticket/")?;
        let rel = match self.one.text("Field").as_str() {
            "RefersTo" => "refers-to",
            "ReferredToBy" => "referred-to-by",
            "DependsOn" => "depends-on",
            "DependedOnBy" => "depended-on-by",
            "MemberOf" => "parent",
            "HasMember" => "child",
            _ => return None,
        };
        let link = Link { how: map::how(self.record.kind, rel, (self.kind_of)(id))?, other: TicketId::new(id) };
        Some(if added { Change::Link { link } } else { Change::Unlink { link } })
    }

    fn mapped(&self, fits: impl Fn(&Place) -> bool) -> Option<Field> {
        let fields = self.site.setup.mapping.fields_of(self.record.kind).into_keys();
        fields.into_iter().find(|field| fits(&self.site.place(self.record.kind, field))).cloned()
    }

    fn change(&self, field: &Field) -> Option<Change> {
        let value = |key: &str| {
            let words = self.one.text(key);
            match field {
                Field::PriorityOverride => {
                    map::priority(self.site, self.record.kind, &words).map(|level| Value::Number(level.into()))
                }
                _ => map::value(self.site, self.record.kind, field, &words),
            }
        };
        let (from, to) = (value("OldValue"), value("NewValue"));
        (from != to).then(|| Change::Set { field: field.clone(), from, to })
    }
}

/// Log-ins of those who asked for it.
pub fn callers(ticket: &Object) -> Vec<String> {
    ticket.members("Requestor").iter().map(Object::id).filter(|login| login != NOBODY).collect()
}

/// A page as plain text.
fn html(page: &str) -> String {
    crate::text::from_html(page).as_str().to_owned()
}
