//! `config/catalogue/*.toml`: what can be asked for, with its form, its approvers and its checklist.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};
use crate::domain::approval::Enough;
use crate::domain::catalogue::{Answer, Item, Policy, Question};
use crate::domain::field::{Field, Shape};
use crate::domain::name::Name;

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$(Source {
            file: concat!("config/catalogue/", $name, ".toml"),
            text: include_str!(concat!("../../config/catalogue/", $name, ".toml")),
        }),+]
    };
}

/// What ships.
pub const SHIPPED: &[Source<'static>] = shipped!["equipment", "access", "software", "people"];

/// What a request says of itself before any form.
const TAKEN: [Field; 6] =
    [Field::Title, Field::Caller, Field::CatalogItem, Field::Group, Field::HoldReason, Field::CancelReason];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    item: Vec<Spanned<Item>>,
}

/// The items of these layers, what ships first: one of the same name takes the place of the earlier.
pub fn load(layers: &[&[Source]]) -> Result<Vec<Item>, Faults> {
    let mut faults = Faults::default();
    let mut items: Vec<Item> = Vec::new();
    for layer in layers {
        let mut fresh: Vec<Item> = Vec::new();
        for source in *layer {
            let file: File = match source.toml() {
                Ok(file) => file,
                Err(fault) => {
                    faults.push(fault);
                    continue;
                }
            };
            // What a table of a list spans is its head alone: an item goes on to the next one.
            let mut ends: Vec<usize> = file.item.iter().skip(1).map(|entry| entry.span().start).collect();
            ends.push(usize::MAX);
            for (entry, end) in file.item.into_iter().zip(ends) {
                let span = entry.span().start..end;
                let item = entry.into_inner();
                let mut place = Place { source, faults: &mut faults, span: &span, item: &item };
                place.check();
                if fresh.iter().any(|held| held.name == item.name) {
                    place.fault("name", "Another item has that name; choose another.");
                }
                fresh.push(item);
            }
        }
        for item in fresh {
            match items.iter_mut().find(|held| held.name == item.name) {
                Some(held) => *held = item,
                None => items.push(item),
            }
        }
    }
    faults.or(items)
}

/// Where an item stands, and what is wrong with it.
struct Place<'a> {
    source: &'a Source<'a>,
    faults: &'a mut Faults,
    span: &'a Range<usize>,
    item: &'a Item,
}

impl Place<'_> {
    fn check(&mut self) {
        if self.item.name.trim().is_empty() {
            self.fault("name", "It is empty; say what it is called.");
        }
        if self.item.about.trim().is_empty() {
            self.fault("about", "It is empty; say in a line what one gets.");
        }
        for (key, weight) in [("impact", self.item.impact), ("urgency", self.item.urgency)] {
            if weight.is_some_and(|weight| !(1..=9).contains(&weight)) {
                self.fault(key, "It goes from 1 (highest) to 9.");
            }
        }
        let mut names: Vec<&Name> = Vec::new();
        for question in &self.item.question {
            if names.contains(&&question.name) {
                self.fault(&format!("question.{}", question.name), "It is asked twice; leave one out.");
            }
            names.push(&question.name);
            self.question(question);
        }
        for policy in &self.item.approval {
            self.policy(policy);
        }
        if self.item.task.iter().any(|task| task.title.trim().is_empty()) {
            self.fault("task.title", "It is empty; say what is to be done.");
        }
    }

    fn question(&mut self, question: &Question) {
        let key = |part: &str| format!("question.{}{part}", question.name);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if question.name.is_empty() || !question.name.chars().all(plain) {
            self.fault(&key(".name"), "A name is made of small letters, digits and underscores.");
        }
        if question.ask.trim().is_empty() {
            self.fault(&key(".ask"), "It is empty; put the question.");
        }
        let field = question.field();
        if TAKEN.contains(&field) {
            self.fault(&key(".name"), "Every request says this of itself; leave the question out.");
        }
        let fits = match field.shape() {
            _ if matches!(field, Field::Custom(_)) => true,
            Shape::Time => question.kind == Answer::Date,
            Shape::Number => question.kind == Answer::Number,
            Shape::Flag => question.kind == Answer::YesNo,
            Shape::Text | Shape::Lines | Shape::Name => question.kind != Answer::Date,
        };
        if !fits {
            self.fault(&key(".type"), &format!("`{}` does not fit the field `{}`.", question.kind, field.name()));
        }
        if (question.kind == Answer::Choice) == question.choices.is_empty() {
            self.fault(&key(".choices"), "A choice has choices, and nothing else has.");
        }
        let bounded = question.min.is_some() || question.max.is_some();
        if bounded && question.kind != Answer::Number || question.min.zip(question.max).is_some_and(|(a, b)| a > b) {
            self.fault(&key(".min"), "Numbers alone have `min` and `max`, the least first.");
        }
        if question.default.as_ref().is_some_and(|d| question.kind == Answer::Choice && !question.choices.contains(d)) {
            self.fault(&key(".default"), "It is none of the choices.");
        }
    }

    fn policy(&mut self, policy: &Policy) {
        let key = |part: &str| format!("approval.{}{part}", policy.name);
        if policy.name.trim().is_empty() {
            self.fault(&key("name"), "It is empty; say what the stage is called.");
        }
        if policy.of.is_empty() {
            self.fault(&key(".of"), "Nobody is asked; name somebody.");
        }
        let sound = match policy.enough {
            Enough::All | Enough::Any => true,
            Enough::AtLeast(n) => n > 0,
            Enough::Quorum(percent) => (1..=100).contains(&percent),
        };
        if !sound {
            self.fault(&key(".enough"), "At least one must say yes; a quorum goes from 1 to 100 percent.");
        }
        if policy.patience.is_some() != policy.then.is_some() {
            self.fault(&key(".then"), "`patience` and `then` go together: after how long, and who is asked as well.");
        }
    }

    fn fault(&mut self, key: &str, message: &str) {
        let key = format!("item {:?}.{key}", self.item.name.as_str());
        let offset = crate::config::locate::Keys::of(self.source.text).offset_in(&key, self.span);
        let start = offset.unwrap_or(self.span.start);
        self.faults.push(self.source.fault_at(&(start..start), &key, message));
    }
}
