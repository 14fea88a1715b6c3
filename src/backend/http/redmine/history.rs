//! Journals as history: each entry of Redmine is one act of several changes.

use super::site::named;
use super::view::View;
use super::wire::{Detail, Issue, Journal, Relation, plain};
use crate::backend::http::tracker::Entry;
use crate::backend::http::words::{own_field, same};
use crate::domain::change::{Audience, Change, Handover, Link, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::Verb;
use crate::text::Clean;

impl View<'_> {
    /// What happened, oldest first.
    pub fn history(&self, kind: Kind, issue: &Issue, journals: &[Journal]) -> Vec<Entry> {
        let mut journals: Vec<&Journal> = journals.iter().collect();
        journals.sort_by_key(|journal| (journal.created_on, journal.id));
        let mut entries = Vec::new();
        for journal in journals {
            let who = journal.user.clone().unwrap_or_default();
            let name = self.learned.people.called(&who);
            let mut changes: Vec<Change> =
                journal.details.iter().filter_map(|detail| self.change(kind, issue, detail)).collect();
            changes.extend(self.words(kind, issue, journal, who.id, &name));
            let act = Name::new(&format!("journal {}", journal.id));
            let entry = |change| Entry { act: act.clone(), at: journal.created_on, who: name.clone(), change };
            entries.extend(changes.into_iter().map(entry));
        }
        entries
    }

    fn words(&self, kind: Kind, issue: &Issue, journal: &Journal, who: u64, name: &Name) -> Option<Change> {
        let text = Clean::body(&journal.notes);
        if text.trim().is_empty() {
            return None;
        }
        if !journal.private_notes && self.is_caller(kind, issue, who, name) {
            return Some(Change::Heard { from: name.clone(), text });
        }
        let audience = if journal.private_notes { Audience::Internal } else { Audience::Public };
        Some(Change::Say { audience, text })
    }

    /// Whether that person is the one for whom the issue is; what I say myself I said.
    fn is_caller(&self, kind: Kind, issue: &Issue, who: u64, name: &Name) -> bool {
        if self.learned.people.is_me(who) {
            return false;
        }
        let caller = self.mapping.field(kind, &Field::Caller).map(|native| self.raw(issue, native));
        match caller.filter(|caller| !caller.is_empty()) {
            Some(caller) => {
                let login = caller.parse().ok().and_then(|id| self.learned.people.login(id));
                login.is_some_and(|login| login == name) || caller == name.as_str() || caller == self.full_name(who)
            }
            None => issue.author.as_ref().is_some_and(|author| author.id == who) && !self.learned.people.is_staff(who),
        }
    }

    fn full_name(&self, who: u64) -> String {
        self.learned.people.full_name(who).map(Name::to_string).unwrap_or_default()
    }

    fn change(&self, kind: Kind, issue: &Issue, detail: &Detail) -> Option<Change> {
        let (old, new) = (plain(&detail.old_value), plain(&detail.new_value));
        match (detail.property.as_str(), detail.name.as_str()) {
            ("attr", "status_id") => self.step(kind, &old, &new),
            ("attr", "assigned_to_id") => self.assigned(&old, &new),
            ("attr", "priority_id") => {
                let rank = |id: &str| self.site.priority(id.parse().ok()?).and_then(|name| self.rank(kind, name));
                let value = |id: &str| rank(id).map(|rank| Value::Number(rank.into()));
                set(Field::PriorityOverride, value(&old), value(&new))
            }
            ("attr", "parent_id") => related(LinkKind::ChildOf, &old, &new),
            ("attr", "child_id") => related(LinkKind::ParentOf, &old, &new),
            ("attr", attribute) => {
                let native = attribute.trim_end_matches("_id");
                self.set(kind, native, &self.spelt(issue, native, &old), &self.spelt(issue, native, &new))
            }
            ("cf", id) => {
                let native = format!("cf:{}", self.custom_name(issue, id.parse().ok()?)?);
                self.set(kind, &native, &old, &new)
            }
            ("relation", sort) => {
                let other = |id: &str| id.parse::<u64>().ok();
                let (id, to) = (0, other(&new).or_else(|| other(&old))?);
                let relation = Relation { id, issue_id: issue.id, issue_to_id: to, relation_type: sort.to_owned() };
                related(self.how(kind, &relation, issue.id), &old, &new)
            }
            ("attachment", _) => set(Field::Custom("x.attachment".into()), some(&old), some(&new)),
            _ => None,
        }
    }

    fn step(&self, kind: Kind, old: &str, new: &str) -> Option<Change> {
        let name = |id: &str| self.site.status(id.parse().ok()?);
        let (from, to) = (name(old)?, name(new)?);
        let state = |native: &str| self.mapping.state(kind, native);
        let steps = self.mapping.kind(kind)?.steps.iter();
        let verb = steps
            .filter(|step| same(&step.to, to) && step.from.iter().any(|one| same(one, from)))
            .map(|step| step.verb)
            .next();
        Some(Change::Move { verb: verb.unwrap_or(Verb::Record), from: state(from)?, to: state(to)? })
    }

    fn assigned(&self, old: &str, new: &str) -> Option<Change> {
        let people = &self.learned.people;
        let group = |id: &str| id.parse().ok().and_then(|id| people.group(id)).cloned();
        let person = |id: &str| id.parse().ok().and_then(|id| people.login(id)).cloned();
        if let Some(by) = person(new) {
            return Some(Change::Handover { step: Handover::Accept { by } });
        }
        let (from, to) = (group(old), group(new));
        if from.is_some() || to.is_some() {
            return set(Field::Group, from.map(Value::Name), to.map(Value::Name));
        }
        set(Field::Custom("x.assignee".into()), person(old).map(Value::Name), None)
    }

    fn set(&self, kind: Kind, native: &str, old: &str, new: &str) -> Option<Change> {
        let mapped = self.mapping.fields_of(kind);
        let field = mapped.iter().find(|(_, held)| same(held, native)).map(|(field, _)| (*field).clone());
        let field = field.unwrap_or_else(|| own_field(native.strip_prefix("cf:").unwrap_or(native)));
        let value = |raw: &str| self.ours(kind, &field, native, raw);
        let (from, to) = (value(old), value(new));
        set(field, from, to)
    }

    /// A number in a journal in words.
    fn spelt(&self, issue: &Issue, native: &str, raw: &str) -> String {
        let id = raw.parse().unwrap_or(0);
        let known = match native {
            "category" => self.site.category(issue.project.id, id).map(str::to_owned),
            "tracker" => named(&self.site.trackers, id).map(str::to_owned),
            "project" => self.site.project(id).map(|project| project.name.clone()),
            _ => None,
        };
        known.unwrap_or_else(|| raw.to_owned())
    }

    fn custom_name(&self, issue: &Issue, id: u64) -> Option<String> {
        let here = issue.custom_fields.iter().find(|field| field.id == id).map(|field| field.name.clone());
        let learned = || {
            let fields = self.learned.fields.values().flatten();
            fields.filter(|(_, field)| field.id == id).map(|(name, _)| name.clone()).next()
        };
        here.or_else(learned)
    }
}

fn some(words: &str) -> Option<Value> {
    (!words.is_empty()).then(|| Value::name(words))
}

fn set(field: Field, from: Option<Value>, to: Option<Value>) -> Option<Change> {
    (from.is_some() || to.is_some()).then_some(Change::Set { field, from, to })
}

fn related(how: LinkKind, old: &str, new: &str) -> Option<Change> {
    let link = |id: &str| Link { how, other: TicketId::new(id) };
    match (old.is_empty(), new.is_empty()) {
        (_, false) => Some(Change::Link { link: link(new) }),
        (false, true) => Some(Change::Unlink { link: link(old) }),
        (true, true) => None,
    }
}
