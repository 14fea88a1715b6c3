//! Fills the slots of a text: `{first}`, `{asset}`, `{error}`. A slot keeps its value for the whole of a ticket.

use std::collections::BTreeMap;

use crate::backend::sample::rng::Rng;
use crate::backend::sample::world::{Item, World};
use crate::domain::name::Name;

/// Slots that the generator itself knows; the others are lists in the files.
pub(super) const BUILT_IN: &[&str] = &[
    "first",
    "user",
    "login",
    "dept",
    "site",
    "place",
    "phone",
    "asset",
    "model",
    "room",
    "printer",
    "tagplace",
    "colleague",
    "colleague2",
    "engineer",
    "n",
    "nn",
    "ref",
    "inc",
    "time",
];

/// What one ticket's slots are filled with.
#[derive(Debug)]
pub(super) struct Slots<'a> {
    world: &'a World,
    lists: [&'a BTreeMap<String, Vec<String>>; 2],
    caller: Option<usize>,
    item: Option<&'a Item>,
    picked: Vec<(String, String)>,
}

impl<'a> Slots<'a> {
    /// `lists`: the scenario's own, then those of the desk.
    pub(super) fn new(
        world: &'a World,
        lists: [&'a BTreeMap<String, Vec<String>>; 2],
        caller: Option<usize>,
        item: Option<&'a Item>,
    ) -> Self {
        Self { world, lists, caller, item, picked: Vec::new() }
    }

    /// Fixes a slot: the engineer's first name, a ticket that the words speak of.
    pub(super) fn fix(&mut self, slot: &str, value: &str) {
        self.picked.retain(|(held, _)| held != slot);
        self.picked.push((slot.into(), value.into()));
    }

    /// The text with its slots filled. A slot that nobody knows stays as it is, for the test to find.
    pub(super) fn fill(&mut self, text: &str, rng: &mut Rng) -> String {
        let mut out = String::with_capacity(text.len() + 32);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((slot, tail)) = after.split_once('}') else {
                rest = after;
                continue;
            };
            self.put(slot, &mut out, rng);
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    fn put(&mut self, slot: &str, out: &mut String, rng: &mut Rng) {
        if let Some((_, value)) = self.picked.iter().find(|(held, _)| held == slot) {
            out.push_str(value);
            return;
        }
        let value = self.known(slot, rng).unwrap_or_else(|| format!("{{{slot}}}"));
        out.push_str(&value);
        self.picked.push((slot.into(), value));
    }

    fn known(&mut self, slot: &str, rng: &mut Rng) -> Option<String> {
        for list in self.lists {
            if let Some(values) = list.get(slot) {
                // A value may hold slots itself.
                let value = rng.pick(values)?;
                return Some(if value.contains('{') { self.fill(value, rng) } else { value.clone() });
            }
        }
        let customer = self.caller.and_then(|index| self.world.customers.get(index));
        let of = |name: &Name| Some(name.to_string());
        match slot {
            "first" => Some(customer.map_or("there", |c| first(&c.name)).into()),
            "user" => Some(customer.map_or("A caller", |c| &c.name).into()),
            "login" => customer.and_then(|c| of(&c.login)),
            "dept" => Some(customer.map_or("the team", |c| &c.department).into()),
            "site" => {
                let index = self.item.map(|item| item.site).or(customer.map(|c| c.site))?;
                self.world.sites.get(index).and_then(|site| of(&site.name))
            }
            "place" => Some(customer.map_or("the office", |c| &c.place).into()),
            "phone" => Some(customer.map_or("the desk", |c| &c.phone).into()),
            "asset" => Some(self.item.map_or("the machine", |item| &item.tag).into()),
            "model" => Some(self.item.map_or("the device", |item| &item.model).into()),
            "room" | "printer" => Some(self.item.map_or("the one by the lifts", |item| &item.called).into()),
            "tagplace" => Some(self.item.map_or("our floor", |item| &item.place).into()),
            "colleague" | "colleague2" => rng.pick(&self.world.customers).and_then(|c| of(&c.name)),
            "n" => Some(rng.within(2, 9).to_string()),
            "nn" => Some(rng.within(11, 58).to_string()),
            "ref" => Some(format!("{}{}", ["SR", "C", "CASE-"].get(rng.below(3))?, rng.within(104_233, 998_112))),
            _ => None,
        }
    }
}

fn first(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}
