//! The changelog and the comments as history: each entry of Jira is one act of several changes.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::view::View;
use super::wire::{Comment, Issue, Item, User, instant, plain};
use crate::backend::http::tracker::Entry;
use crate::backend::http::words::{own_field, same};
use crate::domain::change::{Audience, Change, Handover};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::state::Verb;
use crate::text::Clean;

impl View<'_> {
    /// What happened, oldest first.
    pub fn history(&self, kind: Kind, issue: &Issue, comments: &[Comment]) -> Vec<Entry> {
        let mut all: Vec<Entry> = Vec::new();
        for act in issue.changelog.iter().flat_map(|log| &log.histories) {
            let Some(at) = instant(&act.created) else { continue };
            let who = self.who(act.author.as_ref());
            let entry = |change| Entry { act: Name::new(&format!("change {}", act.id)), at, who: who.clone(), change };
            all.extend(act.items.iter().filter_map(|item| self.change(kind, item)).map(entry));
        }
        for said in comments {
            let Some(at) = instant(&said.created) else { continue };
            all.extend(self.said(issue, said, at));
        }
        all.sort_by_key(|entry| entry.at);
        all
    }

    fn who(&self, user: Option<&User>) -> Name {
        user.map_or_else(crate::backend::http::assemble::tracker_speaks, |user| self.people.called(user))
    }

    fn said(&self, issue: &Issue, said: &Comment, at: Timestamp) -> Option<Entry> {
        let text = Clean::body(&plain(&said.body));
        if text.trim().is_empty() {
            return None;
        }
        let who = self.who(said.author.as_ref());
        let author = said.author.clone().unwrap_or_default();
        let mine = author.number() == self.site.me.number();
        let caller = issue.user("reporter").is_some_and(|reporter| reporter.number() == author.number());
        let heard =
            author.account_type.as_deref() == Some("customer") || (caller && !self.people.is_staff(author.number()));
        let change = if said.is_public() && heard && !mine {
            Change::Heard { from: who.clone(), text }
        } else {
            let audience = if said.is_public() { Audience::Public } else { Audience::Internal };
            Change::Say { audience, text }
        };
        Some(Entry { act: Name::new(&format!("comment {}", said.id)), at, who, change })
    }

    fn change(&self, kind: Kind, item: &Item) -> Option<Change> {
        let words = |text: &Option<String>| text.clone().unwrap_or_default();
        let (old, new) = (words(&item.from_string), words(&item.to_words));
        match item.field_id.as_deref().unwrap_or(&item.field) {
            "status" => {
                let (from, to) = (self.mapping.state(kind, &old)?, self.mapping.state(kind, &new)?);
                let mut steps = self.mapping.kind(kind)?.steps.iter();
                let step = steps.find(|step| same(&step.to, &new) && step.from.iter().any(|one| same(one, &old)));
                Some(Change::Move { verb: step.map_or(Verb::Record, |step| step.verb), from, to })
            }
            "assignee" => match item.to.as_deref().filter(|to| !to.is_empty()) {
                Some(number) => {
                    let by = self.people.by_number(number).cloned().unwrap_or_else(|| Name::new(&new));
                    Some(Change::Handover { step: Handover::Accept { by } })
                }
                None => set(own_field("assignee"), Some(Value::name(&old)), None),
            },
            "priority" => {
                let rank = |name: &str| {
                    self.mapping.to_ours(kind, &Field::PriorityOverride, name).parse().ok().map(Value::Number)
                };
                set(Field::PriorityOverride, rank(&old), rank(&new))
            }
            "Link" | "Comment" | "Attachment" | "issuelinks" | "comment" => None,
            other => {
                let site = self.site.field(other).or_else(|| self.site.field(&format!("cf:{}", item.field)));
                let mapped = self.mapping.fields_of(kind).into_iter().find(|(_, native)| {
                    self.site.field(native).is_some_and(|field| site.is_some_and(|site| site.id == field.id))
                });
                let field = mapped.map_or_else(|| own_field(&item.field), |(field, _)| field.clone());
                let value = |text: &str| self.ours(kind, &field, &Json::String(text.to_owned()));
                set(field.clone(), value(&old), value(&new))
            }
        }
    }
}

fn set(field: Field, from: Option<Value>, to: Option<Value>) -> Option<Change> {
    (from.is_some() || to.is_some()).then_some(Change::Set { field, from, to })
}

/// A value as a person is written: an account on Cloud, a log-in on Data Center.
pub fn person(number: &str, cloud: bool) -> Json {
    if cloud { json!({ "accountId": number }) } else { json!({ "name": number }) }
}
