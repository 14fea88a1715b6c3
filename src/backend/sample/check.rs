//! Looks over the text of the sample desk: whether what it names exists. Not needed to tell a desk; a test runs it,
//! and whoever edits the files.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::sample::slots::BUILT_IN;
use crate::backend::sample::text::{Case, Gear, Scenario, TextError, Texts};

/// Slots that only an asset can fill.
const OF_GEAR: &[&str] = &["{asset}", "{model}", "{room}", "{printer}"];

type Lists = BTreeMap<String, Vec<String>>;

/// The first fault in the files: a category, group, service, code or slot that nobody defined, or a text that is
/// missing. Names file and key.
pub fn check() -> Result<(), TextError> {
    let texts = Texts::load()?;
    let known = Known::of(&texts);
    for scenario in texts.incidents.iter().chain(&texts.requests) {
        known.scenario(scenario)?;
    }
    for text in &texts.problems {
        let key = Key("config/sample/problems.toml", &text.key);
        known.place(key, &text.category, &text.service, Some(&text.group))?;
        for shown in &text.shows {
            if !texts.incidents.iter().any(|incident| incident.key == *shown) {
                return Err(key.fault("shows", format!("there is no incident `{shown}`")));
            }
        }
        if let Some(change) = text.change.as_ref().filter(|held| !texts.changes.iter().any(|c| c.key == **held)) {
            return Err(key.fault("change", format!("there is no change `{change}`")));
        }
    }
    for text in &texts.changes {
        let key = Key("config/sample/changes.toml", &text.key);
        known.place(key, &text.category, &text.service, Some(&text.group))?;
        let words =
            text.titles.iter().chain(&text.says).chain(&text.notes).chain([&text.plan, &text.back_out, &text.test]);
        known.slots(key, words, &text.slots)?;
    }
    let key = Key("config/sample/phrases.toml", "say");
    known.slots(key, texts.phrases.say.values().flatten(), &Lists::new())
}

#[derive(Clone, Copy)]
struct Key<'a>(&'static str, &'a str);

impl Key<'_> {
    fn fault(self, part: &str, message: String) -> TextError {
        TextError::Key { file: self.0, key: format!("{}.{part}", self.1), message }
    }
}

struct Known<'a> {
    categories: BTreeSet<&'a str>,
    services: BTreeSet<&'a str>,
    groups: BTreeSet<&'a str>,
    codes: BTreeSet<&'a str>,
    slots: &'a Lists,
}

impl<'a> Known<'a> {
    fn of(texts: &'a Texts) -> Self {
        Self {
            categories: texts.desk.categories.keys().map(String::as_str).collect(),
            services: texts.desk.service.iter().map(|service| service.name.as_str()).collect(),
            groups: texts.desk.group.iter().map(|group| group.name.as_str()).collect(),
            codes: texts.desk.codes.iter().map(String::as_str).collect(),
            slots: &texts.phrases.slots,
        }
    }

    fn scenario(&self, text: &Scenario) -> Result<(), TextError> {
        let key = Key(text.file, &text.key);
        self.place(key, &text.category, &text.service, text.group.as_deref())?;
        for (part, missing) in [("cases", text.cases.is_empty()), ("rates", text.rates.is_empty())] {
            if missing {
                return Err(key.fault(part, "there is nothing in it".into()));
            }
        }
        if let Some([impact, urgency, _]) =
            text.rates.iter().find(|r| !(1..=3).contains(&r[0]) || !(1..=3).contains(&r[1]))
        {
            return Err(key.fault("rates", format!("{impact} and {urgency} are not both 1 to 3")));
        }
        let own = |slot: &str| text.slots.keys().any(|held| slot.get(1..slot.len() - 1) == Some(held));
        let speaks = |case: &&Case| OF_GEAR.iter().any(|slot| case.title.contains(slot) && !own(slot));
        if let (Gear::None, Some(case)) = (text.needs, text.cases.iter().find(speaks)) {
            return Err(key.fault("needs", format!("`{}` speaks of gear, and none is needed", case.title)));
        }
        if let Some(case) = text.cases.iter().find(|case| !self.codes.contains(case.code.as_str())) {
            return Err(key.fault("cases", format!("`{}` is no resolution code of desk.toml", case.code)));
        }
        let cases = text.cases.iter().flat_map(|case| [&case.title, &case.says, &case.note, &case.fix]);
        let words = text.notes.iter().chain(&text.replies).chain(&text.asks).chain(&text.heard);
        self.slots(key, cases.chain(words), &text.slots)
    }

    fn place(&self, key: Key<'_>, category: &str, service: &str, group: Option<&str>) -> Result<(), TextError> {
        if !self.categories.contains(category) {
            return Err(key.fault("category", format!("`{category}` is not in desk.toml")));
        }
        if !self.services.contains(service) {
            return Err(key.fault("service", format!("`{service}` is not in desk.toml")));
        }
        match group.filter(|group| !self.groups.contains(group)) {
            Some(group) => Err(key.fault("group", format!("`{group}` is not in desk.toml"))),
            None => Ok(()),
        }
    }

    fn slots<'b>(&self, key: Key<'_>, words: impl Iterator<Item = &'b String>, own: &Lists) -> Result<(), TextError> {
        for text in words {
            for slot in text.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                let known = BUILT_IN.contains(&slot) || own.contains_key(slot) || self.slots.contains_key(slot);
                if !known {
                    return Err(key.fault("slots", format!("nothing fills `{slot}` in `{text}`")));
                }
            }
        }
        Ok(())
    }
}
