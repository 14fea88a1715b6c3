//! A mapping: how the columns of a log become tickets, in TOML and without code. A fault names file, line, key and
//! what would be allowed.

mod column;
mod plan;
mod tables;
mod time;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::config::fault::{Fault, Faults, Source};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::state::State;

pub use column::{After, Column, Missing, Other, Ref, Take};
pub use plan::{Cell, Header, Plan};
pub use tables::{Encoding, FileFormat, Log, Ours, Repeats, Responded, Shape, States, Unknown};
pub use time::{Format, Times};

/// The mappings that ship, by name.
const SHIPPED: &[(&str, &str)] = &[
    ("uci498", include_str!("../../../config/import/uci498.toml")),
    ("vinst-problems", include_str!("../../../config/import/vinst-problems.toml")),
];

/// A mapping as its file has it, read and checked.
#[derive(Debug)]
pub struct Mapping {
    /// The file's name, for messages.
    pub file: String,
    text: String,
    pub log: Log,
}

impl Mapping {
    /// The mapping of that name among those that ship, or in that file.
    pub fn find(wanted: &str) -> Result<Self, Faults> {
        if let Some((name, text)) = SHIPPED.iter().find(|(name, _)| *name == wanted) {
            return Self::read(&format!("config/import/{name}.toml"), text);
        }
        let text = fs::read_to_string(Path::new(wanted)).map_err(|error| {
            let names: Vec<&str> = Self::shipped().collect();
            let say = format!("{error}. Name a file of your own, or one of: {}.", names.join(", "));
            Source::new(wanted, "").fault(0, "--mapping", &say)
        })?;
        Self::read(wanted, &text)
    }

    /// The names of the mappings that ship.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    pub fn read(file: &str, text: &str) -> Result<Self, Faults> {
        let log: Log = Source::new(file, text).toml().map_err(|fault| with_key(fault, text))?;
        let mapping = Self { file: file.to_owned(), text: text.to_owned(), log };
        let mut faults = Faults::default();
        mapping.check(&mut faults);
        faults.or(mapping)
    }

    fn check(&self, faults: &mut Faults) {
        let whole = |key: &str, say: &str| Source::new(&self.file, &self.text).fault(self.line_of(key), key, say);
        let log = &self.log;
        if log.name.trim().is_empty() {
            faults.push(whole("name", "a mapping needs a name; it marks what it imports."));
        }
        if log.time.formats.is_empty() {
            faults.push(whole("formats", "no format of times is given; write for example `formats = [\"iso\"]`."));
        }
        if log.case.kind.is_none() && log.case.kind_by.is_none() {
            let say =
                format!("a case needs `kind` (one of {}) or `kind_by`, the column that tells it.", Kind::choices());
            faults.push(whole("case", &say));
        }
        if log.times.at.is_none() && log.times.opened.is_none() {
            faults.push(whole("times", "neither `at` nor `opened` is given, so nothing would have a time."));
        }
        if let (Some(kind), Some(states)) = (log.case.kind, &log.state)
            && log.case.kind_by.is_none()
        {
            let known = states_of(kind);
            let words: Vec<&str> = known.iter().map(|state| state.as_str()).collect();
            for (name, ours) in states.names.iter().filter(|(_, ours)| !known.contains(&ours.state)) {
                let say = format!("`{}` is no state of kind {kind}; allowed are {}.", ours.state, words.join(", "));
                let line = self.line_of_value(name);
                faults.push(Source::new(&self.file, &self.text).fault(line, &format!("state.names.{name}"), &say));
            }
        }
        if log.file.format == Shape::Xes && !log.file.header {
            faults.push(whole("header", "event logs in XES have no header; leave it out."));
        }
    }

    /// A fault at a column of this mapping.
    pub fn fault(&self, column: &Column, key: &str, message: &str) -> Fault {
        let source = Source::new(&self.file, &self.text);
        source.fault(source.line(column.offset), key, message)
    }

    /// The line of a name of a state.
    fn line_of_value(&self, name: &str) -> usize {
        let here = |line: &str| line.trim_start().trim_start_matches('"').starts_with(name);
        let names = self.text.lines().position(|line| line.trim() == "[state.names]").unwrap_or(0);
        self.text.lines().skip(names).position(here).map_or(0, |at| names + at + 1)
    }

    /// The line of a key or table, for faults of what is not there.
    fn line_of(&self, key: &str) -> usize {
        let here = |line: &str| line.trim_start_matches('[').trim_start().starts_with(key);
        self.text.lines().position(here).map_or(0, |at| at + 1)
    }
}

/// The states that a kind knows, each once.
fn states_of(kind: Kind) -> BTreeSet<State> {
    let ends = |step: &lifecycle::Step| match step.to {
        lifecycle::To::State(state) | lifecycle::To::Before(state) => state,
    };
    let steps = lifecycle::steps(kind);
    let from = steps.iter().flat_map(|step| step.from.iter().copied());
    from.chain(steps.iter().map(ends)).chain([lifecycle::initial(kind)]).collect()
}

/// The parser gives a line; people also look for the key.
fn with_key(mut fault: Fault, text: &str) -> Fault {
    let Some(at) = fault.line.checked_sub(1) else { return fault };
    let line = text.lines().nth(at).unwrap_or_default();
    if let Some((key, _)) = line.split_once('=') {
        let table = text.lines().take(at).filter_map(|l| l.trim().strip_prefix('[')?.split(']').next()).last();
        let key = table.map_or_else(|| key.trim().to_owned(), |table| format!("{table}.{}", key.trim()));
        fault.key = crate::text::Clean::line(&key);
    }
    fault
}
